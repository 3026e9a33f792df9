//! Messages in words: the values that templates show, and the text of the list.

mod texts;

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use entity::values::{
    Colour, Falsehood, NotificationKind, NotificationLanguage, PersonName, ReasonCode,
};
use sea_orm::Iterable;

use super::message::{Decision, Message, Reference};
use crate::platform::clock::CHINA;

/// A name as messages show it: masked, and never longer than four characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownName(Option<String>);

/// The variables of a message, and what stands for each.
pub type Values = Vec<(&'static str, String)>;

impl ShownName {
    /// How messages show `masked`, a name as bystanders may see it.
    #[must_use]
    pub fn of(masked: Option<&str>) -> Self {
        Self(masked.and_then(shortened))
    }

    /// The text, or how one calls somebody whose name is not known.
    fn in_language(&self, language: NotificationLanguage) -> String {
        let unnamed = match language {
            NotificationLanguage::Zh => "您",
            NotificationLanguage::En => "you",
        };
        self.0.clone().unwrap_or_else(|| unnamed.into())
    }
}

impl From<&PersonName> for ShownName {
    fn from(name: &PersonName) -> Self {
        Self::of(Some(&name.masked()))
    }
}

/// First and last as they are, two asterisks for what lies between: long names do not fit.
fn shortened(masked: &str) -> Option<String> {
    let letters: Vec<char> = masked.chars().collect();
    match letters.as_slice() {
        [] => None,
        [first, .., last] if letters.len() > 4 => Some(format!("{first}**{last}")),
        short => Some(short.iter().collect()),
    }
}

impl Message {
    /// The variables that a template may use, for somebody called `name`. The same variables for every
    /// message of a kind.
    #[must_use]
    pub fn values(&self, name: &ShownName, language: NotificationLanguage) -> Values {
        let mut values = vec![("name", self.named(name).in_language(language))];
        match self {
            Self::CodeChanged {
                colour, reason, at, ..
            } => {
                values.push(("colour", colour_in(*colour, language).into()));
                values.push(("reason", reason_in(*reason, language).into()));
                values.extend(instant(["at", "at.day", "at.time"], *at, language));
            }
            Self::CheckInDue { day } => values.push(("day", day_in(*day, language))),
            Self::ReviewDecided { case, decision, at } => {
                values.push(("case", case.as_str().into()));
                values.push(("decision", decision_in(*decision, language).into()));
                values.extend(instant(["at", "at.day", "at.time"], *at, language));
            }
            Self::ReviewDue { case, until } => {
                values.push(("case", case.as_str().into()));
                let names = ["until", "until.day", "until.time"];
                values.extend(instant(names, *until, language));
            }
            Self::PassExpiring { pass, last_day } => {
                values.push(("pass", pass.as_str().into()));
                values.push(("last_day", day_in(*last_day, language)));
            }
            Self::PassStanding {
                pass, stands, at, ..
            } => {
                values.push(("pass", pass.as_str().into()));
                values.push(("standing", standing_in(*stands, language).into()));
                values.extend(instant(["at", "at.day", "at.time"], *at, language));
            }
            Self::PassRecognised { pass, by, at } => {
                values.push(("pass", pass.as_str().into()));
                values.push(("by", counterpart_in(by.as_deref(), language).into()));
                values.extend(instant(["at", "at.day", "at.time"], *at, language));
            }
            Self::RideAsked { application, until } => {
                values.push(("case", application.as_str().into()));
                let names = ["until", "until.day", "until.time"];
                values.extend(instant(names, *until, language));
            }
            Self::VisitsReleased { release, at } => {
                values.push(("release", release.as_str().into()));
                values.extend(instant(["at", "at.day", "at.time"], *at, language));
            }
            Self::ControlAction { action, at } => {
                values.push(("action", action.as_str().into()));
                values.extend(instant(["at", "at.day", "at.time"], *at, language));
            }
            Self::VenueStanding { venue, stands, at } => {
                values.push(("venue", venue.as_str().into()));
                values.push(("standing", standing_in(*stands, language).into()));
                values.extend(instant(["at", "at.day", "at.time"], *at, language));
            }
            Self::DeclarationMark {
                application,
                falsehood,
                stands,
                at,
            } => {
                values.push(("case", application.as_str().into()));
                values.push(("falsehood", falsehood_in(*falsehood, language).into()));
                values.push(("mark", mark_in(*stands, language).into()));
                values.extend(instant(["at", "at.day", "at.time"], *at, language));
            }
        }
        values
    }

    /// A heading and a sentence for the list of what one was told.
    #[must_use]
    pub fn text(&self, name: &ShownName, language: NotificationLanguage) -> (&'static str, String) {
        let name = self.named(name).in_language(language);
        match language {
            NotificationLanguage::Zh => self.chinese(&name),
            NotificationLanguage::En => self.english(&name),
        }
    }

    /// Whom it is about: whoever is told and is called `name`, or somebody whom it names.
    fn named(&self, name: &ShownName) -> ShownName {
        match self {
            Self::PassStanding {
                holder: Some(holder),
                ..
            } => ShownName::of(Some(holder)),
            _ => name.clone(),
        }
    }
}

fn instant(
    names: [&'static str; 3],
    at: DateTime<Utc>,
    language: NotificationLanguage,
) -> impl Iterator<Item = (&'static str, String)> {
    let day = day_in(at.with_timezone(&CHINA).date_naive(), language);
    let texts = [moment_in(at, language), day, time_in(at)];
    names.into_iter().zip(texts)
}

fn moment_in(at: DateTime<Utc>, language: NotificationLanguage) -> String {
    let day = day_in(at.with_timezone(&CHINA).date_naive(), language);
    format!("{day} {}", time_in(at))
}

fn time_in(at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&CHINA);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// Years have four digits, whatever the date: platforms take no others.
fn day_in(day: NaiveDate, language: NotificationLanguage) -> String {
    let (year, month, day) = (day.year().clamp(1000, 9999), day.month(), day.day());
    match language {
        NotificationLanguage::Zh => format!("{year}年{month}月{day}日"),
        NotificationLanguage::En => format!("{year}-{month:02}-{day:02}"),
    }
}

fn pick(
    language: NotificationLanguage,
    chinese: &'static str,
    english: &'static str,
) -> &'static str {
    match language {
        NotificationLanguage::Zh => chinese,
        NotificationLanguage::En => english,
    }
}

fn colour_in(colour: Colour, language: NotificationLanguage) -> &'static str {
    match colour {
        Colour::Green => pick(language, "绿码", "green"),
        Colour::Grey => pick(language, "待审核", "pending"),
        Colour::Yellow => pick(language, "黄码", "yellow"),
        Colour::Red => pick(language, "红码", "red"),
    }
}

