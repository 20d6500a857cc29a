//! The pipeline, top to bottom.

mod clock;
mod prepare;

use std::path::Path;

use self::clock::Clock;
pub use self::prepare::{Lap, Prepared, prepare};
use crate::config::Config;
use crate::domain::{Checked, Coverage, Day, Finding, Plan, RunFacts};
use crate::input::{self, InputError};
use crate::insight;
use crate::panel::PanelError;
use crate::policy;

/// What to plan.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The data folder.
    pub data: &'a Path,
    pub config: &'a Config,
    /// The last day that is known; the last date in `sales` or `stock` when `None`.
    pub as_of: Option<Day>,
    /// Series, by value, that get a projection for their chart.
    pub top: usize,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    Panel(#[from] PanelError),
}

/// Reads a data folder and plans it. `stage` hears the name of each stage as it begins.
///
/// # Errors
/// When the input cannot be used; see [`InputError`].
pub fn run(request: Request<'_>, stage: &dyn Fn(&str)) -> Result<Plan, PlanError> {
    stage("read");
    let mut clock = Clock::start();
    let input = input::read(input::Options {
        data: request.data,
        config: request.config,
        as_of: request.as_of,
    })?;
    clock.lap("read");
    let mut plan = make(input, request.config, request.top, stage)?;
    plan.facts.timings.splice(0..0, clock.timings);
    Ok(plan)
}

/// What a plan of a checked input finds about its data.
#[derive(Clone, Debug)]
pub struct Doubts {
    /// Without what the plan finds about itself.
    pub findings: Vec<Finding>,
    /// On how many days stock is known.
    pub coverage: Coverage,
}

/// Looks at a checked input as a plan does.
///
/// # Errors
/// When the frames in `input` do not have the columns that they promise.
pub fn doubts(input: Checked, config: &Config) -> Result<Doubts, PlanError> {
    let plan = make(input, config, 0, &|_| ())?;
    let coverage = plan.history.coverage(plan.as_of);
    let mut findings = plan.findings;
    findings.retain(Finding::is_of_data);
    Ok(Doubts { findings, coverage })
}

/// Plans a checked input.
///
/// # Errors
/// When the frames in `input` do not have the columns that they promise.
pub fn make(
    input: Checked,
    config: &Config,
    top: usize,
    stage: &dyn Fn(&str),
) -> Result<Plan, PlanError> {
    let mut clock = Clock::start();
    let Checked {
        tables,
        records,
        mut findings,
        kept,
    } = input;

    let ahead = policy::sold_ahead(&records.sales, &tables).map_err(PanelError::from)?;
    let ready = prepare(records, &tables, config, &mut findings, &mut |laps: Lap<
        '_,
    >| match laps {
        Lap::Begin(name) => stage(name),
        Lap::End(name) => clock.lap(name),
    })?;
    let basis = ready.basis(&tables, config);
    let pools = &ready.pools;
    stage("policy");
    let policy::Decision {
        orders,
        rows: mut recommendations,
        for_supplied,
        transfers,
        spending,
    } = policy::decide(&basis, pools, config.budget);
    let elsewhere = policy::elsewhere(&basis, pools, &ready.sets, &mut recommendations);
    let weeks = policy::forecast_weeks(&basis, &recommendations);
    let projections =
        policy::projections(&basis, pools, &recommendations, &orders, &transfers, top);
    clock.lap("policy");
    let backorders = policy::backorder_desk(
        &basis,
        pools,
        &recommendations,
        &orders,
        &transfers,
        &ahead,
        &mut findings,
    );
    clock.lap("backorders");
    stage("insight");
    let stockouts = insight::stockouts(&basis, &ready.movements, &ready.quiet, &mut findings);
    let substitution = insight::substitution(&basis);
    insight::look(
        &basis,
        &recommendations,
        &for_supplied,
        &orders,
        &transfers,
        &backorders,
        &mut findings,
    );
    clock.lap("insight");

    let history = ready.into_history();
    let plan_day = tables.plan_day();
    let facts = RunFacts {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        files: tables.files,
        timings: clock.timings,
        kept,
    };
    Ok(Plan {
        as_of: tables.as_of,
        plan_day,
        grain: tables.grain,
        currency: config.report.currency.clone(),
        recommendations,
        orders,
        history,
        projections,
        forecast: weeks,
        backorders,
        stockouts,
        findings,
        facts,
        for_supplied,
        transfers,
        spending,
        elsewhere,
        substitution,
    })
}
