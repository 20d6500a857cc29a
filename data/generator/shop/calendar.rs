//! The calendar that the shop keeps: promotions, holidays, closed suppliers, days that do not count.

use restock::domain::Day;

use super::catalogue::{CHANNELS, Item};
use super::date;

/// One row of `calendar.csv`, and by how much it multiplies demand.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub from: Day,
    pub to: Day,
    pub kind: &'static str,
    pub name: &'static str,
    pub category: &'static str,
    pub channel: &'static str,
    pub supplier: &'static str,
    pub uplift: f64,
    /// Price during the entry ÷ usual price.
    pub price: f64,
}

impl Entry {
    /// Whether the entry speaks of this item on this channel and day.
    pub fn covers(&self, item: &Item, channel: usize, day: Day) -> bool {
        self.supplier.is_empty()
            && (self.from..=self.to).contains(&day)
            && (self.channel.is_empty() || self.channel == CHANNELS[channel])
            && (self.category.is_empty() || self.category == item.category)
    }
}

type Ymd = (i32, u32, u32);

fn entry(kind: &'static str, name: &'static str, from: Ymd, to: Ymd) -> Entry {
    Entry {
        from: date(from.0, from.1, from.2),
        to: date(to.0, to.1, to.2),
        kind,
        name,
        category: "",
        channel: "",
        supplier: "",
        uplift: 1.0,
        price: 1.0,
    }
}

/// All entries, by kind and then by date. Known ones after the end of the records are there too.
pub fn entries() -> Vec<Entry> {
    let mut all = promotions();
    all.extend(holidays());
    all.extend(closures());
    all
}

fn promotions() -> Vec<Entry> {
    let mut all = Vec::new();
    let mut on = |name, channel, uplift, price, spans: &[(Ymd, Ymd)]| {
        for &(from, to) in spans {
            all.push(Entry {
                channel,
                uplift,
                price,
                ..entry("promotion", name, from, to)
            });
        }
    };
    on(
        "楽天スーパーSALE",
        "rakuten",
        2.1,
        0.9,
        &[
            ((2024, 9, 4), (2024, 9, 11)),
            ((2024, 12, 4), (2024, 12, 11)),
            ((2025, 3, 4), (2025, 3, 11)),
            ((2025, 6, 4), (2025, 6, 11)),
            ((2025, 9, 4), (2025, 9, 11)),
            ((2025, 12, 4), (2025, 12, 11)),
            ((2026, 3, 4), (2026, 3, 11)),
            ((2026, 6, 4), (2026, 6, 11)),
            ((2026, 9, 4), (2026, 9, 11)),
        ],
    );
    on(
        "お買い物マラソン",
        "rakuten",
        1.5,
        1.0,
        &[
            ((2024, 10, 9), (2024, 10, 16)),
            ((2025, 1, 9), (2025, 1, 16)),
            ((2025, 5, 9), (2025, 5, 16)),
            ((2025, 10, 9), (2025, 10, 16)),
            ((2026, 1, 9), (2026, 1, 16)),
            ((2026, 5, 9), (2026, 5, 16)),
            ((2026, 7, 19), (2026, 7, 26)),
        ],
    );
    on(
        "Prime Day",
        "amazon",
        2.4,
        0.85,
        &[
            ((2024, 7, 16), (2024, 7, 17)),
            ((2025, 7, 11), (2025, 7, 14)),
            ((2026, 7, 10), (2026, 7, 13)),
        ],
    );
    on(
        "Black Friday",
        "amazon",
        2.0,
        0.85,
        &[
            ((2024, 11, 27), (2024, 12, 6)),
            ((2025, 11, 21), (2025, 12, 1)),
        ],
    );
    on(
        "Black Friday",
        "own",
        1.9,
        0.85,
        &[
            ((2024, 11, 22), (2024, 11, 29)),
            ((2025, 11, 21), (2025, 11, 28)),
            ((2026, 11, 20), (2026, 11, 27)),
        ],
    );
    on(
        "初売り",
        "own",
        1.5,
        0.9,
        &[((2025, 1, 1), (2025, 1, 5)), ((2026, 1, 1), (2026, 1, 5))],
    );
    on(
        "初売り",
        "store",
        1.8,
        0.9,
        &[((2025, 1, 2), (2025, 1, 5)), ((2026, 1, 2), (2026, 1, 5))],
    );
    for (from, to) in [
        ((2025, 7, 25), (2025, 8, 11)),
        ((2026, 7, 24), (2026, 8, 10)),
    ] {
        for category in ["ショーツ・水着", "サンダル"] {
            all.push(Entry {
                category,
                uplift: 1.4,
                price: 0.8,
                ..entry("promotion", "夏のクリアランス", from, to)
            });
        }
    }
    all
}

