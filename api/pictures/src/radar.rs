//! The radar of a gap profile: what is required and what was achieved, a spoke for each competency.

use std::f32::consts::{FRAC_PI_2, TAU};

use crate::lang::Lang;
use crate::profile::{Profile, Row, Standing, State};
use crate::scene::{
    Anchor, Area, BLUE, Fill, GRID, INK, MUTED, Picture, Point, Rgb, Scene, Stroke, Type, VERMILION, WHITE,
    at, fill, framed, legend, length, stroke,
};
use crate::svg;

/// The levels there are.
const LEVELS: u8 = 5;
/// How wide a label may be.
const LABEL: f32 = 216.0;
/// Between the rim and a label.
const REACH: f32 = 26.0;
const RADIUS: f32 = 210.0;
/// Between two labels of a column.
const BETWEEN: f32 = 6.0;

const NAME: Type = Type::bold(12.0, INK);
const FIGURES: Type = Type::plain(11.5, MUTED);
const UNKNOWN: Type = Type::plain(11.5, VERMILION);

const REQUIRED: Stroke = Stroke { colour: INK, width: 1.6, dash: &[6.0, 4.0] };
const ACHIEVED: Stroke = stroke(BLUE, 2.4);
const SHORT: Stroke = stroke(Rgb(213, 94, 0), 4.0);
const HOLLOW: Stroke = stroke(VERMILION, 1.8);

/// The radar of a profile, as SVG.
#[must_use]
pub fn radar(profile: &Profile, lang: Lang) -> String {
    svg::write(&picture(profile, lang), lang)
}

fn picture(profile: &Profile, lang: Lang) -> Picture {
    let mut web = Web { centre: at(0.0, 0.0), radius: RADIUS, count: profile.rows.len() };
    let labels = around(&web, &profile.rows, lang).unwrap_or_else(|| {
        // Long columns have room between them, and many spokes need it.
        let heights: f32 = profile.rows.iter().map(|row| Label::new(row, lang).area.h + BETWEEN).sum();
        web.radius = (heights / 5.0).clamp(RADIUS, 1.6 * RADIUS);
        beside(&web, &profile.rows, lang)
    });
    let rim = web.ring(f32::from(LEVELS));
    let mut top = rim.iter().map(|point| point.y).fold(0.0, f32::min) - 22.0;
    let mut bottom = rim.iter().map(|point| point.y).fold(0.0, f32::max) + 22.0;
    for label in &labels {
        (top, bottom) = (top.min(label.area.y), bottom.max(label.area.bottom()));
    }
    let half = web.radius + REACH + LABEL + 16.0;
    let mut drawn = Scene::default();
    web.draw(&mut drawn, &profile.rows, 1.0);
    for (index, label) in labels.iter().enumerate() {
        label.draw(&mut drawn, &web, index);
    }
    let mut body = Scene::default();
    body.append_at(half, -top, drawn);
    framed(
        &profile.caption(lang),
        profile.description(lang),
        (2.0 * half, bottom - top),
        body,
        |scene, area| legend(scene, area, samples(profile, 1.0, lang)),
    )
}

/// Where spokes and levels lie.
pub(crate) struct Web {
    pub(crate) centre: Point,
    pub(crate) radius: f32,
    pub(crate) count: usize,
}

impl Web {
    /// The direction of a spoke: the first points upwards, the others follow clockwise.
    fn direction(&self, spoke: usize) -> Point {
        let angle = length(spoke) / length(self.count.max(1)) * TAU - FRAC_PI_2;
        at(angle.cos(), angle.sin())
    }

    fn place(&self, spoke: usize, level: f32) -> Point {
        let Point { x, y } = self.direction(spoke);
        let r = self.radius * level / f32::from(LEVELS);
        at(self.centre.x + x * r, self.centre.y + y * r)
    }

    fn ring(&self, level: f32) -> Vec<Point> {
        // Below three spokes there is no polygon; the levels are circles of many corners then.
        let corners = if self.count < 3 { 72 } else { self.count };
        let round = Self { count: corners, ..*self };
        (0..corners).map(|spoke| round.place(spoke, level)).collect()
    }

