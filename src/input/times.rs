//! Times of day behind the dates of a column, kept where they tell the order of rows of one day: a log of stock.

/// Seconds since midnight by row; nothing is kept until some cell has a time.
#[derive(Debug, Default)]
pub(super) struct Times {
    kept: bool,
    seconds: Vec<u32>,
}

impl Times {
    /// Times that are kept.
    pub(super) fn kept() -> Self {
        Self {
            kept: true,
            seconds: Vec::new(),
        }
    }

    /// Notes the time in the cell of row `row`, which is the last one so far.
    pub(super) fn note(&mut self, row: usize, cell: &[u8]) {
        if !self.kept {
            return;
        }
        let time = seconds_of_day(cell);
        if time.is_some() || !self.seconds.is_empty() {
            self.seconds.resize(row, 0);
            self.seconds.push(time.unwrap_or(0));
        }
    }

    /// Adds those of a later part behind `rows` rows of its own.
    pub(super) fn append(&mut self, rows: usize, later: Self) {
        self.kept |= later.kept;
        if !later.seconds.is_empty() {
            self.seconds.resize(rows, 0);
            self.seconds.extend(later.seconds);
        }
    }

    /// Keeps the rows that `keep` says.
    pub(super) fn retain(&mut self, keep: &[bool]) {
        if !self.seconds.is_empty() {
            self.seconds.resize(keep.len(), 0);
            let mut kept = keep.iter();
            self.seconds.retain(|_| *kept.next().unwrap_or(&true));
        }
    }

    /// The seconds of all rows; empty where no cell had a time.
    pub(super) fn take(&mut self, rows: usize) -> Vec<u32> {
        let mut seconds = std::mem::take(&mut self.seconds);
        if !seconds.is_empty() {
            seconds.resize(rows, 0);
        }
        seconds
    }
}

/// Seconds since midnight of the time behind a date, such as `2026-08-01 15:30:12`, `2026/8/1 3:30 PM` or `2026-08-01T15:30+09:00`.
fn seconds_of_day(cell: &[u8]) -> Option<u32> {
    let colon = cell.iter().position(|&b| b == b':')?;
    let digits = |text: &[u8]| -> Option<u32> {
        text.iter().try_fold(0u32, |n, b| {
            b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0'))
        })
    };
    let before = cell[..colon]
        .iter()
        .rev()
        .take(2)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let hour = digits(&cell[colon - before..colon]).filter(|_| before > 0)?;
    let minute = digits(cell.get(colon + 1..colon + 3)?)?;
    let second = match cell.get(colon + 3) {
        Some(b':') => digits(cell.get(colon + 4..colon + 6)?)?,
        _ => 0,
    };
    let ends = |word: &[u8]| {
        let text = cell.trim_ascii_end();
        text.len() >= 2 && text[text.len() - 2..].eq_ignore_ascii_case(word)
    };
    let hour = match hour {
        12 if ends(b"am") => 0,
        1..12 if ends(b"pm") => hour + 12,
        hour => hour,
    };
    (hour < 24 && minute < 60 && second < 61).then_some(hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_behind_dates_are_read_and_dates_alone_have_none() {
        for (cell, seconds) in [
            ("2026-08-01 15:30:12", Some(55_812)),
            ("2026-08-01T09:05+09:00", Some(32_700)),
            ("2026/8/1 3:30 PM", Some(55_800)),
            ("2026/8/1 12:01 am", Some(60)),
            ("2026-08-01", None),
            ("2026-08-01 99:99", None),
            ("2026-08-01 1:", None),
            (":30", None),
        ] {
            assert_eq!(seconds_of_day(cell.as_bytes()), seconds, "{cell}");
        }
    }

    #[test]
    fn rows_without_a_time_are_at_midnight_and_parts_stay_in_their_rows() {
        let mut first = Times::kept();
        first.note(0, b"2026-08-01");
        let mut second = Times::kept();
        second.note(0, b"2026-08-01 00:00:05");
        second.note(1, b"2026-08-02");
        first.append(1, second);
        first.retain(&[true, true, false, true]);
        assert_eq!(first.take(3), [0, 5, 0]);
        assert!(Times::kept().take(9).is_empty());
    }
}
