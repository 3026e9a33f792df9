//! Files that people send.

use sea_orm::entity::prelude::*;

text_enum! {
    /// What an upload is, by what is in it.
    pub enum UploadContent in "String(StringLen::N(4))" {
        /// A photograph.
        Jpeg,
        /// A picture.
        Png,
        /// A document of pages.
        Pdf,
    }
}

impl UploadContent {
    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
        }
    }

    /// How the names of such files end.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Pdf => "pdf",
        }
    }
}
