//! The planner on the shop's own past: how near its forecasts came, whether it finds demand that is known to have been hidden, and what
//! stock and lost sales would have come of its orders beside simple rules.
//!
//! There is no second planner here: tables are made as they were known, or as they would have been recorded, and go
//! through the stages of [`crate::plan`].

mod censor;
mod hidden;
mod known;
mod observable;
mod records;
mod replay;
mod rolling;
mod sample;
mod score;
mod world;

use crate::config::Config;
use crate::domain::{Channel, Checked, Coverage, Day, FileRead, Grain, Location, Sku};
use crate::panel::{self, Panel};
use crate::plan::{self, PlanError, Prepared};
use crate::policy;

pub use censor::Scenario;
pub use hidden::{HiddenDemand, HiddenScore, HiddenSeries, Method};
pub use known::as_known;
pub use replay::{Flow, Replay, Rule, Setting, stock_for};
pub use rolling::{ForecastScore, Interval, Prediction, predict};
pub use sample::{Class, Place, Sample};
pub use score::{Fell, QUANTILES, pinball};

/// Days of history before the first origin.
const BEFORE: i32 = 56;
/// Days between two origins.
const APART: i32 = 7;
/// Fewest weeks that a replay is measured over.
const LEAST_WEEKS: usize = 4;
/// Protection intervals longer than this share of all are scored in part.
const HORIZONS: f64 = 0.95;

/// How much is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// Origins, a week apart, and weeks of the replay.
    pub origins: usize,
    /// Places (SKU × location) that are looked at, at most; 0: all.
    pub places: usize,
    /// Of which are replayed, at most; 0: all.
    pub replayed: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            origins: 8,
            places: 200,
            replayed: 60,
        }
    }
}

/// How far it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Choosing what is looked at.
    Sample,
    /// The k-th of n origins, from 1.
    Origin(usize, usize),
    Hidden,
    Replay,
}

/// Why there is nothing to tell.
#[derive(Debug, thiserror::Error)]
pub enum BacktestError {
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The history is shorter than one protection interval and what must come before it.
    #[error("{days} days of history; one origin needs {needed}")]
    TooLittle { days: i32, needed: i32 },
    /// Nothing was sold in the last year.
    #[error("nothing was sold in the last year")]
    NothingSold,
}

/// What a part lacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Missing {
    /// Fewer origins than asked for; days of history that all of them would need.
    Origins { had: usize, needed: i32 },
    /// At so many of the origins there was too little history to know the seasons.
    Season { origins: usize, of: usize },
    /// No place was well stocked for four weeks, or stock is not recorded.
    Hidden,
    /// Days of history that a replay lacks.
    Replay { days: i32 },
    /// No place has a stock record and eight weeks of history at the start of the replay.
    ReplayPlaces,
    /// No year before the replay: "same as last year" cannot be shown.
    LastYear,
}

/// The replay and what it rests on.
#[derive(Clone, PartialEq, Debug)]
pub struct Replayed {
    pub runs: Vec<Replay>,
    /// Places that were replayed, of how many.
    pub places: usize,
    /// First day on which the rules order, and first day that is measured.
    pub start: Day,
    pub measured: Day,
    /// Share of the measured demand that is estimated.
    pub estimated_share: f64,
}

/// All that was found.
#[derive(Clone, Debug)]
pub struct Backtest {
    pub as_of: Day,
    pub grain: Grain,
    pub currency: String,
    /// On how many days stock is known, of all that was read.
    pub coverage: Coverage,
    /// The names that indices stand for.
    pub skus: Vec<Sku>,
    pub channels: Vec<Channel>,
    pub locations: Vec<Location>,
    pub sample: Sample,
    pub origins: Vec<Day>,
    pub intervals: Vec<Interval>,
    /// All, then by class, then by origin.
    pub forecast: Vec<ForecastScore>,
    pub hidden: HiddenDemand,
    pub replay: Option<Replayed>,
    pub missing: Vec<Missing>,
    pub files: Vec<FileRead>,
}

