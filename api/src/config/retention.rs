//! Section `[retention]`: how long what is about people is kept.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// How long what is about people is kept (H9, P1; PIPL art. 19 and 47). What has a period of its own has it in the
/// section of its feature. What still has an effect stays until it has none: see `health_code.forget_records`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Days that a declaration is kept which another one replaced, and the stays that it names. The one that
    /// counts stays.
    pub declaration_days: u16,
    /// Days that a daily check-in is kept.
    pub check_in_days: u16,
    /// Days that a test result is kept after its sample was taken. The newest, which is shown, stays for
    /// `fact_days`.
    pub test_days: u16,
    /// Days that a fact about somebody, and a cause that was found in it, are kept after they ended.
    pub fact_days: u16,
    /// Days that a health pass card is kept after its end, with the application that it was issued on.
    pub pass_days: u16,
    /// Days that decisions are kept, under an id that names nobody: cases with their steps and contacts,
    /// complaints, corrections, decisions of several people, the history of colours.
    pub decision_days: u16,
}

impl Retention {
    /// How long replaced declarations are kept.
    #[must_use]
    pub fn declarations(&self) -> TimeDelta {
        TimeDelta::days(self.declaration_days.into())
    }

    /// How long check-ins are kept.
    #[must_use]
    pub fn check_ins(&self) -> TimeDelta {
        TimeDelta::days(self.check_in_days.into())
    }

    /// How long test results are kept.
    #[must_use]
    pub fn tests(&self) -> TimeDelta {
        TimeDelta::days(self.test_days.into())
    }

    /// How long facts and causes are kept after they ended.
    #[must_use]
    pub fn facts(&self) -> TimeDelta {
        TimeDelta::days(self.fact_days.into())
    }

    /// How long cards are kept after their end.
    #[must_use]
    pub fn passes(&self) -> TimeDelta {
        TimeDelta::days(self.pass_days.into())
    }

    /// How long decisions are kept.
    #[must_use]
    pub fn decisions(&self) -> TimeDelta {
        TimeDelta::days(self.decision_days.into())
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            declaration_days: 30,
            check_in_days: 180,
            test_days: 30,
            fact_days: 90,
            pass_days: 90,
            decision_days: 1_095,
        }
    }
}
