//! Development outside a class, with its log.

use access::Pass;
use chrono::NaiveDate;
use development::{Activity, ActivityContent, ActivityDetails, ActivityKind, ActivityState, LogEntry};
use entities::activities::{self, Column};
use kernel::{ActivityId, EmployeeId, Hundredths, Name, Nip, Page, Period, TrainerId, UserId, Version};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, raw_sql,
};
use uuid::Uuid;

use crate::read::PeopleFilter;
use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, StoreError, Tx};

/// Which activities a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityFilter {
    /// Of this person.
    pub employee: Option<EmployeeId>,
    /// Of this kind.
    pub kind: Option<ActivityKind>,
    /// In this state.
    pub state: Option<ActivityState>,
    /// Guided by this trainer.
    pub trainer: Option<TrainerId>,
    /// Under way on this day by its plan.
    pub on: Option<NaiveDate>,
}

/// An activity with the names a reader needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityRow {
    /// The activity.
    pub activity: Activity,
    /// Learning hours it was found to be worth.
    pub jp: Option<Hundredths>,
    /// The person's identity number.
    pub nip: Nip,
    /// The person's name.
    pub name: Name,
    /// What its guide is called.
    pub trainer_name: Option<Name>,
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    activity: activities::Model,
    nip: String,
    employee_name: String,
    trainer_name: Option<String>,
}

fn domain(row: Row) -> Result<ActivityRow, StoreError> {
    let Row { activity: row, nip, employee_name, trainer_name } = row;
    let details: Option<ActivityDetails> = serde_json::from_value(row.details).ok();
    let log: Option<Vec<LogEntry>> = serde_json::from_value(row.log).ok();
    let jp = row.jp.map(|jp| known(u32::try_from(jp).ok(), "activities.jp")).transpose()?;
    Ok(ActivityRow {
        activity: Activity {
            id: ActivityId::from(row.id),
            employee: EmployeeId::from(row.employee_id),
            content: ActivityContent {
                details: known(details, "activities.details")?,
                goal: long_text(row.goal),
                form: row.form.map(code),
                period: Period { from: row.starts_on, last: Some(row.ends_on) },
            },
            state: known(ActivityState::parse(&row.state), "activities.state")?,
            log: known(log, "activities.log")?,
            outcome: row.outcome.map(long_text),
            reason: row.reason.map(long_text),
            decided_by: row.decided_by.map(UserId::from),
            decided_at: row.decided_at,
            version: Version::new(row.version),
        },
        jp: jp.map(Hundredths::from_count),
        nip: Nip::stored(nip),
        name: name(employee_name),
        trainer_name: trainer_name.map(name),
    })
}

impl Reader<'_> {
    /// One activity of somebody the scope reaches, or that it guides.
    ///
    /// # Errors
    /// The database's.
    pub async fn activity(&self, id: ActivityId) -> Result<Option<ActivityRow>, StoreError> {
        let mut sentence = self.activity_sentence();
        sentence.push(" AND v.id = {}", [id.uuid().into()]);
        Row::find_by_statement(sentence.finish()).one(&self.db).await?.map(domain).transpose()
    }

    /// Activities of people the scope reaches, and those it guides, the newest last.
    ///
    /// # Errors
    /// The database's.
    pub async fn activities(
        &self,
        filter: &ActivityFilter,
        page: &PageRequest,
    ) -> Result<Page<ActivityRow>, StoreError> {
        let ActivityFilter { employee, kind, state, trainer, on } = filter.clone();
        let mut sentence = self.activity_sentence();
        sentence.maybe(" AND v.employee_id = {}", employee.map(EmployeeId::uuid));
        sentence.maybe(" AND v.kind = {}", kind.map(ActivityKind::as_str));
        sentence.maybe(" AND v.state = {}", state.map(ActivityState::as_str));
        sentence.maybe(" AND v.trainer_id = {}", trainer.map(TrainerId::uuid));
        sentence.maybe(" AND {} BETWEEN v.starts_on AND v.ends_on", on);
        sentence.maybe(" AND v.id > {}", page.id(0));
        sentence.push(" ORDER BY v.id LIMIT {}", [page.probe().into()]);
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &ActivityRow| vec![row.activity.id.to_string()]))
    }

    fn activity_sentence(&self) -> Sentence {
        let mut sentence = Sentence::new(
            "SELECT v.*, e.nip, e.name AS employee_name, coalesce(w.name, t.name) AS trainer_name
             FROM activities v
             JOIN employees e ON e.agency_id = v.agency_id AND e.id = v.employee_id
             LEFT JOIN trainers t ON t.agency_id = v.agency_id AND t.id = v.trainer_id
             LEFT JOIN employees w ON w.agency_id = t.agency_id AND w.id = t.employee_id
             WHERE v.agency_id = $1 AND $2::date IS NOT NULL",
            [self.agency().into(), self.today.into()],
        );
        let guided: Vec<Uuid> = self.scope.guided().iter().map(|id| id.uuid()).collect();
        let PeopleFilter { all, own, below, units } = self.people();
        if guided.is_empty() || all {
            sentence.within("v.employee_id", self.people());
        } else {
            sentence.push(
                " AND (v.employee_id IN (SELECT people_within($1, $2, {}, {}, {})) OR v.trainer_id IN (
                    SELECT g.id FROM trainers g WHERE g.agency_id = $1 AND g.employee_id = ANY ({})))",
                [own.into(), below.into(), units.into(), guided.into()],
            );
        }
        sentence
    }

    /// The completed activities of somebody in a form of which hours stand in the ledger.
    ///
    /// # Errors
    /// The database's.
    pub async fn activities_completed(
        &self,
        employee: EmployeeId,
        form: &str,
    ) -> Result<Vec<Activity>, StoreError> {
        let mut sentence = self.activity_sentence();
        sentence.push(
            " AND v.employee_id = {} AND v.form = {} AND v.state = 'COMPLETED'
              AND jp_stands(v.agency_id, v.employee_id, 'COMPLETION', v.id)
             ORDER BY v.decided_at, v.id",
            [employee.uuid().into(), form.into()],
        );
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        rows.into_iter().map(|row| Ok(domain(row)?.activity)).collect()
    }
}

