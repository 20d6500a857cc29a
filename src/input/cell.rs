//! One cell of a table: text to a date, a number, a word. Every form that people type is accepted, nothing is guessed.

use unicode_normalization::UnicodeNormalization;

use crate::config::DateOrder;
use crate::domain::Day;

/// Years that a date may lie in; others are slips of the keyboard or placeholders such as 9999-12-31.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2199;

/// Why a date cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum DateFault {
    /// No known form, or a day that the calendar lacks.
    NotADate,
    /// Could be month-day or day-month.
    Ambiguous,
    /// Outside 1970 to 2199.
    FarYear,
}

fn day(year: i32, month: u32, day: u32) -> Result<i32, DateFault> {
    let found = Day::from_ymd(year, month, day).ok_or(DateFault::NotADate)?;
    if YEARS.contains(&year) {
        Ok(found.0)
    } else {
        Err(DateFault::FarYear)
    }
}

/// Digits of ASCII text as a number; at most nine of them.
fn digits(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    text.iter().try_fold(0u32, |n, &b| {
        b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0'))
    })
}

/// Days since 1970-01-01 of `2026-08-01`, `2026/8/1`, `2026.8.1`, `20260801`, `2026年8月1日`, each with or without a
/// time of day behind it (the date is taken as written, whatever the offset), and of `08/31/2026` when the order is told.
pub(super) fn parse_day(text: &[u8], order: Option<DateOrder>) -> Result<i32, DateFault> {
    if text.len() == 10
        && text[4] == text[7]
        && (text[4] == b'-' || text[4] == b'/')
        && let (Some(y), Some(m), Some(d)) =
            (digits(&text[..4]), digits(&text[5..7]), digits(&text[8..]))
    {
        return day(y as i32, m, d);
    }
    let text = std::str::from_utf8(text).map_err(|_| DateFault::NotADate)?;
    if text.is_ascii() {
        parse_day_text(text, order)
    } else {
        parse_day_text(text.nfkc().collect::<String>().trim(), order)
    }
}

fn parse_day_text(text: &str, order: Option<DateOrder>) -> Result<i32, DateFault> {
    let mut parts = [0u32; 3];
    let mut lengths = [0usize; 3];
    let mut rest = text;
    let mut separators = ['\0'; 3];
    for k in 0..3 {
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let run = &rest[..end];
        if k == 0 && run.len() == 8 {
            // 20260801, perhaps with a time behind it.
            let number = digits(run.as_bytes()).ok_or(DateFault::NotADate)?;
            check_time(&rest[end..], false)?;
            return day((number / 10_000) as i32, number / 100 % 100, number % 100);
        }
        parts[k] = digits(run.as_bytes()).ok_or(DateFault::NotADate)?;
        lengths[k] = run.len();
        rest = &rest[end..];
        if k < 2 || rest.starts_with('日') {
            let mark = rest.chars().next().ok_or(DateFault::NotADate)?;
            separators[k] = mark;
            rest = rest[mark.len_utf8()..].trim_start();
        }
    }
    let kanji = separators == ['年', '月', '日'];
    let plain = separators[0] == separators[1] && matches!(separators[0], '-' | '/' | '.');
    let known = kanji || (plain && separators[2] == '\0');
    if !known {
        return Err(DateFault::NotADate);
    }
    check_time(rest, kanji)?;
    let [a, b, c] = parts;
    if lengths[0] == 4 && lengths[1] <= 2 && lengths[2] <= 2 {
        return day(a as i32, b, c);
    }
    if lengths[2] == 4 && lengths[0] <= 2 && lengths[1] <= 2 && !kanji {
        return match order {
            Some(DateOrder::Mdy) => day(c as i32, a, b),
            Some(DateOrder::Dmy) => day(c as i32, b, a),
            Some(DateOrder::Ymd) => Err(DateFault::NotADate),
            None => Err(DateFault::Ambiguous),
        };
    }
    Err(DateFault::NotADate)
}

/// What may stand behind a date: nothing, or a time of day with an offset or zone. `joined`: no separator is needed.
fn check_time(rest: &str, joined: bool) -> Result<(), DateFault> {
    let time = rest.trim();
    if time.is_empty() {
        return Ok(());
    }
    let separated =
        joined || rest.starts_with(|c: char| c.is_whitespace() || matches!(c, 'T' | 't'));
    let time = time.strip_prefix(['T', 't']).unwrap_or(time);
    let plausible = time.starts_with(|c: char| c.is_ascii_digit())
        && time
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " :.,+-/_[]時分秒".contains(c));
    if separated && plausible {
        Ok(())
    } else {
        Err(DateFault::NotADate)
    }
}

