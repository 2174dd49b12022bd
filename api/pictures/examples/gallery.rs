//! Every picture, small and big, in both languages: `cargo run -p pictures --example gallery -- FOLDER`.

use std::path::PathBuf;

use chrono::NaiveDate;
use pictures::{Basis, Lang, Match, Printed, Profile, Row, Standing};
use pictures::{
    Caption, Cell, Curve, Distribution, Gaps, Group, GroupFigures, HeatMap, HeatRow, PlanSummary, Series,
    Share, SummaryUnit, Trend,
};

const NAMES: [&str; 12] = [
    "Integritas",
    "Kerja Sama",
    "Komunikasi",
    "Orientasi pada Hasil",
    "Pelayanan Publik",
    "Pengembangan Diri dan Orang Lain",
    "Mengelola Perubahan",
    "Pengambilan Keputusan",
    "Perekat Bangsa",
    "Penyusunan Kebijakan Penyelenggaraan Administrasi Kependudukan dan Pencatatan Sipil",
    "Pengelolaan Barang Milik Daerah",
    "Advokasi Kebijakan",
];

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_default()
}

/// A profile of `count` competencies; `known` leaves nothing unknown.
fn profile(count: usize, known: bool) -> Profile {
    let rows =
        (1..=count).zip(NAMES.iter().cycle()).zip((0_u8..7).cycle().skip(3)).map(|((n, name), dice)| {
            let standing = match dice {
                0 if !known => Standing::Missing,
                5 if !known => Standing::Expired(2),
                one => Standing::Found(2 + one % 3),
            };
            Row {
                code: if n < 10 { format!("M.{n}") } else { format!("T.{n}") },
                name: (*name).to_owned(),
                required: 3,
                standing,
                severity: if matches!(standing, Standing::Found(3..)) { 0 } else { 1 + dice % 4 },
                valid_until: (standing != Standing::Missing).then(|| day("2027-06-17")),
            }
        });
    Profile {
        person: "Siti Rahmawati".to_owned(),
        nip: "198501012010012001".to_owned(),
        position: "Analis Kebijakan Ahli Muda".to_owned(),
        unit: Some("Dinas Kependudukan dan Pencatatan Sipil".to_owned()),
        target: false,
        as_of: day("2026-07-01"),
        known_at: None,
        basis: Basis::Standard {
            number: 2,
            decree: Some("SK Wali Kota 800/12/2025".to_owned()),
            valid_from: day("2025-01-01"),
        },
        job_person_match: Match {
            percent: known.then(|| "88.89".to_owned()),
            category: known.then_some("MS"),
            policy: "RATIO_OF_SUMS v1".to_owned(),
            mapping: false,
        },
        rows: rows.collect(),
    }
}

const UNITS: [&str; 6] = [
    "Sekretariat",
    "Bidang Pelayanan Pendaftaran Penduduk",
    "Bidang Pelayanan Pencatatan Sipil",
    "UPTD Wilayah Utara",
    "Balai Pengembangan Kompetensi Aparatur",
    "langsung di unit ini",
];

fn caption(title: &str) -> Caption {
    Caption {
        title: format!("{title}: Dinas Kependudukan dan Pencatatan Sipil"),
        lines: vec!["Keadaan per 30 Juni 2026 · 412 pegawai, 398 di antaranya dengan syarat".to_owned()],
        notes: vec![],
    }
}

fn heat_map(columns: u64, rows: u64) -> HeatMap {
    let cell = |n: u64| match n % 11 {
        4 => Cell::Suppressed,
        6 => Cell::Nobody,
        9 => Cell::Figures { required: 24, assessed: 0, below: 0 },
        one => Cell::Figures { required: 30 + one, assessed: 25, below: (n * 7 + n / 3) % 26 },
    };
    HeatMap {
        caption: caption("Peta Kesenjangan Kompetensi"),
        columns: UNITS.iter().cycle().zip(0..columns).map(|(unit, _)| (*unit).to_owned()).collect(),
        rows: NAMES
            .iter()
            .cycle()
            .zip(0..rows)
            .map(|(name, row)| HeatRow {
                label: format!("M.{} {name}", row + 1),
                total: Cell::Figures { required: 1398, assessed: 1204, below: 120 * row % 1204 },
                cells: (0..columns).map(|column| cell(row * 5 + column * 3)).collect(),
            })
            .collect(),
        smallest_group: Some(5),
    }
}

