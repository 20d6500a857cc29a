//! Where the numbers of the input may lie: every column of a table and every key of the configuration, in one table.
//!
//! The limits are far beyond any shop's figures and far within what arithmetic holds: nothing that is computed from numbers within
//! them overflows. A value beyond is of another column, or a slip of the keyboard.

use std::fmt::Write as _;

/// What a number measures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Measure {
    /// Units sold; a negative number is a return in disguise.
    SoldUnits,
    Units,
    /// Units that move together.
    Multiple,
    /// Units on hand; negative when oversold.
    Stock,
    Money,
    Days,
    /// Whole days between two orders.
    Review,
    WholeDays,
    WholeHours,
    /// A share, or a percentage.
    Share,
    /// A service level, or a percentage.
    Level,
    /// A probability.
    Odds,
    /// Share of the unit cost, a year.
    Rate,
    Priority,
    /// Demand × this.
    Uplift,
    /// Rows of a table.
    Rows,
}

/// Where the numbers of one kind of input may lie.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Limit {
    pub measure: Measure,
    /// Its name in the table of limits.
    name: &'static str,
    pub least: f64,
    pub most: f64,
    /// `least` and `most` themselves lie outside.
    open: bool,
    whole: bool,
    /// A number above 0 is at least this.
    grain: f64,
    /// Columns, as `table.column`.
    pub columns: &'static [&'static str],
    /// Keys of the configuration, as `section.key`.
    pub keys: &'static [&'static str],
    /// Key of the words for what was expected of a key.
    pub expected: &'static str,
}

const fn limit(measure: Measure, name: &'static str, least: f64, most: f64) -> Limit {
    Limit {
        measure,
        name,
        least,
        most,
        open: false,
        whole: false,
        grain: 0.0,
        columns: &[],
        keys: &[],
        expected: "",
    }
}

/// A row's units.
const UNITS: f64 = 1e9;
/// Money of a unit, or of an order.
const MONEY: f64 = 1e12;
/// Ten years.
const DAYS: f64 = 3_650.0;

/// Every limit of a number in the input.
pub const LIMITS: &[Limit] = &[
    Limit {
        columns: &["sales.units"],
        ..limit(Measure::SoldUnits, "units sold", 0.0, UNITS)
    },
    Limit {
        columns: &[
            "sales.returned_units",
            "backorders.units",
            "backorders.shipped_units",
            "backorders.cancelled_units",
            "inbound.units",
            "inbound.received_units",
            "items.moq",
        ],
        ..limit(Measure::Units, "other units", 0.0, UNITS)
    },
    Limit {
        grain: 1e-4,
        columns: &["items.order_multiple", "codes.units", "sets.units"],
        ..limit(Measure::Multiple, "order multiple", 0.0, UNITS)
    },
    Limit {
        columns: &["stock.on_hand"],
        ..limit(Measure::Stock, "stock", -UNITS, UNITS)
    },
    Limit {
        columns: &[
            "sales.price",
            "items.unit_cost",
            "items.price",
            "suppliers.min_amount",
        ],
        keys: &[
            "policy.holding_cost_per_unit_day",
            "policy.lost_sale_cost_per_unit",
            "policy.backorder_cost_per_unit_day",
        ],
        expected: "finding.expect_money",
        ..limit(Measure::Money, "money", 0.0, MONEY)
    },
    Limit {
        columns: &[
            "items.lead_time_days",
            "items.lead_time_sd",
            "suppliers.lead_time_days",
            "suppliers.lead_time_sd",
            "locations.transfer_days",
        ],
        keys: &["policy.lead_time_days", "policy.lead_time_sd"],
        expected: "finding.expect_days",
        ..limit(Measure::Days, "days", 0.0, DAYS)
    },
    Limit {
        whole: true,
        columns: &["items.review_days", "suppliers.review_days"],
        keys: &["policy.review_days"],
        expected: "finding.expect_whole_days",
        ..limit(Measure::Review, "whole days from order to order", 1.0, DAYS)
    },
    Limit {
        whole: true,
        keys: &["backorders.max_wait_days", "policy.cancel_within_days"],
        expected: "finding.expect_whole_days",
        ..limit(Measure::WholeDays, "whole days", 0.0, DAYS)
    },
    Limit {
        whole: true,
        keys: &["backorders.notify_within_hours"],
        expected: "finding.expect_hours",
        ..limit(Measure::WholeHours, "whole hours", 0.0, 24.0 * DAYS)
    },
    Limit {
        columns: &["stock.in_stock_fraction", "items.replaces_share"],
        ..limit(Measure::Share, "share (or percentage)", 0.0, 1.0)
    },
    Limit {
        open: true,
        columns: &["items.service_level", "channels.service_level"],
        keys: &["policy.service_level"],
        expected: "finding.expect_share",
        ..limit(
            Measure::Level,
            "service level (in tables also a percentage)",
            0.0,
            1.0,
        )
    },
    Limit {
        open: true,
        keys: &["input.out_odds"],
        expected: "finding.expect_odds",
        ..limit(Measure::Odds, "probability", 0.0, 1.0)
    },
    Limit {
        keys: &["policy.holding_rate_per_year"],
        expected: "finding.expect_rate",
        ..limit(Measure::Rate, "rate a year", 0.0, 100.0)
    },
    Limit {
        columns: &["channels.priority"],
        ..limit(Measure::Priority, "priority", -1e6, 1e6)
    },
    Limit {
        columns: &["calendar.uplift"],
        ..limit(Measure::Uplift, "uplift (demand × this)", 0.0, 1_000.0)
    },
    Limit {
        whole: true,
        ..limit(Measure::Rows, "rows of a table", 0.0, 4e9)
    },
];

