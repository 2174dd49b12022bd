//! Who fits a position: people judged by the rules of eligibility and ranked by their job person match, with every term.

use std::cmp::Reverse;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AgencyId, CompetencyId, EmployeeId, Level, Name, PositionId, wire_enum};
use workforce::{Education, EmployeeStatus};

use crate::assessment::{AssessmentResult, Purpose};
use crate::eligibility::{
    CareerPath, ClassRules, Demand, PersonFacts, RuleKind, RuleTerm, Verdict, born_from, judge,
};
use crate::gap::{GapError, GapFacts, GapProfile, GapState, NamedRequirement, StandardBasis, gap_profile};
use crate::jpm::{Category, Percent};
use crate::policy::{JpmRubric, PolicyVersion};
use crate::standard::Importance;

wire_enum! {
    /// Whether somebody may be appointed, as far as the rules on record tell.
    pub enum Standing {
        /// Every binding rule is met.
        Eligible = "ELIGIBLE",
        /// None is failed, and of at least one it is not known.
        Undecided = "UNDECIDED",
        /// At least one is failed.
        Ineligible = "INELIGIBLE",
    }
}

/// The order of candidates: the smaller the better.
///
/// | part | order |
/// |---|---|
/// | standing | eligible, undecided, ineligible |
/// | barred | who fails a rule about themself comes after who fails by match only, and is compared by name alone |
/// | unknown | competencies without valid evidence, fewest first: a complete match before any incomplete one |
/// | points | the exact match, highest first; of an incomplete one there is none |
/// | essential gaps | requirements rated MUTLAK they fall short of, fewest first |
/// | name, id | so that the order is always the same |
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CandidateRank {
    /// Whether they may be appointed.
    pub standing: Standing,
    /// Whether a binding rule about the person is failed.
    pub barred: bool,
    /// Competencies without valid evidence.
    pub unknown: i64,
    /// What they earn, in the units of [`JpmRubric::points`].
    pub points: Reverse<i64>,
    /// Requirements rated `MUTLAK` they fall short of.
    pub essential_gaps: i64,
    /// Their name.
    pub name: Name,
    /// Who.
    pub employee: EmployeeId,
}

/// What all candidates for a position are measured by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The position.
    pub position: PositionId,
    /// On which day.
    pub as_of: NaiveDate,
    /// By what was known at which instant.
    pub known_at: DateTime<Utc>,
    /// What the requirements rest on.
    pub basis: StandardBasis,
    /// What the position requires, in order.
    pub requirements: Vec<NamedRequirement>,
    /// How the match is computed; it is graded for filling a position.
    pub policy: PolicyVersion<JpmRubric>,
    /// Who may be appointed.
    pub rules: ClassRules,
}

/// A person measured against a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Whether they may be appointed.
    pub standing: Standing,
    /// What each rule says, in the rules' order.
    pub rules: Vec<RuleTerm>,
    /// Their gaps and their match: what their gap profile against the position is.
    pub profile: GapProfile,
    /// Whether they hold the position on the day.
    pub incumbent: bool,
    /// Their place in the order.
    pub rank: CandidateRank,
}

/// How `person` with these results stands as a candidate.
///
/// # Errors
/// [`GapError::NoRequirements`].
pub fn candidate(
    opening: &Opening,
    person: PersonFacts,
    results: Vec<AssessmentResult>,
) -> Result<Candidate, GapError> {
    let profile = gap_profile(GapFacts {
        employee: person.employee,
        position: opening.position,
        as_of: opening.as_of,
        known_at: opening.known_at,
        purpose: Purpose::Filling,
        basis: opening.basis.clone(),
        requirements: opening.requirements.clone(),
        results,
        policy: opening.policy.clone(),
    })?;
    let rules: Vec<RuleTerm> =
        opening.rules.rules.iter().map(|rule| judge(rule, &person, &profile.jpm, opening.as_of)).collect();
    let binding = |verdict| rules.iter().filter(move |term| term.binding && term.verdict == verdict);
    let standing = match (binding(Verdict::Failed).next(), binding(Verdict::Unknown).next()) {
        (Some(_), _) => Standing::Ineligible,
        (None, Some(_)) => Standing::Undecided,
        (None, None) => Standing::Eligible,
    };
    let barred = binding(Verdict::Failed).any(|term| term.kind != RuleKind::Match);
    let incumbent = person.present().is_some_and(|spell| spell.position == Some(opening.position));
    let compare = |value: i64| if barred { 0 } else { value };
    let count = |counts: &dyn Fn(&crate::CompetencyGap) -> bool| {
        i64::try_from(profile.gaps.iter().filter(|gap| counts(gap)).count()).unwrap_or(i64::MAX)
    };
    let unknown = count(&|gap| gap.achieved.is_none());
    let points = if unknown == 0 { opening.points_of(&profile) } else { 0 };
    let essential =
        count(&|gap| gap.state == GapState::Gap && gap.required.requirement.importance == Importance::Mutlak);
    let rank = CandidateRank {
        standing,
        barred,
        unknown: compare(unknown),
        points: Reverse(compare(points)),
        essential_gaps: compare(essential),
        name: person.name,
        employee: person.employee,
    };
    Ok(Candidate { standing, rules, profile, incumbent, rank })
}

