//! What orders serve where customers who find nothing go away.
//!
//! A lost customer asks for nothing of the next order: what follows a stockout is better served than where customers wait. With one order under way at
//! a time that is a sum over the deficits at which orders are placed (Hadley & Whitin, 1963, ch. 4 and 5, with the deficit of a periodic review);
//! where orders overlap, a chain over the orders ([`OrderChain`]).

use super::look_through::stratum_levels;
use super::loss_curve::LossCurve;
use super::lot_cycle::{LotCycle, OrderSize};
use super::order_chain::{Grid, OrderChain};
use super::protection::{Pace, Protection, Search};
use crate::forecast::distribution::Demand;

/// Orders follow one another without overlapping where demand outlasts the least order less often than this.
const OVERLAPPING: f64 = 1e-3;
/// Below this relative variance the level is taken as one.
const ONE_LEVEL: f64 = 0.01;
/// Strata of the level that are taken together, from below.
const GROUPS: [usize; 5] = [6, 5, 3, 1, 1];
/// A level of which waiting customers would miss less than this share is served.
const SERVED: f64 = 1e-4;
/// Chains worked out for one level, at most.
const TRIES: usize = 5;

/// The level where all customers wait: the least that reaches the target, and where it is reached between that and the one below.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) level: f64,
    pub(super) between: f64,
}

/// Orders of customers who go away, for each level that demand may have.
pub(super) struct LostOrders {
    known: Vec<Known>,
    /// Units of a cell, where orders overlap.
    grid: Option<Grid>,
}

/// Orders at a known level of demand.
struct Known {
    /// Share of demand.
    weight: f64,
    orders: Orders,
}

enum Orders {
    OneAtATime {
        size: OrderSize,
        cycle: LotCycle,
        lead: LossCurve,
    },
    Overlapping(Box<OrderChain>),
}

/// The levels that demand may have: factor and chance.
fn factors(variance: f64) -> Vec<(f64, f64)> {
    if variance <= ONE_LEVEL {
        return vec![(1.0, 1.0)];
    }
    let strata = stratum_levels(variance);
    let mut first = 0;
    GROUPS
        .iter()
        .map(|&n| {
            let sum: f64 = strata[first..first + n].iter().sum();
            first += n;
            (sum / n as f64, n as f64 / strata.len() as f64)
        })
        .collect()
}

/// The pace at one of the levels; with its own spread where there is one only.
fn pace_at(pace: &Pace, factor: f64) -> Pace {
    if pace.level_variance <= ONE_LEVEL {
        *pace
    } else {
        pace.known(factor)
    }
}

impl LostOrders {
    /// `None` where nothing is lost.
    pub(super) fn new(
        protection: &Protection,
        size: &OrderSize,
        waiting: &Waiting,
    ) -> Option<Self> {
        if waiting.level <= 0.0 {
            return None;
        }
        let (pace, least) = (&protection.pace, size.order(0.0));
        let longest = protection.intervals.iter().map(|i| i.periods).max()?;
        let most = pace.law(longest.max(protection.review));
        let unit = if size.whole_units { 1.0 } else { 0.0 };
        let review = pace.law(protection.review);
        let apart = LotCycle::new(size, &review).is_some() && most.sf(least - unit) < OVERLAPPING;
        let grid = (!apart).then(|| Grid::new(protection, size, waiting.level));
        let levels = factors(pace.level_variance);
        let single = levels.len() == 1;
        let mut known = Vec::new();
        for (factor, chance) in levels {
            let pace = pace_at(pace, factor);
            let orders = match &grid {
                Some(grid) => Orders::Overlapping(Box::new(OrderChain::new(&pace, size, grid))),
                None => {
                    // A level so low that no review notices it asks for nothing.
                    let Some(cycle) = LotCycle::new(size, &pace.law(protection.review)) else {
                        continue;
                    };
                    let lead = lead_curve(protection, &pace, factor, single);
                    Orders::OneAtATime {
                        size: *size,
                        cycle,
                        lead,
                    }
                }
            };
            known.push(Known {
                weight: factor * chance,
                orders,
            });
        }
        (!known.is_empty()).then_some(Self { known, grid })
    }

    /// Share of demand that is served at reorder point `level`.
    pub(super) fn fill(&self, level: f64) -> f64 {
        let (mut served, mut asked) = (0.0, 0.0);
        for known in &self.known {
            served += known.weight * known.orders.fill(level);
            asked += known.weight;
        }
        served / asked
    }

    /// The least level whose service reaches `target`.
    pub(super) fn level(&self, search: &Search, target: f64, waiting: &Waiting) -> f64 {
        let Some(grid) = &self.grid else {
            return search.least(target, |level| self.fill(level));
        };
        let cells = self.cells(grid, target);
        let Some(cells) = cells else {
            return waiting.level;
        };
        let whole = |x: f64| {
            if search.resolution >= 1.0 {
                (x - 1e-6).ceil()
            } else {
                x
            }
        };
        if !grid.coarse {
            return whole(cells * grid.cell).max(0.0);
        }
        // What the grid gets wrong it gets wrong where customers wait, too, and there the level is known.
        match self.waiting_cells(grid, target) {
            // Who is lost asks for nothing of later orders: a level serves them at least as well as those who wait, but for a unit of the search.
            Some(at) => whole((waiting.between - (at - cells) * grid.cell).max(0.0))
                .min(waiting.level + search.resolution),
            None => waiting.level,
        }
    }

