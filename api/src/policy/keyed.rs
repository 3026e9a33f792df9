//! Requests that have their effect once.

use sea_orm::DatabaseTransaction;
use serde::Serialize;

use super::{error::Error, service::Standing, version::Version, views::RuleView};
use crate::{
    deps::Deps,
    http::idempotency::{Answer, IdempotencyKey, Outcome, once},
    staff::Staff,
};

/// A request as its key stands for it.
pub(super) struct Keyed<'a, B> {
    operation: &'static str,
    whole: (&'a str, Option<Version>, &'a B),
}

impl<'a, B> Keyed<'a, B> {
    pub(super) fn new(
        operation: &'static str,
        rule: &'a str,
        version: Option<Version>,
        body: &'a B,
    ) -> Self {
        Self {
            operation,
            whole: (rule, version, body),
        }
    }
}

/// Give the request its `effect` once, and have this process see it at once.
pub(super) async fn keyed<B: Serialize>(
    staff: &Staff,
    deps: &Deps,
    key: &IdempotencyKey,
    outcome: Outcome,
    request: &Keyed<'_, B>,
    effect: impl AsyncFnOnce(&DatabaseTransaction) -> Result<Standing, Error>,
) -> Result<Answer, Error> {
    let caller = staff.account.0.as_bytes();
    let answer = once(
        deps,
        caller,
        request.operation,
        key,
        &request.whole,
        async |tx| Ok::<_, Error>((outcome, RuleView::new(effect(tx).await?)?)),
    )
    .await?;
    deps.law.forget();
    Ok(answer)
}
