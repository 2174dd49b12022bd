//! A certificate on one page of A4, with a QR code by which anybody verifies it: tagged (PDF/UA-1), with its fonts inside.

use chrono::NaiveDate;
use qrcode::{Color, EcLevel, QrCode};

use crate::lang::Lang;
use crate::page::{HEIGHT, MARGIN, PageError, Part, Printed, ROOM, WIDTH, shortened, write};
use crate::scene::{Anchor, Area, GRID, INK, MUTED, Scene, Type, VERMILION, at, fill, length, stroke};
use crate::text;

/// Whether a certificate counts on the day it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// It counts.
    Valid,
    /// Its last day is over.
    Expired,
    /// It was taken back.
    Revoked,
}

/// A certificate, as it was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The agency that issued it.
    pub agency: String,
    /// Its number.
    pub number: String,
    /// Who.
    pub holder: String,
    /// What they completed.
    pub title: String,
    /// Who provided it.
    pub provider: String,
    /// Learning hours, where somebody says how many.
    pub jp: Option<String>,
    /// First day.
    pub held_from: NaiveDate,
    /// Last day.
    pub held_until: NaiveDate,
    /// When it was issued.
    pub issued_on: NaiveDate,
    /// Last day it counts.
    pub valid_until: Option<NaiveDate>,
    /// Whether it counts.
    pub counting: Counting,
    /// The address at which it is verified.
    pub verify_url: String,
    /// The code, in groups.
    pub code: String,
}

/// The certificate on one page, as PDF.
///
/// # Errors
/// [`PageError`]: an address that no QR code holds.
pub fn certificate(certificate: &Certificate, printed: &Printed, lang: Lang) -> Result<Vec<u8>, PageError> {
    let parts = parts(certificate, printed, lang)?;
    let title = text::clean(&format!("{} {}", heading(lang), certificate.number));
    write(&parts, &title, printed.at, lang)
}

const fn heading(lang: Lang) -> &'static str {
    lang.of("SERTIFIKAT", "CERTIFICATE")
}

const MIDDLE: f32 = WIDTH / 2.0;
/// The side of the QR code, its quiet zone included.
const SIDE: f32 = 128.0;

fn parts(certificate: &Certificate, printed: &Printed, lang: Lang) -> Result<Vec<Part>, PageError> {
    let mut page = Page { parts: Vec::new(), y: 96.0 };
    page.frame();
    page.lines(Type::bold(13.0, INK), &certificate.agency, 2);
    page.y += 26.0;
    let mut title = Scene::default();
    let kind = Type::bold(30.0, INK);
    title.text(at(MIDDLE, page.y + kind.ascent()), Anchor::Middle, kind, heading(lang));
    page.parts.push(Part::Title(title, heading(lang).to_owned()));
    page.y += 42.0;
    let number = format!("{} {}", lang.of("Nomor", "Number"), certificate.number);
    page.lines(Type::plain(10.0, MUTED), &number, 2);
    page.y += 30.0;
    page.lines(Type::plain(11.0, MUTED), lang.of("diberikan kepada", "is awarded to"), 1);
    page.y += 8.0;
    page.lines(Type::bold(22.0, INK), &certificate.holder, 2);
    page.y += 22.0;
    page.lines(
        Type::plain(11.0, MUTED),
        lang.of("yang telah menyelesaikan dan dinyatakan lulus", "who completed and passed"),
        1,
    );
    page.y += 8.0;
    page.lines(Type::bold(16.0, INK), &certificate.title, 3);
    page.y += 6.0;
    let by = format!("{} {}", lang.of("diselenggarakan oleh", "provided by"), certificate.provider);
    page.lines(Type::plain(11.0, INK), &by, 2);
    page.y += 18.0;
    for fact in facts(certificate, lang) {
        page.lines(Type::plain(11.0, INK), &fact, 1);
        page.y += 2.0;
    }
    if let Some(warning) = warning(certificate.counting, lang) {
        page.y += 14.0;
        page.lines(Type::bold(15.0, VERMILION), warning, 1);
    }
    page.verification(certificate, printed, lang)?;
    Ok(page.parts)
}

fn facts(certificate: &Certificate, lang: Lang) -> Vec<String> {
    let (from, until) = (certificate.held_from, certificate.held_until);
    let held = if from == until {
        lang.day(from)
    } else {
        format!("{} {} {}", lang.day(from), lang.of("s.d.", "to"), lang.day(until))
    };
    let mut facts = vec![format!("{} {held}", lang.of("Dilaksanakan", "Held"))];
    if let Some(jp) = &certificate.jp {
        let hours = lang.decimal(jp);
        facts.push(match lang {
            Lang::Id => format!("Setara {hours} jam pelajaran (JP)"),
            Lang::En => format!("Worth {hours} learning hours (JP)"),
        });
    }
    facts.push(format!("{} {}", lang.of("Diterbitkan", "Issued"), lang.day(certificate.issued_on)));
    if let Some(last) = certificate.valid_until {
        facts.push(format!("{} {}", lang.of("Berlaku sampai dengan", "Valid until"), lang.day(last)));
    }
    facts
}

