//! What is answered, in words.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    values::{Assurance, Colour, LookedUpBy, PersonId, VenueCategory, VenueId, VisitWay},
    venue_hour, visit, visit_deletion, visitor_look_up,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::arrival::Registered;
use crate::{
    health_code::{LatestTest, LiveColour, name_of},
    http::problem::{Language, Text},
    venues::{Door, Word},
};

/// A visit that is on record.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VisitView {
    /// Where.
    pub(super) venue: VenueAtDoor,
    /// The word that the venue's own screen shows in this minute, too. A page that only looks like this
    /// one does not know it.
    pub(super) word: Word,
    /// How sure it is that they were there. What says `static_only` never worsens a colour.
    pub(super) assurance: Assurance,
    /// Who scanned.
    pub(super) visitor: VisitorView,
    /// Those with them, in the order of the request; nobody twice.
    pub(super) companions: Vec<VisitorView>,
}

/// A venue, as its visitors know it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VenueAtDoor {
    /// Which.
    id: VenueId,
    /// What it is called.
    #[schema(value_type = String)]
    name: Arc<str>,
    /// Its kind.
    category: VenueCategory,
}

/// A visitor, as staff at the door see them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VisitorView {
    /// Who.
    person: PersonId,
    /// What their code shows.
    colour: Colour,
    /// The same in words.
    colour_text: &'static str,
    /// Their latest nucleic-acid test. Null while none is recorded.
    latest_test: Option<LatestTest>,
    /// True if no store answers and the colour is what was known before.
    stale: bool,
    /// Since when they are there.
    registered_at: DateTime<Utc>,
    /// Whether they had come already, a moment ago: nothing was added.
    repeated: bool,
}

impl VenueAtDoor {
    pub(super) fn of(door: &Door) -> Self {
        Self {
            id: door.venue,
            name: Arc::clone(&door.name),
            category: door.category,
        }
    }
}

impl VisitorView {
    pub(super) fn new(
        person: PersonId,
        live: LiveColour,
        visit: Registered,
        language: Language,
    ) -> Self {
        Self {
            person,
            colour: live.colour,
            colour_text: name_of(live.colour).in_language(language),
            latest_test: live.latest_test.map(LatestTest::of),
            stale: live.stale,
            registered_at: visit.at,
            repeated: visit.repeated,
        }
    }
}

/// A visitor whom staff of the venue wrote down.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HandView {
    /// Their name as bystanders may see it. Null for whom we do not know, and before it is verified.
    masked_name: Option<String>,
    /// What their code shows. Null for whom we do not know.
    colour: Option<Colour>,
    /// The same in words.
    colour_text: Option<&'static str>,
    /// Their latest nucleic-acid test. Null while none is recorded, and of whom only a phone number was said.
    latest_test: Option<LatestTest>,
    /// Since when they are there.
    registered_at: DateTime<Utc>,
    /// Whether they had come already, a moment ago: nothing was added.
    repeated: bool,
}

impl HandView {
    pub(super) fn new(
        masked_name: Option<String>,
        live: Option<LiveColour>,
        visit: Registered,
        language: Language,
    ) -> Self {
        Self {
            masked_name,
            colour: live.map(|live| live.colour),
            colour_text: live.map(|live| name_of(live.colour).in_language(language)),
            latest_test: live.and_then(|live| live.latest_test).map(LatestTest::of),
            registered_at: visit.at,
            repeated: visit.repeated,
        }
    }
}

/// How many came.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VisitCountView)]
pub(super) struct CountView {
    /// The local day.
    pub(super) day: NaiveDate,
    /// The local hour, 0 to 23. Null of a whole day.
    pub(super) hour: Option<i16>,
    /// How many came.
    pub(super) total: u64,
    /// Who showed green.
    pub(super) green: u64,
    /// Who showed grey.
    pub(super) grey: u64,
    /// Who showed yellow.
    pub(super) yellow: u64,
    /// Who showed red.
    pub(super) red: u64,
}

