//! `exceptions.csv`: data problems and things a person must look at, by severity.

use super::table::{Cell, Column, write as write_table};
use super::{Desk, OutputError};
use crate::domain::Finding;
use crate::text::{Lang, text};

/// A finding with its texts.
#[derive(Debug)]
struct Row<'a> {
    finding: &'a Finding,
    message: String,
    remedy: String,
}

fn columns<'a>() -> [Column<Row<'a>>; 14] {
    [
        ("severity", |r| r.finding.severity.as_str().into()),
        ("code", |r| r.finding.code.into()),
        ("sku", |r| r.finding.sku.as_ref().into()),
        ("channel", |r| r.finding.channel.as_ref().into()),
        ("location", |r| r.finding.location.as_ref().into()),
        ("from", |r| r.finding.from.into()),
        ("to", |r| r.finding.to.into()),
        ("count", |r| r.finding.count.into()),
        ("file", |r| r.finding.place.file.as_deref().into()),
        ("line", |r| r.finding.place.line.into()),
        ("column", |r| r.finding.place.column.as_deref().into()),
        ("value", |r| r.finding.place.value.as_deref().into()),
        ("message", |r| Cell::from(r.message.as_str())),
        ("remedy", |r| Cell::from(r.remedy.as_str())),
    ]
}

pub(super) fn write(desk: &Desk<'_>, findings: &[Finding]) -> Result<(), OutputError> {
    let mut rows: Vec<Row<'_>> = findings
        .iter()
        .map(|finding| Row {
            finding,
            message: message(desk.lang, finding),
            remedy: remedy(desk.lang, finding),
        })
        .collect();
    rows.sort_by(|a, b| {
        fn key<'r>(r: &'r Row<'_>) -> impl Ord + 'r {
            let f = r.finding;
            (
                (f.severity, f.code),
                (&f.sku, &f.channel, &f.location),
                (f.from, f.to),
                (&f.place.file, f.place.line, &f.place.column),
                &r.message,
            )
        }
        key(a).cmp(&key(b))
    });
    write_table(desk, "exceptions.csv", &columns(), rows)
}

/// What is wrong, as a sentence.
pub fn message(lang: Lang, finding: &Finding) -> String {
    sentence(lang, finding, "")
}

/// What to do about it, as a sentence.
pub fn remedy(lang: Lang, finding: &Finding) -> String {
    sentence(lang, finding, "_remedy")
}

/// What a kind of finding is called in a line that counts kinds: in English its code, in Japanese a few words.
pub fn finding_title(lang: Lang, code: &str) -> String {
    let key = format!("title.{code}");
    let title = text(lang, &key, &[]);
    if title == key { code.to_owned() } else { title }
}

/// A finding's text: findings of the data stand in the section `finding`, those of the writing in `output`.
fn sentence(lang: Lang, finding: &Finding, suffix: &str) -> String {
    let day = |day: Option<crate::domain::Day>| day.map(|d| d.to_string()).unwrap_or_default();
    let or_empty = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let place = &finding.place;
    let known = [
        ("sku", or_empty(finding.sku.as_ref().map(|n| n.as_str()))),
        (
            "channel",
            or_empty(finding.channel.as_ref().map(|n| n.as_str())),
        ),
        (
            "location",
            or_empty(finding.location.as_ref().map(|n| n.as_str())),
        ),
        ("from", day(finding.from)),
        ("to", day(finding.to)),
        ("count", finding.count.to_string()),
        ("file", or_empty(place.file.as_deref())),
        (
            "line",
            place.line.map(|l| l.to_string()).unwrap_or_default(),
        ),
        ("column", or_empty(place.column.as_deref())),
        ("value", or_empty(place.value.as_deref())),
    ];
    // The finding's own figures first: they may name a placeholder that the known ones have too.
    let figures: Vec<(&str, &str)> = finding
        .figures
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .chain(known.iter().map(|(name, value)| (*name, value.as_str())))
        .collect();
    let key = format!("finding.{}{suffix}", finding.code);
    let found = text(lang, &key, &figures);
    if found == key {
        text(lang, &format!("output.{}{suffix}", finding.code), &figures)
    } else {
        found
    }
}
