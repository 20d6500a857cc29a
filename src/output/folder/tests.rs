//! Folders in their places, with workspaces made by hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;

use super::leftover::{NEW, OLD, SWAP, begin};
use super::*;

/// A home for folders, and one of them.
fn home() -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    // Where the temporary folder of the system is a link, paths are compared as they are.
    let out = fs::canonicalize(home.path()).unwrap().join("2026-11-22");
    (home, out)
}

/// A workspace with files for `out`.
fn begun(out: &Path, kind: Kind, files: &[(&str, &str)]) -> Workspace {
    let workspace = Workspace::open(out, kind).unwrap();
    fill(workspace.path(), kind, files);
    workspace
}

fn fill(folder: &Path, kind: Kind, files: &[(&str, &str)]) {
    for (file, text) in files {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    write_run(folder, kind, &json!({"as_of": "2026-11-22"})).unwrap();
}

fn placed(out: &Path, kind: Kind, files: &[(&str, &str)]) -> Placed {
    begun(out, kind, files).commit().unwrap()
}

/// What is in a folder: files with their text, folders that are empty.
fn inside(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for name in names(folder).unwrap() {
        let path = folder.join(&name);
        let name = name.to_str().unwrap();
        if path.is_symlink() {
            let to = fs::read_link(&path).unwrap();
            found.insert(name.to_owned(), format!("-> {}", to.display()));
        } else if path.is_dir() {
            let below = inside(&path);
            if below.is_empty() {
                found.insert(format!("{name}/"), String::new());
            }
            found.extend(below.into_iter().map(|(k, v)| (format!("{name}/{k}"), v)));
        } else if name != RUN {
            let text = String::from_utf8(fs::read(&path).unwrap()).unwrap();
            found.insert(name.to_owned(), text);
        }
    }
    found
}

fn is(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |&(k, v): &(&str, &str)| (k.to_owned(), v.to_owned());
    files.iter().map(owned).collect()
}

/// A workspace that a killed run left in `home`: nobody holds its lock.
fn killed(home: &Path, folder: &Path) -> PathBuf {
    let (workspace, _) = begin(home, folder).unwrap();
    workspace.keep()
}

#[test]
fn a_workspace_of_a_killed_run_is_cleared_and_that_of_a_living_one_is_kept() {
    let (home, out) = home();
    let dead = killed(home.path(), Path::new("2026-11-22"));
    fs::write(dead.join(NEW).join("demand.csv"), "half").unwrap();
    let unborn = home.path().join(".restock-tmp-aaaaaa");
    fs::create_dir(&unborn).unwrap();
    let alive = begun(&out, Kind::Plan, &[("a.csv", "a")]);
    // Not ours, whatever they are called.
    let foreign = home.path().join(".restock-tmp-notes");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("about.txt"), "mine").unwrap();
    let file = home.path().join(".restock-tmp-file");
    fs::write(&file, "mine").unwrap();

    recover(&out, Kind::Plan).unwrap();
    assert!(alive.path().join("a.csv").is_file());
    assert!(foreign.join("about.txt").is_file() && file.is_file());
    if cfg!(unix) {
        assert!(!dead.exists());
    }
    assert!(!unborn.exists());
    assert_eq!(alive.commit().unwrap().folder, out);
    assert_eq!(inside(&out), is(&[("a.csv", "a")]));
}

#[cfg(unix)]
#[test]
fn a_plan_folder_that_a_killed_run_had_put_aside_comes_back() {
    let (home, out) = home();
    placed(&out, Kind::Plan, &[("a.csv", "old")]);
    fs::write(out.join("mine.txt"), "mine").unwrap();
    let dead = killed(home.path(), Path::new("2026-11-22"));
    fs::rename(&out, dead.join(OLD)).unwrap();
    fs::rename(dead.join(NEW), dead.join(SWAP)).unwrap();
    fill(&dead.join(SWAP), Kind::Plan, &[("a.csv", "new")]);
    recover(&out, Kind::Plan).unwrap();
    assert_eq!(inside(&out), is(&[("a.csv", "old"), ("mine.txt", "mine")]));
    assert!(!dead.exists());
}

