//! How far a run is: a bar on a terminal, plain lines in a log, nothing when quiet. Always on stderr.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::streams::tell;
use crate::text::{Lang, text};

/// Stages of a plan, for the share of the bar that each takes.
const STAGES: u64 = 7;

/// Shows stages to a person.
#[derive(Debug)]
pub struct Reporter {
    lang: Lang,
    show: Show,
}

#[derive(Debug)]
enum Show {
    Nothing,
    Lines,
    Bar(ProgressBar),
}

impl Reporter {
    /// A bar where stderr is a terminal, else lines.
    pub fn new(lang: Lang, quiet: bool) -> Self {
        Self::with_steps(lang, quiet, STAGES)
    }

    /// The same for a run of so many stages.
    pub fn with_steps(lang: Lang, quiet: bool, steps: u64) -> Self {
        let show = if quiet {
            Show::Nothing
        } else if stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {msg} {elapsed}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            Show::Bar(bar)
        } else {
            Show::Lines
        };
        Self { lang, show }
    }

    /// A stage begins. `stage` is the last part of its text's key, `cli.stage_…`.
    pub fn stage(&self, stage: &str) {
        let name = self.name(stage);
        match &self.show {
            Show::Nothing => {}
            Show::Lines => tell(&name),
            Show::Bar(bar) => {
                if !bar.message().is_empty() {
                    bar.inc(1);
                }
                bar.set_message(name);
            }
        }
    }

    /// Nothing more will come.
    pub fn done(&self) {
        if let Show::Bar(bar) = &self.show {
            bar.finish_and_clear();
        }
    }

    /// A stage's name in the language; a stage without one shows its own word.
    fn name(&self, stage: &str) -> String {
        let key = format!("cli.stage_{stage}");
        let name = text(self.lang, &key, &[]);
        if name == key { stage.to_owned() } else { name }
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.done();
    }
}
