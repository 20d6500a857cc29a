//! Why the input stops a run, in words for the person who can mend it.

use std::path::PathBuf;

use super::missing::{MissingColumns, missing_text};
use super::source::SourceFault;
use crate::config::{Measure, grouped};
use crate::domain::Finding;
use crate::text::{Lang, text};

/// What stops the reading of the input.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Rows that cannot be used: one finding per file, column and kind, with the number of rows in `count` and the
    /// first ten in the figure `lines`.
    #[error("{}", self.render(Lang::En))]
    Rows(Vec<Finding>),
    #[error("{}", self.render(Lang::En))]
    FolderMissing(PathBuf),
    /// No `sales` table; `found` are the names in the folder.
    #[error("{}", self.render(Lang::En))]
    SalesMissing { folder: PathBuf, found: Vec<String> },
    /// One table in two forms.
    #[error("{}", self.render(Lang::En))]
    TwoForms {
        table: &'static str,
        names: Vec<String>,
    },
    #[error("{}", self.render(Lang::En))]
    Unreadable { file: String, why: String },
    /// A table's folder without any file that can be a table.
    #[error("{}", self.render(Lang::En))]
    FolderEmpty { folder: String },
    /// Required or mapped columns that files lack: all of them, by file.
    #[error("{}", self.render(Lang::En))]
    ColumnsMissing(Vec<MissingColumns>),
    /// A header that stands twice in a file and is needed once.
    #[error("{}", self.render(Lang::En))]
    ColumnTwice {
        file: String,
        table: &'static str,
        header: String,
    },
    /// A Parquet column of a kind that cannot be read.
    #[error("{}", self.render(Lang::En))]
    ColumnKind {
        file: String,
        column: String,
        kind: String,
        expected: &'static str,
    },
    /// A table with more rows than can be counted; `file` is the one that brings them.
    #[error("{}", self.render(Lang::En))]
    TooManyRows {
        file: String,
        table: &'static str,
        rows: u64,
    },
    /// A file whose rows need more memory than there is.
    #[error("{}", self.render(Lang::En))]
    TooLittleMemory {
        file: String,
        rows: u64,
        gigabytes: u64,
    },
    /// What the files of sources, or their configuration, stop at.
    #[error("{}", self.render(Lang::En))]
    Source(SourceFault),
    /// Neither `sales` nor `stock` has a row, so that no day can be the last.
    #[error("{}", self.render(Lang::En))]
    NoDates,
    /// All rows are after `--as-of`.
    #[error("{}", self.render(Lang::En))]
    NothingBefore { as_of: String, first: String },
    /// `--as-of` within a week of weekly tables; `week` is that week, `before` the one before it.
    #[error("{}", self.render(Lang::En))]
    WithinWeek {
        as_of: String,
        week: String,
        before: String,
    },
}

impl InputError {
    /// The message for a person: which file, line, column and value, what was expected, and what to do.
    pub fn render(&self, lang: Lang) -> String {
        let say =
            |key: &str, figures: &[(&str, &str)]| text(lang, &format!("finding.{key}"), figures);
        match self {
            Self::Rows(findings) => render_rows(lang, findings),
            Self::FolderMissing(path) => {
                say("folder_missing", &[("folder", &path.display().to_string())])
            }
            Self::SalesMissing { folder, found } => say(
                "sales_missing",
                &[
                    ("folder", &folder.display().to_string()),
                    ("found", &list(lang, found)),
                ],
            ),
            Self::TwoForms { table, names } => say(
                "two_forms",
                &[("table", table), ("names", &names.join(", "))],
            ),
            Self::Unreadable { file, why } => say("unreadable", &[("file", file), ("why", why)]),
            Self::FolderEmpty { folder } => say("folder_empty", &[("folder", folder)]),
            Self::ColumnsMissing(groups) => missing_text(lang, groups),
            Self::ColumnTwice {
                file,
                table,
                header,
            } => say(
                "column_twice",
                &[("file", file), ("table", table), ("header", header)],
            ),
            Self::ColumnKind {
                file,
                column,
                kind,
                expected,
            } => say(
                "column_kind",
                &[
                    ("file", file),
                    ("column", column),
                    ("kind", kind),
                    ("expected", expected),
                ],
            ),
            Self::TooManyRows { file, table, rows } => {
                let [_, (_, most), _] = Measure::Rows.limit().figures();
                say(
                    "too_many_rows",
                    &[
                        ("file", file),
                        ("table", table),
                        ("rows", &grouped(*rows as f64)),
                        ("most", &most),
                    ],
                )
            }
            Self::TooLittleMemory {
                file,
                rows,
                gigabytes,
            } => say(
                "too_little_memory",
                &[
                    ("file", file),
                    ("rows", &grouped(*rows as f64)),
                    ("gigabytes", &gigabytes.to_string()),
                ],
            ),
            Self::Source(SourceFault { key, figures }) => {
                let figures: Vec<_> = figures.iter().map(|(name, f)| (*name, &**f)).collect();
                text(lang, &format!("source.{key}"), &figures)
            }
            Self::NoDates => say("no_dates", &[]),
            Self::NothingBefore { as_of, first } => {
                say("nothing_before", &[("as_of", as_of), ("first", first)])
            }
            Self::WithinWeek {
                as_of,
                week,
                before,
            } => say(
                "as_of_within_week",
                &[("as_of", as_of), ("week", week), ("before", before)],
            ),
        }
    }
}

/// Names in a row, or "nothing".
pub(super) fn list(lang: Lang, names: &[String]) -> String {
    if names.is_empty() {
        text(lang, "finding.nothing", &[])
    } else {
        names.join(", ")
    }
}

/// What a finding says and what to do about it, in words.
///
/// The texts are `finding.CODE` and `finding.CODE_remedy`; their placeholders are the finding's figures.
pub fn finding_text(lang: Lang, finding: &Finding) -> (String, String) {
    let figures: Vec<(&str, &str)> = finding
        .figures
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    (
        text(lang, &format!("finding.{}", finding.code), &figures),
        text(lang, &format!("finding.{}_remedy", finding.code), &figures),
    )
}

/// `sales.csv, line 7, column `units`` as far as it is known.
pub fn place_text(lang: Lang, finding: &Finding) -> String {
    let place = &finding.place;
    let Some(file) = &place.file else {
        return String::new();
    };
    let mut out = file.clone();
    if let Some(line) = place.line {
        out.push_str(&text(
            lang,
            "finding.at_line",
            &[("line", &line.to_string())],
        ));
    }
    if let Some(column) = &place.column {
        out.push_str(&text(lang, "finding.at_column", &[("column", column)]));
    }
    out
}

fn render_rows(lang: Lang, findings: &[Finding]) -> String {
    let total: u64 = findings.iter().map(|f| f.count).sum();
    let mut out = text(lang, "finding.bad_rows", &[("count", &total.to_string())]);
    for finding in findings {
        let (what, remedy) = finding_text(lang, finding);
        out.push_str("\n\n");
        out.push_str(&text(
            lang,
            "finding.sentence",
            &[("place", &place_text(lang, finding)), ("what", &what)],
        ));
        if finding.count > 1 {
            let lines = finding
                .figures
                .iter()
                .find(|(name, _)| *name == "lines")
                .map_or("", |(_, v)| v);
            let key = if finding.count > 10 {
                "finding.more_rows_first_ten"
            } else {
                "finding.more_rows"
            };
            out.push_str("\n  ");
            out.push_str(&text(
                lang,
                key,
                &[("count", &finding.count.to_string()), ("lines", lines)],
            ));
        }
        out.push_str("\n  ");
        out.push_str(&remedy);
    }
    out
}
