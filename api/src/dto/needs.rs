//! Needs: what people need to learn, and where that comes from.

use chrono::{DateTime, Utc};
use development::{NeedAction, NeedFacts, NeedWord, Priority, PriorityTerm};
use kernel::{
    CompetencyId, EmployeeId, Hundredths, Level, LongText, NATIONAL, UserId, Violation, ViolationCode,
    Violations,
};
use serde::{Deserialize, Serialize};
use store::{NeedDecision, NeedFilter, NeedOriginRow, NeedRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::app::needs::ShownNeed;
use crate::dto::enums::{Wire, wire};
use crate::dto::values::{CompetencyName, Decimal, competency_name, level, long_text, optional_long_text};

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
