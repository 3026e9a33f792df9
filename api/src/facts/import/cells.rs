//! Cells of a CSV line (RFC 4180), strictly: no cell goes on in the next line, so a stray quote spoils
//! one row and not the rest of the file.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter};

use super::findings::Flaw;

/// The `N` cells of `line`.
pub(super) fn split<const N: usize>(line: &str) -> Result<[Cow<'_, str>; N], Flaw> {
    let mut cells = [const { Cow::Borrowed("") }; N];
    if memchr(b'"', line.as_bytes()).is_none() {
        split_plain(line, &mut cells)?;
    } else {
        split_quoted(line, &mut cells)?;
    }
    Ok(cells)
}

fn split_plain<'a, const N: usize>(
    line: &'a str,
    cells: &mut [Cow<'a, str>; N],
) -> Result<(), Flaw> {
    let mut begin = 0;
    let mut ends = memchr_iter(b',', line.as_bytes());
    let (last, others) = cells.split_last_mut().ok_or(Flaw::Columns)?;
    for cell in others {
        let end = ends.next().ok_or(Flaw::Columns)?;
        *cell = Cow::Borrowed(line.get(begin..end).unwrap_or_default());
        begin = end + 1;
    }
    if ends.next().is_some() {
        return Err(Flaw::Columns);
    }
    *last = Cow::Borrowed(line.get(begin..).unwrap_or_default());
    Ok(())
}

fn split_quoted<'a, const N: usize>(
    line: &'a str,
    cells: &mut [Cow<'a, str>; N],
) -> Result<(), Flaw> {
    let mut rest = Some(line);
    for cell in cells {
        (*cell, rest) = first(rest.ok_or(Flaw::Columns)?)?;
    }
    match rest {
        None => Ok(()),
        Some(_) => Err(Flaw::Columns),
    }
}

/// The first cell of `text`, and what follows its comma if there is one.
fn first(text: &str) -> Result<(Cow<'_, str>, Option<&str>), Flaw> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (cell, rest) = text
            .split_once(',')
            .map_or((text, None), |(cell, rest)| (cell, Some(rest)));
        return if cell.contains('"') {
            Err(Flaw::Quotes)
        } else {
            Ok((Cow::Borrowed(cell), rest))
        };
    };
    let mut cell = Cow::Borrowed("");
    let mut text = quoted;
    loop {
        let (part, rest) = text.split_once('"').ok_or(Flaw::Quotes)?;
        if cell.is_empty() {
            cell = Cow::Borrowed(part);
        } else {
            cell.to_mut().push_str(part);
        }
        match rest.as_bytes().first() {
            Some(b'"') => {
                cell.to_mut().push('"');
                text = rest.get(1..).unwrap_or_default();
            }
            Some(b',') => return Ok((cell, rest.get(1..))),
            Some(_) => return Err(Flaw::Quotes),
            None => return Ok((cell, None)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_and_commas_are_read_as_rfc_4180_says() {
        for (line, cells) in [
            ("a,b,c", ["a", "b", "c"]),
            (",,", ["", "", ""]),
            (r#""a,b","say ""hi""",c"#, ["a,b", r#"say "hi""#, "c"]),
            (r#""","""","#, ["", "\"", ""]),
            (r#"a,"","b""#, ["a", "", "b"]),
        ] {
            assert_eq!(split::<3>(line).unwrap(), cells, "{line}");
        }
    }

    #[test]
    fn what_is_not_rfc_4180_is_refused() {
        for (line, flaw) in [
            ("a,b", Flaw::Columns),
            ("a,b,c,d", Flaw::Columns),
            (r#""a",b"#, Flaw::Columns),
            (r#""a",b,c,d"#, Flaw::Columns),
            (r#"a,"b,c"#, Flaw::Quotes),
            (r#"a,b"b,c"#, Flaw::Quotes),
            (r#"a,"b"b,c"#, Flaw::Quotes),
        ] {
            assert_eq!(split::<3>(line), Err(flaw), "{line}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_quoted_comes_back(cells in prop::array::uniform3(r#"[a,"沪 ]{0,6}"#)) {
            let line = cells
                .clone()
                .map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")))
                .join(",");
            prop_assert_eq!(split::<3>(&line).unwrap(), cells);
        }

        #[test]
        fn no_line_makes_it_panic(line in r#"[a,"沪]{0,12}"#) {
            let _ = split::<3>(&line);
        }
    }
}
