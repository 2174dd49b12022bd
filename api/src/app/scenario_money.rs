//! Money of a plan that only some may spend: lines of the budget for units alone, ceilings one inside another. Values in, values
//! out.
//!
//! The optimiser knows a budget for everything together, and one for the people of each unit. It is told the most that each unit
//! could spend: its own lines and all that is free, under its nearest ceiling. No plan of the agency is worth more than the best of
//! those, so its bound holds. Where that plan spends what one may not, it is looked for again with limits that follow from what it
//! spent, and what cannot be paid even then goes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use development::{AgencyPlanItem, BudgetLine};
use kernel::{BudgetLineId, EmployeeId, Rupiah, UnitId, Violation};
use optimiser::draft::{Draft, PairDraft};
use optimiser::{Conflict, NoPlan, Solution};
use serde::{Deserialize, Serialize};

/// Units, each with itself and those above it.
pub(crate) type Above = BTreeMap<UnitId, BTreeSet<UnitId>>;

/// The purse of whoever has none of their own.
pub(crate) const REST: &str = "rest";

/// A line, and what it still holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Held {
    line: BudgetLineId,
    unit: Option<UnitId>,
    left: i64,
}

/// What the lines of a budget still hold, those of units far down first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Purse(Vec<Held>);

impl Purse {
    /// What lines hold beside what these items cost. What an item does not say the line of is taken from those that its people
    /// may be paid from.
    pub(crate) fn new<'a>(
        lines: &[BudgetLine],
        items: impl Iterator<Item = &'a AgencyPlanItem> + Clone,
        serves: &BTreeMap<EmployeeId, UnitId>,
        above: &Above,
    ) -> Self {
        let mut drawn: BTreeMap<BudgetLineId, i64> = BTreeMap::new();
        for (line, amount) in items.clone().flat_map(AgencyPlanItem::drawn) {
            *drawn.entry(line).or_default() += amount.map_or(0, Rupiah::amount);
        }
        let held = |line: &BudgetLine| {
            let drawn = drawn.get(&line.id).copied().unwrap_or_default();
            Held { line: line.id, unit: line.unit, left: line.amount.amount().saturating_sub(drawn).max(0) }
        };
        let mut held: Vec<Held> = lines.iter().map(held).collect();
        let depth = |one: &Held| one.unit.map_or(0, |unit| above.get(&unit).map_or(1, BTreeSet::len));
        held.sort_by_key(|one| std::cmp::Reverse(depth(one)));
        let mut purse = Self(held);
        for item in items {
            let paid: i64 = item.drawn().iter().filter_map(|(_, amount)| *amount).map(Rupiah::amount).sum();
            let open = item.cost().map_or(0, Rupiah::amount).saturating_sub(paid);
            let units: BTreeSet<UnitId> =
                item.said.targets.iter().filter_map(|target| serves.get(&target.employee).copied()).collect();
            let (_, missing) = purse.pay(open.max(0), &units, above);
            if units.is_empty() {
                purse.take(missing, |_| true);
            }
        }
        purse
    }

    /// What all lines hold together.
    pub(crate) fn total(&self) -> i64 {
        self.0.iter().map(|one| one.left).sum()
    }

    /// Whether a line is for a unit alone.
    fn is_earmarked(&self) -> bool {
        self.0.iter().any(|one| one.unit.is_some())
    }

    fn free(&self) -> i64 {
        self.0.iter().filter(|one| one.unit.is_none()).map(|one| one.left).sum()
    }

    /// What the lines hold for the people of a unit alone.
    fn own(&self, unit: UnitId, above: &Above) -> i64 {
        let above = above.get(&unit);
        let meant = |one: &&Held| one.unit.is_some_and(|top| above.is_some_and(|all| all.contains(&top)));
        self.0.iter().filter(meant).map(|one| one.left).sum()
    }

    /// Pays so much for people of these units, from the lines nearest to them first: what came from where, and what is missing.
    pub(crate) fn pay(
        &mut self,
        cost: i64,
        units: &BTreeSet<UnitId>,
        above: &Above,
    ) -> (Vec<(BudgetLineId, i64)>, i64) {
        let within =
            |top: UnitId| units.iter().any(|unit| above.get(unit).is_some_and(|above| above.contains(&top)));
        self.take(cost, |one| one.unit.is_none_or(within))
    }

    fn take(&mut self, cost: i64, meant: impl Fn(&Held) -> bool) -> (Vec<(BudgetLineId, i64)>, i64) {
        let (mut open, mut paid) = (cost, Vec::new());
        for one in self.0.iter_mut().filter(|one| one.left > 0 && meant(one)) {
            let amount = open.min(one.left);
            if amount == 0 {
                break;
            }
            one.left -= amount;
            open -= amount;
            paid.push((one.line, amount));
        }
        (paid, open)
    }

    /// Whether one of these lines may pay for the people of a unit.
    pub(crate) fn pays<'a>(
        &self,
        mut lines: impl Iterator<Item = &'a BudgetLineId>,
        unit: UnitId,
        above: &Above,
    ) -> bool {
        let within = |top: UnitId| above.get(&unit).is_some_and(|above| above.contains(&top));
        lines.any(|line| {
            let mut own = self.0.iter().filter(|one| one.line == *line);
            own.any(|one| one.unit.is_none_or(within))
        })
    }

    /// The line nearest to the people of a unit, empty or not.
    pub(crate) fn nearest(&self, unit: UnitId, above: &Above) -> Option<BudgetLineId> {
        let within = |top: UnitId| above.get(&unit).is_some_and(|above| above.contains(&top));
        self.0.iter().find(|one| one.unit.is_none_or(within)).map(|one| one.line)
    }
}

