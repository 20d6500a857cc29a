//! What in a folder is not ours, or no longer, goes with it into the next one.
//!
//! Before the exchange, [`carry`] gives every such file a second name in the new folder (a hard link), so that it is never
//! missing. After it, [`settle`] deletes from the old folder what is proved to be ours, or to stand in the new one as
//! well; whatever else it finds there, also what came in between, it moves over. Links are never followed.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, FileTimes, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::mark::{Found, Listed, Mark, RUN};
use super::system::{self, Identity, Stamp};
use super::{leftover, mark, names};
use crate::output::OutputError;

/// The longest name of a file, in bytes, on the file systems in use.
const LONGEST_NAME: usize = 255;
/// How often an old folder is gone through while things are still put into it.
const ROUNDS: usize = 3;

/// What was carried over so far.
#[derive(Debug, Default)]
pub(super) struct Carried {
    /// Files that are as we wrote them, by their path within the folder.
    ours: HashMap<PathBuf, Stamp>,
    /// Others' folders: in the new folder stands one with links to their files.
    stand_ins: HashSet<PathBuf>,
    /// The new paths, within the folder, of what could not keep its name.
    pub(super) kept: Vec<PathBuf>,
}

/// Gives what in `old` is not ours a place in `new`, where links can be made; what cannot be linked waits for [`settle`].
///
/// # Errors
/// When something in `old` could not be moved later: a folder that cannot be read or written, or is a mounted disk.
/// Nothing has changed then but `new`.
pub(super) fn carry(
    old: &Path,
    new: &Path,
    mark: Option<&Mark>,
    time: &str,
) -> Result<Carried, OutputError> {
    let nothing = Listed::default();
    let mut work = Carry {
        listed: mark.map_or(&nothing, |mark| &mark.listed),
        intact: mark.is_some_and(|mark| mark.intact),
        time,
        carried: Carried::default(),
    };
    work.folder(old, new, Path::new(""))?;
    Ok(work.carried)
}

struct Carry<'a> {
    listed: &'a Listed,
    /// Whether `run.json` is as it was written.
    intact: bool,
    time: &'a str,
    carried: Carried,
}

impl Carry<'_> {
    fn folder(&mut self, old: &Path, new: &Path, below: &Path) -> Result<(), OutputError> {
        system::may_write(old).map_err(OutputError::writing(old))?;
        // Links of an attempt that another run came before.
        let there = identities(new);
        let mut names = names(old).map_err(OutputError::reading(old))?;
        // What keeps its name comes before what needs a new one, or a file kept a moment ago would lose its name to the next.
        names.sort_by_cached_key(|name| self.is_renamed(&below.join(name)));
        for name in names {
            let (from, below) = (old.join(&name), below.join(&name));
            let meta = match fs::symlink_metadata(&from) {
                Ok(meta) => meta,
                Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
                Err(e) => return Err(OutputError::reading(&from)(e)),
            };
            let ours = if below == Path::new(RUN) {
                self.intact
            } else {
                meta.is_file() && self.listed.is_unchanged(&below, &from, meta.len())
            };
            if ours {
                let stamp = system::stamp(&meta);
                self.carried.ours.extend(stamp.map(|s| (below, s)));
            } else if meta.is_dir() {
                if !leftover::is_workspace(&from) {
                    self.subfolder(&from, &meta, &new.join(&name), &below)?;
                }
            } else if system::identity(&meta).is_some_and(|id| !there.contains(&id)) {
                self.link(&from, new, &name, &below);
            }
        }
        Ok(())
    }

    /// Goes through a folder within. Where the new plan has something else by its name, [`settle`] moves it.
    fn subfolder(
        &mut self,
        from: &Path,
        meta: &Metadata,
        to: &Path,
        below: &Path,
    ) -> Result<(), OutputError> {
        if system::is_mount_root(from) {
            return Err(OutputError::Mounted {
                path: from.to_owned(),
            });
        }
        match fs::symlink_metadata(to) {
            Ok(found) if found.is_dir() => return self.folder(from, to, below),
            Ok(_) => return Ok(()),
            Err(_) => fs::create_dir(to).map_err(OutputError::writing(to))?,
        }
        self.folder(from, to, below)?;
        if self.listed.reaches_into(below) && fs::remove_dir(to).is_ok() {
            // Only ours were in it, and the new plan has none of them.
            return Ok(());
        }
        if !self.listed.reaches_into(below) {
            self.carried.stand_ins.insert(below.to_owned());
        }
        let _ = fs::set_permissions(to, meta.permissions());
        if let (Ok(folder), Ok(modified)) = (fs::File::open(to), meta.modified()) {
            let _ = folder.set_times(FileTimes::new().set_modified(modified));
        }
        Ok(())
    }

    fn link(&mut self, from: &Path, new: &Path, name: &OsStr, below: &Path) {
        let free = place(new, name, self.is_renamed(below), self.time);
        if fs::hard_link(from, new.join(&free)).is_ok() && free != name {
            self.carried.kept.push(below.with_file_name(free));
        }
    }

    fn is_renamed(&self, below: &Path) -> bool {
        self.listed.contains(below) || below == Path::new(RUN)
    }
}

/// What became of an old folder.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// The new paths, within the folder, of what could not keep its name.
    pub(super) kept: Vec<PathBuf>,
    /// What is not ours and could not be moved; it is still where it was.
    pub(super) left: Vec<PathBuf>,
}

