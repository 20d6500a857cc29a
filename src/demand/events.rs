//! Calendar entries as one event class per period and series.

mod name;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use self::name::Stems;
use crate::domain::{CalendarEntry, CalendarKind, Category, ChannelId, Day, SkuId, Tables};
use crate::panel::{Panel, SeriesKey};

/// No event.
pub const ORDINARY: u8 = 0;
/// The period says nothing about ordinary demand.
pub const EXCLUDED: u8 = u8::MAX;

/// Classes that entries are told apart by, at most; the rest share their kind's.
const MOST: usize = 250;
/// Names that come back after so many days are names: their numbers do not run on.
const COMES_BACK: i32 = 60;
/// Past events that a stated uplift counts as much as.
const STATED_EVENTS: f64 = 2.0;

/// The event classes of a shop: promotions or holidays of one series, or of one stem of their names, are one; unnamed ones share their kind's.
#[derive(Clone, Debug, Default)]
pub struct Events {
    /// Class `i + 1`.
    pub classes: Vec<Class>,
    /// Each time that an event took place or will, by class and day.
    pub occurrences: Vec<Occurrence>,
    by_sku: BTreeMap<SkuId, Vec<Span>>,
    by_category: BTreeMap<Category, Vec<Span>>,
    by_channel: BTreeMap<ChannelId, Vec<Span>>,
    everywhere: Vec<Span>,
}

/// What events have in common that are taken for one another.
#[derive(Clone, PartialEq, Debug)]
pub struct Class {
    pub promotion: bool,
    /// The calendar's series, or the stem of the names.
    pub series: String,
    /// Of coming events only.
    pub stated: Option<Stated>,
}

/// A stated uplift.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Stated {
    /// Demand × this.
    pub uplift: f64,
    /// The class of the past events.
    pub like: u8,
    /// How many of them there are.
    pub past: usize,
}

impl Stated {
    /// The factor to plan with where past events say `learnt`: geometric mean, in which the statement counts as two events. Without a past it
    /// is what was stated.
    pub fn weighed(self, learnt: f64) -> f64 {
        if self.past == 0 {
            return self.uplift;
        }
        let past = self.past as f64;
        ((STATED_EVENTS * self.uplift.max(1e-6).ln() + past * learnt.max(1e-6).ln())
            / (STATED_EVENTS + past))
            .exp()
    }
}

/// One time of an event, all its entries together, both ends included.
#[derive(Clone, PartialEq, Debug)]
pub struct Occurrence {
    /// That of the past, without statements.
    pub class: u8,
    pub from: Day,
    pub to: Day,
    /// As typed; empty where it has none.
    pub name: String,
    /// The stated uplifts of its entries.
    pub stated: Vec<f64>,
}

/// The time that is known, and its grain.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// First day of the history.
    pub first: Day,
    pub as_of: Day,
    /// Days a period.
    pub step: i32,
}

impl Known {
    /// That of a panel.
    pub fn of(panel: &Panel) -> Self {
        Self {
            first: panel.first.iter().min().copied().unwrap_or(panel.as_of),
            as_of: panel.as_of,
            step: panel.grain.days(),
        }
    }

    /// The last known day.
    fn last(&self) -> Day {
        self.as_of + (self.step - 1)
    }
}

#[derive(Clone, Copy, Debug)]
struct Span {
    from: Day,
    to: Day,
    class: u8,
    sku: Option<SkuId>,
    channel: Option<ChannelId>,
}

/// First and last day on which each undated name begins.
type Begins<'a> = BTreeMap<&'a str, (Day, Day)>;

fn is_event(entry: &CalendarEntry) -> bool {
    matches!(entry.kind, CalendarKind::Holiday | CalendarKind::Promotion)
}

/// What each event of the calendar is compared by with others of its kind: its series, or the stem of its name. Names that differ in dates
/// and numbers alone stay apart when every one of them comes back (11.11 and 12.12).
fn series_of(calendar: &[CalendarEntry]) -> Vec<String> {
    let stems: Vec<Stems> = calendar
        .iter()
        .map(|e| Stems::of(e.name.as_deref().unwrap_or_default()))
        .collect();
    let stated: Vec<Option<String>> = calendar
        .iter()
        .map(|e| e.series.as_deref().map(|s| Stems::of(s).whole))
        .collect();
    let by_name = || (0..calendar.len()).filter(|&i| is_event(&calendar[i]) && stated[i].is_none());
    let mut names: BTreeMap<(CalendarKind, &str), Begins<'_>> = BTreeMap::new();
    for i in by_name() {
        let (entry, s) = (&calendar[i], &stems[i]);
        let spread = names.entry((entry.kind, s.stem.as_str())).or_default();
        let days = spread.entry(&s.undated).or_insert((entry.from, entry.from));
        *days = (days.0.min(entry.from), days.1.max(entry.from));
    }
    let own = |i: usize| {
        let s = &stems[i];
        let apart = names[&(calendar[i].kind, s.stem.as_str())]
            .values()
            .all(|(first, last)| *last - *first > COMES_BACK);
        if apart { &s.undated } else { &s.stem }
    };
    // A series may be called as one of its events.
    let called: BTreeMap<(CalendarKind, &str), &String> = by_name()
        .map(|i| ((calendar[i].kind, stems[i].whole.as_str()), own(i)))
        .collect();
    (0..calendar.len())
        .map(|i| match &stated[i] {
            Some(series) => called
                .get(&(calendar[i].kind, series.as_str()))
                .map_or_else(|| series.clone(), |s| (*s).clone()),
            None if is_event(&calendar[i]) => own(i).clone(),
            None => String::new(),
        })
        .collect()
}

