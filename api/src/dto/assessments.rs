//! Assessment events, and the results found there.

use chrono::{DateTime, NaiveDate, Utc};
use competency::{AssessmentEvent, AssessmentResult, Correction, EventAction, EventState, ResultAction};
use kernel::{
    AssessmentEventId, AssessmentResultId, EmployeeId, Level, LongText, Name, Nip, UserId, Version,
    Violation, ViolationCode, Violations,
};
use serde::{Deserialize, Serialize};
use store::ResultRow;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};
use crate::dto::values::{
    CompetencyName, competency_name, level, long_text, name, optional_long_text, optional_name,
};
use crate::dto::{day, fingerprint};
use crate::messages;

/// An assessment event (kegiatan penilaian kompetensi).
#[derive(Debug, Serialize, ToSchema)]
pub struct AssessmentEventView {
    /// Identifier.
    pub id: Uuid,
    /// What it is for.
    pub purpose: wire::Purpose,
    /// How it is done.
    pub method: wire::AssessmentMethod,
    /// Whether its results count once they are final: not those of a self-assessment.
    #[schema(example = true)]
    pub counts: bool,
    /// Who does it.
    #[schema(example = "UPT Penilaian Kompetensi", max_length = 200)]
    pub provider: String,
    /// The provider's accreditation by BKN.
    #[schema(example = "Akreditasi A BKN 12/2025", max_length = 200)]
    pub accreditation: Option<String>,
    /// The day its results are dated.
    pub assessed_on: NaiveDate,
    /// Number of the report or letter.
    #[schema(example = "800/77/2026", max_length = 200)]
    pub reference: Option<String>,
    /// Where it stands.
    pub state: wire::AssessmentEventState,
    /// Who made its results final: the user's id.
    pub signed_off_by: Option<Uuid>,
    /// When its results became final.
    pub signed_off_at: Option<DateTime<Utc>>,
    /// What the caller may do with it now.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<wire::AssessmentEventAction>,
}

impl AssessmentEventView {
    /// The event, of which the caller may do `allowed`.
    #[must_use]
    pub fn new(event: AssessmentEvent, allowed: Vec<EventAction>) -> Self {
        let AssessmentEvent {
            id,
            purpose,
            method,
            provider,
            accreditation,
            assessed_on,
            reference,
            state,
            signed_off_by,
            signed_off_at,
            version: _,
        } = event;
        Self {
            id: id.uuid(),
            purpose: Wire(purpose),
            method: Wire(method),
            counts: method.counts(),
            provider: provider.into_string(),
            accreditation: accreditation.map(Name::into_string),
            assessed_on,
            reference: reference.map(Name::into_string),
            state: Wire(state),
            signed_off_by: signed_off_by.map(UserId::uuid),
            signed_off_at,
            allowed_actions: allowed.into_iter().map(Wire).collect(),
        }
    }
}

/// What a caller says of an assessment event, to make or to replace one.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"purpose": "MAPPING", "method": "ASSESSMENT_CENTER", "provider": "UPT Penilaian Kompetensi",
    "assessed_on": "2026-06-15"}))]
pub struct AssessmentEventPut {
    /// What it is for.
    pub purpose: wire::Purpose,
    /// How it is done. Whether it is a self-assessment cannot change once there are results.
    pub method: wire::AssessmentMethod,
    /// Who does it.
    #[schema(example = "UPT Penilaian Kompetensi", min_length = 1, max_length = 200)]
    pub provider: String,
    /// The provider's accreditation by BKN.
    #[schema(example = "Akreditasi A BKN 12/2025", max_length = 200)]
    pub accreditation: Option<String>,
    /// The day its results are dated. It may lie ahead until the event is signed off.
    pub assessed_on: NaiveDate,
    /// Number of the report or letter.
    #[schema(example = "800/77/2026", max_length = 200)]
    pub reference: Option<String>,
}

