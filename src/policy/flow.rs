//! Stock of linked locations on common paths of demand: what one sends is what the other gets, with this plan's transfers and those of the
//! reviews to come.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::basis::Basis;
use super::look_through::{PATHS, StockBand, after_demand, band, demand_paths, stratified};
use super::paths::{PoolPaths, pool_paths};
use crate::domain::{Location, PoolOrder, Transfer};
use crate::supply::{Network, Pool};

/// One location's future.
#[derive(Clone, Debug, Default)]
pub(super) struct Flow {
    /// Closing stock of each period, less what is owed.
    pub stock: Vec<StockBand>,
    /// Mean units of the transfers of later reviews, each with the period in which it is expected.
    pub transfers: Vec<(usize, f64)>,
}

/// What is known of a location before its paths are run.
struct Place {
    paths: PoolPaths,
    demand: Vec<Vec<f64>>,
    /// This plan's order from a supplier.
    quantity: f64,
    /// Level that transfers fill it up to.
    level: f64,
    /// Its own expected demand of one review period, which it does not send away when stock is scarce.
    own: f64,
    /// By path: the chances of the days of what is ordered or sent now, and of each open order.
    now: Vec<f64>,
    open: Vec<Vec<f64>>,
}

impl Place {
    /// Days of what is ordered or sent now, on path `j`.
    fn days(&self, j: usize) -> i32 {
        self.paths.supply.lead_time.quantile(self.now[j])
    }

    /// What open orders and this plan's order bring on path `j`, by period.
    fn coming(&self, j: usize, periods: usize) -> Vec<f64> {
        let mut coming = vec![0.0; periods];
        for (order, chances) in self.paths.supply.open_orders.iter().zip(&self.open) {
            arrive(&mut coming, order.arrival.quantile(chances[j]), order.units);
        }
        arrive(&mut coming, self.days(j), self.quantity);
        coming
    }
}

/// The places of all pools with their random streams.
fn places(basis: &Basis<'_>, pools: &[Pool], orders: &[PoolOrder], periods: usize) -> Vec<Place> {
    let mut places: Vec<Place> = pools
        .iter()
        .zip(orders)
        .map(|(pool, order)| {
            let paths = pool_paths(basis, pool);
            Place {
                demand: demand_paths(&paths.demand, periods, paths.seed),
                quantity: order.bridge.quantity,
                level: order.bridge.reorder_point,
                own: paths.demand.means(paths.supply.review).iter().sum(),
                now: Vec::new(),
                open: Vec::new(),
                paths,
            }
        })
        .collect();
    let seed = places
        .iter()
        .fold(0u64, |sum, p| sum.wrapping_add(p.paths.seed));
    let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0x3c6e_f372_fe94_f82b);
    for place in &mut places {
        place.now = stratified(&mut rng);
    }
    for place in &mut places {
        let orders = &place.paths.supply.open_orders;
        place.open = orders.iter().map(|_| stratified(&mut rng)).collect();
    }
    places
}

/// The future of all `pools` of one SKU over the next `periods`, once their `orders` (in their order) and the `transfers` are carried out.
///
/// After each period's demand, open orders and transfers arrive; on review days every supplied location asks its source for what its position
/// lacks of its level, and gets it as far as stock reaches, in proportion.
pub(super) fn flows(
    basis: &Basis<'_>,
    pools: &[Pool],
    orders: &[PoolOrder],
    transfers: &[Transfer],
    periods: usize,
) -> Vec<Flow> {
    let network = Network::new(basis.tables, pools);
    let places = places(basis, pools, orders, periods);
    let at = |name: &Location| orders.iter().position(|o| o.location == *name);
    let sku = orders.first().map(|o| &o.sku);
    let first: Vec<(usize, usize, f64)> = transfers
        .iter()
        .filter(|t| t.possible && Some(&t.sku) == sku)
        .filter_map(|t| Some((at(&t.from)?, at(&t.to)?, t.units)))
        .collect();
    let mut closing: Vec<Vec<Vec<f64>>> = pools
        .iter()
        .map(|_| vec![Vec::with_capacity(PATHS); periods])
        .collect();
    let mut sent = vec![vec![0.0; periods]; pools.len()];
    for j in 0..PATHS {
        run(&network, &places, &first, j, &mut closing, &mut sent);
    }
    closing
        .into_iter()
        .zip(&places)
        .zip(sent)
        .map(|((closing, place), sent)| {
            let way = place.paths.supply.lead_time.mean().round().max(1.0) as usize;
            let sent = sent.into_iter().enumerate();
            Flow {
                stock: closing.into_iter().map(band).collect(),
                transfers: sent
                    .filter(|(_, units)| *units > 0.0)
                    .map(|(t, units)| (t + 1 + way, units))
                    .collect(),
            }
        })
        .collect()
}

