//! Orders that overlap, where customers who find nothing go away: a chain over the orders.
//!
//! State: the stock on hand just after an order's receipt. What is under way then is not known exactly where customers are lost; it is taken to have the
//! law that it has where they wait, given that stock. That is exact where only one order is under way, where the review period is not below
//! the lead time, and for single units reviewed without end (Erlang's loss formula); between, the service of a level is within a hundredth of
//! simulations. Everything is counted in cells of several units, so that work does not grow with what is sold.

use std::collections::BTreeMap;

use super::loss_curve::LossCurve;
use super::lot_cycle::{OrderSize, deficits, masses_of, renewal, visits};
use super::protection::{Pace, Protection};

/// Cells of a level where customers wait.
pub(super) const CELLS: f64 = 24.0;
/// Cells of the least order, at most.
const LEAST_CELLS: f64 = 64.0;
/// Cells beyond the waiting level that are worked out.
const MORE: usize = 4;
/// Reviews within a lead time, at most; more are taken several together.
const REVIEWS: usize = 6;
/// Lead times told apart.
const LEADS: usize = 3;
/// Probabilities below this are none.
const NONE: f64 = 1e-12;
/// Rounds until the law of the stock repeats itself, at most, and the change of service that stops them.
const ROUNDS: usize = 60;
const STILL: f64 = 1e-5;

/// A lead time, in periods.
#[derive(Clone, Copy, Debug)]
struct Lead {
    periods: usize,
    weight: f64,
    /// Reviews before its receipt at which further orders can be placed.
    within: usize,
}

/// What the chains of all levels of demand share.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// Units.
    pub(super) cell: f64,
    /// The waiting level, and the last one worked out, in cells.
    pub(super) waiting: usize,
    pub(super) last: usize,
    /// Whether units or reviews are taken several together.
    pub(super) coarse: bool,
    leads: Vec<Lead>,
    review: usize,
    /// Probability that the next order has the same lead time.
    same: f64,
}

impl Grid {
    /// For the level `waiting` > 0 that waiting customers need.
    pub(super) fn new(protection: &Protection, size: &OrderSize, waiting: f64) -> Self {
        Self::with(protection, size, waiting, REVIEWS)
    }

    /// As [`Self::new`], with at most so many reviews within a lead time.
    fn with(protection: &Protection, size: &OrderSize, waiting: f64, reviews: usize) -> Self {
        let law: Vec<(usize, f64)> = protection
            .intervals
            .iter()
            .map(|i| (i.periods, i.weight))
            .collect();
        let mean: f64 = law.iter().map(|(p, w)| *p as f64 * w).sum();
        let variance: f64 = law
            .iter()
            .map(|(p, w)| (*p as f64 - mean).powi(2) * w)
            .sum();
        let law = thinned(law);
        let longest = law.iter().map(|(p, _)| *p).max().unwrap_or(0);
        let within = |review: usize, lead: usize| lead.div_ceil(review).saturating_sub(1);
        let together = within(protection.review, longest).div_ceil(reviews).max(1);
        let review = protection.review * together;
        let leads = law
            .iter()
            .map(|&(periods, weight)| Lead {
                periods,
                weight,
                within: within(review, periods),
            })
            .collect();
        let sd = variance.sqrt();
        let same = if sd > 0.0 {
            (1.0 - review as f64 / (12f64.sqrt() * sd)).max(0.0)
        } else {
            0.0
        };
        let mut cell = waiting / CELLS;
        if size.whole_units {
            cell = cell.max(1.0);
        }
        if size.lots() {
            let least = size.order(0.0);
            cell = cell.max(least / LEAST_CELLS);
            if cell != 1.0 {
                cell = least / (least / cell - 1e-9).ceil();
            }
        }
        let cells = (waiting / cell - 1e-9).ceil() as usize;
        Self {
            cell,
            waiting: cells,
            last: cells + MORE,
            coarse: cell > 1.0 || together > 1 || !size.whole_units,
            leads,
            review,
            same,
        }
    }
}

/// At most `LEADS` lead times: quantiles of equal weight.
fn thinned(law: Vec<(usize, f64)>) -> Vec<(usize, f64)> {
    if law.len() <= LEADS {
        return law;
    }
    let mut few: Vec<(usize, f64)> = Vec::new();
    for k in 0..LEADS {
        let wanted = (k as f64 + 0.5) / LEADS as f64;
        let mut sum = 0.0;
        let mut at = 0;
        for &(periods, weight) in &law {
            at = periods;
            sum += weight;
            if sum >= wanted - 1e-12 {
                break;
            }
        }
        match few.last_mut() {
            Some(last) if last.0 == at => last.1 += 1.0 / LEADS as f64,
            _ => few.push((at, 1.0 / LEADS as f64)),
        }
    }
    few
}

