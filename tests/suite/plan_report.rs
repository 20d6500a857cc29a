//! The page of a plan, written by the program as a user runs it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use restock::domain::Day;

const AS_OF: i32 = 20_695;

/// A shop with an item of an awkward name that is out of stock, one that sells, and one whose record nobody can buy from.
fn shop(folder: &Path) {
    let put = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    let mut sales = "date,sku,channel,units\n".to_owned();
    let mut stock = "date,sku,location,on_hand\n".to_owned();
    for t in 0..200 {
        let date = Day(AS_OF - 199 + t).to_string();
        for (sku, units, left) in [
            (
                "A<1>",
                if t < 185 { 3 } else { 0 },
                if t < 185 { 40 } else { 0 },
            ),
            ("B&2", 2, 30),
            ("C3", if t < 140 { 4 } else { 0 }, 9),
        ] {
            if units > 0 {
                let _ = writeln!(sales, "{date},{sku},web,{units}");
            }
            let _ = writeln!(stock, "{date},{sku},shed,{left}");
        }
    }
    let waiting = Day(AS_OF - 3).to_string();
    put("sales.csv", &sales);
    put("stock.csv", &stock);
    put(
        "channels.csv",
        "channel,location,accepts_backorders\nweb,shed,true\n",
    );
    put(
        "items.csv",
        "sku,name,supplier,unit_cost,price,lead_time_days\n\
         A<1>,\"Cup <b>\"\"blue\"\"</b> & {saucer}\",\"Mill & <Sons>\",500,1200,10\n\
         B&2,Plate,,300,900,10\nC3,Bowl,,300,900,10\n",
    );
    put(
        "backorders.csv",
        &format!("order_id,date,sku,channel,units\n\"W<1>\",{waiting},A<1>,web,2\n"),
    );
}

/// The page in a language, with the program's other flags.
fn page(lang: &str, flags: &[&str]) -> String {
    let home = tempfile::tempdir().unwrap();
    let (data, out) = (home.path().join("data"), home.path().join("2026-08-31"));
    fs::create_dir(&data).unwrap();
    shop(&data);
    Command::cargo_bin("restock")
        .unwrap()
        .args(["plan", "--quiet", "--lang", lang, "--data"])
        .arg(&data)
        .arg("--out")
        .arg(&out)
        .args(flags)
        .assert()
        .success();
    for file in page_links(&fs::read_to_string(out.join("report.html")).unwrap()) {
        assert!(out.join(&file).is_file(), "{file}");
    }
    fs::read_to_string(out.join("report.html")).unwrap()
}

fn page_links(html: &str) -> Vec<String> {
    let links = html.split("<a href=\"").skip(1);
    links
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

/// The page without its style and its drawings.
fn words(html: &str) -> String {
    let mut out = html.to_owned();
    for (from, to) in [("<style>", "</style>"), ("<svg", "</svg>")] {
        while let Some(start) = out.find(from) {
            let end = start + out[start..].find(to).unwrap() + to.len();
            out.replace_range(start..end, "");
        }
    }
    out
}

fn check(html: &str, lang: &str) {
    assert!(html.starts_with("<!DOCTYPE html>"));
    assert!(html.contains(&format!("<html lang=\"{lang}\">")));
    assert!(html.trim_end().ends_with("</html>"));
    let words = words(html);
    // Names of users are words and no markup, their braces no placeholders.
    assert!(words.contains("Cup &lt;b&gt;&quot;blue&quot;&lt;/b&gt; &amp; {saucer}"));
    assert!(words.contains("Mill &amp; &lt;Sons&gt;") && words.contains("W&lt;1&gt;"));
    assert!(!html.contains("<b>") && !html.contains("<Sons>"));
    let left = words.replace("{saucer}", "");
    assert!(!left.contains('{') && !left.contains('}'), "{left}");
    // A key without a text shows itself.
    for section in [
        "report.",
        "cli.",
        "stockout.",
        "transfer.",
        "finding.",
        "output.",
    ] {
        assert!(!left.contains(section), "{section}");
    }
    // Nothing is fetched from elsewhere.
    for outside in ["http://", "https://", "<script", "<link", "<img"] {
        let found = html.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
        assert!(!found.contains(outside), "{outside}");
    }
    let rows = words.matches("<tr>").count();
    assert!(rows > 10, "{rows}");
    assert_eq!(page_links(html).len(), 15);
}

#[test]
fn the_page_holds_words_tables_and_charts() {
    let html = page("en", &["--top", "1"]);
    check(&html, "en");
    assert_eq!(html.matches("<svg").count(), 7);
    assert_eq!(html.matches("<figcaption>").count(), 7);
    for heading in [
        "This week",
        "What to order first",
        "Demand that stockouts hid",
        "Customers to tell",
        "Why shelves were empty",
        "Records to count",
        "Look at these in the data",
        "The most valuable series",
        "Files of this plan",
    ] {
        assert!(html.contains(&format!("<h2>{heading}</h2>")), "{heading}");
    }
}

#[test]
fn without_charts_the_page_has_its_tables() {
    let html = page("ja", &["--no-charts"]);
    check(&html, "ja");
    assert!(!html.contains("<svg") && !html.contains("<figure>"));
    assert!(
        html.contains("<h2>今週のポイント</h2>") && html.contains("<h2>優先して発注する商品</h2>")
    );
}
