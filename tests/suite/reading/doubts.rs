//! Doubtful data is told, and stops nothing.

use super::*;

fn daily(days: u32, row: impl Fn(u32) -> String) -> String {
    (1..=days).map(|d| row(d) + "\n").collect()
}

#[test]
fn a_slip_among_whole_quantities_is_told_once() {
    let rows = daily(20, |d| {
        format!(
            "2026-08-{d:02},a,web,{}\n2026-08-{d:02},kg,web,{}",
            if d == 7 || d == 9 { "1.5" } else { "2" },
            f64::from(d) + 0.25
        )
    });
    let t = Folder::new().file("sales.csv", sales(&rows)).read();
    let told: Vec<&Finding> = t
        .findings
        .iter()
        .filter(|f| f.code == "fractional_units")
        .collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(told[0].sku.as_ref().map(|s| s.as_str()), Some("a"));
    assert_eq!(
        (told[0].count, told[0].place.value.as_deref()),
        (2, Some("1.5"))
    );
}

#[test]
fn the_last_of_several_stock_rows_counts() {
    let t = Folder::new()
        .file("sales.csv", PLAIN)
        .file("stock.csv", "date,sku,location,on_hand\n2026-08-01,001,web,9\n2026-08-01,001,web,4\n2026-08-01,001,web,7\n")
        .read();
    assert_eq!(
        f64s(&t.records.stock.as_ref().expect("stock").0, "on_hand"),
        [7.0]
    );
    let f = finding(&t, "duplicate_stock_rows");
    assert_eq!((f.count, f.place.line), (2, Some(2)));
    assert_eq!(f.place.column.as_deref(), Some("on_hand"));
    assert_eq!(f.place.value.as_deref(), Some("9"));
    let (what, _) = finding_text(Lang::En, f);
    assert!(what.contains("first 001 at web on 2026-08-01"), "{what}");
}

#[test]
fn exact_copies_are_kept_and_told_when_they_are_many() {
    let t = Folder::new()
        .file(
            "sales.csv",
            sales("2026-08-01,a,web,1\n2026-08-01,a,web,1\n2026-08-01,a,web,2\n"),
        )
        .read();
    assert_eq!(t.records.sales.0.height(), 3);
    assert_eq!(finding(&t, "duplicate_sales_rows").count, 1);
    let rows = daily(28, |d| {
        (0..5)
            .map(|k| format!("2026-08-{d:02},s{k},web,1"))
            .collect::<Vec<_>>()
            .join("\n")
    });
    let one = format!("{rows}2026-08-01,s1,web,1\n");
    lacks(
        &Folder::new().file("sales.csv", sales(&one)).read(),
        "duplicate_sales_rows",
    );
}

#[test]
fn repeated_backorder_lines_and_odd_receipts_are_told() {
    let t = Folder::new()
        .file("sales.csv", PLAIN)
        .file("backorders.csv", "order_id,date,sku,channel,units,shipped_units\n1,2026-08-01,001,web,2,1\n1,2026-08-01,001,web,2,\n")
        .file(
            "inbound.csv",
            "po_id,sku,location,ordered_date,units,received_date,received_units\n\
             P,001,web,2026-07-20,5,2026-07-10,5\nQ,001,web,2026-07-20,5,,5\nR,001,web,2026-07-20,5,2026-07-25,\n,001,web,2026-07-20,5,2026-07-25,5\n",
        )
        .read();
    for (code, severity) in [
        ("duplicate_backorder_lines", Severity::Warning),
        ("event_without_date", Severity::Warning),
        ("received_before_ordered", Severity::Warning),
        ("receipt_without_date", Severity::Warning),
        ("receipt_units_assumed", Severity::Notice),
        ("receipt_without_order", Severity::Notice),
    ] {
        let f = finding(&t, code);
        assert_eq!((f.severity, f.count), (severity, 1), "{code}");
    }
    let f = finding(&t, "received_before_ordered");
    assert_eq!(f.place.column.as_deref(), Some("received_date"));
    assert_eq!(f.place.value.as_deref(), Some("2026-07-10"));
    let (what, _) = finding_text(Lang::En, f);
    assert!(
        what.contains("order P of 001, ordered 2026-07-20"),
        "{what}"
    );
}

