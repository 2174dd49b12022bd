//! Answers: a written resource, a read one, a list.

use std::fmt::Write as _;
use std::pin::pin;

use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::http::{StatusCode, header};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use aws_lc_rs::digest;
use futures_util::{Stream, StreamExt as _, stream};
use kernel::{Page, Version};
use serde::Serialize;
use store::{Reply, Written};

use crate::app::AppError;
use crate::dto::PageView;
use crate::http::negotiate::{Accepted, Format};
use crate::http::{cursor, etag};
use crate::messages::Lang;
use crate::problems::Problem;
use crate::sheets::{self, BYTE_ORDER_MARK, SheetWriter, TemplateError, csv_line};

/// What a handler returns.
pub(crate) type Answer = Result<HttpResponse, AppError>;

/// The answer to a write, new or repeated.
pub(crate) fn written(written: Written) -> HttpResponse {
    let (reply, replayed) = match written {
        Written::Done(reply) => (reply, false),
        Written::Replayed(reply) => (reply, true),
        // The context turns this into a problem before anything is answered.
        Written::KeyReused => (Reply { status: 500, etag: None, location: None, body: None }, false),
    };
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if let Some(tag) = reply.etag {
        response.insert_header((header::ETAG, format!("\"{tag}\"")));
    }
    if let Some(location) = reply.location {
        response.insert_header((header::LOCATION, location));
    }
    if replayed {
        response.insert_header(("Idempotency-Replayed", "true"));
    }
    match reply.body {
        Some(body) => response.json(body),
        None => response.finish(),
    }
}

/// A resource with a version; 304 when the caller has it.
pub(crate) fn resource(request: &HttpRequest, version: Version, view: &impl Serialize) -> HttpResponse {
    tagged(request, view, |_body| version.get().to_string())
}

/// A resource that shows more than its own row: names of what it refers to, what follows from other rows, what this
/// caller may do. Its tag is the version, by which `If-Match` goes, and a digest, so that none of the rest is ever
/// taken for unchanged.
pub(crate) fn composed(request: &HttpRequest, version: Version, view: &impl Serialize) -> HttpResponse {
    tagged(request, view, |body| format!("{}.{}", version.get(), tag_of(body)))
}

/// A computed answer; its tag is a digest of itself.
pub(crate) fn computed(request: &HttpRequest, view: &impl Serialize) -> HttpResponse {
    tagged(request, view, tag_of)
}

