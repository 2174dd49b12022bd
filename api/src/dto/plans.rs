//! Development plans.

use chrono::{DateTime, NaiveDate, Utc};
use development::{
    GapSnapshot, ItemProgress, Plan, PlanAction, PlanAttachment, PlanDraft, PlanFigures, PlanItem,
    PlanItemDraft, PlanParty, PlanStepTaken, SnapshotLine,
};
use kernel::{
    EmployeeId, Hundredths, LongText, Name, PlanId, PlanItemId, PositionId, UnitId, UserId, Violation,
    ViolationCode, Violations,
};
use serde::{Deserialize, Serialize};
use store::{PlanCommentRow, PlanFilter, PlanItemNames, PlanRow, PlanSnapshotRow, PlanTransitionRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};
use crate::dto::values::{
    CompetencyName, Decimal, code, competency_name, level, long_text, name, optional_long_text, optional_name,
};
use crate::dto::{day, jp_ledger};

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

/// An item of a plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanItemView {
    /// Identifier, another one in each version of the plan.
    pub id: Uuid,
    /// The same over all versions of the plan.
    pub line_id: Uuid,
    /// The competency it is to raise.
    pub competency_id: Option<Uuid>,
    /// Its code.
    #[schema(example = "M.1", max_length = 64)]
    pub competency_code: Option<String>,
    /// Its name.
    #[schema(example = "Integritas", max_length = 200)]
    pub competency_name: Option<String>,
    /// Level now; null where nothing valid is known.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub level_from: Option<u8>,
    /// Level aimed at.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level_to: Option<u8>,
    /// The programme of the catalogue; null for a free activity.
    pub programme_id: Option<Uuid>,
    /// Its code.
    #[schema(example = "LAT-INT-3", max_length = 64)]
    pub programme_code: Option<String>,
    /// Its name.
    #[schema(example = "Pelatihan Integritas", max_length = 200)]
    pub programme_name: Option<String>,
    /// The class of that programme.
    pub class_id: Option<Uuid>,
    /// Code of the form of development.
    #[schema(example = "KL03", max_length = 64)]
    pub form: String,
    /// What is to be done.
    #[schema(example = "Pelatihan Integritas", max_length = 200)]
    pub title: String,
    /// Learning hours expected.
    #[schema(value_type = f64, example = 24, minimum = 0, maximum = 2000)]
    pub jp: Decimal,
    /// Cost expected, in rupiah.
    #[schema(example = 2500000, minimum = 0, maximum = 9007199254740991_i64)]
    pub cost: i64,
    /// Where the money comes from (sumber anggaran).
    #[schema(example = "APBD Dinas Kesehatan", max_length = 200)]
    pub budget: Option<String>,
    /// First day.
    pub starts_on: Option<NaiveDate>,
    /// Day by which it is to be done.
    pub due_on: Option<NaiveDate>,
    /// Who helps.
    pub mentor_id: Option<Uuid>,
    /// Their name.
    #[schema(example = "Contoh Mentor", max_length = 200)]
    pub mentor_name: Option<String>,
    /// By what one will see that it was done.
    #[schema(example = "Sertifikat dan laporan penerapan", max_length = 4000)]
    pub evidence: Option<String>,
    /// Why it is in the plan.
    pub origin: wire::PlanOrigin,
    /// The item of last year's plan it continues.
    pub carried_from_id: Option<Uuid>,
    /// The item of a template it comes from.
    pub template_item_id: Option<Uuid>,
    /// How far it has come.
    pub progress: PlanProgressView,
}

/// How far an item has come, as told last.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanProgressView {
    /// In a word.
    pub state: wire::PlanItemState,
    /// In percent.
    #[schema(example = 50, minimum = 0, maximum = 100)]
    pub percent: u8,
    /// Learning hours earned with it: what the ledger has of the class it names, or of classes of its programme that were
    /// completed in the plan's year, each counted for one item; without such a completion what was told.
    #[schema(value_type = f64, example = 12, minimum = 0, maximum = 100000)]
    pub jp: Decimal,
    /// Who says so.
    pub jp_by: wire::EarnedBy,
    /// Committed, in rupiah.
    #[schema(example = 2500000, minimum = 0, maximum = 9007199254740991_i64)]
    pub committed: i64,
    /// Spent, in rupiah.
    #[schema(example = 0, minimum = 0, maximum = 9007199254740991_i64)]
    pub realised: i64,
    /// Where the evidence is.
    #[schema(example = "https://arsip.example.go.id/dokumen/124", max_length = 200)]
    pub evidence: Option<String>,
    /// More on it; why, when it will not be done.
    #[schema(example = "Kelas kedua pada bulan September", max_length = 4000)]
    pub note: Option<String>,
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

