//! What the records say about the past: where a history begins, what moved the stock, what a day could show of demand.

use std::fmt::Write as _;
use std::path::Path;

use restock::config::{Config, parse};
use restock::demand::{self, DemandModel};
use restock::domain::{Availability, Checked, Day, Tables};
use restock::panel::{self, Panel};
use restock::text::Lang;

use crate::whole_plan::shop::{AS_OF, Dice, read};

/// Tables as text, by name.
struct Folder(Vec<(&'static str, String)>);

impl Folder {
    fn new(tables: &[(&'static str, &str)]) -> Self {
        Self(
            tables
                .iter()
                .map(|(name, head)| (*name, format!("{head}\n")))
                .collect(),
        )
    }

    /// Adds a row, dated `back` days before as-of in place of `@`.
    fn row(&mut self, table: &str, back: i32, row: &str) {
        let date = Day(AS_OF - back).to_string();
        let (_, text) = self.0.iter_mut().find(|t| t.0 == table).unwrap();
        let _ = writeln!(text, "{}", row.replace('@', &date));
    }

    fn read(&self) -> Checked {
        let home = tempfile::tempdir().unwrap();
        for (name, text) in &self.0 {
            std::fs::write(home.path().join(format!("{name}.csv")), text).unwrap();
        }
        let config: Config = parse("", Path::new("restock.toml")).unwrap();
        read(home.path(), &config)
    }

    fn panel(&self) -> (Tables, Panel) {
        let Checked {
            tables, records, ..
        } = self.read();
        let (panel, _) =
            panel::build(records, &tables, restock::config::OUT_ODDS, &mut Vec::new()).unwrap();
        (tables, panel)
    }

    /// Units per day and hidden units of all series.
    fn recovered(&self) -> (f64, f64) {
        let (tables, panel) = self.panel();
        let model: DemandModel = demand::estimate(&panel, &tables);
        let levels = model.series.iter().map(|s| s.level).sum();
        (levels, model.lost.iter().sum())
    }
}

/// How many days before as-of the history of a series begins.
fn begins(tables: &Tables, panel: &Panel, sku: &str, channel: &str) -> i32 {
    let i = (0..panel.len())
        .find(|&i| {
            let key = panel.series[i];
            tables.skus[key.sku].as_str() == sku && tables.channels[key.channel].as_str() == channel
        })
        .unwrap();
    AS_OF - panel.first[i].0
}

#[test]
fn preorders_samples_and_wholesale_begin_no_history() {
    let mut shop = Folder::new(&[
        ("sales", "date,sku,channel,units,order_type"),
        ("stock", "date,sku,location,on_hand"),
    ]);
    for (sku, order_type) in [("A", "preorder"), ("B", "sample"), ("C", "wholesale")] {
        shop.row("sales", 150, &format!("@,{sku},web,1,{order_type}"));
        for back in 0..50 {
            shop.row("sales", back, &format!("@,{sku},web,2,regular"));
            shop.row("stock", back, &format!("@,{sku},web,90"));
        }
    }
    // Nothing but a sample was ever sold of it, but it was in stock.
    shop.row("sales", 120, "@,D,web,1,sample");
    for back in 0..30 {
        shop.row("stock", back, "@,D,web,5");
    }
    let (tables, panel) = shop.panel();
    let begin = |sku| begins(&tables, &panel, sku, "web");
    assert_eq!(["A", "B", "C", "D"].map(begin), [49, 49, 49, 29]);
}

#[test]
fn a_channel_has_no_past_before_it_opened() {
    let mut shop = Folder::new(&[
        ("sales", "date,sku,channel,units"),
        ("stock", "date,sku,location,on_hand"),
        ("channels", "channel,location"),
    ]);
    shop.row("channels", 0, "shop,dc");
    shop.row("channels", 0, "web,dc");
    for back in 0..150 {
        shop.row("sales", back, "@,A,shop,2");
        if back < 28 {
            shop.row("sales", back, "@,A,web,2");
        }
        if back < 10 {
            shop.row("sales", back, "@,B,web,1");
            shop.row("sales", back, "@,B,shop,1");
        }
        for sku in ["A", "B"] {
            shop.row("stock", back, &format!("@,{sku},dc,90"));
        }
    }
    let (tables, panel) = shop.panel();
    let begin = |sku, channel| begins(&tables, &panel, sku, channel);
    assert_eq!([begin("A", "shop"), begin("A", "web")], [149, 27]);
    // In stock and unsold on an open channel is a true zero.
    assert_eq!([begin("B", "shop"), begin("B", "web")], [149, 27]);
}

#[test]
fn all_that_moved_the_stock_since_its_last_count_is_known() {
    let mut shop = Folder::new(&[
        ("sales", "date,sku,channel,units,order_type,returned_units"),
        ("stock", "date,sku,location,on_hand"),
        ("channels", "channel,location"),
        (
            "inbound",
            "po_id,sku,location,ordered_date,units,supplier,received_date,received_units",
        ),
    ]);
    shop.row("channels", 0, "web,dc");
    shop.row("channels", 0, "shop,corner");
    shop.row("stock", 6, "@,A,dc,500");
    shop.row("sales", 5, "@,A,web,100,wholesale,0");
    shop.row("sales", 4, "@,A,web,3,sample,0");
    shop.row("sales", 3, "@,A,web,0,regular,7");
    shop.row("inbound", 2, "T1,A,corner,@,300,dc,,");
    shop.row("inbound", 1, "P1,A,dc,@,50,mill,@,50");
    shop.row("sales", 0, "@,A,web,10,regular,0");
    shop.row("sales", 0, "@,A,shop,1,regular,0");
    let (tables, panel) = shop.panel();
    let web = (0..panel.len())
        .find(|&i| tables.channels[panel.series[i].channel].as_str() == "web")
        .unwrap();
    let closing = &panel.closing[panel.range(web)];
    assert_eq!(closing, [500.0, 400.0, 397.0, 404.0, 104.0, 154.0, 144.0]);
}

#[test]
fn backorders_of_an_item_that_accepts_none_any_more_count_as_they_did_then() {
    let recovered = |policy: &str, rate: f64| {
        let mut shop = Folder::new(&[
            ("sales", "date,sku,channel,units"),
            ("stock", "date,sku,location,on_hand"),
            (
                "backorders",
                "order_id,date,sku,channel,units,shipped_date,shipped_units",
            ),
            ("items", "sku,backorder_policy"),
        ]);
        let mut dice = Dice(2);
        for k in 0..12 {
            shop.row("items", 0, &format!("A{k},{policy}"));
            for back in (0..180).rev() {
                let demand = dice.poisson(rate);
                let out = back % 30 < 9;
                let stock = if out { 0 } else { 200 };
                shop.row("stock", back, &format!("@,A{k},web,{stock}"));
                if !out && demand > 0.0 {
                    shop.row("sales", back, &format!("@,A{k},web,{demand}"));
                }
                let taken = (0..demand as i32).filter(|_| dice.uniform() < 0.5).count();
                if out && taken > 0 {
                    let line = format!("o{k}-{back},@,A{k},web,{taken},@,{taken}");
                    shop.row("backorders", back, &line);
                }
            }
        }
        shop.recovered()
    };
    for rate in [10.0, 0.8] {
        let (then, now) = (recovered("yes", rate), recovered("no", rate));
        println!("{rate}: {then:?} accepting, {now:?} not any more");
        assert!((now.0 / then.0 - 1.0).abs() < 0.02, "{then:?} {now:?}");
        assert!((now.1 / then.1 - 1.0).abs() < 0.1, "{then:?} {now:?}");
    }
}

#[test]
fn a_day_that_sold_had_stock_whatever_its_fraction_says() {
    let mut shop = Folder::new(&[
        ("sales", "date,sku,channel,units"),
        ("stock", "date,sku,location,in_stock_fraction"),
    ]);
    let mut dice = Dice(4);
    for back in 0..180 {
        let (demand, at) = (dice.poisson(10.0), back % 10);
        if at < 8 {
            let sold = if at == 7 {
                (demand / 2.0).floor()
            } else {
                demand
            };
            shop.row("sales", back, &format!("@,A,web,{sold}"));
        }
        shop.row("stock", back, &format!("@,A,web,{}", u8::from(at < 7)));
    }
    let (_, panel) = shop.panel();
    let view = panel.view(0);
    let odd = (0..view.len()).find(|&t| view.sold[t] > 0.0 && (AS_OF - view.day(t).0) % 10 == 7);
    let odd = odd.unwrap();
    assert_eq!(view.availability[odd], Availability::SoldOut);
    assert_eq!(view.fraction(odd), None);
    assert_eq!(view.fraction(odd + 1), Some(1.0));
    let (level, _) = shop.recovered();
    assert!((level - 10.0).abs() < 0.5, "{level}");
}

#[test]
fn an_order_of_what_stopped_selling_says_that_its_stock_is_to_be_counted_first() {
    let mut shop = Folder::new(&[
        ("sales", "date,sku,channel,units"),
        ("stock", "date,sku,location,on_hand"),
    ]);
    for back in 0..200 {
        for sku in ["A", "B"] {
            let on_hand = if back < 70 { 9 } else { 80 };
            shop.row("stock", back, &format!("@,{sku},web,{on_hand}"));
        }
        shop.row("sales", back, "@,B,web,4");
        if back >= 60 {
            shop.row("sales", back, "@,A,web,4");
        }
    }
    let plan = restock::plan::make(shop.read(), &Config::default(), 0, &|_| ()).unwrap();
    for row in &plan.recommendations {
        assert!(row.order_qty > 0.0, "{row:#?}");
        let since = Day(AS_OF - 59).to_string();
        let reason = restock::output::reason(Lang::En, row);
        let told = reason.contains(&format!("None has sold since {since}"));
        assert_eq!(told, row.sku.as_str() == "A", "{reason}");
    }
}
