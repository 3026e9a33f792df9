//! Venues that are there before the test begins.

use api::{
    platform::{Entropy, OsEntropy, entropy},
    venues::rules::CodeId,
};
use entity::{
    organisation,
    values::{
        Division, OrganisationId, PersonId, SocialCreditCode, VenueCategory, VenueChannel, VenueId,
        VenueState,
    },
    venue, venue_code,
};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::Backend;

/// Asks PostgreSQL how many visits are counted, or are to be.
pub const COUNTED: &str = "
    SELECT (SELECT COALESCE(sum(green + grey + yellow + red), 0) FROM venue_hour)::bigint
        + (SELECT COALESCE(sum(length(venues) / 16), 0) FROM visit_uncounted)::bigint";

/// The code of the unit whose venues these are.
pub const LANDLORD: &str = "91310101MA1FP8KX8X";

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
    /// A venue of that kind in Huangpu, whose code counts. All are of one unit, whose legal person is Zhang.
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
        let organisation = self.landlord().await;
        let mut row = venue::Model {
            id: VenueId(OsEntropy.id()),
            organisation_id: organisation,
            name: "人民广场书店".into(),
            category,
            division: huangpu(),
            address: "南京东路 100 号".into(),
            state: VenueState::Active,
            suspension: None,
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

    /// The unit whose venues these are. Its legal person is Zhang.
    async fn landlord(&self) -> OrganisationId {
        let code = SocialCreditCode::parse(LANDLORD).expect("a code");
        let known = organisation::Entity::find()
            .filter(organisation::Column::CreditCode.eq(code))
            .one(&self.deps.db)
            .await
            .expect("the database answers");
        match known {
            Some(unit) => unit.id,
            None => self.organisation(LANDLORD).await,
        }
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
