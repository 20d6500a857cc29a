//! On how much of the past stock is known, what is said without it, and stock that leaves without a sale.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use restock::domain::Day;
use serde_json::Value;
use tempfile::TempDir;

const AS_OF: Day = Day(20_695);

/// A number in 0..1 that is the same on every run.
fn draw(seed: i32) -> f64 {
    let mut z = (seed as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// Files of a shop.
#[derive(Default)]
struct Shop {
    sales: String,
    stock: String,
    inbound: String,
    others: Vec<(&'static str, String)>,
}

impl Shop {
    fn sold(&mut self, back: i32, sku: &str, units: i32) {
        if units > 0 {
            let _ = writeln!(self.sales, "{},{sku},web,{units}", AS_OF + -back);
        }
    }

    fn counted(&mut self, back: i32, sku: &str, units: i32) {
        let _ = writeln!(self.stock, "{},{sku},web,{units}", AS_OF + -back);
    }

    fn other(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.others.push((name, text.into()));
        self
    }

    fn write(&self) -> TempDir {
        let home = tempfile::tempdir().unwrap();
        self.write_into(home.path());
        home
    }

    fn write_into(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        let put = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
        put(
            "sales.csv",
            &format!("date,sku,channel,units\n{}", self.sales),
        );
        if !self.stock.is_empty() {
            put(
                "stock.csv",
                &format!("date,sku,location,on_hand\n{}", self.stock),
            );
        }
        if !self.inbound.is_empty() {
            let head = "po_id,sku,location,ordered_date,units,received_date,received_units\n";
            put("inbound.csv", &format!("{head}{}", self.inbound));
        }
        for (name, text) in &self.others {
            put(name, text);
        }
    }
}

/// Sales of a year, three items at one or two a day, and stock on those days for which `counted` says so.
fn shop(counted: impl Fn(i32) -> bool) -> Shop {
    let mut shop = Shop::default();
    for back in (0..365).rev() {
        for (k, sku) in (1..).zip(["A", "B", "C"]) {
            shop.sold(back, sku, (draw(back * 3 + k) * 3.0) as i32);
            if counted(back) {
                shop.counted(back, sku, 40);
            }
        }
    }
    shop
}

fn run(command: &str, data: &Path, flags: &[&str]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_restock"))
        .args([command, "--data"])
        .arg(data)
        .args(flags)
        .assert()
        .success();
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

struct Plan {
    _home: TempDir,
    out: PathBuf,
    said: String,
}

impl Plan {
    fn of(shop: &Shop, flags: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let (data, out) = (home.path().join("data"), home.path().join("plan"));
        shop.write_into(&data);
        let mut all = vec!["--no-charts", "--out", out.to_str().unwrap()];
        all.extend(flags);
        let said = run("plan", &data, &all);
        Self {
            _home: home,
            out,
            said,
        }
    }

    fn line(&self, beginning: &str) -> &str {
        let mut lines = self.said.lines();
        lines
            .find(|line| line.starts_with(beginning))
            .unwrap_or_else(|| panic!("{beginning}: {}", self.said))
    }

    fn summary(&self) -> Value {
        let text = fs::read_to_string(self.out.join("summary.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    fn rows(&self, file: &str) -> Vec<std::collections::BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_path(self.out.join(file)).unwrap();
        reader.deserialize().map(Result::unwrap).collect()
    }
}

#[test]
fn one_snapshot_gives_no_service_no_hidden_demand_and_little_confidence() {
    let plan = Plan::of(&shop(|back| back == 0), &[]);
    let record = plan.line("Stock record:");
    assert!(record.contains("on 0.3 % of the series-days"), "{record}");
    for more in ["inbound", "ledger", "counts"] {
        assert!(record.contains(more), "{record}");
    }
    assert!(plan.line("Hidden demand:").contains("not told"));
    assert!(
        plan.line("Service:").contains("is not told"),
        "{}",
        plan.said
    );
    let summary = plan.summary();
    assert_eq!(summary["service"]["reached"], Value::Null);
    assert_eq!(summary["hidden_demand"]["units"]["mean"], Value::Null);
    let record = &summary["stock_record"];
    assert_eq!(record["gives_figures"], false);
    assert_eq!(record["known_series_days"], 3);
    assert_eq!(record["since"], AS_OF.to_string());
    for row in plan.rows("recommendations.csv") {
        assert_eq!(row["confidence"], "low");
    }
    let told = plan.rows("exceptions.csv");
    assert!(told.iter().any(|f| f["code"] == "stock_days_unknown"));
    let page = fs::read_to_string(plan.out.join("report.html")).unwrap();
    assert!(page.contains("Stock record: known on 0.3 %"));
    assert!(page.contains("stock_days_unknown"));
}

#[test]
fn check_and_the_backtest_say_it_too_and_check_says_what_the_page_says() {
    let home = shop(|back| back < 35).write();
    let said = run("check", home.path(), &[]);
    let line = said
        .lines()
        .find(|l| l.starts_with("Stock record:"))
        .unwrap();
    assert!(line.contains("9.6 %") && line.contains("35 days"), "{line}");
    assert!(said.contains("[stock_days_unknown]"), "{said}");
    let out = home.path().join("out");
    let flags = ["--origins", "1", "--out", out.to_str().unwrap()];
    let said = run("backtest", home.path(), &flags);
    assert!(said.contains("Stock record: known on 9.6 %"), "{said}");
    let page = fs::read_to_string(out.join("backtest/report.html")).unwrap();
    assert!(page.contains("Stock record: known on 9.6 %"));
}

#[test]
fn thirty_five_days_of_stock_are_not_said_to_be_a_year() {
    let plan = Plan::of(&shop(|back| back < 35), &[]);
    assert!(plan.line("Hidden demand:").contains("last 35 days"));
    assert!(
        plan.line("Service:").contains("last 35 days"),
        "{}",
        plan.said
    );
    assert_eq!(plan.summary()["stock_record"]["days"], 35);
    // A tenth of the year is known.
    assert_eq!(plan.rows("recommendations.csv")[0]["confidence"], "low");
    let plan = Plan::of(&shop(|back| back < 120), &[]);
    assert_eq!(plan.rows("recommendations.csv")[0]["confidence"], "medium");
    let plan = Plan::of(&shop(|_| true), &[]);
    assert_eq!(plan.rows("recommendations.csv")[0]["confidence"], "high");
    assert_eq!(
        plan.line("Stock record:"),
        "Stock record: known on all series-days of the last 365 days"
    );
}

/// A stock that leaves at 7 a day, of which `told` are in `sales`; deliveries once a month.
fn leaking(skus: &[&str], told: impl Fn(f64) -> i32) -> Shop {
    let mut shop = Shop::default();
    for (k, sku) in (0..).zip(skus) {
        let mut stock = 700;
        for back in (0..365).rev() {
            let left = (draw(back * 31 + k) * 15.0) as i32;
            let mut came = 0;
            if back % 30 == 10 {
                came = 210;
                let day = AS_OF + -back;
                let _ = writeln!(
                    shop.inbound,
                    "P{k}-{back},{sku},web,{},210,{day},210",
                    day + -14
                );
            }
            stock += came - left.min(stock);
            shop.sold(back, sku, told(f64::from(left)).min(left));
            shop.counted(back, sku, stock);
        }
    }
    shop
}

fn four_of_seven(left: f64) -> i32 {
    (left * 4.0 / 7.0).round() as i32
}

#[test]
fn stock_that_leaves_without_a_sale_is_found_with_what_it_does_to_the_reorder_point() {
    let shop = leaking(&["A"], four_of_seven).other(
        "items.csv",
        "sku,unit_cost,price,lead_time_days,lead_time_sd\nA,100,200,14,1\n",
    );
    let plan = Plan::of(&shop, &[]);
    let told = plan.rows("exceptions.csv");
    let found: Vec<_> = told
        .iter()
        .filter(|f| f["code"] == "stock_leaves_unexplained")
        .collect();
    assert_eq!(found.len(), 1, "{told:#?}");
    let message = &found[0]["message"];
    let per_day: f64 = message[6..].split(' ').next().unwrap().parse().unwrap();
    assert!((per_day - 3.0).abs() < 0.4, "{message}");
    let now: f64 = plan.rows("recommendations.csv")[0]["reorder_point"]
        .parse()
        .unwrap();
    let point = message.split("be about ").nth(1).unwrap();
    let point: f64 = point.split(' ').next().unwrap().parse().unwrap();
    assert!((point / now - 7.0 / 4.0).abs() < 0.15, "{message}: {now}");
}

#[test]
fn many_stocks_of_one_location_are_one_line_and_shrinkage_is_called_so() {
    let skus = ["A", "B", "C", "D", "E", "F", "G"];
    let home = leaking(&skus, four_of_seven).write();
    let said = run("check", home.path(), &[]);
    assert!(said.contains("Of 7 SKUs at \"web\""), "{said}");
    assert!(!said.contains("[stock_leaves_unexplained]"));
    // One in fifty is lost.
    let shrinks = |left: f64| (left - f64::from(u8::from(left > 13.5))).max(0.0) as i32;
    let home = leaking(&["A"], shrinks).write();
    let said = run("check", home.path(), &[]);
    assert!(said.contains("[stock_shrinkage]"), "{said}");
    assert!(!said.contains("unexplained]"), "{said}");
    let home = leaking(&["A"], |left| left as i32).write();
    let said = run("check", home.path(), &[]);
    assert!(
        !said.contains("shrink") && !said.contains("unexplained"),
        "{said}"
    );
}

#[test]
fn a_log_of_changes_keeps_the_last_state_by_time() {
    let mut shop = shop(|_| false);
    for back in (0..40).rev() {
        let day = AS_OF + -back;
        for sku in ["A", "B", "C"] {
            // The last row of the day is not the last by time.
            for (time, units) in [("18:30", 17), ("09:10", 33), ("12:00:05", 25)] {
                let _ = writeln!(shop.stock, "{day} {time},{sku},web,{units}");
            }
        }
    }
    let plan = Plan::of(&shop, &[]);
    for row in plan.rows("recommendations.csv") {
        assert_eq!(row["on_hand"], "17");
    }
    let told = plan.rows("exceptions.csv");
    assert!(told.iter().any(|f| f["code"] == "stock_states_within_day"));
    assert!(told.iter().all(|f| f["code"] != "duplicate_stock_rows"));
}

#[test]
fn what_lay_in_the_first_count_is_on_sale_since_its_sales_began() {
    let weekly = |back: i32| back % 7 == 0;
    let mut shop = shop(weekly);
    for back in (0..365).rev() {
        // L was counted every week from the first day on and sold from day 300 on; S sells once in a hundred days.
        if back < 65 {
            shop.sold(back, "L", 2 + back % 2);
        }
        if back == 150 || back == 40 {
            shop.sold(back, "S", 1);
        }
        // N never sold.
        for sku in ["L", "S", "N"].iter().filter(|_| weekly(back)) {
            shop.counted(back, sku, 60);
        }
    }
    let plan = Plan::of(&shop, &[]);
    let rows = plan.rows("recommendations.csv");
    let row = |sku: &str| rows.iter().find(|r| r["sku"] == sku).unwrap();
    let rate: f64 = row("L")["demand_per_day"].parse().unwrap();
    assert!((2.0..3.0).contains(&rate), "{rate}");
    let rate: f64 = row("S")["demand_per_day"].parse().unwrap();
    assert!(rate < 0.05, "{rate}");
    assert_eq!(row("N")["order_qty"], "0");
}

#[test]
fn codes_that_never_sold_are_not_ordered_from_one_snapshot() {
    let mut shop = shop(|back| back == 0);
    for k in 0..20 {
        shop.counted(0, &format!("NEVER{k:02}"), 1);
    }
    let plan = Plan::of(&shop, &[]);
    let rows = plan.rows("recommendations.csv");
    let never = rows.iter().filter(|r| r["sku"].starts_with("NEVER"));
    assert_eq!(never.clone().count(), 20);
    for row in never {
        assert_eq!(row["order_qty"], "0", "{row:?}");
    }
}

#[test]
fn another_shop_s_plan_in_the_same_folder_is_not_compared_with() {
    let home = tempfile::tempdir().unwrap();
    let plan = |shop: &Shop, name: &str, flags: &[&str]| {
        let data = home.path().join(format!("data-{name}"));
        shop.write_into(&data);
        let out = home.path().join("out").join(name);
        let mut all = vec!["--no-charts", "--out", out.to_str().unwrap()];
        all.extend(flags);
        let said = run("plan", &data, &all);
        let changes = fs::read_to_string(out.join("changes.csv")).unwrap();
        (said, changes.lines().count())
    };
    let day = (AS_OF + -7).to_string();
    let mut other = Shop::default();
    for back in (0..365).rev() {
        for sku in ["X", "Y", "Z"] {
            other.sold(back, sku, 2);
            other.counted(back, sku, 20);
        }
    }
    plan(&other, "other", &["--as-of", &day]);
    let (said, changes) = plan(&shop(|_| true), "first", &["--as-of", &day]);
    assert_eq!(changes, 1);
    assert!(!said.contains("Compared with"), "{said}");
    let (said, changes) = plan(&shop(|_| true), "second", &[]);
    assert!(said.contains("Compared with the plan in"), "{said}");
    assert!(said.contains("first: changes.csv"), "{said}");
    assert!(changes > 1);
}

#[test]
fn surplus_on_order_is_summed_up_and_said() {
    let mut shop = shop(|_| true);
    let ordered = AS_OF + -10;
    let _ = writeln!(shop.inbound, "P1,A,web,{ordered},2000,,");
    let shop = shop.other("items.csv", "sku,unit_cost,price\nA,100,200\n");
    let plan = Plan::of(&shop, &[]);
    let line = plan.line("On order beyond demand:");
    let surplus = &plan.summary()["cash"]["on_order_surplus"];
    let units = surplus["units"].as_f64().unwrap();
    assert!(units > 1000.0 && line.contains("JPY"), "{line}");
    assert_eq!(surplus["value"].as_f64().unwrap(), 100.0 * units);
}

#[test]
fn the_reason_says_need_and_lot_and_the_need_is_a_column() {
    let items = "sku,unit_cost,price,moq,order_multiple,lead_time_days\nA,100,200,,50,10\nB,100,200,120,,10\nC,100,200,,,10\n";
    let mut little = Shop::default();
    for back in (0..365).rev() {
        for (k, sku) in (1..).zip(["A", "B", "C"]) {
            little.sold(back, sku, (draw(back * 3 + k) * 3.0) as i32);
            little.counted(back, sku, 2);
        }
    }
    let plan = Plan::of(&little.other("items.csv", items), &[]);
    let orders = plan.rows("purchase_orders.csv");
    let order = |sku: &str| orders.iter().find(|r| r["sku"] == sku).unwrap();
    let a = order("A");
    let need = &a["raw_need"];
    assert!(
        a["reason"].contains(&format!(
            "Needed are {need}; 50 are ordered, because orders come in multiples of 50."
        )),
        "{a:?}"
    );
    let b = order("B");
    assert!(b["reason"].contains("least order"), "{b:?}");
    let rows = plan.rows("recommendations.csv");
    let b = rows.iter().find(|r| r["sku"] == "B").unwrap();
    if b["safety_stock"].starts_with('-') {
        assert!(b["reason"].contains("carries the service"), "{b:?}");
    }
    let c = order("C");
    assert!(!c["reason"].contains("Needed are"), "{c:?}");
}

#[test]
fn closing_lines_in_japanese_have_words_for_kinds_of_findings() {
    let mut shop = shop(|back| back == 0);
    shop.counted(0, "（合計）", 120);
    shop.sold(3, "（合計）", 45_000);
    let plan = Plan::of(&shop, &["--lang", "ja"]);
    let line = plan.line("警告:");
    assert!(line.contains("合計行らしいSKU"), "{line}");
    assert!(!line.contains("totals_as_sku"), "{line}");
    let rows = plan.rows("recommendations.csv");
    assert!(rows.iter().all(|r| r["sku"] != "（合計）"), "{rows:?}");
    // Somebody who says that it is an item has it planned.
    let shop = shop.other(
        "items.csv",
        "sku,name\n（合計）,合計ノート\nA,a\nB,b\nC,c\n",
    );
    let plan = Plan::of(&shop, &[]);
    let rows = plan.rows("recommendations.csv");
    assert!(rows.iter().any(|r| r["sku"] == "（合計）"), "{rows:?}");
}

#[test]
fn far_lead_times_and_places_written_in_two_ways_are_told() {
    let mut shop = shop(|_| true);
    for back in [40, 80, 120, 160] {
        let day = AS_OF + -back;
        let _ = writeln!(shop.inbound, "P{back},B,web,{},9,{day},9", day + -10);
    }
    let _ = writeln!(shop.stock, "{AS_OF},A,Ｗｅｂ,3");
    let shop = shop.other(
        "items.csv",
        "sku,lead_time_days,review_days\nA,1400,7\nB,90,7\nC,30,200\n",
    );
    let said = run("check", shop.write().path(), &[]);
    for code in [
        "lead_time_far",
        "lead_time_beyond_receipts",
        "review_days_far",
        "place_written_two_ways",
    ] {
        assert!(said.contains(&format!("[{code}]")), "{code}: {said}");
    }
    assert!(said.contains("90 days of \"B\""), "{said}");
}

#[test]
fn a_shelf_that_is_recorded_empty_and_sells_hides_nothing_on_the_days_between() {
    // A fifth of a unit a day throughout; the record says 0 for the last hundred days.
    let mut shop = Shop::default();
    for back in (0..365).rev() {
        shop.sold(back, "A", i32::from(back % 5 == 1));
        shop.counted(back, "A", if back < 100 { 0 } else { 9 });
        shop.sold(back, "B", 1);
        shop.counted(back, "B", 50);
    }
    let plan = Plan::of(&shop, &[]);
    let rows = plan.rows("recommendations.csv");
    let row = rows.iter().find(|r| r["sku"] == "A").unwrap();
    let figure = |column: &str| row[column].parse::<f64>().unwrap();
    assert!(figure("hidden_units") < 3.0, "{row:?}");
    assert!(
        (figure("demand_per_day") / 0.2 - 1.0).abs() < 0.15,
        "{row:?}"
    );
}

#[test]
fn units_lost_before_the_record_began_are_not_those_of_its_days() {
    // Six weeks of stock of every day; before it a run of three weeks without a sale that sales alone show.
    let mut shop = Shop::default();
    for back in (0..365).rev() {
        for (k, sku) in (1..).zip(["A", "B", "C"]) {
            let out = sku == "A" && (200..221).contains(&back);
            let units = if out {
                0
            } else {
                2 + (draw(back * 3 + k) * 3.0) as i32
            };
            shop.sold(back, sku, units);
            if back < 42 {
                shop.counted(back, sku, 40);
            }
        }
    }
    let plan = Plan::of(&shop, &[]);
    let demand = plan.rows("recommendations.csv");
    let hidden: f64 = demand
        .iter()
        .map(|r| r["hidden_units"].parse::<f64>().unwrap())
        .sum();
    assert!(hidden > 30.0, "{hidden}");
    let summary = plan.summary();
    assert_eq!(
        summary["hidden_demand"]["units"]["mean"], 0.0,
        "{}",
        plan.said
    );
    plan.line("Hidden demand: no stockouts in the last 42 days");
}
