use super::*;
use crate::domain::{
    Availability, BackorderKind, BackorderLine, LocationRow, PurchaseLine, Records, SalesFrame,
    StockFrame, Supplier,
};
use crate::panel::SeriesKey;
use crate::panel::small::bare_tables;
use polars::prelude::*;

const TODAY: Day = Day(20_000);

/// One item on two channels that share location 0 and on one with location 1; ten days of history, stock as given (NaN: never counted).
fn panel(closing: [f64; 3]) -> Panel {
    let series = |channel, location| SeriesKey {
        sku: SkuId(0),
        channel,
        location,
    };
    let places = [(0, 0), (1, 0), (2, 1)];
    let mut pools: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (i, (_, location)) in places.into_iter().enumerate() {
        pools
            .entry((SkuId(0), LocationId(location)))
            .or_default()
            .push(i);
    }
    Panel {
        grain: crate::domain::Grain::Day,
        as_of: TODAY,
        series: places
            .map(|(c, l)| series(ChannelId(c), LocationId(l)))
            .to_vec(),
        pools,
        first: vec![TODAY + -9; 3],
        offsets: vec![0, 10, 20, 30],
        sold: vec![1.0; 30],
        backordered: vec![0.0; 30],
        closing: closing.iter().flat_map(|c| [*c; 10]).collect(),
        fraction: Vec::new(),
        in_odds: Vec::new(),
        reach: Vec::new(),
        availability: vec![Availability::InStock; 30],
        accepts_backorders: vec![false; 3],
        whole_units: vec![true; 3],
    }
}

fn shop() -> Tables {
    bare_tables(1, &[0, 0, 1], TODAY)
}

fn found(tables: &Tables, closing: [f64; 3]) -> (Vec<Pool>, Vec<Finding>) {
    found_with(tables, &Movements::default(), closing)
}

fn found_with(
    tables: &Tables,
    movements: &Movements,
    closing: [f64; 3],
) -> (Vec<Pool>, Vec<Finding>) {
    let mut findings = Vec::new();
    let policy = PolicyConfig {
        lead_time_days: 12.0,
        lead_time_sd: 0.0,
        ..PolicyConfig::default()
    };
    let lead_times = LeadTimes::learn(tables);
    let panel = panel(closing);
    let pools = pools(
        &panel,
        movements,
        tables,
        &lead_times,
        &policy,
        &mut findings,
    );
    (pools, findings)
}

fn owed(channel: u32, units: f64) -> BackorderLine {
    BackorderLine {
        order_id: "B".to_owned(),
        date: TODAY + -3,
        sku: SkuId(0),
        channel: ChannelId(channel),
        units,
        kind: BackorderKind::Backorder,
        promised: None,
        shipped: None,
        shipped_units: 0.0,
        cancelled: None,
        cancelled_units: 0.0,
        notified: None,
    }
}

/// Days are counted from today.
fn line(po_id: &str, ordered: i32, units: f64, expected: Option<i32>) -> PurchaseLine {
    PurchaseLine {
        po_id: po_id.to_owned(),
        sku: SkuId(0),
        location: LocationId(0),
        ordered: TODAY + ordered,
        units,
        supplier: None,
        expected: expected.map(|d| TODAY + d),
        received: None,
        received_units: 0.0,
        day_assumed: false,
    }
}

fn received(day: i32, units: f64, line: PurchaseLine) -> PurchaseLine {
    PurchaseLine {
        received: Some(TODAY + day),
        received_units: units,
        ..line
    }
}

/// (order, units, days until it is expected, points of its arrival).
type Open = (String, f64, i32, Vec<(i32, f64)>);

/// The open orders of location 0, and the codes of what was found.
fn open(lines: Vec<PurchaseLine>) -> (Vec<Open>, Vec<&'static str>) {
    let mut tables = shop();
    tables.inbound = lines;
    let (pools, findings) = found(&tables, [5.0, 5.0, 5.0]);
    let order = |o: &OpenOrder| {
        let points = o.arrival.points.clone();
        (o.po_id.clone(), o.units, o.expected - TODAY, points)
    };
    (
        pools[0].open_orders.iter().map(order).collect(),
        findings.iter().map(|f| f.code).collect(),
    )
}

