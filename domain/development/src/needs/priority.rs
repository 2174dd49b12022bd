//! Which need goes before which: a product of terms, each of them visible.

use std::collections::BTreeMap;

use competency::reference::ReferencePolicy;
use competency::{Importance, PolicyKind, Rubric};
use kernel::{Hundredths, Violation, ViolationCode, Violations, wire_enum};
use serde::{Deserialize, Serialize};
use workforce::JobClass;

use super::{Need, NeedOrigin};

/// The name of the policy of priorities.
pub const NEED_PRIORITY_POLICY: &str = "NEED_PRIORITY";

wire_enum! {
    /// A factor of a priority.
    pub enum PriorityTerm {
        /// Levels missing.
        GapSize = "GAP_SIZE",
        /// The weight of the requirement.
        Weight = "WEIGHT",
        /// How much the competency matters in the position.
        Importance = "IMPORTANCE",
        /// How critical the post is.
        Criticality = "CRITICALITY",
        /// Whether learning hours of the year before fell short.
        JpOverdue = "JP_OVERDUE",
        /// The strongest of the sides the need comes from.
        Signal = "SIGNAL",
    }
}

/// The rubric of priorities: what each fact multiplies by. What is not named multiplies by one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorityRubric {
    /// What stands for the levels missing of somebody whose level no valid evidence tells.
    pub unassessed: Option<Hundredths>,
    /// By how much the competency matters.
    pub importance: BTreeMap<Importance, Hundredths>,
    /// By the class of the post.
    pub criticality: BTreeMap<JobClass, Hundredths>,
    /// For whoever leads a unit; of this and the class's the greater counts.
    pub head: Option<Hundredths>,
    /// For whoever fell short of the floor of learning hours in the last year that is over.
    pub overdue: Option<Hundredths>,
    /// By the side a need comes from; of several the greatest counts.
    pub signal: BTreeMap<NeedOrigin, Hundredths>,
}

impl PriorityRubric {
    /// The most a fact may multiply by.
    pub const MOST: Hundredths = Hundredths::from_count(10_000);
}

impl Rubric for PriorityRubric {
    const KIND: PolicyKind = PolicyKind::NeedPriority;

    fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        let named = |at: &str, name: &str| format!("/{at}/{name}");
        let importance = self.importance.iter().map(|(one, by)| (named("importance", one.as_str()), *by));
        let criticality = self.criticality.iter().map(|(one, by)| (named("criticality", one.as_str()), *by));
        let signal = self.signal.iter().map(|(one, by)| (named("signal", one.as_str()), *by));
        let alone = [("/unassessed", self.unassessed), ("/head", self.head), ("/overdue", self.overdue)];
        let alone = alone.into_iter().filter_map(|(at, by)| Some((at.to_owned(), by?)));
        for (at, by) in importance.chain(criticality).chain(signal).chain(alone) {
            // Nothing multiplies by zero: a need that is there never sinks without a word.
            found.check(by.count() == 0 || by > Self::MOST, || {
                Violation::new(at, ViolationCode::OutOfRange).with("min", 0.01).with("max", Self::MOST)
            });
        }
        found.finish()
    }
}

/// What a priority is computed from beside the need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NeedFacts {
    /// The class of the post held.
    pub job_class: Option<JobClass>,
    /// Whether the person leads a unit.
    pub is_head: bool,
    /// Whether learning hours of the last year that is over fell short of the floor.
    pub jp_overdue: bool,
}

/// How urgent a need is, with what made it so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priority {
    /// The factors, in the order of [`PriorityTerm`].
    pub terms: [(PriorityTerm, Hundredths); PriorityTerm::ALL.len()],
}

impl Priority {
    /// The priority of a need by a rubric.
    #[must_use]
    pub fn of(need: &Need, facts: &NeedFacts, rubric: &PriorityRubric) -> Self {
        let one = Hundredths::ONE;
        let gap = match need.missing() {
            Some(levels) => Hundredths::from_count(u32::from(levels) * 100),
            None => rubric.unassessed.unwrap_or(one),
        };
        let importance = need.importance.and_then(|importance| rubric.importance.get(&importance));
        let class = facts.job_class.and_then(|class| rubric.criticality.get(&class)).copied();
        let head = rubric.head.filter(|_| facts.is_head);
        let signal =
            need.origins.keys().map(|(origin, _)| rubric.signal.get(origin).copied().unwrap_or(one)).max();
        let terms = [
            (PriorityTerm::GapSize, gap),
            (PriorityTerm::Weight, need.weight.unwrap_or(one)),
            (PriorityTerm::Importance, importance.copied().unwrap_or(one)),
            (PriorityTerm::Criticality, class.max(head).unwrap_or(one)),
            (PriorityTerm::JpOverdue, rubric.overdue.filter(|_| facts.jp_overdue).unwrap_or(one)),
            (PriorityTerm::Signal, signal.unwrap_or(one)),
        ];
        Self { terms }
    }

    /// The product of the terms, exactly, in units of a hundredth to the power of their number.
    #[must_use]
    pub fn exact(&self) -> u128 {
        self.terms.iter().fold(1, |product: u128, (_, by)| product.saturating_mul(u128::from(by.count())))
    }

    /// The product of the terms, rounded half up to hundredths; the greatest number there is where it would be more.
    #[must_use]
    pub fn value(&self) -> Hundredths {
        let scale = self.terms.iter().skip(1).fold(1, |scale: u128, _| scale.saturating_mul(100));
        let hundredths = self.exact().saturating_add(scale / 2) / scale;
        Hundredths::from_count(u32::try_from(hundredths).unwrap_or(u32::MAX))
    }
}

/// The rubric every agency begins with.
#[must_use]
pub fn need_priority_policy() -> ReferencePolicy<PriorityRubric> {
    let by = Hundredths::from_count;
    ReferencePolicy {
        name: NEED_PRIORITY_POLICY,
        rubric: PriorityRubric {
            unassessed: Some(by(100)),
            importance: BTreeMap::from([
                (Importance::Mutlak, by(150)),
                (Importance::Penting, by(120)),
                (Importance::Perlu, by(100)),
            ]),
            criticality: BTreeMap::from([
                (JobClass::JptUtama, by(150)),
                (JobClass::JptMadya, by(150)),
                (JobClass::JptPratama, by(140)),
                (JobClass::Administrator, by(130)),
                (JobClass::Pengawas, by(120)),
            ]),
            head: Some(by(120)),
            overdue: Some(by(125)),
            signal: BTreeMap::from([
                (NeedOrigin::ServiceSignal, by(150)),
                (NeedOrigin::Performance, by(140)),
                (NeedOrigin::PolicyPriority, by(130)),
            ]),
        },
        source: "No regulation gives a formula; PP 11/2017 Pasal 206 names gaps in competence and in performance; every factor \
                 is ours, to be replaced by the agency's own",
    }
}
