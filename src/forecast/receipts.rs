//! What receipts teach about lead times: an item's own days, its supplier's relative to what is stated, and how far both are off, by the root of the days.

use std::collections::{BTreeMap, BTreeSet};

use super::lead_time::{
    MEMORY_DAYS, STATED_WEIGHT, is_location, spread, stated, supplier_of, weight_of,
};
use crate::domain::{
    Day, LocationId, PurchaseLine, SkuId, Supplier, Tables, lines_of, purchase_orders,
};

/// Overdue by more than this, an order says nothing about lead times any more.
const OVERDUE_DAYS: i32 = 60;
/// An order that is overdue counts for so many receipts.
const OVERDUE_WEIGHT: f64 = 0.5;
/// Receipts that a supplier's spread counts for in the law of one of its items, at most.
const SUPPLIER_WEIGHT: f64 = 20.0;
/// An item whose receipts are this far (log of days ÷ stated days) from what the others of its supplier do says no more about them:
/// its own stated days are wrong.
const AGREES: f64 = 0.2;
/// Points of a supplier's spread, at most.
const POINTS: usize = 40;

/// Receipts of one item from one supplier.
#[derive(Clone, Debug, Default)]
struct Own {
    /// Days from order to receipt, with weights.
    receipts: Vec<(i32, f64)>,
    /// Days that overdue orders have taken so far.
    waiting: Vec<i32>,
    /// Days late against the promised day, of releases of blanket orders.
    releases: Vec<(i32, f64)>,
    /// (days late against the promised day, days promised, weight) of everything received.
    promises: Vec<(i32, i32, f64)>,
    /// Whether what sends it is another location.
    transfer: bool,
}

impl Own {
    fn weight(&self) -> f64 {
        self.receipts.iter().map(|r| r.1).sum()
    }

    /// Mean days; `None` without receipts.
    fn mean(&self) -> Option<f64> {
        let weight = self.weight();
        let days = self.receipts.iter().map(|&(d, w)| f64::from(d) * w);
        (weight > 0.0).then(|| days.sum::<f64>() / weight)
    }

    fn least(&self) -> Option<i32> {
        self.receipts.iter().map(|r| r.0).min()
    }

    /// Days of each receipt beyond their mean ÷ the root of it, with weights that sum to the degrees of freedom that the mean leaves; none for a single
    /// receipt. Deviations are lifted to what they are about the true mean.
    fn spread(&self) -> Vec<(f64, f64)> {
        let Some(mean) = self.mean().filter(|m| *m > 0.0) else {
            return Vec::new();
        };
        let n = self.receipts.len() as f64;
        if n < 2.0 {
            return Vec::new();
        }
        let (lift, free) = ((n / (n - 1.0)).sqrt(), (n - 1.0) / n);
        let beyond = |days: i32| (f64::from(days) - mean) * lift / mean.sqrt();
        let points = self.receipts.iter().map(|&(d, w)| (beyond(d), w * free));
        points.collect()
    }

    fn join(&mut self, other: &Self) {
        self.receipts.extend(&other.receipts);
        self.waiting.extend(&other.waiting);
        self.releases.extend(&other.releases);
        self.promises.extend(&other.promises);
    }
}

/// What the items of a supplier have in common.
#[derive(Clone, Debug, Default)]
struct Common {
    /// Log of the days that its orders take ÷ what is stated for them; 0 where nothing says otherwise.
    shift: f64,
    /// Mean days of its receipts, and the receipts that it counts for beside those of an item for which nothing is stated.
    usual: Option<(f64, f64)>,
    /// Days beyond the item's mean days ÷ the root of these: what is late by a week when three days are usual is not late by two months when a month is.
    spread: Vec<(f64, f64)>,
    /// Days late against the promised day ÷ the root of the days it was promised in.
    promises: Vec<(f64, f64)>,
}

