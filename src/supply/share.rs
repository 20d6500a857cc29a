//! Sharing scarce units, projecting stock and promising from it. All quantities in units.

mod projection;

pub use projection::{
    Projected, available_to_promise, keep_later_promises, project, projected_balance,
};

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

/// Units given so that stocks last the same number of days.
#[derive(Clone, Debug, PartialEq)]
pub struct EqualDays {
    /// Days of cover of everyone who is given something; ∞ where nobody sells.
    pub days: f64,
    /// Units for each, fractional.
    pub shares: Vec<f64>,
}

impl EqualDays {
    /// The shares in whole units that sum exactly to the whole of what is shared.
    pub fn whole(&self) -> Vec<f64> {
        // The sum of the shares is the total but for rounding.
        let total = self.shares.iter().sum::<f64>();
        let nearest = total.round();
        let total = if (total - nearest).abs() < 1e-6 {
            nearest
        } else {
            total
        };
        whole_shares(total, &self.shares)
    }
}

/// Fair share: brings every stock to the same days of cover with `total` units; a stock that lasts longer already gets nothing.
///
/// `daily` are units a day; who does not sell gets nothing, unless nobody does: then all get the same.
///
/// ```
/// let fair = restock::supply::share::equal_days(500.0, &[50.0, 100.0, 75.0], &[10.0, 50.0, 15.0]);
/// assert!((fair.days - 9.667).abs() < 5e-4);
/// assert_eq!(fair.whole(), [47.0, 383.0, 70.0]);
/// ```
pub fn equal_days(total: f64, stock: &[f64], daily: &[f64]) -> EqualDays {
    let n = stock.len().min(daily.len());
    let total = if total > 0.0 { total } else { 0.0 };
    let mut order: Vec<usize> = (0..n).filter(|&i| daily[i] > 0.0).collect();
    if order.is_empty() {
        return EqualDays {
            days: f64::INFINITY,
            shares: proportional(total, &vec![1.0; n]),
        };
    }
    order.sort_by(|&a, &b| {
        (stock[a] / daily[a])
            .total_cmp(&(stock[b] / daily[b]))
            .then(a.cmp(&b))
    });
    // Fill up from the shortest cover until the next one lasts longer than what is left would reach.
    let (mut sum_stock, mut sum_daily, mut days) = (0.0, 0.0, 0.0);
    for &i in &order {
        if sum_daily > 0.0 && stock[i] / daily[i] >= days {
            break;
        }
        sum_stock += stock[i];
        sum_daily += daily[i];
        days = (total + sum_stock) / sum_daily;
    }
    let shares = (0..n)
        .map(|i| {
            if daily[i] > 0.0 {
                (days * daily[i] - stock[i]).max(0.0)
            } else {
                0.0
            }
        })
        .collect();
    EqualDays { days, shares }
}
