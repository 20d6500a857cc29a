//! One file under one block: its columns found, its cells cut, its rows judged.

use std::borrow::Cow;

use super::fault::fault;
use super::fill::{Column, Fill, Headers, alternatives_of};
use super::preset::Preset;
use super::sheet::{Cut, Opened, Sheet};
use super::snapshot::month_of;
use super::stamp::{DateForm, NO_OFFSET, OrderSeen, Stamp};
use super::words::{Held, Values, is_a};
use crate::config::Source;
use crate::input::cell::parse_number;
use crate::input::error::InputError;
use crate::input::schema::{Kind, TableSpec};

/// Why a row is left out: a key of the texts of reasons, or the rule of the user's own that it falls under.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    Key(String),
    /// A header and the value that it had.
    Value(String, String),
}

impl Reason {
    pub(super) fn key(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

/// A block with what its preset says, and the table that it feeds.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// What was typed, over the preset.
    pub rules: Source,
    /// Columns and headers that the user named: each must be there.
    pub typed: Source,
    pub preset: Option<Preset>,
    pub spec: &'static TableSpec,
    /// As messages name it.
    pub name: String,
}

/// A rule about one column's values.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    column: Column,
    values: Values,
    reason: Option<String>,
}

impl Rule {
    fn reason(&self, held: Option<Held<'_>>, cell: &str) -> Reason {
        match (&self.reason, held) {
            (Some(key), _) => Reason::key(key),
            (None, Some(Held::Class(class))) => Reason::key(class),
            _ => Reason::Value(self.column.header.clone(), cell.to_owned()),
        }
    }
}

/// A file's columns as a block means them.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// One per column of the table.
    pub columns: Vec<Option<Fill>>,
    pub keep: Vec<Rule>,
    pub drop: Vec<Rule>,
    pub returns: Vec<Rule>,
    /// (header, values, key of the text)
    pub tell: Vec<(Column, Values, String)>,
    fill_down: Vec<Column>,
    fill_within: Option<Column>,
    pub order: Option<Column>,
    pub line: Option<Column>,
    pub changed: Option<Column>,
    pub sku_within: Option<Column>,
    pub sku_part: Option<Column>,
    pub zones: Vec<(Column, Vec<(Values, String)>)>,
    /// One column per location; rows are read once for each.
    pub wide: Vec<Column>,
    pub values: Vec<Vec<(Values, String)>>,
}

/// A file under a block.
#[derive(Debug)]
pub(super) struct Staged {
    /// Position of the block.
    pub block: usize,
    /// Relative to the data folder.
    pub file: String,
    pub layout: Layout,
    pub sheet: Sheet,
    /// Of the table's `date`, where the file has one; a fault where it cannot be read.
    pub stamps: Vec<Option<Stamp>>,
    /// Why each record is left out; 0 where it is not, else the position in `reasons` + 1.
    pub verdicts: Vec<u16>,
    pub reasons: Vec<Reason>,
    pub sha256: String,
    pub bytes: u64,
}

impl Staged {
    /// Records that a row of the file makes.
    pub(super) fn per_row(&self) -> usize {
        self.layout.wide.len().max(1)
    }

    pub(super) fn records(&self) -> usize {
        self.verdicts.len()
    }

    /// Leaves a record out, where it is not already.
    pub(super) fn leave(&mut self, record: usize, reason: Reason) {
        if self.verdicts[record] != 0 {
            return;
        }
        let at = match self.reasons.iter().position(|r| *r == reason) {
            Some(at) => at,
            // A rule about every value has as many reasons as values: the many share one.
            None if self.reasons.len() >= 1000 => 0,
            None => {
                self.reasons.push(reason);
                self.reasons.len() - 1
            }
        };
        self.verdicts[record] = at as u16 + 1;
    }

    pub(super) fn used(&self, record: usize) -> bool {
        self.verdicts[record] == 0
    }

    /// The text of a column of the table, as the block means it.
    pub(super) fn value(&self, record: usize, column: usize) -> Cow<'_, str> {
        let row = record / self.per_row();
        let Some(Some(fill)) = self.layout.columns.get(column) else {
            return Cow::Borrowed("");
        };
        let found = fill.value(&self.sheet, row);
        let known = self
            .layout
            .values
            .get(column)
            .map_or(&[][..], Vec::as_slice);
        match known.iter().find(|(values, _)| values.hold(&found)) {
            Some((_, meant)) => Cow::Borrowed(meant.as_str()),
            None => found,
        }
    }
}

