//! The program as a user runs it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use tempfile::TempDir;

pub mod cut;
mod shown;
#[cfg(unix)]
mod signals;
#[cfg(target_os = "linux")]
mod streams;

use cut::cut;

fn restock() -> Command {
    Command::new(env!("CARGO_BIN_EXE_restock"))
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

/// `restock plan` of a data folder into a folder.
fn plan(data: &Path, out: &Path, flags: &[&str]) -> assert_cmd::assert::Assert {
    restock()
        .arg("plan")
        .arg("--data")
        .arg(data)
        .arg("--out")
        .arg(out)
        .args(flags)
        .assert()
}

/// Every file below a folder with its bytes.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            for (below, bytes) in contents(&path) {
                found.insert(format!("{name}/{below}"), bytes);
            }
        } else {
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

fn names(folder: &Path) -> Vec<String> {
    contents(folder).into_keys().collect()
}

type Row = BTreeMap<String, String>;

fn rows(text: &str) -> Vec<Row> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .map(Result::unwrap)
        .collect()
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// A folder that a plan was written into, and what the run printed.
struct Done {
    home: TempDir,
    said: String,
}

impl Done {
    fn folder(&self) -> PathBuf {
        self.home.path().join("plan")
    }
}

/// The plan of the whole bundled example with nothing but `--data` and `--out`, made once.
fn whole() -> &'static Done {
    static DONE: OnceLock<Done> = OnceLock::new();
    DONE.get_or_init(|| {
        let home = tempfile::tempdir().unwrap();
        let done = plan(&example(), &home.path().join("plan"), &[]).success();
        let said = String::from_utf8(done.get_output().stdout.clone()).unwrap();
        Done { home, said }
    })
}

/// A plan of a part of the example, made once; charts of two series.
fn part() -> &'static Done {
    static DONE: OnceLock<Done> = OnceLock::new();
    DONE.get_or_init(|| {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("plan");
        let done = plan(cut(), &out, &["--top", "2", "--jobs", "1"]).success();
        let said = String::from_utf8(done.get_output().stdout.clone()).unwrap();
        Done { home, said }
    })
}

const FILES: [&str; 17] = [
    "backorder_policy.csv",
    "backorder_what_if.csv",
    "backorders.csv",
    "changes.csv",
    "count_list.csv",
    "demand.parquet",
    "exceptions.csv",
    "forecast.csv",
    "preorders.csv",
    "purchase_orders.csv",
    "recommendations.csv",
    "report.html",
    "run.json",
    "stockout_summary.csv",
    "stockouts.csv",
    "summary.json",
    "transfers.csv",
];

fn has_japanese(text: &str) -> bool {
    text.chars().any(|c| ('ぁ'..='ヿ').contains(&c))
}

#[test]
fn the_example_becomes_a_plan_folder() {
    let done = whole();
    let files = contents(&done.folder());
    for name in FILES {
        assert!(files[name].len() > 20, "{name}");
    }
    for chart in [
        "demand",
        "hidden",
        "service",
        "urgent",
        "stockouts",
        "stockouts-where",
    ] {
        for form in ["svg", "png"] {
            assert!(files[&format!("charts/overview-{chart}.{form}")].len() > 5000);
        }
    }
    let series = |form: &str| {
        let is = |n: &&String| n.starts_with("charts/series-") && n.ends_with(form);
        files.keys().filter(is).count()
    };
    assert_eq!((series(".svg"), series(".png")), (20, 20));
    let recommendations = rows(&read(&done.folder(), "recommendations.csv"));
    // A row without a channel is what a location needs for those that it fills.
    let series = |r: &&BTreeMap<String, String>| !r["channel"].is_empty();
    assert_eq!(recommendations.iter().filter(series).count(), 401);
    assert!(recommendations.iter().all(|r| !r["reason"].is_empty()));
    assert!(done.said.lines().count() <= 24, "{}", done.said);
    assert!(done.said.contains("2026-08-31"), "{}", done.said);
    assert!(done.said.contains(done.folder().to_str().unwrap()));
    // Nothing temporary is left beside it.
    let left = fs::read_dir(done.home.path()).unwrap().count();
    assert_eq!(left, 1);
}

