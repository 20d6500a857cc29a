//! Who must be told: customers who do not know the date that is now right, as far as the shop's own record of messages says.

use std::collections::BTreeMap;

use crate::domain::{Day, OpenLine};

/// A day either way is the supplier's, not news.
const MOVED_DAYS: i32 = 1;

/// What a line's customer must be told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notice {
    /// A line that the plan before did not have, and nobody wrote to the customer.
    New,
    /// The likely date is another than in a plan before, or there is one now, or none any more.
    Moved,
    /// The promised day will be missed.
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

    /// The notice of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::New, Self::Moved, Self::Late]
            .into_iter()
            .find(|notice| notice.as_str() == word)
    }
}

/// What a line's customer knows, as of one plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Told {
    /// What to tell; `None`: the customer knows.
    pub notice: Option<Notice>,
    /// The likely date that is to be known; it stays while the likely date is at most a day from it.
    pub date: Option<Day>,
    /// As-of of the plan from which on that must be told; `None` once it was.
    pub since: Option<Day>,
}

/// What a plan said of its open lines, by (order, SKU, channel); lines that share all three stand in their order.
pub type ToldBefore = BTreeMap<(String, String, String), Vec<Told>>;

/// What the customer of each line must be told, in the order of `lines`; `before` is what the plan before said, if there is one.
///
/// Only a `notified_date` after the as-of that a notice stands since ends it: who wrote to the customer knew that plan.
pub fn notices(lines: &[OpenLine], as_of: Day, before: Option<&ToldBefore>) -> Vec<Told> {
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
                    .and_then(|told| told.get(*turn))
                    .copied()
            });
            *turn += 1;
            match then {
                Some(then) => again(line, as_of, then),
                None => first(line, as_of),
            }
        })
        .collect()
}

fn late(line: &OpenLine) -> bool {
    line.late_by.is_some_and(|days| days > MOVED_DAYS)
}

/// A line that no plan spoke of: who was written to was told the promised day.
fn first(line: &OpenLine, as_of: Day) -> Told {
    let notice = match (line.notified_date, line.promised_date) {
        (None, _) => Some(Notice::New),
        (Some(_), None) => None,
        (Some(_), promised) => {
            let told = Told {
                notice: None,
                date: promised,
                since: None,
            };
            return again(line, as_of, told);
        }
    };
    Told {
        notice,
        date: line.likely_date(),
        since: notice.map(|_| as_of),
    }
}

/// A line of the plan before.
fn again(line: &OpenLine, as_of: Day, then: Told) -> Told {
    let likely = line.likely_date();
    let same = match (then.date, likely) {
        // Sooner than the promise, when that is what is known, is no news.
        (Some(known), Some(now)) => {
            (now - known).abs() <= MOVED_DAYS || (line.promised_date == Some(known) && now < known)
        }
        (then, now) => then == now,
    };
    let mut since = if same { then.since } else { Some(as_of) };
    let after = |day: Day| line.notified_date.is_some_and(|notified| notified > day);
    if since.is_some_and(after) {
        since = None;
    }
    // Who was told that there is no date is told again once the promised day has passed.
    let passed = likely.is_none() && late(line) && !line.promised_date.is_some_and(after);
    if since.is_none() && passed {
        since = Some(as_of);
    }
    let notice = since.map(|_| match then.notice {
        _ if late(line) => Notice::Late,
        Some(Notice::New) if same => Notice::New,
        _ => Notice::Moved,
    });
    Told {
        notice,
        date: if same { then.date } else { likely },
        since,
    }
}
