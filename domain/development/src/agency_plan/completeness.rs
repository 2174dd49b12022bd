//! Whether an agency's plan holds what the law asks of it (PP 11/2017 article 207), and its budget suffices: exactly what is
//! missing, where and why.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate};
use kernel::{
    AgencyPlanItemId, BudgetLineId, ClassId, Code, EmployeeId, Rupiah, UnitId, Violation, ViolationCode,
    wire_enum,
};

use super::item::{AgencyPlanItem, BudgetLine, UnitCeiling, sum};

wire_enum! {
    /// What every item must say (PP 11/2017 article 207).
    pub enum PlanContent {
        /// Type of competency to be developed (jenis kompetensi).
        CompetencyType = "COMPETENCY_TYPE",
        /// Whom it is for (target pegawai).
        TargetPersons = "TARGET_PERSONS",
        /// Form and path (bentuk dan jalur).
        FormAndPath = "FORM_AND_PATH",
        /// Who provides it (penyelenggara).
        Provider = "PROVIDER",
        /// When (jadwal).
        Schedule = "SCHEDULE",
        /// Conformity with the curriculum of the competent agency (kesesuaian dengan standar kurikulum instansi pembina).
        Curriculum = "CURRICULUM",
        /// What it costs, and from where that comes (anggaran).
        Budget = "BUDGET",
    }
}

wire_enum! {
    /// What is wrong with a content.
    pub enum LackReason {
        /// Neither the programme nor a place names a competency.
        NoCompetency = "NO_COMPETENCY",
        /// A place is for a step the programme does not teach.
        NotTaught = "NOT_TAUGHT",
        /// It is for nobody.
        Nobody = "NOBODY",
        /// Somebody it is for serves nowhere.
        Left = "LEFT",
        /// Somebody it is for serves outside the plan's unit.
        OutsideScope = "OUTSIDE_SCOPE",
        /// The plan is for more people than the class has seats.
        BeyondSeats = "BEYOND_SEATS",
        /// No form is named.
        NoForm = "NO_FORM",
        /// The agency's policy knows no such form.
        UnknownForm = "UNKNOWN_FORM",
        /// Nobody provides it.
        NoProvider = "NO_PROVIDER",
        /// The programme is not offered, and no class of it is named that is held all the same.
        NotOffered = "NOT_OFFERED",
        /// No days are named.
        NoDays = "NO_DAYS",
        /// It does not begin in the plan's year.
        OutsideYear = "OUTSIDE_YEAR",
        /// The class was called off.
        ClassCancelled = "CLASS_CANCELLED",
        /// Nothing says whose curriculum it follows.
        NoCurriculum = "NO_CURRICULUM",
        /// No price is known.
        NoPrice = "NO_PRICE",
        /// It costs something and names no line of the budget.
        NoLine = "NO_LINE",
        /// What it takes from lines is not what it costs.
        AmountDiffers = "AMOUNT_DIFFERS",
        /// Lines of other units alone would pay for somebody.
        OtherUnitsLine = "OTHER_UNITS_LINE",
    }
}

/// Something missing of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// The item.
    pub item: AgencyPlanItemId,
    /// Which content.
    pub content: PlanContent,
    /// What is wrong with it.
    pub reason: LackReason,
    /// Whom it is about, where it is about somebody.
    pub people: Vec<EmployeeId>,
}

/// More than there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overdrawn<T> {
    /// Of what.
    pub of: T,
    /// What there is.
    pub amount: Rupiah,
    /// What is taken; none beyond counting.
    pub drawn: Option<Rupiah>,
}

/// What stands between a plan and its submission.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completeness {
    /// Whether nothing is planned.
    pub empty: bool,
    /// What items lack, in the order of items and contents.
    pub lacks: Vec<Lack>,
    /// Lines of which more is taken than there is.
    pub lines: Vec<Overdrawn<BudgetLineId>>,
    /// Units for whose people more is spent than may be.
    pub units: Vec<Overdrawn<UnitId>>,
}

