//! What is asked and answered at gates.

use chrono::{DateTime, Utc};
use entity::{
    checkpoint, device,
    values::{
        CheckpointId, Colour, DeviceId, Division, GateDecision, GateMark, GateReason, Plate,
        SectionCode, VenueId,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{records::ToldPerson, travel::Position, words::Spoken};
use crate::{
    facts::Finding,
    http::body::visible_ascii,
    roads::{Hours, Route},
};

/// Where a gate is (WGS 84), in degrees.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GatePosition)]
pub(super) struct PositionView {
    /// To the east.
    #[validate(range(min = -180.0, max = 180.0))]
    #[schema(minimum = -180.0, maximum = 180.0, example = 121.1084)]
    longitude: f64,
    /// To the north.
    #[validate(range(min = -90.0, max = 90.0))]
    #[schema(minimum = -90.0, maximum = 90.0, example = 31.3052)]
    latitude: f64,
}

impl PositionView {
    /// The same as it is kept.
    pub(super) fn position(self) -> Option<Position> {
        Position::at(self.longitude, self.latitude)
    }

    fn stored(longitude_e6: Option<i32>, latitude_e6: Option<i32>) -> Option<Self> {
        let (longitude, latitude) = Position::stored(longitude_e6, latitude_e6)?.degrees();
        Some(Self {
            longitude,
            latitude,
        })
    }
}

/// A post to set up.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckpointRequest {
    /// What those call it who stand there.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, example = "沪宁高速花桥道口")]
    pub(super) name: String,
    /// The county or district that it lies in.
    pub(super) division: Division,
    /// The stretch of road, in words.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200, example = "G2 K1128 入城方向")]
    pub(super) road_section: String,
    /// The same in the catalogue of sections that take a pass: passes of vehicles are compared with it.
    #[serde(default)]
    pub(super) section: Option<SectionCode>,
    /// Where it is. Without it nobody notices who is there and far away at the same time.
    #[serde(default)]
    #[validate(nested)]
    pub(super) position: Option<PositionView>,
}

/// A post on the road.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CheckpointView {
    /// Which.
    pub(super) id: CheckpointId,
    /// What those call it who stand there.
    name: String,
    /// The county or district that it lies in.
    division: Division,
    /// The stretch of road, in words.
    road_section: String,
    /// The same in the catalogue of sections that take a pass. Null if it is none of those.
    section: Option<SectionCode>,
    /// Where it is. Null if nobody said.
    position: Option<PositionView>,
    /// When it was set up.
    created_at: DateTime<Utc>,
}

impl From<checkpoint::Model> for CheckpointView {
    fn from(row: checkpoint::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            division: row.division,
            road_section: row.road_section,
            section: row.section,
            position: PositionView::stored(row.longitude_e6, row.latitude_e6),
            created_at: row.created_at,
        }
    }
}

/// A device to set up: at the door of a venue, or at a post.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeviceRequest {
    /// What its people call it.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64, example = "北门闸机 2")]
    pub(super) name: String,
    /// The venue at whose door it stands.
    #[serde(default)]
    pub(super) venue: Option<VenueId>,
    /// The post that it belongs to.
    #[serde(default)]
    pub(super) checkpoint: Option<CheckpointId>,
    /// Where it stands. Left out at a post: where the post is.
    #[serde(default)]
    #[validate(nested)]
    pub(super) position: Option<PositionView>,
    /// False where nobody can take a temperature: there a green code does without. Everywhere else nobody goes
    /// through whose temperature was not taken.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub(super) thermometer: bool,
}

const fn yes() -> bool {
    true
}

/// How a device stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum DeviceState {
    /// It has yet to bring its key.
    Expected,
    /// It works.
    Enrolled,
    /// Nobody believes it any more.
    Revoked,
}

