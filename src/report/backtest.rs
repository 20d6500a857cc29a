//! The page of a backtest, and its closing lines.

use std::path::Path;

use super::ReportError;
use super::findings::{figure, looked_at, missing, percent, sentences, signed};
use super::page::Page;
use crate::backtest::{Backtest, Method, Rule, Scenario, Setting};
use crate::chart::{Drawn, draw_backtest};
use crate::output::stock_record;
use crate::text::{Lang, text};

/// Name of the page.
pub const FILE: &str = "report.html";

/// Draws the charts into `charts/` of a folder and writes the page with them.
///
/// # Errors
/// [`ReportError`] when a chart cannot be drawn or the disk refuses a file.
pub fn write_backtest(result: &Backtest, folder: &Path, lang: Lang) -> Result<(), ReportError> {
    let drawn = draw_backtest(result, lang, &folder.join("charts"))?;
    let path = folder.join(FILE);
    std::fs::write(&path, page(result, &drawn, lang))
        .map_err(|source| ReportError::Write { path, source })
}

/// The closing lines, each with its line end.
pub fn backtest_closing(result: &Backtest, folder: &Path, lang: Lang) -> String {
    let as_of = result.as_of.to_string();
    let mut lines = vec![say(lang, "title", &[("as_of", &as_of)])];
    lines.extend(sentences(result, lang));
    lines.push(stock_record(&result.coverage, lang));
    lines.extend(missing(result, lang));
    let folder = folder.display().to_string();
    lines.push(say(lang, "end_folder", &[("folder", &folder)]));
    lines.into_iter().map(|line| line + "\n").collect()
}

fn say(lang: Lang, key: &str, figures: &[(&str, &str)]) -> String {
    text(lang, &format!("backtest.{key}"), figures)
}

fn page(result: &Backtest, drawn: &[Drawn], lang: Lang) -> String {
    let as_of = result.as_of.to_string();
    let mut page = Page::new(lang, &say(lang, "title_page", &[("as_of", &as_of)]));
    let gap = match lang {
        Lang::En => " ",
        Lang::Ja => "",
    };
    page.lead(&sentences(result, lang).join(gap));
    for line in looked_at(result, lang) {
        page.paragraph(&line);
    }
    page.paragraph(&stock_record(&result.coverage, lang));
    page.heading(&say(lang, "missing_title", &[]));
    let lacking = missing(result, lang);
    if lacking.is_empty() {
        page.paragraph(&say(lang, "missing_none", &[]));
    } else {
        page.list(&lacking);
    }
    let chart = |page: &mut Page, name: &str| {
        if let Some((_, svg)) = drawn.iter().find(|(n, _)| *n == name) {
            page.drawing(svg);
        }
    };

    page.heading(&say(lang, "section_forecast", &[]));
    page.note(&say(lang, "note_forecast", &[]));
    chart(&mut page, "forecast");
    forecast_table(&mut page, result, lang);
    if !result.hidden.scores.is_empty() {
        page.heading(&say(lang, "section_hidden", &[]));
        page.note(&say(lang, "note_hidden", &[]));
        chart(&mut page, "hidden-demand");
        hidden_tables(&mut page, result, lang);
    }
    if result.replay.is_some() {
        page.heading(&say(lang, "section_replay", &[]));
        page.note(&say(lang, "note_replay", &[]));
        chart(&mut page, "service-and-stock");
        replay_table(&mut page, result, lang);
    }
    page.note(&say(lang, "files", &[]));
    page.finish()
}

fn header(lang: Lang, columns: &[&str]) -> Vec<String> {
    columns
        .iter()
        .map(|c| say(lang, &format!("column_{c}"), &[]))
        .collect()
}

fn forecast_table(page: &mut Page, result: &Backtest, lang: Lang) {
    let rows: Vec<(bool, Vec<String>)> = result
        .forecast
        .iter()
        .map(|s| {
            let class = if s.group == "origin" {
                s.class.clone()
            } else {
                let key = format!("class_{}_{}", s.group, s.class.to_lowercase());
                say(lang, &key, &[])
            };
            let cells = vec![
                class,
                figure(s.intervals.into(), 0),
                signed(s.bias),
                percent(s.wape),
                percent(s.naive_wape),
                percent(s.scaled_mean()),
                percent(s.band80),
                percent(s.coverage[4]),
            ];
            (s.group == "all", cells)
        })
        .collect();
    let columns = [
        "class",
        "intervals",
        "bias",
        "wape",
        "naive",
        "scaled",
        "band",
        "below95",
    ];
    page.table(&header(lang, &columns), &rows);
}

fn hidden_tables(page: &mut Page, result: &Backtest, lang: Lang) {
    for scenario in Scenario::ALL {
        let scores = || {
            result
                .hidden
                .scores
                .iter()
                .filter(move |s| s.scenario == scenario)
        };
        let Some(first) = scores().next() else {
            continue;
        };
        page.paragraph(&say(
            lang,
            &format!("scenario_{}", scenario.as_str()),
            &[("units", &figure(first.hidden, 0))],
        ));
        let rows: Vec<(bool, Vec<String>)> = scores()
            .map(|s| {
                let cells = vec![
                    say(lang, &format!("method_{}", s.method.as_str()), &[]),
                    figure(s.hidden, 0),
                    figure(s.found, 0),
                    signed(s.bias),
                    percent(s.wape_series),
                    percent(s.wape),
                    s.band80.map_or("–".to_owned(), percent),
                ];
                (s.method == Method::Restock, cells)
            })
            .collect();
        let columns = [
            "method",
            "hidden",
            "found",
            "bias",
            "error_series",
            "error_day",
            "band",
        ];
        page.table(&header(lang, &columns), &rows);
    }
}

fn replay_table(page: &mut Page, result: &Backtest, lang: Lang) {
    let runs = result.replay.as_ref().map_or(&[][..], |r| &r.runs);
    let rows: Vec<(bool, Vec<String>)> = runs
        .iter()
        .map(|r| {
            let setting = match r.setting {
                Setting::Own => say(lang, "setting_own", &[]),
                Setting::Target(t) => {
                    // Two decimals tell all targets apart.
                    let value = format!("{} %", figure(t * 100.0, 2).trim_end_matches(".00"));
                    say(lang, "setting_target", &[("value", &value)])
                }
                Setting::Factor(f) => say(lang, "setting_factor", &[("value", &figure(f, 2))]),
            };
            let cells = vec![
                say(lang, &format!("rule_{}", r.rule.as_str()), &[]),
                setting,
                percent(r.service),
                figure(r.stock_days, 1),
                figure(r.stock, 0),
                figure(r.lost, 0),
                figure(r.orders.into(), 0),
                r.cost.map_or("–".to_owned(), |c| {
                    format!("{} {}", result.currency, figure(c, 0))
                }),
            ];
            (r.rule == Rule::Restock && r.setting == Setting::Own, cells)
        })
        .collect();
    let columns = [
        "rule",
        "setting",
        "service",
        "stock_days",
        "stock",
        "lost",
        "orders",
        "cost",
    ];
    page.table(&header(lang, &columns), &rows);
}
