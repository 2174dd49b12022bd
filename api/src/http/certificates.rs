//! `/v1/certificates`, `/verify/{code}`, `/v1/evidence-proposals`, results and completion.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::certificates::{
    CertificateQuery, CertificateView, EvidenceProposalQuery, EvidenceProposalView, EvidenceUptake,
    OutcomesPut, VerificationView,
};
use crate::dto::classes::{ClassView, ReasonPut};
use crate::dto::{FileBody, PageView};
use crate::http::extract::{Json, NoQuery, Path, Query};
use crate::http::negotiate::{Accepted, Format};
use crate::http::reply::{Answer, composed, pdf, written};
use crate::http::routes::AppState;
use crate::http::table::answer;
use crate::http::{pages, pictures};

/// Enter results
///
/// Says who passed a class that has begun, with a score where there is one; it may be said anew until the class is completed.
/// `If-Match` is the class's, which counts up.
#[utoipa::path(operation_id = "class_results_put", tag = "Certificates", request_body = OutcomesPut,
    params(("class_id" = Uuid, Path, description = "The class.")),
    responses((status = 200, description = "The class as it stands now.", body = ClassView)))]
#[put("/classes/{class_id}/results")]
pub(crate) async fn class_results_put(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<OutcomesPut>,
) -> Answer {
    Ok(written(app::certificates::outcomes_put(&ctx, id.into(), input).await?))
}

/// Complete a class
///
/// Once the last session has ended and everybody with a seat has a result: results become final, who passed gets a
/// certificate with its learning hours, and for each competency taught evidence is proposed. No level changes: that takes an
/// assessment.
#[utoipa::path(operation_id = "class_complete", tag = "Certificates",
    params(("class_id" = Uuid, Path, description = "The class.")),
    responses((status = 200, description = "The class as it stands now.", body = ClassView)))]
#[put("/classes/{class_id}/completion")]
pub(crate) async fn class_complete(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::certificates::complete(&ctx, id.into()).await?))
}

/// List certificates
///
/// Certificates of the people the caller may see, in the order in which they were issued.
#[utoipa::path(operation_id = "certificate_list", tag = "Certificates", params(CertificateQuery),
    responses((status = 200, description = "A page of certificates.", body = PageView<CertificateView>)))]
#[get("/certificates")]
pub(crate) async fn certificate_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<CertificateQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::certificates::list(ctx, asked.clone(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, app::certificates::view).await
}

/// Read a certificate
///
/// One certificate, as it was issued. As `application/pdf` it is a page to print, with the QR code by which anybody verifies
/// it, in the language of `Accept-Language`.
#[utoipa::path(operation_id = "certificate_get", tag = "Certificates",
    params(("certificate_id" = Uuid, Path, description = "The certificate.")),
    responses((status = 200, description = "The certificate, or a page to print.", content(
        (CertificateView = "application/json"), (FileBody = "application/pdf")))))]
#[get("/certificates/{certificate_id}")]
pub(crate) async fn certificate_get(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    accepted: Accepted,
) -> Answer {
    let ctx = accepted.context(ctx);
    let one = app::certificates::get(&ctx, id.into()).await?;
    let version = one.version;
    let view = app::certificates::view(&ctx, one);
    if accepted.format == Format::Pdf {
        let agency = app::certificates::agency_name(&ctx).await?;
        let drawn = pictures::certificate(view, agency);
        let page = || pictures::certificate_page(&drawn, &ctx, accepted.lang);
        return pdf(&request, accepted.lang, format!("certificate-{id}.pdf"), &drawn, page);
    }
    Ok(composed(&request, version, &view))
}

/// Revoke a certificate
///
/// Takes a certificate back, with the reason. It counts no longer from this moment on; what it proposed and nobody decided on
/// is void.
#[utoipa::path(operation_id = "certificate_revoke", tag = "Certificates", request_body = ReasonPut,
    params(("certificate_id" = Uuid, Path, description = "The certificate.")),
    responses((status = 200, description = "The certificate as it stands now.", body = CertificateView)))]
#[put("/certificates/{certificate_id}/revocation")]
pub(crate) async fn certificate_revoke(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<ReasonPut>,
) -> Answer {
    Ok(written(app::certificates::revoke(&ctx, id.into(), input).await?))
}

