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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SkuId;

    use crate::domain::Day;
    use crate::panel::small::bare_tables;

    #[test]
    fn every_pool_comes_after_all_that_it_supplies() {
        // 0 is filled by a supplier, fills 1 and 2; 2 fills 3. 4 is on its own.
        let mut tables = bare_tables(1, &[0, 1, 2, 3, 4], Day(20_000));
        for (location, source) in [(1, 0), (2, 0), (3, 2)] {
            tables.location_rows[location].supplied_from = Some(LocationId(source));
        }
        let pool = |location| Pool {
            sku: SkuId(0),
            location,
            members: Vec::new(),
            on_hand: Some(0.0),
            open_orders: Vec::new(),
            open_backorders: Vec::new(),
        };
        let network = Network::new(
            &tables,
            &(0..5).map(LocationId).map(pool).collect::<Vec<_>>(),
        );
        assert_eq!(network.source, [None, Some(0), Some(0), Some(2), None]);
        assert_eq!(network.supplied[0], [1, 2]);
        assert_eq!(network.supplied[2], [3]);
        assert_eq!(network.upwards, [3, 1, 2, 0, 4]);
        // A source that has no pool of the SKU supplies nothing of it.
        let part = Network::new(&tables, &[pool(LocationId(1)), pool(LocationId(3))]);
        assert_eq!(part.source, [None, None]);
    }
}
