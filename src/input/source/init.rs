//! What lies in a folder of exports: recognised, read once, and told file by file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::account::Account;
use super::fault::fault;
use super::find::{Blocks, add_guess, files_of, globs_for, recognise};
use super::preset::{Preset, presets_of};
use super::read::{Around, read, zone_of};
use super::serve::{Served, Serves};
use super::stage::Reason;
use crate::config::{Config, grouped};
use crate::domain::{Day, Finding, Severity};
use crate::input::error::{InputError, finding_text, place_text};
use crate::input::identity::{Alike, Doubt, Likeness, alike};
use crate::input::problem::Problems;
use crate::text::{Lang, text};

/// What such systems offer: system → what is missing → where it is found.
type Offers = BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>;

/// A folder of exports as it was recognised.
#[derive(Debug)]
pub struct Recognised {
    /// Block name → globs, in the order of the blocks.
    sources: Vec<(String, Vec<String>)>,
    accounts: Vec<Account>,
    left_out: Vec<(String, Preset, String)>,
    untaken: Vec<String>,
    served: Served,
    findings: Vec<Finding>,
    zone: Option<String>,
    /// Systems of the files.
    systems: Vec<String>,
    tables: Vec<&'static str>,
    /// Codes of several systems that seem to be one SKU.
    alike: Vec<Alike>,
    last: Option<Day>,
    stock_days: usize,
    /// A question that stops a plan until it is answered.
    question: Option<InputError>,
}

/// Recognises the files of a folder and reads them.
///
/// # Errors
/// The folder or a file cannot be read, no file is recognised, or rows cannot be used.
pub fn recognise_folder(data: &Path) -> Result<Recognised, InputError> {
    if !data.is_dir() {
        return Err(InputError::FolderMissing(data.to_owned()));
    }
    let config = Config::default();
    let presets = presets_of(data)
        .map_err(|(file, why)| fault("preset_unreadable", &[("file", &file), ("why", &why)]))?;
    let files = files_of(data)?;
    let mut blocks = Blocks::default();
    let mut systems: Vec<String> = Vec::new();
    for found in &files {
        let known = recognise(found, &presets, &config);
        if known.is_empty() {
            if found.own.is_none() {
                blocks.untaken.push(found.name.clone());
            }
            continue;
        }
        for preset in known {
            if !preset.system.is_empty() && !systems.contains(&preset.system) {
                systems.push(preset.system.clone());
            }
            add_guess(&mut blocks, found, preset);
        }
    }
    if blocks.is_empty() {
        let names: Vec<String> = files.iter().map(|f| f.name.clone()).collect();
        return Err(fault(
            "nothing_recognised",
            &[
                ("folder", &data.display().to_string()),
                ("files", &names.join(", ")),
            ],
        ));
    }
    let all: Vec<String> = files.iter().map(|f| f.name.clone()).collect();
    let sources = blocks
        .blocks
        .iter()
        .map(|(block, of)| {
            let own: Vec<String> = of.iter().map(|f| f.name.clone()).collect();
            let others: Vec<String> = all.iter().filter(|n| !own.contains(n)).cloned().collect();
            (block.name.clone(), globs_for(&own, &others))
        })
        .collect();
    let mut problems = Problems::default();
    let around = Around {
        config: &config,
        own_last: None,
        told: None,
        channels: None,
        stock: None,
    };
    let untaken = std::mem::take(&mut blocks.untaken);
    let mut recognised = Recognised {
        sources,
        accounts: Vec::new(),
        left_out: blocks.left_out.clone(),
        untaken,
        served: Served::default(),
        findings: Vec::new(),
        zone: zone_of(&blocks, &config),
        systems,
        tables: blocks.blocks.iter().map(|(b, _)| b.spec.name).collect(),
        alike: Vec::new(),
        last: None,
        stock_days: 0,
        question: None,
    };
    match read(&blocks, &around, &mut problems) {
        Ok(found) => {
            let told = blocks.feed("codes") || files.iter().any(|f| f.own == Some("codes"));
            if !told {
                recognised.alike = alike(found.tables.values());
            }
            recognised.accounts = found.accounts;
            recognised.findings = found.findings;
            recognised.served = found.served;
            recognised.last = found.as_of;
            if let Some(stock) = found.tables.get("stock") {
                let days: std::collections::BTreeSet<i32> =
                    stock.days("date").iter().copied().collect();
                recognised.stock_days = days.len();
            }
        }
        Err(e @ InputError::Source(_)) => recognised.question = Some(e),
        Err(e) => return Err(e),
    }
    if !problems.is_empty() {
        return Err(InputError::Rows(problems.into_findings()));
    }
    Ok(recognised)
}