fn distribution(categories: [&'static str; 3]) -> Distribution {
    let classes =
        ["JPT PRATAMA", "ADMINISTRATOR", "PENGAWAS", "PELAKSANA", "JF AHLI PERTAMA", "JF AHLI MUDA"];
    let figures = |all: [u64; 3], incomplete| Some(GroupFigures { categories: all.to_vec(), incomplete });
    let known = [
        None,
        figures([4, 2, 1], 1),
        figures([11, 9, 3], 6),
        figures([120, 61, 44], 90),
        figures([30, 0, 2], 0),
        figures([0, 0, 0], 12),
    ];
    Distribution {
        caption: caption("Sebaran Kesenjangan Kompetensi"),
        categories: categories.to_vec(),
        groups: classes
            .iter()
            .zip(known)
            .map(|(class, figures)| Group { label: (*class).to_owned(), figures })
            .collect(),
        gaps: Some(Gaps { levels: [0, 12, 140, 830, 1912, 301, 22, 0, 0], expired: 118, missing: 247 }),
        smallest_group: Some(5),
    }
}

fn trend(months: u16) -> Trend {
    let first = day("2023-07-31");
    let line = |label: &str, from: u16, step: u16, hole: u16| Series {
        label: label.to_owned(),
        points: (0..months)
            .map(|month| match month {
                _ if month == hole => Share::Unknown,
                _ if month == hole + 1 => Share::Suppressed,
                _ => Share::Percent(f32::from(from + (month * step + month % 3 * 2) % 60)),
            })
            .collect(),
    };
    Trend {
        caption: caption("Tren Kesenjangan Kompetensi"),
        days: (0..months).map(|month| first + chrono::Months::new(month.into())).collect(),
        series: vec![
            line("Hasil berlaku", 35, 3, 4),
            line("Di bawah syarat", 12, 2, 4),
            line("Kategori terbaik (MS)", 20, 1, 5),
        ],
        smallest_group: Some(5),
    }
}

fn curve() -> Curve {
    let line = |label: &str, factor: u8| Series {
        label: label.to_owned(),
        points: (1..=10)
            .map(|tenth: u8| Share::Percent(f32::from(tenth * factor) - f32::from(tenth)))
            .collect(),
    };
    Curve {
        caption: caption("Kurva Anggaran"),
        budgets: (1..=10).map(|tenth| tenth * 125_000_000).collect(),
        series: vec![line("Nilai kebutuhan yang tertutup, %", 10), line("Orang yang terlayani, %", 7)],
    }
}

fn summary(units: usize) -> PlanSummary {
    let points = curve();
    PlanSummary {
        agency: "Pemerintah Kota Contoh".to_owned(),
        year: 2027,
        scenario: "Setengah anggaran".to_owned(),
        budget: Some(1_250_000_000),
        cost: 1_248_500_000,
        value: Share::Percent(89.4),
        gap_percent: 0.21,
        people: 412,
        served: 260,
        needs: 903,
        needs_served: 611,
        enrolments: 640,
        opened: 23,
        hours: None,
        curve: points
            .budgets
            .iter()
            .zip(1_u8..)
            .map(|(budget, tenth)| {
                let share = |factor: u8| Share::Percent(f32::from(tenth * factor));
                (*budget, share(9), share(6))
            })
            .collect(),
        reasons: [("Anggaran habis", 188), ("Tidak ada kelas atau program", 61), ("Kursi habis", 43)]
            .map(|(reason, needs)| (reason.to_owned(), needs))
            .to_vec(),
        units: (0..units)
            .zip(UNITS.iter().cycle())
            .map(|(place, name)| SummaryUnit {
                code: format!("DISDUK-{place}"),
                name: (*name).to_owned(),
                people: 40,
                served: 22,
                needs: 91,
                needs_served: 60,
                cost: 120_500_000,
                hours: None,
            })
            .collect(),
    }
}

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/gallery".to_owned()));
    std::fs::create_dir_all(&folder)?;
    for lang in [Lang::Id, Lang::En] {
        let write = |name: &str, bytes: &[u8]| {
            let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
            std::fs::write(folder.join(format!("{stem}-{}.{ending}", lang.tag())), bytes)
        };
        for (columns, rows) in [(3, 3), (6, 9), (30, 40)] {
            write(&format!("heat-map-{columns}.svg"), heat_map(columns, rows).draw(lang).as_bytes())?;
        }
        write("distribution-filling.svg", distribution(["MS", "MMS", "KMS"]).draw(lang).as_bytes())?;
        let mapping = ["OPTIMAL", "CUKUP_OPTIMAL", "KURANG_OPTIMAL"];
        write("distribution-mapping.svg", distribution(mapping).draw(lang).as_bytes())?;
        for months in [6, 12, 36] {
            write(&format!("trend-{months}.svg"), trend(months).draw(lang).as_bytes())?;
        }
        for count in [1, 2, 3, 9, 12, 16, 40] {
            write(&format!("radar-{count}.svg"), pictures::radar(&profile(count, false), lang).as_bytes())?;
        }
        let printed = Printed {
            at: chrono::DateTime::UNIX_EPOCH,
            request: "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11".to_owned(),
        };
        for (count, known) in [(1, true), (9, true), (9, false), (16, false), (40, false), (120, false)] {
            let page =
                pictures::page(&profile(count, known), &printed, lang).map_err(std::io::Error::other)?;
            write(&format!("page-{count}-{known}.pdf"), &page)?;
        }
        write("curve.svg", curve().draw(lang).as_bytes())?;
        for units in [4, 60] {
            let page =
                pictures::plan_summary(&summary(units), &printed, lang).map_err(std::io::Error::other)?;
            write(&format!("plan-{units}.pdf"), &page)?;
        }
        write("radar-9-known.svg", pictures::radar(&profile(9, true), lang).as_bytes())?;
    }
    Ok(())
}
