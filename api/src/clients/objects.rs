//! Where objects lie: sealed bytes under names that we chose.
//!
//! Nothing in here reads what it keeps. Names are made of ids of ours, so that nothing that anybody sends
//! ever becomes part of a path.

mod folder;
mod s3;

use std::fmt;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use uuid::Uuid;

pub use self::{
    folder::Folder,
    s3::{S3, S3Settings},
};

/// An object could not be kept, read or deleted now.
#[derive(Debug, thiserror::Error)]
#[error("the store of objects is not available")]
pub struct ObjectsUnavailable(#[source] pub anyhow::Error);

/// A store of objects.
pub trait Objects: fmt::Debug + Send + Sync {
    /// Keep `object` under `name`, in place of what was there. Once this is answered it survives a crash.
    fn put(&self, name: Uuid, object: Bytes) -> BoxFuture<'_, Result<(), ObjectsUnavailable>>;

    /// What lies under `name`.
    fn get(&self, name: Uuid) -> BoxFuture<'_, Result<Option<Bytes>, ObjectsUnavailable>>;

    /// Delete what lies under `name`, if anything does.
    fn delete(&self, name: Uuid) -> BoxFuture<'_, Result<(), ObjectsUnavailable>>;
}
