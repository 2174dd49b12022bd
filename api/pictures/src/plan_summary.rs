//! What a budget buys, on one page of A4: tagged (PDF/UA-1), with its fonts inside.

use crate::curve::{Curve, rupiah};
use crate::lang::Lang;
use crate::lines::{Series, Share};
use crate::page::{FOOT, MARGIN, PageError, Part, Printed, ROOM, WIDTH, lines, shortened, write};
use crate::scene::{
    Anchor, Area, BLUE, Caption, GRID, INK, MUTED, PALE, Scene, Type, at, fill, grouped, length, stroke,
};
use crate::text;

/// A scenario of an agency's plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanSummary {
    /// The agency.
    pub agency: String,
    /// The plan's year.
    pub year: i32,
    /// What the scenario is called.
    pub scenario: String,
    /// Rupiah there were; none without a limit.
    pub budget: Option<i64>,
    /// Rupiah the plan costs.
    pub cost: i64,
    /// The share of what all needs are worth that the plan closes.
    pub value: Share,
    /// What could be missing to the best possible plan at most, in percent.
    pub gap_percent: f32,
    /// People with needs.
    pub people: u64,
    /// Of them, served.
    pub served: u64,
    /// Needs.
    pub needs: u64,
    /// Of them, served.
    pub needs_served: u64,
    /// Enrolments.
    pub enrolments: u64,
    /// Classes and programmes with somebody in them.
    pub opened: u64,
    /// How many reach their learning hours, where that is what the plan is for.
    pub hours: Option<SummaryHours>,
    /// What tenths of the budget buy: the budgets, the share of the value, and that of the people.
    pub curve: Vec<(i64, Share, Share)>,
    /// Needs that stay open, or people who still lack hours, by reason, in words.
    pub reasons: Vec<(String, u64)>,
    /// Units, the one whose needs are worth most first.
    pub units: Vec<SummaryUnit>,
}

/// How many reach their learning hours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SummaryHours {
    /// People who lacked some.
    pub short: u64,
    /// Of them, those who reach them.
    pub reached: u64,
    /// Rupiah no plan costs less than with which as many get there.
    pub least_cost: i64,
    /// What could be saved at most, in percent of the cost.
    pub gap_percent: f32,
}

/// How a unit fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryUnit {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// People with needs.
    pub people: u64,
    /// Of them, served.
    pub served: u64,
    /// Needs.
    pub needs: u64,
    /// Of them, served.
    pub needs_served: u64,
    /// Rupiah per head.
    pub cost: i64,
    /// People who lacked learning hours, and those of them who reach them, where that is what the plan is for.
    pub hours: Option<(u64, u64)>,
}

/// The summary as PDF.
///
/// # Errors
/// [`PageError`]; no summary is known to lead there.
pub fn plan_summary(summary: &PlanSummary, printed: &Printed, lang: Lang) -> Result<Vec<u8>, PageError> {
    let title = text::clean(&format!("{} {}: {}", heading(lang), summary.year, summary.scenario));
    write(&parts(summary, printed, lang), &title, printed.at, lang)
}

const fn heading(lang: Lang) -> &'static str {
    lang.of("Ringkasan Rencana Pengembangan Kompetensi", "Summary of the Competency Development Plan")
}

fn parts(summary: &PlanSummary, printed: &Printed, lang: Lang) -> Vec<Part> {
    let mut page = Page { parts: Vec::new(), y: MARGIN - 6.0 };
    page.head(summary, lang);
    page.figures(summary, lang);
    page.curve(summary, lang);
    page.reasons(summary, lang);
    page.units(summary, lang);
    page.foot(printed, lang);
    page.parts
}

/// A page that is filled from the top.
struct Page {
    parts: Vec<Part>,
    y: f32,
}

impl Page {
    fn text(&mut self, kind: Type, text: &str, most: usize) {
        let mut scene = Scene::default();
        self.y = lines(&mut scene, self.y, ROOM, kind, text, most);
        self.parts.push(Part::Text(scene));
    }

    fn heading(&mut self, text: &str) {
        self.y += 12.0;
        self.text(Type::bold(10.5, INK), text, 1);
        self.y += 3.0;
    }

