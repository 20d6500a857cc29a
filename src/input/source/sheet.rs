//! One file of another program: bytes to cells, whatever it was saved as.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hasher};
use std::io::{Cursor, Read};
use std::path::Path;

use calamine::{Data, Reader, open_workbook_auto_from_rs};
use csv::ByteRecord;
use encoding_rs::{SHIFT_JIS, WINDOWS_1252};
use sha2::{Digest, Sha256};

use crate::config::Encoding;
use crate::input::cell::trim;
use crate::input::encoding::{Charset, count, hex, utf16_to_utf8};
use crate::input::text_file::each_record;

/// Records among which the header line is looked for.
pub(super) const HEAD_LINES: usize = 40;
/// Bytes of a text file that are looked at to know what it is.
const HEAD_BYTES: u64 = 256 << 10;

/// Why a file cannot be read.
#[derive(Debug)]
pub(super) struct Unreadable(pub String);

/// A file in memory.
pub(super) struct Opened {
    pub sha256: String,
    pub bytes: u64,
    body: Body,
}

enum Body {
    Text {
        text: String,
        delimiter: u8,
        quoting: bool,
    },
    Book(Vec<BookSheet>),
}

/// A record: its line, and its cells.
pub(super) type Record = (u32, Vec<String>);

/// A sheet of a workbook: its name, and its rows with their lines.
struct BookSheet {
    name: String,
    rows: Vec<Record>,
}

/// The name's ending in lower case, that of a packed file without `.gz`.
pub(super) fn ending(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let inner = lower.strip_suffix(".gz").unwrap_or(&lower);
    inner
        .rsplit_once('.')
        .map_or_else(String::new, |(_, end)| end.to_owned())
}

/// Whether a name ends as a file that can be read.
pub(super) fn is_readable(name: &str) -> bool {
    matches!(
        ending(name).as_str(),
        "csv" | "tsv" | "txt" | "xlsx" | "xlsm" | "xlsb" | "xls" | "ods"
    )
}

fn is_book(name: &str) -> bool {
    matches!(
        ending(name).as_str(),
        "xlsx" | "xlsm" | "xlsb" | "xls" | "ods"
    )
}

/// One record: its cells as they are asked for.
#[derive(Clone, Copy)]
enum Row<'a> {
    Text {
        record: &'a ByteRecord,
        quoting: bool,
    },
    Book(&'a [String]),
}

impl<'a> Row<'a> {
    fn len(self) -> usize {
        match self {
            Self::Text { record, .. } => record.len(),
            Self::Book(cells) => cells.len(),
        }
    }

    /// A cell, trimmed; empty beyond the row.
    fn get(self, at: usize) -> &'a str {
        match self {
            Self::Book(cells) => cells.get(at).map_or("", String::as_str),
            Self::Text { record, quoting } => {
                let raw = record.get(at).unwrap_or_default();
                // Cells of valid text are valid: delimiters and quotes are ASCII.
                let text = std::str::from_utf8(trim(raw)).unwrap_or_default();
                if quoting {
                    return text;
                }
                let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
                inner.map_or(text, str::trim)
            }
        }
    }

    fn cells(self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).map(move |at| self.get(at))
    }

    fn is_blank(self) -> bool {
        match self {
            // Rows of data nearly always begin with something visible.
            Self::Text { record, .. }
                if record
                    .get(0)
                    .and_then(|c| c.first())
                    .is_some_and(u8::is_ascii_alphanumeric) =>
            {
                false
            }
            _ => self.cells().all(str::is_empty),
        }
    }
}

impl Opened {
    /// Reads a file. `head`: only so much of a text file as its header needs.
    ///
    /// # Errors
    /// The file, its packing, its workbook or its encoding cannot be read.
    pub(super) fn read(path: &Path, encoding: Encoding, head: bool) -> Result<Self, Unreadable> {
        let io = |e: std::io::Error| Unreadable(e.to_string());
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        let packed = name.to_ascii_lowercase().ends_with(".gz");
        let book = is_book(&name);
        let limit = if head && !book { HEAD_BYTES } else { u64::MAX };
        let mut raw = Vec::new();
        let file = std::fs::File::open(path).map_err(io)?;
        file.take(if packed { u64::MAX } else { limit })
            .read_to_end(&mut raw)
            .map_err(io)?;
        let sha256 = if head {
            String::new()
        } else {
            hex(Sha256::digest(&raw).as_slice())
        };
        let bytes = raw.len() as u64;
        if packed {
            let mut unpacked = Vec::new();
            flate2::read::MultiGzDecoder::new(&raw[..])
                .take(limit)
                .read_to_end(&mut unpacked)
                .map_err(io)?;
            raw = unpacked;
        }
        let body = if book && !looks_like_text(&raw) {
            read_book(&raw)?
        } else {
            let cut = head && raw.len() as u64 == limit;
            let mut text = decode(raw, encoding, cut)?;
            if cut && let Some(end) = text.rfind('\n') {
                text.truncate(end + 1);
            }
            if !text.contains('\n') && text.contains('\r') {
                text = text.replace('\r', "\n");
            }
            text_body(text)
        };
        Ok(Self {
            sha256,
            bytes,
            body,
        })
    }

