//! The earlier plan: where it is, and what its `recommendations.csv` says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use encoding_rs::SHIFT_JIS;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::figure::plain;
use super::folder::{Kind, MADE_BY, RUN};
use super::recommendations::FILE;
use super::table::header;
use super::{OutputError, Previous};
use crate::domain::{Day, Plan};
use crate::insight::changes::Standing;
use crate::text::Lang;

/// Share of the series of the smaller of two plans that both must have to be of one shop.
const SAME_SERIES: f64 = 0.5;
/// Plans that are looked at, the newest first.
const LOOKED_AT: usize = 20;

/// What was found.
#[derive(Debug)]
pub(super) enum Found {
    None,
    /// Those that there are were made of other data: the newest of them.
    OtherData(PathBuf),
    /// There is one, but it cannot be read; why.
    Unreadable(String),
    Plan {
        folder: PathBuf,
        rows: Vec<Standing>,
    },
}

/// Finds and reads the earlier plan. One that was asked for by name must be there; one that was only looked for need not, and must be of the
/// same data.
pub(super) fn find(out: &Path, plan: &Plan, previous: &Previous) -> Result<Found, OutputError> {
    if let Previous::Folder(folder) = previous {
        return Ok(Found::Plan {
            rows: read_named(folder)?,
            folder: folder.clone(),
        });
    }
    let own: BTreeSet<(&str, &str)> = plan
        .recommendations
        .iter()
        .map(|r| (r.sku.as_str(), r.channel.as_str()))
        .collect();
    let mut other = None;
    for folder in newest_first(out, plan.as_of).into_iter().take(LOOKED_AT) {
        match read(&folder) {
            Ok(rows) if is_of_same_data(&own, &rows) => return Ok(Found::Plan { folder, rows }),
            Ok(_) => other = other.or(Some(folder)),
            Err(why) => return Ok(Found::Unreadable(format!("{}: {why}", folder.display()))),
        }
    }
    Ok(other.map_or(Found::None, Found::OtherData))
}

/// Whether an earlier plan's rows are of the shop whose series are `own`: of the smaller of the two a good part is in the other, so that codes
/// may come and go, and another shop's plan in the same folder is told by its codes.
fn is_of_same_data(own: &BTreeSet<(&str, &str)>, rows: &[Standing]) -> bool {
    // What a location needs for those that it fills has no channel.
    let then: BTreeSet<(&str, &str)> = rows
        .iter()
        .filter(|r| !r.channel.is_empty())
        .map(|r| (r.sku.as_str(), r.channel.as_str()))
        .collect();
    let smaller = own.len().min(then.len());
    smaller == 0 || own.intersection(&then).count() as f64 >= SAME_SERIES * smaller as f64
}

/// Where the earlier plan is, if there is one.
pub(super) fn folder(out: &Path, plan: &Plan, previous: &Previous) -> Option<PathBuf> {
    match find(out, plan, previous) {
        Ok(Found::Plan { folder, .. }) => Some(folder),
        _ => None,
    }
}

/// Reads an earlier plan that was asked for by name.
pub(super) fn read_named(folder: &Path) -> Result<Vec<Standing>, OutputError> {
    read(folder).map_err(|why| OutputError::Previous {
        path: folder.to_owned(),
        why,
    })
}

/// The plans of days before as-of, beside `out` or at `out` itself, whatever their folders are called, the newest first. Of several of one
/// day the one that was written last comes first.
fn newest_first(out: &Path, as_of: Day) -> Vec<PathBuf> {
    let parent = match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    let mut plans: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|folder| folder.join(FILE).is_file())
        .filter_map(|folder| Some((planned(&folder)?, folder)))
        .filter(|((day, _), _)| *day < as_of)
        .collect();
    plans.sort_by(|a, b| b.cmp(a));
    plans.into_iter().map(|(_, folder)| folder).collect()
}

