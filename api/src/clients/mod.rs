//! The outside world: SMS gateways, WeChat, Alipay and the identity registry.