impl From<ItemProgress> for PlanProgressView {
    fn from(progress: ItemProgress) -> Self {
        let (jp, by) = progress.earned();
        let ItemProgress { state, percent, jp: _, credited: _, committed, realised, evidence, note } =
            progress;
        Self {
            state: Wire(state),
            percent,
            jp: Decimal(jp),
            jp_by: Wire(by),
            committed,
            realised,
            evidence: evidence.map(Name::into_string),
            note: note.map(LongText::into_string),
        }
    }
}

impl PlanItemView {
    fn new(item: PlanItem, names: PlanItemNames) -> Self {
        let PlanItem { id, line, said, carried_from, template_item, progress } = item;
        let PlanItemDraft {
            step,
            programme,
            class,
            form,
            title,
            jp,
            cost,
            budget,
            starts_on,
            due_on,
            mentor,
            evidence,
            origin,
        } = said;
        let PlanItemNames { competency, programme: called, mentor: mentor_name } = names;
        let (competency_code, competency_name) =
            competency.map(|(code, name)| (code.into_string(), name.into_string())).unzip();
        let (programme_code, programme_name) =
            called.map(|(code, name)| (code.into_string(), name.into_string())).unzip();
        Self {
            id: id.uuid(),
            line_id: line,
            competency_id: step.map(|step| step.competency.uuid()),
            competency_code,
            competency_name,
            level_from: step.and_then(|step| step.from).map(kernel::Level::get),
            level_to: step.map(|step| step.to.get()),
            programme_id: programme,
            programme_code,
            programme_name,
            class_id: class,
            form: form.into_string(),
            title: title.into_string(),
            jp: Decimal(jp),
            cost,
            budget: budget.map(Name::into_string),
            starts_on,
            due_on,
            mentor_id: mentor.map(EmployeeId::uuid),
            mentor_name: mentor_name.map(Name::into_string),
            evidence: evidence.map(LongText::into_string),
            origin: Wire(origin),
            carried_from_id: carried_from.map(PlanItemId::uuid),
            template_item_id: template_item,
            progress: progress.into(),
        }
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

/// An item of a draft. Its competency is named by id, or by dictionary and code.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanItemPut {
    /// The item it replaces; a new one when absent.
    pub id: Option<Uuid>,
    /// The competency it is to raise, by id.
    pub competency_id: Option<Uuid>,
    /// Code of the competency's dictionary.
    #[schema(example = "NASIONAL-38-2017", min_length = 1, max_length = 64)]
    pub dictionary: Option<String>,
    /// The competency's code.
    #[schema(example = "M.1", min_length = 1, max_length = 64)]
    pub competency_code: Option<String>,
    /// Level now.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub level_from: Option<i64>,
    /// Level aimed at; needed with a competency.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level_to: Option<i64>,
    /// A programme of the catalogue; without it a free activity.
    pub programme_id: Option<Uuid>,
    /// A class of that programme.
    pub class_id: Option<Uuid>,
    /// Code of the form of development; the programme's when absent.
    #[schema(example = "NKL01", min_length = 1, max_length = 64)]
    pub form: Option<String>,
    /// What is to be done; the programme's name when absent.
    #[schema(example = "Coaching dengan atasan", min_length = 1, max_length = 200)]
    pub title: Option<String>,
    /// Learning hours expected; the programme's when absent.
    #[schema(value_type = Option<f64>, example = 4, minimum = 0, maximum = 2000)]
    pub jp: Option<Decimal>,
    /// Cost expected, in rupiah; the programme's price for a participant when absent.
    #[schema(example = 2500000, minimum = 0, maximum = 9007199254740991_i64)]
    pub cost: Option<i64>,
    /// Where the money comes from; needed before a plan that costs money is submitted.
    #[schema(example = "APBD Dinas Kesehatan", min_length = 1, max_length = 200)]
    pub budget: Option<String>,
    /// First day.
    pub starts_on: Option<NaiveDate>,
    /// Day by which it is to be done. It may lie in the past in a draft, and must lie ahead, in the plan's year, when the plan
    /// is begun with.
    pub due_on: Option<NaiveDate>,
    /// Who helps: not the person, not somebody in the reporting line with them but as a coach, and somebody with room for one more.
    pub mentor_id: Option<Uuid>,
    /// By what one will see that it was done.
    #[schema(example = "Laporan penerapan", min_length = 1, max_length = 4000)]
    pub evidence: Option<String>,
    /// Why it is in the plan.
    pub origin: wire::PlanOrigin,
}

/// An item whose competency and programme have yet to be found.
#[derive(Clone, Debug)]
pub struct PlanItemAsk {
    /// The item it replaces.
    pub id: Option<PlanItemId>,
    /// The competency with the levels, as the caller names it.
    pub step: Option<(CompetencyName, Option<kernel::Level>, kernel::Level)>,
    /// Form, where it is named.
    pub form: Option<kernel::Code>,
    /// Title, where it is named.
    pub title: Option<Name>,
    /// Hours, where they are named.
    pub jp: Option<Hundredths>,
    /// Cost, where it is named.
    pub cost: Option<i64>,
    /// The rest; form, title, hours and cost in it are not used.
    pub put: PlanItemPut,
    /// Where the money comes from.
    pub budget: Option<Name>,
    /// By what one will see that it was done.
    pub evidence: Option<LongText>,
}

impl PlanItemPut {
    /// What these values ask for.
    pub(crate) fn ask(self, at: &str, found: &mut Violations) -> Option<PlanItemAsk> {
        let names =
            self.competency_id.is_some() || self.dictionary.is_some() || self.competency_code.is_some();
        let competency = if names {
            let (dictionary, text) = (self.dictionary.as_deref(), self.competency_code.as_deref());
            competency_name(found, at, self.competency_id, dictionary, text).map(Some)
        } else {
            Some(None)
        };
        let of = |name: &str, value: Option<i64>, found: &mut Violations| {
            value.map_or(Some(None), |value| level(found, &format!("{at}/{name}"), value).map(Some))
        };
        let (from, to) = (of("level_from", self.level_from, found), of("level_to", self.level_to, found));
        found.check(names && self.level_to.is_none(), || {
            Violation::new(format!("{at}/level_to"), ViolationCode::Required)
        });
        found.check(!names && (self.level_to.is_some() || self.level_from.is_some()), || {
            Violation::new(format!("{at}/competency_id"), ViolationCode::Required)
        });
        found.check(self.programme_id.is_none() && self.form.is_none(), || {
            Violation::new(format!("{at}/form"), ViolationCode::Required)
        });
        found.check(self.programme_id.is_none() && self.title.is_none(), || {
            Violation::new(format!("{at}/title"), ViolationCode::Required)
        });
        let form = self
            .form
            .as_deref()
            .map_or(Some(None), |text| code(found, &format!("{at}/form"), text).map(Some));
        let title = optional_name(found, &format!("{at}/title"), self.title.as_deref());
        let budget = optional_name(found, &format!("{at}/budget"), self.budget.as_deref());
        let evidence = optional_long_text(found, &format!("{at}/evidence"), self.evidence.as_deref());
        for (name, on) in [("starts_on", self.starts_on), ("due_on", self.due_on)] {
            found.take(on.map(|on| day(&format!("{at}/{name}"), on)).transpose());
        }
        let (competency, from, to) = (competency?, from?, to?);
        let step = match (competency, to) {
            (Some(competency), Some(to)) => Some((competency, from, to)),
            _ => None,
        };
        Some(PlanItemAsk {
            id: self.id.map(PlanItemId::from),
            step,
            form: form?,
            title: title?,
            jp: self.jp.map(|Decimal(jp)| jp),
            cost: self.cost,
            budget: budget?,
            evidence: evidence?,
            put: self,
        })
    }
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

impl PlanItemAsk {
    /// The item, with what was found of its competency and its programme.
    #[must_use]
    pub fn found(
        self,
        step: Option<PlanStepTaken>,
        (form, title): (kernel::Code, Name),
        (jp, cost): (Hundredths, i64),
    ) -> PlanItemDraft {
        let PlanItemPut { programme_id, class_id, starts_on, due_on, mentor_id, origin, .. } = self.put;
        PlanItemDraft {
            step,
            programme: programme_id,
            class: class_id,
            form,
            title,
            jp,
            cost,
            budget: self.budget,
            starts_on,
            due_on,
            mentor: mentor_id.map(EmployeeId::from),
            evidence: self.evidence,
            origin: origin.0,
        }
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
        let mut found = Violations::new();
        let reason = long_text(&mut found, "/reason", &self.reason);
        found.finish()?;
        reason.ok_or_else(Vec::new)
    }
}

/// How far an item has come.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"state": "DONE", "percent": 100, "jp": 24, "committed": 2500000, "realised": 2500000,
    "evidence": "https://arsip.example.go.id/dokumen/124"}))]
