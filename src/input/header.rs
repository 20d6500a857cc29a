//! Header lines: which of a file's columns fill the contract's, by `[columns.TABLE]` or by name.

use std::collections::BTreeMap;

use super::error::InputError;
use super::missing::{MissingColumns, SAYS_STOCK};
use super::schema::TableSpec;

/// What fills a column of the contract.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    /// A column of the file.
    Field(usize),
    /// Several columns, joined by `-` to one code.
    Joined(Vec<usize>),
    /// One value for every row.
    Constant(String),
}

/// How a file's columns fill the table's.
#[derive(Debug)]
pub(super) struct Plan {
    /// One per column of the contract.
    pub sources: Vec<Option<Source>>,
    /// The user's header per column of the contract.
    pub headers: Vec<Option<String>>,
    /// Headers that nothing reads.
    pub unknown: Vec<String>,
}

/// Finds the file's column for each of the table's.
///
/// # Errors
/// Required or mapped columns that the header lacks, all of them together, or one that it has twice.
pub(super) fn plan(
    spec: &TableSpec,
    mapping: Option<&BTreeMap<String, String>>,
    found: &[String],
    file: &str,
) -> Result<Plan, InputError> {
    let mut sources = Vec::with_capacity(spec.columns.len());
    let mut headers = Vec::with_capacity(spec.columns.len());
    let mut used = vec![false; found.len()];
    let mut missing = Vec::new();
    for column in spec.columns {
        let mapped = mapping.and_then(|m| m.get(column.name)).map(|h| h.trim());
        let source = match mapped {
            Some(value) if value.starts_with('=') => {
                Some(Source::Constant(value[1..].trim().to_owned()))
            }
            Some(header) => match position(found, header, spec, file)? {
                Some(at) => Some(Source::Field(at)),
                None => joined(found, header, spec, file)?,
            },
            None => position(found, column.name, spec, file)?.map(Source::Field),
        };
        if source.is_none() && (column.required || mapped.is_some()) {
            let sought = mapped.unwrap_or(column.name);
            missing.push((column.name, sought.to_owned()));
        }
        headers.push(match &source {
            Some(Source::Field(at)) => {
                used[*at] = true;
                Some(found[*at].clone())
            }
            Some(Source::Joined(parts)) => {
                for &at in parts {
                    used[at] = true;
                }
                mapped.map(str::to_owned)
            }
            _ => None,
        });
        sources.push(source);
    }
    let unknown: Vec<String> = found
        .iter()
        .zip(&used)
        .filter(|(header, used)| !**used && !header.is_empty())
        .map(|(header, _)| header.clone())
        .collect();
    if !missing.is_empty() {
        let says_stock = |name: &&str| sources.get(spec.at(name)).is_some_and(Option::is_some);
        return Err(InputError::ColumnsMissing(vec![MissingColumns {
            files: vec![file.to_owned()],
            table: spec.name,
            columns: missing,
            silent: spec.name == "stock" && !SAYS_STOCK.iter().any(says_stock),
            found: found.to_vec(),
            unread: unknown,
        }]));
    }
    Ok(Plan {
        sources,
        headers,
        unknown,
    })
}

/// The form in which headers are compared when none is equal to the letter.
fn loose(header: &str) -> String {
    super::cell::word_form(header)
}

fn position(
    found: &[String],
    header: &str,
    spec: &TableSpec,
    file: &str,
) -> Result<Option<usize>, InputError> {
    let exact: Vec<usize> = (0..found.len()).filter(|&k| found[k] == header).collect();
    let hits = if exact.is_empty() {
        let wanted = loose(header);
        (0..found.len())
            .filter(|&k| loose(&found[k]) == wanted)
            .collect()
    } else {
        exact
    };
    match hits[..] {
        [] => Ok(None),
        [at] => Ok(Some(at)),
        _ => Err(InputError::ColumnTwice {
            file: file.to_owned(),
            table: spec.name,
            header: header.to_owned(),
        }),
    }
}

fn joined(
    found: &[String],
    header: &str,
    spec: &TableSpec,
    file: &str,
) -> Result<Option<Source>, InputError> {
    if !header.contains(" + ") {
        return Ok(None);
    }
    let mut parts = Vec::new();
    for part in header.split(" + ") {
        match position(found, part.trim(), spec, file)? {
            Some(at) => parts.push(at),
            None => return Ok(None),
        }
    }
    Ok(Some(Source::Joined(parts)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::schema::SALES;

    fn headers(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn columns_are_found_by_mapping_by_name_and_by_constant() {
        let mapping: BTreeMap<String, String> = [
            ("date", "注文日"),
            ("sku", "商品管理番号 + SKU管理番号"),
            ("channel", "=rakuten"),
            ("units", "個数"),
        ]
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .into();
        let found = headers(&[
            "注文番号",
            "注文日",
            "商品管理番号",
            "SKU管理番号",
            "個数",
            "Price",
        ]);
        let plan = plan(&SALES, Some(&mapping), &found, "sales.csv").expect("plan");
        assert_eq!(plan.sources[0], Some(Source::Field(1)));
        assert_eq!(plan.sources[1], Some(Source::Joined(vec![2, 3])));
        assert_eq!(plan.sources[2], Some(Source::Constant("rakuten".into())));
        assert_eq!(
            plan.sources[4],
            Some(Source::Field(5)),
            "price, whatever the case"
        );
        assert_eq!(plan.unknown, ["注文番号"]);
    }

    #[test]
    fn a_missing_column_names_what_was_found_and_the_nearest() {
        let found = headers(&["date", "sku", "chanel", "units"]);
        let message = plan(&SALES, None, &found, "sales.csv")
            .expect_err("no channel")
            .to_string();
        for part in [
            "sales.csv",
            "`channel`",
            "`chanel`",
            "[columns.sales]",
            "date, sku",
        ] {
            assert!(message.contains(part), "{part} in {message}");
        }
    }

    #[test]
    fn all_missing_columns_of_a_file_are_told_at_once() {
        let found = headers(&["Day", "SKU", "Channel", "Qty"]);
        let message = plan(&SALES, None, &found, "sales.csv")
            .expect_err("no date, no units")
            .to_string();
        for part in ["2 columns", "date = \"Day\"", "units = \"Qty\""] {
            assert!(message.contains(part), "{part} in {message}");
        }
        assert!(!message.contains("sku ="), "{message}");
    }

    #[test]
    fn a_column_found_twice_is_an_error() {
        let found = headers(&["date", "sku", "channel", "units", "units"]);
        let message = plan(&SALES, None, &found, "f")
            .expect_err("twice")
            .to_string();
        assert!(message.contains("`units`"), "{message}");
    }
}
