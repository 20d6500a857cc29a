//! More than is needed: what a year takes, and what of the open orders no demand will take.

use super::basis::{YEAR_DAYS, four};
use super::pool_plan::PoolPlan;
use crate::domain::{ItemStatus, PoolOrder, UnderWay};

impl PoolPlan<'_> {
    /// Demand of the coming year, its seasons included, of some series, units: the forecast's, or the last year's where that was more, since a
    /// level out of season says little of the season to come.
    pub(super) fn year_demand(&self, series: &[usize]) -> f64 {
        let periods = self.year();
        let each = series.iter().map(|&i| {
            let coming = self.basis.forecast.series[i].mean(0, periods);
            coming.max(self.last_year(i))
        });
        four(each.sum())
    }

    /// Demand of a series in the last year, what stockouts hid included; 0 where it is younger.
    fn last_year(&self, i: usize) -> f64 {
        let (panel, range) = (self.basis.panel, self.basis.panel.range(i));
        let periods = (YEAR_DAYS / panel.grain.days()).max(1) as usize;
        if range.len() < periods {
            return 0.0;
        }
        let demand = |t: usize| panel.sold[t] + panel.backordered[t] + self.basis.model.lost[t];
        (range.end - periods..range.end).map(demand).sum()
    }

    /// Whole periods of the forecast in a year.
    pub(super) fn year(&self) -> usize {
        (YEAR_DAYS / self.basis.forecast.step).max(1) as usize
    }

    /// Units of the pool's open orders that no demand is expected to take within `cancel_within_days`.
    ///
    /// Stock is followed through expected demand and receipts; who finds none waits as often as the pool's customers do. What is not discontinued
    /// is looked at until its last order has come and the next one would, at least, and may keep its reorder point and one lot. Transfers under way
    /// can be sold where they came from, and are none.
    pub(super) fn under_way(&self, order: &PoolOrder) -> UnderWay {
        let pool = self.pool;
        let units: f64 = pool.open_orders.iter().map(|o| o.units).sum();
        let discontinued = self.item().status == ItemStatus::Discontinued;
        let known = pool.on_hand.is_some() || discontinued;
        if self.source().is_some() || units <= 0.0 || !known {
            return UnderWay::default();
        }
        let mut days = f64::from(self.basis.config.policy.cancel_within_days);
        if !discontinued {
            let last = pool.open_orders.iter().map(|o| o.arrival.mean());
            let last = last.fold(0.0, f64::max) + f64::from(self.review_days);
            days = days.max(last).max(self.days());
        }
        let step = f64::from(self.basis.forecast.step);
        let periods = (days / step).ceil().max(1.0) as usize;
        let (left, served) = self.left_after(periods);
        let keep = if discontinued {
            0.0
        } else {
            let lot = order.moq.max(order.order_multiple);
            (order.bridge.reorder_point + lot - served).max(0.0)
        };
        let surplus = (left - keep).clamp(0.0, units);
        let surplus = if self.paths.demand.whole_units {
            (surplus + 1e-9).floor()
        } else {
            four(surplus)
        };
        let mut latest: Vec<_> = pool.open_orders.iter().collect();
        latest.sort_by(|a, b| b.arrival.mean().total_cmp(&a.arrival.mean()));
        let (mut po_ids, mut held) = (Vec::new(), 0.0);
        for order in latest {
            if held >= surplus {
                break;
            }
            held += order.units;
            po_ids.push(order.po_id.clone());
        }
        UnderWay {
            units: four(units),
            surplus,
            until: Some(self.basis.tables.plan_day() + days.ceil() as i32),
            po_ids,
        }
    }

    /// Units left after some periods if nothing more is ordered, and the demand of them that is not lost. What arrives later is left, too.
    fn left_after(&self, periods: usize) -> (f64, f64) {
        let step = f64::from(self.basis.forecast.step);
        let year = self.year();
        let mut series = self.pool.members.clone();
        series.extend(self.down.series());
        let lost = 1.0 - self.paths.demand.capture.clamp(0.0, 1.0);
        let branches = self.down.branches.iter();
        let below = branches.map(|b| b.net + b.open_orders.iter().map(|o| o.units).sum::<f64>());
        let owed: f64 = self.pool.open_backorders.iter().sum();
        let mut stock = self.pool.stock() - owed + below.sum::<f64>();
        let mut all = 0.0;
        let arrives = |days: f64| (days / step).round().max(1.0) as usize;
        let mut receipts: Vec<(usize, f64)> = self
            .pool
            .open_orders
            .iter()
            .map(|o| (arrives(o.arrival.mean()), o.units))
            .collect();
        for t in 0..periods {
            let at = t % year;
            let forecast = &self.basis.forecast.series;
            let demand: f64 = series.iter().map(|&i| forecast[i].mean(at, at + 1)).sum();
            let taken = demand - lost * (demand - stock.max(0.0)).max(0.0);
            all += taken;
            stock -= taken;
            receipts.retain(|&(period, units)| {
                let here = period <= t + 1;
                stock += if here { units } else { 0.0 };
                !here
            });
        }
        let later: f64 = receipts.iter().map(|r| r.1).sum();
        ((stock + later).max(0.0), all)
    }
}
