use super::*;

fn past<'a>(
    evidence: &'a [Evidence],
    index: &'a [f64],
    class: &'a [u8],
    demand: &'a [f64],
    zero: &'a [f64],
) -> Past<'a> {
    Past {
        evidence,
        index,
        class,
        demand,
        hidden_variance: zero,
        level: 4.0,
        dispersion: 1.0,
        step: 1,
        whole_units: true,
    }
}

/// Each period fully seen.
fn seen(demand: &[f64]) -> Vec<Evidence> {
    let period = |&n: &f64| Evidence { n, e: 1.0, w: 1.0 };
    demand.iter().map(period).collect()
}

#[test]
fn a_constant_past_is_forecast_without_error() {
    let n = 120;
    let evidence = vec![
        Evidence {
            n: 4.0,
            e: 1.0,
            w: 1.0
        };
        n
    ];
    let (index, class, demand, zero) = (vec![1.0; n], vec![0u8; n], vec![4.0; n], vec![0.0; n]);
    let past = past(&evidence, &index, &class, &demand, &zero);
    let now = level_now(&past, 10, &[1.0 / 7.0; 7], &[0.0; 7]);
    assert!((now.level - 4.0).abs() < 1e-9);
    assert!(now.errors.own() < 1e-12);
}

#[test]
fn a_level_shift_is_followed_by_the_fast_discounts() {
    let n = 200;
    let demand: Vec<f64> = (0..n).map(|t| if t < 150 { 2.0 } else { 8.0 }).collect();
    let evidence = seen(&demand);
    let (index, class, zero) = (vec![1.0; n], vec![0u8; n], vec![0.0; n]);
    let past = past(&evidence, &index, &class, &demand, &zero);
    let stays = [0.0; 7];
    let w = weights(&score(&past, 10, &stays), &[1.0 / 7.0; 7], 10);
    assert!(level_now(&past, 10, &w, &stays).level > 7.0, "{w:?}");
}

#[test]
fn what_begins_to_sell_after_months_on_the_shelf_is_planned_at_what_it_sells() {
    for before in [0.0, 0.25] {
        let n = 176;
        let demand: Vec<f64> = (0..n)
            .map(|t| match t {
                148.. => 10.0,
                t => f64::from(t % 4 == 0) * 4.0 * before,
            })
            .collect();
        let evidence = seen(&demand);
        let (index, class, zero) = (vec![1.0; n], vec![0u8; n], vec![0.0; n]);
        let past = Past {
            level: demand.iter().sum::<f64>() / n as f64,
            ..past(&evidence, &index, &class, &demand, &zero)
        };
        // What the weeks before said about discounts and returns is nothing either way.
        let shares = returned(&past, 21).map(|[cross, squares]| cross / (squares + 10.0));
        assert!(shares.iter().all(|s| *s < 0.5), "{shares:?}");
        let stays = [0.0; 7];
        let w = weights(&score(&past, 21, &stays), &[1.0 / 7.0; 7], 21);
        let level = level_now(&past, 21, &w, &stays).level;
        assert!(level > 6.0, "{before}: {level} {w:?}");
    }
}

#[test]
fn the_share_that_comes_back_is_that_of_the_past() {
    // Demand leaves its usual 10 for a week every two months: what a fast level follows is gone within the next twenty days.
    let n = 720;
    let demand: Vec<f64> = (0..n)
        .map(|t| if t % 60 < 7 { 30.0 } else { 10.0 })
        .collect();
    let evidence = seen(&demand);
    let (index, class, zero) = (vec![1.0; n], vec![0u8; n], vec![0.0; n]);
    let past = past(&evidence, &index, &class, &demand, &zero);
    let sums = returned(&past, 20);
    let shares = sums.map(|[cross, squares]| cross / squares);
    assert!(shares[0] > 0.7, "{shares:?}");
    // A level that stays where it went does not come back.
    let steps: Vec<f64> = (0..n).map(|t| 10.0 + (t / 240) as f64 * 10.0).collect();
    let evidence = seen(&steps);
    let past = self::past(&evidence, &index, &class, &steps, &zero);
    let shares = returned(&past, 20).map(|[cross, squares]| cross / squares);
    assert!(shares[0] < 0.1, "{shares:?}");
}

