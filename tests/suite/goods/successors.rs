//! `replaces` in items: the successor has its predecessor's history, and the old stock is sold first.

use std::fmt::Write as _;

use super::*;
use restock::domain::Action;

/// OLD sold four a day for a year and ends so many days ago with `left` on the shelf; NEW goes on at the same rate.
fn shop(ended: i32, left: i32, items: &str) -> Folder {
    let mut sales = "date,sku,channel,units\n".to_owned();
    let mut stock = "date,sku,location,on_hand\n".to_owned();
    for t in -364..=0 {
        let (day, units) = (AS_OF + t, [3, 4, 5, 4][t.rem_euclid(4) as usize]);
        let sku = if t < -ended { "OLD" } else { "NEW" };
        let _ = writeln!(sales, "{day},{sku},web,{units}\n{day},X,web,1");
        let old = if t < -ended { 100 } else { left };
        let _ = writeln!(stock, "{day},OLD,web,{old}\n{day},X,web,50");
        if t >= -ended {
            let _ = writeln!(stock, "{day},NEW,web,30");
        }
    }
    Folder::default()
        .file("sales.csv", sales)
        .file("stock.csv", stock)
        .file("items.csv", items)
        .file(
            "inbound.csv",
            "po_id,sku,location,ordered_date,units,expected_date\n1,OLD,web,2026-08-25,20,2026-09-03\n",
        )
}

const PLAIN: &str = "sku,replaces\nNEW,OLD\nOLD,\nX,\n";

#[test]
fn a_successor_has_the_history_stock_and_orders_of_its_predecessor() {
    let plan = shop(9, 25, PLAIN).plan();
    let new = row(&plan, "NEW", "web");
    assert!(
        (new.demand_per_day - 4.0).abs() < 0.2,
        "{}",
        new.demand_per_day
    );
    assert_eq!((new.on_hand, new.on_order_in_time), (Some(55.0), 20.0));
    assert_eq!(new.confidence, restock::domain::Confidence::High);
    let old = row(&plan, "OLD", "web");
    assert_eq!(
        (old.action, old.order_qty, old.on_hand),
        (Action::Stop, 0.0, Some(25.0))
    );
    assert_eq!(old.reason.code, "replaced");
    let said = restock::output::reason(Lang::En, old);
    assert!(
        said.contains("Replaced by \"NEW\"") && said.contains("sold first"),
        "{said}"
    );
    assert!(finding(&plan.findings, "probably_replaced").is_none());
    // Without the word of `items` it is only a guess.
    let guess = shop(40, 25, "sku\nNEW\nOLD\nX\n").plan();
    assert!(finding(&guess.findings, "probably_replaced").is_some());
}

#[test]
fn a_share_of_the_history_goes_over_in_whole_units() {
    let items =
        "sku,replaces,replaces_share,replaces_from\nNEW,OLD,75%,\nX,OLD,0.25,2026-08-01\nOLD,,,\n";
    let read = shop(9, 24, items).read();
    let units = sold(&read);
    let of = |sku: &str| units.iter().find(|s| s.0 == sku).map_or(0.0, |s| s.1);
    let (old, new): (f64, f64) = (355.0 * 4.0, 40.0);
    assert!((of("NEW") - new - 0.75 * old).abs() < 2.0, "{units:?}");
    assert!((of("X") - 365.0 - 0.25 * old).abs() < 2.0, "{units:?}");
    assert_eq!(
        of("NEW") + of("X") + of("OLD"),
        sold(&shop(9, 24, "sku\nX\n").read())
            .iter()
            .map(|s| s.1)
            .sum::<f64>()
    );
    assert_eq!(of("OLD"), 0.0);
    let frame = read.records.sales.0;
    let whole = frame.column("units").unwrap().f64().unwrap();
    assert!(whole.into_no_null_iter().all(|u| u.fract() == 0.0));
}

#[test]
fn a_succession_that_is_still_to_come_changes_nothing_yet() {
    let items = "sku,replaces,replaces_from\nY,OLD,2026-10-01\nOLD,,\nX,,\n";
    let plan = shop(-1, 100, items).plan();
    assert!(finding(&plan.findings, "replaces_later").is_some());
    let old = row(&plan, "OLD", "web");
    assert_ne!(old.action, Action::Stop);
    assert!(old.demand_per_day > 3.0);
    // The same demand is not planned twice: the successor's begins on its day, after what is ordered now has been sold.
    assert_eq!(row(&plan, "Y", "web").order_qty, 0.0);
}

#[test]
fn what_cannot_be_a_succession_stops_the_run() {
    for (items, part) in [
        ("sku,replaces\nNEW,OLD\nOLD,NEW\n", "step by step"),
        ("sku,replaces\nNEW,NEW\n", "step by step"),
        (
            "sku,replaces,replaces_share\nNEW,OLD,0.7\nX,OLD,0.5\nOLD,,\n",
            "add up to 1.2",
        ),
        ("sku,replaces\nNEW,GONE\n", "\"GONE\""),
    ] {
        let message = shop(9, 25, items).message();
        assert!(message.contains(part), "{part} in {message}");
    }
}

#[test]
fn what_was_handed_on_twice_comes_through() {
    let items = "sku,replaces\nNEW,OLD\nZ,NEW\nOLD,\nX,\n";
    let read = shop(9, 25, items)
        .file(
            "stock.csv",
            "date,sku,location,on_hand\n2026-08-31,Z,web,3\n",
        )
        .read();
    let units = sold(&read);
    assert_eq!(
        units.iter().map(|s| s.0.as_str()).collect::<Vec<_>>(),
        ["X", "Z"]
    );
}
