//! A person's gap profile, as it is drawn and printed.

use chrono::{DateTime, NaiveDate, Utc};

use crate::lang::Lang;
use crate::scene::Caption;

/// A person's gaps against a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Whose.
    pub person: String,
    /// The person's number.
    pub nip: String,
    /// Against which position.
    pub position: String,
    /// The position's unit, where the reader may see it.
    pub unit: Option<String>,
    /// Whether it is a target position, not the one held.
    pub target: bool,
    /// On which day.
    pub as_of: NaiveDate,
    /// By what was known when; everything recorded so far when absent.
    pub known_at: Option<DateTime<Utc>>,
    /// What the requirements rest on.
    pub basis: Basis,
    /// The job person match.
    pub job_person_match: Match,
    /// Every required competency, in the order of the requirements.
    pub rows: Vec<Row>,
}

/// What requirements rest on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The position's own standard.
    Standard {
        /// Its number.
        number: i32,
        /// The decree that sets it.
        decree: Option<String>,
        /// Its first day.
        valid_from: NaiveDate,
    },
    /// The default levels of its job class.
    DefaultLevels {
        /// The class.
        job_class: String,
        /// The rubric with its number.
        policy: String,
    },
}

/// The job person match of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The percentage with a point, `88.89`; none while results are missing.
    pub percent: Option<String>,
    /// The category's code: `MS`, `OPTIMAL`.
    pub category: Option<&'static str>,
    /// The rubric with its number.
    pub policy: String,
    /// Whether it is graded for mapping (pemetaan), and not for filling a position (pengisian jabatan).
    pub mapping: bool,
}

/// What people are graded for, in words: for mapping, or for filling a position.
#[must_use]
pub fn purpose(mapping: bool, lang: Lang) -> &'static str {
    if mapping {
        lang.of("untuk pemetaan", "for mapping")
    } else {
        lang.of("untuk pengisian jabatan", "for filling positions")
    }
}

/// One competency of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Required level, 1 to 5.
    pub required: u8,
    /// What is known of the person.
    pub standing: Standing,
    /// How much it matters, from 0, nothing to do, to 4, to be closed now.
    pub severity: u8,
    /// The last day the evidence is valid, or was.
    pub valid_until: Option<NaiveDate>,
}

/// What is known of a person's level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A level found by valid evidence, 1 to 5.
    Found(u8),
    /// A level found too long ago to count.
    Expired(u8),
    /// Nothing that counts.
    Missing,
}

/// How somebody stands in a competency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// At the required level.
    Met,
    /// Above it.
    Exceeds,
    /// Below it.
    Gap,
    /// Never assessed.
    Missing,
    /// Assessed too long ago.
    Expired,
}

impl State {
    const ALL: [Self; 5] = [Self::Met, Self::Exceeds, Self::Gap, Self::Missing, Self::Expired];

    /// The state, in words.
    pub(crate) const fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Met => lang.of("sesuai", "met"),
            Self::Exceeds => lang.of("melebihi", "exceeded"),
            Self::Gap => lang.of("di bawah syarat", "below requirement"),
            Self::Missing => lang.of("belum dinilai", "not assessed"),
            Self::Expired => lang.of("kedaluwarsa", "expired"),
        }
    }
}

impl Row {
    /// Achieved less required, where that is known.
    #[must_use]
    pub fn gap(&self) -> Option<i8> {
        let Standing::Found(level) = self.standing else { return None };
        Some(i8::try_from(level).ok()?.saturating_sub(i8::try_from(self.required).ok()?))
    }

    /// How the person stands.
    #[must_use]
    pub fn state(&self) -> State {
        match self.standing {
            Standing::Missing => State::Missing,
            Standing::Expired(_) => State::Expired,
            Standing::Found(level) if level < self.required => State::Gap,
            Standing::Found(level) if level > self.required => State::Exceeds,
            Standing::Found(_) => State::Met,
        }
    }

    /// Required, achieved and what lies between, in one line.
    pub(crate) fn figures(&self, lang: Lang) -> String {
        let required = format!("{} {}", lang.of("Syarat", "Required"), self.required);
        match (self.standing, self.gap()) {
            (Standing::Found(level), Some(gap)) => {
                let (achieved, signed) = (lang.of("dicapai", "achieved"), Lang::signed(gap));
                let gap = if gap == 0 { State::Met.word(lang).to_owned() } else { signed };
                format!("{required} · {achieved} {level} · {gap}")
            }
            (Standing::Expired(level), _) => {
                let was = lang.of("dulu", "was");
                format!("{required} · {} ({was} {level})", State::Expired.word(lang))
            }
            _ => format!("{required} · {}", State::Missing.word(lang)),
        }
    }
}

