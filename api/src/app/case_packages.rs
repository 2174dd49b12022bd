//! Frameworks in 1EdTech CASE 1.1: a package in as a version of a dictionary, any version out as a package.
//!
//! A package is kept beside the version it became, whole, and a version goes out as that package with whatever was changed
//! here since ([`CasePackage::write`]). What was adopted elsewhere is fixed: the same adoption saying something else is
//! refused, another one becomes the next version.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use access::{Action, Pass, Scope};
use chrono::NaiveDate;
use competency::{
    Adoption, CaseIdentity, CasePackage, CaseSource, Content, Dictionary, DictionaryAction, DictionaryState,
    DictionaryVersion, Incomplete, case_json,
};
use kernel::{
    AgencyId, AgencyZone, Code, CompetencyId, DictionaryId, DictionaryVersionId, Event, Name, Resource,
    Version, Violation, ViolationCode,
};
use serde_json::json;
use store::{Reader, Recorded, Reply, Store, Tx, WriteContext, Written};
use workforce::Agency;

use crate::app::dictionaries::{leave, version_numbered};
use crate::app::{AppError, Ctx, Services};
use crate::dto::case_packages::{CaseImportQuery, CaseImportView};
use crate::problems::Problem;

kernel::wire_enum! {
    /// What taking a package in comes to.
    pub enum CaseOutcome {
        /// It becomes a version, in a dictionary that is made for it where there is none.
        Created = "CREATED",
        /// The draft it became before says what it says now.
        Updated = "UPDATED",
        /// The version it became before is retired: that is all that is new.
        Retired = "RETIRED",
        /// Nothing is new.
        Unchanged = "UNCHANGED",
    }
}

/// What a caller wants to become of a package.
#[derive(Clone, Debug)]
pub struct CaseImport {
    /// The package.
    pub package: Arc<CasePackage>,
    /// The code of the dictionary it belongs into, or is to make.
    pub dictionary: Option<Code>,
    /// The family of competencies that name none.
    pub family: Code,
}

/// What taking a package in comes to, in figures.
#[derive(Clone, Debug)]
pub struct CaseSummary {
    /// What becomes of it.
    pub outcome: CaseOutcome,
    /// The dictionary; its version is that of the row where there is one.
    pub dictionary: Dictionary,
    /// Whether the dictionary is made for it.
    pub is_new: bool,
    /// The version's number.
    pub number: i32,
    /// Where the version stands afterwards.
    pub state: DictionaryState,
    /// Items of the package.
    pub items: usize,
    /// Associations of the package.
    pub associations: usize,
    /// Competencies that come, change, stay and go.
    pub competencies: [usize; 4],
    /// Items that a dictionary has no place for.
    pub others: usize,
    /// Levels and indicators that it has no place for.
    pub unplaced: usize,
    /// What keeps it from being published although it was adopted.
    pub incomplete: Vec<Incomplete>,
}

/// What is to be done with a package.
#[derive(Debug)]
struct Plan {
    summary: CaseSummary,
    /// The version it became before.
    version: Option<DictionaryVersion>,
    identity: CaseIdentity,
    text: String,
    written: Vec<Content>,
    gone: Vec<CompetencyId>,
    /// Everything the version says afterwards.
    contents: Vec<Content>,
    adoption: Adoption,
}

/// Work on a large package keeps a thread busy for a while, and others are served by this one.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work).await.map_err(|_panic| Problem::Internal.into())
}

impl CaseImport {
    /// Checks what a caller sent, once it is clear that they may send it.
    ///
    /// # Errors
    /// `FORBIDDEN`; those of [`Self::of`].
    pub async fn sent(ctx: &Ctx, bytes: Vec<u8>, query: &CaseImportQuery) -> Result<Self, AppError> {
        ctx.actor.allow(Action::DictionaryWrite)?;
        Self::of(bytes, query).await
    }