/// A device at a gate.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeviceView {
    /// Which.
    id: DeviceId,
    /// What its people call it.
    name: String,
    /// The venue at whose door it stands.
    venue: Option<VenueId>,
    /// The post that it belongs to.
    checkpoint: Option<CheckpointId>,
    /// Where it stands. Null if nobody said, or its post says.
    position: Option<PositionView>,
    /// Whether a temperature can be taken there.
    thermometer: bool,
    /// How it stands.
    state: DeviceState,
    /// When it was last heard of.
    seen_at: Option<DateTime<Utc>>,
    /// The version of the bundle that it said it has.
    bundle_version: Option<i64>,
    /// How many records it said wait to be delivered.
    waiting: Option<i64>,
    /// When it was revoked.
    revoked_at: Option<DateTime<Utc>>,
}

impl From<device::Model> for DeviceView {
    fn from(row: device::Model) -> Self {
        let state = match (row.revoked_at, row.public_key) {
            (Some(_), _) => DeviceState::Revoked,
            (None, Some(_)) => DeviceState::Enrolled,
            (None, None) => DeviceState::Expected,
        };
        Self {
            id: row.id,
            name: row.name,
            venue: row.venue_id,
            checkpoint: row.checkpoint_id,
            position: PositionView::stored(row.longitude_e6, row.latitude_e6),
            thermometer: row.thermometer,
            state,
            seen_at: row.seen_at,
            bundle_version: row.bundle_version,
            waiting: row.waiting,
            revoked_at: row.revoked_at,
        }
    }
}

/// A device that is expected.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExpectedDeviceView {
    /// The device.
    pub(super) device: DeviceView,
    /// Type or scan this into the device: it works once.
    pub(super) enrolment_code: String,
    /// Until when.
    pub(super) enrolment_until: DateTime<Utc>,
}

/// A device that brings its key.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DeviceEnrolmentRequest)]
pub(super) struct EnrolmentRequest {
    /// The one-time code.
    #[validate(length(min = 1, max = 32), custom(function = "visible_ascii"))]
    #[schema(min_length = 1, max_length = 32, example = "7K3M-9QXD-42TP")]
    pub(super) code: String,
    /// The base64 of the device's Ed25519 public key.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64)]
    pub(super) public_key: String,
    /// The base64 of that key's signature of `tongxing-device-enrolment-v1`, a line feed and the code.
    #[validate(length(min = 1, max = 128))]
    #[schema(min_length = 1, max_length = 128)]
    pub(super) proof: String,
}

/// What a device is from now on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EnrolledDeviceView {
    /// Its id: the `keyid` of its signatures.
    pub(super) id: DeviceId,
    /// What its people call it.
    pub(super) name: String,
    /// The venue at whose door it stands.
    pub(super) venue: Option<VenueId>,
    /// The post that it belongs to.
    pub(super) checkpoint: Option<CheckpointId>,
    /// Whether a temperature can be taken there.
    pub(super) thermometer: bool,
    /// The server's time.
    pub(super) now: DateTime<Utc>,
}

/// What a device says of itself.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HeartbeatRequest {
    /// The version of the bundle that it has.
    #[serde(default)]
    #[validate(range(min = 0))]
    #[schema(minimum = 0)]
    pub(super) bundle_version: Option<i64>,
    /// How many records wait to be delivered.
    #[validate(range(min = 0))]
    #[schema(minimum = 0)]
    pub(super) waiting: i64,
}

/// What a device goes by.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeartbeatView {
    /// The server's time, to set its clock by.
    pub(super) now: DateTime<Utc>,
    /// The version of the bundle that there is.
    pub(super) bundle_version: i64,
}

/// Somebody, or several, to verify.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GateRequest {
    /// The device's own number of this, from 1, for calls and for records that it keeps alike: the same
    /// with the same number is on record once, and something else with it is refused.
    #[validate(range(min = 1))]
    #[schema(minimum = 1)]
    pub(super) seq: i64,
    /// When it happened.
    pub(super) captured_at: DateTime<Utc>,
    /// The vehicle's plate, which its pass is compared with; or, where it has none, its temporary number or its
    /// own.
    #[serde(default)]
    #[validate(length(min = 1, max = 17))]
    #[schema(min_length = 1, max_length = 17, example = "沪A12345")]
    pub(super) plate: Option<String>,
    /// Everybody, the driver of a vehicle included.
    #[validate(length(min = 1, max = 60), nested)]
    #[schema(min_items = 1, max_items = 60)]
    pub(super) people: Vec<GatePerson>,
}

