//! Nothing that the program did not write is ever deleted.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicBool, Ordering};

use restock::config::Config;
use restock::output::{Cancel, OutputError, Placed, WriteOptions, check_out, write};
use restock::text::Lang;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::fixture::{options, plain_plan, plan};
use super::{contents, failure, names, no_charts, plan_of, read, table, written};

fn placed(options: &WriteOptions) -> Placed {
    let cancel = Cancel::default();
    let config = Config::default();
    let done = write(&plan(), &config, options, &cancel, no_charts).unwrap();
    done.placed
}

/// As [`placed`], with a chart.
fn drawn(options: &WriteOptions, chart: &str) -> Placed {
    let cancel = Cancel::default();
    let draw = |charts: &Path| fs::write(charts.join("a.svg"), chart);
    let done = write(&plan(), &Config::default(), options, &cancel, draw).unwrap();
    done.placed
}

fn run_json(folder: &Path) -> Value {
    serde_json::from_str(&read(folder, "run.json")).unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn run_json_bears_the_mark_and_lists_every_file_with_its_hash() {
    let home = tempfile::tempdir().unwrap();
    let options = options(&home, "2026-11-22");
    drawn(&options, "<svg/>");
    let run = run_json(&options.out);
    assert_eq!(run["made_by"], "restock");
    assert_eq!(run["command"], "plan");
    let mut files = contents(&options.out);
    let text = String::from_utf8(files.remove("run.json").unwrap()).unwrap();
    let listed: BTreeMap<String, (u64, String)> = run["written"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            let text = |key: &str| f[key].as_str().unwrap().to_owned();
            (text("file"), (f["bytes"].as_u64().unwrap(), text("sha256")))
        })
        .collect();
    let there: BTreeMap<String, (u64, String)> = files
        .iter()
        .map(|(name, bytes)| (name.clone(), (bytes.len() as u64, sha256(bytes))))
        .collect();
    assert_eq!(listed, there);
    assert!(listed.contains_key("charts/a.svg"));
    let (body, _) = text.rsplit_once(",\n  \"seal\": ").unwrap();
    assert_eq!(run["seal"], sha256(body.as_bytes()));
}

#[test]
fn files_that_the_program_did_not_write_stay_where_they_are() {
    let home = tempfile::tempdir().unwrap();
    let options = options(&home, "2026-11-22");
    drawn(&options, "<svg/>");
    let out = &options.out;
    fs::write(out.join("purchase_orders_approved.xlsx"), "approved").unwrap();
    fs::write(out.join(".~lock.purchase_orders.csv#"), "").unwrap();
    fs::write(out.join("charts/mine.png"), "mine").unwrap();
    fs::create_dir_all(out.join("notes/2026/empty")).unwrap();
    fs::write(out.join("notes/2026/letter.txt"), "letter").unwrap();
    // A plan of another day within is somebody's copy.
    fs::create_dir(out.join("copy")).unwrap();
    for file in ["run.json", "forecast.csv"] {
        fs::copy(out.join(file), out.join("copy").join(file)).unwrap();
    }
    let theirs = || {
        let mut found = contents(out);
        found.retain(|name, _| {
            ["approved", "lock", "mine", "notes", "copy"]
                .iter()
                .any(|part| name.contains(part))
        });
        found
    };
    let before = theirs();
    assert_eq!(before.len(), 6);
    let ids = identities(out, &before);
    for chart in ["<svg>1</svg>", "<svg>2</svg>"] {
        let placed = drawn(&options, chart);
        assert_eq!((placed.kept.len(), placed.left.len()), (0, 0));
        assert_eq!(theirs(), before);
        assert_eq!(read(out, "charts/a.svg"), chart);
        assert!(out.join("notes/2026/empty").is_dir());
        // The files themselves, and not copies.
        assert_eq!(identities(out, &before), ids);
    }
    // Without charts, what is not ours in their folder stays, and ours goes.
    placed(&options);
    assert_eq!(theirs(), before);
    assert_eq!(names(&out.join("charts")), ["mine.png"]);
    assert_eq!(names(home.path()), ["2026-11-22"]);
}