    fn head(&mut self, summary: &PlanSummary, lang: Lang) {
        let mut title = Scene::default();
        let told = format!("{} {}", heading(lang), summary.year);
        self.y = title.paragraph(MARGIN, self.y, ROOM, Type::plain(11.0, MUTED), &told);
        self.parts.push(Part::Title(title, told));
        self.text(Type::bold(17.0, INK), &summary.scenario, 2);
        self.text(Type::plain(9.5, INK), &summary.agency, 1);
    }

    /// Four figures in boxes.
    fn figures(&mut self, summary: &PlanSummary, lang: Lang) {
        const GAP: f32 = 8.0;
        let wide = (ROOM - 3.0 * GAP) / 4.0;
        let top = self.y + 8.0;
        let of = lang.of("dari", "of");
        let spent = match (summary.hours, summary.budget) {
            (Some(hours), _) => {
                format!("{} Rp {}", lang.of("paling murah", "at least"), rupiah(hours.least_cost, lang))
            }
            (None, Some(budget)) => format!("{of} Rp {}", rupiah(budget, lang)),
            (None, None) => lang.of("tanpa batas anggaran", "no limit was set").to_owned(),
        };
        let people = |part: u64, whole: u64, what: &str| {
            (grouped(part, lang), format!("{of} {} {what}", grouped(whole, lang)))
        };
        let (head, (served, with_needs)) = match summary.hours {
            Some(hours) => (
                lang.of("Orang yang mencapai JP", "People who reach their hours"),
                people(hours.reached, hours.short, lang.of("yang kurang JP", "who lack some")),
            ),
            None => (
                lang.of("Orang terlayani", "People served"),
                people(summary.served, summary.people, lang.of("yang membutuhkan", "with needs")),
            ),
        };
        let (distance, gap_percent) = match summary.hours {
            Some(hours) => (lang.of("Masih dapat dihemat", "Could still be saved"), hours.gap_percent),
            None => (lang.of("Jarak ke rencana terbaik", "Distance to the best plan"), summary.gap_percent),
        };
        let optimum = format!("≤ {} %", decimal(gap_percent, 2, lang));
        let value = match summary.value {
            Share::Percent(percent) => format!("{} %", decimal(percent, 1, lang)),
            Share::Unknown | Share::Suppressed => "–".to_owned(),
        };
        let (needs_served, all_needs) =
            people(summary.needs_served, summary.needs, lang.of("kebutuhan", "needs"));
        let boxes = [
            (lang.of("Biaya", "Cost"), format!("Rp {}", rupiah(summary.cost, lang)), spent),
            (
                lang.of("Nilai kebutuhan tertutup", "Value of needs closed"),
                value,
                format!("{needs_served} {all_needs}"),
            ),
            (head, served, with_needs),
            (distance, optimum, lang.of("terbukti", "proven").to_owned()),
        ];
        let mut x = MARGIN;
        for (label, figure, note) in boxes {
            let area = Area::new(x, top, wide, 58.0);
            let mut ground = Scene::default();
            ground.rect(area, Some(fill(PALE)), None);
            self.parts.push(Part::Ornament(ground));
            let mut scene = Scene::default();
            let mut y = area.y + 6.0;
            for (kind, text) in [
                (Type::plain(8.0, MUTED), label),
                (Type::bold(17.0, INK), figure.as_str()),
                (Type::plain(8.0, INK), note.as_str()),
            ] {
                for line in shortened(kind, text, wide - 16.0, 1) {
                    scene.text(at(area.x + 8.0, y + kind.ascent()), Anchor::Start, kind, &line);
                    y += kind.size * 1.3;
                }
                y += 1.0;
            }
            self.parts.push(Part::Text(scene));
            x += wide + GAP;
        }
        self.y = top + 58.0 + 6.0;
        let taken = match lang {
            Lang::Id => format!(
                "{} penempatan di {} kelas dan program.",
                grouped(summary.enrolments, lang),
                grouped(summary.opened, lang)
            ),
            Lang::En => format!(
                "{} enrolments in {} classes and programmes.",
                grouped(summary.enrolments, lang),
                grouped(summary.opened, lang)
            ),
        };
        self.text(Type::plain(8.5, INK), &taken, 1);
    }