    /// Checks a package.
    ///
    /// # Errors
    /// `INVALID` with everything that is wrong in the package; `MALFORMED`.
    pub async fn of(bytes: Vec<u8>, query: &CaseImportQuery) -> Result<Self, AppError> {
        let (dictionary, family) = query.codes()?;
        let package = aside(move || {
            let text = std::str::from_utf8(&bytes).ok();
            let value = text.and_then(case_json).ok_or(Problem::Malformed)?;
            CasePackage::check(value).map_err(AppError::from)
        });
        Ok(Self { package: Arc::new(package.await??), dictionary, family })
    }
}

/// What would become of a package.
///
/// # Errors
/// Those of [`import`].
pub async fn try_out(ctx: &Ctx, import: &CaseImport) -> Result<CaseSummary, AppError> {
    let pass = ctx.actor.allow(Action::DictionaryWrite)?;
    let scope = ctx.scope(Action::CatalogueRead)?;
    let plan = plan(&ctx.read(&scope), &ctx.services.store, import, None).await?;
    may_publish(ctx, &pass, &plan)?;
    Ok(plan.summary)
}

/// Takes a package in.
///
/// # Errors
/// `FORBIDDEN`; `INVALID` with every statement no text of ours can be; `CASE_PACKAGE_IMMUTABLE`; `ALREADY_EXISTS` when its
/// code is taken or the dictionary has a draft.
pub async fn import(ctx: &Ctx, import: &CaseImport) -> Result<Written, AppError> {
    let pass = ctx.actor.allow(Action::DictionaryWrite)?;
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        tx.case_lock(&pass).await?;
        let reader = ctx.read_in(tx, &scope);
        let plan = plan(&reader, &ctx.services.store, import, Some((tx, &pass))).await?;
        may_publish(ctx, &pass, &plan)?;
        let (recorded, summary) = carry_out(tx, &pass, plan, import).await?;
        Ok(recorded.with(reply(&summary)))
    })
    .await
}

/// Takes a package in on behalf of whoever may run commands on this machine.
///
/// # Errors
/// Those of [`import`].
pub async fn import_by_command(
    services: &Services,
    context: &WriteContext,
    agency: &Agency,
    import: &CaseImport,
    dry_run: bool,
) -> Result<CaseSummary, AppError> {
    let reason = "who may run the command may use the database";
    let scope = Scope::system(agency.id, reason);
    let pass = Pass::system(agency.id, Action::DictionaryWrite, reason);
    let today = agency.zone.day(context.now);
    if dry_run {
        let reader = services.store.read(&scope, today);
        return Ok(plan(&reader, &services.store, import, None).await?.summary);
    }
    let work = async |tx: &Tx<'_>| {
        tx.case_lock(&pass).await?;
        let reader = tx.read(&scope, today);
        let plan = plan(&reader, &services.store, import, Some((tx, &pass))).await?;
        let (recorded, summary) = carry_out(tx, &pass, plan, import).await?;
        Ok::<_, AppError>(recorded.with(summary))
    };
    services.store.write(context, work).await
}

/// A version that was adopted is put to use, which not everybody who writes dictionaries may.
fn may_publish(ctx: &Ctx, pass: &Pass, plan: &Plan) -> Result<(), AppError> {
    let decides =
        plan.summary.outcome != CaseOutcome::Unchanged && plan.summary.state != DictionaryState::Draft;
    if decides {
        leave(ctx, pass.agency(), DictionaryAction::Publish)?;
    }
    Ok(())
}

fn reply(summary: &CaseSummary) -> Reply {
    let made = summary.outcome == CaseOutcome::Created;
    Reply {
        status: if made { 201 } else { 200 },
        etag: None,
        location: Some(format!("/v1/dictionaries/{}/versions/{}", summary.dictionary.id, summary.number)),
        body: serde_json::to_value(CaseImportView::of(summary, false)).ok(),
    }
}

/// Where a package belongs.
enum Target {
    /// Into a dictionary made for it.
    New(Dictionary),
    /// Into the next version of this dictionary.
    Next(Dictionary, i32),
    /// Into this version, which it became before.
    Same(Dictionary, DictionaryVersion),
}

