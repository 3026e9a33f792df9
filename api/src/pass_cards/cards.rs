//! Use cases: show a card, say how it stands, and give another in its place.

use std::fmt;

use chrono::{DateTime, Utc};
use entity::{
    pass_application,
    pass_card::Model,
    values::{
        Colour, PassApplicationId, PassCardId, PassCardReplacement, PassCardState, PersonId, Role,
    },
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::Error,
    issuing,
    rules::{self, Cause, OnRecord, Standing},
    store::{self, cards},
    views::CommunityView,
};
use crate::{
    audit::Actor,
    communities,
    credentials::{self, Permit, PermitFace, PermitKind},
    deps::Deps,
    health_code::{self, LiveColour},
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity::{self, Subject},
    regions,
    staff::Staff,
};

/// Bytes of the longest name that a permit has room for.
const LONGEST_HOLDER: usize = 24;

/// What is on record of `card`.
pub(super) fn on_record(card: &Model) -> OnRecord {
    OnRecord {
        state: card.state,
        valid_until: card.valid_until,
        void: card.void,
    }
}

/// The card `id`, whatever became of it.
pub async fn card(db: &impl ConnectionTrait, id: PassCardId) -> Result<Option<Model>, DbErr> {
    cards::find(db, id).await
}

/// The card that `person` has, if they have one that neither ended nor was superseded.
pub async fn current_card(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Option<Model>, DbErr> {
    cards::current(db, person).await
}

/// How `card` stands at this moment, with the colour that its holder shows.
pub async fn standing_of(deps: &Deps, card: &Model) -> Result<(Standing, LiveColour), Error> {
    let now = deps.clock.now();
    let live = health_code::live_colour(deps, card.person_id, now).await?;
    let live = live.unwrap_or(LiveColour {
        colour: Colour::Grey,
        latest_test: None,
        stale: false,
    });
    Ok((rules::standing(on_record(card), live.colour, now), live))
}

/// What a card says: on a screen masked, on paper in full. It says who somebody is, so it is not for
/// logs.
pub struct CardFace {
    /// Its number.
    pub number: String,
    /// The holder's name.
    pub holder: String,
    /// The same as bystanders may see it.
    pub masked_holder: String,
    /// The last four characters of the holder's document.
    pub document_last4: String,
    /// The community that issued it. Empty if it is not in the directory any more.
    pub community: String,
    /// The county or district, with those around it.
    pub issued_by: String,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// Since when its days run. None while the holder is observed.
    pub valid_from: Option<DateTime<Utc>>,
    /// When its days are over: the first moment that it is not good.
    pub valid_until: Option<DateTime<Utc>>,
    /// How it stands.
    pub standing: Standing,
    /// What the holder's code shows.
    pub colour: Colour,
    /// Whether no store answers, and the colour is what was known before.
    pub stale: bool,
    /// The `TX1:` text to draw, where the card counts.
    pub token: Option<String>,
}

impl fmt::Debug for CardFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardFace(***)")
    }
}

/// What `card` says, and its permit, signed now, where it counts.
pub async fn face_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    card: &Model,
) -> Result<CardFace, Error> {
    let (standing, live) = standing_of(deps, card).await?;
    let known = identity::identified(db, deps, card.person_id).await?;
    let known = known.ok_or(identity::Error::NotVerified)?;
    let community = communities::find(db, &card.community).await?;
    let mut face = CardFace {
        number: rules::number(&card.division, card.serial),
        holder: known.name.reveal().to_owned(),
        masked_holder: known.name.masked(),
        document_last4: last_four(known.document.reveal()),
        community: community.map(|known| known.name).unwrap_or_default(),
        issued_by: regions::full_name(&card.division).unwrap_or_default(),
        issued_at: card.issued_at,
        valid_from: card.valid_from,
        valid_until: card.valid_until,
        standing,
        colour: live.colour,
        stale: live.stale,
        token: None,
    };
    if standing.counts() {
        face.token = Some(token(db, deps, card, &face).await?);
    }
    Ok(face)
}

async fn token(
    db: &impl ConnectionTrait,
    deps: &Deps,
    card: &Model,
    face: &CardFace,
) -> Result<String, Error> {
    let permit = permit_of(card, face).ok_or(Error::NotInForce)?;
    Ok(credentials::sign_for(db, deps, &permit).await?)
}

/// The permit that `card` is, once its days run.
pub(super) fn permit_of(card: &Model, face: &CardFace) -> Option<Permit> {
    let site = regions::name(&card.division);
    Some(Permit {
        kind: PermitKind::PassCard,
        id: *card.id.0.as_bytes(),
        not_before: card.valid_from?,
        expires_at: card.valid_until?,
        status_index: card.status_index?,
        face: PermitFace {
            holder: shortened(&face.masked_holder),
            mark: face.document_last4.clone(),
            site: site.map_or_else(|| card.division.code().to_owned(), Into::into),
            number: face.number.clone(),
        },
    })
}

/// The last four characters.
fn last_four(number: &str) -> String {
    let skipped = number.chars().count().saturating_sub(4);
    number.chars().skip(skipped).collect()
}

/// A masked name that a permit has room for: of a long one its ends.
fn shortened(masked: &str) -> String {
    if masked.len() <= LONGEST_HOLDER {
        return masked.to_owned();
    }
    let first = masked.chars().next();
    let last = masked.chars().next_back();
    first.into_iter().chain(['*']).chain(last).collect()
}

