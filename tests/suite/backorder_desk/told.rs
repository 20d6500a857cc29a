//! Who is told what over several plans, a week apart.

use std::path::PathBuf;

use super::shop::{Row, Shop, day, figure, rows};

/// A channel whose shelf is empty since three weeks.
struct Weeks {
    home: tempfile::TempDir,
    shop: Shop,
}

impl Weeks {
    fn new() -> Self {
        let mut shop = Shop::new();
        shop.row("channels", "web,shed,true");
        shop.row("items", "CAP,mill,500,1200,7,,,,,,");
        for after in -120..=0 {
            let on_hand = if after < -21 { 30 } else { 0 };
            shop.row("stock", format!("{},CAP,shed,{on_hand}", day(after)));
            if after < -21 {
                shop.row("sales", format!("{},CAP,web,1,", day(after)));
            }
        }
        Self {
            home: tempfile::tempdir().unwrap(),
            shop,
        }
    }

    fn line(&mut self, id: &str, promised: i32, notified: Option<i32>) {
        let notified = notified.map(day).unwrap_or_default();
        let (ordered, promised) = (day(-16), day(promised));
        self.shop.row(
            "backorders",
            format!("{id},{ordered},CAP,web,1,backorder,{promised},,,,,{notified}"),
        );
    }

    /// Plans with the units expected on a day; by line, what is said.
    fn plan(&self, as_of: i32, expected: Option<i32>) -> impl Fn(&str) -> String + use<> {
        let mut shop = self.shop.clone();
        if let Some(expected) = expected {
            shop.row(
                "inbound",
                format!("P1,CAP,shed,{},60,mill,{},,", day(-20), day(expected)),
            );
        }
        let out: PathBuf = self.home.path().join(day(as_of));
        shop.plan_on(as_of, &out, &[]);
        let rows: Vec<Row> = rows(&out.join("backorders.csv"));
        move |id| {
            let line = rows.iter().find(|l| l["order_id"] == id).unwrap();
            line["notify"].clone()
        }
    }
}

#[test]
fn who_was_not_told_stays_on_the_list_until_told() {
    let mut weeks = Weeks::new();
    weeks.line("never", 20, None);
    // Written to on the day of the first plan, before it was known; and on the day after.
    weeks.line("before", 20, Some(-14));
    weeks.line("after", 20, Some(-13));
    weeks.shop.row(
        "backorders",
        format!(
            "shipped,{},CAP,web,1,backorder,{},{},1,,,",
            day(-16),
            day(20),
            day(-5)
        ),
    );
    let first = weeks.plan(-14, Some(20));
    assert_eq!(first("never"), "new");
    assert_eq!(
        (first("before").as_str(), first("shipped").as_str()),
        ("", "new")
    );
    assert_eq!(
        first("after"),
        "new",
        "a message of tomorrow is not known yet"
    );
    let second = weeks.plan(-7, Some(20));
    assert_eq!(
        (second("never").as_str(), second("after").as_str()),
        ("new", "")
    );
    // The date moves beyond the promise: all must hear it, and go on to be told while they have not.
    let third = weeks.plan(0, Some(30));
    for id in ["never", "before", "after"] {
        assert_eq!(third(id), "late", "{id}");
    }
}

#[test]
fn late_is_said_as_long_as_it_is_true_and_not_told() {
    let mut weeks = Weeks::new();
    weeks.line("silent", 5, None);
    weeks.line("written", 5, Some(-6));
    weeks.line("early", 5, Some(-10));
    assert_eq!(weeks.plan(-14, Some(4))("silent"), "new");
    let second = weeks.plan(-7, Some(25));
    assert_eq!(second("silent"), "late");
    let third = weeks.plan(0, Some(25));
    assert_eq!(third("silent"), "late");
    assert_eq!(third("early"), "late", "told before the date moved");
    assert_eq!(third("written"), "");
    // What is late no more and was never told is still news.
    let mended = weeks.plan(1, Some(4));
    assert_eq!(mended("silent"), "moved");
}

#[test]
fn a_date_that_creeps_by_a_day_a_week_is_told_once_it_is_more_than_a_day_off() {
    let mut weeks = Weeks::new();
    weeks.line("told", 40, Some(-13));
    assert_eq!(weeks.plan(-14, Some(20))("told"), "new");
    assert_eq!(weeks.plan(-7, Some(21))("told"), "");
    assert_eq!(weeks.plan(0, Some(22))("told"), "moved");
}

#[test]
fn who_was_written_to_before_the_first_plan_knows_the_promised_day() {
    let mut weeks = Weeks::new();
    weeks.line("in_time", 10, Some(-16));
    weeks.line("sooner", 25, Some(-16));
    // A day beyond the promise is no news; from there on the promise counts, not the first plan's day.
    let first = weeks.plan(-14, Some(11));
    assert_eq!(
        (first("in_time").as_str(), first("sooner").as_str()),
        ("", "")
    );
    let second = weeks.plan(-7, Some(12));
    assert_eq!(
        (second("in_time").as_str(), second("sooner").as_str()),
        ("late", "")
    );
}

#[test]
fn who_was_written_to_is_told_that_nothing_brings_the_goods() {
    let mut shop = Shop::new();
    shop.row("channels", "web,shed,true");
    shop.row("items", "CAP,mill,500,1200,7,,,discontinued,,,");
    shop.history("CAP", "web", "shed", 90, 1, 0);
    for (id, units) in [("part", 4), ("none", 2)] {
        shop.row(
            "backorders",
            format!(
                "{id},{},CAP,web,{units},backorder,{},,,,,{}",
                day(-2),
                day(12),
                day(-2)
            ),
        );
    }
    shop.coming("P1", "CAP", "shed", 1, 6);
    let plan = shop.plan();
    let lines = plan.rows("backorders.csv");
    let of = |id: &str| lines.iter().find(|l| l["order_id"] == id).unwrap();
    // One of four comes: the last has no day.
    for id in ["part", "none"] {
        let line = of(id);
        assert_eq!(
            (line["notify"].as_str(), line["tell_date"].as_str()),
            ("moved", ""),
            "{id}"
        );
        assert_eq!(line["late_by"], "", "{id}");
    }
    let covered: f64 = lines.iter().map(|l| figure(l, "covered_units")).sum();
    assert_eq!(covered, 1.0);
}
