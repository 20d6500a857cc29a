//! What exports of real shops look like when something is wrong with them, and what is said about it.

use super::*;

const AS_OF: Day = Day(20_695);
const STOCK: &str = "date,sku,location,on_hand\n";
const INBOUND: &str =
    "po_id,sku,location,ordered_date,units,expected_date,received_date,received_units\n";

fn day(ago: i32) -> String {
    (AS_OF + -ago).to_string()
}

/// One row for each of so many days up to as-of, the oldest first, told how many days ago it is.
fn days(count: i32, row: impl Fn(i32) -> String) -> String {
    (0..count).rev().map(|ago| row(ago) + "\n").collect()
}

/// So many days of five units a day, and enough stock for them; A in `web`.
fn shop(count: i32) -> Folder {
    Folder::new()
        .file(
            "sales.csv",
            sales(&days(count, |ago| format!("{},A,web,5", day(ago)))),
        )
        .file(
            "stock.csv",
            STOCK.to_owned() + &days(count, |ago| format!("{},A,web,{}", day(ago), 100 + 5 * ago)),
        )
}

fn says(finding: &Finding, part: &str) {
    for lang in [Lang::En, Lang::Ja] {
        let (what, remedy) = finding_text(lang, finding);
        assert!(
            !what.contains(['{', '}']) && !remedy.contains(['{', '}']),
            "{what} {remedy}"
        );
        assert!(what.contains(part), "{part} in {what}");
    }
}

#[test]
fn units_received_without_a_day_have_come_on_the_promised_one() {
    let row = |promised: &str| format!("P,A,web,{},50,{promised},,50\n", day(30));
    for (promised, came) in [(day(9), 9), (day(-5), 0), (String::new(), 30)] {
        let t = shop(40)
            .file("inbound.csv", INBOUND.to_owned() + &row(&promised))
            .read();
        let line = &t.tables.inbound[0];
        assert_eq!(
            (line.received, line.received_units),
            (Some(AS_OF + -came), 50.0)
        );
        assert!(line.day_assumed);
        says(finding(&t, "receipt_without_date"), "1");
    }
    // Part of an order, too; and none of it where nothing is told.
    let rows = format!(
        "P,A,web,{d},50,{p},,20\nQ,A,web,{d},50,{p},,0\n",
        d = day(30),
        p = day(9)
    );
    let t = shop(40)
        .file("inbound.csv", INBOUND.to_owned() + &rows)
        .read();
    let received: Vec<f64> = t.tables.inbound.iter().map(|l| l.received_units).collect();
    assert_eq!(received, [20.0, 0.0]);
    // In a plan of a past day, what was promised for later had not come.
    let earlier = shop(40).file("inbound.csv", INBOUND.to_owned() + &row(&day(3)));
    let as_of = AS_OF + -7;
    let t = Folder {
        as_of: Some(as_of),
        ..earlier
    }
    .read();
    assert_eq!(t.tables.inbound[0].received, None);
}

#[test]
fn what_is_expected_before_it_was_ordered_is_told_and_no_promise() {
    let rows = format!("P,A,web,{},50,{},,\n", day(3), day(368));
    let t = shop(40)
        .file("inbound.csv", INBOUND.to_owned() + &rows)
        .read();
    let f = finding(&t, "expected_before_ordered");
    says(f, &day(368));
    assert_eq!(f.place.column.as_deref(), Some("expected_date"));
    assert_eq!(t.tables.inbound[0].expected, None);
}

#[test]
fn receipts_that_raise_stock_by_cases_are_told_instead_of_jumps() {
    let shop = |case: i32, last: i32| {
        let level = |ago: i32| {
            let came: i32 = [30, 20, 10]
                .iter()
                .filter(|&&d| ago <= d)
                .map(|&d| if d == 10 { last } else { 5 * case })
                .sum();
            100 + 5 * ago + came
        };
        let rows: String = [30, 20, 10]
            .iter()
            .map(|&d| format!("P{d},A,web,{},5,{},{},5\n", day(d + 9), day(d), day(d)))
            .collect();
        Folder::new()
            .file(
                "sales.csv",
                sales(&days(40, |ago| format!("{},A,web,5", day(ago)))),
            )
            .file(
                "stock.csv",
                STOCK.to_owned() + &days(40, |ago| format!("{},A,web,{}", day(ago), level(ago))),
            )
            .file("inbound.csv", INBOUND.to_owned() + &rows)
            .read()
    };
    let t = shop(24, 120);
    let f = finding(&t, "received_in_cases");
    says(f, "24");
    assert_eq!(f.count, 3);
    lacks(&t, "stock_jump");
    // Receipts that agree on nothing are jumps; receipts in units are nothing.
    let t = shop(24, 7 * 5);
    lacks(&t, "received_in_cases");
    finding(&t, "stock_jump");
    let t = shop(1, 5);
    lacks(&t, "received_in_cases");
    lacks(&t, "stock_jump");
}

