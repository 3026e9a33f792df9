//! The operations that the document describes, to be walked by tests.

use api::{
    platform::{Entropy, OsEntropy},
    server,
};
use reqwest::Method;
use serde_json::Value;

/// One operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its method.
    pub method: Method,
    /// Its path, with parameters in braces.
    pub path: String,
    /// What the document says of it.
    pub says: Value,
}

/// Every operation of the document.
///
/// # Panics
///
/// If the document is none.
#[must_use]
pub fn operations() -> Vec<Operation> {
    let document = document();
    let paths = document["paths"].as_object().expect("paths");
    let mut operations = Vec::new();
    for (path, item) in paths {
        for (method, says) in item.as_object().expect("an item") {
            let method = method.to_uppercase();
            operations.push(Operation {
                method: Method::from_bytes(method.as_bytes()).expect("a method"),
                path: path.clone(),
                says: says.clone(),
            });
        }
    }
    operations
}

/// The document as JSON.
///
/// # Panics
///
/// If it cannot be written as JSON.
#[must_use]
pub fn document() -> Value {
    serde_json::to_value(server::document()).expect("a document")
}

impl Operation {
    /// Method and path, as in `GET /v1/me`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether a session is asked for, of a citizen or of staff, or the signature of a device.
    #[must_use]
    pub fn is_for_a_session(&self) -> bool {
        ["session", "staff", "unit", "device"]
            .iter()
            .any(|scheme| self.asks_for(scheme))
    }

    /// Whether the session or signature `scheme` lets in.
    #[must_use]
    pub fn asks_for(&self, scheme: &str) -> bool {
        self.says["security"]
            .as_array()
            .is_some_and(|schemes| schemes.iter().any(|known| known.get(scheme).is_some()))
    }

    /// The path about `person`, with ids of nothing for its other parameters.
    #[must_use]
    pub fn path_of(&self, person: &str) -> String {
        let mut path = self.path.replace("{person}", person);
        while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
            path.replace_range(from..=to, &OsEntropy.id().to_string());
        }
        path
    }

    /// The path with ids of nothing for its parameters.
    #[must_use]
    pub fn path_of_nothing(&self) -> String {
        self.path_of(&OsEntropy.id().to_string())
    }

    /// Whether its path has the parameter `name`.
    #[must_use]
    pub fn has_parameter(&self, name: &str) -> bool {
        self.path.contains(&format!("{{{name}}}"))
    }
}
