//! What each table's columns hold: the kind of value, its limits, and whether it must be there.

use crate::config::Measure;

/// Words of a column: (as typed, in the form of [`super::cell::word_form`]; code). The first word of a code is its name.
pub(super) type Words = &'static [(&'static str, u8)];

/// What the cells of a column are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Day,
    Number(Measure),
    /// A code or a name: text, kept as it is.
    Code,
    Word(Words),
}

/// One column of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct ColumnSpec {
    pub name: &'static str,
    pub kind: Kind,
    /// The table cannot be read without the column.
    pub required: bool,
    /// No row can be read without a value in it.
    pub filled: bool,
}

/// One table.
#[derive(Debug)]
pub(super) struct TableSpec {
    pub name: &'static str,
    pub columns: &'static [ColumnSpec],
}

const fn must(name: &'static str, kind: Kind) -> ColumnSpec {
    ColumnSpec {
        name,
        kind,
        required: true,
        filled: true,
    }
}

const fn may(name: &'static str, kind: Kind) -> ColumnSpec {
    ColumnSpec {
        name,
        kind,
        required: false,
        filled: false,
    }
}

/// The column must be there; a cell may be empty.
const fn must_exist(name: &'static str, kind: Kind) -> ColumnSpec {
    ColumnSpec {
        name,
        kind,
        required: true,
        filled: false,
    }
}

use Kind::{Code, Day, Number, Word};
use Measure::{Days, Level, Money, Multiple, Priority, Review, Share, SoldUnits, Stock, Units};

/// Yes or no.
pub(super) const FLAG: Words = &[
    ("no", 0),
    ("yes", 1),
    ("false", 0),
    ("true", 1),
    ("0", 0),
    ("1", 1),
    ("n", 0),
    ("y", 1),
    ("いいえ", 0),
    ("はい", 1),
    ("×", 0),
    ("○", 1),
    ("〇", 1),
    ("◯", 1),
    ("✕", 0),
    ("off", 0),
    ("on", 1),
];

/// Codes are those of [`crate::domain::OrderType`].
pub(super) const ORDER_TYPE: Words = &[
    ("regular", 0),
    ("wholesale", 1),
    ("preorder", 2),
    ("pre_order", 2),
    ("sample", 3),
];

/// Codes are those of [`crate::domain::Availability`].
pub(super) const STATE: Words = &[
    ("in_stock", 0),
    ("sold_out", 1),
    ("backorder", 2),
    ("closed", 3),
    ("unknown", 4),
    ("not_listed", 5),
];

pub(super) const BACKORDER_KIND: Words = &[("backorder", 0), ("preorder", 1), ("pre_order", 1)];

pub(super) const STATUS: Words = &[("active", 0), ("new", 1), ("discontinued", 2)];

/// 1 accepts, 0 refuses.
pub(super) const BACKORDER_POLICY: Words = &[
    ("accept", 1),
    ("refuse", 0),
    ("stop", 0),
    ("allow", 1),
    ("deny", 0),
    ("continue", 1),
    ("yes", 1),
    ("no", 0),
    ("true", 1),
    ("false", 0),
    ("1", 1),
    ("0", 0),
    ("はい", 1),
    ("いいえ", 0),
    ("○", 1),
    ("〇", 1),
    ("◯", 1),
    ("×", 0),
    ("✕", 0),
];

pub(super) const CALENDAR_KIND: Words = &[
    ("holiday", 0),
    ("promotion", 1),
    ("supplier_closed", 2),
    ("exclude", 3),
    ("recurring", 4),
];

