//! How figures and texts look in a cell.

use std::borrow::Cow;
use std::fmt::Write;

/// Largest whole number that `f64` and `i64` both hold exactly, 2^53.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// 10 to the number of decimals.
const SCALES: [f64; 5] = [1.0, 1e1, 1e2, 1e3, 1e4];

/// A plain decimal: at most four decimals, trailing zeros trimmed, no exponent, no `-0`; empty for NaN and infinities.
///
/// ```
/// use restock::output::figure;
/// assert_eq!(figure(1234.5), "1234.5");
/// assert_eq!(figure(-0.00001), "0");
/// assert_eq!(figure(f64::NAN), "");
/// ```
pub fn figure(value: f64) -> String {
    let mut out = String::new();
    push_figure(&mut out, value);
    out
}

/// Appends [`figure`] to a text.
pub(super) fn push_figure(out: &mut String, value: f64) {
    push_decimals(out, value, 4);
}

/// Appends a plain decimal with at most `decimals` decimals.
pub(super) fn push_decimals(out: &mut String, value: f64, decimals: usize) {
    if !value.is_finite() {
        return;
    }
    // Writing into a String cannot fail.
    if value.fract() == 0.0 && value.abs() < WHOLE {
        let _ = write!(out, "{}", value as i64);
        return;
    }
    let start = out.len();
    let scale = SCALES.get(decimals).copied().unwrap_or(f64::NAN);
    let scaled = value * scale;
    let nearest = scaled.round();
    if (scaled - nearest).abs() < 0.25 && nearest.abs() < WHOLE / 16.0 {
        // Not near a tie, and so what `format!` would write; whole numbers are many times quicker.
        let (units, part) = (nearest.abs() as u64, scale as u64);
        let sign = if nearest < 0.0 { "-" } else { "" };
        let _ = write!(out, "{sign}{}.{:0decimals$}", units / part, units % part,);
    } else {
        let _ = write!(out, "{value:.decimals$}");
    }
    if out[start..].contains('.') {
        let kept = out.trim_end_matches('0').trim_end_matches('.').len();
        out.truncate(kept);
    }
    if &out[start..] == "-0" {
        out.replace_range(start.., "0");
    }
}

/// The number that [`figure`] shows, for JSON; `None` where the cell would be empty.
pub(super) fn rounded(value: f64) -> Option<f64> {
    figure(value).parse().ok()
}

/// Whether a spreadsheet would run a cell that starts with this as a formula, or skip it and look further.
fn starts_formula(text: &str) -> bool {
    text.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '\u{2212}',
    ])
}

/// A text cell that no spreadsheet runs as a formula: an apostrophe is put in front where one would.
///
/// A text that already has apostrophes before such a character gets one more, so that [`plain`] finds the way back.
///
/// ```
/// use restock::output::neutral;
/// assert_eq!(neutral("=1+1"), "'=1+1");
/// assert_eq!(neutral("A-1"), "A-1");
/// ```
pub fn neutral(text: &str) -> Cow<'_, str> {
    if starts_formula(text.trim_start_matches('\'')) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text before [`neutral`].
pub(super) fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if starts_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_what_the_formatter_of_the_language_writes() {
        let mut x = 0.123_456_789_f64;
        for k in 0..200_000 {
            x = (x * 1.37 + f64::from(k) * 0.001).rem_euclid(1e5) - 5e4;
            for value in [x, x * 1e-4, x * 1e7, (x * 1e4).round() / 1e4, x + 0.000_05] {
                let plain = format!("{value:.4}");
                let plain = plain.trim_end_matches('0').trim_end_matches('.');
                let plain = if plain == "-0" || plain.is_empty() {
                    "0"
                } else {
                    plain
                };
                assert_eq!(figure(value), plain, "{value:?}");
            }
        }
    }

    #[test]
    fn figures_are_plain_decimals() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (-0.000_049, "0"),
            (0.000_051, "0.0001"),
            (-0.000_051, "-0.0001"),
            (12.3, "12.3"),
            (12.340_000_000_1, "12.34"),
            (100.0, "100"),
            (-1500.0, "-1500"),
            (1e15, "1000000000000000"),
            (1e20, "100000000000000000000"),
            (0.1 + 0.2, "0.3"),
            (99.999_96, "100"),
            (1e-9, "0"),
            (f64::NAN, ""),
            (f64::INFINITY, ""),
            (f64::NEG_INFINITY, ""),
        ] {
            assert_eq!(figure(value), expected, "{value:?}");
        }
        assert!(!figure(f64::MAX).contains(['e', 'E', '.']));
    }

    #[test]
    fn a_figure_is_appended_without_touching_what_stands_before() {
        let mut out = String::from("100");
        push_figure(&mut out, -0.000_01);
        push_figure(&mut out, 2.50);
        assert_eq!(out, "10002.5");
    }

    #[test]
    fn neutral_texts_find_their_way_back() {
        for text in [
            "", "'", "=a", "'=a", "''@", "A=1", "＝SUM", "\tx", "-001", "'a", "－3",
        ] {
            assert_eq!(plain(&neutral(text)), text);
        }
        assert_eq!(neutral("-001"), "'-001");
        assert_eq!(neutral("＠x"), "'＠x");
        assert_eq!(neutral("don't"), "don't");
    }
}
