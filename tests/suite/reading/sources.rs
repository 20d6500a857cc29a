//! Exports of other programs are read as they are.

use std::fmt::Write as _;

use flate2::Crc;
use restock::input::recognise_folder;

use super::*;

/// Shopify orders: (number, day, hour, SKU, units, status).
fn shopify(orders: &[(u32, &str, u32, &str, i32, &str)]) -> String {
    let mut out = String::from(
        "Name,Financial Status,Created at,Lineitem quantity,Lineitem price,Lineitem sku,Cancelled at,Location\n",
    );
    for (number, day, hour, sku, units, status) in orders {
        let _ = writeln!(
            out,
            "#{number},{status},{day} {hour:02}:15:00 +0900,{units},1800,{sku},,"
        );
    }
    out
}

/// A day of 2026.
fn date(day: usize) -> String {
    let day = Day::from_ymd(2026, 3, 1).expect("day") + day as i32;
    day.to_string()
}

/// Sums of units by SKU.
fn sold(t: &Checked) -> Vec<(String, f64)> {
    let frame = &t.records.sales.0;
    let units = f64s(frame, "units");
    let sku = frame.column("sku").expect("sku").u32().expect("codes");
    let mut sums = std::collections::BTreeMap::new();
    for (code, units) in sku.into_no_null_iter().zip(units) {
        let name = t.tables.skus[SkuId(code)].as_str().to_owned();
        *sums.entry(name).or_insert(0.0) += units;
    }
    sums.into_iter().collect()
}

#[test]
fn an_order_in_two_files_counts_once_in_its_latest_state() {
    let early = shopify(&[
        (1, "2026-03-01", 10, "A", 1, "paid"),
        (2, "2026-03-02", 10, "A", 2, "pending"),
        (3, "2026-03-02", 11, "B", 5, "paid"),
    ]);
    let late = shopify(&[
        (2, "2026-03-02", 10, "A", 2, "voided"),
        (3, "2026-03-02", 11, "B", 5, "paid"),
        (4, "2026-03-09", 11, "B", 1, "paid"),
    ]);
    let t = Folder::new()
        .file("orders_export_1.csv", &early)
        .file("orders_export_2.csv", &late)
        .read();
    assert_eq!(sold(&t), [("A".to_owned(), 1.0), ("B".to_owned(), 6.0)]);
    let left = finding(&t, "rows_left_out");
    assert!(left.count > 0);

    // Whatever the files are called.
    let t = Folder::new()
        .file("b.csv", &early)
        .file("a.csv", &late)
        .read();
    assert_eq!(sold(&t), [("A".to_owned(), 1.0), ("B".to_owned(), 6.0)]);
}

#[test]
fn a_number_that_begins_anew_is_another_order() {
    let t = Folder::new()
        .file(
            "o1.csv",
            shopify(&[
                (1, "2026-03-01", 10, "A", 1, "paid"),
                (2, "2026-03-05", 10, "A", 1, "paid"),
            ]),
        )
        .file(
            "o2.csv",
            shopify(&[
                (1, "2026-03-03", 10, "A", 4, "paid"),
                (9, "2026-03-06", 10, "A", 1, "paid"),
            ]),
        )
        .read();
    assert_eq!(sold(&t), [("A".to_owned(), 7.0)]);
}

