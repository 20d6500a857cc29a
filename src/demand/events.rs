//! Calendar entries as one event class per period and series.

use std::collections::BTreeMap;

use crate::domain::{CalendarEntry, CalendarKind, Category, ChannelId, Day, SkuId, Tables};
use crate::panel::SeriesKey;

/// No event.
pub const ORDINARY: u8 = 0;
/// The period says nothing about ordinary demand.
pub const EXCLUDED: u8 = u8::MAX;

/// The event classes of a shop: each named promotion or holiday is one, unnamed ones share their kind's.
#[derive(Clone, Debug, Default)]
pub struct Events {
    /// (kind is promotion, name) of class `i + 1`.
    pub classes: Vec<(bool, String)>,
    by_sku: BTreeMap<SkuId, Vec<Span>>,
    by_category: BTreeMap<Category, Vec<Span>>,
    by_channel: BTreeMap<ChannelId, Vec<Span>>,
    everywhere: Vec<Span>,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    from: Day,
    to: Day,
    class: u8,
    sku: Option<SkuId>,
    channel: Option<ChannelId>,
}

impl Events {
    /// Sorts the calendar's demand entries by what they apply to. Supplier closures and what recurs are not demand events.
    pub fn new(calendar: &[CalendarEntry]) -> Self {
        let mut events = Self::default();
        let mut codes: BTreeMap<(bool, String), u8> = BTreeMap::new();
        for entry in calendar {
            let class = match entry.kind {
                CalendarKind::SupplierClosed | CalendarKind::Recurring => continue,
                CalendarKind::Exclude => EXCLUDED,
                CalendarKind::Holiday | CalendarKind::Promotion => {
                    let promotion = entry.kind == CalendarKind::Promotion;
                    let mut name = entry.name.clone().unwrap_or_default();
                    let next = codes.len();
                    if next >= 250 && !codes.contains_key(&(promotion, name.clone())) {
                        // More names than classes: the rest share their kind's class.
                        name = String::new();
                    }
                    *codes.entry((promotion, name.clone())).or_insert_with(|| {
                        events.classes.push((promotion, name));
                        (next + 1).min(254) as u8
                    })
                }
            };
            let span = Span {
                from: entry.from,
                to: entry.to,
                class,
                sku: entry.sku,
                channel: entry.channel,
            };
            match (entry.sku, &entry.category, entry.channel) {
                (Some(sku), _, _) => events.by_sku.entry(sku).or_default().push(span),
                (None, Some(category), _) => {
                    events
                        .by_category
                        .entry(category.clone())
                        .or_default()
                        .push(span);
                }
                (None, None, Some(channel)) => {
                    events.by_channel.entry(channel).or_default().push(span)
                }
                (None, None, None) => events.everywhere.push(span),
            }
        }
        events
    }

    /// Number of classes, "ordinary" included.
    pub fn count(&self) -> usize {
        self.classes.len() + 1
    }

    /// Whether `class` is a promotion.
    pub fn is_promotion(&self, class: u8) -> bool {
        class != ORDINARY
            && self
                .classes
                .get(usize::from(class) - 1)
                .is_some_and(|c| c.0)
    }

    /// Writes the class of each of `out.len()` periods of `step` days from `first`. Exclusion beats promotion beats holiday.
    pub fn mark(&self, tables: &Tables, key: SeriesKey, first: Day, step: i32, out: &mut [u8]) {
        out.fill(ORDINARY);
        let category = tables.items[key.sku].category.as_ref();
        let lists = [
            Some(&self.everywhere),
            self.by_channel.get(&key.channel),
            category.and_then(|c| self.by_category.get(c)),
            self.by_sku.get(&key.sku),
        ];
        for span in lists.into_iter().flatten().flatten() {
            if span.channel.is_some_and(|c| c != key.channel)
                || span.sku.is_some_and(|s| s != key.sku)
            {
                continue;
            }
            let from = (span.from - first).div_euclid(step).max(0) as usize;
            let to = (span.to - first).div_euclid(step);
            if to < 0 {
                continue;
            }
            let to = (to as usize + 1).min(out.len());
            for slot in out.get_mut(from..to).into_iter().flatten() {
                if self.rank(span.class) >= self.rank(*slot) {
                    *slot = span.class;
                }
            }
        }
    }

