//! Hidden demand that is known, found again: by the planner's model and by what people do instead.

use std::collections::BTreeMap;

use super::censor::{Censored, Scenario, censor, stretches};
use super::records::Rows;
use super::score::pinball;
use crate::demand::censored::{NormalFit, Observation, normal_em};
use crate::demand::law::normal;
use crate::demand::{self, DemandModel};
use crate::domain::{Availability, Band, ChannelId, Day, SkuId, Tables};
use crate::panel::{self, Panel, PanelError, SeriesView};

/// Days that the simple ways look back over, to the end of the stretch.
const WINDOW: i32 = 180;
/// Share of a period with stock that is assumed where only its end is known.
const HALF: f64 = 0.5;

/// How hidden demand is found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Method {
    /// The planner's model.
    Restock,
    /// Sales are demand: nothing was lost.
    Sales,
    /// Days with a stockout are dropped; the mean of the others stands for them.
    Dropping,
    /// Σ sales ÷ Σ share of the time with stock; half a period where only its end is known.
    Ratio,
    /// A normal law fitted by expectation–maximisation.
    NormalEm,
}

impl Method {
    pub const ALL: [Self; 5] = [
        Self::Restock,
        Self::Sales,
        Self::Dropping,
        Self::Ratio,
        Self::NormalEm,
    ];

    /// The word used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Restock => "restock",
            Self::Sales => "sales_as_demand",
            Self::Dropping => "dropping_days",
            Self::Ratio => "sales_over_stocked_time",
            Self::NormalEm => "normal_em",
        }
    }

    fn has_band(self) -> bool {
        matches!(self, Self::Restock | Self::NormalEm)
    }
}

/// One series' stretch under one scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct HiddenSeries {
    pub scenario: Scenario,
    pub sku: SkuId,
    pub channel: ChannelId,
    pub from: Day,
    pub to: Day,
    /// Days with an imposed stockout.
    pub stockout_days: u32,
    pub seen: f64,
    /// Units that were hidden.
    pub hidden: f64,
    /// Units that each of [`Method::ALL`] found.
    pub found: [f64; 5],
}

/// Scores of one method under one scenario, over all periods with an imposed stockout.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct HiddenScore {
    pub scenario: Scenario,
    pub method: Method,
    pub series: u32,
    pub periods: u32,
    pub hidden: f64,
    pub found: f64,
    /// (found − hidden) ÷ hidden.
    pub bias: f64,
    /// Σ|found − hidden| over periods ÷ Σ hidden.
    pub wape: f64,
    /// The same over the series' totals.
    pub wape_series: f64,
    /// The same as `wape`, in relation to all demand of these periods.
    pub wape_demand: f64,
    /// Mean pinball losses at .1 and .9 a period, units; a method without a band is scored by its point.
    pub pinball_10: f64,
    pub pinball_90: f64,
    /// Share of periods whose hidden units are within p10 to p90; `None` for a method without a band.
    pub band80: Option<f64>,
}

/// The scores of all methods and what they rest on.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct HiddenDemand {
    pub scores: Vec<HiddenScore>,
    pub series: Vec<HiddenSeries>,
}

/// Hides demand of well-stocked stretches in both ways and looks for it. Empty where nothing was well stocked for four weeks.
///
/// # Errors
/// When the frames do not have the columns that they promise.
pub(super) fn hidden_demand(
    tables: &Tables,
    panel: &Panel,
    model: &DemandModel,
) -> Result<HiddenDemand, PanelError> {
    let found = stretches(panel);
    let mut out = HiddenDemand::default();
    if found.is_empty() {
        return Ok(out);
    }
    for scenario in Scenario::ALL {
        let censored = censor(panel, &found, scenario, &model.own_capture, tables);
        let (seen, fitted) = look(tables, &censored)?;
        let mut sums = [Sums::default(); 5];
        for stretch in &found {
            for &i in &stretch.members {
                out.series.extend(series(
                    scenario,
                    panel,
                    i,
                    (stretch.from, stretch.to),
                    &censored.truth,
                    &seen,
                    &fitted,
                    &mut sums,
                ));
            }
        }
        for (sums, method) in sums.iter().zip(Method::ALL) {
            out.scores.push(sums.score(scenario, method));
        }
    }
    Ok(out)
}

/// What a shop with this past would have on record, and what the planner's model makes of it. The truth stays behind.
fn look(tables: &Tables, censored: &Censored) -> Result<(Panel, DemandModel), PanelError> {
    let mut tables = tables.clone();
    let added = censored.backorders.iter().cloned();
    tables.backorders.extend(added);
    let recorded = Rows::of(&censored.panel).into_records()?;
    let (seen, _) = panel::build(recorded, &tables, crate::config::OUT_ODDS, &mut Vec::new())?;
    let fitted = demand::estimate(&seen, &tables);
    Ok((seen, fitted))
}

