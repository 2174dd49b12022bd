//! A plan drawn up by itself: every open gap gets an item, or a reason why it has none.

use kernel::{AgencyId, Code, CompetencyId, Hundredths, Level, Name, PlanItemId, ProgrammeId};
use uuid::Uuid;

use super::snapshot::{GapSnapshot, SnapshotLine, UnplannedReason};
use super::{ItemProgress, PlanItem, PlanItemDraft, PlanOrigin, PlanRubric, PlanStepTaken, new_line};
use crate::enrolment::ParticipantFacts;
use crate::jp_ledger::JpRooms;
use crate::programme::Audience;
use competency::GapState;

/// A programme that teaches a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The programme.
    pub programme: Uuid,
    /// Its code, which decides between equals.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// Its form.
    pub form: Code,
    /// Its learning hours, where it states them.
    pub jp: Option<Hundredths>,
    /// Its price for a participant, in rupiah.
    pub price: Option<i64>,
    /// Whose competency it teaches.
    pub competency_agency: AgencyId,
    /// The competency.
    pub competency: CompetencyId,
    /// The level it starts from; any where none.
    pub from: Option<Level>,
    /// The level it leads to.
    pub to: Level,
    /// Whom it is for.
    pub audience: Audience,
}

/// What is proposed: items, and the snapshot with a reason for every gap that has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The items, the most severe gap first.
    pub items: Vec<PlanItem>,
    /// The gaps they were made from.
    pub snapshot: GapSnapshot,
}

impl Offer {
    /// Whether it is for `learner`, new to them, and takes them further from `achieved`.
    fn fits(&self, learner: &ParticipantFacts, line: &SnapshotLine, achieved: Level) -> bool {
        self.audience.includes(learner.job_class)
            && !learner.certified.contains(&ProgrammeId::from(self.programme))
            && (self.competency_agency, self.competency) == (line.competency_agency, line.competency)
            && self.from.is_none_or(|from| from <= achieved)
            && self.to > achieved
    }
}

/// Draws up a plan for `learner` against the gaps of `snapshot` out of those of `offers` that are for them. A gap gets the programme that leads closest to the
/// required level: reaching it goes before falling short, the smaller step before the larger, the cheaper before the dearer,
/// and then the code decides. What is planned is taken up of `rooms`, and what ceilings do not leave is not planned.
#[must_use]
pub fn propose(
    mut snapshot: GapSnapshot,
    (offers, learner): (&[Offer], &ParticipantFacts),
    origin: PlanOrigin,
    rubric: &PlanRubric,
    rooms: &mut JpRooms,
) -> Proposal {
    let mut order: Vec<usize> = (0..snapshot.lines.len()).collect();
    // The sort is stable: of equally severe gaps the standard's order counts.
    order.sort_by_key(|index| snapshot.lines.get(*index).map(|line| std::cmp::Reverse(line.severity)));
    let mut items: Vec<PlanItem> = Vec::new();
    for index in order {
        let Some(line) = snapshot.lines.get_mut(index).filter(|line| line.is_open()) else { continue };
        let Some(achieved) = line.achieved.filter(|_| line.state == GapState::Gap) else {
            line.unplanned = Some(match line.state {
                GapState::Expired => UnplannedReason::AssessmentExpired,
                _ => UnplannedReason::NeverAssessed,
            });
            continue;
        };
        let best = offers.iter().filter(|offer| offer.fits(learner, line, achieved)).min_by_key(|offer| {
            (
                offer.to < line.required,
                offer.to.get().abs_diff(line.required.get()),
                offer.price.unwrap_or(i64::MAX),
                &offer.code,
            )
        });
        let Some(best) = best else {
            line.unplanned = Some(UnplannedReason::NoProgramme);
            continue;
        };
        if items.len() >= usize::from(rubric.most_items) {
            line.unplanned = Some(UnplannedReason::BeyondMostItems);
            continue;
        }
        let jp = best.jp.unwrap_or(Hundredths::from_count(0));
        // Nobody has said yet when: a day that leaves enough will do.
        if rooms.over(None, jp).count() > 0 {
            line.unplanned = Some(UnplannedReason::BeyondCeiling);
            continue;
        }
        rooms.take(None, jp);
        items.push(PlanItem {
            id: PlanItemId::new(),
            line: new_line(),
            said: PlanItemDraft {
                step: Some(PlanStepTaken {
                    competency_agency: line.competency_agency,
                    competency: line.competency,
                    from: Some(achieved),
                    to: best.to,
                }),
                programme: Some(best.programme),
                class: None,
                form: best.form.clone(),
                title: best.name.clone(),
                jp,
                cost: best.price.unwrap_or(0),
                budget: None,
                starts_on: None,
                due_on: None,
                mentor: None,
                evidence: None,
                origin,
            },
            carried_from: None,
            template_item: None,
            progress: ItemProgress::NONE,
        });
    }
    Proposal { items, snapshot }
}
