//! Development plans: what they say, and what was done and said about them.

use chrono::{DateTime, NaiveDate, Utc};
use development::{Plan, PlanAction, PlanAttachment, PlanDraft, PlanFigures, PlanParty};
use kernel::{
    EmployeeId, LongText, Name, PlanId, PositionId, UnitId, UserId, Violation, ViolationCode, Violations,
};
use serde::{Deserialize, Serialize};
use store::{PlanCommentRow, PlanFilter, PlanRow, PlanTransitionRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};
use crate::dto::jp_ledger;
use crate::dto::plan_items::{PlanItemAsk, PlanItemPut, PlanItemView};
use crate::dto::values::{Decimal, name, optional_long_text, reason};

/// A development plan (rencana pengembangan individu, IDP): one version of what a person does in a year.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanView {
    /// Identifier.
    pub id: Uuid,
    /// The person.
    pub employee_id: Uuid,
    /// Identity number.
    #[schema(example = "198609262015051001", min_length = 18, max_length = 18)]
    pub nip: String,
    /// Name.
    #[schema(example = "Contoh Pegawai", max_length = 200)]
    pub employee_name: String,
    /// The year.
    #[schema(example = 2026, minimum = 1900, maximum = 2199)]
    pub year: i32,
    /// Number among the person's plans of the year, from 1.
    #[schema(example = 1, minimum = 1, maximum = 2147483647)]
    pub number: i32,
    /// Where it stands.
    pub state: wire::PlanState,
    /// The active version it is to take the place of.
    pub revises_id: Option<Uuid>,
    /// The position aimed at.
    pub target_position_id: Option<Uuid>,
    /// Its code.
    #[schema(example = "KABID-01", max_length = 64)]
    pub target_position_code: Option<String>,
    /// Its name.
    #[schema(example = "Kepala Bidang Pelayanan", max_length = 200)]
    pub target_position_name: Option<String>,
    /// The career goal, in words.
    #[schema(example = "Siap memimpin bidang pelayanan dalam tiga tahun", max_length = 4000)]
    pub goal: Option<String>,
    /// What is to be done, in order.
    #[schema(max_items = 50)]
    pub items: Vec<PlanItemView>,
    /// Documents it refers to.
    #[schema(max_items = 20)]
    pub attachments: Vec<PlanAttachmentView>,
    /// How far it has come, what it brought and what it cost.
    pub figures: PlanFiguresView,
    /// Who endorsed it: the user's id.
    pub endorsed_by: Option<Uuid>,
    /// Who approved it for the agency: the user's id.
    pub confirmed_by: Option<Uuid>,
    /// When the last approval it needs was given.
    pub approved_at: Option<DateTime<Utc>>,
    /// When it was begun with.
    pub activated_at: Option<DateTime<Utc>>,
    /// When it was completed.
    pub completed_at: Option<DateTime<Utc>>,
    /// What the caller is to the plan.
    #[schema(max_items = 5)]
    pub parties: Vec<wire::PlanParty>,
    /// What the caller may do with it now.
    #[schema(max_items = 20)]
    pub allowed_actions: Vec<wire::PlanAction>,
}

/// A plan in a list: without its items.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanSummaryView {
    /// Identifier.
    pub id: Uuid,
    /// The person.
    pub employee_id: Uuid,
    /// Identity number.
    #[schema(example = "198609262015051001", min_length = 18, max_length = 18)]
    pub nip: String,
    /// Name.
    #[schema(example = "Contoh Pegawai", max_length = 200)]
    pub employee_name: String,
    /// The year.
    #[schema(example = 2026, minimum = 1900, maximum = 2199)]
    pub year: i32,
    /// Number among the person's plans of the year, from 1.
    #[schema(example = 1, minimum = 1, maximum = 2147483647)]
    pub number: i32,
    /// Where it stands.
    pub state: wire::PlanState,
    /// The active version it is to take the place of.
    pub revises_id: Option<Uuid>,
    /// The position aimed at.
    pub target_position_id: Option<Uuid>,
    /// How far it has come, what it brought and what it cost.
    pub figures: PlanFiguresView,
    /// When the last approval it needs was given.
    pub approved_at: Option<DateTime<Utc>>,
    /// When it was begun with.
    pub activated_at: Option<DateTime<Utc>>,
    /// When it was completed.
    pub completed_at: Option<DateTime<Utc>>,
}

