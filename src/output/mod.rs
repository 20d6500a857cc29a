//! The plan folder: one file per table, all of them or none.
//!
//! [`write`] puts every file into a temporary folder beside the final one; the two change places when it is complete, so
//! that a plan folder is never seen half written and a failed run leaves the earlier one alone.

mod backorder_policy;
mod backorder_what_if;
mod backorders;
mod backtest;
mod cash;
mod changes;
mod demand;
mod desk_summary;
mod earlier;
mod error;
mod exceptions;
mod figure;
mod folder;
mod forecast;
mod history;
mod preorders;
mod purchase_orders;
mod reason;
mod recommendations;
mod run;
mod stock_record;
mod stockout_summary;
mod stockouts;
mod substitution;
mod summary;
mod table;
mod transfers;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use self::folder::Kind;
use crate::config::Config;
use crate::domain::{Finding, Plan, Severity};
use crate::insight::notice::{self, Notice};
use crate::text::Lang;

pub use backtest::{BACKTEST, write_backtest};
pub use cash::{Cash, Rationing, Transfers, Worth};
pub use desk_summary::{Preorders, WaitCapture, Waiting, WhatIf};
pub use error::OutputError;
pub use exceptions::{finding_title, message, remedy};
pub use figure::{figure, neutral};
pub use folder::{Placed, check_backtest_out, check_out};
pub use history::{Keeping, keep};
pub use purchase_orders::{PurchaseOrder, purchase_orders};
pub use reason::reason;
pub use stock_record::{StockRecord, stock_record};
pub use stockouts::{evidence, stockout_remedy};
pub use substitution::{Substitution, Tried};
pub use summary::{
    FindingCount, Findings, HiddenDemand, HiddenItem, LookFirst, Orders, Service, Stock, Summary,
    UrgentOrder, summary,
};
pub use table::{CsvStyle, TextEncoding};

/// A plan folder that is complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// Its final path, and what of an earlier folder there was kept in it.
    pub placed: Placed,
    /// What its `summary.json` says.
    pub summary: Summary,
    /// The earlier plan that `changes.csv` compares with.
    pub compared: Option<PathBuf>,
}

/// Where the earlier plan is, that `changes.csv` compares with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Previous {
    /// The plan with the newest as-of before this one, of those beside the output folder and the one that is replaced: told
    /// by their `run.json`, whatever the folders are called.
    #[default]
    Newest,
    /// This folder; it must hold a `recommendations.csv`.
    Folder(PathBuf),
}

/// What is written, and how.
#[derive(Clone, Debug)]
pub struct WriteOptions {
    /// The plan folder's final name. An earlier plan folder there is replaced; what in it is not ours is kept.
    pub out: PathBuf,
    pub previous: Previous,
    /// Language of messages, reasons and summaries.
    pub lang: Lang,
    pub csv: CsvStyle,
    /// Also write `demand.csv` beside `demand.parquet`.
    pub demand_csv: bool,
}

impl WriteOptions {
    /// The defaults for a folder: English, UTF-8, no `demand.csv`, the newest earlier plan.
    pub fn new(out: impl Into<PathBuf>) -> Self {
        Self {
            out: out.into(),
            previous: Previous::Newest,
            lang: Lang::En,
            csv: CsvStyle::default(),
            demand_csv: false,
        }
    }
}

/// A wish to stop, from Ctrl-C or from a caller. Looked at between files and within long ones.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks the writer to stop and to leave everything as it was.
    pub fn request(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether somebody asked to stop.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn check(&self) -> Result<(), OutputError> {
        if self.is_requested() {
            Err(OutputError::Cancelled)
        } else {
            Ok(())
        }
    }
}

/// What the files of one plan are written with.
#[derive(Debug)]
struct Desk<'a> {
    folder: &'a Path,
    lang: Lang,
    currency: &'a str,
    style: CsvStyle,
    cancel: &'a Cancel,
}

/// Whether the earlier plan that was named can be compared with. Worth asking before the work as well as after it.
///
/// # Errors
/// [`OutputError::Previous`] for a folder without a readable `recommendations.csv`.
pub fn check_previous(previous: &Previous) -> Result<(), OutputError> {
    match previous {
        Previous::Newest => Ok(()),
        Previous::Folder(folder) => earlier::read_named(folder).map(|_| ()),
    }
}

