//! Signatures as Standard Webhooks describes them: HMAC-SHA256 over identifier, instant and payload.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

/// What a secret begins with when it is shown.
const PREFIX: &str = "whsec_";

/// Bytes of a secret.
const LENGTH: usize = 32;

/// A new secret; none when the system has no random numbers.
#[must_use]
pub fn new_secret() -> Option<Vec<u8>> {
    let mut secret = vec![0; LENGTH];
    rand::fill(&mut secret).ok()?;
    Some(secret)
}

/// A secret as it is shown, once.
#[must_use]
pub fn shown(secret: &[u8]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(secret))
}

/// The header `webhook-signature`: a signature for each secret that is good at that moment.
#[must_use]
pub fn sign(secrets: &[Vec<u8>], id: &str, at: DateTime<Utc>, payload: &str) -> String {
    let signed = format!("{id}.{}.{payload}", at.timestamp());
    let mut header = String::new();
    for secret in secrets {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
        let gap = if header.is_empty() { "" } else { " " };
        // Writing to a text does not fail.
        let _ = write!(header, "{gap}v1,{}", STANDARD.encode(tag.as_ref()));
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_is_signed_as_published() {
        let secret = STANDARD.decode("plJ3nmyCDGBKInavdOK15jsl").unwrap();
        let payload = r#"{"event_type":"ping","data":{"success":true}}"#;
        let at = DateTime::from_timestamp(1_731_705_121, 0).unwrap();
        let signed = sign(std::slice::from_ref(&secret), "msg_loFOjxBNrRLzqYUf", at, payload);
        assert_eq!(signed, "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");
        let both = sign(&[secret.clone(), vec![1; 32]], "msg_loFOjxBNrRLzqYUf", at, payload);
        let parts: Vec<_> = both.split(' ').collect();
        assert_eq!((parts.len(), parts[0]), (2, signed.as_str()), "while one secret takes over from another");
        assert_ne!(parts[0], parts[1]);
    }

    #[test]
    fn secrets_are_long_and_never_the_same() {
        let (one, other) = (new_secret().unwrap(), new_secret().unwrap());
        assert!(one.len() == 32 && one != other);
        let text = shown(&one);
        assert_eq!(STANDARD.decode(text.strip_prefix("whsec_").unwrap()).unwrap(), one);
    }
}
