use super::*;
use crate::domain::{LocationId, SkuId};
use crate::panel::small::bare_tables;

#[test]
fn mean_and_spread_are_those_of_the_points() {
    let law = LeadTime {
        points: vec![(9, 0.25), (10, 0.5), (14, 0.25)],
    };
    assert!((law.mean() - 10.75).abs() < 1e-12);
    assert_eq!(
        (law.quantile(0.0), law.quantile(0.5), law.quantile(0.99)),
        (9, 10, 14)
    );
    assert_eq!(law.beyond(10), LeadTime::fixed(14));
    assert_eq!(law.beyond(20), LeadTime::fixed(21));
}

#[test]
fn a_stated_spread_is_kept() {
    let points = spread(3.0);
    let total: f64 = points.iter().map(|p| p.1).sum();
    let sd = (points
        .iter()
        .map(|p| p.1 * f64::from(p.0 * p.0))
        .sum::<f64>()
        / total)
        .sqrt();
    assert!((sd - 3.0).abs() < 0.2, "{sd}");
}

const TODAY: Day = Day(20_000);

fn shop() -> Tables {
    bare_tables(2, &[0, 1], TODAY)
}

/// A row of `inbound`: ordered so many days ago, promised and received after so many days.
fn order(ago: i32, promised: Option<i32>, took: Option<i32>) -> PurchaseLine {
    let ordered = TODAY + -ago;
    PurchaseLine {
        po_id: "P".to_owned(),
        sku: SkuId(0),
        location: LocationId(0),
        ordered,
        units: 10.0,
        supplier: None,
        expected: promised.map(|d| ordered + d),
        received: took.map(|d| ordered + d),
        received_units: if took.is_some() { 10.0 } else { 0.0 },
        day_assumed: false,
    }
}

fn from(supplier: &str, line: PurchaseLine) -> PurchaseLine {
    PurchaseLine {
        supplier: Some(Supplier::new(supplier)),
        ..line
    }
}

fn policy() -> PolicyConfig {
    PolicyConfig {
        lead_time_days: 14.0,
        lead_time_sd: 0.0,
        ..PolicyConfig::default()
    }
}

/// The law of an order placed today, as (days, share in hundredths).
fn law(tables: &Tables) -> Vec<(i32, i32)> {
    let found = LeadTimes::learn(tables).of(tables, &policy(), SkuId(0), TODAY);
    let total: f64 = found.points.iter().map(|p| p.1).sum();
    assert!((total - 1.0).abs() < 1e-12);
    let hundredths = |&(d, w): &(i32, f64)| (d, (w * 100.0).round() as i32);
    found.points.iter().map(hundredths).collect()
}

#[test]
fn points_and_moments_of_a_law() {
    let law = LeadTime {
        points: vec![(2, 0.5), (6, 0.5)],
    };
    assert_eq!((law.mean(), law.sd(), law.longest()), (4.0, 2.0, 6));
    assert_eq!(law.later(3).points, [(5, 0.5), (9, 0.5)]);
    assert_eq!(law.later(-4).points, [(0, 0.5), (2, 0.5)]);
    // At the bound between two points the later one begins.
    assert_eq!((law.quantile(0.499), law.quantile(0.5)), (2, 6));
    assert_eq!(law.beyond(2), LeadTime::fixed(6));
    assert_eq!(law.beyond(1).points, law.points);
    assert_eq!(LeadTime::fixed(-3), LeadTime::fixed(0));
    let nothing = LeadTime { points: Vec::new() };
    assert_eq!((nothing.longest(), nothing.quantile(0.5)), (0, 0));
}

#[test]
fn where_nobody_says_anything_the_configured_days_count() {
    assert_eq!(law(&shop()), [(14, 100)]);
}

#[test]
fn what_is_stated_for_the_item_comes_before_the_supplier_s_and_counts_as_five_receipts() {
    let mut tables = shop();
    tables.items[0].supplier = Some(Supplier::new("S"));
    tables.suppliers = vec![crate::domain::SupplierRow {
        supplier: Supplier::new("S"),
        lead_time_days: Some(20.0),
        lead_time_sd: Some(0.0),
        review_days: None,
        order_weekday: None,
        min_amount: None,
        calendar: None,
    }];
    assert_eq!(law(&tables), [(20, 100)]);
    tables.items[0].lead_time_days = Some(8.0);
    assert_eq!(law(&tables), [(8, 100)]);
    // Five receipts of four days stand beside the five that are stated; no order is taken to be sooner than all of them were.
    tables.inbound = (0..5).map(|k| order(100 + k, None, Some(4))).collect();
    assert_eq!(law(&tables), [(6, 100)]);
    tables.inbound = (0..5).map(|k| order(100 + k, None, Some(10))).collect();
    assert_eq!(law(&tables), [(10, 100)]);
    // Those of another supplier say nothing.
    tables.inbound = vec![from("T", order(100, None, Some(30)))];
    assert_eq!(law(&tables), [(8, 100)]);
}

#[test]
fn receipts_alone_are_the_law_where_nothing_is_stated() {
    let mut tables = shop();
    tables.inbound = vec![order(100, None, Some(9)), order(90, None, Some(11))];
    // Usual are ten days; one receipt was a day early and one late.
    assert_eq!(law(&tables), [(9, 50), (11, 50)]);
    // Half an order weighs half.
    tables.inbound[1].received_units = 5.0;
    let found = LeadTimes::learn(&tables).of(&tables, &policy(), SkuId(0), TODAY);
    assert!((found.points[0].1 - 2.0 / 3.0).abs() < 1e-12, "{found:?}");
    // A receipt before its order is a mistake, one of three years ago another supplier.
    tables.inbound[1] = order(1000, None, Some(50));
    assert_eq!(law(&tables), [(9, 100)]);
    tables.inbound[1] = order(90, None, Some(-2));
    assert_eq!(law(&tables), [(9, 100)]);
}

