//! The gaps a development plan is made from, and what is planned or left out because of them.

use std::collections::BTreeSet;

use access::Scope;
use competency::{GapFacts, JpmMethod, JpmRubric, PolicyVersion, Purpose, gap_profile, policy_on};
use development::{
    GapSnapshot, JpRooms, Offer, ParticipantFacts, PlanDraft, PlanOrigin, PlanRubric, UnplannedReason,
    propose,
};
use kernel::{EmployeeId, PositionId};
use store::{ProfileFacts, Reader, SnapshotAgainst};

use crate::app::AppError;

/// The gaps of a person against the position they hold, or another one; nothing where there is none or nothing is required.
pub(crate) async fn gaps(
    reader: &Reader<'_>,
    scope: &Scope,
    employee: EmployeeId,
    against: Option<PositionId>,
    today: chrono::NaiveDate,
) -> Result<Option<GapSnapshot>, AppError> {
    let Some(facts) = reader.gap_facts(employee, against, today, None).await? else { return Ok(None) };
    let ProfileFacts { person: _, position, known_at, basis, requirements, results, policies } = facts;
    let (Some(position), Some(basis)) = (position, basis) else { return Ok(None) };
    let policy: Option<PolicyVersion<JpmRubric>> =
        policy_on(&policies, JpmMethod::RatioOfSums.as_str(), scope.agency(), today, known_at).cloned();
    let Some(policy) = policy else { return Ok(None) };
    let profile = gap_profile(GapFacts {
        employee,
        position: position.id,
        as_of: today,
        known_at,
        purpose: Purpose::Filling,
        basis,
        requirements,
        results,
        policy,
    });
    Ok(profile.ok().map(|profile| GapSnapshot::from(&profile)))
}

/// The snapshots of a plan with the gaps to the position held and to the one aimed at.
pub(crate) type Looked = Vec<(SnapshotAgainst, GapSnapshot)>;

/// Looks at the gaps to the position held and to the one aimed at.
pub(crate) async fn looked(
    reader: &Reader<'_>,
    scope: &Scope,
    employee: EmployeeId,
    target: Option<PositionId>,
    today: chrono::NaiveDate,
) -> Result<Looked, AppError> {
    let mut all = Vec::new();
    if let Some(held) = gaps(reader, scope, employee, None, today).await? {
        all.push((SnapshotAgainst::Held, held));
    }
    if let Some(target) = target
        && let Some(aimed) = gaps(reader, scope, employee, Some(target), today).await?
    {
        all.push((SnapshotAgainst::Target, aimed));
    }
    Ok(all)
}

/// Adds items for every open gap that has none, or a reason why not: first for the position held, then for the one aimed
/// at. What ceilings leave beside what it says already bounds the hours.
pub(crate) fn drawn_up(
    draft: &mut PlanDraft,
    looked: Looked,
    offers: (&[Offer], &ParticipantFacts),
    rubric: PlanRubric,
    mut rooms: JpRooms,
) -> Looked {
    let mut all = Vec::with_capacity(looked.len());
    draft.plan_into(&mut rooms);
    for (against, mut snapshot) in looked {
        let planned: BTreeSet<_> =
            draft.items.iter().filter_map(|item| item.said.step).map(|step| step.competency).collect();
        let origin = match against {
            SnapshotAgainst::Held => PlanOrigin::HeldGap,
            SnapshotAgainst::Target => PlanOrigin::TargetGap,
        };
        let taken = u8::try_from(draft.items.len()).unwrap_or(u8::MAX);
        let left = PlanRubric { most_items: rubric.most_items.saturating_sub(taken), ..rubric };
        // What has an item already is not planned again.
        let (covered, open): (Vec<_>, Vec<_>) =
            snapshot.lines.into_iter().partition(|line| planned.contains(&line.competency));
        snapshot.lines = open;
        let mut proposal = propose(snapshot, offers, origin, &left, &mut rooms);
        proposal.snapshot.lines.extend(covered);
        draft.items.extend(proposal.items);
        all.push((against, proposal.snapshot));
    }
    all
}

/// Marks every open gap that has no item as left out by whoever drew the plan up.
pub(crate) fn left_out(draft: &PlanDraft, mut looked: Looked) -> Looked {
    let planned: BTreeSet<_> =
        draft.items.iter().filter_map(|item| item.said.step).map(|step| step.competency).collect();
    for line in looked.iter_mut().flat_map(|(_, snapshot)| &mut snapshot.lines) {
        if line.is_open() && !planned.contains(&line.competency) {
            line.unplanned = Some(UnplannedReason::LeftOut);
        }
    }
    looked
}
