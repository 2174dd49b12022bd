//! Versioned rubrics.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use competency::{
    Cutoff, DefaultLevelsRubric, JpmMethod, JpmRubric, PolicyVersion, Purpose, Rubric, ValidityRubric,
    reference,
};
use development::{PlanDeadline, PlanRubric, RemindersRubric};
use kernel::{Code, Level, NATIONAL, PolicyId, Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{PolicyDraft, RubricDocument};
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;
use workforce::JobClass;

use crate::dto::day;
use crate::dto::eligibility::EligibilityRubricView;
use crate::dto::enums::{Wire, wire};
use crate::dto::evaluation_rubric::EvaluationRubricView;
use crate::dto::forms::FormsRubricView;
use crate::dto::jp_ledger::JpTargetRubricView;
use crate::dto::need_priority::NeedPriorityRubricView;
use crate::dto::recommendations::RankingRubricView;
use crate::dto::values::{CodeText, Decimal, code, level, long_text};

/// A version of a rubric: cut-offs, validity or default levels. Versions never change; a later one takes over.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyView {
    /// Identifier.
    pub id: Uuid,
    /// What it is about; the property of that name holds the document, the others are null.
    pub kind: wire::PolicyKind,
    /// Whether it is the nation's; otherwise it is the agency's own, which goes before.
    #[schema(example = true)]
    pub national: bool,
    /// Name.
    #[schema(example = "RATIO_OF_SUMS", max_length = 64)]
    pub name: String,
    /// Number among the versions of that name and owner, from 1.
    #[schema(example = 1, minimum = 1, maximum = 2147483647)]
    pub number: i32,
    /// First day it applies to.
    pub valid_from: NaiveDate,
    /// When it was recorded; answers for an earlier `known_at` do not use it.
    pub recorded_at: DateTime<Utc>,
    /// Where its numbers come from: the regulation, the agency's decree.
    #[schema(example = "Peraturan BKN 26/2019 Pasal 29(4)", max_length = 4000)]
    pub source: String,
    /// How the job person match is computed and graded.
    pub jpm: Option<JpmRubricView>,
    /// How long an assessment result is valid.
    pub validity: Option<ValidityRubricView>,
    /// Which level a job class requires where a position has no standard.
    pub default_levels: Option<DefaultLevelsRubricView>,
    /// Who may be appointed to a position of a job class.
    pub eligibility: Option<EligibilityRubricView>,
    /// Forms of development and what they are worth in learning hours.
    pub forms: Option<FormsRubricView>,
    /// How many learning hours a year asks for, and how many it allows.
    pub jp_target: Option<JpTargetRubricView>,
    /// How development plans are drawn up and approved.
    pub development_plan: Option<PlanRubricView>,
    /// What decides between programmes that are recommended.
    pub recommendation: Option<RankingRubricView>,
    /// How long before something is due people are reminded of it.
    pub reminders: Option<RemindersRubricView>,
    /// How classes are evaluated: what is asked of whom, and when.
    pub evaluation: Option<EvaluationRubricView>,
    /// Which needs of development go before which.
    pub need_priority: Option<NeedPriorityRubricView>,
}

