//! Promotions to come: which past events they are taken for, what is planned for them, and what is said of it.

use std::fmt::Write as _;
use std::fs;

use restock::config::Config;
use restock::domain::{Day, Finding, Plan, Severity};
use restock::input::{self, Options};
use restock::plan;
use restock::text::{Lang, text};

const DAYS: i32 = 420;
const AS_OF: i32 = 20_695;
const SKUS: usize = 10;
const RATE: f64 = 3.0;
/// Days of a sale, and what it multiplies demand by.
const LENGTH: i32 = 5;
const UPLIFT: f64 = 2.5;
/// The coming sale begins so many days after as-of.
const AHEAD: i32 = 10;

fn date(t: i32) -> Day {
    Day(AS_OF - DAYS + 1 + t)
}

/// First day of past sale `k`, of six.
fn past(k: i32) -> i32 {
    40 + 60 * k
}

/// A small generator of random numbers (splitmix64): the same on every machine.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// The plan of a shop of ten items and six past sales, with these rows in its calendar: first day, name, series, uplift.
fn plan_with(rows: &[(i32, &str, &str, &str)]) -> Plan {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let mut sales = "date,sku,channel,units\n".to_owned();
    let mut stock = "date,sku,location,on_hand\n".to_owned();
    let mut seed = 11;
    for i in 0..SKUS {
        for t in 0..DAYS {
            let sale = (0..6).any(|k| (past(k)..past(k) + LENGTH).contains(&t));
            let mean = if sale { RATE * UPLIFT } else { RATE };
            let (mut units, mut left) = (0, uniform(&mut seed));
            while left > f64::exp(-mean) {
                left *= uniform(&mut seed);
                units += 1;
            }
            if units > 0 {
                let _ = writeln!(sales, "{},A{i},web,{units}", date(t));
            }
            let _ = writeln!(stock, "{},A{i},web,50", date(t));
        }
    }
    let mut calendar = "from,to,kind,name,series,uplift\n".to_owned();
    for (first, name, series, uplift) in rows {
        let (from, to) = (date(*first), date(first + LENGTH - 1));
        let _ = writeln!(calendar, "{from},{to},promotion,{name},{series},{uplift}");
    }
    put("sales.csv", &sales);
    put("stock.csv", &stock);
    put("calendar.csv", &calendar);
    let config = Config::default();
    let checked = input::read(Options {
        data: folder.path(),
        config: &config,
        as_of: None,
    })
    .unwrap_or_else(|e| panic!("{e}"));
    plan::make(checked, &config, 0, &|_| ()).unwrap()
}

/// Past sales with running numbers, and one row more.
fn with(coming: (i32, &str, &str, &str)) -> Plan {
    let names: Vec<String> = (0..6).map(|k| format!("bigsale {}", k + 1)).collect();
    let mut rows: Vec<(i32, &str, &str, &str)> = names
        .iter()
        .enumerate()
        .map(|(k, name)| (past(k as i32), name.as_str(), "", ""))
        .collect();
    rows.push(coming);
    plan_with(&rows)
}

/// The coming sale with this name, series and uplift.
fn coming<'a>(name: &'a str, series: &'a str, uplift: &'a str) -> (i32, &'a str, &'a str, &'a str) {
    (DAYS - 1 + AHEAD, name, series, uplift)
}

/// Units planned for the four weeks to come.
fn four_weeks(plan: &Plan) -> f64 {
    let last = Day(AS_OF + 28);
    let weeks = plan.forecast.iter().filter(|w| w.week <= last);
    weeks.map(|w| w.mean).sum()
}

fn told<'a>(plan: &'a Plan, code: &str) -> Vec<&'a Finding> {
    plan.findings.iter().filter(|f| f.code == code).collect()
}

fn figure<'a>(finding: &'a Finding, name: &str) -> &'a str {
    let found = finding.figures.iter().find(|(n, _)| *n == name);
    &found.unwrap_or_else(|| panic!("no {name}")).1
}

/// The units that the sale adds: 2.5 less 1 times the rate, five days, ten items.
const ADDED: f64 = (UPLIFT - 1.0) * RATE * LENGTH as f64 * SKUS as f64;

