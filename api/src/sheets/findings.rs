//! What was refused in a file, as far as a person can use a list of it.

use kernel::Violation;

/// Violations in the order of the file: the first [`Findings::MAX`], and how many there were besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    kept: Vec<Violation>,
    more: usize,
    most: usize,
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
    pub const fn every() -> Self {
        Self { kept: Vec::new(), more: 0, most: usize::MAX }
    }

    /// Notes one.
    pub fn push(&mut self, violation: Violation) {
        if self.kept.len() < self.most {
            self.kept.push(violation);
        } else {
            self.more += 1;
        }
    }

    /// These and `later` ones, in the order of the file.
    #[must_use]
    pub fn join(mut self, later: Self) -> Self {
        self.more += later.more;
        self.kept.extend(later.kept);
        self.kept.sort_by_key(row_of);
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
    #[must_use]
    pub fn kept(&self) -> &[Violation] {
        &self.kept
    }

    /// The ones that were kept, and how many were not.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Violation>, usize) {
        (self.kept, self.more)
    }
}

/// The row a violation is in.
pub(crate) fn row_of(violation: &Violation) -> Option<u32> {
    violation.pointer.split('/').nth(2)?.parse().ok()
}

/// Where a cell is: its row as the spreadsheet numbers it, and its column by name (RFC 6901).
#[must_use]
pub fn cell_pointer(row: u32, column: &str) -> String {
    format!("/rows/{row}/{}", column.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use kernel::ViolationCode;

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
        assert_eq!((joined.kept().len(), joined.total()), (Findings::MAX, 1_200));
        let rows: Vec<_> = joined.kept().iter().filter_map(row_of).collect();
        assert_eq!(rows, (1..=1_000).collect::<Vec<_>>());
    }
}