impl From<PolicyVersion<RubricDocument>> for PolicyView {
    fn from(policy: PolicyVersion<RubricDocument>) -> Self {
        let PolicyVersion { id, agency, name, number, valid_from, recorded_at, source, rubric } = policy;
        let kind = Wire(rubric.kind());
        let (mut jpm, mut validity, mut default_levels) = (None, None, None);
        let (mut eligibility, mut forms, mut jp_target, mut development_plan) = (None, None, None, None);
        let (mut recommendation, mut reminders, mut evaluation, mut need_priority) = (None, None, None, None);
        match rubric {
            RubricDocument::Jpm(rubric) => jpm = Some(rubric.into()),
            RubricDocument::Validity(rubric) => validity = Some(rubric.into()),
            RubricDocument::DefaultLevels(rubric) => default_levels = Some(rubric.into()),
            RubricDocument::Eligibility(rubric) => eligibility = Some(rubric.into()),
            RubricDocument::Forms(rubric) => forms = Some(rubric.into()),
            RubricDocument::JpTarget(rubric) => jp_target = Some(rubric.into()),
            RubricDocument::Recommendation(rubric) => recommendation = Some(rubric.into()),
            RubricDocument::DevelopmentPlan(rubric) => development_plan = Some(rubric.into()),
            RubricDocument::Reminders(rubric) => reminders = Some(rubric.into()),
            RubricDocument::Evaluation(rubric) => evaluation = Some(rubric.into()),
            RubricDocument::NeedPriority(rubric) => need_priority = Some(rubric.into()),
        }
        Self {
            id: id.uuid(),
            kind,
            national: agency == NATIONAL,
            name: name.into_string(),
            number,
            valid_from,
            recorded_at,
            source: source.into_string(),
            jpm,
            validity,
            default_levels,
            eligibility,
            forms,
            jp_target,
            development_plan,
            recommendation,
            reminders,
            evaluation,
            need_priority,
        }
    }
}

/// How many days before something is due people are reminded of it; null where they are not.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemindersRubricView {
    /// Before a class begins.
    #[schema(example = 3, minimum = 0, maximum = 366)]
    pub class_starting: Option<u16>,
    /// Before the last valid day of a certificate.
    #[schema(example = 90, minimum = 0, maximum = 366)]
    pub certificate_expiring: Option<u16>,
    /// Before the end of the year, who has not reached the floor of learning hours.
    #[schema(example = 90, minimum = 0, maximum = 366)]
    pub jp_short: Option<u16>,
    /// Before the day by which something in a plan is to be done.
    #[schema(example = 14, minimum = 0, maximum = 366)]
    pub plan_item_due: Option<u16>,
    /// By which day plans are to be submitted, and how long before it people are reminded.
    pub plan_due: Option<PlanDeadlineView>,
}

/// By which day of a year its development plans are to be submitted.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanDeadlineView {
    /// Month.
    #[schema(example = 3, minimum = 1, maximum = 12)]
    pub month: u8,
    /// Day of the month, one that every month has.
    #[schema(example = 28, minimum = 1, maximum = 28)]
    pub day: u8,
    /// How many days before it people are reminded.
    #[schema(example = 30, minimum = 0, maximum = 366)]
    pub days: u16,
}

impl From<RemindersRubric> for RemindersRubricView {
    fn from(rubric: RemindersRubric) -> Self {
        let RemindersRubric { class_starting, certificate_expiring, jp_short, plan_item_due, plan_due } =
            rubric;
        let plan_due =
            plan_due.map(|PlanDeadline { month, day, days }| PlanDeadlineView { month, day, days });
        Self { class_starting, certificate_expiring, jp_short, plan_item_due, plan_due }
    }
}

impl From<RemindersRubricView> for RemindersRubric {
    fn from(view: RemindersRubricView) -> Self {
        let RemindersRubricView { class_starting, certificate_expiring, jp_short, plan_item_due, plan_due } =
            view;
        let plan_due =
            plan_due.map(|PlanDeadlineView { month, day, days }| PlanDeadline { month, day, days });
        Self { class_starting, certificate_expiring, jp_short, plan_item_due, plan_due }
    }
}

/// How development plans are drawn up and approved.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanRubricView {
    /// Whether the appointing authority (PPK) approves after the planner (PyB).
    #[schema(example = true)]
    pub authority: bool,
    /// Most items a plan that is drawn up by itself gets; the most severe gaps come first.
    #[schema(example = 10, minimum = 1, maximum = 50)]
    pub most_items: u8,
}

impl From<PlanRubric> for PlanRubricView {
    fn from(rubric: PlanRubric) -> Self {
        let PlanRubric { authority, most_items } = rubric;
        Self { authority, most_items }
    }
}

impl From<PlanRubricView> for PlanRubric {
    fn from(view: PlanRubricView) -> Self {
        let PlanRubricView { authority, most_items } = view;
        Self { authority, most_items }
    }
}

