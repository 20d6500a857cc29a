//! What must hold whatever the numbers.

use proptest::prelude::*;

use restock::demand::censored::{self, SoldOutDay};
use restock::demand::exposure::ExposedDay;
use restock::demand::law::{Counts, GammaLaw};
use restock::forecast::distribution::Demand;
use restock::policy::lot::round_order;
use restock::policy::netting::Position;
use restock::policy::service;
use restock::supply::{budget, share};

fn simple_demand() -> impl Strategy<Value = Demand> {
    let mean = prop_oneof![0.001..1.0, 1.0..50.0, 50.0..5000.0];
    (mean, 0.0..6.0, 0..4u8).prop_map(|(mean, spread, kind)| {
        let variance = mean * f64::exp(spread);
        match kind {
            0 => Demand::Poisson { mean },
            1 => Demand::moment_matched(mean, variance, true),
            2 => Demand::moment_matched(mean, variance, false),
            _ => Demand::Normal {
                mean,
                sd: mean / (1.0 + spread),
            },
        }
    })
}

fn demand() -> impl Strategy<Value = Demand> {
    prop_oneof![
        4 => simple_demand(),
        1 => prop::collection::vec((0.1..3.0, simple_demand()), 2..4).prop_map(Demand::mixture),
    ]
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
            Demand::Normal { mean, sd: variance },
            Demand::Poisson { mean },
            Demand::NegativeBinomial { mean, variance },
            Demand::Gamma { mean, variance },
            Demand::moment_matched(mean, variance, true),
            Demand::moment_matched(mean, variance, false),
            Demand::Mixture(vec![(p, Demand::Poisson { mean }), (x, Demand::Zero)]),
        ];
        for law in &laws[1..6] {
            let tails = law.tails(x);
            if x.is_finite() {
                prop_assert!((0.0..=1.0).contains(&tails.cdf) && (0.0..=1.0).contains(&tails.sf));
                prop_assert!(tails.loss >= 0.0);
            }
            prop_assert!(law.quantile(p) >= 0.0);
        }
        for law in &laws {
            law.tails(x);
            law.quantile(p);
            service::smallest_level_for_fill(law, &Demand::Zero, p);
            service::smallest_reorder_point_for_fill(law, x, p);
        }
        let counts = Counts::matched(mean, variance);
        let (first, second) = censored::moments_at_least(&counts, x);
        if x.abs() < 1e15 {
            prop_assert!(first >= x - 1e-6 && !second.is_nan());
        }
        if x.abs() < 1e6 {
            censored::hidden_quantiles(&counts, x, [p]);
        }
        round_order(mean, variance, x);
    }

    #[test]
    fn loss_falls_and_is_convex(demand in demand(), at in 0.0..3.0, step in 0.01..2.0) {
        let x = at * demand.mean();
        let h = step * demand.sd();
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
        // A gamma law of a tiny shape has its low quantiles below the smallest float.
        prop_assert!(demand.cdf(level) >= p - 1e-9 || level.abs() < 1e-300);
        let below = if demand.whole_units() { 1.0 } else { 1e-6 * (1.0 + level.abs()) };
        if demand.whole_units() {
            prop_assert_eq!(level, level.round());
        }
        if level > 0.0 {
            prop_assert!(demand.cdf(level - below) < p);
        }
        prop_assert!(demand.quantile((p + 1.0) / 2.0) >= level);
    }

    #[test]
    fn a_table_says_what_single_levels_say(demand in demand(), n in 0..400usize) {
        let table = demand.table(n);
        let tails = demand.tails(n as f64);
        prop_assert!((table.cdf[n] - tails.cdf).abs() < 1e-10);
        prop_assert!((table.loss[n] - tails.loss).abs() < 1e-9 * (1.0 + tails.loss));
        prop_assert!((table.loss[0] - demand.loss(0.0)).abs() < 1e-8 * (1.0 + demand.mean()));
    }

    #[test]
    fn fill_grows_with_the_level(
        daily in 0.01..40.0,
        spread in 1.0..5.0,
        (lead_time, review) in (0.0..60.0, 1.0..30.0),
        (at, target) in (0.0..2.0, 0.5..0.999),
        whole in any::<bool>(),
    ) {
        let over = |days: f64| Demand::moment_matched(daily * days, spread * daily * days, whole);
        let (lead, protection) = (over(lead_time), over(lead_time + review));
        let level = f64::floor(at * protection.mean());
        let fill = |level| service::fill_of_level(&protection, &lead, level);
        prop_assert!(fill(level + 1.0) >= fill(level) - 1e-12);

        let least = service::smallest_level_for_fill(&protection, &lead, target);
        prop_assert!(fill(least) >= target - 1e-9);
        prop_assert!(least == 0.0 || fill(least - 1.0) < target);
        let more = service::smallest_level_for_fill(&protection, &lead, target + (1.0 - target) / 2.0);
        prop_assert!(more >= least);
        let exact = service::level_for_fill(&protection, &lead, target);
        prop_assert!(exact <= least && exact > least - 1.0);

        let lot = f64::max(daily * review, 1.0).round();
        let point = service::smallest_reorder_point_for_fill(&lead, lot, target);
        prop_assert!(service::fill_of_reorder_point(&lead, point, lot) >= target - 1e-9);
        prop_assert!(point == 0.0 || service::fill_of_reorder_point(&lead, point - 1.0, lot) < target);
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
            let demand = Demand::moment_matched(daily * days, spread * daily * days, whole);
            service::smallest_level_for_cycle(&demand, target)
        };
        let base = level(days, spread, target);
        prop_assert!(level(days, spread, target + (1.0 - target) / 2.0) >= base);
        prop_assert!(level(days + more_days, spread, target) >= base);
        // Spread moves mass from the middle to both ends: only a level well above the mean must grow.
        if base > daily * days * 2.0 && target > 0.95 && spread * daily * days < f64::powi(daily * days, 2) / 4.0 {
            prop_assert!(level(days, spread + f64::min(more_spread, 0.5), target) >= base);
        }
    }

    #[test]
    fn hidden_demand_is_at_least_the_stock(law in counts(), q in 0..4000u32) {
        let q = f64::from(q);
        let (first, second) = censored::moments_at_least(&law, q);
        prop_assert!(first >= q && first >= law.mean() - 1e-9 * law.mean());
        prop_assert!(first.is_finite() && second.is_finite());
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
        let (first, second) = censored::gamma_moments_at_least(&law, q);
        prop_assert!(first >= q.max(mean * (1.0 - 1e-9)));
        prop_assert!(second >= first * first * (1.0 - 1e-9));
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

    /// A day in stock that sold nothing says demand is low; a closed day says nothing.
    #[test]
    fn closing_an_idle_day_never_lowers_demand(mean in 0.01..50.0, more in 0.01..20.0, size in 0.1..50.0) {
        let day = |exposure: f64, mean: f64| ExposedDay {
            sold: 0.0,
            backordered: 0.0,
            exposure,
            capture: 0.0,
            mean,
            size,
        };
        let gain = |exposure| day(exposure, mean + more).log_likelihood() - day(exposure, mean).log_likelihood();
        prop_assert!(gain(0.0) >= gain(1.0));
        prop_assert!(day(0.0, mean).lost().mean() >= day(1.0, mean).lost().mean());
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
    fn fair_shares_sum_exactly_and_level_the_cover(
        total in 0..100_000u32,
        stocks in prop::collection::vec((0.0..500.0, prop_oneof![Just(0.0), 0.1..90.0]), 1..20),
    ) {
        let (stock, daily): (Vec<f64>, Vec<f64>) = stocks.into_iter().unzip();
        let fair = share::equal_days(f64::from(total), &stock, &daily);
        prop_assert_eq!(fair.whole().iter().sum::<f64>(), f64::from(total));
        for ((stock, daily), share) in stock.iter().zip(&daily).zip(&fair.shares) {
            if *daily > 0.0 {
                let cover = (stock + share) / daily;
                prop_assert!(cover >= fair.days * (1.0 - 1e-9));
                if *share > 0.0 {
                    prop_assert!(cover <= fair.days * (1.0 + 1e-9));
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
        on_hand in -50.0..500.0, inbound in 0.0..500.0, confirmed in 0.0..500.0,
        backorders in 0.0..100.0, target in 0.0..1000.0, pack in 1..30u32,
    ) {
        let position = Position { on_hand, inbound, backorders };
        let more = Position { inbound: inbound + confirmed, ..position };
        let order = |p: &Position| p.order(target, 0.0, f64::from(pack));
        prop_assert!(order(&more) <= order(&position));
    }

    #[test]
    fn a_promise_never_grows_when_a_receipt_is_removed(
        on_hand in 0.0..100.0,
        periods in prop::collection::vec((0.0..80.0, 0.0..60.0), 1..20),
        removed in any::<prop::sample::Index>(),
    ) {
        let (mut receipts, promised): (Vec<f64>, Vec<f64>) = periods.into_iter().unzip();
        let atp = |receipts: &[f64]| {
            share::available_to_promise(&share::projected_balance(on_hand, receipts, &promised))
        };
        let before = atp(&receipts);
        let i = removed.index(receipts.len());
        receipts[i] = 0.0;
        for (after, before) in atp(&receipts).iter().zip(&before) {
            prop_assert!(after <= before);
        }
    }

    /// What comes in is sold, waits on the shelf, or was never there: nothing is made or lost on the way.
    #[test]
    fn a_projection_keeps_every_unit(
        on_hand in 0.0..100.0,
        periods in prop::collection::vec((0.0..20.0, prop_oneof![3 => Just(0.0), 1 => 0.0..80.0]), 1..40),
        capture in 0.0..1.0,
    ) {
        let (demand, receipts): (Vec<f64>, Vec<f64>) = periods.into_iter().unzip();
        let run = share::project(on_hand, 0.0, &demand, &receipts, capture);
        let shipped = on_hand + receipts.iter().sum::<f64>() - run.closing[run.closing.len() - 1];
        let wanted: f64 = demand.iter().sum();
        prop_assert!((wanted - run.lost - run.backlog - shipped).abs() < 1e-6);
        prop_assert!(run.closing.iter().all(|&s| s >= 0.0));
    }

    #[test]
    fn a_budget_is_kept_and_its_bound_holds(
        items in prop::collection::vec((0.2..12.0, 3..40u32, 0..6u32), 1..6),
        budget in 0.0..400.0,
    ) {
        let items: Vec<_> = items
            .into_iter()
            .map(|(mean, unit_cost, stock)| budget::Candidate {
                demand: Demand::Poisson { mean },
                unit_cost: f64::from(unit_cost),
                stock: f64::from(stock),
            })
            .collect();
        let greedy = budget::greedy(&items, budget);
        let best = budget::allocate(&items, budget);
        for plan in [&greedy, &best] {
            prop_assert!(plan.spent <= budget * (1.0 + 1e-9));
            prop_assert!(plan.bound <= plan.short + 1e-9);
        }
        prop_assert!(best.short <= greedy.short + 1e-9);
        prop_assert!(budget::greedy(&items, budget * 1.5).bound <= best.short + 1e-9);
    }
}
