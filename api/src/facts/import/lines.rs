//! The lines of a file, with bounded memory, whatever is in it.

use std::io::{self, Read};

use memchr::memchr;

/// Bytes of a line, at the most.
pub(super) const LONGEST_LINE: usize = 8 * 1024;

/// Bytes read at a time.
const BUFFER: usize = 256 * 1024;

/// A line did not end in time, or could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    /// It is longer than [`LONGEST_LINE`].
    #[error("a line is too long")]
    TooLong,
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Io(#[from] io::Error),
}

/// Reads line by line. A line ends with LF or CRLF, or with the file.
pub(super) struct Lines<R> {
    source: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    ended: bool,
    consumed: u64,
}

impl<R: Read> Lines<R> {
    /// The lines of `source`, of which `consumed` bytes were read before.
    pub(super) fn after(consumed: u64, source: R) -> Self {
        Self {
            source,
            buffer: vec![0; BUFFER].into_boxed_slice(),
            start: 0,
            end: 0,
            ended: false,
            consumed,
        }
    }

    /// Bytes up to the end of the last line that was returned.
    pub(super) fn consumed(&self) -> u64 {
        self.consumed
    }

    /// Drop a byte order mark, if that is what comes next.
    pub(super) fn skip_bom(&mut self) -> Result<(), Unreadable> {
        const BOM: &[u8] = "\u{feff}".as_bytes();
        while self.end - self.start < BOM.len() && !self.ended {
            self.fill()?;
        }
        if self.pending().starts_with(BOM) {
            self.start += BOM.len();
            self.consumed += BOM.len() as u64;
        }
        Ok(())
    }

    /// What comes next, at least a byte of it, unless nothing does.
    pub(super) fn peek(&mut self) -> Result<&[u8], Unreadable> {
        while self.start == self.end && !self.ended {
            self.fill()?;
        }
        Ok(self.pending())
    }

    /// The next line without its end.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, Unreadable> {
        loop {
            let pending = self.pending();
            if let Some(length) = memchr(b'\n', pending) {
                return self.take(length, 1).map(Some);
            }
            let length = pending.len();
            if length > LONGEST_LINE {
                return Err(Unreadable::TooLong);
            }
            if self.ended {
                return if length == 0 {
                    Ok(None)
                } else {
                    self.take(length, 0).map(Some)
                };
            }
            self.fill()?;
        }
    }

    fn pending(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    fn take(&mut self, length: usize, ending: usize) -> Result<&[u8], Unreadable> {
        if length > LONGEST_LINE {
            return Err(Unreadable::TooLong);
        }
        let line = self.start..self.start + length;
        self.start += length + ending;
        self.consumed += (length + ending) as u64;
        let line = self.buffer.get(line).unwrap_or_default();
        Ok(line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// There is room: what is pending is shorter than a line may be.
    fn fill(&mut self) -> Result<(), Unreadable> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        match self.source.read(room) {
            Ok(0) => self.ended = true,
            Ok(read) => self.end += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives a few bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let most = self.1.min(into.len());
            (&mut self.0).take(most as u64).read(into)
        }
    }

    fn all(bytes: &[u8], step: usize) -> Vec<(Vec<u8>, u64)> {
        let mut lines = Lines::after(0, Slow(bytes, step));
        lines.skip_bom().unwrap();
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            let line = line.to_vec();
            found.push((line, lines.consumed()));
        }
        found
    }

    #[test]
    fn lines_end_with_either_mark_or_with_the_file() {
        let found = all("\u{feff}a\r\nb\n\nc".as_bytes(), 1);
        let expected = [("a", 6), ("b", 8), ("", 9), ("c", 10)];
        assert_eq!(
            found,
            expected.map(|(line, at)| (line.as_bytes().to_vec(), at))
        );
    }

    #[test]
    fn an_endless_line_is_refused_with_bounded_memory() {
        let mut lines = Lines::after(0, io::repeat(b'x'));
        assert!(matches!(lines.next(), Err(Unreadable::TooLong)));
        let long = vec![b'x'; LONGEST_LINE + 1];
        let ended = [&long[..], b"\n"].concat();
        assert!(Lines::after(0, &ended[..]).next().is_err());
        assert!(Lines::after(0, &ended[1..]).next().is_ok());
    }

    proptest! {
        #[test]
        fn however_it_arrives_it_is_the_same_lines(
            bytes in prop::collection::vec(prop::sample::select(b"ab\r\n\"".to_vec()), 0..200),
            step in 1_usize..7,
        ) {
            prop_assert_eq!(all(&bytes, step), all(&bytes, usize::MAX));
            let text = String::from_utf8(bytes).unwrap();
            let expected: Vec<&str> = text.lines().collect();
            let found = all(text.as_bytes(), step);
            prop_assert_eq!(found.len(), expected.len());
        }
    }
}
