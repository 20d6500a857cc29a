//! The pipeline, top to bottom.

use std::path::Path;
use std::time::Instant;

use polars::prelude::DataFrame;

use crate::config::Config;
use crate::demand::{self, DemandModel};
use crate::domain::{Day, Finding, History, Plan, RunFacts, Tables};
use crate::forecast::{Forecast, LeadTimes, forecast};
use crate::input::{self, InputError};
use crate::insight::{self, Movements, QuietSpell};
use crate::panel::{self, Panel, PanelError};
use crate::policy::{self, Basis};
use crate::supply::{self, Pool};
use crate::text::Lang;

/// What to plan.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The data folder.
    pub data: &'a Path,
    pub config: &'a Config,
    /// The last day that is known; the last date in `sales` or `stock` when `None`.
    pub as_of: Option<Day>,
    pub lang: Lang,
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
    let started = Instant::now();
    let options = input::Options {
        data: request.data,
        config: request.config,
        as_of: request.as_of,
    };
    let tables = input::read(options)?;
    let read = ("read".to_owned(), started.elapsed().as_secs_f64());
    let mut plan = make(tables, request.config, request.lang, request.top, stage)?;
    plan.facts.timings.insert(0, read);
    Ok(plan)
}

/// What is known before anything is decided: the past in order, the demand behind it, the forecast, the stock that channels share.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub panel: Panel,
    pub model: DemandModel,
    pub lead_times: LeadTimes,
    pub forecast: Forecast,
    pub pools: Vec<Pool>,
    pub movements: Movements,
    /// Days on which only the record had stock.
    pub quiet: Vec<QuietSpell>,
}

impl Prepared {
    /// What decisions are made from. `tables` are those that this was prepared from.
    pub fn basis<'a>(&'a self, tables: &'a Tables, config: &'a Config, lang: Lang) -> Basis<'a> {
        Basis {
            tables,
            panel: &self.panel,
            config,
            model: &self.model,
            forecast: &self.forecast,
            lead_times: &self.lead_times,
            lang,
        }
    }
}

/// The beginning or the end of a stage.
#[derive(Clone, Copy, Debug)]
pub enum Lap<'a> {
    Begin(&'a str),
    End(&'a str),
}

/// The stages before the decision. The rows of `tables` are in the panel afterwards and no longer in `tables`.
///
/// # Errors
/// When the frames in `tables` do not have the columns that they promise.
pub fn prepare(
    tables: &mut Tables,
    config: &Config,
    findings: &mut Vec<Finding>,
    lap: &mut dyn FnMut(Lap<'_>),
) -> Result<Prepared, PlanError> {
    lap(Lap::Begin("availability"));
    let mut panel = panel::build(tables, findings)?;
    let movements = Movements::of(tables).map_err(PanelError::from)?;
    tables.sales.0 = DataFrame::empty();
    lap(Lap::Begin("supply"));
    let lead_times = LeadTimes::learn(tables);
    let pools = supply::pools(&panel, tables, &lead_times, findings);
    tables.stock = None;
    lap(Lap::End("availability"));

    lap(Lap::Begin("demand"));
    let mut model = demand::estimate(&panel, tables);
    // Days on which only the record had stock say nothing about demand.
    let quiet = insight::quiet_spells(&panel, tables, &model, &movements);
    let changed = insight::close(&mut panel, &quiet);
    model.again(&panel, tables, &changed);
    lap(Lap::End("demand"));

    lap(Lap::Begin("forecast"));
    let (leads, reviews) = policy::protection_intervals(&panel, tables, config, &lead_times);
    let forecast = forecast(&panel, tables, &model, &leads, &reviews);
    lap(Lap::End("forecast"));

    Ok(Prepared {
        panel,
        model,
        lead_times,
        forecast,
        pools,
        movements,
        quiet,
    })
}

/// Plans checked tables.
///
/// # Errors
/// When the frames in `tables` do not have the columns that they promise.
pub fn make(
    mut tables: Tables,
    config: &Config,
    lang: Lang,
    top: usize,
    stage: &dyn Fn(&str),
) -> Result<Plan, PlanError> {
    let mut clock = Clock {
        started: Instant::now(),
        timings: Vec::new(),
    };
    let mut findings = std::mem::take(&mut tables.findings);

    let ahead = policy::sold_ahead(&tables).map_err(PanelError::from)?;
    let ready = prepare(
        &mut tables,
        config,
        &mut findings,
        &mut |laps: Lap<'_>| match laps {
            Lap::Begin(name) => stage(name),
            Lap::End(name) => clock.lap(name),
        },
    )?;
    let basis = ready.basis(&tables, config, lang);
    let pools = &ready.pools;
    stage("policy");
    let policy::Decision {
        rows: recommendations,
        for_supplied,
        transfers,
        spending,
    } = policy::decide(&basis, pools, config.budget);
    let weeks = policy::forecast_weeks(&basis, &recommendations);
    let projections = policy::projections(
        &basis,
        pools,
        &recommendations,
        &for_supplied,
        &transfers,
        top,
    );
    clock.lap("policy");
    let backorders = policy::backorder_desk(
        &basis,
        pools,
        &recommendations,
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
        &transfers,
        &backorders,
        &mut findings,
    );
    clock.lap("insight");

    let Prepared { panel, model, .. } = ready;
    let facts = RunFacts {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        files: tables.files,
        timings: clock.timings,
    };
    Ok(Plan {
        as_of: tables.as_of,
        grain: tables.grain,
        currency: config.report.currency.clone(),
        recommendations,
        history: History {
            step: panel.grain.days(),
            first: panel.first,
            offsets: panel.offsets,
            sold: panel.sold,
            backordered: panel.backordered,
            lost: model.lost,
            lost_p10: model.lost_p10,
            lost_p90: model.lost_p90,
            availability: panel.availability,
            on_hand: panel.closing,
        },
        projections,
        forecast: weeks,
        backorders,
        stockouts,
        findings,
        facts,
        for_supplied,
        transfers,
        spending,
        substitution,
    })
}

struct Clock {
    started: Instant,
    timings: Vec<(String, f64)>,
}

impl Clock {
    fn lap(&mut self, stage: &str) {
        self.timings
            .push((stage.to_owned(), self.started.elapsed().as_secs_f64()));
        self.started = Instant::now();
    }
}