/// A card, for its holder.
#[derive(Serialize, ToSchema)]
#[schema(as = PassCardView)]
pub(super) struct CardView {
    /// Which.
    id: PassCardId,
    /// Its number, to read out.
    number: String,
    /// The application that it was issued on.
    application: PassApplicationId,
    /// The holder's name as bystanders may see it.
    masked_name: String,
    /// Where it was issued.
    community: CommunityView,
    /// When.
    issued_at: DateTime<Utc>,
    /// Whether the clock issued it, because nobody decided in time.
    by_clock: bool,
    /// How it stands now.
    state: PassCardState,
    /// Why it does not count. Null if it does.
    because: Option<Cause>,
    /// What the holder's code shows.
    colour: Colour,
    /// True if no store answers, and the colour is what was known before.
    stale: bool,
    /// Since when its days run. Null while the holder is under observation.
    valid_from: Option<DateTime<Utc>>,
    /// When its days are over: the first moment that it is not good.
    valid_until: Option<DateTime<Utc>>,
    /// The card in its place. Null if none is.
    superseded_by: Option<PassCardId>,
    /// The signed permit: draw it as a QR symbol. Null while the card does not count.
    #[schema(pattern = "^TX1:[0-9A-Z $%*+./:-]+$", max_length = 352)]
    token: Option<String>,
}

/// The newest card of `person`.
pub(super) async fn show(deps: &Deps, person: PersonId) -> Result<CardView, Error> {
    let card = cards::newest_of(&deps.db, person).await?;
    view(&deps.db, deps, &card.ok_or(Error::NoSuchCard)?).await
}

async fn view(db: &impl ConnectionTrait, deps: &Deps, card: &Model) -> Result<CardView, Error> {
    let face = face_of(db, deps, card).await?;
    let community = communities::find(db, &card.community).await?;
    Ok(CardView {
        id: card.id,
        number: face.number,
        application: card.application_id,
        masked_name: face.masked_holder,
        community: CommunityView::of(&card.community, &card.division, community),
        issued_at: card.issued_at,
        by_clock: card.by_clock,
        state: face.standing.state,
        because: face.standing.because,
        colour: face.colour,
        stale: face.stale,
        valid_from: card.valid_from,
        valid_until: card.valid_until,
        superseded_by: card.superseded_by,
        token: face.token,
    })
}

const REPLACE: &str = "replace-pass-card";

/// Give `subject` another card for the same days: the one that they have is void at once.
pub(super) async fn replace(
    deps: &Deps,
    subject: Subject,
    key: &IdempotencyKey,
    reason: PassCardReplacement,
) -> Result<Answer, Error> {
    let asked = (subject.person, reason);
    let caller = subject.acting.0.as_bytes();
    let actor = Actor::Person(subject.acting);
    let effect =
        async |tx: &DatabaseTransaction| replaced(tx, deps, subject.person, actor, reason).await;
    idempotency::once(deps, caller, REPLACE, key, &asked, effect).await
}

/// The same at a window, for whom an application within the scope of `staff` was granted.
pub(super) async fn replace_at_window(
    deps: &Deps,
    staff: &Staff,
    id: PassApplicationId,
    key: &IdempotencyKey,
    reason: PassCardReplacement,
) -> Result<Answer, Error> {
    let asked = (id, reason);
    let actor = Actor::Staff(staff.account);
    let effect = async |tx: &DatabaseTransaction| {
        let application = within(tx, staff, id, &[Role::CommunityIssuer]).await?;
        let card = cards::current(tx, application.person_id).await?;
        if card.is_none_or(|card| card.application_id != id) {
            return Err(Error::NotInForce);
        }
        replaced(tx, deps, application.person_id, actor, reason).await
    };
    idempotency::once(
        deps,
        staff.account.0.as_bytes(),
        REPLACE,
        key,
        &asked,
        effect,
    )
    .await
}

async fn replaced(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
    actor: Actor,
    reason: PassCardReplacement,
) -> Result<(Outcome, CardView), Error> {
    identity::lock(tx, person).await?;
    let before = cards::current(tx, person).await?.ok_or(Error::NotInForce)?;
    let over = before
        .valid_until
        .is_some_and(|until| until <= deps.clock.now());
    if over || before.state == PassCardState::Suspended {
        return Err(Error::NotInForce);
    }
    let card = issuing::replace(tx, deps, &before, actor, reason).await?;
    Ok((Outcome::Created, view(tx, deps, &card).await?))
}

/// The application `id`, where `staff` is one of `roles`.
pub(super) async fn within(
    db: &impl ConnectionTrait,
    staff: &Staff,
    id: PassApplicationId,
    roles: &[Role],
) -> Result<pass_application::Model, Error> {
    let row = store::find(db, id).await?;
    let row = row.ok_or(Error::NoSuchApplication)?;
    let area = row.community.clone().into();
    if roles
        .iter()
        .any(|role| staff.scope.covers_area(*role, &area))
    {
        Ok(row)
    } else {
        Err(Error::NoSuchApplication)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permit_has_room_for_the_longest_name() {
        assert_eq!(shortened("张*明"), "张*明");
        let long = format!("阿{}提", "*".repeat(48));
        assert_eq!(shortened(&long), "阿*提");
        assert_eq!(last_four("310101199003070019"), "0019");
        assert_eq!(last_four("A1"), "A1");
    }
}
