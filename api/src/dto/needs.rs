//! Needs analyses: what people of a unit need to learn in a year.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use competency::coarse_count;
use development::{
    NeedAction, NeedFacts, NeedWord, NeedsAnalysis, NeedsCoverage, NeedsDeadlines, NeedsStage, NeedsState,
    Priority, PriorityRubric, PriorityTerm,
};
use kernel::{CompetencyId, EmployeeId, Hundredths, Level, LongText, NATIONAL, UnitId, UserId};
use kernel::{Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};
use store::{
    NeedDecision, NeedFilter, NeedOriginRow, NeedRow, NeedsAnalysisFilter, NeedsAnalysisRow,
    NeedsCoverageLine, NeedsTransitionRow,
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::app::needs::{Analysed, CoverageFound, ShownNeed};
use crate::dto::enums::{Wire, wire};
use crate::dto::values::{
    CompetencyName, Decimal, PolicyRefView, competency_name, level, long_text, optional_long_text,
};
use crate::dto::{day, jp_ledger};

/// The last days of the stages of a year's needs analyses.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct NeedsDeadlinesView {
    /// The year.
    #[schema(example = 2027, minimum = 1900, maximum = 2199)]
    pub year: i32,
    /// Every unit has begun.
    pub collect_by: NaiveDate,
    /// Every unit has verified.
    pub verify_by: NaiveDate,
    /// The agency has validated.
    pub validate_by: NaiveDate,
}

impl NeedsDeadlinesView {
    /// Those of a year.
    #[must_use]
    pub const fn new(year: i32, days: NeedsDeadlines) -> Self {
        let NeedsDeadlines { collect_by, verify_by, validate_by } = days;
        Self { year, collect_by, verify_by, validate_by }
    }
}

/// The last days of the stages, each on or after the one before.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"collect_by": "2026-08-31", "verify_by": "2026-09-15", "validate_by": "2026-09-30"}))]
pub struct NeedsDeadlinesPut {
    /// Every unit has begun.
    pub collect_by: NaiveDate,
    /// Every unit has verified.
    pub verify_by: NaiveDate,
    /// The agency has validated.
    pub validate_by: NaiveDate,
}

impl NeedsDeadlinesPut {
    /// The deadlines.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self) -> Result<NeedsDeadlines, Vec<Violation>> {
        let Self { collect_by, verify_by, validate_by } = self;
        let mut found = Violations::new();
        for (at, on) in
            [("/collect_by", collect_by), ("/verify_by", verify_by), ("/validate_by", validate_by)]
        {
            found.take(day(at, on));
        }
        found.finish()?;
        let deadlines = NeedsDeadlines { collect_by, verify_by, validate_by };
        deadlines.check()?;
        Ok(deadlines)
    }
}

/// How far a unit's needs analysis has come.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeedsAnalysisSummaryView {
    /// Identifier.
    pub id: Uuid,
    /// The unit; the analysis is of everybody who serves in it or in a unit under it.
    pub unit_id: Uuid,
    /// Its code.
    #[schema(example = "DINKES", max_length = 64)]
    pub unit_code: String,
    /// Its name.
    #[schema(example = "Dinas Kesehatan", max_length = 200)]
    pub unit_name: String,
    /// The year.
    #[schema(example = 2027, minimum = 1900, maximum = 2199)]
    pub year: i32,
    /// Where it stands.
    pub state: wire::NeedsState,
    /// Needs of the people the caller may see that are not dropped.
    #[schema(example = 128, minimum = 0, maximum = 9007199254740991_u64)]
    pub needs: u64,
    /// Those that are.
    #[schema(example = 3, minimum = 0, maximum = 9007199254740991_u64)]
    pub dropped: u64,
    /// When it was gathered last.
    pub gathered_at: DateTime<Utc>,
    /// Who verified it for the unit: the user's id.
    pub verified_by: Option<Uuid>,
    /// When.
    pub verified_at: Option<DateTime<Utc>>,
    /// Who validated it for the agency: the user's id.
    pub validated_by: Option<Uuid>,
    /// When.
    pub validated_at: Option<DateTime<Utc>>,
    /// The stage that should be over by the year's deadlines and is not; null where none is, or none are set.
    pub overdue: Option<wire::NeedsStage>,
}