/// Powers of ten that are exact in binary.
const TENS: [f64; 16] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// `1234.5` in ASCII with at most 15 digits: exact, because both parts and their quotient round once.
fn plain_number(text: &[u8]) -> Option<f64> {
    let (negative, body) = match text.first()? {
        b'-' => (true, &text[1..]),
        _ => (false, text),
    };
    if body.is_empty() || body.len() > 16 {
        return None;
    }
    let mut whole = 0u64;
    let mut decimals = None;
    let mut count = 0usize;
    for &b in body {
        match b {
            b'0'..=b'9' => {
                whole = whole * 10 + u64::from(b - b'0');
                count += 1;
                decimals = decimals.map(|d: usize| d + 1);
            }
            b'.' if decimals.is_none() => decimals = Some(0),
            _ => return None,
        }
    }
    if count == 0 || count > 15 {
        return None;
    }
    let number = whole as f64 / TENS[decimals.unwrap_or(0)];
    Some(if negative && number != 0.0 {
        -number
    } else {
        number
    })
}

/// A finite number: full-width digits, thousands separators in groups of three, `¥`, `円`, `−` and `▲` are
/// understood. A decimal comma is refused rather than taken for a thousands separator.
pub(super) fn parse_number(text: &[u8]) -> Option<f64> {
    if let Some(n) = plain_number(text) {
        return Some(n);
    }
    let text = std::str::from_utf8(text).ok()?;
    let text: String = text.nfkc().collect();
    let mut body = text.trim();
    let mut negative = false;
    let mut signed = false;
    // A sign and a currency mark, in either order.
    for _ in 0..3 {
        let Some(mark) = body.chars().next() else {
            break;
        };
        match mark {
            '-' | '−' | '‐' | '–' | '▲' | '△' if !signed => {
                negative = true;
                signed = true;
            }
            '+' if !signed => signed = true,
            '¥' | '\\' | '$' | '€' | '£' => {}
            _ => break,
        }
        body = body[mark.len_utf8()..].trim_start();
    }
    body = body.strip_suffix('円').unwrap_or(body).trim_end();
    if !body.starts_with(|c: char| c.is_ascii_digit() || c == '.') || !body.is_ascii() {
        return None;
    }
    let (whole, fraction) = body
        .split_once('.')
        .map_or((body, None), |(w, f)| (w, Some(f)));
    let cleaned = if whole.contains(',') {
        let mut groups = whole.split(',');
        let first = groups.next().unwrap_or_default();
        if first.is_empty() || first.len() > 3 || groups.any(|g| g.len() != 3) {
            return None;
        }
        let mut joined = whole.replace(',', "");
        if let Some(fraction) = fraction {
            joined.push('.');
            joined.push_str(fraction);
        }
        joined
    } else {
        body.to_owned()
    };
    let number: f64 = cleaned.parse().ok()?;
    if !number.is_finite() {
        return None;
    }
    Some(if negative && number != 0.0 {
        -number
    } else {
        number
    })
}

/// A share: a number, or a percentage with its sign (`93%`, `９３％`).
pub(super) fn parse_share(text: &[u8]) -> Option<f64> {
    if let Some(n) = plain_number(text) {
        return Some(n);
    }
    let text = std::str::from_utf8(text).ok()?;
    let text: String = text.nfkc().collect();
    let text = text.trim();
    match text.strip_suffix('%') {
        Some(percent) => parse_number(percent.trim_end().as_bytes()).map(|p| p / 100.0),
        None => parse_number(text.as_bytes()),
    }
}

/// The form in which words are compared: NFKC, lower case, `_` for spaces and hyphens.
pub(super) fn word_form(text: &str) -> String {
    if text.is_ascii() {
        // Most words are; they are as NFKC would have them.
        let plain = |b: u8| match b {
            b' ' | b'-' => '_',
            b => char::from(b.to_ascii_lowercase()),
        };
        return text.trim().bytes().map(plain).collect();
    }
    text.trim()
        .nfkc()
        .flat_map(char::to_lowercase)
        .map(|c| if c == ' ' || c == '-' { '_' } else { c })
        .collect()
}

