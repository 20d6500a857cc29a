//! Which files lie in the data folder, and which block reads each.

use std::path::{Path, PathBuf};

use super::fault::fault;
use super::fill::Headers;
use super::preset::{OWN, Preset, presets_of, recognised};
use super::sheet::{Opened, is_readable};
use super::stage::Block;
use crate::config::{Config, Source};
use crate::input::error::InputError;
use crate::input::folder::own_form;
use crate::input::schema::{ALL, TableSpec};

/// Folders of the data folder that hold no exports: what plans keep of stock that they saw.
const KEPT: [&str; 1] = ["history"];

/// A file that may be an export.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub path: PathBuf,
    /// Relative to the data folder, with `/`.
    pub name: String,
    /// The table whose name it bears.
    pub own: Option<&'static str>,
}

/// The blocks of a folder and the files of each.
#[derive(Debug, Default)]
pub(in crate::input) struct Blocks {
    pub(super) blocks: Vec<(Block, Vec<Found>)>,
    /// Files whose form is known and cannot be used: file, preset's place in titles, key of the reason.
    pub(super) left_out: Vec<(String, Preset, String)>,
    /// Files that no block takes.
    pub(super) untaken: Vec<String>,
    /// Tables whose own files are read although a block feeds them: the block names them.
    pub(super) own_read: Vec<&'static str>,
}

impl Blocks {
    /// Whether some block feeds a table.
    pub(in crate::input) fn feed(&self, table: &str) -> bool {
        self.blocks.iter().any(|(b, _)| b.spec.name == table)
    }

    pub(in crate::input) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }
}

/// The readable files of a folder, two levels deep, by name.
pub(super) fn files_of(data: &Path) -> Result<Vec<Found>, InputError> {
    let mut found = Vec::new();
    walk(data, "", 0, &mut found)?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn walk(
    folder: &Path,
    before: &str,
    depth: usize,
    found: &mut Vec<Found>,
) -> Result<(), InputError> {
    let shown = if before.is_empty() { "." } else { before };
    let failed = |e: std::io::Error| super::stage::unreadable(shown, e.to_string());
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let bare = entry.file_name().to_string_lossy().into_owned();
        if bare.starts_with('.') || bare.starts_with("~$") {
            continue;
        }
        let name = format!("{before}{bare}");
        let path = entry.path();
        if path.is_dir() {
            let kept = depth == 0 && (KEPT.contains(&bare.as_str()) || bare == OWN);
            // A plan folder holds tables of its own.
            let plan = path.join("run.json").exists() || path.join("recommendations.csv").exists();
            let own = depth == 0 && own_form(&bare, true).is_some();
            if depth < 2 && !kept && !plan && !own {
                walk(&path, &format!("{name}/"), depth + 1, found)?;
            }
        } else if is_readable(&bare) {
            let own = if depth == 0 {
                own_form(&bare, false)
            } else {
                None
            };
            found.push(Found { path, name, own });
        }
    }
    Ok(())
}

/// The table of a name.
fn spec_of(table: &str) -> Option<&'static TableSpec> {
    ALL.into_iter().find(|spec| spec.name == table)
}

/// What a file is: the presets that know its header line.
pub(super) fn recognise(found: &Found, presets: &[Preset], config: &Config) -> Vec<Preset> {
    let Ok(opened) = Opened::read(&found.path, config.input.encoding, true) else {
        return Vec::new();
    };
    for (_, head) in opened.heads() {
        for (_, cells) in head {
            if cells.len() < 2 {
                continue;
            }
            let known = recognised(presets, &Headers::new(cells));
            if !known.is_empty() {
                return known.into_iter().cloned().collect();
            }
        }
    }
    Vec::new()
}

/// Whether a file that bears the name of a table has that table's columns.
fn has_own_columns(found: &Found, spec: &TableSpec, config: &Config) -> bool {
    if config.columns.contains_key(spec.name) {
        return true;
    }
    let Ok(opened) = Opened::read(&found.path, config.input.encoding, true) else {
        return true;
    };
    let heads = opened.heads();
    let Some((_, cells)) = heads.first().and_then(|(_, head)| head.first()) else {
        return true;
    };
    let headers = Headers::new(cells.clone());
    let required = spec.columns.iter().filter(|c| c.required);
    required.into_iter().all(|c| headers.has(c.name))
}

/// The blocks of a data folder: as the configuration tells them, else as its files are recognised.
///
/// # Errors
/// A preset of the user's that cannot be read, a glob that matches no file, our own table beside a source that feeds it, or files of which
/// some are known and some not.
pub(in crate::input) fn blocks_of(
    data: &Path,
    config: &Config,
    has_sales: bool,
) -> Result<Blocks, InputError> {
    let files = files_of(data)?;
    if config.source.is_empty() && !files.iter().any(|f| f.own.is_none()) && has_sales {
        return Ok(Blocks::default());
    }
    let presets = presets_of(data)
        .map_err(|(file, why)| fault("preset_unreadable", &[("file", &file), ("why", &why)]))?;
    let blocks = if config.source.is_empty() {
        guessed(&files, &presets, config, has_sales)?
    } else {
        told(&files, &presets, config)?
    };
    beside(&blocks, &files, data)?;
    Ok(blocks)
}