    /// The first records of each sheet with their lines; a text file is one sheet.
    pub(super) fn heads(&self) -> Vec<(usize, Vec<Record>)> {
        match &self.body {
            Body::Text { .. } => {
                let mut head = Vec::new();
                self.records(0, &mut |line, row| {
                    head.push((line, row.cells().map(str::to_owned).collect()));
                    head.len() < HEAD_LINES
                });
                vec![(0, head)]
            }
            Body::Book(sheets) => sheets
                .iter()
                .enumerate()
                .map(|(k, sheet)| (k, sheet.rows.iter().take(HEAD_LINES).cloned().collect()))
                .collect(),
        }
    }

    /// The position of a sheet by its name; the first of a file without sheets.
    pub(super) fn sheet(&self, name: &str) -> Option<usize> {
        match &self.body {
            Body::Text { .. } => Some(0),
            Body::Book(sheets) => sheets.iter().position(|s| s.name == name),
        }
    }

    /// The names of the sheets.
    pub(super) fn sheets(&self) -> Vec<String> {
        match &self.body {
            Body::Text { .. } => Vec::new(),
            Body::Book(sheets) => sheets.iter().map(|s| s.name.clone()).collect(),
        }
    }

    /// Every record of a sheet with its line, trimmed; blank ones are left out. Ends when told `false`.
    fn records(&self, sheet: usize, each: &mut dyn FnMut(u32, Row<'_>) -> bool) {
        match &self.body {
            Body::Text {
                text,
                delimiter,
                quoting,
            } => text_records(text, *delimiter, *quoting, each),
            Body::Book(sheets) => {
                let Some(sheet) = sheets.get(sheet) else {
                    return;
                };
                for (line, cells) in &sheet.rows {
                    let row = Row::Book(cells);
                    if !row.is_blank() && !each(*line, row) {
                        return;
                    }
                }
            }
        }
    }

    /// Cuts the rows below the header: the wanted columns of each.
    ///
    /// # Errors
    /// More text than can be addressed.
    pub(super) fn cut(&self, sheet: usize, cut: &Cut<'_>) -> Result<Sheet, Unreadable> {
        let mut out = Sheet {
            width: cut.wanted.len(),
            ..Sheet::default()
        };
        let mut before = true;
        let mut too_large = false;
        self.records(sheet, &mut |line, row| {
            if before {
                before = line != cut.header_line;
                return true;
            }
            if (cut.headers..row.len()).any(|at| !row.get(at).is_empty()) {
                out.ragged.push((line, row.len()));
                return true;
            }
            for &at in cut.wanted {
                out.push(row.get(at));
            }
            out.lines.push(line);
            if cut.prints {
                let mut hash = DefaultHasher::new();
                for cell in row.cells() {
                    hash.write(cell.as_bytes());
                    hash.write_u8(0xFF);
                }
                out.prints.push(hash.finish().max(1));
            }
            too_large = u32::try_from(out.text.len()).is_err();
            !too_large
        });
        if too_large {
            return Err(Unreadable("more than 4 GB of text".to_owned()));
        }
        Ok(out)
    }
}

/// What is cut out of a file.
pub(super) struct Cut<'a> {
    pub header_line: u32,
    /// How many headers there are.
    pub headers: usize,
    /// Positions of the columns that are kept.
    pub wanted: &'a [usize],
    /// Whether whole lines are told apart.
    pub prints: bool,
}

/// The kept cells of a file, row by row.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    text: String,
    cells: Vec<(u32, u32)>,
    width: usize,
    pub lines: Vec<u32>,
    /// What tells whole lines apart; empty where nobody asks.
    pub prints: Vec<u64>,
    /// Lines with more cells than headers.
    pub ragged: Vec<(u32, usize)>,
}

impl Sheet {
    fn push(&mut self, cell: &str) {
        // A column often repeats the cell above it.
        let above = self.cells.len().checked_sub(self.width);
        if let Some(&(start, end)) = above.and_then(|k| self.cells.get(k))
            && self.text.get(start as usize..end as usize) == Some(cell)
        {
            self.cells.push((start, end));
            return;
        }
        let start = self.text.len();
        self.text.push_str(cell);
        // `cut` ends when the text outgrows what can be addressed.
        self.cells.push((start as u32, self.text.len() as u32));
    }

