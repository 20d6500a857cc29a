//! Numbers from books, papers and independent computation that the arithmetic must reproduce, to the digits that were printed.

use restock::demand::capture::{self, CapturePrior};
use restock::demand::censored::{KaplanMeier, Observation, normal_em, poisson_maximum_likelihood};
use restock::demand::exposure::{self, ExposedDay};
use restock::forecast::croston::Croston;
use restock::forecast::distribution::Demand;
use restock::policy::netting::Position;
use restock::policy::{loss, lot, min_max, newsvendor, reorder_point, service, textbook};
use restock::supply::lots::{self, Lot};
use restock::supply::{budget, share};

/// Equal within half a unit of the last printed digit.
#[track_caller]
fn printed(got: f64, expected: &str) {
    let digits = expected.split_once('.').map_or(0, |(_, d)| d.len() as i32);
    let value: f64 = expected.parse().expect("a number");
    let half = 0.5 * 10_f64.powi(-digits);
    assert!(
        (got - value).abs() <= half * (1.0 + 1e-9),
        "{got} is not {expected}"
    );
}

/// Snyder & Shen (2019), as in the documentation of stockpyl.
#[test]
fn case_01_loss_functions() {
    printed(loss::standard_normal(1.3), "0.0455279621");
    printed(loss::poisson(15.0, 18.0), "0.5176095283");
    printed(loss::gamma(2.0, 3.0, 4.0), "2.6359713812");
}

/// Snyder & Shen (2019), as in the documentation of stockpyl.
#[test]
fn case_02_newsvendor() {
    let normal = newsvendor::optimum(
        &Demand::Normal {
            mean: 50.0,
            sd: 8.0,
        },
        0.18,
        0.70,
    );
    printed(normal.level, "56.6039559");
    printed(normal.cost, "1.9976052");
    let poisson = newsvendor::optimum(&Demand::Poisson { mean: 50.0 }, 0.18, 0.70);
    assert_eq!(poisson.level, 56.0);
    printed(poisson.cost, "1.7972352");
}

/// Snyder & Shen (2019), as in the documentation of stockpyl.
#[test]
fn case_03_economic_lot_with_backorders() {
    let lot = lot::economic_with_backorders(8.0, 0.225, 5.0, 1300.0).unwrap();
    printed(lot.quantity, "310.8125552");
    printed(lot.backorder_share, "0.0430622");
    printed(lot.cost, "66.9213636");
}

/// Cost: Snyder & Shen (2019), as in the documentation of stockpyl. Optimum: computed independently.
#[test]
fn case_04_reorder_point_with_backorder_cost() {
    let setting = reorder_point::Setting {
        ordering: 8.0,
        holding: 0.225,
        backorder: 7.5,
        rate: 1300.0,
    };
    let (mean, sd) = (1300.0 / 12.0, 150.0 * (1.0_f64 / 12.0).sqrt());
    printed(
        reorder_point::normal_cost(&setting, mean, sd, 126.8, 328.5),
        "78.0711625",
    );
    let best = reorder_point::normal_optimum(&setting, mean, sd).unwrap();
    printed(best.reorder_point, "126.86706");
    printed(best.lot, "328.44914");
}

/// Snyder & Shen (2019), as in the documentation of stockpyl.
#[test]
fn case_05_reorder_point_poisson() {
    let setting = reorder_point::Setting {
        ordering: 100.0,
        holding: 20.0,
        backorder: 150.0,
        rate: 1.5,
    };
    let best =
        reorder_point::whole_optimum(&setting, &Demand::Poisson { mean: 1.5 * 2.0 }).unwrap();
    assert_eq!((best.reorder_point, best.lot), (3.0, 5.0));
    printed(best.cost, "107.9235806");
}

/// Zheng & Federgruen (1991); Snyder & Shen (2019).
#[test]
fn case_06_min_max_poisson() {
    let costs = min_max::Costs {
        ordering: 5.0,
        holding: 1.0,
        backorder: 4.0,
    };
    let demand = Demand::Poisson { mean: 6.0 };
    let best = min_max::optimum(&costs, &demand, &demand).unwrap();
    assert_eq!((best.reorder_point, best.order_up_to), (4.0, 10.0));
    printed(best.cost, "8.0341116");
}

