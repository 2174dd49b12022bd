//! What an agency's plan consists of: lines of budget, and items with the people they are for.

use chrono::NaiveDate;
use kernel::{
    AgencyId, AgencyPlanId, AgencyPlanItemId, BudgetLineId, ClassId, Code, CompetencyId, EmployeeId,
    Hundredths, Level, LongText, Name, PartnerId, ProgrammeId, Rupiah, UnitId, Violation, ViolationCode,
    Violations, wire_enum,
};
use serde::Deserialize;
use uuid::Uuid;

use super::AgencyPlan;
use crate::jp_ledger::MOST_JP;
use crate::plan::PlanStepTaken;
use crate::programme::Price;

wire_enum! {
    /// Where the money of a line comes from (sumber dana).
    pub enum FundSource {
        /// The state budget.
        Apbn = "APBN",
        /// The regional budget.
        Apbd = "APBD",
        /// Non-tax revenue of the state (penerimaan negara bukan pajak).
        Pnbp = "PNBP",
        /// A public service body's own revenue (badan layanan umum daerah).
        Blud = "BLUD",
        /// A grant.
        Grant = "HIBAH",
        /// Something else.
        Other = "LAINNYA",
    }
}

/// A line of the budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetLine {
    /// The identifier, the same in every version of the plan.
    pub id: BudgetLineId,
    /// Its code in the work plan and budget (RKA, kode rekening).
    pub code: Code,
    /// What it is for.
    pub name: Name,
    /// Where the money comes from.
    pub source: FundSource,
    /// For the people of this unit and of those under it; for the whole plan without.
    pub unit: Option<UnitId>,
    /// How much there is.
    pub amount: Rupiah,
}

/// The most that is spent, per head, on the people of a unit and of those under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitCeiling {
    /// The unit.
    pub unit: UnitId,
    /// The most.
    pub amount: Rupiah,
}

/// What an item takes from a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fund {
    /// The line.
    pub line: BudgetLineId,
    /// How much; what the other lines leave of the cost without.
    pub amount: Option<Rupiah>,
}

/// Somebody an item is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanTarget {
    /// Who.
    pub employee: EmployeeId,
    /// What their place is for; what the programme teaches without.
    pub steps: Vec<PlanStepTaken>,
}

/// Where an item came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgencyPlanOrigin {
    /// Somebody entered it.
    Manual,
    /// A scenario chose it.
    Scenario(Uuid),
    /// It was not realised the year before.
    CarriedOver {
        /// The plan it was in.
        plan: AgencyPlanId,
        /// The item.
        item: AgencyPlanItemId,
    },
}

wire_enum! {
    /// The same in a word.
    pub enum AgencyPlanOriginKind {
        /// Somebody entered it.
        Manual = "MANUAL",
        /// A scenario chose it.
        Scenario = "SCENARIO",
        /// It was not realised the year before.
        CarriedOver = "CARRIED_OVER",
    }
}

impl AgencyPlanOrigin {
    /// The same in a word.
    #[must_use]
    pub const fn kind(self) -> AgencyPlanOriginKind {
        match self {
            Self::Manual => AgencyPlanOriginKind::Manual,
            Self::Scenario(_) => AgencyPlanOriginKind::Scenario,
            Self::CarriedOver { .. } => AgencyPlanOriginKind::CarriedOver,
        }
    }
}

/// What an item says by itself. What it leaves out, the programme and the class say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyPlanItemDraft {
    /// The programme of the catalogue; none for something else, or not chosen yet.
    pub programme: Option<ProgrammeId>,
    /// The class of that programme.
    pub class: Option<ClassId>,
    /// What is to be done.
    pub title: Option<Name>,
    /// Code of the form, which has its path (bentuk dan jalur).
    pub form: Option<Code>,
    /// Who provides it (penyelenggara).
    pub provider: Option<PartnerId>,
    /// First and last day (jadwal).
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// The competent agency whose curriculum it follows (instansi pembina).
    pub curriculum_owner: Option<PartnerId>,
    /// In which way it conforms with that curriculum, in words.
    pub curriculum: Option<LongText>,
    /// Learning hours for each person.
    pub jp: Option<Hundredths>,
    /// What it costs.
    pub price: Price,
    /// From which lines it is paid.
    pub funds: Vec<Fund>,
    /// Whom it is for.
    pub targets: Vec<PlanTarget>,
    /// More on it.
    pub note: Option<LongText>,
}

/// What the programme and the class of an item say: as they said it when the plan was submitted, and while it is drawn up what
/// they say today. Whether the class has seats and goes ahead is always told as of today, as is whether the programme is offered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanOffer {
    /// The programme's name.
    pub name: Option<Name>,
    /// Its form.
    pub form: Option<Code>,
    /// Its provider.
    pub provider: Option<PartnerId>,
    /// Who owns its curriculum: another partner, or the provider where that is an agency.
    pub curriculum_owner: Option<PartnerId>,
    /// Its learning hours.
    pub jp: Option<Hundredths>,
    /// Its prices.
    pub price: Price,
    /// What it teaches.
    pub steps: Vec<OfferStep>,
    /// First and last day of the class.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Its seats.
    pub seats: Option<u32>,
    /// Whether the class was called off.
    pub cancelled: bool,
    /// Whether the programme is not offered: it is a draft, or was retired.
    pub withdrawn: bool,
}

/// A step a programme teaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct OfferStep {
    /// Whose competency it is.
    pub competency_agency: AgencyId,
    /// The competency.
    pub competency: CompetencyId,
    /// The level it builds on; none where it builds on nothing.
    pub from: Option<Level>,
    /// The level it leads to.
    pub to: Level,
}