/// The blocks of the configuration.
fn told(files: &[Found], presets: &[Preset], config: &Config) -> Result<Blocks, InputError> {
    let mut blocks = Blocks::default();
    let mut taken: Vec<(&str, &str)> = Vec::new();
    let mut named: Vec<&str> = Vec::new();
    let skipped = |found: &Found, format: Option<&String>| {
        config.source.iter().any(|block| {
            block.skip == Some(true)
                && (block.format.is_none() || block.format.as_ref() == format)
                && block
                    .files
                    .globs()
                    .iter()
                    .any(|glob| matches(glob, &found.name))
        })
    };
    for typed in &config.source {
        let preset = match &typed.format {
            None => None,
            Some(format) => {
                let known = presets.iter().find(|p| p.name == *format);
                Some(known.ok_or_else(|| unknown_format(format, presets))?)
            }
        };
        let rules = match preset {
            Some(preset) => typed.clone().over(&preset.rules),
            None => typed.clone(),
        };
        let globs = typed.files.globs();
        let shown = globs.join(", ");
        let mut matched = Vec::new();
        for found in files {
            if globs.iter().any(|glob| matches(glob, &found.name)) {
                matched.push(found);
            }
        }
        if matched.is_empty() {
            return Err(fault("source_no_files", &[("files", &shown)]));
        }
        named.extend(matched.iter().map(|f| f.name.as_str()));
        if let (Some(reason), Some(preset)) = (&rules.left_out, preset) {
            for found in &matched {
                let left = (found.name.clone(), preset.clone(), reason.clone());
                blocks.left_out.push(left);
            }
            continue;
        }
        let Some(spec) = rules.table.as_deref().and_then(spec_of) else {
            return Err(fault("source_without_table", &[("files", &shown)]));
        };
        // What some block skips is not read by another of its kind.
        matched.retain(|f| !skipped(f, typed.format.as_ref()));
        if matched.is_empty() {
            continue;
        }
        // A file is read once for each table, by the first block that names it.
        matched.retain(|f| !taken.contains(&(f.name.as_str(), spec.name)));
        taken.extend(matched.iter().map(|f| (f.name.as_str(), spec.name)));
        if matched.iter().any(|f| f.own == Some(spec.name)) {
            blocks.own_read.push(spec.name);
        }
        let block = Block {
            rules,
            typed: typed.clone(),
            preset: preset.cloned(),
            spec,
            name: typed.format.clone().unwrap_or(shown),
        };
        blocks
            .blocks
            .push((block, matched.into_iter().cloned().collect()));
    }
    let untaken = files
        .iter()
        .filter(|f| f.own.is_none() && !named.contains(&f.name.as_str()));
    blocks.untaken = untaken.map(|f| f.name.clone()).collect();
    Ok(blocks)
}

/// The blocks that the files of a folder make by themselves.
fn guessed(
    files: &[Found],
    presets: &[Preset],
    config: &Config,
    has_sales: bool,
) -> Result<Blocks, InputError> {
    let mut blocks = Blocks::default();
    let mut unknown = Vec::new();
    for found in files {
        if let Some(own) = found.own
            && spec_of(own).is_none_or(|spec| has_own_columns(found, spec, config))
        {
            continue;
        }
        let known = recognise(found, presets, config);
        if known.is_empty() {
            if let Some(spec) = own_in_another_form(found, files, config) {
                blocks
                    .blocks
                    .push((own_block(found, spec), vec![found.clone()]));
            } else if found.own.is_none() {
                unknown.push(found.name.clone());
            }
            continue;
        }
        for preset in known {
            add_guess(&mut blocks, found, preset);
        }
    }
    let mut taken = blocks.blocks.iter().flat_map(|(_, files)| files);
    let has_sales = has_sales && !taken.any(|f| f.own == Some("sales"));
    let both = |(block, _): &(Block, Vec<Found>)| {
        let own = files.iter().any(|f| f.own == Some(block.spec.name));
        own || block.spec.name == "sales"
    };
    if has_sales && !blocks.blocks.iter().any(both) {
        // Our own tables are planned; what else lies there is named.
        let known = blocks.blocks.iter().flat_map(|(_, files)| files);
        let mut untaken: Vec<String> = known.map(|f| f.name.clone()).collect();
        untaken.dedup();
        return Ok(Blocks {
            untaken,
            ..Blocks::default()
        });
    }
    if !blocks.is_empty() && !unknown.is_empty() && !has_sales {
        let known: Vec<String> = blocks
            .blocks
            .iter()
            .flat_map(|(b, f)| f.iter().map(|f| format!("{} ({})", f.name, b.name)))
            .collect();
        return Err(fault(
            "source_unrecognised",
            &[
                ("unknown", &unknown.join(", ")),
                ("known", &known.join(", ")),
            ],
        ));
    }
    blocks.untaken = unknown;
    Ok(blocks)
}

