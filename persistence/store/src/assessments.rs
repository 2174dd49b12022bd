//! Assessment events, and the results found there.

use std::collections::BTreeSet;

use access::{Pass, Scope};
use chrono::NaiveDate;
use competency::{AssessmentEvent, AssessmentResult, EventState, Method, Purpose};
use entities::assessment_events::{self, Column};
use entities::assessment_results;
use kernel::{
    AgencyId, AssessmentEventId, AssessmentResultId, Code, CompetencyId, EmployeeId, Level, Name, Nip, Page,
    UserId, Version,
};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QuerySelect as _, raw_sql,
};
use uuid::Uuid;

use crate::read::PeopleFilter;
use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, StoreError, Tx};

/// Which assessment events a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// In this state.
    pub state: Option<EventState>,
    /// For this purpose.
    pub purpose: Option<Purpose>,
    /// Done this way.
    pub method: Option<Method>,
    /// On this day or later.
    pub from: Option<NaiveDate>,
    /// On this day or earlier.
    pub until: Option<NaiveDate>,
    /// With this number of the report or letter.
    pub reference: Option<String>,
}

/// Which results a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultFilter {
    /// Of this person.
    pub employee: Option<EmployeeId>,
    /// In this competency.
    pub competency: Option<CompetencyId>,
    /// Found at this event.
    pub event: Option<AssessmentEventId>,
    /// Only those that are final and not corrected.
    pub final_only: bool,
    /// Only those that count on this day: final, not corrected, found by then by a method that counts, still valid.
    pub counting_on: Option<NaiveDate>,
}

/// A result with the names a reader needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultRow {
    /// The result.
    pub result: AssessmentResult,
    /// Where its event stands.
    pub event_state: EventState,
    /// The person's NIP.
    pub nip: Nip,
    /// The person's name.
    pub employee_name: Name,
    /// The competency's code.
    pub competency_code: Code,
    /// The competency's name in the latest version of its dictionary that was published and has it.
    pub competency_name: Name,
    /// The code of the competency's dictionary.
    pub dictionary_code: Code,
}

/// A result beside what its event says of it.
#[derive(FromQueryResult)]
pub(crate) struct ResultRecord {
    #[sea_orm(nested)]
    result: assessment_results::Model,
    method: String,
    purpose: String,
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    record: ResultRecord,
    event_state: String,
    nip: String,
    employee_name: String,
    competency_code: String,
    competency_name: Option<String>,
    dictionary_code: String,
}

fn event_domain(row: assessment_events::Model) -> Result<AssessmentEvent, StoreError> {
    Ok(AssessmentEvent {
        id: AssessmentEventId::from(row.id),
        purpose: known(Purpose::parse(&row.purpose), "assessment_events.purpose")?,
        method: known(Method::parse(&row.method), "assessment_events.method")?,
        provider: name(row.provider),
        accreditation: row.accreditation.map(name),
        assessed_on: row.assessed_on,
        reference: row.reference.map(name),
        state: known(EventState::parse(&row.state), "assessment_events.state")?,
        signed_off_by: row.signed_off_by.map(UserId::from),
        signed_off_at: row.signed_off_at,
        version: Version::new(row.version),
    })
}

fn result_domain(
    row: assessment_results::Model,
    method: Method,
    purpose: Purpose,
) -> Result<AssessmentResult, StoreError> {
    Ok(AssessmentResult {
        id: AssessmentResultId::from(row.id),
        event: AssessmentEventId::from(row.event_id),
        employee: EmployeeId::from(row.employee_id),
        competency: CompetencyId::from(row.competency_id),
        competency_agency: AgencyId::from(row.competency_agency_id),
        level: known(Level::new(i64::from(row.level)), "assessment_results.level")?,
        evidence: row.evidence.map(long_text),
        assessor: row.assessor.map(name),
        assessed_on: row.assessed_on,
        valid_until: row.valid_until,
        recorded_at: row.recorded_at,
        superseded_at: row.superseded_at,
        supersedes: row.supersedes_id.map(AssessmentResultId::from),
        reason: row.reason.map(long_text),
        method,
        purpose,
    })
}

