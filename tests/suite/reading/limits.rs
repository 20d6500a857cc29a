//! Numbers of another column, and slips of the keyboard: beyond the limits an error, far beyond the usual a finding.

use restock::config::{LIMITS, Limit};

use super::forms::parquet;
use super::*;

/// (table, header, a row)
const ROWS: &[(&str, &str, &str)] = &[
    ("sales", "date,sku,channel,units", "2026-08-01,a,web,1"),
    ("stock", "date,sku,location,on_hand", "2026-08-01,a,web,1"),
    (
        "backorders",
        "order_id,date,sku,channel,units",
        "1,2026-08-01,a,web,1000000000",
    ),
    (
        "inbound",
        "po_id,sku,location,ordered_date,units",
        "1,a,web,2026-08-01,1",
    ),
    ("items", "sku", "a"),
    ("channels", "channel", "web"),
    ("locations", "location", "web"),
    ("suppliers", "supplier", "s"),
    (
        "calendar",
        "from,to,kind",
        "2026-08-01,2026-08-02,promotion",
    ),
    ("codes", "code,sku", "x,a"),
    ("sets", "set,sku,units", "x,a,1"),
];

/// A table whose last row has `value` in a column, and an ordinary one (or none) before.
fn table(name: &str, value: &str) -> (&'static str, String) {
    let (table, column) = name.split_once('.').expect("table.column");
    let (table, header, row) = ROWS.iter().find(|r| r.0 == table).expect(table);
    let mut cells: Vec<&str> = row.split(',').collect();
    let csv = match header.split(',').position(|h| h == column) {
        Some(at) => {
            cells[at] = value;
            format!("{header}\n{}\n", cells.join(","))
        }
        None => format!("{header},{column}\n{row},{value}\n"),
    };
    (table, csv)
}

fn folder(name: &str, value: &str, form: &str) -> Folder {
    let (table, csv) = table(name, value);
    let column = name.split_once('.').expect("table.column").1;
    let bytes = match form {
        "parquet" => parquet(&csv, &[column]),
        _ => csv.into_bytes(),
    };
    let folder = Folder::new().file(&format!("{table}.{form}"), bytes);
    if table == "sales" {
        folder
    } else {
        folder.file("sales.csv", PLAIN.replace("001", "a"))
    }
}

fn figures(limit: &Limit) -> Vec<String> {
    limit
        .figures()
        .into_iter()
        .map(|(_, figure)| figure)
        .collect()
}

#[test]
fn every_number_of_a_table_is_read_up_to_its_limit_and_refused_beyond_it() {
    for limit in LIMITS {
        let step = (limit.most - limit.least) * 1e-9;
        let open = limit.least == 0.0 && limit.most == 1.0 && !limit.holds(1.0);
        let (inside, outside) = if open {
            (1.0 - step, 1.0)
        } else {
            (limit.most, limit.most + step.max(1.0))
        };
        for column in limit.columns {
            for form in ["csv", "parquet"] {
                folder(column, &inside.to_string(), form).read();
                let typed = outside.to_string();
                let message = folder(column, &typed, form).message();
                let (table, name) = column.split_once('.').expect("table.column");
                let line = if form == "csv" { 2 } else { 1 };
                for part in [
                    &format!("{table}.{form}, line {line}, column `{name}`"),
                    &format!("\"{typed}\""),
                    &figures(limit)[1],
                ] {
                    assert!(message.contains(part), "{part} in {message}");
                }
                let below = limit.least - 1.0;
                let message = folder(column, &below.to_string(), form).message();
                assert!(
                    message.contains(&format!("\"{below}\"")),
                    "{column}: {message}"
                );
            }
        }
    }
}

#[test]
fn every_key_is_read_up_to_its_limit_and_refused_beyond_it() {
    for limit in LIMITS {
        for name in limit.keys {
            let (section, key) = name.split_once('.').expect("section.key");
            let toml = |value: &str| format!("[{section}]\n\n{key} = {value}\n");
            let parse = |value: &str| parse(&toml(value), Path::new("restock.toml"));
            if limit.holds(limit.most) {
                parse(&limit.most.to_string()).expect(name);
            }
            for beyond in [limit.most + 1.0, limit.least - 1.0, 1e308] {
                let typed = format!("{beyond:e}");
                let message = parse(&typed).expect_err(name).to_string();
                for part in [
                    &format!("restock.toml, line 3: `{name}` is {typed}"),
                    &figures(limit)[0],
                    &figures(limit)[1],
                ] {
                    assert!(message.contains(part), "{part} in {message}");
                }
            }
        }
    }
}

#[test]
fn a_number_that_would_overflow_is_an_error_and_never_an_empty_cell() {
    for column in LIMITS.iter().flat_map(|l| l.columns) {
        let message = folder(column, "1e308", "csv").message();
        let typed = message.contains("\"1e308\"") && message.contains("line 2");
        assert!(typed, "{column}: {message}");
    }
}