/// Checks the planner on the past of `input`. `step` hears how far it is.
///
/// # Errors
/// [`BacktestError::TooLittle`] with too little history for a single origin, [`BacktestError::NothingSold`], and what stops a plan.
pub fn run(
    mut input: Checked,
    config: &Config,
    options: Options,
    step: &dyn Fn(Step),
) -> Result<Backtest, BacktestError> {
    step(Step::Sample);
    let files = std::mem::take(&mut input.tables.files);
    let whole = whole_past(&input)?;
    let sample = Sample::new(&whole, &input.tables, options.places);
    if sample.places.is_empty() {
        return Err(BacktestError::NothingSold);
    }
    let coverage = whole.coverage();
    let input = restricted(&input, &sample)?;
    let tables = &input.tables;
    let ready = whole_plan(&input, config)?;
    let panel = &ready.panel;
    let mut missing = Vec::new();

    let (leads, reviews) = policy::protection_intervals(panel, tables, config, &ready.lead_times);
    let mut leads: Vec<f64> = leads.iter().map(|l| l.mean()).collect();
    let mut horizons: Vec<f64> = leads
        .iter()
        .zip(reviews)
        .map(|(lead, review)| lead + f64::from(review))
        .collect();
    let origins = origins(panel, &mut horizons, options.origins)?;
    if origins.days.len() < options.origins {
        missing.push(Missing::Origins {
            had: origins.days.len(),
            needed: origins.needed,
        });
    }
    let outcome = rolling::Outcome {
        panel,
        sample: &sample,
    };
    let mut intervals = Vec::new();
    let mut seasonless = 0;
    for (k, &origin) in origins.days.iter().enumerate() {
        step(Step::Origin(k + 1, origins.days.len()));
        let predictions = predict(&input, config, origin)?;
        seasonless += usize::from(predictions.iter().all(|p| !p.knows_season));
        intervals.extend(outcome.score(origin, &predictions, origins.horizon));
    }
    if seasonless > 0 {
        missing.push(Missing::Season {
            origins: seasonless,
            of: origins.days.len(),
        });
    }
    let forecast = rolling::grouped(&intervals, &sample);

    step(Step::Hidden);
    let hidden = hidden::hidden_demand(tables, panel, &ready.model).map_err(PlanError::from)?;
    if hidden.scores.is_empty() {
        missing.push(Missing::Hidden);
    }

    step(Step::Replay);
    let replay = replayed(&input, config, options, &mut leads, &mut missing)?;
    Ok(Backtest {
        as_of: tables.as_of,
        grain: tables.grain,
        currency: config.report.currency.clone(),
        coverage,
        skus: tables.skus.clone(),
        channels: tables.channels.clone(),
        locations: tables.locations.clone(),
        sample,
        origins: origins.days,
        intervals,
        forecast,
        hidden,
        replay,
        missing,
        files,
    })
}

fn restricted(input: &Checked, sample: &Sample) -> Result<Checked, PlanError> {
    Ok(sample.restrict(input).map_err(panel::PanelError::from)?)
}

struct Origins {
    /// In order.
    days: Vec<Day>,
    /// Periods that are scored after each, at most.
    horizon: usize,
    /// Days of history that all wished origins need.
    needed: i32,
}

/// The last origin is as far before as-of as nearly all protection intervals are long.
fn origins(
    panel: &Panel,
    horizons_days: &mut [f64],
    wished: usize,
) -> Result<Origins, BacktestError> {
    let step = panel.grain.days();
    horizons_days.sort_by(f64::total_cmp);
    let rank = (HORIZONS * horizons_days.len() as f64).ceil() as usize;
    let longest = horizons_days
        .get(rank.max(1) - 1)
        .copied()
        .unwrap_or(f64::from(APART));
    let horizon = records::periods(longest, panel.grain);
    let first = panel.first.iter().min().copied().unwrap_or(panel.as_of);
    let days = panel.as_of - first + step;
    let one = BEFORE + horizon as i32 * step;
    if days < one {
        return Err(BacktestError::TooLittle { days, needed: one });
    }
    let possible = ((days - one) / APART + 1) as usize;
    let last = panel.as_of + -(horizon as i32 * step);
    Ok(Origins {
        days: (0..wished.clamp(1, possible))
            .rev()
            .map(|k| last + -(k as i32 * APART))
            .collect(),
        horizon,
        needed: one + APART * (wished.max(1) as i32 - 1),
    })
}

/// The panel of all that was read.
fn whole_past(input: &Checked) -> Result<Panel, PlanError> {
    Ok(panel::build(
        input.records.clone(),
        &input.tables,
        crate::config::OUT_ODDS,
        &mut Vec::new(),
    )?
    .0)
}

/// The planner's stages before the decision on all that was read.
fn whole_plan(input: &Checked, config: &Config) -> Result<Prepared, PlanError> {
    let records = input.records.clone();
    plan::prepare(records, &input.tables, config, &mut Vec::new(), &mut |_| ())
}

fn replayed(
    input: &Checked,
    config: &Config,
    options: Options,
    leads: &mut [f64],
    missing: &mut Vec<Missing>,
) -> Result<Option<Replayed>, PlanError> {
    let whole = whole_past(input)?;
    let sample = Sample::new(&whole, &input.tables, options.replayed);
    let input = restricted(input, &sample)?;
    let ready = whole_plan(&input, config)?;
    let span = match world::span(&ready.panel, leads, options.origins, LEAST_WEEKS) {
        Ok(span) => span,
        Err(days) => {
            missing.push(Missing::Replay { days });
            return Ok(None);
        }
    };
    let Some(world) = world::World::new(&input, &sample, &ready, config, span)? else {
        missing.push(Missing::ReplayPlaces);
        return Ok(None);
    };
    let runs = replay::replay_all(&world, config)?;
    if runs.iter().all(|r| r.rule != Rule::LastYear) {
        missing.push(Missing::LastYear);
    }
    Ok(Some(Replayed {
        runs,
        places: world.places.len(),
        start: world.start,
        measured: world.start + (world.measured as i32 + 1) * world.step,
        estimated_share: world.estimated_share,
    }))
}