#[test]
fn repeated_rows_of_inbound_are_kept_and_told() {
    const HEAD: &str =
        "po_id,sku,location,ordered_date,units,expected_date,received_date,received_units\n";
    const ROWS: &str =
        "P,001,web,2026-07-20,5,2026-08-09,,\nQ,001,web,2026-07-20,7.5,,2026-07-30,7\n";
    let base = |rows: &str| {
        Folder::new()
            .file("sales.csv", PLAIN)
            .file("inbound.csv", format!("{HEAD}{rows}"))
    };
    let t = base(&format!("{ROWS}{ROWS}")).read();
    assert_eq!(t.tables.inbound.len(), 4);
    let f = finding(&t, "duplicate_inbound_rows");
    assert_eq!((f.severity, f.count), (Severity::Warning, 2));
    assert_eq!(
        (f.place.file.as_deref(), f.place.line),
        (Some("inbound.csv"), Some(4))
    );
    let (what, remedy) = finding_text(Lang::En, f);
    assert!(what.contains("2 rows of inbound (12.5 units)"), "{what}");
    assert!(what.contains("first order P of 001"), "{what}");
    assert!(remedy.contains("keep one of each"), "{remedy}");

    // A line delivered in parts differs in something; what was ordered after as-of is in no plan.
    lacks(
        &base("P,001,web,2026-07-20,5,,2026-07-28,2\nP,001,web,2026-07-20,5,,2026-07-29,2\nP,001,web,2026-07-20,5,,2026-07-29,1\n").read(),
        "duplicate_inbound_rows",
    );
    lacks(
        &base("P,001,web,2026-08-02,5,,,\nP,001,web,2026-08-02,5,,,\n").read(),
        "duplicate_inbound_rows",
    );
    // Weeks lay different days on one; the rows are no copies for that.
    let weekly = |rows: &str| base(rows).config("[input]\ngrain = \"week\"\n").read();
    lacks(
        &weekly("P,001,web,2026-07-20,5,,2026-07-28,5\nP,001,web,2026-07-20,5,,2026-07-29,5\n"),
        "duplicate_inbound_rows",
    );
    assert_eq!(
        finding(&weekly(&format!("{ROWS}{ROWS}")), "duplicate_inbound_rows").count,
        2
    );
}

#[test]
fn units_far_beyond_everything_else_are_told() {
    let base = |extra: &str| {
        let rows = daily(28, |d| {
            let lump = if d % 9 == 0 { 24 } else { 2 };
            format!(
                "2026-08-{d:02},a,web,{},\n2026-08-{d:02},b,web,{lump},",
                d % 3
            )
        });
        Folder::new()
            .file(
                "sales.csv",
                format!("date,sku,channel,units,order_type\n{rows}{extra}"),
            )
            .read()
    };
    lacks(&base(""), "unusual_units");
    for typed in ["3000", "490123456"] {
        let t = base(&format!("2026-08-14,a,web,{typed},\n"));
        let f = finding(&t, "unusual_units");
        assert_eq!((f.severity, f.count), (Severity::Warning, 1));
        assert_eq!(f.sku.as_ref().map(|s| s.as_str()), Some("a"));
        assert_eq!(
            (f.from, f.place.line),
            (Day::from_ymd(2026, 8, 14), Some(58))
        );
        assert_eq!(f.place.file.as_deref(), Some("sales.csv"));
        assert_eq!(f.place.column.as_deref(), Some("units"));
        assert_eq!(f.place.value.as_deref(), Some(typed));
        let (what, remedy) = finding_text(Lang::En, f);
        assert!(what.contains("ordinary day has 2."), "{what}");
        assert!(remedy.contains("wholesale"), "{remedy}");
        // Nothing is taken out.
        let sold: f64 = f64s(&t.records.sales.0, "units").iter().sum();
        assert!(sold >= typed.parse::<f64>().expect("number"));
    }
    // Two slips do not hide each other.
    let t = base("2026-08-14,a,web,3000,\n2026-08-16,a,web,4000,\n");
    let f = finding(&t, "unusual_units");
    assert_eq!((f.count, f.place.value.as_deref()), (2, Some("4000")));
    // Bulk orders that are marked, and busy days, are nothing to look at.
    lacks(&base("2026-08-14,a,web,3000,wholesale\n"), "unusual_units");
    lacks(&base("2026-08-14,a,web,30,\n"), "unusual_units");
    lacks(&base(&"2026-08-14,a,web,1,\n".repeat(90)), "unusual_units");

    // Of an item that hardly sells the channel tells what is usual: a mean day of 3.3 units.
    let t = base("2026-08-14,c,web,1,\n2026-08-20,c,web,500,\n");
    assert_eq!(
        finding(&t, "unusual_units")
            .sku
            .as_ref()
            .map(|s| s.as_str()),
        Some("c")
    );
    lacks(
        &base("2026-08-14,c,web,1,\n2026-08-20,c,web,60,\n"),
        "unusual_units",
    );
    lacks(
        &base("2026-08-14,c,web,400,\n2026-08-20,c,web,500,\n"),
        "unusual_units",
    );
}

