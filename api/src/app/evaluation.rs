//! Evaluation of classes: who is asked what and when, what they answer, and what comes of it.

use std::collections::BTreeMap;

use access::{Action, Pass, Scope};
use chrono::{DateTime, NaiveDate, Utc};
use competency::{PolicyVersion, policy_on};
use development::{
    AnswerSum, EVALUATION_POLICY, EvaluationAnswer, EvaluationChange, EvaluationError, EvaluationInstrument,
    EvaluationRubric, EvaluationTaskAction, EvaluationVoid, evaluation_changes, last_day, task_actions,
    told_together,
};
use kernel::{
    AgencyId, ClassId, EnrolmentId, EvaluationTaskId, Event, Hundredths, LongText, Page, PolicyId,
    ProgrammeId, RequestId, Resource, Violation, ViolationCode, Violations,
};
use serde_json::json;
use store::{
    EvaluationMarkSum, EvaluationSubject, EvaluationTaskRow, EvaluationTold, PageRequest, Reader, StoreError,
    Tx, Unwritten, WriteContext, Written,
};

use crate::app::classes::{self, class};
use crate::app::enrolments::is_oneself;
use crate::app::{AppError, Ctx, Services};
use crate::dto::evaluation::{AnsweredQuestion, Evaluated, EvaluationSight};
use crate::dto::evaluation_tasks::{
    AskedTask, EvaluationAnswerPut, EvaluationTaskDetailView, EvaluationTaskQuery, EvaluationTaskView,
    TestScoresPut,
};
use crate::dto::replaced;
use crate::problems::Problem;

/// How many classes a round looks at, and how many tasks are told of in one transaction.
const PART: i64 = 100;

/// The name of the worker's writes in the trail.
const OPERATION: &str = "evaluation_tend";

/// What a round of tending found to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tended {
    /// Classes of which something had changed.
    pub classes: u64,
    /// Tasks that opened.
    pub opened: u64,
    /// Tasks that fell overdue.
    pub overdue: u64,
}

/// One round: makes the tasks of classes that have begun or ended, and tells of those whose time has come and of those that
/// fell overdue. Several servers at it do each thing once; one that dies leaves the rest to the next round, and a class or an
/// agency that fails holds up no other.
///
/// # Errors
/// The store's, when it cannot be asked what is due.
pub async fn tend(services: &Services) -> Result<Tended, StoreError> {
    let now = services.clock.now();
    let mut tended = Tended::default();
    for (agency, class) in services.store.evaluations_due(now, PART).await? {
        match make(services, agency, class, now).await {
            Ok(changed) => tended.classes += u64::from(changed),
            Err(error) => {
                log::warn!(class_id:% = class; "an evaluation could not be looked at, the next round tries again: {error}");
            }
        }
    }
    for (agency, today) in services.store.evaluations_untold(now).await? {
        match told_of(services, agency, today, now).await {
            Ok((opened, overdue)) => {
                tended.opened += opened;
                tended.overdue += overdue;
            }
            Err(error) => {
                log::warn!(agency_id:% = agency; "evaluations could not be told of, the next round tries again: {error}");
            }
        }
    }
    Ok(tended)
}