impl AssessmentEventPut {
    /// The draft these values describe.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(
        self,
        id: AssessmentEventId,
        version: Version,
    ) -> Result<AssessmentEvent, Vec<Violation>> {
        let Self {
            purpose: Wire(purpose),
            method: Wire(method),
            provider,
            accreditation,
            assessed_on,
            reference,
        } = self;
        let mut found = Violations::new();
        let provider = name(&mut found, "/provider", &provider);
        let accreditation = optional_name(&mut found, "/accreditation", accreditation.as_deref());
        let reference = optional_name(&mut found, "/reference", reference.as_deref());
        let assessed_on = found.take(day("/assessed_on", assessed_on));
        match (provider, accreditation, reference, assessed_on) {
            (Some(provider), Some(accreditation), Some(reference), Some(assessed_on)) => {
                Ok(AssessmentEvent {
                    id,
                    purpose,
                    method,
                    provider,
                    accreditation,
                    assessed_on,
                    reference,
                    state: EventState::Draft,
                    signed_off_by: None,
                    signed_off_at: None,
                    version,
                })
            }
            _ => Err(found.into_sorted()),
        }
    }
}

/// Which assessment events a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AssessmentEventQuery {
    /// In this state.
    pub state: Option<wire::AssessmentEventState>,
    /// For this purpose.
    pub purpose: Option<wire::Purpose>,
    /// Done this way.
    pub method: Option<wire::AssessmentMethod>,
    /// On this day or later.
    pub from: Option<NaiveDate>,
    /// On this day or earlier.
    pub until: Option<NaiveDate>,
    /// With exactly this number of the report or letter.
    #[param(example = "800/77/2026", max_length = 200)]
    pub reference: Option<String>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

/// The level found for one person and competency at one event.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssessmentResultView {
    /// Identifier.
    pub id: Uuid,
    /// The event it was found at.
    pub event_id: Uuid,
    /// Whose it is.
    pub employee_id: Uuid,
    /// The person's NIP or NI PPPK.
    #[schema(example = "198501012010012001", max_length = 18)]
    pub nip: String,
    /// The person's name.
    #[schema(example = "Siti Rahmawati", max_length = 200)]
    pub employee_name: String,
    /// The competency.
    pub competency_id: Uuid,
    /// Code of the competency's dictionary.
    #[schema(example = "NASIONAL-38-2017", max_length = 64)]
    pub dictionary: String,
    /// The competency's code.
    #[schema(example = "M.1", max_length = 64)]
    pub competency_code: String,
    /// The competency's name.
    #[schema(example = "Integritas", max_length = 200)]
    pub competency_name: String,
    /// The level found.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level: u8,
    /// What was observed (bukti perilaku).
    #[schema(example = "Menolak gratifikasi dan melaporkannya.", max_length = 4000)]
    pub evidence: Option<String>,
    /// Who assessed.
    #[schema(example = "Asesor Madya", max_length = 200)]
    pub assessor: Option<String>,
    /// What the event was for.
    pub purpose: wire::Purpose,
    /// How it was found.
    pub method: wire::AssessmentMethod,
    /// Whether it counts as evidence once it is final: not when it is a self-assessment.
    #[schema(example = true)]
    pub counts: bool,
    /// The day it was found.
    pub assessed_on: NaiveDate,
    /// The last day it is valid, itself included.
    pub valid_until: NaiveDate,
    /// Where it stands.
    pub state: wire::AssessmentResultState,
    /// Since when it is final; answers for an earlier `known_at` do not use it.
    pub recorded_at: Option<DateTime<Utc>>,
    /// Since when another result stands in its place.
    pub superseded_at: Option<DateTime<Utc>>,
    /// The result it corrects.
    pub supersedes_id: Option<Uuid>,
    /// Why it corrects another.
    #[schema(example = "Salah ketik level.", max_length = 4000)]
    pub reason: Option<String>,
    /// What the caller may do with it now.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<wire::AssessmentResultAction>,
}

