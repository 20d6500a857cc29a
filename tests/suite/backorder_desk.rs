//! Customers who wait, as the program plans them: who gets what, who is told, how many more may wait.

mod figures;
mod promises;
mod shop;
mod told;

use std::fs;

use shop::{Plan, Row, Shop, day, figure, rows, sum};

/// 100 units are owed on four channels of one shelf; what comes is up to the test.
fn hundred_owed(moq: &str, status: &str) -> Shop {
    let mut shop = Shop::new();
    shop.row("items", format!("TEE,mill,500,1200,7,{moq},,{status},,,"));
    for (channel, units) in [("app", 30), ("mall", 40), ("own", 20), ("web", 10)] {
        shop.row("channels", format!("{channel},shed,true"));
        shop.history("TEE", channel, "shed", 90, 1, 0);
        for k in 0..units {
            // The oldest promises are spread over the channels.
            let promised = 2 + (k * 100 / units) % 13;
            shop.owed(
                &format!("{channel}-{k:02}"),
                -2,
                "TEE",
                channel,
                1,
                Some(promised),
            );
        }
    }
    shop.one_stock_row_a_day();
    shop
}

fn by_channel(lines: &[Row]) -> Vec<f64> {
    ["app", "mall", "own", "web"]
        .map(|c| {
            let of: Vec<Row> = lines
                .iter()
                .filter(|l| l["channel"] == c)
                .cloned()
                .collect();
            sum(&of, "covered_units")
        })
        .to_vec()
}

#[test]
fn of_100_orders_80_are_served_the_oldest_promises_first() {
    let plan = hundred_owed("", "").coming_and_plan(80);
    let lines = plan.rows("backorders.csv");
    assert_eq!(lines.len(), 100);
    assert_eq!(sum(&lines, "units_open"), 100.0);
    assert_eq!(sum(&lines, "covered_units"), 80.0);
    for line in &lines {
        assert_eq!(
            figure(line, "covered_units") + figure(line, "uncovered_units"),
            figure(line, "units_open")
        );
        assert_eq!(line["owed_units"], "100");
        assert_eq!(line["owed_covered_units"], "80");
        assert_eq!(line["owed_short_units"], "20");
        assert_eq!(figure(line, "covered_units").fract(), 0.0);
    }
    // Nobody without a unit was promised one earlier than somebody with one.
    let latest_served = lines
        .iter()
        .filter(|l| l["covered_units"] == "1")
        .map(|l| l["promised_date"].clone())
        .max();
    for line in lines.iter().filter(|l| l["covered_units"] == "0") {
        assert!(Some(line["promised_date"].clone()) >= latest_served);
        assert_eq!(line["ship_date_p50"], "");
        // The plan's own order takes the rest in.
        assert_eq!(
            (line["covered_by"].as_str(), line["extra_order"].as_str()),
            ("order_now", "in_plan")
        );
    }
    let served = &lines[0];
    assert_eq!(
        (served["covered_by"].as_str(), served["po_id"].as_str()),
        ("receipt", "PO1")
    );
    assert_eq!(served["ship_date_p50"], day(3));
    assert_eq!(served["ship_date_p90"], day(3));
}

#[test]
fn each_channel_gets_its_share_of_80_when_the_shop_says_so() {
    let mut shop = hundred_owed("", "");
    shop.config = "[backorders]\nallocate_by = \"channel\"\n".to_owned();
    let plan = shop.coming_and_plan(80);
    assert_eq!(
        by_channel(&plan.rows("backorders.csv")),
        [24.0, 32.0, 16.0, 8.0]
    );
    // Shares that are not whole still sum exactly.
    let plan = shop.coming_and_plan(77);
    let shares = by_channel(&plan.rows("backorders.csv"));
    assert_eq!(shares.iter().sum::<f64>(), 77.0);
    assert!(shares.iter().all(|s| s.fract() == 0.0), "{shares:?}");
}