impl NeedsAnalysisSummaryView {
    /// An analysis as it stands on a day.
    #[must_use]
    pub fn new(row: NeedsAnalysisRow, today: NaiveDate) -> Self {
        let NeedsAnalysisRow { analysis, unit_code, unit_name, needs, dropped, deadlines } = row;
        let NeedsAnalysis {
            id,
            unit,
            year,
            state,
            policy: _,
            gathered_at,
            verified,
            validated,
            returned_for: _,
            version: _,
        } = analysis;
        let (verified_by, verified_at) = verified.map(|(user, at)| (user.uuid(), at)).unzip();
        let (validated_by, validated_at) = validated.map(|(user, at)| (user.uuid(), at)).unzip();
        Self {
            id: id.uuid(),
            unit_id: unit.uuid(),
            unit_code: unit_code.into_string(),
            unit_name: unit_name.into_string(),
            year,
            state: Wire(state),
            needs,
            dropped,
            gathered_at,
            verified_by,
            verified_at,
            validated_by,
            validated_at,
            overdue: deadlines.and_then(|days| days.overdue(Some(state), today)).map(Wire),
        }
    }
}

/// How many people of a group are looked at, and how many need something.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct NeedsCoverageFigures {
    /// People who serve in it today.
    #[schema(example = 240, minimum = 0, maximum = 9007199254740991_u64)]
    pub people: u64,
    /// Of them those whose position requires anything.
    #[schema(example = 238, minimum = 0, maximum = 9007199254740991_u64)]
    pub required: u64,
    /// Of these those with a valid level in everything required; of the others some needs cannot be known.
    #[schema(example = 180, minimum = 0, maximum = 9007199254740991_u64)]
    pub assessed: u64,
    /// People with at least one need that is not dropped; null where nobody has begun to gather any.
    #[schema(example = 97, minimum = 0, maximum = 9007199254740991_u64)]
    pub needing: Option<u64>,
}

impl NeedsCoverageFigures {
    /// The figures of a group; `begun` is whether its needs were gathered, `rounded` whether each is told to the nearest five.
    #[must_use]
    pub fn new(figures: NeedsCoverage, begun: bool, rounded: bool) -> Self {
        let NeedsCoverage { people, required, assessed, needing } = figures;
        let told = |count| if rounded { coarse_count(count) } else { count };
        Self {
            people: told(people),
            required: told(required),
            assessed: told(assessed),
            needing: begun.then(|| told(needing)),
        }
    }
}

/// A unit's needs analysis for a year (analisis kebutuhan pengembangan kompetensi, AKPK), and what the caller may do with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeedsAnalysisView {
    /// Identifier.
    pub id: Uuid,
    /// The unit; the analysis is of everybody who serves in it or in a unit under it.
    pub unit_id: Uuid,
    /// Its code.
    #[schema(example = "DINKES", max_length = 64)]
    pub unit_code: String,
    /// Its name.
    #[schema(example = "Dinas Kesehatan", max_length = 200)]
    pub unit_name: String,
    /// The year.
    #[schema(example = 2027, minimum = 1900, maximum = 2199)]
    pub year: i32,
    /// Where it stands.
    pub state: wire::NeedsState,
    /// Needs of the people the caller may see that are not dropped.
    #[schema(example = 128, minimum = 0, maximum = 9007199254740991_u64)]
    pub needs: u64,
    /// Those that are.
    #[schema(example = 3, minimum = 0, maximum = 9007199254740991_u64)]
    pub dropped: u64,
    /// The version of the policy `NEED_PRIORITY` its priorities are computed by.
    pub policy: PolicyRefView,
    /// When it was gathered last.
    pub gathered_at: DateTime<Utc>,
    /// Who verified it for the unit: the user's id.
    pub verified_by: Option<Uuid>,
    /// When.
    pub verified_at: Option<DateTime<Utc>>,
    /// Who validated it for the agency: the user's id.
    pub validated_by: Option<Uuid>,
    /// When.
    pub validated_at: Option<DateTime<Utc>>,
    /// Why it was sent back the last time.
    #[schema(example = "Usulan bidang P2P belum masuk", max_length = 4000)]
    pub returned_for: Option<String>,
    /// How many people it covers; null for whoever may not see the whole unit.
    pub coverage: Option<NeedsCoverageFigures>,
    /// The year's deadlines; null while none are set.
    pub deadlines: Option<NeedsDeadlinesView>,
    /// The stage that should be over by them and is not.
    pub overdue: Option<wire::NeedsStage>,
    /// What the caller is to it.
    #[schema(max_items = 3)]
    pub parties: Vec<wire::NeedsParty>,
    /// What the caller may do with it now.
    #[schema(max_items = 8)]
    pub allowed_actions: Vec<wire::NeedsAction>,
}

