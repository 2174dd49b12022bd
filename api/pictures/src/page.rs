//! A gap profile on one page of A4, to be printed and filed: tagged (PDF/UA-1), with its fonts inside.

mod pdf;

pub(crate) use pdf::write;

use chrono::{DateTime, Utc};

use crate::lang::Lang;
use crate::profile::{Profile, Row, Standing, State, category, purpose};
use crate::radar::{Web, mark, samples};
use crate::scene::{Anchor, Area, GRID, INK, MUTED, PALE, Scene, Type, VERMILION, at, fill, length, stroke};
use crate::text;

/// When and for which request a page was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// When.
    pub at: DateTime<Utc>,
    /// The request's id.
    pub request: String,
}

/// The page could not be written: what the writer says of it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct PageError(String);

impl PageError {
    pub(crate) fn new(error: &impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

// A4, in points.
pub(crate) const WIDTH: f32 = 595.28;
pub(crate) const HEIGHT: f32 = 841.89;
pub(crate) const MARGIN: f32 = 38.0;
pub(crate) const ROOM: f32 = WIDTH - 2.0 * MARGIN;
/// Where the last lines of the page begin.
pub(crate) const FOOT: f32 = HEIGHT - MARGIN - 14.0;

/// A part of the page, as a reader who does not see it is told of it.
pub(crate) enum Part {
    Title(Scene, String),
    Text(Scene),
    Figure(Scene, String),
    Table(Vec<Vec<Scene>>),
    /// Lines and grounds that say nothing.
    Ornament(Scene),
}

/// A gap profile on one page, as PDF.
///
/// # Errors
/// [`PageError`]; no profile is known to lead there.
pub fn page(profile: &Profile, printed: &Printed, lang: Lang) -> Result<Vec<u8>, PageError> {
    write(&parts(profile, printed, lang), &document_title(profile, lang), printed.at, lang)
}

fn document_title(profile: &Profile, lang: Lang) -> String {
    text::clean(&format!("{}: {}", Profile::title(lang), profile.person))
}

fn parts(profile: &Profile, printed: &Printed, lang: Lang) -> Vec<Part> {
    let mut page = Page { parts: Vec::new() };
    let top = page.head(profile, lang);
    let top = page.chart(profile, top + 14.0, lang);
    page.table(&profile.rows, top + 12.0, lang);
    page.foot(printed, lang);
    page.parts
}

struct Page {
    parts: Vec<Part>,
}

impl Page {
    fn text(&mut self, draw: impl FnOnce(&mut Scene) -> f32) -> f32 {
        let mut scene = Scene::default();
        let end = draw(&mut scene);
        self.parts.push(Part::Text(scene));
        end
    }

    fn ornament(&mut self, draw: impl FnOnce(&mut Scene)) {
        let mut scene = Scene::default();
        draw(&mut scene);
        self.parts.push(Part::Ornament(scene));
    }

    /// Whose profile, against what, of which day; and the match beside it. Where it ends.
    fn head(&mut self, profile: &Profile, lang: Lang) -> f32 {
        const BOX: f32 = 160.0;
        let room = ROOM - BOX - 18.0;
        let mut title = Scene::default();
        let y = title.paragraph(MARGIN, MARGIN - 6.0, room, Type::plain(11.0, MUTED), Profile::title(lang));
        self.parts.push(Part::Title(title, Profile::title(lang).to_owned()));
        let mut y = self.text(|scene| lines(scene, y, room, Type::bold(17.0, INK), &profile.person, 2)) + 3.0;
        let place = profile.unit.as_deref().unwrap_or_default();
        let facts = [
            (format!("NIP {}", profile.nip), 1),
            (profile.position_line(lang), 2),
            (place.to_owned(), 2),
            (profile.day_line(lang), 2),
            (profile.basis_line(lang), 3),
            (profile.summary_line(lang), 2),
        ];
        for (fact, most) in facts {
            y = self.text(|scene| lines(scene, y, room, Type::plain(9.0, INK), &fact, most)) + 1.0;
        }
        let area = Area::new(WIDTH - MARGIN - BOX, MARGIN - 6.0, BOX, 96.0);
        self.ornament(|scene| scene.rect(area, Some(fill(PALE)), None));
        self.job_person_match(profile, area, lang);
        y.max(area.bottom())
    }

    fn job_person_match(&mut self, profile: &Profile, area: Area, lang: Lang) {
        let (x, room) = (area.x + 12.0, area.w - 24.0);
        let found = &profile.job_person_match;
        let (figure, told) = match (&found.percent, found.category) {
            (Some(percent), code) => {
                let graded = code.map(|code| match category(code, lang) {
                    meaning if meaning.eq_ignore_ascii_case(code) => meaning.to_owned(),
                    meaning => format!("{code}: {meaning}"),
                });
                (format!("{} %", lang.decimal(percent)), graded.unwrap_or_default())
            }
            (None, _) => {
                let why = lang.of(
                    "belum dapat dihitung: ada hasil yang tidak berlaku",
                    "not computed: results are missing",
                );
                ("–".to_owned(), why.to_owned())
            }
        };
        let rubric =
            format!("{} {}, {}", lang.of("Kebijakan", "Policy"), found.policy, purpose(found.mapping, lang));
        let mut y = area.y + 8.0;
        let all = [
            (Type::plain(9.0, MUTED), "Job Person Match (JPM)".to_owned(), 1),
            (Type::bold(24.0, INK), figure, 1),
            (Type::bold(9.0, INK), told, 2),
            (Type::plain(7.5, MUTED), rubric, 2),
        ];
        for (kind, line, most) in all {
            y = self.text(|scene| {
                let mut end = y;
                for line in shortened(kind, &line, room, most) {
                    scene.text(at(x, end + kind.ascent()), Anchor::Start, kind, &line);
                    end += kind.size * 1.25;
                }
                end
            });
        }
    }

    /// The radar, with numbers that the table has, and how it is read. Where it ends.
    fn chart(&mut self, profile: &Profile, top: f32, lang: Lang) -> f32 {
        // What the table does not need.
        let radius = match profile.rows.len() {
            ..=12 => 108.0,
            13..=24 => 86.0,
            _ => 70.0,
        };
        let centre = at(MARGIN + radius + 24.0, top + radius + 22.0);
        let web = Web { centre, radius, count: profile.rows.len() };
        let mut scene = Scene::default();
        web.draw(&mut scene, &profile.rows, 0.55);
        let kind = Type::plain(if web.count > 30 { 6.0 } else { 7.5 }, INK);
        // Every number, or as many as there is room for.
        let between = std::f32::consts::TAU * (radius + 14.0) / length(web.count.max(1));
        let wide = kind.width(&web.count.to_string()) + 2.0;
        let step =
            [1, 2, 5, 10, 20, 50].into_iter().find(|step| between * length(*step) > wide).unwrap_or(100);
        for spoke in (0..web.count).filter(|spoke| step == 1 || (spoke + 1) % step == 0) {
            let place = web.beyond(spoke, 14.0);
            scene.text(
                at(place.x, place.y + kind.size * 0.36),
                Anchor::Middle,
                kind,
                &(spoke + 1).to_string(),
            );
        }
        self.parts.push(Part::Figure(scene, profile.description(lang)));

        let (x, kind) = (MARGIN + 2.0 * radius + 66.0, Type::plain(8.5, INK));
        let room = WIDTH - MARGIN - x;
        let mut y = top + 4.0;
        for (sample, text) in samples(profile, 0.62, lang) {
            let mut drawn = Scene::default();
            drawn.append_at(x, y, sample);
            self.parts.push(Part::Ornament(drawn));
            y = self.text(|scene| scene.paragraph(x + 30.0, y, room - 30.0, kind, &text)) + 3.0;
        }
        y += 4.0;
        let numbers = lang
            .of("Angka di sekeliling adalah nomor baris tabel.", "Numbers around it are rows of the table.");
        let notes = [Some(Profile::how_to_read(lang)), profile.unknown(lang), Some(numbers)];
        for note in notes.into_iter().flatten() {
            y = self.text(|scene| scene.paragraph(x, y, room, Type::plain(8.5, MUTED), note)) + 3.0;
        }
        y.max(centre.y + radius + 18.0)
    }

    /// Every competency in as large a type as fits; where even the smallest does not, how many more there are.
    fn table(&mut self, rows: &[Row], top: f32, lang: Lang) {
        let room = FOOT - 8.0 - top;
        let layout = Layout::SIZES
            .iter()
            .map(|size| Layout { size: *size, lines: usize::MAX })
            .chain([Layout { size: Layout::SMALLEST, lines: 1 }])
            .find(|layout| layout.height(rows) <= room);
        let (layout, shown) = match layout {
            Some(layout) => (layout, rows.len()),
            None => {
                let layout = Layout { size: Layout::SMALLEST, lines: 1 };
                let mut left = room - layout.height(&[]) - layout.leading() * 1.6;
                let fits = rows.iter().take_while(|row| {
                    left -= layout.row_height(row);
                    left >= 0.0
                });
                (layout, fits.count())
            }
        };
        let end = self.rows(rows.iter().take(shown), layout, top, lang);
        if shown < rows.len() {
            let (more, all) = (rows.len() - shown, rows.len());
            let note = match lang {
                Lang::Id => {
                    format!("dan {more} kompetensi lagi; ke-{all} kompetensi ada dalam jawaban JSON.")
                }
                Lang::En => format!("and {more} more; all {all} competencies are in the JSON answer."),
            };
            self.text(|scene| scene.paragraph(MARGIN, end + 2.0, ROOM, Type::bold(layout.size, INK), &note));
        }
    }

    fn rows<'a>(&mut self, rows: impl Iterator<Item = &'a Row>, layout: Layout, top: f32, lang: Lang) -> f32 {
        let mut table = Vec::new();
        let mut rules = Scene::default();
        let kind = Type::bold(layout.size, INK);
        let mut y = top + layout.leading() + layout.gap();
        let heads = COLUMNS.iter().map(|column| {
            let mut scene = Scene::default();
            column.write(&mut scene, top + kind.ascent(), kind, column.head(lang));
            scene
        });
        table.push(heads.collect());
        rules.line(
            vec![at(MARGIN, y - layout.gap() / 2.0), at(WIDTH - MARGIN, y - layout.gap() / 2.0)],
            stroke(INK, 0.8),
        );
        for (number, row) in (1..).zip(rows) {
            table.push(layout.row(number, row, y, lang));
            y += layout.row_height(row);
            let line = y - layout.gap() / 2.0;
            rules.line(vec![at(MARGIN, line), at(WIDTH - MARGIN, line)], stroke(GRID, 0.4));
        }
        self.parts.push(Part::Ornament(rules));
        self.parts.push(Part::Table(table));
        y
    }

    fn foot(&mut self, printed: &Printed, lang: Lang) {
        let kind = Type::plain(7.0, MUTED);
        self.ornament(|scene| {
            scene.line(vec![at(MARGIN, FOOT), at(WIDTH - MARGIN, FOOT)], stroke(GRID, 0.6))
        });
        let made = match lang {
            Lang::Id => format!(
                "Dibuat {} untuk permintaan {}. Angka yang sama, dengan bukti setiap hasil, tersedia sebagai JSON di alamat \
                 yang sama.",
                lang.instant(printed.at),
                printed.request
            ),
            Lang::En => format!(
                "Made {} for request {}. The same figures, with the evidence of each result, are at the same address as JSON.",
                lang.instant(printed.at),
                printed.request
            ),
        };
        self.text(|scene| scene.paragraph(MARGIN, FOOT + 5.0, ROOM, kind, &made));
    }
}

/// Lines from the left margin, no more than `most`; where they end.
pub(crate) fn lines(scene: &mut Scene, top: f32, room: f32, kind: Type, text: &str, most: usize) -> f32 {
    let mut y = top;
    for line in shortened(kind, text, room, most) {
        scene.text(at(MARGIN, y + kind.ascent()), Anchor::Start, kind, &line);
        y += kind.size * 1.28;
    }
    y
}

/// Text in at most `most` lines, the last one cut where there is more.
pub(crate) fn shortened(kind: Type, text: &str, room: f32, most: usize) -> Vec<String> {
    let mut lines = kind.wrap(text, room);
    if lines.len() > most {
        let rest = lines.split_off(most.saturating_sub(1)).join(" ");
        lines.push(text::cut(&rest, room, kind.size, kind.bold));
    }
    lines
}

/// A column of the table: its left edge, its width, and where its text stands.
struct Column {
    x: f32,
    w: f32,
    anchor: Anchor,
    heads: (&'static str, &'static str),
}

const fn column(x: f32, w: f32, anchor: Anchor, id: &'static str, en: &'static str) -> Column {
    Column { x: MARGIN + x, w, anchor, heads: (id, en) }
}

const COLUMNS: [Column; 8] = [
    column(0.0, 17.0, Anchor::End, "No.", "No."),
    column(23.0, 48.0, Anchor::Start, "Kode", "Code"),
    column(76.0, 178.0, Anchor::Start, "Kompetensi", "Competency"),
    column(257.0, 36.0, Anchor::End, "Syarat", "Required"),
    column(309.0, 72.0, Anchor::Start, "Dicapai", "Achieved"),
    column(379.0, 31.0, Anchor::End, "Selisih", "Gap"),
    column(420.0, 38.0, Anchor::Start, "Urgensi", "Severity"),
    column(462.0, 57.28, Anchor::End, "Berlaku s.d.", "Valid until"),
];

impl Column {
    const fn head(&self, lang: Lang) -> &'static str {
        lang.of(self.heads.0, self.heads.1)
    }

