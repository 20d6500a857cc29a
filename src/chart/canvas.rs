//! One chart as an SVG drawing, in pixels of 1600 × 900.
//!
//! plotters' backend knows whole units only, so the drawing is made ten times as large and shown at a tenth:
//! lines fall on tenths of a pixel. The first failure is kept and reported by [`drawn`].

use std::cell::RefCell;

use plotters::coord::Shift;
use plotters::prelude::{
    Circle, DrawingArea, IntoDrawingArea, PathElement, Polygon, Rectangle, SVGBackend,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontDesc, FontFamily, FontStyle, RGBAColor, RGBColor, ShapeStyle, TextStyle,
};

use super::ChartError;
use super::theme::{FAMILIES, FAMILY, HEIGHT, PAPER, WIDTH, use_embedded_font};
use crate::text::{Lang, acts};

/// Units of the drawing in one pixel.
const FINE: f64 = 10.0;
/// plotters writes font sizes divided by this.
const PLOTTERS_FONT: f64 = 1.24;

/// A point in pixels, from the upper left corner.
pub(super) type Point = (f64, f64);

/// Which side of a text its position is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    Left,
    Middle,
    Right,
}

/// Where one draws.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    failure: RefCell<Option<String>>,
}

/// The SVG that `paint` draws, on white, with `title` as its accessible name.
///
/// # Errors
/// [`ChartError::Font`] without the embedded font, [`ChartError::Draw`] when the backend refuses something.
pub(super) fn drawn(
    title: &str,
    lang: Lang,
    paint: impl FnOnce(&Canvas<'_>),
) -> Result<String, ChartError> {
    use_embedded_font()?;
    let mut svg = String::new();
    let failure = {
        let size = ((WIDTH * FINE) as u32, (HEIGHT * FINE) as u32);
        let canvas = Canvas {
            area: SVGBackend::with_string(&mut svg, size).into_drawing_area(),
            failure: RefCell::new(None),
        };
        canvas.rectangle((0.0, 0.0), (WIDTH, HEIGHT), PAPER.to_rgba());
        paint(&canvas);
        canvas.keep(canvas.area.present());
        canvas.failure.into_inner()
    };
    match failure {
        None => Ok(finished(&svg, title, lang)),
        Some(reason) => Err(ChartError::Draw {
            chart: title.to_owned(),
            reason,
        }),
    }
}

/// Sets what plotters cannot: displayed size, accessible name, language, font families, and the centring of
/// text on figures and kanji rather than on small letters.
///
/// Quotes in texts are written as `&quot;`, so that only attributes can match.
fn finished(svg: &str, title: &str, lang: Lang) -> String {
    let body = svg.find('\n').map_or("", |end| &svg[end + 1..]);
    let language = match lang {
        Lang::En => "en",
        Lang::Ja => "ja",
    };
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         viewBox=\"0 0 {} {}\" role=\"img\" xml:lang=\"{language}\">\n<title>{}</title>\n",
        WIDTH * FINE,
        HEIGHT * FINE,
        escaped(&printable(title)),
    );
    let body = body
        .replace(
            &format!("font-family=\"{FAMILY}\""),
            &format!("font-family=\"{FAMILIES}\""),
        )
        .replace("dy=\"0.5ex\"", "dy=\"0.36em\"");
    head + &body
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// `text` without what XML forbids or what would break a line or turn it around: codes and names come from users.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{FFFE}' | '\u{FFFF}' => '\u{FFFD}',
            c if c.is_control() || acts(c) => ' ',
            c => c,
        })
        .collect()
}

fn fine((x, y): Point) -> (i32, i32) {
    // `as` saturates, and NaN becomes 0: data are checked before they come here.
    ((x * FINE).round() as i32, (y * FINE).round() as i32)
}

fn stroke(color: RGBAColor, width: f64) -> ShapeStyle {
    color.stroke_width((width * FINE).round().max(1.0) as u32)
}

impl Canvas<'_> {
    fn keep<E: std::fmt::Display>(&self, result: Result<(), E>) {
        if let Err(error) = result {
            self.failure
                .borrow_mut()
                .get_or_insert_with(|| error.to_string());
        }
    }

    /// A filled rectangle between two opposite corners.
    pub(super) fn rectangle(&self, a: Point, b: Point, color: RGBAColor) {
        let shape = Rectangle::new([fine(a), fine(b)], color.filled());
        self.keep(self.area.draw(&shape));
    }

    /// A line through `points`; nothing when there are fewer than two.
    pub(super) fn line(&self, points: &[Point], color: RGBColor, width: f64) {
        if points.len() < 2 {
            return;
        }
        let points: Vec<(i32, i32)> = points.iter().copied().map(fine).collect();
        let shape = PathElement::new(points, stroke(color.to_rgba(), width));
        self.keep(self.area.draw(&shape));
    }

    /// A horizontal dashed line.
    pub(super) fn dashed(&self, from: f64, to: f64, y: f64, color: RGBColor) {
        const DASH: f64 = 9.0;
        const GAP: f64 = 6.0;
        let mut x = from;
        while x < to {
            self.line(&[(x, y), ((x + DASH).min(to), y)], color, 1.8);
            x += DASH + GAP;
        }
    }

    /// A filled shape; nothing when there are fewer than three corners.
    pub(super) fn shape(&self, corners: &[Point], color: RGBAColor) {
        if corners.len() < 3 {
            return;
        }
        let corners: Vec<(i32, i32)> = corners.iter().copied().map(fine).collect();
        self.keep(self.area.draw(&Polygon::new(corners, color)));
    }

    /// A filled circle.
    pub(super) fn dot(&self, center: Point, radius: f64, color: RGBColor) {
        let shape = Circle::new(fine(center), radius * FINE, color.filled());
        self.keep(self.area.draw(&shape));
    }

    /// Text centred on the height `at.1`, with `side` of it at `at.0`.
    pub(super) fn text(&self, at: Point, side: Side, text: &str, size: f64, color: RGBColor) {
        let horizontal = match side {
            Side::Left => HPos::Left,
            Side::Middle => HPos::Center,
            Side::Right => HPos::Right,
        };
        let font = FontDesc::new(
            FontFamily::Name(FAMILY),
            size * FINE * PLOTTERS_FONT,
            FontStyle::Normal,
        );
        let style = TextStyle::from(font)
            .color(&color)
            .pos(Pos::new(horizontal, VPos::Center));
        self.keep(self.area.draw_text(&printable(text), &style, fine(at)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::theme::INK;

    #[test]
    fn text_from_users_cannot_break_the_document() {
        let nasty = "<b>&\"'\u{0}\u{1F}\u{FFFE} dy=\"0.5ex\" ]]> 在庫";
        let svg = drawn(nasty, Lang::Ja, |canvas| {
            canvas.text((10.0, 20.0), Side::Left, nasty, 16.0, INK);
        })
        .unwrap();
        let tree = resvg::usvg::Tree::from_str(&svg, &resvg::usvg::Options::default()).unwrap();
        assert_eq!((tree.size().width(), tree.size().height()), (1600.0, 900.0));
        assert!(svg.contains("dy=&quot;0.5ex&quot;"), "a text was changed");
        assert!(svg.contains("'Hiragino Sans'") && svg.contains("在庫"));
    }

    #[test]
    fn sizes_are_in_pixels() {
        let svg = drawn("t", Lang::En, |canvas| {
            canvas.text((10.0, 20.0), Side::Left, "a", 16.0, INK);
        })
        .unwrap();
        assert!(
            svg.contains("font-size=\"160\"") && svg.contains("x=\"100\" y=\"200\""),
            "{svg}"
        );
    }
}
