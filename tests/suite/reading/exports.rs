//! Files as shop systems and other programs write them.

use super::*;

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
    assert_eq!(f64s(&t.records.sales.0, "units"), [1.0, 2.0]);
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
    let names: Vec<&str> = t.tables.skus.iter().map(|s| s.as_str()).collect();
    assert_eq!(
        names,
        ["prod-1-normal-inventory", "prod-2-normal-inventory"]
    );
    assert_eq!(t.tables.channels[0].as_str(), "楽天");
    assert_eq!(f64s(&t.records.sales.0, "price"), [1000.0, 1200.0]);

    let ledger = "Date\tMSKU\tEnding Warehouse Balance\tLocation\n05/13/2026\tSKU1\t11\tUS\n";
    let t = Folder::new()
        .file("sales.csv", SALES)
        .file("stock.tsv", ledger)
        .config(
            "[input]\ndate_order = \"mdy\"\n[columns.stock]\nsku = \"MSKU\"\non_hand = \"Ending Warehouse Balance\"\n",
        )
        .read();
    assert_eq!(Day::from_ymd(2026, 5, 13), Some(t.tables.as_of));
    assert_eq!(t.tables.locations[0].as_str(), "US");
}

#[test]
fn a_parquet_column_of_lists_is_refused_where_it_is_used_and_ignored_elsewhere() {
    let lists = Series::new(
        "tags".into(),
        [
            Series::new("".into(), [1.0, 2.0]),
            Series::new("".into(), [3.0]),
        ],
    );
    let read = |name: &str| {
        let mut frame = df!(
            "date" => ["2026-08-01", "2026-08-02"],
            "sku" => ["a", "b"],
            "channel" => ["web", "web"],
            "units" => [1.0, 2.0],
        )
        .expect("frame");
        frame
            .with_column(lists.clone().with_name(name.into()).into_column())
            .expect("column");
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes)
            .finish(&mut frame)
            .expect("parquet");
        Folder::new().file("sales.parquet", bytes).try_read()
    };
    assert_eq!(
        f64s(&read("tags").expect("ignored").records.sales.0, "units"),
        [1.0, 2.0]
    );
    let message = read("units").expect_err("should be refused").to_string();
    assert!(
        message.contains("`units`") && message.contains("list"),
        "{message}"
    );
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
    assert_eq!(t.tables.skus[0].as_str(), "4901");
    assert_eq!(Day::from_ymd(2026, 8, 1), Some(t.tables.as_of));
    assert_eq!(f64s(&t.records.sales.0, "units"), [3.0, 4.0]);
    assert!(f64s(&t.records.sales.0, "price")[1].is_nan());

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