pub struct PlanProgressPut {
    /// In a word.
    pub state: wire::PlanItemState,
    /// In percent; 0 of what is planned and 100 of what is done.
    #[schema(example = 100, minimum = 0, maximum = 100)]
    pub percent: i64,
    /// Learning hours earned with it; none when absent. Where the ledger has hours for what the item names, those count.
    #[schema(value_type = Option<f64>, example = 24, minimum = 0, maximum = 2000)]
    pub jp: Option<Decimal>,
    /// Committed, in rupiah; nothing when absent.
    #[serde(default)]
    #[schema(example = 2500000, minimum = 0, maximum = 9007199254740991_i64)]
    pub committed: i64,
    /// Spent, in rupiah; nothing when absent.
    #[serde(default)]
    #[schema(example = 2500000, minimum = 0, maximum = 9007199254740991_i64)]
    pub realised: i64,
    /// Where the evidence is; needed of what is done.
    #[schema(example = "https://arsip.example.go.id/dokumen/124", min_length = 1, max_length = 200)]
    pub evidence: Option<String>,
    /// More on it; needed of what will not be done.
    #[schema(example = "Kelas dibatalkan penyelenggara", min_length = 1, max_length = 4000)]
    pub note: Option<String>,
}

impl PlanProgressPut {
    /// The progress.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self) -> Result<ItemProgress, Vec<Violation>> {
        let Self { state, percent, jp, committed, realised, evidence, note } = self;
        let mut found = Violations::new();
        let evidence = optional_name(&mut found, "/evidence", evidence.as_deref());
        let note = optional_long_text(&mut found, "/note", note.as_deref());
        let percent = u8::try_from(percent).ok().filter(|percent| *percent <= 100).ok_or_else(|| {
            Violation::new("/percent", ViolationCode::OutOfRange).with("min", 0).with("max", 100)
        });
        let percent = found.take(percent);
        found.finish()?;
        match (evidence, note, percent) {
            (Some(evidence), Some(note), Some(percent)) => Ok(ItemProgress {
                state: state.0,
                percent,
                jp: jp.map_or(Hundredths::from_count(0), |Decimal(jp)| jp),
                credited: None,
                committed,
                realised,
                evidence,
                note,
            }),
            _ => Err(Vec::new()),
        }
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

/// The gaps a plan was made from, and those at its completion.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanSnapshotsView {
    /// One for the position held and one for the position aimed at, when the plan was made and when it was completed.
    #[schema(max_items = 4)]
    pub items: Vec<PlanSnapshotView>,
}

