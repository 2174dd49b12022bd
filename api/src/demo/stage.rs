//! Where the demo's story is told: who acts in which role, when, and that however often it is told it happens once.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use access::{Actor, Role, Scope};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kernel::{EmployeeId, Name, RequestId};
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::{AuditFilter, PageRequest, Reader, Written};
use uuid::Uuid;
use workforce::Agency;

use super::OFFICE_OPENS;
use crate::app::{AppError, Ctx, IdempotencyKey, IfMatch, Services};
use crate::cli::{Wanted, token};
use crate::problems::Problem;

/// Somebody of the agency by name.
pub(super) type Somebody = (EmployeeId, Name);

/// An agency in which people act one after the other. Every act has a number, under which it is known as done: a story that
/// was cut short is told from its beginning, and goes on where it ended.
pub(super) struct Stage<'a> {
    services: &'a Services,
    agency: Agency,
    /// When the agency was founded: days are counted from there, so that it is the same story when it is told again.
    founded: DateTime<Utc>,
    actors: BTreeMap<(Role, Option<EmployeeId>), Actor>,
    acts: u32,
}

impl<'a> Stage<'a> {
    /// The stage of an agency of the demo.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn new(services: &'a Services, agency: Agency) -> Result<Self, AppError> {
        let scope = Scope::system(agency.id, "the demo's story is told from the day of the founding on");
        let reader = services.store.read(&scope, agency.zone.day(services.clock.now()));
        let filter = AuditFilter { resource_id: Some(agency.id.uuid()), ..AuditFilter::default() };
        let mut page = PageRequest::first(kernel::Limit::DEFAULT);
        let mut founded = services.clock.now();
        loop {
            let part = reader.audit_events(&filter, &page).await?;
            founded = part.items.last().map_or(founded, |first| first.at);
            match part.next {
                Some(after) => page.after = Some(after),
                None => break,
            }
        }
        Ok(Self { services, agency, founded, actors: BTreeMap::new(), acts: 0 })
    }

    /// How many acts there were.
    pub(super) const fn acts(&self) -> u32 {
        self.acts
    }

    /// What the story's author knows.
    pub(super) fn scope(&self) -> Scope {
        Scope::system(self.agency.id, "the demo chooses whom its story is about")
    }

    /// Reads as of the day of the founding.
    pub(super) fn read<'b>(&'b self, scope: &'b Scope) -> Reader<'b> {
        self.services.store.read(scope, self.day(0))
    }

    /// The day of the founding and so many days.
    pub(super) fn day(&self, days: i64) -> NaiveDate {
        self.agency.zone.day(self.founded) + TimeDelta::days(days)
    }

    /// So many hours after the office opens, so many days from the founding.
    pub(super) fn at(&self, days: i64, hours: i64) -> DateTime<Utc> {
        (self.day(days).and_time(OFFICE_OPENS) + TimeDelta::hours(hours)).and_utc()
    }

    /// The next act, of a user who has this role and no other, on a day that is over or today.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn act(
        &mut self,
        role: Role,
        person: Option<&Somebody>,
        days: i64,
    ) -> Result<Ctx, AppError> {
        self.acts += 1;
        let key = (role, person.map(|(id, _)| *id));
        let actor = match self.actors.get(&key) {
            Some(actor) => actor.clone(),
            None => {
                let actor = self.cast(role, person).await?;
                self.actors.insert(key, actor.clone());
                actor
            }
        };
        Ok(Ctx {
            services: self.services.clone(),
            actor,
            zone: self.agency.zone,
            request: RequestId::new(),
            operation: "demo",
            now: self.at(days, 1).min(self.founded),
            if_match: Some(IfMatch::Any),
            idempotency: Some(IdempotencyKey {
                key: format!("demo-{}", self.acts),
                head: Vec::new(),
                body: Arc::new(OnceLock::new()),
            }),
            exporting: false,
        })
    }

    async fn cast(&self, role: Role, person: Option<&Somebody>) -> Result<Actor, AppError> {
        let wanted = Wanted {
            agency: self.agency.clone(),
            role,
            employee: person.cloned(),
            unit: None,
            scopes: Vec::new(),
        };
        let (user, grant) = token::holder(self.services, &wanted).await?;
        Ok(Actor { user, agency: self.agency.id, grants: vec![grant] })
    }
}

/// What a client would send.
///
/// # Errors
/// A body that the contract does not know.
pub(super) fn body<T: DeserializeOwned>(said: Value) -> Result<T, AppError> {
    serde_json::from_value(said).map_err(|error| {
        log::error!("the demo says what the contract does not know: {error}");
        Problem::Internal.into()
    })
}

/// The id of what an act made or changed.
///
/// # Errors
/// A reply without one.
pub(super) fn made(written: Written) -> Result<Uuid, AppError> {
    let (Written::Done(reply) | Written::Replayed(reply)) = written else {
        return Err(Problem::IdempotencyKeyReused.into());
    };
    let id = reply.body.as_ref().and_then(|body| body.get("id")?.as_str()?.parse().ok());
    Ok(id.ok_or(Problem::Internal)?)
}
