//! Use cases: print a card for its holder, and at a window.

use entity::{
    pass_card::Model,
    values::{PassCardId, PersonId, Role},
};
use sea_orm::ConnectionTrait;

use super::{
    face::{ComplaintLine, PaperFace},
    sheet,
};
use crate::{
    audit::{self, Actor, Event, PassEvent},
    communities,
    deps::Deps,
    documents::Paper,
    pass_cards::{cards, error::Error, store},
    platform::db::begin_write,
    staff::Staff,
};

/// A card on paper.
pub(super) struct Printed {
    pub(super) number: String,
    pub(super) pdf: Vec<u8>,
}

/// The newest card of `person`, if it counts.
pub(super) async fn own(deps: &Deps, person: PersonId, paper: Paper) -> Result<Printed, Error> {
    let card = store::cards::newest_of(&deps.db, person).await?;
    let card = card.ok_or(Error::NoSuchCard)?;
    let face = paper_face(&deps.db, deps, &card).await?;
    printed(face, paper).await
}

/// The card `id`, if it counts and `staff` issue where it was issued.
pub(super) async fn at_window(
    deps: &Deps,
    staff: &Staff,
    id: PassCardId,
    paper: Paper,
) -> Result<Printed, Error> {
    let tx = begin_write(&deps.db).await?;
    let card = cards::card(&tx, id).await?.ok_or(Error::NoSuchCard)?;
    let area = card.community.clone().into();
    if !staff.scope.covers_area(Role::CommunityIssuer, &area) {
        return Err(Error::NoSuchCard);
    }
    let face = paper_face(&tx, deps, &card).await?;
    let actor = Actor::Staff(staff.account);
    let event = Event::Pass(PassEvent::PassCardPrinted { card: id });
    audit::record(&tx, deps, actor, card.person_id, &event).await?;
    tx.commit().await?;
    printed(face, paper).await
}

async fn paper_face(
    db: &impl ConnectionTrait,
    deps: &Deps,
    card: &Model,
) -> Result<PaperFace, Error> {
    let face = cards::face_of(db, deps, card).await?;
    let complaints = communities::complaint_line(db, &card.division).await?;
    let complaints = complaints.map(|line| ComplaintLine {
        telephone: line.telephone,
        hours: line.hours,
    });
    PaperFace::of(face, complaints).ok_or(Error::DoesNotCount)
}

/// Setting a page takes milliseconds, which other requests on this thread do not wait for.
async fn printed(face: PaperFace, paper: Paper) -> Result<Printed, Error> {
    let set = move || {
        sheet::pdf(&face, paper).map(|pdf| Printed {
            number: face.number,
            pdf,
        })
    };
    let set = tokio::task::spawn_blocking(set).await;
    Ok(set.map_err(|_| Error::NotSet)??)
}
