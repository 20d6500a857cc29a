//! Records that were wrong, offers that stayed open at zero, and items that were not to be bought again.

use super::case::{Case, Evidence, shown};
use super::phantom::QuietSpell;
use crate::domain::{Day, ItemStatus, StockoutCause, StockoutFigures};

/// Key of the sentence for phantom stock, …
const PHANTOM: &str = "record_error_phantom";
/// … for the same with goods that came and sold in between, …
const PHANTOM_AGAIN: &str = "record_error_phantom_again";
/// … and for stock that nobody bought, although it was there.
pub(super) const QUIET: &str = "unclear_quiet";

/// Whether evidence is that of days on which only the record had stock to sell.
pub(super) fn is_quiet(found: &Evidence) -> bool {
    [PHANTOM, PHANTOM_AGAIN, QUIET].contains(&found.key)
}

/// Units that vanish from the record and are worth a word: these, or this share of the stock before.
const JUMP: (f64, f64) = (2.0, 0.1);
/// A season is over when what is ahead is below this share of the year's mean.
const OVER: f64 = 0.4;

/// The quiet spells that the episode is, longest first.
pub(super) fn phantom(
    case: &Case<'_, '_>,
    quiet: &[QuietSpell],
    figures: &mut StockoutFigures,
) -> Vec<Evidence> {
    let days = &case.shelf().days;
    let mut spells: Vec<(f64, &QuietSpell)> = quiet
        .iter()
        .filter(|q| q.sku == days.sku && q.location == days.location)
        .map(|q| (case.share(q.from, q.to), q))
        .filter(|(share, _)| *share > 0.0)
        .collect();
    spells.sort_by(|a, b| b.0.total_cmp(&a.0));
    if let Some((_, longest)) = spells.first() {
        figures.quiet_probability = Some(longest.probability);
    }
    let mut left = 1.0f64;
    spells
        .into_iter()
        .map(|(share, spell)| {
            // Spells at different levels may overlap.
            let share = share.min(left);
            left -= share;
            of_spell(case, spell, share)
        })
        .collect()
}

/// Evidence of a quiet spell that is `share` of the episode.
fn of_spell(case: &Case<'_, '_>, spell: &QuietSpell, share: f64) -> Evidence {
    // Units that sold later were there; why nobody bought them is not in the data.
    let (cause, key) = if spell.sold_later {
        (StockoutCause::Unclear, QUIET)
    } else if spell.days < spell.to - spell.from + 1 {
        (StockoutCause::RecordError, PHANTOM_AGAIN)
    } else {
        (StockoutCause::RecordError, PHANTOM)
    };
    let found = case.evidence(
        cause,
        case.missed * share,
        vec![
            ("on_hand", shown(spell.on_hand)),
            ("days", (spell.to - spell.from + 1).to_string()),
            ("quiet", spell.days.to_string()),
            ("from", spell.from.to_string()),
            ("missed", shown(spell.missed)),
            (
                "probability",
                format!("1/{:.0}", 1.0 / spell.probability.max(1e-12)),
            ),
        ],
    );
    Evidence { key, ..found }
}

/// Units that left the record in the cycle before the stockout without a row that explains it.
pub(super) fn jump(case: &Case<'_, '_>) -> Option<Evidence> {
    let shelf = case.shelf();
    let days = &shelf.days;
    let from = case.anchor + -((shelf.lead + shelf.review).round() as i32);
    let (mut units, mut worst) = (0.0, (0.0, case.anchor));
    let last = days.at(case.anchor)?;
    for t in days.at(from).unwrap_or(0).max(1)..=last {
        let jump = days.unexplained(t);
        if -jump >= f64::max(JUMP.0, JUMP.1 * days.closing[t - 1]) {
            units -= jump;
            if jump < worst.0 {
                worst = (jump, days.day(t));
            }
        }
        // Found again: what came back was not lost.
        if jump > JUMP.0 {
            units = (units - jump).max(0.0);
        }
    }
    (units >= JUMP.0).then(|| {
        let found = case.evidence(
            StockoutCause::RecordError,
            units,
            vec![
                ("units", shown(units)),
                ("day", worst.1.to_string()),
                ("jump", shown(-worst.0)),
            ],
        );
        Evidence {
            key: "record_error_jump",
            ..found
        }
    })
}

/// Negative stock: sold on at zero where nobody may, or booked wrong.
pub(super) fn negative(case: &Case<'_, '_>) -> Option<Evidence> {
    let panel = case.shop.basis.panel;
    if panel.accepts_backorders[case.series] {
        return None;
    }
    let days = &case.shelf().days;
    let end = days.at(case.end)?;
    let start = days.at(case.anchor.min(case.start))?;
    let opening = |t: usize| if t > 0 { days.closing[t - 1] } else { f64::NAN };
    let below = (days.at(case.start)?..=end)
        .filter(|&t| opening(t) < 0.0 || days.closing[t] < 0.0)
        .count();
    if below == 0 {
        return None;
    }
    let share = below as f64 / (end - days.at(case.start)? + 1) as f64;
    // Every unit that took the record further below zero was sold without stock.
    let sold: f64 = (start.saturating_sub(7)..=end)
        .filter(|&t| days.closing[t] < 0.0 && days.sold[t] > 0.0)
        .map(|t| days.sold[t].min(-days.closing[t]))
        .sum();
    let lowest = (start..=end).map(|t| days.closing[t]).fold(0.0, f64::min);
    let figures = vec![
        ("units", shown(sold)),
        ("lowest", shown(lowest)),
        ("days", below.to_string()),
    ];
    if sold > 0.0 {
        Some(case.evidence(StockoutCause::Setting, case.missed * share, figures))
    } else {
        let found = case.evidence(StockoutCause::RecordError, case.missed * share, figures);
        Some(Evidence {
            key: "record_error_negative",
            ..found
        })
    }
}

/// Discontinued or at its season's end, and not ordered any more.
pub(super) fn choice(case: &Case<'_, '_>) -> Option<Evidence> {
    let (place, anchor) = case.origin(case.anchor);
    let shelf = &case.shelves.all[place];
    let lead = shelf.lead.round() as i32;
    // An earlier order was for the days before.
    let from = anchor + -lead;
    let ordered = |from: Day| {
        shelf
            .orders
            .iter()
            .any(|o| o.ordered >= from && o.ordered <= case.end)
    };
    if case.item().status == ItemStatus::Discontinued && !ordered(from) {
        let last = shelf.orders.last().map(|o| o.ordered.to_string());
        let found = case.evidence(
            StockoutCause::Choice,
            case.missed,
            vec![("last", last.unwrap_or_else(|| "-".to_owned()))],
        );
        return Some(Evidence {
            key: "choice_discontinued",
            ..found
        });
    }
    let (mut ahead, mut year) = (0.0, 0.0);
    for e in &case.shelf().expected {
        let (next, n) = e.season(case.start, case.start + 28);
        let (past, m) = e.season(case.start + -365, case.start);
        if n >= 1.0 && m * f64::from(shelf.days.step) >= 300.0 {
            ahead += next / n;
            year += past / m;
        }
    }
    let ratio = if year > 0.0 { ahead / year } else { 1.0 };
    (ratio < OVER && !ordered(anchor + -lead)).then(|| {
        let found = case.evidence(
            StockoutCause::Choice,
            case.missed,
            vec![("share", format!("{:.0}", ratio * 100.0))],
        );
        Evidence {
            key: "choice_season",
            ..found
        }
    })
}
