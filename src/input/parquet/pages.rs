//! The pages of a Parquet file: counted by the footer and by their headers before any is decoded, then decoded column by column.
//!
//! The decoder reserves memory for as many values as a page's header names. A damaged header names more than any
//! memory holds, and a failed reservation ends the process where nothing can catch it.

use std::fs::File;
use std::io::{Cursor, Read as _, Seek as _, SeekFrom};

use polars::prelude::{ArrowDataType, ArrowField, ArrowSchema, ArrowTimeUnit, PolarsResult};
use polars::prelude::{polars_bail, polars_err};
use polars_arrow::array::Array;
use polars_parquet::parquet::page::CompressedPage;
use polars_parquet::parquet::read::BasicDecompressor;
use polars_parquet::read::schema::{read_custom_key_value_metadata, read_schema_from_metadata};
use polars_parquet::read::{
    ColumnChunkMetadata, FileMetadata, PageReader, PhysicalType, column_iter_to_arrays,
    read_metadata,
};

use super::column::{Meaning, Unusable, meaning};
use super::guard::guarded;

/// The footer of a Parquet file whose row groups add up.
pub(super) struct Footer {
    parquet: FileMetadata,
    /// The schema that writers of Arrow leave beside Parquet's own, where it can be read.
    arrow: Option<ArrowSchema>,
}

impl Footer {
    /// Reads the footer.
    ///
    /// # Errors
    /// It is not a Parquet file, or its row groups have together another number of rows than the file.
    pub(super) fn of(file: &mut File) -> Result<Self, String> {
        let parquet = guarded(|| {
            let footer = read_metadata(file)?;
            let groups = footer
                .row_groups
                .iter()
                .try_fold(0usize, |sum, group| sum.checked_add(group.num_rows()));
            if groups != Some(footer.num_rows) {
                polars_bail!(ComputeError: "it is damaged: its row groups do not add up to its rows");
            }
            Ok(footer)
        })?;
        // Without it the columns are still told apart by Parquet's own types.
        let arrow = guarded(|| {
            let mut said = read_custom_key_value_metadata(parquet.key_value_metadata());
            read_schema_from_metadata(&mut said)
        });
        Ok(Self {
            parquet,
            arrow: arrow.ok().flatten(),
        })
    }

    /// Names of the columns.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.parquet.schema().fields().iter().map(|f| f.name())
    }

    /// What a column holds.
    ///
    /// # Errors
    /// What no table can use.
    pub(super) fn meaning(&self, column: usize) -> Result<Meaning, Unusable> {
        let field = &self.parquet.schema().fields()[column];
        let arrow = self.arrow.as_ref().and_then(|s| s.get(field.name()));
        meaning(field, arrow.map(|f| &f.dtype))
    }

    /// Rows of the file.
    pub(super) fn rows(&self) -> usize {
        self.parquet.num_rows
    }

    /// Rows of each row group.
    pub(super) fn groups(&self) -> Vec<usize> {
        self.parquet
            .row_groups
            .iter()
            .map(|group| group.num_rows())
            .collect()
    }

    /// Reads and decodes the values of a column, one for each row of a row group.
    ///
    /// # Errors
    /// The file cannot be read, the pages have not one value for each row, or the values cannot be decoded.
    pub(super) fn decode(
        &self,
        file: &mut File,
        column: usize,
        group: usize,
    ) -> Result<Vec<Box<dyn Array>>, String> {
        let field = &self.parquet.schema().fields()[column];
        let name = field.name();
        let rows = self.parquet.row_groups[group].num_rows();
        guarded(|| {
            let damaged = || polars_err!(ComputeError: "it is damaged: its pages do not hold one value for each row");
            let mut chunks = self.parquet.row_groups[group]
                .columns_under_root_iter(name)
                .ok_or_else(damaged)?;
            let (Some(chunk), None) = (chunks.next(), chunks.next()) else {
                return Err(damaged());
            };
            let range = chunk.byte_range();
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(range.start))?;
            file.by_ref()
                .take(range.end.saturating_sub(range.start))
                .read_to_end(&mut bytes)?;
            let most = bytes.len();
            // The pages stand at the start of what was read, and not where the chunk stands in the file.
            let bytes = Cursor::new(bytes.into());
            let pages = || PageReader::new(bytes.clone(), chunk, Vec::new(), most);
            if !hold(pages(), chunk, rows)? {
                return Err(damaged());
            }
            let primitive = &chunk.descriptor().descriptor.primitive_type;
            let field = ArrowField::new(name.into(), stored(primitive.physical_type), true);
            let decompressed = BasicDecompressor::new(pages(), Vec::new());
            let (arrays, _) =
                column_iter_to_arrays(vec![decompressed], vec![primitive], field, None)?;
            if arrays.iter().map(|a| a.len()).sum::<usize>() != rows {
                return Err(damaged());
            }
            Ok(arrays)
        })
        .map_err(|why| format!("column \"{name}\": {why}"))
    }
}

/// Whether the pages claim to hold `rows` values, and no page more bytes than its chunk.
fn hold(pages: PageReader, chunk: &ColumnChunkMetadata, rows: usize) -> PolarsResult<bool> {
    let most = usize::try_from(chunk.uncompressed_size()).unwrap_or(0);
    let mut rest = rows;
    for page in pages {
        if let CompressedPage::Data(page) = page? {
            match rest.checked_sub(page.num_values()) {
                Some(left) if page.uncompressed_size() <= most => rest = left,
                _ => return Ok(false),
            }
        }
    }
    Ok(rest == 0)
}

/// The form in which values are decoded: that in which they are stored. What they mean is not the decoder's business, which knows
/// fewer meanings than there are.
fn stored(physical: PhysicalType) -> ArrowDataType {
    match physical {
        PhysicalType::Boolean => ArrowDataType::Boolean,
        PhysicalType::Int32 => ArrowDataType::Int32,
        PhysicalType::Int64 => ArrowDataType::Int64,
        PhysicalType::Int96 => ArrowDataType::Timestamp(ArrowTimeUnit::Millisecond, None),
        PhysicalType::Float => ArrowDataType::Float32,
        PhysicalType::Double => ArrowDataType::Float64,
        PhysicalType::ByteArray => ArrowDataType::BinaryView,
        PhysicalType::FixedLenByteArray(length) => ArrowDataType::FixedSizeBinary(length),
    }
}
