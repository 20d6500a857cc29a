//! The plan folder as people and programs find it.

mod fixture;
mod kept;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};

use fixture::{options, plain_plan, plan, row};
use polars::prelude::*;
use restock::config::Config;
use restock::domain::{Day, Plan};
use restock::output::{
    Cancel, OutputError, Previous, TextEncoding, WriteOptions, purchase_orders, write,
};
use restock::text::Lang;

fn no_charts(_: &Path) -> Result<(), Infallible> {
    Ok(())
}

fn written(plan: &Plan, options: &WriteOptions) -> PathBuf {
    write(
        plan,
        &Config::default(),
        options,
        &Cancel::default(),
        no_charts,
    )
    .unwrap()
    .placed
    .folder
}

fn failure(plan: &Plan, options: &WriteOptions) -> OutputError {
    write(
        plan,
        &Config::default(),
        options,
        &Cancel::default(),
        no_charts,
    )
    .unwrap_err()
}

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap()
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
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Rows of a CSV as header → cell.
fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .map(Result::unwrap)
        .collect()
}

// ---- Bytes ----

#[test]
fn every_csv_in_english() {
    let home = tempfile::tempdir().unwrap();
    let earlier = options(&home, "2026-11-15");
    written(&fixture::earlier_plan(), &earlier);
    let mut options = options(&home, "2026-11-22");
    options.demand_csv = true;
    let folder = written(&plan(), &options);
    assert_eq!(
        names(&folder),
        [
            "backorder_policy.csv",
            "backorder_what_if.csv",
            "backorders.csv",
            "changes.csv",
            "count_list.csv",
            "demand.csv",
            "demand.parquet",
            "exceptions.csv",
            "forecast.csv",
            "preorders.csv",
            "purchase_orders.csv",
            "recommendations.csv",
            "run.json",
            "stockout_summary.csv",
            "stockouts.csv",
            "summary.json",
            "transfers.csv",
        ]
    );
    for file in [
        "recommendations.csv",
        "purchase_orders.csv",
        "demand.csv",
        "forecast.csv",
        "exceptions.csv",
        "changes.csv",
        "summary.json",
    ] {
        let text = read(&folder, file);
        assert!(text.ends_with('\n') && !text.contains('\r'), "{file}");
        insta::assert_snapshot!(format!("en_{file}"), text);
    }
}

#[test]
fn texts_and_headers_in_japanese() {
    let home = tempfile::tempdir().unwrap();
    written(&fixture::earlier_plan(), &options(&home, "2026-11-15"));
    let mut options = options(&home, "2026-11-22");
    options.lang = Lang::Ja;
    options.csv.headers = Lang::Ja;
    options.demand_csv = true;
    let folder = written(&plan(), &options);
    for file in ["exceptions.csv", "changes.csv", "purchase_orders.csv"] {
        insta::assert_snapshot!(format!("ja_{file}"), read(&folder, file));
    }
    for (file, bytes) in contents(&folder) {
        if file.ends_with(".csv") {
            let text = String::from_utf8(bytes).unwrap();
            let header = text.lines().next().unwrap();
            assert!(!header.contains("output."), "{file}: {header}");
            assert!(!header.contains('_'), "{file}: {header}");
        }
    }
}

#[test]
fn recommendations_have_the_contracts_columns_first() {
    let contract = "sku,name,channel,location,category,supplier,as_of,action,observed_units_per_day,stockout_days,\
        hidden_units,hidden_units_p10,hidden_units_p90,demand_per_day,lead_time_days,lead_time_sd,review_days,\
        protection_days,demand_over_protection,demand_over_protection_sd,distribution,service_measure,service_target,\
        safety_stock,reorder_point,order_up_to,on_hand,on_order_in_time,on_order_late,open_backorders,\
        inventory_position,raw_need,moq,order_multiple,order_qty,unit_cost,amount,order_by,expected_arrival,\
        first_stockout_date,expected_service,confidence,reason_code,reason";
    let home = tempfile::tempdir().unwrap();
    let folder = written(&plan(), &options(&home, "plan"));
    let text = read(&folder, "recommendations.csv");
    assert_eq!(
        text.lines().next().unwrap(),
        format!(
            "{contract},waiting_reduction,lost_while_waiting,rounding,pool_channels,safety_stock_apart,\
            transfer_in,transfer_short,held_back,supplied_from,demand_over_year,on_order_surplus,on_order_surplus_amount"
        )
    );
    let orders = read(&folder, "purchase_orders.csv");
    assert_eq!(
        orders.lines().next().unwrap(),
        "supplier,sku,name,location,order_qty,unit_cost,amount,order_multiple,moq,order_by,expected_arrival,priority,reason,raw_need"
    );
}

