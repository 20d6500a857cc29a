//! Tells which past events the coming ones are taken for, and which have none.

use rayon::prelude::*;

use crate::demand::{DemandModel, EXCLUDED, KnownTime, ORDINARY, Occurrence};
use crate::domain::{Day, Finding, Severity, Tables};
use crate::panel::Panel;

/// Coming events are told so many days ahead.
const AHEAD: i32 = 365;
/// Past events that are named, the latest.
const NAMED: usize = 3;

/// A coming event of the calendar, and what is planned for it.
struct Coming<'a> {
    event: &'a Occurrence,
    past: Vec<&'a Occurrence>,
    /// Demand of the items that it is for on its days, and what it would be on ordinary ones.
    planned: [f64; 2],
}

/// One finding for each coming event: what it is taken for, or that nothing like it has been.
pub fn name_coming_events(
    panel: &Panel,
    tables: &Tables,
    model: &DemandModel,
    findings: &mut Vec<Finding>,
) {
    let known = KnownTime::of(panel);
    let today = known.as_of + (known.step - 1);
    let events = &model.events.occurrences;
    let mut coming: Vec<Coming<'_>> = events
        .iter()
        .filter(|o| o.to > today && o.from <= today + AHEAD)
        .map(|event| Coming {
            event,
            past: events
                .iter()
                .filter(|o| o.class == event.class && o.to <= today && o.to >= known.first)
                .collect(),
            planned: [0.0; 2],
        })
        // One that runs teaches itself.
        .filter(|c| c.event.from > today || !c.past.is_empty())
        .collect();
    if coming.is_empty() {
        return;
    }
    let sums = planned(panel, tables, model, &coming);
    for (c, sums) in coming.iter_mut().zip(sums) {
        c.planned = sums;
    }
    coming.sort_by_key(|c| (c.event.from, c.event.to, c.event.class));
    // What is for no item of the shop changes nothing.
    for c in coming.iter().filter(|c| c.planned[1] > 0.0) {
        findings.push(found(model, c));
    }
}

/// Demand on the days of each event, with it and without, over all series that it is for: sums of chunks, in order.
fn planned(
    panel: &Panel,
    tables: &Tables,
    model: &DemandModel,
    coming: &[Coming<'_>],
) -> Vec<[f64; 2]> {
    const CHUNK: usize = 64;
    let step = panel.grain.days();
    let first: Day = panel.as_of + step;
    let last = coming.iter().map(|c| c.event.to).max().unwrap_or(first);
    let periods = ((last - first).div_euclid(step) + 1).clamp(0, 2 * AHEAD) as usize;
    let numbers: Vec<usize> = (0..panel.len()).collect();
    let parts: Vec<Vec<[f64; 2]>> = numbers
        .par_chunks(CHUNK)
        .map(|chunk| {
            let mut sums = vec![[0.0; 2]; coming.len()];
            let mut class = vec![ORDINARY; periods];
            for &i in chunk {
                let events = &model.events;
                events.mark(tables, panel.series[i], first, step, &mut class);
                if class.iter().all(|c| matches!(*c, ORDINARY | EXCLUDED)) {
                    continue;
                }
                for (c, sum) in coming.iter().zip(&mut sums) {
                    let at = |day: Day| (day - first).div_euclid(step).max(0) as usize;
                    let days = at(c.event.from)..(at(c.event.to) + 1).min(periods);
                    for t in days.filter(|&t| events.like(class[t]) == c.event.class) {
                        let day = first + t as i32 * step;
                        let level = model.series[i].level;
                        sum[0] += level * model.index(i, class[t], day, step);
                        sum[1] += level * model.index(i, ORDINARY, day, step);
                    }
                }
            }
            sums
        })
        .collect();
    let mut all = vec![[0.0; 2]; coming.len()];
    for part in parts {
        for (a, b) in all.iter_mut().zip(part) {
            a[0] += b[0];
            a[1] += b[1];
        }
    }
    all
}

fn found(model: &DemandModel, coming: &Coming<'_>) -> Finding {
    let event = coming.event;
    let promotion = model.events.is_promotion(event.class);
    let (stated, past) = (!event.stated.is_empty(), &coming.past);
    let (severity, code) = match (past.is_empty(), stated) {
        (true, false) if promotion => (Severity::Warning, "event_without_past"),
        (true, false) => (Severity::Notice, "event_without_past"),
        (true, true) => (Severity::Notice, "event_without_past_stated"),
        (false, false) => (Severity::Notice, "event_taken_for"),
        (false, true) => (Severity::Notice, "event_taken_for_stated"),
    };
    let mut latest = past.clone();
    latest.sort_by_key(|o| (o.from, o.to));
    let named: Vec<String> = latest
        .iter()
        .rev()
        .take(NAMED)
        .map(|o| format!("{} {}", o.name, o.from).trim().to_owned())
        .collect();
    let mut uplifts: Vec<f64> = event.stated.clone();
    uplifts.sort_by(f64::total_cmp);
    uplifts.dedup();
    let uplifts: Vec<String> = uplifts.iter().map(|u| format!("{u}")).collect();
    Finding::new(severity, code)
        .between(event.from, event.to)
        .count(past.len() as u64)
        .figure(
            "name",
            if event.name.is_empty() {
                "–"
            } else {
                &event.name
            },
        )
        .figure("from", event.from)
        .figure("to", event.to)
        .figure("past", past.len())
        .figure("names", named.join(", "))
        .figure("stated", uplifts.join(", "))
        .figure(
            "uplift",
            (coming.planned[0] / coming.planned[1] * 100.0).round() / 100.0,
        )
}