/// The identity each version of a dictionary goes out with.
fn identities(
    dictionary: DictionaryId,
    versions: Vec<(DictionaryVersion, Option<CaseIdentity>)>,
) -> Vec<(DictionaryVersion, CaseIdentity)> {
    let mut base: Option<CaseIdentity> = None;
    let mut of = |(version, own): (DictionaryVersion, Option<CaseIdentity>)| {
        let identity = match (&own, &base) {
            (Some(own), _) => own.clone(),
            (None, Some(base)) => base.continued(version.number),
            (None, None) => CaseIdentity::native(dictionary, version.number),
        };
        base = own.or_else(|| base.take());
        (version, identity)
    };
    versions.into_iter().map(&mut of).collect()
}

async fn target(reader: &Reader<'_>, import: &CaseImport, owner: AgencyId) -> Result<Target, AppError> {
    let identity = import.package.identity();
    let found = match reader.case_dictionary(identity.document).await? {
        Some(found) => Some(found),
        // One of our own may have gone out and come back.
        None => {
            let own = reader.dictionary_ids().await?;
            own.into_iter().find(|id| CaseIdentity::native(*id, 1).document == identity.document)
        }
    };
    let found = match found {
        Some(id) => reader.dictionary(id).await?,
        None => None,
    };
    let named = async |code: &Code| -> Result<Option<Dictionary>, AppError> {
        Ok(reader.dictionary_by_code(code).await?)
    };
    let dictionary = match (found, &import.dictionary) {
        (Some(found), Some(code)) if found.code != *code => {
            // The framework is here under another code; two dictionaries for it would drift apart.
            let violation = Violation::new("/query/dictionary", ViolationCode::Inconsistent);
            return Err(violation.with("value", &found.code).into());
        }
        (Some(found), _) => Some(found),
        (None, Some(code)) => match named(code).await? {
            Some(national) if national.agency != owner => return Err(taken(code)),
            own => own,
        },
        (None, None) => None,
    };
    let Some(dictionary) = dictionary else {
        let code = match &import.dictionary {
            Some(code) => code.clone(),
            None => {
                let code = import.package.dictionary_code().unwrap_or_else(|| code_of(&import.package));
                if named(&code).await?.is_some() {
                    return Err(taken(&code));
                }
                code
            }
        };
        let name = import.package.title().unwrap_or_else(|| Name::stored(code.to_string()));
        return Ok(Target::New(Dictionary {
            id: DictionaryId::new(),
            agency: owner,
            code,
            name,
            version: Version::FIRST,
        }));
    };
    let versions = identities(dictionary.id, reader.case_versions(dictionary.id).await?);
    let drafted = versions.last().is_some_and(|(version, _)| version.editable());
    let next = versions.last().map_or(1, |(version, _)| version.number.saturating_add(1));
    let same = versions.into_iter().find(|(_, one)| *one == identity);
    Ok(match same {
        Some((version, _)) => Target::Same(dictionary, version),
        // A dictionary has one draft at a time, and whoever writes in this one wants to keep it.
        None if drafted => {
            let violation = Violation::new("/state", ViolationCode::Taken);
            return Err(AppError::about(Problem::AlreadyExists, vec![violation]));
        }
        None => Target::Next(dictionary, next),
    })
}

/// A dictionary with this code is there, and the package does not belong into it.
fn taken(code: &Code) -> AppError {
    let violation = Violation::new("/query/dictionary", ViolationCode::Taken).with("value", code);
    AppError::about(Problem::AlreadyExists, vec![violation])
}

/// A code made of a title: `KERANGKA-CONTOH`.
fn code_of(package: &CasePackage) -> Code {
    let title = package.title().map(Name::into_string).unwrap_or_default().to_uppercase();
    let words: Vec<&str> =
        title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let code: String = words.join("-").chars().take(Code::MAX).collect();
    let code = code.trim_matches('-');
    Code::parse(code).unwrap_or_else(|_empty| Code::stored(package.identity().document.to_string()))
}