impl Measure {
    /// The limit of what measures this.
    pub fn limit(self) -> &'static Limit {
        let found = LIMITS.iter().find(|l| l.measure == self);
        // A test holds every measure to one entry.
        found.unwrap_or(&LIMITS[0])
    }
}

impl Limit {
    /// Whether a number lies within.
    ///
    /// ```
    /// use restock::config::Measure;
    /// assert!(Measure::Days.limit().holds(3650.0));
    /// assert!(!Measure::Days.limit().holds(99_999.0));
    /// assert!(!Measure::Level.limit().holds(1.0));
    /// ```
    pub fn holds(&self, number: f64) -> bool {
        let within = if self.open {
            number > self.least && number < self.most
        } else {
            number >= self.least && number <= self.most
        };
        let fine = number <= 0.0 || number >= self.grain;
        within && fine && (!self.whole || number.fract() == 0.0)
    }

    /// The figures that texts about the limit name.
    pub fn figures(&self) -> [(&'static str, String); 3] {
        [
            ("least", grouped(self.least)),
            ("most", grouped(self.most)),
            ("grain", grouped(self.grain)),
        ]
    }

    /// The limit of a key of the configuration.
    pub(super) fn of_keys() -> impl Iterator<Item = (&'static str, &'static str, &'static Self)> {
        LIMITS.iter().flat_map(|limit| {
            let parts = limit.keys.iter().filter_map(|key| key.split_once('.'));
            parts.map(move |(section, key)| (section, key, limit))
        })
    }
}

/// A number with thousands separators.
pub fn grouped(number: f64) -> String {
    let plain = format!("{}", number.abs());
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut out = String::from(if number < 0.0 { "-" } else { "" });
    for (k, digit) in whole.char_indices() {
        if k > 0 && (whole.len() - k).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// The limits as a table for people, in Markdown.
pub fn limits_table() -> String {
    let mut out = String::from("| what | from | to | in |\n| --- | ---: | ---: | --- |\n");
    for limit in LIMITS {
        let end = |number: f64, side: &str| {
            let open = if limit.open { side } else { "" };
            format!("{open}{}", grouped(number).replace('-', "−"))
        };
        let names = limit.columns.iter().chain(limit.keys);
        let mut names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
        if limit.grain > 0.0 {
            names.push(format!("0 or at least {}", limit.grain));
        }
        if limit.measure == Measure::Money {
            names.push("`--budget`".to_owned());
        }
        if limit.measure == Measure::Rows {
            names.push("every table".to_owned());
        }
        // Writing into a String cannot fail.
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            limit.name,
            end(limit.least, "above "),
            end(limit.most, "below "),
            names.join(", ")
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_has_one_limit() {
        for limit in LIMITS {
            let same = LIMITS.iter().filter(|l| l.measure == limit.measure);
            assert_eq!(same.count(), 1, "{limit:?}");
            assert_eq!(
                limit.keys.is_empty(),
                limit.expected.is_empty(),
                "{limit:?}"
            );
            assert!(!limit.holds(f64::NAN) && !limit.holds(f64::INFINITY));
        }
    }

    #[test]
    fn the_readme_shows_the_limits_of_the_program() {
        let readme = include_str!("../../README.md");
        let table = limits_table();
        assert!(
            readme.contains(&table),
            "README.md needs this table:\n{table}"
        );
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (number, expected) in [
            (0.0, "0"),
            (999.0, "999"),
            (3650.0, "3,650"),
            (-1e9, "-1,000,000,000"),
            (1234.5, "1,234.5"),
        ] {
            assert_eq!(grouped(number), expected);
        }
    }
}
