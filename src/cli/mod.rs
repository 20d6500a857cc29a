//! The command line: flags, progress, the closing lines, errors.

mod backtest;
mod closing;
mod costliest;
mod failure;
mod flags;
mod interrupt;
mod plan;
mod progress;
mod served;
mod stages;
mod streams;
mod unforeseen;

use std::io::{self, ErrorKind, IsTerminal, stderr};
use std::process::ExitCode;

use clap::Parser;

pub use closing::closing;
pub use failure::Failure;
pub use flags::{BacktestArgs, Cli, Command, InitArgs, PlanArgs, SharedArgs};
pub use interrupt::Interrupt;
pub use plan::{Finished, finish};
pub use progress::Reporter;

use streams::Said;

use crate::text::{Lang, harmless, text};

/// The program. Exit codes: 0 done; 1 the input, the configuration, the disk or a full standard output stopped the run;
/// 2 wrong usage.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => return explain(&usage),
    };
    match unforeseen::told(cli.command.lang(), || run(&cli.command)) {
        Ok(said) => print(&said),
        Err(failure) => fail(&failure),
    }
}

/// Shows help, the version, or what was wrong with the usage.
fn explain(usage: &clap::Error) -> ExitCode {
    match usage.print() {
        Err(e) if !usage.use_stderr() && e.kind() != ErrorKind::BrokenPipe => {
            fail(&unprinted(&e, Lang::En))
        }
        _ => ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2)),
    }
}

/// Prints what a command says at its end.
fn print(said: &Said) -> ExitCode {
    match streams::print(&harmless(&said.text)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) if said.is_result => fail(&unprinted(&e, said.lang)),
        Err(e) => {
            let why = e.to_string();
            streams::tell(&text(
                said.lang,
                "cli.comment_not_printed",
                &[("why", &why)],
            ));
            ExitCode::SUCCESS
        }
    }
}

/// Standard output took less than the whole result.
fn unprinted(why: &io::Error, lang: Lang) -> Failure {
    let why = why.to_string();
    Failure::new(text(lang, "cli.result_not_printed", &[("why", &why)])).remedy(text(
        lang,
        "cli.result_not_printed_remedy",
        &[],
    ))
}

fn fail(failure: &Failure) -> ExitCode {
    let shown = failure.render(stderr().is_terminal());
    streams::tell(shown.trim_end_matches('\n'));
    ExitCode::FAILURE
}

/// Runs a command and returns what to print on stdout; nothing where it shall be quiet.
fn run(command: &Command) -> Result<Said, Failure> {
    let lang = command.lang();
    let (said, quiet) = match command {
        Command::Plan(args) => {
            set_jobs(args.shared.jobs, lang)?;
            (plan::run(args)?, args.shared.quiet)
        }
        Command::Backtest(args) => {
            set_jobs(args.shared.jobs, lang)?;
            (backtest::run(args)?, args.shared.quiet)
        }
        Command::Check(args) => {
            set_jobs(args.jobs, lang)?;
            (stages::check(args, &stages::config(args)?)?, args.quiet)
        }
        Command::Init(args) => (stages::init(args)?, args.quiet),
    };
    Ok(if quiet {
        Said {
            text: String::new(),
            ..said
        }
    } else {
        said
    })
}

/// Starts the threads that the stages compute with: so many, or one per processor.
fn set_jobs(jobs: Option<usize>, lang: Lang) -> Result<(), Failure> {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(jobs.unwrap_or(0));
    threads.build_global().map_err(|e| {
        Failure::new(text(lang, "cli.threads", &[("why", &e.to_string())])).remedy(text(
            lang,
            "cli.threads_remedy",
            &[],
        ))
    })
}
