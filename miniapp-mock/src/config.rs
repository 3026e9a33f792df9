//! What the mocked platforms know: apps, accounts, approved texts, people.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::ClockSource;
use crate::dev;

/// Everything a mock is started with.
///
/// The default listens on a free loopback port and knows the credentials of [`dev`].
#[derive(Clone)]
pub struct MockConfig {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Mini-programs registered with WeChat. The first is every phone's default.
    pub wechat_apps: Vec<WechatApp>,
    /// Mini-programs registered with Alipay. The first is every phone's default.
    pub alipay_apps: Vec<AlipayApp>,
    /// Accounts of the Aliyun SMS gateway.
    pub aliyun_sms: Vec<AliyunSmsAccount>,
    /// Accounts of the Tencent SMS gateway.
    pub tencent_sms: Vec<TencentSmsAccount>,
    /// Who may have units log in at the provider of certificates.
    pub certificate_client: CertificateClient,
    /// The bearer key of the data centre.
    pub data_centre_key: String,
    /// What the data centre signs its calls with.
    pub data_centre_secret: String,
    /// The bearer key of the identity registry.
    pub registry_key: String,
    /// Whether a number nobody registered, of a valid shape, matches any name.
    pub registry_lenient: bool,
    /// The bearer key of the registry of vehicles.
    pub vehicle_registry_key: String,
    /// The bucket, and who may use it.
    pub objects: ObjectsAccount,
    /// People the registry knows by name.
    pub registry_people: Vec<RegisteredPerson>,
    /// Another source of time than the machine's clock, such as a test's frozen one.
    pub clock: Option<ClockSource>,
}

/// A mini-program registered with WeChat.
#[derive(Clone)]
pub struct WechatApp {
    /// `wx` and 16 characters.
    pub app_id: String,
    /// The app secret.
    pub secret: String,
    /// Whether the app is bound to an Open Platform account, so that logins carry a union id.
    pub union_ids: bool,
    /// The account behind the app, `gh_` and twelve characters: pushes name it as their receiver.
    pub original_id: String,
    /// Whether every `wx.login` brings a new session key. Otherwise only one after the old one's end.
    pub rotate_session_keys: bool,
    /// How long a session lasts after the last `wx.login`.
    pub session_lifetime: Duration,
    /// Pages of the released version. `None` has every page.
    pub pages: Option<Vec<String>>,
    /// Templates of subscription messages.
    pub templates: Vec<SubscribeTemplate>,
    /// How the app's server is told of events. May be set later.
    pub push: Option<WechatPush>,
}

impl WechatApp {
    pub(crate) fn template(&self, id: &str) -> Option<&SubscribeTemplate> {
        self.templates.iter().find(|template| template.id == id)
    }

    pub(crate) fn has_page(&self, page: &str) -> bool {
        let has = |pages: &Vec<String>| pages.iter().any(|known| known == page);
        self.pages.as_ref().is_none_or(has)
    }
}

/// A template of subscription messages.
#[derive(Clone)]
pub struct SubscribeTemplate {
    /// WeChat's id of the template.
    pub id: String,
    /// What stands above a message.
    pub title: String,
    /// How long a permission lasts.
    pub kind: SubscribeKind,
    /// The lines of a message. Every one has to be filled.
    pub fields: Vec<TemplateField>,
    /// Whether WeChat has banned it: nobody is asked for it and nothing is sent by it.
    pub banned: bool,
}

/// How long a permission for messages lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscribeKind {
    /// Every tap allows one message; taps add up.
    OneTime,
    /// One tap allows messages until the user says otherwise.
    LongTerm,
}

/// A line of a message.
#[derive(Clone)]
pub struct TemplateField {
    /// The kind of value and a number: `thing1`, `time2`.
    pub key: String,
    /// What stands in front.
    pub label: String,
    /// The values that an `enum` may have.
    pub choices: Vec<String>,
}

impl SubscribeTemplate {
    /// A template with lines of `(key, label)`.
    #[must_use]
    pub fn new(id: &str, title: &str, kind: SubscribeKind, fields: &[(&str, &str)]) -> Self {
        let field = |(key, label): &(&str, &str)| TemplateField {
            key: (*key).to_owned(),
            label: (*label).to_owned(),
            choices: Vec::new(),
        };
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            kind,
            fields: fields.iter().map(field).collect(),
            banned: false,
        }
    }
}

/// The message push of a mini-program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WechatPush {
    /// Where messages are posted. Empty for nowhere.
    pub url: String,
    /// The `Token`.
    pub token: String,
    /// The `EncodingAESKey`: 43 letters and digits.
    pub encoding_aes_key: String,
    /// How messages are protected.
    #[serde(default)]
    pub mode: PushMode,
    /// The format.
    #[serde(default)]
    pub format: PushFormat,
}

/// How pushed messages are protected.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushMode {
    /// In the clear.
    Plaintext,
    /// In the clear, and encrypted beside it.
    Compatible,
    /// Encrypted alone.
    #[default]
    Secure,
}