#[test]
fn a_date_far_after_all_others_is_told() {
    let rows = daily(28, |d| format!("2026-08-{d:02},a,web,1"));
    let base = |extra: &str| Folder::new().file("sales.csv", sales(&format!("{rows}{extra}")));
    lacks(&base("").read(), "as_of_far_ahead");
    lacks(&base("2026-10-27,a,web,1\n").read(), "as_of_far_ahead");

    let t = base("2126-08-29,a,web,5\n").read();
    assert_eq!(Some(t.tables.as_of), Day::from_ymd(2126, 8, 29));
    let f = finding(&t, "as_of_far_ahead");
    assert_eq!((f.severity, f.count), (Severity::Warning, 1));
    assert_eq!(
        (f.place.file.as_deref(), f.place.line),
        (Some("sales.csv"), Some(30))
    );
    assert_eq!(f.place.column.as_deref(), Some("date"));
    assert_eq!(f.place.value.as_deref(), Some("2126-08-29"));
    let (what, remedy) = finding_text(Lang::En, f);
    assert!(
        what.contains("only 1 row of sales and stock is after 2026-08-28"),
        "{what}"
    );
    assert!(remedy.contains("--as-of"), "{remedy}");

    // In stock too, and when two dates are wrong.
    let stock =
        "date,sku,location,on_hand\n2026-08-01,a,web,9\n2126-08-01,a,web,8\n2126-08-02,a,web,7\n";
    let t = base("").file("stock.csv", stock).read();
    let f = finding(&t, "as_of_far_ahead");
    assert_eq!((f.count, f.place.line), (2, Some(4)));
    assert_eq!(f.place.file.as_deref(), Some("stock.csv"));

    // Whoever gives the day knows it.
    lacks(
        &base("2126-08-29,a,web,5\n").until(2026, 8, 28).read(),
        "as_of_far_ahead",
    );
}

#[test]
fn weeks_read_as_days_are_told() {
    let weeks = |n: i32, odd: i32| {
        let first = Day::from_ymd(2026, 6, 1).expect("day");
        let rows: String = (0..n)
            .map(|k| format!("{},a,web,{}\n", first + (7 * k + odd * (k % 2)), k + 5))
            .collect();
        Folder::new().file("sales.csv", sales(&rows))
    };
    let t = weeks(8, 0).read();
    assert_eq!(finding(&t, "looks_weekly").count, 8);
    let (_, remedy) = finding_text(Lang::En, finding(&t, "looks_weekly"));
    assert!(remedy.contains("grain = \"week\""), "{remedy}");
    lacks(&t, "no_sales_rows_for_days");
    lacks(&weeks(7, 0).read(), "looks_weekly");
    lacks(&weeks(8, 1).read(), "looks_weekly");
    let told = weeks(8, 0).config("[input]\ngrain = \"week\"\n").read();
    lacks(&told, "looks_weekly");
}

