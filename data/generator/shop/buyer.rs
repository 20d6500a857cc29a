//! The buyer: an indifferent minimum/maximum rule on what was sold. Stockouts, promotions and waiting customers are not looked at.

use restock::domain::Day;

use super::catalogue::{Item, SUPPLIERS, overseas};
use super::demand::season;

/// Share of the buyer's belief in recent sales; the rest is an idea of the item that never changes.
const TRUST_IN_SALES: f64 = 0.7;
/// Days between two looks at a supplier's items.
const REVIEW: f64 = 7.0;

/// What the buyer sees of an item.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub today: Day,
    /// Units sold over the last `days`, at most 28.
    pub units: u32,
    pub days: i32,
    /// Share of the item's demand that these sales should cover (1: all channels).
    pub share: f64,
}

impl Seen {
    /// Expected units a day over the next `horizon` days.
    pub fn rate(&self, item: &Item, horizon: i32) -> f64 {
        let coming = mean_season(item, self.today + 1, horizon);
        let idea = item.guess * self.share * coming;
        if self.days <= 0 {
            return idea;
        }
        let past = mean_season(item, self.today + (1 - self.days), self.days);
        let turn = (coming / past).clamp(0.2, 5.0);
        let trust = TRUST_IN_SALES * f64::from(self.days) / 28.0;
        trust * f64::from(self.units) / f64::from(self.days) * turn + (1.0 - trust) * idea
    }
}

fn mean_season(item: &Item, from: Day, days: i32) -> f64 {
    (0..days)
        .map(|k| season(item.season, from + k))
        .sum::<f64>()
        / f64::from(days)
}

/// Units to order when `position` is on hand or on order; 0 above the minimum.
pub fn order(item: &Item, seen: &Seen, position: i32) -> u32 {
    let supplier = &SUPPLIERS[item.supplier];
    let lead = supplier.lead + REVIEW;
    let (safety, cover) = if overseas(item.supplier) {
        (1.15, 35.0)
    } else {
        (1.6, 18.0)
    };
    let rate = seen.rate(item, (lead + cover) as i32);
    let minimum = rate * lead * safety;
    if f64::from(position) > minimum || rate * (lead + cover) < 0.5 {
        return 0;
    }
    lots(item, minimum + rate * cover - f64::from(position))
}

/// Rounds up to what the supplier accepts.
pub fn lots(item: &Item, units: f64) -> u32 {
    let whole = units.ceil().max(0.0) as u32;
    whole.max(item.moq).div_ceil(item.multiple) * item.multiple
}
