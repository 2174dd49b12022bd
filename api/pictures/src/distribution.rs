//! Distributions: how well people match their positions, a bar for each group, and how far they are from what is required.

use crate::heat_map::{percent, suppressed, suppressed_sample};
use crate::lang::Lang;
use crate::profile::category;
use crate::scene::{
    Anchor, Area, BLUE, Caption, Fill, GRID, Hatch, INK, MUTED, ORANGE, Picture, Rgb, SKY, Scene, Type,
    WHITE, at, fill, framed, grouped, legend, length, stroke,
};
use crate::svg;

/// How people are distributed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// What it is, of what.
    pub caption: Caption,
    /// The codes of the categories, best first.
    pub categories: Vec<&'static str>,
    /// The groups, one bar each.
    pub groups: Vec<Group>,
    /// How far those assessed are from what is required; nothing where that is left out.
    pub gaps: Option<Gaps>,
    /// The fewest people of a group that is shown, where small groups are left out.
    pub smallest_group: Option<u64>,
}

/// A group of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub label: String,
    /// Its figures; nothing where they are left out.
    pub figures: Option<GroupFigures>,
}

/// How well a group matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupFigures {
    /// How many people have each category.
    pub categories: Vec<u64>,
    /// How many lack valid results and have none.
    pub incomplete: u64,
}

/// Pairs of a person and a required competency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gaps {
    /// Four, three, two, one level short, at the level, and one to four above it.
    pub levels: [u64; 9],
    /// With evidence that has expired.
    pub expired: u64,
    /// Without evidence.
    pub missing: u64,
}

const LABEL: f32 = 190.0;
const BAR: f32 = 560.0;
const COUNT: f32 = 112.0;
const WIDTH: f32 = LABEL + BAR + COUNT;
const HEIGHT: f32 = 24.0;
const NAME: Type = Type::plain(12.5, INK);
const FIGURE: Type = Type::bold(11.5, INK);
const HEADING: Type = Type::bold(14.0, INK);

/// Best, middle, worst: apart by lightness too.
const SHADES: [(Rgb, Rgb); 3] = [(BLUE, WHITE), (SKY, INK), (ORANGE, INK)];

impl Distribution {
    /// The distribution as SVG.
    #[must_use]
    pub fn draw(&self, lang: Lang) -> String {
        svg::write(&self.picture(lang), lang)
    }

    fn picture(&self, lang: Lang) -> Picture {
        let mut scene = Scene::default();
        let matches = lang.of("Kategori Job Person Match (JPM)", "Job person match (JPM) categories");
        let mut y = scene.paragraph(0.0, 0.0, WIDTH, HEADING, matches) + 6.0;
        for group in &self.groups {
            y = self.bar(&mut scene, y, group, lang);
        }
        y += 20.0;
        let gaps = lang.of("Selisih level yang dicapai dari syarat", "Levels achieved less levels required");
        y = scene.paragraph(0.0, y, WIDTH, HEADING, gaps) + 8.0;
        y = match &self.gaps {
            Some(gaps) => histogram(&mut scene, y, gaps, lang),
            None => {
                scene.append_at(0.0, y, suppressed_sample(Area::new(0.0, 0.0, WIDTH, 40.0)));
                y + 44.0
            }
        };
        let mut caption = self.caption.clone();
        caption.notes.insert(0, how_to_read(lang).to_owned());
        framed(&caption, self.description(lang), (WIDTH, y), scene, |scene, area| {
            legend(scene, area, self.samples(lang))
        })
    }

