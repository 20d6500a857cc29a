//! Decimals: whole numbers in two's complement, of which the last `scale` digits stand behind the point.

use std::fmt::Write as _;

/// Whole numbers below it are exact in floating point, 2^53.
const EXACT: u128 = 1 << 53;

/// The powers of ten that are exact in floating point.
const TENS: [f64; 23] = {
    let mut tens = [1.0; 23];
    let mut k = 1;
    while k < tens.len() {
        tens[k] = tens[k - 1] * 10.0;
        k += 1;
    }
    tens
};

/// The floating point number nearest to a decimal, as the same digits in a text file give it.
pub(super) fn number(unscaled: i128, scale: usize) -> f64 {
    // One rounding only, because both are exact.
    match TENS.get(scale) {
        Some(ten) if unscaled.unsigned_abs() < EXACT => unscaled as f64 / ten,
        _ => parsed(&text(unscaled, scale)),
    }
}

/// As [`number`], of the bytes of a decimal, the most significant first.
pub(super) fn number_of_bytes(bytes: &[u8], scale: usize) -> f64 {
    match narrow(bytes) {
        Some(unscaled) => number(unscaled, scale),
        None => parsed(&text_of_bytes(bytes, scale)),
    }
}

/// Digits and a point always make a number.
fn parsed(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// A decimal as text, without zeros at the end of its fraction: 4901.00 is the code 4901.
pub(super) fn text(unscaled: i128, scale: usize) -> String {
    pointed(unscaled < 0, &unscaled.unsigned_abs().to_string(), scale)
}

/// As [`text`], of the bytes of a decimal, the most significant first.
pub(super) fn text_of_bytes(bytes: &[u8], scale: usize) -> String {
    match narrow(bytes) {
        Some(unscaled) => text(unscaled, scale),
        None => {
            let (negative, magnitude) = magnitude(bytes);
            pointed(negative, &digits(magnitude), scale)
        }
    }
}

fn pointed(negative: bool, digits: &str, scale: usize) -> String {
    let sign = if negative { "-" } else { "" };
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        let sign = if whole == "0" { "" } else { sign };
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

/// The number, where 16 bytes hold it.
fn narrow(bytes: &[u8]) -> Option<i128> {
    let negative = bytes.first().is_some_and(|b| b & 0x80 != 0);
    let fill = if negative { 0xff } else { 0 };
    let spare = bytes.len().saturating_sub(16);
    let (front, back) = bytes.split_at(spare);
    let kept_sign = back.first().is_none_or(|b| (b & 0x80 != 0) == negative);
    if front.iter().any(|b| *b != fill) || !kept_sign {
        return None;
    }
    let mut whole = [fill; 16];
    whole[16 - back.len()..].copy_from_slice(back);
    Some(i128::from_be_bytes(whole))
}

/// Sign and magnitude, the most significant byte first.
fn magnitude(bytes: &[u8]) -> (bool, Vec<u8>) {
    let negative = bytes.first().is_some_and(|b| b & 0x80 != 0);
    let mut out = bytes.to_vec();
    if negative {
        let mut carry = true;
        for byte in out.iter_mut().rev() {
            let (sum, over) = (!*byte).overflowing_add(u8::from(carry));
            (*byte, carry) = (sum, over);
        }
    }
    (negative, out)
}

/// Decimal digits of a number of any length, by long division.
fn digits(mut magnitude: Vec<u8>) -> String {
    const CHUNK: u64 = 1_000_000_000;
    let mut chunks = Vec::new();
    while magnitude.iter().any(|b| *b != 0) {
        let mut rest = 0u64;
        for byte in &mut magnitude {
            let now = (rest << 8) | u64::from(*byte);
            *byte = (now / CHUNK) as u8;
            rest = now % CHUNK;
        }
        chunks.push(rest);
    }
    let mut out = chunks.pop().unwrap_or(0).to_string();
    for chunk in chunks.iter().rev() {
        // Writing into a String cannot fail.
        let _ = write!(out, "{chunk:09}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_are_the_numbers_that_their_digits_say() {
        for (unscaled, scale, expected, written) in [
            (0, 2, 0.0, "0"),
            (-125, 2, -1.25, "-1.25"),
            (5, 4, 0.0005, "0.0005"),
            (490_100, 2, 4901.0, "4901"),
            (
                i128::MAX,
                38,
                1.701_411_834_604_692_3,
                "1.70141183460469231731687303715884105727",
            ),
            (10_i128.pow(30), 25, 100_000.0, "100000"),
        ] {
            assert_eq!(number(unscaled, scale), expected, "{unscaled} {scale}");
            assert_eq!(text(unscaled, scale), written);
        }
    }

    #[test]
    fn decimals_of_more_than_sixteen_bytes_lose_nothing() {
        let mut bytes = [0u8; 32];
        bytes[0] = 0x40;
        let two_to_254 =
            "28948022309329048855892746252171976963317496166410141009864396001978282409984";
        assert_eq!(text_of_bytes(&bytes, 0), two_to_254);
        bytes[0] = 0xc0;
        assert_eq!(text_of_bytes(&bytes, 0), format!("-{two_to_254}"));
        assert_eq!(number_of_bytes(&bytes, 70), -2_894_802.230_932_905);
        assert_eq!(text_of_bytes(&[], 3), "0");
    }

    proptest! {
        #[test]
        fn bytes_of_any_length_say_the_same(unscaled in any::<i128>(), spare in 0usize..20, scale in 0usize..40) {
            let fill = if unscaled < 0 { 0xff } else { 0 };
            let mut bytes = vec![fill; spare];
            bytes.extend(unscaled.to_be_bytes());
            prop_assert_eq!(text_of_bytes(&bytes, scale), text(unscaled, scale));
            let (negative, magnitude) = magnitude(&bytes);
            prop_assert_eq!(pointed(negative, &digits(magnitude), scale), text(unscaled, scale));
            let typed: f64 = text(unscaled, scale).parse().expect("digits");
            prop_assert_eq!(number(unscaled, scale), typed);
        }
    }
}
