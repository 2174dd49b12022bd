//! A package held against the information model: what is wrong, each with its place.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use kernel::{Violation, ViolationCode};
use serde_json::Value;
use uuid::Uuid;

use super::spelling::spelled;
use super::{
    CASE_MAX_ASSOCIATIONS, CASE_MAX_ITEMS, CASE_MAX_VERSION, CasePackage, Object, by_identifier, identifier,
    linked, read_identifier, text,
};

/// The most violations one package is told of.
const MAX_VIOLATIONS: usize = 1_000;

/// The form of a property.
#[derive(Clone, Copy)]
enum Form {
    Identifier,
    Text,
    /// A text that must not be blank.
    Filled,
    /// A text that tells adoptions apart, of one line and no longer than [`CASE_MAX_VERSION`].
    Version,
    Instant,
    Day,
    Number,
    Integer,
    Texts,
    /// A link whose target has an identifier of its own kind.
    Link,
    /// A link that may lead outside the world of CASE.
    AnyLink,
    /// One link, or a list of them: CASE 1.0 and 1.1 disagree.
    Links,
    Object,
    /// A list of objects of this class.
    List(&'static Class),
    /// An object of this class.
    One(&'static Class),
}

use Form::{AnyLink, Day, Filled, Instant, Integer, Link, Links, List, Number, One, Text, Texts, Version};

/// The properties a class has that mean something; others may stand beside them.
struct Class {
    required: &'static [(&'static str, Form)],
    optional: &'static [(&'static str, Form)],
}

static DOCUMENT: Class = Class {
    required: &[
        ("identifier", Form::Identifier),
        ("uri", Filled),
        ("creator", Filled),
        ("title", Filled),
        ("lastChangeDateTime", Instant),
    ],
    optional: &[
        ("frameworkType", Text),
        ("caseVersion", Text),
        ("officialSourceURL", Text),
        ("publisher", Text),
        ("description", Text),
        ("subject", Texts),
        ("subjectURI", Links),
        ("language", Text),
        ("version", Version),
        ("adoptionStatus", Text),
        ("statusStartDate", Day),
        ("statusEndDate", Day),
        ("licenseURI", Link),
        ("notes", Text),
        ("extensions", Form::Object),
    ],
};

static ITEM: Class = Class {
    required: &[
        ("identifier", Form::Identifier),
        ("fullStatement", Filled),
        ("uri", Filled),
        ("lastChangeDateTime", Instant),
    ],
    optional: &[
        ("alternativeLabel", Text),
        ("CFItemType", Text),
        ("humanCodingScheme", Text),
        ("listEnumeration", Text),
        ("abbreviatedStatement", Text),
        ("conceptKeywords", Texts),
        ("conceptKeywordsURI", Links),
        ("notes", Text),
        ("subject", Texts),
        ("subjectURI", Links),
        ("language", Text),
        ("educationLevel", Texts),
        ("CFItemTypeURI", Link),
        ("licenseURI", Link),
        ("statusStartDate", Day),
        ("statusEndDate", Day),
        ("extensions", Form::Object),
    ],
};

static ASSOCIATION: Class = Class {
    required: &[
        ("identifier", Form::Identifier),
        ("associationType", Filled),
        ("uri", Filled),
        ("originNodeURI", AnyLink),
        ("destinationNodeURI", AnyLink),
        ("lastChangeDateTime", Instant),
    ],
    optional: &[
        ("sequenceNumber", Integer),
        ("CFAssociationGroupingURI", Link),
        ("notes", Text),
        ("extensions", Form::Object),
    ],
};

static DEFINITIONS: Class = Class {
    required: &[],
    optional: &[
        ("CFConcepts", List(&CONCEPT)),
        ("CFSubjects", List(&CONCEPT)),
        ("CFLicenses", List(&LICENSE)),
        ("CFItemTypes", List(&ITEM_TYPE)),
        ("CFAssociationGroupings", List(&GROUPING)),
        ("extensions", Form::Object),
    ],
};