#[cfg(unix)]
fn identities(out: &Path, files: &BTreeMap<String, Vec<u8>>) -> Vec<u64> {
    use std::os::unix::fs::MetadataExt;
    let folders = ["notes", "notes/2026", "copy"].map(str::to_owned);
    let names = files.keys().chain(&folders);
    names
        .map(|name| fs::metadata(out.join(name)).unwrap().ino())
        .collect()
}

#[cfg(not(unix))]
fn identities(_: &Path, _: &BTreeMap<String, Vec<u8>>) -> Vec<u64> {
    Vec::new()
}

#[test]
fn a_file_that_somebody_changed_is_kept_under_another_name_once_and_said() {
    let home = tempfile::tempdir().unwrap();
    let options = options(&home, "2026-11-22");
    drawn(&options, "<svg/>");
    let out = &options.out;
    let fresh = read(out, "purchase_orders.csv");
    fs::write(out.join("purchase_orders.csv"), "my order").unwrap();
    fs::write(out.join("charts/a.svg"), "my chart").unwrap();
    let run = read(out, "run.json").replace("\"plan\"", "\"plan\", \"note\": \"mine\"");
    fs::write(out.join("run.json"), &run).unwrap();

    let kept = drawn(&options, "<svg/>").kept;
    let kept: Vec<&str> = kept.iter().map(|path| path.to_str().unwrap()).collect();
    assert_eq!(kept.len(), 3, "{kept:?}");
    for (name, start, text) in [
        (kept[0], "charts/a.svg.kept-", "my chart"),
        (kept[1], "purchase_orders.csv.kept-", "my order"),
        (kept[2], "run.json.kept-", run.as_str()),
    ] {
        assert!(name.starts_with(start), "{name}");
        assert_eq!(read(out, name), text);
    }
    assert_eq!(read(out, "purchase_orders.csv"), fresh);
    assert_eq!(read(out, "charts/a.svg"), "<svg/>");

    // What is kept is somebody's from then on: it keeps its name, and is not kept twice.
    let before = contents(out);
    assert_eq!(drawn(&options, "<svg/>").kept.len(), 0);
    assert!(contents(out).keys().eq(before.keys()));
    for name in &kept {
        assert_eq!(contents(out)[*name], before[*name]);
    }

    // Another change within the second has a name of its own.
    fs::write(out.join("purchase_orders.csv"), "my second order").unwrap();
    assert_eq!(drawn(&options, "<svg/>").kept.len(), 1);
    let orders = contents(out);
    let mut texts: Vec<&[u8]> = orders
        .iter()
        .filter(|(name, _)| name.starts_with("purchase_orders.csv.kept-"))
        .map(|(_, text)| text.as_slice())
        .collect();
    texts.sort_unstable();
    assert_eq!(texts, [&b"my order"[..], b"my second order"]);
}

#[test]
fn a_changed_file_is_kept_where_the_new_plan_has_no_such_file() {
    let home = tempfile::tempdir().unwrap();
    let mut options = options(&home, "2026-11-22");
    options.demand_csv = true;
    placed(&options);
    fs::write(options.out.join("demand.csv"), "mine").unwrap();
    options.demand_csv = false;
    let kept = placed(&options).kept;
    assert_eq!(kept.len(), 1);
    assert_eq!(fs::read(options.out.join(&kept[0])).unwrap(), b"mine");
    assert!(!options.out.join("demand.csv").exists());
}

#[test]
fn a_file_that_has_a_name_that_the_new_plan_needs_is_kept_under_another() {
    let home = tempfile::tempdir().unwrap();
    let mut options = options(&home, "2026-11-22");
    placed(&options);
    fs::write(options.out.join("demand.csv"), "mine").unwrap();
    fs::write(options.out.join("charts"), "no folder").unwrap();
    options.demand_csv = true;
    let kept = drawn(&options, "<svg/>").kept;
    assert_eq!(kept.len(), 2);
    assert_eq!(fs::read(options.out.join(&kept[0])).unwrap(), b"no folder");
    assert_eq!(fs::read(options.out.join(&kept[1])).unwrap(), b"mine");
    assert!(read(&options.out, "demand.csv").starts_with("sku,"));
    assert_eq!(read(&options.out, "charts/a.svg"), "<svg/>");

    // A folder that has the name of a file.
    fs::remove_file(options.out.join("forecast.csv")).unwrap();
    fs::create_dir(options.out.join("forecast.csv")).unwrap();
    fs::write(options.out.join("forecast.csv/mine.txt"), "mine").unwrap();
    let kept = drawn(&options, "<svg/>").kept;
    assert_eq!(kept.len(), 1);
    let moved = options.out.join(&kept[0]).join("mine.txt");
    assert_eq!(fs::read(moved).unwrap(), b"mine");
    assert_eq!(names(home.path()), ["2026-11-22"]);
}

