//! Versions of rules.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Major, minor and patch (Semantic Versioning 2.0.0), without labels: what is tried is no version yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version(u16, u16, u16);

/// Not a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a version such as 1.0.0")]
pub struct VersionError;

impl Version {
    /// The version `major.minor.patch`.
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self(major, minor, patch)
    }
}

impl TryFrom<String> for Version {
    type Error = VersionError;

    fn try_from(text: String) -> Result<Self, VersionError> {
        let mut parts = text.split('.').map(number);
        match [parts.next(), parts.next(), parts.next(), parts.next()] {
            [
                Some(Some(major)),
                Some(Some(minor)),
                Some(Some(patch)),
                None,
            ] => Ok(Self(major, minor, patch)),
            _ => Err(VersionError),
        }
    }
}

/// Digits of a part, at the most: a hold keeps the version in 16 characters.
const DIGITS: usize = 4;

fn number(digits: &str) -> Option<u16> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let shortest = digits == "0" || !digits.starts_with('0');
    (plain && shortest && digits.len() <= DIGITS).then(|| digits.parse().ok())?
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(major, minor, patch) = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Result<Version, VersionError> {
        Version::try_from(text.to_owned())
    }

    #[test]
    fn versions_grow_by_number_and_not_by_letter() {
        let grown = ["0.9.9", "1.0.0", "1.0.10", "1.2.0", "1.10.0", "10.0.0"].map(version);
        assert!(grown.is_sorted_by(|a, b| a.unwrap() < b.unwrap()));
        for text in ["0.0.0", "1.10.3", "9999.9999.9999"] {
            assert_eq!(version(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_can_be_written_in_two_ways_is_no_version() {
        for text in [
            "",
            "1",
            "1.0",
            "1.0.0.0",
            "01.0.0",
            "1.0.-1",
            "1.0.+1",
            "1.0.0-rc1",
            "10000.0.0",
            "1..0",
            "1.0.٣",
        ] {
            assert_eq!(version(text), Err(VersionError), "{text}");
        }
    }
}
