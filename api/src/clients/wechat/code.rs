//! Mini-program codes: pictures that open a page of ours when scanned.

use bytes::Bytes;
use serde::Serialize;

use super::{HttpWeChat, answers::Picture, under};
use crate::clients::{
    PlatformError,
    outbound::{Call, JSON},
};

/// What a mini-program code opens, and how it looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeRequest {
    /// What the page reads: 1 to 32 digits, letters and `` !#$&'()*+,/:;=?@-._~` ``.
    pub scene: String,
    /// The page, without a slash in front and without a query. The home page if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Whether WeChat refuses a page that is not in the released app.
    pub check_path: bool,
    /// Which edition of the app is opened.
    pub env_version: EnvVersion,
    /// Side of the picture in pixels, 280 to 1280.
    pub width: u16,
}

/// An edition of a mini-program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvVersion {
    /// What everybody has.
    Release,
    /// What testers have.
    Trial,
    /// What its makers have.
    Develop,
}

impl HttpWeChat {
    /// A picture, PNG or JPEG as WeChat likes, of the code for `request`: `getwxacodeunlimit`. The code
    /// never expires. A request that WeChat refuses is [`PlatformError::Unavailable`].
    pub async fn mini_program_code(
        &self,
        app_id: &str,
        request: &CodeRequest,
    ) -> Result<Bytes, PlatformError> {
        let body = serde_json::to_vec(request)
            .map_err(|fault| PlatformError::Unavailable(fault.into()))?;
        let answer: Picture = self
            .with_token(&self.backstage, app_id, |token| {
                Call::post(under(token, &self.urls.code), JSON, body.clone()).idempotent()
            })
            .await?;
        match answer {
            Picture::Drawn(picture) => Ok(picture),
            Picture::Refused(refused) => Err(refused.unavailable()),
        }
    }
}
