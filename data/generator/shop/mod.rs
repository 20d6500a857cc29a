//! A made-up Japanese shop for outdoor clothing and gear, simulated day by day.
//!
//! `catalogue` says what is sold, `demand` draws what customers want, `script` lists what goes wrong on purpose,
//! `world` lets demand meet stock with `buyer` and `purchasing` ordering, `stockroom` moving units and `backlog` keeping
//! the waiting list, and
//! `tables`, `truth` and `summary` write what came of it.

mod backlog;
mod buyer;
mod calendar;
mod catalogue;
mod demand;
mod purchasing;
mod script;
mod stockroom;
mod stream;
mod styles;
mod summary;
mod tables;
mod truth;
mod world;

use std::error::Error;
use std::fs;
use std::path::Path;

use restock::domain::Day;

pub use summary::Summary;

/// 2024-07-01, a Monday.
const FIRST: Day = Day(19_905);
/// 2026-08-31: the last day that the tables know.
const AS_OF: Day = Day(20_696);
/// Simulated days, both ends included.
const DAYS: usize = (AS_OF.0 - FIRST.0 + 1) as usize;

/// Position of a day in the simulation; negative before it.
fn index(day: Day) -> i32 {
    day - FIRST
}

/// A date written in the script of the shop.
fn date(year: i32, month: u32, day: u32) -> Day {
    Day::from_ymd(year, month, day).expect("the script has real dates only")
}

/// Writes all tables into `folder` and the truth into `folder/truth`.
///
/// # Errors
///
/// When a file cannot be written.
pub fn generate(folder: &Path) -> Result<Summary, Box<dyn Error>> {
    fs::create_dir_all(folder.join("truth"))?;
    let items = catalogue::items();
    let script = script::script();
    let demand = demand::draw(&items, &script);
    let world = world::World::run(&items, &script, demand);
    tables::write(folder, &items, &world)?;
    truth::write(&folder.join("truth"), &items, &world)?;
    Ok(Summary::of(folder, &items, &world)?)
}
