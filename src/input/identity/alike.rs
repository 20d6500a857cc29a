//! Codes of several systems that are one SKU: those that are certain, and those that are worth a look.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use crate::input::code_form::{form, plain};
use crate::input::raw::{NO_CODE, NO_DAY, RawTable};

/// Codes with one prefix, and the share of them whose rest is a code itself, from which on the prefix says nothing about the SKU.
const PREFIXED: usize = 3;
const PREFIXED_SHARE: f64 = 0.8;
/// Prices of one SKU that differ by more are those of two.
const TIMES: f64 = 2.0;

/// What two codes of one SKU differ in; the key of its text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::input) enum Likeness {
    Case,
    Width,
    Zeros,
    /// In front of the SKU, and how many codes bear it.
    Prefix(String, usize),
    /// `[CODE] name`
    Brackets,
}

/// What speaks against two codes being one SKU; the key of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::input) enum Doubt {
    /// Both sell on one channel on one day.
    SoldTogether,
    /// Both have stock at one location on one day.
    StockedTogether,
    Prices,
    /// Several codes of one table are alike.
    Several,
    /// More than zeros at the front is lost: a spreadsheet shows it as another number.
    Mangled,
}

/// A code and the SKU that it seems to be.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::input) struct Alike {
    pub code: String,
    pub sku: String,
    pub likeness: Likeness,
    /// `None`: certain.
    pub doubt: Option<Doubt>,
}

/// How a code is used.
#[derive(Debug, Default)]
struct Life {
    tables: BTreeSet<&'static str>,
    /// (channel, day) of sales.
    sold: BTreeSet<(u32, i32)>,
    /// (location, day) of stock.
    stocked: BTreeSet<(u32, i32)>,
    units: f64,
    money: f64,
    priced: f64,
}

impl Life {
    fn price(&self) -> Option<f64> {
        (self.priced > 0.0).then(|| self.money / self.priced)
    }

    fn against(&self, other: &Self) -> Option<Doubt> {
        let dear = |a: f64, b: f64| a > TIMES * b || b > TIMES * a;
        if !self.sold.is_disjoint(&other.sold) {
            Some(Doubt::SoldTogether)
        } else if !self.stocked.is_disjoint(&other.stocked) {
            Some(Doubt::StockedTogether)
        } else if self
            .price()
            .zip(other.price())
            .is_some_and(|(a, b)| dear(a, b))
        {
            Some(Doubt::Prices)
        } else {
            None
        }
    }
}

/// What stands in brackets before or behind a name: `[MUG-BK] Enamel Mug`.
fn bracketed(code: &str) -> Option<&str> {
    let (open, close) = if code.contains('[') {
        ('[', ']')
    } else {
        ('【', '】')
    };
    let (before, rest) = code.split_once(open)?;
    let (inside, after) = rest.split_once(close)?;
    let alone = before.trim().is_empty() && after.trim().is_empty();
    (!inside.trim().is_empty() && !alone).then_some(inside.trim())
}

/// The prefixes of a code: up to a sign behind letters or digits.
fn prefixes(plain: &str) -> impl Iterator<Item = (&str, &str)> {
    let signs = plain
        .char_indices()
        .filter(|(at, c)| *at > 0 && "-_./:".contains(*c));
    signs.map(|(at, c)| plain.split_at(at + c.len_utf8()))
}

/// All codes of the tables that seem to be another one's, by code.
pub(in crate::input) fn alike<'t>(
    tables: impl Iterator<Item = &'t RawTable> + Clone,
) -> Vec<Alike> {
    let codes = codes_of(tables.clone());
    // The form of each code, from the one that takes away least.
    let forms: BTreeMap<&str, String> = codes
        .iter()
        .map(|code| (code.as_str(), form(bracketed(code).unwrap_or(code))))
        .collect();
    let known: BTreeSet<&str> = forms.values().map(String::as_str).collect();
    let prefixed = common_prefixes(&forms, &known);
    let mut groups: BTreeMap<String, Vec<(&str, Option<Likeness>)>> = BTreeMap::new();
    for (&code, own) in &forms {
        let without = prefixes(own)
            .find(|(prefix, rest)| prefixed.contains_key(*prefix) && known.contains(&*form(rest)));
        let (key, likeness) = match without {
            Some((prefix, rest)) => {
                let count = prefixed[prefix];
                (form(rest), Some(Likeness::Prefix(prefix.to_owned(), count)))
            }
            None if bracketed(code).is_some() => (own.clone(), Some(Likeness::Brackets)),
            None => (own.clone(), None),
        };
        groups.entry(key).or_default().push((code, likeness));
    }
    groups.retain(|_, group| group.len() > 1);
    let wanted: BTreeSet<&str> = groups.values().flatten().map(|(code, _)| *code).collect();
    let lives = lives(tables, &wanted);
    let mut found = Vec::new();
    for group in groups.values() {
        pairs(group, &lives, &mut found);
    }
    found.sort_by(|a, b| a.code.cmp(&b.code));
    found
}

