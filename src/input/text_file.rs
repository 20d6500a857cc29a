//! Text tables: bytes to typed columns, block by block on all cores, with the exact line of every row.

use std::borrow::Cow;
use std::fs::File;
use std::hash::{DefaultHasher, Hasher};
use std::io::{Cursor, Read};
use std::ops::Range;
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::SHIFT_JIS;
use rayon::prelude::*;

use super::cell::{parse_day, trim};
use super::encoding::{Charset, Survey, Undecodable, count, read_some, survey, utf16_to_utf8};
use super::error::InputError;
use super::folder::TableFile;
use super::header::{Plan, Source, plan};
use super::memory::countable;
use super::problem::{Fault, Problems};
use super::raw::{Builder, Part, RawTable};
use super::schema::{Kind, STOCK, TableSpec};
use super::times::Times;
use super::totals::says_total;
use crate::config::DateOrder;
use crate::domain::{FileRead, Finding, Place, Severity};

/// Bytes parsed by one core at once.
const BLOCK: usize = 4 << 20;
/// Bytes in which a header line must end.
const HEAD: usize = 1 << 20;
/// Lines of titles above a header, at most.
const TITLES: usize = 12;

/// How the cells of a file are cut and read.
#[derive(Clone, Copy)]
struct Format<'a> {
    delimiter: u8,
    quoting: bool,
    /// Quotes around a cell are cut although they do not shield delimiters.
    strip_quotes: bool,
    charset: Charset,
    width: usize,
    plan: &'a Plan,
    spec: &'static TableSpec,
    file: &'a str,
    order: Option<DateOrder>,
}

/// Rows of one block.
struct Rows {
    columns: Vec<Option<Builder>>,
    lines: Vec<u32>,
    /// Of whole lines, where they say more than is read: columns that nothing reads, or times of day.
    prints: Vec<u64>,
    problems: Problems,
}

impl Rows {
    fn add_to(self, table: &mut RawTable, problems: &mut Problems) {
        table.note_prints(self.prints, self.lines.len(), false);
        table.append(self.columns, self.lines);
        problems.append(self.problems);
    }
}

/// Reads a text file into `table`.
///
/// # Errors
/// The file cannot be read, or its header lacks a column. Bad rows go to `problems`.
pub(super) fn read_text(
    source: TableFile<'_>,
    table: &mut RawTable,
    problems: &mut Problems,
) -> Result<FileRead, InputError> {
    let unreadable = |e: std::io::Error| InputError::Unreadable {
        file: source.name.to_owned(),
        why: e.to_string(),
    };
    let survey = match survey(source.path, source.input.encoding).map_err(unreadable)? {
        Ok(survey) => survey,
        Err(Undecodable { line, tried }) => {
            let fault = Fault::new("not_decodable").figure("tried", tried);
            problems.add(source.name, line, None, "", fault);
            return Ok(file_read(source, String::new(), 0, 0));
        }
    };
    let rows_before = table.rows();
    let mut body = open(source, &survey).map_err(unreadable)?;
    let Some(mut body) = body.take() else {
        let fault = Fault::new("not_decodable").figure("tried", "UTF-16");
        problems.add(source.name, 1, None, "", fault);
        return Ok(file_read(source, String::new(), 0, 0));
    };
    let mut head = vec![0u8; HEAD];
    let n = read_some(&mut *body, &mut head).map_err(unreadable)?;
    head.truncate(n);
    let charset = match survey.charset {
        Charset::Utf16Le | Charset::Utf16Be => Charset::Utf8,
        other => other,
    };
    let Head {
        delimiter,
        width,
        end: header_end,
        plan,
    } = match read_head(source, &head, 0, charset) {
        Ok(found) => found,
        Err(wrong) => {
            let found = below_titles(source, &head, charset).ok_or(wrong)?;
            problems.note(
                Finding::new(Severity::Notice, "header_below_titles")
                    .figure("file", source.name)
                    .figure("line", count(&head[..found.end], b'\n').max(2)),
            );
            found
        }
    };
    let mut format = Format {
        delimiter,
        quoting: true,
        strip_quotes: false,
        charset,
        width,
        plan: &plan,
        spec: source.spec,
        file: source.name,
        order: source.input.date_order,
    };
    table.parts.push(Part {
        file: source.name.to_owned(),
        first_row: rows_before,
        headers: plan.headers.clone(),
    });
    let first_line = 1 + count(&head[..header_end], b'\n');
    let quoted = survey.quotes > count(&head[..header_end], b'"')
        || matches!(survey.charset, Charset::Utf16Le | Charset::Utf16Be);
    let rest = head.split_off(header_end);
    if quoted {
        // A quoted cell may hold line breaks, so the file is one block.
        let mut all = rest;
        body.read_to_end(&mut all).map_err(unreadable)?;
        if delimiter == b'\t' && every_line_has(&all, width) {
            format.quoting = false;
            format.strip_quotes = true;
        }
        let rows = parse_block(&all, first_line, format);
        drop(all);
        rows.add_to(table, problems);
    } else {
        let blocks = Blocks {
            body: &mut *body,
            carry: rest,
            line: first_line,
            ended: false,
            spare: Vec::new(),
        };
        read_blocks(blocks, format, table, problems).map_err(unreadable)?;
    }
    for header in plan.unknown {
        if !table.unknown_columns.contains(&header) {
            table.unknown_columns.push(header);
        }
    }
    countable(table.rows(), source.spec.name, source.name)?;
    let rows = (table.rows() - rows_before) as u64;
    Ok(file_read(source, survey.sha256, rows, survey.bytes))
}