    fn write(&self, scene: &mut Scene, y: f32, kind: Type, text: &str) {
        let x = match self.anchor {
            Anchor::Start => self.x,
            Anchor::Middle => self.x + self.w / 2.0,
            Anchor::End => self.x + self.w,
        };
        scene.text(at(x, y), self.anchor, kind, text);
    }
}

/// How the table is set.
#[derive(Clone, Copy, Debug)]
struct Layout {
    size: f32,
    /// The most lines of a name.
    lines: usize,
}

impl Layout {
    const SMALLEST: f32 = 6.0;
    const SIZES: [f32; 6] = [8.5, 8.0, 7.5, 7.0, 6.5, Self::SMALLEST];

    fn leading(&self) -> f32 {
        self.size * 1.2
    }

    fn gap(&self) -> f32 {
        (self.size * 0.75 - 2.5).max(1.8)
    }

    fn name(&self, row: &Row) -> Vec<String> {
        let [_, _, column, ..] = &COLUMNS;
        shortened(Type::plain(self.size, INK), &row.name, column.w, self.lines)
    }

    fn row_height(&self, row: &Row) -> f32 {
        self.leading() * length(self.name(row).len().max(1)) + self.gap()
    }

    fn height(&self, rows: &[Row]) -> f32 {
        self.leading() + self.gap() + rows.iter().map(|row| self.row_height(row)).sum::<f32>()
    }

