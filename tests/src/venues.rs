//! Venues that are there before the test begins.

use api::{
    platform::{Entropy, OsEntropy, entropy},
    venues::rules::CodeId,
};
use entity::{
    organisation,
    values::{
        Division, OrganisationId, PersonId, VenueCategory, VenueChannel, VenueId, VenueState,
    },
    venue, venue_code,
};
use sea_orm::{EntityTrait, IntoActiveModel};

use crate::Backend;

/// A venue whose code counts.
#[derive(Debug, Clone)]
pub struct Venue {
    /// Which.
    pub id: VenueId,
    /// Whose.
    pub organisation: OrganisationId,
    /// What stands in the code on its door.
    pub code_text: String,
}

impl Backend {
    /// A venue of that kind in Huangpu, of a unit of its own, whose code counts.
    pub async fn venue(&self, category: VenueCategory) -> Venue {
        self.venue_with(category, |_| ()).await
    }

    /// The same, with some of it changed.
    pub async fn venue_with(
        &self,
        category: VenueCategory,
        change: impl FnOnce(&mut venue::Model),
    ) -> Venue {
        let now = self.deps.clock.now();
        let organisation = self.any_organisation().await;
        let mut row = venue::Model {
            id: VenueId(OsEntropy.id()),
            organisation_id: organisation,
            name: "人民广场书店".into(),
            category,
            division: huangpu(),
            address: "人民大道 1 号".into(),
            state: VenueState::Active,
            channel: VenueChannel::OpenPlatform,
            applied_by: self.anybody().await,
            applied_at: now,
            rotating_only: false,
            changed_at: now,
        };
        change(&mut row);
        let id = CodeId(entropy::bytes(&OsEntropy));
        let code = venue_code::Model {
            id: id.text(),
            venue_id: row.id,
            current_of: Some(row.id),
            created_at: now,
            ended_at: None,
        };
        let venue = Venue {
            id: row.id,
            organisation: row.organisation_id,
            code_text: self.deps.doors.printed(id),
        };
        venue::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.deps.db)
            .await
            .expect("a venue");
        venue_code::Entity::insert(code.into_active_model())
            .exec_without_returning(&self.deps.db)
            .await
            .expect("a code");
        venue
    }

    /// A unit of which only that it is there matters.
    async fn any_organisation(&self) -> OrganisationId {
        let now = self.deps.clock.now();
        let id = OrganisationId(OsEntropy.id());
        let row = organisation::Model {
            id,
            credit_code: id.0.simple().to_string()[..18].to_uppercase(),
            name: "上海某某有限公司".into(),
            division: huangpu(),
            legal_person_index: vec![1],
            created_at: now,
            confirmed_at: now,
            mini_program_venues: 0,
        };
        organisation::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.deps.db)
            .await
            .expect("a unit");
        id
    }

    /// Somebody of whom only that they are there matters.
    async fn anybody(&self) -> PersonId {
        let id = PersonId(OsEntropy.id());
        let sealed = self.deps.vault.new_data_key(id.0.as_bytes(), &OsEntropy);
        let (_, data_key) = sealed.expect("a data key");
        let row = entity::person::Model {
            id,
            number: id.number(),
            data_key,
            phone: None,
            phone_index: None,
            name: None,
            document_kind: None,
            document_number: None,
            document_index: None,
            verified_at: None,
            created_at: self.deps.clock.now(),
        };
        entity::person::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.deps.db)
            .await
            .expect("a person");
        id
    }
}

fn huangpu() -> Division {
    Division::try_from("310101".to_owned()).expect("a code")
}