/// Who may spend what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Means {
    /// The lines, where some are for units alone.
    purse: Option<Purse>,
    /// The most for the people of units and of those under them.
    ceilings: BTreeMap<UnitId, i64>,
    /// Units with people and units with a purse, each with those purses it is or lies under.
    above: Above,
}

impl Means {
    /// What lines and ceilings allow the people of these units.
    pub(crate) fn new(
        purse: Option<Purse>,
        ceilings: BTreeMap<UnitId, i64>,
        units: impl Iterator<Item = UnitId>,
        above: &Above,
    ) -> Self {
        let purse = purse.filter(Purse::is_earmarked);
        let lines = purse.iter().flat_map(|purse| purse.0.iter().filter_map(|one| one.unit));
        let marked: BTreeSet<UnitId> = ceilings.keys().copied().chain(lines).collect();
        let known = |unit: UnitId| {
            let all = above.get(&unit).into_iter().flatten().copied();
            (unit, all.filter(|one| marked.contains(one)).collect())
        };
        let above = units.chain(marked.iter().copied()).map(known).collect();
        Self { purse, ceilings, above }
    }

    /// The purse the people of a unit are paid from, as the optimiser knows it.
    pub(crate) fn purse_of(&self, unit: UnitId) -> Option<String> {
        let nearest = self.above.get(&unit).into_iter().flatten().max_by_key(|one| self.depth(**one));
        let rest = || self.purse.is_some().then(|| REST.to_owned());
        nearest.map(ToString::to_string).or_else(rest)
    }

    fn depth(&self, unit: UnitId) -> usize {
        self.above.get(&unit).map_or(0, BTreeSet::len)
    }

    /// The most each purse could spend, whatever others do.
    pub(crate) fn budgets(&self) -> BTreeMap<String, i64> {
        let free = self.purse.as_ref().map(Purse::free);
        let marked = self.above.iter().filter(|(unit, above)| above.contains(unit));
        let most = |(unit, above): (&UnitId, &BTreeSet<UnitId>)| {
            let ceiling = above.iter().filter_map(|one| self.ceilings.get(one)).copied().min();
            let lines = self.purse.as_ref().map(|purse| purse.own(*unit, &self.above) + purse.free());
            Some((unit.to_string(), ceiling.into_iter().chain(lines).min()?.max(0)))
        };
        marked.filter_map(most).chain(free.map(|free| (REST.to_owned(), free))).collect()
    }

    /// Whether the budgets of the purses say all there is to say.
    fn is_told(&self) -> bool {
        let nested = |unit: &UnitId| {
            self.above
                .get(unit)
                .into_iter()
                .flatten()
                .any(|one| one != unit && self.ceilings.contains_key(one))
        };
        let marked = self.above.iter().filter(|(unit, above)| above.contains(unit));
        // A ceiling with a purse below it limits that purse's people, too.
        self.purse.is_none() && !marked.map(|(unit, _)| unit).any(nested)
    }
}

