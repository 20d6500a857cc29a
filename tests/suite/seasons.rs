//! Narrow seasons and their ends: three equal years, and what is planned in the fourth.

use std::fmt::Write as _;
use std::fs;

use restock::config::Config;
use restock::domain::{Day, Plan, Recommendation};
use restock::plan::{Request, run};

/// A shop of seasonal and of steady goods, twelve of each.
struct Shop {
    as_of: Day,
    /// Units a day of a seasonal item, by day of the year.
    season: fn(usize) -> f64,
    /// Days in a row of the tables.
    step: i32,
    lead_days: u32,
    on_hand: u32,
    /// Whether each seasonal item is a category of its own.
    alone: bool,
}

/// Numbers in 0..1, the same on every run.
fn stream(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31)
    }
}

fn poisson(mean: f64, draw: &mut impl FnMut() -> f64) -> u32 {
    let (mut left, mut n) = ((-mean).exp(), 0);
    let mut u = draw();
    let mut p = left;
    while u > p && n < 1000 {
        u -= p;
        n += 1;
        left *= mean / f64::from(n);
        p = left;
    }
    n
}

impl Shop {
    fn plan(&self) -> Plan {
        let folder = tempfile::tempdir().unwrap();
        let mut sales = "date,sku,channel,units\n".to_owned();
        let mut stock = "date,sku,location,on_hand\n".to_owned();
        let mut items = "sku,category,unit_cost,price\n".to_owned();
        let first = self.as_of + -(3 * 365 / self.step) * self.step;
        for k in 0..24u64 {
            let seasonal = k < 12;
            let sku = format!("{}{k:02}", if seasonal { 'S' } else { 'B' });
            let category = match (seasonal, self.alone) {
                (true, true) => format!("season{k}"),
                (true, false) => "season".to_owned(),
                (false, _) => "basic".to_owned(),
            };
            writeln!(items, "{sku},{category},100,200").unwrap();
            let mut draw = stream(k + 1);
            let mut day = first;
            while day <= self.as_of {
                let mut units = 0;
                for d in 0..self.step {
                    let mean = match seasonal {
                        true => (self.season)((day + d).day_of_year()),
                        false => 5.0,
                    };
                    units += poisson(mean, &mut draw);
                }
                if units > 0 {
                    writeln!(sales, "{day},{sku},web,{units}").unwrap();
                }
                let on_hand = if seasonal { self.on_hand } else { 400 };
                // Full until the last day.
                let on_hand = if day < self.as_of { 900 } else { on_hand };
                writeln!(stock, "{day},{sku},web,{on_hand}").unwrap();
                day = day + self.step;
            }
        }
        for (name, text) in [("sales", sales), ("stock", stock), ("items", items)] {
            fs::write(folder.path().join(format!("{name}.csv")), text).unwrap();
        }
        let mut config = Config::default();
        if self.step == 7 {
            config.input.grain = restock::domain::Grain::Week;
        }
        config.policy.lead_time_days = f64::from(self.lead_days);
        config.policy.lead_time_sd = 0.0;
        let request = Request {
            data: folder.path(),
            config: &config,
            as_of: Some(self.as_of),
            top: 24,
        };
        run(request, &|_| ()).unwrap()
    }

    /// True units a week of a seasonal item in the weeks after as-of.
    fn truth(&self, weeks: usize) -> Vec<f64> {
        let next = self.as_of + self.step;
        let week = |w: usize| {
            (0..7)
                .map(|d| (self.season)((next + (7 * w as i32 + d)).day_of_year()))
                .sum()
        };
        (0..weeks).map(week).collect()
    }
}

/// Mean forecast of the seasonal items by week, as far as it is told.
fn forecast(plan: &Plan) -> Vec<f64> {
    let of = |r: &Recommendation| r.sku.as_str().starts_with('S');
    let rows: Vec<usize> = (0..plan.recommendations.len())
        .filter(|&i| of(&plan.recommendations[i]))
        .collect();
    let weeks = |i: usize| plan.projections[i].demand_mean.chunks_exact(7);
    let told = weeks(rows[0]).count();
    assert!(told >= 3);
    (0..told)
        .map(|w| {
            let of = |&i: &usize| weeks(i).nth(w).unwrap().iter().sum::<f64>();
            rows.iter().map(of).sum::<f64>() / rows.len() as f64
        })
        .collect()
}

/// A feast about 20 July, half its height `wide` days away.
fn feast(day: usize, wide: f64) -> f64 {
    let away = (day as f64 - 200.0) / wide;
    1.0 + 14.0 * (-std::f64::consts::LN_2 * away * away).exp()
}

#[track_caller]
fn follows(shop: &Shop) {
    let found = forecast(&shop.plan());
    let truth = shop.truth(found.len());
    assert!(truth.iter().any(|t| *t > 60.0), "{truth:?}");
    for (w, (f, t)) in found.iter().zip(&truth).enumerate() {
        // The weeks that decide; beside them the feast is not yet or no more.
        if *t > 25.0 {
            assert!(
                (f / t - 1.0).abs() < 0.15,
                "week {w}: {found:.1?} {truth:.1?}"
            );
        }
    }
}

const FEAST: Shop = Shop {
    as_of: Day(20_624), // 20 June 2026
    season: |day| feast(day, 14.0),
    step: 1,
    lead_days: 30,
    on_hand: 60,
    alone: false,
};

#[test]
fn a_feast_of_five_weeks_is_planned_as_high_as_it_was_in_three_years() {
    follows(&FEAST);
}

#[test]
fn a_feast_of_two_weeks_and_a_season_of_eight_are_followed_too() {
    follows(&Shop {
        season: |day| feast(day, 7.0),
        ..FEAST
    });
    follows(&Shop {
        season: |day| feast(day, 28.0),
        ..FEAST
    });
}

#[test]
fn a_feast_in_weekly_records_and_one_item_a_category_are_followed_too() {
    follows(&Shop {
        as_of: Day(20_618), // a Sunday
        step: 7,
        lead_days: 28,
        ..FEAST
    });
    follows(&Shop {
        alone: true,
        ..FEAST
    });
}

#[test]
fn goods_of_a_summer_are_not_ordered_for_september() {
    let shop = Shop {
        as_of: Day(20_685), // 20 August 2026
        season: |day| if (151..243).contains(&day) { 8.0 } else { 0.0 },
        lead_days: 14,
        on_hand: 20,
        ..FEAST
    };
    let plan = shop.plan();
    let mut seen = 0;
    for r in &plan.recommendations {
        if r.sku.as_str().starts_with('S') {
            assert_eq!(r.order_qty, 0.0, "{r:#?}");
            assert_eq!(r.reason.code, "season_over");
            seen += 1;
        }
    }
    assert_eq!(seen, 12);
    // The coming weeks are theirs still.
    let weeks = forecast(&plan);
    assert!((weeks[0] / 56.0 - 1.0).abs() < 0.15, "{weeks:?}");
    assert!(weeks[2] < 1.0, "{weeks:?}");
}
