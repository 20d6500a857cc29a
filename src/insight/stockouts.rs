//! Past stockouts, each with its causes.

use std::collections::BTreeMap;

use chrono::Datelike;
use rayon::prelude::*;

use super::case::{Case, Evidence, shown};
use super::movements::Movements;
use super::phantom::QuietSpell;
use super::shelf::{Shelves, Shop};
use super::weigh::weigh;
use super::{misplaced, ordering, record, spike, supplier, variant};
use crate::demand::hidden::BAND_WIDTH;
use crate::domain::{
    Availability, Band, CountTask, Day, Finding, MonthPart, Phrase, Severity, SkuId, Stockout,
    StockoutFigures, StockoutReport,
};
use crate::policy::Basis;

/// Periods that the level of an episode rests on, for the band of its sum.
const MEMORY: f64 = 33.0;
/// A stockout without expected demand still has a cause: it is weighed as if it had missed this.
const NOTHING: f64 = 0.01;
/// Counts that ended longer ago than this are history.
const ENDED_DAYS: i32 = 365;

/// Every past stockout with its causes, and the records to count; findings get what must be counted now.
pub fn stockouts(
    basis: &Basis<'_>,
    movements: &Movements,
    quiet: &[QuietSpell],
    findings: &mut Vec<Finding>,
) -> StockoutReport {
    let shop = Shop::new(basis, movements);
    let mut by_sku: BTreeMap<SkuId, Vec<usize>> = BTreeMap::new();
    for (i, key) in basis.panel.series.iter().enumerate() {
        by_sku.entry(key.sku).or_default().push(i);
    }
    let skus: Vec<(SkuId, Vec<usize>)> = by_sku.into_iter().collect();
    let episodes = skus
        .par_iter()
        .map(|(sku, series)| of_sku(&shop, quiet, *sku, series))
        .flatten_iter()
        .collect();
    StockoutReport {
        episodes,
        counts: counts(basis, quiet, findings),
    }
}

/// Episodes of all series of a SKU, in order of channel and day.
fn of_sku(shop: &Shop<'_>, quiet: &[QuietSpell], sku: SkuId, series: &[usize]) -> Vec<Stockout> {
    let panel = shop.basis.panel;
    let any = series
        .iter()
        .any(|&i| panel.view(i).availability.iter().any(|a| a.is_stockout()));
    if !any {
        return Vec::new();
    }
    let shelves = Shelves::new(shop, sku);
    let mut found = Vec::new();
    for &i in series {
        let Some(place) = shelves
            .all
            .iter()
            .position(|s| s.days.location == panel.series[i].location)
        else {
            continue;
        };
        let range = panel.range(i);
        for run in runs(&panel.availability[range.clone()]) {
            found.push(explain(shop, &shelves, place, i, quiet, run));
        }
    }
    found
}

