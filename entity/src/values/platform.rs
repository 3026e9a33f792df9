//! The super-apps that our mini-programs live in.

use sea_orm::entity::prelude::*;

text_enum! {
    /// A super-app.
    pub enum Platform in "String(StringLen::N(16))" {
        /// WeChat.
        Wechat,
        /// Alipay.
        Alipay,
    }
}

impl Platform {
    /// The name that columns, labels and answers have for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wechat => "wechat",
            Self::Alipay => "alipay",
        }
    }
}