/// The codes in use, sorted.
fn codes_of<'t>(tables: impl Iterator<Item = &'t RawTable>) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for table in tables {
        let names = table.names("sku");
        let mut used = vec![false; names.len()];
        for &code in table.codes("sku") {
            if let Some(used) = used.get_mut(code as usize) {
                *used = true;
            }
        }
        let used = names.iter().zip(used).filter(|(_, used)| *used);
        codes.extend(used.map(|(name, _)| name.to_string()));
    }
    codes
}

/// Prefixes that several codes bear whose rests are nearly all codes themselves, and how many those are.
fn common_prefixes(
    forms: &BTreeMap<&str, String>,
    known: &BTreeSet<&str>,
) -> BTreeMap<String, usize> {
    let distinct: BTreeSet<&str> = forms.values().map(String::as_str).collect();
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for own in distinct {
        for (prefix, rest) in prefixes(own) {
            let (all, fit) = counts.entry(prefix).or_default();
            *all += 1;
            *fit += usize::from(!rest.is_empty() && known.contains(&*form(rest)));
        }
    }
    counts
        .into_iter()
        .filter(|(_, (all, fit))| *fit >= PREFIXED && *fit as f64 >= PREFIXED_SHARE * *all as f64)
        .map(|(prefix, (_, fit))| (prefix.to_owned(), fit))
        .collect()
}

/// How the wanted codes are used.
fn lives<'t>(
    tables: impl Iterator<Item = &'t RawTable>,
    wanted: &BTreeSet<&str>,
) -> BTreeMap<String, Life> {
    let mut lives: BTreeMap<String, Life> = BTreeMap::new();
    let (mut channels, mut places) = (Numbers::default(), Numbers::default());
    for table in tables {
        let named: Vec<bool> = table
            .names("sku")
            .iter()
            .map(|n| wanted.contains(&**n))
            .collect();
        let name = table.spec.name;
        let place = if name == "sales" {
            "channel"
        } else {
            "location"
        };
        let at = if name == "sales" {
            &mut channels
        } else {
            &mut places
        };
        let place_at: Vec<u32> = table.names(place).iter().map(|n| at.of(n)).collect();
        let (days, places) = (table.days("date"), table.codes(place));
        let (units, price) = (table.number("units"), table.number("price"));
        let mut of_name: Vec<Option<Life>> = named.iter().map(|_| None).collect();
        for (row, &sku) in table.codes("sku").iter().enumerate() {
            if sku == NO_CODE || !named[sku as usize] {
                continue;
            }
            let life = of_name[sku as usize].get_or_insert_with(Life::default);
            life.tables.insert(name);
            let day = days.get(row).copied().unwrap_or(NO_DAY);
            let place = places
                .get(row)
                .and_then(|&p| place_at.get(p as usize))
                .copied();
            match (name, place) {
                ("sales", Some(place)) => {
                    let units = units(row).unwrap_or(0.0);
                    if units > 0.0 {
                        life.sold.insert((place, day));
                    }
                    life.units += units;
                }
                ("stock", Some(place)) => {
                    life.stocked.insert((place, day));
                }
                _ => {}
            }
            if let Some(price) = price(row).filter(|p| *p > 0.0) {
                life.money += price;
                life.priced += 1.0;
            }
        }
        for (name, life) in table.names("sku").iter().zip(of_name) {
            let Some(life) = life else { continue };
            let all = lives.entry(name.to_string()).or_default();
            all.tables.extend(life.tables);
            all.sold.extend(life.sold);
            all.stocked.extend(life.stocked);
            all.units += life.units;
            all.money += life.money;
            all.priced += life.priced;
        }
    }
    lives
}

/// Numbers of names.
#[derive(Default)]
struct Numbers(BTreeMap<String, u32>);