#[test]
fn a_minimum_can_make_the_extra_order_uneconomic() {
    let line = |moq| {
        let plan = hundred_owed(moq, "discontinued").coming_and_plan(80);
        plan.rows("backorders.csv").pop().unwrap()
    };
    let small = line("");
    assert_eq!(
        (
            small["extra_order"].as_str(),
            small["extra_order_units"].as_str()
        ),
        ("order", "20")
    );
    // 20 × (1200 − 500) is less than 480 × 500 that nobody will buy.
    let large = line("500");
    assert_eq!(
        (
            large["extra_order"].as_str(),
            large["extra_order_units"].as_str(),
            large["extra_order_surplus"].as_str()
        ),
        ("uneconomic", "500", "480")
    );
    assert!(
        large["reason"].contains("500") && large["reason"].contains("480"),
        "{}",
        large["reason"]
    );
}

/// One item on one channel with five open lines, and 60 units to come.
fn waiting(expected: i32) -> Shop {
    let mut shop = Shop::new();
    shop.row("channels", "web,shed,true");
    shop.row("items", "CAP,mill,500,1200,7,,,,,,");
    shop.row("items", "HAT,mill,500,1200,7,,,,,,");
    for sku in ["CAP", "HAT"] {
        shop.history(sku, "web", "shed", 90, 1, 0);
    }
    for k in 0..5 {
        shop.owed(&format!("C{k}"), -2, "CAP", "web", 1, Some(8));
    }
    shop.owed("H0", -2, "HAT", "web", 1, Some(8));
    shop.coming("P-CAP", "CAP", "shed", 60, expected);
    shop.coming("P-HAT", "HAT", "shed", 60, 4);
    shop
}

#[test]
fn new_lines_and_moved_dates_are_told_within_the_configured_hours() {
    let home = tempfile::tempdir().unwrap();
    let (before, after) = (home.path().join("before"), home.path().join("after"));
    waiting(4).plan_into(&before, &[]);
    let first = rows(&before.join("backorders.csv"));
    assert!(first.iter().all(|l| l["notify"] == "new"));
    assert!(
        first
            .iter()
            .all(|l| l["notify_by"] == format!("{}T00:00", day(2)))
    );

    let mut later = waiting(14);
    later.owed("C9", 0, "CAP", "web", 1, Some(20));
    later.config = "[backorders]\nnotify_within_hours = 6\n".to_owned();
    later.plan_into(&after, &["--previous", before.to_str().unwrap()]);
    for line in rows(&after.join("backorders.csv")) {
        let (notify, by) = match line["order_id"].as_str() {
            "C9" => ("new", format!("{}T06:00", day(1))),
            // Nobody has written to any of them yet.
            "H0" => ("new", format!("{}T06:00", day(1))),
            _ => ("late", format!("{}T06:00", day(1))),
        };
        assert_eq!(
            (line["notify"].as_str(), &line["notify_by"]),
            (notify, &by),
            "{}",
            line["order_id"]
        );
        if line["sku"] == "CAP" && line["order_id"] != "C9" {
            assert_eq!(line["late_by"], "6");
        }
    }
    // The same plan again has the same to tell, in whatever language the earlier one has its headers.
    let japanese = home.path().join("ja");
    waiting(4).plan_into(&japanese, &["--headers", "ja", "--lang", "ja", "--excel"]);
    let again = home.path().join("again");
    waiting(4).plan_into(&again, &["--previous", japanese.to_str().unwrap()]);
    for line in rows(&again.join("backorders.csv")) {
        assert_eq!(
            (line["notify"].as_str(), line["tell_date"].as_str()),
            ("new", day(4).as_str())
        );
        assert_eq!(line["tell_since"], day(0));
    }
}

