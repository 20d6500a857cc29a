//! What is on its way, how long it takes, and what is not known of it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use restock::config::{Config, parse};
use restock::domain::{Action, Checked, Day, LocationId, Plan, Recommendation, Severity, SkuId};
use restock::forecast::LeadTimes;
use restock::input::{self, Options};
use restock::supply::promise::Deliveries;
use restock::text::Lang;

const AS_OF: Day = Day(20_695);
const DAYS: i32 = 180;
const ORDERS: &str =
    "po_id,sku,location,ordered_date,units,supplier,expected_date,received_date,received_units\n";

/// A shop that sells about ten units of A a day.
#[derive(Clone, Default)]
struct Shop {
    /// (location, units at the end of every day)
    stock: Vec<(&'static str, i32)>,
    /// Columns and cells of A besides its costs and its supplier, S.
    item: (&'static str, &'static str),
    locations: &'static str,
    orders: String,
    calendar: String,
    suppliers: &'static str,
    config: &'static str,
    /// Another location that sells A itself.
    also: Option<&'static str>,
}

impl Shop {
    /// One location, a lead time of two weeks.
    fn new() -> Self {
        Self {
            stock: vec![("web", 300)],
            item: (",lead_time_days,lead_time_sd", ",14,1"),
            ..Self::default()
        }
    }

    /// A depot that fills the shop within two days and is filled itself after a month.
    fn supplied() -> Self {
        Self {
            stock: vec![("web", 15), ("depot", 1000)],
            item: (",lead_time_days,lead_time_sd", ",30,1"),
            locations: "web,depot,2\ndepot,,\n",
            ..Self::default()
        }
    }

    /// Adds a row of `inbound`, with the days after as-of on which it is expected and was received.
    fn order(
        mut self,
        id: &str,
        place: &str,
        ordered: i32,
        units: i32,
        supplier: &str,
        [expected, received]: [Option<i32>; 2],
    ) -> Self {
        let day = |d: Option<i32>| d.map_or(String::new(), |d| (AS_OF + d).to_string());
        let came = received.map_or(String::new(), |_| units.to_string());
        let _ = writeln!(
            self.orders,
            "{id},A,{place},{},{units},{supplier},{},{},{came}",
            AS_OF + ordered,
            day(expected),
            day(received)
        );
        self
    }

    fn read(&self) -> (Checked, Config) {
        let home = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| fs::write(home.path().join(name), text).unwrap();
        let mut sales = "date,sku,channel,units\n".to_owned();
        let mut stock = "date,sku,location,on_hand\n".to_owned();
        for t in 1 - DAYS..=0 {
            let units = [8, 11, 9, 13, 7, 10, 12][t.rem_euclid(7) as usize];
            let _ = writeln!(sales, "{},A,web,{units}", AS_OF + t);
            if let Some(other) = self.also {
                let _ = writeln!(sales, "{},A,{other},{units}", AS_OF + t);
            }
            for (location, units) in &self.stock {
                let _ = writeln!(stock, "{},A,{location},{units}", AS_OF + t);
            }
        }
        put("sales.csv", &sales);
        put("stock.csv", &stock);
        let (columns, cells) = self.item;
        put(
            "items.csv",
            &format!("sku,supplier,unit_cost,price{columns}\nA,S,10,20{cells}\n"),
        );
        if !self.locations.is_empty() {
            let head = "location,supplied_from,transfer_days\n";
            put("locations.csv", &format!("{head}{}", self.locations));
        }
        if !self.orders.is_empty() {
            put("inbound.csv", &format!("{ORDERS}{}", self.orders));
        }
        if !self.suppliers.is_empty() {
            put("suppliers.csv", self.suppliers);
        }
        if !self.calendar.is_empty() {
            let head = "from,to,kind,supplier\n";
            put("calendar.csv", &format!("{head}{}", self.calendar));
        }
        let config = parse(self.config, Path::new("restock.toml")).unwrap();
        let options = Options {
            data: home.path(),
            config: &config,
            as_of: None,
        };
        (input::read(options).unwrap(), config)
    }

