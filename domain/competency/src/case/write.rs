//! A package with what a dictionary says now.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use kernel::{Code, Level, Violation};
use serde_json::{Value, json};
use uuid::Uuid;

use super::fresh::{End, NewItem, association_id, child_of, indicator_id, instant, level_id};
use super::read::{Naming, name_of};
use super::tree::{LevelPlace, Mode, Role, Tree};
use super::{
    CaseEntry, CasePackage, CaseReading, Object, case_identifier, derived, identifier, linked, set_our_own,
    text,
};
use crate::{Content, Family, LevelText};

/// What is to happen to a package, in this order.
#[derive(Debug, Default)]
struct Edits {
    /// Statements of items.
    statements: Vec<(usize, String)>,
    /// Descriptions of levels of rubrics, by the level's identifier.
    rubric_texts: HashMap<Uuid, String>,
    /// Associations that lead to another item, or nowhere.
    moved: Vec<(usize, Option<End>)>,
    /// Items that go.
    gone: HashSet<Uuid>,
    /// Levels of rubrics that go.
    gone_levels: HashSet<Uuid>,
    /// Items that come, in order.
    added: Vec<Added>,
}

/// An item that comes, below what and where.
#[derive(Debug)]
struct Added {
    object: Object,
    parent: End,
    sequence: Option<i64>,
    /// The identifier of the association that says so.
    association: Uuid,
}

/// Finds out what is to happen.
struct Planner<'a> {
    package: &'a CasePackage,
    tree: &'a Tree<'a>,
    changed_at: DateTime<Utc>,
    taken: HashSet<Uuid>,
    edits: Edits,
}

impl CasePackage {
    /// The package with `contents` instead of the competencies it speaks of; what it says beside them stays, and so do the
    /// identifiers of whatever is still there. `families` and `fallback` are those it is read with; `changed_at` is
    /// noted where something changes.
    ///
    /// # Errors
    /// What [`Self::read`] refuses.
    pub fn write(
        &self,
        contents: &[Content],
        families: &[Family],
        fallback: &Code,
        changed_at: DateTime<Utc>,
    ) -> Result<Self, Vec<Violation>> {
        let reading = self.read(families, fallback)?;
        if is_same(&reading, contents) {
            return Ok(self.clone());
        }
        let tree = Tree::of(self);
        let naming = Naming::of(self, &tree, families, fallback);
        let items: HashMap<Code, usize> = tree
            .competencies()
            .filter_map(|item| Some((naming.code(tree.objects.get(item)?), item)))
            .collect();
        let taken =
            ["CFItems", "CFAssociations"].into_iter().flat_map(|list| self.list(list)).filter_map(identifier);
        let mut planner = Planner {
            package: self,
            tree: &tree,
            changed_at,
            taken: taken.collect(),
            edits: Edits::default(),
        };
        let named: HashSet<&Code> = contents.iter().map(|content| &content.code).collect();
        for (code, item) in &items {
            if !named.contains(code) {
                planner.remove(*item);
            }
        }
        // What every competency is to be called, by the identifier of its item.
        let mut meant: HashMap<Uuid, &Content> = HashMap::new();
        let mut structural = named.len() != reading.entries.len();
        for content in contents {
            match (items.get(&content.code), reading.entries.get(&content.code)) {
                (Some(item), Some((id, entry))) => {
                    meant.insert(*id, content);
                    planner.change(*item, *id, entry, content);
                }
                _ => {
                    structural = true;
                    meant.insert(planner.add(content, families), content);
                }
            }
        }
        let edits = planner.edits;
        // Where competencies are told by their place or type, one that comes or goes may make others of its neighbours.
        let mark = structural && (tree.mode != Mode::Typed || contents.is_empty());
        let mut package = self.clone();
        package.apply(edits, changed_at);
        if mark {
            package.mark(&meant);
        }
        package.name(&meant, families, fallback, changed_at);
        if let Some(document) = package.document_mut() {
            document.insert("lastChangeDateTime".to_owned(), instant(changed_at));
        }
        Ok(package)
    }

