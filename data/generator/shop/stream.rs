//! Random numbers: one stream per purpose and series, so that a change to one item leaves the others alone.

use rand::SeedableRng;
use rand_distr::{Distribution, Gamma, Poisson, StandardNormal};
use rand_pcg::Pcg64Mcg;

/// The seed of the whole shop.
const SEED: u64 = 20_260_831;

/// The stream named by `key`: FNV-1a of the seed and the parts of the key.
pub fn stream(key: &[&str]) -> Pcg64Mcg {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut eat = |bytes: &[u8]| {
        for &byte in bytes {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    eat(&SEED.to_le_bytes());
    for part in key {
        eat(part.as_bytes());
        eat(&[0]);
    }
    Pcg64Mcg::seed_from_u64(hash)
}

/// A negative-binomial count with the given mean and variance `dispersion · mean` (dispersion > 1).
pub fn count(rng: &mut Pcg64Mcg, mean: f64, dispersion: f64) -> u32 {
    if mean <= 0.0 {
        return 0;
    }
    let extra = dispersion - 1.0;
    let rate = Gamma::new(mean / extra, extra).map_or(mean, |g| g.sample(rng));
    Poisson::new(rate).map_or(0, |p| p.sample(rng) as u32)
}

/// A duration in whole days, at least 1.
pub fn days(rng: &mut Pcg64Mcg, mean: f64, sd: f64) -> i32 {
    let shape = (mean / sd) * (mean / sd);
    let drawn = Gamma::new(shape, mean / shape).map_or(mean, |g| g.sample(rng));
    (drawn.round() as i32).max(1)
}

/// A log-normal factor with median 1.
pub fn factor(rng: &mut Pcg64Mcg, sigma: f64) -> f64 {
    (normal(rng) * sigma).exp()
}

/// A standard normal number.
pub fn normal(rng: &mut Pcg64Mcg) -> f64 {
    StandardNormal.sample(rng)
}
