//! The trend: shares in percent, month by month.

use chrono::{Datelike as _, NaiveDate};

use crate::heat_map::{suppressed, suppressed_sample};
use crate::lang::Lang;
use crate::lines::{AXIS, Series, Share, draw_series, grid, table};
use crate::scene::{Anchor, Area, Caption, INK, MUTED, Picture, Scene, Type, at, framed, legend, length};
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

const LEFT: f32 = 46.0;
const TALL: f32 = 260.0;
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
        let bottom = table(&mut scene, plot, step, &self.series, lang);
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
}
