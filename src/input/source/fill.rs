//! What fills a column: headers as a block or a preset writes them, found in a file's header line.

use std::borrow::Cow;

use super::sheet::Sheet;
use crate::input::cell::word_form;

/// The form in which headers are compared when none is equal to the letter: case, width, blanks, hyphens and marks of required cells (`*`) say nothing.
pub(super) fn header_form(header: &str) -> String {
    let form = word_form(header);
    let bare = form.trim_matches(|c: char| c == '*' || c == '_' || c == ':' || c == '\u{feff}');
    bare.to_owned()
}

/// The headers of a file and the columns of it that are kept.
#[derive(Debug, Default)]
pub(super) struct Headers {
    pub found: Vec<String>,
    forms: Vec<String>,
    wanted: Vec<usize>,
}

impl Headers {
    pub(super) fn new(found: Vec<String>) -> Self {
        let forms = found.iter().map(|h| header_form(h)).collect();
        Self {
            found,
            forms,
            wanted: Vec::new(),
        }
    }

    /// Where a header stands: equal to the letter before equal in form, the first of several.
    fn position(&self, header: &str) -> Option<usize> {
        let exact = self.found.iter().position(|h| h == header);
        exact.or_else(|| {
            let form = header_form(header);
            self.forms.iter().position(|f| *f == form)
        })
    }

    /// Whether one of the alternatives is there.
    pub(super) fn has(&self, alternatives: &str) -> bool {
        alternatives_of(alternatives).any(|header| self.position(header).is_some())
            || self.position(alternatives).is_some()
    }

    /// Keeps a column; its place among the kept.
    fn keep(&mut self, at: usize) -> usize {
        match self.wanted.iter().position(|&k| k == at) {
            Some(kept) => kept,
            None => {
                self.wanted.push(at);
                self.wanted.len() - 1
            }
        }
    }

    /// The first of the alternatives that is there, kept.
    pub(super) fn column(&mut self, alternatives: &str) -> Option<Column> {
        let whole = self.position(alternatives);
        let at = whole.or_else(|| alternatives_of(alternatives).find_map(|h| self.position(h)))?;
        Some(Column {
            kept: self.keep(at),
            header: self.found[at].clone(),
        })
    }

    /// All that an expression names of what is there, in its order; none where nothing is.
    pub(super) fn fill(&mut self, expression: &str) -> Option<Fill> {
        if let Some(at) = self.position(expression) {
            let kept = self.keep(at);
            return Some(Fill::of(Part::Cell(kept), &self.found[at]));
        }
        let mut fill = Fill::default();
        for alternative in alternatives_of(expression) {
            if let Some(value) = alternative.strip_prefix('=') {
                fill.parts.push(Part::Constant(value.trim().to_owned()));
                continue;
            }
            if let Some(at) = self.position(alternative) {
                fill.parts.push(Part::Cell(self.keep(at)));
                fill.header.get_or_insert_with(|| self.found[at].clone());
                continue;
            }
            let joined: Option<Vec<usize>> = alternative
                .contains(" + ")
                .then(|| {
                    let parts = alternative.split(" + ");
                    parts.map(|h| self.position(h.trim())).collect()
                })
                .flatten();
            if let Some(joined) = joined {
                let kept = joined.into_iter().map(|at| self.keep(at)).collect();
                fill.parts.push(Part::Joined(kept));
                fill.header.get_or_insert_with(|| alternative.to_owned());
            }
        }
        (!fill.parts.is_empty()).then_some(fill)
    }

    /// Positions in the file of the kept columns.
    pub(super) fn wanted(&self) -> &[usize] {
        &self.wanted
    }
}

/// `a | b` names two headers.
pub(super) fn alternatives_of(expression: &str) -> impl Iterator<Item = &str> {
    expression.split(" | ").map(str::trim)
}

/// A kept column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub kept: usize,
    pub header: String,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Cell(usize),
    Joined(Vec<usize>),
    Constant(String),
}

/// What fills a column of the contract: the first part that has a value.
#[derive(Clone, Debug, Default)]
pub(super) struct Fill {
    parts: Vec<Part>,
    /// As messages name it; none of a constant.
    pub header: Option<String>,
}

impl Fill {
    fn of(part: Part, header: &str) -> Self {
        Self {
            parts: vec![part],
            header: Some(header.to_owned()),
        }
    }

    pub(super) fn constant(value: &str) -> Self {
        Self {
            parts: vec![Part::Constant(value.to_owned())],
            header: None,
        }
    }

    /// The value of a row; empty where no part has one.
    pub(super) fn value<'s>(&'s self, sheet: &'s Sheet, row: usize) -> Cow<'s, str> {
        for part in &self.parts {
            match part {
                Part::Cell(kept) => {
                    let cell = sheet.cell(row, *kept);
                    if !cell.is_empty() {
                        return Cow::Borrowed(cell);
                    }
                }
                Part::Constant(value) => return Cow::Borrowed(value),
                Part::Joined(kept) => {
                    let cells = kept.iter().map(|k| sheet.cell(row, *k));
                    let cells: Vec<&str> = cells.filter(|c| !c.is_empty()).collect();
                    if !cells.is_empty() {
                        return Cow::Owned(cells.join("-"));
                    }
                }
            }
        }
        Cow::Borrowed("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_in_any_order_and_by_alternatives() {
        let mut headers = Headers::new(
            ["Qty*", "作成日", "SKU", "Colour"]
                .map(str::to_owned)
                .to_vec(),
        );
        assert!(headers.has("Created at | 作成日"));
        assert!(!headers.has("Created at"));
        assert_eq!(headers.column("qty").map(|c| c.header), Some("Qty*".into()));
        let fill = headers
            .fill("Missing | SKU + Colour | =none")
            .expect("fill");
        assert_eq!(fill.parts.len(), 2);
        assert_eq!(headers.wanted(), [0, 2, 3]);
    }
}