/// What is stated for an order, days.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stated {
    pub(super) days: Option<f64>,
    pub(super) sd: Option<f64>,
    /// Days and their spread where neither statements nor receipts say.
    pub(super) otherwise: (f64, f64),
}

/// All receipts of the last two years, by item and by supplier (`None`: receipts that name no supplier).
#[derive(Clone, Debug)]
pub(super) struct Record {
    items: BTreeMap<SkuId, BTreeMap<Option<Supplier>, Own>>,
    suppliers: BTreeMap<Option<Supplier>, Common>,
}

/// Whether rows of one order are deliveries on days of their own, promised when it was placed, rather than parts in which one delivery came.
fn are_releases(lines: &[&PurchaseLine]) -> bool {
    let days: BTreeSet<Day> = lines_of(lines).iter().filter_map(|l| l.expected).collect();
    days.len() > 1
}

/// For every row of `inbound`, whether it is a release of a blanket order: one number with several promised days, or orders of one day with three.
fn releases(tables: &Tables) -> Vec<bool> {
    let mut days: BTreeMap<(SkuId, LocationId, Day, Option<&Supplier>), Vec<usize>> =
        BTreeMap::new();
    for (row, line) in tables.inbound.iter().enumerate() {
        let supplier = line.supplier.as_ref();
        let day = (line.sku, line.location, line.ordered, supplier);
        days.entry(day).or_default().push(row);
    }
    let lines = |rows: &[usize]| -> Vec<&PurchaseLine> {
        rows.iter().map(|&row| &tables.inbound[row]).collect()
    };
    let mut is_release = vec![false; tables.inbound.len()];
    let mut of_orders: BTreeSet<*const PurchaseLine> = BTreeSet::new();
    for order in purchase_orders(&tables.inbound) {
        if are_releases(&order.rows) {
            of_orders.extend(order.rows.iter().map(|&row| std::ptr::from_ref(row)));
        }
    }
    for (line, is_release) in tables.inbound.iter().zip(&mut is_release) {
        *is_release = of_orders.contains(&std::ptr::from_ref(line));
    }
    for rows in days.values().filter(|r| r.len() > 2) {
        let promised = lines(rows);
        let promised: BTreeSet<Day> = promised.iter().filter_map(|l| l.expected).collect();
        if promised.len() > 2 && are_releases(&lines(rows)) {
            rows.iter().for_each(|&row| is_release[row] = true);
        }
    }
    is_release
}

impl Record {
    /// Reads all receipts of the last two years. A row's weight is its units relative to its order's; an order that is overdue and has not
    /// come counts with the days it took so far. Releases of a blanket order tell how late they are, not how long an order takes.
    pub(super) fn of(tables: &Tables) -> Self {
        let mut items: BTreeMap<SkuId, BTreeMap<Option<Supplier>, Own>> = BTreeMap::new();
        let is_release = releases(tables);
        for (line, is_release) in tables.inbound.iter().zip(is_release) {
            if tables.plan_day() - line.ordered > MEMORY_DAYS {
                continue;
            }
            let supplier = supplier_of(tables, line);
            let transfer = is_location(tables, supplier.as_ref());
            let own = items.entry(line.sku).or_default().entry(supplier);
            let own = own.or_default();
            own.transfer = transfer;
            let weight = weight_of(line);
            if line.day_assumed {
                continue;
            }
            let came = line.received.filter(|_| line.received_units > 0.0);
            let overdue = line.expected.map(|e| tables.plan_day() - e);
            if let (Some(received), Some(expected)) = (came, line.expected) {
                let late = received - expected;
                let promise = (late, expected - line.ordered, weight);
                own.promises.push(promise);
                if is_release {
                    own.releases.push((late, weight));
                }
            }
            match came {
                Some(_) if is_release => {}
                Some(day) if day >= line.ordered => {
                    own.receipts.push((day - line.ordered, weight));
                }
                // Not come yet: it takes longer than its age, and says so only once that is long. What is given up has no lead time.
                None => match overdue.filter(|days| (1..=OVERDUE_DAYS).contains(days)) {
                    Some(days) if is_release => own.releases.push((days + 1, OVERDUE_WEIGHT)),
                    Some(_) => own.waiting.push(tables.plan_day() - line.ordered + 1),
                    None => {}
                },
                Some(_) => {}
            }
        }
        let mut by_supplier: BTreeMap<Option<Supplier>, Vec<(SkuId, &Own)>> = BTreeMap::new();
        for (&sku, suppliers) in &items {
            for (supplier, own) in suppliers {
                let rows = by_supplier.entry(supplier.clone()).or_default();
                rows.push((sku, own));
            }
        }
        let suppliers = by_supplier
            .into_iter()
            .map(|(supplier, items)| (supplier, Common::of(tables, &items)))
            .collect();
        Self { items, suppliers }
    }