/// Where a block's header line stands in a file: sheet, line, headers.
fn header_of(
    opened: &Opened,
    block: &Block,
    file: &str,
) -> Result<(usize, u32, Headers), InputError> {
    let needed = needed(block);
    let heads = opened.heads();
    let only = match &block.rules.sheet {
        Some(name) => match opened.sheet(name) {
            Some(at) => Some(at),
            None => {
                return Err(fault(
                    "source_sheet_missing",
                    &[
                        ("file", file),
                        ("sheet", name),
                        ("found", &opened.sheets().join(", ")),
                    ],
                ));
            }
        },
        None => None,
    };
    let mut best: Option<(usize, Headers)> = None;
    for (sheet, head) in heads {
        if only.is_some_and(|only| only != sheet) {
            continue;
        }
        for (line, cells) in head {
            if block.rules.header_line.is_some_and(|told| told != line) {
                continue;
            }
            let headers = Headers::new(cells);
            let hits = needed.iter().filter(|h| has(&headers, h)).count();
            if hits == needed.len() {
                return Ok((sheet, line, headers));
            }
            if best.as_ref().is_none_or(|(most, _)| hits > *most) {
                best = Some((hits, headers));
            }
        }
    }
    let Some((_, headers)) = best else {
        return Err(fault("source_empty", &[("file", file)]));
    };
    let missing: Vec<String> = needed
        .iter()
        .filter(|h| !has(&headers, h))
        .map(|h| format!("`{h}`"))
        .collect();
    Err(fault(
        "source_columns_missing",
        &[
            ("file", file),
            ("source", &block.name),
            ("columns", &missing.join(", ")),
            ("found", &headers.found.join(", ")),
        ],
    ))
}

/// Whether a header, or what an expression needs of headers, is there.
fn has(headers: &Headers, expression: &str) -> bool {
    headers.has(expression)
        || alternatives_of(expression).any(|part| {
            part.starts_with('=')
                || (part.contains(" + ") && part.split(" + ").all(|h| headers.has(h.trim())))
        })
}

/// The headers that a file of the block must have.
fn needed(block: &Block) -> Vec<String> {
    let rules = &block.rules;
    let mut needed: Vec<String> = Vec::new();
    if let Some(preset) = &block.preset
        && block.typed.columns.is_empty()
    {
        needed.extend(preset.signature.iter().cloned());
    }
    for column in block.spec.columns {
        let typed = block.typed.columns.get(column.name);
        let constant = match column.name {
            "channel" => rules.channel.is_some(),
            "location" => rules.location.is_some(),
            _ => false,
        };
        let made = rules
            .wide
            .as_ref()
            .is_some_and(|w| w.names == column.name || w.values == column.name);
        // A snapshot may bear no date.
        let snapshot = block.spec.name == "stock" && column.name == "date";
        let required = column.required && !snapshot && !made && !constant;
        if let Some(header) = typed {
            needed.push(header.clone());
        } else if required && block.preset.is_none() {
            needed.push(column.name.to_owned());
        }
    }
    let rows = [&block.typed.keep, &block.typed.drop, &block.typed.returns];
    needed.extend(rows.into_iter().flat_map(|cells| cells.keys().cloned()));
    needed.extend(block.typed.order.iter().cloned());
    needed.extend(block.typed.line.iter().cloned());
    needed.extend(block.typed.changed.iter().cloned());
    needed
}

fn rules_of(
    cells: &crate::config::Cells,
    reasons: &std::collections::BTreeMap<String, String>,
    headers: &mut Headers,
) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (header, values) in cells {
        // Every alternative that is there counts: a line's own state beside its order's.
        let Some(column) = headers.column(header) else {
            continue;
        };
        rules.push(Rule {
            column,
            values: Values::new(values.iter().map(String::as_str)),
            reason: reasons.get(header).cloned(),
        });
    }
    rules
}

fn meanings(values: &std::collections::BTreeMap<String, String>) -> Vec<(Values, String)> {
    // `*` comes last, whatever its place in the order of keys.
    let (rest, told): (Vec<_>, Vec<_>) = values.iter().partition(|(value, _)| *value == "*");
    let all = told.into_iter().chain(rest);
    all.map(|(value, meant)| (Values::new([value.as_str()]), meant.clone()))
        .collect()
}