/// 0 is Monday.
pub(super) const WEEKDAY: Words = &[
    ("monday", 0),
    ("tuesday", 1),
    ("wednesday", 2),
    ("thursday", 3),
    ("friday", 4),
    ("saturday", 5),
    ("sunday", 6),
    ("mon", 0),
    ("tue", 1),
    ("wed", 2),
    ("thu", 3),
    ("fri", 4),
    ("sat", 5),
    ("sun", 6),
    ("月", 0),
    ("火", 1),
    ("水", 2),
    ("木", 3),
    ("金", 4),
    ("土", 5),
    ("日", 6),
    ("月曜", 0),
    ("火曜", 1),
    ("水曜", 2),
    ("木曜", 3),
    ("金曜", 4),
    ("土曜", 5),
    ("日曜", 6),
    ("月曜日", 0),
    ("火曜日", 1),
    ("水曜日", 2),
    ("木曜日", 3),
    ("金曜日", 4),
    ("土曜日", 5),
    ("日曜日", 6),
];

pub(super) const SALES: TableSpec = TableSpec {
    name: "sales",
    columns: &[
        must("date", Day),
        must("sku", Code),
        must("channel", Code),
        must("units", Number(SoldUnits)),
        may("price", Number(Money)),
        may("order_type", Word(ORDER_TYPE)),
        may("returned_units", Number(Units)),
    ],
};

pub(super) const STOCK: TableSpec = TableSpec {
    name: "stock",
    columns: &[
        must("date", Day),
        must("sku", Code),
        must("location", Code),
        may("on_hand", Number(Stock)),
        may("in_stock_fraction", Number(Share)),
        may("state", Word(STATE)),
    ],
};

pub(super) const BACKORDERS: TableSpec = TableSpec {
    name: "backorders",
    columns: &[
        must("order_id", Code),
        must("date", Day),
        must("sku", Code),
        must("channel", Code),
        must("units", Number(Units)),
        may("kind", Word(BACKORDER_KIND)),
        may("promised_date", Day),
        may("shipped_date", Day),
        may("shipped_units", Number(Units)),
        may("cancelled_date", Day),
        may("cancelled_units", Number(Units)),
        may("notified_date", Day),
    ],
};

/// What earlier runs kept: rows of stock, and open orders (with a number). No table of the user's.
pub(super) const HISTORY: TableSpec = TableSpec {
    name: "history",
    columns: &[
        must("date", Day),
        must("sku", Code),
        must("location", Code),
        may("on_hand", Number(Stock)),
        may("in_stock_fraction", Number(Share)),
        may("state", Word(STATE)),
        may("po_id", Code),
        may("supplier", Code),
        may("ordered_date", Day),
        may("expected_date", Day),
        may("units", Number(Units)),
        may("received_units", Number(Units)),
    ],
};

pub(super) const INBOUND: TableSpec = TableSpec {
    name: "inbound",
    columns: &[
        must_exist("po_id", Code),
        must("sku", Code),
        must("location", Code),
        must("ordered_date", Day),
        must("units", Number(Units)),
        may("supplier", Code),
        may("expected_date", Day),
        may("received_date", Day),
        may("received_units", Number(Units)),
    ],
};

pub(super) const ITEMS: TableSpec = TableSpec {
    name: "items",
    columns: &[
        must("sku", Code),
        may("name", Code),
        may("category", Code),
        may("variant_of", Code),
        may("supplier", Code),
        may("unit_cost", Number(Money)),
        may("price", Number(Money)),
        may("lead_time_days", Number(Days)),
        may("lead_time_sd", Number(Days)),
        may("review_days", Number(Review)),
        may("moq", Number(Units)),
        may("order_multiple", Number(Multiple)),
        may("service_level", Number(Level)),
        may("status", Word(STATUS)),
        may("launch_date", Day),
        may("similar_sku", Code),
        may("backorder_policy", Word(BACKORDER_POLICY)),
        may("replaces", Code),
        may("replaces_share", Number(Share)),
        may("replaces_from", Day),
    ],
};

pub(super) const CHANNELS: TableSpec = TableSpec {
    name: "channels",
    columns: &[
        must("channel", Code),
        may("location", Code),
        may("accepts_backorders", Word(FLAG)),
        may("priority", Number(Priority)),
        may("service_level", Number(Level)),
    ],
};

