//! What is due soon: said once for each subject and day, on the change feed.

use access::Pass;
use chrono::{DateTime, Datelike as _, Days, NaiveDate, Utc};
use development::{JpTargetRubric, NoticeKind, RemindersRubric};
use kernel::{AgencyId, AgencyZone, AuditEventId, Event, NATIONAL, Resource};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use uuid::Uuid;

use crate::rows::known;
use crate::sentence::Sentence;
use crate::{Store, StoreError, Tx, WriteContext};

/// How many are reminded in one transaction.
const PART: i64 = 5_000;

/// Something that is due: of which kind, what it is, when, and the resource and word the feed tells of it by.
struct Due {
    kind: NoticeKind,
    /// What is due and when, `LIMIT` left out. `$1` is the agency, `$2` the day, `$3` the last day to look at, `$4` the instant.
    sql: &'static str,
    resource: Resource,
    what: &'static str,
}

const CLASSES: Due = Due {
    kind: NoticeKind::ClassStarting,
    sql: "
        SELECT k.id AS subject_id, day_in(a.zone, k.starts_at) AS due_on, k.id AS resource_id
        FROM classes k JOIN agencies a ON a.id = k.agency_id
        WHERE k.agency_id = $1 AND k.state = 'OPEN' AND k.starts_at > $4 AND k.starts_at < $4 + make_interval(days => 400)
          AND day_in(a.zone, k.starts_at) BETWEEN $2 AND $3",
    resource: Resource::Class,
    what: "STARTING",
};

const CERTIFICATES: Due = Due {
    kind: NoticeKind::CertificateExpiring,
    sql: "
        SELECT c.id AS subject_id, c.valid_until AS due_on, c.id AS resource_id
        FROM certificates c
        WHERE c.agency_id = $1 AND c.revoked_at IS NULL AND c.valid_until BETWEEN $2 AND $3 AND $4::timestamptz IS NOT NULL
          AND NOT EXISTS (
            SELECT FROM certificates x
            WHERE x.agency_id = c.agency_id AND x.programme_id = c.programme_id AND x.employee_id = c.employee_id
              AND x.revoked_at IS NULL AND (x.valid_until IS NULL OR x.valid_until > c.valid_until))",
    resource: Resource::Certificate,
    what: "EXPIRING",
};

const PLAN_ITEMS: Due = Due {
    kind: NoticeKind::PlanItemDue,
    sql: "
        SELECT i.id AS subject_id, i.due_on, i.plan_id AS resource_id
        FROM plan_items i JOIN plans n ON n.agency_id = i.agency_id AND n.id = i.plan_id
        WHERE i.agency_id = $1 AND i.state IN ('PLANNED', 'STARTED') AND i.due_on BETWEEN $2 AND $3
          AND n.state = 'ACTIVE' AND $4::timestamptz IS NOT NULL",
    resource: Resource::Plan,
    what: "ITEM_DUE",
};

/// `$3` is the deadline.
const PLANS: Due = Due {
    kind: NoticeKind::PlanDue,
    sql: "
        SELECT p.employee_id AS subject_id, $3::date AS due_on, p.employee_id AS resource_id
        FROM placements_on($1, $2, 'infinity') p
        WHERE p.position_id IS NOT NULL AND $4::timestamptz IS NOT NULL
          AND NOT EXISTS (
            SELECT FROM plans n
            WHERE n.agency_id = $1 AND n.employee_id = p.employee_id AND n.year = extract(year FROM $3::date)::integer
              AND n.state NOT IN ('DRAFT', 'RETURNED', 'CANCELLED'))",
    resource: Resource::Employee,
    what: "PLAN_DUE",
};

#[derive(FromQueryResult)]
struct DueRow {
    subject_id: Uuid,
    due_on: NaiveDate,
    resource_id: Uuid,
}

