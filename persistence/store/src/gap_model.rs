//! The upkeep of the gap model: one row for each person on the present day, and the sums over those rows.
//!
//! Whatever writes a fact that a gap is computed from says so by [`Tx::moved`] or one of its kin; before the transaction
//! commits, the rows of the people concerned are made anew and the sums moved by what changed. No sum is ever counted twice
//! or left behind: a row's old share is taken off and its new one put on under the lock of its person.
//!
//! Two things are left for later, in parts, because there is too much of them for one transaction: the rows of everybody a
//! large import touched, and those of a whole agency when a rubric or the nation's dictionary changes. Rows that lapse at
//! midnight are the third. As long as any are due the model is not read, and answers come from the facts.
//!
//! Sums of other days than the present are made when somebody asks and kept; a write leaves a mark on the past it changes,
//! and sums whose maker had not seen a mark no longer count.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use futures_util::future::try_join_all;
use kernel::{AgencyId, EmployeeId, NATIONAL, PositionId};
use sea_orm::{ConnectionTrait as _, DbBackend, FromQueryResult, Statement, raw_sql};
use uuid::Uuid;

use crate::sentence::Sentence;
use crate::{Store, StoreError, Tx, WriteContext};

/// How the model writes that nothing was found: see `gap_profiles`.
pub(crate) const MISSING: i16 = 9;

/// How it writes that what was found has expired.
pub(crate) const EXPIRED: i16 = 8;

/// More people than this are left for later.
const AT_ONCE: usize = 500;

/// People made anew by one statement, when they were left for later.
const PART: usize = 200;

/// People made anew at a time: two parts side by side, so that one processor of the database need not wait for the other.
const PARTS: i64 = 400;

/// Positions whose sums are folded by one statement.
const FOLD: i64 = 100;

/// How long the sums of a day that is no month's last are kept.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// How long a mark stays at least: longer than any statement that has not seen it may still run.
const MARKED: TimeDelta = TimeDelta::minutes(10);

/// Before every day anything is known of.
pub(crate) const BEGINNING: NaiveDate = match NaiveDate::from_ymd_opt(1900, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// What a transaction has moved so far: since which day.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    people: BTreeMap<EmployeeId, NaiveDate>,
    positions: BTreeMap<PositionId, NaiveDate>,
    rules: Option<Rules>,
}

/// Rubrics or dictionaries that changed.
#[derive(Debug)]
struct Rules {
    of: AgencyId,
    /// Since when everybody stands differently; none when nobody does.
    since: Option<NaiveDate>,
}

/// An agency whose model has rows to be made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelDue {
    /// The agency.
    pub agency: AgencyId,
    /// Its day.
    pub today: NaiveDate,
    /// How often its rules changed, when every row is due.
    rebuilt: Option<i64>,
}

#[derive(FromQueryResult)]
struct DueRow {
    agency_id: Uuid,
    today: NaiveDate,
    changes: i64,
    built: i64,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

fn soonest(days: &BTreeMap<impl Ord, NaiveDate>) -> Option<NaiveDate> {
    days.values().min().copied()
}

impl Tx<'_> {
    /// Says that facts about these people changed from a day on: placements, results that count.
    pub(crate) fn moved(&self, people: impl IntoIterator<Item = EmployeeId>, since: NaiveDate) {
        let mut moves = self.moves.borrow_mut();
        for person in people {
            moves.people.entry(person).and_modify(|day| *day = since.min(*day)).or_insert(since);
        }
    }

    /// Says that something else is required of a position from a day on. The caller holds [`Tx::rules_lock`].
    pub(crate) fn position_moved(&self, position: PositionId, since: NaiveDate) {
        let mut moves = self.moves.borrow_mut();
        moves.positions.entry(position).and_modify(|day| *day = since.min(*day)).or_insert(since);
    }

    /// Says that rubrics or dictionaries of `of` changed; `since` when the gaps of everybody may.
    pub(crate) fn rules_moved(&self, of: AgencyId, since: Option<NaiveDate>) {
        let rules = &mut self.moves.borrow_mut().rules;
        let earlier = rules.as_ref().and_then(|rules| rules.since);
        *rules = Some(Rules { of, since: [earlier, since].into_iter().flatten().min() });
    }

