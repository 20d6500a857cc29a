//! Parquet tables: well-typed columns are taken over as they are; texts are read like those of a text file.

use std::fs::File;
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use polars::prelude::*;
use sha2::{Digest, Sha256};

use super::cell::trim;
use super::encoding::{hex, read_some};
use super::error::InputError;
use super::folder::TableFile;
use super::header::{Source, plan};
use super::parquet_pages::Pages;
use super::problem::{Fault, Problems};
use super::raw::{Builder, Part, RawTable};
use super::schema::Kind;
use crate::domain::FileRead;

/// Reads a Parquet file into `table`. "Line" is the row's number from 1.
///
/// # Errors
/// The file cannot be read, lacks a column, or has one of a kind that cannot be understood. Bad rows go to `problems`.
pub(super) fn read_parquet(
    source: TableFile<'_>,
    table: &mut RawTable,
    problems: &mut Problems,
) -> Result<FileRead, InputError> {
    let unreadable = |why: String| InputError::Unreadable {
        file: source.name.to_owned(),
        why,
    };
    let (sha256, bytes) = hash(source.path).map_err(|e| unreadable(e.to_string()))?;
    let open = || File::open(source.path).map_err(|e| unreadable(e.to_string()));
    let footer = open()?;
    let (pages, found) = guarded(|| {
        let pages = Pages::of(footer)?;
        let found = pages.columns()?;
        Ok((pages, found))
    })
    .map_err(unreadable)?;
    let rows = pages.rows();
    let trimmed: Vec<String> = found.iter().map(|(h, _)| h.trim().to_owned()).collect();
    let plan = plan(source.spec, source.mapping, &trimmed, source.name)?;
    // One column is taken over while the next is decoded; all at once would be the largest thing that the program ever holds.
    let load = |at: &usize| -> Result<Series, InputError> {
        let (name, kind) = &found[*at];
        if kind.is_nested() {
            return Err(InputError::ColumnKind {
                file: source.name.to_owned(),
                column: name.clone(),
                kind: kind.to_string(),
                expected: "text",
            });
        }
        let (headers, file) = (open()?, open()?);
        let frame = guarded(|| {
            pages.check(headers, name)?;
            ParquetReader::new(file)
                .with_columns(Some(vec![name.clone()]))
                .finish()
        })
        .map_err(unreadable)?;
        column(&frame, name, source.name).cloned()
    };
    let mut columns = Vec::with_capacity(source.spec.columns.len());
    let fields: Vec<&usize> = plan
        .sources
        .iter()
        .filter_map(|from| match from {
            Some(Source::Field(at)) => Some(at),
            _ => None,
        })
        .collect();
    let mut fields = fields.into_iter();
    let mut decoded = fields.next().map(&load);
    for (k, from) in plan.sources.iter().enumerate() {
        let spec = &source.spec.columns[k];
        let mut builder = Builder::new(spec, source.input.date_order);
        let header = plan.headers[k].as_deref().unwrap_or(spec.name);
        let mut sink = Sink {
            builder: &mut builder,
            problems,
            file: source.name,
            header,
        };
        match from {
            None => {
                columns.push(None);
                continue;
            }
            Some(Source::Constant(value)) => {
                for row in 0..rows {
                    sink.text(row, value);
                }
            }
            Some(Source::Field(at)) => {
                let now = decoded.take().unwrap_or_else(|| load(at))?;
                let (filled, next) = rayon::join(|| sink.fill(&now), || fields.next().map(&load));
                filled?;
                decoded = next;
            }
            Some(Source::Joined(parts)) => {
                let texts: Vec<Vec<String>> = parts
                    .iter()
                    .map(|at| load(at).and_then(|s| texts(&s, source.name, &found[*at].0)))
                    .collect::<Result<_, _>>()?;
                for row in 0..rows {
                    let parts: Vec<&str> = texts
                        .iter()
                        .map(|t| t[row].as_str())
                        .filter(|t| !t.is_empty())
                        .collect();
                    sink.text(row, &parts.join("-"));
                }
            }
        }
        columns.push(Some(builder));
    }
    table.parts.push(Part {
        file: source.name.to_owned(),
        first_row: table.rows(),
        headers: plan.headers.clone(),
    });
    let lines = (1..=rows)
        .map(|n| u32::try_from(n).unwrap_or(u32::MAX))
        .collect();
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

/// Runs the Parquet reader. It panics on some damaged files and unusual types; a person's file must not end the
/// program without a message.
fn guarded<T>(read: impl FnOnce() -> PolarsResult<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(e)) => Err(e.to_string()),
        Err(_) => Err("not a Parquet file that can be read".to_owned()),
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

fn column<'f>(frame: &'f DataFrame, name: &str, file: &str) -> Result<&'f Series, InputError> {
    frame
        .column(name)
        .map(Column::as_materialized_series)
        .map_err(|e| InputError::Unreadable {
            file: file.to_owned(),
            why: e.to_string(),
        })
}

/// Where the cells of one column go.
struct Sink<'a> {
    builder: &'a mut Builder,
    problems: &'a mut Problems,
    file: &'a str,
    header: &'a str,
}

