//! Every form that is accepted gives the same tables.

use super::*;

/// A folder with every table, as (file stem, CSV).
pub const EVERYTHING: &[(&str, &str)] = &[
    (
        "sales",
        "date,sku,channel,units,price,order_type,returned_units\n\
         2026-07-30,0012,自社,3,1980,regular,0\n\
         2026-07-30,0012,楽天,2,1980,,1\n\
         2026-07-31,0012,自社,1,1780.5,wholesale,\n\
         2026-08-01,A-1,楽天,0.5,,,\n\
         2026-08-01,A-1,自社,4,500,sample,\n",
    ),
    (
        "stock",
        "date,sku,location,on_hand,in_stock_fraction,state\n\
         2026-07-30,0012,倉庫,5,1,in_stock\n\
         2026-07-31,0012,倉庫,0,0.4,sold_out\n\
         2026-08-01,A-1,倉庫,,0.25,\n",
    ),
    (
        "backorders",
        "order_id,date,sku,channel,units,kind,promised_date,shipped_date,shipped_units\n\
         007,2026-07-31,0012,自社,2,backorder,2026-08-20,,\n\
         008,2026-07-30,A-1,楽天,1,preorder,,2026-08-01,1\n",
    ),
    (
        "inbound",
        "po_id,sku,location,ordered_date,units,supplier,expected_date,received_date,received_units\n\
         P1,0012,倉庫,2026-07-20,50,問屋,2026-08-05,,\n\
         P0,A-1,倉庫,2026-07-01,10,問屋,,2026-07-30,8\n",
    ),
    (
        "items",
        "sku,name,category,supplier,unit_cost,moq,order_multiple,service_level,status,launch_date,similar_sku,backorder_policy\n\
         0012,青い傘,傘,問屋,800,10,5,0.97,active,2025-01-01,,yes\n\
         A-1,布,布,問屋,200,0.5,0.5,,new,,0012,no\n",
    ),
    (
        "channels",
        "channel,location,accepts_backorders,priority,service_level\n自社,倉庫,yes,1,\n楽天,倉庫,no,2,0.9\n",
    ),
    (
        "locations",
        "location,supplied_from,transfer_days\n倉庫,,\n店,倉庫,2\n",
    ),
    (
        "suppliers",
        "supplier,lead_time_days,lead_time_sd,review_days,order_weekday,min_amount,calendar\n問屋,12,2.5,7,monday,30000,cn\n",
    ),
    (
        "calendar",
        "from,to,kind,name,sku,category,channel,supplier,series,uplift\n\
         2026-08-11,2026-08-16,supplier_closed,お盆,,,,cn,,\n\
         2026-07-01,2026-07-03,promotion,セール,0012,,楽天,,夏,1.5\n",
    ),
];

fn everything(change: impl Fn(&str, &str) -> Vec<(String, Vec<u8>)>) -> Checked {
    let mut folder = Folder::new();
    for (name, csv) in EVERYTHING {
        for (file, bytes) in change(name, csv) {
            folder = folder.file(&file, bytes);
        }
    }
    folder.read()
}

fn as_csv(name: &str, csv: &str) -> Vec<(String, Vec<u8>)> {
    vec![(format!("{name}.csv"), csv.as_bytes().to_vec())]
}