const fn warning(counting: Counting, lang: Lang) -> Option<&'static str> {
    match counting {
        Counting::Valid => None,
        Counting::Expired => Some(lang.of("TIDAK BERLAKU LAGI", "NO LONGER VALID")),
        Counting::Revoked => Some(lang.of("DICABUT", "REVOKED")),
    }
}

struct Page {
    parts: Vec<Part>,
    y: f32,
}

impl Page {
    /// Two lines around everything.
    fn frame(&mut self) {
        let mut scene = Scene::default();
        for (gap, width) in [(26.0, 1.6), (31.0, 0.5)] {
            let area = Area::new(gap, gap, WIDTH - 2.0 * gap, HEIGHT - 2.0 * gap);
            scene.rect(area, None, Some(stroke(INK, width)));
        }
        self.parts.push(Part::Ornament(scene));
    }

    /// Lines in the middle, no more than `most`.
    fn lines(&mut self, kind: Type, text: &str, most: usize) {
        let mut scene = Scene::default();
        for line in shortened(kind, text, ROOM - 2.0 * MARGIN, most) {
            scene.text(at(MIDDLE, self.y + kind.ascent()), Anchor::Middle, kind, &line);
            self.y += kind.size * 1.3;
        }
        self.parts.push(Part::Text(scene));
    }

    /// The code to scan and to type, at the foot of the page.
    fn verification(
        &mut self,
        certificate: &Certificate,
        printed: &Printed,
        lang: Lang,
    ) -> Result<(), PageError> {
        let top = HEIGHT - 26.0 - 34.0 - SIDE - 52.0;
        let mut rule = Scene::default();
        rule.line(
            vec![at(2.0 * MARGIN, top - 10.0), at(WIDTH - 2.0 * MARGIN, top - 10.0)],
            stroke(GRID, 0.6),
        );
        self.parts.push(Part::Ornament(rule));
        let words = format!(
            "{}: {}",
            lang.of("Kode QR verifikasi", "QR code for verification"),
            certificate.verify_url
        );
        self.parts.push(Part::Figure(qr(&certificate.verify_url, at(MIDDLE - SIDE / 2.0, top))?, words));
        self.y = top + SIDE + 4.0;
        let how =
            lang.of("Pindai untuk memeriksa keaslian, atau ketik kode", "Scan to verify, or type the code");
        self.lines(Type::plain(8.5, MUTED), how, 1);
        self.lines(Type::bold(10.0, INK), &certificate.code, 1);
        self.lines(Type::plain(7.5, MUTED), &certificate.verify_url, 1);
        let made = format!("{} {}", lang.of("Dicetak", "Printed"), lang.instant(printed.at));
        self.lines(Type::plain(7.0, MUTED), &made, 1);
        Ok(())
    }
}