    /// Waits for everybody who is writing facts of the agency, and holds them off until this transaction ends: who is
    /// placed in a position meanwhile would miss what is now required there. Taken before the first [`Tx::stamp`], which
    /// shares the lock.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when a writer takes longer than two seconds.
    pub(crate) async fn rules_lock(&self) -> Result<(), StoreError> {
        let agency = self.context.agency.uuid();
        let statement = raw_sql!(
            Postgres,
            "SELECT set_config('lock_timeout', '2s', true),
                    pg_advisory_xact_lock(hashtextextended({agency}::uuid::text, 1))"
        );
        self.db.query_one_raw(statement).await?;
        Ok(())
    }

    /// Adds to `sentence`, in which `$1` is the agency, what moves the gap model by what this transaction changed; returns
    /// whether anything does. The last thing it does, as it looks at what was written before.
    pub(crate) async fn gap_model_keep(&self, sentence: &mut Sentence) -> Result<bool, StoreError> {
        let mut moves = self.moves.take();
        if let Some(Rules { of, since }) = moves.rules.take() {
            self.rules_keep(of, since).await?;
        }
        let agency = self.context.agency.uuid();
        if !moves.positions.is_empty() {
            let since = soonest(&moves.positions).unwrap_or(BEGINNING);
            let positions: Vec<Uuid> = moves.positions.keys().map(|id| id.uuid()).collect();
            for holder in self.holders(&positions).await? {
                moves.people.entry(holder).or_insert(since);
            }
            let marks = raw_sql!(
                Postgres,
                "INSERT INTO gap_marks (agency_id, position_id, since)
                 SELECT {agency}::uuid, w.id, {since}::date FROM unnest({positions}::uuid[]) AS w(id)"
            );
            self.db.execute_raw(marks).await?;
        }
        let Some(since) = soonest(&moves.people) else {
            sentence.push(" SELECT", []);
            return Ok(false);
        };
        let people: Vec<Uuid> = moves.people.keys().map(|id| id.uuid()).collect();
        if people.len() > AT_ONCE {
            sentence.push(
                ", marks AS (INSERT INTO gap_marks (agency_id, since) VALUES ($1, {}))
                 SELECT gaps_put_off($1, {})",
                [since.into(), people.into()],
            );
        } else {
            sentence.push(
                " SELECT gaps_refresh($1, {}, day_in(a.zone, {}), {}) FROM agencies a WHERE a.id = $1",
                [people.into(), self.now().into(), since.into()],
            );
        }
        Ok(true)
    }

    /// Who holds one of these positions today, tomorrow, or as the model has it: it may turn midnight before the commit.
    async fn holders(&self, positions: &[Uuid]) -> Result<Vec<EmployeeId>, StoreError> {
        let (agency, now, positions) = (self.context.agency.uuid(), self.now(), positions.to_vec());
        let statement = raw_sql!(
            Postgres,
            "SELECT p.employee_id AS id
             FROM agencies a
             CROSS JOIN generate_series(0, 1) AS ahead
             CROSS JOIN LATERAL placements_on({agency}, day_in(a.zone, {now}) + ahead, 'infinity') p
             WHERE a.id = {agency} AND p.position_id = ANY ({positions})
             UNION
             SELECT g.employee_id FROM gap_profiles g WHERE g.agency_id = {agency} AND g.position_id = ANY ({positions})"
        );
        let rows = IdRow::find_by_statement(statement).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| row.id.into()).collect())
    }

    /// The nation's rules are everybody's.
    async fn rules_keep(&self, of: AgencyId, since: Option<NaiveDate>) -> Result<(), StoreError> {
        let (everybody, of) = (of == NATIONAL, of.uuid());
        let step = i64::from(since.is_some());
        let models = raw_sql!(
            Postgres,
            "UPDATE gap_models SET rules = rules + 1, changes = changes + {step} WHERE {everybody} OR agency_id = {of}"
        );
        self.db.execute_raw(models).await?;
        if let Some(since) = since {
            let marks = raw_sql!(
                Postgres,
                "INSERT INTO gap_marks (agency_id, since)
                 SELECT agency_id, {since}::date FROM gap_models WHERE {everybody} OR agency_id = {of}"
            );
            self.db.execute_raw(marks).await?;
        }
        Ok(())
    }
}

