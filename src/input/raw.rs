//! A table as it was read: typed columns, the line of every row, the files it came from. Never a text per cell.

mod reshape;

use std::collections::TryReserveError;
use std::sync::Arc;

use polars::prelude::PlHashMap;

use super::barcode::is_barcode;
use super::cell::{DateFault, parse_day, parse_number, parse_share, word_form};
use super::problem::{Fault, Problems};
use super::schema::{ColumnSpec, Kind, TableSpec, Words};
use super::times::Times;
use crate::config::{DateOrder, Limit, Measure, nearest};
use crate::domain::{Day, Finding, Place};

pub(super) use reshape::Becomes;

/// No date.
pub(super) const NO_DAY: i32 = i32::MIN;
/// No code.
pub(super) const NO_CODE: u32 = u32::MAX;
/// No word.
pub(super) const NO_WORD: u8 = u8::MAX;

/// Distinct texts and their numbers, in the order of first appearance.
#[derive(Debug, Default, Clone)]
pub(super) struct Names {
    numbers: PlHashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
    /// The number that last came after each.
    after: Vec<u32>,
}

impl Names {
    /// The number of a text.
    pub(super) fn intern(&mut self, text: &str) -> u32 {
        if let Some(&n) = self.numbers.get(text) {
            return n;
        }
        let n = self.texts.len() as u32;
        let text: Arc<str> = Arc::from(text);
        self.texts.push(text.clone());
        self.after.push(NO_CODE);
        self.numbers.insert(text, n);
        n
    }

    /// The number of a text that comes after the text `before`. Sorted tables name the same texts in the same order day after day, which spares
    /// looking them up.
    fn intern_after(&mut self, before: u32, text: &[u8]) -> Result<u32, std::str::Utf8Error> {
        let guess = self.after.get(before as usize).copied();
        if let Some(guess) = guess
            && let Some(known) = self.texts.get(guess as usize)
            && known.as_bytes() == text
        {
            return Ok(guess);
        }
        let n = self.intern(std::str::from_utf8(text)?);
        if let Some(slot) = self.after.get_mut(before as usize) {
            *slot = n;
        }
        Ok(n)
    }

    pub(super) fn texts(&self) -> &[Arc<str>] {
        &self.texts
    }
}

/// The cells of one column.
#[derive(Debug)]
pub(super) enum Cells {
    /// Days since 1970-01-01; [`NO_DAY`].
    Day(Vec<i32>),
    /// NaN where there is none.
    Number(Vec<f64>),
    /// Numbers of names; [`NO_CODE`].
    Code(Vec<u32>, Names),
    /// [`NO_WORD`].
    Word(Vec<u8>),
}

impl Cells {
    fn len(&self) -> usize {
        match self {
            Self::Day(v) => v.len(),
            Self::Number(v) => v.len(),
            Self::Code(v, _) => v.len(),
            Self::Word(v) => v.len(),
        }
    }
}

/// Numbers that were written with an exponent, such as `1E2`: how many, and the row and text of the first.
#[derive(Debug, Default)]
pub(super) struct Exponents {
    pub count: u64,
    pub first: Option<(usize, String)>,
}

/// A column being filled. Remembers the last cell, because neighbours are often equal.
#[derive(Debug)]
pub(super) struct Builder {
    pub spec: &'static ColumnSpec,
    pub cells: Cells,
    pub exponents: Exponents,
    /// Times of day behind the dates.
    pub times: Times,
    /// Of numbers.
    limit: Option<&'static Limit>,
    order: Option<DateOrder>,
    last: Vec<u8>,
    last_code: u32,
    last_day: i32,
    last_word: u8,
}

impl Builder {
    pub(super) fn new(spec: &'static ColumnSpec, order: Option<DateOrder>) -> Self {
        Self {
            spec,
            cells: match spec.kind {
                Kind::Day => Cells::Day(Vec::new()),
                Kind::Number(_) => Cells::Number(Vec::new()),
                Kind::Code => Cells::Code(Vec::new(), Names::default()),
                Kind::Word(_) => Cells::Word(Vec::new()),
            },
            exponents: Exponents::default(),
            times: Times::default(),
            limit: match spec.kind {
                Kind::Number(measure) => Some(measure.limit()),
                _ => None,
            },
            order,
            last: Vec::new(),
            last_code: NO_CODE,
            last_day: NO_DAY,
            last_word: NO_WORD,
        }
    }

