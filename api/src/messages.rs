//! What a refused value is told, and what notices say, in Indonesian and English. Exhaustive over the domain's codes.

use chrono::NaiveDate;
use development::NoticeKind;
use kernel::{Violation, ViolationCode};

/// The languages of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Indonesian, the default.
    Id,
    /// English.
    En,
}

impl Lang {
    /// The language tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::En => "en",
        }
    }

    /// The better of the two for an `Accept-Language` header (RFC 9110 section 12.5.4); Indonesian when it names neither.
    #[must_use]
    pub fn negotiate(header: &str) -> Self {
        let weight = |lang: Self| {
            header
                .split(',')
                .filter_map(|part| {
                    let mut pieces = part.split(';');
                    let tag = pieces.next()?.trim();
                    let matches = tag == "*"
                        || tag
                            .split('-')
                            .next()
                            .is_some_and(|primary| primary.eq_ignore_ascii_case(lang.tag()));
                    let q = pieces.find_map(|piece| piece.trim().strip_prefix("q=")).unwrap_or("1");
                    matches.then(|| q.parse::<f32>().unwrap_or(0.0))
                })
                .fold(0.0_f32, f32::max)
        };
        if weight(Self::En) > weight(Self::Id) { Self::En } else { Self::Id }
    }
}

/// The stable name of a code.
#[must_use]
pub const fn name(code: ViolationCode) -> &'static str {
    text(code).0
}

/// Name, Indonesian and English message of a code; `{x}` stands for a figure of the violation.
#[must_use]
pub const fn text(code: ViolationCode) -> (&'static str, &'static str, &'static str) {
    use ViolationCode as V;
    match code {
        V::Required => ("REQUIRED", "Wajib diisi.", "A value is needed."),
        V::InvalidFormat => {
            ("INVALID_FORMAT", "Bentuk nilai tidak sesuai.", "The value is not of the expected form.")
        }
        V::Unknown => ("UNKNOWN", "Nama ini tidak dikenal.", "This name is not known."),
        V::Duplicate => {
            ("DUPLICATE", "Nilai ini muncul lebih dari sekali.", "This value occurs more than once.")
        }
        V::TooLong => ("TOO_LONG", "Paling banyak {max} karakter.", "At most {max} characters."),
        V::TooFew => ("TOO_FEW", "Paling sedikit {min}.", "At least {min}."),
        V::TooMany => ("TOO_MANY", "Paling banyak {max}.", "At most {max}."),
        V::OutOfRange => {
            ("OUT_OF_RANGE", "Harus antara {min} dan {max}.", "Must lie between {min} and {max}.")
        }
        V::NotAllowedValue => (
            "NOT_ALLOWED_VALUE",
            "Bukan salah satu nilai yang tersedia: {allowed}.",
            "Not one of the allowed values: {allowed}.",
        ),
        V::ControlCharacter => (
            "CONTROL_CHARACTER",
            "Memuat karakter kendali yang tidak diperbolehkan.",
            "Holds a control character, which is not allowed.",
        ),
        V::InvalidDate => (
            "INVALID_DATE",
            "Bukan tanggal kalender; tulis sebagai TTTT-BB-HH.",
            "Not a calendar date; write it as YYYY-MM-DD.",
        ),
        V::InvalidId => ("INVALID_ID", "Bukan pengenal yang sah.", "Not a valid identifier."),
        V::NipLength => ("NIP_LENGTH", "NIP terdiri atas 18 angka.", "A NIP has 18 digits."),
        V::NipScientific => (
            "NIP_SCIENTIFIC",
            "Lembar kerja telah mengubah NIP menjadi bilangan dan angka akhirnya hilang. Format kolom sebagai teks, lalu isi kembali NIP-nya.",
            "The spreadsheet turned the NIP into a number and its last digits are lost. Format the column as text, then enter the NIP again.",
        ),
        V::NipBirthDate => (
            "NIP_BIRTH_DATE",
            "Delapan angka pertama NIP bukan tanggal lahir yang sah.",
            "The first eight digits of the NIP are no valid birth date.",
        ),
        V::NipAppointment => (
            "NIP_APPOINTMENT",
            "Angka ke-9 sampai ke-14 NIP bukan masa pengangkatan yang sah.",
            "Digits 9 to 14 of the NIP name no valid time of appointment.",
        ),
        V::NipSex => ("NIP_SEX", "Angka ke-15 NIP harus 1 atau 2.", "Digit 15 of the NIP must be 1 or 2."),
        V::NipSerial => {
            ("NIP_SERIAL", "Nomor urut NIP dimulai dari 001.", "The serial of a NIP starts at 001.")
        }
        V::NipStatus => (
            "NIP_STATUS",
            "NIP tidak sesuai dengan status kepegawaian.",
            "The NIP does not agree with the employment status.",
        ),
        V::NotFound => ("NOT_FOUND", "Yang dirujuk tidak ditemukan.", "What this refers to was not found."),
        V::NotPublished => (
            "NOT_PUBLISHED",
            "Yang dirujuk belum diterbitkan.",
            "What this refers to has not been published yet.",
        ),
        V::Taken => ("TAKEN", "Nilai ini sudah dipakai.", "This value is taken."),
        V::PeriodReversed => {
            ("PERIOD_REVERSED", "Akhir mendahului awal.", "The end lies before the beginning.")
        }
        V::InFuture => ("IN_FUTURE", "Tidak boleh di masa depan.", "May not lie in the future."),
        V::Cycle => {
            ("CYCLE", "Induk berada di bawah unit ini sendiri.", "The parent lies below this very unit.")
        }
        V::Inconsistent => (
            "INCONSISTENT",
            "Nilai-nilai ini tidak cocok satu sama lain.",
            "These values do not go together.",
        ),
        V::Immutable => {
            ("IMMUTABLE", "Nilai ini tidak dapat diubah lagi.", "This value can no longer change.")
        }
        V::ConflictOfInterest => (
            "CONFLICT_OF_INTEREST",
            "Anda tidak boleh menilai diri sendiri atau atasan Anda.",
            "You may not assess yourself or your superior.",
        ),
    }
}