impl Store {
    /// The agencies whose model has rows to be made anew, as of `now`; `only` this one.
    ///
    /// # Errors
    /// The database's.
    pub async fn gap_models_due(
        &self,
        only: Option<AgencyId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<ModelDue>, StoreError> {
        let only = only.map(AgencyId::uuid);
        let statement = raw_sql!(
            Postgres,
            "SELECT d.agency_id, d.today, d.changes, d.built
             FROM (SELECT m.agency_id, m.changes, m.built, day_in(a.zone, {now}) AS today
                   FROM gap_models m JOIN agencies a ON a.id = m.agency_id
                   WHERE {only}::uuid IS NULL OR a.id = {only}) d
             WHERE d.built < d.changes OR EXISTS (
                SELECT FROM gap_profiles p WHERE p.agency_id = d.agency_id AND p.holds_until <= d.today)
             ORDER BY d.agency_id"
        );
        let rows = DueRow::find_by_statement(statement).all(&self.db).await?;
        Ok(rows
            .into_iter()
            .map(|row| ModelDue {
                agency: row.agency_id.into(),
                today: row.today,
                rebuilt: (row.built < row.changes).then_some(row.changes),
            })
            .collect())
    }

    /// The agency that comes after another in the order of their ids, with its day at `now`; none after the last.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_after(
        &self,
        after: AgencyId,
        now: DateTime<Utc>,
    ) -> Result<Option<(AgencyId, NaiveDate)>, StoreError> {
        let after = after.uuid();
        let statement = raw_sql!(
            Postgres,
            "SELECT id AS agency_id, day_in(zone, {now}) AS today, 0::bigint AS changes, 0::bigint AS built
             FROM agencies WHERE id > {after} ORDER BY id LIMIT 1"
        );
        let row = DueRow::find_by_statement(statement).one(&self.db).await?;
        Ok(row.map(|row| (row.agency_id.into(), row.today)))
    }

    /// Makes the due rows of an agency anew, a part at a time, and tells after each part how many people that were.
    /// Several may be at it at once: a part that another has done is done again to no effect.
    ///
    /// # Errors
    /// The database's; the parts done stay done.
    pub async fn gap_model_catch_up(
        &self,
        due: ModelDue,
        mut done: impl FnMut(usize),
    ) -> Result<(), StoreError> {
        let (agency, today) = (due.agency.uuid(), due.today);
        if let Some(changes) = due.rebuilt {
            // Somebody whose row was made by the rules of before may not be there to be found yet.
            self.settle_one(due.agency).await?;
            let mut after = Uuid::nil();
            loop {
                let part = raw_sql!(
                    Postgres,
                    "SELECT id FROM employees WHERE agency_id = {agency} AND id > {after} ORDER BY id LIMIT {PARTS}"
                );
                let people = self.gap_parts(agency, today, part).await?;
                let Some(last) = people.last() else { break };
                after = *last;
                done(people.len());
            }
            let built = raw_sql!(
                Postgres,
                "UPDATE gap_models SET built = greatest(built, {changes}) WHERE agency_id = {agency}"
            );
            self.db.execute_raw(built).await?;
        }
        loop {
            let part = raw_sql!(
                Postgres,
                "SELECT employee_id AS id FROM gap_profiles
                 WHERE agency_id = {agency} AND holds_until <= {today}
                 ORDER BY holds_until LIMIT {PARTS}"
            );
            match self.gap_parts(agency, today, part).await?.len() {
                0 => return Ok(()),
                count => done(count),
            }
        }
    }

