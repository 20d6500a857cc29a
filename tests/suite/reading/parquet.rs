//! Parquet as pyarrow and DuckDB write it: `parquet/write.py` wrote the files.

use restock::domain::Item;

use super::*;

/// (file, whether it holds the schema of Arrow, which names zones)
const FILES: &[(&str, bool)] = &[
    ("pyarrow", true),
    ("pyarrow_old", false),
    ("pyarrow_encoded", true),
    ("pyarrow_none", true),
    ("pyarrow_snappy", true),
    ("pyarrow_brotli", true),
    ("pyarrow_lz4", true),
    ("duckdb", false),
    ("duckdb_v2", false),
];

const WHOLE: [Option<f64>; 6] = [
    Some(0.0),
    Some(1.0),
    Some(3.0),
    Some(100.0),
    Some(127.0),
    None,
];
const PARTS: [Option<f64>; 6] = [
    Some(0.0),
    Some(1.25),
    Some(3.5),
    Some(100.0),
    Some(12.75),
    None,
];
const CODES: [Option<&str>; 6] = [
    Some("001"),
    Some("A-1"),
    Some("青い傘"),
    Some("x y"),
    Some("-"),
    None,
];
const NUMBERED: [Option<&str>; 6] = [
    Some("0"),
    Some("1"),
    Some("49"),
    Some("100"),
    Some("127"),
    None,
];
/// 2026-08-01 to 2026-08-05, as the clocks of the stamps' zone showed them.
const DAYS: [i32; 5] = [1, 2, 3, 4, 5];

