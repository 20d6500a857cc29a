//! Rows of the tables that say what codes mean, and of those that they are about.

use crate::input::problem::{Fault, Problems};
use crate::input::raw::RawTable;

/// Notes a row that cannot be used.
pub(super) fn refuse(
    table: &RawTable,
    row: usize,
    column: &str,
    value: &str,
    fault: Fault,
    problems: &mut Problems,
) {
    let place = table.place(row, Some(column));
    problems.add(
        place.file.as_deref().unwrap_or(table.spec.name),
        place.line.unwrap_or(0),
        place.column.as_deref(),
        value,
        fault,
    );
}

/// Whether a table has a row of a SKU.
pub(super) fn names_sku(table: &RawTable, sku: &str) -> bool {
    let Some(code) = table.names("sku").iter().position(|name| &**name == sku) else {
        return false;
    };
    table.codes("sku").contains(&(code as u32))
}
