//! The identity registry: does this name belong to this document number?

use actix_web::http::Method;
use serde::Deserialize;
use serde_json::json;

use crate::call::{Call, Reply, Trouble};
use crate::config::RegisteredPerson;
use crate::state::{Inner, lock};

const JSON: &str = "application/json";
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_LETTERS: &[u8; 11] = b"10X98765432";

/// Whom the registry knows, and how strict it is with the rest.
pub(crate) struct Registry {
    people: Vec<RegisteredPerson>,
    lenient: bool,
}

impl Registry {
    pub(crate) fn new(people: Vec<RegisteredPerson>, lenient: bool) -> Self {
        Self { people, lenient }
    }

    /// Register `person`, in place of whoever had the number.
    pub(crate) fn register(&mut self, person: RegisteredPerson) {
        self.people.retain(|known| known.number != person.number);
        self.people.push(person);
    }

    pub(crate) fn set_lenient(&mut self, lenient: bool) {
        self.lenient = lenient;
    }

    /// Registered people match by name and document. Of the others, a lenient registry accepts
    /// every number of a valid shape.
    fn matches(&self, asked: &Question) -> bool {
        let known = self
            .people
            .iter()
            .find(|person| person.number.eq_ignore_ascii_case(&asked.number));
        match known {
            Some(person) => person.name == asked.name && person.document == asked.document,
            None => self.lenient && !asked.name.trim().is_empty() && well_formed(&asked.number),
        }
    }
}

#[derive(Deserialize)]
struct Question {
    name: String,
    document: String,
    number: String,
}

/// `POST /registry/v1/identity-checks`.
pub(crate) fn answer(world: &Inner, call: &Call) -> Reply {
    if call.method != Method::POST {
        return failure(405, "method_not_allowed");
    }
    let key = call
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "));
    if key != Some(world.config.registry_key.as_str()) {
        return failure(401, "unauthorized");
    }
    let Ok(question) = serde_json::from_slice::<Question>(&call.body) else {
        return failure(400, "malformed_request");
    };
    let result = if lock(&world.registry).matches(&question) {
        "match"
    } else {
        "mismatch"
    };
    Reply::new(JSON, json!({"result": result}).to_string(), result)
}

/// Refuse a call without looking at it.
pub(crate) fn refuse(trouble: &Trouble) -> Reply {
    match trouble {
        Trouble::Busy => failure(503, "busy"),
        Trouble::Quota => failure(429, "quota_exceeded"),
        Trouble::Code(code) => failure(400, code),
    }
}

fn failure(status: u16, code: &str) -> Reply {
    Reply::new(JSON, json!({"error": code}).to_string(), code).with_status(status)
}

/// Whether a document could carry this number: 18 characters with the check character of
/// GB 11643, or 5 to 17 letters and digits.
fn well_formed(number: &str) -> bool {
    let bytes = number.as_bytes();
    if bytes.len() == 18 {
        return check_character_holds(bytes);
    }
    (5..=17).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_alphanumeric)
}

fn check_character_holds(number: &[u8]) -> bool {
    let Some((last, digits)) = number.split_last() else {
        return false;
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    CHECK_LETTERS.get(sum as usize % CHECK_LETTERS.len()) == Some(&last.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_citizen_number_needs_its_check_character() {
        for good in [
            "11010519491231002X",
            "440524188001010014",
            "11010519491231002x",
        ] {
            assert!(well_formed(good), "{good}");
        }
        for bad in [
            "110105194912310021",
            "X1010519491231002X",
            "11010519491231002Y",
            "1234",
        ] {
            assert!(!well_formed(bad), "{bad}");
        }
        assert!(well_formed("E12345678"));
    }
}
