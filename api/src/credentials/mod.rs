//! Signed codes that verify without a network.

/// Keys that sign codes and sessions.
#[derive(Debug, Default)]
pub struct Keyring {}
