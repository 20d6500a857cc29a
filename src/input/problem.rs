//! Rows that stop the run, gathered per file, column and kind: a count and the first ten.

use crate::domain::{Finding, Place, Severity};

/// Examples shown per group.
const SHOWN: usize = 10;

/// Why a cell or a row cannot be used; `code` is the key of its text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    pub code: &'static str,
    pub figures: Vec<(&'static str, String)>,
}

impl Fault {
    pub(super) fn new(code: &'static str) -> Self {
        Self {
            code,
            figures: Vec::new(),
        }
    }

    pub(super) fn figure(mut self, name: &'static str, value: impl ToString) -> Self {
        self.figures.push((name, value.to_string()));
        self
    }
}

#[derive(Debug)]
struct Group {
    file: String,
    column: Option<String>,
    fault: Fault,
    count: u64,
    first: Vec<(u64, String)>,
}

/// The gathered problems of one or many files.
#[derive(Debug, Default)]
pub(super) struct Problems {
    groups: Vec<Group>,
    /// What was noticed beside them.
    notes: Vec<Finding>,
}

impl Problems {
    /// Notes one bad row. `value` is what was typed.
    pub(super) fn add(
        &mut self,
        file: &str,
        line: u64,
        column: Option<&str>,
        value: &str,
        fault: Fault,
    ) {
        let group = self.groups.iter_mut().find(|g| {
            g.fault.code == fault.code && g.column.as_deref() == column && g.file == file
        });
        let group = match group {
            Some(group) => group,
            None => {
                self.groups.push(Group {
                    file: file.to_owned(),
                    column: column.map(str::to_owned),
                    fault,
                    count: 0,
                    first: Vec::new(),
                });
                match self.groups.last_mut() {
                    Some(group) => group,
                    None => return,
                }
            }
        };
        group.count += 1;
        if group.first.len() < SHOWN {
            group.first.push((line, shortened(value)));
        }
    }

    /// Notes what is no problem.
    pub(super) fn note(&mut self, note: Finding) {
        self.notes.push(note);
    }

    /// What was noted.
    pub(super) fn take_notes(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.notes)
    }

    /// Adds what a later part of the input found.
    pub(super) fn append(&mut self, later: Self) {
        self.notes.extend(later.notes);
        for theirs in later.groups {
            let same = self.groups.iter_mut().find(|g| {
                g.fault.code == theirs.fault.code
                    && g.column == theirs.column
                    && g.file == theirs.file
            });
            match same {
                Some(group) => {
                    group.count += theirs.count;
                    let room = SHOWN.saturating_sub(group.first.len());
                    group.first.extend(theirs.first.into_iter().take(room));
                }
                None => self.groups.push(theirs),
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// One finding per group, in the order of file, line, column.
    pub(super) fn into_findings(mut self) -> Vec<Finding> {
        self.groups.sort_by(|a, b| {
            let key = |g: &Group| g.first.first().map(|(line, _)| *line);
            (&a.file, key(a), &a.column, a.fault.code).cmp(&(
                &b.file,
                key(b),
                &b.column,
                b.fault.code,
            ))
        });
        self.groups.into_iter().map(Group::into_finding).collect()
    }
}

impl Group {
    fn into_finding(self) -> Finding {
        let (line, value) = self.first.first().cloned().unwrap_or_default();
        let examples: Vec<String> = self
            .first
            .iter()
            .map(|(line, value)| {
                if value.is_empty() {
                    line.to_string()
                } else {
                    format!("{line} \"{value}\"")
                }
            })
            .collect();
        let mut finding = Finding::new(Severity::Error, self.fault.code)
            .place(Place {
                file: Some(self.file),
                line: Some(line),
                column: self.column,
                value: Some(value.clone()),
            })
            .count(self.count)
            .figure("value", value)
            .figure("lines", examples.join(", "));
        finding.figures.extend(self.fault.figures);
        finding
    }
}

/// At most 60 characters of a value, on one line.
pub(super) fn shortened(value: &str) -> String {
    let mut out: String = value
        .chars()
        .take(60)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if value.chars().nth(60).is_some() {
        out.push('…');
    }
    out
}
