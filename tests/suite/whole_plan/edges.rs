//! Little data, odd data, none.

use restock::domain::{Action, Confidence, Day};
use restock::text::Lang;

use crate::whole_plan::shop::{AS_OF, Sale, Shop, row};

fn code<'p>(plan: &'p restock::domain::Plan, code: &str) -> Vec<&'p restock::domain::Finding> {
    plan.findings.iter().filter(|f| f.code == code).collect()
}

#[test]
fn without_a_stock_table_nothing_is_ordered() {
    let shop = Shop {
        no_stock_table: true,
        ..Shop::new(1, 4, 120)
    };
    let plan = shop.plan();
    assert_eq!(plan.recommendations.len(), 4);
    for r in &plan.recommendations {
        assert_eq!((r.action, r.order_qty), (Action::Review, 0.0), "{}", r.sku);
        assert!(r.demand_per_day > 0.0 && r.reorder_point > 0.0, "{}", r.sku);
        assert_eq!(r.hidden_units.mean, 0.0);
    }
    assert_eq!(code(&plan, "no_stock_table").len(), 1);
    // Said once for all, and not again row by row.
    assert_eq!(code(&plan, "no_stock_at_all")[0].count, 4);
    assert_eq!(code(&plan, "stock_unknown").len(), 0);
    // What rests on stock is not known, and not zero.
    for r in &plan.recommendations {
        assert_eq!(r.on_hand, None);
        for figure in [r.inventory_position, r.raw_need] {
            assert_eq!(restock::output::figure(figure), "", "{}", r.sku);
        }
        assert_eq!((r.order_up_to, r.waiting_reduction), (r.reorder_point, 0.0));
        assert_eq!(r.first_stockout_date, None);
        assert_eq!(r.reason.code, "no_stock_record");
        let reason = restock::output::reason(Lang::En, r);
        assert!(!reason.contains("NaN"), "{reason}");
    }
}

#[test]
fn the_cost_measure_without_a_margin_says_so() {
    let folder = tempfile::tempdir().unwrap();
    Shop::new(1, 4, 120).write(folder.path());
    let items = folder.path().join("items.csv");
    let text = std::fs::read_to_string(&items).unwrap();
    // The first is sold below cost, the second has no cost.
    let text = text
        .replacen(",500,1200,", ",1500,1200,", 1)
        .replacen(",500,1200,", ",,1200,", 1);
    std::fs::write(&items, text).unwrap();
    let told = |policy: &str| {
        let toml = format!("[policy]\nservice_measure = \"cost\"\n{policy}");
        let config = restock::config::parse(&toml, std::path::Path::new("restock.toml")).unwrap();
        let plan = crate::whole_plan::shop::plan_folder(folder.path(), &config);
        ["cost_measure_below_cost", "cost_measure_without_costs"]
            .map(|c| code(&plan, c).iter().map(|f| f.count).sum::<u64>())
    };
    assert_eq!(told(""), [1, 1]);
    let costs = "lost_sale_cost_per_unit = 5.0\nholding_cost_per_unit_day = 0.01\n";
    assert_eq!(told(costs), [0, 0]);
}

/// A shop in which item A00 has only its last `days` days, sales of 2 a day.
fn young(days: i32) -> Shop {
    let mut shop = Shop::new(9, 3, 150);
    shop.sales.retain(|s| s.sku != "A00");
    shop.orders.retain(|o| o.sku != "A00");
    shop.stock
        .retain(|s| s.sku != "A00" || s.day > AS_OF - days.max(1));
    for s in shop.stock.iter_mut().filter(|s| s.sku == "A00") {
        s.on_hand = 3.0;
    }
    for day in AS_OF - days + 1..=AS_OF {
        shop.sales.push(Sale {
            day,
            sku: "A00".to_owned(),
            channel: "web".to_owned(),
            units: 2.0,
            order_type: "",
        });
    }
    shop
}

