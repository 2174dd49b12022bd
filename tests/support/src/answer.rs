//! An answer of the server, and what tests ask of it.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// One answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked, for messages: `GET /v1/units`.
    pub request: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// The body as text.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub json: Value,
}

impl Answer {
    /// The same, after checking its status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.request, self.text);
        self
    }

    /// The same, after checking that it is the problem `code`.
    #[track_caller]
    pub fn expect_problem(self, code: &str) -> Self {
        assert_eq!(self.json["code"], code, "{} {}: {}", self.request, self.status, self.text);
        self
    }

    /// The same, after checking that `errors` names `code` at `pointer`.
    #[track_caller]
    pub fn expect_error(self, pointer: &str, code: &str) -> Self {
        let errors = self.json["errors"].as_array().cloned().unwrap_or_default();
        assert!(
            errors.iter().any(|error| error["pointer"] == pointer && error["code"] == code),
            "{}: no {code} at {pointer} in {}",
            self.request,
            self.text
        );
        self
    }

    /// A header's text; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The entity tag, to be sent back as `If-Match`.
    #[track_caller]
    pub fn etag(&self) -> String {
        assert!(!self.header("etag").is_empty(), "{} has no ETag", self.request);
        self.header("etag").to_owned()
    }

    /// The `id` of the body.
    #[track_caller]
    pub fn id(&self) -> String {
        self.json["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{}: no id in {}", self.request, self.text))
            .to_owned()
    }

    /// The `items` of a list.
    #[track_caller]
    pub fn items(&self) -> &Vec<Value> {
        self.json["items"].as_array().unwrap_or_else(|| panic!("{}: no items in {}", self.request, self.text))
    }
}
