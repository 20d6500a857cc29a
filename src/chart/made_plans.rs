//! Made-up plans for the tests: an ordinary shop, and what no shop should have.

use crate::domain::{
    Action, Availability, BackorderDesk, Band, Category, Channel, Confidence, Day, ForecastWeek,
    Grain, History, Location, Plan, PoolOrder, Projection, Reason, Recommendation, RunFacts,
    ServiceMeasure, Sku, Supplier,
};

/// A plan to be varied by a test.
#[derive(Clone, Copy)]
pub(super) struct Made {
    pub(super) series: usize,
    pub(super) days: usize,
    pub(super) step: i32,
    pub(super) horizon: usize,
    pub(super) japanese: bool,
    pub(super) sales: bool,
    pub(super) categories: bool,
    pub(super) costs: bool,
}

pub(super) const ORDINARY: Made = Made {
    series: 60,
    days: 700,
    step: 1,
    horizon: 45,
    japanese: false,
    sales: true,
    categories: true,
    costs: true,
};

pub(super) fn as_of() -> Day {
    Day::from_ymd(2026, 11, 22).unwrap()
}

/// Evenly spread over 0..1 and the same in every run.
fn noise(seed: usize) -> f64 {
    let mixed = (seed as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((mixed ^ (mixed >> 32)) >> 11) as f64 / (1u64 << 53) as f64
}

pub(super) fn made(what: Made) -> Plan {
    let mut history = History {
        step: what.step,
        offsets: vec![0],
        ..History::default()
    };
    let mut recommendations = Vec::new();
    let mut projections = Vec::new();
    let mut forecast = Vec::new();
    for i in 0..what.series {
        let level = if what.sales {
            2.0 + 14.0 * noise(i)
        } else {
            0.0
        };
        add_history(&mut history, what, i, level);
        let row = recommendation(what, i, level);
        projections.push(projection(what, i, level, row.order_qty));
        for week in 0..(what.horizon / 7) as i32 {
            forecast.push(ForecastWeek {
                sku: row.sku.clone(),
                channel: row.channel.clone(),
                week: as_of() + (1 + 7 * week),
                mean: level * 7.0,
                p10: level * 4.5,
                p50: level * 7.0,
                p80: level * 8.5,
                p90: level * 9.8,
                p95: level * 11.0,
                p99: level * 13.0,
            });
        }
        recommendations.push(row);
    }
    Plan {
        as_of: as_of(),
        plan_day: as_of(),
        grain: if what.step == 7 {
            Grain::Week
        } else {
            Grain::Day
        },
        currency: "JPY".to_owned(),
        orders: orders(&recommendations),
        recommendations,
        history,
        projections,
        forecast,
        backorders: BackorderDesk::default(),
        stockouts: Default::default(),
        findings: Vec::new(),
        facts: RunFacts::default(),
        for_supplied: Vec::new(),
        transfers: Vec::new(),
        spending: Default::default(),
        elsewhere: Vec::new(),
        substitution: Default::default(),
    }
}

/// The orders of rows: one for all that share a stock, with the reason of the row that orders most.
pub(super) fn orders(rows: &[Recommendation]) -> Vec<PoolOrder> {
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
            under_way: crate::domain::UnderWay::default(),
        });
    }
    orders
}

fn add_history(history: &mut History, what: Made, i: usize, level: f64) {
    let step = what.step;
    let periods = what.days / step as usize;
    history.first.push(as_of() + (1 - step * periods as i32));
    let mut stock = level * 40.0;
    for k in 0..periods {
        let season = 1.0 + 0.35 * ((k as i32 * step) as f64 / 58.0).sin();
        let week = if k % 7 > 4 && step == 1 { 1.5 } else { 0.85 };
        let want =
            (level * f64::from(step) * season * week * (0.4 + 1.2 * noise(i * 7919 + k))).round();
        let cycle = (k * step as usize + 13 * i) % 75;
        let (mut sold, mut backordered, mut lost) = (want.min(stock), 0.0, 0.0);
        let mut kind = Availability::InStock;
        if stock <= 0.0 && level > 0.0 {
            let accepting = i.is_multiple_of(3);
            (sold, backordered) = (0.0, if accepting { (want * 0.6).round() } else { 0.0 });
            lost = want - backordered;
            kind = if accepting {
                Availability::Backorder
            } else {
                Availability::Closed
            };
        } else if sold < want {
            lost = want - sold;
            kind = Availability::SoldOut;
        }
        stock -= sold;
        if cycle > 70 || cycle < step as usize {
            stock = level * (50.0 + 12.0 * noise(i + k));
        }
        history.sold.push(sold);
        history.backordered.push(backordered);
        history.lost.push(lost);
        history.lost_p10.push(lost * 0.6);
        history.lost_p90.push(lost * 1.5);
        history.availability.push(kind);
        let known = !(300..330).contains(&k)
            && !(periods.saturating_sub(60)..periods.saturating_sub(50)).contains(&k);
        history.on_hand.push(if known { stock } else { f64::NAN });
    }
    history.offsets.push(history.sold.len());
}

