//! Worked examples of what is ordered, as whole plans: steady sales leave no doubt about the demand.

use restock::domain::{Plan, Recommendation};

use crate::whole_plan::shop::{AS_OF, Item, Order, Sale, Shop, Stock, row};

/// Days of history, and of their end the days without stock on which all orders were accepted.
const DAYS: i32 = 210;
const WAITING: i32 = 10;

/// Ten units a day in one shop whose supplier needs four days and takes orders once a week: 110 until the next order arrives. In the last ten days
/// there was no stock and customers ordered as they do: a hundred are owed. `coming` are (days from now, units).
fn steady(coming: &[(i32, f64)], multiple: &str) -> Shop {
    let sku = || "A".to_owned();
    let mut shop = Shop {
        channels: vec![("web".to_owned(), "shed".to_owned())],
        items: vec![Item {
            sku: sku(),
            lead_time: "4".to_owned(),
            lead_sd: "0".to_owned(),
            moq: String::new(),
            multiple: multiple.to_owned(),
            target: "0.5".to_owned(),
        }],
        config: "[policy]\nmethod = \"textbook\"\nreview_days = 7\n".to_owned(),
        ..Shop::default()
    };
    for day in AS_OF - DAYS + 1..=AS_OF {
        let waiting = day > AS_OF - WAITING;
        if waiting {
            let date = restock::domain::Day(day);
            shop.backorders += &format!("B{day},{date},A,web,10,backorder\n");
        } else {
            shop.sales.push(Sale {
                day,
                sku: sku(),
                channel: "web".to_owned(),
                units: 10.0,
                order_type: "",
            });
        }
        shop.stock.push(Stock {
            day,
            sku: sku(),
            location: "shed".to_owned(),
            on_hand: if waiting { 0.0 } else { 400.0 },
            state: if waiting { "backorder" } else { "in_stock" },
        });
    }
    for (k, &(days, units)) in coming.iter().enumerate() {
        shop.orders.push(Order {
            po_id: format!("P{k}"),
            sku: sku(),
            location: "shed".to_owned(),
            ordered: AS_OF - 1,
            units,
            expected: AS_OF + days,
            received: None,
        });
    }
    shop
}

fn plan(coming: &[(i32, f64)], multiple: &str) -> Plan {
    steady(coming, multiple).plan()
}

#[track_caller]
fn about_ten_a_day(row: &Recommendation) {
    // At a target of one half no safety stock is added. That all waited proves that hardly anybody leaves, not that nobody does.
    let level = row.order_up_to;
    assert!((110.0..122.0).contains(&level), "{level}");
}

/// Published with a level of 110: nothing on hand, 80 coming, 100 owed, so that 130 are missing and packs of 24 make 144 of them.
#[test]
fn what_is_owed_is_ordered_beside_the_level_and_what_is_coming_is_not() {
    let plan = plan(&[(3, 80.0)], "24");
    let row = row(&plan, "A");
    about_ten_a_day(row);
    assert_eq!((row.on_hand, row.on_order_in_time), (Some(0.0), 80.0));
    assert_eq!(
        (row.open_backorders, row.inventory_position),
        (100.0, -20.0)
    );
    assert!((row.raw_need - (row.order_up_to + 20.0)).abs() < 1e-9);
    assert_eq!(row.order_qty, 144.0);
}

/// Reports of other systems' mistakes: what is sold and on order already is ordered once more, or the safety stock once for every row.
#[test]
fn what_is_sold_and_on_order_is_not_ordered_again() {
    let enough = plan(&[(1, 100.0), (2, 70.0), (3, 70.0)], "1");
    let row_of = |plan: &Plan| row(plan, "A").clone();
    about_ten_a_day(&row_of(&enough));
    assert_eq!(row_of(&enough).inventory_position, 140.0);
    assert_eq!(row_of(&enough).order_qty, 0.0);
    // Three receipts or one: the same order.
    let parts = row_of(&plan(&[(1, 20.0), (2, 20.0), (3, 20.0)], "1"));
    let whole = row_of(&plan(&[(2, 60.0)], "1"));
    assert_eq!(parts.order_qty, whole.order_qty);
    assert_eq!(whole.inventory_position, -40.0);
    assert_eq!(whole.order_qty, (whole.order_up_to + 40.0 - 1e-6).ceil());
    // What comes after the next order could is no help now.
    let late = row_of(&plan(&[(20, 60.0)], "1"));
    assert_eq!((late.on_order_in_time, late.on_order_late), (0.0, 60.0));
    assert_eq!(late.order_qty, (late.order_up_to + 100.0 - 1e-6).ceil());
}
