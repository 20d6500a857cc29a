//! Reasons of rows and orders as sentences.

use super::figure::figure;
use crate::domain::{
    Action, Bridge, Location, NextOrder, PlannedAs, PoolOrder, Reason, Recommendation, Rest,
};
use crate::text::{Lang, plain, text};

/// Units a day for a sentence: with the decimals that tell a slow seller from one that does not sell.
fn rate(x: f64) -> String {
    if x < 0.005 {
        format!("{x:.4}")
    } else {
        format!("{x:.2}")
    }
}

/// Two quantities of one sentence, with the decimals that tell them apart.
fn compared(a: f64, b: f64) -> (String, String) {
    let (mut first, mut second) = (plain(a), plain(b));
    for decimals in 1..=4 {
        if first != second || a == b {
            break;
        }
        (first, second) = (format!("{a:.decimals$}"), format!("{b:.decimals$}"));
    }
    (first, second)
}

fn rest(lang: Lang, rest: Rest) -> String {
    let (code, units) = match rest {
        Rest::Bought => ("rest_bought", 0.0),
        Rest::HeldBack => ("rest_held_back", 0.0),
        Rest::UnderWay(units) => ("rest_under_way", units),
        Rest::NotBought => ("rest_not_bought", 0.0),
    };
    text(lang, &format!("reason.{code}"), &[("units", &plain(units))])
}

/// The steps from a position below zero to the order, in figures that add up as they are written: the last step, to what can be ordered,
/// holds what writing them rounded off.
fn steps(lang: Lang, b: &Bridge) -> String {
    let decimals = if b.quantity < 10.0 || b.quantity.fract() != 0.0 {
        1
    } else {
        0
    };
    let scale = 10_f64.powi(decimals);
    let written = |x: f64| (x * scale).round() / scale;
    let shown = |x: f64| {
        let rounded = (x * scale).round() / scale;
        format!("{}", rounded + 0.0)
    };
    let say = |key: &str, units: f64| {
        let figures = [("units", shown(units)), ("days", plain(b.days))];
        let figures: Vec<(&str, &str)> = figures.iter().map(|(n, v)| (*n, v.as_str())).collect();
        text(lang, &format!("reason.{key}"), &figures)
    };
    let mut sum = 0.0;
    let mut out = String::new();
    for (key, sign, units) in [
        ("owed_debt", 1.0, -b.position),
        ("owed_demand", 1.0, b.mean),
        ("owed_safety", 1.0, b.safety),
        ("owed_reduction", -1.0, b.waiting_reduction),
        ("owed_moved", -1.0, b.transfer_in),
    ] {
        let units = written(units);
        if units != 0.0 || matches!(key, "owed_debt" | "owed_demand" | "owed_safety") {
            out.push_str(&say(key, units));
            sum += sign * units;
        }
    }
    let rounding = written(b.quantity) - sum;
    if written(rounding) > 0.0 {
        out.push_str(&say("owed_up", rounding));
    } else if written(rounding) < 0.0 {
        out.push_str(&say("owed_down", -rounding));
    }
    out.push_str(&say("owed_total", b.quantity));
    out
}

/// Why this order has to last longer than usual.
fn later(lang: Lang, next: &NextOrder) -> String {
    let code = match (next.closed > 0.0, next.waits > 0.0) {
        (true, true) => "with_next_both",
        (true, false) => "with_next_closed",
        (false, _) => "with_next_order_day",
    };
    let figures = [
        ("arrival", &next.arrival.to_string()),
        ("closed", &plain(next.closed)),
        ("waits", &plain(next.waits)),
    ];
    let figures = figures.map(|(name, figure)| (name, figure.as_str()));
    text(lang, &format!("reason.{code}"), &figures)
}

/// Units by which an order may differ from its need without a word.
const SAME: f64 = 0.5;

/// What can be ordered: at least `least` units, in whole multiples (0: any quantity).
#[derive(Clone, Copy)]
struct Lot {
    least: f64,
    multiple: f64,
}

/// Why a row is as recommended.
pub fn reason(lang: Lang, row: &Recommendation) -> String {
    let mut said = sentence(lang, &row.bridge(), &row.reason, row.supplied_from.as_ref());
    let lot = Lot {
        least: row.moq,
        multiple: row.order_multiple,
    };
    // A share of a shared stock's order is no lot of its own.
    if row.pool_channels == 1 {
        said += &lot_words(lang, &row.bridge(), &row.reason, lot);
    }
    said
}

/// Why an order is as it is.
pub fn order_reason(lang: Lang, order: &PoolOrder) -> String {
    let lot = Lot {
        least: order.moq,
        multiple: order.order_multiple,
    };
    sentence(lang, &order.bridge, &order.reason, None)
        + &lot_words(lang, &order.bridge, &order.reason, lot)
}