impl Store {
    /// Every agency but the nation, with its clock.
    ///
    /// # Errors
    /// The database's.
    pub async fn agencies_served(&self) -> Result<Vec<(AgencyId, AgencyZone)>, StoreError> {
        let nation = NATIONAL.uuid();
        let statement = raw_sql!(Postgres, "SELECT id, zone FROM agencies WHERE id <> {nation} ORDER BY id");
        let rows = self.db.query_all_raw(statement).await?;
        let agency = |row: &sea_orm::QueryResult| {
            let zone: String = row.try_get("", "zone")?;
            let id = AgencyId::from(row.try_get::<Uuid>("", "id")?);
            Ok((id, known(AgencyZone::parse(&zone), "agencies.zone")?))
        };
        rows.iter().map(agency).collect()
    }

    /// Whether everybody has been reminded of what is due on a day.
    ///
    /// # Errors
    /// The database's.
    pub async fn reminder_round_done(&self, agency: AgencyId, day: NaiveDate) -> Result<bool, StoreError> {
        let agency = agency.uuid();
        let statement =
            raw_sql!(Postgres, "SELECT 1 FROM reminder_rounds WHERE agency_id = {agency} AND day = {day}");
        Ok(self.db.query_one_raw(statement).await?.is_some())
    }

    /// Says what has become due by `rubric`, in parts that stand once written; how much it was. With `hours` what is looked
    /// for once a day, too. What was said before is not said again, whoever said it.
    ///
    /// # Errors
    /// The database's.
    pub async fn reminders_tell(
        &self,
        context: &WriteContext,
        pass: &Pass,
        today: NaiveDate,
        rubric: &RemindersRubric,
        hours: Option<Option<&JpTargetRubric>>,
    ) -> Result<usize, StoreError> {
        let ahead = |days: u16| today.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX);
        let mut all = 0;
        let soon = [
            (&CLASSES, rubric.class_starting),
            (&CERTIFICATES, rubric.certificate_expiring),
            (&PLAN_ITEMS, rubric.plan_item_due),
        ];
        for (due, days) in soon {
            if let Some(days) = days {
                all += self.remind(context, async |tx| tx.due(pass, due, (today, ahead(days))).await).await?;
            }
        }
        let Some(hours) = hours else { return Ok(all) };
        let deadline = rubric.plan_due.and_then(|due| Some((due, due.of(today.year())?)));
        if let Some((due, last)) = deadline
            && ahead(due.days) >= last
        {
            all += self.remind(context, async |tx| tx.due(pass, &PLANS, (today, last)).await).await?;
        }
        let last = development::calendar_year(today.year()).last.unwrap_or(today);
        if let (Some(hours), Some(days)) = (hours, rubric.jp_short)
            && ahead(days) >= last
        {
            all += self
                .remind(context, async |tx| {
                    let short = tx.jp_short_unreminded(pass, today, hours, PART).await?;
                    let due = short.iter().map(|id| (*id, last, *id)).collect();
                    Ok((NoticeKind::JpShort, (Resource::Employee, "JP_SHORT"), due))
                })
                .await?;
        }
        self.transact(context, async |tx| tx.reminder_round_end(pass, today).await).await?;
        Ok(all)
    }

    /// Reminds part after part, until there is nothing left.
    async fn remind(
        &self,
        context: &WriteContext,
        find: impl AsyncFn(&Tx<'_>) -> Result<Found, StoreError>,
    ) -> Result<usize, StoreError> {
        let mut all = 0;
        loop {
            let (found, told) = self
                .transact(context, async |tx| {
                    let (kind, word, due) = find(tx).await?;
                    Ok::<_, StoreError>((due.len(), tx.remind(context.agency, kind, word, &due).await?))
                })
                .await?;
            all += told;
            if i64::try_from(found).is_ok_and(|found| found < PART) {
                return Ok(all);
            }
        }
    }

    /// Forgets what was due before `before`.
    ///
    /// # Errors
    /// The database's.
    pub async fn reminders_sweep(&self, before: NaiveDate) -> Result<u64, StoreError> {
        let rounds = raw_sql!(Postgres, "DELETE FROM reminder_rounds WHERE day < {before}");
        let gone = raw_sql!(Postgres, "DELETE FROM reminders WHERE due_on < {before}");
        let rounds = self.db.execute_raw(rounds).await?.rows_affected();
        Ok(rounds + self.db.execute_raw(gone).await?.rows_affected())
    }

    /// Forgets notices that were withdrawn before `withdrawn`, or told before `told`.
    ///
    /// # Errors
    /// The database's.
    pub async fn notices_sweep(
        &self,
        withdrawn: DateTime<Utc>,
        told: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let statement =
            raw_sql!(Postgres, "DELETE FROM notices WHERE withdrawn_at < {withdrawn} OR told_at < {told}");
        Ok(self.db.execute_raw(statement).await?.rows_affected())
    }
}

