//! Where the command line meets the stages: the only file of this room that calls them.

use std::convert::Infallible;
use std::path::Path;

use super::failure::Failure;
use super::flags::{InitArgs, PlanArgs, SharedArgs};
use super::progress::Reporter;
use crate::config::Config;
use crate::domain::Plan;
use crate::text::Lang;

/// The configuration that the flags name, or the defaults.
pub(super) fn config(args: &SharedArgs) -> Result<Config, Failure> {
    match args.config_file() {
        // config::load(&file).map_err(|e| Failure::new(e.render(lang)))
        Some(file) => Err(Failure::new(format!("{} is not read yet", file.display()))),
        None => Ok(Config::default()),
    }
}

/// Reads the data and makes the plan.
pub(super) fn plan(
    _args: &PlanArgs,
    _config: &Config,
    _reporter: &Reporter,
) -> Result<Plan, Failure> {
    // plan::run(&PlanRequest { .. }, reporter).map_err(|e| Failure::new(e.render(lang)))
    Err(Failure::new("the planning stages are not joined yet"))
}

/// Draws the charts into a folder.
pub(super) fn charts(
    _plan: &Plan,
    _folder: &Path,
    _top: usize,
    _lang: Lang,
) -> Result<(), Infallible> {
    // chart::draw(plan, folder, top, lang)
    Ok(())
}

/// Reads and checks the data; returns the data-quality table.
pub(super) fn check(_args: &SharedArgs, _config: &Config) -> Result<String, Failure> {
    // input::read(..) then input::quality_table(..)
    Err(Failure::new("the input is not joined yet"))
}

/// Writes the templates; returns what was written.
pub(super) fn init(_args: &InitArgs) -> Result<String, Failure> {
    // config::init(&args.dir)
    Err(Failure::new("the templates are not joined yet"))
}
