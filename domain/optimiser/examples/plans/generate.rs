//! Fictional instances, always the same for a size, a style and a seed.

use chrono::{Days, NaiveDate};
use optimiser::draft::{Draft, LimitsDraft, NeedDraft, OfferDraft, PersonDraft, StepDraft};

/// A small generator of numbers (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x1234_5678))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    pub(crate) fn between(&mut self, first: i64, last: i64) -> i64 {
        first + self.below((last - first + 1).unsigned_abs()) as i64
    }

    /// From 0 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.share() < share
    }
}

/// What instances differ by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) name: &'static str,
    /// Competencies for an agency of `people`.
    pub(crate) competencies: fn(usize) -> u64,
    /// The most competencies an offer teaches.
    pub(crate) taught: i64,
    /// Seats, from and to.
    pub(crate) seats: (i64, i64),
    /// Prices span this factor.
    pub(crate) spread: f64,
    /// The fixed price of a class that has one, in per-head prices, from and to.
    pub(crate) fixed: (i64, i64),
    /// Fewest participants of a class that has such a bound, from and to.
    pub(crate) min_seats: (i64, i64),
    /// People in a unit.
    pub(crate) unit: usize,
    /// What the budget is of the demand.
    pub(crate) budget: f64,
    /// Values of needs, from and to.
    pub(crate) value: (f64, f64),
    /// The most enrolments of one person.
    pub(crate) activities: i64,
    /// Working days in the year.
    pub(crate) days: u64,
}

pub(crate) const STYLES: &[Style] = &[
    Style {
        name: "common",
        competencies: |people| (people as u64 / 200).clamp(16, 100),
        taught: 2,
        seats: (30, 80),
        spread: 10.0,
        fixed: (5, 20),
        min_seats: (5, 15),
        unit: 50,
        budget: 0.4,
        value: (0.5, 3.0),
        activities: 3,
        days: 240,
    },
    Style {
        name: "tight",
        competencies: |_| 30,
        taught: 3,
        seats: (8, 30),
        spread: 4.0,
        fixed: (5, 30),
        min_seats: (6, 8),
        unit: 25,
        budget: 0.4,
        value: (1.0, 5.0),
        activities: 2,
        days: 60,
    },
    Style {
        name: "wide",
        competencies: |people| (people as u64 / 80).max(20),
        taught: 1,
        seats: (40, 120),
        spread: 1000.0,
        fixed: (2, 40),
        min_seats: (10, 25),
        unit: 120,
        budget: 0.4,
        value: (0.1, 10.0),
        activities: 3,
        days: 240,
    },
    Style {
        name: "dear",
        competencies: |people| (people as u64 / 60).max(12),
        taught: 2,
        seats: (30, 100),
        spread: 5.0,
        fixed: (20, 80),
        min_seats: (15, 30),
        unit: 200,
        budget: 0.4,
        value: (1.0, 2.0),
        activities: 4,
        days: 240,
    },
];

pub(crate) fn generate(people: usize, seed: u64, style: &Style) -> Draft {
    let mut dice = Dice::new(seed);
    let competencies = (style.competencies)(people);
    let name = |number: u64| format!("c{number}");
    let first = NaiveDate::from_ymd_opt(2027, 1, 4).unwrap();
    let offers: Vec<OfferDraft> = (0..people.div_ceil(40))
        .map(|number| {
            let price = (200_000.0 * style.spread.powf(dice.share())) as i64 / 10_000 * 10_000;
            let fixed = dice.chance(0.25);
            let least = dice.chance(0.2);
            let seats = dice.between(style.seats.0, style.seats.1);
            let min_seats =
                if least { dice.between(style.min_seats.0, style.min_seats.1).min(seats) } else { 0 };
            let length = dice.between(1, 5);
            let dated = dice.chance(0.85);
            let day = dice.below(style.days) as i64;
            let dates = (0..if dated { length } else { 0 })
                .map(|offset| {
                    let day = (day + offset) as u64;
                    first + Days::new(day / 5 * 7 + day % 5)
                })
                .collect();
            let mut teaches: Vec<StepDraft> = Vec::new();
            for _ in 0..dice.between(1, style.taught) {
                let competency = name(dice.below(competencies));
                let from = dice.between(1, 3);
                let to = (from + dice.between(1, 2)).min(5);
                if teaches.iter().all(|step| step.competency != competency) {
                    teaches.push(StepDraft { competency, from, to });
                }
            }
            OfferDraft {
                id: format!("o{number}"),
                price,
                fixed_price: if fixed { price * dice.between(style.fixed.0, style.fixed.1) } else { 0 },
                seats: Some(seats),
                min_seats,
                jp: length * 8,
                dates,
                teaches,
                ..OfferDraft::default()
            }
        })
        .collect();
    let units = people.div_ceil(style.unit).max(2) as u64;
    let everybody: Vec<PersonDraft> = (0..people)
        .map(|number| {
            let mut needs: Vec<NeedDraft> = Vec::new();
            for _ in 0..dice.between(1, 4) {
                let competency = name(dice.below(competencies));
                let from = dice.between(1, 3);
                let to = (from + dice.between(1, 2)).min(5);
                let value = style.value.0 + (style.value.1 - style.value.0) * dice.share();
                let value = (value * 100.0).round() / 100.0;
                if needs.iter().all(|need| need.competency != competency) {
                    needs.push(NeedDraft { competency, from, to, value });
                }
            }
            PersonDraft {
                id: format!("p{number}"),
                unit: Some(format!("u{}", dice.below(units))),
                jp_done: dice.between(0, 12),
                jp_max: dice.chance(0.7).then(|| dice.between(24, 80)),
                needs,
                ..PersonDraft::default()
            }
        })
        .collect();
    // The demand: for each need the cheapest offer that closes some of it.
    let mut teaching = std::collections::HashMap::<&str, Vec<(i64, &StepDraft)>>::new();
    for offer in &offers {
        for step in &offer.teaches {
            teaching.entry(&step.competency).or_default().push((offer.price, step));
        }
    }
    let demand = |person: &PersonDraft| -> i64 {
        let cheapest = person.needs.iter().filter_map(|need| {
            let offers = teaching.get(need.competency.as_str())?;
            let closing = offers.iter().filter(|(_, step)| step.from <= need.from && step.to > need.from);
            closing.map(|(price, _)| *price).min()
        });
        cheapest.sum()
    };
    let mut of_unit = std::collections::BTreeMap::<String, i64>::new();
    for person in &everybody {
        *of_unit.entry(person.unit.clone().unwrap()).or_default() += demand(person);
    }
    let all: i64 = of_unit.values().sum();
    let share = |sum: i64| (sum as f64 * style.budget) as i64;
    let mut unit_budgets = std::collections::BTreeMap::new();
    for (unit, sum) in of_unit {
        if dice.chance(1.0 / 3.0) {
            unit_budgets.insert(unit, share(sum));
        }
    }
    Draft {
        budget: Some(share(all)),
        people: everybody,
        offers,
        limits: LimitsDraft { max_activities_per_person: Some(style.activities), one_offer_per_step: false },
        unit_budgets,
        ..Draft::default()
    }
}