#[derive(Clone, Copy, Default)]
struct Sums {
    series: u32,
    periods: u32,
    hidden: f64,
    found: f64,
    demand: f64,
    error: f64,
    error_series: f64,
    pinball: [f64; 2],
    within: u32,
}

impl Sums {
    fn add(&mut self, hidden: f64, seen: f64, found: Band) {
        self.periods += 1;
        self.hidden += hidden;
        self.found += found.mean;
        self.demand += hidden + seen;
        self.error += (found.mean - hidden).abs();
        self.pinball[0] += pinball(0.1, found.p10, hidden);
        self.pinball[1] += pinball(0.9, found.p90, hidden);
        self.within += u32::from(hidden >= found.p10 - 1e-6 && hidden <= found.p90 + 1e-6);
    }

    fn score(&self, scenario: Scenario, method: Method) -> HiddenScore {
        let share = |x: f64, of: f64| if of > 0.0 { x / of } else { f64::NAN };
        let n = f64::from(self.periods);
        HiddenScore {
            scenario,
            method,
            series: self.series,
            periods: self.periods,
            hidden: self.hidden,
            found: self.found,
            bias: share(self.found - self.hidden, self.hidden),
            wape: share(self.error, self.hidden),
            wape_series: share(self.error_series, self.hidden),
            wape_demand: share(self.error, self.demand),
            pinball_10: share(self.pinball[0], n),
            pinball_90: share(self.pinball[1], n),
            band80: method
                .has_band()
                .then(|| share(f64::from(self.within), n))
                .filter(|b| !b.is_nan()),
        }
    }
}

#[allow(clippy::too_many_arguments)] // one stretch with its truth and with what is seen of it
fn series(
    scenario: Scenario,
    panel: &Panel,
    i: usize,
    (from, to): (usize, usize),
    truth: &[f64],
    seen: &Panel,
    fitted: &DemandModel,
    sums: &mut [Sums; 5],
) -> Option<HiddenSeries> {
    let key = panel.series[i];
    let j = seen
        .series
        .binary_search_by_key(&(key.sku, key.channel), |k| (k.sku, k.channel))
        .ok()?;
    let view = seen.view(j);
    let last = view.len().checked_sub(1)?;
    if last < from {
        return None;
    }
    let simple = Simple::learn(&view, last - to);
    let day = |back: usize| panel.as_of + -(back as i32 * panel.grain.days());
    let mut row = HiddenSeries {
        scenario,
        sku: key.sku,
        channel: key.channel,
        from: day(from),
        to: day(to),
        stockout_days: 0,
        seen: 0.0,
        hidden: 0.0,
        found: [0.0; 5],
    };
    for back in (to..=from).rev() {
        let t = last - back;
        row.seen += view.sold[t] + view.backordered[t];
        if !view.availability[t].is_stockout() {
            continue;
        }
        let hidden = truth[panel.offsets[i + 1] - 1 - back];
        row.stockout_days += panel.grain.days() as u32;
        row.hidden += hidden;
        let at = seen.offsets[j] + t;
        for (k, method) in Method::ALL.into_iter().enumerate() {
            let found = match method {
                Method::Restock => Band {
                    mean: fitted.lost[at],
                    p10: fitted.lost_p10[at],
                    p90: fitted.lost_p90[at],
                },
                method => simple.found(method, &view, t),
            };
            row.found[k] += found.mean;
            sums[k].add(hidden, view.sold[t] + view.backordered[t], found);
        }
    }
    if row.stockout_days == 0 {
        return None;
    }
    for (sum, found) in sums.iter_mut().zip(row.found) {
        sum.series += 1;
        sum.error_series += (found - row.hidden).abs();
    }
    Some(row)
}

/// What the simple ways learn from one series.
struct Simple {
    in_stock_mean: f64,
    ratio: f64,
    normal: Option<NormalFit>,
}

/// Share of a period with stock, as far as its record tells.
fn stocked(view: &SeriesView<'_>, t: usize) -> f64 {
    match view.availability[t] {
        Availability::InStock | Availability::Unknown => 1.0,
        Availability::ProbablyOut => view.in_odds(t).unwrap_or(1.0),
        Availability::SoldOut => view.fraction(t).unwrap_or(HALF),
        _ => 0.0,
    }
}

