//! Overview: the orders that cannot wait, as purchasing sees them: one for all channels that share a stock.

use plotters::style::{Color, RGBColor};

use super::ChartError;
use super::axis_date::day_label;
use super::axis_value::{Figures, ValueScale, draw_value_columns};
use super::canvas::{Canvas, Side, drawn};
use super::heading::{draw_heading, draw_nothing};
use super::key::{Sample, draw_key};
use super::measure::{shortened, width};
use super::number::{plain, short};
use super::past::quantity;
use super::theme::{HEIGHT, INK, LOST, LOST_PALE, MARGIN, MUTED, SMALL, SOLD, WIDTH};
use crate::domain::{Day, Plan, PoolOrder};
use crate::output::purchase_orders;
use crate::text::{Lang, text};

/// Orders that are shown at most.
const ORDERS: usize = 40;
/// Height of one order: its text needs 16 pixels.
const ROW: f64 = 18.5;
/// Height of one order when there are few.
const ROW_AT_MOST: f64 = 52.0;
/// Room for the names.
const NAMES: f64 = 640.0;

/// How soon a stock runs out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum RunsOut {
    /// Within seven days of the plan, or already.
    ThisWeek,
    /// Within four weeks.
    ThisMonth,
    /// Later, or not in sight.
    Later,
}

impl RunsOut {
    fn of(first_stockout: Option<Day>, plan_day: Day) -> Self {
        match first_stockout.map(|day| day - plan_day) {
            Some(days) if days <= 7 => Self::ThisWeek,
            Some(days) if days <= 28 => Self::ThisMonth,
            _ => Self::Later,
        }
    }

    fn color(self) -> RGBColor {
        match self {
            Self::ThisWeek => LOST,
            Self::ThisMonth => LOST_PALE,
            Self::Later => SOLD,
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::ThisWeek => "chart.out_this_week",
            Self::ThisMonth => "chart.out_this_month",
            Self::Later => "chart.out_later",
        }
    }
}

/// One order of this plan.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Order {
    pub sku: String,
    pub name: Option<String>,
    pub location: String,
    pub units: f64,
    /// `None` without a unit cost.
    pub amount: Option<f64>,
    pub runs_out: RunsOut,
    pub first_stockout: Option<Day>,
    pub out_of_stock: bool,
}

impl Order {
    fn of(order: &PoolOrder, plan_day: Day) -> Self {
        Self {
            runs_out: RunsOut::of(order.bridge.first_stockout, plan_day),
            sku: order.sku.to_string(),
            location: order.location.to_string(),
            units: quantity(order.bridge.quantity),
            amount: order
                .amount()
                .filter(|amount| amount.is_finite() && *amount >= 0.0),
            first_stockout: order.bridge.first_stockout,
            out_of_stock: order.out_of_stock(),
            name: order.name.clone(),
        }
    }
}

/// What the chart shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct UrgentOrders {
    /// Soonest out of stock first, then largest value.
    pub shown: Vec<Order>,
    /// Orders in the whole plan.
    pub all: usize,
    /// Value of all orders with a cost.
    pub all_amount: f64,
    /// Whether bars are money; otherwise units, because most orders have no cost.
    pub in_money: bool,
}

impl UrgentOrders {
    fn length(&self, order: &Order) -> f64 {
        if self.in_money {
            order.amount.unwrap_or(0.0)
        } else {
            order.units
        }
    }
}

/// The most urgent orders of the plan.
pub(super) fn urgent_orders(plan: &Plan) -> UrgentOrders {
    let mut orders: Vec<Order> = purchase_orders(plan)
        .into_iter()
        .map(|o| Order::of(o.order, plan.plan_day))
        .collect();
    let priced = orders.iter().filter(|order| order.amount.is_some()).count();
    let in_money = priced * 2 > orders.len();
    let all = orders.len();
    let all_amount = orders.iter().filter_map(|order| order.amount).sum();
    if !in_money {
        let soon = |order: &Order| (order.first_stockout.is_none(), order.first_stockout);
        orders.sort_by(|a, b| soon(a).cmp(&soon(b)).then(b.units.total_cmp(&a.units)));
    }
    orders.truncate(ORDERS);
    UrgentOrders {
        shown: orders,
        all,
        all_amount,
        in_money,
    }
}

/// Draws the chart.
///
/// # Errors
/// [`ChartError`] when the drawing fails.
pub(super) fn urgent_chart(plan: &Plan, lang: Lang) -> Result<String, ChartError> {
    let data = urgent_orders(plan);
    let title = text(
        lang,
        "chart.urgent_title",
        &[("orders", &data.shown.len().to_string())],
    );
    let empty = text(lang, "chart.urgent_title_none", &[]);
    let title = if data.shown.is_empty() { empty } else { title };
    drawn(&title, lang, |canvas| {
        paint(canvas, &title, &data, plan, lang)
    })
}

/// The currency as it is written beside figures.
fn currency_name(currency: &str, lang: Lang) -> &str {
    match (currency, lang) {
        ("JPY", Lang::Ja) => "円",
        _ => currency,
    }
}

