//! Seconds and peak memory of `restock plan` as a user runs it, beside simpler programs on the same files in the same run.
//!
//! `cargo bench --bench whole_process -- [SERIES] [DAYS] [RUNS]` (10000, 730 and 2 where not given). Of several runs the fastest is shown, as other work on
//! the machine can only slow it down. Peak memory and processor time come from `/proc` and are left out where there is none.
//!
//! `cargo bench --bench whole_process -- data DIR [SERIES] [DAYS]` only writes the folders, to profile with.
//!
//! Baselines: the planner with `method = "textbook"`; and "plain", which reads `sales` and `stock` and adds up units a series (polars for Parquet, the `csv`
//! crate for text), the least that any program must do.

mod shop;

use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use polars::prelude::*;

use shop::{Form, Shop, Size};

/// Looks at a running program this often.
const LOOK: Duration = Duration::from_millis(4);
/// Marks the call of this program that is the plain baseline.
const PLAIN: &str = "plain-baseline";

fn main() -> Result<(), Box<dyn Error>> {
    let typed: Vec<String> = env::args().skip(1).collect();
    if let [mark, folder, form] = &typed[..]
        && mark == PLAIN
    {
        return plain(Path::new(folder), form);
    }
    let numbers: Vec<usize> = typed.iter().filter_map(|a| a.parse().ok()).collect();
    let number = |k: usize, otherwise| numbers.get(k).copied().unwrap_or(otherwise);
    let size = Size {
        series: number(0, 10_000),
        days: number(1, 730),
    };
    let runs = number(2, 2).max(1);

    let shop = Shop::new(size, 20_261_122);
    if let [mark, folder, ..] = &typed[..]
        && mark == "data"
    {
        for form in [Form::Csv, Form::Parquet] {
            shop.write(&Path::new(folder).join(form.ending()), form)?;
        }
        return Ok(());
    }
    let (sales, stock, empty) = shop.facts();
    println!(
        "{} series x {} days: {sales} rows of sales, {stock} of stock, {:.1} % of days closed without stock",
        size.series,
        size.days,
        100.0 * empty
    );
    let home = tempfile::tempdir()?;
    for form in [Form::Csv, Form::Parquet] {
        let data = home.path().join(form.ending());
        shop.write(&data, form)?;
        measure(&data, form, home.path(), runs)?;
        fs::remove_dir_all(&data)?;
    }
    Ok(())
}

/// What one run took.
#[derive(Clone, Copy)]
struct Used {
    seconds: f64,
    processor: Option<f64>,
    peak_mib: Option<f64>,
}

fn measure(data: &Path, form: Form, home: &Path, runs: usize) -> Result<(), Box<dyn Error>> {
    let textbook = home.join("textbook.toml");
    fs::write(&textbook, "[policy]\nmethod = \"textbook\"\n")?;
    let out = home.join("out");
    let plan = |extra: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_restock"));
        command
            .args(["plan", "--quiet", "--data"])
            .arg(data)
            .arg("--out")
            .arg(&out)
            .args(extra);
        command
    };
    let textbook = textbook.display().to_string();
    let itself = env::current_exe()?;
    let base = fastest(&mut plan(&[]), runs)?;
    report(form, "plan", base, base);
    print_stages(&out)?;
    report(
        form,
        "plan --no-charts",
        fastest(&mut plan(&["--no-charts"]), runs)?,
        base,
    );
    report(
        form,
        "plan, textbook",
        fastest(&mut plan(&["--config", &textbook]), runs)?,
        base,
    );
    let mut plain = Command::new(itself);
    plain.arg(PLAIN).arg(data).arg(form.ending());
    report(form, "plain sums", fastest(&mut plain, runs)?, base);
    Ok(())
}

fn report(form: Form, what: &str, used: Used, base: Used) {
    let or_unknown =
        |x: Option<f64>, digits: usize| x.map_or("-".to_owned(), |x| format!("{x:.digits$}"));
    println!(
        "{:8} {what:18} {:7.2} s  {:>7} s of processor  {:>6} MiB peak   {:5.2} x the time of plan",
        form.ending(),
        used.seconds,
        or_unknown(used.processor, 2),
        or_unknown(used.peak_mib, 0),
        used.seconds / base.seconds,
    );
}

/// The stages' seconds, from the plan's own run.json.
fn print_stages(out: &Path) -> Result<(), Box<dyn Error>> {
    let run: serde_json::Value = serde_json::from_slice(&fs::read(out.join("run.json"))?)?;
    let stages: Vec<String> = run["timings"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|t| {
            format!(
                "{} {}",
                t["stage"].as_str().unwrap_or_default(),
                t["seconds"]
            )
        })
        .collect();
    println!("         {}", stages.join(", "));
    Ok(())
}

fn fastest(command: &mut Command, runs: usize) -> Result<Used, Box<dyn Error>> {
    let mut best: Option<Used> = None;
    for _ in 0..runs {
        let used = run(command)?;
        if best.is_none_or(|b| used.seconds < b.seconds) {
            best = Some(used);
        }
    }
    best.ok_or_else(|| "no run".into())
}

fn run(command: &mut Command) -> Result<Used, Box<dyn Error>> {
    let started = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn()?;
    let folder = PathBuf::from(format!("/proc/{}", child.id()));
    let (mut peak_mib, mut processor) = (None, None);
    let status = loop {
        // The peak never falls, so the last look before the end misses what the last milliseconds added at most.
        peak_mib = peak(&folder).or(peak_mib);
        processor = ticks(&folder).or(processor);
        match child.try_wait()? {
            Some(status) => break status,
            None => thread::sleep(LOOK),
        }
    };
    let seconds = started.elapsed().as_secs_f64();
    if !status.success() {
        return Err(format!("{command:?}: {status}").into());
    }
    Ok(Used {
        seconds,
        processor,
        peak_mib,
    })
}

/// Largest resident memory so far, MiB.
fn peak(process: &Path) -> Option<f64> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib / 1024.0)
}

/// Processor time so far, user and system, seconds (Linux counts it in hundredths for everybody: USER_HZ).
fn ticks(process: &Path) -> Option<f64> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    // Fields 14 and 15, counted behind the name, which may contain blanks.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let of = |k: usize| fields.get(k)?.parse::<f64>().ok();
    Some((of(11)? + of(12)?) / 100.0)
}

/// Reads `sales` and `stock` and adds up their last column by SKU and place.
#[expect(deprecated, reason = "the eager sum, as in panel/span.rs")]
fn plain(folder: &Path, form: &str) -> Result<(), Box<dyn Error>> {
    for (table, place, units) in [
        ("sales", "channel", "units"),
        ("stock", "location", "on_hand"),
    ] {
        let path = folder.join(table).with_extension(form);
        let series = if form == Form::Parquet.ending() {
            let columns = ["sku", place, units].map(str::to_owned);
            ParquetReader::new(fs::File::open(&path)?)
                .with_columns(Some(columns.to_vec()))
                .finish()?
                .group_by(["sku", place])?
                .select([units])
                .sum()?
                .height()
        } else {
            sums(&path)?
        };
        println!("{table}: {series} series");
    }
    Ok(())
}

fn sums(path: &Path) -> Result<usize, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(path)?;
    let mut record = csv::StringRecord::new();
    let mut sums: HashMap<(String, String), f64> = HashMap::new();
    while reader.read_record(&mut record)? {
        let units: f64 = record[3].parse()?;
        *sums
            .entry((record[1].to_owned(), record[2].to_owned()))
            .or_default() += units;
    }
    Ok(sums.len())
}
