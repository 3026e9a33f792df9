//! Use cases: mark what was declared as not true, and take a mark back (P10).

use entity::{
    pass_application, pass_card,
    pass_false_mark::Model,
    values::{
        Area, CaseSubject, Colour, ContactId, ContactResult, FactId, FalseMarkId, Falsehood,
        PassApplicationId, PassCardState, Role,
    },
};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{
    applying, cards as shown,
    error::Error,
    following, rules,
    store::{cards, marks},
    views::{
        ApplicationView, FalseDeclarationRequest, LIFTED_BECAUSE, LiftRequest, MARK_TEXT,
        reference_of,
    },
};
use crate::{
    audit::{self, Actor, Event, PassEvent},
    deps::Deps,
    facts, health_code,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity,
    notifications::{self, Message},
    review,
    staff::Staff,
};

/// Who may mark, and take marks back.
const ROLES: [Role; 2] = [Role::CommunityIssuer, Role::Reviewer];

/// Mark what was declared for the application `id` as not true. What was declared stays; the card that
/// was issued on it does not count while the mark stands, and the next application is decided by a
/// person.
pub(super) async fn mark(
    deps: &Deps,
    staff: &Staff,
    id: PassApplicationId,
    key: &IdempotencyKey,
    request: FalseDeclarationRequest,
) -> Result<Answer, Error> {
    let asked = (id, &request);
    let caller = staff.account.0.as_bytes();
    let effect = async |tx: &DatabaseTransaction| {
        let application = shown::within(tx, staff, id, &ROLES).await?;
        identity::lock(tx, application.person_id).await?;
        make(tx, deps, staff, &application, &request).await?;
        answered(tx, deps, &application).await
    };
    let answer =
        idempotency::once(deps, caller, "mark-false-declaration", key, &asked, effect).await?;
    deps.outbox.wake();
    Ok(answer)
}

async fn make(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: &Staff,
    application: &pass_application::Model,
    request: &FalseDeclarationRequest,
) -> Result<(), Error> {
    check_evidence(tx, staff, application, &request.evidence).await?;
    let person = application.person_id;
    let key = identity::data_key_of(tx, deps, person).await?;
    let id = FalseMarkId(deps.entropy.id());
    let place = MARK_TEXT.owned_by(id.0.as_bytes());
    let row = Model {
        id,
        application_id: application.id,
        person_id: person,
        standing_on: Some(application.id),
        marked_by: staff.account,
        area: narrowest(staff, application).ok_or(Error::NoSuchApplication)?,
        marked_at: deps.clock.now(),
        falsehood: request.falsehood,
        evidence: request.evidence.clone(),
        text: key.seal(place, request.text.as_bytes(), &*deps.entropy)?,
        lifted_at: None,
        lifted_by: None,
        lifted_because: None,
    };
    if !marks::insert(tx, row).await? {
        return Err(Error::AlreadyMarked);
    }
    if let Some(card) = card_of(tx, application).await? {
        cards::set_state(tx, card.id, PassCardState::Suspended).await?;
    }
    let event = Event::Pass(PassEvent::FalseDeclarationMarked {
        mark: id,
        application: application.id,
        falsehood: request.falsehood,
        evidence: request.evidence.clone(),
    });
    audit::record(tx, deps, Actor::Staff(staff.account), person, &event).await?;
    tell(tx, deps, application, request.falsehood, true).await
}

/// Tell whose declaration it is that it was marked, or that this mark was taken back: what, what follows, and
/// how to object.
async fn tell(
    tx: &DatabaseTransaction,
    deps: &Deps,
    application: &pass_application::Model,
    falsehood: Falsehood,
    stands: bool,
) -> Result<(), Error> {
    let message = Message::DeclarationMark {
        application: reference_of(application.id.0),
        falsehood,
        stands,
        at: deps.clock.now(),
    };
    Ok(notifications::tell(tx, deps, application.person_id, &message).await?)
}

/// The narrowest area that `staff` acts for and the application belongs to.
fn narrowest(staff: &Staff, application: &pass_application::Model) -> Option<Area> {
    let community = Area::from(application.community.clone());
    let areas = ROLES.iter().flat_map(|role| staff.scope.areas(*role));
    let around = areas.filter(|area| area.contains(&community));
    around.max_by_key(|area| area.stem().len()).cloned()
}

/// The card that was issued on `application`, while its person has it.
async fn card_of(
    tx: &DatabaseTransaction,
    application: &pass_application::Model,
) -> Result<Option<pass_card::Model>, Error> {
    let card = cards::current(tx, application.person_id).await?;
    Ok(card.filter(|card| card.application_id == application.id))
}

