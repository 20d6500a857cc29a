//! Values that rules are about: words, beginnings, classes of words in many languages.

use std::collections::{BTreeMap, HashSet};
use std::sync::OnceLock;

use crate::input::cell::word_form;

/// Classes of words: name → words in the form of [`word_form`].
fn classes() -> &'static BTreeMap<String, HashSet<String>> {
    static CLASSES: OnceLock<BTreeMap<String, HashSet<String>>> = OnceLock::new();
    CLASSES.get_or_init(|| {
        // Part of the program; a test reads it.
        let typed: BTreeMap<String, Vec<String>> =
            toml::from_str(include_str!("words.toml")).unwrap_or_default();
        typed
            .into_iter()
            .map(|(class, words)| (class, words.iter().map(|w| word_form(w)).collect()))
            .collect()
    })
}

/// Whether a value is a word of a class.
pub(super) fn is_a(class: &str, value: &str) -> bool {
    let form = word_form(value);
    classes()
        .get(class)
        .is_some_and(|words| words.contains(&form))
}

/// The values of a rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    any: bool,
    none: bool,
    words: Vec<String>,
    beginnings: Vec<String>,
    classes: Vec<String>,
}

/// Which of a rule's values a cell has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Held<'v> {
    /// A word of this class.
    Class(&'v str),
    Other,
}

impl Values {
    pub(super) fn new<'t>(typed: impl IntoIterator<Item = &'t str>) -> Self {
        let mut values = Self::default();
        for text in typed {
            if text == "*" {
                values.any = true;
            } else if text.trim().is_empty() {
                values.none = true;
            } else if let Some(class) = text.strip_prefix('@') {
                values.classes.push(class.to_owned());
            } else if let Some(beginning) = text.strip_suffix('*') {
                values.beginnings.push(word_form(beginning));
            } else {
                values.words.push(word_form(text));
            }
        }
        values
    }

    /// Which value a cell has; none where it has no value of the rule.
    pub(super) fn held(&self, cell: &str) -> Option<Held<'_>> {
        if cell.is_empty() {
            return self.none.then_some(Held::Other);
        }
        if self.any {
            return Some(Held::Other);
        }
        if self.words.is_empty() && self.beginnings.is_empty() && self.classes.is_empty() {
            return None;
        }
        let form = word_form(cell);
        if self.words.contains(&form) || self.beginnings.iter().any(|b| form.starts_with(b)) {
            return Some(Held::Other);
        }
        let of = |class: &&String| classes().get(*class).is_some_and(|w| w.contains(&form));
        self.classes.iter().find(of).map(|class| Held::Class(class))
    }

    /// Whether a cell has one of the values.
    pub(super) fn hold(&self, cell: &str) -> bool {
        self.held(cell).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_whatever_their_case_and_width() {
        let values = Values::new(["@cancelled", "Non-Amazon*", "９００"]);
        for cell in ["Cancelled", "キャンセル", "Annulé", "non-amazon JP", "900"] {
            assert!(values.hold(cell), "{cell}");
        }
        for cell in ["", "Shipped", "90"] {
            assert!(!values.hold(cell), "{cell}");
        }
        assert!(Values::new(["*"]).hold("x") && !Values::new(["*"]).hold(""));
        assert!(Values::new([""]).hold(""));
    }

    #[test]
    fn the_classes_are_read() {
        for class in [
            "cancelled",
            "refunded",
            "quotation",
            "not_stocked",
            "sellable",
            "total",
        ] {
            assert!(classes().contains_key(class), "{class}");
        }
    }
}
