//! Codes that open a page of ours when Alipay scans them: `alipay.open.app.qrcode.create`.

use anyhow::anyhow;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use super::{
    HttpAlipay,
    gateway::{Answer, Business, unintelligible},
};
use crate::clients::{PageCode, PageCodes, PagePicture, PlatformError};

/// The method that makes a code.
const CREATE: &str = "alipay.open.app.qrcode.create";

/// What a code opens, and how it looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlipayCodeRequest {
    /// The page, without a slash in front.
    #[serde(rename = "url_param")]
    pub page: String,
    /// What the page is opened with: `x=1&y=2`.
    #[serde(rename = "query_param")]
    pub query: String,
    /// What the code is for, for the operator's eyes: at most 32 characters.
    pub describe: String,
}

#[derive(Deserialize)]
struct Created {
    qr_code_url: String,
}

impl HttpAlipay {
    /// The address of a picture of the code for `request`, which Alipay serves. A request that Alipay
    /// refuses is [`PlatformError::Unavailable`].
    pub async fn qr_code(
        &self,
        app_id: &str,
        request: &AlipayCodeRequest,
    ) -> Result<Url, PlatformError> {
        let app = self.app(app_id)?;
        let content = json!(request);
        match self.ask(app, CREATE, Business::Content(&content)).await? {
            Answer::Success(Created { qr_code_url }) => Url::parse(&qr_code_url)
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https"))
                .ok_or_else(|| unintelligible().into()),
            Answer::Refused(refusal) => Err(PlatformError::Unavailable(anyhow!(
                "Alipay made no code: {}",
                refusal.reason()
            ))),
        }
    }
}

impl PageCodes for HttpAlipay {
    fn page_code<'a>(
        &'a self,
        wanted: &'a PageCode,
    ) -> BoxFuture<'a, Result<PagePicture, PlatformError>> {
        Box::pin(async move {
            let app_id = self.first_app.as_ref().ok_or(PlatformError::UnknownApp)?;
            let request = AlipayCodeRequest {
                page: wanted.page.clone(),
                query: format!("code={}", wanted.code),
                describe: wanted.describe.clone(),
            };
            Ok(PagePicture::At(self.qr_code(app_id, &request).await?))
        })
    }
}