#[test]
fn an_order_that_is_overdue_counts_once_it_took_longer_than_stated() {
    let mut tables = shop();
    tables.items[0].lead_time_days = Some(8.0);
    tables.items[0].lead_time_sd = Some(0.0);
    let overdue = |ago, promised| {
        let mut tables = tables.clone();
        tables.inbound = vec![order(ago, Some(promised), None)];
        law(&tables)
    };
    // Promised for yesterday after three days: five days are no longer than eight.
    assert_eq!(overdue(4, 3), [(8, 100)]);
    // Twenty days and not there: 21 at least, at the weight of half a receipt beside five.
    assert_eq!(overdue(20, 8), [(8, 91), (21, 9)]);
    assert_eq!(overdue(20, 25), [(8, 100)]); // not due yet
    assert_eq!(overdue(80, 10), [(8, 100)]); // given up
}

#[test]
fn lateness_against_a_promise_is_that_of_the_supplier() {
    let mut tables = shop();
    let within = |tables: &Tables, name: &str, wait: i32| {
        LeadTimes::learn(tables).promise_lateness(SkuId(0), Some(&Supplier::new(name)), wait)
    };
    let lateness = |tables: &Tables, name: &str| within(tables, name, 10);
    assert_eq!(lateness(&tables, "S"), LeadTime::fixed(0));
    tables.inbound = vec![
        from("S", order(100, Some(10), Some(13))),
        from("S", order(80, Some(10), Some(9))),
        from("T", order(60, Some(10), Some(40))),
        order(50, Some(5), Some(10)),
    ];
    assert_eq!(lateness(&tables, "S").points, [(-1, 0.5), (3, 0.5)]);
    // Of one without a record, that of the rows that name nobody: late by all of five days promised, by the root of the days, of an order that takes ten.
    assert_eq!(within(&tables, "U", 5).points, [(5, 1.0)]);
    assert_eq!(lateness(&tables, "U").points, [(7, 1.0)]);
    assert_eq!(within(&tables, "U", 60).points, [(7, 1.0)]);
}

#[test]
fn a_transfer_takes_the_days_of_its_way() {
    let mut tables = shop();
    let days = |tables: &Tables, from, to| LeadTimes::learn(tables).transfer(tables, from, to);
    assert_eq!(
        days(&tables, LocationId(0), LocationId(1)),
        LeadTime::fixed(1)
    );
    tables.location_rows[1].supplied_from = Some(LocationId(0));
    tables.location_rows[1].transfer_days = Some(3.0);
    assert_eq!(
        days(&tables, LocationId(0), LocationId(1)),
        LeadTime::fixed(3)
    );
    assert_eq!(
        days(&tables, LocationId(1), LocationId(0)),
        LeadTime::fixed(3)
    );
    let moved = PurchaseLine {
        location: LocationId(1),
        ..from("L0", order(30, None, Some(5)))
    };
    tables.inbound = vec![moved; 5];
    assert_eq!(
        days(&tables, LocationId(0), LocationId(1)).points,
        [(3, 0.5), (5, 0.5)]
    );
    // They are no lead time of a supplier's order.
    assert_eq!(law(&tables), [(14, 100)]);
}

#[test]
fn a_supplier_s_closure_within_the_lead_time_is_added_day_by_day() {
    let closed = |from: i32, to: i32, supplier: Option<&str>| crate::domain::CalendarEntry {
        from: TODAY + from,
        to: TODAY + to,
        kind: CalendarKind::SupplierClosed,
        name: None,
        sku: None,
        category: None,
        channel: None,
        supplier: supplier.map(Supplier::new),
        series: None,
        uplift: None,
    };
    let with = |entries: &[crate::domain::CalendarEntry]| {
        let mut tables = shop();
        tables.items[0].supplier = Some(Supplier::new("S"));
        tables.items[0].lead_time_days = Some(10.0);
        tables.items[0].lead_time_sd = Some(0.0);
        tables.calendar = entries.to_vec();
        law(&tables)[0].0
    };
    assert_eq!(with(&[closed(3, 5, None)]), 13);
    assert_eq!(with(&[closed(3, 5, Some("S"))]), 13);
    assert_eq!(with(&[closed(3, 5, Some("T"))]), 10);
    // The days before the order and those after its arrival cost nothing.
    assert_eq!(with(&[closed(-4, 2, None)]), 12);
    assert_eq!(with(&[closed(-4, 0, None)]), 10);
    assert_eq!(with(&[closed(11, 20, None)]), 10);
    assert_eq!(with(&[closed(10, 20, None)]), 21);
    // One closure pushes the arrival into the next; a day that two rows name is one.
    assert_eq!(with(&[closed(3, 5, None), closed(12, 13, None)]), 15);
    assert_eq!(with(&[closed(3, 6, None), closed(5, 8, None)]), 16);
}

#[test]
fn a_spread_has_seven_points_around_its_middle_and_none_where_it_is_nothing() {
    assert_eq!(spread(0.2), [(0, 1.0)]);
    let points = spread(6.0);
    assert_eq!(points.len(), 7);
    assert_eq!(points[3].0, 0);
    for k in 0..3 {
        assert_eq!(points[k].0, -points[6 - k].0);
        assert!((points[k].1 - points[6 - k].1).abs() < 1e-12);
        assert!(points[k].1 < points[k + 1].1);
    }
}
