//! Templates of development plans, and the work that draws many plans up.

use chrono::NaiveDate;
use development::{PlanOrigin, PlanTemplate, TemplateFor, TemplateItem};
use kernel::{Code, Hundredths, Level, LongText, Name, PositionId, Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};
use crate::dto::values::{
    CompetencyName, Decimal, competency_name, name, optional_code, optional_level, optional_long_text,
    optional_name,
};

/// What many people's plans have in common.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanTemplateView {
    /// Identifier.
    pub id: Uuid,
    /// Name, unique in the agency.
    #[schema(example = "Pengawas 2026", max_length = 200)]
    pub name: String,
    /// For everybody who holds a position of this class.
    pub job_class: Option<wire::JobClass>,
    /// For everybody who holds this position.
    pub position_id: Option<Uuid>,
    /// Its items, in order.
    #[schema(max_items = 50)]
    pub items: Vec<TemplateItemView>,
    /// Whether it is out of use.
    #[schema(example = false)]
    pub retired: bool,
}

/// An item of a template.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateItemView {
    /// Identifier, which the items of plans carry as `template_item_id`.
    pub id: Uuid,
    /// The competency it is to raise.
    pub competency_id: Option<Uuid>,
    /// Level aimed at.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level_to: Option<u8>,
    /// The programme of the catalogue.
    pub programme_id: Option<Uuid>,
    /// Code of the form of development.
    #[schema(example = "KL03", max_length = 64)]
    pub form: String,
    /// What is to be done.
    #[schema(example = "Pelatihan Kepemimpinan Pengawas", max_length = 200)]
    pub title: String,
    /// Learning hours expected.
    #[schema(value_type = f64, example = 24, minimum = 0, maximum = 2000)]
    pub jp: Decimal,
    /// Cost expected, in rupiah.
    #[schema(example = 2500000, minimum = 0, maximum = 9007199254740991_i64)]
    pub cost: i64,
    /// Where the money comes from.
    #[schema(example = "APBD", max_length = 200)]
    pub budget: Option<String>,
    /// Month of the year by which it is to be done.
    #[schema(example = 9, minimum = 1, maximum = 12)]
    pub due_month: Option<u32>,
    /// Day of that month.
    #[schema(example = 30, minimum = 1, maximum = 31)]
    pub due_day: Option<u32>,
    /// By what one will see that it was done.
    #[schema(example = "Sertifikat", max_length = 4000)]
    pub evidence: Option<String>,
    /// Why it is in the plans.
    pub origin: wire::PlanOrigin,
}

impl From<PlanTemplate> for PlanTemplateView {
    fn from(template: PlanTemplate) -> Self {
        let PlanTemplate { id, name, whom, items, retired, version: _ } = template;
        let (job_class, position_id) = match whom {
            TemplateFor::Class(class) => (Some(Wire(class)), None),
            TemplateFor::Position(position) => (None, Some(position.uuid())),
        };
        Self {
            id: id.uuid(),
            name: name.into_string(),
            job_class,
            position_id,
            items: items.into_iter().map(TemplateItemView::from).collect(),
            retired,
        }
    }
}

impl From<TemplateItem> for TemplateItemView {
    fn from(item: TemplateItem) -> Self {
        let TemplateItem {
            id,
            competency,
            level_to,
            programme,
            form,
            title,
            jp,
            cost,
            budget,
            due,
            evidence,
            origin,
        } = item;
        let (due_month, due_day) = due.unzip();
        Self {
            id,
            competency_id: competency.map(|(_, id)| id.uuid()),
            level_to: level_to.map(Level::get),
            programme_id: programme,
            form: form.into_string(),
            title: title.into_string(),
            jp: Decimal(jp),
            cost,
            budget: budget.map(Name::into_string),
            due_month,
            due_day,
            evidence: evidence.map(LongText::into_string),
            origin: Wire(origin),
        }
    }
}

/// What a template says: exactly one of `job_class` and `position_id`.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Pengawas 2026", "job_class": "PENGAWAS", "items": [{"form": "NKL01",
    "title": "Coaching dengan atasan", "jp": 4, "due_month": 9, "due_day": 30, "origin": "OWN_WISH"}]}))]
pub struct PlanTemplatePut {
    /// Name, unique in the agency.
    #[schema(example = "Pengawas 2026", min_length = 1, max_length = 200)]
    pub name: String,
    /// For everybody who holds a position of this class.
    pub job_class: Option<wire::JobClass>,
    /// For everybody who holds this position.
    pub position_id: Option<Uuid>,
    /// Its items, in order.
    #[schema(min_items = 1, max_items = 50)]
    pub items: Vec<TemplateItemPut>,
}

/// An item of a template. Its competency is named by id, or by dictionary and code.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateItemPut {
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
    /// Level aimed at; needed with a competency.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level_to: Option<i64>,
    /// A programme of the catalogue; without it a free activity.
    pub programme_id: Option<Uuid>,
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
    /// Where the money comes from.
    #[schema(example = "APBD", min_length = 1, max_length = 200)]
    pub budget: Option<String>,
    /// Month of the year by which it is to be done; with `due_day`, or neither.
    #[schema(example = 9, minimum = 1, maximum = 12)]
    pub due_month: Option<u32>,
    /// Day of that month; 29 February is the last of the month where there is none.
    #[schema(example = 30, minimum = 1, maximum = 31)]
    pub due_day: Option<u32>,
    /// By what one will see that it was done.
    #[schema(example = "Sertifikat", min_length = 1, max_length = 4000)]
    pub evidence: Option<String>,
    /// Why it is in the plans.
    pub origin: wire::PlanOrigin,
}

