//! Why: one sentence a row, in the language of the run.

use super::grant::{Grant, Why};
use crate::domain::{Action, Day, Recommendation};
use crate::text::{Lang, text};

/// A quantity for a sentence: whole where it is large, one decimal where it is small.
pub(super) fn plain(x: f64) -> String {
    if x.abs() >= 10.0 || (x - x.round()).abs() < 0.05 {
        format!("{:.0}", x.round())
    } else {
        format!("{x:.1}")
    }
}

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

/// What becomes of units that a location's source cannot spare.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rest {
    /// The source's order of this plan holds them.
    Bought,
    /// The source's order is cut or held back.
    HeldBack,
    /// The source orders none, but so many units are on their way to it.
    UnderWay(f64),
    /// Nothing is ordered or under way.
    NotBought,
}

impl Rest {
    fn sentence(self, lang: Lang) -> String {
        let (code, units) = match self {
            Self::Bought => ("rest_bought", 0.0),
            Self::HeldBack => ("rest_held_back", 0.0),
            Self::UnderWay(units) => ("rest_under_way", units),
            Self::NotBought => ("rest_not_bought", 0.0),
        };
        text(lang, &format!("reason.{code}"), &[("units", &plain(units))])
    }
}

/// What a sentence tells beyond the row's figures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'a> {
    /// Whether the row is what a location needs for those that it supplies.
    pub(super) supplies: bool,
    /// Supplied locations whose stock nobody knows; empty where there are none, or where the row is not about them.
    pub(super) unknown: &'a str,
    /// Since when nothing could be bought of the stock on record.
    pub(super) unsold_since: Option<Day>,
    /// The location that supplies the row's.
    pub(super) source: Option<&'a str>,
    /// What becomes of units that the source cannot spare.
    pub(super) rest: Rest,
    /// Whether the stock serves more than this row.
    pub(super) shared: bool,
    /// Why the order is not what is asked for.
    pub(super) grant: Option<&'a Grant>,
}

/// Reason code and sentence.
pub(super) fn sentence(r: &Recommendation, lang: Lang, told: &Told<'_>) -> (&'static str, String) {
    let held = |why: Why| r.held_back > 0.0 && told.grant.is_some_and(|g| g.why == why);
    let topped_up = r.order_qty > 0.0 && told.grant.is_some_and(|g| g.why == Why::ToppedUp);
    let code = match r.action {
        _ if held(Why::Budget) => "budget",
        _ if held(Why::BelowMinimum) => "below_minimum",
        Action::Transfer if r.transfer_in > 0.0 => "transfer",
        Action::Transfer if r.transfer_short > 0.0 => "transfer_short",
        Action::Order if r.inventory_position > r.reorder_point && topped_up => "topped_up",
        Action::Order if told.supplies && r.order_qty > 0.0 => "supplies",
        Action::Stop => "discontinued",
        Action::Review => "no_stock_record",
        Action::Excess => "excess",
        Action::Order if r.order_qty <= 0.0 => "pool_order",
        Action::Order if r.open_backorders > 0.0 && r.inventory_position < 0.0 => "owed",
        Action::Order if r.waiting_reduction >= 1.0 => "below_point_waiting",
        Action::Order => "below_point",
        Action::Wait if r.demand_over_protection <= 0.0 => "no_demand",
        Action::Wait if r.inventory_position <= r.reorder_point && r.on_order_late > 0.0 => {
            "late_inbound_covers"
        }
        Action::Wait if r.inventory_position <= r.reorder_point && r.waiting_reduction >= 1.0 => {
            "next_order_in_time"
        }
        Action::Wait if r.inventory_position < r.reorder_point && told.shared => "pool_covers",
        Action::Wait if r.inventory_position <= r.reorder_point => "at_point",
        Action::Wait if r.on_order_in_time > 0.0 => "inbound_covers",
        Action::Wait => "stock_covers",
        Action::Transfer => "pool_covers",
    };
    let hidden = r.hidden_units.mean.round();
    let stockout = match r.first_stockout_date {
        _ if r.on_hand <= 0.0 => text(lang, "reason.already", &[]),
        Some(day) => day.to_string(),
        None => "-".to_owned(),
    };
    let (position, point) = compared(r.inventory_position, r.reorder_point);
    let source = told.source.unwrap_or("-");
    let figures: [(&str, &str); 21] = [
        ("position", &position),
        ("on_hand", &plain(r.on_hand)),
        ("inbound", &plain(r.on_order_in_time)),
        ("late", &plain(r.on_order_late)),
        ("owed", &plain(r.open_backorders)),
        ("point", &point),
        ("demand", &plain(r.demand_over_protection)),
        ("safety", &plain(r.safety_stock)),
        ("days", &plain(r.protection_days)),
        ("lost", &plain(r.lost_while_waiting)),
        ("reduction", &plain(r.waiting_reduction)),
        ("quantity", &plain(r.order_qty)),
        ("source", source),
        ("rest", &told.rest.sentence(lang)),
        ("moved", &plain(r.transfer_in)),
        ("short", &plain(r.transfer_short)),
        ("held", &plain(r.held_back)),
        ("need", &plain(r.raw_need)),
        ("per_day", &rate(r.demand_per_day)),
        ("stockout", &stockout),
        (
            "cover",
            &plain(if r.demand_per_day > 0.0 {
                r.on_hand / r.demand_per_day
            } else {
                0.0
            }),
        ),
    ];
    let key = match code {
        "excess" if r.demand_per_day <= 0.0 => "excess_unsold",
        _ => code,
    };
    let mut sentence = text(lang, &format!("reason.{key}"), &figures);
    if code == "transfer" && r.transfer_short > 0.0 {
        sentence.push_str(&text(lang, "reason.with_short", &figures));
    }
    if r.transfer_in > 0.0 && code != "transfer" {
        sentence.push_str(&text(lang, "reason.with_transfer", &figures));
    }
    if topped_up && code != "topped_up" {
        sentence.push_str(&text(lang, "reason.with_top_up", &figures));
    }
    if let Some(since) = told.unsold_since.filter(|_| r.order_qty > 0.0) {
        let since = since.to_string();
        let unsold = [("since", since.as_str()), ("on_hand", &plain(r.on_hand))];
        sentence.push_str(&text(lang, "reason.with_unsold", &unsold));
    }
    if !told.unknown.is_empty() {
        let unknown = [("locations", told.unknown)];
        sentence.push_str(&text(lang, "reason.with_unknown_supplied", &unknown));
    }
    if hidden >= 1.0 && r.action != Action::Stop {
        sentence.push_str(&text(
            lang,
            "reason.with_hidden",
            &[
                ("hidden", &plain(hidden)),
                ("days", &r.stockout_days.to_string()),
            ],
        ));
    }
    (code, sentence)
}
