//! Instances that cannot stand, with the place.

use chrono::NaiveDate;
use kernel::ViolationCode;
use optimiser::draft::{
    AudienceDraft, Draft, FloorDraft, HeldDraft, NeedDraft, OfferDraft, PairDraft, PersonDraft, StepDraft,
};
use optimiser::{Budget, Instance, NoPlan, Options, reach_hours, solve, verify};

fn draft() -> Draft {
    let step = StepDraft { competency: "c1".to_owned(), from: 2, to: 3 };
    Draft {
        budget: Some(1_000_000),
        people: vec![PersonDraft {
            id: "p1".to_owned(),
            unit: Some("u1".to_owned()),
            jp_done: 4,
            jp_max: Some(24),
            needs: vec![NeedDraft { competency: "c1".to_owned(), from: 2, to: 3, value: 1.5 }],
            ..PersonDraft::default()
        }],
        offers: vec![OfferDraft {
            id: "o1".to_owned(),
            price: 250_000,
            seats: Some(30),
            jp: 12,
            dates: vec![NaiveDate::from_ymd_opt(2027, 2, 1).unwrap()],
            teaches: vec![step],
            ..OfferDraft::default()
        }],
        ..Draft::default()
    }
}

fn people(many: usize) -> Vec<PersonDraft> {
    let person = draft().people.remove(0);
    (0..many).map(|number| PersonDraft { id: format!("p{number}"), ..person.clone() }).collect()
}

#[test]
fn everything_that_cannot_stand_is_told_with_its_place() {
    use ViolationCode::{Duplicate, Inconsistent, NotFound, OutOfRange, Required};
    assert!(Instance::new(draft()).is_ok());
    let pair = |person: &str, offer: &str| PairDraft { person: person.to_owned(), offer: offer.to_owned() };
    type Change = Box<dyn Fn(&mut Draft)>;
    let cases: Vec<(&str, ViolationCode, Change)> = vec![
        ("/budget", OutOfRange, Box::new(|it| it.budget = Some(-1))),
        ("/people/0/id", Required, Box::new(|it| it.people[0].id.clear())),
        ("/people/1/id", Duplicate, Box::new(|it| it.people.push(it.people[0].clone()))),
        ("/people/0/unit", Required, Box::new(|it| it.people[0].unit = Some(String::new()))),
        ("/people/0/jp_done", OutOfRange, Box::new(|it| it.people[0].jp_done = -1)),
        ("/people/0/jp_max", OutOfRange, Box::new(|it| it.people[0].jp_max = Some(-1))),
        ("/people/0/jp_min", OutOfRange, Box::new(|it| it.people[0].jp_min = Some(-1))),
        ("/people/0/jp_min", OutOfRange, Box::new(|it| it.people[0].jp_min = Some(1_000_001))),
        (
            "/people/0/jp_min",
            Inconsistent,
            Box::new(|it| {
                it.people[0].jp_max = Some(20);
                it.people[0].jp_min = Some(21);
            }),
        ),
        ("/people/0/needs/0/to", Inconsistent, Box::new(|it| it.people[0].needs[0].to = 2)),
        ("/people/0/needs/0/from", OutOfRange, Box::new(|it| it.people[0].needs[0].from = -2)),
        ("/people/0/needs/0/value", OutOfRange, Box::new(|it| it.people[0].needs[0].value = -0.5)),
        ("/people/0/needs/0/value", OutOfRange, Box::new(|it| it.people[0].needs[0].value = f64::NAN)),
        ("/people/0/needs/0/competency", Required, Box::new(|it| it.people[0].needs[0].competency.clear())),
        (
            "/offers",
            OutOfRange,
            Box::new(|it| {
                it.offers[0].price = 1_000_000_000_000_000;
                (it.offers[0].seats, it.people) = (None, people(4_001));
            }),
        ),
        ("/offers/1/id", Duplicate, Box::new(|it| it.offers.push(it.offers[0].clone()))),
        ("/offers/0/price", OutOfRange, Box::new(|it| it.offers[0].price = -1)),
        ("/offers/0/fixed_price", OutOfRange, Box::new(|it| it.offers[0].fixed_price = -1)),
        ("/offers/0/seats", OutOfRange, Box::new(|it| it.offers[0].seats = Some(-1))),
        ("/offers/0/min_seats", Inconsistent, Box::new(|it| it.offers[0].min_seats = 31)),
        ("/offers/0/jp", OutOfRange, Box::new(|it| it.offers[0].jp = -1)),
        ("/offers/0/teaches/0/to", Inconsistent, Box::new(|it| it.offers[0].teaches[0].to = 1)),
        (
            "/offers/0/prerequisites/0/level",
            OutOfRange,
            Box::new(|it| {
                it.offers[0].prerequisites = vec![HeldDraft { competency: "c".to_owned(), level: -1 }];
            }),
        ),
        (
            "/offers/0/audience/units/0",
            NotFound,
            Box::new(|it| {
                let units = vec!["u9".to_owned()];
                it.offers[0].audience = Some(AudienceDraft { units, ..AudienceDraft::default() });
            }),
        ),
        ("/unit_budgets/u~11", OutOfRange, Box::new(|it| it.unit_budgets.extend([("u/1".to_owned(), -1)]))),
        ("/source_budgets/s", OutOfRange, Box::new(|it| it.source_budgets.extend([("s".to_owned(), -1)]))),
        (
            "/limits/max_activities_per_person",
            OutOfRange,
            Box::new(|it| it.limits.max_activities_per_person = Some(-1)),
        ),
        ("/required/0/person", NotFound, Box::new(move |it| it.required = vec![pair("p9", "o1")])),
        ("/forbidden/0/offer", NotFound, Box::new(move |it| it.forbidden = vec![pair("p1", "o9")])),
        ("/equity_floors/0/unit", Required, Box::new(|it| it.equity_floors = vec![FloorDraft::default()])),
        (
            "/equity_floors/0/share",
            OutOfRange,
            Box::new(|it| {
                it.equity_floors = vec![FloorDraft { unit: Some("u1".to_owned()), group: None, share: 1.5 }];
            }),
        ),
        (
            "/equity_floors/0/group",
            NotFound,
            Box::new(|it| {
                it.equity_floors = vec![FloorDraft { unit: None, group: Some("X".to_owned()), share: 0.5 }];
            }),
        ),
    ];
    for (pointer, code, change) in cases {
        let mut wrong = draft();
        change(&mut wrong);
        let found = Instance::new(wrong).expect_err(pointer);
        assert!(found.iter().any(|one| one.pointer == pointer && one.code == code), "{pointer}: {found:?}");
    }
}

