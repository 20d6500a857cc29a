//! What happens in the shop on purpose. `README.md` lists it for readers; `truth/events.csv` for programs.

use restock::domain::Day;

use super::catalogue::{FBA, Item, SHOP, WAREHOUSE};
use super::date;

/// The buyer does not order a SKU for the warehouse, or nobody moves it to a location.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Name of the event that it causes.
    pub event: &'static str,
    pub sku: &'static str,
    pub location: usize,
    pub from: Day,
    pub to: Day,
}

/// An order that is not what the shop's customers usually place.
#[derive(Clone, Copy, Debug)]
pub struct Special {
    pub sku: &'static str,
    pub day: Day,
    pub order_type: &'static str,
    pub units: u32,
}

/// What happens to the first order line of a SKU placed on or after a day.
#[derive(Clone, Copy, Debug)]
pub enum Mishap {
    /// Arrives this many days after the expected date.
    Late(i32),
    /// Only this share ever arrives.
    Short(f64),
    /// This share arrives in time, the rest so many days later.
    Parts(f64, i32),
}

/// Recorded stock that cannot be sold.
#[derive(Clone, Copy, Debug)]
pub struct Phantom {
    pub sku: &'static str,
    pub location: usize,
    /// No replenishment from here; the phantom appears when few units are left.
    pub from: Day,
    /// How long it lasts before somebody counts; beyond the records when nobody has yet.
    pub days: i32,
}

/// Everything planned.
#[derive(Debug)]
pub struct Script {
    pub blocks: Vec<Block>,
    pub specials: Vec<Special>,
    pub mishaps: Vec<(&'static str, Day, Mishap)>,
    /// Orders beside the buyer's rule: SKU, day, units.
    pub extra_orders: Vec<(&'static str, Day, u32)>,
    pub phantoms: Vec<Phantom>,
    /// Corrections of the record after a count: SKU, location, day, units.
    pub counts: Vec<(&'static str, usize, Day, i32)>,
    /// SKU on Amazon that keeps selling at zero, from, and the most units it may owe.
    pub oversold: (&'static str, Day, i32),
    /// SKU with a limit of open backorders from a day on.
    pub limit: (&'static str, Day, usize),
    /// SKU, first of the four days.
    pub spike: (&'static str, Day),
}

impl Script {
    /// Demand factor of the social-media spike: ×12 for four days, then fading over three weeks.
    pub fn spike(&self, item: &Item, day: Day) -> f64 {
        let (sku, from) = self.spike;
        if item.sku != sku {
            return 1.0;
        }
        match day - from {
            0..=3 => 12.0,
            after @ 4..=25 => 1.0 + 11.0 * f64::exp(-f64::from(after - 3) / 4.0),
            _ => 1.0,
        }
    }

    /// Whether replenishment of the location is blocked on that day.
    pub fn blocked(&self, sku: &str, location: usize, day: Day) -> bool {
        self.blocks
            .iter()
            .any(|b| b.sku == sku && b.location == location && (b.from..=b.to).contains(&day))
    }
}

/// The planned events.
pub fn script() -> Script {
    let block = |event, sku, location, from, to| Block {
        event,
        sku,
        location,
        from,
        to,
    };
    let special = |order_type, sku, day, units| Special {
        sku,
        day,
        order_type,
        units,
    };
    Script {
        blocks: vec![
            block(
                "late_order",
                "UW01-NVM",
                WAREHOUSE,
                date(2025, 7, 14),
                date(2025, 9, 14),
            ),
            block(
                "late_order",
                "SK02-MX",
                WAREHOUSE,
                date(2025, 12, 20),
                date(2026, 3, 1),
            ),
            block(
                "variant_skew",
                "TS01-BKM",
                WAREHOUSE,
                date(2025, 2, 10),
                date(2025, 5, 5),
            ),
            block(
                "backlog",
                "BT01-BK",
                WAREHOUSE,
                date(2026, 7, 1),
                date(2026, 8, 31),
            ),
            block(
                "misplaced",
                "BT02-BK",
                FBA,
                date(2026, 7, 8),
                date(2026, 12, 31),
            ),
        ],
        specials: vec![
            special("wholesale", "SK01-NVM", date(2024, 11, 12), 60),
            special("wholesale", "TW01-BL", date(2025, 4, 22), 80),
            special("wholesale", "BT02-BK", date(2025, 10, 7), 48),
            special("wholesale", "CP01-BK", date(2026, 3, 17), 36),
            special("wholesale", "BT01-WH", date(2026, 7, 7), 60),
            special("sample", "RJ01-BKM", date(2024, 8, 21), 1),
            special("sample", "DJ01-OLM", date(2024, 10, 22), 2),
            special("sample", "LN01-OL", date(2025, 4, 8), 2),
            special("sample", "TS01-NVM", date(2025, 5, 20), 2),
            special("sample", "CK02-TI", date(2026, 2, 24), 1),
            special("sample", "WS01-BKM", date(2026, 7, 21), 2),
        ],
        mishaps: vec![
            ("BP01-NV", date(2025, 2, 1), Mishap::Late(28)),
            ("TS02-BKM", date(2025, 8, 15), Mishap::Short(0.6)),
            ("FL01-BKM", date(2025, 7, 20), Mishap::Parts(0.4, 24)),
            ("PT01-CHM", date(2026, 6, 20), Mishap::Late(60)),
            ("DJ01-BKM", date(2026, 7, 1), Mishap::Parts(0.5, 30)),
        ],
        extra_orders: vec![
            ("SK01-NVM", date(2024, 10, 28), 120),
            ("TW01-BL", date(2025, 4, 7), 120),
            ("BT02-BK", date(2025, 9, 22), 80),
            ("CP01-BK", date(2026, 2, 26), 72),
            ("BT01-WH", date(2026, 6, 23), 140),
            ("TS01-BKS", date(2025, 4, 7), 90),
            ("TS01-BKL", date(2025, 4, 7), 180),
            ("TS01-BKX", date(2025, 4, 7), 80),
            ("BT02-BK", date(2026, 7, 28), 260),
            ("BT01-BK", date(2026, 8, 25), 80),
            ("PT01-CHM", date(2026, 6, 22), 40),
            ("DJ01-BKM", date(2026, 7, 6), 60),
            ("BP01-NV", date(2025, 2, 5), 20),
            ("TS02-BKM", date(2025, 8, 18), 60),
            ("FL01-BKM", date(2025, 7, 21), 60),
        ],
        phantoms: vec![
            Phantom {
                sku: "SK01-BKM",
                location: FBA,
                from: date(2025, 9, 1),
                days: 38,
            },
            Phantom {
                sku: "BT01-WH",
                location: SHOP,
                from: date(2025, 10, 10),
                days: 35,
            },
            Phantom {
                sku: "TW01-GY",
                location: FBA,
                from: date(2026, 6, 20),
                days: 400,
            },
        ],
        counts: vec![
            ("CR01-SV", WAREHOUSE, date(2025, 6, 30), -34),
            ("SK01-GYL", WAREHOUSE, date(2026, 6, 30), 40),
        ],
        oversold: ("HL01-BK", date(2026, 1, 20), 10),
        limit: ("BT01-BK", date(2026, 6, 1), 100),
        spike: ("BT01-SG", date(2025, 5, 13)),
    }
}
