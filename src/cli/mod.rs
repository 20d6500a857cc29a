//! The command line: flags, progress, the closing lines, errors.

mod backtest;
mod closing;
mod costliest;
mod failure;
mod flags;
mod interrupt;
mod plan;
mod progress;
mod stages;

use std::io::{IsTerminal, Write, stderr, stdout};
use std::process::ExitCode;

use clap::Parser;

pub use closing::closing;
pub use failure::Failure;
pub use flags::{BacktestArgs, Cli, Command, InitArgs, PlanArgs, SharedArgs};
pub use interrupt::Interrupt;
pub use plan::{Finished, finish};
pub use progress::Reporter;

/// The program. Exit codes: 0 done; 1 the input, the configuration or the disk stopped the run; 2 wrong usage.
pub fn main() -> ExitCode {
    // Wrong usage ends the program here, with 2.
    let cli = Cli::parse();
    match run(&cli.command) {
        Ok(said) => {
            // Whoever closed the pipe has read enough.
            let _ = stdout().write_all(said.as_bytes());
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprint!("{}", failure.render(stderr().is_terminal()));
            ExitCode::FAILURE
        }
    }
}

/// Runs a command and returns what to print on stdout; nothing where it shall be quiet.
fn run(command: &Command) -> Result<String, Failure> {
    let (said, quiet) = match command {
        Command::Plan(args) => {
            set_jobs(args.shared.jobs);
            (plan::run(args)?, args.shared.quiet)
        }
        Command::Backtest(args) => {
            set_jobs(args.shared.jobs);
            (backtest::run(args)?, args.shared.quiet)
        }
        Command::Check(args) => {
            set_jobs(args.jobs);
            (stages::check(args, &stages::config(args)?)?, args.quiet)
        }
        Command::Init(args) => (stages::init(args)?, args.quiet),
    };
    Ok(if quiet { String::new() } else { said })
}

/// Sets the number of threads that the stages compute with.
fn set_jobs(jobs: Option<usize>) {
    if let Some(jobs) = jobs {
        // Fails only where a pool is at work already; its size is as good, for it changes no figure.
        let _ = rayon::ThreadPoolBuilder::new()
            .num_threads(jobs)
            .build_global();
    }
}
