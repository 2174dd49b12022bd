//! The items of a development plan, and how far they have come.

use chrono::NaiveDate;
use development::{ItemProgress, PlanItem, PlanItemDraft, PlanStepTaken};
use kernel::{EmployeeId, Hundredths, LongText, Name, PlanItemId, Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};
use store::PlanItemNames;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::dto::day;
use crate::dto::enums::{Wire, wire};
use crate::dto::values::{
    CompetencyName, Decimal, competency_name, optional_code, optional_level, optional_long_text,
    optional_name,
};

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
    /// The item, with what it refers to as it is called.
    pub(crate) fn new(item: PlanItem, names: PlanItemNames) -> Self {
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
        let from = optional_level(found, &format!("{at}/level_from"), self.level_from);
        let to = optional_level(found, &format!("{at}/level_to"), self.level_to);
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
        let form = optional_code(found, &format!("{at}/form"), self.form.as_deref());
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