#[test]
fn every_code_in_exceptions_has_a_message_and_a_remedy() {
    for row in rows(&read(&whole().folder(), "exceptions.csv")) {
        for column in ["message", "remedy"] {
            let text = &row[column];
            assert!(text.contains(' ') && !text.contains(['{', '}']), "{row:?}");
        }
    }
}

#[test]
fn the_example_is_written_in_japanese_for_cp932() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("計画");
    let flags = "--lang ja --headers ja --excel --encoding cp932 --no-charts";
    let flags: Vec<&str> = flags.split(' ').collect();
    let done = plan(&example(), &out, &flags).success();
    let said = String::from_utf8(done.get_output().stdout.clone()).unwrap();
    assert!(has_japanese(&said), "{said}");
    let mut tables = 0;
    for (name, bytes) in contents(&out) {
        if !name.ends_with(".csv") {
            continue;
        }
        tables += 1;
        let (text, _, lossy) = encoding_rs::SHIFT_JIS.decode(&bytes);
        assert!(!lossy, "{name}");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
        assert!(
            has_japanese(text.lines().next().unwrap()) || !text.is_ascii(),
            "{name}"
        );
        let rows = rows(&text);
        if name == "recommendations.csv" {
            assert!(rows.len() > 401);
            assert!(
                rows.iter().all(|r| has_japanese(&r["理由"])),
                "{:?}",
                rows[0]
            );
        }
        if name == "exceptions.csv" {
            for row in &rows {
                assert!(row.values().any(|v| has_japanese(v)), "{row:?}");
            }
        }
    }
    assert_eq!(tables, 13);
    // The same quantities as in English.
    let english = rows(&read(&whole().folder(), "recommendations.csv"));
    let bytes = fs::read(out.join("recommendations.csv")).unwrap();
    let (text, _, _) = encoding_rs::SHIFT_JIS.decode(&bytes);
    let place = english_columns()
        .iter()
        .position(|c| c == "order_qty")
        .unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    for (row, english) in reader.records().zip(&english) {
        assert_eq!(row.unwrap()[place], english["order_qty"]);
    }
}

fn english_columns() -> Vec<String> {
    let text = read(&whole().folder(), "recommendations.csv");
    let header = text.lines().next().unwrap();
    header.split(',').map(str::to_owned).collect()
}

#[test]
fn charts_and_reasons_are_in_japanese_when_asked_for() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("plan");
    plan(cut(), &out, &["--lang", "ja", "--top", "2"]).success();
    let (japanese, english) = (contents(&out), contents(&part().folder()));
    assert_eq!(names(&out), names(&part().folder()));
    let mut charts = 0;
    for (name, bytes) in &japanese {
        if name.ends_with(".svg") {
            charts += 1;
            assert!(has_japanese(std::str::from_utf8(bytes).unwrap()), "{name}");
            assert!(bytes != &english[name], "{name}");
        }
        if name.ends_with(".png") {
            assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes != &english[name]);
        }
    }
    assert_eq!(charts, 8);
    let recommendations = rows(&read(&out, "recommendations.csv"));
    assert!(recommendations.iter().all(|r| has_japanese(&r["reason"])));
    // What programs read stays as it is.
    assert_eq!(japanese["demand.parquet"], english["demand.parquet"]);
    assert_eq!(japanese["forecast.csv"], english["forecast.csv"]);
}

#[test]
fn quiet_prints_nothing() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("plan");
    plan(cut(), &out, &["--quiet", "--no-charts"])
        .success()
        .stdout("")
        .stderr("");
    restock()
        .args(["check", "--quiet", "--data"])
        .arg(cut())
        .assert()
        .success()
        .stdout("")
        .stderr("");
}

/// Progress names its stages in the language of the run.
#[test]
fn progress_is_told_in_words() {
    let home = tempfile::tempdir().unwrap();
    for (lang, japanese) in [("en", false), ("ja", true)] {
        let out = home.path().join(lang);
        let done = plan(cut(), &out, &["--no-charts", "--lang", lang]).success();
        let said = String::from_utf8(done.get_output().stderr.clone()).unwrap();
        assert!(said.lines().count() >= 5, "{said}");
        for line in said.lines() {
            assert!(
                line.contains(' ') || !line.is_ascii() || line == "Forecasting",
                "{line}"
            );
            assert_eq!(line.is_ascii(), !japanese, "{line}");
        }
    }
}

