//! `/v1/employees/{id}/jp-ledger`, `/v1/jp-entries`, `/v1/jp-standings` and `/v1/jp-compliance`.

use actix_web::{HttpRequest, get, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::jp_ledger::{
    JpComplianceQuery, JpComplianceView, JpCorrection, JpCorrectionView, JpEntryView, JpLedgerQuery,
    JpLedgerView, JpStandingQuery, JpStandingView,
};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, computed, written};
use crate::http::table::{answer, whole};

/// Read a ledger of learning hours
///
/// What a person was credited with in a year (jam pelajaran, JP), and how that stands against the floor and the ceiling that
/// apply to them: permanent civil servants have a floor by the calendar year, those on contract a ceiling by the contract
/// year, counted from the appointment on record. Somebody who changes from one to the other keeps the hours of the year.
///
/// Hours count in the year of the day the learning ended. What rests on a certificate stops counting the day after its last
/// valid day; a year that is over is counted as of its last day. As a table it is its entries.
#[utoipa::path(operation_id = "jp_ledger_get", tag = "Learning hours",
    params(("employee_id" = Uuid, Path, description = "The person."), JpLedgerQuery),
    responses((status = 200, description = "The ledger.", body = JpLedgerView)),
    extensions(("x-table" = json!(true))))]
#[get("/employees/{employee_id}/jp-ledger")]
pub(crate) async fn jp_ledger_get(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<JpLedgerQuery>,
    accepted: Accepted,
) -> Answer {
    let ctx = accepted.context(ctx);
    let (ledger, entries) = app::jp_ledger::get(&ctx, id.into(), query).await?;
    let view = JpLedgerView::new(id.into(), ledger, entries);
    match accepted.format.sheet() {
        Some(sheet) => whole(ctx, &request, sheet, &view.entries).await,
        None => Ok(computed(&request, &view)),
    }
}

/// Read an entry of a ledger
///
/// One entry, as it counts today.
#[utoipa::path(operation_id = "jp_entry_get", tag = "Learning hours",
    params(("jp_entry_id" = Uuid, Path, description = "The entry.")),
    responses((status = 200, description = "The entry.", body = JpEntryView)))]
#[get("/jp-entries/{jp_entry_id}")]
pub(crate) async fn jp_entry_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let row = app::jp_ledger::entry(&ctx, id.into()).await?;
    let version = app::jp_ledger::version(&row);
    Ok(composed(&request, version, &JpEntryView::new(row, ctx.today())))
}

/// Correct an entry of a ledger
///
/// Takes an entry back by a counter-entry, and unless nothing should stand adds one that says the right number of hours.
/// Nothing is ever changed, and an entry is taken back once. Nobody corrects their own ledger.
#[utoipa::path(operation_id = "jp_entry_correct", tag = "Learning hours", request_body = JpCorrection,
    params(("jp_entry_id" = Uuid, Path, description = "The wrong entry.")),
    responses((status = 200, description = "The entries that were added.", body = JpCorrectionView)))]
#[put("/jp-entries/{jp_entry_id}/correction")]
pub(crate) async fn jp_entry_correct(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<JpCorrection>,
) -> Answer {
    Ok(written(app::jp_ledger::correct(&ctx, id.into(), input).await?))
}

/// List how people stand
///
/// Who is short of learning hours and by how much, by name: the people who serve on the day, as far as the caller may see
/// them. The day is today, or the last day of a year that is over.
#[utoipa::path(operation_id = "jp_standing_list", tag = "Learning hours", params(JpStandingQuery),
    responses((status = 200, description = "A page of people.", body = PageView<JpStandingView>)))]
#[get("/jp-standings")]
pub(crate) async fn jp_standing_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<JpStandingQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch = async move |ctx: &Ctx, page: &PageRequest| {
        app::jp_standings::standings(ctx, asked.clone(), page).await
    };
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, row| JpStandingView::from(row)).await
}

/// Read how many stand how
///
/// How many of an agency's or a unit's people have reached their floor of learning hours, how much the others miss and how
/// long they have, and who has passed a ceiling; by standing and by unit.
#[utoipa::path(operation_id = "jp_compliance_get", tag = "Learning hours", params(JpComplianceQuery),
    responses((status = 200, description = "The sums.", body = JpComplianceView)),
    extensions(("x-table" = json!(true))))]
#[get("/jp-compliance")]
pub(crate) async fn jp_compliance_get(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<JpComplianceQuery>,
    accepted: Accepted,
) -> Answer {
    let view = JpComplianceView::from(app::jp_standings::compliance(&ctx, query).await?);
    match accepted.format.sheet() {
        Some(sheet) => whole(ctx, &request, sheet, &view.table()).await,
        None => Ok(computed(&request, &view)),
    }
}