/// Demand of some periods in cells: masses, and losses E[(D − j)⁺].
#[derive(Debug)]
struct Table {
    mass: Vec<f64>,
    loss: Vec<f64>,
    /// The last cell that demand can come to.
    reach: usize,
}

impl Table {
    fn new(pace: &Pace, periods: usize, cell: f64, cells: usize) -> Self {
        let law = pace.law(periods);
        let curve = LossCurve::new(&[(1.0, &law)]);
        let mass = masses_of(&curve, cell, cells);
        Self {
            reach: mass.iter().rposition(|p| *p > NONE).unwrap_or(0),
            mass,
            loss: (0..=cells)
                .map(|j| curve.loss(j as f64 * cell) / cell)
                .collect(),
        }
    }

    fn none(cells: usize) -> Self {
        let mut mass = vec![0.0; cells + 1];
        mass[0] = 1.0;
        Self {
            mass,
            loss: vec![0.0; cells + 1],
            reach: 0,
        }
    }
}

/// The chain at one level of demand.
#[derive(Debug)]
pub(super) struct OrderChain {
    grid: Grid,
    /// Cells of the least order; 0: single units.
    least: usize,
    /// Cells that an order has beyond the least one, by deficit.
    beyond: Vec<usize>,
    /// Law of the position above the level after a review.
    above: Vec<f64>,
    /// Probability that the next order comes after 1, 2, … reviews with a deficit.
    next: Vec<Vec<f64>>,
    /// Law of the deficit that an order leaves beyond its least size.
    net: Vec<f64>,
    renewal: Vec<f64>,
    tables: BTreeMap<usize, Table>,
    asked: f64,
}

impl OrderChain {
    pub(super) fn new(pace: &Pace, size: &OrderSize, grid: &Grid) -> Self {
        let lots = size.lots();
        let least = if lots {
            (size.order(0.0) / grid.cell).round() as usize
        } else {
            0
        };
        let zs = grid.last + 2;
        let cells = grid.last + 2 * least + 4;
        let mut tables = BTreeMap::new();
        tables.insert(0, Table::none(cells));
        for periods in needed(grid, lots) {
            tables
                .entry(periods)
                .or_insert_with(|| Table::new(pace, periods, grid.cell, cells));
        }
        let beyond: Vec<usize> = (0..zs)
            .map(|z| {
                if !lots {
                    return z;
                }
                let more = size.order(z as f64 * grid.cell) - size.order(0.0);
                (more / grid.cell).round().max(0.0) as usize
            })
            .collect();
        let mut chain = Self {
            grid: grid.clone(),
            least,
            beyond,
            above: vec![1.0],
            next: Vec::new(),
            net: vec![1.0],
            renewal: vec![0.0],
            tables,
            asked: pace.mean * grid.review as f64 / grid.cell,
        };
        let within = grid.leads.iter().map(|l| l.within).max().unwrap_or(0);
        if lots {
            chain.follow(zs, within);
        } else if within > 0 {
            let review = &chain.table(grid.review).mass;
            chain.next = vec![review[..zs.min(review.len())].to_vec()];
        }
        chain
    }

    /// Units of a cell.
    pub(super) fn cell(&self) -> f64 {
        self.grid.cell
    }

    /// The last level that is worked out, cells.
    pub(super) fn last(&self) -> usize {
        self.grid.last
    }

    fn table(&self, periods: usize) -> &Table {
        // Every number of periods that occurs has its table from `needed`.
        self.tables.get(&periods).unwrap_or(&self.tables[&0])
    }

