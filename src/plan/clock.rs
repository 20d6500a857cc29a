//! How long each stage took.

use std::time::Instant;

/// Stages and their seconds, in their order.
pub(super) struct Clock {
    started: Instant,
    pub(super) timings: Vec<(String, f64)>,
}

impl Clock {
    pub(super) fn start() -> Self {
        Self {
            started: Instant::now(),
            timings: Vec::new(),
        }
    }

    /// What passed since the last lap belongs to `stage`.
    pub(super) fn lap(&mut self, stage: &str) {
        self.timings
            .push((stage.to_owned(), self.started.elapsed().as_secs_f64()));
        self.started = Instant::now();
    }
}