impl ResultRecord {
    pub(crate) fn domain(self) -> Result<AssessmentResult, StoreError> {
        let method = known(Method::parse(&self.method), "assessment_events.method")?;
        let purpose = known(Purpose::parse(&self.purpose), "assessment_events.purpose")?;
        result_domain(self.result, method, purpose)
    }
}

fn result_row(row: Row) -> Result<ResultRow, StoreError> {
    Ok(ResultRow {
        event_state: known(EventState::parse(&row.event_state), "assessment_events.state")?,
        nip: Nip::stored(row.nip),
        employee_name: name(row.employee_name),
        // Where no published version has the competency, there is its code alone.
        competency_name: name(row.competency_name.unwrap_or_else(|| row.competency_code.clone())),
        competency_code: code(row.competency_code),
        dictionary_code: code(row.dictionary_code),
        result: row.record.domain()?,
    })
}

fn active(agency: Uuid, result: &AssessmentResult) -> assessment_results::ActiveModel {
    assessment_results::ActiveModel {
        agency_id: Set(agency),
        id: Set(result.id.uuid()),
        event_id: Set(result.event.uuid()),
        employee_id: Set(result.employee.uuid()),
        competency_id: Set(result.competency.uuid()),
        competency_agency_id: Set(result.competency_agency.uuid()),
        level: Set(i16::from(result.level.get())),
        evidence: Set(result.evidence.as_ref().map(ToString::to_string)),
        assessor: Set(result.assessor.as_ref().map(ToString::to_string)),
        assessed_on: Set(result.assessed_on),
        valid_until: Set(result.valid_until),
        counts: Set(result.method.counts()),
        recorded_at: Set(result.recorded_at),
        supersedes_id: Set(result.supersedes.map(AssessmentResultId::uuid)),
        superseded_at: Set(result.superseded_at),
        reason: Set(result.reason.as_ref().map(ToString::to_string)),
    }
}

