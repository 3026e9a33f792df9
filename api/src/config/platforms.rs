//! Section `[platforms]`: the outside world.

use miniapp_mock::dev;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{
    clients::{
        AlipayApp, AlipayCertificates, AlipaySettings, AliyunSettings, CertificateSettings,
        DataCentreSettings, Limits, PushMode, RegistrySettings, SmsProvider, TencentSettings,
        VehicleRegistrySettings, WeChatApp, WeChatPushSettings, WeChatSettings,
    },
    platform::Secret,
};

/// Where the mock listens when it is started by itself.
const MOCK: &str = "http://127.0.0.1:18080";

/// The outside world. Every section that is left out stands for the mock.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Platforms {
    /// WeChat.
    pub wechat: WeChatSettings,
    /// Alipay.
    pub alipay: AlipaySettings,
    /// SMS gateways.
    pub sms: Sms,
    /// The city's data centre.
    pub data_centre: DataCentreSettings,
    /// The population registry.
    pub registry: RegistrySettings,
    /// The provider of units' certificates and licences.
    pub certificates: CertificateSettings,
    /// The registry of vehicles.
    pub vehicles: VehicleRegistrySettings,
}

/// SMS gateways.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sms {
    /// Which gateways to use: the first, and the second in reserve.
    pub order: Vec<SmsProvider>,
    /// Aliyun.
    pub aliyun: Option<AliyunSettings>,
    /// Tencent Cloud.
    pub tencent: Option<TencentSettings>,
}

impl Default for Platforms {
    fn default() -> Self {
        Self::mocked(MOCK)
    }
}

impl Platforms {
    /// The mock at `base_url`, with the development credentials.
    #[must_use]
    pub fn mocked(base_url: &str) -> Self {
        Self {
            wechat: WeChatSettings {
                base_url: base_url.into(),
                apps: vec![WeChatApp {
                    app_id: dev::WECHAT_APP_ID.into(),
                    secret: dev::WECHAT_SECRET.into(),
                    push: Some(WeChatPushSettings {
                        token: dev::WECHAT_PUSH_TOKEN.into(),
                        encoding_aes_key: dev::WECHAT_ENCODING_AES_KEY.into(),
                        mode: PushMode::Secure,
                    }),
                }],
                limits: Limits::default(),
            },
            alipay: AlipaySettings {
                gateway: format!("{base_url}/gateway.do"),
                apps: vec![AlipayApp {
                    app_id: dev::ALIPAY_APP_ID.into(),
                    private_key: dev::ALIPAY_APP_PRIVATE_KEY_PKCS8_B64.into(),
                    alipay_public_key: Some(dev::ALIPAY_PUBLIC_KEY_B64.into()),
                    certificates: None,
                    aes_key: Some(dev::ALIPAY_AES_KEY.into()),
                    encrypt_content: false,
                }],
                limits: Limits::default(),
            },
            sms: Sms::mocked(base_url),
            data_centre: DataCentreSettings {
                base_url: base_url.into(),
                key: dev::DATA_CENTRE_KEY.into(),
                callback_secret: dev::DATA_CENTRE_SECRET.into(),
                callback_url: "http://localhost:8080/v1/platforms/data-centre/answers".into(),
                limits: Limits::default(),
            },
            registry: RegistrySettings {
                base_url: base_url.into(),
                key: dev::REGISTRY_KEY.into(),
                limits: Limits::default(),
            },
            certificates: CertificateSettings {
                issuer: format!("{base_url}/certificates"),
                client_id: dev::CERTIFICATES_CLIENT_ID.into(),
                client_secret: dev::CERTIFICATES_SECRET.into(),
                redirect_uri: dev::CERTIFICATES_REDIRECT_URI.into(),
                limits: Limits::default(),
            },
            vehicles: VehicleRegistrySettings {
                base_url: base_url.into(),
                key: dev::VEHICLE_REGISTRY_KEY.into(),
                limits: Limits::default(),
            },
        }
    }

    /// Addresses by key.
    pub(super) fn addresses(&self) -> Vec<(&'static str, &str)> {
        let aliyun = self.sms.aliyun.as_ref().map(|it| it.base_url.as_str());
        let tencent = self.sms.tencent.as_ref().map(|it| it.base_url.as_str());
        [
            (
                "platforms.wechat.base_url",
                Some(self.wechat.base_url.as_str()),
            ),
            (
                "platforms.alipay.gateway",
                Some(self.alipay.gateway.as_str()),
            ),
            ("platforms.sms.aliyun.base_url", aliyun),
            ("platforms.sms.tencent.base_url", tencent),
            (
                "platforms.data_centre.base_url",
                Some(self.data_centre.base_url.as_str()),
            ),
            (
                "platforms.data_centre.callback_url",
                Some(self.data_centre.callback_url.as_str()),
            ),
            (
                "platforms.registry.base_url",
                Some(self.registry.base_url.as_str()),
            ),
            (
                "platforms.certificates.issuer",
                Some(self.certificates.issuer.as_str()),
            ),
            (
                "platforms.certificates.redirect_uri",
                Some(self.certificates.redirect_uri.as_str()),
            ),
            (
                "platforms.vehicles.base_url",
                Some(self.vehicles.base_url.as_str()),
            ),
        ]
        .into_iter()
        .filter_map(|(key, address)| Some((key, address?)))
        .collect()
    }

    /// Whether a mini-program's pushes are let in without anything that vouches for their bodies.
    pub(super) fn believes_plain_pushes(&self) -> bool {
        let pushes = self.wechat.apps.iter().filter_map(|app| app.push.as_ref());
        pushes
            .into_iter()
            .any(|push| push.mode == PushMode::Plaintext)
    }