    /// The bar of a group; where it ends.
    fn bar(&self, scene: &mut Scene, top: f32, group: &Group, lang: Lang) -> f32 {
        let lines = NAME.wrap(&group.label, LABEL - 14.0);
        let height = (NAME.leading() * length(lines.len())).max(HEIGHT);
        let mut line_y = top + (height - NAME.leading() * length(lines.len())) / 2.0 + NAME.ascent();
        for line in &lines {
            scene.text(at(0.0, line_y), Anchor::Start, NAME, line);
            line_y += NAME.leading();
        }
        let y = top + (height - HEIGHT) / 2.0;
        let (end, baseline) = (at(WIDTH, y + 16.0), y + 16.0);
        let count = |scene: &mut Scene, text: &str| {
            scene.text(end, Anchor::End, Type::plain(11.5, MUTED), text);
        };
        let Some(GroupFigures { categories, incomplete }) = &group.figures else {
            scene.append_at(0.0, 0.0, suppressed_sample(Area::new(LABEL, y, BAR, HEIGHT)));
            count(scene, lang.of("disembunyikan", "suppressed"));
            return top + height + 8.0;
        };
        let all: u64 = categories.iter().sum::<u64>() + incomplete;
        let mut before = 0;
        // Figures that have no room in their part stand beside the bar.
        let mut beside: Vec<(String, String)> = Vec::new();
        let kinds = self.categories.iter().zip(SHADES).map(|(code, shade)| (Some(*code), Some(shade)));
        for ((code, shade), people) in kinds.chain([(None, None)]).zip(categories.iter().chain([incomplete]))
        {
            let (left, right) = (share(before, all) * BAR, share(before + people, all) * BAR);
            before += people;
            let area = Area::new(LABEL + left, y, right - left, HEIGHT);
            if *people == 0 {
                continue;
            }
            let ink = match shade {
                Some((colour, ink)) => {
                    scene.rect(area, Some(fill(colour)), Some(stroke(WHITE, 1.5)));
                    ink
                }
                None => {
                    scene.hatch(area, Hatch::Unknown);
                    scene.rect(area, None, Some(stroke(MUTED, 1.0)));
                    INK
                }
            };
            let (figure, word) = (grouped(*people, lang), code.map(|code| short(code, lang)));
            let long = word.map(|word| format!("{word} {figure}"));
            let fitting = long
                .clone()
                .into_iter()
                .chain([figure.clone()])
                .find(|text| FIGURE.width(text) + 8.0 <= area.w);
            if let Some(text) = fitting {
                let middle = area.x + area.w / 2.0;
                if shade.is_none() {
                    let width = FIGURE.width(&text) + 6.0;
                    scene.rect(
                        Area::new(middle - width / 2.0, y + 5.0, width, 14.0),
                        Some(fill(WHITE)),
                        None,
                    );
                }
                scene.text(at(middle, baseline), Anchor::Middle, Type { ink, ..FIGURE }, &text);
            } else {
                beside.push((long.unwrap_or_else(|| figure.clone()), figure));
            }
        }
        if all == 0 {
            scene.line(vec![at(LABEL, y), at(LABEL, y + HEIGHT)], stroke(MUTED, 1.0));
        }
        if beside.is_empty() {
            count(scene, &format!("n = {}", grouped(all, lang)));
        } else {
            let small = Type::plain(10.0, MUTED);
            let told = |which: fn(&(String, String)) -> &str| {
                beside.iter().map(which).collect::<Vec<_>>().join(", ")
            };
            let (long, short) = (told(|(long, _)| long), told(|(_, short)| short));
            let line = if small.width(&long) < COUNT - 8.0 { long } else { short };
            scene.text(
                at(WIDTH, y + 10.0),
                Anchor::End,
                Type::plain(11.5, MUTED),
                &format!("n = {}", grouped(all, lang)),
            );
            scene.text(at(WIDTH, y + 23.0), Anchor::End, small, &line);
        }
        top + height + 8.0
    }

