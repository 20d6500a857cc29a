//! The stages before the decision: the past in order, the demand that it hid, the forecast.

use super::PlanError;
use crate::config::Config;
use crate::demand::{self, DemandModel, SetPast};
use crate::domain::{Finding, History, Records, Tables, WeekDates};
use crate::forecast::{Forecast, LeadTimes, forecast};
use crate::insight::{self, Movements, QuietSpell};
use crate::panel::{self, Panel};
use crate::policy::{self, Basis};
use crate::supply::{self, Pool};

/// What is known before anything is decided: the past in order, the demand behind it, the forecast, the stock that channels share.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub panel: Panel,
    pub model: DemandModel,
    pub lead_times: LeadTimes,
    /// By periods of the panel.
    pub forecast: Forecast,
    /// By day, where weeks are planned by their days.
    pub by_day: Option<Forecast>,
    pub pools: Vec<Pool>,
    pub movements: Movements,
    /// Days on which only the record had stock.
    pub quiet: Vec<QuietSpell>,
    /// The past of sets, by (set, channel).
    pub sets: Vec<SetPast>,
}

impl Prepared {
    /// What decisions are made from. `tables` are those that this was prepared from.
    pub fn basis<'a>(&'a self, tables: &'a Tables, config: &'a Config) -> Basis<'a> {
        Basis {
            tables,
            panel: &self.panel,
            config,
            model: &self.model,
            forecast: self.by_day.as_ref().unwrap_or(&self.forecast),
            lead_times: &self.lead_times,
        }
    }

    /// The past as plans write and draw it.
    pub(super) fn into_history(self) -> History {
        let Self { panel, model, .. } = self;
        History {
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
        }
    }
}

/// The beginning or the end of a stage.
#[derive(Clone, Copy, Debug)]
pub enum Lap<'a> {
    Begin(&'a str),
    End(&'a str),
}

/// The stages before the decision.
///
/// # Errors
/// When the frames in `records` do not have the columns that they promise.
pub fn prepare(
    records: Records,
    tables: &Tables,
    config: &Config,
    findings: &mut Vec<Finding>,
    lap: &mut dyn FnMut(Lap<'_>),
) -> Result<Prepared, PlanError> {
    lap(Lap::Begin("availability"));
    let (mut panel, mut moved) = panel::build(records, tables, config.input.out_odds, findings)?;
    let sets = demand::through_sets(&mut panel, tables);
    // What was not demand, and what was not offered, is known before anything is learnt from the past.
    let bulk = demand::bulk_orders(&panel, tables);
    insight::name_bulk_orders(&panel, tables, &bulk, findings);
    for order in &bulk {
        panel.set_aside(&mut moved, order.series, order.period, order.beyond);
    }
    let unoffered = demand::not_offered(&panel);
    insight::name_unoffered(&panel, tables, &unoffered, findings);
    demand::close_offer(&mut panel, &unoffered);
    lap(Lap::Begin("supply"));
    let lead_times = LeadTimes::learn(tables);
    let pools = supply::pools(
        &panel,
        &moved,
        tables,
        &lead_times,
        &config.policy,
        findings,
    );
    let movements = Movements::new(moved, tables);
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
    let by_day = (tables.week_dates == WeekDates::Day).then(|| forecast.by_day());
    lap(Lap::End("forecast"));

    Ok(Prepared {
        panel,
        model,
        lead_times,
        forecast,
        by_day,
        pools,
        movements,
        quiet,
        sets,
    })
}
