//! Day by day: demand meets the opening stock, receipts come in, the waiting list is served, the buyer orders.

use rand::RngExt;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;
use restock::domain::Day;

use super::backlog::{Backlog, Line};
use super::buyer::{Seen, lots};
use super::calendar::{Entry, entries};
use super::catalogue::{
    CAPTURE, CHANNELS, FBA, Item, LOCATION_OF, LOCATIONS, SHOP, SUPPLIERS, WAREHOUSE,
};
use super::demand::Demand;
use super::script::{Script, Special};
use super::stockroom::COVER;
use super::stream::{count, factor, stream};
use super::{DAYS, FIRST, index};

/// A delivery: part or all of an order line, or a transfer when `supplier` is none.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub po: String,
    pub item: usize,
    pub location: usize,
    pub supplier: Option<usize>,
    pub ordered: Day,
    pub units: u32,
    pub expected: Day,
    pub arrives: Day,
    pub received: u32,
}

/// Something planned that took place at a time and in an amount that the simulation decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incident {
    pub event: &'static str,
    pub item: usize,
    pub location: usize,
    pub from: Day,
    pub to: Day,
    pub units: i32,
}

/// The shop while it runs, and its records afterwards.
#[derive(Debug)]
pub struct World<'a> {
    pub(super) items: &'a [Item],
    pub(super) script: &'a Script,
    pub(super) calendar: Vec<Entry>,
    pub demand: Demand,
    /// Item × channel × day.
    pub sold: Demand,
    pub lost: Demand,
    /// Units that came back and can be sold again.
    pub returned: Demand,
    /// Closing stock as recorded, item × location × day; none where there is no record.
    pub closing: Vec<[Vec<Option<i32>>; 3]>,
    pub deliveries: Vec<Delivery>,
    pub backlog: Backlog,
    /// Orders other than regular ones, with the units really delivered.
    pub specials: Vec<Special>,
    pub incidents: Vec<Incident>,
    /// Units that can be sold, item × location.
    pub(super) shelf: Vec<[i32; 3]>,
    /// Units that the record has and the shelf has not.
    pub(super) phantom: Vec<[i32; 3]>,
    /// Deliveries not yet arrived, by item.
    pub(super) pending: Vec<Vec<usize>>,
    pub(super) chance: Vec<Pcg64Mcg>,
    pub(super) extra_placed: Vec<bool>,
    pub(super) mishap_used: Vec<bool>,
}

impl<'a> World<'a> {
    /// Runs all days.
    pub fn run(items: &'a [Item], script: &'a Script, demand: Demand) -> Self {
        let n = items.len();
        let mut world = Self {
            items,
            script,
            calendar: entries(),
            demand,
            sold: vec![std::array::from_fn(|_| vec![0; DAYS]); n],
            lost: vec![std::array::from_fn(|_| vec![0; DAYS]); n],
            returned: vec![std::array::from_fn(|_| vec![0; DAYS]); n],
            closing: vec![std::array::from_fn(|_| vec![None; DAYS]); n],
            deliveries: Vec::new(),
            backlog: Backlog::new(n),
            specials: Vec::new(),
            incidents: Vec::new(),
            shelf: vec![[0; 3]; n],
            phantom: vec![[0; 3]; n],
            pending: vec![Vec::new(); n],
            chance: items
                .iter()
                .map(|item| stream(&["world", &item.sku]))
                .collect(),
            extra_placed: vec![false; script.extra_orders.len()],
            mishap_used: vec![false; script.mishaps.len()],
        };
        for i in 0..n {
            world.open(i);
        }
        for t in 0..DAYS {
            let day = FIRST + t as i32;
            for i in 0..n {
                world.item_day(i, day);
            }
            world.orders(day);
        }
        world
    }