/// How far a plan has come, what it brought and what it cost.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct PlanFiguresView {
    /// Items.
    #[schema(example = 4, minimum = 0, maximum = 50)]
    pub items: u32,
    /// Of them, done.
    #[schema(example = 1, minimum = 0, maximum = 50)]
    pub done: u32,
    /// Of them, given up.
    #[schema(example = 0, minimum = 0, maximum = 50)]
    pub dropped: u32,
    /// Mean percent of those that were not given up; null where there are none.
    #[schema(example = 45, minimum = 0, maximum = 100)]
    pub percent: Option<u32>,
    /// Learning hours expected.
    #[schema(value_type = f64, example = 40, minimum = 0, maximum = 100000)]
    pub jp_planned: Decimal,
    /// Learning hours earned.
    #[schema(value_type = f64, example = 12, minimum = 0, maximum = 100000)]
    pub jp_earned: Decimal,
    /// Cost expected, in rupiah.
    #[schema(example = 7500000, minimum = 0, maximum = 9007199254740991_i64)]
    pub cost_planned: i64,
    /// Cost committed, in rupiah.
    #[schema(example = 2500000, minimum = 0, maximum = 9007199254740991_i64)]
    pub cost_committed: i64,
    /// Cost spent, in rupiah.
    #[schema(example = 2500000, minimum = 0, maximum = 9007199254740991_i64)]
    pub cost_realised: i64,
}

impl From<PlanFigures> for PlanFiguresView {
    fn from(figures: PlanFigures) -> Self {
        let PlanFigures {
            items,
            done,
            dropped,
            percent,
            jp_planned,
            jp_earned,
            planned,
            committed,
            realised,
        } = figures;
        Self {
            items,
            done,
            dropped,
            percent,
            jp_planned: Decimal(jp_planned),
            jp_earned: Decimal(jp_earned),
            cost_planned: planned,
            cost_committed: committed,
            cost_realised: realised,
        }
    }
}

/// A document a plan refers to.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanAttachmentView {
    /// What it is.
    #[schema(example = "Nota dinas", min_length = 1, max_length = 200)]
    pub title: String,
    /// Where it is: a file's reference or an address.
    #[schema(example = "https://arsip.example.go.id/dokumen/125", min_length = 1, max_length = 200)]
    pub reference: String,
}

impl From<PlanAttachment> for PlanAttachmentView {
    fn from(attachment: PlanAttachment) -> Self {
        let PlanAttachment { title, reference } = attachment;
        Self { title: title.into_string(), reference: reference.into_string() }
    }
}

impl PlanView {
    /// The plan, of which the caller may do `allowed`.
    #[must_use]
    pub fn new(row: PlanRow, parties: Vec<PlanParty>, allowed: Vec<PlanAction>) -> Self {
        let figures = row.plan.figures().into();
        let PlanRow { plan, nip, employee_name, target, names } = row;
        let Plan {
            id,
            employee,
            year,
            number,
            state,
            revises,
            said,
            endorsed_by,
            confirmed_by,
            approved_at,
            activated_at,
            completed_at,
            version: _,
        } = plan;
        let PlanDraft { target: target_id, goal, items, attachments } = said;
        let (target_position_code, target_position_name) =
            target.map(|(code, name)| (code.into_string(), name.into_string())).unzip();
        Self {
            id: id.uuid(),
            employee_id: employee.uuid(),
            nip: nip.as_str().to_owned(),
            employee_name: employee_name.into_string(),
            year,
            number,
            state: Wire(state),
            revises_id: revises.map(PlanId::uuid),
            target_position_id: target_id.map(PositionId::uuid),
            target_position_code,
            target_position_name,
            goal: goal.map(LongText::into_string),
            items: items.into_iter().zip(names).map(|(item, names)| PlanItemView::new(item, names)).collect(),
            attachments: attachments.into_iter().map(PlanAttachmentView::from).collect(),
            figures,
            endorsed_by: endorsed_by.map(UserId::uuid),
            confirmed_by: confirmed_by.map(UserId::uuid),
            approved_at,
            activated_at,
            completed_at,
            parties: parties.into_iter().map(Wire).collect(),
            allowed_actions: allowed.into_iter().map(Wire).collect(),
        }
    }
}

