//! What is kept about citizens and dependants.

use super::{
    Basis::{Consent, PublicHealthEmergency, StatutoryDuty},
    Entry,
    words::{
        A_DAY, A_DAY_AT_A_TIME, A_SECRET, AGENTS_FOR, AN_ID, AN_UNITS, ANSWERS,
        AS_LONG_AS_THE_ACCOUNT, AT_DOORS_BY_WORDS, AUDITED_FOR, BY_OTHERS, CHECKED_IN_FOR,
        DECIDED_BY_AUTHORITIES, DECISIONS_FOR, DECLARED_FOR, ENDED_SESSIONS, FACTS_FOR, FILES_FOR,
        FOR_GOOD, FOR_THE_RECORD, GATES_FOR, NOT_READ, PASSES_FOR, RECORDED_BY_AUTHORITIES,
        RELEASED_FOR, REPORTED_FOR, SAME_AS_STEPS, SESSIONS_FOR, SEVEN_DAYS, TESTED_FOR, TOLD_FOR,
        UNTIL_ITS_DAYS_ARE_OVER, UNTIL_SEEN_TO, VISITED_FOR, WITH_PROOFS,
    },
};
use crate::http::problem::Text;

/// The tables that are about citizens.
pub(super) const ENTRIES: &[Entry] = &[
    Entry::of_citizens(
        "person",
        PublicHealthEmergency,
        Text::new("识别本人", "To know who somebody is"),
        AS_LONG_AS_THE_ACCOUNT,
    )
    .staying(AN_ID),
    Entry::of_citizens(
        "platform_account",
        PublicHealthEmergency,
        Text::new(
            "以微信或支付宝登录和通知",
            "To log in through WeChat and Alipay, and to be told there",
        ),
        AS_LONG_AS_THE_ACCOUNT,
    ),
    Entry::of_citizens(
        "consent",
        StatutoryDuty,
        Text::new(
            "证明已告知并接受条款和隐私声明",
            "To show that the terms and the privacy notice were accepted",
        ),
        AS_LONG_AS_THE_ACCOUNT,
    ),
    Entry::of_citizens(
        "guardianship",
        PublicHealthEmergency,
        Text::new("代老人和儿童办理", "To act for elders and children"),
        AS_LONG_AS_THE_ACCOUNT,
    ),
    Entry::of_citizens(
        "session",
        PublicHealthEmergency,
        Text::new("保持登录", "To stay logged in"),
        SESSIONS_FOR,
    )
    .staying(ENDED_SESSIONS),
    Entry::of_citizens(
        "refresh_token",
        PublicHealthEmergency,
        Text::new(
            "保持登录，发现被盗用的令牌",
            "To stay logged in, and to find stolen tokens",
        ),
        SESSIONS_FOR,
    )
    .not_in_copies(A_SECRET),
    Entry::of_citizens(
        "declaration",
        PublicHealthEmergency,
        Text::new("健康申报", "Health declarations"),
        DECLARED_FOR,
    ),
    Entry::of_citizens(
        "declared_stay",
        PublicHealthEmergency,
        Text::new(
            "申报的停留地，用于判断风险",
            "Where somebody declared to have stayed, to judge risks",
        ),
        DECLARED_FOR,
    ),
    Entry::of_citizens(
        "check_in",
        PublicHealthEmergency,
        Text::new("每日健康打卡", "Daily check-ins"),
        CHECKED_IN_FOR,
    ),
    Entry::of_citizens(
        "test_result",
        PublicHealthEmergency,
        Text::new("核酸检测结果", "Results of tests"),
        TESTED_FOR,
    )
    .staying(RECORDED_BY_AUTHORITIES),
    Entry::of_citizens(
        "health_fact",
        PublicHealthEmergency,
        Text::new(
            "密接、隔离、抵达等防疫信息",
            "Contacts, isolation, arrivals and other facts",
        ),
        FACTS_FOR,
    )
    .staying(RECORDED_BY_AUTHORITIES),
    Entry::of_citizens(
        "assessment",
        PublicHealthEmergency,
        Text::new("健康码的最近一次判定", "The last assessment of a code"),
        AS_LONG_AS_THE_ACCOUNT,
    ),
    Entry::of_citizens(
        "hold",
        PublicHealthEmergency,
        Text::new("健康码变色的原因", "The causes of colours"),
        FACTS_FOR,
    )
    .staying(RECORDED_BY_AUTHORITIES),
    Entry::of_citizens(
        "colour_change",
        PublicHealthEmergency,
        Text::new(
            "健康码变化的经过和原因，供本人查阅",
            "What changed a code, for its owner to see",
        ),
        DECISIONS_FOR,
    )
    .staying(RECORDED_BY_AUTHORITIES),
    Entry::of_citizens(
        "colour_change_rule",
        PublicHealthEmergency,
        Text::new(
            "因哪条规则变色，用于发现有误的规则",
            "Because of which rule, to find rules that go wrong",
        ),
        DECISIONS_FOR,
    )
    .staying(RECORDED_BY_AUTHORITIES),
    Entry::of_citizens(
        "recheck_mark",
        PublicHealthEmergency,
        Text::new("等待重新判定", "Waiting for another assessment"),
        UNTIL_SEEN_TO,
    ),
    Entry::of_citizens(
        "review_case",
        StatutoryDuty,
        Text::new("申请的办理", "How applications are dealt with"),
        DECISIONS_FOR,
    )
    .staying(DECIDED_BY_AUTHORITIES),
    Entry::of_citizens(
        "review_step",
        StatutoryDuty,
        Text::new("办理的每一步", "Each step of that"),
        DECISIONS_FOR,
    )
    .staying(DECIDED_BY_AUTHORITIES),
    Entry::of_citizens(
        "review_contact",
        StatutoryDuty,
        Text::new("联系申请人的情况", "Attempts to reach applicants"),
        DECISIONS_FOR,
    )
    .staying(DECIDED_BY_AUTHORITIES),
    Entry::of_citizens(
        "review_breach",
        StatutoryDuty,
        Text::new("主管部门未按时办理", "Promises that authorities broke"),
        DECISIONS_FOR,
    )
    .not_in_copies(SAME_AS_STEPS)
    .staying(DECIDED_BY_AUTHORITIES),
    Entry::of_citizens(
        "complaint",
        StatutoryDuty,
        Text::new("投诉", "Complaints"),
        DECISIONS_FOR,
    ),
    Entry::of_citizens(
        "correction",
        StatutoryDuty,
        Text::new("更正申请", "What people said is wrong in records"),
        DECISIONS_FOR,
    ),
    Entry::of_citizens(
        "control_action",
        PublicHealthEmergency,
        Text::new(
            "在门口被劝返的报告",
            "Reports of people who were turned away",
        ),
        REPORTED_FOR,
    )
    .staying(RECORDED_BY_AUTHORITIES),
    Entry::of_citizens(
        "pass_application",
        PublicHealthEmergency,
        Text::new("健康通行卡的申请", "Applications for health pass cards"),
        PASSES_FOR,
    ),
    Entry::of_citizens(
        "pass_card",
        PublicHealthEmergency,
        Text::new("健康通行卡", "Health pass cards"),
        PASSES_FOR,
    )
    .staying(UNTIL_ITS_DAYS_ARE_OVER),
    Entry::of_citizens(
        "pass_false_mark",
        PublicHealthEmergency,
        Text::new("不实申报的认定", "Marks of false declarations"),
        DECISIONS_FOR,
    ),
    Entry::of_citizens(
        "vehicle_application",
        PublicHealthEmergency,
        Text::new("车辆通行证的申请", "Applications for passes for vehicles"),
        PASSES_FOR,
    )
    .staying(AN_UNITS),
    Entry::of_citizens(
        "vehicle_aboard",
        PublicHealthEmergency,
        Text::new("车上人员", "Who is aboard"),
        PASSES_FOR,
    ),
    Entry::of_citizens(
        "vehicle_material",
        PublicHealthEmergency,
        Text::new("申请所附的材料", "What was added to an application"),
        PASSES_FOR,
    ),
    Entry::of_citizens(
        "vehicle_pass",
        PublicHealthEmergency,
        Text::new("车辆通行证", "Passes for vehicles"),
        PASSES_FOR,
    )
    .staying(UNTIL_ITS_DAYS_ARE_OVER),
    Entry::of_citizens(
        "vehicle_authorisation",
        PublicHealthEmergency,
        Text::new(
            "持证人授权查看通行证",
            "That a holder let somebody see a pass",
        ),
        PASSES_FOR,
    ),
    Entry::of_citizens(
        "work_permit",
        PublicHealthEmergency,
        Text::new("复工证", "The return to work"),
        PASSES_FOR,
    )
    .staying(AN_UNITS),
    Entry::of_citizens(
        "work_objection",
        PublicHealthEmergency,
        Text::new("对复工公示的异议", "Objections to a return that is public"),
        DECISIONS_FOR,
    ),
    Entry::of_citizens(
        "visit",
        PublicHealthEmergency,
        Text::new(
            "到访登记，用于追溯同时在场的人",
            "Visits, to find who was there at the same time",
        ),
        VISITED_FOR,
    )
    .staying(A_DAY_AT_A_TIME),
    Entry::of_citizens(
        "visit_guest",
        PublicHealthEmergency,
        Text::new("没有手机者的到访登记", "Visits of people without a phone"),
        VISITED_FOR,
    )
    .not_in_copies(AT_DOORS_BY_WORDS)
    .staying(A_DAY_AT_A_TIME),
    Entry::of_citizens(
        "visitor_look_up",
        PublicHealthEmergency,
        Text::new(
            "谁在门口查验过，供本人查阅",
            "Who looked somebody up at a door, for them to see",
        ),
        VISITED_FOR,
    ),
    Entry::of_citizens(
        "venue",
        StatutoryDuty,
        Text::new("场所码", "Venues"),
        FOR_GOOD,
    )
    .staying(AN_UNITS),
    Entry::of_citizens(
        "venue_application",
        StatutoryDuty,
        Text::new("场所码的申请", "Applications for venues"),
        FOR_GOOD,
    )
    .staying(AN_UNITS),
    Entry::of_citizens(
        "organisation_agent",
        StatutoryDuty,
        Text::new("为单位办理的人", "Who acts for units"),
        AGENTS_FOR,
    ),
    Entry::of_citizens(
        "organisation_session",
        StatutoryDuty,
        Text::new("单位的登录", "Log-ins of units"),
        SESSIONS_FOR,
    ),
    Entry::of_citizens(
        "organisation",
        StatutoryDuty,
        Text::new(
            "单位及其法定代表人的索引",
            "Units, with an index of their legal persons",
        ),
        FOR_GOOD,
    )
    .not_in_copies(AN_UNITS)
    .staying(AN_UNITS),
    Entry::of_citizens(
        "gate_record",
        PublicHealthEmergency,
        Text::new(
            "卡口和门岗的通行记录",
            "What gates recorded of people who passed",
        ),
        GATES_FOR,
    )
    .staying(RECORDED_BY_AUTHORITIES),
    Entry::of_citizens(
        "tracing_release",
        PublicHealthEmergency,
        Text::new("流调释放的名单", "Who was named to the health authority"),
        RELEASED_FOR,
    )
    .staying(RECORDED_BY_AUTHORITIES),
    Entry::of_citizens(
        "override_subject",
        PublicHealthEmergency,
        Text::new(
            "由多人决定的健康码",
            "Whose colours several people decided on",
        ),
        DECISIONS_FOR,
    )
    .staying(DECIDED_BY_AUTHORITIES),
    Entry::of_citizens(
        "notification",
        PublicHealthEmergency,
        Text::new("通知", "What people were told"),
        TOLD_FOR,
    ),
    Entry::of_citizens(
        "notification_preference",
        PublicHealthEmergency,
        Text::new("希望怎样被通知", "How people wish to be told"),
        AS_LONG_AS_THE_ACCOUNT,
    ),
    Entry::of_citizens(
        "subscription",
        Consent,
        Text::new("允许发送的消息", "What may be sent to somebody"),
        AS_LONG_AS_THE_ACCOUNT,
    ),
    Entry::of_citizens(
        "form_id",
        Consent,
        Text::new("允许发送的支付宝消息", "What may be sent through Alipay"),
        SEVEN_DAYS,
    ),
    Entry::of_citizens(
        "upload",
        PublicHealthEmergency,
        Text::new("申请所附的文件", "Files for applications"),
        PASSES_FOR,
    ),
    Entry::of_citizens(
        "import_finding",
        PublicHealthEmergency,
        Text::new(
            "批量数据中未能采用的行",
            "Rows of files that were not taken",
        ),
        FILES_FOR,
    )
    .not_in_copies(BY_OTHERS)
    .staying(RECORDED_BY_AUTHORITIES),
    Entry::of_citizens(
        "idempotent_response",
        PublicHealthEmergency,
        Text::new(
            "重复的请求得到同一答复",
            "The same answer to the same request",
        ),
        A_DAY,
    )
    .not_in_copies(ANSWERS)
    .staying(ANSWERS),
    Entry::of_citizens(
        "audit_entry",
        StatutoryDuty,
        Text::new("谁对谁做了什么", "Who did what to whom"),
        AUDITED_FOR,
    )
    .not_in_copies(NOT_READ)
    .staying(FOR_THE_RECORD),
    Entry::of_citizens(
        "log_leaf",
        StatutoryDuty,
        Text::new(
            "等待进入公开日志的条目",
            "Entries that wait for their place in the public log",
        ),
        AUDITED_FOR,
    )
    .not_in_copies(WITH_PROOFS)
    .staying(FOR_THE_RECORD),
    Entry::of_citizens(
        "log_entry",
        StatutoryDuty,
        Text::new("公开日志的条目", "Entries of the public log"),
        AUDITED_FOR,
    )
    .not_in_copies(WITH_PROOFS)
    .staying(FOR_THE_RECORD),
];