#[test]
fn the_number_of_threads_leaves_no_trace() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("plan");
    plan(cut(), &out, &["--top", "2", "--jobs", "2"]).success();
    let (mut two, mut one) = (contents(&out), contents(&part().folder()));
    for run in [&mut two, &mut one] {
        // Timings differ from run to run.
        run.remove("run.json");
    }
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        two.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in &one {
        assert!(bytes == &two[name], "{name} differs");
    }
}

#[test]
fn without_flags_the_data_folder_here_is_planned() {
    let home = tempfile::tempdir().unwrap();
    cut::copy(cut(), &home.path().join("data"));
    restock()
        .current_dir(home.path())
        .args(["plan", "--no-charts"])
        .assert()
        .success()
        .stdout(contains("out/2026-08-31"));
    let out = home.path().join("out/2026-08-31");
    assert_eq!(names(&out), FILES);
    for name in ["recommendations.csv", "purchase_orders.csv", "forecast.csv"] {
        assert_eq!(read(&out, name), read(&part().folder(), name), "{name}");
    }
    assert!(part().said.contains("To order"));
    // A week later the plan is compared with the one beside it.
    restock()
        .current_dir(home.path())
        .args(["plan", "--no-charts", "--quiet", "--as-of", "2026-09-07"])
        .assert()
        .success();
    let changes = read(&home.path().join("out/2026-09-07"), "changes.csv");
    assert!(changes.lines().count() > 3, "{changes}");
}

#[test]
fn a_day_in_the_past_knows_nothing_later() {
    let home = tempfile::tempdir().unwrap();
    let (then, truncated) = (home.path().join("then"), home.path().join("a/truncated"));
    plan(cut(), &then, &["--as-of", "2026-06-30", "--no-charts"]).success();
    let data = home.path().join("data");
    cut::until(cut(), &data, "2026-06-30");
    plan(&data, &truncated, &["--no-charts"]).success();
    let (mut then, mut truncated) = (contents(&then), contents(&truncated));
    for run in [&mut then, &mut truncated] {
        // Hashes of the files, and the notices that rows were left out.
        for name in ["run.json", "exceptions.csv", "summary.json", "report.html"] {
            run.remove(name);
        }
    }
    assert!(then["recommendations.csv"].len() > 1000);
    for (name, bytes) in &then {
        assert!(bytes == &truncated[name], "{name} differs");
    }
}

#[test]
fn wrong_usage_ends_with_2() {
    for flags in [
        &["plan", "--no-such-flag"][..],
        &["plan", "--as-of", "yesterday"],
        &["plan", "--jobs", "0"],
        &["plan", "--lang", "fr"],
        &["plan", "--encoding", "ebcdic"],
        &["reorder"],
        &["init"],
        &[],
    ] {
        restock().args(flags).assert().code(2).stdout("");
    }
    restock()
        .args(["plan", "--as-of", "yesterday"])
        .assert()
        .stderr(contains("yesterday").and(contains("2026-11-22")));
}

#[test]
fn a_missing_data_folder_ends_with_1_and_a_remedy() {
    let home = tempfile::tempdir().unwrap();
    for command in ["plan", "check"] {
        restock()
            .current_dir(home.path())
            .arg(command)
            .assert()
            .code(1)
            .stdout("")
            .stderr(contains("\"data\"").and(contains("restock init")));
    }
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_bad_row_is_named_and_an_earlier_plan_stays() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    cut::copy(cut(), &data);
    let mut sales = read(&data, "sales.csv");
    let line = sales.lines().count() + 1;
    sales.push_str("2026-08-30,BT01-BK,own,many,2400,,\n");
    fs::write(data.join("sales.csv"), sales).unwrap();
    let out = home.path().join("plan");
    cut::copy(&part().folder(), &out);
    let before = contents(&out);
    let place = || {
        contains("sales.csv")
            .and(contains(format!("line {line}")))
            .and(contains("`units`"))
            .and(contains("\"many\" is not a number"))
    };
    plan(&data, &out, &[]).code(1).stderr(place());
    assert!(contents(&out) == before);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2);
    plan(&data, &out, &["--lang", "ja"])
        .code(1)
        .stderr(contains("many").and(contains(format!("{line}行目"))));
    restock()
        .args(["check", "--data"])
        .arg(&data)
        .assert()
        .code(1)
        .stderr(place());
}

