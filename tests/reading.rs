//! What the reading of tables promises: every form that is accepted gives the same tables, and every mistake is named
//! by file, line, column and value.

use std::path::Path;

use encoding_rs::SHIFT_JIS;
use polars::prelude::*;
use proptest::prelude::*;
use restock::config::{Config, parse};
use restock::domain::{Day, Finding, ItemStatus, Severity, Tables};
use restock::input::{InputError, Options, quality_table, read};
use restock::text::Lang;
use tempfile::TempDir;

struct Folder {
    dir: TempDir,
    config: Config,
    as_of: Option<Day>,
}

impl Folder {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().expect("temp dir"),
            config: Config::default(),
            as_of: None,
        }
    }

    fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("has a parent")).expect("folder");
        std::fs::write(path, content).expect("write");
        self
    }

    fn config(mut self, toml: &str) -> Self {
        self.config = parse(toml, Path::new("restock.toml")).expect("configuration");
        self
    }

    fn as_of(mut self, year: i32, month: u32, day: u32) -> Self {
        self.as_of = Day::from_ymd(year, month, day);
        self
    }

    fn try_read(&self) -> Result<Tables, InputError> {
        read(Options {
            data: self.dir.path(),
            config: &self.config,
            as_of: self.as_of,
        })
    }

    fn read(&self) -> Tables {
        self.try_read().unwrap_or_else(|e| panic!("{e}"))
    }

    fn message(&self) -> String {
        self.try_read().expect_err("should be refused").to_string()
    }

    /// The errors by row; panics when it is another error.
    fn errors(&self) -> Vec<Finding> {
        match self.try_read() {
            Err(InputError::Rows(findings)) => findings,
            other => panic!("{other:?}"),
        }
    }
}

const SALES: &str = "date,sku,channel,units\n";
const PLAIN: &str = "date,sku,channel,units\n2026-08-01,001,web,1\n";

fn sales(rows: &str) -> String {
    format!("{SALES}{rows}")
}

/// Everything but files and findings, as comparable text and frames.
fn same(a: &Tables, b: &Tables) {
    let words = |t: &Tables| {
        format!(
            "{:#?}",
            (
                (t.as_of, &t.skus, &t.channels, &t.locations),
                (&t.backorders, &t.inbound, &t.items),
                (&t.channel_rows, &t.location_rows, &t.suppliers, &t.calendar),
            )
        )
    };
    assert_eq!(words(a), words(b));
    assert!(
        a.sales.0.equals_missing(&b.sales.0),
        "{:?}\n{:?}",
        a.sales.0,
        b.sales.0
    );
    match (&a.stock, &b.stock) {
        (Some(a), Some(b)) => assert!(a.0.equals_missing(&b.0), "{:?}\n{:?}", a.0, b.0),
        (None, None) => {}
        _ => panic!("one has stock"),
    }
    let codes = |t: &Tables| -> Vec<(Severity, &str, u64)> {
        t.findings
            .iter()
            .map(|f| (f.severity, f.code, f.count))
            .collect()
    };
    assert_eq!(codes(a), codes(b));
}

fn finding<'t>(tables: &'t Tables, code: &str) -> &'t Finding {
    tables
        .findings
        .iter()
        .find(|f| f.code == code)
        .unwrap_or_else(|| panic!("no {code} in {:#?}", tables.findings))
}

fn lacks(tables: &Tables, code: &str) {
    assert!(
        tables.findings.iter().all(|f| f.code != code),
        "{:#?}",
        finding(tables, code)
    );
}

fn f64s(frame: &DataFrame, column: &str) -> Vec<f64> {
    frame
        .column(column)
        .and_then(|c| c.f64())
        .expect("f64 column")
        .into_no_null_iter()
        .collect()
}

// ---- mistakes

/// (files, what the message must hold)
type Case<'c> = (&'c str, &'c [(&'c str, &'c str)], &'c [&'c str]);

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
                ("items.csv", "sku,moq,order_multiple\n001,0,5\n"),
            ],
            &["column `moq`", "\"0\" is not above 0"],
        ),
        (
            "order multiple",
            &[
                ("sales.csv", PLAIN),
                ("items.csv", "sku,moq,order_multiple\n001,1,-5\n"),
            ],
            &["column `order_multiple`", "\"-5\" is not above 0"],
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
            &["sales.csv", "`date` is missing"],
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
    assert_eq!(tables.grain.days(), 7);
}

// ---- forms

/// A folder with every table, as (file stem, CSV).
const EVERYTHING: &[(&str, &str)] = &[
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
        "from,to,kind,name,sku,category,channel,supplier\n\
         2026-08-11,2026-08-16,supplier_closed,お盆,,,,cn\n\
         2026-07-01,2026-07-03,promotion,セール,0012,,楽天,\n",
    ),
];

