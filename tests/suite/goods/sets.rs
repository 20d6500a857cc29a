//! `sets.csv`: what is sold as one and kept as parts.

use std::fmt::Write as _;

use super::*;
use restock::domain::{Action, PlannedAs};

/// A cup and a saucer, and both as a set; ten sets have stood ready.
fn small() -> Folder {
    Folder::default()
        .file(
            "sales.csv",
            "date,sku,channel,units,price\n2026-08-30,SET,web,2,900\n2026-08-30,CUP,web,1,500\n2026-08-31,SET,web,1,900\n2026-08-31,SAUCER,web,1,200\n",
        )
        .file(
            "stock.csv",
            "date,sku,location,on_hand\n2026-08-30,CUP,web,20\n2026-08-30,SAUCER,web,9\n2026-08-31,CUP,web,19\n2026-08-31,SAUCER,web,6\n",
        )
        .file("items.csv", "sku,price,unit_cost\nCUP,500,100\nSAUCER,200,40\nSET,900,\n")
        .file("sets.csv", "set,sku,units\nSET,CUP,1\nSET,SAUCER,2\n")
}

#[test]
fn sales_of_a_set_are_those_of_its_parts_and_its_row_says_what_limits_it() {
    let read = small().read();
    assert_eq!(
        sold(&read),
        [("CUP".to_owned(), 4.0), ("SAUCER".to_owned(), 7.0)]
    );
    // 900 = 500 + 2 · 200, in the proportion of the parts' own prices.
    let price = read.records.sales.0.column("price").unwrap().f64().unwrap();
    let prices: Vec<f64> = price.into_no_null_iter().collect();
    assert_eq!(prices.iter().filter(|p| **p == 500.0).count(), 3);
    let plan = small().plan();
    let set = row(&plan, "SET", "web");
    assert_eq!(
        (set.action, set.order_qty, set.on_hand),
        (Action::FromParts, 0.0, Some(3.0))
    );
    assert_eq!(set.reason.code, "set");
    let Some(PlannedAs::Parts { part, sets, .. }) = &set.reason.planned_as else {
        panic!("{:?}", set.reason);
    };
    assert_eq!((part.as_str(), *sets), ("SAUCER", 3.0));
    assert!(plan.orders.iter().all(|o| o.sku.as_str() != "SET"));
    // No total counts it.
    assert_eq!(plan.rows().len(), 2);
}

#[test]
fn stock_of_the_set_itself_counts_as_that_of_its_parts() {
    let with = |rows: &str| {
        let stock = small()
            .0
            .into_iter()
            .find(|f| f.0 == "stock.csv")
            .unwrap()
            .1;
        small().file("stock.csv", format!("{stock}{rows}"))
    };
    let ready = with("2026-08-31,SET,web,5\n");
    let read = ready.read();
    assert!(finding(&read.findings, "set_with_stock").is_some());
    let last: Vec<f64> = stock(&read)
        .into_iter()
        .filter(|s| s.2 == AS_OF.0)
        .map(|s| s.3)
        .collect();
    assert_eq!(last, [24.0, 16.0]);
    assert_eq!(row(&ready.plan(), "SET", "web").on_hand, Some(8.0));
    // What a shop system computes from the parts is not counted twice.
    let computed = with("2026-08-30,SET,web,4\n2026-08-31,SET,web,3\n");
    let read = computed.read();
    assert!(finding(&read.findings, "set_stock_computed").is_some());
    assert_eq!(row(&computed.plan(), "SET", "web").on_hand, Some(3.0));
}

#[test]
fn an_order_of_a_set_without_stock_waits_for_its_parts() {
    let plan = small()
        .file(
            "backorders.csv",
            "order_id,date,sku,channel,units\nB1,2026-08-31,SET,web,4\n",
        )
        .plan();
    let lines: Vec<(&str, f64)> = plan
        .backorders
        .lines
        .iter()
        .map(|l| (l.sku.as_str(), l.units_open))
        .collect();
    assert_eq!(lines, [("CUP", 4.0), ("SAUCER", 8.0)]);
    assert_eq!(row(&plan, "SAUCER", "web").open_backorders, 8.0);
}

#[test]
fn what_cannot_be_a_set_stops_the_run() {
    for (rows, part) in [
        ("SET,CUP,1\nBIG,SET,2\n", "itself a set"),
        (
            "SET,CUP,1\nSET,SPOON,1\n",
            "\"SPOON\", a part of the set \"SET\"",
        ),
        ("SET,CUP,0\n", "more than 0"),
        ("SET,CUP,1\nSET,CUP,2\n", "twice"),
        ("SET,SET,1\n", "itself a set"),
    ] {
        let message = small()
            .file("sets.csv", format!("set,sku,units\n{rows}"))
            .message();
        assert!(message.contains(part), "{part} in {message}");
    }
}

const DAYS: i32 = 420;
const KITS: usize = 24;