    fn curve(&mut self, summary: &PlanSummary, lang: Lang) {
        if summary.curve.is_empty() {
            return;
        }
        self.heading(lang.of("Apa yang dibeli setiap anggaran", "What each budget buys"));
        let points = |of: fn(&(i64, Share, Share)) -> Share| summary.curve.iter().map(of).collect();
        let curve = Curve {
            caption: Caption { title: summary.scenario.clone(), lines: Vec::new(), notes: Vec::new() },
            budgets: summary.curve.iter().map(|point| point.0).collect(),
            series: vec![
                Series { label: lang.of("Nilai, %", "Value, %").to_owned(), points: points(|point| point.1) },
                Series {
                    label: lang.of("Orang, %", "People, %").to_owned(),
                    points: points(|point| point.2),
                },
            ],
        };
        let (body, (_, tall)) = curve.body(ROOM, 132.0, lang);
        let mut scene = Scene::default();
        scene.append_at(MARGIN, self.y, body);
        self.parts.push(Part::Figure(scene, curve.description(lang)));
        self.y += tall + 2.0;
    }

    /// Why needs stay open or hours are lacking, the most frequent reason first, as bars with their figures.
    fn reasons(&mut self, summary: &PlanSummary, lang: Lang) {
        const LABEL: f32 = 190.0;
        const MOST: usize = 8;
        let reasons = &summary.reasons;
        let most = reasons.iter().map(|(_, needs)| *needs).max().unwrap_or_default();
        if most == 0 {
            return;
        }
        self.heading(match summary.hours {
            Some(_) => lang.of("Mengapa JP tetap kurang", "Why hours are still lacking"),
            None => lang.of("Mengapa kebutuhan tetap terbuka", "Why needs stay open"),
        });
        let kind = Type::plain(8.5, INK);
        let mut scene = Scene::default();
        for (reason, needs) in reasons.iter().take(MOST) {
            let base = self.y + kind.ascent();
            let label = text::cut(reason, LABEL - 8.0, kind.size, kind.bold);
            scene.text(at(MARGIN, base), Anchor::Start, kind, &label);
            let long = (ROOM - LABEL - 60.0) * share(*needs, most);
            scene.rect(Area::new(MARGIN + LABEL, self.y + 1.0, long.max(1.0), 8.0), Some(fill(BLUE)), None);
            let place = at(MARGIN + LABEL + long.max(1.0) + 5.0, base);
            scene.text(place, Anchor::Start, kind, &grouped(*needs, lang));
            self.y += 13.0;
        }
        let told = reasons.iter().map(|(reason, needs)| format!("{reason}: {}", grouped(*needs, lang)));
        self.parts.push(Part::Figure(scene, told.collect::<Vec<_>>().join("; ")));
    }

