//! `run.json`: how this plan came about, and the list of what was written. The only file that differs between runs on the
//! same input.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::folder::{Kind, write_run};
use super::{Desk, OutputError};
use crate::config::Config;
use crate::domain::{Day, FileRead, Grain, Plan};
use crate::text::Lang;

#[derive(Serialize)]
struct Run<'a> {
    version: &'a str,
    as_of: Day,
    grain: Grain,
    lang: Lang,
    /// UTC, to the second.
    written_at: Option<String>,
    previous: Option<String>,
    configuration: &'a Config,
    files: &'a [FileRead],
    timings: Vec<Timing<'a>>,
}

#[derive(Serialize)]
struct Timing<'a> {
    stage: &'a str,
    seconds: f64,
}

pub(super) fn write(
    desk: &Desk<'_>,
    plan: &Plan,
    config: &Config,
    previous: Option<&Path>,
    writing: Duration,
) -> Result<(), OutputError> {
    let millis = |seconds: f64| (seconds * 1000.0).round() / 1000.0;
    let version = match plan.facts.version.as_str() {
        "" => env!("CARGO_PKG_VERSION"),
        version => version,
    };
    let mut timings: Vec<Timing<'_>> = plan
        .facts
        .timings
        .iter()
        .map(|(stage, seconds)| Timing {
            stage,
            seconds: millis(*seconds),
        })
        .collect();
    timings.push(Timing {
        stage: "write",
        seconds: millis(writing.as_secs_f64()),
    });
    let run = Run {
        version,
        as_of: plan.as_of,
        grain: plan.grain,
        lang: desk.lang,
        written_at: now(),
        previous: previous.map(|p| p.display().to_string()),
        configuration: config,
        files: &plan.facts.files,
        timings,
    };
    write_run(desk.folder, Kind::Plan, &run)
}

/// The clock's time (UTC), to the second, if the clock makes sense.
pub(super) fn now() -> Option<String> {
    clock("%Y-%m-%dT%H:%M:%SZ")
}

/// The same in a form of `strftime`.
pub(super) fn clock(form: &str) -> Option<String> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    chrono::DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)
        .map(|t| t.format(form).to_string())
}
