//! Making, loading and destroying keys.

use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    key_list,
    signing_key::{KeyUse, Model},
    values::PermitKind,
};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sea_orm::{ConnectionTrait, DbErr};
use zeroize::Zeroizing;

use super::{
    bundle::LIFE as BUNDLE_LIFE,
    cose::{Algorithm, Kid, Signer, VerifyingKey, WeakKey},
    handle::{CipherFailed, DayKey},
    key_list::{KeyList, ListedKey, NotSigned, Purpose, Status},
    keyring::{Ring, SessionKey, Term},
    personal_code::{Issuer, WrongKid},
    publishing,
    store::keys as store,
};
use crate::{
    audit::{self, Actor, Event, PassEvent, Subject},
    deps::Deps,
    platform::{
        db::begin_write,
        entropy,
        vault::{Column, Sealed},
    },
};

const PRIVATE_KEY: Column = Column("signing_key.private_key");

/// How long before its term a key of `usage` is made, so that verifiers have it in time. Permits are
/// also checked where there is no network for days.
const fn ahead(usage: KeyUse) -> TimeDelta {
    match usage {
        KeyUse::Permit => TimeDelta::days(7),
        // Whoever watches the log has to be told of the next key.
        KeyUse::Log => TimeDelta::days(30),
        KeyUse::Code | KeyUse::Handle | KeyUse::Receipt | KeyUse::Session | KeyUse::Status => {
            TimeDelta::hours(48)
        }
    }
}

/// How soon verifiers ask for the next key list.
const LIST_FRESH: TimeDelta = TimeDelta::hours(1);

/// How long a key list is believed at the most.
const LIST_LIFE: TimeDelta = TimeDelta::hours(72);

/// Key lists kept, the newest included.
const LISTS_KEPT: i64 = 10;

/// Keys for permits of a slot that have room, at the least: the next one is published long before it signs.
const WITH_ROOM: usize = 2;

/// How long a replaced key is still believed: another instance may sign with it until it loads the
/// keys again, and what it signed is good for a minute.
const LAST_WORDS: TimeDelta = TimeDelta::minutes(2);

/// Keys could not be made, read or published.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A stored key does not open, or is none.
    #[error("a stored key does not open")]
    Damaged,
    /// The key list is not one that a verifier would believe.
    #[error(transparent)]
    List(#[from] NotSigned),
    /// The root key is not base64 of a PKCS #8 Ed25519 key.
    #[error("the root key is not a PKCS #8 Ed25519 key in base64")]
    Root,
    /// The key of this slot of time was replaced as often as there are names for.
    #[error("no further key can be named until the next slot of time")]
    NoName,
    /// No key for permits, status lists or the log that somebody believes has this name.
    #[error("no key for permits, status lists or the log has this name")]
    NoSuchKey,
    /// The database failed.
    #[error("the key store failed")]
    Store(#[from] DbErr),
}

impl From<Sealed> for Error {
    fn from(_: Sealed) -> Self {
        Self::Damaged
    }
}

impl From<CipherFailed> for Error {
    fn from(_: CipherFailed) -> Self {
        Self::Damaged
    }
}

impl From<WrongKid> for Error {
    fn from(_: WrongKid) -> Self {
        Self::Damaged
    }
}

impl From<WeakKey> for Error {
    fn from(_: WeakKey) -> Self {
        Self::Damaged
    }
}

/// Every use of a key.
const USES: [KeyUse; 7] = [
    KeyUse::Code,
    KeyUse::Handle,
    KeyUse::Log,
    KeyUse::Permit,
    KeyUse::Receipt,
    KeyUse::Session,
    KeyUse::Status,
];

/// What the four-byte names of keys of `usage` begin with: in a set of keys without purposes, no name
/// stands for two. The names of other keys have two bytes.
const fn name_prefix(usage: KeyUse) -> &'static [u8] {
    match usage {
        KeyUse::Permit => b"TX",
        KeyUse::Receipt => b"PJ",
        KeyUse::Status => b"SL",
        KeyUse::Log => b"TL",
        KeyUse::Code | KeyUse::Handle | KeyUse::Session => b"",
    }
}

