//! Moves labels apart that would overlap.

/// Heights for labels that want to be at `wanted`, at least `apart` from each other and within `top..=bottom`
/// as long as they fit there; the order of `wanted` is kept in the result.
///
/// Labels that touch form a block around the mean of what they want (the pool-adjacent-violators
/// algorithm: the least squares of the moves).
pub(super) fn spread(wanted: &[f64], apart: f64, top: f64, bottom: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]).then(a.cmp(b)));
    // (sum of wanted minus own offset, members): the block's first label sits at sum / members.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    let held = |(sum, members): (f64, usize)| {
        let last = bottom - (members - 1) as f64 * apart;
        (sum / members as f64).min(last).max(top)
    };
    for i in &order {
        blocks.push((wanted[*i], 1));
        while let [.., before, last] = blocks[..] {
            if held(before) + before.1 as f64 * apart <= held(last) {
                break;
            }
            blocks.pop();
            blocks.pop();
            let shift = before.1 as f64 * apart * last.1 as f64;
            blocks.push((before.0 + last.0 - shift, before.1 + last.1));
        }
    }
    let mut out = vec![0.0; wanted.len()];
    let mut placed = order.iter();
    for block in blocks {
        for (i, index) in placed.by_ref().take(block.1).enumerate() {
            out[*index] = held(block) + i as f64 * apart;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_labels_stay() {
        assert_eq!(spread(&[100.0, 50.0], 20.0, 0.0, 200.0), [100.0, 50.0]);
        assert!(spread(&[], 20.0, 0.0, 200.0).is_empty());
    }

    #[test]
    fn touching_labels_move_evenly() {
        assert_eq!(spread(&[100.0, 100.0], 20.0, 0.0, 200.0), [90.0, 110.0]);
    }

    #[test]
    fn labels_stay_inside_and_apart() {
        let wanted = [198.0, 197.0, 199.0, 5.0, 1.0, 100.0];
        let got = spread(&wanted, 20.0, 0.0, 200.0);
        let mut sorted = got.clone();
        sorted.sort_by(f64::total_cmp);
        assert!(sorted[0] >= 0.0 && sorted[5] <= 200.0, "{got:?}");
        assert!(
            sorted.windows(2).all(|w| w[1] - w[0] >= 20.0 - 1e-9),
            "{got:?}"
        );
        assert!(
            got[1] < got[0] && got[0] < got[2] && got[4] < got[3],
            "{got:?}"
        );
    }
}
