//! Numbers from books, papers and independent computation that the functions which plan must reproduce, to the digits that were printed.
//!
//! What a plan never decides (the cost of a policy, a continuous review) is worked out here from the laws that it plans with. Of the
//! worked examples of one series, those that the estimator must reproduce stand beside it (`src/demand/estimate/tests.rs`).

use restock::demand::capture::{self, CapturePrior};
use restock::demand::censored::{Observation, normal_em};
use restock::demand::exposure::ExposedDay;
use restock::demand::hidden::{self, PeriodLaw};
use restock::domain::ServiceMeasure;
use restock::forecast::LeadTime;
use restock::forecast::distribution::Demand;
use restock::policy::look_through::{OpenOrder, PoolDemand, Supply, project, simulate};
use restock::policy::protection::{Interval, Pace, Protection};
use restock::policy::{lot, textbook};
use restock::supply::allocate::{Claim, allocate};
use restock::supply::lots::{self, Lot};
use restock::supply::promise::Promisable;
use restock::supply::share;

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

/// How far from zero a gamma law is as good as normal, in standard deviations: its skewness is 2 ÷ this.
const FAR: f64 = 3e4;

/// Normal demand, the books' law, as the law of fractional quantities that lies `far` units to the right: P(D ≤ x) and all losses are those of
/// x + far, to five digits.
struct Normal {
    far: f64,
    sd: f64,
}

impl Normal {
    fn of(sd: f64) -> Self {
        Self { far: FAR * sd, sd }
    }

    fn law(&self, mean: f64) -> Demand {
        Demand::Gamma {
            mean: self.far + mean,
            variance: self.sd * self.sd,
        }
    }

    /// Demand of this mean over the lead time, and a certain quantity more until the next order arrives: what a lot of that size covers, whenever
    /// it is ordered. So E[(D_{L+R} − S)⁺] = n(S − lot), and the fill of periodic review is that of a reorder point S − lot.
    fn with_lot(&self, mean: f64, lot: f64) -> Protection {
        one(self.law(mean), self.law(mean + lot))
    }

    fn cycle(&self, mean: f64, level: f64) -> f64 {
        one(Demand::Zero, self.law(mean)).cycle(self.far + level)
    }
}

fn one(lead: Demand, whole: Demand) -> Protection {
    Protection {
        intervals: vec![Interval {
            weight: 1.0,
            periods: 0,
            lead,
            whole,
        }],
        pace: Pace::default(),
        review: 1,
    }
}

/// The least level with this probability of no stockout.
fn level(demand: Demand, target: f64) -> f64 {
    one(Demand::Zero, demand).level(ServiceMeasure::Cycle, target)
}

/// That a service which grows reaches `target` at the printed level, give or take half a unit of its last digit.
#[track_caller]
fn reached_at(printed: &str, target: f64, service: impl Fn(f64) -> f64) {
    let digits = printed.split_once('.').map_or(0, |(_, d)| d.len() as i32);
    let at: f64 = printed.parse().expect("a number");
    let half = 0.5 * 10_f64.powi(-digits);
    let (below, above) = (service(at - half), service(at + half));
    assert!(
        below < target && target <= above,
        "{printed}: {below} to {above}, not {target}"
    );
}

/// Snyder & Shen (2019), as in the documentation of stockpyl.
#[test]
fn case_01_loss_functions() {
    let normal = Normal::of(8.0);
    let loss = normal.law(50.0).tails(normal.far + 50.0 + 1.3 * 8.0).loss / 8.0;
    printed(loss, "0.0455");
    printed(Demand::Poisson { mean: 15.0 }.loss(18.0), "0.5176095283");
    let gamma = Demand::Gamma {
        mean: 2.0 * 3.0,
        variance: 2.0 * 9.0,
    };
    printed(gamma.loss(4.0), "2.6359713812");
}

/// A level's cost: `holding` per unit left over and `short` per unit that is missing.
fn cost(demand: &Demand, holding: f64, short: f64, level: f64) -> f64 {
    holding * (level - demand.mean()) + (holding + short) * demand.loss(level)
}

