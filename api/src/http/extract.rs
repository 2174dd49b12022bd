//! Extractors whose failures are problem+json. They carry the framework's names, because that is how the contract's
//! generator recognises them.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use aws_lc_rs::digest;
use futures_util::{Stream, TryStreamExt as _};
use kernel::{AgencyZone, RequestId, Violation, ViolationCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use validator::Validate;

use crate::app::{AppError, Ctx, IdempotencyKey};
use crate::dto;
use crate::http::etag;
use crate::http::negotiate;
use crate::http::routes::AppState;
use crate::problems::Problem;
use crate::sheets::Format;

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, AppError>>>>;

/// The most bytes of a JSON body.
const JSON_LIMIT: usize = 1024 * 1024;

/// Where the digest of the body goes once it was read. Extractors run side by side, so [`Ctx`] is made before.
#[derive(Clone, Debug, Default)]
pub(crate) struct BodyDigest(Arc<OnceLock<Vec<u8>>>);

/// A JSON body, read and checked.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Json<T> {
    type Error = AppError;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let kind = request.content_type().to_ascii_lowercase();
            if kind != "application/json" {
                return Err(Problem::UnsupportedMediaType.into());
            }
            let body = read_body(&request, payload, JSON_LIMIT).await?;
            let input: T = read_json(&body)?;
            let violations = dto::check(&input);
            if violations.is_empty() { Ok(Self(input)) } else { Err(violations.into()) }
        })
    }
}

/// Reads JSON of a documented shape.
///
/// # Errors
/// What does not fit, and where.
pub(crate) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, AppError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let input = serde_path_to_error::deserialize(&mut json).map_err(|error| shape_error(&error))?;
    json.end().map_err(|_trailing| AppError::from(Problem::Malformed))?;
    Ok(input)
}

/// An uploaded spreadsheet: the body as it comes. Whoever takes it bounds it.
pub(crate) struct Upload {
    pub(crate) body: Pin<Box<dyn Stream<Item = Result<Bytes, AppError>>>>,
    /// What the media type says it is; nothing for `application/octet-stream`.
    pub(crate) promised: Option<Format>,
}

impl FromRequest for Upload {
    type Error = AppError;
    type Future = std::future::Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = AppState::of(request).map_or(0, |state| state.services.config.upload_limit);
        let kind = request.content_type().to_ascii_lowercase();
        let promised = Format::promised(&kind);
        std::future::ready(if promised.is_none() && kind != "application/octet-stream" {
            Err(Problem::UnsupportedMediaType.into())
        } else if declares_more_than(request, limit) {
            Err(Problem::TooLarge.into())
        } else {
            let body = actix_web::dev::Decompress::from_headers(payload.take(), request.headers());
            let body = body.map_err(|_broken| AppError::from(Problem::Malformed));
            Ok(Self { body: Box::pin(body), promised })
        })
    }
}

/// A JSON body that may be as large as a file: as it came, for whoever reads it on a thread of its own.
#[derive(Debug)]
pub(crate) struct JsonUpload(pub(crate) Bytes);

impl FromRequest for JsonUpload {
    type Error = AppError;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            if !request.content_type().eq_ignore_ascii_case("application/json") {
                return Err(Problem::UnsupportedMediaType.into());
            }
            let limit = AppState::of(&request).map_or(0, |state| state.services.config.document_limit());
            Ok(Self(read_body(&request, payload, limit).await?))
        })
    }
}

/// Whether a body says of itself that it is larger than that.
fn declares_more_than(request: &HttpRequest, limit: usize) -> bool {
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    declared.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > limit)
}

/// Reads a body up to `limit` bytes and leaves its digest for [`Ctx`].
async fn read_body(request: &HttpRequest, payload: Payload, limit: usize) -> Result<Bytes, AppError> {
    if declares_more_than(request, limit) {
        return Err(Problem::TooLarge.into());
    }
    let stream = actix_web::dev::Decompress::from_headers(payload, request.headers());
    let body = match actix_web::body::to_bytes_limited(actix_web::body::BodyStream::new(stream), limit).await
    {
        Ok(Ok(body)) => body,
        Ok(Err(_broken)) => return Err(Problem::Malformed.into()),
        Err(_too_long) => return Err(Problem::TooLarge.into()),
    };
    if let Some(BodyDigest(slot)) = request.extensions().get::<BodyDigest>() {
        // A request has one body; a second reading of it would leave the same digest.
        let _ = slot.set(digest::digest(&digest::SHA256, &body).as_ref().to_vec());
    }
    Ok(body)
}

