//! One file from its bytes to the transaction that takes it in.

use access::{Action, Pass, Scope};
use aws_lc_rs::digest;
use chrono::NaiveDate;
use kernel::{Event, OperationId, RequestId, Resource};
use serde_json::{Value, json};
use store::{AsStoreError, Broken, Reader, StoreError, Tx, WriteContext};
use workforce::Agency;

use crate::app::import_mappings::MappingChoice;
use crate::app::imports::plan::{Against, Kind, Plan, Warning};
use crate::app::imports::progress::Progress;
use crate::app::{AppError, Ctx, Services};
use crate::dto::imports::ImportReport;
use crate::messages::Lang;
use crate::problems::Problem;
use crate::sheets::{
    self, AssessmentRow, CompetencyRow, EmployeeRow, Findings, Format, ImportKind, LevelRow, Mapping,
    PositionRow, Reading, Recognition, StandardRow, UnitRow,
};

/// A file to be taken in.
#[derive(Clone, Debug)]
pub struct ImportFile {
    /// What its rows are.
    pub kind: ImportKind,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What its name or media type says of its format.
    pub promised: Option<Format>,
    /// Its name.
    pub name: Option<String>,
    /// By which of the agency's mappings its columns go.
    pub mapping: MappingChoice,
}

impl ImportFile {
    /// What is kept of it.
    pub(super) fn identity(&self) -> Value {
        let sha256 = digest::digest(&digest::SHA256, &self.bytes);
        let sha256: String = sha256.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        json!({"kind": self.kind, "filename": self.name, "bytes": self.bytes.len(), "sha256": sha256, "mapping": self.mapping})
    }
}

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
    Refused(Summary),
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
pub(super) enum Mode<'a> {
    /// Everything but writing.
    DryRun,
    /// All of it, ending this operation in the same transaction, where there is one.
    Commit(Option<OperationId>, &'a Progress),
}

/// On whose behalf, and into which agency.
#[derive(Clone, Debug)]
pub(super) struct Importer {
    pub(super) services: Services,
    pub(super) pass: Pass,
    pub(super) context: WriteContext,
    scope: Scope,
    today: NaiveDate,
}

/// What is decided at once by taking in a file of this kind: standards come in force, results become final.
const fn decided_by(kind: ImportKind) -> Option<Action> {
    match kind {
        ImportKind::Standards => Some(Action::StandardEnact),
        ImportKind::Assessments => Some(Action::AssessmentSignOff),
        ImportKind::Units
        | ImportKind::Positions
        | ImportKind::Employees
        | ImportKind::Competencies
        | ImportKind::Levels => None,
    }
}

/// How often rows are compared anew when somebody else was faster.
const ATTEMPTS: usize = 3;