fn recommendation(what: Made, i: usize, level: f64) -> Recommendation {
    let names_en = [
        "Crew neck sweatshirt, navy, L",
        "Linen apron",
        "Stainless bottle 500 ml",
        "Organic cotton towel set of three, ivory",
    ];
    let names_ja = [
        "オーガニックコットン裏毛クルーネックスウェットシャツ（ネイビー・Lサイズ・2026年秋冬限定カラー）",
        "リネンエプロン",
        "真空断熱ステンレスボトル500ml マットブラック 名入れ対応ギフトボックス付き",
        "今治タオル 3枚セット 生成り",
    ];
    let (channels, names, categories) = if what.japanese {
        (
            ["自社EC", "楽天市場店", "Amazon", "実店舗（表参道）"],
            names_ja,
            [
                "アパレル",
                "キッチン・食器",
                "アウトドア用品と季節の限定ギフト商品",
                "タオル・リネン類",
            ],
        )
    } else {
        (
            ["own shop", "amazon", "rakuten", "store"],
            names_en,
            [
                "apparel",
                "kitchen",
                "outdoor and seasonal gift sets",
                "linen",
            ],
        )
    };
    let order_qty = if i % 5 < 4 {
        (level * 30.0).ceil()
    } else {
        0.0
    };
    let cost = (300.0 + 4000.0 * noise(i + 91)).round();
    let unit_cost = what.costs.then_some(cost);
    Recommendation {
        sku: Sku::new(format!(
            "{:04}-{}",
            1000 + i,
            ["NV-L", "WH", "BK-500", "IV"][i % 4]
        )),
        name: Some(names[i % 4].to_owned()),
        channel: Channel::new(channels[i % 4]),
        location: Location::new(["WH1", "WH2"][i % 2]),
        category: what
            .categories
            .then(|| Category::new(categories[(i / 2) % 4])),
        supplier: Some(Supplier::new("S1")),
        as_of: as_of(),
        action: if order_qty > 0.0 {
            Action::Order
        } else {
            Action::Wait
        },
        observed_units_per_day: level * 0.9,
        stockout_days: 14,
        hidden_units: Band {
            mean: level * 6.0,
            p10: level * 3.5,
            p90: level * 9.0,
        },
        demand_per_day: level,
        lead_time_days: 14.0,
        lead_time_sd: 3.0,
        review_days: 7,
        protection_days: 21.0,
        demand_over_protection: level * 21.0,
        demand_over_protection_sd: level * 5.0,
        distribution: "negative_binomial",
        service_measure: ServiceMeasure::Fill,
        service_target: 0.95,
        safety_stock: level * 8.0,
        reorder_point: level * 29.0,
        order_up_to: level * 36.0,
        on_hand: Some(level * 10.0),
        on_order_in_time: 0.0,
        on_order_late: 0.0,
        open_backorders: 0.0,
        inventory_position: level * 10.0,
        raw_need: order_qty,
        moq: 1.0,
        order_multiple: 1.0,
        order_qty,
        unit_cost,
        amount: unit_cost.map(|cost| cost * order_qty),
        order_by: Some(as_of()),
        expected_arrival: Some(as_of() + 14),
        first_stockout_date: (i % 4 != 3).then(|| as_of() + (i as i32 * 5) % 47),
        expected_service: 0.95,
        confidence: Confidence::High,
        reason: Reason {
            topped_up: true,
            unsold_since: Some(as_of() + -14),
            ..Reason::new("below_point_waiting")
        },
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
        annual_value: level * cost * 365.0,
        demand_over_year: level * 365.0,
        on_order_surplus: 0.0,
    }
}

