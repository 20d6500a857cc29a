use rand::RngExt;

use super::*;
use crate::domain::ServiceMeasure;

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
fn own_and_next_lead_time_end_the_interval_apart() {
    let mut two = supply(0.0, &[]);
    two.lead_time.points = vec![(10, 0.5), (14, 0.5)];
    two.next_lead_time = two.lead_time.clone();
    let c = simulate(&steady(0.0), &two, 1);
    // 7 + next − own: 3, 7, 7 or 11 days of five, each in a quarter of the points.
    for (days, below) in [(3.0, 0.25), (7.0, 0.75), (11.0, 1.0)] {
        near(c.cycle(5.0 * days + 0.1), below);
        near(
            c.cycle(5.0 * days - 0.1),
            below - if days == 7.0 { 0.5 } else { 0.25 },
        );
    }
}

#[test]
fn the_points_have_the_exact_service_where_nothing_is_lost() {
    use crate::forecast::distribution::Demand;
    // With all customers waiting, stock at the receipt is what was there less a sum of whole negative binomials.
    for (mean, dispersion, net, open) in [
        (4.0, 1.0, 60.0, vec![]),
        (4.0, 3.0, 30.0, vec![(25.0, 3)]),
        (0.3, 1.4, 4.0, vec![(2.0, 7)]),
        (40.0, 6.0, 500.0, vec![(200.0, 5), (90.0, 8)]),
    ] {
        let waits = PoolDemand {
            mean: vec![mean; 40],
            dispersion,
            capture: 1.0,
            ..pool(mean)
        };
        let waits = PoolDemand {
            level_variance: 0.0,
            ..waits
        };
        let law = |days: f64| Demand::moment_matched(mean * days, dispersion * mean * days, true);
        let at_hand = net + open.iter().map(|o| o.0).sum::<f64>();
        let c = simulate(&waits, &supply(net, &open), 3);
        for quantity in [0.0, 3.0 * mean, 10.0 * mean] {
            let y = at_hand + quantity;
            let short = law(17.0).loss(y) - law(10.0).loss(y);
            let exact = 1.0 - short / (7.0 * mean);
            assert!(
                (c.fill(quantity) - exact).abs() < 0.004,
                "{mean} {quantity}: {} {exact}",
                c.fill(quantity)
            );
        }
    }
}

/// A line of a made-up shop: demand, supply and pack.
fn line(rng: &mut Pcg64Mcg) -> (PoolDemand, Supply, f64) {
    let mut u = || rng.random::<f64>();
    let pick = |options: &[f64], u: f64| options[(u * options.len() as f64) as usize];
    let rate = 0.05 * f64::powf(400.0, u());
    let dispersion = pick(&[1.0, 1.5, 3.0, 6.0], u());
    let demand = PoolDemand {
        mean: vec![rate; 80],
        dispersion: if rate > 0.2 { dispersion } else { 1.2 },
        level_variance: pick(&[0.01, 0.05, 0.15], u()),
        capture: pick(&[0.0, 0.0, 0.0, 0.6], u()),
        whole_units: true,
    };
    let pack = pick(&[1.0, 1.0, 6.0, 12.0, 24.0], u());
    let lead = pick(&[5.0, 14.0, 30.0], u()) as i32;
    let random = u() < 0.5;
    let law = |points: Vec<(i32, f64)>, fixed: i32| {
        if random {
            LeadTime { points }
        } else {
            LeadTime::fixed(fixed)
        }
    };
    let own = law(
        vec![
            (lead - 2, 0.2),
            (lead, 0.5),
            (lead + 2, 0.2),
            (lead + 5, 0.1),
        ],
        lead,
    );
    let open_orders: Vec<OpenOrder> = (0..(u() * 2.5) as u64)
        .map(|key| {
            let day = 2 + (u() * f64::from(lead - 3)) as i32;
            OpenOrder {
                units: (rate * 7.0 * (0.7 + 0.8 * u())).round() + 1.0,
                arrival: law(
                    vec![((day - 1).max(1), 0.2), (day, 0.5), (day + 2, 0.3)],
                    day,
                ),
                key,
            }
        })
        .collect();
    let coming: f64 = open_orders.iter().map(|o| o.units).sum();
    let position = rate * f64::from(lead + 7) * (0.1 + 0.8 * u());
    let supply = Supply {
        net_stock: (position - coming).round().max(0.0),
        open_orders,
        lead_time: own.clone(),
        next_lead_time: own,
        review: 7,
    };
    (demand, supply, if rate > 0.3 { pack } else { 1.0 })
}

