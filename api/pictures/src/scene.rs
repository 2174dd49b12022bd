//! What a picture is made of before it is written: lines, areas and text on a plane, y downwards, in CSS pixels or points.

use crate::lang::Lang;
use crate::text;

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rgb(pub(crate) u8, pub(crate) u8, pub(crate) u8);

pub(crate) const WHITE: Rgb = Rgb(255, 255, 255);
pub(crate) const INK: Rgb = Rgb(26, 26, 26);
pub(crate) const MUTED: Rgb = Rgb(89, 89, 89);
pub(crate) const GRID: Rgb = Rgb(205, 205, 205);
pub(crate) const PALE: Rgb = Rgb(243, 243, 243);
// From the palette of Okabe and Ito, the second one darker, for text.
pub(crate) const BLUE: Rgb = Rgb(0, 114, 178);
pub(crate) const VERMILION: Rgb = Rgb(172, 66, 0);
pub(crate) const ORANGE: Rgb = Rgb(230, 159, 0);
/// Pale, for what lies between blue and orange.
pub(crate) const SKY: Rgb = Rgb(190, 222, 241);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

pub(crate) const fn at(x: f32, y: f32) -> Point {
    Point { x, y }
}

/// An upright rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) w: f32,
    pub(crate) h: f32,
}

impl Area {
    pub(crate) const fn new(x: f32, y: f32, w: f32, h: f32) -> Self {
        Self { x, y, w, h }
    }

    pub(crate) fn right(&self) -> f32 {
        self.x + self.w
    }

    pub(crate) fn bottom(&self) -> f32 {
        self.y + self.h
    }

    /// Whether less than `room` lies between the two.
    pub(crate) fn crowds(&self, other: &Self, room: f32) -> bool {
        self.x < other.right() + room
            && other.x < self.right() + room
            && self.y < other.bottom() + room
            && other.y < self.bottom() + room
    }
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stroke {
    pub(crate) colour: Rgb,
    pub(crate) width: f32,
    /// Lengths of dashes and of what lies between; a line without a break when empty.
    pub(crate) dash: &'static [f32],
}

pub(crate) const fn stroke(colour: Rgb, width: f32) -> Stroke {
    Stroke { colour, width, dash: &[] }
}

/// How an area is filled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fill {
    pub(crate) colour: Rgb,
    pub(crate) opacity: f32,
}

pub(crate) const fn fill(colour: Rgb) -> Fill {
    Fill { colour, opacity: 1.0 }
}

/// How text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Type {
    pub(crate) size: f32,
    pub(crate) bold: bool,
    pub(crate) ink: Rgb,
}

impl Type {
    pub(crate) const fn plain(size: f32, ink: Rgb) -> Self {
        Self { size, bold: false, ink }
    }

    pub(crate) const fn bold(size: f32, ink: Rgb) -> Self {
        Self { size, bold: true, ink }
    }

    /// From one line to the next.
    pub(crate) fn leading(&self) -> f32 {
        (self.size * 1.3).round()
    }

    /// From the top of a line to what its letters stand on.
    pub(crate) fn ascent(&self) -> f32 {
        self.size * 0.95
    }

    pub(crate) fn wrap(&self, text: &str, room: f32) -> Vec<String> {
        text::wrap(text, room, self.size, self.bold)
    }

    pub(crate) fn width(&self, text: &str) -> f32 {
        text::width(text, self.size, self.bold)
    }
}

/// Which part of a line of text its point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A line of text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    /// On the line the letters stand on.
    pub(crate) at: Point,
    pub(crate) anchor: Anchor,
    pub(crate) kind: Type,
    pub(crate) text: String,
    /// Whether it runs upwards.
    pub(crate) upright: bool,
}

impl Line {
    pub(crate) fn width(&self) -> f32 {
        self.kind.width(&self.text)
    }

    /// Where it begins.
    pub(crate) fn start(&self) -> f32 {
        let along = if self.upright { -self.at.y } else { self.at.x };
        match self.anchor {
            Anchor::Start => along,
            Anchor::Middle => along - self.width() / 2.0,
            Anchor::End => along - self.width(),
        }
    }

    /// What it covers.
    #[cfg(test)]
    pub(crate) fn area(&self) -> Area {
        let (up, down) = (self.kind.size * 0.75, self.kind.size * 0.22);
        if self.upright {
            Area::new(self.at.x - up, -self.start() - self.width(), up + down, self.width())
        } else {
            Area::new(self.start(), self.at.y - up, self.width(), up + down)
        }
    }
}

/// One thing drawn.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Path { lines: Vec<Vec<Point>>, closed: bool, fill: Option<Fill>, stroke: Option<Stroke> },
    Circle { at: Point, r: f32, fill: Option<Fill>, stroke: Option<Stroke> },
    Rect { area: Area, fill: Option<Fill>, stroke: Option<Stroke> },
    Text(Line),
}