    fn row(&self, number: usize, row: &Row, top: f32, lang: Lang) -> Vec<Scene> {
        let plain = Type::plain(self.size, INK);
        let unknown = !matches!(row.standing, Standing::Found(_));
        let achieved = match row.standing {
            Standing::Found(level) => level.to_string(),
            Standing::Expired(level) => format!("{} ({level})", State::Expired.word(lang)),
            Standing::Missing => State::Missing.word(lang).to_owned(),
        };
        let gap = row.gap();
        let strong = if gap.is_some_and(|gap| gap < 0) { Type::bold(self.size, INK) } else { plain };
        let until = row.valid_until.map_or_else(|| "–".to_owned(), |day| lang.short_day(day));
        let lines = [
            (vec![number.to_string()], plain),
            (vec![row.code.clone()], plain),
            (self.name(row), plain),
            (vec![row.required.to_string()], plain),
            (vec![achieved], if unknown { Type::plain(self.size, VERMILION) } else { plain }),
            (vec![gap.map_or_else(|| "–".to_owned(), Lang::signed)], strong),
            (vec![severity(row.severity, lang).to_owned()], strong),
            (vec![until], plain),
        ];
        let cells = COLUMNS.iter().zip(lines).map(|(column, (lines, kind))| {
            let mut scene = Scene::default();
            let mut y = top + kind.ascent();
            for line in &lines {
                column.write(&mut scene, y, kind, &text::cut(line, column.w, kind.size, kind.bold));
                y += self.leading();
            }
            scene
        });
        let mut cells: Vec<Scene> = cells.collect();
        // The same mark as in the radar, before the words.
        if unknown && let Some(cell) = cells.get_mut(4) {
            let mut marked = Scene::default();
            let [_, _, _, _, column, ..] = &COLUMNS;
            mark(&mut marked, row.standing, at(column.x - 6.0, top + self.size * 0.62), self.size / 17.0);
            marked.shapes.append(&mut cell.shapes);
            *cell = marked;
        }
        cells
    }
}