impl AssessmentResultView {
    /// The result, of which the caller may do `allowed`.
    #[must_use]
    pub fn new(row: ResultRow, allowed: Vec<ResultAction>) -> Self {
        let ResultRow {
            result,
            event_state: _,
            nip,
            employee_name,
            competency_code,
            competency_name,
            dictionary_code,
        } = row;
        let state = Wire(result.state());
        let AssessmentResult {
            id,
            event,
            employee,
            competency,
            competency_agency: _,
            level,
            evidence,
            assessor,
            assessed_on,
            valid_until,
            recorded_at,
            superseded_at,
            supersedes,
            reason,
            method,
            purpose,
        } = result;
        Self {
            id: id.uuid(),
            event_id: event.uuid(),
            employee_id: employee.uuid(),
            nip: nip.as_str().to_owned(),
            employee_name: employee_name.into_string(),
            competency_id: competency.uuid(),
            dictionary: dictionary_code.into_string(),
            competency_code: competency_code.into_string(),
            competency_name: competency_name.into_string(),
            level: level.get(),
            evidence: evidence.map(LongText::into_string),
            assessor: assessor.map(Name::into_string),
            purpose: Wire(purpose),
            method: Wire(method),
            counts: method.counts(),
            assessed_on,
            valid_until,
            state,
            recorded_at,
            superseded_at,
            supersedes_id: supersedes.map(AssessmentResultId::uuid),
            reason: reason.map(LongText::into_string),
            allowed_actions: allowed.into_iter().map(Wire).collect(),
        }
    }
}

/// The version of a result, which has none of its own: what was written of it, so that a changed one is another.
#[must_use]
pub fn result_version(result: &AssessmentResult) -> Version {
    let AssessmentResult {
        id,
        level,
        evidence,
        assessor,
        assessed_on,
        valid_until,
        recorded_at,
        superseded_at,
        ..
    } = result;
    fingerprint(&(id, level, evidence, assessor, assessed_on, valid_until, recorded_at, superseded_at))
}

/// Which assessment results a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AssessmentResultQuery {
    /// Of this person.
    pub employee_id: Option<Uuid>,
    /// In this competency.
    pub competency_id: Option<Uuid>,
    /// Found at this event.
    pub event_id: Option<Uuid>,
    /// Only those that are final and not corrected.
    #[param(example = true)]
    pub final_only: Option<bool>,
    /// Only those that count on this day: final, not corrected, found by then by a method that counts, still valid.
    pub counting_on: Option<NaiveDate>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

/// Results to write into a draft event. One that is there already for the same person and competency is replaced; others
/// stay.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"items": [{"nip": "198501012010012001", "dictionary": "NASIONAL-38-2017",
    "competency_code": "M.1", "level": 3}]}))]
pub struct AssessmentResultsPut {
    /// The results.
    #[schema(min_items = 1, max_items = 1000)]
    pub items: Vec<AssessmentResultPut>,
}

/// One result to write: the person by id or NIP, the competency by id or by the code of its dictionary and its own.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessmentResultPut {
    /// The person, when named by id.
    pub employee_id: Option<Uuid>,
    /// The person's NIP or NI PPPK, when named by it.
    #[schema(example = "198501012010012001", min_length = 18, max_length = 18)]
    pub nip: Option<String>,
    /// The competency, when it is named by id.
    pub competency_id: Option<Uuid>,
    /// Code of the competency's dictionary, when it is named by code.
    #[schema(example = "NASIONAL-38-2017", min_length = 1, max_length = 64)]
    pub dictionary: Option<String>,
    /// The competency's code, when it is named by code.
    #[schema(example = "M.1", min_length = 1, max_length = 64)]
    pub competency_code: Option<String>,
    /// The level found.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level: i64,
    /// What was observed (bukti perilaku).
    #[schema(example = "Menolak gratifikasi dan melaporkannya.", max_length = 4000)]
    pub evidence: Option<String>,
    /// Who assessed.
    #[schema(example = "Asesor Madya", max_length = 200)]
    pub assessor: Option<String>,
    /// The last day it is valid, not later than the policy of validity allows; what that allows when absent.
    pub valid_until: Option<NaiveDate>,
}