/// Tells of an agency's tasks that opened and of those that fell overdue; of how many each.
async fn told_of(
    services: &Services,
    agency: AgencyId,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(u64, u64), StoreError> {
    let opened = tell(services, agency, Telling::Opened(today), now).await?;
    Ok((opened, tell(services, agency, Telling::Overdue, now).await?))
}

fn system(agency: AgencyId, now: DateTime<Utc>) -> (WriteContext, Pass) {
    let request = RequestId::new();
    let context = WriteContext { user: None, agency, request, operation: OPERATION, now, idempotency: None };
    (context, Pass::system(agency, Action::ClassWrite, "the policy says who is asked, and when"))
}

/// Makes the tasks of a class what they should be; whether anything was left to do.
///
/// # Errors
/// The store's.
pub(crate) async fn make(
    services: &Services,
    agency: AgencyId,
    class: ClassId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let (context, pass) = system(agency, now);
    let written = services
        .store
        .write(&context, async |tx| {
            tx.class_lock(&pass, class).await?;
            let changes = make_in(tx, &pass, class, now).await?.ok_or(Unwritten::Nothing)?;
            let event = Event::new(Resource::Class, class, "EVALUATION_PLANNED");
            Ok(tx.record(&pass, &event, Some(counted(&changes))))
        })
        .await;
    Ok(Unwritten::unless_nothing(written)?.is_some())
}

/// How many tasks were made, ended and asked again.
fn counted(changes: &[EvaluationChange]) -> serde_json::Value {
    let (mut made, mut void, mut revived) = (0, 0, 0);
    for change in changes {
        match change {
            EvaluationChange::Make { .. } => made += 1,
            EvaluationChange::Void(..) => void += 1,
            EvaluationChange::Revive(_) => revived += 1,
        }
    }
    json!({"made": made, "void": void, "revived": revived})
}

/// The same in a transaction that holds the class; nothing when it was looked at as it stands.
async fn make_in(
    tx: &Tx<'_>,
    pass: &Pass,
    class: ClassId,
    now: DateTime<Utc>,
) -> Result<Option<Vec<EvaluationChange>>, StoreError> {
    let Some(look) = tx.evaluation_look(pass, class).await? else { return Ok(None) };
    if look.settled || look.seen_before {
        return Ok(None);
    }
    let scope = Scope::system(pass.agency(), "rubrics are the same for everybody");
    let last = last_day(look.class.ends_at, look.zone);
    let versions = tx.read(&scope, last).policies_for::<EvaluationRubric>().await?;
    let policy = applied(&versions, pass.agency(), look.policy, Some(last));
    let changes = policy.map_or_else(Vec::new, |policy| {
        evaluation_changes(&look.class, &look.people, &look.tasks, &policy.rubric, look.zone, now)
    });
    tx.evaluation_write(pass, class, &look, policy.map(|policy| policy.id), &changes).await?;
    Ok(Some(changes))
}

/// The version of the rubric a class is evaluated by.
fn applied(
    versions: &[PolicyVersion<EvaluationRubric>],
    agency: AgencyId,
    policy: Option<PolicyId>,
    last: Option<NaiveDate>,
) -> Option<&PolicyVersion<EvaluationRubric>> {
    match policy {
        Some(id) => versions.iter().find(|version| version.id == id),
        None => policy_on(versions, EVALUATION_POLICY, agency, last?, DateTime::<Utc>::MAX_UTC),
    }
}

/// What is told of tasks.
#[derive(Clone, Copy)]
enum Telling {
    /// That they opened, on this day of the agency.
    Opened(NaiveDate),
    /// That they fell overdue.
    Overdue,
}

/// Tells of tasks on the change feed, each once, part by part; of how many.
async fn tell(
    services: &Services,
    agency: AgencyId,
    what: Telling,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let mut all = 0;
    loop {
        let (context, pass) = system(agency, now);
        let written = services
            .store
            .write(&context, async |tx| {
                let (told, name) = match what {
                    Telling::Opened(today) => (tx.evaluation_tasks_open(&pass, today, PART).await?, "OPENED"),
                    Telling::Overdue => (tx.evaluation_tasks_overdue(&pass, PART).await?, "OVERDUE"),
                };
                if told.is_empty() {
                    return Err(Unwritten::Nothing);
                }
                let count = told.len();
                let mut events = 0;
                let event = Event::new(Resource::Agency, agency, "EVALUATION_TENDED");
                let mut proof = None;
                for one in &told {
                    let EvaluationTold { id, instrument, class, employee, void, answered } = one;
                    let name = if void.is_some() { "VOIDED" } else { name };
                    if void.is_none() && *answered {
                        continue;
                    }
                    events += u64::from(void.is_none());
                    let changes =
                        json!({"instrument": instrument, "class_id": class, "employee_id": employee, "void": void});
                    let event = Event::new(Resource::EvaluationTask, *id, name);
                    proof = Some(tx.record(&pass, &event, Some(changes)));
                }
                // Where all were answered meanwhile there is nothing to tell, and that they were looked at is kept.
                let proof = proof.unwrap_or_else(|| tx.record(&pass, &event, None));
                Ok(proof.with((count, events)))
            })
            .await;
        let Some((count, events)) = Unwritten::unless_nothing(written)? else { return Ok(all) };
        all += events;
        if i64::try_from(count).is_ok_and(|count| count < PART) {
            return Ok(all);
        }
    }
}

/// What the caller may do with a task. What is for the direct superior is offered to who leads somebody; the attempt tells.
fn allowed(ctx: &Ctx, row: &EvaluationTaskRow) -> Vec<EvaluationTaskAction> {
    let own = is_oneself(ctx, row.employee);
    let reaches = ctx.actor.reaches(Action::EvaluationAnswer);
    let asked = match row.instrument {
        EvaluationInstrument::BehaviourSuperior => !own && reaches.contains(&access::Reach::Below),
        _ => own && !reaches.is_empty(),
    };
    let mut actions = task_actions(row.instrument, row.state, row.stands);
    actions.retain(|_| asked);
    actions
}

/// A task as this caller sees it in a list.
#[must_use]
pub fn view(ctx: &Ctx, row: EvaluationTaskRow) -> EvaluationTaskView {
    let allowed = allowed(ctx, &row);
    EvaluationTaskView::new(row, allowed)
}

/// Tasks about people the caller may see, by due date.
///
/// # Errors
/// `FORBIDDEN`.
pub async fn list(
    ctx: &Ctx,
    query: EvaluationTaskQuery,
    page: &PageRequest,
) -> Result<Page<EvaluationTaskRow>, AppError> {
    let scope = ctx.scope(Action::LearningRead)?;
    let rows = ctx.read(&scope).evaluation_tasks(&query.into_filter(), page, ctx.now).await?;
    ctx.note_access(&scope, rows.items.iter().map(|row| row.employee)).await?;
    Ok(rows)
}

/// What the caller is asked now, by due date; nothing for who may answer nothing.
///
/// # Errors
/// The store's.
pub async fn asked_of_caller(ctx: &Ctx, page: &PageRequest) -> Result<Page<EvaluationTaskRow>, AppError> {
    let Ok(scope) = ctx.actor.scope(Action::EvaluationAnswer) else {
        return Ok(Page { items: Vec::new(), next: None });
    };
    let rows = ctx.read(&scope).evaluation_tasks_asked(page, ctx.now).await?;
    ctx.note_access(&scope, rows.items.iter().map(|row| row.employee)).await?;
    Ok(rows)
}

/// One task with its form.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: EvaluationTaskId) -> Result<AskedTask, AppError> {
    let scope = ctx.scope(Action::LearningRead)?;
    let reader = ctx.read(&scope);
    let row = find(&reader, id, ctx.now).await?;
    ctx.note_access(&scope, [row.employee]).await?;
    asked(ctx, &reader, row).await
}

