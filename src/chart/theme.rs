//! What every chart shares: size, colours with one meaning each, text sizes, the font.

use std::sync::OnceLock;

use plotters::style::{FontStyle, RGBColor, register_font};

use super::ChartError;

/// Width of a chart in pixels.
pub const WIDTH: f64 = 1600.0;
/// Height of a chart in pixels.
pub const HEIGHT: f64 = 900.0;

/// Family name of the embedded font.
pub(super) const FAMILY: &str = "BIZ UDPGothic";
/// What an SVG viewer tries, in this order.
pub(super) const FAMILIES: &str =
    "'BIZ UDPGothic','Hiragino Sans','Yu Gothic','Meiryo','Noto Sans JP',sans-serif";
/// The embedded font: see `assets/font/README.md`.
pub(super) const FONT: &[u8] = include_bytes!("../../assets/font/BIZUDPGothic-subset.ttf");

/// Units sold from stock.
pub(super) const SOLD: RGBColor = RGBColor(0x8C, 0xA3, 0xB8);
/// Orders accepted without stock (Okabe–Ito orange).
pub(super) const BACKORDERED: RGBColor = RGBColor(0xE6, 0x9F, 0x00);
/// Demand lost, or about to be lost (Okabe–Ito vermillion).
pub(super) const LOST: RGBColor = RGBColor(0xD5, 0x5E, 0x00);
/// The same where it is not yet pressing.
pub(super) const LOST_PALE: RGBColor = RGBColor(0xF0, 0xB4, 0x8C);
/// Stock on hand (Okabe–Ito bluish green).
pub(super) const STOCK: RGBColor = RGBColor(0x00, 0x9E, 0x73);
/// Expected demand: the grey-blue of sales, darker because it is a line.
pub(super) const DEMAND: RGBColor = RGBColor(0x3F, 0x63, 0x85);
/// Lines to compare with: reorder point, target.
pub(super) const POLICY: RGBColor = RGBColor(0x2B, 0x2B, 0x2B);
/// Days without any stock, as background.
pub(super) const NO_STOCK: RGBColor = RGBColor(0xE9, 0xEA, 0xEC);
/// Titles and values.
pub(super) const INK: RGBColor = RGBColor(0x22, 0x26, 0x2B);
/// Axis labels and notes.
pub(super) const MUTED: RGBColor = RGBColor(0x59, 0x63, 0x6E);
/// Grid lines.
pub(super) const GRID: RGBColor = RGBColor(0xE2, 0xE6, 0xEA);
/// The zero line.
pub(super) const AXIS: RGBColor = RGBColor(0x9A, 0xA3, 0xAC);
/// Paper.
pub(super) const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);

/// Shades of sold, dark to light, for several channels in one panel.
pub(super) const SOLD_SHADES: [RGBColor; 6] = [
    RGBColor(0x24, 0x43, 0x61),
    RGBColor(0x6F, 0x8F, 0xAD),
    RGBColor(0x45, 0x6A, 0x8C),
    RGBColor(0x9F, 0xB6, 0xCA),
    RGBColor(0x58, 0x7C, 0x9D),
    RGBColor(0xB4, 0xC2, 0xCE),
];
/// Shades of stock, in the order of [`SOLD_SHADES`].
pub(super) const STOCK_SHADES: [RGBColor; 6] = [
    RGBColor(0x00, 0x4D, 0x38),
    RGBColor(0x2F, 0xA8, 0x84),
    RGBColor(0x00, 0x78, 0x57),
    RGBColor(0x7C, 0xC8, 0xB0),
    RGBColor(0x12, 0x8F, 0x6A),
    RGBColor(0x9F, 0xD3, 0xC2),
];

/// Text sizes in pixels; none below 16 (12 pt).
pub(super) const TITLE: f64 = 30.0;
pub(super) const SUBTITLE: f64 = 20.0;
pub(super) const LABEL: f64 = 18.0;
pub(super) const SMALL: f64 = 16.0;

/// Left edge of titles, keys and panels' texts.
pub(super) const MARGIN: f64 = 40.0;

/// Makes the embedded font known to plotters, once.
///
/// # Errors
/// [`ChartError::Font`] if the embedded font cannot be read.
pub(super) fn use_embedded_font() -> Result<(), ChartError> {
    static READY: OnceLock<bool> = OnceLock::new();
    let ready = *READY.get_or_init(|| register_font(FAMILY, FontStyle::Normal, FONT).is_ok());
    if ready { Ok(()) } else { Err(ChartError::Font) }
}