/// What a person can do about a violation, where that does not follow from its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// A standard in force stands as it was decreed.
    StandardStands,
    /// A final result is corrected, not overwritten.
    ResultStands,
    /// A job class belongs to what was done under it.
    JobClassStands,
    /// An abolished position stands as it was.
    PositionAbolished,
    /// The nation's dictionaries are not an agency's to write.
    NationalDictionary,
    /// A unit is known through the position only.
    PositionMissing,
    /// The unit is not that of the position.
    UnitOfPosition,
    /// A certificate is used once by a person.
    CertificateUsed,
    /// What is in a ledger, or was verified for it, is corrected there.
    LedgerStands,
    /// A ceiling of learning hours stops what would pass it.
    CeilingStops,
    /// A class belongs to its programme, and stands once it ended.
    ClassStands,
    /// A programme that was taken off offer is not changed.
    ProgrammeRetired,
}

impl Advice {
    const ALL: [Self; 12] = [
        Self::StandardStands,
        Self::ResultStands,
        Self::JobClassStands,
        Self::PositionAbolished,
        Self::NationalDictionary,
        Self::PositionMissing,
        Self::UnitOfPosition,
        Self::CertificateUsed,
        Self::LedgerStands,
        Self::CeilingStops,
        Self::ClassStands,
        Self::ProgrammeRetired,
    ];

    /// The argument of a violation by which it travels.
    pub const ARGUMENT: &str = "advice";