/// A hatch: what is not there, by why it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hatch {
    /// Nothing is known: lines one way.
    Unknown,
    /// Too few people to show: lines both ways.
    Suppressed,
}

/// Shapes in the order they are drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Scene {
    pub(crate) shapes: Vec<Shape>,
}

impl Scene {
    pub(crate) fn text(&mut self, at: Point, anchor: Anchor, kind: Type, text: &str) {
        let text = text::clean(text);
        if !text.is_empty() {
            self.shapes.push(Shape::Text(Line { at, anchor, kind, text, upright: false }));
        }
    }

    /// Text from the bottom to the top.
    pub(crate) fn text_upwards(&mut self, at: Point, kind: Type, text: &str) {
        let text = text::clean(text);
        if !text.is_empty() {
            self.shapes.push(Shape::Text(Line { at, anchor: Anchor::Start, kind, text, upright: true }));
        }
    }

    /// Text from `top` downwards in lines no wider than `room`; where it ends.
    pub(crate) fn paragraph(&mut self, x: f32, top: f32, room: f32, kind: Type, text: &str) -> f32 {
        let mut y = top;
        for line in kind.wrap(text, room) {
            self.text(at(x, y + kind.ascent()), Anchor::Start, kind, &line);
            y += kind.leading();
        }
        y
    }

    pub(crate) fn line(&mut self, points: Vec<Point>, stroke: Stroke) {
        self.shapes.push(Shape::Path {
            lines: vec![points],
            closed: false,
            fill: None,
            stroke: Some(stroke),
        });
    }

    pub(crate) fn polygon(&mut self, points: Vec<Point>, fill: Option<Fill>, stroke: Option<Stroke>) {
        self.shapes.push(Shape::Path { lines: vec![points], closed: true, fill, stroke });
    }

    pub(crate) fn circle(&mut self, at: Point, r: f32, fill: Option<Fill>, stroke: Option<Stroke>) {
        self.shapes.push(Shape::Circle { at, r, fill, stroke });
    }

    pub(crate) fn rect(&mut self, area: Area, fill: Option<Fill>, stroke: Option<Stroke>) {
        self.shapes.push(Shape::Rect { area, fill, stroke });
    }

    /// A square around a point.
    pub(crate) fn square(&mut self, at: Point, half: f32, fill: Option<Fill>, stroke: Option<Stroke>) {
        self.rect(Area::new(at.x - half, at.y - half, 2.0 * half, 2.0 * half), fill, stroke);
    }

    /// A square on its corner.
    pub(crate) fn diamond(&mut self, c: Point, half: f32, fill: Option<Fill>, stroke: Option<Stroke>) {
        let points = vec![at(c.x, c.y - half), at(c.x + half, c.y), at(c.x, c.y + half), at(c.x - half, c.y)];
        self.polygon(points, fill, stroke);
    }

    /// A triangle around a point.
    pub(crate) fn triangle(&mut self, c: Point, half: f32, fill: Option<Fill>, stroke: Option<Stroke>) {
        let points = vec![
            at(c.x, c.y - half),
            at(c.x + half * 0.95, c.y + half * 0.75),
            at(c.x - half * 0.95, c.y + half * 0.75),
        ];
        self.polygon(points, fill, stroke);
    }

    /// Hatches an area.
    pub(crate) fn hatch(&mut self, area: Area, hatch: Hatch) {
        self.rect(area, Some(fill(WHITE)), None);
        let mut lines = Vec::new();
        let mut offset = -area.h + 3.0;
        while offset < area.w {
            // A line at half a right angle through the area's bottom at `offset`, as far as it lies within.
            let (from, to) = (offset.max(0.0), (offset + area.h).min(area.w));
            let (low, high) = (area.bottom() - (from - offset), area.bottom() - (to - offset));
            lines.push(vec![at(area.x + from, low), at(area.x + to, high)]);
            if hatch == Hatch::Suppressed {
                lines.push(vec![at(area.right() - from, low), at(area.right() - to, high)]);
            }
            offset += 7.0;
        }
        let stroke = stroke(Rgb(150, 150, 150), 1.0);
        self.shapes.push(Shape::Path { lines, closed: false, fill: None, stroke: Some(stroke) });
    }

    /// What the texts cover, in the order they are drawn.
    #[cfg(test)]
    pub(crate) fn text_areas(&self) -> Vec<(Area, &str)> {
        let texts = self.shapes.iter().filter_map(|shape| match shape {
            Shape::Text(line) => Some((line.area(), line.text.as_str())),
            _ => None,
        });
        texts.collect()
    }

    /// Panics where two texts cover each other, or one leaves the picture.
    #[cfg(test)]
    #[track_caller]
    pub(crate) fn assert_legible(&self, width: f32, height: f32) {
        let texts = self.text_areas();
        for (index, (area, text)) in texts.iter().enumerate() {
            let inside = area.x >= 0.0
                && area.y >= 0.0
                && area.right() <= width + 0.1
                && area.bottom() <= height + 0.1;
            assert!(inside, "{text:?} at {area:?} leaves {width} x {height}");
            for (other, beside) in texts.iter().skip(index + 1) {
                assert!(!area.crowds(other, -0.5), "{text:?} at {area:?} covers {beside:?} at {other:?}");
            }
        }
    }