#[test]
fn what_is_saved_into_the_folder_while_the_plan_is_written_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let options = options(&home, "2026-11-22");
    placed(&options);
    let draw = |_: &Path| {
        fs::write(options.out.join("approved.txt"), "yes")?;
        fs::write(options.out.join("forecast.csv"), "mine")
    };
    let config = Config::default();
    let done = write(&plan(), &config, &options, &Cancel::default(), draw).unwrap();
    assert_eq!(read(&options.out, "approved.txt"), "yes");
    assert_eq!(done.placed.kept.len(), 1);
    let kept = options.out.join(&done.placed.kept[0]);
    assert_eq!(fs::read(kept).unwrap(), b"mine");
}

#[cfg(unix)]
#[test]
fn links_are_kept_and_never_followed() {
    use std::os::unix::fs::symlink;
    let home = tempfile::tempdir().unwrap();
    let options = options(&home, "plans/2026-11-22");
    drawn(&options, "<svg/>");
    let out = &options.out;
    let elsewhere = home.path().join("public");
    fs::rename(out.join("charts"), &elsewhere).unwrap();
    symlink(&elsewhere, out.join("charts")).unwrap();
    fs::rename(out.join("forecast.csv"), elsewhere.join("forecast.csv")).unwrap();
    symlink(elsewhere.join("forecast.csv"), out.join("forecast.csv")).unwrap();
    symlink("nowhere", out.join("broken")).unwrap();
    symlink("..", out.join("up")).unwrap();
    let before = contents(&elsewhere);
    let kept = drawn(&options, "<svg>new</svg>").kept;
    assert_eq!(contents(&elsewhere), before);
    assert_eq!(kept.len(), 2);
    assert_eq!(fs::read_link(out.join(&kept[0])).unwrap(), elsewhere);
    let file = elsewhere.join("forecast.csv");
    assert_eq!(fs::read_link(out.join(&kept[1])).unwrap(), file);
    let links = [("broken", "nowhere"), ("up", "..")];
    for (link, to) in links {
        assert_eq!(fs::read_link(out.join(link)).unwrap(), Path::new(to));
    }
    assert_eq!(read(out, "charts/a.svg"), "<svg>new</svg>");
    assert_eq!(names(&home.path().join("plans")), ["2026-11-22"]);
}

#[test]
fn a_folder_whose_run_json_is_not_ours_is_refused_and_untouched() {
    let home = tempfile::tempdir().unwrap();
    let ours = written(&plain_plan(), &options(&home, "ours"));
    let half = read(&ours, "run.json");
    let half = &half[..half.len() / 2];
    for (n, text) in [
        "{}",
        "",
        "[]",
        "{\"made_by\": \"somebody\", \"command\": \"plan\"}",
        "{\"made_by\": [\"restock\"]}",
        "{\"version\": \"1.0\", \"files\": []}",
        half,
    ]
    .into_iter()
    .enumerate()
    {
        let options = options(&home, &format!("photos{n}"));
        fs::create_dir(&options.out).unwrap();
        fs::write(options.out.join("run.json"), text).unwrap();
        fs::write(options.out.join("holiday.jpg"), "sea").unwrap();
        let before = contents(&options.out);
        for error in [
            check_out(&options.out).unwrap_err(),
            failure(&plan(), &options),
        ] {
            assert!(matches!(error, OutputError::Unmarked { .. }), "{text}");
            let folder = options.out.display().to_string();
            assert!(error.to_string().contains(&folder), "{error}");
            for lang in [Lang::En, Lang::Ja] {
                assert!(error.message(lang).contains("run.json"));
                assert!(error.remedy(lang).contains("--out"));
            }
        }
        assert_eq!(contents(&options.out), before);
    }
    // A folder or a link of that name is no mark either.
    let link = options(&home, "link");
    fs::create_dir(&link.out).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(ours.join("run.json"), link.out.join("run.json")).unwrap();
    #[cfg(not(unix))]
    fs::create_dir(link.out.join("run.json")).unwrap();
    let error = failure(&plan(), &link);
    assert!(matches!(error, OutputError::Unmarked { .. }));
}

