//! Small made-up shops: a few items, one rule for buying, every row at hand to be changed.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use restock::config::{Config, parse};
use restock::domain::{Checked, Day, Plan, Recommendation};
use restock::input::{self, Options};
use restock::plan;

/// The last day that all shops know: a Sunday, so that whole weeks end on it.
pub const AS_OF: i32 = 20_695;

#[derive(Clone, Debug)]
pub struct Sale {
    pub day: i32,
    pub sku: String,
    pub channel: String,
    pub units: f64,
    pub order_type: &'static str,
}

#[derive(Clone, Debug)]
pub struct Stock {
    pub day: i32,
    pub sku: String,
    pub location: String,
    pub on_hand: f64,
    pub state: &'static str,
}

#[derive(Clone, Debug)]
pub struct Order {
    pub po_id: String,
    pub sku: String,
    pub location: String,
    pub ordered: i32,
    pub units: f64,
    pub expected: i32,
    pub received: Option<i32>,
}

/// An item: empty cells are left to the defaults.
#[derive(Clone, Debug)]
pub struct Item {
    pub sku: String,
    pub lead_time: String,
    pub lead_sd: String,
    pub moq: String,
    pub multiple: String,
    pub target: String,
}

#[derive(Clone, Debug, Default)]
pub struct Shop {
    pub sales: Vec<Sale>,
    pub stock: Vec<Stock>,
    pub orders: Vec<Order>,
    pub items: Vec<Item>,
    /// (channel, location)
    pub channels: Vec<(String, String)>,
    pub backorders: String,
    pub config: String,
    pub no_stock_table: bool,
}

/// A small generator of random numbers (splitmix64): the shops are the same on every machine.
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.uniform() * n as f64) as usize
    }

    pub fn poisson(&mut self, mean: f64) -> f64 {
        let (mut units, mut left) = (0.0, self.uniform());
        while left > (-mean).exp() {
            left *= self.uniform();
            units += 1.0;
        }
        units
    }
}

impl Shop {
    /// `skus` items that sell in one channel from one location for `days`, with stockouts.
    pub fn new(seed: u64, skus: usize, days: i32) -> Self {
        Self::of(seed, skus, days, &[("web", "shed")], |_, _| 1.0)
    }

    /// Items that sell in channels; `factor` of (item, day) changes the demand. A location is refilled once a week to some 15 days of demand, ten
    /// days later.
    pub fn of(
        seed: u64,
        skus: usize,
        days: i32,
        channels: &[(&str, &str)],
        factor: impl Fn(usize, i32) -> f64,
    ) -> Self {
        let mut dice = Dice(seed);
        let mut shop = Self {
            channels: channels
                .iter()
                .map(|(c, l)| ((*c).to_owned(), (*l).to_owned()))
                .collect(),
            ..Self::default()
        };
        let mut locations: Vec<&str> = channels.iter().map(|c| c.1).collect();
        locations.dedup();
        let first = AS_OF - days + 1;
        for i in 0..skus {
            let sku = format!("A{i:02}");
            let rate = 0.4 + 3.0 * dice.uniform();
            shop.items.push(Item {
                sku: sku.clone(),
                lead_time: "10".to_owned(),
                lead_sd: "3".to_owned(),
                moq: "6".to_owned(),
                multiple: "3".to_owned(),
                target: String::new(),
            });
            for location in &locations {
                let here: Vec<&str> = channels
                    .iter()
                    .filter(|c| c.1 == *location)
                    .map(|c| c.0)
                    .collect();
                let whole = rate * here.len() as f64;
                let mut on_hand = (20.0 * whole).round();
                let mut coming: Vec<(i32, f64)> = Vec::new();
                for day in first..=AS_OF {
                    let mut left = on_hand;
                    // The channels come in turn to the shelf, so that none always finds it first.
                    for k in 0..here.len() {
                        let channel = here[(k + day as usize) % here.len()];
                        let week = if Day(day).weekday() >= 5 { 1.4 } else { 0.84 };
                        let units = dice.poisson(rate * week * factor(i, day)).min(left);
                        left -= units;
                        if units > 0.0 {
                            shop.sales.push(Sale {
                                day,
                                sku: sku.clone(),
                                channel: channel.to_owned(),
                                units,
                                order_type: "",
                            });
                        }
                    }
                    let received: f64 = coming.iter().filter(|c| c.0 == day).map(|c| c.1).sum();
                    on_hand = left + received;
                    shop.stock.push(Stock {
                        day,
                        sku: sku.clone(),
                        location: (*location).to_owned(),
                        on_hand,
                        state: "",
                    });
                    let under_way: f64 = coming.iter().filter(|c| c.0 > day).map(|c| c.1).sum();
                    let want = (15.0 * whole - on_hand - under_way).round();
                    if (day - first) % 7 == 0 && want > 0.0 && day < AS_OF {
                        let arrival = day + 7 + dice.below(7) as i32;
                        coming.push((arrival, want));
                        shop.orders.push(Order {
                            po_id: format!("P{i}-{location}-{day}"),
                            sku: sku.clone(),
                            location: (*location).to_owned(),
                            ordered: day,
                            units: want,
                            expected: day + 10,
                            received: (arrival <= AS_OF).then_some(arrival),
                        });
                    }
                }
            }
        }
        shop
    }

