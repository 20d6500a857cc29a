//! The tables as read to the tables as meant: one as-of, one list of names, rows sorted, findings collected.

use super::Options;
use super::checks::{self, Flow};
use super::error::InputError;
use super::events::{Count, backorder_lines, purchase_lines};
use super::folder::RawTables;
use super::identity;
use super::kept;
use super::master::{
    calendar_entries, channel_locations, channel_rows, items, listings, location_rows,
    supplier_rows,
};
use super::problem::Problems;
use super::raw::{Exponents, NO_DAY, RawTable};
use super::sales::SalesRows;
use super::stock::StockRows;
use super::universe::{Universe, Usage};
use super::week_closes::close_weeks;
use super::weeks::{hold_to_weeks, last_week, lay_on_weeks, lead_times_parted};
use crate::config::{Gifts, StockTaken};
use crate::domain::{
    BackorderKind, Channel, Checked, Day, Finding, Grain, ItemStatus, Location, Records, Severity,
    Sku, Tables, WeekDates,
};

/// Puts the tables together.
///
/// # Errors
/// No row gives a date, or none is up to as-of.
pub(super) fn assemble(mut raw: RawTables, options: Options<'_>) -> Result<Checked, InputError> {
    let grain = options.config.input.grain;
    let dates = options.config.input.dates();
    let as_of = as_of(&raw, options.as_of, grain, dates)?;
    // Whatever is dated up to it is known.
    let last = match dates {
        WeekDates::Week => as_of,
        WeekDates::Day => as_of + (grain.days() - 1),
    };
    let seen = days_of_data(&raw.sales, raw.stock.as_ref())
        .max()
        .map_or(last, |day| last.max(Day(day)));
    let earlier = kept::take(&mut raw, options, as_of, last)?;
    let mut problems = Problems::default();
    let heirs = identity::succeed(&mut raw, last, &mut problems);
    if !problems.is_empty() {
        return Err(InputError::Rows(problems.into_findings()));
    }
    let known = std::mem::take(&mut raw.identity);
    let mut findings = std::mem::take(&mut raw.findings);
    earlier.tell_vanished(raw.inbound.as_ref(), &mut findings);
    checks::far_values(&raw, &mut findings);
    if options.as_of.is_none() {
        checks::far_as_of(&raw, &mut findings);
    }
    if let Some(inbound) = &raw.inbound {
        checks::repeated_orders(inbound, as_of + (grain.days() - 1), &mut findings);
    }
    if grain == Grain::Week {
        if dates == WeekDates::Week {
            lead_times_parted(&raw, as_of, &mut findings);
        }
        lay_on_weeks(&mut raw, as_of, dates);
    }
    doubtful_columns(&raw, &mut findings);
    later_rows(&raw, last, &mut findings);

    let uses = Uses::of(&raw, last);
    let skus = Universe::new(uses.names("sku").chain(known.names()));
    let channels = Universe::new(uses.names("channel"));
    let places = channel_locations(raw.channels.as_ref(), &channels, &raw.served);
    let locations = Universe::new(
        uses.names("location")
            .chain(uses.names("supplied_from"))
            .chain(places.iter().map(String::as_str)),
    );
    checks::unknown_names(&raw, &uses, &places, &mut findings);
    checks::written_in_two_ways(&uses, &mut findings);
    checks::places_written_two_ways(&uses, &places, &mut findings);
    drop(uses);

    let backorders = raw.backorders.as_ref().map_or_else(Vec::new, |table| {
        backorder_lines(table, last, &skus, &channels, &mut findings)
    });
    let inbound = raw.inbound.as_ref().map_or_else(Vec::new, |table| {
        purchase_lines(table, (last, seen), &skus, &locations, &mut findings)
    });
    let mut has_backorders = vec![false; channels.names.len()];
    for line in &backorders {
        if line.kind == BackorderKind::Backorder {
            has_backorders[line.channel.at()] = true;
        }
    }
    let channel_rows = channel_rows(
        raw.channels.as_ref(),
        &channels,
        &locations,
        &places,
        &has_backorders,
    );
    let location_rows = location_rows(raw.locations.as_ref(), &locations);
    let mut items = items(raw.items.as_ref(), &skus, &mut findings);
    identity::inherit(&heirs, &skus, &mut items);
    let calendar = calendar_entries(raw.calendar.as_ref(), &skus, &channels, &mut findings);
    let listings = listings(raw.listings.as_ref(), &skus, &channels, &mut findings);
    let mut of_stock = Vec::new();
    let (mut sales, mut stock) = rayon::join(
        || SalesRows::new(&mut raw.sales, last.0, &skus, &channels),
        || {
            raw.stock
                .as_mut()
                .map(|table| StockRows::new(table, last.0, &skus, &locations, &mut of_stock))
        },
    );
    findings.append(&mut of_stock);

    let sku_names: Vec<Sku> = skus.names.iter().map(Sku::new).collect();
    let channel_names: Vec<Channel> = channels.names.iter().map(Channel::new).collect();
    let location_names: Vec<Location> = locations.names.iter().map(Location::new).collect();
    let totals = checks::totals_among_skus(&sku_names, &items);
    if totals.contains(&true) {
        let stocked = stock.as_ref().map_or(&[][..], |stock| &stock.sku);
        let rows = (&sales.sku[..], stocked);
        checks::tell_totals(&sku_names, &totals, rows, &mut findings);
        sales.leave_out(&totals);
        if let Some(stock) = &mut stock {
            stock.leave_out(&totals);
        }
    }
    let suppliers = supplier_rows(raw.suppliers.as_ref());
    let flow = Flow {
        grain,
        skus: &sku_names,
        channels: &channel_names,
        locations: &location_names,
        channel_rows: &channel_rows,
        location_rows: &location_rows,
        items: &items,
        backorders: &backorders,
        inbound: &inbound,
        has_inbound: raw.inbound.as_ref().is_some_and(|t| t.rows() > 0),
        sales_table: &raw.sales,
        stock_table: raw.stock.as_ref(),
    };
    if let Some(stock) = &mut stock {
        let taken = options.config.input.stock_taken;
        if taken == StockTaken::Auto && checks::is_taken_before_trade(&flow, &sales, stock) {
            findings.push(Finding::new(Severity::Notice, "stock_before_trade"));
            stock.date_by_day_before();
        } else if taken == StockTaken::Open && grain == Grain::Day {
            stock.date_by_day_before();
        } else {
            checks::sales_before_stock(&flow, &sales, stock, as_of, &mut findings);
        }
    }
    if options.config.input.gifts == Gifts::Apart {
        let gifts = sales.set_gifts_apart();
        checks::gifts(&flow, &sales, &gifts, &mut findings);
    }
    checks::sales_rows(&flow, &sales, stock.as_ref(), &mut findings);
    checks::cost_above_price(&flow, &sales, &mut findings);
    checks::long_times(&flow, &suppliers, &mut findings);
    let replaced = checks::successions(&flow, &sales, stock.as_ref(), &calendar, as_of);
    checks::tell_successions(&flow, &replaced, &mut findings);
    if options.config.input.sales_include_backorders {
        let missing = sales.subtract(&backorders);
        checks::not_in_sales(&flow, &missing, &mut findings);
    } else if let Some(stock) = &stock {
        checks::sales_hold_backorders(&flow, &sales, stock, &mut findings);
    }
    if let Some(stock) = stock.as_mut().filter(|_| dates == WeekDates::Day) {
        close_weeks(&flow, &sales, stock, as_of, &mut findings);
    }
    match &stock {
        Some(stock) => checks::stock_rows(&flow, &sales, stock, &mut findings),
        None => checks::no_stock(&sales, &mut findings),
    }
    // What another code took over from is not bought any more.
    for pair in replaced {
        items[pair.old.at()].status = ItemStatus::Discontinued;
    }
    checks::say_once(&mut findings);
    checks::settle(&mut findings);
    // No finding names a line any more.
    raw.stock = None;
    raw.sales.lines = Vec::new();

    let frame_failed = |e: polars::error::PolarsError| InputError::Unreadable {
        file: "sales, stock".to_owned(),
        why: e.to_string(),
    };
    let (sales, stock) = rayon::join(
        || sales.into_frame(),
        || stock.map(StockRows::into_frame).transpose(),
    );
    let records = Records {
        sales: sales.map_err(frame_failed)?,
        stock: stock.map_err(frame_failed)?,
    };
    let mut files = raw.files;
    files.extend(earlier.files.iter().cloned());
    let kept = earlier.kept(as_of, &inbound, &sku_names, &location_names);
    let tables = Tables {
        grain,
        week_dates: dates,
        as_of,
        backorders,
        inbound,
        items,
        location_rows,
        suppliers,
        channel_rows,
        listings,
        calendar,
        files,
        elsewhere: known.elsewhere(&skus, &channels, &locations, last),
        skus: sku_names,
        channels: channel_names,
        locations: location_names,
    };
    Ok(Checked {
        tables,
        records,
        findings,
        kept,
    })
}

