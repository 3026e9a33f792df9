//! What people are told: typed, so that every language and every platform says the same.

use chrono::{DateTime, NaiveDate, Utc};
use entity::values::{Colour, Falsehood, NotificationKind, ReasonCode};
use sea_orm::Iterable;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::platform::clock::CHINA;

/// What a person is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// A code shows another colour.
    CodeChanged {
        /// The version of the assessment that found it.
        assessment: i64,
        /// What it shows now.
        colour: Colour,
        /// The worst reason for it. None where there is none.
        reason: Option<ReasonCode>,
        /// Since when.
        at: DateTime<Utc>,
    },
    /// Nobody checked the person in today.
    CheckInDue {
        /// Today, in Asia/Shanghai.
        day: NaiveDate,
    },
    /// A case was decided.
    ReviewDecided {
        /// Which.
        case: Reference,
        /// How.
        decision: Decision,
        /// When.
        at: DateTime<Utc>,
    },
    /// The time to decide a case is about to run out.
    ReviewDue {
        /// Which.
        case: Reference,
        /// When it will have.
        until: DateTime<Utc>,
    },
    /// A pass is about to expire.
    PassExpiring {
        /// Which.
        pass: Reference,
        /// The last day that it is good.
        last_day: NaiveDate,
    },
    /// A pass counts no more for now, or counts again. Why is not said: it may be somebody else's colour.
    PassStanding {
        /// Which.
        pass: Reference,
        /// Whether it counts.
        stands: bool,
        /// Since when.
        at: DateTime<Utc>,
        /// The name of whoever holds it as bystanders may see it, where somebody else is told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        holder: Option<String>,
    },
    /// Somebody in another province saw a pass, with its holder's leave.
    PassRecognised {
        /// Which.
        pass: Reference,
        /// Who, in eight characters at the most. None: nobody who said.
        by: Option<String>,
        /// When.
        at: DateTime<Utc>,
    },
    /// Somebody asks one to ride along.
    RideAsked {
        /// For which application.
        application: Reference,
        /// Until when one may agree.
        until: DateTime<Utc>,
    },
    /// Visits of the person were released to the health authority.
    VisitsReleased {
        /// By which request.
        release: Reference,
        /// When.
        at: DateTime<Utc>,
    },
    /// The person was turned away at a door, and the headquarters of the district was told. Why is not said: it
    /// may be read over somebody's shoulder. That it was closed is told as every decision is.
    ControlAction {
        /// Which.
        action: Reference,
        /// When.
        at: DateTime<Utc>,
    },
    /// The code of a venue of a unit for which the person acts counts no more for now, or counts again.
    VenueStanding {
        /// Which.
        venue: Reference,
        /// Whether it counts.
        stands: bool,
        /// Since when.
        at: DateTime<Utc>,
    },
    /// What was declared for an application was marked as not true, or that mark was taken back.
    DeclarationMark {
        /// For which application.
        application: Reference,
        /// What is not true.
        falsehood: Falsehood,
        /// Whether the mark stands.
        stands: bool,
        /// Since when.
        at: DateTime<Utc>,
    },
}

/// How a case was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// As was asked for.
    Approved,
    /// Otherwise.
    Refused,
}

/// The number of a case or a pass, as people read it out: capital letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

/// Crockford's letters and digits: none is taken for another.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Not a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a reference")]
pub struct ReferenceError;

impl Reference {
    /// Characters, at the most.
    pub const LONGEST: usize = 20;