#[test]
fn figures_are_plain_and_texts_are_harmless() {
    let mut plan = plain_plan();
    let r = &mut plan.recommendations[0];
    r.on_hand = Some(-3.0);
    r.safety_stock = -0.000_01;
    r.raw_need = 0.1 + 0.2;
    r.order_up_to = 1_234_567_890.125;
    r.expected_service = f64::NAN;
    r.name = Some("=HYPERLINK(\"http://x\",\"y\")".into());
    r.supplied_from = Some(restock::domain::Location::new(
        "＠home, \"quoted\"\nsecond line",
    ));
    r.category = Some(restock::domain::Category::new("-50%"));
    let home = tempfile::tempdir().unwrap();
    let folder = written(&plan, &options(&home, "plan"));
    let row = &table(&read(&folder, "recommendations.csv"))[0];
    assert_eq!(row["on_hand"], "-3");
    assert_eq!(row["safety_stock"], "0");
    assert_eq!(row["raw_need"], "0.3");
    assert_eq!(row["order_up_to"], "1234567890.125");
    assert_eq!(row["expected_service"], "");
    assert_eq!(row["name"], "'=HYPERLINK(\"http://x\",\"y\")");
    assert_eq!(row["supplied_from"], "'＠home, \"quoted\"\nsecond line");
    assert_eq!(row["category"], "'-50%");
}

#[test]
fn excel_gets_a_byte_order_mark_and_crlf() {
    let home = tempfile::tempdir().unwrap();
    let plain = written(&plan(), &options(&home, "plain"));
    let mut for_excel = options(&home, "excel");
    for_excel.csv.excel = true;
    let excel = written(&plan(), &for_excel);
    for file in ["recommendations.csv", "exceptions.csv", "forecast.csv"] {
        let expected = format!("\u{feff}{}", read(&plain, file).replace('\n', "\r\n"));
        assert_eq!(read(&excel, file), expected, "{file}");
    }
}

#[test]
fn cp932_is_written_or_refused_with_the_place() {
    let home = tempfile::tempdir().unwrap();
    let mut cp932 = options(&home, "cp932");
    cp932.csv.encoding = TextEncoding::Cp932;
    cp932.csv.headers = Lang::Ja;
    cp932.lang = Lang::Ja;
    cp932.demand_csv = true;
    let folder = written(&plan(), &cp932);
    let bytes = fs::read(folder.join("recommendations.csv")).unwrap();
    let (text, bad) = encoding_rs::SHIFT_JIS.decode_without_bom_handling(&bytes);
    assert!(!bad);
    let utf8 = {
        let mut same = cp932.clone();
        same.out = home.path().join("utf8");
        same.csv.encoding = TextEncoding::Utf8;
        read(&written(&plan(), &same), "recommendations.csv")
    };
    // The wave dash is written as CP932's own.
    assert_eq!(text, utf8.replace('〜', "～"));

    let mut plan = plan();
    plan.recommendations[1].name = Some("Tee 😀".into());
    let error = failure(&plan, &cp932);
    assert_eq!(
        error.to_string(),
        "recommendations.csv, row 3, column 商品名: the character 😀 (U+1F600) does not exist in CP932. Value: Tee 😀"
    );
    assert!(error.remedy(Lang::En).contains("--encoding"));
    // The folder that was there is as it was.
    assert_eq!(fs::read(folder.join("recommendations.csv")).unwrap(), bytes);
}

#[test]
fn every_text_of_the_folder_can_be_written_in_cp932() {
    for source in [
        include_str!("../../src/text/en/output.toml"),
        include_str!("../../src/text/ja/output.toml"),
    ] {
        let (_, _, lossy) = encoding_rs::SHIFT_JIS.encode(source);
        assert!(!lossy);
    }
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    let home = tempfile::tempdir().unwrap();
    let mut all = options(&home, "first");
    all.demand_csv = true;
    let first = contents(&written(&plan(), &all));
    all.out = home.path().join("second");
    let second = contents(&written(&plan(), &all));
    assert_eq!(
        first.keys().collect::<Vec<_>>(),
        second.keys().collect::<Vec<_>>()
    );
    for (file, bytes) in first {
        if file != "run.json" {
            assert_eq!(bytes, second[&file], "{file}");
        }
    }
}

