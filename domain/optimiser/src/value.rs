//! What a plan is worth, exactly as it is stated.

use crate::instance::{Instance, Need, Offer, Person, Step};

/// The part of `need` that a step closes: nothing where it begins above the level held, otherwise the part of the way it
/// leads.
pub(crate) fn cover(step: &Step, need: &Need) -> f64 {
    if step.competency != need.competency || step.from > need.from {
        return 0.0;
    }
    let covered = step.to.min(need.to) - need.from;
    if covered <= 0 { 0.0 } else { ratio(covered, need.to - need.from) }
}

/// The part of `need` an offer closes: that of its best step.
pub(crate) fn offer_cover(offer: &Offer, need: &Need) -> f64 {
    offer.teaches.iter().map(|step| cover(step, need)).fold(0.0, f64::max)
}

/// Levels are small, so both are exact.
fn ratio(part: i64, whole: i64) -> f64 {
    let float = |value: i64| i32::try_from(value).map_or(f64::MAX, f64::from);
    float(part) / float(whole)
}

/// What each of a person's `chosen` offers earns: a need counts for the offer that closes most of it, the earlier one of
/// two that close as much.
pub(crate) fn earned<'a>(
    instance: &Instance,
    person: usize,
    chosen: impl Iterator<Item = &'a usize> + Clone,
) -> Vec<f64> {
    let mut values = vec![0.0; chosen.clone().count()];
    let needs = instance.people.get(person).map(|person| person.needs.as_slice()).unwrap_or_default();
    for need in needs {
        let mut best: Option<(usize, f64)> = None;
        for (place, offer) in chosen.clone().enumerate() {
            let covered = instance.offers.get(*offer).map_or(0.0, |offer| offer_cover(offer, need));
            if covered > best.map_or(0.0, |(_, best)| best) {
                best = Some((place, covered));
            }
        }
        if let Some((place, covered)) = best
            && let Some(value) = values.get_mut(place)
        {
            *value += need.value * covered;
        }
    }
    values
}

/// Whether `offer` may be offered to `person` at all: audience, prerequisites, and pairs that are forbidden.
pub(crate) fn eligible(instance: &Instance, person: usize, offer: usize) -> Result<(), Barred> {
    let (Some(who), Some(what)) = (instance.people.get(person), instance.offers.get(offer)) else {
        return Err(Barred::Audience);
    };
    if instance.forbidden.contains(&(person, offer)) {
        return Err(Barred::Forbidden);
    }
    if !invited(who, person, what) {
        return Err(Barred::Audience);
    }
    if ready(who, what) { Ok(()) } else { Err(Barred::Prerequisite) }
}

/// Whether an offer is for a person (who has this place among the people).
pub(crate) fn invited(who: &Person, place: usize, what: &Offer) -> bool {
    what.audience.as_ref().is_none_or(|audience| {
        audience.people.contains(&place)
            || who.unit.is_some_and(|unit| audience.units.contains(&unit))
            || who.groups.iter().any(|group| audience.groups.contains(group))
    })
}

/// Whether a person holds the levels an offer asks for.
pub(crate) fn ready(who: &Person, what: &Offer) -> bool {
    let holds =
        |(competency, level): &(usize, i64)| who.holds.get(competency).is_some_and(|held| held >= level);
    what.prerequisites.iter().all(holds)
}

/// Why a person may not take an offer, whatever the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Barred {
    Forbidden,
    Audience,
    Prerequisite,
}
