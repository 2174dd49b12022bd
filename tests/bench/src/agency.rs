//! A fictional agency of any size, always the same one for a size: its own spreadsheets.
//!
//! 300 positions with 15 requirements each, 13 results for every person: two of the required competencies are missing, some
//! results have lapsed, and levels lie around what is required. One unit has 500 people and one department 2,000, whatever
//! the size: what their answers cost can be compared between sizes.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

/// Positions of the agency.
pub(crate) const POSITIONS: usize = 300;
/// Competencies each position requires.
pub(crate) const REQUIREMENTS: usize = 15;
/// Results of each person.
pub(crate) const RESULTS: usize = 13;
/// The agency's code.
pub(crate) const CODE: &str = "BENCH";
/// The agency's own dictionary.
pub(crate) const DICTIONARY: &str = "BENCH-TEKNIS";
/// The nation's dictionary.
const NATION: &str = "NASIONAL-38-2017";
/// Own competencies.
const OWN: usize = 24;
/// The unit with 500 people, and its positions.
pub(crate) const UNIT_500: &str = "U500";
const POSITIONS_500: usize = 2;
/// The department with 2,000 people in four units, where the agency is large enough, and its positions.
pub(crate) const UNIT_2000: &str = "U2000";
const POSITIONS_2000: usize = 8;
/// Positions of any other unit.
const POSITIONS_EACH: usize = 5;
/// Units of any other department.
const UNITS_EACH: usize = 6;

/// Kinds of files, in the order in which they come in.
pub(crate) const KINDS: [&str; 7] =
    ["units", "positions", "employees", "competencies", "levels", "standards", "assessments"];

/// The agency.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Agency {
    people: usize,
}

impl Agency {
    /// One with so many people, at least 1,000.
    pub(crate) fn of(people: usize) -> Self {
        Self { people: people.max(1_000) }
    }

    /// How many people.
    pub(crate) fn people(self) -> usize {
        self.people
    }

    /// Whether it has a department of 2,000.
    pub(crate) fn has_department(self) -> bool {
        self.people >= 10_000
    }

    /// The position of a person.
    fn position_of(self, person: usize) -> usize {
        let mut rest = person;
        if rest < 500 {
            return rest % POSITIONS_500;
        }
        rest -= 500;
        if self.has_department() {
            if rest < 2_000 {
                return POSITIONS_500 + rest % POSITIONS_2000;
            }
            rest -= 2_000;
        }
        let first = POSITIONS_500 + POSITIONS_2000;
        first + rest % (POSITIONS - first)
    }

    /// The unit of a position.
    fn unit_of(position: usize) -> String {
        match position {
            0..POSITIONS_500 => UNIT_500.to_owned(),
            position if position < POSITIONS_500 + POSITIONS_2000 => {
                format!("{UNIT_2000}-{}", (position - POSITIONS_500) / 2)
            }
            position => format!("U{}", (position - POSITIONS_500 - POSITIONS_2000) / POSITIONS_EACH),
        }
    }

    /// The competencies a position requires: dictionary, code, level.
    fn required(position: usize) -> impl Iterator<Item = (&'static str, String, usize)> {
        let national =
            (1..=8).map(|number| (NATION, format!("M.{number}"))).chain([(NATION, "SK.1".to_owned())]);
        let own = (0..REQUIREMENTS - 9)
            .map(move |number| (DICTIONARY, format!("T.{}", (position + number * 4) % OWN)));
        national
            .chain(own)
            .enumerate()
            .map(move |(index, (dictionary, code))| (dictionary, code, 1 + (position * 7 + index * 3) % 4))
    }

