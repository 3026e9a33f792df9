//! What is asked of the database, and what a part of the people says of all.

use chrono::{DateTime, Utc};

use crate::policy::{About, Effect, Question, Rule};

/// Whom a rule concerns, and whom the version of it that is in force does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Questions {
    pub(super) after: Question,
    /// None if none is in force.
    pub(super) before: Option<Question>,
}

/// What to ask, if both versions show the same cause while something simple holds of the person, in
/// the same places.
pub(super) fn questions(
    rule: &Rule,
    predecessor: Option<&Rule>,
    now: DateTime<Utc>,
) -> Option<Questions> {
    let simple = |rule: &Rule| {
        let shows = matches!(rule.effect, Effect::Show { .. });
        (rule.about == About::Person && shows).then(|| rule.when.question(now))?
    };
    let comparable = predecessor
        .is_none_or(|before| before.scope == rule.scope && shown_by(before) == shown_by(rule));
    if !comparable {
        return None;
    }
    Some(Questions {
        after: simple(rule)?,
        before: match predecessor {
            Some(before) => Some(simple(before)?),
            None => None,
        },
    })
}

fn shown_by(rule: &Rule) -> Option<entity::values::ReasonCode> {
    match rule.effect {
        Effect::Show { reason, .. } => Some(reason),
        Effect::Hold { .. } | Effect::Release { .. } => None,
    }
}

/// What `found` of `looked_at` people says of `all`: rounded to the nearest.
pub(super) fn scaled(found: u64, looked_at: u64, all: u64) -> u64 {
    if looked_at == 0 || looked_at >= all {
        return found;
    }
    let scaled =
        (u128::from(found) * u128::from(all) + u128::from(looked_at) / 2) / u128::from(looked_at);
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_stands_for_all_and_all_for_themselves() {
        assert_eq!(scaled(3, 10, 10), 3);
        assert_eq!(scaled(3, 10, 100), 30);
        assert_eq!(scaled(1, 3, 10), 3);
        assert_eq!(scaled(2, 3, 10), 7);
        assert_eq!(scaled(0, 0, 0), 0);
        assert_eq!(scaled(0, 5, 1_000_000), 0);
    }
}
