//! How urgent needs are: the policy.

use std::collections::BTreeMap;

use development::PriorityRubric;
use kernel::{Hundredths, Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::enums::{Wire, wire};
use crate::dto::values::Decimal;

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
