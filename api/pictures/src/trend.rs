//! The trend: shares in percent, month by month.

use chrono::{Datelike as _, NaiveDate};

use crate::heat_map::{suppressed, suppressed_sample};
use crate::lang::Lang;
use crate::scene::{
    Anchor, Area, BLUE, Caption, GRID, INK, MUTED, Picture, Point, Scene, Stroke, Type, VERMILION, WHITE, at,
    fill, framed, legend, length, stroke,
};
use crate::svg;

/// How shares went, month by month.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// What it is, of what.
    pub caption: Caption,
    /// The days of the points, earliest first.
    pub days: Vec<NaiveDate>,
    /// Up to three lines.
    pub series: Vec<Series>,
    /// The fewest people of a group that is shown, where small groups are left out.
    pub smallest_group: Option<u64>,
}

/// One line of a trend.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What it is the share of.
    pub label: String,
    /// A point for each day, in the order of the days.
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

const LEFT: f32 = 46.0;
const TALL: f32 = 260.0;
const AXIS: Type = Type::plain(11.0, MUTED);
const FIGURE: Type = Type::plain(10.5, INK);

/// Lines and marks that are told apart without their colours.
const LINES: [Stroke; 3] = [
    stroke(BLUE, 2.4),
    Stroke { colour: VERMILION, width: 2.4, dash: &[8.0, 4.0] },
    Stroke { colour: INK, width: 2.0, dash: &[2.0, 3.0] },
];

impl Trend {
    /// The trend as SVG.
    #[must_use]
    pub fn draw(&self, lang: Lang) -> String {
        svg::write(&self.picture(lang), lang)
    }

    fn picture(&self, lang: Lang) -> Picture {
        let label =
            self.series.iter().map(|series| Type::bold(11.0, INK).width(&series.label)).fold(0.0, f32::max);
        let left = LEFT.max(label.min(190.0) + 44.0);
        let step = (780.0 / length(self.days.len().max(1))).clamp(38.0, 120.0);
        let plot = Area::new(left, 8.0, step * length(self.days.len()), TALL);
        let mut scene = Scene::default();
        grid(&mut scene, plot);
        self.days(&mut scene, plot, step, lang);
        for (place, series) in self.series.iter().enumerate() {
            draw_series(&mut scene, plot, step, place, series);
        }
        let bottom = self.table(&mut scene, plot, step, lang);
        let mut caption = self.caption.clone();
        caption.notes.insert(0, how_to_read(lang).to_owned());
        framed(
            &caption,
            self.description(lang),
            (plot.right() + 8.0, bottom),
            scene,
            |scene, area| match self.smallest_group {
                Some(least) => {
                    let sample = suppressed_sample(Area::new(2.0, 1.0, 30.0, 16.0));
                    legend(scene, area, vec![(sample, suppressed(least, lang))])
                }
                None => area.y,
            },
        )
    }

    /// The months under the plot, each year where it begins.
    fn days(&self, scene: &mut Scene, plot: Area, step: f32, lang: Lang) {
        let mut year = None;
        for (place, day) in self.days.iter().enumerate() {
            let x = plot.x + step * (length(place) + 0.5);
            scene.text(at(x, plot.bottom() + 18.0), Anchor::Middle, AXIS, lang.short_month(*day));
            if year != Some(day.year()) {
                scene.text(
                    at(x, plot.bottom() + 33.0),
                    Anchor::Middle,
                    Type::bold(11.0, MUTED),
                    &day.year().to_string(),
                );
                year = Some(day.year());
            }
        }
    }