impl Completeness {
    /// Whether the plan may be submitted, and set.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        !self.empty && self.lacks.is_empty() && self.lines.is_empty() && self.units.is_empty()
    }

    /// The same as places that are refused.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let items = self.lacks.iter().map(|lack| {
            let Lack { item, content, reason, people: _ } = lack;
            let at = format!("/items/{item}/{}", content.as_str().to_lowercase());
            Violation::new(at, ViolationCode::Required).with("reason", reason)
        });
        let over = |at: String, amount: Rupiah| {
            Violation::new(at, ViolationCode::OutOfRange).with("min", 0).with("max", amount)
        };
        let lines = self.lines.iter().map(|one| over(format!("/budget_lines/{}", one.of), one.amount));
        let units = self.units.iter().map(|one| over(format!("/ceilings/{}", one.of), one.amount));
        let empty = self.empty.then(|| Violation::new("/items", ViolationCode::TooFew).with("min", 1));
        let mut all: Vec<_> = empty.into_iter().chain(items).chain(lines).chain(units).collect();
        all.sort();
        all
    }
}

/// What a plan is held against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanGround {
    /// The plan's year.
    pub year: i32,
    /// The unit it is for, with those under it; the whole agency without.
    pub scope: Option<UnitId>,
    /// Forms the agency's policy knows.
    pub forms: BTreeSet<Code>,
    /// The unit each of the people serves in; who serves nowhere is left out.
    pub serves: BTreeMap<EmployeeId, UnitId>,
    /// Each unit with itself and those above it.
    pub above: BTreeMap<UnitId, BTreeSet<UnitId>>,
}

impl PlanGround {
    /// Whether somebody serves in a unit or in one under it.
    fn within(&self, employee: EmployeeId, unit: UnitId) -> bool {
        let serves = self.serves.get(&employee);
        serves.and_then(|serves| self.above.get(serves)).is_some_and(|above| above.contains(&unit))
    }
}

/// What is missing of a plan.
#[must_use]
pub fn completeness(
    items: &[AgencyPlanItem],
    lines: &[BudgetLine],
    ceilings: &[UnitCeiling],
    ground: &PlanGround,
) -> Completeness {
    // A class may take several items.
    let mut places: BTreeMap<ClassId, u32> = BTreeMap::new();
    for (class, item) in items.iter().filter_map(|item| Some((item.said.class?, item))) {
        let all = places.entry(class).or_default();
        *all = all.saturating_add(item.places());
    }
    let of_class = |item: &AgencyPlanItem| {
        item.said.class.and_then(|class| places.get(&class).copied()).unwrap_or(item.places())
    };
    let lacks = items.iter().flat_map(|item| lacks(item, of_class(item), lines, ground)).collect();
    let mut drawn: BTreeMap<BudgetLineId, Vec<Rupiah>> = BTreeMap::new();
    for (line, amount) in items.iter().flat_map(AgencyPlanItem::drawn) {
        drawn.entry(line).or_default().extend(amount);
    }
    let of_line = |line: &BudgetLine| {
        let all = sum(drawn.remove(&line.id).unwrap_or_default());
        let over = all.is_none_or(|all| all > line.amount);
        over.then_some(Overdrawn { of: line.id, amount: line.amount, drawn: all })
    };
    let lines = lines.iter().filter_map(of_line).collect();
    let of_unit = |ceiling: &UnitCeiling| {
        let spent = |item: &AgencyPlanItem| {
            let theirs = item.said.targets.iter().filter(|one| ground.within(one.employee, ceiling.unit));
            let people = u32::try_from(theirs.count()).unwrap_or(u32::MAX);
            item.price().per_participant.map_or(Some(Rupiah::ZERO), |each| each.times(people))
        };
        let all = items.iter().map(spent).try_fold(Rupiah::ZERO, |all, one| all.plus(one?));
        let over = all.is_none_or(|all| all > ceiling.amount);
        over.then_some(Overdrawn { of: ceiling.unit, amount: ceiling.amount, drawn: all })
    };
    let units = ceilings.iter().filter_map(of_unit).collect();
    Completeness { empty: items.is_empty(), lacks, lines, units }
}

