//! `history/` in the data folder: what a run saw of stock that comes as snapshots, one file per as-of that never changes.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use polars::prelude::*;

use super::OutputError;
use super::folder::rename_new;
use crate::domain::{Finding, KEPT_FOLDER, Kept, KeptOrder, KeptStock, Severity};

/// The end of the name of a file that is being written. Such names begin with a point: nothing reads them.
const PART: &str = ".part";
/// A part as old as this was left by a run that was killed.
const LEFT: Duration = Duration::from_secs(86_400);

/// A file that is written and has no name yet. Dropped without [`Self::commit`] it leaves nothing.
#[derive(Debug)]
pub struct Keeping {
    part: PathBuf,
    path: PathBuf,
    done: bool,
}

/// Writes what is to be kept beside its final name; `None` where nothing is, where its file is there already, or where the folder cannot be
/// written, which `findings` are told.
pub fn keep(data: &Path, kept: Option<&Kept>, findings: &mut Vec<Finding>) -> Option<Keeping> {
    written(&data.join(KEPT_FOLDER), kept?).unwrap_or_else(|e| {
        findings.push(Finding::new(Severity::Notice, "history_not_kept").figure("why", e));
        None
    })
}

fn written(folder: &Path, kept: &Kept) -> io::Result<Option<Keeping>> {
    let name = kept.file_name();
    let path = folder.join(&name);
    if fs::symlink_metadata(&path).is_ok() {
        return Ok(None);
    }
    fs::create_dir_all(folder)?;
    clear(folder);
    let part = folder.join(format!(".{name}.{}{PART}", std::process::id()));
    // From here on the part goes away with its owner.
    let keeping = Keeping {
        part,
        path,
        done: false,
    };
    let mut rows = rows(kept).map_err(io::Error::other)?;
    let file = File::create(&keeping.part)?;
    let mut to = BufWriter::new(&file);
    ParquetWriter::new(&mut to)
        .with_compression(ParquetCompression::Zstd(None))
        .finish(&mut rows)
        .map_err(io::Error::other)?;
    to.flush()?;
    drop(to);
    file.sync_all()?;
    Ok(Some(keeping))
}

/// Takes away what killed runs left.
fn clear(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let old = || {
            let modified = entry.metadata().and_then(|m| m.modified());
            modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LEFT))
        };
        if name.starts_with('.') && name.ends_with(PART) && old() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

impl Keeping {
    /// Gives the file its name, unless another run of the same as-of was first.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn commit(mut self) -> Result<(), OutputError> {
        match rename_new(&self.part, &self.path) {
            Ok(()) => {
                self.done = true;
                Ok(())
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(e) => Err(OutputError::writing(&self.path)(e)),
        }
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_file(&self.part);
            // A folder that was made for nothing goes, too; one with files stays.
            if let Some(folder) = self.part.parent() {
                let _ = fs::remove_dir(folder);
            }
        }
    }
}

/// Rows of stock, then open orders, which have a number.
fn rows(kept: &Kept) -> PolarsResult<DataFrame> {
    let (stock, orders) = (&kept.stock, &kept.orders);
    let texts = |name: &str,
                 of_stock: &dyn Fn(&KeptStock) -> Option<String>,
                 of_order: &dyn Fn(&KeptOrder) -> Option<String>| {
        let all: Vec<Option<String>> = stock
            .iter()
            .map(of_stock)
            .chain(orders.iter().map(of_order))
            .collect();
        Column::new(name.into(), all)
    };
    let numbers =
        |name: &str, of_stock: &dyn Fn(&KeptStock) -> f64, of_order: &dyn Fn(&KeptOrder) -> f64| {
            let all: Vec<Option<f64>> = stock
                .iter()
                .map(of_stock)
                .chain(orders.iter().map(of_order))
                .map(|x| (!x.is_nan()).then_some(x))
                .collect();
            Column::new(name.into(), all)
        };
    let days = |name: &str,
                of_stock: &dyn Fn(&KeptStock) -> Option<i32>,
                of_order: &dyn Fn(&KeptOrder) -> Option<i32>| {
        let all: Vec<Option<i32>> = stock
            .iter()
            .map(of_stock)
            .chain(orders.iter().map(of_order))
            .collect();
        Column::new(name.into(), all).cast(&DataType::Date)
    };
    let text = |t: &str| Some(t.to_owned());
    DataFrame::new(
        stock.len() + orders.len(),
        vec![
            days("date", &|s| Some(s.date.0), &|_| Some(kept.as_of.0))?,
            texts("sku", &|s| text(s.sku.as_str()), &|o| text(o.sku.as_str())),
            texts("location", &|s| text(s.location.as_str()), &|o| {
                text(o.location.as_str())
            }),
            numbers("on_hand", &|s| s.on_hand, &|_| f64::NAN),
            numbers("in_stock_fraction", &|s| s.fraction, &|_| f64::NAN),
            texts("state", &|s| s.state.and_then(text), &|_| None),
            texts("po_id", &|_| None, &|o| text(&o.po_id)),
            texts("supplier", &|_| None, &|o| {
                o.supplier.as_ref().and_then(|s| text(s.as_str()))
            }),
            days("ordered_date", &|_| None, &|o| Some(o.ordered.0))?,
            days("expected_date", &|_| None, &|o| o.expected.map(|d| d.0))?,
            numbers("units", &|_| f64::NAN, &|o| o.units),
            numbers("received_units", &|_| f64::NAN, &|o| o.received),
        ],
    )
}
