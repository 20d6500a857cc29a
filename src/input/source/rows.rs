//! Judged records to typed columns, each value with its file, line, column and what was typed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

use super::stage::{Block, Staged, came_back};
use super::stamp::{Calendar, DateForm};
use crate::config::SkuForm;
use crate::input::cell::{DateFault, parse_number};
use crate::input::problem::{Fault, Problems};
use crate::input::raw::{Builder, NO_DAY};
use crate::input::schema::{ColumnSpec, Kind};

/// The rows of one file, typed.
#[derive(Default)]
pub(super) struct Made {
    pub columns: Vec<Option<Builder>>,
    pub lines: Vec<u32>,
    /// Of whole lines; empty where orders have numbers.
    pub prints: Vec<u64>,
    /// Of the order's number; 0 without one. Empty where the file has no such column.
    pub orders: Vec<u64>,
    /// Second of the shop's day; −1 unknown. Of sales only.
    pub seconds: Vec<i32>,
    pub problems: Problems,
}

/// What reading a block's rows needs beside its files.
pub(super) struct Reading<'a> {
    pub block: &'a Block,
    pub form: &'a DateForm,
    pub calendar: Calendar,
    pub parents: &'a Parents,
}

/// SKU numbers that stand under more than one item.
#[derive(Debug, Default)]
pub(super) struct Parents {
    /// Number → its item, or `None` where it has several.
    of: HashMap<String, Option<String>>,
}

impl Parents {
    /// Looks through the used records of a block's files.
    pub(super) fn of<'s>(files: impl Iterator<Item = &'s Staged>, block: &Block) -> Self {
        let mut parents = Self::default();
        let sku = block.spec.at("sku");
        for staged in files {
            let Some(within) = &staged.layout.sku_within else {
                continue;
            };
            for record in (0..staged.records()).filter(|&r| staged.used(r)) {
                let row = record / staged.per_row();
                let code = staged.value(record, sku);
                let parent = staged.sheet.cell(row, within.kept);
                match parents.of.get_mut(&*code) {
                    None => {
                        let parent = Some(parent.to_owned());
                        parents.of.insert(code.into_owned(), parent);
                    }
                    Some(known) => {
                        if known.as_deref().is_some_and(|k| k != parent) {
                            *known = None;
                        }
                    }
                }
            }
        }
        parents
    }

    fn several(&self, code: &str) -> bool {
        self.of.get(code).is_some_and(Option::is_none)
    }
}

/// The code in brackets before a name; the whole text where there is none.
fn bracketed(text: &str) -> &str {
    let inner = text.strip_prefix('[').and_then(|t| t.split_once(']'));
    inner
        .map(|(code, _)| code.trim())
        .filter(|code| !code.is_empty())
        .unwrap_or(text)
}

/// `1.234,5` and `18,50`: a comma that cannot be one of thousands.
fn decimal_comma(text: &str) -> Option<f64> {
    let (whole, fraction) = text.trim().split_once(',')?;
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let bare = whole.strip_prefix('-').unwrap_or(whole);
    let grouped = bare.contains('.');
    let groups_hold = !grouped
        || bare
            .split('.')
            .enumerate()
            .all(|(k, g)| digits(g) && if k == 0 { g.len() <= 3 } else { g.len() == 3 });
    if !digits(fraction) || (fraction.len() == 3 && !grouped) || !groups_hold {
        return None;
    }
    let plain = format!("{}.{fraction}", whole.replace('.', ""));
    parse_number(plain.as_bytes())
}

/// A number as other programs write it.
fn number_of(text: &str) -> Option<f64> {
    parse_number(text.as_bytes()).or_else(|| decimal_comma(text))
}

