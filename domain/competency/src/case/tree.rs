//! The items of a package under each other, and what each stands for.

use std::collections::{BTreeMap, HashMap};

use kernel::Level;
use serde_json::Value;
use uuid::Uuid;
use workforce::squeeze;

use super::spelling::number;
use super::{CasePackage, Object, by_identifier, linked, our_own, text};

/// What an item stands for in a dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Competency,
    /// What one level of a competency asks for.
    Level,
    /// By what one recognises a level.
    Indicator,
    /// Anything else: families, strands, notes. It stays in the package.
    Other,
}

/// By what competencies are told from other items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// By our own mark.
    Marked,
    /// By their `CFItemType`.
    Typed,
    /// They are the leaves: a framework that nests statements assesses its lowest ones.
    Leaves,
}

/// Where the text of a level stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LevelPlace {
    /// In an item, with its indicators in others.
    Item {
        /// The item.
        item: usize,
        /// Its indicators, in order.
        indicators: Vec<usize>,
    },
    /// In a rubric.
    Rubric(RubricPlace),
}

/// A level of a criterion of a rubric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RubricPlace {
    pub(super) rubric: usize,
    pub(super) criterion: usize,
    pub(super) level: usize,
}

/// The items of a package.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    pub(super) mode: Mode,
    pub(super) objects: Vec<&'a Object>,
    pub(super) roles: Vec<Role>,
    /// The item above, and the association that says so.
    pub(super) parents: Vec<Option<(usize, usize)>>,
    /// The items below, in order, with their places in it.
    pub(super) children: Vec<Vec<(usize, Option<i64>)>>,
    pub(super) by_id: HashMap<Uuid, usize>,
    /// Criteria of rubrics, by the item they are about.
    criteria: HashMap<usize, Vec<(usize, usize, &'a Object)>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Typed {
    Family,
    Competency,
    Level,
    Indicator,
    None,
}

fn typed(item: &Object) -> Typed {
    let by_link =
        || item.get("CFItemTypeURI").and_then(Value::as_object).and_then(|link| text(link, "title"));
    let name = text(item, "CFItemType").or_else(by_link).map(squeeze).unwrap_or_default();
    match name.as_str() {
        "competency" | "competence" | "kompetensi" => Typed::Competency,
        "level" | "tingkat" | "levelkompetensi" | "competencylevel" | "proficiencylevel" | "skilllevel" => {
            Typed::Level
        }
        "indicator" | "indikator" | "indikatorperilaku" | "behaviouralindicator" | "behavioralindicator" => {
            Typed::Indicator
        }
        "competencyfamily" | "jeniskompetensi" | "rumpunkompetensi" => Typed::Family,
        _ => Typed::None,
    }
}

impl<'a> Tree<'a> {
    pub(super) fn of(package: &'a CasePackage) -> Self {
        let objects: Vec<&Object> = package.list("CFItems").collect();
        let by_id = by_identifier(objects.iter().copied());
        let mut parents = vec![None; objects.len()];
        let mut children: Vec<Vec<(usize, Option<i64>)>> = vec![Vec::new(); objects.len()];
        for (index, association) in package.list("CFAssociations").enumerate() {
            if text(association, "associationType") != Some("isChildOf") {
                continue;
            }
            let end = |name| linked(association, name).and_then(|id| by_id.get(&id).copied());
            let (Some(child), Some(parent)) = (end("originNodeURI"), end("destinationNodeURI")) else {
                continue;
            };
            let Some(place @ None) = parents.get_mut(child) else {
                // Of several parents the first one counts; the others stay in the package.
                continue;
            };
            *place = Some((parent, index));
            let sequence = association.get("sequenceNumber").and_then(Value::as_i64);
            if let Some(children) = children.get_mut(parent) {
                children.push((child, sequence));
            }
        }
        for below in &mut children {
            below.sort_by_key(|(_, sequence)| sequence.unwrap_or(i64::MAX));
        }
        let marked =
            package.document().and_then(|document| our_own(document, "marked")) == Some(&Value::Bool(true));
        let types: Vec<Typed> = objects.iter().map(|item| typed(item)).collect();
        let mode = if marked {
            Mode::Marked
        } else if types.contains(&Typed::Competency) {
            Mode::Typed
        } else {
            Mode::Leaves
        };
        let mut tree =
            Self { mode, objects, roles: Vec::new(), parents, children, by_id, criteria: HashMap::new() };
        tree.roles = tree.roles_by(&types);
        for (rubric, object) in package.list("CFRubrics").enumerate() {
            let criteria = object.get("CFRubricCriteria").and_then(Value::as_array);
            for (index, criterion) in criteria.into_iter().flatten().filter_map(Value::as_object).enumerate()
            {
                let about = linked(criterion, "CFItemURI").and_then(|id| tree.by_id.get(&id).copied());
                if let Some(item) = about {
                    tree.criteria.entry(item).or_default().push((rubric, index, criterion));
                }
            }
        }
        tree
    }