    /// As many units as there is room for, and how many more there are.
    fn units(&mut self, summary: &PlanSummary, lang: Lang) {
        const LINE: f32 = 12.5;
        let units = &summary.units;
        if units.is_empty() {
            return;
        }
        self.heading(lang.of("Menurut unit", "By unit"));
        let (head, kind) = (Type::bold(8.0, INK), Type::plain(8.0, INK));
        let room = ((FOOT - 20.0 - self.y) / LINE) - 1.0;
        let fits = (1..=units.len()).take_while(|count| length(*count) <= room).count();
        let columns = columns(summary.hours.is_some(), lang);
        let row = |y: f32, kind: Type, texts: [String; 6]| -> Vec<Scene> {
            let cell = |((x, wide, anchor, _), text): ((f32, f32, Anchor, &str), String)| {
                let mut scene = Scene::default();
                let x = if anchor == Anchor::End { x + wide } else { x };
                let text = text::cut(&text, wide, kind.size, kind.bold);
                scene.text(at(x, y + kind.ascent()), anchor, kind, &text);
                scene
            };
            columns.into_iter().zip(texts).map(cell).collect()
        };
        let mut table = vec![row(self.y, head, columns.map(|column| column.3.to_owned()))];
        let mut rules = Scene::default();
        self.y += LINE;
        rules.line(vec![at(MARGIN, self.y - 1.5), at(WIDTH - MARGIN, self.y - 1.5)], stroke(INK, 0.8));
        for unit in units.iter().take(fits) {
            let of = |part, whole| format!("{} / {}", grouped(part, lang), grouped(whole, lang));
            let rest = unit.needs.saturating_sub(unit.needs_served);
            let texts = [
                unit.code.clone(),
                unit.name.clone(),
                unit.hours.map_or(of(unit.served, unit.people), |(short, reached)| of(reached, short)),
                of(unit.needs_served, unit.needs),
                grouped(rest, lang),
                rupiah(unit.cost, lang),
            ];
            table.push(row(self.y, kind, texts));
            self.y += LINE;
            rules.line(vec![at(MARGIN, self.y - 1.5), at(WIDTH - MARGIN, self.y - 1.5)], stroke(GRID, 0.4));
        }
        self.parts.push(Part::Ornament(rules));
        self.parts.push(Part::Table(table));
        if fits < units.len() {
            let more = units.len() - fits;
            let told = match lang {
                Lang::Id => format!("dan {more} unit lagi; semuanya ada di daftar unit skenario."),
                Lang::En => format!("and {more} more units; all are in the scenario's list of units."),
            };
            self.y += 1.0;
            self.text(Type::bold(8.0, INK), &told, 1);
        }
    }

    fn foot(&mut self, printed: &Printed, lang: Lang) {
        let mut rule = Scene::default();
        rule.line(vec![at(MARGIN, FOOT), at(WIDTH - MARGIN, FOOT)], stroke(GRID, 0.6));
        self.parts.push(Part::Ornament(rule));
        self.y = FOOT + 5.0;
        let made = match lang {
            Lang::Id => {
                format!("Dibuat {} untuk permintaan {}.", lang.instant(printed.at), printed.request)
            }
            Lang::En => format!("Made {} for request {}.", lang.instant(printed.at), printed.request),
        };
        self.text(Type::plain(7.0, MUTED), &made, 1);
    }
}

