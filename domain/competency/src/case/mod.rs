//! 1EdTech Competencies and Academic Standards Exchange (CASE) 1.1: a framework as one JSON package, and what a
//! dictionary can hold of it.
//!
//! A package says more than a dictionary has places for: other people's items, associations between frameworks,
//! licences, extensions. So a package is kept as it came, and the dictionary is a view of it:
//!
//! * [`CasePackage::read`] gives what a dictionary holds of the package;
//! * [`case_json`] reads it without respelling its numbers, and it serialises in that spelling;
//! * [`CasePackage::write`] gives the package with what a dictionary says now, everything else untouched.
//!
//! Writing what was read changes nothing, and reading what was written gives it back; both laws are tested over
//! arbitrary frameworks. A dictionary that never was a package becomes one with [`CasePackage::of`].
//!
//! Source: 1EdTech CASE Service 1.1, information model and REST/JSON binding, final release of January 2025; packages of
//! CASE 1.0 differ in nothing that matters here.

mod check;
mod fresh;
mod read;
mod spelling;
#[cfg(test)]
mod tests;
mod tree;
mod write;

use std::collections::HashMap;

use chrono::NaiveDate;
use kernel::{Code, CompetencyId, DictionaryId, LongText, Name};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{Content, DictionaryState, LevelText};

pub use fresh::CaseSource;
pub use read::CaseReading;
pub use spelling::case_json;

/// A JSON object of a package.
type Object = Map<String, Value>;

/// The most items of a package.
pub const CASE_MAX_ITEMS: usize = 100_000;

/// The most associations of a package.
pub const CASE_MAX_ASSOCIATIONS: usize = 400_000;

/// The most characters of a document's `version`.
pub const CASE_MAX_VERSION: usize = 200;

/// The property of an `extensions` object under which our own additions stand.
const OURS: &str = "bangkom";

/// A package that was checked: every property the standard knows has its form, identifiers occur once, and
/// `isChildOf` makes no circle and leads nowhere outside.
#[derive(Clone, Debug, PartialEq)]
pub struct CasePackage {
    root: Object,
}

/// What a version of a dictionary says of one competency, without our identifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseEntry {
    /// Its code, unique in the dictionary.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// Its family.
    pub family: Code,
    /// What it means.
    pub definition: LongText,
    /// What each level asks for, lowest first.
    pub levels: Vec<LevelText>,
}

impl CaseEntry {
    /// The content of the competency `id` that this says.
    #[must_use]
    pub fn into_content(self, competency: CompetencyId) -> Content {
        let Self { code, name, family, definition, levels } = self;
        Content { competency, code, name, family, definition, levels }
    }

    /// Whether `content` says the same.
    #[must_use]
    pub fn says(&self, content: &Content) -> bool {
        let Content { competency: _, code, name, family, definition, levels } = content;
        let Self { code: own_code, name: own_name, family: own_family, definition: own, levels: own_levels } =
            self;
        (own_code, own_name, own_family, own, own_levels) == (code, name, family, definition, levels)
    }
}

kernel::wire_enum! {
    /// What `adoptionStatus` comes to. CASE prescribes no words; these are the ones of its implementation guide, the
    /// older and the newer. Any other, and none, counts as a draft.
    pub enum Adoption {
        /// Being written.
        Draft = "DRAFT",
        /// In use, and therefore fixed: `Adopted`, `Implemented`.
        Adopted = "ADOPTED",
        /// No longer to be used: `Deprecated`, `Retired`.
        Deprecated = "DEPRECATED",
    }
}

impl Adoption {
    fn of(status: Option<&str>) -> Self {
        match status.map(str::trim).unwrap_or_default().to_ascii_lowercase().as_str() {
            "adopted" | "implemented" => Self::Adopted,
            "deprecated" | "retired" => Self::Deprecated,
            _ => Self::Draft,
        }
    }

    /// The word for a version in this state.
    const fn word(state: DictionaryState) -> &'static str {
        match state {
            DictionaryState::Draft => "Draft",
            DictionaryState::Published => "Adopted",
            DictionaryState::Retired => "Deprecated",
        }
    }

    /// Whether a version in `state` may carry this status.
    const fn fits(self, state: DictionaryState) -> bool {
        matches!(
            (self, state),
            (Self::Draft, DictionaryState::Draft)
                | (Self::Adopted, DictionaryState::Published)
                | (Self::Deprecated, DictionaryState::Retired)
        )
    }
}

/// What tells one adoption of a framework from another: the document's identifier, and its `version`, empty where it
/// has none. Two packages with the same one say the same, or one of them is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseIdentity {
    /// `CFDocument.identifier`.
    pub document: Uuid,
    /// `CFDocument.version`.
    pub version: String,
}

