//! A Rust source as the paths that it names: enough to tell who uses whom.

/// A file of `api/src`, without comments, literals and unit tests.
pub(super) struct Source {
    file: String,
    tokens: Vec<String>,
    paths: Vec<Vec<String>>,
}

impl Source {
    /// `file` is relative to `api/src`.
    pub(super) fn new(file: &str, text: &str) -> Self {
        let tokens = tokens(without_tests(text));
        let home = module_of(file);
        let paths = named_paths(&tokens)
            .into_iter()
            .map(|path| from_the_crate(&home, path))
            .collect();
        Self {
            file: file.to_owned(),
            tokens,
            paths,
        }
    }

    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// The folder it lies in. `None` for the files at the top.
    pub(super) fn feature(&self) -> Option<&str> {
        self.file.split_once('/').map(|(folder, _)| folder)
    }

    /// `rules` for `review/rules.rs` and for `review/rules/quorum.rs`.
    pub(super) fn layer(&self) -> Option<&str> {
        let (_, inside) = self.file.split_once('/')?;
        ["rules", "store", "service", "routes", "jobs"]
            .into_iter()
            .find(|layer| inside.split(['/', '.']).any(|part| part == *layer))
    }

    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().map(String::as_str)
    }

    /// Every path that is named, groups of a `use` written out, from `crate` where it is our own.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Vec<String>> {
        self.paths.iter()
    }
}

/// Unit tests come last in a file.
fn without_tests(text: &str) -> &str {
    let end = text.find("\n#[cfg(test)]\nmod ").unwrap_or(text.len());
    &text[..end]
}

/// The module that a file is, from `crate` on.
fn module_of(file: &str) -> Vec<String> {
    let stem = file.trim_end_matches(".rs").trim_end_matches("/mod");
    ["crate"]
        .into_iter()
        .chain(
            stem.split('/')
                .filter(|part| !["lib", "main"].contains(part)),
        )
        .map(str::to_owned)
        .collect()
}

fn from_the_crate(home: &[String], path: Vec<String>) -> Vec<String> {
    let mut base = match path[0].as_str() {
        "self" | "super" => home.to_vec(),
        _ => return path,
    };
    let mut rest = path.as_slice();
    while let [first, others @ ..] = rest {
        match first.as_str() {
            "self" => {}
            "super" => drop(base.pop()),
            _ => break,
        }
        rest = others;
    }
    base.extend_from_slice(rest);
    base
}

/// Words, `::`, and single signs.
fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = literal(rest) {
            length
        } else {
            let length = word(rest).max(if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            });
            if !first.is_whitespace() {
                found.push(rest[..length].to_owned());
            }
            length
        };
        rest = &rest[length..];
    }
    found
}

fn word(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len())
}

/// The length of the string or character that `text` begins with.
fn literal(text: &str) -> Option<usize> {
    let prefix = ["br", "r", "b", ""].into_iter().find(|prefix| {
        text.strip_prefix(prefix)
            .is_some_and(|rest| rest.starts_with(['"', '#', '\'']))
    })?;
    let body = &text[prefix.len()..];
    if prefix.ends_with('r') {
        let hashes = body.len() - body.trim_start_matches('#').len();
        let inside = body[hashes..].strip_prefix('"')?;
        let close = format!("\"{}", "#".repeat(hashes));
        let end = inside.find(&close)?;
        return Some(prefix.len() + hashes + 1 + end + close.len());
    }
    match body.chars().next()? {
        '"' => Some(prefix.len() + quoted(body, '"')?),
        // A lifetime has no closing quote.
        '\'' if body[1..].starts_with('\\') => Some(prefix.len() + quoted(body, '\'')?),
        '\'' => {
            let inside = body[1..].chars().next()?.len_utf8();
            body[1 + inside..]
                .starts_with('\'')
                .then_some(prefix.len() + inside + 2)
        }
        _ => None,
    }
}

fn quoted(body: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    body.char_indices().skip(1).find_map(|(at, c)| {
        let closes = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        closes.then_some(at + 1)
    })
}

fn named_paths(tokens: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        at = path(tokens, at, &[], &mut found).max(at + 1);
    }
    found
}

/// Read one path, and the groups in it, from `at`. Returns where it ends.
fn path(
    tokens: &[String],
    mut at: usize,
    before: &[String],
    found: &mut Vec<Vec<String>>,
) -> usize {
    let mut segments = before.to_vec();
    while let Some(token) = tokens.get(at) {
        if token == "{" && segments.len() == before.len() && !before.is_empty() {
            return group(tokens, at + 1, before, found);
        }
        if token != "*" && !token.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            break;
        }
        if token == "*" && before.is_empty() && segments.is_empty() {
            break;
        }
        if token != "self" || segments.is_empty() {
            segments.push(token.clone());
        }
        at += 1;
        if tokens.get(at).map(String::as_str) != Some("::") {
            break;
        }
        at += 1;
        if tokens.get(at).map(String::as_str) == Some("{") {
            return group(tokens, at + 1, &segments, found);
        }
    }
    if !segments.is_empty() {
        found.push(segments);
    }
    at
}

fn group(
    tokens: &[String],
    mut at: usize,
    before: &[String],
    found: &mut Vec<Vec<String>>,
) -> usize {
    while let Some(token) = tokens.get(at) {
        match token.as_str() {
            "}" => return at + 1,
            "," => at += 1,
            // The new name is of no interest.
            "as" => at += 2,
            _ => at = path(tokens, at, before, found).max(at + 1),
        }
    }
    at
}
