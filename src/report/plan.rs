//! The page of a plan, for the weekly meeting: what to do, in words and tables, and the charts.

mod orders;
mod past;

use std::path::Path;

use super::ReportError;
use super::findings::figure;
use super::page::{Holds, Page};
use crate::chart::chart_names;
use crate::domain::{Day, OpenLine, Plan};
use crate::insight::notice::Notice;
use crate::output::{FindingCount, Summary};
use crate::text::{Lang, text};

/// Name of the page.
const FILE: &str = "report.html";
/// Rows of a table, at most.
const ROWS: usize = 15;

/// What the page is made of.
#[derive(Debug)]
pub struct PlanPage<'a> {
    pub plan: &'a Plan,
    pub summary: &'a Summary,
    /// What the plan says in all, as the command prints it.
    pub sentences: Vec<String>,
    /// What the customer of each open line must be told, in the order of the plan's lines.
    pub notices: Vec<Option<Notice>>,
    pub lang: Lang,
}

/// Writes the page beside the folder `charts`. The charts of the plan, `top` series among them, are taken from there as they were drawn; with
/// `None` the page has none.
///
/// # Errors
/// [`ReportError`] when a chart cannot be read or the disk refuses the page.
pub fn write_plan(
    page: &PlanPage<'_>,
    charts: &Path,
    top: Option<usize>,
) -> Result<(), ReportError> {
    let mut drawn = Vec::new();
    for name in top.map_or(Vec::new(), |top| chart_names(page.plan, top)) {
        let path = charts.join(format!("{name}.svg"));
        match std::fs::read_to_string(&path) {
            Ok(svg) => drawn.push((name, svg)),
            Err(source) => return Err(ReportError::Read { path, source }),
        }
    }
    let path = charts.parent().unwrap_or(charts).join(FILE);
    std::fs::write(&path, page.html(&drawn)).map_err(|source| ReportError::Write { path, source })
}

