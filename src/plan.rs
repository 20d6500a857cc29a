//! The pipeline, top to bottom.

use std::path::Path;
use std::time::Instant;

use polars::prelude::DataFrame;

use crate::config::Config;
use crate::demand;
use crate::domain::{Day, History, Plan, RunFacts, Tables};
use crate::forecast::{LeadTime, LeadTimes, forecast};
use crate::input::{self, InputError};
use crate::insight;
use crate::panel::{self, PanelError};
use crate::policy::{self, Basis};
use crate::supply;
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

    stage("availability");
    let mut panel = panel::build(&tables, &mut findings)?;
    let ahead = policy::sold_ahead(&tables).map_err(PanelError::from)?;
    let movements = insight::Movements::of(&tables).map_err(PanelError::from)?;
    // The rows are in the panel now.
    tables.sales.0 = DataFrame::empty();
    stage("supply");
    let learnt = LeadTimes::learn(&tables);
    let pools = supply::pools(&panel, &tables, &learnt, &mut findings);
    tables.stock = None;
    clock.lap("availability");

    stage("demand");
    let mut model = demand::estimate(&panel, &tables);
    // Days on which only the record had stock say nothing about demand.
    let quiet = insight::quiet_spells(&panel, &tables, &model, &movements);
    let changed = insight::close(&mut panel, &quiet);
    model.again(&panel, &tables, &changed);
    clock.lap("demand");

    stage("forecast");
    let leads: Vec<LeadTime> = panel
        .series
        .iter()
        .map(|s| policy::lead_time(&tables, config, &learnt, s.sku))
        .collect();
    let reviews: Vec<u32> = panel
        .series
        .iter()
        .map(|s| policy::review_days(&tables, config, s.sku))
        .collect();
    let forecast = forecast(&panel, &tables, &model, &leads, &reviews);
    clock.lap("forecast");

    stage("policy");
    let basis = Basis {
        tables: &tables,
        panel: &panel,
        config,
        model: &model,
        forecast: &forecast,
        lead_times: &learnt,
        lang,
    };
    let policy::Decision {
        rows: recommendations,
        for_supplied,
        transfers,
        spending,
    } = policy::decide(&basis, &pools, config.budget);
    let weeks = policy::forecast_weeks(&basis, &recommendations);
    let projections = policy::projections(&basis, &pools, &recommendations, top);
    clock.lap("policy");
    let backorders =
        policy::backorder_desk(&basis, &pools, &recommendations, &ahead, &mut findings);
    clock.lap("backorders");
    stage("insight");
    let stockouts = insight::stockouts(&basis, &movements, &quiet, &mut findings);
    insight::look(&basis, &recommendations, &transfers, &mut findings);
    clock.lap("insight");

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