#[test]
fn customers_who_were_told_are_told_again_only_when_the_date_is_missed() {
    let mut shop = waiting(14);
    shop.row(
        "backorders",
        format!(
            "T1,{},HAT,web,1,backorder,{},,,,,{}",
            day(-2),
            day(8),
            day(-1)
        ),
    );
    shop.row(
        "backorders",
        format!(
            "T2,{},CAP,web,1,backorder,{},,,,,{}",
            day(-2),
            day(8),
            day(-1)
        ),
    );
    let lines = shop.plan().rows("backorders.csv");
    let of = |id: &str| lines.iter().find(|l| l["order_id"] == id).unwrap().clone();
    assert_eq!(of("T1")["notify"], "");
    assert_eq!(
        (of("T2")["notify"].as_str(), of("T2")["late_by"].as_str()),
        ("late", "6")
    );
}

#[test]
fn short_shipments_and_late_suppliers_move_the_dates_and_the_chances() {
    let mut shop = waiting(4);
    // The mill delivered half of its orders late by six days, and a third of them with half the units.
    for k in 0..30 {
        let ordered = -300 + 9 * k;
        let (late, units) = (
            if k % 2 == 0 { 6 } else { 0 },
            if k % 3 == 0 { 30 } else { 60 },
        );
        shop.row(
            "inbound",
            format!(
                "OLD{k},CAP,shed,{},60,mill,{},{},{units}",
                day(ordered),
                day(ordered + 10),
                day(ordered + 10 + late)
            ),
        );
    }
    for k in 0..40 {
        shop.owed(&format!("D{k:02}"), -1, "CAP", "web", 1, Some(9));
    }
    let lines = shop.plan().rows("backorders.csv");
    let of = |id: &str| lines.iter().find(|l| l["order_id"] == id).unwrap().clone();
    let (first, last) = (of("C0"), of("D39"));
    assert_eq!(first["ship_date_p90"], day(10));
    assert_eq!(figure(&first, "cover_chance"), 1.0);
    // The 45th unit comes only when the receipt is not halved.
    let chance = figure(&last, "cover_chance");
    assert!((0.55..0.85).contains(&chance), "{chance}");
    assert_eq!(
        (
            last["covered_units"].as_str(),
            last["ship_date_p90"].as_str()
        ),
        ("1", "")
    );
}

#[test]
fn the_risk_of_cancelling_is_the_shops_own_and_silent_where_few_waited() {
    let mut shop = waiting(4);
    let silent = shop.plan().rows("backorders.csv");
    assert!(silent.iter().all(|l| l["cancel_risk"].is_empty()));
    // Of 60 past lines half cancelled on their fifth day; the others were shipped after ten.
    for k in 0..60 {
        let ordered = -200 + k;
        let end = if k % 2 == 0 {
            format!(",,{},1", day(ordered + 5))
        } else {
            format!("{},1,,", day(ordered + 10))
        };
        shop.row(
            "backorders",
            format!("OLD{k},{},CAP,web,1,backorder,,{end},", day(ordered)),
        );
    }
    for line in shop.plan().rows("backorders.csv") {
        // Two days waited, four to come: over the fifth day.
        let risk = figure(&line, "cancel_risk");
        assert!((0.4..0.55).contains(&risk), "{risk}");
        assert!(figure(&line, "cancel_risk_n") >= 20.0);
    }
}

#[test]
fn accept_as_many_as_arrive_within_the_longest_wait() {
    let plan = waiting(4).plan();
    let cap = plan.policy("CAP", "web");
    assert_eq!(
        (
            cap["action"].as_str(),
            cap["accept_units"].as_str(),
            cap["accept_until"].clone()
        ),
        ("accept", "55", day(4))
    );
    let mut impatient = waiting(14);
    impatient.config = "[backorders]\nmax_wait_days = 3\n".to_owned();
    let plan = impatient.plan();
    assert_eq!(plan.policy("CAP", "web")["action"], "stop");
    assert_eq!(plan.policy("CAP", "web")["accept_units"], "0");
    assert!(plan.policy("CAP", "web")["reason"].contains('3'));
}

