//! Substitution in `summary.json`.

use serde::Serialize;

use super::summary::{figure, maybe_figure};
use crate::domain::{SubstitutionReport, SubstitutionTest};

/// Whether what one channel or variant lost was bought elsewhere in the shop.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Substitution {
    /// Share of the lost demand of one channel that is bought on another; 0 unless proven.
    #[serde(serialize_with = "figure")]
    pub between_channels: f64,
    /// Share of the lost demand of one variant that is bought as another of its style; 0 unless proven.
    #[serde(serialize_with = "figure")]
    pub between_variants: f64,
    /// How to read it.
    pub basis: &'static str,
    pub channels: Tried,
    pub variants: Tried,
}

/// How one kind of pair was tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tried {
    /// `proven`, `not_proven`, `too_few`.
    pub verdict: &'static str,
    /// Re-openings looked at.
    pub reopenings: usize,
    /// Styles, or SKUs, that they belong to.
    pub products: usize,
    /// Share measured on all of them, whatever the verdict.
    #[serde(serialize_with = "maybe_figure")]
    pub measured: Option<f64>,
    #[serde(serialize_with = "maybe_figure")]
    pub p10: Option<f64>,
    #[serde(serialize_with = "maybe_figure")]
    pub p90: Option<f64>,
    /// Gain in predictive log-likelihood of each half of the products, with the share of the other half.
    #[serde(serialize_with = "figure")]
    pub gain_first_half: f64,
    #[serde(serialize_with = "figure")]
    pub gain_second_half: f64,
    /// Standard error of their sum.
    #[serde(serialize_with = "figure")]
    pub gain_error: f64,
}

impl Tried {
    fn of(test: &SubstitutionTest) -> Self {
        let known = |x: f64| x.is_finite().then_some(x);
        Self {
            verdict: test.verdict.as_str(),
            reopenings: test.reopenings,
            products: test.products,
            measured: known(test.measured),
            p10: known(test.p10),
            p90: known(test.p90),
            gain_first_half: test.gain[0],
            gain_second_half: test.gain[1],
            gain_error: test.gain_error,
        }
    }
}

impl Substitution {
    pub(super) fn of(report: &SubstitutionReport) -> Self {
        Self {
            between_channels: report.channels.share(),
            between_variants: report.variants.share(),
            basis: "tried at re-openings, on products that the share was not learnt from; 0 unless proven; no order is changed by it",
            channels: Tried::of(&report.channels),
            variants: Tried::of(&report.variants),
        }
    }
}