// ---- Meaning ----

#[test]
fn purchase_orders_add_up_to_the_recommendations() {
    let plan = plan();
    let orders = purchase_orders(&plan);
    let sum: f64 = orders.iter().map(|o| o.order.bridge.quantity).sum();
    let recommended: f64 = plan.recommendations.iter().map(|r| r.order_qty).sum();
    assert_eq!(sum, recommended);
    assert!(orders.iter().all(|o| o.order.bridge.quantity > 0.0));

    // The two channels of the pool are one line: 30 + 12 units at 800.
    let pool = orders
        .iter()
        .map(|o| o.order)
        .find(|o| o.sku.as_str() == "0017")
        .unwrap();
    assert_eq!(
        (pool.bridge.quantity, pool.amount()),
        (42.0, Some(33_600.0))
    );
    assert_eq!(pool.bridge.first_stockout, Day::from_ymd(2026, 11, 30));

    let order: Vec<(&str, u32)> = orders
        .iter()
        .map(|o| (o.order.sku.as_str(), o.priority))
        .collect();
    // 0018 and 0019 run out on one day: the more valuable first. 0020 does not run out.
    assert_eq!(order, [("0017", 1), ("0019", 2), ("0018", 3), ("0020", 4)]);
}

#[test]
fn demand_reads_back_equal() {
    let home = tempfile::tempdir().unwrap();
    let mut all = options(&home, "plan");
    all.demand_csv = true;
    let plan = plan();
    let folder = written(&plan, &all);
    let file = fs::File::open(folder.join("demand.parquet")).unwrap();
    let frame = ParquetReader::new(file).finish().unwrap();
    assert_eq!(
        frame
            .get_column_names()
            .iter()
            .map(|n| n.as_str())
            .collect::<Vec<_>>(),
        [
            "sku",
            "channel",
            "date",
            "sold",
            "backordered",
            "lost",
            "lost_p10",
            "lost_p90",
            "demand",
            "availability"
        ]
    );
    assert_eq!(frame.column("date").unwrap().dtype(), &DataType::Date);
    let h = &plan.history;
    assert_eq!(frame.height(), h.sold.len());
    let figures = |name: &str| -> Vec<f64> {
        frame
            .column(name)
            .unwrap()
            .f64()
            .unwrap()
            .into_no_null_iter()
            .collect()
    };
    let words = |name: &str| -> Vec<String> {
        frame
            .column(name)
            .unwrap()
            .str()
            .unwrap()
            .iter()
            .map(|word| word.unwrap().to_owned())
            .collect()
    };
    let days = frame
        .column("date")
        .unwrap()
        .cast(&DataType::Int32)
        .unwrap();
    let days: Vec<i32> = days.i32().unwrap().into_no_null_iter().collect();
    assert_eq!(figures("sold"), h.sold);
    assert_eq!(figures("lost_p90"), h.lost_p90);
    let (sku, channel, availability) = (words("sku"), words("channel"), words("availability"));
    let demand = figures("demand");
    let rows = table(&read(&folder, "demand.csv"));
    assert_eq!(rows.len(), h.sold.len());
    for (i, r) in plan.recommendations.iter().enumerate() {
        for k in h.range(i) {
            assert_eq!(sku[k], r.sku.as_str());
            assert_eq!(channel[k], r.channel.as_str());
            assert_eq!(Day(days[k]), h.day(i, k));
            assert_eq!(availability[k], h.availability[k].as_str());
            assert_eq!(demand[k], h.sold[k] + h.backordered[k] + h.lost[k]);
            assert_eq!(rows[k]["date"], h.day(i, k).to_string());
            assert_eq!(rows[k]["availability"], availability[k]);
        }
    }
}

