//! Stock of the same SKU where it was not needed.

use super::case::{Case, Evidence, shown};
use crate::domain::{Day, StockoutCause, StockoutFigures};

/// Units at other locations beyond the demand there until the next order can arrive (80 % sure), less what was already on its way.
pub(super) fn evidence(case: &Case<'_, '_>, figures: &mut StockoutFigures) -> Option<Evidence> {
    let way = case.shelf().lead.round() as i32;
    let linked = |place: usize| {
        case.shelf().source == Some(place) || case.shelves.all[place].source == Some(case.place)
    };
    let way = if case.shelf().source.is_some() {
        way
    } else {
        7
    };
    let mut best: Option<(usize, f64, f64, Day)> = None;
    for place in (0..case.shelves.all.len()).filter(|&p| p != case.place) {
        let (mut explained, mut most, mut since) = (0.0, 0.0, case.start);
        for (day, share) in case.checkpoints() {
            // There when it had to be sent, and still there when the shelf was empty; what was on its way already was being mended.
            let coming = if linked(place) {
                case.shelf().ordered(day + -1)
            } else {
                0.0
            };
            let units = spare(case, place, day + -way).min(spare(case, place, day)) - coming;
            if units >= 1.0 {
                explained += units.min(share * case.missed);
                if units > most {
                    (most, since) = (units, day);
                }
            }
        }
        if explained > best.map_or(0.0, |b| b.2) {
            best = Some((place, most, explained, since));
        }
    }
    let (place, units, explained, day) = best?;
    figures.stock_elsewhere = Some(units);
    let shelf = &case.shelves.all[place];
    let location = shelf.days.location.at();
    Some(case.evidence(
        StockoutCause::Misplaced,
        explained,
        vec![
            ("units", shown(units)),
            (
                "other",
                case.shop.basis.tables.locations[location].to_string(),
            ),
            ("day", day.to_string()),
        ],
    ))
}

fn spare(case: &Case<'_, '_>, place: usize, day: Day) -> f64 {
    let shelf = &case.shelves.all[place];
    let on_hand = shelf.on_hand(day);
    if on_hand.is_nan() {
        return 0.0;
    }
    let mean: f64 =
        shelf.expected.iter().map(|e| e.per_day(day)).sum::<f64>() * (shelf.lead + shelf.review);
    let variance = shelf
        .expected
        .iter()
        .map(|e| e.variance(mean / shelf.expected.len() as f64))
        .sum();
    on_hand - shelf.owed_at(day) - shelf.law(mean, variance).quantile(0.8)
}
