//! Where the numbers of the configuration may lie.

/// Interval that a number must lie in, and the key of its words.
pub(super) struct Rule {
    pub section: &'static str,
    pub key: &'static str,
    pub holds: fn(f64) -> bool,
    pub expected: &'static str,
}

const SHARE: fn(f64) -> bool = |x| x > 0.0 && x < 1.0;
const NON_NEGATIVE: fn(f64) -> bool = |x| x >= 0.0 && x.is_finite();
const DAYS: fn(f64) -> bool = |x| (0.0..=3650.0).contains(&x);
const WHOLE_DAYS: fn(f64) -> bool = |x| (0.0..=3650.0).contains(&x) && x.fract() == 0.0;
const REVIEW: fn(f64) -> bool = |x| (1.0..=3650.0).contains(&x) && x.fract() == 0.0;
const HOURS: fn(f64) -> bool = |x| (0.0..=87600.0).contains(&x) && x.fract() == 0.0;

const fn rule(
    section: &'static str,
    key: &'static str,
    holds: fn(f64) -> bool,
    expected: &'static str,
) -> Rule {
    Rule {
        section,
        key,
        holds,
        expected,
    }
}

/// Every limit of a number in the configuration.
pub(super) const RULES: &[Rule] = &[
    rule("policy", "service_level", SHARE, "finding.expect_share"),
    rule("policy", "lead_time_days", DAYS, "finding.expect_days"),
    rule("policy", "lead_time_sd", DAYS, "finding.expect_days"),
    rule(
        "policy",
        "review_days",
        REVIEW,
        "finding.expect_whole_days_1",
    ),
    rule(
        "policy",
        "holding_cost_per_unit_day",
        NON_NEGATIVE,
        "finding.expect_money",
    ),
    rule(
        "policy",
        "holding_rate_per_year",
        NON_NEGATIVE,
        "finding.expect_rate",
    ),
    rule(
        "policy",
        "lost_sale_cost_per_unit",
        NON_NEGATIVE,
        "finding.expect_money",
    ),
    rule(
        "policy",
        "backorder_cost_per_unit_day",
        NON_NEGATIVE,
        "finding.expect_money",
    ),
    rule(
        "backorders",
        "max_wait_days",
        WHOLE_DAYS,
        "finding.expect_whole_days",
    ),
    rule(
        "backorders",
        "notify_within_hours",
        HOURS,
        "finding.expect_hours",
    ),
];
