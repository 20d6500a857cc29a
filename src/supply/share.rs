//! Sharing scarce units.

/// Shares of `total` in proportion to `weights`, in whole units that sum exactly to it (largest remainder; Hamilton, 1792). Ties go
/// to the lower index; a fraction of a unit in `total` goes with the largest remainder. Weights that are not positive get
/// nothing, unless none is: then all weigh the same.
///
/// ```
/// use restock::supply::share::whole_shares;
/// assert_eq!(whole_shares(500.0, &[46.67, 383.33, 70.0]), [47.0, 383.0, 70.0]);
/// assert_eq!(whole_shares(2.0, &[1.0, 1.0, 1.0]), [1.0, 1.0, 0.0]);
/// ```
pub fn whole_shares(total: f64, weights: &[f64]) -> Vec<f64> {
    let exact = proportional(total, weights);
    // Beyond 2^53 floats have no single units.
    if exact.is_empty() || total.is_nan() || total <= 0.0 || total > 9e15 {
        return exact;
    }
    let whole = total.floor();
    // A share that is whole but for rounding is whole.
    let mut shares: Vec<f64> = exact.iter().map(|s| (s + 1e-9).floor()).collect();
    let mut order: Vec<usize> = (0..exact.len()).filter(|&i| exact[i] > 0.0).collect();
    let left = |i: usize, shares: &[f64]| ((exact[i] - shares[i]) * 1e9).round();
    let before = shares.clone();
    order.sort_by(|&a, &b| {
        left(b, &before)
            .total_cmp(&left(a, &before))
            .then(a.cmp(&b))
    });
    let mut missing = whole - shares.iter().sum::<f64>();
    let mut turn = order.iter().cycle();
    while missing >= 1.0 {
        let Some(&i) = turn.next() else { break };
        shares[i] += 1.0;
        missing -= 1.0;
    }
    // Large totals round some floors up: take back from the smallest remainders.
    let mut back = order.iter().rev().cycle();
    while missing <= -1.0 && shares.iter().any(|&s| s >= 1.0) {
        let Some(&i) = back.next() else { break };
        if shares[i] >= 1.0 {
            shares[i] -= 1.0;
            missing += 1.0;
        }
    }
    let fraction = total - whole;
    if fraction > 0.0
        && let Some(&i) = turn.next()
    {
        shares[i] += fraction;
    }
    shares
}

/// Shares of `total` in proportion to `weights`, in fractional units; weights as for [`whole_shares`].
///
/// ```
/// // 100 were ordered, 80 arrive.
/// let shares = restock::supply::share::proportional(80.0, &[30.0, 40.0, 20.0, 10.0]);
/// assert_eq!(shares, [24.0, 32.0, 16.0, 8.0]);
/// ```
pub fn proportional(total: f64, weights: &[f64]) -> Vec<f64> {
    let usable = |w: f64| if w > 0.0 && w.is_finite() { w } else { 0.0 };
    let total = if total > 0.0 { total } else { 0.0 };
    let sum: f64 = weights.iter().map(|&w| usable(w)).sum();
    if sum > 0.0 {
        weights.iter().map(|&w| total * usable(w) / sum).collect()
    } else {
        weights
            .iter()
            .map(|_| total / weights.len() as f64)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_remainders_are_rounded_up_and_a_fraction_stays_one() {
        assert_eq!(whole_shares(10.0, &[1.0, 1.0, 1.0]), [4.0, 3.0, 3.0]);
        assert_eq!(whole_shares(7.0, &[0.5, 0.3, 0.2]), [4.0, 2.0, 1.0]); // 3.5, 2.1, 1.4
        assert_eq!(whole_shares(2.5, &[3.0, 1.0]), [2.0, 0.5]); // 1.875, .625
        assert_eq!(
            whole_shares(3.0, &[0.0, -2.0, f64::NAN, 5.0]),
            [0.0, 0.0, 0.0, 3.0]
        );
        assert_eq!(whole_shares(3.0, &[0.0, 0.0]), [2.0, 1.0]);
        assert_eq!(whole_shares(-3.0, &[1.0, 1.0]), [0.0, 0.0]);
        assert_eq!(whole_shares(3.0, &[]), Vec::<f64>::new());
        // A third of nine is three, though a float says less.
        assert_eq!(whole_shares(9.0, &[0.1, 0.1, 0.1]), [3.0; 3]);
    }

    #[test]
    fn shares_without_weights_are_even_and_infinite_weights_are_none() {
        assert_eq!(proportional(9.0, &[0.0, 0.0, 0.0]), [3.0; 3]);
        assert_eq!(proportional(9.0, &[1.0, f64::INFINITY]), [9.0, 0.0]);
        assert_eq!(proportional(f64::NAN, &[1.0]), [0.0]);
    }

    #[test]
    fn shares_of_more_units_than_a_float_counts_are_proportional() {
        let total = 1e16;
        assert_eq!(
            whole_shares(total, &[1.0, 3.0]),
            [total * 0.25, total * 0.75]
        );
        let large = whole_shares(9e15, &[1.0, 1.0, 1.0]);
        assert_eq!(large.iter().sum::<f64>(), 9e15);
    }
}
