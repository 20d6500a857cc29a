//! `restock backtest`, as a user runs it and from within: nothing is known before its time, units are neither made nor lost.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use assert_cmd::Command;
use polars::prelude::*;
use restock::backtest::{self, Options, as_known, predict};
use restock::config::Config;
use restock::domain::{Checked, Day};
use restock::input;
use tempfile::TempDir;

// The made-up shops of the tests of whole plans.
use crate::command_line::cut;
use crate::whole_plan::shop::{self, AS_OF, Shop};

type Row = BTreeMap<String, String>;

fn restock(data: &Path, out: &Path, flags: &[&str]) -> assert_cmd::assert::Assert {
    Command::new(env!("CARGO_BIN_EXE_restock"))
        .args(["backtest", "--data"])
        .arg(data)
        .arg("--out")
        .arg(out)
        .args(flags)
        .assert()
}

fn rows(file: &Path) -> Vec<Row> {
    csv::Reader::from_path(file)
        .unwrap()
        .deserialize()
        .map(Result::unwrap)
        .collect()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column]
        .parse()
        .unwrap_or_else(|_| panic!("{column} of {row:?}"))
}

/// A shop of six items over 300 days, with stockouts, that is in stock without a break for two months.
fn small() -> Shop {
    Shop::new(5, 6, 300)
}

/// The small shop's backtest, made once, with what it said.
fn whole() -> &'static (TempDir, String) {
    static DONE: OnceLock<(TempDir, String)> = OnceLock::new();
    DONE.get_or_init(|| {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("data");
        fs::create_dir(&data).unwrap();
        small().write(&data);
        let out = home.path().join("out");
        let done = restock(&data, &out, &["--origins", "4", "--jobs", "1"]).success();
        let said = String::from_utf8(done.get_output().stdout.clone()).unwrap();
        (home, said)
    })
}

#[test]
fn a_small_shop_gets_its_three_parts_and_a_page() {
    let (home, said) = whole();
    let folder = home.path().join("out/backtest");
    let scores = rows(&folder.join("forecast_scores.csv"));
    assert_eq!((&*scores[0]["group"], &*scores[0]["class"]), ("all", "all"));
    // Six items at four origins.
    assert_eq!(number(&scores[0], "intervals"), 24.0);
    let classes: f64 = scores
        .iter()
        .filter(|r| r["group"] == "abc")
        .map(|r| number(r, "intervals"))
        .sum();
    assert_eq!(classes, 24.0);
    let quantiles = rows(&folder.join("forecast_quantiles.csv"));
    for pair in quantiles
        .windows(2)
        .filter(|p| p[0]["class"] == p[1]["class"])
    {
        assert!(number(&pair[0], "coverage") <= number(&pair[1], "coverage") + 1e-4);
    }
    for row in rows(&folder.join("forecast_intervals.csv")) {
        let levels = ["p10", "p50", "p80", "p90", "p95", "p99"].map(|p| number(&row, p));
        assert!(levels.is_sorted(), "{row:?}");
        assert!(number(&row, "probability_below") <= number(&row, "probability_at_most"));
        assert!(number(&row, "expected_units") <= number(&row, "expected_demand") + 0.5);
    }
    let replays = rows(&folder.join("replay.csv"));
    let rules: Vec<&str> = replays.iter().map(|r| &*r["rule"]).collect();
    assert!(rules.contains(&"restock") && rules.contains(&"in_stock_velocity"));
    for row in &replays {
        let share = number(row, "sold_units") / number(row, "demand_units");
        assert!((share - number(row, "service")).abs() < 1e-4, "{row:?}");
    }
    let page = fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(page.contains("<p class=\"lead\">") && page.contains("<svg"));
    assert!(!page.contains("backtest."), "a text is missing");
    assert!(said.contains(folder.to_str().unwrap()), "{said}");
    assert!(!said.contains("backtest."), "a text is missing: {said}");
}

/// The shop's records as weeks, dated by their first days.
fn by_weeks(mut shop: Shop) -> Shop {
    let week_of = |day: i32| AS_OF - 6 - (AS_OF - day) / 7 * 7;
    let mut sales: BTreeMap<(i32, String, String), f64> = BTreeMap::new();
    for sale in &shop.sales {
        let key = (week_of(sale.day), sale.sku.clone(), sale.channel.clone());
        *sales.entry(key).or_default() += sale.units;
    }
    shop.sales = sales
        .into_iter()
        .map(|((day, sku, channel), units)| shop::Sale {
            day,
            sku,
            channel,
            units,
            order_type: "",
        })
        .collect();
    shop.stock.retain(|stock| (AS_OF - stock.day) % 7 == 0);
    for stock in &mut shop.stock {
        stock.day = week_of(stock.day);
    }
    shop.config = "[input]\ngrain = \"week\"\n".to_owned();
    shop
}