#[test]
fn a_cost_above_the_price_is_told() {
    let read = |items: &str, prices: bool| {
        let rows = days(20, |ago| {
            format!("{},A,web,1,{}", day(ago), if prices { "180" } else { "" })
        });
        Folder::new()
            .file("sales.csv", format!("date,sku,channel,units,price\n{rows}"))
            .file("items.csv", items)
            .read()
    };
    let t = read("sku,unit_cost,price\nA,1200,180\nB,90,80\nC,5,9\n", false);
    let f = finding(&t, "cost_above_price");
    assert_eq!(f.count, 2);
    says(f, "1200");
    // Prices of the sales will do.
    assert_eq!(
        finding(&read("sku,unit_cost\nA,1200\n", true), "cost_above_price").count,
        1
    );
    lacks(&read("sku,unit_cost\nA,120\n", true), "cost_above_price");
    lacks(&read("sku,unit_cost\nA,120\n", false), "cost_above_price");
}

#[test]
fn negative_stock_that_backorders_explain_is_no_jump() {
    // Without stock, ten are ordered; forty come and the ten are sent. The record counts them when they are ordered.
    let level = |ago: i32| match ago {
        21.. => 0,
        11.. => -10,
        _ => 30,
    };
    let read = |backorders: &str| {
        let stock = days(40, |ago| format!("{},A,web,{}", day(ago), level(ago)));
        let inbound = format!("P,A,web,{},40,,{},40\n", day(25), day(10));
        Folder::new()
            .file("sales.csv", sales(&format!("{},B,web,1\n", day(0))))
            .file("stock.csv", STOCK.to_owned() + &stock)
            .file("inbound.csv", INBOUND.to_owned() + &inbound)
            .file("backorders.csv", format!("order_id,date,sku,channel,units,shipped_date,shipped_units,cancelled_date,cancelled_units\n{backorders}"))
            .read()
    };
    let t = read(&format!("1,{},A,web,10,{},10,,\n", day(20), day(10)));
    lacks(&t, "stock_jump");
    // A record that counts what is there falls when it is sent: then ten are missing.
    let t = read("");
    assert_eq!(finding(&t, "stock_jump").count, 1);
}

#[test]
fn a_number_with_an_exponent_is_told() {
    let t = Folder::new()
        .file(
            "sales.csv",
            sales("2026-08-01,A,web,1E2\n2026-08-02,A,web,3\n2026-08-03,A,web,2e1\n"),
        )
        .read();
    let f = finding(&t, "number_with_exponent");
    assert_eq!((f.count, f.place.line), (2, Some(2)));
    says(f, "1E2");
    lacks(
        &Folder::new()
            .file("sales.csv", sales("2026-08-01,1E2,web,3\n"))
            .read(),
        "number_with_exponent",
    );
}

#[test]
fn titles_above_the_header_are_left_out_and_told() {
    let rows = "2026-08-01,A,web,2\n2026-08-02,A,web,3\n";
    for titles in [
        "Sales report,,,\n,,,\n",
        "Sales report\n\n",
        "\"Report; May, June\"\n(units)\n",
    ] {
        let t = Folder::new()
            .file(
                "sales.csv",
                format!("{titles}date,sku,channel,units\n{rows}"),
            )
            .read();
        assert_eq!(t.records.sales.0.height(), 2, "{titles}");
        let f = finding(&t, "header_below_titles");
        says(f, "sales.csv");
        assert!(
            f.figures.iter().any(|(k, v)| *k == "line" && v == "3"),
            "{f:?}"
        );
    }
    // A wrong value below still names its own line.
    let wrong = Folder::new()
        .file(
            "sales.csv",
            format!("Report\n\ndate,sku,channel,units\n{rows}2026-08-03,A,web,x\n"),
        )
        .errors();
    assert_eq!(wrong[0].place.line, Some(6));
}

