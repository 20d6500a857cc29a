//! Writes the bundled example shop into `data/`: `cargo run --example generate-shop`.
//!
//! Everything comes from fixed seeds, so a second run changes no byte. The argument, if any, is the folder.

mod shop;

use std::error::Error;
use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args()
        .nth(1)
        .map_or_else(|| PathBuf::from("data"), PathBuf::from);
    let summary = shop::generate(&folder)?;
    let readme = folder.join("README.md");
    if readme.exists() {
        fs::write(&readme, summary.refresh(&fs::read_to_string(&readme)?))?;
    }
    println!("{}", summary.numbers);
    Ok(())
}
