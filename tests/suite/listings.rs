//! Items that are put on sale on a channel long after it opened, beside others that sell the same stock.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use restock::config::Config;
use restock::domain::{Confidence, Day, Plan, Recommendation};
use restock::input::{self, Options};

const AS_OF: i32 = 20_695;
const DAYS: i32 = 300;

/// Three a day on `own` for 300 days and, from the last `since` days on, five a day on `market`, where another item has sold all the time.
fn shop(since: i32, listings: &str) -> Plan {
    let home = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| fs::write(home.path().join(name), text).unwrap();
    let mut sales = "date,sku,channel,units\n".to_owned();
    let mut stock = "date,sku,location,on_hand\n".to_owned();
    for t in 0..DAYS {
        let date = Day(AS_OF - DAYS + 1 + t);
        let _ = writeln!(sales, "{date},TEE,own,{}", 2 + (t * 7) % 3);
        if t >= DAYS - since {
            let _ = writeln!(sales, "{date},TEE,market,{}", 4 + (t * 5) % 3);
        }
        let _ = writeln!(sales, "{date},CAP,market,1\n{date},CAP,own,1");
        let left = if t == DAYS - 1 { 60 } else { 400 };
        let _ = writeln!(stock, "{date},TEE,shed,{left}\n{date},CAP,shed,90");
    }
    put("sales.csv", &sales);
    put("stock.csv", &stock);
    put("channels.csv", "channel,location\nown,shed\nmarket,shed\n");
    put(
        "items.csv",
        "sku,unit_cost,price,lead_time_days,lead_time_sd\nTEE,5,9,14,1\nCAP,5,9,14,1\n",
    );
    if !listings.is_empty() {
        put("listings.csv", listings);
    }
    let config = Config::default();
    let options = Options {
        data: home.path(),
        config: &config,
        as_of: None,
    };
    let read = input::read(options).unwrap();
    restock::plan::make(read, &config, 0, &|_| ()).unwrap()
}

fn rows(plan: &Plan) -> BTreeMap<(&str, &str), &Recommendation> {
    let rows = plan.recommendations.iter();
    rows.map(|r| ((r.sku.as_str(), r.channel.as_str()), r))
        .collect()
}

fn told(plan: &Plan, code: &str) -> usize {
    plan.findings.iter().filter(|f| f.code == code).count()
}

#[test]
fn two_weeks_on_an_old_channel_are_two_weeks_of_history() {
    let plan = shop(14, "");
    let rows = rows(&plan);
    let market = rows[&("TEE", "market")];
    assert!(
        (4.3..5.7).contains(&market.demand_per_day),
        "{}",
        market.demand_per_day
    );
    assert_eq!(market.confidence, Confidence::Low);
    assert_eq!(rows[&("TEE", "own")].confidence, Confidence::High);
    // Eight a day for the seven days that an order serves once the 60 are gone, and a few days' safety: not hundreds.
    let ordered: f64 = ["own", "market"]
        .map(|c| rows[&("TEE", c)].order_qty)
        .iter()
        .sum();
    assert!((50.0..110.0).contains(&ordered), "{ordered}");
    let safety: f64 = ["own", "market"]
        .map(|c| rows[&("TEE", c)].safety_stock)
        .iter()
        .sum();
    assert!(safety < 80.0, "{safety}");
    assert_eq!(told(&plan, "listed_later"), 1);
    let said = plan.findings.iter().find(|f| f.code == "listed_later");
    let since = (Day(AS_OF) + -13).to_string();
    assert!(said.unwrap().figures.contains(&("date", since)));
}

#[test]
fn a_stated_listing_holds_over_the_odds() {
    // Listed all the time: the year without a sale is one.
    let plan = shop(14, "sku,channel,listed_from\nTEE,market,2020-01-01\n");
    assert_eq!(told(&plan, "listed_later"), 0);
    let all = rows(&plan)[&("TEE", "market")].confidence;
    assert_eq!(all, Confidence::High);
    // Listed since a week before its first sale.
    let from = Day(AS_OF) + -20;
    let text = format!("sku,channel,listed_from\nTEE,market,{from}\nNO,market,{from}\n");
    let plan = shop(14, &text);
    assert_eq!(
        (told(&plan, "listed_later"), told(&plan, "listing_unknown")),
        (0, 1)
    );
    let i = plan
        .recommendations
        .iter()
        .position(|r| (r.sku.as_str(), r.channel.as_str()) == ("TEE", "market"));
    assert_eq!(plan.history.first[i.unwrap()], from);
}

#[test]
fn nothing_is_planned_for_a_channel_after_the_item_left_it() {
    let until = Day(AS_OF) + 2;
    let text = format!("sku,channel,listed_from,listed_to\nTEE,market,2020-01-01,{until}\n");
    let plan = shop(200, &text);
    let rows = rows(&plan);
    let market = rows[&("TEE", "market")];
    // Two days of five are left.
    assert!(
        market.demand_over_protection < 12.0,
        "{}",
        market.demand_over_protection
    );
    assert!(rows[&("TEE", "own")].demand_over_protection > 55.0);
}