#[test]
fn channels_of_one_location_are_one_pool_with_its_stock_and_each_its_debts() {
    let mut tables = shop();
    tables.backorders = vec![
        owed(0, 3.0),
        owed(1, 2.0),
        BackorderLine {
            shipped_units: 1.0,
            cancelled_units: 0.5,
            kind: BackorderKind::Preorder,
            ..owed(1, 4.0)
        },
        BackorderLine {
            shipped_units: 9.0,
            ..owed(2, 9.0)
        },
    ];
    let (pools, findings) = found(&tables, [f64::NAN, 7.0, 4.0]);
    assert_eq!(pools.len(), 2);
    assert_eq!(
        (pools[0].location, &pools[0].members[..]),
        (LocationId(0), &[0, 1][..])
    );
    assert_eq!(
        (pools[1].location, &pools[1].members[..]),
        (LocationId(1), &[2][..])
    );
    assert_eq!((pools[0].on_hand, pools[1].on_hand), (Some(7.0), Some(4.0)));
    assert_eq!(pools[0].open_backorders, [3.0, 4.5]);
    assert_eq!(pools[1].open_backorders, [0.0]);
    assert!(findings.is_empty());
}

#[test]
fn negative_stock_that_backorders_explain_is_not_counted_twice() {
    let mut tables = shop();
    tables.backorders = vec![owed(0, 3.0)];
    let (pools, findings) = found(&tables, [-3.0, -3.0, -2.0]);
    assert_eq!(
        (pools[0].on_hand, pools[1].on_hand),
        (Some(0.0), Some(-2.0))
    );
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].code, "negative_stock_is_backorders");
    // What no backorder explains stays.
    assert_eq!(found(&tables, [-5.0, -5.0, 0.0]).0[0].on_hand, Some(-2.0));
}

#[test]
fn goods_that_are_not_released_are_not_there() {
    let mut tables = shop();
    let uncounted = [f64::NAN; 3];
    assert_eq!(found(&tables, uncounted).0[0].on_hand, None);
    tables.items[0].launch = Some(TODAY);
    assert_eq!(found(&tables, uncounted).0[0].on_hand, None);
    tables.items[0].launch = Some(TODAY + 1);
    assert_eq!(found(&tables, uncounted).0[0].on_hand, Some(0.0));
    tables.items[0].launch = None;
    tables.items[0].status = ItemStatus::New;
    assert_eq!(found(&tables, uncounted).0[0].on_hand, Some(0.0));
}

#[test]
fn an_order_is_expected_on_its_promised_day_else_after_its_lead_time() {
    let (orders, findings) = open(vec![
        line("late", -2, 8.0, Some(9)),
        line("soon", -2, 6.0, Some(4)),
        line("unsaid", -5, 4.0, None),
    ]);
    let expected = [("soon", 6.0, 4), ("unsaid", 4.0, 7), ("late", 8.0, 9)];
    assert_eq!(orders.len(), 3);
    for (order, (name, units, day)) in orders.iter().zip(expected) {
        assert_eq!((order.0.as_str(), order.1, order.2), (name, units, day));
        assert_eq!(order.3, [(day, 1.0)]);
    }
    assert!(findings.is_empty());
}

#[test]
fn lateness_on_record_moves_an_arrival_and_what_is_past_of_it_is_gone() {
    let record = |late: i32| {
        let promised = line("old", -100, 5.0, Some(-50));
        received(-50 + late, 5.0, promised)
    };
    let (orders, _) = open(vec![
        record(-2),
        record(4),
        record(6),
        line("A", -9, 5.0, Some(1)),
    ]);
    // Two days early would be yesterday.
    assert_eq!(orders[0].3, [(5, 0.5), (7, 0.5)]);
    // Nothing on record reaches beyond today.
    let (orders, findings) = open(vec![record(1), line("A", -30, 5.0, Some(-10))]);
    assert_eq!(orders[0].3, [(7, 1.0)]);
    assert_eq!(
        (orders[0].2, &findings[..]),
        (-10, &["order_later_than_ever"][..])
    );
    let (orders, findings) = open(vec![record(0), line("A", -30, 5.0, Some(0))]);
    assert_eq!((&orders[0].3[..], findings.len()), (&[(7, 1.0)][..], 0));
}

