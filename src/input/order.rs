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
    let most = keys.iter().max().map_or(0, |&k| series_of(k));
    // Few series against rows, as in any history: dealt out by series, where the days mostly stand in order already.
    if most / 4 <= keys.len() as u64 {
        return Some(by_series(keys, most as usize + 1));
    }
    let mut pairs: Vec<(u64, u32)> = keys.iter().copied().zip(0u32..).collect();
    pairs.par_sort_unstable();
    Some(pairs.into_iter().map(|(_, row)| row).collect())
}

/// Counting sort by series, then each series by day.
fn by_series(keys: &[u64], series: usize) -> Vec<u32> {
    let mut next = vec![0u32; series + 1];
    for &key in keys {
        next[series_of(key) as usize + 1] += 1;
    }
    for k in 0..series {
        next[k + 1] += next[k];
    }
    let mut order = vec![0u32; keys.len()];
    for (&key, row) in keys.iter().zip(0u32..) {
        let at = &mut next[series_of(key) as usize];
        order[*at as usize] = row;
        *at += 1;
    }
    // `next[k]` is now where series k ends.
    let mut rest = &mut order[..];
    let mut parts = Vec::with_capacity(series);
    let mut start = 0;
    for &end in &next[..series] {
        let (part, behind) = rest.split_at_mut((end - start) as usize);
        parts.push(part);
        rest = behind;
        start = end;
    }
    parts.into_par_iter().for_each(|part| {
        if !part.is_sorted_by_key(|&row| keys[row as usize]) {
            part.sort_by_key(|&row| keys[row as usize]);
        }
    });
    order
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
