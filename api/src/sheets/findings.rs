//! What was refused in a file, as far as a person can use a list of it.

use std::collections::HashSet;
use std::sync::Arc;

use kernel::{Violation, ViolationCode};

/// Violations in the order of the file: the first [`Findings::MAX`], and how many there were besides.
#[derive(Clone, Debug)]
pub struct Findings {
    kept: Vec<Noted>,
    more: usize,
    most: usize,
    /// What many of them say, once.
    texts: HashSet<Arc<str>>,
}

/// A violation in little: a file may have a million, and most of them differ by their row alone.
#[derive(Clone, Debug)]
struct Noted {
    /// The row it is in, if it is in one.
    row: Option<u32>,
    code: ViolationCode,
    /// Its pointer, from behind the row on.
    place: Arc<str>,
    args: Box<[(&'static str, Arc<str>)]>,
}

impl Noted {
    fn violation(&self) -> Violation {
        let pointer = match self.row {
            Some(row) => format!("/rows/{row}{}", self.place),
            None => self.place.to_string(),
        };
        let args = self.args.iter().map(|(name, value)| (*name, value.to_string())).collect();
        Violation { pointer, code: self.code, args }
    }
}

impl Default for Findings {
    fn default() -> Self {
        Self { most: Self::MAX, ..Self::every() }
    }
}

impl Findings {
    /// How many are kept. A file with a wrong column has one per row: nobody reads further, and a reply that listed
    /// them all would be larger than the file.
    pub const MAX: usize = 1_000;

    /// None yet, and all of them will be kept: those of a part of a file.
    #[must_use]
    pub fn every() -> Self {
        Self { kept: Vec::new(), more: 0, most: usize::MAX, texts: HashSet::new() }
    }

    /// Notes one.
    pub fn push(&mut self, violation: Violation) {
        if self.kept.len() >= self.most {
            self.more += 1;
            return;
        }
        let (row, place) = apart(&violation.pointer);
        let place = self.shared(place);
        let args = violation.args.into_iter().map(|(name, value)| {
            // What was seen is another thing in every row; what is allowed is not.
            let own = matches!(name, "value" | "first");
            (name, if own { Arc::from(value) } else { self.shared(&value) })
        });
        let args = args.collect();
        self.kept.push(Noted { row, code: violation.code, place, args });
    }

    fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return known.clone();
        }
        let text: Arc<str> = Arc::from(text);
        self.texts.insert(text.clone());
        text
    }

    /// These and `later` ones, in the order of the file.
    #[must_use]
    pub fn join(mut self, later: Self) -> Self {
        self.more += later.more;
        self.kept.extend(later.kept);
        self.kept.sort_by_key(|one| one.row);
        self.more += self.kept.len().saturating_sub(self.most);
        self.kept.truncate(self.most);
        self
    }

    /// Whether nothing was refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// All that were found, kept or not.
    #[must_use]
    pub fn total(&self) -> usize {
        self.kept.len() + self.more
    }

    /// The ones that were kept.
    pub fn kept(&self) -> impl Iterator<Item = Violation> {
        self.kept.iter().map(Noted::violation)
    }

    /// The ones that were kept, row by row, where they stand in the order of the file.
    pub(crate) fn by_row(&self) -> impl Iterator<Item = (u32, impl Iterator<Item = Violation>)> {
        let rows = self.kept.chunk_by(|one, next| one.row == next.row);
        rows.filter_map(|some| Some((some.first()?.row?, some.iter().map(Noted::violation))))
    }

    /// The ones that were kept, and how many were not.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Violation>, usize) {
        (self.kept().collect(), self.more)
    }
}

/// The row a pointer is about, and what it says beyond that.
fn apart(pointer: &str) -> (Option<u32>, &str) {
    let within =
        pointer.strip_prefix("/rows/").map(|rest| rest.split_at(rest.find('/').unwrap_or(rest.len())));
    match within.map(|(row, place)| (row.parse(), place)) {
        Some((Ok(row), place)) => (Some(row), place),
        _ => (None, pointer),
    }
}

/// Where a cell is: its row as the spreadsheet numbers it, and its column by name (RFC 6901).
#[must_use]
pub fn cell_pointer(row: u32, column: &str) -> String {
    format!("/rows/{row}/{}", column.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_findings_follow_the_file_and_none_goes_uncounted() {
        let at = |row| Violation::new(cell_pointer(row, "code"), ViolationCode::NotFound);
        let (mut odd, mut even) = (Findings::default(), Findings::default());
        for row in 1..=600 {
            odd.push(at(2 * row - 1));
            even.push(at(2 * row));
        }
        let joined = odd.join(even);
        assert_eq!((joined.kept().count(), joined.total()), (Findings::MAX, 1_200));
        let rows: Vec<_> = joined.by_row().map(|(row, some)| (row, some.count())).collect();
        assert_eq!(rows, (1..=1_000).map(|row| (row, 1)).collect::<Vec<_>>());
    }

    #[test]
    fn a_violation_comes_out_as_it_went_in_and_says_once_what_others_say() {
        let refused = |row, value: &str| {
            let violation = Violation::new(cell_pointer(row, "a/b"), ViolationCode::NotAllowedValue);
            violation.with("allowed", "PNS, PPPK").with("value", value)
        };
        let elsewhere = Violation::new("/query/kind", ViolationCode::Unknown);
        let all =
            [refused(7, "x"), refused(8, "y"), elsewhere, Violation::new("/rows/9", ViolationCode::Cycle)];
        let mut findings = Findings::every();
        all.iter().for_each(|one| findings.push(one.clone()));
        assert_eq!(findings.kept().collect::<Vec<_>>(), all);
        assert!(Arc::ptr_eq(&findings.kept[0].args[0].1, &findings.kept[1].args[0].1));
        assert!(std::mem::size_of::<Noted>() <= 48);
        let rows: Vec<_> = findings.by_row().map(|(row, _)| row).collect();
        assert_eq!(rows, [7, 8, 9]);
    }
}
