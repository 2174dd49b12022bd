//! Lines of shares in percent over an axis, with the same figures in rows under it.

use crate::heat_map::suppressed_sample;
use crate::lang::Lang;
use crate::scene::{
    Anchor, Area, BLUE, GRID, INK, MUTED, Point, Scene, Stroke, Type, VERMILION, WHITE, at, fill, length,
    stroke,
};

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What it is the share of.
    pub label: String,
    /// A point for each place along the axis, in its order.
    pub points: Vec<Share>,
}

/// A point of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Share {
    /// In percent, 0 to 100.
    Percent(f32),
    /// There is nobody it could be the share of.
    Unknown,
    /// Left out, as it would tell people apart.
    Suppressed,
}

pub(crate) const AXIS: Type = Type::plain(11.0, MUTED);
const FIGURE: Type = Type::plain(10.5, INK);

/// Lines and marks that are told apart without their colours.
const LINES: [Stroke; 3] = [
    stroke(BLUE, 2.4),
    Stroke { colour: VERMILION, width: 2.4, dash: &[8.0, 4.0] },
    Stroke { colour: INK, width: 2.0, dash: &[2.0, 3.0] },
];

/// The same figures in rows under the plot, led by the line's look; where it ends.
pub(crate) fn table(scene: &mut Scene, plot: Area, step: f32, all: &[Series], lang: Lang) -> f32 {
    let kind = Type::bold(11.0, INK);
    let mut y = plot.bottom() + 46.0;
    for (place, series) in all.iter().enumerate() {
        scene.line(vec![at(0.0, y), at(plot.right(), y)], stroke(GRID, 0.8));
        let lines = kind.wrap(&series.label, plot.x - 44.0);
        let height = (kind.leading() * length(lines.len()) + 8.0).max(24.0);
        let middle = y + height / 2.0;
        if let Some(line) = LINES.get(place) {
            scene.line(vec![at(0.0, middle), at(30.0, middle)], *line);
            mark(scene, at(15.0, middle), place);
        }
        let mut line_y = middle - kind.leading() * length(lines.len()) / 2.0 + kind.ascent();
        for line in &lines {
            scene.text(at(36.0, line_y), Anchor::Start, kind, line);
            line_y += kind.leading();
        }
        for (point, share) in series.points.iter().enumerate() {
            let x = plot.x + step * (length(point) + 0.5);
            match share {
                Share::Percent(percent) => {
                    let text = lang.decimal(&format!("{percent:.1}"));
                    scene.text(at(x, middle + 4.0), Anchor::Middle, FIGURE, &text);
                }
                Share::Unknown => scene.text(at(x, middle + 4.0), Anchor::Middle, FIGURE, "–"),
                Share::Suppressed => {
                    let area = Area::new(x - step / 2.0 + 3.0, middle - 7.0, step - 6.0, 14.0);
                    scene.append_at(0.0, 0.0, suppressed_sample(area));
                }
            }
        }
        y += height;
    }
    y
}

/// Lines at each fifth of the whole.
pub(crate) fn grid(scene: &mut Scene, plot: Area) {
    for percent in [0_u8, 20, 40, 60, 80, 100] {
        let y = plot.bottom() - plot.h * f32::from(percent) / 100.0;
        scene.line(
            vec![at(plot.x, y), at(plot.right(), y)],
            stroke(if percent == 0 { INK } else { GRID }, 1.0),
        );
        scene.text(at(plot.x - 8.0, y + 4.0), Anchor::End, AXIS, &format!("{percent} %"));
    }
}

/// The line, broken where a point is not known, and its marks.
pub(crate) fn draw_series(scene: &mut Scene, plot: Area, step: f32, place: usize, series: &Series) {
    let points = series.points.iter().enumerate().map(|(point, share)| match share {
        Share::Percent(percent) => {
            let y = plot.bottom() - plot.h * percent.clamp(0.0, 100.0) / 100.0;
            Some(at(plot.x + step * (length(point) + 0.5), y))
        }
        Share::Unknown | Share::Suppressed => None,
    });
    let points: Vec<Option<Point>> = points.collect();
    if let Some(line) = LINES.get(place) {
        for run in points.split(Option::is_none).filter(|run| run.len() > 1) {
            scene.line(run.iter().copied().flatten().collect(), *line);
        }
    }
    for point in points.into_iter().flatten() {
        mark(scene, point, place);
    }
}

fn mark(scene: &mut Scene, point: Point, place: usize) {
    match place {
        0 => scene.circle(point, 4.2, Some(fill(BLUE)), Some(stroke(WHITE, 1.0))),
        1 => scene.square(point, 4.0, Some(fill(WHITE)), Some(stroke(VERMILION, 2.0))),
        _ => scene.triangle(point, 5.4, Some(fill(INK)), Some(stroke(WHITE, 1.0))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_where_there_is_no_figure() {
        let mut scene = Scene::default();
        let points = (0..12_u8).map(|point| match point % 8 {
            3 => Share::Suppressed,
            6 => Share::Unknown,
            _ => Share::Percent(f32::from(point) * 8.0),
        });
        let series = Series { label: "Garis".to_owned(), points: points.collect() };
        draw_series(&mut scene, Area::new(0.0, 0.0, 480.0, 100.0), 40.0, 0, &series);
        let lines = |shape: &&crate::scene::Shape| matches!(shape, crate::scene::Shape::Path { .. });
        let marks = |shape: &&crate::scene::Shape| matches!(shape, crate::scene::Shape::Circle { .. });
        // Points 0-2, 4-5 and 7-10; nothing is drawn at 3, 6 and 11.
        assert_eq!(scene.shapes.iter().filter(lines).count(), 3);
        assert_eq!(scene.shapes.iter().filter(marks).count(), 9);
    }
}
