//! The folder of a backtest: one file per table, all of them or none.

use std::path::Path;

use serde::Serialize;

use super::folder::{self, Kind, Placed};
use super::run::now;
use super::table::{self, Cell, Column};
use super::{Cancel, CsvStyle, Desk, OutputError};
use crate::backtest::{
    Backtest, ForecastScore, HiddenScore, HiddenSeries, Interval, Method, QUANTILES, Replay,
    Setting,
};
use crate::config::Config;
use crate::domain::{Channel, Day, FileRead, Grain, Location, Sku};
use crate::text::Lang;

/// Name of the folder within a plan folder.
pub const BACKTEST: &str = "backtest";

/// Writes the folder of a backtest and returns where it is. `draw` is given the temporary folder and adds charts and the report before the
/// folder gets its final name.
///
/// # Errors
/// As [`super::write`].
pub fn write_backtest<E>(
    result: &Backtest,
    config: &Config,
    out: &Path,
    lang: Lang,
    cancel: &Cancel,
    draw: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<Placed, OutputError>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    cancel.check()?;
    folder::recover(out, Kind::Backtest)?;
    let workspace = folder::Workspace::open(out, Kind::Backtest)?;
    let desk = Desk {
        folder: workspace.path(),
        lang,
        currency: "",
        style: CsvStyle::default(),
        cancel,
    };
    forecast_scores(&desk, &result.forecast)?;
    forecast_quantiles(&desk, &result.forecast)?;
    intervals(&desk, result)?;
    hidden_scores(&desk, &result.hidden.scores)?;
    hidden_series(&desk, result)?;
    let runs = result.replay.as_ref().map_or(&[][..], |r| &r.runs);
    replays(&desk, runs)?;
    cancel.check()?;
    draw(desk.folder).map_err(|e| OutputError::Draw { source: e.into() })?;
    folder::write_run(
        desk.folder,
        Kind::Backtest,
        &Run {
            version: env!("CARGO_PKG_VERSION"),
            as_of: result.as_of,
            grain: result.grain,
            lang,
            written_at: now(),
            origins: &result.origins,
            places: result.sample.places.len(),
            places_of: result.sample.of,
            places_replayed: result.replay.as_ref().map_or(0, |r| r.places),
            configuration: config,
            files: &result.files,
        },
    )?;
    cancel.check()?;
    workspace.commit()
}

#[derive(Serialize)]
struct Run<'a> {
    version: &'a str,
    as_of: Day,
    grain: Grain,
    lang: Lang,
    written_at: Option<String>,
    origins: &'a [Day],
    places: usize,
    places_of: usize,
    places_replayed: usize,
    configuration: &'a Config,
    files: &'a [FileRead],
}

fn forecast_scores(desk: &Desk<'_>, scores: &[ForecastScore]) -> Result<(), OutputError> {
    const COLUMNS: &[Column<ForecastScore>] = &[
        ("group", |s| s.group.into()),
        ("class", |s| s.class.as_str().into()),
        ("intervals", |s| s.intervals.into()),
        ("seen_units", |s| s.seen.into()),
        ("expected_units", |s| s.expected.into()),
        ("bias", |s| s.bias.into()),
        ("wape", |s| s.wape.into()),
        ("scaled_pinball", |s| s.scaled_mean().into()),
        ("band80_coverage", |s| s.band80.into()),
        ("naive_bias", |s| s.naive_bias.into()),
        ("naive_wape", |s| s.naive_wape.into()),
    ];
    table::write::<ForecastScore, _>(desk, "forecast_scores.csv", COLUMNS, scores)
}

fn forecast_quantiles(desk: &Desk<'_>, scores: &[ForecastScore]) -> Result<(), OutputError> {
    type Row<'a> = (&'a ForecastScore, usize);
    let columns: &[Column<Row<'_>>] = &[
        ("group", |(s, _)| s.group.into()),
        ("class", |(s, _)| s.class.as_str().into()),
        ("quantile", |(_, k)| QUANTILES[*k].into()),
        ("intervals", |(s, _)| s.intervals.into()),
        ("pinball", |(s, k)| s.pinball[*k].into()),
        ("naive_pinball", |(s, k)| s.naive_pinball[*k].into()),
        ("scaled_pinball", |(s, k)| s.scaled(*k).into()),
        ("coverage", |(s, k)| s.coverage[*k].into()),
    ];
    let rows = scores
        .iter()
        .flat_map(|s| (0..QUANTILES.len()).map(move |k| (s, k)));
    table::write::<Row<'_>, _>(desk, "forecast_quantiles.csv", columns, rows)
}

struct IntervalRow<'a> {
    sku: &'a Sku,
    location: &'a Location,
    class: crate::backtest::Class,
    interval: &'a Interval,
}

