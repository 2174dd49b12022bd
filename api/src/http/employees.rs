//! `/v1/employees`.

use actix_web::{HttpRequest, delete, get, post, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::employees::{EmployeePut, EmployeeQuery, EmployeeView, SuperiorQuery, SuperiorView};
use crate::dto::{PageView, day};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, computed, written};
use crate::http::table::answer;

/// List employees
///
/// The people the caller may see, by name: themselves, those below them, a unit's, or all of the agency's. Each one shown
/// can see that they were.
#[utoipa::path(operation_id = "employee_list", tag = "Workforce", params(EmployeeQuery),
    responses((status = 200, description = "A page of people.", body = PageView<EmployeeView>)))]
#[get("/employees")]
pub(crate) async fn employee_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<EmployeeQuery>,
    accepted: Accepted,
) -> Answer {
    let filter = query.clone().into_filter(ctx.today())?;
    let fetch = async move |ctx: &Ctx, page: &PageRequest| app::employees::list(ctx, &filter, page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, row| EmployeeView::from(row)).await
}

/// Read an employee
///
/// One person, the reading of their identity number, and the position they hold today.
#[utoipa::path(operation_id = "employee_get", tag = "Workforce",
    params(("employee_id" = Uuid, Path, description = "The employee.")),
    responses((status = 200, description = "The person.", body = EmployeeView)))]
#[get("/employees/{employee_id}")]
pub(crate) async fn employee_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let row = app::employees::get(&ctx, id.into()).await?;
    Ok(composed(&request, row.employee.version, &EmployeeView::from(row)))
}

/// Read an employee by NIP
///
/// The person with an identity number (NIP or NI PPPK). A number that cannot be one is a 400 that names the part; one that
/// nobody the caller may see has is a 404.
#[utoipa::path(operation_id = "employee_get_by_nip", tag = "Workforce",
    params(("nip" = String, Path, description = "18 digits; spaces and dots are dropped.",
        example = "198609262015051001", max_length = 40)),
    responses((status = 200, description = "The person.", body = EmployeeView)))]
#[get("/employees/by-nip/{nip}")]
pub(crate) async fn employee_get_by_nip(ctx: Ctx, request: HttpRequest, Path(nip): Path<String>) -> Answer {
    let row = app::employees::get_by_nip(&ctx, &nip).await?;
    Ok(composed(&request, row.employee.version, &EmployeeView::from(row)))
}

/// Read an employee's superior
///
/// Who a person's direct superior is on a day, and what decides it.
#[utoipa::path(operation_id = "employee_superior_get", tag = "Workforce",
    params(("employee_id" = Uuid, Path, description = "The employee."), SuperiorQuery),
    responses((status = 200, description = "The superior, with the reason.", body = SuperiorView)))]
#[get("/employees/{employee_id}/superior")]
pub(crate) async fn employee_superior_get(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<SuperiorQuery>,
) -> Answer {
    let as_of = day("/query/as_of", query.as_of.unwrap_or_else(|| ctx.today()))?;
    let chain = app::employees::superior(&ctx, id.into(), as_of).await?;
    Ok(computed(&request, &SuperiorView::new(id.into(), as_of, chain)))
}

/// Create an employee
///
/// Adds a person. What the identity number contradicts is shown in `warnings` and not refused.
#[utoipa::path(operation_id = "employee_create", tag = "Workforce", request_body = EmployeePut,
    responses((status = 201, description = "The new record.", body = EmployeeView)))]
#[post("/employees")]
pub(crate) async fn employee_create(ctx: Ctx, Json(input): Json<EmployeePut>) -> Answer {
    Ok(written(app::employees::create(&ctx, input).await?))
}

/// Replace an employee
///
/// Replaces what a person's record says. Where they serve is told by placements.
#[utoipa::path(operation_id = "employee_replace", tag = "Workforce", request_body = EmployeePut,
    params(("employee_id" = Uuid, Path, description = "The employee.")),
    responses((status = 200, description = "The record as it stands now.", body = EmployeeView)))]
#[put("/employees/{employee_id}")]
pub(crate) async fn employee_replace(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<EmployeePut>,
) -> Answer {
    Ok(written(app::employees::replace(&ctx, id.into(), input).await?))
}

/// Delete an employee
///
/// Removes a person nothing refers to: no placement, no assessment, no role, nobody's superior. It undoes a mistake of a
/// moment ago and is no way to forget somebody who served.
#[utoipa::path(operation_id = "employee_delete", tag = "Workforce",
    params(("employee_id" = Uuid, Path, description = "The employee.")),
    responses((status = 204, description = "It is gone.")))]
#[delete("/employees/{employee_id}")]
pub(crate) async fn employee_delete(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::employees::delete(&ctx, id.into()).await?))
}
