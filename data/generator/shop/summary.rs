//! The shop in numbers, as `README.md` shows them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use super::catalogue::{CHANNELS, Item};
use super::truth::{Event, events};
use super::world::World;
use super::{AS_OF, FIRST};

/// The two blocks of `README.md` that are computed.
#[derive(Debug)]
pub struct Summary {
    /// Sizes, sales and losses.
    pub numbers: String,
    /// The planned events.
    pub events: String,
}

impl Summary {
    /// Counts what was written to `folder`.
    pub fn of(folder: &Path, items: &[Item], world: &World) -> io::Result<Self> {
        let mut numbers = String::new();
        totals(&mut numbers, items, world);
        files(&mut numbers, folder)?;
        let mut planned = String::from(
            "| event | SKU | where | from | to | units |\n| --- | --- | --- | --- | --- | ---: |\n",
        );
        for e in events(items, world) {
            let _ = writeln!(
                planned,
                "| {} | {} | {} | {} | {} | {} |",
                e.event,
                e.sku,
                place(&e),
                e.from,
                e.to,
                e.units
            );
        }
        Ok(Self {
            numbers,
            events: planned,
        })
    }

    /// The text of `README.md` with both blocks renewed.
    pub fn refresh(&self, readme: &str) -> String {
        let text = replace(readme, "numbers", &self.numbers);
        replace(&text, "events", &self.events)
    }
}

/// The lines between `<!-- NAME -->` and `<!-- end of NAME -->` replaced.
fn replace(text: &str, name: &str, block: &str) -> String {
    let (open, close) = (
        format!("<!-- {name} -->\n"),
        format!("<!-- end of {name} -->"),
    );
    match (text.split_once(&open), text.split_once(&close)) {
        (Some((before, _)), Some((_, after))) => format!("{before}{open}{block}{close}{after}"),
        _ => text.to_owned(),
    }
}

fn place(event: &Event) -> String {
    [event.channel, event.location, event.supplier]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

fn totals(out: &mut String, items: &[Item], world: &World) {
    let sum = |table: &[[Vec<u32>; 4]], c: usize| -> u64 {
        table
            .iter()
            .flat_map(|item| &item[c])
            .map(|&units| u64::from(units))
            .sum()
    };
    let _ = writeln!(
        out,
        "{} SKUs, {} to {}, {} series (SKU × channel).\n",
        items.len(),
        FIRST,
        AS_OF,
        series(items)
    );
    let _ = writeln!(
        out,
        "| channel | series | demand | sold | backordered | lost | lost share |"
    );
    let _ = writeln!(out, "| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    let mut all = [0; 5];
    let row = |out: &mut String, name: &str, figures: [u64; 5]| {
        let [n, demand, sold, waiting, lost] = figures;
        let share = 100.0 * lost as f64 / demand.max(1) as f64;
        let _ = writeln!(
            out,
            "| {name} | {n} | {demand} | {sold} | {waiting} | {lost} | {share:.1} % |"
        );
    };
    for (c, channel) in CHANNELS.iter().enumerate() {
        let (demand, sold, lost) = (
            sum(&world.demand, c),
            sum(&world.sold, c),
            sum(&world.lost, c),
        );
        let n = items.iter().filter(|item| item.share[c] > 0.0).count() as u64;
        let figures = [n, demand, sold, demand - sold.min(demand) - lost, lost];
        all = std::array::from_fn(|k| all[k] + figures[k]);
        row(out, channel, figures);
    }
    row(out, "all", all);
    out.push('\n');
}

fn series(items: &[Item]) -> usize {
    items
        .iter()
        .map(|item| item.share.iter().filter(|&&share| share > 0.0).count())
        .sum()
}

/// Bytes of every generated file, and rows of the text files.
fn files(out: &mut String, folder: &Path) -> io::Result<()> {
    let mut sizes = BTreeMap::new();
    for (prefix, at) in [("", folder.to_owned()), ("truth/", folder.join("truth"))] {
        for file in fs::read_dir(at)? {
            let file = file?;
            let name = format!("{prefix}{}", file.file_name().to_string_lossy());
            if name.ends_with(".csv") || name.ends_with(".parquet") {
                let bytes = fs::read(file.path())?;
                let rows = name
                    .ends_with(".csv")
                    .then(|| bytes.iter().filter(|&&b| b == b'\n').count() - 1);
                sizes.insert(name, (rows, bytes.len()));
            }
        }
    }
    let _ = writeln!(out, "| file | rows | bytes |\n| --- | ---: | ---: |");
    let mut total = 0;
    for (name, (rows, bytes)) in sizes {
        total += bytes;
        let rows = rows.map_or_else(String::new, |rows| rows.to_string());
        let _ = writeln!(out, "| {name} | {rows} | {bytes} |");
    }
    let _ = writeln!(out, "| all | | {total} |");
    Ok(())
}