/// The format of pushed messages.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushFormat {
    /// JSON.
    #[default]
    Json,
    /// XML.
    Xml,
}

impl WechatPush {
    /// Pushes to `url` with the development credentials, encrypted, as JSON.
    #[must_use]
    pub fn to(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            token: dev::WECHAT_PUSH_TOKEN.to_owned(),
            encoding_aes_key: dev::WECHAT_ENCODING_AES_KEY.to_owned(),
            mode: PushMode::Secure,
            format: PushFormat::Json,
        }
    }
}

/// A mini-program registered with Alipay.
#[derive(Clone)]
pub struct AlipayApp {
    /// 16 digits.
    pub app_id: String,
    /// The app's public key, base64 SPKI: its calls are checked with it.
    pub app_public_key: String,
    /// The platform's private key for this app, base64 PKCS#8: replies are signed with it.
    pub platform_private_key: String,
    /// The content key, base64 of 16 bytes; without one phone payloads are errors.
    pub aes_key: Option<String>,
    /// Which identifiers a login returns.
    pub user_ids: AlipayUserIds,
    /// How long an authorisation code can be exchanged.
    pub auth_code_lifetime: Duration,
    /// The certificates of an app in certificate mode.
    pub certificates: Option<AlipayCertificates>,
    /// Approved templates for messages.
    pub templates: Vec<AlipayTemplate>,
}

/// The certificates of an app in certificate mode, PEM.
#[derive(Clone)]
pub struct AlipayCertificates {
    /// Of the app's public key.
    pub app: String,
    /// Of the platform's public key.
    pub alipay: String,
    /// The roots of both.
    pub roots: String,
}

/// An approved template for messages.
#[derive(Clone)]
pub struct AlipayTemplate {
    /// `user_template_id`.
    pub id: String,
    /// The keys that `data` must have, all of them and no other.
    pub keywords: Vec<String>,
    /// Whether every message takes a submitted form.
    pub needs_form: bool,
}

/// Which identifiers an Alipay login returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlipayUserIds {
    /// `user_id` alone, as older apps get.
    UserId,
    /// `open_id` alone, as newer apps get.
    OpenId,
    /// Both.
    Both,
}

/// An account of the Aliyun SMS gateway.
#[derive(Clone)]
pub struct AliyunSmsAccount {
    /// The access key id.
    pub access_key_id: String,
    /// The access key secret.
    pub access_key_secret: String,
    /// Approved signs.
    pub signs: Vec<String>,
    /// Approved templates, with parameters as `${name}`.
    pub templates: Vec<SmsTemplate>,
}

/// An account of the Tencent SMS gateway.
#[derive(Clone)]
pub struct TencentSmsAccount {
    /// The secret id.
    pub secret_id: String,
    /// The secret key.
    pub secret_key: String,
    /// The SMS application.
    pub sdk_app_id: String,
    /// Approved signs.
    pub signs: Vec<String>,
    /// Approved templates, with parameters as `{1}`, `{2}`.
    pub templates: Vec<SmsTemplate>,
}

/// An approved text.
#[derive(Clone)]
pub struct SmsTemplate {
    /// The gateway's id of the template.
    pub id: String,
    /// The text with its parameters.
    pub text: String,
    /// Whether it carries a verification code: then the gateways limit it per number.
    pub verification: bool,
}

/// A client of the provider of certificates.
#[derive(Clone)]
pub struct CertificateClient {
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub secret: String,
    /// Where browsers may be sent back to.
    pub redirect_uris: Vec<String>,
}

impl Default for CertificateClient {
    fn default() -> Self {
        Self {
            client_id: dev::CERTIFICATES_CLIENT_ID.to_owned(),
            secret: dev::CERTIFICATES_SECRET.to_owned(),
            redirect_uris: vec![dev::CERTIFICATES_REDIRECT_URI.to_owned()],
        }
    }
}

/// A bucket, and who may use it.
#[derive(Clone)]
pub struct ObjectsAccount {
    /// The bucket.
    pub bucket: String,
    /// The region that signatures name.
    pub region: String,
    /// Who may use it.
    pub access_key_id: String,
    /// Their secret.
    pub secret_access_key: String,
}

impl Default for ObjectsAccount {
    fn default() -> Self {
        Self {
            bucket: dev::OBJECTS_BUCKET.to_owned(),
            region: dev::OBJECTS_REGION.to_owned(),
            access_key_id: dev::OBJECTS_ACCESS_KEY_ID.to_owned(),
            secret_access_key: dev::OBJECTS_SECRET_ACCESS_KEY.to_owned(),
        }
    }
}

/// A person the identity registry knows by name.
#[derive(Clone, Serialize, Deserialize)]
pub struct RegisteredPerson {
    /// The name as on the document.
    pub name: String,
    /// The kind of document, in the words of the caller's requests.
    pub document: String,
    /// The document number.
    pub number: String,
}