/// Runs path `j`: the `first` transfers (from, to, units), then period by period. Adds closing stocks and the mean units sent, by place.
fn run(
    network: &Network,
    places: &[Place],
    first: &[(usize, usize, f64)],
    j: usize,
    closing: &mut [Vec<Vec<f64>>],
    sent: &mut [Vec<f64>],
) {
    let periods = sent.first().map_or(0, Vec::len);
    let mut net: Vec<f64> = places.iter().map(|p| p.paths.supply.net_stock).collect();
    let mut coming: Vec<Vec<f64>> = places.iter().map(|p| p.coming(j, periods)).collect();
    // Beyond the horizon too: what is under way counts in the position.
    let mut under_way: Vec<f64> = places
        .iter()
        .map(|p| p.paths.supply.open_orders.iter().map(|o| o.units).sum())
        .collect();
    for &(from, to, units) in first {
        let way = if network.source[to] == Some(from) {
            places[to].days(j)
        } else {
            places[from].days(j)
        };
        net[from] -= units;
        under_way[to] += units;
        arrive(&mut coming[to], way, units);
    }
    for t in 0..periods {
        for (p, place) in places.iter().enumerate() {
            let capture = place.paths.demand.capture;
            net[p] = after_demand(net[p], place.demand[j][t], capture) + coming[p][t];
            under_way[p] -= coming[p][t];
        }
        // Sources first.
        for &source in network.upwards.iter().rev() {
            send(
                network,
                places,
                source,
                t + 1,
                &mut net,
                &mut under_way,
                |to, units| {
                    sent[to][t] += units / PATHS as f64;
                    arrive(
                        &mut coming[to],
                        t as i32 + 1 + places[to].days(j).max(1),
                        units,
                    );
                },
            );
        }
        for (slot, stock) in closing.iter_mut().zip(&net) {
            slot[t].push(*stock);
        }
    }
}

/// Adds units that are received in period `day` (1 is the first).
fn arrive(coming: &mut [f64], day: i32, units: f64) {
    if let Some(slot) = coming.get_mut(day.max(1) as usize - 1) {
        *slot += units;
    }
}

/// What a source sends at the close of period `t`, to each that reviews then.
fn send(
    network: &Network,
    places: &[Place],
    source: usize,
    t: usize,
    net: &mut [f64],
    under_way: &mut [f64],
    mut give: impl FnMut(usize, f64),
) {
    let asks = |to: usize, net: &[f64], under_way: &[f64]| {
        let review = places[to].paths.supply.review.max(1);
        if t.is_multiple_of(review) {
            (places[to].level - net[to] - under_way[to]).max(0.0)
        } else {
            0.0
        }
    };
    let supplied = &network.supplied[source];
    let asked: f64 = supplied.iter().map(|&to| asks(to, net, under_way)).sum();
    if asked <= 0.0 || net[source] <= 0.0 {
        return;
    }
    let share = (net[source] / (asked + places[source].own)).min(1.0);
    for &to in supplied {
        let mut units = share * asks(to, net, under_way);
        if places[to].paths.demand.whole_units {
            units = units.round().min(net[source].floor());
        }
        if units > 0.0 {
            net[source] -= units;
            under_way[to] += units;
            give(to, units);
        }
    }
}
