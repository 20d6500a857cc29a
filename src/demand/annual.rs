//! The time of year: how demand of a day lies above or below its year's, from several years.
//!
//! An index is learnt down a tree: all → category, over all its channels → category × channel → SKU, over all its channels. Each is its parent's
//! times observed ÷ expected, smoothed over the days near by and drawn to 1 by how little there is of it. How far to smooth and how much variance to
//! allow is not set but asked of the years themselves: whichever foretells a year best from the others (leave-one-out by quasi-likelihood; Stone, 1974).
//! A feast of a week in three equal years stays narrow, a chance peak of one year is drawn back.

use rayon::prelude::*;

use super::season::{YEAR, normalise};
use crate::domain::Grain;

/// Weeks in the table of a SKU; the last has the days left over.
pub const WEEKS: usize = 52;

/// Days over which an index may be smoothed, either way, of daily and of weekly records: a week's record says its middle only, which moves from
/// year to year.
const DAY_REACHES: [usize; 6] = [0, 3, 7, 14, 21, 35];
const WEEK_REACHES: [usize; 5] = [6, 9, 13, 20, 34];
/// Weeks over which a SKU's may be.
const SKU_REACHES: [usize; 3] = [0, 1, 3];
/// Relative variances around the parent that are tried, least first: of two that foretell equally well, that which says less.
const VARIANCES: [f64; 8] = [1e-4, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 10.0];
/// Reach and variance where the years do not say.
const USUAL: (usize, f64) = (20, 1e-2);
/// SKUs that the shape of their tables is chosen by, at most.
const CHOSEN_BY: usize = 2_000;
/// An index never says that nothing at all is wanted: it must be possible to be surprised.
const LEAST: f64 = 1e-4;

/// The weeks of a table on both sides of a day, and how much of it is each one's: a table that jumped from week to week would be off by half of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Between {
    pub weeks: [usize; 2],
    pub share: [f64; 2],
}

impl Between {
    /// Of a day of the year, 0..366.
    pub fn of(day_of_year: usize) -> Self {
        let at = (day_of_year as f64 + 0.5) * WEEKS as f64 / YEAR as f64 + WEEKS as f64 - 0.5;
        let (before, after) = (at.floor(), at.fract());
        let week = before as usize;
        Self {
            weeks: [week % WEEKS, (week + 1) % WEEKS],
            share: [1.0 - after, after],
        }
    }

    /// What a table says of the day.
    pub fn read<T: Copy + Into<f64>>(&self, table: &[T]) -> f64 {
        let [a, b] = self.weeks.map(|w| table[w].into());
        a * self.share[0] + b * self.share[1]
    }
}

/// How an index is made from its sums.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shape {
    /// Cells on either side that say something about one.
    reach: usize,
    /// Relative variance around the parent.
    variance: f64,
}

/// Sums over all years but one, of a table of years × `cells`.
fn years_but(sums: &[[f64; 2]], cells: usize, left_out: Option<usize>) -> Vec<[f64; 2]> {
    let mut all = vec![[0.0; 2]; cells];
    for (year, own) in sums.chunks_exact(cells).enumerate() {
        if Some(year) != left_out {
            for (a, b) in all.iter_mut().zip(own) {
                a[0] += b[0];
                a[1] += b[1];
            }
        }
    }
    all
}

/// Sums under a triangle of `reach` cells either way, round the circle, with a weight of 1 in its middle.
fn smoothed(sums: &[[f64; 2]], reach: usize) -> Vec<[f64; 2]> {
    if reach == 0 {
        return sums.to_vec();
    }
    // A triangle is a box over a box.
    let width = reach + 1;
    let boxed = |of: &[[f64; 2]], shift: usize| -> Vec<[f64; 2]> {
        let n = of.len();
        let mut total = vec![[0.0; 2]; n + width];
        for k in 1..total.len() {
            let next = of[(k - 1 + shift) % n];
            total[k] = [total[k - 1][0] + next[0], total[k - 1][1] + next[1]];
        }
        (0..n)
            .map(|d| {
                let part = |c: usize| (total[d + width][c] - total[d][c]).max(0.0);
                [part(0), part(1)]
            })
            .collect()
    };
    let n = sums.len();
    let once = boxed(sums, 0);
    let mut twice = boxed(&once, n * width - reach);
    for s in &mut twice {
        s[0] /= width as f64;
        s[1] /= width as f64;
    }
    twice
}

/// The index of smoothed sums beside their parent's, `expected` of which were multiplied by it: mean 1 over the year.
fn beside(sums: &[[f64; 2]], parent: &[f64], prior: f64) -> Vec<f64> {
    let own = |(s, p): (&[f64; 2], &f64)| (p * (s[0] + prior) / (s[1] + prior)).max(LEAST);
    let mut index: Vec<f64> = sums.iter().zip(parent).map(own).collect();
    normalise(&mut index);
    index
}

