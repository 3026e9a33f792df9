//! Files in CSV that name their columns in the first line: read whole, or refused with everything that is wrong.

use std::{collections::BTreeSet, fmt};

use csv::{ReaderBuilder, StringRecord, Trim};

/// What a file looks like.
#[derive(Debug, Clone, Copy)]
pub struct Headed<const N: usize> {
    /// The columns, in any order in the file. Rows are told apart by the first of these.
    pub columns: [&'static str; N],
    /// Rows of a file, at the most.
    pub most_rows: usize,
}

/// A row, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<K, T> {
    /// The line on which it begins; the first is 1.
    pub line: u64,
    /// What tells it from other rows.
    pub key: K,
    /// What it says.
    pub says: T,
}

/// What is wrong with a row of a file, or with the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFlaw<F> {
    /// The line on which the row begins; the first is 1.
    pub line: u64,
    /// What is wrong.
    pub what: Flaw<F>,
}

/// What can be wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw<F> {
    /// It is not text in UTF-8.
    NotText,
    /// Its first line does not name every column once, and no other.
    Head {
        /// The columns.
        columns: String,
    },
    /// It has more rows than are taken at once.
    TooLong,
    /// The row has another number of fields than the first line.
    Fields,
    /// What the row is about has a row already.
    Twice {
        /// The column that tells rows apart.
        column: &'static str,
    },
    /// A cell.
    Cell(F),
}

impl<F: fmt::Display> fmt::Display for RowFlaw<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.what {
            Flaw::NotText => f.write_str("is not text in UTF-8"),
            Flaw::Head { columns } => {
                write!(
                    f,
                    "does not name the columns {columns}, each once, and no other"
                )
            }
            Flaw::TooLong => f.write_str("is one row too many: split the file"),
            Flaw::Fields => f.write_str("has another number of fields than the first line"),
            Flaw::Twice { column } => write!(f, "{column}: has a row already"),
            Flaw::Cell(flaw) => flaw.fmt(f),
        }
    }
}

impl<const N: usize> Headed<N> {
    /// The rows of `file` by their keys, so that two who bring in files at once do not wait for each other.
    /// `row` reads the cells of one, in the order of the columns here, without blanks around them.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, row by row.
    pub fn read<K: Ord + Clone, T, F>(
        &self,
        file: &[u8],
        row: impl Fn([&str; N]) -> Result<(K, T), Vec<F>>,
    ) -> Result<Vec<Row<K, T>>, Vec<RowFlaw<F>>> {
        let text = text(file).map_err(|flaw| vec![flaw])?;
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .trim(Trim::All)
            .from_reader(text.as_bytes());
        let head = reader.headers().ok();
        let places = head.and_then(|head| self.places(head));
        let places = places.ok_or_else(|| vec![self.no_head()])?;
        let mut lines = Lines::of(text);
        let (mut rows, mut flaws, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (number, record) in reader.records().enumerate() {
            let Ok(record) = record else {
                flaws.push(Flaw::NotText.at(0));
                break;
            };
            let line = record.position().map_or(0, |at| lines.line_at(at.byte()));
            if number >= self.most_rows {
                flaws.push(Flaw::TooLong.at(line));
                break;
            }
            if record.len() != N {
                flaws.push(Flaw::Fields.at(line));
                continue;
            }
            match row(places.map(|place| record.get(place).unwrap_or_default())) {
                Ok((key, _)) if !seen.insert(key.clone()) => {
                    let column = self.columns.first().copied().unwrap_or_default();
                    flaws.push(Flaw::Twice { column }.at(line));
                }
                Ok((key, says)) => rows.push(Row { line, key, says }),
                Err(wrong) => flaws.extend(wrong.into_iter().map(|flaw| Flaw::Cell(flaw).at(line))),
            }
        }
        if !flaws.is_empty() {
            return Err(flaws);
        }
        rows.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        Ok(rows)
    }

    /// Where each column stands. None unless each stands there once, and nothing else.
    fn places(&self, head: &StringRecord) -> Option<[usize; N]> {
        if head.len() != N {
            return None;
        }
        let mut places = [0; N];
        for (place, column) in places.iter_mut().zip(self.columns) {
            *place = head.iter().position(|name| name == column)?;
        }
        Some(places)
    }

    fn no_head<F>(&self) -> RowFlaw<F> {
        let columns = self.columns.join(", ");
        Flaw::Head { columns }.at(1)
    }
}

impl<F> Flaw<F> {
    /// The same of the row that begins on `line`.
    pub fn at(self, line: u64) -> RowFlaw<F> {
        RowFlaw { line, what: self }
    }
}

/// Counts lines on the way through a text. The reader counts none of its own where lines end as Windows ends
/// them: there a record begins with what the one before left of its end.
struct Lines<'a> {
    rest: &'a [u8],
    at: u64,
    line: u64,
}

