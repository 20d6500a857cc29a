//! The data folder: which files are which table.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::InputError;
use super::missing::{MissingColumns, SAYS_STOCK, gathered};
use super::parquet::read_parquet;
use super::problem::Problems;
use super::raw::RawTable;
use super::schema::{
    BACKORDERS, CALENDAR, CHANNELS, INBOUND, ITEMS, LOCATIONS, SALES, STOCK, SUPPLIERS, TableSpec,
};
use super::text_file::read_text;
use crate::config::{Config, InputConfig};
use crate::domain::FileRead;

/// One file of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct TableFile<'a> {
    pub path: &'a Path,
    /// Relative to the data folder.
    pub name: &'a str,
    pub spec: &'static TableSpec,
    pub mapping: Option<&'a BTreeMap<String, String>>,
    pub input: &'a InputConfig,
}

/// All tables as read.
#[derive(Debug)]
pub(super) struct RawTables {
    pub sales: RawTable,
    pub stock: Option<RawTable>,
    pub backorders: Option<RawTable>,
    pub inbound: Option<RawTable>,
    pub items: Option<RawTable>,
    pub channels: Option<RawTable>,
    pub locations: Option<RawTable>,
    pub suppliers: Option<RawTable>,
    pub calendar: Option<RawTable>,
    pub files: Vec<FileRead>,
}

impl RawTables {
    /// Every table that exists.
    pub(super) fn all(&self) -> impl Iterator<Item = &RawTable> {
        std::iter::once(&self.sales).chain(
            [
                &self.stock,
                &self.backorders,
                &self.inbound,
                &self.items,
                &self.channels,
                &self.locations,
                &self.suppliers,
                &self.calendar,
            ]
            .into_iter()
            .flatten(),
        )
    }
}

/// Reads every table of the folder.
///
/// # Errors
/// The folder or `sales` is missing, a table has two forms, a file or its header cannot be used. Columns that are
/// missing are told together, those of all files.
pub(super) fn read_folder(
    data: &Path,
    config: &Config,
    problems: &mut Problems,
) -> Result<RawTables, InputError> {
    if !data.is_dir() {
        return Err(InputError::FolderMissing(data.to_owned()));
    }
    let entries = names_in(data, ".")?;
    // The two large tables keep each other's core busy while one is hashed or sorted.
    let read = |spec| {
        let mut notes = Notes::default();
        let table = read_table(data, &entries, config, spec, &mut notes);
        (table, notes)
    };
    let (sales, stock) = rayon::join(|| read(&SALES), || read(&STOCK));
    let (mut files, mut missing) = (Vec::new(), Vec::new());
    let mut taken = |(table, notes): (_, Notes)| {
        problems.append(notes.problems);
        files.extend(notes.files);
        missing.extend(notes.missing);
        table
    };
    let sales: Option<RawTable> = taken(sales)?;
    let sales = sales.ok_or_else(|| InputError::SalesMissing {
        folder: data.to_owned(),
        found: entries.clone(),
    })?;
    let stock: Option<RawTable> = taken(stock)?;
    let mut table = |spec| taken(read(spec));
    let tables = RawTables {
        sales,
        stock,
        backorders: table(&BACKORDERS)?,
        inbound: table(&INBOUND)?,
        items: table(&ITEMS)?,
        channels: table(&CHANNELS)?,
        locations: table(&LOCATIONS)?,
        suppliers: table(&SUPPLIERS)?,
        calendar: table(&CALENDAR)?,
        files: Vec::new(),
    };
    if let Some(stock) = &tables.stock {
        stock_that_says_nothing(stock, &mut missing);
    }
    if !missing.is_empty() {
        return Err(InputError::ColumnsMissing(gathered(missing)));
    }
    Ok(RawTables { files, ..tables })
}

/// What the reading of one table leaves beside its rows.
#[derive(Default)]
struct Notes {
    problems: Problems,
    files: Vec<FileRead>,
    missing: Vec<MissingColumns>,
}

/// At least one file of `stock` needs a column that says something about stock.
fn stock_that_says_nothing(stock: &RawTable, missing: &mut Vec<MissingColumns>) {
    let speaks = SAYS_STOCK.iter().any(|c| stock.has(c));
    let mut told = false;
    for group in missing.iter_mut().filter(|g| g.table == stock.spec.name) {
        group.silent &= !speaks;
        told = true;
    }
    if !speaks && !told {
        missing.push(MissingColumns {
            files: stock.parts.iter().map(|p| p.file.clone()).collect(),
            table: stock.spec.name,
            columns: Vec::new(),
            silent: true,
            found: headers_of(stock),
            unread: stock.unknown_columns.clone(),
        });
    }
}

/// The headers of a table's files: those that are read, in the order of the contract, then the others.
fn headers_of(table: &RawTable) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let read = table.parts.iter().flat_map(|p| p.headers.iter().flatten());
    for header in read.chain(&table.unknown_columns) {
        if !out.contains(header) {
            out.push(header.clone());
        }
    }
    out
}

/// The names in a folder, sorted, hidden ones and Excel's lock files left out.
fn names_in(folder: &Path, shown: &str) -> Result<Vec<String>, InputError> {
    let unreadable = |e: std::io::Error| InputError::Unreadable {
        file: shown.to_owned(),
        why: e.to_string(),
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let name = entry
            .map_err(unreadable)?
            .file_name()
            .to_string_lossy()
            .into_owned();
        if !name.starts_with('.') && !name.starts_with("~$") {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Whether a file name ends as a table's does.
fn is_table_file(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".csv", ".tsv", ".parquet"]
        .iter()
        .any(|end| name.ends_with(end))
}

fn read_table(
    data: &Path,
    entries: &[String],
    config: &Config,
    spec: &'static TableSpec,
    notes: &mut Notes,
) -> Result<Option<RawTable>, InputError> {
    let forms: Vec<&String> = entries
        .iter()
        .filter(|name| {
            let lower = name.to_ascii_lowercase();
            let path = data.join(name.as_str());
            let file = lower
                .strip_prefix(spec.name)
                .is_some_and(|end| matches!(end, ".csv" | ".tsv" | ".parquet"));
            (file && path.is_file()) || (lower == spec.name && path.is_dir())
        })
        .collect();
    let form = match forms[..] {
        [] => return Ok(None),
        [form] => form,
        _ => {
            return Err(InputError::TwoForms {
                table: spec.name,
                names: forms.into_iter().cloned().collect(),
            });
        }
    };
    let path = data.join(form);
    let members: Vec<(PathBuf, String)> = if path.is_dir() {
        names_in(&path, form)?
            .into_iter()
            .filter(|name| is_table_file(name) && path.join(name).is_file())
            .map(|name| (path.join(&name), format!("{form}/{name}")))
            .collect()
    } else {
        vec![(path, form.clone())]
    };
    if members.is_empty() {
        return Err(InputError::FolderEmpty {
            folder: form.clone(),
        });
    }
    let mut table = RawTable::new(spec);
    for (path, name) in &members {
        let source = TableFile {
            path,
            name,
            spec,
            mapping: config.columns.get(spec.name),
            input: &config.input,
        };
        let parquet = name.to_ascii_lowercase().ends_with(".parquet");
        let read = if parquet {
            read_parquet(source, &mut table, &mut notes.problems)
        } else {
            read_text(source, &mut table, &mut notes.problems)
        };
        match read {
            Ok(read) => notes.files.push(read),
            // The other files are looked at too, so that all is told at once.
            Err(InputError::ColumnsMissing(missing)) => notes.missing.extend(missing),
            Err(e) => return Err(e),
        }
    }
    Ok(Some(table))
}