#[test]
fn a_row_of_totals_is_left_out_and_told() {
    for total in ["Total,,,5", "合計,,,5", "GRAND TOTAL,,,5"] {
        let t = Folder::new()
            .file(
                "sales.csv",
                sales(&format!(
                    "2026-08-01,A,web,2\n2026-08-02,A,web,3\n{total}\n"
                )),
            )
            .read();
        assert_eq!(t.records.sales.0.height(), 2);
        let f = finding(&t, "totals_row");
        assert_eq!((f.severity, f.place.line), (Severity::Notice, Some(4)));
        says(f, "sales.csv");
    }
    let t = Folder::new()
        .file(
            "sales.csv",
            "sku,date,channel,units\nA,2026-08-01,web,2\nTotal,,,2\n",
        )
        .read();
    assert_eq!(finding(&t, "totals_row").place.line, Some(3));
    // A code of that name, on its day, is sold.
    let t = Folder::new()
        .file(
            "sales.csv",
            "sku,date,channel,units\nTotal,2026-08-01,web,2\n",
        )
        .read();
    assert_eq!(t.records.sales.0.height(), 1);
}

#[test]
fn stock_of_this_morning_with_sales_to_yesterday_is_told() {
    let read = |end: i32, every: i32| {
        let sold = days(60, |ago| format!("{},A,web,5", day(ago)));
        let kept: String = sold
            .lines()
            .enumerate()
            .filter(|(k, _)| (*k as i32) < 60 - end && (*k as i32) % every == 0)
            .map(|(_, line)| format!("{line}\n"))
            .collect();
        Folder::new()
            .file("sales.csv", sales(&kept))
            .file(
                "stock.csv",
                STOCK.to_owned() + &days(60, |ago| format!("{},A,web,{}", day(ago), 9 + ago)),
            )
            .read()
    };
    let t = read(1, 1);
    let f = finding(&t, "stock_after_sales");
    says(f, &day(1));
    lacks(&read(0, 1), "stock_after_sales");
    // Where days without any sale are usual, one more says nothing.
    lacks(&read(1, 2), "stock_after_sales");
    // An export that was not made again.
    let t = read(20, 1);
    says(finding(&t, "stock_after_sales"), &day(20));
}

#[test]
fn codes_that_two_tables_write_in_two_ways_are_named() {
    let read = |sold: &[&str], stocked: &[&str]| {
        let rows = |codes: &[&str], cells: &str| -> String {
            codes
                .iter()
                .map(|c| format!("2026-08-01,{c},web,{cells}\n"))
                .collect()
        };
        Folder::new()
            .file("sales.csv", sales(&rows(sold, "1")))
            .file("stock.csv", STOCK.to_owned() + &rows(stocked, "9"))
            .read()
    };
    let t = read(
        &["0017", "1E5", "4901234567894", "abc-1", "90.750", "OK"],
        &["17", "1.00E+05", "4.90123E+12", "ABC-1", "90.75", "OK"],
    );
    let pairs: Vec<(String, String)> = t
        .findings
        .iter()
        .filter(|f| f.code == "code_written_two_ways")
        .map(|f| {
            let figure = |name| f.figures.iter().find(|g| g.0 == name).unwrap().1.clone();
            says(f, &figure("other"));
            (figure("sku"), figure("other"))
        })
        .collect();
    for (sku, other) in [
        ("0017", "17"),
        ("1E5", "1.00E+05"),
        ("4901234567894", "4.90123E+12"),
        ("abc-1", "ABC-1"),
        ("90.750", "90.75"),
    ] {
        assert!(
            pairs.contains(&(sku.to_owned(), other.to_owned())),
            "{sku} {other} {pairs:?}"
        );
    }
    assert_eq!(pairs.len(), 5);
    // Codes that one table tells apart are two.
    lacks(&read(&["0017", "17"], &["17"]), "code_written_two_ways");
    // A rounded number that could be several is told as that.
    let t = read(&["4901234567894", "4901234567900"], &["4.90123E+12"]);
    lacks(&t, "code_written_two_ways");
    assert_eq!(finding(&t, "code_rounded").count, 2);
}