    /// In Indonesian and English.
    const fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::StandardStands => (
                "Standar lain sudah berlaku sejak tanggal ini: pakai tanggal mulai yang baru, atau cabut standar itu lebih dahulu.",
                "Another standard is in force from this day: use a new first day, or revoke that standard first.",
            ),
            Self::ResultStands => (
                "Hasil penilaian yang sudah final dikoreksi dengan hasil pengganti, bukan dengan impor.",
                "A final result is corrected by superseding it, not by an import.",
            ),
            Self::JobClassStands => (
                "Jabatan ini sudah pernah diduduki atau memiliki standar: buat jabatan baru.",
                "Somebody served in this position or a standard exists for it: open a new position.",
            ),
            Self::PositionAbolished => ("Jabatan ini sudah dihapus.", "This position was abolished."),
            Self::NationalDictionary => (
                "Kamus nasional tidak diubah oleh instansi: pakai kode kamus lain.",
                "An agency does not change a national dictionary: use another code.",
            ),
            Self::PositionMissing => (
                "Unit kerja tercatat melalui jabatan: isi kode jabatannya.",
                "The unit is recorded through the position: fill in the position.",
            ),
            Self::UnitOfPosition => {
                ("Unit kerja ini bukan unit dari jabatannya.", "This is not the unit of the position.")
            }
            Self::CertificateUsed => (
                "Sertifikat ini sudah dipakai oleh orang yang sama, dengan jam yang berbeda atau menunggu diverifikasi: keluarkan baris ini, atau selesaikan catatan itu lebih dahulu.",
                "The same person has used this certificate already, with other hours or waiting to be verified: take this row out, or settle that record first.",
            ),
            Self::LedgerStands => (
                "Pembelajaran ini sudah diverifikasi: jamnya dikoreksi di buku JP, bukan dengan impor.",
                "This learning was verified: its hours are corrected in the ledger, not by an import.",
            ),
            Self::CeilingStops => (
                "Batas atas JP pegawai ini akan terlampaui.",
                "The ceiling of this person's learning hours would be passed.",
            ),
            Self::ClassStands => (
                "Program sebuah kelas tidak berubah, dan kelas yang sudah berakhir atau dibatalkan tetap seperti adanya.",
                "A class stays with its programme, and one that ended or was called off stands as it is.",
            ),
            Self::ProgrammeRetired => (
                "Program ini sudah ditarik: tawarkan kembali (PUBLISHED) untuk mengubahnya.",
                "This programme was taken off offer: put it back (PUBLISHED) to change it.",
            ),
        }
    }
}

impl std::fmt::Display for Advice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}

/// The value a violation was found in, where it was read from a file.
#[must_use]
pub fn seen(violation: &Violation) -> Option<String> {
    violation.args.iter().find(|(name, _)| *name == "value").map(|(_, value)| value.clone())
}

/// The message of a violation, with its figures and its advice.
#[must_use]
pub fn detail(violation: &Violation, lang: Lang) -> String {
    let of = |(id, en)| if lang == Lang::Id { id } else { en };
    let (_, id, en) = text(violation.code);
    let template: &str = of((id, en));
    let filled = violation
        .args
        .iter()
        .fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
    let named = violation.args.iter().find(|(name, _)| *name == Advice::ARGUMENT);
    let advice = named.and_then(|(_, named)| Advice::ALL.into_iter().find(|one| one.to_string() == *named));
    match advice {
        Some(advice) => format!("{filled} {}", of(advice.text())),
        None => filled,
    }
}

/// What a notice tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Told<'a> {
    /// What it is about.
    pub kind: NoticeKind,
    /// What its subject is called.
    pub title: &'a str,
    /// The name of somebody else it is about.
    pub about: &'a str,
    /// The day it is about.
    pub due_on: Option<NaiveDate>,
    /// The year it is about.
    pub year: Option<i32>,
    /// Learning hours that are missing.
    pub short: Option<f64>,
    /// Whether there is a seat, or a place in line.
    pub seat: Option<bool>,
    /// Whether somebody passed.
    pub passed: Option<bool>,
}

