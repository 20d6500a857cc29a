//! Placing the buyer's orders, and how suppliers deliver them.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use restock::domain::Day;

use super::buyer::order;
use super::calendar::closed_days;
use super::catalogue::{SUPPLIERS, WAREHOUSE, overseas};
use super::script::Mishap;
use super::stream::{days, stream};
use super::world::{Delivery, World};

impl World<'_> {
    /// One order a supplier on its weekdays, if it reaches the least amount.
    pub(super) fn orders(&mut self, day: Day) {
        for (s, supplier) in SUPPLIERS.iter().enumerate() {
            let open = closed_days(&self.calendar, supplier.calendar, day, day) == 0;
            if !open || !supplier.weekdays.contains(&day.weekday()) {
                continue;
            }
            let mut lines: Vec<(usize, u32)> = Vec::new();
            let mut forced = false;
            for (i, item) in self
                .items
                .iter()
                .enumerate()
                .filter(|(_, item)| item.supplier == s)
            {
                let mut units = 0;
                if item.listed(day)
                    && item.last_order.is_none_or(|last| day < last)
                    && !self.stuck(i, WAREHOUSE, day)
                {
                    let position = (0..3)
                        .map(|l| self.shelf[i][l] + self.phantom[i][l])
                        .sum::<i32>()
                        + self.coming(i, None);
                    units = order(item, &self.seen(i, day, &[0, 1, 2, 3]), position);
                }
                for (k, &(sku, from, extra)) in self.script.extra_orders.iter().enumerate() {
                    if sku == item.sku && day >= from && !self.extra_placed[k] {
                        self.extra_placed[k] = true;
                        units = units.max(extra);
                        forced = true;
                    }
                }
                if units > 0 {
                    lines.push((i, units));
                }
            }
            let amount: f64 = lines
                .iter()
                .map(|&(i, units)| f64::from(self.items[i].cost * units))
                .sum();
            if !lines.is_empty() && (forced || amount >= supplier.min_amount) {
                self.place(s, day, &lines);
            }
        }
    }

    /// Places one order and draws when and how it will arrive.
    fn place(&mut self, s: usize, day: Day, lines: &[(usize, u32)]) {
        let supplier = &SUPPLIERS[s];
        let po = format!("PO{}-{}", day.date().format("%y%m%d"), s + 1);
        let mut rng = stream(&["order", &po]);
        let expected = day + supplier.lead as i32;
        let mut lead = days(&mut rng, supplier.lead, supplier.lead_sd);
        if rng.random_bool(0.05) {
            lead += rng.random_range(7..=20);
        }
        for &(i, units) in lines {
            let mut line = Delivery {
                po: po.clone(),
                item: i,
                location: WAREHOUSE,
                supplier: Some(s),
                ordered: day,
                units,
                expected,
                arrives: self.opens(s, day, day + lead),
                received: units,
            };
            match self.mishap(i, day, &mut rng) {
                None => {}
                Some(Mishap::Late(by)) => line.arrives = self.opens(s, day, expected + by),
                Some(Mishap::Short(share)) => {
                    line.received = (f64::from(units) * share).round() as u32
                }
                Some(Mishap::Parts(share, later)) => {
                    let first = ((f64::from(units) * share).round() as u32).clamp(1, units);
                    let rest = Delivery {
                        units: units - first,
                        received: units - first,
                        arrives: self.opens(s, line.arrives, line.arrives + later),
                        ..line.clone()
                    };
                    line.units = first;
                    line.received = first;
                    if rest.units > 0 {
                        self.pending[i].push(self.deliveries.len());
                        self.deliveries.push(rest);
                    }
                }
            }
            self.pending[i].push(self.deliveries.len());
            self.deliveries.push(line);
        }
    }

    /// The day on which something due arrives, after the supplier's closed days, and not on a Sunday.
    fn opens(&self, s: usize, from: Day, due: Day) -> Day {
        let closed = |from, to| closed_days(&self.calendar, SUPPLIERS[s].calendar, from, to);
        let mut day = due + closed(from, due);
        while closed(day, day) > 0 || day.weekday() == 6 {
            day = day + 1;
        }
        day
    }

    fn mishap(&mut self, i: usize, day: Day, rng: &mut Pcg64Mcg) -> Option<Mishap> {
        let sku = &self.items[i].sku;
        for (k, &(planned, from, mishap)) in self.script.mishaps.iter().enumerate() {
            if planned == sku && day >= from && !self.mishap_used[k] {
                self.mishap_used[k] = true;
                return Some(mishap);
            }
        }
        let risk = if overseas(self.items[i].supplier) {
            1.0
        } else {
            0.5
        };
        match rng.random::<f64>() {
            u if u < 0.06 * risk => Some(Mishap::Short(rng.random_range(0.7..0.95))),
            u if u < 0.18 * risk => Some(Mishap::Parts(
                rng.random_range(0.4..0.7),
                rng.random_range(6..20),
            )),
            _ => None,
        }
    }
}
