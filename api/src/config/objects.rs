//! Section `[objects]`: where lies what people send.

use std::path::PathBuf;

use serde::Deserialize;

/// Where what people send lies, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Objects {
    /// A folder: for one instance, or for instances that share a file system.
    pub folder: PathBuf,
}

impl Default for Objects {
    fn default() -> Self {
        Self {
            folder: "data/objects".into(),
        }
    }
}
