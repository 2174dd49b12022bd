//! What many people's plans have in common.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use kernel::{
    AgencyId, Code, CompetencyId, Hundredths, Level, LongText, Name, PlanItemId, PlanTemplateId, PositionId,
    Version, Violation, ViolationCode, Violations, wire_enum,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use workforce::JobClass;

use super::{
    ItemProgress, PlanDraft, PlanItem, PlanItemDraft, PlanOrigin, PlanRubric, PlanStepTaken, new_line,
};

/// For whom a template is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateFor {
    /// Everybody who holds a position of this class.
    Class(JobClass),
    /// Everybody who holds this position.
    Position(PositionId),
}

/// What plans have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanTemplate {
    /// The identifier.
    pub id: PlanTemplateId,
    /// Its name in the agency.
    pub name: Name,
    /// For whom it is.
    pub whom: TemplateFor,
    /// Its items, in order.
    pub items: Vec<TemplateItem>,
    /// Whether it is out of use.
    pub retired: bool,
    /// How often the record has been written.
    pub version: Version,
}

/// An item of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateItem {
    /// The identifier, which the items of plans carry.
    pub id: Uuid,
    /// The competency it is to raise, and whose it is.
    pub competency: Option<(AgencyId, CompetencyId)>,
    /// The level aimed at.
    pub level_to: Option<Level>,
    /// The programme of the catalogue.
    pub programme: Option<Uuid>,
    /// Code of the form.
    pub form: Code,
    /// What is to be done.
    pub title: Name,
    /// Learning hours expected.
    pub jp: Hundredths,
    /// Cost expected, in rupiah.
    pub cost: i64,
    /// Where the money comes from.
    pub budget: Option<Name>,
    /// Month and day of the year by which it is to be done.
    pub due: Option<(u32, u32)>,
    /// By what one will see that it was done.
    pub evidence: Option<LongText>,
    /// Why it is in the plans.
    pub origin: PlanOrigin,
}

wire_enum! {
    /// What a template says of an item, part by part.
    pub enum TemplatePart {
        /// The competency, and the level aimed at.
        Step = "STEP",
        /// The programme.
        Programme = "PROGRAMME",
        /// The form.
        Form = "FORM",
        /// What is to be done.
        Title = "TITLE",
        /// Learning hours.
        Jp = "JP",
        /// The cost.
        Cost = "COST",
        /// Where the money comes from.
        Budget = "BUDGET",
        /// The day by which it is to be done.
        Due = "DUE",
        /// By what one will see that it was done.
        Evidence = "EVIDENCE",
        /// Why it is in the plans.
        Origin = "ORIGIN",
    }
}

impl TemplateItem {
    /// In what it says something else than `before`.
    #[must_use]
    pub fn changed_since(&self, before: &Self) -> BTreeSet<TemplatePart> {
        use TemplatePart as P;
        let step = (self.competency, self.level_to) != (before.competency, before.level_to);
        [
            (step, P::Step),
            (self.programme != before.programme, P::Programme),
            (self.form != before.form, P::Form),
            (self.title != before.title, P::Title),
            (self.jp != before.jp, P::Jp),
            (self.cost != before.cost, P::Cost),
            (self.budget != before.budget, P::Budget),
            (self.due != before.due, P::Due),
            (self.evidence != before.evidence, P::Evidence),
            (self.origin != before.origin, P::Origin),
        ]
        .into_iter()
        .filter_map(|(differs, part)| differs.then_some(part))
        .collect()
    }

    /// What an item says that comes from it and of which `said` was made: what it leaves open stays as it was filled in.
    fn over(&self, said: &PlanItemDraft, year: i32) -> PlanItemDraft {
        let own = self.said(year);
        let step = match (own.step, said.step) {
            (Some(new), Some(old)) if new.competency == old.competency => {
                Some(PlanStepTaken { from: old.from.filter(|from| *from < new.to), ..new })
            }
            (new, old) => new.or(old),
        };
        let programme = own.programme.or(said.programme);
        let due_on = own.due_on.or(said.due_on);
        PlanItemDraft {
            step,
            programme,
            class: said.class.filter(|_| programme == said.programme),
            jp: if own.jp.count() == 0 { said.jp } else { own.jp },
            cost: if own.cost == 0 { said.cost } else { own.cost },
            budget: own.budget.or_else(|| said.budget.clone()),
            starts_on: said.starts_on.filter(|first| due_on.is_none_or(|last| *first <= last)),
            due_on,
            mentor: said.mentor,
            evidence: own.evidence.or_else(|| said.evidence.clone()),
            form: own.form,
            title: own.title,
            origin: own.origin,
        }
    }

    /// What an item of a plan for a year says. 29 February is the last of February where there is none.
    #[must_use]
    pub fn said(&self, year: i32) -> PlanItemDraft {
        let due_on = self.due.and_then(|(month, day)| {
            NaiveDate::from_ymd_opt(year, month, day).or_else(|| NaiveDate::from_ymd_opt(year, 2, 28))
        });
        let step = match (self.competency, self.level_to) {
            (Some((competency_agency, competency)), Some(to)) => {
                Some(PlanStepTaken { competency_agency, competency, from: None, to })
            }
            _ => None,
        };
        PlanItemDraft {
            step,
            programme: self.programme,
            class: None,
            form: self.form.clone(),
            title: self.title.clone(),
            jp: self.jp,
            cost: self.cost,
            budget: self.budget.clone(),
            starts_on: None,
            due_on,
            mentor: None,
            evidence: self.evidence.clone(),
            origin: self.origin,
        }
    }

    fn item(&self, year: i32) -> PlanItem {
        PlanItem {
            id: PlanItemId::new(),
            line: new_line(),
            said: self.said(year),
            carried_from: None,
            template_item: Some(self.id),
            progress: ItemProgress::NONE,
        }
    }
}

