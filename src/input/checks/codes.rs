//! Codes of one SKU that two tables write in two ways: what spreadsheets make of numbers, and letters in another case.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Finding, Severity, Sku};
use crate::input::assemble::Uses;
use crate::input::code_form::{form, plain, shown};

/// A code and the tables that use it.
struct Used<'u> {
    code: &'u str,
    tables: BTreeSet<&'static str>,
}

impl Used<'_> {
    /// Whether some table has both, so that they are two.
    fn meets(&self, other: &Self) -> bool {
        !self.tables.is_disjoint(&other.tables)
    }

    /// How much of a code is left: the one in `items`, then one that is no number with an exponent, or one without a sign in it, then the longer, then
    /// that of `sales`.
    fn rank(&self) -> (bool, bool, bool, usize, bool) {
        let plain = plain(self.code);
        (
            self.tables.contains("items"),
            shown(&plain).is_none(),
            !plain.contains('+'),
            plain.chars().count(),
            self.tables.contains("sales"),
        )
    }
}

/// Warns of codes that differ only in case, width, zeros at the ends of a number, or in being shown as a rounded number (`4.90123E+12`), where no table has
/// both.
pub(in crate::input) fn written_in_two_ways(uses: &Uses<'_>, findings: &mut Vec<Finding>) {
    let mut tables: BTreeMap<&str, BTreeSet<&'static str>> = BTreeMap::new();
    for (table, column, kind, usage) in &uses.columns {
        if *kind == "sku" {
            for code in usage.used(table.names(column)) {
                tables.entry(code).or_default().insert(table.spec.name);
            }
        }
    }
    let mut forms: BTreeMap<String, Vec<Used<'_>>> = BTreeMap::new();
    for (code, tables) in tables {
        forms
            .entry(form(code))
            .or_default()
            .push(Used { code, tables });
    }
    let mut alone: Vec<Used<'_>> = Vec::new();
    for mut same in forms.into_values() {
        let apart = (0..same.len()).all(|i| (0..i).all(|j| !same[i].meets(&same[j])));
        same.sort_by(|a, b| b.rank().cmp(&a.rank()).then(a.code.cmp(b.code)));
        if apart {
            findings.extend(same[1..].iter().map(|other| told(other, &same[0])));
        }
        if same.len() == 1 {
            alone.append(&mut same);
        }
    }
    rounded(&alone, findings);
}

/// Codes that are shown as a rounded number, and the whole ones that they can be.
fn rounded(alone: &[Used<'_>], findings: &mut Vec<Finding>) {
    let (short, whole): (Vec<_>, Vec<_>) = alone
        .iter()
        .map(|used| (used, plain(used.code)))
        .partition(|(_, plain)| shown(plain).is_some());
    let mut taken: BTreeMap<&str, Vec<&Used<'_>>> = BTreeMap::new();
    for (used, plain) in &short {
        let Some(shown) = shown(plain) else { continue };
        let fits = whole
            .iter()
            .filter(|(other, plain)| !other.meets(used) && shown.can_be(plain));
        let fits: Vec<&Used<'_>> = fits.map(|(other, _)| *other).collect();
        match fits[..] {
            [] => {}
            [one] => taken.entry(one.code).or_default().push(used),
            _ => findings.push(
                Finding::new(Severity::Warning, "code_rounded")
                    .sku(&Sku::new(used.code))
                    .count(fits.len() as u64)
                    .figure("code", used.code)
                    .figure("tables", list(&used.tables))
                    .figure("count", fits.len())
                    .figure("sku", fits[0].code),
            ),
        }
    }
    for (used, _) in &whole {
        if let Some([other]) = taken.get(used.code).map(Vec::as_slice) {
            findings.push(told(other, used));
        }
    }
}

fn told(other: &Used<'_>, kept: &Used<'_>) -> Finding {
    Finding::new(Severity::Warning, "code_written_two_ways")
        .sku(&Sku::new(kept.code))
        .figure("sku", kept.code)
        .figure("sku_tables", list(&kept.tables))
        .figure("other", other.code)
        .figure("other_tables", list(&other.tables))
}

fn list(tables: &BTreeSet<&'static str>) -> String {
    tables.iter().copied().collect::<Vec<_>>().join(", ")
}