/// The meaning of a category, where it is known here.
pub(crate) fn category(code: &str, lang: Lang) -> &str {
    match code {
        "MS" => lang.of("Memenuhi Syarat", "meets the requirements"),
        "MMS" => lang.of("Masih Memenuhi Syarat", "still meets the requirements"),
        "KMS" => lang.of("Kurang Memenuhi Syarat", "falls short of the requirements"),
        "OPTIMAL" => "Optimal",
        "CUKUP_OPTIMAL" => lang.of("Cukup Optimal", "fairly optimal"),
        "KURANG_OPTIMAL" => lang.of("Kurang Optimal", "less than optimal"),
        "INCOMPLETE" => lang.of("Belum lengkap", "Incomplete"),
        other => other,
    }
}

impl Profile {
    pub(crate) fn title(lang: Lang) -> &'static str {
        lang.of("Profil Kesenjangan Kompetensi", "Competency Gap Profile")
    }

    pub(crate) fn position_line(&self, lang: Lang) -> String {
        let what = if self.target {
            lang.of("Jabatan sasaran", "Target position")
        } else {
            lang.of("Jabatan", "Position")
        };
        format!("{what}: {}", self.position)
    }

    pub(crate) fn day_line(&self, lang: Lang) -> String {
        let day = format!("{} {}", lang.of("Keadaan per", "As of"), lang.day(self.as_of));
        match self.known_at {
            Some(at) => {
                format!("{day}, {} {}", lang.of("menurut catatan sampai", "as recorded by"), lang.instant(at))
            }
            None => day,
        }
    }

    pub(crate) fn basis_line(&self, lang: Lang) -> String {
        match &self.basis {
            Basis::Standard { number, decree, valid_from } => {
                let decree = decree.as_ref().map(|decree| format!(" ({decree})")).unwrap_or_default();
                let since = lang.of("berlaku sejak", "in force since");
                let standard = lang.of("Standar kompetensi jabatan no.", "Position standard no.");
                format!("{standard} {number}{decree}, {since} {}", lang.day(*valid_from))
            }
            Basis::DefaultLevels { job_class, policy } => format!(
                "{} {job_class}: {policy}",
                lang.of(
                    "Tanpa standar jabatan; level bawaan kelompok",
                    "No position standard; default levels of class"
                )
            ),
        }
    }

    /// Percentage and category in one line, with the rubric.
    pub(crate) fn match_line(&self, lang: Lang) -> String {
        let Match { percent, category: code, policy, mapping } = &self.job_person_match;
        let rubric = format!("{} {policy}, {}", lang.of("kebijakan", "policy"), purpose(*mapping, lang));
        let Some(percent) = percent else {
            let why = lang.of("belum dapat dihitung", "cannot be computed yet");
            return format!("Job Person Match: {why} ({rubric})");
        };
        let graded = code.map(|code| format!(", {code}: {}", category(code, lang))).unwrap_or_default();
        format!("Job Person Match: {} %{graded} ({rubric})", lang.decimal(percent))
    }

    /// How many competencies there are, and how many in each state.
    pub(crate) fn summary_line(&self, lang: Lang) -> String {
        let count = |state| self.rows.iter().filter(|row| row.state() == state).count();
        let counts = State::ALL.map(|state| format!("{} {}", count(state), state.word(lang)));
        format!("{} {}: {}", self.rows.len(), lang.of("kompetensi", "competencies"), counts.join(", "))
    }

    /// Whether something is not known.
    pub(crate) fn has(&self, state: State) -> bool {
        self.rows.iter().any(|row| row.state() == state)
    }

    pub(crate) fn caption(&self, lang: Lang) -> Caption {
        let unit = self.unit.as_ref().map(|unit| format!(" · {unit}")).unwrap_or_default();
        Caption {
            title: format!("{}: {}", Self::title(lang), self.person),
            lines: vec![
                format!("NIP {} · {}{unit}", self.nip, self.position_line(lang)),
                format!("{} · {}", self.day_line(lang), self.basis_line(lang)),
                self.match_line(lang),
                self.summary_line(lang),
            ],
            notes: [Some(Self::how_to_read(lang)), self.unknown(lang)]
                .into_iter()
                .flatten()
                .map(str::to_owned)
                .collect(),
        }
    }

    pub(crate) const fn how_to_read(lang: Lang) -> &'static str {
        lang.of(
            "Cara membaca: setiap jari-jari adalah satu kompetensi, level 1 di dekat pusat sampai level 5 di tepi. Tempat \
             garis yang dicapai berada di dalam garis syarat, di situlah kesenjangannya.",
            "How to read: each spoke is a competency, from level 1 near the centre to level 5 at the rim. Where the \
             achieved line runs inside the required one, there is a gap.",
        )
    }

    /// What it means that something is not known, where that is so.
    pub(crate) fn unknown(&self, lang: Lang) -> Option<&'static str> {
        (self.has(State::Missing) || self.has(State::Expired)).then(|| {
            lang.of(
                "Yang belum dinilai atau kedaluwarsa bukan nol: garisnya terputus di sana, dan JPM tidak dihitung.",
                "What is not assessed or has expired is not zero: the line is broken there, and no JPM is computed.",
            )
        })
    }

    /// The whole picture in words.
    pub(crate) fn description(&self, lang: Lang) -> String {
        let rows = self.rows.iter().map(|row| format!("{}: {}", row.name, row.figures(lang)));
        format!(
            "{}. {}. {}.",
            self.match_line(lang),
            self.summary_line(lang),
            rows.collect::<Vec<_>>().join("; ")
        )
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The nine national competencies, each state among them.
    pub(crate) fn nine() -> Profile {
        let names = [
            "Integritas",
            "Kerja Sama",
            "Komunikasi",
            "Orientasi pada Hasil",
            "Pelayanan Publik",
            "Pengembangan Diri dan Orang Lain",
            "Mengelola Perubahan",
            "Pengambilan Keputusan",
            "Perekat Bangsa",
        ];
        let standings = [
            Standing::Found(3),
            Standing::Found(2),
            Standing::Found(4),
            Standing::Missing,
            Standing::Found(3),
            Standing::Expired(3),
            Standing::Found(1),
            Standing::Found(3),
            Standing::Found(3),
        ];
        let rows = names.iter().zip(standings).zip(1..).map(|((name, standing), n)| Row {
            code: format!("M.{n}"),
            name: (*name).to_owned(),
            required: 3,
            standing,
            severity: if matches!(standing, Standing::Found(3..)) { 0 } else { 2 },
            valid_until: (standing != Standing::Missing).then_some(NaiveDate::default()),
        });
        Profile {
            person: "Siti Rahmawati".to_owned(),
            nip: "198501012010012001".to_owned(),
            position: "Analis Kebijakan Ahli Muda".to_owned(),
            unit: Some("Dinas Kependudukan dan Pencatatan Sipil".to_owned()),
            target: false,
            as_of: "2026-07-01".parse().unwrap(),
            known_at: None,
            basis: Basis::Standard {
                number: 2,
                decree: Some("SK Wali Kota 800/12/2025".to_owned()),
                valid_from: "2025-01-01".parse().unwrap(),
            },
            job_person_match: Match {
                percent: None,
                category: None,
                policy: "RATIO_OF_SUMS v1".to_owned(),
                mapping: false,
            },
            rows: rows.collect(),
        }
    }

    /// A profile of `count` competencies of all standings.
    pub(crate) fn many(count: usize) -> Profile {
        let names = [
            "Penyusunan Kebijakan Penyelenggaraan Administrasi Kependudukan dan Pencatatan Sipil",
            "Integritas",
            "Pengelolaan Barang Milik Negara atau Daerah pada Perangkat Daerah",
            "Advokasi Kebijakan",
            "Penjaminan Mutu Pelayanan",
        ];
        let rows = (0..count).zip(names.iter().cycle()).zip((0_u8..7).cycle()).map(|((n, name), dice)| Row {
            code: format!("T.{n:02}"),
            name: (*name).to_owned(),
            required: 1 + dice % 5,
            standing: match dice {
                0 => Standing::Missing,
                5 => Standing::Expired(2),
                level => Standing::Found(1 + (level * 3) % 5),
            },
            severity: dice % 5,
            valid_until: Some(NaiveDate::default()),
        });
        Profile { rows: rows.collect(), ..nine() }
    }

    #[test]
    fn every_state_is_told_in_both_languages() {
        let profile = nine();
        assert_eq!(
            profile.summary_line(Lang::Id),
            "9 kompetensi: 4 sesuai, 1 melebihi, 2 di bawah syarat, 1 belum dinilai, 1 kedaluwarsa"
        );
        let figures: Vec<String> = profile.rows.iter().map(|row| row.figures(Lang::En)).collect();
        assert_eq!(figures[0], "Required 3 · achieved 3 · met");
        assert_eq!(figures[1], "Required 3 · achieved 2 · −1");
        assert_eq!(figures[2], "Required 3 · achieved 4 · +1");
        assert_eq!(figures[3], "Required 3 · not assessed");
        assert_eq!(figures[5], "Required 3 · expired (was 3)");
        let complete = Match {
            percent: Some("88.89".to_owned()),
            category: Some("MS"),
            policy: "RATIO_OF_SUMS v1".to_owned(),
            mapping: true,
        };
        let profile = Profile { job_person_match: complete, ..profile };
        assert_eq!(
            profile.match_line(Lang::Id),
            "Job Person Match: 88,89 %, MS: Memenuhi Syarat (kebijakan RATIO_OF_SUMS v1, untuk pemetaan)"
        );
    }
}
