//! A folder that appears whole under its final name, or not at all, and takes with it what others put there.
//!
//! Everything is written into a workspace beside it ([`leftover`]) and flushed to the disk; then the two change places in
//! one step where the system can. A run that is killed leaves the one or the other, and a workspace that the next run
//! clears.

mod keep;
mod leftover;
mod mark;
mod system;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::TempDir;

use self::keep::Settled;
use self::leftover::{NEW, OLD, SWAP};
use self::mark::{Found, Mark};
use super::OutputError;
use super::backtest::BACKTEST;
use super::run::clock;
pub(super) use mark::{Kind, MADE_BY, RUN, write as write_run};
pub(super) use system::rename_new;

/// How often the swap is tried while other runs swap the same folder.
const SWAPS: usize = 20;

/// The workspace of one run.
#[derive(Debug)]
pub(super) struct Workspace {
    home: TempDir,
    /// Its mark, locked.
    _about: File,
    /// The folder that is written.
    new: PathBuf,
    kind: Kind,
    out: PathBuf,
    /// The final path as the user gave it.
    shown: PathBuf,
    /// The names of what was kept under another one so far.
    kept: Vec<PathBuf>,
}

/// A folder in its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// Its path as it was asked for.
    pub folder: PathBuf,
    /// Files of an earlier run that somebody had changed since, or whose name was needed: the names, within the folder,
    /// under which they are kept.
    pub kept: Vec<PathBuf>,
    /// What is not ours and could not be moved into the folder: where it is.
    pub left: Vec<PathBuf>,
}

impl Workspace {
    /// Makes a workspace for `out`, and the folders above it.
    pub(super) fn open(out: &Path, kind: Kind) -> Result<Self, OutputError> {
        check(out, kind)?;
        let target = resolve(out)?;
        let mut refused = OutputError::Nameless { path: out.into() };
        // The last place is the one that the person named.
        for home in homes(&target, kind) {
            create(home)?;
            let folder = target.strip_prefix(home).unwrap_or(&target);
            match leftover::begin(home, folder) {
                Ok((workspace, about)) => {
                    return Ok(Self {
                        new: workspace.path().join(NEW),
                        home: workspace,
                        _about: about,
                        kind,
                        out: target.clone(),
                        shown: out.to_owned(),
                        kept: Vec::new(),
                    });
                }
                Err(e) => refused = OutputError::writing(home)(e),
            }
        }
        Err(refused)
    }

    pub(super) fn path(&self) -> &Path {
        &self.new
    }

    /// Gives the folder its final name. An earlier one there is deleted once the new one is in place, but for what is not
    /// ours.
    pub(super) fn commit(mut self) -> Result<Placed, OutputError> {
        sync_tree(&self.new)?;
        create(parent_of(&self.out))?;
        for _ in 0..SWAPS {
            if let Some(placed) = self.swap()? {
                return Ok(placed);
            }
        }
        Err(OutputError::Busy { path: self.shown })
    }

    /// Tries once; `None` where another run came in between.
    fn swap(&mut self) -> Result<Option<Placed>, OutputError> {
        let time = clock("%Y%m%dT%H%M%SZ").unwrap_or_default();
        // A backtest changes a name within the plan folder, a plan the folder itself: both wait for each other there.
        let around = match self.kind {
            Kind::Backtest => system::lock_folder(parent_of(&self.out)),
            Kind::Plan => None,
        };
        let lock = system::lock_folder(&self.out);
        let mark = check(&self.out, self.kind)?;
        let standing = fs::symlink_metadata(&self.out).is_ok();
        let carried = if standing {
            keep::carry(&self.out, &self.new, mark.as_ref(), &time)?
        } else {
            keep::Carried::default()
        };
        self.kept.extend(carried.kept.iter().cloned());
        sync_folders(&self.new);

        // From here on the folder is whole: whatever is found in the workspace later is looked through.
        let swap = self.home.path().join(SWAP);
        fs::rename(&self.new, &swap).map_err(OutputError::writing(&swap))?;
        let next = system::lock_folder(&swap);
        self.home.disable_cleanup(true);
        let aside = self.home.path().join(OLD);
        let old = match replace(&swap, &self.out, &aside, standing) {
            Ok(old) => old,
            Err(e) => {
                if aside.is_dir() {
                    // Another run's folder took the place of the one put aside, and gets what in that is not ours.
                    keep::settle(&aside, &self.out, mark.as_ref(), None, &time);
                }
                fs::rename(&swap, &self.new).map_err(OutputError::writing(&self.new))?;
                // What was being written stands nowhere else, or elsewhere too.
                self.home.disable_cleanup(aside.is_dir());
                return match e.kind() {
                    io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound => Ok(None),
                    _ => Err(OutputError::writing(&self.shown)(e)),
                };
            }
        };
        sync_folder(parent_of(&self.out));
        // The folder is in place; what cannot be deleted now is deleted by a later run.
        let Settled { kept, left } = match &old {
            Some(old) => keep::settle(old, &self.out, mark.as_ref(), Some(&carried), &time),
            None => Settled::default(),
        };
        self.kept.extend(kept);
        leftover::end(self.home.path());
        drop((next, lock, around));
        Ok(Some(Placed {
            folder: self.shown.clone(),
            kept: std::mem::take(&mut self.kept),
            left,
        }))
    }
}

