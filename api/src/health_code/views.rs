//! What the page gets, in words.

use chrono::{DateTime, Utc};
use entity::values::{Colour, Division, PersonId, ReasonCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    rules,
    snapshot::{NotOpen, Snapshot, SnapshotReason},
};
use crate::{
    credentials::keyring::IssuedCode,
    facts::{Finding, Shown},
    http::problem::{Language, Text},
    regions::{self, Notice},
};

/// Seconds after which the page asks for a new code, well before the old one expires.
const REFRESH_AFTER_SECONDS: u16 = 45;

/// A health code: what it shows, why, and the token to draw as a QR symbol.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CodeView<'a> {
    /// Whose.
    person: PersonId,
    /// The name as bystanders may see it. Null until the identity is verified.
    masked_name: Option<&'a str>,
    /// What the code shows.
    colour: Colour,
    /// The same in words.
    colour_text: &'static str,
    /// The latest nucleic-acid test. Null while none is recorded.
    latest_test: Option<LatestTest>,
    /// Why the code is not green, worst first. Empty for green.
    reasons: Vec<ReasonView<'a>>,
    /// The region that does not show colours, where that is why the code is grey. Null otherwise, and
    /// where nobody decided on the region.
    region: Option<RegionNotOpen<'a>>,
    /// When this was decided.
    decided_at: DateTime<Utc>,
    /// When time alone will change it. Null if it will not.
    changes_at: Option<DateTime<Utc>>,
    /// Grows whenever the code may have changed.
    version: i64,
    /// True if this is what was known before: neither store answers, or the service is reduced so far that the
    /// database is spared.
    stale: bool,
    /// As of when it was known. Null while it is not stale; ten minutes ago at the most as a rule.
    as_of: Option<DateTime<Utc>>,
    /// The signed token: draw it as a QR symbol of version 7, level M. Good until `expires_at`.
    #[schema(
        pattern = "^JK1:[0-9A-Z $%*+./:-]+$",
        max_length = 178,
        min_length = 178
    )]
    token: &'a str,
    /// When the token was issued.
    issued_at: DateTime<Utc>,
    /// When the token stops being good.
    expires_at: DateTime<Utc>,
    /// Ask again after this many seconds.
    refresh_after_seconds: u16,
}

/// A region that does not show colours yet, or no longer. What was declared is kept, and nothing is
/// decided until it opens.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegionNotOpen<'a> {
    /// Its code.
    division: &'a Division,
    /// Its name with those around it.
    name: String,
    /// When it opens. Null if no time is set.
    opens_at: Option<DateTime<Utc>>,
    /// What its people are told. Null if nothing.
    notice: Option<&'a str>,
    /// Whom to call or write to. Null if nobody is named.
    contact: Option<&'a str>,
}

/// A nucleic-acid test as shown beside a code.
#[derive(Debug, Serialize, ToSchema)]
pub struct LatestTest {
    /// When the sample was taken.
    sampled_at: DateTime<Utc>,
    /// What it says of the person: `pending` of a positive tube that several share.
    result: Finding,
}

/// Why a code is not green.
#[derive(Debug, Serialize, ToSchema)]
struct ReasonView<'a> {
    /// The cause.
    code: ReasonCode,
    /// The rule that found it.
    rule: &'a str,
    /// The version of the rule.
    rule_version: &'a str,
    /// The division whose data it comes from.
    source_region: &'a str,
    /// The cause in words.
    text: &'static str,
    /// What to do, and whom to call.
    advice: &'static str,
    /// Since when. Null for a cause without a beginning on record.
    since: Option<DateTime<Utc>>,
    /// The earliest end, where the rule sets a length.
    until: Option<DateTime<Utc>>,
}

impl<'a> CodeView<'a> {
    /// The view of `snapshot` with `code`, in `language`: as things are, or as they were known `as_of` a time.
    pub(super) fn new(
        person: PersonId,
        snapshot: &'a Snapshot,
        code: &'a IssuedCode,
        as_of: Option<DateTime<Utc>>,
        language: Language,
    ) -> Self {
        Self {
            person,
            masked_name: snapshot.masked_name.as_deref(),
            colour: snapshot.colour,
            colour_text: name_of(snapshot.colour).in_language(language),
            latest_test: snapshot.latest_test.map(LatestTest::of),
            reasons: snapshot
                .reasons
                .iter()
                .map(|reason| ReasonView::new(reason, language))
                .collect(),
            region: snapshot
                .not_open
                .as_ref()
                .map(|region| RegionNotOpen::new(region, language)),
            decided_at: snapshot.decided_at,
            changes_at: snapshot.good_until,
            version: snapshot.version,
            stale: as_of.is_some(),
            as_of,
            token: &code.token,
            issued_at: code.issued_at,
            expires_at: code.expires_at,
            refresh_after_seconds: REFRESH_AFTER_SECONDS,
        }
    }
}