fn file_read(source: TableFile<'_>, sha256: String, rows: u64, bytes: u64) -> FileRead {
    FileRead {
        table: source.spec.name.to_owned(),
        path: source.name.to_owned(),
        sha256,
        rows,
        bytes,
    }
}

/// The file behind its byte order mark; in memory where it must be rewritten first; `None`: broken UTF-16.
fn open(source: TableFile<'_>, survey: &Survey) -> std::io::Result<Option<Box<dyn Read + Send>>> {
    let mut file = File::open(source.path)?;
    let utf16 = matches!(survey.charset, Charset::Utf16Le | Charset::Utf16Be);
    if !utf16 && !survey.bare_returns {
        let mut mark = vec![0u8; survey.mark];
        file.read_exact(&mut mark)?;
        return Ok(Some(Box::new(file)));
    }
    let mut all = Vec::new();
    file.read_to_end(&mut all)?;
    if utf16 {
        match utf16_to_utf8(&all, survey.charset) {
            Some(text) => all = text,
            None => return Ok(None),
        }
    } else {
        all.drain(..survey.mark);
    }
    if !all.contains(&b'\n') {
        for byte in &mut all {
            if *byte == b'\r' {
                *byte = b'\n';
            }
        }
    }
    Ok(Some(Box::new(Cursor::new(all))))
}

/// Tab for `.tsv`; otherwise what the first line holds: a comma, or else a tab or a semicolon.
fn delimiter(path: &Path, head: &[u8]) -> u8 {
    let tsv = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("tsv"));
    let line = head
        .trim_ascii_start()
        .split(|&b| b == b'\n')
        .next()
        .unwrap_or_default();
    let has = |b: u8| line.contains(&b);
    match () {
        () if tsv && (has(b'\t') || !has(b',')) => b'\t',
        () if has(b',') => b',',
        () if has(b'\t') => b'\t',
        () if has(b';') => b';',
        () => b',',
    }
}

/// What a header says of its file.
struct Head {
    delimiter: u8,
    /// Cells of the header.
    width: usize,
    /// Where its line ends.
    end: usize,
    plan: Plan,
}

/// The header that stands at or after `start`.
fn read_head(
    source: TableFile<'_>,
    head: &[u8],
    start: usize,
    charset: Charset,
) -> Result<Head, InputError> {
    let delimiter = delimiter(source.path, &head[start..]);
    let (headers, length) = header(&head[start..], delimiter, charset);
    let plan = plan(source.spec, source.mapping, &headers, source.name)?;
    Ok(Head {
        delimiter,
        width: headers.len(),
        end: start + length,
        plan,
    })
}

/// The header below lines of titles, where one of the next lines has all columns that the table needs.
fn below_titles(source: TableFile<'_>, head: &[u8], charset: Charset) -> Option<Head> {
    let breaks = head.iter().enumerate().filter(|(_, b)| **b == b'\n');
    breaks
        .map(|(at, _)| at + 1)
        .take(TITLES)
        .find_map(|start| read_head(source, head, start, charset).ok())
}

