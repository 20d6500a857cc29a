//! Stretches that were well stocked, censored by hand: what was taken away is known, and who looks at the rest is to find it.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::records::periods;
use super::sample::fnv;
use crate::domain::{Availability, BackorderKind, BackorderLine, Tables};
use crate::panel::Panel;

/// Shortest and longest stretch, days.
const STRETCH: (f64, f64) = (28.0, 84.0);
/// Days of own history before a stretch.
const BEFORE: f64 = 28.0;
/// Units that a stretch must have sold to hide some.
const LEAST: f64 = 8.0;
/// Days until a unit that was sold is there again, under an imposed base stock.
const REPLACED: f64 = 7.0;
/// Days in stock between two outages on average, and the length of an outage.
const UP: f64 = 18.0;
const DOWN: (f64, f64) = (3.0, 14.0);

/// How stock was taken away.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Scenario {
    /// A base stock of one week's mean demand, each unit replaced a week after its sale: demand itself empties the shelf.
    BaseStock,
    /// Outages of 3 to 14 days that demand has nothing to do with.
    Outages,
}

impl Scenario {
    pub const ALL: [Self; 2] = [Self::BaseStock, Self::Outages];

    /// The word used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BaseStock => "base_stock",
            Self::Outages => "outages",
        }
    }
}

/// A well-stocked stretch of series that share stock, in periods counted back from as-of: `from` > `to` ≥ 0, both included.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Stretch {
    pub members: Vec<usize>,
    pub from: usize,
    pub to: usize,
}

/// The longest well-stocked stretch of each place (the latest of equals): all its channels in stock in every period.
pub(super) fn stretches(panel: &Panel) -> Vec<Stretch> {
    let grain = panel.grain;
    let (shortest, longest) = (periods(STRETCH.0, grain), periods(STRETCH.1, grain));
    let mut found = Vec::new();
    for members in panel.pools.values() {
        let len = members.iter().map(|&i| panel.view(i).len()).min();
        let usable = len.unwrap_or(0).saturating_sub(periods(BEFORE, grain));
        let stocked = |back: usize| {
            members.iter().all(|&i| {
                let view = panel.view(i);
                let t = view.len() - 1 - back;
                view.availability[t] == Availability::InStock
                    && view.backordered[t] <= 0.0
                    && view.reach(t) >= 1.0
            })
        };
        let mut best: Option<(usize, usize)> = None;
        let mut back = 0;
        while back < usable {
            if !stocked(back) {
                back += 1;
                continue;
            }
            let to = back;
            while back < usable && stocked(back) {
                back += 1;
            }
            let from = (back - 1).min(to + longest - 1);
            if best.is_none_or(|(f, t)| from - to > f - t) {
                best = Some((from, to));
            }
        }
        let Some((from, to)) = best.filter(|(f, t)| f - t + 1 >= shortest) else {
            continue;
        };
        let sold: f64 = members
            .iter()
            .map(|&i| {
                let view = panel.view(i);
                (to..=from)
                    .map(|b| view.sold[view.len() - 1 - b])
                    .sum::<f64>()
            })
            .sum();
        if sold >= LEAST {
            found.push(Stretch {
                members: members.clone(),
                from,
                to,
            });
        }
    }
    found
}

/// A past with stockouts that were not there.
#[derive(Debug)]
pub(super) struct Censored {
    /// The panel as it would have been recorded (its availability is to be found anew).
    pub panel: Panel,
    /// Orders that a share of those who found nothing placed, beside those on record.
    pub backorders: Vec<BackorderLine>,
    /// Units lost at each position of the panel.
    pub truth: Vec<f64>,
}

