//! The express lane: codes without the router.
//!
//! Showing codes is most of what this service does on a bad day, and then most of what a code costs
//! is the way to it: matching the routes, boxing a future for each layer, extracting arguments. So
//! the edge asks here first, and the lane does what [`super::routes`] do, by the same functions.
//!
//! Most codes are at hand: the token verified here before, its session was heard to go on, the citizen
//! is known to act for the person, and their code is good to be shown again. The lane reads the same
//! memories as the route, which forget at the same moments. Whoever is not known is asked for as the
//! route would ask. A request that is out of the ordinary in any way is left to the route.

use std::{fmt, sync::Arc};

use actix_web::{
    HttpResponse,
    dev::RequestHead,
    http::{Method, Uri, header::AUTHORIZATION},
};
use entity::values::PersonId;
use uuid::{Uuid, fmt::Hyphenated};

use super::routes::{self, AskedBy};
use crate::{
    credentials::qr::Scale,
    deps::Deps,
    http::{
        edge::{Answering, Shortcut},
        problem::{Language, Problem},
    },
    identity::{Citizen, known_to_act_for, recognise},
};

const BEFORE_PERSON: &str = "/v1/people/";

/// The lane.
pub struct Express {
    deps: Arc<Deps>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Asked {
    person: PersonId,
    form: Form,
}

/// How a code is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As its page gets it.
    Page(Language),
    /// As a picture.
    Picture(Scale),
}

impl Express {
    /// A lane to what `deps` reach.
    #[must_use]
    pub fn new(deps: Arc<Deps>) -> Self {
        Self { deps }
    }

    /// The answer to `citizen`, if nobody needs to be asked.
    fn at_hand(&self, citizen: &Citizen, asked: Asked) -> Option<Result<HttpResponse, Problem>> {
        let (deps, now) = (&*self.deps, self.deps.clock.now());
        let subject = known_to_act_for(deps, citizen, asked.person, now)?;
        let number = subject.person.number();
        Some(match asked.form {
            Form::Page(language) => Ok(routes::page(
                deps.codes.page(number, language, now)?,
                language,
            )),
            Form::Picture(scale) => routes::picture(&*deps.codes.code(number, now)?, scale),
        })
    }
}

impl Shortcut for Express {
    fn take(&self, head: &RequestHead) -> Option<Answering> {
        let asked = asked_for(head)?;
        let authorization = head.headers.get(AUTHORIZATION);
        let citizen = recognise(&self.deps, authorization, self.deps.clock.now());
        if let Some(answer) = citizen.and_then(|known| self.at_hand(&known, asked)) {
            return Some(Answering::AtHand(answer.unwrap_or_else(refused)));
        }
        let (deps, authorization) = (Arc::clone(&self.deps), authorization.cloned());
        Some(Answering::Soon(Box::pin(async move {
            let asked_by =
                citizen.map_or(AskedBy::Bearer(authorization.as_ref()), AskedBy::Recognised);
            match asked.form {
                Form::Page(language) => {
                    let page = routes::page_for(&deps, asked_by, asked.person, language).await?;
                    Ok(routes::page(page, language))
                }
                Form::Picture(scale) => {
                    let code = routes::code_for(&deps, asked_by, asked.person).await?;
                    routes::picture(&code, scale)
                }
            }
        })))
    }
}

fn refused(problem: Problem) -> HttpResponse {
    HttpResponse::from_error(problem)
}

impl fmt::Debug for Express {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Express").finish_non_exhaustive()
    }
}

/// What a request with `head` asks for, if that is a code and written the way we write it.
fn asked_for(head: &RequestHead) -> Option<Asked> {
    if head.method != Method::GET {
        return None;
    }
    let (person, what) = head
        .uri
        .path()
        .strip_prefix(BEFORE_PERSON)?
        .split_at_checked(Hyphenated::LENGTH)?;
    Some(Asked {
        form: match what {
            "/health-code" => Form::Page(Language::asked_for_in(&head.headers)),
            "/health-code.png" => Form::Picture(scale_in(&head.uri)?),
            _ => return None,
        },
        person: PersonId(Uuid::try_parse(person).ok()?),
    })
}

/// How large a picture is asked for, if rightly.
fn scale_in(uri: &Uri) -> Option<Scale> {
    match uri.query() {
        None => Some(Scale::default()),
        Some(query) => {
            let number = query.strip_prefix("scale=")?;
            let is_plain = number.bytes().all(|digit| digit.is_ascii_digit());
            Scale::new(number.parse().ok().filter(|_| is_plain)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const PERSON: &str = "0195a2b4-77aa-7000-8000-0123456789ab";

    fn asked(method: Method, path: &str) -> Option<Asked> {
        let request = TestRequest::with_uri(path).method(method);
        asked_for(request.to_srv_request().head())
    }

    #[test]
    fn the_lane_is_for_pages_and_pictures() {
        let person = PersonId(PERSON.parse().unwrap());
        for (what, form) in [
            ("health-code", Form::Page(Language::Chinese)),
            ("health-code?x", Form::Page(Language::Chinese)),
            ("health-code.png", Form::Picture(Scale::default())),
            (
                "health-code.png?scale=20",
                Form::Picture(Scale::new(20).unwrap()),
            ),
        ] {
            let path = format!("/v1/people/{PERSON}/{what}");
            assert_eq!(
                asked(Method::GET, &path),
                Some(Asked { person, form }),
                "{path}"
            );
        }
    }

    #[test]
    fn what_is_out_of_the_ordinary_is_left_to_the_route() {
        let page = format!("/v1/people/{PERSON}/health-code");
        for method in [Method::HEAD, Method::POST, Method::DELETE, Method::OPTIONS] {
            assert_eq!(asked(method, &page), None);
        }
        for other in [
            format!("{page}/"),
            format!("{page}.svg"),
            format!("{page}.png?scale=0"),
            format!("{page}.png?scale=+6"),
            format!("{page}.png?scale=21"),
            format!("{page}.png?scale=6&scale=7"),
            format!("{page}.png?"),
            format!("/v1/people//{PERSON}/health-code"),
            format!("/v1/people/{PERSON}/declarations/health-code"),
            format!("/v1/people/{}/health-code", PERSON.replace('-', "")),
            format!("/v1/people/{}/health-code", PERSON.replace("ab", "az")),
            format!("/people/{PERSON}/health-code"),
            format!("/v1/people/{PERSON}"),
            "/v1/people/health-code".to_owned(),
        ] {
            assert_eq!(asked(Method::GET, &other), None, "{other}");
        }
    }
}