#[test]
fn case_07_random_lead_time() {
    let over = textbook::over_random_lead_time(100.0, 22.0, 12.0, 3.0);
    assert_eq!(over.mean, 1200.0);
    printed(over.sd(), "309.5287");

    let over = textbook::over_random_lead_time(50.0, 5.0, 6.0, 2.0);
    let (mean, variance) = (over.mean, over.variance);
    printed(
        textbook::normal_reorder_point(mean, over.sd(), 0.90),
        "429.11",
    );
    printed(Demand::Gamma { mean, variance }.quantile(0.90), "434.17");
    let counts = Demand::NegativeBinomial { mean, variance };
    assert_eq!(service::smallest_level_for_cycle(&counts, 0.90), 434.0);
    // What forgetting the lead time's variance would give.
    assert_eq!(Demand::Poisson { mean }.quantile(0.90), 322.0);
}

/// SAP, course on safety stock planning.
#[test]
fn case_08_periodic_review() {
    let (mean, sd, review) = (100.0, 25.0, 1.0);
    printed(
        textbook::periodic_safety_stock(sd, review, 0.0, 0.95),
        "41.12",
    );
    let stock = textbook::periodic_safety_stock(sd, review, 2.0, 0.95);
    printed(stock, "71.22");
    printed((review + 2.0) * mean + stock, "371.22");
}

/// Nahmias & Olsen (2015).
#[test]
fn case_09_cycle_versus_fill() {
    let (mean, sd, lot) = (100.0, 25.0, 100.0);
    let by_cycle = textbook::normal_reorder_point(mean, sd, 0.98);
    printed(by_cycle, "151.34");
    printed(
        textbook::approximate_fill(mean, sd, lot, by_cycle),
        "0.99816",
    );
    let by_fill = mean + sd * textbook::safety_factor_for_fill(lot, sd, 0.98);
    printed(by_fill, "125.53");
    // The lot is large: the exact fill is the same.
    let lead_time = Demand::Normal { mean, sd };
    printed(
        service::fill_of_reorder_point(&lead_time, by_cycle, lot),
        "0.99816",
    );
    printed(
        service::fill_of_reorder_point(&lead_time, by_fill, lot),
        "0.9800",
    );
}

/// Silver, Pyke & Thomas (2017).
#[test]
fn case_10_fill_rate_factor() {
    let factor = textbook::safety_factor_for_fill(200.0, 11.4, 0.99);
    printed(factor, "0.5757");
    printed(50.0 + factor * 11.4, "56.56");
    let lead_time = Demand::Normal {
        mean: 50.0,
        sd: 11.4,
    };
    assert_eq!(
        service::smallest_reorder_point_for_fill(&lead_time, 200.0, 0.99),
        57.0
    );
}

#[test]
fn case_11_exact_fill_of_a_small_lot() {
    let (mean, sd, lot, point) = (100.0, 25.0, 15.0, 125.53);
    printed(textbook::approximate_fill(mean, sd, lot, point), "0.8667");
    printed(
        service::fill_of_reorder_point(&Demand::Normal { mean, sd }, point, lot),
        "0.9035",
    );
}

#[test]
fn case_12_negative_binomial_lead_time() {
    let (mean, variance) = (20.0, 50.0);
    let lead_time = Demand::NegativeBinomial { mean, variance };
    assert_eq!(service::smallest_level_for_cycle(&lead_time, 0.95), 33.0);
    assert_eq!(service::smallest_level_for_cycle(&lead_time, 0.98), 37.0);
    assert_eq!(
        service::smallest_reorder_point_for_fill(&lead_time, 40.0, 0.98),
        27.0
    );
    printed(
        service::fill_of_reorder_point(&lead_time, 27.0, 40.0),
        "0.98141",
    );
    printed(
        service::fill_of_reorder_point(&lead_time, 26.0, 40.0),
        "0.97709",
    );
    printed(
        textbook::normal_reorder_point(mean, variance.sqrt(), 0.95),
        "31.63",
    );
    assert_eq!(Demand::Poisson { mean }.quantile(0.95), 28.0);
}

#[test]
fn case_13_rate_by_exposure() {
    let in_stock = |day: usize| if day < 10 { 1.0 } else { 0.0 };
    let exposure: Vec<f64> = (0..30).map(in_stock).collect();
    let sold: Vec<f64> = exposure.iter().map(|e| 3.0 * e).collect();
    assert_eq!(sold.iter().sum::<f64>(), 30.0);
    assert_eq!(exposure::rate(&sold, &exposure), Some(3.0));
}