impl NeedsAnalysisView {
    /// An analysis as it stands on a day.
    #[must_use]
    pub fn new(analysed: Analysed, today: NaiveDate) -> Self {
        let Analysed { row, policy, coverage, parties, allowed } = analysed;
        let returned_for = row.analysis.returned_for.clone().map(LongText::into_string);
        let deadlines = row.deadlines.map(|days| NeedsDeadlinesView::new(row.analysis.year, days));
        let NeedsAnalysisSummaryView {
            id,
            unit_id,
            unit_code,
            unit_name,
            year,
            state,
            needs,
            dropped,
            gathered_at,
            verified_by,
            verified_at,
            validated_by,
            validated_at,
            overdue,
        } = NeedsAnalysisSummaryView::new(row, today);
        Self {
            id,
            unit_id,
            unit_code,
            unit_name,
            year,
            state,
            needs,
            dropped,
            policy: policy.into(),
            gathered_at,
            verified_by,
            verified_at,
            validated_by,
            validated_at,
            returned_for,
            coverage: coverage.map(|figures| NeedsCoverageFigures::new(figures, true, false)),
            deadlines,
            overdue,
            parties: parties.into_iter().map(Wire).collect(),
            allowed_actions: allowed.into_iter().map(Wire).collect(),
        }
    }
}

/// Which unit's analysis, of which year.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"unit_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "year": 2027}))]
pub struct NeedsAnalysisCreate {
    /// The unit. It covers every unit under it, so of units one above the other one has an analysis of a year.
    pub unit_id: Uuid,
    /// The present year or the next.
    #[schema(example = 2027, minimum = 1900, maximum = 2199)]
    pub year: i32,
}

/// Why something is done.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Usulan bidang P2P belum masuk"}))]
pub struct NeedsReason {
    /// Why; whoever it concerns reads it.
    #[schema(example = "Usulan bidang P2P belum masuk", min_length = 1, max_length = 4000)]
    pub reason: String,
}

impl NeedsReason {
    /// The reason.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn into_domain(self) -> Result<LongText, Vec<Violation>> {
        let mut found = Violations::new();
        let reason = long_text(&mut found, "/reason", &self.reason);
        found.finish()?;
        reason.ok_or_else(Vec::new)
    }
}

/// Which analyses a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NeedsAnalysisQuery {
    /// For this year.
    #[param(example = 2027, minimum = 1900, maximum = 2199)]
    pub year: Option<i32>,
    /// Of this unit or of one under it.
    pub unit_id: Option<Uuid>,
    /// In this state.
    pub state: Option<wire::NeedsState>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

impl NeedsAnalysisQuery {
    /// The filter these values describe.
    ///
    /// # Errors
    /// A year beyond reason.
    pub fn into_filter(self) -> Result<NeedsAnalysisFilter, Violation> {
        let Self { year, unit_id, state, cursor: _, limit: _ } = self;
        Ok(NeedsAnalysisFilter {
            year: year.map(|asked| jp_ledger::year(Some(asked), NaiveDate::MIN)).transpose()?,
            within: unit_id.map(UnitId::from),
            state: state.map(|Wire(state)| state),
        })
    }
}

/// Which part of a list that belongs to an analysis.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NeedsPartQuery {
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

/// A step of an analysis's life.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeedsTransitionView {
    /// Identifier.
    pub id: Uuid,
    /// The analysis.
    pub analysis_id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who: the user's id.
    pub user_id: Option<Uuid>,
    /// What was done: one of the actions, or BEGIN.
    #[schema(example = "VERIFY", max_length = 64)]
    pub action: String,
    /// From which state; null for the beginning.
    pub from_state: Option<wire::NeedsState>,
    /// To which state.
    pub to_state: wire::NeedsState,
    /// What they were to the analysis.
    #[schema(max_items = 3)]
    pub parties: Vec<wire::NeedsParty>,
    /// Why.
    #[schema(example = "Usulan bidang P2P belum masuk", max_length = 4000)]
    pub reason: Option<String>,
}

