//! An agency written at once, with a past: how one begins that was kept elsewhere before.

use std::collections::BTreeSet;

use access::{Grant, Pass};
use chrono::{DateTime, NaiveDate, Utc};
use competency::{
    AssessmentEvent, AssessmentResult, Content, Dictionary, DictionaryState, DictionaryVersion, EventState,
    Importance, Method, PolicyKind, PolicyVersion, Purpose, Standard, StandardState,
};
use kernel::{
    AgencyId, AssessmentEventId, AssessmentResultId, Code, CompetencyId, DictionaryId, DictionaryVersionId,
    EmployeeId, GrantId, Hundredths, Level, LongText, Name, Nip, PlacementId, PolicyId, PositionId,
    StandardId, UnitId, UserId, Version,
};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement, raw_sql};
use serde::Serialize;
use workforce::{Agency, Education, Employee, EmployeeStatus, JobClass, Placement, Position, Unit};

use crate::gap_model::BEGINNING;
use crate::policies::RubricDocument;
use crate::{StoreError, Tx, UserRow};

/// A new agency and everything it has. Instants stand as they are here.
#[derive(Clone, Debug)]
pub struct Founding {
    /// The agency.
    pub agency: Agency,
    /// Since when its records are kept; rows without an instant of their own were made then.
    pub since: DateTime<Utc>,
    /// New users and their roles in the agency.
    pub users: Vec<(UserRow, Vec<Grant>)>,
    /// Its own rubrics.
    pub policies: Vec<PolicyVersion<RubricDocument>>,
    /// Its units, each after its parent.
    pub units: Vec<Unit>,
    /// Its positions.
    pub positions: Vec<Position>,
    /// Its people. A recorded superior who has one as well comes first.
    pub employees: Vec<Employee>,
    /// Their position histories.
    pub placements: Vec<Placement>,
    /// Its own dictionaries.
    pub dictionaries: Vec<FoundingDictionary>,
    /// Its positions' standards.
    pub standards: Vec<Standard>,
    /// Its assessments.
    pub assessments: Vec<FoundingAssessment>,
}

/// A dictionary of a [`Founding`].
#[derive(Clone, Debug)]
pub struct FoundingDictionary {
    /// The dictionary.
    pub dictionary: Dictionary,
    /// Its versions, and what each says.
    pub versions: Vec<(DictionaryVersion, Vec<Content>)>,
}

/// An assessment event of a [`Founding`].
#[derive(Clone, Debug)]
pub struct FoundingAssessment {
    /// The event.
    pub event: AssessmentEvent,
    /// Who entered it.
    pub created_by: Option<UserId>,
    /// Its results, each after the one it corrects.
    pub results: Vec<AssessmentResult>,
}

/// Rows per statement: enough to make the way to the database short, few enough to hold their text in memory.
const CHUNK: usize = 4000;

/// What is worth counting for the planner before the first question is asked.
const ANALYZE: &str = "ANALYZE units, unit_ancestors, positions, employees, placements, standards, \
                       standard_requirements, assessment_events, assessment_results";

#[derive(Serialize)]
struct UserRecord<'a> {
    id: UserId,
    issuer: &'a str,
    subject: &'a str,
    name: &'a Name,
    created_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct GrantRecord<'a> {
    agency_id: AgencyId,
    id: GrantId,
    user_id: UserId,
    name: &'a Name,
    role: &'static str,
    employee_id: Option<EmployeeId>,
    unit_id: Option<UnitId>,
    scopes: &'a [String],
    granted_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct PolicyRecord<'a> {
    agency_id: AgencyId,
    id: PolicyId,
    kind: PolicyKind,
    name: &'a Code,
    number: i32,
    valid_from: NaiveDate,
    recorded_at: DateTime<Utc>,
    rubric: &'a RubricDocument,
    source: &'a LongText,
}

#[derive(Serialize)]
struct UnitRecord<'a> {
    agency_id: AgencyId,
    id: UnitId,
    code: &'a Code,
    name: &'a Name,
    kind: Option<&'a Name>,
    parent_id: Option<UnitId>,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct PositionRecord<'a> {
    agency_id: AgencyId,
    id: PositionId,
    code: &'a Code,
    name: &'a Name,
    unit_id: UnitId,
    job_class: JobClass,
    is_head: bool,
    abolished_on: Option<NaiveDate>,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct EmployeeRecord<'a> {
    agency_id: AgencyId,
    id: EmployeeId,
    nip: &'a Nip,
    name: &'a Name,
    status: EmployeeStatus,
    education: Option<Education>,
    appointed_on: Option<NaiveDate>,
    superior_id: Option<EmployeeId>,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct PlacementRecord<'a> {
    agency_id: AgencyId,
    id: PlacementId,
    employee_id: EmployeeId,
    position_id: Option<PositionId>,
    starts_on: NaiveDate,
    decree: Option<&'a Name>,
    recorded_at: DateTime<Utc>,
    retracted_at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