/// OLD sells until so many days ago and NEW from the next day on, `times` as much; the last stock of OLD is `left`.
fn renamed(since: i32, times: i32, left: i32) -> Folder {
    let sold = days(200, |ago| {
        let code = if ago >= since { "OLD" } else { "NEW" };
        let units = if ago >= since { 5 } else { 5 * times };
        format!(
            "{},{code},web,{}\n{},OTHER,web,2",
            day(ago),
            units + ago % 2,
            day(ago)
        )
    });
    let stock = days(200, |ago| {
        let (code, units) = if ago >= since {
            ("OLD", left + 5 * (ago - since))
        } else {
            ("NEW", 50 + 5 * ago)
        };
        format!("{},{code},web,{units}\n{},OTHER,web,90", day(ago), day(ago))
    });
    Folder::new()
        .file("sales.csv", sales(&sold))
        .file("stock.csv", STOCK.to_owned() + &stock)
}

#[test]
fn a_code_that_takes_over_from_another_is_told_and_the_old_one_not_bought() {
    let status = |t: &Checked, name: &str| {
        let at = t
            .tables
            .skus
            .iter()
            .position(|s| s.as_str() == name)
            .unwrap();
        t.tables.items[at].status
    };
    let t = renamed(30, 1, 90).read();
    let f = finding(&t, "probably_replaced");
    says(f, "NEW");
    assert_eq!(f.sku.as_ref().map(|s| s.as_str()), Some("OLD"));
    assert_eq!(status(&t, "OLD"), ItemStatus::Discontinued);
    assert_eq!(status(&t, "NEW"), ItemStatus::Active);
    // Sold out, it may come back; another rate is another item; a pause in the calendar is a pause.
    for folder in [
        renamed(30, 1, 0),
        renamed(30, 3, 90),
        renamed(30, 1, 90).file(
            "calendar.csv",
            format!("from,to,kind,sku\n{},{},exclude,OLD\n", day(29), day(0)),
        ),
    ] {
        let t = folder.read();
        lacks(&t, "probably_replaced");
        assert_eq!(status(&t, "OLD"), ItemStatus::Active);
    }
}

#[test]
fn order_lines_with_times_are_copies_only_where_the_times_are_equal_too() {
    let lines = |second: &str| {
        days(20, |ago| {
            format!("{d}T10:02:03Z,A,web,1\n{d}T{second}Z,A,web,1", d = day(ago))
        })
    };
    let read = |rows: String| Folder::new().file("sales.csv", sales(&rows)).read();
    lacks(&read(lines("10:02:04")), "duplicate_sales_rows");
    assert_eq!(
        finding(&read(lines("10:02:03")), "duplicate_sales_rows").count,
        20
    );
}

#[test]
fn stock_counted_before_the_day_s_trade_is_read_as_the_close_of_the_day_before() {
    let sold = |ago: i32| 3 + ago % 4;
    let read = |at_opening: bool, config: &str| {
        // What is left at the close of each day, and 60 more every twentieth.
        let mut closing = vec![100];
        for ago in (0..60).rev() {
            let came = if ago % 20 == 0 { 60 } else { 0 };
            closing.push(closing[closing.len() - 1] - sold(ago) + came);
        }
        let level = |ago: i32| closing[(60 - ago - i32::from(at_opening)) as usize];
        let rows: String = [40, 20, 0]
            .iter()
            .map(|&d| format!("P{d},A,web,{},60,{},{},60\n", day(d + 9), day(d), day(d)))
            .collect();
        let t = Folder::new()
            .file(
                "sales.csv",
                sales(&days(60, |ago| format!("{},A,web,{}", day(ago), sold(ago)))),
            )
            .file(
                "stock.csv",
                STOCK.to_owned() + &days(60, |ago| format!("{},A,web,{}", day(ago), level(ago))),
            )
            .file("inbound.csv", INBOUND.to_owned() + &rows)
            .config(config)
            .read();
        let stock = t.records.stock.clone().expect("stock").0;
        let dates = stock.column("date").unwrap().i32().unwrap().max();
        (t, AS_OF.0 - dates.unwrap())
    };
    let (t, behind) = read(true, "");
    finding(&t, "stock_before_trade");
    lacks(&t, "stock_jump");
    assert_eq!(behind, 1);
    let (t, behind) = read(false, "");
    lacks(&t, "stock_before_trade");
    lacks(&t, "stock_jump");
    assert_eq!(behind, 0);
    let (t, behind) = read(true, "[input]\nstock_taken = \"close\"\n");
    lacks(&t, "stock_before_trade");
    finding(&t, "stock_jump");
    assert_eq!(behind, 0);
    assert_eq!(read(false, "[input]\nstock_taken = \"open\"\n").1, 1);
}