    pub(super) fn rows(&self) -> usize {
        self.lines.len()
    }

    /// A kept cell; empty beyond the row.
    pub(super) fn cell(&self, row: usize, column: usize) -> &str {
        let at = self.cells.get(row * self.width + column);
        at.and_then(|&(start, end)| self.text.get(start as usize..end as usize))
            .unwrap_or_default()
    }

    /// Empties the cells that mean that there is no value.
    pub(super) fn blank(&mut self, words: &[String]) {
        if words.is_empty() {
            return;
        }
        for cell in &mut self.cells {
            let text = self.text.get(cell.0 as usize..cell.1 as usize);
            if text.is_some_and(|t| words.iter().any(|w| w == t)) {
                cell.1 = cell.0;
            }
        }
    }

    /// Gives a cell the value of the one above.
    pub(super) fn fill(&mut self, row: usize, column: usize) {
        if row > 0
            && let Some(&above) = self.cells.get((row - 1) * self.width + column)
            && let Some(cell) = self.cells.get_mut(row * self.width + column)
        {
            *cell = above;
        }
    }
}

fn looks_like_text(raw: &[u8]) -> bool {
    // Workbooks are zip archives or compound files; some programs write text under their ending.
    !(raw.starts_with(b"PK") || raw.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]))
}

/// Bytes as text: by byte order mark, else UTF-8, else CP932, else Windows-1252.
fn decode(raw: Vec<u8>, wanted: Encoding, cut: bool) -> Result<String, Unreadable> {
    let refused = |tried: &str| Unreadable(format!("no text in {tried}"));
    if raw.starts_with(&[0xFF, 0xFE]) || raw.starts_with(&[0xFE, 0xFF]) {
        let charset = if raw[0] == 0xFF {
            Charset::Utf16Le
        } else {
            Charset::Utf16Be
        };
        let even = if cut { raw.len() & !1 } else { raw.len() };
        let text = utf16_to_utf8(&raw[..even], charset).ok_or_else(|| refused("UTF-16"))?;
        return String::from_utf8(text).map_err(|_| refused("UTF-16"));
    }
    let raw = match raw.strip_prefix(&[0xEF, 0xBB, 0xBF]) {
        Some(rest) => rest.to_vec(),
        None => raw,
    };
    let raw = match (wanted, String::from_utf8(raw)) {
        (Encoding::Auto | Encoding::Utf8, Ok(text)) => return Ok(text),
        (Encoding::Cp932, Ok(text)) => text.into_bytes(),
        (_, Err(e)) => {
            let valid = e.utf8_error().valid_up_to();
            let unfinished = cut && e.utf8_error().error_len().is_none();
            let mut raw = e.into_bytes();
            if unfinished {
                raw.truncate(valid);
                return String::from_utf8(raw).map_err(|_| refused("UTF-8"));
            }
            if wanted == Encoding::Utf8 {
                let line = 1 + count(&raw[..valid], b'\n');
                return Err(Unreadable(format!("line {line}: no text in UTF-8")));
            }
            raw
        }
    };
    let (text, wrong) = SHIFT_JIS.decode_without_bom_handling(&raw);
    if wanted == Encoding::Cp932 && wrong && !cut {
        return Err(refused("CP932"));
    }
    let kana = |c: char| matches!(c, '\u{3041}'..='\u{30FF}');
    let japanese = (!wrong || cut) && (text.contains(kana) || !lonely_bytes(&raw));
    if wanted == Encoding::Cp932 || japanese {
        return Ok(text.into_owned());
    }
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(&raw);
    Ok(text.into_owned())
}

/// Whether most bytes beyond ASCII stand alone, as accented letters do. In CP932 kanji come in runs; of kana every second byte may be ASCII.
fn lonely_bytes(raw: &[u8]) -> bool {
    let (mut alone, mut all) = (0usize, 0usize);
    let high = |k: usize| raw.get(k).is_some_and(|b| !b.is_ascii());
    for k in (0..raw.len()).filter(|&k| high(k)) {
        all += 1;
        alone += usize::from(!(high(k + 1) || k > 0 && high(k - 1)));
    }
    2 * alone > all
}

