//! Rows of codes that are planned under others: sets, as their parts, and what was replaced, as what replaces it.

use super::basis::{Basis, YEAR_DAYS, four, review_days};
use crate::demand::SetPast;
use crate::demand::hidden::BAND_WIDTH;
use crate::domain::{
    Action, Band, ChannelId, Confidence, Day, LocationId, PlannedAs, Reason, Recommendation,
    Replaced, SetOfParts, SkuId,
};
use crate::supply::Pool;

/// Days of which rows show what was sold.
const MONTH_DAYS: i32 = 28;
/// Variance ÷ mean of what a day's customers of a set want, where nothing is fitted.
const SPREAD: f64 = 1.3;

/// The rows, by (sku, channel), and what the rows of the plan say of codes that keep a part of their demand.
pub fn elsewhere(
    basis: &Basis<'_>,
    pools: &[Pool],
    sets: &[SetPast],
    planned: &mut [Recommendation],
) -> Vec<Recommendation> {
    let tables = basis.tables;
    let mut rows: Vec<Recommendation> = sets
        .iter()
        .map(|past| set_row(basis, pools, &tables.elsewhere.sets[past.set], past))
        .collect();
    for code in &tables.elsewhere.replaced {
        let mut channels: Vec<ChannelId> = code.sales.iter().map(|s| s.channel).collect();
        channels.sort_unstable();
        channels.dedup();
        for channel in channels {
            let own = (&tables.skus[code.sku], &tables.channels[channel]);
            let at = planned.binary_search_by(|r| (&r.sku, &r.channel).cmp(&own));
            match at {
                Ok(at) => planned[at].reason = replaced_reason(basis, code),
                Err(_) => rows.push(replaced_row(basis, code, channel)),
            }
        }
    }
    rows.sort_by(|a, b| (&a.sku, &a.channel).cmp(&(&b.sku, &b.channel)));
    rows
}

/// A row without a figure.
fn bare(
    basis: &Basis<'_>,
    sku: SkuId,
    channel: ChannelId,
    action: Action,
    reason: Reason,
) -> Recommendation {
    let tables = basis.tables;
    let item = &tables.items[sku];
    let unknown = f64::NAN;
    Recommendation {
        sku: tables.skus[sku].clone(),
        name: item.name.clone(),
        channel: tables.channels[channel].clone(),
        location: tables.locations[tables.channel_rows[channel].location].clone(),
        category: item.category.clone(),
        supplier: item.supplier.clone(),
        as_of: tables.as_of,
        action,
        observed_units_per_day: 0.0,
        stockout_days: 0,
        hidden_units: Band::default(),
        demand_per_day: unknown,
        lead_time_days: unknown,
        lead_time_sd: unknown,
        review_days: review_days(tables, basis.config, sku),
        protection_days: unknown,
        demand_over_protection: unknown,
        demand_over_protection_sd: unknown,
        distribution: "",
        service_measure: basis.config.policy.service_measure,
        service_target: unknown,
        safety_stock: unknown,
        reorder_point: unknown,
        order_up_to: unknown,
        on_hand: None,
        on_order_in_time: unknown,
        on_order_late: unknown,
        open_backorders: unknown,
        inventory_position: unknown,
        raw_need: unknown,
        moq: unknown,
        order_multiple: unknown,
        order_qty: 0.0,
        unit_cost: item.unit_cost,
        amount: None,
        order_by: None,
        expected_arrival: None,
        first_stockout_date: None,
        expected_service: unknown,
        confidence: Confidence::Low,
        reason,
        waiting_reduction: unknown,
        lost_while_waiting: unknown,
        rounding: unknown,
        pool_channels: 1,
        price: item.price,
        supplied_from: None,
        safety_stock_apart: unknown,
        transfer_in: 0.0,
        transfer_short: 0.0,
        held_back: 0.0,
        annual_value: 0.0,
        demand_over_year: unknown,
        on_order_surplus: 0.0,
    }
}

