//! Plans built by hand.
#![allow(dead_code)]

use restock::domain::*;
use restock::output::WriteOptions;
use tempfile::TempDir;

/// Options to write `name` in a folder of the test.
pub fn options(home: &TempDir, name: &str) -> WriteOptions {
    WriteOptions::new(home.path().join(name))
}

pub fn as_of() -> Day {
    Day::from_ymd(2026, 11, 22).unwrap()
}

/// A series that sells 2 a day and orders nothing.
pub fn row(sku: &str, channel: &str, location: &str) -> Recommendation {
    Recommendation {
        sku: Sku::new(sku),
        name: None,
        channel: Channel::new(channel),
        location: Location::new(location),
        category: None,
        supplier: Some(Supplier::new("Kyoto Mill")),
        as_of: as_of(),
        action: Action::Wait,
        observed_units_per_day: 1.5,
        stockout_days: 0,
        hidden_units: Band::default(),
        demand_per_day: 2.0,
        lead_time_days: 14.0,
        lead_time_sd: 2.5,
        review_days: 7,
        protection_days: 21.0,
        demand_over_protection: 42.0,
        demand_over_protection_sd: 8.25,
        distribution: "negative_binomial",
        service_measure: ServiceMeasure::Fill,
        service_target: 0.95,
        safety_stock: 10.5,
        reorder_point: 52.5,
        order_up_to: 52.5,
        on_hand: Some(80.0),
        on_order_in_time: 0.0,
        on_order_late: 0.0,
        open_backorders: 0.0,
        inventory_position: 80.0,
        raw_need: 0.0,
        moq: 0.0,
        order_multiple: 1.0,
        order_qty: 0.0,
        unit_cost: Some(800.0),
        amount: None,
        order_by: None,
        expected_arrival: None,
        first_stockout_date: None,
        expected_service: 0.9912,
        confidence: Confidence::High,
        reason: Reason::new("stock_covers"),
        waiting_reduction: 0.0,
        lost_while_waiting: 0.0,
        rounding: 0.0,
        pool_channels: 1,
        price: None,
        supplied_from: None,
        safety_stock_apart: 0.0,
        transfer_in: 0.0,
        transfer_short: 0.0,
        held_back: 0.0,
        annual_value: 584_000.0,
        demand_over_year: 730.0,
        on_order_surplus: 0.0,
    }
}

/// Makes a series order `qty`, of which `rounding` is for the multiple; its stock is what that leaves.
pub fn order(r: &mut Recommendation, qty: f64, rounding: f64, stockout: Option<Day>) {
    r.action = Action::Order;
    r.order_qty = qty;
    r.rounding = rounding;
    r.raw_need = qty - rounding;
    r.inventory_position = r.order_up_to - r.raw_need;
    r.on_hand = Some(r.inventory_position - r.on_order_in_time + r.open_backorders);
    r.amount = r.unit_cost.map(|c| c * qty);
    r.order_by = Some(as_of() + 1);
    r.expected_arrival = Some(as_of() + 14);
    r.first_stockout_date = stockout;
    r.reason = Reason::new("below_point");
}

/// History of one period length: `days` per series, ending at as-of.
fn history(series: usize, days: usize) -> History {
    let mut h = History {
        step: 1,
        offsets: vec![0],
        ..History::default()
    };
    for i in 0..series {
        h.first.push(as_of() + (1 - days as i32));
        for k in 0..days {
            let closed = (i + k) % 4 == 3;
            h.sold.push(if closed { 0.0 } else { (1 + k % 3) as f64 });
            h.backordered.push(if closed && i == 1 { 1.0 } else { 0.0 });
            h.lost.push(if closed { 1.625 } else { 0.0 });
            h.lost_p10.push(if closed { 0.5 } else { 0.0 });
            h.lost_p90.push(if closed { 3.0 } else { 0.0 });
            h.availability.push(match (closed, i) {
                (true, 1) => Availability::Backorder,
                (true, _) => Availability::Closed,
                (false, _) => Availability::InStock,
            });
            h.on_hand.push(if closed { 0.0 } else { 9.0 });
        }
        h.offsets.push(h.sold.len());
    }
    h
}

/// The orders of rows: one for all that share a stock, with the reason of the row that orders most.
pub fn orders(rows: &[Recommendation]) -> Vec<PoolOrder> {
    let mut orders: Vec<PoolOrder> = Vec::new();
    for (i, r) in rows.iter().enumerate() {
        let shared = |o: &&mut PoolOrder| {
            (&o.supplier, &o.sku, &o.location) == (&r.supplier, &r.sku, &r.location)
        };
        if let Some(order) = orders.iter_mut().find(shared) {
            let bridge = &mut order.bridge;
            bridge.quantity += r.order_qty;
            bridge.on_hand += r.on_hand.unwrap_or(0.0);
            let days = [bridge.first_stockout, r.first_stockout_date];
            bridge.first_stockout = days.into_iter().flatten().min();
            order.rows.push(i);
            continue;
        }
        orders.push(PoolOrder {
            sku: r.sku.clone(),
            name: r.name.clone(),
            location: r.location.clone(),
            supplier: r.supplier.clone(),
            unit_cost: r.unit_cost,
            moq: r.moq,
            order_multiple: r.order_multiple,
            bridge: r.bridge(),
            for_supplied: 0.0,
            rows: vec![i],
            order_by: r.order_by,
            expected_arrival: r.expected_arrival,
            reason: r.reason.clone(),
            under_way: UnderWay::default(),
        });
    }
    orders
}

