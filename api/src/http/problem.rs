//! Where an error becomes HTTP: RFC 9457 problem details, in the caller's language.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use kernel::{RequestId, Violation};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::AppError;
use crate::app::operations::{FailedValue, Failure};
use crate::messages::{self, Lang};
use crate::problems::Problem;

/// Why a request failed (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemDetails {
    /// Where the problem is described: `/docs/problems#CODE`.
    #[schema(example = "/docs/problems#INVALID", max_length = 200)]
    pub r#type: String,
    /// One sentence, in the caller's language.
    #[schema(example = "Permintaan memuat nilai yang tidak dapat diterima", max_length = 200)]
    pub title: String,
    /// The HTTP status again.
    #[schema(example = 400, minimum = 400, maximum = 599)]
    pub status: u16,
    /// Stable code; never translated.
    #[schema(example = "INVALID", max_length = 64)]
    pub code: String,
    /// More on this occurrence, in the caller's language.
    #[schema(example = "Wajib diisi.", max_length = 2000)]
    pub detail: Option<String>,
    /// The request's id, also sent as `X-Request-Id`; it finds the request in the server's log.
    #[schema(example = "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", max_length = 64)]
    pub instance: String,
    /// Every value that was refused, by place.
    #[schema(max_items = 1000)]
    pub errors: Vec<ProblemValue>,
}

/// One refused value.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemValue {
    /// JSON Pointer into the body, or `/query/NAME`, `/path/NAME`, `/rows/N/COLUMN`.
    #[schema(example = "/name", max_length = 400)]
    pub pointer: String,
    /// Stable code; never translated.
    #[schema(example = "REQUIRED", max_length = 64)]
    pub code: String,
    /// What is wrong, in the caller's language.
    #[schema(example = "Wajib diisi.", max_length = 1000)]
    pub detail: String,
    /// The value that was seen, where it was read from a file.
    #[schema(example = "1.98E+17", max_length = 100)]
    pub value: Option<String>,
}

impl ProblemValue {
    /// A violation, told in `lang`.
    pub(crate) fn new(violation: &Violation, lang: Lang) -> Self {
        Self {
            pointer: violation.pointer.clone(),
            code: messages::name(violation.code).to_owned(),
            detail: messages::detail(violation, lang),
            value: messages::seen(violation),
        }
    }
}

/// Who a problem is told to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Audience {
    pub(crate) lang: Lang,
    pub(crate) request: RequestId,
}

impl Audience {
    pub(crate) fn new(accept_language: Option<&HeaderValue>, request: RequestId) -> Self {
        let header = accept_language.and_then(|value| value.to_str().ok());
        Self { lang: Lang::negotiate(header.unwrap_or_default()), request }
    }
}

fn details(error: &AppError, audience: Audience) -> ProblemDetails {
    let (spec, lang) = (error.problem.spec(), audience.lang);
    let errors: Vec<_> =
        error.violations.iter().map(|violation| ProblemValue::new(violation, lang)).collect();
    ProblemDetails {
        r#type: format!("/docs/problems#{}", spec.code),
        title: if lang == Lang::Id { spec.id } else { spec.en }.to_owned(),
        status: spec.status,
        code: spec.code.to_owned(),
        detail: match (&error.detail, errors.as_slice()) {
            (Some(detail), _) => Some(if lang == Lang::Id { &detail.id } else { &detail.en }.clone()),
            (None, [only]) => Some(only.detail.clone()),
            (None, _) => None,
        },
        instance: audience.request.to_string(),
        errors,
    }
}

/// The problem that work failed with, as it was kept.
pub(crate) fn kept(failure: &Value, audience: Audience) -> ProblemDetails {
    let failure = serde_json::from_value::<Failure>(failure.clone()).ok();
    let Failure { code, detail, errors } =
        failure.unwrap_or_else(|| Failure::from(&Problem::Internal.into()));
    // A code of an earlier release is one this one does not know.
    let problem = Problem::by_code(&code).unwrap_or(Problem::Internal);
    let english = audience.lang == Lang::En;
    let read = |FailedValue { pointer, code, id, en, value }: FailedValue| ProblemValue {
        pointer,
        code,
        detail: if english { en } else { id },
        value,
    };
    let error = AppError { detail, ..problem.into() };
    ProblemDetails { errors: errors.into_iter().map(read).collect(), ..details(&error, audience) }
}

/// The response for `error`. `allow` lists the methods of the path, for a 405.
pub(crate) fn render(error: &AppError, audience: Audience, allow: Option<&str>) -> HttpResponse {
    if let Some(cause) = &error.cause
        && matches!(error.problem, Problem::Internal | Problem::Unavailable)
    {
        // The chain of sources names statements and constraints, never bound values.
        let source = std::error::Error::source(cause).map(ToString::to_string).unwrap_or_default();
        log::error!(request_id:% = audience.request; "{cause}: {source}");
    }
    let mut response = HttpResponse::build(error.status_code());
    response
        .insert_header((header::CONTENT_TYPE, "application/problem+json"))
        .insert_header((header::CONTENT_LANGUAGE, audience.lang.tag()))
        .insert_header((header::VARY, "Accept-Language"))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    if let Some(allow) = allow.and_then(|allow| HeaderValue::from_str(allow).ok()) {
        response.insert_header((header::ALLOW, allow));
    }
    match error.problem {
        Problem::TokenMissing => {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        Problem::TokenInvalid | Problem::TokenExpired => {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""));
        }
        Problem::Unavailable => {
            response.insert_header((header::RETRY_AFTER, "1"));
        }
        _ => {}
    }
    response.body(serde_json::to_string(&details(error, audience)).unwrap_or_default())
}

/// Only the code: the source and the values stay inside.
impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.problem.spec().code)
    }
}

/// The framework asks for a response where an error arises; the outermost middleware renders it again for its audience.
impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.spec().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Violation, ViolationCode};

    #[test]
    fn a_kept_failure_is_told_in_the_language_of_whoever_asks() {
        let request = RequestId::new();
        let violation = Violation::new("/rows/2/name", ViolationCode::Required);
        let failure = Failure::from(&AppError::about(Problem::Invalid, vec![violation]));
        let failure = serde_json::to_value(failure).unwrap();
        for (lang, title, detail) in [
            (Lang::Id, Problem::Invalid.spec().id, "Wajib diisi."),
            (Lang::En, Problem::Invalid.spec().en, "A value is needed."),
        ] {
            let told = kept(&failure, Audience { lang, request });
            assert_eq!((told.code.as_str(), told.title.as_str()), ("INVALID", title));
            assert_eq!(told.errors[0].detail, detail);
        }
        let unknown = kept(&serde_json::json!("?"), Audience { lang: Lang::En, request });
        assert_eq!(unknown.code, "INTERNAL");
    }
}
