//! Decoded values to the cells of a table.

use polars_arrow::array::{
    Array, BinaryViewArray, BooleanArray, FixedSizeBinaryArray, PrimitiveArray,
};

use super::column::Meaning;
use super::decimal;
use super::zone::Zone;

/// The values of a column as they are stored.
enum Values<'a> {
    Flags(&'a BooleanArray),
    Int32(&'a PrimitiveArray<i32>),
    Int64(&'a PrimitiveArray<i64>),
    Float32(&'a PrimitiveArray<f32>),
    Float64(&'a PrimitiveArray<f64>),
    Bytes(&'a BinaryViewArray),
    Fixed(&'a FixedSizeBinaryArray),
}

impl<'a> Values<'a> {
    /// None for a form that nothing is decoded to.
    fn of(array: &'a dyn Array) -> Option<Self> {
        let any = array.as_any();
        None.or_else(|| any.downcast_ref().map(Self::Int32))
            .or_else(|| any.downcast_ref().map(Self::Int64))
            .or_else(|| any.downcast_ref().map(Self::Float64))
            .or_else(|| any.downcast_ref().map(Self::Float32))
            .or_else(|| any.downcast_ref().map(Self::Bytes))
            .or_else(|| any.downcast_ref().map(Self::Fixed))
            .or_else(|| any.downcast_ref().map(Self::Flags))
    }
}

/// Each value as a number; false where the column has none.
pub(super) fn numbers(
    array: &dyn Array,
    meaning: Meaning,
    mut each: impl FnMut(Option<f64>),
) -> bool {
    let Some(values) = Values::of(array) else {
        return false;
    };
    match (values, meaning) {
        (Values::Int32(a), Meaning::Whole) => a.iter().for_each(|v| each(v.map(|v| f64::from(*v)))),
        (Values::Int64(a), Meaning::Whole) => a.iter().for_each(|v| each(v.map(|v| *v as f64))),
        (Values::Int32(a), Meaning::Unsigned) => a
            .iter()
            .for_each(|v| each(v.map(|v| f64::from(v.cast_unsigned())))),
        (Values::Int64(a), Meaning::Unsigned) => a
            .iter()
            .for_each(|v| each(v.map(|v| v.cast_unsigned() as f64))),
        (Values::Float32(a), Meaning::Float) => {
            a.iter().for_each(|v| each(v.map(|v| f64::from(*v))));
        }
        (Values::Float64(a), Meaning::Float) => a.iter().for_each(|v| each(v.copied())),
        (Values::Fixed(a), Meaning::Half) => a.iter().for_each(|v| each(v.map(half))),
        (Values::Int32(a), Meaning::Decimal { scale }) => a
            .iter()
            .for_each(|v| each(v.map(|v| decimal::number(i128::from(*v), scale)))),
        (Values::Int64(a), Meaning::Decimal { scale }) => a
            .iter()
            .for_each(|v| each(v.map(|v| decimal::number(i128::from(*v), scale)))),
        (Values::Fixed(a), Meaning::Decimal { scale }) => a
            .iter()
            .for_each(|v| each(v.map(|v| decimal::number_of_bytes(v, scale)))),
        (Values::Bytes(a), Meaning::Decimal { scale }) => a
            .iter()
            .for_each(|v| each(v.map(|v| decimal::number_of_bytes(v, scale)))),
        _ => return false,
    }
    true
}

/// Each value as the text that stands for it, empty where there is none; false where the column has none. Whole numbers have no
/// point: 4901 stored as 4901.0 is the code 4901.
pub(super) fn texts(array: &dyn Array, meaning: Meaning, mut each: impl FnMut(&[u8])) -> bool {
    let mut say = |value: Option<String>| each(value.unwrap_or_default().as_bytes());
    let Some(values) = Values::of(array) else {
        return false;
    };
    match (values, meaning) {
        (_, Meaning::Nothing) => (0..array.len()).for_each(|_| say(None)),
        (Values::Bytes(a), Meaning::Text) => {
            a.iter().for_each(|v| each(v.unwrap_or_default()));
        }
        (Values::Flags(a), Meaning::Flag) => {
            a.iter().for_each(|v| say(v.map(|v| v.to_string())));
        }
        (Values::Int32(a), Meaning::Whole) => {
            a.iter().for_each(|v| say(v.map(i32::to_string)));
        }
        (Values::Int64(a), Meaning::Whole) => {
            a.iter().for_each(|v| say(v.map(i64::to_string)));
        }
        (Values::Int32(a), Meaning::Unsigned) => a
            .iter()
            .for_each(|v| say(v.map(|v| v.cast_unsigned().to_string()))),
        (Values::Int64(a), Meaning::Unsigned) => a
            .iter()
            .for_each(|v| say(v.map(|v| v.cast_unsigned().to_string()))),
        (Values::Int32(a), Meaning::Decimal { scale }) => a
            .iter()
            .for_each(|v| say(v.map(|v| decimal::text(i128::from(*v), scale)))),
        (Values::Int64(a), Meaning::Decimal { scale }) => a
            .iter()
            .for_each(|v| say(v.map(|v| decimal::text(i128::from(*v), scale)))),
        (Values::Fixed(a), Meaning::Decimal { scale }) => a
            .iter()
            .for_each(|v| say(v.map(|v| decimal::text_of_bytes(v, scale)))),
        (Values::Bytes(a), Meaning::Decimal { scale }) => a
            .iter()
            .for_each(|v| say(v.map(|v| decimal::text_of_bytes(v, scale)))),
        (Values::Fixed(a), Meaning::Uuid) => a.iter().for_each(|v| say(v.map(uuid))),
        _ => {
            return numbers(array, meaning, |n| {
                say(n.filter(|n| !n.is_nan()).map(|n| n.to_string()));
            });
        }
    }
    true
}

/// Each value as days since 1970-01-01, in the zone of the column; `i32::MAX` beyond any calendar. Tells whether some
/// instant was within a day of UTC, so that another zone might have dated it otherwise. None where the column has no days.
pub(super) fn days(
    array: &dyn Array,
    meaning: Meaning,
    mut each: impl FnMut(Option<i32>),
) -> Option<bool> {
    let mut within = false;
    match (Values::of(array)?, meaning) {
        (Values::Int32(a), Meaning::Date) => a.iter().for_each(|v| each(v.copied())),
        (Values::Int64(a), Meaning::Instant { per_second, zone }) => {
            for value in a.iter() {
                each(value.map(|ticks| {
                    let seconds = ticks.div_euclid(per_second);
                    within |= zone == Zone::Utc && ticks % (86_400 * per_second) != 0;
                    zone.day(seconds).unwrap_or(i32::MAX)
                }));
            }
        }
        _ => return None,
    }
    Some(within)
}

/// A number of 16 bits (IEEE 754 binary16), the least significant byte first.
fn half(bytes: &[u8]) -> f64 {
    let bits = u16::from_le_bytes([
        bytes.first().copied().unwrap_or(0),
        bytes.get(1).copied().unwrap_or(0),
    ]);
    let fraction = f64::from(bits & 0x3ff);
    let size = match (bits >> 10) & 0x1f {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1.0 + fraction / 1024.0) * 2f64.powi(i32::from(exponent) - 15),
    };
    if bits & 0x8000 == 0 { size } else { -size }
}

/// The usual text of a UUID.
fn uuid(bytes: &[u8]) -> String {
    let hex = crate::input::encoding::hex(bytes);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)]
        .map(|(from, to)| part(from, to))
        .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_sixteen_bits_are_those_of_the_standard() {
        for (bits, expected) in [
            (0x0000_u16, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0400, 0.000_061_035_156_25),
            (0x0001, 0.000_000_059_604_644_775_390_63),
            (0x3555, 0.333_251_953_125),
            (0x7c00, f64::INFINITY),
            (0xfc00, f64::NEG_INFINITY),
        ] {
            assert_eq!(half(&bits.to_le_bytes()), expected, "{bits:x}");
        }
        assert!(half(&0x7e00_u16.to_le_bytes()).is_nan());
    }
}
