//! Whole files: what agencies send, and what nobody should.

use std::io::{Cursor, Write};

use chrono::NaiveDate;
use kernel::{Violation, ViolationCode};
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Formula, Workbook};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::*;

const NIP: &str = "198609262015051001";

fn on(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

fn read_all<R: FromRow>(bytes: &[u8]) -> Reading<R> {
    read(bytes, None, on(2026, 7, 1), None).unwrap()
}

fn refusal<R: FromRow>(bytes: &[u8]) -> &'static str {
    read::<R>(bytes, None, on(2026, 7, 1), None).map(|reading| reading.rows.len()).unwrap_err().code()
}

/// Where and why, without the figures.
fn places(findings: &Findings) -> Vec<(&'static str, ViolationCode)> {
    findings.kept().map(|violation| (&*violation.pointer.leak(), violation.code)).collect()
}

fn arg<'a>(violation: &'a Violation, name: &str) -> &'a str {
    violation.args.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
}

/// A workbook of one sheet that `fill` writes.
fn workbook(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet());
    workbook.save_to_buffer().unwrap()
}

fn strings(sheet: &mut rust_xlsxwriter::Worksheet, row: u32, cells: &[&str]) {
    for (column, cell) in (0..).zip(cells) {
        sheet.write_string(row, column, *cell).unwrap();
    }
}

/// The archive with one part written anew.
fn with_part(bytes: &[u8], name: &str, content: &[u8]) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let part = archive.by_index(index).unwrap();
        if part.name().unwrap() != name {
            writer.raw_copy_file(part).unwrap();
        }
    }
    writer.start_file(name, SimpleFileOptions::default()).unwrap();
    writer.write_all(content).unwrap();
    writer.finish().unwrap().into_inner()
}

fn part(bytes: &[u8], name: &str) -> String {
    std::io::read_to_string(ZipArchive::new(Cursor::new(bytes)).unwrap().by_name(name).unwrap()).unwrap()
}

/// A workbook of units with one row, for others to damage.
fn units() -> Vec<u8> {
    workbook(|sheet| {
        strings(sheet, 0, &["code", "name"]);
        strings(sheet, 1, &["DINKES", "Dinas Kesehatan"]);
    })
}

const SHEET: &str = "xl/worksheets/sheet1.xml";

/// A sheet of the given rows of XML.
fn sheet_xml(rows: &str) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><worksheet \
         xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}</sheetData></worksheet>"
    )
    .into_bytes()
}

