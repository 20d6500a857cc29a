//! Parquet tables: well-typed columns are taken over as they are; texts are read like those of a text file.

mod cells;
mod column;
mod decimal;
mod guard;
mod pages;
mod zone;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use polars_arrow::array::Array;
use sha2::{Digest, Sha256};

use self::column::{Meaning, Unusable, expected};
use self::pages::Footer;
pub(super) use self::zone::Zone;
use super::cell::trim;
use super::encoding::{hex, read_some};
use super::error::InputError;
use super::folder::TableFile;
use super::header::{Plan, Source, plan};
use super::memory::{room, too_little};
use super::problem::{Fault, Problems};
use super::raw::{Builder, Part, RawTable};
use super::schema::Kind;
use crate::domain::{Day, FileRead, Finding, Place, Severity};

/// The decoded values of a column in one row group.
type Decoded = Vec<Box<dyn Array>>;

/// Reads a Parquet file into `table`. "Line" is the row's number from 1.
///
/// # Errors
/// The file cannot be read, lacks a column, has one of a kind that cannot be understood, or holds more rows than can be
/// read. Bad rows go to `problems`.
pub(super) fn read_parquet(
    source: TableFile<'_>,
    table: &mut RawTable,
    problems: &mut Problems,
) -> Result<FileRead, InputError> {
    let io = |e: std::io::Error| unreadable(source, e.to_string());
    let (sha256, bytes) = hash(source.path).map_err(io)?;
    let mut file = File::open(source.path).map_err(io)?;
    let footer = Footer::of(&mut file).map_err(|why| unreadable(source, why))?;
    let found: Vec<String> = footer.names().map(|n| n.trim().to_owned()).collect();
    let plan = plan(source.spec, source.mapping, &found, source.name)?;
    let rows = footer.rows();
    room(table, rows, source.name)?;
    let reading = Reading::new(source, &footer, &found, &plan)?;
    let columns = reading.columns(&mut file, table, problems)?;
    table.parts.push(Part {
        file: source.name.to_owned(),
        first_row: table.rows(),
        headers: plan.headers.clone(),
    });
    let mut lines = Vec::new();
    let few = lines.try_reserve_exact(rows);
    few.map_err(|_| too_little(source.name, rows))?;
    // A table has no more rows than fit.
    lines.extend((1..=rows).map(|n| u32::try_from(n).unwrap_or(u32::MAX)));
    table.append(columns, lines);
    for header in plan.unknown {
        if !table.unknown_columns.contains(&header) {
            table.unknown_columns.push(header);
        }
    }
    Ok(FileRead {
        table: source.spec.name.to_owned(),
        path: source.name.to_owned(),
        sha256,
        rows: rows as u64,
        bytes,
    })
}

fn unreadable(source: TableFile<'_>, why: String) -> InputError {
    InputError::Unreadable {
        file: source.name.to_owned(),
        why,
    }
}

fn hash(path: &Path) -> std::io::Result<(String, u64)> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut buffer = vec![0u8; 1 << 20];
    loop {
        let n = read_some(file.by_ref(), &mut buffer)?;
        if n == 0 {
            return Ok((hex(hash.finalize().as_slice()), bytes));
        }
        hash.update(&buffer[..n]);
        bytes += n as u64;
    }
}

/// One file being read.
struct Reading<'a> {
    source: TableFile<'a>,
    footer: &'a Footer,
    found: &'a [String],
    plan: &'a Plan,
    /// Rows of each row group.
    groups: Vec<usize>,
    /// What each of the file's columns holds, of those that are read.
    meanings: Vec<Option<Meaning>>,
}

impl<'a> Reading<'a> {
    /// Looks at the types of all columns that are read, before any value is.
    ///
    /// # Errors
    /// A column is of a type that its table's column cannot be filled from.
    fn new(
        source: TableFile<'a>,
        footer: &'a Footer,
        found: &'a [String],
        plan: &'a Plan,
    ) -> Result<Self, InputError> {
        let mut meanings = vec![None; found.len()];
        for (spec, from) in source.spec.columns.iter().zip(&plan.sources) {
            for &at in parts(from.as_ref()) {
                let refused = |unusable: Unusable| InputError::ColumnKind {
                    file: source.name.to_owned(),
                    column: found[at].clone(),
                    kind: unusable.kind,
                    expected: unusable.expected.unwrap_or(expected(spec.kind)),
                };
                let meaning = footer.meaning(at).map_err(refused)?;
                meaning.fits(spec.kind).map_err(refused)?;
                meanings[at] = Some(meaning);
            }
        }
        Ok(Self {
            source,
            footer,
            found,
            plan,
            groups: footer.groups(),
            meanings,
        })
    }

