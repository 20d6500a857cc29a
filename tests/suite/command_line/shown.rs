//! What acts in a terminal or turns a line around is shown by its number; files for other programs keep it.

use std::fmt::Write as _;

use super::*;

/// Clears a terminal's screen, and turns what follows around.
const CODE: &str = "TEE\u{1b}[2J\u{202e}M\u{9b}x";

fn shop(units: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut sales = "date,sku,channel,units\n".to_owned();
    let mut stock = "date,sku,location,on_hand\n".to_owned();
    for day in 1..=31 {
        let _ = writeln!(sales, "2026-07-{day:02},{CODE},web,3");
        let _ = writeln!(stock, "2026-07-{day:02},{CODE},web,{}", 40 - day);
    }
    let _ = writeln!(sales, "2026-07-31,{CODE},web,{units}");
    fs::write(folder.path().join("sales.csv"), sales).unwrap();
    fs::write(folder.path().join("stock.csv"), stock).unwrap();
    folder
}

fn harmless(text: &str) {
    for c in ['\u{1b}', '\u{202e}', '\u{9b}'] {
        assert!(!text.contains(c), "{c:?} in {text:?}");
    }
}

#[test]
fn escape_sequences_of_a_code_are_harmless_in_terminal_and_page_and_kept_in_files() {
    let folder = shop("3");
    let out = folder.path().join("out");
    let run = plan(folder.path(), &out, &[]).success();
    let said = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
    harmless(&said);
    harmless(&read(&out, "report.html"));
    for name in names(&out).iter().filter(|n| n.ends_with(".svg")) {
        harmless(&read(&out, name));
    }
    assert!(said.contains("TEE[U+001B][2J[U+202E]M[U+009B]x"), "{said}");
    assert!(read(&out, "report.html").contains("TEE[U+001B][2J"));
    assert!(read(&out, "recommendations.csv").contains(CODE));
}

#[test]
fn escape_sequences_of_a_bad_cell_are_harmless_in_the_message() {
    let folder = shop("\u{1b}]0;title\u{7}\u{202e}9");
    let out = folder.path().join("out");
    let run = plan(folder.path(), &out, &[]).code(1);
    let said = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    harmless(&said);
    assert!(said.contains("line 33, column `units`"), "{said}");
}
