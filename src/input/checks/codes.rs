//! Codes of one SKU that two tables write in two ways: what spreadsheets make of numbers, and letters in another case.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use crate::domain::{Finding, Severity, Sku};
use crate::input::assemble::Uses;

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

/// Upper case, half width, no white space.
fn plain(code: &str) -> String {
    code.nfkc()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect()
}

/// What is left of a code when case, width and the zeros at the ends of a number are taken away: equal for codes that can be one.
fn form(code: &str) -> String {
    let plain = plain(code);
    if let Some(shown) = shown(&plain) {
        let digits = shown.digits.trim_end_matches('0');
        let length = shown.exponent + 1;
        if digits.len() <= length {
            return format!("{digits:0<length$}");
        }
        return plain;
    }
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !number(whole) || !number(fraction) {
        return plain;
    }
    let (whole, fraction) = (
        whole.trim_start_matches('0'),
        fraction.trim_end_matches('0'),
    );
    if fraction.is_empty() {
        format!("{whole:0>1}")
    } else {
        format!("{whole:0>1}.{fraction}")
    }
}

/// A number as spreadsheets show long ones, and what they take for one.
#[derive(Debug, PartialEq)]
struct Shown {
    /// Those before the exponent, without the point; the first is not 0.
    digits: String,
    /// Of the first digit.
    exponent: usize,
}

/// `1.00E+05`, `4.90123E+12`, `12E3`, in upper case.
fn shown(plain: &str) -> Option<Shown> {
    let (mantissa, exponent) = plain.split_once('E')?;
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.starts_with('0') || exponent.is_empty() {
        return None;
    }
    if !number(whole) || !number(fraction) || !number(exponent) {
        return None;
    }
    let exponent: usize = exponent.parse().ok().filter(|e| *e < 30)?;
    Some(Shown {
        digits: format!("{whole}{fraction}"),
        exponent: exponent + whole.len() - 1,
    })
}

impl Shown {
    /// Whether a code of digits is shown so.
    fn can_be(&self, code: &str) -> bool {
        let code = code.trim_start_matches('0');
        let (length, digits) = (self.exponent + 1, self.digits.len());
        if code.len() != length || digits >= length || !code.bytes().all(|b| b.is_ascii_digit()) {
            return false;
        }
        let up = code.as_bytes()[digits] >= b'5';
        match (code[..digits].parse::<u128>(), self.digits.parse::<u128>()) {
            (Ok(first), Ok(shown)) => first + u128::from(up) == shown,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_spreadsheets_make_of_a_code_has_its_form() {
        for (a, b) in [
            ("0017", "17"),
            ("abc-1", "ＡＢＣ-1"),
            ("90.750", "90.75"),
            ("17.0", "017"),
            ("1E5", "1.00E+05"),
            ("1E5", "100000"),
            ("12E3", "1.20e+04"),
        ] {
            assert_eq!(form(a), form(b), "{a} {b}");
        }
        for (a, b) in [
            ("0017", "170"),
            ("A-1", "A1"),
            ("E5", "5"),
            ("A017", "A17"),
            ("1E5", "1E6"),
            ("0", "00A"),
        ] {
            assert_ne!(form(a), form(b), "{a} {b}");
        }
    }

    #[test]
    fn a_rounded_number_can_be_the_codes_that_round_to_it() {
        let shown = shown("4.90123E+12").unwrap();
        assert!(shown.can_be("4901234567894"));
        assert!(!shown.can_be("4901235567894"));
        assert!(shown.can_be("4901225000000"));
        assert!(!shown.can_be("490123456789"));
        assert!(!shown.can_be("49012345678AB"));
    }
}
