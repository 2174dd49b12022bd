//! One file from its rows to the transaction that takes it in.
//!
//! The file is read twice. The first time every row is checked and held against what is on record, and nothing is
//! written: so a file that cannot stand is told of all that is wrong and leaves nothing, not even dead rows, and how
//! much there is to write is known. The second time it is written, a part at a time, in the same transaction. A file
//! that came in one part needs no second reading.

use std::sync::Arc;

use access::{Action, Actor, Pass, Scope};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AgencyZone, EmployeeId, Event, OperationId, OperationPhase, RequestId, Resource};
use serde_json::{Value, json};
use store::{AsStoreError, Broken, Reader, StoreError, Tx, WriteContext};
use workforce::Agency;

use crate::app::imports::file::ImportFile;
use crate::app::imports::parts::Parts;
use crate::app::imports::plan::{Against, Kind, Plan, Warning, Warnings};
use crate::app::imports::progress::{Progress, Stopped};
use crate::app::imports::queue::Attempt;
use crate::app::imports::rejected::Rejects;
use crate::app::{AppError, Ctx, Services};
use crate::dto::imports::ImportReport;
use crate::messages::Lang;
use crate::problems::Problem;
use crate::sheets::{
    AssessmentRow, ClassRow, CompetencyRow, EmployeeRow, Findings, ImportKind, LevelRow, Mapping,
    OwnLearningRow, PositionRow, ProgrammeRow, ProgrammeStepRow, Recognition, StandardRow, TrainingRecordRow,
    UnitRow,
};

/// What a file came to, or would come to.
#[derive(Debug)]
pub struct Summary {
    /// What its rows are.
    pub kind: ImportKind,
    /// Rows that are not blank.
    pub rows: usize,
    /// Rows that said something new.
    pub created: usize,
    /// Rows that changed something.
    pub updated: usize,
    /// Rows that said what was on record.
    pub unchanged: usize,
    /// What cannot stand; with any, nothing is written.
    pub findings: Findings,
    /// What is odd and stands, the first of it.
    pub warnings: Vec<Warning>,
    /// How many warnings there are.
    pub warnings_total: usize,
    /// Which columns were recognised, and how.
    pub recognition: Box<Recognition>,
}

