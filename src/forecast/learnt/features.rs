//! What was known of a series at an origin, as the trees see it.

use super::season_then::{Places, SeasonThen};
use super::weeks::Weeks;
use crate::demand::{Between, Shapes};

/// Features of a row.
pub const FEATURES: usize = 13;
/// Weeks of its own below which nothing is said of a series.
const LEAST: usize = 13;
/// Added to a mean of weeks, units, so that slow ones can be told apart without being blown up.
const OFFSET: f64 = 0.1;
/// Discounts a week: of the deseasonalised levels, and of the one as it was sold.
const SLOW: f64 = 0.95;
const FAST: f64 = 0.8;
const RAW: f64 = 0.5;
const YEAR: usize = 52;

/// All series at an origin.
pub struct Then<'a> {
    weeks: &'a Weeks,
    places: &'a Places,
    season: SeasonThen,
    origin: usize,
}

/// One of them.
pub struct SeriesThen<'a> {
    then: &'a Then<'a>,
    s: usize,
    scale: f64,
    slow: f64,
    fast: f64,
    raw: f64,
    selling: f64,
}

impl<'a> Then<'a> {
    pub fn new(weeks: &'a Weeks, places: &'a Places, shapes: &Shapes, origin: usize) -> Self {
        Self {
            season: SeasonThen::new(weeks, places, shapes, origin),
            weeks,
            places,
            origin,
        }
    }

    /// Series `s`, where its past says enough.
    pub fn of(&'a self, s: usize) -> Option<SeriesThen<'a>> {
        let first = self.weeks.first[s];
        let (demand, open) = (self.weeks.demand(s), self.weeks.open(s));
        if self.origin + 1 < first + LEAST {
            return None;
        }
        let season = &self.season.sku[self.places.sku[s]];
        // A level is units over exposure, both discounted: Σ ωᵏ y ÷ Σ ωᵏ index.
        let mut levels = [[0.0; 2]; 3];
        let (mut year, mut selling, mut count) = (0.0, 0.0, 0.0);
        for w in first..=self.origin {
            let y = f64::from(demand[w]);
            let index = Between::of(self.weeks.year_day[w]).read(season);
            let seen = f64::from(u8::from(open[w]));
            for (level, (omega, index)) in
                levels
                    .iter_mut()
                    .zip([(SLOW, index), (FAST, index), (RAW, 1.0)])
            {
                level[0] = omega * level[0] + seen * y;
                level[1] = omega * level[1] + seen * index;
            }
            if open[w] && w + YEAR > self.origin {
                year += y;
                selling += f64::from(u8::from(y > 0.0));
                count += 1.0;
            }
        }
        if count < 1.0 {
            return None;
        }
        let mean = |[n, e]: [f64; 2]| if e > 1e-9 { n / e } else { f64::NAN };
        Some(SeriesThen {
            then: self,
            s,
            scale: year / count + OFFSET,
            slow: mean(levels[0]),
            fast: mean(levels[1]),
            raw: mean(levels[2]),
            selling: selling / count,
        })
    }
}

impl SeriesThen<'_> {
    /// Units a week that targets are told in.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    fn season(&self, h: usize) -> [f64; 3] {
        let Then {
            weeks,
            places,
            season,
            origin,
        } = self.then;
        let when = Between::of(weeks.year_day[origin + h]);
        [
            when.read(&season.sku[places.sku[self.s]]),
            when.read(&season.category[places.category[self.s]]),
            when.read(&season.all),
        ]
    }

    /// What the levels alone expect of the `h`-th week, units.
    pub fn by_levels(&self, h: usize) -> f64 {
        let level = if self.fast.is_nan() {
            self.slow
        } else {
            0.5 * (self.slow + self.fast)
        };
        level.max(0.0) * self.season(h)[0]
    }

    /// What the trees begin with for the `h`-th week, in units of the scale: what the levels expect, within bounds that a mean of little leaves.
    pub fn start(&self, h: usize) -> f64 {
        (self.by_levels(h) / self.scale).clamp(0.02, 50.0)
    }

    /// The same weeks a year before the `h`-th to come (¼ ½ ¼), and the mean of the five about them; `None` where nobody saw them.
    fn last_year(&self, h: usize) -> [Option<f64>; 2] {
        let weeks = self.then.weeks;
        let Some(middle) = (self.then.origin + h).checked_sub(YEAR) else {
            return [None; 2];
        };
        let mean = |reach: usize, weight: &dyn Fn(usize) -> f64| {
            let (mut sum, mut mass) = (0.0, 0.0);
            for k in 0..=2 * reach {
                let Some(w) = (middle + k).checked_sub(reach) else {
                    continue;
                };
                let known = w >= weeks.first[self.s] && w <= self.then.origin;
                if known && weeks.seen_at(self.s, w) {
                    let part = weight(k.abs_diff(reach));
                    sum += part * f64::from(weeks.demand_at(self.s, w));
                    mass += part;
                }
            }
            (mass > 0.0).then(|| sum / mass)
        };
        [
            mean(1, &|away| if away == 0 { 0.5 } else { 0.25 }),
            mean(2, &|_| 1.0),
        ]
    }

    /// Features of the `h`-th week after the origin; NaN where something is not known.
    pub fn features(&self, h: usize) -> [f32; FEATURES] {
        let [own, category, all] = self.season(h);
        let [near, about] = self.last_year(h);
        let over = |x: f64| (x / self.scale) as f32;
        let known = |x: Option<f64>| x.map_or(f32::NAN, over);
        [
            over(self.slow * own),
            over(self.fast * own),
            category as f32,
            all as f32,
            over(self.slow),
            over(self.fast),
            over(self.raw),
            self.scale.ln() as f32,
            self.selling as f32,
            known(near),
            known(about),
            (self.then.weeks.year_day[self.then.origin + h] as f32) / 7.0,
            h as f32,
        ]
    }
}