/// What is due: the kind, by which resource and word the feed tells it, and each subject with its day and resource.
type Found = (NoticeKind, (Resource, &'static str), Vec<(Uuid, NaiveDate, Uuid)>);

impl Tx<'_> {
    async fn due(
        &self,
        pass: &Pass,
        due: &Due,
        (today, last): (NaiveDate, NaiveDate),
    ) -> Result<Found, StoreError> {
        let mut sentence = Sentence::new(
            &format!("SELECT d.subject_id, d.due_on, d.resource_id FROM ({}) d", due.sql),
            [pass.agency().uuid().into(), today.into(), last.into(), self.now().into()],
        );
        sentence.push(
            " WHERE NOT EXISTS (
                SELECT FROM reminders r
                WHERE r.agency_id = $1 AND r.kind = {} AND r.subject_id = d.subject_id AND r.due_on = d.due_on)
              LIMIT {}",
            [due.kind.as_str().into(), PART.into()],
        );
        let rows = DueRow::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(|row| (row.subject_id, row.due_on, row.resource_id)).collect();
        Ok((due.kind, (due.resource, due.what), rows))
    }

    /// Notes that these are due and puts it on the feed, unless somebody else did.
    async fn remind(
        &self,
        agency: AgencyId,
        kind: NoticeKind,
        (resource, what): (Resource, &'static str),
        due: &[(Uuid, NaiveDate, Uuid)],
    ) -> Result<usize, StoreError> {
        if due.is_empty() {
            return Ok(0);
        }
        let subjects: Vec<Uuid> = due.iter().map(|(subject, _, _)| *subject).collect();
        let days: Vec<NaiveDate> = due.iter().map(|(_, day, _)| *day).collect();
        let resources: Vec<Uuid> = due.iter().map(|(_, _, resource)| *resource).collect();
        let ids: Vec<Uuid> = due.iter().map(|_| AuditEventId::new().uuid()).collect();
        let sentence = Sentence::new(
            "WITH due AS (
                SELECT * FROM unnest($3::uuid[], $4::date[], $5::uuid[], $6::uuid[]) AS d(subject_id, due_on, resource_id, id)),
             told AS (
                INSERT INTO reminders (agency_id, kind, subject_id, due_on, told_at)
                SELECT $1, $2, d.subject_id, d.due_on, $7 FROM due d ORDER BY d.subject_id, d.due_on
                ON CONFLICT ON CONSTRAINT pk_reminders DO NOTHING
                RETURNING subject_id, due_on)
             INSERT INTO outbox (agency_id, id, at, type, resource_id)
             SELECT $1, d.id, $7, $8, d.resource_id FROM due d JOIN told t USING (subject_id, due_on)",
            [
                agency.uuid().into(),
                kind.as_str().into(),
                subjects.into(),
                days.into(),
                resources.into(),
                ids.into(),
                self.now().into(),
                Event { resource, id: Uuid::nil(), what }.kind().into(),
            ],
        );
        let written = self.db.execute_raw(sentence.finish()).await?.rows_affected();
        Ok(usize::try_from(written).unwrap_or_default())
    }

    /// Ends the round of a day: what holds until midnight is looked at again.
    async fn reminder_round_end(&self, pass: &Pass, today: NaiveDate) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO reminder_rounds (agency_id, day) VALUES ({agency}, {today})
             ON CONFLICT ON CONSTRAINT pk_reminder_rounds DO NOTHING"
        );
        if self.db.execute_raw(statement).await?.rows_affected() == 1 {
            self.tell(pass, Event::new(Resource::Agency, agency, "DAY_BEGAN"));
        }
        Ok(())
    }
}