impl From<PlanRow> for PlanSummaryView {
    fn from(row: PlanRow) -> Self {
        let figures = row.plan.figures().into();
        let PlanRow { plan, nip, employee_name, target: _, names: _ } = row;
        Self {
            id: plan.id.uuid(),
            employee_id: plan.employee.uuid(),
            nip: nip.as_str().to_owned(),
            employee_name: employee_name.into_string(),
            year: plan.year,
            number: plan.number,
            state: Wire(plan.state),
            revises_id: plan.revises.map(PlanId::uuid),
            target_position_id: plan.said.target.map(PositionId::uuid),
            figures,
            approved_at: plan.approved_at,
            activated_at: plan.activated_at,
            completed_at: plan.completed_at,
        }
    }
}

/// A plan to draw up.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"employee_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "year": 2026, "generate": true}))]
pub struct PlanCreate {
    /// The person.
    pub employee_id: Uuid,
    /// The year: the present one in the agency's time zone or the next.
    #[schema(example = 2026, minimum = 1900, maximum = 2199)]
    pub year: i32,
    /// Whether it is drawn up by itself: every open gap to the position held, and to the one aimed at, gets a programme of the
    /// catalogue or a reason why not (see the plan's snapshots). `items` go before. False when absent.
    #[serde(default)]
    #[schema(example = true)]
    pub generate: bool,
    /// The position aimed at.
    pub target_position_id: Option<Uuid>,
    /// The career goal, in words.
    #[schema(example = "Siap memimpin bidang pelayanan", min_length = 1, max_length = 4000)]
    pub goal: Option<String>,
    /// What is to be done, in order.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub items: Vec<PlanItemPut>,
    /// Documents it refers to.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub attachments: Vec<PlanAttachmentView>,
}

/// What a draft says.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"goal": "Siap memimpin bidang pelayanan", "items": [{"form": "NKL01",
    "title": "Coaching dengan atasan", "jp": 4, "due_on": "2026-09-30", "origin": "OWN_WISH"}]}))]
pub struct PlanPut {
    /// The position aimed at.
    pub target_position_id: Option<Uuid>,
    /// The career goal, in words.
    #[schema(example = "Siap memimpin bidang pelayanan", min_length = 1, max_length = 4000)]
    pub goal: Option<String>,
    /// What is to be done, in order. Items that are not named any more are dropped from the draft.
    #[schema(max_items = 50)]
    pub items: Vec<PlanItemPut>,
    /// Documents it refers to.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub attachments: Vec<PlanAttachmentView>,
}

/// A draft whose competencies and programmes have yet to be found.
#[derive(Clone, Debug)]
pub struct PlanAsk {
    /// The position aimed at.
    pub target: Option<PositionId>,
    /// The career goal.
    pub goal: Option<LongText>,
    /// The items.
    pub items: Vec<PlanItemAsk>,
    /// Documents.
    pub attachments: Vec<PlanAttachment>,
}

impl PlanPut {
    /// What these values ask for.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn ask(self) -> Result<PlanAsk, Vec<Violation>> {
        let Self { target_position_id, goal, items, attachments } = self;
        let mut found = Violations::new();
        let most = usize::from(development::PlanRubric::MOST_ITEMS);
        if items.len() > most {
            return Err(vec![Violation::new("/items", ViolationCode::TooMany).with("max", most)]);
        }
        if attachments.len() > PlanDraft::MOST_ATTACHMENTS {
            let most = PlanDraft::MOST_ATTACHMENTS;
            return Err(vec![Violation::new("/attachments", ViolationCode::TooMany).with("max", most)]);
        }
        let goal = optional_long_text(&mut found, "/goal", goal.as_deref());
        let items: Vec<_> = items
            .into_iter()
            .enumerate()
            .filter_map(|(index, item)| item.ask(&format!("/items/{index}"), &mut found))
            .collect();
        let attachments: Vec<_> = attachments
            .iter()
            .enumerate()
            .filter_map(|(index, one)| {
                let at = format!("/attachments/{index}");
                let title = name(&mut found, &format!("{at}/title"), &one.title);
                let reference = name(&mut found, &format!("{at}/reference"), &one.reference);
                Some(PlanAttachment { title: title?, reference: reference? })
            })
            .collect();
        found.finish()?;
        let target = target_position_id.map(PositionId::from);
        Ok(PlanAsk { target, goal: goal.flatten(), items, attachments })
    }
}

impl PlanCreate {
    /// Whose plan for which year, whether it is drawn up by itself, and what it says.
    #[must_use]
    pub fn parts(self) -> (EmployeeId, i32, bool, PlanPut) {
        let Self { employee_id, year, generate, target_position_id, goal, items, attachments } = self;
        (employee_id.into(), year, generate, PlanPut { target_position_id, goal, items, attachments })
    }
}