/// Puts `swap` in the place of `out`, in one step where the system can, and returns where the earlier folder is then.
/// On failure all is as it was.
fn replace(swap: &Path, out: &Path, old: &Path, standing: bool) -> io::Result<Option<PathBuf>> {
    if !standing {
        return system::rename_new(swap, out).map(|()| None);
    }
    if system::exchange(swap, out)? {
        return Ok(Some(swap.to_owned()));
    }
    replace_in_two_steps(swap, out, old).map(|()| Some(old.to_owned()))
}

/// For a moment there is neither. A run that is killed then leaves `old` to the next one to bring back.
fn replace_in_two_steps(swap: &Path, out: &Path, old: &Path) -> io::Result<()> {
    system::rename_new(out, old)?;
    system::rename_new(swap, out).inspect_err(|_| {
        // Fails where another run put its folder there: then the next one looks through ours.
        let _ = system::rename_new(old, out);
    })
}

/// Where a workspace can be made, best first: beside the plan folder. That of a backtest, which lies within one, is made
/// there too, so that a plan may be exchanged meanwhile; within it where the folders around it belong to others.
fn homes(target: &Path, kind: Kind) -> Vec<&Path> {
    let parent = parent_of(target);
    match (kind, parent.parent()) {
        (Kind::Backtest, Some(above)) if !system::is_mount_root(parent) => vec![above, parent],
        _ => vec![parent],
    }
}

/// Whether a plan may be written to `out`: it does not exist, is an earlier plan folder, or is empty but for a backtest.
/// Worth asking before the work as well as after it.
///
/// # Errors
/// [`OutputError::NotAPlanFolder`] and [`OutputError::Unmarked`] for a folder with other things in it,
/// [`OutputError::OtherKind`] for that of a backtest, [`OutputError::NotAFolder`] for a file, and others for what cannot be
/// exchanged: the folder that the program runs in, a mounted disk, a link to nothing.
pub fn check_out(out: &Path) -> Result<(), OutputError> {
    check(out, Kind::Plan).map(|_| ())
}

/// Whether a backtest may be written into the plan folder `out`, present or not.
///
/// # Errors
/// As [`check_out`], for the folder of the backtest.
pub fn check_backtest_out(out: &Path) -> Result<(), OutputError> {
    check(&out.join(BACKTEST), Kind::Backtest).map(|_| ())
}

/// The mark of the folder that stands at `out`, if a folder of this kind may be written there.
fn check(out: &Path, kind: Kind) -> Result<Option<Mark>, OutputError> {
    let target = resolve(out)?;
    let path = || out.to_owned();
    match fs::metadata(&target) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(OutputError::reading(out)(e)),
        Ok(found) if !found.is_dir() => return Err(OutputError::NotAFolder { path: path() }),
        Ok(_) => {}
    }
    if system::is_mount_root(&target) {
        return Err(OutputError::Mounted { path: path() });
    }
    if std::env::current_dir().is_ok_and(|here| here.starts_with(&target)) {
        return Err(OutputError::Inside { path: path() });
    }
    match mark::read(&target).map_err(OutputError::reading(out))? {
        Found::Ours(mark) if mark.kind == kind => Ok(Some(mark)),
        Found::Ours(mark) => Err(OutputError::OtherKind {
            path: path(),
            found: mark.kind.as_str(),
            wanted: kind.as_str(),
        }),
        Found::Foreign => Err(OutputError::Unmarked { path: path() }),
        Found::Nothing => {
            for name in names(&target).map_err(OutputError::reading(out))? {
                let entry = target.join(&name);
                // A backtest may have been there before the first plan, or begun and been killed.
                let backtest = name == BACKTEST && entry.join(RUN).is_file();
                if !(backtest && kind == Kind::Plan || leftover::is_workspace(&entry)) {
                    return Err(OutputError::NotAPlanFolder { path: path() });
                }
            }
            Ok(None)
        }
    }
}

