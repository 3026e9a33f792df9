//! Section `[objects]`: where lies what people send.

use std::path::PathBuf;

use miniapp_mock::dev;
use serde::Deserialize;

use crate::{clients::S3Settings, platform::Secret};

/// Which store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectStore {
    /// A folder: for one instance, or for instances that share a file system.
    #[default]
    Folder,
    /// A bucket of S3, or of what speaks like it.
    S3,
}

/// Where what people send lies, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Objects {
    /// Which store.
    pub kind: ObjectStore,
    /// The folder.
    pub folder: PathBuf,
    /// The bucket.
    pub s3: Option<S3Settings>,
}

impl Default for Objects {
    fn default() -> Self {
        Self {
            kind: ObjectStore::Folder,
            folder: "data/objects".into(),
            s3: None,
        }
    }
}

impl Objects {
    /// The bucket of the mock at `base_url`.
    #[must_use]
    pub fn mocked(base_url: &str) -> Self {
        let key = (
            dev::OBJECTS_ACCESS_KEY_ID,
            Secret::new(dev::OBJECTS_SECRET_ACCESS_KEY.into()),
        );
        let bucket = S3Settings::new(base_url, dev::OBJECTS_REGION, dev::OBJECTS_BUCKET, key);
        Self {
            kind: ObjectStore::S3,
            s3: Some(bucket),
            ..Self::default()
        }
    }

    /// The bucket, where it is used.
    #[must_use]
    pub fn bucket(&self) -> Option<&S3Settings> {
        self.s3.as_ref().filter(|_| self.kind == ObjectStore::S3)
    }

    /// Whether the bucket is opened with a key of the mock.
    pub(super) fn with_development_credentials(&self) -> bool {
        let published = |bucket: &S3Settings| {
            bucket.secret_access_key.reveal().trim() == dev::OBJECTS_SECRET_ACCESS_KEY
        };
        self.bucket().is_some_and(published)
    }
}