/// Names that one slot has: for its first key, and for those that replace it or follow it.
const fn names(usage: KeyUse) -> u16 {
    match usage {
        KeyUse::Permit => 16,
        KeyUse::Code
        | KeyUse::Handle
        | KeyUse::Log
        | KeyUse::Receipt
        | KeyUse::Session
        | KeyUse::Status => 8,
    }
}

/// How long a key of one use makes things, and how long these stay valid afterwards.
const fn lengths(usage: KeyUse) -> (TimeDelta, TimeDelta) {
    match usage {
        KeyUse::Code => (TimeDelta::hours(24), TimeDelta::hours(1)),
        // A gate that was cut off for three days tells afterwards whom it saw.
        KeyUse::Handle => (TimeDelta::hours(24), TimeDelta::hours(96)),
        KeyUse::Status => (TimeDelta::days(90), BUNDLE_LIFE),
        KeyUse::Session => (TimeDelta::days(30), TimeDelta::hours(1)),
        // A checkpoint that somebody kept for a year is still compared with that of today.
        KeyUse::Log => (TimeDelta::days(365), TimeDelta::days(400)),
        // What is made in the last moment lives as long as any other.
        KeyUse::Permit | KeyUse::Receipt => (TimeDelta::days(30), TimeDelta::days(31)),
    }
}

/// Make the keys that will be needed, destroy those whose time is over, and load the rest. Every
/// instance may do this at any time: a slot of time has one key, whoever makes it first.
///
/// Returns how many keys were made or destroyed.
pub async fn rotate(deps: &Deps) -> Result<u64, Error> {
    let now = deps.clock.now();
    let mut changed = store::destroy(&deps.db, now).await?;
    let live = store::live(&deps.db, now).await?;
    for usage in USES {
        let (length, _) = lengths(usage);
        let mut from = slot_start(now, length);
        while from <= now + ahead(usage) {
            let covered = live.iter().any(|key| {
                key.usage == usage
                    && key.not_before < from + length
                    && key.not_after > from.max(now)
            });
            if !covered && store::insert(&deps.db, make(deps, usage, from, 0)?).await? {
                changed += 1;
            }
            if usage == KeyUse::Permit {
                changed += follow(deps, &live, from).await?;
            }
            from += length;
        }
    }
    load(deps).await?;
    Ok(changed)
}

/// Make the key for permits that follows those of the slot which begins at `from`, once these are nearly full.
/// Returns how many were made.
async fn follow(deps: &Deps, live: &[Model], from: DateTime<Utc>) -> Result<u64, Error> {
    let most = i64::from(deps.permits.most_a_key());
    let (length, _) = lengths(KeyUse::Permit);
    let of_slot = live
        .iter()
        .filter(|key| key.usage == KeyUse::Permit && slot_start(key.not_before, length) == from);
    let with_room = of_slot.clone().filter(|key| key.signed < most).count();
    if of_slot.count() == 0 || with_room >= WITH_ROOM {
        return Ok(0);
    }
    let made = name_one(&deps.db, deps, KeyUse::Permit, from, from).await?;
    Ok(u64::from(made.is_some()))
}

/// Make a key of the slot that begins at `from`, with the first name of it that no key ever had; it is used from
/// `not_before` on. None if there is no such name.
async fn name_one(
    db: &impl ConnectionTrait,
    deps: &Deps,
    usage: KeyUse,
    from: DateTime<Utc>,
    not_before: DateTime<Utc>,
) -> Result<Option<Vec<u8>>, Error> {
    for attempt in 0..names(usage) {
        let key = Model {
            not_before,
            ..make(deps, usage, from, attempt)?
        };
        let kid = key.kid.clone();
        if store::insert(db, key).await? {
            return Ok(Some(kid));
        }
    }
    Ok(None)
}

