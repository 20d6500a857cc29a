//! Findings about data are values: collected, counted, written, never only logged.

use super::{Channel, Day, Location, Sku};

/// How much a finding matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Stops the run.
    Error,
    /// The plan is made, but figures may be wrong until a person looks.
    Warning,
    /// Worth knowing.
    Notice,
}

impl Severity {
    /// The word used in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// The code of a finding that counts the rest of a kind.
pub const MORE_FINDINGS: &str = "more_findings";

/// Codes of findings about what a plan decides, rather than about the data that it is made from.
const OF_PLANS: &[&str] = &[
    "closed_though_units_arrive",
    "discontinued_but_owed",
    "discontinued_under_way",
    "discontinued_under_way_no_cost",
    "held_back_runs_out",
    "late_receipt_after_stockout",
    "misplaced_stock",
    "order_lasts_long",
    "order_on_little_history",
    "oversold_pool",
    "sells_at_zero_with_nothing_inbound",
    "surplus_under_way",
    "surplus_under_way_no_cost",
];

/// Where in the input a finding stands.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Place {
    /// File as the user named it, relative to the data folder.
    pub file: Option<String>,
    /// 1 is the header line of a text file; a Parquet row is counted from 1 too.
    pub line: Option<u64>,
    /// The user's own header of the column.
    pub column: Option<String>,
    /// The value as typed.
    pub value: Option<String>,
}

/// One thing about the data or the plan that a person should know.
///
/// `code` is the key of its text in both languages (section `finding` of the texts, with
/// `finding.CODE` for what is wrong and `remedy.CODE` for what to do); `figures` fill the text's placeholders.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    pub severity: Severity,
    pub code: &'static str,
    pub place: Place,
    pub sku: Option<Sku>,
    pub channel: Option<Channel>,
    pub location: Option<Location>,
    pub from: Option<Day>,
    pub to: Option<Day>,
    /// How many rows or days it concerns.
    pub count: u64,
    pub figures: Vec<(&'static str, String)>,
}

impl Finding {
    /// A finding with nothing but its severity and code; fill in the rest with the builder methods.
    pub fn new(severity: Severity, code: &'static str) -> Self {
        Self {
            severity,
            code,
            place: Place::default(),
            sku: None,
            channel: None,
            location: None,
            from: None,
            to: None,
            count: 1,
            figures: Vec::new(),
        }
    }

    /// The kind that it tells of, and how many findings it stands for: the rest of a kind that is too frequent to be told one by one
    /// (`more_findings`) is of that kind.
    pub fn kind(&self) -> (&str, u64) {
        let told = self.figures.iter().find(|(name, _)| *name == "code");
        match told {
            Some((_, code)) if self.code == MORE_FINDINGS => (code, self.count),
            _ => (self.code, 1),
        }
    }

    /// Whether it is about the data rather than about what a plan decides.
    pub fn is_of_data(&self) -> bool {
        !OF_PLANS.contains(&self.kind().0)
    }

    pub fn place(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    pub fn sku(mut self, sku: &Sku) -> Self {
        self.sku = Some(sku.clone());
        self
    }

    pub fn channel(mut self, channel: &Channel) -> Self {
        self.channel = Some(channel.clone());
        self
    }

    pub fn location(mut self, location: &Location) -> Self {
        self.location = Some(location.clone());
        self
    }

    pub fn between(mut self, from: Day, to: Day) -> Self {
        self.from = Some(from);
        self.to = Some(to);
        self
    }

    pub fn count(mut self, count: u64) -> Self {
        self.count = count;
        self
    }

    pub fn figure(mut self, name: &'static str, value: impl ToString) -> Self {
        self.figures.push((name, value.to_string()));
        self
    }
}
