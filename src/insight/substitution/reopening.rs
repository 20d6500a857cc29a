//! Re-openings: days on which goods came back, with what others of the product sold just before and just after.

use std::collections::BTreeMap;

use crate::demand::{EXCLUDED, ORDINARY};
use crate::domain::{Availability, Day};
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

/// A series of the product with what is asked of it again and again.
struct Member {
    first: Day,
    len: i32,
    start: usize,
    series: usize,
    location: u32,
    class: Vec<u8>,
}

impl Member {
    fn new(basis: &Basis<'_>, series: usize) -> Self {
        let view = basis.panel.view(series);
        let key = basis.panel.series[series];
        let mut class = vec![ORDINARY; view.len()];
        let events = &basis.model.events;
        events.mark(basis.tables, key, view.first, view.step, &mut class);
        Self {
            first: view.first,
            len: view.len() as i32,
            start: basis.panel.offsets[series],
            series,
            location: key.location,
            class,
        }
    }

    /// Position in the panel's columns.
    fn at(&self, day: Day) -> Option<usize> {
        let t = day - self.first;
        (0..self.len).contains(&t).then(|| self.start + t as usize)
    }

    fn state(&self, basis: &Basis<'_>, day: Day) -> State {
        match self.at(day).map(|at| basis.panel.availability[at]) {
            Some(Availability::InStock) => State::Open,
            Some(Availability::Closed | Availability::Backorder) => State::Out,
            Some(Availability::SoldOut | Availability::Unknown) => State::Between,
            Some(Availability::NotListed) | None => State::Absent,
        }
    }

    /// Units seen and expected on an ordinary day with stock.
    fn sales(&self, basis: &Basis<'_>, day: Day) -> Option<(f64, f64)> {
        let at = self.at(day)?;
        let class = self.class[at - self.start];
        if class != ORDINARY || self.state(basis, day) != State::Open {
            return None;
        }
        let fit = &basis.model.series[self.series];
        let expected = fit.level
            * basis.model.index(self.series, class, day, 1)
            * common(basis, self.series, day);
        (expected > 0.0).then(|| {
            let panel = basis.panel;
            (panel.sold[at] + panel.backordered[at], expected)
        })
    }

    /// Expected units lost on a day, without what the day had in common with others.
    fn lost(&self, basis: &Basis<'_>, day: Day) -> f64 {
        self.at(day).map_or(0.0, |at| {
            if self.class[at - self.start] == EXCLUDED {
                0.0
            } else {
                basis.model.lost[at] / common(basis, self.series, day).max(0.1)
            }
        })
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
    let members: Vec<Member> = series.iter().map(|&i| Member::new(basis, i)).collect();
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
            let others: Vec<&Member> = members
                .iter()
                .enumerate()
                .filter(|(m, other)| {
                    let apart =
                        within || who.iter().all(|&w| members[w].location != other.location);
                    apart && !who.contains(m)
                })
                .map(|(_, other)| other)
                .collect();
            let back: Vec<&Member> = who.iter().map(|&w| &members[w]).collect();
            look(basis, product, &members, &back, &others, (*from, *to))
        })
        .collect()
}

/// What was sold around the delivery of the days `from..=to`.
fn look(
    basis: &Basis<'_>,
    product: usize,
    members: &[Member],
    back: &[&Member],
    others: &[&Member],
    (from, to): (Day, Day),
) -> Option<Reopening> {
    let size = |m: &Member| basis.model.series[m.series].level;
    // Share of what came back that is out on a day.
    let out = |day: Day| {
        let (mut out, mut all) = (0.0, 0.0);
        for m in back {
            all += size(m);
            if m.state(basis, day) == State::Out {
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
    let steady: Vec<&Member> = others
        .iter()
        .copied()
        .filter(|m| {
            [&before, &after].iter().all(|side| {
                let seen = side.iter().filter(|d| m.sales(basis, d.0).is_some());
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
                if let Some((seen, mean)) = m.sales(basis, day) {
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
                .filter(|m| matches!(m.state(basis, day), State::Open | State::Between))
                .map(|m| size(m))
                .sum();
            let part = present / open.max(present);
            lost += part * members.iter().map(|m| m.lost(basis, day)).sum::<f64>();
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