impl Events {
    /// Sorts the calendar's demand entries by what they apply to. Supplier closures and what recurs are not demand events.
    pub fn new(calendar: &[CalendarEntry], known: Known) -> Self {
        let mut events = Self::default();
        let series = series_of(calendar);
        let classes: Vec<Option<u8>> = calendar
            .iter()
            .zip(&series)
            .map(|(entry, series)| events.class_of(entry, series))
            .collect();
        events.count_occurrences(calendar, &classes);
        for (entry, class) in calendar.iter().zip(classes) {
            let Some(class) = class else { continue };
            let span = Span {
                from: entry.from,
                to: entry.to,
                class,
                sku: entry.sku,
                channel: entry.channel,
            };
            let coming = entry.to > known.last();
            match entry.uplift.filter(|_| coming && class != EXCLUDED) {
                None => events.add(entry, span),
                Some(uplift) => {
                    let next = known.last() + 1;
                    let class = events.stated_class(class, entry, uplift, known);
                    if span.from < next {
                        events.add(
                            entry,
                            Span {
                                to: known.last(),
                                ..span
                            },
                        );
                    }
                    events.add(
                        entry,
                        Span {
                            from: span.from.max(next),
                            class,
                            ..span
                        },
                    );
                }
            }
        }
        events
    }

    fn class_of(&mut self, entry: &CalendarEntry, series: &str) -> Option<u8> {
        match entry.kind {
            CalendarKind::SupplierClosed | CalendarKind::Recurring => None,
            CalendarKind::Exclude => Some(EXCLUDED),
            CalendarKind::Holiday | CalendarKind::Promotion => {
                let class = Class {
                    promotion: entry.kind == CalendarKind::Promotion,
                    series: series.to_owned(),
                    stated: None,
                };
                Some(self.code(class))
            }
        }
    }

    /// The number of a class; with too many of them, that of its kind's unnamed ones.
    fn code(&mut self, mut class: Class) -> u8 {
        if let Some(at) = self.classes.iter().position(|c| *c == class) {
            return at as u8 + 1;
        }
        if self.classes.len() >= MOST {
            class.series.clear();
            class.stated = None;
            if let Some(at) = self.classes.iter().position(|c| *c == class) {
                return at as u8 + 1;
            }
        }
        self.classes.push(class);
        self.classes.len().min(254) as u8
    }

    /// The class of what is still to come of an event with a stated uplift.
    fn stated_class(&mut self, like: u8, entry: &CalendarEntry, uplift: f64, known: Known) -> u8 {
        let past = self
            .occurrences
            .iter()
            .filter(|o| o.class == like && o.from <= known.last() && o.to >= known.first)
            .count();
        // A week that the event fills in part is lifted in part.
        let weeks = |day: Day| (day - known.as_of).div_euclid(known.step);
        let periods = weeks(entry.to) - weeks(entry.from) + 1;
        let covered =
            f64::from(entry.to - entry.from + 1) / f64::from(periods * known.step).max(1.0);
        let class = Class {
            stated: Some(Stated {
                uplift: 1.0 + (uplift - 1.0) * covered.min(1.0),
                like,
                past,
            }),
            ..self.classes[usize::from(like) - 1].clone()
        };
        if self.classes.len() >= MOST && !self.classes.contains(&class) {
            return like;
        }
        self.code(class)
    }

    /// Entries of one class that overlap are one occurrence.
    fn count_occurrences(&mut self, calendar: &[CalendarEntry], classes: &[Option<u8>]) {
        let mut all: Vec<(u8, &CalendarEntry)> = calendar
            .iter()
            .zip(classes)
            .filter_map(|(entry, class)| Some(((*class)?, entry)))
            .filter(|(class, _)| *class != EXCLUDED)
            .collect();
        all.sort_by_key(|(class, e)| (*class, e.from, e.to));
        for (class, entry) in all {
            match self.occurrences.last_mut() {
                Some(o) if o.class == class && entry.from <= o.to => {
                    o.to = o.to.max(entry.to);
                    o.stated.extend(entry.uplift);
                }
                _ => self.occurrences.push(Occurrence {
                    class,
                    from: entry.from,
                    to: entry.to,
                    name: entry.name.clone().unwrap_or_default(),
                    stated: entry.uplift.into_iter().collect(),
                }),
            }
        }
    }

    fn add(&mut self, entry: &CalendarEntry, span: Span) {
        match (entry.sku, &entry.category, entry.channel) {
            (Some(sku), _, _) => self.by_sku.entry(sku).or_default().push(span),
            (None, Some(category), _) => {
                let list = self.by_category.entry(category.clone()).or_default();
                list.push(span);
            }
            (None, None, Some(channel)) => self.by_channel.entry(channel).or_default().push(span),
            (None, None, None) => self.everywhere.push(span),
        }
    }

    /// What was stated of a class.
    pub fn stated(&self, class: u8) -> Option<Stated> {
        self.classes.get(usize::from(class).checked_sub(1)?)?.stated
    }

    /// The class whose past `class` is planned by: itself, where nothing was stated.
    pub fn like(&self, class: u8) -> u8 {
        self.stated(class).map_or(class, |s| s.like)
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
                .is_some_and(|c| c.promotion)
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
