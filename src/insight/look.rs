//! Findings that only the finished figures show.

use std::collections::{BTreeMap, BTreeSet};

use super::coming::name_coming_events;
use crate::config::Method;
use crate::domain::{
    Action, Availability, BackorderDesk, Channel, Confidence, Finding, Location, OpenLine,
    PoolOrder, Recommendation, ServiceMeasure, Severity, Sku, Transfer,
};
use crate::policy::{Basis, cost};

/// Stock for more days than this is worth a second look before it is ordered.
const LONG_DAYS: f64 = 365.0;
/// A channel that sells on nearly every day has not sold for so many: its records are missing, not its customers.
const SILENT_DAYS: usize = 4;

/// Channels whose sales records end before as-of: the days since read as days without demand.
fn sales_end_early(basis: &Basis<'_>, findings: &mut Vec<Finding>) {
    let panel = basis.panel;
    let step = panel.grain.days();
    for (c, channel) in basis.tables.channels.iter().enumerate() {
        let members: Vec<usize> = (0..panel.len())
            .filter(|&i| panel.series[i].channel.at() == c)
            .collect();
        let longest = members
            .iter()
            .map(|&i| panel.range(i).len())
            .max()
            .unwrap_or(0);
        // Counted back from as-of: any sale, and any shelf with stock.
        let (mut sold, mut open) = (vec![false; longest], vec![false; longest]);
        for &i in &members {
            for (back, at) in panel.range(i).rev().enumerate() {
                sold[back] |= panel.sold[at] + panel.backordered[at] > 0.0;
                open[back] |= !panel.availability[at].is_stockout()
                    && panel.availability[at] != Availability::NotListed;
            }
        }
        let Some(silent) = sold.iter().position(|s| *s) else {
            continue;
        };
        let before = &sold[silent..(silent + 60).min(longest)];
        let busy =
            before.len() >= 20 && before.iter().filter(|s| **s).count() * 10 >= before.len() * 9;
        if busy
            && silent >= SILENT_DAYS
            && open[..silent].iter().filter(|o| **o).count() >= SILENT_DAYS
        {
            let last = basis.tables.as_of + -(silent as i32) * step;
            findings.push(
                Finding::new(Severity::Warning, "sales_end_early")
                    .channel(channel)
                    .between(last + step, basis.tables.as_of)
                    .count(silent as u64)
                    .figure("last", last)
                    .figure("days", silent as i32 * step),
            );
        }
    }
}

/// Units owed that no stock, no receipt and no order of this plan serves, by SKU and channel: a pool's stock is pegged to the lines of all its
/// channels.
fn unserved(desk: &BackorderDesk) -> BTreeMap<(&Sku, &Channel), f64> {
    let mut units: BTreeMap<_, f64> = BTreeMap::new();
    for line in &desk.lines {
        *units.entry((&line.sku, &line.channel)).or_default() += line.unserved_units();
    }
    units
}

/// Stocks that owe more than is there and on its way: units and lines, and what this plan's order brings of them.
fn oversold(desk: &BackorderDesk, findings: &mut Vec<Finding>) {
    let mut stocks: BTreeMap<(&Sku, &Location), Vec<&OpenLine>> = BTreeMap::new();
    for line in desk.lines.iter().filter(|l| l.uncovered_units > 0.0) {
        let stock = stocks.entry((&line.sku, &line.location)).or_default();
        stock.push(line);
    }
    for ((sku, location), lines) in stocks {
        let sum = |of: fn(&OpenLine) -> f64| {
            let units: f64 = lines.iter().map(|l| of(l)).sum();
            (units * 1e4).round() / 1e4
        };
        let unserved = sum(OpenLine::unserved_units);
        let severity = if unserved > 0.0 {
            Severity::Warning
        } else {
            Severity::Notice
        };
        findings.push(
            Finding::new(severity, "oversold_pool")
                .sku(sku)
                .location(location)
                .count(lines.len() as u64)
                .figure("units", sum(|l| l.uncovered_units))
                .figure("lines", lines.len())
                .figure("owed", lines[0].owed_units)
                .figure("ordered", sum(|l| l.order_now_units))
                .figure("unserved", unserved),
        );
    }
}

