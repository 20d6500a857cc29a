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