    /// Makes the rows of the people a statement finds anew, some parts of them side by side.
    async fn gap_parts(
        &self,
        agency: Uuid,
        today: NaiveDate,
        people: Statement,
    ) -> Result<Vec<Uuid>, StoreError> {
        let people: Vec<Uuid> =
            IdRow::find_by_statement(people).all(&self.db).await?.into_iter().map(|row| row.id).collect();
        try_join_all(people.chunks(PART).map(async |part| {
            let part = part.to_vec();
            // A writer of the agency as any other: whoever throws its model away waits for this one, and it for them.
            let refresh = raw_sql!(
                Postgres,
                "SELECT gaps_refresh({agency}, {part}, {today}, NULL)
                 FROM (SELECT pg_advisory_xact_lock_shared(hashtextextended({agency}::uuid::text, 1)) OFFSET 0) locked"
            );
            self.db.query_one_raw(refresh).await
        }))
        .await?;
        Ok(people)
    }

    /// Throws the gap model of an agency away and leaves everybody's row to be made anew; until that is done answers come
    /// from the facts.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when a writer takes longer than two seconds, or folding longer than a minute.
    pub async fn gap_model_reset(&self, context: &WriteContext) -> Result<(), StoreError> {
        self.transact(context, async |tx| {
            tx.rules_lock().await?;
            // Folding the sums of a large import takes longer than others may wait, and so does throwing them away.
            let patience = "SET LOCAL lock_timeout = '1min'; SET LOCAL statement_timeout = '10min'";
            tx.db.execute_unprepared(patience).await?;
            let agency = context.agency.uuid();
            for statement in [
                raw_sql!(Postgres, "SELECT pg_advisory_xact_lock(hashtextextended('gaps_fold', 0))"),
                raw_sql!(Postgres, "DELETE FROM gap_sums WHERE agency_id = {agency}"),
                raw_sql!(Postgres, "DELETE FROM gap_kept WHERE agency_id = {agency}"),
                raw_sql!(Postgres, "DELETE FROM gap_profiles WHERE agency_id = {agency}"),
                raw_sql!(Postgres, "UPDATE gap_models SET changes = changes + 1 WHERE agency_id = {agency}"),
            ] {
                tx.db.execute_raw(statement).await?;
            }
            Ok(())
        })
        .await
    }

    /// Makes the rows that were added to the sums of a position one again, some positions at a time, until there are few
    /// left to be folded.
    ///
    /// # Errors
    /// The database's.
    pub async fn gap_sums_fold(&self) -> Result<(), StoreError> {
        loop {
            let row = self.db.query_one_raw(raw_sql!(Postgres, "SELECT gaps_fold({FOLD}) AS folded")).await?;
            let folded: i64 = row.ok_or(StoreError::Corrupt("gap_sums"))?.try_get("", "folded")?;
            if folded < FOLD {
                return Ok(());
            }
        }
    }

    /// Forgets sums of past days that no longer hold or that nobody is likely to ask for again, then the marks that every
    /// sum left has seen.
    ///
    /// # Errors
    /// The database's.
    pub async fn gap_kept_sweep(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let (kept_since, marked_before) = (now - KEPT, now - MARKED);
        let once = raw_sql!(Postgres, "DELETE FROM gap_kept WHERE made_at < {kept_since} AND NOT month_end");
        // Marks on a position and marks on all are looked up in different ways: asked for at once, each sum would be held
        // against every mark of the agency.
        let outdated = ["m.position_id = k.position_id", "m.position_id IS NULL"].map(|of| {
            Statement::from_string(
                DbBackend::Postgres,
                format!(
                    "DELETE FROM gap_kept k WHERE EXISTS (
                        SELECT FROM gap_marks m
                        WHERE m.agency_id = k.agency_id AND {of} AND m.since <= k.day
                          AND NOT pg_visible_in_snapshot(m.xid, k.seen))"
                ),
            )
        });
        let mut gone = self.db.execute_raw(once).await?.rows_affected();
        for outdated in outdated {
            gone += self.db.execute_raw(outdated).await?.rows_affected();
        }
        // Sums that had not seen such a mark are gone now, and none made since began before it was there.
        let marks = raw_sql!(
            Postgres,
            "DELETE FROM gap_marks
             WHERE at < {marked_before} AND xid < pg_snapshot_xmin(pg_current_snapshot())"
        );
        Ok(gone + self.db.execute_raw(marks).await?.rows_affected())
    }
}
