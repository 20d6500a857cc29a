use super::*;
use crate::policy::protection::Pace;

/// Units a day; `spread` is variance ÷ mean.
fn protection(rate: f64, spread: f64, leads: &[(usize, f64)], review: usize) -> Protection {
    let pace = Pace {
        mean: rate,
        dispersion: spread,
        level_variance: 0.0,
        whole_units: true,
    };
    Protection::steady(pace, leads, review)
}

fn size(moq: f64, multiple: f64) -> OrderSize {
    OrderSize {
        moq,
        multiple,
        whole_units: true,
    }
}

/// (least order, multiple) of the simulated levels.
const SIZES: [(f64, f64); 5] = [
    (1.0, 1.0),
    (24.0, 1.0),
    (100.0, 1.0),
    (12.0, 12.0),
    (24.0, 24.0),
];

/// (units a day, lead time 6 to 14 days instead of 10, review, levels where customers are lost, levels where they wait): the least level that
/// serves .95 of Poisson demand, one for each of `SIZES`, found by simulating six million days of the fixed policy day by day (orders do not
/// cross; the standard error of a fill is below .0005).
type Simulated = (f64, bool, usize, [u32; 5], [u32; 5]);
const SIMULATED: [Simulated; 18] = [
    (0.12, false, 1, [4, 0, 0, 1, 0], [4, 1, 0, 1, 1]),
    (0.12, false, 7, [5, 1, 0, 2, 1], [5, 1, 0, 2, 1]),
    (0.12, false, 28, [7, 2, 0, 4, 2], [7, 3, 0, 4, 3]),
    (0.12, true, 1, [4, 1, 0, 1, 1], [4, 1, 0, 1, 1]),
    (0.12, true, 7, [5, 1, 0, 2, 1], [5, 1, 0, 2, 1]),
    (0.12, true, 28, [7, 3, 0, 4, 3], [8, 3, 0, 4, 3]),
    (1.0, false, 1, [15, 11, 6, 12, 11], [17, 11, 6, 13, 11]),
    (1.0, false, 7, [21, 15, 9, 16, 15], [22, 15, 9, 17, 15]),
    (1.0, false, 28, [40, 38, 23, 35, 32], [41, 40, 22, 37, 33]),
    (1.0, true, 1, [18, 12, 6, 14, 12], [19, 12, 6, 14, 12]),
    (1.0, true, 7, [22, 16, 9, 17, 16], [23, 16, 9, 18, 16]),
    (1.0, true, 28, [40, 39, 23, 36, 33], [42, 41, 23, 37, 34]),
    (8.0, false, 1, [92, 86, 82, 88, 86], [101, 92, 82, 95, 92]),
    (
        8.0,
        false,
        7,
        [134, 134, 114, 129, 125],
        [141, 141, 115, 136, 132],
    ),
    (
        8.0,
        false,
        28,
        [287, 287, 287, 282, 277],
        [297, 297, 297, 292, 287],
    ),
    (
        8.0,
        true,
        1,
        [114, 105, 95, 108, 105],
        [122, 112, 96, 116, 112],
    ),
    (
        8.0,
        true,
        7,
        [151, 151, 123, 146, 142],
        [156, 156, 125, 151, 146],
    ),
    (
        8.0,
        true,
        28,
        [295, 295, 295, 290, 285],
        [304, 304, 304, 299, 293],
    ),
];

fn leads(varied: bool) -> Vec<(usize, f64)> {
    if varied {
        (6..=14).map(|days| (days, 1.0 / 9.0)).collect()
    } else {
        vec![(10, 1.0)]
    }
}

/// Whether a level is the simulated one, one beside it or within 2 %.
fn near(level: f64, simulated: u32) -> bool {
    let simulated = f64::from(simulated);
    (level - simulated).abs() <= (0.02 * simulated).max(1.0)
}

fn missed(capture: f64) -> Vec<String> {
    let mut missed = Vec::new();
    for (rate, varied, review, lost, waiting) in SIMULATED {
        let protection = protection(rate, 1.0, &leads(varied), review);
        let simulated = if capture < 1.0 { lost } else { waiting };
        for ((moq, multiple), simulated) in SIZES.into_iter().zip(simulated) {
            let size = size(moq, multiple);
            let found = level(&protection, &size, ServiceMeasure::Fill, 0.95, capture).units();
            if !near(found, simulated) {
                missed.push(format!(
                    "{rate} a day, varied {varied}, R {review}, MOQ {moq}, pack {multiple}: {found} for {simulated}"
                ));
            }
        }
    }
    missed
}

#[test]
fn where_customers_wait_the_level_is_the_simulated_one() {
    assert_eq!(missed(1.0), Vec::<String>::new());
}

#[test]
fn where_customers_are_lost_the_level_is_the_simulated_one_but_for_fast_sellers_in_small_lots() {
    // Those that miss lie 2 to 5 % too high, one 3 % too low: with waiting customers, 170 levels of 180 are right.
    let missed = missed(0.0);
    assert!(missed.len() <= 10, "{missed:#?}");
    assert!(missed.iter().all(|cell| cell.starts_with("8 a day")));
}

