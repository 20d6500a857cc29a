//! Which pool of a SKU supplies which.

use super::Pool;
use super::pool::source_of;
use crate::domain::{LocationId, Tables};

/// The pools of one SKU as trees: positions in the list of pools that it was made of.
#[derive(Clone, Debug)]
pub struct Network {
    /// The pool that supplies each; `None`: a supplier does.
    pub source: Vec<Option<usize>>,
    /// The pools that each supplies.
    pub supplied: Vec<Vec<usize>>,
    /// Every pool after all that it supplies.
    pub upwards: Vec<usize>,
}

impl Network {
    /// The network of pools of one SKU.
    pub fn new(tables: &Tables, pools: &[Pool]) -> Self {
        let at = |location: LocationId| pools.iter().position(|p| p.location == location);
        let source: Vec<Option<usize>> = pools
            .iter()
            .map(|p| source_of(tables, p.location).and_then(at))
            .collect();
        let mut supplied = vec![Vec::new(); pools.len()];
        for (child, source) in source.iter().enumerate() {
            if let Some(source) = source {
                supplied[*source].push(child);
            }
        }
        // Loops are refused when the tables are read, so that every way up ends.
        let depth = |mut p: usize| {
            let mut depth = 0;
            while let Some(up) = source[p].filter(|_| depth < pools.len()) {
                p = up;
                depth += 1;
            }
            depth
        };
        let mut upwards: Vec<usize> = (0..pools.len()).collect();
        upwards.sort_by_key(|&p| (std::cmp::Reverse(depth(p)), p));
        Self {
            source,
            supplied,
            upwards,
        }
    }
}
