//! `run.json` as a mark: that this program made a folder, every file that it put there, and what was in it.
//!
//! What is on the list with the same content may be deleted by a later run. Everything else in the folder is somebody's.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::output::OutputError;

/// The file that bears the mark.
pub(in crate::output) const RUN: &str = "run.json";
/// What it says of its maker.
pub(in crate::output) const MADE_BY: &str = "restock";
/// No `run.json` of ours is longer; a longer one is not read to its end.
const LONGEST: u64 = 1 << 28;

/// What a folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::output) enum Kind {
    Plan,
    Backtest,
}

impl Kind {
    /// The command that writes it.
    pub(in crate::output) fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Backtest => "backtest",
        }
    }
}

/// One file that was written: its path within the folder with `/`, and what was in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Entry {
    file: String,
    bytes: u64,
    sha256: String,
}

#[derive(Serialize)]
struct Sealed<'a, T: Serialize> {
    made_by: &'a str,
    command: Kind,
    #[serde(flatten)]
    run: &'a T,
    written: Vec<Entry>,
}

#[derive(Deserialize)]
struct Marked {
    made_by: String,
    command: Kind,
    #[serde(default)]
    written: Vec<Entry>,
}

/// What a folder's `run.json` says.
#[derive(Debug)]
pub(super) enum Found {
    /// There is none.
    Nothing,
    /// Something else made it.
    Foreign,
    Ours(Mark),
}

/// The mark of one of our folders.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) kind: Kind,
    /// Whether `run.json` itself is as it was written.
    pub(super) intact: bool,
    pub(super) listed: Listed,
}

/// Files that were written, by their path within the folder, with bytes and SHA-256.
#[derive(Debug, Default)]
pub(super) struct Listed(BTreeMap<String, (u64, String)>);

impl Listed {
    /// Whether a file was written by the run that made the folder, changed since or not.
    pub(super) fn contains(&self, below: &Path) -> bool {
        key(below).is_some_and(|key| self.0.contains_key(&key))
    }

    /// Whether a file is on the list and its content is what was written.
    pub(super) fn is_unchanged(&self, below: &Path, file: &Path, bytes: u64) -> bool {
        let listed = key(below).and_then(|key| self.0.get(&key));
        listed.is_some_and(|(length, sha256)| {
            *length == bytes && hash(file).is_ok_and(|(_, found)| found == *sha256)
        })
    }

    /// Whether anything was written into a folder within the folder.
    pub(super) fn reaches_into(&self, below: &Path) -> bool {
        key(below).is_some_and(|key| {
            let start = key + "/";
            let next = self.0.range(start.clone()..).next();
            next.is_some_and(|(file, _)| file.starts_with(&start))
        })
    }
}

/// A path within the folder as it stands in the list.
fn key(below: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

/// Writes `run.json` with the mark and the list of all files that are in the folder by now.
///
/// The last line, the seal, is the SHA-256 of all that stands before it.
pub(in crate::output) fn write(
    folder: &Path,
    kind: Kind,
    run: &impl Serialize,
) -> Result<(), OutputError> {
    let path = folder.join(RUN);
    let mut written = Vec::new();
    list(folder, Path::new(""), &mut written)?;
    let sealed = Sealed {
        made_by: MADE_BY,
        command: kind,
        run,
        written,
    };
    let text =
        serde_json::to_string_pretty(&sealed).map_err(|e| OutputError::writing(&path)(e.into()))?;
    let body = text.strip_suffix("\n}").unwrap_or(&text);
    let seal = hex(&Sha256::digest(body.as_bytes()));
    fs::write(&path, format!("{body}{SEAL}{seal}{END}")).map_err(OutputError::writing(&path))
}

const SEAL: &str = ",\n  \"seal\": \"";
const END: &str = "\"\n}\n";

/// Whether `run.json` is as it was written.
fn is_intact(text: &str) -> bool {
    let Some((body, seal)) = text
        .strip_suffix(END)
        .and_then(|text| text.rsplit_once(SEAL))
    else {
        return false;
    };
    seal == hex(&Sha256::digest(body.as_bytes()))
}

/// Reads the mark of a folder.
pub(super) fn read(folder: &Path) -> io::Result<Found> {
    let path = folder.join(RUN);
    match fs::symlink_metadata(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(e) => return Err(e),
        // A link leads to what may be anybody's.
        Ok(meta) if !meta.is_file() || meta.len() > LONGEST => return Ok(Found::Foreign),
        Ok(_) => {}
    }
    let bytes = fs::read(&path)?;
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return Ok(Found::Foreign);
    };
    Ok(match serde_json::from_str::<Marked>(text) {
        Ok(marked) if marked.made_by == MADE_BY => {
            let files = marked.written.into_iter();
            Found::Ours(Mark {
                kind: marked.command,
                intact: is_intact(text),
                listed: Listed(files.map(|f| (f.file, (f.bytes, f.sha256))).collect()),
            })
        }
        _ => Found::Foreign,
    })
}

/// Every file below a folder of ours, in the order of names.
fn list(folder: &Path, below: &Path, into: &mut Vec<Entry>) -> Result<(), OutputError> {
    for name in super::names(folder).map_err(OutputError::reading(folder))? {
        let (path, below) = (folder.join(&name), below.join(&name));
        let meta = fs::symlink_metadata(&path).map_err(OutputError::reading(&path))?;
        if meta.is_dir() {
            list(&path, &below, into)?;
        } else if let Some(file) = key(&below) {
            let (bytes, sha256) = hash(&path).map_err(OutputError::reading(&path))?;
            into.push(Entry {
                file,
                bytes,
                sha256,
            });
        }
    }
    Ok(())
}

/// Length and SHA-256 of a file.
fn hash(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut digest, mut bytes) = (Sha256::new(), 0);
    let mut block = vec![0; 1 << 18];
    loop {
        let n = match file.read(&mut block) {
            Ok(0) => return Ok((bytes, hex(&digest.finalize()))),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        digest.update(&block[..n]);
        bytes += n as u64;
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