impl CaseIdentity {
    /// The identity of version `number` of a dictionary that never was a package.
    #[must_use]
    pub fn native(dictionary: DictionaryId, number: i32) -> Self {
        Self { document: derived(dictionary.uuid(), "CFDocument"), version: number.to_string() }
    }

    /// The identity of version `number` of a dictionary that goes on from the package with this one: the framework is
    /// the same, what is said of it is not its publisher's any more.
    #[must_use]
    pub fn continued(&self, number: i32) -> Self {
        if self.version.is_empty() {
            return Self { document: self.document, version: number.to_string() };
        }
        // What goes out can come in again: the longest versions give way to the number.
        let end = format!("+{number}");
        let room = CASE_MAX_VERSION.saturating_sub(end.len());
        let version: String = self.version.chars().take(room).chain(end.chars()).collect();
        Self { document: self.document, version }
    }
}

/// An identifier that follows from another: a UUID of version 5 (RFC 9562), because CASE knows versions 1 to 5 only and
/// ours are of version 7. The same wherever and whenever it is asked for.
fn derived(namespace: Uuid, name: &str) -> Uuid {
    let mut sha1 = sha1_smol::Sha1::new();
    sha1.update(namespace.as_bytes());
    sha1.update(name.as_bytes());
    let mut bytes = [0; 16];
    for (byte, digest) in bytes.iter_mut().zip(sha1.digest().bytes()) {
        *byte = digest;
    }
    uuid::Builder::from_sha1_bytes(bytes).into_uuid()
}

/// The identifier of the item that stands for one of our competencies.
#[must_use]
pub fn case_identifier(competency: CompetencyId) -> Uuid {
    derived(competency.uuid(), "CFItem")
}

/// What `CFDocument.uri` and its kin say of what has no page of its own.
fn urn(id: Uuid) -> String {
    format!("urn:uuid:{id}")
}

/// The text of a property.
fn text<'a>(object: &'a Object, property: &str) -> Option<&'a str> {
    object.get(property).and_then(Value::as_str)
}

/// The identifier of an object of a package: hyphenated, in any case.
fn identifier(object: &Object) -> Option<Uuid> {
    text(object, "identifier").and_then(read_identifier)
}

fn read_identifier(text: &str) -> Option<Uuid> {
    // The parser would take four more ways of writing one.
    (text.len() == 36).then(|| Uuid::parse_str(text).ok()).flatten()
}

/// The identifier a link names.
fn linked(object: &Object, property: &str) -> Option<Uuid> {
    object.get(property)?.as_object().and_then(identifier)
}

/// One of our own additions to an object.
fn our_own<'a>(object: &'a Object, property: &str) -> Option<&'a Value> {
    object.get("extensions")?.get(OURS)?.get(property)
}

/// Adds one of our own to an object.
fn set_our_own(object: &mut Object, property: &str, value: Value) {
    let extensions = object.entry("extensions").or_insert_with(|| json!({}));
    if !extensions.is_object() {
        *extensions = json!({});
    }
    let Some(extensions) = extensions.as_object_mut() else { return };
    let ours = extensions.entry(OURS).or_insert_with(|| json!({}));
    if !ours.is_object() {
        *ours = json!({});
    }
    if let Some(ours) = ours.as_object_mut() {
        ours.insert(property.to_owned(), value);
    }
}

impl CasePackage {
    /// The objects of a list, `CFItems` for instance.
    fn list(&self, name: &str) -> impl ExactSizeIterator<Item = &Object> + Clone {
        self.values(name).iter().map(|value| {
            static EMPTY: std::sync::LazyLock<Object> = std::sync::LazyLock::new(Object::new);
            value.as_object().unwrap_or(&EMPTY)
        })
    }

