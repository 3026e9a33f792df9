//! What answers add up to.

use chrono::{DateTime, TimeDelta, Utc};

/// Messages that one person may have allowed for one template, one by one. Platforms do not say how
/// many they count themselves; what goes beyond is not counted.
pub const MOST_GRANTS: i32 = 100;

/// Forms of one person in one app that are kept for messages. One more replaces the oldest.
pub const MOST_FORM_IDS: usize = 30;

/// How long Alipay takes a form's id after the form was submitted.
pub const FORM_ID_LIFE: TimeDelta = TimeDelta::days(7);

/// What a person allows for one template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Messages that are allowed one by one.
    pub remaining: i32,
    /// Whether any number is allowed.
    pub standing: bool,
    /// Whether the last word was no.
    pub refused: bool,
    /// When the person answered last, by the platform's clock.
    pub changed_at: DateTime<Utc>,
}

/// What a person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// One message more.
    Once,
    /// Any number.
    Always,
    /// None.
    No,
}

impl Allowance {
    /// Before the first answer.
    #[must_use]
    pub fn unasked() -> Self {
        Self {
            remaining: 0,
            standing: false,
            refused: false,
            changed_at: DateTime::UNIX_EPOCH,
        }
    }

    /// After a person said `answer` at `at`.
    ///
    /// Platforms do not deliver answers in their order. A refusal ends what was allowed until then,
    /// and nothing that was said before it counts any more, in whichever order they are heard.
    #[must_use]
    pub fn after(self, answer: Answer, at: DateTime<Utc>) -> Self {
        let late = at < self.changed_at;
        match answer {
            Answer::Once | Answer::Always if late && self.refused => self,
            Answer::No if late => self,
            Answer::Once => Self {
                remaining: (self.remaining + 1).min(MOST_GRANTS),
                refused: false,
                changed_at: self.changed_at.max(at),
                ..self
            },
            Answer::Always => Self {
                standing: true,
                refused: false,
                changed_at: self.changed_at.max(at),
                ..self
            },
            Answer::No => Self {
                remaining: 0,
                standing: false,
                refused: true,
                changed_at: at,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn after(answers: &[(Answer, i64)]) -> Allowance {
        let unasked = Allowance::unasked();
        answers
            .iter()
            .fold(unasked, |allowance, (answer, seconds)| {
                allowance.after(*answer, at(*seconds))
            })
    }

    #[test]
    fn each_yes_allows_one_more_up_to_the_bound() {
        use Answer::Once;
        assert_eq!(after(&[]).remaining, 0);
        assert_eq!(after(&[(Once, 1), (Once, 2), (Once, 2)]).remaining, 3);
        let eager: Vec<_> = (0..200).map(|second| (Once, second)).collect();
        assert_eq!(after(&eager).remaining, MOST_GRANTS);
    }

    #[test]
    fn a_no_ends_all_that_was_allowed_and_a_later_yes_begins_anew() {
        use Answer::{Always, No, Once};
        let refused = after(&[(Once, 1), (Always, 1), (No, 2)]);
        assert_eq!(
            (refused.remaining, refused.standing, refused.refused),
            (0, false, true)
        );
        let again = after(&[(Once, 1), (Once, 1), (No, 2), (Once, 3)]);
        assert_eq!((again.remaining, again.refused), (1, false));
        assert!(after(&[(No, 2), (Always, 3)]).standing);
    }

    #[test]
    fn what_was_said_before_a_no_does_not_count_when_it_is_heard_after_it() {
        use Answer::{Always, No, Once};
        for late in [Once, Always] {
            let heard = after(&[(No, 5), (late, 4)]);
            assert_eq!(heard, after(&[(No, 5)]), "{late:?}");
        }
    }

    #[test]
    fn a_no_that_is_heard_after_a_later_yes_takes_nothing() {
        use Answer::{No, Once};
        let heard = after(&[(Once, 6), (No, 5)]);
        assert_eq!(
            (heard.remaining, heard.refused, heard.changed_at),
            (1, false, at(6))
        );
    }

    #[test]
    fn yeses_count_in_any_order() {
        use Answer::Once;
        assert_eq!(
            after(&[(Once, 6), (Once, 5)]),
            after(&[(Once, 5), (Once, 6)])
        );
    }
}
