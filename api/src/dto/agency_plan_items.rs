//! The items of an agency plan, with whom they are for.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use development::{AgencyPlanItemDraft, AgencyPlanOrigin, Fund, PlanTarget, Price, Setting};
use kernel::{
    ClassId, Code, EmployeeId, Level, Name, PartnerId, ProgrammeId, Rupiah, Violation, ViolationCode,
    Violations,
};
use serde::{Deserialize, Serialize};
use store::{AgencyPlanItemRow, PlanTargetName};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::dto::agency_plan_budget::FundView;
use crate::dto::agency_plans::texts;
use crate::dto::day;
use crate::dto::enums::{Wire, wire};
use crate::dto::values::{
    CodeText, CompetencyName, Decimal, competency_name, level, optional_code, optional_level,
    optional_long_text, optional_name, optional_rupiah,
};

/// Somebody an item is for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanTargetView {
    /// Who.
    pub employee_id: Uuid,
    /// Identity number.
    #[schema(example = "198609262015051001", min_length = 18, max_length = 18)]
    pub nip: String,
    /// Name.
    #[schema(example = "Contoh Pegawai", max_length = 200)]
    pub name: String,
    /// What their place is for; what the programme teaches where there are none.
    #[schema(max_items = 20)]
    pub steps: Vec<PlanTargetStepView>,
}

/// A step somebody's place is for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanTargetStepView {
    /// The competency.
    pub competency_id: Uuid,
    /// Level now; null where nothing valid is known.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub level_from: Option<u8>,
    /// Level aimed at.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level_to: u8,
}