#[test]
fn two_sources_that_tell_the_same_sales_stop_the_run_with_what_they_share() {
    let mut orders = Vec::new();
    let mut engine = String::from("店舗伝票番号,受注日,商品コード,商品価格,受注数量\n");
    for day in 0..60 {
        for k in 0..2 {
            // Which SKU sells on which day follows no week.
            let sku = ["A-1", "B-2", "C-3", "D-4", "E-5"][(day * day + 3 * k + day / 3) % 5];
            let units = 1 + (day * 7 + k) % 3;
            orders.push((day * 2 + k, date(day), 10 + k, sku, units));
            let _ = writeln!(
                engine,
                "W-{},{} {}:15:00,{},1800,{units}",
                day * 2 + k,
                date(day).replace('-', "/"),
                10 + k,
                sku.to_lowercase()
            );
        }
    }
    let rows: Vec<(u32, &str, u32, &str, i32, &str)> = orders
        .iter()
        .map(|(n, day, hour, sku, units)| {
            (
                *n as u32,
                day.as_str(),
                *hour as u32,
                *sku,
                *units as i32,
                "paid",
            )
        })
        .collect();
    let folder = || {
        Folder::new()
            .file("orders.csv", shopify(&rows))
            .file("juchu.csv", &engine)
    };
    let message = folder().message();
    for part in [
        "100 %",
        "120 orders",
        "60 days",
        "skip = true",
        "separate = true",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    let shopify = "[[source]]\nfiles = \"orders.csv\"\nformat = \"shopify-orders\"\n";
    let engine = "[[source]]\nfiles = \"juchu.csv\"\nformat = \"nextengine-orders\"\n";
    let all: f64 = orders.iter().map(|o| o.4 as f64).sum();
    let total = |t: &Checked| sold(t).iter().map(|(_, units)| units).sum::<f64>();
    let t = folder()
        .config(&format!("{shopify}{engine}skip = true\n"))
        .read();
    assert_eq!(total(&t), all);
    let t = folder()
        .config(&format!("{shopify}{engine}separate = true\n"))
        .read();
    assert_eq!(total(&t), 2.0 * all);
}

#[test]
fn our_own_table_beside_exports_is_asked_about() {
    let folder = || {
        Folder::new().file("sales.csv", PLAIN).file(
            "orders.csv",
            shopify(&[(1, "2026-03-01", 10, "A", 1, "paid")]),
        )
    };
    let message = folder().message();
    for part in ["sales.csv", "orders.csv", "[[source]]", "table = \"sales\""] {
        assert!(message.contains(part), "{part} in {message}");
    }
    let both = "[[source]]\nfiles = \"sales.csv\"\ntable = \"sales\"\n[[source]]\nfiles = \"orders.csv\"\nformat = \"shopify-orders\"\n";
    let own = folder()
        .config("[[source]]\nfiles = \"sales.csv\"\ntable = \"sales\"\n")
        .read();
    let read = folder().config(both).read();
    assert_eq!(
        read.records.sales.0.height(),
        own.records.sales.0.height() + 1
    );
    assert_eq!(finding(&own, "file_not_taken").count, 1);
}

#[test]
fn a_last_day_that_ends_in_the_morning_is_no_day() {
    let mut rows = Vec::new();
    let days: Vec<String> = (0..30).map(date).collect();
    for (k, day) in days.iter().enumerate() {
        for hour in 8..22 {
            if k < 29 || hour < 10 {
                rows.push((k as u32 * 100 + hour, day.as_str(), hour, "A", 1, "paid"));
            }
        }
    }
    let stock = "Handle,SKU,Location,Available,On hand\na,A,Main,50,50\n";
    let t = Folder::new()
        .file("orders.csv", shopify(&rows))
        .file("inventory.csv", stock)
        .read();
    assert_eq!(t.tables.as_of.to_string(), days[28]);
    let told = finding(&t, "partial_last_day");
    assert!(told.figures.iter().any(|(_, v)| v == "09:15"), "{told:?}");
    assert_eq!(sold(&t), [("A".to_owned(), 29.0 * 14.0)]);
    let stock = t.records.stock.expect("stock").0;
    let dates = stock.column("date").expect("date").i32().expect("days");
    assert_eq!(
        dates.get(0).map(|d| Day(d).to_string()),
        Some(days[28].clone())
    );
}

#[test]
fn stock_without_a_date_is_of_its_name_or_of_the_last_day_of_sales() {
    let sales = || {
        Folder::new().file(
            "orders.csv",
            shopify(&[
                (1, "2026-03-01", 10, "A", 1, "paid"),
                (2, "2026-03-20", 10, "A", 1, "paid"),
            ]),
        )
    };
    let stock = "Handle,SKU,Location,Available,On hand\na,A,Main,50,50\n";
    let day_of = |name: &str| {
        let t = sales().file(name, stock).read();
        let frame = t.records.stock.expect("stock").0;
        let dates = frame.column("date").expect("date").i32().expect("days");
        dates.get(0).map(|d| Day(d).to_string())
    };
    assert_eq!(day_of("inventory.csv").as_deref(), Some("2026-03-20"));
    assert_eq!(
        day_of("inventory 2026-03-15.csv").as_deref(),
        Some("2026-03-15")
    );
    // Exported on the next morning.
    assert_eq!(
        day_of("inventory_20260321.csv").as_deref(),
        Some("2026-03-20")
    );
}

#[test]
fn files_that_no_preset_knows_are_read_by_their_own_block() {
    let report = "Umsatzbericht\n\nTag;Artikel;Farbe;Menge;Preis;Art\n01.03.26;M;BK;2;18,50;Verkauf\n31.03.26;M;NV;-1;18,50;Verkauf\n31.03.26;M;BK;9;0;Muster\nSumme;;;10;;\n";
    let config = "[[source]]\nfiles = \"kasse*.txt\"\ntable = \"sales\"\nchannel = \"till\"\ndate_order = \"dmy\"\n\
                  [source.columns]\ndate = \"Tag\"\nsku = \"Artikel + Farbe\"\nunits = \"Menge\"\nprice = \"Preis\"\norder_type = \"Art\"\n\
                  [source.values.order_type]\nVerkauf = \"regular\"\nMuster = \"sample\"\n";
    let t = Folder::new()
        .file("kasse_3.txt", report)
        .config(config)
        .read();
    assert_eq!(t.tables.as_of.to_string(), "2026-03-31");
    assert_eq!(
        sold(&t),
        [("M-BK".to_owned(), 11.0), ("M-NV".to_owned(), 0.0)]
    );
    let returned = f64s(&t.records.sales.0, "returned_units");
    assert_eq!(returned.iter().sum::<f64>(), 1.0);
    assert!(f64s(&t.records.sales.0, "price").contains(&18.5));

    let wrong = config.replace("Menge", "Anzahl");
    let message = Folder::new()
        .file("kasse_3.txt", report)
        .config(&wrong)
        .message();
    for part in ["kasse_3.txt", "`Anzahl`", "Menge"] {
        assert!(message.contains(part), "{part} in {message}");
    }
    let bad = report.replace("01.03.26;M;BK;2", "01.03.26;M;BK;two");
    let message = Folder::new()
        .file("kasse_3.txt", bad)
        .config(config)
        .message();
    for part in ["kasse_3.txt, line 4, column `Menge`", "\"two\""] {
        assert!(message.contains(part), "{part} in {message}");
    }
}

/// A workbook with one sheet below an empty one; cells as text or numbers.
fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut sheet = String::from(
        r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#,
    );
    for (r, row) in rows.iter().enumerate() {
        let _ = write!(sheet, "<row r=\"{}\">", r + 1);
        for (c, cell) in row.iter().enumerate() {
            let at = format!("{}{}", (b'A' + c as u8) as char, r + 1);
            let _ = if cell.parse::<f64>().is_ok() && !cell.starts_with('0') {
                write!(sheet, "<c r=\"{at}\"><v>{cell}</v></c>")
            } else {
                write!(
                    sheet,
                    "<c r=\"{at}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>"
                )
            };
        }
        sheet += "</row>";
    }
    sheet += "</sheetData></worksheet>";
    let empty = r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>"#;
    zip(&[
        (
            "[Content_Types].xml",
            r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#,
        ),
        (
            "_rels/.rels",
            r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Notes" sheetId="1" r:id="rId1"/><sheet name="Sales" sheetId="2" r:id="rId2"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/></Relationships>"#,
        ),
        ("xl/worksheets/sheet1.xml", empty),
        ("xl/worksheets/sheet2.xml", &sheet),
    ])
}

