//! The collection form as a file (W2): CSV or a workbook, read with bounds, and the template to fill in.
//!
//! What a file is its content says, and not its name. A workbook is a ZIP: how large its parts become is
//! counted before anything reads them, and no cell of it is a formula or merged with another.

mod comma;
mod template;
mod workbook;

pub(super) use template::{report, template};

use chrono::NaiveDate;

use super::rules::{Sheet, judge};

/// Bytes of a form, at the most.
pub(super) const LARGEST: usize = 5 * 1024 * 1024;

/// Characters of a cell, at the most.
const LONGEST_CELL: usize = 200;

/// Columns in which anything may stand.
const MOST_COLUMNS: u32 = 64;

/// Lines up to which anything may stand: blank ones may lie between.
const LAST_LINE: u32 = 20_000;

/// Flaws that are told. Who has more begins anew with the template.
pub(super) const MOST_FLAWS: usize = 1_000;

/// A file that is no form at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Neither CSV nor a workbook.
    #[error("neither CSV nor a workbook")]
    Kind,
    /// It is larger than five megabytes.
    #[error("the form is too large")]
    TooLarge,
    /// Unpacked it would be far larger than any form.
    #[error("the form unpacks to more than any form holds")]
    Bomb,
    /// Its characters are neither UTF-8 nor GB 18030.
    #[error("the form is neither UTF-8 nor GB 18030")]
    Encoding,
    /// It is damaged.
    #[error("the form is damaged")]
    Damaged,
    /// Something stands outside of where a form has anything.
    #[error("the form has more lines or columns than any form")]
    Extent,
}

/// How many workers `file` lists in lines that are in order as of `today`, and how many errors it has.
pub fn read_form(file: &[u8], today: NaiveDate) -> Result<(usize, usize), Unreadable> {
    let (workers, flaws) = judge(read(file)?, today);
    Ok((workers.len(), flaws.len()))
}

/// What `file` says.
pub(super) fn read(file: &[u8]) -> Result<Sheet, Unreadable> {
    if file.len() > LARGEST {
        return Err(Unreadable::TooLarge);
    }
    if file.starts_with(b"PK\x03\x04") {
        workbook::read(file)
    } else if [&b"%PDF"[..], b"\xD0\xCF\x11\xE0", b"\x89PNG", b"\x1F\x8B"]
        .iter()
        .any(|magic| file.starts_with(magic))
    {
        Err(Unreadable::Kind)
    } else {
        comma::read(file)
    }
}

#[cfg(test)]
mod tests;