    fn apply(&mut self, edits: Edits, changed_at: DateTime<Utc>) {
        let Edits { statements, rubric_texts, moved, gone, gone_levels, added } = edits;
        if let Some(items) = self.values_mut("CFItems") {
            for (item, statement) in statements {
                if let Some(object) = items.get_mut(item).and_then(Value::as_object_mut) {
                    object.insert("fullStatement".to_owned(), json!(statement));
                    object.insert("lastChangeDateTime".to_owned(), instant(changed_at));
                }
            }
        }
        let is_gone = |id: Option<Uuid>| id.is_some_and(|id| gone.contains(&id));
        if let Some(associations) = self.values_mut("CFAssociations") {
            let mut dropped = HashSet::new();
            for (index, end) in moved {
                match (end, associations.get_mut(index).and_then(Value::as_object_mut)) {
                    (Some(end), Some(object)) => {
                        object.insert("destinationNodeURI".to_owned(), end.into_link());
                        object.insert("lastChangeDateTime".to_owned(), instant(changed_at));
                    }
                    (None, Some(object)) => dropped.extend(identifier(object)),
                    (_, None) => {}
                }
            }
            associations.retain(|association| {
                let Some(object) = association.as_object() else { return true };
                let ends = ["originNodeURI", "destinationNodeURI"].map(|end| is_gone(linked(object, end)));
                !ends.contains(&true) && !identifier(object).is_some_and(|id| dropped.contains(&id))
            });
        }
        if let Some(items) = self.values_mut("CFItems") {
            items.retain(|item| !is_gone(item.as_object().and_then(identifier)));
        }
        if !rubric_texts.is_empty()
            || !gone_levels.is_empty()
            || (!gone.is_empty() && self.root.contains_key("CFRubrics"))
        {
            self.apply_to_rubrics(&rubric_texts, &gone, &gone_levels, changed_at);
        }
        for Added { object, parent, sequence, association } in added {
            let Some(id) = identifier(&object) else { continue };
            let association = child_of(association, End::of(id, &object), parent, sequence, changed_at);
            if let Some(items) = self.values_mut("CFItems") {
                items.push(Value::Object(object));
            }
            if let Some(associations) = self.values_mut("CFAssociations") {
                associations.push(association);
            }
        }
    }

    fn apply_to_rubrics(
        &mut self,
        texts: &HashMap<Uuid, String>,
        gone: &HashSet<Uuid>,
        gone_levels: &HashSet<Uuid>,
        changed_at: DateTime<Utc>,
    ) {
        for rubric in self.values_mut("CFRubrics").into_iter().flatten().filter_map(Value::as_object_mut) {
            let Some(criteria) = rubric.get_mut("CFRubricCriteria").and_then(Value::as_array_mut) else {
                continue;
            };
            criteria.retain(|criterion| {
                let about = criterion.as_object().and_then(|criterion| linked(criterion, "CFItemURI"));
                !about.is_some_and(|about| gone.contains(&about))
            });
            for criterion in criteria.iter_mut().filter_map(Value::as_object_mut) {
                let Some(levels) = criterion.get_mut("CFRubricCriterionLevels").and_then(Value::as_array_mut)
                else {
                    continue;
                };
                let id = |level: &Value| level.as_object().and_then(identifier);
                levels.retain(|level| !id(level).is_some_and(|id| gone_levels.contains(&id)));
                for level in levels {
                    if let (Some(text), Some(object)) =
                        (id(level).and_then(|id| texts.get(&id)), level.as_object_mut())
                    {
                        object.insert("description".to_owned(), json!(text));
                        object.insert("lastChangeDateTime".to_owned(), instant(changed_at));
                    }
                }
            }
        }
    }

    /// From now on competencies are told by our mark.
    fn mark(&mut self, meant: &HashMap<Uuid, &Content>) {
        if let Some(document) = self.document_mut() {
            set_our_own(document, "marked", json!(true));
        }
        for item in self.values_mut("CFItems").into_iter().flatten().filter_map(Value::as_object_mut) {
            if identifier(item).is_some_and(|id| meant.contains_key(&id)) {
                set_our_own(item, "competency", json!(true));
            }
        }
    }

