//! Mentors: who could guide somebody in a competency, in what order, and who could but for what.
//!
//! As with programmes there is no score: the criteria of a rubric are asked one after the other. Whoever directs somebody's
//! work, or whose work somebody directs, is no mentor of theirs: a mentor is told what a superior is not.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use chrono::NaiveDate;
use kernel::{EmployeeId, Level, TrainerId, Violation, ViolationCode, Violations, wire_enum};
use serde::{Deserialize, Serialize};

use crate::partner::TrainerRole;

wire_enum! {
    /// What decides between mentors.
    pub enum MentorCriterion {
        /// Whether the agency has registered them as a mentor: those first.
        Registered = "REGISTERED",
        /// How much of what they may take on they have taken on: less first.
        Load = "LOAD",
        /// The level they were assessed at: higher first.
        Level = "LEVEL",
        /// When that was: later first.
        Recency = "RECENCY",
    }
}

wire_enum! {
    /// Why somebody who is far enough ahead is no mentor of somebody.
    pub enum MentorExclusion {
        /// One of them directs the work of the other, directly or over others between them.
        ReportingLine = "REPORTING_LINE",
        /// They guide as many people as they may.
        Full = "FULL",
    }
}

/// Who is a mentor, and who before whom: a part of the rubric of recommendations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MentorRule {
    /// How many levels a mentor is ahead at least.
    pub ahead: u8,
    /// How many people somebody guides at most who has set no limit of their own.
    pub max_mentees: u8,
    /// The criteria, the first one deciding first. Between mentors equal in all of them the id decides.
    pub order: Vec<MentorCriterion>,
}

/// What a rubric says that was written before there was anything to say.
impl Default for MentorRule {
    fn default() -> Self {
        Self {
            ahead: 1,
            max_mentees: 3,
            order: vec![
                MentorCriterion::Registered,
                MentorCriterion::Load,
                MentorCriterion::Level,
                MentorCriterion::Recency,
            ],
        }
    }
}

impl MentorRule {
    /// The most people anybody guides.
    pub const MOST: u8 = 50;

    /// What of the rule, which stands at `at`, makes no sense.
    pub(crate) fn check(&self, at: &str, found: &mut Violations) {
        for (property, value, most) in
            [("ahead", self.ahead, 4), ("max_mentees", self.max_mentees, Self::MOST)]
        {
            found.check(!(1..=most).contains(&value), || {
                Violation::new(format!("{at}/{property}"), ViolationCode::OutOfRange)
                    .with("min", 1)
                    .with("max", most)
            });
        }
        found.check(self.order.is_empty(), || {
            Violation::new(format!("{at}/order"), ViolationCode::TooFew).with("min", 1)
        });
        let mut seen = BTreeSet::new();
        for (index, criterion) in self.order.iter().enumerate() {
            found.check(!seen.insert(criterion), || {
                Violation::new(format!("{at}/order/{index}"), ViolationCode::Duplicate)
            });
        }
    }

    /// Whether somebody may guide a person as `role`, who set `max_mentees` as the most people they guide. A superior is no
    /// mentor, and the natural coach (SE BKN 3/2022) of everybody they direct.
    ///
    /// # Errors
    /// [`GuideError`].
    pub fn guides(
        &self,
        role: TrainerRole,
        standing: GuideStanding,
        max_mentees: Option<u8>,
    ) -> Result<(), GuideError> {
        let GuideStanding { oneself, in_line, guided } = standing;
        if oneself || (in_line && role == TrainerRole::Mentor) {
            return Err(GuideError::InLine);
        }
        // To coach those one directs is a superior's work, however many they are.
        let most = max_mentees.or((!in_line).then_some(self.max_mentees));
        if most.is_some_and(|most| guided >= u32::from(most)) {
            return Err(GuideError::Full);
        }
        Ok(())
    }

    /// The least level of a mentor of somebody who has `level`; none where nobody can be far enough ahead. Who was not
    /// assessed is taken to be at the beginning.
    #[must_use]
    pub fn least(&self, level: Option<Level>) -> Option<Level> {
        Level::new(i64::from(level.map_or(0, Level::get)) + i64::from(self.ahead))
    }
}

/// How somebody stands to a person they are to guide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GuideStanding {
    /// Whether they are that person.
    pub oneself: bool,
    /// Whether one of the two directs the other's work.
    pub in_line: bool,
    /// How many others they guide now, by activities and plans.
    pub guided: u32,
}

/// Why somebody does not guide somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuideError {
    /// Nobody guides themself, and a mentor is in no reporting line with the person.
    #[error("they are the person, or in the reporting line")]
    InLine,
    /// They guide as many people as they may.
    #[error("they guide as many people as they may")]
    Full,
}

impl GuideError {
    /// The code clients see.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InLine => "TRAINER_IN_LINE",
            Self::Full => "TRAINER_FULL",
        }
    }
}