/// A body that is not of the documented shape: what, and where.
fn shape_error(error: &serde_path_to_error::Error<serde_json::Error>) -> AppError {
    let inner = error.inner();
    let message = inner.to_string();
    // serde tells these apart in words only; what they change is the code, never whether the request is refused.
    let code = if message.starts_with("unknown field") {
        ViolationCode::Unknown
    } else if message.starts_with("missing field") {
        ViolationCode::Required
    } else if message.starts_with("duplicate field") {
        ViolationCode::Duplicate
    } else if message.starts_with("unknown variant") {
        ViolationCode::NotAllowedValue
    } else if inner.is_data() {
        ViolationCode::InvalidFormat
    } else {
        return Problem::Malformed.into();
    };
    let mut pointer = pointer(error.path());
    let quoted = message.split('`').nth(1).unwrap_or_default();
    if matches!(code, ViolationCode::Required | ViolationCode::Unknown | ViolationCode::Duplicate)
        && !pointer.ends_with(&format!("/{quoted}"))
    {
        pointer = format!("{pointer}/{}", escape(quoted));
    }
    let allowed =
        message.split_once("expected ").map(|(_, rest)| rest.split(" at line").next().unwrap_or(rest));
    let allowed = allowed.unwrap_or_default().replace("one of ", "").replace('`', "");
    Violation::new(pointer, code).with("allowed", allowed).into()
}

fn escape(name: &str) -> String {
    name.chars().take(100).collect::<String>().replace('~', "~0").replace('/', "~1")
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escape(key)),
            Segment::Enum { variant } => format!("/{}", escape(variant)),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// Query parameters; unknown and repeated ones are refused.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = AppError;
    type Future = std::future::Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = own_query(request);
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        let read = if query.contains("%00") {
            Err(AppError::invalid("/query", ViolationCode::ControlCharacter))
        } else {
            serde_path_to_error::deserialize(pairs).map_err(|error| query_error(&error))
        };
        std::future::ready(read.map(Self))
    }
}

/// The query without `format`, where that is read by [`negotiate::Accepted`].
fn own_query(request: &HttpRequest) -> Cow<'_, str> {
    let query = request.query_string();
    if !query.contains(negotiate::PARAMETER) || negotiate::offers(request).len() < 2 {
        return Cow::Borrowed(query);
    }
    let pairs = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != negotiate::PARAMETER);
    Cow::Owned(form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// The query of what takes none.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoQuery {}

fn query_error(error: &serde_path_to_error::Error<serde::de::value::Error>) -> AppError {
    let message = error.inner().to_string();
    let quoted = || escape(message.split('`').nth(1).unwrap_or_default());
    let (code, name) = if message.starts_with("unknown field") {
        (ViolationCode::Unknown, quoted())
    } else if message.starts_with("duplicate field") {
        (ViolationCode::Duplicate, quoted())
    } else if message.starts_with("missing field") {
        (ViolationCode::Required, quoted())
    } else {
        (ViolationCode::InvalidFormat, pointer(error.path()).trim_start_matches('/').to_owned())
    };
    AppError::invalid(&format!("/query/{name}"), code)
}

/// Path parameters. What is no identifier names nothing, so it is a 404 like any unknown one.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = AppError;
    type Future = std::future::Ready<Result<Self, AppError>>;

    #[expect(clippy::disallowed_types, reason = "the framework's own is what reads the path here")]
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = web::Path::<T>::from_request(request, payload).into_inner();
        std::future::ready(match read {
            Ok(path) if !request.path().contains("%00") => Ok(Self(path.into_inner())),
            _ => Err(Problem::NotFound.into()),
        })
    }
}

/// The caller, as the middleware found them.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) actor: access::Actor,
    pub(crate) zone: AgencyZone,
}

impl FromRequest for Ctx {
    type Error = AppError;
    type Future = std::future::Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(context(request))
    }
}

fn context(request: &HttpRequest) -> Result<Ctx, AppError> {
    let state = AppState::of(request).ok_or(Problem::Internal)?;
    // Nobody gets here unauthenticated; if somebody does, that is a defect and not a default.
    let caller = request.extensions().get::<Caller>().cloned().ok_or(Problem::Internal)?;
    let id = request.extensions().get::<RequestId>().copied().ok_or(Problem::Internal)?;
    let operation = state.document.operation_of(request).ok_or(Problem::Internal)?;
    if !state.document.takes_query(operation) {
        Query::<NoQuery>::from_request(request, &mut Payload::None).into_inner()?;
    }
    Ok(Ctx {
        services: state.services.clone(),
        actor: caller.actor,
        zone: caller.zone,
        request: id,
        operation,
        now: state.services.clock.now(),
        if_match: etag::if_match(request)?,
        idempotency: idempotency(request)?,
        exporting: false,
    })
}

/// `Idempotency-Key` with the digest of everything the request says.
fn idempotency(request: &HttpRequest) -> Result<Option<IdempotencyKey>, AppError> {
    let Some(key) = request.headers().get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().map(str::trim).unwrap_or_default();
    if key.is_empty() || key.len() > 255 || !key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        return Err(AppError::invalid("/headers/idempotency-key", ViolationCode::InvalidFormat));
    }
    let mut all = digest::Context::new(&digest::SHA256);
    for part in [request.method().as_str(), request.path(), request.query_string()] {
        all.update(part.as_bytes());
        all.update(&[0]);
    }
    let BodyDigest(body) = request.extensions().get::<BodyDigest>().cloned().unwrap_or_default();
    Ok(Some(IdempotencyKey { key: key.to_owned(), head: all.finish().as_ref().to_vec(), body }))
}