#[test]
fn demand_is_written_in_row_groups_of_whole_series() {
    let home = tempfile::tempdir().unwrap();
    let plan = fixture::long_plan(400, 730);
    let folder = written(&plan, &options(&home, "plan"));
    let file = fs::File::open(folder.join("demand.parquet")).unwrap();
    let mut reader = ParquetReader::new(file);
    let groups: Vec<usize> = reader
        .get_metadata()
        .unwrap()
        .row_groups
        .iter()
        .map(|g| g.num_rows())
        .collect();
    assert_eq!(groups.iter().sum::<usize>(), 400 * 730);
    assert!(groups.len() > 1);
    for rows in groups {
        assert!(rows <= 1 << 17 && rows % 730 == 0, "{rows}");
    }
    let frame = reader.finish().unwrap();
    let sum: f64 = frame.column("sold").unwrap().f64().unwrap().sum().unwrap();
    assert_eq!(sum, plan.history.sold.iter().sum::<f64>());
}

#[test]
fn a_plan_without_series_is_a_folder_of_headers() {
    let home = tempfile::tempdir().unwrap();
    let mut plan = plain_plan();
    plan.recommendations.clear();
    plan.history = Default::default();
    plan.projections.clear();
    plan.forecast.clear();
    let folder = written(&plan, &options(&home, "plan"));
    assert_eq!(read(&folder, "recommendations.csv").lines().count(), 1);
    let file = fs::File::open(folder.join("demand.parquet")).unwrap();
    let frame = ParquetReader::new(file).finish().unwrap();
    assert_eq!(frame.shape(), (0, 10));
}

#[test]
fn run_json_tells_how_the_plan_came_about() {
    let home = tempfile::tempdir().unwrap();
    let folder = written(&plan(), &options(&home, "plan"));
    let run: serde_json::Value = serde_json::from_str(&read(&folder, "run.json")).unwrap();
    assert_eq!(run["version"], "9.9.9");
    assert_eq!(run["as_of"], "2026-11-22");
    assert_eq!(run["configuration"]["policy"]["service_level"], 0.95);
    assert_eq!(run["files"][0]["sha256"], "ab12");
    assert_eq!(run["timings"][0]["stage"], "demand");
    assert_eq!(run["timings"][0]["seconds"], 1.25);
    assert_eq!(run["timings"][1]["stage"], "write");
}

// ---- All or nothing ----

#[test]
fn a_failing_drawing_leaves_everything_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    let options = options(&home, "2026-11-22");
    let draw = |charts: &Path| {
        fs::write(charts.join("half.svg"), "<svg").unwrap();
        Err("no font")
    };
    let attempt = || {
        write(
            &plan(),
            &Config::default(),
            &options,
            &Cancel::default(),
            draw,
        )
        .unwrap_err()
    };
    assert_eq!(
        attempt().to_string(),
        "The charts could not be drawn: no font"
    );
    assert!(names(home.path()).is_empty());

    written(&plain_plan(), &options);
    let before = contents(&options.out);
    assert!(matches!(attempt(), OutputError::Draw { .. }));
    assert_eq!(contents(&options.out), before);
    assert_eq!(names(home.path()), ["2026-11-22"]);
}

#[test]
fn a_wish_to_stop_leaves_everything_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    let options = options(&home, "2026-11-22");
    written(&plain_plan(), &options);
    let before = contents(&options.out);
    // Ctrl-C before the first file, and while the charts are drawn.
    for early in [true, false] {
        let cancel = Cancel::default();
        if early {
            cancel.request();
        }
        let error = write(&plan(), &Config::default(), &options, &cancel, |_| {
            cancel.request();
            Ok::<(), Infallible>(())
        })
        .unwrap_err();
        assert!(matches!(error, OutputError::Cancelled));
        assert_eq!(contents(&options.out), before);
        assert_eq!(names(home.path()), ["2026-11-22"]);
    }
}

#[test]
fn an_earlier_plan_folder_is_replaced_as_a_whole() {
    let home = tempfile::tempdir().unwrap();
    let mut options = options(&home, "2026-11-22");
    options.demand_csv = true;
    write(
        &plain_plan(),
        &Config::default(),
        &options,
        &Cancel::default(),
        |charts| fs::write(charts.join("a.svg"), "<svg/>"),
    )
    .unwrap();
    assert!(options.out.join("charts/a.svg").is_file());
    options.demand_csv = false;
    assert_eq!(written(&plan(), &options), options.out);
    assert!(!options.out.join("demand.csv").exists());
    assert!(!options.out.join("charts").exists());
    assert_eq!(names(home.path()), ["2026-11-22"]);

    // An empty folder may be filled.
    options.out = home.path().join("empty");
    fs::create_dir(&options.out).unwrap();
    written(&plan(), &options);
    assert_eq!(names(home.path()), ["2026-11-22", "empty"]);
}

