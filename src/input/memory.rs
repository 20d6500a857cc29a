//! Whether there is memory for the rows that a file says it holds, before any of them is read.
//!
//! Where memory ends, the system ends the program without a word. Two and a half megabytes of Parquet can hold hundreds of
//! millions of rows.

use sysinfo::System;

use super::error::InputError;
use super::raw::RawTable;
use crate::config::Measure;

/// Bytes that a row takes until it is planned, as it is read and once more sorted: measured 56 for sales of four columns.
const BYTES_A_ROW: u64 = 60;
/// Below so many bytes the system is not asked what is free.
const LITTLE: u64 = 1 << 30;

/// Whether the rows of a table with those of `file` can be counted.
///
/// # Errors
/// There are more.
pub(super) fn countable(rows: usize, table: &'static str, file: &str) -> Result<(), InputError> {
    if Measure::Rows.limit().holds(rows as f64) {
        return Ok(());
    }
    Err(InputError::TooManyRows {
        file: file.to_owned(),
        table,
        rows: rows as u64,
    })
}

/// Whether `more` rows of `file` can be added to a table.
///
/// # Errors
/// There would be more rows than can be counted, or than memory holds.
pub(super) fn room(table: &RawTable, more: usize, file: &str) -> Result<(), InputError> {
    countable(table.rows().saturating_add(more), table.spec.name, file)?;
    let needed = (more as u64).saturating_mul(BYTES_A_ROW);
    let refused = !can_be_reserved(needed);
    if refused || (needed > LITTLE && free().is_some_and(|free| needed > free)) {
        return Err(too_little(file, more));
    }
    Ok(())
}

/// The memory for the rows of a file is not there.
pub(super) fn too_little(file: &str, rows: usize) -> InputError {
    InputError::TooLittleMemory {
        file: file.to_owned(),
        rows: rows as u64,
        gigabytes: (rows as u64).saturating_mul(BYTES_A_ROW).div_ceil(1 << 30),
    }
}

/// Whether this process may have so many bytes: limits on it show only here.
fn can_be_reserved(bytes: u64) -> bool {
    let mut trial = Vec::<u8>::new();
    let Ok(bytes) = usize::try_from(bytes) else {
        return false;
    };
    let reserved = trial.try_reserve_exact(bytes).is_ok();
    // Or the trial, of which nothing is used, would be left out.
    std::hint::black_box(&trial);
    reserved
}

/// Bytes that can be taken without harming others, as far as the system tells.
fn free() -> Option<u64> {
    let mut system = System::new();
    system.refresh_memory();
    let free = system.available_memory();
    let within = system
        .cgroup_limits()
        .map_or(free, |c| c.total_memory.saturating_sub(c.rss));
    Some(free.min(within)).filter(|free| *free > 0)
}
