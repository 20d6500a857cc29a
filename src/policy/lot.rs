//! Order quantities as suppliers sell them.

/// `raw_need` rounded up to whole multiples, at least the minimum (itself lifted to a multiple); 0 for no need.
pub fn round_order(raw_need: f64, moq: f64, multiple: f64) -> f64 {
    if raw_need <= 0.0 {
        return 0.0;
    }
    let need = raw_need.max(moq);
    if multiple > 0.0 { (need / multiple - 1e-9).ceil().max(1.0) * multiple } else { need }
}