    /// Keys of the sections that hold a credential of the mock.
    pub(super) fn with_development_credentials(&self) -> Vec<&'static str> {
        let wechat = |app: &WeChatApp| {
            is(&app.secret, dev::WECHAT_SECRET)
                || app.push.as_ref().is_some_and(|push| {
                    is(&push.token, dev::WECHAT_PUSH_TOKEN)
                        || is(&push.encoding_aes_key, dev::WECHAT_ENCODING_AES_KEY)
                })
        };
        let alipay = |app: &AlipayApp| {
            same_content(
                app.private_key.reveal(),
                dev::ALIPAY_APP_PRIVATE_KEY_PKCS8_B64,
            ) || app
                .alipay_public_key
                .as_ref()
                .is_some_and(|key| same_content(key, dev::ALIPAY_PUBLIC_KEY_B64))
                || app.certificates.as_ref().is_some_and(is_development)
                || app
                    .aes_key
                    .as_ref()
                    .is_some_and(|key| same_content(key.reveal(), dev::ALIPAY_AES_KEY))
        };
        let aliyun = |it: &AliyunSettings| is(&it.access_key_secret, dev::ALIYUN_ACCESS_KEY_SECRET);
        let tencent = |it: &TencentSettings| is(&it.secret_key, dev::TENCENT_SECRET_KEY);
        [
            ("platforms.wechat.apps", self.wechat.apps.iter().any(wechat)),
            ("platforms.alipay.apps", self.alipay.apps.iter().any(alipay)),
            (
                "platforms.sms.aliyun",
                self.sms.aliyun.as_ref().is_some_and(aliyun),
            ),
            (
                "platforms.sms.tencent",
                self.sms.tencent.as_ref().is_some_and(tencent),
            ),
            (
                "platforms.data_centre.key",
                is(&self.data_centre.key, dev::DATA_CENTRE_KEY),
            ),
            (
                "platforms.data_centre.callback_secret",
                is(&self.data_centre.callback_secret, dev::DATA_CENTRE_SECRET),
            ),
            (
                "platforms.registry.key",
                is(&self.registry.key, dev::REGISTRY_KEY),
            ),
            (
                "platforms.certificates.client_secret",
                is(&self.certificates.client_secret, dev::CERTIFICATES_SECRET),
            ),
            (
                "platforms.vehicles.key",
                is(&self.vehicles.key, dev::VEHICLE_REGISTRY_KEY),
            ),
        ]
        .into_iter()
        .filter_map(|(key, holds)| holds.then_some(key))
        .collect()
    }
}

impl Sms {
    fn mocked(base_url: &str) -> Self {
        Self {
            order: vec![SmsProvider::Aliyun, SmsProvider::Tencent],
            aliyun: Some(AliyunSettings {
                base_url: base_url.into(),
                access_key_id: dev::ALIYUN_ACCESS_KEY_ID.into(),
                access_key_secret: dev::ALIYUN_ACCESS_KEY_SECRET.into(),
                sign_name: dev::ALIYUN_SIGN.into(),
                template_code: dev::ALIYUN_TEMPLATE.into(),
                limits: Limits::default(),
            }),
            tencent: Some(TencentSettings {
                base_url: base_url.into(),
                secret_id: dev::TENCENT_SECRET_ID.into(),
                secret_key: dev::TENCENT_SECRET_KEY.into(),
                region: "ap-guangzhou".into(),
                sdk_app_id: dev::TENCENT_APP_ID.into(),
                sign_name: dev::TENCENT_SIGN.into(),
                template_id: dev::TENCENT_TEMPLATE.into(),
                limits: Limits::default(),
            }),
        }
    }

    /// Whether `gateway` can be used.
    #[must_use]
    pub fn knows(&self, gateway: SmsProvider) -> bool {
        match gateway {
            SmsProvider::Aliyun => self.aliyun.is_some(),
            SmsProvider::Tencent => self.tencent.is_some(),
        }
    }
}

/// One that is the mock's makes the whole set worthless, wherever it stands.
fn is_development(certificates: &AlipayCertificates) -> bool {
    let held = [&certificates.app, &certificates.alipay, &certificates.roots];
    let published = [
        dev::ALIPAY_APP_CERTIFICATE_PEM,
        dev::ALIPAY_CERTIFICATE_PEM,
        dev::ALIPAY_ROOT_CERTIFICATES_PEM,
    ];
    let published: Vec<_> = published.into_iter().flat_map(blocks).collect();
    held.into_iter()
        .flat_map(|pem| blocks(pem))
        .any(|block| published.contains(&block))
}

/// Whether two keys are one, however they are wrapped: in base64 on one line, or in PEM.
fn same_content(key: &str, other: &str) -> bool {
    let (mut own, mut others) = (blocks(key), blocks(other));
    own.next().is_some_and(|own| Some(own) == others.next())
}

/// What stands in a text of base64 or PEM, block by block, without armour and white space.
fn blocks(text: &str) -> impl Iterator<Item = Zeroizing<String>> {
    let mut blocks = vec![Zeroizing::new(String::new())];
    for line in text.lines().map(str::trim) {
        match blocks.last_mut() {
            Some(block) if !line.starts_with("-----") => {
                block.extend(line.chars().filter(|c| !c.is_whitespace()));
            }
            _ => blocks.push(Zeroizing::new(String::new())),
        }
    }
    blocks.into_iter().filter(|block| !block.is_empty())
}

fn is(secret: &Secret, text: &str) -> bool {
    secret.reveal().trim() == text.trim()
}