/// An item without stock and with nothing on its way.
fn empty(item: &str, channel: &str, lead: u32) -> Shop {
    let mut shop = Shop::new();
    shop.row("channels", format!("web,shed,{channel}"));
    shop.row("items", format!("CAP,mill,500,1200,{lead},,,{item}"));
    shop.history("CAP", "web", "shed", 90, 2, 0);
    shop
}

#[test]
fn without_an_arrival_date_nothing_is_accepted_unless_the_shop_says_so() {
    let far = empty(",,,", "true", 60);
    let plan = far.plan();
    assert_eq!(plan.policy("CAP", "web")["action"], "stop");
    assert!(
        plan.findings("CAP")
            .contains(&"sells_at_zero_with_nothing_inbound".to_owned())
    );

    let near = empty(",,,", "true", 7).plan();
    let row = near.policy("CAP", "web");
    assert_eq!(row["action"], "order_first");
    assert!(
        figure(&row, "accept_units") > 0.0
            && figure(&row, "accept_units") <= figure(&row, "order_qty")
    );

    let mut bold = far;
    bold.config = "[backorders]\nallow_without_arrival_date = true\n".to_owned();
    let plan = bold.plan();
    let row = plan.policy("CAP", "web");
    assert_eq!(
        (row["action"].as_str(), row["accept_units"].as_str()),
        ("accept", "")
    );
    assert!(
        !plan
            .findings("CAP")
            .contains(&"sells_at_zero_with_nothing_inbound".to_owned())
    );
}

#[test]
fn items_and_channels_can_forbid() {
    let reason = |shop: Shop| shop.plan().policy("CAP", "web")["reason_code"].clone();
    assert_eq!(reason(empty(",,,", "false", 7)), "policy_channel_forbids");
    assert_eq!(reason(empty(",,,no", "true", 7)), "policy_item_forbids");
    assert_eq!(
        reason(empty("discontinued,,,", "true", 7)),
        "policy_discontinued"
    );
    assert_eq!(reason(empty(",,,accept", "false", 7)), "policy_order_first");
}

#[test]
fn a_closed_offer_is_found_when_units_arrive_tomorrow() {
    let closed = |expected, units| {
        let mut shop = empty(",,,no", "true", 7);
        shop.coming("P1", "CAP", "shed", units, expected);
        shop.plan()
            .findings("CAP")
            .contains(&"closed_though_units_arrive".to_owned())
    };
    assert!(closed(1, 60));
    assert!(!closed(20, 60));
}

#[test]
fn more_promised_than_arrives_is_oversold() {
    let mut shop = empty(",,,", "true", 60);
    for k in 0..30 {
        shop.owed(&format!("O{k}"), -1, "CAP", "web", 1, None);
    }
    shop.coming("P1", "CAP", "shed", 20, 5);
    let row = shop.plan().policy("CAP", "web");
    assert_eq!(
        (row["action"].as_str(), row["reason_code"].as_str()),
        ("stop", "policy_oversold")
    );
    assert_eq!(row["available_to_promise"], "-10");
    let plan = shop.plan();
    let found = plan.rows("exceptions.csv");
    let found = found.iter().find(|f| f["code"] == "oversold_pool").unwrap();
    assert_eq!(
        (found["sku"].as_str(), found["count"].as_str()),
        ("CAP", "10")
    );
    assert!(
        found["message"].contains("10 in 10 lines"),
        "{}",
        found["message"]
    );
    // With ten more to come nobody is owed what does not come.
    shop.coming("P2", "CAP", "shed", 10, 9);
    assert!(
        !shop
            .plan()
            .findings("CAP")
            .contains(&"oversold_pool".to_owned())
    );
}