#[test]
fn a_shop_that_records_weeks_is_looked_back_on_too() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    fs::create_dir(&data).unwrap();
    by_weeks(Shop::new(5, 6, 63 * 7)).write(&data);
    let out = home.path().join("out");
    restock(&data, &out, &["--origins", "4"]).success();
    let folder = out.join("backtest");
    let all = rows(&folder.join("forecast_scores.csv"));
    let total = all.iter().find(|r| r["group"] == "all").unwrap();
    // Four origins of six items; the demand of a protection interval (17 days, in weeks) is what the shop sells in it.
    assert_eq!(number(total, "intervals"), 24.0);
    assert!(number(total, "bias").abs() < 0.5, "{total:?}");
    let coverage = number(total, "band80_coverage");
    assert!((0.5..=1.0).contains(&coverage), "{total:?}");
    let replay = rows(&folder.join("replay.csv"));
    for run in &replay {
        let service = number(run, "service");
        assert!((0.3..=1.0).contains(&service), "{run:?}");
        assert!(number(run, "demand_units") > 0.0);
    }
    assert!(!replay.is_empty());
}

#[test]
fn every_replay_keeps_its_units() {
    let (home, _) = whole();
    for row in rows(&home.path().join("out/backtest/replay.csv")) {
        let came = number(&row, "opening_units") + number(&row, "received_units");
        let went = number(&row, "sold_in_all_units")
            + number(&row, "shipped_units")
            + number(&row, "closing_units");
        // Six written figures of four decimals.
        assert!((came - went).abs() < 1e-3, "{row:?}");
        assert!(number(&row, "received_units") > 0.0);
    }
}

#[test]
fn a_higher_target_serves_no_less_and_holds_no_less() {
    let (home, _) = whole();
    let replays = rows(&home.path().join("out/backtest/replay.csv"));
    for rule in ["in_stock_velocity", "textbook"] {
        let curve: Vec<&Row> = replays.iter().filter(|r| r["rule"] == rule).collect();
        assert_eq!(curve.len(), 9);
        let (low, high) = (curve[0], curve[8]);
        assert!(number(high, "service") > number(low, "service"));
        assert!(number(high, "mean_stock_units") > number(low, "mean_stock_units"));
    }
}

#[test]
fn threads_change_no_byte() {
    let (home, _) = whole();
    let again = home.path().join("again");
    let flags = ["--origins", "4", "--jobs", "2", "--quiet"];
    let done = restock(&home.path().join("data"), &again, &flags).success();
    assert!(done.get_output().stdout.is_empty() && done.get_output().stderr.is_empty());
    let first = home.path().join("out/backtest");
    let mut compared = 0;
    for entry in fs::read_dir(&first).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if path.is_file() && name != "run.json" {
            let other = again.join("backtest").join(name);
            assert!(
                fs::read(&path).unwrap() == fs::read(other).unwrap(),
                "{path:?}"
            );
            compared += 1;
        }
    }
    assert_eq!(compared, 7);
}

#[test]
fn a_plan_beside_it_leaves_it_alone() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    fs::create_dir(&data).unwrap();
    Shop::new(5, 2, 150).write(&data);
    let out = home.path().join("out");
    restock(&data, &out, &["--origins", "1", "--quiet"]).success();
    let report = out.join("backtest/report.html");
    let before = fs::read(&report).unwrap();
    for _ in 0..2 {
        Command::new(env!("CARGO_BIN_EXE_restock"))
            .args(["plan", "--quiet", "--no-charts", "--data"])
            .arg(&data)
            .arg("--out")
            .arg(&out)
            .assert()
            .success();
        assert!(out.join("recommendations.csv").is_file());
        assert!(fs::read(&report).unwrap() == before);
    }
}

#[test]
fn too_little_history_is_said_with_what_is_missing() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    fs::create_dir(&data).unwrap();
    Shop::new(5, 2, 60).write(&data);
    let out = home.path().join("out");
    let failed = restock(&data, &out, &["--quiet"]).failure().code(1);
    let said = String::from_utf8(failed.get_output().stderr.clone()).unwrap();
    // Eight weeks and a protection interval of 17 days or so, of which 60 are there.
    assert!(said.contains("60 days of history"), "{said}");
    assert!(said.contains("more days"), "{said}");
    assert!(!out.exists());
}

#[test]
fn parts_without_data_are_named_on_the_page() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    fs::create_dir(&data).unwrap();
    let mut shop = Shop::new(5, 3, 100);
    shop.no_stock_table = true;
    shop.write(&data);
    let out = home.path().join("out");
    restock(&data, &out, &["--lang", "ja", "--quiet"]).success();
    let page = fs::read_to_string(out.join("backtest/report.html")).unwrap();
    assert!(page.contains("lang=\"ja\""));
    assert!(page.contains("隠れ需要は検証できませんでした"));
    assert!(page.contains("過去の再現はできませんでした"));
    assert!(rows(&out.join("backtest/replay.csv")).is_empty());
}