fn tag_of(bytes: &[u8]) -> String {
    let all = digest::digest(&digest::SHA256, bytes);
    let mut tag = String::with_capacity(32);
    for byte in all.as_ref().iter().take(16) {
        // Writing to a text does not fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag
}

/// The view is written once: what is sent is what the tag is a digest of.
fn tagged(request: &HttpRequest, view: &impl Serialize, tag: impl FnOnce(&[u8]) -> String) -> HttpResponse {
    let Ok(body) = serde_json::to_vec(view) else {
        return HttpResponse::from_error(AppError::from(Problem::Internal));
    };
    let tag = tag(&body);
    let seen = etag::none_match(request, &tag);
    let mut response = if seen { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, format!("\"{tag}\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, "Authorization"));
    if seen { response.finish() } else { response.content_type("application/json").body(body) }
}

/// A picture of a computed answer. A browser that opens it by itself may neither run nor load anything.
pub(crate) fn svg(request: &HttpRequest, lang: Lang, svg: String) -> HttpResponse {
    let tag = tag_of(svg.as_bytes());
    let seen = etag::none_match(request, &tag);
    let mut response = if seen { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, format!("\"{tag}\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, "Authorization"));
    if seen {
        return response.finish();
    }
    response
        .insert_header((header::CONTENT_TYPE, Format::Svg.content_type()))
        .insert_header((header::CONTENT_LANGUAGE, lang.tag()))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; sandbox",
        ))
        .body(svg)
}

/// A computed answer as a page to print. Each is made anew and says when, so its tag is weak: a digest of `told`, which is
/// everything else on it. `write` makes it.
pub(crate) fn pdf(
    request: &HttpRequest,
    lang: Lang,
    name: String,
    told: &impl std::fmt::Debug,
    write: impl FnOnce() -> Result<Vec<u8>, AppError>,
) -> Answer {
    let tag = tag_of(format!("{} {told:?}", lang.tag()).as_bytes());
    let seen = etag::none_match(request, &tag);
    let mut response = if seen { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, format!("W/\"{tag}\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, "Authorization"));
    if seen {
        return Ok(response.finish());
    }
    let disposition = ContentDisposition {
        disposition: DispositionType::Inline,
        parameters: vec![DispositionParam::Filename(name)],
    };
    Ok(response
        .insert_header((header::CONTENT_TYPE, Format::Pdf.content_type()))
        .insert_header((header::CONTENT_LANGUAGE, lang.tag()))
        .insert_header(disposition)
        .body(write()?))
}

/// A computed answer as a calendar; 304 when the caller has it.
pub(crate) fn ical(request: &HttpRequest, name: &str, calendar: &str) -> HttpResponse {
    let tag = tag_of(calendar.as_bytes());
    let seen = etag::none_match(request, &tag);
    let mut response = if seen { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, format!("\"{tag}\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, "Authorization"));
    if seen {
        return response.finish();
    }
    response
        .insert_header((header::CONTENT_TYPE, Format::Ical.content_type()))
        .insert_header(attachment(format!("{name}.{}", Format::Ical.name())))
        .body(calendar.to_owned())
}

/// A file to keep, which is the same for everybody; 304 when the caller has it.
pub(crate) fn file(
    request: &HttpRequest,
    media_type: &'static str,
    disposition: ContentDisposition,
    bytes: Vec<u8>,
) -> HttpResponse {
    let tag = tag_of(&bytes);
    let seen = etag::none_match(request, &tag);
    let mut response = if seen { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, format!("\"{tag}\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, "Authorization"));
    if seen {
        return response.finish();
    }
    response.insert_header((header::CONTENT_TYPE, media_type)).insert_header(disposition).body(bytes)
}

/// Rows as a spreadsheet called `name`, of what is at `version`; 304 when the caller has it. As CSV they are sent as they
/// come; a workbook is whole before it is sent, and has no more rows than one that is sent in may have.
pub(crate) async fn sheet(
    request: &HttpRequest,
    Accepted { format, lang }: Accepted,
    version: Version,
    name: &str,
    rows: impl Stream<Item = Result<Vec<String>, AppError>> + 'static,
) -> Answer {
    let tag = format!("{}.{}.{}", version.get(), lang.tag(), format.name());
    let (seen, mut response) = sheet_head(request, &tag);
    if seen {
        return Ok(response.finish());
    }
    response
        .insert_header((header::CONTENT_TYPE, format.content_type()))
        .insert_header((header::CONTENT_LANGUAGE, lang.tag()))
        .insert_header(attachment(format!("{name}.{}", format.name())));
    if format.sheet() == Some(sheets::Format::Xlsx) {
        return Ok(response.body(workbook(rows).await?));
    }
    let mark = stream::iter([Ok(Bytes::from_static(BYTE_ORDER_MARK))]);
    // A failure on the way ends the connection: half a file must not pass for a whole one.
    let lines = rows.map(|row| Ok::<_, actix_web::Error>(Bytes::from(csv_line(&row?))));
    Ok(response.streaming(mark.chain(lines)))
}

/// Whether the caller has what bears this tag, and the beginning of the answer.
fn sheet_head(request: &HttpRequest, tag: &str) -> (bool, HttpResponseBuilder) {
    let seen = etag::none_match(request, tag);
    let mut response = if seen { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, format!("\"{tag}\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, "Authorization, Accept, Accept-Language"));
    (seen, response)
}

/// A file to keep, by this name.
fn attachment(name: String) -> ContentDisposition {
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name)],
    }
}

async fn workbook(rows: impl Stream<Item = Result<Vec<String>, AppError>>) -> Result<Vec<u8>, AppError> {
    let (mut workbook, mut rows) = (SheetWriter::new().map_err(unwritten)?, pin!(rows));
    while let Some(row) = rows.next().await {
        workbook.row(&row?).map_err(unwritten)?;
        if workbook.is_full() {
            return Err(Problem::SheetTooManyRows.into());
        }
    }
    workbook.finish().map_err(unwritten)
}

fn unwritten(error: TemplateError) -> AppError {
    log::error!("a workbook could not be written: {error}");
    Problem::Internal.into()
}

/// One page of a list, with its `Link`.
pub(crate) fn list<T, V: Serialize>(
    request: &HttpRequest,
    page: Page<T>,
    view: impl FnMut(T) -> V,
) -> HttpResponse {
    list_within(request, page.map(view), |items, next| PageView { items, next })
}

/// One page of a list that says more than its items, with its `Link`.
pub(crate) fn list_within<V, W: Serialize>(
    request: &HttpRequest,
    page: Page<V>,
    whole: impl FnOnce(Vec<V>, Option<String>) -> W,
) -> HttpResponse {
    let Page { items, next } = page;
    let next = next.map(|key| cursor::next(request, key));
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if let Some(next) = &next {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(
            form_urlencoded::parse(request.query_string().as_bytes()).filter(|(name, _)| name != "cursor"),
        );
        query.append_pair("cursor", next);
        response
            .insert_header((header::LINK, format!("<{}?{}>; rel=\"next\"", request.path(), query.finish())));
    }
    response.json(whole(items, next))
}
