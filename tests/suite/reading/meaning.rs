//! As-of and names: what the rows mean together.

use super::*;

#[test]
fn nothing_after_as_of_is_known() {
    let t = Folder::new()
        .file("sales.csv", sales("2026-08-01,a,web,1\n2026-08-05,z,web,9\n"))
        .file("stock.csv", "date,sku,location,on_hand\n2026-08-01,a,web,5\n2026-08-04,a,web,1\n")
        .file(
            "backorders.csv",
            "order_id,date,sku,channel,units,promised_date,shipped_date,shipped_units,notified_date\n\
             1,2026-08-01,a,web,2,2026-08-20,2026-08-03,2,2026-08-03\n2,2026-08-03,a,web,2,,,,\n",
        )
        .file(
            "inbound.csv",
            "po_id,sku,location,ordered_date,units,expected_date,received_date,received_units\n\
             P,a,web,2026-07-01,9,2026-08-02,2026-08-03,9\nQ,a,web,2026-08-03,9,,,\n",
        )
        .file("calendar.csv", "from,to,kind\n2026-12-01,2026-12-24,promotion\n")
        .until(2026, 8, 2)
        .read();
    assert_eq!(t.records.sales.0.height(), 1);
    assert_eq!(
        t.tables.skus.len(),
        1,
        "a SKU that is sold later is not known yet"
    );
    assert_eq!(t.records.stock.as_ref().map(|s| s.0.height()), Some(1));
    assert_eq!(t.tables.backorders.len(), 1);
    let line = &t.tables.backorders[0];
    assert_eq!(
        (line.shipped, line.shipped_units, line.notified),
        (None, 0.0, None)
    );
    assert!(line.promised.is_some());
    assert_eq!(t.tables.inbound.len(), 1);
    assert_eq!(
        (
            t.tables.inbound[0].received,
            t.tables.inbound[0].received_units
        ),
        (None, 0.0)
    );
    assert_eq!(t.tables.calendar.len(), 1);
    let later: Vec<u64> = t
        .findings
        .iter()
        .filter(|f| f.code == "rows_after_as_of")
        .map(|f| f.count)
        .collect();
    assert_eq!(later, [1, 1, 1, 1]);
    finding(&t, "later_events_hidden");
    let message = Folder::new()
        .file("sales.csv", PLAIN)
        .until(2020, 1, 1)
        .message();
    assert!(
        message.contains("2020-01-01") && message.contains("2026-08-01"),
        "{message}"
    );
}

#[test]
fn what_happened_within_a_week_is_known_when_the_week_is() {
    let week = |as_of: Option<u32>| {
        let folder = Folder::new()
            .config("[input]\ngrain = \"week\"\n")
            .file("sales.csv", sales("2026-08-03,a,web,1\n2026-08-10,a,web,1\n"))
            .file("stock.csv", "date,sku,location,on_hand\n2026-08-03,a,web,5\n2026-08-10,a,web,9\n")
            .file(
                "backorders.csv",
                "order_id,date,sku,channel,units,promised_date,shipped_date,shipped_units\n\
                 1,2026-08-05,a,web,2,2026-08-20,2026-08-14,2\n",
            )
            .file(
                "inbound.csv",
                "po_id,sku,location,ordered_date,units,expected_date,received_date,received_units\n\
                 P,a,web,2026-08-04,9,2026-08-12,2026-08-16,9\nQ,a,web,2026-08-11,9,2026-08-26,2026-08-17,9\n",
            );
        match as_of {
            Some(day) => folder.until(2026, 8, day),
            None => folder,
        }
    };
    let day = |day| Day::from_ymd(2026, 8, day);
    let t = week(None).read();
    assert_eq!(Some(t.tables.as_of), day(10));
    let seen: Vec<_> = t
        .tables
        .inbound
        .iter()
        .map(|l| (Some(l.ordered), l.expected, l.received))
        .collect();
    assert_eq!(seen, [(day(3), day(10), day(10)), (day(10), day(24), None)]);
    let line = &t.tables.backorders[0];
    assert_eq!(
        (Some(line.date), line.promised, line.shipped),
        (day(3), day(20), day(10))
    );
    // Within a week nobody can say whether it is over.
    assert_eq!(Some(week(Some(3)).read().tables.as_of), day(3));
    let message = week(Some(12)).message();
    for date in ["2026-08-12", "2026-08-10", "2026-08-03"] {
        assert!(message.contains(date), "{message}");
    }
}

#[test]
fn names_missing_from_their_table_are_told() {
    let t = Folder::new()
        .file("sales.csv", sales("2026-08-01,a,web,1\n2026-08-01,b,web,1\n2026-08-02,b,shop,1\n"))
        .file("stock.csv", "date,sku,location,on_hand\n2026-08-01,a,web,5\n2026-08-01,a,attic,5\n2026-08-01,a,main,5\n")
        .file("items.csv", "sku\na\n")
        .file("channels.csv", "channel\nweb\n")
        .file("locations.csv", "location,supplied_from\nweb,main\n")
        .read();
    let sku = finding(&t, "unknown_sku");
    assert_eq!(sku.sku.as_ref().map(|s| s.as_str()), Some("b"));
    assert_eq!(
        (sku.severity, sku.count, sku.place.line),
        (Severity::Warning, 2, Some(3))
    );
    let channel = finding(&t, "unknown_channel");
    assert_eq!(channel.channel.as_ref().map(|c| c.as_str()), Some("shop"));
    let unknown: Vec<&Finding> = t
        .findings
        .iter()
        .filter(|f| f.code == "unknown_location")
        .collect();
    assert_eq!(
        unknown.len(),
        1,
        "a supplying location is known: {unknown:#?}"
    );
    assert_eq!(
        unknown[0].location.as_ref().map(|l| l.as_str()),
        Some("attic")
    );
    // The default of an unknown channel: a location of its own.
    let shop = t
        .tables
        .channels
        .iter()
        .position(|c| c.as_str() == "shop")
        .expect("shop");
    assert_eq!(
        t.tables.locations[t.tables.channel_rows[shop].location].as_str(),
        "shop"
    );
}

#[test]
fn a_calendar_entry_for_nobody_is_left_out() {
    let t = Folder::new()
        .file("sales.csv", PLAIN)
        .file(
            "calendar.csv",
            "from,to,kind,sku,discount\n2026-08-01,2026-08-01,promotion,zzz,0.2\n",
        )
        .read();
    assert!(t.tables.calendar.is_empty());
    finding(&t, "calendar_scope_unknown");
    let columns = finding(&t, "unknown_columns");
    assert_eq!(columns.figures[1].1, "discount");
}

#[test]
fn a_channel_with_backorders_accepts_them_unless_told_otherwise() {
    let base = || {
        Folder::new().file("sales.csv", PLAIN).file(
            "backorders.csv",
            "order_id,date,sku,channel,units\n1,2026-08-01,001,web,2\n",
        )
    };
    assert!(base().read().tables.channel_rows[0].accepts_backorders);
    let told = base()
        .file("channels.csv", "channel,accepts_backorders\nweb,no\n")
        .read();
    assert!(!told.tables.channel_rows[0].accepts_backorders);
    assert!(
        !Folder::new()
            .file("sales.csv", PLAIN)
            .read()
            .tables
            .channel_rows[0]
            .accepts_backorders
    );
}