#[test]
fn a_bar_code_in_a_column_of_units_is_called_one() {
    let message = folder("inbound.units", "4901777018686", "csv").message();
    assert!(
        message.contains("\"4901777018686\" looks like a JAN code"),
        "{message}"
    );
    let message = folder("inbound.units", "4901777018687", "csv").message();
    assert!(!message.contains("JAN"), "another check digit: {message}");
}

#[test]
fn an_order_multiple_smaller_than_any_is_refused_and_none_is_still_none() {
    for small in ["0.00001", "1e-300"] {
        let message = folder("items.order_multiple", small, "csv").message();
        for part in ["line 2, column `order_multiple`", small, "0.0001"] {
            assert!(message.contains(part), "{part} in {message}");
        }
    }
    for fine in ["0", "0.0001"] {
        folder("items.order_multiple", fine, "csv").read();
    }
}

/// Items of a shop, their unit costs far apart as in any shop.
fn lumpy(last: &str) -> String {
    let costs = [80.0, 120.0, 1_500.0, 98_000.0, 450.0, 0.0, 3_200.0, 7.5];
    let rows = (0..40).map(|k| {
        let cost = costs[k % 8] * (1.0 + k as f64 / 10.0);
        format!(
            "s{k},{cost},{},{}\n",
            5 + k % 60,
            [1, 1, 10, 144, 1, 6, 500, 12][k % 8]
        )
    });
    format!(
        "sku,unit_cost,lead_time_days,moq\n{}{last}",
        rows.collect::<String>()
    )
}

#[test]
fn a_value_far_beyond_its_column_is_told_with_its_line_and_an_ordinary_one_is_not() {
    let items = |last: &str| {
        Folder::new()
            .file("sales.csv", PLAIN)
            .file("items.csv", lumpy(last))
            .read()
    };
    let ordinary = items("z,250000,90,1000\n");
    for code in ["far_beyond_usual", "barcodes_in_column"] {
        lacks(&ordinary, code);
    }
    for (last, code, column, value) in [
        (
            "z,98765432100,30,1\n",
            "far_beyond_usual",
            "unit_cost",
            "98765432100",
        ),
        (
            "z,100,3000,1\n",
            "far_beyond_usual",
            "lead_time_days",
            "3000",
        ),
        ("z,100,30,96385075\n", "far_beyond_usual", "moq", "96385075"),
        (
            "z,100,30,96385074\n",
            "barcodes_in_column",
            "moq",
            "96385074",
        ),
    ] {
        let found = items(last);
        let far = finding(&found, code);
        assert_eq!(far.severity, Severity::Warning);
        assert_eq!(far.place.line, Some(42), "{last}");
        assert_eq!(far.place.column.as_deref(), Some(column));
        assert_eq!(far.place.value.as_deref(), Some(value));
        for lang in [Lang::En, Lang::Ja] {
            let (what, remedy) = finding_text(lang, far);
            assert!(what.contains(value) && what.contains(column), "{what}");
            assert!(!what.contains('{') && !remedy.is_empty(), "{what}");
        }
    }
}

#[test]
fn a_row_of_sales_that_looks_like_a_bar_code_is_told_once() {
    let days = (1..=20).map(|d| format!("2026-07-{d:02},a,web,{}\n", 1 + d % 3));
    let rows = format!(
        "{SALES}{}2026-07-21,a,web,96385074\n",
        days.collect::<String>()
    );
    let tables = Folder::new().file("sales.csv", rows).read();
    assert_eq!(finding(&tables, "barcodes_in_column").place.line, Some(22));
    lacks(&tables, "unusual_units");
    lacks(&tables, "far_beyond_usual");
}

#[test]
fn the_bundled_example_has_no_value_far_beyond_the_usual() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let config = restock::config::load(&data.join("restock.toml")).expect("the example's");
    let tables = read(Options {
        data: &data,
        config: &config,
        as_of: None,
    })
    .unwrap_or_else(|e| panic!("{e}"));
    for code in ["far_beyond_usual", "barcodes_in_column", "stamps_in_utc"] {
        lacks(&tables, code);
    }
}

#[test]
fn eight_thousand_unknown_keys_are_told_as_fast_as_their_number_allows() {
    let toml = |keys: usize| {
        let lines = (0..keys).map(|k| format!("key_{k} = {k}\n"));
        format!("[policy]\n{}", lines.collect::<String>())
    };
    let time = |keys: usize| {
        let toml = toml(keys);
        let started = std::time::Instant::now();
        let message = parse(&toml, Path::new("restock.toml"))
            .expect_err("unknown")
            .to_string();
        (started.elapsed().as_secs_f64(), message)
    };
    let (few, _) = time(1_000);
    let (many, message) = time(8_000);
    // Eight times the keys, and no more than twice as long for each.
    assert!(
        many < 16.0 * few + 0.2,
        "{few} s for 1,000, {many} s for 8,000"
    );
    assert!(
        message.contains("line 2: `key_0` is not a known key"),
        "{message}"
    );
    assert!(message.ends_with("and 7980 more mistakes."), "{message}");
}
