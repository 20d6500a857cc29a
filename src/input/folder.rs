//! The data folder: which files are which table.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Options;
use super::error::InputError;
use super::identity::Identity;
use super::missing::{MissingColumns, SAYS_STOCK, gathered};
use super::parquet::read_parquet;
use super::problem::Problems;
use super::raw::RawTable;
use super::schema::{
    ALL, BACKORDERS, CALENDAR, CHANNELS, CODES, INBOUND, ITEMS, LISTINGS, LOCATIONS, SALES, SETS,
    STOCK, SUPPLIERS, TableSpec,
};
use super::source::{self, Around, Served};
use super::text_file::read_text;
use crate::config::{Config, InputConfig};
use crate::domain::{Day, FileRead, Finding};

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
    pub listings: Option<RawTable>,
    pub locations: Option<RawTable>,
    pub suppliers: Option<RawTable>,
    pub calendar: Option<RawTable>,
    pub codes: Option<RawTable>,
    pub sets: Option<RawTable>,
    pub files: Vec<FileRead>,
    /// What was found while the files of sources were read.
    pub findings: Vec<Finding>,
    /// The last whole day of sales, where sources tell them.
    pub last_whole_day: Option<Day>,
    /// The stock of channels that `channels` does not say.
    pub served: Served,
    /// Whether the files of sources were recognised without a word of the user's.
    pub recognised: bool,
    /// Codes whose rows went to others.
    pub identity: Identity,
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
                &self.listings,
                &self.locations,
                &self.suppliers,
                &self.calendar,
                &self.codes,
                &self.sets,
            ]
            .into_iter()
            .flatten(),
        )
    }
}

impl RawTables {
    /// Every table whose rows are about a SKU.
    pub(super) fn of_skus(&mut self) -> impl Iterator<Item = &mut RawTable> {
        std::iter::once(&mut self.sales).chain(
            [
                &mut self.stock,
                &mut self.backorders,
                &mut self.inbound,
                &mut self.items,
                &mut self.calendar,
            ]
            .into_iter()
            .flatten(),
        )
    }
}

/// The table whose name a file or folder of the data folder bears.
pub(super) fn own_form(name: &str, folder: bool) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let own = ALL.into_iter().find(|spec| {
        let end = lower.strip_prefix(spec.name);
        if folder {
            end == Some("")
        } else {
            end.is_some_and(|end| matches!(end, ".csv" | ".tsv" | ".parquet"))
        }
    });
    own.map(|spec| spec.name)
}

/// Reads every table of the folder: our own, and those that sources feed.
///
/// # Errors
/// The folder or `sales` is missing, a table has two forms, a file or its header cannot be used. Columns that are
/// missing are told together, those of all files.
pub(super) fn read_folder(
    options: Options<'_>,
    problems: &mut Problems,
) -> Result<RawTables, InputError> {
    let (data, config) = (options.data, options.config);
    if !data.is_dir() {
        return Err(InputError::FolderMissing(data.to_owned()));
    }
    let entries = names_in(data, ".")?;
    let has_sales = entries
        .iter()
        .any(|name| own_form(name, data.join(name).is_dir()) == Some(SALES.name));
    let blocks = source::blocks_of(data, config, has_sales)?;
    // The two large tables keep each other's core busy while one is hashed or sorted.
    let read = |spec: &'static TableSpec| {
        let mut notes = Notes::default();
        if blocks.feed(spec.name) {
            return (Ok(None), notes);
        }
        let table = read_table(data, &entries, config, spec, &mut notes);
        (table, notes)
    };
    let (sales, stock) = rayon::join(|| read(&SALES), || read(&STOCK));
    let (mut files, mut missing) = (Vec::new(), Vec::new());
    let mut taken = |(table, notes): (_, Notes), problems: &mut Problems| {
        problems.append(notes.problems);
        files.extend(notes.files);
        missing.extend(notes.missing);
        table
    };
    let sales: Option<RawTable> = taken(sales, problems)?;
    if sales.is_none() && !blocks.feed(SALES.name) {
        return Err(InputError::SalesMissing {
            folder: data.to_owned(),
            found: entries.clone(),
        });
    }
    let stock: Option<RawTable> = taken(stock, problems)?;
    let mut table = |spec, problems: &mut Problems| taken(read(spec), problems);
    let channels = table(&CHANNELS, problems)?;
    let mut found = {
        let around = Around {
            config,
            own_last: sales
                .as_ref()
                .and_then(|t| t.days("date").iter().copied().max()),
            told: options.as_of,
            channels: channels.as_ref(),
            stock: stock.as_ref(),
        };
        source::read(&blocks, &around, problems)?
    };
    let fed = &mut found.tables;
    let tables = RawTables {
        sales: fed
            .remove(SALES.name)
            .or(sales)
            .unwrap_or_else(|| RawTable::new(&SALES)),
        stock: fed.remove(STOCK.name).or(stock),
        backorders: fed
            .remove(BACKORDERS.name)
            .or(table(&BACKORDERS, problems)?),
        inbound: fed.remove(INBOUND.name).or(table(&INBOUND, problems)?),
        items: fed.remove(ITEMS.name).or(table(&ITEMS, problems)?),
        channels: fed.remove(CHANNELS.name).or(channels),
        listings: table(&LISTINGS, problems)?,
        locations: fed.remove(LOCATIONS.name).or(table(&LOCATIONS, problems)?),
        suppliers: fed.remove(SUPPLIERS.name).or(table(&SUPPLIERS, problems)?),
        calendar: fed.remove(CALENDAR.name).or(table(&CALENDAR, problems)?),
        codes: fed.remove(CODES.name).or(table(&CODES, problems)?),
        sets: fed.remove(SETS.name).or(table(&SETS, problems)?),
        files: Vec::new(),
        findings: found.findings,
        last_whole_day: found.as_of,
        served: found.served,
        recognised: config.source.is_empty() && !blocks.is_empty(),
        identity: Identity::default(),
    };
    files.extend(found.files);
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
            let path = data.join(name.as_str());
            own_form(name, path.is_dir()) == Some(spec.name)
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
