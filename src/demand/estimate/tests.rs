//! The estimator on one series whose answer is known: a calculator is enough to follow each of these.

use super::estimate;
use crate::demand::{DemandModel, EXCLUDED, ORDINARY};
use crate::domain::{Availability, CalendarKind, Grain};
use crate::panel::small::{
    FIRST, Period, Shop, closed, on, open, period, sold_out, stocked, taking,
};

impl Shop {
    fn fit(&self) -> DemandModel {
        estimate(&self.panel(), &self.tables())
    }
}

#[track_caller]
fn near(got: f64, expected: f64, within: f64) {
    assert!((got - expected).abs() <= within, "{got} is not {expected}");
}

#[test]
fn a_steady_seller_has_the_level_that_it_sells_and_hides_nothing() {
    let found = Shop::of([open(5.0); 60]).fit();
    near(found.series[0].level, 5.0, 1e-12);
    for d in 0..7 {
        near(found.series[0].weekday[d], 1.0, 1e-12);
    }
    // Its own dispersion is none; 30 periods of the usual 1.5 stand beside its 60.
    near(found.series[0].dispersion, 1.5 * 30.0 / 90.0, 1e-9);
    near(found.series[0].exposure, 60.0, 1e-9);
    assert!(found.lost.iter().all(|lost| *lost == 0.0));
}

#[test]
fn thirty_units_in_the_ten_days_with_stock_of_thirty_are_three_a_day() {
    let days = (0..30).map(|t| if t % 3 == 0 { open(3.0) } else { closed() });
    let found = Shop::of(days).fit();
    near(found.series[0].level, 3.0, 1e-9);
    near(found.series[0].exposure, 10.0, 1e-9);
    // Each of the twenty closed days hid a day of it.
    near(found.lost.iter().sum(), 60.0, 1e-6);
    for (t, lost) in found.lost.iter().enumerate() {
        near(*lost, if t % 3 == 0 { 0.0 } else { 3.0 }, 1e-6);
    }
}

#[test]
fn days_that_are_not_listed_say_nothing_and_hide_nothing_and_unknown_ones_are_as_days_with_stock() {
    let kinds = [Availability::NotListed, Availability::Unknown];
    let days = (0..90).map(|t| {
        if t < 60 {
            period(kinds[usize::from(t >= 30)], if t < 30 { 0.0 } else { 4.0 })
        } else {
            open(4.0)
        }
    });
    let found = Shop::of(days).fit();
    near(found.series[0].level, 4.0, 1e-9);
    near(found.series[0].exposure, 60.0, 1e-9);
    assert!(found.lost.iter().all(|lost| *lost == 0.0));
}

#[test]
fn half_a_day_with_stock_is_half_a_day_of_demand() {
    let days = (0..40).map(|t| {
        if t % 2 == 0 {
            open(6.0)
        } else {
            stocked(0.5, 3.0)
        }
    });
    let found = Shop::of(days).fit();
    near(found.series[0].level, 6.0, 1e-9);
    for (t, lost) in found.lost.iter().enumerate() {
        near(*lost, if t % 2 == 0 { 0.0 } else { 3.0 }, 1e-6);
    }
    // Half as much exposure, whatever it weighs.
    near(found.series[0].exposure, 30.0, 1e-6);
}

/// Stock gone after a share τ of the day: E[S/τ] is S/(S − 1) times the rate. Units and time added up say the rate itself.
#[test]
fn the_time_to_sell_out_does_not_overstate_a_rate() {
    // Quantiles of the time in which three customers of twenty a day come: Gamma(3, 20).
    let law = crate::demand::law::GammaLaw::new(3.0, 1.0 / 20.0);
    let times: Vec<f64> = (0..140)
        .map(|k| law.quantile((f64::from(k) + 0.5) / 140.0))
        .collect();
    let mean_rate = times.iter().map(|t| 3.0 / t).sum::<f64>() / 140.0;
    near(mean_rate, 20.0 * 1.5, 1.0);
    // 53 has no factor in common with 140: no weekday and no part of the past has its own times.
    let days = (0..140).map(|t| stocked(times[t * 53 % 140] as f32, 3.0));
    let found = Shop::of(days).fit();
    near(found.series[0].level, 20.0, 1.0);
}

