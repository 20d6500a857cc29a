//! Pages for people: self-contained, with their charts inside.

mod backtest;
mod findings;
mod page;
mod plan;

use std::path::PathBuf;

use crate::chart::ChartError;

pub use backtest::{backtest_closing, write_backtest};
pub use plan::{PlanPage, write_plan};

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// A chart that was drawn cannot be read.
    #[error("{} cannot be read", path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The disk refused the file.
    #[error("{} cannot be written", path.display())]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
}
