//! The data folder to checked tables: files, encodings, headers, values, names, and what people should know about them.
//!
//! Bad rows stop the run, gathered over all tables; doubtful ones are findings in [`Tables::findings`].

mod assemble;
mod barcode;
mod cell;
mod checks;
mod code_form;
mod encoding;
mod error;
mod events;
mod folder;
mod header;
mod identity;
mod kept;
mod master;
mod memory;
mod missing;
mod order;
mod parquet;
mod problem;
mod quality;
mod raw;
mod row_checks;
mod sales;
mod schema;
mod source;
mod stock;
mod text_file;
mod times;
mod totals;
mod universe;
mod week_closes;
mod weeks;

use std::path::Path;

use crate::config::Config;
use crate::domain::{Checked, Day};

pub use error::{InputError, finding_text, place_text};
pub use missing::MissingColumns;
pub use quality::{findings_by_severity, quality_table, tables_read};
pub use source::{Recognised, SourceFault, recognise_folder};

/// What to read.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The data folder.
    pub data: &'a Path,
    pub config: &'a Config,
    /// The last day that is known; the last date in `sales` or `stock` when `None`.
    pub as_of: Option<Day>,
}

/// Reads and checks all tables of the data folder.
///
/// # Errors
/// The folder, a file or a column is missing or cannot be read, or rows cannot be used: these are reported together.
pub fn read(options: Options<'_>) -> Result<Checked, InputError> {
    let mut problems = problem::Problems::default();
    let mut raw = folder::read_folder(options, &mut problems)?;
    row_checks::check_rows(&raw, options.config, &mut problems);
    // Cells that were refused are missing: what codes mean is settled on whole rows alone.
    if problems.is_empty() {
        identity::apply(&mut raw, &mut problems);
    }
    if !problems.is_empty() {
        return Err(InputError::Rows(problems.into_findings()));
    }
    raw.sales.doubts.extend(problems.take_notes());
    assemble::assemble(raw, options)
}
