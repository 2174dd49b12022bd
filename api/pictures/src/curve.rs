//! The budget curve: what tenths of a budget buy, in percent of what there is to buy.

use crate::lang::Lang;
use crate::lines::{AXIS, Series, Share, draw_series, grid, table};
use crate::scene::{Anchor, Area, Caption, INK, MUTED, Picture, Scene, Type, at, framed, length};
use crate::svg;

/// What budgets buy.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// What it is, of what.
    pub caption: Caption,
    /// The budgets in rupiah, the smallest first.
    pub budgets: Vec<i64>,
    /// Up to three lines, each with a point for each budget.
    pub series: Vec<Series>,
}

const LEFT: f32 = 46.0;
const TALL: f32 = 260.0;

impl Curve {
    /// The curve as SVG.
    #[must_use]
    pub fn draw(&self, lang: Lang) -> String {
        svg::write(&self.picture(lang), lang)
    }

    fn picture(&self, lang: Lang) -> Picture {
        let (scene, size) = self.body(820.0, TALL, lang);
        let mut caption = self.caption.clone();
        caption.notes.insert(0, how_to_read(lang).to_owned());
        framed(&caption, self.description(lang), size, scene, |_, area| area.y)
    }

    /// The lines and the figures under them, no wider than `wide` and as tall as `tall` without the figures; how large.
    pub(crate) fn body(&self, wide: f32, tall: f32, lang: Lang) -> (Scene, (f32, f32)) {
        let kind = Type::bold(11.0, INK);
        let label = self.series.iter().map(|series| kind.width(&series.label)).fold(0.0, f32::max);
        let left = LEFT.max(label.min(wide / 5.0) + 44.0);
        let count = length(self.budgets.len().max(1));
        let step = ((wide - left - 8.0) / count).clamp(36.0, 120.0);
        let plot = Area::new(left, 8.0, step * count, tall);
        let mut scene = Scene::default();
        grid(&mut scene, plot);
        let axis = Type::plain(if step < 48.0 { 8.5 } else { AXIS.size }, MUTED);
        for (place, budget) in self.budgets.iter().enumerate() {
            let at = at(plot.x + step * (length(place) + 0.5), plot.bottom() + 18.0);
            scene.text(at, Anchor::Middle, axis, &rupiah(*budget, lang));
        }
        scene.text(at(0.0, plot.bottom() + 18.0), Anchor::Start, axis, lang.of("Anggaran, Rp", "Budget, Rp"));
        for (place, series) in self.series.iter().enumerate() {
            draw_series(&mut scene, plot, step, place, series);
        }
        let bottom = table(&mut scene, plot, step, &self.series, lang);
        (scene, (plot.right() + 8.0, bottom))
    }

    /// The same in words.
    pub(crate) fn description(&self, lang: Lang) -> String {
        let series = self.series.iter().map(|series| {
            let points = self.budgets.iter().zip(&series.points).map(|(budget, share)| {
                let share = match share {
                    Share::Percent(percent) => format!("{} %", lang.decimal(&format!("{percent:.1}"))),
                    Share::Unknown | Share::Suppressed => lang.of("tidak diketahui", "unknown").to_owned(),
                };
                format!("Rp {} {share}", rupiah(*budget, lang))
            });
            format!("{}: {}", series.label, points.collect::<Vec<_>>().join(", "))
        });
        format!("{}. {}.", self.caption.lines.join(". "), series.collect::<Vec<_>>().join("; "))
    }
}

/// An amount in up to three digits: thousands, millions, milliards or billions, trillions.
pub(crate) fn rupiah(amount: i64, lang: Lang) -> String {
    let units = [
        (1_000_000_000_000, lang.of("T", "tn")),
        (1_000_000_000, lang.of("M", "bn")),
        (1_000_000, lang.of("jt", "m")),
        (1_000, lang.of("rb", "k")),
    ];
    match units.into_iter().find(|(unit, _)| amount >= *unit) {
        Some((unit, name)) => {
            // Rounded down: nobody has more than there is.
            let places: u32 = match amount / unit {
                0..10 => 2,
                10..100 => 1,
                _ => 0,
            };
            let parts = amount / (unit / 10_i64.pow(places));
            let (whole, rest) = (parts / 10_i64.pow(places), parts % 10_i64.pow(places));
            let rest = format!("{rest:0wide$}", wide = usize::try_from(places).unwrap_or_default());
            let number = match rest.trim_end_matches('0') {
                "" => whole.to_string(),
                rest => lang.decimal(&format!("{whole}.{rest}")),
            };
            format!("{number} {name}")
        }
        None => amount.to_string(),
    }
}

const fn how_to_read(lang: Lang) -> &'static str {
    lang.of(
        "Cara membaca: setiap titik adalah rencana terbaik yang ditemukan untuk anggaran itu; nilai dihitung terhadap nilai semua \
         kebutuhan, orang terhadap semua orang yang mempunyai kebutuhan.",
        "How to read: each point is the best plan found for that budget; its value is a share of what all needs are worth, \
         its people are a share of everybody with needs.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(points: u16) -> Curve {
        let series = [("Nilai", 9_u16), ("Orang terlayani", 7)].map(|(label, factor)| Series {
            label: label.to_owned(),
            points: (1..=points).map(|tenth| Share::Percent(f32::from((tenth * factor).min(100)))).collect(),
        });
        Curve {
            caption: Caption { title: "Kurva".to_owned(), lines: vec!["Rencana".to_owned()], notes: vec![] },
            budgets: (1..=points).map(|tenth| i64::from(tenth) * 123_456_789).collect(),
            series: series.to_vec(),
        }
    }

    #[test]
    fn nothing_covers_anything() {
        for points in [1, 3, 10] {
            for lang in [Lang::Id, Lang::En] {
                svg::tests::texts(&curve(points).draw(lang));
                let picture = curve(points).picture(lang);
                picture.scene.assert_legible(picture.width, picture.height);
            }
        }
    }

    #[test]
    fn amounts_are_short() {
        let told = |amount, lang| rupiah(amount, lang);
        assert_eq!(told(250, Lang::Id), "250");
        assert_eq!(told(750_000_000, Lang::Id), "750 jt");
        assert_eq!(told(1_256_000_000, Lang::Id), "1,25 M");
        assert_eq!(told(12_560_000_000, Lang::En), "12.5 bn");
        assert_eq!(told(1_050_000, Lang::Id), "1,05 jt");
        assert_eq!(told(3_000_000_000_000, Lang::En), "3 tn");
    }
}