    /// Nothing is on the way any more.
    pub fn nothing_open(mut self) -> Self {
        self.orders.retain(|o| o.received.is_some());
        self
    }

    pub fn write(&self, folder: &Path) {
        let date = |day: i32| Day(day).to_string();
        let put = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
        let mut text = "date,sku,channel,units,order_type\n".to_owned();
        for s in &self.sales {
            let (
                day,
                Sale {
                    sku,
                    channel,
                    units,
                    order_type,
                    ..
                },
            ) = (date(s.day), s);
            let _ = writeln!(text, "{day},{sku},{channel},{units},{order_type}");
        }
        put("sales.csv", &text);
        if !self.no_stock_table {
            text = "date,sku,location,on_hand,state\n".to_owned();
            for s in &self.stock {
                let (
                    day,
                    Stock {
                        sku,
                        location,
                        on_hand,
                        state,
                        ..
                    },
                ) = (date(s.day), s);
                let _ = writeln!(text, "{day},{sku},{location},{on_hand},{state}");
            }
            put("stock.csv", &text);
        }
        text = "po_id,sku,location,ordered_date,units,expected_date,received_date,received_units\n"
            .to_owned();
        for o in &self.orders {
            let Order {
                po_id,
                sku,
                location,
                units,
                ..
            } = o;
            let (ordered, expected) = (date(o.ordered), date(o.expected));
            let (received, came) = match o.received {
                Some(day) => (date(day), units.to_string()),
                None => (String::new(), String::new()),
            };
            let _ = writeln!(
                text,
                "{po_id},{sku},{location},{ordered},{units},{expected},{received},{came}"
            );
        }
        put("inbound.csv", &text);
        text = "sku,category,unit_cost,price,lead_time_days,lead_time_sd,moq,order_multiple,service_level\n"
            .to_owned();
        for i in &self.items {
            let Item {
                sku,
                lead_time,
                lead_sd,
                moq,
                multiple,
                target,
            } = i;
            let _ = writeln!(
                text,
                "{sku},things,500,1200,{lead_time},{lead_sd},{moq},{multiple},{target}"
            );
        }
        put("items.csv", &text);
        text = "channel,location\n".to_owned();
        for (channel, location) in &self.channels {
            let _ = writeln!(text, "{channel},{location}");
        }
        put("channels.csv", &text);
        if !self.backorders.is_empty() {
            let head = "order_id,date,sku,channel,units,kind\n";
            put("backorders.csv", &format!("{head}{}", self.backorders));
        }
    }

    pub fn plan(&self) -> Plan {
        let folder = tempfile::tempdir().unwrap();
        self.write(folder.path());
        plan_folder(
            folder.path(),
            &parse(&self.config, Path::new("restock.toml")).unwrap(),
        )
    }
}

pub fn read(folder: &Path, config: &Config) -> Checked {
    input::read(Options {
        data: folder,
        config,
        as_of: None,
    })
    .unwrap_or_else(|e| panic!("{e}"))
}

pub fn plan_folder(folder: &Path, config: &Config) -> Plan {
    plan::make(read(folder, config), config, 0, &|_| ()).unwrap()
}

/// The row of a SKU in the first of its channels.
pub fn row<'p>(plan: &'p Plan, sku: &str) -> &'p Recommendation {
    plan.recommendations
        .iter()
        .find(|r| r.sku.as_str() == sku)
        .unwrap_or_else(|| panic!("no {sku}"))
}
