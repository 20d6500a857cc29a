//! Stock that comes as snapshots, week after week: what plans keep of it, and what they make of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use restock::domain::Day;
use tempfile::TempDir;

/// The first as-of.
const FIRST: i32 = 20_695;
/// Days of sales before it.
const PAST: i32 = 200;
const SKUS: u32 = 4;

/// A shop whose one file of stock is replaced every week, and its open orders with it.
struct Shop {
    home: TempDir,
}

fn dice(seed: u32, day: i32) -> u32 {
    let mut x = seed.wrapping_mul(0x9e37_79b9) ^ (day as u32).wrapping_mul(0x85eb_ca6b);
    x ^= x >> 15;
    x = x.wrapping_mul(0x2c1b_3c6d);
    x ^ (x >> 12)
}

impl Shop {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("data")).unwrap();
        Self { home }
    }

    fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    fn out(&self, name: &str) -> PathBuf {
        self.home.path().join("out").join(name)
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.data().join(name), text).unwrap();
    }

    /// Lays the shop of a week into the data folder: sales up to its last day, the stock of that day alone, the orders open then.
    fn week(&self, week: i32) -> Day {
        let today = Day(FIRST + 7 * week);
        let mut sales = "date,sku,channel,units\n".to_owned();
        let mut stock = "date,sku,location,on_hand\n".to_owned();
        let mut inbound = "po_id,sku,location,ordered_date,units,supplier,expected_date,received_date,received_units\n".to_owned();
        for sku in 0..SKUS {
            // Every third week 60 come, ordered a fortnight before.
            let mut on_hand = 60;
            for day in FIRST - PAST..=today.0 {
                let weeks = (day - FIRST).div_euclid(7);
                if (day - FIRST).rem_euclid(21) == 0 {
                    let (ordered, came) = (Day(day - 14), Day(day));
                    let _ = writeln!(
                        inbound,
                        "P{sku}-{weeks},A{sku},shed,{ordered},60,mill,{came},{came},60"
                    );
                }
                let asked = (dice(sku, day) % 5) as i32;
                let sold = asked.min(on_hand);
                on_hand -= sold;
                if (day - FIRST).rem_euclid(21) == 0 {
                    on_hand += 60;
                }
                if sold > 0 {
                    let _ = writeln!(sales, "{},A{sku},web,{sold}", Day(day));
                }
            }
            let _ = writeln!(stock, "{today},A{sku},shed,{on_hand}");
            let next = FIRST + 21 * (7 * week).div_euclid(21) + 21;
            if next - 14 <= today.0 {
                let weeks = (next - FIRST) / 7;
                let _ = writeln!(
                    inbound,
                    "P{sku}-{weeks},A{sku},shed,{},60,mill,{},,",
                    Day(next - 14),
                    Day(next)
                );
            }
        }
        self.put("sales.csv", &sales);
        self.put("stock.csv", &stock);
        self.put("inbound.csv", &inbound);
        self.put("channels.csv", "channel,location\nweb,shed\n");
        self.put(
            "items.csv",
            "sku,supplier,unit_cost,price,lead_time_days\nA0,mill,5,9,14\nA1,mill,5,9,14\nA2,mill,5,9,14\nA3,mill,5,9,14\n",
        );
        today
    }

    fn run(&self, out: &str, flags: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_restock"))
            .args(["plan", "--no-charts", "--data"])
            .arg(self.data())
            .arg("--out")
            .arg(self.out(out))
            .args(flags)
            .output()
            .unwrap()
    }

    fn plan(&self, out: &str, flags: &[&str]) -> Output {
        let done = self.run(out, flags);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{said}");
        done
    }

    /// Names in the history, hidden ones too.
    fn kept(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.data().join("history")) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    fn findings(&self, out: &str) -> Vec<BTreeMap<String, String>> {
        let text = fs::read(self.out(out).join("exceptions.csv")).unwrap();
        csv::Reader::from_reader(&text[..])
            .deserialize()
            .map(Result::unwrap)
            .collect()
    }

    /// Series-days whose stock is known.
    fn days_known(&self, out: &str) -> usize {
        let text = fs::read_to_string(self.out(out).join("demand.csv")).unwrap();
        let days = text.lines().skip(1);
        days.filter(|line| !line.ends_with(",unknown")).count()
    }
}

