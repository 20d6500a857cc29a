//! Reading `restock.toml`: every mistake names its key, its line and what was expected.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::columns::{TABLES, nearest};
use super::limits::RULES;
use super::{Config, ReportConfig};
use crate::text::{Lang, text};

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
        /// Key of a text, or the words of the TOML reader.
        expected: String,
    },
    /// More than one mistake, by line.
    #[error("{}", self.render(Lang::En))]
    Several(Vec<ConfigError>),
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
                let all: Vec<String> = errors.iter().map(|e| e.render(lang)).collect();
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
                    // A text without a key shows itself.
                    ("expected", &text(lang, expected, &[])),
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
    let file = File { text, path };
    let tree = DeTable::parse(text).map_err(|e| file.error(&e))?;
    let mut errors = file.check_ranges(tree.get_ref());
    if let Some(config) = file.understood(&mut errors) {
        errors.extend(file.check_columns(&config, tree.get_ref()).err());
        errors.extend(file.check_report(&config.report, tree.get_ref()).err());
        if errors.is_empty() {
            return Ok(config);
        }
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
}

impl File<'_> {
    fn line(&self, span: Range<usize>) -> usize {
        1 + self
            .text
            .bytes()
            .take(span.start)
            .filter(|&b| b == b'\n')
            .count()
    }

    fn at(&self, span: Range<usize>) -> String {
        self.text.get(span).unwrap_or_default().trim().to_owned()
    }

    /// The configuration without the lines that cannot be understood; their mistakes go to `errors`, one a line. The
    /// reader stops at its first mistake, so each line is blanked and the rest read again. None where a mistake is
    /// not of one line, such as a section's name.
    fn understood(&self, errors: &mut Vec<ConfigError>) -> Option<Config> {
        let mut text = self.text.to_owned();
        loop {
            let e = match toml::from_str(&text) {
                Ok(config) => return Some(config),
                Err(e) => e,
            };
            let error = self.error(&e);
            let known = errors.iter().any(|other| other.line() == error.line());
            let span = e.span().unwrap_or(0..0);
            let start = text.get(..span.start)?.rfind('\n').map_or(0, |at| at + 1);
            let end = text
                .get(span.end..)?
                .find('\n')
                .map_or(text.len(), |at| span.end + at);
            let line = text.get(start..end)?;
            let blank: String = line
                .bytes()
                .map(|b| if b == b'\n' { '\n' } else { ' ' })
                .collect();
            // What follows from a blanked line is no mistake of its own.
            let syntax = matches!(error, ConfigError::Syntax { .. }) && !errors.is_empty();
            let whole = line.trim_start().starts_with('[') || line == blank || syntax;
            if !known && !syntax {
                errors.push(error);
            }
            if whole {
                return None;
            }
            text.replace_range(start..end, &blank);
        }
    }

    fn check_ranges(&self, tree: &DeTable<'_>) -> Vec<ConfigError> {
        let mut errors = Vec::new();
        for rule in RULES {
            let Some(value) = tree
                .get(rule.section)
                .and_then(|s| s.get_ref().get(rule.key))
            else {
                continue;
            };
            let number = match value.get_ref() {
                DeValue::Integer(i) => i.to_string().replace('_', "").parse::<f64>().ok(),
                DeValue::Float(f) => f.to_string().replace('_', "").parse::<f64>().ok(),
                _ => None,
            };
            if !number.is_some_and(rule.holds) {
                errors.push(ConfigError::BadValue {
                    path: self.path.to_owned(),
                    line: self.line(value.span()),
                    key: format!("{}.{}", rule.section, rule.key),
                    value: self.at(value.span()),
                    expected: rule.expected.to_owned(),
                });
            }
        }
        errors
    }

    /// `[columns.TABLE]` names tables and columns of the contract.
    fn check_columns(&self, config: &Config, tree: &DeTable<'_>) -> Result<(), ConfigError> {
        let sections = tree.get("columns").and_then(|c| c.get_ref().as_table());
        for (table, columns) in &config.columns {
            let span = sections.and_then(|s| {
                s.iter()
                    .find(|(k, _)| k.get_ref() == table)
                    .map(|(k, v)| (k.span(), v))
            });
            let line = span.as_ref().map_or(1, |(s, _)| self.line(s.clone()));
            let Some(known) = TABLES.iter().find(|t| t.table == table) else {
                return Err(self.unknown(
                    line,
                    format!("columns.{table}"),
                    table,
                    TABLES.iter().map(|t| t.table),
                    "columns.",
                ));
            };
            for (column, header) in columns {
                let at = span
                    .as_ref()
                    .and_then(|(_, v)| v.get_ref().as_table())
                    .and_then(|t| t.iter().find(|(k, _)| k.get_ref() == column))
                    .map_or(line, |(k, _)| self.line(k.span()));
                if !known.columns.contains(&column.as_str()) {
                    return Err(self.unknown(
                        at,
                        format!("columns.{table}.{column}"),
                        column,
                        known.columns.iter().copied(),
                        "",
                    ));
                }
                if header.trim().trim_start_matches('=').trim().is_empty() {
                    return Err(ConfigError::BadValue {
                        path: self.path.to_owned(),
                        line: at,
                        key: format!("columns.{table}.{column}"),
                        value: format!("\"{header}\""),
                        expected: "finding.expect_header".to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    fn check_report(&self, report: &ReportConfig, tree: &DeTable<'_>) -> Result<(), ConfigError> {
        let code = &report.currency;
        if !code.is_empty() && code.len() <= 8 && !code.chars().any(char::is_control) {
            return Ok(());
        }
        let span = tree
            .get("report")
            .and_then(|r| r.get_ref().get("currency"))
            .map(toml::Spanned::span);
        Err(ConfigError::BadValue {
            path: self.path.to_owned(),
            line: span.map_or(1, |s| self.line(s)),
            key: "report.currency".to_owned(),
            value: format!("{code:?}"),
            expected: "finding.expect_currency".to_owned(),
        })
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

    /// Turns a message of the parser into ours: unknown keys and words with the nearest known one.
    fn error(&self, e: &toml::de::Error) -> ConfigError {
        let span = e.span().unwrap_or(0..0);
        let line = self.line(span.clone());
        let path = self.path.to_owned();
        let message = e.message().lines().next().unwrap_or_default().to_owned();
        let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        let known = quoted.get(1..).unwrap_or_default().to_vec();
        if message.starts_with("unknown field")
            && let Some(&typed) = quoted.first()
        {
            return ConfigError::UnknownKey {
                path,
                line,
                key: typed.to_owned(),
                nearest: nearest(typed, known.iter().copied())
                    .unwrap_or_default()
                    .to_owned(),
                known: known.iter().map(|k| (*k).to_owned()).collect(),
            };
        }
        let key = self.key_of_line(line);
        if message.starts_with("unknown variant") && !known.is_empty() {
            return ConfigError::BadValue {
                path,
                line,
                key,
                value: self.at(span),
                expected: known
                    .iter()
                    .map(|k| format!("\"{k}\""))
                    .collect::<Vec<_>>()
                    .join(", "),
            };
        }
        if let Some((_, expected)) = message.split_once(", expected ")
            && message.starts_with("invalid")
        {
            return ConfigError::BadValue {
                path,
                line,
                key,
                value: self.at(span),
                expected: expected.to_owned(),
            };
        }
        ConfigError::Syntax {
            path,
            line,
            message,
        }
    }

    /// The key before `=` on a line.
    fn key_of_line(&self, line: usize) -> String {
        let text = self.text.lines().nth(line - 1).unwrap_or_default();
        text.split_once('=')
            .map_or(text, |(key, _)| key)
            .trim()
            .to_owned()
    }
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
    fn broken_toml_names_its_line() {
        assert!(failure("[policy]\nservice_level == 3\n").contains("line 2"));
    }

    #[test]
    fn nothing_is_the_default() {
        assert_eq!(parse("", Path::new("x")).expect("empty"), Config::default());
    }
}