async fn find(
    reader: &Reader<'_>,
    id: EvaluationTaskId,
    now: DateTime<Utc>,
) -> Result<EvaluationTaskRow, AppError> {
    Ok(reader.evaluation_task(id, now).await?.ok_or(Problem::NotFound)?)
}

/// A task with its form and the caller's own answer.
async fn asked(ctx: &Ctx, reader: &Reader<'_>, row: EvaluationTaskRow) -> Result<AskedTask, AppError> {
    let versions = reader.policies_for::<EvaluationRubric>().await?;
    let policy = applied(&versions, ctx.actor.agency, row.policy, row.held_until);
    let form = policy.and_then(|policy| policy.rubric.form(row.instrument)).cloned();
    let answer = if row.answered_by == Some(ctx.actor.user) && row.instrument.is_form() {
        EvaluationAnswer { marks: reader.evaluation_marks(row.id).await?, comment: row.comment.clone() }
    } else {
        EvaluationAnswer::default()
    };
    let allowed = allowed(ctx, &row);
    Ok(AskedTask { policy: policy.map(PolicyVersion::cite), form, answer, allowed, row })
}

/// Leave to answer a task: one's own, or as the direct superior of the day.
async fn answering(ctx: &Ctx, reader: &Reader<'_>, row: &EvaluationTaskRow) -> Result<Pass, AppError> {
    let who = match row.instrument {
        EvaluationInstrument::BehaviourSuperior => {
            let chain = reader.superior_chain(row.employee, ctx.today()).await?;
            chain.and_then(|chain| chain.superior).map(|superior| superior.employee)
        }
        _ => Some(row.employee),
    };
    let who = who.filter(|who| is_oneself(ctx, *who)).ok_or(Problem::Forbidden)?;
    Ok(ctx.actor.allow_own(Action::EvaluationAnswer, who)?)
}