    /// Makes room for more cells.
    ///
    /// # Errors
    /// There is not so much memory.
    pub(super) fn reserve(&mut self, more: usize) -> Result<(), TryReserveError> {
        match &mut self.cells {
            Cells::Day(v) => v.try_reserve_exact(more),
            Cells::Number(v) => v.try_reserve_exact(more),
            Cells::Code(v, _) => v.try_reserve_exact(more),
            Cells::Word(v) => v.try_reserve_exact(more),
        }
    }

    /// Adds "no value".
    pub(super) fn push_missing(&mut self) {
        match &mut self.cells {
            Cells::Day(v) => v.push(NO_DAY),
            Cells::Number(v) => v.push(f64::NAN),
            Cells::Code(v, _) => v.push(NO_CODE),
            Cells::Word(v) => v.push(NO_WORD),
        }
    }

    /// "No value" is a fault only where one is required.
    pub(super) fn push_empty(&mut self) -> Result<(), Fault> {
        self.push_missing();
        if self.spec.filled {
            Err(Fault::new("missing_value"))
        } else {
            Ok(())
        }
    }

    /// Adds a number that is one already.
    pub(super) fn push_number(&mut self, number: f64) -> Result<(), Fault> {
        if let (Cells::Number(v), Some(limit)) = (&mut self.cells, self.limit) {
            v.push(number);
            return within(number, limit);
        }
        self.push_missing();
        Ok(())
    }

    /// Adds a day that is one already.
    pub(super) fn push_day(&mut self, day: i32) {
        if let Cells::Day(v) = &mut self.cells {
            v.push(day);
        }
    }

    /// Adds a cell: UTF-8, trimmed. A cell that is refused is stored as missing, so that columns keep one length.
    pub(super) fn push(&mut self, cell: &[u8]) -> Result<(), Fault> {
        if cell.is_empty() {
            return self.push_empty();
        }
        match (&mut self.cells, self.spec.kind) {
            (Cells::Day(v), Kind::Day) => {
                self.times.note(v.len(), cell);
                if self.last == cell {
                    v.push(self.last_day);
                    return Ok(());
                }
                match parse_day(cell, self.order) {
                    Ok(day) => {
                        v.push(day);
                        self.last_day = day;
                        self.last.clear();
                        self.last.extend_from_slice(cell);
                        Ok(())
                    }
                    Err(why) => {
                        v.push(NO_DAY);
                        Err(Fault::new(match why {
                            DateFault::NotADate => "not_a_date",
                            DateFault::Ambiguous => "ambiguous_date",
                            DateFault::FarYear => "date_out_of_range",
                        }))
                    }
                }
            }
            (Cells::Number(v), Kind::Number(measure)) => {
                let share = matches!(measure, Measure::Share | Measure::Level);
                let number = if share {
                    parse_share(cell)
                } else {
                    parse_number(cell)
                };
                v.push(number.unwrap_or(f64::NAN));
                if number.is_some() && cell.iter().any(|b| b.eq_ignore_ascii_case(&b'e')) {
                    let row = v.len() - 1;
                    let typed = || (row, String::from_utf8_lossy(cell).into_owned());
                    self.exponents.count += 1;
                    self.exponents.first.get_or_insert_with(typed);
                }
                match (number, self.limit) {
                    (Some(n), Some(limit)) => within(n, limit),
                    _ => Err(Fault::new("not_a_number")),
                }
            }
            (Cells::Code(v, names), _) => {
                if self.last == cell {
                    v.push(self.last_code);
                    return Ok(());
                }
                let Ok(code) = names.intern_after(self.last_code, cell) else {
                    v.push(NO_CODE);
                    return Err(Fault::new("not_text"));
                };
                self.last_code = code;
                v.push(code);
                self.last.clear();
                self.last.extend_from_slice(cell);
                Ok(())
            }
            (Cells::Word(v), Kind::Word(words)) => {
                if self.last == cell {
                    v.push(self.last_word);
                    return Ok(());
                }
                match word(cell, words, self.spec.filled) {
                    Ok(code) => {
                        v.push(code);
                        self.last_word = code;
                        self.last.clear();
                        self.last.extend_from_slice(cell);
                        Ok(())
                    }
                    Err(fault) => {
                        v.push(NO_WORD);
                        Err(fault)
                    }
                }
            }
            _ => {
                self.push_missing();
                Ok(())
            }
        }
    }