    /// Sees to it that every competency is read with the code, name and family it is meant to have.
    fn name(
        &mut self,
        meant: &HashMap<Uuid, &Content>,
        families: &[Family],
        fallback: &Code,
        changed_at: DateTime<Utc>,
    ) {
        let mut notes: BTreeMap<usize, Vec<(&'static str, String)>> = BTreeMap::new();
        let tree = Tree::of(self);
        let naming = Naming::of(self, &tree, families, fallback);
        for item in tree.competencies() {
            let Some(object) = tree.objects.get(item) else { continue };
            let Some(content) = identifier(object).and_then(|id| meant.get(&id)) else { continue };
            let mut note = |what, value: &str| notes.entry(item).or_default().push((what, value.to_owned()));
            if naming.code(object) != content.code {
                note("code", content.code.as_str());
            }
            if naming.family(&tree, item) != content.family {
                note("family", content.family.as_str());
            }
            if name_of(object).as_ref() != Some(&content.name) {
                note("name", content.name.as_str());
            }
        }
        let Some(items) = self.values_mut("CFItems") else { return };
        for (item, notes) in notes {
            let Some(object) = items.get_mut(item).and_then(Value::as_object_mut) else { continue };
            object.insert("lastChangeDateTime".to_owned(), instant(changed_at));
            for (what, value) in notes {
                match what {
                    "name" => drop(object.insert("abbreviatedStatement".to_owned(), json!(value))),
                    what => set_our_own(object, what, json!(value)),
                }
            }
        }
    }
}

fn is_same(reading: &CaseReading, contents: &[Content]) -> bool {
    let says =
        |content: &Content| reading.entries.get(&content.code).is_some_and(|(_, entry)| entry.says(content));
    reading.entries.len() == contents.len() && contents.iter().all(says)
}

impl Planner<'_> {
    fn id_of(&self, item: usize) -> Option<Uuid> {
        self.tree.objects.get(item).copied().and_then(identifier)
    }

    /// Takes an item with its levels and indicators out. What else is below it moves up.
    fn remove(&mut self, competency: usize) {
        self.edits.gone.extend(self.id_of(competency));
        let above = self.tree.parent(competency);
        // Below a level it would become an indicator.
        let above = above.filter(|item| self.tree.role(*item) != Role::Level);
        let end = above.and_then(|item| Some(End::of(self.id_of(item)?, self.tree.objects.get(item)?)));
        let document = self.package.document().and_then(|one| Some(End::of(identifier(one)?, one)));
        for (child, _) in self.tree.children(competency) {
            if self.tree.role(child) == Role::Level {
                self.remove_level(child);
            } else if let Some((_, association)) = self.tree.parents.get(child).copied().flatten() {
                self.edits.moved.push((association, end.clone().or_else(|| document.clone())));
            }
        }
    }

    fn remove_level(&mut self, level: usize) {
        self.edits.gone.extend(self.id_of(level));
        for indicator in self.tree.indicators(level) {
            self.edits.gone.extend(self.id_of(indicator));
        }
    }

    /// Brings an item to what `content` says.
    fn change(&mut self, item: usize, id: Uuid, entry: &CaseEntry, content: &Content) {
        if entry.definition != content.definition {
            self.edits.statements.push((item, content.definition.to_string()));
        }
        if entry.levels == content.levels {
            return;
        }
        let places = self.tree.level_places(item);
        for level in Level::ALL {
            let at = |levels: &[LevelText]| levels.iter().find(|text| text.level == level).cloned();
            match (at(&entry.levels), at(&content.levels)) {
                (before, after) if before == after => {}
                (None, Some(after)) => self.add_level(item, id, &after),
                (Some(before), Some(after)) => match places.get(&level) {
                    Some(LevelPlace::Item { item, indicators }) => {
                        self.change_level(*item, indicators, &before, &after);
                    }
                    Some(LevelPlace::Rubric(_)) if after.indicators.is_empty() => {
                        self.rubric_levels(item, level, |edits, id| {
                            edits.rubric_texts.insert(id, after.description.to_string());
                        });
                    }
                    // A rubric has no place for indicators; an item of its own goes before it.
                    Some(LevelPlace::Rubric(_)) | None => self.add_level(item, id, &after),
                },
                (Some(_), None) => {
                    // All that speaks of this level: what stood behind the first would come forward.
                    let items: Vec<usize> = self
                        .tree
                        .level_items(item)
                        .filter(|(one, _)| *one == level)
                        .map(|(_, at)| at)
                        .collect();
                    for one in items {
                        self.remove_level(one);
                    }
                    self.rubric_levels(item, level, |edits, id| {
                        edits.gone_levels.insert(id);
                    });
                }
                (None, None) => {}
            }
        }
    }

    fn rubric_levels(&mut self, item: usize, level: Level, edit: impl Fn(&mut Edits, Uuid)) {
        for (_, _, object) in self.tree.rubric_levels(item).iter().filter(|(one, ..)| *one == level) {
            if let Some(id) = identifier(object) {
                edit(&mut self.edits, id);
            }
        }
    }