/// The same item in a list and by itself.
macro_rules! item_views {
    ($($(#[$doc:meta])* $name:ident { $($(#[$more:meta])* $field:ident: $type:ty,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        pub struct $name {
            /// Identifier, the same in every version of the plan.
            pub id: Uuid,
            /// The plan.
            pub plan_id: Uuid,
            /// What is to be done: the item's own title or the programme's name.
            #[schema(example = "Pelatihan manajemen puskesmas", max_length = 200)]
            pub title: String,
            /// The programme of the catalogue; null for something else.
            pub programme_id: Option<Uuid>,
            /// Its code.
            #[schema(example = "LAT-PKM", max_length = 64)]
            pub programme_code: Option<String>,
            /// Its name.
            #[schema(example = "Pelatihan manajemen puskesmas", max_length = 200)]
            pub programme_name: Option<String>,
            /// The class of that programme.
            pub class_id: Option<Uuid>,
            /// Its code.
            #[schema(example = "PKM-2027-1", max_length = 64)]
            pub class_code: Option<String>,
            /// Types of competency (jenis kompetensi): codes of families, from the programme and from what places are for.
            #[schema(max_items = 20)]
            pub competency_types: Vec<CodeText>,
            /// Code of the form with its path (bentuk dan jalur).
            #[schema(example = "KL03", max_length = 64)]
            pub form: Option<String>,
            /// Where that form takes place, by the agency's policy.
            pub setting: Option<wire::FormSetting>,
            /// Who provides it (penyelenggara).
            pub provider_id: Option<Uuid>,
            /// What they are called.
            #[schema(example = "BPSDM Provinsi", max_length = 200)]
            pub provider_name: Option<String>,
            /// First day.
            pub starts_on: Option<NaiveDate>,
            /// Last day.
            pub ends_on: Option<NaiveDate>,
            /// The competent agency whose curriculum it follows (instansi pembina).
            pub curriculum_owner_id: Option<Uuid>,
            /// What it is called.
            #[schema(example = "Kementerian Kesehatan", max_length = 200)]
            pub curriculum_owner_name: Option<String>,
            /// In which way it conforms with that curriculum.
            #[schema(example = "Kurikulum pelatihan manajemen puskesmas Kementerian Kesehatan", max_length = 4000)]
            pub curriculum: Option<String>,
            /// Learning hours for each person.
            #[schema(value_type = Option<f64>, example = 40, minimum = 0, maximum = 2000)]
            pub jp: Option<Decimal>,
            /// Price for each person, in rupiah; null where none is known.
            #[schema(example = 2500000, minimum = 0, maximum = 9007199254740991_i64)]
            pub price_per_participant: Option<i64>,
            /// Price of the class, in rupiah; null where none is known.
            #[schema(example = 10000000, minimum = 0, maximum = 9007199254740991_i64)]
            pub price_per_class: Option<i64>,
            /// How many people it is for.
            #[schema(example = 30, minimum = 0, maximum = 1000)]
            pub places: u32,
            /// What it costs for all of them, in rupiah; null where no price is known.
            #[schema(example = 85000000, minimum = 0, maximum = 9007199254740991_i64)]
            pub cost: Option<i64>,
            /// From which lines that is paid.
            #[schema(max_items = 1000)]
            pub funds: Vec<FundView>,
            /// Properties in which the plan differs from the programme and the class, or says what those do not.
            #[schema(max_items = 10, example = json!(["starts_on"]))]
            pub overrides: Vec<CodeText>,
            /// More on it.
            #[schema(example = "Bersama Dinas Kesehatan provinsi", max_length = 4000)]
            pub note: Option<String>,
            /// Where it came from.
            pub origin: wire::AgencyPlanOrigin,
            /// The scenario that chose it.
            pub scenario_id: Option<Uuid>,
            /// The plan of the year before it was carried over from.
            pub carried_from_plan_id: Option<Uuid>,
            /// The item of that plan.
            pub carried_from_item_id: Option<Uuid>,
            $($(#[$more])* pub $field: $type,)?
        }

        impl $name {
            /// The item, with the setting of its form.
            #[must_use]
            pub fn new(row: AgencyPlanItemRow, settings: &BTreeMap<Code, Setting> $(, $field: $type)?) -> Self {
                let AgencyPlanItemRow {
                    plan, item, ordinal: _, programme, class_code, provider, curriculum_owner, families,
                } = row;
                let (programme_code, programme_name) = texts(programme);
                let (scenario_id, carried) = match item.origin {
                    AgencyPlanOrigin::Manual => (None, None),
                    AgencyPlanOrigin::Scenario(id) => (Some(id), None),
                    AgencyPlanOrigin::CarriedOver { plan, item } => (None, Some((plan.uuid(), item.uuid()))),
                };
                let (carried_from_plan_id, carried_from_item_id) = carried.unzip();
                let (price, days) = (item.price(), item.days());
                let amount = |amount: Option<Rupiah>| amount.map(Rupiah::amount);
                let fund = |fund: &Fund| FundView { budget_line_id: fund.line.uuid(), amount: amount(fund.amount) };
                Self {
                    id: item.id.uuid(),
                    plan_id: plan.uuid(),
                    title: item.title().map(ToString::to_string).unwrap_or_default(),
                    programme_id: item.said.programme.map(ProgrammeId::uuid),
                    programme_code,
                    programme_name,
                    class_id: item.said.class.map(ClassId::uuid),
                    class_code: class_code.map(Code::into_string),
                    competency_types: families.into_iter().map(CodeText::from).collect(),
                    form: item.form().map(ToString::to_string),
                    setting: item.form().and_then(|form| settings.get(form)).copied().map(Wire),
                    provider_id: item.provider().map(PartnerId::uuid),
                    provider_name: provider.map(Name::into_string),
                    starts_on: days.map(|(first, _)| first),
                    ends_on: days.map(|(_, last)| last),
                    curriculum_owner_id: item.curriculum_owner().map(PartnerId::uuid),
                    curriculum_owner_name: curriculum_owner.map(Name::into_string),
                    curriculum: item.said.curriculum.as_ref().map(ToString::to_string),
                    jp: item.jp().map(Decimal),
                    price_per_participant: amount(price.per_participant),
                    price_per_class: amount(price.per_class),
                    places: item.places(),
                    cost: amount(item.cost()),
                    funds: item.said.funds.iter().map(fund).collect(),
                    overrides: overrides(&item.said),
                    note: item.said.note.as_ref().map(ToString::to_string),
                    origin: Wire(item.origin.kind()),
                    scenario_id,
                    carried_from_plan_id,
                    carried_from_item_id,
                    $($field,)?
                }
            }
        }
    )+};
}

item_views! {
    /// An item of an agency's plan in a list: with the seven contents the law asks for (PP 11/2017 article 207), each its own or
    /// the programme's and the class's.
    AgencyPlanItemSummaryView {}
    /// An item of an agency's plan: the seven contents the law asks for (PP 11/2017 article 207), each its own or the programme's
    /// and the class's, and whom it is for.
    AgencyPlanItemView {
        /// Whom it is for, in order.
        #[schema(max_items = 1000)]
        targets: Vec<PlanTargetView>,
    }
}

/// What an item says by itself, by property.
fn overrides(said: &AgencyPlanItemDraft) -> Vec<CodeText> {
    let all = [
        ("title", said.title.is_some()),
        ("form", said.form.is_some()),
        ("provider_id", said.provider.is_some()),
        ("starts_on", said.days.is_some()),
        ("ends_on", said.days.is_some()),
        ("curriculum_owner_id", said.curriculum_owner.is_some()),
        ("curriculum", said.curriculum.is_some()),
        ("jp", said.jp.is_some()),
        ("price_per_participant", said.price.per_participant.is_some()),
        ("price_per_class", said.price.per_class.is_some()),
    ];
    let own = all.into_iter().filter(|(_, own)| *own);
    own.map(|(property, _)| CodeText(property.to_owned())).collect()
}

/// Whom an item is for, by name.
#[must_use]
pub fn targets_view(
    targets: &[PlanTarget],
    names: &BTreeMap<EmployeeId, PlanTargetName>,
) -> Vec<PlanTargetView> {
    let view = |target: &PlanTarget| {
        let PlanTargetName { employee, nip, name } = names.get(&target.employee)?;
        let step = |step: &development::PlanStepTaken| PlanTargetStepView {
            competency_id: step.competency.uuid(),
            level_from: step.from.map(Level::get),
            level_to: step.to.get(),
        };
        Some(PlanTargetView {
            employee_id: employee.uuid(),
            nip: nip.as_str().to_owned(),
            name: name.to_string(),
            steps: target.steps.iter().map(step).collect(),
        })
    };
    targets.iter().filter_map(view).collect()
}

/// What an item says. What the programme and the class say is left out, unless the plan differs.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Magang di rumah sakit provinsi", "form": "NKL12", "starts_on": "2027-03-01",
    "ends_on": "2027-03-31", "price_per_participant": 1500000, "targets": [
        {"employee_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "steps": [
            {"dictionary": "NASIONAL-38-2017", "competency_code": "M.1", "level_from": 2, "level_to": 3}]}]}))]
