//! Who may be appointed: the rules, and what they say of somebody.

use std::collections::BTreeMap;

use competency::{
    CareerPath, ClassRules, Demand, EligibilityRubric, EligibilityRule, RuleKind, RuleTerm, Seen,
};
use kernel::{LongText, Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::Ref;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use workforce::JobClass;

use crate::dto::enums::{Wire, wire};
use crate::dto::policies::escape;
use crate::dto::values::long_text;

/// Who may be appointed to a position of a job class.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EligibilityRubricView {
    /// The rules for every job class.
    #[schema(schema_with = rules_by_class)]
    pub classes: BTreeMap<String, ClassRulesView>,
}

fn rules_by_class() -> Object {
    let class =
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(JobClass::ALL.map(JobClass::as_str)));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("The rules by the job class of the position to be filled."))
        .property_names(Some(class.build()))
        .additional_properties(Some(Ref::from_schema_name("ClassRulesView")))
        .examples([serde_json::json!({"PENGAWAS": {"rules": [{"rule": "STATUS", "binding": true,
            "confidence": "FOUND", "source": "PP 11/2017 Pasal 54(2)", "statuses": ["PNS"]}],
            "by_hand": ["Sehat jasmani dan rohani"]}})])
        .build()
}

/// The rules for positions of one job class.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassRulesView {
    /// What is decided from what is on record; each kind at most once.
    #[schema(max_items = 7)]
    pub rules: Vec<EligibilityRuleView>,
    /// What is not on record and has to be checked by hand.
    #[schema(example = json!(["Tidak sedang menjalani hukuman disiplin"]), max_items = 50)]
    pub by_hand: Vec<ByHandText>,
}

/// Something to check by hand.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(example = "Sehat jasmani dan rohani", min_length = 1, max_length = 4000)]
pub struct ByHandText(pub String);

/// A rule of eligibility. Which properties it has follows from `rule`; the others are absent.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"rule": "EXPERIENCE", "binding": true, "confidence": "DISPUTED",
    "source": "PP 11/2017 Pasal 54(1)", "paths": [{"job_classes": ["PENGAWAS", "JF_AHLI_MUDA"], "years": 3}]}))]
pub struct EligibilityRuleView {
    /// What it is about.
    pub rule: wire::EligibilityRuleKind,
    /// Whether failing it makes somebody ineligible; otherwise it is shown and decides nothing.
    #[schema(example = true)]
    pub binding: bool,
    /// How sure it is.
    pub confidence: wire::Confidence,
    /// Where it comes from.
    #[schema(example = "PP 11/2017 Pasal 54(1)", min_length = 1, max_length = 4000)]
    pub source: String,
    /// `STATUS`: one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["PNS"]), min_items = 1, max_items = 4)]
    pub statuses: Option<Vec<wire::EmployeeStatus>>,
    /// `EDUCATION`: one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["D4", "S1", "S2", "S3"]), min_items = 1, max_items = 16)]
    pub education: Option<Vec<wire::Education>>,
    /// `AGE`: at most so many, up to and including the birthday. `TENURE`: at least so many, of 365 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 56, minimum = 1, maximum = 99)]
    pub years: Option<u8>,
    /// `EXPERIENCE`: one of these ways.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 14)]
    pub paths: Option<Vec<CareerPathView>>,
    /// `MATCH`: this category for filling a position, or a better one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<wire::JobPersonMatchCategory>,
}

/// One way to have enough experience.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"job_classes": ["PENGAWAS", "JF_AHLI_MUDA"], "years": 3}))]
pub struct CareerPathView {
    /// Time in positions of these classes counts, added up.
    #[schema(example = json!(["PENGAWAS", "JF_AHLI_MUDA"]), min_items = 1, max_items = 14)]
    pub job_classes: Vec<wire::JobClass>,
    /// Years of it, of 365 days; 0 asks for a day.
    #[schema(example = 3, minimum = 0, maximum = 99)]
    pub years: u8,
}

