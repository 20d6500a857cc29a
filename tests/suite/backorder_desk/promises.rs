//! What may be promised, and what was promised and cannot be kept.

use super::shop::{Row, Shop, day, figure};

/// One item on a channel that lets customers wait.
fn cap(lead: u32, left: i32) -> Shop {
    let mut shop = Shop::new();
    shop.row("channels", "web,shed,true");
    shop.row("items", format!("CAP,mill,500,1200,{lead},,,,,,"));
    shop.history("CAP", "web", "shed", 90, 1, left);
    shop
}

#[test]
fn no_unit_is_promised_before_it_is_free() {
    // Nine on hand; five of them are owed, though only in twelve days; 20 arrive in ten.
    let mut shop = cap(7, 9);
    shop.owed("C", -2, "CAP", "web", 5, Some(12));
    shop.coming("P1", "CAP", "shed", 20, 10);
    let plan = shop.plan();
    let line = &plan.rows("backorders.csv")[0];
    assert_eq!(
        (line["covered_by"].as_str(), line["ship_date_p50"].as_str()),
        ("stock", day(1).as_str())
    );
    let policy = plan.policy("CAP", "web");
    assert_eq!(
        (policy["free_stock"].as_str(), policy["action"].as_str()),
        ("4", "accept")
    );
    // The five ship tomorrow, the four sell: the next customer gets a unit of the receipt.
    assert_eq!(policy["promise_date"], day(10));
    assert_eq!(
        (
            policy["accept_units"].as_str(),
            policy["accept_until"].as_str()
        ),
        ("20", day(10).as_str())
    );
    assert_eq!(policy["available_to_promise"], "24");
}

#[test]
fn what_this_plan_orders_serves_who_waits_before_it_is_promised_again() {
    let mut shop = cap(10, 0);
    shop.owed("old", -5, "CAP", "web", 7, Some(3));
    shop.coming("LATE", "CAP", "shed", 7, 30);
    let plan = shop.plan();
    let policy = plan.policy("CAP", "web");
    assert_eq!(policy["action"], "order_first", "{}", policy["reason"]);
    // The seven that come late are owed, but the order comes first: seven of it go to who waits.
    let (ordered, promised) = (
        figure(&policy, "order_qty"),
        figure(&policy, "accept_units"),
    );
    assert_eq!(promised, ordered - 7.0);
    // And no order is taken that would wait longer than the shop allows.
    shop.config = "[backorders]\nmax_wait_days = 9\n".to_owned();
    assert_ne!(shop.plan().policy("CAP", "web")["action"], "order_first");
}

#[test]
fn what_is_on_the_shelf_of_a_discontinued_item_is_sold() {
    let mut shop = Shop::new();
    shop.row("channels", "web,shed,true");
    shop.row("items", "CAP,mill,500,1200,7,,,discontinued,,,");
    shop.history("CAP", "web", "shed", 90, 1, 7);
    let policy = shop.plan().policy("CAP", "web");
    assert_eq!(
        (policy["action"].as_str(), policy["free_stock"].as_str()),
        ("sell", "7")
    );
}

#[test]
fn nothing_is_promised_before_it_is_released() {
    let mut shop = cap(7, 9);
    shop.row("items", format!("NEW,mill,500,2000,7,,,new,{},,", day(10)));
    shop.row(
        "backorders",
        format!("P,{},NEW,web,2,preorder,{},,,,,", day(-3), day(10)),
    );
    shop.coming("P1", "NEW", "shed", 20, 3);
    let policy = shop.plan().policy("NEW", "web");
    assert_eq!(policy["action"], "accept", "{}", policy["reason"]);
    assert_eq!(policy["promise_date"], day(10));
    assert_eq!(policy["accept_until"], day(10));
}

/// Days from the first day of the tests' calendar to a date of a row.
fn days_between(from: &str, to: &str) -> f64 {
    let date = |text: &str| chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap();
    (date(to) - date(from)).num_days() as f64
}

#[test]
fn who_is_served_by_this_plans_order_after_the_promised_day_is_late() {
    let mut shop = cap(20, 0);
    shop.owed("SOON", -4, "CAP", "web", 2, Some(3));
    shop.owed("FAR", -4, "CAP", "web", 1, Some(60));
    shop.row(
        "backorders",
        format!(
            "TOLD,{},CAP,web,1,backorder,{},,,,,{}",
            day(-4),
            day(3),
            day(-3)
        ),
    );
    let plan = shop.plan();
    let lines = plan.rows("backorders.csv");
    let of = |id: &str| -> Row { lines.iter().find(|l| l["order_id"] == id).unwrap().clone() };
    let soon = of("SOON");
    assert_eq!(soon["covered_by"], "order_now");
    let late = days_between(&soon["promised_date"], &soon["order_now_date"]);
    assert!(late > 10.0);
    assert_eq!(figure(&soon, "late_by"), late);
    assert!(
        soon["reason"].contains(&format!("{late} day(s) late")),
        "{}",
        soon["reason"]
    );
    assert_eq!(
        (of("SOON")["notify"].as_str(), of("TOLD")["notify"].as_str()),
        ("new", "late")
    );
    assert_eq!(of("FAR")["late_by"], "");
    assert_eq!(plan.summary()["waiting"]["late_lines"], 2);
    assert!(plan.said.contains("2 lines will miss"), "{}", plan.said);
}