/// Stock that runs out before the next order could arrive, though this plan's order of it is cut or held back; the whole order of a location.
fn held_back_runs_out(basis: &Basis<'_>, orders: &[PoolOrder], findings: &mut Vec<Finding>) {
    for order in orders.iter().filter(|o| o.bridge.held_back > 0.0) {
        let next = basis.tables.plan_day() + order.bridge.days.ceil() as i32;
        let out = order.bridge.first_stockout.filter(|out| *out < next);
        findings.extend(out.map(|out| {
            Finding::new(Severity::Warning, "held_back_runs_out")
                .sku(&order.sku)
                .location(&order.location)
                .figure("units", order.bridge.held_back)
                .figure("out", out)
                .figure("next", next)
        }));
    }
}

/// SKUs that are planned by the service level, although cost is asked for: their costs are not known, or they sell below cost.
fn cost_fell_back(basis: &Basis<'_>, rows: &[Recommendation], findings: &mut Vec<Finding>) {
    let policy = &basis.config.policy;
    if policy.service_measure != ServiceMeasure::Cost || policy.method == Method::Textbook {
        return;
    }
    let planned: BTreeSet<&crate::domain::Sku> = rows
        .iter()
        .filter(|r| r.action != Action::Stop)
        .map(|r| &r.sku)
        .collect();
    let items = basis.tables.skus.iter().zip(&basis.tables.items);
    let (mut below, mut without) = (Vec::new(), Vec::new());
    for (sku, item) in items.filter(|(sku, _)| planned.contains(sku)) {
        if cost::of_item(policy, item).is_some() {
            continue;
        }
        match item.price.zip(item.unit_cost) {
            Some((price, unit_cost)) if price <= unit_cost => below.push(sku),
            _ => without.push(sku),
        }
    }
    for (code, skus) in [
        ("cost_measure_below_cost", below),
        ("cost_measure_without_costs", without),
    ] {
        if let Some(first) = skus.first() {
            findings.push(
                Finding::new(Severity::Warning, code)
                    .count(skus.len() as u64)
                    .figure("count", skus.len())
                    .figure("all", planned.len())
                    .figure("sku", first),
            );
        }
    }
}

/// What reorder points would be with the units that leave stocks without a sale: demand and safety stock grow with them in proportion.
fn points_with_what_leaves(orders: &[PoolOrder], findings: &mut [Finding]) {
    let told = ["stock_leaves_unexplained", "stocks_leave_unexplained"];
    for finding in findings.iter_mut().filter(|f| told.contains(&f.code)) {
        let of = |o: &&PoolOrder| {
            Some(&o.sku) == finding.sku.as_ref() && Some(&o.location) == finding.location.as_ref()
        };
        let Some(b) = orders.iter().find(of).map(|o| &o.bridge) else {
            continue;
        };
        let figure = |name: &str| finding.figures.iter().position(|(n, _)| *n == name);
        let (Some(largest), Some(now), Some(point)) =
            (figure("largest"), figure("now"), figure("point"))
        else {
            continue;
        };
        let more: f64 = finding.figures[largest].1.parse().unwrap_or(0.0);
        let with = if b.per_day > 0.0 {
            b.reorder_point * (1.0 + more / b.per_day)
        } else {
            more * b.days
        };
        finding.figures[now].1 = format!("{:.0}", b.reorder_point);
        finding.figures[point].1 = format!("{with:.0}");
    }
}

/// Days without a stock record, which are read as days with stock.
fn unknown_days(basis: &Basis<'_>, findings: &mut Vec<Finding>) {
    let coverage = basis.panel.coverage();
    let unknown = coverage.series_days - coverage.known;
    if unknown == 0 || coverage.known == 0 {
        // That nothing is known is said in other words.
        return;
    }
    let since = coverage.since.unwrap_or(basis.tables.as_of);
    findings.push(
        Finding::new(Severity::Notice, "stock_days_unknown")
            .count(unknown)
            .figure("count", unknown)
            .figure("all", coverage.series_days)
            .figure("days", coverage.days)
            .figure("since", since),
    );
}

