//! From a file and variables to values.

use std::{collections::BTreeSet, fs, path::Path};

use toml::{Table, Value};

use super::{Config, Error};

const PREFIX: &str = "TONGXING_";

pub(super) fn read(
    path: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, Error> {
    let mut values = Value::Table(path.map(parse).transpose()?.unwrap_or_default());
    let mut texts = BTreeSet::new();
    for (name, text) in environment {
        if let Some(place) = name.strip_prefix(PREFIX) {
            let segments = place.split("__").map(str::to_ascii_lowercase);
            let key = put(&mut values, segments, text).ok_or(Error::Variable(name))?;
            texts.insert(key);
        }
    }
    resolve_files(&mut values, "", &mut texts)?;
    interpret(values, texts)
}

fn parse(path: &Path) -> Result<Table, Error> {
    let text = contents(path)?;
    text.parse::<Table>().map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        Error::Syntax {
            path: path.to_owned(),
            line: before.map_or(1, |before| before.matches('\n').count() + 1),
            why: error.message().to_owned(),
        }
    })
}

fn contents(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|cause| Error::Unreadable {
        path: path.to_owned(),
        cause,
    })
}

/// Put `text` at `place` and return the place's key. A number leads into a list that is there.
fn put(values: &mut Value, place: impl Iterator<Item = String>, text: String) -> Option<String> {
    let (mut at, mut key) = (values, String::new());
    for segment in place.filter(|segment| !segment.is_empty()) {
        if let Value::Array(items) = at {
            key = format!("{key}[{segment}]");
            at = items.get_mut(segment.parse::<usize>().ok()?)?;
        } else {
            key = child(&key, &segment);
            let table = at.as_table_mut()?;
            at = table.entry(segment).or_insert_with(|| Table::new().into());
        }
    }
    *at = Value::String(text);
    (!key.is_empty()).then_some(key)
}

fn child(parent: &str, name: &str) -> String {
    if parent.is_empty() {
        name.to_owned()
    } else {
        format!("{parent}.{name}")
    }
}

/// Replace every `{ file = "…" }` by the text of that file, without the line break at its end.
fn resolve_files(value: &mut Value, key: &str, texts: &mut BTreeSet<String>) -> Result<(), Error> {
    if let Some(path) = file_reference(value) {
        let text = contents(Path::new(path))?;
        *value = Value::String(text.trim_end_matches(['\r', '\n']).to_owned());
        texts.insert(key.to_owned());
    }
    match value {
        Value::Table(table) => {
            for (name, inner) in table.iter_mut() {
                resolve_files(inner, &child(key, name), texts)?;
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter_mut().enumerate() {
                resolve_files(inner, &format!("{key}[{at}]"), texts)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn file_reference(value: &Value) -> Option<&str> {
    let table = value.as_table().filter(|table| table.len() == 1)?;
    table.get("file")?.as_str()
}

/// Read `values`. Those at `texts` came as text: where a text does not fit, it is read as TOML.
fn interpret(mut values: Value, mut texts: BTreeSet<String>) -> Result<Config, Error> {
    loop {
        let error = match serde_path_to_error::deserialize::<_, Config>(values.clone()) {
            Ok(config) => return Ok(config),
            Err(error) => error,
        };
        let key = match error.path().to_string() {
            root if root == "." => String::new(),
            key => key,
        };
        let typed = texts.remove(&key) && retype(&mut values, error.path()).is_some();
        if !typed {
            let why = without_values(error.inner().message());
            return Err(Error::Key { key, why });
        }
    }
}

/// Read the text at `path` as a TOML value. `None` if it is none.
fn retype(values: &mut Value, path: &serde_path_to_error::Path) -> Option<()> {
    use serde_path_to_error::Segment;

    let mut at = values;
    for segment in path {
        at = match segment {
            Segment::Seq { index } => at.as_array_mut()?.get_mut(*index)?,
            Segment::Map { key } => at.as_table_mut()?.get_mut(key)?,
            Segment::Enum { .. } | Segment::Unknown => return None,
        };
    }
    let mut line = format!("it = {}", at.as_str()?).parse::<Table>().ok()?;
    *at = line.remove("it")?;
    Some(())
}

/// Serde quotes what it was given before it says what it expected.
fn without_values(message: &str) -> String {
    let quotes = message.starts_with("invalid ") && !message.starts_with("invalid length");
    match message.rsplit_once(", expected ") {
        Some((_, expected)) if quotes => format!("expected {expected}"),
        _ => message.trim_end().to_owned(),
    }
}
