//! Uploads as their owners see them.

use chrono::{DateTime, Utc};
use entity::{
    upload::Model,
    values::{UploadContent, UploadId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A file that was taken in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(super) struct UploadView {
    /// Which: what an application names.
    pub id: UploadId,
    /// What it is, by what is in it.
    pub content: UploadContent,
    /// Its bytes as it is kept: without what nobody sees.
    pub bytes: i64,
    /// When it was sent. Unless an application holds it, it is deleted a day later.
    pub uploaded_at: DateTime<Utc>,
}

impl From<&Model> for UploadView {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            content: row.content,
            bytes: row.bytes,
            uploaded_at: row.uploaded_at,
        }
    }
}
