//! Purchase orders: which rows of `inbound` are one order, what its lines are, and what of each has not come.

use std::collections::BTreeMap;

use super::{Day, LocationId, PurchaseLine, SkuId, Supplier};

/// Slack for sums of fractional quantities.
const SLACK: f64 = 1e-9;
/// Share of what a row names from which on its receipt is a delivery of its own, short or not, though a row with another promised day is open.
const NEARLY_ALL: f64 = 0.9;
/// Times what was ordered up to which a line may have brought more; beyond, rows that name the same units are lines of their own.
const MOST_OVER: f64 = 1.25;
/// What is missing of a line is written off so long after its last receipt and its promised day.
const REST_DAYS: i32 = 30;

/// A line of an order: what was ordered for one day and what came of it, whatever number of rows tell it.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderLine {
    pub units: f64,
    pub received: f64,
    /// The promised day of what has not come, else that of the line.
    pub expected: Option<Day>,
    pub last_receipt: Option<Day>,
}

impl OrderLine {
    /// Units that have not come; more than was ordered is no debt of another line.
    fn rest(&self) -> f64 {
        let rest = self.units - self.received;
        if rest > SLACK { rest } else { 0.0 }
    }

    fn of_row(row: &PurchaseLine) -> Self {
        Self::of_rows(&[row], row.units)
    }

    /// Rows that tell one line of so many units.
    fn of_rows(rows: &[&PurchaseLine], units: f64) -> Self {
        let waiting = rows.iter().filter(|r| r.received.is_none());
        let promised = waiting.filter_map(|r| r.expected).max();
        Self {
            units,
            received: rows.iter().map(|r| r.received_units).sum(),
            expected: promised.or_else(|| rows.iter().filter_map(|r| r.expected).max()),
            last_receipt: rows.iter().filter_map(|r| r.received).max(),
        }
    }
}

/// A part of an order that has not come, by its promised day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outstanding {
    pub expected: Option<Day>,
    pub units: f64,
    /// Last day on which something of it came, or of its order where nothing of it did.
    pub last_receipt: Option<Day>,
    /// Not waited for any more.
    pub written_off: bool,
}

/// The rows of one order for one SKU and location.
#[derive(Clone, Debug)]
pub struct PurchaseOrder<'a> {
    /// Empty where goods came without a number.
    pub po_id: &'a str,
    pub sku: SkuId,
    pub location: LocationId,
    pub ordered: Day,
    /// Never empty; the first names the supplier where one of them does.
    pub rows: Vec<&'a PurchaseLine>,
    pub lines: Vec<OrderLine>,
}

impl PurchaseOrder<'_> {
    /// Units ordered.
    pub fn units(&self) -> f64 {
        self.lines.iter().map(|l| l.units).sum()
    }

    /// Units received.
    pub fn received(&self) -> f64 {
        self.lines.iter().map(|l| l.received).sum()
    }

    /// Units that have not come, of all lines.
    pub fn rest(&self) -> f64 {
        self.lines.iter().map(OrderLine::rest).sum()
    }

    /// Last day on which something of the order came.
    pub fn last_receipt(&self) -> Option<Day> {
        self.lines.iter().filter_map(|l| l.last_receipt).max()
    }

    /// What has not come, line by line, those of one promised day together, in order of the days. What is missing of a line that came in part is
    /// written off [`REST_DAYS`] after its last receipt and its promised day, and so is a line of which nothing came in an order of which other
    /// lines did.
    pub fn outstanding(&self, as_of: Day) -> Vec<Outstanding> {
        let of_order = self.last_receipt();
        let mut parts: BTreeMap<(Option<Day>, bool), Outstanding> = BTreeMap::new();
        for line in self.lines.iter().filter(|l| l.rest() > 0.0) {
            let last_receipt = line.last_receipt.or(of_order);
            let quiet_since = last_receipt.map(|day| line.expected.map_or(day, |e| e.max(day)));
            let written_off = quiet_since.is_some_and(|day| as_of - day > REST_DAYS);
            let part = parts
                .entry((line.expected, written_off))
                .or_insert(Outstanding {
                    expected: line.expected,
                    units: 0.0,
                    last_receipt,
                    written_off,
                });
            part.units += line.rest();
            part.last_receipt = part.last_receipt.max(last_receipt);
        }
        parts.into_values().collect()
    }

    /// Whether nothing more of the order is waited for.
    pub fn is_over(&self, as_of: Day) -> bool {
        self.outstanding(as_of).iter().all(|part| part.written_off)
    }
}