    /// An item's own receipts from its supplier, and what this one's items have in common. An item without a supplier has those of all its orders.
    fn of_item(&self, sku: SkuId, supplier: Option<&Supplier>) -> (Own, Common) {
        let none = BTreeMap::new();
        let own = self.items.get(&sku).unwrap_or(&none);
        let mut supplier = supplier.cloned();
        let mut found = own.get(&supplier).cloned().unwrap_or_default();
        if supplier.is_none() {
            let others = own.iter().filter(|(s, o)| s.is_some() && !o.transfer);
            for (other, more) in others {
                found.join(more);
                supplier = other.clone();
            }
        }
        let common = self
            .suppliers
            .get(&supplier)
            .or_else(|| self.suppliers.get(&None));
        (found, common.cloned().unwrap_or_default())
    }

    /// Weights of the days that an order of (item, supplier) takes.
    ///
    /// Their location is the mean of the item's own receipts and, worth five of them, of what is stated times what its supplier makes of
    /// that (credibility: Bühlmann, 1967); their spread is the item's, its supplier's by the root of each item's days, and what is stated. No
    /// point is below the item's least receipt, and each of them rises with what is stated.
    pub(super) fn lead_time(
        &self,
        (sku, supplier): (SkuId, Option<&Supplier>),
        stated: Stated,
    ) -> BTreeMap<i32, f64> {
        let (own, common) = self.of_item(sku, supplier);
        let days = own.location(&common, stated);
        let floor = own.least().unwrap_or(0).max(0);
        let mut weights: BTreeMap<i32, f64> = BTreeMap::new();
        let mut learnt = 0.0;
        let mut add = |days: f64, weight: f64| {
            *weights.entry((days.round() as i32).max(floor)).or_default() += weight;
            learnt += weight;
        };
        let mut own_weight = 0.0;
        let root = days.max(0.0).sqrt();
        for (beyond, weight) in own.spread() {
            add(days + beyond * root, weight);
            own_weight += weight;
        }
        let share = share_of_others(&common.spread, own_weight, SUPPLIER_WEIGHT);
        for &(beyond, weight) in &common.spread {
            add(days + beyond * root, weight * share);
        }
        for &(late, weight) in &own.releases {
            add(days + f64::from(late), weight);
        }
        for &so_far in &own.waiting {
            add(f64::from(so_far).max(days), OVERDUE_WEIGHT);
        }
        // What is stated steadies what few receipts say; many receipts outweigh it. What is only configured stands for missing ones.
        let weight = match (stated.sd, stated.days) {
            (Some(_), _) => STATED_WEIGHT,
            (None, None) if learnt > 0.0 => 0.0,
            (None, _) => (STATED_WEIGHT - learnt).max(0.0),
        };
        for (more, part) in spread(stated.sd.unwrap_or(stated.otherwise.1)) {
            let days = (days + f64::from(more)).round() as i32;
            *weights.entry(days.max(floor)).or_default() += weight * part;
        }
        weights.retain(|_, weight| *weight > 0.0);
        weights
    }