/// One requirement as a sum needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PointTerm {
    /// The competency.
    pub competency: CompetencyId,
    /// Whose it is.
    pub competency_agency: AgencyId,
    /// The required level.
    pub required: Level,
    /// Whether it is rated `MUTLAK`.
    pub essential: bool,
    /// What each level earns, from level 1.
    pub points: [i64; 5],
}

/// The binding rules and the match in numbers, so that people can be found and ranked in one sweep where they are stored.
/// Each part that is absent demands nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sieve {
    /// They must serve.
    pub service: bool,
    /// Standings that pass.
    pub statuses: Option<Vec<EmployeeStatus>>,
    /// Education that passes.
    pub education: Option<Vec<Education>>,
    /// The earliest birthday that passes.
    pub born_from: Option<NaiveDate>,
    /// Ways of experience, one of which must be met.
    pub paths: Vec<CareerPath>,
    /// Days in the present position.
    pub tenure_days: Option<i64>,
    /// Points a complete match must have.
    pub match_from: Option<i64>,
    /// What each requirement earns.
    pub terms: Vec<PointTerm>,
}

impl Opening {
    fn points_of(&self, profile: &GapProfile) -> i64 {
        let earned = profile.gaps.iter().filter_map(|gap| {
            let requirement = &gap.required.requirement;
            Some(self.policy.rubric.points(requirement.level, requirement.weight, gap.achieved?))
        });
        earned.sum()
    }

    /// The fewest points with which `category` or a better one is given.
    #[must_use]
    pub fn points_from(&self, category: Category) -> i64 {
        let full: i64 = self
            .requirements
            .iter()
            .map(|required| {
                self.policy.rubric.points_full(required.requirement.level, required.requirement.weight)
            })
            .sum();
        let cutoffs = self.policy.rubric.cutoffs_for(category.purpose()).iter();
        // A category the rubric does not have is never given, and neither is a better one.
        let least =
            cutoffs.filter(|cutoff| cutoff.category <= category).map(|cutoff| cutoff.at_least.count()).min();
        let Some(least) = least else { return i64::MAX };
        let whole = i128::from(Percent::FULL.count());
        i64::try_from((i128::from(least) * i128::from(full) + whole - 1) / whole).unwrap_or(i64::MAX)
    }

    /// The points of matches of exactly this category: from the first up to, not including, the second.
    #[must_use]
    pub fn points_within(&self, category: Category) -> (i64, i64) {
        let cutoffs = self.policy.rubric.cutoffs_for(category.purpose()).iter();
        let better = cutoffs.filter(|cutoff| cutoff.category < category).map(|cutoff| cutoff.category).max();
        let given = self
            .policy
            .rubric
            .cutoffs_for(category.purpose())
            .iter()
            .any(|cutoff| cutoff.category == category);
        let from = if given { self.points_from(category) } else { i64::MAX };
        (from, better.map_or(i64::MAX, |better| self.points_from(better)))
    }

    /// The rules and the match in numbers.
    #[must_use]
    pub fn sieve(&self) -> Sieve {
        let mut sieve = Sieve {
            service: false,
            statuses: None,
            education: None,
            born_from: None,
            paths: Vec::new(),
            tenure_days: None,
            match_from: None,
            terms: self.requirements.iter().map(|required| self.point_term(required)).collect(),
        };
        for rule in self.rules.rules.iter().filter(|rule| rule.binding) {
            match &rule.demand {
                Demand::Service => sieve.service = true,
                Demand::Status(any) => sieve.statuses = Some(any.clone()),
                Demand::Education(any) => sieve.education = Some(any.clone()),
                Demand::Age(years) => sieve.born_from = Some(born_from(self.as_of, *years)),
                Demand::Experience(paths) => sieve.paths = paths.clone(),
                Demand::Tenure(years) => {
                    sieve.tenure_days = Some(CareerPath { job_classes: Vec::new(), years: *years }.days());
                }
                Demand::Match(category) => sieve.match_from = Some(self.points_from(*category)),
            }
        }
        sieve
    }

