//! Rows held against what the agency has: what to write, and what cannot be.
//!
//! A row is first made out (which position, which competency it names), then compared with what is on record, and only
//! what would be written is held against the rules of today ([`Plan::stands`]). What is on record was right when it was
//! recorded, and a file that says it again changes nothing, whatever was abolished, retired or decreed since.

use access::Pass;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AgencyId, AgencyZone, EmployeeId, Name, NipWarning, UserId, Violation, ViolationCode};
use store::{Reader, StoreError, Tx};

use crate::app::imports::progress::Progress;
use crate::app::imports::run::Failure;
use crate::messages::Advice;
use crate::sheets::{Findings, FromRow, Reading, cell_pointer, excerpt};

/// Rows of one statement: enough to make few of them, few enough to tell how far things have come, and to stop.
pub(super) const ROWS_AT_ONCE: usize = 5_000;

/// What is imported by rows of one kind.
pub(super) trait Kind: FromRow + Send + 'static {
    /// How many rows are looked at together. Where rows depend on each other, all of a file's.
    const AT_ONCE: usize;

    /// What all parts of a file are compared with, and what they make of it together.
    type Ground;

    /// What is to be written.
    type Writes: Default;

    /// Keeps what the rows are about to be compared with from changing until the transaction ends.
    async fn lock(tx: &Tx<'_>, pass: &Pass, rows: &[(u32, Self)]) -> Result<(), StoreError>;

    /// Reads what every part is compared with.
    async fn ground(against: &Against<'_>) -> Result<Self::Ground, StoreError>;

    /// Compares the rows with what there is.
    async fn plan(
        against: &Against<'_>,
        ground: &mut Self::Ground,
        reading: &Reading<Self>,
    ) -> Result<Plan<Self::Writes>, StoreError>;

    /// Writes what was planned.
    async fn write(
        tx: &Tx<'_>,
        pass: &Pass,
        against: &Against<'_>,
        writes: &Self::Writes,
        progress: &Progress,
    ) -> Result<(), Failure>;
}

/// What rows are held against.
#[derive(Debug)]
pub(super) struct Against<'a> {
    /// Everything the agency has.
    pub(super) reader: &'a Reader<'a>,
    /// The agency.
    pub(super) agency: AgencyId,
    /// Who imports; nobody for a command.
    pub(super) user: Option<UserId>,
    /// The calendar day in the agency.
    pub(super) today: NaiveDate,
    /// The present.
    pub(super) now: DateTime<Utc>,
    /// By which clocks the agency goes.
    pub(super) zone: AgencyZone,
    /// The civil servants the importer is.
    pub(super) oneself: &'a [EmployeeId],
}

/// What came of comparing.
#[derive(Debug)]
pub(super) struct Plan<W> {
    /// Rows that say something new.
    pub(super) created: usize,
    /// Rows that change something.
    pub(super) updated: usize,
    /// Rows that say what is on record.
    pub(super) unchanged: usize,
    /// What cannot stand.
    pub(super) findings: Findings,
    /// What is odd and stands.
    pub(super) warnings: Warnings,
    /// What is to be written.
    pub(super) writes: W,
}

impl<W: Default> Default for Plan<W> {
    fn default() -> Self {
        Self {
            created: 0,
            updated: 0,
            unchanged: 0,
            // Of a part of a file all are told.
            findings: Findings::every(),
            warnings: Warnings::default(),
            writes: W::default(),
        }
    }
}

impl<W> Plan<W> {
    /// Notes that the value in a cell cannot stand.
    pub(super) fn refuse(&mut self, row: u32, column: &str, code: ViolationCode, seen: impl ToString) {
        self.findings.push(refused(row, column, code, seen));
    }

    /// The same, saying what to do about it.
    pub(super) fn refuse_with(
        &mut self,
        row: u32,
        column: &str,
        code: ViolationCode,
        seen: impl ToString,
        advice: Advice,
    ) {
        self.findings.push(refused(row, column, code, seen).with(Advice::ARGUMENT, advice));
    }

    /// Whether so many rows say what is on record. Then they are counted, and nothing more is asked of them.
    pub(super) const fn stands(&mut self, is_on_record: bool, rows: usize) -> bool {
        if is_on_record {
            self.unchanged += rows;
        }
        is_on_record
    }

    /// What `read` makes of a name from a closed list; noted when it is none of `allowed`.
    pub(super) fn named<T>(
        &mut self,
        row: u32,
        column: &str,
        text: &Name,
        read: impl FnOnce(&str) -> Option<T>,
        allowed: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Option<T> {
        let value = read(text.as_str());
        if value.is_none() {
            let names: Vec<_> = allowed.into_iter().map(|name| name.as_ref().to_owned()).collect();
            let violation = refused(row, column, ViolationCode::NotAllowedValue, text);
            self.findings.push(violation.with("allowed", names.join(", ")));
        }
        value
    }
}

/// A value in a cell that cannot stand.
pub(super) fn refused(row: u32, column: &str, code: ViolationCode, seen: impl ToString) -> Violation {
    Violation::new(cell_pointer(row, column), code).with("value", excerpt(&seen.to_string()))
}

/// Something odd that does not keep a row out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The row, as the spreadsheet numbers it.
    pub row: u32,
    /// The column.
    pub column: &'static str,
    /// What is odd.
    pub code: NipWarning,
}

/// The first of them, and how many there are.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    pub(super) kept: Vec<Warning>,
    pub(super) total: usize,
}

impl Warnings {
    pub(super) fn push(&mut self, warning: Warning) {
        self.total += 1;
        if self.kept.len() < Findings::MAX {
            self.kept.push(warning);
        }
    }

    /// These and `later` ones.
    pub(super) fn join(&mut self, later: Self) {
        self.total += later.total;
        let room = Findings::MAX.saturating_sub(self.kept.len());
        self.kept.extend(later.kept.into_iter().take(room));
    }
}

/// Writes what rows made a part at a time, and tells how far that has come.
pub(super) async fn in_parts<T>(
    all: &[T],
    progress: &Progress,
    write: impl AsyncFn(&[T]) -> Result<(), StoreError>,
) -> Result<(), Failure> {
    for some in all.chunks(ROWS_AT_ONCE) {
        write(some).await?;
        progress.step(some.len())?;
    }
    Ok(())
}

/// The same for what stands beside the rows and is not counted again.
pub(super) async fn beside<T>(
    all: &[T],
    progress: &Progress,
    write: impl AsyncFn(&[T]) -> Result<(), StoreError>,
) -> Result<(), Failure> {
    for some in all.chunks(ROWS_AT_ONCE) {
        write(some).await?;
        progress.step(0)?;
    }
    Ok(())
}
