//! Workspaces: where a run writes before its folder has its name, and what killed runs left of theirs.
//!
//! ```text
//! .restock-tmp-Xa3K9q/
//!   about.txt   the mark, locked while its run lives; and the folder that is written, from here
//!   new/        being written: nothing in it stands nowhere else
//!   swap/       whole, and about to change places with the folder of that name; afterwards the earlier folder
//!   old/        the earlier folder, where the system cannot exchange
//! ```

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::system::{self, Lock};
use super::{keep, mark, names};
use crate::output::OutputError;

/// How the names of workspaces begin.
const PREFIX: &str = ".restock-tmp-";
const ABOUT: &str = "about.txt";
pub(super) const NEW: &str = "new";
pub(super) const SWAP: &str = "swap";
pub(super) const OLD: &str = "old";
/// The first lines of `about.txt`.
const MARK: &str = "A run of restock writes here. After a run that was killed the next one clears this folder away.\nFor: ";
/// Age after which a workspace is taken for a leftover where there are no locks.
const STALE: Duration = Duration::from_secs(24 * 3600);
/// How often a new workspace is begun, should another run take it for a leftover before it is locked.
const ATTEMPTS: usize = 20;

/// Makes a workspace in `home` for a folder at the path `folder` below it. It is locked while the file is open.
pub(super) fn begin(home: &Path, folder: &Path) -> io::Result<(TempDir, File)> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any folder, less what the umask takes away: whoever runs next must be able to clear it.
        builder.permissions(fs::Permissions::from_mode(0o777));
    }
    let mut refused = io::Error::from(io::ErrorKind::WouldBlock);
    for _ in 0..ATTEMPTS {
        let workspace = builder.tempdir_in(home)?;
        match describe(workspace.path(), folder) {
            Ok(about) => return Ok((workspace, about)),
            Err(e) => refused = e,
        }
        if !matches!(
            refused.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::WouldBlock
        ) {
            break;
        }
    }
    Err(refused)
}

fn describe(workspace: &Path, folder: &Path) -> io::Result<File> {
    let path = workspace.join(ABOUT);
    let mut about = File::create_new(&path)?;
    if system::try_lock(&about) == Lock::Anothers || !system::same(&about, &path) {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    let mut text = MARK.as_bytes().to_vec();
    text.extend(folder.as_os_str().as_encoded_bytes());
    text.push(b'\n');
    about.write_all(&text)?;
    fs::create_dir(workspace.join(NEW))?;
    Ok(about)
}

/// Whether a folder is a workspace, of a run that lives or of one that was killed.
pub(super) fn is_workspace(path: &Path) -> bool {
    let named = path.file_name().and_then(|name| name.to_str());
    named.is_some_and(|name| name.starts_with(PREFIX))
        && fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir())
        && fs::symlink_metadata(path.join(ABOUT)).is_ok_and(|meta| meta.is_file())
        && File::open(path.join(ABOUT)).is_ok_and(|about| target(about).is_ok())
}

/// The folder that a workspace is for, from where the workspace is; `None` for a run that was killed before it said so.
///
/// # Errors
/// Where the file is not ours.
fn target(about: File) -> io::Result<Option<PathBuf>> {
    let foreign = || io::Error::from(io::ErrorKind::InvalidData);
    let mut text = Vec::new();
    about.take(1 << 16).read_to_end(&mut text)?;
    if text.is_empty() {
        return Ok(None);
    }
    let folder = text
        .strip_prefix(MARK.as_bytes())
        .and_then(|rest| rest.strip_suffix(b"\n"))
        .ok_or_else(foreign)?;
    #[cfg(unix)]
    let folder = {
        use std::os::unix::ffi::OsStrExt;
        PathBuf::from(std::ffi::OsStr::from_bytes(folder))
    };
    #[cfg(not(unix))]
    let folder = PathBuf::from(String::from_utf8_lossy(folder).into_owned());
    let below = |part: Component<'_>| matches!(part, Component::Normal(_));
    if folder.components().count() == 0 || !folder.components().all(below) {
        return Err(foreign());
    }
    Ok(Some(folder))
}

/// Clears away what killed runs left in a folder, and brings back an earlier plan folder that one had put aside. What is
/// not ours stays.
///
/// # Errors
/// When an earlier plan folder cannot be given its name back.
pub(super) fn recover(home: &Path, time: &str) -> Result<(), OutputError> {
    // No such folder yet: nothing was left in it.
    for name in names(home).unwrap_or_default() {
        let found = name.to_str().is_some_and(|name| name.starts_with(PREFIX));
        let path = home.join(&name);
        if found && fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_dir()) {
            clear_stale(home, &path, time)?;
        }
    }
    Ok(())
}

/// Clears a workspace whose run is dead.
fn clear_stale(home: &Path, workspace: &Path, time: &str) -> Result<(), OutputError> {
    let path = workspace.join(ABOUT);
    if !fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file()) {
        // A run that was killed at its very beginning; fails where there is anything inside.
        let _ = fs::remove_dir(workspace);
        return Ok(());
    }
    let Ok(about) = File::open(&path) else {
        return Ok(());
    };
    let old = || {
        let modified = about.metadata().and_then(|meta| meta.modified());
        modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > STALE))
    };
    let dead = match system::try_lock(&about) {
        Lock::Ours => system::same(&about, &path),
        Lock::Anothers => false,
        Lock::Unknown => old(),
    };
    let Ok(reading) = about.try_clone() else {
        return Ok(());
    };
    match (dead, target(reading)) {
        (true, Ok(Some(folder))) => clear(workspace, &home.join(folder), time),
        (true, Ok(None)) => {
            let _ = fs::remove_file(&path).and_then(|()| fs::remove_dir(workspace));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Clears a workspace of ours that was for the folder `out`; what in it is not ours goes there.
fn clear(workspace: &Path, out: &Path, time: &str) -> Result<(), OutputError> {
    let old = workspace.join(OLD);
    if fs::symlink_metadata(&old).is_ok() && fs::symlink_metadata(out).is_err() {
        system::rename_new(&old, out).map_err(OutputError::writing(out))?;
    }
    for folder in [workspace.join(SWAP), old] {
        if fs::symlink_metadata(&folder).is_ok_and(|meta| meta.is_dir()) {
            let mark = match mark::read(&folder) {
                Ok(mark::Found::Ours(mark)) => Some(mark),
                _ => None,
            };
            keep::settle(&folder, out, mark.as_ref(), None, time);
        }
    }
    end(workspace);
    Ok(())
}

/// Deletes a workspace but for what in it is not ours, or could not be deleted: that waits for another run.
pub(super) fn end(workspace: &Path) {
    let _ = fs::remove_dir_all(workspace.join(NEW));
    let waiting = [SWAP, OLD].map(|name| fs::symlink_metadata(workspace.join(name)).is_ok());
    if waiting == [false, false] {
        let _ = fs::remove_file(workspace.join(ABOUT));
        let _ = fs::remove_dir(workspace);
    }
}