fn offers() -> Offers {
    // Part of the program; a test reads it.
    toml::from_str(include_str!("offers.toml")).unwrap_or_default()
}

/// Doubtful pairs of codes that are told one by one.
const SUGGESTED: usize = 10;

/// A cell of a CSV file.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// What two codes differ in, in words.
fn likeness_text(lang: Lang, likeness: &Likeness) -> String {
    let say = |key: &str, figures: &[(&str, &str)]| text(lang, &format!("source.{key}"), figures);
    match likeness {
        Likeness::Case => say("alike_case", &[]),
        Likeness::Width => say("alike_width", &[]),
        Likeness::Zeros => say("alike_zeros", &[]),
        Likeness::Brackets => say("alike_brackets", &[]),
        Likeness::Prefix(prefix, count) => say(
            "alike_prefix",
            &[("prefix", prefix), ("count", &count.to_string())],
        ),
    }
}

/// Why a pair of codes is not certain, in words.
fn doubt_text(lang: Lang, pair: &Alike) -> String {
    let key = match pair.doubt {
        Some(Doubt::SoldTogether) => "doubt_sold",
        Some(Doubt::StockedTogether) => "doubt_stocked",
        Some(Doubt::Prices) => "doubt_prices",
        Some(Doubt::Mangled) => "doubt_mangled",
        Some(Doubt::Several) | None => "doubt_several",
    };
    text(lang, &format!("source.{key}"), &[])
}

/// A reason in words.
fn reason_text(lang: Lang, reason: &Reason) -> String {
    match reason {
        Reason::Key(key) => text(lang, &format!("source.reason_{key}"), &[]),
        Reason::Value(header, value) => text(
            lang,
            "source.reason_value",
            &[("header", header), ("value", value)],
        ),
    }
}

impl Recognised {
    /// The sources as they stand in `restock.toml`.
    pub fn config(&self, lang: Lang) -> String {
        let say = |key: &str| text(lang, &format!("source.{key}"), &[]);
        let mut out = String::new();
        let _ = writeln!(out, "# {}\n", say("config_head"));
        let _ = writeln!(out, "[input]");
        match &self.zone {
            Some(zone) => {
                let _ = writeln!(out, "time_zone = \"{zone}\"    # {}", say("config_zone"));
            }
            None => {
                let zone = say("config_zone_open");
                let _ = writeln!(out, "# time_zone = \"Asia/Tokyo\"    # {zone}");
            }
        }
        for (name, globs) in &self.sources {
            let globs: Vec<String> = globs.iter().map(|g| format!("{g:?}")).collect();
            let files = match globs.as_slice() {
                [one] => one.clone(),
                many => format!("[{}]", many.join(", ")),
            };
            let _ = writeln!(out, "\n[[source]]\nfiles = {files}\nformat = \"{name}\"");
            if self.asks_about(name) {
                let _ = writeln!(out, "# skip = true       # {}", say("config_skip"));
                let _ = writeln!(out, "# separate = true   # {}", say("config_separate"));
            }
        }
        let lang_word = match lang {
            Lang::En => "en",
            Lang::Ja => "ja",
        };
        let doubtful: Vec<&Alike> = self.alike.iter().filter(|a| a.doubt.is_some()).collect();
        if !doubtful.is_empty() {
            let _ = writeln!(out, "\n# {}", say("config_codes"));
            for pair in doubtful {
                let line = format!("{},{}", quoted(&pair.code), quoted(&pair.sku));
                let _ = writeln!(out, "# {line}    {}", doubt_text(lang, pair));
            }
        }
        let _ = writeln!(out, "\n[report]\nlang = \"{lang_word}\"");
        out
    }

    fn asks_about(&self, name: &str) -> bool {
        match &self.question {
            Some(InputError::Source(fault)) => {
                let figures = fault.figures.iter();
                fault.key == "sales_told_twice"
                    && figures
                        .into_iter()
                        .any(|(n, v)| matches!(*n, "first" | "second") && v == name)
            }
            _ => false,
        }
    }

