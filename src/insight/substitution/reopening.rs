//! Re-openings: days on which goods came back, with what others of the product sold just before and just after.

use std::collections::BTreeMap;

use crate::demand::{EXCLUDED, ORDINARY};
use crate::domain::{Availability, Day, LocationId};
use crate::panel::SeriesView;
use crate::policy::Basis;

/// Days looked at on either side of a re-opening.
pub(super) const REACH: i32 = 14;
/// A side ends where less than this share of what came back was out before, or stays in after.
const MOSTLY: f64 = 0.7;
/// Days with something to see that either side needs.
const LEAST_DAYS: usize = 4;
/// Re-openings within so many days are one delivery, whose days say nothing.
const ONE_DELIVERY: i32 = 3;
/// Small ones cannot take a big one's customers: lost demand beyond so many times their own is left out.
const MOST_DOSE: f64 = 4.0;

/// One day beside a re-opening.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// Days from the re-opening; negative before it.
    pub k: f64,
    /// Units sold and ordered by those that had stock.
    pub units: f64,
    /// Units expected of them: long-run level × index × day of the category.
    pub expected: f64,
}

/// One re-opening.
#[derive(Clone, Debug)]
pub(super) struct Reopening {
    /// The style or SKU, as a number.
    pub product: usize,
    pub days: Vec<Seen>,
    /// Demand lost a day before less that after, ÷ what the others are expected to sell a day.
    pub dose: f64,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Open,
    Out,
    /// Stocked for some of the day, or nobody knows.
    Between,
    Absent,
}

/// A series of the product, with what is asked of it again and again.
struct Member<'a> {
    first: Day,
    view: SeriesView<'a>,
    location: LocationId,
    /// Long-run level.
    size: f64,
    /// Units expected on ordinary days with stock, NaN on all others.
    expected: Vec<f64>,
    /// Units expected to be lost, without what the day had in common with others.
    lost: Vec<f64>,
}

impl<'a> Member<'a> {
    fn new(basis: &Basis<'a>, series: usize) -> Self {
        let (panel, model) = (basis.panel, basis.model);
        let view = panel.view(series);
        let key = panel.series[series];
        let mut class = vec![ORDINARY; view.len()];
        model
            .events
            .mark(basis.tables, key, view.first, view.step, &mut class);
        let start = panel.offsets[series];
        let size = model.series[series].level;
        let (mut expected, mut lost) = (vec![f64::NAN; view.len()], vec![0.0; view.len()]);
        for t in 0..view.len() {
            let day = view.day(t);
            if view.availability[t] == Availability::InStock && class[t] == ORDINARY {
                expected[t] = size
                    * model.index(series, ORDINARY, day, view.step)
                    * common(basis, series, day);
            } else if model.lost[start + t] > 0.0 && class[t] != EXCLUDED {
                lost[t] = model.lost[start + t] / common(basis, series, day).max(0.1);
            }
        }
        Self {
            first: view.first,
            view,
            location: key.location,
            size,
            expected,
            lost,
        }
    }

    /// Position in its columns.
    fn at(&self, day: Day) -> Option<usize> {
        let t = usize::try_from(day - self.first).ok()?;
        (t < self.view.len()).then_some(t)
    }

    fn state(&self, day: Day) -> State {
        match self.at(day).map(|t| self.view.availability[t]) {
            Some(Availability::InStock) => State::Open,
            Some(Availability::Closed | Availability::Backorder) => State::Out,
            Some(Availability::SoldOut | Availability::Unknown | Availability::ProbablyOut) => {
                State::Between
            }
            Some(Availability::NotListed) | None => State::Absent,
        }
    }

    /// Units seen and expected on an ordinary day with stock.
    fn sales(&self, day: Day) -> Option<(f64, f64)> {
        let t = self.at(day)?;
        let expected = self.expected[t];
        (expected > 0.0).then(|| (self.view.sold[t] + self.view.backordered[t], expected))
    }

    fn lost(&self, day: Day) -> f64 {
        self.at(day).map_or(0.0, |t| self.lost[t])
    }
}

/// The day's factor of the series' category.
fn common(basis: &Basis<'_>, series: usize, day: Day) -> f64 {
    let days = &basis.model.shared[basis.model.category[series] as usize];
    usize::try_from(day - basis.model.origin)
        .ok()
        .and_then(|t| days.get(t).copied())
        .unwrap_or(1.0)
}

