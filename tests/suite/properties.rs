//! What must hold whatever the numbers.

use proptest::prelude::*;

use restock::demand::censored::{self, SoldOutDay};
use restock::demand::hidden::{self, PeriodLaw};
use restock::demand::law::{Counts, GammaLaw};
use restock::domain::ServiceMeasure;
use restock::forecast::LeadTime;
use restock::forecast::distribution::Demand;
use restock::policy::look_through::{OpenOrder, PoolDemand, Supply, project, simulate};
use restock::policy::lot::round_order;
use restock::policy::protection::{Interval, Pace, Protection};
use restock::supply::allocate::{Claim, allocate};
use restock::supply::lots::{self, Lot};
use restock::supply::promise::Promisable;
use restock::supply::share;

fn demand() -> impl Strategy<Value = Demand> {
    let mean = prop_oneof![0.001..1.0, 1.0..50.0, 50.0..5000.0];
    (mean, 0.0..6.0, 0..3u8).prop_map(|(mean, spread, kind)| {
        let variance = mean * f64::exp(spread);
        match kind {
            0 => Demand::Poisson { mean },
            1 => Demand::moment_matched(mean, variance, true),
            _ => Demand::moment_matched(mean, variance, false),
        }
    })
}

/// Demand up to the arrival of an order and of the next, lead times mixed.
fn protection() -> impl Strategy<Value = Protection> {
    let lead_times = prop::collection::vec((0.1..1.0, 0.0..60.0), 1..4);
    (0.01..40.0, 1.0..5.0, lead_times, 1.0..30.0, any::<bool>()).prop_map(
        |(daily, spread, lead_times, review, whole)| {
            let over =
                |days: f64| Demand::moment_matched(daily * days, spread * daily * days, whole);
            let total: f64 = lead_times.iter().map(|l| l.0).sum();
            let interval = |&(weight, days): &(f64, f64)| Interval {
                weight: weight / total,
                periods: days as usize,
                lead: over(days),
                whole: over(days + review),
            };
            Protection {
                intervals: lead_times.iter().map(interval).collect(),
                pace: Pace {
                    mean: daily,
                    dispersion: spread,
                    level_variance: 0.0,
                    whole_units: whole,
                },
                review: review as usize,
            }
        },
    )
}

fn anything() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(0.0),
        Just(-1.0),
        Just(1e-300),
        Just(1e300),
        (-30.0..30.0).prop_map(|e| f64::powf(10.0, e)),
        0.0..100.0,
    ]
}

