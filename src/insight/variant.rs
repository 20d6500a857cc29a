//! Sizes and colours: one is out while its siblings have plenty, because the order had the wrong mix.

use super::case::{Case, Evidence, shown};
use crate::demand::ORDINARY;
use crate::domain::{Day, SkuId, StockoutCause};

/// Siblings in stock, weighted by demand, that make a full style.
const STOCKED: f64 = 0.75;
/// Its part of the style's orders below this share of its part in demand is a wrong mix.
const MIX: f64 = 0.5;
/// Siblings have plenty when their stock outlasts an order's lead time, of at most so many days, and half a review period.
const LONG: f64 = 35.0;
/// Shorter gaps are nobody's mix.
const LEAST_DAYS: i32 = 14;
/// A variant with more than this part of the style's demand is its main one: there is no mix to be wrong.
const MAIN: f64 = 0.4;
/// A receipt so many days before the gap's last is the one that ended it.
const ENDS: i32 = 2;
/// Siblings of which at least so many were ordered meanwhile.
const ORDERED: usize = 2;

/// Siblings together had stock for longer than an order takes, and this variant got less than its part of the style's orders.
pub(super) fn evidence(case: &Case<'_, '_>) -> Option<Evidence> {
    let shop = case.shop;
    let (panel, model) = (shop.basis.panel, shop.basis.model);
    let step = panel.grain.days();
    let style = case.item().variant_of.as_deref()?;
    let own_sku = case.shelf().days.sku;
    let location = case.shelf().days.location;
    let (place, anchor) = case.origin(case.anchor);
    let origin = &case.shelves.all[place];
    let lead = origin.lead.round() as i32;
    // The orders that should have covered this cycle, and those of the one before it too.
    let cycle = (origin.lead + origin.review).round() as i32;
    let spans = [cycle + 7, 2 * cycle + 28];
    // What ended the gap came too late for it, and what its siblings got with it too.
    let ended = shop
        .movements
        .orders_of(own_sku, origin.days.location)
        .iter()
        .filter(|o| o.receipts.first().is_some_and(|r| r.0 >= case.end + -ENDS))
        .map(|o| o.ordered + -1)
        .min();
    let until = anchor.max(case.end) + -lead;
    let until = ended.map_or(until, |e| until.min(e)).max(anchor + -lead);
    let units = |sku: SkuId, span: i32| -> f64 {
        shop.movements
            .orders_of(sku, origin.days.location)
            .iter()
            .filter(|o| o.ordered >= anchor + -span && o.ordered <= until)
            .map(|o| o.units)
            .sum()
    };
    let siblings: Vec<(SkuId, &Vec<usize>)> = shop
        .styles
        .get(style)?
        .iter()
        .filter(|&&sku| sku != own_sku)
        .filter_map(|&sku| Some((sku, shop.basis.panel.pools.get(&(sku, location))?)))
        .collect();
    // (stock of the siblings, their demand a day, that of those in stock)
    let on = |day: Day| -> (f64, f64, f64) {
        let mut sums = (0.0, 0.0, 0.0);
        for (_, series) in &siblings {
            let Some(&i) = series.first() else { continue };
            let t = (day - panel.first[i]).div_euclid(step);
            let closing = usize::try_from(t)
                .ok()
                .and_then(|t| panel.view(i).closing.get(t).copied());
            let Some(closing) = closing.filter(|c| !c.is_nan()) else {
                continue;
            };
            let per_day: f64 = series
                .iter()
                .map(|&i| model.series[i].level * model.index(i, ORDINARY, day, step))
                .sum::<f64>()
                / f64::from(step);
            sums.0 += closing.max(0.0);
            sums.1 += per_day;
            if closing > 0.0 {
                sums.2 += per_day;
            }
        }
        sums
    };
    // The next order comes within a review period, on average in half of one.
    let plenty = origin.lead.min(LONG) + 0.5 * origin.review;
    let checks = case.checkpoints();
    // Stocked through most of the gap, and with plenty when it began.
    let full: Vec<(f64, f64)> = checks
        .iter()
        .map(|&(day, _)| on(day))
        .filter(|&(_, demand, stocked)| demand > 0.0 && stocked >= STOCKED * demand)
        .map(|(stock, demand, _)| (stock / demand, demand))
        .collect();
    let &(cover, demand) = full.first()?;
    if case.end - case.start < LEAST_DAYS || 2 * full.len() < checks.len() || cover < plenty {
        return None;
    }
    let own_rate: f64 = case
        .shelf()
        .expected
        .iter()
        .map(|e| e.per_day(case.start))
        .sum();
    let part = own_rate / (own_rate + demand);
    if part > MAIN {
        return None;
    }
    spans.into_iter().find_map(|span| {
        let got: Vec<f64> = siblings.iter().map(|s| units(s.0, span)).collect();
        let own = units(own_sku, span);
        let fair = part * (got.iter().sum::<f64>() + own);
        let wrong = got.iter().filter(|g| **g > 0.0).count() >= ORDERED
            && own < MIX * fair
            && fair - own >= 1.0
            && lifted_less(case, &siblings, part, anchor + -span, until);
        wrong.then(|| {
            case.evidence(
                StockoutCause::VariantSkew,
                fair - own,
                vec![
                    ("siblings", siblings.len().to_string()),
                    ("cover", shown(cover)),
                    ("ordered", shown(own)),
                    ("fair", shown(fair)),
                    ("share", format!("{:.0}", part * 100.0)),
                ],
            )
        })
    })
}

/// Whether this variant's stock and orders were below its part of the style's when its siblings were last ordered in `from..=to`: what was
/// not ordered because enough was there is no wrong mix.
fn lifted_less(
    case: &Case<'_, '_>,
    siblings: &[(SkuId, &Vec<usize>)],
    part: f64,
    from: Day,
    to: Day,
) -> bool {
    let shop = case.shop;
    let panel = shop.basis.panel;
    let (place, _) = case.origin(case.anchor);
    let location = case.shelves.all[place].days.location;
    let orders = || {
        siblings
            .iter()
            .map(|s| shop.movements.orders_of(s.0, location))
    };
    let Some(day) = orders()
        .flatten()
        .map(|o| o.ordered)
        .filter(|d| (from..=to).contains(d))
        .max()
    else {
        return false;
    };
    let on_order: f64 = orders()
        .flatten()
        .filter(|o| o.ordered <= day)
        .map(|o| {
            let over = o.last().is_some_and(|last| last <= day);
            o.units - o.received_by(day) - if over { o.short() } else { 0.0 }
        })
        .sum();
    let on_hand: f64 = siblings
        .iter()
        .filter_map(|(_, series)| {
            let &i = series.first()?;
            let t = usize::try_from((day - panel.first[i]).div_euclid(panel.grain.days())).ok()?;
            panel.view(i).closing.get(t).copied()
        })
        .filter(|x| *x > 0.0)
        .sum();
    let own = case.shelves.position(place, day);
    own < MIX * part * (own + on_hand + on_order)
}