#[test]
fn case_14_bias_of_a_sell_out_rate() {
    printed(100.0 * (exposure::sell_out_bias(3.0) - 1.0), "50");
    printed(100.0 * (exposure::sell_out_bias(10.0) - 1.0), "11");
    // E[(S − 1)/τ] = λ with τ ~ Gamma(S, λ), by the midpoint rule.
    let (stock, rate, width) = (3.0_f64, 4.0_f64, 1e-3);
    let mean: f64 = (0..20_000)
        .map(|i| {
            let time = (f64::from(i) + 0.5) * width;
            let density = rate.powi(3) * time * time * (-rate * time).exp() / 2.0;
            density * width * exposure::sell_out_rate(stock, time).unwrap()
        })
        .sum();
    assert!((mean - rate).abs() < 1e-4, "{mean}");
}

fn sales(values: &[(f64, bool)]) -> Vec<Observation> {
    values
        .iter()
        .map(|&(value, censored)| Observation { value, censored })
        .collect()
}

#[test]
fn case_15_censored_poisson() {
    let sales = sales(&[
        (3.0, false),
        (5.0, false),
        (2.0, true),
        (4.0, false),
        (4.0, true),
        (6.0, false),
        (3.0, false),
        (2.0, true),
        (5.0, false),
        (4.0, false),
    ]);
    let mean = |keep: fn(&&Observation) -> bool| {
        let kept: Vec<f64> = sales.iter().filter(keep).map(|o| o.value).collect();
        kept.iter().sum::<f64>() / kept.len() as f64
    };
    printed(mean(|_| true), "3.8");
    printed(mean(|o| !o.censored), "4.2857");
    printed(poisson_maximum_likelihood(&sales).unwrap(), "4.51731");
    let free = KaplanMeier::fit(&sales).unwrap();
    assert!(free.complete());
    printed(free.mean(), "4.41667");
}

/// After Talluri & van Ryzin (2004).
#[test]
fn case_16_censored_normal() {
    let sales = sales(&[
        (104.0, false),
        (97.0, false),
        (80.0, true),
        (112.0, false),
        (90.0, true),
        (88.0, false),
        (101.0, false),
        (75.0, true),
        (95.0, false),
        (108.0, false),
    ]);
    let naive = sales.iter().map(|o| o.value).sum::<f64>() / sales.len() as f64;
    printed(naive, "95.0");
    let fit = normal_em(&sales).unwrap();
    printed(fit.mean, "100.8795");
    printed(fit.sd, "7.4293");
}

#[test]
fn case_17_capture_of_backorders() {
    let rate = exposure::rate(&[10.0; 20], &[1.0; 20]).unwrap();
    assert_eq!(rate, 10.0);
    let accepting = ExposedDay {
        sold: 0.0,
        backordered: 6.0,
        exposure: 0.0,
        capture: 0.0,
        mean: rate,
        size: f64::INFINITY,
    };
    let captured = capture::estimate(&[accepting; 5], CapturePrior::NONE).unwrap();
    printed(captured, "0.6");
    let lost = |day: ExposedDay| 5.0 * day.lost().mean();
    let on_accepting = lost(ExposedDay {
        capture: captured,
        ..accepting
    });
    let on_closed = lost(ExposedDay {
        backordered: 0.0,
        ..accepting
    });
    printed(on_accepting, "20.000000");
    printed(on_closed, "50.000000");
    printed(200.0 + 30.0 + on_accepting + on_closed, "300.000000");
}

/// Inventory Planner, help on "sells out in": 5 a day, 10 on hand, 20 on order. It counts the 5 days of waiting from the day the shelf
/// is empty: 2 + 5 + 4 = 11. A receipt 5 days from today is sold by day 9.
#[test]
fn case_18_first_stockout() {
    let demand = [5.0; 14];
    assert_eq!(share::project(10.0, 0.0, &demand, &[], 0.0).stockouts, [2]);
    let with_receipt_after = |days: usize| {
        let mut receipts = [0.0; 14];
        receipts[days - 1] = 20.0;
        share::project(10.0, 0.0, &demand, &receipts, 0.0)
    };
    let published = with_receipt_after(2 + 5);
    assert_eq!(published.stockouts, [2, 11]);
    assert_eq!(published.lost, 5.0 * 5.0 + 3.0 * 5.0);
    assert_eq!(with_receipt_after(5).stockouts, [2, 9]);
}

