//! Title and subtitle of a chart, and what a chart says when it has nothing to show.

use super::canvas::{Canvas, Side};
use super::measure::{shortened, wrapped};
use super::theme::{HEIGHT, INK, MARGIN, MUTED, SUBTITLE, TITLE, WIDTH};

/// Room for texts across the chart.
const ROOM: f64 = WIDTH - 2.0 * MARGIN;
/// Height of one line of a subtitle.
const LINE: f64 = 27.0;

/// Writes both and returns the height below them. The subtitle takes at most `lines` lines.
pub(super) fn draw_heading(canvas: &Canvas<'_>, title: &str, subtitle: &str, lines: usize) -> f64 {
    let title = shortened(title, TITLE, ROOM);
    canvas.text((MARGIN, 44.0), Side::Left, &title, TITLE, INK);
    let mut y = 82.0;
    for line in wrapped(subtitle, SUBTITLE, ROOM, lines) {
        canvas.text((MARGIN, y), Side::Left, &line, SUBTITLE, MUTED);
        y += LINE;
    }
    y - LINE / 2.0
}

/// Says in the middle why there is nothing to see.
pub(super) fn draw_nothing(canvas: &Canvas<'_>, why: &str) {
    let lines = wrapped(why, 24.0, ROOM * 0.7, 4);
    let top = HEIGHT / 2.0 - 18.0 * (lines.len().saturating_sub(1)) as f64;
    for (i, line) in lines.iter().enumerate() {
        let y = top + 36.0 * i as f64;
        canvas.text((WIDTH / 2.0, y), Side::Middle, line, 24.0, MUTED);
    }
}
