//! Sizes and colours: one is out while its siblings have plenty, because the order had the wrong mix.

use super::case::{Case, Evidence, shown};
use super::ordering::habit;
use super::shelf::Shelves;
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
/// An order has the wrong mix when it lifts the siblings above their usual by so much of what this one lacks of its own, …
const SURPLUS: f64 = 0.3;
/// … and leaves them stock for so many review periods when this one is out.
const STOCKED_REVIEWS: f64 = 0.5;
/// A style has more variants than need be looked at.
const LOOKED_AT: usize = 12;

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
    if 2 * full.len() < checks.len() {
        return None;
    }
    let own_rate: f64 = case
        .shelf()
        .expected
        .iter()
        .map(|e| e.per_day(case.start))
        .sum();
    let part = own_rate / (own_rate + demand);
    let found = |units_lacking: f64, own: f64, fair: f64| {
        case.evidence(
            StockoutCause::VariantSkew,
            units_lacking,
            vec![
                ("siblings", siblings.len().to_string()),
                ("cover", shown(cover)),
                ("ordered", shown(own)),
                ("fair", shown(fair)),
                ("share", format!("{:.0}", part * 100.0)),
            ],
        )
    };
    let fair = |own: f64, got: &[f64]| part * (got.iter().sum::<f64>() + own);
    let got = |span: i32| -> Vec<f64> { siblings.iter().map(|s| units(s.0, span)).collect() };
    if cover >= STOCKED_REVIEWS * origin.review
        && let Some(lacking) = lifted_beside(case, &siblings, place, anchor)
    {
        let own = units(own_sku, spans[0]);
        return Some(found(lacking, own, fair(own, &got(spans[0]))));
    }
    if part > MAIN || case.end - case.start < LEAST_DAYS || cover < plenty {
        return None;
    }
    spans.into_iter().find_map(|span| {
        let got = got(span);
        let own = units(own_sku, span);
        let fair = fair(own, &got);
        let wrong = got.iter().filter(|g| **g > 0.0).count() >= ORDERED
            && own < MIX * fair
            && fair - own >= 1.0
            && lifted_less(case, &siblings, part, anchor + -span, until);
        wrong.then(|| found(fair - own, own, fair))
    })
}

/// Units that the style's last order in time left out of this variant while it lifted the siblings above their usual: it was the mix, and not the
/// amount. None where the order lifted this one as usual, or the siblings too no higher than usual.
fn lifted_beside(
    case: &Case<'_, '_>,
    siblings: &[(SkuId, &Vec<usize>)],
    place: usize,
    anchor: Day,
) -> Option<f64> {
    let shop = case.shop;
    let origin = &case.shelves.all[place];
    let location = origin.days.location;
    let lead = origin.lead.round() as i32;
    // In time for the first half of the gap.
    let due = anchor + ((case.end - case.start) / 2 - lead);
    let recent = due + -((origin.lead + origin.review).round() as i32);
    let ordered = |day: Day| {
        let on = |s: &&(SkuId, &Vec<usize>)| {
            let orders = shop.movements.orders_of(s.0, location);
            orders.iter().any(|o| o.ordered == day)
        };
        siblings.iter().filter(on).count()
    };
    let day = siblings
        .iter()
        .flat_map(|s| shop.movements.orders_of(s.0, location))
        .map(|o| o.ordered)
        .filter(|d| (recent..=due).contains(d) && ordered(*d) >= ORDERED.min(siblings.len()))
        .max()?;
    let usual = |shelves: &Shelves<'_>, place: usize| {
        let habit = habit(case, shelves, place, day)?;
        let usual = habit.after * shelves.per_ordinary_day(place, day);
        Some((habit, usual, shelves.position(place, day)))
    };
    let (own, own_usual, position) = usual(case.shelves, place)?;
    let lacking = own_usual.min(own.units) - position;
    if !own.is_small(position, own_usual) || lacking < 1.0 {
        return None;
    }
    let surplus: f64 = siblings
        .iter()
        .take(LOOKED_AT)
        .filter_map(|s| {
            let shelves = Shelves::new(shop, s.0);
            let place = shelves
                .all
                .iter()
                .position(|s| s.days.location == location)?;
            let (habit, by_days, position) = usual(&shelves, place)?;
            Some(position - by_days.max(habit.units))
        })
        .sum();
    (surplus >= SURPLUS * lacking).then_some(lacking)
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
