//! One CSV file: its columns with where their values come from, its encoding and its line ends.

use std::borrow::{Borrow, Cow};
use std::fs::File;
use std::io::{BufWriter, Write};

use csv::{ByteRecord, Terminator, WriterBuilder};
use encoding_rs::{EncoderResult, SHIFT_JIS};

use super::figure::{neutral, push_figure};
use super::{Desk, OutputError};
use crate::domain::Day;
use crate::text::{Lang, text};

/// Rows between two looks at the wish to stop.
const ROWS_PER_CHECK: u64 = 1 << 16;

/// Encoding of the CSV files that are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum TextEncoding {
    #[default]
    #[value(name = "utf-8")]
    Utf8,
    /// Windows-31J, the Shift_JIS of Japanese Windows.
    #[value(name = "cp932")]
    Cp932,
}

/// How CSV files look to the program that opens them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CsvStyle {
    /// CRLF line ends and, in UTF-8, a byte order mark: what Excel needs to open the file by double-click.
    pub excel: bool,
    pub encoding: TextEncoding,
    /// Language of the column names.
    pub headers: Lang,
}

/// Writes a sentence in the language of a plan's files.
type Sentence<'a> = Box<dyn Fn(&Desk<'_>) -> String + 'a>;

/// One cell's value.
pub(super) enum Cell<'a> {
    Empty,
    /// Somebody's text; neutralised where a spreadsheet would run it.
    Text(Cow<'a, str>),
    Figure(f64),
    Count(u64),
    Day(Day),
    Told(Sentence<'a>),
}

impl<'a> Cell<'a> {
    /// What `sentence` says, in the language of the files.
    pub(super) fn told(sentence: impl Fn(&Desk<'_>) -> String + 'a) -> Self {
        Self::Told(Box::new(sentence))
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<f64> for Cell<'_> {
    fn from(value: f64) -> Self {
        Self::Figure(value)
    }
}

impl From<u32> for Cell<'_> {
    fn from(value: u32) -> Self {
        Self::Count(value.into())
    }
}

impl From<u64> for Cell<'_> {
    fn from(value: u64) -> Self {
        Self::Count(value)
    }
}

impl From<Day> for Cell<'_> {
    fn from(day: Day) -> Self {
        Self::Day(day)
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

macro_rules! cell_from_names {
    ($($name:ident),+) => {
        $(impl<'a> From<&'a crate::domain::$name> for Cell<'a> {
            fn from(name: &'a crate::domain::$name) -> Self {
                Self::from(name.as_str())
            }
        })+
    };
}

cell_from_names!(Sku, Channel, Location, Supplier, Category);

/// A column: its name in the contract, and its value in a row.
pub(super) type Column<R> = (&'static str, fn(&R) -> Cell<'_>);

/// A column's header in a language. English headers are the contract's names.
pub(super) fn header(lang: Lang, column: &str) -> String {
    // `table:column` where a column of one table means something else than its namesake in the others.
    let name = column.split_once(':').map_or(column, |(_, name)| name);
    match lang {
        Lang::En => name.to_owned(),
        Lang::Ja => {
            let key = column.replace(':', "_");
            text(lang, &format!("output.column_{key}"), &[])
        }
    }
}

/// Writes one table.
pub(super) fn write<R, B: Borrow<R>>(
    desk: &Desk<'_>,
    file: &'static str,
    columns: &[Column<R>],
    rows: impl IntoIterator<Item = B>,
) -> Result<(), OutputError> {
    desk.cancel.check()?;
    let path = desk.folder.join(file);
    let style = desk.style;
    let failed = |e: csv::Error| {
        let source = match e.into_kind() {
            csv::ErrorKind::Io(source) => source,
            other => std::io::Error::other(format!("{other:?}")),
        };
        OutputError::writing(&path)(source)
    };
    let unencodable =
        |row: u64, column: &str, value: &str, character: char| OutputError::Unencodable {
            file: file.to_owned(),
            row,
            column: header(style.headers, column),
            value: value.to_owned(),
            character,
        };

    let mut sink = BufWriter::new(File::create(&path).map_err(OutputError::writing(&path))?);
    if style.excel && style.encoding == TextEncoding::Utf8 {
        sink.write_all("\u{feff}".as_bytes())
            .map_err(OutputError::writing(&path))?;
    }
    let mut writer = WriterBuilder::new()
        .has_headers(false)
        .terminator(if style.excel {
            Terminator::CRLF
        } else {
            Terminator::Any(b'\n')
        })
        .from_writer(sink);

    let mut record = ByteRecord::new();
    for (column, _) in columns {
        let name = header(style.headers, column);
        let bytes = encode(style.encoding, &name).map_err(|c| unencodable(1, column, &name, c))?;
        record.push_field(&bytes);
    }
    writer.write_byte_record(&record).map_err(failed)?;

    let mut figure = String::new();
    let mut row_number = 1;
    for row in rows {
        row_number += 1;
        if row_number % ROWS_PER_CHECK == 0 {
            desk.cancel.check()?;
        }
        record.clear();
        for (column, value) in columns {
            figure.clear();
            let cell = match value(row.borrow()) {
                Cell::Told(sentence) => Cell::from(sentence(desk)),
                cell => cell,
            };
            match cell {
                Cell::Empty | Cell::Told(_) => record.push_field(b""),
                Cell::Text(text) => {
                    let cell = neutral(&text);
                    let bytes = encode(style.encoding, &cell)
                        .map_err(|c| unencodable(row_number, column, &text, c))?;
                    record.push_field(&bytes);
                }
                Cell::Figure(value) if value.is_infinite() => {
                    return Err(OutputError::Overflow {
                        file: file.to_owned(),
                        row: row_number,
                        column: header(style.headers, column),
                        of: first(desk, columns, row.borrow()),
                    });
                }
                Cell::Figure(value) => {
                    push_figure(&mut figure, value);
                    record.push_field(figure.as_bytes());
                }
                Cell::Count(count) => record.push_field(count.to_string().as_bytes()),
                Cell::Day(day) => record.push_field(day.to_string().as_bytes()),
            }
        }
        writer.write_byte_record(&record).map_err(failed)?;
    }
    let mut sink = writer
        .into_inner()
        .map_err(|e| OutputError::writing(&path)(e.into_error()))?;
    sink.flush().map_err(OutputError::writing(&path))
}

/// A row's first cell, as a person would name the row.
fn first<R>(desk: &Desk<'_>, columns: &[Column<R>], row: &R) -> String {
    match columns.first().map(|(_, value)| value(row)) {
        Some(Cell::Text(text)) => text.into_owned(),
        Some(Cell::Day(day)) => day.to_string(),
        Some(Cell::Count(count)) => count.to_string(),
        Some(Cell::Told(sentence)) => sentence(desk),
        Some(Cell::Figure(_) | Cell::Empty) | None => String::new(),
    }
}

/// The bytes of a text, or the first character that the encoding does not have.
fn encode(encoding: TextEncoding, text: &str) -> Result<Cow<'_, [u8]>, char> {
    if encoding == TextEncoding::Utf8 || text.is_ascii() {
        return Ok(Cow::Borrowed(text.as_bytes()));
    }
    let twins: String = text.chars().map(cp932_twin).collect();
    let mut encoder = SHIFT_JIS.new_encoder();
    // Two bytes are the most that CP932 spends on a character, and no character is shorter than one byte in UTF-8.
    let mut bytes = vec![0; twins.len() * 2 + 4];
    let (result, _, written) =
        encoder.encode_from_utf8_without_replacement(&twins, &mut bytes, true);
    match result {
        EncoderResult::Unmappable(character) => Err(character),
        EncoderResult::InputEmpty | EncoderResult::OutputFull => {
            bytes.truncate(written);
            Ok(Cow::Owned(bytes))
        }
    }
}

