//! Development credentials: public, therefore worthless. No deployment may use one.

/// The WeChat mini-program of the development set.
pub const WECHAT_APP_ID: &str = "wx00000000000000de";
/// Its secret.
pub const WECHAT_SECRET: &str = "deadbeefdeadbeefdeadbeefdeadbeef";
/// The token of its message push.
pub const WECHAT_PUSH_TOKEN: &str = "worthlessdevelopmenttoken";
/// The `EncodingAESKey` of its message push.
pub const WECHAT_ENCODING_AES_KEY: &str = "WorthlessDevelopmentKeyForMessagePush000000";

/// A long-term template of subscription messages: `thing1`, `thing2` and `time3`.
pub const WECHAT_NOTICE_TEMPLATE: &str = "dev-long-term-notice-template-0000000000001";
/// A one-time template with the same keys.
pub const WECHAT_REMINDER_TEMPLATE: &str = "dev-one-time-reminder-template-000000000002";

/// The Alipay mini-program of the development set.
pub const ALIPAY_APP_ID: &str = "2021000000000001";
/// The app's private key, base64 PKCS#8: the backend signs its calls with it.
pub const ALIPAY_APP_PRIVATE_KEY_PKCS8_B64: &str =
    include_str!("../keys/development-alipay-app.pkcs8.b64");
/// The app's public key, base64 SPKI: the platform checks calls with it.
pub const ALIPAY_APP_PUBLIC_KEY_B64: &str = include_str!("../keys/development-alipay-app.spki.b64");
/// The platform's private key, base64 PKCS#8: it signs replies. Only the mock needs it.
pub const ALIPAY_PLATFORM_PRIVATE_KEY_PKCS8_B64: &str =
    include_str!("../keys/development-alipay-platform.pkcs8.b64");
/// The platform's public key, base64 SPKI, as Alipay hands it out: the backend checks replies.
pub const ALIPAY_PUBLIC_KEY_B64: &str =
    include_str!("../keys/development-alipay-platform.spki.b64");
/// The app's content key, base64 of 16 bytes.
pub const ALIPAY_AES_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZg==";

/// The Alipay mini-program of the development set that is in certificate mode. Its keys are those of
/// the other one.
pub const ALIPAY_CERTIFIED_APP_ID: &str = "2021000000000002";
/// The certificate of the app's public key, PEM.
pub const ALIPAY_APP_CERTIFICATE_PEM: &str = include_str!("../keys/development-alipay-app.crt.pem");
/// The certificate of the platform's public key, PEM.
pub const ALIPAY_CERTIFICATE_PEM: &str =
    include_str!("../keys/development-alipay-platform.crt.pem");
/// The roots, PEM: two of RSA, and between them one of an elliptic curve.
pub const ALIPAY_ROOT_CERTIFICATES_PEM: &str =
    include_str!("../keys/development-alipay-roots.crt.pem");
/// An approved template for messages; its keywords are `keyword1` to `keyword3`.
pub const ALIPAY_TEMPLATE: &str = "ZGV2ZWxvcG1lbnQtbm90aWNl";
/// An approved template for messages that takes a submitted form; its keywords are `keyword1` and
/// `keyword2`.
pub const ALIPAY_FORM_TEMPLATE: &str = "ZGV2ZWxvcG1lbnQtZm9ybQ==";

/// The Aliyun account of the development set.
pub const ALIYUN_ACCESS_KEY_ID: &str = "LTAI-development-only";
/// Its secret.
pub const ALIYUN_ACCESS_KEY_SECRET: &str = "worthless-development-aliyun-secret";
/// An approved sign.
pub const ALIYUN_SIGN: &str = "通行";
/// An approved template for verification codes; its one parameter is `code`.
pub const ALIYUN_TEMPLATE: &str = "SMS_100000001";
/// An approved template for notices; its one parameter is `content`.
pub const ALIYUN_NOTICE_TEMPLATE: &str = "SMS_100000002";

/// The Tencent Cloud account of the development set.
pub const TENCENT_SECRET_ID: &str = "AKID-development-only";
/// Its key.
pub const TENCENT_SECRET_KEY: &str = "worthless-development-tencent-key";
/// Its SMS application.
pub const TENCENT_APP_ID: &str = "1400000001";
/// An approved sign.
pub const TENCENT_SIGN: &str = "通行";
/// An approved template for verification codes; its one parameter is the code.
pub const TENCENT_TEMPLATE: &str = "1000001";
/// An approved template for notices; its one parameter is the content.
pub const TENCENT_NOTICE_TEMPLATE: &str = "1000002";

/// The bearer key of the data centre.
pub const DATA_CENTRE_KEY: &str = "worthless-development-data-centre-key";
/// What it signs its calls with.
pub const DATA_CENTRE_SECRET: &str = "worthless-development-data-centre-secret";

/// The bearer key of the registry of vehicles.
pub const VEHICLE_REGISTRY_KEY: &str = "worthless-development-vehicle-registry-key";

/// The bucket of objects.
pub const OBJECTS_BUCKET: &str = "tongxing-objects";
/// The region of the bucket.
pub const OBJECTS_REGION: &str = "cn-mock-1";
/// Who may use the bucket.
pub const OBJECTS_ACCESS_KEY_ID: &str = "AKIADEVELOPMENTONLY0";
/// Their secret.
pub const OBJECTS_SECRET_ACCESS_KEY: &str = "worthless-development-objects-secret";

/// The bearer key of the identity registry.
pub const REGISTRY_KEY: &str = "worthless-development-registry-key";

/// The client of the development set at the provider of units' certificates.
pub const CERTIFICATES_CLIENT_ID: &str = "tongxing-development";
/// Its secret.
pub const CERTIFICATES_SECRET: &str = "worthless-development-certificates-secret";
/// The page that browsers come back to.
pub const CERTIFICATES_REDIRECT_URI: &str = "http://localhost:8080/organisations/return";