fn wired<T>(all: Vec<T>) -> Option<Vec<Wire<T>>> {
    Some(all.into_iter().map(Wire).collect())
}

fn plain<T>(all: Vec<Wire<T>>) -> Vec<T> {
    all.into_iter().map(|Wire(one)| one).collect()
}

impl From<EligibilityRubric> for EligibilityRubricView {
    fn from(rubric: EligibilityRubric) -> Self {
        let EligibilityRubric { classes } = rubric;
        Self {
            classes: classes.into_iter().map(|(class, rules)| (class.to_string(), rules.into())).collect(),
        }
    }
}

impl From<ClassRules> for ClassRulesView {
    fn from(class: ClassRules) -> Self {
        let ClassRules { rules, by_hand } = class;
        Self {
            rules: rules.into_iter().map(EligibilityRuleView::from).collect(),
            by_hand: by_hand.into_iter().map(|text| ByHandText(text.into_string())).collect(),
        }
    }
}

impl From<EligibilityRule> for EligibilityRuleView {
    fn from(rule: EligibilityRule) -> Self {
        let EligibilityRule { demand, binding, confidence, source } = rule;
        let mut view = Self {
            rule: Wire(demand.kind()),
            binding,
            confidence: Wire(confidence),
            source: source.into_string(),
            statuses: None,
            education: None,
            years: None,
            paths: None,
            category: None,
        };
        match demand {
            Demand::Service => {}
            Demand::Status(any) => view.statuses = wired(any),
            Demand::Education(any) => view.education = wired(any),
            Demand::Age(years) | Demand::Tenure(years) => view.years = Some(years),
            Demand::Experience(paths) => {
                let path = |CareerPath { job_classes, years }| CareerPathView {
                    job_classes: job_classes.into_iter().map(Wire).collect(),
                    years,
                };
                view.paths = Some(paths.into_iter().map(path).collect());
            }
            Demand::Match(category) => view.category = Some(Wire(category)),
        }
        view
    }
}

impl EligibilityRubricView {
    /// The rubric these values describe; nothing when a part cannot stand.
    pub(crate) fn into_domain(self, at: &str, found: &mut Violations) -> Option<EligibilityRubric> {
        let Self { classes } = self;
        let asked = classes.len();
        let classes: BTreeMap<_, _> = classes
            .into_iter()
            .filter_map(|(name, rules)| {
                let at = format!("{at}/classes/{}", escape(&name));
                let class = JobClass::parse(&name);
                let class = found.take(class.ok_or_else(|| Violation::new(&at, ViolationCode::Unknown)));
                let rules = rules.into_domain(&at, found);
                Some((class?, rules?))
            })
            .collect();
        // With a part left out, the check of the whole would find fault with what was not written.
        (classes.len() == asked).then_some(EligibilityRubric { classes })
    }
}

impl ClassRulesView {
    fn into_domain(self, at: &str, found: &mut Violations) -> Option<ClassRules> {
        let Self { rules, by_hand } = self;
        let wanted = (rules.len(), by_hand.len());
        found.check(by_hand.len() > 50, || {
            Violation::new(format!("{at}/by_hand"), ViolationCode::TooMany).with("max", 50)
        });
        let read = |(index, rule): (usize, EligibilityRuleView)| {
            rule.into_domain(&format!("{at}/rules/{index}"), found)
        };
        let rules: Vec<_> = rules.into_iter().enumerate().filter_map(read).collect();
        let read = |(index, ByHandText(text)): (usize, ByHandText)| -> Option<LongText> {
            long_text(found, &format!("{at}/by_hand/{index}"), &text)
        };
        let by_hand: Vec<_> = by_hand.into_iter().enumerate().filter_map(read).collect();
        ((rules.len(), by_hand.len()) == wanted).then_some(ClassRules { rules, by_hand })
    }
}

