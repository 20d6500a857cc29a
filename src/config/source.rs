//! `[[source]]`: files of other programs, and how their rows become rows of our tables. Presets are written in the same keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::DateOrder;

/// Values by header: which cells a rule is about. A header may name alternatives (`"Status | 状態"`).
///
/// A value is compared without regard to case, width, hyphens and blanks; `"*"` is any value, `""` none, `"Non-*"` what begins so, and `"@cancelled"`
/// every word of that class in many languages.
pub type Cells = BTreeMap<String, Vec<String>>;

/// One kind of files. Every key may be left out; what a preset (`format`) says holds where the block says nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Source {
    /// Names in the data folder: `orders_export_*.csv`, `2026/*.xlsx`.
    #[serde(skip_serializing_if = "Files::is_empty")]
    pub files: Files,
    /// Name of a preset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The table that the rows belong to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The contract's column → header, alternatives (`"a | b"`: the first that has a value), a code of two headers (`"a + b"`), or `"=value"`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// The channel of every row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The location of every row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The contract's column → value in the file → value meant; `"*"` for all others.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Rows that are read: every header must have one of its values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub keep: Cells,
    /// Rows that are left out: some header has one of its values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub drop: Cells,
    /// Header of `keep` or `drop` → why such rows are left out, as a key of the texts of reasons.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, String>,
    /// Rows whose units came back.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub returns: Cells,
    /// Header → value → key of a text that is told with the number of such rows.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tell: BTreeMap<String, BTreeMap<String, String>>,
    /// Headers whose blank cells have the value of the row before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fill_down: Vec<String>,
    /// The header within whose equal (or blank) values `fill_down` fills.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fill_within: Option<String>,
    /// The header with the order's number: an order counts once, however many files hold it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// The header with the line's number within the order, or of all orders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// The header that says when a row was last changed: the latest state counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<String>,
    /// `"[code] name"`: the code stands in brackets before the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku_form: Option<SkuForm>,
    /// The header within which SKU numbers are unique: where one number stands under several, both make the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku_within: Option<String>,
    /// The header whose numbers `sku_within` is about; every code where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku_part: Option<String>,
    /// SKU numbers that say nothing without `sku_within`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sku_generic: Vec<String>,
    /// Columns that hold the amount of the whole line; a unit's is a share.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub per_line: Vec<String>,
    /// Rows of one day, SKU and location add up (lots, bins, warehouses).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_up: Option<bool>,
    /// A day without a row, between a SKU's first and the file's last, is one of no stock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent_is_zero: Option<bool>,
    /// One column per location.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wide: Option<Wide>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_order: Option<DateOrder>,
    /// In the marks of strftime: `%d.%m.%y`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_format: Option<String>,
    /// The zone of stamps that bear none: `Asia/Tokyo`, `+09:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Header → value → the zone of the shop whose rows have it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub zones: BTreeMap<String, BTreeMap<String, String>>,
    /// The line of the header, from 1; found where it is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_line: Option<u32>,
    /// The sheet of a workbook; the first that has the columns where it is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Which row of a name counts in tables with one row a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeated: Option<Repeated>,
    /// Channel → the location whose stock its sales are served from, where the system itself says so.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub stock_at: BTreeMap<String, String>,
    /// Parts of a location's path that count: 2 makes `WH/Stock` of `WH/Stock/Shelf 1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_levels: Option<usize>,
    /// Cells that mean that there is no value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blank: Vec<String>,
    /// Of two sources that tell the same, the one with the higher rank is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<i32>,
    /// The files are named and not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip: Option<bool>,
    /// These sales are in no other source, however alike they look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separate: Option<bool>,
    /// Why files of this form cannot be used, as a key of the texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<String>,
}

/// One glob or several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Files {
    One(String),
    Many(Vec<String>),
}

impl Default for Files {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Files {
    /// The globs.
    pub fn globs(&self) -> &[String] {
        match self {
            Self::One(glob) => std::slice::from_ref(glob),
            Self::Many(globs) => globs,
        }
    }

    fn is_empty(&self) -> bool {
        self.globs().is_empty()
    }
}

/// How a cell holds a SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SkuForm {
    #[serde(rename = "[code] name")]
    BracketsBeforeName,
}

/// Which of several rows counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Repeated {
    First,
    Newest,
}

/// One column per location made into one row per location.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wide {
    /// The contract's column that the headers fill.
    pub names: String,
    /// The contract's column that the cells fill.
    pub values: String,
    /// Headers that are no locations; all others are.
    pub except: Vec<String>,
    /// Headers that are locations; all that are not in `except` where none are named.
    pub only: Vec<String>,
}

macro_rules! or_else {
    ($own:ident, $preset:ident, options: $($option:ident),+; lists: $($list:ident),+ $(,)?) => {
        $(if $own.$option.is_none() { $own.$option.clone_from(&$preset.$option); })+
        $(if $own.$list.is_empty() { $own.$list.clone_from(&$preset.$list); })+
    };
}

impl Source {
    /// The block with what its preset says where it says nothing itself; columns and values are taken one by one.
    #[must_use]
    pub fn over(mut self, preset: &Self) -> Self {
        for (column, header) in &preset.columns {
            // A constant of the block stands for the preset's column.
            let told = match column.as_str() {
                "channel" => self.channel.is_some(),
                "location" => self.location.is_some(),
                _ => false,
            };
            if !told {
                let column = self.columns.entry(column.clone());
                column.or_insert_with(|| header.clone());
            }
        }
        for (column, values) in &preset.values {
            let values_of = self.values.entry(column.clone());
            values_of.or_insert_with(|| values.clone());
        }
        if self.channel.is_none() && !self.columns.contains_key("channel") {
            self.channel.clone_from(&preset.channel);
        }
        if self.location.is_none() && !self.columns.contains_key("location") {
            self.location.clone_from(&preset.location);
        }
        let own = &mut self;
        or_else!(own, preset,
            options: table, fill_within, order, line, changed, sku_form, sku_within, sku_part, location_levels, add_up, absent_is_zero, wide, date_order, date_format,
                time_zone, header_line, sheet, repeated, rank, skip, separate, left_out;
            lists: keep, drop, reasons, returns, tell, fill_down, sku_generic, per_line, zones, stock_at, blank);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_changes_what_its_preset_says_key_by_key() {
        let preset: Source = toml::from_str(
            "table = \"sales\"\nchannel = \"amazon\"\ndate_order = \"mdy\"\n[columns]\ndate = \"Date\"\nsku = \"MSKU\"\n[drop]\nStatus = [\"x\"]\n",
        )
        .expect("preset");
        let block: Source = toml::from_str(
            "files = \"a.csv\"\nformat = \"p\"\nchannel = \"shop\"\n[columns]\nsku = \"Code\"\n",
        )
        .expect("block");
        let both = block.over(&preset);
        assert_eq!(both.files.globs(), ["a.csv"]);
        assert_eq!(both.channel.as_deref(), Some("shop"));
        assert_eq!(both.columns["sku"], "Code");
        assert_eq!(both.columns["date"], "Date");
        assert_eq!(both.date_order, Some(DateOrder::Mdy));
        assert_eq!(both.drop["Status"], ["x"]);
    }
}
