//! Names of people who do not exist: common given and family names, put together by chance.

use kernel::Sex;

use super::dice::Dice;

const MEN: &[&str] = &[
    "Abdul", "Adi", "Agung", "Agus", "Ahmad", "Aldi", "Andi", "Anton", "Ardi", "Arif", "Asep", "Bagus",
    "Bambang", "Bayu", "Budi", "Cahyo", "Candra", "Dani", "Darma", "Dedi", "Deni", "Dimas", "Dwi", "Edi",
    "Eko", "Fajar", "Faisal", "Gilang", "Galih", "Hadi", "Hari", "Hendra", "Heru", "Ilham", "Imam", "Indra",
    "Irfan", "Iwan", "Joko", "Kadek", "Ketut", "Komang", "Lukman", "Made", "Markus", "Muhammad", "Nyoman",
    "Paulus", "Putra", "Rahmat", "Rangga", "Reza", "Ridwan", "Rizki", "Rudi", "Samuel", "Satria", "Slamet",
    "Stefanus", "Surya", "Taufik", "Teguh", "Tono", "Umar", "Wahyu", "Wawan", "Wayan", "Yohanes", "Yudi",
    "Yusuf", "Zainal",
];

const WOMEN: &[&str] = &[
    "Agustina", "Aisyah", "Amalia", "Anggun", "Ani", "Anisa", "Astuti", "Ayu", "Bunga", "Citra", "Cut",
    "Desi", "Dewi", "Dian", "Dina", "Eka", "Elisabet", "Endang", "Erna", "Farida", "Fatimah", "Fitri",
    "Gita", "Hana", "Hesti", "Ida", "Indah", "Intan", "Ira", "Kartika", "Kurnia", "Lestari", "Lia", "Lina",
    "Lusiana", "Maria", "Maya", "Mega", "Melati", "Mira", "Nadia", "Nina", "Nita", "Novita", "Nur", "Nurul",
    "Putri", "Rahayu", "Ratih", "Ratna", "Rina", "Rini", "Ririn", "Rosa", "Salma", "Sari", "Siska", "Siti",
    "Sri", "Tari", "Tika", "Tuti", "Utami", "Wati", "Wulan", "Yanti", "Yuli", "Yunita", "Yustina", "Zahra",
];

const FAMILIES: &[&str] = &[
    "Abdullah",
    "Adiputra",
    "Alamsyah",
    "Anggraini",
    "Arifin",
    "Aritonang",
    "Basri",
    "Damanik",
    "Darmawan",
    "Effendi",
    "Fauzi",
    "Firmansyah",
    "Ginting",
    "Gunawan",
    "Hakim",
    "Halim",
    "Handayani",
    "Harahap",
    "Hartono",
    "Hasibuan",
    "Hidayat",
    "Hutagalung",
    "Irawan",
    "Iskandar",
    "Ismail",
    "Kurniawan",
    "Kusuma",
    "Lubis",
    "Mahendra",
    "Manurung",
    "Marpaung",
    "Maulana",
    "Mulyadi",
    "Mulyani",
    "Nababan",
    "Nasution",
    "Nugraha",
    "Nugroho",
    "Pangestu",
    "Permana",
    "Permatasari",
    "Pradana",
    "Prasetyo",
    "Pratama",
    "Purnomo",
    "Rahman",
    "Ramadhan",
    "Rumengan",
    "Saputra",
    "Saragih",
    "Setiawan",
    "Setyowati",
    "Siahaan",
    "Sihombing",
    "Simanjuntak",
    "Sinaga",
    "Siregar",
    "Situmorang",
    "Sitorus",
    "Subagyo",
    "Sudarsono",
    "Sulaiman",
    "Supriyadi",
    "Suryana",
    "Susanto",
    "Suwandi",
    "Syahputra",
    "Tampubolon",
    "Tanjung",
    "Utomo",
    "Wibowo",
    "Wicaksono",
    "Wijaya",
    "Winata",
    "Wirawan",
    "Yulianto",
    "Zulkarnain",
];

/// A name: a given name, now and then two, and a family name.
pub(super) fn person(dice: &mut Dice, sex: Sex) -> String {
    let given = match sex {
        Sex::Male => MEN,
        Sex::Female => WOMEN,
    };
    let (first, second) = (dice.pick(given), dice.pick(given));
    let family = dice.pick(FAMILIES);
    if dice.chance(350) && first != second {
        format!("{first} {second} {family}")
    } else {
        format!("{first} {family}")
    }
}
