//! What can stop the writing, in words that say what to do.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use polars::prelude::PolarsError;

use crate::text::{Lang, text};

/// Why no plan folder was written. The earlier folder, if there was one, is as it was.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The disk refused to read.
    #[error("{}", self.message(Lang::En))]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// The disk refused to write, to rename or to delete.
    #[error("{}", self.message(Lang::En))]
    Write {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// The output folder exists and holds something else than a plan.
    #[error("{}", self.message(Lang::En))]
    NotAPlanFolder { path: PathBuf },
    /// The output folder has a `run.json` without this program's mark.
    #[error("{}", self.message(Lang::En))]
    Unmarked { path: PathBuf },
    /// The output folder is one of this program's, made by another command.
    #[error("{}", self.message(Lang::En))]
    OtherKind {
        path: PathBuf,
        found: &'static str,
        wanted: &'static str,
    },
    /// The program runs in the output folder, or below it.
    #[error("{}", self.message(Lang::En))]
    Inside { path: PathBuf },
    /// A disk or volume is mounted at the output folder, or at a folder within it.
    #[error("{}", self.message(Lang::En))]
    Mounted { path: PathBuf },
    /// The output path, or one above it, is a link to nothing.
    #[error("{}", self.message(Lang::En))]
    Dangling { path: PathBuf },
    /// The output path is a file.
    #[error("{}", self.message(Lang::En))]
    NotAFolder { path: PathBuf },
    /// The output path has no name of its own, such as `/`.
    #[error("{}", self.message(Lang::En))]
    Nameless { path: PathBuf },
    /// Other runs kept replacing the folder.
    #[error("{}", self.message(Lang::En))]
    Busy { path: PathBuf },
    /// A character that CP932 does not have. Row 1 is the header.
    #[error("{}", self.message(Lang::En))]
    Unencodable {
        file: String,
        row: u64,
        column: String,
        value: String,
        character: char,
    },
    /// A figure grew beyond what a number can hold. Row 1 is the header.
    #[error("{}", self.message(Lang::En))]
    Overflow {
        file: String,
        row: u64,
        column: String,
        /// The row's first cell.
        of: String,
    },
    /// The Parquet writer failed.
    #[error("{}", self.message(Lang::En))]
    Parquet {
        path: PathBuf,
        #[source]
        source: PolarsError,
    },
    /// The charts could not be drawn.
    #[error("{}", self.message(Lang::En))]
    Draw {
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The folder that was named as the earlier plan cannot be compared with.
    #[error("{}", self.message(Lang::En))]
    Previous { path: PathBuf, why: String },
    /// Ctrl-C, or the caller.
    #[error("{}", self.message(Lang::En))]
    Cancelled,
}

impl OutputError {
    pub(super) fn writing(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Write { path, source }
    }

    pub(super) fn reading(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Read { path, source }
    }

    /// What happened, to which path, and why.
    pub fn message(&self, lang: Lang) -> String {
        let say = |key: &str, figures: &[(&str, &str)]| {
            text(lang, &format!("output.error_{key}"), figures)
        };
        let at = |path: &Path| path.display().to_string();
        match self {
            Self::Read { path, source } => {
                say("read", &[("path", &at(path)), ("why", &source.to_string())])
            }
            Self::Write { path, source } => say(
                "write",
                &[("path", &at(path)), ("why", &source.to_string())],
            ),
            Self::NotAPlanFolder { path } => say("not_a_plan_folder", &[("path", &at(path))]),
            Self::Unmarked { path } => say("unmarked", &[("path", &at(path))]),
            Self::OtherKind {
                path,
                found,
                wanted,
            } => say(
                "other_kind",
                &[("path", &at(path)), ("found", found), ("wanted", wanted)],
            ),
            Self::Inside { path } => say("inside", &[("path", &at(path))]),
            Self::Mounted { path } => say("mounted", &[("path", &at(path))]),
            Self::Dangling { path } => say("dangling", &[("path", &at(path))]),
            Self::NotAFolder { path } => say("not_a_folder", &[("path", &at(path))]),
            Self::Nameless { path } => say("nameless", &[("path", &at(path))]),
            Self::Busy { path } => say("busy", &[("path", &at(path))]),
            Self::Overflow {
                file,
                row,
                column,
                of,
            } => say(
                "overflow",
                &[
                    ("file", file),
                    ("row", &row.to_string()),
                    ("column", column),
                    ("of", of),
                ],
            ),
            Self::Unencodable {
                file,
                row,
                column,
                value,
                character,
            } => say(
                "unencodable",
                &[
                    ("file", file),
                    ("row", &row.to_string()),
                    ("column", column),
                    ("character", &character.to_string()),
                    ("code", &format!("U+{:04X}", u32::from(*character))),
                    ("value", value),
                ],
            ),
            Self::Parquet { path, source } => say(
                "write",
                &[("path", &at(path)), ("why", &source.to_string())],
            ),
            Self::Draw { source } => {
                let mut why = source.to_string();
                let mut cause = source.source();
                while let Some(deeper) = cause {
                    let _ = write!(why, ": {deeper}");
                    cause = deeper.source();
                }
                say("draw", &[("why", &why)])
            }
            Self::Previous { path, why } => say("previous", &[("path", &at(path)), ("why", why)]),
            Self::Cancelled => say("cancelled", &[]),
        }
    }

    /// What the user can do about it.
    pub fn remedy(&self, lang: Lang) -> String {
        let key = match self {
            Self::Read { source, .. } | Self::Write { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => "permission",
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "space",
                _ => "disk",
            },
            Self::Parquet { .. } => "disk",
            Self::NotAPlanFolder { .. } => "not_a_plan_folder",
            Self::Unmarked { .. } => "unmarked",
            Self::OtherKind { .. } => "other_kind",
            Self::Inside { .. } => "inside",
            Self::Mounted { .. } => "mounted",
            Self::NotAFolder { .. } | Self::Nameless { .. } | Self::Dangling { .. } => "name",
            Self::Busy { .. } => "busy",
            Self::Overflow { .. } => "overflow",
            Self::Unencodable { .. } => "unencodable",
            Self::Draw { .. } => "draw",
            Self::Previous { .. } => "previous",
            Self::Cancelled => "cancelled",
        };
        text(lang, &format!("output.remedy_{key}"), &[])
    }
}