/// What `run.json` says of a plan: its as-of, and when it was written. `None` where the folder is no plan. It is only
/// read, so that a plan of a version before the mark counts as well.
fn planned(folder: &Path) -> Option<(Day, Option<String>)> {
    #[derive(Deserialize)]
    struct Run {
        made_by: Option<String>,
        command: Option<String>,
        as_of: String,
        written_at: Option<String>,
        #[serde(rename = "configuration")]
        _configuration: IgnoredAny,
        #[serde(rename = "timings")]
        _timings: IgnoredAny,
    }
    let bytes = fs::read(folder.join(RUN)).ok()?;
    let run: Run = serde_json::from_slice(&bytes).ok()?;
    let ours = run.made_by.is_none_or(|maker| maker == MADE_BY);
    let plan = run
        .command
        .is_none_or(|command| command == Kind::Plan.as_str());
    let day = date(&run.as_of)?;
    (ours && plan).then_some((day, run.written_at))
}

/// The day of a text like `2026-11-22`, in exactly that form.
fn date(text: &str) -> Option<Day> {
    let mut parts = text.split('-').map(str::parse);
    let (year, month, day) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    Day::from_ymd(year, month.try_into().ok()?, day.try_into().ok()?)
        .filter(|d| d.to_string() == text)
}

/// Reads a plan's recommendations, in whatever encoding and header language they were written.
fn read(folder: &Path) -> Result<Vec<Standing>, String> {
    let path = folder.join(FILE);
    let bytes = fs::read(&path).map_err(|e| format!("{FILE}: {e}"))?;
    let text = decode(&bytes).ok_or_else(|| format!("{FILE} is neither UTF-8 nor CP932"))?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader
        .headers()
        .map_err(|e| format!("{FILE}: {e}"))?
        .clone();
    let at = |column: &'static str| {
        let japanese = header(Lang::Ja, column);
        headers
            .iter()
            .position(|h| h == column || h == japanese.as_str())
    };
    let required =
        |column: &'static str| at(column).ok_or_else(|| format!("{FILE} has no column {column}"));
    let (sku, channel) = (required("sku")?, required("channel")?);
    let (order_qty, reorder_point) = (required("order_qty")?, required("reorder_point")?);
    let (action, location) = (at("action"), at("location"));
    let optional: BTreeMap<&'static str, Option<usize>> = [
        "demand_per_day",
        "on_hand",
        "safety_stock",
        "protection_days",
        "service_target",
        "on_order_in_time",
        "open_backorders",
        "waiting_reduction",
        "rounding",
        "moq",
        "order_multiple",
    ]
    .map(|column| (column, at(column)))
    .into();

    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| format!("{FILE}: {e}"))?;
        let text = |i: usize| plain(record.get(i).unwrap_or_default()).to_owned();
        let number = |i: usize| {
            let cell = record.get(i).unwrap_or_default();
            let line = record.position().map_or(0, csv::Position::line);
            match cell {
                "" => Ok(f64::NAN),
                _ => cell
                    .parse::<f64>()
                    .map_err(|_| format!("{FILE}, line {line}: {cell:?} is not a number")),
            }
        };
        let maybe = |column: &str| match optional.get(column).copied().flatten() {
            Some(i) => number(i),
            None => Ok(f64::NAN),
        };
        rows.push(Standing {
            sku: text(sku),
            channel: text(channel),
            location: location.map(text).unwrap_or_default(),
            action: action.map(text).unwrap_or_default(),
            order_qty: number(order_qty)?,
            reorder_point: number(reorder_point)?,
            demand_per_day: maybe("demand_per_day")?,
            on_hand: maybe("on_hand")?,
            safety_stock: maybe("safety_stock")?,
            protection_days: maybe("protection_days")?,
            service_target: maybe("service_target")?,
            on_order_in_time: maybe("on_order_in_time")?,
            open_backorders: maybe("open_backorders")?,
            waiting_reduction: maybe("waiting_reduction")?,
            rounding: maybe("rounding")?,
            moq: maybe("moq")?,
            order_multiple: maybe("order_multiple")?,
        });
    }
    Ok(rows)
}

pub(super) fn decode(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        Err(_) => {
            let (text, bad) = SHIFT_JIS.decode_without_bom_handling(bytes);
            (!bad).then(|| text.into_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_that_are_whole_dates_count() {
        assert_eq!(date("2026-11-22"), Day::from_ymd(2026, 11, 22));
        for text in [
            "2026-11-31",
            "2026-1-2",
            "2026-11-22-old",
            "plan",
            "2026-11",
            "",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