fn everything(change: impl Fn(&str, &str) -> Vec<(String, Vec<u8>)>) -> Tables {
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
fn parquet(csv: &str, typed: &[&str]) -> Vec<u8> {
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
    assert_eq!(plain.files.len(), 9);
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
    let names: Vec<&str> = t.skus.iter().map(|s| s.as_str()).collect();
    assert_eq!(names, ["0012", "A-1"]);
    assert_eq!(f64s(&t.sales.0, "units"), [2.0, 3.0, 1.0, 0.5, 4.0]);
    assert_eq!(
        f64s(&t.sales.0, "returned_units"),
        [1.0, 0.0, 0.0, 0.0, 0.0]
    );
    assert!(f64s(&t.sales.0, "price")[3].is_nan());
    let types: Vec<i8> = t
        .sales
        .0
        .column("order_type")
        .and_then(|c| c.i8())
        .expect("i8")
        .into_no_null_iter()
        .collect();
    assert_eq!(types, [0, 0, 1, 0, 3]);
    assert_eq!(Day::from_ymd(2026, 8, 1), Some(t.as_of));
    let stock = &t.stock.as_ref().expect("stock").0;
    assert!(f64s(stock, "on_hand")[2].is_nan());
    assert_eq!(f64s(stock, "in_stock_fraction"), [1.0, 0.4, 0.25]);
    assert_eq!(t.backorders[1].order_id, "007");
    assert_eq!(t.backorders[1].open_units(), 2.0);
    assert_eq!(t.backorders[0].open_units(), 0.0);
    assert_eq!(t.inbound[0].po_id, "P0");
    assert_eq!(t.inbound[0].received_units, 8.0);
    assert_eq!(t.inbound[1].received, None);
    assert_eq!(t.items[0].service_level, Some(0.97));
    assert_eq!(t.items[1].status, ItemStatus::New);
    assert_eq!(t.items[1].similar_sku, Some(0));
    assert_eq!(t.items[1].backorder_policy, Some(false));
    let location = |name: &str| t.locations.iter().position(|l| l.as_str() == name);
    assert!(
        t.channel_rows
            .iter()
            .all(|c| Some(c.location as usize) == location("倉庫"))
    );
    let shop = location("店").expect("shop");
    assert_eq!(
        t.location_rows[shop].supplied_from.map(|l| l as usize),
        location("倉庫")
    );
    assert_eq!(t.suppliers[0].order_weekday, Some(0));
    assert_eq!(
        t.calendar[1].supplier.as_ref().map(|s| s.as_str()),
        Some("cn")
    );
    assert_eq!(t.files[0].path, "sales.csv");
    assert_eq!(t.files[0].rows, 5);
    assert_eq!(t.files[0].sha256.len(), 64);
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
    let names: Vec<&str> = t.skus.iter().map(|s| s.as_str()).collect();
    assert_eq!(names, ["12", "１２"], "codes are not normalised");
    assert_eq!(f64s(&t.sales.0, "units").iter().sum::<f64>(), 1248.0);
    let dates = t
        .sales
        .0
        .column("date")
        .and_then(|c| c.i32())
        .expect("i32")
        .clone();
    assert_eq!(dates.min(), dates.max());
    let accepts: Vec<bool> = t
        .channel_rows
        .iter()
        .map(|c| c.accepts_backorders)
        .collect();
    let by_name: Vec<(&str, bool)> = t.channels.iter().map(|c| c.as_str()).zip(accepts).collect();
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
        f64s(&t.stock.expect("stock").0, "in_stock_fraction"),
        [0.93]
    );
}