/// Drop the key `kid` that signs permits, status lists or checkpoints of the log now, because it leaked: nothing
/// that it signed is believed here from now on, nor by anybody who has the next key list. Another one takes its place, under a
/// name that no key had, and signs each permit again that is shown, which keeps its place in its status list.
///
/// Returns what the key was for.
pub async fn drop_permit_key(deps: &Deps, kid: &[u8]) -> Result<KeyUse, Error> {
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    let live = store::live(&tx, now).await?;
    let meant = |key: &&Model| {
        matches!(key.usage, KeyUse::Permit | KeyUse::Status | KeyUse::Log) && key.kid == kid
    };
    let key = live.iter().find(meant).ok_or(Error::NoSuchKey)?;
    if !store::drop_key(&tx, key, now).await? {
        return Err(Error::NoSuchKey);
    }
    let (length, _) = lengths(key.usage);
    let slot = slot_start(key.not_before, length);
    // A key whose term is over made what is believed for some time, and makes nothing new.
    if now < key.not_after {
        let from = key.not_before.max(now);
        let made = name_one(&tx, deps, key.usage, slot, from).await?;
        made.ok_or(Error::NoName)?;
    }
    let event = Event::Pass(PassEvent::KeyDropped {
        kid: hex::encode(kid),
    });
    audit::record(&tx, deps, Actor::Operator, Subject::Nobody, &event).await?;
    tx.commit().await?;
    load(deps).await?;
    for kind in PermitKind::ALL {
        publishing::read_again(deps, kind).await;
    }
    Ok(key.usage)
}

/// Replace the key that signs codes now, because it may have leaked: codes that it signed stay good
/// for their minute, a new key signs from now on, and after two minutes nothing is believed under
/// the old one. No name is given twice, so no verifier takes one key for another.
pub async fn replace_code_key(deps: &Deps) -> Result<(), Error> {
    let now = deps.clock.now();
    let (length, _) = lengths(KeyUse::Code);
    let slot = slot_start(now, length);
    let tx = begin_write(&deps.db).await?;
    store::stop(&tx, KeyUse::Code, now, now + LAST_WORDS).await?;
    let live = store::live(&tx, now).await?;
    let newest = live
        .iter()
        .filter(|key| key.usage == KeyUse::Code && slot <= key.not_before)
        .filter(|key| key.not_before < slot + length)
        .map(|key| key.kid.as_slice())
        .max();
    for attempt in 1..names(KeyUse::Code) {
        let key = Model {
            not_before: now,
            ..make(deps, KeyUse::Code, slot, attempt)?
        };
        let kid = hex::encode(&key.kid);
        if newest < Some(&key.kid) && store::insert(&tx, key).await? {
            let event = Event::Pass(PassEvent::KeyReplaced { kid });
            audit::record(&tx, deps, Actor::Operator, Subject::Nobody, &event).await?;
            tx.commit().await?;
            return load(deps).await;
        }
    }
    Err(Error::NoName)
}

/// Sign and publish the list of public keys, unless the newest is still fresh. `true` if signed.
/// Does nothing in a process without the root key.
pub async fn sign_list(deps: &Deps) -> Result<bool, Error> {
    let Some(root) = deps.keyring.root() else {
        return Ok(false);
    };
    let now = deps.clock.now();
    let keys = listed(&store::live(&deps.db, now).await?)?;
    let newest = store::newest_list(&deps.db).await?;
    if let Some(newest) = &newest
        && now < newest.signed_at + LIST_FRESH
        && names_the_same(newest, root, now, &keys)
    {
        return Ok(false);
    }
    let version = newest.map_or(1, |list| list.version + 1);
    let list = KeyList {
        version: version.cast_unsigned(),
        issued_at: now,
        next_update: now + LIST_FRESH,
        expires_at: now + LIST_LIFE,
        keys,
    };
    let document = list.sign(root)?;
    let signed = store::publish_list(
        &deps.db,
        key_list::Model {
            version,
            document,
            signed_at: now,
        },
    )
    .await?;
    load(deps).await?;
    Ok(signed)
}

fn names_the_same(
    newest: &key_list::Model,
    root: &Signer,
    now: DateTime<Utc>,
    keys: &[ListedKey],
) -> bool {
    let names = |keys: &[ListedKey]| keys.iter().map(|k| *k.key.kid()).collect::<Vec<_>>();
    VerifyingKey::new(root.kid(), root.public_key())
        .ok()
        .and_then(|root| KeyList::verify(&newest.document, &root, now, 0).ok())
        .is_some_and(|list| names(&list.keys) == names(keys))
}

