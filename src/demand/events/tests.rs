//! Which entries are one class, whom they apply to, and what is stated of them.

use super::*;
use crate::domain::LocationId;

use crate::panel::small::{FIRST, bare_tables, on};

/// A hundred days have passed.
const KNOWN: Known = Known {
    first: FIRST,
    as_of: Day(FIRST.0 + 99),
    step: 1,
};

fn key(sku: u32, channel: u32) -> SeriesKey {
    SeriesKey {
        sku: SkuId(sku),
        channel: ChannelId(channel),
        location: LocationId(0),
    }
}

fn classes(events: &Events) -> Vec<(bool, &str)> {
    events
        .classes
        .iter()
        .map(|c| (c.promotion, c.series.as_str()))
        .collect()
}

/// Classes of the ten days from the first.
fn marked(calendar: &[CalendarEntry], tables: &Tables, key: SeriesKey) -> Vec<u8> {
    let mut out = vec![9; 10];
    Events::new(calendar, KNOWN).mark(tables, key, FIRST, 1, &mut out);
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
    let events = Events::new(&[on(CalendarKind::Holiday, "h", 6, 14)], KNOWN);
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
    let events = Events::new(&entries, KNOWN);
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
    let entries = [
        on(CalendarKind::Promotion, "sale", 0, 1),
        on(CalendarKind::Promotion, "sale", 5, 6),
        on(CalendarKind::Holiday, "sale", 8, 8),
        on(CalendarKind::SupplierClosed, "", 3, 3),
        on(CalendarKind::Exclude, "", 4, 4),
    ];
    let events = Events::new(&entries, KNOWN);
    assert_eq!(classes(&events), [(true, "sale"), (false, "sale")]);
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
        .map(|k| on(CalendarKind::Holiday, &format!("{k} % off"), k, k))
        .collect();
    let events = Events::new(&entries, KNOWN);
    assert_eq!(events.count(), 252);
    let tables = bare_tables(1, &[0], FIRST);
    let mut out = vec![0; 400];
    events.mark(&tables, key(0, 0), FIRST, 1, &mut out);
    assert_eq!((out[0], out[249], out[250], out[399]), (1, 250, 251, 251));
}

fn sale(name: &str, from: i32) -> CalendarEntry {
    on(CalendarKind::Promotion, name, from, from + 2)
}

#[test]
fn names_that_run_on_are_one_class_and_names_that_come_back_are_their_own() {
    let entries = [
        sale("bigsale 1", 0),
        sale("bigsale 2", 30),
        sale("bigsale 3", 60),
        sale("bigsale 4", 120),
    ];
    let events = Events::new(&entries, KNOWN);
    assert_eq!(classes(&events), [(true, "bigsale")]);
    let entries = [
        sale("11.11 sale", -400),
        sale("12.12 sale", -370),
        sale("11.11 sale", -35),
        sale("12.12 sale", -4),
        sale("11.11 Sale 2026", 330),
    ];
    let events = Events::new(&entries, KNOWN);
    assert_eq!(classes(&events), [(true, "1111sale"), (true, "1212sale")]);
    // A number that is new has the past of all others.
    let mut entries = entries.to_vec();
    entries.push(sale("6.18 sale", 140));
    let events = Events::new(&entries, KNOWN);
    assert_eq!(classes(&events), [(true, "sale")]);
}

#[test]
fn a_series_says_what_an_event_is_like_whatever_its_name() {
    let like = |name: &str, from, series: &str| CalendarEntry {
        series: Some(series.to_owned()),
        ..sale(name, from)
    };
    let entries = [
        like("Spring fair", 0, "A1"),
        like("Autumn fair", 50, "A2"),
        like("Jubilee", 110, "a1"),
        sale("Summer Sale 2025", 60),
        like("Clearance", 120, "summer sale 2025"),
        like("Finale", 130, "Summer Sale"),
    ];
    let events = Events::new(&entries, KNOWN);
    assert_eq!(
        classes(&events),
        [(true, "a1"), (true, "a2"), (true, "summersale")]
    );
    let of = |day: i32| {
        let mut out = [0];
        let tables = bare_tables(1, &[0], FIRST + 99);
        events.mark(&tables, key(0, 0), FIRST + day, 1, &mut out);
        out[0]
    };
    assert_eq!([110, 120, 130].map(of), [1, 3, 3]);
}

#[test]
fn a_stated_uplift_is_of_what_is_to_come_and_weighed_with_the_past() {
    let stated = |from, to, uplift| CalendarEntry {
        uplift: Some(uplift),
        ..on(CalendarKind::Promotion, "sale", from, to)
    };
    let entries = [
        stated(0, 2, 4.0),
        stated(50, 52, 4.0),
        stated(98, 101, 2.0),
        stated(130, 132, 3.0),
    ];
    let events = Events::new(&entries, KNOWN);
    let mut out = [0; 140];
    let tables = bare_tables(1, &[0], FIRST + 99);
    events.mark(&tables, key(0, 0), FIRST, 1, &mut out);
    assert_eq!(
        (out[0], out[51], out[99], out[100], out[131]),
        (1, 1, 1, 2, 3)
    );
    assert!(events.is_promotion(3) && events.like(3) == 1 && events.like(1) == 1);
    let of = |class| events.stated(class).unwrap();
    assert_eq!((of(2).uplift, of(3).uplift, of(3).past), (2.0, 3.0, 3));
    // Two parts of what was stated, three of what was learnt.
    let weighed = of(3).weighed(1.5);
    assert!((weighed.ln() - (2.0 * 3f64.ln() + 3.0 * 1.5f64.ln()) / 5.0).abs() < 1e-12);
    let alone = Events::new(&[stated(130, 132, 3.0)], KNOWN);
    assert_eq!(alone.stated(2).unwrap().weighed(1.0), 3.0);
}

#[test]
fn a_week_that_an_event_fills_in_part_is_lifted_in_part() {
    let weeks = Known { step: 7, ..KNOWN };
    let entry = CalendarEntry {
        uplift: Some(3.0),
        ..on(CalendarKind::Promotion, "sale", 99 + 14, 99 + 14 + 2)
    };
    let events = Events::new(&[entry], weeks);
    let uplift = events.stated(2).unwrap().uplift;
    assert!((uplift - (1.0 + 2.0 * 3.0 / 7.0)).abs() < 1e-12);
}

#[test]
fn entries_that_overlap_are_one_time_of_an_event() {
    let entries = [sale("a 1", 0), sale("a 1", 2), sale("a 2", 8)];
    let events = Events::new(&entries, KNOWN);
    let times: Vec<(i32, i32)> = events
        .occurrences
        .iter()
        .map(|o| (o.from - FIRST, o.to - FIRST))
        .collect();
    assert_eq!(times, [(0, 4), (8, 10)]);
}
