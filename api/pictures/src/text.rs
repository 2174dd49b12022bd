//! Text: what may be drawn of it, how wide it is, and where its lines break.
//!
//! Measured is the font that PDF files embed. Its widths are those of Arial, so that an SVG, which names Arial and its
//! equals, comes out as it was laid out; where a reader has none of them, `textLength` holds every line to its width.

use std::sync::OnceLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};

/// The regular font, for embedding.
pub(crate) const REGULAR: &[u8] = include_bytes!("../fonts/Arimo-Regular.ttf");
/// The bold font, for embedding.
pub(crate) const BOLD: &[u8] = include_bytes!("../fonts/Arimo-Bold.ttf");

/// What the font stands in for, where it lacks a character.
const REPLACEMENT: char = '\u{FFFD}';

/// A font's characters in order, each with its glyph and advance in ems.
pub(crate) struct Face(Vec<(u32, u32, f32)>);

impl Face {
    /// Regular, or bold.
    pub(crate) fn of(bold: bool) -> &'static Self {
        static FACES: [OnceLock<Face>; 2] = [OnceLock::new(), OnceLock::new()];
        let [regular, heavy] = &FACES;
        let (slot, data) = if bold { (heavy, BOLD) } else { (regular, REGULAR) };
        slot.get_or_init(|| Self::read(data))
    }

    fn read(data: &'static [u8]) -> Self {
        let Ok(font) = FontRef::new(data) else { return Self(Vec::new()) };
        let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let per_em = f32::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em).max(1.0);
        let one = |(c, glyph)| {
            (c, skrifa::GlyphId::to_u32(glyph), metrics.advance_width(glyph).unwrap_or_default() / per_em)
        };
        let mut glyphs: Vec<_> = font.charmap().mappings().map(one).collect();
        glyphs.sort_unstable_by_key(|(c, ..)| *c);
        Self(glyphs)
    }

    fn own(&self, c: char) -> Option<(u32, f32)> {
        let place = self.0.binary_search_by_key(&u32::from(c), |(own, ..)| *own).ok()?;
        self.0.get(place).map(|(_, glyph, advance)| (*glyph, *advance))
    }

    /// The glyph of a character and its advance in ems. What the font lacks is drawn as one mark of replacement, and is
    /// given the room that wide letters of other fonts need.
    pub(crate) fn glyph(&self, c: char) -> (u32, f32) {
        let replaced = || (self.own(REPLACEMENT).map_or(0, |(glyph, _)| glyph), 1.05);
        self.own(c).unwrap_or_else(replaced)
    }
}

/// How wide `text` is at `size`.
pub(crate) fn width(text: &str, size: f32, bold: bool) -> f32 {
    let face = Face::of(bold);
    text.chars().map(|c| if joins(c) { 0.0 } else { face.glyph(c).1 }).sum::<f32>() * size
}

/// Whether a character has no width of its own and belongs to the one before.
pub(crate) fn joins(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{200B}'..='\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}'
        | '\u{E0100}'..='\u{E01EF}')
}

/// `text` in one line, without what could not be written into a file or would turn the text beside it around.
pub(crate) fn clean(text: &str) -> String {
    let drawn = text.chars().filter_map(|c| match c {
        '\u{200E}' | '\u{200F}' | '\u{61C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => None,
        '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' => None,
        c if c.is_control() || c.is_whitespace() => Some(' '),
        c => Some(c),
    });
    drawn.collect::<String>().split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `text` in lines no wider than `room`; a word that is wider by itself is broken. No text has no lines.
pub(crate) fn wrap(text: &str, room: f32, size: f32, bold: bool) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in clean(text).split(' ').filter(|word| !word.is_empty()) {
        if let Some(line) = lines.last_mut() {
            let longer = format!("{line} {word}");
            if width(&longer, size, bold) <= room {
                *line = longer;
                continue;
            }
        }
        let (mut piece, mut used) = (String::new(), 0.0);
        for c in word.chars() {
            let more = width(c.encode_utf8(&mut [0; 4]), size, bold);
            if more > 0.0 && !piece.is_empty() && used + more > room {
                lines.push(std::mem::take(&mut piece));
                used = 0.0;
            }
            piece.push(c);
            used += more;
        }
        lines.push(piece);
    }
    lines
}

/// `text` in one line no wider than `room`, its end left out where there is too much of it.
pub(crate) fn cut(text: &str, room: f32, size: f32, bold: bool) -> String {
    let text = clean(text);
    if width(&text, size, bold) <= room {
        return text;
    }
    let mut kept = String::new();
    for c in text.chars() {
        if width(&format!("{kept}{c}…"), size, bold) > room && !joins(c) {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_narrow_as_asked_and_hold_everything() {
        let name = "Analis Kebijakan Penyelenggaraan Pemerintahan Daerah";
        for room in [60.0, 90.0, 150.0, 400.0] {
            let lines = wrap(name, room, 12.0, true);
            assert!(lines.iter().all(|line| width(line, 12.0, true) <= room), "{room}: {lines:?}");
            assert_eq!(lines.concat().replace(' ', ""), name.replace(' ', ""));
        }
        assert_eq!(wrap(name, 400.0, 12.0, true).len(), 1);
        let long = "W".repeat(255);
        let lines = wrap(&long, 200.0, 12.0, false);
        assert_eq!(lines.concat(), long);
        assert!(lines.iter().all(|line| width(line, 12.0, false) <= 200.0));
        assert!(wrap(" \n ", 200.0, 12.0, false).is_empty());
    }

    #[test]
    fn what_turns_or_breaks_a_file_is_left_out() {
        assert_eq!(clean("Ani\u{202E}nasutap\u{0}\u{1b}\n\tBudi\u{FFFE}"), "Aninasutap Budi");
        assert_eq!(clean("أحمد 🙂 <b>"), "أحمد 🙂 <b>");
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("Integritas", 200.0, 9.0, false), "Integritas");
        let short = cut("Perekat Bangsa dan Negara", 60.0, 9.0, false);
        assert!(short.ends_with('…') && width(&short, 9.0, false) <= 60.0, "{short}");
    }

    #[test]
    fn widths_are_those_of_the_font() {
        // Digits of one width, so that columns of figures line up.
        let digits: Vec<f32> = "0123456789".chars().map(|c| Face::of(false).glyph(c).1).collect();
        assert!(digits.iter().all(|one| (one - 0.556).abs() < 0.001), "{digits:?}");
        assert!(Face::of(false).own('🙂').is_none() && Face::of(true).own('Ş').is_some());
    }
}