/// Verify a certificate
///
/// Open to everybody who knows the code of a certificate: who, what, when, and whether it counts today in the agency that
/// issued it. The code is 128 random bits; hyphens, blanks and case do not matter. As `text/html`, which a browser asks for, it
/// is a page that says the same in the language of `Accept-Language`.
#[utoipa::path(operation_id = "certificate_verify", tag = "Certificates",
    params(("code" = String, Path, description = "The code on the certificate.", min_length = 26, max_length = 64,
        example = "0ABCD-EFGH1-23456-789JK-MNPQRS")),
    responses((status = 200, description = "What the code stands for.", content(
        (VerificationView = "application/json"), (FileBody = "text/html")))),
    extensions(("x-problems" = json!([404, 503]))))]
#[get("/verify/{code}")]
pub(crate) async fn certificate_verify(
    _: Query<NoQuery>,
    state: Data<AppState>,
    Path(code): Path<String>,
    Accepted { format, lang }: Accepted,
) -> Answer {
    let told = app::certificates::verify(&state.services, &code).await?;
    // Not kept by anybody: it may be revoked in a moment, and it names a person.
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("Referrer-Policy", "no-referrer"))
        .insert_header(("X-Robots-Tag", "noindex"))
        .insert_header((header::VARY, "Accept, Accept-Language"));
    if format == Format::Html {
        return Ok(pages::page(&mut response, lang, pages::verification(&told, lang)));
    }
    Ok(response.json(told))
}

/// List proposed evidence
///
/// What completions propose as evidence, for the people the caller may see. It raises no level: an assessment may take it up.
#[utoipa::path(operation_id = "evidence_proposal_list", tag = "Certificates", params(EvidenceProposalQuery),
    responses((status = 200, description = "A page of proposals.", body = PageView<EvidenceProposalView>)))]
#[get("/evidence-proposals")]
pub(crate) async fn evidence_proposal_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<EvidenceProposalQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch = async move |ctx: &Ctx, page: &PageRequest| {
        app::certificates::proposals(ctx, asked.clone(), page).await
    };
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, app::certificates::proposal_view).await
}

/// Read proposed evidence
///
/// What one completion proposes for one competency.
#[utoipa::path(operation_id = "evidence_proposal_get", tag = "Certificates",
    params(("evidence_proposal_id" = Uuid, Path, description = "The proposal.")),
    responses((status = 200, description = "The proposal.", body = EvidenceProposalView)))]
#[get("/evidence-proposals/{evidence_proposal_id}")]
pub(crate) async fn evidence_proposal_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let row = app::certificates::proposal(&ctx, id.into()).await?;
    Ok(composed(&request, row.proposal.version, &app::certificates::proposal_view(&ctx, row)))
}

/// Take proposed evidence up
///
/// Says which result of an assessment of the same person in the same competency took the proposal up. The level is what the
/// assessment found.
#[utoipa::path(operation_id = "evidence_proposal_take_up", tag = "Certificates", request_body = EvidenceUptake,
    params(("evidence_proposal_id" = Uuid, Path, description = "The proposal.")),
    responses((status = 200, description = "The proposal as it stands now.", body = EvidenceProposalView)))]
#[put("/evidence-proposals/{evidence_proposal_id}/uptake")]
pub(crate) async fn evidence_proposal_take_up(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<EvidenceUptake>,
) -> Answer {
    Ok(written(app::certificates::take_up(&ctx, id.into(), input).await?))
}

/// Dismiss proposed evidence
///
/// Finds that a proposal is no evidence, with the reason.
#[utoipa::path(operation_id = "evidence_proposal_dismiss", tag = "Certificates", request_body = ReasonPut,
    params(("evidence_proposal_id" = Uuid, Path, description = "The proposal.")),
    responses((status = 200, description = "The proposal as it stands now.", body = EvidenceProposalView)))]
#[put("/evidence-proposals/{evidence_proposal_id}/dismissal")]
pub(crate) async fn evidence_proposal_dismiss(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<ReasonPut>,
) -> Answer {
    Ok(written(app::certificates::dismiss(&ctx, id.into(), input).await?))
}
