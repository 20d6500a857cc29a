//! Texts for people: one place per language, by key. `{name}` in a text is a placeholder.

use std::collections::BTreeMap;
use std::sync::OnceLock;

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

sources!("backtest", "chart", "cli", "finding", "output", "reason");

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
    let mut out = template.clone();
    for (name, value) in figures {
        out = out.replace(&format!("{{{name}}}"), value);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placeholders(text: &str) -> Vec<&str> {
        let mut found: Vec<&str> = text
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
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
