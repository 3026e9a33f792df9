//! Who stands behind what a device says it was shown, and what that was worth, as far as it can still be told.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::values::{Colour, Document, DocumentKind, GateMeans, PassCardId, PersonId};
use uuid::Uuid;

use super::{
    error::Error,
    records::{Told, ToldPerson},
    rules::Shown,
};
use crate::{
    credentials::{Permit, PermitKind},
    deps::Deps,
    identity, pass_cards,
    platform::clock::local_date,
};

/// Who stands behind what was shown.
pub(super) struct People {
    /// By the text or the number that was read.
    found: BTreeMap<String, (PersonId, Option<Colour>)>,
    /// What the texts were worth that are ours and were good.
    good: BTreeMap<String, Good>,
}

/// What a text was that was good when it was shown, whatever became of it since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Good {
    Code(Colour),
    Permit(PermitKind),
}

impl People {
    /// Ask about all of `records` at once.
    pub(super) async fn find(
        deps: &Deps,
        records: &[&(Told, DateTime<Utc>)],
    ) -> Result<Self, Error> {
        let (mut numbers, mut found) = (BTreeMap::new(), BTreeMap::new());
        let mut good = BTreeMap::new();
        for (told, at) in records {
            for person in &told.people {
                match (person.means, &person.text, &person.document_number) {
                    // What is shown again and again is read once.
                    (_, Some(text), _) if good.contains_key(text) => {}
                    (GateMeans::IdCard, _, Some(number)) if found.contains_key(number) => {}
                    (GateMeans::Code, Some(text), _) => {
                        if let Ok((number, colour)) = deps.keyring.read_past(text, *at) {
                            numbers.insert(text.clone(), (number, colour));
                            good.insert(text.clone(), Good::Code(colour));
                        }
                    }
                    (GateMeans::IdCard, _, Some(number)) => {
                        if let Some(person) = on_id_card(deps, number, *at).await? {
                            found.insert(number.clone(), (person, None));
                        }
                    }
                    (GateMeans::IdCard, _, None) | (_, None, _) => {}
                    (_, Some(text), _) => {
                        let Ok(permit) = deps.keyring.read_past_permit(text, *at) else {
                            continue;
                        };
                        good.insert(text.clone(), Good::Permit(permit.kind));
                        if let Some(holder) = holder(deps, &permit).await? {
                            found.insert(text.clone(), (holder, None));
                        }
                    }
                }
            }
        }
        let asked: Vec<i64> = numbers.values().map(|(number, _)| *number).collect();
        let people = identity::people_with_numbers(&deps.db, &asked).await?;
        for (text, (number, colour)) in numbers {
            if let Some(person) = people.get(&number) {
                found.insert(text, (*person, Some(colour)));
            }
        }
        Ok(Self { found, good })
    }

    /// Who showed what `person` says, and with which colour.
    pub(super) fn behind(&self, person: &ToldPerson) -> (Option<PersonId>, Option<Colour>) {
        let read = match person.means {
            GateMeans::IdCard => &person.document_number,
            _ => &person.text,
        };
        let found = read.as_ref().and_then(|read| self.found.get(read));
        found.map_or((None, None), |(person, colour)| (Some(*person), *colour))
    }

    /// What the rules call that which `person` says was shown. What a device without a network cannot know is not
    /// held against it.
    pub(super) fn shown_by(&self, person: &ToldPerson) -> Shown {
        match (person.means, self.good_of(person)) {
            (GateMeans::IdCard, _) => Shown::OnlineOnly,
            (GateMeans::Code, Some(Good::Code(colour))) => Shown::Person(colour),
            (GateMeans::PassCard | GateMeans::Paper, Some(Good::Permit(PermitKind::PassCard))) => {
                Shown::Card { counts: true }
            }
            (GateMeans::WorkPermit, Some(Good::Permit(PermitKind::Work))) => {
                Shown::Work { counts: true }
            }
            _ => Shown::NotValid,
        }
    }

    /// Whether `person` is the pass of a vehicle.
    pub(super) fn is_vehicle_pass(&self, person: &ToldPerson) -> bool {
        self.good_of(person) == Some(Good::Permit(PermitKind::Vehicle))
    }

    fn good_of(&self, person: &ToldPerson) -> Option<Good> {
        self.good.get(person.text.as_ref()?).copied()
    }
}

/// Who holds the card, or the permit to work, that `permit` is.
async fn holder(deps: &Deps, permit: &Permit) -> Result<Option<PersonId>, Error> {
    let record = Uuid::from_bytes(permit.id);
    match permit.kind {
        PermitKind::PassCard => {
            let card = pass_cards::card(&deps.db, PassCardId(record)).await?;
            Ok(card.map(|card| card.person_id))
        }
        PermitKind::Work => {
            let Some(records) = deps.permits.of(PermitKind::Work) else {
                return Ok(None);
            };
            let standing = records.standing(deps, record, deps.clock.now()).await?;
            Ok(standing.and_then(|standing| standing.people.first().copied()))
        }
        // The pass of a vehicle is nobody.
        PermitKind::Vehicle => Ok(None),
    }
}

async fn on_id_card(
    deps: &Deps,
    number: &str,
    at: DateTime<Utc>,
) -> Result<Option<PersonId>, Error> {
    let document = Document::parse(DocumentKind::ResidentCard, number, local_date(at));
    let Ok(document) = document else {
        return Ok(None);
    };
    Ok(identity::person_with_document(&deps.db, deps, &document).await?)
}
