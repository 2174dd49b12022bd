//! Competencies: what a version of a dictionary says of them, and which one a code means.

use std::collections::{BTreeMap, BTreeSet};

use access::Action;
use competency::{Content, Dictionary, DictionaryAction, DictionaryVersion};
use kernel::{Code, CompetencyId, DictionaryId, Event, Page, Resource, Violation, ViolationCode};
use serde_json::json;
use store::{CompetencyRow, ContentFilter, ContentRow, PageRequest, Reader, Written};

use crate::app::dictionaries::{leave, version_numbered};
use crate::app::{AppError, Ctx};
use crate::dto::dictionaries::{CompetencyQuery, CompetencyView, ContentPut, ContentQuery, ContentView};
use crate::dto::values::CompetencyName;
use crate::dto::{created, gone, replaced, segment};
use crate::problems::Problem;

/// What a version says of its competencies.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn contents(
    ctx: &Ctx,
    dictionary: DictionaryId,
    number: i32,
    query: ContentQuery,
    page: &PageRequest,
) -> Result<Page<ContentRow>, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let reader = ctx.read(&scope);
    let version = version_numbered(&reader, dictionary, number).await?;
    let ContentQuery { family, search, cursor: _, limit: _ } = query;
    Ok(reader.contents(version.id, &ContentFilter { family, search }, page).await?)
}

/// What a version says of the competency with this code, if it says anything.
async fn content_of(
    reader: &Reader<'_>,
    version: &DictionaryVersion,
    code: &Code,
) -> Result<Option<ContentRow>, AppError> {
    match reader.competency_by_code(version.dictionary, code).await? {
        Some(competency) => Ok(reader.content(version.id, competency.id).await?),
        None => Ok(None),
    }
}

/// What a version says of one competency.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn content(
    ctx: &Ctx,
    dictionary: DictionaryId,
    number: i32,
    code: &str,
) -> Result<ContentRow, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let reader = ctx.read(&scope);
    let version = version_numbered(&reader, dictionary, number).await?;
    let code = Code::parse(code).map_err(|_no_code| Problem::NotFound)?;
    Ok(content_of(&reader, &version, &code).await?.ok_or(Problem::NotFound)?)
}

/// Writes what a draft says of a competency. What stands there already is replaced only for a caller who names its
/// entity tag, so nobody overwrites by accident what they meant to add.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `IF_MATCH_REQUIRED` (there is one already), `STALE`, `INVALID`, `DICTIONARY_STATE`.
pub async fn content_put(
    ctx: &Ctx,
    dictionary: DictionaryId,
    number: i32,
    code: &str,
    input: ContentPut,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let seen = version_numbered(&reader, dictionary, number).await?;
        let pass = leave(ctx, seen.agency, DictionaryAction::Edit)?;
        // Held from here on: of two who add the same code, the second one finds it there.
        let draft = tx.dictionary_version_lock(&pass, seen.id).await?.ok_or(Problem::NotFound)?;
        let content = input.clone().into_domain(CompetencyId::new(), code)?;
        let before = content_of(&reader, &draft, &content.code).await?;
        let expected = match &before {
            Some(before) => Some(ctx.expect_version(before.version)?),
            None if ctx.if_match.is_some() => return Err(Problem::Stale.into()),
            None => None,
        };
        draft.require(DictionaryAction::Edit)?;
        let ContentRow { content, version } = tx.content_put(&pass, &draft, &content, expected).await?;
        let what = if before.is_some() { "REPLACED" } else { "CREATED" };
        let event = Event::new(Resource::Competency, content.competency, what);
        let (before, view) = (before.map(ContentView::from), ContentView::from(content));
        let changes = json!({"dictionary_id": dictionary, "number": number, "before": before, "after": view});
        let reply = if before.is_some() {
            replaced(&view, version)
        } else {
            let location = format!(
                "/v1/dictionaries/{dictionary}/versions/{number}/competencies/{}",
                segment(&view.code)
            );
            created(&view, version, location)
        };
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

/// Takes a competency out of a draft.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `DICTIONARY_STATE`.
pub async fn content_delete(
    ctx: &Ctx,
    dictionary: DictionaryId,
    number: i32,
    code: &str,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let code = Code::parse(code).map_err(|_no_code| Problem::NotFound)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let seen = version_numbered(&reader, dictionary, number).await?;
        let before = content_of(&reader, &seen, &code).await?.ok_or(Problem::NotFound)?;
        let pass = leave(ctx, seen.agency, DictionaryAction::Edit)?;
        let draft = tx.dictionary_version_lock(&pass, seen.id).await?.ok_or(Problem::NotFound)?;
        let expected = ctx.expect_version(before.version)?;
        draft.require(DictionaryAction::Edit)?;
        let competency = before.content.competency;
        tx.content_delete(&pass, draft.id, competency, expected).await?;
        let event = Event::new(Resource::Competency, competency, "REMOVED");
        let changes =
            json!({"dictionary_id": dictionary, "number": number, "before": ContentView::from(before)});
        Ok(tx.record(&pass, &event, Some(changes)).with(gone()))
    })
    .await
}