/// An item of an agency's plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyPlanItem {
    /// The identifier, the same in every version of the plan.
    pub id: AgencyPlanItemId,
    /// What it says by itself.
    pub said: AgencyPlanItemDraft,
    /// What its programme and class say.
    pub offer: PlanOffer,
    /// Where it came from.
    pub origin: AgencyPlanOrigin,
}

impl AgencyPlanItemDraft {
    /// The most people an item may be for.
    pub const MOST_TARGETS: usize = 1_000;
    /// The most steps of a person's place.
    pub const MOST_STEPS: usize = 20;
    /// The most lines an item may be paid from: all a plan may have, as people of many units are in one class.
    pub const MOST_FUNDS: usize = AgencyPlan::MOST_LINES;

    /// Whether it agrees with itself.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        found.check(self.class.is_some() && self.programme.is_none(), || {
            Violation::new("/programme_id", ViolationCode::Required)
        });
        found.check(self.title.is_none() && self.programme.is_none(), || {
            Violation::new("/title", ViolationCode::Required)
        });
        found.check(self.days.is_some_and(|(first, last)| last < first), || {
            Violation::new("/ends_on", ViolationCode::PeriodReversed)
        });
        found.check(self.jp.is_some_and(|jp| jp > MOST_JP), || {
            Violation::new("/jp", ViolationCode::OutOfRange).with("min", 0).with("max", MOST_JP)
        });
        for (at, count, most) in [
            ("/targets", self.targets.len(), Self::MOST_TARGETS),
            ("/funds", self.funds.len(), Self::MOST_FUNDS),
        ] {
            found.check(count > most, || Violation::new(at, ViolationCode::TooMany).with("max", most));
        }
        let mut people = std::collections::BTreeSet::new();
        for (index, target) in self.targets.iter().enumerate() {
            let at = format!("/targets/{index}");
            found.check(!people.insert(target.employee), || {
                Violation::new(format!("{at}/employee_id"), ViolationCode::Duplicate)
            });
            found.check(target.steps.len() > Self::MOST_STEPS, || {
                Violation::new(format!("{at}/steps"), ViolationCode::TooMany).with("max", Self::MOST_STEPS)
            });
            let mut competencies = std::collections::BTreeSet::new();
            for (number, step) in target.steps.iter().enumerate() {
                found.check(!competencies.insert(step.competency), || {
                    Violation::new(format!("{at}/steps/{number}/competency_id"), ViolationCode::Duplicate)
                });
                found.check(step.from.is_some_and(|from| from >= step.to), || {
                    Violation::new(format!("{at}/steps/{number}/level_to"), ViolationCode::Inconsistent)
                });
            }
        }
        let mut lines = std::collections::BTreeSet::new();
        let mut rests = 0;
        for (index, fund) in self.funds.iter().enumerate() {
            found.check(!lines.insert(fund.line), || {
                Violation::new(format!("/funds/{index}/budget_line_id"), ViolationCode::Duplicate)
            });
            rests += usize::from(fund.amount.is_none());
            found.check(fund.amount.is_none() && rests > 1, || {
                Violation::new(format!("/funds/{index}/amount"), ViolationCode::Required)
            });
        }
        found.finish()
    }
}

impl AgencyPlanItem {
    /// What is to be done: its own title goes before the programme's name.
    #[must_use]
    pub fn title(&self) -> Option<&Name> {
        self.said.title.as_ref().or(self.offer.name.as_ref())
    }

    /// Code of its form.
    #[must_use]
    pub fn form(&self) -> Option<&Code> {
        self.said.form.as_ref().or(self.offer.form.as_ref())
    }

    /// Who provides it.
    #[must_use]
    pub fn provider(&self) -> Option<PartnerId> {
        self.said.provider.or(self.offer.provider)
    }

    /// First and last day.
    #[must_use]
    pub fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        self.said.days.or(self.offer.days)
    }

    /// Whose curriculum it follows.
    #[must_use]
    pub fn curriculum_owner(&self) -> Option<PartnerId> {
        self.said.curriculum_owner.or(self.offer.curriculum_owner)
    }

    /// Learning hours for each person.
    #[must_use]
    pub fn jp(&self) -> Option<Hundredths> {
        self.said.jp.or(self.offer.jp)
    }

    /// Its prices, each its own or the programme's.
    #[must_use]
    pub fn price(&self) -> Price {
        Price {
            per_participant: self.said.price.per_participant.or(self.offer.price.per_participant),
            per_class: self.said.price.per_class.or(self.offer.price.per_class),
        }
    }

    /// How many people it is for.
    #[must_use]
    pub fn places(&self) -> u32 {
        u32::try_from(self.said.targets.len()).unwrap_or(u32::MAX)
    }

    /// What it costs for all of them; not known where no price is, or beyond counting.
    #[must_use]
    pub fn cost(&self) -> Option<Rupiah> {
        self.price().of_class(self.places())
    }

    /// What it takes from each line. Without an amount that is what the others leave of the cost: not known where the cost is
    /// not, nothing where they leave nothing.
    #[must_use]
    pub fn drawn(&self) -> Vec<(BudgetLineId, Option<Rupiah>)> {
        let given = sum(self.said.funds.iter().filter_map(|fund| fund.amount));
        let rest = || {
            let left = self.cost()?.amount().saturating_sub(given?.amount());
            Rupiah::new(left.max(0))
        };
        self.said.funds.iter().map(|fund| (fund.line, fund.amount.or_else(rest))).collect()
    }
}

/// The sum of amounts; none beyond counting.
#[must_use]
pub fn sum(amounts: impl IntoIterator<Item = Rupiah>) -> Option<Rupiah> {
    amounts.into_iter().try_fold(Rupiah::ZERO, Rupiah::plus)
}
