//! Round values for an axis of quantities, its grid and its labels.

use super::canvas::{Canvas, Side};
use super::number::{percent_tick, short};
use super::theme::{AXIS, GRID, MUTED, SMALL};
use crate::text::Lang;

/// A linear scale with round ends, vertical or horizontal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ValueScale {
    pub low: f64,
    pub high: f64,
    step: f64,
    /// Pixel of `low`.
    start: f64,
    /// Pixel of `high`.
    end: f64,
}

impl ValueScale {
    /// Covers `low..=high` with round ends, drawn from pixel `start` (low) to pixel `end` (high),
    /// with a label about every `apart` pixels. An empty or unreadable span becomes 0..1.
    pub(super) fn covering(low: f64, high: f64, (start, end): (f64, f64), apart: f64) -> Self {
        let empty = !(low.is_finite() && high.is_finite() && high - low > 1e-9);
        let (low, high) = if empty { (0.0, 1.0) } else { (low, high) };
        let labels = ((end - start).abs() / apart).clamp(1.0, 10.0);
        let step = if empty {
            1.0
        } else {
            round_step((high - low) / labels)
        };
        Self {
            low: (low / step + 1e-9).floor() * step,
            high: (high / step - 1e-9).ceil() * step,
            step,
            start,
            end,
        }
    }

    /// Pixel of `value`; values outside the scale stay at its ends.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.high - self.low);
        self.start + (self.end - self.start) * share.clamp(0.0, 1.0)
    }

    /// The labelled values, low to high.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let count = ((self.high - self.low) / self.step).round() as usize;
        (0..=count)
            .map(|i| {
                let value = self.low + i as f64 * self.step;
                // 3 × 0.1 must not show as 0.30000000000000004, nor 0 as −0.
                let value = (value / self.step).round() * self.step;
                if value.abs() < self.step * 1e-6 {
                    0.0
                } else {
                    value
                }
            })
            .collect()
    }
}

/// 1, 2 or 5 times a power of ten, not below `at_least`.
fn round_step(at_least: f64) -> f64 {
    let power = 10f64.powf(at_least.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|times| times * power)
        .find(|step| *step >= at_least * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

/// What the labels of an axis say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Figures {
    Plain,
    Percent,
}

fn label(value: f64, figures: Figures, lang: Lang) -> String {
    match figures {
        Figures::Plain => short(value, lang),
        Figures::Percent => percent_tick(value),
    }
}

/// Horizontal grid lines from `left` to `right` with their values to the left, and the zero line.
pub(super) fn draw_value_grid(
    canvas: &Canvas<'_>,
    scale: &ValueScale,
    (left, right): (f64, f64),
    figures: Figures,
    lang: Lang,
) {
    for value in scale.ticks() {
        let y = scale.at(value).round() + 0.5;
        let color = if value == 0.0 { AXIS } else { GRID };
        canvas.line(&[(left, y), (right, y)], color, 1.0);
        let text = label(value, figures, lang);
        canvas.text((left - 10.0, y), Side::Right, &text, SMALL, MUTED);
    }
}

/// Vertical grid lines from `top` to `bottom` with their values below, and the zero line.
pub(super) fn draw_value_columns(
    canvas: &Canvas<'_>,
    scale: &ValueScale,
    (top, bottom): (f64, f64),
    figures: Figures,
    lang: Lang,
) {
    for value in scale.ticks() {
        let x = scale.at(value).round() + 0.5;
        let color = if value == 0.0 { AXIS } else { GRID };
        canvas.line(&[(x, top), (x, bottom)], color, 1.0);
        let text = label(value, figures, lang);
        canvas.text((x, bottom + 16.0), Side::Middle, &text, SMALL, MUTED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_round_and_cover_the_data() {
        let scale = ValueScale::covering(0.0, 873.0, (500.0, 100.0), 70.0);
        assert_eq!((scale.low, scale.high), (0.0, 1000.0));
        assert_eq!(scale.ticks(), [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]);
        assert_eq!(
            (scale.at(0.0), scale.at(1000.0), scale.at(500.0)),
            (500.0, 100.0, 300.0)
        );
        assert_eq!(scale.at(1e9), 100.0);
    }

    #[test]
    fn negative_stock_has_room_below_zero() {
        let scale = ValueScale::covering(-12.0, 87.0, (300.0, 0.0), 60.0);
        assert_eq!((scale.low, scale.high), (-20.0, 100.0));
        assert!(scale.ticks().contains(&0.0));
    }

    #[test]
    fn nothing_to_show_still_has_an_axis() {
        for (low, high) in [
            (0.0, 0.0),
            (f64::NAN, 3.0),
            (0.0, f64::INFINITY),
            (5.0, 5.0),
        ] {
            let scale = ValueScale::covering(low, high, (300.0, 0.0), 60.0);
            assert_eq!((scale.low, scale.high), (0.0, 1.0));
            assert_eq!(scale.ticks(), [0.0, 1.0]);
        }
    }
}
