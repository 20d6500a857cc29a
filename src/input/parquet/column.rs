//! What the values of a Parquet column are, whoever wrote them.

use polars::prelude::ArrowDataType;
use polars_parquet::parquet::schema::Repetition;
use polars_parquet::parquet::schema::types::{
    GroupConvertedType, GroupLogicalType, IntegerType, PrimitiveType,
};
use polars_parquet::read::{
    ParquetTimeUnit, ParquetType, PhysicalType, PrimitiveConvertedType, PrimitiveLogicalType,
};

use super::zone::Zone;
use crate::input::schema::Kind;

/// The meaning of a column's stored values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meaning {
    /// Never a value.
    Nothing,
    Flag,
    Whole,
    /// Whole numbers without a sign, stored in the bits of signed ones.
    Unsigned,
    /// Whole numbers, stored in 4 or 8 bytes or as bytes in two's complement, over 10^scale.
    Decimal {
        scale: usize,
    },
    /// 16 bits of floating point.
    Half,
    Float,
    Text,
    Uuid,
    /// Days since 1970-01-01.
    Date,
    /// Ticks since 1970-01-01 00:00.
    Instant {
        per_second: i64,
        zone: Zone,
    },
}

/// A column that no table can use.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unusable {
    /// The type's name.
    pub kind: String,
    /// What else was expected; that of the table's column where `None`.
    pub expected: Option<&'static str>,
}

impl Unusable {
    fn kind(kind: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            expected: None,
        }
    }
}

/// What a column holds. `arrow` is its type in the schema that writers of Arrow leave beside Parquet's own: it knows the
/// zones of time stamps, and lengths of time from whole numbers.
///
/// # Errors
/// It holds what no table has.
pub(super) fn meaning(
    field: &ParquetType,
    arrow: Option<&ArrowDataType>,
) -> Result<Meaning, Unusable> {
    match field {
        ParquetType::GroupType {
            logical_type,
            converted_type,
            ..
        } => Err(Unusable::kind(match (logical_type, converted_type) {
            (Some(GroupLogicalType::Map), _)
            | (None, Some(GroupConvertedType::Map | GroupConvertedType::MapKeyValue)) => "map",
            (Some(GroupLogicalType::List), _) | (None, Some(GroupConvertedType::List)) => "list",
            (None, None) => "struct",
        })),
        ParquetType::PrimitiveType(field) => {
            if field.field_info.repetition == Repetition::Repeated {
                return Err(Unusable::kind("list"));
            }
            match arrow {
                Some(ArrowDataType::Duration(_)) => Err(Unusable::kind("duration")),
                _ => of_values(field, arrow),
            }
        }
    }
}

