//! Use cases: log in with a certificate or a licence, and out.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use chrono::{DateTime, Utc};
use entity::{
    organisation, organisation_session,
    values::{
        CertificateKind, Document, DocumentKind, OrganisationId, OrganisationSessionId, PersonId,
        SocialCreditCode,
    },
};
use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

use super::{
    acting,
    actor::UnitSession,
    agents,
    error::Error,
    rules::{self, Standing},
    store,
};
use crate::{
    audit::{self, Actor, DoorEvent, Event, Subject},
    clients::{CertifiedPerson, CertifiedUnit, LoginTies, PlatformError},
    deps::Deps,
    http::client::ClientAddress,
    identity,
    platform::{
        OneTime,
        db::begin_write,
        ephemeral::{Admission, Quota},
        one_time::digest_of,
        vault::Column,
    },
};

/// How long somebody may take at the provider.
const LIFE: Duration = Duration::from_mins(10);

/// Where what is kept of a log-in that was begun is sealed.
const BEGUN: Column = Column("organisation.login");

/// Characters of a unit's name, at the most.
const LONGEST_NAME: usize = 200;

/// A log-in that was begun: for whoever began it.
pub(super) struct Begun {
    /// Where to send the browser.
    pub(super) address: Url,
    /// What has to come back.
    pub(super) state: OneTime,
    /// What stays with the page that began it.
    pub(super) binding: OneTime,
    /// Until when.
    pub(super) expires_at: DateTime<Utc>,
}

/// The same, for us.
#[derive(Serialize, Deserialize)]
struct Kept {
    nonce: String,
    verifier: String,
    binding: Vec<u8>,
    certificate: CertificateKind,
}

/// A session that began.
pub(super) struct Began {
    pub(super) session: organisation_session::Model,
    pub(super) token: OneTime,
}

/// Begin a log-in with `certificate`.
pub(super) async fn begin(
    deps: &Deps,
    address: ClientAddress,
    certificate: CertificateKind,
) -> Result<Begun, Error> {
    count(deps, address).await?;
    let secret = || OneTime::new(&*deps.entropy);
    let (state, nonce, verifier, binding) = (secret(), secret(), secret(), secret());
    let ties = LoginTies {
        state: state.reveal().to_owned(),
        nonce: nonce.reveal().to_owned(),
        verifier: Zeroizing::new(verifier.reveal().to_owned()),
    };
    let at = deps.certificates.authorization(certificate, &ties).await;
    let at = at.map_err(refused)?;
    let kept = Kept {
        nonce: ties.nonce,
        verifier: ties.verifier.to_string(),
        binding: binding.digest(),
        certificate,
    };
    let digest = state.digest();
    let kept = Zeroizing::new(serde_json::to_vec(&kept)?);
    let sealed = deps
        .vault
        .seal(BEGUN.owned_by(&digest), &kept, &*deps.entropy)?;
    deps.ephemeral.put(&key(&digest), &sealed, LIFE).await?;
    Ok(Begun {
        address: at,
        state,
        binding,
        expires_at: deps.clock.now() + LIFE,
    })
}

/// End a log-in with what the browser came back with. It is spent, whatever comes of it.
///
/// `binding` shows that whoever ends it began it: a link that somebody else made logs nobody in.
pub(super) async fn finish(
    deps: &Deps,
    address: ClientAddress,
    code: &str,
    state: &str,
    binding: &str,
) -> Result<Began, Error> {
    count(deps, address).await?;
    let digest = digest_of(state.as_bytes()).ok_or(Error::LoginRefused)?;
    let sealed = deps.ephemeral.take(&key(&digest)).await?;
    let sealed = sealed.ok_or(Error::LoginRefused)?;
    let kept = deps.vault.open(BEGUN.owned_by(&digest), &sealed)?;
    let kept: Kept = serde_json::from_slice(&kept)?;
    let theirs = digest_of(binding.as_bytes()).ok_or(Error::LoginRefused)?;
    verify_slices_are_equal(&theirs, &kept.binding).map_err(|_| Error::LoginRefused)?;
    let ties = LoginTies {
        state: state.to_owned(),
        nonce: kept.nonce,
        verifier: Zeroizing::new(kept.verifier),
    };
    let unit = deps.certificates.redeem(code, kept.certificate, &ties);
    let unit = Certified::read(deps, &unit.await.map_err(refused)?)?;
    begin_session(deps, unit).await
}