    fn samples(&self, lang: Lang) -> Vec<(Scene, String)> {
        let area = Area::new(2.0, 1.0, 30.0, 16.0);
        let mut samples: Vec<(Scene, String)> = Vec::new();
        for (code, (colour, _)) in self.categories.iter().zip(SHADES) {
            let mut scene = Scene::default();
            scene.rect(area, Some(fill(colour)), None);
            let (short, meaning) = (short(code, lang), category(code, lang));
            let text = if short == meaning { short.to_owned() } else { format!("{short}: {meaning}") };
            samples.push((scene, text));
        }
        let mut incomplete = Scene::default();
        incomplete.hatch(area, Hatch::Unknown);
        incomplete.rect(area, None, Some(stroke(MUTED, 1.0)));
        let without = lang.of(
            "tanpa hasil yang berlaku: tidak dihitung sebagai nol",
            "without valid results: never counted as zero",
        );
        samples.push((incomplete, without.to_owned()));
        if let Some(least) = self.smallest_group {
            samples.push((suppressed_sample(area), suppressed(least, lang)));
        }
        samples
    }

    fn description(&self, lang: Lang) -> String {
        let groups = self.groups.iter().map(|group| {
            let told = group.figures.as_ref().map_or_else(
                || lang.of("disembunyikan", "suppressed").to_owned(),
                |figures| {
                    let categories = self.categories.iter().zip(&figures.categories);
                    let mut told: Vec<String> =
                        categories.map(|(code, people)| format!("{} {people}", short(code, lang))).collect();
                    told.push(format!("{} {}", category("INCOMPLETE", lang), figures.incomplete));
                    told.join(", ")
                },
            );
            format!("{}: {told}", group.label)
        });
        format!("{}. {}.", self.caption.lines.join(". "), groups.collect::<Vec<_>>().join("; "))
    }
}

/// A category, as short as it goes.
fn short(code: &str, lang: Lang) -> &str {
    if code.contains('_') || code == "OPTIMAL" { category(code, lang) } else { code }
}

fn share(part: u64, whole: u64) -> f32 {
    // In ten-thousandths, which are exact.
    let tenths = part.saturating_mul(10_000).checked_div(whole).unwrap_or_default();
    u16::try_from(tenths).map_or(1.0, |tenths| f32::from(tenths) / 10_000.0)
}

/// Columns from four short to four above, then what is not known; where it ends.
fn histogram(scene: &mut Scene, top: f32, gaps: &Gaps, lang: Lang) -> f32 {
    const TALL: f32 = 150.0;
    const STEP: f32 = 66.0;
    const APART: f32 = 86.0;
    let all: u64 = gaps.levels.iter().sum::<u64>() + gaps.expired + gaps.missing;
    let most = gaps.levels.iter().chain([&gaps.expired, &gaps.missing]).max().copied().unwrap_or_default();
    let base = top + 32.0 + TALL;
    let signed = (-4_i8..=4).zip(gaps.levels).map(|(gap, count)| (Some(gap), Lang::signed(gap), count));
    let unknown = [
        (None, lang.of("kedaluwarsa", "expired").to_owned(), gaps.expired),
        (None, lang.of("belum dinilai", "not assessed").to_owned(), gaps.missing),
    ];
    for (place, (gap, label, count)) in signed.chain(unknown).enumerate() {
        // What is not known stands apart.
        let wide = if gap.is_none() { APART } else { STEP };
        let x =
            if gap.is_none() { STEP * 9.0 + 36.0 + APART * length(place - 9) } else { STEP * length(place) };
        let (area, middle) = (
            Area::new(x + 6.0, base - share(count, most) * TALL, wide - 12.0, share(count, most) * TALL),
            x + wide / 2.0,
        );
        if count > 0 {
            match gap {
                Some(gap) => {
                    let colour = match gap {
                        ..=-1 => ORANGE,
                        0 => SKY,
                        1.. => BLUE,
                    };
                    scene.rect(area, Some(Fill { colour, opacity: 1.0 }), None);
                }
                None => {
                    scene.hatch(area, Hatch::Unknown);
                    scene.rect(area, None, Some(stroke(MUTED, 1.0)));
                }
            }
        }
        let figures = [grouped(count, lang), format!("{} %", percent(count, all))];
        for (figure, (lift, kind)) in figures.iter().zip([(18.0, FIGURE), (5.0, Type::plain(10.5, MUTED))]) {
            scene.text(at(middle, area.y - lift), Anchor::Middle, kind, figure);
        }
        scene.text(at(middle, base + 17.0), Anchor::Middle, Type::plain(12.0, INK), &label);
    }
    scene.line(vec![at(0.0, base), at(STEP * 9.0, base)], stroke(INK, 1.0));
    scene
        .line(vec![at(STEP * 9.0 + 36.0, base), at(STEP * 9.0 + 36.0 + 2.0 * APART, base)], stroke(INK, 1.0));
    scene
        .line(vec![at(STEP * 9.0 + 18.0, top + 14.0), at(STEP * 9.0 + 18.0, base + 20.0)], stroke(GRID, 1.0));
    base + 24.0
}