#[cfg(unix)]
#[test]
fn a_plan_folder_is_open_to_those_whom_the_umask_lets_in() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let plain = home.path().join("plain");
    fs::create_dir(&plain).unwrap();
    let folder = written(&plan(), &options(&home, "plan"));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), mode(&plain));
}

#[cfg(unix)]
#[test]
fn a_link_to_a_plan_folder_stays_a_link() {
    let home = tempfile::tempdir().unwrap();
    let real = options(&home, "real");
    written(&plain_plan(), &real);
    let link = options(&home, "latest");
    std::os::unix::fs::symlink(&real.out, &link.out).unwrap();
    written(&plan(), &link);
    assert!(link.out.is_symlink());
    assert_eq!(
        read(&real.out, "recommendations.csv").lines().count(),
        1 + plan().recommendations.len()
    );
}

#[test]
fn a_folder_with_other_things_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let options = options(&home, "photos");
    fs::create_dir(&options.out).unwrap();
    fs::write(options.out.join("cat.jpg"), "cat").unwrap();
    let error = failure(&plan(), &options);
    assert!(matches!(error, OutputError::NotAPlanFolder { .. }));
    assert!(
        error
            .to_string()
            .contains(&options.out.display().to_string())
    );
    assert!(error.remedy(Lang::En).contains("--out"));
    assert!(error.remedy(Lang::Ja).contains("--out"));
    assert_eq!(names(&options.out), ["cat.jpg"]);
    assert_eq!(names(home.path()), ["photos"]);

    let file = fixture::options(&home, "photos/cat.jpg");
    assert!(matches!(
        failure(&plan(), &file),
        OutputError::NotAFolder { .. }
    ));
    let below_a_file = fixture::options(&home, "photos/cat.jpg/plan");
    assert!(matches!(
        failure(&plan(), &below_a_file),
        OutputError::Read { .. } | OutputError::Write { .. }
    ));
    assert_eq!(fs::read(options.out.join("cat.jpg")).unwrap(), b"cat");
}

#[test]
fn runs_at_once_into_one_folder_all_finish_whole() {
    let home = tempfile::tempdir().unwrap();
    let options = options(&home, "2026-11-22");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    match write(
                        &plan(),
                        &Config::default(),
                        &options,
                        &Cancel::default(),
                        no_charts,
                    ) {
                        Ok(_) | Err(OutputError::Busy { .. }) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            });
        }
    });
    assert_eq!(names(home.path()), ["2026-11-22"]);
    let alone = fixture::options(&home, "alone");
    assert_eq!(
        names(&options.out),
        names(&written(&plan(), &alone)),
        "the last one is whole"
    );
}

// ---- The previous plan ----

/// A plan of one series, as of a day of November, that orders so many units.
fn plan_of(day: u32, order_qty: f64) -> Plan {
    let mut plan = plain_plan();
    plan.as_of = Day::from_ymd(2026, 11, day).unwrap();
    plan.recommendations[0].order_qty = order_qty;
    plan
}

#[test]
fn the_newest_plan_of_an_earlier_day_is_compared_with_whatever_its_folder_is_called() {
    let home = tempfile::tempdir().unwrap();
    for (name, day, order_qty) in [
        ("2026-11-08", 8, 1.0),
        ("the week before", 15, 2.0),
        // Named like a date that is not its own: later than it, and the day of the plan itself.
        ("2026-11-21", 14, 3.0),
        ("2026-11-15", 22, 4.0),
        ("later", 29, 5.0),
    ] {
        written(&plan_of(day, order_qty), &options(&home, name));
    }
    fs::create_dir(home.path().join("2026-11-20")).unwrap();
    let compared = |options: &WriteOptions| {
        let rows = table(&read(&written(&plan_of(22, 7.0), options), "changes.csv"));
        assert_eq!(rows.len(), 1);
        rows[0]["order_qty_before"].clone()
    };
    assert_eq!(compared(&options(&home, "2026-11-22")), "2");

    let mut named = options(&home, "2026-11-22");
    named.previous = Previous::Folder(home.path().join("2026-11-21"));
    assert_eq!(compared(&named), "3");

    // Of a folder that is used week after week, the plan that is replaced.
    written(&plan_of(20, 6.0), &options(&home, "this week"));
    assert_eq!(compared(&options(&home, "this week")), "6");
}

