//! A terminal that is gone, a closed pipe, a log on a full disk.

use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use super::{cut::copy, cut::cut, names, part};

fn restock(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_restock"));
    command.args(args);
    command
}

fn with_data<'a>(command: &'a str, out: &'a Path, flags: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec![command, "--data", cut().to_str().unwrap(), "--out"];
    args.push(out.to_str().unwrap());
    args.extend(flags);
    args
}

/// What takes no byte: every write says that the disk is full.
fn full() -> File {
    OpenOptions::new().write(true).open("/dev/full").unwrap()
}

/// A pipe whose reader is gone.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

/// Runs with another standard output, and returns what was said on standard error.
fn said(command: &mut Command, stdout: impl Into<Stdio>) -> (ExitStatus, String) {
    let mut child = command
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut words = String::new();
    let mut stderr = child.stderr.take().unwrap();
    stderr.read_to_string(&mut words).unwrap();
    (child.wait().unwrap(), words)
}

#[test]
fn a_standard_error_that_takes_nothing_does_not_end_a_run() {
    let home = tempfile::tempdir().unwrap();
    let few = ["--origins", "1", "--places", "2", "--replayed", "2"];
    for (name, stderr) in [("full", full().into()), ("closed", closed())] {
        let out = home.path().join(name);
        let status = restock(&with_data("plan", &out, &["--no-charts"]))
            .stdout(closed())
            .stderr(stderr)
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(0), "{name}");
        assert!(names(&out).iter().any(|file| file == "run.json"));
    }
    let out = home.path().join("full");
    let status = restock(&with_data("backtest", &out, &few))
        .stdout(closed())
        .stderr(full())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(out.join("backtest/run.json").is_file());
}

#[test]
fn the_exit_code_is_right_where_nobody_can_be_told_why() {
    let home = tempfile::tempdir().unwrap();
    let nothing = home.path().join("none");
    let args = ["plan", "--data", nothing.to_str().unwrap()];
    for (args, code) in [(&args[..], 1), (&["plan", "--jobs", "0"], 2), (&[], 2)] {
        for stderr in [full().into(), closed()] {
            let status = restock(args).stderr(stderr).status().unwrap();
            assert_eq!(status.code(), Some(code), "{args:?}");
        }
    }
}

#[test]
fn a_table_that_cannot_be_printed_is_a_failure() {
    let data = cut().to_str().unwrap();
    for (lang, words) in [("en", "did not take the whole result"), ("ja", "最後まで")] {
        let args = ["check", "--data", data, "--lang", lang];
        let (status, stderr) = said(&mut restock(&args), full());
        assert_eq!(status.code(), Some(1));
        assert!(stderr.contains(words), "{stderr}");
    }
    let (status, stderr) = said(&mut restock(&["--help"]), full());
    assert_eq!((status.code(), stderr.is_empty()), (Some(1), false));
    // Asked for nothing, it prints nothing that could be lost.
    let (status, _) = said(&mut restock(&["check", "--quiet", "--data", data]), full());
    assert_eq!(status.code(), Some(0));
}

/// `restock check | head -1`: who closes the pipe has read enough.
#[test]
fn a_reader_that_has_read_enough_is_no_failure() {
    let data = cut().to_str().unwrap();
    for args in [&["check", "--data", data][..], &["--help"]] {
        let (status, stderr) = said(&mut restock(args), closed());
        assert_eq!((status.code(), stderr.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn closing_lines_that_cannot_be_printed_are_said_and_the_result_stands() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("plan");
    let (status, stderr) = said(
        &mut restock(&with_data("plan", &out, &["--no-charts"])),
        full(),
    );
    assert_eq!(status.code(), Some(0));
    assert!(stderr.contains("The run is complete"), "{stderr}");
    assert!(out.join("run.json").is_file());
    let shop = home.path().join("shop");
    let (status, stderr) = said(&mut restock(&["init", shop.to_str().unwrap()]), full());
    assert_eq!(status.code(), Some(0));
    assert!(stderr.contains("The run is complete"), "{stderr}");
    assert!(shop.join("sales.csv").is_file());
}

/// The message of an interrupted run has nowhere to go; the run ends all the same.
#[test]
fn an_interrupted_run_ends_where_nobody_can_be_told() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("plan");
    copy(&part().folder(), &out);
    let before = fs::read(out.join("run.json")).unwrap();
    let example = super::example();
    let mut child = restock(&[
        "plan",
        "--data",
        example.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ])
    .stdout(closed())
    .stderr(closed())
    .spawn()
    .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(fs::read(out.join("run.json")).unwrap(), before);
}

#[test]
fn threads_that_the_system_does_not_give_are_a_failure_with_a_remedy() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("plan");
    let program = env!("CARGO_BIN_EXE_restock");
    let run = || {
        // Each thread takes 2 MB of address space for its stack.
        let mut limited = Command::new("sh");
        limited.args(["-c", "ulimit -v 1500000 && exec \"$@\"", "sh", program]);
        limited.args(with_data("plan", &out, &["--jobs", "1024"]));
        said(&mut limited, Stdio::null())
    };
    // A thread that has started may find no memory before the next one finds no room, and the system's runtime ends the run: then once more.
    let (status, stderr) = (0..8)
        .map(|_| run())
        .find(|(status, _)| status.code().is_some())
        .unwrap();
    assert_eq!(status.code(), Some(1), "{stderr}");
    assert!(
        stderr.contains("--jobs") && !stderr.contains("panicked"),
        "{stderr}"
    );
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}