fn text_body(text: String) -> Body {
    let head: String = text
        .split_inclusive('\n')
        .take(HEAD_LINES)
        .collect::<String>();
    // The delimiter that makes most cells of some early line; the first of equal ones.
    let mut best = (0, b',');
    for delimiter in [b'\t', b',', b';', b'|'] {
        let mut most = 0;
        text_records(&head, delimiter, true, &mut |_, row| {
            most = most.max(row.len());
            true
        });
        if most > best.0 {
            best = (most, delimiter);
        }
    }
    let (width, delimiter) = best;
    let quoting = !(delimiter == b'\t' && width > 1 && every_line_has(&text, width));
    Body::Text {
        text,
        delimiter,
        quoting,
    }
}

/// Whether the lines, cut at every line break and tab, all have `width` cells: then quotes are ordinary characters.
fn every_line_has(text: &str, width: usize) -> bool {
    text.split('\n')
        .all(|line| line.trim().is_empty() || count(line.as_bytes(), b'\t') as usize + 1 == width)
}

/// Cuts a text into records with their lines.
fn text_records(
    text: &str,
    delimiter: u8,
    quoting: bool,
    each: &mut dyn FnMut(u32, Row<'_>) -> bool,
) {
    each_record(text.as_bytes(), 1, (delimiter, quoting), |line, record| {
        let row = Row::Text { record, quoting };
        row.is_blank() || each(u32::try_from(line).unwrap_or(u32::MAX), row)
    });
}

fn read_book(raw: &[u8]) -> Result<Body, Unreadable> {
    let failed = |e: calamine::Error| Unreadable(e.to_string());
    let mut book = open_workbook_auto_from_rs(Cursor::new(raw)).map_err(failed)?;
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).map_err(failed)?;
        let (first_line, first_column) = range.start().unwrap_or((0, 0));
        let rows = range
            .rows()
            .enumerate()
            .map(|(k, row)| {
                let mut cells = vec![String::new(); first_column as usize];
                cells.extend(row.iter().map(|cell| book_cell(cell).into_owned()));
                (first_line + k as u32 + 1, cells)
            })
            .filter(|(_, cells)| cells.iter().any(|c| !c.is_empty()))
            .collect();
        sheets.push(BookSheet { name, rows });
    }
    Ok(Body::Book(sheets))
}

/// A cell of a workbook as text: whole numbers without a decimal point, dates as ISO.
fn book_cell(cell: &Data) -> Cow<'_, str> {
    match cell {
        Data::Empty | Data::Error(_) => Cow::Borrowed(""),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            Cow::Borrowed(text.trim())
        }
        Data::Int(n) => Cow::Owned(n.to_string()),
        Data::Float(x) if x.fract() == 0.0 && x.abs() < 1e15 => Cow::Owned(format!("{x:.0}")),
        Data::Float(x) => Cow::Owned(x.to_string()),
        Data::Bool(b) => Cow::Borrowed(if *b { "true" } else { "false" }),
        Data::DateTime(stamp) => {
            let (year, month, day, hour, minute, second, _) = stamp.to_ymd_hms_milli();
            let mut text = format!("{year:04}-{month:02}-{day:02}");
            if (hour, minute, second) != (0, 0, 0) {
                text += &format!(" {hour:02}:{minute:02}:{second:02}");
            }
            Cow::Owned(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Record> {
        let opened = Opened {
            sha256: String::new(),
            bytes: 0,
            body: text_body(text.to_owned()),
        };
        opened.heads().remove(0).1
    }

    #[test]
    fn lines_are_those_of_the_file_whatever_cells_hold() {
        let found = cells("Report of May\n\na;b\n\"1\n2\";x\n\n3;y\n");
        let lines: Vec<u32> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 3, 4, 7]);
        assert_eq!(found[2].1, ["1\n2", "x"]);
    }

    #[test]
    fn quotes_of_tab_files_are_ordinary_where_every_line_is_whole() {
        let found = cells("sku\tname\nA\t24\" monitor\nB\t\"Best\"\n");
        assert_eq!(found[1].1, ["A", "24\" monitor"]);
        assert_eq!(found[2].1, ["B", "Best"]);
    }

    #[test]
    fn encodings_are_told_apart_without_being_told() {
        let read = |raw: &[u8]| decode(raw.to_vec(), Encoding::Auto, false).expect("text");
        assert_eq!(read("注文日,個数\n".as_bytes()), "注文日,個数\n");
        assert_eq!(read(&SHIFT_JIS.encode("注文日,個数\n").0), "注文日,個数\n");
        assert_eq!(
            read(&SHIFT_JIS.encode("商品コード,ブラック\n").0),
            "商品コード,ブラック\n"
        );
        assert_eq!(read(b"Quantit\xE9,Statut\n"), "Quantité,Statut\n");
        assert_eq!(read(b"\xFF\xFEa\0,\0b\0"), "a,b");
    }
}
