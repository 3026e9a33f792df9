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
pub async fn authenticate_with(
    _: &Deps,
    _: Option<&actix_web::http::header::HeaderValue>,
    _: &[&str],
) -> Result<(Citizen, Vec<Option<bytes::Bytes>>), Problem> {
    Err(Problem::new(crate::http::problem::NOT_FOUND))
}
pub async fn is_verified(
    _: &impl sea_orm::ConnectionTrait,
    _: PersonId,
) -> Result<bool, sea_orm::DbErr> {
    Ok(false)
}
pub async fn masked_name_of(
    _: &impl sea_orm::ConnectionTrait,
    _: &Deps,
    _: PersonId,
) -> Result<Option<String>, KeyError> {
    Ok(None)
}
pub async fn lock(_: &sea_orm::DatabaseTransaction, _: PersonId) -> Result<(), sea_orm::DbErr> {
    Ok(())
}
pub async fn person_with_number(
    _: &impl sea_orm::ConnectionTrait,
    _: i64,
) -> Result<Option<PersonId>, sea_orm::DbErr> {
    Ok(None)
}
