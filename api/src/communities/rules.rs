//! Pure decisions.

mod office;
mod telephone;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::values::{Area, Gap};

pub use self::{
    office::{Fault, Flaw, Line, Office},
    telephone::{Telephone, TelephoneError},
};
use crate::platform::clock::midnight;

/// The first and the last code that communities of an area may have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first.
    pub first: String,
    /// The last.
    pub last: String,
}

impl Span {
    /// The codes of `area`.
    #[must_use]
    pub fn of(area: &Area) -> Self {
        let stem = area.stem();
        Self {
            first: format!("{stem:0<12}"),
            last: format!("{stem:9<12}"),
        }
    }
}

/// Until when somebody has to sign in on `day`, if the full hour `hour` of the local day is the last
/// moment.
#[must_use]
pub fn deadline(day: NaiveDate, hour: u8) -> DateTime<Utc> {
    midnight(day) + TimeDelta::hours(hour.into())
}

/// What a community lacks for which `issuers` are named and `in_time` signed in by now, or by the time
/// that they had. `late` says that this time is over, on a working day.
///
/// Whoever signed in is there, whether they are named for this community or for its district. That
/// nobody is named is seen whoever signed in, and needs no deadline.
#[must_use]
pub fn gap(issuers: usize, in_time: usize, late: bool) -> Option<Gap> {
    match (issuers, in_time) {
        (0, _) => Some(Gap::NoIssuer),
        (1.., 1..) => None,
        (1.., 0) => late.then_some(Gap::NoSignIn),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(code: &str) -> (String, String) {
        let Span { first, last } = Span::of(&Area::try_from(code.to_owned()).unwrap());
        (first, last)
    }

    #[test]
    fn the_codes_of_an_area_begin_as_its_own_does() {
        let of = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        assert_eq!(span("370000"), of("370000000000", "379999999999"));
        assert_eq!(span("370100"), of("370100000000", "370199999999"));
        assert_eq!(span("370102"), of("370102000000", "370102999999"));
        assert_eq!(span("370102001001"), of("370102001001", "370102001001"));
    }

    #[test]
    fn a_community_lacks_somebody_until_somebody_is_named_and_somebody_signs_in() {
        for (issuers, in_time, late, lacks) in [
            (0, 0, false, Some(Gap::NoIssuer)),
            (0, 0, true, Some(Gap::NoIssuer)),
            (2, 0, false, None),
            (2, 0, true, Some(Gap::NoSignIn)),
            (2, 1, true, None),
            (0, 1, true, Some(Gap::NoIssuer)),
        ] {
            assert_eq!(
                gap(issuers, in_time, late),
                lacks,
                "{issuers} {in_time} {late}"
            );
        }
    }

    #[test]
    fn the_time_to_sign_in_is_local() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        assert_eq!(deadline(day, 10).to_rfc3339(), "2026-03-02T02:00:00+00:00");
    }
}