/// The character by which CP932 writes the same sign: other systems type 〜, — and ‖ with other code points
/// than Windows does (JIS X 0208 row 1, mapped by Unicode's JIS0208.TXT and by Microsoft's CP932.TXT).
fn cp932_twin(c: char) -> char {
    match c {
        '\u{301C}' => '\u{FF5E}',
        '\u{2014}' => '\u{2015}',
        '\u{2016}' => '\u{2225}',
        '\u{00A2}' => '\u{FFE0}',
        '\u{00A3}' => '\u{FFE1}',
        '\u{00AC}' => '\u{FFE2}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Cancel;

    #[test]
    fn cp932_is_windows_shift_jis() {
        let bytes = |text| encode(TextEncoding::Cp932, text).map(Cow::into_owned);
        assert_eq!(bytes("髙①ｱ"), Ok(vec![0xFB, 0xFC, 0x87, 0x40, 0xB1]));
        assert_eq!(bytes("3〜5"), Ok(vec![b'3', 0x81, 0x60, b'5']));
        assert_eq!(bytes("a😀"), Err('😀'));
    }

    #[test]
    fn a_figure_without_bounds_is_an_error_that_names_its_row_and_never_an_empty_cell() {
        let folder = tempfile::tempdir().unwrap();
        let cancel = Cancel::default();
        let desk = Desk {
            folder: folder.path(),
            lang: Lang::En,
            currency: "JPY",
            style: CsvStyle::default(),
            cancel: &cancel,
        };
        let columns: [Column<(&str, f64)>; 2] =
            [("sku", |r| r.0.into()), ("units", |r| r.1.into())];
        let rows = |figure| [("A", 1.0), ("B", figure)];
        write(&desk, "t.csv", &columns, rows(f64::NAN)).unwrap();
        let said = write(&desk, "t.csv", &columns, rows(f64::INFINITY)).unwrap_err();
        let said = said.message(Lang::En);
        assert!(said.contains("t.csv, row 3 (B), column units"), "{said}");
    }
}
