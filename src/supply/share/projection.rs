//! Stock period by period.

/// Balance of stock at the end of each period: on hand + receipts so far − promised so far.
///
/// ```
/// use restock::supply::share::{available_to_promise, projected_balance};
/// let balance = projected_balance(40.0, &[0.0, 80.0, 0.0, 60.0], &[50.0, 30.0, 25.0, 10.0]);
/// assert_eq!(balance, [-10.0, 40.0, 15.0, 65.0]);
/// assert_eq!(available_to_promise(&balance), [-10.0, 15.0, 15.0, 65.0]);
/// ```
pub fn projected_balance(on_hand: f64, receipts: &[f64], promised: &[f64]) -> Vec<f64> {
    let periods = receipts.len().max(promised.len());
    let at = |values: &[f64], t: usize| values.get(t).copied().unwrap_or(0.0);
    let mut balance = on_hand;
    (0..periods)
        .map(|t| {
            balance += at(receipts, t) - at(promised, t);
            balance
        })
        .collect()
}

/// Cumulative available-to-promise: what can be promised for a period without breaking a promise made for it or a later one, the least
/// of the projected balances from then on. Negative where promises cannot be kept.
pub fn available_to_promise(balance: &[f64]) -> Vec<f64> {
    let mut promise = balance.to_vec();
    keep_later_promises(&mut promise);
    promise
}

/// Balances to what can be promised, in place: the least from each period on.
pub fn keep_later_promises(balance: &mut [f64]) {
    let mut least = f64::INFINITY;
    for slot in balance.iter_mut().rev() {
        least = least.min(*slot);
        *slot = least;
    }
}

/// Stock as it will run under expected demand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projected {
    /// Stock on hand at the end of each period, receipts of the period included.
    pub closing: Vec<f64>,
    /// First period of each spell in which demand meets an empty shelf; equal to the number of periods served in full before the
    /// first.
    pub stockouts: Vec<usize>,
    /// Demand that went away.
    pub lost: f64,
    /// Backorders still open at the end.
    pub backlog: f64,
}

/// Runs stock through `demand` with `receipts` that arrive at a period's end and can be sold from the next on. Of the demand without
/// stock the share `capture` (0..=1) waits and is served first from the next receipt; the rest is lost. `backlog` are backorders open at
/// the start.
///
/// ```
/// use restock::supply::share::project;
/// // 5 a day, 10 on hand: out in 2 days.
/// assert_eq!(project(10.0, 0.0, &[5.0; 6], &[], 0.0).stockouts, [2]);
/// ```
pub fn project(
    on_hand: f64,
    backlog: f64,
    demand: &[f64],
    receipts: &[f64],
    capture: f64,
) -> Projected {
    let mut out = Projected {
        closing: Vec::with_capacity(demand.len()),
        backlog: backlog.max(0.0),
        ..Projected::default()
    };
    let mut stock = on_hand.max(0.0);
    let mut was_short = false;
    for (t, &wanted) in demand.iter().enumerate() {
        let served = wanted.min(stock);
        let unmet = wanted - served;
        stock -= served;
        // A billionth of a unit is rounding, not a customer.
        let short = unmet > 1e-9 * wanted.max(1.0);
        if short && !was_short {
            out.stockouts.push(t);
        }
        was_short = short;
        out.backlog += capture * unmet;
        out.lost += (1.0 - capture) * unmet;
        let receipt = receipts.get(t).copied().unwrap_or(0.0);
        let to_waiting = receipt.min(out.backlog);
        out.backlog -= to_waiting;
        stock += receipt - to_waiting;
        out.closing.push(stock);
    }
    out
}
