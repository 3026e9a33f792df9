//! SHA-256, and the one form of a JSON text that is hashed.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{Context, SHA256};
use serde_json::Value;

/// Bytes of a SHA-256 digest.
pub const DIGEST_BYTES: usize = 32;

/// SHA-256 of `parts`, one behind the other.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; DIGEST_BYTES] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut bytes = [0; DIGEST_BYTES];
    for (to, from) in bytes.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    bytes
}

/// `json` in the canonical form of RFC 8785. Only for what has no fractions in it, so that numbers are
/// written as they are, and whose names of fields are ASCII.
pub fn canonical_json(json: &Value) -> serde_json::Result<Vec<u8>> {
    let mut text = Vec::new();
    write_canonically(json, &mut text)?;
    Ok(text)
}

fn write_canonically(json: &Value, into: &mut Vec<u8>) -> serde_json::Result<()> {
    match json {
        Value::Object(fields) => {
            let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
            into.push(b'{');
            for (at, (name, value)) in sorted.into_iter().enumerate() {
                if at > 0 {
                    into.push(b',');
                }
                serde_json::to_writer(&mut *into, name)?;
                into.push(b':');
                write_canonically(value, into)?;
            }
            into.push(b'}');
        }
        Value::Array(entries) => {
            into.push(b'[');
            for (at, value) in entries.iter().enumerate() {
                if at > 0 {
                    into.push(b',');
                }
                write_canonically(value, into)?;
            }
            into.push(b']');
        }
        plain => serde_json::to_writer(into, plain)?,
    }
    Ok(())
}