impl From<NeedsTransitionRow> for NeedsTransitionView {
    fn from(row: NeedsTransitionRow) -> Self {
        let NeedsTransitionRow { id, analysis, at, user, action, from, to, parties, reason } = row;
        Self {
            id,
            analysis_id: analysis.uuid(),
            at,
            user_id: user.map(UserId::uuid),
            action,
            from_state: from.map(Wire),
            to_state: Wire(to),
            parties: parties.into_iter().map(Wire).collect(),
            reason: reason.map(LongText::into_string),
        }
    }
}

/// A side a need comes from.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeedOriginView {
    /// Which.
    pub origin: wire::NeedOrigin,
    /// Who speaks for it. One side may have several, each with a word of their own.
    pub speaker: wire::NeedSpeaker,
    /// The level it asks for.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level_to: u8,
    /// Weight of the requirement behind it.
    #[schema(value_type = Option<f64>, example = 1, minimum = 0, maximum = 999999.99)]
    pub weight: Option<Decimal>,
    /// How much the competency matters in the position.
    pub importance: Option<wire::Importance>,
    /// Why; null where it was gathered from assessments.
    #[schema(example = "Keluhan warga atas waktu tunggu", max_length = 4000)]
    pub reason: Option<String>,
    /// Who brought it: the user's id.
    pub user_id: Option<Uuid>,
    /// When it was brought or gathered.
    pub at: DateTime<Utc>,
}

impl From<NeedOriginRow> for NeedOriginView {
    fn from(row: NeedOriginRow) -> Self {
        let NeedOriginRow { origin, speaker, word, user, at } = row;
        let NeedWord { to, weight, importance, reason } = word;
        Self {
            origin: Wire(origin),
            speaker: Wire(speaker),
            level_to: to.get(),
            weight: weight.map(Decimal),
            importance: importance.map(Wire),
            reason: reason.map(LongText::into_string),
            user_id: user.map(UserId::uuid),
            at,
        }
    }
}

/// A factor of a priority.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriorityTermView {
    /// Which.
    pub term: wire::PriorityTerm,
    /// What it multiplies by.
    #[schema(value_type = f64, example = 1.5, minimum = 0, maximum = 42949672.95)]
    pub factor: Decimal,
}

/// Something somebody decided on a need.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeedDecisionView {
    /// Why.
    #[schema(example = "Sudah mengikuti pelatihan di instansi asal", max_length = 4000)]
    pub reason: String,
    /// Who: the user's id.
    pub user_id: Option<Uuid>,
    /// When.
    pub at: DateTime<Utc>,
}

impl From<NeedDecision> for NeedDecisionView {
    fn from(decision: NeedDecision) -> Self {
        let NeedDecision { reason, by, at } = decision;
        Self { reason: reason.into_string(), user_id: by.map(UserId::uuid), at }
    }
}

