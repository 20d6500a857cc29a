//! Shares in whole units.

/// Splits `total` by `weights` into whole units (a fractional rest goes to the largest share); sums exactly to `total`.
pub fn largest_remainder(total: f64, weights: &[f64]) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    if weights.is_empty() || sum <= 0.0 {
        return vec![0.0; weights.len()];
    }
    let exact: Vec<f64> = weights.iter().map(|w| total * w / sum).collect();
    let mut shares: Vec<f64> = exact.iter().map(|x| x.trunc()).collect();
    let mut rest = total - shares.iter().sum::<f64>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|&a, &b| {
        (exact[b] - shares[b]).abs().total_cmp(&(exact[a] - shares[a]).abs()).then(a.cmp(&b))
    });
    for &i in order.iter().cycle().take(4 * weights.len()) {
        if rest.abs() < 1.0 {
            break;
        }
        shares[i] += rest.signum();
        rest -= rest.signum();
    }
    shares[order[0]] += rest;
    shares
}