#[test]
fn items_with_hardly_a_history_are_planned_with_little_confidence() {
    for days in [0, 1, 2] {
        let plan = young(days).plan();
        let r = row(&plan, "A00");
        assert_eq!(r.confidence, Confidence::Low, "{days} days");
        for figure in [
            r.demand_per_day,
            r.safety_stock,
            r.reorder_point,
            r.order_qty,
            r.expected_service,
            r.hidden_units.p90,
        ] {
            assert!(figure.is_finite(), "{days} days: {r:#?}");
        }
        // Two sold on one day is no proof of two every day for ever, nor of far more.
        assert!(r.demand_per_day <= 4.0, "{days} days: {}", r.demand_per_day);
        assert!(r.order_qty <= 150.0, "{days} days: {}", r.order_qty);
        // Others are not disturbed.
        assert!(row(&plan, "A01").demand_per_day > 0.1);
    }
}

#[test]
fn what_never_sold_is_not_stocked_up() {
    let mut shop = Shop::new(9, 3, 150);
    shop.sales.clear();
    shop.orders.clear();
    for s in &mut shop.stock {
        s.on_hand = 5.0;
    }
    let plan = shop.plan();
    assert_eq!(plan.as_of, Day(AS_OF));
    assert_eq!(plan.recommendations.len(), 3);
    for r in &plan.recommendations {
        assert_eq!(
            (r.order_qty, r.observed_units_per_day),
            (0.0, 0.0),
            "{}",
            r.sku
        );
        assert!(r.demand_per_day < 0.05, "{}: {}", r.sku, r.demand_per_day);
        assert_eq!(r.hidden_units.mean, 0.0);
    }
    // Among items that sell, too.
    let mut shop = Shop::new(9, 4, 150);
    shop.sales.retain(|s| s.sku != "A02");
    for s in shop.stock.iter_mut().filter(|s| s.sku == "A02") {
        s.on_hand = 5.0;
    }
    let plan = shop.plan();
    let r = row(&plan, "A02");
    assert_eq!(r.order_qty, 0.0);
    assert!(r.demand_per_day < 0.2, "{}", r.demand_per_day);
}

#[test]
fn goods_by_weight_are_ordered_by_weight() {
    let mut shop = Shop::new(6, 4, 250).nothing_open();
    for s in shop.sales.iter_mut().filter(|s| s.sku == "A01") {
        s.units = s.units * 0.375 + 0.0125;
    }
    for s in shop.stock.iter_mut().filter(|s| s.sku == "A01") {
        s.on_hand = if s.day == AS_OF { 0.25 } else { s.on_hand };
    }
    let item = shop.items.iter_mut().find(|i| i.sku == "A01").unwrap();
    item.moq = "2.5".to_owned();
    item.multiple = String::new();
    let plan = shop.plan();
    let r = row(&plan, "A01");
    assert_eq!((r.action, r.on_hand), (Action::Order, Some(0.25)));
    assert!(r.order_qty >= 2.5 && r.order_qty.fract() != 0.0, "{r:#?}");
    assert!(r.rounding.abs() < 1e-9, "{r:#?}");
    // The other items are as they were.
    let whole = Shop::new(6, 4, 250).nothing_open().plan();
    assert_eq!(
        row(&plan, "A03").order_multiple,
        row(&whole, "A03").order_multiple
    );
    assert_eq!(row(&plan, "A03").order_qty.fract(), 0.0);
}

#[test]
fn discontinued_or_not_a_plan_has_a_row_for_every_series() {
    let shop = Shop::new(8, 5, 90);
    let plan = shop.plan();
    let names: Vec<&str> = plan
        .recommendations
        .iter()
        .map(|r| r.sku.as_str())
        .collect();
    assert_eq!(names, ["A00", "A01", "A02", "A03", "A04"]);
    assert_eq!(plan.history.first.len(), 5);
    assert_eq!(plan.history.offsets.len(), 6);
}