impl Reader<'_> {
    /// One assessment event within the scope: see [`Reader::assessment_events`].
    ///
    /// # Errors
    /// The database's.
    pub async fn assessment_event(
        &self,
        id: AssessmentEventId,
    ) -> Result<Option<AssessmentEvent>, StoreError> {
        let rows = self.event_rows(Some(id), &EventFilter::default(), None, None).await?;
        Ok(rows.into_iter().next())
    }

    /// Assessment events, the latest day first: those with a final result of somebody within the scope, their
    /// self-assessments, and those the caller began as the person they are. Whoever reaches the whole agency sees them all.
    ///
    /// # Errors
    /// The database's.
    pub async fn assessment_events(
        &self,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Result<Page<AssessmentEvent>, StoreError> {
        let before: Option<NaiveDate> = page.key(0).and_then(|day| day.parse().ok());
        let before = before.map(|day| (day, page.id(1)));
        let rows = self.event_rows(None, filter, before, Some(page.probe())).await?;
        Ok(Page::cut(rows, page.limit, |event: &AssessmentEvent| {
            vec![event.assessed_on.to_string(), event.id.to_string()]
        }))
    }

    async fn event_rows(
        &self,
        id: Option<AssessmentEventId>,
        filter: &EventFilter,
        before: Option<(NaiveDate, Option<Uuid>)>,
        limit: Option<i64>,
    ) -> Result<Vec<AssessmentEvent>, StoreError> {
        let EventFilter { state, purpose, method, from, until, reference } = filter.clone();
        let PeopleFilter { all, own, below, units } = self.people();
        let mut sentence = Sentence::new(
            "SELECT * FROM assessment_events t WHERE t.agency_id = $1",
            [self.agency().into(), self.today.into()],
        );
        if all {
            // Every value is told its type somewhere.
            sentence.push(" AND $2::date IS NOT NULL", []);
        } else {
            sentence.push(
                " AND (t.created_by IN (
                        SELECT g.user_id FROM grants g
                        WHERE g.agency_id = $1 AND g.employee_id = ANY ({}) AND g.revoked_at IS NULL)
                    OR EXISTS (
                        SELECT 1 FROM assessment_results r
                        WHERE r.agency_id = t.agency_id AND r.event_id = t.id
                          AND (t.method = {} OR r.recorded_at IS NOT NULL)
                          AND r.employee_id IN (SELECT people_within($1, $2, {}, {}, {}))))",
                [
                    own.clone().into(),
                    Method::SelfAssessment.as_str().into(),
                    own.into(),
                    below.into(),
                    units.into(),
                ],
            );
        }
        sentence.maybe(" AND t.id = {}", id.map(AssessmentEventId::uuid));
        sentence.maybe(" AND t.state = {}", state.map(EventState::as_str));
        sentence.maybe(" AND t.purpose = {}", purpose.map(Purpose::as_str));
        sentence.maybe(" AND t.method = {}", method.map(Method::as_str));
        sentence.maybe(" AND t.assessed_on >= {}", from);
        sentence.maybe(" AND t.assessed_on <= {}", until);
        sentence.maybe(" AND t.reference = {}", reference);
        if let Some((day, id)) = before {
            sentence.push(" AND (t.assessed_on, t.id) < ({}, {})", [day.into(), id.into()]);
        }
        sentence.push(" ORDER BY t.assessed_on DESC, t.id DESC", []);
        sentence.maybe(" LIMIT {}", limit);
        let rows = assessment_events::Model::find_by_statement(sentence.finish()).all(&self.db).await?;
        rows.into_iter().map(event_domain).collect()
    }

    /// Those of `events` that are self-assessments of the people the scope names and of nobody else.
    ///
    /// # Errors
    /// The database's.
    pub async fn self_assessments(
        &self,
        events: &[AssessmentEventId],
    ) -> Result<BTreeSet<AssessmentEventId>, StoreError> {
        let (agency, own, method) = (self.agency(), self.people().own, Method::SelfAssessment.as_str());
        let ids: Vec<Uuid> = events.iter().map(|id| id.uuid()).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT t.* FROM assessment_events t
             WHERE t.agency_id = {agency} AND t.id = ANY ({ids}) AND t.method = {method}
               AND (t.created_by IN (
                        SELECT g.user_id FROM grants g
                        WHERE g.agency_id = {agency} AND g.employee_id = ANY ({own}) AND g.revoked_at IS NULL)
                    OR EXISTS (
                        SELECT 1 FROM assessment_results r
                        WHERE r.agency_id = t.agency_id AND r.event_id = t.id AND r.employee_id = ANY ({own})))
               AND NOT EXISTS (
                    SELECT 1 FROM assessment_results r
                    WHERE r.agency_id = t.agency_id AND r.event_id = t.id AND r.employee_id <> ALL ({own}))"
        );
        let rows = assessment_events::Model::find_by_statement(statement).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| AssessmentEventId::from(row.id)).collect())
    }

    /// One result of a person within the scope: see [`Reader::assessment_results`].
    ///
    /// # Errors
    /// The database's.
    pub async fn assessment_result(&self, id: AssessmentResultId) -> Result<Option<ResultRow>, StoreError> {
        let rows = self.result_rows(Some(id), &ResultFilter::default(), None, None).await?;
        Ok(rows.into_iter().next())
    }

    /// Results of the people within the scope, the latest day first. What is not signed off is seen by whoever reaches the
    /// whole agency, and otherwise only where people assess themselves.
    ///
    /// # Errors
    /// The database's.
    pub async fn assessment_results(
        &self,
        filter: &ResultFilter,
        page: &PageRequest,
    ) -> Result<Page<ResultRow>, StoreError> {
        let before: Option<NaiveDate> = page.key(0).and_then(|day| day.parse().ok());
        let before = before.map(|day| (day, page.id(1)));
        let rows = self.result_rows(None, filter, before, Some(page.probe())).await?;
        Ok(Page::cut(rows, page.limit, |row: &ResultRow| {
            vec![row.result.assessed_on.to_string(), row.result.id.to_string()]
        }))
    }

    /// Every result of an event, corrected ones included: what signing off looks at.
    ///
    /// # Errors
    /// The database's.
    pub async fn assessment_results_of(
        &self,
        event: AssessmentEventId,
    ) -> Result<Vec<AssessmentResult>, StoreError> {
        let filter = ResultFilter { event: Some(event), ..ResultFilter::default() };
        let rows = self.result_rows(None, &filter, None, None).await?;
        Ok(rows.into_iter().map(|row| row.result).collect())
    }

    async fn result_rows(
        &self,
        id: Option<AssessmentResultId>,
        filter: &ResultFilter,
        before: Option<(NaiveDate, Option<Uuid>)>,
        limit: Option<i64>,
    ) -> Result<Vec<ResultRow>, StoreError> {
        let ResultFilter { employee, competency, event, final_only, counting_on } = filter.clone();
        let people = self.people();
        let mut sentence = Sentence::new(
            "SELECT r.*, t.method, t.purpose, t.state AS event_state, e.nip, e.name AS employee_name,
                    c.code AS competency_code,
                    (SELECT n.name FROM competency_contents n
                     JOIN dictionary_versions v ON v.agency_id = n.agency_id AND v.id = n.dictionary_version_id
                     WHERE n.agency_id = c.agency_id AND n.competency_id = c.id AND v.state <> 'DRAFT'
                     ORDER BY v.number DESC LIMIT 1) AS competency_name,
                    d.code AS dictionary_code
             FROM assessment_results r
             JOIN assessment_events t ON t.agency_id = r.agency_id AND t.id = r.event_id
             JOIN employees e ON e.agency_id = r.agency_id AND e.id = r.employee_id
             JOIN competencies c ON c.agency_id = r.competency_agency_id AND c.id = r.competency_id
             JOIN dictionaries d ON d.agency_id = c.agency_id AND d.id = c.dictionary_id
             WHERE r.agency_id = $1 AND $2::date IS NOT NULL",
            [self.agency().into(), self.today.into()],
        );
        if !people.all {
            let own_method = Method::SelfAssessment.as_str();
            sentence.push(" AND (t.method = {} OR r.recorded_at IS NOT NULL)", [own_method.into()]);
            sentence.within("r.employee_id", people);
        }
        sentence.maybe(" AND r.id = {}", id.map(AssessmentResultId::uuid));
        sentence.maybe(" AND r.employee_id = {}", employee.map(EmployeeId::uuid));
        sentence.maybe(" AND r.competency_id = {}", competency.map(CompetencyId::uuid));
        sentence.maybe(" AND r.event_id = {}", event.map(AssessmentEventId::uuid));
        if final_only {
            sentence.push(" AND r.recorded_at IS NOT NULL AND r.superseded_at IS NULL", []);
        }
        sentence.maybe(
            " AND r.counts AND r.recorded_at IS NOT NULL AND r.superseded_at IS NULL
              AND {} BETWEEN r.assessed_on AND r.valid_until",
            counting_on,
        );
        if let Some((day, id)) = before {
            sentence.push(" AND (r.assessed_on, r.id) < ({}, {})", [day.into(), id.into()]);
        }
        sentence.push(" ORDER BY r.assessed_on DESC, r.id DESC", []);
        sentence.maybe(" LIMIT {}", limit);
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        rows.into_iter().map(result_row).collect()
    }
}