/// How the job person match is computed and graded.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JpmRubricView {
    /// How the percentage is computed.
    pub method: wire::JobPersonMatchMethod,
    /// The cut-offs by purpose.
    pub cutoffs: CutoffsView,
}

/// Cut-offs by purpose.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CutoffsView {
    /// For filling a position, highest first, the last at 0.
    #[schema(example = json!([{"at_least": 80, "category": "MS"}, {"at_least": 68, "category": "MMS"},
        {"at_least": 0, "category": "KMS"}]), min_items = 1, max_items = 3)]
    pub filling: Vec<CutoffPut>,
    /// For mapping, highest first, the last at 0.
    #[schema(example = json!([{"at_least": 90, "category": "OPTIMAL"}, {"at_least": 78, "category": "CUKUP_OPTIMAL"},
        {"at_least": 0, "category": "KURANG_OPTIMAL"}]), min_items = 1, max_items = 3)]
    pub mapping: Vec<CutoffPut>,
}

/// From which percentage on a category is given.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CutoffPut {
    /// Lowest percentage, itself included; at most two decimals.
    #[schema(value_type = f64, example = 80, minimum = 0, maximum = 999999.99)]
    pub at_least: Decimal,
    /// Category; one of the purpose's, each once.
    pub category: wire::JobPersonMatchCategory,
}

/// How long an assessment result is valid.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidityRubricView {
    /// Years, up to and including the anniversary.
    #[schema(example = 3, minimum = 1, maximum = 10)]
    pub years: u8,
}

/// Which level a job class requires where a position has no standard.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DefaultLevelsRubricView {
    /// The level of every job class.
    #[schema(schema_with = levels_by_class)]
    pub levels: BTreeMap<String, i64>,
    /// Codes of the families whose national competencies are required at that level.
    #[schema(example = json!(["MANAJERIAL", "SOSIAL_KULTURAL"]), min_items = 1, max_items = 50)]
    pub families: Vec<CodeText>,
}

fn levels_by_class() -> Object {
    let level = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(Level::MIN))
        .maximum(Some(Level::MAX));
    let class =
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(JobClass::ALL.map(JobClass::as_str)));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("The level of every job class."))
        .property_names(Some(class.build()))
        .additional_properties(Some(Schema::Object(level.build())))
        .examples([json!({"JPT_PRATAMA": 4, "ADMINISTRATOR": 3})])
        .build()
}

impl From<JpmRubric> for JpmRubricView {
    fn from(rubric: JpmRubric) -> Self {
        let cutoffs = |purpose| {
            let all = rubric.cutoffs_for(purpose).iter();
            all.map(|one| CutoffPut { at_least: Decimal(one.at_least), category: Wire(one.category) })
                .collect()
        };
        Self {
            method: Wire(rubric.method),
            cutoffs: CutoffsView { filling: cutoffs(Purpose::Filling), mapping: cutoffs(Purpose::Mapping) },
        }
    }
}

impl From<ValidityRubric> for ValidityRubricView {
    fn from(rubric: ValidityRubric) -> Self {
        let ValidityRubric { years } = rubric;
        Self { years }
    }
}

impl From<DefaultLevelsRubric> for DefaultLevelsRubricView {
    fn from(rubric: DefaultLevelsRubric) -> Self {
        let DefaultLevelsRubric { levels, families } = rubric;
        Self {
            levels: levels
                .into_iter()
                .map(|(class, level)| (class.to_string(), level.get().into()))
                .collect(),
            families: families.into_iter().map(CodeText::from).collect(),
        }
    }
}

/// A version of a rubric to record: exactly one of `jpm`, `validity`, `default_levels`, `eligibility`, `forms`,
/// `jp_target`, `development_plan`, `recommendation`, `reminders`, `evaluation` and `need_priority`.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "VALIDITY", "valid_from": "2027-01-01", "source": "Keputusan Wali Kota 1/2027",
    "validity": {"years": 2}}))]
