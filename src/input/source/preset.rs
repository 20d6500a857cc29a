//! Presets: what the exports of known systems look like, and what their rows mean. One file each; a user adds a system with a file of the same form.

use std::path::Path;
use std::sync::OnceLock;

use serde::Deserialize;

use super::fill::Headers;
use crate::config::Source;
use crate::text::Lang;

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        /// The files of the presets.
        const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("presets/", $name, ".toml")))),+];
    };
}

files!(
    "amazon-fba-inventory",
    "amazon-ledger",
    "amazon-orders",
    "nextengine-orders",
    "nextengine-stock",
    "odoo-purchases",
    "odoo-purchases-external",
    "odoo-quants",
    "odoo-quants-external",
    "odoo-sales",
    "rakuten-orders",
    "shopify-inventory",
    "shopify-inventory-wide",
    "shopify-month-end",
    "shopify-orders",
    "shopify-products",
    "woocommerce-orders",
    "woocommerce-products",
    "woocommerce-stock",
);

/// The folder in the data folder that holds a user's own presets.
pub(super) const OWN: &str = "presets";

/// One kind of export.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Preset {
    /// What `format` names it.
    pub name: String,
    /// The program that writes such files.
    #[serde(default)]
    pub system: String,
    pub title: String,
    #[serde(default)]
    pub title_ja: Option<String>,
    /// Headers that such files have, in any order, with alternatives (`"a | b"`).
    pub signature: Vec<String>,
    /// Headers that such files do not have.
    #[serde(default)]
    pub unless: Vec<String>,
    pub rules: Source,
    #[serde(default)]
    #[allow(dead_code)] // read by the test of all presets
    pub sample: Option<Sample>,
}

/// A small file of the kind, and the rows that must come of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)] // read by the test of all presets
pub(super) struct Sample {
    pub file: String,
    pub text: String,
    pub rows: String,
}

impl Preset {
    /// Reads a preset.
    ///
    /// # Errors
    /// What the TOML reader says.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|e| e.to_string())
    }

    /// Its name for people.
    pub(super) fn title(&self, lang: Lang) -> &str {
        match (lang, &self.title_ja) {
            (Lang::Ja, Some(title)) => title,
            _ => &self.title,
        }
    }

    /// Whether a header line is that of such a file.
    pub(super) fn knows(&self, headers: &Headers) -> bool {
        !self.signature.is_empty()
            && self.signature.iter().all(|h| headers.has(h))
            && !self.unless.iter().any(|h| headers.has(h))
    }
}

/// The presets of the program.
pub(super) fn built_in() -> &'static [Preset] {
    static PRESETS: OnceLock<Vec<Preset>> = OnceLock::new();
    PRESETS.get_or_init(|| {
        // The files are part of the program; a test reads every one of them.
        let read = FILES
            .iter()
            .filter_map(|(_, text)| Preset::parse(text).ok());
        read.collect()
    })
}

/// The user's presets in the data folder, then the program's: a user's own goes before one of the same name.
///
/// # Errors
/// A file that is no preset: its name and why.
pub(super) fn presets_of(data: &Path) -> Result<Vec<Preset>, (String, String)> {
    let mut all = Vec::new();
    let folder = data.join(OWN);
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .filter(|name| name.ends_with(".toml") && !name.starts_with('.'))
        .collect();
    names.sort_unstable();
    for name in names {
        let shown = format!("{OWN}/{name}");
        let text = std::fs::read_to_string(folder.join(&name))
            .map_err(|e| (shown.clone(), e.to_string()))?;
        all.push(Preset::parse(&text).map_err(|why| (shown, why))?);
    }
    for preset in built_in() {
        if !all.iter().any(|own: &Preset| own.name == preset.name) {
            all.push(preset.clone());
        }
    }
    Ok(all)
}

/// The presets that a header line is of, the one with the longest signature for each table.
pub(super) fn recognised<'p>(presets: &'p [Preset], headers: &Headers) -> Vec<&'p Preset> {
    let mut found: Vec<&Preset> = presets.iter().filter(|p| p.knows(headers)).collect();
    // Stable: of equal ones the user's own comes first.
    found.sort_by_key(|p| std::cmp::Reverse(p.signature.len()));
    let mut kept: Vec<&Preset> = Vec::new();
    for preset in found {
        if !kept.iter().any(|k| k.rules.table == preset.rules.table) {
            kept.push(preset);
        }
    }
    // What cannot be used is told only where nothing else can.
    if kept.iter().any(|p| p.rules.left_out.is_none()) {
        kept.retain(|p| p.rules.left_out.is_none());
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_read_under_its_own_name() {
        for (name, text) in FILES {
            let preset = Preset::parse(text).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(&preset.name, name);
            assert!(preset.rules.files.globs().is_empty(), "{name}");
        }
    }
}