fn of_values(field: &PrimitiveType, arrow: Option<&ArrowDataType>) -> Result<Meaning, Unusable> {
    use PrimitiveConvertedType as Converted;
    use PrimitiveLogicalType as Logical;
    let (logical, converted) = (field.logical_type, field.converted_type);
    if logical == Some(Logical::Unknown) {
        return Ok(Meaning::Nothing);
    }
    if let (Some(Logical::Decimal(_, scale)), _) | (None, Some(Converted::Decimal(_, scale))) =
        (logical, converted)
    {
        return Ok(Meaning::Decimal { scale });
    }
    match field.physical_type {
        PhysicalType::Boolean => Ok(Meaning::Flag),
        PhysicalType::Float | PhysicalType::Double => Ok(Meaning::Float),
        // Older writers' time stamps, which say nothing of a zone; decoded to thousandths of a second.
        PhysicalType::Int96 => instant(1_000, false, arrow),
        PhysicalType::Int32 | PhysicalType::Int64 => match (logical, converted) {
            (Some(Logical::Integer(t)), _) => Ok(match t {
                IntegerType::UInt8
                | IntegerType::UInt16
                | IntegerType::UInt32
                | IntegerType::UInt64 => Meaning::Unsigned,
                _ => Meaning::Whole,
            }),
            (Some(Logical::Date), _) | (None, Some(Converted::Date)) => Ok(Meaning::Date),
            (
                Some(Logical::Timestamp {
                    unit,
                    is_adjusted_to_utc,
                }),
                _,
            ) => {
                let per_second = match unit {
                    ParquetTimeUnit::Milliseconds => 1_000,
                    ParquetTimeUnit::Microseconds => 1_000_000,
                    ParquetTimeUnit::Nanoseconds => 1_000_000_000,
                };
                instant(per_second, !is_adjusted_to_utc, arrow)
            }
            // Whether these are clocks or instants was not to be told yet.
            (None, Some(Converted::TimestampMillis)) => instant(1_000, false, arrow),
            (None, Some(Converted::TimestampMicros)) => instant(1_000_000, false, arrow),
            (Some(Logical::Time { .. }), _)
            | (None, Some(Converted::TimeMillis | Converted::TimeMicros)) => {
                Err(Unusable::kind("time"))
            }
            (
                None,
                Some(Converted::Uint8 | Converted::Uint16 | Converted::Uint32 | Converted::Uint64),
            ) => Ok(Meaning::Unsigned),
            _ => Ok(Meaning::Whole),
        },
        PhysicalType::ByteArray => match (logical, converted) {
            (Some(Logical::String | Logical::Enum | Logical::Json), _)
            | (None, Some(Converted::Utf8 | Converted::Enum | Converted::Json)) => {
                Ok(Meaning::Text)
            }
            _ => Err(Unusable::kind("binary")),
        },
        PhysicalType::FixedLenByteArray(length) => match (logical, converted) {
            (Some(Logical::Uuid), _) => Ok(Meaning::Uuid),
            (Some(Logical::Float16), _) => Ok(Meaning::Half),
            (None, Some(Converted::Interval)) => Err(Unusable::kind("interval")),
            _ => Err(Unusable::kind(format!("binary({length})"))),
        },
    }
}

fn instant(
    per_second: i64,
    seen: bool,
    arrow: Option<&ArrowDataType>,
) -> Result<Meaning, Unusable> {
    let zone = match arrow {
        Some(ArrowDataType::Timestamp(_, Some(name))) => {
            Zone::of(name).ok_or_else(|| Unusable {
                kind: format!("timestamp in the zone \"{name}\""),
                expected: Some("date, timestamp in a known zone (Asia/Tokyo, +09:00), text"),
            })?
        }
        Some(ArrowDataType::Timestamp(_, None)) => Zone::Seen,
        _ if seen => Zone::Seen,
        _ => Zone::Utc,
    };
    Ok(Meaning::Instant { per_second, zone })
}

impl Meaning {
    fn is_number(self) -> bool {
        matches!(
            self,
            Self::Whole | Self::Unsigned | Self::Decimal { .. } | Self::Half | Self::Float
        )
    }

    /// Whether such values can fill a table's column.
    ///
    /// # Errors
    /// They cannot.
    pub(super) fn fits(self, kind: Kind) -> Result<(), Unusable> {
        let fits = match (kind, self) {
            (_, Self::Nothing | Self::Text) => true,
            (Kind::Number(_), _) => self.is_number(),
            (Kind::Day, Self::Date | Self::Instant { .. }) => true,
            (Kind::Day, _) => self.is_number(),
            (Kind::Code | Kind::Word(_), Self::Flag | Self::Uuid) => true,
            (Kind::Code | Kind::Word(_), _) => self.is_number(),
        };
        if fits {
            return Ok(());
        }
        Err(Unusable::kind(match self {
            Self::Flag => "boolean",
            Self::Uuid => "uuid",
            Self::Date => "date",
            Self::Instant { .. } => "timestamp",
            // Never refused.
            _ => "number",
        }))
    }
}

/// What a table's column can be filled from.
pub(super) fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Day => "date, timestamp, text",
        Kind::Number(_) => "integer, decimal, float, text",
        Kind::Code => "text, dictionary of texts, integer",
        Kind::Word(_) => "text, dictionary of texts, boolean",
    }
}
