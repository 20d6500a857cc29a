//! A library that panics on a person's file must neither end the program nor speak in its stead.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use polars::prelude::PolarsResult;

thread_local! {
    /// Whether a panic of this thread is caught and told in our own words.
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Runs a part of the Parquet reader that works on this thread alone. On some damaged files it panics: what it would
/// print is kept back, and the panic becomes an error like any other.
pub(super) fn guarded<T>(read: impl FnOnce() -> PolarsResult<T>) -> Result<T, String> {
    keep_back();
    CAUGHT.set(true);
    let done = catch_unwind(AssertUnwindSafe(read));
    CAUGHT.set(false);
    match done {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(e)) => Err(e.to_string()),
        Err(_) => Err("not a Parquet file that can be read".to_owned()),
    }
}

/// Wraps the hook that prints panics, once: those of other threads and of our own code are still shown.
fn keep_back() {
    static WRAPPED: Once = Once::new();
    WRAPPED.call_once(|| {
        let shown = take_hook();
        set_hook(Box::new(move |panic| {
            // A thread that is ending has no flag any more; its panic is nobody's to keep back.
            if !CAUGHT.try_with(Cell::get).unwrap_or(false) {
                shown(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_a_library_becomes_an_error() {
        let told: Result<(), String> = guarded(|| panic!("a library's own words"));
        assert_eq!(told, Err("not a Parquet file that can be read".to_owned()));
        assert_eq!(guarded(|| Ok(1)), Ok(1));
        assert!(!CAUGHT.get(), "later panics of this thread are shown");
    }
}