/// What an instance says of who pays for whom.
struct Books<'a> {
    means: &'a Means,
    people: HashMap<&'a str, UnitId>,
    offers: HashMap<&'a str, Terms>,
}

/// What an offer costs, in rupiah, and the fewest people it is held for.
#[derive(Clone, Copy, Default)]
struct Terms {
    each: i64,
    whole: i64,
    least: i64,
}

/// What a plan costs.
#[derive(Default)]
struct Bill<'a> {
    heads: BTreeMap<UnitId, i64>,
    classes: BTreeMap<&'a str, BTreeSet<UnitId>>,
}

impl<'a> Books<'a> {
    fn new(means: &'a Means, draft: &'a Draft, units: impl Iterator<Item = UnitId>) -> Self {
        Self {
            means,
            people: draft.people.iter().map(|one| one.id.as_str()).zip(units).collect(),
            offers: draft
                .offers
                .iter()
                .map(|one| {
                    let (each, whole, least) = (one.price, one.fixed_price, one.min_seats);
                    (one.id.as_str(), Terms { each, whole, least })
                })
                .collect(),
        }
    }

    fn terms(&self, offer: &str) -> Terms {
        self.offers.get(offer).copied().unwrap_or_default()
    }

    fn bill<'b>(&self, plan: &'b Solution) -> Bill<'b> {
        let mut bill = Bill::default();
        for one in &plan.enrolments {
            let Some(unit) = self.people.get(one.person.as_str()) else { continue };
            *bill.heads.entry(*unit).or_default() += self.terms(&one.offer).each;
            bill.classes.entry(one.offer.as_str()).or_default().insert(*unit);
        }
        bill
    }

    /// What the people of a unit and of those under it cost per head.
    fn spent_within(&self, bill: &Bill<'_>, top: UnitId) -> i64 {
        let within = |unit: &UnitId| self.means.above.get(unit).is_some_and(|above| above.contains(&top));
        bill.heads.iter().filter(|(unit, _)| within(unit)).map(|(_, cost)| *cost).sum()
    }

    /// Limits under which a plan that spends alike can be paid; none where it can be as it is. What is not enough for all goes where it
    /// earns most.
    fn tighter(
        &self,
        plan: &Solution,
        (budgets, pinned): (&BTreeMap<String, i64>, &[PairDraft]),
    ) -> Result<Option<BTreeMap<String, i64>>, NoBest> {
        let bill = self.bill(plan);
        let over: BTreeSet<UnitId> = self
            .means
            .ceilings
            .iter()
            .filter(|(top, limit)| self.spent_within(&bill, **top) > **limit)
            .map(|(top, _)| *top)
            .collect();
        let open = self.means.purse.as_ref().is_some_and(|purse| self.unpaid(&bill, purse) > 0);
        if over.is_empty() && !open {
            return Ok(None);
        }
        let kept = self.paid(&plan.enrolments, pinned, &BTreeSet::new()).ok_or_else(unpayable)?;
        let mut spent: BTreeMap<String, i64> = BTreeMap::new();
        for pair in &kept.pairs {
            let unit = self.people.get(pair.person.as_str());
            if let Some(purse) = unit.and_then(|unit| self.means.purse_of(*unit)) {
                *spent.entry(purse).or_default() += self.terms(&pair.offer).each;
            }
        }
        let mut tighter = budgets.clone();
        let mut cap = |purse: &str, left: i64| {
            if let Some(limit) = tighter.get_mut(purse) {
                *limit = spent.get(purse).copied().unwrap_or_default().saturating_add(left).min(*limit);
            }
        };
        for (unit, above) in self.means.above.iter().filter(|(unit, above)| above.contains(unit)) {
            if !above.is_disjoint(&over) {
                cap(&unit.to_string(), 0);
            } else if let Some(purse) = kept.purse.as_ref().filter(|_| open) {
                // What its own lines still hold is for its people alone.
                cap(&unit.to_string(), purse.own(*unit, &self.means.above));
            }
        }
        if open {
            cap(REST, 0);
        }
        Ok(Some(tighter))
    }

    /// What the lines cannot pay of a plan.
    fn unpaid(&self, bill: &Bill<'_>, purse: &Purse) -> i64 {
        let mut left = purse.clone();
        let mut open = 0;
        for (unit, cost) in &bill.heads {
            open += left.pay(*cost, &BTreeSet::from([*unit]), &self.means.above).1;
        }
        for (offer, units) in &bill.classes {
            open += left.pay(self.terms(offer).whole, units, &self.means.above).1;
        }
        open
    }

    /// Enrolments of a plan that can be paid together and fill their classes, the pinned ones first; and what they cost. None where
    /// not even the pinned ones can be paid.
    fn payable(&self, plan: &Solution, pinned: &[PairDraft]) -> Option<(Vec<PairDraft>, i64)> {
        let mut wanted = plan.enrolments.clone();
        let mut first: BTreeSet<&str> = BTreeSet::new();
        loop {
            let paid = self.paid(&wanted, pinned, &first)?;
            let mut heads: BTreeMap<&str, i64> = BTreeMap::new();
            for pair in &paid.pairs {
                *heads.entry(pair.offer.as_str()).or_default() += 1;
            }
            let short = |offer: &str| heads.get(offer).is_some_and(|heads| *heads < self.terms(offer).least);
            if !heads.keys().any(|offer| short(offer)) {
                return Some((paid.pairs, paid.cost));
            }
            // A class somebody is pinned in gets its people before others do; no other one is held for too few.
            let kept: BTreeSet<&str> =
                pinned.iter().map(|pair| pair.offer.as_str()).filter(|offer| short(offer)).collect();
            if kept.iter().any(|offer| first.contains(offer)) {
                return None;
            }
            wanted.retain(|one| !short(&one.offer) || kept.contains(one.offer.as_str()));
            first.extend(kept);
        }
    }

    /// Enrolments that can be paid together: the pinned ones, then those in the classes of `first`, then by what they earn for
    /// their price. None where not even the pinned ones can be paid.
    fn paid(
        &self,
        all: &[optimiser::Enrolment],
        pinned: &[PairDraft],
        first: &BTreeSet<&str>,
    ) -> Option<Paid> {
        let pins: BTreeSet<(&str, &str)> =
            pinned.iter().map(|pair| (pair.person.as_str(), pair.offer.as_str())).collect();
        let (fixed, mut others): (Vec<_>, Vec<_>) =
            all.iter().partition(|one| pins.contains(&(one.person.as_str(), one.offer.as_str())));
        let worth = |one: &optimiser::Enrolment| {
            let price = u32::try_from(self.terms(&one.offer).each / 1_000).unwrap_or(u32::MAX);
            one.value / f64::from(price.max(1))
        };
        let early = |one: &optimiser::Enrolment| first.contains(one.offer.as_str());
        others.sort_by(|one, other| {
            early(other).cmp(&early(one)).then_with(|| worth(other).total_cmp(&worth(one)))
        });
        let mut paid = Paid {
            pairs: Vec::new(),
            cost: 0,
            purse: self.means.purse.clone(),
            ceilings: self.means.ceilings.clone(),
        };
        let mut classes: BTreeMap<&str, BTreeSet<UnitId>> = BTreeMap::new();
        for one in fixed {
            let Some(unit) = self.people.get(one.person.as_str()) else { continue };
            if !paid.add(self.means, one, (*unit, self.terms(&one.offer).each), 0) {
                return None;
            }
            classes.entry(&one.offer).or_default().insert(*unit);
        }
        // What a class costs may come from the lines of any of its people.
        for (offer, units) in &classes {
            if !paid.pay(self.means, self.terms(offer).whole, units) {
                return None;
            }
        }
        let mut open: BTreeSet<&str> = classes.into_keys().collect();
        for one in others {
            let Some(unit) = self.people.get(one.person.as_str()) else { continue };
            let terms = self.terms(&one.offer);
            let whole = if open.contains(one.offer.as_str()) { 0 } else { terms.whole };
            if paid.add(self.means, one, (*unit, terms.each), whole) {
                open.insert(&one.offer);
            }
        }
        Some(paid)
    }
}

