//! Who has which roles where, kept in memory: every request asks for it, and it changes seldom.
//!
//! What is kept is true because a change empties it:
//!
//! * A transaction of this process that changed users, roles or agencies empties it before [`Store::write`] returns.
//! * A change by anybody else is announced by triggers on those tables when it commits; [`Store::follow_directory`] listens.
//! * Listening is proven, not assumed: the listener announces something to itself every second and must hear it. Announcements
//!   arrive in the order of commits, so hearing one's own proves that everything committed before was heard. As long as the
//!   last proof is older than [`PROOF_LASTS`], and before the first one, nothing is kept and every question goes to the
//!   database. A connection that died without a word is thus believed for that long at most.
//! * An answer that was on its way when something changed is given and not kept: each question begins with a [`Ticket`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use access::Grant;
use kernel::{AgencyId, AgencyZone, Code, UserId};
use sea_orm::sqlx;
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions};
use tokio::sync::{Notify, watch};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::{Recent, Store, StoreError};

/// What the triggers announce changes on.
const CHANNEL: &str = "bangkom_directory";
/// How often the listener proves that it hears.
const BEAT: Duration = Duration::from_secs(1);
/// How long a proof lasts: after that, nothing is believed until there is a new one.
const PROOF_LASTS: Duration = Duration::from_secs(3);
/// How long the listener waits for the database before it tries another connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// The shortest and the longest pause between two connections.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Half of how many users are kept, and half of how many agencies.
const HALF: usize = 8_192;

/// A user and the live roles they have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownUser {
    /// The user.
    pub id: UserId,
    /// Their roles, each agency once.
    pub agencies: Vec<(AgencyId, Vec<Grant>)>,
}

/// An agency as a request needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownAgency {
    /// Its id.
    pub id: AgencyId,
    /// Its time zone.
    pub zone: AgencyZone,
}

/// The memory, and how far it can be believed.
#[derive(Debug)]
pub(crate) struct Directory {
    state: Mutex<State>,
    /// Until when changes were heard, for those who wait for it; nothing while there is no proof.
    heard: watch::Sender<Option<Instant>>,
    /// Asks the listener for a proof now.
    nudge: Notify,
    /// Set when the store is closed.
    closing: watch::Sender<bool>,
    /// Held by the listener as long as it has a connection.
    listening: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State {
    /// The instant before which every change was heard.
    heard: Option<Instant>,
    /// How often everything was forgotten.
    generation: u64,
    users: Recent<String, Arc<KnownUser>>,
    agencies: Recent<AgencyId, KnownAgency>,
    codes: Recent<Code, KnownAgency>,
}

/// When a question was asked: its answer is kept only if nothing changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ticket(Option<u64>);

impl Default for Directory {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                heard: None,
                generation: 0,
                users: Recent::new(HALF),
                agencies: Recent::new(HALF),
                codes: Recent::new(HALF),
            }),
            heard: watch::Sender::new(None),
            nudge: Notify::new(),
            closing: watch::Sender::new(false),
            listening: tokio::sync::Mutex::default(),
        }
    }
}

impl State {
    fn forget(&mut self) {
        self.generation += 1;
        self.users.clear();
        self.agencies.clear();
        self.codes.clear();
    }

    fn is_believed(&self, now: Instant) -> bool {
        self.heard.is_some_and(|heard| now.saturating_duration_since(heard) < PROOF_LASTS)
    }
}

impl Directory {
    // A panic elsewhere leaves the state whole: at worst an entry is missing.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something changed.
    pub(crate) fn forget(&self) {
        self.state().forget();
    }

    /// What is kept, or the leave to keep an answer that is looked up from now on.
    fn look<T>(&self, now: Instant, find: impl FnOnce(&mut State) -> Option<T>) -> Result<T, Ticket> {
        let mut state = self.state();
        if state.is_believed(now) {
            find(&mut state).ok_or(Ticket(Some(state.generation)))
        } else {
            if state.heard.take().is_some() {
                state.forget();
            }
            Err(Ticket(None))
        }
    }

    /// Keeps an answer, unless something changed since the question was asked.
    fn keep(&self, ticket: Ticket, put: impl FnOnce(&mut State)) {
        let mut state = self.state();
        if ticket.0 == Some(state.generation) {
            put(&mut state);
        }
    }

    /// Everything committed before `until` was heard.
    fn prove(&self, until: Instant) {
        {
            let mut state = self.state();
            if state.heard.replace(until).is_none() {
                // What was asked while nobody listened may have changed since.
                state.forget();
            }
        }
        self.heard.send_replace(Some(until));
    }

    /// Nobody listens any more; whether anybody did.
    fn lose(&self) -> bool {
        let mut state = self.state();
        state.heard = None;
        state.forget();
        drop(state);
        self.heard.send_replace(None).is_some()
    }

    /// Tells the listener to end, and waits until it has.
    pub(crate) async fn close(&self) {
        self.closing.send_replace(true);
        drop(self.listening.lock().await);
    }
}

