//! Positions in the sorted lists of names. Each kind is a type of its own, and only its own lists can be asked with it.

use std::ops::Index;

use super::{Channel, ChannelRow, Item, Location, LocationRow, Sku};

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $($row:ident),+) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
        pub struct $name(pub u32);

        impl $name {
            /// Before and behind all others, for ranges.
            pub const ENDS: (Self, Self) = (Self(0), Self(u32::MAX));

            /// As a position in a list.
            pub fn at(self) -> usize {
                self.0 as usize
            }
        }

        $(impl Index<$name> for Vec<$row> {
            type Output = $row;
            fn index(&self, id: $name) -> &$row {
                &self.as_slice()[id.at()]
            }
        }

        impl Index<$name> for [$row] {
            type Output = $row;
            fn index(&self, id: $name) -> &$row {
                &self[id.at()]
            }
        })+
    };
}

id_type! {
    /// Position of a SKU in `Tables::skus` and of its row in `Tables::items`.
    SkuId, Sku, Item
}
id_type! {
    /// Position of a channel in `Tables::channels` and of its row in `Tables::channel_rows`.
    ChannelId, Channel, ChannelRow
}
id_type! {
    /// Position of a location in `Tables::locations` and of its row in `Tables::location_rows`.
    LocationId, Location, LocationRow
}