/// What somebody needs to learn, with what makes it urgent.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeedView {
    /// Identifier.
    pub id: Uuid,
    /// The analysis it stands in.
    pub analysis_id: Uuid,
    /// Whose.
    pub employee_id: Uuid,
    /// Identity number.
    #[schema(example = "198609262015051001", min_length = 18, max_length = 18)]
    pub nip: String,
    /// Name.
    #[schema(example = "Contoh Pegawai", max_length = 200)]
    pub employee_name: String,
    /// Whether the person still serves in the analysis's unit or in one under it.
    #[schema(example = true)]
    pub serves: bool,
    /// The competency.
    pub competency_id: Uuid,
    /// Its code.
    #[schema(example = "M.1", max_length = 64)]
    pub competency_code: String,
    /// Its name.
    #[schema(example = "Integritas", max_length = 200)]
    pub competency_name: String,
    /// Whether it is of a national dictionary.
    #[schema(example = true)]
    pub national: bool,
    /// The level valid evidence finds; null where there is none.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub level_from: Option<u8>,
    /// The level that is needed.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level_to: u8,
    /// The sides it comes from.
    #[schema(max_items = 6)]
    pub origins: Vec<NeedOriginView>,
    /// The priority that counts: the one somebody gave it, or the computed one.
    #[schema(value_type = f64, example = 2.7, minimum = 0, maximum = 42949672.95)]
    pub priority: Decimal,
    /// The priority the policy gives it: the product of the terms, rounded half up to two decimals.
    #[schema(value_type = f64, example = 2.7, minimum = 0, maximum = 42949672.95)]
    pub computed_priority: Decimal,
    /// The factors of the computed one, with what each multiplies by.
    #[schema(max_items = 6)]
    pub terms: Vec<PriorityTermView>,
    /// Class of the position held when it was gathered; the term CRITICALITY.
    pub job_class: Option<wire::JobClass>,
    /// Whether the person led a unit then.
    #[schema(example = false)]
    pub is_head: bool,
    /// Whether their learning hours of the last year that is over fell short of the floor; the term JP_OVERDUE.
    #[schema(example = false)]
    pub jp_overdue: bool,
    /// Why it has another priority than the computed one; null where it has not.
    pub set: Option<NeedDecisionView>,
    /// Why it is left out; null where it is not.
    pub dropped: Option<NeedDecisionView>,
    /// What the caller may do with it now.
    #[schema(max_items = 3)]
    pub allowed_actions: Vec<wire::NeedAction>,
}

impl From<ShownNeed> for NeedView {
    fn from(shown: ShownNeed) -> Self {
        let ShownNeed { row, priority: Priority { terms }, allowed } = shown;
        let NeedRow {
            id,
            analysis,
            need,
            facts: NeedFacts { job_class, is_head, jp_overdue },
            nip,
            employee_name,
            serves,
            competency_code,
            competency_name,
            origins,
            priority,
            set,
            dropped,
            version: _,
        } = row;
        let (given, set) = set.unzip();
        let term = |(term, by): (PriorityTerm, Hundredths)| PriorityTermView {
            term: Wire(term),
            factor: Decimal(by),
        };
        Self {
            id: id.uuid(),
            analysis_id: analysis.uuid(),
            employee_id: need.key.employee.uuid(),
            nip: nip.as_str().to_owned(),
            employee_name: employee_name.into_string(),
            serves,
            competency_id: need.key.competency.uuid(),
            competency_code: competency_code.into_string(),
            competency_name: competency_name.into_string(),
            national: need.key.competency_agency == NATIONAL,
            level_from: need.from.map(Level::get),
            level_to: need.to.get(),
            origins: origins.into_iter().map(NeedOriginView::from).collect(),
            priority: Decimal(given.unwrap_or(priority)),
            computed_priority: Decimal(priority),
            terms: terms.into_iter().map(term).collect(),
            job_class: job_class.map(Wire),
            is_head,
            jp_overdue,
            set: set.map(NeedDecisionView::from),
            dropped: dropped.map(NeedDecisionView::from),
            allowed_actions: allowed.into_iter().map(|action: NeedAction| Wire(action)).collect(),
        }
    }
}

/// Which needs a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NeedQuery {
    /// Of this person.
    pub employee_id: Option<Uuid>,
    /// Of this competency.
    pub competency_id: Option<Uuid>,
    /// From this side, others besides it or not.
    pub origin: Option<wire::NeedOrigin>,
    /// Whether they are dropped; both when absent.
    pub dropped: Option<bool>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

impl NeedQuery {
    /// The filter these values describe.
    #[must_use]
    pub fn into_filter(self) -> NeedFilter {
        let Self { employee_id, competency_id, origin, dropped, cursor: _, limit: _ } = self;
        NeedFilter {
            employee: employee_id.map(EmployeeId::from),
            competency: competency_id.map(CompetencyId::from),
            origin: origin.map(|Wire(origin)| origin),
            dropped,
        }
    }
}

/// Needs that assessments do not tell, of one competency. It is named by id, or by dictionary and code.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"employee_ids": ["01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11"], "dictionary": "NASIONAL-38-2017",
    "competency_code": "M.6", "level_to": 3, "origin": "SERVICE_SIGNAL", "reason": "Keluhan warga atas waktu tunggu"}))]
