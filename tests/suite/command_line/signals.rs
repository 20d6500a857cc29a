//! A run that is stopped leaves nothing half written.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{contents, cut::copy, cut::cut, example, part};

fn start(command: &str, data: &Path, out: &Path, flags: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_restock"))
        .arg(command)
        .arg("--data")
        .arg(data)
        .arg("--out")
        .arg(out)
        .args(flags)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// Interrupts a run when its progress says `stage`; what it said afterwards, and its exit code.
fn interrupted_at(stage: &str, command: &str, out: &Path, flags: &[&str]) -> (String, Option<i32>) {
    let mut child = start(command, cut(), out, flags);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    loop {
        let line = lines.next().unwrap().unwrap();
        if line.contains(stage) {
            break;
        }
    }
    interrupt(&child);
    let said: Vec<String> = lines.map(Result::unwrap).collect();
    (said.join("\n"), child.wait().unwrap().code())
}

/// What a run says that is interrupted at `stage`. On a busy machine the signal may come when all is done: then once more, from what `before` lays down.
fn stopped_at(stage: &str, command: &str, out: &Path, flags: &[&str], before: impl Fn()) -> String {
    for _ in 0..8 {
        before();
        match interrupted_at(stage, command, out, flags) {
            (said, Some(1)) => return said,
            (said, code) => assert_eq!(code, Some(0), "{said}"),
        }
    }
    panic!("eight runs were over before they could be interrupted at: {stage}");
}

/// An empty place.
fn cleared(out: &Path) {
    if out.exists() {
        fs::remove_dir_all(out).unwrap();
    }
}

#[test]
fn an_interrupted_run_leaves_nothing_half_written() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("plan");
    copy(&part().folder(), &out);
    let before = contents(&out);
    let mut child = start("plan", &example(), &out, &["--quiet"]);
    std::thread::sleep(Duration::from_millis(200));
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(contents(&out) == before);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
}

#[test]
fn a_run_that_is_interrupted_while_drawing_stops_and_clears_up() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("plan");
    let said = stopped_at("Drawing charts", "plan", &out, &["--top", "6"], || {
        cleared(&out);
    });
    assert!(said.contains("clearing up"), "{said}");
    // Stopped, and not a chart that failed.
    assert!(said.contains("Stopped before the folder"), "{said}");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "{said}");
}

#[test]
fn a_backtest_that_is_interrupted_leaves_the_plan_beside_it_and_nothing_of_its_own() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("plan");
    let before = contents(&part().folder());
    let few = ["--origins", "1", "--places", "2", "--replayed", "2"];
    for stage in ["origin 1", "Drawing charts"] {
        let said = stopped_at(stage, "backtest", &out, &few, || {
            cleared(&out);
            copy(&part().folder(), &out);
        });
        assert!(said.contains("Stopped"), "{stage}: {said}");
        assert!(!said.contains("plan folder"), "{stage}: {said}");
        assert!(contents(&out) == before, "{stage}: {said}");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "{stage}");
    }
}