/// A person as a caller names them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EmployeeName {
    /// By id.
    Id(EmployeeId),
    /// By NIP.
    Nip(Nip),
}

/// A result whose person and competency have yet to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultAsk {
    /// The person as the caller names them.
    pub employee: EmployeeName,
    /// The competency as the caller names it.
    pub competency: CompetencyName,
    /// The level found.
    pub level: Level,
    /// What was observed.
    pub evidence: Option<LongText>,
    /// Who assessed.
    pub assessor: Option<Name>,
    /// The last day it is valid.
    pub valid_until: Option<NaiveDate>,
}

/// The most results of one request.
pub const MAX_RESULTS: usize = 1000;

impl AssessmentResultsPut {
    /// Each result as these values describe it, or every value of it that cannot stand.
    ///
    /// # Errors
    /// `/items` too few or too many. `today` bounds what an identity number can say.
    pub fn into_domain(self, today: NaiveDate) -> Result<Vec<Result<ResultAsk, Vec<Violation>>>, Violation> {
        let Self { items } = self;
        if items.is_empty() {
            return Err(Violation::new("/items", ViolationCode::TooFew).with("min", 1));
        }
        if items.len() > MAX_RESULTS {
            return Err(Violation::new("/items", ViolationCode::TooMany).with("max", MAX_RESULTS));
        }
        let read =
            |(index, item): (usize, AssessmentResultPut)| item.into_domain(&format!("/items/{index}"), today);
        Ok(items.into_iter().enumerate().map(read).collect())
    }
}

impl AssessmentResultPut {
    fn into_domain(self, at: &str, today: NaiveDate) -> Result<ResultAsk, Vec<Violation>> {
        let Self {
            employee_id,
            nip,
            competency_id,
            dictionary,
            competency_code,
            level: value,
            evidence,
            assessor,
            valid_until,
        } = self;
        let mut found = Violations::new();
        let refused = |property: &str, code| Violation::new(format!("{at}/{property}"), code);
        let employee = match (employee_id, nip) {
            (Some(id), None) => Some(EmployeeName::Id(id.into())),
            (None, Some(nip)) => {
                let read = Nip::parse(&nip, today).map_err(|violation| violation.under(&format!("{at}/nip")));
                found.take(read).map(EmployeeName::Nip)
            }
            (Some(_), Some(_)) => found.take(Err(refused("employee_id", ViolationCode::Inconsistent))),
            (None, None) => found.take(Err(refused("employee_id", ViolationCode::Required))),
        };
        let competency =
            competency_name(&mut found, at, competency_id, dictionary.as_deref(), competency_code.as_deref());
        let level = level(&mut found, &format!("{at}/level"), value);
        let evidence = optional_long_text(&mut found, &format!("{at}/evidence"), evidence.as_deref());
        let assessor = optional_name(&mut found, &format!("{at}/assessor"), assessor.as_deref());
        let valid_until =
            valid_until.map(|valid_until| day(&format!("{at}/valid_until"), valid_until)).transpose();
        let valid_until = found.take(valid_until);
        match (employee, competency, level, evidence, assessor, valid_until) {
            (
                Some(employee),
                Some(competency),
                Some(level),
                Some(evidence),
                Some(assessor),
                Some(valid_until),
            ) => Ok(ResultAsk { employee, competency, level, evidence, assessor, valid_until }),
            _ => Err(found.into_sorted()),
        }
    }
}

/// How to write results.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AssessmentResultsQuery {
    /// All or nothing (`true`, the default), or every result that can stand (`false`).
    #[param(example = true, default = true)]
    pub atomic: Option<bool>,
    /// Only check: the same errors, and nothing is written.
    #[param(example = false, default = false)]
    pub dry_run: Option<bool>,
}

/// What became of each result of a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssessmentResultsView {
    /// The event.
    pub event_id: Uuid,
    /// Whether anything was written; not when it was only checked.
    #[schema(example = true)]
    pub written: bool,
    /// What became of each, in the order sent.
    #[schema(max_items = 1000)]
    pub items: Vec<ResultOutcomeView>,
}

