//! Codes that clients may know already.

use std::collections::BTreeSet;

use api::problems::Problem;

/// A code that was published keeps its name and its status for ever; a new one is added to the list.
#[test]
fn problem_codes_are_frozen() {
    let frozen: BTreeSet<_> = include_str!("problem_codes.txt").lines().map(ToOwned::to_owned).collect();
    let spec = |problem: &Problem| format!("{} {}", problem.spec().code, problem.spec().status);
    let now: BTreeSet<_> = Problem::ALL.iter().map(spec).collect();
    assert_eq!(frozen.difference(&now).collect::<Vec<_>>(), [""; 0], "codes that are gone or changed");
    assert_eq!(now.difference(&frozen).collect::<Vec<_>>(), [""; 0], "codes to add to problem_codes.txt");
}
