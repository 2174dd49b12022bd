//! The heat map: competencies by parts of a whole, shaded by the share of people below what is required.

use crate::lang::Lang;
use crate::scene::{
    Anchor, Area, Caption, GRID, Hatch, INK, MUTED, Picture, Rgb, Scene, Type, WHITE, at, fill, framed,
    grouped, legend, length, stroke,
};
use crate::svg;

/// How groups of people stand, by competency and part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeatMap {
    /// What it is, of what.
    pub caption: Caption,
    /// The parts.
    pub columns: Vec<String>,
    /// The competencies.
    pub rows: Vec<HeatRow>,
    /// The fewest people of a group that is shown, where small groups are left out.
    pub smallest_group: Option<u64>,
}

/// One competency of a heat map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeatRow {
    /// Its name.
    pub label: String,
    /// Everybody of whom it is required.
    pub total: Cell,
    /// The same by column.
    pub cells: Vec<Cell>,
}

/// How a group stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// It is required of nobody there.
    Nobody,
    /// Figures are left out, as they would tell people apart.
    Suppressed,
    /// What is known.
    Figures {
        /// Of how many it is required.
        required: u64,
        /// How many of them have valid evidence.
        assessed: u64,
        /// How many of those are below the level.
        below: u64,
    },
}

/// More than this nobody reads, and no browser likes.
const MOST_COLUMNS: usize = 80;
const MOST_ROWS: usize = 150;

const LABEL: f32 = 232.0;
const SHARE: Type = Type::bold(12.0, INK);
const COUNTS: Type = Type::plain(9.5, INK);
const HEAD: Type = Type::bold(11.0, INK);
const NAME: Type = Type::plain(12.0, INK);

/// The shades, each for shares up to a percentage. Each is darker than the one before, whatever is seen of its hue.
const SHADES: [(u64, Rgb); 6] = [
    (0, Rgb(255, 248, 228)),
    (20, Rgb(254, 228, 158)),
    (40, Rgb(252, 188, 84)),
    (60, Rgb(232, 132, 40)),
    (80, Rgb(184, 72, 12)),
    (100, Rgb(110, 36, 8)),
];

/// The shade of a share, and what is written on it.
fn shade(below: u64, assessed: u64) -> (Rgb, Rgb) {
    let place =
        SHADES.iter().position(|(most, _)| below * 100 <= most * assessed).unwrap_or(SHADES.len() - 1);
    let colour = SHADES.get(place).map_or(WHITE, |(_, colour)| *colour);
    (colour, if place > 3 { WHITE } else { INK })
}

impl HeatMap {
    /// The map as SVG.
    #[must_use]
    pub fn draw(&self, lang: Lang) -> String {
        svg::write(&self.picture(lang), lang)
    }

    fn picture(&self, lang: Lang) -> Picture {
        let columns: Vec<&String> = self.columns.iter().take(MOST_COLUMNS).collect();
        let rows: Vec<&HeatRow> = self.rows.iter().take(MOST_ROWS).collect();
        let layout = Layout::new(&columns, &rows, lang);
        let mut scene = Scene::default();
        layout.heads(&mut scene, &columns, lang);
        let mut y = layout.head + 8.0;
        for row in &rows {
            let lines = NAME.wrap(&row.label, LABEL - 14.0);
            let height = (NAME.leading() * length(lines.len()) + 8.0).max(36.0);
            let mut line_y = y + (height - NAME.leading() * length(lines.len())) / 2.0 + NAME.ascent();
            for line in &lines {
                scene.text(at(0.0, line_y), Anchor::Start, NAME, line);
                line_y += NAME.leading();
            }
            let cells = std::iter::once(&row.total).chain(row.cells.iter().take(columns.len()));
            for (place, cell) in cells.enumerate() {
                draw_cell(&mut scene, Area::new(layout.x(place), y, layout.cell, height), *cell, lang);
            }
            y += height;
        }
        let mut caption = self.caption.clone();
        caption.notes.insert(0, how_to_read(lang).to_owned());
        caption.notes.extend(self.left_out(lang));
        let width = layout.x(columns.len() + 1);
        framed(&caption, self.description(lang), (width, y), scene, |scene, area| {
            legend(scene, area, self.samples(lang))
        })
    }