impl Tx<'_> {
    /// Keeps a trainer from being taken by others until this transaction ends, so that two do not both take the last place.
    ///
    /// # Errors
    /// The database's.
    pub async fn trainer_lock(&self, pass: &Pass, id: TrainerId) -> Result<bool, StoreError> {
        let (agency, id) = (pass.agency().uuid(), id.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT 1 FROM trainers WHERE agency_id = {agency} AND id = {id} FOR NO KEY UPDATE"
        );
        Ok(self.db.query_one_raw(statement).await?.is_some())
    }

    /// Adds an activity.
    ///
    /// # Errors
    /// `Missing("/employee_id")`, `Missing("/trainer_id")`.
    pub async fn activity_insert(&self, pass: &Pass, activity: &Activity) -> Result<(), StoreError> {
        let row = activities::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(activity.id.uuid()),
            employee_id: Set(activity.employee.uuid()),
            jp: Set(None),
            version: Set(activity.version.get()),
            created_at: Set(self.now()),
            ..self.activity_active(activity)?
        };
        activities::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Writes an activity, and what it was found to be worth; `activity.version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `Missing("/trainer_id")`.
    pub async fn activity_update(
        &self,
        pass: &Pass,
        activity: &Activity,
        jp: Option<Hundredths>,
    ) -> Result<(), StoreError> {
        let jp = jp.map(|jp| known(i32::try_from(jp.count()).ok(), "activities.jp")).transpose()?;
        let row = activities::ActiveModel {
            jp: Set(jp),
            version: Set(activity.version.next().get()),
            ..self.activity_active(activity)?
        };
        let written = activities::Entity::update_many()
            .set(row)
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Id.eq(activity.id.uuid()))
            .filter(Column::Version.eq(activity.version.get()))
            .exec(&self.db)
            .await?;
        if written.rows_affected == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }

    fn activity_active(&self, activity: &Activity) -> Result<activities::ActiveModel, StoreError> {
        let content = &activity.content;
        Ok(activities::ActiveModel {
            trainer_id: Set(content.details.guide().map(TrainerId::uuid)),
            kind: Set(content.details.kind().as_str().to_owned()),
            details: Set(known(serde_json::to_value(&content.details).ok(), "activities.details")?),
            goal: Set(content.goal.to_string()),
            form: Set(content.form.as_ref().map(ToString::to_string)),
            starts_on: Set(content.period.from),
            ends_on: Set(known(content.period.last, "activities.ends_on")?),
            state: Set(activity.state.as_str().to_owned()),
            log: Set(known(serde_json::to_value(&activity.log).ok(), "activities.log")?),
            outcome: Set(activity.outcome.as_ref().map(ToString::to_string)),
            reason: Set(activity.reason.as_ref().map(ToString::to_string)),
            decided_by: Set(activity.decided_by.map(UserId::uuid)),
            decided_at: Set(activity.decided_at),
            updated_at: Set(self.now()),
            ..Default::default()
        })
    }
}
