//! What a run prints at its end: a merchandiser's view of the plan, in a dozen lines.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::served::past;
use crate::output::{Placed, Summary, UrgentOrder, finding_title, stock_record};
use crate::text::{Lang, text};

/// Kinds of warnings that are named.
const WARNINGS: usize = 3;
/// Kept files that are named.
const KEPT: usize = 5;

/// The closing lines, each with its line end. `costliest`: lines on the costliest causes of stockouts, if any.
pub fn closing(summary: &Summary, costliest: Vec<String>, folder: &Path, lang: Lang) -> String {
    let say = |key: &str, figures: &[(&str, &str)]| text(lang, &format!("cli.{key}"), figures);
    let mut lines = vec![say(
        "end_title",
        &[
            ("as_of", &summary.as_of.to_string()),
            ("skus", &whole(summary.skus as f64)),
            ("series", &whole(summary.series as f64)),
        ],
    )];
    lines.extend(sentences(summary, lang));
    if !summary.look_first.orders.is_empty() {
        lines.push(say("end_look_first", &[]));
        for (rank, order) in (1..).zip(&summary.look_first.orders) {
            lines.push(format!("  {rank}. {}", urgent(order, lang)));
        }
    }
    lines.extend(costliest);
    lines.push(findings(summary, lang));
    lines.push(say(
        "end_folder",
        &[("folder", &folder.display().to_string())],
    ));
    lines.iter().fold(String::new(), |mut out, line| {
        let _ = writeln!(out, "{line}");
        out
    })
}

/// Lines on the files in an earlier folder that somebody had changed, with their line ends; none without such files.
pub(super) fn kept(placed: &Placed, lang: Lang) -> String {
    let line = |key: &str, paths: &[PathBuf]| {
        let shown = paths.iter().take(KEPT).map(|p| p.display().to_string());
        let mut names = shown.collect::<Vec<_>>().join(", ");
        if paths.len() > KEPT {
            names += ", …";
        }
        let count = whole(paths.len() as f64);
        let figures = [("count", count.as_str()), ("names", names.as_str())];
        text(lang, &format!("cli.{key}"), &figures) + "\n"
    };
    let mut lines = String::new();
    if !placed.kept.is_empty() {
        lines += &line("end_kept", &placed.kept);
    }
    if !placed.left.is_empty() {
        lines += &line("end_left", &placed.left);
    }
    lines
}

/// What the plan says in all: orders, hidden demand, service, customers who wait, money, transfers.
pub(super) fn sentences(summary: &Summary, lang: Lang) -> Vec<String> {
    let say = |key: &str, figures: &[(&str, &str)]| text(lang, &format!("cli.{key}"), figures);
    let money = |value: f64| amount(value, &summary.currency);
    let mut lines = Vec::new();
    let orders = &summary.orders;
    let mut ordered = if orders.lines == 0 {
        say("end_no_orders", &[])
    } else {
        let priced = orders.lines_without_cost < orders.lines;
        let mut line = say(
            if priced {
                "end_orders"
            } else {
                "end_orders_without_cost"
            },
            &[
                ("skus", &whole(orders.skus as f64)),
                ("lines", &whole(orders.lines as f64)),
                ("units", &units(orders.units)),
                ("value", &money(orders.value)),
            ],
        );
        if priced && orders.lines_without_cost > 0 {
            line += &say(
                "end_without_cost",
                &[("lines", &whole(orders.lines_without_cost as f64))],
            );
        }
        line
    };
    if orders.undecided > 0 {
        ordered += &say(
            "end_undecided",
            &[
                ("rows", &whole(orders.undecided as f64)),
                ("all", &whole(summary.series as f64)),
            ],
        );
    }
    lines.push(ordered);

    lines.push(stock_record(&summary.stock_record.coverage, lang));
    lines.extend(past(summary, lang));

    // Preorders have a line of their own.
    if let Some(w) = summary.waiting.as_ref().filter(|w| w.lines > 0) {
        lines.push(say(
            "end_waiting",
            &[
                ("units", &units(w.units)),
                ("lines", &whole(w.lines as f64)),
                ("covered", &units(w.covered_units)),
                ("in_order", &units(w.in_order_units)),
                ("uncovered", &units(w.uncovered_units)),
                ("late", &whole(w.late_lines as f64)),
            ],
        ));
    }
    if let Some(p) = &summary.preorders {
        let mut line = say(
            "end_preorders",
            &[
                ("skus", &whole(p.skus as f64)),
                ("units", &units(p.units_taken)),
                ("value", &money(p.amount_taken)),
                ("covered", &units(p.covered_units)),
                ("in_order", &units(p.in_order_units)),
                ("uncovered", &units(p.uncovered_units)),
            ],
        );
        if p.late_lines > 0 {
            line += &say(
                "end_preorders_late",
                &[("late", &whole(p.late_lines as f64))],
            );
        }
        lines.push(line);
    }
    money_lines(summary, lang, &mut lines);
    lines
}

