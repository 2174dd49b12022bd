//! Which of its representations an answer is given in: by `?format=`, else by `Accept`, and in which language.
//!
//! What an operation offers is what the contract declares under its 200, in [`Format::ALL`]'s order: a handler that
//! declares more than one and takes an [`Accepted`] is done. The parameter `format`, the 406 and `Vary` come from there.

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpRequest};
use kernel::{Violation, ViolationCode};

use crate::app::{AppError, Ctx};
use crate::http::routes::AppState;
use crate::messages::Lang;
use crate::problems::Problem;
use crate::sheets;

/// The query parameter that names a format.
pub(crate) const PARAMETER: &str = "format";

/// How an answer can be written. The order is the server's preference among equals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Csv,
    Xlsx,
    Svg,
    Pdf,
    Ical,
    Html,
}

impl Format {
    pub(crate) const ALL: [Self; 7] =
        [Self::Json, Self::Csv, Self::Xlsx, Self::Svg, Self::Pdf, Self::Ical, Self::Html];

    /// The value of `format`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Svg => "svg",
            Self::Pdf => "pdf",
            Self::Ical => "ics",
            Self::Html => "html",
        }
    }

    /// The media type, as the contract declares it.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Svg => "image/svg+xml",
            Self::Pdf => "application/pdf",
            Self::Ical => "text/calendar",
            Self::Html => "text/html",
        }
    }

    /// `Content-Type`, with the encoding where a media type does not fix it.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Svg => "image/svg+xml; charset=utf-8",
            Self::Ical => "text/calendar; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            other => other.media_type(),
        }
    }

    /// The kind of spreadsheet this is, if it is one.
    pub(crate) const fn sheet(self) -> Option<sheets::Format> {
        match self {
            Self::Csv => Some(sheets::Format::Csv),
            Self::Xlsx => Some(sheets::Format::Xlsx),
            Self::Json | Self::Svg | Self::Pdf | Self::Ical | Self::Html => None,
        }
    }
}

/// What the answer will be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) format: Format,
    pub(crate) lang: Lang,
}

impl Accepted {
    /// The context of a call that is answered so: what leaves as a spreadsheet or a calendar is an export.
    pub(crate) fn context(self, ctx: Ctx) -> Ctx {
        Ctx { exporting: self.format.sheet().is_some() || self.format == Format::Ical, ..ctx }
    }
}

impl FromRequest for Accepted {
    type Error = AppError;
    type Future = std::future::Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(accepted(request))
    }
}

fn accepted(request: &HttpRequest) -> Result<Accepted, AppError> {
    let offers = offers(request);
    let pairs = form_urlencoded::parse(request.query_string().as_bytes());
    let mut named = pairs.filter(|(name, _)| name == PARAMETER).map(|(_, value)| value);
    let format = match (named.next(), named.next()) {
        (Some(_), Some(_)) => return Err(AppError::invalid("/query/format", ViolationCode::Duplicate)),
        (Some(name), None) => offers.iter().copied().find(|offer| offer.name() == name).ok_or_else(|| {
            Violation::new("/query/format", ViolationCode::NotAllowedValue).with("allowed", names(offers))
        })?,
        (None, _) => choose(&all_of(request, &header::ACCEPT), offers).ok_or_else(|| {
            let names = names(offers);
            AppError::from(Problem::NotAcceptable).explained(
                format!("Tersedia dalam bentuk {names}; sebutkan dalam Accept atau ?format=."),
                format!("Available as {names}; name one in Accept or ?format=."),
            )
        })?,
    };
    Ok(Accepted { format, lang: Lang::negotiate(&all_of(request, &header::ACCEPT_LANGUAGE)) })
}

/// What the operation of a request offers.
pub(crate) fn offers(request: &HttpRequest) -> &'static [Format] {
    let document = AppState::of(request).map(|state| state.document);
    document.and_then(|document| Some(document.offers(document.operation_of(request)?))).unwrap_or_default()
}

fn names(offers: &[Format]) -> String {
    offers.iter().map(|offer| offer.name()).collect::<Vec<_>>().join(", ")
}

/// A header that may be sent in several lines, in one.
fn all_of(request: &HttpRequest, name: &header::HeaderName) -> String {
    let lines = request.headers().get_all(name).filter_map(|value: &HeaderValue| value.to_str().ok());
    lines.collect::<Vec<_>>().join(",")
}