/// Enrolments that can be paid together, and what is left.
struct Paid {
    pairs: Vec<PairDraft>,
    cost: i64,
    purse: Option<Purse>,
    ceilings: BTreeMap<UnitId, i64>,
}

impl Paid {
    /// Pays so much for people of these units. Whether there was enough: if not, nothing was.
    fn pay(&mut self, means: &Means, cost: i64, units: &BTreeSet<UnitId>) -> bool {
        let mut after = self.purse.clone();
        let enough = after.as_mut().is_none_or(|purse| purse.pay(cost, units, &means.above).1 == 0);
        if enough {
            self.purse = after;
            self.cost += cost;
        }
        enough
    }

    /// Adds an enrolment of somebody of a unit at so much a head, and what its class costs with it. Whether it is paid for.
    fn add(
        &mut self,
        means: &Means,
        one: &optimiser::Enrolment,
        (unit, each): (UnitId, i64),
        whole: i64,
    ) -> bool {
        let above = means.above.get(&unit);
        let within = |top: &UnitId| above.is_some_and(|above| above.contains(top));
        let fits = self.ceilings.iter().all(|(top, left)| !within(top) || each <= *left);
        if !fits || !self.pay(means, each + whole, &BTreeSet::from([unit])) {
            return false;
        }
        self.ceilings.iter_mut().filter(|(top, _)| within(top)).for_each(|(_, left)| *left -= each);
        self.pairs.push(PairDraft { person: one.person.clone(), offer: one.offer.clone() });
        true
    }
}