    /// Channels whose stock nobody told, as rows of `channels.csv` to be completed; `None` where none is asked.
    pub fn channels_csv(&self) -> Option<String> {
        let asked = self.served.0.keys().any(|c| self.served.is_asked(c));
        if !asked {
            return None;
        }
        let mut out = String::from("channel,location\n");
        for (channel, answer) in &self.served.0 {
            let place = match answer {
                Serves::Told(place) | Serves::Known(place) | Serves::Only(place) => place.as_str(),
                Serves::Asked(_) | Serves::Nothing => "",
            };
            let _ = writeln!(out, "{},{}", quoted(channel), quoted(place));
        }
        Some(out)
    }

    /// The codes that are certainly another SKU's, as rows of `codes.csv`; `None` where there are none.
    pub fn codes_csv(&self, lang: Lang) -> Option<String> {
        let mut certain = self.alike.iter().filter(|a| a.doubt.is_none()).peekable();
        certain.peek()?;
        let mut out = String::from("code,sku,evidence\n");
        for pair in certain {
            let evidence = likeness_text(lang, &pair.likeness);
            let cells = [&pair.code, &pair.sku, &evidence].map(|cell| quoted(cell));
            let _ = writeln!(out, "{}", cells.join(","));
        }
        Some(out)
    }

    /// Which codes are taken to be one SKU's, and which may be.
    fn codes(&self, lang: Lang, out: &mut String) {
        let say =
            |key: &str, figures: &[(&str, &str)]| text(lang, &format!("source.{key}"), figures);
        if self.alike.is_empty() {
            return;
        }
        let _ = writeln!(out, "\n{}", say("told_codes", &[]));
        let mut kinds: BTreeMap<String, (u64, &Alike)> = BTreeMap::new();
        for pair in self.alike.iter().filter(|a| a.doubt.is_none()) {
            let kind = likeness_text(lang, &pair.likeness);
            kinds.entry(kind).or_insert((0, pair)).0 += 1;
        }
        for (kind, (count, pair)) in kinds {
            let figures = [
                ("count", count.to_string()),
                ("evidence", kind),
                ("code", pair.code.clone()),
                ("sku", pair.sku.clone()),
            ];
            let figures = figures
                .each_ref()
                .map(|(name, figure)| (*name, figure.as_str()));
            let _ = writeln!(out, "  {}", say("told_codes_certain", &figures));
        }
        let doubtful: Vec<&Alike> = self.alike.iter().filter(|a| a.doubt.is_some()).collect();
        for pair in doubtful.iter().take(SUGGESTED) {
            let why = doubt_text(lang, pair);
            let figures = [
                ("code", pair.code.as_str()),
                ("sku", &pair.sku),
                ("why", &why),
            ];
            let _ = writeln!(out, "  {}", say("told_codes_doubtful", &figures));
        }
        if let Some(more) = doubtful.len().checked_sub(SUGGESTED).filter(|n| *n > 0) {
            let _ = writeln!(
                out,
                "  {}",
                say("told_codes_more", &[("count", &more.to_string())])
            );
        }
    }

