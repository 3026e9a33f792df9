//! Challenges: random, good once, for one purpose, for five minutes.

use std::time::Duration;

use entity::values::{StaffId, StaffSessionId};

use super::super::{error::Error, webauthn::ClientData};
use crate::{
    deps::Deps,
    platform::one_time::{OneTime, digest_of},
};

/// How long an authenticator may take.
pub(super) const LIFE: Duration = Duration::from_mins(5);

/// What a challenge is for.
#[derive(Debug, Clone, Copy)]
pub(in crate::staff) enum Purpose {
    /// To log in, whoever it is.
    LogIn,
    /// To prove oneself again in this session.
    StepUp(StaffSessionId),
    /// To enrol a key of this account.
    Enrolment(StaffId),
}

impl Purpose {
    fn name(self) -> String {
        match self {
            Self::LogIn => "login".into(),
            Self::StepUp(session) => format!("step-up:{session}"),
            Self::Enrolment(account) => format!("enrolment:{account}"),
        }
    }
}

/// A new challenge, in base64url.
pub(super) async fn new(deps: &Deps, purpose: Purpose) -> Result<String, Error> {
    let challenge = OneTime::new(&*deps.entropy);
    let name = purpose.name();
    deps.ephemeral
        .put(&key(&challenge.digest()), name.as_bytes(), LIFE)
        .await?;
    Ok(challenge.reveal().to_owned())
}

/// The challenge that `client_data` answers, if it was given out for `purpose` and nobody answered it
/// yet. From here on it is spent, whatever the answer is worth.
pub(super) async fn spend(
    deps: &Deps,
    client_data: &[u8],
    purpose: Purpose,
) -> Result<Option<String>, Error> {
    let Ok(data) = ClientData::read(client_data) else {
        return Ok(None);
    };
    let Some(digest) = digest_of(data.challenge.as_bytes()) else {
        return Ok(None);
    };
    let given_for = deps.ephemeral.take(&key(&digest)).await?;
    let fits = given_for.is_some_and(|given_for| given_for == purpose.name().as_bytes());
    Ok(fits.then_some(data.challenge))
}

fn key(digest: &[u8]) -> String {
    format!("staff:challenge:{}", hex::encode(digest))
}