    fn rank(&self, class: u8) -> u8 {
        match class {
            ORDINARY => 0,
            EXCLUDED => 3,
            class if self.is_promotion(class) => 2,
            _ => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LocationId;

    use crate::panel::small::{FIRST, bare_tables, on};

    fn key(sku: u32, channel: u32) -> SeriesKey {
        SeriesKey {
            sku: SkuId(sku),
            channel: ChannelId(channel),
            location: LocationId(0),
        }
    }

    /// Classes of the ten days from the first.
    fn marked(calendar: &[CalendarEntry], tables: &Tables, key: SeriesKey) -> Vec<u8> {
        let mut out = vec![9; 10];
        Events::new(calendar).mark(tables, key, FIRST, 1, &mut out);
        out
    }

    #[test]
    fn an_entry_covers_both_its_ends_and_nothing_before_or_after_the_history() {
        let tables = bare_tables(1, &[0], FIRST + 9);
        let holiday = |from, to| {
            let found = marked(
                &[on(CalendarKind::Holiday, "h", from, to)],
                &tables,
                key(0, 0),
            );
            found.iter().map(|c| usize::from(*c)).collect::<Vec<_>>()
        };
        assert_eq!(holiday(3, 5), [0, 0, 0, 1, 1, 1, 0, 0, 0, 0]);
        assert_eq!(holiday(-4, 0), [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(holiday(9, 30), [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(holiday(-9, -1), [0; 10]);
        assert_eq!(holiday(10, 12), [0; 10]);
    }

    #[test]
    fn weeks_that_an_entry_touches_are_its_own() {
        let tables = bare_tables(1, &[0], FIRST);
        let mut out = [0; 4];
        let events = Events::new(&[on(CalendarKind::Holiday, "h", 6, 14)]);
        events.mark(&tables, key(0, 0), FIRST, 7, &mut out);
        assert_eq!(out, [1, 1, 1, 0]);
    }

    #[test]
    fn exclusion_beats_a_promotion_and_a_promotion_beats_a_holiday_in_any_order() {
        let tables = bare_tables(1, &[0], FIRST);
        let mut entries = [
            on(CalendarKind::Holiday, "h", 0, 8),
            on(CalendarKind::Promotion, "p", 2, 6),
            on(CalendarKind::Exclude, "", 4, 5),
        ];
        let events = Events::new(&entries);
        assert_eq!(events.count(), 3);
        assert!(events.is_promotion(2) && !events.is_promotion(1));
        assert!(!events.is_promotion(ORDINARY) && !events.is_promotion(EXCLUDED));
        let (x, o) = (EXCLUDED, ORDINARY);
        assert_eq!(
            marked(&entries, &tables, key(0, 0)),
            [1, 1, 2, 2, x, x, 2, 1, 1, o]
        );
        entries.reverse();
        assert_eq!(
            marked(&entries, &tables, key(0, 0)),
            [2, 2, 1, 1, x, x, 1, 2, 2, o]
        );
    }

    #[test]
    fn a_name_is_one_class_and_closures_of_suppliers_are_none() {
        let events = Events::new(&[
            on(CalendarKind::Promotion, "sale", 0, 1),
            on(CalendarKind::Promotion, "sale", 5, 6),
            on(CalendarKind::Holiday, "sale", 8, 8),
            on(CalendarKind::SupplierClosed, "", 3, 3),
            on(CalendarKind::Exclude, "", 4, 4),
        ]);
        assert_eq!(events.count(), 3);
        assert_eq!(
            events.classes,
            [(true, "sale".to_owned()), (false, "sale".to_owned())]
        );
    }

    #[test]
    fn an_entry_applies_to_what_it_names() {
        let mut tables = bare_tables(2, &[0, 0], FIRST);
        tables.items[1].category = Some(Category::new("hats"));
        let entry = |sku, category: Option<&str>, channel| CalendarEntry {
            sku,
            category: category.map(Category::new),
            channel,
            ..on(CalendarKind::Holiday, "h", 0, 0)
        };
        let applies = |entry: CalendarEntry| {
            [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(sku, channel)| {
                marked(std::slice::from_ref(&entry), &tables, key(sku, channel))[0] > 0
            })
        };
        assert_eq!(applies(entry(None, None, None)), [true; 4]);
        assert_eq!(
            applies(entry(Some(SkuId(1)), None, None)),
            [false, false, true, true]
        );
        assert_eq!(
            applies(entry(None, Some("hats"), None)),
            [false, false, true, true]
        );
        assert_eq!(
            applies(entry(None, None, Some(ChannelId(1)))),
            [false, true, false, true]
        );
        assert_eq!(
            applies(entry(Some(SkuId(0)), None, Some(ChannelId(1)))),
            [false, true, false, false]
        );
        assert_eq!(
            applies(entry(None, Some("hats"), Some(ChannelId(0)))),
            [false, false, true, false]
        );
        assert_eq!(applies(entry(None, Some("shoes"), None)), [false; 4]);
    }

    #[test]
    fn more_names_than_classes_share_their_kind_s() {
        let entries: Vec<CalendarEntry> = (0..400)
            .map(|k| on(CalendarKind::Holiday, &format!("h{k:03}"), k, k))
            .collect();
        let events = Events::new(&entries);
        assert_eq!(events.count(), 252);
        let tables = bare_tables(1, &[0], FIRST);
        let mut out = vec![0; 400];
        events.mark(&tables, key(0, 0), FIRST, 1, &mut out);
        assert_eq!((out[0], out[249], out[250], out[399]), (1, 250, 251, 251));
    }
}
