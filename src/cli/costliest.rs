//! Closing lines: the two causes that cost most, and what to do about them.

use super::closing::{amount, units};
use crate::domain::Plan;
use crate::insight::summary::{CauseTotal, View, first_of_year, totals};
use crate::text::{Lang, text};

/// Causes that are named.
const NAMED: usize = 2;

/// A heading and the costliest causes of the last twelve months, by value where items have one, else by units. Empty without stockouts.
pub(super) fn costliest(plan: &Plan, lang: Lang) -> Vec<String> {
    let mut causes: Vec<CauseTotal> = totals(&plan.stockouts, Some(first_of_year(plan.as_of)))
        .into_iter()
        .filter(|t| t.view == View::All && t.units() > 0.0)
        .collect();
    let priced = causes.iter().any(|c| c.value() > 0.0);
    let cost = |c: &CauseTotal| if priced { c.value() } else { c.units() };
    causes.sort_by(|a, b| cost(b).total_cmp(&cost(a)).then(a.cause.cmp(&b.cause)));
    if causes.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![text(lang, "stockout.end_costliest", &[])];
    for c in causes.iter().take(NAMED) {
        let say = |kind: &str| text(lang, &format!("stockout.{kind}_{}", c.cause.as_str()), &[]);
        let key = if priced {
            "stockout.end_costliest_line"
        } else {
            "stockout.end_costliest_units"
        };
        let line = text(
            lang,
            key,
            &[
                ("cause", &say("cause")),
                ("value", &amount(c.value(), &plan.currency)),
                ("units", &units(c.units())),
                ("remedy", &say("remedy")),
            ],
        );
        lines.push(format!("  {line}"));
    }
    lines
}
