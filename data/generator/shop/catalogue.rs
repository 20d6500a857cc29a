//! The items of the shop, its channels, locations and suppliers.

use restock::domain::Day;

use super::stream::{factor, stream};
use super::styles::{AMAZON, GUANGZHOU, HANOI, NINGBO, RAKUTEN, STORE, STYLES, Season};
use super::{AS_OF, FIRST, date};

/// Where customers buy; positions are used throughout.
pub const CHANNELS: [&str; 4] = ["own", "rakuten", "amazon", "store"];
pub const OWN: usize = 0;

/// Where stock lies. The own shop and Rakuten share the warehouse.
pub const LOCATIONS: [&str; 3] = ["warehouse", "fba", "store"];
pub const WAREHOUSE: usize = 0;
pub const FBA: usize = 1;
pub const SHOP: usize = 2;

/// The location of each channel.
pub const LOCATION_OF: [usize; 4] = [WAREHOUSE, WAREHOUSE, FBA, SHOP];
/// Share of customers who order although nothing is in stock, where the channel accepts that.
pub const CAPTURE: [f64; 4] = [0.55, 0.45, 0.0, 0.0];
/// Usual days from the warehouse to the other locations.
pub const TRANSFER_DAYS: [i32; 3] = [0, 5, 2];

/// A supplier as the buyer knows it.
#[derive(Debug)]
pub struct Supplier {
    pub name: &'static str,
    pub lead: f64,
    pub lead_sd: f64,
    /// Yen below which no order is accepted.
    pub min_amount: f64,
    /// Days of the week on which it takes orders, 0 for Monday.
    pub weekdays: &'static [usize],
    pub calendar: &'static str,
}

/// In the order of the constants in `styles`.
pub const SUPPLIERS: [Supplier; 6] = [
    Supplier {
        name: "hanoi-sewing",
        lead: 45.0,
        lead_sd: 8.0,
        min_amount: 300_000.0,
        weekdays: &[0],
        calendar: "vn",
    },
    Supplier {
        name: "ningbo-down",
        lead: 45.0,
        lead_sd: 11.0,
        min_amount: 500_000.0,
        weekdays: &[0],
        calendar: "cn",
    },
    Supplier {
        name: "guangzhou-gear",
        lead: 40.0,
        lead_sd: 8.0,
        min_amount: 200_000.0,
        weekdays: &[2],
        calendar: "cn",
    },
    Supplier {
        name: "tsubame-metal",
        lead: 7.0,
        lead_sd: 2.0,
        min_amount: 50_000.0,
        weekdays: &[1],
        calendar: "jp",
    },
    Supplier {
        name: "imabari-knit",
        lead: 7.0,
        lead_sd: 1.5,
        min_amount: 30_000.0,
        weekdays: &[3],
        calendar: "jp",
    },
    Supplier {
        name: "osaka-outdoor",
        lead: 7.0,
        lead_sd: 2.0,
        min_amount: 20_000.0,
        weekdays: &[0, 3],
        calendar: "jp",
    },
];

/// Overseas suppliers are slow to notice the small buyer; their deliveries come in parts and late more often.
pub fn overseas(supplier: usize) -> bool {
    [HANOI, NINGBO, GUANGZHOU].contains(&supplier)
}

/// Share of the units sold that come back, by category.
pub fn return_rate(category: &str) -> f64 {
    match category {
        "サンダル" => 0.07,
        "ボトル・キッチン" | "ランタン・ギア" | "テント・寝具" => 0.01,
        _ => 0.035,
    }
}

/// One SKU.
#[derive(Clone, Debug)]
pub struct Item {
    pub sku: String,
    pub name: String,
    pub style: &'static str,
    pub category: &'static str,
    pub supplier: usize,
    pub price: u32,
    pub cost: u32,
    pub season: Season,
    /// Units a day over a year, all channels, at the start of the simulation.
    pub rate: f64,
    /// Each channel's share of `rate`; 0 where the item is not sold.
    pub share: [f64; 4],
    /// Variance of a day's demand ÷ its mean.
    pub dispersion: f64,
    pub moq: u32,
    pub multiple: u32,
    pub growth: f64,
    /// First day of sale, for items younger than the records.
    pub launch: Option<Day>,
    /// First day on which preorders are taken.
    pub preorders: Option<Day>,
    pub similar: Option<&'static str>,
    /// No order is placed from this day on.
    pub last_order: Option<Day>,
    /// Last day on which it can be bought.
    pub withdrawn: Option<Day>,
    pub never_backordered: bool,
    pub service_level: Option<f64>,
    /// What the buyer believes `rate` to be.
    pub guess: f64,
}

