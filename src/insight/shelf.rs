//! All pools of one SKU with what they expected, what they had ordered, and how they feed each other.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::expected::{EventDemand, Expected};
use super::movements::{Movements, Order, PoolDays};
use crate::domain::{BackorderKind, BackorderLine, Day, LocationId, SkuId};
use crate::forecast::distribution::Demand;
use crate::policy::{Basis, review_days};

/// Days that a transfer takes where nobody says.
const TRANSFER_DAYS: f64 = 7.0;

/// What is needed of the whole shop, made once.
pub(super) struct Shop<'a> {
    pub basis: &'a Basis<'a>,
    pub movements: &'a Movements,
    /// Backorder lines by SKU.
    pub owed: BTreeMap<SkuId, Vec<&'a BackorderLine>>,
    /// SKUs of a style.
    pub styles: BTreeMap<&'a str, Vec<SkuId>>,
    /// Where transfers came from, by location: what is stated, else what was done.
    pub sources: BTreeMap<LocationId, LocationId>,
}

impl<'a> Shop<'a> {
    pub fn new(basis: &'a Basis<'a>, movements: &'a Movements) -> Self {
        let tables = basis.tables;
        let mut owed: BTreeMap<SkuId, Vec<&BackorderLine>> = BTreeMap::new();
        for line in &tables.backorders {
            owed.entry(line.sku).or_default().push(line);
        }
        let mut styles: BTreeMap<&str, Vec<SkuId>> = BTreeMap::new();
        for (sku, item) in tables.items.iter().enumerate() {
            if let Some(style) = item.variant_of.as_deref() {
                styles.entry(style).or_default().push(SkuId(sku as u32));
            }
        }
        let mut sources: BTreeMap<LocationId, LocationId> = BTreeMap::new();
        for line in &tables.inbound {
            if let Some(source) = tables.transferred_from(line) {
                sources.insert(line.location, source);
            }
        }
        for (l, row) in tables.location_rows.iter().enumerate() {
            if let Some(source) = row.supplied_from {
                sources.insert(LocationId(l as u32), source);
            }
        }
        Self {
            basis,
            movements,
            owed,
            styles,
            sources,
        }
    }
}

/// One pool with its orders and what its channels expected.
pub(super) struct Shelf<'a> {
    pub days: PoolDays,
    pub orders: &'a [Order],
    pub expected: Vec<Expected>,
    /// Units on order at the close of each period.
    pub on_order: Vec<f64>,
    /// Units owed to waiting customers.
    pub owed: Vec<f64>,
    /// Place of the pool that fills this one.
    pub source: Option<usize>,
    /// Places of the pools that this one fills.
    pub fills: Vec<usize>,
    /// Usual days from order to receipt.
    pub lead: f64,
    pub review: f64,
    placed: OnceCell<Vec<Placed>>,
}

/// The position when an order was placed, in days of the demand expected then.
pub(super) struct Placed {
    pub day: Day,
    /// Without the order.
    pub before: f64,
    /// With it, in ordinary days: what the calendar announces is no habit.
    pub after: f64,
    /// With it, in units.
    pub units: f64,
}

/// The shelves of one SKU.
pub(super) struct Shelves<'a> {
    pub all: Vec<Shelf<'a>>,
}

impl<'a> Shelves<'a> {
    pub fn new(shop: &'a Shop<'a>, sku: SkuId) -> Self {
        let basis = shop.basis;
        let pools = basis
            .panel
            .pools
            .range((sku, LocationId::ENDS.0)..=(sku, LocationId::ENDS.1));
        let mut all: Vec<Shelf<'a>> = pools
            .filter_map(|(&key, series)| {
                let orders = shop.movements.orders_of(key.0, key.1);
                let days = PoolDays::new(basis.panel, shop.movements, orders, key, series)?;
                let lead = match shop.sources.get(&key.1) {
                    Some(_) => basis.tables.location_rows[key.1]
                        .transfer_days
                        .unwrap_or(TRANSFER_DAYS),
                    None => basis
                        .lead_times
                        .of(
                            basis.tables,
                            &basis.config.policy,
                            sku,
                            basis.tables.plan_day(),
                        )
                        .mean(),
                };
                let mut shelf = Shelf {
                    on_order: vec![0.0; days.len()],
                    owed: vec![0.0; days.len()],
                    expected: series.iter().map(|&i| Expected::new(basis, i)).collect(),
                    days,
                    orders,
                    source: None,
                    fills: Vec::new(),
                    lead: lead.max(1.0),
                    review: f64::from(review_days(basis.tables, basis.config, sku)),
                    placed: OnceCell::new(),
                };
                shelf.count_orders();
                shelf.count_owed(shop, sku);
                Some(shelf)
            })
            .collect();
        for place in 0..all.len() {
            let wanted = shop.sources.get(&all[place].days.location).copied();
            let source = wanted.and_then(|l| all.iter().position(|s| s.days.location == l));
            if let Some(source) = source.filter(|&s| s != place) {
                all[place].source = Some(source);
                all[source].fills.push(place);
            }
        }
        Self { all }
    }