impl Reading<'_> {
    /// The SKU of a record.
    fn sku<'s>(&self, staged: &Staged, record: usize, code: Cow<'s, str>) -> Cow<'s, str> {
        let rules = &self.block.rules;
        if rules.sku_form == Some(SkuForm::BracketsBeforeName) {
            return match code {
                Cow::Borrowed(text) => Cow::Borrowed(bracketed(text)),
                Cow::Owned(text) => Cow::Owned(bracketed(&text).to_owned()),
            };
        }
        let Some(within) = &staged.layout.sku_within else {
            return code;
        };
        let row = record / staged.per_row();
        if let Some(part) = &staged.layout.sku_part
            && staged.sheet.cell(row, part.kept) != code
        {
            return code;
        }
        let parent = staged.sheet.cell(row, within.kept);
        let generic = rules.sku_generic.iter().any(|g| *g == code);
        if !parent.is_empty() && parent != code && (generic || self.parents.several(&code)) {
            return Cow::Owned(format!("{parent}-{code}"));
        }
        code
    }

    /// The text of a column of the contract.
    fn text<'s>(&self, staged: &'s Staged, record: usize, at: usize) -> Cow<'s, str> {
        let spec = &self.block.spec.columns[at];
        if let Some(wide) = &self.block.rules.wide
            && let Some(place) = staged.layout.wide.get(record % staged.per_row())
        {
            if spec.name == wide.names {
                return Cow::Borrowed(&place.header);
            }
            if spec.name == wide.values {
                let row = record / staged.per_row();
                return Cow::Borrowed(staged.sheet.cell(row, place.kept));
            }
        }
        let value = staged.value(record, at);
        match spec.name {
            "sku" => self.sku(staged, record, value),
            "location" => match self.block.rules.location_levels {
                Some(levels) => match value.match_indices('/').nth(levels.saturating_sub(1)) {
                    Some((end, _)) => Cow::Owned(value[..end].to_owned()),
                    None => value,
                },
                None => value,
            },
            _ => value,
        }
    }

    fn has(&self, staged: &Staged, spec: &ColumnSpec, at: usize) -> bool {
        let wide = self.block.rules.wide.as_ref();
        wide.is_some_and(|w| w.names == spec.name || w.values == spec.name)
            || matches!(staged.layout.columns.get(at), Some(Some(_)))
    }

    /// Types the used records of a file.
    pub(super) fn make(&self, staged: &Staged) -> Made {
        let spec = self.block.spec;
        let sales = spec.name == "sales";
        let snapshot = spec.name == "stock";
        let mut made = Made {
            columns: spec
                .columns
                .iter()
                .enumerate()
                .map(|(at, column)| {
                    let there = self.has(staged, column, at)
                        || column.required
                        || (sales && column.name == "returned_units");
                    there.then(|| Builder::new(column, self.form.order))
                })
                .collect(),
            ..Made::default()
        };
        let units_at = spec.at("units");
        for record in (0..staged.records()).filter(|&r| staged.used(r)) {
            let row = record / staged.per_row();
            let line = staged.sheet.lines[row];
            made.lines.push(line);
            if let Some(&print) = staged.sheet.prints.get(row) {
                made.prints.push(print);
            }
            if let Some(order) = &staged.layout.order {
                made.orders
                    .push(hash_of(staged.sheet.cell(row, order.kept)));
            }
            let units = if sales {
                number_of(&self.text(staged, record, units_at))
            } else {
                None
            };
            for at in 0..spec.columns.len() {
                let column = &spec.columns[at];
                let Some(builder) = &mut made.columns[at] else {
                    continue;
                };
                if sales && column.name == "date" {
                    let second =
                        self.push_date(staged, row, record, at, builder, &mut made.problems);
                    made.seconds.push(second);
                    continue;
                }
                if column.name == "date" {
                    if snapshot && !staged.stamps.get(row).is_some_and(Option::is_some) {
                        let text = self.text(staged, record, at);
                        if text.is_empty() {
                            builder.push_day(NO_DAY);
                            continue;
                        }
                    }
                    self.push_date(staged, row, record, at, builder, &mut made.problems);
                    continue;
                }
                let text = self.text(staged, record, at);
                let pushed = match column.kind {
                    Kind::Number(_) if sales => {
                        self.push_sales_number(staged, row, column, &text, units, builder)
                    }
                    Kind::Number(_) if !text.is_empty() => match number_of(&text) {
                        Some(number) => builder.push_number(number),
                        None => builder.push(text.as_bytes()),
                    },
                    Kind::Day if !text.is_empty() => match self.form.parse(&text) {
                        Ok(stamp) => {
                            builder.push_day(self.calendar.day(stamp).0);
                            Ok(())
                        }
                        Err(why) => {
                            builder.push_missing();
                            Err(date_fault(why))
                        }
                    },
                    _ => builder.push(text.as_bytes()),
                };
                if let Err(fault) = pushed {
                    let header = header_of(staged, spec.columns, at);
                    let file = &staged.file;
                    made.problems
                        .add(file, u64::from(line), Some(header), &text, fault);
                }
            }
        }
        made
    }

    /// Adds a row's day; its second of that day, −1 unknown.
    fn push_date(
        &self,
        staged: &Staged,
        row: usize,
        record: usize,
        at: usize,
        builder: &mut Builder,
        problems: &mut Problems,
    ) -> i32 {
        if let Some(Some(stamp)) = staged.stamps.get(row) {
            let (day, second) = self.calendar.day(*stamp);
            builder.push_day(day);
            return second;
        }
        let text = self.text(staged, record, at);
        let fault = if text.is_empty() {
            builder.push_empty().err()
        } else {
            builder.push_missing();
            let why = self.form.parse(&text).err();
            Some(date_fault(why.unwrap_or(DateFault::NotADate)))
        };
        if let Some(fault) = fault {
            let header = header_of(staged, self.block.spec.columns, at);
            let line = u64::from(staged.sheet.lines[row]);
            problems.add(&staged.file, line, Some(header), &text, fault);
        }
        -1
    }

    /// Adds a number of a sale: negative units are a return, a line's amount is shared among its units.
    fn push_sales_number(
        &self,
        staged: &Staged,
        row: usize,
        column: &ColumnSpec,
        text: &str,
        units: Option<f64>,
        builder: &mut Builder,
    ) -> Result<(), Fault> {
        let number = number_of(text);
        match (column.name, units) {
            ("units", Some(units)) => builder.push_number(units.max(0.0)),
            ("returned_units", Some(units)) if text.is_empty() => {
                if units < 0.0 {
                    builder.push_number(-units)
                } else if came_back(staged, row) {
                    builder.push_number(units)
                } else {
                    builder.push_missing();
                    Ok(())
                }
            }
            ("returned_units", _) if text.is_empty() => {
                builder.push_missing();
                Ok(())
            }
            ("price", Some(units)) => match number {
                Some(amount) if self.block.rules.per_line.iter().any(|c| c == "price") => {
                    if units == 0.0 {
                        builder.push_missing();
                        Ok(())
                    } else {
                        builder.push_number((amount / units).abs())
                    }
                }
                // A return may be booked at a negative price.
                Some(price) if units < 0.0 || price < 0.0 => builder.push_number(price.abs()),
                Some(price) => builder.push_number(price),
                None => builder.push(text.as_bytes()),
            },
            _ => match number {
                Some(number) => builder.push_number(number),
                None => builder.push(text.as_bytes()),
            },
        }
    }
}

