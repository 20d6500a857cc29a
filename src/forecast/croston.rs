//! Croston's method for intermittent demand, and its unbiased form.

/// Smoothed size and interval of intermittent demand.
///
/// J. D. Croston (1972), "Forecasting and stock control for intermittent demands"; A. A. Syntetos & J. E. Boylan (2005), "The accuracy of
/// intermittent demand estimates" (SBA).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Croston {
    /// z: smoothed units of a period that has demand.
    pub size: f64,
    /// p: smoothed periods from one demand to the next.
    pub interval: f64,
    /// α, 0..=1.
    pub smoothing: f64,
}

impl Croston {
    /// Starts from the first demand: z its units, p the periods up to and with it; then at each demand z ← z + α(x − z) and
    /// p ← p + α(q − p), q periods after the one before. `None` without any demand.
    ///
    /// ```
    /// let demand = [0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 3.0, 0.0, 4.0, 0.0, 0.0, 6.0];
    /// let fit = restock::forecast::croston::Croston::fit(&demand, 0.1).unwrap();
    /// assert!((fit.rate() - 1.620_863).abs() < 5e-7);
    /// assert!((fit.unbiased_rate() - 1.539_819).abs() < 5e-7);
    /// ```
    pub fn fit(demand: &[f64], smoothing: f64) -> Option<Self> {
        let mut fit: Option<Self> = None;
        let mut since = 0.0;
        for &units in demand {
            since += 1.0;
            if units.is_nan() || units <= 0.0 {
                continue;
            }
            match &mut fit {
                Some(fit) => {
                    fit.size += smoothing * (units - fit.size);
                    fit.interval += smoothing * (since - fit.interval);
                }
                None => {
                    fit = Some(Self {
                        size: units,
                        interval: since,
                        smoothing,
                    });
                }
            }
            since = 0.0;
        }
        fit
    }

    /// Croston's forecast z/p in units a period; too high by about α/2.
    pub fn rate(&self) -> f64 {
        self.size / self.interval
    }

    /// (1 − α/2)·z/p (SBA).
    pub fn unbiased_rate(&self) -> f64 {
        (1.0 - self.smoothing / 2.0) * self.rate()
    }
}