#[test]
fn a_bad_configuration_is_named() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("mine.toml");
    fs::write(&config, "[policy]\nservice_levle = 0.9\n").unwrap();
    let out = home.path().join("plan");
    plan(cut(), &out, &["--config", config.to_str().unwrap()])
        .code(1)
        .stderr(
            contains("mine.toml")
                .and(contains("line 2"))
                .and(contains("service_levle"))
                .and(contains("`service_level`")),
        );
    assert!(!out.exists());
}

#[test]
fn a_warning_stops_a_strict_run() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("plan");
    let warnings = rows(&read(&part().folder(), "exceptions.csv"))
        .iter()
        .filter(|r| r["severity"] == "warning")
        .count();
    assert!(warnings > 0);
    plan(cut(), &out, &["--strict"])
        .code(1)
        .stderr(contains(format!("{warnings} warnings")).and(contains("without --strict")));
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn the_closing_lines_count_what_exceptions_csv_holds() {
    let exceptions = rows(&read(&part().folder(), "exceptions.csv"));
    let count = |severity: &str| {
        exceptions
            .iter()
            .filter(|r| r["severity"] == severity)
            .count()
    };
    let (warnings, notices) = (count("warning"), count("notice"));
    assert!(warnings > 1 && notices > 1);
    let said = &part().said;
    assert!(said.contains(&format!("Warnings: {warnings} (")), "{said}");
    assert!(said.contains(&format!("{notices} notices")), "{said}");
}

#[test]
fn an_earlier_plan_that_cannot_be_read_is_told_before_the_work() {
    let home = tempfile::tempdir().unwrap();
    let none = home.path().join("none");
    plan(
        cut(),
        &home.path().join("plan"),
        &["--previous", none.to_str().unwrap()],
    )
    .code(1)
    .stderr(contains("recommendations.csv").and(contains("Reading").not()));
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_with_other_things_is_not_replaced() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("letter.txt"), "mine").unwrap();
    plan(cut(), home.path(), &[])
        .code(1)
        .stderr(contains("not a plan folder"));
    assert_eq!(names(home.path()), ["letter.txt"]);
}

#[test]
fn the_folder_that_one_is_in_is_not_replaced() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("week");
    cut::copy(&part().folder(), &folder);
    fs::create_dir(folder.join("mine")).unwrap();
    let before = contents(&folder);
    for (inside, out) in [
        (".", "."),
        ("mine", ".."),
        (".", "../week"),
        ("mine", "../"),
    ] {
        restock()
            .current_dir(folder.join(inside))
            .args(["plan", "--out", out, "--data"])
            .arg(cut())
            .assert()
            .code(1)
            .stderr(contains("the folder that you are in").and(contains("Reading").not()));
    }
    assert!(contents(&folder) == before);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    // From elsewhere it is, by whatever path, and what is not ours stays.
    restock()
        .current_dir(home.path())
        .args(["plan", "--no-charts", "--out", "week/mine/..", "--data"])
        .arg(cut())
        .assert()
        .success();
    assert!(folder.join("mine").is_dir() && !folder.join("charts").exists());
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
}

#[test]
fn a_changed_file_is_said_to_be_kept() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("plan");
    for (lang, words) in [("en", "somebody had changed"), ("ja", "変更されていた")] {
        plan(cut(), &out, &["--no-charts", "--lang", lang])
            .success()
            .stdout(contains("kept").not());
        fs::write(out.join("forecast.csv"), lang).unwrap();
        plan(cut(), &out, &["--no-charts", "--lang", lang])
            .success()
            .stdout(contains(words).and(contains("forecast.csv.kept-")));
        let kept = names(&out)
            .into_iter()
            .find(|name| name.starts_with("forecast.csv.kept-"))
            .unwrap();
        assert_eq!(read(&out, &kept), lang);
        fs::remove_file(out.join(kept)).unwrap();
    }
}

