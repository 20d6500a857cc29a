//! What the past says: hidden demand, substitution, causes of stockouts, records to count.

use super::{Column, PlanPage, day, money, name, units};
use crate::domain::{CountTask, SubstitutionTest, SubstitutionVerdict};
use crate::insight::summary::{CauseTotal, View, first_of_year, totals};
use crate::report::findings::figure;
use crate::report::page::{Holds, Page};
use crate::text::text;

impl PlanPage<'_> {
    pub(super) fn hidden(&self, page: &mut Page) {
        page.heading(&self.say("hidden", &[]));
        let rows: Vec<Vec<String>> = self
            .summary
            .look_first
            .hidden
            .iter()
            .map(|h| {
                vec![
                    h.sku.to_string(),
                    name(h.name.as_deref()),
                    units(h.units),
                    money(h.value_at_cost),
                    figure(h.stockout_days as f64, 0),
                ]
            })
            .collect();
        if !rows.is_empty() {
            let days = self.summary.stock_record.days.to_string();
            page.note(&self.say("hidden_note", &[("days", &days)]));
            self.table(
                page,
                &[
                    ("sku", Holds::Code),
                    ("name", Holds::Words),
                    ("lost", Holds::Figures),
                    ("value_cost", Holds::Figures),
                    ("days", Holds::Figures),
                ],
                &rows,
            );
        }
        let tests = &self.plan.substitution;
        page.paragraph(&self.substitution(&tests.variants, "kind_variants"));
        page.paragraph(&self.substitution(&tests.channels, "kind_channels"));
    }

    fn substitution(&self, test: &SubstitutionTest, kind: &str) -> String {
        let key = match test.verdict {
            SubstitutionVerdict::Proven => "substitution_proven",
            SubstitutionVerdict::NotProven => "substitution_not",
            SubstitutionVerdict::TooFew => "substitution_few",
        };
        let percent = |share: f64| format!("{:.0}", share.clamp(0.0, 1.0) * 100.0);
        self.say(
            key,
            &[
                ("kind", &self.say(kind, &[])),
                ("share", &percent(test.measured)),
                ("low", &percent(test.p10)),
                ("high", &percent(test.p90)),
                ("n", &figure(test.reopenings as f64, 0)),
            ],
        )
    }

    pub(super) fn causes(&self, page: &mut Page) {
        use Holds::{Figures, Words};
        let since = first_of_year(self.plan.as_of);
        let mut causes: Vec<CauseTotal> = totals(&self.plan.stockouts, Some(since))
            .into_iter()
            .filter(|t| t.view == View::All && t.units() > 0.0)
            .collect();
        if causes.is_empty() {
            return;
        }
        causes.sort_by(|a, b| {
            b.value()
                .total_cmp(&a.value())
                .then(b.units().total_cmp(&a.units()))
                .then(a.cause.cmp(&b.cause))
        });
        page.heading(&self.say("causes", &[]));
        page.note(&self.say("causes_note", &[]));
        let rows: Vec<Vec<String>> = causes
            .iter()
            .map(|c| {
                let say = |kind: &str| {
                    let key = format!("stockout.{kind}_{}", c.cause.as_str());
                    text(self.lang, &key, &[])
                };
                vec![
                    say("cause"),
                    figure(c.episodes.into(), 0),
                    figure(c.days, 0),
                    units(c.lost),
                    units(c.backordered),
                    money(c.value_lost.or(c.value_backordered).map(|_| c.value())),
                    say("remedy"),
                ]
            })
            .collect();
        self.table(
            page,
            &[
                ("cause", Words),
                ("episodes", Figures),
                ("days", Figures),
                ("lost", Figures),
                ("backordered", Figures),
                ("value", Figures),
                ("remedy", Words),
            ],
            &rows,
        );
    }

    pub(super) fn counts(&self, page: &mut Page) {
        use Holds::{Code, Figures, Words};
        let now: Vec<_> = self
            .plan
            .stockouts
            .counts
            .iter()
            .filter(|c| c.until.is_none())
            .collect();
        if now.is_empty() {
            return;
        }
        page.heading(&self.say("counts", &[]));
        page.note(&self.say("counts_note", &[]));
        let columns: [Column<'_, &CountTask>; 6] = [
            ("sku", Code, &|c| c.sku.to_string()),
            ("name", Words, &|c| name(c.name.as_deref())),
            ("location", Code, &|c| c.location.to_string()),
            ("on_hand", Figures, &|c| units(c.on_hand)),
            ("since", Code, &|c| day(Some(c.quiet_since))),
            ("missed", Figures, &|c| units(c.expected_missed)),
        ];
        self.listed(page, &columns, &now, "count_list.csv");
    }
}
