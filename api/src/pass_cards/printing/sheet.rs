//! The card on the sheets that it is printed on.

use super::{card, face::PaperFace, instructions, words};
use crate::{
    credentials::qr::{Level, TooLong, ordinary},
    documents::{self, NotWritten, Page, Paper},
};

/// Why a card was not printed.
#[derive(Debug, thiserror::Error)]
pub enum NotPrinted {
    /// Its signed text does not fit in a symbol.
    #[error(transparent)]
    Symbol(#[from] TooLong),
    /// The document was not written.
    #[error(transparent)]
    Document(#[from] NotWritten),
}

/// The card of that face as a document. The same face gives the same bytes.
pub fn pdf(face: &PaperFace, paper: Paper) -> Result<Vec<u8>, NotPrinted> {
    let title = format!("{} {}", words::TITLE.zh, face.number);
    let pages = pages(face, paper)?;
    Ok(documents::pdf(&title, face.valid_from, &pages)?)
}

/// The pages of that document.
pub fn pages(face: &PaperFace, paper: Paper) -> Result<Vec<Page>, TooLong> {
    let symbol = ordinary::draw(&face.token, Level::Quartile)?;
    let mut page = Page::new(paper);
    match paper {
        Paper::A5 | Paper::A6 => card::draw(&mut page, face, &symbol),
        Paper::A4 => {
            instructions::draw(&mut page, face);
            page.move_origin(instructions::CARD);
            card::draw(&mut page, face, &symbol);
        }
    }
    Ok(vec![page])
}
