//! What a day says about demand.

/// The seven kinds of day of a series. See the table "Which day is what" in the README.
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
    /// No stock record, and the run of days without a sale is rarer than the stated odds: probably without stock, all day or for a part of it.
    ProbablyOut = 6,
}

impl Availability {
    /// All kinds, in the order of their codes.
    pub const ALL: [Self; 7] = [
        Self::InStock,
        Self::SoldOut,
        Self::Backorder,
        Self::Closed,
        Self::Unknown,
        Self::NotListed,
        Self::ProbablyOut,
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
            Self::ProbablyOut => "probably_out",
        }
    }

    /// Whether a record tells of the day: in stock, or for how much of it not.
    pub fn is_known(self) -> bool {
        !matches!(self, Self::Unknown | Self::ProbablyOut | Self::NotListed)
    }

    /// Whether a record says that the shelf was empty for some of the day.
    pub fn is_stockout(self) -> bool {
        matches!(self, Self::SoldOut | Self::Backorder | Self::Closed)
    }
}