/// Why nothing was written.
#[derive(Debug)]
pub(super) enum Failure {
    /// Rows that cannot stand.
    Refused(Box<Summary>),
    /// The work was called off.
    Stopped,
    /// Anything else.
    App(AppError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl From<Stopped> for Failure {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl AsStoreError for Failure {
    fn as_store_error(&self) -> Option<&StoreError> {
        match self {
            Self::App(error) => error.as_store_error(),
            Self::Refused(_) | Self::Stopped => None,
        }
    }
}

impl Failure {
    /// Whether somebody else wrote what the rows were compared with. Then comparing anew says what is wrong, if anything
    /// still is.
    fn is_overtaken(&self) -> bool {
        let meant = |meaning: &Broken| matches!(meaning, Broken::Taken(_) | Broken::Missing(_));
        match self.as_store_error() {
            Some(StoreError::Stale) => true,
            Some(StoreError::Broken { meaning, .. }) => meant(meaning),
            Some(_) | None => false,
        }
    }
}

impl From<Summary> for AppError {
    /// A file that cannot be taken in as it is.
    fn from(refused: Summary) -> Self {
        let total = refused.findings.total();
        let (violations, more) = refused.findings.into_parts();
        let kept = violations.len();
        let error = Self::about(Problem::Invalid, violations);
        if more == 0 {
            return error;
        }
        error.explained(
            format!("{total} nilai ditolak; {kept} yang pertama disebutkan."),
            format!("{total} values were refused; the first {kept} are listed."),
        )
    }
}

/// What is done with a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mode {
    /// Everything but writing.
    DryRun,
    /// All of it, ending this attempt at an operation in the same transaction, where there is one.
    Commit(Option<Attempt>),
}

/// On whose behalf, and into which agency.
#[derive(Clone, Debug)]
pub(super) struct Importer {
    pub(super) services: Services,
    pub(super) pass: Pass,
    pub(super) context: WriteContext,
    scope: Scope,
    today: NaiveDate,
    zone: AgencyZone,
    /// The civil servants they are.
    oneself: Vec<EmployeeId>,
}

/// What else somebody must be allowed to do who takes in a file of this kind. Some of it is a decision that is made at once:
/// standards come in force, results become final, hours are verified.
const fn decided_by(kind: ImportKind) -> Option<Action> {
    match kind {
        ImportKind::Standards => Some(Action::StandardEnact),
        ImportKind::Assessments => Some(Action::AssessmentSignOff),
        ImportKind::Programmes | ImportKind::ProgrammeSteps => Some(Action::ProgrammeWrite),
        ImportKind::Classes => Some(Action::ClassWrite),
        ImportKind::OwnLearnings => Some(Action::OwnLearningWrite),
        ImportKind::TrainingRecords => Some(Action::JpVerify),
        ImportKind::Units
        | ImportKind::Positions
        | ImportKind::Employees
        | ImportKind::Competencies
        | ImportKind::Levels => None,
    }
}

/// How often rows are compared anew when somebody else was faster.
const ATTEMPTS: usize = 3;

/// What the trail calls an import that came by the API.
const OPERATION: &str = "import_create";

impl Importer {
    /// For a caller of the API. What a file of this kind decides, the caller must be allowed to decide: importing is no
    /// way around the duties of officers, and a machine decides nothing.
    pub(super) fn of(ctx: &Ctx, kind: ImportKind) -> Result<Self, AppError> {
        Self::by(&ctx.services, &ctx.actor, kind, ctx.write_context(), (ctx.today(), ctx.zone))
    }

    /// For work that `actor` asked for and that is begun anew. What they may do is asked as of now.
    pub(super) fn anew(
        services: &Services,
        actor: &Actor,
        agency: &Agency,
        kind: ImportKind,
        request: RequestId,
    ) -> Result<Self, AppError> {
        let now = services.clock.now();
        let context = WriteContext {
            user: Some(actor.user),
            agency: agency.id,
            request,
            operation: OPERATION,
            now,
            idempotency: None,
        };
        Self::by(services, actor, kind, context, (agency.zone.day(now), agency.zone))
    }

    fn by(
        services: &Services,
        actor: &Actor,
        kind: ImportKind,
        context: WriteContext,
        (today, zone): (NaiveDate, AgencyZone),
    ) -> Result<Self, AppError> {
        if let Some(decision) = decided_by(kind) {
            actor.allow(decision)?;
        }
        let (pass, scope) = (actor.allow(Action::Import)?, actor.scope(Action::Import)?);
        let oneself = actor.employees().collect();
        Ok(Self { services: services.clone(), pass, context, scope, today, zone, oneself })
    }

    /// For a command on this machine.
    pub(super) fn command(services: &Services, agency: &Agency) -> Self {
        let reason = "who may run the command may use the database";
        let now = services.clock.now();
        Self {
            services: services.clone(),
            pass: Pass::system(agency.id, Action::Import, reason),
            context: WriteContext {
                user: None,
                agency: agency.id,
                request: RequestId::new(),
                operation: "import",
                now,
                idempotency: None,
            },
            scope: Scope::system(agency.id, reason),
            today: agency.zone.day(now),
            zone: agency.zone,
            oneself: Vec::new(),
        }
    }

    /// The calendar day in the agency.
    pub(super) const fn today(&self) -> NaiveDate {
        self.today
    }

    /// Reads `file` and does with it what `mode` says. Comparing keeps a thread busy, so this belongs on one of its own.
    pub(super) async fn take(
        &self,
        file: Arc<ImportFile>,
        mode: Mode,
        progress: &Arc<Progress>,
        rejects: &Rejects,
    ) -> Result<Summary, Failure> {
        // What the agency says of the columns of its files of this kind.
        let reader = self.services.store.read(&self.scope, self.today);
        let mapping = file.mapping.read(&reader, file.kind).await?.map(Arc::new);
        let job = Job { importer: self, file, mapping, progress, rejects };
        match job.file.kind {
            ImportKind::Units => job.take::<UnitRow>(mode).await,
            ImportKind::Positions => job.take::<PositionRow>(mode).await,
            ImportKind::Employees => job.take::<EmployeeRow>(mode).await,
            ImportKind::Competencies => job.take::<CompetencyRow>(mode).await,
            ImportKind::Levels => job.take::<LevelRow>(mode).await,
            ImportKind::Standards => job.take::<StandardRow>(mode).await,
            ImportKind::Assessments => job.take::<AssessmentRow>(mode).await,
            ImportKind::Programmes => job.take::<ProgrammeRow>(mode).await,
            ImportKind::ProgrammeSteps => job.take::<ProgrammeStepRow>(mode).await,
            ImportKind::Classes => job.take::<ClassRow>(mode).await,
            ImportKind::OwnLearnings => job.take::<OwnLearningRow>(mode).await,
            ImportKind::TrainingRecords => job.take::<TrainingRecordRow>(mode).await,
        }
    }
}

/// A file that is being taken in.
struct Job<'a> {
    importer: &'a Importer,
    file: Arc<ImportFile>,
    mapping: Option<Arc<Mapping>>,
    progress: &'a Arc<Progress>,
    rejects: &'a Rejects,
}

/// What the first reading found.
struct Survey<W> {
    summary: Summary,
    /// What is to be written, where the file came in one part.
    writes: Option<W>,
}

impl Job<'_> {
    async fn take<R: Kind>(&self, mode: Mode) -> Result<Summary, Failure> {
        let Mode::Commit(attempt) = mode else {
            let importer = self.importer;
            let reader = importer.services.store.read(&importer.scope, importer.today);
            return Ok(Box::pin(self.survey::<R>(&self.against(&reader), None)).await?.summary);
        };
        let mut tries = 1;
        loop {
            match Box::pin(self.commit::<R>(attempt)).await {
                Err(failure) if tries < ATTEMPTS && failure.is_overtaken() => tries += 1,
                // A statement that was interrupted fails like a database that is going away.
                Err(Failure::App(_)) if self.progress.is_stopped() => return Err(Failure::Stopped),
                other => return other,
            }
        }
    }