fn date_fault(why: DateFault) -> Fault {
    Fault::new(match why {
        DateFault::NotADate => "not_a_date",
        DateFault::Ambiguous => "ambiguous_date",
        DateFault::FarYear => "date_out_of_range",
    })
}

/// The user's header of a column.
fn header_of<'s>(staged: &'s Staged, columns: &'static [ColumnSpec], at: usize) -> &'s str {
    let fill = staged.layout.columns.get(at).and_then(Option::as_ref);
    fill.and_then(|f| f.header.as_deref())
        .unwrap_or(columns[at].name)
}

/// The headers of a file by column of the table.
pub(super) fn headers(staged: &Staged) -> Vec<Option<String>> {
    let columns = staged.layout.columns.iter();
    columns
        .map(|fill| fill.as_ref().and_then(|f| f.header.clone()))
        .collect()
}

/// A text as a number that tells it apart; 0 for none.
fn hash_of(text: &str) -> u64 {
    if text.is_empty() {
        return 0;
    }
    let mut hash = DefaultHasher::new();
    hash.write(text.as_bytes());
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_in_brackets_is_taken_out_of_a_name() {
        assert_eq!(bracketed("[MUG-BK] Mug [large]"), "MUG-BK");
        assert_eq!(bracketed("Mug"), "Mug");
        assert_eq!(bracketed("[] Mug"), "[] Mug");
    }

    #[test]
    fn a_comma_is_decimal_where_it_cannot_part_thousands() {
        for (text, expected) in [
            ("18,50", Some(18.5)),
            ("1.234,5", Some(1234.5)),
            ("-0,5", Some(-0.5)),
            ("1,234", Some(1234.0)),
            ("1.23,4", None),
            ("a,5", None),
        ] {
            assert_eq!(number_of(text), expected, "{text}");
        }
    }
}