    fn change_level(&mut self, item: usize, indicators: &[usize], before: &LevelText, after: &LevelText) {
        if before.description != after.description {
            self.edits.statements.push((item, after.description.to_string()));
        }
        let texts = before.indicators.iter().zip(&after.indicators);
        for (at, (before, after)) in indicators.iter().zip(texts) {
            if before != after {
                self.edits.statements.push((*at, after.to_string()));
            }
        }
        for at in indicators.iter().skip(after.indicators.len()) {
            self.edits.gone.extend(self.id_of(*at));
        }
        let Some(id) = self.id_of(item) else { return };
        let Some(end) = self.tree.objects.get(item).map(|object| End::of(id, object)) else { return };
        // Behind the last there is: without a number where that has none.
        let numbers: Option<Vec<i64>> = self.tree.children(item).map(|(_, sequence)| sequence).collect();
        let next = numbers.map(|numbers| numbers.into_iter().max().unwrap_or(0).saturating_add(1));
        let there = indicators.len();
        for ((ordinal, offset), text) in (1..).zip(0..).zip(&after.indicators).skip(there) {
            let behind = i64::try_from(there).unwrap_or(i64::MAX);
            let sequence = next.map(|next| next.saturating_add(offset).saturating_sub(behind));
            self.add_indicator(&end, ordinal, text.as_str(), sequence);
        }
    }

    /// `id`, or another that follows from it and is free.
    fn claim(&mut self, id: Uuid) -> Uuid {
        let mut id = id;
        while !self.taken.insert(id) {
            id = derived(id, "again");
        }
        id
    }

    /// Puts an item below `parent`.
    fn put(&mut self, item: NewItem<'_>, parent: &End, sequence: Option<i64>) -> End {
        let id = item.id;
        let object = item.into_object(self.changed_at);
        let end = End::of(id, &object);
        let association = self.claim(association_id(id));
        self.edits.added.push(Added { object, parent: parent.clone(), sequence, association });
        end
    }

    fn add_indicator(&mut self, level: &End, ordinal: usize, text: &str, sequence: Option<i64>) {
        let id = self.claim(indicator_id(level.id, ordinal));
        let item = NewItem { id, kind: "Indicator", statement: text, short: None, code: None, listed: None };
        self.put(item, level, sequence);
    }

    fn add_level(&mut self, competency: usize, id: Uuid, text: &LevelText) {
        if let Some(object) = self.tree.objects.get(competency) {
            self.add_level_below(&End::of(id, object), text);
        }
    }

    fn add_level_below(&mut self, competency: &End, text: &LevelText) {
        let number = i64::from(text.level.get());
        let id = self.claim(level_id(competency.id, text));
        let item = NewItem {
            id,
            kind: "Level",
            statement: text.description.as_str(),
            short: None,
            code: None,
            listed: Some(number),
        };
        let end = self.put(item, competency, Some(number));
        for ((ordinal, sequence), indicator) in (1..).zip(1..).zip(&text.indicators) {
            self.add_indicator(&end, ordinal, indicator.as_str(), Some(sequence));
        }
    }

    /// Adds a competency below the item of its family, or below the document.
    fn add(&mut self, content: &Content, families: &[Family]) -> Uuid {
        let id = self.claim(case_identifier(content.competency));
        let item = NewItem {
            id,
            kind: "Competency",
            statement: content.definition.as_str(),
            short: Some(content.name.as_str()),
            code: Some(content.code.as_str()),
            listed: None,
        };
        let is_family = |item: &&Object| {
            let named =
                ["humanCodingScheme", "fullStatement"].into_iter().filter_map(|name| text(item, name));
            let mut named = named.filter_map(|text| Family::read(families, text));
            named.any(|family| family.code == content.family)
        };
        let tree = self.tree;
        let above = (0..tree.objects.len())
            .filter(|item| tree.role(*item) == Role::Other && tree.parent(*item).is_none())
            .filter_map(|item| tree.objects.get(item).copied())
            .find(is_family)
            .or_else(|| self.package.document());
        if let Some(above) = above.and_then(|object| Some(End::of(identifier(object)?, object))) {
            let end = self.put(item, &above, None);
            for text in &content.levels {
                self.add_level_below(&end, text);
            }
        }
        id
    }
}