pub struct NeedsPropose {
    /// Whose; each serves in the analysis's unit or in one under it.
    #[validate(length(min = 1, max = 1000))]
    #[schema(min_items = 1, max_items = 1000)]
    pub employee_ids: Vec<Uuid>,
    /// The competency, by id.
    pub competency_id: Option<Uuid>,
    /// Code of the competency's dictionary.
    #[schema(example = "NASIONAL-38-2017", min_length = 1, max_length = 64)]
    pub dictionary: Option<String>,
    /// The competency's code.
    #[schema(example = "M.6", min_length = 1, max_length = 64)]
    pub competency_code: Option<String>,
    /// The level that is needed, above the one each of them has.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level_to: i64,
    /// Which side it comes from; gaps are gathered by themselves.
    pub origin: wire::NeedOrigin,
    /// Why.
    #[schema(example = "Keluhan warga atas waktu tunggu", min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// A proposal whose competency has yet to be found.
#[derive(Clone, Debug)]
pub struct ProposalAsk {
    /// Whose.
    pub people: Vec<EmployeeId>,
    /// The competency.
    pub competency: CompetencyName,
    /// The level that is needed.
    pub to: Level,
    /// Which side it comes from.
    pub origin: development::NeedOrigin,
    /// Why.
    pub reason: LongText,
}

impl NeedsPropose {
    /// What is proposed.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self) -> Result<ProposalAsk, Vec<Violation>> {
        let Self { employee_ids, competency_id, dictionary, competency_code, level_to, origin, reason } =
            self;
        let mut found = Violations::new();
        let text = |text: &Option<String>| text.clone();
        let (dictionary, competency_code) = (text(&dictionary), text(&competency_code));
        let competency =
            competency_name(&mut found, "", competency_id, dictionary.as_deref(), competency_code.as_deref());
        let to = level(&mut found, "/level_to", level_to);
        let reason = optional_long_text(&mut found, "/reason", Some(&reason));
        for (index, employee) in employee_ids.iter().enumerate() {
            found.check(employee_ids.iter().take(index).any(|other| other == employee), || {
                Violation::new(format!("/employee_ids/{index}"), ViolationCode::Duplicate)
            });
        }
        found.finish()?;
        match (competency, to, reason.flatten()) {
            (Some(competency), Some(to), Some(reason)) => Ok(ProposalAsk {
                people: employee_ids.into_iter().map(EmployeeId::from).collect(),
                competency,
                to,
                origin: origin.0,
                reason,
            }),
            _ => Err(Vec::new()),
        }
    }
}

/// Needs as they stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeedsView {
    /// The needs, the most urgent first.
    #[schema(max_items = 1000)]
    pub items: Vec<NeedView>,
}

/// Another priority than the computed one.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"priority": 9.5, "reason": "Layanan unggulan walikota"}))]
pub struct NeedPriorityPut {
    /// The priority, above zero; null takes the one that was given back.
    #[schema(value_type = Option<f64>, example = 9.5, minimum = 0.01, maximum = 999999.99)]
    pub priority: Option<Decimal>,
    /// Why.
    #[schema(example = "Layanan unggulan walikota", min_length = 1, max_length = 4000)]
    pub reason: String,
}

impl NeedPriorityPut {
    /// The priority and the reason.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self) -> Result<(Option<Hundredths>, LongText), Vec<Violation>> {
        let Self { priority, reason } = self;
        let mut found = Violations::new();
        let priority = priority.map(|Decimal(priority)| priority);
        found.check(priority.is_some_and(|priority| priority.count() == 0), || {
            Violation::new("/priority", ViolationCode::OutOfRange).with("min", 0.01).with("max", 999_999.99)
        });
        let reason = long_text(&mut found, "/reason", &reason);
        found.finish()?;
        reason.map(|reason| (priority, reason)).ok_or_else(Vec::new)
    }
}

/// Whom the needs analyses of a year cover.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NeedsCoverageQuery {
    /// The year; the present one when absent.
    #[param(example = 2027, minimum = 1900, maximum = 2199)]
    pub year: Option<i32>,
    /// Of this unit and those under it; the agency when absent. Who sees groups only asks about the agency.
    pub unit_id: Option<Uuid>,
}