/// What the customer of each open line must be told, as `backorders.csv` says it: in the order of `plan.backorders.lines`.
pub fn notices(plan: &Plan, options: &WriteOptions) -> Vec<Option<Notice>> {
    let folder = earlier::folder(&options.out, plan, &options.previous);
    let told = folder.and_then(|folder| backorders::told(&folder));
    notice::notices(&plan.backorders.lines, plan.as_of, told.as_ref())
        .into_iter()
        .map(|told| told.notice)
        .collect()
}

/// Writes the plan folder.
///
/// `draw` is given the temporary folder's `charts/` and fills it before the folder gets its final name.
///
/// # Errors
/// [`OutputError`] when the folder is not a plan folder, a character does not exist in the encoding, the drawing or the
/// disk fails, or `cancel` was requested. In every case the earlier folder is as it was and nothing temporary is left.
pub fn write<E>(
    plan: &Plan,
    config: &Config,
    options: &WriteOptions,
    cancel: &Cancel,
    draw: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<Written, OutputError>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    write_with(plan, config, options, cancel, |charts, _| draw(charts))
}

/// As [`write`], with a `draw` that is also given the totals, for a page of its own beside `charts/`.
///
/// # Errors
/// As [`write`].
pub fn write_with<E>(
    plan: &Plan,
    config: &Config,
    options: &WriteOptions,
    cancel: &Cancel,
    draw: impl FnOnce(&Path, &Summary) -> Result<(), E>,
) -> Result<Written, OutputError>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let started = Instant::now();
    cancel.check()?;
    folder::recover(&options.out, Kind::Plan)?;
    let mut findings = plan.findings.clone();
    let earlier = earlier::find(&options.out, plan, &options.previous)?;
    let previous = match earlier {
        earlier::Found::None => {
            findings.push(Finding::new(Severity::Notice, "no_previous_plan"));
            None
        }
        earlier::Found::OtherData(folder) => {
            findings.push(
                Finding::new(Severity::Notice, "previous_plan_of_other_data")
                    .figure("folder", folder.display()),
            );
            None
        }
        earlier::Found::Unreadable(why) => {
            findings.push(
                Finding::new(Severity::Warning, "previous_plan_unreadable").figure("why", why),
            );
            None
        }
        earlier::Found::Plan { folder, rows } => Some((folder, rows)),
    };

    let workspace = folder::Workspace::open(&options.out, Kind::Plan)?;
    let desk = Desk {
        folder: workspace.path(),
        lang: options.lang,
        currency: &plan.currency,
        style: options.csv,
        cancel,
    };
    let past = || {
        demand::write_parquet(&desk, plan)?;
        if options.demand_csv {
            demand::write_csv(&desk, plan)?;
        }
        Ok(())
    };
    let others = || {
        recommendations::write(&desk, plan.rows_shown())?;
        purchase_orders::write(&desk, &purchase_orders(plan))?;
        transfers::write(&desk, &plan.transfers)?;
        forecast::write(&desk, &plan.forecast)?;
        let told = previous
            .as_ref()
            .and_then(|(folder, _)| backorders::told(folder));
        backorders::write(&desk, plan, told.as_ref())?;
        backorder_policy::write(&desk, &plan.backorders.acceptance)?;
        backorder_what_if::write(&desk, &plan.backorders.what_if)?;
        preorders::write(&desk, &plan.backorders.preorders)?;
        exceptions::write(&desk, &findings)?;
        stockouts::write(&desk, plan)?;
        stockout_summary::write(&desk, plan)?;
        changes::write(
            &desk,
            previous.as_ref().map(|(_, rows)| rows.as_slice()),
            plan,
        )?;
        let summary = summary::of(plan, &findings, options.lang);
        summary::write(&desk, &summary)?;
        cancel.check()?;
        let charts = desk.folder.join("charts");
        folder::create(&charts)?;
        let drawn = draw(&charts, &summary);
        // Drawing that was asked to stop has not failed.
        cancel.check()?;
        drawn.map_err(|e| OutputError::Draw { source: e.into() })?;
        folder::remove_if_empty(&charts);
        Ok(summary)
    };
    // The past of all series is most of what is written; the other files are made beside it.
    let (past, others) = std::thread::scope(|scope| {
        let past = scope.spawn(past);
        let others = others();
        (past.join(), others)
    });
    let summary = others?;
    past.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;

    let compared = previous.map(|(folder, _)| folder);
    run::write(&desk, plan, config, compared.as_deref(), started.elapsed())?;
    cancel.check()?;
    let placed = workspace.commit()?;
    Ok(Written {
        placed,
        summary,
        compared,
    })
}
