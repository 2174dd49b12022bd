//! Around every request: an id, the access log, metrics, the last word on errors; and around `/v1`, who is calling.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use access::Actor;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpResponse};
use futures_util::FutureExt as _;
use kernel::{AgencyId, Code, RequestId};
use store::KnownAgency;

use crate::app::{AppError, Services};
use crate::auth::{AuthError, bearer};
use crate::http::extract::{BodyDigest, Caller};
use crate::http::negotiate;
use crate::http::problem::{Audience, render};
use crate::http::routes::AppState;
use crate::problems::Problem;

/// Set when the server begins to stop: it still answers, and tells load balancers and clients to go elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    /// From now on the server is stopping.
    pub fn begin(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it is.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Around everything.
///
/// # Errors
/// A failure that has no request left to be told to.
pub async fn envelope<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = RequestId::new();
    // HEAD is GET whose body stays here: the connection knows what was asked and sends none.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    request.extensions_mut().insert(id);
    request.extensions_mut().insert(BodyDigest::default());
    let audience = Audience::new(request.headers().get(header::ACCEPT_LANGUAGE), id);
    let state = request.app_data::<actix_web::web::Data<AppState>>().cloned();
    let method = request.method().clone();

    // A panic ends this request and no other. Nothing the handler held is used again.
    let outcome = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let mut response = match outcome {
        Ok(Ok(response)) => response.map_into_boxed_body(),
        Ok(Err(error)) => return Err(error),
        Err(_panic) => {
            log::error!(request_id:% = id; "a handler panicked");
            return Err(actix_web::error::InternalError::from_response(
                "panic",
                with_id(render(&Problem::Internal.into(), audience, None), id),
            )
            .into());
        }
    };

    let problem = response.response().error().map(|error| match error.as_error::<AppError>() {
        Some(app) => {
            let allow = state.as_ref().and_then(|state| state.document.allow(response.request().path()));
            render(app, audience, allow.filter(|_| app.problem == Problem::MethodNotAllowed))
        }
        // The framework's own failures, by status.
        None => {
            let status = response.status().as_u16();
            let known = match status {
                400 => Problem::Malformed,
                404 => Problem::NotFound,
                413 => Problem::TooLarge,
                415 => Problem::UnsupportedMediaType,
                _ => Problem::Internal,
            };
            render(&known.into(), audience, None)
        }
    });
    if let Some(problem) = problem {
        response = response.into_response(problem);
    }

    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id_value(id));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let operation = state.as_ref().and_then(|state| state.document.operation_of(response.request()));
    if negotiate::offers(response.request()).len() > 1 {
        let varies = HeaderValue::from_static("Accept, Accept-Language");
        response.headers_mut().append(header::VARY, varies);
    }
    if let Some(state) = &state
        && state.draining.is_on()
    {
        response.response_mut().head_mut().set_connection_type(actix_web::http::ConnectionType::Close);
    }
    let elapsed = started.elapsed();
    let status = response.status().as_u16();
    let operation = operation.unwrap_or("none");
    metrics::counter!("bangkom_requests_total", "operation" => operation, "status" => status.to_string())
        .increment(1);
    metrics::histogram!("bangkom_request_seconds", "operation" => operation).record(elapsed.as_secs_f64());
    let actor = response.request().extensions().get::<Caller>().map(|caller| caller.actor.user);
    let actor = actor.map_or_else(|| "-".to_owned(), |user| user.to_string());
    let ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    log::info!(
        target: "bangkom::access",
        request_id:% = id, operation, actor = actor.as_str(), status, ms;
        "{method} {operation} {status}"
    );
    Ok(response)
}

fn with_id(mut response: HttpResponse, id: RequestId) -> HttpResponse {
    response.headers_mut().insert(REQUEST_ID, id_value(id));
    response
}

fn id_value(id: RequestId) -> HeaderValue {
    HeaderValue::from_str(&id.to_string()).unwrap_or_else(|_never| HeaderValue::from_static("-"))
}

/// Around `/v1`: finds the caller before any extractor runs, so no body is read for a stranger.
pub(crate) async fn authenticate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match caller(&request).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.call(request).await.map(ServiceResponse::map_into_boxed_body)
        }
        Err(error) => Ok(request.error_response(error)),
    }
}

async fn caller(request: &ServiceRequest) -> Result<Caller, AppError> {
    let state = request.app_data::<actix_web::web::Data<AppState>>().ok_or(Problem::Internal)?;
    if !state.ready.load(Ordering::SeqCst) {
        return Err(Problem::Unavailable.into());
    }
    let services = &state.services;
    let token = bearer(request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes))?;
    let verified = services.verifier.verify(token, services.clock.now()).await?;
    let known = services.store.known_user(&verified.issuer, &verified.subject).await?;
    let known = known.ok_or(Problem::NoRole)?;

    let named = match request.headers().get("bangkom-agency") {
        Some(value) => Some(agency_of(services, value.to_str().ok()).await?),
        // Our own tokens name the agency by id; external issuers may know its code only.
        None => match verified.agency.as_deref().map(|text| (text, text.parse::<AgencyId>())) {
            Some((_, Ok(id))) => Some(services.store.known_agency(id).await?.ok_or(Problem::NoRole)?),
            Some((text, Err(_not_an_id))) => Some(agency_of(services, Some(text)).await?),
            None => None,
        },
    };
    let agency = match (named, known.agencies.as_slice()) {
        (Some(agency), _) => agency,
        (None, []) => return Err(Problem::NoRole.into()),
        (None, [(only, _)]) => services.store.known_agency(*only).await?.ok_or(Problem::NoRole)?,
        (None, _) => return Err(Problem::AgencyRequired.into()),
    };
    let grants = known.agencies.iter().find(|(of, _)| *of == agency.id).map(|(_, grants)| grants.clone());
    let grants = grants.ok_or(Problem::NoRole)?;
    Ok(Caller { actor: Actor { user: known.id, agency: agency.id, grants }, zone: agency.zone })
}

/// The agency with this code. Who has no role there is not told whether it exists.
async fn agency_of(services: &Services, code: Option<&str>) -> Result<KnownAgency, AppError> {
    let code = code.and_then(|text| Code::parse(text).ok()).ok_or(Problem::NoRole)?;
    Ok(services.store.known_agency_by_code(&code).await?.ok_or(Problem::NoRole)?)
}

impl From<AuthError> for AppError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Missing => Problem::TokenMissing.into(),
            AuthError::Expired => Problem::TokenExpired.into(),
            AuthError::IssuerUnavailable => Problem::Unavailable.into(),
            AuthError::Malformed(_)
            | AuthError::Type
            | AuthError::Issuer
            | AuthError::Signature
            | AuthError::Audience
            | AuthError::NotYetValid => Problem::TokenInvalid.into(),
        }
    }
}