    /// The same figures in rows under the months, led by the line's look; where it ends.
    fn table(&self, scene: &mut Scene, plot: Area, step: f32, lang: Lang) -> f32 {
        let kind = Type::bold(11.0, INK);
        let mut y = plot.bottom() + 46.0;
        for (place, series) in self.series.iter().enumerate() {
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
            for (month, share) in series.points.iter().enumerate() {
                let x = plot.x + step * (length(month) + 0.5);
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

    fn description(&self, lang: Lang) -> String {
        let series = self.series.iter().map(|series| {
            let points = self.days.iter().zip(&series.points).map(|(day, share)| {
                let share = match share {
                    Share::Percent(percent) => format!("{} %", lang.decimal(&format!("{percent:.1}"))),
                    Share::Unknown => lang.of("tidak diketahui", "unknown").to_owned(),
                    Share::Suppressed => lang.of("disembunyikan", "suppressed").to_owned(),
                };
                format!("{} {share}", lang.short_day(*day))
            });
            format!("{}: {}", series.label, points.collect::<Vec<_>>().join(", "))
        });
        format!("{}. {}.", self.caption.lines.join(". "), series.collect::<Vec<_>>().join("; "))
    }
}

fn grid(scene: &mut Scene, plot: Area) {
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
fn draw_series(scene: &mut Scene, plot: Area, step: f32, place: usize, series: &Series) {
    let points = series.points.iter().enumerate().map(|(month, share)| match share {
        Share::Percent(percent) => {
            let y = plot.bottom() - plot.h * percent.clamp(0.0, 100.0) / 100.0;
            Some(at(plot.x + step * (length(month) + 0.5), y))
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

const fn how_to_read(lang: Lang) -> &'static str {
    lang.of(
        "Cara membaca: setiap titik adalah keadaan pada akhir bulan itu, yang terakhir pada hari yang ditanyakan, menurut semua \
         yang diketahui sekarang. Garis terputus di tempat angkanya tidak ada; itu bukan nol.",
        "How to read: each point is the state at the end of that month, the last one on the day asked about, by all that is \
         known now. A line is broken where there is no figure; that is not zero.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Months;

    fn trend(months: u32) -> Trend {
        let first: NaiveDate = "2024-01-31".parse().unwrap();
        let days: Vec<NaiveDate> = (0..months).map(|month| first + Months::new(month)).collect();
        let series =
            ["Pasangan dengan hasil berlaku", "Di bawah syarat", "JPM terbaik"].iter().zip([37_u16, 11, 5]);
        Trend {
            caption: Caption { title: "Tren".to_owned(), lines: vec![], notes: vec![] },
            series: series
                .map(|(label, factor)| Series {
                    label: (*label).to_owned(),
                    points: (0..u16::try_from(months).unwrap())
                        .map(|month| match month % 8 {
                            3 => Share::Suppressed,
                            6 => Share::Unknown,
                            _ => Share::Percent(f32::from((month * factor) % 101)),
                        })
                        .collect(),
                })
                .collect(),
            days,
            smallest_group: Some(5),
        }
    }

    #[test]
    fn nothing_covers_anything_from_one_month_to_three_years() {
        for months in [1, 2, 6, 12, 36] {
            for lang in [Lang::Id, Lang::En] {
                svg::tests::texts(&trend(months).draw(lang));
                let picture = trend(months).picture(lang);
                picture.scene.assert_legible(picture.width, picture.height);
            }
        }
    }

    #[test]
    fn a_line_is_broken_where_there_is_no_figure() {
        let mut scene = Scene::default();
        let trend = trend(12);
        draw_series(&mut scene, Area::new(0.0, 0.0, 480.0, 100.0), 40.0, 0, &trend.series[0]);
        let lines = |shape: &&crate::scene::Shape| matches!(shape, crate::scene::Shape::Path { .. });
        let marks = |shape: &&crate::scene::Shape| matches!(shape, crate::scene::Shape::Circle { .. });
        // Months 0-2, 4-5 and 7-10; nothing is drawn at 3, 6 and 11.
        assert_eq!(scene.shapes.iter().filter(lines).count(), 3);
        assert_eq!(scene.shapes.iter().filter(marks).count(), 9);
    }
}