#[test]
fn a_run_json_of_others_stops_the_run_before_the_work() {
    let home = tempfile::tempdir().unwrap();
    let day = home.path().join("out/2026-08-31");
    fs::create_dir_all(&day).unwrap();
    fs::write(day.join("run.json"), "{}").unwrap();
    fs::write(day.join("holiday.jpg"), "sea").unwrap();
    // By name, and where the day alone tells the folder.
    for flags in [["--out", "out/2026-08-31"], ["--as-of", "2026-08-31"]] {
        restock()
            .current_dir(home.path())
            .arg("plan")
            .args(flags)
            .arg("--data")
            .arg(cut())
            .assert()
            .code(1)
            .stderr(contains("does not bear the mark").and(contains("Reading").not()));
    }
    fs::create_dir(day.join("backtest")).unwrap();
    fs::write(day.join("backtest/run.json"), "{}").unwrap();
    restock()
        .current_dir(home.path())
        .args(["backtest", "--as-of", "2026-08-31", "--data"])
        .arg(cut())
        .assert()
        .code(1)
        .stderr(contains("does not bear the mark").and(contains("Reading").not()));
    assert_eq!(
        names(&day),
        ["backtest/run.json", "holiday.jpg", "run.json"]
    );
}

#[test]
fn check_prints_a_table_and_writes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let check = |lang: &str| {
        restock()
            .current_dir(home.path())
            .args(["check", "--lang", lang, "--data"])
            .arg(cut())
            .assert()
            .success()
    };
    check("en").stdout(
        contains("sales")
            .and(contains("stock"))
            .and(contains("inbound"))
            .and(contains("2026-08-31")),
    );
    let said = check("ja").get_output().stdout.clone();
    assert!(
        has_japanese(std::str::from_utf8(&said).unwrap()),
        "{said:?}"
    );
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn check_tells_what_only_planning_shows_of_the_data() {
    let home = tempfile::tempdir().unwrap();
    let shop = home.path().join("shop");
    fs::create_dir(&shop).unwrap();
    let days = |row: fn(i32) -> String| (1..=31).map(row).collect::<String>();
    let sold = days(|d| format!("2026-08-{d:02},A,web,5\n"));
    let stock = days(|d| format!("2026-08-{d:02},A,web,{}\n", 20 + 5 * (31 - d)));
    let put = |name: &str, text: String| fs::write(shop.join(name), text).unwrap();
    put("sales.csv", format!("date,sku,channel,units\n{sold}"));
    put("stock.csv", format!("date,sku,location,on_hand\n{stock}"));
    put(
        "inbound.csv",
        "po_id,sku,location,ordered_date,units,expected_date\nP,A,web,2026-03-01,50,2026-04-01\n"
            .to_owned(),
    );
    let check = |more: &[&str]| {
        let mut command = restock();
        command.args(["check", "--data"]).arg(&shop).args(more);
        command.assert()
    };
    check(&[])
        .success()
        .stdout(contains("[overdue_order_given_up]"));
    check(&["--strict"]).code(1);
}

#[test]
fn init_writes_templates_that_can_be_read() {
    let home = tempfile::tempdir().unwrap();
    let shop = home.path().join("shop");
    restock()
        .arg("init")
        .arg(&shop)
        .assert()
        .success()
        .stdout(contains("restock.toml").and(contains("sales.csv")));
    let written = names(&shop);
    assert_eq!(written.len(), 13, "{written:?}");
    // A second time nothing is overwritten.
    restock()
        .arg("init")
        .arg(&shop)
        .assert()
        .code(1)
        .stderr(contains("sales.csv"));
    // Without a row no day is the last, unless it is given.
    restock()
        .args(["check", "--data"])
        .arg(&shop)
        .assert()
        .code(1)
        .stderr(contains("--as-of"));
    restock()
        .args(["check", "--as-of", "2026-08-31", "--data"])
        .arg(&shop)
        .assert()
        .success();
    let out = home.path().join("plan");
    plan(&shop, &out, &["--as-of", "2026-08-31"]).success();
    assert!(rows(&read(&out, "recommendations.csv")).is_empty());
    assert!(names(&out).iter().any(|n| n == "run.json"));
}
