//! Why a configuration cannot be read.

use std::{io, path::PathBuf};

/// A configuration cannot be read. Never quotes a value, which may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file, or a file that a key refers to, cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The file is not TOML.
    #[error("{}, line {line}: {why}", path.display())]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// The line, from one.
        line: usize,
        /// In TOML's words.
        why: String,
    },
    /// A variable starts with our prefix and names no place.
    #[error("the variable {0} does not name a key")]
    Variable(String),
    /// A key does not exist, is missing, or holds what it cannot.
    #[error("{}: {why}", if key.is_empty() { "the configuration" } else { key })]
    Key {
        /// `section.key`.
        key: String,
        /// What is wrong.
        why: String,
    },
}