fn intervals(desk: &Desk<'_>, result: &Backtest) -> Result<(), OutputError> {
    let columns: &[Column<IntervalRow<'_>>] = &[
        ("origin", |r| r.interval.origin.into()),
        ("sku", |r| r.sku.into()),
        ("location", |r| r.location.into()),
        ("abc", |r| r.class.abc.into()),
        ("velocity", |r| r.class.velocity.into()),
        ("stockouts", |r| r.class.stockouts.into()),
        ("days", |r| r.interval.days.into()),
        ("stockout_days", |r| r.interval.stockout_days.into()),
        ("expected_demand", |r| r.interval.demand.into()),
        ("expected_units", |r| r.interval.expected.into()),
        ("p10", |r| r.interval.quantiles[0].into()),
        ("p50", |r| r.interval.quantiles[1].into()),
        ("p80", |r| r.interval.quantiles[2].into()),
        ("p90", |r| r.interval.quantiles[3].into()),
        ("p95", |r| r.interval.quantiles[4].into()),
        ("p99", |r| r.interval.quantiles[5].into()),
        ("seen_units", |r| r.interval.seen.into()),
        ("probability_below", |r| r.interval.fell.below.into()),
        ("probability_at_most", |r| r.interval.fell.at_most.into()),
        ("naive_units", |r| r.interval.naive.into()),
    ];
    let rows = result.intervals.iter().map(|interval| {
        let place = &result.sample.places[interval.place];
        IntervalRow {
            sku: &result.skus[place.sku],
            location: &result.locations[place.location],
            class: place.class,
            interval,
        }
    });
    table::write::<IntervalRow<'_>, _>(desk, "forecast_intervals.csv", columns, rows)
}

fn hidden_scores(desk: &Desk<'_>, scores: &[HiddenScore]) -> Result<(), OutputError> {
    const COLUMNS: &[Column<HiddenScore>] = &[
        ("scenario", |s| s.scenario.as_str().into()),
        ("method", |s| s.method.as_str().into()),
        ("series", |s| s.series.into()),
        ("stockout_periods", |s| s.periods.into()),
        ("hidden_units", |s| s.hidden.into()),
        ("found_units", |s| s.found.into()),
        ("bias", |s| s.bias.into()),
        ("wape", |s| s.wape.into()),
        ("wape_series", |s| s.wape_series.into()),
        ("wape_demand", |s| s.wape_demand.into()),
        ("pinball_10", |s| s.pinball_10.into()),
        ("pinball_90", |s| s.pinball_90.into()),
        ("band80_coverage", |s| s.band80.into()),
    ];
    table::write::<HiddenScore, _>(desk, "hidden_scores.csv", COLUMNS, scores)
}

struct HiddenRow<'a> {
    sku: &'a Sku,
    channel: &'a Channel,
    row: &'a HiddenSeries,
}

impl HiddenRow<'_> {
    fn found(&self, method: Method) -> Cell<'static> {
        let k = Method::ALL.iter().position(|m| *m == method);
        k.map_or(Cell::Empty, |k| Cell::Figure(self.row.found[k]))
    }
}

fn hidden_series(desk: &Desk<'_>, result: &Backtest) -> Result<(), OutputError> {
    let columns: &[Column<HiddenRow<'_>>] = &[
        ("scenario", |r| r.row.scenario.as_str().into()),
        ("sku", |r| r.sku.into()),
        ("channel", |r| r.channel.into()),
        ("from", |r| r.row.from.into()),
        ("to", |r| r.row.to.into()),
        ("stockout_days", |r| r.row.stockout_days.into()),
        ("seen_units", |r| r.row.seen.into()),
        ("hidden_units", |r| r.row.hidden.into()),
        ("restock", |r| r.found(Method::Restock)),
        ("sales_as_demand", |r| r.found(Method::Sales)),
        ("dropping_days", |r| r.found(Method::Dropping)),
        ("sales_over_stocked_time", |r| r.found(Method::Ratio)),
        ("normal_em", |r| r.found(Method::NormalEm)),
    ];
    let rows = result.hidden.series.iter().map(|row| HiddenRow {
        sku: &result.skus[row.sku],
        channel: &result.channels[row.channel],
        row,
    });
    table::write::<HiddenRow<'_>, _>(desk, "hidden_series.csv", columns, rows)
}

fn replays(desk: &Desk<'_>, runs: &[Replay]) -> Result<(), OutputError> {
    const COLUMNS: &[Column<Replay>] = &[
        ("rule", |r| r.rule.as_str().into()),
        ("setting", |r| match r.setting {
            Setting::Own => "own_targets".into(),
            Setting::Target(_) => "target".into(),
            Setting::Factor(_) => "factor".into(),
        }),
        ("value", |r| match r.setting {
            Setting::Own => Cell::Empty,
            Setting::Target(x) | Setting::Factor(x) => x.into(),
        }),
        ("demand_units", |r| r.demand.into()),
        ("sold_units", |r| r.sold.into()),
        ("backordered_units", |r| r.backordered.into()),
        ("lost_units", |r| r.lost.into()),
        ("service", |r| r.service.into()),
        ("mean_stock_units", |r| r.stock.into()),
        ("mean_stock_days", |r| r.stock_days.into()),
        ("mean_stock_value", |r| r.stock_value.into()),
        ("order_lines", |r| r.orders.into()),
        ("cost", |r| r.cost.into()),
        ("opening_units", |r| r.flow.opening.into()),
        ("received_units", |r| r.flow.received.into()),
        ("sold_in_all_units", |r| r.flow.sold.into()),
        ("shipped_units", |r| r.flow.shipped.into()),
        ("closing_units", |r| r.flow.closing.into()),
    ];
    table::write::<Replay, _>(desk, "replay.csv", COLUMNS, runs)
}
