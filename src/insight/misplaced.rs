//! Stock of the same SKU where it was not needed.

use super::case::{Case, Evidence, shown};
use crate::domain::{Day, StockoutCause, StockoutFigures};

/// Units at other locations beyond the demand there until the next order can arrive (80 % sure), less what was already on its way.
pub(super) fn evidence(case: &Case<'_, '_>, figures: &mut StockoutFigures) -> Option<Evidence> {
    let way = case.shelf().lead.round() as i32;
    let linked = |place: usize| {
        case.shelf().source == Some(place) || case.shelves.all[place].source == Some(case.place)
    };
    let way = if case.shelf().source.is_some() { way } else { 7 };
    let mut best: Option<(usize, f64)> = None;
    for place in 0..case.shelves.all.len() {
        if place == case.place {
            continue;
        }
        // There when it had to be sent, and still there when the shelf was empty.
        let units = spare(case, place, case.anchor + -way)
            .min(spare(case, place, case.anchor))
            .min(spare(case, place, case.start));
        if units >= 1.0 && best.is_none_or(|b| units > b.1) {
            best = Some((place, units));
        }
    }
    let (place, units) = best?;
    let coming = if linked(place) {
        case.shelf().ordered(case.start + -1)
    } else {
        0.0
    };
    figures.stock_elsewhere = Some(units);
    let shelf = &case.shelves.all[place];
    let units_of_use = units - coming;
    (units_of_use >= 1.0).then(|| {
        case.evidence(
            StockoutCause::Misplaced,
            units_of_use,
            vec![
                ("units", shown(units)),
                (
                    "other",
                    case.shop.basis.tables.locations[shelf.days.location as usize].to_string(),
                ),
                ("day", case.start.to_string()),
            ],
        )
    })
}

fn spare(case: &Case<'_, '_>, place: usize, day: Day) -> f64 {
    let shelf = &case.shelves.all[place];
    let on_hand = shelf.on_hand(day);
    if on_hand.is_nan() {
        return 0.0;
    }
    let mean: f64 = shelf.expected.iter().map(|e| e.per_day(day)).sum::<f64>()
        * (shelf.lead + shelf.review);
    let variance = shelf
        .expected
        .iter()
        .map(|e| e.variance(mean / shelf.expected.len() as f64))
        .sum();
    on_hand - shelf.owed_at(day) - shelf.law(mean, variance).quantile(0.8)
}