/// Why there is no best plan.
#[derive(Debug)]
pub(crate) enum NoBest {
    /// The instance does not stand.
    Refused(Vec<Violation>),
    /// There is no plan.
    NoPlan(NoPlan),
}

/// How often a plan that cannot be paid is looked for again.
const ROUNDS: usize = 3;

/// The part of the time for the plan whose bound counts, where others may follow, and for each of those.
const FIRST: f64 = 0.6;
const FURTHER: f64 = 0.1;

/// The best plan that is found for an instance and means that say more than it does, with a bound no plan exceeds. `units` are
/// those its people serve in; `solve` is given an instance and the part of the time it may take.
///
/// # Errors
/// The solver's; where not even the required enrolments can be paid.
pub(crate) fn best(
    (draft, means): (&Draft, &Means),
    units: impl Iterator<Item = UnitId>,
    mut solve: impl FnMut(Draft, f64) -> Result<Solution, NoBest>,
) -> Result<Solution, NoBest> {
    if means.is_told() {
        return solve(draft.clone(), 1.0);
    }
    let books = Books::new(means, draft, units);
    let first = solve(draft.clone(), FIRST)?;
    let (mut plan, mut limits) = (first.clone(), draft.unit_budgets.clone());
    let mut tighter = books.tighter(&plan, (&limits, &draft.required))?;
    for _ in 0..ROUNDS {
        let Some(next) = tighter.take() else { return bounded(plan, &first, draft, solve) };
        limits = next;
        match solve(Draft { unit_budgets: limits.clone(), ..draft.clone() }, FURTHER) {
            Ok(found) => plan = found,
            // What is pinned may cost more than the share of its unit, and still be paid.
            Err(NoBest::NoPlan(_)) => break,
            Err(refused) => return Err(refused),
        }
        tighter = books.tighter(&plan, (&limits, &draft.required))?;
        if tighter.is_none() {
            return bounded(plan, &first, draft, solve);
        }
    }
    let (required, cost) = books.payable(&plan, &draft.required).ok_or_else(unpayable)?;
    let whole = Draft { required, budget: Some(cost), ..draft.clone() };
    bounded(solve(whole, FURTHER)?, &first, draft, solve)
}

fn unpayable() -> NoBest {
    let detail = "the required enrolments cost more than the lines and ceilings of their units".to_owned();
    NoBest::NoPlan(NoPlan::Conflicts(vec![Conflict { person: None, offer: None, detail }]))
}