    /// Positions between orders and the chances of the next ones, where customers wait.
    fn follow(&mut self, zs: usize, within: usize) {
        let top = self.least;
        let mass = &self.table(self.grid.review).mass;
        let again = renewal(mass, top);
        let mut start = vec![0.0; top + 1];
        start[top] = 1.0;
        let (mut seen, mut order) = (Vec::new(), Vec::new());
        for _ in 0..40 {
            seen = visits(&start, &again);
            order = deficits(&seen, mass, zs);
            let mut after = vec![0.0; top + 1];
            let mut inside = 0.0;
            for (z, w) in order.iter().enumerate() {
                after[(top + self.beyond[z]).saturating_sub(z).min(top)] += w;
                inside += w;
            }
            after[0] += (1.0 - inside).max(0.0);
            let moved: f64 = after.iter().zip(&start).map(|(a, b)| (a - b).abs()).sum();
            start = after;
            if moved < 1e-5 {
                break;
            }
        }
        let all: f64 = seen.iter().sum();
        let placed: f64 = order.iter().sum::<f64>().max(1e-300);
        let mut net = vec![0.0; top + 1];
        for (z, w) in order.iter().enumerate() {
            net[z.saturating_sub(self.beyond[z]).min(top)] += w / placed;
        }
        let mut next = Vec::new();
        let mut position = start;
        for _ in 0..within {
            next.push(deficits(&position, mass, zs));
            let mut later = vec![0.0; top + 1];
            for (y, slot) in later.iter_mut().enumerate().skip(1) {
                *slot = position[y..].iter().zip(mass).map(|(p, m)| p * m).sum();
            }
            position = later;
            if position.iter().sum::<f64>() < 1e-4 {
                break;
            }
        }
        self.above = seen.iter().map(|v| v / all).collect();
        (self.net, self.next, self.renewal) = (net, next, again);
    }

    /// Share served at a level of `n` cells where customers wait.
    pub(super) fn waiting(&self, n: usize) -> f64 {
        let mut short = 0.0;
        for lead in &self.grid.leads {
            let whole = &self.table(lead.periods + self.grid.review).loss;
            let first = &self.table(lead.periods).loss;
            for (y, p) in self.above.iter().enumerate() {
                short += lead.weight * p * (whole[n + y] - first[n + y]);
            }
        }
        1.0 - short / self.asked.max(NONE)
    }

    /// Share served at a level of `n` cells where customers go away.
    pub(super) fn fill(&self, n: usize) -> f64 {
        let apart = self.grid.leads.iter().all(|l| l.within == 0);
        let mut steps = Steps::new(n);
        if apart {
            self.alone(n, &mut steps);
            let mass = &self.table(self.grid.review).mass;
            let mut start: Vec<f64> = (0..=n).map(|x| mass[n - x]).collect();
            start[0] += (1.0 - start.iter().sum::<f64>()).max(0.0);
            return steps.fill(start, true);
        }
        let prior = self.prior(n);
        let all: Vec<f64> = (0..=n)
            .map(|a| {
                let each = self.grid.leads.iter().zip(&prior);
                each.map(|(l, x)| l.weight * x[a]).sum()
            })
            .collect();
        let mut left = Vec::new();
        for (i, lead) in self.grid.leads.iter().enumerate() {
            let mut joint = self.joint(n, lead);
            left.push(self.given(&mut joint, lead, &prior[i], &all));
            for (c, joint) in joint.iter().enumerate() {
                self.next_under_way(n, lead, c + 1, joint, &mut steps);
            }
        }
        if left.iter().flatten().sum::<f64>() > 1e-9 {
            self.next_after(n, &left, &mut steps);
        }
        steps.fill(all, false)
    }

    /// Stock after an order's receipt by lead time, in cells 0..=n, were customers to wait.
    fn prior(&self, n: usize) -> Vec<Vec<f64>> {
        let each = self.grid.leads.iter();
        each.map(|lead| {
            let mass = &self.table(lead.periods).mass;
            let mut law = vec![0.0; n + 1];
            for (u, &chance) in self.net.iter().enumerate().take(n + 1) {
                self.left_of(n - u, mass, chance, &mut law);
            }
            for &chance in self.net.iter().skip(n + 1) {
                if self.least > 0 {
                    law[0] += chance;
                }
            }
            law
        })
        .collect()
    }

    /// Adds the law of what demand leaves of `stock` cells. At none stands all that is short, too; for single units only what is just used up, which
    /// makes the chain Erlang's.
    fn left_of(&self, stock: usize, mass: &[f64], chance: f64, law: &mut [f64]) {
        if chance < 1e-10 {
            return;
        }
        let mut inside = 0.0;
        for a in 1..=stock {
            let p = mass[stock - a];
            inside += p;
            law[a] += chance * p;
        }
        law[0] += chance
            * if self.least == 0 {
                mass[stock]
            } else {
                (1.0 - inside).max(0.0)
            };
    }

