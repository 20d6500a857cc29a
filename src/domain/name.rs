//! Codes and names. Each kind is a type of its own: a SKU is not a channel.

use std::fmt;
use std::sync::Arc;

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Keeps the text exactly as given, leading zeros included.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(Arc::from(text.as_ref()))
            }

            /// The code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), &self.0)
            }
        }
    };
}

name_type! {
    /// A stock keeping unit: one article in one size and colour.
    Sku
}
name_type! {
    /// A place where customers buy: the own shop, Amazon, Rakuten, a store.
    Channel
}
name_type! {
    /// A place that holds stock. Channels that name one location share it.
    Location
}
name_type! {
    /// Whom purchase orders go to.
    Supplier
}
name_type! {
    /// A group of items that share a season and a weekday profile.
    Category
}