/// A zip archive of stored files.
fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let mut crc = Crc::new();
        crc.update(text.as_bytes());
        let offset = out.len() as u32;
        let mut common = Vec::new();
        common.extend([20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]);
        common.extend(crc.sum().to_le_bytes());
        common.extend((text.len() as u32).to_le_bytes());
        common.extend((text.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(text.as_bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0u8; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (start, count) = (out.len() as u32, files.len() as u16);
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

#[test]
fn workbooks_and_packed_files_are_read_and_codes_in_them_stay_text() {
    let rows: [&[&str]; 4] = [
        &["Sales of March"],
        &["date", "sku", "units"],
        &["2026-03-01", "0012", "2"],
        &["2026-03-02", "4901777018686", "3"],
    ];
    let config = "[[source]]\nfiles = \"*.xlsx\"\ntable = \"sales\"\nchannel = \"web\"\n";
    let t = Folder::new()
        .file("march.xlsx", workbook(&rows))
        .config(config)
        .read();
    assert_eq!(
        sold(&t),
        [("0012".to_owned(), 2.0), ("4901777018686".to_owned(), 3.0)]
    );
    let message = Folder::new()
        .file("march.xlsx", workbook(&rows))
        .config(&format!("{config}sheet = \"Sale\"\n"))
        .message();
    assert!(message.contains("Notes, Sales"), "{message}");

    let mut packed = Vec::new();
    let mut writer = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::fast());
    std::io::Write::write_all(
        &mut writer,
        shopify(&[(1, "2026-03-01", 10, "A", 3, "paid")]).as_bytes(),
    )
    .expect("packs");
    writer.finish().expect("packed");
    let t = Folder::new().file("orders.csv.gz", packed).read();
    assert_eq!(sold(&t), [("A".to_owned(), 3.0)]);
}

#[test]
fn a_user_adds_a_system_with_a_file() {
    let preset = "name = \"till\"\ntitle = \"Till\"\nsignature = [\"Receipt\", \"Pieces\"]\n[rules]\ntable = \"sales\"\nchannel = \"till\"\n\
                  [rules.columns]\ndate = \"Day\"\nsku = \"Article\"\nunits = \"Pieces\"\n";
    let t = Folder::new()
        .file("presets/till.toml", preset)
        .file("x.csv", "Pieces,Article,Day,Receipt\n2,A,2026-03-01,1\n")
        .read();
    assert_eq!(sold(&t), [("A".to_owned(), 2.0)]);
    let message = Folder::new()
        .file("presets/till.toml", "nam = 1\n")
        .file("x.csv", "Pieces,Article,Day,Receipt\n2,A,2026-03-01,1\n")
        .message();
    assert!(message.contains("presets/till.toml"), "{message}");
}

#[test]
fn a_channel_that_several_stocks_could_serve_is_asked_about() {
    let folder = || {
        Folder::new()
            .file(
                "orders.csv",
                shopify(&[(1, "2026-03-01", 10, "A", 1, "paid")]),
            )
            .file(
                "inventory.csv",
                "Handle,SKU,Location,Available,On hand\na,A,Main,50,50\na,A,East,9,9\n",
            )
    };
    let t = folder().read();
    let asked = finding(&t, "channel_stock_asked");
    assert!(
        asked.figures.iter().any(|(_, v)| v == "East, Main"),
        "{asked:?}"
    );
    let t = folder()
        .file("channels.csv", "channel,location\nshopify,East\n")
        .read();
    assert!(t.findings.iter().all(|f| f.code != "channel_stock_asked"));
}

#[test]
fn some_files_known_and_some_not_are_named_and_init_says_what_each_is() {
    let dir = tempfile::tempdir().expect("temp dir");
    let write =
        |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect("write");
    write(
        "orders_export_1.csv",
        &shopify(&[
            (1, "2026-03-01", 10, "A", 1, "paid"),
            (2, "2026-03-01", 11, "", 1, "paid"),
            (3, "2026-03-01", 12, "A", 1, "voided"),
        ]),
    );
    write("notes.csv", "a,b\n1,2\n");
    let found = recognise_folder(dir.path()).expect("recognised");
    let toml = found.config(Lang::En);
    parse(&toml, Path::new("restock.toml")).expect("a configuration");
    assert!(toml.contains("files = \"orders_export_*.csv\""), "{toml}");
    let said = found.report(Lang::En);
    for part in [
        "3 rows = 1 used",
        "1 cancelled",
        "1 without a SKU",
        "notes.csv",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let said = found.report(Lang::Ja);
    assert!(said.contains("キャンセル 1"), "{said}");
}

#[test]
fn rows_at_price_zero_beside_a_usual_price_are_gifts() {
    let rows = "date,sku,channel,units,price\n2026-03-01,A,web,2,200\n2026-03-02,A,web,1,200\n2026-03-02,A,web,3,0\n2026-03-02,B,web,3,0\n";
    let t = Folder::new().file("sales.csv", rows).read();
    assert_eq!(finding(&t, "gifts_at_price_zero").count, 1);
    let types = |t: &Checked| -> Vec<i8> {
        let frame = &t.records.sales.0;
        let types = frame
            .column("order_type")
            .expect("type")
            .i8()
            .expect("codes");
        types.into_no_null_iter().collect()
    };
    assert_eq!(types(&t).iter().filter(|k| **k == 3).count(), 1);
    let t = Folder::new()
        .file("sales.csv", rows)
        .config("[input]\ngifts = \"sales\"\n")
        .read();
    assert!(types(&t).iter().all(|k| *k == 0));
}

#[test]
fn lines_that_differ_in_a_column_that_is_not_read_are_no_duplicates() {
    let mut rows = String::from("date,sku,channel,units,order\n");
    for k in 0..40 {
        let _ = writeln!(rows, "2026-03-01,A,web,1,{k}");
    }
    let t = Folder::new().file("sales.csv", &rows).read();
    assert!(t.findings.iter().all(|f| f.code != "duplicate_sales_rows"));
    let twice = rows.replace(",web,1,2", ",web,1,1");
    let t = Folder::new().file("sales.csv", &twice).read();
    assert!(finding(&t, "duplicate_sales_rows").count > 0);
}