fn counts() -> impl Strategy<Value = Counts> {
    let mean = prop_oneof![0.01..1.0, 1.0..50.0, 50.0..3000.0];
    let size = prop_oneof![Just(f64::INFINITY), 0.05..1.0, 1.0..200.0];
    (mean, size).prop_map(|(mean, size)| Counts::negative_binomial(mean, size))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 192,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever is asked of whatever law, an answer comes, and it is a number where the question is.
    #[test]
    fn nothing_panics_or_hangs(
        (mean, variance, x) in (anything(), anything(), anything()),
        p in prop_oneof![0.0..1.0, anything()],
    ) {
        let laws = [
            Demand::Poisson { mean },
            Demand::NegativeBinomial { mean, variance },
            Demand::Gamma { mean, variance },
            Demand::moment_matched(mean, variance, true),
            Demand::moment_matched(mean, variance, false),
        ];
        for law in &laws {
            let tails = law.tails(x);
            if x.is_finite() {
                prop_assert!((0.0..=1.0).contains(&tails.cdf) && (0.0..=1.0).contains(&tails.sf));
                prop_assert!(tails.loss >= 0.0);
            }
            let one = Protection {
                intervals: vec![Interval { weight: 1.0, periods: 0, lead: Demand::Zero, whole: law.clone() }],
                pace: Pace::default(),
                review: 1,
            };
            for measure in [ServiceMeasure::Fill, ServiceMeasure::Cycle] {
                prop_assert!(one.level(measure, p) >= 0.0);
            }
        }
        let counts = Counts::matched(mean, variance);
        let expected = censored::mean_at_least(&counts, x);
        if x.abs() < 1e15 {
            prop_assert!(expected >= x - 1e-6);
        }
        if x.abs() < 1e6 {
            censored::hidden_quantiles(&counts, x, [p]);
        }
        round_order(mean, variance, x);
    }

    #[test]
    fn loss_falls_and_is_convex(demand in demand(), at in 0.0..3.0, step in 0.01..2.0) {
        let x = at * demand.mean();
        let h = step * demand.variance().sqrt();
        let [a, b, c] = [x, x + h, x + 2.0 * h].map(|x| demand.loss(x));
        let rounding = 1e-9 * (1.0 + a);
        prop_assert!(a + rounding >= b && b + rounding >= c && c >= 0.0);
        prop_assert!(a - b + rounding >= b - c, "{a} {b} {c}");
        // It falls by at most a unit a unit, and not below what the mean leaves short.
        prop_assert!(a - b <= h + rounding);
        prop_assert!(a + rounding >= demand.mean() - x);
    }

    #[test]
    fn the_two_tails_are_everything(demand in demand(), at in 0.0..4.0) {
        let tails = demand.tails(at * demand.mean());
        prop_assert!((tails.cdf + tails.sf - 1.0).abs() < 1e-11);
        prop_assert!((0.0..=1.0).contains(&tails.cdf) && (0.0..=1.0).contains(&tails.sf));
    }

    #[test]
    fn a_quantile_is_the_smallest_level_that_reaches_it(demand in demand(), p in 0.001..0.9999) {
        let level = demand.quantile(p);
        let reached = |level: f64| demand.tails(level).cdf;
        // A gamma law of a tiny shape has its low quantiles below the smallest float.
        prop_assert!(reached(level) >= p - 1e-9 || level.abs() < 1e-300);
        let below = if demand.whole_units() { 1.0 } else { 1e-6 * (1.0 + level.abs()) };
        if demand.whole_units() {
            prop_assert_eq!(level, level.round());
        }
        if level > 0.0 {
            prop_assert!(reached(level - below) < p);
        }
        prop_assert!(demand.quantile((p + 1.0) / 2.0) >= level);
    }

    #[test]
    fn a_level_is_the_least_that_serves_as_asked(
        protection in protection(),
        (at, target) in (0.0..2.0, 0.5..0.999),
    ) {
        let whole = protection.intervals.iter().all(|i| i.whole.whole_units());
        let mean = protection.mean();
        for measure in [ServiceMeasure::Fill, ServiceMeasure::Cycle] {
            let service = |level: f64| match measure {
                ServiceMeasure::Fill => protection.fill(level),
                _ => protection.cycle(level),
            };
            let level = f64::floor(at * mean);
            prop_assert!((0.0..=1.0 + 1e-9).contains(&service(level)));
            prop_assert!(service(level + 1.0) >= service(level) - 1e-12);

            let least = protection.level(measure, target);
            prop_assert!(service(least) >= target - 1e-9);
            // Fractional levels are looked for to a ten-thousandth of the mean.
            let below = if whole { 1.0 } else { 1.01e-4 * mean.max(1e-3) };
            prop_assert!(least == 0.0 || service(least - below) < target);
            prop_assert!(protection.level(measure, target + (1.0 - target) / 2.0) >= least);
        }
    }

    /// The share of units served at once is at least that of the cycles in which all are, whatever was short before.
    #[test]
    fn a_cycle_without_stockout_serves_everybody(protection in protection(), at in 0.0..3.0) {
        let level = f64::floor(at * protection.mean());
        let lead = |i: &Interval| i.weight * i.lead.tails(level).cdf;
        let always_there: f64 = protection.intervals.iter().map(lead).sum();
        prop_assert!(protection.cycle(level) <= always_there + 1e-9);
        if protection.cycle(level) > 1.0 - 1e-12 {
            prop_assert!(protection.fill(level) > 1.0 - 1e-6);
        }
    }

    /// A higher target or a longer or more variable lead time never lowers a cycle level above the mean.
    #[test]
    fn levels_grow_with_risk(
        daily in 0.05..40.0,
        (days, more_days) in (1.0..60.0, 0.0..30.0),
        (spread, more_spread) in (1.0..5.0, 0.0..5.0),
        target in 0.9..0.999,
        whole in any::<bool>(),
    ) {
        let level = |days: f64, spread: f64, target: f64| {
            let whole = Demand::moment_matched(daily * days, spread * daily * days, whole);
            let lead = Demand::Zero;
            let one = Protection {
                intervals: vec![Interval { weight: 1.0, periods: 0, lead, whole }],
                pace: Pace::default(),
                review: 1,
            };
            one.level(ServiceMeasure::Cycle, target)
        };
        let base = level(days, spread, target);
        // Fractional levels are looked for to a ten-thousandth of the mean.
        let unsure = if whole { 0.0 } else { 1e-4 * daily * (days + more_days) };
        prop_assert!(level(days, spread, target + (1.0 - target) / 2.0) >= base);
        prop_assert!(level(days + more_days, spread, target) >= base - unsure);
        // Spread moves mass from the middle to both ends: only a level well above the mean must grow.
        if base > daily * days * 2.0 && target > 0.95 && spread * daily * days < f64::powi(daily * days, 2) / 4.0 {
            prop_assert!(level(days, spread + f64::min(more_spread, 0.5), target) >= base - unsure);
        }
    }

    #[test]
    fn hidden_demand_is_at_least_the_stock(law in counts(), q in 0..4000u32) {
        let q = f64::from(q);
        let first = censored::mean_at_least(&law, q);
        prop_assert!(first.is_finite() && first >= q && first >= law.mean() - 1e-9 * law.mean());
        prop_assert!(censored::mean_at_least(&law, q + 1.0) >= first - 1e-9 * first);
        let [low, middle, high] = censored::hidden_quantiles(&law, q, [0.1, 0.5, 0.9]);
        prop_assert!(0.0 <= low && low <= middle && middle <= high);
        // Markov: P(H > h) < 0.1 needs no h above ten means.
        prop_assert!(high <= 10.0 * (first - q) + 1.0);
    }

    #[test]
    fn fractional_hidden_demand_is_at_least_the_stock(
        mean in 0.01..500.0, spread in 0.05..3.0, at in 0.0..8.0,
    ) {
        let law = GammaLaw::matched(mean, f64::powi(spread * mean, 2));
        let q = at * mean;
        let first = censored::gamma_mean_at_least(&law, q);
        prop_assert!(first >= q.max(mean * (1.0 - 1e-9)));
        let [low, high] = censored::gamma_hidden_quantiles(&law, q, [0.1, 0.9]);
        prop_assert!(0.0 <= low && low <= high && high <= 10.0 * (first - q) + 1e-6 * (1.0 + q));
    }

    #[test]
    fn more_captured_is_less_lost(
        law in counts(),
        (sold, backordered) in (0..60u32, 0..30u32),
        capture in 0.0..0.9,
    ) {
        let day = |capture| SoldOutDay {
            sold: f64::from(sold),
            backordered: f64::from(backordered),
            capture,
        };
        let less = day(capture).lost(&law, [0.1, 0.5, 0.9]);
        let more = day(capture + 0.05).lost(&law, [0.1, 0.5, 0.9]);
        prop_assert!(less.mean.is_finite() && less.mean >= 0.0);
        prop_assert!(more.mean <= less.mean + 1e-9 * (1.0 + less.mean));
        prop_assert!(less.quantiles[0] <= less.quantiles[1] && less.quantiles[1] <= less.quantiles[2]);
        prop_assert!(more.quantiles[1] <= less.quantiles[1]);
    }

    /// What a period hid is what its closed part would have sold: the more was seen of it, the less is hidden.
    #[test]
    fn the_less_a_period_shows_the_more_it_hides(
        (mean, noise, effect) in (0.01..50.0, 0.3..3.0, 0.0..1.0),
        (exposed, more) in (0.0..1.0, 0.0..1.0),
        (seen, distrust) in (0..60u32, 1.0..8.0),
    ) {
        let law = PeriodLaw { mean, noise, effect, whole: noise == 1.0 };
        let lost = |exposed: f64| hidden::exposed(&law, 0.0, exposed, 0.0, 0.0, distrust).mean;
        let wider = exposed + more * (1.0 - exposed);
        prop_assert!(lost(wider) <= lost(exposed) + 1e-9 * mean);
        prop_assert!(lost(1.0) == 0.0 && (lost(0.0) - mean).abs() < 1e-9 * mean);
        let sold = |units: f64| hidden::exposed(&law, units, exposed, 0.0, 0.0, distrust);
        let (less, more) = (sold(f64::from(seen)), sold(f64::from(seen) + 5.0));
        prop_assert!(more.mean >= less.mean);
        prop_assert!(less.p10 <= less.p90);
    }

    #[test]
    fn shares_sum_exactly(
        total in 0..1_000_000u32,
        weights in prop::collection::vec(prop_oneof![Just(0.0), 0.0..1e6], 1..40),
    ) {
        let total = f64::from(total);
        let shares = share::whole_shares(total, &weights);
        prop_assert_eq!(shares.iter().sum::<f64>(), total);
        let exact = share::proportional(total, &weights);
        for (share, exact) in shares.iter().zip(&exact) {
            prop_assert_eq!(*share, share.floor());
            prop_assert!((share - exact).abs() <= 1.0 + 1e-6, "{} {}", share, exact);
        }
    }

    #[test]
    fn what_is_handed_out_is_all_there_is_and_nobody_gets_more_than_asked(
        stock in 0..400u32,
        claims in prop::collection::vec(
            (0..20u32, 1..4u8, 0..60u32, 0..120u32, 0.05..60.0, 0.5..6.0), 1..8,
        ),
    ) {
        let claims: Vec<Claim> = claims
            .into_iter()
            .map(|(owed, rank, have, wanted, mean, spread)| Claim {
                value: 1.0,
                owed: f64::from(owed),
                rank: f64::from(rank),
                have: f64::from(have),
                wanted: f64::from(wanted),
                lot: 1.0,
                demand: Demand::moment_matched(mean, spread * mean, true),
            })
            .collect();
        let stock = f64::from(stock);
        let given = allocate(stock, &claims);
        let wanted: f64 = claims.iter().map(|c| c.wanted).sum();
        prop_assert!((given.iter().sum::<f64>() - stock.min(wanted)).abs() < 1e-6);
        for (units, claim) in given.iter().zip(&claims) {
            prop_assert!(*units >= 0.0 && *units <= claim.wanted + 1e-6);
            prop_assert!((units - units.round()).abs() < 1e-6, "{}", units);
        }
        // Nobody of a worse rank gets a unit for sale while a better one is owed.
        let owed_short = |c: &Claim, units: f64| units + 1e-6 < c.owed.min(c.wanted);
        for (a, &units) in claims.iter().zip(&given) {
            for (b, &others) in claims.iter().zip(&given) {
                if owed_short(a, units) && a.rank < b.rank {
                    prop_assert!(others <= 1e-6, "{:?} {:?}", claims, given);
                }
            }
        }
    }

    #[test]
    fn an_order_covers_the_need_in_packs(
        need in -50.0..5000.0, moq in prop_oneof![Just(0.0), 1.0..300.0], pack in 1..60u32,
    ) {
        let pack = f64::from(pack);
        let order = round_order(need, moq, pack);
        if need <= 1e-6 {
            prop_assert_eq!(order, 0.0);
        } else {
            prop_assert!(order >= need.max(moq) - 1e-5);
            prop_assert_eq!(order % pack, 0.0);
            prop_assert!(order < need.max(moq) + pack);
            prop_assert_eq!(round_order(order, moq, pack), order);
            prop_assert_eq!(round_order(order * (1.0 + 1e-13), moq, pack), order);
            prop_assert!(round_order(need + 7.0, moq, pack) >= order);
        }
    }

    #[test]
    fn what_is_on_its_way_never_raises_an_order(
        (daily, dispersion, level_variance) in (0.05..20.0, 1.0..4.0, 0.0..0.3),
        (on_hand, capture) in (-20.0..120.0, 0.0..1.0),
        (open, confirmed) in (prop::collection::vec((1..60u32, 1..30i32), 0..3), (1..60u32, 1..30i32)),
        (lead, review, target) in (0..20i32, 1..14usize, 0.5..0.99),
        seed in any::<u64>(),
    ) {
        let demand = PoolDemand {
            mean: vec![daily; 60],
            dispersion,
            level_variance,
            capture,
            whole_units: true,
        };
        let need = |open: &[(u32, i32)], measure| {
            let orders = open.iter().enumerate().map(|(k, &(units, days))| OpenOrder {
                units: f64::from(units),
                arrival: LeadTime { points: vec![(days, 0.5), (days + 4, 0.5)] },
                key: k as u64,
            });
            let supply = Supply {
                net_stock: f64::floor(on_hand),
                open_orders: orders.collect(),
                lead_time: LeadTime { points: vec![(lead, 0.5), (lead + 3, 0.5)] },
                next_lead_time: LeadTime { points: vec![(lead, 0.5), (lead + 3, 0.5)] },
                review,
            };
            simulate(&demand, &supply, seed).quantity(measure, target)
        };
        let more: Vec<(u32, i32)> = open.iter().copied().chain([confirmed]).collect();
        for measure in [ServiceMeasure::Fill, ServiceMeasure::Cycle] {
            prop_assert!(need(&more, measure) <= need(&open, measure) + 1e-4);
        }
    }

    #[test]
    fn a_promise_never_grows_when_a_receipt_is_removed(
        on_hand in 0.0..100.0,
        periods in prop::collection::vec((0.0..80.0, 0.0..60.0), 1..20),
        removed in any::<prop::sample::Index>(),
    ) {
        let days = periods.len();
        let dated = |t: usize, units: f64| (t as i32 + 1, units);
        let promised: Vec<(i32, f64)> = periods.iter().enumerate().map(|(t, p)| dated(t, p.1)).collect();
        let mut receipts: Vec<(i32, f64)> = periods.iter().enumerate().map(|(t, p)| dated(t, p.0)).collect();
        let promisable = |receipts: &[(i32, f64)]| {
            let all = Promisable::new(on_hand, &[receipts.to_vec()], &promised, days);
            (1..=days).map(|day| all.units(day, 0.9)).collect::<Vec<_>>()
        };
        let before = promisable(&receipts);
        prop_assert!(before.is_sorted());
        receipts.remove(removed.index(days));
        for (after, before) in promisable(&receipts).iter().zip(&before) {
            prop_assert!(after <= before);
        }
    }

    /// Where everybody waits nothing is lost: what is there and what comes, less what was asked for, is what is there in the end.
    #[test]
    fn a_projection_keeps_every_unit(
        on_hand in -50.0..100.0,
        demand in prop::collection::vec(0.5..20.0, 1..40),
        (units, arrives, order, lead) in (0.0..80.0, 1..40i32, 0.0..80.0, 0..40i32),
        seed in any::<u64>(),
    ) {
        let supply = Supply {
            net_stock: on_hand,
            open_orders: vec![OpenOrder { units, arrival: LeadTime::fixed(arrives), key: 7 }],
            lead_time: LeadTime::fixed(lead),
            next_lead_time: LeadTime::fixed(lead),
            review: 7,
        };
        let certain = |capture| PoolDemand {
            mean: demand.clone(),
            dispersion: 1e-9,
            level_variance: 0.0,
            capture,
            whole_units: false,
        };
        let waiting = project(&certain(1.0), &supply, order, demand.len(), seed);
        let leaving = project(&certain(0.0), &supply, order, demand.len(), seed);
        let mut left = on_hand;
        for (t, (waits, leaves)) in waiting.iter().zip(&leaving).enumerate() {
            let day = t as i32 + 1;
            left -= demand[t];
            left += if day == arrives { units } else { 0.0 };
            left += if day == lead.max(1) { order } else { 0.0 };
            prop_assert!((waits[0] - left).abs() < 0.2, "day {}: {} {}", day, waits[0], left);
            prop_assert!(leaves[0] >= waits[0] - 0.2 && leaves[0] >= on_hand.min(0.0) - 1e-9);
        }
    }

    /// Of a few lots all purchases are tried: none within the budget gains more than the bound, and none is much better than what was found.
    #[test]
    fn a_budget_is_kept_and_its_bound_holds(
        items in prop::collection::vec((0.2..12.0, 3..40u32, 0..6u32), 1..5),
        budget in 0.0..400.0,
    ) {
        let items: Vec<Vec<Lot>> = items
            .into_iter()
            .map(|(mean, cost, stock)| {
                let demand = Demand::Poisson { mean };
                let short = |n: u32| demand.loss(f64::from(stock + n));
                let lot = |n: u32| Lot { gain: short(n) - short(n + 1), cost: f64::from(cost), owed: false };
                (0..6).map(lot).collect()
            })
            .collect();
        let greedy = lots::greedy(&items, budget);
        let best = lots::buy(&items, budget);
        for plan in [&greedy, &best] {
            prop_assert!(plan.spent <= budget * (1.0 + 1e-9));
            prop_assert!(plan.bound >= plan.gain);
        }
        prop_assert!(best.gain >= greedy.gain - 1e-9);
        let mut most = 0.0_f64;
        for choice in 0..7usize.pow(items.len() as u32) {
            let taken = items.iter().enumerate().map(|(i, lots)| (lots, choice / 7usize.pow(i as u32) % 7));
            let bought = taken.flat_map(|(lots, n)| &lots[..n]);
            let (gain, spent) = bought.fold((0.0, 0.0), |sum, lot| (sum.0 + lot.gain, sum.1 + lot.cost));
            if spent <= budget {
                most = most.max(gain);
            }
        }
        prop_assert!(best.gain <= most + 1e-9);
        prop_assert!(most <= greedy.bound + 1e-9 && most <= best.bound + 1e-9);
    }
}