/// Why something is done with a plan.
#[derive(Clone, Debug, Default, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Bukti yang diharapkan belum jelas"}))]
pub struct PlanReason {
    /// Why; whoever has to act on it reads it.
    #[schema(example = "Bukti yang diharapkan belum jelas", min_length = 1, max_length = 4000)]
    pub reason: String,
}

impl PlanReason {
    /// The reason.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn into_domain(self) -> Result<LongText, Vec<Violation>> {
        reason(&self.reason)
    }
}

/// A step of a plan's life. It never changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanTransitionView {
    /// Identifier.
    pub id: Uuid,
    /// The plan.
    pub plan_id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who: the user's id; null for the system's own work.
    pub user_id: Option<Uuid>,
    /// What was done: an action, `CREATE`, or `SUPERSEDE` when another version took its place.
    #[schema(example = "ENDORSE", max_length = 40)]
    pub action: String,
    /// From which state; null for the making.
    pub from_state: Option<wire::PlanState>,
    /// To which state.
    pub to_state: wire::PlanState,
    /// What they were to the plan.
    #[schema(max_items = 5)]
    pub parties: Vec<wire::PlanParty>,
    /// Why they were the superior: `OVERRIDE` by the record, `UNIT_HEAD`, `ANCESTOR_HEAD` where the posts between are empty or
    /// the person's own, `AUTHORITY_STANDS_IN` where nobody is above.
    #[schema(example = "UNIT_HEAD", max_length = 40)]
    pub superior_basis: Option<String>,
    /// Why it was done.
    #[schema(example = "Bukti yang diharapkan belum jelas", max_length = 4000)]
    pub reason: Option<String>,
}

impl From<PlanTransitionRow> for PlanTransitionView {
    fn from(row: PlanTransitionRow) -> Self {
        let PlanTransitionRow { id, plan, at, user, action, from, to, parties, basis, reason } = row;
        Self {
            id,
            plan_id: plan.uuid(),
            at,
            user_id: user.map(UserId::uuid),
            action,
            from_state: from.map(Wire),
            to_state: Wire(to),
            parties: parties.into_iter().map(Wire).collect(),
            superior_basis: basis,
            reason: reason.map(LongText::into_string),
        }
    }
}

/// A comment on a plan. It never changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanCommentView {
    /// Identifier.
    pub id: Uuid,
    /// The plan.
    pub plan_id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who: the user's id.
    pub user_id: Uuid,
    /// What the agency calls them.
    #[schema(example = "Contoh Atasan", max_length = 200)]
    pub user_name: Option<String>,
    /// What they said.
    #[schema(example = "Coba tambahkan praktik di tempat kerja", max_length = 4000)]
    pub text: String,
}

impl From<PlanCommentRow> for PlanCommentView {
    fn from(row: PlanCommentRow) -> Self {
        let PlanCommentRow { id, plan, at, user, user_name, text } = row;
        Self {
            id: id.uuid(),
            plan_id: plan.uuid(),
            at,
            user_id: user.uuid(),
            user_name: user_name.map(Name::into_string),
            text: text.into_string(),
        }
    }
}

/// Something to say about a plan.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "Coba tambahkan praktik di tempat kerja"}))]
pub struct PlanCommentCreate {
    /// The text.
    #[schema(example = "Coba tambahkan praktik di tempat kerja", min_length = 1, max_length = 4000)]
    pub text: String,
}

/// Which plans a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PlanQuery {
    /// Of this person.
    pub employee_id: Option<Uuid>,
    /// For this year.
    #[param(example = 2026, minimum = 1900, maximum = 2199)]
    pub year: Option<i32>,
    /// In this state.
    pub state: Option<wire::PlanState>,
    /// Of people who serve in this unit or in one under it today.
    pub unit_id: Option<Uuid>,
    /// With an item of this programme.
    pub programme_id: Option<Uuid>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

impl PlanQuery {
    /// The filter these values describe.
    ///
    /// # Errors
    /// A year beyond reason.
    pub fn into_filter(self) -> Result<PlanFilter, Violation> {
        let Self { employee_id, year, state, unit_id, programme_id, cursor: _, limit: _ } = self;
        let year = year.map(|asked| jp_ledger::year(Some(asked), NaiveDate::MIN)).transpose()?;
        Ok(PlanFilter {
            employee: employee_id.map(EmployeeId::from),
            year,
            state: state.map(|Wire(state)| state),
            within: unit_id.map(UnitId::from),
            programme: programme_id,
        })
    }
}
