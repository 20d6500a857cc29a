//! Since when an item is listed on a channel whose stock others sold before it.
//!
//! A shelf that one channel has sold from for a year says nothing about a channel on which the item was put on sale two weeks ago: its days
//! before that are no history of no sales, they are none. What is stated in `listings` holds. Else the series' own sales tell: of its days
//! with a sale, given how many there are, none would lie in the run of days before the first by chance in less than one of [`LISTED_ODDS`]
//! histories. That is asked twice, and the larger chance counts:
//!
//! - by days: each set of N of T days is as likely as any other, so all N lie in the last m with C(m, N) ÷ C(T, N);
//! - by what the other channels of the stock sold (their season is its own): (their units since ÷ their units in all)^N.
//!
//! Nothing is asked where no other channel sold from the stock in the meantime, and the days count on which the item could be sold. A slow
//! item has few days with a sale, so its true zeros stay.

use rayon::prelude::*;

use super::Panel;
use crate::domain::{Availability, Day, Finding, Listing, Severity, Tables};

/// Histories of which less than one has so long a run of days without a sale before its first by chance, were each day's sales chance alone. Sales come
/// in bursts: with weeks whose demand differs as an exponential law does, one in 3,000 items is still taken for one that was listed later.
pub const LISTED_ODDS: u32 = 1_000_000;
/// Days of the other channels with more than so many times their mean count as that many.
const BULK: f64 = 3.0;

/// A series that began later than its shelf.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Later {
    series: usize,
    /// Its first period with a sale.
    first: usize,
    /// Periods before it on which it could have been sold.
    before: usize,
    /// Periods with a sale, and all, since.
    sold: usize,
    since: usize,
}

/// Leaves out of the panel what lies before an item was listed on a channel, and closes the days on which it was not.
pub(super) fn list(tables: &Tables, panel: &mut Panel, findings: &mut Vec<Finding>) {
    let mut leading = vec![0; panel.len()];
    let mut sold_unlisted = (0_u64, None);
    for (i, leading) in leading.iter_mut().enumerate() {
        let rows = stated(tables, panel, i);
        if !rows.is_empty() {
            *leading = close_unlisted(panel, i, rows, &mut sold_unlisted);
        }
    }
    if let (count, Some((i, day))) = sold_unlisted {
        let key = panel.series[i];
        let (sku, channel) = (&tables.skus[key.sku], &tables.channels[key.channel]);
        findings.push(
            Finding::new(Severity::Warning, "sold_while_not_listed")
                .sku(sku)
                .channel(channel)
                .count(count)
                .figure("count", count)
                .figure("sku", sku)
                .figure("channel", channel)
                .figure("date", day),
        );
    }
    let seen = &*panel;
    let shared: Vec<&[usize]> = seen
        .pools
        .values()
        .map(Vec::as_slice)
        .filter(|members| members.len() > 1)
        .collect();
    let later: Vec<Later> = shared
        .into_par_iter()
        .map(|members| {
            let open = members.iter().copied();
            let asked = open.filter(|&i| stated(tables, seen, i).is_empty());
            asked
                .filter_map(|i| later(seen, members, i))
                .collect::<Vec<_>>()
        })
        .flatten_iter()
        .collect();
    for found in later {
        leading[found.series] = found.first;
        tell(tables, panel, &found, findings);
    }
    panel.leave_out(&leading);
}

fn stated<'t>(tables: &'t Tables, panel: &Panel, i: usize) -> &'t [Listing] {
    let key = panel.series[i];
    tables.listed(key.sku, key.channel)
}

/// Marks the periods of series `i` that lie in none of its stated `rows`, and returns how many lead.
fn close_unlisted(
    panel: &mut Panel,
    i: usize,
    rows: &[Listing],
    sold: &mut (u64, Option<(usize, Day)>),
) -> usize {
    let step = panel.grain.days();
    let range = panel.range(i);
    let mut leading = 0;
    for (t, at) in range.clone().enumerate() {
        let day = panel.first[i] + t as i32 * step;
        if rows.iter().any(|row| row.covers(day, step)) {
            continue;
        }
        if panel.sold[at] > 0.0 || panel.backordered[at] > 0.0 {
            sold.0 += 1;
            sold.1.get_or_insert((i, day));
        }
        panel.availability[at] = Availability::NotListed;
        if leading == t {
            leading += 1;
        }
    }
    // The last period stays, or the stock of today would not be known.
    leading.min(range.len() - 1)
}

