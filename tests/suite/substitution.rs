//! Substitution in made-up shops whose customers are known: some take another size, or go to another channel, and in others a wave of demand
//! empties shelves and fills siblings' sales without anybody doing so.

use std::fmt::Write as _;
use std::fs;

use restock::config::Config;
use restock::domain::{Day, SubstitutionReport, SubstitutionTest, SubstitutionVerdict};
use restock::input::{self, Options};
use restock::plan;

const DAYS: usize = 730;
const AS_OF: i32 = 20_695;

/// A small generator of random numbers (splitmix64): the same on every machine.
struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    fn poisson(&mut self, mean: f64) -> usize {
        let (mut units, mut left) = (0, self.uniform());
        while left > (-mean).exp() {
            left *= self.uniform();
            units += 1;
        }
        units
    }
}

/// What the made-up customers do.
#[derive(Clone, Copy)]
struct World {
    /// Sizes of a style on one channel, or channels of a SKU with a shelf each.
    sizes: bool,
    /// Share of those who find nothing and take another.
    taken: f64,
    /// Demand comes in waves common to a style, up to so many times the usual on top.
    wave: f64,
    seed: u64,
}

/// Shelves of one style or SKU.
const SHELVES: usize = 5;
const PRODUCTS: usize = 30;

/// Daily multiples of the usual demand: bumps of two to six weeks.
fn waves(dice: &mut Dice, most: f64) -> Vec<f64> {
    let mut wave = vec![1.0; DAYS];
    if most <= 0.0 {
        return wave;
    }
    let mut at = dice.between(0.0, 60.0);
    while at < DAYS as f64 {
        let (height, width) = (dice.between(0.3, 1.0) * most, dice.between(4.0, 12.0));
        // A third come at once, as after a post that many read, and ebb.
        let sudden = dice.uniform() < 0.33;
        for (t, slot) in wave.iter_mut().enumerate() {
            let far = (t as f64 - at) / width;
            *slot += if sudden && far < 0.0 {
                0.0
            } else if sudden {
                1.5 * height * (-far).exp()
            } else {
                height * (-0.5 * far * far).exp()
            };
        }
        at += dice.between(30.0, 120.0);
    }
    wave
}