    /// What is in the data and not in the picture.
    fn left_out(&self, lang: Lang) -> Option<String> {
        let columns = self.columns.len().saturating_sub(MOST_COLUMNS);
        let rows = self.rows.len().saturating_sub(MOST_ROWS);
        (columns + rows > 0).then(|| match lang {
            Lang::Id => format!(
                "Tidak digambar: {columns} kolom dan {rows} baris lagi; semuanya ada dalam jawaban JSON."
            ),
            Lang::En => {
                format!("Not drawn: {columns} more columns and {rows} more rows; all are in the JSON answer.")
            }
        })
    }

    fn description(&self, lang: Lang) -> String {
        let rows = self.rows.iter().take(MOST_ROWS).map(|row| match row.total {
            Cell::Figures { required, assessed, below } => {
                let figures = [below, assessed, required].map(|figure| grouped(figure, lang));
                let [below, assessed, required] = figures;
                match lang {
                    Lang::Id => format!(
                        "{}: {below} dari {assessed} yang dinilai di bawah syarat, dari {required} orang",
                        row.label
                    ),
                    Lang::En => format!(
                        "{}: {below} of {assessed} assessed below requirement, of {required} people",
                        row.label
                    ),
                }
            }
            Cell::Suppressed => format!("{}: {}", row.label, lang.of("disembunyikan", "suppressed")),
            Cell::Nobody => format!("{}: {}", row.label, lang.of("tidak disyaratkan", "not required")),
        });
        format!("{}. {}.", self.caption.lines.join(". "), rows.collect::<Vec<_>>().join("; "))
    }

    fn samples(&self, lang: Lang) -> Vec<(Scene, String)> {
        let area = Area::new(2.0, 1.0, 30.0, 16.0);
        let mut least = 0;
        let mut samples: Vec<(Scene, String)> = Vec::new();
        for (most, colour) in SHADES {
            let mut scene = Scene::default();
            scene.rect(area, Some(fill(colour)), Some(stroke(GRID, 0.8)));
            let share = if most == 0 { "0 %".to_owned() } else { format!(">{least}–{most} %") };
            samples.push((scene, share));
            least = most;
        }
        let mut unknown = Scene::default();
        unknown.hatch(area, Hatch::Unknown);
        samples.push((unknown, lang.of("belum ada yang dinilai", "nobody assessed").to_owned()));
        let mut nobody = Scene::default();
        nobody.rect(area, None, Some(stroke(GRID, 0.8)));
        nobody.text(at(17.0, 12.0), Anchor::Middle, COUNTS, "·");
        samples.push((nobody, lang.of("tidak disyaratkan", "not required").to_owned()));
        if let Some(least) = self.smallest_group {
            samples.push((suppressed_sample(area), suppressed(least, lang)));
        }
        samples
    }
}

pub(crate) fn suppressed_sample(area: Area) -> Scene {
    let mut scene = Scene::default();
    scene.hatch(area, Hatch::Suppressed);
    scene
}

pub(crate) fn suppressed(least: u64, lang: Lang) -> String {
    match lang {
        Lang::Id => format!("disembunyikan (< {least} orang, atau akan membuka kelompok sekecil itu)"),
        Lang::En => format!("suppressed (< {least} people, or would give such a group away)"),
    }
}

const fn how_to_read(lang: Lang) -> &'static str {
    lang.of(
        "Cara membaca: setiap kotak menunjukkan bagian pegawai yang di bawah level syarat dari mereka yang hasil penilaiannya \
         berlaku; di bawahnya jumlah yang dinilai dari jumlah yang disyaratkan. Makin gelap makin besar bagiannya.",
        "How to read: each cell shows the share of people below the required level among those with valid results; under it, \
         how many are assessed of how many it is required of. The darker, the larger the share.",
    )
}

struct Layout {
    cell: f32,
    head: f32,
    /// Whether the heads of columns run upwards.
    upright: bool,
}

