//! What only the system can do with names: exchange two at once, lock, tell one file from another.
//!
//! Each has an answer where the system has none: two renames for an exchange, no lock, no identity.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a run waits for another that exchanges the same folder. After that it goes on: what it takes out of the
/// folder it moves into the new one, whoever put it there.
const PATIENCE: Duration = Duration::from_secs(10);

/// Exchanges two names in one step, so that neither is ever missing. `false` where the system or its file system cannot.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub(super) fn exchange(a: &Path, b: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(e) if [Errno::NOSYS, Errno::INVAL, Errno::NOTSUP, Errno::OPNOTSUPP].contains(&e) => {
            Ok(false)
        }
        Err(e) => Err(e.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub(super) fn exchange(_: &Path, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Renames to a name that nothing bears; fails with `AlreadyExists` where something does.
pub(in crate::output) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(()),
            Err(e)
                if [Errno::NOSYS, Errno::INVAL, Errno::NOTSUP, Errno::OPNOTSUPP].contains(&e) => {}
            Err(e) => return Err(e.into()),
        }
    }
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

/// One file on its disk, under whatever name: device and number. `None` where the system does not tell.
pub(super) type Identity = (u64, u64);

#[cfg(unix)]
pub(super) fn identity(meta: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    Some((meta.dev(), meta.ino()))
}

#[cfg(not(unix))]
pub(super) fn identity(_: &Metadata) -> Option<Identity> {
    None
}

/// What changes when a file's content is written, so that it need not be read twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    identity: Identity,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

#[cfg(unix)]
pub(super) fn stamp(meta: &Metadata) -> Option<Stamp> {
    use std::os::unix::fs::MetadataExt;
    Some(Stamp {
        identity: identity(meta)?,
        bytes: meta.len(),
        modified: (meta.mtime(), meta.mtime_nsec()),
        changed: (meta.ctime(), meta.ctime_nsec()),
    })
}

#[cfg(not(unix))]
pub(super) fn stamp(_: &Metadata) -> Option<Stamp> {
    None
}

/// Whether a disk or volume is mounted at a folder, which can then be neither renamed nor exchanged.
pub(super) fn is_mount_root(folder: &Path) -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        if let Ok(found) = statx(CWD, folder, flags, StatxFlags::empty())
            && found
                .stx_attributes_mask
                .contains(StatxAttributes::MOUNT_ROOT)
        {
            return found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT);
        }
    }
    let device = |path: &Path| {
        let meta = fs::symlink_metadata(path).ok()?;
        identity(&meta).map(|(device, _)| device)
    };
    match folder.parent() {
        Some(parent) => device(folder) != device(parent),
        None => true,
    }
}

/// Fails where nothing may be taken out of a folder.
#[cfg(unix)]
pub(super) fn may_write(folder: &Path) -> io::Result<()> {
    use rustix::fs::{Access, access};
    Ok(access(folder, Access::WRITE_OK | Access::EXEC_OK)?)
}

#[cfg(not(unix))]
pub(super) fn may_write(_: &Path) -> io::Result<()> {
    Ok(())
}

/// An answer of [`try_lock`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lock {
    Ours,
    /// Another process has it. It loses it when it ends, however it ends.
    Anothers,
    /// This file system or system knows no locks.
    Unknown,
}

/// Locks an open file or folder for as long as it stays open, if nobody else has.
#[cfg(unix)]
pub(super) fn try_lock(file: &File) -> Lock {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Lock::Ours,
        Err(Errno::WOULDBLOCK) => Lock::Anothers,
        Err(_) => Lock::Unknown,
    }
}

#[cfg(not(unix))]
pub(super) fn try_lock(_: &File) -> Lock {
    Lock::Unknown
}

/// Waits until no other run exchanges the folder that is now at `path`. The lock lasts as long as what is returned.
pub(super) fn lock_folder(path: &Path) -> Option<File> {
    let began = Instant::now();
    loop {
        let folder = File::open(path).ok()?;
        match try_lock(&folder) {
            Lock::Ours if same(&folder, path) => return Some(folder),
            Lock::Unknown => return None,
            _ if began.elapsed() > PATIENCE => return None,
            // Exchanged while we waited: the folder there now is another one.
            Lock::Ours => {}
            Lock::Anothers => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Whether an open file is the one at a path.
pub(super) fn same(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(named)) = (file.metadata(), fs::symlink_metadata(path)) else {
        return false;
    };
    identity(&open).is_none() || identity(&open) == identity(&named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn two_folders_change_places_in_one_step() {
        let home = tempfile::tempdir().unwrap();
        let (a, b) = (home.path().join("a"), home.path().join("b"));
        fs::create_dir(&a).unwrap();
        fs::create_dir(&b).unwrap();
        fs::write(a.join("was-a"), "").unwrap();
        // Every file system of this system's own can; one that cannot says so and touches nothing.
        if exchange(&a, &b).unwrap() {
            assert!(b.join("was-a").is_file() && !a.join("was-a").exists());
        } else {
            assert!(a.join("was-a").is_file());
        }
        assert!(exchange(&a, &home.path().join("none")).is_err());
    }

    #[test]
    fn a_name_that_is_taken_is_not_taken_again() {
        let home = tempfile::tempdir().unwrap();
        let (a, b) = (home.path().join("a"), home.path().join("b"));
        fs::write(&a, "a").unwrap();
        fs::write(&b, "b").unwrap();
        let refused = rename_new(&a, &b).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&b).unwrap(), b"b");
        fs::remove_file(&b).unwrap();
        rename_new(&a, &b).unwrap();
        assert_eq!(fs::read(&b).unwrap(), b"a");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_mounted_folder_is_known() {
        assert!(is_mount_root(Path::new("/proc")));
        let home = tempfile::tempdir().unwrap();
        assert!(!is_mount_root(home.path()));
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_lasts_as_long_as_its_file_is_open() {
        let home = tempfile::tempdir().unwrap();
        let (first, second) = (File::open(home.path()), File::open(home.path()));
        let (first, second) = (first.unwrap(), second.unwrap());
        if try_lock(&first) != Lock::Unknown {
            assert_eq!(try_lock(&second), Lock::Anothers);
            drop(first);
            assert_eq!(try_lock(&second), Lock::Ours);
        }
    }
}
