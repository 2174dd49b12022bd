//! Rows that were refused, as they were written in the file, with every reason: to be mended and sent again.

use std::sync::{Mutex, PoisonError};

use access::Action;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use kernel::{AgencyId, OperationId, OperationState, Version};
use store::{RejectedRow, Store};
use tokio::sync::mpsc::Sender;

use crate::app::operations::FailedValue;
use crate::app::{AppError, Ctx};
use crate::messages::Lang;
use crate::problems::Problem;
use crate::sheets::{Findings, Reading, note_column};

/// Rows read at once.
const AT_ONCE: u64 = 1_000;

/// Rows written at once.
const SLICE: usize = 1_000;

/// A refused row, or the one that names the columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Its number as the spreadsheet shows it.
    pub row: u32,
    /// Whether it names the columns.
    pub is_heading: bool,
    /// Its cells.
    pub cells: Vec<String>,
    /// Why it was refused.
    pub reasons: Vec<FailedValue>,
}

impl Rejected {
    /// The row as it is written for people to mend: its number in the file and the reasons stand before its own cells, in
    /// columns that are not read when it comes back.
    #[must_use]
    pub fn annotated(&self, lang: Lang) -> Vec<String> {
        let reasons: Vec<_> = self.reasons.iter().map(|reason| told(reason, lang)).collect();
        let notes = match (self.is_heading, lang) {
            (true, Lang::Id) => [note_column("baris"), note_column("alasan")],
            (true, Lang::En) => [note_column("row"), note_column("reasons")],
            (false, _) => [self.row.to_string(), reasons.join(" ")],
        };
        // What is wrong with the names has no other place than beside them.
        let [number, mut reason] = notes;
        if self.is_heading && !reasons.is_empty() {
            reason = format!("{reason}: {}", reasons.join(" "));
        }
        [number, reason].into_iter().chain(self.cells.iter().cloned()).collect()
    }

    fn stored(self) -> RejectedRow {
        RejectedRow {
            row: self.row,
            is_heading: self.is_heading,
            cells: self.cells.into(),
            reasons: serde_json::to_value(self.reasons).unwrap_or_default(),
        }
    }

    fn read(row: RejectedRow) -> Self {
        Self {
            row: row.row,
            is_heading: row.is_heading,
            cells: serde_json::from_value(row.cells).unwrap_or_default(),
            reasons: serde_json::from_value(row.reasons).unwrap_or_default(),
        }
    }
}

/// `nip: NIP terdiri atas 18 angka. [1,98E+17]`
fn told(reason: &FailedValue, lang: Lang) -> String {
    let column = reason.pointer.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
    let text = match lang {
        Lang::Id => &reason.id,
        Lang::En => &reason.en,
    };
    match reason.value.as_deref().filter(|value| !value.is_empty()) {
        Some(value) => format!("{column}: {text} [{value}]"),
        None => format!("{column}: {text}"),
    }
}

/// Where refused rows go.
#[derive(Debug)]
enum To {
    /// Nobody asks for them.
    Nowhere,
    /// Beside the operation.
    Operation(AgencyId, OperationId),
    /// To whoever runs the command.
    Listener(Sender<Rejected>),
}

/// Takes refused rows, after the names of their columns.
#[derive(Debug)]
pub(super) struct Rejects {
    to: To,
    /// The names, until a row needs them.
    heading: Mutex<Option<Rejected>>,
}

impl Rejects {
    pub(super) const fn nowhere() -> Self {
        Self { to: To::Nowhere, heading: Mutex::new(None) }
    }

    pub(super) const fn beside(agency: AgencyId, id: OperationId) -> Self {
        Self { to: To::Operation(agency, id), heading: Mutex::new(None) }
    }

    pub(super) const fn told_to(listener: Sender<Rejected>) -> Self {
        Self { to: To::Listener(listener), heading: Mutex::new(None) }
    }