impl Numbers {
    fn of(&mut self, name: &str) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(name.to_owned()).or_insert(next)
    }
}

/// The codes of one form: each with the one that is most likely the SKU.
fn pairs(
    group: &[(&str, Option<Likeness>)],
    lives: &BTreeMap<String, Life>,
    found: &mut Vec<Alike>,
) {
    let unused = Life::default();
    let life = |code: &str| lives.get(code).unwrap_or(&unused);
    // The SKU is the code that nothing need be taken from, that items and the most tables know, that is longest and sells most.
    let rank = |(code, likeness): &(&str, Option<Likeness>)| {
        let life = life(code);
        let bare = likeness.is_none();
        let whole = code.nfkc().eq(code.chars());
        let upper = !code.chars().any(char::is_lowercase);
        let tables = life.tables.len();
        (
            life.tables.contains("items"),
            bare,
            whole,
            tables,
            code.chars().count(),
            upper,
            life.units,
        )
    };
    let best = group.iter().max_by(|a, b| {
        let (x, y) = (rank(a), rank(b));
        let (x, y) = (
            (x.0, x.1, x.2, x.3, x.4, x.5, x.6.round() as i64),
            (y.0, y.1, y.2, y.3, y.4, y.5, y.6.round() as i64),
        );
        x.cmp(&y).then(b.0.cmp(a.0))
    });
    let Some((sku, _)) = best else { return };
    for (code, likeness) in group.iter().filter(|(code, _)| code != sku) {
        let mut others = group.iter().filter(|(other, _)| other != code);
        // What stands against one of them makes the whole group doubtful, or two SKUs would meet in a third code.
        let doubt = others.find_map(|(other, _)| life(code).against(life(other)));
        let several = group.len() > 2 && doubt.is_none() && {
            let all = group.iter().map(|(c, _)| life(c));
            let all: Vec<&Life> = all.collect();
            (0..all.len()).any(|i| (0..i).any(|j| all[i].against(all[j]).is_some()))
        };
        found.push(Alike {
            code: (*code).to_owned(),
            sku: (*sku).to_owned(),
            likeness: likeness.clone().unwrap_or_else(|| bare_likeness(code, sku)),
            doubt: doubt.or(several.then_some(Doubt::Several)).or(is_mangled(
                code,
                sku,
                likeness.as_ref(),
            )
            .then_some(Doubt::Mangled)),
        });
    }
}

/// Whether codes of one form differ in more than zeros at the front: in an exponent, or in zeros behind a point.
fn is_mangled(code: &str, sku: &str, likeness: Option<&Likeness>) -> bool {
    let bare = |code: &str| plain(code).trim_start_matches('0').to_owned();
    likeness.is_none() && bare(code) != bare(sku)
}

/// What two codes without prefix and brackets differ in.
fn bare_likeness(code: &str, sku: &str) -> Likeness {
    if plain(code) != plain(sku) {
        Likeness::Zeros
    } else if code.to_uppercase() == sku.to_uppercase() {
        Likeness::Case
    } else {
        Likeness::Width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_in_brackets_beside_a_name_is_found() {
        assert_eq!(bracketed("[MUG-BK] Enamel Mug"), Some("MUG-BK"));
        assert_eq!(bracketed("マグ 【MUG-BK】"), Some("MUG-BK"));
        assert_eq!(bracketed("[MUG-BK]"), None);
        assert_eq!(bracketed("MUG-BK"), None);
    }

    #[test]
    fn a_prefix_is_one_of_many_codes_whose_rests_are_codes() {
        let forms = |codes: &[&'static str]| -> BTreeMap<&'static str, String> {
            codes.iter().map(|c| (*c, form(c))).collect()
        };
        let fba = forms(&["A-1", "A-2", "B-1", "FBA-A-1", "FBA-A-2", "FBA-B-1"]);
        let known: BTreeSet<&str> = fba.values().map(String::as_str).collect();
        let found = common_prefixes(&fba, &known);
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            [("FBA-".to_owned(), 3)]
        );
        // Styles and colours: `A-` is not a prefix, though "1" is a code, too.
        let styles = forms(&["A-1", "A-2", "A-3", "A-4", "1", "2"]);
        let known: BTreeSet<&str> = styles.values().map(String::as_str).collect();
        assert!(common_prefixes(&styles, &known).is_empty());
    }
}
