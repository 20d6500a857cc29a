//! Totals and sentences that can be added up by hand.

use super::shop::{Row, Shop, day, figure, sum};
use super::{depot_and_shop, hundred_owed, strategic};

/// The steps of an owed order's reason, with their signs, and what they are said to make.
fn steps(reason: &str) -> (Vec<f64>, f64) {
    let from = reason.find("next order.").unwrap() + "next order.".len();
    let (steps, total) = reason[from..].split_once(" = ").unwrap();
    let number = |text: &str| -> f64 {
        let digits: String = text
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == '.')
            .collect();
        digits.trim_end_matches('.').parse().unwrap()
    };
    let mut found = Vec::new();
    let mut sign = 1.0;
    for word in steps.split_whitespace() {
        match word {
            "+" => sign = 1.0,
            "−" => sign = -1.0,
            _ if word.starts_with(|c: char| c.is_ascii_digit()) && sign != 0.0 => {
                found.push(sign * number(word));
                sign = 0.0;
            }
            _ => {}
        }
    }
    (found, number(total))
}

#[test]
fn the_reason_of_an_owed_order_has_every_step() {
    let plan = hundred_owed("", "").coming_and_plan(80);
    let order = plan.rows("purchase_orders.csv").pop().unwrap();
    let (parts, total) = steps(&order["reason"]);
    assert_eq!(total, figure(&order, "order_qty"));
    assert_eq!(parts.iter().sum::<f64>(), total, "{}", order["reason"]);
    assert!(
        order["reason"].contains("need not be ordered"),
        "{}",
        order["reason"]
    );
    // Of every channel's row, too.
    let rows = plan.rows("recommendations.csv");
    for row in rows.iter().filter(|r| r["reason_code"] == "owed") {
        let (parts, total) = steps(&row["reason"]);
        assert_eq!(total, figure(row, "order_qty"), "{}", row["reason"]);
        assert!(
            (parts.iter().sum::<f64>() - total).abs() < 1e-9,
            "{}",
            row["reason"]
        );
    }
}

#[test]
fn the_expected_service_is_that_of_the_channels_whose_past_is_told() {
    let plan = depot_and_shop(12).plan();
    let rows: Vec<Row> = plan
        .rows("recommendations.csv")
        .into_iter()
        .filter(|r| !r["channel"].is_empty())
        .collect();
    assert!(rows.iter().any(|r| !r["supplied_from"].is_empty()));
    let demand = sum(&rows, "demand_per_day");
    let served: f64 = rows
        .iter()
        .map(|r| figure(r, "demand_per_day") * figure(r, "expected_service"))
        .sum();
    let service = plan.summary()["service"].clone();
    let expected = service["expected"].as_f64().unwrap();
    assert!(
        (expected - served / demand).abs() < 1e-4,
        "{expected} {}",
        served / demand
    );
    assert_eq!(
        (&service["reached_series"], &service["expected_series"]),
        (&24.into(), &24.into())
    );
    assert!(
        plan.said.contains("(all channels, 24 series)"),
        "{}",
        plan.said
    );
}

#[test]
fn the_pooling_gain_is_the_sum_of_its_rows() {
    for plan in [
        hundred_owed("", "discontinued").plan(),
        depot_and_shop(8).plan(),
    ] {
        let rows = plan.rows("recommendations.csv");
        let saved = sum(&rows, "safety_stock_apart") - sum(&rows, "safety_stock");
        let told = plan.summary()["cash"]["pooling_gain"]["units"]
            .as_f64()
            .unwrap();
        assert!((told - saved).abs() < 1e-3, "{told} {saved}");
        assert!(told != 0.0);
    }
}

#[test]
fn a_new_item_that_names_one_that_sells_alike_is_not_asked_to() {
    let mut shop = Shop::new();
    shop.row("channels", "web,shed,true");
    shop.table(
        "items",
        &format!(
            "sku,supplier,unit_cost,price,lead_time_days,status,launch_date,similar_sku\n\
             OLD,mill,500,1200,7,,,\nNAMED,mill,500,1200,7,new,{0},OLD\nALONE,mill,500,1200,7,new,{0},\n",
            day(-9)
        ),
    );
    shop.history("OLD", "web", "shed", 90, 2, 20);
    shop.history("NAMED", "web", "shed", 10, 2, 0);
    shop.history("ALONE", "web", "shed", 10, 2, 0);
    let findings = shop.plan().rows("exceptions.csv");
    let asked = |sku: &str| {
        let found = findings
            .iter()
            .find(|f| f["sku"] == sku && f["code"] == "order_on_little_history");
        found.unwrap()["remedy"].contains("similar_sku")
    };
    assert!(asked("ALONE") && !asked("NAMED"));
}

#[test]
fn the_verdict_of_a_what_if_follows_its_figures() {
    let mut impatient = strategic(9, 45);
    impatient.config = "[backorders]\nmax_wait_days = 2\n".to_owned();
    let mut seen = std::collections::BTreeSet::new();
    for shop in [strategic(10, 14), strategic(0, 14), impatient] {
        for row in shop.plan().rows("backorder_what_if.csv") {
            let (gain, low) = (
                figure(&row, "gain_per_year"),
                figure(&row, "gain_per_year_low"),
            );
            let late = row["reason_code"] == "what_if_wait_too_long";
            let verdict = match (figure(&row, "capture_n") >= 20.0, gain > 0.0, low > 0.0) {
                _ if late => "not_worth_it",
                (false, _, _) => "unproven",
                (true, true, true) => "worth_it",
                (true, true, false) => "unproven",
                (true, false, _) => "not_worth_it",
            };
            assert_eq!(row["verdict"], verdict, "{row:?}");
            assert!(!late || gain <= 0.0, "{row:?}");
            seen.insert(verdict);
        }
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}

#[test]
fn the_parts_of_a_change_add_up_over_two_plans() {
    let home = tempfile::tempdir().unwrap();
    let shop = depot_and_shop(12);
    shop.plan_on(-7, &home.path().join(day(-7)), &[]);
    shop.plan_on(0, &home.path().join(day(0)), &[]);
    let changes = super::rows(&home.path().join(day(0)).join("changes.csv"));
    assert!(changes.iter().any(|c| c["channel"].is_empty()));
    let mut seen = std::collections::BTreeSet::new();
    for change in &changes {
        let parts = change
            .iter()
            .filter(|(column, _)| column.starts_with("part_"));
        let mut sum = 0.0;
        for (column, _) in parts {
            let part = figure(change, column);
            sum += part;
            if part != 0.0 {
                seen.insert(column.clone());
            }
        }
        let moved = figure(change, "order_qty_after") - figure(change, "order_qty_before");
        assert!((sum - moved).abs() < 1e-6, "{sum} {moved} {change:?}");
    }
    for part in ["part_stock", "part_debts", "part_demand", "part_spread"] {
        assert!(seen.contains(part), "{seen:?}");
    }
}
