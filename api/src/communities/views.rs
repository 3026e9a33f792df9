//! What is answered, and what is asked for.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    community, coverage_gap, duty_sign_in,
    values::{Community, Division, Gap, StaffId},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::rules::{Flaw, Line, Office};
use crate::http::page::{Page, usual};

/// A community or village, and where it handles passes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CommunityView {
    /// Its code.
    code: Community,
    /// The county or district that it lies in.
    division: Division,
    /// Its name.
    #[schema(example = "泉城路社区")]
    name: String,
    /// Where passes are handled.
    #[schema(example = "济南市历下区泉城路1号")]
    address: String,
    /// The telephone of the office.
    #[schema(example = "0531-86000000")]
    telephone: String,
    /// When somebody is there, in words.
    #[schema(example = "工作日 9:00–12:00，13:00–17:00")]
    hours: String,
    /// Since when this is so.
    saved_at: DateTime<Utc>,
    /// Since when nobody applies there any more. Null while people do.
    closed_at: Option<DateTime<Utc>>,
}

impl From<community::Model> for CommunityView {
    fn from(row: community::Model) -> Self {
        Self {
            code: row.code,
            division: row.division,
            name: row.name,
            address: row.address,
            telephone: row.telephone,
            hours: row.hours,
            saved_at: row.saved_at,
            closed_at: row.closed_at,
        }
    }
}

/// Where people complain of what is done in a division.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LineView {
    /// Whose line.
    pub(super) division: Division,
    /// The division's name.
    #[schema(example = "历下区")]
    pub(super) name: &'static str,
    /// The telephone. Null where none is published.
    #[schema(example = "0531-12345")]
    pub(super) telephone: Option<String>,
    /// When somebody answers, in words. Null where no telephone is published.
    pub(super) hours: Option<String>,
}

/// Where people of a division apply, and where they complain.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DirectoryView {
    /// The division.
    pub(super) division: Division,
    /// Its name with those around it.
    #[schema(example = "山东省济南市历下区")]
    pub(super) full_name: String,
    /// Complaint lines of the division and of those around it, that of the province last. A level that
    /// published none is there without a telephone.
    pub(super) complaint_lines: Vec<LineView>,
    /// The first of these levels that published a line. Null if none did.
    pub(super) complain_to: Option<Division>,
    /// Its communities, by code. Closed ones are left out.
    pub(super) communities: Page<CommunityView>,
}

/// What is published of a community.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CommunityRequest {
    /// Its name.
    #[schema(min_length = 1, max_length = 60, example = "泉城路社区")]
    name: String,
    /// Where passes are handled.
    #[schema(min_length = 1, max_length = 200, example = "济南市历下区泉城路1号")]
    address: String,
    /// The telephone of the office: a line with its area code, or a hotline. Never a mobile phone.
    #[schema(min_length = 1, max_length = 32, example = "0531-86000000")]
    telephone: String,
    /// When somebody is there, in words.
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "工作日 9:00–12:00，13:00–17:00"
    )]
    hours: String,
}

impl CommunityRequest {
    pub(super) fn office(&self) -> Result<Office, Vec<Flaw>> {
        Office::check(&self.name, &self.address, &self.telephone, &self.hours)
    }
}

/// Where people complain of what is done in a division.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LineRequest {
    /// A line with its area code, or a hotline. Never a mobile phone.
    #[schema(min_length = 1, max_length = 32, example = "0531-12345")]
    telephone: String,
    /// When somebody answers, in words.
    #[schema(min_length = 1, max_length = 200, example = "全天")]
    hours: String,
}

impl LineRequest {
    pub(super) fn line(&self) -> Result<Line, Vec<Flaw>> {
        Line::check(&self.telephone, &self.hours)
    }
}

/// For which community to sign in.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DutyRequest {
    /// One that the caller is an issuer of, or that lies in the division that they are.
    pub(super) community: Community,
}

/// Somebody who signed in for a community for a day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DutyView {
    /// For which community.
    community: Community,
    /// On which day, in Asia/Shanghai.
    day: NaiveDate,
    /// Who.
    account_id: StaffId,
    /// When, the first time that day.
    at: DateTime<Utc>,
}

