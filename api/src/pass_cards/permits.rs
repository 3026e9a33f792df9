//! Cards as permits: how they stand, and what every copy of one says.

use chrono::{DateTime, Utc};
use entity::{
    pass_card::Model,
    values::{PassCardId, PassCardState, PersonId, StatusIndex},
};
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::{DatabaseConnection, DatabaseTransaction};
use uuid::Uuid;

use super::{
    cards::{self, face_of, permit_of},
    error::Error,
    rules::{self, Standing, Term},
    store,
};
use crate::{
    credentials::{
        self, Carried, Expected, PermitError, PermitKind, PermitRecords, RecordStanding,
        RecordsError, Status,
    },
    deps::Deps,
    health_code,
};

/// The records of cards.
#[derive(Debug, Clone, Copy)]
pub struct CardRecords;

impl PermitRecords for CardRecords {
    fn kind(&self) -> PermitKind {
        PermitKind::PassCard
    }

    fn not_valid<'a>(
        &'a self,
        db: &'a DatabaseConnection,
        _: &'a Deps,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Vec<(StatusIndex, Status)>, RecordsError>> {
        async move {
            let coloured = health_code::coloured();
            let cards = store::cards::not_counting(db, coloured, now).await?;
            let standing = |(place, state)| match state {
                PassCardState::Void | PassCardState::Expired => (place, Status::Invalid),
                _ => (place, Status::Suspended),
            };
            Ok(cards.into_iter().map(standing).collect())
        }
        .boxed()
    }

    fn standing<'a>(
        &'a self,
        deps: &'a Deps,
        id: Uuid,
        _: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Option<RecordStanding>, RecordsError>> {
        async move {
            let card = store::cards::find(&deps.db, PassCardId(id)).await?;
            let Some((card, valid_until)) = card.and_then(|card| {
                let until = card.valid_until?;
                Some((card, until))
            }) else {
                return Ok(None);
            };
            let (standing, _) = cards::standing_of(deps, &card).await?;
            Ok(Some(RecordStanding {
                status: status_of(standing),
                people: vec![card.person_id],
                valid_until,
            }))
        }
        .boxed()
    }

    fn carried_by<'a>(
        &'a self,
        deps: &'a Deps,
        person: PersonId,
        _: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Vec<Carried>, RecordsError>> {
        async move {
            let Some(card) = store::cards::current(&deps.db, person).await? else {
                return Ok(Vec::new());
            };
            let (standing, _) = cards::standing_of(deps, &card).await?;
            Ok(vec![Carried {
                record: card.id.0,
                number: rules::number(&card.division, card.serial),
                status: status_of(standing),
                valid_from: card.valid_from,
                valid_until: card.valid_until,
            }])
        }
        .boxed()
    }

    fn expected<'a>(
        &'a self,
        deps: &'a Deps,
        after: Option<Uuid>,
        limit: u64,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Vec<Expected>, RecordsError>> {
        async move {
            let after = after.map(PassCardId);
            let mut expected = Vec::new();
            for card in store::cards::running(&deps.db, after, limit, now).await? {
                expected.extend(expected_of(deps, &card).await?);
            }
            Ok(expected)
        }
        .boxed()
    }
}

async fn expected_of(deps: &Deps, card: &Model) -> Result<Option<Expected>, Error> {
    let face = face_of(&deps.db, deps, card).await?;
    let status = status_of(face.standing);
    Ok(permit_of(card, &face).map(|permit| Expected { permit, status }))
}

/// What is published of a card that stands so.
fn status_of(standing: Standing) -> Status {
    match standing.state {
        PassCardState::Active => Status::Valid,
        PassCardState::Observing | PassCardState::Suspended => Status::Suspended,
        PassCardState::Void | PassCardState::Expired => Status::Invalid,
    }
}

/// The place of the card `id`, whose days are `term`.
pub(super) async fn enlisted(
    tx: &DatabaseTransaction,
    deps: &Deps,
    id: PassCardId,
    term: Term,
) -> Result<StatusIndex, PermitError> {
    credentials::enlist(tx, deps, PermitKind::PassCard, id.0, term.until).await
}
