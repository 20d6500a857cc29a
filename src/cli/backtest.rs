//! `restock backtest`, from typed flags to a finished folder.

use super::closing::kept;
use super::failure::Failure;
use super::flags::BacktestArgs;
use super::interrupt::Interrupt;
use super::plan::refuse_warnings;
use super::progress::Reporter;
use super::stages;
use super::streams::Said;
use crate::backtest::{Backtest, BacktestError, Options, Step};
use crate::config::Config;
use crate::domain::Checked;
use crate::output::{self, BACKTEST, check_backtest_out};
use crate::text::{Lang, text};

/// Steps beside the origins, for the share of the bar that each takes.
const STEPS: u64 = 6;

/// Runs the command and returns what to print at its end.
pub(super) fn run(args: &BacktestArgs) -> Result<Said, Failure> {
    let mut config = stages::config(&args.shared)?;
    let lang = args.shared.lang.unwrap_or(config.report.lang);
    config.report.lang = lang;
    if let Some(out) = args.shared.known_out() {
        check_backtest_out(&out).map_err(|e| Failure::output(&e, lang))?;
    }
    let interrupt = Interrupt::listen(lang)?;
    let reporter = Reporter::with_steps(lang, args.shared.quiet, STEPS + args.origins as u64);
    reporter.stage("read");
    let input = stages::read(&args.shared, &config)?;
    if args.shared.strict {
        refuse_warnings(&input.findings, lang)?;
    }
    let result = look_back(input, &config, args, &reporter, lang)?;
    reporter.stage("write");
    let out = args.shared.out(result.as_of).join(BACKTEST);
    let cancel = interrupt.writing();
    let placed = output::write_backtest(&result, &config, &out, lang, cancel, |folder| {
        reporter.stage("charts");
        stages::backtest_pages(&result, folder, lang)
    })
    .map_err(|e| Failure::output(&e, lang))?;
    reporter.done();
    let mut said = stages::backtest_closing(&result, &placed.folder, lang);
    said += &kept(&placed, lang);
    Ok(Said {
        text: said,
        lang,
        is_result: false,
    })
}

fn look_back(
    input: Checked,
    config: &Config,
    args: &BacktestArgs,
    reporter: &Reporter,
    lang: Lang,
) -> Result<Backtest, Failure> {
    let options = Options {
        origins: args.origins,
        places: args.places,
        replayed: args.replayed,
    };
    let say = |key: &str, figures: &[(&str, &str)]| text(lang, &format!("backtest.{key}"), figures);
    stages::backtest(input, config, options, &|step| {
        reporter.stage(&match step {
            Step::Sample => say("step_sample", &[]),
            Step::Origin(k, n) => say(
                "step_origin",
                &[("k", &k.to_string()), ("n", &n.to_string())],
            ),
            Step::Hidden => say("step_hidden", &[]),
            Step::Replay => say("step_replay", &[]),
        });
    })
    .map_err(|e| match e {
        BacktestError::TooLittle { days, needed } => Failure::new(say(
            "too_little",
            &[("days", &days.to_string()), ("needed", &needed.to_string())],
        ))
        .remedy(say(
            "too_little_remedy",
            &[("missing", &(needed - days).to_string())],
        )),
        BacktestError::NothingSold => {
            Failure::new(say("nothing_sold", &[])).remedy(say("nothing_sold_remedy", &[]))
        }
        e @ BacktestError::Plan(_) => Failure::new(e),
    })
}