/// What an item lacks, content by content, where the plan has so many `places` in its class.
fn lacks(item: &AgencyPlanItem, places: u32, lines: &[BudgetLine], ground: &PlanGround) -> Vec<Lack> {
    use LackReason as R;
    use PlanContent as C;
    let mut found = Vec::new();
    let mut lack = |content, reason, people: Vec<EmployeeId>| {
        found.push(Lack { item: item.id, content, reason, people });
    };
    let people_who = |holds: &dyn Fn(EmployeeId) -> bool| -> Vec<EmployeeId> {
        item.said.targets.iter().map(|target| target.employee).filter(|one| holds(*one)).collect()
    };

    let steps = &item.offer.steps;
    let nameless =
        item.said.targets.iter().any(|target| target.steps.is_empty()) || item.said.targets.is_empty();
    if steps.is_empty() && nameless {
        let whom = item.said.targets.iter().filter(|target| target.steps.is_empty());
        lack(C::CompetencyType, R::NoCompetency, whom.map(|target| target.employee).collect());
    }
    if !steps.is_empty() {
        let taught = |target: &&super::item::PlanTarget| {
            let known = |step: &crate::plan::PlanStepTaken| {
                steps.iter().any(|one| one.competency == step.competency && one.to >= step.to)
            };
            !target.steps.iter().all(known)
        };
        let whom: Vec<_> = item.said.targets.iter().filter(taught).map(|target| target.employee).collect();
        if !whom.is_empty() {
            lack(C::CompetencyType, R::NotTaught, whom);
        }
    }

    if item.said.targets.is_empty() {
        lack(C::TargetPersons, R::Nobody, vec![]);
    }
    let left = people_who(&|one| !ground.serves.contains_key(&one));
    if !left.is_empty() {
        lack(C::TargetPersons, R::Left, left);
    }
    if let Some(scope) = ground.scope {
        let out = people_who(&|one| ground.serves.contains_key(&one) && !ground.within(one, scope));
        if !out.is_empty() {
            lack(C::TargetPersons, R::OutsideScope, out);
        }
    }
    if item.offer.seats.is_some_and(|seats| places > seats) {
        lack(C::TargetPersons, R::BeyondSeats, vec![]);
    }

    match item.form() {
        None => lack(C::FormAndPath, R::NoForm, vec![]),
        Some(form) if !ground.forms.contains(form) => lack(C::FormAndPath, R::UnknownForm, vec![]),
        Some(_) => {}
    }
    if item.provider().is_none() {
        lack(C::Provider, R::NoProvider, vec![]);
    }
    if item.offer.withdrawn && item.said.class.is_none() {
        lack(C::Provider, R::NotOffered, vec![]);
    }
    let in_year = |day: NaiveDate| day.year() == ground.year;
    match item.days() {
        _ if item.offer.cancelled => lack(C::Schedule, R::ClassCancelled, vec![]),
        None => lack(C::Schedule, R::NoDays, vec![]),
        Some((first, _)) if !in_year(first) => lack(C::Schedule, R::OutsideYear, vec![]),
        Some(_) => {}
    }
    if item.curriculum_owner().is_none() && item.said.curriculum.is_none() {
        lack(C::Curriculum, R::NoCurriculum, vec![]);
    }

    let drawn = item.drawn();
    match item.cost() {
        None => lack(C::Budget, R::NoPrice, vec![]),
        Some(cost) if cost > Rupiah::ZERO && drawn.is_empty() => lack(C::Budget, R::NoLine, vec![]),
        Some(cost)
            if !drawn.is_empty() && sum(drawn.iter().filter_map(|(_, amount)| *amount)) != Some(cost) =>
        {
            lack(C::Budget, R::AmountDiffers, vec![]);
        }
        Some(_) => {}
    }
    let of: Vec<_> = drawn.iter().filter_map(|(id, _)| lines.iter().find(|line| line.id == *id)).collect();
    if !of.is_empty() {
        let paid = |one| of.iter().any(|line| line.unit.is_none_or(|unit| ground.within(one, unit)));
        let others = people_who(&|one| ground.serves.contains_key(&one) && !paid(one));
        if !others.is_empty() {
            lack(C::Budget, R::OtherUnitsLine, others);
        }
    }
    found
}
