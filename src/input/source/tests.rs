//! Every preset reads its own sample as it says.

use super::find::{self, Blocks, Found};
use super::preset::{Preset, built_in};
use super::read::{Around, FromSources, read};
use super::stock;
use crate::config::Config;
use crate::domain::Day;
use crate::input::problem::Problems;
use crate::input::raw::{Cells, NO_CODE, NO_DAY, NO_WORD, RawTable};

/// The rows of a table as CSV, in the columns of a header line.
fn csv_of(table: &RawTable, header: &str) -> String {
    let mut out = format!("{header}\n");
    for row in 0..table.rows() {
        let cells = header.split(',').map(|name| {
            let column = &table.columns[table.spec.at(name)];
            match column.as_ref().map(|b| &b.cells) {
                None => String::new(),
                Some(Cells::Day(v)) if v[row] == NO_DAY => String::new(),
                Some(Cells::Day(v)) => Day(v[row]).to_string(),
                Some(Cells::Number(v)) if v[row].is_nan() => String::new(),
                Some(Cells::Number(v)) => v[row].to_string(),
                Some(Cells::Code(v, _)) if v[row] == NO_CODE => String::new(),
                Some(Cells::Code(v, names)) => names.texts()[v[row] as usize].to_string(),
                Some(Cells::Word(v)) if v[row] == NO_WORD => String::new(),
                Some(Cells::Word(v)) => v[row].to_string(),
            }
        });
        out += &(cells.collect::<Vec<_>>().join(",") + "\n");
    }
    out
}

/// Reads one file under a preset; the last day of sales is 31 August 2026.
fn rows_of(preset: &Preset, name: &str, text: &str, header: &str) -> String {
    let dir = tempfile::tempdir().expect("temp dir");
    let path = dir.path().join(name);
    std::fs::write(&path, text).expect("write");
    let found = Found {
        path,
        name: name.to_owned(),
        own: None,
    };
    let config = Config::default();
    let presets = [preset.clone()];
    let known = find::recognise(&found, &presets, &config);
    assert_eq!(known.len(), 1, "{}: {name} is not recognised", preset.name);
    let mut blocks = Blocks::default();
    find::add_guess(&mut blocks, &found, preset.clone());
    let around = Around {
        config: &config,
        own_last: Day::from_ymd(2026, 8, 31).map(|d| d.0),
        told: None,
        channels: None,
        stock: None,
    };
    let mut problems = Problems::default();
    let mut out = FromSources::default();
    if let Some((block, _)) = blocks.blocks.first() {
        out = read(&blocks, &around, &mut problems).expect("read");
        // The only location has its name when all is read; alone it is the shop's.
        for table in out.tables.values_mut() {
            table.rename("location", "shop", stock::ONLY);
        }
        for account in &out.accounts {
            let left: u64 = account.left.values().sum();
            assert_eq!(account.read, account.used + left, "{}", block.name);
        }
    }
    assert!(problems.is_empty(), "{problems:?}");
    let table = out.tables.into_values().next().expect("a table");
    sorted(&csv_of(&table, header))
}

/// Lines behind a header in their order: which row comes first says nothing.
fn sorted(csv: &str) -> String {
    let mut lines: Vec<&str> = csv.lines().collect();
    lines[1..].sort_unstable();
    lines.join("\n")
}

#[test]
fn every_preset_reads_its_sample_as_it_says() {
    for preset in built_in() {
        if preset.rules.left_out.is_some() {
            continue;
        }
        let sample = preset.sample.as_ref().expect("a sample");
        let expected = sorted(sample.rows.trim());
        let header = expected.lines().next().expect("a header");
        let text = sample.text.trim_start();
        let found = rows_of(preset, &sample.file, text, header);
        assert_eq!(found, expected, "{}", preset.name);

        // The same with the columns in another order and one that nobody knows.
        let turned = turned(text);
        let found = rows_of(preset, &sample.file, &turned, header);
        if preset.rules.wide.is_none() {
            assert_eq!(found, expected, "{} in another order", preset.name);
        }
    }
}

/// A sample with its columns the other way round, behind one more.
fn turned(text: &str) -> String {
    let delimiter = if text.lines().next().is_some_and(|l| l.contains('\t')) {
        b'\t'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .quoting(delimiter == b',')
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .quote_style(if delimiter == b',' {
            csv::QuoteStyle::Necessary
        } else {
            csv::QuoteStyle::Never
        })
        .from_writer(Vec::new());
    for (k, record) in reader.records().enumerate() {
        let record = record.expect("record");
        let mut cells = vec![if k == 0 { "My remark" } else { "x" }];
        cells.extend(record.iter().rev());
        writer.write_record(cells).expect("write");
    }
    String::from_utf8(writer.into_inner().expect("written")).expect("text")
}

#[test]
fn no_preset_takes_the_sample_of_another_for_the_same_table() {
    for preset in built_in() {
        let Some(sample) = &preset.sample else {
            continue;
        };
        let dir = tempfile::tempdir().expect("temp dir");
        let path = dir.path().join(&sample.file);
        std::fs::write(&path, sample.text.trim_start()).expect("write");
        let found = Found {
            path,
            name: sample.file.clone(),
            own: None,
        };
        let known = find::recognise(&found, built_in(), &Config::default());
        let names: Vec<&str> = known.iter().map(|p| p.name.as_str()).collect();
        assert!(
            names.contains(&preset.name.as_str()),
            "{}: {names:?}",
            preset.name
        );
    }
}