impl LatestTest {
    /// The test `shown`.
    #[must_use]
    pub fn of(shown: Shown) -> Self {
        Self {
            sampled_at: shown.sampled_at,
            result: shown.result,
        }
    }
}

impl<'a> RegionNotOpen<'a> {
    fn new(region: &'a NotOpen, language: Language) -> Self {
        let in_language = |notice: &'a Notice| match language {
            Language::Chinese => notice.zh.as_str(),
            Language::English => notice.en.as_str(),
        };
        Self {
            name: regions::full_name(&region.division).unwrap_or_default(),
            division: &region.division,
            opens_at: region.opens_at,
            notice: region.notice.as_ref().map(in_language),
            contact: region.contact.as_deref(),
        }
    }
}

impl<'a> ReasonView<'a> {
    fn new(reason: &'a SnapshotReason, language: Language) -> Self {
        let (text, advice) = if reason.rule == rules::NOT_OPEN {
            words_for_a_closed_region()
        } else {
            words_for(reason.code)
        };
        Self {
            code: reason.code,
            rule: &reason.rule,
            rule_version: &reason.rule_version,
            source_region: &reason.source_region,
            text: text.in_language(language),
            advice: advice.in_language(language),
            since: reason.since,
            until: reason.until,
        }
    }
}

/// What a colour is called.
#[must_use]
pub fn name_of(colour: Colour) -> Text {
    match colour {
        Colour::Grey => Text::new("待审核", "Pending"),
        Colour::Green => Text::new("绿码", "Green"),
        Colour::Yellow => Text::new("黄码", "Yellow"),
        Colour::Red => Text::new("红码", "Red"),
    }
}

pub(super) fn words_for_a_closed_region() -> (Text, Text) {
    (
        Text::new(
            "所在地区尚未开通健康码",
            "The region where you live does not show health codes yet",
        ),
        Text::new(
            "申报已保存，开通后自动更新，无需再次申报",
            "Your declaration is kept; the code follows by itself once the region opens",
        ),
    )
}

/// The cause, and what to do about it (H8).
pub(super) fn words_for(code: ReasonCode) -> (Text, Text) {
    (cause(code), advice(code))
}

/// The cause.
fn cause(code: ReasonCode) -> Text {
    match code {
        ReasonCode::G00 => Text::new(
            "尚未完成实名认证、申报或数据比对",
            "Identity, declaration or data comparison is not complete",
        ),
        ReasonCode::R01 => Text::new(
            "确诊病例或无症状感染者",
            "A confirmed case or an infection without symptoms",
        ),
        ReasonCode::R02 => Text::new(
            "疑似病例或不明原因发热",
            "A suspected case or unexplained fever",
        ),
        ReasonCode::R03 => Text::new("密切接触者，隔离观察中", "A close contact, in isolation"),
        ReasonCode::R04 => Text::new(
            "次密切接触者，隔离观察中",
            "A contact of a close contact, in isolation",
        ),
        ReasonCode::R05 => Text::new(
            "境外入境人员，隔离观察中",
            "Entered from abroad, in isolation",
        ),
        ReasonCode::R06 => Text::new("到过高风险地区", "Stayed in an area of high risk"),
        ReasonCode::R07 => Text::new("位于封控区内", "Inside a sealed area"),
        ReasonCode::R08 => Text::new(
            "由国家平台或其他地区推送",
            "Pushed by the national platform or another region",
        ),
        ReasonCode::R09 | ReasonCode::Y08 => Text::new(
            "由所列地区经两人批准决定",
            "Decided by the region that is named, where two people approved it",
        ),
        ReasonCode::Y01 => Text::new(
            "本人申报有发热或症状",
            "Fever or symptoms in your own report",
        ),
        ReasonCode::Y02 => Text::new(
            "与病例时空伴随，或混检待单管复检",
            "In the same place as a case, or awaiting a single re-test",
        ),
        ReasonCode::Y03 => Text::new("来自中风险地区", "Came from an area of medium risk"),
        ReasonCode::Y04 => Text::new(
            "自省外到达，健康观察中",
            "Under observation after arrival from outside the province",
        ),
        ReasonCode::Y05 => Text::new(
            "康复或解除隔离后健康监测中",
            "Recovered or released from isolation, monitored at home",
        ),
        ReasonCode::Y06 => Text::new(
            "健康申报已过期",
            "The last declaration or check-in is too old",
        ),
        ReasonCode::Y07 => Text::new(
            "常态化核酸检测已逾期",
            "A routine nucleic-acid test is overdue",
        ),
    }
}