/// Censors all stretches. `capture` is the share of customers who order without stock, by series.
pub(super) fn censor(
    panel: &Panel,
    stretches: &[Stretch],
    scenario: Scenario,
    capture: &[f64],
    tables: &Tables,
) -> Censored {
    let mut out = Censored {
        panel: panel.clone(),
        backorders: Vec::new(),
        truth: vec![0.0; panel.sold.len()],
    };
    for stretch in stretches {
        let key = panel.series[stretch.members[0]];
        let names = [
            tables.skus[key.sku].as_str(),
            tables.locations[key.location].as_str(),
            scenario.as_str(),
        ];
        let mut rng = Pcg64Mcg::seed_from_u64(fnv(names.iter().flat_map(|n| n.bytes())));
        match scenario {
            Scenario::BaseStock => base_stock(panel, stretch, &mut out, capture, &mut rng),
            Scenario::Outages => outages(panel, stretch, &mut out, capture, &mut rng),
        }
    }
    out
}

fn at(panel: &Panel, i: usize, back: usize) -> usize {
    panel.offsets[i + 1] - 1 - back
}

/// Sells at most `left` of a period's demand, the members in turn; the rest is hidden. Returns what was sold.
fn serve(
    panel: &Panel,
    stretch: &Stretch,
    back: usize,
    left: f64,
    out: &mut Censored,
    capture: &[f64],
    rng: &mut Pcg64Mcg,
) -> f64 {
    let n = stretch.members.len();
    let mut rest = left.max(0.0);
    for k in 0..n {
        let i = stretch.members[(k + back) % n];
        let p = at(panel, i, back);
        let sold = panel.sold[p].min(rest);
        rest -= sold;
        let hidden = panel.sold[p] - sold;
        out.panel.sold[p] = sold;
        let mut taken = 0.0;
        if panel.accepts_backorders[i] && hidden > 0.0 {
            let share = capture[i];
            taken = captured(hidden, share, panel.whole_units[i], rng);
            if taken > 0.0 {
                let date = panel.view(i).day(panel.view(i).len() - 1 - back);
                let shipped = panel.as_of + -(stretch.to as i32 * panel.grain.days());
                out.backorders.push(BackorderLine {
                    order_id: format!("waiting-{i}-{back}"),
                    date,
                    sku: panel.series[i].sku,
                    channel: panel.series[i].channel,
                    units: taken,
                    kind: BackorderKind::Backorder,
                    promised: None,
                    shipped: Some(shipped),
                    shipped_units: taken,
                    cancelled: None,
                    cancelled_units: 0.0,
                    notified: None,
                });
            }
        }
        out.truth[p] = hidden - taken;
    }
    left.max(0.0) - rest
}

/// How many of those who found nothing order all the same.
pub(super) fn captured(units: f64, share: f64, whole: bool, rng: &mut Pcg64Mcg) -> f64 {
    if whole {
        (0..units.round() as u64)
            .filter(|_| rng.random::<f64>() < share)
            .count() as f64
    } else {
        units * share
    }
}

fn record(panel: &Panel, stretch: &Stretch, back: usize, closing: f64, out: &mut Censored) {
    for &i in &stretch.members {
        let p = at(panel, i, back);
        // The last evening is as it was: what follows the stretch knows nothing of it.
        out.panel.closing[p] = if back == stretch.to && !panel.closing[p].is_nan() {
            panel.closing[p]
        } else {
            closing
        };
        if let Some(fraction) = out.panel.fraction.get_mut(p) {
            *fraction = f32::NAN;
        }
    }
}

fn base_stock(
    panel: &Panel,
    stretch: &Stretch,
    out: &mut Censored,
    capture: &[f64],
    rng: &mut Pcg64Mcg,
) {
    let replaced = periods(REPLACED, panel.grain);
    let length = stretch.from - stretch.to + 1;
    let total: f64 = (stretch.to..=stretch.from)
        .flat_map(|b| {
            stretch
                .members
                .iter()
                .map(move |&i| panel.sold[at(panel, i, b)])
        })
        .sum();
    let level = (total / length as f64 * replaced as f64).round().max(1.0);
    let mut stock = level;
    let mut sold_by_period = Vec::with_capacity(length);
    for (t, back) in (stretch.to..=stretch.from).rev().enumerate() {
        let sold = serve(panel, stretch, back, stock, out, capture, rng);
        stock -= sold;
        sold_by_period.push(sold);
        if t >= replaced {
            stock += sold_by_period[t - replaced];
        }
        record(panel, stretch, back, stock, out);
    }
}