    /// Weights of the days by which an order of (item, supplier) misses the day it was promised for, `wait` days after it was placed.
    pub(super) fn lateness_of_promise(
        &self,
        (sku, supplier): (SkuId, Option<&Supplier>),
        wait: i32,
    ) -> BTreeMap<i32, f64> {
        let (own, common) = self.of_item(sku, supplier);
        let mut weights: BTreeMap<i32, f64> = BTreeMap::new();
        for &(late, _, weight) in &own.promises {
            *weights.entry(late).or_default() += weight;
        }
        let share = if weights.is_empty() {
            1.0
        } else {
            let own_weight = own.promises.iter().map(|p| p.2).sum();
            share_of_others(&common.promises, own_weight, STATED_WEIGHT)
        };
        let wait = promised_in(wait, own.mean().or(common.usual.map(|u| u.0)));
        for &(late, weight) in &common.promises {
            let late = (late * wait.sqrt()).round() as i32;
            *weights.entry(late).or_default() += weight * share;
        }
        weights.retain(|_, weight| *weight > 0.0);
        weights
    }
}

/// What the points of a supplier count for beside those of one of its items, which are among them: as many as the others', at most `most`.
fn share_of_others(points: &[(f64, f64)], own: f64, most: f64) -> f64 {
    let all: f64 = points.iter().map(|p| p.1).sum();
    let others = all - own;
    if others > 1e-9 {
        others.min(most) / all
    } else {
        0.0
    }
}

/// Days that a promise can be missed in: what is promised for later than an order takes is late no more than an order placed later.
fn promised_in(wait: i32, usual: Option<f64>) -> f64 {
    f64::from(wait).min(usual.unwrap_or(f64::INFINITY)).max(1.0)
}

impl Own {
    /// The middle of an order's days.
    fn location(&self, common: &Common, stated: Stated) -> f64 {
        let (base, worth) = match (stated.days, common.usual) {
            (Some(days), _) => (days * common.shift.exp(), STATED_WEIGHT),
            (None, Some(usual)) => usual,
            (None, None) => (stated.otherwise.0, STATED_WEIGHT),
        };
        let weight = self.weight();
        let sum = self.mean().unwrap_or(0.0) * weight + base * worth;
        if weight + worth > 0.0 {
            sum / (weight + worth)
        } else {
            base
        }
    }
}

impl Common {
    fn of(tables: &Tables, items: &[(SkuId, &Own)]) -> Self {
        let usual = usual(items);
        let mut promises = Vec::new();
        for (sku, own) in items {
            let takes = own.mean().or(usual.map(|u| u.0));
            let takes = takes.or_else(|| stated(tables, *sku).0);
            for &(late, wait, weight) in &own.promises {
                promises.push((f64::from(late) / promised_in(wait, takes).sqrt(), weight));
            }
        }
        // What is stated is the supplier's; a transfer between locations has only its usual days.
        let against: Vec<(f64, f64)> = items
            .iter()
            .filter(|(_, own)| !own.transfer)
            .filter_map(|(sku, own)| {
                let stated = stated(tables, *sku).0.filter(|days| *days > 0.0)?;
                let mean = own.mean().filter(|m| *m > 0.0)?;
                let weight = own.weight();
                Some(((mean / stated).ln(), weight / (weight + STATED_WEIGHT)))
            })
            .collect();
        Self {
            shift: agreed(&against),
            usual,
            spread: thinned(items.iter().flat_map(|(_, own)| own.spread()).collect()),
            promises: thinned(promises),
        }
    }
}

/// The value x that (value, weight) agree on, shrunk to 0: Σ weight × (value − x, at most [`AGREES`] either way) = 5x (Huber's estimator of location,
/// 1964, with a normal prior). One value moves it by little, whatever it is.
fn agreed(values: &[(f64, f64)]) -> f64 {
    let most = AGREES * values.iter().map(|v| v.1).sum::<f64>() / STATED_WEIGHT;
    let (mut low, mut high) = (-most, most);
    for _ in 0..50 {
        let x = 0.5 * (low + high);
        let pull: f64 = values
            .iter()
            .map(|&(v, w)| w * (v - x).clamp(-AGREES, AGREES))
            .sum();
        if pull > STATED_WEIGHT * x {
            low = x;
        } else {
            high = x;
        }
    }
    0.5 * (low + high)
}