pub(super) const LISTINGS: TableSpec = TableSpec {
    name: "listings",
    columns: &[
        must("sku", Code),
        must("channel", Code),
        must("listed_from", Day),
        may("listed_to", Day),
    ],
};

pub(super) const LOCATIONS: TableSpec = TableSpec {
    name: "locations",
    columns: &[
        must("location", Code),
        may("supplied_from", Code),
        may("transfer_days", Number(Days)),
    ],
};

pub(super) const SUPPLIERS: TableSpec = TableSpec {
    name: "suppliers",
    columns: &[
        must("supplier", Code),
        may("lead_time_days", Number(Days)),
        may("lead_time_sd", Number(Days)),
        may("review_days", Number(Review)),
        may("order_weekday", Word(WEEKDAY)),
        may("min_amount", Number(Money)),
        may("calendar", Code),
    ],
};

pub(super) const CALENDAR: TableSpec = TableSpec {
    name: "calendar",
    columns: &[
        must("from", Day),
        must("to", Day),
        must("kind", Word(CALENDAR_KIND)),
        may("name", Code),
        may("sku", Code),
        may("category", Code),
        may("channel", Code),
        may("supplier", Code),
        may("series", Code),
        may("uplift", Number(Measure::Uplift)),
    ],
};

/// What channels call a SKU.
pub(super) const CODES: TableSpec = TableSpec {
    name: "codes",
    columns: &[
        must("code", Code),
        must("sku", Code),
        may("channel", Code),
        may("units", Number(Multiple)),
        may("evidence", Code),
    ],
};

/// Parts of sets.
pub(super) const SETS: TableSpec = TableSpec {
    name: "sets",
    columns: &[
        must("set", Code),
        must("sku", Code),
        must("units", Number(Multiple)),
    ],
};

/// All tables.
pub(super) static ALL: [&TableSpec; 12] = [
    &SALES,
    &STOCK,
    &BACKORDERS,
    &INBOUND,
    &ITEMS,
    &CHANNELS,
    &LISTINGS,
    &LOCATIONS,
    &SUPPLIERS,
    &CALENDAR,
    &CODES,
    &SETS,
];

impl TableSpec {
    /// Position of a column; a name that the table lacks gives a position behind its end.
    pub(super) fn at(&self, name: &str) -> usize {
        self.columns
            .iter()
            .position(|c| c.name == name)
            .unwrap_or(self.columns.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{LIMITS, TABLES};
    use crate::input::cell::word_form;

    #[test]
    fn the_configuration_knows_the_same_columns() {
        for (spec, known) in ALL.iter().zip(TABLES) {
            assert_eq!(spec.name, known.table);
            let names: Vec<&str> = spec.columns.iter().map(|c| c.name).collect();
            assert_eq!(names, known.columns, "{}", spec.name);
        }
    }

    #[test]
    fn every_column_of_numbers_has_its_limit_in_the_one_table() {
        let mut columns: Vec<(String, Measure)> = Vec::new();
        for spec in ALL {
            for column in spec.columns {
                if let Kind::Number(measure) = column.kind {
                    columns.push((format!("{}.{}", spec.name, column.name), measure));
                }
            }
        }
        let mut limits: Vec<(String, Measure)> = LIMITS
            .iter()
            .flat_map(|limit| {
                limit
                    .columns
                    .iter()
                    .map(|c| ((*c).to_owned(), limit.measure))
            })
            .collect();
        columns.sort_by(|a, b| a.0.cmp(&b.0));
        limits.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(columns, limits);
    }

    #[test]
    fn words_are_in_the_form_in_which_they_are_compared() {
        for spec in ALL {
            for column in spec.columns {
                if let Kind::Word(words) = column.kind {
                    for (word, _) in words {
                        assert_eq!(&word_form(word), word);
                    }
                }
            }
        }
    }
}
