//! Rows of the tables that codes are about.

use crate::input::raw::RawTable;

/// Whether a table has a row of a SKU.
pub(super) fn names_sku(table: &RawTable, sku: &str) -> bool {
    let Some(code) = table.names("sku").iter().position(|name| &**name == sku) else {
        return false;
    };
    table.codes("sku").contains(&(code as u32))
}
