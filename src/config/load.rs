//! Reading `restock.toml`: every mistake names its key, its line and what was expected.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::Config;
use super::columns::{TABLES, nearest};
use super::limits::Limit;
use super::source::Source;
use crate::text::{Lang, text};

/// Mistakes that are told one by one; the rest is a count.
const TOLD: usize = 20;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{}", self.render(Lang::En))]
    Unreadable { path: PathBuf, why: String },
    #[error("{}", self.render(Lang::En))]
    Syntax {
        path: PathBuf,
        line: usize,
        message: String,
    },
    #[error("{}", self.render(Lang::En))]
    UnknownKey {
        path: PathBuf,
        line: usize,
        key: String,
        /// Empty where no known key is near.
        nearest: String,
        known: Vec<String>,
    },
    #[error("{}", self.render(Lang::En))]
    BadValue {
        path: PathBuf,
        line: usize,
        key: String,
        value: String,
        expected: Expected,
    },
    /// More than one mistake, by line.
    #[error("{}", self.render(Lang::En))]
    Several(Vec<ConfigError>),
}

/// What a value should have been.
#[derive(Clone, Debug)]
pub enum Expected {
    /// A number within a limit.
    Within(&'static Limit),
    /// Key of a text.
    Text(&'static str),
    /// The words of the TOML reader.
    Words(String),
}

impl Expected {
    fn render(&self, lang: Lang) -> String {
        match self {
            Self::Within(limit) => {
                let figures = limit.figures();
                let figures: Vec<_> = figures.iter().map(|(name, f)| (*name, &**f)).collect();
                text(lang, limit.expected, &figures)
            }
            Self::Text(key) => text(lang, key, &[]),
            Self::Words(words) => words.clone(),
        }
    }
}

impl ConfigError {
    /// Line of the first mistake, from 1; 0 where there is none.
    fn line(&self) -> usize {
        match self {
            Self::Unreadable { .. } => 0,
            Self::Syntax { line, .. }
            | Self::UnknownKey { line, .. }
            | Self::BadValue { line, .. } => *line,
            Self::Several(errors) => errors.first().map_or(0, Self::line),
        }
    }

    /// The message for a person: file, line, key, value, what was expected and what to do.
    pub fn render(&self, lang: Lang) -> String {
        let show = |p: &Path| p.display().to_string();
        match self {
            Self::Several(errors) => {
                let told = errors.iter().take(TOLD).map(|e| e.render(lang));
                let mut all: Vec<String> = told.collect();
                if let Some(more) = errors.len().checked_sub(TOLD).filter(|n| *n > 0) {
                    let count = more.to_string();
                    all.push(text(lang, "finding.config_more", &[("count", &count)]));
                }
                all.join("\n\n")
            }
            Self::Unreadable { path, why } => text(
                lang,
                "finding.config_unreadable",
                &[("file", &show(path)), ("why", why)],
            ),
            Self::Syntax {
                path,
                line,
                message,
            } => text(
                lang,
                "finding.config_syntax",
                &[
                    ("file", &show(path)),
                    ("line", &line.to_string()),
                    ("message", message),
                ],
            ),
            Self::UnknownKey {
                path,
                line,
                key,
                nearest,
                known,
            } => text(
                lang,
                if nearest.is_empty() {
                    "finding.config_unknown_key_far"
                } else {
                    "finding.config_unknown_key"
                },
                &[
                    ("file", &show(path)),
                    ("line", &line.to_string()),
                    ("key", key),
                    ("nearest", nearest),
                    ("known", &known.join(", ")),
                ],
            ),
            Self::BadValue {
                path,
                line,
                key,
                value,
                expected,
            } => text(
                lang,
                "finding.config_bad_value",
                &[
                    ("file", &show(path)),
                    ("line", &line.to_string()),
                    ("key", key),
                    ("value", value),
                    ("expected", &expected.render(lang)),
                ],
            ),
        }
    }
}

/// Reads and checks a configuration file.
///
/// # Errors
/// The file cannot be read, is not TOML, has an unknown key (the nearest known one is named), or a value is of
/// the wrong kind or out of range.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|e| ConfigError::Unreadable {
        path: path.to_owned(),
        why: e.to_string(),
    })?;
    parse(&text, path)
}