impl Layout {
    fn new(columns: &[&String], rows: &[&HeatRow], lang: Lang) -> Self {
        let widest =
            rows.iter().flat_map(|row| row.cells.iter().chain([&row.total])).map(|cell| match cell {
                Cell::Figures { required, assessed, .. } => COUNTS.width(&counts(*assessed, *required, lang)),
                Cell::Nobody | Cell::Suppressed => 0.0,
            });
        let needed = widest.fold(38.0, f32::max) + 10.0;
        // A word is broken only where it would take the room of several columns.
        let words = columns.iter().flat_map(|name| name.split_whitespace()).map(|word| HEAD.width(word));
        let word = words.fold(0.0, f32::max).min(140.0) + 9.0;
        if columns.len() <= 12 {
            let cell = needed.max(88.0).max(word);
            let lines =
                columns.iter().map(|name| HEAD.wrap(name, cell - 8.0).len()).max().unwrap_or(1).max(1);
            return Self { cell, head: HEAD.leading() * length(lines), upright: false };
        }
        // Names run upwards, in as many lines as a column is wide.
        let lines =
            (1_u8..20).rev().find(|lines| HEAD.leading() * f32::from(*lines) <= needed - 4.0).unwrap_or(1);
        let fits = |head: f32| columns.iter().all(|name| HEAD.wrap(name, head).len() <= usize::from(lines));
        let head = [80.0, 110.0, 150.0, 200.0, 270.0, 360.0, 480.0, 700.0]
            .into_iter()
            .find(|head| *head >= word && fits(*head));
        Self { cell: needed, head: head.unwrap_or(1200.0), upright: true }
    }

    fn x(&self, place: usize) -> f32 {
        // The total stands apart.
        LABEL + self.cell * length(place) + if place > 0 { 8.0 } else { 0.0 }
    }

    fn heads(&self, scene: &mut Scene, columns: &[&String], lang: Lang) {
        let all = lang.of("Semua", "All").to_owned();
        for (place, name) in std::iter::once(&all).chain(columns.iter().copied()).enumerate() {
            let (x, middle) = (self.x(place), self.x(place) + self.cell / 2.0);
            if self.upright {
                let lines = HEAD.wrap(name, self.head);
                let mut line_x = middle - HEAD.leading() * (length(lines.len()) / 2.0 - 1.0) - 3.0;
                for line in &lines {
                    scene.text_upwards(at(line_x, self.head), HEAD, line);
                    line_x += HEAD.leading();
                }
            } else {
                let lines = HEAD.wrap(name, self.cell - 8.0);
                let mut y = self.head - HEAD.leading() * length(lines.len()) + HEAD.ascent();
                for line in &lines {
                    scene.text(at(middle, y), Anchor::Middle, HEAD, line);
                    y += HEAD.leading();
                }
            }
            scene.line(
                vec![at(x + 2.0, self.head + 5.0), at(x + self.cell - 2.0, self.head + 5.0)],
                stroke(MUTED, 1.0),
            );
        }
    }
}

fn counts(assessed: u64, required: u64, lang: Lang) -> String {
    format!("{}/{}", grouped(assessed, lang), grouped(required, lang))
}

fn draw_cell(scene: &mut Scene, outer: Area, cell: Cell, lang: Lang) {
    let area = Area::new(outer.x + 1.0, outer.y + 1.0, outer.w - 2.0, outer.h - 2.0);
    let (middle, centre) = (area.x + area.w / 2.0, area.y + area.h / 2.0);
    match cell {
        Cell::Nobody => {
            scene.rect(area, None, Some(stroke(Rgb(232, 232, 232), 1.0)));
            scene.text(at(middle, centre + 4.0), Anchor::Middle, Type::plain(12.0, MUTED), "·");
        }
        Cell::Suppressed => scene.hatch(area, Hatch::Suppressed),
        Cell::Figures { required, assessed: 0, .. } => {
            scene.hatch(area, Hatch::Unknown);
            let text = counts(0, required, lang);
            // The hatch is interrupted for the figure.
            let width = COUNTS.width(&text) + 8.0;
            scene.rect(Area::new(middle - width / 2.0, centre - 8.0, width, 16.0), Some(fill(WHITE)), None);
            scene.text(at(middle, centre + 3.5), Anchor::Middle, COUNTS, &text);
        }
        Cell::Figures { required, assessed, below } => {
            let (colour, ink) = shade(below, assessed);
            scene.rect(area, Some(fill(colour)), Some(stroke(Rgb(225, 215, 195), 0.6)));
            let share = format!("{} %", percent(below, assessed));
            scene.text(at(middle, centre - 1.0), Anchor::Middle, Type { ink, ..SHARE }, &share);
            scene.text(
                at(middle, centre + 11.5),
                Anchor::Middle,
                Type { ink, ..COUNTS },
                &counts(assessed, required, lang),
            );
        }
    }
}