impl Tx<'_> {
    /// An event of the scope's agency, which nobody else changes until this transaction ends, nor its results: who
    /// writes either holds the event. Whether the caller sees it is for [`Reader::assessment_event`] to say.
    ///
    /// # Errors
    /// The database's.
    pub async fn assessment_event_lock(
        &self,
        scope: &Scope,
        id: AssessmentEventId,
    ) -> Result<Option<AssessmentEvent>, StoreError> {
        let row = assessment_events::Entity::find_by_id((scope.agency().uuid(), id.uuid()))
            .lock_exclusive()
            .one(&self.db)
            .await?;
        row.map(event_domain).transpose()
    }

    /// Adds an assessment event.
    ///
    /// # Errors
    /// The database's.
    pub async fn assessment_event_insert(
        &self,
        pass: &Pass,
        event: &AssessmentEvent,
    ) -> Result<(), StoreError> {
        assessment_events::Entity::insert(assessment_events::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(event.id.uuid()),
            purpose: Set(event.purpose.as_str().to_owned()),
            method: Set(event.method.as_str().to_owned()),
            provider: Set(event.provider.to_string()),
            accreditation: Set(event.accreditation.as_ref().map(ToString::to_string)),
            assessed_on: Set(event.assessed_on),
            reference: Set(event.reference.as_ref().map(ToString::to_string)),
            state: Set(event.state.as_str().to_owned()),
            created_by: Set(pass.user().map(UserId::uuid)),
            signed_off_by: Set(event.signed_off_by.map(UserId::uuid)),
            signed_off_at: Set(event.signed_off_at),
            version: Set(event.version.get()),
            created_at: Set(self.now()),
            updated_at: Set(self.now()),
        })
        .exec_without_returning(&self.db)
        .await?;
        Ok(())
    }

    /// Replaces what an event that is not signed off says of itself; `event.version` is the version that was read. Its
    /// results keep the day they were entered with until they are signed off.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn assessment_event_update(
        &self,
        pass: &Pass,
        event: &AssessmentEvent,
    ) -> Result<AssessmentEvent, StoreError> {
        let row = assessment_events::Entity::update_many()
            .set(assessment_events::ActiveModel {
                purpose: Set(event.purpose.as_str().to_owned()),
                method: Set(event.method.as_str().to_owned()),
                provider: Set(event.provider.to_string()),
                accreditation: Set(event.accreditation.as_ref().map(ToString::to_string)),
                assessed_on: Set(event.assessed_on),
                reference: Set(event.reference.as_ref().map(ToString::to_string)),
                state: Set(event.state.as_str().to_owned()),
                signed_off_by: Set(event.signed_off_by.map(UserId::uuid)),
                signed_off_at: Set(event.signed_off_at),
                version: Set(event.version.next().get()),
                updated_at: Set(self.now()),
                ..Default::default()
            })
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Id.eq(event.id.uuid()))
            .filter(Column::Version.eq(event.version.get()))
            .exec_with_returning(&self.db)
            .await?
            .pop();
        event_domain(row.ok_or(StoreError::Stale)?)
    }

    /// Writes results of a draft event; one that is there already for the same person and competency is replaced and
    /// keeps its id. Results come back as stored, in the order given, with the event in its next version: whoever signs
    /// off has seen what was written last. `event.version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the event was changed or is no draft, `Missing("/employee_id")`,
    /// `Missing("/competency_id")`.
    pub async fn assessment_results_put(
        &self,
        pass: &Pass,
        event: &AssessmentEvent,
        results: &[AssessmentResult],
    ) -> Result<(AssessmentEvent, Vec<AssessmentResult>), StoreError> {
        use assessment_results::Column as C;
        let agency = pass.agency().uuid();
        let event = self.assessment_event_next(pass, event).await?;
        let mut stored = Vec::with_capacity(results.len());
        // A statement carries 65,535 parameters at most.
        for some in results.chunks(1000) {
            let rows = some.iter().map(|result| assessment_results::ActiveModel {
                event_id: Set(event.id.uuid()),
                recorded_at: Set(None),
                superseded_at: Set(None),
                ..active(agency, result)
            });
            let replace = OnConflict::columns([C::AgencyId, C::EventId, C::EmployeeId, C::CompetencyId])
                .target_and_where(Expr::col(C::SupersededAt).is_null())
                .update_columns([
                    C::CompetencyAgencyId,
                    C::Level,
                    C::Evidence,
                    C::Assessor,
                    C::AssessedOn,
                    C::ValidUntil,
                    C::Counts,
                ])
                .to_owned();
            let rows = assessment_results::Entity::insert_many(rows)
                .on_conflict(replace)
                .exec_with_returning(&self.db)
                .await?;
            for row in rows {
                stored.push(result_domain(row, event.method, event.purpose)?);
            }
        }
        Ok((event, stored))
    }

    /// Removes a result of a draft event, which comes back in its next version; `event.version` is the version that was
    /// read.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the event was changed or is no draft, or the result is gone or final.
    pub async fn assessment_result_delete(
        &self,
        pass: &Pass,
        event: &AssessmentEvent,
        id: AssessmentResultId,
    ) -> Result<AssessmentEvent, StoreError> {
        let event = self.assessment_event_next(pass, event).await?;
        let gone = assessment_results::Entity::delete_many()
            .filter(assessment_results::Column::AgencyId.eq(pass.agency().uuid()))
            .filter(assessment_results::Column::Id.eq(id.uuid()))
            .filter(assessment_results::Column::EventId.eq(event.id.uuid()))
            .filter(assessment_results::Column::RecordedAt.is_null())
            .exec(&self.db)
            .await?;
        if gone.rows_affected == 0 { Err(StoreError::Stale) } else { Ok(event) }
    }

    /// Makes the results of an event final: they count from this transaction's [stamp](Tx::stamp) on. `event` is signed
    /// off, its `version` the one that was read; `results` are all it has.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the event was changed, or its results are not these.
    pub async fn assessment_event_sign_off(
        &self,
        pass: &Pass,
        event: &AssessmentEvent,
        results: &[AssessmentResult],
    ) -> Result<AssessmentEvent, StoreError> {
        let stamp = self.stamp().await?;
        let event = AssessmentEvent { signed_off_at: Some(stamp), ..event.clone() };
        let event = self.assessment_event_update(pass, &event).await?;
        let (agency, event_id) = (pass.agency().uuid(), event.id.uuid());
        let (assessed_on, counts) = (event.assessed_on, event.method.counts());
        let ids: Vec<Uuid> = results.iter().map(|result| result.id.uuid()).collect();
        let valid_until: Vec<NaiveDate> = results.iter().map(|result| result.valid_until).collect();
        let statement = raw_sql!(
            Postgres,
            "UPDATE assessment_results r
             SET assessed_on = {assessed_on}, valid_until = s.valid_until, counts = {counts}, recorded_at = {stamp}
             FROM unnest({ids}::uuid[], {valid_until}::date[]) AS s(id, valid_until)
             WHERE r.agency_id = {agency} AND r.event_id = {event_id} AND r.id = s.id AND r.recorded_at IS NULL"
        );
        let done = self.db.execute_raw(statement).await?.rows_affected();
        let left = assessment_results::Entity::find()
            .filter(assessment_results::Column::AgencyId.eq(agency))
            .filter(assessment_results::Column::EventId.eq(event_id))
            .filter(assessment_results::Column::RecordedAt.is_null())
            .one(&self.db)
            .await?;
        if counts {
            self.moved(results.iter().map(|result| result.employee), assessed_on);
        }
        let all = usize::try_from(done).is_ok_and(|done| done == results.len());
        if all && left.is_none() { Ok(event) } else { Err(StoreError::Stale) }
    }

    /// Puts a corrected result in the place of the one it names in `supersedes`; both know of it from this
    /// transaction's [stamp](Tx::stamp) on.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when that one is not final, or was corrected meanwhile.
    pub async fn assessment_result_supersede(
        &self,
        pass: &Pass,
        right: &AssessmentResult,
    ) -> Result<AssessmentResult, StoreError> {
        let (agency, stamp) = (pass.agency().uuid(), self.stamp().await?);
        let wrong = right.supersedes.map(AssessmentResultId::uuid);
        let superseded = assessment_results::Entity::update_many()
            .set(assessment_results::ActiveModel { superseded_at: Set(Some(stamp)), ..Default::default() })
            .filter(assessment_results::Column::AgencyId.eq(agency))
            .filter(assessment_results::Column::Id.eq(wrong))
            .filter(assessment_results::Column::RecordedAt.is_not_null())
            .filter(assessment_results::Column::SupersededAt.is_null())
            .exec_with_returning(&self.db)
            .await?
            .pop()
            .ok_or(StoreError::Stale)?;
        if superseded.counts || right.method.counts() {
            self.moved([right.employee], Ord::min(superseded.assessed_on, right.assessed_on));
        }
        let right = AssessmentResult { recorded_at: Some(stamp), superseded_at: None, ..right.clone() };
        assessment_results::Entity::insert(active(agency, &right)).exec_without_returning(&self.db).await?;
        Ok(right)
    }

    /// The event in its next version, as long as it is the draft that was read.
    async fn assessment_event_next(
        &self,
        pass: &Pass,
        event: &AssessmentEvent,
    ) -> Result<AssessmentEvent, StoreError> {
        let row = assessment_events::Entity::update_many()
            .set(assessment_events::ActiveModel {
                version: Set(event.version.next().get()),
                updated_at: Set(self.now()),
                ..Default::default()
            })
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Id.eq(event.id.uuid()))
            .filter(Column::Version.eq(event.version.get()))
            .filter(Column::State.eq(EventState::Draft.as_str()))
            .exec_with_returning(&self.db)
            .await?
            .pop();
        event_domain(row.ok_or(StoreError::Stale)?)
    }
}
