//! The only way to begin a SELECT.

use access::{People, Scope};
use chrono::NaiveDate;
use kernel::{EmployeeId, Limit, UnitId};
use sea_orm::DatabaseExecutor;
use uuid::Uuid;

use crate::memory::Memory;

/// Which part of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// How many items.
    pub limit: Limit,
    /// The sort key of the last item of the page before.
    pub after: Option<Vec<String>>,
}

impl PageRequest {
    /// The first page of `limit` items.
    #[must_use]
    pub const fn first(limit: Limit) -> Self {
        Self { limit, after: None }
    }

    /// Component `index` of the key to continue after; empty on the first page.
    pub(crate) fn key(&self, index: usize) -> Option<&str> {
        self.after.as_ref().and_then(|key| key.get(index)).map(String::as_str)
    }

    /// The same as an identifier.
    pub(crate) fn id(&self, index: usize) -> Option<Uuid> {
        self.key(index).and_then(|text| Uuid::parse_str(text).ok())
    }

    /// Rows to ask for: one more than fits.
    pub(crate) fn probe(&self) -> i64 {
        i64::from(self.limit.get()) + 1
    }
}

/// Reads what a scope lets be seen.
#[derive(Debug)]
pub struct Reader<'a> {
    pub(crate) db: DatabaseExecutor<'a>,
    pub(crate) scope: &'a Scope,
    pub(crate) today: NaiveDate,
    pub(crate) memory: &'a Memory,
}

/// A scope's people as statement parameters: `$all OR id IN (SELECT people_within(agency, today, $own, $below, $units))`.
#[derive(Clone, Debug)]
pub(crate) struct PeopleFilter {
    pub(crate) all: bool,
    pub(crate) own: Vec<Uuid>,
    pub(crate) below: Vec<Uuid>,
    pub(crate) units: Vec<Uuid>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        db: DatabaseExecutor<'a>,
        scope: &'a Scope,
        today: NaiveDate,
        memory: &'a Memory,
    ) -> Self {
        Self { db, scope, today, memory }
    }

    /// The agency everything is read from.
    pub(crate) fn agency(&self) -> Uuid {
        self.scope.agency().uuid()
    }

    pub(crate) fn people(&self) -> PeopleFilter {
        match self.scope.people() {
            People::All => PeopleFilter { all: true, own: vec![], below: vec![], units: vec![] },
            People::Some { own, below, units } => PeopleFilter {
                all: false,
                own: own.iter().map(|id: &EmployeeId| id.uuid()).collect(),
                below: below.iter().map(|id| id.uuid()).collect(),
                units: units.iter().map(|id: &UnitId| id.uuid()).collect(),
            },
        }
    }
}
