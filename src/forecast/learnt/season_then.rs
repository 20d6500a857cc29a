//! The season as it was known at an origin of the past: nothing of what came after it.

use std::collections::BTreeMap;

use super::weeks::Weeks;
use crate::demand::{Between, Shapes, WEEKS, weekly};
use crate::domain::Tables;
use crate::panel::Panel;

/// Half a year, weeks.
const HALF: usize = 26;

/// Which series belong together: by SKU over its channels, by category over all.
#[derive(Clone)]
pub struct Places {
    /// Series of the panel.
    pub series: Vec<usize>,
    /// SKU and category of each, numbered from 0.
    pub sku: Vec<usize>,
    pub category: Vec<usize>,
    pub skus: usize,
    pub categories: usize,
    category_of: Vec<usize>,
}

impl Places {
    /// Of all series.
    pub fn new(panel: &Panel, tables: &Tables) -> Self {
        let mut names = BTreeMap::new();
        for key in &panel.series {
            let next = names.len();
            names
                .entry(tables.items[key.sku].category.as_ref())
                .or_insert(next);
        }
        let mut all = Self {
            series: (0..panel.len()).collect(),
            sku: Vec::with_capacity(panel.len()),
            category: Vec::with_capacity(panel.len()),
            skus: 0,
            categories: names.len(),
            category_of: Vec::new(),
        };
        let mut last = None;
        for key in &panel.series {
            let category = names[&tables.items[key.sku].category.as_ref()];
            if last != Some(key.sku) {
                last = Some(key.sku);
                all.category_of.push(category);
            }
            all.sku.push(all.category_of.len() - 1);
            all.category.push(category);
        }
        all.skus = all.category_of.len();
        all
    }

    /// About `most` of them, whole SKUs spread evenly over the list.
    pub fn sample(&self, most: usize) -> Self {
        let stride = self.series.len().div_ceil(most).max(1);
        let kept: Vec<usize> = (0..self.series.len())
            .filter(|&s| self.sku[s].is_multiple_of(stride))
            .collect();
        let pick = |of: &[usize]| kept.iter().map(|&s| of[s]).collect::<Vec<_>>();
        let sku: Vec<usize> = kept.iter().map(|&s| self.sku[s] / stride).collect();
        Self {
            series: pick(&self.series),
            category: pick(&self.category),
            skus: self.skus.div_ceil(stride),
            categories: self.categories,
            category_of: self.category_of.iter().copied().step_by(stride).collect(),
            sku,
        }
    }
}

/// Annual indices by week of the year, as known at an origin.
pub struct SeasonThen {
    pub all: [f64; WEEKS],
    pub category: Vec<[f64; WEEKS]>,
    pub sku: Vec<[f32; WEEKS]>,
}

impl SeasonThen {
    /// From the weeks up to and with `origin`, in the shapes that the years since have shown to be right: how wide a season is, not what it is.
    pub fn new(weeks: &Weeks, places: &Places, shapes: &Shapes, origin: usize) -> Self {
        let mut sku = vec![[[0.0f32; 2]; WEEKS]; places.skus];
        let mut sums = vec![0.0; origin + 2];
        let mut counts = vec![0.0; origin + 2];
        for s in 0..places.series.len() {
            let first = weeks.first[s];
            // A season is measured against the year about it: younger series do not tell one from the other.
            if origin < first + 2 * HALF {
                continue;
            }
            let (demand, open) = (weeks.demand(s), weeks.open(s));
            (sums[first], counts[first]) = (0.0, 0.0);
            for w in first..=origin {
                let seen = f64::from(u8::from(open[w]));
                sums[w + 1] = sums[w] + seen * f64::from(demand[w]);
                counts[w + 1] = counts[w] + seen;
            }
            let own = &mut sku[places.sku[s]];
            for w in first..=origin {
                if !open[w] {
                    continue;
                }
                // A whole year, about the week where it can be.
                let from = w.saturating_sub(HALF).max(first).min(origin - 2 * HALF + 1);
                let to = from + 2 * HALF;
                let count = counts[to] - counts[from];
                if count > 0.0 {
                    let Between { weeks: near, share } = Between::of(weeks.year_day[w]);
                    for (week, share) in near.into_iter().zip(share) {
                        own[week][0] += share as f32 * demand[w];
                        own[week][1] += (share * (sums[to] - sums[from]) / count) as f32;
                    }
                }
            }
        }
        let mut category = vec![[[0.0; 2]; WEEKS]; places.categories];
        let mut all = [[0.0; 2]; WEEKS];
        for (own, &c) in sku.iter().zip(&places.category_of) {
            for ((cell, total), s) in category[c].iter_mut().zip(&mut all).zip(own) {
                for k in 0..2 {
                    cell[k] += f64::from(s[k]);
                    total[k] += f64::from(s[k]);
                }
            }
        }
        let index = |sums: &[[f64; 2]; WEEKS], parent: &[f64; WEEKS], shape| {
            let own = weekly(sums, parent, shape, shapes.dispersion);
            std::array::from_fn(|w| own[w])
        };
        let all = index(&all, &[1.0; WEEKS], shapes.all);
        let category: Vec<[f64; WEEKS]> = category
            .iter()
            .map(|sums| index(sums, &all, shapes.category))
            .collect();
        let sku = sku
            .iter()
            .zip(&places.category_of)
            .map(|(sums, &c)| {
                let sums = sums.map(|s| s.map(f64::from));
                index(&sums, &category[c], shapes.sku).map(|x| x as f32)
            })
            .collect();
        Self { all, category, sku }
    }
}
