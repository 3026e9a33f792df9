//! Stand-in until the feature is merged.
#![allow(missing_docs, clippy::all, clippy::pedantic)]

use crate::{
    deps::Deps,
    http::problem::Problem,
    platform::vault::{DataKey, Sealed},
};
use entity::values::{PersonId, SessionId};
use std::future::{Ready, ready};

#[derive(Debug, Default)]
pub struct SessionCache {}
#[derive(Debug, Clone, Copy)]
pub struct Citizen {
    pub person: PersonId,
    pub session: SessionId,
}
#[derive(Debug, Clone, Copy)]
pub struct Subject {
    pub person: PersonId,
    pub acting: PersonId,
}
impl actix_web::FromRequest for Citizen {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(_: &actix_web::HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        ready(Err(Problem::new(crate::http::problem::NOT_FOUND)))
    }
}
pub async fn acting_for(_: &Deps, c: &Citizen, person: PersonId) -> Result<Subject, Problem> {
    Ok(Subject {
        person,
        acting: c.person,
    })
}
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("x")]
    Store(#[from] sea_orm::DbErr),
    #[error("y")]
    Sealed(#[from] Sealed),
}
pub async fn data_key_of(
    _: &impl sea_orm::ConnectionTrait,
    _: &Deps,
    _: PersonId,
) -> Result<DataKey, KeyError> {
    Err(Sealed.into())
}