/// Maximal runs of stockout periods.
fn runs(days: &[Availability]) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    for (t, day) in days.iter().enumerate() {
        match (day.is_stockout(), start) {
            (true, None) => start = Some(t),
            (false, Some(from)) => {
                found.push(from..t);
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        found.push(from..days.len());
    }
    found
}

/// The first day without stock since goods last came, as seen from `start`.
fn anchor(shop: &Shop<'_>, shelves: &Shelves<'_>, place: usize, start: Day) -> Day {
    let shelf = &shelves.all[place];
    let days = &shelf.days;
    let panel = shop.basis.panel;
    let out = |t: usize| {
        days.members.iter().any(|&(i, shift)| {
            t.checked_sub(shift).is_some_and(|at| {
                let at = panel.offsets[i] + at;
                at < panel.offsets[i + 1] && panel.availability[at].is_stockout()
            })
        })
    };
    let Some(last) = days.at(start) else {
        return start;
    };
    let horizon = ((shelf.lead + shelf.review) as i32 / days.step) as usize;
    let mut first = last;
    for t in (last.saturating_sub(horizon)..last).rev() {
        // Goods of period t sell from the next one on.
        if days.received[t] > 0.0 || days.unexplained(t) >= 2.0 {
            break;
        }
        if out(t) {
            first = t;
        }
    }
    days.day(first)
}

fn explain(
    shop: &Shop<'_>,
    shelves: &Shelves<'_>,
    place: usize,
    i: usize,
    quiet: &[QuietSpell],
    run: std::ops::Range<usize>,
) -> Stockout {
    let (panel, model, tables) = (shop.basis.panel, shop.basis.model, shop.basis.tables);
    let key = panel.series[i];
    let view = panel.view(i);
    let offset = panel.offsets[i];
    let running = run.end == view.len();
    let (start, end) = (view.day(run.start), view.day(run.end - 1) + (view.step - 1));
    let mut episode = Stockout {
        sku: tables.skus[key.sku].clone(),
        name: tables.items[key.sku].name.clone(),
        channel: tables.channels[key.channel].clone(),
        location: tables.locations[key.location].clone(),
        category: tables.items[key.sku].category.clone(),
        supplier: tables.items[key.sku].supplier.clone(),
        start,
        end: (!running).then_some(end),
        days_sold_out: 0,
        days_backorder: 0,
        days_closed: 0,
        lost: Band::default(),
        value_of_unit: value_of_unit(shop.basis, key.sku),
        backordered: 0.0,
        causes: Vec::new(),
        figures: StockoutFigures::default(),
        evidence: Vec::new(),
        remedy: "",
        months: Vec::new(),
    };
    let (mut lost, mut variance) = (0.0, 0.0);
    for t in run {
        let at = offset + t;
        let days = view.step as u32;
        match view.availability[t] {
            Availability::SoldOut => episode.days_sold_out += days,
            Availability::Backorder => episode.days_backorder += days,
            _ => episode.days_closed += days,
        }
        lost += model.lost[at];
        variance += model.hidden_variance(at);
        episode.backordered += view.backordered[t];
        let date = view.day(t).date();
        let part = MonthPart {
            year: date.year(),
            month: date.month(),
            days,
            lost: model.lost[at],
            backordered: view.backordered[t],
        };
        match episode.months.last_mut() {
            Some(m) if (m.year, m.month) == (part.year, part.month) => {
                m.days += part.days;
                m.lost += part.lost;
                m.backordered += part.backordered;
            }
            _ => episode.months.push(part),
        }
    }
    // The days share the error of their level.
    let fit = &model.series[i];
    variance += lost * lost * (fit.dispersion / (fit.level * MEMORY).max(1e-9)).min(1.0);
    let half = 0.5 * BAND_WIDTH * variance.sqrt();
    episode.lost = Band {
        mean: lost,
        p10: (lost - half).max(0.0),
        p90: lost + half,
    };
    let case = Case {
        shop,
        shelves,
        place,
        series: i,
        start,
        end,
        anchor: anchor(shop, shelves, place, start),
        missed: (lost + episode.backordered).max(NOTHING),
    };
    let weighed = weigh(causes(&case, quiet, &mut episode.figures), case.missed);
    episode.causes = weighed.iter().map(|(e, w)| (e.cause, *w)).collect();
    episode.remedy = match weighed.first() {
        Some((e, _)) if e.key == record::QUIET => record::QUIET,
        _ => episode.cause().as_str(),
    };
    let phrase = |(e, _): (Evidence, f64)| Phrase {
        key: e.key,
        figures: e.figures,
    };
    episode.evidence = weighed.into_iter().map(phrase).collect();
    episode
}

/// All evidence of an episode, in the order in which it is looked for.
fn causes(
    case: &Case<'_, '_>,
    quiet: &[QuietSpell],
    figures: &mut StockoutFigures,
) -> Vec<Evidence> {
    let mut found: Vec<Evidence> = Vec::new();
    found.extend(record::phantom(case, quiet, figures));
    let whole =
        |found: &[Evidence]| found.iter().map(|e| e.units).sum::<f64>() >= 0.999 * case.missed;
    if whole(&found) {
        return found;
    }
    let phantom: f64 = found.iter().map(|e| e.units).sum();
    if let Some(choice) = record::choice(case) {
        return vec![choice];
    }
    found.extend(record::negative(case));
    if whole(&found) {
        return found;
    }
    found.extend(record::jump(case));
    found.extend(supplier::evidence(case, figures));
    found.extend(spike::evidence(case, false, figures));
    found.extend(misplaced::evidence(case, figures));
    found.extend(variant::evidence(case));
    // Days that phantom stock explains have no other cause.
    let rest = 1.0 - phantom / case.missed;
    for e in found.iter_mut().filter(|e| !record::is_quiet(e)) {
        e.units *= rest;
    }
    let explained: f64 = found.iter().map(|e| e.units).sum();
    let left = case.missed - explained;
    // The level of ordering is judged by what nothing else explains.
    if left > 1e-9 * case.missed {
        let own = ordering::evidence(case, left);
        let lucky = own.first().is_some_and(|e| e.key == ordering::LUCK);
        let spike = lucky
            .then(|| spike::evidence(case, true, figures))
            .flatten();
        found.extend(own.into_iter().map(|own| match &spike {
            Some(spike) if own.key == ordering::LUCK => Evidence {
                units: own.units,
                ..spike.clone()
            },
            _ => own,
        }));
    }
    found
}

/// Price, else cost.
fn value_of_unit(basis: &Basis<'_>, sku: SkuId) -> Option<f64> {
    let item = &basis.tables.items[sku];
    item.price.or(item.unit_cost)
}

/// The list of records to count, and a finding for each that is doubtful now.
fn counts(basis: &Basis<'_>, quiet: &[QuietSpell], findings: &mut Vec<Finding>) -> Vec<CountTask> {
    let tables = basis.tables;
    let mut tasks: Vec<CountTask> = quiet
        .iter()
        .filter(|q| !q.sold_later && (q.running || tables.as_of - q.to <= ENDED_DAYS))
        .map(|q| CountTask {
            sku: tables.skus[q.sku].clone(),
            name: tables.items[q.sku].name.clone(),
            location: tables.locations[q.location].clone(),
            on_hand: q.on_hand,
            quiet_since: q.from,
            until: (!q.running).then_some(q.to),
            probability: q.probability,
            expected_missed: q.missed,
            value_missed: value_of_unit(basis, q.sku).map(|v| v * q.missed),
        })
        .collect();
    for task in tasks.iter().filter(|t| t.until.is_none()) {
        findings.push(
            Finding::new(Severity::Warning, "phantom_stock")
                .sku(&task.sku)
                .location(&task.location)
                .between(task.quiet_since, tables.as_of)
                .count((tables.as_of - task.quiet_since + 1).max(0) as u64)
                .figure("on_hand", shown(task.on_hand))
                .figure("missed", shown(task.expected_missed)),
        );
    }
    tasks.sort_by(|a, b| {
        a.until
            .is_some()
            .cmp(&b.until.is_some())
            .then(b.expected_missed.total_cmp(&a.expected_missed))
            .then_with(|| (&a.sku, &a.location).cmp(&(&b.sku, &b.location)))
    });
    tasks
}