/// The orders that rows of `inbound` tell, by number, SKU, location, day and supplier. A number that is used again on another day or by another
/// supplier is another order; a row that names no supplier belongs to the only one that others name. Goods without a number came by themselves.
pub fn purchase_orders<'a>(
    rows: impl IntoIterator<Item = &'a PurchaseLine>,
) -> Vec<PurchaseOrder<'a>> {
    type Key<'a> = (&'a str, SkuId, LocationId, Day);
    let mut numbers: BTreeMap<Key<'a>, Vec<&'a PurchaseLine>> = BTreeMap::new();
    for row in rows {
        let key = (row.po_id.as_str(), row.sku, row.location, row.ordered);
        numbers.entry(key).or_default().push(row);
    }
    let mut orders = Vec::with_capacity(numbers.len());
    for ((po_id, sku, location, ordered), rows) in numbers {
        let parts: Vec<Vec<&PurchaseLine>> = if po_id.is_empty() {
            rows.into_iter().map(|row| vec![row]).collect()
        } else {
            by_supplier(rows)
        };
        orders.extend(parts.into_iter().map(|rows| PurchaseOrder {
            po_id,
            sku,
            location,
            ordered,
            lines: lines_of(&rows),
            rows,
        }));
    }
    orders
}

/// Rows of one number and day by their supplier.
fn by_supplier(mut rows: Vec<&PurchaseLine>) -> Vec<Vec<&PurchaseLine>> {
    let mut suppliers: BTreeMap<Option<&Supplier>, Vec<&PurchaseLine>> = BTreeMap::new();
    for row in &rows {
        suppliers
            .entry(row.supplier.as_ref())
            .or_default()
            .push(row);
    }
    let named = suppliers.keys().filter(|s| s.is_some()).count();
    if named > 1 {
        return suppliers.into_values().collect();
    }
    // Stable: those that name it come first, else all as they were.
    rows.sort_by_key(|row| row.supplier.is_none());
    vec![rows]
}

/// What rows of one order tell: one line where they repeat its figure or each names what the one before left; else lines by promised day and
/// units, and rows of their own where these are no repetition either.
pub fn lines_of(rows: &[&PurchaseLine]) -> Vec<OrderLine> {
    if let Some(line) = one_line(rows) {
        return vec![line];
    }
    let mut days: BTreeMap<(Option<Day>, u64), Vec<&PurchaseLine>> = BTreeMap::new();
    for row in rows {
        let key = (row.expected, row.units.to_bits());
        days.entry(key).or_default().push(row);
    }
    let told = days.values().flat_map(|rows| match one_line(rows) {
        Some(line) => vec![line],
        None => rows.iter().map(|row| OrderLine::of_row(row)).collect(),
    });
    told.collect()
}

fn one_line(rows: &[&PurchaseLine]) -> Option<OrderLine> {
    match rows {
        [] => None,
        [row] => Some(OrderLine::of_row(row)),
        _ if repeat_one_figure(rows) => Some(OrderLine::of_rows(rows, rows[0].units)),
        _ => rests_of_one(rows),
    }
}

/// Whether all rows name the units of one line, and its receipts beside them, rather than each its own.
fn repeat_one_figure(rows: &[&PurchaseLine]) -> bool {
    let units = rows[0].units;
    if rows.iter().any(|r| (r.units - units).abs() > SLACK) {
        return false;
    }
    let received: f64 = rows.iter().map(|r| r.received_units).sum();
    let waiting = rows.iter().filter(|r| r.received.is_none()).count();
    let mut days: Vec<Day> = rows.iter().filter_map(|r| r.expected).collect();
    days.sort_unstable();
    days.dedup();
    let one_day = days.len() < 2;
    match waiting {
        // Nothing came: each is an order, or a copy, which is told.
        _ if waiting == rows.len() => false,
        // All is there: one promised day may have brought more, several have not brought it together.
        0 if one_day => received <= MOST_OVER * units,
        0 => received <= units + SLACK,
        _ if one_day => received < units - SLACK,
        // The rest was promised anew; a delivery that came nearly whole has no such rest.
        1 => received < NEARLY_ALL * units,
        _ => false,
    }
}

