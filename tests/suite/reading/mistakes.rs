//! Every mistake is named by file, line, column and value.

use super::*;

/// (files, what the message must hold)
type Case<'c> = (&'c str, &'c [(&'c str, &'c str)], &'c [&'c str]);

#[test]
fn a_missing_column_names_a_likely_header_or_none() {
    let message = |header: &str| {
        let rows = format!("{header}\n2026-08-01,a,web,1\n");
        Folder::new().file("sales.csv", rows).message()
    };
    assert!(message("date,sku,channel,unit_count").contains("nearest header is `unit_count`"));
    assert!(message("date,sku,channel,qty").contains("units = \"qty\""));
    let alien = message("date,sku,channel,zzz");
    assert!(
        alien.contains("sales.csv: `units`. Found") && !alien.contains("nearest"),
        "{alien}"
    );
    let empty = Folder::new().file("sales.csv", "").message();
    assert!(empty.contains("sales.csv is empty"), "{empty}");
    finding(
        &Folder::new()
            .file("sales.csv", SALES)
            .until(2026, 8, 1)
            .read(),
        "no_sales_rows",
    );
}

#[test]
fn the_missing_columns_of_all_files_are_told_together() {
    let message = Folder::new()
        .file("sales.csv", "Day,SKU,Channel,Qty\n2026-08-01,a,web,1\n")
        .file("stock.csv", "date,sku,location,units\n2026-08-01,a,web,3\n")
        .file("inbound/1.csv", "sku,location,ordered_date,units\n")
        .file("inbound/2.csv", "sku,location,ordered_date,units\n")
        .message();
    for part in [
        "4 columns",
        "sales.csv: `date` (the nearest header is `Day`), `units` (the nearest header is `Qty`)",
        "stock.csv: one of `on_hand`",
        "inbound/1.csv, inbound/2.csv: `po_id`. Found: sku, location, ordered_date, units.",
        "[columns.sales]\n  date = \"Day\"\n  units = \"Qty\"",
        "[columns.stock]\n  on_hand = \"units\"",
        "[columns.inbound]\n  po_id = \"your header\"",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
}

#[test]
fn a_word_that_is_needed_is_never_left_empty() {
    let message = Folder::new()
        .file("sales.csv", PLAIN)
        .file(
            "calendar.csv",
            "from,to,kind\n2026-08-01,2026-08-01,feast\n",
        )
        .file("channels.csv", "channel,accepts_backorders\nweb,perhaps\n")
        .message();
    assert!(
        message.contains("Write one of holiday, promotion, supplier_closed, exclude, recurring"),
        "{message}"
    );
    assert!(message.contains("expected one of: no, yes"), "{message}");
    assert!(!message.contains("nearest"), "{message}");
}

#[test]
fn every_mistake_is_named_by_file_line_column_and_value() {
    let cases: &[Case<'_>] = &[
        (
            "number",
            &[(
                "sales.csv",
                "date,sku,channel,units\n2026-08-01,1,web,2\n2026-08-02,1,web,abc\n",
            )],
            &[
                "sales.csv, line 3, column `units`",
                "\"abc\" is not a number",
                "expected",
            ],
        ),
        (
            "date",
            &[("sales.csv", "date,sku,channel,units\n2026-02-30,1,web,2\n")],
            &[
                "sales.csv, line 2, column `date`",
                "\"2026-02-30\" is not a date",
            ],
        ),
        (
            "decimal comma",
            &[(
                "sales.csv",
                "date;sku;channel;units\n2026-08-01;1;web;1,5\n",
            )],
            &["line 2, column `units`", "\"1,5\"", "decimal point"],
        ),
        (
            "empty code",
            &[(
                "sales.csv",
                "date,sku,channel,units\n2026-08-01,\u{3000},web,2\n",
            )],
            &["line 2, column `sku`", "no value"],
        ),
        (
            "empty number",
            &[("sales.csv", "date,sku,channel,units\n2026-08-01,1,web,\n")],
            &["line 2, column `units`", "no value"],
        ),
        (
            "negative units",
            &[("sales.csv", "date,sku,channel,units\n2026-08-01,1,web,-2\n")],
            &["column `units`", "\"-2\"", "returned_units"],
        ),
        (
            "order type",
            &[(
                "sales.csv",
                "date,sku,channel,units,order_type\n2026-08-01,1,web,2,wholsale\n",
            )],
            &[
                "column `order_type`",
                "\"wholsale\"",
                "nearest is \"wholesale\"",
                "sample",
            ],
        ),
        (
            "ragged row",
            &[(
                "sales.csv",
                "date,sku,channel,units\n2026-08-01,1,web,2\n2026-08-01,1,web\n",
            )],
            &["sales.csv, line 3", "3 cells", "header has 4"],
        ),
        (
            "line after quoted line breaks and blank lines",
            &[(
                "sales.csv",
                "date,sku,channel,units\r\n\r\n2026-08-01,\"a\nb\",web,2\r\n,,,\r\n2026-08-01,1,web,x\r\n",
            )],
            &["sales.csv, line 6, column `units`"],
        ),
        (
            "fraction",
            &[
                ("sales.csv", PLAIN),
                (
                    "stock.csv",
                    "date,sku,location,in_stock_fraction\n2026-08-01,001,web,93\n",
                ),
            ],
            &[
                "stock.csv, line 2, column `in_stock_fraction`",
                "\"93\"",
                "93%",
            ],
        ),
        (
            "state",
            &[
                ("sales.csv", PLAIN),
                (
                    "stock.csv",
                    "date,sku,location,state\n2026-08-01,001,web,soldout\n",
                ),
            ],
            &["\"soldout\"", "nearest is \"sold_out\""],
        ),
        (
            "status",
            &[
                ("sales.csv", PLAIN),
                ("items.csv", "sku,status\n001,activ\n"),
            ],
            &[
                "items.csv, line 2, column `status`",
                "nearest is \"active\"",
            ],
        ),
        (
            "service level",
            &[
                ("sales.csv", PLAIN),
                ("items.csv", "sku,service_level\n001,95\n"),
            ],
            &["column `service_level`", "\"95\"", "0.95"],
        ),
        (
            "moq",
            &[
                ("sales.csv", PLAIN),
                ("items.csv", "sku,moq,order_multiple\n001,-2,5\n"),
            ],
            &["column `moq`", "\"-2\" is negative"],
        ),
        (
            "order multiple",
            &[
                ("sales.csv", PLAIN),
                ("items.csv", "sku,moq,order_multiple\n001,1,-5\n"),
            ],
            &["column `order_multiple`", "\"-5\" is negative"],
        ),
        (
            "cost",
            &[
                ("sales.csv", PLAIN),
                ("items.csv", "sku,unit_cost\n001,-1\n"),
            ],
            &["column `unit_cost`", "\"-1\" is negative"],
        ),
        (
            "lead time",
            &[
                ("sales.csv", PLAIN),
                ("suppliers.csv", "supplier,lead_time_days\nA,-1\n"),
            ],
            &["suppliers.csv, line 2, column `lead_time_days`", "negative"],
        ),
        (
            "weekday",
            &[
                ("sales.csv", PLAIN),
                ("suppliers.csv", "supplier,order_weekday\nA,mondy\n"),
            ],
            &["\"mondy\"", "nearest is \"monday\""],
        ),
        (
            "item twice",
            &[
                ("sales.csv", PLAIN),
                ("items.csv", "sku,name\n001,A\n002,B\n001,C\n"),
            ],
            &[
                "items.csv, line 4, column `sku`",
                "\"001\"",
                "items.csv, line 2",
            ],
        ),
        (
            "channel twice",
            &[
                ("sales.csv", PLAIN),
                ("channels.csv", "channel\nweb\nweb\n"),
            ],
            &["channels.csv, line 3", "\"web\""],
        ),
        (
            "supply loop",
            &[
                ("sales.csv", PLAIN),
                ("locations.csv", "location,supplied_from\na,b\nb,a\n"),
            ],
            &[
                "locations.csv, line 2, column `supplied_from`",
                "supplied from itself",
            ],
        ),
        (
            "calendar",
            &[
                ("sales.csv", PLAIN),
                (
                    "calendar.csv",
                    "from,to,kind\n2026-08-05,2026-08-01,holiday\n",
                ),
            ],
            &[
                "calendar.csv, line 2, column `from`",
                "2026-08-05",
                "2026-08-01",
            ],
        ),
        (
            "calendar kind",
            &[
                ("sales.csv", PLAIN),
                ("calendar.csv", "from,to,kind\n2026-08-01,2026-08-01,sale\n"),
            ],
            &["\"sale\"", "promotion"],
        ),
        (
            "backorder units",
            &[
                ("sales.csv", PLAIN),
                (
                    "backorders.csv",
                    "order_id,date,sku,channel,units,shipped_units,cancelled_units\nA1,2026-08-01,001,web,3,2,2\n",
                ),
            ],
            &[
                "backorders.csv, line 2",
                "shipped 2 + cancelled 2",
                "3 units",
            ],
        ),
        (
            "backorder kind",
            &[
                ("sales.csv", PLAIN),
                (
                    "backorders.csv",
                    "order_id,date,sku,channel,units,kind\nA1,2026-08-01,001,web,3,back\n",
                ),
            ],
            &["column `kind`", "nearest is \"backorder\""],
        ),
        (
            "awaited order without number",
            &[
                ("sales.csv", PLAIN),
                (
                    "inbound.csv",
                    "po_id,sku,location,ordered_date,units\n,001,web,2026-08-01,5\n",
                ),
            ],
            &["inbound.csv, line 2, column `po_id`", "no value"],
        ),
        (
            "placeholder date",
            &[
                ("sales.csv", PLAIN),
                (
                    "inbound.csv",
                    "po_id,sku,location,ordered_date,units,expected_date\nP,001,web,2026-08-01,5,9999-12-31\n",
                ),
            ],
            &["column `expected_date`", "\"9999-12-31\"", "2199"],
        ),
        (
            "month or day first",
            &[("sales.csv", "date,sku,channel,units\n05/06/2026,1,web,2\n")],
            &["\"05/06/2026\"", "date_order"],
        ),
        (
            "no sales",
            &[("sales.xlsx", "x")],
            &["no sales table", "sales.xlsx", "sales.csv"],
        ),
        (
            "two forms",
            &[("sales.csv", PLAIN), ("sales.tsv", "x")],
            &["`sales`", "sales.csv, sales.tsv"],
        ),
        (
            "missing column",
            &[("sales.csv", "date,sku,shop,units\n")],
            &[
                "sales.csv",
                "`channel`",
                "date, sku, shop, units",
                "[columns.sales]",
                "channel =",
            ],
        ),
        (
            "empty file",
            &[("sales.csv", "")],
            &["sales.csv", "sales.csv is empty"],
        ),
        (
            "stock without figures",
            &[
                ("sales.csv", PLAIN),
                ("stock.csv", "date,sku,location,qty\n"),
            ],
            &["stock.csv", "`on_hand`", "qty", "[columns.stock]"],
        ),
        (
            "no parquet",
            &[("sales.parquet", "this is text")],
            &["sales.parquet cannot be read"],
        ),
        (
            "empty folder",
            &[("sales/readme.txt", "x")],
            &["sales/", "no .csv"],
        ),
    ];
    for (name, files, parts) in cases {
        let folder = files.iter().fold(Folder::new(), |folder, (file, content)| {
            folder.file(file, content)
        });
        let message = folder.message();
        for part in *parts {
            assert!(message.contains(part), "{name}: {part:?} in\n{message}");
        }
        let japanese = folder.try_read().expect_err(name).render(Lang::Ja);
        assert!(
            !japanese.contains("finding.") && !japanese.contains('{'),
            "{name}: {japanese}"
        );
    }
}

#[test]
fn a_missing_folder_says_so() {
    let config = Config::default();
    let error = read(Options {
        data: Path::new("/no/such/folder"),
        config: &config,
        as_of: None,
    })
    .expect_err("missing");
    assert!(error.to_string().contains("/no/such/folder"), "{error}");
}

#[test]
fn many_bad_rows_are_one_message_with_the_first_ten() {
    let rows: String = (0..25)
        .map(|k| format!("2026-08-01,1,web,bad{k}\n"))
        .collect();
    let folder = Folder::new()
        .file("sales.csv", sales(&rows))
        .file("stock.csv", "date,sku,location,on_hand\nnever,1,web,3\n");
    let errors = folder.errors();
    assert_eq!(errors.len(), 2, "{errors:#?}");
    assert_eq!(errors[0].count, 25);
    assert_eq!(errors[0].place.line, Some(2));
    assert_eq!(errors[0].place.value.as_deref(), Some("bad0"));
    let message = folder.message();
    assert!(
        message.contains("25 rows, the first ten in lines 2 \"bad0\""),
        "{message}"
    );
    assert!(
        message.contains("11 \"bad9\"") && !message.contains("bad10"),
        "{message}"
    );
    assert!(
        message.contains("stock.csv, line 2, column `date`"),
        "{message}"
    );
}

#[test]
fn the_users_own_header_is_named() {
    let folder = Folder::new()
        .file("sales.csv", "Created at,sku,channel,units\nsoon,1,web,2\n")
        .config("[columns.sales]\ndate = \"Created at\"\n");
    assert!(folder.message().contains("column `Created at`"));
}

#[test]
fn undecodable_bytes_name_their_line() {
    let mut bytes = sales("2026-08-01,1,web,2\n2026-08-01,").into_bytes();
    bytes.extend(b"\xFF\xFE,web,1\n");
    let message = Folder::new().file("sales.csv", &bytes).message();
    assert!(message.contains("sales.csv, line 3"), "{message}");
    let (cp932, _, _) = SHIFT_JIS.encode("date,sku,channel,units\n2026-08-01,商品,web,1\n");
    let message = Folder::new()
        .file("sales.csv", &cp932)
        .config("[input]\nencoding = \"utf-8\"\n")
        .message();
    assert!(
        message.contains("line 2") && message.contains("UTF-8"),
        "{message}"
    );
}

#[test]
fn weeks_share_a_weekday() {
    let week = "[input]\ngrain = \"week\"\n";
    let rows = "2026-08-03,1,web,2\n2026-08-10,1,web,2\n2026-08-18,1,web,2\n";
    let message = Folder::new()
        .file("sales.csv", sales(rows))
        .config(week)
        .message();
    assert!(
        message.contains("line 4") && message.contains("2026-08-17"),
        "{message}"
    );
    let fine = "2026-08-03,1,web,2\n2026-08-10,1,web,2\n";
    let tables = Folder::new()
        .file("sales.csv", sales(fine))
        .config(week)
        .read();
    assert_eq!(tables.tables.grain.days(), 7);
}