#[cfg(unix)]
#[test]
fn what_a_killed_run_had_not_yet_moved_into_the_new_folder_is_moved_by_the_next() {
    let (home, out) = home();
    placed(&out, Kind::Plan, &[("a.csv", "new")]);
    for aside in [SWAP, OLD] {
        let dead = killed(home.path(), Path::new("2026-11-22"));
        let old = dead.join(aside);
        fs::create_dir(&old).unwrap();
        fill(
            &old,
            Kind::Plan,
            &[("a.csv", "old"), ("charts/c.svg", "old")],
        );
        fs::write(old.join(format!("{aside}.jpg")), "mine").unwrap();
        fs::write(old.join("charts/mine.png"), aside).unwrap();
        recover(&out, Kind::Plan).unwrap();
        assert!(!dead.exists());
    }
    let found = inside(&out);
    assert_eq!(found["swap.jpg"], "mine");
    assert_eq!(found["old.jpg"], "mine");
    assert_eq!(found["charts/mine.png"], "swap");
    let (kept, text) = found
        .iter()
        .find(|(name, _)| name.starts_with("charts/mine.png.kept-"))
        .unwrap();
    assert_eq!(text, "old", "{kept}");
    assert_eq!(found["a.csv"], "new");
    assert_eq!(found.len(), 5, "{found:?}");
}

#[cfg(unix)]
#[test]
fn what_is_not_ours_stays_in_a_workspace_whose_folder_is_gone() {
    let (home, out) = home();
    let dead = killed(home.path(), Path::new("2026-11-08"));
    fs::create_dir(dead.join(SWAP)).unwrap();
    fill(&dead.join(SWAP), Kind::Plan, &[("a.csv", "old")]);
    fs::write(dead.join(SWAP).join("mine.txt"), "mine").unwrap();
    recover(&out, Kind::Plan).unwrap();
    assert_eq!(inside(&dead.join(SWAP)), is(&[("mine.txt", "mine")]));
    // And moves where it belongs once there is such a folder again.
    let again = out.with_file_name("2026-11-08");
    placed(&again, Kind::Plan, &[("a.csv", "new")]);
    recover(&out, Kind::Plan).unwrap();
    assert_eq!(
        inside(&again),
        is(&[("a.csv", "new"), ("mine.txt", "mine")])
    );
    assert!(!dead.exists());
}

#[test]
fn where_the_system_cannot_exchange_two_renames_do() {
    let (home, out) = home();
    placed(
        &out,
        Kind::Plan,
        &[("a.csv", "old"), ("charts/c.svg", "old")],
    );
    fs::write(out.join("mine.txt"), "mine").unwrap();
    fs::write(out.join("charts/mine.png"), "mine").unwrap();
    fs::write(out.join("a.csv"), "edited").unwrap();
    let (swap, old) = (home.path().join("swap"), home.path().join("old"));
    fs::create_dir(&swap).unwrap();
    fill(&swap, Kind::Plan, &[("a.csv", "new")]);
    let Ok(Found::Ours(mark)) = mark::read(&out) else {
        panic!("no mark");
    };
    replace_in_two_steps(&swap, &out, &old).unwrap();
    let settled = keep::settle(&old, &out, Some(&mark), None, "T");
    assert_eq!(settled.kept, [Path::new("a.csv.kept-T")]);
    assert!(settled.left.is_empty() && !old.exists() && !swap.exists());
    assert_eq!(
        inside(&out),
        is(&[
            ("a.csv", "new"),
            ("a.csv.kept-T", "edited"),
            ("charts/mine.png", "mine"),
            ("mine.txt", "mine")
        ])
    );

    // Where the earlier folder cannot be put aside, all stays as it is.
    fs::create_dir(&swap).unwrap();
    fs::create_dir(&old).unwrap();
    assert!(replace_in_two_steps(&swap, &out, &old).is_err());
    assert!(out.join("mine.txt").is_file() && swap.is_dir());
}

#[test]
fn what_is_saved_into_a_folder_while_it_is_exchanged_is_kept() {
    let (_home, out) = home();
    placed(
        &out,
        Kind::Plan,
        &[("a.csv", "old"), ("charts/c.svg", "old")],
    );
    fs::write(out.join("early.txt"), "early").unwrap();
    let old = out.with_file_name("old");
    let new = out.with_file_name("new");
    fs::create_dir(&new).unwrap();
    fill(&new, Kind::Plan, &[("a.csv", "new")]);
    let Ok(Found::Ours(mark)) = mark::read(&out) else {
        panic!("no mark");
    };
    let carried = keep::carry(&out, &new, Some(&mark), "T").unwrap();
    // After the look and before the exchange.
    fs::write(out.join("late.txt"), "late").unwrap();
    fs::write(out.join("a.csv"), "edited").unwrap();
    fs::create_dir(out.join("notes")).unwrap();
    fs::write(out.join("notes/letter.txt"), "late").unwrap();
    fs::write(out.join("charts/late.png"), "late").unwrap();
    fs::rename(&out, &old).unwrap();
    fs::rename(&new, &out).unwrap();
    let settled = keep::settle(&old, &out, Some(&mark), Some(&carried), "T");
    assert_eq!(settled.kept, [Path::new("a.csv.kept-T")]);
    assert!(!old.exists());
    assert_eq!(
        inside(&out),
        is(&[
            ("a.csv", "new"),
            ("a.csv.kept-T", "edited"),
            ("charts/late.png", "late"),
            ("early.txt", "early"),
            ("late.txt", "late"),
            ("notes/letter.txt", "late"),
        ])
    );
}