/// The table of a workbook, text or packed file that bears its name and has its columns: `sales.xlsx`.
fn own_in_another_form(
    found: &Found,
    files: &[Found],
    config: &Config,
) -> Option<&'static TableSpec> {
    let stem = found.name.split('.').next()?.to_ascii_lowercase();
    let spec = spec_of(&stem)?;
    let other = files.iter().any(|f| f.own == Some(spec.name));
    (found.own.is_none() && !other && has_own_columns(found, spec, config)).then_some(spec)
}

/// The block of a table of ours in another form.
fn own_block(found: &Found, spec: &'static TableSpec) -> Block {
    Block {
        rules: Source {
            table: Some(spec.name.to_owned()),
            ..Source::default()
        },
        typed: Source::default(),
        preset: None,
        spec,
        name: found.name.clone(),
    }
}

/// Puts a file into the block of its preset.
pub(super) fn add_guess(blocks: &mut Blocks, found: &Found, preset: Preset) {
    if let Some(reason) = &preset.rules.left_out {
        let reason = reason.clone();
        blocks.left_out.push((found.name.clone(), preset, reason));
        return;
    }
    let Some(spec) = preset.rules.table.as_deref().and_then(spec_of) else {
        return;
    };
    let name = preset.name.clone();
    match blocks.blocks.iter_mut().find(|(b, _)| b.name == name) {
        Some((_, files)) => files.push(found.clone()),
        None => {
            let block = Block {
                rules: preset.rules.clone(),
                typed: Source::default(),
                preset: Some(preset),
                spec,
                name,
            };
            blocks.blocks.push((block, vec![found.clone()]));
        }
    }
}

/// Our own table beside a source that feeds it: which of them counts is the shop's to say.
fn beside(blocks: &Blocks, files: &[Found], data: &Path) -> Result<(), InputError> {
    for (block, of) in &blocks.blocks {
        let table = block.spec.name;
        if blocks.own_read.contains(&table) {
            continue;
        }
        let taken = |f: &Found| {
            let mut all = blocks.blocks.iter();
            all.any(|(_, files)| files.iter().any(|other| other.name == f.name))
        };
        let own = files
            .iter()
            .find(|f| f.own == Some(table) && !taken(f))
            .map(|f| f.name.clone())
            .or_else(|| {
                let parquet = format!("{table}.parquet");
                let there = data.join(&parquet).exists();
                there.then_some(parquet)
            })
            .or_else(|| data.join(table).is_dir().then(|| format!("{table}/")));
        if let Some(own) = own {
            let others: Vec<&str> = of.iter().map(|f| f.name.as_str()).collect();
            return Err(fault(
                "own_beside_source",
                &[
                    ("own", &own),
                    ("table", table),
                    ("files", &others.join(", ")),
                ],
            ));
        }
    }
    Ok(())
}

fn unknown_format(format: &str, presets: &[Preset]) -> InputError {
    let names: Vec<&str> = presets.iter().map(|p| p.name.as_str()).collect();
    fault(
        "unknown_format",
        &[("format", format), ("known", &names.join(", "))],
    )
}

/// Whether a glob names a file; letter case says nothing.
fn matches(glob: &str, name: &str) -> bool {
    let options = glob::MatchOptions {
        case_sensitive: false,
        require_literal_separator: true,
        require_literal_leading_dot: false,
    };
    glob::Pattern::new(glob.trim_start_matches("./"))
        .map_or(glob == name, |p| p.matches_with(name, options))
}

/// A glob that names files like these as they come again (`orders_export_*.csv`), and no other file of the folder; else their names.
pub(super) fn globs_for(names: &[String], others: &[String]) -> Vec<String> {
    let mut globs: Vec<String> = Vec::new();
    for name in names {
        // Digits change from one export to the next.
        let with = |digits: &str| {
            let mut general = String::new();
            for c in name.chars() {
                if c.is_ascii_digit() {
                    if !general.ends_with(digits) {
                        general.push_str(digits);
                    }
                } else if "[]?*".contains(c) {
                    general.push('?');
                } else {
                    general.push(c);
                }
            }
            general
        };
        let free = |glob: &String| !others.iter().any(|other| matches(glob, other));
        let glob = [with("*"), with("[0-9]*")]
            .into_iter()
            .find(free)
            .unwrap_or_else(|| glob::Pattern::escape(name));
        if !globs.contains(&glob) {
            globs.push(glob);
        }
    }
    globs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_name_the_files_that_come_again() {
        let names = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let months = names(&["orders_202601.txt", "orders_202602.txt"]);
        assert_eq!(globs_for(&months, &[]), ["orders_*.txt"]);
        let numbered = globs_for(&months, &names(&["orders_wide.txt"]));
        assert_eq!(numbered, ["orders_[0-9]*.txt"]);
        let exact = globs_for(&months, &names(&["orders_9.txt"]));
        assert_eq!(exact, ["orders_202601.txt", "orders_202602.txt"]);
        assert!(matches("2026/*.CSV", "2026/a.csv") && !matches("*.csv", "2026/a.csv"));
    }
}
