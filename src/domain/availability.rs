//! What a day says about demand.

/// The six kinds of day of a series. See the table "Which day is what" in the README.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
#[repr(u8)]
pub enum Availability {
    /// Stock at the end of the day: demand = sales.
    InStock = 0,
    /// Stock ran out during the day: demand ≥ sales, or partly exposed where the fraction is known.
    SoldOut = 1,
    /// No stock, orders accepted: accepted orders = demand × capture.
    Backorder = 2,
    /// No stock, no orders accepted: the day says nothing about demand.
    Closed = 3,
    /// No stock record: read as in stock, with a notice.
    Unknown = 4,
    /// Before launch or after withdrawal: outside the series.
    NotListed = 5,
}

impl Availability {
    /// All kinds, in the order of their codes.
    pub const ALL: [Self; 6] = [
        Self::InStock,
        Self::SoldOut,
        Self::Backorder,
        Self::Closed,
        Self::Unknown,
        Self::NotListed,
    ];

    /// The word used in tables and outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InStock => "in_stock",
            Self::SoldOut => "sold_out",
            Self::Backorder => "backorder",
            Self::Closed => "closed",
            Self::Unknown => "unknown",
            Self::NotListed => "not_listed",
        }
    }

    /// Whether the day's stock is on record.
    pub fn is_known(self) -> bool {
        matches!(
            self,
            Self::InStock | Self::SoldOut | Self::Backorder | Self::Closed
        )
    }

    /// Whether the shelf was empty for some of the day.
    pub fn is_stockout(self) -> bool {
        matches!(self, Self::SoldOut | Self::Backorder | Self::Closed)
    }
}
