//! `demand.parquet` and, on request, `demand.csv`: what was sold, backordered and lost, day by day.

use std::fs::File;
use std::io::BufWriter;

use polars::prelude::*;

use super::table::{Column as CsvColumn, write as write_table};
use super::{Desk, OutputError};
use crate::domain::{Channel, Day, History, Plan, Sku};

/// Rows after which a row group is closed. A row takes about 100 bytes in memory while its group is built, so that a
/// group stays below 20 MB however many series the plan has.
const ROWS_PER_GROUP: usize = 1 << 17;

/// One day (or week) of one series.
#[derive(Debug)]
struct Row {
    sku: Sku,
    channel: Channel,
    date: Day,
    sold: f64,
    backordered: f64,
    lost: f64,
    lost_p10: f64,
    lost_p90: f64,
    availability: &'static str,
}

impl Row {
    fn demand(&self) -> f64 {
        self.sold + self.backordered + self.lost
    }
}

const COLUMNS: &[CsvColumn<Row>] = &[
    ("sku", |r| (&r.sku).into()),
    ("channel", |r| (&r.channel).into()),
    ("date", |r| r.date.into()),
    ("sold", |r| r.sold.into()),
    ("backordered", |r| r.backordered.into()),
    ("lost", |r| r.lost.into()),
    ("lost_p10", |r| r.lost_p10.into()),
    ("lost_p90", |r| r.lost_p90.into()),
    ("demand", |r| r.demand().into()),
    ("availability", |r| r.availability.into()),
];

/// The rows of all series, in the order of the recommendations.
fn rows(plan: &Plan) -> impl Iterator<Item = Row> {
    let h = &plan.history;
    plan.recommendations
        .iter()
        .take(series(h))
        .enumerate()
        .flat_map(move |(i, r)| {
            h.range(i).map(move |k| Row {
                sku: r.sku.clone(),
                channel: r.channel.clone(),
                date: h.day(i, k),
                sold: h.sold[k],
                backordered: h.backordered[k],
                lost: h.lost[k],
                lost_p10: h.lost_p10[k],
                lost_p90: h.lost_p90[k],
                availability: h.availability[k].as_str(),
            })
        })
}

/// How many series have a history.
fn series(h: &History) -> usize {
    h.first.len().min(h.offsets.len().saturating_sub(1))
}

pub(super) fn write_csv(desk: &Desk<'_>, plan: &Plan) -> Result<(), OutputError> {
    write_table(desk, "demand.csv", COLUMNS, rows(plan))
}

/// Writes the Parquet file row group by row group, whole series in each.
pub(super) fn write_parquet(desk: &Desk<'_>, plan: &Plan) -> Result<(), OutputError> {
    desk.cancel.check()?;
    let path = desk.folder.join("demand.parquet");
    let failed = |source| OutputError::Parquet {
        path: path.clone(),
        source,
    };
    let file = File::create(&path).map_err(OutputError::writing(&path))?;
    let empty = group(plan, 0..0).map_err(failed)?;
    let mut writer = ParquetWriter::new(BufWriter::new(file))
        .with_compression(ParquetCompression::Zstd(None))
        .batched(empty.schema())
        .map_err(failed)?;

    let h = &plan.history;
    let count = series(h).min(plan.recommendations.len());
    let mut from = 0;
    let mut next_group = || {
        if from >= count {
            return None;
        }
        let mut to = from + 1;
        while to < count && h.offsets[to + 1] - h.offsets[from] <= ROWS_PER_GROUP {
            to += 1;
        }
        let rows = group(plan, from..to);
        from = to;
        Some(rows)
    };
    let mut ready = next_group();
    while let Some(rows) = ready {
        desk.cancel.check()?;
        let rows = rows.map_err(failed)?;
        // A group is put together while the one before it is compressed.
        let (written, next) = rayon::join(|| writer.write_batch(&rows), &mut next_group);
        written.map_err(failed)?;
        ready = next;
    }
    writer.finish().map_err(failed)?;
    Ok(())
}

/// The rows of some neighbouring series as a frame.
fn group(plan: &Plan, series: std::ops::Range<usize>) -> PolarsResult<DataFrame> {
    let h = &plan.history;
    let span = if series.is_empty() {
        0..0
    } else {
        h.offsets[series.start]..h.offsets[series.end]
    };
    let names = |name: fn(&crate::domain::Recommendation) -> &str| {
        StringChunked::from_iter_values(
            PlSmallStr::EMPTY,
            series
                .clone()
                .flat_map(|i| h.range(i).map(move |_| name(&plan.recommendations[i]))),
        )
        .into_series()
    };
    let figures = |name: &str, values: &[f64]| Column::new(name.into(), &values[span.clone()]);
    let dates: Vec<i32> = series
        .clone()
        .flat_map(|i| h.range(i).map(move |k| h.day(i, k).0))
        .collect();
    let demand: Vec<f64> = span
        .clone()
        .map(|k| h.sold[k] + h.backordered[k] + h.lost[k])
        .collect();
    let availability = StringChunked::from_iter_values(
        PlSmallStr::EMPTY,
        h.availability[span.clone()].iter().map(|a| a.as_str()),
    )
    .into_series();
    let column = |name: &str, series: Series| series.with_name(name.into()).into_column();
    DataFrame::new(
        span.len(),
        vec![
            column("sku", names(|r| r.sku.as_str())),
            column("channel", names(|r| r.channel.as_str())),
            Column::new("date".into(), dates).cast(&DataType::Date)?,
            figures("sold", &h.sold),
            figures("backordered", &h.backordered),
            figures("lost", &h.lost),
            figures("lost_p10", &h.lost_p10),
            figures("lost_p90", &h.lost_p90),
            Column::new("demand".into(), demand),
            column("availability", availability),
        ],
    )
}