impl Sink<'_> {
    fn note(&mut self, row: usize, value: &str, result: Result<(), Fault>) {
        if let Err(fault) = result {
            let line = row as u64 + 1;
            self.problems
                .add(self.file, line, Some(self.header), value, fault);
        }
    }

    fn text(&mut self, row: usize, text: &str) {
        let cell = trim(text.as_bytes());
        let result = self.builder.push(cell);
        self.note(row, text, result);
    }

    fn empty(&mut self, row: usize) {
        let result = self.builder.push_empty();
        self.note(row, "", result);
    }

    fn fill(&mut self, series: &Series) -> Result<(), InputError> {
        let kind = self.builder.spec.kind;
        match (kind, series.dtype()) {
            (_, DataType::String) => {
                let texts = series.str().map_err(|e| self.kind(series, &e))?;
                for (row, text) in texts.iter().enumerate() {
                    match text {
                        Some(text) => self.text(row, text),
                        None => self.empty(row),
                    }
                }
            }
            (_, DataType::Categorical(_, _) | DataType::Enum(_, _)) => {
                let texts = series
                    .cast(&DataType::String)
                    .map_err(|e| self.kind(series, &e))?;
                self.fill(&texts)?;
            }
            (_, DataType::Null) => {
                for row in 0..series.len() {
                    self.empty(row);
                }
            }
            (Kind::Day, DataType::Date) => {
                let days = series
                    .to_physical_repr()
                    .i32()
                    .map_err(|e| self.kind(series, &e))?
                    .clone();
                self.days(days.iter());
            }
            (Kind::Day, DataType::Datetime(unit, _)) => {
                let per_day = match unit {
                    TimeUnit::Nanoseconds => 86_400_000_000_000,
                    TimeUnit::Microseconds => 86_400_000_000,
                    TimeUnit::Milliseconds => 86_400_000,
                };
                let instants = series
                    .to_physical_repr()
                    .i64()
                    .map_err(|e| self.kind(series, &e))?
                    .clone();
                self.days(
                    instants.iter().map(|t| {
                        t.map(|t| i32::try_from(t.div_euclid(per_day)).unwrap_or(i32::MAX))
                    }),
                );
            }
            (Kind::Number(_), dtype) if dtype.is_primitive_numeric() => {
                let numbers = series
                    .cast(&DataType::Float64)
                    .map_err(|e| self.kind(series, &e))?;
                let numbers = numbers.f64().map_err(|e| self.kind(series, &e))?.clone();
                for (row, number) in numbers.iter().enumerate() {
                    match number {
                        Some(n) if n.is_infinite() => {
                            self.builder.push_missing();
                            self.note(row, &n.to_string(), Err(Fault::new("not_a_number")));
                        }
                        Some(n) if !n.is_nan() => {
                            let result = self.builder.push_number(n);
                            if result.is_err() {
                                self.note(row, &n.to_string(), result);
                            }
                        }
                        _ => self.empty(row),
                    }
                }
            }
            (Kind::Code | Kind::Word(_) | Kind::Day, dtype)
                if dtype.is_integer() || dtype.is_float() || dtype.is_bool() =>
            {
                for (row, text) in texts(series, self.file, self.header)?.iter().enumerate() {
                    self.text(row, text);
                }
            }
            _ => {
                return Err(InputError::ColumnKind {
                    file: self.file.to_owned(),
                    column: self.header.to_owned(),
                    kind: series.dtype().to_string(),
                    expected: match kind {
                        Kind::Day => "date, datetime, text",
                        Kind::Number(_) => "integer, float, text",
                        Kind::Code => "text, categorical, integer",
                        Kind::Word(_) => "text, categorical, boolean",
                    },
                });
            }
        }
        Ok(())
    }

    fn days(&mut self, days: impl Iterator<Item = Option<i32>>) {
        // 1970-01-01 to 2199-12-31, as for typed dates.
        const LAST: i32 = 84_005;
        for (row, day) in days.enumerate() {
            match day {
                Some(day @ 0..=LAST) => self.builder.push_day(day),
                Some(day) => {
                    self.builder.push_missing();
                    let typed = crate::domain::Day(day).to_string();
                    self.note(row, &typed, Err(Fault::new("date_out_of_range")));
                }
                None => self.empty(row),
            }
        }
    }

    fn kind(&self, series: &Series, e: &PolarsError) -> InputError {
        InputError::ColumnKind {
            file: self.file.to_owned(),
            column: self.header.to_owned(),
            kind: format!("{} ({e})", series.dtype()),
            expected: "text",
        }
    }
}

/// The cells as text, empty where there is none. Whole floats lose their `.0`: 4901 read as 4901.0 is the code 4901.
fn texts(series: &Series, file: &str, header: &str) -> Result<Vec<String>, InputError> {
    let failed = |e: PolarsError| InputError::ColumnKind {
        file: file.to_owned(),
        column: header.to_owned(),
        kind: format!("{} ({e})", series.dtype()),
        expected: "text",
    };
    if series.dtype().is_float() {
        let numbers = series.cast(&DataType::Float64).map_err(failed)?;
        let numbers = numbers.f64().map_err(failed)?;
        return Ok(numbers
            .iter()
            .map(|n| match n {
                Some(n) if !n.is_nan() => n.to_string(),
                _ => String::new(),
            })
            .collect());
    }
    let cells = series.cast(&DataType::String).map_err(failed)?;
    let cells = cells.str().map_err(failed)?;
    Ok(cells
        .iter()
        .map(|t| t.map(str::trim).unwrap_or_default().to_owned())
        .collect())
}
