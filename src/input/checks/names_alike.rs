//! Channels and locations that differ only in case, width and spaces; and SKUs that are rows of totals.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use crate::domain::{Finding, Item, Severity, Sku};
use crate::input::assemble::Uses;
use crate::input::totals::says_total;

/// Warns of names of places that are probably one, written in two ways. `places` are the locations of the channels.
pub(in crate::input) fn places_written_two_ways(
    uses: &Uses<'_>,
    places: &[String],
    findings: &mut Vec<Finding>,
) {
    // A channel may be called nearly as its location is.
    let mut forms: [BTreeMap<String, BTreeSet<&str>>; 2] = Default::default();
    for (table, column, kind, usage) in &uses.columns {
        let forms = match *kind {
            "channel" => &mut forms[0],
            "location" | "supplied_from" => &mut forms[1],
            _ => continue,
        };
        for name in usage.used(table.names(column)) {
            forms.entry(form(name)).or_default().insert(name);
        }
    }
    for name in places {
        forms[1].entry(form(name)).or_default().insert(name);
    }
    let [channels, locations] = forms;
    let same: BTreeSet<BTreeSet<&str>> = channels
        .into_values()
        .chain(locations.into_values())
        .filter(|names| names.len() > 1)
        .collect();
    for names in same {
        let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        findings.push(
            Finding::new(Severity::Warning, "place_written_two_ways")
                .count(names.len() as u64)
                .figure("names", names.join(", ")),
        );
    }
}

/// Lower case, half width, without spaces.
fn form(name: &str) -> String {
    name.nfkc()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether each SKU is a row of totals: its code or name says so, and `items` gives its code no other name.
pub(in crate::input) fn totals_among_skus(skus: &[Sku], items: &[Item]) -> Vec<bool> {
    let says = |text: &str| says_total(text.as_bytes());
    let totals: Vec<bool> = skus
        .iter()
        .zip(items)
        .map(|(sku, item)| match &item.name {
            Some(name) => says(name),
            None => says(sku.as_str()),
        })
        .collect();
    // There is nothing to add up without others.
    if totals.contains(&false) {
        totals
    } else {
        vec![false; skus.len()]
    }
}

/// Tells of SKUs that were left out as rows of totals, with how many rows of sales and of stock.
pub(in crate::input) fn tell_totals(
    skus: &[Sku],
    totals: &[bool],
    rows: (&[u32], &[u32]),
    findings: &mut Vec<Finding>,
) {
    let count = |rows: &[u32], k: u32| rows.iter().filter(|&&sku| sku == k).count();
    for (sku, k) in skus.iter().zip(0u32..).filter(|(_, k)| totals[*k as usize]) {
        let (sold, stocked) = (count(rows.0, k), count(rows.1, k));
        findings.retain(|f| f.code != "unknown_sku" || f.sku.as_ref() != Some(sku));
        findings.push(
            Finding::new(Severity::Warning, "totals_as_sku")
                .sku(sku)
                .count((sold + stocked) as u64)
                .figure("sku", sku)
                .figure("count", sold + stocked),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_another_case_width_or_spacing_have_one_form() {
        for name in ["Web Shop", "webshop ", "ＷＥＢ　ｓｈｏｐ", "WEBSHOP"] {
            assert_eq!(form(name), "webshop", "{name}");
        }
        assert_ne!(form("web"), form("web2"));
    }

    #[test]
    fn a_code_that_says_total_is_one_unless_items_gives_it_a_name() {
        let skus = ["(合計)", "Subtotal", "TOTAL-01", "計"].map(Sku::new);
        let mut items = vec![Item::default(); 4];
        assert_eq!(totals_among_skus(&skus, &items), [true, true, false, true]);
        items[3].name = Some("計量カップ".to_owned());
        items[2].name = Some("合計".to_owned());
        assert_eq!(totals_among_skus(&skus, &items), [true, true, true, false]);
    }
}