/// Cuts ASCII white space, and full-width and other Unicode white space where the text is not ASCII.
pub(super) fn trim(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    match (cell.first(), cell.last()) {
        (Some(a), Some(b)) if a.is_ascii() && b.is_ascii() => cell,
        (None, _) | (_, None) => cell,
        _ => match std::str::from_utf8(cell) {
            Ok(text) => text
                .trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
                .as_bytes(),
            Err(_) => cell,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_as_people_write_them() {
        let first = Day::from_ymd(2026, 8, 1)
            .map(|d| d.0)
            .ok_or(DateFault::NotADate);
        for text in [
            "2026-08-01",
            "2026/08/01",
            "2026/8/1",
            "2026.8.1",
            "20260801",
            "２０２６－０８－０１",
            "2026年8月1日",
            "2026年08月01日 10:00",
            "2026年8月1日10時30分",
            "2026-08-01 10:00:00",
            "2026/8/1 9:05",
            "2026-08-01T23:59:59+09:00",
            "2026-08-01T08:04:21Z",
            "2026-08-01 21:06:21 +0400",
            "20260801T101500",
        ] {
            assert_eq!(parse_day(text.as_bytes(), None), first, "{text}");
        }
        assert_eq!(parse_day(b"08/01/2026", Some(DateOrder::Mdy)), first);
        assert_eq!(parse_day(b"1/8/2026", Some(DateOrder::Dmy)), first);
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "abc",
            "2026-02-30",
            "2026-13-01",
            "2026-8",
            "08-01",
            "2026-08-011",
            "2026-08-01x",
            "2026/08-01",
            "46000",
            "2026年8月",
            "2026-08-01 noon",
            "",
        ] {
            assert_eq!(
                parse_day(text.as_bytes(), None),
                Err(DateFault::NotADate),
                "{text}"
            );
        }
        assert_eq!(parse_day(b"08/01/2026", None), Err(DateFault::Ambiguous));
        assert_eq!(parse_day(b"9999-12-31", None), Err(DateFault::FarYear));
        assert_eq!(parse_day(b"0206-08-01", None), Err(DateFault::FarYear));
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (text, expected) in [
            ("0", 0.0),
            ("12", 12.0),
            ("-3", -3.0),
            ("1.25", 1.25),
            (".5", 0.5),
            ("1,234", 1234.0),
            ("1,234,567.5", 1_234_567.5),
            ("１２３", 123.0),
            ("１，２３４．５", 1234.5),
            ("¥1,980", 1980.0),
            ("￥1,980", 1980.0),
            ("\\1,980", 1980.0),
            ("-¥5", -5.0),
            ("1980円", 1980.0),
            ("−2", -2.0),
            ("▲2", -2.0),
            ("+4", 4.0),
            ("1e3", 1000.0),
            ("0.1", 0.1),
            ("123456789012345678", 123_456_789_012_345_678.0),
        ] {
            assert_eq!(parse_number(text.as_bytes()), Some(expected), "{text}");
        }
        for text in [
            "abc", "1,5", "1,23,456", "inf", "nan", "1e999", "--3", "1 000", "5%", "", "-", "¥",
            "0x10",
        ] {
            assert_eq!(parse_number(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse_share("93%".as_bytes()), Some(0.93));
        assert_eq!(parse_share("９３％".as_bytes()), Some(0.93));
        assert_eq!(parse_share(b"0.93"), Some(0.93));
    }

    #[test]
    fn trimming_knows_full_width_space() {
        assert_eq!(trim("\u{3000} 001 \u{3000}".as_bytes()), b"001");
        assert_eq!(trim("\u{3000}".as_bytes()), b"");
        assert_eq!(trim(b" a b\t"), b"a b");
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_read(cell in prop::collection::vec(any::<u8>(), 0..24)) {
            let cell = trim(&cell);
            let _ = parse_day(cell, Some(DateOrder::Mdy));
            if let Some(n) = parse_share(cell) { prop_assert!(n.is_finite()); }
        }

        #[test]
        fn a_written_number_is_read_back(n in -1e12f64..1e12) {
            let text = format!("{n}");
            prop_assert_eq!(parse_number(text.as_bytes()), Some(n));
        }
    }
}