#[test]
fn a_level_serves_what_the_simulation_says() {
    // (units a day, R, MOQ, level, fill simulated where customers are lost; all with ten days' lead time).
    for (rate, review, moq, at, simulated, within) in [
        (0.12, 28, 1.0, 7.0, 0.9580, 0.002),
        (0.12, 7, 24.0, 1.0, 0.9671, 0.002),
        (1.0, 7, 24.0, 15.0, 0.9584, 0.004),
        (1.0, 28, 24.0, 38.0, 0.9533, 0.008),
        (8.0, 7, 100.0, 114.0, 0.9524, 0.012),
        (8.0, 28, 1.0, 287.0, 0.9506, 0.008),
    ] {
        let protection = protection(rate, 1.0, &leads(false), review);
        let waiting = Waiting {
            level: at,
            between: at,
        };
        let orders = LostOrders::new(&protection, &size(moq, 1.0), &waiting).unwrap();
        let fill = orders.fill(at);
        assert!(
            (fill - simulated).abs() < within,
            "{rate} {review} {moq}: {fill} for {simulated}"
        );
    }
}

#[test]
fn a_larger_least_order_never_needs_a_level_more_than_a_unit_higher() {
    // A unit is what cells of several units may err by.
    for review in [1, 7, 28] {
        for rate in [0.12, 1.0, 8.0] {
            let protection = protection(rate, 1.5, &leads(false), review);
            let of = |moq: f64| {
                let size = size(moq, 1.0);
                level(&protection, &size, ServiceMeasure::Fill, 0.95, 1.0).units()
            };
            let levels: Vec<f64> = [1.0, 2.0, 3.0, 5.0, 12.0, 24.0, 50.0, 100.0, 1000.0]
                .map(of)
                .into();
            assert!(
                levels.windows(2).all(|w| w[1] <= w[0] + 1.0),
                "{rate} {review}: {levels:?}"
            );
            assert_eq!(levels[0], protection.level(ServiceMeasure::Fill, 0.95));
            assert!(*levels.last().unwrap() >= 0.0);
        }
    }
}

#[test]
fn fill_rises_with_the_level_and_with_a_higher_target() {
    let protection = protection(2.0, 3.0, &leads(true), 7);
    for moq in [1.0, 24.0, 60.0] {
        let law = CycleLaw::new(&protection, &size(moq, 1.0));
        let fills: Vec<f64> = (0..80).map(|s| law.fill(f64::from(s))).collect();
        assert!(fills.windows(2).all(|w| w[1] >= w[0] - 1e-12));
        for measure in [
            ServiceMeasure::Fill,
            ServiceMeasure::Cycle,
            ServiceMeasure::Cost,
        ] {
            for capture in [0.0, 0.5, 1.0] {
                let of =
                    |target| level(&protection, &size(moq, 1.0), measure, target, capture).units();
                let levels = [0.5, 0.8, 0.9, 0.95, 0.99].map(of);
                assert!(
                    levels.windows(2).all(|w| w[1] >= w[0]),
                    "{measure:?} {levels:?}"
                );
            }
        }
    }
}

#[test]
fn the_share_of_orders_that_arrive_before_the_shelf_is_empty_reaches_a_cycle_target() {
    // The least level of nine in ten and the share simulated there, where customers wait.
    for (rate, review, moq, simulated) in [
        (1.0, 7, 24.0, 0.9145),
        (8.0, 7, 24.0, 0.906),
        (8.0, 7, 100.0, 0.908),
    ] {
        let protection = protection(rate, 1.0, &leads(false), review);
        let size = size(moq, 1.0);
        let law = CycleLaw::new(&protection, &size);
        let found = level(&protection, &size, ServiceMeasure::Cycle, 0.9, 1.0).units();
        let reached = law.service(ServiceMeasure::Cycle, found);
        assert!(
            (reached - simulated).abs() < 0.01,
            "{rate} {moq}: {reached} for {simulated}"
        );
    }
}

#[test]
fn work_does_not_grow_with_units() {
    // Ten thousand times the units, of the same shape: the levels are as many times as high.
    for capture in [0.0, 1.0] {
        let of = |scale: f64| {
            let protection = protection(8.0 * scale, 4.0 * scale, &leads(false), 7);
            let size = OrderSize {
                moq: 100.0 * scale,
                multiple: scale,
                whole_units: false,
            };
            level(&protection, &size, ServiceMeasure::Fill, 0.95, capture).units() / scale
        };
        let (small, large) = (of(100.0), of(1e6));
        assert!((small / large - 1.0).abs() < 0.01, "{small} {large}");
    }
}

#[test]
fn where_no_demand_is_expected_nothing_is_kept() {
    let protection = protection(0.0, 1.0, &leads(false), 7);
    for moq in [1.0, 24.0] {
        for capture in [0.0, 1.0] {
            let level = level(
                &protection,
                &size(moq, 1.0),
                ServiceMeasure::Fill,
                0.95,
                capture,
            );
            assert_eq!(level, Level::UpTo(0.0));
        }
    }
}
