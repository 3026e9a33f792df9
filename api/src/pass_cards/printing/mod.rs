//! The health pass card on paper: the same force and the same code as on the phone (P2).
//!
//! On A6 it is the card alone; on A4 the card to cut out, beside what its holder and whoever checks it
//! need to know. A layout is a pure function of the card's face, in millimetres.

mod card;
mod face;
mod fetching;
mod instructions;
mod routes;
mod sheet;
mod words;

pub use face::{ComplaintLine, PaperFace};
pub(super) use routes::configure;
pub use sheet::{NotPrinted, pages, pdf};

#[cfg(test)]
mod tests;
