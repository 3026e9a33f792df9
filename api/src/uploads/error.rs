//! What can keep a file from being taken in, and from being read.

use std::time::Duration;

use actix_web::http::StatusCode;
use sea_orm::DbErr;

use super::cleaning::Flaw;
use crate::{
    clients::ObjectsUnavailable,
    http::{
        idempotency,
        problem::{Fault, FieldFault, INTERNAL, Kind, NOT_FOUND, Text, UNAVAILABLE},
        shedding::SHED,
    },
    platform::{db::is_outage, vault::Sealed},
};

/// When whoever found no room may ask again.
const ROOM_AFTER: Duration = Duration::from_secs(5);

/// A use case of uploads did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such upload, or somebody else's, or another record's: the three look the same.
    #[error("no such upload for this caller")]
    NoSuchUpload,
    /// What is in the file.
    #[error(transparent)]
    Flawed(#[from] Flaw),
    /// It says of itself that it is of a kind that is not taken.
    #[error("the file calls itself something that is not taken")]
    WrongMediaType,
    /// It did not arrive as a whole.
    #[error("the upload broke off, or took too long")]
    BrokeOff,
    /// As many files are being taken in as there is room for.
    #[error("there is no room to take in another file")]
    NoRoom,
    /// The caller sent more files than they need, and no record holds them.
    #[error("the caller has as many uploads as they may have")]
    TooMany,
    /// The same in too short a time.
    #[error("the caller sends files too fast")]
    TooFast(Duration),
    /// A record needs it.
    #[error("a record holds the upload")]
    Held,
    /// Looking into a file was given up.
    #[error("a file was not looked into")]
    GivenUp,
    /// What is in the store is not what was put there.
    #[error("an upload does not open")]
    Sealed(#[from] Sealed),
    /// The store of objects has lost it.
    #[error("the object of an upload is missing")]
    Missing,
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// The store of objects does not answer.
    #[error("the store of objects failed")]
    Objects(#[from] ObjectsUnavailable),
    /// The database failed.
    #[error("the store of uploads failed")]
    Store(#[from] DbErr),
}

const TOO_LARGE: Kind = Kind {
    slug: "upload-too-large",
    status: StatusCode::PAYLOAD_TOO_LARGE,
    title: Text::new(
        "文件过大，最大 10 MB",
        "The file is too large: 10 MB at the most",
    ),
};

const WRONG_MEDIA_TYPE: Kind = Kind {
    slug: "upload-media-type",
    status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
    title: Text::new(
        "只接受 JPEG、PNG 和 PDF 文件",
        "Only JPEG, PNG and PDF files are taken",
    ),
};

const UNKNOWN_CONTENT: Kind = Kind {
    slug: "upload-content-unknown",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "文件内容不是 JPEG、PNG 或 PDF",
        "What is in the file is no JPEG, PNG or PDF",
    ),
};

const DAMAGED: Kind = Kind {
    slug: "upload-damaged",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new("文件已损坏或不完整", "The file is damaged, or not whole"),
};

const TOO_MANY_PIXELS: Kind = Kind {
    slug: "upload-too-many-pixels",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "图片像素过多，最多 4000 万",
        "The picture has too many pixels: 40 million at the most",
    ),
};

const TOO_MANY_PAGES: Kind = Kind {
    slug: "upload-too-many-pages",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "文档页数过多，最多 20 页",
        "The document has too many pages: 20 at the most",
    ),
};

const TOO_COMPLICATED: Kind = Kind {
    slug: "upload-too-complicated",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "文档过于复杂，请扫描或拍照后上传",
        "The document is too complicated; please scan or photograph it",
    ),
};

const ENCRYPTED: Kind = Kind {
    slug: "upload-encrypted",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "文档已加密，请去除密码后上传",
        "The document is encrypted; please send it without a password",
    ),
};

const ACTIVE: Kind = Kind {
    slug: "upload-active-content",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "文档含有脚本或动作，请扫描或打印为普通 PDF 后上传",
        "The document has scripts or actions; please print it as a plain PDF",
    ),
};

const EMBEDDED: Kind = Kind {
    slug: "upload-embedded-files",
    status: StatusCode::UNPROCESSABLE_ENTITY,
    title: Text::new(
        "文档内嵌有其他文件",
        "There are other files within the document",
    ),
};

const BROKE_OFF: Kind = Kind {
    slug: "upload-broke-off",
    status: StatusCode::REQUEST_TIMEOUT,
    title: Text::new("上传中断或超时", "The upload broke off or took too long"),
};

const TOO_MANY: Kind = Kind {
    slug: "too-many-uploads",
    status: StatusCode::TOO_MANY_REQUESTS,
    title: Text::new(
        "未使用的上传文件过多，请先提交或删除",
        "Too many files are used for nothing; please use or delete them first",
    ),
};

const HELD: Kind = Kind {
    slug: "upload-in-use",
    status: StatusCode::CONFLICT,
    title: Text::new(
        "该文件已用于申请，不能删除",
        "The file is part of an application and cannot be deleted",
    ),
};

impl Flaw {
    fn kind(self) -> Kind {
        match self {
            Self::Empty | Self::UnknownContent => UNKNOWN_CONTENT,
            Self::TooLarge => TOO_LARGE,
            Self::Damaged => DAMAGED,
            Self::TooManyPixels => TOO_MANY_PIXELS,
            Self::TooManyPages => TOO_MANY_PAGES,
            Self::TooComplicated => TOO_COMPLICATED,
            Self::Encrypted => ENCRYPTED,
            Self::Active => ACTIVE,
            Self::Embedded => EMBEDDED,
        }
    }

    /// Stable code for clients.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge => "too_large",
            Self::UnknownContent => "unknown_content",
            Self::Damaged => "damaged",
            Self::TooManyPixels => "too_many_pixels",
            Self::TooManyPages => "too_many_pages",
            Self::TooComplicated => "too_complicated",
            Self::Encrypted => "encrypted",
            Self::Active => "active_content",
            Self::Embedded => "embedded_files",
        }
    }
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NoSuchUpload => NOT_FOUND,
            Self::Flawed(flaw) => flaw.kind(),
            Self::WrongMediaType => WRONG_MEDIA_TYPE,
            Self::BrokeOff => BROKE_OFF,
            Self::NoRoom => SHED,
            Self::TooMany | Self::TooFast(_) => TOO_MANY,
            Self::Held => HELD,
            Self::Idempotency(error) => error.kind(),
            Self::Objects(_) => UNAVAILABLE,
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::GivenUp | Self::Sealed(_) | Self::Missing | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::Flawed(flaw) => vec![FieldFault::new("file", flaw.code(), flaw.kind().title)],
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NoRoom => Some(ROOM_AFTER),
            Self::TooFast(wait) => Some(*wait),
            _ => None,
        }
    }
}