    /// Draws the web with what is required and achieved; `scale` is that of its lines and marks.
    pub(crate) fn draw(&self, scene: &mut Scene, rows: &[Row], scale: f32) {
        for level in 1..=LEVELS {
            let rim = level == LEVELS;
            let line =
                stroke(if rim { Rgb(150, 150, 150) } else { GRID }, scale * if rim { 1.2 } else { 0.9 });
            scene.polygon(self.ring(f32::from(level)), None, Some(line));
        }
        for spoke in 0..self.count {
            scene.line(vec![self.centre, self.place(spoke, f32::from(LEVELS))], stroke(GRID, 0.9 * scale));
        }
        self.areas(scene, rows);
        for (spoke, row) in rows.iter().enumerate().filter(|(_, row)| row.state() == State::Gap) {
            if let Standing::Found(level) = row.standing {
                let (from, to) =
                    (self.place(spoke, f32::from(level)), self.place(spoke, f32::from(row.required)));
                scene.line(vec![from, to], wide(SHORT, scale));
            }
        }
        let required = rows.iter().enumerate().map(|(spoke, row)| self.place(spoke, f32::from(row.required)));
        scene.polygon(required.collect(), None, Some(thin(REQUIRED, scale)));
        self.sides(scene, rows, scale);
        self.marks(scene, rows, scale);
        self.scale(scene, scale);
    }

    /// The surface between neighbours that both have a level.
    fn areas(&self, scene: &mut Scene, rows: &[Row]) {
        let paint = Fill { colour: BLUE, opacity: 0.16 };
        let known = self.known(rows);
        if self.count > 2 && known.iter().all(Option::is_some) {
            scene.polygon(known.into_iter().flatten().collect(), Some(paint), None);
            return;
        }
        for (one, next) in self.neighbours(&known) {
            scene.polygon(vec![self.centre, one, next], Some(paint), None);
        }
    }

    /// The line of what was achieved, broken where nothing is known.
    fn sides(&self, scene: &mut Scene, rows: &[Row], scale: f32) {
        let known = self.known(rows);
        let line = wide(ACHIEVED, scale);
        if self.count > 2 && known.iter().all(Option::is_some) {
            scene.polygon(known.into_iter().flatten().collect(), None, Some(line));
            return;
        }
        for (one, next) in self.neighbours(&known) {
            scene.line(vec![one, next], line);
        }
    }

    fn known(&self, rows: &[Row]) -> Vec<Option<Point>> {
        let place = |(spoke, row): (usize, &Row)| match row.standing {
            Standing::Found(level) => Some(self.place(spoke, f32::from(level))),
            Standing::Expired(_) | Standing::Missing => None,
        };
        rows.iter().enumerate().map(place).collect()
    }

    fn neighbours(&self, known: &[Option<Point>]) -> Vec<(Point, Point)> {
        let next = known.iter().cycle().skip(1);
        let pairs = known.iter().zip(next).filter_map(|(one, next)| Some(((*one)?, (*next)?)));
        if self.count < 2 { Vec::new() } else { pairs.collect() }
    }

    fn marks(&self, scene: &mut Scene, rows: &[Row], scale: f32) {
        // Many spokes leave little room near the centre.
        let scale = if self.count > 24 { scale * 0.8 } else { scale };
        for (spoke, row) in rows.iter().enumerate() {
            required_mark(scene, self.place(spoke, f32::from(row.required)), scale);
            let place = match row.standing {
                Standing::Found(level) | Standing::Expired(level) => self.place(spoke, f32::from(level)),
                Standing::Missing => self.beyond(spoke, 11.0 * scale),
            };
            mark(scene, row.standing, place, scale);
        }
    }

    /// A place outside the rim, where no level is.
    pub(crate) fn beyond(&self, spoke: usize, by: f32) -> Point {
        let Point { x, y } = self.direction(spoke);
        at(self.centre.x + x * (self.radius + by), self.centre.y + y * (self.radius + by))
    }

