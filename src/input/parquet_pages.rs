//! Counts the values that the pages of a Parquet file claim to hold, before any of them is decoded.
//!
//! The decoder reserves memory for as many values as a page's header names. A damaged header names more than any
//! memory holds, and a failed reservation ends the process where nothing can catch it.

use std::fs::File;
use std::io::{Cursor, Read as _, Seek as _, SeekFrom};

use polars::prelude::*;
use polars_parquet::parquet::page::CompressedPage;
use polars_parquet::read::{FileMetadata, PageReader, infer_schema, read_metadata};

/// The footer of a Parquet file whose row groups add up.
pub(super) struct Pages {
    footer: FileMetadata,
}

impl Pages {
    /// Reads the footer.
    ///
    /// # Errors
    /// It is not a Parquet file, or its row groups have together another number of rows than the file.
    pub(super) fn of(mut file: File) -> PolarsResult<Self> {
        let footer = read_metadata(&mut file)?;
        let groups = footer
            .row_groups
            .iter()
            .try_fold(0usize, |sum, group| sum.checked_add(group.num_rows()));
        if groups != Some(footer.num_rows) {
            polars_bail!(ComputeError: "it is damaged: its row groups do not add up to its rows");
        }
        Ok(Self { footer })
    }

    /// Names and types of the columns.
    ///
    /// # Errors
    /// The footer names types that do not exist.
    pub(super) fn columns(&self) -> PolarsResult<Vec<(String, DataType)>> {
        let named =
            |field: &ArrowField| (field.name.to_string(), DataType::from_arrow_field(field));
        Ok(infer_schema(&self.footer)?
            .iter_values()
            .map(named)
            .collect())
    }

    /// Rows of the file.
    pub(super) fn rows(&self) -> usize {
        self.footer.num_rows
    }

    /// Looks at the header of every page of the column `name`, one value per row (not nested).
    ///
    /// # Errors
    /// The file cannot be read, or the pages of a row group have not one value for each of its rows.
    pub(super) fn check(&self, mut file: File, name: &str) -> PolarsResult<()> {
        let damaged = || polars_err!(ComputeError: "it is damaged: the pages of column \"{name}\" do not hold one value for each row");
        for group in &self.footer.row_groups {
            for chunk in group.columns_under_root_iter(name).into_iter().flatten() {
                let range = chunk.byte_range();
                let mut bytes = Vec::new();
                file.seek(SeekFrom::Start(range.start))?;
                file.by_ref()
                    .take(range.end.saturating_sub(range.start))
                    .read_to_end(&mut bytes)?;
                let most = bytes.len();
                // The pages stand at the start of what was read, and not where the chunk stands in the file.
                let pages = PageReader::new(Cursor::new(bytes.into()), chunk, Vec::new(), most);
                let mut rest = group.num_rows();
                for page in pages {
                    if let CompressedPage::Data(page) = page? {
                        rest = rest.checked_sub(page.num_values()).ok_or_else(damaged)?;
                    }
                }
                if rest != 0 {
                    return Err(damaged());
                }
            }
        }
        Ok(())
    }
}
