//! The program `bangkom`; everything it does stands in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    api::cli::main()
}
