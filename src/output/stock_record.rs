//! How much of the past has a record of stock: in `summary.json`, and as the sentence that every command says.

use serde::Serialize;

use super::figure::rounded;
use crate::domain::{Coverage, Day};
use crate::text::{Lang, text};

/// Share of series-days from which on nothing needs to be said of how more could be known.
const ENOUGH: f64 = 0.9;

/// The record of stock in the last 365 days. Series-days are days on which a series is listed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StockRecord {
    pub series_days: u64,
    /// Of which stock is known.
    pub known_series_days: u64,
    /// Share of the series-days, 0..1; `None` without any.
    pub known_share: Option<f64>,
    /// First day of the record; `None` without one.
    pub since: Option<Day>,
    /// Days from it on: what figures of service and hidden demand look back.
    pub days: i32,
    /// Share of the series-days since then.
    pub known_share_since: Option<f64>,
    /// Whether that is enough for figures of service and hidden demand.
    pub gives_figures: bool,
    /// What the figures above are made from; not written.
    #[serde(skip)]
    pub coverage: Coverage,
}

impl StockRecord {
    pub(super) fn of(coverage: Coverage) -> Self {
        let c = coverage;
        let shown = |share: f64, days: u64| rounded(share).filter(|_| days > 0);
        Self {
            series_days: c.series_days,
            known_series_days: c.known,
            known_share: shown(c.share(), c.series_days),
            since: c.since,
            days: c.days_since,
            known_share_since: shown(c.share_since(), c.series_days_since),
            gives_figures: c.gives_figures(),
            coverage,
        }
    }
}

/// On what share of the series-days stock is known, since when, and what would tell more.
pub fn stock_record(c: &Coverage, lang: Lang) -> String {
    let say = |key: &str| {
        let (days, span) = (c.days.to_string(), c.days_since.to_string());
        let since = c.since.map_or(String::new(), |day| day.to_string());
        let (known, all) = (thousands(c.known), thousands(c.series_days));
        let figures = [
            ("share", percent(c.share())),
            ("share_since", percent(c.share_since())),
            ("known", known),
            ("all", all),
            ("days", days),
            ("span", span),
            ("since", since),
        ];
        let figures: Vec<(&str, &str)> = figures.iter().map(|(n, f)| (*n, f.as_str())).collect();
        text(lang, &format!("record.{key}"), &figures)
    };
    if c.series_days == 0 {
        return say("nothing_listed");
    }
    let mut line = if c.known == 0 {
        say("none")
    } else if c.known == c.series_days {
        say("all")
    } else {
        say("part")
    };
    if c.known > 0 && c.days_since < c.days {
        line += &say(if c.days_since == 1 {
            "one_day"
        } else {
            "since"
        });
    }
    if c.known < c.series_days && c.gives_figures() {
        line += &say("of_these");
    }
    if c.share() < ENOUGH {
        line += &say("more");
    }
    line
}

/// A share as a percentage with one decimal; neither nothing nor all where it is not.
fn percent(share: f64) -> String {
    let shown = (share * 1000.0).round() / 10.0;
    let held = match share {
        s if s <= 0.0 || s >= 1.0 => shown,
        _ => shown.clamp(0.1, 99.9),
    };
    format!("{held:.1} %")
}

fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (k, c) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_snapshot_is_told_with_its_share_its_day_and_what_would_tell_more() {
        let snapshot = Coverage {
            series_days: 86_882,
            known: 160,
            days: 365,
            since: Day::from_ymd(2026, 8, 31),
            days_since: 1,
            series_days_since: 160,
            known_since: 160,
        };
        let said = stock_record(&snapshot, Lang::En);
        for part in [
            "0.2 %",
            "160 of 86,882",
            "2026-08-31",
            "`inbound`",
            "ledger",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let said = stock_record(&snapshot, Lang::Ja);
        for part in ["0.2 %", "2026-08-31", "`inbound`"] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }

    #[test]
    fn a_whole_record_is_told_in_one_clause() {
        let whole = Coverage {
            series_days: 730,
            known: 730,
            days: 365,
            since: Day::from_ymd(2025, 9, 1),
            days_since: 365,
            series_days_since: 730,
            known_since: 730,
        };
        assert_eq!(
            stock_record(&whole, Lang::En),
            "Stock record: known on all series-days of the last 365 days"
        );
    }
}