pub struct PolicyCreate {
    /// Name: of the job person match and of eligibility any, as it is asked for; otherwise that of the kind, `VALIDITY`,
    /// `DEFAULT_LEVELS`, `FORMS`, `JP_TARGET`, `DEVELOPMENT_PLAN`,
    /// `RECOMMENDATION`, `REMINDERS`, `EVALUATION` or `NEED_PRIORITY`.
    #[schema(example = "VALIDITY", min_length = 1, max_length = 64)]
    pub name: String,
    /// First day it applies to.
    pub valid_from: NaiveDate,
    /// Where its numbers come from: the regulation, the agency's decree.
    #[schema(example = "Keputusan Wali Kota 1/2027", min_length = 1, max_length = 4000)]
    pub source: String,
    /// How the job person match is computed and graded.
    pub jpm: Option<JpmRubricView>,
    /// How long an assessment result is valid.
    pub validity: Option<ValidityRubricView>,
    /// Which level a job class requires where a position has no standard.
    pub default_levels: Option<DefaultLevelsRubricView>,
    /// Who may be appointed to a position of a job class.
    pub eligibility: Option<EligibilityRubricView>,
    /// Forms of development and what they are worth in learning hours.
    pub forms: Option<FormsRubricView>,
    /// How many learning hours a year asks for, and how many it allows.
    pub jp_target: Option<JpTargetRubricView>,
    /// How development plans are drawn up and approved.
    pub development_plan: Option<PlanRubricView>,
    /// What decides between programmes that are recommended.
    pub recommendation: Option<RankingRubricView>,
    /// How long before something is due people are reminded of it.
    pub reminders: Option<RemindersRubricView>,
    /// How classes are evaluated: what is asked of whom, and when.
    pub evaluation: Option<EvaluationRubricView>,
    /// Which needs of development go before which.
    pub need_priority: Option<NeedPriorityRubricView>,
}

impl PolicyCreate {
    /// The version these values describe.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self, id: PolicyId) -> Result<PolicyDraft, Vec<Violation>> {
        let Self {
            name,
            valid_from,
            source,
            jpm,
            validity,
            default_levels,
            eligibility,
            forms,
            jp_target,
            development_plan,
            recommendation,
            reminders,
            evaluation,
            need_priority,
        } = self;
        let mut found = Violations::new();
        let name = code(&mut found, "/name", &name);
        let source = long_text(&mut found, "/source", &source);
        let valid_from = found.take(day("/valid_from", valid_from));
        let documents = [
            ("/jpm", jpm.map(|view| Some(RubricDocument::Jpm(checked(&mut found, "/jpm", view.into()))))),
            (
                "/validity",
                validity.map(|view| {
                    Some(RubricDocument::Validity(checked(&mut found, "/validity", view.into())))
                }),
            ),
            (
                "/default_levels",
                default_levels.map(|view| {
                    let rubric = view.into_domain("/default_levels", &mut found)?;
                    Some(RubricDocument::DefaultLevels(checked(&mut found, "/default_levels", rubric)))
                }),
            ),
            (
                "/eligibility",
                eligibility.map(|view| {
                    let rubric = view.into_domain("/eligibility", &mut found)?;
                    Some(RubricDocument::Eligibility(checked(&mut found, "/eligibility", rubric)))
                }),
            ),
            (
                "/forms",
                forms.map(|view| {
                    let rubric = view.into_domain("/forms", &mut found)?;
                    Some(RubricDocument::Forms(checked(&mut found, "/forms", rubric)))
                }),
            ),
            (
                "/jp_target",
                jp_target.map(|view| {
                    let rubric = view.into_domain("/jp_target", &mut found)?;
                    Some(RubricDocument::JpTarget(checked(&mut found, "/jp_target", rubric)))
                }),
            ),
            (
                "/development_plan",
                development_plan.map(|view| {
                    let rubric = checked(&mut found, "/development_plan", view.into());
                    Some(RubricDocument::DevelopmentPlan(rubric))
                }),
            ),
            (
                "/recommendation",
                recommendation.map(|view| {
                    let rubric = checked(&mut found, "/recommendation", view.into());
                    Some(RubricDocument::Recommendation(rubric))
                }),
            ),
            (
                "/reminders",
                reminders.map(|view| {
                    Some(RubricDocument::Reminders(checked(&mut found, "/reminders", view.into())))
                }),
            ),
            (
                "/evaluation",
                evaluation.map(|view| {
                    let rubric = view.into_domain("/evaluation", &mut found)?;
                    Some(RubricDocument::Evaluation(checked(&mut found, "/evaluation", rubric)))
                }),
            ),
            (
                "/need_priority",
                need_priority.map(|view| {
                    let rubric = view.into_domain("/need_priority", &mut found);
                    Some(RubricDocument::NeedPriority(checked(&mut found, "/need_priority", rubric)))
                }),
            ),
        ];
        let places = documents.each_ref().map(|(at, _)| *at);
        let mut given = documents.into_iter().filter_map(|(_, document)| document);
        let (Some(rubric), None) = (given.next(), given.next()) else {
            // What is wrong within a document that should not be there helps nobody.
            return Err(places.map(|at| Violation::new(at, ViolationCode::Inconsistent)).to_vec());
        };
        if let (Some(name), Some(rubric)) = (&name, &rubric) {
            check_name(&mut found, name, rubric);
        }
        found.finish()?;
        match (name, source, valid_from, rubric) {
            (Some(name), Some(source), Some(valid_from), Some(rubric)) => {
                Ok(PolicyDraft { id, name, valid_from, source, rubric })
            }
            _ => Err(Vec::new()),
        }
    }
}