/// Forget key lists that newer ones made useless. Returns how many.
pub(super) async fn forget_lists(deps: &Deps) -> Result<u64, DbErr> {
    let newest = store::newest_list(&deps.db).await?;
    let oldest_kept = newest.map_or(0, |list| list.version) - LISTS_KEPT + 1;
    store::remove_lists(&deps.db, oldest_kept).await
}

/// How long verifiers still believe the newest list, in seconds: nothing, where none was ever signed.
fn tell_age(signed_at: Option<DateTime<Utc>>, now: DateTime<Utc>) {
    let left = signed_at.map_or(TimeDelta::zero(), |at| at + LIST_LIFE - now);
    metrics::gauge!("key_list_seconds_left").set(left.as_seconds_f64().max(0.0));
}

/// Load the keys from the database into this process.
pub async fn load(deps: &Deps) -> Result<(), Error> {
    let now = deps.clock.now();
    let rows = store::live(&deps.db, now).await?;
    let newest = store::newest_list(&deps.db).await?;
    tell_age(newest.as_ref().map(|list| list.signed_at), now);
    let mut ring = Ring {
        issuers: Vec::new(),
        handles: Vec::new(),
        permits: Vec::new(),
        receipts: Vec::new(),
        statuses: Vec::new(),
        logs: Vec::new(),
        sessions: Vec::new(),
        verifiers: KeyList {
            version: 0,
            issued_at: now,
            next_update: now + LIST_FRESH,
            expires_at: now + LIST_LIFE,
            keys: listed(&rows)?,
        },
        signed_list: newest.map(|list| Bytes::from(list.document)),
    };
    for row in rows {
        let term = Term {
            from: row.not_before,
            until: row.not_after,
            gone: row.destroy_at,
        };
        let private = deps.vault.open(
            PRIVATE_KEY.owned_by(&owner(row.usage, &row.kid)),
            &row.private_key,
        )?;
        match row.usage {
            KeyUse::Code => {
                let signer = signer_of(&row.kid, &private)?;
                ring.issuers.push((term, Issuer::new(signer)?));
            }
            KeyUse::Permit => ring.permits.push((term, signer_of(&row.kid, &private)?)),
            KeyUse::Receipt => ring.receipts.push((term, signer_of(&row.kid, &private)?)),
            KeyUse::Status => ring.statuses.push((term, signer_of(&row.kid, &private)?)),
            KeyUse::Log => ring.logs.push((term, signer_of(&row.kid, &private)?)),
            KeyUse::Handle => {
                let raw = private.as_slice().try_into().map_err(|_| Error::Damaged)?;
                ring.handles.push((term, DayKey::new(raw)?));
            }
            KeyUse::Session => {
                let key = SessionKey::new(
                    hex::encode(&row.kid),
                    EncodingKey::from_ed_der(&private),
                    DecodingKey::from_ed_der(&row.public_key),
                )
                .map_err(|_| Error::Damaged)?;
                ring.sessions.push((term, Arc::new(key)));
            }
        }
    }
    deps.keyring.replace(ring);
    Ok(())
}

fn signer_of(kid: &[u8], private: &[u8]) -> Result<Signer, Error> {
    let kid = Kid::new(kid).ok_or(Error::Damaged)?;
    let pair = Ed25519KeyPair::from_pkcs8(private).map_err(|_| Error::Damaged)?;
    Ok(Signer::new(kid, Algorithm::EdDsa, pair))
}

/// What anybody may verify with a key of `usage`, if anything.
const fn purpose_of(usage: KeyUse) -> Option<Purpose> {
    match usage {
        KeyUse::Code => Some(Purpose::Code),
        KeyUse::Permit => Some(Purpose::Permit),
        KeyUse::Receipt => Some(Purpose::Receipt),
        KeyUse::Status => Some(Purpose::Status),
        KeyUse::Log => Some(Purpose::Log),
        KeyUse::Handle | KeyUse::Session => None,
    }
}

/// The public halves of the keys whose signatures anybody may verify.
fn listed(rows: &[Model]) -> Result<Vec<ListedKey>, Error> {
    rows.iter()
        .filter_map(|row| Some((row, purpose_of(row.usage)?)))
        .map(|(row, purpose)| {
            let kid = Kid::new(&row.kid).ok_or(Error::Damaged)?;
            let public = row
                .public_key
                .as_slice()
                .try_into()
                .map_err(|_| Error::Damaged)?;
            Ok(ListedKey {
                purpose,
                algorithm: Algorithm::EdDsa,
                key: VerifyingKey::new(kid, public)?,
                not_before: row.not_before,
                expires_at: row.destroy_at,
                status: Status::Active,
            })
        })
        .collect()
}