/// What is on hand of a SKU at a location.
fn on_hand(pools: &[Pool], sku: SkuId, location: LocationId) -> Option<f64> {
    let at = pools.binary_search_by_key(&(sku, location), |p| (p.sku, p.location));
    pools[at.ok()?].on_hand
}

fn set_row(basis: &Basis<'_>, pools: &[Pool], set: &SetOfParts, past: &SetPast) -> Recommendation {
    let tables = basis.tables;
    let location = tables.channel_rows[past.channel].location;
    // The part of which the fewest sets can be made.
    let mut limit: Option<(SkuId, f64, f64)> = None;
    let mut known = true;
    for &(part, units) in &set.parts {
        let Some(stock) = on_hand(pools, part, location) else {
            known = false;
            continue;
        };
        let stock = stock.max(0.0);
        if limit.is_none_or(|(_, s, u)| stock / units < s / u) {
            limit = Some((part, stock, units));
        }
    }
    let made = limit.map(|(_, stock, units)| (stock / units + 1e-9).floor());
    let planned_as = limit.map(|(part, stock, units)| PlannedAs::Parts {
        part: tables.skus[part].clone(),
        on_hand: stock,
        units,
        sets: (stock / units + 1e-9).floor(),
    });
    let reason = Reason {
        planned_as: planned_as.filter(|_| known),
        ..Reason::new(if known { "set" } else { "set_unknown" })
    };
    let step = basis.panel.grain.days();
    let last = |days: i32| past.sold.len() - ((days / step).max(1) as usize).min(past.sold.len());
    let (month, year) = (last(MONTH_DAYS), last(YEAR_DAYS));
    let hidden: f64 = (year..past.sold.len()).map(|t| past.hidden(t)).sum();
    let out = (year..past.sold.len())
        .filter(|&t| past.open[t] < 1.0)
        .count();
    // Chance of the hidden days, and the error of the rate that they are expected by.
    let seen: f64 = (year..past.sold.len())
        .filter(|&t| past.open[t] >= 1.0)
        .map(|t| past.sold[t])
        .sum();
    let half = 0.5 * BAND_WIDTH * (SPREAD * (hidden + hidden * hidden / seen.max(1.0))).sqrt();
    let days = ((past.sold.len() - month) as i32 * step).max(1);
    Recommendation {
        observed_units_per_day: four(past.sold[month..].iter().sum::<f64>() / f64::from(days)),
        stockout_days: out as u32 * step as u32,
        hidden_units: Band {
            mean: four(hidden),
            p10: four((hidden - half).max(0.0)),
            p90: four(hidden + half),
        },
        demand_per_day: four(past.rate.last().copied().unwrap_or(0.0) / f64::from(step)),
        on_hand: made.filter(|_| known),
        ..bare(basis, set.sku, past.channel, Action::FromParts, reason)
    }
}

fn replaced_reason(basis: &Basis<'_>, code: &Replaced) -> Reason {
    let names = code
        .by
        .iter()
        .map(|(new, _)| basis.tables.skus[*new].clone());
    Reason {
        planned_as: Some(PlannedAs::Successors(names.collect())),
        ..Reason::new("replaced")
    }
}

fn replaced_row(basis: &Basis<'_>, code: &Replaced, channel: ChannelId) -> Recommendation {
    let tables = basis.tables;
    let location = tables.channel_rows[channel].location;
    let since: Day = tables.plan_day() + (1 - MONTH_DAYS);
    let sold: f64 = code
        .sales
        .iter()
        .filter(|s| s.channel == channel && s.day >= since)
        .map(|s| s.units)
        .sum();
    let stock = code.stock.iter().find(|(place, _)| *place == location);
    Recommendation {
        observed_units_per_day: four(sold / f64::from(MONTH_DAYS)),
        on_hand: stock.map(|(_, units)| four(*units)),
        ..bare(
            basis,
            code.sku,
            channel,
            Action::Stop,
            replaced_reason(basis, code),
        )
    }
}
