//! How long, why something stays, and why something is not copied: words that several entries share.

use crate::http::problem::Text;

pub(super) const AS_LONG_AS_THE_ACCOUNT: Text = Text::new("账号存续期间", "As long as the account");
pub(super) const DECLARED_FOR: Text = Text::new("30 天", "30 days");
pub(super) const CHECKED_IN_FOR: Text = Text::new("180 天", "180 days");
pub(super) const TESTED_FOR: Text = Text::new("30 天", "30 days");
pub(super) const FACTS_FOR: Text = Text::new("结束后 90 天", "90 days after its end");
pub(super) const PASSES_FOR: Text =
    Text::new("有效期届满后 90 天", "90 days after its days are over");
pub(super) const DECISIONS_FOR: Text = Text::new(
    "办结后 1095 天（三年）",
    "1095 days after the decision (three years)",
);
pub(super) const VISITED_FOR: Text = Text::new(
    "21 天，整日删除并出具签名凭证",
    "21 days; days go as a whole, with a signed receipt",
);
pub(super) const TOLD_FOR: Text = Text::new("90 天", "90 days");
pub(super) const AGENTS_FOR: Text = Text::new("结束后 180 天", "180 days after it ended");
pub(super) const SESSIONS_FOR: Text = Text::new("到期后 90 天", "90 days after its time is over");
pub(super) const REPORTED_FOR: Text = Text::new("办结后 180 天", "180 days after it was closed");
pub(super) const GATES_FOR: Text = Text::new("21 天", "21 days");
pub(super) const RELEASED_FOR: Text = Text::new("释放后 22 天", "22 days after the release");
pub(super) const AUDITED_FOR: Text = Text::new(
    "至少三年，只增不改",
    "Three years at least; added to, never changed",
);
pub(super) const FILES_FOR: Text = Text::new("367 天", "367 days");
pub(super) const FOR_GOOD: Text = Text::new("长期", "For good");
pub(super) const A_DAY: Text = Text::new("24 小时", "24 hours");
pub(super) const UNTIL_SEEN_TO: Text = Text::new("处理完毕即删除", "Until it is seen to");
pub(super) const SEVEN_DAYS: Text =
    Text::new("七天，或用完为止", "Seven days, or until it is spent");
pub(super) const RECORDED_BY_AUTHORITIES: Text = Text::new(
    "由主管部门或检测机构记录，期满前以不指向任何人的编号保留",
    "Recorded by authorities and laboratories: stays for its time, under an id that leads to nobody",
);
pub(super) const DECIDED_BY_AUTHORITIES: Text = Text::new(
    "主管部门的决定期满前以不指向任何人的编号保留，当事人书写的文字即予删除",
    "What authorities decided stays for its time, under an id that leads to nobody; what was written goes",
);
pub(super) const A_DAY_AT_A_TIME: Text = Text::new(
    "到访记录按日整体删除并出具计数凭证，此前以不指向任何人的编号保留",
    "Days of visits go as a whole, with a receipt that counts them: until then it stays, under an id that leads to nobody",
);
pub(super) const UNTIL_ITS_DAYS_ARE_OVER: Text = Text::new(
    "提前作废的凭证保留至有效期届满，以防再次使用",
    "What ended before its days were over stays until they are, so that it does not count again",
);
pub(super) const AN_UNITS: Text = Text::new(
    "属于单位的记录，仅保留不指向任何人的编号",
    "It is the unit's; who asked stays as an id that leads to nobody",
);
pub(super) const FOR_THE_RECORD: Text = Text::new(
    "审计日志只增不改，仅含不指向任何人的编号",
    "The audit log is never changed, and holds an id that leads to nobody",
);
pub(super) const AN_ID: Text = Text::new(
    "仅保留不指向任何人的编号，使其他记录不致被篡改",
    "An id stays, which leads to nobody, so that no other record has to be changed",
);
pub(super) const ENDED_SESSIONS: Text = Text::new(
    "保留已结束的会话，使其令牌不能再用，设备名称即予删除",
    "Ended log-ins stay, so that tokens of theirs are not taken again; what devices are called goes",
);
pub(super) const A_SECRET: Text = Text::new(
    "是凭证的摘要，不含其他内容",
    "A digest of a secret, and nothing else",
);
pub(super) const AT_DOORS_BY_WORDS: Text = Text::new(
    "只有口头登记的内容，无法确定是谁",
    "Words alone, of people of whom nobody knows who they are",
);
pub(super) const WITH_PROOFS: Text = Text::new(
    "可连同证明另行取得（/v1/people/{person}/log-proofs）",
    "Read with its proofs elsewhere (/v1/people/{person}/log-proofs)",
);
pub(super) const NOT_READ: Text = Text::new(
    "只能追加，服务自身不能读取；健康码的变更见 colour_change",
    "It can be added to and not read, by the service either; what changed one's code is in colour_change",
);
pub(super) const ANSWERS: Text = Text::new(
    "与请求一同加密保存的答复，不能按人查找",
    "Sealed answers to requests, which cannot be looked for by person",
);
pub(super) const BY_OTHERS: Text = Text::new(
    "是他人名单的文件处理记录，不能按人查找",
    "What was found in files of many, which cannot be looked for by person",
);
pub(super) const SAME_AS_STEPS: Text = Text::new(
    "只说明主管部门何时逾期，案件本身见 review_case",
    "Says when an authority was late; the case itself is in review_case",
);
