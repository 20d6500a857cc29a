//! One stockout to be explained, and one piece of evidence.

use super::shelf::{Shelf, Shelves, Shop};
use crate::domain::{Day, Item, StockoutCause};

/// A longer episode is looked at again after so many days, …
const APART: i32 = 7;
/// … so often at most.
const MOST_CHECKS: i32 = 12;

/// One episode with everything that is known around it.
pub(super) struct Case<'s, 'a> {
    pub shop: &'s Shop<'a>,
    pub shelves: &'s Shelves<'a>,
    /// Place of its pool among the SKU's shelves.
    pub place: usize,
    /// Series in the panel.
    pub series: usize,
    pub start: Day,
    /// Last day.
    pub end: Day,
    /// First day without stock since goods last came: what had to be prevented.
    pub anchor: Day,
    /// Units that did not meet stock: lost and backordered, > 0.
    pub missed: f64,
}

/// A cause with the units of the episode that it explains and the figures of its sentence.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    pub cause: StockoutCause,
    /// 0..=missed.
    pub units: f64,
    /// Key of the sentence, `stockout.evidence_KEY`.
    pub key: &'static str,
    pub figures: Vec<(&'static str, String)>,
}

impl<'a> Case<'_, 'a> {
    pub fn shelf(&self) -> &Shelf<'a> {
        &self.shelves.all[self.place]
    }

    pub fn item(&self) -> &Item {
        &self.shop.basis.tables.items[self.shelf().days.sku]
    }

    /// Share of the episode's days within `from..=to`.
    pub fn share(&self, from: Day, to: Day) -> f64 {
        let days = f64::from(self.end - self.start + 1);
        let common = self.end.min(to) - self.start.max(from) + 1;
        f64::from(common.max(0)) / days
    }

    /// Days at which a long episode is looked at again, each with its share of the episode; the first is the anchor's.
    pub fn checkpoints(&self) -> Vec<(Day, f64)> {
        let days = self.end - self.start + 1;
        let parts = (days / APART).clamp(1, MOST_CHECKS);
        (0..parts)
            .map(|k| {
                let day = if k == 0 {
                    self.anchor
                } else {
                    self.start + days * k / parts
                };
                (day, 1.0 / f64::from(parts))
            })
            .collect()
    }

    /// Evidence that explains `units` of what was missed.
    pub fn evidence(
        &self,
        cause: StockoutCause,
        units: f64,
        figures: Vec<(&'static str, String)>,
    ) -> Evidence {
        Evidence {
            cause,
            units: units.clamp(0.0, self.missed),
            key: cause.as_str(),
            figures,
        }
    }

    /// Where the goods of a day come from in the end: the shelf that suppliers fill, and the day on which it would have had to send.
    pub fn origin(&self, day: Day) -> (usize, Day) {
        match self.shelf().source {
            Some(source) => {
                let first = self.shelves.all[source].days.first;
                let sent = day + -(self.shelf().lead.round() as i32);
                (source, sent.max(first))
            }
            None => (self.place, day),
        }
    }
}

/// A figure for a sentence: whole from ten on, one decimal below.
pub(super) fn shown(value: f64) -> String {
    let value = if value.abs() < 10.0 {
        (value * 10.0).round() / 10.0
    } else {
        value.round()
    };
    format!("{}", value + 0.0)
}

/// A probability for a sentence.
pub(super) fn chance(p: f64) -> String {
    if p >= 0.01 {
        format!("{:.0} %", p * 100.0)
    } else if p >= 0.0001 {
        format!("{:.2} %", p * 100.0)
    } else {
        "< 0.01 %".to_owned()
    }
}