static CONCEPT: Class = Class {
    required: TITLED,
    optional: &[
        ("hierarchyCode", Text),
        ("keywords", Text),
        ("description", Text),
        ("extensions", Form::Object),
    ],
};

static LICENSE: Class = Class {
    required: TITLED,
    optional: &[("description", Text), ("licenseText", Text), ("extensions", Form::Object)],
};

static ITEM_TYPE: Class = Class {
    required: TITLED,
    optional: &[
        ("description", Text),
        ("hierarchyCode", Text),
        ("typeCode", Text),
        ("extensions", Form::Object),
    ],
};

static GROUPING: Class =
    Class { required: TITLED, optional: &[("description", Text), ("extensions", Form::Object)] };

const TITLED: &[(&str, Form)] =
    &[("identifier", Form::Identifier), ("uri", Filled), ("title", Text), ("lastChangeDateTime", Instant)];

static RUBRIC: Class = Class {
    required: DATED,
    optional: &[
        ("title", Text),
        ("description", Text),
        ("CFRubricCriteria", List(&CRITERION)),
        ("extensions", Form::Object),
    ],
};

static CRITERION: Class = Class {
    required: DATED,
    optional: &[
        ("category", Text),
        ("description", Text),
        ("CFItemURI", Link),
        ("weight", Number),
        ("position", Integer),
        ("rubricId", Form::Identifier),
        ("CFRubricCriterionLevels", List(&CRITERION_LEVEL)),
        ("extensions", Form::Object),
    ],
};

static CRITERION_LEVEL: Class = Class {
    required: DATED,
    optional: &[
        ("description", Text),
        ("quality", Text),
        ("score", Number),
        ("feedback", Text),
        ("position", Integer),
        ("rubricCriterionId", Form::Identifier),
    ],
};

const DATED: &[(&str, Form)] =
    &[("identifier", Form::Identifier), ("uri", Filled), ("lastChangeDateTime", Instant)];

static PACKAGE: Class = Class {
    required: &[("CFDocument", One(&DOCUMENT))],
    optional: &[
        ("CFItems", List(&ITEM)),
        ("CFAssociations", List(&ASSOCIATION)),
        ("CFDefinitions", One(&DEFINITIONS)),
        ("CFRubrics", List(&RUBRIC)),
        ("extensions", Form::Object),
    ],
};

/// What was found so far.
#[derive(Default)]
struct Found {
    violations: Vec<Violation>,
    /// Where each identifier was seen first.
    identifiers: HashMap<Uuid, String>,
}

impl Found {
    fn push(&mut self, at: impl Into<String>, code: ViolationCode) {
        self.add(Violation::new(at, code));
    }

    fn add(&mut self, violation: Violation) {
        if self.violations.len() < MAX_VIOLATIONS {
            self.violations.push(violation);
        }
    }

    fn is_full(&self) -> bool {
        self.violations.len() >= MAX_VIOLATIONS
    }

    fn class(&mut self, at: &str, value: &Value, class: &'static Class) {
        let Some(object) = value.as_object().filter(|_| spelled(value).is_none()) else {
            return self.push(at, ViolationCode::InvalidFormat);
        };
        let present = |name: &str| object.get(name).filter(|value| !value.is_null());
        for (name, form) in class.required {
            match present(name) {
                Some(value) => self.form(&format!("{at}/{name}"), value, *form),
                None => self.push(format!("{at}/{name}"), ViolationCode::Required),
            }
        }
        for (name, form) in class.optional {
            if let Some(value) = present(name) {
                self.form(&format!("{at}/{name}"), value, *form);
            }
        }
        if let Some(id) = identifier(object) {
            match self.identifiers.entry(id) {
                Entry::Vacant(place) => {
                    place.insert(at.to_owned());
                }
                Entry::Occupied(first) => {
                    let violation = Violation::new(format!("{at}/identifier"), ViolationCode::Duplicate)
                        .with("value", id)
                        .with("first", first.get());
                    self.add(violation);
                }
            }
        }
    }

