//! A page of HTML from headings, paragraphs, tables and drawings.

use std::fmt::Write as _;

use crate::text::{Lang, harmless};

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Holds {
    /// Sentences and names, which may wrap.
    Words,
    /// Codes and dates, which may not.
    Code,
    Figures,
}

/// A page under construction.
#[derive(Debug)]
pub(super) struct Page {
    lang: Lang,
    title: String,
    body: String,
}

impl Page {
    pub(super) fn new(lang: Lang, title: &str) -> Self {
        let mut page = Self {
            lang,
            title: title.to_owned(),
            body: String::new(),
        };
        page.element("h1", "", title);
        page
    }

    fn element(&mut self, name: &str, class: &str, text: &str) {
        let class = if class.is_empty() {
            String::new()
        } else {
            format!(" class=\"{class}\"")
        };
        // Writing into a String cannot fail.
        let _ = writeln!(self.body, "<{name}{class}>{}</{name}>", escaped(text));
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.element("h2", "", text);
    }

    /// What a hurried reader reads.
    pub(super) fn lead(&mut self, text: &str) {
        self.element("p", "lead", text);
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.element("p", "", text);
    }

    pub(super) fn note(&mut self, text: &str) {
        self.element("p", "note", text);
    }

    pub(super) fn list(&mut self, items: &[String]) {
        self.body.push_str("<ul>\n");
        for item in items {
            self.element("li", "", item);
        }
        self.body.push_str("</ul>\n");
    }

    /// A table; the first column holds names, the others figures. Rows marked `true` stand out.
    pub(super) fn table(&mut self, header: &[String], rows: &[(bool, Vec<String>)]) {
        self.body
            .push_str("<div class=\"wide\"><table>\n<thead><tr>");
        for cell in header {
            let _ = write!(self.body, "<th>{}</th>", escaped(cell));
        }
        self.body.push_str("</tr></thead>\n<tbody>\n");
        for (marked, row) in rows {
            let class = if *marked { " class=\"own\"" } else { "" };
            let _ = write!(self.body, "<tr{class}>");
            for cell in row {
                let _ = write!(self.body, "<td>{}</td>", escaped(cell));
            }
            self.body.push_str("</tr>\n");
        }
        self.body.push_str("</tbody></table></div>\n");
    }

    /// A table whose columns say by themselves whether they hold words.
    pub(super) fn listing(&mut self, header: &[(String, Holds)], rows: &[Vec<String>]) {
        let class = |holds: Holds| match holds {
            Holds::Words => " class=\"words\"",
            Holds::Code => " class=\"code\"",
            Holds::Figures => "",
        };
        self.body
            .push_str("<div class=\"wide\"><table class=\"listing\">\n<thead><tr>");
        for (cell, holds) in header {
            let _ = write!(self.body, "<th{}>{}</th>", class(*holds), escaped(cell));
        }
        self.body.push_str("</tr></thead>\n<tbody>\n");
        for row in rows {
            self.body.push_str("<tr>");
            for (cell, (_, holds)) in row.iter().zip(header) {
                let _ = write!(self.body, "<td{}>{}</td>", class(*holds), escaped(cell));
            }
            self.body.push_str("</tr>\n");
        }
        self.body.push_str("</tbody></table></div>\n");
    }

    pub(super) fn subheading(&mut self, text: &str) {
        self.element("h3", "", text);
    }

    /// Files beside the page, each with what it is for.
    pub(super) fn links(&mut self, files: &[(String, String)]) {
        self.body.push_str("<ul class=\"files\">\n");
        for (file, what) in files {
            let name = escaped(file);
            let _ = writeln!(
                self.body,
                "<li><a href=\"{name}\">{name}</a> {}</li>",
                escaped(what)
            );
        }
        self.body.push_str("</ul>\n");
    }

    /// A drawing with words below it.
    pub(super) fn captioned(&mut self, svg: &str, caption: &str) {
        let _ = writeln!(
            self.body,
            "<figure>{svg}<figcaption>{}</figcaption></figure>",
            escaped(caption)
        );
    }

    /// A drawing, as the SVG that it is.
    pub(super) fn drawing(&mut self, svg: &str) {
        let _ = writeln!(self.body, "<figure>{svg}</figure>");
    }

    pub(super) fn finish(self) -> String {
        let lang = match self.lang {
            Lang::En => "en",
            Lang::Ja => "ja",
        };
        format!(
            "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
            escaped(&self.title),
            self.body
        )
    }
}

const STYLE: &str = "
body { max-width: 1100px; margin: 2rem auto; padding: 0 1rem; color: #22262b; background: #fff;
  font: 16px/1.65 'BIZ UDPGothic','Hiragino Sans','Yu Gothic','Meiryo','Noto Sans JP',sans-serif; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; }
.lead { font-size: 1.1rem; border-left: 4px solid #3f6385; padding-left: 1rem; }
.note { color: #59636e; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid #e2e6ea; text-align: right; white-space: nowrap; }
th { color: #59636e; font-weight: normal; } th:first-child, td:first-child { text-align: left; }
tr.own { font-weight: bold; }
figure { margin: 1.5rem 0; } figure svg { width: 100%; height: auto; }
h3 { font-size: 1.05rem; margin-top: 1.8rem; }
table.listing { min-width: 60%; font-size: .92rem; line-height: 1.5; }
table.listing th, table.listing td { padding: .3rem .5rem; vertical-align: top; }
th.words, td.words { text-align: left; white-space: normal; min-width: 12em; }
th.code, td.code { text-align: left; }
figcaption { color: #59636e; margin-top: .3rem; }
ul.files { columns: 2; } ul.files li { break-inside: avoid; }
@page { size: A4; margin: 14mm 12mm; }
@media print {
  body { max-width: none; margin: 0; padding: 0; font-size: 10.5pt; line-height: 1.5; }
  figure, tr, li { break-inside: avoid; } h2, h3 { break-after: avoid; }
  .wide { overflow: visible; } table.listing { font-size: 8.5pt; width: 100%; }
  th, td, table.listing th, table.listing td { padding: .15rem .3rem; } td.words { min-width: 7em; }
}
";

/// Text that cannot be taken for markup, nor turns a line around.
pub(super) fn escaped(text: &str) -> String {
    harmless(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_no_markup() {
        let mut page = Page::new(Lang::En, "<script>");
        page.table(
            &["a&b".to_owned()],
            &[(true, vec!["<img src=\"x\">".to_owned()])],
        );
        let html = page.finish();
        assert!(!html.contains("<script>") && !html.contains("<img"));
        assert!(html.contains("a&amp;b") && html.contains("<tr class=\"own\">"));
    }
}