/// A part of the agency.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeedsCoverageLineView {
    /// The unit, with every unit under it unless `directly`.
    pub unit_id: Uuid,
    /// Its code.
    #[schema(example = "DINKES", max_length = 64)]
    pub unit_code: String,
    /// Its name.
    #[schema(example = "Dinas Kesehatan", max_length = 200)]
    pub unit_name: String,
    /// Whether only the people directly in it are meant, because a unit under it has begun.
    #[schema(example = false)]
    pub directly: bool,
    /// The analysis; null where the unit has not begun.
    pub analysis_id: Option<Uuid>,
    /// Where the analysis stands.
    pub state: Option<wire::NeedsState>,
    /// The stage that should be over by the year's deadlines and is not.
    pub overdue: Option<wire::NeedsStage>,
    /// Its figures; null where they would tell people apart.
    pub figures: Option<NeedsCoverageFigures>,
}

/// Whom the needs analyses of a year cover, and which units have not begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeedsCoverageView {
    /// The year.
    #[schema(example = 2027, minimum = 1900, maximum = 2199)]
    pub year: i32,
    /// The unit it is about; null for the agency.
    pub unit_id: Option<Uuid>,
    /// The day on which people serve where they are counted.
    pub as_of: NaiveDate,
    /// Whether figures are told to the nearest five, and those of groups of fewer than five people not at all.
    #[schema(example = false)]
    pub rounded: bool,
    /// The year's deadlines; null while none are set.
    pub deadlines: Option<NeedsDeadlinesView>,
    /// Parts whose analysis is being collected, the first time or after it was sent back.
    #[schema(example = 4, minimum = 0, maximum = 9007199254740991_u64)]
    pub collecting: u64,
    /// Parts whose analysis the unit has verified.
    #[schema(example = 2, minimum = 0, maximum = 9007199254740991_u64)]
    pub verified: u64,
    /// Parts whose analysis the agency has validated.
    #[schema(example = 7, minimum = 0, maximum = 9007199254740991_u64)]
    pub validated: u64,
    /// Parts that have not begun.
    #[schema(example = 1, minimum = 0, maximum = 9007199254740991_u64)]
    pub not_begun: u64,
    /// Everybody; `needing` counts only people of parts that have begun.
    pub total: Option<NeedsCoverageFigures>,
    /// The parts, by the code of their unit: each analysis, and each unit that has not begun, as high up as nobody has.
    #[schema(max_items = 100000)]
    pub units: Vec<NeedsCoverageLineView>,
}

impl From<CoverageFound> for NeedsCoverageView {
    fn from(found: CoverageFound) -> Self {
        let CoverageFound { year, unit, as_of, rounded, deadlines, total, lines } = found;
        let mut counts: BTreeMap<Option<NeedsState>, u64> = BTreeMap::new();
        let line = |(line, shown): (NeedsCoverageLine, bool)| {
            let NeedsCoverageLine { unit, code, name, directly, analysis, figures } = line;
            let (analysis, state) = analysis.unzip();
            *counts.entry(state).or_default() += 1;
            let overdue: Option<NeedsStage> =
                deadlines.and_then(|days: NeedsDeadlines| days.overdue(state, as_of));
            NeedsCoverageLineView {
                unit_id: unit.uuid(),
                unit_code: code.into_string(),
                unit_name: name.into_string(),
                directly,
                analysis_id: analysis.map(kernel::NeedsAnalysisId::uuid),
                state: state.map(Wire),
                overdue: overdue.map(Wire),
                figures: shown.then(|| NeedsCoverageFigures::new(figures, state.is_some(), rounded)),
            }
        };
        let units: Vec<_> = lines.into_iter().map(line).collect();
        let of = |state: Option<NeedsState>| counts.get(&state).copied().unwrap_or_default();
        let begun = units.iter().any(|line| line.analysis_id.is_some());
        Self {
            year,
            unit_id: unit.map(UnitId::uuid),
            as_of,
            rounded,
            deadlines: deadlines.map(|days| NeedsDeadlinesView::new(year, days)),
            collecting: of(Some(NeedsState::Collecting)) + of(Some(NeedsState::Returned)),
            verified: of(Some(NeedsState::Verified)),
            validated: of(Some(NeedsState::Validated)),
            not_begun: of(None),
            total: total.map(|figures| NeedsCoverageFigures::new(figures, begun, rounded)),
            units,
        }
    }
}