/// Empties and deletes an `old` folder, whose place `new` has taken: deletes what is ours, moves the rest into `new`.
/// What can be neither stays. `carried` saves reading files anew that did not change.
pub(super) fn settle(
    old: &Path,
    new: &Path,
    mark: Option<&Mark>,
    carried: Option<&Carried>,
    time: &str,
) -> Settled {
    let nothing = Listed::default();
    let mut work = Settle {
        root: new,
        listed: mark.map_or(&nothing, |mark| &mark.listed),
        carried,
        time,
        exchanging: true,
        settled: Settled::default(),
    };
    for _ in 0..ROUNDS {
        work.settled.left.clear();
        work.folder(old, new, Path::new(""));
        work.exchanging = false;
        // Last, for it says what is ours, should this run be killed.
        work.run_json(old, new);
        if fs::remove_dir(old).is_ok() || fs::symlink_metadata(old).is_err() {
            break;
        }
    }
    work.settled
}

struct Settle<'a> {
    root: &'a Path,
    listed: &'a Listed,
    carried: Option<&'a Carried>,
    time: &'a str,
    /// Whether others' folders are still to be exchanged with their stand-ins.
    exchanging: bool,
    settled: Settled,
}

impl Settle<'_> {
    fn folder(&mut self, old: &Path, new: &Path, below: &Path) {
        let there = identities(new);
        for name in names(old).unwrap_or_default() {
            let (from, below) = (old.join(&name), below.join(&name));
            let Ok(meta) = fs::symlink_metadata(&from) else {
                continue;
            };
            if below == Path::new(RUN) {
                continue;
            }
            if meta.is_dir() {
                self.subfolder(&from, new, &name, &below);
            } else if self.is_ours(&below, &from, &meta)
                || system::identity(&meta).is_some_and(|id| there.contains(&id))
            {
                // One that cannot be deleted now is deleted with the folder by a later run.
                let _ = fs::remove_file(&from);
            } else {
                self.bring(&from, new, &name, &below);
            }
        }
    }

    fn is_ours(&self, below: &Path, file: &Path, meta: &Metadata) -> bool {
        let proved = self.carried.and_then(|carried| carried.ours.get(below));
        proved.is_some_and(|proved| system::stamp(meta) == Some(*proved))
            || meta.is_file() && self.listed.is_unchanged(below, file, meta.len())
    }

    fn subfolder(&mut self, from: &Path, new: &Path, name: &OsStr, below: &Path) {
        let mut to = new.join(name);
        let ours = self.listed.reaches_into(below);
        let standing = fs::symlink_metadata(&to);
        let stands_in = standing.as_ref().is_ok_and(Metadata::is_dir);
        if !ours && !stands_in {
            return self.bring(from, new, name, below);
        }
        if !stands_in && standing.is_ok() {
            to = new.join(place(new, name, true, self.time));
        }
        let exchanging = self.exchanging;
        let stand_in = |carried: &Carried| carried.stand_ins.contains(below);
        if exchanging && self.carried.is_some_and(stand_in) {
            // The folder itself, with its owner, its rights and the folders in it, instead of its stand-in.
            self.exchanging = !system::exchange(from, &to).unwrap_or(false);
        }
        self.folder(from, &to, below);
        self.exchanging = exchanging;
        let _ = fs::remove_dir(from);
    }

    fn run_json(&mut self, old: &Path, new: &Path) {
        let from = old.join(RUN);
        let Ok(meta) = fs::symlink_metadata(&from) else {
            return;
        };
        let intact = || matches!(mark::read(old), Ok(Found::Ours(mark)) if mark.intact);
        let there = || system::identity(&meta).is_some_and(|id| identities(new).contains(&id));
        if intact() || there() {
            let _ = fs::remove_file(&from);
        } else {
            self.bring(&from, new, OsStr::new(RUN), Path::new(RUN));
        }
    }

    /// Moves something into the new folder.
    fn bring(&mut self, from: &Path, new: &Path, name: &OsStr, below: &Path) {
        let renamed = self.listed.contains(below) || below == Path::new(RUN);
        // A folder within that the new plan does not have may hold somebody's files; the plan folder itself is not made up.
        let ready = self.root.is_dir() && fs::create_dir_all(new).is_ok();
        let free = place(new, name, renamed, self.time);
        if !ready || system::rename_new(from, &new.join(&free)).is_err() {
            self.settled.left.push(from.to_owned());
        } else if free != name {
            self.settled.kept.push(below.with_file_name(free));
        }
    }
}

/// The name in `folder` for something that is kept: its own, unless that is ours (`renamed`) or taken.
fn place(folder: &Path, name: &OsStr, renamed: bool, time: &str) -> OsString {
    let taken = |name: &OsStr| fs::symlink_metadata(folder.join(name)).is_ok();
    if !renamed && !taken(name) {
        return name.to_owned();
    }
    let mut count = 1;
    loop {
        let ending = match count {
            1 => format!(".kept-{time}"),
            n => format!(".kept-{time}-{n}"),
        };
        let free = shortened(name, LONGEST_NAME - ending.len(), &ending);
        if !taken(&free) {
            return free;
        }
        count += 1;
    }
}

/// A name with an ending; of a name that is longer than `most` bytes only the beginning.
fn shortened(name: &OsStr, most: usize, ending: &str) -> OsString {
    let mut whole = name.to_owned();
    if whole.len() > most {
        let readable = name.to_string_lossy();
        let end = (0..=most)
            .rev()
            .find(|&end| readable.is_char_boundary(end))
            .unwrap_or(0);
        whole = OsString::from(&readable[..end]);
    }
    whole.push(ending);
    whole
}

/// What stands in a folder, whatever it is called.
fn identities(folder: &Path) -> HashSet<Identity> {
    let names = names(folder).unwrap_or_default().into_iter();
    let metas = names.filter_map(|name| fs::symlink_metadata(folder.join(name)).ok());
    metas.filter_map(|meta| system::identity(&meta)).collect()
}