    /// The header of a kind of file, and its rows one after the other.
    fn rows(self, kind: &str, mut row: impl FnMut(&str)) {
        let mut line = String::new();
        let mut put = |text: std::fmt::Arguments<'_>| {
            line.clear();
            line.write_fmt(text).unwrap();
            row(&line);
        };
        match kind {
            "units" => {
                put(format_args!("code,name,parent_code,kind"));
                let mut tops = vec!["D0".to_owned(), UNIT_2000.to_owned()];
                let mut units = vec![(UNIT_500.to_owned(), "D0".to_owned())];
                for position in POSITIONS_500..POSITIONS {
                    let unit = Self::unit_of(position);
                    if units.iter().all(|(known, _)| *known != unit) {
                        let number: usize = unit.trim_start_matches('U').parse().unwrap_or(0);
                        let top = match unit.starts_with(UNIT_2000) {
                            true => UNIT_2000.to_owned(),
                            false => format!("D{}", number / UNITS_EACH),
                        };
                        if !tops.contains(&top) {
                            tops.push(top.clone());
                        }
                        units.push((unit, top));
                    }
                }
                for top in tops {
                    put(format_args!("{top},Dinas {top},,Dinas"));
                }
                for (unit, top) in units {
                    put(format_args!("{unit},Bidang {unit},{top},Bidang"));
                }
            }
            "positions" => {
                put(format_args!("code,name,unit_code,job_class,is_head"));
                for position in 0..POSITIONS {
                    let class = ["PELAKSANA", "JF_AHLI_PERTAMA", "JF_AHLI_MUDA", "PENGAWAS"][position % 4];
                    put(format_args!(
                        "P{position},Jabatan {position},{},{class},tidak",
                        Self::unit_of(position)
                    ));
                }
            }
            "employees" => {
                put(format_args!("nip,name,status,position_code,unit_code,appointed_on,education"));
                for person in 0..self.people {
                    let position = self.position_of(person);
                    let (year, month) = appointed(person);
                    put(format_args!(
                        "{},Pegawai {person:06},PNS,P{position},{},{year}-{month:02}-01,S-1",
                        nip(person),
                        Self::unit_of(position)
                    ));
                }
            }
            "competencies" => {
                put(format_args!("dictionary,code,name,family,definition"));
                for number in 0..OWN {
                    put(format_args!(
                        "{DICTIONARY},T.{number},Kompetensi Teknis {number},TEKNIS,Kemampuan teknis {number}."
                    ));
                }
            }
            "levels" => {
                put(format_args!("dictionary,code,level,description,indicators"));
                for (number, level) in (0..OWN).flat_map(|number| (1..=5).map(move |level| (number, level))) {
                    put(format_args!(
                        "{DICTIONARY},T.{number},{level},Tingkat {level} dari kompetensi {number}.,Melakukan|Menjelaskan"
                    ));
                }
            }
            "standards" => {
                put(format_args!(
                    "position_code,dictionary,competency_code,required_level,weight,importance,valid_from"
                ));
                for position in 0..POSITIONS {
                    for (index, (dictionary, code, level)) in Self::required(position).enumerate() {
                        let importance = ["MUTLAK", "PENTING", "PERLU"][index % 3];
                        put(format_args!(
                            "P{position},{dictionary},{code},{level},1,{importance},2025-01-01"
                        ));
                    }
                }
            }
            "assessments" => {
                put(format_args!(
                    "nip,dictionary,competency_code,level,purpose,method,provider,assessed_on,valid_until,reference"
                ));
                for person in 0..self.people {
                    let (nip, position) = (nip(person), self.position_of(person));
                    for (index, (dictionary, code, level)) in Self::required(position).enumerate() {
                        if (index + person) % REQUIREMENTS >= RESULTS {
                            continue;
                        }
                        let found = (level + (person * 5 + index * 11) % 4).clamp(2, 6) - 1;
                        // One in ten is from a time that has lapsed.
                        let (on, until) = match (person + index) % 10 {
                            0 => ("2021-03-01", "2024-02-29"),
                            _ => ("2026-02-02", "2029-02-01"),
                        };
                        put(format_args!(
                            "{nip},{dictionary},{code},{found},MAPPING,ASSESSMENT_CENTER,Pusat Penilaian,{on},{until},LHP/{on}/{}",
                            person / 500
                        ));
                    }
                }
            }
            other => panic!("no kind of file: {other}"),
        }
    }

    /// Writes the file of a kind; returns how many rows it has.
    pub(crate) fn write(self, kind: &str, path: &Path) -> usize {
        let mut file = BufWriter::new(File::create(path).unwrap());
        let mut count = 0;
        self.rows(kind, |line| {
            writeln!(file, "{line}").unwrap();
            count += 1;
        });
        file.flush().unwrap();
        count - 1
    }
}

fn born(person: usize) -> (usize, usize, usize) {
    (1970 + person % 28, 1 + person / 28 % 12, 1 + person / 336 % 28)
}

fn appointed(person: usize) -> (usize, usize) {
    (born(person).0 + 25, 1 + person % 12)
}

/// A number made up for a person; digits 16 to 18 tell those apart who share the rest.
fn nip(person: usize) -> String {
    let ((year, month, day), (since, since_month)) = (born(person), appointed(person));
    format!("{year}{month:02}{day:02}{since}{since_month:02}{}{:03}", 1 + person % 2, 1 + person / 9_408)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn lines(agency: Agency, kind: &str) -> Vec<String> {
        let mut lines = Vec::new();
        agency.rows(kind, |line| lines.push(line.to_owned()));
        lines.split_off(1)
    }

    #[test]
    fn every_person_has_a_number_of_their_own_and_every_size_the_same_unit() {
        for people in [1_000, 10_000, 100_000] {
            let agency = Agency::of(people);
            let numbers: BTreeSet<_> = (0..people).map(nip).collect();
            assert_eq!(numbers.len(), people);
            assert!(numbers.iter().all(|number| number.len() == 18));
            let of_unit = |unit: &str| {
                (0..people)
                    .filter(|person| Agency::unit_of(agency.position_of(*person)).starts_with(unit))
                    .count()
            };
            assert_eq!(of_unit(UNIT_500), 500);
            assert_eq!(of_unit(UNIT_2000), if people > 1_000 { 2_000 } else { 0 });
        }
    }

    #[test]
    fn the_files_have_as_many_rows_as_promised_and_name_what_is_there() {
        let agency = Agency::of(1_000);
        assert_eq!(lines(agency, "positions").len(), POSITIONS);
        assert_eq!(lines(agency, "standards").len(), POSITIONS * REQUIREMENTS);
        assert_eq!(lines(agency, "assessments").len(), 1_000 * RESULTS);
        let units: BTreeSet<_> =
            lines(agency, "units").iter().map(|line| line.split(',').next().unwrap().to_owned()).collect();
        for position in lines(agency, "positions") {
            assert!(units.contains(position.split(',').nth(2).unwrap()), "{position}");
        }
        for position in 0..POSITIONS {
            let required: BTreeSet<_> = Agency::required(position).map(|(_, code, _)| code).collect();
            assert_eq!(required.len(), REQUIREMENTS, "P{position}");
        }
    }
}