/// Which need of development goes before which: what each fact multiplies a priority by. What is not named multiplies by one.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NeedPriorityRubricView {
    /// What stands for the levels missing of somebody whose level no valid evidence tells; one when absent.
    #[schema(value_type = Option<f64>, example = 1, minimum = 0.01, maximum = 100)]
    pub unassessed: Option<Decimal>,
    /// By how much the competency matters in the position, each once.
    #[schema(max_items = 3)]
    pub importance: Vec<ImportanceFactorView>,
    /// By the class of the post, each once.
    #[schema(max_items = 14)]
    pub criticality: Vec<ClassFactorView>,
    /// For whoever leads a unit; of this and the class's the greater counts.
    #[schema(value_type = Option<f64>, example = 1.2, minimum = 0.01, maximum = 100)]
    pub head: Option<Decimal>,
    /// For whoever fell short of the floor of learning hours in the last year that is over.
    #[schema(value_type = Option<f64>, example = 1.25, minimum = 0.01, maximum = 100)]
    pub overdue: Option<Decimal>,
    /// By the side a need comes from, each once; of several the greatest counts.
    #[schema(max_items = 6)]
    pub signal: Vec<SignalFactorView>,
}

/// What an importance multiplies by.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportanceFactorView {
    /// The importance.
    pub importance: wire::Importance,
    /// The factor.
    #[schema(value_type = f64, example = 1.5, minimum = 0.01, maximum = 100)]
    pub factor: Decimal,
}

/// What a class of posts multiplies by.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassFactorView {
    /// The class.
    pub job_class: wire::JobClass,
    /// The factor.
    #[schema(value_type = f64, example = 1.4, minimum = 0.01, maximum = 100)]
    pub factor: Decimal,
}

/// What a side multiplies by.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalFactorView {
    /// The side.
    pub origin: wire::NeedOrigin,
    /// The factor.
    #[schema(value_type = f64, example = 1.5, minimum = 0.01, maximum = 100)]
    pub factor: Decimal,
}

impl From<PriorityRubric> for NeedPriorityRubricView {
    fn from(rubric: PriorityRubric) -> Self {
        let PriorityRubric { unassessed, importance, criticality, head, overdue, signal } = rubric;
        Self {
            unassessed: unassessed.map(Decimal),
            importance: importance
                .into_iter()
                .map(|(one, by)| ImportanceFactorView { importance: Wire(one), factor: Decimal(by) })
                .collect(),
            criticality: criticality
                .into_iter()
                .map(|(one, by)| ClassFactorView { job_class: Wire(one), factor: Decimal(by) })
                .collect(),
            head: head.map(Decimal),
            overdue: overdue.map(Decimal),
            signal: signal
                .into_iter()
                .map(|(one, by)| SignalFactorView { origin: Wire(one), factor: Decimal(by) })
                .collect(),
        }
    }
}

/// Factors by what they are for; what is there twice is told.
fn factors<K: Ord>(
    at: &str,
    found: &mut Violations,
    all: impl IntoIterator<Item = (K, Decimal)>,
) -> BTreeMap<K, Hundredths> {
    let mut map = BTreeMap::new();
    for (index, (key, Decimal(by))) in all.into_iter().enumerate() {
        found.check(map.insert(key, by).is_some(), || {
            Violation::new(format!("{at}/{index}"), ViolationCode::Duplicate)
        });
    }
    map
}

impl NeedPriorityRubricView {
    /// The rubric these values describe.
    pub(crate) fn into_domain(self, at: &str, found: &mut Violations) -> PriorityRubric {
        let Self { unassessed, importance, criticality, head, overdue, signal } = self;
        let importance = importance.into_iter().map(|one| (one.importance.0, one.factor));
        let criticality = criticality.into_iter().map(|one| (one.job_class.0, one.factor));
        let signal = signal.into_iter().map(|one| (one.origin.0, one.factor));
        PriorityRubric {
            unassessed: unassessed.map(|Decimal(by)| by),
            importance: factors(&format!("{at}/importance"), found, importance),
            criticality: factors(&format!("{at}/criticality"), found, criticality),
            head: head.map(|Decimal(by)| by),
            overdue: overdue.map(|Decimal(by)| by),
            signal: factors(&format!("{at}/signal"), found, signal),
        }
    }
}