    /// Where the chains reach `target`, in cells: the logarithm of what is lost is straight between two levels. `None` beyond the grid.
    fn cells(&self, grid: &Grid, target: f64) -> Option<f64> {
        let wanted = (1.0 - target).max(1e-9).ln();
        let lost = |n: usize| (1.0 - self.fill(n as f64 * grid.cell)).max(1e-9).ln();
        let mut seen: Vec<(usize, f64)> = Vec::new();
        let first = grid.waiting.min(grid.last);
        let (mut low, mut high) = (None, first);
        seen.push((first, lost(first)));
        if seen[0].1 > wanted {
            // Lost customers need a unit more than waiting ones at most.
            high = grid.last;
            low = Some(first);
            seen.push((high, lost(high)));
            if seen[1].1 > wanted {
                return None;
            }
        }
        while seen.len() < TRIES && low.map_or(high > 0, |low| high - low > 1) {
            let from = low.map_or(0, |low| low + 1);
            let guess = straight(&mut seen, wanted)
                .unwrap_or(high as f64 - (grid.waiting / 16).max(1) as f64);
            let n = (guess - 1e-9).ceil().max(from as f64) as usize;
            let n = n.min(high - 1);
            let at = lost(n);
            seen.push((n, at));
            if at <= wanted {
                high = n;
            } else {
                low = Some(n);
            }
        }
        let floor = low.map_or(0.0, |low| low as f64);
        match low {
            _ if high == 0 => Some(0.0),
            Some(low) if high - low == 1 => {
                seen.retain(|(n, _)| *n == low || *n == high);
                straight(&mut seen, wanted).or(Some(high as f64))
            }
            _ => straight(&mut seen, wanted)
                .or(Some(high as f64))
                .map(|x| x.clamp(floor, high as f64)),
        }
    }

    /// Where the waiting formula reaches `target` on the same grid, in cells.
    fn waiting_cells(&self, grid: &Grid, target: f64) -> Option<f64> {
        let (mut weight, mut chains) = (0.0, Vec::new());
        for known in &self.known {
            if let Orders::Overlapping(chain) = &known.orders {
                chains.push((known.weight, chain));
                weight += known.weight;
            }
        }
        let service = |n: usize| {
            let sum: f64 = chains.iter().map(|(w, c)| w * c.waiting(n)).sum();
            sum / weight
        };
        let (mut low, mut high) = (0, grid.last);
        if service(high) < target {
            return None;
        }
        if service(0) >= target {
            return Some(0.0);
        }
        while high - low > 1 {
            let middle = (low + high) / 2;
            if service(middle) >= target {
                high = middle;
            } else {
                low = middle;
            }
        }
        let (a, b) = (service(low), service(high));
        Some(low as f64 + (target - a) / (b - a).max(1e-12))
    }
}

/// Where the straight line through the two points nearest to `wanted` meets it.
fn straight(seen: &mut [(usize, f64)], wanted: f64) -> Option<f64> {
    seen.sort_by(|a, b| (a.1 - wanted).abs().total_cmp(&(b.1 - wanted).abs()));
    let [(x0, y0), (x1, y1), ..] = *seen else {
        return None;
    };
    let slope = (y1 - y0) / (x1 as f64 - x0 as f64);
    (slope < -1e-12).then(|| x0 as f64 + (wanted - y0) / slope)
}

/// Demand over the lead time at a level of demand.
fn lead_curve(protection: &Protection, pace: &Pace, factor: f64, single: bool) -> LossCurve {
    if single {
        return protection.curves().0;
    }
    let laws: Vec<(f64, Demand)> = protection
        .intervals
        .iter()
        .map(|i| {
            let mean = i.lead.mean() * factor;
            let law = Demand::moment_matched(mean, pace.dispersion * mean, pace.whole_units);
            (i.weight, law)
        })
        .collect();
    let laws: Vec<(f64, &Demand)> = laws.iter().map(|(w, law)| (*w, law)).collect();
    LossCurve::new(&laws)
}

impl Orders {
    fn fill(&self, level: f64) -> f64 {
        match self {
            Self::OneAtATime { size, cycle, lead } => {
                let (mut lost, mut sold) = (0.0, 0.0);
                for (z, w) in &cycle.deficit {
                    lost += w * lead.loss(level - z);
                    sold += w * size.order(z.min(level));
                }
                sold / (sold + lost)
            }
            Self::Overlapping(chain) => {
                let at = level / chain.cell();
                let n = (at + 1e-9).floor();
                let share = at - n;
                let fill = |n: usize| {
                    let n = n.min(chain.last());
                    if 1.0 - chain.waiting(n) < SERVED {
                        1.0
                    } else {
                        chain.fill(n)
                    }
                };
                let low = fill(n as usize);
                if share < 1e-6 {
                    return low;
                }
                let high = fill(n as usize + 1);
                let lost = |fill: f64| (1.0 - fill).max(1e-9).ln();
                1.0 - (lost(low) + share * (lost(high) - lost(low))).exp()
            }
        }
    }
}
