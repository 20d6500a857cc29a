//! What can be typed.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::config::{Measure, grouped};
use crate::domain::Day;
use crate::output::{CsvStyle, Previous, TextEncoding, WriteOptions};
use crate::text::Lang;

/// Weekly reorder planner for shops that sell on several channels: finds the demand that stockouts hid and plans stock from it.
#[derive(Clone, Debug, Parser)]
#[command(name = "restock", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Read a data folder and write one plan folder: what to order, how much, and why.
    Plan(PlanArgs),
    /// Check the planner on your own past: forecasts, hidden demand, and what stock and lost sales it would have caused beside simple rules.
    Backtest(BacktestArgs),
    /// Read and validate the same data and print a data-quality table; writes nothing.
    Check(SharedArgs),
    /// Write a commented restock.toml and one template per input table; with --from, recognise a folder of exports.
    Init(InitArgs),
}

/// Flags of every command that reads data.
#[derive(Clone, Debug, Args)]
pub struct SharedArgs {
    /// Folder with the input tables: sales, stock, …
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    /// Configuration [default: restock.toml in the data folder, where there is one].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The last day that counts as known, like 2026-11-22 [default: the last date in sales or stock].
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub as_of: Option<Day>,
    /// Plan folder [default: out/<as-of>]. An earlier plan there is replaced; files that the program did not write are kept.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Language of charts, reports and reasons [default: as configured, else en].
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,
    /// Threads to compute with [default: one per processor]. The result is the same for any number.
    #[arg(long, value_name = "N", value_parser = parse_jobs)]
    pub jobs: Option<usize>,
    /// Print errors only.
    #[arg(long)]
    pub quiet: bool,
    /// Let a warning stop the run, with exit code 1 and nothing written.
    #[arg(long)]
    pub strict: bool,
}

#[derive(Clone, Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub shared: SharedArgs,
    /// Write CSV files that Excel opens by double-click: byte order mark and CRLF.
    #[arg(long)]
    pub excel: bool,
    /// Encoding of the CSV files.
    #[arg(long, value_enum, default_value_t)]
    pub encoding: TextEncoding,
    /// Language of the column names.
    #[arg(long, value_enum, default_value_t)]
    pub headers: Lang,
    /// Earlier plan folder that changes.csv compares with [default: the newest plan of an earlier day beside --out or in it].
    #[arg(long, value_name = "DIR")]
    pub previous: Option<PathBuf>,
    /// Also write demand.csv beside demand.parquet.
    #[arg(long)]
    pub demand_csv: bool,
    /// Money for all orders of this plan: what gains most per money is ordered first, the rest is cut.
    #[arg(long, value_name = "AMOUNT", value_parser = parse_budget)]
    pub budget: Option<f64>,
    /// Keep nothing of stock that comes as snapshots, and read nothing of what was kept.
    #[arg(long)]
    pub no_history: bool,
    /// Random streams other than the usual: two plans of the same data show how far an order rests on chance.
    #[arg(long, value_name = "N", default_value_t = 0, hide = true)]
    pub streams: u64,
    /// Series that get a chart of their own: the most valuable ones.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub top: usize,
    /// Draw no charts.
    #[arg(long, conflicts_with = "top")]
    pub no_charts: bool,
}

#[derive(Clone, Debug, Args)]
pub struct BacktestArgs {
    #[command(flatten)]
    pub shared: SharedArgs,
    /// Past days on which the planner is asked, a week apart; and weeks of the replay.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = parse_origins)]
    pub origins: usize,
    /// SKUs × locations that are looked at, at most, spread over value and velocity; 0 looks at all.
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub places: usize,
    /// Of these, how many are replayed week by week; 0 replays all.
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub replayed: usize,
}

#[derive(Clone, Debug, Args)]
pub struct InitArgs {
    /// Folder to write templates into; it is made if need be. Files that exist are not overwritten.
    #[arg(value_name = "DIR", required_unless_present = "from")]
    pub dir: Option<PathBuf>,
    /// Folder with the export files of your shop systems: they are recognised, restock.toml is written into it, and what they hold is printed file by file.
    #[arg(long, value_name = "FOLDER", conflicts_with = "dir")]
    pub from: Option<PathBuf>,
    /// Language of messages and of the comments in restock.toml.
    #[arg(long, value_enum, default_value_t)]
    pub lang: Lang,
    /// Print errors only.
    #[arg(long)]
    pub quiet: bool,
}

