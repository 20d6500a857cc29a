//! Numbers as large as they may be: work does not grow with them, and no figure is lost.

use std::fs;
use std::path::Path;
use std::time::Instant;

use restock::config::Config;
use restock::domain::Plan;

use super::shop::{AS_OF, Shop, plan_folder};

/// The shop with all its units times `by`.
fn times(shop: &Shop, by: f64) -> Shop {
    let mut shop = shop.clone();
    shop.sales.iter_mut().for_each(|s| s.units *= by);
    shop.stock.iter_mut().for_each(|s| s.on_hand *= by);
    shop.orders.iter_mut().for_each(|o| o.units *= by);
    let units = format!(",{},backorder", 2.0 * by);
    shop.backorders = shop.backorders.replace(",2,backorder", &units);
    for item in &mut shop.items {
        for cell in [&mut item.moq, &mut item.multiple] {
            if let Ok(units) = cell.parse::<f64>() {
                *cell = (units * by).to_string();
            }
        }
    }
    shop
}

/// A shop of two channels of which one lets customers wait, beside a supplier's least amount.
fn shop() -> Shop {
    let mut shop = Shop::of(11, 6, 200, &[("web", "shed"), ("mall", "shed")], |_, _| 1.0);
    for (k, day) in (AS_OF - 60..=AS_OF).step_by(5).enumerate() {
        let date = restock::domain::Day(day);
        shop.backorders += &format!("B{k},{date},A0{},web,2,backorder\n", k % 6);
    }
    shop
}

fn plan(shop: &Shop, least: &str) -> (Plan, f64) {
    let folder = tempfile::tempdir().unwrap();
    shop.write(folder.path());
    with_supplier(folder.path(), least);
    let started = Instant::now();
    let plan = plan_folder(folder.path(), &Config::default());
    (plan, started.elapsed().as_secs_f64())
}

/// Gives every item one supplier with a least amount.
fn with_supplier(folder: &Path, least: &str) {
    let items = folder.join("items.csv");
    let text = fs::read_to_string(&items).unwrap();
    let lines: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(k, line)| format!("{line},{}", if k == 0 { "supplier" } else { "mill" }))
        .collect();
    fs::write(items, lines.join("\n") + "\n").unwrap();
    let suppliers = format!("supplier,min_amount\nmill,{least}\n");
    fs::write(folder.join("suppliers.csv"), suppliers).unwrap();
}

#[test]
fn work_does_not_grow_with_the_number_of_units() {
    let shop = shop();
    let (_, once) = plan(&shop, "300000");
    for by in [1e3, 1e6] {
        let (_, more) = plan(&times(&shop, by), &(300_000.0 * by).to_string());
        assert!(
            more < 5.0 * once + 1.0,
            "{more} s for {by} times the units, {once} s for the units"
        );
    }
}

#[test]
fn work_does_not_grow_with_one_over_the_multiple() {
    let mut shop = shop();
    let (_, once) = plan(&shop, "300000");
    for item in &mut shop.items {
        item.multiple = "0.0001".to_owned();
        item.moq = String::new();
    }
    let (_, more) = plan(&shop, "300000");
    assert!(
        more < 3.0 * once + 1.0,
        "{more} s in lots of 0.0001, {once} s in lots of 3"
    );
}

#[test]
fn an_article_code_in_a_row_of_units_beside_a_least_amount_is_planned_and_told() {
    let mut shop = shop();
    shop.sales[700].units = 96_385_074.0;
    let (plan, seconds) = plan(&shop, "30000000");
    assert!(seconds < 60.0, "{seconds}");
    let codes: Vec<&str> = plan.findings.iter().map(|f| f.code).collect();
    assert!(codes.contains(&"barcodes_in_column"), "{codes:?}");
}

/// The figures of a row, by name.
fn figures(plan: &Plan) -> Vec<(String, Vec<f64>)> {
    plan.recommendations
        .iter()
        .map(|r| {
            (
                format!("{} {}", r.sku, r.channel),
                vec![
                    r.demand_per_day,
                    r.hidden_units.mean,
                    r.hidden_units.p10,
                    r.hidden_units.p90,
                    r.demand_over_protection,
                    r.demand_over_protection_sd,
                    r.safety_stock,
                    r.reorder_point,
                    r.order_up_to,
                    r.on_hand.unwrap_or(f64::NAN),
                    r.inventory_position,
                    r.raw_need,
                    r.order_qty,
                    r.amount.unwrap_or(f64::NAN),
                    r.expected_service,
                ],
            )
        })
        .collect()
}

#[test]
fn no_figure_is_lost_where_every_number_is_at_its_limit() {
    let mut shop = times(&shop(), 5e6);
    let most = shop.sales.iter().map(|s| s.units).fold(0.0, f64::max);
    assert!(most <= 1e9, "{most}");
    for item in &mut shop.items {
        item.lead_time = "3650".to_owned();
        item.lead_sd = "3650".to_owned();
        item.moq = "1000000000".to_owned();
    }
    let (large, _) = plan(&shop, "1000000000000");
    for (row, figures) in figures(&large) {
        assert!(figures.iter().all(|f| f.is_finite()), "{row}: {figures:?}");
    }
}