#[test]
fn a_level_is_advanced_by_hand() {
    let mut levels = [[12.0, 3.0]; OMEGAS.len()];
    let evidence = [Evidence {
        n: 30.0,
        e: 1.0,
        w: 0.5,
    }];
    let one = [1.0];
    let past = past(&evidence, &one, &[0], &one, &one);
    advance(&mut levels, &past, 0);
    // 30 is cut at 4 + 4·√4 + 1 = 13.
    assert!((levels[0][0] - (0.85 * 12.0 + 0.5 * 13.0)).abs() < 1e-12);
    assert!((levels[0][1] - (0.85 * 3.0 + 0.5)).abs() < 1e-12);
    assert!((levels[6][0] - (0.999 * 12.0 + 0.5 * 13.0)).abs() < 1e-12);
    // Of fractional quantities at 4 + 8 + φ.
    let kg = Past {
        whole_units: false,
        dispersion: 2.25,
        ..past
    };
    let mut levels = [[12.0, 3.0]; OMEGAS.len()];
    advance(&mut levels, &kg, 0);
    assert!((levels[0][0] - (0.85 * 12.0 + 0.5 * (4.0 + 12.0 + 2.25))).abs() < 1e-12);
    // A closed period says nothing.
    let closed = [Evidence::default()];
    let nothing = Past {
        evidence: &closed,
        ..past
    };
    let mut levels = [[12.0, 3.0]; OMEGAS.len()];
    advance(&mut levels, &nothing, 0);
    assert!((levels[0][0] / levels[0][1] - 4.0).abs() < 1e-12);
}

#[test]
fn an_origin_is_given_the_interval_after_it_and_what_had_passed_before() {
    // 1, 2, 3, …: the interval of three after period t sums to 3·t + 9, its hidden variance to 3.
    let n = 40;
    let demand: Vec<f64> = (1..=n).map(f64::from).collect();
    let evidence = seen(&demand);
    let (index, class, one) = (vec![0.5; 40], vec![0u8; 40], vec![1.0; 40]);
    let past = past(&evidence, &index, &class, &demand, &one);
    let mut all = Vec::new();
    origins(&past, 3, Until::Over, |w, d, v, i, _| {
        all.push((w, d, v, i))
    });
    // Every third period from the end, none before the fifteenth or with an interval that is not over.
    let expected: Vec<i32> = (14..37).filter(|t| (40 - t) % 3 == 0).collect();
    assert_eq!(all.len(), expected.len());
    for ((weight, demand, variance, index), t) in all.into_iter().zip(expected) {
        assert!(
            (demand - f64::from(3 * t + 9)).abs() < 1e-9,
            "{t}: {demand}"
        );
        assert!((variance - 3.0).abs() < 1e-9 && (index - 1.5).abs() < 1e-9);
        assert!((weight - 0.5f64.powf(f64::from(40 - t) / 180.0)).abs() < 1e-12);
    }
    // Until now: the last origin has seen two of its three periods.
    let mut last = (0.0, 0.0);
    origins(&past, 3, Until::Now, |w, d, _, _, _| last = (w, d));
    assert!((last.1 - (39.0 + 40.0)).abs() < 1e-9, "{last:?}");
    assert!((last.0 - 2.0 / 3.0 * 0.5f64.powf(3.0 / 180.0)).abs() < 1e-12);
    // An interval with an excluded period is none.
    let mut class = class.clone();
    class[30] = EXCLUDED;
    let past = Past {
        class: &class,
        ..past
    };
    let mut seen = Vec::new();
    origins(&past, 3, Until::Over, |_, d, _, _, _| {
        seen.push(((d - 9.0) / 3.0).round() as i32)
    });
    assert!(
        seen.contains(&25) && seen.contains(&31) && !seen.contains(&28),
        "{seen:?}"
    );
}