/// Why more is ordered than is needed, and why a safety stock is below zero.
fn lot_words(lang: Lang, b: &Bridge, why: &Reason, lot: Lot) -> String {
    let mut said = String::new();
    let least = if lot.least > 0.0 { lot.least } else { 0.0 };
    // Multiples of one piece are no lots.
    let multiple = if lot.multiple > 1.0 {
        lot.multiple
    } else {
        0.0
    };
    let lots = least.max(multiple);
    // Up to four decimals: a need of .12 is no need of 0.
    let need = figure(b.need.max(0.0));
    let figures = [
        ("need", need.as_str()),
        ("quantity", &plain(b.quantity)),
        ("least", &plain(least)),
        ("multiple", &plain(multiple)),
    ];
    let told = matches!(why.code, "owed" | "least_order" | "supplies");
    if b.quantity > 0.0 && !told && !why.topped_up && b.quantity - b.need > SAME && lots > 1.0 {
        let key = match (least > multiple, multiple > 0.0) {
            _ if b.need <= 0.0 => "with_least_due",
            (true, true) => "with_lot_both",
            (true, false) => "with_lot_least",
            (false, _) => "with_lot_multiple",
        };
        said += &text(lang, &format!("reason.{key}"), &figures);
    }
    let active = matches!(b.action, Action::Order | Action::Transfer | Action::Wait);
    if b.safety < 0.0 && active && b.mean > 0.0 && lots > b.per_day {
        said += &text(lang, "reason.with_negative_safety", &figures);
    }
    said
}

/// What a row says that is planned under other codes.
fn elsewhere(lang: Lang, code: &str, planned_as: &PlannedAs) -> String {
    let key = format!("reason.{code}");
    match planned_as {
        PlannedAs::Parts {
            part,
            on_hand,
            units,
            sets,
        } => {
            let figures = [
                ("part", part.to_string()),
                ("on_hand", plain(*on_hand)),
                ("units", plain(*units)),
                ("sets", plain(*sets)),
            ];
            let figures = figures
                .each_ref()
                .map(|(name, figure)| (*name, figure.as_str()));
            text(lang, &key, &figures)
        }
        PlannedAs::Successors(skus) => {
            let names: Vec<String> = skus.iter().map(|sku| format!("\"{sku}\"")).collect();
            text(lang, &key, &[("skus", &names.join(", "))])
        }
    }
}

fn sentence(lang: Lang, b: &Bridge, why: &Reason, source: Option<&Location>) -> String {
    let hidden = b.hidden.round();
    let with_hidden = |key: &str| {
        let days = b.stockout_days.to_string();
        text(lang, key, &[("hidden", &plain(hidden)), ("days", &days)])
    };
    if let Some(planned_as) = &why.planned_as {
        let mut sentence = elsewhere(lang, why.code, planned_as);
        if hidden >= 1.0 && b.action == Action::FromParts {
            sentence.push_str(&with_hidden("reason.with_hidden"));
        }
        return sentence;
    }
    let stockout = match b.first_stockout {
        _ if b.on_hand <= 0.0 => text(lang, "reason.already", &[]),
        Some(day) => day.to_string(),
        None => "-".to_owned(),
    };
    let (position, point) = compared(b.position, b.reorder_point);
    let source = source.map_or("-", |l| l.as_str());
    let figures: [(&str, &str); 21] = [
        ("position", &position),
        ("on_hand", &plain(b.on_hand)),
        ("inbound", &plain(b.in_time)),
        ("late", &plain(b.late)),
        ("owed", &plain(b.owed)),
        ("point", &point),
        ("demand", &plain(b.mean)),
        ("safety", &plain(b.safety)),
        ("days", &plain(b.days)),
        ("lost", &plain(b.lost_while_waiting)),
        ("reduction", &plain(b.waiting_reduction)),
        ("quantity", &plain(b.quantity)),
        ("source", source),
        ("rest", &rest(lang, why.rest)),
        ("moved", &plain(b.transfer_in)),
        ("short", &plain(b.short)),
        ("held", &plain(b.held_back)),
        ("need", &plain(b.need.max(0.0))),
        ("per_day", &rate(b.per_day)),
        ("stockout", &stockout),
        ("year", &plain(b.year)),
    ];
    let key = match why.code {
        "excess" if b.year < 0.5 => "excess_unsold",
        code => code,
    };
    let mut sentence = text(lang, &format!("reason.{key}"), &figures);
    if why.code == "owed" {
        sentence.push_str(&steps(lang, b));
    }
    if why.code == "transfer" && b.short > 0.0 {
        sentence.push_str(&text(lang, "reason.with_short", &figures));
    }
    if b.transfer_in > 0.0 && !matches!(why.code, "transfer" | "owed") {
        sentence.push_str(&text(lang, "reason.with_transfer", &figures));
    }
    if why.topped_up && why.code != "topped_up" {
        sentence.push_str(&text(lang, "reason.with_top_up", &figures));
    }
    if let Some(since) = why.unsold_since.filter(|_| b.quantity > 0.0) {
        let since = since.to_string();
        let unsold = [("since", since.as_str()), ("on_hand", &plain(b.on_hand))];
        sentence.push_str(&text(lang, "reason.with_unsold", &unsold));
    }
    if b.mean > 0.0
        && matches!(b.action, Action::Order | Action::Transfer | Action::Wait)
        && let Some(next) = &why.next_order
    {
        sentence.push_str(&later(lang, next));
    }
    if !why.unknown.is_empty() {
        let names: Vec<String> = why.unknown.iter().map(|l| format!("\"{l}\"")).collect();
        let names = names.join(", ");
        let unknown = [("locations", names.as_str())];
        sentence.push_str(&text(lang, "reason.with_unknown_supplied", &unknown));
    }
    if hidden >= 1.0 && b.action != Action::Stop {
        // A part that was never out can have been missed through sets.
        sentence.push_str(&with_hidden(if b.stockout_days > 0 {
            "reason.with_hidden"
        } else {
            "reason.with_hidden_sets"
        }));
    }
    sentence
}
