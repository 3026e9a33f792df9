//! What messages say, as the list shows it.

use entity::values::{Falsehood, NotificationLanguage};

use super::{
    colour_in, counterpart_in, day_in, decision_in, falsehood_in, moment_in, reason_in, standing_in,
};
use crate::notifications::message::Message;

impl Message {
    /// Its title and its text in Chinese, for somebody called `name`.
    pub(super) fn chinese(&self, name: &str) -> (&'static str, String) {
        const LANGUAGE: NotificationLanguage = NotificationLanguage::Zh;
        match self {
            Self::CodeChanged { colour, reason, .. } => (
                "健康码变更",
                format!(
                    "{name}的健康码已变为{}：{}。",
                    colour_in(*colour, LANGUAGE),
                    reason_in(*reason, LANGUAGE)
                ),
            ),
            Self::CheckInDue { day } => (
                "健康打卡提醒",
                format!("{name}在{}尚未打卡。", day_in(*day, LANGUAGE)),
            ),
            Self::ReviewDecided { case, decision, .. } => (
                "审核结果",
                format!(
                    "{name}的申请{}审核结果：{}。",
                    case.as_str(),
                    decision_in(*decision, LANGUAGE)
                ),
            ),
            Self::ReviewDue { case, until } => (
                "审核即将到期",
                format!(
                    "{name}的申请{}须在{}前处理。",
                    case.as_str(),
                    moment_in(*until, LANGUAGE)
                ),
            ),
            Self::PassExpiring { pass, last_day } => (
                "通行证即将到期",
                format!(
                    "{name}的通行证{}有效期至{}。",
                    pass.as_str(),
                    day_in(*last_day, LANGUAGE)
                ),
            ),
            Self::PassStanding { pass, stands, .. } => (
                "通行证状态变更",
                format!(
                    "{name}的通行证{}现为：{}。",
                    pass.as_str(),
                    standing_in(*stands, LANGUAGE)
                ),
            ),
            Self::PassRecognised { pass, by, at } => (
                "通行证被核验",
                format!(
                    "{name}的通行证{}经授权于{}被核验，核验方：{}。",
                    pass.as_str(),
                    moment_in(*at, LANGUAGE),
                    counterpart_in(by.as_deref(), LANGUAGE)
                ),
            ),
            Self::RideAsked { application, until } => (
                "同行邀请",
                format!(
                    "有人邀请{name}同行，申请{}，请在{}前确认或拒绝。",
                    application.as_str(),
                    moment_in(*until, LANGUAGE)
                ),
            ),
            Self::VisitsReleased { release, at } => (
                "到访记录已用于流调",
                format!(
                    "{name}的到访记录已于{}因流行病学调查提供给卫生健康部门，编号{}。",
                    moment_in(*at, LANGUAGE),
                    release.as_str()
                ),
            ),
            Self::ControlAction { action, .. } => (
                "管控事项",
                format!(
                    "{name}的管控事项{}已报属地指挥部，请等待联系。",
                    action.as_str()
                ),
            ),
            Self::VenueStanding { venue, stands, .. } => (
                "场所码状态变更",
                format!(
                    "{name}所代表单位的场所码{}现为：{}。",
                    venue.as_str(),
                    standing_in(*stands, LANGUAGE)
                ),
            ),
            Self::DeclarationMark {
                application,
                falsehood,
                stands,
                ..
            } => marked_in_chinese(name, application.as_str(), *falsehood, *stands),
        }
    }