#[test]
fn a_plan_of_a_version_before_the_mark_is_compared_with_and_not_replaced() {
    let home = tempfile::tempdir().unwrap();
    let early = written(&plan_of(15, 2.0), &options(&home, "early"));
    let mut run = run_json(&early);
    for key in ["made_by", "command", "written", "seal"] {
        run.as_object_mut().unwrap().remove(key).unwrap();
    }
    fs::write(early.join("run.json"), run.to_string()).unwrap();
    let before = contents(&early);
    let folder = written(&plan_of(22, 3.0), &options(&home, "2026-11-22"));
    let changes = table(&read(&folder, "changes.csv"));
    assert_eq!(changes[0]["order_qty_before"], "2");
    let error = failure(&plan(), &options(&home, "early"));
    assert!(matches!(error, OutputError::Unmarked { .. }));
    assert_eq!(contents(&early), before);

    // Somebody else's run.json beside it is no plan.
    let other = home.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::copy(
        early.join("recommendations.csv"),
        other.join("recommendations.csv"),
    )
    .unwrap();
    fs::write(
        other.join("run.json"),
        json!({"as_of": "2026-11-21"}).to_string(),
    )
    .unwrap();
    let folder = written(&plan_of(22, 3.0), &options(&home, "2026-11-22"));
    let changes = table(&read(&folder, "changes.csv"));
    assert_eq!(changes[0]["order_qty_before"], "2");
}

#[test]
fn a_name_may_be_as_long_as_the_file_system_takes() {
    let home = tempfile::tempdir().unwrap();
    for name in ["a".repeat(255), "計".repeat(85)] {
        let options = options(&home, &name);
        placed(&options);
        fs::write(options.out.join("mine.txt"), "mine").unwrap();
        placed(&options);
        assert_eq!(read(&options.out, "mine.txt"), "mine");
        assert_eq!(names(home.path()), std::slice::from_ref(&name));
        fs::remove_dir_all(&options.out).unwrap();
    }
    let error = check_out(&home.path().join("a".repeat(256))).unwrap_err();
    assert!(matches!(error, OutputError::Read { .. }), "{error}");
    assert!(names(home.path()).is_empty());
}

/// Tells another thread to end, also where this one fails.
#[cfg(target_os = "linux")]
struct End<'a>(&'a AtomicBool);

#[cfg(target_os = "linux")]
impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Whoever looks finds a whole plan and the others' files, at every moment of an exchange.
#[cfg(target_os = "linux")]
#[test]
fn there_is_no_moment_without_a_plan() {
    let home = tempfile::tempdir().unwrap();
    let options = options(&home, "2026-11-22");
    drawn(&options, "<svg/>");
    let out = &options.out;
    fs::write(out.join("holiday.jpg"), "sea").unwrap();
    fs::create_dir(out.join("notes")).unwrap();
    fs::write(out.join("notes/letter.txt"), "letter").unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let look = scope.spawn(|| {
            let mut looks = 0;
            while !done.load(Ordering::Relaxed) {
                let files = [
                    "run.json",
                    "charts/a.svg",
                    "holiday.jpg",
                    "notes/letter.txt",
                ];
                for file in files {
                    let size = fs::metadata(out.join(file)).map(|meta| meta.len());
                    assert!(size.as_ref().is_ok_and(|s| *s > 0), "{file}: {size:?}");
                    looks += 1;
                }
            }
            looks
        });
        let end = End(&done);
        for _ in 0..40 {
            drawn(&options, "<svg/>");
        }
        drop(end);
        assert!(look.join().unwrap() > 1000);
    });
    assert_eq!(names(home.path()), ["2026-11-22"]);
}