/// A template whose competencies and programmes have yet to be found.
#[derive(Clone, Debug)]
pub struct TemplateAsk {
    /// Its name.
    pub name: Name,
    /// For whom it is.
    pub whom: TemplateFor,
    /// Its items.
    pub items: Vec<TemplateItemAsk>,
}

/// An item whose competency and programme have yet to be found.
#[derive(Clone, Debug)]
pub struct TemplateItemAsk {
    /// The item it replaces.
    pub id: Option<Uuid>,
    /// The competency, as the caller names it.
    pub competency: Option<CompetencyName>,
    /// Level aimed at.
    pub level_to: Option<Level>,
    /// Programme.
    pub programme: Option<Uuid>,
    /// Form, where it is named.
    pub form: Option<Code>,
    /// Title, where it is named.
    pub title: Option<Name>,
    /// Hours, where they are named.
    pub jp: Option<Hundredths>,
    /// Cost, where it is named.
    pub cost: Option<i64>,
    /// Where the money comes from.
    pub budget: Option<Name>,
    /// Month and day.
    pub due: Option<(u32, u32)>,
    /// By what one will see that it was done.
    pub evidence: Option<LongText>,
    /// Why it is in the plans.
    pub origin: PlanOrigin,
}

impl PlanTemplatePut {
    /// What these values ask for.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn ask(self) -> Result<TemplateAsk, Vec<Violation>> {
        let Self { name: called, job_class, position_id, items } = self;
        let mut found = Violations::new();
        let most = usize::from(development::PlanRubric::MOST_ITEMS);
        if items.len() > most {
            return Err(vec![Violation::new("/items", ViolationCode::TooMany).with("max", most)]);
        }
        let called = name(&mut found, "/name", &called);
        let whom = match (job_class, position_id) {
            (Some(Wire(class)), None) => Some(TemplateFor::Class(class)),
            (None, Some(position)) => Some(TemplateFor::Position(PositionId::from(position))),
            (None, None) => {
                found.push(Violation::new("/job_class", ViolationCode::Required));
                None
            }
            (Some(_), Some(_)) => {
                found.push(Violation::new("/position_id", ViolationCode::Inconsistent));
                None
            }
        };
        let items: Vec<_> = items
            .into_iter()
            .enumerate()
            .filter_map(|(index, item)| item.ask(&format!("/items/{index}"), &mut found))
            .collect();
        found.finish()?;
        match (called, whom) {
            (Some(name), Some(whom)) => Ok(TemplateAsk { name, whom, items }),
            _ => Err(Vec::new()),
        }
    }
}

impl TemplateItemPut {
    fn ask(self, at: &str, found: &mut Violations) -> Option<TemplateItemAsk> {
        let names =
            self.competency_id.is_some() || self.dictionary.is_some() || self.competency_code.is_some();
        let competency = if names {
            let (dictionary, text) = (self.dictionary.as_deref(), self.competency_code.as_deref());
            competency_name(found, at, self.competency_id, dictionary, text).map(Some)
        } else {
            Some(None)
        };
        found.check(names != self.level_to.is_some(), || {
            let missing = if names { "level_to" } else { "competency_id" };
            Violation::new(format!("{at}/{missing}"), ViolationCode::Required)
        });
        found.check(self.programme_id.is_none() && self.form.is_none(), || {
            Violation::new(format!("{at}/form"), ViolationCode::Required)
        });
        found.check(self.programme_id.is_none() && self.title.is_none(), || {
            Violation::new(format!("{at}/title"), ViolationCode::Required)
        });
        found.check(self.due_month.is_some() != self.due_day.is_some(), || {
            Violation::new(format!("{at}/due_day"), ViolationCode::Inconsistent)
        });
        let to = optional_level(found, &format!("{at}/level_to"), self.level_to);
        let form = optional_code(found, &format!("{at}/form"), self.form.as_deref());
        let title = optional_name(found, &format!("{at}/title"), self.title.as_deref());
        let budget = optional_name(found, &format!("{at}/budget"), self.budget.as_deref());
        let evidence = optional_long_text(found, &format!("{at}/evidence"), self.evidence.as_deref());
        Some(TemplateItemAsk {
            id: self.id,
            competency: competency?,
            level_to: to?,
            programme: self.programme_id,
            form: form?,
            title: title?,
            jp: self.jp.map(|Decimal(jp)| jp),
            cost: self.cost,
            budget: budget?,
            due: self.due_month.zip(self.due_day),
            evidence: evidence?,
            origin: self.origin.0,
        })
    }
}
/// Whose plans are drawn up.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"year": 2026, "unit_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11"}))]
pub struct PlanWorkCreate {
    /// The year: the present one in the agency's time zone or the next.
    #[schema(example = 2026, minimum = 1900, maximum = 2199)]
    pub year: i32,
    /// Of the people who serve in this unit or in one under it today; of the whole agency when absent.
    pub unit_id: Option<Uuid>,
}

/// Work that was begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanWorkView {
    /// The operation; `Location` names it too.
    pub operation_id: Uuid,
}

impl PlanWorkCreate {
    /// A year that is open on a day.
    ///
    /// # Errors
    /// `OutOfRange` at `/year`.
    pub fn check(&self, today: NaiveDate) -> Result<(), Violation> {
        use chrono::Datelike as _;
        if development::Plan::year_is_open(self.year, today) {
            return Ok(());
        }
        let this = today.year();
        Err(Violation::new("/year", ViolationCode::OutOfRange).with("min", this).with("max", this + 1))
    }
}