    /// Opening stock of an item that the shop has always had, or the first order of a later one.
    fn open(&mut self, i: usize) {
        let item = &self.items[i];
        let supplier = &SUPPLIERS[item.supplier];
        let horizon = supplier.lead as i32 + 28;
        let day = item.start() + -1;
        let mut all = 0.0;
        for location in [FBA, SHOP] {
            if item.kept_at(location) {
                let rate = self
                    .seen(i, day, &channels_at(location))
                    .rate(item, horizon);
                all += rate;
                if item.launch.is_none() {
                    self.shelf[i][location] = (rate * f64::from(COVER[location])).ceil() as i32;
                }
            }
        }
        let rate = self
            .seen(i, day, &channels_at(WAREHOUSE))
            .rate(item, horizon);
        let luck = factor(&mut self.chance[i], 0.25);
        let units = lots(item, (rate + all) * f64::from(horizon) * luck);
        match item.launch {
            None => self.shelf[i][WAREHOUSE] = units as i32,
            Some(launch) => {
                let ordered = launch + -(supplier.lead as i32 + 11);
                self.pending[i].push(self.deliveries.len());
                self.deliveries.push(Delivery {
                    po: format!("PO{}-{}", ordered.date().format("%y%m%d"), item.style),
                    item: i,
                    location: WAREHOUSE,
                    supplier: Some(item.supplier),
                    ordered,
                    units,
                    expected: launch + -4,
                    arrives: launch + -2,
                    received: units,
                });
            }
        }
    }

    fn item_day(&mut self, i: usize, day: Day) {
        self.backlog.cancel(i, day, &mut self.chance[i]);
        self.preorders(i, day);
        if self.items[i].listed(day) {
            self.serve_specials(i, day);
            for location in 0..LOCATIONS.len() {
                self.serve(i, location, day);
            }
        }
        self.receive(i, day);
        self.take_back(i, day);
        if self.items[i].launch.is_none_or(|launch| day >= launch + -1)
            && self.shelf[i][WAREHOUSE] > 0
        {
            let stock = self.shelf[i][WAREHOUSE] as u32;
            self.shelf[i][WAREHOUSE] -= self.backlog.ship(i, day, stock) as i32;
        }
        self.count_stock(i, day);
        self.lose_units(i, day);
        self.transfers(i, day);
        self.record(i, day);
    }

    /// Bulk orders and samples are taken from the warehouse before anything else.
    fn serve_specials(&mut self, i: usize, day: Day) {
        for special in &self.script.specials {
            if special.day == day && special.sku == self.items[i].sku {
                let units = special.units.min(self.shelf[i][WAREHOUSE].max(0) as u32);
                if units > 0 {
                    self.shelf[i][WAREHOUSE] -= units as i32;
                    self.specials.push(Special { units, ..*special });
                }
            }
        }
    }

    /// Customers of all channels at a location come in random order.
    fn serve(&mut self, i: usize, location: usize, day: Day) {
        let item = &self.items[i];
        let t = index(day) as usize;
        let mut customers: Vec<usize> = Vec::new();
        for channel in channels_at(location) {
            customers.extend(std::iter::repeat_n(
                channel,
                self.demand[i][channel][t] as usize,
            ));
        }
        customers.shuffle(&mut self.chance[i]);
        let (limited, since, limit) = self.script.limit;
        let mut room = if limited == item.sku && day >= since {
            limit.saturating_sub(self.backlog.open_units(i) as usize)
        } else {
            usize::MAX
        };
        let mut accepted = [0; 4];
        for channel in customers {
            if self.shelf[i][location] > 0 || self.oversells(i, location, day) {
                self.shelf[i][location] -= 1;
                self.sold[i][channel][t] += 1;
                self.may_return(i, channel, day);
            } else if item.backordered_on(channel)
                && room > 0
                && self.chance[i].random_bool(CAPTURE[channel])
            {
                accepted[channel] += 1;
                room -= 1;
            } else {
                self.lost[i][channel][t] += 1;
            }
        }
        for (channel, &units) in accepted.iter().enumerate() {
            if units > 0 {
                let promised = self.promise(i, day);
                let order = Line::new(i, channel, day, promised, false);
                self.backlog.accept(&order, units, &mut self.chance[i]);
            }
        }
    }

