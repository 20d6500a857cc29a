//! Where the command line meets the stages: the only file of this room that calls them.

use std::path::Path;

use super::closing::sentences;
use super::failure::Failure;
use super::flags::{InitArgs, PlanArgs, SharedArgs};
use super::plan::refuse_warnings;
use super::progress::Reporter;
use super::streams::Said;
use crate::backtest::{self, Backtest, BacktestError};
use crate::chart::{self, ChartError};
use crate::config::{self, Config};
use crate::domain::{Checked, Plan};
use crate::input;
use crate::output::{self, Cancel, Summary};
use crate::plan;
use crate::report::{self, ReportError};
use crate::text::{Lang, text};

/// The configuration that the flags name, or the defaults, in the language that the flags ask for.
pub(super) fn config(args: &SharedArgs) -> Result<Config, Failure> {
    let mut config = match args.config_file() {
        Some(file) => config::load(&file)
            .map_err(|e| Failure::new(e.render(args.lang.unwrap_or_default())))?,
        None => Config::default(),
    };
    if let Some(lang) = args.lang {
        config.report.lang = lang;
    }
    Ok(config)
}

/// Reads the data and makes the plan.
pub(super) fn plan(args: &PlanArgs, config: &Config, reporter: &Reporter) -> Result<Plan, Failure> {
    let lang = config.report.lang;
    let request = plan::Request {
        data: &args.shared.data,
        config,
        as_of: args.shared.as_of,
        top: if args.no_charts { 0 } else { args.top },
    };
    plan::run(request, &|stage| reporter.stage(stage)).map_err(|e| match e {
        plan::PlanError::Input(e) => Failure::new(e.render(lang)),
        e @ plan::PlanError::Panel(_) => Failure::new(e),
    })
}

/// Draws the charts into a folder, until somebody asks to stop.
pub(super) fn charts(
    plan: &Plan,
    folder: &Path,
    top: usize,
    lang: Lang,
    cancel: &Cancel,
) -> Result<(), ChartError> {
    let stop = || cancel.is_requested();
    chart::draw_all(plan, lang, top, folder, &|_, _| (), &stop).map(|_| ())
}

/// Writes the page of a plan beside the folder of its charts, with those that are in it.
pub(super) fn plan_page(
    plan: &Plan,
    summary: &Summary,
    charts: &Path,
    args: &PlanArgs,
    lang: Lang,
) -> Result<(), ReportError> {
    let top = if args.no_charts { None } else { Some(args.top) };
    let page = report::PlanPage {
        plan,
        sentences: sentences(summary, lang),
        notices: output::notices(plan, &args.write_options(plan.as_of, lang)),
        summary,
        lang,
    };
    report::write_plan(&page, charts, top)
}

/// Reads and checks the data.
pub(super) fn read(args: &SharedArgs, config: &Config) -> Result<Checked, Failure> {
    let options = input::Options {
        data: &args.data,
        config,
        as_of: args.as_of,
    };
    input::read(options).map_err(|e| Failure::new(e.render(config.report.lang)))
}

/// Checks the planner on the past.
pub(super) fn backtest(
    input: Checked,
    config: &Config,
    options: backtest::Options,
    step: &dyn Fn(backtest::Step),
) -> Result<Backtest, BacktestError> {
    backtest::run(input, config, options, step)
}

/// Draws a backtest's charts into `charts/` and writes the page with them.
pub(super) fn backtest_pages(
    result: &Backtest,
    folder: &Path,
    lang: Lang,
) -> Result<(), ReportError> {
    report::write_backtest(result, folder, lang)
}

/// The closing lines of a backtest.
pub(super) fn backtest_closing(result: &Backtest, folder: &Path, lang: Lang) -> String {
    report::backtest_closing(result, folder, lang)
}

/// Reads and checks the data; returns the data-quality table.
pub(super) fn check(args: &SharedArgs, config: &Config) -> Result<Said, Failure> {
    let lang = config.report.lang;
    let options = input::Options {
        data: &args.data,
        config,
        as_of: args.as_of,
    };
    let checked = input::read(options).map_err(|e| Failure::new(e.render(lang)))?;
    let tables = input::tables_read(&checked, lang);
    // What is wrong with the data shows in part only when it is planned.
    let doubts = plan::doubts(checked, config).map_err(Failure::new)?;
    if args.strict {
        refuse_warnings(&doubts.findings, lang)?;
    }
    let record = output::stock_record(&doubts.coverage, lang);
    let findings = input::findings_by_severity(&doubts.findings, lang);
    Ok(Said {
        text: format!("{tables}\n{record}\n{findings}"),
        lang,
        is_result: true,
    })
}

/// Writes the templates, or the configuration of a folder of exports; returns what was written or found.
pub(super) fn init(args: &InitArgs) -> Result<Said, Failure> {
    let lang = args.lang;
    if let Some(folder) = &args.from {
        return init_from(folder, lang);
    }
    let dir = args.dir.as_deref().unwrap_or(Path::new("."));
    let files = config::init(dir, lang).map_err(|e| Failure::new(e.render(lang)))?;
    let list: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
    Ok(Said {
        text: text(lang, "cli.initialised", &[("files", &list.join("\n"))]),
        lang,
        is_result: false,
    })
}

/// Recognises a folder of exports and writes its `restock.toml`, `channels.csv` where it must be completed, and `codes.csv` where codes
/// differ.
fn init_from(folder: &Path, lang: Lang) -> Result<Said, Failure> {
    let found = input::recognise_folder(folder).map_err(|e| Failure::new(e.render(lang)))?;
    let mut files = vec![(folder.join("restock.toml"), found.config(lang))];
    if let Some(channels) = found.channels_csv() {
        files.push((folder.join("channels.csv"), channels));
    }
    if let Some(codes) = found.codes_csv(lang) {
        files.push((folder.join("codes.csv"), codes));
    }
    let written = config::write_new(&files).map_err(|e| Failure::new(e.render(lang)))?;
    let list: Vec<String> = written.iter().map(|f| f.display().to_string()).collect();
    let shown = folder.display().to_string();
    let mut said = found.report(lang);
    said += &format!(
        "\n{}\n{}\n",
        text(lang, "source.told_written", &[("files", &list.join(", "))]),
        text(lang, "source.told_next", &[("folder", &shown)]),
    );
    Ok(Said {
        text: said,
        lang,
        is_result: true,
    })
}