/// The trimmed headers and where the header line ends.
fn header(head: &[u8], delimiter: u8, charset: Charset) -> (Vec<String>, usize) {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(head);
    let mut record = ByteRecord::new();
    while matches!(reader.read_byte_record(&mut record), Ok(true)) {
        if record.as_slice().trim_ascii().is_empty() {
            continue;
        }
        let headers = record
            .iter()
            .map(|cell| String::from_utf8_lossy(trim(&decode(cell, charset))).into_owned())
            .collect();
        return (headers, reader.position().byte() as usize);
    }
    (Vec::new(), head.len())
}

/// A cell as UTF-8.
fn decode(cell: &[u8], charset: Charset) -> Cow<'_, [u8]> {
    if charset != Charset::Cp932 || cell.is_ascii() {
        return Cow::Borrowed(cell);
    }
    match SHIFT_JIS.decode_without_bom_handling(cell).0 {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// Whether the lines, cut at every line break and tab, all have `width` cells: then quotes are ordinary characters.
fn every_line_has(all: &[u8], width: usize) -> bool {
    all.split(|&b| b == b'\n')
        .all(|line| line.trim_ascii().is_empty() || count(line, b'\t') as usize + 1 == width)
}

/// Cuts a file into blocks that end at line breaks.
struct Blocks<'a> {
    body: &'a mut (dyn Read + Send),
    /// What was read behind the last line break.
    carry: Vec<u8>,
    line: u64,
    ended: bool,
    /// Buffers to read into again.
    spare: Vec<Vec<u8>>,
}

impl Blocks<'_> {
    /// The next blocks, each with the number of its first line; none at the end.
    fn next(&mut self, most: usize) -> std::io::Result<Vec<(Vec<u8>, u64)>> {
        let mut blocks = Vec::with_capacity(most);
        while blocks.len() < most && !self.ended {
            let mut block = self.spare.pop().unwrap_or_default();
            block.clear();
            block.append(&mut self.carry);
            let old = block.len();
            block.resize(old + BLOCK, 0);
            let n = read_some(self.body, &mut block[old..])?;
            block.truncate(old + n);
            self.ended = n < BLOCK;
            if !self.ended {
                // Without any line break the block grows by the next read.
                let cut = block.iter().rposition(|&b| b == b'\n').map_or(0, |p| p + 1);
                self.carry.extend_from_slice(&block[cut..]);
                block.truncate(cut);
            }
            let lines = count(&block, b'\n');
            blocks.push((block, self.line));
            self.line += lines;
        }
        Ok(blocks)
    }
}

/// Parses a file without quoted cells: its blocks are independent. While some are parsed, those before them are put into the table and the next
/// are read.
fn read_blocks(
    mut blocks: Blocks<'_>,
    format: Format<'_>,
    table: &mut RawTable,
    problems: &mut Problems,
) -> std::io::Result<()> {
    let at_once = rayon::current_num_threads().max(1) * 2;
    let mut batch = blocks.next(at_once)?;
    let mut parsed: Vec<Rows> = Vec::new();
    while !batch.is_empty() || !parsed.is_empty() {
        let (now_parsed, next) = rayon::join(
            || {
                batch
                    .par_iter()
                    .map(|(block, first_line)| parse_block(block, *first_line, format))
                    .collect::<Vec<Rows>>()
            },
            || {
                for rows in parsed.drain(..) {
                    rows.add_to(table, problems);
                }
                blocks.next(at_once)
            },
        );
        let read = std::mem::replace(&mut batch, next?);
        blocks
            .spare
            .extend(read.into_iter().map(|(block, _)| block));
        parsed = now_parsed;
    }
    Ok(())
}

/// One record: its bytes and where its cells lie in them.
#[derive(Clone, Copy)]
struct Record<'a> {
    bytes: &'a [u8],
    cells: &'a [Range<usize>],
}

impl<'a> Record<'a> {
    fn get(self, at: usize) -> &'a [u8] {
        self.cells
            .get(at)
            .and_then(|cell| self.bytes.get(cell.clone()))
            .unwrap_or_default()
    }

    fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        (0..self.cells.len()).map(move |at| self.get(at))
    }
}