/// Sums with what was expected under `parent`.
fn under(sums: &[[f64; 2]], parent: &[f64]) -> Vec<[f64; 2]> {
    let times = |(s, p): (&[f64; 2], &f64)| [s[0], s[1] * p];
    sums.iter().zip(parent).map(times).collect()
}

/// A table of years × cells, and the indices of its parent: with each year left out in turn, then with all years.
struct Node<'a> {
    sums: &'a [[f64; 2]],
    parents: &'a [Vec<f64>],
}

impl Node<'_> {
    fn cells(&self) -> usize {
        self.parents[0].len()
    }

    fn years(&self) -> usize {
        self.sums.len() / self.cells()
    }

    /// Quasi log likelihood of each year given the others, for each of `reaches` × [`VARIANCES`].
    fn scores(&self, reaches: &[usize], dispersion: f64) -> Vec<f64> {
        let cells = self.cells();
        let mut scores = vec![0.0; reaches.len() * VARIANCES.len()];
        for year in 0..self.years() {
            let own = &self.sums[year * cells..][..cells];
            if own.iter().all(|s| s[1] <= 0.0) {
                continue;
            }
            let parent = &self.parents[year];
            let others = under(&years_but(self.sums, cells, Some(year)), parent);
            for (r, &reach) in reaches.iter().enumerate() {
                let near = smoothed(&others, reach);
                for (v, variance) in VARIANCES.iter().enumerate() {
                    let index = beside(&near, parent, dispersion / variance);
                    // The year's level is its own: where half of it was not on sale, it says nothing of the other half.
                    let (mut units, mut fit, mut expected) = (0.0, 0.0, 0.0);
                    for (s, x) in own.iter().zip(&index).filter(|(s, _)| s[1] > 0.0) {
                        units += s[0];
                        fit += s[0] * x.ln();
                        expected += s[1] * x;
                    }
                    if units > 0.0 && expected > 0.0 {
                        scores[v * reaches.len() + r] += fit - units * expected.ln();
                    }
                }
            }
        }
        scores
    }

    /// Its indices: with each year left out in turn, then with all years.
    fn indices(&self, shape: Shape, dispersion: f64) -> Vec<Vec<f64>> {
        let cells = self.cells();
        let left_out = (0..self.years()).map(Some).chain([None]);
        left_out
            .zip(self.parents)
            .map(|(year, parent)| {
                let sums = under(&years_but(self.sums, cells, year), parent);
                beside(
                    &smoothed(&sums, shape.reach),
                    parent,
                    dispersion / shape.variance,
                )
            })
            .collect()
    }
}

/// The shape that foretells the years of all these best.
fn shape(nodes: &[Node<'_>], reaches: &[usize], dispersion: f64) -> Shape {
    let each: Vec<Vec<f64>> = nodes
        .par_iter()
        .map(|n| n.scores(reaches, dispersion))
        .collect();
    let mut total = vec![0.0; reaches.len() * VARIANCES.len()];
    for own in &each {
        total.iter_mut().zip(own).for_each(|(a, b)| *a += b);
    }
    // Where the years do not say, as when each season was on sale once: some three weeks, and a tenth either way.
    let usual = |k: &usize| {
        VARIANCES[k / reaches.len()] >= USUAL.1 && reaches[k % reaches.len()] >= USUAL.0
    };
    let mut best = (0..total.len()).find(usual).unwrap_or(0);
    // From little to much, wide before narrow: what says more must foretell more.
    for v in 0..VARIANCES.len() {
        for r in (0..reaches.len()).rev() {
            let k = v * reaches.len() + r;
            if total[k] > total[best] {
                best = k;
            }
        }
    }
    Shape {
        reach: reaches[best % reaches.len()],
        variance: VARIANCES[best / reaches.len()],
    }
}

/// Annual indices of category × channel groups: [`YEAR`] each, mean 1.
///
/// `groups` are tables of years × [`YEAR`] of observed units and of those expected without any season, `category` says whose each is, `dispersion`
/// is variance ÷ mean of a period.
pub fn annual(
    groups: &[&[[f64; 2]]],
    category: &[u32],
    dispersion: f64,
    grain: Grain,
) -> Vec<Vec<f64>> {
    let size = groups.first().map_or(0, |g| g.len());
    if size == 0 {
        return vec![Vec::new(); groups.len()];
    }
    let dispersion = dispersion.max(1e-6);
    let reaches: &[usize] = match grain {
        Grain::Day => &DAY_REACHES,
        Grain::Week => &WEEK_REACHES,
    };
    let mut all = vec![[0.0; 2]; size];
    let mut categories = vec![Vec::new(); category.iter().max().map_or(0, |m| *m as usize + 1)];
    for (sums, &c) in groups.iter().zip(category) {
        let own: &mut Vec<[f64; 2]> = &mut categories[c as usize];
        own.resize(size, [0.0; 2]);
        for (total, s) in [&mut all, own]
            .into_iter()
            .flat_map(|t| t.iter_mut().zip(*sums))
        {
            total[0] += s[0];
            total[1] += s[1];
        }
    }
    let flat = vec![vec![1.0; YEAR]; size / YEAR + 1];
    let level = |nodes: Vec<Node<'_>>| -> Vec<Vec<Vec<f64>>> {
        let shape = shape(&nodes, reaches, dispersion);
        let indices = nodes.par_iter().map(|n| n.indices(shape, dispersion));
        indices.collect()
    };
    let root = level(vec![Node {
        sums: &all,
        parents: &flat,
    }]);
    let known: Vec<usize> = (0..categories.len())
        .filter(|&c| !categories[c].is_empty())
        .collect();
    let by_category = level(
        known
            .iter()
            .map(|&c| Node {
                sums: &categories[c],
                parents: &root[0],
            })
            .collect(),
    );
    let place = |c: u32| known.binary_search(&(c as usize)).unwrap_or(0);
    let by_group = level(
        groups
            .iter()
            .zip(category)
            .map(|(&sums, &c)| Node {
                sums,
                parents: &by_category[place(c)],
            })
            .collect(),
    );
    let last = |mut by_year: Vec<Vec<f64>>| by_year.pop().unwrap_or_default();
    by_group.into_iter().map(last).collect()
}

