//! How long customers wait before they cancel, from the user's own rows.

use crate::domain::{BackorderKind, Tables};

/// Fewer past lines than this that waited as long say nothing about the risk.
pub const ENOUGH_LINES: u64 = 20;
/// Waits beyond this are one.
const LONGEST: usize = 365;

/// What became of past lines, by the days that they had waited.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// Probability that a line still waits after `d` days, if nothing ships it; non-increasing from 1.
    survival: Vec<f64>,
    /// Lines that waited at least `d` days.
    lines: Vec<u64>,
}

impl Waiting {
    /// The product-limit estimate (Kaplan & Meier, 1958) of cancellation by waiting days: shipped lines and lines still open leave the risk set
    /// uncancelled. `ended` are (days waited, cancelled).
    ///
    /// ```
    /// use restock::supply::waiting::Waiting;
    /// // Of four, one cancels after 2 days, one is shipped on day 3, one cancels on day 5.
    /// let waiting = Waiting::from_ends(&[(2, true), (3, false), (5, true), (9, false)]);
    /// // 1 − (1 − 1/4)·(1 − 1/2)
    /// assert!((waiting.risk(0, 6) - 0.625).abs() < 1e-12);
    /// assert_eq!((waiting.lines(3), waiting.lines(6)), (3, 1));
    /// ```
    pub fn from_ends(ended: &[(i32, bool)]) -> Self {
        let mut left = vec![0_u64; LONGEST + 1];
        let mut cancelled = vec![0_u64; LONGEST + 1];
        for &(days, gone) in ended {
            let at = (days.max(0) as usize).min(LONGEST);
            left[at] += 1;
            cancelled[at] += u64::from(gone);
        }
        let mut at_risk = ended.len() as u64;
        let (mut survival, mut lines, mut s) = (Vec::new(), Vec::new(), 1.0);
        for (left, cancelled) in left.into_iter().zip(cancelled) {
            lines.push(at_risk);
            if at_risk > 0 {
                s *= 1.0 - cancelled as f64 / at_risk as f64;
            }
            survival.push(s);
            at_risk -= left;
        }
        Self { survival, lines }
    }

    /// Learns from all backorders of the shop; preorders wait for a launch and are left out.
    pub fn learn(tables: &Tables) -> Self {
        let ends: Vec<(i32, bool)> = tables
            .backorders
            .iter()
            .filter(|l| l.kind == BackorderKind::Backorder)
            .map(|l| match (l.cancelled, l.shipped) {
                (Some(day), _) => (day - l.date, true),
                (None, Some(day)) if l.open_units() <= 0.0 => (day - l.date, false),
                _ => (tables.as_of - l.date, false),
            })
            .collect();
        Self::from_ends(&ends)
    }

    /// Past lines that waited at least so many days.
    pub fn lines(&self, days: i32) -> u64 {
        self.lines[(days.max(0) as usize).min(LONGEST)]
    }

    /// Probability that a line that has waited `from` days cancels before it has waited `to` days.
    pub fn risk(&self, from: i32, to: i32) -> f64 {
        let before = |days: i32| match days.min(LONGEST as i32 + 1) {
            ..=0 => 1.0,
            d => self.survival[d as usize - 1],
        };
        let now = before(from);
        if now > 0.0 && to > from {
            (1.0 - before(to) / now).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }

    /// [`Self::risk`] where at least [`ENOUGH_LINES`] lines waited as long, with their number.
    pub fn known_risk(&self, from: i32, to: i32) -> (Option<f64>, u64) {
        let n = self.lines(to.max(from));
        ((n >= ENOUGH_LINES).then(|| self.risk(from, to)), n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_wait_never_lowers_the_risk_and_few_lines_say_nothing() {
        let ends: Vec<(i32, bool)> = (0..60).map(|k| (k % 40, k % 3 == 0)).collect();
        let waiting = Waiting::from_ends(&ends);
        let mut before = 0.0;
        for to in 0..400 {
            let risk = waiting.risk(5, to);
            assert!(risk >= before && risk <= 1.0);
            before = risk;
        }
        assert!(waiting.known_risk(0, 10).0.is_some());
        assert_eq!(waiting.known_risk(0, 39), (None, 1));
    }
}
