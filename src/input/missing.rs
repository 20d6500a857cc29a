//! Columns that files lack, told all at once with the lines of `restock.toml` that would mend them.

use std::fmt::Write as _;

use super::cell::word_form;
use super::error::list;
use crate::config::{TABLES, nearest};
use crate::text::{Lang, text};

/// Columns of `stock` of which at least one must be there.
pub(super) const SAYS_STOCK: [&str; 3] = ["on_hand", "in_stock_fraction", "state"];

/// What shops call a column, in the form of [`word_form`]: (column, header).
const USUAL: [(&str, &[&str]); 6] = [
    (
        "date",
        &["day", "order_date", "日付", "日", "注文日", "在庫日"],
    ),
    (
        "sku",
        &[
            "item",
            "product",
            "item_code",
            "商品コード",
            "商品番号",
            "品番",
        ],
    ),
    (
        "channel",
        &["shop", "store", "mall", "チャネル", "モール", "店舗"],
    ),
    (
        "units",
        &["qty", "quantity", "sold", "数量", "個数", "販売数"],
    ),
    ("location", &["warehouse", "place", "拠点", "倉庫", "店舗"]),
    (
        "on_hand",
        &[
            "units",
            "qty",
            "quantity",
            "stock",
            "在庫",
            "在庫数",
            "数量",
        ],
    ),
];

/// Files of a table with one header line and the columns that it lacks.
#[derive(Clone, Debug, PartialEq)]
pub struct MissingColumns {
    /// Relative to the data folder.
    pub files: Vec<String>,
    pub table: &'static str,
    /// The contract's name, and what was looked for: the mapped header, or the same name.
    pub columns: Vec<(&'static str, String)>,
    /// No column says anything about stock: one of `on_hand`, `in_stock_fraction`, `state` is needed.
    pub silent: bool,
    /// All headers; none where the file is empty.
    pub found: Vec<String>,
    /// The headers that nothing reads.
    pub unread: Vec<String>,
}

/// Joins files of one table that lack the same of the same headers, as a folder of monthly files does.
pub(super) fn gathered(missing: Vec<MissingColumns>) -> Vec<MissingColumns> {
    let mut out: Vec<MissingColumns> = Vec::new();
    for group in missing {
        let same = out.iter_mut().find(|g| {
            (g.table, &g.columns, g.silent, &g.found)
                == (group.table, &group.columns, group.silent, &group.found)
        });
        match same {
            Some(same) => same.files.extend(group.files),
            None => out.push(group),
        }
    }
    out
}

/// The header that may be meant: one that shops use for the column, or one much like what was looked for.
fn likely<'a>(column: &str, sought: &str, group: &'a MissingColumns) -> Option<&'a str> {
    let own = TABLES
        .iter()
        .find(|t| t.table == group.table)
        .map_or(&[][..], |t| t.columns);
    let others = || {
        let unread = group.unread.iter().map(String::as_str);
        unread.filter(|header| !own.contains(header))
    };
    let usual = USUAL
        .iter()
        .find(|(name, _)| *name == column)
        .map_or(&[][..], |(_, words)| words);
    let known = usual
        .iter()
        .find_map(|word| others().find(|header| word_form(header) == *word));
    known.or_else(|| nearest(sought, others()))
}

/// The message: by file what is missing, what was found and may be meant; then what to write in `restock.toml`.
pub(super) fn missing_text(lang: Lang, groups: &[MissingColumns]) -> String {
    let say = |key: &str, figures: &[(&str, &str)]| text(lang, &format!("finding.{key}"), figures);
    let (empty, lacking): (Vec<_>, Vec<_>) = groups.iter().partition(|g| g.found.is_empty());
    let mut paragraphs: Vec<String> = empty
        .iter()
        .map(|g| {
            say(
                "table_empty",
                &[("file", &g.files.join(", ")), ("table", g.table)],
            )
        })
        .collect();
    if lacking.is_empty() {
        return paragraphs.concat();
    }
    let count: usize = lacking
        .iter()
        .map(|g| g.columns.len() + usize::from(g.silent))
        .sum();
    let mut out = say("columns_missing", &[("count", &count.to_string())]);
    let mut remedy = say("columns_missing_remedy", &[]);
    let mut mapped: Vec<(&str, &str)> = Vec::new();
    let mut table = "";
    for group in lacking {
        let _ = write!(
            out,
            "\n  {}",
            say(
                "columns_missing_file",
                &[
                    ("files", &group.files.join(", ")),
                    ("columns", &shown_columns(lang, group)),
                    ("found", &list(lang, &group.found)),
                ],
            )
        );
        let silent = group.silent.then_some((SAYS_STOCK[0], SAYS_STOCK[0]));
        let columns = group.columns.iter().map(|(c, h)| (*c, h.as_str()));
        for (column, sought) in columns.chain(silent) {
            if mapped.contains(&(group.table, column)) {
                continue;
            }
            mapped.push((group.table, column));
            if table != group.table {
                table = group.table;
                let _ = write!(remedy, "\n  [columns.{table}]");
            }
            let header =
                likely(column, sought, group).map_or_else(|| say("your_header", &[]), toml_text);
            let _ = write!(remedy, "\n  {column} = \"{header}\"");
        }
    }
    out.push('\n');
    out.push_str(&remedy);
    out.push('\n');
    out.push_str(&say("columns_missing_constant", &[]));
    paragraphs.push(out);
    paragraphs.join("\n\n")
}

/// `` `date` (perhaps `Day`), `units` ``.
fn shown_columns(lang: Lang, group: &MissingColumns) -> String {
    let say = |key: &str, figures: &[(&str, &str)]| text(lang, &format!("finding.{key}"), figures);
    let with_near = |shown: String, near: Option<&str>| match near {
        Some(near) => shown + &say("columns_missing_nearest", &[("nearest", near)]),
        None => shown,
    };
    let mut shown: Vec<String> = group
        .columns
        .iter()
        .map(|(column, sought)| with_near(format!("`{sought}`"), likely(column, sought, group)))
        .collect();
    if group.silent {
        let column = SAYS_STOCK[0];
        shown.push(with_near(
            say("stock_says_nothing", &[]),
            likely(column, column, group),
        ));
    }
    shown.join(&say("columns_missing_and", &[]))
}

/// A header as the inside of a TOML string.
fn toml_text(header: &str) -> String {
    header.replace('\\', "\\\\").replace('"', "\\\"")
}
