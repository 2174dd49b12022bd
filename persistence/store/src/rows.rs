//! Turning stored values back into domain values.

use kernel::{Code, LongText, Name};

use crate::StoreError;

/// A stored enumeration value; `column` is named when the domain does not know it.
pub(crate) fn known<T>(value: Option<T>, column: &'static str) -> Result<T, StoreError> {
    value.ok_or(StoreError::Corrupt(column))
}

pub(crate) fn code(text: String) -> Code {
    Code::stored(text)
}

pub(crate) fn name(text: String) -> Name {
    Name::stored(text)
}

pub(crate) fn long_text(text: String) -> LongText {
    LongText::stored(text)
}
