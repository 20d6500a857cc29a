//! The demand that stockouts hid, from one count model for all series.
//!
//! Demand of a period has mean level × index and variance φ·mean. What could be seen of it is its exposure (F1), a lower bound
//! (F2) or the captured share of it (F11); the level moves (F7); weekday, season, event response and dispersion are pooled (F10).
//! A closed period adds neither units nor exposure, and nothing is imputed before fitting.
#![warn(clippy::too_many_lines)]

mod annual;
mod bulk;
pub mod capture;
pub mod censored;
mod dispersion;
mod estimate;
mod events;
pub mod exposure;
pub mod hidden;
mod known;
pub mod law;
mod level;
mod model;
mod offered;
mod profile;
mod season;
mod through_sets;
mod uplift;

pub use bulk::{BulkOrder, ODDS, bulk_orders, expected_as_large};
pub use dispersion::{Dispersion, Trend};
pub use estimate::estimate;
pub use events::Known as KnownTime;
pub use events::{Class, EXCLUDED, Events, ORDINARY, Occurrence, Stated};
pub use level::{Evidence, Level, two_sided};
pub use model::{DemandModel, SeriesFit};
pub use offered::{Unoffered, close_offer, not_offered};
pub use profile::{EmptiedDay, SellingProfile, SellingWeek, fit as fit_profile};
pub use season::Indices;
pub use through_sets::{SetPast, through_sets};
