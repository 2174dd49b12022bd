//! Parts of a page as a tagged PDF file.

use std::num::NonZeroU16;

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::{DateTime as Stamp, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree,
};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};

use super::{HEIGHT, MARGIN, PageError, Part, WIDTH};
use crate::lang::Lang;
use crate::scene::{self, Line, Rgb, Scene, Shape};
use crate::text::{BOLD, Face, REGULAR, joins};

/// The parts in one file.
pub(crate) fn write(
    parts: &[Part],
    title: &str,
    made: DateTime<Utc>,
    lang: Lang,
) -> Result<Vec<u8>, PageError> {
    let failed = |what: &str| PageError(what.to_owned());
    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = configuration.map_err(|error| PageError(format!("{error:?}")))?;
    let settings = SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let fonts = Fonts {
        regular: Font::new(REGULAR.into(), 0).ok_or_else(|| failed("no regular font"))?,
        bold: Font::new(BOLD.into(), 0).ok_or_else(|| failed("no bold font"))?,
    };
    let size = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| failed("no page"))?;
    let mut tags = TagTree::new().with_lang(Some(lang.tag().to_owned()));
    let mut page = document.start_page_with(size);
    let mut surface = page.surface();
    for part in parts {
        let mut sheet = Sheet { surface: &mut surface, fonts: &fonts };
        if let Some(group) = sheet.part(part) {
            tags.push(group);
        }
    }
    surface.finish();
    page.finish();
    document.set_tag_tree(tags);
    let mut outline = Outline::new();
    outline.push_child(OutlineNode::new(
        title.to_owned(),
        XyzDestination::new(0, Point::from_xy(MARGIN, MARGIN)),
    ));
    document.set_outline(outline);
    let metadata = Metadata::new()
        .title(title.to_owned())
        .language(lang.tag().to_owned())
        .creator("Bangkom".to_owned())
        .creation_date(stamp(made));
    document.set_metadata(metadata);
    document.finish().map_err(|error| PageError(format!("{error:?}")))
}