    fn form(&mut self, at: &str, value: &Value, form: Form) {
        if self.is_full() {
            return;
        }
        let text = value.as_str();
        let wrong = match form {
            Number if spelled(value).is_some() => None,
            AnyLink | Link | Links | Form::Object if spelled(value).is_some() => {
                Some(ViolationCode::InvalidFormat)
            }
            List(class) => match value.as_array() {
                Some(list) => {
                    for (index, one) in list.iter().enumerate() {
                        self.class(&format!("{at}/{index}"), one, class);
                    }
                    return;
                }
                None => Some(ViolationCode::InvalidFormat),
            },
            One(class) => return self.class(at, value, class),
            Links if value.is_array() => {
                for (index, one) in value.as_array().into_iter().flatten().enumerate() {
                    self.form(&format!("{at}/{index}"), one, Link);
                }
                return;
            }
            Link | Links | AnyLink => match value.as_object() {
                Some(link) => return self.link(at, link, matches!(form, AnyLink)),
                None => Some(ViolationCode::InvalidFormat),
            },
            Form::Identifier if text.and_then(read_identifier).is_none() => Some(ViolationCode::InvalidId),
            Text if text.is_none() => Some(ViolationCode::InvalidFormat),
            Version => match text {
                Some(text) if text.chars().count() > CASE_MAX_VERSION => {
                    return self
                        .add(Violation::new(at, ViolationCode::TooLong).with("max", CASE_MAX_VERSION));
                }
                Some(text) if text.chars().any(char::is_control) => Some(ViolationCode::ControlCharacter),
                Some(_) => None,
                None => Some(ViolationCode::InvalidFormat),
            },
            Filled => match text {
                Some(text) if text.trim().is_empty() => Some(ViolationCode::Required),
                Some(_) => None,
                None => Some(ViolationCode::InvalidFormat),
            },
            Instant if !text.is_some_and(is_instant) => Some(ViolationCode::InvalidDate),
            Day if !text.is_some_and(is_day) => Some(ViolationCode::InvalidDate),
            Number if !value.is_number() => Some(ViolationCode::InvalidFormat),
            Integer if !value.is_i64() && !value.is_u64() => Some(ViolationCode::InvalidFormat),
            Texts if !value.as_array().is_some_and(|list| list.iter().all(Value::is_string)) => {
                Some(ViolationCode::InvalidFormat)
            }
            Form::Object if !value.is_object() => Some(ViolationCode::InvalidFormat),
            Form::Identifier | Text | Instant | Day | Number | Integer | Texts | Form::Object => None,
        };
        if let Some(code) = wrong {
            self.push(at, code);
        }
    }

    fn link(&mut self, at: &str, link: &Object, anything: bool) {
        match text(link, "identifier") {
            None => self.push(format!("{at}/identifier"), ViolationCode::Required),
            Some(id) if !anything && read_identifier(id).is_none() => {
                self.push(format!("{at}/identifier"), ViolationCode::InvalidId);
            }
            Some(_) => {}
        }
        if text(link, "uri").is_none_or(|uri| uri.trim().is_empty()) {
            self.push(format!("{at}/uri"), ViolationCode::Required);
        }
    }
}

fn is_instant(text: &str) -> bool {
    // XML Schema's dateTime: the zone may be missing.
    DateTime::parse_from_rfc3339(text).is_ok()
        || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").is_ok()
}

fn is_day(text: &str) -> bool {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok() || is_instant(text)
}

