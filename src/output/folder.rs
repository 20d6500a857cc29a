//! A folder that appears whole under its final name, or not at all.
//!
//! Everything is written into a temporary sibling, flushed to the disk and renamed. An earlier plan folder is renamed
//! aside first and deleted last. A run that is killed leaves at most hidden siblings; they carry the number and the start
//! of their process in their names, so that the next run knows them from those of a run that is still at work.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;
use tempfile::TempDir;

use super::OutputError;
use super::backtest::BACKTEST;
use super::run::FILE as MARK;

/// Prefix of the folder that is being written.
const WRITING: &str = ".restock-tmp-";
/// Prefix of an earlier plan folder that is being replaced; its name follows at the end.
const REPLACED: &str = ".restock-old-";
/// How often the swap is tried while other runs swap the same folder.
const SWAPS: usize = 20;
/// Age after which a leftover is taken for one where the system cannot say whether its process lives.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// The temporary folder of one run.
#[derive(Debug)]
pub(super) struct Workspace {
    temp: TempDir,
    out: PathBuf,
    /// The final path as the user gave it.
    shown: PathBuf,
}

impl Workspace {
    /// Makes a temporary folder beside `out`, and the folders above it.
    pub(super) fn open(out: &Path) -> Result<Self, OutputError> {
        check_out(out)?;
        let target = resolve(out)?;
        let parent = parent_of(&target);
        create(parent)?;
        let mut builder = tempfile::Builder::new();
        let prefix = format!("{WRITING}{}-", owner());
        builder.prefix(&prefix);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // A plan is for others to read: as any folder, less what the umask takes away.
            builder.permissions(fs::Permissions::from_mode(0o777));
        }
        let temp = builder
            .tempdir_in(parent)
            .map_err(OutputError::writing(parent))?;
        Ok(Self {
            temp,
            out: target,
            shown: out.to_owned(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        self.temp.path()
    }

    /// Gives the folder its final name. An earlier plan folder there is deleted once the new one is in place.
    pub(super) fn commit(self) -> Result<PathBuf, OutputError> {
        sync_tree(self.path())?;
        for _ in 0..SWAPS {
            check_out(&self.out)?;
            let aside = self.put_aside()?;
            match fs::rename(self.temp.path(), &self.out) {
                Ok(()) => {
                    sync_folder(parent_of(&self.out));
                    // The plan is in place; what cannot be deleted now is deleted by the next run.
                    if let Some(aside) = aside {
                        keep_backtest(&aside, &self.out);
                        let _ = fs::remove_dir_all(aside);
                    }
                    let _ = self.temp.keep();
                    return Ok(self.shown);
                }
                // Another run put its folder there in between; what was put aside is older than that one.
                Err(_) if self.out.exists() => {
                    if let Some(aside) = aside {
                        let _ = fs::remove_dir_all(aside);
                    }
                }
                Err(e) => {
                    if let Some(aside) = aside {
                        fs::rename(&aside, &self.out).map_err(OutputError::writing(&self.out))?;
                    }
                    return Err(OutputError::writing(&self.shown)(e));
                }
            }
        }
        Err(OutputError::Busy { path: self.shown })
    }

    /// Renames what is at the final path, if anything is.
    fn put_aside(&self) -> Result<Option<PathBuf>, OutputError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let mut name = OsString::from(format!(
            "{REPLACED}{}-{}-",
            owner(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        ));
        name.push(self.out.file_name().unwrap_or(OsStr::new("plan")));
        let aside = parent_of(&self.out).join(name);
        match fs::rename(&self.out, &aside) {
            Ok(()) => Ok(Some(aside)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(OutputError::writing(&self.shown)(e)),
        }
    }
}

/// Whether a plan may be written to `out`: it does not exist, is empty (but for a backtest), or is an earlier plan folder. Worth asking before
/// the work as well as after it.
///
/// # Errors
/// [`OutputError::NotAPlanFolder`] for a folder with other things in it, [`OutputError::NotAFolder`] for a file.
pub fn check_out(out: &Path) -> Result<(), OutputError> {
    let target = resolve(out)?;
    match fs::metadata(&target) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(OutputError::reading(out)(e)),
        Ok(found) if !found.is_dir() => Err(OutputError::NotAFolder {
            path: out.to_owned(),
        }),
        Ok(_) if target.join(MARK).is_file() => Ok(()),
        Ok(_) => {
            for entry in fs::read_dir(&target).map_err(OutputError::reading(out))? {
                // A backtest may have been there before the first plan.
                let name = entry.map_err(OutputError::reading(out))?.file_name();
                if name != BACKTEST || !target.join(BACKTEST).join(MARK).is_file() {
                    return Err(OutputError::NotAPlanFolder {
                        path: out.to_owned(),
                    });
                }
            }
            Ok(())
        }
    }
}

/// The folder itself where `out` is a link or has no name of its own (`.`), so that it can be renamed.
fn resolve(out: &Path) -> Result<PathBuf, OutputError> {
    let target = match fs::canonicalize(out) {
        Ok(target) => target,
        Err(_) => std::path::absolute(out).map_err(OutputError::reading(out))?,
    };
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

/// Clears away what killed runs left beside `out`: half-written folders are deleted, and an earlier plan folder that was
/// put aside when the new one had not yet taken its name gets it back.
pub(super) fn recover(out: &Path) -> Result<(), OutputError> {
    let target = resolve(out)?;
    let parent = parent_of(&target);
    let Ok(entries) = fs::read_dir(parent) else {
        // No such folder yet: nothing was left in it.
        return Ok(());
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if let Some(rest) = name.strip_prefix(WRITING) {
            if is_stale(rest, &entry) {
                let _ = fs::remove_dir_all(entry.path());
            }
        } else if let Some(rest) = name.strip_prefix(REPLACED)
            && is_stale(rest, &entry)
            && let Some(original) = rest.splitn(4, '-').nth(3)
        {
            let original = parent.join(original);
            if original.exists() {
                keep_backtest(&entry.path(), &original);
                let _ = fs::remove_dir_all(entry.path());
            } else {
                fs::rename(entry.path(), &original).map_err(OutputError::writing(&original))?;
            }
        }
    }
    Ok(())
}

/// Moves the backtest of a plan folder that is replaced into the new one: it speaks of the past, which a new plan does not change.
fn keep_backtest(aside: &Path, out: &Path) {
    let kept = aside.join(BACKTEST);
    if kept.join(MARK).is_file() && !out.join(BACKTEST).exists() {
        // Where it cannot be moved it goes the way of the earlier plan.
        let _ = fs::rename(kept, out.join(BACKTEST));
    }
}

/// This process: its number and when it started, `PID-START`.
fn owner() -> String {
    let pid = std::process::id();
    format!("{pid}-{}", started(pid).unwrap_or(0))
}

/// When a process started, in the kernel's ticks since boot (proc(5), `stat`, field 22). `None` where there is no such
/// process, or no `/proc`.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(19)?.parse().ok()
}

/// Whether the process that made a leftover, `PID-START-…`, is gone.
fn is_stale(rest: &str, entry: &fs::DirEntry) -> bool {
    let mut parts = rest.split('-');
    let mut number = || parts.next().and_then(|p| p.parse::<u64>().ok());
    let (Some(pid), Some(start)) = (number(), number()) else {
        return false;
    };
    if started(std::process::id()).is_some() {
        return u32::try_from(pid).ok().and_then(started) != Some(start);
    }
    pid != u64::from(std::process::id())
        && entry
            .metadata()
            .and_then(|m| m.modified())
            .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > STALE))
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
    for entry in fs::read_dir(folder).map_err(OutputError::reading(folder))? {
        let path = entry.map_err(OutputError::reading(folder))?.path();
        if path.is_dir() {
            sync_tree(&path)?;
        } else {
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

/// Brings a folder's list of names to the disk, where the system knows how.
fn sync_folder(folder: &Path) {
    if cfg!(unix)
        && let Ok(handle) = File::open(folder)
    {
        // Some network file systems refuse this for folders; their files are synced all the same.
        let _ = handle.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_of_a_dead_process_are_cleared_and_those_of_a_living_one_are_kept() {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("2026-11-22");
        // No process has number 4294967295.
        let dead = home.path().join(format!("{WRITING}4294967295-1-abc"));
        let alive = home.path().join(format!("{WRITING}{}-abc", owner()));
        let foreign = home.path().join(".restock-tmp-notes");
        for folder in [&dead, &alive, &foreign] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("demand.csv"), "half").unwrap();
        }
        recover(&out).unwrap();
        if started(std::process::id()).is_some() {
            assert!(!dead.exists());
        }
        assert!(alive.exists() && foreign.exists());
    }

    #[test]
    fn a_plan_folder_that_a_killed_run_had_put_aside_comes_back() {
        if started(std::process::id()).is_none() {
            return;
        }
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("2026-11-22");
        let aside = home
            .path()
            .join(format!("{REPLACED}4294967295-1-0-2026-11-22"));
        fs::create_dir(&aside).unwrap();
        fs::write(aside.join(MARK), "{}").unwrap();
        recover(&out).unwrap();
        assert!(out.join(MARK).is_file() && !aside.exists());

        // With the new folder in place, the old one is only in the way.
        fs::create_dir(&aside).unwrap();
        recover(&out).unwrap();
        assert!(out.join(MARK).is_file() && !aside.exists());
    }
}
