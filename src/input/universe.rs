//! The names that the tables use: sorted lists, and each table's own codes as positions in them.

use std::collections::BTreeSet;
use std::sync::Arc;

use polars::prelude::PlHashMap;

use super::raw::NO_CODE;

/// How often each code of a column is used, and where first.
#[derive(Debug, Default)]
pub(super) struct Usage {
    pub count: Vec<u64>,
    pub first: Vec<usize>,
}

impl Usage {
    /// Counts the codes of the rows for which `keep` holds.
    pub(super) fn of(codes: &[u32], names: usize, keep: impl Fn(usize) -> bool) -> Self {
        let mut usage = Self {
            count: vec![0; names],
            first: vec![usize::MAX; names],
        };
        for (row, &code) in codes.iter().enumerate() {
            if code != NO_CODE && keep(row) {
                let code = code as usize;
                if usage.count[code] == 0 {
                    usage.first[code] = row;
                }
                usage.count[code] += 1;
            }
        }
        usage
    }

    /// The names in use.
    pub(super) fn used<'n>(&self, names: &'n [Arc<str>]) -> impl Iterator<Item = &'n str> {
        names
            .iter()
            .zip(self.count.iter().map(|&c| c > 0).collect::<Vec<_>>())
            .filter(|(_, used)| *used)
            .map(|(name, _)| &**name)
    }
}

/// A sorted list of names, and their positions.
#[derive(Debug, Default)]
pub(super) struct Universe {
    pub names: Vec<Arc<str>>,
    positions: PlHashMap<Arc<str>, u32>,
}

impl Universe {
    pub(super) fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let sorted: BTreeSet<&str> = names.into_iter().collect();
        let names: Vec<Arc<str>> = sorted.into_iter().map(Arc::from).collect();
        let positions = names
            .iter()
            .zip(0u32..)
            .map(|(name, k)| (name.clone(), k))
            .collect();
        Self { names, positions }
    }

    /// Position of a name.
    pub(super) fn position(&self, name: &str) -> Option<u32> {
        self.positions.get(name).copied()
    }

    /// Positions of a column's own names.
    pub(super) fn translation(&self, names: &[Arc<str>]) -> Vec<u32> {
        names
            .iter()
            .map(|name| self.position(name).unwrap_or(NO_CODE))
            .collect()
    }
}