/// Finds out what becomes of a package. Inside a transaction the version concerned is held from here on.
async fn plan(
    reader: &Reader<'_>,
    store: &Store,
    import: &CaseImport,
    hold: Option<(&Tx<'_>, &Pass)>,
) -> Result<Plan, AppError> {
    let families = reader.families().await?;
    if !families.iter().any(|family| family.code == import.family) {
        let allowed: Vec<_> = families.iter().map(|family| family.code.as_str()).collect();
        let violation = Violation::new("/query/family", ViolationCode::NotAllowedValue);
        return Err(violation.with("allowed", allowed.join(", ")).into());
    }
    let (package, family) = (Arc::clone(&import.package), import.family.clone());
    let reading = aside(move || package.read(&families, &family)).await??;
    let package = &import.package;
    let owner = reader.own_agency().await?.id;
    let target = target(reader, import, owner).await?;
    let (dictionary, version, number) = match target {
        Target::New(dictionary) => (dictionary, None, 1),
        Target::Next(dictionary, number) => (dictionary, None, number),
        Target::Same(dictionary, version) => {
            let version = match hold {
                Some((tx, pass)) => {
                    tx.dictionary_version_lock(pass, version.id).await?.ok_or(Problem::NotFound)?
                }
                None => version,
            };
            let number = version.number;
            (dictionary, Some(version), number)
        }
    };
    let is_new = dictionary.version == Version::FIRST && reader.dictionary(dictionary.id).await?.is_none();
    let ids = reader.competency_codes(dictionary.id).await?;
    let contents: Vec<Content> = reading
        .entries
        .iter()
        .map(|(code, (_, entry))| {
            let id = ids.get(code).copied().unwrap_or_else(CompetencyId::new);
            entry.clone().into_content(id)
        })
        .collect();
    // A new draft begins with what the latest version says.
    let before = match (&version, reader.case_versions(dictionary.id).await?.pop()) {
        (Some(version), _) => reader.contents_all(version.id).await?,
        (None, Some((latest, _))) => reader.contents_all(latest.id).await?,
        (None, None) => Vec::new(),
    };
    let outcome = match &version {
        None => CaseOutcome::Created,
        Some(version) => outcome(reader, store, package, version).await?,
    };
    let adoption = package.adoption();
    let (written, gone, competencies, state, incomplete) = match outcome {
        CaseOutcome::Created | CaseOutcome::Updated => {
            let (written, gone, counts) = compare(&before, &contents);
            let (state, incomplete) = stands(adoption, &contents);
            (written, gone, counts, state, incomplete)
        }
        CaseOutcome::Unchanged | CaseOutcome::Retired => {
            let state = version.as_ref().map_or(DictionaryState::Draft, |version| version.state);
            let state = if outcome == CaseOutcome::Retired { DictionaryState::Retired } else { state };
            (Vec::new(), Vec::new(), [0, 0, before.len(), 0], state, Vec::new())
        }
    };
    let summary = CaseSummary {
        outcome,
        dictionary,
        is_new,
        number,
        state,
        items: package.items(),
        associations: package.associations(),
        competencies,
        others: reading.others,
        unplaced: reading.unplaced,
        incomplete,
    };
    let (identity, package) = (package.identity(), Arc::clone(package));
    let text = aside(move || package.to_text()).await?;
    Ok(Plan { summary, version, identity, text, written, gone, contents, adoption })
}

/// Where a version stands that is adopted elsewhere as said: what lacks levels is no dictionary to require anything by yet.
fn stands(adoption: Adoption, contents: &[Content]) -> (DictionaryState, Vec<Incomplete>) {
    if adoption == Adoption::Draft {
        return (DictionaryState::Draft, Vec::new());
    }
    let incomplete: Vec<Incomplete> = contents.iter().filter_map(Content::incomplete).collect();
    let state = match adoption {
        _ if contents.is_empty() || !incomplete.is_empty() => DictionaryState::Draft,
        Adoption::Deprecated => DictionaryState::Retired,
        Adoption::Adopted | Adoption::Draft => DictionaryState::Published,
    };
    (state, incomplete)
}

/// What becomes of a package that is here already.
async fn outcome(
    reader: &Reader<'_>,
    store: &Store,
    package: &Arc<CasePackage>,
    version: &DictionaryVersion,
) -> Result<CaseOutcome, AppError> {
    let stored = reader.case_package(version).await?.filter(|row| row.number == version.number);
    let sent = Arc::clone(package);
    let stored = aside(move || {
        let stored = stored.map(|row| stored_package(&row.package)).transpose()?;
        Ok::<_, AppError>(stored.map(|stored| (stored.canonical() == sent.canonical(), stored.adoption())))
    });
    let stored = stored.await??;
    // What was taken in and changed here since is not changed back.
    if stored.is_some_and(|(same, _)| same) {
        return Ok(CaseOutcome::Unchanged);
    }
    let (goes_out, sent) = (package_of(reader, store, version).await?, Arc::clone(package));
    let (same, same_but_status) = aside(move || {
        let same = goes_out.canonical() == sent.canonical();
        (same, same || goes_out.canonical_but_status() == sent.canonical_but_status())
    })
    .await?;
    if same {
        return Ok(CaseOutcome::Unchanged);
    }
    let fixed = stored.is_some_and(|(_, adoption)| adoption != Adoption::Draft);
    match version.state {
        DictionaryState::Draft if !fixed => Ok(CaseOutcome::Updated),
        DictionaryState::Published if package.adoption() == Adoption::Deprecated && same_but_status => {
            Ok(CaseOutcome::Retired)
        }
        DictionaryState::Draft | DictionaryState::Published | DictionaryState::Retired => {
            let at = ["/CFDocument/identifier", "/CFDocument/version"];
            let violations = at.map(|at| Violation::new(at, ViolationCode::Immutable)).to_vec();
            Err(AppError::about(Problem::CasePackageImmutable, violations))
        }
    }
}

/// What a draft must be told to say something else: what comes or changes, what goes, and how many competencies come,
/// change, stay and go.
fn compare(before: &[Content], after: &[Content]) -> (Vec<Content>, Vec<CompetencyId>, [usize; 4]) {
    let known: BTreeMap<&Code, &Content> = before.iter().map(|content| (&content.code, content)).collect();
    let wanted: BTreeSet<&Code> = after.iter().map(|content| &content.code).collect();
    let [mut created, mut updated, mut unchanged] = [0; 3];
    let mut written = Vec::new();
    for content in after {
        match known.get(&content.code) {
            Some(before) if *before == content => {
                unchanged += 1;
                continue;
            }
            Some(_) => updated += 1,
            None => created += 1,
        }
        written.push(content.clone());
    }
    let gone =
        before.iter().filter(|content| !wanted.contains(&content.code)).map(|content| content.competency);
    let gone: Vec<CompetencyId> = gone.collect();
    let counts = [created, updated, unchanged, gone.len()];
    (written, gone, counts)
}

async fn carry_out(
    tx: &Tx<'_>,
    pass: &Pass,
    plan: Plan,
    import: &CaseImport,
) -> Result<(Recorded<()>, CaseSummary), AppError> {
    let Plan { summary, version, identity, text, written, gone, contents, adoption } = plan;
    let version = match version {
        Some(version) => version,
        None => {
            if summary.is_new {
                tx.dictionary_insert(pass, &summary.dictionary).await?;
            }
            let id = DictionaryVersionId::new();
            let draft = tx.dictionary_version_insert(pass, id, summary.dictionary.id).await?;
            tx.dictionary_version_lock(pass, draft.id).await?.ok_or(Problem::NotFound)?
        }
    };
    let id = version.id;
    if summary.outcome != CaseOutcome::Unchanged {
        if version.editable() {
            tx.case_contents_write(pass, &version, &written, &gone).await?;
        }
        tx.case_package_put(pass, &version, &identity, &import.family, &text).await?;
        move_on(tx, pass, version, summary.state, adoption, &contents).await?;
    }
    let event = Event::new(Resource::DictionaryVersion, id, "CASE_IMPORTED");
    let [created, updated, unchanged, removed] = summary.competencies;
    let changes = json!({
        "dictionary_id": summary.dictionary.id, "number": summary.number, "document": identity.document,
        "document_version": identity.version, "outcome": summary.outcome, "items": summary.items,
        "created": created, "updated": updated, "unchanged": unchanged, "removed": removed,
    });
    Ok((tx.record(pass, &event, Some(changes)), summary))
}

/// Brings a version to where it is to stand, through the states between.
async fn move_on(
    tx: &Tx<'_>,
    pass: &Pass,
    version: DictionaryVersion,
    state: DictionaryState,
    adoption: Adoption,
    contents: &[Content],
) -> Result<(), AppError> {
    if state == DictionaryState::Draft {
        return Ok(());
    }
    let mut version = tx.dictionary_version_lock(pass, version.id).await?.ok_or(Problem::NotFound)?;
    if version.editable() {
        let published = version.publish(contents, tx.now())?;
        version = tx.dictionary_version_update(pass, &published).await?;
    }
    if adoption == Adoption::Deprecated {
        tx.dictionary_version_update(pass, &version.retire(tx.now())?).await?;
    }
    Ok(())
}

fn stored_package(text: &str) -> Result<CasePackage, AppError> {
    let value = case_json(text).and_then(CasePackage::stored);
    Ok(value.ok_or(Problem::Internal)?)
}

/// A version as a package.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn export(ctx: &Ctx, dictionary: DictionaryId, number: i32) -> Result<CasePackage, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let reader = ctx.read(&scope);
    let version = version_numbered(&reader, dictionary, number).await?;
    package_of(&reader, &ctx.services.store, &version).await
}

