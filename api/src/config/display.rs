//! Section `[display]`: how long a shown code is remembered.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// How long a process remembers what it showed. Zero means not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Display {
    /// Milliseconds that a process shows what it knows without asking again: 2000 at the most, so
    /// that a colour is right everywhere soon after it changed.
    pub remember_ms: u32,
    /// Milliseconds that a signed code is shown again rather than signed anew.
    pub reuse_token_ms: u32,
    /// Seconds that a known code is still shown, marked, while neither the short-lived store nor the
    /// database answers.
    pub survive_seconds: u32,
    /// People that a process remembers.
    pub people: usize,
}

impl Display {
    /// How long a process shows what it knows without asking again.
    #[must_use]
    pub fn remember(&self) -> TimeDelta {
        TimeDelta::milliseconds(self.remember_ms.min(2000).into())
    }

    /// How long a signed code is shown again.
    #[must_use]
    pub fn reuse_token(&self) -> TimeDelta {
        TimeDelta::milliseconds(self.reuse_token_ms.min(30_000).into())
    }

    /// How long a known code survives an outage.
    #[must_use]
    pub fn survive(&self) -> TimeDelta {
        TimeDelta::seconds(self.survive_seconds.into())
    }
}

impl Default for Display {
    fn default() -> Self {
        Self {
            remember_ms: 2000,
            reuse_token_ms: 10_000,
            survive_seconds: 600,
            people: 200_000,
        }
    }
}
