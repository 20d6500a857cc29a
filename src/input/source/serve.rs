//! Which stock serves which channel: told by `channels`, by the system itself, or by there being one that can.

use std::collections::{BTreeMap, BTreeSet};

use super::find::Found;
use super::stage::Block;
use crate::domain::{Channel, Finding, Severity};
use crate::input::raw::RawTable;

/// The answer for one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::input) enum Serves {
    /// `channels` says it.
    Told(String),
    /// The location bears the channel's name, or the system says which it is.
    Known(String),
    /// The only location that no other channel has for itself.
    Only(String),
    /// Several could: nobody said.
    Asked(Vec<String>),
    /// No stock is told at all.
    Nothing,
}

/// The answers by channel.
#[derive(Clone, Debug, Default)]
pub(in crate::input) struct Served(pub BTreeMap<String, Serves>);

impl Served {
    /// The location of a channel that `channels` does not say.
    pub(in crate::input) fn location(&self, channel: &str) -> Option<&str> {
        match self.0.get(channel)? {
            Serves::Known(place) | Serves::Only(place) => Some(place),
            _ => None,
        }
    }

    /// Whether several stocks could serve a channel and none is told.
    pub(in crate::input) fn is_asked(&self, channel: &str) -> bool {
        matches!(self.0.get(channel), Some(Serves::Asked(_)))
    }
}

/// Our own tables that say which stock there is and whom it serves.
pub(super) struct Owns<'a> {
    pub channels: Option<&'a RawTable>,
    pub stock: Option<&'a RawTable>,
}

/// Looks for the stock of every channel that sources sell on.
pub(super) fn serve(
    tables: &BTreeMap<&'static str, RawTable>,
    blocks: &[(Block, Vec<Found>)],
    parts: &BTreeMap<&'static str, Vec<usize>>,
    owns: &Owns<'_>,
) -> Served {
    let mut served = Served::default();
    let Some(sales) = tables.get("sales") else {
        return served;
    };
    let mut places: BTreeSet<String> = BTreeSet::new();
    for table in tables.get("stock").into_iter().chain(owns.stock) {
        let used: BTreeSet<u32> = table.codes("location").iter().copied().collect();
        let names = table.names("location");
        let known = used.iter().filter_map(|&c| names.get(c as usize));
        places.extend(known.map(ToString::to_string));
    }
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    let from_source = tables.get("channels");
    for table in owns.channels.into_iter().chain(from_source) {
        let (channel, location) = (
            table.text("channel", str::to_owned),
            table.text("location", str::to_owned),
        );
        told.extend((0..table.rows()).filter_map(|row| Some((channel(row)?, location(row)?))));
    }
    let mut channels: BTreeSet<String> = BTreeSet::new();
    let mut stock_at: BTreeMap<String, String> = BTreeMap::new();
    let used: BTreeSet<u32> = sales.codes("channel").iter().copied().collect();
    for &code in &used {
        if let Some(name) = sales.names("channel").get(code as usize) {
            channels.insert(name.to_string());
        }
    }
    for &at in parts.get("sales").into_iter().flatten() {
        for (channel, place) in &blocks[at].0.rules.stock_at {
            stock_at.insert(channel.clone(), place.clone());
        }
    }
    let mut claimed: BTreeSet<String> = BTreeSet::new();
    for channel in &channels {
        let answer = if let Some(place) = told.get(channel) {
            Serves::Told(place.clone())
        } else if let Some(place) = stock_at.get(channel).filter(|p| places.contains(*p)) {
            Serves::Known(place.clone())
        } else if places.contains(channel) {
            Serves::Known(channel.clone())
        } else {
            continue;
        };
        // What a person said of a warehouse leaves it open to others; a shop's own shelf and a marketplace's stock do not.
        if let Serves::Known(place) = &answer {
            claimed.insert(place.clone());
        }
        served.0.insert(channel.clone(), answer);
    }
    let open: Vec<String> = places.difference(&claimed).cloned().collect();
    for channel in channels {
        let answer = match open.as_slice() {
            [] => Serves::Nothing,
            [only] => Serves::Only(only.clone()),
            several => Serves::Asked(several.to_vec()),
        };
        served.0.entry(channel).or_insert(answer);
    }
    served
}

/// Says what was taken for granted, and asks what was not.
pub(super) fn tell(served: &Served, findings: &mut Vec<Finding>) {
    for (channel, answer) in &served.0 {
        let finding = match answer {
            Serves::Only(place) => {
                Finding::new(Severity::Notice, "channel_served_from").figure("location", place)
            }
            Serves::Asked(places) => Finding::new(Severity::Warning, "channel_stock_asked")
                .figure("locations", places.join(", ")),
            _ => continue,
        };
        findings.push(
            finding
                .channel(&Channel::new(channel))
                .figure("channel", channel),
        );
    }
}
