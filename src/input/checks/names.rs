//! Names that a table uses and the table of such names lacks.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Channel, Finding, Location, Place, Severity, Sku};
use crate::input::assemble::Uses;
use crate::input::folder::RawTables;
use crate::input::raw::RawTable;

/// SKUs that `items` lacks, channels that `channels` lacks, locations that neither a channel nor `locations` names.
pub(in crate::input) fn unknown_names(
    raw: &RawTables,
    uses: &Uses<'_>,
    places: &[String],
    findings: &mut Vec<Finding>,
) {
    if raw.items.as_ref().is_some_and(|t| t.rows() > 0) {
        let known = known(uses, &[("items", "sku")]);
        for (name, (count, place)) in strangers(uses, "sku", "items", &known) {
            findings.push(
                Finding::new(Severity::Warning, "unknown_sku")
                    .place(place)
                    .sku(&Sku::new(&name))
                    .count(count)
                    .figure("sku", &name)
                    .figure("count", count),
            );
        }
    }
    if raw.channels.as_ref().is_some_and(|t| t.rows() > 0) {
        let known = known(uses, &[("channels", "channel")]);
        for (name, (count, place)) in strangers(uses, "channel", "channels", &known) {
            findings.push(
                Finding::new(Severity::Warning, "unknown_channel")
                    .place(place)
                    .channel(&Channel::new(&name))
                    .count(count)
                    .figure("channel", &name)
                    .figure("count", count),
            );
        }
    }
    let rows = |table: &Option<RawTable>| table.as_ref().is_some_and(|t| t.rows() > 0);
    if raw.sales.rows() == 0 && !rows(&raw.channels) && !rows(&raw.locations) {
        // Where nothing is sold yet, no channel can have named a location.
        return;
    }
    let mut known = known(
        uses,
        &[("locations", "location"), ("locations", "supplied_from")],
    );
    known.extend(places.iter().map(String::as_str));
    for (name, (count, place)) in strangers(uses, "location", "locations", &known) {
        findings.push(
            Finding::new(Severity::Warning, "unknown_location")
                .place(place)
                .location(&Location::new(&name))
                .count(count)
                .figure("location", &name)
                .figure("count", count),
        );
    }
}

/// All names in the given (table, column)s.
fn known<'u>(uses: &'u Uses<'_>, of: &[(&str, &str)]) -> BTreeSet<&'u str> {
    uses.columns
        .iter()
        .filter(|(table, column, _, _)| of.contains(&(table.spec.name, *column)))
        .flat_map(|(table, column, _, usage)| usage.used(table.names(column)))
        .collect()
}

/// Names of one kind that are not known: in how many rows, and where first.
fn strangers(
    uses: &Uses<'_>,
    kind: &str,
    home: &str,
    known: &BTreeSet<&str>,
) -> BTreeMap<String, (u64, Place)> {
    let mut out: BTreeMap<String, (u64, Place)> = BTreeMap::new();
    for (table, column, of, usage) in &uses.columns {
        if *of != kind || table.spec.name == home {
            continue;
        }
        for (k, name) in table.names(column).iter().enumerate() {
            if usage.count[k] == 0 || known.contains(&**name) {
                continue;
            }
            out.entry(name.to_string())
                .and_modify(|(count, _)| *count += usage.count[k])
                .or_insert_with(|| {
                    let mut place = table.place(usage.first[k], Some(column));
                    place.value = Some(name.to_string());
                    (usage.count[k], place)
                });
        }
    }
    out
}