fn outages(
    panel: &Panel,
    stretch: &Stretch,
    out: &mut Censored,
    capture: &[f64],
    rng: &mut Pcg64Mcg,
) {
    let grain = panel.grain;
    let draw_up = |rng: &mut Pcg64Mcg| {
        // Exponential, so that an outage says nothing about when the next begins.
        periods(-UP * (1.0 - rng.random::<f64>()).ln(), grain)
    };
    let down =
        |rng: &mut Pcg64Mcg| periods(DOWN.0 + (DOWN.1 - DOWN.0) * rng.random::<f64>(), grain);
    let mut back = stretch.from as isize - draw_up(rng) as isize;
    while back >= stretch.to as isize {
        let length = down(rng) as isize;
        let end = (back - length + 1).max(stretch.to as isize);
        for b in (end..=back).rev() {
            let b = b as usize;
            serve(panel, stretch, b, 0.0, out, capture, rng);
            // A receipt in the last evening brings the stock back.
            let key = stretch.members[0];
            let refilled = b as isize == end;
            let closing = panel.closing[at(panel, key, b)];
            let closing = match refilled {
                true if closing.is_nan() => f64::NAN,
                true => closing,
                false => 0.0,
            };
            record(panel, stretch, b, closing, out);
            if closing.is_nan() {
                // A shop that records no units says that the shelf was empty.
                for &i in &stretch.members {
                    let p = at(panel, i, b);
                    out.panel.closing[p] = 0.0;
                }
            }
        }
        back = end - 1 - draw_up(rng) as isize;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ChannelId, Day, Grain, LocationId, SkuId};
    use crate::panel::SeriesKey;

    #[test]
    fn what_is_taken_away_and_what_is_left_add_up() {
        let n = 140;
        let sold: Vec<f64> = (0..n).map(|t| f64::from(t * 7 % 5)).collect();
        let panel = Panel {
            grain: Grain::Day,
            as_of: Day(n - 1),
            series: vec![SeriesKey {
                sku: SkuId(0),
                channel: ChannelId(0),
                location: LocationId(0),
            }],
            pools: [((SkuId(0), LocationId(0)), vec![0])].into(),
            first: vec![Day(0)],
            offsets: vec![0, n as usize],
            closing: vec![50.0; n as usize],
            fraction: Vec::new(),
            in_odds: Vec::new(),
            reach: Vec::new(),
            availability: vec![Availability::InStock; n as usize],
            accepts_backorders: vec![false],
            whole_units: vec![true],
            backordered: vec![0.0; n as usize],
            sold: sold.clone(),
        };
        let found = stretches(&panel);
        assert_eq!((found[0].from, found[0].to), (83, 0));
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        for scenario in Scenario::ALL {
            let mut out = Censored {
                panel: panel.clone(),
                backorders: Vec::new(),
                truth: vec![0.0; sold.len()],
            };
            match scenario {
                Scenario::BaseStock => base_stock(&panel, &found[0], &mut out, &[0.0], &mut rng),
                Scenario::Outages => outages(&panel, &found[0], &mut out, &[0.0], &mut rng),
            }
            let hidden: f64 = out.truth.iter().sum();
            assert!(hidden > 0.0, "{scenario:?}");
            for (p, &whole) in sold.iter().enumerate() {
                assert_eq!(out.panel.sold[p] + out.truth[p], whole);
                assert!(p >= 56 || out.truth[p] == 0.0);
            }
        }
    }
}