/// A plan under the bound of one that had fewer limits.
fn bounded(
    plan: Solution,
    first: &Solution,
    draft: &Draft,
    mut solve: impl FnMut(Draft, f64) -> Result<Solution, NoBest>,
) -> Result<Solution, NoBest> {
    // Who serves fewer people of a floor could earn more than that bound.
    let bound = if plan.is_as_fair_as(first) {
        first.upper_bound
    } else {
        solve(Draft { equity_floors: Vec::new(), ..draft.clone() }, FURTHER)?.upper_bound
    };
    let upper_bound = if bound <= plan.objective * (1.0 + 1e-9) { plan.objective } else { bound };
    let missing = upper_bound - plan.objective;
    let gap_percent = if upper_bound > 0.0 { missing / upper_bound * 100.0 } else { 0.0 };
    Ok(Solution { upper_bound, gap_percent, shadow_price: first.shadow_price, ..plan })
}

#[cfg(test)]
mod tests {
    use super::*;
    use development::FundSource;
    use optimiser::draft::{AudienceDraft, NeedDraft, OfferDraft, PersonDraft, StepDraft};
    use optimiser::{Budget, Instance, Options};

    /// An agency with an office, a post under it, and another office.
    struct Agency {
        above: Above,
        office: UnitId,
        post: UnitId,
        other: UnitId,
    }

    fn agency() -> Agency {
        let (top, office, post, other) = (UnitId::new(), UnitId::new(), UnitId::new(), UnitId::new());
        let above = BTreeMap::from([
            (top, BTreeSet::from([top])),
            (office, BTreeSet::from([top, office])),
            (post, BTreeSet::from([top, office, post])),
            (other, BTreeSet::from([top, other])),
        ]);
        Agency { above, office, post, other }
    }

    fn line(unit: Option<UnitId>, amount: i64) -> BudgetLine {
        BudgetLine {
            id: BudgetLineId::new(),
            code: kernel::Code::parse("5.1").unwrap(),
            name: kernel::Name::parse("Belanja").unwrap(),
            source: FundSource::Apbd,
            unit,
            amount: Rupiah::new(amount).unwrap(),
        }
    }

    fn purse(lines: &[BudgetLine], above: &Above) -> Purse {
        Purse::new(lines, [].iter(), &BTreeMap::new(), above)
    }

    /// People of units, each with a need of so much, and an offer for each unit at so much a head and for the class.
    fn draft(
        people: &[(usize, f64)],
        offers: &[(i64, i64)],
        budget: i64,
        units: &[UnitId],
        means: &Means,
    ) -> Draft {
        let need = |of: usize, value: f64| NeedDraft { competency: of.to_string(), from: 1, to: 2, value };
        let person = |(place, (of, value)): (usize, &(usize, f64))| PersonDraft {
            id: place.to_string(),
            unit: means.purse_of(units[*of]),
            needs: vec![need(*of, *value)],
            ..PersonDraft::default()
        };
        let people: Vec<PersonDraft> = people.iter().enumerate().map(person).collect();
        let used: BTreeSet<&str> = people.iter().filter_map(|one| one.unit.as_deref()).collect();
        let budgets = means.budgets().into_iter().filter(|(name, _)| used.contains(name.as_str()));
        let offer = |(of, (price, fixed_price)): (usize, &(i64, i64))| OfferDraft {
            id: format!("offer {of}"),
            price: *price,
            fixed_price: *fixed_price,
            teaches: vec![StepDraft { competency: of.to_string(), from: 1, to: 2 }],
            ..OfferDraft::default()
        };
        Draft {
            budget: Some(budget),
            unit_budgets: budgets.collect(),
            offers: offers.iter().enumerate().map(offer).collect(),
            people,
            ..Draft::default()
        }
    }

    fn best_of(draft: &Draft, means: &Means, serving: &[UnitId]) -> Result<Solution, NoBest> {
        best((draft, means), serving.iter().copied(), |draft, _| {
            let instance = Instance::new(draft).map_err(NoBest::Refused)?;
            optimiser::solve(&instance, Options::default(), &Budget::unlimited()).map_err(NoBest::NoPlan)
        })
    }

