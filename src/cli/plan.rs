//! `restock plan`, from typed flags to a finished folder.

use std::path::{Path, PathBuf};

use super::closing::{closing, kept};
use super::costliest::costliest;
use super::failure::Failure;
use super::flags::PlanArgs;
use super::interrupt::Interrupt;
use super::progress::Reporter;
use super::stages;
use super::streams::Said;
use crate::config::Config;
use crate::domain::{Finding, Plan, Severity};
use crate::output::{self, Cancel, Summary, check_out, check_previous, message};
use crate::text::{Lang, text};

/// Warnings that `--strict` shows before it stops.
const SHOWN: usize = 10;

/// Runs the command and returns what to print at its end.
pub(super) fn run(args: &PlanArgs) -> Result<Said, Failure> {
    let mut config = stages::config(&args.shared)?;
    let lang = args.shared.lang.unwrap_or(config.report.lang);
    config.report.lang = lang;
    config.budget = args.budget;
    config.streams = args.streams;
    config.no_history = args.no_history;
    // Better to hear of a wrong folder now than after the work.
    if let Some(out) = args.shared.known_out() {
        check_out(&out).map_err(|e| Failure::output(&e, lang))?;
    }
    check_previous(&args.compared()).map_err(|e| Failure::output(&e, lang))?;
    let interrupt = Interrupt::listen(lang)?;
    let reporter = Reporter::new(lang, args.shared.quiet);
    let mut plan = stages::plan(args, &config, &reporter)?;
    // What cannot be kept is told in the plan; what is kept is seen only once the plan is there.
    let seen = plan.facts.kept.as_ref();
    let keeping = output::keep(&args.shared.data, seen, &mut plan.findings);
    reporter.stage("write");
    let finished = finish(
        &plan,
        &config,
        args,
        interrupt.writing(),
        |charts, summary| {
            if !args.no_charts {
                reporter.stage("charts");
                stages::charts(&plan, charts, args.top, lang, &interrupt.cancel)?;
            }
            stages::plan_page(&plan, summary, charts, args, lang)
        },
    )?;
    if let Some(keeping) = keeping {
        keeping.commit().map_err(|e| Failure::output(&e, lang))?;
    }
    reporter.done();
    Ok(Said {
        text: finished.closing,
        lang,
        is_result: false,
    })
}

/// A plan folder that was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    pub folder: PathBuf,
    /// What to print: a dozen lines for a merchandiser.
    pub closing: String,
}

/// Writes a finished plan as the flags say, and sums it up. Language is the configuration's.
///
/// # Errors
/// A warning under `--strict`, and whatever stops the writing; see [`output::write`].
pub fn finish<E>(
    plan: &Plan,
    config: &Config,
    args: &PlanArgs,
    cancel: &Cancel,
    draw: impl FnOnce(&Path, &Summary) -> Result<(), E>,
) -> Result<Finished, Failure>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let lang = config.report.lang;
    if args.shared.strict {
        refuse_warnings(&plan.findings, lang)?;
    }
    let options = args.write_options(plan.as_of, lang);
    let written = output::write_with(plan, config, &options, cancel, draw)
        .map_err(|e| Failure::output(&e, lang))?;
    let mut said = closing(
        &written.summary,
        // What was lost is told where enough of the record is known to say how much.
        if written.summary.stock_record.gives_figures {
            costliest(plan, lang)
        } else {
            Vec::new()
        },
        &written.placed.folder,
        lang,
    );
    if let Some(folder) = &written.compared {
        let folder = folder.display().to_string();
        said += &(text(lang, "record.compared", &[("folder", &folder)]) + "\n");
    }
    said += &kept(&written.placed, lang);
    Ok(Finished {
        closing: said,
        folder: written.placed.folder,
    })
}

/// Fails when there are warnings: how many, and the first ten.
pub(super) fn refuse_warnings(findings: &[Finding], lang: Lang) -> Result<(), Failure> {
    let warnings: Vec<&Finding> = findings
        .iter()
        .filter(|f| f.severity <= Severity::Warning)
        .collect();
    if warnings.is_empty() {
        return Ok(());
    }
    let mut lines = vec![text(
        lang,
        "cli.strict",
        &[(
            "count",
            &warnings.iter().map(|f| f.kind().1).sum::<u64>().to_string(),
        )],
    )];
    lines.extend(
        warnings
            .iter()
            .take(SHOWN)
            .map(|f| format!("{}: {}", f.code, message(lang, f))),
    );
    if warnings.len() > SHOWN {
        lines.push("…".to_owned());
    }
    Err(Failure::new(lines.join("\n")).remedy(text(lang, "cli.strict_remedy", &[])))
}
