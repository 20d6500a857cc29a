use super::*;

fn pool(mean: f64) -> PoolDemand {
    PoolDemand {
        mean: vec![mean; 40],
        dispersion: 1.5,
        level_variance: 0.05,
        capture: 0.0,
        whole_units: true,
    }
}

fn supply(net_stock: f64, open: &[(f64, i32)]) -> Supply {
    Supply {
        net_stock,
        open_orders: open
            .iter()
            .enumerate()
            .map(|(k, &(units, days))| OpenOrder {
                units,
                arrival: LeadTime::fixed(days),
                key: k as u64,
            })
            .collect(),
        lead_time: LeadTime::fixed(10),
        next_lead_time: LeadTime::fixed(10),
        review: 7,
    }
}

#[test]
fn what_is_lost_while_waiting_is_not_ordered_again() {
    let empty = simulate(&pool(5.0), &supply(0.0, &[]), 1).quantity(ServiceMeasure::Fill, 0.95);
    // Seven days of five and some safety, not seventeen days.
    assert!((33.0..60.0).contains(&empty), "{empty}");
    let accepting = PoolDemand {
        capture: 1.0,
        ..pool(5.0)
    };
    let waits = simulate(&accepting, &supply(0.0, &[]), 1).quantity(ServiceMeasure::Fill, 0.95);
    assert!(waits > empty + 40.0, "{waits}");
}

#[test]
fn a_confirmed_order_never_raises_the_need_and_a_receipt_past_the_need_never_lowers_it() {
    for seed in 0..5 {
        let need = |open: &[(f64, i32)]| {
            simulate(&pool(3.0), &supply(12.0, open), seed).quantity(ServiceMeasure::Fill, 0.95)
        };
        let without = need(&[]);
        // 17 days are protected: a receipt on the 30th is past the need, and as good as none.
        let past = need(&[(20.0, 30)]);
        assert!((past - without).abs() < 1e-6);
        for day in [1, 4, 8, 10, 13] {
            let with = need(&[(20.0, day)]);
            assert!(with <= past + 1e-6, "day {day}: {with} {past}");
        }
    }
}

#[test]
fn what_is_owed_without_any_demand_is_ordered_in_full() {
    for whole_units in [true, false] {
        let nobody = PoolDemand {
            whole_units,
            ..pool(0.0)
        };
        for measure in [ServiceMeasure::Fill, ServiceMeasure::Cycle] {
            let owed = simulate(&nobody, &supply(-30.0, &[]), 1);
            assert_eq!(owed.quantity(measure, 0.95), 30.0);
            assert_eq!(owed.whole_quantity(measure, 0.95), 30.0);
            let spare = simulate(&nobody, &supply(12.0, &[]), 1);
            assert_eq!(spare.whole_quantity(measure, 0.95), -12.0);
        }
    }
    assert_eq!(supply(-30.0, &[(12.0, 90)]).owed_beyond_supply(), 18.0);
    assert_eq!(supply(-30.0, &[(40.0, 5)]).owed_beyond_supply(), 0.0);
}

#[test]
fn a_higher_target_never_needs_less() {
    let covered = simulate(&pool(2.0), &supply(5.0, &[]), 3);
    for measure in [ServiceMeasure::Fill, ServiceMeasure::Cycle] {
        let mut before = f64::NEG_INFINITY;
        for target in [0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999] {
            let q = covered.quantity(measure, target);
            assert!(q >= before);
            before = q;
        }
    }
}

#[test]
fn the_paths_have_the_mean_and_the_variance_of_the_law() {
    for (mean, dispersion, whole) in [
        (0.05, 1.0, true),
        (0.4, 1.8, true),
        (6.0, 3.0, true),
        (30.0, 40.0, true),
        (400.0, 9.0, true),
        (2.5, 0.7, false),
    ] {
        let demand = PoolDemand {
            mean: vec![mean; 30],
            dispersion,
            level_variance: 0.0,
            capture: 0.0,
            whole_units: whole,
        };
        let mut rng = Pcg64Mcg::seed_from_u64(5);
        let draws = daily_demand(&demand, &demand.mean, &mut rng);
        let n = draws.len() as f64;
        let found = draws.iter().sum::<f64>() / n;
        let variance = draws.iter().map(|d| (d - found).powi(2)).sum::<f64>() / n;
        // Five standard errors of 9,600 independent draws; the variance's from the fourth moment of a negative binomial.
        let error = (dispersion * mean / n).sqrt();
        assert!((found - mean).abs() < 5.0 * error, "{mean}: {found}");
        let expected = dispersion * mean;
        let kurtosis = 3.0 + 6.0 * dispersion / mean + 1.0 / expected;
        let error = expected * ((kurtosis - 1.0) / n).sqrt();
        assert!(
            (variance - expected).abs() < 5.0 * error,
            "{mean}: {variance} {expected}"
        );
    }
}

#[test]
fn the_quantity_reaches_its_target() {
    let covered = simulate(&pool(4.0), &supply(20.0, &[(10.0, 6)]), 9);
    let q = covered.quantity(ServiceMeasure::Fill, 0.97);
    assert!(covered.fill(q) >= 0.97 - 1e-6 && covered.fill(q - 1.0) < 0.97);
    let q = covered.quantity(ServiceMeasure::Cycle, 0.9);
    assert!(covered.cycle(q) >= 0.9 && covered.cycle(q - 1.0) < 0.95);
}

/// Five a day for certain.
fn steady(capture: f64) -> PoolDemand {
    PoolDemand {
        mean: vec![5.0; 60],
        dispersion: 1e-9,
        level_variance: 0.0,
        capture,
        whole_units: false,
    }
}