#[test]
fn sums_at_the_highest_prices_are_right() {
    const MOST: i64 = 1_000_000_000_000_000;
    let mut most = draft();
    (most.budget, most.people) = (None, people(4_000));
    most.people.iter_mut().for_each(|person| person.jp_min = Some(16));
    (most.offers[0].price, most.offers[0].seats) = (MOST, None);
    let plan =
        solve(&Instance::new(most.clone()).unwrap(), Options::default(), &Budget::unlimited()).unwrap();
    assert_eq!((plan.enrolments.len(), plan.cost, plan.gap_percent), (4_000, 4_000 * MOST, 0.0));
    let plan = reach_hours(&Instance::new(most.clone()).unwrap(), Options::default(), &Budget::unlimited());
    let plan = plan.unwrap();
    assert_eq!((plan.reached, plan.cost, plan.lower_bound), (4_000, 4_000 * MOST, 4_000 * MOST));
    // More people than there are seats for: all together they would cost more than can be counted.
    most.people.extend(people(10_000).into_iter().skip(4_000));
    most.offers[0].seats = Some(4_000);
    most.people[9_999].needs[0].value = 2.0;
    let instance = Instance::new(most.clone()).unwrap();
    let all: Vec<_> = most.people.iter().map(|person| (person.id.clone(), "o1".to_owned())).collect();
    assert_eq!(verify(&instance, &all).cost, i64::MAX);
    let plan = solve(&instance, Options::default(), &Budget::unlimited()).unwrap();
    assert_eq!((plan.enrolments.len(), plan.cost), (4_000, 4_000 * MOST));
    assert!(plan.enrolments.iter().any(|one| one.person == "p9999"));
    most.unit_budgets.insert("u1".to_owned(), MOST);
    let plan = solve(&Instance::new(most).unwrap(), Options::default(), &Budget::unlimited()).unwrap();
    assert_eq!((plan.enrolments[0].person.as_str(), plan.cost, plan.gap_percent), ("p9999", MOST, 0.0));
}

#[test]
fn a_class_dearer_than_can_be_counted_is_not_thought_to_be_paid_for() {
    let mut dear = draft();
    let offer = &mut dear.offers[0];
    (offer.price, offer.fixed_price) = (1_000_000_000_000_000, 1_000_000_000_000_000);
    (offer.seats, offer.min_seats) = (None, 1_000_000_000);
    let plan =
        solve(&Instance::new(dear.clone()).unwrap(), Options::default(), &Budget::unlimited()).unwrap();
    assert_eq!((plan.cost, plan.upper_bound, plan.enrolments.len()), (0, 0.0, 0));
    // What is required beyond the seats is told, whatever it would cost.
    dear.people = people(20_000);
    dear.offers[0].seats = Some(1_000);
    dear.offers[0].min_seats = 0;
    let required = |person: &PersonDraft| PairDraft { person: person.id.clone(), offer: "o1".to_owned() };
    dear.required = dear.people.iter().map(required).collect();
    let found = solve(&Instance::new(dear).unwrap(), Options::default(), &Budget::unlimited());
    assert!(matches!(found, Err(NoPlan::Conflicts(found)) if found.len() > 19_000));
}