fn reason_in(reason: Option<ReasonCode>, language: NotificationLanguage) -> &'static str {
    match reason {
        None => pick(language, "无异常", "nothing found"),
        Some(ReasonCode::R01) => pick(language, "确诊或无症状感染", "confirmed case"),
        Some(ReasonCode::R02) => pick(language, "疑似病例", "suspected case"),
        Some(ReasonCode::R03) => pick(language, "密切接触者", "close contact"),
        Some(ReasonCode::R04) => pick(language, "次密切接触者", "contact of a contact"),
        Some(ReasonCode::R05) => pick(language, "境外入境隔离中", "entered from abroad"),
        Some(ReasonCode::R06) => pick(language, "到过高风险地区", "high-risk area"),
        Some(ReasonCode::R07) => pick(language, "在封控区内", "inside a sealed area"),
        Some(ReasonCode::R08) => pick(language, "由其他地区推送", "pushed by a region"),
        Some(ReasonCode::R09 | ReasonCode::Y08) => {
            pick(language, "由所列地区决定", "decided by a region")
        }
        Some(ReasonCode::Y02) => pick(language, "时空伴随或待复检", "awaiting a test"),
        Some(ReasonCode::Y03) => pick(language, "到过中风险地区", "medium-risk area"),
        Some(ReasonCode::Y05) => pick(language, "居家健康监测中", "monitored at home"),
        Some(ReasonCode::Y07) => pick(language, "核酸检测已逾期", "a test is overdue"),
        Some(ReasonCode::Y01) => pick(language, "本人申报有发热或症状", "fever or symptoms"),
        Some(ReasonCode::Y04) => pick(language, "自省外到达，健康观察中", "arrived from outside"),
        Some(ReasonCode::Y06) => pick(language, "健康申报已过期", "the report is old"),
        Some(ReasonCode::G00) => pick(language, "尚未完成比对", "not decided yet"),
    }
}

fn standing_in(stands: bool, language: NotificationLanguage) -> &'static str {
    if stands {
        pick(language, "有效", "good")
    } else {
        pick(language, "暂停", "suspended")
    }
}