/// What to do about it.
fn advice(code: ReasonCode) -> Text {
    match code {
        ReasonCode::G00 => Text::new(
            "请完成实名认证并提交健康申报，比对完成后自动更新",
            "Verify your identity and declare; the code follows as soon as the comparison has run",
        ),
        ReasonCode::R01 => Text::new(
            "请在定点医院接受治疗；出院并完成隔离后自动转入健康监测，咨询请拨打 12320",
            "Stay in treatment; after discharge and isolation the code moves on by itself. Questions: 12320",
        ),
        ReasonCode::R02 => Text::new(
            "请立即前往发热门诊，不乘坐公共交通；排除后自动更新，咨询请拨打 12320",
            "Go to a fever clinic at once, not by public transport; the code follows once it is excluded. Questions: 12320",
        ),
        ReasonCode::R03 => Text::new(
            "请接受集中隔离并配合检测，联系社区或拨打 12320",
            "Stay in central isolation and take the tests; call your community or 12320",
        ),
        ReasonCode::R04 => Text::new(
            "请接受隔离并配合检测，联系社区或拨打 12320",
            "Stay in isolation and take the tests; call your community or 12320",
        ),
        ReasonCode::R05 => Text::new(
            "请完成入境隔离并配合检测，联系社区或拨打 12320",
            "Complete the isolation after entry and take the tests; call your community or 12320",
        ),
        ReasonCode::R06 => Text::new(
            "请向社区报备并接受隔离，咨询请拨打 12320",
            "Report to your community and isolate. Questions: 12320",
        ),
        ReasonCode::R07 => Text::new(
            "请足不出户，生活与就医需求联系社区或拨打 12345",
            "Stay at home; for supplies and medical care call your community or 12345",
        ),
        ReasonCode::R08 => Text::new(
            "请联系推送地区申请解除，或拨打 12345 由本地协助",
            "Ask the region that pushed it to release it, or call 12345 for help",
        ),
        ReasonCode::R09 | ReasonCode::Y08 => Text::new(
            "到期自动解除；有异议可申请更正该记录，或拨打 12345 申诉",
            "It ends by itself; if you disagree, ask for a correction of the record, or call 12345 to appeal",
        ),
        ReasonCode::Y01 => Text::new(
            "请居家并联系社区或拨打 12320；体温正常且无症状后再次打卡即恢复",
            "Stay at home and call your community or 12320; check in again once temperature is normal and symptoms are gone",
        ),
        ReasonCode::Y02 => Text::new(
            "请居家并尽快完成核酸检测，结果阴性后自动更新",
            "Stay at home and take a single test soon; the code follows once it is negative",
        ),
        ReasonCode::Y03 => Text::new(
            "请向社区报备并完成核酸检测，咨询请拨打 12320",
            "Report to your community and take the tests. Questions: 12320",
        ),
        ReasonCode::Y04 => Text::new(
            "请每日打卡；观察期满且每日申报后自动转为绿码",
            "Check in every day; the code turns green by itself when the days are over and each was reported",
        ),
        ReasonCode::Y05 => Text::new(
            "请居家监测并每日打卡；期满后自动转为绿码",
            "Stay at home and check in every day; the code turns green by itself at the end",
        ),
        ReasonCode::Y06 => Text::new(
            "请重新打卡或申报，更新后立即恢复",
            "Check in or declare again; the code follows at once",
        ),
        ReasonCode::Y07 => Text::new(
            "请尽快完成核酸检测，结果阴性后自动更新",
            "Take a test soon; the code follows once it is negative",
        ),
    }
}