    /// The same, moved.
    pub(crate) fn append_at(&mut self, dx: f32, dy: f32, other: Self) {
        let go = |point: Point| at(point.x + dx, point.y + dy);
        self.shapes.extend(other.shapes.into_iter().map(|shape| match shape {
            Shape::Path { lines, closed, fill, stroke } => {
                let lines = lines.into_iter().map(|line| line.into_iter().map(go).collect()).collect();
                Shape::Path { lines, closed, fill, stroke }
            }
            Shape::Circle { at, r, fill, stroke } => Shape::Circle { at: go(at), r, fill, stroke },
            Shape::Rect { area, fill, stroke } => {
                Shape::Rect { area: Area { x: area.x + dx, y: area.y + dy, ..area }, fill, stroke }
            }
            Shape::Text(line) => Shape::Text(Line { at: go(line.at), ..line }),
        }));
    }
}

/// What stands over and under a picture: what it is, of what, and how it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caption {
    /// What it shows.
    pub title: String,
    /// Of whom, of which day, by which rubric: lines below the title.
    pub lines: Vec<String>,
    /// How it is read: lines below the picture.
    pub notes: Vec<String>,
}

/// A picture with its words, ready to be written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Picture {
    pub(crate) width: f32,
    pub(crate) height: f32,
    /// For readers who do not see it: its name, and what it shows in words.
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) scene: Scene,
}

const MARGIN: f32 = 28.0;

/// Puts `body`, of `size`, between its captions. `legend` draws into a width from a height on and says where it ends.
pub(crate) fn framed(
    caption: &Caption,
    description: String,
    size: (f32, f32),
    body: Scene,
    legend: impl FnOnce(&mut Scene, Area) -> f32,
) -> Picture {
    let width = size.0.max(560.0) + 2.0 * MARGIN;
    let room = width - 2.0 * MARGIN;
    // Beyond this a line is too long to be read.
    let measure = room.min(900.0);
    let mut scene = Scene::default();
    let mut y = scene.paragraph(MARGIN, MARGIN - 4.0, measure, Type::bold(20.0, INK), &caption.title) + 4.0;
    for line in &caption.lines {
        y = scene.paragraph(MARGIN, y, measure, Type::plain(13.0, MUTED), line) + 1.0;
    }
    y += 14.0;
    scene.append_at(MARGIN + (room - size.0) / 2.0, y, body);
    y += size.1 + 18.0;
    scene.line(vec![at(MARGIN, y), at(width - MARGIN, y)], stroke(GRID, 1.0));
    y = legend(&mut scene, Area::new(MARGIN, y + 12.0, measure, 0.0)) + 8.0;
    for note in &caption.notes {
        y = scene.paragraph(MARGIN, y, measure, Type::plain(12.0, MUTED), note) + 2.0;
    }
    let height = (y + MARGIN - 8.0).ceil();
    Picture {
        width: width.ceil(),
        height,
        title: text::clean(&caption.title),
        description: text::clean(&description),
        scene,
    }
}

/// A legend: samples with what they mean, in as many lines as they need; where it ends.
pub(crate) fn legend(scene: &mut Scene, area: Area, entries: Vec<(Scene, String)>) -> f32 {
    const SAMPLE: f32 = 34.0;
    let kind = Type::plain(12.0, INK);
    let (mut x, mut y) = (area.x, area.y);
    for (sample, text) in entries {
        let lines = kind.wrap(&text, area.w - SAMPLE - 8.0);
        let width = lines.iter().map(|line| kind.width(line)).fold(0.0, f32::max);
        if x > area.x && x + SAMPLE + 8.0 + width > area.right() {
            (x, y) = (area.x, y + 22.0);
        }
        // Samples are drawn around the middle of a box of 34 by 18.
        scene.append_at(x, y, sample);
        let mut line_y = y + 13.0;
        for line in &lines {
            scene.text(at(x + SAMPLE + 8.0, line_y), Anchor::Start, kind, line);
            line_y += kind.leading();
        }
        if lines.len() > 1 {
            (x, y) = (area.x, line_y + 5.0 - 13.0);
        } else {
            x += SAMPLE + 8.0 + width + 22.0;
        }
    }
    if x > area.x { y + 22.0 } else { y }
}

/// A count with its thousands apart: `1.200`.
pub(crate) fn grouped(count: u64, lang: Lang) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push_str(lang.of(".", ","));
        }
        grouped.push(digit);
    }
    grouped
}

/// A count, as a length.
pub(crate) fn length(count: usize) -> f32 {
    u16::try_from(count).map_or(f32::from(u16::MAX), f32::from)
}
