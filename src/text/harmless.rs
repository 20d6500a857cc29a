//! Texts from data, as they are shown to people: what a terminal would obey and what would turn a line around is named instead.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a terminal obeys the character (C0 and C1 controls, DEL), or it changes the order in which others are shown (Unicode
/// Standard Annex 9, section 2). Line breaks and tabs are neither.
pub fn acts(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(
            c,
            '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2066}'..='\u{2069}'
        )
}

/// The text with every character that acts written as its number: `[U+001B]`. For terminals, pages and charts; files for other
/// programs keep codes and names as they are.
///
/// ```
/// use restock::text::harmless;
/// assert_eq!(harmless("TEE\u{1b}[31m-M"), "TEE[U+001B][31m-M");
/// assert_eq!(harmless("青い傘"), "青い傘");
/// ```
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts(c) {
            // Writing into a String cannot fail.
            let _ = write!(out, "[U+{:04X}]", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_named_and_all_else_is_kept() {
        for (text, shown) in [
            ("a\tb\nc", "a\tb\nc"),
            (
                "\u{7}\u{8}\r\u{7f}\u{9b}",
                "[U+0007][U+0008][U+000D][U+007F][U+009B]",
            ),
            ("a\u{202e}b\u{2066}c\u{200f}", "a[U+202E]b[U+2066]c[U+200F]"),
            ("👩\u{200d}👧 é ﾃﾞ \u{3000}", "👩\u{200d}👧 é ﾃﾞ \u{3000}"),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }
}