#[test]
fn case_19_position() {
    let position = Position {
        on_hand: 0.0,
        inbound: 80.0,
        backorders: 100.0,
    };
    assert_eq!(position.need(110.0), 130.0);
    assert_eq!(position.order(110.0, 0.0, 24.0), 144.0);
}

/// Reports of other systems' mistakes.
#[test]
fn case_20_netting() {
    let inbound = |units| Position {
        inbound: units,
        ..Position::default()
    };
    assert_eq!(inbound(60.0).net_requirement(&[20.0], 50.0), 10.0);
    assert_eq!(inbound(500.0).net_requirement(&[500.0], 0.0), 0.0);
    assert_eq!(
        inbound(0.0).net_requirement(&[250.0, 1000.0], 100.0),
        1350.0
    );
}

#[test]
fn case_21_fair_share() {
    let fair = share::equal_days(500.0, &[50.0, 100.0, 75.0], &[10.0, 50.0, 15.0]);
    printed(fair.days, "9.667");
    printed(fair.shares[0], "46.67");
    printed(fair.shares[1], "383.33");
    printed(fair.shares[2], "70.00");
    assert_eq!(fair.whole().iter().sum::<f64>(), 500.0);
}

#[test]
fn case_22_pro_rata() {
    assert_eq!(
        share::whole_shares(80.0, &[30.0, 40.0, 20.0, 10.0]),
        [24.0, 32.0, 16.0, 8.0]
    );
}

#[test]
fn case_23_available_to_promise() {
    let balance =
        share::projected_balance(40.0, &[0.0, 80.0, 0.0, 60.0], &[50.0, 30.0, 25.0, 10.0]);
    assert_eq!(balance, [-10.0, 40.0, 15.0, 65.0]);
    assert_eq!(
        share::available_to_promise(&balance),
        [-10.0, 15.0, 15.0, 65.0]
    );
}

#[test]
fn case_24_pooling() {
    let (apart, pooled) = textbook::pooling(&[10.0; 4], 1.645);
    printed(apart, "65.8");
    printed(pooled, "32.9");
}

#[test]
fn case_25_budget() {
    let items =
        [(5.0, 20.0), (8.0, 35.0), (2.0, 60.0)].map(|(mean, unit_cost)| budget::Candidate {
            demand: Demand::Poisson { mean },
            unit_cost,
            stock: 0.0,
        });
    let greedy = budget::greedy(&items, 500.0);
    assert_eq!(greedy.units, [8.0, 8.0, 1.0]);
    printed(greedy.short, "2.37414");
    let best = budget::allocate(&items, 500.0);
    assert_eq!(best.units, [6.0, 9.0, 1.0]);
    printed(best.short, "2.33787");
    assert!(best.spent <= 500.0 && best.bound <= best.short && best.gap() <= greedy.gap());
}

/// The same, as the plan decides it: lots in their order, exchanges included, the bound never below what was found.
#[test]
fn case_25_budget_in_lots() {
    let items: Vec<Vec<Lot>> = [(5.0, 20.0), (8.0, 35.0), (2.0, 60.0)]
        .map(|(mean, cost)| {
            let demand = Demand::Poisson { mean };
            (0..40)
                .map(|n| Lot {
                    gain: demand.loss(f64::from(n)) - demand.loss(f64::from(n + 1)),
                    cost,
                    owed: false,
                })
                .collect()
        })
        .into();
    let short = |gain: f64| 15.0 - gain;
    let greedy = lots::greedy(&items, 500.0);
    assert_eq!(greedy.taken, [8, 8, 1]);
    printed(short(greedy.gain), "2.37414");
    let best = lots::buy(&items, 500.0);
    assert_eq!(best.taken, [6, 9, 1]);
    printed(short(best.gain), "2.33787");
    assert!(best.spent <= 500.0 && best.bound >= best.gain);
}

/// Croston (1972); Syntetos & Boylan (2005).
#[test]
fn case_26_croston() {
    let demand = [0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 3.0, 0.0, 4.0, 0.0, 0.0, 6.0];
    let fit = Croston::fit(&demand, 0.1).unwrap();
    printed(fit.rate(), "1.620863");
    printed(fit.unbiased_rate(), "1.539819");
}