/// Somebody with a level that is valid today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MentorFacts {
    /// Who.
    pub employee: EmployeeId,
    /// The level.
    pub level: Level,
    /// The day it was found.
    pub assessed_on: NaiveDate,
    /// As what they are registered, where they are registered as a mentor.
    pub trainer: Option<TrainerId>,
    /// How many people they guide at most, where they have said so.
    pub max_mentees: Option<u8>,
    /// How many others they guide now.
    pub guided: u32,
    /// Whether one of the two directs the other's work.
    pub in_line: bool,
}

/// Somebody who could guide somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mentor {
    /// What is known of them.
    pub facts: MentorFacts,
    /// How many levels they are ahead.
    pub ahead: u8,
    /// How many people they guide at most.
    pub most: u8,
}

/// Who could guide somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MentorMatch {
    /// Mentors, the first one first.
    pub mentors: Vec<Mentor>,
    /// Those who are far enough ahead and may not, or cannot; in the same order.
    pub excluded: Vec<(Mentor, BTreeSet<MentorExclusion>)>,
}

impl Mentor {
    fn bars(&self) -> BTreeSet<MentorExclusion> {
        let full = self.facts.guided >= u32::from(self.most);
        [(self.facts.in_line, MentorExclusion::ReportingLine), (full, MentorExclusion::Full)]
            .into_iter()
            .filter_map(|(holds, bar)| holds.then_some(bar))
            .collect()
    }

    fn compare(&self, other: &Self, criterion: MentorCriterion) -> std::cmp::Ordering {
        let load = |one: &Self, most: u8| u64::from(one.facts.guided) * u64::from(most);
        match criterion {
            MentorCriterion::Registered => other.facts.trainer.is_some().cmp(&self.facts.trainer.is_some()),
            // Two fractions by the products with the other's denominator.
            MentorCriterion::Load => load(self, other.most).cmp(&load(other, self.most)),
            MentorCriterion::Level => Reverse(self.facts.level).cmp(&Reverse(other.facts.level)),
            MentorCriterion::Recency => {
                Reverse(self.facts.assessed_on).cmp(&Reverse(other.facts.assessed_on))
            }
        }
    }
}