fn projection(what: Made, i: usize, level: f64, order: f64) -> Projection {
    let days = || 0..what.horizon;
    let mean = |k: usize| level * if k % 7 > 4 { 1.5 } else { 0.8 };
    let mut stock = level * 9.0;
    let mut spread = 0.0;
    let mut out = Projection {
        demand_mean: days().map(mean).collect(),
        demand_p10: days().map(|k| mean(k) * 0.45).collect(),
        demand_p90: days().map(|k| mean(k) * 1.65).collect(),
        ..Projection::default()
    };
    if what.horizon > 20 {
        out.receipts
            .push((as_of() + 6, (level * 4.0).round(), false));
        out.receipts
            .push((as_of() + 8, (level * 3.0).round(), false));
        out.receipts.push((as_of() + 14, order, true));
    }
    for k in 0..what.horizon {
        let come: f64 = out
            .receipts
            .iter()
            .filter(|(day, _, _)| *day == as_of() + (k as i32 + 1))
            .map(|receipt| receipt.1)
            .sum();
        stock = (stock - mean(k)).max(0.0) + come;
        spread += level * 0.3 * (1.0 + noise(i));
        out.stock_mean.push(stock);
        out.stock_p10.push((stock - spread).max(0.0));
        out.stock_p90.push(stock + spread);
    }
    out
}

/// The cases at the edges, each with its name.
pub(super) fn cases() -> Vec<(&'static str, Plan)> {
    let few = Made {
        series: 3,
        ..ORDINARY
    };
    vec![
        ("ordinary", made(ORDINARY)),
        (
            "japanese",
            made(Made {
                japanese: true,
                ..ORDINARY
            }),
        ),
        ("weekly", made(Made { step: 7, ..few })),
        (
            "no-series",
            made(Made {
                series: 0,
                ..ORDINARY
            }),
        ),
        ("no-days", made(Made { days: 0, ..few })),
        (
            "one-day",
            made(Made {
                days: 1,
                series: 1,
                japanese: true,
                ..ORDINARY
            }),
        ),
        (
            "month",
            made(Made {
                days: 31,
                japanese: true,
                ..few
            }),
        ),
        ("no-forecast", made(Made { horizon: 0, ..few })),
        (
            "far-ahead",
            made(Made {
                horizon: 110,
                ..few
            }),
        ),
        (
            "all-zero",
            made(Made {
                sales: false,
                ..few
            }),
        ),
        (
            "no-categories",
            made(Made {
                categories: false,
                costs: false,
                ..ORDINARY
            }),
        ),
        ("extreme", extreme()),
    ]
}

/// Figures and names that no shop should have.
pub(super) fn extreme() -> Plan {
    let mut plan = made(Made {
        series: 7,
        days: 220,
        ..ORDINARY
    });
    let history = &mut plan.history;
    history.sold[100] = f64::NAN;
    history.sold[211] = 1e7;
    history.sold[120] = 900.0;
    history.lost[130] = f64::INFINITY;
    history.lost_p90[131] = f64::NAN;
    for k in 150..215 {
        history.on_hand[k] = -40.0 + (k % 7) as f64;
    }
    let names = [
        "<b>&\"'\u{0}\u{7}",
        "",
        "🧦🎁\u{10FFFF} emoji",
        "a/b\\c:d*?",
        "..",
        "長".repeat(300).leak(),
        "ｶﾞｰｾﾞ ﾀｵﾙ",
    ];
    for (row, name) in plan.recommendations.iter_mut().zip(names) {
        row.sku = Sku::new(name);
        row.channel = Channel::new(name);
        row.name = Some(name.to_owned());
        row.category = Some(Category::new(name));
        row.annual_value = f64::NAN;
        row.reason.unknown = vec![Location::new(name)];
    }
    plan.orders = orders(&plan.recommendations);
    plan.orders[0].unit_cost = Some(f64::NAN);
    plan.orders[1].bridge.quantity = f64::INFINITY;
    plan.recommendations[2].reorder_point = f64::NAN;
    plan.recommendations[3].hidden_units.mean = f64::NAN;
    plan.projections[0].stock_mean[3] = f64::NAN;
    plan.projections[1].demand_p10.clear();
    plan.projections[2].stock_p90[5] = f64::INFINITY;
    plan.projections.truncate(5);
    plan
}
