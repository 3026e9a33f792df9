//! Section `[staff]`: how members of staff prove themselves.

use serde::{Deserialize, Serialize};

use super::Limit;

/// How members of staff prove themselves (SECURITY S10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Staff {
    /// What authenticators call this service.
    pub name: String,
    /// The domain that keys are made for: the host of each origin, or a domain around it. Keys made
    /// for another one prove nothing here.
    pub rp_id: String,
    /// The pages on which keys may be used, such as `https://staff.example.gov.cn`.
    pub origins: Vec<String>,
    /// Codes that may be tried for one account.
    pub attempts: Vec<Limit>,
    /// Log-ins and enrolments that may be begun from one address.
    pub per_address: Limit,
}

impl Default for Staff {
    fn default() -> Self {
        Self {
            name: "Tongxing".into(),
            rp_id: "localhost".into(),
            origins: vec!["http://localhost:8080".into()],
            attempts: vec![Limit::new(5, 300), Limit::new(50, 86_400)],
            per_address: Limit::new(300, 3600),
        }
    }
}