/// Answers a task, for the first time or anew.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `EVALUATION_TASK_STATE`.
pub async fn answer(
    ctx: &Ctx,
    id: EvaluationTaskId,
    input: EvaluationAnswerPut,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::EvaluationAnswer)?;
    let answer = input.into_domain()?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let row = find(&reader, id, ctx.now).await?;
        let pass = answering(ctx, &reader, &row).await?;
        ctx.expect_version(row.version)?;
        if task_actions(row.instrument, row.state, row.stands).is_empty() {
            let refused = match row.void {
                Some(EvaluationVoid::NotAttended) => EvaluationError::NotAttended,
                _ => EvaluationError::WrongState(row.state),
            };
            return Err(refused.into());
        }
        let (employee, version, state) = (row.employee, row.version, row.state);
        let form = asked(ctx, &reader, row).await?.form.ok_or(EvaluationError::WrongState(state))?;
        answer.check(&form)?;
        tx.evaluation_answer(&pass, id, version, &answer).await?;
        let after = asked(ctx, &reader, find(&reader, id, ctx.now).await?).await?;
        ctx.note_access_in(tx, &scope, [employee]);
        let version = after.row.version;
        // That somebody answered may be known; what they said is told in sums alone.
        let event = Event::new(Resource::EvaluationTask, id, "ANSWERED");
        let reply = replaced(&EvaluationTaskDetailView::from(after), version);
        Ok(tx.record(&pass, &event, None).with(reply))
    })
    .await
}

/// Enters scores of tests before and after a class that has begun.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID` also for somebody who is not tested.
pub async fn test_scores_put(ctx: &Ctx, id: ClassId, input: TestScoresPut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        class(&reader, id).await?;
        let pass = ctx.actor.allow(Action::ClassWrite)?;
        tx.class_lock(&pass, id).await?;
        let row = class(&reader, id).await?;
        ctx.expect_version(row.class.version)?;
        let scores = input.clone().into_domain()?;
        // A class that has just begun may not have been looked at yet.
        make_in(tx, &pass, id, ctx.now).await?;
        let tasks = tx.evaluation_look(&pass, id).await?.map(|look| look.tasks).unwrap_or_default();
        let mut found = Violations::new();
        for (at, enrolment, instrument, _) in &scores {
            let tested = tasks.iter().any(|task| {
                task.void.is_none() && task.enrolment == *enrolment && task.instrument == *instrument
            });
            found.check(!tested, || Violation::new(at.clone(), ViolationCode::NotFound));
        }
        found.finish()?;
        let entered: Vec<(EnrolmentId, EvaluationInstrument, Hundredths)> = scores
            .into_iter()
            .map(|(_, enrolment, instrument, score)| (enrolment, instrument, score))
            .collect();
        tx.test_scores_put(&pass, id, &entered).await?;
        tx.class_touch(&pass, id, row.class.version).await?;
        let event = Event::new(Resource::Class, id, "TEST_SCORES_ENTERED");
        let after = class(&reader, id).await?;
        let version = after.class.version;
        let reply = replaced(&classes::view(ctx, after), version);
        Ok(tx.record(&pass, &event, Some(json!({"scores": entered}))).with(reply))
    })
    .await
}