impl Command {
    /// The language that was asked for, before a configuration is read.
    pub fn lang(&self) -> Lang {
        let asked = match self {
            Self::Plan(args) => args.shared.lang,
            Self::Backtest(args) => args.shared.lang,
            Self::Check(args) => args.lang,
            Self::Init(args) => Some(args.lang),
        };
        asked.unwrap_or_default()
    }
}

impl SharedArgs {
    /// The configuration to read: the one that was named, else `restock.toml` in the data folder where there is one.
    pub fn config_file(&self) -> Option<PathBuf> {
        self.config.clone().or_else(|| {
            let beside_data = self.data.join("restock.toml");
            beside_data.is_file().then_some(beside_data)
        })
    }

    /// The plan folder of a plan as of a day.
    pub fn out(&self, as_of: Day) -> PathBuf {
        match &self.out {
            Some(out) => out.clone(),
            None => Path::new("out").join(as_of.to_string()),
        }
    }

    /// The plan folder where the flags alone tell it.
    pub fn known_out(&self) -> Option<PathBuf> {
        let of_day = || self.as_of.map(|day| self.out(day));
        self.out.clone().or_else(of_day)
    }
}

impl PlanArgs {
    /// The earlier plan to compare with.
    pub fn compared(&self) -> Previous {
        match &self.previous {
            Some(folder) => Previous::Folder(folder.clone()),
            None => Previous::Newest,
        }
    }

    /// What is written, and how, in a language.
    pub fn write_options(&self, as_of: Day, lang: Lang) -> WriteOptions {
        WriteOptions {
            out: self.shared.out(as_of),
            previous: self.compared(),
            lang,
            csv: CsvStyle {
                excel: self.excel,
                encoding: self.encoding,
                headers: self.headers,
            },
            demand_csv: self.demand_csv,
        }
    }
}

/// `2026-11-22`, also `2026/11/22` and `2026/1/2`.
fn parse_day(typed: &str) -> Result<Day, String> {
    let wrong = || format!("{typed} is not a date; write it like 2026-11-22");
    let parts: Vec<&str> = typed.trim().split(['-', '/']).collect();
    let [year, month, day] = parts[..] else {
        return Err(wrong());
    };
    let number = |text: &str| text.parse::<u32>().map_err(|_| wrong());
    let year = if year.len() == 4 {
        number(year)?
    } else {
        return Err(wrong());
    };
    i32::try_from(year)
        .ok()
        .zip(Some((number(month)?, number(day)?)))
        .and_then(|(year, (month, day))| Day::from_ymd(year, month, day))
        .ok_or_else(wrong)
}

/// `1500000`, also `1,500,000`.
fn parse_budget(typed: &str) -> Result<f64, String> {
    let limit = Measure::Money.limit();
    match typed.replace([',', '_'], "").trim().parse::<f64>() {
        Ok(money) if limit.holds(money) => Ok(money),
        _ => Err(format!(
            "give an amount of money from 0 to {}, like 1500000",
            grouped(limit.most)
        )),
    }
}

fn parse_jobs(typed: &str) -> Result<usize, String> {
    match typed.parse() {
        Ok(jobs) if (1..=1024).contains(&jobs) => Ok(jobs),
        _ => Err("give a number of threads from 1 to 1024".to_owned()),
    }
}

fn parse_origins(typed: &str) -> Result<usize, String> {
    match typed.parse() {
        Ok(origins) if (1..=520).contains(&origins) => Ok(origins),
        _ => Err("give a number of origins from 1 to 520".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_flags_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn dates_are_read_in_the_forms_of_the_input() {
        let expected = Day::from_ymd(2026, 1, 2).unwrap();
        for typed in ["2026-01-02", "2026/1/2", "2026-1-2"] {
            assert_eq!(parse_day(typed), Ok(expected), "{typed}");
        }
        for typed in ["", "2026-02-30", "02-01-2026", "2026-01", "26-1-2", "today"] {
            assert!(parse_day(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn no_flags_plan_the_bundled_example() {
        let cli = Cli::parse_from(["restock", "plan"]);
        let Command::Plan(args) = cli.command else {
            panic!("not a plan");
        };
        let as_of = Day::from_ymd(2026, 11, 22).unwrap();
        assert_eq!(args.shared.data, Path::new("data"));
        assert_eq!(args.shared.out(as_of), Path::new("out/2026-11-22"));
        let options = args.write_options(as_of, Lang::En);
        assert_eq!(options.previous, Previous::Newest);
        assert_eq!(options.csv, CsvStyle::default());
        assert_eq!((args.top, args.no_charts), (20, false));
    }
}
