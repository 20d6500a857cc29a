//! What happens to stock beside selling: receipts, counts, units that only the record has, transfers.

use rand::RngExt;
use restock::domain::Day;

use super::catalogue::{FBA, LOCATION_OF, LOCATIONS, SHOP, TRANSFER_DAYS, WAREHOUSE, return_rate};
use super::world::{Delivery, Incident, World, channels_at};
use super::{AS_OF, DAYS, index};

/// Days of sales that a transfer lifts a location to, by location.
pub(super) const COVER: [i32; 3] = [0, 35, 28];

impl World<'_> {
    pub(super) fn receive(&mut self, i: usize, day: Day) {
        let deliveries = &self.deliveries;
        let shelf = &mut self.shelf[i];
        self.pending[i].retain(|&k| {
            let delivery = &deliveries[k];
            if delivery.arrives == day {
                shelf[delivery.location] += delivery.received as i32;
            }
            delivery.arrives > day
        });
    }

    /// Some customers send back what they bought, one to three weeks later.
    pub(super) fn may_return(&mut self, i: usize, channel: usize, day: Day) {
        let rng = &mut self.chance[i];
        if rng.random_bool(return_rate(self.items[i].category)) {
            let t = index(day + rng.random_range(7..=20)) as usize;
            if t < DAYS {
                self.returned[i][channel][t] += 1;
            }
        }
    }

    /// Returns go back on the shelf, but not where nobody looks at it and not once the item is withdrawn.
    pub(super) fn take_back(&mut self, i: usize, day: Day) {
        let item = &self.items[i];
        let t = index(day) as usize;
        for (channel, returned) in self.returned[i].iter_mut().enumerate() {
            let location = LOCATION_OF[channel];
            if self.phantom[i][location] > 0 || !item.listed(day) {
                returned[t] = 0;
            }
            self.shelf[i][location] += returned[t] as i32;
        }
    }

    /// Stock-taking puts the record right.
    pub(super) fn count_stock(&mut self, i: usize, day: Day) {
        for &(sku, location, on, units) in &self.script.counts {
            if on == day && sku == self.items[i].sku {
                let units = units.max(-self.shelf[i][location]);
                self.shelf[i][location] += units;
                self.incidents.push(Incident {
                    event: "count_correction",
                    item: i,
                    location,
                    from: day,
                    to: day,
                    units,
                });
            }
        }
    }

    /// Phantom stock begins when few units are left and ends when somebody counts.
    pub(super) fn lose_units(&mut self, i: usize, day: Day) {
        for plan in &self.script.phantoms {
            if plan.sku != self.items[i].sku || day < plan.from {
                continue;
            }
            let location = plan.location;
            let running = self
                .incidents
                .iter_mut()
                .find(|e| e.event == "phantom_stock" && e.item == i && e.location == location);
            match running {
                None if self.shelf[i][location] <= 6 => {
                    let units = self.shelf[i][location].max(3);
                    self.phantom[i][location] = units;
                    self.shelf[i][location] = 0;
                    self.incidents.push(Incident {
                        event: "phantom_stock",
                        item: i,
                        location,
                        from: day + 1,
                        to: AS_OF.min(day + plan.days),
                        units,
                    });
                }
                Some(event) if event.to == day && day < AS_OF => self.phantom[i][location] = 0,
                _ => {}
            }
        }
    }

    /// Whether nobody replenishes the location today.
    pub(super) fn stuck(&self, i: usize, location: usize, day: Day) -> bool {
        let sku = &self.items[i].sku;
        let phantom = self.script.phantoms.iter().any(|p| {
            p.sku == sku && p.location == location && day >= p.from && {
                let seen = self
                    .incidents
                    .iter()
                    .find(|e| e.event == "phantom_stock" && e.item == i && e.location == location);
                seen.is_none_or(|e| day <= e.to)
            }
        });
        let (oversold, from, _) = self.script.oversold;
        let oversold = location == FBA && oversold == sku && day >= from && !self.owed_its_limit(i);
        phantom || oversold || self.script.blocked(sku, location, day)
    }

    /// Once a week each location is topped up from the warehouse, which gives at most half of what it has.
    pub(super) fn transfers(&mut self, i: usize, day: Day) {
        let item = &self.items[i];
        let opening = item.launch == Some(day + 2);
        if !(opening || item.listed(day)) {
            return;
        }
        for (location, weekday) in [(FBA, 2), (SHOP, 1)] {
            if !(opening || day.weekday() == weekday)
                || !item.kept_at(location)
                || self.stuck(i, location, day)
            {
                continue;
            }
            let rate = self
                .seen(i, day, &channels_at(location))
                .rate(item, COVER[location]);
            let target = (rate * f64::from(COVER[location])).ceil() as i32;
            let have = self.shelf[i][location]
                + self.phantom[i][location]
                + self.coming(i, Some(location));
            let need = target - have;
            let units = need.min((self.shelf[i][WAREHOUSE] + 1) / 2);
            if units <= 0 || (f64::from(need) < 0.25 * f64::from(target) && have > 1) {
                continue;
            }
            self.shelf[i][WAREHOUSE] -= units;
            let late = if opening {
                -TRANSFER_DAYS[location] + 1
            } else {
                self.chance[i].random_range(0..=2)
            };
            self.pending[i].push(self.deliveries.len());
            self.deliveries.push(Delivery {
                po: format!("TR{}-{}", day.date().format("%y%m%d"), LOCATIONS[location]),
                item: i,
                location,
                supplier: None,
                ordered: day,
                units: units as u32,
                expected: day + TRANSFER_DAYS[location],
                arrives: day + TRANSFER_DAYS[location] + late,
                received: units as u32,
            });
        }
    }
}
