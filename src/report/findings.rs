//! What a backtest found, in plain words.

use crate::backtest::{Backtest, HiddenScore, Method, Missing, Replay, Rule, Setting, stock_for};
use crate::text::{Lang, text};

/// How far coverage may be from its promise and still hold: of the 80 % band and of the 95 % level.
const HOLDS: (f64, f64) = (0.06, 0.03);

/// A share as a percentage with one decimal.
pub(super) fn percent(share: f64) -> String {
    if !share.is_finite() {
        return "–".to_owned();
    }
    let shown = (share * 1000.0).round() / 10.0;
    // Nothing short of all is shown as all.
    let held = if share < 1.0 { shown.min(99.9) } else { shown };
    let plain = format!("{:.1} %", held.abs());
    if held < 0.0 {
        format!("−{plain}")
    } else {
        plain
    }
}

/// A share with its sign.
pub(super) fn signed(share: f64) -> String {
    let plain = percent(share);
    if share > 0.0 && plain != "0.0 %" {
        format!("+{plain}")
    } else {
        plain
    }
}

/// A figure with thousands separators.
pub(super) fn figure(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let plain = format!("{:.decimals$}", value.abs());
    let (digits, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let mut out = String::new();
    if value < 0.0 && plain.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        out.push('−');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

fn say(lang: Lang, key: &str, figures: &[(&str, &str)]) -> String {
    text(lang, &format!("backtest.{key}"), figures)
}

/// The sentences of the paragraph at the top, most important first.
pub(super) fn sentences(result: &Backtest, lang: Lang) -> Vec<String> {
    let mut out = forecast(result, lang);
    out.extend(hidden(result, lang));
    out.extend(replay(result, lang));
    out
}

fn forecast(result: &Backtest, lang: Lang) -> Vec<String> {
    let Some(all) = result.forecast.first() else {
        return Vec::new();
    };
    let bias = if all.bias.abs() < 0.005 {
        say(lang, "off_none", &[])
    } else {
        let key = if all.bias > 0.0 {
            "off_high"
        } else {
            "off_low"
        };
        say(lang, key, &[("share", &percent(all.bias.abs()))])
    };
    let sentence = say(
        lang,
        "found_forecast",
        &[
            ("origins", &result.origins.len().to_string()),
            ("places", &result.sample.places.len().to_string()),
            ("bias", &bias),
            ("wape", &percent(all.wape)),
            ("naive", &percent(all.naive_wape)),
            ("scaled", &percent(all.scaled_mean())),
        ],
    );
    let high = all.coverage[4];
    let key = if all.band80 < 0.8 - HOLDS.0 || high < 0.95 - HOLDS.1 {
        "bands_narrow"
    } else if all.band80 > 0.8 + HOLDS.0 || high > 0.95 + HOLDS.1 {
        "bands_wide"
    } else {
        "bands_hold"
    };
    let bands = say(
        lang,
        key,
        &[("band", &percent(all.band80)), ("high", &percent(high))],
    );
    vec![sentence, bands]
}

/// Both scenarios added up.
fn hidden(result: &Backtest, lang: Lang) -> Option<String> {
    let of = |method: Method| {
        let rows = || {
            result
                .hidden
                .scores
                .iter()
                .filter(move |s| s.method == method)
        };
        let sum = |f: fn(&HiddenScore) -> f64| rows().map(f).sum::<f64>();
        let hidden = sum(|s| s.hidden);
        (
            hidden,
            sum(|s| s.found),
            sum(|s| s.wape_series * s.hidden) / hidden,
        )
    };
    let (hidden, found, wape) = of(Method::Restock);
    if hidden.is_nan() || hidden <= 0.0 {
        return None;
    }
    let (best, method) = Method::ALL
        .into_iter()
        .filter(|m| *m != Method::Restock)
        .map(|m| (of(m).2, m))
        .min_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(say(
        lang,
        "found_hidden",
        &[
            ("hidden", &figure(hidden, 0)),
            ("found", &figure(found, 0)),
            ("wape", &percent(wape)),
            (
                "method",
                &say(lang, &format!("method_{}", method.as_str()), &[]),
            ),
            ("best", &percent(best)),
        ],
    ))
}

fn replay(result: &Backtest, lang: Lang) -> Vec<String> {
    let Some(replay) = &result.replay else {
        return Vec::new();
    };
    let Some(own) = replay
        .runs
        .iter()
        .find(|r| r.rule == Rule::Restock && r.setting == Setting::Own)
        .filter(|r| r.service.is_finite())
    else {
        return Vec::new();
    };
    let weeks = ((result.as_of - replay.measured + result.grain.days()) / 7).to_string();
    let mut out = vec![say(
        lang,
        "found_replay",
        &[
            ("weeks", &weeks),
            ("estimated", &percent(replay.estimated_share)),
            ("service", &percent(own.service)),
            ("days", &figure(own.stock_days, 1)),
        ],
    )];
    for rule in [Rule::Velocity, Rule::Textbook, Rule::LastYear] {
        out.extend(beside(&replay.runs, own, rule, lang));
    }
    out
}

/// What another rule needs for the same service.
fn beside(runs: &[Replay], own: &Replay, rule: Rule, lang: Lang) -> Option<String> {
    let services: Vec<f64> = runs
        .iter()
        .filter(|r| r.rule == rule)
        .map(|r| r.service)
        .collect();
    let most = services.iter().copied().reduce(f64::max)?;
    let name = say(lang, &format!("rule_{}", rule.as_str()), &[]);
    let key;
    let mut share = String::new();
    match stock_for(runs, rule, own.service) {
        Some(stock) => {
            let more = stock / own.stock - 1.0;
            share = percent(more.abs());
            key = match more {
                m if m.abs() < 0.005 => "found_same",
                m if m > 0.0 => "found_more",
                _ => "found_less",
            };
        }
        None if most < own.service => key = "found_below",
        None => key = "found_above",
    }
    Some(say(lang, key, &[("rule", &name), ("share", &share)]))
}

/// What could not be looked at, and why.
pub(super) fn missing(result: &Backtest, lang: Lang) -> Vec<String> {
    result
        .missing
        .iter()
        .map(|m| match m {
            Missing::Origins { had, needed } => say(
                lang,
                "missing_origins",
                &[("had", &had.to_string()), ("needed", &needed.to_string())],
            ),
            Missing::Season { origins, of } => say(
                lang,
                "missing_season",
                &[("origins", &origins.to_string()), ("of", &of.to_string())],
            ),
            Missing::Hidden => say(lang, "missing_hidden", &[]),
            Missing::Replay { days } => say(lang, "missing_replay", &[("days", &days.to_string())]),
            Missing::ReplayPlaces => say(lang, "missing_replay_places", &[]),
            Missing::LastYear => say(lang, "missing_last_year", &[]),
        })
        .collect()
}

/// What was looked at.
pub(super) fn looked_at(result: &Backtest, lang: Lang) -> Vec<String> {
    let places = result.sample.places.len().to_string();
    let of = result.sample.of.to_string();
    let key = if result.sample.places.len() < result.sample.of {
        "sample_part"
    } else {
        "sample_all"
    };
    // Each text has its own placeholders; the rest is left alone.
    let mut out = vec![say(lang, key, &[("places", &places), ("of", &of)])];
    if let Some(replay) = &result.replay {
        out.push(say(
            lang,
            "sample_replay",
            &[
                ("places", &replay.places.to_string()),
                ("start", &replay.start.to_string()),
                ("from", &replay.measured.to_string()),
                ("to", &result.as_of.to_string()),
            ],
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_figures_read_well() {
        assert_eq!(percent(0.9996), "99.9 %");
        assert_eq!(percent(-0.021), "−2.1 %");
        assert_eq!(percent(f64::NAN), "–");
        assert_eq!(signed(0.034), "+3.4 %");
        assert_eq!(signed(-0.0001), "0.0 %");
        assert_eq!(figure(-1234.56, 1), "−1,234.6");
        assert_eq!(figure(-0.01, 1), "0.0");
    }
}