/// A version of the dictionary with this code as a package, for a command; without a number the one in use.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn export_by_command(
    services: &Services,
    agency: &Agency,
    dictionary: &Code,
    number: Option<i32>,
) -> Result<CasePackage, AppError> {
    let scope = Scope::system(agency.id, "who may run the command may use the database");
    let reader = services.store.read(&scope, agency.zone.day(services.clock.now()));
    let dictionary = reader.dictionary_by_code(dictionary).await?.ok_or(Problem::NotFound)?;
    let version = match number {
        Some(number) => version_numbered(&reader, dictionary.id, number).await?,
        None => reader.dictionary_version_at(dictionary.id, None).await?.ok_or(Problem::NotFound)?,
    };
    package_of(&reader, &services.store, &version).await
}

/// A version as the package it came from with what was changed since, or as one of its own.
async fn package_of(
    reader: &Reader<'_>,
    store: &Store,
    version: &DictionaryVersion,
) -> Result<CasePackage, AppError> {
    let dictionary = reader.dictionary(version.dictionary).await?.ok_or(Problem::NotFound)?;
    let owner = store.agency(dictionary.agency).await?.ok_or(Problem::NotFound)?;
    let contents = reader.contents_all(version.id).await?;
    let families = reader.families().await?;
    let changed_at = reader.dictionary_version_changed_at(version.id).await?.ok_or(Problem::NotFound)?;
    let (published_on, retired_on) = days(owner.zone, version);
    let version = version.clone();
    let Some(row) = reader.case_package(&version).await? else {
        return aside(move || {
            let source = CaseSource {
                dictionary: &dictionary,
                creator: owner.name.as_str(),
                number: version.number,
                state: version.state,
                changed_at,
                published_on,
                retired_on,
            };
            CasePackage::of(&source, &contents, &families)
        })
        .await;
    };
    aside(move || {
        let stored = stored_package(&row.package)?;
        let written = stored.write(&contents, &families, &row.family, changed_at).map_err(|found| {
            log::error!("a stored package can no longer be read: {found:?}");
            AppError::from(Problem::Internal)
        })?;
        let own = row.number == version.number;
        let edited = written != stored;
        let written =
            if own { written } else { written.identified(&stored.identity().continued(version.number)) };
        Ok(written.in_state(version.state, edited || !own, published_on, retired_on))
    })
    .await?
}

/// The days on which a version was published and retired, where its owner is.
fn days(zone: AgencyZone, version: &DictionaryVersion) -> (Option<NaiveDate>, Option<NaiveDate>) {
    (version.published_at.map(|at| zone.day(at)), version.retired_at.map(|at| zone.day(at)))
}