impl Layout {
    fn new(block: &Block, headers: &mut Headers) -> Self {
        let rules = &block.rules;
        let mut column = |header: &Option<String>| header.as_ref().and_then(|h| headers.column(h));
        let mut layout = Self {
            order: column(&rules.order),
            line: column(&rules.line),
            changed: column(&rules.changed),
            fill_within: column(&rules.fill_within),
            sku_within: column(&rules.sku_within),
            sku_part: column(&rules.sku_part),
            ..Self::default()
        };
        layout.fill_down = rules
            .fill_down
            .iter()
            .filter_map(|h| headers.column(h))
            .collect();
        layout.keep = rules_of(&rules.keep, &rules.reasons, headers);
        layout.drop = rules_of(&rules.drop, &rules.reasons, headers);
        layout.returns = rules_of(&rules.returns, &rules.reasons, headers);
        for (header, told) in &rules.tell {
            if let Some(column) = headers.column(header) {
                for (value, key) in told {
                    let values = Values::new([value.as_str()]);
                    layout.tell.push((column.clone(), values, key.clone()));
                }
            }
        }
        for (header, zones) in &rules.zones {
            if let Some(column) = headers.column(header) {
                layout.zones.push((column, meanings(zones)));
            }
        }
        for spec in block.spec.columns {
            let constant = match spec.name {
                "channel" => rules.channel.as_deref(),
                "location" => rules.location.as_deref(),
                _ => None,
            };
            let expression = rules.columns.get(spec.name).map(String::as_str);
            let fill = match (constant, expression) {
                (Some(value), _) => Some(Fill::constant(value)),
                (None, Some(expression)) => headers.fill(expression),
                // A preset names all that it reads; a block's own columns may bear our names.
                (None, None) if block.preset.is_none() => headers.fill(spec.name),
                (None, None) => None,
            };
            layout.columns.push(fill);
            let meant = rules.values.get(spec.name).map(meanings);
            layout.values.push(meant.unwrap_or_default());
        }
        if let Some(wide) = &rules.wide {
            let found = headers.found.clone();
            let named = |list: &[String], header: &str| {
                list.iter()
                    .any(|h| super::fill::header_form(h) == super::fill::header_form(header))
            };
            for header in found {
                let is_place = if wide.only.is_empty() {
                    !header.is_empty() && !named(&wide.except, &header)
                } else {
                    named(&wide.only, &header)
                };
                if is_place && let Some(column) = headers.column(&header) {
                    layout.wide.push(column);
                }
            }
        }
        layout
    }
}

/// Opens a file under a block: finds its columns, cuts its cells, fills down.
///
/// # Errors
/// The file cannot be read, or lacks columns.
pub(super) fn stage(
    opened: &Opened,
    block: &Block,
    at: usize,
    file: &str,
) -> Result<Staged, InputError> {
    let (sheet_at, line, mut headers) = header_of(opened, block, file)?;
    let mut layout = Layout::new(block, &mut headers);
    let cut = Cut {
        header_line: line,
        headers: headers.found.len(),
        wanted: headers.wanted(),
        prints: block.spec.name == "sales" && layout.order.is_none(),
    };
    let mut sheet = opened
        .cut(sheet_at, &cut)
        .map_err(|e| unreadable(file, e.0))?;
    sheet.blank(&block.rules.blank);
    fill_down(&layout, &mut sheet);
    if let Some(wide) = &block.rules.wide
        && wide.only.is_empty()
    {
        // Columns of anything but quantities are no locations.
        layout.wide.retain(|column| {
            (0..sheet.rows()).all(|row| {
                let cell = sheet.cell(row, column.kept);
                cell.is_empty()
                    || is_a("not_stocked", cell)
                    || parse_number(cell.as_bytes())
                        .is_some_and(|n| n.abs() < 1e7 && !crate::input::barcode::is_barcode(n))
            })
        });
        if layout.wide.is_empty() {
            return Err(fault("source_no_locations", &[("file", file)]));
        }
    }
    let records = sheet.rows() * layout.wide.len().max(1);
    Ok(Staged {
        block: at,
        file: file.to_owned(),
        layout,
        sheet,
        stamps: Vec::new(),
        verdicts: vec![0; records],
        reasons: Vec::new(),
        sha256: opened.sha256.clone(),
        bytes: opened.bytes,
    })
}

pub(super) fn unreadable(file: &str, why: String) -> InputError {
    InputError::Unreadable {
        file: file.to_owned(),
        why,
    }
}