#[test]
fn a_day_that_sold_out_counts_with_what_must_be_expected_beyond_its_stock() {
    // Poisson in effect: a steady seller leaves no room for more. E[D | D ≥ 7] of a mean of 5 is 8.0743 (Conrad 1976).
    let days = (0..500).map(|t| if t == 250 { sold_out(7.0) } else { open(5.0) });
    let found = Shop::of(days).fit();
    assert!(found.series[0].dispersion < 1.0);
    near(found.lost[250], 1.0743, 0.05); // the day itself lifts its weekday and the level around it
    near(found.series[0].level, (499.0 * 5.0 + 8.0743) / 500.0, 0.02);
    // One unit sold of them: 5 ÷ (1 − e⁻⁵) − 1 left.
    let days = (0..500).map(|t| if t == 250 { sold_out(1.0) } else { open(5.0) });
    let found = Shop::of(days).fit();
    near(found.lost[250], 4.0339, 0.03);
    let band = (found.lost_p10[250], found.lost_p90[250]);
    assert_eq!(band, (1.0, 7.0)); // P(D ≤ 2 | D ≥ 1) = .119, P(D ≤ 8 | D ≥ 1) = .932
}

/// λ ← mean of what was seen and of what must be expected: 4.51731 in the published case, whose days here come again and again.
#[test]
fn days_that_sold_out_are_neither_sales_as_they_are_nor_left_out() {
    let (sold, out) = (
        [3.0, 5.0, 2.0, 4.0, 4.0, 6.0, 3.0, 2.0, 5.0, 4.0],
        [2, 4, 7],
    );
    // Seven and ten have no factor in common: weekdays are alike.
    let days = (0..700).map(|t| {
        if out.contains(&(t % 10)) {
            sold_out(sold[t % 10])
        } else {
            open(sold[t % 10])
        }
    });
    let level = Shop::of(days).fit().series[0].level;
    // 3.8 is the mean of all days, 4.2857 of those that did not sell out.
    near(level, 4.51731, 0.25);
}

#[test]
fn where_half_of_the_customers_wait_half_of_the_demand_shows() {
    // θ = (½ + 25) ÷ (1 + 5 · 10) = ½, and five orders a day at θ = ½ are ten customers.
    let days = (0..30).map(|t| match t {
        20..25 => taking(5.0),
        25.. => closed(),
        _ => open(10.0),
    });
    let shop = Shop {
        accepts_backorders: true,
        ..Shop::of(days)
    };
    let found = shop.fit();
    near(found.capture[0], 0.5, 1e-6);
    near(found.series[0].level, 10.0, 1e-5);
    let hidden: f64 = found.lost.iter().sum();
    near(hidden, 25.0 + 50.0, 1e-3);
    near(200.0 + 25.0 + hidden, 300.0, 1e-3);
}

/// As published, six orders a day of ten customers, θ is .6; here one customer known before, half of whom waited, stands beside the fifty.
#[test]
fn orders_that_were_taken_teach_the_share_of_customers_who_wait() {
    let days = (0..30).map(|t| match t {
        20..25 => taking(6.0),
        25.. => closed(),
        _ => open(10.0),
    });
    let shop = Shop {
        accepts_backorders: true,
        ..Shop::of(days)
    };
    let found = shop.fit();
    near(found.capture[0], (0.5 + 30.0) / (1.0 + 50.0), 0.015);
    near(found.series[0].level, 10.0, 0.3);
    near(found.lost[25..].iter().sum(), 50.0, 2.0);
    near(found.lost[20..25].iter().sum(), 20.8, 1.5);
}

#[test]
fn orders_taken_where_none_is_accepted_any_more_count_from_the_first_to_the_last() {
    let days = (0..60).map(|t| match t {
        20 | 24 => taking(5.0),
        21..24 => taking(5.0),
        40..45 => sold_out(0.0),
        _ => open(10.0),
    });
    let found = Shop::of(days).fit();
    // On days that accept nobody, nobody's wait is counted: all that is hidden is lost.
    near(found.lost[20..25].iter().sum(), 25.0, 0.5);
    near(found.lost[40..45].iter().sum(), 50.0, 0.5);
}

#[test]
fn a_promotion_has_a_factor_of_its_own_and_leaves_the_level_alone() {
    let promoted = |t: i32| (70..84).contains(&t);
    let days = (0..210).map(|t| open(if promoted(t) { 10.0 } else { 5.0 }));
    let shop = Shop {
        calendar: vec![on(CalendarKind::Promotion, "sale", 70, 83)],
        ..Shop::of(days)
    };
    let found = shop.fit();
    near(found.series[0].level, 5.0, 0.1);
    // Shrunk to none, and the series to its group.
    near(found.index(0, 1, FIRST, 1), 2.0, 0.2);
    near(found.index(0, ORDINARY, FIRST, 1), 1.0, 0.02);
    // Without the calendar it would be a part of the level.
    let unknown = Shop {
        calendar: Vec::new(),
        ..shop
    };
    assert!(unknown.fit().series[0].level > 5.1);
}

