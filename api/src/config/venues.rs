//! Section `[venues]`: codes on doors.

use serde::{Deserialize, Serialize};

/// Codes on doors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Venues {
    /// What comes before a code: an address that ends with `/`. `<server.public_url>/v/` if it is not
    /// set. Codes that were printed under another one are refused, so it is for ever.
    pub address: Option<String>,
    /// Venue codes that a unit may have through the mini-program: 20 (V4).
    pub mini_program_codes: i64,
    /// Venue codes that a unit may have through the open platform. No promise, but a bound for mistakes.
    pub open_platform_codes: u64,
    /// The page of the mini-programs that registers a visit, without a slash in front. It is given the
    /// code as `scene` by WeChat and as `code` by Alipay.
    pub page: String,
    /// Whether WeChat refuses to draw a code of a page that is not in the released app.
    pub check_page: bool,
    /// Days that it is kept who was turned away at a door, once that is closed.
    pub refusals_kept_days: u16,
}

impl Default for Venues {
    fn default() -> Self {
        Self {
            address: None,
            mini_program_codes: 20,
            open_platform_codes: 10_000,
            page: "pages/visit/visit".into(),
            check_page: true,
            refusals_kept_days: 180,
        }
    }
}