    /// Joint law of the stock after an order's receipt and of the next order while this one is under way: [reviews − 1][stock][deficit].
    fn joint(&self, n: usize, lead: &Lead) -> Vec<Vec<Vec<f64>>> {
        let most = lead.within.min(self.next.len());
        let zs = self.beyond.len();
        let mut joint = Vec::with_capacity(most);
        for c in 1..=most {
            let mass = &self.table(lead.periods - c * self.grid.review).mass;
            let mut law = vec![vec![0.0; zs]; n + 1];
            let mut column = vec![0.0; n + 1];
            for z in 0..zs.min(self.next[c - 1].len()) {
                let chance = self.next[c - 1][z];
                if chance < 1e-10 {
                    continue;
                }
                column.fill(0.0);
                if n > z + self.least || (self.least == 0 && n == z) {
                    self.left_of(n - z - self.least, mass, chance, &mut column);
                } else if self.least > 0 {
                    column[0] = chance;
                }
                for (row, p) in law.iter_mut().zip(&column) {
                    row[z] = *p;
                }
            }
            joint.push(law);
        }
        joint
    }

    /// Makes the joint law one given the stock; returns what is left for an order after the receipt, by stock.
    fn given(
        &self,
        joint: &mut [Vec<Vec<f64>>],
        lead: &Lead,
        prior: &[f64],
        all: &[f64],
    ) -> Vec<f64> {
        let mut left = vec![0.0; prior.len()];
        for (a, left) in left.iter_mut().enumerate() {
            if all[a] <= 1e-300 {
                continue;
            }
            let share = lead.weight * prior[a] / all[a];
            let sum: f64 = joint.iter().map(|j| j[a].iter().sum::<f64>()).sum();
            let placed = sum * lead.weight / all[a];
            let every = self.least == 0 && !joint.is_empty();
            let scale = if (every || placed > share) && placed > 0.0 {
                share / placed
            } else if placed > share {
                0.0
            } else {
                1.0
            };
            *left = (share - placed * scale).max(0.0);
            let factor = lead.weight / all[a] * scale;
            for law in joint.iter_mut() {
                law[a].iter_mut().for_each(|p| *p *= factor);
            }
        }
        left
    }

    /// Steps to an order that was placed `c` reviews after this one, before its receipt.
    fn next_under_way(
        &self,
        n: usize,
        lead: &Lead,
        c: usize,
        joint: &[Vec<f64>],
        steps: &mut Steps,
    ) {
        let most = n + self.least + 1;
        let (mut mass, mut loss) = (vec![0.0; most + 1], vec![0.0; most + 1]);
        for other in &self.grid.leads {
            let alike = other.periods == lead.periods;
            let chance =
                (1.0 - self.grid.same) * other.weight + if alike { self.grid.same } else { 0.0 };
            let gap = (c * self.grid.review + other.periods).saturating_sub(lead.periods);
            let table = self.table(gap);
            for j in 0..=most {
                mass[j] += chance * table.mass[j];
                loss[j] += chance * table.loss[j];
            }
        }
        // What demand leaves of the stock, and from each cell on.
        let (mut after, mut from) = (vec![0.0; n + 1], vec![0.0; n + 2]);
        let mut by_size = vec![0.0; n + 1];
        for (a, law) in joint.iter().enumerate() {
            let total: f64 = law.iter().sum();
            if total < NONE {
                continue;
            }
            let stock = a + self.least;
            steps.lost[a] += total * loss[stock];
            after.fill(0.0);
            let top = stock.min(n);
            for (slot, p) in after[1..=top]
                .iter_mut()
                .zip(mass[stock - top..stock].iter().rev())
            {
                *slot = *p;
            }
            after[0] = (1.0 - after[1..].iter().sum::<f64>()).max(0.0);
            for b in (0..=n).rev() {
                from[b] = from[b + 1] + after[b];
            }
            by_size.fill(0.0);
            for (z, &p) in law.iter().enumerate() {
                // Where customers are lost the position never falls below 0.
                let more = self.beyond[z.min(n)];
                steps.sold[a] += p * (self.least + more) as f64;
                by_size[more.min(n)] += p;
            }
            let to = &mut steps.to[a];
            for (more, &p) in by_size.iter().enumerate() {
                if p > 1e-8 * total {
                    for (slot, q) in to[more..n].iter_mut().zip(&after) {
                        *slot += p * q;
                    }
                    to[n] += p * from[n - more];
                }
            }
        }
    }