fn plan_of(recommendations: Vec<Recommendation>, days: usize) -> Plan {
    let series = recommendations.len();
    Plan {
        elsewhere: Vec::new(),
        as_of: as_of(),
        plan_day: as_of(),
        grain: Grain::Day,
        currency: "JPY".into(),
        history: history(series, days),
        projections: vec![Projection::default(); series],
        orders: orders(&recommendations),
        recommendations,
        forecast: Vec::new(),
        backorders: BackorderDesk::default(),
        stockouts: Default::default(),
        findings: Vec::new(),
        facts: RunFacts {
            version: "9.9.9".into(),
            files: Vec::new(),
            timings: Vec::new(),
            kept: None,
        },
        for_supplied: Vec::new(),
        transfers: Vec::new(),
        spending: Default::default(),
        substitution: Default::default(),
    }
}

/// One series that orders nothing.
pub fn plain_plan() -> Plan {
    plan_of(vec![row("A", "web", "web")], 4)
}

/// Many series with long histories.
pub fn long_plan(series: usize, days: usize) -> Plan {
    plan_of(
        (0..series)
            .map(|i| row(&format!("{i:05}"), "web", "web"))
            .collect(),
        days,
    )
}

/// Five series: a pool of two channels, two that run out on the same day, one that does not run out.
pub fn plan() -> Plan {
    let mut amazon = row("0017", "amazon", "main");
    amazon.pool_channels = 2;
    amazon.stockout_days = 3;
    amazon.hidden_units = Band {
        mean: 6.5,
        p10: 4.0,
        p90: 10.25,
    };
    order(&mut amazon, 12.0, 0.5, None);
    amazon.first_stockout_date = Day::from_ymd(2026, 11, 30);

    let mut web = row("0017", "web", "main");
    web.pool_channels = 2;
    web.demand_per_day = 3.0;
    web.demand_over_protection = 63.0;
    web.reorder_point = 73.5;
    web.order_up_to = 73.5;
    web.open_backorders = 4.0;
    order(&mut web, 30.0, 0.25, Day::from_ymd(2026, 12, 2));
    for r in [&mut amazon, &mut web] {
        r.name = Some("Linen tee 〜青〜, \"M\"".into());
        r.category = Some(Category::new("Tops"));
    }

    let mut cheap = row("0018", "web", "main");
    cheap.unit_cost = Some(10.0);
    order(&mut cheap, 20.0, 0.0, Day::from_ymd(2026, 12, 5));
    let mut dear = row("0019", "web", "main");
    dear.unit_cost = Some(2500.5);
    dear.protection_days = 31.0;
    dear.lead_time_days = 24.0;
    dear.demand_over_protection = 62.0;
    dear.reorder_point = 72.5;
    dear.order_up_to = 72.5;
    order(&mut dear, 20.0, 0.0, Day::from_ymd(2026, 12, 5));
    let mut unpriced = row("0020", "web", "main");
    unpriced.supplier = None;
    unpriced.unit_cost = None;
    unpriced.name = Some("+Sock".into());
    order(&mut unpriced, 5.5, 0.0, None);

    let mut plan = plan_of(vec![amazon, web, cheap, dear, unpriced], 5);
    plan.forecast = vec![ForecastWeek {
        sku: Sku::new("0017"),
        channel: Channel::new("web"),
        week: as_of() + 1,
        mean: 21.0,
        p10: 14.0,
        p50: 20.5,
        p80: 25.0,
        p90: 28.0,
        p95: 30.123_456,
        p99: 36.0,
    }];
    plan.findings = vec![
        Finding::new(Severity::Notice, "previous_plan_unreadable").figure("why", "a test"),
        Finding::new(Severity::Warning, "previous_plan_unreadable")
            .sku(&Sku::new("0018"))
            .channel(&Channel::new("web"))
            .location(&Location::new("main"))
            .between(as_of() + -3, as_of())
            .count(4)
            .place(Place {
                file: Some("stock.csv".into()),
                line: Some(12),
                column: Some("on_hand".into()),
                value: Some("=-5".into()),
            })
            .figure("why", "stock.csv says {value}"),
    ];
    plan.facts.files = vec![FileRead {
        table: "sales".into(),
        path: "sales.csv".into(),
        sha256: "ab12".into(),
        rows: 25,
        bytes: 700,
    }];
    plan.facts.timings = vec![("demand".into(), 1.25)];
    plan
}

/// The plan of the week before: less demand for 0017 on the web, more stock of 0018, a shorter lead time of 0019, no 0020
/// and a SKU that is gone since.
pub fn earlier_plan() -> Plan {
    let mut plan = plan();
    plan.as_of = Day::from_ymd(2026, 11, 15).unwrap();
    plan.findings.clear();
    plan.recommendations.pop();
    let web = &mut plan.recommendations[1];
    web.demand_per_day = 2.0;
    web.demand_over_protection = 42.0;
    web.reorder_point = 52.5;
    web.order_qty = 9.0;
    let cheap = &mut plan.recommendations[2];
    cheap.on_hand = cheap.on_hand.map(|units| units + 20.0);
    cheap.order_qty = 0.0;
    let dear = &mut plan.recommendations[3];
    dear.protection_days = 21.0;
    dear.demand_over_protection = 42.0;
    dear.reorder_point = 52.5;
    dear.order_qty = 0.0;
    plan.recommendations.push(row("=old", "web", "main"));
    plan.history = history(plan.recommendations.len(), 5);
    plan
}
