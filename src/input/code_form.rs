//! What a code is in the forms in which systems and spreadsheets write it.

use unicode_normalization::UnicodeNormalization;

/// Upper case, half width, no white space.
pub(super) fn plain(code: &str) -> String {
    code.nfkc()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect()
}

/// What is left of a code when case, width and the zeros at the ends of a number are taken away: equal for codes that can be one.
pub(super) fn form(code: &str) -> String {
    let plain = plain(code);
    if let Some(shown) = shown(&plain) {
        let digits = shown.digits.trim_end_matches('0');
        let length = shown.exponent + 1;
        if digits.len() <= length {
            return format!("{digits:0<length$}");
        }
        return plain;
    }
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !number(whole) || !number(fraction) {
        return plain;
    }
    let (whole, fraction) = (
        whole.trim_start_matches('0'),
        fraction.trim_end_matches('0'),
    );
    if fraction.is_empty() {
        format!("{whole:0>1}")
    } else {
        format!("{whole:0>1}.{fraction}")
    }
}

/// A number as spreadsheets show long ones, and what they take for one.
#[derive(Debug, PartialEq)]
pub(super) struct Shown {
    /// Those before the exponent, without the point; the first is not 0.
    digits: String,
    /// Of the first digit.
    exponent: usize,
}

/// `1.00E+05`, `4.90123E+12`, `12E3`, in upper case.
pub(super) fn shown(plain: &str) -> Option<Shown> {
    let (mantissa, exponent) = plain.split_once('E')?;
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.starts_with('0') || exponent.is_empty() {
        return None;
    }
    if !number(whole) || !number(fraction) || !number(exponent) {
        return None;
    }
    let exponent: usize = exponent.parse().ok().filter(|e| *e < 30)?;
    Some(Shown {
        digits: format!("{whole}{fraction}"),
        exponent: exponent + whole.len() - 1,
    })
}

impl Shown {
    /// Whether a code of digits is shown so.
    pub(super) fn can_be(&self, code: &str) -> bool {
        let code = code.trim_start_matches('0');
        let (length, digits) = (self.exponent + 1, self.digits.len());
        if code.len() != length || digits >= length || !code.bytes().all(|b| b.is_ascii_digit()) {
            return false;
        }
        let up = code.as_bytes()[digits] >= b'5';
        match (code[..digits].parse::<u128>(), self.digits.parse::<u128>()) {
            (Ok(first), Ok(shown)) => first + u128::from(up) == shown,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_spreadsheets_make_of_a_code_has_its_form() {
        for (a, b) in [
            ("0017", "17"),
            ("abc-1", "ＡＢＣ-1"),
            ("90.750", "90.75"),
            ("17.0", "017"),
            ("1E5", "1.00E+05"),
            ("1E5", "100000"),
            ("12E3", "1.20e+04"),
        ] {
            assert_eq!(form(a), form(b), "{a} {b}");
        }
        for (a, b) in [
            ("0017", "170"),
            ("A-1", "A1"),
            ("E5", "5"),
            ("A017", "A17"),
            ("1E5", "1E6"),
            ("0", "00A"),
        ] {
            assert_ne!(form(a), form(b), "{a} {b}");
        }
    }

    #[test]
    fn a_rounded_number_can_be_the_codes_that_round_to_it() {
        let shown = shown("4.90123E+12").unwrap();
        assert!(shown.can_be("4901234567894"));
        assert!(!shown.can_be("4901235567894"));
        assert!(shown.can_be("4901225000000"));
        assert!(!shown.can_be("490123456789"));
        assert!(!shown.can_be("49012345678AB"));
    }
}