    #[test]
    fn the_nearest_line_pays_first_and_no_line_pays_for_others() {
        let Agency { above, office, post, other } = agency();
        let lines = [line(None, 10), line(Some(office), 5), line(Some(post), 3), line(Some(other), 4)];
        let mut all = purse(&lines, &above);
        assert_eq!(all.total(), 22);
        let (paid, open) = all.pay(9, &BTreeSet::from([post]), &above);
        assert_eq!(paid, [(lines[2].id, 3), (lines[1].id, 5), (lines[0].id, 1)]);
        assert_eq!(open, 0);
        let (paid, open) = all.pay(15, &BTreeSet::from([office]), &above);
        assert_eq!((paid, open), (vec![(lines[0].id, 9)], 6));
        // A class for several units is paid from the lines of any of them.
        let (paid, open) = all.pay(4, &BTreeSet::from([office, other]), &above);
        assert_eq!((paid, open), (vec![(lines[3].id, 4)], 0));
    }

    #[test]
    fn what_is_free_goes_where_it_earns_most_and_the_bound_says_so() {
        let Agency { above, office, other, .. } = agency();
        // The office is worth most, and nothing is offered to it: its worth keeps no free money from others.
        let lines = [line(None, 5), line(Some(office), 5)];
        let units = [office, other];
        let serving: Vec<UnitId> = [office, other, other, other, other, other].to_vec();
        let means = Means::new(Some(purse(&lines, &above)), BTreeMap::new(), units.into_iter(), &above);
        let people = [(0, 90.0), (1, 1.0), (1, 1.0), (1, 1.0), (1, 1.0), (1, 1.0)];
        let mut draft = draft(&people, &[(100, 0), (1, 0)], 10, &units, &means);
        draft.offers.remove(0);
        let found = best_of(&draft, &means, &serving).unwrap();
        assert_eq!((found.objective, found.upper_bound, found.cost), (5.0, 5.0, 5));
    }

    #[test]
    fn units_that_compete_for_what_is_free_leave_each_its_own_and_no_plan_is_beyond_the_bound() {
        let Agency { above, office, post: _, other } = agency();
        let third = UnitId::new();
        let above: Above = above.into_iter().chain([(third, BTreeSet::from([third]))]).collect();
        // Two would take all that is free and leave the first nothing of its own.
        let lines = [line(None, 4), line(Some(office), 4), line(Some(other), 4)];
        let units = [office, other, third];
        let mut people = vec![(0, 1.0); 6];
        people.extend([(1, 3.0); 8]);
        people.extend([(2, 2.0); 8]);
        let serving: Vec<UnitId> = people.iter().map(|(of, _)| units[*of]).collect();
        let means = Means::new(Some(purse(&lines, &above)), BTreeMap::new(), units.into_iter(), &above);
        let draft = draft(&people, &[(1, 0), (1, 0), (1, 0)], 12, &units, &means);
        let found = best_of(&draft, &means, &serving).unwrap();
        let books = Books::new(&means, &draft, serving.iter().copied());
        assert_eq!(books.unpaid(&books.bill(&found), means.purse.as_ref().unwrap()), 0);
        // Its own line pays for four of the first whatever the others take.
        // All that is free is best spent on the other: 4 + 3 * 8.
        assert!(found.upper_bound >= 28.0 && found.objective == 28.0, "{found:?}");
    }

    #[test]
    fn a_ceiling_holds_for_those_under_it_and_none_is_set_aside_for_nothing() {
        let Agency { above, office, post, .. } = agency();
        let ceilings = BTreeMap::from([(office, 6), (post, 4)]);
        let units = [office, post];
        let means = Means::new(None, ceilings, units.into_iter(), &above);
        let limits = BTreeMap::from([(office.to_string(), 6), (post.to_string(), 4)]);
        assert_eq!(means.budgets(), limits);
        // Nothing for the post: the office may spend all of its ceiling.
        let serving = vec![office; 8];
        let found = best_of(&draft(&[(0, 1.0); 8], &[(1, 0), (9, 0)], 99, &units, &means), &means, &serving);
        assert_eq!(found.unwrap().cost, 6);
        // Both want more than there is.
        let people: Vec<_> = [(0, 1.0); 8].into_iter().chain([(1, 2.0); 8]).collect();
        let serving: Vec<UnitId> = people.iter().map(|(of, _)| units[*of]).collect();
        let found =
            best_of(&draft(&people, &[(1, 0), (1, 0)], 99, &units, &means), &means, &serving).unwrap();
        assert!(found.cost <= 6 && found.cost >= 5, "{found:?}");
        // Four of the post and two of the office would be best.
        assert!(found.upper_bound >= 10.0 && found.objective == 10.0, "{found:?}");
    }

