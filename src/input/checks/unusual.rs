//! Sales that are far beyond everything else of their series: slips of the keyboard and bulk orders.

use super::{Flow, quantity};
use crate::domain::{Day, Finding, OrderType, Severity};
use crate::input::order::{runs, series_of};
use crate::input::sales::SalesRows;

/// Units up to which nothing is unusual.
const FEW_UNITS: f64 = 20.0;
/// Times the series' next largest day.
const TIMES_NEXT: f64 = 20.0;
/// Times the mean day with sales in the channel, for series with too few days to judge by themselves.
const TIMES_MEAN: f64 = 50.0;
/// Unusual days that one series may have; more are its way of selling.
const SLIPS: usize = 3;
/// Other days with sales from which on a series is judged by itself.
const OWN_DAYS: usize = 5;
/// Days with sales in a channel from which on their mean says something.
const CHANNEL_DAYS: u64 = 30;

/// A series whose largest days are far from the others.
struct Apart {
    /// Position of its row with the most units.
    at: usize,
    days: usize,
    /// Units of the largest day that is like the others; 0 where there is none.
    next: f64,
    /// The others are enough to judge by.
    sure: bool,
}

/// Warns of regular sales rows with more than [`FEW_UNITS`] that are more than [`TIMES_NEXT`] times the largest other
/// day of their SKU and channel. With few other days they must be more than [`TIMES_MEAN`] times the channel's mean day
/// with sales too.
pub(super) fn unusual_units(flow: &Flow<'_>, sales: &SalesRows, findings: &mut Vec<Finding>) {
    let regular = OrderType::Regular as i8;
    let series: Vec<u64> = sales.keys.iter().map(|&k| series_of(k)).collect();
    // Units and days with sales per channel, without those that are apart.
    let mut usual = vec![(0.0, 0u64); flow.channels.len()];
    let mut found: Vec<Apart> = Vec::new();
    let mut days: Vec<f64> = Vec::new();
    for (start, end) in runs(&series) {
        days.clear();
        let mut top: Option<usize> = None;
        for (from, to) in runs(&sales.keys[start..end]) {
            let mut sold = 0.0;
            for k in (start + from..start + to).filter(|&k| sales.order_type[k] == regular) {
                sold += sales.units[k];
                if top.is_none_or(|t| sales.units[k] > sales.units[t]) {
                    top = Some(k);
                }
            }
            if sold > 0.0 {
                days.push(sold);
            }
        }
        let Some(at) = top else { continue };
        let apart = if sales.units[at] > FEW_UNITS {
            days.sort_by(|a, b| b.total_cmp(a));
            days_apart(&days, sales.units[at])
        } else {
            0
        };
        let rest = &days[apart..];
        if apart == 0 || rest.len() >= OWN_DAYS {
            let of_channel = &mut usual[sales.channel[start] as usize];
            of_channel.0 += rest.iter().sum::<f64>();
            of_channel.1 += rest.len() as u64;
        }
        if apart > 0 {
            found.push(Apart {
                at,
                days: apart,
                next: rest.first().copied().unwrap_or(0.0),
                sure: rest.len() >= OWN_DAYS,
            });
        }
    }
    for apart in found {
        let k = apart.at;
        let (units, days) = usual[sales.channel[k] as usize];
        let far = days >= CHANNEL_DAYS && sales.units[k] > TIMES_MEAN * units / days as f64;
        if apart.sure || far {
            findings.push(unusual(flow, sales, &apart));
        }
    }
}

/// How many of the largest days are apart from the rest: at most [`SLIPS`], each more than [`TIMES_NEXT`] times the next.
/// `days` has the largest first; `row` is the largest row, for a day of many orders is no slip.
fn days_apart(days: &[f64], row: f64) -> usize {
    (1..=SLIPS.min(days.len()))
        .rev()
        .find(|&n| {
            let next = days.get(n).copied().unwrap_or(0.0);
            // A series that has nothing else is compared only by a single day.
            (next > 0.0 || n == 1)
                && days[n - 1] > FEW_UNITS
                && days[n - 1] > TIMES_NEXT * next
                && row > TIMES_NEXT * next
        })
        .unwrap_or(0)
}

fn unusual(flow: &Flow<'_>, sales: &SalesRows, apart: &Apart) -> Finding {
    let k = apart.at;
    let sku = &flow.skus[sales.sku[k] as usize];
    let channel = &flow.channels[sales.channel[k] as usize];
    let day = Day(sales.date[k]);
    let mut place = flow.sales_table.place(sales.row[k] as usize, Some("units"));
    place.value = Some(sales.units[k].to_string());
    Finding::new(Severity::Warning, "unusual_units")
        .place(place)
        .sku(sku)
        .channel(channel)
        .between(day, day)
        .count(apart.days as u64)
        .figure("sku", sku)
        .figure("channel", channel)
        .figure("count", apart.days)
        .figure("value", quantity(sales.units[k]))
        .figure("date", day)
        .figure("next", quantity(apart.next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_apart_when_a_gap_is_below_them() {
        assert_eq!(days_apart(&[3000.0, 2.0, 1.0], 3000.0), 1);
        assert_eq!(days_apart(&[9000.0, 3000.0, 2.0], 9000.0), 2);
        assert_eq!(days_apart(&[40.0, 2.0], 40.0), 0, "just twenty times");
        assert_eq!(days_apart(&[20.0, 0.5], 20.0), 0, "few units");
        assert_eq!(days_apart(&[300.0, 100.0, 30.0, 9.0], 300.0), 0);
        assert_eq!(days_apart(&[300.0, 2.0], 5.0), 0, "many small orders");
        assert_eq!(days_apart(&[300.0], 300.0), 1);
        assert_eq!(days_apart(&[300.0, 280.0], 300.0), 0);
    }
}