/// Snyder & Shen (2019), as in the documentation of stockpyl: the level of the critical ratio costs least.
#[test]
fn case_02_newsvendor() {
    let (holding, short) = (0.18, 0.70);
    let ratio = short / (holding + short);
    let poisson = Demand::Poisson { mean: 50.0 };
    let best = one(Demand::Zero, poisson.clone()).level(ServiceMeasure::Cost, ratio);
    assert_eq!(best, 56.0);
    printed(cost(&poisson, holding, short, best), "1.7972352");

    let normal = Normal::of(8.0);
    reached_at("56.604", ratio, |level| normal.cycle(50.0, level));
    let law = normal.law(50.0);
    printed(cost(&law, holding, short, normal.far + 56.6039559), "1.998");
}

/// Costs of an (r, Q) policy with whole lots per unit of time: K·λ per lot and g(y) at each position r + 1..=r + Q.
fn lot_cost(order: f64, g: impl Fn(f64) -> f64, point: u32, lot: u32) -> f64 {
    let held: f64 = (1..=lot).map(|i| g(f64::from(point + i))).sum();
    (order + held) / f64::from(lot)
}

/// Snyder & Shen (2019), as in the documentation of stockpyl.
#[test]
fn case_05_reorder_point_poisson() {
    let demand = Demand::Poisson { mean: 1.5 * 2.0 };
    let g = |y| cost(&demand, 20.0, 150.0, y);
    let policies = (0..10).flat_map(|point| (1..15).map(move |lot| (point, lot)));
    let all = policies.map(|(point, lot)| (lot_cost(100.0 * 1.5, g, point, lot), point, lot));
    let (least, point, lot) = all.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    assert_eq!((point, lot), (3, 5));
    printed(least, "107.9235806");
}

/// Zheng & Federgruen (1991); Snyder & Shen (2019).
#[test]
fn case_06_min_max_poisson() {
    let demand = Demand::Poisson { mean: 6.0 };
    let exactly = |n: usize| demand.tails(n as f64).cdf - demand.tails(n as f64 - 1.0).cdf;
    let none = exactly(0);
    // m(j): expected visits to the position S − j between two orders.
    let mut visits = vec![1.0 / (1.0 - none)];
    for j in 1..20 {
        let sum: f64 = (1..=j).map(|l| exactly(l) * visits[j - l]).sum();
        visits.push(sum / (1.0 - none));
    }
    let cost_of = |s: usize, up_to: usize| {
        let cycle = || visits[..up_to - s].iter().enumerate();
        let held: f64 = cycle()
            .map(|(j, m)| m * cost(&demand, 1.0, 4.0, (up_to - j) as f64))
            .sum();
        (5.0 + held) / cycle().map(|c| c.1).sum::<f64>()
    };
    let policies = (0..12).flat_map(|s| (s + 1..18).map(move |up_to| (s, up_to)));
    let all = policies.map(|(s, up_to)| (cost_of(s, up_to), s, up_to));
    let (least, s, up_to) = all.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    assert_eq!((s, up_to), (4, 10));
    printed(least, "8.0341116");
}

/// Demand over a lead time of two points with that mean and standard deviation; units a day have mean `daily` and standard deviation `sd`.
fn over_random_lead_time(daily: f64, sd: f64, days: f64, days_sd: f64) -> Protection {
    let point = |days: f64| Interval {
        weight: 0.5,
        periods: 0,
        lead: Demand::Zero,
        whole: Demand::Gamma {
            mean: daily * days,
            variance: sd * sd * days,
        },
    };
    Protection {
        intervals: vec![point(days - days_sd), point(days + days_sd)],
        pace: Pace::default(),
        review: 1,
    }
}

/// Hadley & Whitin (1963): L·σ² + d²·σ_L².
#[test]
fn case_07_random_lead_time() {
    let over = over_random_lead_time(100.0, 22.0, 12.0, 3.0);
    assert!((over.mean() - 1200.0).abs() < 1e-9);
    printed(over.variance().sqrt(), "309.5287");

    let over = over_random_lead_time(50.0, 5.0, 6.0, 2.0);
    let (mean, variance) = (over.mean(), over.variance());
    let normal = Normal::of(variance.sqrt());
    reached_at("429.11", 0.90, |level| normal.cycle(mean, level));
    let gamma = one(Demand::Zero, Demand::Gamma { mean, variance });
    reached_at("434.17", 0.90, |level| gamma.cycle(level));
    // Fractional levels are looked for to a ten-thousandth of the mean.
    let found = gamma.level(ServiceMeasure::Cycle, 0.90);
    assert!((434.165..434.175 + 1e-4 * mean).contains(&found), "{found}");
    let counts = Demand::NegativeBinomial { mean, variance };
    assert_eq!(level(counts, 0.90), 434.0);
    // What forgetting the lead time's variance would give.
    assert_eq!(level(Demand::Poisson { mean }, 0.90), 322.0);
}