struct DictionaryRecord<'a> {
    agency_id: AgencyId,
    id: DictionaryId,
    code: &'a Code,
    name: &'a Name,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct DictionaryVersionRecord {
    agency_id: AgencyId,
    id: DictionaryVersionId,
    dictionary_id: DictionaryId,
    number: i32,
    state: DictionaryState,
    published_at: Option<DateTime<Utc>>,
    retired_at: Option<DateTime<Utc>>,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct CompetencyRecord<'a> {
    agency_id: AgencyId,
    id: CompetencyId,
    dictionary_id: DictionaryId,
    code: &'a Code,
}

#[derive(Serialize)]
struct ContentRecord<'a> {
    agency_id: AgencyId,
    dictionary_version_id: DictionaryVersionId,
    competency_id: CompetencyId,
    name: &'a Name,
    family: &'a Code,
    definition: &'a LongText,
    version: Version,
}

#[derive(Serialize)]
struct LevelRecord<'a> {
    agency_id: AgencyId,
    dictionary_version_id: DictionaryVersionId,
    competency_id: CompetencyId,
    level: Level,
    description: &'a LongText,
    indicators: &'a [LongText],
}

#[derive(Serialize)]
struct StandardRecord<'a> {
    agency_id: AgencyId,
    id: StandardId,
    position_id: PositionId,
    number: i32,
    state: StandardState,
    valid_from: NaiveDate,
    decree: Option<&'a Name>,
    verified_by: Option<UserId>,
    verified_at: Option<DateTime<Utc>>,
    enacted_by: Option<UserId>,
    enacted_at: Option<DateTime<Utc>>,
    revoked_on: Option<NaiveDate>,
    revoked_at: Option<DateTime<Utc>>,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct RequirementRecord {
    agency_id: AgencyId,
    standard_id: StandardId,
    competency_id: CompetencyId,
    competency_agency_id: AgencyId,
    dictionary_version_id: DictionaryVersionId,
    ordinal: i32,
    level: Level,
    weight: Hundredths,
    importance: Importance,
}

#[derive(Serialize)]
struct EventRecord<'a> {
    agency_id: AgencyId,
    id: AssessmentEventId,
    purpose: Purpose,
    method: Method,
    provider: &'a Name,
    accreditation: Option<&'a Name>,
    assessed_on: NaiveDate,
    reference: Option<&'a Name>,
    state: EventState,
    created_by: Option<UserId>,
    signed_off_by: Option<UserId>,
    signed_off_at: Option<DateTime<Utc>>,
    version: Version,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct ResultRecord<'a> {
    agency_id: AgencyId,
    id: AssessmentResultId,
    event_id: AssessmentEventId,
    employee_id: EmployeeId,
    competency_id: CompetencyId,
    competency_agency_id: AgencyId,
    level: Level,
    evidence: Option<&'a LongText>,
    assessor: Option<&'a Name>,
    assessed_on: NaiveDate,
    valid_until: NaiveDate,
    counts: bool,
    recorded_at: Option<DateTime<Utc>>,
    supersedes_id: Option<AssessmentResultId>,
    superseded_at: Option<DateTime<Utc>>,
    reason: Option<&'a LongText>,
}