#[test]
fn a_line_that_stock_serves_in_part_is_as_late_as_its_last_unit() {
    let mut shop = cap(20, 2);
    shop.owed("C", -4, "CAP", "web", 5, Some(3));
    let plan = shop.plan();
    let line = &plan.rows("backorders.csv")[0];
    assert_eq!(
        (
            line["covered_units"].as_str(),
            line["order_now_units"].as_str()
        ),
        ("2", "3")
    );
    assert_eq!(
        figure(line, "late_by"),
        days_between(&line["promised_date"], &line["order_now_date"])
    );
}

#[test]
fn preorders_that_ship_after_the_launch_that_they_were_promised_are_counted() {
    let mut shop = cap(7, 9);
    shop.row(
        "items",
        format!("SLOW,mill,500,2000,40,,,new,{},,", day(10)),
    );
    shop.row("items", format!("FAST,mill,500,2000,3,,,new,{},,", day(10)));
    for sku in ["SLOW", "FAST"] {
        shop.row(
            "backorders",
            format!("P-{sku},{},{sku},web,2,preorder,{},,,,,", day(-3), day(10)),
        );
    }
    let plan = shop.plan();
    for line in plan.rows("backorders.csv") {
        let late = days_between(&line["promised_date"], &line["order_now_date"]);
        assert_eq!(figure(&line, "late_by"), late);
        // The fast one waits for the launch, and only for it.
        assert_eq!(line["sku"] == "FAST", late == 0.0, "{line:?}");
    }
    assert_eq!(plan.summary()["preorders"]["late_lines"], 1);
    assert!(
        plan.said.contains("1 line will miss its promised date"),
        "{}",
        plan.said
    );
}

/// A depot that fills a front shop in two days, both empty; two customers wait in the front shop.
fn filled(on_its_way: bool) -> Shop {
    let mut shop = Shop::new();
    shop.locations("location,supplied_from,transfer_days\ndepot,,\nfront,depot,2\n");
    shop.row("channels", "web,depot,true");
    shop.row("channels", "till,front,true");
    shop.row("items", "CAP,mill,500,1200,10,,,,,,");
    shop.history("CAP", "web", "depot", 90, 1, 0);
    shop.history("CAP", "till", "front", 90, 2, 0);
    shop.owed("A", -2, "CAP", "till", 2, Some(5));
    shop.owed("B", -1, "CAP", "till", 1, Some(40));
    if on_its_way {
        shop.coming("P", "CAP", "depot", 4, 60);
    }
    shop
}

#[test]
fn who_waits_where_another_location_sends_is_served_by_the_order_for_that_one() {
    for on_its_way in [false, true] {
        let plan = filled(on_its_way).plan();
        let orders = plan.rows("purchase_orders.csv");
        let [order] = &orders[..] else {
            panic!("{orders:?}")
        };
        assert_eq!(order["location"], "depot");
        let lines = plan.rows("backorders.csv");
        let comes = days_between(&day(0), &order["expected_arrival"]) as i32 + 2;
        for line in &lines {
            assert_eq!(line["covered_by"], "order_now", "{line:?}");
            assert_eq!(line["order_now_units"], line["units_open"]);
            assert_eq!(line["order_now_date"], day(comes));
            let said = format!("order of {}", order["order_qty"]);
            assert!(line["reason"].contains(&said), "{}", line["reason"]);
        }
        assert_eq!(figure(&lines[0], "late_by"), f64::from(comes - 5));
        // Nobody was told yet.
        assert_eq!(lines[0]["notify"], "new");
        assert!(
            plan.said.contains("3 by this plan's order"),
            "{}",
            plan.said
        );
        // No unit of the order is promised at both: what the rows may accept and what is owed are no more than it.
        let promised: f64 = ["web", "till"]
            .map(|c| plan.policy("CAP", c))
            .iter()
            .filter(|r| r["action"] == "order_first")
            .map(|r| figure(r, "accept_units"))
            .sum();
        assert!(promised > 0.0);
        assert!(promised + 3.0 <= figure(order, "order_qty"), "{promised}");
    }
}

