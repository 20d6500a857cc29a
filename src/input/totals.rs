//! Rows below a table that add it up: no rows of the table.

use unicode_normalization::UnicodeNormalization;

/// What such rows begin with, in lower case.
const WORDS: &[&str] = &[
    "total",
    "totals",
    "grand total",
    "sum",
    "subtotal",
    "合計",
    "総合計",
    "総計",
    "小計",
    "計",
];

/// Bytes of the longest of them, with what may stand around it.
const LONGEST: usize = 24;

/// Whether a cell says that its row adds up others.
pub(super) fn says_total(cell: &[u8]) -> bool {
    // Most first cells are dates and codes.
    if cell.len() > LONGEST || cell.first().is_none_or(u8::is_ascii_digit) {
        return false;
    }
    let Ok(text) = std::str::from_utf8(cell) else {
        return false;
    };
    let text: String = text.nfkc().flat_map(char::to_lowercase).collect();
    WORDS.contains(&text.trim_matches(|c: char| c.is_whitespace() || ":[]()【】".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::says_total;

    #[test]
    fn words_of_sums_are_known_and_codes_are_not() {
        for cell in ["Total", "TOTAL:", "Grand total", "合計", "【合計】", "(計)"] {
            assert!(says_total(cell.as_bytes()), "{cell}");
        }
        for cell in ["", "TOTAL-01", "totally", "2026-08-01", "計量スプーン"] {
            assert!(!says_total(cell.as_bytes()), "{cell}");
        }
    }
}