    fn roles_by(&self, types: &[Typed]) -> Vec<Role> {
        let of = |item: usize| types.get(item).copied().unwrap_or(Typed::None);
        let part = |item: usize| matches!(of(item), Typed::Level | Typed::Indicator);
        let is_competency = |item: usize| match self.mode {
            Mode::Marked => {
                self.objects.get(item).and_then(|one| our_own(one, "competency")) == Some(&Value::Bool(true))
            }
            Mode::Typed => of(item) == Typed::Competency,
            Mode::Leaves => {
                let is_leaf = self.children(item).all(|(child, _)| part(child));
                !part(item) && of(item) != Typed::Family && is_leaf
            }
        };
        let parent = |item: usize| self.parents.get(item).copied().flatten().map(|(parent, _)| parent);
        let is_level = |item: usize| {
            of(item) == Typed::Level && !is_competency(item) && parent(item).is_some_and(is_competency)
        };
        let role = |item: usize| {
            if is_competency(item) {
                Role::Competency
            } else if is_level(item) {
                Role::Level
            } else if of(item) == Typed::Indicator && parent(item).is_some_and(is_level) {
                Role::Indicator
            } else {
                Role::Other
            }
        };
        (0..self.objects.len()).map(role).collect()
    }

    pub(super) fn role(&self, item: usize) -> Role {
        self.roles.get(item).copied().unwrap_or(Role::Other)
    }

    pub(super) fn children(&self, item: usize) -> impl Iterator<Item = (usize, Option<i64>)> {
        self.children.get(item).into_iter().flatten().copied()
    }

    pub(super) fn parent(&self, item: usize) -> Option<usize> {
        self.parents.get(item).copied().flatten().map(|(parent, _)| parent)
    }

    pub(super) fn competencies(&self) -> impl Iterator<Item = usize> {
        (0..self.objects.len()).filter(|item| self.role(*item) == Role::Competency)
    }

    /// Every item that speaks of a level of a competency, with the level; the first of a level counts.
    pub(super) fn level_items(&self, competency: usize) -> impl Iterator<Item = (Level, usize)> {
        let levels = self.children(competency).filter(|(child, _)| self.role(*child) == Role::Level);
        levels.filter_map(|(child, sequence)| Some((self.number(child, sequence)?, child)))
    }

    /// The number of a level: where the list counts it, or else its place among its siblings.
    fn number(&self, item: usize, sequence: Option<i64>) -> Option<Level> {
        let listed = self.objects.get(item).and_then(|one| text(one, "listEnumeration"));
        let listed = listed.and_then(|text| text.trim().parse().ok());
        Level::new(listed.or(sequence)?)
    }

    /// Every place in a rubric that speaks of a level of a competency, with the level.
    pub(super) fn rubric_levels(&self, competency: usize) -> Vec<(Level, RubricPlace, &'a Object)> {
        let mut found = Vec::new();
        for (rubric, criterion, object) in self.criteria.get(&competency).into_iter().flatten().copied() {
            let levels = object.get("CFRubricCriterionLevels").and_then(Value::as_array);
            for (level, object) in levels.into_iter().flatten().filter_map(Value::as_object).enumerate() {
                let score = object.get("score").and_then(whole);
                let number = score.or_else(|| object.get("position").and_then(Value::as_i64));
                if let Some(number) = number.and_then(Level::new) {
                    found.push((number, RubricPlace { rubric, criterion, level }, object));
                }
            }
        }
        found
    }

    pub(super) fn indicators(&self, level: usize) -> Vec<usize> {
        let below = self.children(level).map(|(child, _)| child);
        below.filter(|child| self.role(*child) == Role::Indicator).collect()
    }

    /// Where each level of a competency stands.
    pub(super) fn level_places(&self, competency: usize) -> BTreeMap<Level, LevelPlace> {
        let mut places = BTreeMap::new();
        for (level, item) in self.level_items(competency) {
            places
                .entry(level)
                .or_insert_with(|| LevelPlace::Item { item, indicators: self.indicators(item) });
        }
        for (level, place, object) in self.rubric_levels(competency) {
            if rubric_text(object).is_some() {
                places.entry(level).or_insert(LevelPlace::Rubric(place));
            }
        }
        places
    }
}

/// What a level of a rubric says.
pub(super) fn rubric_text(level: &Object) -> Option<&str> {
    let filled = |property| text(level, property).filter(|text| !text.trim().is_empty());
    filled("description").or_else(|| filled("quality"))
}

/// A number without a fraction.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| (1..=5_i32).find(|n| number(value) == Some(f64::from(*n))).map(i64::from))
}