/// All re-openings among series that may stand in for each other. Series that share a location do so only where `within` says it: channels of one
/// stock are out together.
pub(super) fn reopenings(
    basis: &Basis<'_>,
    product: usize,
    series: &[usize],
    within: bool,
) -> Vec<Reopening> {
    let mut back: BTreeMap<Day, Vec<usize>> = BTreeMap::new();
    for (m, &i) in series.iter().enumerate() {
        let view = basis.panel.view(i);
        let out = |a: Availability| matches!(a, Availability::Closed | Availability::Backorder);
        for t in 1..view.len() {
            let now = view.availability[t];
            if out(view.availability[t - 1]) && !out(now) && now != Availability::NotListed {
                back.entry(view.day(t)).or_default().push(m);
            }
        }
    }
    if back.is_empty() {
        return Vec::new();
    }
    let members: Vec<Member<'_>> = series.iter().map(|&i| Member::new(basis, i)).collect();
    let mut deliveries: Vec<(Day, Day, Vec<usize>)> = Vec::new();
    for (day, who) in back {
        match deliveries.last_mut() {
            Some((_, last, all)) if day - *last <= ONE_DELIVERY => {
                *last = day;
                all.extend(who);
            }
            _ => deliveries.push((day, day, who)),
        }
    }
    deliveries
        .iter()
        .filter_map(|(from, to, who)| {
            let others: Vec<&Member<'_>> = members
                .iter()
                .enumerate()
                .filter(|(m, other)| {
                    let apart =
                        within || who.iter().all(|&w| members[w].location != other.location);
                    apart && !who.contains(m)
                })
                .map(|(_, other)| other)
                .collect();
            let back: Vec<&Member<'_>> = who.iter().map(|&w| &members[w]).collect();
            look(product, &members, &back, &others, (*from, *to))
        })
        .collect()
}

/// What was sold around the delivery of the days `from..=to`.
fn look(
    product: usize,
    members: &[Member<'_>],
    back: &[&Member<'_>],
    others: &[&Member<'_>],
    (from, to): (Day, Day),
) -> Option<Reopening> {
    let size = |m: &Member<'_>| m.size;
    // Share of what came back that is out on a day.
    let out = |day: Day| {
        let (mut out, mut all) = (0.0, 0.0);
        for m in back {
            all += size(m);
            if m.state(day) == State::Out {
                out += size(m);
            }
        }
        out / all
    };
    let before: Vec<(Day, f64)> = (1..=REACH)
        .map(|k| (from + -k, f64::from(-k)))
        .take_while(|d| out(d.0) >= MOSTLY)
        .collect();
    let after: Vec<(Day, f64)> = (1..=REACH)
        .map(|k| (to + k, f64::from(k)))
        .take_while(|d| out(d.0) <= 1.0 - MOSTLY)
        .collect();
    // Only those that had stock on both sides: who comes and goes would look like more or less demand.
    let steady: Vec<&Member<'_>> = others
        .iter()
        .copied()
        .filter(|m| {
            [&before, &after].iter().all(|side| {
                let seen = side.iter().filter(|d| m.sales(d.0).is_some());
                seen.count() >= LEAST_DAYS
            })
        })
        .collect();
    if steady.is_empty() {
        return None;
    }
    let all: f64 = steady.iter().map(|m| size(m)).sum();
    let mut days = Vec::with_capacity(2 * REACH as usize);
    let mut doses = [0.0; 2];
    let mut mean = 0.0;
    for (side, span) in [&before, &after].into_iter().enumerate() {
        let mut lost = 0.0;
        let start = days.len();
        for &(day, k) in span {
            let (mut units, mut expected, mut present) = (0.0, 0.0, 0.0);
            for m in &steady {
                if let Some((seen, mean)) = m.sales(day) {
                    units += seen;
                    expected += mean;
                    present += size(m);
                }
            }
            if present < 0.5 * all || expected <= 0.0 {
                continue;
            }
            // Those who found nothing went to all that had stock, also to those that are not looked at.
            let open: f64 = others
                .iter()
                .filter(|m| matches!(m.state(day), State::Open | State::Between))
                .map(|m| size(m))
                .sum();
            let part = present / open.max(present);
            lost += part * members.iter().map(|m| m.lost(day)).sum::<f64>();
            days.push(Seen { k, units, expected });
        }
        let seen = &days[start..];
        if seen.len() < LEAST_DAYS {
            return None;
        }
        let expected: f64 = seen.iter().map(|d| d.expected).sum();
        doses[side] = lost / expected;
        if side == 0 {
            mean = expected / seen.len() as f64;
        }
    }
    let dose = doses[0] - doses[1];
    (dose > 0.0 && dose <= MOST_DOSE && mean > 0.0).then_some(Reopening {
        product,
        days,
        dose,
    })
}
