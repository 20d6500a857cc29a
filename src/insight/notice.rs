//! Who must be told: customers whose line is new, or whose date moved, since the plan before.

use std::collections::BTreeMap;

use crate::domain::{Day, OpenLine};

/// A day either way is the supplier's, not news.
const MOVED_DAYS: i32 = 1;

/// What a line's customer must be told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notice {
    /// Not told yet: a line that the plan before did not have, and nobody wrote to the customer.
    New,
    /// The likely date is another than in the plan before, or there is one now, or none any more.
    Moved,
    /// Told a date that will be missed, and no plan before said so.
    Late,
}

impl Notice {
    /// The word used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Moved => "moved",
            Self::Late => "late",
        }
    }
}

/// The likely dates of a plan's open lines by (order, SKU, channel); lines that share all three stand in their order.
pub type LikelyDates = BTreeMap<(String, String, String), Vec<Option<Day>>>;

/// What the customer of each line must be told, in the order of `lines`; `before` are the dates of the plan before, if there is one.
pub fn notices(lines: &[OpenLine], before: Option<&LikelyDates>) -> Vec<Option<Notice>> {
    let mut seen: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    lines
        .iter()
        .map(|line| {
            let key = (
                line.order_id.as_str(),
                line.sku.as_str(),
                line.channel.as_str(),
            );
            let turn = seen.entry(key).or_default();
            let then = before.and_then(|b| {
                b.get(&(key.0.to_owned(), key.1.to_owned(), key.2.to_owned()))
                    .and_then(|dates| dates.get(*turn))
                    .copied()
            });
            *turn += 1;
            match (then, line.ship_date_p50) {
                (Some(Some(then)), Some(now)) => {
                    ((now - then).abs() > MOVED_DAYS).then_some(Notice::Moved)
                }
                (Some(None), None) => None,
                (Some(_), _) => Some(Notice::Moved),
                (None, _) if line.notified_date.is_none() => Some(Notice::New),
                (None, _) => line
                    .late_by
                    .filter(|&days| days > MOVED_DAYS)
                    .map(|_| Notice::Late),
            }
        })
        .collect()
}