    /// Amazon's offer that stays open at zero until it owes too much.
    fn oversells(&self, i: usize, location: usize, day: Day) -> bool {
        let (sku, from, most) = self.script.oversold;
        location == FBA
            && self.items[i].sku == sku
            && day >= from
            && self.shelf[i][FBA] > -most
            && !self.owed_its_limit(i)
    }

    pub(super) fn owed_its_limit(&self, i: usize) -> bool {
        self.incidents
            .iter()
            .any(|e| e.event == "oversold" && e.item == i && e.units >= self.script.oversold.2)
    }

    /// The date that a customer is told: the next open delivery, or nothing.
    fn promise(&self, i: usize, day: Day) -> Option<Day> {
        self.pending[i]
            .iter()
            .map(|&k| &self.deliveries[k])
            .filter(|d| d.location == WAREHOUSE)
            .map(|d| {
                if d.expected >= day {
                    d.expected + 2
                } else {
                    day + 10
                }
            })
            .min()
    }

    fn preorders(&mut self, i: usize, day: Day) {
        let item = &self.items[i];
        let (Some(from), Some(launch)) = (item.preorders, item.launch) else {
            return;
        };
        if day < from || day >= launch + -1 {
            return;
        }
        for channel in channels_at(WAREHOUSE) {
            let units = count(
                &mut self.chance[i],
                1.2 * item.rate * item.share[channel],
                item.dispersion,
            );
            let order = Line::new(i, channel, day, Some(launch), true);
            self.backlog.accept(&order, units, &mut self.chance[i]);
        }
    }

    fn record(&mut self, i: usize, day: Day) {
        let item = &self.items[i];
        let known = item.launch.is_none_or(|launch| day >= launch + -1)
            && item.withdrawn.is_none_or(|last| day <= last);
        for location in 0..LOCATIONS.len() {
            if known && item.kept_at(location) {
                let stock = self.shelf[i][location] + self.phantom[i][location];
                self.closing[i][location][index(day) as usize] = Some(stock);
            }
        }
        let owed = -self.shelf[i][FBA];
        if owed > 0 {
            match self
                .incidents
                .iter_mut()
                .find(|e| e.event == "oversold" && e.item == i)
            {
                Some(event) => {
                    event.to = day;
                    event.units = event.units.max(owed);
                }
                None => self.incidents.push(Incident {
                    event: "oversold",
                    item: i,
                    location: FBA,
                    from: day,
                    to: day,
                    units: owed,
                }),
            }
        }
    }

    /// Units under way to a location, or anywhere.
    pub(super) fn coming(&self, i: usize, location: Option<usize>) -> i32 {
        self.pending[i]
            .iter()
            .map(|&k| &self.deliveries[k])
            .filter(|d| location.is_none_or(|l| l == d.location))
            .map(|d| d.units as i32)
            .sum()
    }

    /// Sales of some channels over the last four weeks, as the buyer sees them.
    pub(super) fn seen(&self, i: usize, today: Day, channels: &[usize]) -> Seen {
        let item = &self.items[i];
        let days = (today - item.start() + 1).clamp(0, 28);
        // Before the first day of sale there is nothing to look at.
        let end = if days > 0 {
            (index(today) + 1) as usize
        } else {
            0
        };
        let window = end - days as usize..end;
        Seen {
            today,
            units: channels
                .iter()
                .map(|&c| self.sold[i][c][window.clone()].iter().sum::<u32>())
                .sum(),
            days,
            share: channels.iter().map(|&c| item.share[c]).sum(),
        }
    }
}

/// The channels that sell from a location.
pub(super) fn channels_at(location: usize) -> Vec<usize> {
    (0..CHANNELS.len())
        .filter(|&c| LOCATION_OF[c] == location)
        .collect()
}