/// The line whose rows each name what the one before left to come.
fn rests_of_one(rows: &[&PurchaseLine]) -> Option<OrderLine> {
    let mut rows = rows.to_vec();
    rows.sort_by(|a, b| {
        let open = |r: &PurchaseLine| r.received.is_none();
        (open(a), a.received)
            .cmp(&(open(b), b.received))
            .then(b.units.total_cmp(&a.units))
    });
    let follows = |pair: &[&PurchaseLine]| {
        let left = pair[0].units - pair[0].received_units;
        pair[0].received_units > SLACK && left > SLACK && (pair[1].units - left).abs() <= SLACK
    };
    let all = rows.windows(2).all(follows);
    all.then(|| OrderLine::of_rows(&rows, rows[0].units))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Day = Day(20_000);

    /// Units of a row, the day on which it is expected, and what came when; days are counted from today.
    type Row = (f64, i32, Option<(f64, i32)>);

    fn row(number: &str, ordered: i32, (units, expected, came): Row) -> PurchaseLine {
        PurchaseLine {
            po_id: number.to_owned(),
            sku: SkuId(0),
            location: LocationId(0),
            ordered: TODAY + ordered,
            units,
            supplier: None,
            expected: Some(TODAY + expected),
            received: came.map(|c| TODAY + c.1),
            received_units: came.map_or(0.0, |c| c.0),
            day_assumed: false,
        }
    }

    fn rows(told: &[Row]) -> Vec<PurchaseLine> {
        told.iter().map(|&told| row("P", -200, told)).collect()
    }

    /// (units, days from today) of what is still waited for.
    fn awaited(lines: &[PurchaseLine]) -> Vec<(f64, i32)> {
        let orders = purchase_orders(lines);
        let parts = orders.iter().flat_map(|o| o.outstanding(TODAY));
        let awaited = parts.filter(|p| !p.written_off);
        awaited
            .map(|p| (p.units, p.expected.map_or(0, |d| d - TODAY)))
            .collect()
    }

    #[test]
    fn a_number_that_is_used_again_is_another_order() {
        let last_year = row("0001", -330, (100.0, -316, Some((90.0, -316))));
        let now = row("0001", -4, (100.0, 10, None));
        assert_eq!(awaited(&[last_year, now.clone()]), [(100.0, 10)]);
        let by = |supplier: &str, line: &PurchaseLine| PurchaseLine {
            supplier: Some(Supplier::new(supplier)),
            ..line.clone()
        };
        let came = row("0001", -4, (100.0, 10, Some((60.0, -1))));
        let two = [by("S1", &came), by("S2", &now)];
        assert_eq!(awaited(&two), [(40.0, 10), (100.0, 10)]);
        // A row that names nobody is of the only supplier that is named.
        assert_eq!(purchase_orders(&[by("S1", &came), now.clone()]).len(), 1);
        assert_eq!(awaited(&[by("S1", &came), now]), [(40.0, 10)]);
    }

    #[test]
    fn a_delivery_one_unit_short_or_over_moves_no_other() {
        for first in [149.0, 150.0, 151.0] {
            let mut told = vec![(150.0, -170, Some((first, -170)))];
            for k in 1..6 {
                let day = -170 + 30 * k;
                told.push((150.0, day, Some((150.0, day))));
            }
            told.extend([(150.0, 7, None), (150.0, 37, None), (150.0, 67, None)]);
            let open = [(150.0, 7), (150.0, 37), (150.0, 67)];
            assert_eq!(awaited(&rows(&told)), open, "{first}");
            // As little with two deliveries alone.
            let two = [(150.0, -40, Some((first, -40))), (150.0, 20, None)];
            assert_eq!(awaited(&rows(&two)), [(150.0, 20)], "{first}");
        }
        // What is missing of a late delivery is waited for a month, on its own day.
        let short = [(150.0, -9, Some((140.0, -9))), (150.0, 21, None)];
        assert_eq!(awaited(&rows(&short)), [(10.0, -9), (150.0, 21)]);
    }

    #[test]
    fn more_than_was_ordered_leaves_nothing_to_come() {
        let told = [(100.0, -2, Some((60.0, -8))), (100.0, -2, Some((50.0, -2)))];
        assert_eq!(awaited(&rows(&told)), []);
        // Two lines of the same units, each short, are two.
        let two = [(100.0, -2, Some((90.0, -2))), (100.0, -2, Some((80.0, -2)))];
        assert_eq!(awaited(&rows(&two)), [(30.0, -2)]);
    }

    #[test]
    fn rows_that_name_what_the_ones_before_left_are_one_line() {
        let rest = [(100.0, -9, Some((60.0, -9))), (40.0, 12, None)];
        assert_eq!(awaited(&rows(&rest)), [(40.0, 12)]);
        let done = [
            (100.0, -9, Some((60.0, -9))),
            (40.0, -9, Some((30.0, -5))),
            (10.0, -9, Some((10.0, -1))),
        ];
        assert_eq!(awaited(&rows(&done)), []);
        let lines = rows(&done);
        assert_eq!(purchase_orders(&lines)[0].units(), 100.0);
    }

    #[test]
    fn a_line_told_with_each_of_its_receipts_stands_beside_the_next() {
        let told = [
            (150.0, -20, Some((100.0, -20))),
            (150.0, -20, Some((50.0, -12))),
            (150.0, 10, None),
        ];
        assert_eq!(awaited(&rows(&told)), [(150.0, 10)]);
    }

    #[test]
    fn goods_without_a_number_are_no_parts_of_one_order() {
        let told = [(100.0, -2, Some((60.0, -2))), (100.0, -2, Some((30.0, -2)))];
        let mut lines = rows(&told);
        lines.iter_mut().for_each(|l| l.po_id.clear());
        assert_eq!(purchase_orders(&lines).len(), 2);
    }
}