/// The CSV files of a plan.
fn tables(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "csv"))
        .map(|p| {
            let name = p.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(p).unwrap())
        })
        .collect()
}

#[test]
fn over_twelve_weeks_a_shop_with_snapshots_gets_a_history_of_its_stock() {
    let shop = Shop::new();
    let mut known = 0;
    let mut contents: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for week in 0..12 {
        let today = shop.week(week);
        let out = today.to_string();
        shop.plan(&out, &["--demand-csv"]);
        let now = shop.days_known(&out);
        if week > 0 {
            // A week of days more for each item, from the second run on.
            assert!(
                now >= known + 6 * SKUS as usize,
                "week {week}: {now} after {known}"
            );
        }
        known = now;
        let names = shop.kept();
        assert_eq!(names.len(), week as usize + 1);
        assert_eq!(names[week as usize], format!("{today}.parquet"));
        // What is kept never changes.
        for name in names {
            let bytes = fs::read(shop.data().join("history").join(&name)).unwrap();
            assert!(bytes.len() < 20_000);
            let before = contents.entry(name).or_insert_with(|| bytes.clone());
            assert_eq!(*before, bytes);
        }
        let told = shop.findings(&out);
        let lost = told.iter().find(|f| f["code"] == "open_order_vanished");
        assert!(lost.is_none(), "{lost:?}");
    }
    assert!(known >= 11 * 7 * SKUS as usize, "{known}");
    // Inputs like others: with their hashes in run.json.
    let run = fs::read_to_string(shop.out(&Day(FIRST + 77).to_string()).join("run.json")).unwrap();
    let run: serde_json::Value = serde_json::from_str(&run).unwrap();
    let files = run["inputs"]
        .as_array()
        .or(run["files"].as_array())
        .unwrap();
    let kept = |f: &&serde_json::Value| {
        f["path"]
            .as_str()
            .is_some_and(|p| p.starts_with("history/"))
    };
    let kept: Vec<_> = files.iter().filter(kept).collect();
    assert_eq!(kept.len(), 11);
    assert!(
        kept.iter()
            .all(|f| f["sha256"].as_str().unwrap().len() == 64)
    );
}

#[test]
fn a_second_run_on_the_same_day_changes_nothing() {
    let shop = Shop::new();
    for week in 0..3 {
        shop.week(week);
        shop.plan(&format!("w{week}"), &[]);
    }
    let before = shop.kept();
    let file = shop.data().join("history").join(&before[2]);
    let bytes = fs::read(&file).unwrap();
    shop.plan("again", &["--jobs", "1"]);
    let (mut first, mut again) = (tables(&shop.out("w2")), tables(&shop.out("again")));
    // What they compare with is not the same plan.
    first.remove("changes.csv");
    again.remove("changes.csv");
    assert_eq!(first, again);
    assert_eq!(shop.kept(), before);
    assert_eq!(fs::read(&file).unwrap(), bytes);
}

#[test]
fn a_day_before_the_last_one_kept_keeps_nothing_and_reads_nothing_later() {
    let shop = Shop::new();
    let days = [0, 1, 2].map(|week| {
        let day = shop.week(week);
        shop.plan(&format!("w{week}"), &[]);
        day.to_string()
    });
    let before = shop.kept();
    shop.week(1);
    shop.plan("past", &["--as-of", &days[1]]);
    assert_eq!(shop.kept(), before);
    let (mut then, mut now) = (tables(&shop.out("w1")), tables(&shop.out("past")));
    then.remove("changes.csv");
    now.remove("changes.csv");
    assert_eq!(then, now);
    // Neither does a check or a plan that is told to leave it.
    shop.week(3);
    shop.plan("left", &["--no-history"]);
    let checked = Command::new(env!("CARGO_BIN_EXE_restock"))
        .args(["check", "--data"])
        .arg(shop.data())
        .output()
        .unwrap();
    assert!(checked.status.success());
    assert_eq!(shop.kept(), before);
}