/// The CSV as a Parquet file; columns of which every cell is empty or a number become floats where `typed` says so.
pub fn parquet(csv: &str, typed: &[&str]) -> Vec<u8> {
    let mut lines = csv.lines().map(|l| l.split(',').collect::<Vec<_>>());
    let headers = lines.next().expect("header");
    let rows: Vec<Vec<&str>> = lines.collect();
    let columns: Vec<Column> = headers
        .iter()
        .enumerate()
        .map(|(k, header)| {
            let cells: Vec<Option<&str>> = rows
                .iter()
                .map(|r| Some(r[k]).filter(|c| !c.is_empty()))
                .collect();
            if header.ends_with("date") && typed.contains(&"date") {
                let days: Vec<Option<i32>> = cells
                    .iter()
                    .map(|c| {
                        c.map(|c| {
                            let n = |a: usize, b: usize| c[a..b].parse::<u32>().expect("digits");
                            Day::from_ymd(n(0, 4) as i32, n(5, 7), n(8, 10))
                                .expect("day")
                                .0
                        })
                    })
                    .collect();
                Column::new((*header).into(), days)
                    .cast(&DataType::Date)
                    .expect("date")
            } else if typed.contains(header) {
                let numbers: Vec<Option<f64>> = cells
                    .iter()
                    .map(|c| c.map(|c| c.parse().expect("number")))
                    .collect();
                Column::new((*header).into(), numbers)
            } else {
                Column::new((*header).into(), cells)
            }
        })
        .collect();
    let mut frame = DataFrame::new(rows.len(), columns).expect("frame");
    let mut out = Vec::new();
    ParquetWriter::new(&mut out)
        .finish(&mut frame)
        .expect("parquet");
    out
}

#[test]
fn every_form_gives_the_same_tables() {
    let plain = everything(as_csv);
    assert_eq!(plain.tables.files.len(), 9);
    let crlf = |csv: &str| csv.replace('\n', "\r\n");
    type Change = Box<dyn Fn(&str, &str) -> Vec<(String, Vec<u8>)>>;
    let forms: Vec<(&str, Change)> = vec![
        (
            "byte order mark",
            Box::new(|n, c| vec![(format!("{n}.csv"), [b"\xEF\xBB\xBF", c.as_bytes()].concat())]),
        ),
        (
            "CP932",
            Box::new(|n, c| vec![(format!("{n}.csv"), SHIFT_JIS.encode(c).0.into_owned())]),
        ),
        (
            "UTF-16",
            Box::new(|n, c| {
                let mut bytes = b"\xFF\xFE".to_vec();
                bytes.extend(c.encode_utf16().flat_map(u16::to_le_bytes));
                vec![(format!("{n}.csv"), bytes)]
            }),
        ),
        (
            "CRLF",
            Box::new(move |n, c| vec![(format!("{n}.csv"), crlf(c).into_bytes())]),
        ),
        (
            "CR",
            Box::new(|n, c| vec![(format!("{n}.csv"), c.replace('\n', "\r").into_bytes())]),
        ),
        (
            "TSV",
            Box::new(|n, c| vec![(format!("{n}.tsv"), c.replace(',', "\t").into_bytes())]),
        ),
        (
            "semicolons",
            Box::new(|n, c| vec![(format!("{n}.csv"), c.replace(',', ";").into_bytes())]),
        ),
        (
            "tabs in .csv",
            Box::new(|n, c| vec![(format!("{n}.csv"), c.replace(',', "\t").into_bytes())]),
        ),
        (
            "no last line break",
            Box::new(|n, c| vec![(format!("{n}.csv"), c.trim_end().as_bytes().to_vec())]),
        ),
        (
            "quotes",
            Box::new(|n, c| {
                let quoted: String = c
                    .lines()
                    .map(|l| {
                        let cells: Vec<String> = l.split(',').map(|x| format!("\"{x}\"")).collect();
                        cells.join(",") + "\n"
                    })
                    .collect();
                vec![(format!("{n}.csv"), quoted.into_bytes())]
            }),
        ),
        (
            "blank lines and spaces",
            Box::new(|n, c| {
                let spaced: String = c
                    .lines()
                    .map(|l| {
                        format!(
                            "{}\n\n\u{3000},{}\n",
                            l.replace(',', " ,\u{3000}"),
                            ",".repeat(l.matches(',').count() - usize::from(l.contains(',')))
                        )
                    })
                    .collect();
                vec![(format!("{n}.csv"), spaced.into_bytes())]
            }),
        ),
        (
            "reversed rows",
            Box::new(|n, c| {
                let (head, rows) = c.split_once('\n').expect("header");
                let rows: Vec<&str> = rows.lines().rev().collect();
                vec![(
                    format!("{n}.csv"),
                    format!("{head}\n{}\n", rows.join("\n")).into_bytes(),
                )]
            }),
        ),
        (
            "reversed columns",
            Box::new(|n, c| {
                let turned: String = c
                    .lines()
                    .map(|l| l.split(',').rev().collect::<Vec<_>>().join(",") + "\n")
                    .collect();
                vec![(format!("{n}.csv"), turned.into_bytes())]
            }),
        ),
        (
            "a file per row, in two formats",
            Box::new(|n, c| {
                let (head, rows) = c.split_once('\n').expect("header");
                rows.lines()
                    .enumerate()
                    .map(|(k, row)| {
                        let one = format!("{head}\n{row}\n");
                        if k % 2 == 0 {
                            (format!("{n}/{k}.csv"), one.into_bytes())
                        } else {
                            (format!("{n}/{k}.parquet"), parquet(&one, &["date"]))
                        }
                    })
                    .collect()
            }),
        ),
        (
            "Parquet of text",
            Box::new(|n, c| vec![(format!("{n}.parquet"), parquet(c, &[]))]),
        ),
        (
            "typed Parquet",
            Box::new(|n, c| {
                vec![(
                    format!("{n}.parquet"),
                    parquet(
                        c,
                        &[
                            "date",
                            "units",
                            "price",
                            "on_hand",
                            "in_stock_fraction",
                            "moq",
                            "lead_time_days",
                            "review_days",
                        ],
                    ),
                )]
            }),
        ),
    ];
    for (name, change) in forms {
        eprintln!("{name}");
        same(&plain, &everything(change));
    }
}