/// The rubric, with what is wrong in it noted.
fn checked<R: Rubric>(found: &mut Violations, at: &str, rubric: R) -> R {
    for mut violation in rubric.check().err().unwrap_or_default() {
        // The document names purposes as they are sent; here they are properties.
        for purpose in Purpose::ALL.map(Purpose::as_str) {
            violation.pointer = violation.pointer.replace(purpose, &purpose.to_ascii_lowercase());
        }
        found.push(violation.under(at));
    }
    rubric
}

/// Validity and default levels are looked up by one name each, so a version of another name would never apply. A name
/// that says how the job person match is computed has to be right about it.
fn check_name(found: &mut Violations, name: &Code, rubric: &RubricDocument) {
    let only = match rubric {
        RubricDocument::Jpm(rubric) => {
            let named = JpmMethod::parse(name.as_str());
            found.check(named.is_some_and(|named| named != rubric.method), || {
                Violation::new("/jpm/method", ViolationCode::Inconsistent)
            });
            return;
        }
        RubricDocument::Eligibility(_) => return,
        RubricDocument::Validity(_) => reference::VALIDITY_POLICY,
        RubricDocument::DefaultLevels(_) => reference::DEFAULT_LEVELS_POLICY,
        RubricDocument::Forms(_) => development::reference::FORMS_POLICY,
        RubricDocument::JpTarget(_) => development::JP_TARGET_POLICY,
        RubricDocument::DevelopmentPlan(_) => development::DEVELOPMENT_PLAN_POLICY,
        RubricDocument::Recommendation(_) => development::RECOMMENDATION_POLICY,
        RubricDocument::Reminders(_) => development::REMINDERS_POLICY,
        RubricDocument::Evaluation(_) => development::EVALUATION_POLICY,
        RubricDocument::NeedPriority(_) => development::NEED_PRIORITY_POLICY,
    };
    found.check(name.as_str() != only, || {
        Violation::new("/name", ViolationCode::NotAllowedValue).with("allowed", only)
    });
}