fn inline(reference: &str, text: &str) -> String {
    format!("<c r=\"{reference}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

// ---- forms ----

fn form<R: FromRow + std::fmt::Debug + PartialEq>() -> R {
    let text = read_all::<R>(&template_csv(R::KIND).unwrap());
    let book = read_all::<R>(&template_xlsx(R::KIND).unwrap());
    assert_eq!((places(&text.findings), places(&book.findings)), (vec![], vec![]));
    assert_eq!(text.rows, book.rows);
    let [(2, row)] = <[_; 1]>::try_from(text.rows).unwrap() else { panic!("the example stands in row 2") };
    row
}

#[test]
fn every_form_reads_back_without_a_word() {
    assert_eq!(form::<UnitRow>().parent_code.unwrap().as_str(), "DINKES");
    assert!(form::<PositionRow>().is_head);
    let employee = form::<EmployeeRow>();
    assert_eq!((employee.nip.as_str(), employee.appointed_on), (NIP, Some(on(2015, 5, 1))));
    assert_eq!(form::<CompetencyRow>().family.as_str(), "TEKNIS");
    assert_eq!(form::<LevelRow>().indicators.len(), 2);
    let standard = form::<StandardRow>();
    assert_eq!((standard.required_level.get(), standard.weight), (3, Some(kernel::Hundredths::ONE)));
    let assessment = form::<AssessmentRow>();
    assert_eq!((assessment.assessed_on, assessment.valid_until), (on(2026, 2, 10), Some(on(2029, 2, 10))));
}

#[test]
fn a_form_is_the_same_bytes_each_time() {
    assert_eq!(template_xlsx(ImportKind::Units).unwrap(), template_xlsx(ImportKind::Units).unwrap());
}

#[test]
fn a_form_keeps_identity_numbers_as_text_and_explains_its_columns() {
    let form = template_xlsx(ImportKind::Employees).unwrap();
    assert!(part(&form, "xl/styles.xml").contains("numFmtId=\"49\""));
    assert!(part(&form, "xl/comments1.xml").contains("18 angka"));
}

// ---- CSV ----

#[test]
fn semicolons_a_byte_order_mark_and_indonesian_headers_are_one_agency_s_normal() {
    let file = "\u{feff}NIP;Nama Lengkap;Status Kepegawaian;Kode Jabatan;TMT CPNS;Pendidikan;;\r\n\
                19860926 201505 1 001;\" Sri; \"\"Contoh\"\" \";PNS;JAB-001;01/05/2015;S1;;\r\n";
    let reading = read_all::<EmployeeRow>(file.as_bytes());
    assert_eq!(places(&reading.findings), []);
    let [(2, row)] = reading.rows.as_slice() else { panic!("one row") };
    assert_eq!(row.nip.as_str(), NIP);
    assert_eq!(row.name.as_str(), "Sri; \"Contoh\"");
    assert_eq!(row.appointed_on, Some(on(2015, 5, 1)));
    assert_eq!((&row.unit_code, row.education.as_ref().unwrap().as_str()), (&None, "S1"));
}

#[test]
fn rows_are_numbered_as_the_spreadsheet_shows_them() {
    let file = "\ncode,name\n\n  ,\nA,\"two\nlines\"\n\nB,\nC,c";
    let reading = read_all::<UnitRow>(file.as_bytes());
    // The name of row 5 has two lines, which a name may not; it is still one row.
    assert_eq!(
        places(&reading.findings),
        [("/rows/5/name", ViolationCode::ControlCharacter), ("/rows/7/name", ViolationCode::Required)]
    );
    assert_eq!(reading.rows.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [8]);
}

#[test]
fn tabs_and_every_line_ending_separate() {
    for ending in ["\n", "\r\n", "\r"] {
        let file = ["code\tname", "A\ta, b", "B\tb; c"].join(ending);
        let rows = read_all::<UnitRow>(file.as_bytes()).rows;
        assert_eq!(
            rows.iter().map(|(number, row)| (*number, row.name.as_str())).collect::<Vec<_>>(),
            [(2, "a, b"), (3, "b; c")]
        );
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let file =
        "nip,nama,status,tmt,warna,nama\n1.98E+17,,PNS,13/31/2020,merah,x\n198609262015053001,A,PNS,,,";
    let reading = read_all::<EmployeeRow>(file.as_bytes());
    assert!(reading.rows.is_empty());
    assert_eq!(
        places(&reading.findings),
        [
            ("/rows/1/warna", ViolationCode::Unknown),
            ("/rows/1/name", ViolationCode::Duplicate),
            ("/rows/2/nip", ViolationCode::NipScientific),
            ("/rows/2/name", ViolationCode::Required),
            ("/rows/2/appointed_on", ViolationCode::InvalidDate),
            ("/rows/3/nip", ViolationCode::NipSex),
        ]
    );
    let kept: Vec<_> = reading.findings.kept().collect();
    let [unknown, duplicate, scientific, _, date, _] = &kept[..] else { panic!("six") };
    assert_eq!(arg(unknown, "value"), "warna");
    assert!(arg(unknown, "allowed").starts_with("nip, name, status"));
    assert_eq!(arg(duplicate, "value"), "nama");
    assert_eq!((arg(scientific, "value"), arg(date, "value")), ("1.98E+17", "13/31/2020"));
}

#[test]
fn a_missing_column_is_said_once_and_the_others_still_read() {
    let reading = read_all::<UnitRow>(b"kode,induk\nA,\nB,\x41\nC,\"x\ty\"\n");
    assert_eq!(
        places(&reading.findings),
        [("/rows/1/name", ViolationCode::Required), ("/rows/4/parent_code", ViolationCode::ControlCharacter)]
    );
}

#[test]
fn content_without_a_header_is_said_once() {
    let reading = read_all::<UnitRow>(b"code,,name\nA,,a\nB,note,b\nC,note,c,more\n");
    assert_eq!(
        places(&reading.findings),
        [("/rows/3/B", ViolationCode::Unknown), ("/rows/4/D", ViolationCode::Unknown)]
    );
}

#[test]
fn a_key_that_comes_twice_names_its_first_row() {
    let file = format!(
        "nip,kamus,kode_kompetensi,level,tujuan,metode,penyelenggara,tanggal\n\
         {NIP},K,M.1,3,MAPPING,AC,UPT,2026-01-05\n\
         {NIP},K,M.2,3,MAPPING,AC,UPT,2026-01-05\n\
         {NIP},K,M.1,4,MAPPING,AC,UPT,05/01/2026\n"
    );
    let reading = read_all::<AssessmentRow>(file.as_bytes());
    assert_eq!(places(&reading.findings), [("/rows/4/nip", ViolationCode::Duplicate)]);
    let violation = &reading.findings.kept().next().unwrap();
    assert_eq!(
        (arg(violation, "first"), arg(violation, "value")),
        ("2", "198609262015051001 / K / M.1 / 2026-01-05")
    );
    assert_eq!(reading.rows.len(), 2);
}

#[test]
fn a_thousand_findings_are_shown_and_the_rest_counted() {
    let file = format!("code,name\n{}", "A\n".repeat(1_234));
    let (kept, more) = read_all::<UnitRow>(file.as_bytes()).findings.into_parts();
    assert_eq!((kept.len(), more), (1_000, 234));
}

#[test]
fn a_text_in_another_encoding_is_told_how_to_be_saved() {
    let utf16: Vec<u8> = "code,name\nA,a\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&[0xFF, 0xFE], utf16.as_slice()].concat();
    for (bytes, guess) in
        [(b"code,name\nA,Caf\xe9\n".to_vec(), "Windows-1252"), (utf16, "UTF-16"), (marked, "UTF-16")]
    {
        let error = read::<UnitRow>(&bytes, None, on(2026, 7, 1), None).unwrap_err();
        assert_eq!(error.code(), "SHEET_NOT_UTF8");
        assert!(error.to_string().contains(guess) && error.indonesian().contains(guess));
    }
}

#[test]
fn files_that_are_no_table_are_refused_as_a_whole() {
    let wide = format!("code,name\nA,a{}x\n", ",".repeat(300));
    let long = format!("code,name\nA,{}\n", "x".repeat(32_768));
    for (bytes, code) in [
        (b"".as_slice(), "SHEET_EMPTY"),
        (b"\xef\xbb\xbf \r\n;;;\r\n", "SHEET_EMPTY"),
        (b"code,name\n", "SHEET_EMPTY"),
        (b"Daftar Unit Kerja\nA,a\n", "SHEET_NO_HEADER"),
        (b"code,name\nA,a\0b\n", "SHEET_NUL"),
        (b"code,name\nA,\"a\nB,b\n", "SHEET_UNCLOSED_QUOTE"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "SHEET_ENCRYPTED"),
        (b"PK\x03\x04", "SHEET_FORMAT"),
        (wide.as_bytes(), "SHEET_TOO_MANY_COLUMNS"),
        (long.as_bytes(), "SHEET_CELL_TOO_LONG"),
    ] {
        assert_eq!(refusal::<UnitRow>(bytes), code);
    }
    // Commas alone are not content, however many.
    assert_eq!(
        read_all::<UnitRow>(format!("code,name\nA,a{}\n", ",".repeat(100_000)).as_bytes()).rows.len(),
        1
    );
}

/// What is handed on, part by part: the first row's number, how many, and the keys of the rows.
fn parts<R: FromRow>(bytes: &[u8], rows_at_once: usize, again: bool) -> Vec<Reading<R>> {
    /// A file that comes a few bytes at a time, as from a slow connection.
    struct Slowly<'a>(&'a [u8]);
    impl std::io::Read for Slowly<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let some = into.len().min(3);
            self.0.read(&mut into[..some])
        }
    }
    let wants = Wants { today: on(2026, 7, 1), rows_at_once, again, mapping: None, stop: None };
    let mut parts = Vec::new();
    read_parts(&mut Slowly(bytes), None, wants, &mut |part| {
        parts.push(part);
        Ok(())
    })
    .unwrap();
    parts
}