/// Whole units with this mean, and the seed after them.
fn poisson(seed: &mut u64, mean: f64) -> f64 {
    let mut uniform = || {
        *seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 11) as f64 / (1u64 << 53) as f64
    };
    let (mut units, mut left) = (0.0, uniform());
    while left > (-mean).exp() {
        left *= uniform();
        units += 1.0;
    }
    units
}

/// Six sales of five days, ten items of one category, and numbers that run on: nothing of the uplift is lost to the level, to what the days of a
/// category have in common, or to a prior.
#[test]
fn six_sales_of_ten_items_teach_their_uplift_whatever_their_numbers() {
    let mut off = Vec::new();
    for (rate, uplift) in [(1.0, 2.0), (3.0, 2.5), (3.0, 1.4), (8.0, 4.0)] {
        let begin = |k: i32| 40 + 60 * k;
        let sale = |t: i32| (0..6).any(|k| (begin(k)..begin(k) + 5).contains(&t));
        for seed in 0..4 {
            let mut seed = 77 + seed;
            let series = (0..10)
                .map(|_| {
                    let mean = |t: i32| if sale(t) { rate * uplift } else { rate };
                    (0..400)
                        .map(|t| open(poisson(&mut seed, mean(t))))
                        .collect()
                })
                .collect();
            let name = |k: i32| format!("bigsale {}", k + 1);
            let mut calendar: Vec<_> = (0..6)
                .map(|k| on(CalendarKind::Promotion, &name(k), begin(k), begin(k) + 4))
                .collect();
            calendar.push(on(CalendarKind::Promotion, "bigsale 7", 420, 424));
            let shop = Shop {
                calendar,
                series,
                ..Shop::of([])
            };
            let found = shop.fit();
            let all =
                (0..10).map(|i| found.index(i, 1, FIRST, 1) / found.index(i, ORDINARY, FIRST, 1));
            let mean = all.sum::<f64>() / 10.0;
            off.push(mean / uplift - 1.0);
            let chance = (1.0 / (300.0 * rate * uplift)).sqrt();
            assert!(
                (mean / uplift - 1.0).abs() < 0.02 + 3.0 * chance,
                "{rate} a day: {mean} for {uplift}"
            );
        }
    }
    let bias = off.iter().sum::<f64>() / off.len() as f64;
    assert!(bias.abs() < 0.02, "{bias}: {off:?}");
}

#[test]
fn days_that_the_calendar_excludes_say_nothing() {
    let days = (0..90).map(|t| open(if t == 45 { 400.0 } else { 5.0 }));
    let shop = Shop {
        calendar: vec![on(CalendarKind::Exclude, "", 45, 45)],
        ..Shop::of(days)
    };
    let found = shop.fit();
    near(found.series[0].level, 5.0, 1e-9);
    near(found.series[0].exposure, 89.0, 1e-9);
    near(found.index(0, EXCLUDED, FIRST, 1), 1.0, 1e-9);
}

#[test]
fn one_day_far_above_all_others_moves_the_level_by_no_more_than_its_cap() {
    let days = (0..200).map(|t| open(if t == 100 { 105.0 } else { 5.0 }));
    let found = Shop::of(days).fit();
    // As it is, it would add half a unit a day.
    let cap = 5.0 + 4.0 * (found.series[0].dispersion * 5.0).sqrt() + 1.0;
    assert!(found.series[0].level <= (199.0 * 5.0 + 1.3 * cap) / 200.0);
    assert!(found.series[0].level > 5.0);
    // It stays in the dispersion: 100² over 1,000 units expected.
    near(found.series[0].dispersion, 100.0 * 100.0 / 1000.0, 2.0);
}

#[test]
fn saturdays_that_sell_more_hide_more() {
    let days = (0..182).map(|t| match t {
        101 | 103 => closed(), // a Thursday and a Saturday
        _ => open(if t % 7 == 5 { 10.0 } else { 4.0 }),
    });
    let found = Shop::of(days).fit();
    near(found.lost[101], 4.0, 0.2);
    near(found.lost[103], 10.0, 1.2); // a weekday of its own is shrunk to the week
    let week = found.series[0].weekday;
    near(week[5] / week[0], 2.5, 0.35);
    near(week.iter().sum(), 7.0, 1e-9);
}

