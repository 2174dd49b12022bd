//! Reading what spreadsheets hold where a code is meant.

/// Lower case, letters and digits only: `D-IV`, `d.iv` and `DIV` are one.
#[must_use]
pub fn squeeze(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// A two-digit SIASN code, also where a spreadsheet dropped the leading zero.
pub(crate) fn two_digits(text: &str) -> String {
    format!("{:0>2}", text.trim())
}
