use super::*;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()
}

fn line(number: u32, cells: &[&str]) -> Line {
    let cells = (0..).zip(cells).filter(|(_, text)| !text.is_empty());
    Line {
        number,
        cells: cells.map(|(at, text)| (at, (*text).to_owned())).collect(),
    }
}

const GOOD: [&str; 8] = [
    "张小明",
    "居民身份证",
    "310101199003070019",
    "13800138000",
    "配送员",
    "310101",
    "310101002001",
    "2026-03-09",
];

fn form(rows: &[[&str; 8]]) -> Sheet {
    let headings: Vec<&str> = Heading::ALL.iter().map(|it| it.text()).collect();
    let rows = (2..).zip(rows).map(|(number, row)| line(number, row));
    Sheet {
        lines: std::iter::once(line(1, &headings)).chain(rows).collect(),
        flaws: Vec::new(),
    }
}

fn found(sheet: Sheet) -> Vec<(String, &'static str)> {
    let (_, flaws) = judge(sheet, today());
    let told = flaws.iter().map(|flaw| (flaw.cell(), flaw.kind.code()));
    told.collect()
}

#[test]
fn a_form_in_order_gives_its_workers() {
    let other = [
        "李秀英",
        "身份证",
        "11010519491231002X",
        "13900139000",
        "店员",
        "310104",
        "",
        "2026年3月9日",
    ];
    let (workers, flaws) = judge(form(&[GOOD, other]), today());
    assert_eq!(flaws, []);
    assert_eq!(workers.len(), 2);
    assert_eq!(workers[1].residence.code(), "310104");
    assert_eq!(workers[1].community, None);
    assert_eq!(workers[0].returns_on, workers[1].returns_on);
}

#[test]
fn every_error_of_every_row_is_told_with_its_cell() {
    let mut bad = GOOD;
    bad[0] = "=1+1";
    bad[2] = "310101199003070018";
    bad[3] = "12345";
    bad[5] = "310000";
    bad[7] = "昨天";
    let mut late = GOOD;
    late[7] = "2026-03-01";
    late[2] = "11010519491231002X";
    late[4] = "";
    assert_eq!(
        found(form(&[bad, late])),
        [
            ("A2".to_owned(), "name"),
            ("C2".to_owned(), "check_character"),
            ("D2".to_owned(), "phone"),
            ("F2".to_owned(), "unknown_division"),
            ("H2".to_owned(), "date"),
            ("E3".to_owned(), "missing"),
            ("H3".to_owned(), "date_range"),
        ]
    );
}

#[test]
fn a_worker_who_is_listed_twice_is_named_in_both_lines() {
    let mut again = GOOD;
    again[3] = "13900139000";
    let twice = [
        ("C2".to_owned(), "worker_twice"),
        ("C3".to_owned(), "worker_twice"),
    ];
    assert_eq!(found(form(&[GOOD, again])), twice);
}

#[test]
fn a_community_lies_in_the_county_that_is_named() {
    let mut bad = GOOD;
    bad[6] = "310104002001";
    assert_eq!(
        found(form(&[bad])),
        [("G2".to_owned(), "unknown_community")]
    );
}

#[test]
fn headings_are_those_of_the_form_each_once() {
    let mut sheet = form(&[]);
    sheet.lines[0].cells.insert(8, "薪资".into());
    sheet.lines[0].cells.insert(9, "姓名".into());
    sheet.lines[0].cells.remove(&3);
    assert_eq!(
        found(sheet),
        [
            ("1".to_owned(), "heading_missing"),
            ("I1".to_owned(), "unknown_heading"),
            ("J1".to_owned(), "heading_twice"),
            ("2".to_owned(), "no_workers"),
        ]
    );
    assert_eq!(found(Sheet::default()), [("1".to_owned(), "no_workers")]);
}

#[test]
fn a_form_has_ten_thousand_workers_at_the_most() {
    let mut sheet = form(&[]);
    let rows = (2..).take(super::super::MOST_WORKERS + 1);
    sheet.lines.extend(rows.map(|number| line(number, &GOOD)));
    assert!(found(sheet).contains(&("10002".to_owned(), "too_many_workers")));
}