    /// Adds the cells of a later part of the same column.
    pub(super) fn append(&mut self, later: Self) {
        self.last.clear();
        self.times.append(self.cells.len(), later.times);
        self.exponents.count += later.exponents.count;
        if let (None, Some((row, typed))) = (&self.exponents.first, later.exponents.first) {
            self.exponents.first = Some((self.cells.len() + row, typed));
        }
        match (&mut self.cells, later.cells) {
            (Cells::Day(a), Cells::Day(b)) => a.extend(b),
            (Cells::Number(a), Cells::Number(b)) => a.extend(b),
            (Cells::Word(a), Cells::Word(b)) => a.extend(b),
            (Cells::Code(a, names), Cells::Code(b, theirs)) => {
                let ours: Vec<u32> = theirs.texts.iter().map(|t| names.intern(t)).collect();
                a.extend(
                    b.into_iter()
                        .map(|c| ours.get(c as usize).copied().unwrap_or(NO_CODE)),
                );
            }
            _ => {}
        }
    }
}

/// The code of a word. `needed`: an empty cell will not do instead.
fn word(cell: &[u8], words: Words, needed: bool) -> Result<u8, Fault> {
    let text = String::from_utf8_lossy(cell);
    let form = word_form(&text);
    if let Some((_, code)) = words.iter().find(|(w, _)| *w == form) {
        return Ok(*code);
    }
    let mut names: Vec<&str> = Vec::new();
    let mut seen = Vec::new();
    for (word, code) in words {
        if !seen.contains(code) {
            seen.push(*code);
            names.push(word);
        }
    }
    let fault = match nearest(&form, names.iter().copied()) {
        _ if needed => Fault::new("needed_word"),
        Some(near) => Fault::new("unknown_word").figure("nearest", near),
        None => Fault::new("unknown_word_far"),
    };
    Err(fault.figure("words", names.join(", ")))
}

/// Whether a number lies where its column allows.
fn within(n: f64, limit: &Limit) -> Result<(), Fault> {
    if limit.holds(n) {
        return Ok(());
    }
    let code = match limit.measure {
        Measure::Review => "not_whole_positive",
        Measure::Share => "share_out_of_range",
        Measure::Level => "level_out_of_range",
        Measure::SoldUnits if n < 0.0 => "negative_units",
        _ if n < 0.0 && limit.least == 0.0 => "negative_value",
        _ if n.abs() < limit.most => "smaller_than_any",
        _ if is_barcode(n) => "barcode_beyond_limit",
        _ => "beyond_limit",
    };
    let mut fault = Fault::new(code);
    fault.figures.extend(limit.figures());
    Err(fault)
}

fn retain<T>(column: &mut Vec<T>, keep: &[bool]) {
    let mut kept = keep.iter();
    column.retain(|_| *kept.next().unwrap_or(&true));
}

/// A file's share of a table.
#[derive(Debug)]
pub(super) struct Part {
    /// Relative to the data folder.
    pub file: String,
    pub first_row: usize,
    /// The user's header per column of the contract.
    pub headers: Vec<Option<String>>,
}

/// A table as read.
#[derive(Debug)]
pub(super) struct RawTable {
    pub spec: &'static TableSpec,
    /// One per column of the contract; `None` where no file has it.
    pub columns: Vec<Option<Builder>>,
    /// Line of each row in its file.
    pub lines: Vec<u32>,
    pub parts: Vec<Part>,
    /// Headers that nothing reads, in order of first appearance.
    pub unknown_columns: Vec<String>,
    /// What the reading itself found doubtful.
    pub doubts: Vec<Finding>,
    /// What tells whole lines apart, columns that nothing reads included; 0 where the columns that are read say it. Empty where it is 0 for all.
    prints: Vec<u64>,
}

