//! Section `[work_permits]`: the return to work.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The return to work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkPermits {
    /// The workflow of each province, by the first two digits of its code.
    pub workflows: BTreeMap<String, String>,
    /// The workflow everywhere else.
    pub workflow: String,
    /// Minutes after which the data centre is asked again for answers that did not come.
    pub ask_again_minutes: u32,
    /// How often it is sent a batch before people of the city look at the workers.
    pub tries: u16,
    /// Days for which what a form says of a worker is kept once nobody decides on it any more and no permit
    /// counts: 90.
    pub kept_days: u16,
}

impl Default for WorkPermits {
    fn default() -> Self {
        Self {
            workflows: BTreeMap::from([("42".into(), "work_hubei".into())]),
            workflow: "work_shanghai".into(),
            ask_again_minutes: 30,
            tries: 4,
            kept_days: 90,
        }
    }
}

impl WorkPermits {
    /// The workflow of enterprises that `province`, two digits, decides on.
    #[must_use]
    pub fn workflow_of(&self, province: &str) -> &str {
        self.workflows.get(province).unwrap_or(&self.workflow)
    }
}
