//! `collection-form`: ten thousand workers from the file to the report on its rows, beside splitting the same
//! rows and checking nothing but the documents.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use api::{
    http::table::{self, Cell, Table},
    platform::{Clock, SystemClock},
    work_permits,
};
use entity::values::{Document, DocumentKind};

use crate::{report, rounds};

/// Workers of the form.
const WORKERS: u32 = 10_000;

/// How often it is read.
const ROUNDS: u32 = 7;

/// So many times the floor's time, at the most, for a workbook.
const TARGET: f64 = 60.0;

/// Read the form as CSV and as a workbook, in turn with the floor.
pub(crate) fn run() -> Result<()> {
    let (now, today) = (SystemClock.now(), SystemClock.today());
    let form = form(&today.to_string());
    let comma = table::csv(&form)?;
    let workbook = table::xlsx(&form, now)?;
    let (mut floor, mut of_comma, mut of_workbook) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let started = Instant::now();
        let documents = split(&comma, today)?;
        let took_floor = started.elapsed();
        let started = Instant::now();
        let (workers, flaws) = work_permits::read_form(&comma, today)?;
        let took_comma = started.elapsed();
        let started = Instant::now();
        let (same, none) = work_permits::read_form(&workbook, today)?;
        let took_workbook = started.elapsed();
        ensure!(
            [documents, workers, same] == [WORKERS as usize; 3] && flaws + none == 0,
            "{documents}, {workers} and {same} workers, {} errors",
            flaws + none
        );
        if round > 0 {
            floor.push(took_floor.as_secs_f64());
            of_comma.push(took_comma.as_secs_f64());
            of_workbook.push(took_workbook.as_secs_f64());
        }
    }
    let (floor, comma_took) = (rounds::median(floor), rounds::median(of_comma));
    let took = rounds::median(of_workbook);
    println!(
        "  {WORKERS} workers: floor {:.1} ms, CSV {:.1} ms, workbook of {} KiB {:.1} ms",
        floor * 1e3,
        comma_took * 1e3,
        workbook.len() / 1024,
        took * 1e3
    );
    let ratio = took / floor;
    let each = took * 1e6 / f64::from(WORKERS);
    report::end("collection-form", ratio, each, TARGET, ratio <= TARGET);
    Ok(())
}

/// How many lines have a document.
fn split(file: &[u8], today: chrono::NaiveDate) -> Result<usize> {
    let text = std::str::from_utf8(file).context("not UTF-8")?;
    let documents = text.lines().skip(1).filter(|line| {
        let number = line.split(',').nth(2).unwrap_or_default();
        Document::parse(DocumentKind::ResidentCard, number, today).is_ok()
    });
    Ok(documents.count())
}

fn form(day: &str) -> Table {
    let headings = work_permits::rules::Heading::ALL.map(|it| it.text().to_owned());
    let line = |serial| {
        let number = number(serial);
        let cells = [
            "王小明",
            "居民身份证",
            &number,
            "13800138000",
            "装配工",
            "310101",
            "",
            day,
        ];
        cells.map(|text| Cell::Text(text.to_owned())).to_vec()
    };
    Table {
        title: "采集表".into(),
        headings: headings.to_vec(),
        lines: (0..WORKERS).map(line).collect(),
        notes: Vec::new(),
    }
}

/// A resident number of somebody born in the nineties, who is nobody.
fn number(serial: u32) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let (day, order) = (serial / 1_000 % 28 + 1, serial % 1_000);
    let digits = format!("310101199001{day:02}{order:03}");
    let sum: u32 = digits
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    let check = CHECKS
        .get(sum as usize % CHECKS.len())
        .copied()
        .unwrap_or(b'0');
    format!("{digits}{}", char::from(check))
}