#[test]
fn an_order_two_months_later_than_any_other_is_given_up() {
    let (orders, findings) = open(vec![line("A", -300, 5.0, Some(-60))]);
    assert_eq!(
        (orders.len(), &findings[..]),
        (1, &["order_later_than_ever"][..])
    );
    let (orders, findings) = open(vec![line("A", -300, 5.0, Some(-61))]);
    assert_eq!(
        (orders.len(), &findings[..]),
        (0, &["overdue_order_given_up"][..])
    );
}

#[test]
fn an_order_half_a_year_overdue_is_given_up_though_others_were_as_late() {
    let late = || received(-190, 5.0, line("B", -420, 5.0, Some(-400)));
    let (orders, findings) = open(vec![late(), line("A", -210, 5.0, Some(-180))]);
    assert_eq!((orders.len(), findings.len()), (1, 0));
    let (orders, findings) = open(vec![late(), line("A", -211, 5.0, Some(-181))]);
    assert_eq!(
        (orders.len(), &findings[..]),
        (0, &["overdue_order_given_up"][..])
    );
}

#[test]
fn what_is_missing_of_an_order_is_written_off_a_month_after_its_last_receipt() {
    let partly = |day: i32, expected: i32| received(day, 6.0, line("A", -60, 10.0, Some(expected)));
    let (orders, findings) = open(vec![partly(-30, -40)]);
    assert_eq!((orders.len(), orders[0].1), (1, 4.0));
    assert!(!findings.contains(&"short_shipment_written_off"));
    let (orders, findings) = open(vec![partly(-31, -40)]);
    assert_eq!(
        (orders.len(), &findings[..]),
        (0, &["short_shipment_written_off"][..])
    );
    // The promised day of the rest counts as much.
    assert_eq!(open(vec![partly(-31, -30)]).0.len(), 1);
    assert_eq!(
        open(vec![partly(-60, -50)]).1,
        ["short_shipment_written_off"]
    );
    assert!(open(vec![partly(-61, -50)]).1.is_empty());
}

#[test]
fn rows_of_one_order_are_its_parts_or_repeat_its_figure() {
    let units = |lines: Vec<PurchaseLine>| purchase_orders(&lines)[0].units();
    let row = |units| line("A", -9, units, Some(3));
    assert_eq!(units(vec![row(10.0)]), 10.0);
    assert_eq!(units(vec![row(10.0), row(20.0)]), 30.0);
    // Both rows name the order's ten; four and three of them came.
    let repeated = vec![received(-3, 4.0, row(10.0)), received(-2, 3.0, row(10.0))];
    assert_eq!(units(repeated), 10.0);
    // Seven and six are more than ten: two rows of ten each.
    let more = vec![received(-3, 7.0, row(10.0)), received(-2, 6.0, row(10.0))];
    assert_eq!(units(more), 20.0);
    // A complete row beside an open one is a part.
    assert_eq!(units(vec![received(-3, 10.0, row(10.0)), row(10.0)]), 20.0);
    assert_eq!(units(vec![received(-3, 4.0, row(10.0)), row(10.0)]), 10.0);
}

#[test]
fn rows_without_a_receipt_are_deliveries_of_their_own() {
    let (orders, _) = open(vec![
        received(-3, 10.0, line("A", -20, 10.0, Some(-3))),
        line("A", -20, 10.0, Some(5)),
        line("A", -20, 10.0, Some(12)),
        line("A", -20, 0.0, Some(20)),
    ]);
    let parts: Vec<(f64, i32)> = orders.iter().map(|o| (o.1, o.2)).collect();
    assert_eq!(parts, [(10.0, 5), (10.0, 12)]);
    // Where the other row repeats the order's figure, what is missing is due on the later day.
    let (orders, _) = open(vec![
        received(-3, 4.0, line("A", -20, 10.0, Some(-3))),
        line("A", -20, 10.0, Some(5)),
    ]);
    assert_eq!((orders.len(), orders[0].1, orders[0].2), (1, 6.0, 5));
}