#[test]
fn an_order_multiple_of_nothing_is_told() {
    let t = Folder::new()
        .file("sales.csv", PLAIN)
        .file("items.csv", "sku,order_multiple\n001,0\n002,6\n")
        .read();
    let f = finding(&t, "order_multiple_zero");
    assert_eq!((f.count, f.place.line), (1, Some(2)));
}

#[test]
fn where_nothing_is_sold_no_location_is_unknown() {
    let stock = "date,sku,location,on_hand\n2026-08-01,a,attic,3\n";
    let none = Folder::new()
        .file("sales.csv", sales(""))
        .file("stock.csv", stock);
    lacks(&none.read(), "unknown_location");
    let some = Folder::new()
        .file("sales.csv", PLAIN)
        .file("stock.csv", stock);
    finding(&some.read(), "unknown_location");
}

#[test]
fn sales_on_closed_days_are_told() {
    let t = Folder::new()
        .file("sales.csv", sales("2026-08-01,a,web,1\n2026-08-02,a,web,2\n2026-08-03,a,web,0\n"))
        .file("stock.csv", "date,sku,location,state\n2026-08-01,a,web,in_stock\n2026-08-02,a,web,closed\n2026-08-03,a,web,not_listed\n")
        .read();
    let f = finding(&t, "sales_on_closed_day");
    assert_eq!(
        (f.count, f.from, f.place.line),
        (1, Day::from_ymd(2026, 8, 2), Some(3))
    );
}

#[test]
fn days_that_no_series_has_are_told() {
    let rows = daily(28, |d| {
        if (10..=12).contains(&d) || d == 20 {
            String::new()
        } else {
            format!("2026-08-{d:02},a,web,3\n2026-08-{d:02},b,web,2\n2026-08-{d:02},c,web,1")
        }
    });
    let t = Folder::new().file("sales.csv", sales(&rows)).read();
    let f = finding(&t, "no_sales_rows_for_days");
    assert_eq!(f.count, 4);
    assert!(
        f.figures
            .iter()
            .any(|(_, v)| v == "2026-08-10/2026-08-12, 2026-08-20"),
        "{f:#?}"
    );
    let rare = daily(28, |d| {
        if d % 3 == 0 {
            format!("2026-08-{d:02},a,web,1")
        } else {
            String::new()
        }
    });
    lacks(
        &Folder::new().file("sales.csv", sales(&rare)).read(),
        "no_sales_rows_for_days",
    );
}

#[test]
fn days_that_empty_shelves_explain_are_not_told() {
    // Two articles that sell daily; both shelves are empty from the 11th to the 16th, that of b also before and after.
    let rows = daily(28, |d| match d {
        11..=16 => String::new(),
        9..=18 => format!("2026-08-{d:02},a,web,3"),
        _ => format!("2026-08-{d:02},a,web,3\n2026-08-{d:02},b,web,2"),
    });
    let stock = |a: std::ops::RangeInclusive<u32>| {
        let rows = daily(28, |d| {
            let level = |empty: bool| if empty { 0 } else { 50 };
            format!(
                "2026-08-{d:02},a,web,{}\n2026-08-{d:02},b,web,{}",
                level(a.contains(&d)),
                level((9..=18).contains(&d))
            )
        });
        format!("date,sku,location,on_hand\n{rows}")
    };
    let t = |a| {
        Folder::new()
            .file("sales.csv", sales(&rows))
            .file("stock.csv", stock(a))
            .read()
    };
    lacks(&t(11..=16), "no_sales_rows_for_days");
    // With one shelf full on two of the days, these two are told.
    let partly = t(13..=16);
    let f = finding(&partly, "no_sales_rows_for_days");
    assert_eq!(
        (f.count, f.from, f.to),
        (2, Day::from_ymd(2026, 8, 11), Day::from_ymd(2026, 8, 12))
    );
}

