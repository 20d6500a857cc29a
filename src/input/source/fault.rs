//! Why sources stop a run.

use crate::input::error::InputError;

/// The key of a text of the section `source`, and its figures.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceFault {
    pub key: &'static str,
    pub figures: Vec<(&'static str, String)>,
}

/// A fault as the error that stops the run.
pub(super) fn fault(key: &'static str, figures: &[(&'static str, &str)]) -> InputError {
    let figures = figures.iter().map(|(name, f)| (*name, (*f).to_owned()));
    InputError::Source(SourceFault {
        key,
        figures: figures.collect(),
    })
}