    /// The table's columns, each row group decoded while the one before it is taken over: no more than two are ever held.
    fn columns(
        &self,
        file: &mut File,
        table: &mut RawTable,
        problems: &mut Problems,
    ) -> Result<Vec<Option<Builder>>, InputError> {
        let specs = self.source.spec.columns;
        let order = self.source.input.date_order;
        let mut columns: Vec<Option<Builder>> = specs
            .iter()
            .zip(&self.plan.sources)
            .map(|(spec, from)| from.as_ref().map(|_| Builder::new(spec, order)))
            .collect();
        for builder in columns.iter_mut().flatten() {
            let rows = self.footer.rows();
            let few = builder.reserve(rows);
            few.map_err(|_| too_little(self.source.name, rows))?;
        }
        let mut in_utc = vec![false; specs.len()];
        let mut tasks = (0..specs.len())
            .filter(|&k| matches!(self.plan.sources[k], Some(Source::Field(_))))
            .flat_map(|k| (0..self.groups.len()).map(move |group| (k, group)));
        let mut next = tasks.next();
        let mut decoded = next.map(|task| self.decode(file, task));
        while let (Some((k, group)), Some(now)) = (next, decoded.take()) {
            let now = now?;
            next = tasks.next();
            let Some(Source::Field(at)) = self.plan.sources[k] else {
                continue;
            };
            let Some(builder) = &mut columns[k] else {
                continue;
            };
            let mut sink = self.sink(k, group, builder, problems);
            let (within, then) = rayon::join(
                || sink.fill(&now, self.meaning(at)),
                || next.map(|task| self.decode(file, task)),
            );
            in_utc[k] |= within.ok_or_else(|| self.unlike(at))?;
            decoded = then;
        }
        for (k, from) in self.plan.sources.iter().enumerate() {
            if in_utc[k] {
                self.tell_of_utc(k, table);
            }
            let Some(builder) = &mut columns[k] else {
                continue;
            };
            match from {
                Some(Source::Constant(value)) => {
                    let mut sink = self.sink(k, 0, builder, problems);
                    (0..self.footer.rows()).for_each(|_| sink.text(value.as_bytes()));
                }
                Some(Source::Joined(parts)) => {
                    for group in 0..self.groups.len() {
                        let joined = self.joined(file, parts, group)?;
                        let mut sink = self.sink(k, group, builder, problems);
                        joined.iter().for_each(|text| sink.text(text));
                    }
                }
                _ => {}
            }
        }
        Ok(columns)
    }

    fn decode(&self, file: &mut File, (k, group): (usize, usize)) -> Result<Decoded, InputError> {
        let Some(Source::Field(at)) = self.plan.sources[k] else {
            return Ok(Vec::new());
        };
        self.decode_column(file, at, group)
    }

    fn decode_column(
        &self,
        file: &mut File,
        at: usize,
        group: usize,
    ) -> Result<Decoded, InputError> {
        self.footer
            .decode(file, at, group)
            .map_err(|why| unreadable(self.source, why))
    }

    fn meaning(&self, at: usize) -> Meaning {
        // Every column that is read has one.
        self.meanings[at].unwrap_or(Meaning::Nothing)
    }

    /// The decoder gave another form than it was asked for.
    fn unlike(&self, at: usize) -> InputError {
        let column = &self.found[at];
        unreadable(
            self.source,
            format!("the values of column \"{column}\" are not of its type"),
        )
    }

    /// Codes of several columns of one row group, joined.
    fn joined(
        &self,
        file: &mut File,
        parts: &[usize],
        group: usize,
    ) -> Result<Vec<Vec<u8>>, InputError> {
        let mut out = vec![Vec::new(); self.groups[group]];
        for &at in parts {
            let mut rows = out.iter_mut();
            for array in self.decode_column(file, at, group)? {
                let known = cells::texts(&*array, self.meaning(at), |text| {
                    let text = trim(text);
                    if let Some(row) = rows.next()
                        && !text.is_empty()
                    {
                        if !row.is_empty() {
                            row.push(b'-');
                        }
                        row.extend_from_slice(text);
                    }
                });
                if !known {
                    return Err(self.unlike(at));
                }
            }
        }
        Ok(out)
    }