#[track_caller]
fn near(got: f64, expected: f64) {
    assert!((got - expected).abs() < 1e-2, "{got} is not {expected}");
}

/// 10 on hand, 20 at the end of day 4, this order at the end of day 10, the next a week later; half of those who find nothing wait.
#[test]
fn certain_demand_is_followed_by_hand() {
    let c = simulate(&steady(0.5), &supply(10.0, &[(20.0, 4)]), 1);
    // Days 3 and 4 owe 5; 15 of the 20 last until day 7; days 8 to 10 owe 7.5 more: 35 + 7.5 are missing.
    near(c.gap[0], 42.5);
    near(c.lost_before, 12.5);
    near(c.used(10.0), 10.0);
    near(c.used(50.0), 42.5);
    near(c.fill(0.0), 0.0);
    near(c.fill(42.5), 1.0);
    near(c.fill(25.0), 0.5);
    assert_eq!(c.whole_quantity(ServiceMeasure::Cycle, 0.95), 43.0);
    let late = simulate(&steady(0.5), &supply(10.0, &[(20.0, 4), (9.0, 17)]), 1);
    near(late.gap[0], 42.5); // what comes in the last period comes too late
    let in_time = simulate(&steady(0.5), &supply(10.0, &[(20.0, 4), (9.0, 16)]), 1);
    near(in_time.gap[0], 33.5);
}

#[test]
fn this_order_and_the_next_take_their_time_apart() {
    let mut two = supply(0.0, &[]);
    two.lead_time.points = vec![(10, 0.5), (14, 0.5)];
    two.next_lead_time = two.lead_time.clone();
    let c = simulate(&steady(0.0), &two, 1);
    let mut lengths: Vec<i64> = c.demand.iter().map(|d| (d / 5.0).round() as i64).collect();
    lengths.sort_unstable();
    lengths.dedup();
    assert_eq!(lengths, [3, 7, 11]); // 7 + next − own
}

#[test]
fn a_projection_receives_on_the_days_that_are_known() {
    let stock = project(&steady(0.0), &supply(0.0, &[(15.0, 3)]), 30.0, 12, 1);
    for (day, expected) in [
        (1, 0.0),
        (2, 0.0),
        (3, 15.0),
        (4, 10.0),
        (6, 0.0),
        (9, 0.0),
        (10, 30.0),
        (11, 25.0),
    ] {
        near(stock[day - 1][0], expected);
    }
    let owed = project(&steady(1.0), &supply(0.0, &[]), 30.0, 12, 1);
    near(owed[8][0], -45.0);
    near(owed[9][0], -20.0);
}

/// Of two neighbours the one closer to the target: 9, 10 and 11 of 10.4 units serve .865, .962 and all of them.
#[test]
fn a_whole_quantity_is_the_nearer_of_its_neighbours() {
    let covered = |gaps: &[f64]| Covered {
        gap: gaps.to_vec(),
        demand: gaps.to_vec(),
        lost_before: 0.0,
    };
    let two = covered(&[10.4, 10.4]);
    near(two.quantity(ServiceMeasure::Fill, 0.95), 9.88);
    assert_eq!(two.whole_quantity(ServiceMeasure::Fill, 0.95), 10.0);
    near(two.quantity(ServiceMeasure::Fill, 0.97), 10.088);
    assert_eq!(two.whole_quantity(ServiceMeasure::Fill, 0.97), 10.0);
    assert_eq!(two.whole_quantity(ServiceMeasure::Fill, 0.99), 11.0);
    let ten = covered(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]);
    assert_eq!(ten.quantity(ServiceMeasure::Cycle, 0.9), 9.0);
    assert_eq!(ten.quantity(ServiceMeasure::Cost, 0.91), 10.0);
    assert_eq!(ten.cycle(6.0), 0.6);
    near(ten.fill(6.0), 1.0 - (1.0 + 2.0 + 3.0 + 4.0) / 55.0);
}

/// The units short of a path are those of its interval: what was owed before is nobody's of this cycle.
#[test]
fn no_more_is_short_than_the_interval_asks_for() {
    let owed = Covered {
        gap: vec![30.0],
        demand: vec![10.0],
        lost_before: 0.0,
    };
    near(owed.fill(0.0), 0.0);
    near(owed.fill(20.0), 0.0);
    near(owed.fill(25.0), 0.5);
    near(owed.fill(30.0), 1.0);
}

#[test]
fn the_interval_ends_when_the_next_order_comes() {
    let need = |next| {
        let supply = Supply {
            next_lead_time: LeadTime::fixed(next),
            ..supply(50.0, &[])
        };
        assert_eq!(supply.protected(), next as usize + 7);
        simulate(&steady(0.0), &supply, 1).quantity(ServiceMeasure::Cycle, 0.95)
    };
    // Nothing is left on the tenth day; the next order comes 7 + 10, 7 + 20 or 7 + 5 days after today.
    for (next, units) in [(10, 35.0), (20, 85.0), (5, 10.0)] {
        assert!((need(next) - units).abs() < 0.05, "{next}");
    }
}

#[test]
fn orders_that_follow_each_other_closely_are_late_together() {
    let mut close = supply(0.0, &[]);
    close.lead_time.points = vec![(6, 0.5), (14, 0.5)];
    close.next_lead_time = close.lead_time.clone();
    close.review = 1;
    // A spread of 4 days is as wide as a uniform law over 13.9 days, of which a review period is 7 %.
    assert!((close.lateness_shared() - 0.9278).abs() < 1e-4);
    assert_eq!(close.receipts(0.2, 0.9), (6, 7));
    assert_eq!(close.receipts(0.8, 0.9), (14, 15));
    close.review = 28;
    assert_eq!(close.receipts(0.8, 0.2), (14, 34));
}