const fn how_to_read(lang: Lang) -> &'static str {
    lang.of(
        "Cara membaca: setiap batang adalah 100 % pegawai kelompoknya (n) yang jabatannya memiliki syarat. Di bawahnya, \
         pasangan pegawai dan kompetensi menurut selisih level: −1 berarti satu level di bawah syarat.",
        "How to read: each bar is 100 % of the people of its group (n) of whom something is required. Below, pairs of a \
         person and a competency by levels: −1 is one level short of what is required.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distribution(groups: u64) -> Distribution {
        Distribution {
            caption: Caption {
                title: "Sebaran".to_owned(),
                lines: vec!["Per 1 Juli 2026".to_owned()],
                notes: vec![],
            },
            categories: vec!["MS", "MMS", "KMS"],
            groups: (0..groups)
                .map(|n| Group {
                    label: format!("Jabatan Pimpinan Tinggi Pratama dan yang Setara {n}"),
                    figures: (n % 4 != 3)
                        .then(|| GroupFigures { categories: vec![n * 7, 1, n % 3], incomplete: n * n }),
                })
                .collect(),
            gaps: (groups > 1).then_some(Gaps {
                levels: [0, 3, 90, 1_200, 14_000, 800, 30, 0, 0],
                expired: 950,
                missing: 4_000,
            }),
            smallest_group: Some(5),
        }
    }

    #[test]
    fn nothing_covers_anything_and_nothing_hidden_is_a_number() {
        for count in [0, 1, 4, 14, 40] {
            for lang in [Lang::Id, Lang::En] {
                svg::tests::texts(&distribution(count).draw(lang));
                let picture = distribution(count).picture(lang);
                picture.scene.assert_legible(picture.width, picture.height);
            }
        }
        let mut scene = Scene::default();
        let hidden = Group { label: "JPT".to_owned(), figures: None };
        distribution(0).bar(&mut scene, 0.0, &hidden, Lang::En);
        let texts: Vec<&str> = scene.text_areas().into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["JPT", "suppressed"]);
    }

    #[test]
    fn a_bar_is_as_long_as_what_it_counts() {
        let mut scene = Scene::default();
        let figures = GroupFigures { categories: vec![30, 10, 40], incomplete: 20 };
        distribution(0).bar(
            &mut scene,
            0.0,
            &Group { label: "A".to_owned(), figures: Some(figures) },
            Lang::Id,
        );
        let widths: Vec<f32> = scene
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                crate::scene::Shape::Rect { area, stroke: Some(_), .. } => Some(area.w / BAR),
                _ => None,
            })
            .collect();
        assert_eq!(widths.len(), 4);
        // What is too narrow for its figure has it beside the bar.
        let mut scene = Scene::default();
        let figures = GroupFigures { categories: vec![2_000, 1, 2], incomplete: 0 };
        distribution(0).bar(
            &mut scene,
            0.0,
            &Group { label: "A".to_owned(), figures: Some(figures) },
            Lang::En,
        );
        let texts: Vec<&str> = scene.text_areas().into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["A", "MS 2,000", "n = 2,003", "MMS 1, KMS 2"]);
        for (width, share) in widths.iter().zip([0.3, 0.1, 0.4, 0.2]) {
            assert!((width - share).abs() < 0.001, "{widths:?}");
        }
    }
}
