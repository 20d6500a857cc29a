//! A date axis: months, or days when the span is short, with the year where it begins.

use chrono::{Datelike, Month};

use super::canvas::{Canvas, Side};
use super::theme::{GRID, MUTED, SMALL};
use crate::domain::Day;
use crate::text::{Lang, text};

/// A linear scale of days; a day takes the span from its number to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct DateScale {
    pub from: Day,
    /// The day after the last.
    pub to: Day,
    pub left: f64,
    pub right: f64,
}

impl DateScale {
    /// Pixel at which `day` begins.
    pub(super) fn at(&self, day: Day) -> f64 {
        self.within(f64::from(day - self.from))
    }

    /// Pixel of the middle of `day`.
    pub(super) fn middle(&self, day: Day) -> f64 {
        self.within(f64::from(day - self.from) + 0.5)
    }

    /// Pixels of one day.
    pub(super) fn day_width(&self) -> f64 {
        (self.right - self.left) / f64::from((self.to - self.from).max(1))
    }

    fn within(&self, days: f64) -> f64 {
        (self.left + days * self.day_width()).clamp(self.left, self.right)
    }
}

/// A labelled day.
#[derive(Clone, Debug, PartialEq)]
struct Tick {
    day: Day,
    label: String,
    /// Written below, where the year begins.
    year: Option<String>,
}

/// Pixels that a label needs.
const APART: f64 = 58.0;
/// Pixels that a year needs.
const YEAR_APART: f64 = 64.0;

/// Labels for the days of `scale`, far enough apart to be read.
fn ticks(scale: &DateScale, lang: Lang) -> Vec<Tick> {
    let span = scale.to - scale.from;
    let mut days: Vec<(Day, String)> = Vec::new();
    if span > 120 {
        let pixels = scale.day_width() * 30.4;
        let every = [1, 2, 3, 6, 12]
            .into_iter()
            .find(|months| f64::from(*months) * pixels >= APART)
            .unwrap_or(12);
        let date = scale.from.date();
        let (mut year, mut month) = (date.year(), date.month());
        while let Some(day) = Day::from_ymd(year, month, 1) {
            if day >= scale.to {
                break;
            }
            if day >= scale.from && (month - 1).is_multiple_of(every) {
                days.push((day, month_label(month, lang)));
            }
            month += 1;
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
    } else {
        let every = [1, 2, 7, 14, 28]
            .into_iter()
            .find(|days| f64::from(*days) * scale.day_width() >= APART + 12.0)
            .unwrap_or(28);
        let mut day = scale.from;
        while day < scale.to {
            days.push((day, day_label(day, lang)));
            day = day + every;
        }
    }
    let mut out: Vec<Tick> = Vec::new();
    let mut last_year = None;
    for (day, label) in days {
        let year = day.date().year();
        let begins = last_year != Some(year);
        last_year = Some(year);
        out.push(Tick {
            day,
            label,
            year: begins.then(|| text(lang, "chart.year", &[("year", &year.to_string())])),
        });
    }
    // The first label has a year even when the year begins just after it: then the later one says it.
    if let Some(next) = out.iter().skip(1).find(|tick| tick.year.is_some())
        && scale.at(next.day) - scale.at(out[0].day) < YEAR_APART
    {
        out[0].year = None;
    }
    out
}

/// `Nov`, `11月`.
pub(super) fn month_label(month: u32, lang: Lang) -> String {
    match lang {
        Lang::En => u8::try_from(month)
            .ok()
            .and_then(|m| Month::try_from(m).ok())
            .map_or_else(String::new, |m| m.name()[..3].to_owned()),
        Lang::Ja => format!("{month}月"),
    }
}

/// `2 Nov`, `11/2`.
pub(super) fn day_label(day: Day, lang: Lang) -> String {
    let date = day.date();
    match lang {
        Lang::En => format!("{} {}", date.day(), month_label(date.month(), lang)),
        Lang::Ja => format!("{}/{}", date.month(), date.day()),
    }
}

/// Vertical grid lines through panels (each from top to bottom) and the labels below `foot`.
pub(super) fn draw_date_grid(
    canvas: &Canvas<'_>,
    scale: &DateScale,
    panels: &[(f64, f64)],
    foot: f64,
    lang: Lang,
) {
    for tick in ticks(scale, lang) {
        let x = scale.at(tick.day).round() + 0.5;
        for (top, bottom) in panels {
            canvas.line(&[(x, *top), (x, *bottom)], GRID, 1.0);
        }
        canvas.text((x, foot + 18.0), Side::Middle, &tick.label, SMALL, MUTED);
        if let Some(year) = &tick.year {
            canvas.text((x, foot + 39.0), Side::Middle, year, SMALL, MUTED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(from: (i32, u32, u32), days: i32) -> DateScale {
        let from = Day::from_ymd(from.0, from.1, from.2).unwrap();
        DateScale {
            from,
            to: from + days,
            left: 100.0,
            right: 1500.0,
        }
    }

    #[test]
    fn two_years_are_months_with_two_years_named() {
        let ticks = ticks(&scale((2024, 11, 25), 728), Lang::En);
        assert_eq!(ticks.len(), 24, "{ticks:?}");
        // January says the year; the month before it would say another one too close.
        assert_eq!((ticks[0].label.as_str(), &ticks[0].year), ("Dec", &None));
        assert_eq!(ticks[1].year.as_deref(), Some("2025"));
        assert_eq!(ticks.iter().filter(|t| t.year.is_some()).count(), 2);
    }

    #[test]
    fn half_a_year_is_every_month() {
        let ticks = ticks(&scale((2026, 5, 27), 220), Lang::Ja);
        let labels: Vec<&str> = ticks.iter().map(|t| t.label.as_str()).collect();
        assert_eq!(
            labels,
            ["6月", "7月", "8月", "9月", "10月", "11月", "12月", "1月"]
        );
        assert_eq!(ticks[0].year.as_deref(), Some("2026年"));
    }

    #[test]
    fn a_short_span_is_days() {
        let ticks = ticks(&scale((2026, 11, 20), 29), Lang::En);
        assert_eq!(ticks[0].label, "20 Nov");
        assert!(ticks.len() >= 4 && ticks[1].year.is_none());
    }

    #[test]
    fn labels_never_touch() {
        for days in [1, 2, 8, 30, 76, 120, 121, 200, 365, 730, 4000] {
            for lang in [Lang::En, Lang::Ja] {
                let scale = scale((2025, 12, 3), days);
                for pair in ticks(&scale, lang).windows(2) {
                    let apart = scale.at(pair[1].day) - scale.at(pair[0].day);
                    assert!(apart > 50.0, "{days} days: {apart}");
                }
            }
        }
    }
}