    /// The numbers of the levels, between the last spoke and the first, where no mark can be.
    fn scale(&self, scene: &mut Scene, scale: f32) {
        let kind = Type::plain(10.5 * scale.max(0.62), MUTED);
        for level in 1..=LEVELS {
            let y = self.centre.y - self.radius * f32::from(level) / f32::from(LEVELS);
            let x = self.centre.x - 12.0 * scale;
            scene.circle(
                at(x, y + 6.0 * scale),
                kind.size * 0.58,
                Some(Fill { colour: WHITE, opacity: 0.85 }),
                None,
            );
            scene.text(at(x, y + kind.size * 0.36 + 6.0 * scale), Anchor::Middle, kind, &level.to_string());
        }
    }
}

fn wide(line: Stroke, scale: f32) -> Stroke {
    Stroke { width: line.width * scale, ..line }
}

fn thin(line: Stroke, scale: f32) -> Stroke {
    if scale < 0.8 { Stroke { width: line.width * 0.7, dash: &[3.0, 2.0], ..line } } else { line }
}

/// The mark of what is known.
pub(crate) fn mark(scene: &mut Scene, standing: Standing, place: Point, scale: f32) {
    match standing {
        Standing::Found(_) => achieved_mark(scene, place, scale),
        Standing::Expired(_) => expired_mark(scene, place, scale),
        Standing::Missing => missing_mark(scene, place, scale),
    }
}

fn required_mark(scene: &mut Scene, point: Point, scale: f32) {
    scene.square(point, 5.0 * scale, Some(fill(WHITE)), Some(stroke(INK, 1.5 * scale)));
}

fn achieved_mark(scene: &mut Scene, point: Point, scale: f32) {
    scene.circle(point, 3.6 * scale, Some(fill(BLUE)), Some(stroke(WHITE, 0.8 * scale)));
}

fn expired_mark(scene: &mut Scene, point: Point, scale: f32) {
    scene.triangle(point, 6.5 * scale, Some(fill(WHITE)), Some(wide(HOLLOW, scale)));
}

fn missing_mark(scene: &mut Scene, point: Point, scale: f32) {
    scene.diamond(point, 6.5 * scale, Some(fill(WHITE)), Some(wide(HOLLOW, scale)));
}

/// What the marks and lines mean; those that do not occur are left out.
pub(crate) fn samples(profile: &Profile, scale: f32, lang: Lang) -> Vec<(Scene, String)> {
    let sample = |draw: &dyn Fn(&mut Scene)| {
        let mut scene = Scene::default();
        draw(&mut scene);
        scene
    };
    let (left, middle, right) =
        (at(2.0 * scale, 9.0 * scale), at(17.0 * scale, 9.0 * scale), at(32.0 * scale, 9.0 * scale));
    let mut samples = vec![
        (
            sample(&|scene| {
                scene.line(vec![left, right], thin(REQUIRED, scale));
                required_mark(scene, middle, scale);
            }),
            lang.of("Level yang disyaratkan", "Required level"),
        ),
        (
            sample(&|scene| {
                scene.line(vec![left, right], wide(ACHIEVED, scale));
                achieved_mark(scene, middle, scale);
            }),
            lang.of("Level yang dicapai", "Achieved level"),
        ),
        (sample(&|scene| scene.line(vec![left, right], wide(SHORT, scale))), lang.of("Kesenjangan", "Gap")),
        (
            sample(&|scene| missing_mark(scene, middle, scale)),
            lang.of("Belum dinilai (di luar skala)", "Not assessed (outside the scale)"),
        ),
        (
            sample(&|scene| expired_mark(scene, middle, scale)),
            lang.of("Kedaluwarsa: level terakhir, tidak dihitung", "Expired: last level found, not counted"),
        ),
    ];
    let mut shown =
        [true, true, profile.has(State::Gap), profile.has(State::Missing), profile.has(State::Expired)]
            .into_iter();
    samples.retain(|_| shown.next().unwrap_or(true));
    samples.into_iter().map(|(scene, text)| (scene, text.to_owned())).collect()
}

/// A label of a spoke.
struct Label {
    area: Area,
    anchor: Anchor,
    name: Vec<String>,
    figures: Vec<String>,
    kind: Type,
    /// Where a line leads from the rim to it, where it does not stand by its spoke.
    leader: Option<[Point; 2]>,
}