    /// Law of the stock at the next order, 0..=n, and what is lost until then, when the position stands `y` ≥ 1 cells above a level of `n` and nothing
    /// is under way.
    fn crossing(&self, n: usize, y: usize) -> (Vec<f64>, f64) {
        let review = self.table(self.grid.review);
        let mut law = vec![0.0; n + 1];
        let mut lost = 0.0;
        for u in 1..=y {
            let visits = self.renewal[y - u];
            if u > review.reach {
                break;
            }
            for z in 0..=n.min(review.reach - u) {
                law[n - z] += visits * review.mass[u + z];
            }
            lost += visits * review.loss[u + n];
        }
        law[0] += (1.0 - law.iter().sum::<f64>()).max(0.0);
        (law, lost)
    }

    /// Steps to an order that is placed after this one's receipt; `left`: its chance by lead time and stock.
    fn next_after(&self, n: usize, left: &[Vec<f64>], steps: &mut Steps) {
        let most = n + self.least;
        // From stock x at the order, nothing else under way, to the stock after its receipt.
        let mut from = Steps::over(most, n);
        for x in 0..=n {
            let more = self.beyond[n - x];
            from.sold[x] = (self.least + more) as f64;
            for lead in &self.grid.leads {
                let table = self.table(lead.periods);
                from.lost[x] += lead.weight * table.loss[x];
                let mut inside = 0.0;
                for b in 1..=x {
                    let p = table.mass[x - b];
                    inside += p;
                    from.to[x][(b + more).min(n)] += lead.weight * p;
                }
                from.to[x][more.min(n)] += lead.weight * (1.0 - inside).max(0.0);
            }
        }
        for y in 1..=self.least {
            let (law, lost) = self.crossing(n, y);
            from.lost[n + y] = lost;
            for (x, &p) in law.iter().enumerate().filter(|(_, p)| **p > NONE) {
                from.join(n + y, p, x);
            }
        }
        // The stock at the first review after the receipt.
        let mut at_review = vec![0.0; most + 1];
        for a in 0..=n {
            at_review.fill(0.0);
            let stock = a + self.least;
            for (lead, left) in self.grid.leads.iter().zip(left) {
                let chance = left[a];
                if chance < NONE {
                    continue;
                }
                let rest = self.table((lead.within + 1) * self.grid.review - lead.periods);
                steps.lost[a] += chance * rest.loss[stock];
                let mut inside = 0.0;
                let least = stock.saturating_sub(rest.reach).max(1);
                let slots = at_review.iter_mut().enumerate();
                for (x, slot) in slots.take(stock + 1).skip(least) {
                    let p = rest.mass[stock - x];
                    inside += p;
                    *slot += chance * p;
                }
                at_review[0] += chance * (1.0 - inside).max(0.0);
            }
            for (x, &p) in at_review.iter().enumerate().filter(|(_, p)| **p > NONE) {
                steps.take(a, p, &from, x);
            }
        }
    }

    /// Steps from the stock at an order to that at the next where every order is received before the next review.
    fn alone(&self, n: usize, steps: &mut Steps) {
        let most = n + self.least;
        let crossings: Vec<_> = (1..=self.least).map(|y| self.crossing(n, y)).collect();
        let mut at_review = vec![0.0; most + 1];
        for x in 0..=n {
            let size = self.least + self.beyond[n - x];
            steps.sold[x] = size as f64;
            at_review.fill(0.0);
            for lead in &self.grid.leads {
                let first = self.table(lead.periods);
                let rest = self.table(self.grid.review - lead.periods);
                steps.lost[x] += lead.weight * first.loss[x];
                let mut inside: f64 = 0.0;
                for b in (0..=x).rev() {
                    let p = if b > 0 {
                        first.mass[x - b]
                    } else {
                        (1.0 - inside).max(0.0)
                    };
                    inside += p;
                    let stock = b + size;
                    let p = p * lead.weight;
                    if p < NONE {
                        continue;
                    }
                    steps.lost[x] += p * rest.loss[stock.min(rest.loss.len() - 1)];
                    let mut used = 0.0;
                    for left in stock.saturating_sub(rest.reach).max(1)..=stock {
                        let q = rest.mass[stock - left];
                        used += q;
                        at_review[left.min(most)] += p * q;
                    }
                    at_review[0] += p * (1.0 - used).max(0.0);
                }
            }
            for (stock, &p) in at_review.iter().enumerate().filter(|(_, p)| **p > NONE) {
                if stock <= n {
                    steps.to[x][stock] += p;
                } else {
                    let (law, lost) = &crossings[stock - n - 1];
                    steps.lost[x] += p * lost;
                    for (slot, q) in steps.to[x].iter_mut().zip(law) {
                        *slot += p * q;
                    }
                }
            }
        }
    }
}

