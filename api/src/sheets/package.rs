//! Looks through a workbook's zip archive before a parser sees it.
//!
//! A workbook of a few kilobytes can unpack to gigabytes, and its directory can lie about that. Every part is
//! therefore unpacked once into nothing, counted, and held to limits under which the parser's memory stays bounded;
//! the parser, `calamine`, has none of its own.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::SheetError;

/// The most parts.
const MAX_PARTS: usize = 1_000;
/// The most bytes of all parts unpacked.
const MAX_UNPACKED: u64 = 200 << 20;
/// The most times its packed size that a workbook unpacks to; below [`RATIO_FLOOR`] it does not matter.
const MAX_RATIO: u64 = 100;
const RATIO_FLOOR: u64 = 8 << 20;
/// The most bytes of the table of shared strings, each of which costs the parser more than it takes in the file.
const MAX_STRINGS: u64 = 48 << 20;
/// The most entries that table may announce: the parser reserves room for them unseen, and memory that is not there
/// ends the process.
const MAX_ANNOUNCED_STRINGS: u64 = 4_000_000;
/// The most bytes of any part that is neither a sheet nor the shared strings.
const MAX_OTHER: u64 = 8 << 20;
/// The longest single tag or text: a cell's limit with every character escaped, and room to spare.
const MAX_TOKEN: usize = 1 << 20;
/// The most bytes that styles come to when each repeats the longest name among them: the parser copies fonts and
/// formats into every style that refers to them.
const MAX_STYLES: u64 = 64 << 20;
const MAX_STYLE_TAGS: u64 = 400_000;

/// Checks the whole archive.
pub(super) fn inspect(bytes: &[u8]) -> Result<(), SheetError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(SheetError::format)?;
    if archive.len() > MAX_PARTS {
        return Err(SheetError::TooLarge);
    }
    if archive.has_duplicate_names() {
        return Err(SheetError::format("two parts have one name"));
    }
    let mut announced = 0_u64;
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(SheetError::format)?;
        if entry.encrypted() {
            return Err(SheetError::Encrypted);
        }
        announced = announced.saturating_add(entry.size());
    }
    let packed = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let too_tight = announced > RATIO_FLOOR && announced > packed.saturating_mul(MAX_RATIO);
    if announced > MAX_UNPACKED || too_tight {
        return Err(SheetError::TooLarge);
    }
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(SheetError::format)?;
        let size = part.size();
        let name = part.name().map_err(SheetError::format)?.replace('\\', "/").to_ascii_lowercase();
        let role = Role::of(&name);
        if size > role.limit() {
            return Err(SheetError::TooLarge);
        }
        // One byte more than announced tells a lie, and no more than that is ever unpacked of it.
        let markup = Markup::scan(&mut part.by_ref().take(size + 1), role).map_err(SheetError::format)?;
        if markup.bytes != size {
            return Err(SheetError::format("a part is not as large as the archive's directory says"));
        }
        role.check(&markup)?;
    }
    Ok(())
}

/// What a part is to the parser, by its name in lower case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Root,
    Strings,
    Styles,
    Sheet,
    Other,
}

impl Role {
    fn of(name: &str) -> Self {
        if name == "_rels/.rels" {
            Self::Root
        } else if name.ends_with("sharedstrings.xml") {
            Self::Strings
        } else if name.ends_with("styles.xml") {
            Self::Styles
        } else if name.starts_with("xl/worksheets/") {
            Self::Sheet
        } else {
            Self::Other
        }
    }

    const fn limit(self) -> u64 {
        match self {
            Self::Sheet => MAX_UNPACKED,
            Self::Strings => MAX_STRINGS,
            Self::Root | Self::Styles | Self::Other => MAX_OTHER,
        }
    }