#[test]
fn stock_that_nothing_explains_is_told() {
    let sold = daily(10, |d| format!("2026-08-{d:02},a,web,2"));
    // 40 at the start, 2 a day, 10 received on the 5th, 3 shipped to backorders on the 6th, and 8 gone on the 8th.
    let level = |d: u32| {
        40 - 2 * d as i32 + if d >= 5 { 10 } else { 0 }
            - if d >= 6 { 3 } else { 0 }
            - if d >= 8 { 8 } else { 0 }
    };
    let stock = daily(10, |d| format!("2026-08-{d:02},a,web,{}", level(d)));
    let base = |inbound: bool| {
        let folder = Folder::new()
            .file("sales.csv", sales(&sold))
            .file("stock.csv", format!("date,sku,location,on_hand\n{stock}"))
            .file("backorders.csv", "order_id,date,sku,channel,units,shipped_date,shipped_units\n1,2026-08-01,a,web,3,2026-08-06,3\n");
        if inbound {
            folder.file("inbound.csv", "po_id,sku,location,ordered_date,units,received_date,received_units\nP,a,web,2026-07-20,10,2026-08-05,10\n")
        } else {
            folder
        }
    };
    for inbound in [true, false] {
        let t = base(inbound).read();
        let f = finding(&t, "stock_jump");
        // Between the close of the 7th and that of the 8th.
        let span = (Day::from_ymd(2026, 8, 7), Day::from_ymd(2026, 8, 8));
        assert_eq!((f.count, f.from, f.to), (1, span.0, span.1));
        for (name, value) in [("before", "33"), ("expected", "31"), ("recorded", "23")] {
            assert!(
                f.figures.contains(&(name, value.to_owned())),
                "{name} {f:#?}"
            );
        }
        assert_eq!(f.place.line, Some(9));
    }
}

#[test]
fn pooled_channels_and_returns_explain_stock() {
    let t = Folder::new()
        .file(
            "sales.csv",
            "date,sku,channel,units,returned_units\n2026-08-02,a,web,5,\n2026-08-02,a,shop,4,1\n",
        )
        .file(
            "stock.csv",
            "date,sku,location,on_hand\n2026-08-01,a,main,20\n2026-08-02,a,main,12\n",
        )
        .file("channels.csv", "channel,location\nweb,main\nshop,main\n")
        .read();
    lacks(&t, "stock_jump");
    lacks(&t, "no_stock_record");
}

#[test]
fn very_many_jumps_are_counted() {
    let mut rows = String::from("date,sku,location,on_hand\n");
    for k in 0..230 {
        rows.push_str(&format!(
            "2026-08-01,s{k:03},web,100\n2026-08-02,s{k:03},web,{}\n",
            60 - k % 50
        ));
    }
    let t = Folder::new()
        .file("sales.csv", SALES)
        .file("stock.csv", rows)
        .read();
    let jumps = t.findings.iter().filter(|f| f.code == "stock_jump").count();
    assert_eq!(jumps, 200);
    assert_eq!(finding(&t, "more_findings").count, 30);
}

#[test]
fn negative_and_missing_stock_are_noticed() {
    let t = Folder::new()
        .file(
            "sales.csv",
            sales("2026-08-01,a,web,1\n2026-08-01,b,web,1\n"),
        )
        .file(
            "stock.csv",
            "date,sku,location,on_hand\n2026-08-01,a,web,-3\n",
        )
        .read();
    let f = finding(&t, "negative_stock");
    assert_eq!((f.severity, f.count), (Severity::Notice, 1));
    let f = finding(&t, "no_stock_record");
    assert_eq!((f.severity, f.count), (Severity::Notice, 1));
    assert_eq!(f.sku.as_ref().map(|s| s.as_str()), Some("b"));
    finding(
        &Folder::new().file("sales.csv", PLAIN).read(),
        "no_stock_table",
    );
}