impl From<duty_sign_in::Model> for DutyView {
    fn from(row: duty_sign_in::Model) -> Self {
        Self {
            community: row.community,
            day: row.day,
            account_id: row.account_id,
            at: row.at,
        }
    }
}

/// Who is on duty today.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RosterView {
    /// The day, in Asia/Shanghai.
    pub(super) day: NaiveDate,
    /// When this was so.
    pub(super) as_of: DateTime<Utc>,
    /// Who signed in, by community.
    pub(super) issuers: Page<RosterEntryView>,
}

/// Somebody who is on duty.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RosterEntryView {
    /// For which community.
    pub(super) community: Community,
    /// Who.
    pub(super) account_id: StaffId,
    /// Their name, masked.
    #[schema(example = "王*国")]
    pub(super) name: String,
    /// When they signed in.
    pub(super) at: DateTime<Utc>,
    /// Whether that was early enough for a working day.
    pub(super) in_time: bool,
}

/// A day, and until when somebody has to sign in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TodayView {
    /// The day, in Asia/Shanghai.
    pub(super) day: NaiveDate,
    /// Whether it is a working day.
    pub(super) working_day: bool,
    /// Until when somebody has to sign in. Null on other days.
    pub(super) sign_in_by: Option<DateTime<Utc>>,
}

/// Which communities have issuers, and which have somebody on duty.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CoverageView {
    /// The day.
    pub(super) today: TodayView,
    /// Open communities, by code.
    pub(super) communities: Page<CommunityCoverageView>,
}

/// A community, and who is there.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CommunityCoverageView {
    /// Which.
    pub(super) community: Community,
    /// The county or district that it lies in.
    pub(super) division: Division,
    /// Its name.
    pub(super) name: String,
    /// Who is named as an issuer of this community alone, can log in and is not suspended.
    pub(super) issuers: usize,
    /// Issuers of the community or of a division around it who signed in today.
    pub(super) signed_in: usize,
    /// Those of them who did so in time.
    pub(super) signed_in_in_time: usize,
    /// Who is missing. Null if somebody is named, and somebody signed in in time or may still.
    pub(super) lacks: Option<Gap>,
}

/// How counties and districts are covered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CountiesView {
    /// The day.
    pub(super) today: TodayView,
    /// Those with open communities, by code.
    pub(super) counties: Page<CountyCoverageView>,
}

/// How many communities of a county or district lack somebody.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CountyCoverageView {
    /// Which.
    pub(super) division: Division,
    /// Its name with those around it.
    pub(super) name: String,
    /// Its open communities.
    pub(super) communities: i64,
    /// Those for which nobody is named, whoever signed in.
    pub(super) without_issuer: i64,
    /// Those for which somebody is named, and nobody signed in in time. None until it is too late.
    pub(super) without_sign_in: i64,
    /// Issuers of all of it, or of a division around it.
    pub(super) division_issuers: usize,
}

/// A community for which nobody had signed in when it was time.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GapView {
    /// Which.
    community: Community,
    /// On which day, in Asia/Shanghai.
    day: NaiveDate,
    /// Who was missing.
    lacked: Gap,
    /// When it was found.
    noted_at: DateTime<Utc>,
}

impl From<coverage_gap::Model> for GapView {
    fn from(row: coverage_gap::Model) -> Self {
        Self {
            community: row.community,
            day: row.day,
            lacked: row.kind,
            noted_at: row.noted_at,
        }
    }
}

/// Which page of coverage, and of which region.
#[derive(Debug, Clone, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CoverageParams {
    /// This region of one's own alone. All of them if it is left out.
    #[param(nullable = false)]
    pub(super) division: Option<Division>,
    /// `next` of the page before; absent for the first.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64)]
    pub(super) after: Option<String>,
    /// Entries of a page, at the most.
    #[validate(range(min = 1, max = 100))]
    #[serde(default = "usual")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub(super) limit: u64,
}