fn key(digest: &[u8]) -> String {
    format!("organisations:login:{}", hex::encode(digest))
}

fn refused(error: PlatformError) -> Error {
    match error {
        PlatformError::Unavailable(source) => Error::ProviderUnavailable(source),
        error => {
            tracing::info!(%error, "a log-in of a unit is not accepted");
            Error::LoginRefused
        }
    }
}

async fn count(deps: &Deps, address: ClientAddress) -> Result<(), Error> {
    let limit = deps.organisations.per_address;
    let machine = address.machine().to_string();
    let hidden = hex::encode(deps.vault.index("organisation.address", &machine));
    let key = format!("organisations:from:{hidden}");
    let quota = Quota::new(key, limit.count, limit.period());
    match deps.ephemeral.hit(&[quota]).await? {
        Admission::Admitted => Ok(()),
        Admission::Refused { retry_after, .. } => Err(Error::TooManyAttempts(retry_after)),
    }
}

/// A unit that the provider vouches for and that may log in here.
struct Certified {
    certificate: CertificateKind,
    code: SocialCreditCode,
    name: String,
    legal_person: Document,
}

impl Certified {
    fn read(deps: &Deps, unit: &CertifiedUnit) -> Result<Self, Error> {
        let code = SocialCreditCode::parse(&unit.credit_code).map_err(Error::CreditCode)?;
        if standing_of(deps, &code) == Standing::Elsewhere {
            return Err(Error::RegisteredElsewhere);
        }
        let name = unit.name.trim();
        if !rules::is_legible(name) || name.chars().count() > LONGEST_NAME {
            return Err(Error::Certificate("organisation_name"));
        }
        let person = unit.legal_person.as_ref();
        let person = person.ok_or(Error::Certificate("legal_person"))?;
        Ok(Self {
            certificate: unit.certificate,
            name: name.to_owned(),
            legal_person: document_of(deps, person)
                .ok_or(Error::Certificate("legal_person.document_number"))?,
            code,
        })
    }
}

fn document_of(deps: &Deps, person: &CertifiedPerson) -> Option<Document> {
    let kind = serde_json::Value::String(person.document_type.clone());
    let kind: DocumentKind = serde_json::from_value(kind).ok()?;
    Document::parse(kind, person.document_number.reveal(), deps.clock.today()).ok()
}

/// Where the unit with `code` is registered, seen from this deployment.
#[must_use]
pub fn standing_of(deps: &Deps, code: &SocialCreditCode) -> Standing {
    let places = &deps.organisations.registered_in;
    let province = Some(&deps.policy.province).filter(|_| places.is_empty());
    let prefixes = places.iter().chain(province);
    rules::standing(code, prefixes.map(String::as_str))
}

async fn begin_session(deps: &Deps, certified: Certified) -> Result<Began, Error> {
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    let legal = identity::person_with_document(&tx, deps, &certified.legal_person).await?;
    lock_people(&tx, &certified, legal).await?;
    let organisation = confirmed(&tx, deps, &certified).await?;
    let token = OneTime::new(&*deps.entropy);
    let session = organisation_session::Model {
        id: OrganisationSessionId(deps.entropy.id()),
        organisation_id: organisation,
        person_id: legal,
        digest: token.digest(),
        certificate: certified.certificate,
        began_at: now,
        used_at: now,
        expires_at: now + rules::LONGEST,
        ended_at: None,
    };
    store::sessions::insert(&tx, session.clone()).await?;
    let event = Event::Door(DoorEvent::OrganisationSessionBegan {
        organisation,
        session: session.id,
        certificate: session.certificate,
    });
    record(&tx, deps, organisation, &event).await?;
    tx.commit().await?;
    Ok(Began { session, token })
}