/// What a SKU's own weeks are beside its groups': [`WEEKS`] factors each, mean 1.
///
/// `skus` are tables of years × [`WEEKS`] of observed units and of those expected with the season of their groups.
pub fn own_weeks(skus: &[Vec<[f64; 2]>], dispersion: f64) -> Vec<[f32; WEEKS]> {
    let years = skus.first().map_or(0, |s| s.len() / WEEKS);
    let flat = vec![vec![1.0; WEEKS]; years + 1];
    let dispersion = dispersion.max(1e-6);
    let node = |sums| Node {
        sums,
        parents: &flat,
    };
    let stride = skus.len().div_ceil(CHOSEN_BY).max(1);
    let judges: Vec<Node<'_>> = skus.iter().step_by(stride).map(|s| node(s)).collect();
    let shape = shape(&judges, &SKU_REACHES, dispersion);
    let prior = dispersion / shape.variance;
    skus.par_iter()
        .map(|sums| {
            let near = smoothed(&years_but(sums, WEEKS, None), shape.reach);
            let index = beside(&near, &flat[0], prior);
            std::array::from_fn(|w| index[w] as f32)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three years of a group whose days sell `mean(day)` where 10 are expected, each year times what `year` says.
    fn years(year: [f64; 3], mean: impl Fn(usize) -> f64) -> Vec<[f64; 2]> {
        let day = |k: usize| [10.0 * year[k / YEAR] * mean(k % YEAR), 10.0];
        (0..3 * YEAR).map(day).collect()
    }

    /// A feast of five weeks about day 200.
    fn feast(day: usize) -> f64 {
        let away = day.abs_diff(200) as f64 / 12.0;
        0.5 + 6.0 * (-0.5 * away * away).exp()
    }

    fn of(sums: &[[f64; 2]], grain: Grain) -> Vec<f64> {
        annual(&[sums], &[0], 1.5, grain).remove(0)
    }

    fn about_its_mean(x: &[f64], day: usize) -> f64 {
        x[day] / (x.iter().sum::<f64>() / x.len() as f64)
    }

    #[test]
    fn a_narrow_feast_that_comes_every_year_stays_narrow() {
        let truth: Vec<f64> = (0..YEAR).map(feast).collect();
        let found = of(&years([1.0; 3], feast), Grain::Day);
        for day in [100, 170, 185, 200, 215, 230, 300] {
            let right = about_its_mean(&truth, day);
            let ratio = found[day] / right;
            assert!((ratio - 1.0).abs() < 0.1, "{day}: {} {right}", found[day]);
        }
        assert!((found.iter().sum::<f64>() / YEAR as f64 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn goods_of_a_summer_have_an_edge() {
        let summer = |day: usize| f64::from(u8::from((152..244).contains(&day)));
        let found = of(&years([1.0; 3], summer), Grain::Day);
        assert!(
            found[243] > 3.0 && found[244] < 0.05,
            "{} {}",
            found[243],
            found[244]
        );
    }

    #[test]
    fn a_peak_of_one_year_only_is_drawn_back() {
        let mut sums = years([1.0; 3], |_| 1.0);
        for day in 195..206 {
            sums[YEAR + day][0] = 60.0;
        }
        let found = of(&sums, Grain::Day);
        assert!(found[200] < 2.0, "{}", found[200]);
    }

    #[test]
    fn weeks_that_move_through_the_year_make_no_holes() {
        // Each year's records lie on other days of the year.
        let mut sums = years([1.0; 3], feast);
        for (k, s) in sums.iter_mut().enumerate() {
            if !(k % YEAR + k / YEAR).is_multiple_of(7) {
                *s = [0.0; 2];
            } else {
                *s = s.map(|x| 7.0 * x);
            }
        }
        let found = of(&sums, Grain::Week);
        let truth: Vec<f64> = (0..YEAR).map(feast).collect();
        for (day, found) in found.iter().enumerate() {
            let right = about_its_mean(&truth, day);
            assert!(
                (found / right - 1.0).abs() < 0.25,
                "{day}: {} {right}",
                found
            );
        }
    }

    #[test]
    fn a_category_without_a_past_has_the_season_of_all() {
        let plain = years([1.0; 3], feast);
        let nothing = vec![[0.0; 2]; 3 * YEAR];
        let found = annual(&[&plain, &nothing], &[0, 1], 1.5, Grain::Day);
        for (a, b) in found[0].iter().zip(&found[1]) {
            assert!((a / b - 1.0).abs() < 0.1, "{a} {b}");
        }
        assert!(annual(&[&[][..], &[][..]], &[0, 1], 1.5, Grain::Day)[1].is_empty());
    }

    #[test]
    fn a_day_is_between_the_middles_of_two_weeks() {
        // Weeks of 366/52 days: the middle of the first is day 3.02, a day later a seventh of the way.
        let near = |day, weeks: [usize; 2], after: f64| {
            let found = Between::of(day);
            assert_eq!(found.weeks, weeks, "{day}");
            assert!((found.share[1] - after).abs() < 0.01, "{found:?}");
            assert!((found.share[0] + found.share[1] - 1.0).abs() < 1e-12);
        };
        near(3, [51, 0], 0.997);
        near(4, [0, 1], 0.139);
        near(0, [51, 0], 0.571);
        near(365, [51, 0], 0.429);
        let table: Vec<f64> = (0..WEEKS).map(|w| w as f64).collect();
        assert!((Between::of(183).read(&table) - 25.57).abs() < 0.01);
    }

    #[test]
    fn a_triangle_weighs_its_middle_most_and_goes_round_the_year() {
        let mut sums = vec![[0.0; 2]; YEAR];
        sums[365] = [22.0, 0.0];
        let found = smoothed(&sums, 21);
        for (day, weight) in [
            (365, 22.0),
            (364, 21.0),
            (2, 19.0),
            (20, 1.0),
            (21, 0.0),
            (343, 0.0),
        ] {
            assert!(
                (found[day][0] - weight).abs() < 1e-9,
                "{day}: {}",
                found[day][0]
            );
        }
        assert_eq!(smoothed(&sums, 0), sums);
    }

    #[test]
    fn skus_that_go_with_their_group_are_left_with_it_and_one_that_does_not_is_found() {
        // Some hundred SKUs of random years, and twenty that sell all in ten weeks.
        let noise = |k: usize| 0.8 + 0.4 * ((k * 2_654_435_761) % 1000) as f64 / 1000.0;
        let table = |own: &dyn Fn(usize) -> f64, seed: usize| -> Vec<[f64; 2]> {
            (0..3 * WEEKS)
                .map(|k| [20.0 * own(k % WEEKS) * noise(k + 977 * seed), 20.0])
                .collect()
        };
        let plain: Vec<Vec<[f64; 2]>> = (0..100).map(|s| table(&|_| 1.0, s)).collect();
        let found = own_weeks(&plain, 1.5);
        assert!(found.iter().flatten().all(|x| (x - 1.0).abs() < 0.1));
        let mut all = plain;
        let short = |w: usize| if (20..30).contains(&w) { 5.2 } else { 0.0 };
        all.extend((0..20).map(|s| table(&short, 500 + s)));
        let found = own_weeks(&all, 1.5);
        assert!(
            found[110][25] > 4.0 && found[110][5] < 0.2,
            "{:?}",
            found[110]
        );
        assert!(
            found[..100]
                .iter()
                .flatten()
                .all(|x| (x - 1.0).abs() < 0.35)
        );
    }
}