/// Where the money is, what the budget did, and what moves between locations.
fn money_lines(summary: &Summary, lang: Lang, lines: &mut Vec<String>) {
    let say = |key: &str, figures: &[(&str, &str)]| text(lang, &format!("transfer.{key}"), figures);
    let money = |value: f64| amount(value, &summary.currency);
    let cash = &summary.cash;
    if cash.on_hand.value + cash.on_order.value > 0.0 {
        lines.push(say(
            "end_cash",
            &[
                ("on_hand", &money(cash.on_hand.value)),
                ("on_order", &money(cash.on_order.value)),
                ("excess", &money(cash.excess.value)),
                ("dead", &money(cash.dead.value)),
                ("prepaid", &money(cash.prepaid_backorders.value)),
            ],
        ));
    }
    let surplus = &cash.on_order_surplus;
    if surplus.units > 0.0 {
        let priced = surplus.value > 0.0;
        let key = if priced {
            "record.surplus"
        } else {
            "record.surplus_without_cost"
        };
        lines.push(text(
            lang,
            key,
            &[
                ("units", &units(surplus.units)),
                ("value", &money(surplus.value)),
            ],
        ));
    }
    if let Some(r) = summary.rationing {
        let mut line = say(
            "end_rationing",
            &[("wanted", &money(r.wanted)), ("ordered", &money(r.ordered))],
        );
        for (key, value) in [
            ("end_cut", r.cut_by_budget),
            ("end_below_minimum", r.below_supplier_minimum),
            ("end_topped_up", r.added_for_supplier_minimum),
        ] {
            if value > 0.0 {
                line += &say(key, &[("value", &money(value))]);
            }
        }
        lines.push(line);
    }
    let moved = &summary.transfers;
    if moved.lines + moved.not_possible > 0 {
        lines.push(say(
            "end_transfers",
            &[
                ("lines", &whole(moved.lines as f64)),
                ("units", &units(moved.units)),
                ("short", &units(moved.units_short)),
            ],
        ));
    }
}

/// One of the most urgent orders.
fn urgent(order: &UrgentOrder, lang: Lang) -> String {
    let say = |key: &str, figures: &[(&str, &str)]| text(lang, &format!("cli.{key}"), figures);
    let item = match &order.name {
        Some(name) => format!("{} {name}", order.sku),
        None => order.sku.to_string(),
    };
    let mut line = say(
        "end_order",
        &[
            ("item", &item),
            ("units", &units(order.order_qty)),
            ("location", order.location.as_str()),
        ],
    );
    if let Some(by) = order.order_by {
        line += &say("end_order_by", &[("date", &by.to_string())]);
    }
    if order.out_of_stock {
        line += &say("end_out_of_stock_now", &[]);
    } else if let Some(day) = order.first_stockout_date {
        line += &say("end_out_of_stock", &[("date", &day.to_string())]);
    }
    line
}

/// How many findings of each severity, and the most frequent kinds of warnings.
fn findings(summary: &Summary, lang: Lang) -> String {
    let say = |key: &str, figures: &[(&str, &str)]| text(lang, &format!("cli.{key}"), figures);
    let counts = &summary.findings;
    if counts.error + counts.warning == 0 {
        return say(
            "end_no_warnings",
            &[("notices", &whole(counts.notice as f64))],
        );
    }
    let kinds: Vec<String> = summary
        .look_first
        .findings
        .iter()
        .take(WARNINGS)
        .map(|kind| {
            let title = finding_title(lang, &kind.code);
            format!("{} × {title}", whole(kind.findings as f64))
        })
        .collect();
    let more = summary.look_first.findings.len() > WARNINGS;
    say(
        "end_warnings",
        &[
            ("warnings", &whole((counts.error + counts.warning) as f64)),
            ("notices", &whole(counts.notice as f64)),
            ("kinds", &(kinds.join(", ") + if more { ", …" } else { "" })),
        ],
    )
}

/// Decimals of the currencies that have no hundredths (ISO 4217, exponent 0).
fn decimals(currency: &str) -> usize {
    const WHOLE_UNITS: [&str; 15] = [
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
        "XAF", "XPF",
    ];
    if WHOLE_UNITS.contains(&currency) {
        0
    } else {
        2
    }
}

/// Money with its currency: `JPY 1,234,567`.
pub(super) fn amount(value: f64, currency: &str) -> String {
    format!("{currency} {}", grouped(value, decimals(currency)))
}

/// A whole number with thousands separators.
pub(super) fn whole(value: f64) -> String {
    grouped(value, 0)
}

/// Units: whole from ten on, one decimal below where it matters.
pub(super) fn units(value: f64) -> String {
    if value.abs() < 10.0 && value.fract().abs() >= 0.05 {
        grouped(value, 1)
    } else {
        grouped(value, 0)
    }
}

/// A share as a percentage with one decimal; below 100 % it is never shown as 100.0.
pub(super) fn percent(share: f64) -> String {
    let shown = (share * 1000.0).round() / 10.0;
    let held = if share < 1.0 { shown.min(99.9) } else { shown };
    format!("{held:.1} %")
}

/// A figure with thousands separators.
fn grouped(value: f64, decimals: usize) -> String {
    let plain = format!("{:.decimals$}", value.abs());
    let (digits, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let mut out = String::new();
    if value < 0.0 && plain.contains(|c: char| c.is_ascii_digit() && c != '0') {
        out.push('-');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_for_people_have_thousands_separators() {
        assert_eq!(amount(1_234_567.4, "JPY"), "JPY 1,234,567");
        assert_eq!(amount(1234.5, "EUR"), "EUR 1,234.50");
        assert_eq!(amount(-0.2, "JPY"), "JPY 0");
        assert_eq!(amount(-1234.0, "JPY"), "JPY -1,234");
        assert_eq!(units(999.6), "1,000");
        assert_eq!(units(2.5), "2.5");
        assert_eq!(units(2.0), "2");
        assert_eq!(whole(100.0), "100");
        assert_eq!(percent(0.9427), "94.3 %");
        assert_eq!(percent(0.99999), "99.9 %");
        assert_eq!(percent(1.0), "100.0 %");
    }
}