fn stamp(at: DateTime<Utc>) -> Stamp {
    let small = |value: u32| u8::try_from(value).unwrap_or_default();
    Stamp::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

struct Fonts {
    regular: Font,
    bold: Font,
}

/// Where parts are drawn.
struct Sheet<'a, 'b> {
    surface: &'a mut Surface<'b>,
    fonts: &'a Fonts,
}

impl Sheet<'_, '_> {
    /// Draws a part; what it is in the order of reading.
    fn part(&mut self, part: &Part) -> Option<TagGroup> {
        let plain = || ContentTag::Span(SpanTag::empty());
        match part {
            Part::Title(scene, title) => {
                let tag = Tag::Hn(NonZeroU16::MIN, Some(title.clone()));
                Some(TagGroup::with_children(tag, leaf(self.tagged(scene, plain()))))
            }
            Part::Text(scene) if scene.shapes.is_empty() => None,
            Part::Text(scene) => Some(TagGroup::with_children(Tag::P, leaf(self.tagged(scene, plain())))),
            Part::Figure(scene, words) => {
                let tag = Tag::Figure(Some(words.clone()));
                Some(TagGroup::with_children(tag, leaf(self.tagged(scene, ContentTag::Other))))
            }
            Part::Ornament(scene) => {
                self.tagged(scene, ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
                None
            }
            Part::Table(rows) => Some(self.table(rows)),
        }
    }

    fn table(&mut self, rows: &[Vec<Scene>]) -> TagGroup {
        let (mut head, mut body) = (TagGroup::new(Tag::THead), TagGroup::new(Tag::TBody));
        for (index, row) in rows.iter().enumerate() {
            let mut group = TagGroup::new(Tag::TR);
            for cell in row {
                let content = leaf(self.tagged(cell, ContentTag::Span(SpanTag::empty())));
                group.push(if index == 0 {
                    TagGroup::with_children(Tag::TH(TableHeaderScope::Column), content)
                } else {
                    TagGroup::with_children(Tag::TD, content)
                });
            }
            if index == 0 { head.push(group) } else { body.push(group) }
        }
        TagGroup::with_children(Tag::Table, vec![head.into(), body.into()])
    }

    fn tagged(&mut self, scene: &Scene, tag: ContentTag<'_>) -> Identifier {
        let id = self.surface.start_tagged(tag);
        for shape in &scene.shapes {
            self.shape(shape);
        }
        self.surface.end_tagged();
        id
    }

    fn shape(&mut self, shape: &Shape) {
        let (path, fill, stroke) = match shape {
            Shape::Text(line) => return self.text(line),
            Shape::Path { lines, closed, fill, stroke } => (lines_path(lines, *closed), fill, stroke),
            Shape::Circle { at, r, fill, stroke } => (circle_path(*at, *r), fill, stroke),
            Shape::Rect { area, fill, stroke } => {
                let mut path = PathBuilder::new();
                if let Some(rect) = Rect::from_xywh(area.x, area.y, area.w, area.h) {
                    path.push_rect(rect);
                }
                (path.finish(), fill, stroke)
            }
        };
        // Without either the writer would fill in black.
        if let Some(path) = path.filter(|_| fill.is_some() || stroke.is_some()) {
            self.surface.set_fill(fill.map(paint));
            self.surface.set_stroke(stroke.map(pen));
            self.surface.draw_path(&path);
        }
    }

    /// Glyphs by the same measure as the layout's; what the font lacks is shown as a mark and stays itself as text.
    fn text(&mut self, line: &Line) {
        let face = Face::of(line.kind.bold);
        let mut glyphs: Vec<KrillaGlyph> = Vec::new();
        for (start, c) in line.text.char_indices() {
            let range = start..start + c.len_utf8();
            match glyphs.last_mut() {
                Some(glyph) if joins(c) => glyph.text_range.end = range.end,
                _ => {
                    let (glyph, advance) = face.glyph(c);
                    let id = GlyphId::new(glyph);
                    glyphs.push(KrillaGlyph::new(id, advance, 0.0, 0.0, 0.0, range, None));
                }
            }
        }
        let font = if line.kind.bold { &self.fonts.bold } else { &self.fonts.regular };
        self.surface.set_fill(Some(paint(scene::fill(line.kind.ink))));
        self.surface.set_stroke(None);
        let start = Point::from_xy(line.start(), line.at.y);
        self.surface.draw_glyphs(start, &glyphs, font.clone(), &line.text, line.kind.size, false);
    }
}

fn leaf(id: Identifier) -> Vec<Node> {
    vec![id.into()]
}

fn colour(Rgb(r, g, b): Rgb) -> rgb::Color {
    rgb::Color::new(r, g, b)
}

fn paint(fill: scene::Fill) -> Fill {
    let opacity = NormalizedF32::new(fill.opacity).unwrap_or(NormalizedF32::ONE);
    Fill { paint: colour(fill.colour).into(), opacity, ..Fill::default() }
}

fn pen(stroke: scene::Stroke) -> Stroke {
    let dash = (!stroke.dash.is_empty()).then(|| StrokeDash { array: stroke.dash.to_vec(), offset: 0.0 });
    Stroke { paint: colour(stroke.colour).into(), width: stroke.width, dash, ..Stroke::default() }
}

fn lines_path(lines: &[Vec<scene::Point>], closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for line in lines {
        for (index, point) in line.iter().enumerate() {
            if index == 0 { path.move_to(point.x, point.y) } else { path.line_to(point.x, point.y) }
        }
        if closed {
            path.close();
        }
    }
    path.finish()
}

/// Four curves that no eye tells from a circle.
fn circle_path(at: scene::Point, r: f32) -> Option<Path> {
    let k = r * 0.552_284_8;
    let (x, y) = (at.x, at.y);
    let mut path = PathBuilder::new();
    path.move_to(x + r, y);
    path.cubic_to(x + r, y + k, x + k, y + r, x, y + r);
    path.cubic_to(x - k, y + r, x - r, y + k, x - r, y);
    path.cubic_to(x - r, y - k, x - k, y - r, x, y - r);
    path.cubic_to(x + k, y - r, x + r, y - k, x + r, y);
    path.close();
    path.finish()
}