impl Default for MockConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            wechat_apps: vec![WechatApp::default()],
            alipay_apps: vec![AlipayApp::default(), AlipayApp::certified()],
            aliyun_sms: vec![AliyunSmsAccount::default()],
            tencent_sms: vec![TencentSmsAccount::default()],
            certificate_client: CertificateClient::default(),
            data_centre_key: dev::DATA_CENTRE_KEY.to_owned(),
            data_centre_secret: dev::DATA_CENTRE_SECRET.to_owned(),
            registry_key: dev::REGISTRY_KEY.to_owned(),
            registry_lenient: true,
            vehicle_registry_key: dev::VEHICLE_REGISTRY_KEY.to_owned(),
            objects: ObjectsAccount::default(),
            registry_people: Vec::new(),
            clock: None,
        }
    }
}

impl Default for WechatApp {
    fn default() -> Self {
        Self {
            app_id: dev::WECHAT_APP_ID.to_owned(),
            secret: dev::WECHAT_SECRET.to_owned(),
            union_ids: false,
            original_id: "gh_0123456789ab".to_owned(),
            rotate_session_keys: true,
            session_lifetime: Duration::from_hours(72),
            pages: None,
            templates: vec![
                SubscribeTemplate::new(
                    dev::WECHAT_NOTICE_TEMPLATE,
                    "健康码通知",
                    SubscribeKind::LongTerm,
                    &[("thing1", "事项"), ("thing2", "说明"), ("time3", "时间")],
                ),
                SubscribeTemplate::new(
                    dev::WECHAT_REMINDER_TEMPLATE,
                    "办理提醒",
                    SubscribeKind::OneTime,
                    &[("thing1", "事项"), ("thing2", "说明"), ("time3", "时间")],
                ),
            ],
            push: None,
        }
    }
}

impl Default for AlipayApp {
    fn default() -> Self {
        Self {
            app_id: dev::ALIPAY_APP_ID.to_owned(),
            app_public_key: dev::ALIPAY_APP_PUBLIC_KEY_B64.to_owned(),
            platform_private_key: dev::ALIPAY_PLATFORM_PRIVATE_KEY_PKCS8_B64.to_owned(),
            aes_key: Some(dev::ALIPAY_AES_KEY.to_owned()),
            user_ids: AlipayUserIds::OpenId,
            auth_code_lifetime: Duration::from_hours(24),
            certificates: None,
            templates: vec![
                AlipayTemplate::of(dev::ALIPAY_TEMPLATE, 3, false),
                AlipayTemplate::of(dev::ALIPAY_FORM_TEMPLATE, 2, true),
            ],
        }
    }
}

impl AlipayApp {
    /// The development app that is in certificate mode.
    #[must_use]
    pub fn certified() -> Self {
        Self {
            app_id: dev::ALIPAY_CERTIFIED_APP_ID.to_owned(),
            certificates: Some(AlipayCertificates::default()),
            ..Self::default()
        }
    }
}

impl Default for AlipayCertificates {
    fn default() -> Self {
        Self {
            app: dev::ALIPAY_APP_CERTIFICATE_PEM.to_owned(),
            alipay: dev::ALIPAY_CERTIFICATE_PEM.to_owned(),
            roots: dev::ALIPAY_ROOT_CERTIFICATES_PEM.to_owned(),
        }
    }
}

impl AlipayTemplate {
    /// A template whose keywords are `keyword1` to the `keywords`th.
    #[must_use]
    pub fn of(id: impl Into<String>, keywords: u8, needs_form: bool) -> Self {
        Self {
            id: id.into(),
            keywords: (1..=keywords)
                .map(|number| format!("keyword{number}"))
                .collect(),
            needs_form,
        }
    }
}

impl Default for AliyunSmsAccount {
    fn default() -> Self {
        Self {
            access_key_id: dev::ALIYUN_ACCESS_KEY_ID.to_owned(),
            access_key_secret: dev::ALIYUN_ACCESS_KEY_SECRET.to_owned(),
            signs: vec![dev::ALIYUN_SIGN.to_owned()],
            templates: vec![
                SmsTemplate::verification(dev::ALIYUN_TEMPLATE, "验证码${code}，5分钟内有效。"),
                SmsTemplate::notice(dev::ALIYUN_NOTICE_TEMPLATE, "${content}"),
            ],
        }
    }
}

impl Default for TencentSmsAccount {
    fn default() -> Self {
        Self {
            secret_id: dev::TENCENT_SECRET_ID.to_owned(),
            secret_key: dev::TENCENT_SECRET_KEY.to_owned(),
            sdk_app_id: dev::TENCENT_APP_ID.to_owned(),
            signs: vec![dev::TENCENT_SIGN.to_owned()],
            templates: vec![
                SmsTemplate::verification(dev::TENCENT_TEMPLATE, "验证码{1}，5分钟内有效。"),
                SmsTemplate::notice(dev::TENCENT_NOTICE_TEMPLATE, "{1}"),
            ],
        }
    }
}

impl SmsTemplate {
    /// A template that carries a verification code.
    #[must_use]
    pub fn verification(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            text: text.into(),
            verification: true,
        }
    }

    /// A template that tells something, without limits per number.
    #[must_use]
    pub fn notice(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            text: text.into(),
            verification: false,
        }
    }
}