    fn plan(&self) -> Plan {
        let (input, config) = self.read();
        restock::plan::make(input, &config, 0, &|_| ()).unwrap()
    }

    /// Mean days of an order placed now.
    fn lead_days(&self) -> f64 {
        let (Checked { tables, .. }, config) = self.read();
        let learnt = LeadTimes::learn(&tables);
        learnt.of(&tables, &config.policy, SkuId(0), AS_OF).mean()
    }
}

fn row<'p>(plan: &'p Plan, location: &str) -> &'p Recommendation {
    let rows = plan.rows();
    let found = rows.into_iter().find(|r| r.location.as_str() == location);
    found.unwrap()
}

fn found(plan: &Plan, code: &str) -> bool {
    plan.findings.iter().any(|f| f.code == code)
}

/// A blanket order of which 200 units came 40 days ago.
fn blanket() -> Shop {
    Shop::new().order("P1", "web", -80, 200, "", [Some(-40), Some(-40)])
}

#[test]
fn a_delivery_that_is_still_due_is_not_written_off_with_an_old_receipt() {
    let shop = blanket().order("P1", "web", -80, 200, "", [Some(5), None]);
    let plan = shop.plan();
    assert_eq!(row(&plan, "web").on_order_in_time, 200.0);
    assert!(!found(&plan, "short_shipment_written_off"));
    // Nor is the order a short shipment in the supplier's record.
    let tables = shop.read().0.tables;
    assert_eq!(
        Deliveries::learn(&tables).share("P1", SkuId(0), LocationId(0))(0.0),
        1.0
    );
    // A delivery that is late by days is late; one without a day, or long past it, never comes.
    let late = blanket().order("P1", "web", -80, 200, "", [Some(-3), None]);
    assert_eq!(row(&late.plan(), "web").on_order_in_time, 200.0);
    for expected in [None, Some(-35)] {
        let plan = blanket()
            .order("P1", "web", -80, 200, "", [expected, None])
            .plan();
        assert_eq!(row(&plan, "web").on_order_in_time, 0.0);
        assert!(found(&plan, "short_shipment_written_off"));
    }
}

#[test]
fn deliveries_of_one_order_come_on_their_own_days() {
    let plan = blanket()
        .order("P1", "web", -80, 200, "", [Some(5), None])
        .order("P1", "web", -80, 150, "", [Some(60), None])
        .plan();
    let r = row(&plan, "web");
    assert_eq!((r.on_order_in_time, r.on_order_late), (200.0, 150.0));
}

#[test]
fn an_order_without_a_date_comes_after_the_configured_lead_time() {
    let shop = Shop {
        item: ("", ""),
        config: "[policy]\nlead_time_days = 60\nlead_time_sd = 1\n",
        ..Shop::new()
    };
    let plan = shop.order("P1", "web", -20, 400, "", [None, None]).plan();
    assert!(!found(&plan, "order_later_than_ever"));
    // The shelf is empty after a month; the order comes ten days later.
    let empty = row(&plan, "web").first_stockout_date.unwrap() - AS_OF;
    assert!((28..=32).contains(&empty), "{empty}");
}

#[test]
fn a_transfer_without_a_date_takes_the_days_of_a_transfer() {
    for supplier in ["depot", ""] {
        let plan = Shop::supplied()
            .order("T1", "web", -1, 90, supplier, [None, None])
            .plan();
        let r = row(&plan, "web");
        assert_eq!(r.on_order_in_time, 90.0, "{supplier:?}: {r:#?}");
    }
}

