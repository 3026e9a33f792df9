//! What is kept about members of staff, and what says nothing about anybody.

use super::{
    Entry,
    words::{FILES_FOR, FOR_GOOD},
};
use crate::http::problem::Text;

const AS_LONG_AS_NEEDED: Text = Text::new("在用期间", "As long as it is used");
const THREE_YEARS: Text = Text::new("三年", "Three years");
const STAFF_SESSIONS_FOR: Text = Text::new("结束后 90 天", "90 days after it ended");
const THE_LAST_SIXTY: Text = Text::new("最近 60 次", "The last 60");
const A_FEW_DAYS: Text = Text::new("三天", "Three days");
const MINUTES: Text = Text::new("数分钟", "Minutes");

/// The tables that are not about citizens.
pub(super) const ENTRIES: &[Entry] = &[
    Entry::of_staff(
        "staff_account",
        Text::new("工作人员", "Members of staff"),
        FOR_GOOD,
    ),
    Entry::of_staff(
        "staff_credential",
        Text::new(
            "工作人员的登录凭证",
            "What members of staff prove themselves with",
        ),
        FOR_GOOD,
    ),
    Entry::of_staff(
        "staff_grant",
        Text::new("工作人员的权限", "What members of staff may do, and where"),
        FOR_GOOD,
    ),
    Entry::of_staff(
        "staff_session",
        Text::new("工作人员的登录", "Log-ins of members of staff"),
        STAFF_SESSIONS_FOR,
    ),
    Entry::of_staff(
        "duty_sign_in",
        Text::new("值班签到", "Who signed in for duty"),
        FOR_GOOD,
    ),
    Entry::of_staff(
        "review_delegation",
        Text::new("代理审批", "Who stands in for whom"),
        FOR_GOOD,
    ),
    Entry::of_staff(
        "override_request",
        Text::new(
            "由多人决定健康码的请求",
            "Requests that colours be turned by several people",
        ),
        THREE_YEARS,
    ),
    Entry::of_staff(
        "override_approval",
        Text::new("对该请求的批准", "Approvals of these"),
        THREE_YEARS,
    ),
    Entry::of_staff(
        "policy_approval",
        Text::new("对规则的批准", "Approvals of rules"),
        FOR_GOOD,
    ),
    Entry::of_staff(
        "tracing_request",
        Text::new("流调的请求", "Requests of contact tracers"),
        FOR_GOOD,
    ),
    Entry::of_staff(
        "work_batch",
        Text::new(
            "交数据中心核验的批次",
            "Batches that the data centre checks",
        ),
        FOR_GOOD,
    ),
    Entry::of_staff(
        "work_ruling",
        Text::new(
            "对复工申请的批量决定",
            "Decisions on many who return to work",
        ),
        THREE_YEARS,
    ),
    Entry::of_staff(
        "import_batch",
        Text::new("导入的数据文件", "Files of facts"),
        FILES_FOR,
    ),
    Entry::nobodys(
        "fact_source",
        Text::new("数据来源", "Who brings facts"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "policy_rule",
        Text::new("健康码规则", "Rules of colours"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "policy_simulation",
        Text::new("规则的试算", "What a rule would change"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "policy_term",
        Text::new("规则的施行期", "When a rule is in force"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "rule_round",
        Text::new("规则生效时的重新判定", "Looking again when a rule begins"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "risk_area",
        Text::new("风险地区", "Places with a risk level"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "region_opening",
        Text::new("地区的启用", "When regions open"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "calendar_day",
        Text::new("工作日历", "The working calendar"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "calendar_year",
        Text::new("工作日历的年份", "Years of the working calendar"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "community",
        Text::new("社区和村", "Communities and villages"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "complaint_line",
        Text::new("投诉电话", "Complaint lines"),
        AS_LONG_AS_NEEDED,
    ),
    Entry::nobodys(
        "coverage_gap",
        Text::new("无人值守的社区", "Communities where nobody was"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "checkpoint",
        Text::new("卡口", "Posts on the road"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "device",
        Text::new("数字哨兵等设备", "Devices at gates"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "road_section",
        Text::new("限行路段", "Sections of roads"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "review_workflow",
        Text::new("办理流程", "How cases are dealt with"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "notification_template",
        Text::new("通知模板", "Templates of messages"),
        AS_LONG_AS_NEEDED,
    ),
    Entry::nobodys(
        "vehicle_pass_type",
        Text::new("车辆通行证的类型", "Types of passes for vehicles"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "vehicle_pass_serial",
        Text::new("车辆通行证的编号", "Numbers of passes for vehicles"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "vehicle_identity",
        Text::new(
            "同一车辆的申请依次办理",
            "One application about a vehicle at a time",
        ),
        MINUTES,
    ),
    Entry::nobodys(
        "venue_code",
        Text::new("场所码的二维码", "Codes of venues"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "venue_hour",
        Text::new("每小时人数", "How many came in an hour"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "visit_day",
        Text::new("每日到访记录的密钥", "Keys of days of visits"),
        AS_LONG_AS_NEEDED,
    ),
    Entry::nobodys(
        "visit_deletion",
        Text::new("到访记录的删除凭证", "Receipts of days of visits that went"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "visit_uncounted",
        Text::new("尚未计数的到访", "Visits that are not counted yet"),
        MINUTES,
    ),
    Entry::nobodys(
        "work_enterprise",
        Text::new("复工白名单企业", "Enterprises of the white list"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "work_form",
        Text::new("企业提交的复工名册", "Forms that enterprises sent"),
        THREE_YEARS,
    ),
    Entry::nobodys(
        "work_serial",
        Text::new("复工证的编号", "Numbers of work permits"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "pass_serial",
        Text::new("健康通行卡的编号", "Numbers of health pass cards"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "status_index",
        Text::new(
            "凭证在状态列表中的位置",
            "Places of permits in status lists",
        ),
        AS_LONG_AS_NEEDED,
    ),
    Entry::nobodys(
        "status_list",
        Text::new("状态列表", "Status lists"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "reconciliation",
        Text::new("凭证的核对", "Comparisons of permits"),
        THE_LAST_SIXTY,
    ),
    Entry::nobodys(
        "reconciliation_finding",
        Text::new("核对中发现的差异", "What comparisons found"),
        THE_LAST_SIXTY,
    ),
    Entry::nobodys(
        "signing_key",
        Text::new("签名密钥", "Signing keys"),
        AS_LONG_AS_NEEDED,
    ),
    Entry::nobodys(
        "key_list",
        Text::new("公布的公钥", "Published keys"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "log_head",
        Text::new("公开日志的大小", "How far the public log grew"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "log_tile",
        Text::new("公开日志的散列", "Hashes of the public log"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "log_checkpoint",
        Text::new("公开日志的检查点", "Checkpoints of the public log"),
        AS_LONG_AS_NEEDED,
    ),
    Entry::nobodys(
        "log_cosignature",
        Text::new("见证方的签名", "What witnesses signed"),
        AS_LONG_AS_NEEDED,
    ),
    Entry::nobodys(
        "daily_count",
        Text::new("每日公布的统计", "What is published of each day"),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "daily_standing",
        Text::new(
            "每日各色码人数，公布时隐去小数目",
            "How many showed each colour; small numbers are withheld from the public",
        ),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "daily_turn",
        Text::new(
            "每日变色人数及原因类别，公布时隐去小数目",
            "How many came to show a colour, and for what; small numbers are withheld from the public",
        ),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "service_order",
        Text::new(
            "服务降级的命令",
            "Orders of how far the service reduces itself",
        ),
        FOR_GOOD,
    ),
    Entry::nobodys(
        "platform_event",
        Text::new(
            "平台事件的摘要，以免重复处理",
            "Digests of events of platforms, so that each counts once",
        ),
        A_FEW_DAYS,
    ),
    Entry::nobodys(
        "spent_payload",
        Text::new(
            "已用过的授权的摘要",
            "Digests of authorisations that were used",
        ),
        FOR_GOOD,
    ),
];
