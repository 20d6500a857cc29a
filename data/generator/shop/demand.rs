//! What customers want, whether or not there is stock.

use restock::domain::Day;

use super::calendar::{Entry, entries};
use super::catalogue::{CHANNELS, Item};
use super::script::Script;
use super::stream::{count, factor, normal, stream};
use super::styles::Season;
use super::{DAYS, FIRST};

/// Monday to Sunday, by channel.
const WEEKDAYS: [[f64; 7]; 4] = [
    [1.05, 0.95, 0.92, 0.93, 0.95, 1.05, 1.15],
    [0.95, 0.90, 0.95, 0.95, 1.00, 1.10, 1.15],
    [1.05, 1.00, 1.00, 0.95, 0.95, 1.00, 1.05],
    [0.65, 0.65, 0.70, 0.70, 0.90, 1.70, 1.70],
];

/// Regular demand, item × channel × day.
pub type Demand = Vec<[Vec<u32>; 4]>;

/// The season on that day: months joined by straight lines, scaled to a mean of 1.
pub fn season(season: Season, day: Day) -> f64 {
    let months = season.months();
    let mean = months.iter().sum::<f64>() / 12.0;
    let position = day.day_of_year() as f64 / 30.5 + 11.5;
    let before = position.floor();
    let part = position - before;
    let (a, b) = (before as usize % 12, (before as usize + 1) % 12);
    (months[a] * (1.0 - part) + months[b] * part) / mean
}

/// Draws the demand of every series from its own stream.
pub fn draw(items: &[Item], script: &Script) -> Demand {
    let calendar = entries();
    items
        .iter()
        .map(|item| {
            let drift = drift(item);
            std::array::from_fn(|channel| series(item, channel, &drift, &calendar, script))
        })
        .collect()
}

/// A slowly wandering level, one factor a day, shared by the item's channels.
fn drift(item: &Item) -> Vec<f64> {
    let mut rng = stream(&["drift", &item.sku]);
    let mut level = 0.0;
    let mut factors = Vec::with_capacity(DAYS);
    for day in 0..DAYS {
        if day % 7 == 0 {
            level = 0.97 * level + 0.06 * normal(&mut rng);
        }
        factors.push(f64::exp(level));
    }
    factors
}

fn series(
    item: &Item,
    channel: usize,
    drift: &[f64],
    calendar: &[Entry],
    script: &Script,
) -> Vec<u32> {
    let mut rng = stream(&["demand", &item.sku, CHANNELS[channel]]);
    let taste = factor(&mut rng, 0.03);
    (0..DAYS)
        .map(|t| {
            let day = FIRST + t as i32;
            if !item.listed(day) || item.share[channel] == 0.0 {
                return 0;
            }
            let mut mean = item.rate
                * item.share[channel]
                * taste
                * season(item.season, day)
                * item.growth.powf(t as f64 / 365.0)
                * drift[t]
                * WEEKDAYS[channel][day.weekday()]
                * launch(item, day)
                * script.spike(item, day);
            for entry in calendar {
                if entry.covers(item, channel, day) {
                    mean *= entry.uplift;
                }
            }
            count(&mut rng, mean, item.dispersion)
        })
        .collect()
}

/// A new item starts well above its later level.
fn launch(item: &Item, day: Day) -> f64 {
    match item.launch {
        Some(launch) if launch > FIRST => {
            let age = f64::from(day - launch);
            1.0 + 0.8 * f64::exp(-age / 12.0)
        }
        _ => 1.0,
    }
}