impl Label {
    fn new(row: &Row, lang: Lang) -> Self {
        let kind = if matches!(row.standing, Standing::Found(_)) { FIGURES } else { UNKNOWN };
        let name = NAME.wrap(&row.name, LABEL);
        let figures = kind.wrap(&row.figures(lang), LABEL);
        let widths =
            name.iter().map(|line| NAME.width(line)).chain(figures.iter().map(|line| kind.width(line)));
        let w = widths.fold(0.0, f32::max);
        let h = NAME.leading() * length(name.len()) + kind.leading() * length(figures.len());
        Self { area: Area::new(0.0, 0.0, w, h), anchor: Anchor::Start, name, figures, kind, leader: None }
    }

    fn draw(&self, scene: &mut Scene, web: &Web, spoke: usize) {
        if let Some([bend, end]) = self.leader {
            scene.line(vec![web.beyond(spoke, 3.0), bend, end], stroke(Rgb(150, 150, 150), 0.8));
        }
        let x = match self.anchor {
            Anchor::Start => self.area.x,
            Anchor::Middle => self.area.x + self.area.w / 2.0,
            Anchor::End => self.area.right(),
        };
        let mut y = self.area.y;
        let lines = self
            .name
            .iter()
            .map(|line| (NAME, line))
            .chain(self.figures.iter().map(|line| (self.kind, line)));
        for (kind, line) in lines {
            scene.text(at(x, y + kind.ascent()), self.anchor, kind, line);
            y += kind.leading();
        }
    }
}

/// Labels at the ends of their spokes; `None` where they would crowd each other.
fn around(web: &Web, rows: &[Row], lang: Lang) -> Option<Vec<Label>> {
    let mut labels: Vec<Label> = Vec::new();
    for (spoke, row) in rows.iter().enumerate() {
        let mut label = Label::new(row, lang);
        let Area { w, h, .. } = label.area;
        let (end, direction) = (web.beyond(spoke, REACH), web.direction(spoke));
        let upper = |share: f32| end.y - h / 2.0 + share * h / 2.0;
        (label.anchor, label.area.x, label.area.y) = if direction.x.abs() < 0.12 {
            (Anchor::Middle, end.x - w / 2.0, upper(direction.y.signum()))
        } else if direction.x > 0.0 {
            (Anchor::Start, end.x, upper(direction.y))
        } else {
            (Anchor::End, end.x - w, upper(direction.y))
        };
        if labels.iter().any(|other| other.area.crowds(&label.area, 8.0)) {
            return None;
        }
        labels.push(label);
    }
    Some(labels)
}

/// Labels in two columns beside the web, in the order of their spokes, with lines that lead there.
fn beside(web: &Web, rows: &[Row], lang: Lang) -> Vec<Label> {
    let mut labels: Vec<Label> = rows.iter().map(|row| Label::new(row, lang)).collect();
    let edge = web.radius + REACH + 16.0;
    // The right half from the top down, the left half from the top down: the last spoke is the uppermost there.
    let half = web.count.div_ceil(2);
    let (right, left) = labels.split_at_mut(half.min(web.count));
    let mut right: Vec<(usize, &mut Label)> = right.iter_mut().enumerate().collect();
    let mut left: Vec<(usize, &mut Label)> =
        left.iter_mut().enumerate().map(|(index, label)| (half + index, label)).rev().collect();
    for (column, side, anchor) in [(&mut right, 1.0, Anchor::Start), (&mut left, -1.0, Anchor::End)] {
        spread(web, column);
        for (spoke, label) in column.iter_mut() {
            let end = web.centre.x + side * edge;
            label.anchor = anchor;
            label.area.x = if side > 0.0 { end } else { end - label.area.w };
            let middle = label.area.y + label.area.h / 2.0;
            let rim = web.beyond(*spoke, 3.0);
            // Out to the column's edge first where the label is far above or below its spoke.
            let bend = at(end - side * 12.0, middle);
            let short = (rim.x - bend.x) * side > 0.0;
            label.leader = Some([if short { at(rim.x, middle) } else { bend }, at(end - side * 4.0, middle)]);
        }
    }
    labels
}

