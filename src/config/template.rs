//! `restock init`: a commented configuration and one empty table per input.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::columns::TABLES;
use crate::text::{Lang, text};

/// Why templates were not written.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// Files that exist already; nothing was written.
    #[error("{}", self.render(Lang::En))]
    Exists(Vec<PathBuf>),
    #[error("{}", self.render(Lang::En))]
    Io { path: PathBuf, why: String },
}

impl InitError {
    /// The message for a person.
    pub fn render(&self, lang: Lang) -> String {
        match self {
            Self::Exists(paths) => {
                let names: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
                text(lang, "finding.init_exists", &[("files", &names.join(", "))])
            }
            Self::Io { path, why } => text(
                lang,
                "finding.init_failed",
                &[("file", &path.display().to_string()), ("why", why)],
            ),
        }
    }
}

/// The commented `restock.toml`: every key with its default, commented out where it has none.
pub fn template() -> String {
    let mut out = String::from(HEAD);
    out.push_str(
        "\n# Your own headers, when they differ from the contract's. Left: our column; right: your header.\n\
         # \"=rakuten\" gives every row the same value; \"item + variant\" joins two headers to one code.\n",
    );
    for table in TABLES {
        let _ = writeln!(out, "# [columns.{}]", table.table);
        for column in table.columns.iter().take(4) {
            let _ = writeln!(out, "# {column} = \"...\"");
        }
        if table.columns.len() > 4 {
            let _ = writeln!(out, "# also: {}", table.columns[4..].join(", "));
        }
    }
    out
}

const HEAD: &str = r#"# Configuration of restock. Every key is optional; the values below are the defaults.
# A value on an item beats one on its supplier, then its channel, then this file.

[input]
grain = "day"                     # "week": a row carries its week's first date
sales_include_backorders = false  # true when `sales` already holds the orders listed in `backorders`
encoding = "auto"                 # of text tables: "auto", "utf-8", "cp932"
# date_order = "mdy"              # only for dates such as 05/06/2026: "mdy" or "dmy"

[policy]
service_measure = "fill"          # "fill": share of units served at once; "cycle": chance of no stockout in a cycle; "cost"
service_level = 0.95              # above 0, below 1
lead_time_days = 14.0             # only where neither items, suppliers nor receipts say
lead_time_sd = 3.0
review_days = 7                   # days from one order to the next
method = "auto"                   # "textbook": z·σ·√(L+R) on recovered demand, for comparison
holding_rate_per_year = 0.25      # share of the unit cost that a year in stock costs
# holding_cost_per_unit_day = 0.01    # default: unit_cost × holding_rate_per_year / 365
# lost_sale_cost_per_unit = 5.0       # default: price − unit_cost
# backorder_cost_per_unit_day = 0.1

[backorders]
max_wait_days = 30                # beyond it, stop accepting
notify_within_hours = 24
allow_without_arrival_date = false
allocate_by = "promise_date"      # who gets scarce units; "channel": each channel its share of every receipt

[report]
lang = "en"                       # "ja"
currency = "JPY"
"#;

/// Writes `restock.toml` and one template per input table (its header line) into `dir`, which is made if need be.
/// Returns what was written.
///
/// # Errors
/// When one of the files exists already (nothing is written then), or the disk refuses.
pub fn init(dir: &Path) -> Result<Vec<PathBuf>, InitError> {
    let mut files = vec![(dir.join("restock.toml"), template())];
    for table in TABLES {
        files.push((
            dir.join(format!("{}.csv", table.table)),
            format!("{}\n", table.columns.join(",")),
        ));
    }
    let taken: Vec<PathBuf> = files
        .iter()
        .map(|(path, _)| path.clone())
        .filter(|path| path.symlink_metadata().is_ok())
        .collect();
    if !taken.is_empty() {
        return Err(InitError::Exists(taken));
    }
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |e: std::io::Error| InitError::Io {
            path,
            why: e.to_string(),
        }
    };
    std::fs::create_dir_all(dir).map_err(failed(dir))?;
    for (path, content) in &files {
        // `create_new`: a file that appeared since the check above is not overwritten either.
        std::fs::File::create_new(path)
            .and_then(|mut f| f.write_all(content.as_bytes()))
            .map_err(failed(path))?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, load};

    #[test]
    fn the_template_is_the_default_configuration() {
        let dir = tempfile::tempdir().expect("temp dir");
        let written = init(&dir.path().join("new")).expect("init");
        assert_eq!(written.len(), 1 + TABLES.len());
        assert_eq!(
            load(&written[0]).expect("template loads"),
            Config::default()
        );
    }

    #[test]
    fn an_existing_file_stops_everything() {
        let dir = tempfile::tempdir().expect("temp dir");
        std::fs::write(dir.path().join("stock.csv"), "mine").expect("write");
        let message = init(dir.path()).expect_err("refuses").to_string();
        assert!(message.contains("stock.csv"), "{message}");
        assert!(!dir.path().join("restock.toml").exists());
    }
}