#[test]
fn a_file_comes_in_parts_and_a_key_counts_across_them() {
    let file = "code,name,#alasan\nA,\"a \"\"x\"\"\",salah\nB,é,\n\nC,c,\nA,d,\nE,,\n";
    let all = parts::<UnitRow>(file.as_bytes(), 2, false);
    let numbers: Vec<Vec<u32>> =
        all.iter().map(|part| part.rows.iter().map(|(number, _)| *number).collect()).collect();
    assert_eq!(numbers, [vec![2, 3], vec![5], vec![]]);
    assert_eq!(places(&all[1].findings), [("/rows/6/code", ViolationCode::Duplicate)]);
    assert_eq!(places(&all[2].findings), [("/rows/7/name", ViolationCode::Required)]);
    assert_eq!(all.iter().map(|part| part.total).sum::<usize>(), 5);
    // The names once, every row as it was written, and columns that are notes without a word.
    assert_eq!(all[0].heading, Some((1, "[\"code\",\"name\",\"#alasan\"]".into())));
    assert!(all[1].heading.is_none() && all[1].columns == ["code", "name"]);
    assert_eq!(all[0].written[0], (2, r#"["A","a \"x\"","salah"]"#.into()));
    assert_eq!(all[1].written.len(), 2);

    let again = parts::<UnitRow>(file.replace("A,d", "D,d").as_bytes(), 100, true);
    assert_eq!((again.len(), again[0].rows.len(), again[0].written.len()), (1, 4, 0));
}

#[test]
fn who_wants_no_more_is_given_no_more() {
    let mut given = 0;
    let wants = Wants { today: on(2026, 7, 1), rows_at_once: 1, again: false, mapping: None, stop: None };
    let mut file: &[u8] = b"code,name\nA,a\nB,b\nC,c\n";
    let halted = read_parts::<UnitRow>(&mut file, None, wants, &mut |_part| {
        given += 1;
        if given == 2 { Err(Halt::Unwanted) } else { Ok(()) }
    });
    assert!(matches!(halted, Err(Halt::Unwanted)) && given == 2);
}

#[test]
fn who_wants_no_more_is_heard_at_every_row() {
    let stop = std::sync::atomic::AtomicBool::new(true);
    let wants = Wants {
        today: on(2026, 7, 1),
        rows_at_once: usize::MAX,
        again: false,
        mapping: None,
        stop: Some(&stop),
    };
    for mut file in [&b"code,name\nA,a\n"[..], &units()[..]] {
        let halted = read_parts::<UnitRow>(&mut file, None, wants, &mut |_part| Ok(()));
        assert!(matches!(halted, Err(Halt::Unwanted)));
    }
}

#[test]
fn a_row_of_the_sheet_is_in_one_part_and_told_as_it_is_written() {
    let names = "nipBaru;integritas;kerjasama;komunikasi;orientasiPadaHasil;pelayananPublik;\
        pengembanganDiriDanOrla;mengelolaPerubahan;pengambilanKeputusan;perekatBangsa";
    let file = format!("{names}\nX;1;1;1;1;1;1;1;1;1\nY;2;2;2;2;2;2;2;2;9\n");
    let all = parts::<AssessmentRow>(file.as_bytes(), 5, false);
    let written: Vec<Vec<_>> =
        all.iter().map(|part| part.written.iter().map(|(row, text)| (*row, &**text)).collect()).collect();
    let (first, second) =
        (r#"["X","1","1","1","1","1","1","1","1","1"]"#, r#"["Y","2","2","2","2","2","2","2","2","9"]"#);
    assert_eq!(written, [vec![(2, first)], vec![(3, second)]]);
    assert_eq!(all.iter().map(|part| part.total).collect::<Vec<_>>(), [9, 9]);
}

#[test]
fn a_row_with_content_below_no_header_alone_is_told_as_it_is_written() {
    let reading = read_all::<UnitRow>(b"code,name\nA,a\n,,stray\n");
    assert_eq!(places(&reading.findings), [("/rows/3/C", ViolationCode::Unknown)]);
    assert_eq!((reading.total, reading.rows.len()), (1, 1));
    assert_eq!(reading.written[1], (3, r#"["","","stray"]"#.into()));
}

#[test]
fn a_mapping_may_say_no_more_than_what_to_ignore() {
    let mapping = super::Mapping { columns: Vec::new(), ignored: vec!["Catatan".to_owned()] };
    let file = "kode,catatan,nama,kode_induk\nA,lama,Satu,\nB,baru,Dua,A\n";
    let reading = read::<UnitRow>(file.as_bytes(), None, on(2026, 7, 1), Some(&mapping)).unwrap();
    assert_eq!(places(&reading.findings), []);
    assert_eq!(reading.rows[1].1.parent_code.as_ref().unwrap().as_str(), "A");
    assert_eq!(reading.recognition.ignored, ["catatan"]);
    assert_eq!(reading.columns, ["code", "name", "parent_code"]);
}

#[test]
fn a_null_of_siasn_is_blank_by_whatever_name_its_column_is_found() {
    let file = format!("nipBaru,nama,statusPegawai,unorId,tmtCpns\n{NIP},SARI,PNS,u1,null\n");
    let reading = read_all::<EmployeeRow>(file.as_bytes());
    assert_eq!(places(&reading.findings), []);
    assert_eq!(reading.rows[0].1.appointed_on, None);
    // In anybody else's file it is what somebody wrote.
    let own = format!("nip,nama,status,tmt\n{NIP},SARI,PNS,null\n");
    let reading = read_all::<EmployeeRow>(own.as_bytes());
    assert_eq!(places(&reading.findings), [("/rows/2/appointed_on", ViolationCode::InvalidDate)]);
}

#[test]
fn all_that_a_level_may_say_fits_a_cell() {
    let long = "\\|".repeat(2_000);
    let list = super::join_list((0..50).map(|_| long.as_str()));
    let sheet = |text: &str| format!("dictionary,code,level,description,indicators\nK,T.1,1,Uraian,{text}\n");
    let reading = read_all::<LevelRow>(sheet(&list).as_bytes());
    assert_eq!(places(&reading.findings), []);
    let indicators = &reading.rows[0].1.indicators;
    assert!(indicators.len() == 50 && indicators.iter().all(|one| one.as_str() == long));
    assert_eq!(refusal::<LevelRow>(sheet(&"x".repeat(400_052)).as_bytes()), "SHEET_CELL_TOO_LONG");
    let unit = format!("code,name\nA,{}\n", "x".repeat(32_768));
    assert_eq!(refusal::<UnitRow>(unit.as_bytes()), "SHEET_CELL_TOO_LONG");
}

#[test]
fn merged_cells_are_met_once_whatever_their_order_and_only_so_many() {
    let merging = |ranges: &str| {
        let xml = part(&units(), SHEET);
        let merge = format!("</sheetData><mergeCells count=\"1\">{ranges}</mergeCells>");
        with_part(&units(), SHEET, xml.replace("</sheetData>", &merge).as_bytes())
    };
    let range = |cells: &str| format!("<mergeCell ref=\"{cells}\"/>");
    let few: String = ["A9:B9", "B2:B3", "A1:A2", "D2:E2", "A2:A4"].map(range).concat();
    let reading = read_all::<UnitRow>(&merging(&few));
    let values: Vec<_> =
        reading.findings.kept().map(|violation| arg(&violation, "value").to_owned()).collect();
    assert_eq!(values, ["A1:A2 (merged)", "B2:B3 (merged)", "A2:A4 (merged)"]);
    let many: String = (0..=100_000).map(|row| range(&format!("A{}:B{}", 9 + row, 9 + row))).collect();
    assert_eq!(refusal::<UnitRow>(&merging(&many)), "SHEET_TOO_LARGE");
}

#[test]
fn people_and_results_come_in_millions_as_text() {
    let rows: String = (0..MAX_ROWS + 1).map(|_| ",,x,\n").collect();
    let file = format!("nip,nama,status,kode_jabatan\n{rows}");
    assert_eq!(read_all::<EmployeeRow>(file.as_bytes()).total, MAX_ROWS + 1);
}

#[test]
fn as_many_rows_as_allowed_and_not_one_more() {
    let rows: String = (0..200_000).map(|number| format!("{number},a\n")).collect();
    assert_eq!(read_all::<UnitRow>(format!("code,name\n{rows}").as_bytes()).rows.len(), 200_000);
    assert_eq!(refusal::<UnitRow>(format!("code,name\n{rows}x,a\n").as_bytes()), "SHEET_TOO_MANY_ROWS");
}

#[test]
fn a_file_that_is_not_what_its_name_says_is_refused() {
    assert_eq!(Format::promised("Data Unit.XLSX"), Some(Format::Xlsx));
    assert_eq!(Format::promised("text/csv; charset=utf-8"), Some(Format::Csv));
    assert_eq!(Format::promised("application/octet-stream"), None);
    for (bytes, promised) in [(units(), Format::Csv), (b"code,name\nA,a\n".to_vec(), Format::Xlsx)] {
        let error = read::<UnitRow>(&bytes, Some(promised), on(2026, 7, 1), None).unwrap_err();
        assert_eq!(error.code(), "SHEET_FORMAT");
    }
}

// ---- XLSX ----

#[test]
fn a_workbook_s_numbers_dates_and_formulas_read_as_shown() {
    let file = workbook(|sheet| {
        strings(
            sheet,
            0,
            &[
                "kode_jabatan",
                "kamus",
                "kode_kompetensi",
                "level_syarat",
                "bobot",
                "kepentingan",
                "berlaku_mulai",
            ],
        );
        strings(sheet, 1, &["J1", "K", "M.1"]);
        sheet.write_formula(1, 3, Formula::new("=1+2").set_result("3")).unwrap();
        sheet.write_number(1, 4, 0.1 + 0.2).unwrap();
        sheet.write_formula(1, 5, Formula::new("=\"Mut\"&\"lak\"").set_result("Mutlak")).unwrap();
        let day = ExcelDateTime::from_ymd(2026, 1, 5).unwrap();
        sheet.write_datetime_with_format(1, 6, &day, &Style::new().set_num_format("d mmmm yyyy")).unwrap();
        // Row 3 is blank but for its format.
        sheet.write_blank(2, 0, &Style::new().set_bold()).unwrap();
        sheet.write_number(3, 0, 12.0).unwrap();
        strings(sheet, 3, &["12", "K", "M.1", "3", "1,5", "", "5/1/2026"]);
        sheet.write_number(3, 0, 12.0).unwrap();
    });
    let reading = read_all::<StandardRow>(&file);
    assert_eq!(places(&reading.findings), []);
    let [(2, first), (4, second)] = reading.rows.as_slice() else { panic!("rows 2 and 4") };
    assert_eq!(
        (first.required_level.get(), first.weight.unwrap().count(), first.valid_from),
        (3, 30, on(2026, 1, 5))
    );
    assert_eq!(first.importance.as_ref().unwrap().as_str(), "Mutlak");
    assert_eq!((second.position_code.as_str(), second.weight.unwrap().count()), ("12", 150));
    assert_eq!((&second.importance, second.valid_from), (&None, on(2026, 1, 5)));
}

#[test]
fn an_identity_number_typed_as_a_number_is_refused_with_its_own_code() {
    let file = workbook(|sheet| {
        strings(sheet, 0, &["nip", "nama", "status"]);
        sheet.write_number(1, 0, 198_609_262_015_051_001.0).unwrap();
        strings(sheet, 2, &[&format!("'{NIP}"), "B", "PNS"]);
        sheet.write_string(1, 1, "A").unwrap();
        sheet.write_string(1, 2, "PNS").unwrap();
    });
    let reading = read_all::<EmployeeRow>(&file);
    assert_eq!(places(&reading.findings), [("/rows/2/nip", ViolationCode::NipScientific)]);
    assert_eq!(arg(&reading.findings.kept().next().unwrap(), "value"), "1.98609262015051E+17");
    assert_eq!(reading.rows[0].1.nip.as_str(), NIP);
}

#[test]
fn failed_formulas_dates_in_codes_and_merged_cells_are_named() {
    let file = workbook(|sheet| {
        strings(sheet, 0, &["kode", "nama", "kode_induk"]);
        sheet.write_formula(1, 0, Formula::new("=NA()").set_result("#N/A")).unwrap();
        strings(sheet, 2, &["", "Bidang"]);
        sheet.write_string(1, 1, "Dinas").unwrap();
        let day = ExcelDateTime::from_ymd(2026, 2, 1).unwrap();
        sheet.write_datetime_with_format(2, 0, &day, &Style::new().set_num_format("d-mmm")).unwrap();
        strings(sheet, 3, &["A", "a"]);
        strings(sheet, 4, &["B", "b"]);
        sheet.merge_range(3, 2, 4, 2, "DINKES", &Style::new()).unwrap();
        // Below the rows it harms nobody.
        sheet.merge_range(9, 0, 10, 2, "", &Style::new()).unwrap();
    });
    // The writer stores a failed formula's value as text; a spreadsheet stores it as an error.
    let xml = part(&file, SHEET).replace("<c r=\"A2\" t=\"str\">", "<c r=\"A2\" t=\"e\">");
    let reading = read_all::<UnitRow>(&with_part(&file, SHEET, xml.as_bytes()));
    assert_eq!(
        places(&reading.findings),
        [
            ("/rows/2/code", ViolationCode::InvalidFormat),
            ("/rows/3/code", ViolationCode::InvalidFormat),
            ("/rows/4/parent_code", ViolationCode::InvalidFormat),
        ]
    );
    let values: Vec<_> =
        reading.findings.kept().map(|violation| arg(&violation, "value").to_owned()).collect();
    assert_eq!(values, ["#N/A", "2026-02-01", "C4:C5 (merged)"]);
}

#[test]
fn the_sheet_named_like_the_kind_is_read_or_else_the_first_with_content() {
    let book = |names: [&str; 3]| {
        let mut workbook = Workbook::new();
        for (at, name) in names.into_iter().enumerate() {
            let sheet = workbook.add_worksheet().set_name(name).unwrap();
            if at > 0 {
                strings(sheet, 0, &["code", "name"]);
                strings(sheet, 1, &[&format!("SHEET-{at}"), "a"]);
            }
        }
        read_all::<UnitRow>(&workbook.save_to_buffer().unwrap()).rows[0].1.code.to_string()
    };
    assert_eq!(book(["Kosong", "Data", "Lama"]), "SHEET-1");
    assert_eq!(book(["Kosong", "Data", "Units"]), "SHEET-2");
}

#[test]
fn a_hidden_sheet_is_not_read() {
    let mut workbook = Workbook::new();
    strings(workbook.add_worksheet().set_hidden(true), 0, &["code", "name"]);
    strings(workbook.add_worksheet().set_active(true), 0, &["nothing known"]);
    assert_eq!(refusal::<UnitRow>(&workbook.save_to_buffer().unwrap()), "SHEET_NO_HEADER");
}

#[test]
fn the_epoch_of_1904_is_respected() {
    let book = workbook(|sheet| {
        strings(sheet, 0, &["nip", "nama", "status", "tmt"]);
        strings(sheet, 1, &[NIP, "A", "PNS"]);
        let day = ExcelDateTime::from_ymd(2015, 5, 1).unwrap();
        sheet.write_datetime_with_format(1, 3, &day, &Style::new().set_num_format("dd/mm/yyyy")).unwrap();
    });
    let appointed = |bytes: &[u8]| read_all::<EmployeeRow>(bytes).rows[0].1.appointed_on;
    assert_eq!(appointed(&book), Some(on(2015, 5, 1)));
    let xml = part(&book, "xl/workbook.xml").replace("<workbookPr ", "<workbookPr date1904=\"1\" ");
    assert!(xml.contains("date1904"));
    let later = appointed(&with_part(&book, "xl/workbook.xml", xml.as_bytes()));
    assert_eq!(later, Some(on(2015, 5, 1) + chrono::Days::new(1_462)));
}

#[test]
fn a_truncated_workbook_is_refused_wherever_it_ends() {
    let file = units();
    for length in (2..file.len()).step_by(97) {
        assert_eq!(refusal::<UnitRow>(&file[..length]), "SHEET_FORMAT", "{length}");
    }
}

#[test]
fn a_bomb_is_refused_by_its_ratio() {
    let spaces = " ".repeat(12 << 20);
    let xml = sheet_xml(&format!("<row r=\"1\">{}</row>{spaces}", inline("A1", "code")));
    assert_eq!(refusal::<UnitRow>(&with_part(&units(), SHEET, &xml)), "SHEET_TOO_LARGE");
}

/// Overwrites the unpacked size of the archive's last part in its directory.
fn announce(mut bytes: Vec<u8>, size: u32) -> Vec<u8> {
    let entry = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    bytes[entry + 24..entry + 28].copy_from_slice(&size.to_le_bytes());
    bytes
}

#[test]
fn a_directory_that_announces_too_much_is_believed_and_one_that_lies_is_caught() {
    let honest =
        with_part(&units(), SHEET, &sheet_xml(&format!("<row r=\"1\">{}</row>", inline("A1", "code"))));
    assert_eq!(refusal::<UnitRow>(&announce(honest, 300 << 20)), "SHEET_TOO_LARGE");
    let spaces = " ".repeat(12 << 20);
    let bomb = with_part(&units(), SHEET, &sheet_xml(&spaces));
    assert_eq!(refusal::<UnitRow>(&announce(bomb, 1_000)), "SHEET_FORMAT");
}

#[test]
fn too_many_parts_are_refused() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..1_001 {
        writer.start_file(format!("{number}"), SimpleFileOptions::default()).unwrap();
    }
    assert_eq!(refusal::<UnitRow>(&writer.finish().unwrap().into_inner()), "SHEET_TOO_LARGE");
}

#[test]
fn a_part_that_would_exhaust_the_parser_s_memory_is_refused() {
    let strings = |count: &str| {
        format!("<?xml version=\"1.0\"?><sst uniqueCount={count}><si><t>code</t></si></sst>").into_bytes()
    };
    let styles = format!(
        "<styleSheet><fonts><font><name val=\"{}\"/></font></fonts><cellXfs>{}</cellXfs></styleSheet>",
        "x".repeat(100_000),
        "<xf fontId=\"0\"/>".repeat(1_000)
    );
    let token = sheet_xml(&format!("<row r=\"1\"><c r=\"A1\"><v>{}</v></c></row>", "9".repeat(2 << 20)));
    for (name, content) in [
        ("xl/sharedStrings.xml", strings("\"9999999999999\"")),
        ("xl/sharedStrings.xml", strings("  \"9\"")),
        ("xl/styles.xml", styles.into_bytes()),
        (SHEET, token),
    ] {
        assert_eq!(refusal::<UnitRow>(&with_part(&units(), name, &content)), "SHEET_TOO_LARGE", "{name}");
    }
    let rels = "<Relationships><Relationship Id=\"a\" Type=\"/relationships/officeDocument\" \
                Target=\"xl/worksheets/sheet1.xml\"/></Relationships>";
    assert_eq!(refusal::<UnitRow>(&with_part(&units(), "_rels/.rels", rels.as_bytes())), "SHEET_FORMAT");
}

#[test]
fn one_long_text_named_from_every_cell_is_not_copied_without_end() {
    let text = "x".repeat(30_000);
    let shared = format!("<sst><si><t>code</t></si><si><t>name</t></si><si><t>{text}</t></si></sst>");
    let header = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row>";
    let row = "<row><c t=\"s\"><v>2</v></c><c t=\"s\"><v>2</v></c></row>";
    let file = with_part(&units(), "xl/sharedStrings.xml", shared.as_bytes());
    let file = with_part(&file, SHEET, &sheet_xml(&format!("{header}{}", row.repeat(5_000))));
    assert_eq!(refusal::<UnitRow>(&file), "SHEET_TOO_LARGE");
}

#[test]
fn references_without_sense_are_refused() {
    let header = format!("<row r=\"1\">{}{}</row>", inline("A1", "code"), inline("B1", "name"));
    for (rows, code) in [
        (format!("<row>{}</row>", inline("A99999999999", "x")), "SHEET_FORMAT"),
        (format!("<row>{}</row>", inline("ZZZZZZZZZZ1", "x")), "SHEET_FORMAT"),
        (format!("<row>{}</row>", inline("XFD2", "x")), "SHEET_TOO_MANY_COLUMNS"),
        (
            format!("<row r=\"3\">{}</row><row r=\"2\">{}</row>", inline("A3", "x"), inline("A2", "y")),
            "SHEET_FORMAT",
        ),
        ("<row><c t=\"s\"><v>99</v></c></row>".to_owned(), "SHEET_FORMAT"),
    ] {
        let xml = sheet_xml(&format!("{header}{rows}"));
        assert_eq!(refusal::<UnitRow>(&with_part(&units(), SHEET, &xml)), code, "{rows}");
    }
}

// ---- anything at all ----

proptest! {
    #[test]
    fn bytes_of_any_kind_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read::<UnitRow>(&bytes, None, on(2026, 7, 1), None);
    }

    #[test]
    fn text_of_any_kind_never_panics(text in "(kode|nama|code|name|[,;\t\"'\r\n=]|\\PC){0,60}") {
        let _ = read::<UnitRow>(text.as_bytes(), None, on(2026, 7, 1), None);
        let _ = read::<LevelRow>(text.as_bytes(), None, on(2026, 7, 1), None);
    }

    #[test]
    fn a_damaged_workbook_never_panics(at in any::<proptest::sample::Index>(), value: u8) {
        let mut bytes = template_xlsx(ImportKind::Employees).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = value;
        let _ = read::<EmployeeRow>(&bytes, None, on(2026, 7, 1), None);
    }

    #[test]
    fn a_damaged_sheet_never_panics(at in any::<proptest::sample::Index>(), value in "[<>\"'0-9A-Za-z&/ ]") {
        let file = template_xlsx(ImportKind::Units).unwrap();
        let mut xml = part(&file, SHEET).into_bytes();
        let at = at.index(xml.len());
        xml[at] = value.as_bytes()[0];
        let _ = read::<UnitRow>(&with_part(&file, SHEET, &xml), None, on(2026, 7, 1), None);
    }

    #[test]
    fn what_a_csv_writer_quotes_is_read_as_it_was(names in proptest::collection::vec("[a-z\",;\t\r\n' ]{0,12}", 1..6)) {
        let mut writer = ::csv::Writer::from_writer(Vec::new());
        writer.write_record(["kamus", "kode", "level", "deskripsi"]).unwrap();
        for (number, name) in names.iter().enumerate() {
            writer.write_record(["K", &format!("C{number}"), "1", &format!("x{name}x")]).unwrap();
        }
        let reading = read_all::<LevelRow>(&writer.into_inner().unwrap());
        prop_assert_eq!(places(&reading.findings), vec![]);
        let read: Vec<_> = reading.rows.iter().map(|(_, row)| row.description.as_str().to_owned()).collect();
        prop_assert_eq!(read, names.iter().map(|name| format!("x{name}x")).collect::<Vec<_>>());
    }
}