impl RawTable {
    pub(super) fn new(spec: &'static TableSpec) -> Self {
        Self {
            spec,
            columns: spec.columns.iter().map(|_| None).collect(),
            lines: Vec::new(),
            parts: Vec::new(),
            unknown_columns: Vec::new(),
            doubts: Vec::new(),
            prints: Vec::new(),
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.lines.len()
    }

    /// Whether some file has the column.
    pub(super) fn has(&self, name: &str) -> bool {
        matches!(self.columns.get(self.spec.at(name)), Some(Some(_)))
    }

    /// Adds a file's rows. Columns that only this file, or only earlier files, have are filled up with "missing".
    pub(super) fn append(&mut self, columns: Vec<Option<Builder>>, lines: Vec<u32>) {
        let before = self.lines.len();
        self.lines.extend(lines);
        let after = self.lines.len();
        for (k, theirs) in columns.into_iter().enumerate() {
            let spec = &self.spec.columns[k];
            match (&mut self.columns[k], theirs) {
                (None, None) => {}
                (Some(ours), Some(theirs)) => ours.append(theirs),
                (Some(ours), None) => {
                    for _ in before..after {
                        ours.push_missing();
                    }
                }
                (slot @ None, Some(theirs)) => {
                    let mut ours = Builder::new(spec, None);
                    for _ in 0..before {
                        ours.push_missing();
                    }
                    if before == 0 {
                        ours = theirs;
                    } else {
                        ours.append(theirs);
                    }
                    *slot = Some(ours);
                }
            }
        }
    }

    /// Says what tells the next `rows` rows apart, before they are added. Where orders have numbers, every row is one of its own.
    pub(super) fn note_prints(&mut self, prints: Vec<u64>, rows: usize, numbered: bool) {
        if prints.is_empty() && !numbered {
            return;
        }
        let before = self.rows();
        self.prints.resize(before, 0);
        if numbered {
            self.prints
                .extend((before..before + rows).map(|k| k as u64 + 1));
        } else {
            self.prints.extend(prints);
        }
    }

    /// Whether two rows can be one line that was written twice: neither is known to differ from the other in a column that nothing reads.
    pub(super) fn may_be_one(&self, a: usize, b: usize) -> bool {
        let print = |row: usize| self.prints.get(row).copied().unwrap_or(0);
        print(a) == 0 || print(b) == 0 || print(a) == print(b)
    }

    /// Keeps the rows that `keep` says.
    pub(super) fn retain(&mut self, keep: &[bool]) {
        if keep.iter().all(|kept| *kept) {
            return;
        }
        let mut before = 0;
        let mut left = vec![0usize; keep.len() + 1];
        for (row, kept) in keep.iter().enumerate() {
            left[row] = before;
            before += usize::from(!kept);
        }
        left[keep.len()] = before;
        for part in &mut self.parts {
            part.first_row -= left.get(part.first_row).copied().unwrap_or(before);
        }
        retain(&mut self.lines, keep);
        if !self.prints.is_empty() {
            self.prints.resize(keep.len(), 0);
            retain(&mut self.prints, keep);
        }
        for builder in self.columns.iter_mut().flatten() {
            builder.times.retain(keep);
            match &mut builder.cells {
                Cells::Day(v) => retain(v, keep),
                Cells::Number(v) => retain(v, keep),
                Cells::Code(v, _) => retain(v, keep),
                Cells::Word(v) => retain(v, keep),
            }
        }
    }

    /// Gives the rows of one name another.
    pub(super) fn rename(&mut self, column: &str, from: &str, to: &str) {
        let at = self.spec.at(column);
        if let Some(Some(Builder {
            cells: Cells::Code(codes, names),
            ..
        })) = self.columns.get_mut(at)
        {
            let (old, new) = (names.intern(from), names.intern(to));
            for code in codes.iter_mut().filter(|code| **code == old) {
                *code = new;
            }
        }
    }

    /// A column of numbers, to be changed.
    pub(super) fn numbers_mut(&mut self, name: &str) -> Option<&mut [f64]> {
        let at = self.spec.at(name);
        match self.columns.get_mut(at).and_then(Option::as_mut) {
            Some(Builder {
                cells: Cells::Number(numbers),
                ..
            }) => Some(numbers),
            _ => None,
        }
    }

    fn cells(&self, name: &str) -> Option<&Cells> {
        self.columns
            .get(self.spec.at(name))
            .and_then(Option::as_ref)
            .map(|b| &b.cells)
    }

    /// The days of a column; empty where the table lacks it.
    pub(super) fn days(&self, name: &str) -> &[i32] {
        match self.cells(name) {
            Some(Cells::Day(v)) => v,
            _ => &[],
        }
    }

    /// A column of dates, to be changed; none where the table has no such column.
    pub(super) fn days_mut(&mut self, name: &str) -> &mut [i32] {
        let at = self.spec.at(name);
        match self.columns.get_mut(at).and_then(Option::as_mut) {
            Some(Builder {
                cells: Cells::Day(days),
                ..
            }) => days,
            _ => &mut [],
        }
    }

    pub(super) fn codes(&self, name: &str) -> &[u32] {
        match self.cells(name) {
            Some(Cells::Code(v, _)) => v,
            _ => &[],
        }
    }

    pub(super) fn names(&self, name: &str) -> &[Arc<str>] {
        match self.cells(name) {
            Some(Cells::Code(_, names)) => names.texts(),
            _ => &[],
        }
    }

    /// A column of dates, read by row.
    pub(super) fn day(&self, name: &str) -> impl Fn(usize) -> Option<Day> + '_ {
        let days = self.days(name);
        move |row| days.get(row).copied().filter(|&d| d != NO_DAY).map(Day)
    }

