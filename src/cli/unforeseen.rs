//! What the program did not foresee: a mistake of ours or of a library, or a system that gives no more memory or threads.
//! It ends the run like any other failure, with exit code 1, and leaves folders as every failure does.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::sync::{Mutex, PoisonError};

use super::failure::Failure;
use crate::text::{Lang, text};

/// What the first panic of a run said, and where.
static FIRST: Mutex<Option<(String, String)>> = Mutex::new(None);

/// Runs a command; a panic in it, on whatever thread that it waits for, becomes a failure.
pub(super) fn told<T>(lang: Lang, run: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let mut first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert((words(panic.payload()), place.unwrap_or_default()));
    }));
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| {
        let first = FIRST.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (why, place) = first.unwrap_or_else(|| (words(&*payload), String::new()));
        let figures = [("why", why.as_str()), ("place", place.as_str())];
        Err(
            Failure::new(text(lang, "cli.unforeseen", &figures)).remedy(text(
                lang,
                "cli.unforeseen_remedy",
                &[],
            )),
        )
    })
}

/// What a panic says.
fn words(payload: &(dyn Any + Send)) -> String {
    let fixed = payload.downcast_ref::<&str>().map(ToString::to_string);
    fixed
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_panic_are_found() {
        assert_eq!(words(&"no memory"), "no memory");
        assert_eq!(words(&String::from("no thread")), "no thread");
        assert_eq!(words(&1), "");
    }
}
