//! Stock at several locations, and money that does not reach, as a user of the program meets them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// A row of a CSV file: header → cell.
type Row = BTreeMap<String, String>;

const DAYS: u32 = 180;

/// A small shop: sales of a few items by channel with the stock that its locations end with.
#[derive(Clone)]
struct Shop {
    /// (channel, location, units a day of the first item, priority)
    channels: Vec<(&'static str, &'static str, f64, &'static str)>,
    /// (location, supplied_from, transfer_days)
    locations: Vec<(&'static str, &'static str, &'static str)>,
    /// Last count by location; the same for every item.
    stock: Vec<(&'static str, f64)>,
    items: usize,
    multiple: f64,
    min_amount: String,
    backorders: String,
    /// A channel whose shelf is shut in the last so many days.
    closed: Option<(&'static str, u32)>,
    /// A channel that accepts orders without stock.
    waits: &'static str,
    config: &'static str,
}

impl Shop {
    /// A depot that fills a web shop and a store.
    fn depot() -> Self {
        Self {
            channels: vec![("web", "web", 3.0, "1"), ("store", "store", 1.0, "2")],
            locations: vec![
                ("depot", "", ""),
                ("web", "depot", "2"),
                ("store", "depot", "3"),
            ],
            stock: vec![("depot", 60.0), ("web", 2.0), ("store", 4.0)],
            items: 2,
            multiple: 5.0,
            min_amount: String::new(),
            backorders: String::new(),
            closed: None,
            waits: "",
            config: "",
        }
    }

    /// Two locations that suppliers fill.
    fn apart() -> Self {
        Self {
            channels: vec![("web", "east", 3.0, ""), ("mall", "west", 2.0, "")],
            locations: vec![("east", "", ""), ("west", "", "")],
            stock: vec![("east", 60.0), ("west", 40.0)],
            ..Self::depot()
        }
    }

    fn write(&self, folder: &Path) {
        let put = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
        let date = |day: u32| {
            let (mut month, mut left) = (1, day);
            for length in [31, 28, 31, 30, 31, 30, 31] {
                if left < length {
                    break;
                }
                left -= length;
                month += 1;
            }
            format!("2026-{month:02}-{:02}", left + 1)
        };
        let mut sales = "date,sku,channel,units\n".to_owned();
        let mut stock = "date,sku,location,on_hand,state\n".to_owned();
        for item in 0..self.items {
            for (channel, location, rate, _) in &self.channels {
                let _ = location;
                let mut owed = 0.0;
                for day in 0..DAYS {
                    let shut = self
                        .closed
                        .is_some_and(|(c, last)| c == *channel && day >= DAYS - last);
                    // A rhythm that repeats, so that every shop of these tests sees the same demand.
                    let swing = [0.6, 1.2, 0.9, 1.5, 0.4, 1.0, 1.4][(day as usize + 3 * item) % 7];
                    owed += rate * swing / (1.0 + item as f64);
                    let units = f64::floor(owed);
                    owed -= units;
                    if units > 0.0 && !shut {
                        let _ = writeln!(sales, "{},A{item},{channel},{units}", date(day));
                    }
                }
            }
            for (location, last) in &self.stock {
                for day in 0..DAYS {
                    let shut = self.closed.is_some_and(|(c, last)| {
                        day >= DAYS - last
                            && self.channels.iter().any(|x| x.0 == c && x.1 == *location)
                    });
                    let (units, state) = match (shut, day == DAYS - 1) {
                        (true, _) => (0.0, "closed"),
                        (_, true) => (*last, ""),
                        _ => (200.0, ""),
                    };
                    let _ = writeln!(stock, "{},A{item},{location},{units},{state}", date(day));
                }
            }
        }
        put("sales.csv", &sales);
        put("stock.csv", &stock);
        let mut text =
            "sku,supplier,unit_cost,price,lead_time_days,lead_time_sd,order_multiple,service_level\n"
                .to_owned();
        for item in 0..self.items {
            let _ = writeln!(text, "A{item},mill,100,250,20,3,{},0.95", self.multiple);
        }
        put("items.csv", &text);
        put(
            "suppliers.csv",
            &format!("supplier,min_amount\nmill,{}\n", self.min_amount),
        );
        text = "channel,location,accepts_backorders,priority\n".to_owned();
        for (channel, location, _, priority) in &self.channels {
            let accepts = if *channel == self.waits { "yes" } else { "no" };
            let _ = writeln!(text, "{channel},{location},{accepts},{priority}");
        }
        put("channels.csv", &text);
        text = "location,supplied_from,transfer_days\n".to_owned();
        for (location, from, days) in &self.locations {
            let _ = writeln!(text, "{location},{from},{days}");
        }
        put("locations.csv", &text);
        if !self.config.is_empty() {
            put("restock.toml", self.config);
        }
        if !self.backorders.is_empty() {
            let head = "order_id,date,sku,channel,units\n";
            put("backorders.csv", &format!("{head}{}", self.backorders));
        }
    }

    fn plan(&self, flags: &[&str]) -> Made {
        let home = TempDir::new().unwrap();
        self.write(home.path());
        let out = run(home.path(), flags);
        assert!(
            out.status.success(),
            "{}",
            String::from_utf8_lossy(&out.stderr)
        );
        let table = |name: &str| {
            let text = fs::read(home.path().join("out").join(name)).unwrap();
            csv::Reader::from_reader(&text[..])
                .deserialize()
                .map(Result::unwrap)
                .collect()
        };
        Made {
            rows: table("recommendations.csv"),
            orders: table("purchase_orders.csv"),
            transfers: table("transfers.csv"),
            exceptions: table("exceptions.csv"),
            summary: serde_json::from_slice(
                &fs::read(home.path().join("out/summary.json")).unwrap(),
            )
            .unwrap(),
        }
    }
}

fn run(data: &Path, flags: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_restock"))
        .args(["plan", "--no-charts", "--quiet", "--data"])
        .arg(data)
        .arg("--out")
        .arg(data.join("out"))
        .args(flags)
        .output()
        .unwrap()
}

/// The tables of a plan.
struct Made {
    rows: Vec<Row>,
    orders: Vec<Row>,
    transfers: Vec<Row>,
    exceptions: Vec<Row>,
    summary: Value,
}

/// A cell in units of 1e-4; an empty one is nothing.
fn exact(row: &Row, column: &str) -> i64 {
    let cell = &row[column];
    (if cell.is_empty() {
        0.0
    } else {
        cell.parse::<f64>().unwrap() * 1e4
    })
    .round() as i64
}

fn units(row: &Row, column: &str) -> f64 {
    exact(row, column) as f64 / 1e4
}

fn total(rows: &[Row], column: &str) -> f64 {
    rows.iter().map(|r| units(r, column)).sum()
}

impl Made {
    fn row(&self, sku: &str, channel: &str) -> &Row {
        self.rows
            .iter()
            .find(|r| r["sku"] == sku && r["channel"] == channel)
            .unwrap_or_else(|| panic!("no {sku} {channel}"))
    }

    /// The bridge of every row, and that the lists add up to it.
    fn adds_up(&self) {
        for r in &self.rows {
            let at = |c: &str| exact(r, c);
            assert_eq!(
                at("demand_over_protection") + at("safety_stock"),
                at("reorder_point"),
                "{r:#?}"
            );
            assert_eq!(
                at("raw_need") + at("rounding"),
                at("order_qty") + at("transfer_in") + at("transfer_short") + at("held_back"),
                "{r:#?}"
            );
        }
        assert_eq!(
            total(&self.rows, "order_qty"),
            total(&self.orders, "order_qty")
        );
        let moved: f64 = self
            .transfers
            .iter()
            .filter(|t| t["possible"] == "yes")
            .map(|t| units(t, "units"))
            .sum();
        assert_eq!(total(&self.rows, "transfer_in"), moved);
    }
}

#[test]
fn a_supplied_location_is_filled_by_transfers_and_its_source_by_orders() {
    let made = Shop::depot().plan(&[]);
    made.adds_up();
    assert!(!made.orders.is_empty());
    for order in &made.orders {
        assert_eq!(order["location"], "depot");
    }
    let web = made.row("A0", "web");
    assert_eq!(
        (web["action"].as_str(), web["supplied_from"].as_str()),
        ("transfer", "depot")
    );
    assert_eq!(web["lead_time_days"], "2");
    let moved = made
        .transfers
        .iter()
        .find(|t| t["sku"] == "A0" && t["to"] == "web")
        .unwrap();
    assert_eq!(moved["from"], "depot");
    assert_eq!(units(moved, "units") % 5.0, 0.0);
    assert_eq!(
        moved["case_packs"],
        (units(moved, "units") / 5.0).to_string()
    );
    assert!(units(moved, "to_days_after") > units(moved, "to_days_before"));
    // The depot has no channel; its row stands for those that it supplies.
    let depot = made.row("A0", "");
    assert_eq!(depot["location"], "depot");
    // Their demand over supplier's lead time and review, and the days of the transfers, less what they have.
    let whole = 4.0 * (20.0 + 7.0) + 3.0 * 2.0 + 1.0 * 3.0;
    let held = total(
        &made.rows[1..]
            .iter()
            .filter(|r| r["sku"] == "A0")
            .cloned()
            .collect::<Vec<_>>(),
        "safety_stock",
    );
    let asked = units(depot, "demand_over_protection");
    assert!(
        (asked - (whole - 6.0 + held)).abs() < 0.1 * whole,
        "{asked} of {whole}, {held} held"
    );
    assert!(
        !made
            .exceptions
            .iter()
            .any(|e| e["code"] == "transfer_planned_as_purchase")
    );
}

#[test]
fn where_units_lie_in_one_network_does_not_change_what_is_bought() {
    let bought = |depot: f64, web: f64| {
        let shop = Shop {
            stock: vec![("depot", depot), ("web", web), ("store", 4.0)],
            items: 1,
            multiple: 1.0,
            ..Shop::depot()
        };
        let made = shop.plan(&[]);
        made.adds_up();
        total(&made.orders, "order_qty")
    };
    let (there, here) = (bought(80.0, 20.0), bought(60.0, 40.0));
    assert!(there > 10.0, "{there}");
    assert!((there - here).abs() <= 2.0, "{there} {here}");
    // Where nothing is lost while waiting, a unit more is a unit less to buy.
    let less = bought(90.0, 20.0);
    assert!((there - less - 10.0).abs() <= 3.0, "{there} {less}");
}

#[test]
fn the_same_units_in_one_shared_stock_need_no_more() {
    let two_stages = Shop {
        multiple: 1.0,
        ..Shop::depot()
    };
    let mut shared = two_stages.clone();
    for channel in &mut shared.channels {
        channel.1 = "depot";
    }
    shared.locations.truncate(1);
    shared.stock = vec![("depot", 66.0)];
    let (staged, shared) = (two_stages.plan(&[]), shared.plan(&[]));
    let (s, p) = (
        total(&staged.orders, "order_qty"),
        total(&shared.orders, "order_qty"),
    );
    // Transfers take two and three days, and shelves hold safety of their own; nothing is asked for twice.
    assert!(s >= p - 2.0, "{s} {p}");
    assert!(s - p <= 30.0, "{s} {p}");
}

#[test]
fn scarce_stock_serves_those_who_wait_first_and_sums_exactly() {
    let shop = Shop {
        stock: vec![("depot", 13.0), ("web", 0.0), ("store", 0.0)],
        backorders: "B1,2026-06-20,A0,store,6\n".to_owned(),
        multiple: 1.0,
        ..Shop::depot()
    };
    let made = shop.plan(&[]);
    made.adds_up();
    let to = |place: &str| {
        made.transfers
            .iter()
            .filter(|t| t["sku"] == "A0" && t["to"] == place)
            .map(|t| units(t, "units"))
            .sum::<f64>()
    };
    assert_eq!(to("web") + to("store"), 13.0);
    assert!(to("store") >= 6.0, "{}", to("store"));
    // The other seven sell where demand is three times as high.
    assert!(to("web") >= 5.0, "{}", to("web"));
    let first = &made.transfers[0];
    assert_eq!(
        (first["to"].as_str(), first["reason_code"].as_str()),
        ("store", "owed")
    );
    assert!(units(made.row("A0", "web"), "transfer_short") > 0.0);
}

#[test]
fn what_one_location_has_too_many_of_comes_back_before_anything_is_bought() {
    let shop = Shop {
        channels: vec![("own", "depot", 3.0, "1"), ("store", "store", 0.3, "2")],
        locations: vec![("depot", "", ""), ("store", "depot", "3")],
        stock: vec![("depot", 5.0), ("store", 120.0)],
        items: 1,
        ..Shop::depot()
    };
    let made = shop.plan(&[]);
    made.adds_up();
    let back = &made.transfers[0];
    assert_eq!(
        (
            back["from"].as_str(),
            back["to"].as_str(),
            back["reason_code"].as_str()
        ),
        ("store", "depot", "excess_back")
    );
    // What the store needs itself stays.
    assert!(units(back, "units") <= 120.0 - 8.0, "{back:?}");
    let none = Shop {
        stock: vec![("depot", 5.0), ("store", 8.0)],
        ..shop
    };
    let bought = |made: &Made| total(&made.orders, "order_qty");
    let without = none.plan(&[]);
    assert!(
        without
            .transfers
            .iter()
            .all(|t| t["reason_code"] != "excess_back")
    );
    let saved = bought(&without) - bought(&made);
    assert!((saved - units(back, "units")).abs() <= 10.0, "{saved}");
}

#[test]
fn misplaced_stock_is_shown_where_no_way_is_known() {
    let shop = Shop {
        stock: vec![("east", 0.0), ("west", 600.0)],
        items: 1,
        ..Shop::apart()
    };
    let made = shop.plan(&[]);
    made.adds_up();
    let [row] = &made.transfers[..] else {
        panic!("{:#?}", made.transfers)
    };
    assert_eq!(
        (
            row["from"].as_str(),
            row["to"].as_str(),
            row["possible"].as_str()
        ),
        ("west", "east", "no")
    );
    assert!(
        made.exceptions
            .iter()
            .any(|e| e["code"] == "misplaced_stock")
    );
    // It is not counted on: what is missing is bought.
    assert!(total(&made.orders, "order_qty") > 0.0);
    let calm = Shop::apart().plan(&[]);
    assert!(calm.transfers.is_empty(), "{:#?}", calm.transfers);
}

#[test]
fn closing_a_channel_never_raises_the_demand_of_another() {
    let open = Shop::apart().plan(&[]);
    let closed = Shop {
        closed: Some(("web", 40)),
        ..Shop::apart()
    }
    .plan(&[]);
    for sku in ["A0", "A1"] {
        let demand = |made: &Made| units(made.row(sku, "mall"), "demand_per_day");
        assert!(demand(&closed) <= 1.01 * demand(&open), "{sku}");
    }
    assert_eq!(closed.summary["substitution"]["between_channels"], 0.0);
}

#[test]
fn a_budget_is_never_exceeded_and_cuts_say_so() {
    let shop = Shop {
        stock: vec![("depot", 20.0), ("web", 2.0), ("store", 4.0)],
        ..Shop::depot()
    };
    let free = shop.plan(&[]);
    let wanted = total(&free.orders, "amount");
    assert!(wanted > 5000.0, "{wanted}");
    assert!(free.summary["rationing"].is_null());
    let mut before = 0.0;
    for share in [0.0, 0.25, 0.6, 1.0] {
        let budget = (wanted * share).round();
        let made = shop.plan(&["--budget", &budget.to_string()]);
        made.adds_up();
        let spent = total(&made.orders, "amount");
        assert!(spent <= budget && spent >= before, "{spent} of {budget}");
        before = spent;
        for (cut, row) in made.rows.iter().zip(&free.rows) {
            assert_eq!(cut["raw_need"], row["raw_need"]);
            assert_eq!(
                units(cut, "order_qty") + units(cut, "held_back"),
                units(row, "order_qty"),
                "{cut:#?}"
            );
            if units(cut, "held_back") > 0.0 {
                assert_eq!(cut["reason_code"], "budget");
                assert!(!cut["reason"].contains("-0 "), "{cut:#?}");
            }
        }
        let summary = &made.summary["rationing"];
        assert_eq!(summary["ordered"].as_f64().unwrap(), spent);
        assert_eq!(summary["cut_by_budget"].as_f64().unwrap(), wanted - spent);
    }
    assert_eq!(before, wanted);
}

#[test]
fn a_cut_order_names_what_its_whole_stock_needs() {
    let mut shop = Shop::depot();
    for channel in &mut shop.channels {
        channel.1 = "depot";
    }
    shop.locations.truncate(1);
    shop.stock = vec![("depot", 9.0)];
    let wanted = total(&shop.plan(&[]).orders, "amount");
    let made = shop.plan(&["--budget", &(wanted * 0.6).round().to_string()]);
    let mut cut = 0;
    for order in &made.orders {
        let figure = |words: &str| -> Option<f64> {
            let before = order["reason"].split(words).next()?;
            before.rsplit([' ', ':']).next()?.parse().ok()
        };
        if !order["reason"].starts_with("Cut by the budget") {
            continue;
        }
        cut += 1;
        let needed = figure(" are needed").unwrap();
        let asked = figure(" are ordered").unwrap() + figure(" are not").unwrap();
        assert!(
            needed <= asked && asked < needed + shop.multiple,
            "{order:#?}"
        );
    }
    assert!(cut > 0);
}

#[test]
fn those_who_wait_come_before_a_better_rate() {
    let shop = Shop {
        stock: vec![("east", 0.0), ("west", 0.0)],
        backorders: "B1,2026-06-20,A1,mall,10\n".to_owned(),
        ..Shop::apart()
    };
    let made = shop.plan(&["--budget", "1000"]);
    assert_eq!(total(&made.orders, "order_qty"), 10.0);
    assert_eq!(units(made.row("A1", "mall"), "order_qty"), 10.0);
}

#[test]
fn a_minimum_amount_is_reached_or_the_order_waits() {
    let shop = |minimum: f64| {
        Shop {
            min_amount: minimum.to_string(),
            stock: vec![("depot", 20.0), ("web", 2.0), ("store", 4.0)],
            ..Shop::depot()
        }
        .plan(&[])
    };
    let free = shop(0.0);
    let wanted = total(&free.orders, "amount");
    let reached = shop(wanted + 2000.0);
    reached.adds_up();
    let amount = total(&reached.orders, "amount");
    assert!(
        amount >= wanted + 2000.0 && amount < wanted + 3000.0,
        "{amount} of {wanted}"
    );
    assert_eq!(
        reached.summary["rationing"]["added_for_supplier_minimum"]
            .as_f64()
            .unwrap(),
        amount - wanted
    );
    let held = shop(10.0 * wanted);
    held.adds_up();
    assert!(held.orders.is_empty());
    let row = held.row("A0", "");
    assert_eq!(row["reason_code"], "below_minimum");
    assert_eq!(row["raw_need"], free.row("A0", "")["raw_need"]);
    // With a budget below the minimum, too.
    assert!(shop(wanted).orders.len() == free.orders.len());
}

#[test]
fn a_purchase_is_named_only_where_there_is_one() {
    let shop = |minimum: &str| {
        Shop {
            min_amount: minimum.to_owned(),
            stock: vec![("depot", 0.0), ("web", 2.0), ("store", 0.0)],
            ..Shop::depot()
        }
        .plan(&[])
    };
    for (minimum, bought) in [("0", true), ("9000000", false)] {
        let made = shop(minimum);
        assert_eq!(!made.orders.is_empty(), bought);
        let row = made.row("A0", "web");
        assert_eq!(row["reason_code"], "transfer_short");
        assert_eq!(row["reason"].contains("in its purchase"), bought, "{row:?}");
        assert_eq!(row["reason"].contains("held back"), !bought, "{row:?}");
    }
}

#[test]
fn the_channels_of_a_stock_are_counted_without_what_it_holds_for_others() {
    let mut shop = Shop::depot();
    shop.channels.push(("mall", "depot", 1.0, ""));
    shop.channels.push(("phone", "depot", 1.0, ""));
    let made = shop.plan(&[]);
    for (channel, count) in [("mall", "2"), ("phone", "2"), ("", "2"), ("web", "1")] {
        assert_eq!(made.row("A0", channel)["pool_channels"], count, "{channel}");
    }
}

#[test]
fn an_order_held_back_from_an_emptying_shelf_is_a_warning() {
    let shop = |depot: f64, minimum: &str| {
        Shop {
            min_amount: minimum.to_owned(),
            stock: vec![("depot", depot), ("web", 2.0), ("store", 4.0)],
            ..Shop::depot()
        }
        .plan(&[])
    };
    let warned = |made: &Made| -> Vec<(String, String)> {
        let all = made.exceptions.iter();
        all.filter(|e| e["code"] == "held_back_runs_out")
            .map(|e| (e["sku"].clone(), e["location"].clone()))
            .collect()
    };
    let held = shop(20.0, "9000000");
    assert!(units(held.row("A0", ""), "held_back") > 0.0);
    assert!(warned(&held).contains(&("A0".to_owned(), "depot".to_owned())));
    assert_eq!(warned(&shop(20.0, "0")), []);
    assert_eq!(warned(&shop(2000.0, "9000000")), []);
}

#[test]
fn a_minimum_amount_is_not_reached_with_what_stands_on_the_shelf_for_a_year() {
    let shop = |west: f64, minimum: f64| {
        Shop {
            min_amount: minimum.to_string(),
            stock: vec![("east", 2.0), ("west", west)],
            ..Shop::apart()
        }
        .plan(&[])
    };
    let at = |made: &Made, location: &str| -> f64 {
        let orders = made.orders.iter();
        orders
            .filter(|o| o["location"] == location)
            .map(|o| units(o, "order_qty"))
            .sum()
    };
    let free = shop(5000.0, 0.0);
    let wanted = total(&free.orders, "amount");
    assert!(at(&free, "east") > 0.0 && at(&free, "west") == 0.0);
    // With four weeks' more of both it would be reached.
    let held = shop(5000.0, 3.0 * wanted);
    assert_eq!(at(&held, "west"), 0.0);
    let both = shop(2.0, 3.0 * wanted);
    assert!(at(&both, "west") > 0.0);
}

#[test]
fn a_budget_must_be_an_amount() {
    let home = TempDir::new().unwrap();
    Shop::apart().write(home.path());
    for wrong in ["-5", "much", "NaN"] {
        let flag = format!("--budget={wrong}");
        assert_eq!(run(home.path(), &[&flag]).status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn the_money_of_the_summary_is_that_of_the_rows() {
    let shop = Shop {
        backorders: "B1,2026-06-20,A0,mall,4\n".to_owned(),
        ..Shop::apart()
    };
    let made = shop.plan(&[]);
    let cash = &made.summary["cash"];
    let money = |of: &str| cash[of]["value"].as_f64().unwrap();
    assert_eq!(money("prepaid_backorders"), 4.0 * 250.0);
    assert_eq!(money("on_hand"), 2.0 * 100.0 * 100.0);
    assert_eq!(money("orders"), total(&made.orders, "amount"));
    assert_eq!(money("dead"), 0.0);
}

#[test]
fn of_the_example_only_the_supplier_whose_minimum_is_missed_waits() {
    use restock::config::Config;
    use restock::domain::{Plan, Recommendation};
    use restock::input::{self, Options};

    let config = Config::default();
    let plan = |minimum: Option<f64>| -> Plan {
        let options = Options {
            data: Path::new("data"),
            config: &config,
            as_of: None,
        };
        let mut input = input::read(options).unwrap();
        for row in &mut input.tables.suppliers {
            if let (Some(minimum), "osaka-outdoor") = (minimum, row.supplier.as_str()) {
                row.min_amount = Some(minimum);
            }
        }
        restock::plan::make(input, &config, 0, &|_| ()).unwrap()
    };
    let of = |r: &&Recommendation| r.supplier.as_ref().unwrap().as_str() == "osaka-outdoor";
    let amount = |plan: &Plan| -> f64 {
        let rows = plan.rows();
        let own = rows.into_iter().filter(of);
        own.filter_map(|r| r.amount).sum()
    };
    let before = plan(None);
    let wanted = amount(&before);
    assert!(wanted > 20_000.0);
    let after = plan(Some(100.0 * wanted));
    assert_eq!(amount(&after), 0.0);
    assert!((after.spending.below_minimum - wanted).abs() < 1e-6);
    let mut held = 0;
    for (then, now) in before.rows().into_iter().zip(after.rows()) {
        if of(&now) && then.order_qty > 0.0 {
            assert_eq!((now.order_qty, now.reason.code), (0.0, "below_minimum"));
            assert_eq!(now.raw_need, then.raw_need);
            held += 1;
        } else {
            assert_eq!(now.order_qty, then.order_qty, "{} {}", now.sku, now.channel);
        }
    }
    assert!(held > 0);
}

/// A depot with ten units, and two shops that sell alike and have none.
fn scarce(waits: &'static str, config: &'static str) -> Made {
    let shop = Shop {
        channels: vec![("web", "web", 2.0, ""), ("fba", "fba", 2.0, "")],
        locations: vec![
            ("depot", "", ""),
            ("web", "depot", "2"),
            ("fba", "depot", "2"),
        ],
        stock: vec![("depot", 10.0), ("web", 0.0), ("fba", 0.0)],
        items: 1,
        multiple: 1.0,
        waits,
        config,
        ..Shop::depot()
    };
    let made = shop.plan(&[]);
    made.adds_up();
    made
}

fn sent(made: &Made, to: &str) -> f64 {
    let rows = made.transfers.iter().filter(|t| t["to"] == to);
    rows.map(|t| units(t, "units")).sum()
}

#[test]
fn scarce_units_go_where_customers_are_lost_and_are_shared_where_all_are_alike() {
    let alike = scarce("", "");
    assert_eq!((sent(&alike, "web"), sent(&alike, "fba")), (5.0, 5.0));
    for (waits, other) in [("web", "fba"), ("fba", "web")] {
        let made = scarce(waits, "");
        assert_eq!((sent(&made, waits), sent(&made, other)), (0.0, 10.0));
    }
    // Unless waiting costs more than a customer.
    let dear = scarce("web", "[policy]\nbackorder_cost_per_unit_day = 1000\n");
    assert_eq!((sent(&dear, "web"), sent(&dear, "fba")), (10.0, 0.0));
}

#[test]
fn what_a_transfer_gains_counts_who_is_lost_and_who_waits_at_what_cost() {
    let none = scarce("", "");
    for t in &none.transfers {
        assert_eq!(t["lost_units_saved"], t["units_saved"]);
        assert!((units(t, "margin_saved") - 150.0 * units(t, "units_saved")).abs() < 0.1);
        assert_eq!(units(t, "waiting_cost_saved"), 0.0);
    }
    let dear = scarce("web", "[policy]\nbackorder_cost_per_unit_day = 1000\n");
    let web = dear.transfers.iter().find(|t| t["to"] == "web").unwrap();
    let lost = units(web, "lost_units_saved");
    assert!(lost < units(web, "units_saved"), "{web:?}");
    assert!((units(web, "margin_saved") - 150.0 * lost).abs() < 0.1);
    assert!(units(web, "waiting_cost_saved") > 1000.0);
}
