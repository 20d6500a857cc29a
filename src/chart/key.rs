//! The line above a panel that names each colour, with its total: shorter to read than a legend in a corner.

use plotters::style::{Color, RGBColor};

use super::canvas::{Canvas, Side};
use super::measure::{shortened, width};
use super::theme::{INK, LABEL, MARGIN, WIDTH};

/// The sample before a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sample {
    Fill(RGBColor),
    Line(RGBColor),
    /// A mean line in its 80 % band.
    Fan(RGBColor),
    /// A vertical 80 % band.
    Whisker(RGBColor),
    Receipt(RGBColor),
}

/// Room between two entries.
const GAP: f64 = 34.0;
/// Room for the sample.
const SAMPLE: f64 = 26.0;

/// Writes the entries from the left margin on the height `y`; those that do not fit are shortened.
pub(super) fn draw_key(canvas: &Canvas<'_>, y: f64, entries: &[(Sample, String)]) {
    let mut x = MARGIN;
    for (sample, name) in entries {
        let room = WIDTH - MARGIN - x - SAMPLE;
        if room < 60.0 {
            return;
        }
        draw_sample(canvas, *sample, x, y);
        let name = shortened(name, LABEL, room);
        canvas.text((x + SAMPLE, y), Side::Left, &name, LABEL, INK);
        x += SAMPLE + width(&name, LABEL) + GAP;
    }
}

fn draw_sample(canvas: &Canvas<'_>, sample: Sample, x: f64, y: f64) {
    match sample {
        Sample::Fill(color) => {
            canvas.rectangle((x, y - 8.0), (x + 16.0, y + 8.0), color.to_rgba());
        }
        Sample::Line(color) => canvas.line(&[(x, y), (x + 18.0, y)], color, 3.0),
        Sample::Fan(color) => {
            canvas.rectangle((x, y - 8.0), (x + 18.0, y + 8.0), color.mix(0.22));
            canvas.line(&[(x, y), (x + 18.0, y)], color, 2.5);
        }
        Sample::Whisker(color) => draw_whisker(canvas, x + 9.0, y - 9.0, y + 9.0, color),
        Sample::Receipt(color) => draw_receipt(canvas, (x + 9.0, y + 8.0), color),
    }
}

/// A vertical 80 % band from `top` to `bottom`.
pub(super) fn draw_whisker(canvas: &Canvas<'_>, x: f64, top: f64, bottom: f64, color: RGBColor) {
    canvas.line(&[(x, top), (x, bottom)], color, 1.6);
    for y in [top, bottom] {
        canvas.line(&[(x - 3.0, y), (x + 3.0, y)], color, 1.6);
    }
}

/// An arrival: a triangle standing on `foot`.
pub(super) fn draw_receipt(canvas: &Canvas<'_>, foot: (f64, f64), color: RGBColor) {
    let (x, y) = foot;
    canvas.shape(
        &[(x - 9.0, y), (x + 9.0, y), (x, y - 16.0)],
        color.to_rgba(),
    );
}
