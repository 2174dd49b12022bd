//! What a transaction writes last: what was done, who was shown whom, and how the gap model moves, in one statement. Each
//! statement sent costs a write more than the rows do.

use access::Pass;
use kernel::{AgencyId, AuditEventId, Event, UserId};
use sea_orm::ConnectionTrait as _;
use serde_json::Value;

use crate::audit::{Look, looks_insert};
use crate::sentence::Sentence;
use crate::{StoreError, Tx};

/// What waits for the end of a transaction.
#[derive(Debug, Default)]
pub(crate) struct Closing {
    entries: Vec<Entry>,
    looks: Vec<Look>,
}

/// Proof that a change stands in the audit trail. Only [`Tx::record`] makes one.
#[derive(Debug)]
#[must_use]
pub struct Recorded<T>(T);

impl<T> Recorded<T> {
    /// The same proof carrying `value`.
    pub fn with<U>(self, value: U) -> Recorded<U> {
        Recorded(value)
    }

    /// What it carries.
    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}

/// An entry of the change feed and, unless something else tells of it there, of the audit trail.
#[derive(Debug)]
struct Entry {
    agency: AgencyId,
    event: Event,
    audited: Option<(Option<UserId>, Option<Value>)>,
}

impl Tx<'_> {
    /// Puts `event` into the audit trail and the change feed, with the commit, and hands out the proof.
    pub fn record(&self, pass: &Pass, event: &Event, changes: Option<Value>) -> Recorded<()> {
        let audited = Some((pass.user(), changes));
        self.closing.borrow_mut().entries.push(Entry {
            agency: pass.agency(),
            event: event.clone(),
            audited,
        });
        Recorded(())
    }

    /// Puts what follows from a recorded change into the change feed as well: somebody in line gets the seat that another
    /// gave up. The trail tells of it with the change.
    pub fn tell(&self, pass: &Pass, event: Event) {
        let entry = Entry { agency: pass.agency(), event, audited: None };
        self.closing.borrow_mut().entries.push(entry);
    }

    /// Notes looks with the commit: a change that fails shows nobody.
    pub fn note_looks(&self, looks: impl IntoIterator<Item = Look>) {
        self.closing.borrow_mut().looks.extend(looks);
    }

    /// Writes what waits for the end; nothing comes after it but the commit.
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        let Closing { entries, looks } = self.closing.take();
        let agency = self.context.agency.uuid();
        let mut sentence = Sentence::new("WITH closing AS (SELECT $1::uuid)", [agency.into()]);
        for (number, entry) in entries.iter().enumerate() {
            self.entry_write(&mut sentence, number, entry);
        }
        if !looks.is_empty() {
            sentence.push(", noted AS (", []);
            looks_insert(&mut sentence, &looks);
            sentence.push(")", []);
        }
        let moved = self.gap_model_keep(&mut sentence).await?;
        if moved || !entries.is_empty() || !looks.is_empty() {
            self.db.execute_raw(sentence.finish()).await?;
        }
        Ok(())
    }

    fn entry_write(&self, sentence: &mut Sentence, number: usize, entry: &Entry) {
        let Entry { agency, event, audited } = entry;
        let Event { resource, id: resource_id, what } = event;
        let (agency, id, at) = (agency.uuid(), AuditEventId::new().uuid(), self.now());
        let kind = event.kind();
        if let Some((user, changes)) = audited {
            sentence.push(
                &format!(
                    ", audited_{number} AS (
                        INSERT INTO audit_events (agency_id, id, at, user_id, request_id, operation, resource,
                            resource_id, what, changes)
                        VALUES ({{}}, {{}}, {{}}, {{}}, {{}}, {{}}, {{}}, {{}}, {{}}, {{}}))"
                ),
                [
                    agency.into(),
                    id.into(),
                    at.into(),
                    user.map(UserId::uuid).into(),
                    self.context.request.uuid().into(),
                    self.context.operation.into(),
                    resource.as_str().into(),
                    (*resource_id).into(),
                    (*what).into(),
                    changes.clone().into(),
                ],
            );
        }
        sentence.push(
            &format!(
                ", fed_{number} AS (
                    INSERT INTO outbox (agency_id, id, at, type, resource_id) VALUES ({{}}, {{}}, {{}}, {{}}, {{}}))"
            ),
            [agency.into(), id.into(), at.into(), kind.into(), (*resource_id).into()],
        );
    }
}
