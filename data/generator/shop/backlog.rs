//! The waiting list: orders accepted without stock, first come, first served.

use std::collections::VecDeque;

use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use restock::domain::Day;

use super::catalogue::OWN;

/// One accepted order.
#[derive(Clone, Debug)]
pub struct Line {
    pub id: String,
    pub day: Day,
    pub item: usize,
    pub channel: usize,
    pub units: u32,
    pub preorder: bool,
    pub promised: Option<Day>,
    pub notified: Option<Day>,
    pub shipped: Option<(Day, u32)>,
    pub cancelled: Option<(Day, u32)>,
}

impl Line {
    /// An order of no units yet.
    pub fn new(
        item: usize,
        channel: usize,
        day: Day,
        promised: Option<Day>,
        preorder: bool,
    ) -> Self {
        Self {
            id: String::new(),
            day,
            item,
            channel,
            units: 0,
            preorder,
            promised,
            notified: None,
            shipped: None,
            cancelled: None,
        }
    }
}

/// All orders and who still waits.
#[derive(Debug)]
pub struct Backlog {
    pub lines: Vec<Line>,
    waiting: Vec<VecDeque<usize>>,
    /// Orders accepted on the current day, for their numbers.
    today: (Day, u32),
}

impl Backlog {
    /// An empty list for so many items.
    pub fn new(items: usize) -> Self {
        Self {
            lines: Vec::new(),
            waiting: vec![VecDeque::new(); items],
            today: (Day(0), 0),
        }
    }

    /// Units owed of an item.
    pub fn open_units(&self, item: usize) -> u32 {
        self.waiting[item]
            .iter()
            .map(|&k| self.lines[k].units)
            .sum()
    }

    /// Accepts `units` of one series on one day; most customers want one, some two.
    pub fn accept(&mut self, order: &Line, mut units: u32, rng: &mut Pcg64Mcg) {
        if self.today.0 != order.day {
            self.today = (order.day, 0);
        }
        while units > 0 {
            let wanted = if units >= 2 && rng.random_bool(0.12) {
                2
            } else {
                1
            };
            units -= wanted;
            self.today.1 += 1;
            let shop = if order.channel == OWN { 'W' } else { 'R' };
            let id = format!(
                "{shop}{}-{:04}",
                order.day.date().format("%y%m%d"),
                self.today.1
            );
            // One customer in eight hears from the shop late or never.
            let notified = match rng.random_range(0..8) {
                0 => None,
                1 | 2 => Some(order.day + 1),
                _ => Some(order.day),
            };
            self.waiting[order.item].push_back(self.lines.len());
            self.lines.push(Line {
                id,
                units: wanted,
                notified,
                ..order.clone()
            });
        }
    }

    /// Some who wait give up, the more so the longer it takes and once the promised date has passed.
    pub fn cancel(&mut self, item: usize, day: Day, rng: &mut Pcg64Mcg) {
        let lines = &mut self.lines;
        self.waiting[item].retain(|&k| {
            let line = &mut lines[k];
            let mut chance = match day - line.day {
                ..=7 => 0.003,
                8..=14 => 0.007,
                15..=30 => 0.012,
                _ => 0.018,
            };
            if line.preorder {
                chance = 0.001;
            } else if line.promised.is_some_and(|promised| day > promised) {
                chance *= 2.0;
            }
            let leaves = rng.random_bool(chance);
            if leaves {
                line.cancelled = Some((day, line.units));
            }
            !leaves
        });
    }

    /// Ships from `stock` in the order of arrival; returns the units used. A customer of two who can only get one takes it
    /// and cancels the other.
    pub fn ship(&mut self, item: usize, day: Day, stock: u32) -> u32 {
        let mut left = stock;
        while left > 0 {
            let Some(k) = self.waiting[item].pop_front() else {
                break;
            };
            let line = &mut self.lines[k];
            let units = line.units.min(left);
            line.shipped = Some((day, units));
            if units < line.units {
                line.cancelled = Some((day, line.units - units));
            }
            left -= units;
        }
        stock - left
    }
}
