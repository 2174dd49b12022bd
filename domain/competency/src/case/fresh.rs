//! A dictionary that never was a package, as one; and the pieces packages are made of.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use kernel::{Code, NATIONAL};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Adoption, CaseIdentity, CasePackage, OURS, Object, case_identifier, derived, text, urn};
use crate::{Content, Dictionary, DictionaryState, Family, LevelText};

/// What a package says of the dictionary it is made of.
#[derive(Clone, Debug)]
pub struct CaseSource<'a> {
    /// The dictionary.
    pub dictionary: &'a Dictionary,
    /// The name of the agency it belongs to.
    pub creator: &'a str,
    /// The version's number.
    pub number: i32,
    /// Where the version stands.
    pub state: DictionaryState,
    /// When it was written last.
    pub changed_at: DateTime<Utc>,
    /// The day it was published.
    pub published_on: Option<NaiveDate>,
    /// The day it was retired.
    pub retired_on: Option<NaiveDate>,
}

/// The kinds of item a dictionary makes, from the top: the text of `CFItemType`, what it is, and its place.
const KINDS: [(&str, &str, &str); 4] = [
    ("Competency Family", "Jenis kompetensi", "1"),
    ("Competency", "Kompetensi", "1.1"),
    ("Level", "Level kompetensi, 1 sampai 5", "1.1.1"),
    ("Indicator", "Indikator perilaku", "1.1.1.1"),
];

/// An item to be put into a package.
#[derive(Clone, Debug)]
pub(super) struct NewItem<'a> {
    pub(super) id: Uuid,
    pub(super) kind: &'static str,
    pub(super) statement: &'a str,
    pub(super) short: Option<&'a str>,
    pub(super) code: Option<&'a str>,
    pub(super) listed: Option<i64>,
}

/// An instant as packages write it.
pub(super) fn instant(at: DateTime<Utc>) -> Value {
    json!(at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

fn kind_id(kind: &str) -> Uuid {
    derived(NATIONAL.uuid(), &format!("CFItemType/{kind}"))
}

fn link(id: Uuid, uri: &str, title: &str) -> Value {
    json!({"identifier": id, "uri": uri, "title": title})
}

impl NewItem<'_> {
    pub(super) fn into_object(self, at: DateTime<Utc>) -> Object {
        let Self { id, kind, statement, short, code, listed } = self;
        let mut object = Object::new();
        let mut set = |name: &str, value: Value| object.insert(name.to_owned(), value);
        set("identifier", json!(id));
        set("uri", json!(urn(id)));
        set("CFItemType", json!(kind));
        set("CFItemTypeURI", link(kind_id(kind), &urn(kind_id(kind)), kind));
        set("fullStatement", json!(statement));
        set("language", json!("id"));
        set("lastChangeDateTime", instant(at));
        if let Some(short) = short {
            set("abbreviatedStatement", json!(short));
        }
        if let Some(code) = code {
            set("humanCodingScheme", json!(code));
        }
        if let Some(listed) = listed {
            set("listEnumeration", json!(listed.to_string()));
        }
        object
    }
}

/// An end of an association.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) id: Uuid,
    pub(super) uri: String,
    pub(super) title: String,
}

impl End {
    /// The end that is this item or document.
    pub(super) fn of(id: Uuid, object: &Object) -> Self {
        let title = ["abbreviatedStatement", "humanCodingScheme", "fullStatement", "title"];
        let title = title.into_iter().find_map(|property| text(object, property)).unwrap_or_default();
        Self {
            id,
            uri: text(object, "uri").map_or_else(|| urn(id), ToOwned::to_owned),
            title: title.chars().take(200).collect(),
        }
    }

    pub(super) fn into_link(self) -> Value {
        link(self.id, &self.uri, &self.title)
    }
}

/// "`child` is a child of `parent`."
pub(super) fn child_of(id: Uuid, child: End, parent: End, sequence: Option<i64>, at: DateTime<Utc>) -> Value {
    let mut object = json!({
        "identifier": id, "uri": urn(id), "associationType": "isChildOf",
        "originNodeURI": child.into_link(), "destinationNodeURI": parent.into_link(), "lastChangeDateTime": instant(at),
    });
    if let (Some(object), Some(sequence)) = (object.as_object_mut(), sequence) {
        object.insert("sequenceNumber".to_owned(), json!(sequence));
    }
    object
}

/// The identifier of what says that an item is below another.
pub(super) fn association_id(child: Uuid) -> Uuid {
    derived(child, "isChildOf")
}

/// The identifier of the item for a level of the competency whose item is `competency`.
pub(super) fn level_id(competency: Uuid, text: &LevelText) -> Uuid {
    derived(competency, &format!("Level/{}", text.level))
}

