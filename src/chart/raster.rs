//! SVG to PNG with the embedded font and no other.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::ChartError;
use super::theme::{FAMILY, FONT};

fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    Arc::clone(FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_source(fontdb::Source::Binary(Arc::new(FONT)));
        Arc::new(fonts)
    }))
}

/// Parses an SVG as it will be rasterised.
///
/// # Errors
/// [`ChartError::Svg`] if it is not an SVG.
pub(super) fn parsed(svg: &str) -> Result<Tree, ChartError> {
    let options = Options {
        font_family: FAMILY.to_owned(),
        fontdb: fonts(),
        ..Options::default()
    };
    Ok(Tree::from_str(svg, &options)?)
}

/// The PNG of an SVG, at the SVG's own size.
///
/// # Errors
/// [`ChartError::Svg`] if it is not an SVG, [`ChartError::Raster`] if it has no size or cannot be encoded.
pub(super) fn png(svg: &str) -> Result<Vec<u8>, ChartError> {
    let tree = parsed(svg)?;
    let size = tree.size().to_int_size();
    let mut pixels = Pixmap::new(size.width(), size.height())
        .ok_or_else(|| ChartError::Raster("empty".to_owned()))?;
    resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
    pixels
        .encode_png()
        .map_err(|error| ChartError::Raster(error.to_string()))
}
