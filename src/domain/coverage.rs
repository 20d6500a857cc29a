//! On how many days stock is known: what figures of service and hidden demand rest on.

use super::{Availability, Day};

/// Days that figures about the past look back.
pub const PAST_DAYS: i32 = 365;

/// Share of the series-days since the record began from which on figures of service and hidden demand are given. Stock that is known on fewer
/// days is known where it was just counted or plentiful: days on which it could have been empty are the ones that are not known, so that the
/// known half would say too much of service and too little of what was lost.
pub const FIGURES_SHARE: f64 = 0.5;
/// … and days since the record began: four weeks hold every weekday four times, and more than one delivery of most shops.
pub const FIGURES_DAYS: i32 = 28;

/// A record is taken to begin when it covers this share of what is listed: a count of one shelf is no record of the shop's.
const BEGINS: f64 = 0.1;

/// On how many days stock is known, over all series, in the last 365 days. Series-days are days on which a series is listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Coverage {
    /// Series-days.
    pub series_days: u64,
    /// Of them, those with known stock.
    pub known: u64,
    /// Days from the first listed one, 365 at most.
    pub days: i32,
    /// The first day from which on stock is recorded; `None` without a record.
    pub since: Option<Day>,
    /// Days from it on.
    pub days_since: i32,
    /// Series-days from it on.
    pub series_days_since: u64,
    /// Of them, those with known stock.
    pub known_since: u64,
}

/// Series and their periods, one behind the other: series `i` owns `offsets[i]..offsets[i + 1]`, its last period begins at as-of.
#[derive(Clone, Copy, Debug)]
pub struct PastDays<'a> {
    pub as_of: Day,
    /// Days in a period.
    pub step: i32,
    pub offsets: &'a [usize],
    pub availability: &'a [Availability],
}

impl Coverage {
    /// Of the last 365 days of all series.
    pub fn of(past: PastDays<'_>) -> Self {
        let step = past.step.max(1);
        // Listed and known series by period, counted back from as-of.
        let mut back = vec![(0u64, 0u64); (PAST_DAYS / step) as usize];
        for range in past.offsets.windows(2) {
            let days = past.availability[range[0]..range[1]].iter().rev();
            for (day, (listed, known)) in days.zip(&mut back) {
                *listed += u64::from(*day != Availability::NotListed);
                *known += u64::from(day.is_known());
            }
        }
        let whole = back.len();
        let days = |periods: usize| {
            if periods == whole {
                PAST_DAYS
            } else {
                periods as i32 * step
            }
        };
        let sum = |periods: usize| {
            back[..periods]
                .iter()
                .fold((0, 0), |sum, day| (sum.0 + day.0, sum.1 + day.1))
        };
        let listed = back.iter().rposition(|day| day.0 > 0).map_or(0, |k| k + 1);
        let of_many = |day: &(u64, u64)| day.1 > 0 && day.1 as f64 >= BEGINS * day.0 as f64;
        let begun = back
            .iter()
            .rposition(of_many)
            .or_else(|| back.iter().rposition(|day| day.1 > 0))
            .map_or(0, |k| k + 1);
        let (all, since) = (sum(whole), sum(begun));
        Self {
            series_days: all.0 * step as u64,
            known: all.1 * step as u64,
            days: days(listed),
            since: (begun > 0).then(|| past.as_of + -((begun as i32 - 1) * step)),
            days_since: days(begun),
            series_days_since: since.0 * step as u64,
            known_since: since.1 * step as u64,
        }
    }

    /// Share of the series-days with known stock, 0..=1; 0 where nothing is listed.
    pub fn share(&self) -> f64 {
        ratio(self.known, self.series_days)
    }

    /// Share of the series-days since the record began.
    pub fn share_since(&self) -> f64 {
        ratio(self.known_since, self.series_days_since)
    }

    /// Whether enough is known for figures of service and hidden demand.
    pub fn gives_figures(&self) -> bool {
        // The whole past of a young shop is enough, too.
        self.share_since() >= FIGURES_SHARE && self.days_since >= FIGURES_DAYS.min(self.days)
    }
}

/// Share of the listed days of one series with known stock, 0..=1; `None` where none is listed.
pub fn known_share(availability: &[Availability]) -> Option<f64> {
    let listed = availability
        .iter()
        .filter(|day| **day != Availability::NotListed)
        .count();
    let known = availability.iter().filter(|day| day.is_known()).count();
    (listed > 0).then(|| ratio(known as u64, listed as u64))
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use Availability::{InStock, NotListed, SoldOut, Unknown};

    fn coverage(series: &[Vec<Availability>]) -> Coverage {
        let mut offsets = vec![0];
        for days in series {
            offsets.push(offsets[offsets.len() - 1] + days.len());
        }
        let availability: Vec<Availability> = series.iter().flatten().copied().collect();
        Coverage::of(PastDays {
            as_of: Day(20_000),
            step: 1,
            offsets: &offsets,
            availability: &availability,
        })
    }

    fn days(parts: &[(Availability, usize)]) -> Vec<Availability> {
        parts.iter().flat_map(|&(a, n)| vec![a; n]).collect()
    }

    #[test]
    fn a_record_of_thirty_five_days_is_not_said_to_be_of_a_year() {
        let c = coverage(&[days(&[(Unknown, 500), (InStock, 30), (SoldOut, 5)])]);
        assert_eq!((c.series_days, c.known), (365, 35));
        assert_eq!((c.days, c.days_since), (365, 35));
        assert_eq!(c.since, Some(Day(20_000 - 34)));
        assert_eq!(c.share_since(), 1.0);
        assert!(c.gives_figures());
    }

    #[test]
    fn one_snapshot_gives_no_figures() {
        let c = coverage(&[days(&[(Unknown, 400), (InStock, 1)])]);
        assert_eq!((c.known, c.days_since), (1, 1));
        assert!(!c.gives_figures());
    }

    #[test]
    fn a_record_with_more_holes_than_days_gives_no_figures() {
        let hole = days(&[(InStock, 1), (Unknown, 2)]);
        let c = coverage(&[hole.repeat(60)]);
        assert!(!c.gives_figures(), "{c:?}");
    }

    #[test]
    fn one_early_count_of_one_shelf_is_no_beginning_of_the_record() {
        let mut series = vec![days(&[(Unknown, 300), (InStock, 40)]); 20];
        series[3][10] = InStock;
        let c = coverage(&series);
        assert_eq!(c.days_since, 40);
        // Where there is no other, it is.
        let c = coverage(&[vec![Unknown; 20], days(&[(InStock, 1), (Unknown, 19)])]);
        assert_eq!(c.days_since, 20);
    }

    #[test]
    fn days_before_a_launch_are_no_days() {
        let c = coverage(&[days(&[(NotListed, 100), (InStock, 50)])]);
        assert_eq!((c.series_days, c.known, c.days), (50, 50, 50));
        assert_eq!(coverage(&[]), Coverage::default());
    }

    #[test]
    fn the_known_share_of_a_series_is_of_its_listed_days() {
        let series = days(&[(NotListed, 50), (Unknown, 75), (InStock, 20), (SoldOut, 5)]);
        assert_eq!(known_share(&series), Some(0.25));
        assert_eq!(known_share(&[NotListed]), None);
    }
}
