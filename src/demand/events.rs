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
    /// Sorts the calendar's demand entries by what they apply to. Supplier closures are not demand events.
    pub fn new(calendar: &[CalendarEntry]) -> Self {
        let mut events = Self::default();
        let mut codes: BTreeMap<(bool, String), u8> = BTreeMap::new();
        for entry in calendar {
            let class = match entry.kind {
                CalendarKind::SupplierClosed => continue,
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