fn fill_down(layout: &Layout, sheet: &mut Sheet) {
    for row in 1..sheet.rows() {
        if let Some(within) = &layout.fill_within {
            let own = sheet.cell(row, within.kept);
            if !own.is_empty() && own != sheet.cell(row - 1, within.kept) {
                continue;
            }
        }
        for column in &layout.fill_down {
            if sheet.cell(row, column.kept).is_empty() {
                sheet.fill(row, column.kept);
            }
        }
    }
}

/// What the dates of a file show of the order of day and month.
pub(super) fn order_seen(staged: &Staged, spec: &TableSpec) -> OrderSeen {
    let mut seen = OrderSeen::default();
    for (at, column) in spec.columns.iter().enumerate() {
        if !matches!(column.kind, Kind::Day) {
            continue;
        }
        let Some(Some(fill)) = staged.layout.columns.get(at) else {
            continue;
        };
        let mut last = Cow::Borrowed("");
        for row in 0..staged.sheet.rows() {
            let cell = fill.value(&staged.sheet, row);
            if cell != last {
                seen.look(&cell);
                last = cell;
            }
        }
    }
    seen
}

/// Reads the stamps of the column `date`.
pub(super) fn read_stamps(staged: &mut Staged, spec: &TableSpec, form: &DateForm) {
    let at = spec.at("date");
    let Some(Some(fill)) = staged.layout.columns.get(at) else {
        return;
    };
    let mut last: (String, Option<Stamp>) = (String::new(), None);
    let rows = staged.sheet.rows();
    let mut stamps = Vec::with_capacity(rows);
    for row in 0..rows {
        let cell = fill.value(&staged.sheet, row);
        if last.0 != *cell {
            // Snapshots are of months, too.
            let month = || {
                let day = (spec.name == "stock").then(|| month_of(&cell)).flatten()?;
                Some(Stamp {
                    day,
                    second: -1,
                    offset: NO_OFFSET,
                })
            };
            last = (cell.to_string(), form.parse(&cell).ok().or_else(month));
        }
        stamps.push(last.1);
    }
    staged.stamps = stamps;
}

/// Whether all stamps that bear an offset are of UTC, and whether any bears one.
pub(super) fn offsets(staged: &Staged) -> (bool, bool) {
    let mut bear = staged
        .stamps
        .iter()
        .flatten()
        .map(|s| s.offset)
        .filter(|&o| o != NO_OFFSET)
        .peekable();
    let any = bear.peek().is_some();
    (any, any && bear.all(|o| o == 0))
}

/// Judges every record by what its own row says.
pub(super) fn judge(staged: &mut Staged, spec: &TableSpec) {
    let sku = spec.at("sku");
    let has_sku = sku < spec.columns.len();
    for record in 0..staged.records() {
        if !staged.used(record) {
            continue;
        }
        let row = record / staged.per_row();
        if let Some(reason) = verdict(staged, row) {
            staged.leave(record, reason);
            continue;
        }
        if let Some(column) = staged.layout.wide.get(record % staged.per_row()) {
            let cell = staged.sheet.cell(row, column.kept);
            let left = if is_a("not_stocked", cell) {
                Some("not_stocked")
            } else if cell.is_empty() {
                Some("no_quantity")
            } else {
                None
            };
            if let Some(key) = left {
                staged.leave(record, Reason::key(key));
                continue;
            }
        }
        if !has_sku {
            continue;
        }
        let code = staged.value(record, sku);
        let left = if code.is_empty() {
            let first = staged.sheet.cell(row, 0);
            Some(if is_a("total", first) {
                "total"
            } else {
                "without_sku"
            })
        } else if is_a("total", &code) {
            Some("total")
        } else {
            None
        };
        if let Some(key) = left {
            staged.leave(record, Reason::key(key));
        }
    }
}

fn verdict(staged: &Staged, row: usize) -> Option<Reason> {
    for rule in &staged.layout.drop {
        let cell = staged.sheet.cell(row, rule.column.kept);
        if let Some(held) = rule.values.held(cell) {
            return Some(rule.reason(Some(held), cell));
        }
    }
    for rule in &staged.layout.keep {
        let cell = staged.sheet.cell(row, rule.column.kept);
        if !rule.values.hold(cell) {
            return Some(rule.reason(None, cell));
        }
    }
    None
}

/// Whether a row's units came back.
pub(super) fn came_back(staged: &Staged, row: usize) -> bool {
    let rules = &staged.layout.returns;
    rules
        .iter()
        .any(|rule| rule.values.hold(staged.sheet.cell(row, rule.column.kept)))
}