    /// Keeps the rows of a part that were refused, some at a time: what is wrong with each, in every language, is several
    /// times as long as the row.
    pub(super) async fn note<R>(
        &self,
        store: &Store,
        part: &Reading<R>,
        findings: &Findings,
    ) -> Result<(), AppError> {
        if matches!(self.to, To::Nowhere) {
            return Ok(());
        }
        let cells = |written: &str| serde_json::from_str(written).unwrap_or_default();
        let names = part.heading.as_ref();
        if let Some((row, names)) = names {
            let heading = Rejected { row: *row, is_heading: true, cells: cells(names), reasons: Vec::new() };
            *self.heading.lock().unwrap_or_else(PoisonError::into_inner) = Some(heading);
        }
        let (mut written, mut slice) = (part.written.iter().peekable(), Vec::new());
        for (row, violations) in findings.by_row() {
            let reasons = violations.map(|violation| FailedValue::from(&violation));
            if names.is_some_and(|(heading, _)| *heading == row) {
                let reasons = reasons.collect();
                slice.extend(self.take_heading().map(|heading| Rejected { reasons, ..heading }));
                continue;
            }
            while written.next_if(|(before, _)| *before < row).is_some() {}
            if let Some((_, text)) = written.next_if(|(here, _)| *here == row) {
                slice.extend(self.take_heading());
                let reasons = reasons.collect();
                slice.push(Rejected { row, is_heading: false, cells: cells(text), reasons });
            }
            if slice.len() >= SLICE {
                self.keep(store, std::mem::take(&mut slice)).await?;
            }
        }
        self.keep(store, slice).await
    }

    fn take_heading(&self) -> Option<Rejected> {
        self.heading.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn keep(&self, store: &Store, rows: Vec<Rejected>) -> Result<(), AppError> {
        match &self.to {
            To::Nowhere => {}
            To::Listener(listener) => {
                for row in rows {
                    // Who no longer listens has been told enough.
                    let _ = listener.send(row).await;
                }
            }
            To::Operation(agency, id) => {
                let rows: Vec<RejectedRow> = rows.into_iter().map(Rejected::stored).collect();
                if !rows.is_empty() {
                    store.rejected_rows_add(*agency, *id, &rows).await?;
                }
            }
        }
        Ok(())
    }

    /// Forgets what an earlier attempt left.
    pub(super) async fn begin(&self, store: &Store) -> Result<(), AppError> {
        if let To::Operation(agency, id) = &self.to {
            store.rejected_rows_forget(*agency, *id).await?;
        }
        Ok(())
    }
}

/// The rows an operation refused, in the order of the file, the names of its columns first; and the operation's version:
/// as long as that is the same, so are they.
///
/// # Errors
/// `FORBIDDEN`; `NOT_FOUND` where the operation, or what it refused, is not there: none was, or it was too long ago.
pub async fn rejected_rows(
    ctx: &Ctx,
    id: OperationId,
) -> Result<(Version, impl Stream<Item = Result<Rejected, AppError>> + use<>), AppError> {
    let scope = ctx.scope(Action::Import)?;
    let operation = ctx.read(&scope).operation(id).await?.ok_or(Problem::NotFound)?;
    if operation.state != OperationState::Failed {
        return Err(Problem::NotFound.into());
    }
    let first = ctx.read(&scope).rejected_rows(id, 0, AT_ONCE).await?;
    if first.is_empty() {
        return Err(Problem::NotFound.into());
    }
    let (store, today) = (ctx.services.store.clone(), ctx.today());
    let pages = stream::try_unfold(Some(first), move |page| {
        let (store, scope) = (store.clone(), scope.clone());
        async move {
            let Some(page) = page else { return Ok::<_, AppError>(None) };
            let next = match page.last() {
                Some(last) if u64::try_from(page.len()) == Ok(AT_ONCE) => {
                    Some(store.read(&scope, today).rejected_rows(id, last.row, AT_ONCE).await?)
                }
                _ => None,
            };
            Ok(Some((page, next)))
        }
    });
    let rows = pages.map_ok(|page| stream::iter(page.into_iter().map(|row| Ok(Rejected::read(row)))));
    Ok((operation.version, rows.try_flatten().boxed()))
}

#[cfg(test)]
mod tests {
    use kernel::{Violation, ViolationCode};

    use super::*;
    use crate::sheets::cell_pointer;

    #[test]
    fn notes_stand_first_and_are_told_in_one_language() {
        let violation = Violation::new(cell_pointer(7, "nip"), ViolationCode::NipLength).with("value", "12");
        let row = Rejected {
            row: 7,
            is_heading: false,
            cells: vec!["12".to_owned(), "Sri".to_owned()],
            reasons: vec![FailedValue::from(&violation)],
        };
        let english = row.annotated(Lang::En);
        assert_eq!(english, ["7", "nip: A NIP has 18 digits. [12]", "12", "Sri"]);
        assert!(row.annotated(Lang::Id)[1].contains("18 angka"));
        assert_eq!(Rejected::read(row.clone().stored()), row);

        let unknown = Violation::new(cell_pointer(1, "a/b"), ViolationCode::Unknown);
        let heading = Rejected { is_heading: true, reasons: vec![FailedValue::from(&unknown)], ..row };
        let names = heading.annotated(Lang::En);
        assert_eq!(
            (names[0].as_str(), names[1].as_str()),
            ("#row", "#reasons: a/b: This name is not known.")
        );
    }
}
