//! From evidence to one or two causes whose weights sum to 1.

use super::case::Evidence;
use crate::domain::StockoutCause;

/// A second cause below this weight is not worth a column.
const LEAST: f64 = 0.15;
/// With more than this share unexplained, the data do not say why.
const UNEXPLAINED: f64 = 0.5;

/// The heaviest pieces of evidence with their weights, heaviest first. What nothing explains of `missed` units weighs as "unclear" once it is
/// the larger part.
pub(super) fn weigh(mut found: Vec<Evidence>, missed: f64) -> Vec<(Evidence, f64)> {
    found.retain(|e| e.units > 1e-9 * missed);
    // One cause is one, however it was found; the first sentence stays.
    let mut one_each: Vec<Evidence> = Vec::new();
    for e in found {
        match one_each.iter_mut().find(|f| f.cause == e.cause) {
            Some(same) => same.units += e.units,
            None => one_each.push(e),
        }
    }
    let mut found = one_each;
    // Stable: equals stay in the order in which they were looked for.
    found.sort_by(|a, b| b.units.total_cmp(&a.units));
    let explained: f64 = found.iter().map(|e| e.units).sum();
    let rest = (missed - explained).max(0.0);
    let unclear = found.iter().position(|e| e.cause == StockoutCause::Unclear);
    if let Some(at) = unclear {
        // What is known to be unclear takes what nothing explains, with its own sentence.
        let mut own = found.remove(at);
        own.units += rest;
        let before = found.iter().take_while(|e| e.units >= own.units).count();
        found.insert(before, own);
    } else if rest > UNEXPLAINED * missed {
        found.insert(
            0,
            Evidence {
                cause: StockoutCause::Unclear,
                units: rest,
                key: "unclear",
                figures: Vec::new(),
            },
        );
    }
    found.truncate(2);
    let total: f64 = found.iter().map(|e| e.units).sum();
    if found.len() == 2 && found[1].units < LEAST * total {
        found.truncate(1);
    }
    let total: f64 = found.iter().map(|e| e.units).sum();
    let mut weighed: Vec<(Evidence, f64)> = found
        .into_iter()
        .map(|e| {
            let weight = (e.units / total * 1e4).round() / 1e4;
            (e, weight)
        })
        .collect();
    // Written with four decimals they still sum to 1.
    if let [(_, first), (_, second)] = &mut weighed[..] {
        *second = ((1.0 - *first) * 1e4).round() / 1e4;
    }
    weighed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(cause: StockoutCause, units: f64) -> Evidence {
        Evidence {
            cause,
            units,
            key: cause.as_str(),
            figures: Vec::new(),
        }
    }

    #[test]
    fn weights_follow_the_units_and_sum_to_one() {
        use StockoutCause::*;
        let found = weigh(
            vec![
                piece(SupplierShort, 2.0),
                piece(SupplierLate, 7.0),
                piece(DemandSpike, 4.0),
            ],
            10.0,
        );
        let shown: Vec<_> = found.iter().map(|(e, w)| (e.cause, *w)).collect();
        assert_eq!(shown, [(SupplierLate, 0.6364), (DemandSpike, 0.3636)]);
    }

    #[test]
    fn a_small_second_cause_is_dropped_and_a_large_rest_is_unclear() {
        use StockoutCause::*;
        let one = weigh(vec![piece(OrderLate, 9.0), piece(SupplierShort, 1.0)], 10.0);
        assert_eq!(one.len(), 1);
        assert_eq!((one[0].0.cause, one[0].1), (OrderLate, 1.0));
        let rest = weigh(vec![piece(SupplierShort, 2.0)], 10.0);
        assert_eq!((rest[0].0.cause, rest[0].1), (Unclear, 0.8));
        assert_eq!(weigh(Vec::new(), 10.0)[0].0.cause, Unclear);
    }

    #[test]
    fn what_is_known_to_be_unclear_takes_the_rest_and_keeps_its_sentence() {
        use StockoutCause::*;
        let mut quiet = piece(Unclear, 3.0);
        quiet.key = "unclear_quiet";
        let found = weigh(vec![quiet, piece(SupplierShort, 4.0)], 10.0);
        let shown: Vec<_> = found.iter().map(|(e, w)| (e.key, *w)).collect();
        assert_eq!(shown, [("unclear_quiet", 0.6), ("supplier_short", 0.4)]);
    }
}
