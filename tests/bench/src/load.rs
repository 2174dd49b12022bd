//! Load from outside: `wrk` for HTTP, `pgbench` for SQL.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Options;
use crate::place::Place;

/// One measurement.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Measured {
    /// Requests or transactions per second.
    pub(crate) per_second: f64,
    /// Half of them took no longer than this, in milliseconds.
    pub(crate) p50: f64,
    /// 99 of 100 took no longer than this, in milliseconds.
    pub(crate) p99: f64,
}

/// Where the scripts are.
fn script(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/load")).join(name)
}

/// Installs what a Debian machine lacks.
pub(crate) fn install_tools(peer: bool) {
    let mut missing = Vec::new();
    let has = |program: &str| {
        Command::new("sh").args(["-c", &format!("command -v {program}")]).output().unwrap().status.success()
    };
    for (program, package) in [("wrk", "wrk"), ("pgbench", "postgresql-contrib"), ("npm", "npm")] {
        if !has(program) && (peer || program != "npm") {
            missing.push(package);
        }
    }
    if missing.is_empty() {
        return;
    }
    let root = if has("sudo") { "sudo " } else { "" };
    let line = format!(
        "{root}apt-get update -qq && {root}apt-get install -y -qq --no-install-recommends {}",
        missing.join(" ")
    );
    assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success(), "{line}");
}

/// Asks `base` by a script of `wrk` with these arguments; `offset` counts the requests that were made by the script before.
pub(crate) fn wrk(options: &Options, seconds: u64, base: &str, name: &str, arguments: &[&str]) -> Measured {
    let threads = options.connections.min(2).to_string();
    let output = Command::new("wrk")
        .args(["--latency", "-t", &threads, "-c", &options.connections.to_string()])
        .args(["-d", &format!("{seconds}s"), "--timeout", "30s", "-s"])
        .arg(script(name))
        .arg(base)
        .arg("--")
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    for failed in ["Non-2xx", "Socket errors"] {
        assert!(!text.contains(failed), "{name}: {text}");
    }
    // Before that come the parts of other figures that lie near their average.
    let times = text.split_once("Latency Distribution").unwrap_or_else(|| panic!("{text}")).1;
    Measured {
        per_second: number(&text, "Requests/sec:"),
        p50: milliseconds(times, "50%"),
        p99: milliseconds(times, "99%"),
    }
}

/// Runs a script of `pgbench` with so many clients.
pub(crate) fn pgbench(
    place: &Place,
    seconds: u64,
    name: &str,
    clients: u32,
    variables: &[(&str, &str)],
) -> Measured {
    let mut command = Command::new("pgbench");
    command.args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--client", &clients.to_string()]);
    command.args(["--time", &seconds.to_string(), "--file"]).arg(script(name));
    for (name, value) in variables {
        command.arg("--define").arg(format!("{name}={value}"));
    }
    let output = command.arg(place.url()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let average = number(&text, "latency average =");
    Measured { per_second: number(&text, "tps ="), p50: average, p99: average }
}

/// The number after a label.
fn number(text: &str, label: &str) -> f64 {
    let rest = text.split_once(label).unwrap_or_else(|| panic!("no {label:?} in {text}")).1;
    rest.split_whitespace()
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or_else(|| panic!("{label}: {text}"))
}

/// The length of time after a label, as `wrk` writes it.
fn milliseconds(text: &str, label: &str) -> f64 {
    let rest = text.split_once(label).unwrap_or_else(|| panic!("no {label:?} in {text}")).1;
    let word = rest.split_whitespace().next().unwrap_or_default();
    let (factor, digits) = if let Some(digits) = word.strip_suffix("us") {
        (0.001, digits)
    } else if let Some(digits) = word.strip_suffix("ms") {
        (1.0, digits)
    } else {
        (1000.0, word.trim_end_matches('s'))
    };
    digits.parse::<f64>().unwrap_or_else(|_| panic!("{label}: {text}")) * factor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_with_their_units() {
        let text = "  Latency Distribution\n     50%  860.00us\n     75%    1.02ms\n     90%    1.20ms\n     99%    1.05s\nRequests/sec:  12345.67\n";
        assert!((milliseconds(text, "50%") - 0.86).abs() < 1e-9);
        assert!((milliseconds(text, "99%") - 1050.0).abs() < 1e-9);
        assert!((number(text, "Requests/sec:") - 12345.67).abs() < 1e-9);
        assert!((number("latency average = 0.941 ms\ntps = 8501.2 (x)", "tps =") - 8501.2).abs() < 1e-9);
    }
}
