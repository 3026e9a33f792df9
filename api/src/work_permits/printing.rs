//! A permit as a picture of its code, and on paper: as large as A6, in both languages, with the code that a
//! phone shows.

use chrono::{DateTime, NaiveTime, Utc};
use entity::values::PersonId;

use super::{
    error::Error,
    permits::{WorkFace, permit_shown},
};
use crate::{
    credentials::qr::{Level, ordinary},
    deps::Deps,
    documents::{self, Ink, Page, Paper, Style},
    platform::clock::CHINA,
};

const BLUE: Ink = Ink(0, 71, 133);
const LEFT: f32 = 8.0;
const WIDTH: f32 = 89.0;

/// How wide the modules of the code are together, in millimetres.
const SYMBOL: f32 = 46.0;

/// The permit of `person` as a document, if it counts.
pub(super) async fn pdf(deps: &Deps, person: PersonId) -> Result<(String, Vec<u8>), Error> {
    let face = permit_shown(deps, person).await?.ok_or(Error::NotFound)?;
    let token = face.token.clone().ok_or(Error::DoesNotCount)?;
    let number = face.number.clone();
    let set = move || {
        let symbol = ordinary::draw(&token, Level::Quartile)?;
        let title = format!("复工证 {}", face.number);
        let written = documents::pdf(&title, face.valid_from, &[page(&face, &symbol)])?;
        Ok::<_, Error>(written)
    };
    let written = tokio::task::spawn_blocking(set).await;
    Ok((number, written.map_err(|_| Error::NotSet)??))
}

fn page(face: &WorkFace, symbol: &crate::credentials::qr::Matrix) -> Page {
    let mut page = Page::new(Paper::A6);
    page.area((LEFT, 7.0), WIDTH, 1.4, BLUE);
    let title = Style::of(24.0).in_ink(BLUE).strong();
    page.text((LEFT, 19.0), title, "复工证");
    let english = Style::of(9.0).in_ink(BLUE);
    page.text_before((LEFT + WIDTH, 19.0), english, "Permit to return to work");
    let left = LEFT + (WIDTH - SYMBOL) / 2.0;
    page.symbol((left, 25.0), SYMBOL, symbol);
    let lines = [
        ("姓名 Name", face.holder.clone()),
        (
            "证件后四位 Document",
            format!("＊＊＊＊ {}", face.document_last4),
        ),
        ("单位 Employer", face.employer.clone()),
        ("岗位 Job", face.job.clone()),
        ("有效期 Valid", term(face.valid_from, face.valid_until)),
        ("编号 Number", face.number.clone()),
    ];
    let mut y = 80.0;
    for (label, text) in lines {
        page.text((LEFT, y), Style::of(7.0).in_ink(Ink::GREY), label);
        let style = Style::of(12.0).strong().fitting(&text, WIDTH);
        page.text((LEFT, y + 5.0), style, &text);
        y += 9.6;
    }
    page.area((LEFT, 138.0), WIDTH, 0.5, BLUE);
    let note = "绿码有效期内随码查验 Counts while the holder's code is green";
    page.text((LEFT, 142.5), Style::of(7.0).fitting(note, WIDTH), note);
    page
}

/// From when until when it is good, in the time of China.
fn term(from: DateTime<Utc>, until: DateTime<Utc>) -> String {
    let (from, until) = (from.with_timezone(&CHINA), until.with_timezone(&CHINA));
    let last = until.date_naive().pred_opt();
    let until = match (last, until.time() == NaiveTime::MIN) {
        (Some(last), true) => format!("{last} 24:00"),
        _ => until.format("%Y-%m-%d %H:%M").to_string(),
    };
    format!("{} — {until}", from.format("%Y-%m-%d %H:%M"))
}