/// The identifier of the item for an indicator, counted from 1, of the level whose item is `level`.
pub(super) fn indicator_id(level: Uuid, ordinal: usize) -> Uuid {
    derived(level, &format!("Indicator/{ordinal}"))
}

/// Items and associations as they are made.
struct Making {
    at: DateTime<Utc>,
    items: Vec<Value>,
    associations: Vec<Value>,
}

impl Making {
    fn put(&mut self, item: NewItem<'_>, parent: &End, sequence: i64) -> End {
        let id = item.id;
        let object = item.into_object(self.at);
        let end = End::of(id, &object);
        self.items.push(Value::Object(object));
        let association = child_of(association_id(id), end.clone(), parent.clone(), Some(sequence), self.at);
        self.associations.push(association);
        end
    }

    fn content(&mut self, content: &Content, parent: &End, sequence: i64) {
        let Content { competency, code, name, family: _, definition, levels } = content;
        let item = NewItem {
            id: case_identifier(*competency),
            kind: "Competency",
            statement: definition.as_str(),
            short: Some(name.as_str()),
            code: Some(code.as_str()),
            listed: None,
        };
        let competency = self.put(item, parent, sequence);
        for text in levels {
            let number = i64::from(text.level.get());
            let item = NewItem {
                id: level_id(competency.id, text),
                kind: "Level",
                statement: text.description.as_str(),
                short: None,
                code: None,
                listed: Some(number),
            };
            let level = self.put(item, &competency, number);
            for ((ordinal, sequence), indicator) in (1..).zip(1..).zip(&text.indicators) {
                let item = NewItem {
                    id: indicator_id(level.id, ordinal),
                    kind: "Indicator",
                    statement: indicator.as_str(),
                    short: None,
                    code: None,
                    listed: None,
                };
                self.put(item, &level, sequence);
            }
        }
    }
}

impl CasePackage {
    /// A dictionary's version as a package: families as items, competencies below them, levels below those, indicators
    /// below those. Made of the same, it is the same.
    #[must_use]
    pub fn of(source: &CaseSource<'_>, contents: &[Content], families: &[Family]) -> Self {
        let CaseSource { dictionary, creator, number, state, changed_at, published_on, retired_on } = source;
        let CaseIdentity { document: id, version } = CaseIdentity::native(dictionary.id, *number);
        let mut document = Object::new();
        let mut set = |name: &str, value: Value| document.insert(name.to_owned(), value);
        set("identifier", json!(id));
        set("uri", json!(urn(id)));
        set("caseVersion", json!("1.1"));
        set("title", json!(dictionary.name));
        set("creator", json!(creator));
        set("language", json!("id"));
        set("version", json!(version));
        set("adoptionStatus", json!(Adoption::word(*state)));
        set("lastChangeDateTime", instant(*changed_at));
        set("extensions", json!({OURS: {"dictionary_code": dictionary.code}}));
        if let Some(day) = published_on {
            set("statusStartDate", json!(day.to_string()));
        }
        if let Some(day) = retired_on {
            set("statusEndDate", json!(day.to_string()));
        }
        let root = End::of(id, &document);
        let mut making = Making { at: *changed_at, items: Vec::new(), associations: Vec::new() };
        let used: BTreeSet<&Code> = contents.iter().map(|content| &content.family).collect();
        let mut used: Vec<_> = used
            .into_iter()
            .map(|code| (code, families.iter().find(|family| family.code == *code)))
            .collect();
        used.sort_by_key(|(_, family)| family.map_or(i32::MAX, |family| family.ordinal));
        for (sequence, (code, family)) in (1..).zip(used) {
            let item = NewItem {
                id: derived(id, &format!("Family/{code}")),
                kind: "Competency Family",
                statement: family.map_or(code.as_str(), |family| family.name.as_str()),
                short: None,
                code: Some(code.as_str()),
                listed: None,
            };
            let family = making.put(item, &root, sequence);
            for (sequence, content) in (1..).zip(contents.iter().filter(|content| content.family == *code)) {
                making.content(content, &family, sequence);
            }
        }
        let kinds = KINDS.map(|(kind, description, place)| {
            json!({
                "identifier": kind_id(kind), "uri": urn(kind_id(kind)), "title": kind, "description": description,
                "hierarchyCode": place, "lastChangeDateTime": "2026-01-01T00:00:00Z",
            })
        });
        let mut package = Object::new();
        package.insert("CFDocument".to_owned(), Value::Object(document));
        package.insert("CFItems".to_owned(), Value::Array(making.items));
        package.insert("CFAssociations".to_owned(), Value::Array(making.associations));
        package.insert("CFDefinitions".to_owned(), json!({"CFItemTypes": kinds}));
        Self { root: package }
    }
}
