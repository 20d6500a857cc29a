//! The one place where errors are shown to people.

use std::fmt::Display;

use miette::{GraphicalReportHandler, GraphicalTheme, MietteDiagnostic};

use crate::output::OutputError;
use crate::text::{Lang, harmless};

/// Why a command stopped: a message, and what to do about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    pub message: String,
    pub remedy: Option<String>,
}

impl Failure {
    /// A failure whose message says everything.
    pub fn new(message: impl Display) -> Self {
        Self {
            message: message.to_string(),
            remedy: None,
        }
    }

    /// Adds what to do.
    pub fn remedy(mut self, remedy: impl Display) -> Self {
        self.remedy = Some(remedy.to_string());
        self
    }

    /// A failure of the writing, in a language.
    pub fn output(error: &OutputError, lang: Lang) -> Self {
        Self::new(error.message(lang)).remedy(error.remedy(lang))
    }

    /// The text for the terminal. Lines are not wrapped: paths and values can be copied.
    pub fn render(&self, colours: bool) -> String {
        let mut diagnostic = MietteDiagnostic::new(harmless(&self.message));
        diagnostic.help = self.remedy.as_deref().map(|r| harmless(r).into_owned());
        let theme = if colours {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_wrap_lines(false)
            .with_links(false);
        let mut out = String::new();
        match handler.render_report(&mut out, &diagnostic) {
            Ok(()) => out,
            // Writing into a String does not fail; should it, the message still counts most.
            Err(_) => harmless(&self.message).into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_and_remedy_are_shown_whole() {
        let path = "out/".to_owned() + &"long/".repeat(60);
        let shown = Failure::new(format!("{path} is a file"))
            .remedy("give another --out")
            .render(false);
        assert!(shown.contains(&format!("{path} is a file")), "{shown}");
        assert!(shown.contains("help: give another --out"), "{shown}");
    }
}
