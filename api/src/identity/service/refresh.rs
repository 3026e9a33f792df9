//! Refreshing: each token is good for one use, and a second use ends the session (S8).

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{Digest, SHA256, digest},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entity::{
    refresh_token,
    session::{Ending, Model},
};
use zeroize::Zeroizing;

use super::{
    super::{
        error::Error,
        places,
        rules::{self, UsedAgain},
        store,
    },
    sessions::{self, Grant},
};
use crate::{
    audit::Actor,
    deps::Deps,
    platform::{db::begin_write, entropy},
};

/// 256 random bits in base64url. Only its digest is stored.
pub(in crate::identity) struct RefreshToken(Zeroizing<String>);

impl RefreshToken {
    pub(super) fn new(deps: &Deps) -> Self {
        let bits = entropy::key::<32>(&*deps.entropy);
        Self(Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(*bits)))
    }

    pub(super) fn digest(&self) -> Vec<u8> {
        hash(&self.0).as_ref().to_vec()
    }

    /// The token, for the one answer that hands it out.
    pub(in crate::identity) fn reveal(&self) -> &str {
        &self.0
    }
}

/// Exchange a refresh token for new tokens.
pub(in crate::identity) async fn refresh(
    deps: &Deps,
    token: &str,
    device: &str,
) -> Result<Grant, Error> {
    let now = deps.clock.now();
    let digest = hash(token);
    let (used, session) = find(deps, digest.as_ref()).await?;
    let idle = rules::seconds(deps.login.session_idle_seconds);
    if session.ended_at.is_some()
        || !rules::goes_on(now, session.expires_at, session.refreshed_at, idle)
    {
        return Err(Error::RefreshRefused);
    }
    if used.used_at.is_some() {
        return use_again(deps, &used, &session, device).await;
    }

    let next = RefreshToken::new(deps);
    if spend(deps, &used, &session, &next, device).await? {
        return sessions::grant(deps, &session, next);
    }
    // Somebody used it a moment before.
    let (used, session) = find(deps, digest.as_ref()).await?;
    if session.ended_at.is_some() {
        return Err(Error::RefreshRefused);
    }
    use_again(deps, &used, &session, device).await
}

async fn find(deps: &Deps, digest: &[u8]) -> Result<(refresh_token::Model, Model), Error> {
    let token = store::tokens::find(&deps.db, digest)
        .await?
        .ok_or(Error::RefreshRefused)?;
    let session = store::sessions::find(&deps.db, token.session_id)
        .await?
        .ok_or(Error::RefreshRefused)?;
    Ok((token, session))
}

/// Use a token and store its successor, which `device` may ask for again. `false` if it was used.
async fn spend(
    deps: &Deps,
    token: &refresh_token::Model,
    session: &Model,
    next: &RefreshToken,
    device: &str,
) -> Result<bool, Error> {
    let now = deps.clock.now();
    let plain = Zeroizing::new([hash(device).as_ref(), next.reveal().as_bytes()].concat());
    let place = places::successor(&token.digest);
    let sealed = deps.vault.seal(place, &plain, &*deps.entropy)?;

    let tx = begin_write(&deps.db).await?;
    if !store::tokens::spend(&tx, &token.digest, sealed, now).await? {
        return Ok(false);
    }
    if !store::sessions::refresh(&tx, session.id, now).await? {
        return Err(Error::RefreshRefused);
    }
    store::tokens::insert(&tx, &next.digest(), session.id, now).await?;
    tx.commit().await?;
    Ok(true)
}

/// A token comes a second time: its answer was lost, or it was stolen.
async fn use_again(
    deps: &Deps,
    token: &refresh_token::Model,
    session: &Model,
    device: &str,
) -> Result<Grant, Error> {
    let now = deps.clock.now();
    if let Some(used_at) = token.used_at
        && let Some((user, successor)) = successor_of(deps, token)?
    {
        let same_device = verify_slices_are_equal(&user, hash(device).as_ref()).is_ok();
        let replay = rules::seconds(deps.login.refresh_replay_seconds);
        if rules::used_again(now - used_at, same_device, replay) == UsedAgain::LostAnswer {
            return sessions::grant(deps, session, successor);
        }
    }
    let (person, id) = (session.person_id, session.id);
    if sessions::end_as(deps, Actor::System, person, id, Ending::Reuse).await? {
        tracing::warn!(session.id = %id, "a refresh token was used twice: the session was ended");
    }
    Err(Error::RefreshRefused)
}

/// Who used `token`, as a digest, and what they got for it.
fn successor_of(
    deps: &Deps,
    token: &refresh_token::Model,
) -> Result<Option<([u8; 32], RefreshToken)>, Error> {
    let Some(sealed) = &token.successor else {
        return Ok(None);
    };
    let plain = deps.vault.open(places::successor(&token.digest), sealed)?;
    let parts = plain.split_first_chunk::<32>().and_then(|(user, next)| {
        let next = String::from_utf8(next.to_vec()).ok()?;
        Some((*user, RefreshToken(Zeroizing::new(next))))
    });
    Ok(parts)
}

fn hash(text: &str) -> Digest {
    digest(&SHA256, text.as_bytes())
}