#[test]
fn without_an_earlier_plan_there_is_a_header_and_a_notice() {
    let home = tempfile::tempdir().unwrap();
    let folder = written(&plain_plan(), &options(&home, "2026-11-22"));
    assert_eq!(read(&folder, "changes.csv").lines().count(), 1);
    let findings = table(&read(&folder, "exceptions.csv"));
    assert_eq!(findings[0]["code"], "no_previous_plan");
    assert_eq!(findings[0]["severity"], "notice");
    assert!(findings[0]["message"].contains("changes.csv"));
    assert!(findings[0]["remedy"].contains("--previous"));

    let mut named = options(&home, "2026-11-22");
    named.previous = Previous::Folder(home.path().join("nowhere"));
    let error = failure(&plain_plan(), &named);
    assert!(matches!(error, OutputError::Previous { .. }));
    assert!(error.to_string().contains("nowhere"));
}

#[test]
fn an_earlier_plan_that_cannot_be_read_is_a_warning() {
    let home = tempfile::tempdir().unwrap();
    let broken = written(&plan_of(15, 1.0), &options(&home, "broken"));
    fs::write(
        broken.join("recommendations.csv"),
        "sku,channel,order_qty,reorder_point\nA,web,many,3\n",
    )
    .unwrap();
    let folder = written(&plain_plan(), &options(&home, "2026-11-22"));
    let findings = table(&read(&folder, "exceptions.csv"));
    assert_eq!(findings[0]["severity"], "warning");
    assert!(
        findings[0]["message"].contains("line 2: \"many\" is not a number"),
        "{:?}",
        findings[0]
    );
}

#[test]
fn an_earlier_plan_in_any_dress_is_read() {
    let home = tempfile::tempdir().unwrap();
    let mut dressed = options(&home, "2026-11-15");
    dressed.csv.headers = Lang::Ja;
    dressed.csv.encoding = TextEncoding::Cp932;
    dressed.csv.excel = true;
    let mut earlier = plan();
    earlier.as_of = Day::from_ymd(2026, 11, 15).unwrap();
    written(&earlier, &dressed);
    let folder = written(&plan(), &options(&home, "2026-11-22"));
    let rows = table(&read(&folder, "changes.csv"));
    assert_eq!(rows.len(), plan().recommendations.len());
    for row in rows {
        assert_eq!(row["reason_code"], "same", "{row:?}");
    }
}

#[test]
fn changes_name_the_largest_cause() {
    let home = tempfile::tempdir().unwrap();
    written(&fixture::earlier_plan(), &options(&home, "2026-11-15"));
    let folder = written(&plan(), &options(&home, "2026-11-22"));
    let causes: BTreeMap<(String, String), String> = table(&read(&folder, "changes.csv"))
        .into_iter()
        .map(|r| {
            (
                (r["sku"].clone(), r["channel"].clone()),
                r["reason_code"].clone(),
            )
        })
        .collect();
    let cause = |sku: &str, channel: &str| causes[&(sku.to_owned(), channel.to_owned())].as_str();
    assert_eq!(cause("0017", "amazon"), "same");
    assert_eq!(cause("0017", "web"), "demand_up");
    assert_eq!(cause("0018", "web"), "stock");
    assert_eq!(cause("0019", "web"), "lead_time");
    assert_eq!(cause("0020", "web"), "new");
    assert_eq!(cause("'=old", "web"), "gone");
}

#[test]
fn a_row_is_as_its_maker_says() {
    // The bridge of the fixture holds, so that the snapshots show a plan that could be one.
    for r in plan().recommendations {
        assert_eq!(r.demand_over_protection + r.safety_stock, r.reorder_point);
        if r.order_qty > 0.0 {
            assert_eq!(r.raw_need + r.rounding, r.order_qty);
        }
    }
    assert_eq!(row("0017", "web", "main").order_qty, 0.0);
}