/// Title and text of a notice: Indonesian of both, then English. `{x}` stands for what it tells.
const fn notice_text(kind: NoticeKind) -> [&'static str; 4] {
    use NoticeKind as K;
    match kind {
        K::JpShort => [
            "Jam pelajaran Anda belum cukup",
            "Masih kurang {short} JP sampai {due}.",
            "Your learning hours fall short",
            "{short} learning hours are still missing until {due}.",
        ],
        K::PlanDue => [
            "Ajukan rencana pengembangan Anda",
            "Rencana pengembangan tahun {year} belum diajukan; batasnya {due}.",
            "Submit your development plan",
            "Your development plan for {year} has not been submitted; it is due on {due}.",
        ],
        K::PlanItemDue => [
            "Butir rencana Anda mendekati tenggat",
            "{title}: tenggatnya {due}.",
            "Something in your plan is due",
            "{title}: it is due on {due}.",
        ],
        K::PlanReviewAwaited => [
            "Rencana pengembangan menunggu Anda",
            "Rencana pengembangan {about} tahun {year} menunggu reviu Anda.",
            "A development plan waits for you",
            "The development plan of {about} for {year} waits for your review.",
        ],
        K::PlanReturned => [
            "Rencana pengembangan Anda dikembalikan",
            "Rencana tahun {year} perlu diperbaiki; alasannya ada pada riwayatnya.",
            "Your development plan was returned",
            "The plan for {year} needs revision; its history says why.",
        ],
        K::PlanApproved => [
            "Rencana pengembangan Anda disetujui",
            "Rencana tahun {year} telah ditetapkan.",
            "Your development plan was approved",
            "The plan for {year} has been approved.",
        ],
        K::ConsentAwaited => [
            "Permohonan ikut kelas menunggu persetujuan Anda",
            "{about} ingin mengikuti {title}.",
            "A wish for a class waits for your consent",
            "{about} wants to take part in {title}.",
        ],
        K::EnrolmentNominated => [
            "Anda diusulkan mengikuti kelas",
            "{title}: {seat}.",
            "You were nominated for a class",
            "{title}: {seat}.",
        ],
        K::EnrolmentConsented => [
            "Atasan Anda menyetujui permohonan kelas",
            "{title}: {seat}.",
            "Your superior consented to your wish",
            "{title}: {seat}.",
        ],
        K::EnrolmentRefused => [
            "Permohonan kelas Anda ditolak",
            "{title}: alasannya ada pada pendaftaran Anda.",
            "Your wish for a class was refused",
            "{title}: your enrolment says why.",
        ],
        K::SeatGained => [
            "Anda mendapat kursi",
            "Giliran Anda tiba: ada kursi untuk Anda di {title}.",
            "You have a seat",
            "Your turn has come: there is a seat for you in {title}.",
        ],
        K::ClassStarting => [
            "Kelas Anda segera dimulai",
            "{title} segera dimulai; jadwalnya ada pada kelas itu.",
            "Your class begins soon",
            "{title} begins soon; the class says when and where.",
        ],
        K::ClassCancelled => [
            "Kelas Anda dibatalkan",
            "{title} tidak jadi diselenggarakan.",
            "Your class was called off",
            "{title} will not be held.",
        ],
        K::ClassResult => [
            "Hasil kelas Anda sudah ada",
            "{title}: {passed}.",
            "The result of your class is final",
            "{title}: {passed}.",
        ],
        K::CertificateExpiring => [
            "Sertifikat Anda segera kedaluwarsa",
            "{title} berlaku sampai {due}.",
            "Your certificate expires soon",
            "{title} is valid until {due}.",
        ],
        K::CertificateRevoked => [
            "Sertifikat Anda dicabut",
            "{title}: alasannya ada pada sertifikat itu.",
            "Your certificate was revoked",
            "{title}: the certificate says why.",
        ],
        K::OwnLearningVerified => [
            "Pembelajaran mandiri Anda terverifikasi",
            "{title} dihitung dalam jam pelajaran Anda.",
            "Your own learning was verified",
            "{title} counts towards your learning hours.",
        ],
        K::EvaluationDue => [
            "Evaluasi kelas menunggu jawaban Anda",
            "{title}: jawaban Anda membantu memperbaikinya.",
            "An evaluation waits for your answer",
            "{title}: your answer helps to improve it.",
        ],
        K::NeedsAwaited => [
            "Analisis kebutuhan unit Anda menunggu verifikasi",
            "{title}: kebutuhan pengembangan tahun {year} sedang dihimpun; periksa lalu verifikasi.",
            "The needs analysis of your unit waits to be verified",
            "{title}: needs for {year} are being gathered; look them through, then verify.",
        ],
        K::NeedsReturned => [
            "Analisis kebutuhan unit Anda dikembalikan",
            "{title}: analisis tahun {year} perlu diperbaiki; alasannya ada padanya.",
            "The needs analysis of your unit was sent back",
            "{title}: the analysis for {year} needs revision; it says why.",
        ],
        K::OwnLearningRefused => [
            "Pembelajaran mandiri Anda ditolak",
            "{title}: alasannya ada pada catatan itu.",
            "Your own learning was refused",
            "{title}: the record says why.",
        ],
    }
}