/// The gaps at a moment of a plan's life, kept whatever is recorded later.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanSnapshotView {
    /// When they were looked at.
    pub moment: wire::PlanSnapshotMoment,
    /// Against what they were measured.
    pub against: wire::PlanSnapshotAgainst,
    /// On which day.
    pub as_of: NaiveDate,
    /// By what was known when.
    pub known_at: DateTime<Utc>,
    /// The position.
    pub position_id: Uuid,
    /// Every required competency.
    #[schema(max_items = 200)]
    pub competencies: Vec<PlanSnapshotLineView>,
}

/// One competency of a snapshot.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanSnapshotLineView {
    /// The competency.
    pub competency_id: Uuid,
    /// Its code.
    #[schema(example = "M.1", max_length = 64)]
    pub code: String,
    /// Its name.
    #[schema(example = "Integritas", max_length = 200)]
    pub name: String,
    /// Required level.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub required: u8,
    /// Level found by valid evidence.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub achieved: Option<u8>,
    /// How the person stood.
    pub state: wire::GapState,
    /// How much it mattered.
    pub severity: wire::Severity,
    /// How much the position depends on it.
    pub importance: wire::Importance,
    /// Why an open gap has no item; null where it has one, or is no gap.
    pub unplanned: Option<wire::UnplannedReason>,
}

impl From<PlanSnapshotRow> for PlanSnapshotView {
    fn from(row: PlanSnapshotRow) -> Self {
        let PlanSnapshotRow { moment, against, snapshot } = row;
        let GapSnapshot { as_of, known_at, position, lines } = snapshot;
        let line = |line: SnapshotLine| {
            let SnapshotLine {
                competency_agency: _,
                competency,
                code,
                name,
                required,
                achieved,
                state,
                severity,
                importance,
                unplanned,
            } = line;
            PlanSnapshotLineView {
                competency_id: competency.uuid(),
                code: code.into_string(),
                name: name.into_string(),
                required: required.get(),
                achieved: achieved.map(kernel::Level::get),
                state: Wire(state),
                severity: Wire(severity),
                importance: Wire(importance),
                unplanned: unplanned.map(Wire),
            }
        };
        Self {
            moment: Wire(moment),
            against: Wire(against),
            as_of,
            known_at,
            position_id: position.uuid(),
            competencies: lines.into_iter().map(line).collect(),
        }
    }
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

/// Which part of a plan's history or comments.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PlanPartQuery {
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}
