//! The plan folder: one file per table, all of them or none.
//!
//! [`write`] puts every file into a temporary folder beside the final one and renames it when it is complete, so that
//! a plan folder is never seen half written and a failed run leaves the earlier one alone.

mod backtest;
mod changes;
mod demand;
mod earlier;
mod error;
mod exceptions;
mod figure;
mod folder;
mod forecast;
mod purchase_orders;
mod recommendations;
mod run;
mod summary;
mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::config::Config;
use crate::domain::{Finding, Plan, Severity};
use crate::text::Lang;

pub use backtest::{BACKTEST, write_backtest};
pub use error::OutputError;
pub use exceptions::{message, remedy};
pub use figure::{figure, neutral};
pub use folder::check_out;
pub use purchase_orders::{PurchaseOrder, purchase_orders};
pub use summary::{
    FindingCount, Findings, HiddenDemand, HiddenItem, LookFirst, Orders, Service, Stock, Summary,
    UrgentOrder, summary,
};
pub use table::{CsvStyle, TextEncoding};

/// Where the earlier plan is, that `changes.csv` compares with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Previous {
    /// The newest folder beside the output folder that is named like a date before as-of.
    #[default]
    Newest,
    /// This folder; it must hold a `recommendations.csv`.
    Folder(PathBuf),
}

/// What is written, and how.
#[derive(Clone, Debug)]
pub struct WriteOptions {
    /// The plan folder's final name. An earlier plan folder there is replaced as a whole.
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
    style: CsvStyle,
    cancel: &'a Cancel,
}

/// Writes the plan folder and returns its final path.
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
) -> Result<PathBuf, OutputError>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let started = Instant::now();
    cancel.check()?;
    folder::recover(&options.out)?;
    let mut findings = plan.findings.clone();
    let earlier = earlier::find(&options.out, plan.as_of, &options.previous)?;
    let previous = match earlier {
        earlier::Found::None => {
            findings.push(Finding::new(Severity::Notice, "no_previous_plan"));
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

    let workspace = folder::Workspace::open(&options.out)?;
    let desk = Desk {
        folder: workspace.path(),
        lang: options.lang,
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
        recommendations::write(&desk, &plan.recommendations)?;
        purchase_orders::write(&desk, &purchase_orders(plan))?;
        forecast::write(&desk, &plan.forecast)?;
        exceptions::write(&desk, &findings)?;
        changes::write(
            &desk,
            previous.as_ref().map(|(_, rows)| rows.as_slice()),
            plan,
        )?;
        summary::write(&desk, &summary::of(plan, &findings, options.lang))?;
        cancel.check()?;
        let charts = desk.folder.join("charts");
        folder::create(&charts)?;
        draw(&charts).map_err(|e| OutputError::Draw { source: e.into() })?;
        folder::remove_if_empty(&charts);
        Ok(())
    };
    // The past of all series is most of what is written; the other files are made beside it.
    let (past, others) = std::thread::scope(|scope| {
        let past = scope.spawn(past);
        let others = others();
        (past.join(), others)
    });
    others?;
    past.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;

    let previous = previous.as_ref().map(|(folder, _)| folder.as_path());
    run::write(&desk, plan, config, previous, started.elapsed())?;
    cancel.check()?;
    workspace.commit()
}