impl Store {
    /// The user a token names with their live roles in every agency; nothing for somebody nobody gave a role to.
    ///
    /// # Errors
    /// The database's.
    pub async fn known_user(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<Arc<KnownUser>>, StoreError> {
        // No issuer or subject holds a control character.
        let key = [issuer, "\0", subject].concat();
        let ticket = match self.directory.look(Instant::now(), |state| state.users.get(&key).cloned()) {
            Ok(known) => return Ok(Some(known)),
            Err(ticket) => ticket,
        };
        let Some((user, grants)) = self.user_with_grants(issuer, subject).await? else { return Ok(None) };
        let mut agencies: Vec<(AgencyId, Vec<Grant>)> = Vec::new();
        for (agency, grant) in grants {
            match agencies.iter_mut().find(|(known, _)| *known == agency) {
                Some((_, held)) => held.push(grant),
                None => agencies.push((agency, vec![grant])),
            }
        }
        let known = Arc::new(KnownUser { id: user.id, agencies });
        self.directory.keep(ticket, |state| state.users.insert(key, known.clone()));
        Ok(Some(known))
    }

    /// The agency with this id.
    ///
    /// # Errors
    /// The database's.
    pub async fn known_agency(&self, id: AgencyId) -> Result<Option<KnownAgency>, StoreError> {
        let ticket = match self.directory.look(Instant::now(), |state| state.agencies.get(&id).copied()) {
            Ok(known) => return Ok(Some(known)),
            Err(ticket) => ticket,
        };
        let Some(agency) = self.agency(id).await? else { return Ok(None) };
        let known = KnownAgency { id, zone: agency.zone };
        self.directory.keep(ticket, |state| state.agencies.insert(id, known));
        Ok(Some(known))
    }

    /// The agency with this code.
    ///
    /// # Errors
    /// The database's.
    pub async fn known_agency_by_code(&self, code: &Code) -> Result<Option<KnownAgency>, StoreError> {
        let ticket = match self.directory.look(Instant::now(), |state| state.codes.get(code).copied()) {
            Ok(known) => return Ok(Some(known)),
            Err(ticket) => ticket,
        };
        let Some(agency) = self.agency_by_code(code).await? else { return Ok(None) };
        let known = KnownAgency { id: agency.id, zone: agency.zone };
        self.directory.keep(ticket, |state| state.codes.insert(code.clone(), known));
        Ok(Some(known))
    }

    /// Waits until everything that anybody committed before this call is known here. While nobody listens that is so at
    /// once: then every question goes to the database.
    pub async fn directory_settled(&self) {
        let asked = Instant::now();
        let mut heard = self.directory.heard.subscribe();
        self.directory.nudge.notify_one();
        // The sender lives as long as the store.
        let _ = heard.wait_for(|heard| heard.is_none_or(|until| until >= asked)).await;
    }

    /// Waits until somebody listens, or until nobody does any more.
    pub async fn directory_followed(&self, followed: bool) {
        let mut heard = self.directory.heard.subscribe();
        let _ = heard.wait_for(|heard| heard.is_some() == followed).await;
    }

    /// Listens for changes of users, roles and agencies until the store is closed. Without it nothing is kept in memory and
    /// every question goes to the database.
    pub async fn follow_directory(&self) {
        let mut closing = self.directory.closing.subscribe();
        let mut pause = PAUSES.0;
        let mut told = false;
        while !*closing.borrow() {
            let listening = self.directory.listening.lock().await;
            let pool = PgPoolOptions::new()
                .max_connections(1)
                .idle_timeout(None)
                .max_lifetime(None)
                .acquire_timeout(PATIENCE)
                .test_before_acquire(false)
                .connect_lazy_with((*self.listener).clone());
            let lost = tokio::select! {
                lost = self.listen(&pool) => Some(lost),
                _ = closing.wait_for(|closing| *closing) => None,
            };
            let followed = self.directory.lose();
            if let Some(lost) = lost.as_ref().filter(|_| followed || !told) {
                told = true;
                log::warn!(
                    "changes of roles are not heard; every request asks the database until they are: {lost}"
                );
            }
            // A connection nothing comes back from is left to the operating system.
            let _ = timeout(PAUSES.0, pool.close()).await;
            drop(listening);
            if lost.is_some() {
                pause = if followed { PAUSES.0 } else { (pause * 2).min(PAUSES.1) };
                tokio::select! {
                    () = sleep(pause) => {}
                    _ = closing.wait_for(|closing| *closing) => {}
                }
            }
        }
    }

    /// Listens on a connection of its own for as long as that goes well; returns what went wrong.
    async fn listen(&self, pool: &PgPool) -> String {
        match self.try_listen(pool).await {
            Ok(reason) => reason.to_owned(),
            Err(error) => error.to_string(),
        }
    }

    async fn try_listen(&self, pool: &PgPool) -> Result<&'static str, sqlx::Error> {
        const SILENT: &str = "the database does not answer";
        let Ok(listener) = timeout(PATIENCE, PgListener::connect_with(pool)).await else { return Ok(SILENT) };
        let mut listener = listener?;
        listener.eager_reconnect(false);
        // Other servers need not hear this one prove itself.
        let process: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut listener).await?;
        let own = format!("{CHANNEL}_{process}");
        listener.listen_all([CHANNEL, own.as_str()]).await?;

