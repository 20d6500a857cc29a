//! What to order and what to move.

use std::collections::BTreeMap;

use super::{Column, PlanPage, ROWS, day, money, name, units};
use crate::domain::Transfer;
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
        let out = |o: &PurchaseOrder<'_>| {
            if o.order.out_of_stock() {
                self.say("now", &[])
            } else {
                day(o.order.bridge.first_stockout)
            }
        };
        let columns: [Column<'_, PurchaseOrder<'_>>; 10] = [
            ("priority", Figures, &|o| o.priority.to_string()),
            ("sku", Code, &|o| o.order.sku.to_string()),
            ("name", Words, &|o| name(o.order.name.as_deref())),
            ("location", Code, &|o| o.order.location.to_string()),
            ("supplier", Code, &|o| {
                name(o.order.supplier.as_ref().map(|s| s.as_str()))
            }),
            ("units", Figures, &|o| units(o.order.bridge.quantity)),
            ("amount", Figures, &|o| money(o.order.amount())),
            ("order_by", Code, &|o| day(o.order.order_by)),
            ("arrival", Code, &|o| day(o.order.expected_arrival)),
            ("out", Code, &out),
        ];
        self.listed(page, &columns, &orders, "purchase_orders.csv");
        self.by_supplier(page, &orders);
    }

    fn by_supplier(&self, page: &mut Page, orders: &[PurchaseOrder<'_>]) {
        let mut sums = BTreeMap::new();
        for o in orders.iter().map(|o| o.order) {
            let supplier = o.supplier.as_ref().map(|s| s.as_str());
            let sum: &mut (usize, f64, Option<f64>) = sums.entry(supplier).or_default();
            sum.0 += 1;
            sum.1 += o.bridge.quantity;
            if let Some(amount) = o.amount() {
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
        let (all, apart): (Vec<&Transfer>, Vec<&Transfer>) =
            self.plan.transfers.iter().partition(|t| t.possible);
        let columns: [Column<'_, &Transfer>; 8] = [
            ("priority", Figures, &|t| t.priority.to_string()),
            ("sku", Code, &|t| t.sku.to_string()),
            ("name", Words, &|t| name(t.name.as_deref())),
            ("from", Code, &|t| t.from.to_string()),
            ("to", Code, &|t| t.to.to_string()),
            ("units", Figures, &|t| units(t.units)),
            ("arrival", Code, &|t| day(Some(t.expected_arrival))),
            ("saved", Figures, &|t| units(t.units_saved)),
        ];
        // What cannot be moved has neither a turn nor a day of arrival.
        for (key, moves, columns) in [
            ("transfers_apart", apart, &columns[1..6]),
            ("transfers", all, &columns[..]),
        ] {
            if !moves.is_empty() {
                page.heading(&self.say(key, &[]));
                page.note(&self.say(&format!("{key}_note"), &[]));
                self.listed(page, columns, &moves, "transfers.csv");
            }
        }
    }
}
