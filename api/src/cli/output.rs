//! What commands print: results to standard output, complaints to standard error.

use std::io::{ErrorKind, Write as _};

use crate::cli::CliError;

/// Prints `text` as it is. Who reads may stop early (`bangkom openapi | head`).
pub(super) fn print(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(CliError::io("write the result", error)),
        _ => Ok(()),
    }
}

/// Prints `text` and ends the line.
pub(super) fn print_line(text: &str) -> Result<(), CliError> {
    print(&format!("{text}\n"))
}

/// Says what went wrong, with its causes.
pub(super) fn complain(error: &CliError) {
    // Where not even this can be written, the exit code speaks.
    let _ = writeln!(std::io::stderr(), "bangkom: {}", chain(error));
}

/// An error and its causes in one line each, without those a text before has told already.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let told = error.to_string();
        if !text.contains(&told) {
            text.push_str(": ");
            text.push_str(&told);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer: {source}")]
    struct Telling {
        source: std::fmt::Error,
    }

    #[test]
    fn causes_are_told_once() {
        let cause = std::fmt::Error;
        assert_eq!(chain(&Telling { source: cause }), format!("outer: {cause}"));
        let error = CliError::io("read the file", ErrorKind::NotFound.into());
        assert_eq!(chain(&error), "cannot read the file: entity not found");
    }
}
