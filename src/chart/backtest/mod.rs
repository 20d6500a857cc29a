//! Charts of a backtest: how near forecasts came, hidden demand found again, service against stock.

mod accuracy;
mod hidden;
mod service;

use std::path::Path;

use super::{ChartError, raster, written};
use crate::backtest::Backtest;
use crate::text::Lang;

/// A drawn chart: its file name without extension, and its SVG.
pub type Drawn = (&'static str, String);

/// Draws the charts of a backtest into `folder` as SVG and PNG, and returns them; parts without data have none.
///
/// # Errors
/// [`ChartError`] of the first chart that cannot be drawn or written.
pub fn draw_backtest(
    result: &Backtest,
    lang: Lang,
    folder: &Path,
) -> Result<Vec<Drawn>, ChartError> {
    std::fs::create_dir_all(folder).map_err(|source| ChartError::Write {
        path: folder.to_owned(),
        source,
    })?;
    let mut drawn = vec![("forecast", accuracy::accuracy_chart(result, lang)?)];
    if !result.hidden.scores.is_empty() {
        drawn.push(("hidden-demand", hidden::hidden_chart(result, lang)?));
    }
    if let Some(replay) = &result.replay {
        drawn.push((
            "service-and-stock",
            service::curve_chart(result, replay, lang)?,
        ));
    }
    for (name, svg) in &drawn {
        written(folder, &format!("{name}.svg"), svg.as_bytes())?;
        written(folder, &format!("{name}.png"), &raster::png(svg)?)?;
    }
    Ok(drawn)
}