fn bytes(file: &str) -> Vec<u8> {
    let path = format!(
        "{}/tests/suite/reading/parquet/{file}.parquet",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read(path).expect("written by write.py")
}

/// The columns of a file.
fn columns(bytes: &[u8]) -> Vec<String> {
    let mut cursor = std::io::Cursor::new(bytes);
    let footer = polars_parquet::read::read_metadata(&mut cursor).expect("a footer");
    let fields = footer.schema().fields().iter();
    fields.map(|f| f.name().to_owned()).collect()
}

/// The file as `items`, with one of its columns in the place of `target`.
fn items(bytes: &[u8], target: &str, column: &str) -> Result<Checked, InputError> {
    let sales = (1..=6).map(|n| format!("2026-08-01,S{n},web,1\n"));
    Folder::new()
        .file("sales.csv", SALES.to_owned() + &sales.collect::<String>())
        .file("items.parquet", bytes)
        .config(&format!("[columns.items]\n{target} = \"{column}\"\n"))
        .try_read()
}

fn read_items(bytes: &[u8], target: &str, column: &str) -> Checked {
    items(bytes, target, column).unwrap_or_else(|e| panic!("{column}: {e}"))
}

fn each<T>(read: &Checked, of: impl Fn(&Item) -> T) -> Vec<T> {
    assert_eq!(read.tables.items.len(), 6);
    read.tables.items.iter().map(of).collect()
}

/// Calls `look` for every column whose name begins with `kind`, of every file.
fn every(kind: &str, mut look: impl FnMut(&str, bool, &[u8], &str)) {
    let mut seen = 0;
    for (file, zones) in FILES {
        let bytes = bytes(file);
        for column in columns(&bytes).iter().filter(|c| c.starts_with(kind)) {
            look(file, *zones, &bytes, column);
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen} columns of {kind}");
}

#[test]
fn numbers_of_every_type_that_others_write_are_the_numbers_that_they_wrote() {
    every("n_", |file, _, bytes, column| {
        if column.contains("negative") {
            let message = items(bytes, "unit_cost", column)
                .expect_err(column)
                .to_string();
            let typed = if column.contains("decimal") {
                "-1.25"
            } else {
                "-5"
            };
            for part in [
                &format!("items.parquet, line 1, column `{column}`"),
                &format!("\"{typed}\" is negative"),
            ] {
                assert!(message.contains(part), "{file}: {part} in {message}");
            }
            return;
        }
        let tables = read_items(bytes, "unit_cost", column);
        let found = each(&tables, |item| item.unit_cost);
        let parts = ["float", "double", "decimal"]
            .iter()
            .any(|t| column.contains(t));
        let mut expected = if parts { PARTS } else { WHOLE };
        if let Some(bits) = column.strip_prefix("n_uint") {
            let top = [("8", 200.0), ("16", 60_000.0), ("32", 4e9), ("64", 9e11)];
            // DuckDB's `uinteger` has the values of all others.
            if let Some(top) = top.iter().find(|(b, _)| *b == bits) {
                expected[4] = Some(top.1);
            }
        }
        if column == "n_null" {
            expected = [None; 6];
        }
        if column.contains("4_0") {
            // Whole numbers only; DuckDB rounds halves away from zero.
            expected = [
                Some(0.0),
                Some(1.0),
                Some(4.0),
                Some(100.0),
                Some(13.0),
                None,
            ];
        }
        assert_eq!(found, expected, "{file} {column}");
    });
}

#[test]
fn a_zoned_stamp_is_of_the_day_that_its_zone_showed() {
    every("d_", |file, zones, bytes, column| {
        let tables = read_items(bytes, "launch_date", column);
        let august = Day::from_ymd(2026, 7, 31).expect("a day");
        let found = each(&tables, |item| item.launch.map(|day| day - august));
        // What names no zone is dated by UTC: stamps of Tokyo before 09:00 are of the day before.
        let stamps = [
            "tokyo", "new_york", "offset", "utc", "_s", "_ms", "_us", "_ns",
        ];
        let zoned = column != "d_string" && stamps.iter().any(|s| column.contains(s));
        let in_utc = zoned && !zones && !column.contains("timestamp_");
        let expected = match column {
            _ if in_utc && column.contains("tokyo") => [0, 1, 3, 4, 4],
            _ if in_utc && column.contains("new_york") => [1, 2, 3, 5, 5],
            _ if in_utc && column.contains("offset") => [0, 2, 3, 4, 4],
            _ => DAYS,
        };
        let mut expected: Vec<Option<i32>> = expected.map(Some).to_vec();
        expected.push(None);
        if in_utc || column.contains("tz_") {
            let doubt = finding(&tables, "stamps_in_utc");
            assert_eq!(doubt.place.column.as_deref(), Some(column));
        } else if !column.contains("utc") {
            lacks(&tables, "stamps_in_utc");
        }
        let expected = if column == "d_timestamptz_tokyo" {
            [0, 1, 3, 4, 4]
                .map(Some)
                .into_iter()
                .chain([None])
                .collect()
        } else {
            expected
        };
        assert_eq!(found, expected, "{file} {column}");
    });
}

#[test]
fn codes_of_every_type_that_others_write_are_texts() {
    every("c_", |file, _, bytes, column| {
        let tables = read_items(bytes, "name", column);
        let found = each(&tables, |item| item.name.clone());
        let found: Vec<Option<&str>> = found.iter().map(Option::as_deref).collect();
        let texts = ["string", "dictionary", "varchar", "enum"];
        if texts.iter().any(|t| column.contains(t)) {
            assert_eq!(found, CODES, "{file} {column}");
        } else if column == "c_uuid" {
            assert_eq!(found[0], Some("00000000-0000-0000-0000-000000000001"));
            assert_eq!(found[5], None);
        } else if column == "c_bool" {
            assert_eq!(found[..3], [Some("false"), Some("true"), Some("true")]);
        } else if column == "c_uint64_top" {
            assert_eq!(found[0], Some("18446744073709551615"));
        } else {
            assert_eq!(found, NUMBERED, "{file} {column}");
        }
    });
}

#[test]
fn a_column_that_no_table_can_use_is_refused_by_name_where_it_is_used_and_ignored_elsewhere() {
    every("x_", |file, _, bytes, column| {
        // All other columns of the file are read although it is there.
        read_items(bytes, "name", "sku");
        for target in ["unit_cost", "launch_date", "name"] {
            if column == "x_zone" && target != "launch_date" {
                continue;
            }
            let message = items(bytes, target, column).expect_err(column).to_string();
            let kind = column.trim_start_matches("x_").trim_start_matches("large_");
            let kind = match kind {
                "time32" | "time64" | "timetz" => "time",
                "blob" => "binary",
                "fixed_size_binary" => "binary(5)",
                "zone" => "\"Mars/Olympus\"",
                "split" => "ByteStreamSplit",
                other => other,
            };
            for part in ["items.parquet", column, kind] {
                assert!(
                    message.contains(part),
                    "{file} {target}: {part} in {message}"
                );
            }
        }
    });
}

#[test]
fn a_stamp_of_a_table_is_dated_as_the_same_stamp_in_a_text_file() {
    let text = "sku,launch_date\nS1,2026-08-01T00:15:00+09:00\nS2,2026-08-02T08:00:00+09:00\n";
    let typed = Folder::new()
        .file(
            "sales.csv",
            "date,sku,channel,units\n2026-08-01,S1,web,1\n2026-08-01,S2,web,1\n",
        )
        .file("items.csv", text)
        .read();
    let stored = read_items(&bytes("pyarrow"), "launch_date", "d_us_tokyo");
    for k in 0..2 {
        assert_eq!(typed.tables.items[k].launch, stored.tables.items[k].launch);
    }
}

#[test]
fn joined_codes_of_several_types_are_joined_as_in_a_text_file() {
    let tables = read_items(
        &bytes("pyarrow_old"),
        "name",
        "c_string + c_int32 + c_decimal",
    );
    let found = each(&tables, |item| item.name.clone());
    let expected = [
        "001-0-0",
        "A-1-1-1",
        "青い傘-49-49",
        "x y-100-100",
        "--127-127",
    ];
    let mut expected: Vec<Option<String>> = expected.map(|t| Some(t.to_owned())).to_vec();
    expected.push(None);
    assert_eq!(found, expected);
}

#[test]
fn a_bad_value_names_its_row_in_whatever_row_group_it_stands() {
    // Rows 5 and 6 are in the second group.
    let message = items(&bytes("pyarrow_old"), "service_level", "n_float64")
        .expect_err("not levels")
        .to_string();
    assert!(
        message.contains("lines 1 \"0\", 2 \"1.25\", 3 \"3.5\", 4 \"100\", 5 \"12.75\""),
        "{message}"
    );
}

/// A whole number as Parquet's footer writes it (Thrift's compact protocol: zigzag, then seven bits a byte).
fn varint(number: u64) -> Vec<u8> {
    let mut rest = number << 1;
    let mut out = Vec::new();
    while rest > 0x7f {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
    out
}

/// A file of a few rows whose footer says that it has others.
fn claiming(rows: u64) -> Vec<u8> {
    const HELD: usize = 12_345;
    let csv = sales(&"2026-08-01,a,web,1\n".repeat(HELD));
    let whole = super::forms::parquet(&csv, &["date", "units"]);
    let end = whole.len() - 8;
    let length: [u8; 4] = whole[end..end + 4].try_into().expect("four bytes");
    let start = end - u32::from_le_bytes(length) as usize;
    // A field header of a 64-bit number, and the number.
    let held = [&[0x16][..], &varint(HELD as u64)].concat();
    let said = [&[0x16][..], &varint(rows)].concat();
    let (mut footer, mut at) = (Vec::new(), start);
    while at < end {
        if whole[at..end].starts_with(&held) {
            footer.extend(&said);
            at += held.len();
        } else {
            footer.push(whole[at]);
            at += 1;
        }
    }
    let mut out = whole[..start].to_vec();
    out.extend(&footer);
    out.extend((footer.len() as u32).to_le_bytes());
    out.extend(b"PAR1");
    out
}

#[test]
fn rows_are_counted_from_the_footer_before_any_is_decoded() {
    let read = |rows: u64| {
        let started = std::time::Instant::now();
        let read = Folder::new()
            .file("sales.parquet", claiming(rows))
            .try_read();
        assert!(started.elapsed().as_secs() < 10, "something was decoded");
        read
    };
    assert_eq!(
        read(12_345)
            .expect("what it holds")
            .records
            .sales
            .0
            .height(),
        12_345
    );
    let message = read(4_100_000_000).expect_err("too many").to_string();
    for part in ["sales.parquet", "4,100,000,000 rows", "4,000,000,000"] {
        assert!(message.contains(part), "{part} in {message}");
    }
    // Some 220 GB: where they are not free, it is said.
    match read(3_900_000_000).expect_err("too much") {
        InputError::TooLittleMemory {
            rows, gigabytes, ..
        } => {
            assert_eq!((rows, gigabytes), (3_900_000_000, 218));
        }
        InputError::Unreadable { why, .. } => assert!(why.contains("damaged"), "{why}"),
        other => panic!("{other}"),
    }
    // Few enough, but not there.
    let message = read(20_000).expect_err("damaged").to_string();
    assert!(
        message.contains("sales.parquet cannot be read: column \"date\""),
        "{message}"
    );
}

#[test]
fn no_text_of_a_library_that_panics_reaches_a_person() {
    // Bytes of a small file are damaged in turn; some damage makes the decoder panic.
    let good = bytes("pyarrow_none");
    let folder = Folder::new()
        .file("sales.csv", sales("2026-08-01,S1,web,1\n"))
        .file(
            "restock.toml",
            "[columns.items]\nunit_cost = \"n_decimal128_38_10\"\nname = \"c_string\"\n",
        );
    let mut refused = 0;
    for at in (4..good.len()).step_by(11) {
        let mut bytes = good.clone();
        bytes[at] ^= 0xff;
        std::fs::write(folder.dir.path().join("items.parquet"), bytes).expect("write");
        let run = assert_cmd::Command::new(env!("CARGO_BIN_EXE_restock"))
            .args(["check", "--data"])
            .arg(folder.dir.path())
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(
            !said.contains("panicked") && !said.contains(".rs:"),
            "{at}: {said}"
        );
        assert!(
            matches!(run.status.code(), Some(0 | 1)),
            "{at}: {:?} {said}",
            run.status
        );
        refused += i32::from(run.status.code() == Some(1));
    }
    assert!(refused > 10, "{refused}");
}