#[test]
fn the_level_moves_with_the_series() {
    let days = (0..300).map(|t| match t {
        60 | 240 => closed(),
        _ => open(if t < 150 { 4.0 } else { 8.0 }),
    });
    let found = Shop::of(days).fit();
    near(found.lost[60], 4.0, 0.4);
    near(found.lost[240], 8.0, 0.5);
    // The long run knows both.
    near(found.series[0].level, 6.0, 0.1);
}

#[test]
fn what_all_of_a_category_sell_on_one_day_is_hidden_from_the_one_that_was_closed() {
    let fair = 150;
    let mut series = vec![[open(5.0); 200].to_vec(); 40];
    for periods in &mut series {
        periods[fair] = open(15.0);
        periods[fair + 30] = open(5.0);
    }
    series[7][fair] = closed();
    series[7][fair + 30] = closed();
    let shop = Shop {
        series,
        ..Shop::of([])
    };
    let found = shop.fit();
    let at = |t: usize| 7 * 200 + t;
    // Nobody listed the day: its factor is shrunk, and the others' sales are cut at four standard deviations.
    assert!(found.lost[at(fair)] > 7.5, "{}", found.lost[at(fair)]);
    near(found.lost[at(fair + 30)], 5.0, 0.2);
    assert!(found.shared[0][fair] > 1.5);
    near(found.shared[0][fair - 1], 1.0, 0.02);
}

#[test]
fn a_week_is_one_period() {
    let weeks = (0..40).map(|t| if t == 20 { closed() } else { open(35.0) });
    let shop = Shop {
        grain: Grain::Week,
        ..Shop::of(weeks)
    };
    let found = shop.fit();
    near(found.series[0].level, 35.0, 1e-9);
    near(found.lost[20], 35.0, 1e-6);
    assert_eq!(found.series[0].weekday, [1.0; 7]);
}

#[test]
fn fractional_quantities_are_estimated_as_whole_ones_are() {
    let days = (0..60).map(|t| match t {
        30 => closed(),
        31 => stocked(0.25, 0.375),
        _ => open(1.5),
    });
    let shop = Shop {
        whole_units: false,
        ..Shop::of(days)
    };
    let found = shop.fit();
    near(found.series[0].level, 1.5, 1e-9);
    near(found.lost[30], 1.5, 1e-6);
    near(found.lost[31], 1.125, 1e-6);
}

/// Variance ψm + κm² of fractional quantities: found by a line of squared errors on the mean, all series together.
#[test]
fn chance_within_a_day_and_between_days_are_told_apart_in_fractional_quantities() {
    // A day is off its mean m by ±√(0.5·m + 0.04·m²), up and down by turns.
    let series: Vec<Vec<Period>> = (1..=30)
        .map(|i| {
            let mean = 2.0 * f64::from(i);
            let off = (0.5 * mean + 0.04 * mean * mean).sqrt();
            (0..210)
                .map(|t| open(mean + if t % 2 == i % 2 { off } else { -off }))
                .collect()
        })
        .collect();
    let shop = Shop {
        whole_units: false,
        series,
        ..Shop::of([])
    };
    let fit = shop.fit().series[10];
    near(fit.noise, 0.5, 0.1);
    near(fit.effect, 0.04, 0.01);
}

#[test]
fn closing_idle_days_raises_the_level_and_the_others_stay_as_they_are() {
    let idle = 100..120;
    let days = (0..200).map(|t| open(if idle.contains(&t) { 0.0 } else { 5.0 }));
    let mut shop = Shop::of(days);
    shop.series.push([open(3.0); 200].to_vec());
    let mut found = shop.fit();
    let before = found.clone();
    for t in idle.clone() {
        shop.series[0][t] = closed();
    }
    found.again(&shop.panel(), &shop.tables(), &[0]);
    assert!(found.series[0].level > before.series[0].level + 0.3);
    near(found.series[0].level, 5.0, 0.15);
    assert_eq!(found.series[1].level, before.series[1].level);
    assert!(found.lost[100..120].iter().all(|lost| *lost > 3.0));
    assert!(found.lost[..100].iter().all(|lost| *lost == 0.0));
    assert_eq!(found.capture, before.capture);
}