/// Periods whose demand the chain asks for. Where any quantity can be ordered the next review orders.
fn needed(grid: &Grid, lots: bool) -> Vec<usize> {
    let mut all = vec![grid.review];
    for lead in &grid.leads {
        all.extend([
            lead.periods,
            lead.periods + grid.review,
            (lead.within + 1) * grid.review - lead.periods,
        ]);
        let within = if lots {
            lead.within
        } else {
            lead.within.min(1)
        };
        for c in 1..=within {
            all.push(lead.periods - c * grid.review);
            let gaps = grid.leads.iter();
            all.extend(
                gaps.map(|other| (c * grid.review + other.periods).saturating_sub(lead.periods)),
            );
        }
    }
    all
}

/// Where a step leads from each state, and what is lost and sold in it.
struct Steps {
    to: Vec<Vec<f64>>,
    lost: Vec<f64>,
    sold: Vec<f64>,
}

impl Steps {
    /// Between states 0..=n.
    fn new(n: usize) -> Self {
        Self::over(n, n)
    }

    /// From states 0..=`from` to states 0..=`to`.
    fn over(from: usize, to: usize) -> Self {
        Self {
            to: vec![vec![0.0; to + 1]; from + 1],
            lost: vec![0.0; from + 1],
            sold: vec![0.0; from + 1],
        }
    }

    /// Adds a share `p` of the steps of state `x` of its own to state `at`.
    fn join(&mut self, at: usize, p: f64, x: usize) {
        let (low, high) = self.to.split_at_mut(at);
        for (slot, q) in high[0].iter_mut().zip(&low[x]) {
            *slot += p * q;
        }
        self.lost[at] += p * self.lost[x];
        self.sold[at] += p * self.sold[x];
    }

    /// Adds a share `p` of the steps of state `x` of others to state `at`.
    fn take(&mut self, at: usize, p: f64, others: &Self, x: usize) {
        for (slot, q) in self.to[at].iter_mut().zip(&others.to[x]) {
            *slot += p * q;
        }
        self.lost[at] += p * others.lost[x];
        self.sold[at] += p * others.sold[x];
    }

    /// Share of demand served in the long run. `damped`: half a round at a time, for chains that swing.
    fn fill(&self, start: Vec<f64>, damped: bool) -> f64 {
        let total: f64 = start.iter().sum();
        let mut law: Vec<f64> = start.iter().map(|v| v / total.max(1e-300)).collect();
        let mut fill = 2.0;
        for round in 0..ROUNDS {
            let (mut sold, mut lost) = (0.0, 0.0);
            let mut next = vec![0.0; law.len()];
            for (a, &p) in law.iter().enumerate().filter(|(_, p)| **p > 1e-10) {
                sold += p * self.sold[a];
                lost += p * self.lost[a];
                for (slot, q) in next.iter_mut().zip(&self.to[a]) {
                    *slot += p * q;
                }
            }
            let before = fill;
            fill = if sold + lost > 0.0 {
                sold / (sold + lost)
            } else {
                0.0
            };
            if round > 0 && (fill - before).abs() < STILL {
                break;
            }
            let total: f64 = next.iter().sum::<f64>().max(1e-300);
            for (old, new) in law.iter_mut().zip(next) {
                let new = new / total;
                *old = if damped { 0.5 * (new + *old) } else { new };
            }
        }
        fill
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Erlang's loss formula: share of Poisson customers who find all `servers` busy, `load` of them on average were there enough.
    fn erlang(servers: u32, load: f64) -> f64 {
        (1..=servers).fold(1.0, |b, k| load * b / (f64::from(k) + load * b))
    }

    #[test]
    fn single_units_reviewed_ever_more_often_come_to_erlangs_loss_formula() {
        let mut before = 1.0;
        for lead in [20, 60, 200] {
            let pace = Pace {
                mean: 5.0 / lead as f64,
                dispersion: 1.0,
                level_variance: 0.0,
                whole_units: true,
            };
            let protection = Protection::steady(pace, &[(lead, 1.0)], 1);
            let size = OrderSize::units(true);
            let grid = Grid::with(&protection, &size, 12.0, lead);
            let chain = OrderChain::new(&pace, &size, &grid);
            let missed = (chain.fill(8) - (1.0 - erlang(8, 5.0))).abs();
            assert!(
                missed < before && missed < 0.13 / lead as f64 + 3e-4,
                "{lead}: {missed}"
            );
            before = missed;
        }
    }
}