/// SAP, course on safety stock planning: the method `textbook`.
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
    let (mean, lot) = (100.0, 100.0);
    let normal = Normal::of(25.0);
    reached_at("151.34", 0.98, |level| normal.cycle(mean, level));
    let fill = |point: f64| normal.with_lot(mean, lot).fill(normal.far + point + lot);
    printed(fill(151.34), "0.99816");
    reached_at("125.53", 0.98, fill);
}

/// Silver, Pyke & Thomas (2017).
#[test]
fn case_10_fill_rate_of_a_reorder_point() {
    let normal = Normal::of(11.4);
    let fill = |point: f64| {
        normal
            .with_lot(50.0, 200.0)
            .fill(normal.far + point + 200.0)
    };
    reached_at("56.56", 0.99, fill);
    assert!(fill(56.0) < 0.99 && fill(57.0) >= 0.99);
}

#[test]
fn case_11_exact_fill_of_a_small_lot() {
    let normal = Normal::of(25.0);
    let protection = normal.with_lot(100.0, 15.0);
    let level = normal.far + 125.53 + 15.0;
    printed(protection.fill(level), "0.9035");
    // What forgetting the units that were short before would give.
    let short = protection.intervals[0].whole.loss(level);
    printed(1.0 - short / 15.0, "0.8667");
}

#[test]
fn case_12_negative_binomial_lead_time() {
    let (mean, variance) = (20.0, 50.0);
    let lead_time = Demand::NegativeBinomial { mean, variance };
    assert_eq!(level(lead_time.clone(), 0.95), 33.0);
    assert_eq!(level(lead_time.clone(), 0.98), 37.0);
    let fill = |point: f64| 1.0 - (lead_time.loss(point) - lead_time.loss(point + 40.0)) / 40.0;
    printed(fill(27.0), "0.98141");
    printed(fill(26.0), "0.97709");
    let normal = Normal::of(variance.sqrt());
    reached_at("31.63", 0.95, |level| normal.cycle(mean, level));
    assert_eq!(level(Demand::Poisson { mean }, 0.95), 28.0);
}

fn sales(values: &[(f64, bool)]) -> Vec<Observation> {
    values
        .iter()
        .map(|&(value, censored)| Observation { value, censored })
        .collect()
}

/// Conrad (1976): the rate that is the mean of what was seen and, of the days that sold out, of what must be expected.
#[test]
fn case_15_censored_poisson() {
    let (seen, sold_out) = ([3.0, 5.0, 4.0, 6.0, 3.0, 5.0, 4.0], [2.0, 4.0, 2.0]);
    let mut rate = 1.0;
    for _ in 0..500 {
        let law = PeriodLaw {
            mean: rate,
            noise: 1.0,
            effect: 0.0,
            whole: true,
        };
        let lost = |q: &f64| hidden::censored_mean(&law, *q, 0.0, 0.0);
        let all: f64 = sold_out.iter().map(|q| q + lost(q)).sum();
        rate = (seen.iter().sum::<f64>() + all) / 10.0;
    }
    printed(rate, "4.51731");
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
    let accepting = ExposedDay {
        sold: 0.0,
        backordered: 6.0,
        exposure: 0.0,
        capture: 0.0,
        mean: 10.0,
        size: f64::INFINITY,
    };
    let none = CapturePrior {
        taken: 0.0,
        refused: 0.0,
    };
    let captured = capture::estimate(&[accepting; 5], none).unwrap();
    printed(captured, "0.6");
    let law = PeriodLaw {
        mean: 10.0,
        noise: 1.0,
        effect: 0.0,
        whole: true,
    };
    let on_accepting = 5.0 * hidden::exposed(&law, 0.0, 0.0, 6.0, captured, 1.0).mean;
    let on_closed = 5.0 * hidden::exposed(&law, 0.0, 0.0, 0.0, 0.0, 1.0).mean;
    printed(on_accepting, "20.000000");
    printed(on_closed, "50.000000");
    printed(200.0 + 30.0 + on_accepting + on_closed, "300.000000");
}

