//! Who could guide somebody in a competency, in what order, and who could but for what.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use competency::PolicyRef;
use development::{Mentor, MentorExclusion, MentorFacts, MentorRule};
use kernel::{EmployeeId, Level, TrainerId};
use serde::{Deserialize, Serialize};
use store::{GapPerson, MentorDetail, MentorPerson, MentorPosition, MentoredCompetency};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::dto::enums::{Wire, wire};
use crate::dto::gaps::GapPersonView;
use crate::dto::recommendations::MentorRuleView;
use crate::dto::values::PolicyRefView;

/// For which competency a mentor is looked for.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MentorQuery {
    /// The competency: the agency's own or a national one.
    pub competency_id: Uuid,
    /// The most mentors, and the most of those left out, to tell; all are counted.
    #[param(minimum = 1, maximum = 200, default = 20, example = 20)]
    pub limit: Option<u16>,
}

/// Who could guide somebody, with everything that decided.
#[derive(Debug)]
pub struct Mentored {
    /// Whom.
    pub person: GapPerson,
    /// In what.
    pub competency: MentoredCompetency,
    /// The person's level.
    pub level: Option<Level>,
    /// The day.
    pub as_of: NaiveDate,
    /// What decided.
    pub ranking: (PolicyRef, MentorRule),
    /// The mentors that are told, with how many there are.
    pub mentors: (Vec<Mentor>, usize),
    /// Those left out that are told, with how many there are.
    pub excluded: (Vec<(Mentor, BTreeSet<MentorExclusion>)>, usize),
    /// What those told are called.
    pub people: BTreeMap<EmployeeId, MentorPerson>,
}

/// Who could guide somebody in a competency. There is no score: the criteria of `rule` are asked one after the other, and
/// between mentors equal in all of them the identifier decides.
#[derive(Debug, Serialize, ToSchema)]
pub struct MentorsView {
    /// Whom.
    pub person: GapPersonView,
    /// In what.
    pub competency: MentoredCompetencyView,
    /// The person's level by evidence valid today; null where there is none, and then the person is taken to be at the
    /// beginning.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub level: Option<u8>,
    /// The day in the agency it was found out on.
    pub as_of: NaiveDate,
    /// The policy that says who is a mentor, and who before whom.
    pub ranking: PolicyRefView,
    /// What it says.
    pub rule: MentorRuleView,
    /// The mentors, in that order.
    #[schema(max_items = 200)]
    pub items: Vec<RankedMentorView>,
    /// How many there are, those not told included.
    #[schema(example = 4, minimum = 0, maximum = 2147483647)]
    pub items_total: usize,
    /// Who is far enough ahead and may not, or cannot, in the same order; of the people whose gaps the caller may read.
    #[schema(max_items = 200)]
    pub excluded: Vec<ExcludedMentorView>,
    /// How many of those there are, those not told included.
    #[schema(example = 2, minimum = 0, maximum = 2147483647)]
    pub excluded_total: usize,
}

/// A competency, by the latest version of its dictionary that was published.
#[derive(Debug, Serialize, ToSchema)]
pub struct MentoredCompetencyView {
    /// Identifier.
    pub id: Uuid,
    /// Its code.
    #[schema(example = "M.7", max_length = 64)]
    pub code: String,
    /// Its name.
    #[schema(example = "Pelayanan Publik", max_length = 200)]
    pub name: String,
    /// The code of its dictionary.
    #[schema(example = "NASIONAL-38-2017", max_length = 64)]
    pub dictionary: String,
}

/// A mentor and their place.
#[derive(Debug, Serialize, ToSchema)]
pub struct RankedMentorView {
    /// The place, from 1.
    #[schema(example = 1, minimum = 1, maximum = 2147483647)]
    pub place: usize,
    /// The mentor.
    pub mentor: MentorView,
}

/// Somebody who was left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExcludedMentorView {
    /// Who.
    pub mentor: MentorView,
    /// Why.
    #[schema(min_items = 1, max_items = 2)]
    pub reasons: Vec<wire::MentorExclusion>,
}

/// Somebody who is far enough ahead. Of a registered mentor whose gaps the caller may not read, `nip`, `position`, `level` and
/// `assessed_on` are null: that they are listed says that they are `ahead` levels ahead at least, and no more.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"employee_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "nip": "198501012010012001",
    "name": "Siti Rahmawati", "position": {"id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a12", "code": "ANALIS-02",
    "name": "Analis Kebijakan Ahli Madya", "unit_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a13", "unit_name": "Dinas Kesehatan"},
    "trainer_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a14", "level": 4, "ahead": 2, "assessed_on": "2026-03-12", "guided": 1,
    "most": 3}))]
