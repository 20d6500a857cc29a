//! Causes of stockouts: each on purpose in a small shop, none in a shop without them, and those planted in the bundled example.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use restock::config::{self, Config};
use restock::domain::{Day, Plan, Stockout, StockoutCause};
use restock::input::{self, Options};
use restock::plan;
use restock::text::Lang;

/// Days of a made-up shop.
const DAYS: i32 = 400;
/// Its last day.
const AS_OF: i32 = 20_695;
const LEAD: i32 = 10;
/// The day on which something goes wrong.
const WRONG: i32 = 250;
/// Units a day and SKU.
const RATE: f64 = 3.0;
const SKUS: usize = 6;

/// What goes wrong with the first SKU.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    Nothing,
    Spike,
    Late,
    Short,
    NoOrder,
    Phantom,
    /// Not replenished in the shop while a second location has plenty.
    Elsewhere,
    /// Sold on below zero.
    Oversold,
    /// Discontinued and not bought again.
    Dropped,
    /// Not offered for three weeks, with stock on the shelf.
    Unlisted,
    /// Ordered every week, and a quarter of what was needed.
    Small,
    /// A week of the calendar that sells four times as much, and that nobody ordered for.
    Promotion,
    /// A size of a style that is ordered every four weeks gets a tenth of its next order, the other sizes the rest.
    Mix,
}

/// A small generator of random numbers (splitmix64): the same on every machine.
struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn poisson(&mut self, mean: f64) -> f64 {
        let (mut units, mut left) = (0.0, self.uniform());
        while left > (-mean).exp() {
            left *= self.uniform();
            units += 1.0;
        }
        units
    }
}