/// Five units a day for certain, all of whom leave when there is nothing.
fn five_a_day() -> PoolDemand {
    PoolDemand {
        mean: vec![5.0; 20],
        dispersion: 1e-9,
        level_variance: 0.0,
        capture: 0.0,
        whole_units: false,
    }
}

/// Inventory Planner, help on "sells out in": 5 a day, 10 on hand, 20 on order. It counts the 5 days of waiting from the day the shelf
/// is empty: 2 + 5 + 4 = 11. A receipt 5 days from today is sold by day 9.
#[test]
fn case_18_first_stockout() {
    let with_receipt_after = |days: i32| Supply {
        net_stock: 10.0,
        open_orders: vec![OpenOrder {
            units: 20.0,
            arrival: LeadTime::fixed(days),
            key: 1,
        }],
        lead_time: LeadTime::fixed(14),
        next_lead_time: LeadTime::fixed(14),
        review: 1,
    };
    // Days after which the shelf is empty, each the first of its spell.
    let sold_out = |days: i32| -> Vec<usize> {
        let stock = project(&five_a_day(), &with_receipt_after(days), 0.0, 14, 1);
        let empty = |t: usize| stock[t][0] < 0.1;
        (0..14)
            .filter(|&t| empty(t) && (t == 0 || !empty(t - 1)))
            .map(|t| t + 1)
            .collect()
    };
    assert_eq!(sold_out(2 + 5), [2, 11]);
    assert_eq!(sold_out(5), [2, 9]);
    // Days 3 to 7 and 12 to 14 sell nothing.
    let lost = simulate(&five_a_day(), &with_receipt_after(2 + 5), 1).lost_before;
    assert!((lost - (5.0 * 5.0 + 3.0 * 5.0)).abs() < 0.05, "{lost}");
}

/// A pack that a need of 130 does not fill.
#[test]
fn case_19_packs() {
    assert_eq!(
        lot::round_order(110.0 - (0.0 + 80.0 - 100.0), 0.0, 24.0),
        144.0
    );
}

/// The published shares make all stocks last 9.667 days. Where customers differ in their number only, one day's demand being the same
/// law on another scale, that is where the next unit is as likely to be sold everywhere.
#[test]
fn case_21_fair_share() {
    let (stock, daily) = ([50.0, 100.0, 75.0], [10.0, 50.0, 15.0]);
    let until_the_next_receipt = |daily: f64| Demand::Gamma {
        mean: 12.0 * daily,
        variance: (4.0 * daily).powi(2),
    };
    let claims = |lot: f64| -> Vec<Claim> {
        let claim = |i: usize| Claim {
            value: 1.0,
            owed: 0.0,
            rank: 1.0,
            have: stock[i],
            wanted: 1000.0,
            lot,
            demand: until_the_next_receipt(daily[i]),
        };
        (0..3).map(claim).collect()
    };
    let given = allocate(500.0, &claims(1.0));
    assert_eq!(given, [47.0, 383.0, 70.0]);
    for i in 0..3 {
        let days = (stock[i] + given[i]) / daily[i];
        assert!((days - 9.667).abs() * daily[i] < 1.0, "{days}");
    }
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
    let promised = [(1, 50.0), (2, 30.0), (3, 25.0), (4, 10.0)];
    let receipts = [vec![(2, 80.0), (4, 60.0)]];
    let promisable = Promisable::new(40.0, &receipts, &promised, 4);
    let units = [1, 2, 3, 4].map(|day| promisable.units(day, 0.5));
    assert_eq!(units, [-10.0, 15.0, 15.0, 65.0]);
}

/// Eppen (1979): four channels of their own, and the same four from one stock.
#[test]
fn case_24_pooling() {
    let service = 0.950_015_094_460_879; // of z = 1.645
    let (apart, pooled) = (Normal::of(10.0), Normal::of(20.0));
    reached_at("65.8", service, |stock| apart.cycle(0.0, stock / 4.0));
    reached_at("32.9", service, |stock| pooled.cycle(0.0, stock));
}

#[test]
fn case_25_budget() {
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