#[test]
fn transfers_do_not_teach_the_suppliers_lead_time() {
    let shop = |from: &str| {
        let mut shop = Shop {
            item: ("", ""),
            ..Shop::supplied()
        };
        for k in 0..5 {
            let day = -150 + 25 * k;
            let id = format!("P{k}");
            shop = shop.order(
                &id,
                "depot",
                day,
                250,
                "S",
                [Some(day + 30), Some(day + 30)],
            );
        }
        for k in 0..20 {
            let day = -150 + 7 * k;
            shop = shop.order(
                &format!("T{k}"),
                "web",
                day,
                70,
                from,
                [None, Some(day + 1)],
            );
        }
        shop
    };
    assert!((shop("").lead_days() - 30.0).abs() < 1.0);
    assert_eq!(shop("").lead_days(), shop("depot").lead_days());
    let depot = |from| row(&shop(from).plan(), "depot").order_qty;
    assert_eq!(depot(""), depot("depot"));
}

#[test]
fn closed_days_that_two_rows_name_count_once() {
    let closed = |rows: &[(i32, i32, &str)]| {
        let mut calendar = String::new();
        for (from, to, supplier) in rows {
            let (from, to) = (AS_OF + *from, AS_OF + *to);
            let _ = writeln!(calendar, "{from},{to},supplier_closed,{supplier}");
        }
        let shop = Shop::new();
        (Shop { calendar, ..shop }.lead_days() - Shop::new().lead_days()).round()
    };
    assert_eq!(closed(&[(3, 9, "S")]), 7.0);
    assert_eq!(closed(&[(3, 9, "S"), (3, 9, "")]), 7.0);
    assert_eq!(closed(&[(3, 9, "S"), (5, 6, "")]), 7.0);
    assert_eq!(closed(&[(3, 9, "S"), (8, 12, "")]), 10.0);
    // One after the other, and one that only the first pushes the order into.
    assert_eq!(closed(&[(3, 9, "S"), (10, 12, "")]), 10.0);
    assert_eq!(closed(&[(3, 9, "S"), (18, 19, "")]), 9.0);
    assert_eq!(closed(&[(18, 19, "")]), 0.0);
}