    #[test]
    fn a_class_whose_price_its_unit_cannot_pay_keeps_no_money_from_others() {
        let Agency { above, office, other, .. } = agency();
        let lines = [line(Some(office), 5), line(Some(other), 5)];
        let units = [office, other];
        let people: Vec<_> = [(0, 1.0); 5].into_iter().chain([(1, 1.0); 5]).collect();
        let serving: Vec<UnitId> = people.iter().map(|(of, _)| units[*of]).collect();
        let means = Means::new(Some(purse(&lines, &above)), BTreeMap::new(), units.into_iter(), &above);
        // The class of the office costs two beside its people: three of them can be paid, and all of the others.
        let mut draft = draft(&people, &[(1, 2), (1, 0)], 10, &units, &means);
        let found = best_of(&draft, &means, &serving).unwrap();
        assert_eq!((found.objective, found.cost), (8.0, 10), "{found:?}");
        assert!(found.upper_bound >= 8.0);
        // Held for all five of them alone it is not held at all.
        draft.offers[0].min_seats = 5;
        let people = (0..5_usize).map(|person| person.to_string()).collect();
        draft.offers[0].audience = Some(AudienceDraft { people, ..AudienceDraft::default() });
        let found = best_of(&draft, &means, &serving).unwrap();
        assert_eq!((found.objective, found.cost), (5.0, 5), "{found:?}");
    }

    #[test]
    fn what_is_kept_of_a_plan_fills_its_classes_and_a_pinned_class_gets_its_people_first() {
        let Agency { above, office, other, .. } = agency();
        let lines = [line(None, 2), line(Some(office), 2)];
        let units = [office, other];
        let people = [(0, 9.0), (0, 9.0), (1, 1.0), (1, 1.0)];
        let serving: Vec<UnitId> = people.iter().map(|(of, _)| units[*of]).collect();
        let means = Means::new(Some(purse(&lines, &above)), BTreeMap::new(), units.into_iter(), &above);
        let mut draft = draft(&people, &[(1, 2), (1, 0)], 4, &units, &means);
        draft.offers[0].min_seats = 2;
        draft.offers[1].min_seats = 2;
        let enrolment = |person: usize, of: usize| optimiser::Enrolment {
            person: person.to_string(),
            offer: format!("offer {of}"),
            value: people[person].1,
        };
        let plan = Solution {
            enrolments: vec![enrolment(0, 0), enrolment(1, 0), enrolment(2, 1), enrolment(3, 1)],
            ..Solution::default()
        };
        let books = Books::new(&means, &draft, serving.iter().copied());
        let pair =
            |person: usize, of: usize| PairDraft { person: person.to_string(), offer: format!("offer {of}") };
        // All of the money goes to the office, whose people earn most.
        assert_eq!(books.payable(&plan, &[]), Some((vec![pair(0, 0), pair(1, 0)], 4)));
        // Who is pinned in the other class needs company: then the first class cannot be paid.
        let pinned = [pair(2, 1)];
        assert_eq!(books.payable(&plan, &pinned), Some((vec![pair(2, 1), pair(3, 1)], 2)));
    }

    #[test]
    fn what_no_share_can_pay_goes_and_pins_stay_or_there_is_no_plan() {
        let Agency { above, office, other, .. } = agency();
        let lines = [line(None, 3), line(Some(office), 2)];
        let units = [office, other];
        let serving = [office, other, other];
        let means = Means::new(Some(purse(&lines, &above)), BTreeMap::new(), units.into_iter(), &above);
        let people = [(0, 1.0), (1, 5.0), (1, 5.0)];
        let mut draft = draft(&people, &[(1, 0), (2, 0)], 5, &units, &means);
        draft.required = vec![PairDraft { person: "1".into(), offer: "offer 1".into() }];
        let found = best_of(&draft, &means, &serving).unwrap();
        assert_eq!((found.objective, found.cost), (6.0, 3));
        draft.required.push(PairDraft { person: "2".into(), offer: "offer 1".into() });
        assert!(matches!(best_of(&draft, &means, &serving), Err(NoBest::NoPlan(_))));
    }
}
