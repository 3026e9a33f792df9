//! What can keep a gate from working.

use std::{borrow::Cow, time::Duration};

use actix_web::http::StatusCode;
use sea_orm::DbErr;

use super::signature::Unfit;
use crate::{
    control_actions,
    credentials::{RecordsError, keyring::NoKey},
    health_code,
    http::{
        idempotency,
        problem::{
            Fault, FieldFault, INTERNAL, INVALID_REQUEST, Kind, NOT_FOUND, Text, UNAUTHENTICATED,
            UNAVAILABLE,
        },
    },
    pass_cards,
    platform::{db::is_outage, vault::Sealed},
    vehicle_passes, venues, visits,
};

/// Something at a gate did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The call is not signed.
    #[error("not signed")]
    Unsigned,
    /// The signature is not of the profile, not by the device, or not of this call.
    #[error("the signature does not fit")]
    Signature,
    /// The device's clock differs too much from ours.
    #[error("signed at another time")]
    Stale,
    /// The same call was made before.
    #[error("the same call was made before")]
    Replayed,
    /// Nobody believes the device any more.
    #[error("the device is revoked")]
    Revoked,
    /// The venue at whose door the device stands has no code that counts.
    #[error("the venue is not open for visits")]
    VenueNotActive,
    /// No such enrolment code, or its time is over, or somebody used it.
    #[error("no such enrolment code")]
    NoSuchCode,
    /// Too many enrolment codes were tried from there.
    #[error("too many tries")]
    TooMany(Duration),
    /// What is to be the device's key is none, or does not prove itself.
    #[error("not a device key with its proof")]
    Key,
    /// A thermometer does not read that of a person.
    #[error("not the temperature of a person")]
    Temperature(usize),
    /// It is said to happen later.
    #[error("captured in the future")]
    Future,
    /// The device said something else with this number.
    #[error("the number is something else's")]
    Taken,
    /// A family code of more people than a family has, or of none.
    #[error("not a family code")]
    Family(usize),
    /// Neither a code nor an ID card, or both.
    #[error("a code or an ID card")]
    Means(usize),
    /// The pass of a second vehicle.
    #[error("the passes of two vehicles")]
    SecondPass(usize),
    /// A pass of a vehicle.
    #[error(transparent)]
    Vehicle(#[from] vehicle_passes::Error),
    /// No such document number.
    #[error("not a document number")]
    Document(usize),
    /// More people than fit in a coach.
    #[error("too many people")]
    Crowd,
    /// The device delivered as many records as it may in an hour.
    #[error("as many records as an hour has")]
    TooManyRecords(Duration),
    /// More records than a batch has.
    #[error("too many records")]
    Batch,
    /// A batch is neither lines of JSON nor an array.
    #[error("not a batch")]
    NoBatch,
    /// Nothing to bind a device to, or two things.
    #[error("a device is bound to a venue or a post")]
    Binding,
    /// No such post or venue within reach.
    #[error("no such place")]
    NoSuchPlace(&'static str),
    /// No such device, or not for this caller.
    #[error("no such device")]
    NoSuchDevice,
    /// No such post, or not for this caller.
    #[error("no such post")]
    NoSuchCheckpoint,
    /// The division is none, or not one of the caller's.
    #[error("no such division")]
    Division,
    /// Nothing to make a bundle with.
    #[error(transparent)]
    NoKey(#[from] NoKey),
    /// A colour.
    #[error(transparent)]
    Code(#[from] health_code::Error),
    /// A card.
    #[error(transparent)]
    Card(#[from] pass_cards::Error),
    /// How permits stand.
    #[error(transparent)]
    Permits(#[from] RecordsError),
    /// A venue.
    #[error(transparent)]
    Venue(#[from] venues::Error),
    /// A report to the headquarters.
    #[error(transparent)]
    Report(#[from] control_actions::Error),
    /// A visit.
    #[error(transparent)]
    Visit(#[from] visits::Error),
    /// Too much waits to be written down.
    #[error("too much waits to be written down")]
    Full,
    /// The request's key.
    #[error(transparent)]
    Idempotency(#[from] idempotency::Error),
    /// Who somebody is.
    #[error(transparent)]
    Person(#[from] crate::identity::KeyError),
    /// What is stored does not open.
    #[error("what is stored does not open")]
    Damaged(#[from] Sealed),
    /// The database failed.
    #[error("the store of gates failed")]
    Store(#[from] DbErr),
}

impl From<Unfit> for Error {
    fn from(_: Unfit) -> Self {
        Self::Signature
    }
}

const fn kind(slug: &'static str, status: StatusCode, zh: &'static str, en: &'static str) -> Kind {
    Kind {
        slug,
        status,
        title: Text::new(zh, en),
    }
}

const SIGNATURE: Kind = kind(
    "device-signature-invalid",
    StatusCode::UNAUTHORIZED,
    "设备签名无效",
    "The device's signature is not valid",
);
const STALE: Kind = kind(
    "device-signature-stale",
    StatusCode::UNAUTHORIZED,
    "设备时间不准，请校时后重试",
    "The device's clock is wrong; set it and try again",
);
const REPLAYED: Kind = kind(
    "device-call-replayed",
    StatusCode::CONFLICT,
    "该请求已处理，请使用新的随机数",
    "This call was made before; a new one takes a new nonce",
);
const REVOKED: Kind = kind(
    "device-revoked",
    StatusCode::FORBIDDEN,
    "该设备已停用",
    "This device is revoked",
);
const VENUE: Kind = kind(
    "device-venue-not-active",
    StatusCode::FORBIDDEN,
    "该设备所在场所的场所码已停用",
    "The venue of this device has no code that counts",
);
const NO_CODE: Kind = kind(
    "enrolment-code-invalid",
    StatusCode::FORBIDDEN,
    "登记码无效或已过期",
    "The enrolment code is not valid any more",
);
const TOO_MANY: Kind = kind(
    "too-many-tries",
    StatusCode::TOO_MANY_REQUESTS,
    "尝试次数过多，请稍后再试",
    "Too many tries; please try again later",
);
const KEY: Kind = kind(
    "device-key-invalid",
    StatusCode::UNPROCESSABLE_ENTITY,
    "设备公钥或证明无效",
    "The device's key, or its proof, is not valid",
);
const TEMPERATURE: Kind = kind(
    "temperature-not-plausible",
    StatusCode::UNPROCESSABLE_ENTITY,
    "体温读数不合理，请重新测量",
    "No person has this temperature; please take it again",
);
const FUTURE: Kind = kind(
    "captured-in-the-future",
    StatusCode::UNPROCESSABLE_ENTITY,
    "采集时间晚于当前时间",
    "It is said to have happened later than now",
);
const TAKEN: Kind = kind(
    "gate-number-taken",
    StatusCode::CONFLICT,
    "该序号已用于另一次核验，请使用新的序号",
    "This number is another verification's; a new one takes a new number",
);
const FAMILY: Kind = kind(
    "family-code-invalid",
    StatusCode::UNPROCESSABLE_ENTITY,
    "家庭码须含一至九个健康码",
    "A family code has the codes of one to nine people",
);
const CROWD: Kind = kind(
    "too-many-people",
    StatusCode::UNPROCESSABLE_ENTITY,
    "一次最多核验六十人",
    "At most sixty people are verified at a time",
);
const BATCH: Kind = kind(
    "batch-too-large",
    StatusCode::PAYLOAD_TOO_LARGE,
    "一批最多一千条记录",
    "A batch has at most a thousand records",
);
const TOO_MANY_RECORDS: Kind = kind(
    "too-many-records",
    StatusCode::TOO_MANY_REQUESTS,
    "本小时上传记录过多，请稍后续传",
    "As many records as a device delivers in an hour; please go on later",
);
const NO_BATCH: Kind = kind(
    "batch-unreadable",
    StatusCode::BAD_REQUEST,
    "批次须为 JSON 数组或逐行 JSON",
    "A batch is an array of JSON, or a line of JSON for each record",
);

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Unsigned => UNAUTHENTICATED,
            Self::Signature => SIGNATURE,
            Self::Stale => STALE,
            Self::Replayed => REPLAYED,
            Self::Revoked => REVOKED,
            Self::VenueNotActive => VENUE,
            Self::NoSuchCode => NO_CODE,
            Self::TooMany(_) => TOO_MANY,
            Self::Key => KEY,
            Self::Temperature(_) => TEMPERATURE,
            Self::Future => FUTURE,
            Self::Taken => TAKEN,
            Self::Family(_) => FAMILY,
            Self::Crowd => CROWD,
            Self::TooManyRecords(_) => TOO_MANY_RECORDS,
            Self::Batch => BATCH,
            Self::NoBatch => NO_BATCH,
            Self::Means(_)
            | Self::Document(_)
            | Self::SecondPass(_)
            | Self::Binding
            | Self::NoSuchPlace(_)
            | Self::Division => INVALID_REQUEST,
            Self::NoSuchDevice | Self::NoSuchCheckpoint => NOT_FOUND,
            Self::NoKey(_) | Self::Full => UNAVAILABLE,
            Self::Code(error) => error.kind(),
            Self::Card(error) => error.kind(),
            Self::Vehicle(error) => error.kind(),
            Self::Permits(error) => error.kind(),
            Self::Venue(error) => error.kind(),
            Self::Report(error) => error.kind(),
            Self::Visit(error) => error.kind(),
            Self::Idempotency(error) => error.kind(),
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Person(_) | Self::Damaged(_) | Self::Store(_) => INTERNAL,
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        let (field, code, zh, en): (Cow<'static, str>, _, _, _) = match self {
            Self::Temperature(at) => (
                format!("people[{at}].temperature").into(),
                "range",
                "须在 30.0 至 45.0 之间",
                "must be between 30.0 and 45.0",
            ),
            Self::Future => (
                "captured_at".into(),
                "future",
                "不能晚于当前时间",
                "must not be in the future",
            ),
            Self::Taken => (
                "seq".into(),
                "taken",
                "已用于另一次核验",
                "is another verification's",
            ),
            Self::Family(at) => (
                format!("people[{at}].code").into(),
                "length",
                "须含一至九个健康码，每行一个",
                "must hold one to nine codes, a line each",
            ),
            Self::Means(at) => (
                format!("people[{at}].code").into(),
                "either",
                "须且仅须出示 code 或 id_card 之一",
                "either code or id_card must be given, and not both",
            ),
            Self::Document(at) => (
                format!("people[{at}].id_card.number").into(),
                "document",
                "不是有效的居民身份证号码",
                "is not the number of a resident card",
            ),
            Self::SecondPass(at) => (
                format!("people[{at}].code").into(),
                "repeated",
                "一次只能核验一辆车的通行证",
                "is the pass of a second vehicle",
            ),
            Self::Crowd => (
                "people".into(),
                "length",
                "须为一至六十人",
                "must be one to sixty people",
            ),
            Self::Binding => (
                "venue".into(),
                "either",
                "须且仅须指定 venue 或 checkpoint 之一",
                "either venue or checkpoint must be given, and not both",
            ),
            Self::NoSuchPlace(field) => (
                (*field).into(),
                "unknown",
                "没有找到，或不在您的辖区",
                "is not known, or lies outside of your region",
            ),
            Self::Division => (
                "division".into(),
                "unknown",
                "须为您辖区内的县级区划",
                "must be a county or district of your region",
            ),
            Self::Key => (
                "public_key".into(),
                "proof",
                "须为 Ed25519 公钥，并以其私钥证明",
                "must be an Ed25519 key that proves itself",
            ),
            _ => return Vec::new(),
        };
        vec![FieldFault::new(field, code, Text::new(zh, en))]
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooMany(wait) | Self::TooManyRecords(wait) => Some(*wait),
            Self::Full => Some(Duration::from_secs(1)),
            Self::Visit(error) => error.retry_after(),
            _ => None,
        }
    }
}