/// What the evaluation of a class found.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`.
pub async fn of_class(ctx: &Ctx, id: ClassId) -> Result<Evaluated, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let reader = ctx.read(&scope);
    let programme = class(&reader, id).await?.class.programme;
    ctx.actor.allow(Action::EvaluationRead)?;
    let mut found = evaluated(ctx, &reader, EvaluationSubject::Class(id), programme).await?;
    if !found.sight.levels {
        // Rounded figures of every class beside those of the programme would tell of single people by subtraction.
        found.levels.clear();
    }
    Ok(Evaluated { class: Some(id), comments: reader.evaluation_comments(id).await?, ..found })
}

/// What the evaluations of all classes of a programme found.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`.
pub async fn of_programme(ctx: &Ctx, id: ProgrammeId) -> Result<Evaluated, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let reader = ctx.read(&scope);
    reader.programme(id).await?.ok_or(Problem::NotFound)?;
    ctx.scope(Action::EvaluationRead)?;
    evaluated(ctx, &reader, EvaluationSubject::Programme(id), id).await
}

async fn evaluated(
    ctx: &Ctx,
    reader: &Reader<'_>,
    subject: EvaluationSubject,
    programme: ProgrammeId,
) -> Result<Evaluated, AppError> {
    let versions = reader.policies_for::<EvaluationRubric>().await?;
    let sums = reader.evaluation_mark_sums(subject).await?;
    Ok(Evaluated {
        class: None,
        programme,
        participants: reader.evaluation_participants(subject).await?,
        counts: reader.evaluation_counts(subject, ctx.now).await?,
        questions: questions(&versions, ctx.actor.agency, &sums),
        comments: Vec::new(),
        tests: reader.evaluation_tests(subject).await?,
        levels: reader.evaluation_levels(subject).await?,
        sight: EvaluationSight {
            people: ctx.actor.can(Action::EvaluationRead),
            levels: ctx.actor.can(Action::GapRead),
        },
    })
}

/// Questions in the order of instruments and codes, with what may be told of their marks. The same code on another scale is
/// another question.
fn questions(
    versions: &[PolicyVersion<EvaluationRubric>],
    agency: AgencyId,
    sums: &[EvaluationMarkSum],
) -> Vec<AnsweredQuestion> {
    let mut by_question: BTreeMap<_, (Option<LongText>, BTreeMap<ClassId, AnswerSum>)> = BTreeMap::new();
    for one in sums {
        let form = applied(versions, agency, one.policy, one.held_until)
            .and_then(|policy| policy.rubric.form(one.instrument));
        let Some(form) = form else { continue };
        let text = form.questions.iter().find(|question| question.code == one.question);
        let key = (one.instrument, one.question.clone(), form.scale);
        let (known, classes) = by_question.entry(key).or_default();
        *known = known.take().or_else(|| text.map(|question| question.text.clone()));
        let sum = classes.entry(one.class).or_default();
        *sum = sum.and(one.sum);
    }
    let question = |((instrument, code, scale), (text, classes)): ((_, _, _), (_, BTreeMap<_, _>))| {
        AnsweredQuestion { instrument, code, text, scale, told: told_together(classes.into_values()) }
    };
    by_question.into_iter().map(question).collect()
}
