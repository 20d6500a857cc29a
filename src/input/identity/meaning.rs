//! What the codes of `codes` mean, by channel and by location.

use std::collections::{BTreeMap, BTreeSet};

use super::shelves;
use crate::input::folder::RawTables;
use crate::input::raw::{Becomes, NO_CODE, RawTable};

/// One row of `codes`.
#[derive(Clone, Debug)]
pub(super) struct Meaning {
    pub(super) row: usize,
    pub(super) sku: String,
    pub(super) units: f64,
}

impl Meaning {
    pub(super) fn is(&self, other: &Self) -> bool {
        self.sku == other.sku && self.units == other.units
    }
}

/// What a code means: on the channels that say so, and everywhere else.
#[derive(Clone, Debug, Default)]
pub(super) struct Meanings {
    pub(super) anywhere: Option<Meaning>,
    pub(super) on: BTreeMap<String, Meaning>,
}

/// Code → what it means.
pub(super) type ByCode = BTreeMap<String, Meanings>;

/// Channels that any table names.
pub(super) fn channels_of(raw: &RawTables) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for table in [
        Some(&raw.sales),
        raw.backorders.as_ref(),
        raw.channels.as_ref(),
    ]
    .into_iter()
    .flatten()
    {
        let used: BTreeSet<u32> = table.codes("channel").iter().copied().collect();
        let names = table.names("channel");
        out.extend(
            used.iter()
                .filter_map(|&c| names.get(c as usize))
                .map(ToString::to_string),
        );
    }
    out
}

/// Which channels sell from which location, and who sells under which code.
pub(super) struct Places {
    /// Location → its channels.
    pub(super) at: BTreeMap<String, Vec<String>>,
    pub(super) channels: Vec<String>,
    /// (code, channel) of sales and backorders, of codes that `codes` names.
    pub(super) sold: BTreeSet<(String, String)>,
}

impl Places {
    pub(super) fn of(raw: &RawTables, by_code: &ByCode) -> Self {
        let channels: Vec<String> = channels_of(raw).into_iter().collect();
        let mut sold = BTreeSet::new();
        for table in [Some(&raw.sales), raw.backorders.as_ref()]
            .into_iter()
            .flatten()
        {
            let named: Vec<Option<&str>> = table
                .names("sku")
                .iter()
                .map(|name| by_code.contains_key(&**name).then_some(&**name))
                .collect();
            if named.iter().all(Option::is_none) {
                continue;
            }
            let (skus, on) = (table.codes("sku"), table.codes("channel"));
            let pairs: BTreeSet<(u32, u32)> = skus
                .iter()
                .copied()
                .zip(on.iter().copied())
                .filter(|(sku, channel)| {
                    *channel != NO_CODE && named.get(*sku as usize).is_some_and(Option::is_some)
                })
                .collect();
            let names = table.names("channel");
            sold.extend(pairs.into_iter().filter_map(|(sku, channel)| {
                Some((
                    named[sku as usize]?.to_owned(),
                    names[channel as usize].to_string(),
                ))
            }));
        }
        Self {
            at: shelves::channels_at(raw, &channels),
            channels,
            sold,
        }
    }

    /// What a code means in a table that names no channel: where all channels that it is about agree.
    pub(super) fn sku<'m>(
        &self,
        code: &str,
        by_code: &'m ByCode,
        channels: &[String],
    ) -> Option<&'m Meaning> {
        let of = by_code.get(code)?;
        let mut said = channels.iter().filter_map(|c| of.on.get(c));
        let Some(first) = said.next() else {
            return of.anywhere.as_ref();
        };
        let others = channels.iter().filter(|c| {
            !of.on.contains_key(*c) && self.sold.contains(&(code.to_owned(), (*c).clone()))
        });
        let mut others = others.map(|_| of.anywhere.as_ref());
        let agree = said.all(|m| m.is(first)) && others.all(|m| m.is_some_and(|m| m.is(first)));
        if agree {
            Some(first)
        } else {
            of.anywhere.as_ref()
        }
    }
}

/// The rules of the names of one table, by (name, channel or location).
pub(super) struct Rules {
    pub(super) rules: Vec<Vec<Becomes>>,
    pub(super) of: BTreeMap<(u32, u32), usize>,
}

impl Rules {
    pub(super) fn of<'m>(
        table: &RawTable,
        by_code: &'m ByCode,
        place: &str,
        meaning: impl Fn(&str, Option<&str>) -> Option<&'m Meaning>,
    ) -> Self {
        let mut rules = Self {
            rules: Vec::new(),
            of: BTreeMap::new(),
        };
        let names = table.names("sku").iter().zip(0u32..);
        let mut places: Vec<(Option<&str>, u32)> = vec![(None, NO_CODE)];
        places.extend(
            table
                .names(place)
                .iter()
                .zip(0u32..)
                .map(|(n, k)| (Some(&**n), k)),
        );
        for (name, code) in names.filter(|(name, _)| by_code.contains_key(&***name)) {
            for &(at, k) in &places {
                let Some(meaning) = meaning(name, at) else {
                    continue;
                };
                if meaning.sku == **name && meaning.units == 1.0 {
                    continue;
                }
                rules.of.insert((code, k), rules.rules.len());
                rules.rules.push(vec![Becomes {
                    name: meaning.sku.clone(),
                    units: meaning.units,
                    money: 1.0 / meaning.units,
                }]);
            }
        }
        rules
    }
}
