//! Pages for people: self-contained, with their charts inside.

mod backtest;
mod findings;
mod page;

use std::path::PathBuf;

use crate::chart::ChartError;

pub use backtest::{backtest_closing, write_backtest};

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// The disk refused the file.
    #[error("{} cannot be written", path.display())]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
}