/// The columns of the table of units: left edge, width, where text stands, and head.
fn columns(hours: bool, lang: Lang) -> [(f32, f32, Anchor, &'static str); 6] {
    let people = match hours {
        true => lang.of("Mencapai JP", "Reach their hours"),
        false => lang.of("Orang terlayani", "People served"),
    };
    let column = |x: f32, wide: f32, anchor, head| (MARGIN + x, wide, anchor, head);
    [
        column(0.0, 78.0, Anchor::Start, lang.of("Kode", "Code")),
        column(82.0, 170.0, Anchor::Start, "Unit"),
        column(254.0, 72.0, Anchor::End, people),
        column(330.0, 84.0, Anchor::End, lang.of("Kebutuhan terlayani", "Needs served")),
        column(418.0, 44.0, Anchor::End, lang.of("Terbuka", "Open")),
        column(466.0, 53.28, Anchor::End, lang.of("Biaya, Rp", "Cost, Rp")),
    ]
}

/// A share of the whole, from 0 to 1.
fn share(part: u64, whole: u64) -> f32 {
    let thousandths = part.saturating_mul(1_000).checked_div(whole).unwrap_or_default();
    f32::from(u16::try_from(thousandths).unwrap_or(1_000)) / 1_000.0
}

fn decimal(number: f32, places: usize, lang: Lang) -> String {
    lang.decimal(&format!("{number:.places$}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Shape;

    fn printed() -> Printed {
        Printed {
            at: "2026-07-01T08:00:00Z".parse().unwrap(),
            request: "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11".to_owned(),
        }
    }

    fn summary(units: u64, reasons: usize) -> PlanSummary {
        PlanSummary {
            agency: "Kota Contoh".to_owned(),
            year: 2027,
            scenario: "Setengah anggaran untuk semua dinas dan kecamatan".to_owned(),
            budget: Some(123_456_789_000),
            cost: 123_400_000_000,
            value: Share::Percent(81.25),
            gap_percent: 0.37,
            people: 98_765,
            served: 43_210,
            needs: 234_567,
            needs_served: 123_456,
            enrolments: 130_000,
            opened: 1_234,
            hours: None,
            curve: (1..=10_u8)
                .map(|tenth| {
                    let share = |factor: u8| Share::Percent(f32::from(tenth * factor));
                    (12_345_678_900 * i64::from(tenth), share(8), share(4))
                })
                .collect(),
            reasons: (0..reasons)
                .map(|place| {
                    (format!("Alasan yang cukup panjang nomor {place} karena anggaran habis"), 1_000 >> place)
                })
                .collect(),
            units: (0..units)
                .map(|place| SummaryUnit {
                    code: format!("DINAS-{place:03}"),
                    name: "Dinas Kependudukan dan Pencatatan Sipil serta Pemberdayaan Masyarakat".to_owned(),
                    people: 12_345,
                    served: 1_234,
                    needs: 23_456,
                    needs_served: 2_345,
                    cost: 1_234_567_890,
                    hours: None,
                })
                .collect(),
        }
    }

    fn drawn(summary: &PlanSummary, lang: Lang) -> Scene {
        let shapes = |part: Part| -> Vec<Shape> {
            match part {
                Part::Title(scene, _)
                | Part::Text(scene)
                | Part::Figure(scene, _)
                | Part::Ornament(scene) => scene.shapes,
                Part::Table(rows) => rows.into_iter().flatten().flat_map(|scene| scene.shapes).collect(),
            }
        };
        Scene { shapes: parts(summary, &printed(), lang).into_iter().flat_map(shapes).collect() }
    }

    #[test]
    fn one_page_holds_it_and_nothing_covers_anything() {
        for lang in [Lang::Id, Lang::En] {
            for (units, reasons) in [(0, 0), (1, 1), (7, 4), (400, 14)] {
                let summary = summary(units, reasons);
                drawn(&summary, lang).assert_legible(WIDTH, crate::page::HEIGHT);
                assert!(plan_summary(&summary, &printed(), lang).unwrap().starts_with(b"%PDF"));
            }
        }
        let bare = PlanSummary { budget: None, curve: Vec::new(), value: Share::Unknown, ..summary(3, 2) };
        drawn(&bare, Lang::Id).assert_legible(WIDTH, crate::page::HEIGHT);
    }

    fn of_hours() -> PlanSummary {
        let hours =
            SummaryHours { short: 54_321, reached: 50_123, least_cost: 123_400_000_000, gap_percent: 0.12 };
        let mut summary =
            PlanSummary { hours: Some(hours), budget: None, curve: Vec::new(), ..summary(7, 4) };
        summary.units.iter_mut().for_each(|unit| unit.hours = Some((4_321, 4_001)));
        summary
    }

    #[test]
    fn a_plan_for_learning_hours_tells_who_reaches_them() {
        let texts = |lang| {
            let scene = drawn(&of_hours(), lang);
            scene.assert_legible(WIDTH, crate::page::HEIGHT);
            scene.text_areas().into_iter().map(|(_, text)| text.to_owned()).collect::<Vec<_>>()
        };
        let (indonesian, english) = (texts(Lang::Id), texts(Lang::En));
        for told in
            ["50.123", "dari 54.321 yang kurang JP", "≤ 0,12 %", "4.001 / 4.321", "Mengapa JP tetap kurang"]
        {
            assert!(indonesian.iter().any(|text| text == told), "{told}: {indonesian:?}");
        }
        for told in ["of 54,321 who lack some", "Could still be saved", "Reach their hours"] {
            assert!(english.iter().any(|text| text == told), "{told}: {english:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let texts = |units| {
            let scene = drawn(&summary(units, 3), Lang::En);
            scene.text_areas().into_iter().map(|(_, text)| text.to_owned()).collect::<Vec<_>>().join("\n")
        };
        assert!(!texts(5).contains("more units"));
        assert!(texts(400).contains("more units; all are in the scenario's list"));
    }
}
