//! Enumerations of the domain, as the contract shows them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A domain enumeration that the contract names and describes.
pub trait Documented: Copy + 'static {
    /// Name of the schema.
    const NAME: &'static str;
    /// What it means, with the Indonesian term.
    const DESCRIPTION: &'static str;
    /// Every value as sent.
    fn values() -> Vec<&'static str>;
}

/// A domain enumeration on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wire<T>(pub T);

impl<T: Documented> PartialSchema for Wire<T> {
    fn schema() -> RefOr<Schema> {
        let values = T::values();
        let example = values.first().map(|value| serde_json::Value::from(*value));
        ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .description(Some(T::DESCRIPTION))
            .enum_values(Some(values))
            .examples(example)
            .into()
    }
}

impl<T: Documented> ToSchema for Wire<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }
}

macro_rules! documented {
    ($($type:ty, $name:literal, $description:literal;)+) => {$(
        impl Documented for $type {
            const NAME: &'static str = $name;
            const DESCRIPTION: &'static str = $description;

            fn values() -> Vec<&'static str> {
                Self::ALL.iter().map(|value| value.as_str()).collect()
            }
        }
    )+};
}

documented! {
    kernel::AgencyZone, "TimeZone",
        "Time zone of an agency: WIB (UTC+7), WITA (UTC+8) or WIT (UTC+9). It decides which calendar day it is.";
    access::Role, "Role", "A role in an agency.";
}