    /// Read a reference.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let spelled = text
            .bytes()
            .all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'-'));
        if spelled && !text.is_empty() && text.len() <= Self::LONGEST && !text.starts_with('-') {
            Ok(Self(text.to_owned()))
        } else {
            Err(ReferenceError)
        }
    }

    /// What people call the thing with `id` on the phone: `prefix`, two capital letters, and ten letters
    /// and digits of the id.
    #[must_use]
    pub fn of(prefix: &'static str, id: Uuid) -> Self {
        let bits = id.as_u128() >> 78;
        let letter = |place: u32| {
            let five = usize::try_from((bits >> (place * 5)) & 31).unwrap_or_default();
            LETTERS.get(five).copied().map_or('0', char::from)
        };
        let letters: String = (0..10).rev().map(letter).collect();
        Self(format!("{prefix}-{letters}"))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Reference {
    type Error = ReferenceError;

    fn try_from(text: String) -> Result<Self, ReferenceError> {
        Self::parse(&text)
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.0
    }
}

impl Message {
    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> NotificationKind {
        match self {
            Self::CodeChanged { .. } => NotificationKind::CodeChanged,
            Self::CheckInDue { .. } => NotificationKind::CheckInDue,
            Self::ReviewDecided { .. } => NotificationKind::ReviewDecided,
            Self::ReviewDue { .. } => NotificationKind::ReviewDue,
            Self::PassExpiring { .. } => NotificationKind::PassExpiring,
            Self::PassStanding { .. } => NotificationKind::PassStanding,
            Self::PassRecognised { .. } => NotificationKind::PassRecognised,
            Self::RideAsked { .. } => NotificationKind::RideAsked,
            Self::VisitsReleased { .. } => NotificationKind::VisitsReleased,
            Self::ControlAction { .. } => NotificationKind::ControlAction,
            Self::VenueStanding { .. } => NotificationKind::VenueStanding,
            Self::DeclarationMark { .. } => NotificationKind::DeclarationMark,
        }
    }

    /// What it tells of: two messages to one person that tell of the same thing are one.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::CodeChanged { assessment, .. } => format!("code_changed/{assessment}"),
            Self::CheckInDue { day } => format!("check_in_due/{day}"),
            Self::ReviewDecided { case, at, .. } => {
                format!("review_decided/{}/{}", case.as_str(), at.timestamp_millis())
            }
            Self::ReviewDue { case, until } => {
                format!("review_due/{}/{}", case.as_str(), until.timestamp_millis())
            }
            Self::PassExpiring { pass, last_day } => {
                format!("pass_expiring/{}/{last_day}", pass.as_str())
            }
            Self::PassStanding {
                pass, stands, at, ..
            } => {
                let (pass, at) = (pass.as_str(), at.timestamp_millis());
                format!("pass_standing/{pass}/{stands}/{at}")
            }
            Self::PassRecognised { pass, at, .. } => {
                format!(
                    "pass_recognised/{}/{}",
                    pass.as_str(),
                    at.timestamp_micros()
                )
            }
            Self::RideAsked { application, .. } => format!("ride_asked/{}", application.as_str()),
            Self::VisitsReleased { release, .. } => {
                format!("visits_released/{}", release.as_str())
            }
            Self::ControlAction { action, .. } => format!("control_action/{}", action.as_str()),
            Self::VenueStanding { venue, stands, at } => {
                let (venue, at) = (venue.as_str(), at.timestamp_millis());
                format!("venue_standing/{venue}/{stands}/{at}")
            }
            Self::DeclarationMark {
                application,
                stands,
                at,
                ..
            } => {
                let (application, at) = (application.as_str(), at.timestamp_millis());
                format!("declaration_mark/{application}/{stands}/{at}")
            }
        }
    }

    /// Whether it reminds of something: nobody is reminded at night.
    #[must_use]
    pub fn is_reminder(&self) -> bool {
        reminds(self.kind())
    }

    /// The last day on which it is worth sending, where there is one.
    #[must_use]
    pub fn last_day(&self) -> Option<NaiveDate> {
        match self {
            Self::CheckInDue { day } => Some(*day),
            Self::PassExpiring { last_day, .. } => Some(*last_day),
            Self::RideAsked { until, .. } => Some(until.with_timezone(&CHINA).date_naive()),
            Self::CodeChanged { .. }
            | Self::PassRecognised { .. }
            | Self::ReviewDecided { .. }
            | Self::ReviewDue { .. }
            | Self::PassStanding { .. }
            | Self::VisitsReleased { .. }
            | Self::ControlAction { .. }
            | Self::VenueStanding { .. }
            | Self::DeclarationMark { .. } => None,
        }
    }
}

/// Whether what is of `kind` reminds of something.
fn reminds(kind: NotificationKind) -> bool {
    use NotificationKind as Kind;
    match kind {
        Kind::CheckInDue | Kind::ReviewDue | Kind::PassExpiring | Kind::RideAsked => true,
        Kind::CodeChanged
        | Kind::ReviewDecided
        | Kind::PassStanding
        | Kind::PassRecognised
        | Kind::VisitsReleased
        | Kind::ControlAction
        | Kind::VenueStanding
        | Kind::DeclarationMark => false,
    }
}

/// The kinds that are no reminders: they go out at once, in order.
pub(super) fn prompt() -> impl Iterator<Item = NotificationKind> {
    NotificationKind::iter().filter(|kind| !reminds(*kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_what_people_can_read_out() {
        for text in ["A", "2026-000123", "HK-AAAAAAAAAAAAAAAAA"] {
            assert!(Reference::parse(text).is_ok(), "{text}");
        }
        for text in ["", "-1", "abc", "张三", "A B", &"9".repeat(21)] {
            assert_eq!(Reference::parse(text), Err(ReferenceError), "{text}");
        }
    }

    #[test]
    fn a_reference_of_an_id_is_read_out_and_tells_ids_apart() {
        let of = |id: u128| Reference::of("JC", Uuid::from_u128(id));
        assert_eq!(of(0).as_str(), "JC-0000000000");
        assert_eq!(of(u128::MAX).as_str(), "JC-ZZZZZZZZZZ");
        assert_eq!(of(1 << 78).as_str(), "JC-0000000001");
        assert_ne!(of(1 << 120), of(1 << 121));
        assert_eq!(Reference::parse(of(7).as_str()), Ok(of(7)));
    }

    #[test]
    fn keys_fit_their_column() {
        let reference = Reference::parse(&"9".repeat(Reference::LONGEST)).unwrap();
        let at = DateTime::<Utc>::MAX_UTC;
        for message in [
            Message::ReviewDecided {
                case: reference.clone(),
                decision: Decision::Approved,
                at,
            },
            Message::PassExpiring {
                pass: reference,
                last_day: NaiveDate::MAX,
            },
        ] {
            assert!(message.key().len() <= 96, "{}", message.key());
        }
    }
}
