use std::io::Write;

use rust_xlsxwriter::{Format, Formula, Workbook};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;
use crate::{
    http::table,
    work_permits::rules::{FlawKind, Heading},
};

fn cells(sheet: &Sheet) -> Vec<(u32, Vec<&str>)> {
    let lines = sheet.lines.iter();
    lines
        .map(|line| {
            (
                line.number,
                line.cells.values().map(String::as_str).collect(),
            )
        })
        .collect()
}

fn kinds(sheet: &Sheet) -> Vec<(String, FlawKind)> {
    let flaws = sheet.flaws.iter();
    flaws.map(|flaw| (flaw.cell(), flaw.kind)).collect()
}

#[test]
fn the_template_reads_as_itself_in_either_form() {
    let headings: Vec<&str> = Heading::ALL.iter().map(|it| it.text()).collect();
    let at = "2026-03-02T04:00:00Z".parse().unwrap();
    for file in [
        table::csv(&template()).unwrap(),
        table::xlsx(&template(), at).unwrap(),
    ] {
        let sheet = read(&file).unwrap();
        assert_eq!(cells(&sheet)[0], (1, headings.clone()));
        assert_eq!(sheet.flaws, []);
        assert_eq!(sheet.lines.len(), 2);
    }
}

#[test]
fn a_csv_of_a_chinese_spreadsheet_reads_as_one_in_utf_8() {
    let text = "姓名,岗位\r\n\r\n张三,\"配,送\"\r\n";
    let (bytes, _, _) = encoding_rs::GB18030.encode(text);
    for file in [
        text.as_bytes(),
        &bytes,
        format!("\u{feff}{text}").as_bytes(),
    ] {
        let sheet = read(file).unwrap();
        assert_eq!(
            cells(&sheet),
            [(1, vec!["姓名", "岗位"]), (3, vec!["张三", "配,送"])]
        );
    }
}

#[test]
fn lines_are_counted_as_a_spreadsheet_does_whatever_stands_in_them() {
    let text = "姓名,岗位\n\n\"张\n三\",\"a \"\"b\"\" c\"\n \n李四,5\" 管\n\n王五,x";
    let sheet = read(text.as_bytes()).unwrap();
    let numbers: Vec<u32> = sheet.lines.iter().map(|line| line.number).collect();
    assert_eq!(numbers, [1, 3, 5, 7]);
}

#[test]
fn a_formula_a_merged_cell_and_a_number_too_long_are_named_by_cell() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "姓名").unwrap();
    sheet
        .write_formula(1, 0, Formula::new("=A1").set_result("x"))
        .unwrap();
    sheet
        .write_number(1, 1, 310_101_199_003_070_019_f64)
        .unwrap();
    sheet.write_number(1, 2, 13_800_138_000_f64).unwrap();
    sheet
        .merge_range(2, 0, 3, 1, "合并", &Format::new())
        .unwrap();
    let read = read(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(
        kinds(&read),
        [
            ("A3".to_owned(), FlawKind::Merged),
            ("A2".to_owned(), FlawKind::Formula),
            ("B2".to_owned(), FlawKind::NumberCell),
        ]
    );
    assert_eq!(cells(&read)[1], (2, vec!["13800138000"]));
}

#[test]
fn dates_are_days_however_a_cell_has_them() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 3, 9).unwrap();
    let format = Format::new().set_num_format("yyyy-mm-dd");
    sheet
        .write_datetime_with_format(0, 0, &day, &format)
        .unwrap();
    sheet.write_string(0, 1, "2026-03-09").unwrap();
    let read = read(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(cells(&read), [(1, vec!["2026-03-09", "2026-03-09"])]);
}

#[test]
fn a_bomb_is_found_before_it_goes_off() {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    zip.start_file("xl/workbook.xml", options).unwrap();
    zip.write_all(b"<workbook/>").unwrap();
    zip.start_file("xl/worksheets/sheet1.xml", options).unwrap();
    let blank = vec![b' '; 1024 * 1024];
    for _ in 0..65 {
        zip.write_all(&blank).unwrap();
    }
    let bomb = zip.finish().unwrap().into_inner();
    assert!(bomb.len() < 1024 * 1024);
    assert_eq!(read(&bomb), Err(Unreadable::Bomb));
}

/// `book` with `from` in its part `name` replaced by `to`.
fn with(book: &[u8], name: &str, from: &str, to: &str) -> Vec<u8> {
    let mut parts = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for place in 0..parts.len() {
        let mut part = parts.by_index(place).unwrap();
        let own = part.name().unwrap().into_owned();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut part, &mut text).unwrap();
        if own == name {
            assert!(text.contains(from), "{text}");
            text = text.replace(from, to);
        }
        zip.start_file(own, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn no_room_is_made_for_what_a_workbook_only_says_it_has() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "姓名").unwrap();
    sheet.write_formula(1, 0, Formula::new("=A1")).unwrap();
    let book = book.save_to_buffer().unwrap();
    let strings = "xl/sharedStrings.xml";
    let many = "uniqueCount=\"10000000000000\"";
    let bomb = with(&book, strings, "uniqueCount=\"1\"", many);
    assert_eq!(read(&bomb), Err(Unreadable::Bomb));
    let shared = "<f t=\"shared\" ref=\"A2:A3\" si=\"10000000000000\">A1</f>";
    let formula = with(&book, "xl/worksheets/sheet1.xml", "<f>A1</f>", shared);
    let found = kinds(&read(&formula).unwrap());
    assert_eq!(found, [("A2".to_owned(), FlawKind::Formula)]);
}

#[test]
fn a_text_in_a_million_cells_is_not_a_form() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let long = "长".repeat(LONGEST_CELL);
    let rows = u32::try_from(16 * 1024 * 1024 / long.len() / 10 + 1).unwrap();
    for row in 0..rows {
        for column in 0..10 {
            sheet.write_string(row, column, &long).unwrap();
        }
    }
    let book = book.save_to_buffer().unwrap();
    assert_eq!(read(&book), Err(Unreadable::Extent));
}

#[test]
fn a_cell_at_the_end_of_the_sheet_takes_no_memory() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "姓名").unwrap();
    sheet.write_string(1_048_575, 16_383, "x").unwrap();
    assert_eq!(
        read(&book.save_to_buffer().unwrap()),
        Err(Unreadable::Extent)
    );
}

#[test]
fn what_is_no_form_is_told_apart() {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("a.txt", SimpleFileOptions::default())
        .unwrap();
    zip.write_all(b"a").unwrap();
    let zip = zip.finish().unwrap().into_inner();
    for (file, why) in [
        (&b"%PDF-1.7"[..], Unreadable::Kind),
        (b"PK\x03\x04 and nothing else", Unreadable::Damaged),
        (&zip, Unreadable::Kind),
        (b"\xff\xff\xff", Unreadable::Encoding),
        (b"a\0b", Unreadable::Kind),
        (&vec![b'a'; LARGEST + 1], Unreadable::TooLarge),
    ] {
        assert_eq!(read(file), Err(why));
    }
}