fn falsehood_in(falsehood: Falsehood, language: NotificationLanguage) -> &'static str {
    match falsehood {
        Falsehood::Residence => pick(language, "居住和停留情况", "where they stayed"),
        Falsehood::Contact => pick(language, "接触情况", "whom they met"),
        Falsehood::Health => pick(language, "健康状况", "health"),
        Falsehood::Arrival => pick(language, "抵达情况", "arrival"),
        Falsehood::Other => pick(language, "其他内容", "something else"),
    }
}

fn mark_in(stands: bool, language: NotificationLanguage) -> &'static str {
    if stands {
        pick(language, "标记不实", "marked false")
    } else {
        pick(language, "标记撤销", "mark lifted")
    }
}

fn counterpart_in(by: Option<&str>, language: NotificationLanguage) -> &str {
    by.unwrap_or_else(|| pick(language, "未署名", "unnamed"))
}

fn decision_in(decision: Decision, language: NotificationLanguage) -> &'static str {
    match decision {
        Decision::Approved => pick(language, "通过", "approved"),
        Decision::Refused => pick(language, "不通过", "refused"),
    }
}

/// Messages of `kind` whose values are as long and as odd as they get: a template that holds for these
/// holds for all.
#[must_use]
pub fn extremes(kind: NotificationKind) -> Vec<(Message, ShownName)> {
    let names =
        ["欧**文", "A**z", "*三", "*", "阿**.", "W**·"].map(|name| ShownName::of(Some(name)));
    let names = names.into_iter().chain([ShownName::of(None)]);
    let mut messages = extreme_messages();
    messages.retain(|message| message.kind() == kind);
    names
        .flat_map(|name| messages.iter().cloned().map(move |it| (it, name.clone())))
        .collect()
}

fn extreme_messages() -> Vec<Message> {
    let days = [(2026, 1, 1), (2026, 12, 31)];
    let days = days.map(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d).unwrap_or_default());
    let longest =
        |text: &str| -> String { text.chars().cycle().take(Reference::LONGEST).collect() };
    let references = [
        "A",
        "1",
        "A-0",
        &longest("9"),
        &longest("Z"),
        &longest("A-1"),
    ]
    .map(|text| Reference::parse(text).ok());
    let mut messages = Vec::new();
    for day in days {
        let at = day.and_hms_opt(15, 59, 0).unwrap_or_default().and_utc();
        messages.push(Message::CheckInDue { day });
        messages.extend(extreme_changes(at));
        for reference in references.iter().flatten() {
            messages.extend(of_a_case(reference, day, at));
        }
    }
    messages
}

fn extreme_changes(at: DateTime<Utc>) -> impl Iterator<Item = Message> {
    let reasons = || ReasonCode::iter().map(Some).chain([None]);
    Colour::iter().flat_map(move |colour| {
        reasons().map(move |reason| Message::CodeChanged {
            assessment: 1,
            colour,
            reason,
            at,
        })
    })
}

fn of_a_case(reference: &Reference, day: NaiveDate, at: DateTime<Utc>) -> Vec<Message> {
    let decided = |decision| Message::ReviewDecided {
        case: reference.clone(),
        decision,
        at,
    };
    let standing = |stands| Message::PassStanding {
        pass: reference.clone(),
        stands,
        at,
        holder: None,
    };
    let recognised = |by: Option<&str>| Message::PassRecognised {
        pass: reference.clone(),
        by: by.map(str::to_owned),
        at,
    };
    let venue = |stands| Message::VenueStanding {
        venue: reference.clone(),
        stands,
        at,
    };
    let marks = Falsehood::iter().flat_map(|falsehood| {
        [true, false].map(|stands| Message::DeclarationMark {
            application: reference.clone(),
            falsehood,
            stands,
            at,
        })
    });
    let others = [
        standing(true),
        standing(false),
        Message::ControlAction {
            action: reference.clone(),
            at,
        },
        venue(true),
        venue(false),
        Message::VisitsReleased {
            release: reference.clone(),
            at,
        },
        decided(Decision::Approved),
        decided(Decision::Refused),
        Message::ReviewDue {
            case: reference.clone(),
            until: at,
        },
        Message::PassExpiring {
            pass: reference.clone(),
            last_day: day,
        },
        recognised(None),
        recognised(Some("新疆维吾尔自治区")),
        recognised(Some("Zhejiang")),
        Message::RideAsked {
            application: reference.clone(),
            until: at,
        },
    ];
    others.into_iter().chain(marks).collect()
}
