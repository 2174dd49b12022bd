//! What a dictionary holds of a package.

use std::collections::{BTreeMap, HashMap};

use kernel::{Code, Level, LongText, Name, Violation, ViolationCode};
use serde_json::Value;
use uuid::Uuid;

use super::tree::{LevelPlace, Role, Tree, rubric_text};
use super::{CaseEntry, CasePackage, Object, identifier, our_own, text};
use crate::{Family, LevelText};

/// The most violations one package is told of.
const MAX_VIOLATIONS: usize = 1_000;

/// What a dictionary holds of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseReading {
    /// What it says of each competency, by code, with the identifier of its item.
    pub entries: BTreeMap<Code, (Uuid, CaseEntry)>,
    /// Items that a dictionary has no place for: families, headings, notes. They stay in the package.
    pub others: usize,
    /// Levels and indicators that a dictionary has no place for: a level beyond the five, or a second text for one.
    pub unplaced: usize,
}

/// A text in one line, no longer than a name may be; `None` when nothing is left.
pub(super) fn one_line(text: &str) -> Option<Name> {
    let fits = |c: char| !c.is_control() && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let spaced: String = text.chars().map(|c| if fits(c) { c } else { ' ' }).collect();
    let line = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(Name::MAX).collect();
    Name::parse(&short).ok()
}

/// How an item is called: by its short statement, or else by the beginning of the full one.
pub(super) fn name_of(item: &Object) -> Option<Name> {
    let name = |property| {
        let text = text(item, property)?;
        Name::parse(text).ok().or_else(|| one_line(text))
    };
    name("abbreviatedStatement").or_else(|| name("fullStatement"))
}

/// The family an item names by itself.
fn family_named<'a>(families: &'a [Family], item: &Object) -> Option<&'a Code> {
    let properties = ["humanCodingScheme", "abbreviatedStatement", "fullStatement"];
    let named = properties.into_iter().filter_map(|property| text(item, property));
    let mut named = named.filter_map(|text| Family::read(families, text));
    named.next().map(|family| &family.code)
}

/// The family an object names as its subject.
fn family_subject<'a>(families: &'a [Family], object: &Object) -> Option<&'a Code> {
    let subjects = object.get("subject").and_then(Value::as_array);
    let mut subjects = subjects.into_iter().flatten().filter_map(Value::as_str);
    subjects.find_map(|text| Family::read(families, text)).map(|family| &family.code)
}

/// Who decides on codes and families, where items do not.
#[derive(Debug)]
pub(super) struct Naming<'a> {
    families: &'a [Family],
    fallback: &'a Code,
    document: Option<&'a Code>,
    /// How many competencies have each `humanCodingScheme`.
    codes: HashMap<&'a str, usize>,
}

impl<'a> Naming<'a> {
    pub(super) fn of(
        package: &'a CasePackage,
        tree: &Tree<'a>,
        families: &'a [Family],
        fallback: &'a Code,
    ) -> Self {
        let document = package.document().and_then(|document| family_subject(families, document));
        let mut codes = HashMap::new();
        for item in tree.competencies() {
            if let Some(code) = tree.objects.get(item).and_then(|one| text(one, "humanCodingScheme")) {
                *codes.entry(code.trim()).or_default() += 1;
            }
        }
        Self { families, fallback, document, codes }
    }

    /// The code of a competency: its `humanCodingScheme`, or where that is none of its own its identifier.
    pub(super) fn code(&self, item: &Object) -> Code {
        let ours = our_own(item, "code").and_then(Value::as_str).and_then(|code| Code::parse(code).ok());
        let scheme = || {
            let scheme = text(item, "humanCodingScheme").map(str::trim)?;
            let own = self.codes.get(scheme) == Some(&1);
            if own { Code::parse(scheme).ok() } else { None }
        };
        let identifier = || Code::stored(identifier(item).unwrap_or_default().to_string());
        ours.or_else(scheme).unwrap_or_else(identifier)
    }

    /// The family we noted of an item, if we did; `Some(None)` when there is no such family.
    fn noted(&self, item: &Object) -> Option<Option<&'a Family>> {
        let noted = our_own(item, "family")?.as_str()?;
        Some(self.families.iter().find(|family| family.code.as_str() == noted))
    }

    /// Whether an item carries a note of ours about a family there is not.
    fn strange(&self, item: &Object) -> bool {
        self.noted(item).is_some_and(|family| family.is_none())
    }

    /// The family of a competency: what we noted, what the items above it are called, its subject, the document's, or
    /// the one that was named for the rest.
    pub(super) fn family(&self, tree: &Tree<'_>, competency: usize) -> Code {
        let item = tree.objects.get(competency).copied();
        if let Some(family) = item.and_then(|item| self.noted(item)).flatten() {
            return family.code.clone();
        }
        let mut above = tree.parent(competency);
        while let Some(at) = above {
            if let Some(code) = tree.objects.get(at).and_then(|item| family_named(self.families, item)) {
                return code.clone();
            }
            above = tree.parent(at);
        }
        let subject = item.and_then(|item| family_subject(self.families, item));
        subject.or(self.document).unwrap_or(self.fallback).clone()
    }
}