/// As [`load`], from text; `path` is only named in messages.
///
/// # Errors
/// As [`load`].
pub fn parse(text: &str, path: &Path) -> Result<Config, ConfigError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let file = File::new(text, path);
    let tree = DeTable::parse(text).map_err(|e| file.error(&e))?;
    let tree = tree.get_ref();
    let mut errors = file.check_ranges(tree);
    file.check_columns(tree, &mut errors);
    file.check_report(tree, &mut errors);
    file.check_keys(tree, &mut errors);
    file.check_sources(tree, &mut errors);
    file.check_zone(tree, &mut errors);
    if errors.is_empty() {
        return toml::from_str(text).map_err(|e| file.error(&e));
    }
    errors.sort_by_key(ConfigError::line);
    Err(match errors.len() {
        1 => errors.swap_remove(0),
        _ => ConfigError::Several(errors),
    })
}

struct File<'a> {
    text: &'a str,
    path: &'a Path,
    /// Where each line but the first begins.
    starts: Vec<usize>,
}

/// A key and its value, each with its place in the text.
type Entry<'t, 'i> = (&'t Spanned<DeString<'i>>, &'t Spanned<DeValue<'i>>);

impl<'a> File<'a> {
    fn new(text: &'a str, path: &'a Path) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        Self { text, path, starts }
    }

    fn line(&self, span: &Range<usize>) -> usize {
        1 + self.starts.partition_point(|&at| at <= span.start)
    }

    fn at(&self, span: Range<usize>) -> &'a str {
        self.text.get(span).unwrap_or_default().trim()
    }

    /// Looks at each key with its value by itself, because the reader stops at its first mistake. A line that has a
    /// mistake already is left out.
    fn check_keys(&self, tree: &DeTable<'_>, errors: &mut Vec<ConfigError>) {
        let mut told: BTreeSet<usize> = errors.iter().map(ConfigError::line).collect();
        let mut check = |path: &[Entry<'_, '_>], value: &str| {
            let Some((key, typed)) = path.last() else {
                return true;
            };
            let names: Vec<&str> = path.iter().map(|(key, _)| self.at(key.span())).collect();
            let line = self.line(&key.span());
            match toml::from_str::<Config>(&format!("{} = {value}", names.join("."))) {
                Ok(_) => true,
                Err(e) => {
                    let value = self.at(typed.span());
                    let error = self.told(&e, line, self.at(key.span()), value);
                    if told.insert(line) {
                        errors.push(error);
                    }
                    false
                }
            }
        };
        for section in tree {
            let name: &str = section.0.get_ref();
            if name == "source" && section.1.get_ref().as_array().is_some() {
                continue;
            }
            let Some(keys) = section.1.get_ref().as_table() else {
                check(&[section], self.at(section.1.span()));
                continue;
            };
            // What stands under an unknown section is no mistake of its own.
            if !check(&[section], "{}") {
                continue;
            }
            for key in keys {
                match key.1.get_ref().as_table() {
                    Some(columns) => {
                        for column in columns {
                            check(&[section, key, column], self.at(column.1.span()));
                        }
                        if columns.is_empty() {
                            check(&[section, key], "{}");
                        }
                    }
                    None => {
                        check(&[section, key], self.at(key.1.span()));
                    }
                }
            }
        }
    }

    fn check_ranges(&self, tree: &DeTable<'_>) -> Vec<ConfigError> {
        let mut errors = Vec::new();
        for (section, key, limit) in Limit::of_keys() {
            let Some(value) = tree.get(section).and_then(|s| s.get_ref().get(key)) else {
                continue;
            };
            let number = match value.get_ref() {
                DeValue::Integer(i) => i.to_string().replace('_', "").parse::<f64>().ok(),
                DeValue::Float(f) => f.to_string().replace('_', "").parse::<f64>().ok(),
                _ => None,
            };
            if !number.is_some_and(|n| limit.holds(n)) {
                errors.push(ConfigError::BadValue {
                    path: self.path.to_owned(),
                    line: self.line(&value.span()),
                    key: format!("{section}.{key}"),
                    value: self.at(value.span()).to_owned(),
                    expected: Expected::Within(limit),
                });
            }
        }
        errors
    }

    /// `[columns.TABLE]` names tables and columns of the contract.
    fn check_columns(&self, tree: &DeTable<'_>, errors: &mut Vec<ConfigError>) {
        let sections = tree.get("columns").and_then(|c| c.get_ref().as_table());
        for (table, columns) in sections.into_iter().flatten() {
            let name: &str = table.get_ref();
            let Some(known) = TABLES.iter().find(|t| t.table == name) else {
                errors.push(self.unknown(
                    self.line(&table.span()),
                    format!("columns.{name}"),
                    name,
                    TABLES.iter().map(|t| t.table),
                    "columns.",
                ));
                continue;
            };
            for (column, header) in columns.get_ref().as_table().into_iter().flatten() {
                let line = self.line(&column.span());
                let name: &str = column.get_ref();
                let key = format!("columns.{}.{name}", known.table);
                if !known.columns.contains(&name) {
                    let columns = known.columns.iter().copied();
                    errors.push(self.unknown(line, key, name, columns, ""));
                    continue;
                }
                let Some(header) = header.get_ref().as_str() else {
                    continue;
                };
                if header.trim().trim_start_matches('=').trim().is_empty() {
                    errors.push(ConfigError::BadValue {
                        path: self.path.to_owned(),
                        line,
                        key,
                        value: format!("\"{header}\""),
                        expected: Expected::Text("finding.expect_header"),
                    });
                }
            }
        }
    }

    /// `[[source]]` blocks: their keys, tables and columns, one by one.
    fn check_sources(&self, tree: &DeTable<'_>, errors: &mut Vec<ConfigError>) {
        let blocks = tree.get("source").and_then(|s| s.get_ref().as_array());
        for block in blocks.into_iter().flatten() {
            let Some(keys) = block.get_ref().as_table() else {
                continue;
            };
            if let Some(table) = keys.get("table")
                && let Some(name) = table.get_ref().as_str()
                && !TABLES.iter().any(|t| t.table == name)
            {
                let known = TABLES.iter().map(|t| t.table);
                let line = self.line(&table.span());
                errors.push(self.unknown(line, "source.table".to_owned(), name, known, ""));
            }
            for (key, value) in keys {
                self.check_source_key(key, value, keys, errors);
            }
        }
    }

    fn check_source_key(
        &self,
        key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        block: &DeTable<'_>,
        errors: &mut Vec<ConfigError>,
    ) {
        let name: &str = key.get_ref();
        let line = self.line(&key.span());
        // A section below the block is looked at when its keys are read; its text is not that of a value.
        let inline = self.text.get(value.span()).unwrap_or_default().trim();
        let typed = match value.get_ref().as_table() {
            Some(_) if !inline.starts_with('{') => "{}",
            _ => inline,
        };
        if let Err(e) = toml::from_str::<Source>(&format!("{} = {typed}", self.at(key.span()))) {
            errors.push(self.told(&e, line, name, typed));
            return;
        }
        let bad = |expected: &'static str| ConfigError::BadValue {
            path: self.path.to_owned(),
            line,
            key: format!("source.{name}"),
            value: typed.to_owned(),
            expected: Expected::Text(expected),
        };
        match (name, value.get_ref().as_str()) {
            ("time_zone", Some(zone)) if !is_zone(zone) => {
                errors.push(bad("finding.expect_time_zone"));
            }
            ("date_format", Some(format)) if !is_date_format(format) => {
                errors.push(bad("finding.expect_date_format"));
            }
            _ => {}
        }
        let table = block.get("table").and_then(|t| t.get_ref().as_str());
        if let ("columns" | "values", Some(table)) = (name, table)
            && let Some(known) = TABLES.iter().find(|t| t.table == table)
            && let Some(columns) = value.get_ref().as_table()
        {
            for (column, _) in columns {
                let typed: &str = column.get_ref();
                if !known.columns.contains(&typed) {
                    let key = format!("source.{name}.{typed}");
                    let line = self.line(&column.span());
                    let columns = known.columns.iter().copied();
                    errors.push(self.unknown(line, key, typed, columns, ""));
                }
            }
        }
    }

    fn check_zone(&self, tree: &DeTable<'_>, errors: &mut Vec<ConfigError>) {
        let input = tree.get("input").and_then(|i| i.get_ref().get("time_zone"));
        if let Some(value) = input
            && let Some(zone) = value.get_ref().as_str()
            && !is_zone(zone)
        {
            errors.push(ConfigError::BadValue {
                path: self.path.to_owned(),
                line: self.line(&value.span()),
                key: "input.time_zone".to_owned(),
                value: format!("{zone:?}"),
                expected: Expected::Text("finding.expect_time_zone"),
            });
        }
    }

    fn check_report(&self, tree: &DeTable<'_>, errors: &mut Vec<ConfigError>) {
        let report = tree.get("report").and_then(|r| r.get_ref().get("currency"));
        let Some((value, code)) = report.and_then(|v| Some((v, v.get_ref().as_str()?))) else {
            return;
        };
        if !code.is_empty() && code.len() <= 8 && !code.chars().any(char::is_control) {
            return;
        }
        errors.push(ConfigError::BadValue {
            path: self.path.to_owned(),
            line: self.line(&value.span()),
            key: "report.currency".to_owned(),
            value: format!("{code:?}"),
            expected: Expected::Text("finding.expect_currency"),
        });
    }

    fn unknown<'k>(
        &self,
        line: usize,
        key: String,
        typed: &str,
        known: impl Iterator<Item = &'k str> + Clone,
        prefix: &str,
    ) -> ConfigError {
        ConfigError::UnknownKey {
            path: self.path.to_owned(),
            line,
            key,
            nearest: nearest(typed, known.clone())
                .map_or_else(String::new, |near| format!("{prefix}{near}")),
            known: known.map(|k| format!("{prefix}{k}")).collect(),
        }
    }

    /// A message of the parser about this text.
    fn error(&self, e: &toml::de::Error) -> ConfigError {
        let span = e.span().unwrap_or(0..0);
        let line = self.line(&span);
        let from = line.checked_sub(2).map_or(0, |k| self.starts[k]);
        let text = self.text.get(from..).unwrap_or_default();
        let text = text.lines().next().unwrap_or_default();
        let key = text.split_once('=').map_or(text, |(key, _)| key).trim();
        self.told(e, line, key, self.at(span))
    }

    /// Turns a message of the parser into ours: unknown keys and words with the nearest known one.
    fn told(&self, e: &toml::de::Error, line: usize, key: &str, value: &str) -> ConfigError {
        let path = self.path.to_owned();
        let message = e.message().lines().next().unwrap_or_default().to_owned();
        let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        let known = quoted.get(1..).unwrap_or_default();
        if message.starts_with("unknown field")
            && let Some(&typed) = quoted.first()
        {
            return self.unknown(line, typed.to_owned(), typed, known.iter().copied(), "");
        }
        let expected = if message.starts_with("unknown variant") && !known.is_empty() {
            let words: Vec<String> = known.iter().map(|k| format!("\"{k}\"")).collect();
            Some(words.join(", "))
        } else {
            message
                .split_once(", expected ")
                .filter(|_| message.starts_with("invalid"))
                .map(|(_, expected)| expected.to_owned())
        };
        match expected {
            Some(expected) => ConfigError::BadValue {
                path,
                line,
                key: key.to_owned(),
                value: value.to_owned(),
                expected: Expected::Words(expected),
            },
            None => ConfigError::Syntax {
                path,
                line,
                message,
            },
        }
    }
}

