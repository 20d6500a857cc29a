//! One order for rows, whatever order they came in: by two codes and the date, then by what tells equal keys apart.

use rayon::prelude::*;

/// Bits of a date in a key: days from 1970 to 2199 need 17.
const DATE_BITS: u32 = 17;

/// Key of a row: (a, b, date) as one number that sorts like the triple. `width` is the number of `b` codes.
pub(super) fn key(a: u32, b: u32, width: usize, date: i32) -> u64 {
    ((u64::from(a) * width as u64 + u64::from(b)) << DATE_BITS) | u64::from(date.max(0) as u32)
}

/// The key without its date: equal for rows of one series.
pub(super) fn series_of(key: u64) -> u64 {
    key >> DATE_BITS
}

/// Rows in the order of their keys; rows with one key in the order in which they stood. `None`: they are so already.
pub(super) fn by_key(keys: &[u64]) -> Option<Vec<u32>> {
    if keys.is_sorted() {
        return None;
    }
    let mut pairs: Vec<(u64, u32)> = keys.iter().copied().zip(0u32..).collect();
    pairs.par_sort_unstable();
    Some(pairs.into_iter().map(|(_, row)| row).collect())
}

/// A column in another order.
pub(super) fn gather<T: Copy + Send + Sync>(column: &[T], order: &[u32]) -> Vec<T> {
    order.par_iter().map(|&row| column[row as usize]).collect()
}

/// The runs of equal keys: start and end of each.
pub(super) fn runs(keys: &[u64]) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut start = 0;
    std::iter::from_fn(move || {
        let first = keys.get(start)?;
        let end = keys[start..]
            .iter()
            .position(|k| k != first)
            .map_or(keys.len(), |n| start + n);
        let run = (start, end);
        start = end;
        Some(run)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_like_triples_and_come_apart_again() {
        let triples = [
            (0, 0, 0),
            (0, 0, 84_005),
            (0, 1, 3),
            (1, 0, 2),
            (70_000, 1, 20_000),
        ];
        let keys: Vec<u64> = triples.iter().map(|&(a, b, d)| key(a, b, 2, d)).collect();
        assert!(keys.is_sorted());
        assert_eq!(series_of(keys[0]), series_of(keys[1]));
        assert_ne!(series_of(keys[1]), series_of(keys[2]));
    }

    #[test]
    fn equal_keys_keep_their_order() {
        assert_eq!(by_key(&[1, 1, 2]), None);
        assert_eq!(by_key(&[2, 1, 2, 1]), Some(vec![1, 3, 0, 2]));
        assert_eq!(
            runs(&[1, 1, 2, 5, 5]).collect::<Vec<_>>(),
            [(0, 2), (2, 3), (3, 5)]
        );
    }
}