/// A share in whole percent; never 0 for some, nor 100 for less than all.
pub(crate) fn percent(part: u64, whole: u64) -> u64 {
    if whole == 0 {
        return 0;
    }
    let rounded = (part * 200 + whole) / (2 * whole);
    if part == 0 || part == whole { rounded } else { rounded.clamp(1, 99) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(columns: u64, rows: u64) -> HeatMap {
        let names = [
            "Sekretariat",
            "Bidang Pelayanan Pendaftaran Penduduk",
            "UPT",
            "Balai Pengembangan Kompetensi Aparatur",
        ];
        let cell = |n: u64| match n % 7 {
            0 => Cell::Suppressed,
            1 => Cell::Nobody,
            2 => Cell::Figures { required: 1_200, assessed: 0, below: 0 },
            one => Cell::Figures { required: 40 * one, assessed: 36, below: (n * 5) % 37 },
        };
        HeatMap {
            caption: Caption {
                title: "Peta Kesenjangan Kompetensi: Dinas".to_owned(),
                lines: vec!["Keadaan per 1 Juli 2026".to_owned()],
                notes: vec![],
            },
            columns: names.iter().cycle().zip(0..columns).map(|(name, n)| format!("{name} {n}")).collect(),
            rows: (0..rows)
                .map(|row| HeatRow {
                    label: format!(
                        "M.{row} Pengelolaan Barang Milik Negara atau Daerah pada Perangkat Daerah"
                    ),
                    total: cell(3 + row),
                    cells: (0..columns).map(|column| cell(row * 3 + column)).collect(),
                })
                .collect(),
            smallest_group: Some(5),
        }
    }

    #[test]
    fn nothing_covers_anything_at_any_size() {
        for (columns, rows) in [(0, 0), (1, 1), (3, 9), (12, 20), (13, 9), (40, 40), (100, 200)] {
            for lang in [Lang::Id, Lang::En] {
                svg::tests::texts(&map(columns, rows).draw(lang));
                let picture = map(columns, rows).picture(lang);
                picture.scene.assert_legible(picture.width, picture.height);
            }
        }
    }

    #[test]
    fn what_is_hidden_or_unknown_is_no_number() {
        let texts = |cell| {
            let mut scene = Scene::default();
            draw_cell(&mut scene, Area::new(0.0, 0.0, 80.0, 40.0), cell, Lang::Id);
            scene.text_areas().into_iter().map(|(_, text)| text.to_owned()).collect::<Vec<_>>()
        };
        assert!(texts(Cell::Suppressed).is_empty());
        assert_eq!(texts(Cell::Nobody), ["·"]);
        assert_eq!(texts(Cell::Figures { required: 12, assessed: 0, below: 0 }), ["0/12"]);
        assert_eq!(texts(Cell::Figures { required: 1200, assessed: 8, below: 3 }), ["38 %", "8/1.200"]);
        assert_eq!([percent(1, 1000), percent(999, 1000), percent(0, 9), percent(9, 9)], [1, 99, 0, 100]);
    }

    #[test]
    fn what_is_not_drawn_is_counted() {
        let svg = map(100, 200).draw(Lang::En);
        assert!(svg.contains("Not drawn: 20 more columns and 50 more rows"));
        assert!(svg.len() < 6_000_000, "{}", svg.len());
    }

    #[test]
    fn every_shade_is_darker_than_the_one_before_in_black_and_white_too() {
        let grey = |Rgb(r, g, b): Rgb| 0.2126 * f32::from(r) + 0.7152 * f32::from(g) + 0.0722 * f32::from(b);
        let greys: Vec<f32> = SHADES.iter().map(|(_, colour)| grey(*colour)).collect();
        assert!(greys.windows(2).all(|two| two[0] - two[1] > 15.0), "{greys:?}");
        // What is written on them stands out: at least 4.5 to 1 (WCAG 2.2).
        let light = |Rgb(r, g, b): Rgb| {
            let part = |value: u8| {
                let value = f32::from(value) / 255.0;
                if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
        };
        for (most, _) in SHADES {
            let (ground, ink) = shade(most, 100);
            let (one, other) = (light(ground) + 0.05, light(ink) + 0.05);
            assert!(one.max(other) / one.min(other) >= 4.5, "{most}");
        }
    }
}
