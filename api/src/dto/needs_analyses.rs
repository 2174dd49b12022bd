//! Needs analyses of units: where they stand, by when they should, and the steps of their lives.

use chrono::{DateTime, NaiveDate, Utc};
use development::{NeedsAnalysis, NeedsDeadlines};
use kernel::{LongText, UnitId, UserId, Violation, Violations};
use serde::{Deserialize, Serialize};
use store::{NeedsAnalysisFilter, NeedsAnalysisRow, NeedsTransitionRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::app::needs::Analysed;
use crate::dto::enums::{Wire, wire};
use crate::dto::needs_coverage::NeedsCoverageFigures;
use crate::dto::values::{PolicyRefView, reason};
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
        reason(&self.reason)
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
