//! What becomes of a file before it is kept: it is looked into, and written anew.

mod document;
mod picture;

use entity::values::UploadContent;

/// Bytes of a file as it is sent, at the most.
pub const LARGEST: usize = 10 * 1024 * 1024;

/// Pixels of a picture, at the most.
pub const MOST_PIXELS: u64 = 40_000_000;

/// Pages of a document, at the most.
pub const MOST_PAGES: usize = 20;

/// Bytes of a file once it is written anew, at the most: some were packed better than we pack them.
const LARGEST_WRITTEN: usize = 2 * LARGEST;

/// Why a file is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Nothing is in it.
    #[error("the file is empty")]
    Empty,
    /// It has too many bytes.
    #[error("the file is too large")]
    TooLarge,
    /// By its first bytes it is neither a JPEG nor a PNG nor a PDF, whatever it is called.
    #[error("the file is of no kind that is taken")]
    UnknownContent,
    /// It breaks off, or is made up wrongly.
    #[error("the file is damaged")]
    Damaged,
    /// The picture has too many pixels.
    #[error("the picture has too many pixels")]
    TooManyPixels,
    /// The document has too many pages.
    #[error("the document has too many pages")]
    TooManyPages,
    /// The document is made up of more parts than a few scanned pages are.
    #[error("the document is too complicated")]
    TooComplicated,
    /// The document asks for a password, or forbids some use of it.
    #[error("the document is encrypted")]
    Encrypted,
    /// The document would do something: it has a script, or an action.
    #[error("the document has active content")]
    Active,
    /// There are files within the document.
    #[error("the document has files within")]
    Embedded,
}

/// A file as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clean {
    pub(super) content: UploadContent,
    pub(super) bytes: Vec<u8>,
}

/// A file that was looked at from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glance {
    content: UploadContent,
    /// What cleaning it takes, in millions of pixels.
    pub(super) cost: u32,
}

/// What a document takes.
const DOCUMENT_COST: u32 = 24;

/// The most that cleaning anything takes.
pub(super) const HIGHEST_COST: u32 = 48;

/// Look at `file` as far as its first bytes say what it is: nothing is decoded.
pub(super) fn glance(file: &[u8]) -> Result<Glance, Flaw> {
    if file.is_empty() {
        return Err(Flaw::Empty);
    }
    if file.len() > LARGEST {
        return Err(Flaw::TooLarge);
    }
    let content = content_of(file).ok_or(Flaw::UnknownContent)?;
    let cost = match content {
        UploadContent::Pdf => DOCUMENT_COST,
        UploadContent::Jpeg | UploadContent::Png => {
            let pixels = picture::pixels(content, file)?;
            u32::try_from(pixels / 1_000_000).unwrap_or(HIGHEST_COST) + 1
        }
    };
    let cost = cost.min(HIGHEST_COST);
    Ok(Glance { content, cost })
}

/// What `file` is, by how such files begin.
fn content_of(file: &[u8]) -> Option<UploadContent> {
    match file {
        [0xff, 0xd8, 0xff, ..] => Some(UploadContent::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(UploadContent::Png),
        [b'%', b'P', b'D', b'F', b'-', b'1' | b'2', b'.', ..] => Some(UploadContent::Pdf),
        _ => None,
    }
}

/// Write `file` anew: what it shows, and nothing else of it.
pub(super) fn clean(glance: Glance, file: &[u8]) -> Result<Clean, Flaw> {
    let content = glance.content;
    let bytes = match content {
        UploadContent::Pdf => document::clean(file)?,
        UploadContent::Jpeg | UploadContent::Png => picture::clean(content, file)?,
    };
    if bytes.len() > LARGEST_WRITTEN {
        return Err(Flaw::TooLarge);
    }
    Ok(Clean { content, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(file: &[u8]) -> Result<Clean, Flaw> {
        clean(glance(file)?, file)
    }

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        for (file, expected) in [
            (&b""[..], Flaw::Empty),
            (
                b"PK\x03\x04 a spreadsheet, or a document",
                Flaw::UnknownContent,
            ),
            (b"\n%PDF-1.7", Flaw::UnknownContent),
            (b"%PDF-", Flaw::UnknownContent),
            (b"%PDF-9.0", Flaw::UnknownContent),
            (b"GIF89a", Flaw::UnknownContent),
            (
                b"<svg xmlns='http://www.w3.org/2000/svg'/>",
                Flaw::UnknownContent,
            ),
            (b"MZ\x90", Flaw::UnknownContent),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Flaw::UnknownContent),
            (b"\xff\xd8\xff\xe0", Flaw::Damaged),
            (b"\x89PNG\r\n\x1a\n", Flaw::Damaged),
            (b"%PDF-1.7\nPK\x03\x04", Flaw::Damaged),
        ] {
            assert_eq!(cleaned(file), Err(expected), "{file:?}");
        }
        let large = vec![0xff; LARGEST + 1];
        assert_eq!(cleaned(&large), Err(Flaw::TooLarge));
    }
}