#[test]
fn values_mean_what_they_say() {
    let t = everything(as_csv);
    let names: Vec<&str> = t.tables.skus.iter().map(|s| s.as_str()).collect();
    assert_eq!(names, ["0012", "A-1"]);
    assert_eq!(f64s(&t.records.sales.0, "units"), [2.0, 3.0, 1.0, 0.5, 4.0]);
    assert_eq!(
        f64s(&t.records.sales.0, "returned_units"),
        [1.0, 0.0, 0.0, 0.0, 0.0]
    );
    assert!(f64s(&t.records.sales.0, "price")[3].is_nan());
    let types: Vec<i8> = t
        .records
        .sales
        .0
        .column("order_type")
        .and_then(|c| c.i8())
        .expect("i8")
        .into_no_null_iter()
        .collect();
    assert_eq!(types, [0, 0, 1, 0, 3]);
    assert_eq!(Day::from_ymd(2026, 8, 1), Some(t.tables.as_of));
    let stock = &t.records.stock.as_ref().expect("stock").0;
    assert!(f64s(stock, "on_hand")[2].is_nan());
    assert_eq!(f64s(stock, "in_stock_fraction"), [1.0, 0.4, 0.25]);
    assert_eq!(t.tables.backorders[1].order_id, "007");
    assert_eq!(t.tables.backorders[1].open_units(), 2.0);
    assert_eq!(t.tables.backorders[0].open_units(), 0.0);
    assert_eq!(t.tables.inbound[0].po_id, "P0");
    assert_eq!(t.tables.inbound[0].received_units, 8.0);
    assert_eq!(t.tables.inbound[1].received, None);
    assert_eq!(t.tables.items[0].service_level, Some(0.97));
    assert_eq!(t.tables.items[1].status, ItemStatus::New);
    assert_eq!(t.tables.items[1].similar_sku, Some(SkuId(0)));
    assert_eq!(t.tables.items[1].backorder_policy, Some(false));
    let location = |name: &str| t.tables.locations.iter().position(|l| l.as_str() == name);
    assert!(
        t.tables
            .channel_rows
            .iter()
            .all(|c| Some(c.location.at()) == location("倉庫"))
    );
    let shop = location("店").expect("shop");
    assert_eq!(
        t.tables.location_rows[shop].supplied_from.map(|l| l.at()),
        location("倉庫")
    );
    assert_eq!(t.tables.suppliers[0].order_weekday, Some(0));
    assert_eq!(
        t.tables.calendar[1].supplier.as_ref().map(|s| s.as_str()),
        Some("cn")
    );
    assert_eq!(t.tables.files[0].path, "sales.csv");
    assert_eq!(t.tables.files[0].rows, 5);
    assert_eq!(t.tables.files[0].sha256.len(), 64);
}