/// Plans a shop of six SKUs that is refilled every week to a level that suffices, but for what goes wrong on day `on`.
fn shop(wrong: Wrong, on: i32) -> Plan {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let date = |t: i32| Day(AS_OF - DAYS + 1 + t).to_string();
    let mut sales = "date,sku,channel,units\n".to_owned();
    let mut stock = "date,sku,location,on_hand\n".to_owned();
    let mut inbound =
        "po_id,sku,location,ordered_date,units,expected_date,received_date,received_units\n"
            .to_owned();
    let mut items =
        "sku,category,unit_cost,price,lead_time_days,lead_time_sd,status,variant_of,review_days\n"
            .to_owned();
    let (style, review) = match wrong {
        Wrong::Mix => ("S", 28),
        _ => ("", 7),
    };
    let mixed = |t: i32| wrong == Wrong::Mix && (on..on + review).contains(&t);
    for i in 0..SKUS {
        let wrong = if i == 0 { wrong } else { Wrong::Nothing };
        let mut dice = Dice(100 + i as u64);
        let status = match wrong {
            Wrong::Dropped => "discontinued",
            _ => "active",
        };
        let _ = writeln!(
            items,
            "A{i},things,500,1200,{LEAD},1,{status},{style},{review}"
        );
        let target = f64::from(LEAD + review + 10) * RATE;
        let (mut shelf, mut phantom, mut started) = (target, 0.0, None);
        let mut coming: Vec<(i32, f64)> = Vec::new();
        let mut used = false;
        for t in 0..DAYS {
            let rate = if wrong == Wrong::Spike && (on..on + 4).contains(&t) {
                12.0 * RATE
            } else if wrong == Wrong::Promotion && (on..on + 7).contains(&t) {
                4.0 * RATE
            } else if wrong == Wrong::Unlisted && (on..on + 21).contains(&t) {
                0.0
            } else {
                RATE
            };
            let demand = dice.poisson(rate);
            let floor: f64 = if wrong == Wrong::Oversold && t >= on {
                -8.0
            } else {
                0.0
            };
            let sold = demand.min((shelf - floor).max(0.0));
            shelf -= sold;
            if sold > 0.0 {
                let _ = writeln!(sales, "{},A{i},web,{sold}", date(t));
            }
            coming.retain(|&(day, units)| {
                if day == t {
                    shelf += units;
                }
                day > t
            });
            // What is left disappears, and nobody sees it for five weeks.
            if wrong == Wrong::Phantom && t >= on && started.is_none() && shelf <= 8.0 {
                (phantom, started) = (shelf.max(3.0), Some(t));
                shelf = 0.0;
            }
            if started.is_some_and(|s| t == s + 35) {
                phantom = 0.0;
            }
            let _ = writeln!(stock, "{},A{i},shed,{}", date(t), shelf + phantom);
            if wrong == Wrong::Elsewhere {
                let _ = writeln!(
                    stock,
                    "{},A{i},depot,{}",
                    date(t),
                    if t < on { 20 } else { 300 }
                );
            }
            if t % review != 0 {
                continue;
            }
            let pause = match wrong {
                Wrong::NoOrder | Wrong::Elsewhere => on..on + 42,
                Wrong::Dropped => on..DAYS,
                Wrong::Oversold => on..on + 28,
                // The record says that there is enough.
                Wrong::Phantom if started.is_none_or(|s| t < s + 35) => on - 7..DAYS,
                _ => 0..0,
            };
            let position = shelf + coming.iter().map(|c| c.1).sum::<f64>();
            let mut units = target - position;
            if wrong == Wrong::Small && (on..on + 35).contains(&t) {
                units = (0.25 * units).floor();
            }
            if mixed(t) {
                let ordinary = f64::from(review) * RATE;
                units = match wrong {
                    Wrong::Mix => (0.1 * units).floor(),
                    _ => units + (0.9 * ordinary / (SKUS - 1) as f64).round(),
                };
            }
            if pause.contains(&t) || units <= 0.0 {
                continue;
            }
            let (mut day, mut came) = (t + LEAD, units);
            if t >= on && !used && matches!(wrong, Wrong::Late | Wrong::Short) {
                // Both hit four orders in a row, so that no other order makes up for it.
                if wrong == Wrong::Late {
                    day += 28;
                } else {
                    came = (units * 0.1).floor();
                }
                used = t >= on + 21;
            }
            coming.push((day, came));
            let received = if day < DAYS {
                format!("{},{came}", date(day))
            } else {
                ",".to_owned()
            };
            let _ = writeln!(
                inbound,
                "P{i}-{t},A{i},shed,{},{units},{},{received}",
                date(t),
                date(t + LEAD)
            );
        }
    }
    put("sales.csv", &sales);
    put("stock.csv", &stock);
    put("inbound.csv", &inbound);
    put("items.csv", &items);
    if wrong == Wrong::Promotion {
        let (from, to) = (date(on), date(on + 6));
        let row = format!("from,to,kind,name,sku\n{from},{to},promotion,fair 3,A0\n");
        put("calendar.csv", &row);
    }
    put("channels.csv", "channel,location\nweb,shed\nother,depot\n");
    plan_folder(folder.path(), &Config::default())
}

fn plan_folder(folder: &Path, config: &Config) -> Plan {
    let tables = input::read(Options {
        data: folder,
        config,
        as_of: None,
    })
    .unwrap_or_else(|e| panic!("{e}"));
    plan::make(tables, config, 0, &|_| ()).unwrap()
}

/// The episode of the first SKU in the shop that missed most.
fn worst(plan: &Plan) -> &Stockout {
    plan.stockouts
        .episodes
        .iter()
        .filter(|s| s.sku.as_str() == "A0" && s.location.as_str() == "shed")
        .max_by(|a, b| a.lost.mean.total_cmp(&b.lost.mean))
        .expect("no stockout")
}

fn told(s: &Stockout) -> String {
    restock::output::evidence(Lang::En, s)
}

fn remedy(s: &Stockout) -> String {
    restock::output::stockout_remedy(Lang::En, s)
}

fn described(s: &Stockout) -> String {
    format!("{} to {:?}: {:?}, {}", s.start, s.end, s.causes, told(s))
}