#[test]
fn each_discount_s_forecast_is_drawn_to_the_slowest_s() {
    let mut levels = [[10.0, 1.0]; OMEGAS.len()];
    levels[6] = [8.0, 2.0];
    let mut returns = [0.0; OMEGAS.len()];
    returns[1] = 0.25;
    let all = forecasts(&levels, &returns, 3.0);
    assert_eq!(
        (all[0], all[1], all[6]),
        (30.0, 3.0 * (10.0 - 0.25 * 6.0), 12.0)
    );
}

#[test]
fn demand_that_no_level_foresaw_counts_in_inverse_proportion() {
    let one = [1.0];
    let evidence = seen(&one);
    let past = past(&evidence, &one, &[0], &one, &one);
    let of = |demand: f64, means: f64| foreseen(&past, demand, &[means; OMEGAS.len()]);
    assert_eq!(of(100.0, 100.0), 1.0);
    assert_eq!(of(140.0, 100.0), 1.0);
    assert!((of(180.0, 100.0) - 0.5).abs() < 1e-12);
    assert!((of(20.0, 100.0) - 0.5).abs() < 1e-12);
    assert_eq!(of(5.0, 0.0), 0.0);
    // The best of them is asked.
    let mut means = [100.0; OMEGAS.len()];
    means[3] = 180.0;
    assert_eq!(foreseen(&past, 180.0, &means), 1.0);
}

#[test]
fn weights_are_the_prior_times_the_tempered_likelihood() {
    let mut scores = [0.0; OMEGAS.len()];
    scores[0] = 2.0;
    let prior = [1.0 / 7.0; OMEGAS.len()];
    // τ = min(3/h, .3)
    for (horizon, tau) in [(30, 0.1_f64), (10, 0.3), (1, 0.3)] {
        let w = weights(&scores, &prior, horizon);
        assert!(
            (w[0] / w[1] - f64::exp(2.0 * tau)).abs() < 1e-9,
            "{horizon}"
        );
        assert!((w.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
    let none = [0.0; OMEGAS.len()];
    assert_eq!(weights(&scores, &none, 10), none);
}

/// Alternately 2 and 6 a day with a level that hardly moves: intervals of three are 10 or 14 where 12 is expected.
#[test]
fn the_errors_of_intervals_are_those_of_the_past() {
    let n = 600;
    let demand: Vec<f64> = (0..n).map(|t| if t % 2 == 0 { 2.0 } else { 6.0 }).collect();
    let evidence = seen(&demand);
    let (index, class, known) = (vec![1.0; n], vec![0u8; n], vec![0.5; n]);
    let past = past(&evidence, &index, &class, &demand, &known);
    let mut slowest = [0.0; OMEGAS.len()];
    slowest[6] = 1.0;
    let now = level_now(&past, 3, &slowest, &[0.0; OMEGAS.len()]);
    assert!((now.level - 4.0).abs() < 0.05);
    // 2² and three hidden variances of .5, over 12.
    assert!(
        (now.errors.own() - 5.5 / 12.0).abs() < 0.01,
        "{:?}",
        now.errors
    );
    assert!((now.errors.means / now.errors.count - 12.0).abs() < 0.1);
    // Every third of the last 600 with a half-life of 180 days: (1/3)·180 ÷ ln 2, less what is older than 600.
    assert!(
        (now.errors.count - 77.0).abs() < 3.0,
        "{}",
        now.errors.count
    );
    // Units behind a level of discount .999 after 600 periods: about 451 periods of 4 each.
    assert!(
        (now.evidence - 4.0 * (451.0 + 3.0 * 0.55)).abs() < 30.0,
        "{}",
        now.evidence
    );
    // Windows of thirty overlap by nine tenths.
    let wide = level_now(&past, 30, &slowest, &[0.0; OMEGAS.len()]);
    assert!((wide.errors.count / now.errors.count - 0.1).abs() < 0.02);
}