fn holidays() -> Vec<Entry> {
    let mut all = Vec::new();
    type Holiday<'a> = (&'a str, f64, f64, &'a [(Ymd, Ymd)]);
    let spans: [Holiday<'_>; 4] = [
        (
            "お盆",
            0.85,
            1.35,
            &[
                ((2024, 8, 13), (2024, 8, 16)),
                ((2025, 8, 13), (2025, 8, 16)),
                ((2026, 8, 13), (2026, 8, 16)),
            ],
        ),
        (
            "年末年始",
            0.75,
            1.1,
            &[
                ((2024, 12, 29), (2025, 1, 3)),
                ((2025, 12, 29), (2026, 1, 3)),
            ],
        ),
        (
            "ゴールデンウィーク",
            0.9,
            1.4,
            &[((2025, 5, 3), (2025, 5, 6)), ((2026, 5, 2), (2026, 5, 6))],
        ),
        (
            "シルバーウィーク",
            0.95,
            1.3,
            &[((2026, 9, 19), (2026, 9, 23))],
        ),
    ];
    for (name, online, store, dates) in spans {
        for &(from, to) in dates {
            for channel in CHANNELS {
                let uplift = if channel == "store" { store } else { online };
                all.push(Entry {
                    channel,
                    uplift,
                    ..entry("holiday", name, from, to)
                });
            }
        }
    }
    for (name, from, to) in [
        ("元日 店休", (2025, 1, 1), (2025, 1, 1)),
        ("店舗改装", (2025, 2, 17), (2025, 2, 22)),
        ("元日 店休", (2026, 1, 1), (2026, 1, 1)),
    ] {
        all.push(Entry {
            channel: "store",
            uplift: 0.0,
            ..entry("exclude", name, from, to)
        });
    }
    all
}

fn closures() -> Vec<Entry> {
    let mut all = Vec::new();
    type Closure<'a> = (&'a str, &'a str, &'a [(Ymd, Ymd)]);
    let spans: [Closure<'_>; 5] = [
        (
            "春節",
            "cn",
            &[
                ((2025, 1, 25), (2025, 2, 6)),
                ((2026, 2, 12), (2026, 2, 25)),
            ],
        ),
        (
            "国慶節",
            "cn",
            &[
                ((2024, 10, 1), (2024, 10, 7)),
                ((2025, 10, 1), (2025, 10, 8)),
                ((2026, 10, 1), (2026, 10, 7)),
            ],
        ),
        (
            "テト",
            "vn",
            &[
                ((2025, 1, 25), (2025, 2, 2)),
                ((2026, 2, 14), (2026, 2, 22)),
            ],
        ),
        (
            "お盆休業",
            "jp",
            &[
                ((2024, 8, 11), (2024, 8, 16)),
                ((2025, 8, 11), (2025, 8, 16)),
                ((2026, 8, 11), (2026, 8, 16)),
            ],
        ),
        (
            "年末年始休業",
            "jp",
            &[
                ((2024, 12, 28), (2025, 1, 5)),
                ((2025, 12, 27), (2026, 1, 4)),
            ],
        ),
    ];
    for (name, supplier, dates) in spans {
        for &(from, to) in dates {
            all.push(Entry {
                supplier,
                ..entry("supplier_closed", name, from, to)
            });
        }
    }
    all
}

/// Days in `from..=to` on which a supplier with this calendar is closed.
pub fn closed_days(entries: &[Entry], calendar: &str, from: Day, to: Day) -> i32 {
    entries
        .iter()
        .filter(|e| e.supplier == calendar)
        .map(|e| (e.to.min(to) - e.from.max(from) + 1).max(0))
        .sum()
}