fn paint(canvas: &Canvas<'_>, title: &str, data: &UrgentOrders, plan: &Plan, lang: Lang) {
    let as_of = plan.as_of.to_string();
    if data.shown.is_empty() {
        draw_heading(
            canvas,
            title,
            &text(lang, "chart.as_of", &[("as_of", &as_of)]),
            1,
        );
        draw_nothing(canvas, &text(lang, "chart.no_orders", &[]));
        return;
    }
    let currency = currency_name(&plan.currency, lang);
    let subtitle = text(
        lang,
        if data.in_money {
            "chart.urgent_subtitle"
        } else {
            "chart.urgent_subtitle_units"
        },
        &[
            ("shown", &data.shown.len().to_string()),
            ("all", &plain(data.all as f64)),
            ("amount", &short(data.all_amount.round(), lang)),
            ("currency", currency),
            ("as_of", &as_of),
        ],
    );
    let below = draw_heading(canvas, title, &subtitle, 1);
    let key: Vec<(Sample, String)> = [RunsOut::ThisWeek, RunsOut::ThisMonth, RunsOut::Later]
        .into_iter()
        .filter(|soon| data.shown.iter().any(|order| order.runs_out == *soon))
        .map(|soon| (Sample::Fill(soon.color()), text(lang, soon.key(), &[])))
        .collect();
    draw_key(canvas, below + 18.0, &key);
    let unit = if data.in_money {
        text(lang, "chart.order_value", &[("currency", currency)])
    } else {
        text(lang, "chart.order_units", &[])
    };
    canvas.text(
        (WIDTH - MARGIN, below + 18.0),
        Side::Right,
        &unit,
        SMALL,
        MUTED,
    );

    let top = below + 38.0;
    let room = HEIGHT - 34.0 - top;
    let row = (room / data.shown.len() as f64).clamp(ROW, ROW_AT_MOST);
    let bottom = top + row * data.shown.len() as f64;
    let left = MARGIN + NAMES;
    let labels: Vec<String> = data
        .shown
        .iter()
        .map(|order| end_label(order, lang))
        .collect();
    let widest = labels.iter().map(|l| width(l, SMALL)).fold(0.0, f64::max);
    let highest = data
        .shown
        .iter()
        .map(|o| data.length(o))
        .fold(0.0, f64::max);
    let right = WIDTH - MARGIN - widest - 12.0;
    let scale = ValueScale::covering(0.0, highest, (left, right), 110.0);
    draw_value_columns(canvas, &scale, (top, bottom), Figures::Plain, lang);
    let columns = Columns::fitting(&data.shown);
    for (k, (order, label)) in data.shown.iter().zip(&labels).enumerate() {
        let y = top + row * (k as f64 + 0.5);
        draw_name(canvas, order, columns, left - 12.0, y);
        let end = scale.at(data.length(order));
        let half = (row * 0.36).min(15.0);
        canvas.rectangle(
            (left, y - half),
            (end, y + half),
            order.runs_out.color().to_rgba(),
        );
        canvas.text((end + 8.0, y), Side::Left, label, SMALL, INK);
    }
}

/// `120 units, out 3 Dec`.
fn end_label(order: &Order, lang: Lang) -> String {
    let units = plain(order.units);
    match order.first_stockout {
        _ if order.out_of_stock => text(lang, "chart.order_end_now", &[("units", &units)]),
        Some(day) => text(
            lang,
            "chart.order_end",
            &[("units", &units), ("day", &day_label(day, lang))],
        ),
        None => text(lang, "chart.order_end_no_date", &[("units", &units)]),
    }
}

/// Widths of the columns beside the names: as wide as their longest code, within limits.
#[derive(Clone, Copy, Debug)]
struct Columns {
    sku: f64,
    location: f64,
}

impl Columns {
    fn fitting(orders: &[Order]) -> Self {
        let widest = |of: fn(&Order) -> &str, limit: f64| {
            let widths = orders.iter().map(|order| width(of(order), SMALL));
            widths.fold(0.0, f64::max).min(limit)
        };
        Self {
            sku: widest(|order| &order.sku, 210.0),
            location: widest(|order| &order.location, 150.0),
        }
    }
}

/// SKU, name and location in columns that can be scanned.
fn draw_name(canvas: &Canvas<'_>, order: &Order, columns: Columns, right: f64, y: f64) {
    let location = shortened(&order.location, SMALL, columns.location);
    canvas.text((right, y), Side::Right, &location, SMALL, MUTED);
    let sku = shortened(&order.sku, SMALL, columns.sku);
    canvas.text((MARGIN, y), Side::Left, &sku, SMALL, INK);
    if let Some(name) = &order.name {
        let start = MARGIN + columns.sku + 12.0;
        let room = right - columns.location - 16.0 - start;
        let name = shortened(name, SMALL, room);
        canvas.text((start, y), Side::Left, &name, SMALL, MUTED);
    }
}