    fn sink<'s>(
        &'s self,
        k: usize,
        group: usize,
        builder: &'s mut Builder,
        problems: &'s mut Problems,
    ) -> Sink<'s> {
        Sink {
            builder,
            problems,
            file: self.source.name,
            header: self.header(k),
            row: self.groups[..group].iter().sum(),
        }
    }

    fn header(&self, k: usize) -> &str {
        let header = self.plan.headers[k].as_deref();
        header.unwrap_or(self.source.spec.columns[k].name)
    }

    /// Says that the days of a column are those of UTC, because nothing says whose else: once for all files of the table.
    fn tell_of_utc(&self, k: usize, table: &mut RawTable) {
        let column = self.source.spec.columns[k].name;
        let told = table.doubts.iter_mut().find(|f| {
            let mut figures = f.figures.iter();
            figures.any(|(name, value)| *name == "column" && value == column)
        });
        if let Some(told) = told {
            told.count += 1;
            return;
        }
        let place = Place {
            file: Some(self.source.name.to_owned()),
            column: Some(self.header(k).to_owned()),
            ..Place::default()
        };
        table.doubts.push(
            Finding::new(Severity::Notice, "stamps_in_utc")
                .place(place)
                .figure("table", self.source.spec.name)
                .figure("column", column),
        );
    }
}

/// The file's columns that fill a table's column.
fn parts(source: Option<&Source>) -> &[usize] {
    match source {
        Some(Source::Field(at)) => std::slice::from_ref(at),
        Some(Source::Joined(parts)) => parts,
        Some(Source::Constant(_)) | None => &[],
    }
}

/// Where the cells of one column go.
struct Sink<'a> {
    builder: &'a mut Builder,
    problems: &'a mut Problems,
    file: &'a str,
    header: &'a str,
    /// Rows of the file before the next cell.
    row: usize,
}

impl Sink<'_> {
    /// Counts a cell; a fault is noted with its line and value.
    fn done(&mut self, value: impl FnOnce() -> String, result: Result<(), Fault>) {
        self.row += 1;
        if let Err(fault) = result {
            let line = self.row as u64;
            self.problems
                .add(self.file, line, Some(self.header), &value(), fault);
        }
    }

    fn text(&mut self, text: &[u8]) {
        let result = self.builder.push(trim(text));
        self.done(|| String::from_utf8_lossy(text).into_owned(), result);
    }

    fn empty(&mut self) {
        let result = self.builder.push_empty();
        self.done(String::new, result);
    }

    fn number(&mut self, number: Option<f64>) {
        match number {
            Some(n) if n.is_infinite() => {
                self.builder.push_missing();
                self.done(|| n.to_string(), Err(Fault::new("not_a_number")));
            }
            Some(n) if !n.is_nan() => {
                let result = self.builder.push_number(n);
                self.done(|| n.to_string(), result);
            }
            _ => self.empty(),
        }
    }

    fn day(&mut self, day: Option<i32>) {
        // 1970-01-01 to 2199-12-31, as for typed dates.
        const LAST: i32 = 84_005;
        match day {
            Some(day @ 0..=LAST) => {
                self.builder.push_day(day);
                self.done(String::new, Ok(()));
            }
            Some(day) => {
                self.builder.push_missing();
                let fault = Fault::new("date_out_of_range");
                self.done(|| Day(day).to_string(), Err(fault));
            }
            None => self.empty(),
        }
    }

    /// Takes over the values of one row group. Tells whether some are instants that another zone might have dated otherwise; `None` where
    /// the values are not what the column holds.
    fn fill(&mut self, arrays: &[Box<dyn Array>], meaning: Meaning) -> Option<bool> {
        let mut within = false;
        for array in arrays {
            let array = &**array;
            let known = match (self.builder.spec.kind, meaning) {
                (Kind::Number(_), Meaning::Text) => {
                    cells::texts(array, meaning, |text| self.text(text))
                }
                (Kind::Number(_), Meaning::Nothing) => {
                    (0..array.len()).for_each(|_| self.empty());
                    true
                }
                (Kind::Number(_), _) => cells::numbers(array, meaning, |n| self.number(n)),
                (Kind::Day, Meaning::Date | Meaning::Instant { .. }) => {
                    within |= cells::days(array, meaning, |day| self.day(day))?;
                    true
                }
                _ => cells::texts(array, meaning, |text| self.text(text)),
            };
            if !known {
                return None;
            }
        }
        Some(within)
    }
}