#[test]
fn two_streams_lead_to_the_same_orders() {
    let mut rng = Pcg64Mcg::seed_from_u64(99);
    let (mut apart, mut lines) = (0, 0);
    for _ in 0..100 {
        let (demand, supply, pack) = line(&mut rng);
        let order = |stream: u64| {
            let mut supply = supply.clone();
            let orders = supply.open_orders.iter_mut();
            orders.for_each(|o| o.key ^= stream << 8);
            let covered = simulate(&demand, &supply, stream);
            let need = covered.whole_quantity(ServiceMeasure::Fill, 0.95);
            (need.max(0.0) / pack).ceil() * pack
        };
        for stream in 0..3 {
            let (a, b) = (order(2 * stream + 1), order(2 * stream + 2));
            apart += i32::from((a - b).abs() > (0.5 * pack).max(0.02 * a.max(b)));
            lines += 1;
        }
    }
    println!("{apart} of {lines} orders differ by more than half a pack or 2 %");
    assert!(apart * 20 <= lines, "{apart} of {lines}");
}

#[test]
fn a_receipt_more_changes_no_course_of_demand() {
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    for _ in 0..60 {
        let (demand, supply, _) = line(&mut rng);
        let need = |more: Option<i32>| {
            let mut supply = supply.clone();
            let order = |day| OpenOrder {
                units: 1.0,
                arrival: LeadTime::fixed(day),
                key: 5,
            };
            supply.open_orders.extend(more.map(order));
            simulate(&demand, &supply, 1).quantity(ServiceMeasure::Fill, 0.95)
        };
        let without = need(None);
        for day in [1, 3, 4, 7, 11] {
            let with = need(Some(day));
            assert!(
                with <= without + 1e-5 * (1.0 + without.abs()),
                "{day}: {with} {without}"
            );
            assert!(
                with >= without - 1.0 - 1e-5 * (1.0 + without.abs()),
                "{day}: {with} {without}"
            );
        }
    }
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
    assert!(covered.cycle(q) >= 0.9 - 1e-6 && covered.cycle(q - 1.0) < 0.9);
}

/// An interval whose stock and demand are certain, point by point.
fn certain(stock: &[f64], demand: &[f64]) -> Covered {
    let (interval, places) = Interval::new(demand, 1e-12, false);
    Covered::new(stock.to_vec(), interval, places, 0.0)
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
    near(c.quantity(ServiceMeasure::Cycle, 0.95), 42.5);
    near(c.stock[0], -7.5);
    near(c.lost_before, 12.5);
    near(c.used(10.0), 10.0);
    near(c.used(50.0), 42.5);
    near(c.fill(0.0), 0.0);
    near(c.fill(42.5), 1.0);
    near(c.fill(25.0), 0.5);
    assert_eq!(c.whole_quantity(ServiceMeasure::Cycle, 0.95), 43.0);
    let late = simulate(&steady(0.5), &supply(10.0, &[(20.0, 4), (9.0, 17)]), 1);
    near(late.quantity(ServiceMeasure::Cycle, 0.95), 42.5); // what comes in the last period comes too late
    let in_time = simulate(&steady(0.5), &supply(10.0, &[(20.0, 4), (9.0, 16)]), 1);
    near(in_time.quantity(ServiceMeasure::Cycle, 0.95), 33.5);
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
    let covered = |gaps: &[f64]| certain(&vec![0.0; gaps.len()], gaps);
    let two = covered(&[10.4, 10.4]);
    near(two.quantity(ServiceMeasure::Fill, 0.95), 9.88);
    assert_eq!(two.whole_quantity(ServiceMeasure::Fill, 0.95), 10.0);
    near(two.quantity(ServiceMeasure::Fill, 0.97), 10.088);
    assert_eq!(two.whole_quantity(ServiceMeasure::Fill, 0.97), 10.0);
    assert_eq!(two.whole_quantity(ServiceMeasure::Fill, 0.99), 11.0);
    let ten = covered(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]);
    assert_eq!(ten.quantity(ServiceMeasure::Cycle, 0.9), 9.0);
    assert_eq!(ten.quantity(ServiceMeasure::Cost, 0.91), 10.0);
    near(ten.cycle(6.001), 0.6);
    near(ten.cycle(5.999), 0.5);
    near(ten.fill(6.0), 1.0 - (1.0 + 2.0 + 3.0 + 4.0) / 55.0);
}

/// The units short of a path are those of its interval: what was owed before is nobody's of this cycle.
#[test]
fn no_more_is_short_than_the_interval_asks_for() {
    let owed = certain(&[-20.0], &[10.0]);
    near(owed.fill(0.0), 0.0);
    near(owed.fill(20.0), 0.0);
    near(owed.fill(25.0), 0.5);
    near(owed.fill(30.0), 1.0);
}