impl EligibilityRuleView {
    fn into_domain(self, at: &str, found: &mut Violations) -> Option<EligibilityRule> {
        let Self {
            rule: Wire(kind),
            binding,
            confidence: Wire(confidence),
            source,
            statuses,
            education,
            years,
            paths,
            category,
        } = self;
        let source = long_text(found, &format!("{at}/source"), &source);
        let wanted = match kind {
            RuleKind::Service => None,
            RuleKind::Status => Some("statuses"),
            RuleKind::Education => Some("education"),
            RuleKind::Age | RuleKind::Tenure => Some("years"),
            RuleKind::Experience => Some("paths"),
            RuleKind::Match => Some("category"),
        };
        for (part, there) in [
            ("statuses", statuses.is_some()),
            ("education", education.is_some()),
            ("years", years.is_some()),
            ("paths", paths.is_some()),
            ("category", category.is_some()),
        ] {
            let place = || format!("{at}/{part}");
            found.check(there && wanted != Some(part), || {
                Violation::new(place(), ViolationCode::Inconsistent)
            });
            found.check(!there && wanted == Some(part), || Violation::new(place(), ViolationCode::Required));
        }
        let path =
            |CareerPathView { job_classes, years }| CareerPath { job_classes: plain(job_classes), years };
        let demand = match kind {
            RuleKind::Service => Demand::Service,
            RuleKind::Status => Demand::Status(plain(statuses?)),
            RuleKind::Education => Demand::Education(plain(education?)),
            RuleKind::Age => Demand::Age(years?),
            RuleKind::Tenure => Demand::Tenure(years?),
            RuleKind::Experience => Demand::Experience(paths?.into_iter().map(path).collect()),
            RuleKind::Match => Demand::Match(category?.0),
        };
        Some(EligibilityRule { demand, binding, confidence, source: source? })
    }
}

/// What one rule says of a person, and from what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"rule": "EXPERIENCE", "binding": true, "verdict": "FAILED", "reason": "COMPARED",
    "seen": {"status": null, "education": null, "age": null, "days": 730, "days_required": 1095,
        "days_unrecorded": 0, "category": null}}))]
pub struct RuleTermView {
    /// Which rule.
    pub rule: wire::EligibilityRuleKind,
    /// Whether it decides.
    #[schema(example = true)]
    pub binding: bool,
    /// What it says.
    pub verdict: wire::EligibilityVerdict,
    /// Why.
    pub reason: wire::EligibilityReason,
    /// From what.
    pub seen: RuleSeenView,
}

/// What a rule saw in a person; what it does not look at is null.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleSeenView {
    /// Their standing.
    pub status: Option<wire::EmployeeStatus>,
    /// Their education.
    pub education: Option<wire::Education>,
    /// Their age in full years.
    #[schema(example = 45, minimum = -200, maximum = 300)]
    pub age: Option<i32>,
    /// Days served: on the way that comes closest, or in the present position.
    #[schema(example = 730, minimum = 0, maximum = 1000000)]
    pub days: Option<i64>,
    /// Days asked for there.
    #[schema(example = 1095, minimum = 1, maximum = 1000000)]
    pub days_required: Option<i64>,
    /// Days of service before the history on record begins; null where it is not known how many.
    #[schema(example = 0, minimum = 0, maximum = 1000000)]
    pub days_unrecorded: Option<i64>,
    /// Their category.
    pub category: Option<wire::JobPersonMatchCategory>,
}

impl From<RuleTerm> for RuleTermView {
    fn from(term: RuleTerm) -> Self {
        let RuleTerm { kind, binding, verdict, reason, seen } = term;
        let Seen { status, education, age, days, days_required, days_unrecorded, category } = seen;
        Self {
            rule: Wire(kind),
            binding,
            verdict: Wire(verdict),
            reason: Wire(reason),
            seen: RuleSeenView {
                status: status.map(Wire),
                education: education.map(Wire),
                age,
                days,
                days_required,
                days_unrecorded,
                category: category.map(Wire),
            },
        }
    }
}