/// What one person, or one family, shows. Either `code` or `id_card`.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GatePerson {
    /// The text of the symbol: a personal code (`JK1:`), a pass card, a permit to work or the pass of a
    /// vehicle (`TX1:`), or a family code, which has the codes of up to nine people, a line each. The pass of a
    /// vehicle stands for everybody whom it names.
    #[serde(default)]
    #[validate(length(min = 1, max = 2400))]
    #[schema(min_length = 1, max_length = 2400)]
    pub(super) code: Option<String>,
    /// The last four characters of the document that somebody shows with a card on paper.
    #[serde(default)]
    #[validate(length(min = 1, max = 4))]
    #[schema(min_length = 1, max_length = 4, example = "0019")]
    pub(super) document_last4: Option<String>,
    /// What the reader read of an ID card.
    #[serde(default)]
    #[validate(nested)]
    pub(super) id_card: Option<IdCard>,
    /// The temperature in degrees Celsius: of a family code, and of the pass of a vehicle for those whom it
    /// names and who show nothing, the highest. Nobody goes through without one, but for a green code at a
    /// gate that has no thermometer.
    #[serde(default)]
    #[schema(minimum = 30.0, maximum = 45.0, example = 36.5)]
    pub(super) temperature: Option<f64>,
}

/// What a reader read of an ID card.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IdCard {
    /// Its number.
    #[validate(length(min = 1, max = 18))]
    #[schema(min_length = 1, max_length = 18, example = "310101199003070019")]
    pub(super) number: String,
}

impl std::fmt::Debug for IdCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdCard(***)")
    }
}

/// A test, as a gate shows it.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(super) struct GateTestView {
    /// When the sample was taken.
    pub(super) sampled_at: DateTime<Utc>,
    /// What it says.
    pub(super) result: Finding,
}

/// What a gate does with one person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GatePersonView {
    /// What to do.
    pub(super) decision: GateDecision,
    /// Why.
    pub(super) reason: GateReason,
    /// What to say aloud.
    pub(super) say: Spoken,
    /// The name as bystanders may see it. Null where nobody is known.
    pub(super) masked_name: Option<String>,
    /// The colour now, whatever the code says. Null where nobody is known.
    pub(super) colour: Option<Colour>,
    /// The latest test.
    pub(super) latest_test: Option<GateTestView>,
    /// True if this was read here a moment ago: it is not on record twice.
    pub(super) repeated: bool,
    /// What makes it worth another look, if something does: the gate may show it in amber. It changes nobody's
    /// colour.
    pub(super) mark: Option<GateMark>,
    /// Whether they showed nothing, and are here because the pass of the vehicle names them: compare faces.
    pub(super) named_by_pass: bool,
    /// The permit to work that they showed. Null if they showed none.
    pub(super) work: Option<GateWorkView>,
}

/// A permit to work, as a gate shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct GateWorkView {
    /// Its number.
    pub(super) number: String,
    /// Where its holder works.
    pub(super) employer: String,
    /// The last four characters of the holder's document.
    pub(super) document_last4: String,
    /// When its days are over.
    pub(super) valid_until: DateTime<Utc>,
}

/// What a gate does with a vehicle by its pass.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GateVehicleView {
    /// What to do with the vehicle, whoever is in it.
    pub(super) decision: GateDecision,
    /// Why.
    pub(super) reason: GateReason,
    /// What to say aloud.
    pub(super) say: Spoken,
    /// The number of the pass. Null where it is none of ours.
    pub(super) number: Option<String>,
    /// Whose plate it is for. Null also for a vehicle that has none yet.
    pub(super) plate: Option<Plate>,
    /// What a vehicle that has no plate yet is called. Null otherwise.
    pub(super) temporary_number: Option<String>,
    /// Where it may drive.
    pub(super) route: Option<Route>,
    /// When.
    pub(super) hours: Option<Hours>,
    /// The first moment that it is good.
    pub(super) valid_from: Option<DateTime<Utc>>,
    /// The first moment that it is not good any more.
    pub(super) valid_until: Option<DateTime<Utc>>,
    /// How many it names, the driver included.
    pub(super) aboard: Option<usize>,
}

