//! Mini-program codes: pictures that open a page of ours when scanned.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde::Serialize;

use super::{HttpWeChat, answers::Picture, under};
use crate::clients::{
    PageCode, PageCodes, PagePicture, PlatformError,
    outbound::{Call, JSON},
};

/// Side of a picture in pixels: what WeChat takes where nobody says anything.
const WIDTH: u16 = 430;

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
                Call::post(under(token, &self.urls.code), JSON, body.clone())
                    .kind("code")
                    .idempotent()
            })
            .await?;
        match answer {
            Picture::Drawn(picture) => Ok(picture),
            Picture::Refused(refused) => Err(refused.unavailable()),
        }
    }
}

impl PageCodes for HttpWeChat {
    fn page_code<'a>(
        &'a self,
        wanted: &'a PageCode,
    ) -> BoxFuture<'a, Result<PagePicture, PlatformError>> {
        Box::pin(async move {
            let app_id = self.first_app.as_ref().ok_or(PlatformError::UnknownApp)?;
            let request = CodeRequest {
                scene: wanted.code.clone(),
                page: Some(wanted.page.clone()),
                check_path: wanted.check_page,
                env_version: EnvVersion::Release,
                width: WIDTH,
            };
            let picture = self.mini_program_code(app_id, &request).await?;
            Ok(PagePicture::Drawn(picture))
        })
    }
}
