//! Demand that the calendar announced and the orders did not provide for: promotions, holidays, the season.

use super::case::{Case, Evidence, chance, shown};
use super::ordering::Habit;
use crate::domain::{Day, StockoutCause};

/// An event lifts demand when so much more is expected of its days, …
const LIFTS: f64 = 1.2;
/// … or so much more met stock on them, and so much is rarer than this on ordinary days.
const MET: f64 = 1.4;
const RARE: f64 = 0.002;
/// An event was ordered for when stock and orders were lifted above the usual by this share of what it took.
const ORDERED_FOR: f64 = 0.35;
/// What an event took explains a stockout when it is so much of what was missed.
const EXPLAINS: f64 = 0.5;
/// A season lifts demand by so much within the lead time.
const RISE: f64 = 1.3;

/// A day without stock, and where its order stood.
pub(super) struct Around {
    pub place: usize,
    /// The day without stock.
    pub day: Day,
    /// The last close at which an order would have come in time.
    pub due: Day,
    /// Stock and orders then.
    pub position: f64,
    /// Units to be explained.
    pub left: f64,
}

/// A promotion or holiday that was not ordered for. What its days took beyond ordinary ones would have lasted; nothing of it was in the orders.
pub(super) fn promotion(
    case: &Case<'_, '_>,
    around: &Around,
    habit: Option<&Habit>,
) -> Option<Evidence> {
    let &Around {
        place,
        day,
        due,
        position,
        left,
    } = around;
    let shelf = &case.shelves.all[place];
    let review = shelf.review.round() as i32;
    // What went since the last order before is missing when the next one is due.
    let (from, to) = (due + 1 + -review, day + 1);
    let first = case.shelves.first_event(place, from, to)?;
    let seen = first.min(due + 1);
    let (event, variance) = case.shelves.events(place, seen, from, to);
    let probability = if event.open > 0.0 && event.met > MET * event.open {
        let law = shelf.law(event.open, variance);
        law.sf((event.met - 1.0).max(0.0).ceil())
    } else {
        1.0
    };
    let surprised = probability < RARE;
    if !surprised && event.mean < LIFTS * event.plain {
        return None;
    }
    let extra = if surprised {
        event.actual.max(event.mean) - event.plain
    } else {
        event.mean - event.plain
    };
    if extra < 1.0 || extra < EXPLAINS * left {
        return None;
    }
    let (before, _) = case.shelves.events(place, seen, from, due + 1);
    let gone = (before.actual - before.plain).max(0.0);
    let plain: f64 = case
        .shelves
        .echelon(place)
        .flat_map(|s| &s.expected)
        .map(|e| e.mean_without_events(seen, due + 1, to))
        .sum();
    if position + gone < plain || ordered_for(case, place, first, due, extra, habit) {
        return None;
    }
    let mut found = case.evidence(
        StockoutCause::Promotion,
        left,
        vec![
            ("days", shown(event.days)),
            ("actual", shown(event.plain + extra)),
            ("expected", shown(event.plain)),
            ("probability", chance(probability)),
        ],
    );
    found.key = "promotion_known";
    Some(found)
}

/// Whether an order that could provide for the event lifted the position above the usual by a good part of what it took.
fn ordered_for(
    case: &Case<'_, '_>,
    place: usize,
    first: Day,
    due: Day,
    extra: f64,
    habit: Option<&Habit>,
) -> bool {
    let Some(habit) = habit else { return false };
    let shelf = &case.shelves.all[place];
    let early = first + -((shelf.lead + shelf.review).round() as i32);
    shelf
        .orders
        .iter()
        .filter(|o| o.ordered >= early && o.ordered <= due)
        .any(|o| {
            let usual = habit.after * case.shelves.per_ordinary_day(place, o.ordered);
            case.shelves.position(place, o.ordered) - usual >= ORDERED_FOR * extra
        })
}

/// The season: demand that rose within the lead time, and without the rise the position would have been enough.
pub(super) fn season(case: &Case<'_, '_>, around: &Around) -> Option<Evidence> {
    let &Around {
        place,
        due,
        position,
        left,
        ..
    } = around;
    let shelf = &case.shelves.all[place];
    let lead = shelf.lead.round() as i32;
    let (from, to) = (due + 1, due + (lead + 1));
    let all = || case.shelves.echelon(place).flat_map(|s| &s.expected);
    let mean: f64 = all().map(|e| e.mean(from, from, to)).sum();
    let plain: f64 = all().map(|e| e.mean_without_events(from, from, to)).sum();
    let (mut now, mut before) = (0.0, 0.0);
    for e in all() {
        let (ahead, periods) = e.season(from, to);
        let (past, past_periods) = e.season(from + -28, from);
        if periods > 0.0 && past_periods > 0.0 {
            now += ahead / periods;
            before += past / past_periods;
        }
    }
    let rise = if before > 0.0 { now / before } else { 1.0 };
    (rise >= RISE && position >= plain / rise).then(|| {
        case.evidence(
            StockoutCause::Season,
            left,
            vec![
                ("rise", format!("{:.0}", (rise - 1.0) * 100.0)),
                ("day", due.to_string()),
                ("position", shown(position)),
                ("expected", shown(mean)),
            ],
        )
    })
}
