//! `forecast.csv`: the coming weeks of each series, as mean and quantiles.

use super::table::{Column, write as write_table};
use super::{Desk, OutputError};
use crate::domain::ForecastWeek;

const COLUMNS: &[Column<ForecastWeek>] = &[
    ("sku", |w| (&w.sku).into()),
    ("channel", |w| (&w.channel).into()),
    ("week", |w| w.week.into()),
    ("mean", |w| w.mean.into()),
    ("p10", |w| w.p10.into()),
    ("p50", |w| w.p50.into()),
    ("p80", |w| w.p80.into()),
    ("p90", |w| w.p90.into()),
    ("p95", |w| w.p95.into()),
    ("p99", |w| w.p99.into()),
];

pub(super) fn write(desk: &Desk<'_>, weeks: &[ForecastWeek]) -> Result<(), OutputError> {
    write_table(desk, "forecast.csv", COLUMNS, weeks)
}