/// The dates of sales and, where it is given, of stock.
fn days_of_data<'a>(
    sales: &'a RawTable,
    stock: Option<&'a RawTable>,
) -> impl Iterator<Item = i32> + 'a {
    std::iter::once(sales)
        .chain(stock)
        .flat_map(|t| t.days("date").iter().copied())
        .filter(|&d| d != NO_DAY)
}

/// The last day that is known: as told, or the last date in `sales` or `stock`.
fn as_of(
    raw: &RawTables,
    told: Option<Day>,
    grain: Grain,
    week_dates: WeekDates,
) -> Result<Day, InputError> {
    // Where days within weeks count, weeks are those of the sales.
    let sold = raw.sales.rows() > 0 && week_dates == WeekDates::Day;
    let stock = raw.stock.as_ref().filter(|_| !sold);
    let dates = || days_of_data(&raw.sales, stock);
    if let (None, Some(day)) = (told, raw.last_whole_day) {
        return Ok(day);
    }
    match (told, dates().min()) {
        (Some(as_of), Some(first)) if first > as_of.0 => Err(InputError::NothingBefore {
            as_of: as_of.to_string(),
            first: Day(first).to_string(),
        }),
        (Some(as_of), Some(first)) if grain == Grain::Week => {
            hold_to_weeks(as_of, Day(first), week_dates)
        }
        (Some(as_of), _) => Ok(as_of),
        (None, Some(_)) if week_dates == WeekDates::Day => {
            last_week(raw).ok_or(InputError::NoDates)
        }
        (None, _) => dates().max().map(Day).ok_or(InputError::NoDates),
    }
}