/// Who of these people could guide somebody who has `level` in the competency. Those who are not far enough ahead are in
/// neither list.
#[must_use]
pub fn match_mentors(
    level: Option<Level>,
    people: impl IntoIterator<Item = MentorFacts>,
    rule: &MentorRule,
) -> MentorMatch {
    let Some(least) = rule.least(level) else { return MentorMatch::default() };
    let from = level.map_or(0, Level::get);
    let mut all: Vec<Mentor> = people
        .into_iter()
        .filter(|one| one.level >= least)
        .map(|facts| Mentor {
            ahead: facts.level.get().saturating_sub(from),
            most: facts.max_mentees.unwrap_or(rule.max_mentees),
            facts,
        })
        .collect();
    all.sort_by(|one, other| {
        let decided =
            rule.order.iter().map(|criterion| one.compare(other, *criterion)).find(|found| found.is_ne());
        decided.unwrap_or_else(|| one.facts.employee.cmp(&other.facts.employee))
    });
    let mut found = MentorMatch::default();
    for mentor in all {
        let bars = mentor.bars();
        if bars.is_empty() {
            found.mentors.push(mentor);
        } else {
            found.excluded.push((mentor, bars));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(value: i64) -> Level {
        Level::new(value).unwrap()
    }

    fn person(at: i64) -> MentorFacts {
        MentorFacts {
            employee: EmployeeId::new(),
            level: level(at),
            assessed_on: NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(),
            trainer: None,
            max_mentees: None,
            guided: 0,
            in_line: false,
        }
    }

    fn order(found: &MentorMatch) -> Vec<EmployeeId> {
        found.mentors.iter().map(|mentor| mentor.facts.employee).collect()
    }

    #[test]
    fn a_mentor_is_ahead_by_at_least_as_much_as_the_rubric_says() {
        let people = [person(2), person(3), person(4)];
        let ids: Vec<_> = people.iter().map(|one| one.employee).collect();
        let rule = MentorRule::default();
        let found = match_mentors(Some(level(2)), people.clone(), &rule);
        assert_eq!(order(&found), [ids[2], ids[1]]);
        assert_eq!(found.mentors.iter().map(|mentor| mentor.ahead).collect::<Vec<_>>(), [2, 1]);
        let far = MentorRule { ahead: 2, ..rule.clone() };
        assert_eq!(order(&match_mentors(Some(level(2)), people.clone(), &far)), [ids[2]]);
        // Who was never assessed stands at the beginning, and nobody is ahead of the highest level.
        assert_eq!(match_mentors(None, people.clone(), &rule).mentors.len(), 3);
        assert_eq!(match_mentors(Some(level(5)), people, &rule), MentorMatch::default());
    }

    #[test]
    fn who_is_in_the_reporting_line_or_full_is_told_with_the_reason() {
        let superior = MentorFacts { in_line: true, ..person(4) };
        let full = MentorFacts { guided: 3, ..person(4) };
        let both = MentorFacts { max_mentees: Some(1), guided: 1, in_line: true, ..person(5) };
        let roomy = MentorFacts { max_mentees: Some(4), guided: 3, ..person(3) };
        let people = [superior.clone(), full.clone(), both.clone(), roomy.clone()];
        let found = match_mentors(Some(level(2)), people, &MentorRule::default());
        assert_eq!(order(&found), [roomy.employee]);
        let bars = |of: &MentorFacts| {
            let one = found.excluded.iter().find(|(mentor, _)| mentor.facts.employee == of.employee).unwrap();
            one.1.iter().copied().collect::<Vec<_>>()
        };
        assert_eq!(bars(&superior), [MentorExclusion::ReportingLine]);
        assert_eq!(bars(&full), [MentorExclusion::Full]);
        assert_eq!(bars(&both), [MentorExclusion::ReportingLine, MentorExclusion::Full]);
    }

    #[test]
    fn each_criterion_decides_only_between_equals_in_those_before_it() {
        let registered = MentorFacts { trainer: Some(TrainerId::new()), guided: 2, ..person(3) };
        let free = MentorFacts { ..person(3) };
        let half = MentorFacts { max_mentees: Some(4), guided: 2, ..person(5) };
        let third = MentorFacts { max_mentees: Some(6), guided: 2, ..person(4) };
        let later = MentorFacts { assessed_on: free.assessed_on.succ_opt().unwrap(), ..person(3) };
        let people = [half.clone(), third.clone(), free.clone(), registered.clone(), later.clone()];
        let found = match_mentors(Some(level(2)), people.clone(), &MentorRule::default());
        let expected = [&registered, &later, &free, &third, &half].map(|one| one.employee);
        assert_eq!(order(&found), expected);
        let by_level = MentorRule { order: vec![MentorCriterion::Level], ..MentorRule::default() };
        let found = match_mentors(Some(level(2)), people, &by_level);
        assert_eq!(order(&found)[..2], [half.employee, third.employee]);
    }

    #[test]
    fn nobody_guides_themself_no_superior_mentors_and_nobody_takes_more_than_they_may() {
        use TrainerRole::{Coach, Mentor};
        let rule = MentorRule::default();
        let free = GuideStanding::default();
        let (oneself, in_line) =
            (GuideStanding { oneself: true, ..free }, GuideStanding { in_line: true, ..free });
        for role in [Coach, Mentor] {
            assert_eq!(rule.guides(role, free, None), Ok(()));
            assert_eq!(rule.guides(role, oneself, None), Err(GuideError::InLine));
            let of = |guided| GuideStanding { guided, ..free };
            assert_eq!(rule.guides(role, of(2), None), Ok(()));
            assert_eq!(rule.guides(role, of(3), None), Err(GuideError::Full), "the policy's limit");
            assert_eq!(rule.guides(role, of(3), Some(4)), Ok(()), "their own");
            assert_eq!(rule.guides(role, of(1), Some(1)), Err(GuideError::Full));
        }
        assert_eq!(rule.guides(Mentor, in_line, None), Err(GuideError::InLine));
        assert_eq!(rule.guides(Coach, in_line, None), Ok(()));
        let of = |guided| GuideStanding { guided, ..in_line };
        assert_eq!(rule.guides(Coach, of(30), None), Ok(()), "a superior coaches all they direct");
        assert_eq!(rule.guides(Coach, of(2), Some(2)), Err(GuideError::Full), "but for a limit of their own");
    }

    #[test]
    fn a_rule_without_order_or_beyond_its_bounds_is_refused() {
        let refused = |rule: MentorRule| {
            let mut found = Violations::new();
            rule.check("/mentors", &mut found);
            let violations = found.finish().err().unwrap_or_default();
            violations.into_iter().map(|one| (one.pointer.clone(), one.code)).collect::<Vec<_>>()
        };
        assert_eq!(refused(MentorRule::default()), []);
        let wrong = MentorRule { ahead: 0, max_mentees: 51, order: Vec::new() };
        assert_eq!(
            refused(wrong),
            [
                ("/mentors/ahead".to_owned(), ViolationCode::OutOfRange),
                ("/mentors/max_mentees".to_owned(), ViolationCode::OutOfRange),
                ("/mentors/order".to_owned(), ViolationCode::TooFew),
            ]
        );
        let twice = MentorRule { order: vec![MentorCriterion::Load; 2], ..MentorRule::default() };
        assert_eq!(refused(twice), [("/mentors/order/1".to_owned(), ViolationCode::Duplicate)]);
    }
}
