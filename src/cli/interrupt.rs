//! Ctrl-C and the signals that end a batch job.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::failure::Failure;
use super::streams::tell;
use crate::output::Cancel;
use crate::text::{Lang, text};

/// What a signal does: before anything is written it ends the program at once; while the plan folder is being written it
/// asks the writer to clear up first. A second one does not wait for that.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    pub cancel: Cancel,
    writing: Arc<AtomicBool>,
}

impl Interrupt {
    /// Listens for signals from now on.
    ///
    /// # Errors
    /// The system does not allow it, or somebody listens already.
    pub fn listen(lang: Lang) -> Result<Self, Failure> {
        let interrupt = Self::default();
        let heard = interrupt.clone();
        ctrlc::set_handler(move || {
            let again = heard.cancel.is_requested();
            heard.cancel.request();
            if again || !heard.writing.load(Ordering::SeqCst) {
                tell(&text(lang, "cli.interrupted", &[]));
                std::process::exit(1);
            }
            tell(&text(lang, "cli.interrupting", &[]));
        })
        .map_err(Failure::new)?;
        Ok(interrupt)
    }

    /// From here on the folder is being written.
    pub fn writing(&self) -> &Cancel {
        self.writing.store(true, Ordering::SeqCst);
        &self.cancel
    }
}