#[test]
fn the_bundled_example_is_looked_back_on() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    restock(
        cut::cut(),
        &out,
        &[
            "--origins",
            "2",
            "--places",
            "8",
            "--replayed",
            "3",
            "--quiet",
        ],
    )
    .success();
    let folder = out.join("backtest");
    let scores = rows(&folder.join("forecast_scores.csv"));
    assert_eq!(number(&scores[0], "intervals"), 16.0);
    assert!(number(&scores[0], "scaled_pinball") > 0.0);
    for chart in ["forecast", "service-and-stock"] {
        for form in ["svg", "png"] {
            let file = folder.join(format!("charts/{chart}.{form}"));
            assert!(fs::metadata(file).unwrap().len() > 3000, "{chart}");
        }
    }
}

fn checked(shop: &Shop) -> Checked {
    let home = tempfile::tempdir().unwrap();
    shop.write(home.path());
    input::read(input::Options {
        data: home.path(),
        config: &Config::default(),
        as_of: None,
    })
    .unwrap()
}

/// What `then` makes of a column in the rows after `day`.
fn later(frame: &mut DataFrame, day: Day, column: &str, then: impl Fn(f64) -> f64) {
    let dates = frame.column("date").unwrap().i32().unwrap();
    let values = frame.column(column).unwrap().f64().unwrap();
    let changed: Float64Chunked = dates
        .iter()
        .zip(values.iter())
        .map(|(date, value)| value.map(|v| if date > Some(day.0) { then(v) } else { v }))
        .collect();
    frame
        .with_column(changed.with_name(column.into()).into_column())
        .unwrap();
}

/// The tables with another future after `day`: ten times the sales, empty shelves, receipts on the next day.
fn another_future(input: &Checked, day: Day) -> Checked {
    let mut other = input.clone();
    later(&mut other.records.sales.0, day, "units", |units| {
        10.0 * units
    });
    later(
        &mut other.records.stock.as_mut().unwrap().0,
        day,
        "on_hand",
        |_| 0.0,
    );
    for line in &mut other.tables.inbound {
        if line.received.is_none_or(|d| d > day) {
            line.received = Some(day.max(line.ordered) + 1);
            line.received_units = line.units;
        }
    }
    other
}

#[test]
fn nothing_after_an_origin_changes_what_was_expected_there() {
    let input = checked(&small());
    let origin = Day(AS_OF - 60);
    let config = Config::default();
    let seen = predict(&input, &config, origin).unwrap();
    let other = predict(&another_future(&input, origin), &config, origin).unwrap();
    assert_eq!(seen.len(), 6);
    assert_eq!(format!("{seen:?}"), format!("{other:?}"));
    // The same changes before the origin do change it.
    let earlier = predict(&another_future(&input, origin + -30), &config, origin).unwrap();
    assert_ne!(format!("{seen:?}"), format!("{earlier:?}"));
}

#[test]
fn nothing_after_an_interval_changes_its_score() {
    let input = checked(&small());
    let options = Options {
        origins: 3,
        ..Options::default()
    };
    let run = |input: Checked| backtest::run(input, &Config::default(), options, &|_| ()).unwrap();
    let seen = run(input.clone());
    let first = seen.origins[0];
    let days = seen.intervals.iter().map(|i| i.days).max().unwrap() as i32;
    // The last days belong to later origins only.
    let end = first + days;
    assert!(end < input.tables.as_of);
    let scored = |b: &backtest::Backtest| {
        let of_first = b.intervals.iter().filter(|i| i.origin == first);
        // Classes are those of today: a place is known by what it is.
        let mut rows: Vec<String> = of_first
            .map(|i| {
                let place = &b.sample.places[i.place];
                let mut interval = i.clone();
                interval.place = 0;
                format!("{:?} {:?} {interval:?}", place.sku, place.location)
            })
            .collect();
        rows.sort();
        rows
    };
    let mut changed = input.clone();
    later(&mut changed.records.sales.0, end, "units", |units| {
        7.0 * units
    });
    let other = run(changed);
    assert_eq!(scored(&seen), scored(&other));
    assert!(
        seen.intervals != other.intervals,
        "later origins are not the same"
    );
}

#[test]
fn the_past_as_it_was_known_is_a_prefix() {
    let input = checked(&small());
    let day = Day(AS_OF - 40);
    let (known, records) = as_known(&input, day).unwrap();
    assert_eq!(known.as_of, day);
    let dates = records.sales.0.column("date").unwrap();
    assert!(dates.i32().unwrap().max().unwrap() <= day.0);
    assert!(known.inbound.iter().all(|l| l.ordered <= day));
    assert!(known.inbound.iter().any(|l| l.received.is_none()));
    assert!(
        known
            .inbound
            .iter()
            .all(|l| l.received.is_none_or(|d| d <= day))
    );
}