#[test]
fn each_cause_on_purpose_is_found() {
    use StockoutCause::*;
    for (wrong, cause) in [
        (Wrong::Spike, DemandSpike),
        (Wrong::Late, SupplierLate),
        (Wrong::Short, SupplierShort),
        (Wrong::NoOrder, OrderLate),
        (Wrong::Phantom, RecordError),
        (Wrong::Elsewhere, Misplaced),
        (Wrong::Oversold, Setting),
        (Wrong::Dropped, Choice),
        (Wrong::Unlisted, Unclear),
        (Wrong::Small, OrderTooSmall),
        (Wrong::Promotion, Promotion),
        (Wrong::Mix, VariantSkew),
    ] {
        let plan = shop(wrong, WRONG);
        let s = worst(&plan);
        assert_eq!(s.cause(), cause, "{}", described(s));
        assert!(s.causes[0].1 > 0.5, "{}", described(s));
        let sum: f64 = s.causes.iter().map(|c| c.1).sum();
        assert!((sum - 1.0).abs() < 1e-9);
        assert!(!told(s).contains("stockout.evidence") && !told(s).contains('{'));
        let around = Day(AS_OF - DAYS + 1 + WRONG);
        assert!((0..60).contains(&(s.start - around)), "{}", described(s));
    }
}

#[test]
fn a_shop_without_mishaps_gets_no_alarm() {
    let plan = shop(Wrong::Nothing, WRONG);
    assert!(plan.stockouts.counts.is_empty());
    let blamed: BTreeSet<StockoutCause> = plan
        .stockouts
        .episodes
        .iter()
        .map(Stockout::cause)
        .collect();
    // Chance empties a shelf now and then; nobody is to blame but the level itself.
    let allowed = BTreeSet::from([StockoutCause::ReorderPointTooLow]);
    assert!(blamed.is_subset(&allowed), "{blamed:?}");
}

#[test]
fn phantom_stock_goes_to_the_count_list_and_lowers_exposure() {
    let plan = shop(Wrong::Phantom, DAYS - 60);
    let [task] = &plan.stockouts.counts[..] else {
        panic!("{:?}", plan.stockouts.counts);
    };
    assert_eq!((task.sku.as_str(), task.location.as_str()), ("A0", "shed"));
    assert!(task.probability < 1e-4 && task.expected_missed > 30.0);
    // The quiet days are no evidence of lower demand.
    let rate = |plan: &Plan| plan.recommendations[0].demand_per_day;
    let clean = rate(&shop(Wrong::Nothing, WRONG));
    assert!(
        (rate(&plan) / clean - 1.0).abs() < 0.2,
        "{} {clean}",
        rate(&plan)
    );
}

/// Goods that nobody bought for weeks and that sold later were there: the record was right.
#[test]
fn goods_that_sold_later_are_not_to_be_counted() {
    let plan = shop(Wrong::Unlisted, DAYS - 90);
    assert!(
        plan.stockouts.counts.is_empty(),
        "{:?}",
        plan.stockouts.counts
    );
    let s = worst(&plan);
    assert_eq!(s.cause(), StockoutCause::Unclear, "{}", described(s));
    assert!(told(s).contains("sold later"), "{}", described(s));
    assert!(remedy(s).contains("offer"), "{}", remedy(s));
    assert!(plan.findings.iter().all(|f| f.code != "phantom_stock"));
}

/// A spike stays in the variance for a while, as demand that did occur, and is forgotten: it must not raise safety stock for good.
#[test]
fn a_one_off_spike_does_not_raise_safety_stock_for_good() {
    let safety = |wrong, on| {
        let plan = shop(wrong, on);
        let r = &plan.recommendations[0];
        (r.safety_stock, r.demand_per_day)
    };
    let (plain, rate) = safety(Wrong::Nothing, WRONG);
    let (long_ago, rate_long_ago) = safety(Wrong::Spike, 40);
    let (half_a_year, rate_half_a_year) = safety(Wrong::Spike, DAYS - 183);
    println!(
        "safety stock {plain} without a spike, {half_a_year} half a year after, {long_ago} a year after; \
         demand a day {rate}, {rate_half_a_year}, {rate_long_ago}"
    );
    assert!(long_ago <= 1.25 * plain + 1.0, "{long_ago} {plain}");
    assert!((rate_half_a_year / rate - 1.0).abs() < 0.1);
    assert!((rate_long_ago / rate - 1.0).abs() < 0.1);
}

fn example() -> &'static Plan {
    static EXAMPLE: OnceLock<Plan> = OnceLock::new();
    EXAMPLE.get_or_init(|| {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
        let config = config::load(&data.join("restock.toml")).unwrap();
        plan_folder(&data, &config)
    })
}

