//! `Prefer: wait=N` (RFC 7240): how long a caller would wait for work to end.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse};

use crate::app::AppError;

/// The longest anybody is kept waiting, within what proxies and clients bear.
pub(crate) const LONGEST: Duration = Duration::from_secs(30);

const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// What the caller prefers; preferences that are not known, or make no sense, do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prefer {
    wait: Option<Duration>,
}

impl Prefer {
    /// How long to wait, where the caller says so.
    pub(crate) const fn wait(self) -> Option<Duration> {
        self.wait
    }

    /// Says in the answer that it was followed.
    pub(crate) fn applied(self, mut response: HttpResponse) -> HttpResponse {
        let told = self.wait.map(|wait| format!("wait={}", wait.as_secs()));
        if let Some(value) = told.and_then(|told| HeaderValue::from_str(&told).ok()) {
            response.headers_mut().insert(APPLIED, value);
        }
        response
    }

    fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let all = lines.flat_map(|line| line.split(',')).filter_map(|preference| {
            // Parameters of a preference stand behind a semicolon.
            let (name, value) = preference.split(';').next()?.split_once('=')?;
            let value = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("wait").then(|| value.parse::<u64>().ok()).flatten()
        });
        // Of several the first counts.
        Self { wait: all.map(Duration::from_secs).next().map(|wait| wait.min(LONGEST)) }
    }
}

impl FromRequest for Prefer {
    type Error = AppError;
    type Future = std::future::Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let lines = request.headers().get_all("prefer").filter_map(|line| line.to_str().ok());
        std::future::ready(Ok(Self::read(lines)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_wherever_it_stands_and_bounded() {
        for (lines, seconds) in [
            (&["wait=10"][..], Some(10)),
            (&["respond-async, wait=5"], Some(5)),
            (&["return=minimal", "WAIT = \"7\"; x=y"], Some(7)),
            (&["wait=0"], Some(0)),
            (&["wait=3, wait=9"], Some(3)),
            (&["wait=86400"], Some(30)),
            (&["wait=-1"], None),
            (&["wait=soon", "await=3", ""], None),
            (&[], None),
        ] {
            let read = Prefer::read(lines.iter().copied());
            assert_eq!(read.wait().map(|wait| wait.as_secs()), seconds, "{lines:?}");
        }
    }
}