impl CasePackage {
    /// Checks a package.
    ///
    /// # Errors
    /// Every property that is missing or of another form, every identifier that occurs twice, every `isChildOf` that
    /// leads outside the package or in a circle; the first 1,000, with pointers into the package.
    pub fn check(value: Value) -> Result<Self, Vec<Violation>> {
        let mut found = Found::default();
        for (list, max) in [("CFItems", CASE_MAX_ITEMS), ("CFAssociations", CASE_MAX_ASSOCIATIONS)] {
            if value.get(list).and_then(Value::as_array).is_some_and(|list| list.len() > max) {
                found.add(Violation::new(format!("/{list}"), ViolationCode::TooMany).with("max", max));
            }
        }
        if found.violations.is_empty() {
            found.class("", &value, &PACKAGE);
        }
        let Value::Object(root) = value else { return Err(found.violations) };
        let package = Self { root };
        if let Some(version) = package.document_text("caseVersion")
            && !matches!(version, "1.0" | "1.1")
        {
            let violation = Violation::new("/CFDocument/caseVersion", ViolationCode::NotAllowedValue);
            found.add(violation.with("allowed", "1.0, 1.1").with("value", version));
        }
        if found.violations.is_empty() {
            package.check_tree(&mut found);
        }
        if found.violations.is_empty() { Ok(package) } else { Err(found.violations) }
    }

    /// Every `isChildOf` begins at an item, ends at an item or the document, and none leads back to where it began.
    fn check_tree(&self, found: &mut Found) {
        let items = by_identifier(self.list("CFItems"));
        let document = self.identity().document;
        let mut parents: HashMap<usize, Vec<(usize, usize)>> = HashMap::new();
        for (index, association) in self.list("CFAssociations").enumerate() {
            if text(association, "associationType") != Some("isChildOf") {
                continue;
            }
            let at = |end: &str| format!("/CFAssociations/{index}/{end}/identifier");
            let origin = linked(association, "originNodeURI");
            let child = origin.and_then(|id| items.get(&id).copied());
            if child.is_none() {
                found.push(at("originNodeURI"), ViolationCode::NotFound);
            }
            let destination = linked(association, "destinationNodeURI");
            let parent = destination.and_then(|id| items.get(&id).copied());
            if parent.is_none() && destination != Some(document) {
                found.push(at("destinationNodeURI"), ViolationCode::NotFound);
            }
            if let (Some(child), Some(parent)) = (child, parent) {
                parents.entry(child).or_default().push((parent, index));
            }
        }
        if let Some(index) = circle(&parents) {
            found
                .push(format!("/CFAssociations/{index}/destinationNodeURI/identifier"), ViolationCode::Cycle);
        }
    }
}

/// An association on a circle, if there is one. Nothing here calls itself: a chain may be as long as there are items.
fn circle(parents: &HashMap<usize, Vec<(usize, usize)>>) -> Option<usize> {
    let mut waiting: HashMap<usize, usize> = HashMap::new();
    let mut children: HashMap<usize, Vec<usize>> = HashMap::new();
    for (child, above) in parents {
        waiting.insert(*child, above.len());
        for (parent, _) in above {
            children.entry(*parent).or_default().push(*child);
        }
    }
    // Whoever has nothing above goes first and takes one from each below; what is never free lies on or below a circle.
    let mut free: Vec<usize> = children.keys().filter(|item| !waiting.contains_key(item)).copied().collect();
    while let Some(item) = free.pop() {
        for child in children.get(&item).into_iter().flatten() {
            if let Some(left) = waiting.get_mut(child) {
                *left -= 1;
                if *left == 0 {
                    waiting.remove(child);
                    free.push(*child);
                }
            }
        }
    }
    // From anything that waits, upwards through what waits: the first that comes again is on the circle.
    let mut item = *waiting.keys().min()?;
    let mut seen = std::collections::HashSet::new();
    loop {
        let (parent, association) =
            parents.get(&item)?.iter().find(|(parent, _)| waiting.contains_key(parent)).copied()?;
        if !seen.insert(item) {
            return Some(association);
        }
        item = parent;
    }
}
