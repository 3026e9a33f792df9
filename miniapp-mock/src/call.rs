//! A request and a reply, free of the web framework.

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::web::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::form_urlencoded;

use crate::objects;

/// What the platforms answer to.
///
/// The serialised names are those of the control surface and of the request log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Endpoint {
    /// `GET /cgi-bin/token`.
    #[serde(rename = "wechat.token")]
    WechatToken,
    /// `POST /cgi-bin/stable_token`.
    #[serde(rename = "wechat.stable_token")]
    WechatStableToken,
    /// `GET /sns/jscode2session`.
    #[serde(rename = "wechat.session")]
    WechatSession,
    /// `GET /wxa/checksession`.
    #[serde(rename = "wechat.check_session")]
    WechatCheckSession,
    /// `GET /wxa/resetusersessionkey`.
    #[serde(rename = "wechat.reset_session")]
    WechatResetSession,
    /// `POST /wxa/business/getuserphonenumber`.
    #[serde(rename = "wechat.phone_number")]
    WechatPhoneNumber,
    /// `POST /cgi-bin/message/subscribe/send`.
    #[serde(rename = "wechat.message")]
    WechatMessage,
    /// `POST /wxa/getwxacodeunlimit`.
    #[serde(rename = "wechat.code")]
    WechatCode,
    /// `alipay.system.oauth.token`.
    #[serde(rename = "alipay.oauth_token")]
    AlipayOauthToken,
    /// `alipay.open.app.mini.templatemessage.send`.
    #[serde(rename = "alipay.template_message")]
    AlipayTemplateMessage,
    /// `alipay.open.app.qrcode.create`.
    #[serde(rename = "alipay.qr_code")]
    AlipayQrCode,
    /// A picture that `alipay.open.app.qrcode.create` gave the address of.
    #[serde(rename = "alipay.picture")]
    AlipayPicture,
    /// `alipay.user.info.share`.
    #[serde(rename = "alipay.user_info")]
    AlipayUserInfo,
    /// `/gateway.do` with any other method.
    #[serde(rename = "alipay.other")]
    AlipayOther,
    /// Aliyun's `SendSms`.
    #[serde(rename = "sms.aliyun")]
    AliyunSms,
    /// Tencent's `SendSms`.
    #[serde(rename = "sms.tencent")]
    TencentSms,
    /// `POST /registry/v1/identity-checks`.
    #[serde(rename = "registry.identity_check")]
    RegistryIdentityCheck,
    /// `POST /traffic/v1/vehicles/query`.
    #[serde(rename = "vehicles.query")]
    VehiclesQuery,
    /// An object, or what is not one, in a bucket like those of S3.
    #[serde(rename = "objects.object")]
    ObjectsObject,
    /// `POST /data-centre/v1/batches` and `GET /data-centre/v1/batches/{batch}`.
    #[serde(rename = "data_centre.batches")]
    DataCentreBatches,
    /// `GET /certificates/.well-known/openid-configuration`.
    #[serde(rename = "certificates.discovery")]
    CertificatesDiscovery,
    /// `GET /certificates/jwks`.
    #[serde(rename = "certificates.keys")]
    CertificatesKeys,
    /// `GET /certificates/authorize`, by a browser.
    #[serde(rename = "certificates.authorize")]
    CertificatesAuthorize,
    /// `POST /certificates/token`.
    #[serde(rename = "certificates.token")]
    CertificatesToken,
    /// Any other path of WeChat.
    #[serde(rename = "wechat.other")]
    WechatOther,
    /// Nothing that is served.
    #[serde(rename = "unknown")]
    Unknown,
}

impl Endpoint {
    /// The name on the control surface and in the request log, such as `wechat.session`.
    #[must_use]
    pub fn name(self) -> String {
        match serde_json::to_value(self) {
            Ok(Value::String(name)) => name,
            _ => String::new(),
        }
    }
}