fn tell(tables: &Tables, panel: &Panel, found: &Later, findings: &mut Vec<Finding>) {
    let key = panel.series[found.series];
    let (sku, channel) = (&tables.skus[key.sku], &tables.channels[key.channel]);
    let step = panel.grain.days();
    let day = panel.first[found.series] + found.first as i32 * step;
    findings.push(
        Finding::new(Severity::Notice, "listed_later")
            .sku(sku)
            .channel(channel)
            .between(panel.first[found.series], day + -1)
            .figure("sku", sku)
            .figure("channel", channel)
            .figure("date", day)
            .figure("days", found.before as i32 * step)
            .figure("sold", found.sold as i32 * step)
            .figure("since", found.since as i32 * step)
            .figure("odds", LISTED_ODDS),
    );
}

/// Whether series `i` of a pool began later than its shelf by all odds.
fn later(panel: &Panel, members: &[usize], i: usize) -> Option<Later> {
    let step = panel.grain.days();
    let view = panel.view(i);
    let sells = |t: usize| view.sold[t] > 0.0 || view.backordered[t] > 0.0;
    let first = (0..view.len()).find(|&t| sells(t)).filter(|&t| t > 0)?;
    let others: Vec<f64> = (0..view.len())
        .map(|t| {
            let mates = members.iter().filter(|&&j| j != i);
            mates.fold(0.0, |sum, &j| {
                let shift = (panel.first[i] - panel.first[j]) / step + t as i32;
                let mate = panel.range(j);
                let at = usize::try_from(shift).ok().map(|s| mate.start + s);
                sum + at
                    .filter(|at| *at < mate.end)
                    .map_or(0.0, |at| panel.sold[at])
            })
        })
        .collect();
    // A shelf that others sold from had stock, whatever the record says.
    let stocked = |t: usize| match view.availability[t] {
        Availability::InStock => true,
        Availability::Unknown => others[t] > 0.0,
        _ => false,
    };
    let open = |t: usize| {
        sells(t)
            || !matches!(
                view.availability[t],
                Availability::Closed | Availability::Backorder | Availability::NotListed
            )
    };
    let before: Vec<usize> = (0..first).filter(|&t| stocked(t)).collect();
    let after: Vec<usize> = (first..view.len()).filter(|&t| open(t)).collect();
    let sold = after.iter().filter(|&&t| sells(t)).count();
    let others = capped(&before, &after, &others)?;
    let (n, m) = (before.len() as f64, after.len() as f64);
    let by_days: f64 = (0..sold)
        .map(|k| k as f64)
        .map(|k| ((m - k) / (n + m - k)).ln())
        .sum();
    // One unit more since: what a slow mate sold is itself chance.
    let by_others = sold as f64 * ((others.1 + 1.0) / (others.0 + others.1 + 1.0)).ln();
    (by_days.max(by_others) < -f64::from(LISTED_ODDS).ln()).then_some(Later {
        series: i,
        first,
        before: before.len(),
        sold,
        since: after.len(),
    })
}

/// Units of the other channels before and since, no day with more than [`BULK`] times their mean; `None` where they sold none before.
fn capped(before: &[usize], after: &[usize], units: &[f64]) -> Option<(f64, f64)> {
    let days = || before.iter().chain(after);
    let (mut n, mut sum) = (0.0, 0.0);
    for &t in days().filter(|&&t| units[t] > 0.0) {
        n += 1.0;
        sum += units[t];
    }
    let most = BULK * sum / f64::max(n, 1.0);
    let of = |days: &[usize]| days.iter().map(|&t| units[t].min(most)).sum::<f64>();
    let (before, after) = (of(before), of(after));
    (before > 0.0).then_some((before, after))
}

#[cfg(test)]
mod tests;
