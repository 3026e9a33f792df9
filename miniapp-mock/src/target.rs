//! Endpoints one by one or by the platform.

use serde::{Deserialize, Serialize};

use crate::call::Endpoint;

/// Every endpoint of one platform. The serialised names are `wechat.*` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Platform {
    /// WeChat.
    #[serde(rename = "wechat.*")]
    Wechat,
    /// Alipay.
    #[serde(rename = "alipay.*")]
    Alipay,
    /// Both SMS gateways.
    #[serde(rename = "sms.*")]
    Sms,
    /// The provider of units' certificates.
    #[serde(rename = "certificates.*")]
    Certificates,
    /// The data centre.
    #[serde(rename = "data_centre.*")]
    DataCentre,
    /// The identity registry.
    #[serde(rename = "registry.*")]
    Registry,
    /// The registry of vehicles.
    #[serde(rename = "vehicles.*")]
    Vehicles,
    /// The bucket.
    #[serde(rename = "objects.*")]
    Objects,
}

impl Platform {
    fn prefix(self) -> &'static str {
        match self {
            Self::Wechat => "wechat",
            Self::Alipay => "alipay",
            Self::Sms => "sms",
            Self::Certificates => "certificates",
            Self::DataCentre => "data_centre",
            Self::Registry => "registry",
            Self::Vehicles => "vehicles",
            Self::Objects => "objects",
        }
    }
}

/// What a fault is ordered for, or the log asked about: `wechat.session`, or `wechat.*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Target {
    /// One endpoint.
    Endpoint(Endpoint),
    /// All endpoints of a platform.
    Platform(Platform),
}

impl Target {
    /// Whether `endpoint` is meant.
    #[must_use]
    pub fn covers(self, endpoint: Endpoint) -> bool {
        match self {
            Self::Endpoint(one) => one == endpoint,
            Self::Platform(platform) => endpoint
                .name()
                .split_once('.')
                .is_some_and(|(prefix, _)| prefix == platform.prefix()),
        }
    }

    /// Whether everything that `other` means is meant.
    pub(crate) fn includes(self, other: Self) -> bool {
        match other {
            Self::Endpoint(endpoint) => self.covers(endpoint),
            Self::Platform(_) => self == other,
        }
    }
}

impl From<Endpoint> for Target {
    fn from(endpoint: Endpoint) -> Self {
        Self::Endpoint(endpoint)
    }
}

impl From<Platform> for Target {
    fn from(platform: Platform) -> Self {
        Self::Platform(platform)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_means_its_endpoints_and_no_other() {
        let read = |text: &str| serde_json::from_value::<Target>(text.into());
        let wechat = read("wechat.*").unwrap();
        assert_eq!(wechat, Platform::Wechat.into());
        assert!(wechat.covers(Endpoint::WechatSession) && wechat.covers(Endpoint::WechatOther));
        assert!(!wechat.covers(Endpoint::AlipayOauthToken) && !wechat.covers(Endpoint::Unknown));
        let sms = Target::from(Platform::Sms);
        assert!(sms.covers(Endpoint::AliyunSms) && sms.covers(Endpoint::TencentSms));
        assert_eq!(
            read("wechat.session").unwrap(),
            Endpoint::WechatSession.into()
        );
        assert!(read("wechat.nothing").is_err() && read("*").is_err());
    }
}