impl CasePackage {
    /// What a dictionary holds of this package. `families` are those there are; `fallback` is the family of competencies
    /// that name none.
    ///
    /// # Errors
    /// Every statement that is too long or holds what no text may, with a pointer into the package.
    pub fn read(&self, families: &[Family], fallback: &Code) -> Result<CaseReading, Vec<Violation>> {
        let tree = Tree::of(self);
        let naming = Naming::of(self, &tree, families, fallback);
        let mut found = Vec::new();
        let mut reading = CaseReading::default();
        let mut placed = 0;
        for competency in tree.competencies() {
            let Some(item) = tree.objects.get(competency).copied() else { continue };
            let name = name_of(item);
            let definition = statement(&mut found, competency, item);
            let mut levels = Vec::new();
            for (level, place) in tree.level_places(competency) {
                if let LevelPlace::Item { indicators, .. } = &place {
                    placed += 1 + indicators.len();
                }
                levels.extend(self.level(&mut found, &tree, level, &place));
            }
            if naming.strange(item) {
                let allowed: Vec<_> = families.iter().map(|family| family.code.as_str()).collect();
                let at = at(competency, "extensions/bangkom/family");
                let violation = Violation::new(at, ViolationCode::NotAllowedValue);
                push(&mut found, violation.with("allowed", allowed.join(", ")));
            }
            let (code, family) = (naming.code(item), naming.family(&tree, competency));
            let (Some(name), Some(definition)) = (name, definition) else { continue };
            let entry = CaseEntry { code: code.clone(), name, family, definition, levels };
            // Two can share a code only where one carries another's as our own note: somebody made that up.
            if reading.entries.insert(code, (identifier(item).unwrap_or_default(), entry)).is_some() {
                push(
                    &mut found,
                    Violation::new(at(competency, "extensions/bangkom/code"), ViolationCode::Duplicate),
                );
            }
        }
        let role = |wanted: &[Role]| tree.roles.iter().filter(|role| wanted.contains(role)).count();
        reading.others = role(&[Role::Other]);
        reading.unplaced = role(&[Role::Level, Role::Indicator]).saturating_sub(placed);
        if found.is_empty() { Ok(reading) } else { Err(found) }
    }

    fn level(
        &self,
        found: &mut Vec<Violation>,
        tree: &Tree<'_>,
        level: Level,
        place: &LevelPlace,
    ) -> Option<LevelText> {
        match place {
            LevelPlace::Item { item, indicators } => {
                let description = statement(found, *item, tree.objects.get(*item)?);
                if indicators.len() > LevelText::MAX_INDICATORS {
                    let violation = Violation::new(at(*item, "identifier"), ViolationCode::TooMany);
                    push(found, violation.with("max", LevelText::MAX_INDICATORS));
                }
                let texts =
                    indicators.iter().filter_map(|one| statement(found, *one, tree.objects.get(*one)?));
                let indicators = texts.collect();
                Some(LevelText { level, description: description?, indicators })
            }
            LevelPlace::Rubric(place) => {
                let rubric = self.values("CFRubrics").get(place.rubric)?;
                let criterion = rubric.get("CFRubricCriteria")?.get(place.criterion)?;
                let object = criterion.get("CFRubricCriterionLevels")?.get(place.level)?.as_object()?;
                let said = LongText::parse(rubric_text(object)?);
                let pointer = format!(
                    "/CFRubrics/{}/CFRubricCriteria/{}/CFRubricCriterionLevels/{}/description",
                    place.rubric, place.criterion, place.level
                );
                match said {
                    Ok(description) => Some(LevelText { level, description, indicators: Vec::new() }),
                    Err(violation) => {
                        push(found, violation.under(&pointer));
                        None
                    }
                }
            }
        }
    }
}

fn push(found: &mut Vec<Violation>, violation: Violation) {
    if found.len() < MAX_VIOLATIONS {
        found.push(violation);
    }
}

fn at(item: usize, property: &str) -> String {
    format!("/CFItems/{item}/{property}")
}

/// What an item says, as one of our texts.
fn statement(found: &mut Vec<Violation>, index: usize, item: &Object) -> Option<LongText> {
    match LongText::parse(text(item, "fullStatement").unwrap_or_default()) {
        Ok(text) => Some(text),
        Err(violation) => {
            push(found, violation.under(&at(index, "fullStatement")));
            None
        }
    }
}