/// Title and text of a notice.
#[must_use]
pub fn notice(told: &Told<'_>, lang: Lang) -> (String, String) {
    let Told { kind, title, about, due_on, year, short, seat, passed } = *told;
    let of = |(id, en): (&'static str, &'static str)| if lang == Lang::Id { id } else { en };
    let [title_id, text_id, title_en, text_en] = notice_text(kind);
    let day = due_on.map(|day| match lang {
        Lang::Id => day.format("%d-%m-%Y").to_string(),
        Lang::En => day.format("%Y-%m-%d").to_string(),
    });
    let hours = short.map(|hours| match lang {
        Lang::Id => hours.to_string().replace('.', ","),
        Lang::En => hours.to_string(),
    });
    let seat = seat.map(|seat| match seat {
        true => of(("ada kursi untuk Anda", "there is a seat for you")),
        false => of(("Anda menunggu giliran", "you are waiting for a seat")),
    });
    let passed =
        passed.map(|passed| if passed { of(("lulus", "passed")) } else { of(("tidak lulus", "failed")) });
    // What people wrote comes last, so that nothing in it is taken for a place to fill.
    let text = of((text_id, text_en))
        .replace("{due}", &day.unwrap_or_default())
        .replace("{year}", &year.map(|year| year.to_string()).unwrap_or_default())
        .replace("{short}", &hours.unwrap_or_default())
        .replace("{seat}", seat.unwrap_or_default())
        .replace("{passed}", passed.unwrap_or_default());
    let text = match text.split_once("{about}") {
        Some((before, after)) => format!("{before}{about}{}", after.replace("{title}", title)),
        None => text.replace("{title}", title),
    };
    (of((title_id, title_en)).to_owned(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_is_told_whole_in_both_languages() {
        for kind in NoticeKind::ALL {
            let told = Told {
                kind,
                title: "Pelatihan {due} {about}",
                about: "Rina {title}",
                due_on: NaiveDate::from_ymd_opt(2026, 7, 1),
                year: Some(2026),
                short: Some(7.5),
                seat: Some(true),
                passed: Some(false),
            };
            for lang in [Lang::Id, Lang::En] {
                let (title, text) = notice(&told, lang);
                assert!(!title.contains('{') && title.len() <= 100, "{kind}: {title}");
                // What people wrote stays as they wrote it.
                let text = text.replace(told.title, "").replace(told.about, "");
                assert!(!text.contains('{') && !text.is_empty(), "{kind}: {text}");
            }
        }
        let short = Told {
            kind: NoticeKind::JpShort,
            title: "",
            about: "",
            due_on: NaiveDate::from_ymd_opt(2026, 12, 31),
            year: Some(2026),
            short: Some(7.5),
            seat: None,
            passed: None,
        };
        assert_eq!(notice(&short, Lang::Id).1, "Masih kurang 7,5 JP sampai 31-12-2026.");
        assert_eq!(notice(&short, Lang::En).1, "7.5 learning hours are still missing until 2026-12-31.");
    }

    #[test]
    fn the_better_language_wins_and_indonesian_is_the_default() {
        for (header, lang) in [
            ("", Lang::Id),
            ("en", Lang::En),
            ("en-US,en;q=0.9", Lang::En),
            ("id,en;q=0.8", Lang::Id),
            ("fr, en;q=0.3, id;q=0.2", Lang::En),
            ("fr", Lang::Id),
            ("*", Lang::Id),
            ("en;q=banana", Lang::Id),
        ] {
            assert_eq!(Lang::negotiate(header), lang, "{header:?}");
        }
    }

    #[test]
    fn figures_stand_in_the_message() {
        let violation = Violation::new("/name", ViolationCode::TooLong).with("max", 200);
        assert_eq!(detail(&violation, Lang::En), "At most 200 characters.");
        assert_eq!(detail(&violation, Lang::Id), "Paling banyak 200 karakter.");
    }

    #[test]
    fn advice_follows_the_message() {
        for advice in Advice::ALL {
            let violation = Violation::new("", ViolationCode::Immutable).with(Advice::ARGUMENT, advice);
            let (id, en) = advice.text();
            assert_eq!(detail(&violation, Lang::En), format!("This value can no longer change. {en}"));
            assert_eq!(detail(&violation, Lang::Id), format!("Nilai ini tidak dapat diubah lagi. {id}"));
        }
    }
}