#[test]
fn the_mishaps_of_the_example_are_found() {
    use StockoutCause::*;
    let day = |y, m, d| Day::from_ymd(y, m, d).unwrap();
    let planted = [
        ("BT01-SG", "warehouse", day(2025, 5, 13), DemandSpike),
        ("SK01-BKM", "fba", day(2025, 10, 10), RecordError),
        ("BT01-WH", "store", day(2025, 11, 1), RecordError),
        ("TW01-GY", "fba", day(2026, 8, 1), RecordError),
        ("TS01-BKM", "warehouse", day(2025, 5, 1), VariantSkew),
        ("BP01-NV", "warehouse", day(2025, 4, 10), SupplierLate),
        ("PT01-CHM", "warehouse", day(2026, 8, 31), SupplierLate),
        ("TS02-BKM", "warehouse", day(2025, 11, 10), SupplierShort),
        ("UW01-NVM", "fba", day(2025, 10, 20), OrderLate),
        ("SK02-MX", "warehouse", day(2026, 3, 1), OrderLate),
        ("BT01-BK", "warehouse", day(2026, 8, 20), OrderLate),
        ("BT02-BK", "fba", day(2026, 8, 20), Misplaced),
        ("HL01-BK", "fba", day(2026, 4, 25), Setting),
        ("SB01-GY", "warehouse", day(2025, 11, 20), Choice),
    ];
    let mut missing = Vec::new();
    for (sku, location, on, cause) in planted {
        let found: Vec<&Stockout> = example()
            .stockouts
            .episodes
            .iter()
            .filter(|s| {
                s.sku.as_str() == sku
                    && s.location.as_str() == location
                    && s.start <= on
                    && s.end.is_none_or(|end| end >= on)
            })
            .collect();
        if !found.iter().any(|s| s.causes.iter().any(|c| c.0 == cause)) {
            let shown: Vec<String> = found.iter().map(|s| described(s)).collect();
            missing.push(format!(
                "{sku} {location} {on} {}: {shown:#?}",
                cause.as_str()
            ));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    // The suppliers' holidays are among the causes, in the weeks after them.
    assert!(example().stockouts.episodes.iter().any(|s| {
        s.cause() == SupplierHoliday && (day(2026, 2, 12)..=day(2026, 4, 15)).contains(&s.start)
    }));
    // Three records are planted as wrong, and no other is doubted; the one that runs is to be counted now.
    let mut counts: Vec<(&str, &str, bool)> = example()
        .stockouts
        .counts
        .iter()
        .map(|c| (c.sku.as_str(), c.location.as_str(), c.until.is_none()))
        .collect();
    counts.sort_unstable();
    assert_eq!(
        counts,
        [
            ("BT01-WH", "store", false),
            ("SK01-BKM", "fba", false),
            ("TW01-GY", "fba", true)
        ]
    );
}

#[test]
fn episodes_are_the_stockout_days_of_the_history() {
    let plan = example();
    let (mut days, mut lost) = (0, 0.0);
    for (k, a) in plan.history.availability.iter().enumerate() {
        if a.is_stockout() {
            days += 1;
            lost += plan.history.lost[k];
        }
    }
    let report = &plan.stockouts.episodes;
    assert_eq!(report.iter().map(Stockout::days).sum::<u32>(), days);
    let sum: f64 = report.iter().map(|s| s.lost.mean).sum();
    assert!((sum / lost - 1.0).abs() < 1e-9, "{sum} {lost}");
    // Months hold what episodes hold, and weights sum to 1.
    let mut by_series: BTreeMap<(&str, &str), Vec<&Stockout>> = BTreeMap::new();
    for s in report {
        assert_eq!(s.months.iter().map(|m| m.days).sum::<u32>(), s.days());
        let weights: f64 = s.causes.iter().map(|c| c.1).sum();
        assert!((weights - 1.0).abs() < 1e-9 && s.causes.len() <= 2);
        assert!(!told(s).is_empty() && !remedy(s).is_empty());
        by_series
            .entry((s.sku.as_str(), s.channel.as_str()))
            .or_default()
            .push(s);
    }
    for runs in by_series.values() {
        for pair in runs.windows(2) {
            assert!(pair[0].end.is_some_and(|end| pair[1].start - end >= 2));
        }
    }
}
