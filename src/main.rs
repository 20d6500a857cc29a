//! `restock`: see `restock --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    restock::cli::main()
}