impl Item {
    /// Whether customers can buy it on that day.
    pub fn listed(&self, day: Day) -> bool {
        self.launch.is_none_or(|launch| day >= launch)
            && self.withdrawn.is_none_or(|last| day <= last)
    }

    /// First day of the item in the simulation.
    pub fn start(&self) -> Day {
        self.launch.map_or(FIRST, |launch| launch.max(FIRST))
    }

    /// The word for `items.csv`: an item is new for two months after its launch.
    pub fn status(&self) -> &'static str {
        match (self.last_order, self.launch) {
            (Some(_), _) => "discontinued",
            (None, Some(launch)) if launch > AS_OF + -62 => "new",
            _ => "active",
        }
    }

    /// Whether the location holds it.
    pub fn kept_at(&self, location: usize) -> bool {
        (0..CHANNELS.len()).any(|c| LOCATION_OF[c] == location && self.share[c] > 0.0)
    }

    /// Whether customers who find nothing may order all the same.
    pub fn backordered_on(&self, channel: usize) -> bool {
        CAPTURE[channel] > 0.0 && !self.never_backordered
    }
}

/// All SKUs, in the order of the styles.
pub fn items() -> Vec<Item> {
    let mut items = Vec::new();
    for style in STYLES {
        let colour_weight: f64 = style.colours.iter().map(|c| c.2).sum();
        let size_weight: f64 = style.sizes.iter().map(|s| s.2).sum();
        for &(colour, colour_name, in_colour) in style.colours {
            for &(size, size_name, in_size) in style.sizes {
                let sku = format!("{}-{colour}{size}", style.code);
                let mut rng = stream(&["item", &sku]);
                let rate = style.rate * in_colour / colour_weight * in_size / size_weight;
                let name = [style.name, colour_name, size_name]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join(" / ");
                let mut share = [0.42, 0.28, 0.30, 0.16];
                for (channel, sold) in [(1, RAKUTEN), (2, AMAZON), (3, STORE)] {
                    if style.sold_on & sold == 0 {
                        share[channel] = 0.0;
                    }
                }
                for part in &mut share {
                    *part *= factor(&mut rng, 0.2);
                }
                let mut item = Item {
                    style: style.code,
                    name,
                    category: style.category,
                    supplier: style.supplier,
                    price: style.price,
                    cost: style.cost,
                    season: style.season,
                    rate,
                    share,
                    dispersion: 1.0 + 0.4 * factor(&mut rng, 0.5),
                    moq: style.lot.0,
                    multiple: style.lot.1,
                    growth: style.growth * factor(&mut rng, 0.05),
                    guess: rate * factor(&mut rng, 0.25),
                    launch: None,
                    preorders: None,
                    similar: None,
                    last_order: None,
                    withdrawn: None,
                    never_backordered: false,
                    service_level: None,
                    sku,
                };
                dates(&mut item);
                items.push(item);
            }
        }
    }
    items
}

/// Launches, withdrawals and other decisions about single items.
fn dates(item: &mut Item) {
    match item.style {
        "WS01" => {
            item.launch = Some(date(2026, 7, 18));
            item.preorders = Some(date(2026, 6, 26));
            item.similar = Some(if item.sku.ends_with('M') {
                "RJ01-BKM"
            } else {
                "RJ01-BKL"
            });
        }
        "DJ02" => {
            item.launch = Some(date(2025, 9, 20));
            item.preorders = Some(date(2025, 8, 25));
            item.similar = Some(if item.sku.ends_with('M') {
                "DJ01-BKM"
            } else {
                "DJ01-BKL"
            });
        }
        "DJ03" => {
            item.launch = Some(date(2026, 9, 12));
            item.preorders = Some(date(2026, 8, 20));
            item.similar = Some("DJ01-BKM");
        }
        "CP02" => {
            item.launch = Some(date(2026, 8, 21));
            item.similar = Some("CP01-BG");
        }
        "SK01" | "UW01" => item.service_level = Some(0.98),
        "TN01" | "SL01" => item.service_level = Some(0.9),
        _ => {}
    }
    match item.sku.as_str() {
        "BT01-LV" => {
            item.launch = Some(date(2026, 8, 7));
            item.similar = Some("BT01-SG");
        }
        "SB01-GY" => {
            item.last_order = Some(date(2025, 11, 1));
            item.withdrawn = Some(date(2026, 3, 31));
            item.never_backordered = true;
        }
        "CP01-OR" => {
            item.last_order = Some(date(2026, 5, 1));
            item.never_backordered = true;
        }
        "SG01-BR" => item.never_backordered = true,
        _ => {}
    }
}