#[test]
fn sales_that_hold_the_backorders_are_told_or_reduced() {
    // Stock is 0 on the eves; the sales of these days can only be the accepted orders.
    let stock = daily(6, |d| format!("2026-08-{d:02},a,web,0"));
    let sold = daily(6, |d| format!("2026-08-{d:02},a,web,2"));
    let orders = daily(4, |d| format!("O{d},2026-08-{:02},a,web,2", d + 1));
    let base = |sold: &str| {
        Folder::new()
            .file("sales.csv", sales(sold))
            .file("stock.csv", format!("date,sku,location,on_hand\n{stock}"))
            .file(
                "backorders.csv",
                format!("order_id,date,sku,channel,units\n{orders}"),
            )
    };
    let t = base(&sold).read();
    assert_eq!(finding(&t, "sales_hold_backorders").count, 4);
    let message = quality_table(&t, Lang::En);
    assert!(
        message.contains("sales_include_backorders = true"),
        "{message}"
    );

    let held = base(&sold)
        .config("[input]\nsales_include_backorders = true\n")
        .read();
    assert_eq!(
        f64s(&held.records.sales.0, "units"),
        [2.0, 0.0, 0.0, 0.0, 0.0, 2.0]
    );
    lacks(&held, "sales_hold_backorders");
    lacks(&held, "backorder_not_in_sales");

    let fewer = daily(6, |d| format!("2026-08-{d:02},a,web,1"));
    let held = base(&fewer)
        .config("[input]\nsales_include_backorders = true\n")
        .read();
    assert_eq!(
        f64s(&held.records.sales.0, "units")[1],
        0.0,
        "never below 0"
    );
    assert_eq!(finding(&held, "backorder_not_in_sales").count, 4);

    lacks(
        &base("2026-08-01,a,web,1\n").read(),
        "sales_hold_backorders",
    );
}

#[test]
fn findings_come_in_one_order_and_have_texts() {
    let t = Folder::new()
        .file(
            "sales.csv",
            "date,sku,channel,units,memo\n2026-08-01,b,web,1,\n2026-08-01,a,web,1,\n",
        )
        .file("items.csv", "sku\nc\n")
        .read();
    let order: Vec<(Severity, &str)> = t.findings.iter().map(|f| (f.severity, f.code)).collect();
    assert!(order.is_sorted(), "{order:?}");
    for lang in [Lang::En, Lang::Ja] {
        let table = quality_table(&t, lang);
        assert!(!table.contains("finding."), "{table}");
        assert!(!table.contains('{'), "{table}");
    }
    let table = quality_table(&t, Lang::En);
    for part in [
        "sales",
        "2026-08-01 – 2026-08-01",
        "Warnings: 2",
        "sales.csv, line 3",
        "[unknown_sku]",
        "and 1 more",
        "memo",
    ] {
        assert!(table.contains(part), "{part} in\n{table}");
    }
}

#[test]
fn weekly_tables_tell_when_whole_weeks_make_another_lead_time_than_is_stated() {
    // Ordered on Fridays, received ten days later on Mondays: two weeks, as weeks count. With Mondays for both there is no difference.
    for (ordered, received, told) in [(5, 15, true), (1, 15, false)] {
        let mut inbound =
            "po_id,sku,location,ordered_date,units,received_date,received_units\n".to_owned();
        for (k, month) in ["04", "05", "06", "07", "03"].into_iter().enumerate() {
            // The first of each month is moved to the weekday by what its own is.
            let monday = [6, 4, 1, 6, 2][k];
            let day = |from: i32| monday + from - 1;
            inbound += &format!(
                "P{k},a,web,2026-{month}-{:02},20,2026-{month}-{:02},20\n",
                day(ordered),
                day(received)
            );
        }
        let rows: String = ["2026-08-03", "2026-08-10", "2026-08-17"]
            .map(|d| format!("{d},a,web,7\n"))
            .concat();
        let t = Folder::new()
            .config("[input]\ngrain = \"week\"\n")
            .file("sales.csv", sales(&rows))
            .file("inbound.csv", inbound)
            .file("items.csv", "sku,lead_time_days\na,10\n")
            .read();
        let found = t.findings.iter().find(|f| f.code == "lead_times_in_weeks");
        assert_eq!(found.is_some(), told, "{:#?}", t.findings);
        if let Some(found) = found {
            assert_eq!(
                found.figures[1..],
                [
                    ("stated", "10.0".to_owned()),
                    ("days", "10.0".to_owned()),
                    ("weeks", "14.0".to_owned()),
                ]
            );
        }
    }
}