/// A QR code with its upper left corner at `corner`, four modules of quiet around it (ISO/IEC 18004).
fn qr(text: &str, corner: crate::scene::Point) -> Result<Scene, PageError> {
    let code =
        QrCode::with_error_correction_level(text, EcLevel::M).map_err(|error| PageError::new(&error))?;
    let (width, colours) = (code.width(), code.to_colors());
    let module = SIDE / length(width + 8);
    let mut scene = Scene::default();
    for (row, line) in colours.chunks(width).enumerate() {
        let y = corner.y + length(row + 4) * module;
        let mut start = None;
        // Dark modules side by side are one bar: seams would show in print.
        for (column, colour) in line.iter().copied().chain([Color::Light]).enumerate() {
            match (start, colour) {
                (None, Color::Dark) => start = Some(column),
                (Some(from), Color::Light) => {
                    let x = corner.x + length(from + 4) * module;
                    let bar = Area::new(x, y, length(column - from) * module, module);
                    scene.rect(bar, Some(fill(INK)), None);
                    start = None;
                }
                _ => {}
            }
        }
    }
    Ok(scene)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    fn some() -> Certificate {
        Certificate {
            agency: "Pemerintah Kota Contoh".to_owned(),
            number: "PT-LAYANAN-01/2026-1/007".to_owned(),
            holder: "Wening Puspitarini".to_owned(),
            title: "Pelatihan Teknis Pelayanan Publik".to_owned(),
            provider: "BPSDM Contoh".to_owned(),
            jp: Some("24.5".to_owned()),
            held_from: day(7, 20),
            held_until: day(7, 21),
            issued_on: day(7, 22),
            valid_until: Some(day(12, 31)),
            counting: Counting::Valid,
            verify_url: "https://bangkom.example.go.id/verify/0ABCDEFGH123456789JKMNPQRS".to_owned(),
            code: "0ABCD-EFGH1-23456-789JK-MNPQRS".to_owned(),
        }
    }

    fn printed() -> Printed {
        Printed { at: "2026-07-22T02:00:00Z".parse().unwrap(), request: String::new() }
    }

    fn words(certificate: &Certificate, lang: Lang) -> String {
        let told = parts(certificate, &printed(), lang).unwrap().into_iter().map(|part| match part {
            Part::Title(scene, _) | Part::Text(scene) => {
                scene.text_areas().into_iter().map(|(_, text)| text.to_owned()).collect::<Vec<_>>().join(" ")
            }
            Part::Figure(_, words) => words,
            Part::Table(_) | Part::Ornament(_) => String::new(),
        });
        told.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_certificate_says_who_what_and_when_in_both_languages() {
        let id = words(&some(), Lang::Id);
        for told in [
            "SERTIFIKAT",
            "Wening Puspitarini",
            "24,5 jam pelajaran",
            "20 Juli 2026 s.d. 21 Juli 2026",
            "Berlaku sampai dengan 31 Desember 2026",
            "0ABCD-EFGH1-23456-789JK-MNPQRS",
        ] {
            assert!(id.contains(told), "{told} in {id}");
        }
        let en = words(&some(), Lang::En);
        for told in [
            "CERTIFICATE",
            "24.5 learning hours",
            "20 July 2026 to 21 July 2026",
            "Valid until 31 December 2026",
        ] {
            assert!(en.contains(told), "{told} in {en}");
        }
        let silent = Certificate { jp: None, valid_until: None, held_until: day(7, 20), ..some() };
        let silent = words(&silent, Lang::En);
        assert!(
            !silent.contains("learning hours")
                && !silent.contains("Valid until")
                && !silent.contains("20 July 2026 to")
        );
    }

    #[test]
    fn one_that_no_longer_counts_says_so() {
        assert!(words(&Certificate { counting: Counting::Revoked, ..some() }, Lang::Id).contains("DICABUT"));
        assert!(
            words(&Certificate { counting: Counting::Expired, ..some() }, Lang::En)
                .contains("NO LONGER VALID")
        );
    }

    #[test]
    fn nothing_on_the_page_covers_anything_else_however_long_the_names_are() {
        let long = |text: &str| format!("{text} ").repeat(8);
        let crowded = Certificate {
            agency: long("Pemerintah Daerah Kabupaten"),
            holder: long("Raden Mas Panjang"),
            title: long("Pelatihan Teknis Penyusunan"),
            provider: long("Badan Pengembangan Sumber Daya"),
            counting: Counting::Revoked,
            ..some()
        };
        for certificate in [some(), crowded] {
            for lang in [Lang::Id, Lang::En] {
                let mut all = Scene::default();
                for part in parts(&certificate, &printed(), lang).unwrap() {
                    if let Part::Title(scene, _) | Part::Text(scene) = part {
                        all.append_at(0.0, 0.0, scene);
                    }
                }
                all.assert_legible(WIDTH, HEIGHT);
            }
        }
    }

    #[test]
    fn the_page_is_a_file_and_a_text_too_long_for_a_qr_code_is_told() {
        for lang in [Lang::Id, Lang::En] {
            let file = certificate(&some(), &printed(), lang).unwrap();
            assert!(file.starts_with(b"%PDF-") && file.len() > 10_000, "fonts are inside");
            assert_eq!(
                file,
                certificate(&some(), &printed(), lang).unwrap(),
                "the same bytes for the same input"
            );
        }
        let endless = Certificate { verify_url: "x".repeat(5_000), ..some() };
        assert!(certificate(&endless, &printed(), Lang::Id).is_err());
    }

    #[test]
    fn the_corners_of_a_code_are_where_readers_look_for_them() {
        // Each finder pattern begins with a bar of seven modules; the quiet around it is empty.
        let scene = qr("https://example.go.id/verify/0", at(0.0, 0.0)).unwrap();
        let bars: Vec<Area> = scene
            .shapes
            .iter()
            .filter_map(|shape| match shape {
                crate::scene::Shape::Rect { area, .. } => Some(*area),
                _ => None,
            })
            .collect();
        let first = bars.first().unwrap();
        let module = first.h;
        assert!((first.w / module - 7.0).abs() < 0.01 && (first.x / module - 4.0).abs() < 0.01);
        let right = bars.iter().map(Area::right).fold(0.0, f32::max);
        assert!((SIDE - right - 4.0 * module).abs() < 0.01);
    }
}