impl CountView {
    pub(super) fn of_hour(hour: &venue_hour::Model) -> Self {
        Self {
            hour: Some(hour.hour),
            ..Self::of_day(hour.day, std::iter::once(hour))
        }
    }

    pub(super) fn of_day<'a>(
        day: NaiveDate,
        hours: impl Iterator<Item = &'a venue_hour::Model>,
    ) -> Self {
        let number = |count: i32| u64::try_from(count).unwrap_or_default();
        let nobody = Self {
            day,
            hour: None,
            total: 0,
            green: 0,
            grey: 0,
            yellow: 0,
            red: 0,
        };
        hours.fold(nobody, |sum, hour| {
            let [green, grey, yellow, red] =
                [hour.green, hour.grey, hour.yellow, hour.red].map(number);
            Self {
                total: sum.total + green + grey + yellow + red,
                green: sum.green + green,
                grey: sum.grey + grey,
                yellow: sum.yellow + yellow,
                red: sum.red + red,
                ..sum
            }
        })
    }
}

/// A visit, as the unit sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VisitRecordView)]
pub(super) struct RecordView {
    /// When they came.
    pub(super) at: DateTime<Utc>,
    /// When they said that they left. Null while they did not.
    pub(super) left_at: Option<DateTime<Utc>>,
    /// Their name, masked. Null before it is verified.
    pub(super) name: Option<String>,
    /// What they showed.
    pub(super) colour: Colour,
    /// How sure it is that they were there.
    pub(super) assurance: Assurance,
    /// How it came to be written down.
    pub(super) way: VisitWay,
}

impl RecordView {
    pub(super) fn new(visit: &visit::Model, name: Option<String>) -> Self {
        Self {
            at: visit.at,
            left_at: visit.left_at,
            name,
            colour: visit.colour,
            assurance: visit.assurance,
            way: visit.way,
        }
    }
}

/// How a visit came to be written down, in words.
pub(super) fn way_text(way: VisitWay) -> Text {
    match way {
        VisitWay::Scan => Text::new("本人扫码", "Scanned"),
        VisitWay::Companion => Text::new("同行代扫", "Scanned by a companion"),
        VisitWay::Hand => Text::new("人工登记", "By hand"),
        VisitWay::Device => Text::new("设备核验", "By a device"),
    }
}

/// That staff of a venue looked somebody up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VisitorLookUpView)]
pub(super) struct LookUpView {
    /// Which venue.
    venue: VenueId,
    /// What it is called.
    #[schema(example = "人民广场书店")]
    venue_name: String,
    /// By what.
    by: LookedUpBy,
    /// When.
    at: DateTime<Utc>,
}

impl LookUpView {
    pub(super) fn new(row: &visitor_look_up::Model, venue_name: String) -> Self {
        Self {
            venue: row.venue_id,
            venue_name,
            by: row.by,
            at: row.at,
        }
    }
}

/// Where somebody was looked up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VisitorLookUpsView)]
pub(super) struct LookUpsView {
    /// The newest first, a hundred at the most.
    pub(super) items: Vec<LookUpView>,
}

/// That the visits of a day were deleted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VisitDeletionView)]
pub(super) struct DeletionView {
    /// The local day.
    day: NaiveDate,
    /// How many there were.
    visits: i64,
    /// When the first one was. Null if there was none.
    first_at: Option<DateTime<Utc>>,
    /// When the last one was.
    last_at: Option<DateTime<Utc>>,
    /// The root of the Merkle tree of all of them, in hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    root: String,
    /// The receipt: all of that in a tagged `COSE_Sign1`, in base45 after its prefix.
    #[schema(pattern = "^PD1:[0-9A-Z $%*+./:-]+$")]
    receipt: String,
    /// When they were deleted.
    deleted_at: DateTime<Utc>,
}

impl DeletionView {
    pub(super) fn of(deletion: visit_deletion::Model) -> Self {
        Self {
            day: deletion.day,
            visits: deletion.visits,
            first_at: deletion.first_at,
            last_at: deletion.last_at,
            root: hex::encode(deletion.root),
            receipt: deletion.receipt,
            deleted_at: deletion.deleted_at,
        }
    }
}
