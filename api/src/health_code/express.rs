//! The express lane: a code that this process may show again, shown without the router.
//!
//! Showing a known code is most of what this service does on a bad day, and then most of what it
//! costs is the way to it: matching the routes, boxing a future for each layer, extracting arguments.
//! So the edge asks here first. Everything is answered from the same memories as the route's, which
//! forget at the same moments: the token verified here before, its session was heard to go on, the
//! citizen is known to act for the person, and their code is good to be shown again. If one of these
//! is not known, or anything about the request is out of the ordinary, the lane says nothing, and the
//! request takes its way to the route, which asks whoever knows.

use std::{fmt, sync::Arc};

use actix_web::{
    HttpResponse,
    dev::RequestHead,
    http::{Method, header::AUTHORIZATION},
};
use entity::values::PersonId;
use uuid::{Uuid, fmt::Hyphenated};

use super::routes;
use crate::{
    deps::Deps,
    http::{edge::Shortcut, problem::Language},
    identity::{known_to_act_for, recognise},
};

const BEFORE_PERSON: &str = "/v1/people/";
const AFTER_PERSON: &str = "/health-code";

/// The lane.
pub struct Express {
    deps: Arc<Deps>,
}

impl Express {
    /// A lane to what `deps` remember.
    #[must_use]
    pub fn new(deps: Arc<Deps>) -> Self {
        Self { deps }
    }
}

impl Shortcut for Express {
    fn answer(&self, head: &RequestHead) -> Option<HttpResponse> {
        if head.method != Method::GET {
            return None;
        }
        let person = person_in(head.uri.path())?;
        let (deps, now) = (&*self.deps, self.deps.clock.now());
        let citizen = recognise(deps, head.headers.get(AUTHORIZATION), now)?;
        let subject = known_to_act_for(deps, &citizen, person, now)?;
        let language = Language::asked_for_in(&head.headers);
        let shown = deps.codes.shown(subject.person.number(), language, now)?;
        Some(routes::answer(shown, language))
    }
}

impl fmt::Debug for Express {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Express").finish_non_exhaustive()
    }
}

/// Whose code `path` is, if it is written the way we write it.
fn person_in(path: &str) -> Option<PersonId> {
    let person = path
        .strip_prefix(BEFORE_PERSON)?
        .strip_suffix(AFTER_PERSON)?;
    if person.len() != Hyphenated::LENGTH {
        return None;
    }
    Uuid::try_parse(person).ok().map(PersonId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lane_is_for_one_path_only() {
        let person = "0195a2b4-77aa-7000-8000-0123456789ab";
        let path = format!("/v1/people/{person}/health-code");
        assert_eq!(
            person_in(&path).map(|person| person.0.to_string()),
            Some(person.to_owned())
        );
        for other in [
            format!("/v1/people/{person}/health-code.png"),
            format!("/v1/people/{person}/health-code/"),
            format!("/v1/people//{person}/health-code"),
            format!("/v1/people/{person}/declarations/health-code"),
            format!("/v1/people/{}/health-code", person.replace('-', "")),
            format!("/v1/people/{}z/health-code", &person[..35]),
            format!("/people/{person}/health-code"),
            format!("/v1/people/{person}"),
            "/v1/people/health-code".to_owned(),
        ] {
            assert_eq!(person_in(&other), None, "{other}");
        }
    }
}
