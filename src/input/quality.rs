//! The table that `restock check` prints.

use std::fmt::Write as _;

use super::error::{finding_text, place_text};
use crate::domain::{Checked, Day, Finding, Severity};
use crate::text::{Lang, text};

/// Columns that a character takes in a terminal: 2 for East Asian wide and full-width ones.
fn width_of(c: char) -> usize {
    let wide = matches!(c,
        '\u{1100}'..='\u{115F}'
        | '\u{2E80}'..='\u{303E}'
        | '\u{3041}'..='\u{A4CF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE6F}'
        | '\u{FF00}'..='\u{FF60}'
        | '\u{FFE0}'..='\u{FFE6}'
        | '\u{1F300}'..='\u{1FAFF}'
        | '\u{20000}'..='\u{3FFFD}');
    if wide { 2 } else { 1 }
}

/// Columns that a text takes in a terminal.
fn width(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

/// A number with thousands apart, for reading.
fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (k, c) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// One line of the table of tables.
struct Line {
    cells: [String; 5],
}

/// What was read, and everything found about it by severity, as text for a terminal.
pub fn quality_table(input: &Checked, lang: Lang) -> String {
    tables_read(input, lang) + &findings_by_severity(&input.findings, lang)
}

/// The tables that were read: files, rows, dates, series.
pub fn tables_read(input: &Checked, lang: Lang) -> String {
    let say = |key: &str, figures: &[(&str, &str)]| text(lang, &format!("finding.{key}"), figures);
    let mut out = say(
        "quality_as_of",
        &[("as_of", &input.tables.as_of.to_string())],
    );
    out.push_str("\n\n");
    let mut lines = vec![Line {
        cells: ["table", "files", "rows", "dates", "series"]
            .map(|h| say(&format!("quality_{h}"), &[])),
    }];
    lines.extend(table_lines(input));
    write_lines(&mut out, &lines);
    out
}

/// Everything found, by severity.
pub fn findings_by_severity(findings: &[Finding], lang: Lang) -> String {
    let say = |key: &str, figures: &[(&str, &str)]| text(lang, &format!("finding.{key}"), figures);
    let mut out = String::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Notice] {
        let of: Vec<&Finding> = findings.iter().filter(|f| f.severity == severity).collect();
        if of.is_empty() {
            continue;
        }
        let count = of.iter().map(|f| f.kind().1).sum::<u64>().to_string();
        out.push('\n');
        out.push_str(&say(
            &format!("quality_{}", severity.as_str()),
            &[("count", &count)],
        ));
        out.push('\n');
        write_findings(&mut out, &of, lang);
    }
    if findings.is_empty() {
        out.push('\n');
        out.push_str(&say("quality_clean", &[]));
        out.push('\n');
    }
    out
}

/// Per kind: the first finding in full, and how many more there are, those that were only counted included.
fn write_findings(out: &mut String, findings: &[&Finding], lang: Lang) {
    let mut told: Vec<&str> = Vec::new();
    for first in findings {
        let kind = first.kind().0;
        if told.contains(&kind) {
            continue;
        }
        told.push(kind);
        let of_kind = findings.iter().map(|f| f.kind()).filter(|k| k.0 == kind);
        let same: u64 = of_kind.map(|k| k.1).sum();
        let (what, remedy) = finding_text(lang, first);
        let place = place_text(lang, first);
        let _ = writeln!(out, "- {what} [{}]", first.code);
        if !place.is_empty() {
            let value = first
                .place
                .value
                .as_ref()
                .map_or_else(String::new, |v| format!(": \"{v}\""));
            let example = format!("{place}{value}");
            let _ = writeln!(
                out,
                "  {}",
                text(lang, "finding.quality_example", &[("place", &example)])
            );
        }
        if same > 1 {
            let more = (same - 1).to_string();
            let _ = writeln!(
                out,
                "  {}",
                text(lang, "finding.quality_more", &[("count", &more)])
            );
        }
        let _ = writeln!(out, "  {remedy}");
    }
}

fn table_lines(input: &Checked) -> Vec<Line> {
    let tables = &input.tables;
    let mut names: Vec<&str> = Vec::new();
    for file in &tables.files {
        if !names.contains(&file.table.as_str()) {
            names.push(&file.table);
        }
    }
    names
        .into_iter()
        .map(|name| {
            let files = tables.files.iter().filter(|f| f.table == name);
            let rows: u64 = files.clone().map(|f| f.rows).sum();
            let (dates, series) = extent(input, name);
            let span = match dates {
                Some((from, to)) => format!("{from} – {to}"),
                None => String::new(),
            };
            Line {
                cells: [
                    name.to_owned(),
                    files.count().to_string(),
                    thousands(rows),
                    span,
                    series.map_or_else(String::new, |n| thousands(n as u64)),
                ],
            }
        })
        .collect()
}

/// First and last date, and the number of series, of a table.
fn extent(input: &Checked, name: &str) -> (Option<(Day, Day)>, Option<usize>) {
    let Checked {
        tables, records, ..
    } = input;
    let frame = |frame: &polars::prelude::DataFrame, b: &str| {
        let dates = frame.column("date").ok().and_then(|c| c.i32().ok());
        let span = dates.and_then(|d| {
            use polars::prelude::ChunkAgg;
            Some((Day(d.min()?), Day(d.max()?)))
        });
        let codes = |name: &str| {
            frame
                .column(name)
                .ok()
                .and_then(|c| c.u32().ok())
                .and_then(|c| c.cont_slice().ok().map(<[u32]>::to_vec))
                .unwrap_or_default()
        };
        let (a, b) = (codes("sku"), codes(b));
        // Both frames are sorted by these two.
        let changes = (0..a.len()).filter(|&k| k == 0 || (a[k - 1], b[k - 1]) != (a[k], b[k]));
        (span, Some(changes.count()))
    };
    let span = |days: &mut dyn Iterator<Item = Day>| {
        days.fold(None, |span: Option<(Day, Day)>, day| {
            Some(span.map_or((day, day), |(a, b)| (a.min(day), b.max(day))))
        })
    };
    match name {
        "sales" => frame(&records.sales.0, "channel"),
        "stock" => records
            .stock
            .as_ref()
            .map_or((None, None), |s| frame(&s.0, "location")),
        "backorders" => (span(&mut tables.backorders.iter().map(|l| l.date)), None),
        "inbound" => (span(&mut tables.inbound.iter().map(|l| l.ordered)), None),
        "calendar" => (
            span(&mut tables.calendar.iter().flat_map(|e| [e.from, e.to])),
            None,
        ),
        _ => (None, None),
    }
}

/// Columns aligned: names to the left, numbers to the right.
fn write_lines(out: &mut String, lines: &[Line]) {
    let mut widths = [0; 5];
    for line in lines {
        for (w, cell) in widths.iter_mut().zip(&line.cells) {
            *w = (*w).max(width(cell));
        }
    }
    for line in lines {
        let mut text = String::new();
        for (k, cell) in line.cells.iter().enumerate() {
            let pad = " ".repeat(widths[k] - width(cell));
            let left = k == 0 || k == 3;
            if k > 0 {
                text.push_str("  ");
            }
            if left {
                text.push_str(cell);
                text.push_str(&pad);
            } else {
                text.push_str(&pad);
                text.push_str(cell);
            }
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japanese_takes_two_columns() {
        assert_eq!(width("行数"), 4);
        assert_eq!(width("ﾊﾝｶｸ"), 4);
        assert_eq!(width("a–b"), 3);
    }

    #[test]
    fn thousands_are_apart() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }
}