impl PlanTemplate {
    /// Whether it agrees with itself.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        let most = usize::from(PlanRubric::MOST_ITEMS);
        found.check(self.items.len() > most, || {
            Violation::new("/items", ViolationCode::TooMany).with("max", most)
        });
        found.check(self.items.is_empty(), || Violation::new("/items", ViolationCode::TooFew).with("min", 1));
        for (index, item) in self.items.iter().enumerate() {
            let at = format!("/items/{index}");
            // A leap year has every day there is.
            item.said(2028).check(&at, &mut found);
            let day = item.due.is_none_or(|(month, day)| NaiveDate::from_ymd_opt(2028, month, day).is_some());
            found.check(!day, || Violation::new(format!("{at}/due_day"), ViolationCode::InvalidDate));
        }
        found.finish()
    }

    /// A draft for a year that has its items, or nothing when it has them all as they are: those it has already say what the
    /// template says now, and keep what it leaves open; the others are added as far as there is room.
    #[must_use]
    pub fn applied(&self, draft: &PlanDraft, year: i32) -> Option<PlanDraft> {
        let mut after = draft.clone();
        for one in &self.items {
            let room = after.items.len() < usize::from(PlanRubric::MOST_ITEMS);
            match after.items.iter_mut().find(|item| item.template_item == Some(one.id)) {
                Some(item) => item.said = one.over(&item.said, year),
                None if room => after.items.push(one.item(year)),
                None => {}
            }
        }
        (after != *draft).then_some(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(title: &str, due: Option<(u32, u32)>) -> TemplateItem {
        TemplateItem {
            id: new_line(),
            competency: None,
            level_to: None,
            programme: None,
            form: Code::parse("NKL01").unwrap(),
            title: Name::parse(title).unwrap(),
            jp: Hundredths::ONE,
            cost: 0,
            budget: None,
            due,
            evidence: None,
            origin: PlanOrigin::OwnWish,
        }
    }

    fn template(items: Vec<TemplateItem>) -> PlanTemplate {
        PlanTemplate {
            id: PlanTemplateId::new(),
            name: Name::parse("Pengawas").unwrap(),
            whom: TemplateFor::Class(JobClass::Pengawas),
            items,
            retired: false,
            version: Version::FIRST,
        }
    }

    #[test]
    fn applying_adds_what_is_missing_changes_what_differs_and_does_nothing_twice() {
        let mut template = template(vec![one("A", Some((2, 29))), one("B", None)]);
        assert_eq!(template.check(), Ok(()));
        let empty = PlanDraft { target: None, goal: None, items: vec![], attachments: vec![] };
        let first = template.applied(&empty, 2027).unwrap();
        assert_eq!(first.items[0].said.due_on, NaiveDate::from_ymd_opt(2027, 2, 28));
        assert_eq!(template.applied(&first, 2027), None);
        template.items[1].title = Name::parse("C").unwrap();
        let second = template.applied(&first, 2027).unwrap();
        assert_eq!(second.items.len(), 2);
        assert_eq!((second.items[1].id, second.items[1].said.title.as_str()), (first.items[1].id, "C"));
    }

    #[test]
    fn what_a_template_leaves_open_stays_as_people_filled_it_in() {
        let (level, agency) = (|at| Level::new(at).unwrap(), AgencyId::new());
        let (programme, class, mentor) = (new_line(), new_line(), kernel::EmployeeId::new());
        let step = TemplateItem {
            competency: Some((agency, CompetencyId::new())),
            level_to: Some(level(4)),
            programme: Some(programme),
            ..one("A", None)
        };
        let mut template = template(vec![step]);
        let empty = PlanDraft { target: None, goal: None, items: vec![], attachments: vec![] };
        let mut draft = template.applied(&empty, 2027).unwrap();
        let day = |m, d| NaiveDate::from_ymd_opt(2027, m, d);
        let filled = PlanItemDraft {
            step: draft.items[0].said.step.map(|step| PlanStepTaken { from: Some(level(3)), ..step }),
            class: Some(class),
            cost: 7,
            budget: Name::parse("APBD").ok(),
            starts_on: day(3, 1),
            due_on: day(4, 1),
            mentor: Some(mentor),
            ..draft.items[0].said.clone()
        };
        draft.items[0].said = filled.clone();
        assert_eq!(template.applied(&draft, 2027), None, "it says nothing against it");
        // What it comes to say counts, and takes along only what does not go with it.
        template.items[0] = TemplateItem {
            level_to: Some(level(3)),
            programme: Some(new_line()),
            due: Some((2, 1)),
            ..template.items[0].clone()
        };
        let after = template.applied(&draft, 2027).unwrap().items.remove(0).said;
        assert_eq!((after.step.unwrap().from, after.class, after.starts_on), (None, None, None));
        assert_eq!((after.due_on, after.mentor, after.cost), (day(2, 1), Some(mentor), 7));
        assert_eq!(after.budget, filled.budget);
    }

    #[test]
    fn a_change_is_told_part_by_part() {
        let before = one("A", Some((9, 30)));
        assert!(before.changed_since(&before).is_empty());
        let after = TemplateItem { title: Name::parse("B").unwrap(), due: None, ..before.clone() };
        let changed: Vec<_> = after.changed_since(&before).into_iter().collect();
        assert_eq!(changed, [TemplatePart::Title, TemplatePart::Due]);
    }

    #[test]
    fn a_day_that_no_year_has_is_refused() {
        let found = template(vec![one("A", Some((2, 30)))]).check().unwrap_err();
        assert_eq!(found[0].pointer, "/items/0/due_day");
        assert_eq!(template(vec![]).check().unwrap_err()[0].code, ViolationCode::TooFew);
    }
}