/// Puts a column's labels as near to their spokes as they go without crowding each other.
fn spread(web: &Web, column: &mut [(usize, &mut Label)]) {
    let mut floor = f32::MIN;
    for (spoke, label) in column.iter_mut() {
        label.area.y = (web.beyond(*spoke, 0.0).y - label.area.h / 2.0).max(floor);
        floor = label.area.bottom() + BETWEEN;
    }
    // What was pushed down beyond its share is taken up again, from the last.
    let used: f32 = column.iter().map(|(_, label)| label.area.h + BETWEEN).sum();
    let mut ceiling = (web.centre.y + (used / 2.0).max(web.radius)) + BETWEEN;
    for (_, label) in column.iter_mut().rev() {
        label.area.y = label.area.y.min(ceiling - label.area.h);
        ceiling = label.area.y - BETWEEN;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::{many, nine};

    #[test]
    fn no_two_labels_touch_however_many_there_are() {
        for lang in [Lang::Id, Lang::En] {
            for count in [1, 2, 3, 4, 5, 8, 9, 12, 13, 20, 40, 80] {
                let Picture { width, height, scene, .. } = picture(&many(count), lang);
                scene.assert_legible(width, height);
            }
        }
    }

    #[test]
    fn names_are_shown_whole_and_as_text() {
        let hostile = [
            "<script>alert(1)</script>".to_owned(),
            "A & \"B\" ' ]]>".to_owned(),
            "\u{202E}gnirts desrever \u{0}\u{7}\u{1b}[31m".to_owned(),
            "أحمد بن محمد".to_owned(),
            "🙂👩‍👩‍👧‍👦🇮🇩".to_owned(),
            "W".repeat(255),
            "Kompetensi yang sangat panjang ".repeat(8),
        ];
        let mut profile = many(hostile.len());
        for (row, name) in profile.rows.iter_mut().zip(&hostile) {
            row.name.clone_from(name);
        }
        profile.person = hostile[0].clone();
        profile.unit = Some(hostile[5].clone());
        let drawn = picture(&profile, Lang::Id);
        drawn.scene.assert_legible(drawn.width, drawn.height);
        let svg = radar(&profile, Lang::Id);
        let texts = svg::tests::texts(&svg);
        assert!(texts.iter().any(|text| text.contains(&hostile[0])) && texts.contains(&hostile[1]));
        assert!(svg.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && !svg.contains("<script"));
        let forbidden = |c: char| (c.is_control() && c != '\n') || ('\u{202A}'..='\u{202E}').contains(&c);
        assert!(!svg.contains(forbidden), "{svg}");
        let text: String = drawn.scene.text_areas().iter().map(|(_, text)| text.replace(' ', "")).collect();
        assert!(text.contains(&"W".repeat(255)) && text.contains("أحمدبنمحمد"));
        assert!(text.contains(&"Kompetensiyangsangatpanjang".repeat(8)));
    }

    #[test]
    fn what_is_not_known_breaks_the_line_and_has_a_mark_of_its_own() {
        let profile = nine();
        let web = Web { centre: at(0.0, 0.0), radius: 100.0, count: 9 };
        let known = web.known(&profile.rows);
        assert_eq!(known.iter().filter(|one| one.is_none()).count(), 2);
        // Nine sides, less two at each of the spokes without a level.
        assert_eq!(web.neighbours(&known).len(), 5);
        assert!(
            known.iter().flatten().all(|point| point.x.hypot(point.y) > 15.0),
            "nothing is drawn as zero"
        );
        let said: Vec<String> = samples(&profile, 1.0, Lang::En).into_iter().map(|(_, text)| text).collect();
        assert!(
            said.iter().any(|text| text.contains("Not assessed"))
                && said.iter().any(|text| text.contains("Expired"))
        );
    }

    #[test]
    fn the_same_profile_is_the_same_picture() {
        assert_eq!(radar(&many(40), Lang::Id), radar(&many(40), Lang::Id));
        assert_ne!(radar(&nine(), Lang::Id), radar(&nine(), Lang::En));
    }
}
