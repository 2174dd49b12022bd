//! An instance as it is written down: names instead of places in a list, nothing checked yet.
//!
//! [`Instance::new`](crate::Instance::new) checks it. What is absent is no limit.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What is to be planned: people with needs, offers, and the limits of both.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Draft {
    /// Whole rupiah for everything together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<i64>,
    /// The people.
    pub people: Vec<PersonDraft>,
    /// What they may be enrolled in.
    pub offers: Vec<OfferDraft>,
    /// Limits that hold for everybody.
    pub limits: LimitsDraft,
    /// Whole rupiah for the per-head prices of a unit's own people, by unit. The budget of a unit nobody belongs to limits nothing:
    /// who plans for some of an agency may name all its units.
    pub unit_budgets: BTreeMap<String, i64>,
    /// Whole rupiah for the fixed and per-head prices of the offers paid from a source, by source. That of a source no offer is
    /// paid from limits nothing.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub source_budgets: BTreeMap<String, i64>,
    /// Enrolments every plan must have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<PairDraft>,
    /// Enrolments no plan may have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forbidden: Vec<PairDraft>,
    /// Shares of groups that must be served.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub equity_floors: Vec<FloorDraft>,
}

/// A person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonDraft {
    /// Unique among the people.
    pub id: String,
    /// Unit whose budget pays the per-head prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Groups the person belongs to, for audiences and equity floors: a job class, `WOMEN`, `PPPK`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Learning hours (JP) done already.
    #[serde(default)]
    pub jp_done: i64,
    /// Learning hours (JP) the person should reach, those done included. A wish: it rules no plan out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jp_min: Option<i64>,
    /// The most learning hours (JP), those done included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jp_max: Option<i64>,
    /// What the person needs.
    #[serde(default)]
    pub needs: Vec<NeedDraft>,
    /// Levels held, for prerequisites. The `from` of a need counts as held, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<HeldDraft>,
}

/// A need: a step in a competency, and what it is worth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedDraft {
    /// Competency.
    pub competency: String,
    /// Level held.
    pub from: i64,
    /// Level required.
    pub to: i64,
    /// What closing the whole step is worth; never negative.
    pub value: f64,
}

/// A level in a competency.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldDraft {
    /// Competency.
    pub competency: String,
    /// Level.
    pub level: i64,
}

/// A class that may be opened.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferDraft {
    /// Unique among the offers.
    pub id: String,
    /// Whole rupiah per head.
    #[serde(default)]
    pub price: i64,
    /// Whole rupiah once, when the class is opened.
    #[serde(default)]
    pub fixed_price: i64,
    /// The most people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<i64>,
    /// The fewest people, if it is opened.
    #[serde(default)]
    pub min_seats: i64,
    /// Learning hours (JP).
    #[serde(default)]
    pub jp: i64,
    /// Every day of the class.
    #[serde(default)]
    pub dates: Vec<NaiveDate>,
    /// What it teaches.
    #[serde(default)]
    pub teaches: Vec<StepDraft>,
    /// Source that pays it, for `source_budgets`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Whom it is for; everybody when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<AudienceDraft>,
    /// Levels a person must hold before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prerequisites: Vec<HeldDraft>,
}

/// Whom an offer is for: whoever is named, or belongs to a unit or group that is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AudienceDraft {
    /// People by id.
    pub people: Vec<String>,
    /// Units.
    pub units: Vec<String>,
    /// Groups.
    pub groups: Vec<String>,
}

/// A step an offer teaches.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepDraft {
    /// Competency.
    pub competency: String,
    /// Level it begins at.
    pub from: i64,
    /// Level it leads to.
    pub to: i64,
}

impl StepDraft {
    /// Whether it closes some of a need.
    #[must_use]
    pub fn closes(&self, need: &NeedDraft) -> bool {
        self.competency == need.competency && self.from <= need.from && self.to > need.from
    }
}

/// Limits that hold for everybody.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsDraft {
    /// The most enrolments of one person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_activities_per_person: Option<i64>,
    /// Whether nobody may take two offers that teach an overlapping step of the same competency.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub one_offer_per_step: bool,
}

/// A person and an offer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairDraft {
    /// Id of the person.
    pub person: String,
    /// Id of the offer.
    pub offer: String,
}

/// A share of a unit or of a group that must be served. Served is who earns some value; the share is of those who have a
/// need, rounded up to whole people. Exactly one of `unit` and `group` is named.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FloorDraft {
    /// The unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Between 0 and 1.
    pub share: f64,
}