#[test]
fn headers_of_real_exports_are_mapped() {
    let amazon = "amazon-order-id\tpurchase-date\tproduct-name\tsku\tquantity\titem-price\tsales-channel\n\
                  1-1\t2026-06-17T08:04:21+00:00\t24\" monitor\t0012\t1\t89.95\tAmazon.co.jp\n\
                  1-2\t2026-06-18T08:04:21+00:00\t\"Best\" cup\tB\t2\t\tAmazon.co.jp\n";
    let t = Folder::new()
        .file("sales.tsv", amazon)
        .config(
            "[columns.sales]\ndate = \"purchase-date\"\nchannel = \"sales-channel\"\nunits = \"quantity\"\nprice = \"item-price\"\n",
        )
        .read();
    assert_eq!(f64s(&t.sales.0, "units"), [1.0, 2.0]);
    assert_eq!(finding(&t, "unknown_columns").count, 2);

    let rakuten = "注文番号,ステータス,注文日時,商品管理番号,単価,個数,SKU管理番号,SKU情報\n\
                   436667-1,700,2026-03-01 10:00:00,prod-1,1000,1,normal-inventory,\"カラー:ブラック\n+サイズ:M\"\n\
                   436667-2,700,2026-03-02 10:00:00,prod-2,\"1,200\",2,normal-inventory,\n";
    let t = Folder::new()
        .file("sales.csv", SHIFT_JIS.encode(rakuten).0)
        .config(
            "[columns.sales]\ndate = \"注文日時\"\nsku = \"商品管理番号 + SKU管理番号\"\nchannel = \"=楽天\"\nunits = \"個数\"\nprice = \"単価\"\n",
        )
        .read();
    let names: Vec<&str> = t.skus.iter().map(|s| s.as_str()).collect();
    assert_eq!(
        names,
        ["prod-1-normal-inventory", "prod-2-normal-inventory"]
    );
    assert_eq!(t.channels[0].as_str(), "楽天");
    assert_eq!(f64s(&t.sales.0, "price"), [1000.0, 1200.0]);

    let ledger = "Date\tMSKU\tEnding Warehouse Balance\tLocation\n05/13/2026\tSKU1\t11\tUS\n";
    let t = Folder::new()
        .file("sales.csv", SALES)
        .file("stock.tsv", ledger)
        .config(
            "[input]\ndate_order = \"mdy\"\n[columns.stock]\nsku = \"MSKU\"\non_hand = \"Ending Warehouse Balance\"\n",
        )
        .read();
    assert_eq!(Day::from_ymd(2026, 5, 13), Some(t.as_of));
    assert_eq!(t.locations[0].as_str(), "US");
}

#[test]
fn parquet_of_other_types_is_read() {
    let mut frame = df!(
        "date" => [1_785_542_400_000_000i64, 1_785_628_799_000_000],
        "sku" => [4901i64, 4902],
        "channel" => ["web", "web"],
        "units" => [3i32, 4],
        "price" => [1.5f32, f32::NAN],
    )
    .expect("frame");
    let date = frame
        .column("date")
        .and_then(|c| c.cast(&DataType::Datetime(TimeUnit::Microseconds, None)))
        .expect("datetime");
    frame.with_column(date).expect("column");
    let channel = frame
        .column("channel")
        .and_then(|c| c.cast(&DataType::from_categories(Categories::global())))
        .expect("categorical");
    frame.with_column(channel).expect("column");
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .finish(&mut frame)
        .expect("parquet");
    let t = Folder::new().file("sales.parquet", bytes).read();
    assert_eq!(t.skus[0].as_str(), "4901");
    assert_eq!(Day::from_ymd(2026, 8, 1), Some(t.as_of));
    assert_eq!(f64s(&t.sales.0, "units"), [3.0, 4.0]);
    assert!(f64s(&t.sales.0, "price")[1].is_nan());

    let mut frame = df!(
        "date" => ["2026-08-01", "2026-08-02"],
        "sku" => ["a", "b"],
        "channel" => [Some("web"), None],
        "units" => [1.0, -1.0],
    )
    .expect("frame");
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .finish(&mut frame)
        .expect("parquet");
    let message = Folder::new().file("sales.parquet", bytes).message();
    for part in [
        "sales.parquet, line 2, column `channel`",
        "column `units`",
        "\"-1\"",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
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
    assert_eq!(t.sales.0.height(), rows);
    assert_eq!((t.skus.len(), t.channels.len()), (1000, 3));
    let expected: f64 = (0..rows).map(|k| (k % 7) as f64).sum();
    assert_eq!(f64s(&t.sales.0, "units").iter().sum::<f64>(), expected);
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
    assert_eq!(t.sales.0.height(), 0);
    assert_eq!(t.skus.len(), 2);
    let t = Folder::new()
        .file("sales.csv", SALES)
        .as_of(2026, 8, 1)
        .read();
    assert!(t.skus.is_empty());
    assert!(
        Folder::new()
            .file("sales.csv", SALES)
            .message()
            .contains("--as-of")
    );
}

// ---- as-of

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
        .as_of(2026, 8, 2)
        .read();
    assert_eq!(t.sales.0.height(), 1);
    assert_eq!(t.skus.len(), 1, "a SKU that is sold later is not known yet");
    assert_eq!(t.stock.as_ref().map(|s| s.0.height()), Some(1));
    assert_eq!(t.backorders.len(), 1);
    let line = &t.backorders[0];
    assert_eq!(
        (line.shipped, line.shipped_units, line.notified),
        (None, 0.0, None)
    );
    assert!(line.promised.is_some());
    assert_eq!(t.inbound.len(), 1);
    assert_eq!(
        (t.inbound[0].received, t.inbound[0].received_units),
        (None, 0.0)
    );
    assert_eq!(t.calendar.len(), 1);
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
        .as_of(2020, 1, 1)
        .message();
    assert!(
        message.contains("2020-01-01") && message.contains("2026-08-01"),
        "{message}"
    );
}

