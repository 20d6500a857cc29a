//! Numbers far beyond what their column usually holds: of another column, or a slip of the keyboard.
//!
//! What a shop sells is lumpy: one article by the thousand beside many by the piece, a pallet beside single orders. So a value is only told
//! when nothing of its size stands between it and all others, and when it is one of very few.

use super::quantity;
use crate::config::Measure;
use crate::domain::{Finding, Severity};
use crate::input::barcode::is_barcode;
use crate::input::folder::RawTables;
use crate::input::raw::RawTable;
use crate::input::schema::Kind;

/// Values that may be far from the others; more are the column's way.
const SLIPS: u64 = 3;
/// Other values from which on they say what is usual.
const OTHERS: u64 = 5;
/// Times the largest other value, from which on a number with the look of a bar code is one.
const TIMES_OF_BARCODES: f64 = 100.0;
/// Different numbers with the look of a bar code that are no chance: one number of ten has it.
const BARCODES: usize = 3;

/// From which size on, and how many times the largest other value, a number is far beyond.
struct Far {
    from: f64,
    times: f64,
}

/// What is far beyond, of what is measured; none of shares and ranks.
fn far(measure: Measure) -> Option<Far> {
    match measure {
        Measure::SoldUnits
        | Measure::Units
        | Measure::Multiple
        | Measure::Stock
        | Measure::Money => Some(Far {
            from: 1e4,
            times: 1_000.0,
        }),
        Measure::Days | Measure::Review => Some(Far {
            from: 366.0,
            times: 20.0,
        }),
        _ => None,
    }
}

/// Warns of numbers that are far beyond all others of their column, and of such as look like bar codes.
pub(in crate::input) fn far_values(raw: &RawTables, findings: &mut Vec<Finding>) {
    for table in raw.all() {
        for column in table.spec.columns {
            let Kind::Number(measure) = column.kind else {
                continue;
            };
            let Some(far) = far(measure) else { continue };
            let seen = Seen::of(table.numbers(column.name), &far);
            findings.extend(match seen.verdict(&far, measure) {
                Some(Verdict::Barcodes { row, count, all }) => Some(
                    told(table, row, column.name, "barcodes_in_column", count).figure("all", all),
                ),
                Some(Verdict::Far { row, count, usual }) => Some(
                    told(table, row, column.name, "far_beyond_usual", count)
                        .figure("usual", quantity(usual)),
                ),
                None => None,
            });
        }
    }
}

fn told(
    table: &RawTable,
    row: usize,
    column: &'static str,
    code: &'static str,
    count: u64,
) -> Finding {
    let value = quantity(table.numbers(column)[row]);
    let mut place = table.place(row, Some(column));
    place.value = Some(value.clone());
    Finding::new(Severity::Warning, code)
        .place(place)
        .count(count)
        .figure("table", table.spec.name)
        .figure("column", column)
        .figure("count", count)
        .figure("value", value)
}

/// Numbers of one size: the same number of digits.
#[derive(Clone, Copy, Debug)]
struct Size {
    least: f64,
    most: f64,
    count: u64,
    /// The row of the first.
    row: usize,
}

impl Size {
    const NONE: Self = Self {
        least: f64::INFINITY,
        most: 0.0,
        count: 0,
        row: 0,
    };

    fn add(&mut self, size: f64, row: usize) {
        if self.count == 0 {
            self.row = row;
        }
        self.least = self.least.min(size);
        self.most = self.most.max(size);
        self.count += 1;
    }
}

/// What a column holds, by size. Signs are left out.
#[derive(Debug)]
struct Seen {
    /// What is too small to be far from anything, then by digits.
    sizes: [Size; 14],
    barcodes: Size,
    /// Different ones, as far as they count.
    different: Vec<f64>,
}

#[derive(Debug, PartialEq)]
enum Verdict {
    Barcodes { row: usize, count: u64, all: u64 },
    Far { row: usize, count: u64, usual: f64 },
}

impl Seen {
    fn of(numbers: &[f64], far: &Far) -> Self {
        let mut seen = Self {
            sizes: [Size::NONE; 14],
            barcodes: Size::NONE,
            different: Vec::new(),
        };
        for (row, number) in numbers.iter().enumerate() {
            let size = number.abs();
            if size < far.from {
                seen.sizes[0].add(size, row);
            } else if is_barcode(*number) {
                seen.barcodes.add(size, row);
                if seen.different.len() < BARCODES && !seen.different.contains(number) {
                    seen.different.push(*number);
                }
            } else if size >= far.from {
                // A number of the input has at most 13 digits; NaN is no number.
                let digits = (1..13).take_while(|k| size >= 10f64.powi(*k)).count();
                seen.sizes[1 + digits].add(size, row);
            }
        }
        seen
    }