    fn point_term(&self, required: &NamedRequirement) -> PointTerm {
        let requirement = &required.requirement;
        PointTerm {
            competency: requirement.competency,
            competency_agency: requirement.competency_agency,
            required: requirement.level,
            essential: requirement.importance == Importance::Mutlak,
            points: Level::ALL
                .map(|level| self.policy.rubric.points(requirement.level, requirement.weight, level)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Method;
    use crate::eligibility::{Confidence, EligibilityRule, Spell};
    use crate::policy::JpmMethod;
    use crate::standard::Requirement;
    use crate::{JpmStatus, StandardBasis, reference};
    use chrono::{Days, TimeZone};
    use kernel::{
        AssessmentEventId, AssessmentResultId, Code, DictionaryVersionId, Hundredths, LongText, NATIONAL,
        PolicyId, StandardId,
    };
    use proptest::prelude::*;
    use workforce::JobClass;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, 1).unwrap()
    }

    fn at() -> DateTime<Utc> {
        Utc.timestamp_opt(1_800_000_000, 0).unwrap()
    }

    fn rule(demand: Demand, binding: bool) -> EligibilityRule {
        let source = LongText::parse("SK").unwrap();
        EligibilityRule { demand, binding, confidence: Confidence::Found, source }
    }

    fn opening(method: JpmMethod, levels: &[(i64, u32, Importance)], rules: Vec<EligibilityRule>) -> Opening {
        let policies = reference::jpm_policies().into_iter();
        let shipped = policies.into_iter().find(|policy| policy.rubric.method == method).unwrap();
        let required =
            |(code, (level, weight, importance)): (usize, &(i64, u32, Importance))| NamedRequirement {
                requirement: Requirement {
                    competency: CompetencyId::new(),
                    competency_agency: NATIONAL,
                    dictionary_version: DictionaryVersionId::new(),
                    level: Level::new(*level).unwrap(),
                    weight: Hundredths::from_count(*weight),
                    importance: *importance,
                },
                code: Code::parse(&format!("K.{code}")).unwrap(),
                name: Name::parse("Kompetensi").unwrap(),
                family: Code::parse("TEKNIS").unwrap(),
            };
        Opening {
            position: PositionId::new(),
            as_of: day(),
            known_at: at(),
            basis: StandardBasis::Standard { id: StandardId::new(), number: 1, valid_from: day() },
            requirements: levels.iter().enumerate().map(required).collect(),
            policy: PolicyVersion {
                id: PolicyId::new(),
                agency: NATIONAL,
                name: Code::parse(shipped.name).unwrap(),
                number: 1,
                valid_from: reference::policies_valid_from(),
                recorded_at: at(),
                source: LongText::parse("SK").unwrap(),
                rubric: shipped.rubric,
            },
            rules: ClassRules { rules, by_hand: Vec::new() },
        }
    }

    fn measured(opening: &Opening, name: &str, status: EmployeeStatus, levels: &[Option<i64>]) -> Candidate {
        let employee = EmployeeId::new();
        let result = |(required, level): (&NamedRequirement, &Option<i64>)| {
            Some(AssessmentResult {
                id: AssessmentResultId::new(),
                event: AssessmentEventId::new(),
                employee,
                competency: required.requirement.competency,
                competency_agency: NATIONAL,
                level: Level::new((*level)?)?,
                evidence: None,
                assessor: None,
                method: Method::AssessmentCenter,
                purpose: Purpose::Mapping,
                assessed_on: day(),
                valid_until: day() + Days::new(1),
                recorded_at: Some(at()),
                supersedes: None,
                superseded_at: None,
                reason: None,
            })
        };
        let results = opening.requirements.iter().zip(levels).filter_map(result).collect();
        let spell = Spell {
            position: Some(PositionId::new()),
            job_class: Some(JobClass::Pelaksana),
            from: day(),
            until: day() + Days::new(1),
        };
        let person = PersonFacts {
            employee,
            name: Name::parse(name).unwrap(),
            status,
            education: None,
            born_on: None,
            appointed_on: Some(day()),
            career: vec![spell],
        };
        candidate(opening, person, results).unwrap()
    }

    #[test]
    fn the_best_who_may_come_first_and_who_may_not_last() {
        use EmployeeStatus::{Pns, Pppk};
        use Importance::{Mutlak, Perlu};
        let rules = vec![
            rule(Demand::Status(vec![Pns]), true),
            rule(Demand::Match(Category::Mms), true),
            rule(Demand::Tenure(2), false),
        ];
        let opening = opening(JpmMethod::RatioOfSums, &[(3, 100, Perlu), (3, 100, Mutlak)], rules);
        let people: Vec<(&str, EmployeeStatus, [Option<i64>; 2])> = vec![
            ("Full", Pns, [Some(3), Some(3)]),
            // The same match; falling short of what is indispensable ranks behind.
            ("Even A", Pns, [Some(2), Some(3)]),
            ("Even B", Pns, [Some(2), Some(3)]),
            ("Essential", Pns, [Some(3), Some(2)]),
            ("One missing", Pns, [Some(5), None]),
            ("All missing", Pns, [None, None]),
            ("Short", Pns, [Some(2), Some(2)]),
            ("Barred", Pppk, [Some(5), Some(5)]),
            ("Barred too", Pppk, [None, None]),
        ];
        let measured =
            |(name, status, levels): &(&str, _, [Option<i64>; 2])| measured(&opening, name, *status, levels);
        let all: Vec<Candidate> = people.iter().map(measured).collect();
        let mut shuffled: Vec<&Candidate> = all.iter().rev().collect();
        shuffled.sort_by(|one, other| one.rank.cmp(&other.rank));
        let names: Vec<&str> = shuffled.iter().map(|one| one.rank.name.as_str()).collect();
        let expected: Vec<&str> = people.iter().map(|(name, ..)| *name).collect();
        assert_eq!(names, expected);
        let standings: Vec<Standing> = all.iter().map(|one| one.standing).collect();
        use Standing::{Eligible, Ineligible, Undecided};
        assert_eq!(
            standings,
            [
                Eligible, Eligible, Eligible, Eligible, Undecided, Undecided, Ineligible, Ineligible,
                Ineligible
            ]
        );
        // A rule that does not bind is shown and decides nothing.
        assert_eq!((all[0].rules[2].verdict, all[0].rules[2].binding), (Verdict::Failed, false));
        // Nothing is made of an incomplete match.
        assert_eq!((all[4].rank.points, all[4].profile.jpm.status), (Reverse(0), JpmStatus::Incomplete));
        assert!(!all[0].incumbent);
    }

    #[test]
    fn a_sieve_holds_what_binds() {
        let rules = vec![
            rule(Demand::Service, true),
            rule(Demand::Age(56), true),
            rule(Demand::Tenure(2), false),
            rule(Demand::Match(Category::Ms), true),
        ];
        let opening = opening(
            JpmMethod::CappedMean,
            &[(3, 100, Importance::Mutlak), (4, 50, Importance::Perlu)],
            rules,
        );
        let sieve = opening.sieve();
        assert!(sieve.service && sieve.tenure_days.is_none() && sieve.statuses.is_none());
        assert_eq!(sieve.born_from, NaiveDate::from_ymd_opt(1970, 7, 1));
        // Full is 60 x 100 + 60 x 50; 80 % of that.
        assert_eq!(sieve.match_from, Some(7200));
        assert_eq!(sieve.terms[0].points, [2000, 4000, 6000, 6000, 6000]);
        assert_eq!(sieve.terms[1].points, [750, 1500, 2250, 3000, 3000]);
        assert_eq!((sieve.terms[0].essential, sieve.terms[1].essential), (true, false));
    }

    proptest! {
        /// What a database adds up is what the match is: the same order, the same categories.
        #[test]
        fn points_order_and_grade_as_the_match_does(
            capped in any::<bool>(),
            levels in prop::collection::vec((1_i64..=5, 1_u32..=99_999_999, 1_i64..=5, 1_i64..=5), 1..16),
        ) {
            let method = if capped { JpmMethod::CappedMean } else { JpmMethod::RatioOfSums };
            let required: Vec<_> = levels.iter().map(|row| (row.0, row.1, Importance::Penting)).collect();
            let opening = opening(method, &required, Vec::new());
            let [first, second]: [Vec<_>; 2] = [0, 1].map(|which| {
                levels.iter().map(|row| Some(if which == 0 { row.2 } else { row.3 })).collect()
            });
            let one = measured(&opening, "A", EmployeeStatus::Pns, &first);
            let other = measured(&opening, "B", EmployeeStatus::Pns, &second);
            let share = |candidate: &Candidate| candidate.profile.jpm.share.unwrap();
            let [a, b] = [share(&one), share(&other)];
            let by_share = (a.numerator() * b.denominator()).cmp(&(b.numerator() * a.denominator()));
            prop_assert_eq!(by_share, other.rank.points.cmp(&one.rank.points));
            for candidate in [&one, &other] {
                let Reverse(points) = candidate.rank.points;
                let given = candidate.profile.jpm.category.unwrap();
                for category in [Category::Ms, Category::Mms, Category::Kms] {
                    let (from, until) = opening.points_within(category);
                    prop_assert_eq!((from..until).contains(&points), category == given);
                    prop_assert_eq!(points >= opening.points_from(category), given <= category);
                }
            }
        }
    }
}