#[test]
fn no_unit_is_promised_twice_and_a_receipt_never_lowers_what_can_be_promised() {
    let mut shop = Shop::new();
    shop.row("items", "TEE,mill,500,1200,7,,,,,,");
    for (channel, units) in [("app", 1), ("own", 3), ("web", 2)] {
        shop.row("channels", format!("{channel},shed,true"));
        shop.history("TEE", channel, "shed", 90, units, 0);
        shop.owed(&format!("{channel}1"), -2, "TEE", channel, 4, Some(6));
    }
    shop.one_stock_row_a_day();
    let mut before = vec![0.0; 3];
    let mut arriving = 0;
    for (k, (units, expected)) in [(10, 9), (13, 25), (1, 3), (1, 3), (40, 28), (7, 90)]
        .into_iter()
        .enumerate()
    {
        shop.coming(&format!("P{k}"), "TEE", "shed", units, expected);
        arriving += units;
        let plan = shop.plan();
        let now: Vec<f64> = ["app", "own", "web"]
            .map(|c| {
                let row = plan.policy("TEE", c);
                if row["action"] == "accept" {
                    figure(&row, "accept_units")
                } else {
                    0.0
                }
            })
            .to_vec();
        let covered = sum(&plan.rows("backorders.csv"), "covered_units");
        // What waits comes first, and all promises together are never more than what arrives.
        assert_eq!(covered, f64::from(arriving.min(12)));
        assert!(
            now.iter().sum::<f64>() + covered <= f64::from(arriving),
            "{now:?}"
        );
        for (now, before) in now.iter().zip(&before) {
            assert!(now >= before, "{now} after {before} at receipt {k}");
        }
        before = now;
    }
    assert!(before.iter().sum::<f64>() > 40.0);
}

