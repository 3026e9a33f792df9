//! Files: what they are packed in, and what must be right about them before any row counts.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    os::unix::fs::FileExt,
    sync::Arc,
};

use aws_lc_rs::digest::{Context, SHA256};
use flate2::bufread::MultiGzDecoder;

use super::{
    findings::FileFlaw,
    kinds::Kind,
    lines::{Lines, Unreadable},
};

/// How RFC 1952 begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What is read at a time of a compressed file.
const COMPRESSED: usize = 64 * 1024;

/// How much larger than it was sent a file may become. Rows of people compress to a tenth; a bomb,
/// to a thousandth.
const MOST_EXPANSION: u64 = 100;

/// Smaller files than this may expand as they like, up to this.
const FREELY: u64 = 4 * 1024 * 1024;

/// What is known of a file that was read through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Inspected {
    /// SHA-256 of it as it was sent.
    pub(super) digest: [u8; 32],
    /// Its lines.
    pub(super) lines: i64,
}

/// A file does not pass.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfit {
    /// For what is in it.
    #[error("the file is refused: {}", .0.code())]
    Flawed(FileFlaw),
    /// It cannot be read.
    #[error("the file cannot be read")]
    Io(#[from] io::Error),
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Comma-separated, with a header.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

/// A file, expanded, from some line on.
pub(super) struct Reading {
    pub(super) form: Form,
    pub(super) lines: Lines<Box<dyn Read + Send>>,
}

/// A file that stays open from the first look to the last, so that what is read was inspected, whatever
/// comes to lie under its name.
pub(super) type Opened = Arc<File>;

/// Read `file` through, and apply nothing of it: a file that is damaged at its end is refused before
/// its beginning counts. A compressed one may expand to so many bytes.
pub(super) fn inspect(file: &Opened, kind: Kind, largest: u64) -> Result<Inspected, Unfit> {
    let sent = file.metadata()?.len();
    let mut hashing = Hashing {
        file: Cursor::start(file, 0),
        digest: Context::new(&SHA256),
    };
    let lines = if is_gzip(&mut hashing.file)? {
        let most = FREELY.max(sent.saturating_mul(MOST_EXPANSION));
        let expanding = Expanding {
            source: MultiGzDecoder::new(BufReader::with_capacity(COMPRESSED, &mut hashing)),
            left: most.min(largest),
        };
        count(expanding, kind)?
    } else {
        count(&mut hashing, kind)?
    };
    io::copy(&mut hashing, &mut io::sink())?;
    let digest = hashing.digest.finish();
    let mut inspected = Inspected {
        digest: [0; 32],
        lines,
    };
    inspected.digest.copy_from_slice(digest.as_ref());
    Ok(inspected)
}

/// Read `file` where `byte` of it, expanded, comes next. At the beginning, its header comes next.
pub(super) fn open(file: &Opened, byte: u64) -> Result<Reading, Unfit> {
    let mut beginning = Lines::after(0, expanded(file)?);
    beginning.skip_bom().map_err(unfit)?;
    let form = form_of(beginning.peek().map_err(unfit)?);
    let lines = if byte == 0 {
        beginning
    } else {
        Lines::after(byte, expanded_after(file, byte)?)
    };
    Ok(Reading { form, lines })
}

fn expanded(file: &Opened) -> io::Result<Box<dyn Read + Send>> {
    let mut file = Cursor::start(file, 0);
    Ok(if is_gzip(&mut file)? {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    })
}

fn expanded_after(file: &Opened, byte: u64) -> io::Result<Box<dyn Read + Send>> {
    let mut start = Cursor::start(file, 0);
    if is_gzip(&mut start)? {
        let mut expanded = MultiGzDecoder::new(start);
        io::copy(&mut (&mut expanded).take(byte), &mut io::sink())?;
        return Ok(Box::new(expanded));
    }
    Ok(Box::new(Cursor::start(file, byte)))
}

fn is_gzip(file: &mut impl BufRead) -> io::Result<bool> {
    Ok(file.fill_buf()?.starts_with(&GZIP))
}

fn form_of(beginning: &[u8]) -> Form {
    if beginning.first() == Some(&b'{') {
        Form::Ndjson
    } else {
        Form::Csv
    }
}

/// The number of lines, if the first is what it must be and each has an end.
fn count(source: impl Read, kind: Kind) -> Result<i64, Unfit> {
    let mut lines = Lines::after(0, source);
    lines.skip_bom().map_err(unfit)?;
    let form = form_of(lines.peek().map_err(unfit)?);
    let first = lines.next().map_err(unfit)?;
    let first = first.ok_or(Unfit::Flawed(FileFlaw::Empty))?;
    if form == Form::Csv && !kind.is_header(first) {
        return Err(Unfit::Flawed(FileFlaw::Header));
    }
    let mut count = 1;
    while lines.next().map_err(unfit)?.is_some() {
        count += 1;
    }
    Ok(count)
}

/// What stops a reader, as a verdict on the file.
pub(super) fn unfit(unreadable: Unreadable) -> Unfit {
    let error = match unreadable {
        Unreadable::TooLong => return Unfit::Flawed(FileFlaw::LineTooLong),
        Unreadable::Io(error) => error,
    };
    if let Some(inner) = error.get_ref()
        && inner.is::<TooMuch>()
    {
        return Unfit::Flawed(FileFlaw::Bomb);
    }
    match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            Unfit::Flawed(FileFlaw::Container)
        }
        _ => Unfit::Io(error),
    }
}

/// Digests what is read through it.
struct Hashing {
    file: BufReader<Cursor>,
    digest: Context,
}

/// Reads a file from some byte on, wherever others read it.
struct Cursor {
    file: Opened,
    at: u64,
}

impl Cursor {
    fn start(file: &Opened, at: u64) -> BufReader<Self> {
        let file = Arc::clone(file);
        BufReader::with_capacity(COMPRESSED, Self { file, at })
    }
}

impl Read for Cursor {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(into, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Read for Hashing {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into)?;
        self.digest.update(into.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// Ends with an error once too much came of it.
struct Expanding<R> {
    source: R,
    left: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("a file expands to too much")]
struct TooMuch;

impl<R: Read> Read for Expanding<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        let left = self.left.checked_sub(read as u64);
        self.left = left.ok_or_else(|| io::Error::other(TooMuch))?;
        Ok(read)
    }
}
