//! How an agency draws up and approves development plans, as versioned data.

use competency::reference::ReferencePolicy;
use competency::{PolicyKind, Rubric};
use kernel::{Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};

/// The name of the policy of development plans.
pub const DEVELOPMENT_PLAN_POLICY: &str = "DEVELOPMENT_PLAN";

/// The rubric of development plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanRubric {
    /// Whether the appointing authority (PPK) approves after the planner (PyB).
    pub authority: bool,
    /// The most items a plan that is drawn up by itself gets; the most severe gaps come first.
    pub most_items: u8,
}

impl PlanRubric {
    /// The most items a plan may have, however it is drawn up.
    pub const MOST_ITEMS: u8 = 50;
}

impl Rubric for PlanRubric {
    const KIND: PolicyKind = PolicyKind::DevelopmentPlan;

    fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        found.check(!(1..=Self::MOST_ITEMS).contains(&self.most_items), || {
            Violation::new("/most_items", ViolationCode::OutOfRange)
                .with("min", 1)
                .with("max", Self::MOST_ITEMS)
        });
        found.finish()
    }
}

/// The national rubric of development plans.
#[must_use]
pub const fn development_plan_policy() -> ReferencePolicy<PlanRubric> {
    ReferencePolicy {
        name: DEVELOPMENT_PLAN_POLICY,
        rubric: PlanRubric { authority: false, most_items: 10 },
        source: "PP 11/2017 Pasal 207: prepared by PyB, set by PPK; for a single person's plan the planner's word is taken \
                 to do, which no regulation says",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_rubric_makes_sense_and_a_plan_has_bounds() {
        let shipped = development_plan_policy().rubric;
        assert_eq!(shipped.check(), Ok(()));
        for most_items in [0, 51] {
            let found = PlanRubric { most_items, ..shipped }.check().unwrap_err();
            assert_eq!(found[0].pointer, "/most_items");
        }
    }
}