#[test]
fn people_write_dates_numbers_and_yes_in_many_ways() {
    let rows = "２０２６－０８－０１,１２ ,web,\"１，２３４\",\"¥1,980\"\n\
                2026年8月1日,12,web,2,￥100\n\
                2026/8/1,12,web,3,\n\
                20260801,12,web,4,\n\
                2026-08-01T23:30:00-07:00,12,web,5,\n";
    let t = Folder::new()
        .file("sales.csv", format!("date,sku,channel,units,price\n{rows}"))
        .file(
            "channels.csv",
            "channel,accepts_backorders\nweb,はい\nb,○\nc,TRUE\nd,1\ne,Yes\nf,いいえ\ng,×\nh,false\ni,0\nj,no\n",
        )
        .read();
    let names: Vec<&str> = t.tables.skus.iter().map(|s| s.as_str()).collect();
    assert_eq!(names, ["12", "１２"], "codes are not normalised");
    assert_eq!(
        f64s(&t.records.sales.0, "units").iter().sum::<f64>(),
        1248.0
    );
    let dates = t
        .records
        .sales
        .0
        .column("date")
        .and_then(|c| c.i32())
        .expect("i32")
        .clone();
    assert_eq!(dates.min(), dates.max());
    let accepts: Vec<bool> = t
        .tables
        .channel_rows
        .iter()
        .map(|c| c.accepts_backorders)
        .collect();
    let by_name: Vec<(&str, bool)> = t
        .tables
        .channels
        .iter()
        .map(|c| c.as_str())
        .zip(accepts)
        .collect();
    for (name, accepts) in by_name {
        assert_eq!(
            accepts,
            ["web", "b", "c", "d", "e"].contains(&name),
            "{name}"
        );
    }
    let t = Folder::new()
        .file("sales.csv", PLAIN)
        .file(
            "stock.csv",
            "date,sku,location,in_stock_fraction\n2026-08-01,001,web,93%\n",
        )
        .read();
    assert_eq!(
        f64s(&t.records.stock.expect("stock").0, "in_stock_fraction"),
        [0.93]
    );
}

#[test]
fn a_table_larger_than_a_block_keeps_its_lines() {
    // More than two blocks of 4 MiB, so that lines and names must hold across blocks.
    let mut csv = SALES.to_owned();
    let rows = 400_000;
    for k in 0..rows {
        csv.push_str(&format!(
            "2026-{:02}-{:02},SKU-{:05},channel-{},{}\n",
            1 + k / 28 % 12,
            1 + k % 28,
            k % 1000,
            k % 3,
            k % 7
        ));
    }
    let t = Folder::new().file("sales.csv", &csv).read();
    assert_eq!(t.records.sales.0.height(), rows);
    assert_eq!((t.tables.skus.len(), t.tables.channels.len()), (1000, 3));
    let expected: f64 = (0..rows).map(|k| (k % 7) as f64).sum();
    assert_eq!(
        f64s(&t.records.sales.0, "units").iter().sum::<f64>(),
        expected
    );
    csv.push_str("2026-01-01,a,b,oops\n");
    let errors = Folder::new().file("sales.csv", &csv).errors();
    assert_eq!(errors[0].place.line, Some(rows as u64 + 2));
}

#[test]
fn a_header_alone_is_an_empty_table() {
    let t = Folder::new()
        .file("sales.csv", SALES)
        .file(
            "stock.csv",
            "date,sku,location,on_hand\n2026-08-01,1,web,5\n",
        )
        .file("items.csv", "sku\n1\n2\n")
        .read();
    assert_eq!(t.records.sales.0.height(), 0);
    assert_eq!(t.tables.skus.len(), 2);
    let t = Folder::new()
        .file("sales.csv", SALES)
        .until(2026, 8, 1)
        .read();
    assert!(t.tables.skus.is_empty());
    assert!(
        Folder::new()
            .file("sales.csv", SALES)
            .message()
            .contains("--as-of")
    );
}