    /// Compares and writes in one transaction, with one row in the audit trail.
    async fn commit<R: Kind>(&self, attempt: Option<Attempt>) -> Result<Summary, Failure> {
        let Importer { services, pass, context, .. } = self.importer;
        let work = async |tx: &Tx<'_>| {
            self.progress.on_backend(Some(tx.backend().await?)).await;
            let done = Box::pin(self.write::<R>(tx)).await;
            self.progress.on_backend(None).await;
            let summary = done?;
            let mut changes = self.file.identity();
            merge(&mut changes, summary.counts());
            if let Some(Attempt { operation, worker }) = attempt {
                let report = serde_json::to_value(ImportReport::of(&summary, false, Lang::Id)).ok();
                let (report, now) = (report.unwrap_or_default(), services.clock.now());
                let end = tx.operation_written(pass, operation, worker, report, now);
                // Cancelled or taken over meanwhile: then nothing of it stays.
                end.await.map_err(|error| match error {
                    StoreError::Stale => Failure::Stopped,
                    other => other.into(),
                })?;
            }
            let id = attempt.map_or_else(OperationId::new, |attempt| attempt.operation);
            let event = Event::new(Resource::Operation, id, "IMPORTED");
            Ok(tx.record(pass, &event, Some(changes)).with(summary))
        };
        services.store.write(context, work).await
    }

    async fn write<R: Kind>(&self, tx: &Tx<'_>) -> Result<Summary, Failure> {
        let (pass, progress) = (&self.importer.pass, self.progress);
        // Called off before there was a statement to end.
        progress.step(0)?;
        tx.import_lock(pass).await?;
        let reader = tx.read(&self.importer.scope, self.importer.today);
        let against = self.against(&reader);
        let Survey { summary, writes } = self.survey::<R>(&against, Some(tx)).await?;
        if !summary.findings.is_empty() {
            return Err(Failure::Refused(Box::new(summary)));
        }
        progress.begin(OperationPhase::Writing, summary.created + summary.updated);
        progress.step(0)?;
        if let Some(writes) = writes {
            R::write(tx, pass, &against, &writes, progress).await?;
            return Ok(summary);
        }
        let mut ground = R::ground(&against).await?;
        let (mut parts, mut rows) = (self.parts::<R>(true), 0);
        while let Some(part) = parts.next().await? {
            let plan = R::plan(&against, &mut ground, &part).await?;
            // All of it could stand a moment ago, so somebody else wrote meanwhile, be it into the file.
            if !plan.findings.is_empty() || !part.findings.is_empty() {
                return Err(StoreError::Stale.into());
            }
            rows += part.total;
            R::write(tx, pass, &against, &plan.writes, progress).await?;
        }
        if rows == summary.rows { Ok(summary) } else { Err(StoreError::Stale.into()) }
    }

    /// Reads all of the file, checks it and holds it against what is on record.
    async fn survey<R: Kind>(
        &self,
        against: &Against<'_>,
        tx: Option<&Tx<'_>>,
    ) -> Result<Survey<R::Writes>, Failure> {
        self.progress.begin(OperationPhase::Reading, 0);
        let mut ground = R::ground(against).await?;
        let mut parts = self.parts::<R>(false);
        let mut tally = Tally::default();
        let mut writes = Vec::new();
        while let Some(mut part) = parts.next().await? {
            if tally.parts == 0 {
                self.progress.begin(OperationPhase::Checking, 0);
            }
            if let Some(tx) = tx {
                R::lock(tx, &self.importer.pass, &part.rows).await?;
            }
            let mut plan = R::plan(against, &mut ground, &part).await?;
            let findings = std::mem::replace(&mut part.findings, Findings::every());
            let findings = findings.join(std::mem::replace(&mut plan.findings, Findings::every()));
            self.rejects.note(&self.importer.services.store, &part, &findings).await?;
            writes = if tally.parts == 0 { vec![std::mem::take(&mut plan.writes)] } else { Vec::new() };
            if tally.parts == 0 {
                tally.recognition = std::mem::take(&mut part.recognition);
            }
            tally.add(plan, part.total, findings);
            self.progress.step(part.total)?;
        }
        Ok(Survey { summary: tally.summary(R::KIND), writes: writes.pop() })
    }

    fn parts<R: Kind>(&self, again: bool) -> Parts<R> {
        Parts::of(self.importer, &self.file, self.mapping.as_ref(), self.progress, again)
    }

    fn against<'a>(&'a self, reader: &'a Reader<'a>) -> Against<'a> {
        let (pass, now): (&Pass, DateTime<Utc>) = (&self.importer.pass, self.importer.context.now);
        let Importer { today, zone, oneself, .. } = self.importer;
        Against { reader, agency: pass.agency(), user: pass.user(), today: *today, now, zone: *zone, oneself }
    }
}