/// Take whoever acts for the unit, and `legal`, who will: people come before units.
async fn lock_people(
    tx: &DatabaseTransaction,
    certified: &Certified,
    legal: Option<PersonId>,
) -> Result<(), Error> {
    let mut people: Vec<_> = legal.into_iter().collect();
    if let Some(unit) = store::units::with_code(tx, &certified.code).await? {
        people.extend(acting::who_act_for(tx, unit.id).await?);
    }
    people.sort_unstable_by_key(|person| person.0);
    people.dedup();
    for person in people {
        identity::lock(tx, person).await?;
    }
    Ok(())
}

/// The unit, made if this is the first time, with what its certificate says now. With another legal person
/// than before, the sessions of before end, and so does what the former one could still act by.
async fn confirmed(
    tx: &DatabaseTransaction,
    deps: &Deps,
    certified: &Certified,
) -> Result<OrganisationId, Error> {
    let now = deps.clock.now();
    let keys = identity::document_keys(&deps.vault, &certified.legal_person);
    let index = keys.first().cloned().unwrap_or_default();
    let known = store::units::lock_by_code(tx, &certified.code).await?;
    let known = if let Some(known) = known {
        known
    } else {
        if let Some(made) = make(tx, deps, certified, index.clone()).await? {
            return Ok(made);
        }
        let known = store::units::lock_by_code(tx, &certified.code).await?;
        known.ok_or(Error::NotFound)?
    };
    if !keys.contains(&known.legal_person_index) {
        let changed = Event::Door(DoorEvent::LegalPersonChanged {
            organisation: known.id,
        });
        record(tx, deps, known.id, &changed).await?;
        for session in store::sessions::not_ended(tx, known.id, now).await? {
            end(tx, deps, known.id, session).await?;
        }
        agents::end_of_former(tx, deps, &known).await?;
    }
    store::units::confirm(tx, known.id, certified.name.clone(), index, now).await?;
    Ok(known.id)
}

async fn make(
    tx: &DatabaseTransaction,
    deps: &Deps,
    certified: &Certified,
    legal_person_index: Vec<u8>,
) -> Result<Option<OrganisationId>, Error> {
    let now = deps.clock.now();
    let id = OrganisationId(deps.entropy.id());
    let division = certified.code.division();
    let unit = organisation::Model {
        id,
        credit_code: certified.code.clone(),
        name: certified.name.clone(),
        division: division.ok_or(Error::Certificate("credit_code"))?,
        legal_person_index,
        created_at: now,
        confirmed_at: now,
        mini_program_venues: 0,
    };
    if !store::units::insert(tx, unit).await? {
        return Ok(None);
    }
    let created = Event::Door(DoorEvent::OrganisationCreated { organisation: id });
    record(tx, deps, id, &created).await?;
    Ok(Some(id))
}

/// End the caller's session.
pub(super) async fn log_out(deps: &Deps, unit: &UnitSession) -> Result<(), Error> {
    let tx = begin_write(&deps.db).await?;
    end(&tx, deps, unit.organisation, unit.session).await?;
    tx.commit().await?;
    Ok(())
}

async fn end(
    tx: &DatabaseTransaction,
    deps: &Deps,
    organisation: OrganisationId,
    session: OrganisationSessionId,
) -> Result<(), Error> {
    if store::sessions::end(tx, session, deps.clock.now()).await? {
        let event = Event::Door(DoorEvent::OrganisationSessionEnded {
            organisation,
            session,
        });
        record(tx, deps, organisation, &event).await?;
    }
    Ok(())
}

async fn record(
    tx: &DatabaseTransaction,
    deps: &Deps,
    organisation: OrganisationId,
    event: &Event,
) -> Result<(), Error> {
    let actor = Actor::Organisation(organisation);
    Ok(audit::record(tx, deps, actor, Subject::Nobody, event).await?)
}
