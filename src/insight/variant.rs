//! Sizes and colours: one is out while its siblings have plenty, because the order had the wrong mix.

use super::case::{Case, Evidence, shown};
use crate::domain::{Day, StockoutCause};

/// Siblings in stock, weighted by demand, that make a full style.
const STOCKED: f64 = 0.75;
/// Its part of the style's orders below this share of its part in demand is a wrong mix.
const MIX: f64 = 0.5;
/// Siblings have plenty when their stock lasts so many days longer than an order takes.
const PLENTY: f64 = 21.0;
/// Siblings of which at least so many were ordered meanwhile.
const ORDERED: usize = 2;

/// Siblings together had stock for longer than an order takes, and this variant got less than its part of the style's orders.
pub(super) fn evidence(case: &Case<'_, '_>) -> Option<Evidence> {
    let shop = case.shop;
    let (panel, model) = (shop.basis.panel, shop.basis.model);
    let style = case.item().variant_of.as_deref()?;
    let own_sku = case.shelf().days.sku;
    let location = case.shelf().days.location;
    let (place, anchor) = case.origin(case.anchor);
    let origin = &case.shelves.all[place];
    let (mut siblings, mut bought) = (0, 0);
    let (mut stocked, mut demand, mut stock, mut ordered) = (0.0, 0.0, 0.0, 0.0);
    // The orders that should have covered this cycle and the one before it.
    let span = 2 * (origin.lead + origin.review).round() as i32 + 28;
    let lead = origin.lead.round() as i32;
    let window = |d: Day| d >= anchor + -span && d <= anchor.max(case.end) + -lead;
    let units = |sku: u32| -> f64 {
        shop.orders_of(sku, origin.days.location)
            .iter()
            .filter(|o| window(o.ordered))
            .map(|o| o.units)
            .sum()
    };
    for &sku in shop.styles.get(style)? {
        let Some(series) = shop.pools.get(&(sku, location)) else {
            continue;
        };
        if sku == own_sku {
            continue;
        }
        let day = case.start;
        let per_day: f64 = series
            .iter()
            .map(|&i| model.series[i].level * model.index(i, 0, day, panel.grain.days()))
            .sum::<f64>()
            / f64::from(panel.grain.days());
        let Some(&i) = series.first() else { continue };
        let t = (day - panel.first[i]).div_euclid(panel.grain.days());
        let closing = usize::try_from(t)
            .ok()
            .and_then(|t| panel.view(i).closing.get(t).copied());
        let Some(closing) = closing.filter(|c| !c.is_nan()) else {
            continue;
        };
        siblings += 1;
        demand += per_day;
        stock += closing.max(0.0);
        if closing > 0.0 {
            stocked += per_day;
        }
        let got = units(sku);
        ordered += got;
        bought += usize::from(got > 0.0);
    }
    let own_rate = case.shelf().expected.iter().map(|e| e.per_day(case.start)).sum::<f64>();
    if siblings < 2 || demand <= 0.0 || stocked < STOCKED * demand || bought < ORDERED {
        return None;
    }
    let cover = stock / demand;
    if cover < origin.lead.min(60.0) + origin.review + PLENTY {
        return None;
    }
    let own = units(own_sku);
    let part = own_rate / (own_rate + demand);
    let fair = part * (ordered + own);
    (own < MIX * fair && fair - own >= 1.0).then(|| {
        case.evidence(
            StockoutCause::VariantSkew,
            fair - own,
            vec![
                ("siblings", siblings.to_string()),
                ("cover", shown(cover)),
                ("ordered", shown(own)),
                ("fair", shown(fair)),
                ("share", format!("{:.0}", part * 100.0)),
            ],
        )
    })
}
