//! Every order counts once, however many of a block's files hold it.

use std::collections::{HashMap, HashSet};

use super::stage::{Reason, Staged};
use super::stamp::{DateForm, NO_OFFSET, Stamp};

/// A stamp as a number that grows with time.
fn moment(stamp: Stamp) -> i64 {
    let offset = if stamp.offset == NO_OFFSET {
        0
    } else {
        i64::from(stamp.offset)
    };
    i64::from(stamp.day) * 86_400 + i64::from(stamp.second.max(0)) - offset
}

/// The rows of one order in one file.
#[derive(Clone, Copy)]
struct Told {
    file: usize,
    /// When it was last changed; `i64::MIN` unknown.
    changed: i64,
}

/// Leaves out what another file of the block tells in its latest state, and lines whose number comes again.
///
/// An order is one by its number and day: numbers begin anew after years, and two shops count alike. Where several files hold it, the one in which it was
/// changed last counts, else the file whose last order is later.
pub(super) fn once(files: &mut [&mut Staged], form: &DateForm) {
    repeated_lines(files, form);
    let spans: Vec<Option<(i32, i32)>> = files.iter().map(|f| span(f)).collect();
    let shared = |k: usize, day: i32| {
        spans.iter().enumerate().any(|(other, span)| {
            other != k && span.is_some_and(|(first, last)| (first..=last).contains(&day))
        })
    };
    // Files by the day of their last order, then by name: the later one has the later state.
    let mut by_age: Vec<usize> = (0..files.len()).collect();
    by_age.sort_by(|&a, &b| {
        let key = |k: usize| (spans[k].map_or(i32::MIN, |s| s.1), files[k].file.as_str());
        key(a).cmp(&key(b))
    });
    let mut best: HashMap<(String, i32), Told> = HashMap::new();
    for &file in &by_age {
        each_order(files[file], |row, order, day| {
            if !shared(file, day) {
                return;
            }
            let changed = changed_at(files[file], row, form);
            let told = best
                .entry((order.to_owned(), day))
                .or_insert(Told { file, changed });
            if changed > told.changed || (told.file != file && changed >= told.changed) {
                *told = Told { file, changed };
            }
        });
    }
    if best.is_empty() {
        return;
    }
    for (file, staged) in files.iter_mut().enumerate() {
        let mut left = Vec::new();
        each_order(staged, |row, order, day| {
            let told = best.get(&(order.to_owned(), day));
            if told.is_some_and(|told| told.file != file) {
                left.push(row);
            }
        });
        for row in left {
            leave_row(staged, row, "repeated");
        }
    }
}

fn leave_row(staged: &mut Staged, row: usize, key: &str) {
    let per_row = staged.per_row();
    for record in row * per_row..(row + 1) * per_row {
        staged.leave(record, Reason::key(key));
    }
}

/// First and last day of a file's stamps.
fn span(staged: &Staged) -> Option<(i32, i32)> {
    let days = || staged.stamps.iter().flatten().map(|s| s.day);
    Some((days().min()?, days().max()?))
}

fn each_order(staged: &Staged, mut each: impl FnMut(usize, &str, i32)) {
    let Some(order) = &staged.layout.order else {
        return;
    };
    for (row, stamp) in staged.stamps.iter().enumerate() {
        let number = staged.sheet.cell(row, order.kept);
        if let Some(stamp) = stamp
            && !number.is_empty()
        {
            each(row, number, stamp.day);
        }
    }
}

fn changed_at(staged: &Staged, row: usize, form: &DateForm) -> i64 {
    let Some(changed) = &staged.layout.changed else {
        return i64::MIN;
    };
    let cell = staged.sheet.cell(row, changed.kept);
    form.parse(cell).map_or(i64::MIN, moment)
}

/// Of each used row of a file, when it was last changed (`i64::MIN` unknown), where the newest row of a name counts; `None` where the first does.
pub(super) fn ages(staged: &Staged, newest: bool, form: &DateForm) -> Vec<Option<i64>> {
    let used = (0..staged.records()).filter(|&record| staged.used(record));
    used.map(|record| newest.then(|| changed_at(staged, record / staged.per_row(), form)))
        .collect()
}

/// Lines whose number stands twice in one file: the state that was changed last counts, the first of equal ones.
fn repeated_lines(files: &mut [&mut Staged], form: &DateForm) {
    for staged in files.iter_mut() {
        let (Some(order), Some(line)) = (staged.layout.order.clone(), staged.layout.line.clone())
        else {
            continue;
        };
        let key = |row: usize| {
            let order = staged.sheet.cell(row, order.kept);
            let line = staged.sheet.cell(row, line.kept);
            (!order.is_empty() && !line.is_empty()).then_some((order, line))
        };
        let mut latest: HashMap<(&str, &str), usize> = HashMap::new();
        for row in 0..staged.sheet.rows() {
            let Some(key) = key(row) else { continue };
            let kept = latest.entry(key).or_insert(row);
            if changed_at(staged, row, form) > changed_at(staged, *kept, form) {
                *kept = row;
            }
        }
        let kept: HashSet<usize> = latest.values().copied().collect();
        let left: Vec<usize> = (0..staged.sheet.rows())
            .filter(|&row| key(row).is_some() && !kept.contains(&row))
            .collect();
        for row in left {
            leave_row(staged, row, "repeated");
        }
    }
}