    /// What was found, for a person: file by file, which stock serves which channel, what is missing and where it is found.
    pub fn report(&self, lang: Lang) -> String {
        let say =
            |key: &str, figures: &[(&str, &str)]| text(lang, &format!("source.{key}"), figures);
        let mut out = String::new();
        let mut before = "";
        for account in &self.accounts {
            let title = match (&account.titles, lang) {
                (Some((_, Some(ja))), Lang::Ja) => ja.as_str(),
                (Some((en, _)), _) => en.as_str(),
                (None, _) => account.source.as_str(),
            };
            if before != account.source {
                let _ = writeln!(out, "{}", say("told_kind", &[("title", title)]));
                before = &account.source;
            }
            let _ = writeln!(out, "  {}", account_line(lang, account));
        }
        for (file, preset, key) in &self.left_out {
            let why = say(&format!("left_{key}"), &[]);
            let line = say(
                "told_left_out",
                &[("file", file), ("title", preset.title(lang)), ("why", &why)],
            );
            let _ = writeln!(out, "{line}");
        }
        if !self.untaken.is_empty() {
            let files = self.untaken.join(", ");
            let _ = writeln!(out, "{}", say("told_unknown", &[("files", &files)]));
        }
        if let Some(question) = &self.question {
            let _ = writeln!(out, "\n{}", question.render(lang));
            return out;
        }
        if !self.served.0.is_empty() {
            let _ = writeln!(out, "\n{}", say("told_stock", &[]));
        }
        for (channel, answer) in &self.served.0 {
            let (key, place) = match answer {
                Serves::Told(place) | Serves::Known(place) => ("told_stock_known", place.clone()),
                Serves::Only(place) => ("told_stock_only", place.clone()),
                Serves::Asked(places) => ("told_stock_asked", places.join(", ")),
                Serves::Nothing => ("told_stock_nothing", String::new()),
            };
            let line = say(key, &[("channel", channel), ("location", &place)]);
            let _ = writeln!(out, "  {line}");
        }
        self.codes(lang, &mut out);
        let told: Vec<&Finding> = self
            .findings
            .iter()
            .filter(|f| {
                !matches!(
                    f.code,
                    "rows_left_out" | "channel_stock_asked" | "channel_served_from"
                )
            })
            .collect();
        if !told.is_empty() {
            let _ = writeln!(out, "\n{}", say("told_findings", &[]));
        }
        for finding in told {
            let (what, remedy) = finding_text(lang, finding);
            let place = place_text(lang, finding);
            let named = finding
                .place
                .file
                .as_ref()
                .is_some_and(|f| what.contains(f));
            let what = if place.is_empty() || named {
                what
            } else {
                text(
                    lang,
                    "finding.sentence",
                    &[("place", &place), ("what", &what)],
                )
            };
            let asks = finding.severity < Severity::Notice || finding.code == "non_amazon_orders";
            let remedy = if asks {
                format!(" {remedy}")
            } else {
                String::new()
            };
            let _ = writeln!(out, "  {what}{remedy}");
        }
        self.missing(lang, &mut out);
        out
    }

    /// What is missing for a better plan, and where these systems offer it.
    fn missing(&self, lang: Lang, out: &mut String) {
        let mut lacks = Vec::new();
        if !self.tables.contains(&"sales") {
            lacks.push("sales");
        }
        if !self.tables.contains(&"stock") {
            lacks.push("stock");
        } else if self.stock_days < 30 {
            lacks.push("stock_history");
        }
        if !self.tables.contains(&"inbound") {
            lacks.push("inbound");
        }
        lacks.push("items");
        let offers = offers();
        let language = match lang {
            Lang::En => "en",
            Lang::Ja => "ja",
        };
        let _ = writeln!(out, "\n{}", text(lang, "source.told_missing", &[]));
        for lack in lacks {
            let what = text(lang, &format!("source.lack_{lack}"), &[]);
            let _ = writeln!(out, "  {what}");
            for system in &self.systems {
                let place = offers.get(system).and_then(|s| s.get(lack)?.get(language));
                if let Some(place) = place {
                    let _ = writeln!(out, "    {system}: {place}");
                }
            }
        }
    }
}

fn account_line(lang: Lang, account: &Account) -> String {
    let say = |key: &str, figures: &[(&str, &str)]| text(lang, &format!("source.{key}"), figures);
    let many = |rows: u64| grouped(rows as f64);
    let mut sum = say("told_used", &[("count", &many(account.used))]);
    for (reason, rows) in &account.left {
        let reason = reason_text(lang, reason);
        sum += &say("told_left", &[("count", &many(*rows)), ("reason", &reason)]);
    }
    let mut line = say(
        "told_file",
        &[
            ("file", &account.file),
            ("read", &many(account.read)),
            ("sum", &sum),
        ],
    );
    if let Some((from, to)) = account.days {
        let (from, to) = (from.to_string(), to.to_string());
        line += &say("told_days", &[("from", &from), ("to", &to)]);
    }
    if matches!(account.table, "sales" | "stock" | "inbound") {
        let units = grouped((account.units * 100.0).round() / 100.0);
        let key = format!("told_units_{}", account.table);
        line += &say(&key, &[("units", &units)]);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offer_is_told_in_both_languages() {
        let offers = offers();
        assert!(!offers.is_empty());
        for (system, of) in offers {
            for (what, places) in of {
                for lang in ["en", "ja"] {
                    assert!(places.contains_key(lang), "{system} {what} {lang}");
                }
            }
        }
    }
}
