//! Whether demand that met an empty shelf was bought elsewhere in the shop.

/// What the data say about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SubstitutionVerdict {
    /// Fewer re-openings, or fewer products with any, than can tell; weekly data cannot at all.
    #[default]
    TooFew,
    /// Knowing that one was out predicts nothing of the other's sales: the share counts as 0.
    NotProven,
    /// It improves the prediction of products that the share was not learnt from, beyond chance.
    Proven,
}

impl SubstitutionVerdict {
    /// The word used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooFew => "too_few",
            Self::NotProven => "not_proven",
            Self::Proven => "proven",
        }
    }
}

/// One kind of pair: sizes and colours of a style, or channels with stocks of their own.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct SubstitutionTest {
    /// Re-openings looked at.
    pub reopenings: usize,
    /// Styles, or SKUs, that they belong to.
    pub products: usize,
    /// Share of the lost demand that was bought elsewhere, as measured on all of them; NaN where nothing could be.
    pub measured: f64,
    /// Its 80 % interval, for products as clusters. May reach below 0 and above 1.
    pub p10: f64,
    pub p90: f64,
    /// Gain in predictive quasi log-likelihood of each half of the products, with the share of the other half.
    pub gain: [f64; 2],
    /// Standard error of their sum.
    pub gain_error: f64,
    pub verdict: SubstitutionVerdict,
}

impl SubstitutionTest {
    /// The share to count on, 0..=1: 0 unless proven.
    pub fn share(&self) -> f64 {
        match self.verdict {
            SubstitutionVerdict::Proven => self.measured.clamp(0.0, 1.0),
            _ => 0.0,
        }
    }
}

/// Both kinds of pairs.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct SubstitutionReport {
    pub variants: SubstitutionTest,
    pub channels: SubstitutionTest,
}
