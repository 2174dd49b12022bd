//! Who may be appointed to which class of position: the rules of PP 11/2017 as changed by PP 17/2020, as far as what is on
//! record can tell, and those a person has to check.

use kernel::LongText;
use workforce::{Education, EmployeeStatus, JobClass};

use super::{ELIGIBILITY_POLICY, ReferencePolicy};
use crate::eligibility::{CareerPath, ClassRules, Confidence, Demand, EligibilityRubric, EligibilityRule};
use crate::jpm::Category;

use Confidence::{Disputed, Found};
use JobClass::{
    Administrator, JfAhliMadya, JfAhliMuda, JfAhliPertama, JfAhliUtama, JfMahir, JfPemula, JfPenyelia,
    JfTerampil, JptMadya, JptPratama, JptUtama, Pelaksana, Pengawas,
};

/// Sarjana or diploma IV and above.
const DEGREE: [Education; 7] = [
    Education::D4,
    Education::S1,
    Education::Profesi,
    Education::S2,
    Education::Spesialis,
    Education::Subspesialis,
    Education::S3,
];

/// Upper secondary school and above, below a degree.
const SCHOOL: [Education; 6] = [
    Education::Slta,
    Education::SltaKejuruan,
    Education::SltaKeguruan,
    Education::D1,
    Education::D2,
    Education::D3,
];

/// Every functional class of skill.
const SKILLS: [JobClass; 4] = [JfPemula, JfTerampil, JfMahir, JfPenyelia];

fn text(text: &str) -> LongText {
    LongText::stored(text.to_owned())
}

fn rule(demand: Demand, confidence: Confidence, source: &str) -> EligibilityRule {
    EligibilityRule { demand, binding: true, confidence, source: text(source) }
}

fn advice(demand: Demand, confidence: Confidence, source: &str) -> EligibilityRule {
    EligibilityRule { binding: false, ..rule(demand, confidence, source) }
}

fn path(job_classes: &[JobClass], years: u8) -> CareerPath {
    CareerPath { job_classes: job_classes.to_vec(), years }
}

/// What the rules of every class have in common; the match that is demanded is a reading of "memenuhi standar
/// kompetensi": the lowest category, "kurang memenuhi syarat", does not.
fn common(statuses: &[EmployeeStatus], sure: Confidence, source: &str) -> Vec<EligibilityRule> {
    vec![
        rule(Demand::Service, Found, "Whoever was released from any position serves nowhere"),
        rule(Demand::Status(statuses.to_vec()), sure, source),
        rule(
            Demand::Match(Category::Mms),
            Disputed,
            "PP 11/2017 Pasal 54, 107: sesuai standar kompetensi; the category follows Berita Negara 35/2020",
        ),
        advice(Demand::Tenure(2), Found, "Peraturan BKN 5/2019 Pasal 2(3): paling singkat 2 tahun"),
    ]
}

const LEADER: [&str; 5] = [
    "Pengalaman jabatan dalam bidang tugas terkait: kumulatif 5 (pratama), 7 (madya), 10 tahun (utama)",
    "Rekam jejak jabatan, integritas, dan moralitas yang baik",
    "Pangkat/golongan ruang menurut persyaratan jabatan",
    "Tidak sedang menjalani hukuman disiplin",
    "Sehat jasmani dan rohani",
];

const OFFICER: [&str; 4] = [
    "Setiap unsur penilaian kinerja bernilai baik dalam 2 tahun terakhir",
    "Integritas dan moralitas yang baik; tidak sedang menjalani hukuman disiplin",
    "Kesesuaian bidang tugas dan pangkat/golongan ruang",
    "Sehat jasmani dan rohani",
];

fn by_hand(texts: &[&str]) -> Vec<LongText> {
    texts.iter().map(|one| text(one)).collect()
}

/// A leadership position (JPT): Pasal 107.
fn leader(source: &str, age: u8, paths: Vec<CareerPath>) -> ClassRules {
    let mut rules = common(&[EmployeeStatus::Pns], Found, source);
    rules.push(rule(Demand::Education(DEGREE.to_vec()), Found, source));
    rules.push(rule(
        Demand::Age(age),
        Disputed,
        &format!("{source}; whether the birthday itself still counts is disputed"),
    ));
    rules.push(rule(Demand::Experience(paths), Found, source));
    ClassRules { rules, by_hand: by_hand(&LEADER) }
}