    fn values(&self, name: &str) -> &[Value] {
        self.root.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn values_mut(&mut self, name: &str) -> Option<&mut Vec<Value>> {
        let list = self.root.entry(name).or_insert_with(|| json!([]));
        if !list.is_array() {
            *list = json!([]);
        }
        list.as_array_mut()
    }

    fn document(&self) -> Option<&Object> {
        self.root.get("CFDocument").and_then(Value::as_object)
    }

    fn document_mut(&mut self) -> Option<&mut Object> {
        self.root.get_mut("CFDocument").and_then(Value::as_object_mut)
    }

    fn document_text(&self, property: &str) -> Option<&str> {
        text(self.document()?, property)
    }

    /// A package that was checked before it was stored.
    #[must_use]
    pub fn stored(value: Value) -> Option<Self> {
        match value {
            Value::Object(root) => Some(Self { root }),
            _ => None,
        }
    }

    /// What tells this package from other adoptions.
    #[must_use]
    pub fn identity(&self) -> CaseIdentity {
        CaseIdentity {
            document: self.document().and_then(identifier).unwrap_or_default(),
            version: self.document_text("version").unwrap_or_default().trim().to_owned(),
        }
    }

    /// Where its publisher says it stands.
    #[must_use]
    pub fn adoption(&self) -> Adoption {
        Adoption::of(self.document_text("adoptionStatus"))
    }

    /// Its title, as a name of ours: of one line, and no longer than a name may be.
    #[must_use]
    pub fn title(&self) -> Option<Name> {
        read::one_line(self.document_text("title")?)
    }

    /// The code that its dictionary had where it was exported.
    #[must_use]
    pub fn dictionary_code(&self) -> Option<Code> {
        Code::parse(our_own(self.document()?, "dictionary_code")?.as_str()?).ok()
    }

    /// How many items it has.
    #[must_use]
    pub fn items(&self) -> usize {
        self.values("CFItems").len()
    }

    /// How many associations it has.
    #[must_use]
    pub fn associations(&self) -> usize {
        self.values("CFAssociations").len()
    }

    /// The package as JSON text.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A text that is the same for packages that say the same: neither the order of properties nor that of lists whose
    /// members have identifiers counts, nor how a number is spelled, and neither does a property that is there and `null`.
    #[must_use]
    pub fn canonical(&self) -> String {
        canonical(&Value::Object(self.root.clone())).to_string()
    }

    /// The same as [`Self::canonical`], but for where the document says it stands and since when: what changes when an
    /// adoption is withdrawn.
    #[must_use]
    pub fn canonical_but_status(&self) -> String {
        let mut same = self.clone();
        if let Some(document) = same.document_mut() {
            for property in ["adoptionStatus", "statusStartDate", "statusEndDate", "lastChangeDateTime"] {
                document.remove(property);
            }
        }
        same.canonical()
    }

    /// The package as one of version `number` of a dictionary, in `state` since or until the days given. A status
    /// its publisher chose stays where it fits; `edited` says that the content is not the publisher's any more.
    #[must_use]
    pub fn in_state(
        mut self,
        state: DictionaryState,
        edited: bool,
        published_on: Option<NaiveDate>,
        retired_on: Option<NaiveDate>,
    ) -> Self {
        let adoption = self.adoption();
        // What was adopted elsewhere and lacks levels is kept here as a draft; as long as nobody touches it, it is still
        // what was adopted.
        let pending = !edited && state == DictionaryState::Draft && adoption != Adoption::Draft;
        if adoption.fits(state) || pending {
            return self;
        }
        if let Some(document) = self.document_mut() {
            document.insert("adoptionStatus".to_owned(), json!(Adoption::word(state)));
            let mut date = |property: &str, day: Option<NaiveDate>| match day {
                Some(day) => document.insert(property.to_owned(), json!(day.to_string())),
                None => document.remove(property),
            };
            if state != DictionaryState::Retired {
                date("statusStartDate", published_on);
            }
            date("statusEndDate", retired_on);
        }
        self
    }

    /// The package under another identity.
    #[must_use]
    pub fn identified(mut self, identity: &CaseIdentity) -> Self {
        if let Some(document) = self.document_mut() {
            document.insert("identifier".to_owned(), json!(identity.document));
            document.insert("version".to_owned(), json!(identity.version));
        }
        self
    }
}

impl Serialize for CasePackage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        spelling::write_object(&self.root, serializer)
    }
}

fn canonical(value: &Value) -> Value {
    if let Some(spelling) = spelling::spelled(value) {
        return spelling::canonical_number(spelling);
    }
    match value {
        Value::Number(number) => spelling::canonical_number(&number.to_string()),
        Value::Object(object) => {
            let kept = object.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name.clone(), canonical(value))).collect())
        }
        Value::Array(list) => {
            let mut list: Vec<Value> = list.iter().map(canonical).collect();
            let identified = |value: &Value| value.as_object().is_some_and(|one| identifier(one).is_some());
            if !list.is_empty() && list.iter().all(identified) {
                list.sort_by_cached_key(|one| one.as_object().and_then(identifier));
            }
            Value::Array(list)
        }
        other => other.clone(),
    }
}

/// Objects by their identifiers.
fn by_identifier<'a>(objects: impl Iterator<Item = &'a Object>) -> HashMap<Uuid, usize> {
    objects.enumerate().filter_map(|(index, object)| Some((identifier(object)?, index))).collect()
}