/// Plans the shop and returns what it says of substitution.
fn measured(world: World) -> SubstitutionReport {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let mut sales = "date,sku,channel,units\n".to_owned();
    let mut stock = "date,sku,location,on_hand\n".to_owned();
    let mut items = "sku,category,variant_of,lead_time_days\n".to_owned();
    for p in 0..PRODUCTS {
        let mut dice = Dice(world.seed * 1000 + p as u64);
        let names: Vec<(String, String)> = (0..SHELVES)
            .map(|s| {
                if world.sizes {
                    (format!("P{p:02}-{s}"), "web".to_owned())
                } else {
                    (format!("P{p:02}"), format!("c{s}"))
                }
            })
            .collect();
        for (s, (sku, _)) in names.iter().enumerate() {
            if world.sizes {
                let _ = writeln!(items, "{sku},k{},P{p:02},12", p % 4);
            } else if s == 0 {
                let _ = writeln!(items, "{sku},k{},,12", p % 4);
            }
        }
        let wave = waves(&mut dice, world.wave);
        let rates: Vec<f64> = (0..SHELVES).map(|_| dice.between(0.4, 2.4)).collect();
        let mut shelf: Vec<i64> = rates.iter().map(|r| (r * 20.0) as i64).collect();
        let mut coming: Vec<(usize, usize, i64)> = Vec::new();
        for (t, wave) in wave.into_iter().enumerate() {
            let season = 1.0 + 0.3 * (t as f64 / 58.0).sin();
            let date = Day(AS_OF - DAYS as i32 + 1 + t as i32).to_string();
            let mut sold = [0_usize; SHELVES];
            // Customers of all shelves in turn.
            let mut left: Vec<usize> = rates
                .iter()
                .map(|r| dice.poisson(r * season * wave))
                .collect();
            while left.iter().any(|n| *n > 0) {
                for s in 0..SHELVES {
                    if left[s] == 0 {
                        continue;
                    }
                    left[s] -= 1;
                    let mut from = s;
                    if shelf[s] <= 0 {
                        let others: f64 = (0..SHELVES)
                            .filter(|&o| shelf[o] > 0)
                            .map(|o| rates[o])
                            .sum();
                        if others <= 0.0 || dice.uniform() >= world.taken {
                            continue;
                        }
                        let mut pick = dice.uniform() * others;
                        from = (0..SHELVES)
                            .filter(|&o| shelf[o] > 0)
                            .find(|&o| {
                                pick -= rates[o];
                                pick <= 0.0
                            })
                            .unwrap_or(s);
                    }
                    if shelf[from] > 0 {
                        shelf[from] -= 1;
                        sold[from] += 1;
                    }
                }
            }
            coming.retain(|&(day, s, units)| {
                if day == t {
                    shelf[s] += units;
                }
                day > t
            });
            for s in 0..SHELVES {
                let (sku, channel) = &names[s];
                if sold[s] > 0 {
                    let _ = writeln!(sales, "{date},{sku},{channel},{}", sold[s]);
                }
                let _ = writeln!(stock, "{date},{sku},{channel},{}", shelf[s]);
                // Ordered every other week, by a rule that looks at neither season nor wave.
                if (t + s * 3).is_multiple_of(14) {
                    let under_way: i64 = coming.iter().filter(|c| c.1 == s).map(|c| c.2).sum();
                    let level = (rates[s] * 27.0 * dice.between(0.8, 1.3)) as i64;
                    let units = level - shelf[s] - under_way;
                    if units > 0 {
                        let lead = 9 + (dice.uniform() * 9.0) as usize;
                        coming.push((t + lead, s, units));
                    }
                }
            }
        }
    }
    put("sales.csv", &sales);
    put("stock.csv", &stock);
    put("items.csv", &items);
    let config = Config::default();
    let options = Options {
        data: folder.path(),
        config: &config,
        as_of: None,
    };
    let tables = input::read(options).unwrap();
    let plan = plan::make(tables, &config, 0, &|_| ()).unwrap();
    plan.substitution
}

/// The test of the kind of pair that the world is about.
fn tried(sizes: bool, taken: f64, wave: f64, seed: u64) -> SubstitutionTest {
    let report = measured(World {
        sizes,
        taken,
        wave,
        seed,
    });
    if sizes {
        // One channel: there is nothing else to go to.
        assert_eq!(report.channels.reopenings, 0);
        report.variants
    } else {
        assert_eq!(report.variants.reopenings, 0);
        report.channels
    }
}

#[test]
fn without_substitution_a_season_proves_none() {
    for (sizes, seed) in [(true, 1), (false, 11)] {
        let test = tried(sizes, 0.0, 0.0, seed);
        assert_eq!(test.verdict, SubstitutionVerdict::NotProven, "{test:?}");
        assert_eq!(test.share(), 0.0);
        assert!(
            test.reopenings > 300 && test.measured.abs() < 0.15,
            "{test:?}"
        );
    }
}

#[test]
fn a_common_wave_of_demand_is_no_substitution() {
    for (sizes, seed) in [(true, 2), (true, 3), (false, 11), (false, 12)] {
        let test = tried(sizes, 0.0, 2.5, seed);
        assert_eq!(test.verdict, SubstitutionVerdict::NotProven, "{test:?}");
        assert!(test.measured.abs() < 0.1, "{test:?}");
    }
}

#[test]
fn customers_who_take_another_size_or_channel_are_found() {
    for (sizes, wave, seed) in [
        (true, 0.0, 1),
        (false, 0.0, 11),
        (true, 2.5, 3),
        (false, 2.5, 13),
    ] {
        let test = tried(sizes, 0.4, wave, seed);
        assert_eq!(test.verdict, SubstitutionVerdict::Proven, "{test:?}");
        // Never more than was planted; in waves less, because those who take them run out too.
        assert!(test.share() > 0.15 && test.p10 < 0.4, "{test:?}");
        assert!(test.share() < 0.5, "{test:?}");
    }
}
