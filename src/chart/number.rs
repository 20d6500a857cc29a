//! Figures as people read them.

use crate::text::Lang;

/// `1,234`, `12.5`, `0.25`: at most two decimals, fewer the larger the figure.
pub(super) fn plain(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 || (value - value.round()).abs() < 5e-3 => 0,
        size if size >= 1.0 => 1,
        _ => 2,
    };
    let text = grouped(value, decimals);
    match text.split_once('.') {
        Some(_) => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        None => text,
    }
}

/// A total that is an estimate: whole from ten on, short from a million on.
pub(super) fn total(value: f64, lang: Lang) -> String {
    if value.abs() >= 1e6 {
        return short(value, lang);
    }
    plain(if value.abs() >= 10.0 {
        value.round()
    } else {
        value
    })
}

/// `12k`, `1.5M`; in Japanese `1.2万`, `1.5億`. Below ten thousand as [`plain`].
pub(super) fn short(value: f64, lang: Lang) -> String {
    let units: [(f64, &str); 3] = match lang {
        Lang::En => [(1e9, "B"), (1e6, "M"), (1e3, "k")],
        Lang::Ja => [(1e12, "兆"), (1e8, "億"), (1e4, "万")],
    };
    if value.abs() >= 9_999.5 {
        for (unit, name) in units {
            if value.abs() >= unit * 0.9995 {
                let scaled = value / unit;
                let one =
                    (scaled.abs() < 100.0 && (scaled - scaled.round()).abs() >= 0.05) as usize;
                return grouped(scaled, one) + name;
            }
        }
    }
    plain(value)
}

/// A share 0..1 as `4.2%`; whole between ten and ninety percent, where tenths say nothing.
pub(super) fn percent(share: f64) -> String {
    let value = share * 100.0;
    let whole = (10.0..90.0).contains(&value) || value == 0.0 || value == 100.0;
    format!("{}%", grouped(value, usize::from(!whole)))
}

/// A share 0..1 on an axis: no more decimals than it needs.
pub(super) fn percent_tick(share: f64) -> String {
    format!("{}%", plain(share * 100.0))
}

/// `value` with thousands separators and a fixed number of decimals.
fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text
        .split_once('.')
        .map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
    let mut out = String::new();
    if value < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        out.push('−');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        let read: Vec<String> = [
            0.0,
            0.254,
            1.0,
            12.46,
            25.96,
            123.4,
            1234.0,
            9_999_999.0,
            -0.001,
            -1234.4,
        ]
        .map(plain)
        .to_vec();
        assert_eq!(
            read,
            [
                "0",
                "0.25",
                "1",
                "12.5",
                "26",
                "123",
                "1,234",
                "9,999,999",
                "0",
                "−1,234"
            ]
        );
    }

    #[test]
    fn large_figures_are_short_in_both_languages() {
        let both = |v| (short(v, Lang::En), short(v, Lang::Ja));
        assert_eq!(both(9_500.0), ("9,500".into(), "9,500".into()));
        assert_eq!(both(12_000.0), ("12k".into(), "1.2万".into()));
        assert_eq!(both(10_000.0), ("10k".into(), "1万".into()));
        assert_eq!(both(1_500_000.0), ("1.5M".into(), "150万".into()));
        assert_eq!(both(2e8), ("200M".into(), "2億".into()));
        assert_eq!(both(-25_000.0), ("−25k".into(), "−2.5万".into()));
    }

    #[test]
    fn shares() {
        assert_eq!(
            [0.0, 0.02, 0.025, 1.0].map(percent_tick),
            ["0%", "2%", "2.5%", "100%"]
        );
        assert_eq!([percent(0.02), percent(0.9996)], ["2.0%", "100.0%"]);
        assert_eq!(
            [0.0, 0.042, 0.5, 0.123, 0.954, 1.0].map(percent),
            ["0%", "4.2%", "50%", "12%", "95.4%", "100%"]
        );
    }
}