pub struct AgencyPlanItemPut {
    /// The programme of the catalogue; without one a title is needed.
    pub programme_id: Option<Uuid>,
    /// A class of that programme.
    pub class_id: Option<Uuid>,
    /// What is to be done; the programme's name when absent.
    #[schema(example = "Magang di rumah sakit provinsi", min_length = 1, max_length = 200)]
    pub title: Option<String>,
    /// Code of the form; the programme's when absent.
    #[schema(example = "NKL12", min_length = 1, max_length = 64)]
    pub form: Option<String>,
    /// Who provides it; the programme's provider when absent.
    pub provider_id: Option<Uuid>,
    /// First day; the class's when absent.
    pub starts_on: Option<NaiveDate>,
    /// Last day; the class's when absent. With `starts_on`, or neither.
    pub ends_on: Option<NaiveDate>,
    /// The competent agency whose curriculum it follows; when absent who owns the programme's, or its provider where that is an
    /// agency.
    pub curriculum_owner_id: Option<Uuid>,
    /// In which way it conforms with that curriculum.
    #[schema(
        example = "Kurikulum pelatihan manajemen puskesmas Kementerian Kesehatan",
        min_length = 1,
        max_length = 4000
    )]
    pub curriculum: Option<String>,
    /// Learning hours for each person; the programme's when absent.
    #[schema(value_type = Option<f64>, example = 40, minimum = 0, maximum = 2000)]
    pub jp: Option<Decimal>,
    /// Price for each person, in rupiah; the programme's when absent.
    #[schema(example = 1500000, minimum = 0, maximum = 9007199254740991_i64)]
    pub price_per_participant: Option<i64>,
    /// Price of the class, in rupiah; the programme's when absent.
    #[schema(example = 0, minimum = 0, maximum = 9007199254740991_i64)]
    pub price_per_class: Option<i64>,
    /// From which lines it is paid.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub funds: Vec<FundView>,
    /// Whom it is for.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub targets: Vec<PlanTargetPut>,
    /// More on it.
    #[schema(example = "Bersama Dinas Kesehatan provinsi", min_length = 1, max_length = 4000)]
    pub note: Option<String>,
}

/// Somebody an item is for.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanTargetPut {
    /// Who.
    pub employee_id: Uuid,
    /// What their place is for; what the programme teaches when empty.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub steps: Vec<PlanTargetStepPut>,
}