/// Whether a zone is known: `Asia/Tokyo`, `UTC`, `+09:00`.
fn is_zone(name: &str) -> bool {
    let digits = |t: &str| {
        let bare: String = t.chars().filter(|c| *c != ':').collect();
        matches!(bare.len(), 1..=4) && bare.bytes().all(|b| b.is_ascii_digit())
    };
    match name.strip_prefix(['+', '-']) {
        Some(offset) => digits(offset),
        None => name.parse::<chrono_tz::Tz>().is_ok(),
    }
}

/// Whether a format holds nothing but marks that are known, and those of a whole date.
fn is_date_format(format: &str) -> bool {
    let mut marks = chrono::format::StrftimeItems::new(format);
    let known = !marks.any(|item| matches!(item, chrono::format::Item::Error));
    let has = |marks: &[&str]| marks.iter().any(|m| format.contains(m));
    let whole = has(&["%F", "%D", "%x", "%c", "%s", "%j", "%+"])
        || (has(&["%Y", "%y"]) && has(&["%m", "%b", "%B", "%h"]) && has(&["%d", "%e", "%-d"]));
    known && whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(text: &str) -> String {
        parse(text, Path::new("restock.toml"))
            .expect_err(text)
            .to_string()
    }

    #[test]
    fn unknown_keys_name_the_nearest_known_one_and_the_line() {
        for (text, line, key, nearest) in [
            (
                "[policy]\n\nservce_level = 0.9\n",
                3,
                "servce_level",
                "service_level",
            ),
            ("[input]\ngrains = \"day\"\n", 2, "grains", "grain"),
            ("[polcy]\nreview_days = 7\n", 1, "polcy", "policy"),
            (
                "\n[columns.sale]\ndate = \"d\"\n",
                2,
                "columns.sale",
                "columns.sales",
            ),
            (
                "[columns.sales]\nunit = \"qty\"\n",
                2,
                "columns.sales.unit",
                "units",
            ),
        ] {
            let message = failure(text);
            assert!(message.contains(&format!("line {line}")), "{message}");
            assert!(message.contains(&format!("`{key}`")), "{message}");
            assert!(message.contains(&format!("`{nearest}`")), "{message}");
        }
    }

    #[test]
    fn values_out_of_range_name_key_value_and_expectation() {
        for (text, key, value, expected) in [
            (
                "[policy]\nservice_level = 95\n",
                "policy.service_level",
                "95",
                "below 1",
            ),
            (
                "[policy]\nservice_level = 1.0\n",
                "policy.service_level",
                "1.0",
                "below 1",
            ),
            (
                "[policy]\nservice_level = nan\n",
                "policy.service_level",
                "nan",
                "below 1",
            ),
            (
                "[policy]\nlead_time_days = -1\n",
                "policy.lead_time_days",
                "-1",
                "days",
            ),
            (
                "[policy]\nreview_days = 0\n",
                "policy.review_days",
                "0",
                "whole days",
            ),
            (
                "[policy]\nreview_days = 1.5\n",
                "policy.review_days",
                "1.5",
                "whole days",
            ),
            (
                "[backorders]\nmax_wait_days = -3\n",
                "backorders.max_wait_days",
                "-3",
                "whole days",
            ),
            (
                "[policy]\nservice_level = \"high\"\n",
                "policy.service_level",
                "\"high\"",
                "below 1",
            ),
            (
                "[policy]\nservice_measure = \"fil\"\n",
                "service_measure",
                "\"fil\"",
                "\"fill\"",
            ),
            (
                "[input]\nencoding = \"sjis\"\n",
                "encoding",
                "\"sjis\"",
                "\"cp932\"",
            ),
        ] {
            let message = failure(text);
            for part in [key, value, expected, "line 2"] {
                assert!(message.contains(part), "{part} in {message}");
            }
        }
    }

    #[test]
    fn all_mistakes_are_told_together() {
        let message = failure(
            "[policy]\nservice_level = 1.5\nservice_measure = \"text\"\nservce = 1\nreview_days = \"x\"\n\
             [input]\ngrain = \"month\"\n[report]\ncurrency = \"\"\n[columns.sales]\nunit = \"q\"\n",
        );
        let lines: Vec<&str> = message
            .lines()
            .filter(|l| l.starts_with("restock.toml, line"))
            .collect();
        assert_eq!(lines.len(), 7, "{message}");
        for (line, (number, key)) in lines.iter().zip([
            (2, "service_level"),
            (3, "service_measure"),
            (4, "servce"),
            (5, "review_days"),
            (7, "grain"),
            (9, "report.currency"),
            (11, "columns.sales.unit"),
        ]) {
            assert!(line.contains(&format!("line {number}: `")), "{line}");
            assert!(line.contains(key), "{line}");
        }
        assert!(!failure("zzzz = 1\n").contains("nearest"));
    }

    #[test]
    fn mistakes_in_sources_name_key_line_and_what_is_known() {
        let block = "[[source]]\nfiles = \"a.csv\"\n";
        for (text, parts) in [
            ("tabel = \"sales\"\n", ["line 3", "`tabel`", "`table`"]),
            (
                "table = \"sale\"\n",
                ["line 3", "`source.table`", "`sales`"],
            ),
            (
                "time_zone = \"Tokyo\"\n",
                ["line 3", "\"Tokyo\"", "Asia/Tokyo"],
            ),
            (
                "date_order = \"ydm\"\n",
                ["line 3", "date_order", "\"ymd\""],
            ),
            (
                "date_format = \"%d\"\n",
                ["line 3", "date_format", "%d.%m.%Y"],
            ),
            (
                "table = \"sales\"\n[source.columns]\nunit = \"Qty\"\n",
                ["line 5", "`source.columns.unit`", "`units`"],
            ),
        ] {
            let message = failure(&format!("{block}{text}"));
            for part in parts {
                assert!(message.contains(part), "{part} in {message}");
            }
        }
        let whole = "table = \"sales\"\nchannel = \"web\"\n[source.columns]\ndate = \"Day\"\n[source.drop]\nStatus = [\"@cancelled\"]\n[source.values.channel]\nA = \"b\"\n[[source]]\nfiles = [\"b\", \"c\"]\nformat = \"shopify-orders\"\n";
        let config = parse(&format!("{block}{whole}"), Path::new("x")).expect("two blocks");
        assert_eq!(config.source.len(), 2);
        assert_eq!(config.source[0].columns["date"], "Day");
        assert!(failure("[input]\ntime_zone = \"Mars\"\n").contains("input.time_zone"));
        for odds in ["0.0", "1.0", "-0.2", "20"] {
            assert!(failure(&format!("[input]\nout_odds = {odds}\n")).contains("out_odds"));
        }
    }

    #[test]
    fn broken_toml_names_its_line() {
        assert!(failure("[policy]\nservice_level == 3\n").contains("line 2"));
    }

    #[test]
    fn nothing_is_the_default() {
        assert_eq!(parse("", Path::new("x")).expect("empty"), Config::default());
    }
}