#[test]
fn a_backtest_is_written_while_its_plan_folder_is_exchanged() {
    let (_home, out) = home();
    let inner = out.join(BACKTEST);
    let backtest = begun(&inner, Kind::Backtest, &[("scores.csv", "1")]);
    // The plan comes first, then the backtest that began before it.
    placed(&out, Kind::Plan, &[("a.csv", "1")]);
    backtest.commit().unwrap();
    assert_eq!(
        inside(&out),
        is(&[("a.csv", "1"), ("backtest/scores.csv", "1")])
    );
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for k in 0..20 {
                placed(&out, Kind::Plan, &[("a.csv", &k.to_string())]);
            }
        });
        scope.spawn(|| {
            for k in 0..20 {
                placed(&inner, Kind::Backtest, &[("scores.csv", &k.to_string())]);
            }
        });
    });
    assert_eq!(
        inside(&out),
        is(&[("a.csv", "19"), ("backtest/scores.csv", "19")])
    );
}

#[test]
fn a_backtest_that_was_killed_before_the_first_plan_does_not_block_it() {
    let (home, out) = home();
    // Beside the plan folder, and within it, where the folder around belongs to others.
    killed(home.path(), Path::new("2026-11-22/backtest"));
    fs::create_dir(&out).unwrap();
    killed(&out, Path::new(BACKTEST));
    check_out(&out).unwrap();
    recover(&out, Kind::Plan).unwrap();
    placed(&out, Kind::Plan, &[("a.csv", "1")]);
    if cfg!(unix) {
        assert_eq!(names(home.path()).unwrap(), ["2026-11-22"]);
        assert_eq!(inside(&out), is(&[("a.csv", "1")]));
    }
}

#[test]
fn a_plan_does_not_replace_a_backtest_nor_a_backtest_a_plan() {
    let (_home, out) = home();
    placed(&out, Kind::Plan, &[("a.csv", "1")]);
    placed(&out.join(BACKTEST), Kind::Backtest, &[("scores.csv", "1")]);
    for (folder, kind) in [
        (out.join(BACKTEST), Kind::Plan),
        (out.clone(), Kind::Backtest),
    ] {
        let refused = Workspace::open(&folder, kind).unwrap_err();
        assert!(matches!(refused, OutputError::OtherKind { .. }));
    }
    check_out(&out).unwrap();
    check_backtest_out(&out).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_mounted_folder_is_refused() {
    let refused = check_out(Path::new("/proc")).unwrap_err();
    assert!(matches!(refused, OutputError::Mounted { .. }), "{refused}");
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_refused() {
    let (_home, out) = home();
    std::os::unix::fs::symlink("elsewhere", &out).unwrap();
    for asked in [out.clone(), out.join("plan")] {
        let refused = check_out(&asked).unwrap_err();
        assert!(matches!(refused, OutputError::Dangling { .. }), "{refused}");
    }
    assert!(out.is_symlink());
}

#[test]
fn a_long_name_is_kept_within_what_a_file_system_takes() {
    let (home, _) = home();
    let folder = home.path().join("f");
    for name in ["a".repeat(255), "計".repeat(85)] {
        fs::create_dir(&folder).unwrap();
        let old = home.path().join("old");
        for (place, text) in [(&old, "mine"), (&folder, "new")] {
            fs::create_dir_all(place).unwrap();
            fs::write(place.join(&name), text).unwrap();
        }
        let settled = keep::settle(&old, &folder, None, None, "20261128T101530Z");
        assert_eq!(settled.kept.len(), 1);
        let kept = settled.kept[0].to_str().unwrap();
        assert!(kept.len() <= 255 && kept.ends_with(".kept-20261128T101530Z"));
        assert_eq!(fs::read(folder.join(kept)).unwrap(), b"mine");
        fs::remove_dir_all(&folder).unwrap();
    }
}
