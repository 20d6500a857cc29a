//! Texts for people: one place per language, by key. `{name}` in a text is a placeholder, and `{name?row|rows}` the first word
//! where its figure is 1, else the second.

mod harmless;

use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use harmless::{acts, harmless};

/// The languages of charts, reports and reasons.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Default,
    serde::Serialize,
    serde::Deserialize,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    #[default]
    En,
    Ja,
}

macro_rules! sources {
    ($($section:literal),+ $(,)?) => {
        /// (section, English, Japanese)
        const SOURCES: &[(&str, &str, &str)] = &[
            $(($section, include_str!(concat!("en/", $section, ".toml")), include_str!(concat!("ja/", $section, ".toml")))),+
        ];
    };
}

sources!(
    "backorders",
    "backtest",
    "chart",
    "cli",
    "finding",
    "output",
    "reason",
    "record",
    "report",
    "source",
    "stockout",
    "title",
    "transfer",
);

type Table = BTreeMap<String, String>;

fn tables() -> &'static [Table; 2] {
    static TABLES: OnceLock<[Table; 2]> = OnceLock::new();
    TABLES.get_or_init(|| {
        let read = |ja: bool| {
            let mut all = Table::new();
            for (section, en_text, ja_text) in SOURCES {
                let text = if ja { ja_text } else { en_text };
                // The files are part of the program and parsed by a test in both languages.
                let table: Table = toml::from_str(text).unwrap_or_default();
                all.extend(
                    table
                        .into_iter()
                        .map(|(k, v)| (format!("{section}.{k}"), v)),
                );
            }
            all
        };
        [read(false), read(true)]
    })
}

/// The text of `key` (`section.name`) with its placeholders filled. A missing key shows itself.
///
/// ```
/// use restock::text::{text, Lang};
/// assert_eq!(text(Lang::En, "no.such.key", &[]), "no.such.key");
/// ```
pub fn text(lang: Lang, key: &str, figures: &[(&str, &str)]) -> String {
    let Some(template) = tables()[usize::from(lang == Lang::Ja)].get(key) else {
        return key.to_owned();
    };
    let mut out = numbered(template, figures);
    for (name, value) in figures {
        let place = format!("{{{name}}}");
        if *name == REASONS {
            out = out.replace(&place, &words(lang, value));
        } else {
            out = out.replace(&place, value);
        }
    }
    out
}

/// The figure whose words beginning with `@` are keys of texts: figures know no language.
pub const REASONS: &str = "reasons";

fn words(lang: Lang, value: &str) -> String {
    let words = value.split(' ').map(|word| match word.strip_prefix('@') {
        Some(key) => {
            let (key, behind) = key.split_once(',').map_or((key, ""), |(key, _)| (key, ","));
            text(lang, key, &[]) + behind
        }
        None => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A quantity for a sentence: whole where it is large, one decimal where it is small.
pub fn plain(x: f64) -> String {
    if x.abs() >= 10.0 || (x - x.round()).abs() < 0.05 {
        format!("{:.0}", x.round())
    } else {
        format!("{x:.1}")
    }
}

/// Chooses between the words for one and for many, before anything of a user's is in the text.
fn numbered(template: &str, figures: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let end = from.find('}').map_or(from.len(), |end| end + 1);
        let (place, after) = from.split_at(end);
        let words = place
            .trim_matches(['{', '}'])
            .split_once('?')
            .and_then(|(name, words)| Some((name, words.split_once('|')?)));
        match words {
            Some((name, (one, many))) => {
                let single = figures.iter().any(|(n, value)| *n == name && *value == "1");
                out.push_str(if single { one } else { many });
            }
            None => out.push_str(place),
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_many_have_their_own_words() {
        let say = |count| {
            text(
                Lang::En,
                "finding.duplicate_stock_rows",
                &[("count", count)],
            )
        };
        assert!(
            say("1").starts_with("1 row of stock repeats a date"),
            "{}",
            say("1")
        );
        assert!(
            say("2").starts_with("2 rows of stock repeat a date"),
            "{}",
            say("2")
        );
        assert_eq!(numbered("{a} {b?x|y}}{", &[("b", "1")]), "{a} x}{");
    }

    fn placeholders(text: &str) -> Vec<&str> {
        let mut found: Vec<&str> = text
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
            .map(|name| name.split('?').next().unwrap_or(name))
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn both_languages_have_the_same_keys_and_placeholders() {
        for (section, en, ja) in SOURCES {
            let en: Table = toml::from_str(en).unwrap_or_else(|e| panic!("{section} en: {e}"));
            let ja: Table = toml::from_str(ja).unwrap_or_else(|e| panic!("{section} ja: {e}"));
            assert_eq!(
                en.keys().collect::<Vec<_>>(),
                ja.keys().collect::<Vec<_>>(),
                "{section}"
            );
            for (key, text) in &en {
                assert_eq!(
                    placeholders(text),
                    placeholders(&ja[key]),
                    "{section}.{key}"
                );
            }
        }
    }
}
