//! Takes a token (compact JWS) apart, strictly, before anything in it is believed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::AuthError;

/// The longest token that is looked at, in bytes.
const MAX_BYTES: usize = 8 * 1024;
/// The longest subject OpenID Connect allows, in bytes.
const MAX_SUBJECT: usize = 255;
/// Header parameters that would let the sender choose the key, or that demand what is not understood here (`crit`).
const REFUSED_PARAMETERS: [&str; 4] = ["crit", "jku", "jwk", "x5u"];
/// Claims of tokens that are no bearer access tokens: hashes only an ID token carries, and `cnf`, which binds a token
/// to a key whose possession is not proved here.
const REFUSED_CLAIMS: [&str; 3] = ["at_hash", "c_hash", "cnf"];

/// A token's parts. Nothing here is verified yet.
pub(super) struct Token<'a> {
    /// `alg` of the header.
    pub(super) algorithm: String,
    /// `kid` of the header.
    pub(super) key_id: String,
    /// `typ` of the header, in lower case and without `application/`.
    pub(super) media_type: String,
    /// The payload.
    pub(super) claims: Claims,
    /// What was signed: header and payload as they came.
    pub(super) message: &'a str,
    /// The signature as it came.
    pub(super) signature: &'a str,
}

/// The claims that are used, each in its proper form.
pub(super) struct Claims {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) audiences: Vec<String>,
    /// `azp`, or `client_id` as RFC 9068 names it.
    pub(super) client: Option<String>,
    pub(super) lifetime: Lifetime,
    pub(super) token_id: Option<String>,
    /// Whether the claims are those of a bearer access token.
    pub(super) is_access: bool,
    all: Object,
}

/// When a token is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lifetime {
    pub(super) expires_at: DateTime<Utc>,
    pub(super) not_before: Option<DateTime<Utc>>,
    pub(super) issued_at: Option<DateTime<Utc>>,
}

impl<'a> Token<'a> {
    /// Reads a token.
    ///
    /// # Errors
    /// `Malformed`, with what is wrong.
    pub(super) fn parse(text: &'a str) -> Result<Self, AuthError> {
        if text.len() > MAX_BYTES {
            return Err(AuthError::Malformed("longer than 8 kB"));
        }
        let parts = text.rsplit_once('.').and_then(|(message, signature)| {
            let (header, payload) = message.split_once('.')?;
            (!payload.contains('.')).then_some((message, header, payload, signature))
        });
        let Some((message, header, payload, signature)) = parts else {
            return Err(AuthError::Malformed("not three parts"));
        };

        let header = Object::decode(header)?;
        if REFUSED_PARAMETERS.iter().any(|name| header.has(name)) {
            return Err(AuthError::Malformed("a header parameter that is not accepted"));
        }
        let media_type = header.text("typ")?.unwrap_or_default().to_ascii_lowercase();
        Ok(Self {
            algorithm: header.required("alg", "no `alg`")?,
            key_id: header.required("kid", "no `kid`")?,
            media_type: media_type.strip_prefix("application/").unwrap_or(&media_type).to_owned(),
            claims: Claims::read(Object::decode(payload)?)?,
            message,
            signature,
        })
    }
}

impl Claims {
    fn read(all: Object) -> Result<Self, AuthError> {
        let subject = all.required("sub", "no `sub`")?;
        if subject.is_empty() || subject.len() > MAX_SUBJECT || subject.chars().any(char::is_control) {
            return Err(AuthError::Malformed("a `sub` that is no subject"));
        }
        // Keycloak writes the token's use into a claim of this name: `Bearer`, `ID`, `Refresh`, `Offline`, `Logout`.
        let keycloak_use = all.text("typ")?;
        Ok(Self {
            issuer: all.required("iss", "no `iss`")?,
            subject,
            audiences: all.audiences()?,
            client: match all.text("azp")? {
                Some(party) => Some(party),
                None => all.text("client_id")?,
            },
            lifetime: Lifetime {
                expires_at: all.instant("exp")?.ok_or(AuthError::Malformed("no `exp`"))?,
                not_before: all.instant("nbf")?,
                issued_at: all.instant("iat")?,
            },
            token_id: all.text("jti")?,
            is_access: keycloak_use.is_none_or(|name| name == "Bearer")
                && !REFUSED_CLAIMS.iter().any(|name| all.has(name)),
            all,
        })
    }

    /// A claim of text by name.
    ///
    /// # Errors
    /// `Malformed` when the claim is there and no text.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, AuthError> {
        self.all.text(name)
    }
}

/// A JSON object in which every name occurs once, at every depth.
struct Object(Map<String, Value>);

impl Object {
    fn decode(part: &str) -> Result<Self, AuthError> {
        let Ok(json) = URL_SAFE_NO_PAD.decode(part) else {
            return Err(AuthError::Malformed("a part that is not base64url"));
        };
        match serde_json::from_slice(&json) {
            Ok(Unique(Value::Object(map))) => Ok(Self(map)),
            _ => Err(AuthError::Malformed("a part that is no JSON object with unique names")),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn text(&self, name: &str) -> Result<Option<String>, AuthError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(AuthError::Malformed("a value that should be text")),
        }
    }

    fn required(&self, name: &str, absent: &'static str) -> Result<String, AuthError> {
        self.text(name)?.ok_or(AuthError::Malformed(absent))
    }

    fn instant(&self, name: &str) -> Result<Option<DateTime<Utc>>, AuthError> {
        self.0
            .get(name)
            .map(|value| value.as_i64().and_then(|seconds| DateTime::from_timestamp(seconds, 0)))
            .map(|instant| instant.ok_or(AuthError::Malformed("a value that should be seconds since 1970")))
            .transpose()
    }

    fn audiences(&self) -> Result<Vec<String>, AuthError> {
        const WRONG: AuthError = AuthError::Malformed("an `aud` that is neither text nor a list of texts");
        match self.0.get("aud") {
            None => Err(AuthError::Malformed("no `aud`")),
            Some(Value::String(one)) => Ok(vec![one.clone()]),
            Some(Value::Array(many)) => {
                many.iter().map(|item| item.as_str().map(str::to_owned).ok_or(WRONG)).collect()
            }
            Some(_) => Err(WRONG),
        }
    }
}

/// JSON that is refused when an object names something twice. RFC 8725 leaves open which of the two counts, and a
/// proxy in front may read the other one.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON with unique names")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((name, Unique(value))) = entries.next_entry::<String, Unique>()? {
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom("a name twice"));
            }
        }
        Ok(Value::Object(map))
    }
}