/// A step somebody's place is for. Its competency is named by id, or by dictionary and code.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanTargetStepPut {
    /// The competency, by id.
    pub competency_id: Option<Uuid>,
    /// Code of the competency's dictionary.
    #[schema(example = "NASIONAL-38-2017", min_length = 1, max_length = 64)]
    pub dictionary: Option<String>,
    /// The competency's code.
    #[schema(example = "M.1", min_length = 1, max_length = 64)]
    pub competency_code: Option<String>,
    /// Level now; absent where nothing valid is known.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub level_from: Option<i64>,
    /// Level aimed at.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level_to: i64,
}

/// A step whose competency has yet to be found.
pub type StepAsk = (CompetencyName, Option<Level>, Level);

/// An item whose competencies have yet to be found.
#[derive(Clone, Debug)]
pub struct AgencyPlanItemAsk {
    /// What it says, with nobody it is for.
    pub said: AgencyPlanItemDraft,
    /// Whom it is for, and for what.
    pub targets: Vec<(EmployeeId, Vec<StepAsk>)>,
}

impl AgencyPlanItemPut {
    /// What these values ask for.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn ask(self) -> Result<AgencyPlanItemAsk, Vec<Violation>> {
        let mut found = Violations::new();
        for (at, count, most) in [
            ("/targets", self.targets.len(), AgencyPlanItemDraft::MOST_TARGETS),
            ("/funds", self.funds.len(), AgencyPlanItemDraft::MOST_FUNDS),
        ] {
            found.check(count > most, || Violation::new(at, ViolationCode::TooMany).with("max", most));
        }
        found.finish()?;
        let mut found = Violations::new();
        let title = optional_name(&mut found, "/title", self.title.as_deref());
        let form = optional_code(&mut found, "/form", self.form.as_deref());
        let curriculum = optional_long_text(&mut found, "/curriculum", self.curriculum.as_deref());
        let note = optional_long_text(&mut found, "/note", self.note.as_deref());
        for (at, on) in [("/starts_on", self.starts_on), ("/ends_on", self.ends_on)] {
            found.take(on.map(|on| day(at, on)).transpose());
        }
        found.check(self.starts_on.is_some() != self.ends_on.is_some(), || {
            let missing = if self.ends_on.is_none() { "/ends_on" } else { "/starts_on" };
            Violation::new(missing, ViolationCode::Required)
        });
        let each = optional_rupiah(&mut found, "/price_per_participant", self.price_per_participant);
        let whole = optional_rupiah(&mut found, "/price_per_class", self.price_per_class);
        let mut funds = Vec::with_capacity(self.funds.len());
        for (index, fund) in self.funds.iter().enumerate() {
            let amount = optional_rupiah(&mut found, &format!("/funds/{index}/amount"), fund.amount);
            funds.extend(amount.map(|amount| Fund { line: fund.budget_line_id.into(), amount }));
        }
        let mut targets = Vec::with_capacity(self.targets.len());
        for (index, target) in self.targets.iter().enumerate() {
            let step = |(number, step): (usize, &PlanTargetStepPut)| {
                step.ask(&format!("/targets/{index}/steps/{number}"), &mut found)
            };
            let steps = target.steps.iter().enumerate().filter_map(step).collect();
            targets.push((EmployeeId::from(target.employee_id), steps));
        }
        found.finish()?;
        let (Some(title), Some(form), Some(curriculum), Some(note)) = (title, form, curriculum, note) else {
            return Err(Vec::new());
        };
        let said = AgencyPlanItemDraft {
            programme: self.programme_id.map(ProgrammeId::from),
            class: self.class_id.map(ClassId::from),
            title,
            form,
            provider: self.provider_id.map(PartnerId::from),
            days: self.starts_on.zip(self.ends_on),
            curriculum_owner: self.curriculum_owner_id.map(PartnerId::from),
            curriculum,
            jp: self.jp.map(|Decimal(jp)| jp),
            price: Price { per_participant: each.flatten(), per_class: whole.flatten() },
            funds,
            targets: Vec::new(),
            note,
        };
        Ok(AgencyPlanItemAsk { said, targets })
    }
}

impl PlanTargetStepPut {
    fn ask(&self, at: &str, found: &mut Violations) -> Option<StepAsk> {
        let (dictionary, text) = (self.dictionary.as_deref(), self.competency_code.as_deref());
        let named = competency_name(found, at, self.competency_id, dictionary, text);
        let from = optional_level(found, &format!("{at}/level_from"), self.level_from);
        let to = level(found, &format!("{at}/level_to"), self.level_to);
        Some((named?, from?, to?))
    }
}
