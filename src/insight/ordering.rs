//! The shop's own orders: too late, too small, or placed at too low a level.

use super::announced;
use super::case::{Case, Evidence, shown};
use super::movements::Order;
use super::shelf::Shelves;
use crate::domain::{Day, StockoutCause};

/// Key of the sentence for a position that was enough nine times in ten.
pub(super) const LUCK: &str = "reorder_point_luck";
/// Orders from which the usual level of ordering is known.
const HABIT: usize = 4;
/// An order is late when it comes so much later than usual: this share of the lead time, at least the days below.
const SLACK_SHARE: f64 = 0.25;
const SLACK_DAYS: f64 = 4.0;
/// An order is small when it lifts the position to less than this share of the usual, whatever the orders are like, …
const SMALL: f64 = 0.6;
/// … or by so many spreads (σ) of the shop's orders below the usual, and below this share of it.
const SPREADS: f64 = 3.5;
const NEAR: f64 = 0.85;
/// What a small order left out explains a stockout when it is so much of what was missed.
const EXPLAINS: f64 = 0.5;
/// The level that a stockout in one of ten cycles would need.
const SAFE: f64 = 0.9;
/// Days before the stockout without which nothing can be said about the level of then.
const KNOWN_DAYS: i32 = 28;

/// How a shelf is usually ordered for: medians.
pub(super) struct Habit {
    /// Position when ordering, before the order, in days of expected demand.
    before: f64,
    /// … and after it, in ordinary days.
    pub after: f64,
    /// The latter in units.
    pub units: f64,
    /// Relative spread of the position after an order: median absolute deviation, as σ of a normal law.
    spread: f64,
}

impl Habit {
    /// Whether this position after an order is far below the usual of then.
    pub fn is_small(&self, position: f64, usual: f64) -> bool {
        let share = (1.0 - SPREADS * self.spread).clamp(SMALL, NEAR);
        // A shop that always orders up to one number of units has ordered as usual, however many days that lasts now.
        position < share * usual && position < share * self.units
    }
}

/// What the orders say of the `left` units that nothing else explains: the days of the episode by what was wrong when they had to be
/// ordered for. Nothing where positions are not known.
pub(super) fn evidence(case: &Case<'_, '_>, left: f64) -> Vec<Evidence> {
    let mut found: Vec<Evidence> = Vec::new();
    for (day, share) in case.checkpoints() {
        let Some(one) = on_day(case, day, left * share) else {
            continue;
        };
        match found.iter_mut().find(|e| e.key == one.key) {
            Some(same) => same.units += one.units,
            None => found.push(one),
        }
    }
    // Stable: equals stay in the order in which they went wrong.
    found.sort_by(|a, b| b.units.total_cmp(&a.units));
    found
}

/// What was wrong when day `day` had to be ordered for. A shelf that another one fills is judged by its transfers as long as that one had
/// anything to send.
fn on_day(case: &Case<'_, '_>, day: Day, left: f64) -> Option<Evidence> {
    let (origin, sent) = case.origin(day);
    if origin != case.place && case.shelves.all[origin].on_hand(sent) < 1.0 {
        return at(case, origin, sent, left);
    }
    at(case, case.place, day, left)
}

fn at(case: &Case<'_, '_>, place: usize, day: Day, left: f64) -> Option<Evidence> {
    let shelf = &case.shelves.all[place];
    let lead = shelf.lead.round() as i32;
    // The last close at which an order would have come in time.
    let due = day + -(lead + 1);
    if due - shelf.days.first < KNOWN_DAYS || shelf.orders.is_empty() {
        return None;
    }
    let mut position = case.shelves.position(place, due);
    let (mut mean, variance) = case
        .shelves
        .expected(place, due + 1, due + 1, due + (lead + 1));
    if position.is_nan() || mean <= 0.0 {
        return None;
    }
    let mut safe = shelf.law(mean, variance).quantile(SAFE);
    // Goods at the locations that it fills do not come back: its own customers are served from its own stock.
    if !shelf.fills.is_empty() {
        let own = shelf.on_hand(due) + shelf.ordered(due) - shelf.owed_at(due);
        let (mut own_mean, mut own_variance) = (0.0, 0.0);
        for e in &shelf.expected {
            let m = e.mean(due + 1, due + 1, due + (lead + 1));
            own_mean += m;
            own_variance += e.variance(m);
        }
        let own_safe = shelf.law(own_mean, own_variance).quantile(SAFE);
        if position >= safe && own < own_safe {
            (position, mean, safe) = (own, own_mean, own_safe);
        }
    }
    let figures = |extra: Vec<(&'static str, String)>| {
        let mut all = vec![
            ("position", shown(position)),
            ("day", due.to_string()),
            ("needed", shown(safe)),
            ("expected", shown(mean)),
            ("lead", shown(shelf.lead)),
        ];
        all.extend(extra);
        all
    };
    let habit = habit(case, case.shelves, place, due);
    if let Some(late) = habit.as_ref().and_then(|h| late(case, place, due, h)) {
        let usual = habit.as_ref().map_or(0.0, |h| h.before) * case.shelves.per_day(place, due);
        let mut found = case.evidence(
            StockoutCause::OrderLate,
            left,
            figures(vec![
                ("crossed", late.crossed.to_string()),
                ("usual", shown(usual)),
                ("next", late.next.map(|d| d.to_string()).unwrap_or_default()),
            ]),
        );
        if late.next.is_none() {
            found.key = "order_late_never";
        }
        return Some(found);
    }
    if let Some(small) = habit
        .as_ref()
        .and_then(|h| small(case, place, due, left, h))
    {
        return Some(case.evidence(
            StockoutCause::OrderTooSmall,
            left,
            figures(vec![
                ("ordered", small.order.ordered.to_string()),
                ("lifted", shown(small.position)),
                ("usual", shown(small.usual)),
            ]),
        ));
    }
    // What an event of the calendar took was not ordered for: without it stock and orders would have been enough.
    let around = announced::Around {
        place,
        day,
        due,
        position,
        left,
    };
    if let Some(found) = announced::promotion(case, &around, habit.as_ref()) {
        return Some(found);
    }
    let deficit = safe - position;
    if deficit < 1.0 {
        // The position was enough for nine times in ten: the remainder is bad luck that more safety stock would have met.
        return Some(case.evidence(StockoutCause::ReorderPointTooLow, left, figures(Vec::new())))
            .map(|e| Evidence { key: LUCK, ..e });
    }
    if let Some(found) = announced::season(case, &around) {
        return Some(found);
    }
    Some(case.evidence(StockoutCause::ReorderPointTooLow, left, figures(Vec::new())))
}

