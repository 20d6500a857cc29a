//! What can stop the writing, in words that say what to do.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use polars::prelude::PolarsError;

/// Why no plan folder was written. The earlier folder, if there was one, is as it was.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The disk said no.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried: "write", "rename", …
        action: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// The output folder exists and holds something else than a plan.
    #[error("{} exists and is not a plan folder: it is not empty and has no run.json", path.display())]
    NotAPlanFolder { path: PathBuf },
    /// The output path is a file, or has no name of its own.
    #[error("{} cannot be a plan folder: {why}", path.display())]
    BadPath { path: PathBuf, why: &'static str },
    /// A character that the chosen encoding does not have. Row 1 is the header.
    #[error(
        "{file}, row {row}, column {column}: {character:?} (U+{:04X}) in {value:?} does not exist in CP932",
        u32::from(*character)
    )]
    Unencodable {
        file: String,
        row: u64,
        column: String,
        value: String,
        character: char,
    },
    /// The Parquet writer failed.
    #[error("cannot write {}", path.display())]
    Parquet {
        path: PathBuf,
        #[source]
        source: PolarsError,
    },
    /// The charts could not be drawn.
    #[error("the charts could not be drawn")]
    Draw {
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The folder named by `--previous` cannot be compared with.
    #[error("{} cannot be compared with: {why}", path.display())]
    Previous { path: PathBuf, why: String },
    /// Ctrl-C, or the caller.
    #[error("stopped before the plan folder was complete")]
    Cancelled,
}

impl OutputError {
    pub(super) fn io(
        action: &'static str,
        path: impl AsRef<Path>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// What the user can do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => {
                    "close programs that hold the folder's files open, or choose a folder you may write to with --out"
                }
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "free some space on the disk, or choose another one with --out"
                }
                _ => "check the disk and the path, then run again; the earlier folder is as it was",
            }
            .to_owned(),
            Self::NotAPlanFolder { .. } => {
                "choose another folder with --out, or empty this one yourself; nothing in it was touched".to_owned()
            }
            Self::BadPath { .. } => {
                "give --out a folder name that does not exist yet, such as out/2026-11-22".to_owned()
            }
            Self::Unencodable { .. } => {
                "replace the character in the input, or leave out --encoding cp932 to write UTF-8".to_owned()
            }
            Self::Parquet { .. } => "check the disk, then run again; the earlier folder is as it was".to_owned(),
            Self::Draw { .. } => "run with --no-charts to write the tables alone".to_owned(),
            Self::Previous { .. } => {
                "give --previous the folder of an earlier plan, one with a recommendations.csv".to_owned()
            }
            Self::Cancelled => "nothing was written; run again when it suits".to_owned(),
        }
    }
}

impl Diagnostic for OutputError {
    fn help(&self) -> Option<Box<dyn Display + '_>> {
        Some(Box::new(self.remedy()))
    }
}
