//! Whatever the bytes are, the answer is tables or a message.

use super::forms::{EVERYTHING, parquet};
use super::*;

/// A count in the header of a page that is negative makes the decoder reserve more memory than there is, and that
/// cannot be caught. The pages of the first columns stand at the start of the file.
#[test]
fn a_page_that_claims_to_hold_less_than_nothing_is_refused() {
    let good = parquet(EVERYTHING[0].1, &["date", "units"]);
    let mut counts = 0;
    for at in 4..200 {
        for odd in [1, 0x7f] {
            let mut bytes = good.clone();
            bytes[at] = odd;
            let read = Folder::new().file("sales.parquet", &bytes).try_read();
            if let Err(InputError::Unreadable { file, why }) = read {
                assert_eq!(file, "sales.parquet");
                counts += usize::from(why.contains("one value for each row"));
            }
        }
    }
    assert!(counts > 0, "no header of a page was hit");
}

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
            Ok(t) => prop_assert!(t.records.sales.0.height() <= 1),
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