/// An order that was placed later than usual.
struct Late {
    /// Since when the position was below the usual level of ordering.
    crossed: Day,
    /// When the next order was placed, if one was.
    next: Option<Day>,
}

/// Whether an order at the usual time would have filled the shelf by the day that had to be ordered for by `due`, and the next one came later
/// than the tolerance allows. The habit is one of stock and orders together, those of the locations that it fills included.
fn late(case: &Case<'_, '_>, place: usize, due: Day, habit: &Habit) -> Option<Late> {
    let shelf = &case.shelves.all[place];
    let crossed = crossed(
        case,
        place,
        due,
        habit.before * case.shelves.per_day(place, due),
    );
    let slack = shelf.review + f64::max(SLACK_SHARE * shelf.lead, SLACK_DAYS);
    let next = shelf.orders.iter().map(|o| o.ordered).find(|d| *d > due);
    let placed = next.unwrap_or(case.shop.basis.tables.plan_day());
    let late = f64::from(due - crossed) >= shelf.review
        && f64::from(placed - crossed) > slack
        && !shelf
            .orders
            .iter()
            .any(|o| o.ordered >= crossed && o.ordered <= due);
    late.then_some(Late { crossed, next })
}

/// An order that lifted stock and orders to less than usual.
struct Small<'a> {
    order: &'a Order,
    position: f64,
    usual: f64,
}

/// The last order before `due`, if it lifted the position to much less than usual, and what it left out would have met much of the `left` units.
fn small<'a>(
    case: &Case<'_, 'a>,
    place: usize,
    due: Day,
    left: f64,
    habit: &Habit,
) -> Option<Small<'a>> {
    let shelf = &case.shelves.all[place];
    let recent = due + -((shelf.review + SLACK_DAYS + shelf.lead).round() as i32);
    let orders: &'a [Order] = shelf.orders;
    let order = orders
        .iter()
        .rev()
        .find(|o| o.ordered >= recent && o.ordered <= due)?;
    let position = case.shelves.position(place, order.ordered);
    let usual = habit.after * case.shelves.per_ordinary_day(place, order.ordered);
    let less = habit.is_small(position, usual);
    (less && usual - position >= EXPLAINS * left).then_some(Small {
        order,
        position,
        usual,
    })
}

/// The day since which the position has been below `level`, at `due`.
fn crossed(case: &Case<'_, '_>, place: usize, due: Day, level: f64) -> Day {
    let shelf = &case.shelves.all[place];
    let step = shelf.days.step;
    let mut day = due;
    while day - shelf.days.first > step {
        let before = case.shelves.position(place, day + -step);
        if before.is_nan() || before >= level {
            break;
        }
        day = day + -step;
    }
    day
}

/// The usual position at the shelf's orders, those around this stockout left out. `shelves` are those of the item or of a sibling.
pub(super) fn habit(
    case: &Case<'_, '_>,
    shelves: &Shelves<'_>,
    place: usize,
    due: Day,
) -> Option<Habit> {
    let shelf = &shelves.all[place];
    let (mut before, mut after, mut units) = (Vec::new(), Vec::new(), Vec::new());
    for placed in shelves.placed(place) {
        if placed.day - shelf.days.first < KNOWN_DAYS
            || (placed.day - case.start).abs() as f64 <= shelf.lead
            || placed.day > case.end.max(due) + 365
        {
            continue;
        }
        before.push(placed.before);
        after.push(placed.after);
        units.push(placed.units);
    }
    if before.len() < HABIT {
        return None;
    }
    let usual = median(&mut after);
    let mut apart: Vec<f64> = after.iter().map(|a| (a / usual - 1.0).abs()).collect();
    Some(Habit {
        before: median(&mut before),
        after: usual,
        units: median(&mut units),
        spread: 1.4826 * median(&mut apart),
    })
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