/// What was true of the parts of simulated kits: demand a day of the last year, and units lost in it.
#[derive(Default, Debug)]
struct Truth {
    demand: f64,
    lost: f64,
}

/// Kits of one unit of Pnn, which is never out, and two of Qnn, which often is; both also sell alone.
fn kits() -> (Folder, Truth, Truth) {
    let mut chance = Chance(20_261_128);
    let mut sales = "date,sku,channel,units\n".to_owned();
    let mut stock = "date,sku,location,on_hand\n".to_owned();
    let mut inbound =
        "po_id,sku,location,ordered_date,units,received_date,received_units\n".to_owned();
    let mut sets = "set,sku,units\n".to_owned();
    let (mut never, mut often) = (Truth::default(), Truth::default());
    for kit in 0..KITS {
        let (p, q, s) = (
            format!("P{kit:02}"),
            format!("Q{kit:02}"),
            format!("S{kit:02}"),
        );
        let _ = writeln!(sets, "{s},{p},1\n{s},{q},2");
        let (alone_p, alone_q, sets_a_day) = (3.0, 2.0, 2.0 + kit as f64 / 12.0);
        let (all_p, all_q) = (alone_p + sets_a_day, alone_q + 2.0 * sets_a_day);
        never.demand += all_p;
        often.demand += all_q;
        let (mut p_left, mut q_left) = (200, (all_q * 9.0) as i32);
        for t in 1 - DAYS..=0 {
            let day = AS_OF + t;
            let year = f64::from(u8::from(t > -365));
            let mut customers: Vec<u8> = Vec::new();
            for (kind, mean) in [(0, alone_p), (1, alone_q), (2, sets_a_day)] {
                customers.extend(std::iter::repeat_n(kind, chance.poisson(mean) as usize));
            }
            for k in (1..customers.len()).rev() {
                customers.swap(k, chance.below(k + 1));
            }
            let mut sold = [0; 3];
            for kind in customers {
                let needs = if kind == 0 { 0 } else { i32::from(kind) };
                if needs <= q_left {
                    sold[usize::from(kind)] += 1;
                    q_left -= needs;
                    p_left -= i32::from(kind != 1);
                } else {
                    often.lost += year * f64::from(needs);
                    never.lost += year * f64::from(u8::from(kind == 2));
                }
            }
            for (sku, units) in [(&p, sold[0]), (&q, sold[1]), (&s, sold[2])] {
                if units > 0 {
                    let _ = writeln!(sales, "{day},{sku},web,{units}");
                }
            }
            // P comes before it is short; Q every two weeks, too little, on another day for each kit.
            if p_left < 100 {
                p_left += 100;
                let _ = writeln!(inbound, "{p}{t},{p},web,{},100,{day},100", day + -10);
            }
            if (t + kit as i32).rem_euclid(14) == 0 {
                let units = (all_q * 10.5) as i32;
                q_left += units;
                let _ = writeln!(
                    inbound,
                    "{q}{t},{q},web,{},{units},{day},{units}",
                    day + -10
                );
            }
            let _ = writeln!(stock, "{day},{p},web,{p_left}\n{day},{q},web,{q_left}");
        }
    }
    let folder = Folder::default()
        .file("sales.csv", sales)
        .file("stock.csv", stock)
        .file("inbound.csv", inbound)
        .file("sets.csv", sets);
    (folder, never, often)
}

#[test]
fn demand_that_a_set_could_not_serve_is_found_for_all_of_its_parts() {
    let (folder, never, often) = kits();
    let plan = folder.plan();
    let sum = |first: char, of: fn(&Recommendation) -> f64| -> f64 {
        let rows = plan.rows_shown().into_iter();
        rows.filter(|r| r.sku.as_str().starts_with(first))
            .map(of)
            .sum()
    };
    for (first, truth) in [('P', &never), ('Q', &often)] {
        let demand = sum(first, |r| r.demand_per_day);
        let hidden = sum(first, |r| r.hidden_units.mean);
        println!(
            "{first}: demand {demand:.1} true {:.1}, hidden {hidden:.0} true {:.0}",
            truth.demand, truth.lost
        );
        assert!(
            (demand / truth.demand - 1.0).abs() < 0.05,
            "{first}: {demand} {truth:?}"
        );
        assert!(
            (hidden / truth.lost - 1.0).abs() < 0.15,
            "{first}: {hidden} {truth:?}"
        );
    }
    // The set's own row tells what it lost: each of its lost sets is a lost P.
    let sets = sum('S', |r| r.hidden_units.mean);
    assert!((sets / never.lost - 1.0).abs() < 0.15, "{sets} {never:?}");
    // P was never without stock, and its stock moves as the record says.
    assert!(sum('P', |r| f64::from(r.stockout_days)) == 0.0);
    let p = row(&plan, "P00", "web");
    let said = restock::output::reason(Lang::En, p);
    assert!(said.contains("want of another part"), "{said}");
    for code in ["stock_jump", "sold_more_than_stock"] {
        assert!(finding(&plan.findings, code).is_none(), "{code}");
    }
}
