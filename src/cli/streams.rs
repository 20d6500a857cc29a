//! Standard output and error, which may be a closed pipe or a file on a full disk. Neither ends a run: what a person cannot
//! be told is no reason to do without a plan. Only where the words are the result is a loss of them a failure.

use std::io::{self, ErrorKind, Write, stderr, stdout};

use crate::text::Lang;

/// What a command says on standard output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) lang: Lang,
    /// Whether the text is all that the command is for. Otherwise its result is on the disk, and this is about it.
    pub(super) is_result: bool,
}

/// Says a line on standard error, if anybody can hear it.
pub(super) fn tell(line: &str) {
    // One write a line, so that lines of several threads do not mix.
    let _ = stderr().write_all(format!("{line}\n").as_bytes());
}

/// Prints on standard output, to its end. Whoever closed the pipe has read enough.
///
/// # Errors
/// Where the system takes no more, as on a full disk.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(e),
        _ => Ok(()),
    }
}