impl Simple {
    fn learn(view: &SeriesView<'_>, end: usize) -> Self {
        let from = (end + 1).saturating_sub((WINDOW / view.step) as usize);
        let mut sums: BTreeMap<bool, [f64; 2]> = BTreeMap::new();
        let (mut units, mut time) = (0.0, 0.0);
        let mut sales = Vec::new();
        for t in from..=end {
            if view.availability[t] == Availability::NotListed {
                continue;
            }
            let seen = view.sold[t] + view.backordered[t];
            let stockout = view.availability[t].is_stockout();
            let sum = sums.entry(stockout).or_default();
            sum[0] += seen;
            sum[1] += 1.0;
            units += view.sold[t];
            time += stocked(view, t);
            if !stockout || view.availability[t] == Availability::SoldOut {
                sales.push(Observation {
                    value: seen,
                    censored: stockout,
                });
            }
        }
        let [sold, n] = sums.get(&false).copied().unwrap_or_default();
        Self {
            in_stock_mean: if n > 0.0 { sold / n } else { 0.0 },
            ratio: if time > 0.0 { units / time } else { 0.0 },
            normal: normal_em(&sales),
        }
    }

    fn found(&self, method: Method, view: &SeriesView<'_>, t: usize) -> Band {
        let seen = view.sold[t] + view.backordered[t];
        let point = |x: f64| {
            let x = x.max(0.0);
            Band {
                mean: x,
                p10: x,
                p90: x,
            }
        };
        match method {
            Method::Restock | Method::Sales => point(0.0),
            Method::Dropping => point(self.in_stock_mean - seen),
            Method::Ratio => point(self.ratio * (1.0 - stocked(view, t)) - view.backordered[t]),
            Method::NormalEm => match self.normal {
                None => point(self.in_stock_mean - seen),
                Some(fit) if fit.sd <= 0.0 => point(fit.mean - seen),
                Some(fit) => {
                    // A closed day says nothing; a day that ran out, that demand was at least what was seen.
                    let below = if view.availability[t] == Availability::SoldOut {
                        normal::cdf((seen - fit.mean) / fit.sd)
                    } else {
                        0.0
                    };
                    let at = |p: f64| {
                        let u = (below + p * (1.0 - below)).min(1.0 - 1e-12);
                        (fit.mean + fit.sd * normal::quantile(u) - seen).max(0.0)
                    };
                    let mean = if below > 0.0 {
                        fit.mean + fit.sd * normal::hazard((seen - fit.mean) / fit.sd) - seen
                    } else {
                        fit.mean - seen
                    };
                    Band {
                        mean: mean.max(0.0),
                        p10: at(0.1),
                        p90: at(0.9),
                    }
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::fs;

    use super::*;
    use crate::config::Config;
    use crate::domain::Checked;
    use crate::input;

    /// One item over 200 days, 50 on the shelf every evening.
    fn checked() -> Checked {
        let home = tempfile::tempdir().unwrap();
        let mut sales = "date,sku,channel,units\n".to_owned();
        let mut stock = "date,sku,location,on_hand\n".to_owned();
        for t in 0..200 {
            let day = Day(20_000 + t);
            writeln!(sales, "{day},A,web,{}", 1 + t * 5 % 7).unwrap();
            writeln!(stock, "{day},A,web,50").unwrap();
        }
        fs::write(home.path().join("sales.csv"), sales).unwrap();
        fs::write(home.path().join("stock.csv"), stock).unwrap();
        input::read(input::Options {
            data: home.path(),
            config: &Config::default(),
            as_of: None,
        })
        .unwrap()
    }

    #[test]
    fn what_was_hidden_never_reaches_the_model() {
        let Checked {
            tables, records, ..
        } = checked();
        let (panel, _) =
            panel::build(records, &tables, crate::config::OUT_ODDS, &mut Vec::new()).unwrap();
        let hide = |panel: &Panel| {
            let found = stretches(panel);
            censor(panel, &found, Scenario::Outages, &[0.0], &tables)
        };
        let once = hide(&panel);
        let hidden: f64 = once.truth.iter().sum();
        assert!(hidden > 20.0, "{hidden}");
        // The same outages, and twice the customers before the empty shelf.
        let mut other = panel.clone();
        for (sold, truth) in other.sold.iter_mut().zip(&once.truth) {
            *sold += truth;
        }
        let again = hide(&other);
        assert_eq!(again.truth.iter().sum::<f64>(), 2.0 * hidden);
        let (_, seen) = look(&tables, &once).unwrap();
        let (_, same) = look(&tables, &again).unwrap();
        assert_eq!(seen.lost, same.lost);
        assert!(seen.lost.iter().sum::<f64>() > 0.5 * hidden);
    }
}