/// Columns by the keys of their headings.
type Columns = [(&'static str, Holds)];
/// A column's key, what it holds, and its cell of a row.
type Column<'c, T> = (&'static str, Holds, &'c dyn Fn(&T) -> String);

impl PlanPage<'_> {
    fn say(&self, key: &str, figures: &[(&str, &str)]) -> String {
        text(self.lang, &format!("report.{key}"), figures)
    }

    /// The page; `drawn` are the charts in their order, by name.
    fn html(&self, drawn: &[(String, String)]) -> String {
        let as_of = self.plan.as_of.to_string();
        let mut page = Page::new(self.lang, &self.say("title", &[("as_of", &as_of)]));
        page.heading(&self.say("week", &[]));
        page.list(&self.sentences);
        self.orders(&mut page);
        chart(
            &mut page,
            drawn,
            "overview-urgent",
            &self.say("caption_urgent", &[]),
        );
        self.transfers(&mut page);
        self.hidden(&mut page);
        for (name, caption) in [
            ("overview-hidden", "caption_hidden"),
            ("overview-demand", "caption_demand"),
            ("overview-service", "caption_service"),
        ] {
            chart(&mut page, drawn, name, &self.say(caption, &[]));
        }
        self.waiting(&mut page);
        self.causes(&mut page);
        for (name, caption) in [
            ("overview-stockouts", "caption_stockouts"),
            ("overview-stockouts-where", "caption_where"),
        ] {
            chart(&mut page, drawn, name, &self.say(caption, &[]));
        }
        self.counts(&mut page);
        self.quality(&mut page);
        self.series(&mut page, drawn);
        self.files(&mut page);
        page.finish()
    }

    fn table(&self, page: &mut Page, columns: &Columns, rows: &[Vec<String>]) {
        let header: Vec<(String, Holds)> = columns
            .iter()
            .map(|(key, holds)| (self.say(&format!("column_{key}"), &[]), *holds))
            .collect();
        page.listing(&header, rows);
    }

    /// A table of the first rows of a list, and how many more `file` has.
    fn listed<T>(&self, page: &mut Page, columns: &[Column<'_, T>], all: &[T], file: &str) {
        let keys: Vec<(&str, Holds)> = columns.iter().map(|c| (c.0, c.1)).collect();
        let rows: Vec<Vec<String>> = all
            .iter()
            .take(ROWS)
            .map(|row| columns.iter().map(|c| c.2(row)).collect())
            .collect();
        self.table(page, &keys, &rows);
        self.more(page, rows.len(), all.len(), file);
    }

    /// Says how many rows there are beyond those that are shown.
    fn more(&self, page: &mut Page, shown: usize, all: usize, file: &str) {
        if all > shown {
            page.note(&self.say(
                "more",
                &[
                    ("shown", &shown.to_string()),
                    ("all", &figure(all as f64, 0)),
                    ("file", file),
                ],
            ));
        }
    }

    fn waiting(&self, page: &mut Page) {
        use Holds::{Code, Figures, Words};
        let desk = &self.plan.backorders;
        if desk.lines.is_empty() && desk.what_if.is_empty() {
            return;
        }
        page.heading(&self.say("waiting", &[]));
        let mut told: Vec<_> = desk
            .lines
            .iter()
            .zip(&self.notices)
            .filter_map(|(line, notice)| Some((line, (*notice)?)))
            .collect();
        // The latest first, then the oldest promise.
        told.sort_by_key(|(line, _)| (std::cmp::Reverse(line.late_by), line.promised_date));
        if told.is_empty() {
            page.paragraph(&self.say("waiting_none", &[]));
        } else {
            let hours = desk.notify_within_hours.to_string();
            let as_of = self.plan.as_of.to_string();
            page.note(&self.say("waiting_note", &[("hours", &hours), ("as_of", &as_of)]));
            let tell = |(_, notice): &(&OpenLine, Notice)| {
                self.say(&format!("notice_{}", notice.as_str()), &[])
            };
            let columns: [Column<'_, (&OpenLine, Notice)>; 8] = [
                ("order", Code, &|(l, _)| l.order_id.clone()),
                ("sku", Code, &|(l, _)| l.sku.to_string()),
                ("name", Words, &|(l, _)| name(l.name.as_deref())),
                ("channel", Code, &|(l, _)| l.channel.to_string()),
                ("units", Figures, &|(l, _)| units(l.units_open)),
                ("promised", Code, &|(l, _)| day(l.promised_date)),
                ("ships", Code, &|(l, _)| day(l.likely_date())),
                ("tell", Code, &tell),
            ];
            self.listed(page, &columns, &told, "backorders.csv");
        }
        if let Some(w) = &self.summary.waiting {
            let count = |n: usize| figure(n as f64, 0);
            page.paragraph(&self.say(
                "policy",
                &[
                    ("accept", &count(w.accept)),
                    ("order_first", &count(w.order_first)),
                    ("stop", &count(w.stop)),
                ],
            ));
            let what_if = &w.what_if;
            page.paragraph(&self.say(
                "what_if",
                &[
                    ("worth", &count(what_if.worth_it)),
                    ("unproven", &count(what_if.unproven)),
                    ("not", &count(what_if.not_worth_it)),
                ],
            ));
        }
    }

    fn quality(&self, page: &mut Page) {
        page.heading(&self.say("quality", &[]));
        let kinds = &self.summary.look_first.findings;
        if kinds.is_empty() {
            page.paragraph(&self.say("quality_none", &[]));
        } else {
            self.kinds(page, kinds);
        }
        // The same that `restock check` says, notices included.
        let notices = &self.summary.notices;
        if !notices.is_empty() {
            let count = self.summary.findings.notice.to_string();
            page.note(&self.say("quality_notices", &[("count", &count)]));
            self.kinds(page, notices);
        }
    }

    /// Findings by kind: how many, and the first one's words.
    fn kinds(&self, page: &mut Page, kinds: &[FindingCount]) {
        let rows: Vec<Vec<String>> = kinds
            .iter()
            .map(|k| {
                vec![
                    k.code.clone(),
                    figure(k.findings as f64, 0),
                    k.message.clone(),
                ]
            })
            .collect();
        self.table(
            page,
            &[
                ("finding", Holds::Code),
                ("count", Holds::Figures),
                ("first", Holds::Words),
            ],
            &rows,
        );
    }

    fn series(&self, page: &mut Page, drawn: &[(String, String)]) {
        let series: Vec<_> = drawn
            .iter()
            .filter(|(name, _)| name.starts_with("series-"))
            .collect();
        if series.is_empty() {
            return;
        }
        page.heading(&self.say("series", &[]));
        for ((_, svg), (sku, channel)) in series.into_iter().zip(self.top_series()) {
            let caption = self.say("caption_series", &[("sku", sku), ("channel", channel)]);
            page.captioned(svg, &caption);
        }
    }

    /// SKU and channel of the charts of series, in their order: by annual value.
    fn top_series(&self) -> impl Iterator<Item = (&str, &str)> {
        crate::chart::top_series(self.plan)
            .into_iter()
            .map(|i| &self.plan.recommendations[i])
            .map(|r| (r.sku.as_str(), r.channel.as_str()))
    }

    fn files(&self, page: &mut Page) {
        page.heading(&self.say("files", &[]));
        let files: Vec<(String, String)> = [
            "purchase_orders.csv",
            "transfers.csv",
            "recommendations.csv",
            "exceptions.csv",
            "backorders.csv",
            "backorder_policy.csv",
            "backorder_what_if.csv",
            "preorders.csv",
            "changes.csv",
            "forecast.csv",
            "stockouts.csv",
            "stockout_summary.csv",
            "count_list.csv",
            "demand.parquet",
            "summary.json",
        ]
        .into_iter()
        .map(|file| {
            let name = file.split('.').next().unwrap_or(file);
            (file.to_owned(), self.say(&format!("file_{name}"), &[]))
        })
        .collect();
        page.links(&files);
    }
}

/// Puts in the chart of that name, if it was drawn.
fn chart(page: &mut Page, drawn: &[(String, String)], name: &str, caption: &str) {
    if let Some((_, svg)) = drawn.iter().find(|(n, _)| n == name) {
        page.captioned(svg, caption);
    }
}

fn name(name: Option<&str>) -> String {
    name.unwrap_or("–").to_owned()
}

fn day(day: Option<Day>) -> String {
    day.map_or_else(|| "–".to_owned(), |d| d.to_string())
}

/// Units: whole from ten on, one decimal below where it matters.
fn units(value: f64) -> String {
    let decimals = usize::from(value.abs() < 10.0 && value.fract().abs() >= 0.05);
    figure(value, decimals)
}

/// Money: hundredths where the amount is small and has some.
fn money(value: Option<f64>) -> String {
    value.map_or_else(
        || "–".to_owned(),
        |v| {
            figure(
                v,
                if v.abs() < 1000.0 && v.fract() != 0.0 {
                    2
                } else {
                    0
                },
            )
        },
    )
}