fn severity(severity: u8, lang: Lang) -> &'static str {
    match severity {
        0 => "–",
        1 => lang.of("rendah", "low"),
        2 => lang.of("sedang", "medium"),
        3 => lang.of("tinggi", "high"),
        _ => lang.of("kritis", "critical"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::{many, nine};
    use crate::scene::Shape;

    fn printed() -> Printed {
        Printed {
            at: "2026-07-01T08:00:00Z".parse().unwrap(),
            request: "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11".to_owned(),
        }
    }

    /// What a part draws.
    fn shapes(part: &Part) -> Vec<Shape> {
        match part {
            Part::Title(scene, _) | Part::Text(scene) | Part::Figure(scene, _) | Part::Ornament(scene) => {
                scene.shapes.clone()
            }
            Part::Table(rows) => rows.iter().flatten().flat_map(|scene| scene.shapes.clone()).collect(),
        }
    }

    fn whole(profile: &Profile, lang: Lang) -> Scene {
        Scene { shapes: parts(profile, &printed(), lang).iter().flat_map(shapes).collect() }
    }

    #[test]
    fn one_page_holds_everything_and_nothing_covers_anything() {
        for lang in [Lang::Id, Lang::En] {
            for count in [1, 3, 9, 15, 25, 40] {
                let profile = many(count);
                let scene = whole(&profile, lang);
                scene.assert_legible(WIDTH, HEIGHT);
                let texts: Vec<&str> = scene.text_areas().into_iter().map(|(_, text)| text).collect();
                assert!(profile.rows.iter().all(|row| texts.contains(&row.code.as_str())), "{count}");
                assert!(!texts.iter().any(|text| text.contains("JSON.") && text.starts_with("dan")));
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        for count in [90, 300] {
            let scene = whole(&many(count), Lang::En);
            scene.assert_legible(WIDTH, HEIGHT);
            let texts: Vec<&str> = scene.text_areas().into_iter().map(|(_, text)| text).collect();
            let shown = texts.iter().filter(|text| text.starts_with("T.")).count();
            assert!(shown >= 40, "{shown}");
            let note =
                format!("and {} more; all {count} competencies are in the JSON answer.", count - shown);
            assert!(texts.contains(&note.as_str()), "{note}");
        }
    }

    #[test]
    fn a_file_of_one_page_comes_quickly_out_of_anything() {
        let hostile = ["\u{202E}<b>&\u{0}", "أحمد", "🙂👩‍👩‍👧", "\u{E000}\u{FEFF}", "ﬁ\u{301}e\u{301}"];
        let mut profile = many(40);
        for (row, name) in profile.rows.iter_mut().zip(hostile.iter().cycle()) {
            row.name = (*name).to_owned();
            row.code = name.repeat(20);
        }
        profile.person = "W".repeat(200);
        profile.position = "Jabatan ".repeat(25);
        profile.unit = Some("🙂".repeat(200));
        whole(&profile, Lang::Id).assert_legible(WIDTH, HEIGHT);
        for profile in [profile, nine(), many(1), many(40), many(300), many(0)] {
            for lang in [Lang::Id, Lang::En] {
                let bytes = page(&profile, &printed(), lang).unwrap();
                assert!(bytes.starts_with(b"%PDF-") && bytes.len() < 300_000, "{}", bytes.len());
                assert_eq!(
                    bytes,
                    page(&profile, &printed(), lang).unwrap(),
                    "the same page is the same bytes"
                );
            }
        }
    }
}
