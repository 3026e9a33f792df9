//! What can keep somebody from returning to work.

mod kinds;

use sea_orm::DbErr;

use kinds::{
    ALREADY_OBJECTED, BUSY, DOES_NOT_COUNT, ENDED, FORGED_ANSWER, FORM_REFUSED, FORM_TOO_LARGE,
    FORM_TOO_SLOW, NOT_A_FORM, NOT_A_NEIGHBOUR, NOT_PUBLIC, NOTHING_TO_SEND, RULING_OPEN,
    TOO_MANY_OBJECTIONS, UNKNOWN_BATCH, of_unreadable,
};
pub(super) use kinds::{BATCH_NEEDED, OBJECTED, OFF_THE_LIST, RED_CODE};

use super::{
    form::{MOST_FLAWS, Unreadable},
    rules::Flaw,
};
use crate::{
    credentials::{PermitError, qr::TooLong},
    documents::NotWritten,
    health_code,
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAVAILABLE,
        },
    },
    identity, notifications, organisations,
    platform::{db::is_outage, vault::Sealed},
    review,
};

/// A use case of the return to work did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such thing, or not for this caller: the two look the same.
    #[error("no such thing for this caller")]
    NotFound,
    /// The unit is not on the white list now.
    #[error("the unit is not on the white list")]
    OffTheList,
    /// A contractor works for an enterprise of the list, and nobody else for any.
    #[error("a contractor has a principal of the list, and nobody else has one")]
    Principal,
    /// The days on the list end before they begin, or are too many.
    #[error("the days on the list are in disorder")]
    ListedDays,
    /// No county or district in force.
    #[error("no county or district in force")]
    NoSuchPlace,
    /// The file is no form.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The form did not arrive in time, or broke off.
    #[error("the form did not arrive in time")]
    TooSlow,
    /// The form has errors: nothing of it was kept.
    #[error("the form has {} errors", .0.len())]
    Refused(Vec<Flaw>),
    /// Too many forms are read at this moment.
    #[error("too many forms are read")]
    Busy,
    /// A decision on this form is being made.
    #[error("a decision on this form is being made")]
    RulingOpen,
    /// What is decided on many is to grant or to refuse.
    #[error("many are granted or refused, and nothing else")]
    NotForMany,
    /// No workers wait to be sent to the data centre.
    #[error("no workers wait to be sent")]
    NothingToSend,
    /// A call was not the data centre's.
    #[error("the call is not the data centre's")]
    ForgedAnswer,
    /// The data centre answered for a batch that nobody sent.
    #[error("an answer for an unknown batch")]
    UnknownBatch,
    /// What is public is so in a neighbourhood: an area larger than a county is none.
    #[error("the area is larger than a county")]
    TooWide,
    /// The return is not public, or not any more.
    #[error("the return is not public now")]
    NotPublic,
    /// Only who lives there objects to a return.
    #[error("lives elsewhere")]
    NotANeighbour,
    /// Somebody objected as often as one may on a day.
    #[error("objected too often on one day")]
    TooManyObjections,
    /// Somebody objects to the same return twice.
    #[error("objected before")]
    AlreadyObjected,
    /// The permit is over.
    #[error("the permit is over")]
    Ended,
    /// The permit does not count now.
    #[error("the permit does not count now")]
    DoesNotCount,
    /// Setting a paper was given up.
    #[error("a paper was not set")]
    NotSet,
    /// A symbol was not drawn.
    #[error(transparent)]
    Picture(#[from] TooLong),
    /// A paper was not written.
    #[error(transparent)]
    Paper(#[from] NotWritten),
    /// A table was not written.
    #[error("a table was not written")]
    Table(#[source] anyhow::Error),
    /// What was sealed does not open.
    #[error(transparent)]
    Sealed(#[from] Sealed),
    /// What was kept does not read.
    #[error("what was kept does not read")]
    Illegible(#[from] serde_json::Error),
    /// Signing and enlisting.
    #[error(transparent)]
    Permit(#[from] PermitError),
    /// Colours.
    #[error(transparent)]
    Code(#[from] health_code::Error),
    /// Telling people.
    #[error(transparent)]
    Notification(#[from] notifications::Error),
    /// The review of cases.
    #[error(transparent)]
    Review(#[from] review::Error),
    /// Who somebody is.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// Who acts for a unit.
    #[error(transparent)]
    Organisation(#[from] organisations::Error),
    /// The key of a person.
    #[error(transparent)]
    Key(#[from] identity::KeyError),
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// The database failed.
    #[error("the store of work permits failed")]
    Store(#[from] DbErr),
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => NOT_FOUND,
            Self::OffTheList => OFF_THE_LIST,
            Self::Principal
            | Self::ListedDays
            | Self::NoSuchPlace
            | Self::NotForMany
            | Self::TooWide => INVALID_REQUEST,
            Self::Unreadable(Unreadable::TooLarge) => FORM_TOO_LARGE,
            Self::Unreadable(_) => NOT_A_FORM,
            Self::TooSlow => FORM_TOO_SLOW,
            Self::Refused(_) => FORM_REFUSED,
            Self::Busy => BUSY,
            Self::RulingOpen => RULING_OPEN,
            Self::NothingToSend => NOTHING_TO_SEND,
            Self::ForgedAnswer => FORGED_ANSWER,
            Self::UnknownBatch => UNKNOWN_BATCH,
            Self::NotPublic => NOT_PUBLIC,
            Self::NotANeighbour => NOT_A_NEIGHBOUR,
            Self::TooManyObjections => TOO_MANY_OBJECTIONS,
            Self::AlreadyObjected => ALREADY_OBJECTED,
            Self::Ended => ENDED,
            Self::DoesNotCount => DOES_NOT_COUNT,
            Self::Permit(error) => error.kind(),
            Self::Code(error) => error.kind(),
            Self::Notification(error) => error.kind(),
            Self::Review(error) => error.kind(),
            Self::Identity(error) => error.kind(),
            Self::Organisation(error) => error.kind(),
            Self::Key(identity::KeyError::Store(error)) | Self::Store(error)
                if is_outage(error) =>
            {
                UNAVAILABLE
            }
            Self::Idempotency(error) => error.kind(),
            Self::NotSet
            | Self::Picture(_)
            | Self::Paper(_)
            | Self::Table(_)
            | Self::Sealed(_)
            | Self::Illegible(_)
            | Self::Key(_)
            | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::Refused(flaws) => flaws.iter().take(MOST_FLAWS).map(of_flaw).collect(),
            Self::Unreadable(why) => vec![of_unreadable(*why)],
            Self::Principal => vec![FieldFault::new(
                "principal",
                "principal",
                Text::new(
                    "外包单位须注明名单内的委托单位，其他单位不得填写",
                    "must be an enterprise of the list for a contractor, and is nobody for others",
                ),
            )],
            Self::ListedDays => vec![FieldFault::new(
                "listed_until",
                "range",
                Text::new(
                    "须晚于起始时间，且不超过 366 天",
                    "must be later than `listed_from`, by 366 days at the most",
                ),
            )],
            Self::TooWide => vec![FieldFault::new(
                "area",
                "too_wide",
                Text::new("须为社区或县级区划", "must be a community or a county"),
            )],
            Self::NoSuchPlace => vec![FieldFault::new(
                "division",
                "unknown_division",
                Text::new(
                    "不是现行的县级区划代码",
                    "is no county or district in force",
                ),
            )],
            Self::NotForMany => vec![FieldFault::new(
                "action",
                "value",
                Text::new(
                    "批量处理只能是同意或不同意",
                    "must be `approve` or `refuse`",
                ),
            )],
            Self::Review(error) => error.fields(),
            Self::Identity(error) => error.fields(),
            _ => Vec::new(),
        }
    }
}

/// The cell at fault, as spreadsheets call it.
fn of_flaw(flaw: &Flaw) -> FieldFault {
    let text = Text::new(flaw.kind.zh(), flaw.kind.en());
    FieldFault::new(flaw.cell(), flaw.kind.code(), text)
}