/// Competencies as the version of their dictionary in use has them.
///
/// # Errors
/// The store's. A dictionary that is not there, or has no version in use, has no competencies.
pub async fn list(
    ctx: &Ctx,
    query: CompetencyQuery,
    page: &PageRequest,
) -> Result<Page<CompetencyView>, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let reader = ctx.read(&scope);
    let CompetencyQuery { dictionary, code, family, search, cursor: _, limit: _ } = query;
    let empty = Page { items: Vec::new(), next: None };
    let Ok(dictionary) = Code::parse(&dictionary) else { return Ok(empty) };
    let Some(dictionary) = reader.dictionary_by_code(&dictionary).await? else { return Ok(empty) };
    let Some(version) = reader.dictionary_version_at(dictionary.id, None).await? else { return Ok(empty) };
    let filter = ContentFilter { family, search };
    let rows = match code {
        None => reader.contents(version.id, &filter, page).await?,
        Some(code) => {
            let Ok(code) = Code::parse(&code) else { return Ok(empty) };
            let found = content_of(&reader, &version, &code).await?;
            let items = found.into_iter().filter(|row| passes(&row.content, &filter)).collect();
            Page { items, next: None }
        }
    };
    Ok(rows.map(|row| CompetencyView::new(&dictionary, &version, row.content)))
}

/// Whether a filter lets a content through, as the store decides it.
fn passes(content: &Content, filter: &ContentFilter) -> bool {
    let ContentFilter { family, search } = filter;
    family.as_ref().is_none_or(|family| family == content.family.as_str())
        && search
            .as_ref()
            .is_none_or(|search| content.name.as_str().to_lowercase().contains(&search.to_lowercase()))
}

/// One competency as the version of its dictionary in use has it.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: CompetencyId) -> Result<CompetencyView, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let reader = ctx.read(&scope);
    let competency = reader.competency(id).await?.ok_or(Problem::NotFound)?;
    let dictionary = reader.dictionary(competency.dictionary).await?.ok_or(Problem::NotFound)?;
    let version = reader.dictionary_version_at(dictionary.id, None).await?.ok_or(Problem::NotFound)?;
    let row = reader.content(version.id, id).await?.ok_or(Problem::NotFound)?;
    Ok(CompetencyView::new(&dictionary, &version, row.content))
}

/// Finds the competencies callers name, each dictionary and competency once.
pub(crate) struct Lookup<'a> {
    reader: &'a Reader<'a>,
    dictionaries: BTreeMap<Code, Option<Dictionary>>,
    competencies: BTreeMap<CompetencyName, Option<CompetencyRow>>,
    in_use: BTreeMap<DictionaryId, Option<(DictionaryVersion, Vec<Content>)>>,
    published: BTreeMap<DictionaryId, BTreeSet<CompetencyId>>,
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(reader: &'a Reader<'a>) -> Self {
        Self {
            reader,
            dictionaries: BTreeMap::new(),
            competencies: BTreeMap::new(),
            in_use: BTreeMap::new(),
            published: BTreeMap::new(),
        }
    }

    /// The competency called `name`.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn competency(
        &mut self,
        name: &CompetencyName,
    ) -> Result<Option<CompetencyRow>, AppError> {
        if let Some(known) = self.competencies.get(name) {
            return Ok(known.clone());
        }
        let found = match name {
            CompetencyName::Id(id) => self.reader.competency(*id).await?,
            CompetencyName::Code { dictionary, code } => match self.dictionary(dictionary).await? {
                Some(dictionary) => self.reader.competency_by_code(dictionary.id, code).await?,
                None => None,
            },
        };
        self.competencies.insert(name.clone(), found.clone());
        Ok(found)
    }

    /// The competency called `name`, once some version of its dictionary that was published says something of it: what
    /// only a draft has may yet go away.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn published(
        &mut self,
        name: &CompetencyName,
    ) -> Result<Option<CompetencyRow>, AppError> {
        let Some(competency) = self.competency(name).await? else { return Ok(None) };
        let dictionary = competency.dictionary;
        if !self.published.contains_key(&dictionary) {
            let published = self.reader.competencies_published(dictionary).await?;
            self.published.insert(dictionary, published);
        }
        let says = self.published.get(&dictionary).is_some_and(|those| those.contains(&competency.id));
        Ok(says.then_some(competency))
    }

    /// The competency called `name` and the version of its dictionary in use, which has to say something of it.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn in_use(
        &mut self,
        name: &CompetencyName,
    ) -> Result<Option<(CompetencyRow, DictionaryVersion)>, AppError> {
        let Some(competency) = self.competency(name).await? else { return Ok(None) };
        let dictionary = competency.dictionary;
        if !self.in_use.contains_key(&dictionary) {
            let version = match self.reader.dictionary_version_at(dictionary, None).await? {
                Some(version) => {
                    let contents = self.reader.contents_all(version.id).await?;
                    Some((version, contents))
                }
                None => None,
            };
            self.in_use.insert(dictionary, version);
        }
        let Some(Some((version, contents))) = self.in_use.get(&dictionary) else { return Ok(None) };
        let says = contents.iter().any(|content| content.competency == competency.id);
        Ok(says.then(|| (competency, version.clone())))
    }

    async fn dictionary(&mut self, code: &Code) -> Result<Option<Dictionary>, AppError> {
        if let Some(known) = self.dictionaries.get(code) {
            return Ok(known.clone());
        }
        let found = self.reader.dictionary_by_code(code).await?;
        self.dictionaries.insert(code.clone(), found.clone());
        Ok(found)
    }
}

/// That nothing visible has the name given at `at`.
pub(crate) fn unknown_competency(at: &str, name: &CompetencyName) -> Violation {
    let property = match name {
        CompetencyName::Id(_) => "competency_id",
        CompetencyName::Code { .. } => "competency_code",
    };
    Violation::new(format!("{at}/{property}"), ViolationCode::NotFound)
}
