//! `codes.csv`: what a channel, or any table, calls a SKU.

use super::*;

/// MUG on the web; in packs of 12 as P12 there, and as FBA-MUG on Amazon.
fn shop() -> Folder {
    Folder::default()
        .file(
            "sales.csv",
            "date,sku,channel,units,price\n\
             2026-08-29,MUG,web,3,100\n2026-08-30,P12,web,2,1080\n2026-08-30,FBA-MUG,amazon,4,110\n\
             2026-08-31,MUG,web,1,100\n2026-08-31,FBA-MUG,amazon,1,110\n",
        )
        .file(
            "stock.csv",
            "date,sku,location,on_hand\n\
             2026-08-30,MUG,web,30\n2026-08-30,P12,web,5\n2026-08-30,FBA-MUG,amazon,9\n\
             2026-08-31,MUG,web,29\n2026-08-31,P12,web,5\n2026-08-31,FBA-MUG,amazon,8\n",
        )
        .file(
            "inbound.csv",
            "po_id,sku,location,ordered_date,units,received_date,received_units\n\
             1,P12,web,2026-08-20,10,,\n2,MUG,web,2026-08-20,7,,\n",
        )
        .file(
            "backorders.csv",
            "order_id,date,sku,channel,units\nB1,2026-08-31,P12,web,1\n",
        )
        .file("items.csv", "sku,unit_cost,moq\nMUG,40,\n")
        .file(
            "codes.csv",
            "code,sku,channel,units,evidence\nP12,MUG,,12,\nFBA-MUG,MUG,amazon,,prefix\n",
        )
}

#[test]
fn every_table_speaks_of_the_sku_in_its_own_units() {
    let read = shop().read();
    assert_eq!(
        sold(&read),
        [("MUG".to_owned(), 3.0 + 24.0 + 4.0 + 1.0 + 1.0)]
    );
    let on_hand: Vec<f64> = stock(&read).into_iter().map(|s| s.3).collect();
    assert_eq!(on_hand, [9.0, 8.0, 90.0, 89.0]);
    let names: Vec<&str> = read.tables.skus.iter().map(|s| s.as_str()).collect();
    assert_eq!(names, ["MUG"]);
    let ordered: f64 = read.tables.inbound.iter().map(|l| l.units).sum();
    assert_eq!(ordered, 127.0);
    assert_eq!(read.tables.backorders[0].units, 12.0);
    // A pack's price is that of twelve.
    let price = read.records.sales.0.column("price").unwrap().f64().unwrap();
    assert!(price.into_no_null_iter().any(|p| p == 90.0));
    for code in [
        "unknown_columns",
        "unknown_sku",
        "code_unused",
        "duplicate_stock_rows",
    ] {
        assert!(finding(&read.findings, code).is_none(), "{code}");
    }
    // One row a stock, and the desk serves the pack from it.
    let plan = shop().plan();
    assert_eq!(row(&plan, "MUG", "web").on_hand, Some(89.0));
    assert_eq!(plan.rows_shown().len(), 2);
    assert_eq!(plan.backorders.lines[0].units_open, 12.0);
}

#[test]
fn a_code_of_a_channel_is_another_sku_elsewhere() {
    let read = Folder::default()
        .file(
            "sales.csv",
            "date,sku,channel,units\n2026-08-31,X,web,1\n2026-08-31,X,amazon,2\n2026-08-31,A,web,4\n",
        )
        .file(
            "stock.csv",
            "date,sku,location,on_hand\n2026-08-31,X,web,5\n2026-08-31,X,amazon,6\n",
        )
        .file("codes.csv", "code,sku,channel\nX,A,amazon\n")
        .read();
    assert_eq!(sold(&read), [("A".to_owned(), 6.0), ("X".to_owned(), 1.0)]);
    let at: Vec<(String, String)> = stock(&read).into_iter().map(|s| (s.0, s.1)).collect();
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(at, [pair("A", "amazon"), pair("X", "web")]);
    // A warehouse that serves both calls it as the channel that says nothing.
    let pool = Folder::default()
        .file(
            "sales.csv",
            "date,sku,channel,units\n2026-08-31,X,web,1\n2026-08-31,X,amazon,2\n",
        )
        .file("stock.csv", "date,sku,location,on_hand\n2026-08-31,X,w,5\n")
        .file("channels.csv", "channel,location\nweb,w\namazon,w\n")
        .file("codes.csv", "code,sku,channel\nX,A,amazon\n")
        .read();
    assert_eq!(stock(&pool)[0].0, "X");
}

#[test]
fn counts_of_two_codes_on_other_days_are_one_stock() {
    let read = Folder::default()
        .file("sales.csv", "date,sku,channel,units\n2026-08-01,A,web,1\n2026-08-31,a1,web,2\n")
        .file(
            "stock.csv",
            "date,sku,location,on_hand\n2026-08-01,A,web,5\n2026-08-03,a1,web,2\n2026-08-05,A,web,4\n2026-08-07,a1,web,1\n2026-08-09,a1,web,3\n",
        )
        .file("codes.csv", "code,sku\na1,A\n")
        .read();
    // Within its own days a code's last count goes on; outside it says nothing.
    let units: Vec<f64> = stock(&read).into_iter().map(|s| s.3).collect();
    assert_eq!(units, [5.0, 7.0, 6.0, 1.0, 3.0]);
}

#[test]
fn a_row_of_items_under_a_code_is_the_skus_where_it_has_none() {
    let items = |text: &str| {
        shop()
            .file("items.csv", text)
            .read()
            .tables
            .items
            .into_iter()
            .map(|i| (i.unit_cost, i.moq))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        items("sku,unit_cost,moq\nP12,480,2\nFBA-MUG,41,\n"),
        [(Some(40.0), Some(24.0))]
    );
    assert_eq!(
        items("sku,unit_cost,moq\nP12,480,2\nMUG,39,5\n"),
        [(Some(39.0), Some(5.0))]
    );
}

#[test]
fn what_cannot_be_meant_stops_the_run_with_its_line() {
    for (rows, parts) in [
        ("P12,MUG,,12\nP12,CUP,,12\n", ["line 3", "\"CUP\" here"]),
        (
            "P12,MUG,,12\nP12,MUG,,6\n",
            ["line 3", "another number of units"],
        ),
        ("P12,MUG,,0\n", ["line 2", "more than 0"]),
        (
            "P12,BOX,,12\nBOX,MUG,,1\n",
            ["line 2", "as the `sku` of both rows"],
        ),
        ("P12,MUG,ebay,12\n", ["\"ebay\"", "amazon, web"]),
    ] {
        let message = shop()
            .file("codes.csv", format!("code,sku,channel,units\n{rows}"))
            .message();
        for part in parts {
            assert!(message.contains(part), "{part} in {message}");
        }
    }
}

#[test]
fn a_code_that_occurs_nowhere_is_told() {
    let read = shop().file("codes.csv", "code,sku\nP99,MUG\n").read();
    let told = finding(&read.findings, "code_unused").unwrap();
    assert_eq!(told.place.line, Some(2));
}
