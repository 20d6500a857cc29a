//! What could be seen of demand: an interval's stock, under which demand becomes sales.

use crate::demand::EXCLUDED;
use crate::domain::Availability;
use crate::panel::Panel;

/// How one period turns demand into what is seen of it.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Rule {
    /// Not listed, or excluded by the calendar: not scored.
    Skip,
    /// The shelf serves up to what is on it; then `flow` units come (or leave), of which `at_once` could be sold the same period.
    Shelf { flow: f64, at_once: f64 },
    /// All of it is seen.
    Whole,
    /// This share of it could be served.
    Part(f64),
    /// The stock that ran out was this much.
    UpTo(f64),
}

/// An interval of a place as it came: what was seen, and what would have been seen of other demand.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Observable {
    opening: f64,
    rules: Vec<Rule>,
    /// Share of unserved demand that orders all the same.
    capture: f64,
    whole_units: bool,
    /// Units sold and backordered in the scored periods.
    pub seen: f64,
    /// Periods that are scored.
    pub periods: usize,
    /// Of which with a stockout.
    pub stockouts: usize,
}

impl Observable {
    /// The `horizon` periods after position `from` (periods before as-of of the panel) of the series `members`, which share their stock.
    /// `class` gives the calendar's class of each of these periods.
    pub(super) fn new(
        panel: &Panel,
        members: &[usize],
        ends_before: usize,
        horizon: usize,
        class: &[u8],
        capture: f64,
        whole_units: bool,
    ) -> Self {
        // Position of the k-th period of the interval (−1 is the origin) in a member, if it has one.
        let position = |i: usize, k: isize| -> Option<usize> {
            let back = (ends_before + horizon) as isize - 1 - k;
            let t = panel.view(i).len() as isize - 1 - back;
            usize::try_from(t).ok().map(|t| panel.offsets[i] + t)
        };
        let closing = |k: isize| {
            members
                .iter()
                .filter_map(|&i| position(i, k))
                .map(|at| panel.closing[at])
                .find(|c| !c.is_nan())
                .unwrap_or(f64::NAN)
        };
        let mut out = Self {
            opening: closing(-1),
            rules: Vec::with_capacity(horizon),
            capture,
            whole_units,
            seen: 0.0,
            periods: 0,
            stockouts: 0,
        };
        for k in 0..horizon {
            let at: Vec<usize> = members
                .iter()
                .filter_map(|&i| position(i, k as isize))
                .collect();
            let listed = at
                .iter()
                .any(|&p| panel.availability[p] != Availability::NotListed);
            if !listed || class.get(k).is_some_and(|c| *c == EXCLUDED) {
                out.rules.push(Rule::Skip);
                continue;
            }
            let sold: f64 = at.iter().map(|&p| panel.sold[p]).sum();
            out.seen += sold + at.iter().map(|&p| panel.backordered[p]).sum::<f64>();
            out.periods += 1;
            let first = at[0];
            let availability = panel.availability[first];
            out.stockouts += usize::from(availability.is_stockout());
            let (before, after) = (closing(k as isize - 1), closing(k as isize));
            let fraction = panel
                .fraction
                .get(first)
                .map_or(f64::NAN, |f| f64::from(*f));
            out.rules.push(if !before.is_nan() && !after.is_nan() {
                let flow = after - before + sold;
                Rule::Shelf {
                    flow,
                    at_once: (sold - before.max(0.0)).max(0.0),
                }
            } else {
                match availability {
                    Availability::SoldOut if fraction.is_nan() => Rule::UpTo(sold),
                    Availability::SoldOut => Rule::Part(fraction),
                    Availability::Backorder | Availability::Closed => Rule::Part(0.0),
                    _ => Rule::Whole,
                }
            });
        }
        out
    }

    /// Units that would have been seen of this demand, period by period.
    pub(super) fn of(&self, demand: &[f64]) -> f64 {
        let mut stock = self.opening;
        let mut seen = 0.0;
        for (rule, &d) in self.rules.iter().zip(demand) {
            let served = match *rule {
                Rule::Skip => continue,
                Rule::Shelf { flow, at_once } => {
                    if stock.is_nan() {
                        stock = 0.0;
                    }
                    let served = d.min(stock.max(0.0) + at_once);
                    stock = stock - served + flow;
                    served
                }
                Rule::Whole => d,
                Rule::Part(share) => share * d,
                Rule::UpTo(most) => d.min(most),
            };
            seen += served + self.capture * (d - served);
        }
        if self.whole_units { seen.round() } else { seen }
    }

    /// The most that could have been seen; infinite where nothing limits it.
    pub(super) fn most(&self) -> f64 {
        const ENDLESS: f64 = 1e12;
        let most = self.of(&vec![ENDLESS; self.rules.len()]);
        if most < 0.01 * ENDLESS {
            most
        } else {
            f64::INFINITY
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ChannelId, Day, Grain, LocationId, SkuId};
    use crate::panel::SeriesKey;

    fn panel(sold: &[f64], closing: &[f64], availability: &[Availability]) -> Panel {
        Panel {
            grain: Grain::Day,
            as_of: Day(sold.len() as i32 - 1),
            series: vec![SeriesKey {
                sku: SkuId(0),
                channel: ChannelId(0),
                location: LocationId(0),
            }],
            pools: [((SkuId(0), LocationId(0)), vec![0])].into(),
            first: vec![Day(0)],
            offsets: vec![0, sold.len()],
            sold: sold.to_vec(),
            backordered: vec![0.0; sold.len()],
            closing: closing.to_vec(),
            fraction: Vec::new(),
            in_odds: Vec::new(),
            reach: Vec::new(),
            availability: availability.to_vec(),
            accepts_backorders: vec![false],
            whole_units: vec![true],
        }
    }

    #[test]
    fn the_demand_that_came_gives_the_sales_that_were_seen() {
        use Availability::{Closed, InStock, SoldOut};
        let panel = panel(
            &[1.0, 3.0, 2.0, 0.0, 4.0],
            &[5.0, 2.0, 0.0, 10.0, 6.0],
            &[InStock, InStock, SoldOut, Closed, InStock],
        );
        let seen = Observable::new(&panel, &[0], 0, 4, &[], 0.0, true);
        assert_eq!((seen.seen, seen.periods, seen.stockouts), (9.0, 4, 2));
        // Whatever was lost on the two days, the shop saw nine units.
        assert_eq!(seen.of(&[3.0, 2.0, 0.0, 4.0]), 9.0);
        assert_eq!(seen.of(&[3.0, 7.0, 5.0, 4.0]), 9.0);
        // Less demand leaves stock for later days; more meets the end of the shelf.
        assert_eq!(seen.of(&[1.0, 1.0, 2.0, 4.0]), 8.0);
        assert_eq!(seen.most(), 15.0);
    }

    #[test]
    fn without_a_stock_record_everything_is_seen() {
        let panel = panel(
            &[1.0, 2.0],
            &[f64::NAN, f64::NAN],
            &[Availability::Unknown; 2],
        );
        let seen = Observable::new(&panel, &[0], 0, 1, &[], 0.0, true);
        assert_eq!((seen.of(&[9.0]), seen.most()), (9.0, f64::INFINITY));
    }
}