#[test]
fn stock_of_every_day_is_kept_nowhere_but_what_was_kept_is_read() {
    let shop = Shop::new();
    let today = shop.week(0);
    let mut stock = "date,sku,location,on_hand\n".to_owned();
    for ago in 0..30 {
        let _ = writeln!(stock, "{},A0,shed,40", today + -ago);
    }
    shop.put("stock.csv", &stock);
    shop.plan("daily", &[]);
    assert!(shop.kept().is_empty());
    assert!(!shop.data().join("history").exists());
}

#[test]
fn an_order_that_vanished_is_told_once() {
    let shop = Shop::new();
    shop.week(1);
    shop.plan("w1", &[]);
    shop.week(2);
    // Of the four open orders one is gone, as if it had never been.
    let inbound = fs::read_to_string(shop.data().join("inbound.csv")).unwrap();
    let left: Vec<&str> = inbound
        .lines()
        .filter(|l| !l.starts_with("P2-3,"))
        .collect();
    assert_eq!(left.len() + 1, inbound.lines().count());
    shop.put("inbound.csv", &(left.join("\n") + "\n"));
    shop.plan("w2", &[]);
    let told: Vec<_> = shop
        .findings("w2")
        .into_iter()
        .filter(|f| f["code"] == "open_order_vanished")
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["sku"], "A2");
    assert!(told[0]["message"].contains("\"P2-3\""), "{told:?}");
    assert!(
        told[0]["message"].contains("60 units were open"),
        "{told:?}"
    );
    shop.week(3);
    shop.plan("w3", &[]);
    let again = shop.findings("w3");
    assert!(again.iter().all(|f| f["code"] != "open_order_vanished"));
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_a_notice() {
    let shop = Shop::new();
    shop.week(0);
    // A file bears the name of the folder: whoever runs the test, nothing can be written there.
    shop.put("history", "");
    shop.plan("plan", &[]);
    let told = shop.findings("plan");
    let notice = told
        .iter()
        .find(|f| f["code"] == "history_not_kept")
        .unwrap();
    assert_eq!(notice["severity"], "notice");
}

#[test]
fn a_run_that_fails_keeps_nothing() {
    let shop = Shop::new();
    shop.week(0);
    // A warning stops the run after the plan is made and before it is written.
    let items = fs::read_to_string(shop.data().join("items.csv")).unwrap();
    shop.put("items.csv", &items.replace("A0,mill,5,9", "A0,mill,50,9"));
    let done = shop.run("plan", &["--strict"]);
    assert!(!done.status.success());
    assert!(shop.kept().is_empty(), "{:?}", shop.kept());
}

#[cfg(unix)]
#[test]
fn a_killed_run_leaves_no_half_file() {
    use std::time::Duration;
    let shop = Shop::new();
    shop.week(0);
    for wait in [5, 20, 40, 60, 80, 100, 130, 170, 220, 300] {
        let mut run = Command::new(env!("CARGO_BIN_EXE_restock"))
            .args(["plan", "--no-charts", "--quiet", "--data"])
            .arg(shop.data())
            .arg("--out")
            .arg(shop.out("plan"))
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        let _ = run.kill();
        run.wait().unwrap();
        // What has a name is whole: the next run reads it, and its hidden rest is no input.
        let done = Command::new(env!("CARGO_BIN_EXE_restock"))
            .args(["check", "--quiet", "--data"])
            .arg(shop.data())
            .output()
            .unwrap();
        assert!(done.status.success(), "{wait}");
        for name in shop.kept() {
            let whole = name == format!("{}.parquet", Day(FIRST));
            assert!(whole || name.starts_with('.'), "{name}");
        }
        let _ = fs::remove_file(shop.data().join(format!("history/{}.parquet", Day(FIRST))));
    }
}