impl Importer {
    /// For a caller of the API. What a file of this kind decides, the caller must be allowed to decide: importing is no
    /// way around the duties of officers, and a machine decides nothing.
    pub(super) fn of(ctx: &Ctx, kind: ImportKind) -> Result<Self, AppError> {
        if let Some(decision) = decided_by(kind) {
            ctx.actor.allow(decision)?;
        }
        Ok(Self {
            services: ctx.services.clone(),
            pass: ctx.actor.allow(Action::Import)?,
            context: ctx.write_context(),
            scope: ctx.scope(Action::Import)?,
            today: ctx.today(),
        })
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
        }
    }

    /// Reads `file` and does with it what `mode` says. Reading and comparing keep a thread busy, so this belongs on one
    /// of its own.
    pub(super) async fn take(&self, file: &ImportFile, mode: Mode<'_>) -> Result<Summary, Failure> {
        match file.kind {
            ImportKind::Units => self.take_rows::<UnitRow>(file, mode).await,
            ImportKind::Positions => self.take_rows::<PositionRow>(file, mode).await,
            ImportKind::Employees => self.take_rows::<EmployeeRow>(file, mode).await,
            ImportKind::Competencies => self.take_rows::<CompetencyRow>(file, mode).await,
            ImportKind::Levels => self.take_rows::<LevelRow>(file, mode).await,
            ImportKind::Standards => self.take_rows::<StandardRow>(file, mode).await,
            ImportKind::Assessments => self.take_rows::<AssessmentRow>(file, mode).await,
        }
    }

    /// What the agency says of the columns of its files of this kind.
    async fn mapping(&self, kind: ImportKind, choice: &MappingChoice) -> Result<Option<Mapping>, AppError> {
        choice.read(&self.services.store.read(&self.scope, self.today), kind).await
    }

    async fn take_rows<R: Kind>(&self, file: &ImportFile, mode: Mode<'_>) -> Result<Summary, Failure> {
        let mapping = self.mapping(file.kind, &file.mapping).await?;
        let mapping = mapping.as_ref();
        let reading =
            sheets::read::<R>(&file.bytes, file.promised, self.today, mapping).map_err(AppError::from)?;
        let (operation, progress) = match mode {
            Mode::Commit(operation, progress) => (operation, progress),
            Mode::DryRun => {
                let reader = self.services.store.read(&self.scope, self.today);
                return Ok(summary(R::plan(&self.against(&reader), &reading).await?, &reading));
            }
        };
        let mut attempt = 1;
        loop {
            match self.commit(file, &reading, operation, progress).await {
                Err(failure) if attempt < ATTEMPTS && failure.is_overtaken() => attempt += 1,
                other => return other,
            }
        }
    }

    /// Compares and writes in one transaction, with one row in the audit trail.
    async fn commit<R: Kind>(
        &self,
        file: &ImportFile,
        reading: &Reading<R>,
        operation: Option<OperationId>,
        progress: &Progress,
    ) -> Result<Summary, Failure> {
        let (services, pass) = (&self.services, &self.pass);
        let work = async |tx: &Tx<'_>| {
            tx.import_lock(pass).await?;
            R::lock(tx, pass, &reading.rows).await?;
            let reader = tx.read(&self.scope, self.today);
            let against = self.against(&reader);
            let mut plan = R::plan(&against, reading).await?;
            let writes = std::mem::take(&mut plan.writes);
            let changed = plan.created + plan.updated;
            let summary = summary(plan, reading);
            if !summary.findings.is_empty() {
                return Err(Failure::Refused(summary));
            }
            if progress.is_stopped() {
                return Err(Failure::Stopped);
            }
            progress.begin(changed);
            R::write(tx, pass, &against, &writes, progress).await?;
            let mut changes = file.identity();
            merge(&mut changes, summary.counts());
            if let Some(id) = operation {
                let report = serde_json::to_value(ImportReport::of(&summary, false, Lang::Id)).ok();
                let end = tx.operation_finish(pass, id, Ok(report.unwrap_or_default()), services.clock.now());
                // Cancelled or given up for dead meanwhile: then nothing of it stays.
                end.await.map_err(|error| match error {
                    StoreError::Stale => Failure::Stopped,
                    other => other.into(),
                })?;
            }
            let id = operation.unwrap_or_else(OperationId::new);
            let event = Event::new(Resource::Operation, id, "IMPORTED");
            Ok(tx.record(pass, &event, Some(changes)).await?.with(summary))
        };
        services.store.write(&self.context, work).await
    }

    fn against<'a>(&self, reader: &'a Reader<'a>) -> Against<'a> {
        Against {
            reader,
            agency: self.pass.agency(),
            user: self.pass.user(),
            today: self.today,
            now: self.context.now,
        }
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

fn summary<R: Kind>(plan: Plan<R::Writes>, reading: &Reading<R>) -> Summary {
    let Plan { created, updated, unchanged, findings, warnings, writes: _ } = plan;
    Summary {
        kind: R::KIND,
        rows: reading.total,
        created,
        updated,
        unchanged,
        findings: reading.findings.clone().join(findings),
        warnings: warnings.kept,
        warnings_total: warnings.total,
        recognition: Box::new(reading.recognition.clone()),
    }
}