    /// The shelf and those it fills: what an order for it has to provide for.
    pub fn echelon(&self, place: usize) -> impl Iterator<Item = &Shelf<'a>> {
        std::iter::once(&self.all[place]).chain(self.all[place].fills.iter().map(|&p| &self.all[p]))
    }

    /// Stock, orders and debts of a shelf and those it fills at the close of a day; NaN where its own stock is not known.
    pub fn position(&self, place: usize, day: Day) -> f64 {
        let own = self.all[place].on_hand(day);
        let rest: f64 = self
            .echelon(place)
            .skip(1)
            .map(|s| s.on_hand(day))
            .filter(|x| !x.is_nan())
            .sum();
        let moving: f64 = self
            .echelon(place)
            .map(|s| s.value(&s.on_order, day) - s.value(&s.owed, day))
            .sum();
        own + rest + moving
    }

    /// Expected demand of the days `from..to` on a shelf and those it fills, as seen before `seen`: mean and variance.
    pub fn expected(&self, place: usize, seen: Day, from: Day, to: Day) -> (f64, f64) {
        self.echelon(place)
            .flat_map(|s| &s.expected)
            .map(|e| (e.mean(seen, from, to), e))
            .fold((0.0, 0.0), |(m, v), (mean, e)| {
                (m + mean, v + e.variance(mean))
            })
    }

    /// The positions at a shelf's orders, as far as they are known. Every episode asks for them.
    pub fn placed(&self, place: usize) -> &[Placed] {
        let shelf = &self.all[place];
        shelf.placed.get_or_init(|| {
            let at = |order: &Order| {
                let per_day = self.per_day(place, order.ordered);
                let ordinary = self.per_ordinary_day(place, order.ordered);
                let position = self.position(place, order.ordered);
                let known = per_day > 0.0 && ordinary > 0.0 && position.is_finite();
                known.then(|| Placed {
                    day: order.ordered,
                    before: (position - order.units).max(0.0) / per_day,
                    after: position / ordinary,
                    units: position,
                })
            };
            shelf.orders.iter().filter_map(at).collect()
        })
    }

    /// Units a day expected of the echelon.
    pub fn per_day(&self, place: usize, day: Day) -> f64 {
        self.echelon(place)
            .flat_map(|s| &s.expected)
            .map(|e| e.per_day(day))
            .sum()
    }

    /// The same without the calendar's events.
    pub fn per_ordinary_day(&self, place: usize, day: Day) -> f64 {
        self.echelon(place)
            .flat_map(|s| &s.expected)
            .map(|e| e.per_ordinary_day(day))
            .sum()
    }

    /// What the calendar's events within the days `from..to` held for a shelf and those it fills, as expected before `seen`; with the variance of
    /// ordinary days' demand of as much as met stock.
    pub fn events(&self, place: usize, seen: Day, from: Day, to: Day) -> (EventDemand, f64) {
        let (mut all, mut variance) = (EventDemand::default(), 0.0);
        for e in self.echelon(place).flat_map(|s| &s.expected) {
            let own = e.events(seen, from, to);
            all.days = all.days.max(own.days);
            all.mean += own.mean;
            all.plain += own.plain;
            all.actual += own.actual;
            all.met += own.met;
            all.open += own.open;
            variance += e.daily_variance(own.open);
        }
        (all, variance)
    }

    /// First day of an event of the calendar within the days `from..to`.
    pub fn first_event(&self, place: usize, from: Day, to: Day) -> Option<Day> {
        self.echelon(place)
            .flat_map(|s| &s.expected)
            .filter_map(|e| e.first_event(from, to))
            .min()
    }
}

impl Shelf<'_> {
    fn count_orders(&mut self) {
        let n = self.on_order.len();
        let mut change = vec![0.0; n];
        let (first, step) = (self.days.first, self.days.step);
        let mut add = |day: Day, units: f64| {
            let t = (day - first).div_euclid(step).max(0) as usize;
            if let Some(slot) = change.get_mut(t) {
                *slot += units;
            }
        };
        for order in self.orders {
            add(order.ordered, order.units);
            for &(day, units) in &order.receipts {
                add(day, -units);
            }
            if let Some(last) = order.last() {
                add(last, -order.short());
            }
        }
        let mut sum = 0.0;
        for (slot, c) in self.on_order.iter_mut().zip(change) {
            sum += c;
            *slot = f64::max(sum, 0.0);
        }
    }

    fn count_owed(&mut self, shop: &Shop<'_>, sku: SkuId) {
        let lines = shop.owed.get(&sku).map_or(&[][..], Vec::as_slice);
        let rows = &shop.basis.tables.channel_rows;
        let n = self.owed.len();
        let mut change = vec![0.0; n];
        for line in lines.iter().filter(|l| {
            rows[l.channel.at()].location == self.days.location
                && l.kind == BackorderKind::Backorder
        }) {
            let steps = [
                (Some(line.date), line.units),
                (line.shipped, -line.shipped_units),
                (line.cancelled, -line.cancelled_units),
            ];
            for (day, units) in steps {
                if let Some(t) = day.and_then(|d| self.days.at(d)) {
                    change[t] += units;
                }
            }
        }
        let mut sum = 0.0;
        for (slot, c) in self.owed.iter_mut().zip(change) {
            sum += c;
            *slot = f64::max(sum, 0.0);
        }
    }

    fn value(&self, column: &[f64], day: Day) -> f64 {
        self.days
            .at(day)
            .and_then(|t| column.get(t).copied())
            .unwrap_or(0.0)
    }

    /// Recorded stock at the close of a day, not below zero; NaN unknown.
    pub fn on_hand(&self, day: Day) -> f64 {
        let recorded = self.days.at(day).map_or(f64::NAN, |t| self.days.closing[t]);
        // `max` would turn what is unknown into nothing.
        if recorded < 0.0 { 0.0 } else { recorded }
    }

    /// Units on order at the close of a day.
    pub fn ordered(&self, day: Day) -> f64 {
        self.value(&self.on_order, day)
    }

    /// Units owed at the close of a day.
    pub fn owed_at(&self, day: Day) -> f64 {
        self.value(&self.owed, day)
    }

    /// The law of demand with this mean and variance on this shelf.
    pub fn law(&self, mean: f64, variance: f64) -> Demand {
        Demand::moment_matched(mean, variance, self.expected.iter().all(|e| e.whole))
    }
}