/// What the headers and types of columns leave open.
fn doubtful_columns(raw: &RawTables, findings: &mut Vec<Finding>) {
    for table in raw.all() {
        findings.extend(table.doubts.iter().cloned());
        findings.extend(with_exponents(table));
        if !table.unknown_columns.is_empty() {
            let mut place = table.place(0, None);
            place.line = None;
            place.file = place
                .file
                .or_else(|| table.parts.first().map(|p| p.file.clone()));
            findings.push(
                Finding::new(Severity::Notice, "unknown_columns")
                    .place(place)
                    .count(table.unknown_columns.len() as u64)
                    .figure("table", table.spec.name)
                    .figure("columns", table.unknown_columns.join(", ")),
            );
        }
    }
}

/// Numbers that were written with an exponent: codes, perhaps.
fn with_exponents(table: &RawTable) -> impl Iterator<Item = Finding> + '_ {
    let columns = table.columns.iter().flatten();
    columns.filter_map(|column| {
        let Exponents { count, first } = &column.exponents;
        let (row, typed) = first.as_ref()?;
        let mut place = table.place(*row, Some(column.spec.name));
        place.value = Some(typed.clone());
        let read = table.numbers(column.spec.name).get(*row)?;
        Some(
            Finding::new(Severity::Warning, "number_with_exponent")
                .place(place)
                .count(*count)
                .figure("table", table.spec.name)
                .figure("column", column.spec.name)
                .figure("count", count)
                .figure("value", typed)
                .figure("read", read),
        )
    })
}

/// Rows that were not there yet at the close of as-of.
fn later_rows(raw: &RawTables, as_of: Day, findings: &mut Vec<Finding>) {
    let dated = [
        (Some(&raw.sales), "date"),
        (raw.stock.as_ref(), "date"),
        (raw.backorders.as_ref(), "date"),
        (raw.inbound.as_ref(), "ordered_date"),
    ];
    for (table, column) in dated {
        let Some(table) = table else { continue };
        let mut later = Count::default();
        for (row, &date) in table.days(column).iter().enumerate() {
            if date > as_of.0 {
                later.add(row);
            }
        }
        later.report(table, Severity::Notice, "rows_after_as_of", findings);
    }
}

/// Which names each table uses, in rows up to as-of.
#[derive(Debug)]
pub(super) struct Uses<'r> {
    /// (table, column of a name, what it names, how often).
    pub columns: Vec<(&'r RawTable, &'static str, &'static str, Usage)>,
}

impl<'r> Uses<'r> {
    fn of(raw: &'r RawTables, as_of: Day) -> Self {
        let mut columns = Vec::new();
        let mut add = |table: Option<&'r RawTable>,
                       date: Option<&'static str>,
                       names: &[(&'static str, &'static str)]| {
            let Some(table) = table else { return };
            let dates = date.map_or(&[][..], |d| table.days(d));
            for &(column, kind) in names {
                let usage = Usage::of(table.codes(column), table.names(column).len(), |row| {
                    dates.get(row).is_none_or(|&d| d <= as_of.0)
                });
                columns.push((table, column, kind, usage));
            }
        };
        let sku = ("sku", "sku");
        let channel = ("channel", "channel");
        let location = ("location", "location");
        add(Some(&raw.sales), Some("date"), &[sku, channel]);
        add(raw.stock.as_ref(), Some("date"), &[sku, location]);
        add(raw.backorders.as_ref(), Some("date"), &[sku, channel]);
        add(raw.inbound.as_ref(), Some("ordered_date"), &[sku, location]);
        add(raw.items.as_ref(), None, &[sku]);
        add(raw.channels.as_ref(), None, &[channel, location]);
        add(
            raw.locations.as_ref(),
            None,
            &[location, ("supplied_from", "supplied_from")],
        );
        Self { columns }
    }

    /// The names of one kind that some table uses.
    fn names(&self, kind: &'static str) -> impl Iterator<Item = &str> {
        self.columns
            .iter()
            .filter(move |(_, _, k, _)| *k == kind)
            .flat_map(|(table, column, _, usage)| usage.used(table.names(column)))
    }
}