/// What a gate does.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GateView {
    /// What to do with all of them together.
    pub(super) decision: GateDecision,
    /// Why.
    pub(super) reason: GateReason,
    /// What to say aloud.
    pub(super) say: Spoken,
    /// Each, in their order; a family code stands for as many as it has. Behind them come those whom the
    /// pass of the vehicle names and who showed nothing.
    pub(super) people: Vec<GatePersonView>,
    /// The vehicle, where its pass was shown.
    pub(super) vehicle: Option<GateVehicleView>,
    /// The server's time of this answer.
    pub(super) checked_at: DateTime<Utc>,
    /// True if no store answers, and a colour is what was known before.
    pub(super) stale: bool,
}

/// A record that a device kept and signed. The signature is over `tongxing-gate-record-v1`, a line feed, and
/// the record without `sig` in the JSON Canonicalization Scheme (RFC 8785).
#[derive(ToSchema)]
#[schema(as = GateRecord)]
#[expect(dead_code, reason = "read as `Signed`")]
pub(super) struct RecordSchema {
    /// When it happened, in RFC 3339.
    #[schema(example = "2026-03-02T12:00:00.000Z")]
    captured_at: String,
    /// Which device.
    device: DeviceId,
    /// Who stood before it.
    #[schema(min_items = 1, max_items = 60)]
    people: Vec<ToldPerson>,
    /// The vehicle's plate.
    #[schema(max_length = 16, required = false)]
    plate: Option<String>,
    /// The device's own number of this, which no other record and no call of it has.
    #[schema(minimum = 1)]
    seq: i64,
    /// The base64 of the device's Ed25519 signature.
    sig: String,
}

/// What became of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Delivered {
    /// It is on record now.
    Stored,
    /// The same was before.
    Known,
    /// It never will be.
    Refused,
}

/// Why a record is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RecordFault {
    /// It has not the form of a record.
    Malformed,
    /// It is another device's.
    OtherDevice,
    /// Its signature does not fit: something of it was changed.
    Tampered,
    /// It is said to have happened later than now.
    Future,
    /// It is said to have happened before the device had its key.
    BeforeEnrolment,
    /// It is said to have happened earlier than what has a lower number, or later than what has a higher one.
    OutOfOrder,
    /// No person has such a temperature.
    Temperature,
    /// It tells of nobody, or of more people than fit in a coach.
    People,
    /// The device said something else with its number, and that is on record.
    Conflict,
}

/// What became of the records of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeliveryView {
    /// Each record, in the order of the batch.
    pub(super) records: Vec<DeliveredView>,
    /// How many were stored.
    pub(super) stored: usize,
    /// How many were known.
    pub(super) known: usize,
    /// How many were refused.
    pub(super) refused: usize,
}

/// What became of one record.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(super) struct DeliveredView {
    /// Its number. Null where it has none that can be read.
    pub(super) seq: Option<i64>,
    /// What became of it.
    pub(super) outcome: Delivered,
    /// Why it was refused. Null otherwise.
    pub(super) fault: Option<RecordFault>,
}

/// Which numbers to look at.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MissingParams {
    /// The first.
    #[validate(range(min = 1))]
    #[serde(default = "first")]
    #[param(minimum = 1, default = 1)]
    pub(super) from: i64,
    /// The last: at most 100,000 further on.
    #[validate(range(min = 1))]
    #[param(minimum = 1)]
    pub(super) upto: i64,
}

const fn first() -> i64 {
    1
}

/// Which records are not here.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MissingView {
    /// Stretches of numbers that no record is here with, in order.
    pub(super) missing: Vec<StretchView>,
    /// The last number that was looked at: go on behind it.
    pub(super) upto: i64,
}

/// Numbers in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct StretchView {
    /// The first.
    pub(super) from: i64,
    /// The last.
    pub(super) upto: i64,
}