#[test]
fn preorders_are_owed_and_never_demand() {
    let shop = |preorders: u32| {
        let mut shop = waiting(4);
        shop.row("items", format!("NEW,mill,500,2000,7,,,new,{},,", day(10)));
        shop.row("items", "OLD,mill,500,2000,7,,,,,,");
        shop.history("OLD", "web", "shed", 120, 3, 10);
        for k in 0..preorders {
            shop.row(
                "backorders",
                format!("P{k},{},NEW,web,2,preorder,{},,,,,", day(-3), day(10)),
            );
        }
        shop.plan()
    };
    let (without, with) = (shop(0), shop(15));
    assert!(without.rows("preorders.csv").is_empty());
    assert!(!without.said.contains("Preorders"));
    let taken = with.rows("preorders.csv");
    assert_eq!(taken.len(), 1);
    assert_eq!(
        (
            taken[0]["units_taken"].as_str(),
            taken[0]["amount_taken"].as_str()
        ),
        ("30", "60000")
    );
    assert_eq!(
        figure(&taken[0], "covered_units")
            + figure(&taken[0], "in_order_units")
            + figure(&taken[0], "uncovered_units"),
        30.0
    );
    assert!(
        with.said.contains("Preorders: 30 units of 1 SKU "),
        "{}",
        with.said
    );
    let summary = fs::read_to_string(with.folder.join("summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    assert_eq!(summary["preorders"]["units_taken"], 30.0);
    // In the first order they are a debt on top; expected demand stays what it was.
    let row = |plan: &Plan| {
        plan.rows("recommendations.csv")
            .into_iter()
            .find(|r| r["sku"] == "NEW")
            .unwrap()
    };
    let after = row(&with);
    assert_eq!(after["open_backorders"], "30");
    assert!(figure(&after, "order_qty") >= figure(&taken[0], "in_order_units"));
    assert_eq!(figure(&taken[0], "in_order_units"), 30.0);
    // Not before it is released.
    let lines = with.rows("backorders.csv");
    let line = lines.iter().find(|l| l["sku"] == "NEW").unwrap();
    assert_eq!(line["kind"], "preorder");
}

/// Items of one style that sell now and then, with spells in which a share of the customers waited; the first fourteen take orders without stock, the
/// others (`T…`) do not.
fn strategic(wait_of_ten: u32, lead: u32) -> Shop {
    let mut shop = Shop::new();
    shop.row("channels", "web,shed,true");
    for v in 0..20 {
        let accepts = v < 14;
        let (letter, policy) = if accepts {
            ('S', "accept")
        } else {
            ('T', "refuse")
        };
        let sku = format!("{letter}{v}");
        let item = format!("{sku},mill,40000,44000,{lead},,,,,STYLE,{policy}");
        shop.row("items", item);
        for after in -399..=0_i32 {
            let turn = after.rem_euclid(50);
            let sells = (after + v * 3).rem_euclid(4) == 0;
            let out = turn < 12;
            if sells && !out {
                shop.row("sales", format!("{},{sku},web,1,", day(after)));
            } else if sells && accepts && ((after + v) as u32 % 10) < wait_of_ten && after < -20 {
                let shipped = day(after + 12 - turn);
                shop.row(
                    "backorders",
                    format!(
                        "{sku}{after},{},{sku},web,1,backorder,,{shipped},1,,,",
                        day(after)
                    ),
                );
            }
            let on_hand = if out && after < -5 { 0 } else { 12 };
            shop.row("stock", format!("{},{sku},shed,{on_hand}", day(after)));
        }
    }
    shop
}

#[test]
fn waiting_instead_of_safety_stock_is_ranked_with_a_verdict() {
    let worth = strategic(10, 14).plan().rows("backorder_what_if.csv");
    assert_eq!(worth.len(), 20);
    assert_eq!(worth[0]["verdict"], "worth_it", "{}", worth[0]["reason"]);
    assert!(worth[0]["sku"].starts_with('T'));
    let mut last = f64::INFINITY;
    for (rank, row) in (1..).zip(&worth) {
        assert_eq!(row["rank"], rank.to_string());
        assert!(row["candidate"].contains("variants"));
        assert!(figure(row, "reorder_point_waiting") <= figure(row, "reorder_point_now"));
        assert!(
            figure(row, "capture_p10") <= figure(row, "capture")
                && figure(row, "capture") <= figure(row, "capture_p90")
        );
        // What one item's share may be, not how well the mean of all is known.
        assert!(figure(row, "capture_p90") - figure(row, "capture_p10") > 0.03);
        let cash = 40000.0 * figure(row, "stock_freed");
        assert!((figure(row, "cash_freed") - cash).abs() < 1e-6 * cash.max(1.0));
        assert!(figure(row, "lost_waiting_low") >= figure(row, "lost_waiting"));
        if row["sku"].starts_with('T') {
            // As many customers are kept as with today's safety stock, which loses all who find nothing.
            assert_eq!(figure(row, "capture_now"), 0.0);
            assert!(figure(row, "lost_waiting") <= figure(row, "lost_now") + 1e-3);
            let lost = 365.0 * figure(row, "demand_per_day") * (1.0 - figure(row, "fill_now"));
            assert!((figure(row, "lost_now") - lost).abs() < 1e-2);
        } else {
            // Customers wait today already: less stock can only lose more of them.
            assert_eq!(row["capture_now"], row["capture"]);
            assert!(figure(row, "lost_waiting") >= figure(row, "lost_now") - 1e-3);
            assert_ne!(row["reason_code"], "what_if_nothing_freed");
        }
        if row["verdict"] == "worth_it" {
            assert!(
                figure(row, "gain_per_year_low") > 0.0 && figure(row, "gain_per_year_low") <= last
            );
            last = figure(row, "gain_per_year_low");
        }
    }
    let mut impatient = strategic(9, 45);
    impatient.config = "[backorders]\nmax_wait_days = 2\n".to_owned();
    let impatient = impatient.plan().rows("backorder_what_if.csv");
    for row in impatient.iter().filter(|r| r["sku"].starts_with('T')) {
        assert_eq!(
            (row["verdict"].as_str(), row["reason_code"].as_str()),
            ("not_worth_it", "what_if_wait_too_long")
        );
    }
    // Nobody ever waited in this shop: nothing is proven.
    let unproven = strategic(0, 14).plan().rows("backorder_what_if.csv");
    assert!(unproven.iter().all(|r| r["verdict"] != "worth_it"));
}

#[test]
fn a_shop_in_which_nobody_waits_has_nothing_to_say() {
    let mut shop = Shop::new();
    shop.row("channels", "web,shed,true");
    shop.row("items", "CAP,mill,500,1200,7,,,,,,");
    shop.history("CAP", "web", "shed", 120, 2, 60);
    let plan = shop.plan();
    assert!(plan.rows("backorders.csv").is_empty() && plan.rows("preorders.csv").is_empty());
    assert_eq!(plan.policy("CAP", "web")["action"], "sell");
    for code in [
        "closed_though_units_arrive",
        "sells_at_zero_with_nothing_inbound",
    ] {
        assert!(!plan.findings("CAP").contains(&code.to_owned()));
    }
    assert!(!plan.said.contains("Waiting customers"));
}

/// A depot that fills a shop, with whatever is there, owed and on its way for each of the items.
fn depot_and_shop(items: u32) -> Shop {
    let mut shop = Shop::new();
    shop.locations("location,supplied_from,transfer_days\ndepot,,\nfront,depot,2\n");
    shop.row("channels", "web,depot,true");
    shop.row("channels", "till,front,true");
    for k in 0..items {
        let sku = format!("T{k:02}");
        let dice = |salt: u32, n: u32| (k * 7919 + salt * 104_729 + k * k * 31) % n;
        shop.row("items", format!("{sku},mill,500,1200,10,10,5,,,,"));
        shop.history(&sku, "web", "depot", 90, 1, 3 + dice(1, 20) as i32);
        shop.history(&sku, "till", "front", 90, 1, 0);
        shop.owed(&format!("w{k}"), -2, &sku, "web", 1 + dice(2, 4), Some(5));
        shop.owed(&format!("t{k}"), -2, &sku, "till", 1 + dice(3, 6), Some(6));
        if dice(4, 3) > 0 {
            shop.coming(&format!("P{k}"), &sku, "depot", 5 + dice(5, 12), 8);
        }
    }
    shop
}

#[test]
fn a_unit_that_moves_is_promised_where_it_goes_and_nowhere_else() {
    let plan = depot_and_shop(24).plan();
    let of = |file: &str, sku: &str| -> Vec<Row> {
        let rows = plan.rows(file).into_iter();
        rows.filter(|r| r["sku"] == sku).collect()
    };
    let mut moved = 0;
    for k in 0..24 {
        let sku = format!("T{k:02}");
        let rows = of("recommendations.csv", &sku);
        let there =
            sum(&rows, "on_hand") + sum(&rows, "on_order_in_time") + sum(&rows, "on_order_late");
        let policy = of("backorder_policy.csv", &sku);
        let accepted: f64 = policy
            .iter()
            .filter(|r| r["action"] == "accept")
            .map(|r| figure(r, "accept_units"))
            .sum();
        let promised = sum(&policy, "free_stock")
            + accepted
            + sum(&of("backorders.csv", &sku), "covered_units");
        assert!(promised <= there, "{sku}: {promised} of {there}");
        let transfers = of("transfers.csv", &sku);
        let in_of_it = transfers.iter().filter(|t| t["possible"] == "yes");
        if in_of_it.count() > 0 {
            moved += 1;
            let till = plan.policy(&sku, "till");
            // Where the transfer does not reach, the depot's order does.
            let bought = !of("purchase_orders.csv", &sku).is_empty();
            assert!(till["action"] != "order_first" || bought, "{sku}");
            assert!(figure(&till, "on_order") > 0.0, "{sku}");
            let findings = plan.findings(&sku);
            assert!(!findings.contains(&"sells_at_zero_with_nothing_inbound".to_owned()));
            let owed = of("backorders.csv", &sku);
            let line = owed.iter().find(|l| l["channel"] == "till").unwrap();
            assert_eq!(
                (line["po_id"].as_str(), line["ship_date_p90"].as_str()),
                ("transfer:depot", transfers[0]["expected_arrival"].as_str())
            );
        }
    }
    assert!(moved >= 5, "{moved} items are moved");
}

#[test]
fn the_desk_names_the_whole_order_that_purchasing_places() {
    // The example shop: its warehouse orders for the locations that it fills, too.
    let home = tempfile::tempdir().unwrap();
    assert_cmd::Command::new(env!("CARGO_BIN_EXE_restock"))
        .args(["plan", "--no-charts", "--quiet", "--data", "data", "--out"])
        .arg(home.path().join("plan"))
        .assert()
        .success();
    let table = |file: &str| rows(&home.path().join("plan").join(file));
    let orders = table("purchase_orders.csv");
    let mut for_others = 0;
    for row in table("backorder_policy.csv") {
        let same = |r: &&Row| r["sku"] == row["sku"] && r["location"] == row["location"];
        let placed: f64 = orders
            .iter()
            .filter(same)
            .map(|o| figure(o, "order_qty"))
            .sum();
        assert_eq!(figure(&row, "order_qty"), placed, "{row:?}");
        if row["action"] == "order_first" {
            let said = format!("order of {placed} first");
            assert!(row["reason"].contains(&said), "{row:?}");
            for_others += usize::from(row["reason"].contains("for the locations that this one"));
        }
    }
    assert!(for_others > 0);
}

#[test]
fn discontinued_and_owed_is_what_the_pools_receipt_leaves_open() {
    let plan = hundred_owed("500", "discontinued").coming_and_plan(80);
    let short: f64 = plan
        .rows("exceptions.csv")
        .iter()
        .filter(|r| r["code"] == "discontinued_but_owed")
        .map(|r| {
            let words = r["message"].split_whitespace();
            let units: Vec<f64> = words.filter_map(|w| w.parse().ok()).collect();
            units[0]
        })
        .sum();
    assert_eq!(short, 20.0);
    // Nothing will ever serve them: their promises are missed as well as those whose day comes too early, and the end says so.
    let lines = plan.rows("backorders.csv");
    let missed = lines
        .iter()
        .filter(|l| !l["late_by"].is_empty() || l["covered_by"] == "nothing")
        .count();
    assert!(missed > 20);
    let end = format!("20 by nothing; {missed} lines will miss");
    assert!(plan.said.contains(&end), "{}", plan.said);
    assert!(
        !hundred_owed("500", "discontinued")
            .coming_and_plan(100)
            .findings("TEE")
            .contains(&"discontinued_but_owed".to_owned())
    );
}

#[test]
fn preorders_are_ordered_in_full_and_counted_on_their_own() {
    let mut shop = Shop::new();
    shop.row("channels", "own,shed,true");
    shop.history("OLD", "own", "shed", 60, 1, 9);
    shop.row("items", "OLD,mill,500,1000,7,,,,,,");
    shop.row("items", format!("PRE,mill,900,2000,7,,,new,{},,", day(21)));
    for k in 0..10 {
        shop.row(
            "backorders",
            format!("P{k},{},PRE,own,3,preorder,{},,,,,", day(-k), day(21)),
        );
    }
    let plan = shop.plan();
    assert_eq!(sum(&plan.rows("preorders.csv"), "uncovered_units"), 0.0);
    let ordered: Vec<Row> = plan
        .rows("recommendations.csv")
        .into_iter()
        .filter(|r| r["sku"] == "PRE")
        .collect();
    assert_eq!(sum(&ordered, "order_qty"), 30.0);
    let summary = fs::read_to_string(plan.folder.join("summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    assert_eq!(summary["cash"]["prepaid_backorders"]["units"], 0.0);
    assert_eq!(summary["waiting"]["lines"], 0);
    assert_eq!(summary["waiting"]["prepaid_preorders"], 60_000.0);
    assert!(!plan.said.contains("Waiting customers"), "{}", plan.said);
}
