//! Variance ÷ mean of a period's demand, shrunk from the series to its group.

/// Sums from which a dispersion is estimated.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dispersion {
    /// Σ (units − mean)².
    pub squares: f64,
    /// Σ mean.
    pub means: f64,
    /// Periods (or, for sums over an interval, effective windows).
    pub count: f64,
}

impl Dispersion {
    /// Adds one observation.
    pub fn add(&mut self, squared_error: f64, mean: f64, weight: f64) {
        self.squares += weight * squared_error;
        self.means += weight * mean;
        self.count += weight;
    }

    /// The series' own φ = Σr²/Σm, NaN without data.
    pub fn own(&self) -> f64 {
        if self.means > 0.0 {
            self.squares / self.means
        } else {
            f64::NAN
        }
    }

    /// Shrunk towards the group's value with `prior` pseudo-periods.
    pub fn shrunk(&self, group: f64, prior: f64) -> f64 {
        if self.means > 0.0 && self.count > 0.0 {
            (self.squares + prior * self.means / self.count * group)
                / (self.means * (1.0 + prior / self.count))
        } else {
            group
        }
    }
}

/// log φ = a + b·log mean over the series of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    pub a: f64,
    pub b: f64,
}

impl Trend {
    /// Weighted least squares over the series with at least `least` periods (weight = periods, at most 100 each); φ = `fallback`
    /// everywhere with fewer than three such series.
    pub fn fit(series: &[Dispersion], least: f64, fallback: f64) -> Self {
        let (mut w, mut x, mut y, mut xx, mut xy, mut n) = (0.0, 0.0, 0.0, 0.0, 0.0, 0);
        for d in series {
            let phi = d.own();
            if d.count < least || phi.is_nan() || phi <= 0.0 {
                continue;
            }
            let weight = d.count.min(100.0);
            let (lx, ly) = ((d.means / d.count).max(1e-6).ln(), phi.ln());
            w += weight;
            x += weight * lx;
            y += weight * ly;
            xx += weight * lx * lx;
            xy += weight * lx * ly;
            n += 1;
        }
        if n < 3 {
            return Self {
                a: fallback.ln(),
                b: 0.0,
            };
        }
        let variance = xx - x * x / w;
        // A slope outside 0..1 would let the spread shrink with the mean or outgrow a constant coefficient of variation.
        let b = if variance > 1e-9 * w {
            ((xy - x * y / w) / variance).clamp(0.0, 1.0)
        } else {
            0.0
        };
        Self {
            a: (y - b * x) / w,
            b,
        }
    }

    /// φ at a mean.
    pub fn at(&self, mean: f64) -> f64 {
        (self.a + self.b * mean.max(1e-6).ln()).exp()
    }

    /// φ of a series: its own, shrunk to the trend, which counts as `prior` pseudo-periods.
    pub fn of(&self, own: &Dispersion, mean: f64, prior: f64) -> f64 {
        own.shrunk(self.at(mean), prior)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_without_data_has_its_group_s_dispersion_and_one_with_much_its_own() {
        let trend = Trend {
            a: 2.0f64.ln(),
            b: 0.0,
        };
        assert!((trend.of(&Dispersion::default(), 3.0, 30.0) - 2.0).abs() < 1e-12);
        let own = Dispersion {
            squares: 4.0e5,
            means: 1.0e5,
            count: 1.0e5,
        };
        assert!((trend.of(&own, 1.0, 30.0) - 4.0).abs() < 0.01);
    }

    #[test]
    fn the_trend_recovers_a_power_of_the_mean() {
        let series: Vec<Dispersion> = (1..40)
            .map(|i| {
                let mean = f64::from(i);
                Dispersion {
                    squares: 50.0 * mean * 1.5 * mean.powf(0.3),
                    means: 50.0 * mean,
                    count: 50.0,
                }
            })
            .collect();
        let trend = Trend::fit(&series, 10.0, 1.0);
        assert!((trend.b - 0.3).abs() < 1e-9 && (trend.a - 1.5f64.ln()).abs() < 1e-9);
    }

    #[test]
    fn sums_and_shrinkage_by_hand() {
        let mut own = Dispersion::default();
        assert!(own.own().is_nan());
        own.add(9.0, 4.0, 1.0);
        own.add(1.0, 2.0, 0.5);
        assert_eq!((own.squares, own.means, own.count), (9.5, 5.0, 1.5));
        assert!((own.own() - 1.9).abs() < 1e-12);
        // Three pseudo-periods of the mean period (5 ÷ 1.5) at φ = 4 beside it.
        let expected = (9.5 + 3.0 * 5.0 / 1.5 * 4.0) / (5.0 * (1.0 + 3.0 / 1.5));
        assert!((own.shrunk(4.0, 3.0) - expected).abs() < 1e-12);
        assert_eq!(Dispersion::default().shrunk(4.0, 3.0), 4.0);
    }

    #[test]
    fn a_trend_needs_three_series_with_enough_periods_and_never_falls_or_outgrows_the_mean() {
        let series = |mean: f64, phi: f64, count: f64| Dispersion {
            squares: count * mean * phi,
            means: count * mean,
            count,
        };
        let flat = |phi: f64| Trend {
            a: phi.ln(),
            b: 0.0,
        };
        let two = [series(1.0, 2.0, 50.0), series(4.0, 3.0, 50.0)];
        assert_eq!(Trend::fit(&two, 10.0, 1.5), flat(1.5));
        // The third has too few periods.
        let few = [two[0], two[1], series(9.0, 3.0, 9.0)];
        assert_eq!(Trend::fit(&few, 10.0, 1.5), flat(1.5));
        let enough = [two[0], two[1], series(9.0, 3.0, 10.0)];
        assert!(Trend::fit(&enough, 10.0, 1.5).b > 0.0);
        let falling = [
            series(1.0, 8.0, 50.0),
            series(4.0, 4.0, 50.0),
            series(16.0, 2.0, 50.0),
        ];
        let found = Trend::fit(&falling, 10.0, 1.5);
        assert!(
            (found.b, (found.a - 4f64.ln()).abs() < 1e-12) == (0.0, true),
            "{found:?}"
        );
        let steep = [
            series(1.0, 1.0, 50.0),
            series(4.0, 64.0, 50.0),
            series(16.0, 4096.0, 50.0),
        ];
        assert_eq!(Trend::fit(&steep, 10.0, 1.5).b, 1.0);
        // All of one mean say nothing about a slope. A long history counts as a hundred periods.
        let alike = [
            series(4.0, 2.0, 100.0),
            series(4.0, 2.0, 50.0),
            series(4.0, 8.0, 9000.0),
        ];
        let found = Trend::fit(&alike, 10.0, 1.5);
        assert_eq!(found.b, 0.0);
        assert!((found.a - (150.0 * 2f64.ln() + 100.0 * 8f64.ln()) / 250.0).abs() < 1e-9);
        let rising = Trend {
            a: 2f64.ln(),
            b: 0.5,
        };
        assert!((rising.at(4.0) - 4.0).abs() < 1e-12);
    }
}
