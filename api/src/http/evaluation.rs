//! `/v1/evaluation-tasks`, `/v1/me/evaluation-tasks`, and what evaluations found.

use actix_web::{HttpRequest, get, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::classes::ClassView;
use crate::dto::evaluation::EvaluationView;
use crate::dto::evaluation_tasks::{
    EvaluationAnswerPut, EvaluationTaskDetailView, EvaluationTaskQuery, EvaluationTaskView, TestScoresPut,
};
use crate::dto::{PageQuery, PageView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, computed, written};
use crate::http::table::answer;

/// List evaluation tasks
///
/// What is asked about the parts of the people the caller may see, by due date: who is to answer, who did, who did not. What
/// they answered is told in sums.
#[utoipa::path(operation_id = "evaluation_task_list", tag = "Evaluation", params(EvaluationTaskQuery),
    responses((status = 200, description = "A page of tasks.", body = PageView<EvaluationTaskView>)))]
#[get("/evaluation-tasks")]
pub(crate) async fn evaluation_task_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<EvaluationTaskQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::evaluation::list(ctx, asked.clone(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, app::evaluation::view).await
}

/// List what the caller is asked
///
/// What the caller has to answer now, by due date: about classes they attended, and, as the direct superior of today, about the
/// people below them. Empty for who is asked nothing.
#[utoipa::path(operation_id = "own_evaluation_task_list", tag = "Evaluation", params(PageQuery),
    responses((status = 200, description = "A page of tasks.", body = PageView<EvaluationTaskView>)))]
#[get("/me/evaluation-tasks")]
pub(crate) async fn own_evaluation_task_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<PageQuery>,
    accepted: Accepted,
) -> Answer {
    let fetch = async |ctx: &Ctx, page: &PageRequest| app::evaluation::asked_of_caller(ctx, page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, app::evaluation::view).await
}

/// Read an evaluation task
///
/// What is asked, with the form as it was when the class was held, and the caller's own answer.
#[utoipa::path(operation_id = "evaluation_task_get", tag = "Evaluation",
    params(("evaluation_task_id" = Uuid, Path, description = "The task.")),
    responses((status = 200, description = "The task.", body = EvaluationTaskDetailView)))]
#[get("/evaluation-tasks/{evaluation_task_id}")]
pub(crate) async fn evaluation_task_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let asked = app::evaluation::get(&ctx, id.into()).await?;
    Ok(composed(&request, asked.row.version, &EvaluationTaskDetailView::from(asked)))
}

/// Answer an evaluation task
///
/// About oneself, or as the direct superior. From its opening on, also when it is overdue; answered again, it replaces what was
/// answered before. A question that is left out is not answered.
#[utoipa::path(operation_id = "evaluation_task_answer", tag = "Evaluation", request_body = EvaluationAnswerPut,
    params(("evaluation_task_id" = Uuid, Path, description = "The task.")),
    responses((status = 200, description = "The task as it stands now.", body = EvaluationTaskDetailView)))]
#[put("/evaluation-tasks/{evaluation_task_id}/answer")]
pub(crate) async fn evaluation_task_answer(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<EvaluationAnswerPut>,
) -> Answer {
    Ok(written(app::evaluation::answer(&ctx, id.into(), input).await?))
}

/// Enter test scores
///
/// Scores of the tests before and after a class that has begun (evaluation level 2). They decide nothing: who passed is entered
/// as the class's results. `If-Match` is the class's, which counts up.
#[utoipa::path(operation_id = "class_test_scores_put", tag = "Evaluation", request_body = TestScoresPut,
    params(("class_id" = Uuid, Path, description = "The class.")),
    responses((status = 200, description = "The class as it stands now.", body = ClassView)))]
#[put("/classes/{class_id}/test-scores")]
pub(crate) async fn class_test_scores_put(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<TestScoresPut>,
) -> Answer {
    Ok(written(app::evaluation::test_scores_put(&ctx, id.into(), input).await?))
}

/// Read the evaluation of a class
///
/// What the four levels found: how much was answered, how questions were, tests before and after, and levels assessed before and
/// after. From none of it single answers are told apart.
#[utoipa::path(operation_id = "class_evaluation_get", tag = "Evaluation",
    params(("class_id" = Uuid, Path, description = "The class.")),
    responses((status = 200, description = "What it found.", body = EvaluationView)))]
#[get("/classes/{class_id}/evaluation")]
pub(crate) async fn class_evaluation_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let found = app::evaluation::of_class(&ctx, id.into()).await?;
    Ok(computed(&request, &EvaluationView::from(found)))
}

/// Read the evaluation of a programme
///
/// The same of all classes of a programme together. Who may see no person is told of groups of at least five, in rounded counts.
#[utoipa::path(operation_id = "programme_evaluation_get", tag = "Evaluation",
    params(("programme_id" = Uuid, Path, description = "The programme.")),
    responses((status = 200, description = "What it found.", body = EvaluationView)))]
#[get("/programmes/{programme_id}/evaluation")]
pub(crate) async fn programme_evaluation_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let found = app::evaluation::of_programme(&ctx, id.into()).await?;
    Ok(computed(&request, &EvaluationView::from(found)))
}