    fn verdict(mut self, far: &Far, measure: Measure) -> Option<Verdict> {
        let count = |sizes: &[Size]| sizes.iter().map(|s| s.count).sum::<u64>();
        let most = |sizes: &[Size]| sizes.iter().map(|s| s.most).fold(0.0, f64::max);
        let codes = self.barcodes;
        if codes.count > 0 {
            let others = count(&self.sizes);
            let apart = others >= OTHERS && codes.least > TIMES_OF_BARCODES * most(&self.sizes);
            let mostly = self.different.len() >= BARCODES && codes.count >= others;
            if apart || mostly {
                return Some(Verdict::Barcodes {
                    row: codes.row,
                    count: codes.count,
                    all: others + codes.count,
                });
            }
            // By chance: numbers like any other.
            let digits = (1..13).take_while(|k| codes.most >= 10f64.powi(*k)).count();
            let size = &mut self.sizes[1 + digits];
            if size.count == 0 || codes.row < size.row {
                size.row = codes.row;
            }
            size.least = size.least.min(codes.least);
            size.most = size.most.max(codes.most);
            size.count += codes.count;
        }
        // Sales are looked at series by series, where a bulk order is known.
        if measure == Measure::SoldUnits {
            return None;
        }
        (1..self.sizes.len()).find_map(|k| {
            let (below, above) = self.sizes.split_at(k);
            let (others, few) = (count(below), count(above));
            let least = above.iter().map(|s| s.least).fold(f64::INFINITY, f64::min);
            let usual = most(below);
            let apart = (1..=SLIPS).contains(&few)
                && others >= OTHERS
                && usual > 0.0
                && least > far.times * usual;
            let row = above.iter().filter(|s| s.count > 0).map(|s| s.row).min();
            apart.then(|| Verdict::Far {
                row: row.unwrap_or(0),
                count: few,
                usual,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(measure: Measure, numbers: &[f64]) -> Option<Verdict> {
        let far = far(measure).expect("of units, money or days");
        Seen::of(numbers, &far).verdict(&far, measure)
    }

    #[test]
    fn a_few_values_beyond_a_wide_gap_are_told() {
        let usual: Vec<f64> = (1..40).map(f64::from).collect();
        let with = |more: &[f64]| [&usual[..], more].concat();
        let far = |row, count, usual| Some(Verdict::Far { row, count, usual });
        assert_eq!(
            verdict(Measure::Units, &with(&[1e7 + 1.0])),
            far(39, 1, 39.0)
        );
        assert_eq!(
            verdict(Measure::Stock, &with(&[-50_000.0, 1e8 + 1.0])),
            far(39, 2, 39.0)
        );
        assert_eq!(
            verdict(Measure::Money, &with(&[1e9, 39_000_000.0])),
            far(39, 2, 39.0)
        );
        assert_eq!(verdict(Measure::Days, &with(&[1400.0])), far(39, 1, 39.0));
        assert_eq!(
            verdict(Measure::Units, &with(&[39_000.0])),
            None,
            "just 1,000 times"
        );
        assert_eq!(verdict(Measure::Units, &with(&[9e6; 4])), None, "its way");
        assert_eq!(verdict(Measure::Days, &with(&[365.0])), None, "a year");
        assert_eq!(
            verdict(Measure::SoldUnits, &with(&[9e6])),
            None,
            "by series"
        );
        assert_eq!(
            verdict(Measure::Units, &[0.0, 0.0, 0.0, 0.0, 0.0, 9e6]),
            None
        );
        assert_eq!(verdict(Measure::Units, &[1.0, 9e6]), None, "too few others");
    }

    #[test]
    fn numbers_with_the_look_of_bar_codes_are_told_where_no_price_is_as_high() {
        let codes = [96_385_074.0, 12_345_670.0, 49_123_456.0];
        assert!(codes.iter().all(|c| is_barcode(*c)));
        let usual: Vec<f64> = (1..40).map(f64::from).collect();
        let found = verdict(Measure::SoldUnits, &[&usual[..], &codes[..1]].concat());
        let expected = Verdict::Barcodes {
            row: 39,
            count: 1,
            all: 40,
        };
        assert_eq!(found, Some(expected));
        assert!(
            verdict(Measure::SoldUnits, &codes).is_some(),
            "all are codes"
        );
        assert_eq!(verdict(Measure::SoldUnits, &codes[..2]), None, "chance");
        // A shop that sells for tens of millions: one price of ten looks like a code.
        let prices: Vec<f64> = (0..200)
            .map(|k| 11_000_000.0 + 1_117.0 * f64::from(k))
            .collect();
        assert!(prices.iter().filter(|p| is_barcode(**p)).count() > 10);
        assert_eq!(verdict(Measure::Money, &prices), None);
    }

    proptest::proptest! {
        /// Sales of a shop: articles whose usual size differs by four powers of ten, and days that differ by one more.
        #[test]
        fn lumpy_shops_are_left_alone(
            sizes in proptest::collection::vec((0.0f64..4.0, 0.0f64..1.0), 40..200),
        ) {
            let numbers: Vec<f64> = sizes.iter().map(|(a, b)| 10f64.powf(a + b).round()).collect();
            for measure in [Measure::Units, Measure::Stock, Measure::Money] {
                proptest::prop_assert_eq!(verdict(measure, &numbers), None);
            }
        }
    }
}