impl From<JpmRubricView> for JpmRubric {
    fn from(view: JpmRubricView) -> Self {
        let JpmRubricView { method: Wire(method), cutoffs: CutoffsView { filling, mapping } } = view;
        let read = |cutoffs: Vec<CutoffPut>| {
            let read = |one: CutoffPut| Cutoff { at_least: one.at_least.0, category: one.category.0 };
            cutoffs.into_iter().map(read).collect()
        };
        let cutoffs = BTreeMap::from([(Purpose::Filling, read(filling)), (Purpose::Mapping, read(mapping))]);
        Self { method, cutoffs }
    }
}

impl From<ValidityRubricView> for ValidityRubric {
    fn from(view: ValidityRubricView) -> Self {
        let ValidityRubricView { years } = view;
        Self { years }
    }
}

impl DefaultLevelsRubricView {
    fn into_domain(self, at: &str, found: &mut Violations) -> Option<DefaultLevelsRubric> {
        let Self { levels, families } = self;
        let (asked, wanted) = (levels.len(), families.len());
        let levels: BTreeMap<_, _> = levels
            .into_iter()
            .filter_map(|(name, value)| {
                let at = format!("{at}/levels/{}", escape(&name));
                let class = JobClass::parse(&name);
                let class = found.take(class.ok_or_else(|| Violation::new(&at, ViolationCode::Unknown)));
                let level = level(found, &at, value);
                Some((class?, level?))
            })
            .collect();
        let families: Vec<_> = families
            .iter()
            .enumerate()
            .filter_map(|(index, CodeText(family))| code(found, &format!("{at}/families/{index}"), family))
            .collect();
        // With a part left out, the check of the whole would find fault with what was not written.
        let whole = levels.len() == asked && families.len() == wanted;
        whole.then_some(DefaultLevelsRubric { levels, families })
    }
}

/// A name as part of a pointer.
pub(crate) fn escape(name: &str) -> String {
    name.chars().take(64).collect::<String>().replace('~', "~0").replace('/', "~1")
}

