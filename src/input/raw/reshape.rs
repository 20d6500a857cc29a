//! Rows that become rows of other names.

use super::{Builder, Cells, NO_CODE, Names, RawTable};

/// Columns that count units, by table or not: a row of a pack counts them in packs.
const UNITS: [&str; 8] = [
    "units",
    "returned_units",
    "shipped_units",
    "cancelled_units",
    "received_units",
    "on_hand",
    "moq",
    "order_multiple",
];
/// Columns with the money of one unit.
const MONEY: [&str; 2] = ["price", "unit_cost"];

/// What a row under one name becomes: a row of another.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::input) struct Becomes {
    pub name: String,
    /// Units of it in one unit of the row.
    pub units: f64,
    /// Money of one of its units, as a share of that of one unit of the row.
    pub money: f64,
}

impl RawTable {
    /// The codes of a column and their names, to be changed.
    fn codes_mut(&mut self, name: &str) -> Option<(&mut Vec<u32>, &mut Names)> {
        let at = self.spec.at(name);
        match self.columns.get_mut(at).and_then(Option::as_mut) {
            Some(Builder {
                cells: Cells::Code(codes, names),
                ..
            }) => Some((codes, names)),
            _ => None,
        }
    }

    /// A column of words, to be changed.
    pub(in crate::input) fn words_mut(&mut self, name: &str) -> Option<&mut [u8]> {
        let at = self.spec.at(name);
        match self.columns.get_mut(at).and_then(Option::as_mut) {
            Some(Builder {
                cells: Cells::Word(words),
                ..
            }) => Some(words),
            _ => None,
        }
    }

    /// Gives the names of a column others, whatever the row.
    pub(in crate::input) fn rename_all(
        &mut self,
        column: &str,
        to: impl Fn(&str) -> Option<String>,
    ) {
        let Some((codes, names)) = self.codes_mut(column) else {
            return;
        };
        let known: Vec<Option<String>> = names.texts().iter().map(|name| to(name)).collect();
        let renamed: Vec<u32> = known
            .into_iter()
            .zip(0u32..)
            .map(|(to, old)| to.map_or(old, |to| names.intern(&to)))
            .collect();
        for code in codes.iter_mut().filter(|code| **code != NO_CODE) {
            *code = renamed[*code as usize];
        }
    }

    /// Makes each row so many; 0 leaves it out.
    fn repeat(&mut self, times: &[u32]) {
        if times.iter().all(|&n| n == 1) {
            return;
        }
        let mut new_at = Vec::with_capacity(times.len() + 1);
        let mut rows: Vec<u32> = Vec::with_capacity(times.len());
        for (row, &n) in times.iter().enumerate() {
            new_at.push(rows.len());
            rows.extend(std::iter::repeat_n(row as u32, n as usize));
        }
        new_at.push(rows.len());
        for part in &mut self.parts {
            part.first_row = new_at.get(part.first_row).copied().unwrap_or(rows.len());
        }
        gather(&mut self.lines, &rows);
        if !self.prints.is_empty() {
            self.prints.resize(times.len(), 0);
            gather(&mut self.prints, &rows);
        }
        for builder in self.columns.iter_mut().flatten() {
            match &mut builder.cells {
                Cells::Day(v) => gather(v, &rows),
                Cells::Number(v) => gather(v, &rows),
                Cells::Code(v, _) => gather(v, &rows),
                Cells::Word(v) => gather(v, &rows),
            }
            if let Some((row, _)) = &mut builder.exponents.first {
                *row = new_at[*row];
            }
        }
    }

    /// Makes rows into those that `rules` say; `of` gives the rule of a row. Returns, per row that there is now, the name that it had, where it has
    /// another now; empty where no row has.
    pub(in crate::input) fn rewrite(
        &mut self,
        rules: &[Vec<Becomes>],
        of: impl Fn(&Self, usize) -> Option<usize>,
    ) -> Vec<u32> {
        let rule: Vec<Option<usize>> = (0..self.rows()).map(|row| of(self, row)).collect();
        if rule.iter().all(Option::is_none) {
            return Vec::new();
        }
        let times: Vec<u32> = rule
            .iter()
            .map(|rule| rule.map_or(1, |k| rules[k].len() as u32))
            .collect();
        self.repeat(&times);
        let Some((codes, names)) = self.codes_mut("sku") else {
            return Vec::new();
        };
        let named: Vec<Vec<u32>> = rules
            .iter()
            .map(|all| all.iter().map(|b| names.intern(&b.name)).collect())
            .collect();
        let rows = codes.len();
        let (mut was, mut units, mut money) =
            (vec![NO_CODE; rows], vec![1.0; rows], vec![1.0; rows]);
        let mut at = 0;
        for rule in rule {
            let Some(k) = rule else {
                at += 1;
                continue;
            };
            for (into, &name) in rules[k].iter().zip(&named[k]) {
                was[at] = codes[at];
                codes[at] = name;
                (units[at], money[at]) = (into.units, into.money);
                at += 1;
            }
        }
        for (columns, factors) in [(&UNITS[..], &units), (&MONEY[..], &money)] {
            for column in columns {
                let numbers = self.numbers_mut(column).into_iter().flatten();
                for (number, factor) in numbers.zip(factors).filter(|(_, f)| **f != 1.0) {
                    // A twelfth of a price is no better known than this.
                    *number = (*number * factor * 1e9).round() / 1e9;
                }
            }
        }
        // Lines of two names are never one that was written twice.
        self.prints.resize(rows, 0);
        for (print, &was) in self.prints.iter_mut().zip(&was) {
            if was != NO_CODE {
                let mixed = *print ^ (u64::from(was) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                *print = mixed.max(1);
            }
        }
        was
    }
}

/// The cells of these rows.
fn gather<T: Copy>(cells: &mut Vec<T>, rows: &[u32]) {
    *cells = rows.iter().map(|&row| cells[row as usize]).collect();
}