/// Parses whole lines, of which the first is line `first_line` of the file.
fn parse_block(block: &[u8], first_line: u64, format: Format<'_>) -> Rows {
    let mut parsed = Parsed::new(format);
    if format.quoting && count(block, b'"') > 0 {
        parse_quoted(block, first_line, &mut parsed);
    } else {
        parse_plain(block, first_line, &mut parsed);
    }
    parsed.rows
}

/// Cuts lines whose cells may be quoted and hold delimiters and line breaks.
fn parse_quoted(block: &[u8], first_line: u64, parsed: &mut Parsed<'_>) {
    let mut cells = Vec::new();
    let delimiter = parsed.format.delimiter;
    each_record(block, first_line, (delimiter, true), |line, record| {
        cells.clear();
        cells.extend((0..record.len()).filter_map(|k| record.range(k)));
        let bytes = record.as_slice();
        parsed.add(
            line,
            Record {
                bytes,
                cells: &cells,
            },
        );
        true
    });
}

/// Calls `each` with every record of a block and the line that it begins in, until it says `false`. `quoting`: whether quotes hold cells together.
pub(super) fn each_record(
    block: &[u8],
    first_line: u64,
    (delimiter, quoting): (u8, bool),
    mut each: impl FnMut(u64, &ByteRecord) -> bool,
) {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .quoting(quoting)
        .delimiter(delimiter)
        .from_reader(block);
    let mut record = ByteRecord::new();
    let (mut counted, mut line) = (0usize, first_line);
    loop {
        // Blank lines before the record are skipped by the reader; they are counted here.
        let mut start = reader.position().byte() as usize;
        while matches!(block.get(start), Some(b'\r' | b'\n')) {
            start += 1;
        }
        line += count(block.get(counted..start).unwrap_or_default(), b'\n');
        counted = start;
        // Reading from memory as bytes cannot fail; a failure would end the block.
        if !matches!(reader.read_byte_record(&mut record), Ok(true)) || !each(line, &record) {
            return;
        }
    }
}

/// Cuts lines without quotes, which are most of what is ever read: every delimiter and line break counts.
fn parse_plain(block: &[u8], first_line: u64, parsed: &mut Parsed<'_>) {
    let delimiter = parsed.format.delimiter;
    let mut cells: Vec<Range<usize>> = Vec::new();
    let (mut at, mut line) = (0, first_line);
    while let Some(&byte) = block.get(at) {
        if byte == b'\n' || byte == b'\r' {
            line += u64::from(byte == b'\n');
            at += 1;
            continue;
        }
        cells.clear();
        let mut from = at;
        while let Some(&byte) = block.get(at) {
            if byte == delimiter {
                cells.push(from..at);
                from = at + 1;
            } else if byte == b'\n' || byte == b'\r' {
                break;
            }
            at += 1;
        }
        cells.push(from..at);
        parsed.add(
            line,
            Record {
                bytes: block,
                cells: &cells,
            },
        );
    }
}

/// The rows of one block as they grow.
struct Parsed<'a> {
    format: Format<'a>,
    rows: Rows,
    joined: Vec<u8>,
}

impl<'a> Parsed<'a> {
    fn new(format: Format<'a>) -> Self {
        let columns = format
            .spec
            .columns
            .iter()
            .zip(&format.plan.sources)
            .map(|(spec, source)| {
                source.as_ref()?;
                let mut builder = Builder::new(spec, format.order);
                // Of a log of stock the last state of a day counts.
                if format.spec.name == STOCK.name {
                    builder.times = Times::kept();
                }
                Some(builder)
            })
            .collect();
        Self {
            format,
            rows: Rows {
                columns,
                lines: Vec::new(),
                prints: Vec::new(),
                problems: Problems::default(),
            },
            joined: Vec::new(),
        }
    }