/// What became of one result.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResultOutcomeView {
    /// Whether it can stand.
    #[schema(example = true)]
    pub accepted: bool,
    /// Its identifier, once it is written.
    pub result_id: Option<Uuid>,
    /// Every value of it that cannot stand.
    #[schema(max_items = 20)]
    pub errors: Vec<ResultErrorView>,
}

/// One refused value.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResultErrorView {
    /// JSON Pointer into the request's body.
    #[schema(example = "/items/0/level", max_length = 400)]
    pub pointer: String,
    /// Stable code.
    #[schema(example = "OUT_OF_RANGE", max_length = 64)]
    pub code: String,
}

impl From<&Violation> for ResultErrorView {
    fn from(violation: &Violation) -> Self {
        Self { pointer: violation.pointer.clone(), code: messages::name(violation.code).to_owned() }
    }
}

/// What a corrected result says.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"level": 3, "reason": "Salah ketik level."}))]
pub struct ResultSupersession {
    /// The right level.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level: i64,
    /// What was observed (bukti perilaku).
    #[schema(example = "Menolak gratifikasi dan melaporkannya.", max_length = 4000)]
    pub evidence: Option<String>,
    /// Who assessed.
    #[schema(example = "Asesor Madya", max_length = 200)]
    pub assessor: Option<String>,
    /// The last valid day where that was wrong, too.
    pub valid_until: Option<NaiveDate>,
    /// Why the correction.
    #[schema(example = "Salah ketik level.", min_length = 1, max_length = 4000)]
    pub reason: String,
}

impl ResultSupersession {
    /// The correction these values describe.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self, id: AssessmentResultId) -> Result<Correction, Vec<Violation>> {
        let Self { level: value, evidence, assessor, valid_until, reason } = self;
        let mut found = Violations::new();
        let level = level(&mut found, "/level", value);
        let evidence = optional_long_text(&mut found, "/evidence", evidence.as_deref());
        let assessor = optional_name(&mut found, "/assessor", assessor.as_deref());
        let valid_until = found.take(valid_until.map(|last| day("/valid_until", last)).transpose());
        let reason = long_text(&mut found, "/reason", &reason);
        match (level, evidence, assessor, valid_until, reason) {
            (Some(level), Some(evidence), Some(assessor), Some(valid_until), Some(reason)) => {
                Ok(Correction { id, level, evidence, assessor, valid_until, reason })
            }
            _ => Err(found.into_sorted()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, 1).unwrap()
    }

    #[test]
    fn each_result_is_read_by_itself() {
        let input: AssessmentResultsPut = serde_json::from_value(json!({"items": [
            {"nip": "198501012010011001", "dictionary": "D", "competency_code": "M.1", "level": 3},
            {"nip": "1.98E+17", "dictionary": "D", "level": 9, "evidence": ""},
            {"level": 3}]}))
        .unwrap();
        let read = input.into_domain(today()).unwrap();
        let places = |index: usize| {
            let found = read[index].as_ref().unwrap_err();
            found.iter().map(|one| one.pointer.as_str()).collect::<Vec<_>>()
        };
        assert!(read[0].is_ok());
        let second = ["/items/1/competency_code", "/items/1/evidence", "/items/1/level", "/items/1/nip"];
        assert_eq!(places(1), second);
        assert_eq!(places(2), ["/items/2/competency_id", "/items/2/employee_id"]);
    }

    #[test]
    fn a_request_holds_one_to_a_thousand_results() {
        let item =
            json!({"nip": "198501012010011001", "dictionary": "D", "competency_code": "M.1", "level": 3});
        let read = |count: usize| {
            let input: AssessmentResultsPut =
                serde_json::from_value(json!({"items": vec![item.clone(); count]})).unwrap();
            input.into_domain(today()).map(|all| all.len()).map_err(|violation| violation.code)
        };
        assert_eq!(
            [read(0), read(1), read(1000), read(1001)],
            [Err(ViolationCode::TooFew), Ok(1), Ok(1000), Err(ViolationCode::TooMany)]
        );
    }
}
