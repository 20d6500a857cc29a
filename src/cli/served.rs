//! What the past hid and what it served, of the days whose stock is known.

use super::closing::{amount, percent, units, whole};
use crate::output::Summary;
use crate::text::{Lang, text};

/// What the stockouts of the past hid, and what was served: of the days whose stock is known.
pub(super) fn past(summary: &Summary, lang: Lang) -> Vec<String> {
    let say = |key: &str, figures: &[(&str, &str)]| text(lang, &format!("cli.{key}"), figures);
    let record =
        |key: &str, figures: &[(&str, &str)]| text(lang, &format!("record.{key}"), figures);
    let mut lines = Vec::new();
    let (hidden, service) = (&summary.hidden_demand, &summary.service);
    let told = summary.stock_record.gives_figures;
    let past = summary.stock_record.days.to_string();
    lines.push(if hidden.units.p90 > 0.0 {
        // Nobody's cost is zero: without unit costs there is no value to tell.
        let priced = hidden.value_at_cost.mean > 0.0;
        say(
            if priced {
                "end_hidden"
            } else {
                "end_hidden_without_cost"
            },
            &[
                ("units", &units(hidden.units.mean)),
                ("p10", &units(hidden.units.p10)),
                ("p90", &units(hidden.units.p90)),
                (
                    "value",
                    &amount(hidden.value_at_cost.mean, &summary.currency),
                ),
                ("days", &whole(summary.stockout_days as f64)),
                ("past", &past),
            ],
        )
    } else if no_stock_at_all(summary) || summary.stock_record.coverage.known == 0 {
        say("end_hidden_unknown", &[])
    } else if told {
        say("end_no_hidden", &[("past", &past)])
    } else {
        record("hidden_few", &[])
    });
    // Without stock nobody knows what was not served, nor what an order would change.
    if no_stock_at_all(summary) {
        return lines;
    }
    let expected = service.expected.map(percent);
    let series = whole(service.expected_series as f64);
    let reached = service.reached.map(percent);
    let count = whole(service.reached_series as f64);
    let mut figures = vec![
        ("past", past.as_str()),
        ("reached_series", &count),
        ("series", &series),
    ];
    figures.extend(reached.as_deref().map(|share| ("reached", share)));
    figures.extend(expected.as_deref().map(|share| ("expected", share)));
    lines.extend(match (&reached, &expected) {
        (Some(_), Some(_)) => Some(say("end_service", &figures)),
        (Some(_), None) => Some(say("end_service_reached", &figures)),
        (None, Some(_)) if !told => Some(record("service_few_expected", &figures)),
        (None, None) if !told => Some(record("service_few", &[])),
        _ => None,
    });
    lines
}

/// Whether the plan was made without any record of stock.
fn no_stock_at_all(summary: &Summary) -> bool {
    let mut kinds = summary.look_first.findings.iter();
    kinds.any(|kind| kind.code == "no_stock_at_all")
}
