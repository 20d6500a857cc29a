//! The contract's tables and columns: what `[columns.TABLE]` may name and what the templates hold.

/// One input table and its columns, in the order of its template.
#[derive(Clone, Copy, Debug)]
pub struct TableColumns {
    pub table: &'static str,
    pub columns: &'static [&'static str],
}

/// All input tables.
pub const TABLES: &[TableColumns] = &[
    TableColumns {
        table: "sales",
        columns: &[
            "date",
            "sku",
            "channel",
            "units",
            "price",
            "order_type",
            "returned_units",
        ],
    },
    TableColumns {
        table: "stock",
        columns: &[
            "date",
            "sku",
            "location",
            "on_hand",
            "in_stock_fraction",
            "state",
        ],
    },
    TableColumns {
        table: "backorders",
        columns: &[
            "order_id",
            "date",
            "sku",
            "channel",
            "units",
            "kind",
            "promised_date",
            "shipped_date",
            "shipped_units",
            "cancelled_date",
            "cancelled_units",
            "notified_date",
        ],
    },
    TableColumns {
        table: "inbound",
        columns: &[
            "po_id",
            "sku",
            "location",
            "ordered_date",
            "units",
            "supplier",
            "expected_date",
            "received_date",
            "received_units",
        ],
    },
    TableColumns {
        table: "items",
        columns: &[
            "sku",
            "name",
            "category",
            "variant_of",
            "supplier",
            "unit_cost",
            "price",
            "lead_time_days",
            "lead_time_sd",
            "review_days",
            "moq",
            "order_multiple",
            "service_level",
            "status",
            "launch_date",
            "similar_sku",
            "backorder_policy",
            "replaces",
            "replaces_share",
            "replaces_from",
        ],
    },
    TableColumns {
        table: "channels",
        columns: &[
            "channel",
            "location",
            "accepts_backorders",
            "priority",
            "service_level",
        ],
    },
    TableColumns {
        table: "listings",
        columns: &["sku", "channel", "listed_from", "listed_to"],
    },
    TableColumns {
        table: "locations",
        columns: &["location", "supplied_from", "transfer_days"],
    },
    TableColumns {
        table: "suppliers",
        columns: &[
            "supplier",
            "lead_time_days",
            "lead_time_sd",
            "review_days",
            "order_weekday",
            "min_amount",
            "calendar",
        ],
    },
    TableColumns {
        table: "calendar",
        columns: &[
            "from", "to", "kind", "name", "sku", "category", "channel", "supplier", "series",
            "uplift",
        ],
    },
    TableColumns {
        table: "codes",
        columns: &["code", "sku", "channel", "units", "evidence"],
    },
    TableColumns {
        table: "sets",
        columns: &["set", "sku", "units"],
    },
];

/// Jaro–Winkler similarity below which one word is hardly a slip for another.
const NEAR: f64 = 0.75;

/// The word nearest to `typed` (Jaro–Winkler similarity, letter case ignored); the first of equally near ones. None
/// where no word is near.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let mut best: Option<(f64, &str)> = None;
    for word in known {
        let likeness = strsim::jaro_winkler(&typed, &word.to_lowercase());
        if likeness >= NEAR && best.is_none_or(|(b, _)| likeness > b) {
            best = Some((likeness, word));
        }
    }
    best.map(|(_, word)| word)
}