#[test]
fn a_location_of_unknown_stock_is_taken_as_full_by_its_source_which_says_so() {
    let shop = |stock: &[(&'static str, i32)]| Shop {
        stock: stock.to_vec(),
        ..Shop::supplied()
    };
    let unknown = shop(&[("depot", 100)]).plan();
    let web = row(&unknown, "web");
    assert_eq!(web.action, Action::Review);
    let full = web.reorder_point;
    let known = shop(&[("depot", 100), ("web", full as i32)]).plan();
    let (ordered, asked) = (row(&unknown, "depot"), row(&known, "depot").order_qty);
    assert!(ordered.order_qty > 0.0);
    assert!(
        (ordered.order_qty - asked).abs() <= 2.0,
        "{ordered:#?} {asked}"
    );
    let told = |row| restock::output::reason(Lang::En, row);
    assert!(told(ordered).contains("\"web\""), "{}", told(ordered));
    assert!(!told(row(&known, "depot")).contains("\"web\""));
    let told = |code| unknown.findings.iter().find(|f| f.code == code);
    assert!(told("stock_unknown").is_none());
    let finding = told("stock_unknown_supplied").unwrap();
    let figure = |name| {
        let mut figures = finding.figures.iter();
        figures.find(|f| f.0 == name).unwrap().1.as_str()
    };
    assert_eq!(figure("source"), "depot");
    assert_eq!(figure("units").parse::<f64>().unwrap(), full);
}

#[test]
fn a_source_that_nobody_ever_counted_orders_nothing_and_says_so() {
    let shop = |stock: &[(&'static str, i32)]| Shop {
        stock: stock.to_vec(),
        ..Shop::supplied()
    };
    let plan = shop(&[("web", 5)]).plan();
    let depot = row(&plan, "depot");
    assert_eq!((depot.action, depot.order_qty), (Action::Review, 0.0));
    assert!(depot.on_hand.is_none());
    assert!(found(&plan, "stock_unknown_source"));
    // An empty one that was counted orders.
    let plan = shop(&[("web", 5), ("depot", 0)]).plan();
    assert!(row(&plan, "depot").order_qty > 50.0);
    assert!(!found(&plan, "stock_unknown_source"));
}

#[test]
fn nothing_is_moved_to_where_nobody_knows_the_stock() {
    let apart = |stock: &[(&'static str, i32)]| {
        let shop = Shop {
            stock: stock.to_vec(),
            also: Some("east"),
            ..Shop::new()
        };
        shop.plan()
    };
    let known = apart(&[("east", 3000), ("web", 0)]);
    assert_eq!(known.transfers.len(), 1);
    assert!(found(&known, "misplaced_stock"));
    let unknown = apart(&[("east", 3000)]);
    assert!(unknown.transfers.is_empty(), "{:#?}", unknown.transfers);
    assert!(!found(&unknown, "misplaced_stock"));
}

#[test]
fn the_textbook_counts_what_comes_before_the_next_order_does() {
    let textbook = Shop {
        config: "[policy]\nmethod = \"textbook\"\n",
        stock: vec![("web", 20)],
        ..Shop::new()
    };
    let ordered = |shop: Shop| row(&shop.plan(), "web").order_qty;
    let without = ordered(textbook.clone());
    let with = |day| {
        without
            - ordered(
                textbook
                    .clone()
                    .order("P1", "web", -3, 50, "", [Some(day), None]),
            )
    };
    // A lead time of 14 days and a review period of 7.
    assert_eq!([10, 18, 21].map(with), [50.0; 3]);
    assert_eq!(with(25), 0.0);
}

#[test]
fn an_order_has_to_last_through_the_closure_that_delays_the_next_one() {
    let shop = |calendar: String| Shop {
        calendar,
        item: (",lead_time_days,lead_time_sd", ",14,0"),
        ..Shop::new()
    };
    // An order of today comes before the supplier closes, that of next week after it opens again.
    let closure = format!("{},{},supplier_closed,S\n", AS_OF + 15, AS_OF + 32);
    let (usual, closed) = (shop(String::new()).plan(), shop(closure).plan());
    let (usual, closed) = (row(&usual, "web"), row(&closed, "web"));
    assert_eq!([usual, closed].map(|r| r.lead_time_days), [14.0; 2]);
    assert_eq!([usual, closed].map(|r| r.protection_days), [21.0, 39.0]);
    assert_eq!(usual.order_qty, 0.0);
    // Ten a day: the first 14 days leave 160 of 300, and the 25 after them need 250 with at most 12 of them unserved.
    assert!((75.0..=110.0).contains(&closed.order_qty), "{closed:#?}");
    assert!(closed.reorder_point > usual.reorder_point + 150.0);
    let next = closed.reason.next_order.unwrap();
    assert_eq!((next.closed, next.waits), (18.0, 0.0));
    assert_eq!(next.arrival, AS_OF + 39);
    assert!(usual.reason.next_order.is_none());
    for lang in [Lang::En, Lang::Ja] {
        let says = restock::output::reason(lang, closed);
        let date = next.arrival.to_string();
        assert!(says.contains(&date) && says.contains("18"), "{says}");
    }
}

#[test]
fn an_order_has_to_last_until_that_of_the_next_order_day_comes() {
    // Planned every day, but the supplier takes orders on Sundays only, which as-of is.
    let daily = |suppliers| Shop {
        suppliers,
        item: (",lead_time_days,lead_time_sd", ",14,0"),
        ..Shop::new()
    };
    let any = daily("supplier,review_days\nS,1\n").plan();
    let sundays = daily("supplier,review_days,order_weekday\nS,1,Sun\n").plan();
    let (any, sundays) = (row(&any, "web"), row(&sundays, "web"));
    assert_eq!([any, sundays].map(|r| r.lead_time_days), [14.0; 2]);
    assert_eq!([any, sundays].map(|r| r.protection_days), [15.0, 21.0]);
    assert!(sundays.reorder_point > any.reorder_point + 45.0);
    let next = sundays.reason.next_order.unwrap();
    assert_eq!((next.closed, next.waits), (0.0, 6.0));
}

#[test]
fn releases_of_a_blanket_order_teach_how_late_they_are_and_no_lead_time_of_months() {
    let releases = |late: i32| {
        let mut shop = Shop::new();
        for k in 0..5 {
            let promised = -160 + 30 * k;
            let came = Some(promised + late);
            shop = shop.order("B1", "web", -178, 300, "", [Some(promised), came]);
        }
        shop
    };
    assert!((releases(0).lead_days() - 14.0).abs() < 0.1);
    // Five that came nine days late stand beside what is stated, which is worth as many.
    let late = releases(9).lead_days();
    assert!((late - 18.5).abs() < 0.6, "{late}");
    let (with, without) = (releases(0).plan(), Shop::new().plan());
    let point = |plan: &Plan| row(plan, "web").reorder_point;
    assert!((point(&with) / point(&without) - 1.0).abs() < 0.03);
    // Parts in which one order came are receipts, though the rest was promised anew.
    let mut parts = Shop::new();
    for (promised, units) in [(-140, 60), (-120, 40)] {
        let day = |d: i32| (AS_OF + d).to_string();
        let _ = writeln!(
            parts.orders,
            "P1,A,web,{},100,,{},{},{units}",
            day(-154),
            day(promised),
            day(promised)
        );
    }
    assert!(parts.lead_days() > 15.0, "{}", parts.lead_days());
}

#[test]
fn what_no_demand_will_take_of_the_open_orders_is_told_with_its_money() {
    // Ten a day and thirty on hand: ninety days take some 900 of 2,000 that come in ten days, less what is lost before.
    let shop = |status: &'static str, units: i32| {
        let shop = Shop {
            stock: vec![("web", 30)],
            item: (
                ",lead_time_days,lead_time_sd,status",
                match status {
                    "discontinued" => ",14,1,discontinued",
                    _ => ",14,1,active",
                },
            ),
            ..Shop::new()
        };
        shop.order("P1", "web", -4, units, "", [Some(10), None])
    };
    for (status, code, keeps) in [
        ("discontinued", "discontinued_under_way", 0.0),
        ("active", "surplus_under_way", 0.0),
    ] {
        let plan = shop(status, 2000).plan();
        let r = row(&plan, "web");
        let right = 30.0 + 2000.0 - 900.0 + 70.0 - keeps;
        assert!(
            (r.on_order_surplus - right).abs() < 40.0,
            "{} {right}",
            r.on_order_surplus
        );
        let finding = plan.findings.iter().find(|f| f.code == code).unwrap();
        let figure = |name| {
            let mut figures = finding.figures.iter();
            figures.find(|f| f.0 == name).unwrap().1.as_str()
        };
        assert_eq!(figure("whole"), "20000");
        let money = figure("money").parse::<f64>().unwrap();
        assert_eq!(money, 10.0 * r.on_order_surplus);
        assert_eq!((figure("orders"), figure("on_order")), ("P1", "2000"));
        assert_eq!(figure("until"), (AS_OF + 90).to_string());
        // What three months take is no surplus.
        let enough = shop(status, 600).plan();
        assert_eq!(row(&enough, "web").on_order_surplus, 0.0);
        assert!(!found(&enough, code));
        let sooner = Shop {
            config: "[policy]\ncancel_within_days = 50\n",
            ..shop(status, 600)
        };
        let sooner = sooner.plan();
        let surplus = row(&sooner, "web").on_order_surplus;
        assert!(surplus > 100.0 && surplus < 300.0, "{surplus}");
        // Less than half of what is under way: nobody need act before the next meeting, unless nothing will be bought any more.
        let severity = |plan: &Plan| {
            plan.findings
                .iter()
                .find(|f| f.code == code)
                .unwrap()
                .severity
        };
        assert_eq!(severity(&plan), Severity::Warning);
        let less = if status == "active" {
            Severity::Notice
        } else {
            Severity::Warning
        };
        assert_eq!(severity(&sooner), less);
    }
    // A lot that the item cannot be bought without is none.
    let lot = Shop {
        item: (",lead_time_days,lead_time_sd,moq", ",14,1,2000"),
        ..shop("active", 2000)
    };
    assert_eq!(row(&lot.plan(), "web").on_order_surplus, 0.0);
}

/// Orders that are told in several rows: (rows of `inbound`, units on order in time and late).
fn on_order(rows: &str) -> (f64, f64) {
    let mut shop = Shop::new();
    shop.orders.push_str(rows);
    let plan = shop.plan();
    let r = row(&plan, "web");
    (r.on_order_in_time, r.on_order_late)
}

#[test]
fn orders_are_told_apart_by_number_day_and_supplier_and_followed_line_by_line() {
    let day = |d: i32| (AS_OF + d).to_string();
    let line = |number: &str, ordered: i32, supplier: &str, promised: i32, came: &str| {
        format!(
            "{number},A,web,{},100,{supplier},{},{came}\n",
            day(ordered),
            day(promised)
        )
    };
    // A number of last year, short by ten then.
    let last_year = line("0001", -150, "S", -136, &format!("{},90", day(-136)));
    let now = line("0001", -4, "S", 10, ",");
    assert_eq!(on_order(&format!("{last_year}{now}")), (100.0, 0.0));
    // Told twice with its hundred, and ten more came.
    let more = line("P1", -16, "S", -2, &format!("{},60", day(-8)))
        + &line("P1", -16, "S", -2, &format!("{},50", day(-2)));
    assert_eq!(on_order(&more), (0.0, 0.0));
    // One unit short in the spring moves none of what is still to come.
    let mut releases = line("B", -170, "S", -150, &format!("{},99", day(-150)));
    for promised in [-120, -90, -60, -30] {
        releases += &line("B", -170, "S", promised, &format!("{},100", day(promised)));
    }
    for promised in [7, 37, 67] {
        releases += &line("B", -170, "S", promised, ",");
    }
    assert_eq!(on_order(&releases), (100.0, 200.0));
    // What came without a date has come.
    let undated = line("R1", -44, "S", -30, ",100") + &line("R2", -74, "S", -60, ",100");
    assert_eq!(on_order(&undated), (0.0, 0.0));
}

#[test]
fn receipts_whose_day_nobody_wrote_down_teach_no_lead_time() {
    let mut shop = Shop::new();
    for k in 0..6 {
        let (ordered, promised) = (AS_OF + (-150 + 20 * k), AS_OF + (-145 + 20 * k));
        let _ = writeln!(shop.orders, "P{k},A,web,{ordered},100,,{promised},,100");
    }
    assert!(
        (shop.lead_days() - 14.0).abs() < 0.1,
        "{}",
        shop.lead_days()
    );
}

#[test]
fn an_order_four_months_overdue_is_not_counted_on() {
    let shop = Shop::new().order("P1", "web", -140, 400, "", [Some(-120), None]);
    let plan = shop.plan();
    assert_eq!(row(&plan, "web").on_order_in_time, 0.0);
    assert!(found(&plan, "overdue_order_given_up"));
    assert!(!found(&plan, "order_later_than_ever"));
}

#[test]
fn a_level_to_order_up_to_is_never_below_nothing_where_a_late_order_covers() {
    let shop = Shop {
        stock: vec![("web", 20)],
        ..Shop::new()
    };
    let plan = shop
        .order("P1", "web", -5, 900, "", [Some(16), None])
        .plan();
    let r = row(&plan, "web");
    assert_eq!((r.order_qty, r.on_order_late), (0.0, 900.0));
    assert!(r.order_up_to >= 0.0, "{}", r.order_up_to);
    let sum = r.reorder_point - r.waiting_reduction;
    assert!((sum - r.order_up_to).abs() < 1e-6);
}