/// The offer an `Accept` header likes best (RFC 9110 section 12.5.1): of those with the highest quality the one that is
/// named most exactly, then the first. Without the header anything goes.
fn choose(accept: &str, offers: &[Format]) -> Option<Format> {
    let ranges: Vec<_> = accept.split(',').filter_map(Range::parse).collect();
    if ranges.is_empty() {
        return offers.first().copied();
    }
    let mut best: Option<(u16, u8, Format)> = None;
    for offer in offers {
        // What is said of a type exactly holds against what is said of all.
        let fitting = ranges.iter().filter_map(|range| Some((range.fits(*offer)?, range.quality)));
        let Some((exact, quality)) = fitting.max() else { continue };
        if quality > 0 && best.is_none_or(|(most, how, _)| (quality, exact) > (most, how)) {
            best = Some((quality, exact, *offer));
        }
    }
    best.map(|(_, _, format)| format)
}

/// One media range of an `Accept` header.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// In thousandths.
    quality: u16,
}

impl<'a> Range<'a> {
    /// `None` for what is no media range: it asks for nothing.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let range = parts.next()?;
        // What Java sends by itself has `*` for `*/*`.
        let (kind, subtype) = if range == "*" { ("*", "*") } else { range.split_once('/')? };
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Some(Self { kind, subtype, quality: quality.and_then(thousandths).unwrap_or(1000) })
    }

    /// How exactly this names `offer`: 2 by name, 1 by its kind, 0 with everything.
    fn fits(&self, offer: Format) -> Option<u8> {
        let (kind, subtype) = offer.media_type().split_once('/')?;
        match (self.kind, self.subtype) {
            ("*", "*") => Some(0),
            (own, "*") if own.eq_ignore_ascii_case(kind) => Some(1),
            (own, of) if own.eq_ignore_ascii_case(kind) && of.eq_ignore_ascii_case(subtype) => Some(2),
            _ => None,
        }
    }
}

/// A quality; `None` for what is none. Whatever is wanted at all counts as wanted, however little: Java writes `.2`, and
/// others write more than the three decimals there should be.
fn thousandths(quality: &str) -> Option<u16> {
    let (whole, decimals) = quality.split_once('.').unwrap_or((quality, ""));
    if !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match whole {
        "1" if decimals.bytes().all(|byte| byte == b'0') => Some(1000),
        "0" | "" if !quality.is_empty() => {
            let least = u16::from(decimals.bytes().any(|byte| byte != b'0'));
            let three: String = decimals.chars().chain("000".chars()).take(3).collect();
            three.parse().ok().map(|read: u16| read.max(least))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFERS: [Format; 3] = [Format::Json, Format::Svg, Format::Pdf];

    #[test]
    fn the_best_liked_of_what_is_offered_is_chosen() {
        use Format::{Json, Pdf, Svg};
        for (accept, chosen) in [
            ("", Some(Json)),
            ("*/*", Some(Json)),
            ("nonsense", Some(Json)),
            ("image/svg+xml", Some(Svg)),
            ("IMAGE/SVG+XML", Some(Svg)),
            ("image/svg+xml; charset=utf-8; q=0.4", Some(Svg)),
            ("application/pdf, application/json;q=0.9", Some(Pdf)),
            ("application/pdf;q=0.2, application/json;q=0.9", Some(Json)),
            // What browsers send for a page, for an image, and what says less than that.
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Some(Json)),
            ("image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8", Some(Svg)),
            ("*/*, image/svg+xml", Some(Svg)),
            ("image/*", Some(Svg)),
            ("application/*", Some(Json)),
            // Nothing that fits, or nothing but what is refused.
            ("text/csv", None),
            ("text/html, application/xml", None),
            ("image/svg+xml;q=0", None),
            ("application/*;q=0, image/svg+xml;q=0.001", Some(Svg)),
            ("*/*;q=0.5, application/json;q=0", Some(Svg)),
            ("application/json;q=0.999, application/pdf;q=1.000", Some(Pdf)),
            // What cannot be read as a quality asks for the type as if it had none; however little is wanted is wanted.
            ("application/pdf;q=2, image/svg+xml;q=banana, application/json;q=0.0001", Some(Svg)),
            ("application/json;q=0.0001", Some(Json)),
            ("application/json;q=0.0000", None),
            ("application/pdf;q=.2, image/svg+xml;q=.1999", Some(Pdf)),
            ("*/*;q=1.0000", Some(Json)),
            ("image/svg+xml;q=.", None),
            ("image/svg+xml;q=", Some(Svg)),
            // What Java's HttpURLConnection sends where nobody told it otherwise.
            ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", Some(Json)),
        ] {
            assert_eq!(choose(accept, &OFFERS), chosen, "{accept:?}");
        }
        assert_eq!(choose("", &[]), None);
    }
}
