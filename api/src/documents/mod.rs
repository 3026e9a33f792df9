//! Pages that people print: Chinese and English text, lines, and codes drawn module by module.
//!
//! A page is laid out in millimetres from its upper left corner, as marks that a test can look at, and
//! then written as PDF/A-2u (ISO 19005-2): the font is in the file, cut to the glyphs that it uses, and
//! text can be searched and read aloud. The same page is a PNG picture for a phone. The same pages give the
//! same bytes.
//!
//! No character vanishes: one that the font lacks is printed as [`SUBSTITUTE`], and the page knows
//! which those were, so that whoever lays it out can say so on it.

mod font;
mod page;
mod picturing;
mod writing;

pub use font::{SUBSTITUTE, breaks, missing, width};
pub use page::{At, Ink, Mark, Page, Paper, Style};
pub use picturing::png;
pub use writing::{NotWritten, pdf};
