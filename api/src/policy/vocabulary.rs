//! What rules can ask about: the one list of names, with what each holds.
//!
//! A list has its newest entry first. What is optional is null where it is missing; a rule must cope
//! with that, and whatever it asks of null is not satisfied.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a rule is about: each fact of this kind, one at a time.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The person as such, without any one fact.
    Person,
    /// The newest declaration or check-in.
    Record,
    /// An arrival from outside the province, declared or recorded.
    Arrival,
    /// The last report of a sample.
    Test,
    /// Close contact with a case.
    Contact,
    /// Close contact with a close contact.
    SecondaryContact,
    /// The same place at the same time as a case.
    Companion,
    /// A suspected or confirmed case, or an infection without symptoms.
    Case,
    /// A declared stay in a place while it had a level of risk.
    RiskStay,
    /// Isolation, from its start.
    Isolation,
    /// A colour that the national platform or another region asks for.
    Push,
    /// A decision on a colour, or that a cause ends, which one person requested and two approved.
    Override,
}

/// What kind of value a name holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// The literal null.
    Nothing,
    /// Yes or no.
    Bool,
    /// A whole number.
    Number,
    /// Any text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An instant.
    Time,
    /// Several of one kind.
    List(&'static Type),
    /// Named parts.
    Record(&'static [Field]),
}

/// A name, what it holds, and what that means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Type,
    /// What that means.
    pub meaning: &'static str,
}

/// The names that a piece of logic may use.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// What its rule is about.
    pub about: About,
    /// Whether there is a hold to ask about.
    pub hold: bool,
}

const fn field(name: &'static str, kind: Type, meaning: &'static str) -> Field {
    Field {
        name,
        kind,
        meaning,
    }
}

const TIMES: Type = Type::List(&Type::Time);

/// What a test found.
const RESULT: Type = Type::Word(&["negative", "positive", "inconclusive"]);

/// Names of a test.
pub const TEST: &[Field] = &[
    field("sampled_at", Type::Time, "when the sample was taken"),
    field("reported_at", Type::Time, "when the laboratory reported it"),
    field("result", RESULT, "what was found"),
    field(
        "single",
        Type::Bool,
        "whether the tube holds this person's sample alone",
    ),
];

/// Names of an isolation.
pub const ISOLATION: &[Field] = &[
    field("from", Type::Time, "when it began"),
    field("until", Type::Time, "when it ended; null while it goes on"),
];

/// Names of the person.
pub const PERSON: &[Field] = &[
    field(
        "verified",
        Type::Bool,
        "whether the registry vouched for name and document",
    ),
    field(
        "division",
        Type::Text,
        "the division of residence; null before a declaration",
    ),
    field(
        "record_at",
        Type::Time,
        "when the newest declaration or check-in was made; null without any",
    ),
    field(
        "record_day",
        Type::Time,
        "when the local day of that record began",
    ),
    field(
        "unwell",
        Type::Bool,
        "whether that record says fever or a symptom",
    ),
    field(
        "report_days",
        TIMES,
        "when the local days began on which the person declared or checked in",
    ),
    field(
        "tests",
        Type::List(&Type::Record(TEST)),
        "the last report of each sample, the newest sample first",
    ),
    field(
        "last_negative_at",
        Type::Time,
        "when the newest negative sample was taken",
    ),
    field(
        "last_single_negative_at",
        Type::Time,
        "the same of a tube with this person's sample alone",
    ),
    field("recoveries", TIMES, "when the person recovered"),
    field("exclusions", TIMES, "when a suspicion was excluded"),
    field(
        "isolations",
        Type::List(&Type::Record(ISOLATION)),
        "when the person was isolated",
    ),
    field(
        "cases",
        TIMES,
        "when the person was confirmed a case, or infected without symptoms",
    ),
];

/// Causes that a hold can have, by their names.
const CAUSE: Type = Type::Word(&[
    "R01", "R02", "R03", "R04", "R05", "R06", "R07", "R08", "R09", "Y01", "Y02", "Y03", "Y04",
    "Y05", "Y06", "Y07", "Y08",
]);

/// Names of a hold.
pub const HOLD: &[Field] = &[
    field("starts_at", Type::Time, "since when"),
    field(
        "until",
        Type::Time,
        "the earliest release, where the rule sets one",
    ),
    field(
        "released_at",
        Type::Time,
        "when it was released; null while it holds",
    ),
    field("reason", CAUSE, "its cause"),
];

const RECORD: &[Field] = &[
    field("at", Type::Time, "when it was made"),
    field("unwell", Type::Bool, "whether it says fever or a symptom"),
];

const ARRIVAL: &[Field] = &[
    field(
        "arrived_at",
        Type::Time,
        "when the local day of arrival began",
    ),
    field("abroad", Type::Bool, "whether from abroad"),
    field("declared", Type::Bool, "whether the person declared it"),
];

const EXPOSURE: &[Field] = &[field("exposed_at", Type::Time, "the last exposure")];

const CASE: &[Field] = &[
    field("at", Type::Time, "when it was found"),
    field(
        "kind",
        Type::Word(&["suspected", "confirmed", "asymptomatic"]),
        "how sure it is",
    ),
];

const RISK_STAY: &[Field] = &[
    field(
        "level",
        Type::Word(&["low", "medium", "high", "sealed"]),
        "how dangerous the place was",
    ),
    field(
        "from",
        Type::Time,
        "when the stay within the place's time with the level began",
    ),
    field(
        "until",
        Type::Time,
        "when it ended: the person left, or the level did",
    ),
    field(
        "lifted_at",
        Type::Time,
        "when the level ends; null while that is not known",
    ),
];

const ISOLATION_FACT: &[Field] = &[
    field("from", Type::Time, "when it began"),
    field("until", Type::Time, "when it ended; null while it goes on"),
    field("place", Type::Text, "where; null if nobody said"),
];

const PUSH: &[Field] = &[
    field("at", Type::Time, "when it was pushed"),
    field(
        "colour",
        Type::Word(&["yellow", "red"]),
        "what is asked for",
    ),
    field(
        "origin",
        Type::Text,
        "the division that asks, which alone may take it back",
    ),
];

const OVERRIDE: &[Field] = &[
    field("at", Type::Time, "when it was decided"),
    field(
        "effect",
        Type::Word(&["yellow", "red", "release"]),
        "what was decided",
    ),
    field(
        "until",
        Type::Time,
        "until when a colour is worse; null of a release",
    ),
    field("cause", CAUSE, "the cause that ends; null but of a release"),
    field("origin", Type::Text, "the division that decided"),
];

/// The names of a fact; none of the person as such.
#[must_use]
pub fn fact(about: About) -> &'static [Field] {
    match about {
        About::Person => &[],
        About::Record => RECORD,
        About::Arrival => ARRIVAL,
        About::Test => TEST,
        About::Contact | About::SecondaryContact | About::Companion => EXPOSURE,
        About::Case => CASE,
        About::RiskStay => RISK_STAY,
        About::Isolation => ISOLATION_FACT,
        About::Push => PUSH,
        About::Override => OVERRIDE,
    }
}

/// The field of `fields` with `name`.
#[must_use]
pub fn find(fields: &'static [Field], name: &str) -> Option<&'static Field> {
    fields.iter().find(|field| field.name == name)
}

/// Every name of person and fact that a rule about `about` may read.
#[must_use]
pub fn names(about: About) -> BTreeSet<String> {
    let person = PERSON.iter().map(|field| format!("person.{}", field.name));
    let fact = fact(about)
        .iter()
        .map(|field| format!("fact.{}", field.name));
    person.chain(fact).collect()
}
