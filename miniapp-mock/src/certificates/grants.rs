//! Codes that a browser gets and a backend spends, once.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::keys::Key;
use super::{CertificateFlaw, CertifiedUnit};
use crate::crypto::random_letters;

/// What a code stands for.
pub(super) struct Grant {
    pub(super) redirect_uri: String,
    pub(super) nonce: Option<String>,
    pub(super) challenge: String,
    pub(super) acr: String,
    pub(super) unit: CertifiedUnit,
    pub(super) until: i64,
}

/// What the provider remembers.
pub(crate) struct Certificates {
    pub(super) key: Key,
    pub(super) holder: Option<CertifiedUnit>,
    pub(super) flaw: Option<CertificateFlaw>,
    grants: HashMap<String, Grant>,
}

impl Default for Certificates {
    fn default() -> Self {
        Self {
            key: Key::new(),
            holder: None,
            flaw: None,
            grants: HashMap::new(),
        }
    }
}

impl Certificates {
    pub(super) fn give(&mut self, grant: Grant) -> String {
        let code = random_letters::<32>();
        self.grants.insert(code.clone(), grant);
        code
    }

    pub(super) fn spend(&mut self, code: &str) -> Option<Grant> {
        self.grants.remove(code)
    }

    pub(super) fn rotate(&mut self) {
        self.key = Key::new();
    }

    pub(super) fn published(&self) -> Value {
        json!({"keys": [self.key.published()]})
    }
}
