//! The card, as large as A6.

use super::{
    face::PaperFace,
    words::{self, Both},
};
use crate::{
    credentials::qr::Matrix,
    documents::{Ink, Page, Style, breaks},
};

/// The colour of the card's frame.
pub(super) const GREEN: Ink = Ink(0, 104, 71);

const LEFT: f32 = 8.0;
const RIGHT: f32 = 97.0;
const WIDTH: f32 = RIGHT - LEFT;

/// How wide the modules of the code are together: at least 35 millimetres, so that the largest permit
/// has modules of more than half a millimetre.
pub(super) const SYMBOL: f32 = 40.0;
/// The widest that text beside the code may be without touching its quiet zone.
const BESIDE_SYMBOL: f32 = RIGHT - SYMBOL - 4.0 - LEFT;

/// Draw the card with its upper left corner in the origin.
pub(super) fn draw(page: &mut Page, face: &PaperFace, symbol: &Matrix) {
    heading(page, face);
    holder(page, face);
    code(page, symbol);
    term(page, face);
    statements(page);
    foot(page, face);
}

fn heading(page: &mut Page, face: &PaperFace) {
    page.area((LEFT, 7.0), WIDTH, 1.4, GREEN);
    let region = Style::of(9.0).fitting(&face.issued_by, WIDTH);
    page.text((LEFT, 14.2), region, &face.issued_by);
    let title = Style::of(25.0).in_ink(GREEN).strong();
    page.text((LEFT, 24.4), title, words::TITLE.zh);
    let english = Style::of(9.5).in_ink(GREEN);
    page.text_before((RIGHT, 24.4), english, words::TITLE.en);
    rule(page, 28.0);
}

fn holder(page: &mut Page, face: &PaperFace) {
    label(page, LEFT, 34.0, words::NAME);
    let name = Style::of(21.0).strong();
    if name.fitting(&face.holder, BESIDE_SYMBOL).points >= 12.0 {
        let name = name.fitting(&face.holder, BESIDE_SYMBOL);
        page.text((LEFT, 43.0), name, &face.holder);
    } else {
        filling(page, 39.5, &face.holder, Style::of(12.0).strong(), 2);
    }
    label(page, LEFT, 52.0, words::DOCUMENT);
    let digits = format!("＊＊＊＊ {}", face.document_last4);
    page.text((LEFT, 58.5), Style::of(14.0).strong(), &digits);
    label(page, LEFT, 66.5, words::COMMUNITY);
    filling(page, 71.8, &face.community, Style::of(10.5), 2);
}

/// `text` beside the code in at most `lines` lines, smaller if it takes more.
fn filling(page: &mut Page, y: f32, text: &str, style: Style, lines: usize) {
    let mut style = style;
    while breaks(text, style.points, BESIDE_SYMBOL).len() > lines && style.points > 4.0 {
        style.points -= 0.5;
    }
    page.paragraph((LEFT, y), BESIDE_SYMBOL, style, text);
}

fn code(page: &mut Page, symbol: &Matrix) {
    let left = RIGHT - SYMBOL;
    page.symbol((left, 33.0), SYMBOL, symbol);
    let caption = format!("{} {}", words::SCAN.zh, words::SCAN.en);
    let middle = left + SYMBOL / 2.0;
    page.text_around((middle, 78.4), Style::of(8.0).in_ink(GREEN), &caption);
}

fn term(page: &mut Page, face: &PaperFace) {
    rule(page, 82.5);
    label(page, LEFT, 87.6, words::VALID);
    let term = face.term();
    let style = Style::of(14.0).strong().fitting(&term, WIDTH);
    page.text((LEFT, 94.2), style, &term);
    rule(page, 98.0);
    label(page, LEFT, 104.3, words::NUMBER);
    let number = Style::of(13.0).strong();
    let number = number.fitting(&face.number, WIDTH - 26.0);
    page.text_before((RIGHT, 104.5), number, &face.number);
    rule(page, 108.0);
}

fn statements(page: &mut Page) {
    let mut y = 113.6;
    for said in [words::SAME_FORCE, words::LET_THROUGH, words::VERIFYING] {
        page.text((LEFT, y), Style::of(8.6), said.zh);
        page.text((LEFT, y + 3.2), Style::of(6.5).in_ink(Ink::GREY), said.en);
        y += 8.0;
    }
}

fn foot(page: &mut Page, face: &PaperFace) {
    page.area((LEFT, 136.6), WIDTH, 0.5, GREEN);
    if let Some(line) = &face.complaints {
        let title = format!("{} {}  ", words::COMPLAINTS.zh, words::COMPLAINTS.en);
        let told = format!("{title}{}  {}", line.telephone, line.hours);
        let style = Style::of(9.0).fitting(&told, WIDTH);
        page.text((LEFT, 141.4), style, &told);
    }
    if page.lacks_characters() {
        let note = format!("{} {}", words::SUBSTITUTED.zh, words::SUBSTITUTED.en);
        let style = Style::of(6.0).fitting(&note, WIDTH);
        page.text((LEFT, 145.0), style, &note);
    }
}

fn label(page: &mut Page, x: f32, y: f32, said: Both) {
    let text = format!("{} {}", said.zh, said.en);
    page.text((x, y), Style::of(7.2).in_ink(Ink::GREY), &text);
}

fn rule(page: &mut Page, y: f32) {
    page.line((LEFT, y), (RIGHT, y), 0.2, Ink::LIGHT);
}
