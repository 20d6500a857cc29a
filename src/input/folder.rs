//! The data folder: which files are which table.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::InputError;
use super::parquet_file::read_parquet;
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
/// The folder or `sales` is missing, a table has two forms, a file or its header cannot be used.
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
        let (mut problems, mut files) = (Problems::default(), Vec::new());
        let table = read_table(data, &entries, config, spec, &mut problems, &mut files);
        (table, problems, files)
    };
    let (sales, stock) = rayon::join(|| read(&SALES), || read(&STOCK));
    let mut files = Vec::new();
    let mut taken = |(table, found, read): (_, Problems, Vec<FileRead>)| {
        problems.append(found);
        files.extend(read);
        table
    };
    let sales: Option<RawTable> = taken(sales)?;
    let sales = sales.ok_or_else(|| InputError::SalesMissing {
        folder: data.to_owned(),
        found: entries.clone(),
    })?;
    let stock: Option<RawTable> = taken(stock)?;
    if let Some(stock) = &stock
        && !["on_hand", "in_stock_fraction", "state"]
            .iter()
            .any(|c| stock.has(c))
    {
        return Err(InputError::StockSaysNothing {
            file: stock
                .parts
                .first()
                .map_or_else(|| "stock".to_owned(), |p| p.file.clone()),
            found: stock.unknown_columns.clone(),
        });
    }
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
    Ok(RawTables { files, ..tables })
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
    problems: &mut Problems,
    files: &mut Vec<FileRead>,
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
            read_parquet(source, &mut table, problems)?
        } else {
            read_text(source, &mut table, problems)?
        };
        files.push(read);
    }
    Ok(Some(table))
}