#[test]
fn the_day_of_this_plans_order_is_that_of_purchasing() {
    let mut shop = cap(20, 0);
    shop.owed("C", -4, "CAP", "web", 2, Some(3));
    shop.table(
        "suppliers",
        "supplier,lead_time_days,lead_time_sd,order_weekday\nmill,20,9,thursday\n",
    );
    // Long tails: the mean of the lead time is not its middle.
    for (k, days) in [8, 9, 9, 10, 10, 11, 12, 30, 44].into_iter().enumerate() {
        let (ordered, received) = (day(-80 - k as i32), day(days - 80 - k as i32));
        shop.row(
            "inbound",
            format!("R{k},CAP,shed,{ordered},5,mill,,{received},5"),
        );
    }
    let plan = shop.plan();
    let line = &plan.rows("backorders.csv")[0];
    let order = &plan.rows("purchase_orders.csv")[0];
    assert_eq!(line["covered_by"], "order_now");
    assert_eq!(line["order_now_date"], order["expected_arrival"]);
}

#[test]
fn the_next_receipt_comes_on_the_day_on_which_the_line_that_it_serves_ships() {
    // The supplier has been late by up to twenty days: the middle of what can come is one day, wherever it is told.
    for units in [1, 4] {
        let mut shop = cap(14, 0);
        for (k, late) in [0, 1, 2, 3, 5, 6, 8, 13, 17, 20].into_iter().enumerate() {
            let ago = -60 - 3 * k as i32;
            let row = [ago - 14, ago, ago + late].map(day);
            shop.row(
                "inbound",
                format!("R{k},CAP,shed,{},5,mill,{},{},5", row[0], row[1], row[2]),
            );
        }
        shop.owed("C", -4, "CAP", "web", units, Some(3));
        shop.coming("P1", "CAP", "shed", 9, 4);
        shop.coming("P2", "CAP", "shed", 6, 6);
        let plan = shop.plan();
        let line = &plan.rows("backorders.csv")[0];
        assert_eq!(line["covered_by"], "receipt");
        let policy = plan.policy("CAP", "web");
        assert_eq!(policy["next_arrival"], line["ship_date_p50"], "{units}");
    }
}

#[test]
fn nothing_is_said_of_a_wait_that_is_not_offered() {
    let mut impatient = super::strategic(9, 45);
    impatient.config =
        "[policy]\nbackorder_cost_per_unit_day = 7\n[backorders]\nmax_wait_days = 2\n".to_owned();
    let rows = impatient.plan().rows("backorder_what_if.csv");
    let refused: Vec<&Row> = rows
        .iter()
        .filter(|r| r["reason_code"] == "what_if_wait_too_long" && r["wait_days"].is_empty())
        .collect();
    assert!(!refused.is_empty());
    for row in refused {
        assert_eq!(row["cancel_share"], "");
        // Nothing changes: as many are lost as now, no unit and no money is freed or spent.
        for (then, now) in [
            ("lost_waiting", "lost_now"),
            ("lost_waiting_low", "lost_now"),
            ("fill_waiting", "fill_now"),
            ("reorder_point_waiting", "reorder_point_now"),
            ("safety_stock_waiting", "safety_stock_now"),
        ] {
            assert_eq!(row[then], row[now], "{then}");
        }
        for column in ["stock_freed", "gain_per_year", "gain_per_year_low"] {
            assert_eq!(row[column], "0", "{column}");
        }
    }
}

#[test]
fn preorders_are_worth_what_their_own_rows_say_else_the_price_of_the_item() {
    let taken = |sales: bool, lines: bool| {
        let mut shop = cap(7, 9);
        shop.table("sales", "date,sku,channel,units,order_type,price\n");
        shop.row("items", format!("NEW,mill,500,2000,7,,,new,{},,", day(10)));
        for after in -89..=0 {
            shop.row("sales", format!("{},CAP,web,1,,1200", day(after)));
        }
        if sales {
            shop.row("sales", format!("{},NEW,web,3,preorder,1500", day(-2)));
        }
        if lines {
            let line = format!("P,{},NEW,web,2,preorder,{},,,,,", day(-3), day(10));
            shop.row("backorders", line);
        }
        let rows = shop.plan().rows("preorders.csv");
        (
            rows[0]["amount_taken"].clone(),
            rows[0]["amount_price"].clone(),
        )
    };
    let told = |amount: &str, price: &str| (amount.to_owned(), price.to_owned());
    assert_eq!(taken(true, false), told("4500", "row"));
    assert_eq!(taken(false, true), told("4000", "item"));
    assert_eq!(taken(true, true), told("8500", "row + item"));
}