/// Mean days of a supplier's receipts, and for how many receipts of one item they count: fewer, the more its items differ.
fn usual(items: &[(SkuId, &Own)]) -> Option<(f64, f64)> {
    let weight: f64 = items.iter().map(|(_, own)| own.weight()).sum();
    if weight <= 0.0 {
        return None;
    }
    let means = || {
        items
            .iter()
            .filter_map(|(_, own)| Some((own, own.mean()?, own.weight())))
    };
    let mean = means().map(|(_, m, w)| m * w).sum::<f64>() / weight;
    let (mut within, mut between, mut free) = (0.0, 0.0, 0.0);
    for (own, m, w) in means() {
        let each = own.receipts.iter();
        within += each
            .map(|r| r.1 * (f64::from(r.0) - m).powi(2))
            .sum::<f64>();
        between += w * (m - mean).powi(2);
        free += w * (own.receipts.len() as f64 - 1.0) / own.receipts.len() as f64;
    }
    let within = if free > 0.0 { within / free } else { 0.0 };
    let between = ((between - within * (means().count() as f64 - 1.0)) / weight).max(0.0);
    let worth = if between > 0.0 {
        STATED_WEIGHT * within / (within + between)
    } else {
        STATED_WEIGHT
    };
    Some((mean, worth))
}

/// At most [`POINTS`] points with the mean and the weight of all of them: neighbours are joined.
fn thinned(mut points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let total: f64 = points.iter().map(|p| p.1).sum();
    let each = total / POINTS as f64;
    let mut joined: Vec<(f64, f64)> = Vec::new();
    let mut cumulated = 0.0;
    let mut bin = usize::MAX;
    for (value, weight) in points {
        // A point belongs to the bin that holds its middle.
        let at = (((cumulated + 0.5 * weight) / each) as usize).min(POINTS - 1);
        cumulated += weight;
        match joined.last_mut() {
            Some(last) if last.0 == value || at == bin => {
                let all = last.1 + weight;
                *last = ((last.0 * last.1 + value * weight) / all, all);
            }
            _ => joined.push((value, weight)),
        }
        bin = at;
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_item_that_disagrees_moves_what_its_supplier_does_by_little() {
        for others in [0, 1, 3, 20] {
            let mut values = vec![(0.0, 0.7); others];
            let alone = agreed(&values);
            assert!(alone.abs() < 1e-9);
            for value in [-3.0, -0.5, 0.4, 2.0] {
                values.push((value, 0.7));
                let moved = agreed(&values) - alone;
                assert!(
                    moved * value > 0.0 && moved.abs() < 0.03,
                    "{others} {moved}"
                );
                values.pop();
            }
        }
        // All of them together are believed.
        assert!(agreed(&[(0.15, 0.8); 40]) > 0.12);
    }

    #[test]
    fn joined_points_keep_their_mean_and_weight() {
        let points: Vec<(f64, f64)> = (0..500)
            .map(|k| (f64::from(k * 7919 % 500) / 500.0, 0.5))
            .collect();
        let joined = thinned(points.clone());
        assert!(joined.len() <= POINTS, "{}", joined.len());
        let sums = |p: &[(f64, f64)]| {
            p.iter()
                .fold((0.0, 0.0), |s, &(v, w)| (s.0 + v * w, s.1 + w))
        };
        let (a, b) = (sums(&points), sums(&joined));
        assert!((a.0 - b.0).abs() < 1e-6 && (a.1 - b.1).abs() < 1e-9);
        assert_eq!(thinned(vec![(1.0, 2.0); 9]), [(1.0, 18.0)]);
    }
}