/// A new key for the slot that begins at `from`. Its name follows from the slot, so that instances
/// that make it at the same time agree on one.
fn make(deps: &Deps, usage: KeyUse, from: DateTime<Utc>, attempt: u16) -> Result<Model, Error> {
    let (length, valid_after) = lengths(usage);
    let slot = from.timestamp().div_euclid(length.num_seconds());
    let names = names(usage);
    let slot = u16::try_from(slot.rem_euclid(i64::from(u16::MAX / names))).unwrap_or_default();
    let number = (slot * names + attempt).to_be_bytes();
    let kid = [name_prefix(usage), &number].concat();
    let (private, public) = match usage {
        KeyUse::Code
        | KeyUse::Log
        | KeyUse::Permit
        | KeyUse::Receipt
        | KeyUse::Session
        | KeyUse::Status => ed25519(deps)?,
        KeyUse::Handle => (
            Zeroizing::new(entropy::key::<16>(&*deps.entropy).to_vec()),
            Vec::new(),
        ),
    };
    let place = owner(usage, &kid);
    Ok(Model {
        private_key: deps
            .vault
            .seal(PRIVATE_KEY.owned_by(&place), &private, &*deps.entropy)?,
        public_key: public,
        not_before: from,
        not_after: from + length,
        destroy_at: from + length + valid_after,
        kid,
        usage,
        signed: 0,
        dropped_at: None,
    })
}

fn ed25519(deps: &Deps) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), Error> {
    let seed = entropy::key::<32>(&*deps.entropy);
    let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).map_err(|_| Error::Damaged)?;
    let private = pair.to_pkcs8v1().map_err(|_| Error::Damaged)?;
    Ok((
        Zeroizing::new(private.as_ref().to_vec()),
        pair.public_key().as_ref().to_vec(),
    ))
}

fn slot_start(now: DateTime<Utc>, length: TimeDelta) -> DateTime<Utc> {
    let seconds = length.num_seconds();
    DateTime::from_timestamp_secs(now.timestamp().div_euclid(seconds) * seconds).unwrap_or(now)
}

fn owner(usage: KeyUse, kid: &[u8]) -> Vec<u8> {
    let usage: &[u8] = match usage {
        KeyUse::Code => b"code:",
        KeyUse::Permit => b"permit:",
        KeyUse::Receipt => b"receipt:",
        KeyUse::Status => b"status:",
        KeyUse::Log => b"log:",
        KeyUse::Session => b"session:",
        KeyUse::Handle => b"handle:",
    };
    [usage, kid].concat()
}

/// A new root key: the base64 of its PKCS #8, for a file that only its keeper can read.
pub fn create_root(entropy: &dyn entropy::Entropy) -> Result<Zeroizing<String>, Error> {
    let seed = entropy::key::<32>(entropy);
    let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).map_err(|_| Error::Root)?;
    let private = pair.to_pkcs8v1().map_err(|_| Error::Root)?;
    Ok(Zeroizing::new(BASE64_STANDARD.encode(private.as_ref())))
}

/// The root key in `text`, as [`create_root`] wrote it. Its name is the start of the digest of its
/// public half.
pub fn read_root(text: &str) -> Result<Signer, Error> {
    let private = Zeroizing::new(
        BASE64_STANDARD
            .decode(text.trim())
            .map_err(|_| Error::Root)?,
    );
    let pair = Ed25519KeyPair::from_pkcs8(&private).map_err(|_| Error::Root)?;
    let kid = root_kid(pair.public_key().as_ref())?;
    Ok(Signer::new(kid, Algorithm::EdDsa, pair))
}

/// The name of the root key whose public half is `public`.
pub fn root_kid(public: &[u8]) -> Result<Kid, Error> {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, public);
    let start = digest.as_ref().get(..4);
    start.and_then(Kid::new).ok_or(Error::Root)
}
