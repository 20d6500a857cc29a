//! Numbers that look like the code on an article: JAN (EAN-13, EAN-8) and UPC-A.

/// Whether a number has as many digits as a bar code, and the check digit that such a code would have (GS1 General
/// Specifications, section 7.9: from the right, digits weigh 1 and 3 in turn, and their sum is a multiple of ten). One number of ten
/// of such a length has it by chance.
pub(super) fn is_barcode(number: f64) -> bool {
    // 8, 12 and 13 digits; whole numbers of these lengths are exact.
    let digits = (1e7..1e8).contains(&number) || (1e11..1e13).contains(&number);
    if !digits || number.fract() != 0.0 {
        return false;
    }
    let mut rest = number as u64;
    let (mut sum, mut weight) = (0, 1);
    while rest > 0 {
        sum += rest % 10 * weight;
        rest /= 10;
        weight = 4 - weight;
    }
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bar_codes_are_known_by_length_and_check_digit() {
        for code in [
            4_006_381_333_931.0,
            4_901_777_018_686.0,
            49_123_456.0 - 49_123_456.0 % 10.0 + 2.0,
            96_385_074.0,
            614_141_000_036.0,
        ] {
            let last = code % 10.0;
            let right: Vec<f64> = (0..10)
                .map(|d| code - last + f64::from(d))
                .filter(|&c| is_barcode(c))
                .collect();
            assert_eq!(right.len(), 1, "one check digit of {code}");
        }
        for code in [4_006_381_333_931.0, 96_385_074.0, 614_141_000_036.0] {
            assert!(is_barcode(code), "{code}");
            assert!(!is_barcode(code + 1.0));
        }
        for number in [
            0.0,
            12.0,
            1e7 - 1.0,
            123_456_789.0,
            96_385_074.5,
            -96_385_074.0,
            1e300,
            f64::NAN,
        ] {
            assert!(!is_barcode(number), "{number}");
        }
    }
}