impl Tx<'_> {
    /// Adds an agency with everything it has.
    ///
    /// Here alone facts come with the instants at which they were recorded, and not with this transaction's
    /// [stamp](Tx::stamp): the agency is new, so nobody can have been told anything that they would change.
    ///
    /// # Errors
    /// `Taken("/code")`; whatever a constraint finds.
    pub async fn agency_found(&self, pass: &Pass, founding: &Founding) -> Result<(), StoreError> {
        self.agency_insert(&founding.agency).await?;
        self.found_structure(pass, founding).await?;
        self.found_people(pass, founding).await?;
        self.found_users(pass, founding).await?;
        self.found_dictionaries(pass, founding).await?;
        self.found_standards(pass, founding).await?;
        self.found_assessments(pass, founding).await?;
        self.moved(founding.employees.iter().map(|employee| employee.id), BEGINNING);
        self.db.execute_unprepared(ANALYZE).await?;
        Ok(())
    }

    async fn found_structure(&self, pass: &Pass, founding: &Founding) -> Result<(), StoreError> {
        let (agency_id, at) = (pass.agency(), founding.since);
        let units = founding.units.iter().map(|unit| UnitRecord {
            agency_id,
            id: unit.id,
            code: &unit.code,
            name: &unit.name,
            kind: unit.kind.as_ref(),
            parent_id: unit.parent,
            version: unit.version,
            created_at: at,
            updated_at: at,
        });
        self.rows_insert("units", units).await?;
        let agency = agency_id.uuid();
        let ancestors = raw_sql!(
            Postgres,
            "INSERT INTO unit_ancestors (agency_id, ancestor_id, unit_id, depth)
             WITH RECURSIVE up AS (
                SELECT id AS unit_id, id AS ancestor_id, parent_id, 0 AS depth FROM units WHERE agency_id = {agency}
                UNION ALL
                SELECT up.unit_id, u.id, u.parent_id, up.depth + 1
                FROM up JOIN units u ON u.agency_id = {agency} AND u.id = up.parent_id)
             SELECT {agency}, ancestor_id, unit_id, depth FROM up"
        );
        self.db.execute_raw(ancestors).await?;
        let positions = founding.positions.iter().map(|position| PositionRecord {
            agency_id,
            id: position.id,
            code: &position.code,
            name: &position.name,
            unit_id: position.unit,
            job_class: position.job_class,
            is_head: position.is_head,
            abolished_on: position.abolished_on,
            version: position.version,
            created_at: at,
            updated_at: at,
        });
        self.rows_insert("positions", positions).await
    }

    async fn found_people(&self, pass: &Pass, founding: &Founding) -> Result<(), StoreError> {
        let (agency_id, at) = (pass.agency(), founding.since);
        let (led, own): (Vec<&Employee>, Vec<&Employee>) =
            founding.employees.iter().partition(|employee| employee.superior.is_some());
        let employees = own.into_iter().chain(led).map(|employee| EmployeeRecord {
            agency_id,
            id: employee.id,
            nip: &employee.nip,
            name: &employee.name,
            status: employee.status,
            education: employee.education,
            appointed_on: employee.appointed_on,
            superior_id: employee.superior,
            version: employee.version,
            created_at: at,
            updated_at: at,
        });
        self.rows_insert("employees", employees).await?;
        let placements = founding.placements.iter().map(|placement| PlacementRecord {
            agency_id,
            id: placement.id,
            employee_id: placement.employee,
            position_id: placement.position,
            starts_on: placement.starts_on,
            decree: placement.decree.as_ref(),
            recorded_at: placement.recorded_at,
            retracted_at: placement.retracted_at,
        });
        self.rows_insert("placements", placements).await
    }

    async fn found_users(&self, pass: &Pass, founding: &Founding) -> Result<(), StoreError> {
        let (agency_id, at) = (pass.agency(), founding.since);
        let users = founding.users.iter().map(|(user, _)| UserRecord {
            id: user.id,
            issuer: &user.issuer,
            subject: &user.subject,
            name: &user.name,
            created_at: at,
        });
        self.rows_insert("users", users).await?;
        let grants = founding.users.iter().flat_map(|(user, grants)| {
            grants.iter().map(move |grant| GrantRecord {
                agency_id,
                id: grant.id,
                user_id: user.id,
                name: &user.name,
                role: grant.role.as_str(),
                employee_id: grant.employee,
                unit_id: grant.unit,
                scopes: &grant.scopes,
                granted_at: at,
            })
        });
        self.rows_insert("grants", grants).await?;
        let policies = founding.policies.iter().map(|policy| PolicyRecord {
            agency_id,
            id: policy.id,
            kind: policy.rubric.kind(),
            name: &policy.name,
            number: policy.number,
            valid_from: policy.valid_from,
            recorded_at: policy.recorded_at,
            rubric: &policy.rubric,
            source: &policy.source,
        });
        self.rows_insert("policies", policies).await
    }

    async fn found_dictionaries(&self, pass: &Pass, founding: &Founding) -> Result<(), StoreError> {
        let (agency_id, at) = (pass.agency(), founding.since);
        let dictionaries =
            founding.dictionaries.iter().map(|FoundingDictionary { dictionary, .. }| DictionaryRecord {
                agency_id,
                id: dictionary.id,
                code: &dictionary.code,
                name: &dictionary.name,
                version: dictionary.version,
                created_at: at,
                updated_at: at,
            });
        self.rows_insert("dictionaries", dictionaries).await?;
        let versions: Vec<_> = founding.dictionaries.iter().flat_map(|one| &one.versions).collect();
        let rows = versions.iter().map(|(version, _)| DictionaryVersionRecord {
            agency_id,
            id: version.id,
            dictionary_id: version.dictionary,
            number: version.number,
            state: version.state,
            published_at: version.published_at,
            retired_at: version.retired_at,
            version: version.version,
            created_at: at,
            updated_at: version.retired_at.or(version.published_at).unwrap_or(at),
        });
        self.rows_insert("dictionary_versions", rows).await?;
        // The competency itself is the same in every version that speaks of it.
        let contents = || {
            versions.iter().flat_map(|(version, contents)| {
                contents.iter().map(move |content| (version.dictionary, version.id, content))
            })
        };
        let mut seen = BTreeSet::new();
        let competencies = contents()
            .filter(|(_, _, content)| seen.insert(content.competency))
            .map(|(dictionary_id, _, content)| CompetencyRecord {
                agency_id,
                id: content.competency,
                dictionary_id,
                code: &content.code,
            })
            .collect::<Vec<_>>();
        self.rows_insert("competencies", competencies.into_iter()).await?;
        let rows = contents().map(|(_, dictionary_version_id, content)| ContentRecord {
            agency_id,
            dictionary_version_id,
            competency_id: content.competency,
            name: &content.name,
            family: &content.family,
            definition: &content.definition,
            version: Version::FIRST,
        });
        self.rows_insert("competency_contents", rows).await?;
        let levels = contents().flat_map(|(_, dictionary_version_id, content)| {
            content.levels.iter().map(move |text| LevelRecord {
                agency_id,
                dictionary_version_id,
                competency_id: content.competency,
                level: text.level,
                description: &text.description,
                indicators: &text.indicators,
            })
        });
        self.rows_insert("competency_levels", levels).await
    }

    async fn found_standards(&self, pass: &Pass, founding: &Founding) -> Result<(), StoreError> {
        let (agency_id, at) = (pass.agency(), founding.since);
        let standards = founding.standards.iter().map(|standard| StandardRecord {
            agency_id,
            id: standard.id,
            position_id: standard.position,
            number: standard.number,
            state: standard.state,
            valid_from: standard.valid_from,
            decree: standard.decree.as_ref(),
            verified_by: standard.verified_by,
            verified_at: standard.verified_at,
            enacted_by: standard.enacted_by,
            enacted_at: standard.enacted_at,
            revoked_on: standard.revoked_on,
            revoked_at: standard.revoked_at,
            version: standard.version,
            created_at: at,
            updated_at: standard.revoked_at.or(standard.enacted_at).or(standard.verified_at).unwrap_or(at),
        });
        self.rows_insert("standards", standards).await?;
        let requirements = founding.standards.iter().flat_map(|standard| {
            (1..).zip(&standard.requirements).map(move |(ordinal, requirement)| RequirementRecord {
                agency_id,
                standard_id: standard.id,
                competency_id: requirement.competency,
                competency_agency_id: requirement.competency_agency,
                dictionary_version_id: requirement.dictionary_version,
                ordinal,
                level: requirement.level,
                weight: requirement.weight,
                importance: requirement.importance,
            })
        });
        self.rows_insert("standard_requirements", requirements).await
    }

    async fn found_assessments(&self, pass: &Pass, founding: &Founding) -> Result<(), StoreError> {
        let (agency_id, at) = (pass.agency(), founding.since);
        let events = founding.assessments.iter().map(|FoundingAssessment { event, created_by, .. }| {
            let made = event.signed_off_at.unwrap_or(at);
            EventRecord {
                agency_id,
                id: event.id,
                purpose: event.purpose,
                method: event.method,
                provider: &event.provider,
                accreditation: event.accreditation.as_ref(),
                assessed_on: event.assessed_on,
                reference: event.reference.as_ref(),
                state: event.state,
                created_by: *created_by,
                signed_off_by: event.signed_off_by,
                signed_off_at: event.signed_off_at,
                version: event.version,
                created_at: made,
                updated_at: made,
            }
        });
        self.rows_insert("assessment_events", events).await?;
        let results = founding.assessments.iter().flat_map(|one| &one.results).map(|result| ResultRecord {
            agency_id,
            id: result.id,
            event_id: result.event,
            employee_id: result.employee,
            competency_id: result.competency,
            competency_agency_id: result.competency_agency,
            level: result.level,
            evidence: result.evidence.as_ref(),
            assessor: result.assessor.as_ref(),
            assessed_on: result.assessed_on,
            valid_until: result.valid_until,
            counts: result.method.counts(),
            recorded_at: result.recorded_at,
            supersedes_id: result.supersedes,
            superseded_at: result.superseded_at,
            reason: result.reason.as_ref(),
        });
        self.rows_insert("assessment_results", results).await
    }

    /// Inserts `rows` into `table`; their properties are its columns. As one text per statement they take a fraction of
    /// the time that a parameter per value would.
    async fn rows_insert<R: Serialize>(
        &self,
        table: &'static str,
        mut rows: impl Iterator<Item = R>,
    ) -> Result<(), StoreError> {
        let sql =
            format!("INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $1::json)");
        loop {
            let some: Vec<R> = rows.by_ref().take(CHUNK).collect();
            if some.is_empty() {
                return Ok(());
            }
            let Ok(text) = serde_json::to_string(&some) else { return Err(StoreError::Corrupt(table)) };
            let statement = Statement::from_sql_and_values(DbBackend::Postgres, &sql, [text.into()]);
            self.db.execute_raw(statement).await?;
        }
    }
}
