//! How often something may be tried.

use entity::values::StaffId;

use super::super::error::Error;
use crate::{
    deps::Deps,
    http::client::ClientAddress,
    platform::ephemeral::{Admission, Quota, Rate},
};

/// What is tried.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tried<'a> {
    /// To log in with this handle, which may be nobody's.
    Handle(&'a str),
    /// To prove oneself again.
    StepUp(StaffId),
    /// To confirm what was enrolled.
    Enrolment(StaffId),
}

/// Count a try, before it is looked at; nothing is tried while the counts are away.
pub(super) async fn count(deps: &Deps, tried: Tried<'_>) -> Result<(), Error> {
    let key = match tried {
        Tried::Handle(handle) => {
            let hidden = hex::encode(deps.vault.index("staff.handle", handle));
            format!("staff:tried:login:{hidden}")
        }
        Tried::StepUp(account) => format!("staff:tried:step-up:{account}"),
        Tried::Enrolment(account) => format!("staff:tried:enrolment:{account}"),
    };
    let rates = deps.staff.attempts.iter().map(|limit| Rate {
        limit: limit.count,
        period: limit.period(),
    });
    let rates = rates.collect();
    admitted(deps, Quota { key, rates }).await
}

/// Count something that is begun by nobody in particular.
pub(super) async fn count_from(deps: &Deps, address: ClientAddress) -> Result<(), Error> {
    let limit = deps.staff.per_address;
    let hidden = hex::encode(
        deps.vault
            .index("staff.address", &address.machine().to_string()),
    );
    let key = format!("staff:from:{hidden}");
    admitted(deps, Quota::new(key, limit.count, limit.period())).await
}

async fn admitted(deps: &Deps, quota: Quota) -> Result<(), Error> {
    match deps.ephemeral.hit(&[quota]).await? {
        Admission::Admitted => Ok(()),
        Admission::Refused { retry_after, .. } => Err(Error::TooManyAttempts(retry_after)),
    }
}