/// A request as the platforms read it: decoded once, the body untouched.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) raw_query: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn read(request: &HttpRequest, body: Bytes) -> Self {
        let headers = request
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        Self {
            method: request.method().clone(),
            path: request.path().to_owned(),
            raw_query: request.query_string().to_owned(),
            query: decode_form(request.query_string().as_bytes()),
            headers,
            body,
        }
    }

    /// The query parameter `name`, unless absent or empty.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The header `name` (lower case).
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body read as a form, whatever its content type says.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        decode_form(&self.body)
    }

    /// Which endpoint this call is for.
    pub(crate) fn endpoint(&self) -> Endpoint {
        match self.path.as_str() {
            _ if self.is_for_a_bucket() => Endpoint::ObjectsObject,
            "/cgi-bin/token" => Endpoint::WechatToken,
            "/cgi-bin/stable_token" => Endpoint::WechatStableToken,
            "/sns/jscode2session" => Endpoint::WechatSession,
            "/wxa/checksession" => Endpoint::WechatCheckSession,
            "/wxa/resetusersessionkey" => Endpoint::WechatResetSession,
            "/wxa/business/getuserphonenumber" => Endpoint::WechatPhoneNumber,
            "/cgi-bin/message/subscribe/send" => Endpoint::WechatMessage,
            "/wxa/getwxacodeunlimit" => Endpoint::WechatCode,
            "/gateway.do" => self.alipay_endpoint(),
            path if path.starts_with("/alipay/qrcode/") => Endpoint::AlipayPicture,
            "/" if self.header("x-acs-action").is_some() => Endpoint::AliyunSms,
            "/" if self.header("x-tc-action").is_some() => Endpoint::TencentSms,
            "/" if self.is_signed_in_parameters() => Endpoint::AliyunSms,
            "/registry/v1/identity-checks" => Endpoint::RegistryIdentityCheck,
            "/traffic/v1/vehicles/query" => Endpoint::VehiclesQuery,
            "/data-centre/v1/batches" => Endpoint::DataCentreBatches,
            path if path.starts_with("/data-centre/v1/batches/") => Endpoint::DataCentreBatches,
            "/certificates/.well-known/openid-configuration" => Endpoint::CertificatesDiscovery,
            "/certificates/jwks" => Endpoint::CertificatesKeys,
            "/certificates/authorize" => Endpoint::CertificatesAuthorize,
            "/certificates/token" => Endpoint::CertificatesToken,
            path if is_wechat(path) => Endpoint::WechatOther,
            _ => Endpoint::Unknown,
        }
    }

    /// Buckets stand at the top of the paths: what is signed as S3 has it is for one.
    fn is_for_a_bucket(&self) -> bool {
        let authorization = self.header("authorization");
        authorization.is_some_and(|header| header.starts_with(objects::SCHEME))
    }

    /// As Aliyun's older SDKs sign.
    fn is_signed_in_parameters(&self) -> bool {
        let form = self.form();
        let mut parameters = self.query.iter().chain(&form);
        parameters.any(|(name, _)| name == "SignatureNonce")
    }

    fn alipay_endpoint(&self) -> Endpoint {
        let form = self.form();
        let method = self
            .query
            .iter()
            .chain(&form)
            .find(|(name, _)| name == "method")
            .map(|(_, value)| value.as_str());
        match method {
            Some("alipay.system.oauth.token") => Endpoint::AlipayOauthToken,
            Some("alipay.open.app.mini.templatemessage.send") => Endpoint::AlipayTemplateMessage,
            Some("alipay.open.app.qrcode.create") => Endpoint::AlipayQrCode,
            Some("alipay.user.info.share") => Endpoint::AlipayUserInfo,
            _ => Endpoint::AlipayOther,
        }
    }
}

fn is_wechat(path: &str) -> bool {
    ["/cgi-bin/", "/sns/", "/wxa/"]
        .iter()
        .any(|prefix| path.starts_with(prefix))
}

fn decode_form(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes).into_owned().collect()
}

/// What a platform answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
    /// The platform's own result code, for the request log.
    pub(crate) code: String,
    /// Where a browser is sent.
    pub(crate) location: Option<String>,
}

impl Reply {
    pub(crate) fn new(
        content_type: &str,
        body: impl Into<Vec<u8>>,
        code: impl Into<String>,
    ) -> Self {
        Self {
            status: 200,
            content_type: content_type.to_owned(),
            body: body.into(),
            code: code.into(),
            location: None,
        }
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn with_location(self, location: String) -> Self {
        Self {
            location: Some(location),
            ..self
        }
    }
}

/// A way in which a platform refuses every call alike.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// Try later.
    Busy,
    /// The account's quota is used up.
    Quota,
    /// A code of the platform's own.
    Code(String),
}