        let begun = Instant::now();
        let mut proven = None;
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            // Receiving may be broken off at any point and taken up again.
            tokio::select! {
                received = listener.try_recv() => match received? {
                    None => return Ok("the connection was lost"),
                    Some(heard) if heard.channel() == own => {
                        let until = heard.payload().parse().ok().map(Duration::from_nanos);
                        if let Some(until) = until.and_then(|since| begun.checked_add(since)) {
                            if proven.replace(until).is_none() {
                                log::info!("changes of roles are heard: they are kept in memory from now on");
                            }
                            self.directory.prove(until);
                        }
                    }
                    Some(_change) => self.directory.forget(),
                },
                () = async { tokio::select! { _ = beat.tick() => {}, () = self.directory.nudge.notified() => {} } } => {
                    if proven.unwrap_or(begun).elapsed() > PATIENCE {
                        return Ok(SILENT);
                    }
                    let since = begun.elapsed().as_nanos().to_string();
                    let announce = sqlx::query("SELECT pg_notify($1, $2)").bind(&own).bind(since);
                    match timeout(PATIENCE, announce.execute(&mut listener)).await {
                        Ok(done) => {
                            done?;
                        }
                        Err(_elapsed) => return Ok(SILENT),
                    }
                }
            }
        }
    }
}

/// How the listener connects to the database at `url`.
pub(crate) fn listener(url: &str) -> Result<PgConnectOptions, StoreError> {
    let options: PgConnectOptions = url.parse().map_err(|error: sqlx::Error| {
        StoreError::from(sea_orm::DbErr::Conn(sea_orm::RuntimeErr::SqlxError(Arc::new(error))))
    })?;
    Ok(options.application_name("bangkom directory").disable_statement_logging())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: AgencyId = kernel::NATIONAL;

    fn agency(zone: AgencyZone) -> KnownAgency {
        KnownAgency { id: ID, zone }
    }

    fn ask(directory: &Directory, now: Instant) -> Result<KnownAgency, Ticket> {
        directory.look(now, |state| state.agencies.get(&ID).copied())
    }

    fn put(directory: &Directory, ticket: Ticket, zone: AgencyZone) {
        directory.keep(ticket, |state| state.agencies.insert(ID, agency(zone)));
    }

    #[test]
    fn an_answer_is_kept_until_something_changes() {
        let (directory, now) = (Directory::default(), Instant::now());
        directory.prove(now);
        put(&directory, ask(&directory, now).unwrap_err(), AgencyZone::Wib);
        assert_eq!(ask(&directory, now), Ok(agency(AgencyZone::Wib)));
        directory.forget();
        assert!(ask(&directory, now).is_err());
    }

    #[test]
    fn an_answer_looked_up_before_a_change_is_not_kept_after_it() {
        let (directory, now) = (Directory::default(), Instant::now());
        directory.prove(now);
        let early = ask(&directory, now).unwrap_err();
        directory.forget();
        put(&directory, early, AgencyZone::Wit);
        assert!(ask(&directory, now).is_err(), "it may be what was there before the change");
    }

    #[test]
    fn nothing_is_kept_while_nobody_listens() {
        let (directory, now) = (Directory::default(), Instant::now());
        let early = ask(&directory, now).unwrap_err();
        put(&directory, early, AgencyZone::Wib);
        directory.prove(now);
        put(&directory, early, AgencyZone::Wib);
        assert!(ask(&directory, now).is_err(), "asked before anybody listened");
        put(&directory, ask(&directory, now).unwrap_err(), AgencyZone::Wib);
        assert!(directory.lose());
        assert_eq!(ask(&directory, now), Err(Ticket(None)));
        directory.prove(now);
        assert!(ask(&directory, now).is_err(), "what was kept before the loss is gone");
    }

    #[test]
    fn a_proof_lasts_three_seconds_and_what_it_vouched_for_no_longer() {
        let (directory, begun) = (Directory::default(), Instant::now());
        directory.prove(begun);
        put(&directory, ask(&directory, begun).unwrap_err(), AgencyZone::Wib);
        let last = begun + PROOF_LASTS - Duration::from_millis(1);
        assert!(ask(&directory, last).is_ok());
        assert_eq!(ask(&directory, begun + PROOF_LASTS), Err(Ticket(None)));
        directory.prove(begun + PROOF_LASTS);
        assert!(ask(&directory, begun + PROOF_LASTS).is_err(), "emptied, not merely passed by");
    }
}