/// Adds what the plan itself gives reason to look at, then sorts all findings: severity, code, SKU, channel, day.
pub fn look(
    basis: &Basis<'_>,
    rows: &[Recommendation],
    for_supplied: &[Recommendation],
    orders: &[PoolOrder],
    transfers: &[Transfer],
    desk: &BackorderDesk,
    findings: &mut Vec<Finding>,
) {
    let mut all = rows.iter().chain(for_supplied);
    let some_stock = all.any(|r| r.on_hand.is_some());
    if !some_stock && rows.iter().any(|r| r.action == Action::Review) {
        findings.push(
            Finding::new(Severity::Warning, "no_stock_at_all")
                .count(rows.len() as u64)
                .figure("count", rows.len()),
        );
    }
    unknown_days(basis, findings);
    points_with_what_leaves(orders, findings);
    name_coming_events(basis.panel, basis.tables, basis.model, findings);
    let supplying: BTreeSet<_> = for_supplied.iter().map(|r| (&r.sku, &r.location)).collect();
    let unserved = unserved(desk);
    // New items that name one that sells alike.
    let named = basis.tables.skus.iter().zip(&basis.tables.items);
    let alike: BTreeSet<&Sku> = named
        .filter_map(|(sku, item)| item.similar_sku.map(|_| sku))
        .collect();
    for r in rows {
        let about = |severity, code| {
            Finding::new(severity, code)
                .sku(&r.sku)
                .channel(&r.channel)
                .location(&r.location)
        };
        if r.action == Action::Review && some_stock {
            findings.push(match &r.supplied_from {
                Some(source) => about(Severity::Warning, "stock_unknown_supplied")
                    .figure("source", source)
                    .figure("units", r.reorder_point),
                None => about(Severity::Warning, "stock_unknown"),
            });
        }
        if r.action == Action::Order && r.confidence == Confidence::Low && r.order_qty > 0.0 {
            findings.push(
                about(Severity::Notice, "order_on_little_history")
                    .figure("quantity", r.order_qty)
                    .figure("per_day", format!("{:.2}", r.demand_per_day))
                    .figure("alike", u8::from(alike.contains(&r.sku))),
            );
        }
        let short = unserved.get(&(&r.sku, &r.channel)).copied();
        if let Some(short) = short.filter(|s| r.action == Action::Stop && *s > 0.0) {
            findings.push(
                about(Severity::Warning, "discontinued_but_owed")
                    .figure("units", (short * 1e4).round() / 1e4),
            );
        }
        let days = if r.demand_per_day > 0.0 {
            (r.inventory_position + r.order_qty) / r.demand_per_day
        } else {
            0.0
        };
        let alone = r.pool_channels == 1 && !supplying.contains(&(&r.sku, &r.location));
        if r.order_qty > 0.0 && days > LONG_DAYS && alone {
            findings.push(
                about(Severity::Warning, "order_lasts_long")
                    .figure("quantity", r.order_qty)
                    .figure("days", days.round())
                    .figure("moq", r.moq),
            );
        }
        if r.on_order_late > 0.0
            && r.first_stockout_date
                .is_some_and(|d| d - r.as_of <= r.lead_time_days as i32)
        {
            findings.push(
                about(Severity::Notice, "late_receipt_after_stockout")
                    .figure("units", r.on_order_late),
            );
        }
    }
    // A source's own channels have told of its stock already.
    let told: BTreeSet<_> = rows.iter().map(|r| (&r.sku, &r.location)).collect();
    for r in for_supplied {
        if r.action == Action::Review && some_stock && !told.contains(&(&r.sku, &r.location)) {
            findings.push(
                Finding::new(Severity::Warning, "stock_unknown_source")
                    .sku(&r.sku)
                    .location(&r.location),
            );
        }
    }
    oversold(desk, findings);
    held_back_runs_out(basis, orders, findings);
    super::under_way::surplus(basis, orders, findings);
    sales_end_early(basis, findings);
    cost_fell_back(basis, rows, findings);
    for t in transfers.iter().filter(|t| !t.possible) {
        findings.push(
            Finding::new(Severity::Notice, "misplaced_stock")
                .sku(&t.sku)
                .location(&t.to)
                .figure("from", &t.from)
                .figure("units", t.units),
        );
    }
    fn key(f: &Finding) -> impl Ord + '_ {
        let about = (f.sku.as_ref(), f.channel.as_ref(), f.location.as_ref());
        (f.severity, f.code, about, f.from)
    }
    findings.sort_by(|a, b| key(a).cmp(&key(b)));
}
