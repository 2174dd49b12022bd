//! What was refused in a file, as far as a person can use a list of it.

use kernel::Violation;

/// Violations in the order of the file: the first [`Findings::MAX`], and how many there were besides.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Findings {
    kept: Vec<Violation>,
    more: usize,
}

impl Findings {
    /// How many are kept. A file with a wrong column has one per row: nobody reads further, and a reply that listed
    /// them all would be larger than the file.
    pub const MAX: usize = 1_000;

    /// Notes one.
    pub fn push(&mut self, violation: Violation) {
        if self.kept.len() < Self::MAX {
            self.kept.push(violation);
        } else {
            self.more += 1;
        }
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

/// Where a cell is: its row as the spreadsheet numbers it, and its column by name (RFC 6901).
#[must_use]
pub fn cell_pointer(row: u32, column: &str) -> String {
    format!("/rows/{row}/{}", column.replace('~', "~0").replace('/', "~1"))
}