// ---- names

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
        .channels
        .iter()
        .position(|c| c.as_str() == "shop")
        .expect("shop");
    assert_eq!(
        t.locations[t.channel_rows[shop].location as usize].as_str(),
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
    assert!(t.calendar.is_empty());
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
    assert!(base().read().channel_rows[0].accepts_backorders);
    let told = base()
        .file("channels.csv", "channel,accepts_backorders\nweb,no\n")
        .read();
    assert!(!told.channel_rows[0].accepts_backorders);
    assert!(!Folder::new().file("sales.csv", PLAIN).read().channel_rows[0].accepts_backorders);
}

// ---- doubtful data

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
    assert_eq!(f64s(&t.stock.as_ref().expect("stock").0, "on_hand"), [7.0]);
    assert_eq!(finding(&t, "duplicate_stock_rows").count, 2);
}

#[test]
fn exact_copies_are_kept_and_told_when_they_are_many() {
    let t = Folder::new()
        .file(
            "sales.csv",
            sales("2026-08-01,a,web,1\n2026-08-01,a,web,1\n2026-08-01,a,web,2\n"),
        )
        .read();
    assert_eq!(t.sales.0.height(), 3);
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
        assert_eq!((f.count, f.from), (1, Day::from_ymd(2026, 8, 8)));
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
    assert_eq!(f64s(&held.sales.0, "units"), [2.0, 0.0, 0.0, 0.0, 0.0, 2.0]);
    lacks(&held, "sales_hold_backorders");
    lacks(&held, "backorder_not_in_sales");

    let fewer = daily(6, |d| format!("2026-08-{d:02},a,web,1"));
    let held = base(&fewer)
        .config("[input]\nsales_include_backorders = true\n")
        .read();
    assert_eq!(f64s(&held.sales.0, "units")[1], 0.0, "never below 0");
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

// ---- anything at all

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), form in 0usize..3) {
        let name = ["sales.csv", "sales.tsv", "sales.parquet"][form];
        let _ = Folder::new().file(name, &bytes).try_read();
        // The same bytes behind a header that is right.
        let mut csv = SALES.as_bytes().to_vec();
        csv.extend(&bytes);
        let _ = Folder::new().file("sales.csv", &csv).try_read();
    }

    #[test]
    fn damaged_parquet_never_panics(at in 0usize..2000, value in any::<u8>()) {
        let mut bytes = parquet(EVERYTHING[0].1, &["date", "units"]);
        let at = at % bytes.len();
        bytes[at] = value;
        let _ = Folder::new().file("sales.parquet", &bytes).try_read();
    }

    #[test]
    fn random_cells_are_read_or_refused_at_their_line(
        cells in prop::collection::vec("[0-9a-z０-９,;:/¥%\"\\-. \u{3000}]{0,12}", 4),
    ) {
        let quoted: Vec<String> = cells.iter().map(|c| format!("\"{}\"", c.replace('"', "\"\""))).collect();
        let csv = sales(&(quoted.join(",") + "\n"));
        match (Folder::new().file("sales.csv", csv)).try_read() {
            Ok(t) => prop_assert!(t.sales.0.height() <= 1),
            Err(InputError::Rows(findings)) => {
                for f in findings {
                    prop_assert_eq!(f.place.line, Some(2));
                }
            }
            Err(InputError::NoDates) => prop_assert!(cells.iter().all(|c| c.trim().is_empty())),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn the_order_of_rows_leaves_no_trace(
        rows in prop::collection::vec((1u32..20, 0u32..3, 0u32..2, 0u32..3, 0u32..2), 1..30),
        cut in 0usize..30,
        turn in 0usize..30,
    ) {
        let lines: Vec<String> = rows
            .iter()
            .map(|(d, s, c, u, p)| format!("2026-08-{d:02},s{s},c{c},{u},{p}"))
            .collect();
        let header = "date,sku,channel,units,price";
        let whole = Folder::new()
            .file("sales.csv", format!("{header}\n{}\n", lines.join("\n")))
            .read();
        let mut turned = lines.clone();
        turned.rotate_left(turn % lines.len());
        let (a, b) = turned.split_at(cut % lines.len());
        let split = Folder::new()
            .file("sales/1.csv", format!("{header}\n{}\n", a.join("\n")))
            .file("sales/2.csv", format!("{header}\n{}\n", b.join("\n")))
            .read();
        same(&whole, &split);
    }
}
