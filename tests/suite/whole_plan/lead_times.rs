//! What receipts teach: an item by its own, its supplier's others relative to what is stated for each.

use std::path::Path;

use restock::config::parse;
use restock::domain::SkuId;
use restock::forecast::{LeadTime, LeadTimes};

use super::shop::{AS_OF, Order, Shop, read, row};

/// Items with these stated lead times; (item, days from order to receipt) of every receipt, ten days apart per item.
fn shop(stated: &[&str], receipts: &[(usize, &[i32])]) -> Shop {
    let mut shop = Shop::new(3, stated.len(), 200).nothing_open();
    shop.orders.clear();
    for (item, days) in shop.items.iter_mut().zip(stated) {
        item.lead_time = (*days).to_owned();
        item.lead_sd = String::new();
    }
    for &(item, days) in receipts {
        for (k, &took) in days.iter().enumerate() {
            let ordered = AS_OF - 100 - 10 * k as i32;
            shop.orders.push(Order {
                po_id: format!("P{item}-{k}"),
                sku: shop.items[item].sku.clone(),
                location: "shed".to_owned(),
                ordered,
                units: 20.0,
                expected: ordered + took,
                received: Some(ordered + took),
            });
        }
    }
    shop
}

fn laws(shop: &Shop) -> Vec<LeadTime> {
    let folder = tempfile::tempdir().unwrap();
    shop.write(folder.path());
    let config = parse(&shop.config, Path::new("restock.toml")).unwrap();
    let tables = read(folder.path(), &config).tables;
    let learnt = LeadTimes::learn(&tables);
    (0..shop.items.len())
        .map(|i| learnt.of(&tables, &config.policy, SkuId(i as u32), tables.as_of))
        .collect()
}

#[test]
fn an_item_that_is_always_early_shortens_no_other_item_of_its_supplier() {
    let law = laws(&shop(&["60", "6"], &[(0, &[45; 10]), (1, &[6; 10])]));
    assert!((45.0..=50.0).contains(&law[0].mean()), "{:?}", law[0]);
    assert!((law[1].mean() - 6.0).abs() < 0.1, "{:?}", law[1]);
}

#[test]
fn no_order_is_planned_to_come_sooner_than_the_items_receipts_ever_did() {
    for stated in ["4", "12", "30", ""] {
        let law = laws(&shop(
            &[stated, "20"],
            &[(0, &[12, 15, 22, 13, 14, 19]), (1, &[9; 12])],
        ));
        assert!(law[0].points.iter().all(|p| p.0 >= 12), "{:?}", law[0]);
    }
}

#[test]
fn what_all_items_of_a_supplier_take_is_expected_of_one_without_receipts() {
    let mut stated = vec!["20"; 12];
    stated[11] = "40";
    let late: &[i32] = &[22, 24, 23, 25, 23, 24, 22, 26];
    let receipts: Vec<(usize, &[i32])> = (0..11).map(|i| (i, late)).collect();
    let law = laws(&shop(&stated, &receipts));
    assert!(
        law[11].mean() > 43.0 && law[11].mean() < 48.0,
        "{:?}",
        law[11]
    );
    assert!((law[0].mean() - 23.4).abs() < 0.8, "{:?}", law[0]);
}

#[test]
fn items_for_which_nothing_is_stated_keep_their_own_days() {
    let law = laws(&shop(&["", ""], &[(0, &[45; 10]), (1, &[6; 10])]));
    assert!((law[0].mean() - 45.0).abs() < 0.5 && (law[1].mean() - 6.0).abs() < 0.5);
}

#[test]
fn a_longer_stated_lead_time_lowers_none_of_the_item_and_hardly_moves_others() {
    let receipts: [(usize, &[i32]); 3] = [
        (0, &[18, 25, 21, 19, 30, 22]),
        (1, &[14, 13, 19, 15]),
        (2, &[40, 38]),
    ];
    let of = |days: usize| {
        let first = days.to_string();
        laws(&shop(&[&first, "14", "35", "25"], &receipts))
    };
    let start = of(20);
    let mut before = of(4);
    for days in 5..=70 {
        let now = of(days);
        for step in 0..100 {
            let u = f64::from(step) / 100.0;
            assert!(now[0].quantile(u) >= before[0].quantile(u), "{days} {u}");
        }
        for (other, start) in now.iter().zip(&start).skip(1) {
            let moved = other.mean() / start.mean() - 1.0;
            assert!(moved.abs() <= 0.05, "{days}: {moved}");
        }
        before = now;
    }
}

#[test]
fn a_longer_stated_lead_time_lowers_no_reorder_point() {
    let mut shop = Shop::new(9, 4, 300);
    let mut before: Option<Vec<f64>> = None;
    for days in [6, 10, 11, 14, 21, 35] {
        shop.items[0].lead_time = days.to_string();
        let plan = shop.plan();
        let points: Vec<f64> = shop
            .items
            .iter()
            .map(|i| row(&plan, &i.sku).reorder_point)
            .collect();
        if let Some(before) = before {
            assert!(points[0] >= before[0], "{days}: {points:?} {before:?}");
            for (now, then) in points.iter().zip(&before).skip(1) {
                assert!((now / then - 1.0).abs() <= 0.05, "{points:?} {before:?}");
            }
        }
        before = Some(points);
    }
}
