//! The documents that are accepted at log-in (L1).

use crate::http::problem::Text;

/// What is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Document {
    /// Name in consents: `terms` or `privacy`.
    pub(super) name: &'static str,
    /// The current version: the date that it took effect.
    pub(super) version: &'static str,
    /// Its title.
    pub(super) title: Text,
    /// Its text.
    pub(super) text: Text,
    /// What a log-in that accepts another version is told.
    pub(super) not_current: Text,
}

/// The terms of use.
pub(super) const TERMS: Document = Document {
    name: "terms",
    version: "2026-11-23",
    title: Text::new("使用条款", "Terms of use"),
    text: Text::new(
        "您须如实申报健康状况；代他人申报时，须为其监护人或近亲属。健康码由公开的规则根据您的申报和\
         政府数据得出，并附有原因；您可以对结果提出异议。不得出借、伪造或冒用健康码。没有智能手机的人\
         可以凭证件登记，健康码不是唯一的凭证。您可以注销账号；正在采取防疫措施、凭证仍在有效期内或案件尚未办结时\
         除外。无人代管的被代办人随您的账号一并注销，先行解除代办关系的除外。",
        "Declare your health truthfully; declare for others only as their guardian or close relative. \
         Your code follows from your declaration and government data by published rules, and shows \
         its reasons; you may object to the outcome. Do not lend, forge or borrow codes. People \
         without a smartphone may register with a document: the code is not the only credential. You \
         may have your account deleted, unless a measure is in force, a pass is good or a case is open; \
         dependants whom nobody else acts for go along, unless you remove them before.",
    ),
    not_current: Text::new(
        "须接受 2026-11-23 版使用条款",
        "must be the current version, 2026-11-23",
    ),
};

/// The privacy notice.
pub(super) const PRIVACY: Document = Document {
    name: "privacy",
    version: "2026-11-23",
    title: Text::new("隐私声明", "Privacy notice"),
    text: Text::new(
        "我们处理您的手机号码、姓名、证件号码、健康申报和打卡记录，仅用于疫情防控，依据为应对突发公共\
         卫生事件（《个人信息保护法》第十三条第一款第四项）。健康信息属于敏感个人信息，加密保存，每人\
         使用各自的密钥；姓名和证件号码会提交人口登记机关核对，短信服务商会得到您的手机号码。二维码中\
         不含个人信息。您可以查阅、复制、更正和删除自己的信息：登录后\
         十分钟内可以取得全部信息的副本，也可以注销账号。注销时，您申报和提交的信息、通知、授权以及您的密钥即被删除，\
         以该密钥加密的内容不能再读取，该手机号码可以重新注册。主管部门或检测机构记录的信息和作出的决定、期满前的\
         到访和通行记录、审计日志仍保留至期满，但只带有不指向任何人的编号。注销前所作的备份在其保存期内仍含有这些\
         内容。正在采取防疫措施时不能注销。各类信息的用途、依据和保存期限公布于 /v1/data-map；数据不再需要时即予删除。",
        "We process your mobile number, name, document number, health declarations and check-ins, for \
         epidemic control only, on the ground of responding to a public-health emergency (PIPL article \
         13(1)(4)). Health data is sensitive personal data: it is stored encrypted, under a key of \
         each person's own. Your name and document number are compared with the population registry, \
         and the SMS provider receives your number. Codes hold no personal data. You may see, copy, \
         correct and delete your data: within ten minutes of a log-in you get a copy of all of it, or \
         have your account deleted. Then what you declared and sent, what you were told and allowed, and \
         your key are erased; what was sealed under that key opens no more, and your number can register \
         anew. What authorities and laboratories recorded and decided, visits and passages until their \
         time is over, and the audit log stay until then, under an id that leads to nobody. Backups from \
         before hold it all for as long as they are kept. While a measure is in force no account is \
         deleted. What each kind of data is for, by what right it is kept and for how long is published \
         at /v1/data-map; it is deleted when it is no longer needed.",
    ),
    not_current: Text::new(
        "须接受 2026-11-23 版隐私声明",
        "must be the current version, 2026-11-23",
    ),
};