#[test]
fn a_sale_whose_number_runs_on_is_planned_as_the_sales_before_it() {
    let ordinary = with((60, "bigsale 0", "", ""));
    let none = told(&ordinary, "event_taken_for");
    assert!(none.is_empty(), "{none:?}");
    let plan = with(coming("bigsale 7", "", ""));
    let [finding] = told(&plan, "event_taken_for")[..] else {
        panic!("{:?}", plan.findings);
    };
    assert_eq!(finding.severity, Severity::Notice);
    assert_eq!(finding.from, Some(Day(AS_OF + AHEAD)));
    assert_eq!(figure(finding, "past"), "6");
    assert!(
        figure(finding, "names").starts_with("bigsale 6"),
        "{finding:?}"
    );
    let uplift: f64 = figure(finding, "uplift").parse().unwrap();
    assert!((uplift / UPLIFT - 1.0).abs() < 0.05, "{uplift}");
    for lang in [Lang::En, Lang::Ja] {
        let figures: Vec<(&str, &str)> = finding
            .figures
            .iter()
            .map(|(n, v)| (*n, v.as_str()))
            .collect();
        for key in ["finding.event_taken_for", "finding.event_taken_for_remedy"] {
            let said = text(lang, key, &figures);
            assert!(!said.contains('{') && said != key, "{said}");
        }
    }
}

#[test]
fn six_sales_of_ten_items_are_planned_at_their_full_uplift() {
    let without = four_weeks(&with((60, "other", "", "")));
    let planned = four_weeks(&with(coming("bigsale 7", "", ""))) - without;
    assert!((planned / ADDED - 1.0).abs() < 0.06, "{planned} of {ADDED}");
}

#[test]
fn a_sale_that_nothing_is_like_is_an_ordinary_week_and_is_told() {
    let plan = with(coming("30% off", "", ""));
    let [finding] = told(&plan, "event_without_past")[..] else {
        panic!("{:?}", plan.findings);
    };
    assert_eq!(finding.severity, Severity::Warning);
    let ordinary = four_weeks(&plan) / (28.0 * RATE * SKUS as f64);
    assert!((ordinary - 1.0).abs() < 0.05, "{ordinary}");
    assert!(told(&plan, "event_taken_for").is_empty());
}

#[test]
fn a_series_makes_it_like_the_events_that_it_names() {
    let plan = with(coming("Jubilee", "bigsale", ""));
    let [finding] = told(&plan, "event_taken_for")[..] else {
        panic!("{:?}", plan.findings);
    };
    assert_eq!(
        (figure(finding, "name"), figure(finding, "past")),
        ("Jubilee", "6")
    );
    // By name the two are one; the series says that they are not.
    let apart = plan_with(&[
        (past(0), "bigsale 1", "deep", ""),
        (past(1), "bigsale 2", "light", ""),
        coming("bigsale 3", "deep", ""),
    ]);
    let [finding] = told(&apart, "event_taken_for")[..] else {
        panic!("{:?}", apart.findings);
    };
    assert_eq!(figure(finding, "past"), "1");
}

#[test]
fn a_stated_uplift_is_weighed_with_the_past_and_stands_alone_without_one() {
    let without = four_weeks(&with((60, "other", "", "")));
    let added = |plan: &Plan| four_weeks(plan) - without;
    let days = RATE * LENGTH as f64 * SKUS as f64;
    let alone = with(coming("30% off", "", "4"));
    assert_eq!(told(&alone, "event_without_past_stated").len(), 1);
    let planned = added(&alone) / days + 1.0;
    assert!((planned / 4.0 - 1.0).abs() < 0.05, "{planned}");
    // Two parts of 4 and six of 2.5.
    let weighed = with(coming("bigsale 7", "", "4"));
    let [finding] = told(&weighed, "event_taken_for_stated")[..] else {
        panic!("{:?}", weighed.findings);
    };
    assert_eq!(figure(finding, "stated"), "4");
    let planned = added(&weighed) / days + 1.0;
    let expected = ((2.0 * 4f64.ln() + 6.0 * UPLIFT.ln()) / 8.0).exp();
    assert!(
        (planned / expected - 1.0).abs() < 0.05,
        "{planned} {expected}"
    );
}