#[test]
fn an_order_is_over_when_all_is_there_or_the_rest_is_written_off() {
    let is_over = |lines: &[PurchaseLine]| purchase_orders(lines)[0].is_over(TODAY);
    let came = |day, units| received(day, units, line("A", -60, 10.0, Some(-40)));
    assert!(is_over(&[came(-10, 10.0)]));
    assert!(!is_over(&[came(-10, 6.0)]));
    assert!(is_over(&[came(-31, 6.0)]));
    let (never, later) = (
        line("A", -60, 10.0, Some(-40)),
        line("A", -60, 4.0, Some(2)),
    );
    assert!(!is_over(&[never]));
    assert!(!is_over(&[came(-31, 6.0), later]));
}

/// What the panel's builder learns of stock from these counts (days from today, SKU, location, units) without any sale.
fn counted(tables: &Tables, rows: &[(i32, u32, u32, f64)]) -> Movements {
    let sales = df!(
        "date" => Vec::<i32>::new(),
        "sku" => Vec::<u32>::new(),
        "channel" => Vec::<u32>::new(),
        "units" => Vec::<f64>::new(),
        "returned_units" => Vec::<f64>::new(),
        "price" => Vec::<f64>::new(),
        "order_type" => Vec::<i8>::new(),
    );
    let stock = df!(
        "date" => rows.iter().map(|r| (TODAY + r.0).0).collect::<Vec<i32>>(),
        "sku" => rows.iter().map(|r| r.1).collect::<Vec<u32>>(),
        "location" => rows.iter().map(|r| r.2).collect::<Vec<u32>>(),
        "on_hand" => rows.iter().map(|r| r.3).collect::<Vec<f64>>(),
        "in_stock_fraction" => vec![f64::NAN; rows.len()],
        "state" => vec![-1i8; rows.len()],
    );
    let records = Records {
        sales: SalesFrame(sales.unwrap()),
        stock: (!rows.is_empty()).then(|| StockFrame(stock.unwrap())),
    };
    crate::panel::build(records, tables, crate::config::OUT_ODDS, &mut Vec::new())
        .unwrap()
        .1
}

/// A warehouse that only supplies others has no series: its stock is the last count and what moved since.
#[test]
fn the_stock_of_a_location_without_channels_is_its_last_count_and_what_moved_since() {
    let mut tables = bare_tables(2, &[0, 0, 1], TODAY);
    tables.locations.push(crate::domain::Location::new("W"));
    tables.location_rows.push(LocationRow::default());
    tables.location_rows[0].supplied_from = Some(LocationId(2));
    let stock = |tables: &Tables, rows: &[(i32, u32, u32, f64)]| {
        let (pools, _) = found_with(tables, &counted(tables, rows), [5.0, 5.0, 5.0]);
        let pool = pools.iter().find(|p| p.location == LocationId(2)).unwrap();
        assert!(pool.members.is_empty());
        pool.on_hand
    };
    assert_eq!(stock(&tables, &[]), None);
    let uncounted_since = [(-9, 0, 2, 40.0), (-5, 0, 2, 30.0), (-2, 0, 2, f64::NAN)];
    assert_eq!(stock(&tables, &uncounted_since), Some(30.0));
    // Counted there, but never this SKU: none.
    assert_eq!(stock(&tables, &[(-9, 1, 2, 40.0)]), Some(0.0));
    assert_eq!(stock(&tables, &[(-9, 0, 1, 40.0)]), None);
    let to_warehouse = |line: PurchaseLine| PurchaseLine {
        location: LocationId(2),
        supplier: Some(Supplier::new("S")),
        ..line
    };
    let from_warehouse = |ordered, units| PurchaseLine {
        supplier: Some(Supplier::new("W")),
        ..line("T", ordered, units, None)
    };
    tables.inbound = vec![
        to_warehouse(received(-5, 100.0, line("A", -20, 100.0, None))), // counted already
        to_warehouse(received(-4, 7.0, line("B", -20, 7.0, None))),
        from_warehouse(-5, 50.0),
        from_warehouse(-3, 4.0),
    ];
    let counts = [(-5, 0, 2, 30.0)];
    assert_eq!(stock(&tables, &counts), Some(30.0 + 7.0 - 4.0));
}
