//! Section `[notifications]`: when people are told, and for how long that is kept.

use serde::{Deserialize, Serialize};

/// When people are told, and for how long that is kept. Hours are full ones of the day in
/// Asia/Shanghai.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notifications {
    /// When nobody is asleep: reminders go out from this hour…
    pub civil_from: u8,
    /// …and none from this one on.
    pub civil_until: u8,
    /// When people are reminded that they have not checked in.
    pub check_in_reminder: u8,
    /// Local days before today on one of which somebody must have checked in to be reminded. With 0
    /// nobody is.
    pub remind_days: u16,
    /// Days that what was sent is kept: for people to read, and to know that it was sent. 7 or more.
    pub kept_days: u16,
    /// People that one process writes to at a time: 1 to 32.
    pub at_once: usize,
}

impl Default for Notifications {
    fn default() -> Self {
        Self {
            civil_from: 8,
            civil_until: 21,
            check_in_reminder: 18,
            remind_days: 3,
            kept_days: 90,
            at_once: 16,
        }
    }
}
