//! What to order and what to move.

use std::collections::BTreeMap;

use super::{PlanPage, ROWS, day, money, name, units};
use crate::output::{PurchaseOrder, purchase_orders};
use crate::report::findings::figure;
use crate::report::page::{Holds, Page};

impl PlanPage<'_> {
    pub(super) fn orders(&self, page: &mut Page) {
        use Holds::{Code, Figures, Words};
        page.heading(&self.say("orders", &[]));
        let orders = purchase_orders(self.plan);
        if orders.is_empty() {
            page.paragraph(&self.say("orders_none", &[]));
            return;
        }
        page.note(&self.say("orders_note", &[]));
        let rows: Vec<Vec<String>> = orders
            .iter()
            .take(ROWS)
            .map(|o| {
                vec![
                    o.priority.to_string(),
                    o.sku.to_string(),
                    name(o.name.as_deref()),
                    o.location.to_string(),
                    name(o.supplier.as_ref().map(|s| s.as_str())),
                    units(o.order_qty),
                    money(o.amount),
                    day(o.order_by),
                    day(o.expected_arrival),
                    if o.out_of_stock {
                        self.say("now", &[])
                    } else {
                        day(o.first_stockout_date)
                    },
                ]
            })
            .collect();
        self.table(
            page,
            &[
                ("priority", Figures),
                ("sku", Code),
                ("name", Words),
                ("location", Code),
                ("supplier", Code),
                ("units", Figures),
                ("amount", Figures),
                ("order_by", Code),
                ("arrival", Code),
                ("out", Code),
            ],
            &rows,
        );
        self.more(page, rows.len(), orders.len(), "purchase_orders.csv");
        self.by_supplier(page, &orders);
    }

    fn by_supplier(&self, page: &mut Page, orders: &[PurchaseOrder]) {
        let mut sums = BTreeMap::new();
        for o in orders {
            let supplier = o.supplier.as_ref().map(|s| s.as_str());
            let sum: &mut (usize, f64, Option<f64>) = sums.entry(supplier).or_default();
            sum.0 += 1;
            sum.1 += o.order_qty;
            if let Some(amount) = o.amount {
                *sum.2.get_or_insert(0.0) += amount;
            }
        }
        let mut rows: Vec<_> = sums.into_iter().collect();
        rows.sort_by(|a, b| {
            let amount = |r: &(usize, f64, Option<f64>)| r.2.unwrap_or(0.0);
            amount(&b.1).total_cmp(&amount(&a.1))
        });
        let all = rows.len();
        let rows: Vec<Vec<String>> = rows
            .into_iter()
            .take(ROWS)
            .map(|(supplier, (lines, qty, amount))| {
                vec![
                    supplier.map_or_else(|| self.say("no_supplier", &[]), str::to_owned),
                    figure(lines as f64, 0),
                    units(qty),
                    money(amount),
                ]
            })
            .collect();
        page.subheading(&self.say("by_supplier", &[]));
        self.table(
            page,
            &[
                ("supplier", Holds::Code),
                ("lines", Holds::Figures),
                ("units", Holds::Figures),
                ("amount", Holds::Figures),
            ],
            &rows,
        );
        self.more(page, rows.len(), all, "purchase_orders.csv");
    }

    pub(super) fn transfers(&self, page: &mut Page) {
        use Holds::{Code, Figures, Words};
        let (all, apart): (Vec<_>, Vec<_>) = self.plan.transfers.iter().partition(|t| t.possible);
        if !apart.is_empty() {
            page.heading(&self.say("transfers_apart", &[]));
            page.note(&self.say("transfers_apart_note", &[]));
            let rows: Vec<Vec<String>> = apart
                .iter()
                .take(ROWS)
                .map(|t| {
                    vec![
                        t.sku.to_string(),
                        name(t.name.as_deref()),
                        t.from.to_string(),
                        t.to.to_string(),
                        units(t.units),
                    ]
                })
                .collect();
            let columns = [
                ("sku", Code),
                ("name", Words),
                ("from", Code),
                ("to", Code),
                ("units", Figures),
            ];
            self.table(page, &columns, &rows);
            self.more(page, rows.len(), apart.len(), "transfers.csv");
        }
        if all.is_empty() {
            return;
        }
        page.heading(&self.say("transfers", &[]));
        page.note(&self.say("transfers_note", &[]));
        let rows: Vec<Vec<String>> = all
            .iter()
            .take(ROWS)
            .map(|t| {
                vec![
                    t.priority.to_string(),
                    t.sku.to_string(),
                    name(t.name.as_deref()),
                    t.from.to_string(),
                    t.to.to_string(),
                    units(t.units),
                    day(Some(t.expected_arrival)),
                    units(t.units_saved),
                ]
            })
            .collect();
        self.table(
            page,
            &[
                ("priority", Figures),
                ("sku", Code),
                ("name", Words),
                ("from", Code),
                ("to", Code),
                ("units", Figures),
                ("arrival", Code),
                ("saved", Figures),
            ],
            &rows,
        );
        self.more(page, rows.len(), all.len(), "transfers.csv");
    }
}
