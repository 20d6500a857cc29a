//! Charts for planning meetings: overviews of the whole plan and one chart for each of the most valuable series.
//!
//! Each chart is drawn once, as SVG; its PNG is rasterised from that drawing with the embedded font, so that both show
//! the same on every machine. A chart's file first makes small data of the plan, then draws them.

mod axis_date;
mod axis_value;
mod backtest;
mod canvas;
#[cfg(test)]
mod data_tests;
mod demand;
mod heading;
mod hidden;
mod key;
mod label_spread;
#[cfg(test)]
mod made_plans;
mod measure;
mod number;
mod past;
mod raster;
mod series;
mod series_picture;
mod service;
mod stockouts;
#[cfg(test)]
mod tests;
mod theme;
mod urgent;

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use unicode_normalization::UnicodeNormalization;

use crate::domain::Plan;
use crate::text::Lang;

pub use backtest::{Drawn, draw_backtest};
pub use theme::{HEIGHT, WIDTH};

/// Why a chart could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The font in the program is damaged.
    #[error("the embedded font cannot be read")]
    Font,
    /// The drawing backend refused something.
    #[error("the chart \"{chart}\" cannot be drawn: {reason}")]
    Draw { chart: String, reason: String },
    /// The drawing is not a valid SVG.
    #[error("a chart is not a valid SVG")]
    Svg(#[from] resvg::usvg::Error),
    /// The picture could not be made or encoded.
    #[error("a chart cannot be rasterised: {0}")]
    Raster(String),
    /// Somebody asked to stop.
    #[error("the drawing was stopped")]
    Stopped,
    /// The disk refused a file.
    #[error("{} cannot be written", path.display())]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
}

/// Which chart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Demand,
    Service,
    Urgent,
    Hidden,
    StockoutMonths,
    StockoutGroups,
    /// Position of the series in the plan.
    Series(usize),
}

impl Kind {
    fn svg(self, plan: &Plan, lang: Lang) -> Result<String, ChartError> {
        match self {
            Self::Demand => demand::demand_chart(plan, lang),
            Self::Service => service::service_chart(plan, lang),
            Self::Urgent => urgent::urgent_chart(plan, lang),
            Self::Hidden => hidden::hidden_chart(plan, lang),
            Self::StockoutMonths => stockouts::months_chart(plan, lang),
            Self::StockoutGroups => stockouts::groups_chart(plan, lang),
            Self::Series(i) => series::series_chart(plan, i, lang),
        }
    }
}

/// The charts of a plan in their order, with their file names without extension.
fn charts(plan: &Plan, top: usize) -> Vec<(Kind, String)> {
    let mut out: Vec<(Kind, String)> = [
        (Kind::Demand, "overview-demand"),
        (Kind::Service, "overview-service"),
        (Kind::Urgent, "overview-urgent"),
        (Kind::Hidden, "overview-hidden"),
        (Kind::StockoutMonths, "overview-stockouts"),
        (Kind::StockoutGroups, "overview-stockouts-where"),
    ]
    .map(|(kind, name)| (kind, name.to_owned()))
    .to_vec();
    let series = series_picture::top_series(plan, top);
    let digits = series.len().to_string().len().max(2);
    out.extend(series.into_iter().enumerate().map(|(place, i)| {
        let row = &plan.recommendations[i];
        let codes = [row.sku.as_str(), row.channel.as_str()].map(file_name_part);
        let name = format!("series-{:0digits$}-{}", place + 1, codes.join("-"));
        (Kind::Series(i), name.trim_end_matches('-').to_owned())
    }));
    out
}

/// File names without extension of the charts that [`draw_all`] makes, in its order: six overviews, then the `top`
/// series by annual value.
pub fn chart_names(plan: &Plan, top: usize) -> Vec<String> {
    charts(plan, top)
        .into_iter()
        .map(|(_, name)| name)
        .collect()
}

/// Positions of all series in the order in which [`chart_names`] names their charts: the largest annual value first.
pub fn top_series(plan: &Plan) -> Vec<usize> {
    series_picture::top_series(plan, usize::MAX)
}

/// A code as part of a file name: letters and digits of any script in their usual form, all else a hyphen,
/// at most 24 letters. Uniqueness comes from the number before it.
fn file_name_part(code: &str) -> String {
    let mut out = String::new();
    for letter in code.nfkc() {
        if letter.is_alphanumeric() || letter == '_' {
            out.push(letter);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let out: String = out.chars().take(24).collect();
    out.trim_end_matches('-').to_owned()
}

/// Draws every chart of the plan into `folder` as `NAME.svg` and `NAME.png` and returns the paths, the SVG before the
/// PNG, in the order of [`chart_names`]. The same plan gives the same bytes with any number of threads.
///
/// `progress` is told how many charts are done and how many there are, from the calling thread. `stop` is asked before each
/// chart, from any thread.
///
/// # Errors
/// [`ChartError::Stopped`] when `stop` says so, else [`ChartError`] of the first chart, in order, that cannot be drawn or written.
pub fn draw_all(
    plan: &Plan,
    lang: Lang,
    top: usize,
    folder: &Path,
    progress: &dyn Fn(usize, usize),
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<PathBuf>, ChartError> {
    std::fs::create_dir_all(folder).map_err(|source| ChartError::Write {
        path: folder.to_owned(),
        source,
    })?;
    let charts = charts(plan, top);
    let mut paths = Vec::with_capacity(charts.len() * 2);
    progress(0, charts.len());
    // Small batches, so that progress can be told from this thread.
    for batch in charts.chunks(rayon::current_num_threads().max(1) * 2) {
        let made: Vec<Result<[PathBuf; 2], ChartError>> = batch
            .par_iter()
            .map(|(kind, name)| {
                if stop() {
                    return Err(ChartError::Stopped);
                }
                let svg = kind.svg(plan, lang)?;
                let png = raster::png(&svg)?;
                let svg_path = written(folder, &format!("{name}.svg"), svg.as_bytes())?;
                Ok([svg_path, written(folder, &format!("{name}.png"), &png)?])
            })
            .collect();
        for pair in made {
            paths.extend(pair?);
        }
        progress(paths.len() / 2, charts.len());
    }
    Ok(paths)
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, ChartError> {
    let path = folder.join(name);
    match std::fs::write(&path, bytes) {
        Ok(()) => Ok(path),
        Err(source) => Err(ChartError::Write { path, source }),
    }
}