impl<'a> Lines<'a> {
    const fn of(text: &'a str) -> Self {
        Self {
            rest: text.as_bytes(),
            at: 0,
            line: 1,
        }
    }

    /// The line on which what begins at `byte`, no earlier than what was asked for before, has its first character.
    fn line_at(&mut self, byte: u64) -> u64 {
        let step = usize::try_from(byte.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let (before, rest) = self.rest.split_at_checked(step).unwrap_or((self.rest, &[]));
        self.line += ends(before);
        self.at = byte;
        self.rest = rest;
        let blank = rest.iter().take_while(|one| matches!(one, b'\r' | b'\n'));
        let blank = rest.get(..blank.count()).unwrap_or_default();
        self.line + ends(blank)
    }
}

/// How many lines end in `text`.
fn ends(text: &[u8]) -> u64 {
    text.split(|one| *one == b'\n').skip(1).count() as u64
}

/// `file` as text, without the mark of its encoding; or the line where it is none.
fn text<F>(file: &[u8]) -> Result<&str, RowFlaw<F>> {
    let text = str::from_utf8(file).map_err(|bad| {
        let before = file.get(..bad.valid_up_to()).unwrap_or_default();
        let line = before.split(|byte| *byte == b'\n').count() as u64;
        Flaw::NotText.at(line)
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: Headed<2> = Headed {
        columns: ["code", "name"],
        most_rows: 3,
    };

    fn read(file: &[u8]) -> Result<Vec<(u64, String, String)>, Vec<String>> {
        let row = |[code, name]: [&str; 2]| match name {
            "" => Err(vec!["name: is blank"]),
            name => Ok((code.to_owned(), name.to_owned())),
        };
        match FILE.read(file, row) {
            Ok(rows) => Ok(rows
                .into_iter()
                .map(|row| (row.line, row.key, row.says))
                .collect()),
            Err(flaws) => Err(flaws.iter().map(ToString::to_string).collect()),
        }
    }

    #[test]
    fn columns_may_stand_in_any_order_and_a_mark_of_the_encoding_before_them() {
        let file = "\u{feff}name,code\r\n\"two, or more\",2\r\n one ,1\r\n";
        let own = |line, code: &str, name: &str| (line, code.to_owned(), name.to_owned());
        let rows = vec![own(3, "1", "one"), own(2, "2", "two, or more")];
        assert_eq!(read(file.as_bytes()), Ok(rows));
    }

    #[test]
    fn everything_that_is_wrong_is_said_with_its_line() {
        for (file, said) in [
            (
                "code,name\n1,one\n1,\n1,uno\n",
                &["line 3: name: is blank", "line 4: code: has a row already"][..],
            ),
            (
                "code,name\n1\n",
                &["line 2: has another number of fields than the first line"],
            ),
            (
                "code,name\n1,a\n2,b\n3,c\n4,d\n",
                &["line 5: is one row too many: split the file"],
            ),
            (
                "",
                &["line 1: does not name the columns code, name, each once, and no other"],
            ),
            (
                "code,code\n",
                &["line 1: does not name the columns code, name, each once, and no other"],
            ),
            (
                "code,name,more\n",
                &["line 1: does not name the columns code, name, each once, and no other"],
            ),
        ] {
            assert_eq!(read(file.as_bytes()).unwrap_err(), said, "{file}");
        }
        let gbk = [b"code,name\n1,".as_slice(), &[0xc9, 0xe7]].concat();
        assert_eq!(read(&gbk).unwrap_err(), ["line 2: is not text in UTF-8"]);
    }
}
