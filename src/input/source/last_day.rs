//! The last whole day of sales: an export made at ten in the morning holds a part of a day.

use std::collections::{BTreeMap, BTreeSet};

use super::find::Found;
use super::overlap::SalesOf;
use super::stage::Block;
use crate::domain::{Day, Finding, Severity};
use crate::input::raw::{NO_DAY, RawTable};

/// Days before the last one that show how a source's orders lie in a day.
const SHOWN_BY: i32 = 56;
/// Orders expected after the last stamp of a whole day beyond which their absence is no chance: e^−9.2 is one in ten thousand. A shop of fewer orders a day
/// loses little by a day in part, and much by a last day that is not believed.
const EXPECTED: f64 = 9.2;

/// The last day of all sources that all of them hold whole.
///
/// A source's last day is a part of one where its orders end at an hour after which, on the days before, so many orders came that none at all is rarer than
/// one day in ten thousand (Poisson).
pub(super) fn last_day(
    table: &RawTable,
    sales: &SalesOf,
    blocks: &[(Block, Vec<Found>)],
    findings: &mut Vec<Finding>,
) -> Option<i32> {
    let days = table.days("date");
    let last = days.iter().copied().filter(|&d| d != NO_DAY).max()?;
    let mut end = last;
    for (at, (block, _)) in blocks.iter().enumerate() {
        if block.spec.name != "sales" {
            continue;
        }
        // Distinct seconds are orders: the lines of one share theirs.
        let mut seconds: BTreeMap<i32, BTreeSet<i32>> = BTreeMap::new();
        for row in sales.rows_of(at) {
            let (day, second) = (days[row], sales.second(row));
            if day != NO_DAY && day >= last - SHOWN_BY && second >= 0 {
                seconds.entry(day).or_default().insert(second);
            }
        }
        let Some((&of_source, stamps)) = seconds.iter().next_back() else {
            continue;
        };
        let Some(&latest) = stamps.iter().next_back() else {
            continue;
        };
        let before = of_source - SHOWN_BY;
        let earlier = seconds.range(before..of_source);
        let first = earlier.clone().next().map(|(&d, _)| d);
        let Some(first) = first else { continue };
        let after: usize = earlier
            .map(|(_, stamps)| stamps.range(latest + 1..).count())
            .sum();
        let expected = after as f64 / f64::from(of_source - first);
        if expected > EXPECTED {
            end = end.min(of_source - 1);
            let clock = format!("{:02}:{:02}", latest / 3600, latest / 60 % 60);
            findings.push(
                Finding::new(Severity::Notice, "partial_last_day")
                    .between(Day(of_source), Day(of_source))
                    .figure("source", &block.name)
                    .figure("date", Day(of_source))
                    .figure("time", clock)
                    .figure("expected", expected.round())
                    .figure("as_of", Day(of_source - 1)),
            );
        }
    }
    Some(end)
}
