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
    use crate::domain::{ChannelId, SkuId};

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

    #[test]
    fn only_backorders_teach_and_an_open_line_has_waited_until_now() {
        use crate::domain::{BackorderLine, Day};
        let today = Day(20_000);
        let line = |waited: i32, cancelled: bool, shipped: f64| BackorderLine {
            order_id: String::new(),
            date: today + -30,
            sku: SkuId(0),
            channel: ChannelId(0),
            units: 2.0,
            kind: BackorderKind::Backorder,
            promised: None,
            shipped: (shipped > 0.0).then(|| today + (waited - 30)),
            shipped_units: shipped,
            cancelled: cancelled.then(|| today + (waited - 30)),
            cancelled_units: if cancelled { 2.0 } else { 0.0 },
            notified: None,
        };
        let mut tables = crate::panel::small::bare_tables(1, &[0], today);
        tables.backorders = vec![
            line(5, true, 0.0),
            line(7, false, 2.0),
            line(9, false, 1.0),
            BackorderLine {
                kind: BackorderKind::Preorder,
                ..line(1, true, 0.0)
            },
        ];
        let ends = [(5, true), (7, false), (30, false)];
        assert_eq!(Waiting::learn(&tables), Waiting::from_ends(&ends));
    }

    #[test]
    fn waits_are_counted_in_days_from_the_order_and_no_longer_than_a_year() {
        let waiting = Waiting::from_ends(&[(0, true), (-3, false), (400, true), (500, false)]);
        assert_eq!((waiting.lines(0), waiting.lines(1)), (4, 2));
        assert_eq!((waiting.lines(-5), waiting.lines(900)), (4, 2));
        assert!((waiting.risk(0, 1) - 0.25).abs() < 1e-12);
        assert_eq!(waiting.risk(1, 1), 0.0);
        assert_eq!(waiting.risk(3, 2), 0.0);
        // Half of the two that wait for a year cancel then.
        assert!((waiting.risk(1, 365) - 0.0).abs() < 1e-12);
        assert!((waiting.risk(1, 366) - 0.5).abs() < 1e-12);
        assert!((waiting.risk(1, 2000) - 0.5).abs() < 1e-12);
        let many = Waiting::from_ends(&[[(10, true); 10], [(20, false); 10]].concat());
        assert_eq!(many.known_risk(0, 5).1, 20);
        assert!(many.known_risk(0, 5).0.is_some());
        assert_eq!(many.known_risk(0, 11), (None, 10));
        assert_eq!(many.known_risk(12, 5), (None, 10));
    }
}