pub struct MentorView {
    /// Who.
    pub employee_id: Uuid,
    /// NIP or NI PPPK.
    #[schema(example = "198501012010012001", max_length = 18)]
    pub nip: Option<String>,
    /// Name.
    #[schema(example = "Siti Rahmawati", max_length = 200)]
    pub name: String,
    /// The position they hold today.
    pub position: Option<MentorPositionView>,
    /// As what they are registered (`/v1/trainers`); null where the agency has not registered them as a mentor.
    pub trainer_id: Option<Uuid>,
    /// The level they were assessed at.
    #[schema(example = 4, minimum = 1, maximum = 5)]
    pub level: Option<u8>,
    /// How many levels they are ahead: exactly where `level` is told, otherwise at least.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub ahead: u8,
    /// The day that level was found.
    pub assessed_on: Option<NaiveDate>,
    /// How many others they guide now, by activities under way and by plans that name them.
    #[schema(example = 1, minimum = 0, maximum = 2147483647)]
    pub guided: u32,
    /// How many people they guide at most: by their own limit, otherwise by the rule.
    #[schema(example = 3, minimum = 1, maximum = 50)]
    pub most: u8,
}

/// A mentor's position.
#[derive(Debug, Serialize, ToSchema)]
pub struct MentorPositionView {
    /// Identifier.
    pub id: Uuid,
    /// Code.
    #[schema(example = "ANALIS-02", max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Analis Kebijakan Ahli Madya", max_length = 200)]
    pub name: String,
    /// Its unit.
    pub unit_id: Uuid,
    /// The unit's name.
    #[schema(example = "Dinas Kesehatan", max_length = 200)]
    pub unit_name: String,
}

impl From<MentoredCompetency> for MentoredCompetencyView {
    fn from(competency: MentoredCompetency) -> Self {
        let MentoredCompetency { id, code, name, dictionary } = competency;
        Self {
            id: id.uuid(),
            code: code.into_string(),
            name: name.into_string(),
            dictionary: dictionary.into_string(),
        }
    }
}

impl From<MentorPosition> for MentorPositionView {
    fn from(position: MentorPosition) -> Self {
        let MentorPosition { id, code, name, unit, unit_name } = position;
        Self {
            id: id.uuid(),
            code: code.into_string(),
            name: name.into_string(),
            unit_id: unit.uuid(),
            unit_name: unit_name.into_string(),
        }
    }
}

impl MentorView {
    /// None of somebody of whom nothing may be told any more since they were ranked.
    fn new(
        mentor: Mentor,
        rule: &MentorRule,
        people: &mut BTreeMap<EmployeeId, MentorPerson>,
    ) -> Option<Self> {
        let Mentor { facts, ahead, most } = mentor;
        let MentorFacts { employee, level, assessed_on, trainer, max_mentees: _, guided, in_line: _ } = facts;
        let MentorPerson { name, detail } = people.remove(&employee)?;
        let told = detail.is_some();
        let (nip, position) = detail.map_or((None, None), |detail| {
            let MentorDetail { nip, position } = detail;
            (Some(nip.as_str().to_owned()), position.map(MentorPositionView::from))
        });
        Some(Self {
            employee_id: employee.uuid(),
            nip,
            name: name.into_string(),
            position,
            trainer_id: trainer.map(TrainerId::uuid),
            level: told.then(|| level.get()),
            ahead: if told { ahead } else { rule.ahead },
            assessed_on: told.then_some(assessed_on),
            guided,
            most,
        })
    }
}

impl From<Mentored> for MentorsView {
    fn from(mentored: Mentored) -> Self {
        let Mentored {
            person,
            competency,
            level,
            as_of,
            ranking: (ranking, rule),
            mentors: (mentors, items_total),
            excluded: (excluded, excluded_total),
            mut people,
        } = mentored;
        let items = mentors.into_iter().zip(1..).filter_map(|(mentor, place)| {
            Some(RankedMentorView { place, mentor: MentorView::new(mentor, &rule, &mut people)? })
        });
        let items = items.collect();
        let excluded = excluded.into_iter().filter_map(|(mentor, reasons)| {
            let mentor = MentorView::new(mentor, &rule, &mut people)?;
            Some(ExcludedMentorView { mentor, reasons: reasons.into_iter().map(Wire).collect() })
        });
        let excluded = excluded.collect();
        Self {
            person: person.into(),
            competency: competency.into(),
            level: level.map(Level::get),
            as_of,
            ranking: ranking.into(),
            rule: rule.into(),
            items,
            items_total,
            excluded,
            excluded_total,
        }
    }
}