    fn add(&mut self, line: u64, record: Record<'_>) {
        let format = self.format;
        let Rows {
            columns,
            lines,
            prints,
            problems,
        } = &mut self.rows;
        if is_blank(record, format.charset) {
            return;
        }
        if let Some(typed) = adds_up(record, format) {
            let place = Place {
                file: Some(format.file.to_owned()),
                line: Some(line),
                column: None,
                value: Some(typed),
            };
            problems.note(
                Finding::new(Severity::Notice, "totals_row")
                    .place(place)
                    .figure("file", format.file)
                    .figure("line", line),
            );
            return;
        }
        if record.cells.len() != format.width {
            let fault = Fault::new("ragged_row")
                .figure("found", record.cells.len())
                .figure("expected", format.width);
            problems.add(format.file, line, None, "", fault);
            return;
        }
        // Rows are compared as lines where a line says more than is read: orders have numbers, and times.
        if format.spec.name == "sales"
            && (!format.plan.unknown.is_empty() || has_a_time(record, format))
        {
            let mut hash = DefaultHasher::new();
            for cell in record.iter() {
                hash.write(cell);
                hash.write_u8(0xFF);
            }
            prints.resize(lines.len(), 0);
            prints.push(hash.finish().max(1));
        }
        lines.push(u32::try_from(line).unwrap_or(u32::MAX));
        for (k, builder) in columns.iter_mut().enumerate() {
            let (Some(builder), Some(source)) = (builder, &format.plan.sources[k]) else {
                continue;
            };
            let result = match source {
                Source::Field(at) => push(builder, record.get(*at), format),
                Source::Constant(value) => builder.push(value.as_bytes()),
                Source::Joined(parts) => {
                    join(record, parts, format, &mut self.joined);
                    builder.push(&self.joined)
                }
            };
            if let Err(fault) = result {
                let typed = match source {
                    Source::Field(at) => {
                        let cell = decode(record.get(*at), format.charset);
                        String::from_utf8_lossy(trim(&cell)).into_owned()
                    }
                    Source::Constant(value) => value.clone(),
                    Source::Joined(_) => String::from_utf8_lossy(&self.joined).into_owned(),
                };
                let header = format.plan.headers[k]
                    .as_deref()
                    .unwrap_or(format.spec.columns[k].name);
                problems.add(format.file, line, Some(header), &typed, fault);
            }
        }
    }
}

fn push(builder: &mut Builder, cell: &[u8], format: Format<'_>) -> Result<(), Fault> {
    let cell = decode(cell, format.charset);
    let mut cell = trim(&cell);
    let unquoted;
    if format.strip_quotes && cell.len() >= 2 && cell.starts_with(b"\"") && cell.ends_with(b"\"") {
        unquoted = String::from_utf8_lossy(&cell[1..cell.len() - 1]).replace("\"\"", "\"");
        cell = trim(unquoted.as_bytes());
    }
    builder.push(cell)
}

fn join(record: Record<'_>, parts: &[usize], format: Format<'_>, out: &mut Vec<u8>) {
    out.clear();
    for &at in parts {
        let cell = decode(record.get(at), format.charset);
        let cell = trim(&cell);
        if !cell.is_empty() {
            if !out.is_empty() {
                out.push(b'-');
            }
            out.extend_from_slice(cell);
        }
    }
}

/// Whether a row's date has a time of day behind it.
fn has_a_time(record: Record<'_>, format: Format<'_>) -> bool {
    date_cell(format).is_some_and(|at| record.get(at).contains(&b':'))
}

/// Where a row's date stands, in tables whose rows all have one.
fn date_cell(format: Format<'_>) -> Option<usize> {
    let columns = format.spec.columns.iter().zip(&format.plan.sources);
    let mut dates = columns.filter_map(|(column, source)| match source {
        Some(Source::Field(at)) if matches!(column.kind, Kind::Day) && column.filled => Some(*at),
        _ => None,
    });
    dates.next()
}

/// The cell that says that a row adds up others; only where its date is none, for such a row has no day.
fn adds_up(record: Record<'_>, format: Format<'_>) -> Option<String> {
    let date = date_cell(format)?;
    let first = (0..record.cells.len()).find(|&at| !record.get(at).trim_ascii().is_empty())?;
    let cell = decode(record.get(first), format.charset);
    let cell = trim(&cell);
    let dated = parse_day(trim(record.get(date)), format.order).is_ok();
    (says_total(cell) && !dated).then(|| String::from_utf8_lossy(cell).into_owned())
}

fn is_blank(record: Record<'_>, charset: Charset) -> bool {
    // Rows of data nearly always begin with something visible.
    match record.get(0).first() {
        Some(b) if b.is_ascii_graphic() => return false,
        _ => {}
    }
    record
        .iter()
        .all(|cell| trim(&decode(cell, charset)).is_empty())
}