/// What the parts of a file come to together.
#[derive(Debug, Default)]
struct Tally {
    parts: usize,
    rows: usize,
    created: usize,
    updated: usize,
    unchanged: usize,
    findings: Findings,
    warnings: Warnings,
    recognition: Recognition,
}

impl Tally {
    fn add<W>(&mut self, plan: Plan<W>, rows: usize, findings: Findings) {
        self.parts += 1;
        self.rows += rows;
        self.created += plan.created;
        self.updated += plan.updated;
        self.unchanged += plan.unchanged;
        self.warnings.join(plan.warnings);
        if !findings.is_empty() {
            self.findings = std::mem::take(&mut self.findings).join(findings);
        }
    }

    fn summary(self, kind: ImportKind) -> Summary {
        let Self { parts: _, rows, created, updated, unchanged, findings, warnings, recognition } = self;
        let (warnings, warnings_total) = (warnings.kept, warnings.total);
        let recognition = Box::new(recognition);
        Summary { kind, rows, created, updated, unchanged, findings, warnings, warnings_total, recognition }
    }
}

impl Summary {
    fn counts(&self) -> Value {
        json!({
            "rows": self.rows, "created": self.created, "updated": self.updated, "unchanged": self.unchanged,
        })
    }
}

/// The properties of both objects.
fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}