    fn check(self, markup: &Markup) -> Result<(), SheetError> {
        let longest = u64::try_from(markup.longest).unwrap_or(u64::MAX);
        match self {
            Self::Other => Ok(()),
            // The main part is the one of unbounded structure that may not borrow a sheet's limit.
            Self::Root => {
                let text = String::from_utf8_lossy(&markup.kept).to_ascii_lowercase();
                let astray = text.contains("worksheets") || text.contains('&');
                if astray { Err(SheetError::format("the main part is not where it belongs")) } else { Ok(()) }
            }
            Self::Styles if markup.tags > MAX_STYLE_TAGS || markup.tags * longest > MAX_STYLES => {
                Err(SheetError::TooLarge)
            }
            Self::Styles if markup.declares => {
                Err(SheetError::format("styles with comments or declarations"))
            }
            Self::Strings if !announces_sanely(&markup.kept) => Err(SheetError::TooLarge),
            Self::Sheet | Self::Strings if markup.longest > MAX_TOKEN => Err(SheetError::TooLarge),
            // In comments and declarations a tag is no tag, so the longest token says nothing.
            Self::Sheet | Self::Strings if markup.declares && markup.bytes > MAX_OTHER => {
                Err(SheetError::TooLarge)
            }
            Self::Styles | Self::Sheet | Self::Strings => Ok(()),
        }
    }
}

/// Whether every count of shared strings in the part is a plain number the parser can make room for.
fn announces_sanely(part: &[u8]) -> bool {
    const NAME: &[u8] = b"uniqueCount";
    part.windows(NAME.len()).enumerate().filter(|(_, window)| *window == NAME).all(|(at, _)| {
        let rest = part.get(at + NAME.len()..).unwrap_or_default();
        let Some(digits) = rest.strip_prefix(b"=\"").or_else(|| rest.strip_prefix(b"='")) else {
            return false;
        };
        let digits: Vec<u8> = digits.iter().copied().take_while(u8::is_ascii_digit).take(20).collect();
        let count = std::str::from_utf8(&digits).ok().and_then(|digits| digits.parse::<u64>().ok());
        count.is_some_and(|count| count <= MAX_ANNOUNCED_STRINGS)
    })
}

/// What one pass over a part tells of its XML, split into tags and texts exactly as the parser splits it.
#[derive(Default)]
struct Markup {
    bytes: u64,
    tags: u64,
    /// The longest tag or text between tags.
    longest: usize,
    /// Whether it has comments, CDATA or declarations (`<!`).
    declares: bool,
    /// The part itself, where its role needs a second look.
    kept: Vec<u8>,
}

/// Where in the markup the scan stands.
#[derive(Clone, Copy)]
enum Position {
    Text,
    /// In a tag, after its `<`.
    Tag,
    /// In a quoted value of a tag, where `<` and `>` mean nothing.
    Quoted(u8),
    /// In a processing instruction; whether the last byte was `?`.
    Instruction(bool),
}

impl Markup {
    fn scan(part: &mut impl Read, role: Role) -> std::io::Result<Self> {
        let mut markup = Self::default();
        let (mut position, mut length) = (Position::Text, 0);
        let mut buffer = [0; 16 << 10];
        loop {
            let read = part.read(&mut buffer)?;
            let Some(chunk @ [_, ..]) = buffer.get(..read) else { break };
            markup.bytes += u64::try_from(read).unwrap_or(u64::MAX);
            if matches!(role, Role::Root | Role::Strings) {
                markup.kept.extend_from_slice(chunk);
            }
            if role == Role::Other {
                continue;
            }
            for byte in chunk {
                length += 1;
                let next = match (position, byte) {
                    (Position::Text, b'<') => Position::Tag,
                    (Position::Tag, b'>') | (Position::Instruction(true), b'>') => {
                        markup.tags += 1;
                        Position::Text
                    }
                    (Position::Tag, b'?') if length == 1 => Position::Instruction(false),
                    (Position::Tag, b'"' | b'\'') => Position::Quoted(*byte),
                    (Position::Quoted(quote), byte) if quote == *byte => Position::Tag,
                    (Position::Instruction(_), byte) => Position::Instruction(*byte == b'?'),
                    (same, _) => same,
                };
                markup.declares |= length == 1 && matches!((position, byte), (Position::Tag, b'!'));
                let starts = matches!(
                    (position, next),
                    (Position::Text, Position::Tag)
                        | (Position::Tag | Position::Instruction(_), Position::Text)
                );
                if starts {
                    markup.longest = markup.longest.max(length);
                    length = 0;
                }
                position = next;
            }
        }
        markup.longest = markup.longest.max(length);
        Ok(markup)
    }
}