    /// The same in English.
    pub(super) fn english(&self, name: &str) -> (&'static str, String) {
        const LANGUAGE: NotificationLanguage = NotificationLanguage::En;
        match self {
            Self::CodeChanged { colour, reason, .. } => (
                "Health code changed",
                format!(
                    "The health code for {name} is now {}: {}.",
                    colour_in(*colour, LANGUAGE),
                    reason_in(*reason, LANGUAGE)
                ),
            ),
            Self::CheckInDue { day } => (
                "Check-in due",
                format!("No check-in for {name} on {} yet.", day_in(*day, LANGUAGE)),
            ),
            Self::ReviewDecided { case, decision, .. } => (
                "Decision",
                format!(
                    "Application {} for {name}: {}.",
                    case.as_str(),
                    decision_in(*decision, LANGUAGE)
                ),
            ),
            Self::ReviewDue { case, until } => (
                "Review due",
                format!(
                    "Application {} for {name} is due by {}.",
                    case.as_str(),
                    moment_in(*until, LANGUAGE)
                ),
            ),
            Self::PassExpiring { pass, last_day } => (
                "Pass about to expire",
                format!(
                    "Pass {} for {name} is good until {}.",
                    pass.as_str(),
                    day_in(*last_day, LANGUAGE)
                ),
            ),
            Self::PassStanding { pass, stands, .. } => (
                "Pass",
                format!(
                    "Pass {} for {name} is {} now.",
                    pass.as_str(),
                    standing_in(*stands, LANGUAGE)
                ),
            ),
            Self::PassRecognised { pass, by, at } => (
                "Pass verified",
                format!(
                    "Pass {} for {name} was verified on {} with your leave, by: {}.",
                    pass.as_str(),
                    moment_in(*at, LANGUAGE),
                    counterpart_in(by.as_deref(), LANGUAGE)
                ),
            ),
            Self::RideAsked { application, until } => (
                "Ride request",
                format!(
                    "Somebody asks {name} to ride along (application {}): agree or refuse by {}.",
                    application.as_str(),
                    moment_in(*until, LANGUAGE)
                ),
            ),
            Self::VisitsReleased { release, at } => (
                "Visits used for tracing",
                format!(
                    "Visits of {name} were given to the health authority for tracing on {}, number {}.",
                    moment_in(*at, LANGUAGE),
                    release.as_str()
                ),
            ),
            Self::ControlAction { action, .. } => (
                "Turned away at a door",
                format!(
                    "Control action {} about {name} was reported to the headquarters, who will call.",
                    action.as_str()
                ),
            ),
            Self::VenueStanding { venue, stands, .. } => (
                "Venue code",
                format!(
                    "Venue code {} of the unit that {name} acts for is {} now.",
                    venue.as_str(),
                    standing_in(*stands, LANGUAGE)
                ),
            ),
            Self::DeclarationMark {
                application,
                falsehood,
                stands,
                ..
            } => marked_in_english(name, application.as_str(), *falsehood, *stands),
        }
    }
}

fn marked_in_chinese(
    name: &str,
    application: &str,
    falsehood: Falsehood,
    stands: bool,
) -> (&'static str, String) {
    if !stands {
        let taken_back = format!("{name}的申请{application}的不实标记已由上一级撤销。");
        return ("申报不实标记已撤销", taken_back);
    }
    let what = falsehood_in(falsehood, NotificationLanguage::Zh);
    let marked = format!(
        "{name}的申请{application}中申报的{what}被标记为不实：标记撤销前通行卡暂停使用，再次申请须由人工审核。\
         依据见申请页；如有异议，可就该申请投诉，由上一级处理，或拨打申请页所列电话。"
    );
    ("申报不实标记", marked)
}

fn marked_in_english(
    name: &str,
    application: &str,
    falsehood: Falsehood,
    stands: bool,
) -> (&'static str, String) {
    if !stands {
        let taken_back =
            format!("The level above took the mark on application {application} for {name} back.");
        return ("Mark taken back", taken_back);
    }
    let what = falsehood_in(falsehood, NotificationLanguage::En);
    let marked = format!(
        "What was declared in application {application} for {name} ({what}) was marked as not true: until \
         the mark is taken back the pass card is suspended, and the next application is decided by a \
         person. The application shows why. If you disagree, complain about the application, which the \
         level above answers, or call the number that it shows."
    );
    ("Declaration marked as false", marked)
}