/// An administrative position: Pasal 54. Which functional class is "setingkat" is not said there.
fn officer(source: &str, education: Vec<Education>, paths: Vec<CareerPath>) -> ClassRules {
    let mut rules = common(&[EmployeeStatus::Pns], Found, source);
    rules.push(rule(Demand::Education(education), Found, source));
    rules.push(rule(
        Demand::Experience(paths),
        Disputed,
        &format!("{source}; the functional classes of equal standing follow PermenPANRB 28/2019"),
    ));
    ClassRules { rules, by_hand: by_hand(&OFFICER) }
}

/// A functional position: an appointment by promotion, transfer or first appointment, each with rules of its own, so the
/// class before is shown and does not decide.
fn functional(education: Vec<Education>, before: &[JobClass]) -> ClassRules {
    let statuses = [EmployeeStatus::Pns, EmployeeStatus::Cpns, EmployeeStatus::Pppk];
    let mut rules = common(&statuses, Disputed, "PP 11/2017 Pasal 75; PP 49/2018 Pasal 2 (PPPK)");
    rules.push(rule(
        Demand::Education(education),
        Disputed,
        "PP 11/2017 Pasal 75; each functional position may ask for more",
    ));
    if !before.is_empty() {
        let source = "PermenPANRB 1/2023; promotion from the rung before, transfer from elsewhere";
        rules.push(advice(Demand::Experience(vec![path(before, 0)]), Disputed, source));
    }
    ClassRules { rules, by_hand: by_hand(&OFFICER) }
}

fn classes() -> [(JobClass, ClassRules); 14] {
    let degree = || DEGREE.to_vec();
    let schooled = || [SCHOOL.as_slice(), &DEGREE].concat();
    let diploma = [[Education::D3].as_slice(), &DEGREE].concat();
    let anybody = EmployeeStatus::ALL;
    let mut clerk = common(&anybody, Disputed, "PP 11/2017 Pasal 54(3); UU 20/2023 opens positions to PPPK");
    clerk.push(rule(Demand::Education(schooled()), Found, "PP 11/2017 Pasal 54(3)"));
    let clerk = ClassRules { rules: clerk, by_hand: by_hand(&OFFICER) };
    // Whoever is or was in the same class, or above it, has had the experience that leads there.
    let top = [JptUtama];
    let middle = [JptMadya, JptUtama];
    let leaders = [JptPratama, JptMadya, JptUtama];
    let upper = [Administrator, JptPratama, JptMadya, JptUtama];
    let all = [Pengawas, Administrator, JptPratama, JptMadya, JptUtama];
    let juniors = [SKILLS.as_slice(), &[Pelaksana, JfAhliPertama]].concat();
    [
        (
            JptUtama,
            leader("PP 11/2017 Pasal 107a", 58, vec![path(&[JptMadya, JfAhliUtama], 2), path(&top, 0)]),
        ),
        (
            JptMadya,
            leader("PP 11/2017 Pasal 107b", 58, vec![path(&[JptPratama, JfAhliUtama], 2), path(&middle, 0)]),
        ),
        (
            JptPratama,
            leader(
                "PP 11/2017 Pasal 107c",
                56,
                vec![path(&[Administrator, JfAhliMadya], 2), path(&leaders, 0)],
            ),
        ),
        (
            Administrator,
            officer(
                "PP 11/2017 Pasal 54(1)",
                degree(),
                vec![path(&[Pengawas, JfAhliMuda], 3), path(&upper, 0)],
            ),
        ),
        (Pengawas, officer("PP 11/2017 Pasal 54(2)", diploma, vec![path(&juniors, 4), path(&all, 0)])),
        (Pelaksana, clerk),
        (JfPemula, functional(schooled(), &[])),
        (JfTerampil, functional(schooled(), &[JfPemula, JfTerampil])),
        (JfMahir, functional(schooled(), &[JfTerampil, JfMahir])),
        (JfPenyelia, functional(schooled(), &[JfMahir, JfPenyelia])),
        (JfAhliPertama, functional(degree(), &[])),
        (JfAhliMuda, functional(degree(), &[JfAhliPertama, JfAhliMuda, Pengawas])),
        (JfAhliMadya, functional(degree(), &[JfAhliMuda, JfAhliMadya, Administrator])),
        (JfAhliUtama, functional(degree(), &[JfAhliMadya, JfAhliUtama, JptPratama])),
    ]
}

/// The national rubric of eligibility.
#[must_use]
pub fn eligibility_policy() -> ReferencePolicy<EligibilityRubric> {
    ReferencePolicy {
        name: ELIGIBILITY_POLICY,
        rubric: EligibilityRubric { classes: classes().into() },
        source: "PP 11/2017 Pasal 54, 75 and 107 as changed by PP 17/2020; Peraturan BKN 5/2019; each rule names its own",
    }
}