/// Which rubrics a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PolicyQuery {
    /// Of this kind.
    pub kind: Option<wire::PolicyKind>,
    /// Of each kind and name only the version that applies on this day, the agency's own before the national one; every
    /// version when absent.
    pub as_of: Option<NaiveDate>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(rubric: (&str, Value), name: &str) -> Result<PolicyDraft, Vec<Violation>> {
        let mut input = json!({"name": name, "valid_from": "2027-01-01", "source": "Keputusan 1/2027"});
        input[rubric.0] = rubric.1;
        let input: PolicyCreate = serde_json::from_value(input).unwrap();
        input.into_domain(PolicyId::new())
    }

    fn places(read: Result<PolicyDraft, Vec<Violation>>) -> Vec<(String, ViolationCode)> {
        read.unwrap_err().into_iter().map(|violation| (violation.pointer, violation.code)).collect()
    }

    #[test]
    fn every_shipped_rubric_reads_back_as_it_is_shown() {
        let [first, second] = reference::jpm_policies();
        for shipped in [first, second] {
            let view = serde_json::to_value(JpmRubricView::from(shipped.rubric.clone())).unwrap();
            assert_eq!(view["cutoffs"]["mapping"][1], json!({"at_least": 78, "category": "CUKUP_OPTIMAL"}));
            assert_eq!(
                read(("jpm", view), shipped.name).unwrap().rubric,
                RubricDocument::Jpm(shipped.rubric)
            );
        }
        let levels = reference::default_levels_policy().rubric;
        let view = serde_json::to_value(DefaultLevelsRubricView::from(levels.clone())).unwrap();
        let draft = read(("default_levels", view), "DEFAULT_LEVELS").unwrap();
        assert_eq!(draft.rubric, RubricDocument::DefaultLevels(levels));
        let draft = read(("validity", json!({"years": 3})), "VALIDITY").unwrap();
        assert_eq!(draft.rubric, RubricDocument::Validity(ValidityRubric { years: 3 }));
        let eligibility = reference::eligibility_policy().rubric;
        let view = serde_json::to_value(EligibilityRubricView::from(eligibility.clone())).unwrap();
        let draft = read(("eligibility", view), "KOTA-2027").unwrap();
        assert_eq!(draft.rubric, RubricDocument::Eligibility(eligibility));
        let forms = development::reference::forms_policy().rubric;
        let view = serde_json::to_value(FormsRubricView::from(forms.clone())).unwrap();
        assert_eq!(read(("forms", view), "FORMS").unwrap().rubric, RubricDocument::Forms(forms));
        let target = development::jp_target_policy().rubric;
        let view = serde_json::to_value(JpTargetRubricView::from(target.clone())).unwrap();
        let draft = read(("jp_target", view), "JP_TARGET").unwrap();
        assert_eq!(draft.rubric, RubricDocument::JpTarget(target));
        let plan = development::development_plan_policy().rubric;
        let view = serde_json::to_value(PlanRubricView::from(plan)).unwrap();
        let draft = read(("development_plan", view), "DEVELOPMENT_PLAN").unwrap();
        assert_eq!(draft.rubric, RubricDocument::DevelopmentPlan(plan));
        let reminders = development::reminders_policy().rubric;
        let view = serde_json::to_value(RemindersRubricView::from(reminders)).unwrap();
        let draft = read(("reminders", view), "REMINDERS").unwrap();
        assert_eq!(draft.rubric, RubricDocument::Reminders(reminders));
    }

    #[test]
    fn exactly_one_document() {
        let none = places(read(("jpm", Value::Null), "VALIDITY"));
        assert_eq!(none.len(), competency::PolicyKind::ALL.len());
        let input = json!({"name": "VALIDITY", "valid_from": "2027-01-01", "source": "s", "validity": {"years": 1},
            "jpm": {"method": "CAPPED_MEAN", "cutoffs": {"filling": [], "mapping": []}}});
        let both: PolicyCreate = serde_json::from_value(input).unwrap();
        assert_eq!(places(both.into_domain(PolicyId::new())).len(), competency::PolicyKind::ALL.len());
    }

    #[test]
    fn what_the_rubric_refuses_is_named_within_its_property() {
        let place = ("/validity/years".to_owned(), ViolationCode::OutOfRange);
        assert_eq!(places(read(("validity", json!({"years": 11})), "VALIDITY")), [place]);
        let gap = json!({"method": "RATIO_OF_SUMS", "cutoffs": {
            "filling": [{"at_least": 50, "category": "MS"}],
            "mapping": [{"at_least": 0, "category": "MS"}]}});
        let found = [
            ("/jpm/cutoffs/filling/0/at_least".to_owned(), ViolationCode::OutOfRange),
            ("/jpm/cutoffs/mapping/0/category".to_owned(), ViolationCode::NotAllowedValue),
        ];
        assert_eq!(places(read(("jpm", gap), "KOTA")), found);
    }

    #[test]
    fn a_class_nobody_knows_is_named_and_nothing_is_said_of_the_rest() {
        let levels = json!({"levels": {"A/B": 3, "ADMINISTRATOR": 6}, "families": ["MANAJERIAL"]});
        let found = [
            ("/default_levels/levels/ADMINISTRATOR".to_owned(), ViolationCode::OutOfRange),
            ("/default_levels/levels/A~1B".to_owned(), ViolationCode::Unknown),
        ];
        assert_eq!(places(read(("default_levels", levels), "DEFAULT_LEVELS")), found);
    }

    #[test]
    fn a_name_that_would_never_apply_or_mislead_is_refused() {
        let place = ("/name".to_owned(), ViolationCode::NotAllowedValue);
        assert_eq!(places(read(("validity", json!({"years": 3})), "OTHER")), [place]);
        let [ratio, _] = reference::jpm_policies();
        let view = serde_json::to_value(JpmRubricView::from(ratio.rubric)).unwrap();
        let place = ("/jpm/method".to_owned(), ViolationCode::Inconsistent);
        assert_eq!(places(read(("jpm", view.clone()), "CAPPED_MEAN")), [place]);
        assert!(read(("jpm", view), "KOTA-2027").is_ok());
    }
}