/// Whether `evidence` names a contact of the application that contradicted it, made by somebody else than
/// who marks it, or a fact about its person that stands and that somebody else recorded.
async fn check_evidence(
    tx: &DatabaseTransaction,
    staff: &Staff,
    application: &pass_application::Model,
    evidence: &str,
) -> Result<(), Error> {
    let (kind, id) = evidence.split_once('/').ok_or(Error::NotEvidence)?;
    let id: Uuid = id.parse().map_err(|_| Error::NotEvidence)?;
    let shows = match kind {
        "contact" => {
            let case = review::case_about(tx, CaseSubject::PassCard, application.id.0).await?;
            let case = case.ok_or(Error::NoSuchApplication)?;
            let contact = marks::contact(tx, case.id, ContactId(id)).await?;
            contact.is_some_and(|contact| {
                contact.result == ContactResult::Contradicted && contact.account_id != staff.account
            })
        }
        "fact" => {
            let fact = facts::fact(tx, FactId(id)).await?;
            fact.is_some_and(|fact| {
                fact.person_id == application.person_id
                    && fact.withdrawn_at.is_none()
                    && fact.recorded_by != Some(staff.account)
            })
        }
        _ => false,
    };
    if shows {
        Ok(())
    } else {
        Err(Error::NotEvidence)
    }
}

/// Take the mark back that stands on the application `id`: for whoever is above those who made it, and
/// at the top for somebody else.
pub(super) async fn lift(
    deps: &Deps,
    staff: &Staff,
    id: PassApplicationId,
    key: &IdempotencyKey,
    request: LiftRequest,
) -> Result<Answer, Error> {
    let asked = (id, &request);
    let caller = staff.account.0.as_bytes();
    let effect = async |tx: &DatabaseTransaction| {
        let application = shown::within(tx, staff, id, &ROLES).await?;
        identity::lock(tx, application.person_id).await?;
        take_back(tx, deps, staff, &application, &request).await?;
        answered(tx, deps, &application).await
    };
    let answer =
        idempotency::once(deps, caller, "lift-false-declaration", key, &asked, effect).await?;
    deps.outbox.wake();
    Ok(answer)
}

async fn take_back(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: &Staff,
    application: &pass_application::Model,
    request: &LiftRequest,
) -> Result<(), Error> {
    let person = application.person_id;
    let mark = marks::standing_on(tx, application.id).await?;
    let mark = mark.ok_or(Error::NotMarked)?;
    if !may_lift(staff, &mark) {
        return Err(Error::AboveDecides);
    }
    let key = identity::data_key_of(tx, deps, person).await?;
    let place = LIFTED_BECAUSE.owned_by(mark.id.0.as_bytes());
    let because = key.seal(place, request.because.as_bytes(), &*deps.entropy)?;
    let now = deps.clock.now();
    if !marks::lift(tx, mark.id, staff.account, because, now).await? {
        return Err(Error::NotMarked);
    }
    if let Some(card) = card_of(tx, application).await? {
        restore(tx, deps, &card).await?;
    }
    let event = Event::Pass(PassEvent::FalseDeclarationLifted {
        mark: mark.id,
        application: application.id,
    });
    audit::record(tx, deps, Actor::Staff(staff.account), person, &event).await?;
    tell(tx, deps, application, mark.falsehood, false).await
}

fn may_lift(staff: &Staff, mark: &Model) -> bool {
    let areas = staff.scope.areas(Role::Reviewer);
    let above = areas.iter().any(|area| rules::is_above(area, &mark.area));
    let same = areas.contains(&&mark.area);
    let top = rules::is_province(&mark.area);
    staff.account != mark.marked_by && (above || top && same)
}

/// Let a card stand as it would without the mark: its days may have come to begin meanwhile.
async fn restore(
    tx: &DatabaseTransaction,
    deps: &Deps,
    card: &pass_card::Model,
) -> Result<(), Error> {
    if card.valid_from.is_some() {
        cards::set_state(tx, card.id, PassCardState::Active).await?;
        return Ok(());
    }
    cards::set_state(tx, card.id, PassCardState::Observing).await?;
    let found = health_code::last_comparison(tx, card.person_id).await?;
    if found.is_some_and(|found| found.shown == Colour::Green) {
        following::begin(tx, deps, card.person_id).await?;
    }
    Ok(())
}

async fn answered(
    tx: &DatabaseTransaction,
    deps: &Deps,
    application: &pass_application::Model,
) -> Result<(Outcome, ApplicationView), Error> {
    let view = applying::view(tx, deps, application).await?;
    Ok((Outcome::Found, view))
}