/// The folder itself where `out` is a link or has no name of its own (`.`), so that it can be renamed. Where it does not
/// exist, that of the nearest folder above it that does.
fn resolve(out: &Path) -> Result<PathBuf, OutputError> {
    let absolute = std::path::absolute(out).map_err(OutputError::reading(out))?;
    let mut missing = Vec::new();
    let mut existing = absolute.as_path();
    let mut target = loop {
        match fs::canonicalize(existing) {
            Ok(found) => break found,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                if existing.is_symlink() {
                    return Err(OutputError::Dangling {
                        path: existing.to_owned(),
                    });
                }
                match (existing.parent(), existing.file_name()) {
                    (Some(parent), Some(name)) => {
                        missing.push(name);
                        existing = parent;
                    }
                    // `..` in a folder that is not there.
                    _ => return Err(OutputError::reading(out)(e)),
                }
            }
            Err(e) => return Err(OutputError::reading(out)(e)),
        }
    };
    target.extend(missing.into_iter().rev());
    if target.file_name().is_none() {
        return Err(OutputError::Nameless {
            path: out.to_owned(),
        });
    }
    Ok(target)
}

fn parent_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("/"))
}

/// Clears away what killed runs left where a run for `out` makes its workspace.
pub(super) fn recover(out: &Path, kind: Kind) -> Result<(), OutputError> {
    let target = resolve(out)?;
    let time = clock("%Y%m%dT%H%M%SZ").unwrap_or_default();
    let mut homes = homes(&target, kind);
    if kind == Kind::Plan {
        // That of a backtest may lie within.
        homes.push(&target);
    }
    homes
        .into_iter()
        .try_for_each(|home| leftover::recover(home, &time))
}

/// The names in a folder, in order.
fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    let entries = fs::read_dir(folder)?;
    let mut names: Vec<OsString> = entries
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<io::Result<_>>()?;
    names.sort_unstable();
    Ok(names)
}

/// Makes a folder and those above it.
pub(super) fn create(folder: &Path) -> Result<(), OutputError> {
    fs::create_dir_all(folder).map_err(OutputError::writing(folder))
}

/// Drops a folder in which nothing was put.
pub(super) fn remove_if_empty(folder: &Path) {
    // Fails, as it should, where there is something inside.
    let _ = fs::remove_dir(folder);
}

/// Writes a value as indented JSON with a line end.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), OutputError> {
    let failed = |e: io::Error| OutputError::writing(path)(e);
    let file = File::create(path).map_err(OutputError::writing(path))?;
    let mut sink = BufWriter::new(file);
    serde_json::to_writer_pretty(&mut sink, value).map_err(|e| failed(e.into()))?;
    sink.write_all(b"\n").map_err(failed)?;
    sink.flush().map_err(failed)
}

/// Brings a folder and everything in it to the disk.
fn sync_tree(folder: &Path) -> Result<(), OutputError> {
    for name in names(folder).map_err(OutputError::reading(folder))? {
        let path = folder.join(name);
        let meta = fs::symlink_metadata(&path).map_err(OutputError::reading(&path))?;
        if meta.is_dir() {
            sync_tree(&path)?;
        } else if meta.is_file() {
            OpenOptions::new()
                .write(true)
                .open(&path)
                .and_then(|file| file.sync_all())
                .map_err(OutputError::writing(&path))?;
        }
    }
    sync_folder(folder);
    Ok(())
}

/// Brings the lists of names of a folder and all within it to the disk; their files are others', or there already.
fn sync_folders(folder: &Path) {
    for name in names(folder).unwrap_or_default() {
        let path = folder.join(name);
        if fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_dir()) {
            sync_folders(&path);
        }
    }
    sync_folder(folder);
}

/// Brings a folder's list of names to the disk, where the system knows how.
fn sync_folder(folder: &Path) {
    if cfg!(unix)
        && let Ok(handle) = File::open(folder)
    {
        // Some network file systems refuse this for folders; their files are synced all the same.
        let _ = handle.sync_all();
    }
}
