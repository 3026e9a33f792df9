//! What its holder and whoever checks it need to know, beside a card to cut out of A4.

use super::{
    card::GREEN,
    face::PaperFace,
    words::{self, Both},
};
use crate::documents::{Ink, Page, Paper, Style};

const MARGIN: f32 = 14.0;
/// Where the card is on the sheet.
pub(super) const CARD: (f32, f32) = (MARGIN, 20.0);

/// How far the number of a point is from its text.
const INDENT: f32 = 5.0;

const HEADING: Style = Style::of(13.0).in_ink(GREEN).strong();
const CHINESE: Style = Style::of(10.0);
const ENGLISH: Style = Style::of(8.6).in_ink(Ink::GREY);

/// A column of text.
#[derive(Clone, Copy)]
struct Column {
    left: f32,
    width: f32,
}

/// Draw everything but the card. The origin is the sheet's.
pub(super) fn draw(page: &mut Page, face: &PaperFace) {
    cutting_lines(page);
    let (sheet, height) = Paper::A4.size();
    let (card, _) = Paper::A6.size();
    let beside = CARD.0 + card + 8.0;
    let beside = Column {
        left: beside,
        width: sheet - MARGIN - beside,
    };
    let y = points(
        page,
        beside,
        27.0,
        words::HOLDERS.zh,
        &chinese(words::FOR_THE_HOLDER),
        CHINESE,
    );
    points(
        page,
        beside,
        y + 6.0,
        words::VERIFIERS.zh,
        &chinese(words::FOR_VERIFIERS),
        CHINESE,
    );

    let half = (sheet - 2.0 * MARGIN - 8.0) / 2.0;
    let columns = [MARGIN, MARGIN + half + 8.0].map(|left| Column { left, width: half });
    let [left, right] = columns;
    points(
        page,
        left,
        184.0,
        words::HOLDERS.en,
        &english(words::FOR_THE_HOLDER),
        ENGLISH,
    );
    points(
        page,
        right,
        184.0,
        words::VERIFIERS.en,
        &english(words::FOR_VERIFIERS),
        ENGLISH,
    );

    complaints(page, face, sheet, height);
}

fn cutting_lines(page: &mut Page) {
    let (width, height) = Paper::A6.size();
    let (left, top) = CARD;
    let (right, bottom) = (left + width, top + height);
    page.cut((left, top), (right, top));
    page.cut((right, top), (right, bottom));
    page.cut((right, bottom), (left, bottom));
    page.cut((left, bottom), (left, top));
    let hint = format!("{}  {}", words::CUT.zh, words::CUT.en);
    page.text((left, top - 2.2), Style::of(7.5).in_ink(Ink::GREY), &hint);
}

/// Numbered points under a heading. Returns how far down they reach.
fn points(
    page: &mut Page,
    column: Column,
    y: f32,
    heading: &str,
    said: &[&str],
    style: Style,
) -> f32 {
    page.text((column.left, y), HEADING, heading);
    page.line(
        (column.left, y + 2.2),
        (column.left + column.width, y + 2.2),
        0.3,
        GREEN,
    );
    let mut y = y + 8.4;
    for (number, said) in (1..).zip(said) {
        page.text((column.left, y), style.in_ink(GREEN), &format!("{number}"));
        let text = column.left + INDENT;
        y = page.paragraph((text, y), column.width - INDENT, style, said) + 1.2;
    }
    y
}

fn complaints(page: &mut Page, face: &PaperFace, width: f32, height: f32) {
    let Some(line) = &face.complaints else {
        return;
    };
    let y = height - 26.0;
    page.area((MARGIN, y), width - 2.0 * MARGIN, 0.5, GREEN);
    let title = format!("{} {}", words::COMPLAINTS.zh, words::COMPLAINTS.en);
    page.text((MARGIN, y + 7.0), Style::of(9.0).in_ink(Ink::GREY), &title);
    let room = (width - 2.0 * MARGIN) / 2.0;
    let telephone = Style::of(16.0).strong().fitting(&line.telephone, room);
    page.text((MARGIN, y + 14.5), telephone, &line.telephone);
    let hours = Style::of(10.0).fitting(&line.hours, room);
    page.text_before((width - MARGIN, y + 14.5), hours, &line.hours);
}

fn chinese<const N: usize>(said: [Both; N]) -> [&'static str; N] {
    said.map(|both| both.zh)
}

fn english<const N: usize>(said: [Both; N]) -> [&'static str; N] {
    said.map(|both| both.en)
}