    /// The numbers of a column, NaN where there is none; empty where the table lacks it.
    pub(super) fn numbers(&self, name: &str) -> &[f64] {
        match self.cells(name) {
            Some(Cells::Number(v)) => v,
            _ => &[],
        }
    }

    /// A column of numbers, read by row.
    pub(super) fn number(&self, name: &str) -> impl Fn(usize) -> Option<f64> + '_ {
        let numbers = self.numbers(name);
        move |row| numbers.get(row).copied().filter(|n| !n.is_nan())
    }

    /// A column of words, read by row.
    pub(super) fn word(&self, name: &str) -> impl Fn(usize) -> Option<u8> + '_ {
        let words = match self.cells(name) {
            Some(Cells::Word(v)) => &v[..],
            _ => &[],
        };
        move |row| words.get(row).copied().filter(|&w| w != NO_WORD)
    }

    /// A column of texts, read by row; each distinct text is made into a `T` once.
    pub(super) fn text<'r, T: Clone + 'r>(
        &'r self,
        name: &str,
        make: impl Fn(&'r str) -> T,
    ) -> impl Fn(usize) -> Option<T> + 'r {
        let codes = self.codes(name);
        let made: Vec<T> = self.names(name).iter().map(|text| make(text)).collect();
        move |row| codes.get(row).and_then(|&c| made.get(c as usize)).cloned()
    }

    /// Takes a column's days out; missing columns give missing values.
    pub(super) fn take_days(&mut self, name: &str) -> Vec<i32> {
        match self.take(name) {
            Some(Cells::Day(v)) => v,
            _ => vec![NO_DAY; self.rows()],
        }
    }

    /// Seconds since midnight behind a column's dates, by row; empty where none has a time.
    pub(super) fn take_times(&mut self, name: &str) -> Vec<u32> {
        let (at, rows) = (self.spec.at(name), self.rows());
        let builder = self.columns.get_mut(at).and_then(Option::as_mut);
        builder.map_or_else(Vec::new, |b| b.times.take(rows))
    }

    pub(super) fn take_numbers(&mut self, name: &str, absent: f64) -> Vec<f64> {
        match self.take(name) {
            Some(Cells::Number(v)) => v,
            _ => vec![absent; self.rows()],
        }
    }

    pub(super) fn take_words(&mut self, name: &str) -> Vec<u8> {
        match self.take(name) {
            Some(Cells::Word(v)) => v,
            _ => vec![NO_WORD; self.rows()],
        }
    }

    pub(super) fn take_codes(&mut self, name: &str) -> (Vec<u32>, Names) {
        match self.take(name) {
            Some(Cells::Code(v, names)) => (v, names),
            _ => (vec![NO_CODE; self.rows()], Names::default()),
        }
    }

    fn take(&mut self, name: &str) -> Option<Cells> {
        let at = self.spec.at(name);
        self.columns
            .get_mut(at)
            .and_then(Option::take)
            .map(|b| b.cells)
    }

    fn part(&self, row: usize) -> Option<&Part> {
        let behind = self.parts.partition_point(|p| p.first_row <= row);
        self.parts.get(behind.checked_sub(1)?)
    }

    /// Notes that a row cannot be used: `value` of its `column` is at `fault`.
    pub(super) fn refuse(
        &self,
        row: usize,
        column: &str,
        value: &str,
        fault: Fault,
        problems: &mut Problems,
    ) {
        let place = self.place(row, Some(column));
        problems.add(
            place.file.as_deref().unwrap_or(self.spec.name),
            place.line.unwrap_or(0),
            place.column.as_deref(),
            value,
            fault,
        );
    }

    /// Where a row stands.
    pub(super) fn place(&self, row: usize, column: Option<&str>) -> Place {
        let part = self.part(row);
        Place {
            file: part.map(|p| p.file.clone()),
            line: self.lines.get(row).map(|&l| u64::from(l)),
            column: column.map(|c| self.header(row, c)),
            value: None,
        }
    }

    /// The user's header of a column in a row's file.
    pub(super) fn header(&self, row: usize, column: &str) -> String {
        self.part(row)
            .and_then(|p| p.headers.get(self.spec.at(column)))
            .and_then(Clone::clone)
            .unwrap_or_else(|| column.to_owned())
    }
}
