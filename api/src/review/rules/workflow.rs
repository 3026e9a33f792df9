//! What a workflow says.

use std::{collections::BTreeSet, fmt};

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use entity::values::{
    CaseAction, CaseOutcome, CaseState, CaseSubject, ContactResult, Division, Role,
};
use serde::{Deserialize, Serialize};

/// How cases of a kind are decided, stage by stage. It is a document: a version of it never changes,
/// and a case keeps the one that it began with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// Its name.
    pub key: String,
    /// Which version. A later one is greater.
    pub version: i64,
    /// What its cases are about.
    pub subject: CaseSubject,
    /// What people call it.
    pub title: Words,
    /// The stage at which cases begin.
    pub first: String,
    /// Its stages.
    pub stages: Vec<Stage>,
}

/// Something in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// Where a case stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Its name within the workflow.
    pub key: String,
    /// What people call it.
    pub title: Words,
    /// Who has to do something.
    pub waits_for: WaitsFor,
    /// Who of the authority decides. For a stage that waits for a person, and for no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decider: Option<Decider>,
    /// What may be done here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionRule>,
    /// How long it may take, and what happens then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockRule>,
}

/// Whom a stage waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// Somebody of the authority. A limit that is reached here is a promise broken.
    Person,
    /// The applicant.
    Applicant,
    /// Another system.
    Answer,
}

/// Who decides at a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decider {
    /// The role that they hold.
    pub role: Role,
    /// Where, seen from the case.
    #[serde(rename = "where")]
    pub level: Level,
}

/// A place, seen from a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Level {
    /// Its community; its county, where no community handles it.
    Community,
    /// Its county or district.
    District,
    /// The prefecture around that; the province, where none is between.
    Prefecture,
    /// The province.
    Province,
    /// The community where whom it concerns lives; the county there, where no community is known; its own
    /// county, where that is not of our regions.
    ResidenceCommunity,
    /// The county or district where whom it concerns lives; its own, where that is not of our regions.
    ResidenceDistrict,
    /// A place by its code, whatever the case.
    Named(Division),
}

/// No level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not community, district, prefecture, province, residence_community, residence_district or the code of a division"
)]
pub struct LevelError;

impl TryFrom<String> for Level {
    type Error = LevelError;

    fn try_from(text: String) -> Result<Self, LevelError> {
        Ok(match text.as_str() {
            "community" => Self::Community,
            "district" => Self::District,
            "prefecture" => Self::Prefecture,
            "province" => Self::Province,
            "residence_community" => Self::ResidenceCommunity,
            "residence_district" => Self::ResidenceDistrict,
            _ => Self::Named(Division::try_from(text).map_err(|_| LevelError)?),
        })
    }
}

impl From<Level> for String {
    fn from(level: Level) -> Self {
        match level {
            Level::Community => "community".into(),
            Level::District => "district".into(),
            Level::Prefecture => "prefecture".into(),
            Level::Province => "province".into(),
            Level::ResidenceCommunity => "residence_community".into(),
            Level::ResidenceDistrict => "residence_district".into(),
            Level::Named(division) => division.into(),
        }
    }
}

/// Something that may be done at a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionRule {
    /// What.
    pub action: CaseAction,
    /// Where the case goes.
    pub to: Target,
    /// What it takes.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub evidence: BTreeSet<Evidence>,
    /// How often it may be done to one case at this stage. As often as anybody likes, where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u16>,
    /// The closed list of reasons, where a reason is evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonRule>,
}

/// Where a case goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// To a stage, whose clock starts.
    Stage(String),
    /// It is over.
    Outcome(CaseOutcome),
    /// Back to the stage that asked, whose clock goes on.
    Back,
}

/// What an action takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// A reason of the closed list.
    Reason,
    /// Words.
    Text,
    /// Somebody tried to reach the applicant, and that is on record.
    Contact,
}

/// A reason of a closed list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonRule {
    /// Its name; stable.
    pub code: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// The contacts that it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contacts: Option<ContactsNeeded>,
}

/// Contacts that a reason takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactsNeeded {
    /// What came of them: one of these.
    pub results: BTreeSet<ContactResult>,
    /// How many.
    pub at_least: u16,
    /// So many minutes lie between two of them, or more.
    #[serde(default)]
    pub minutes_apart: u32,
}

impl ContactsNeeded {
    /// Whether such `contacts`, in order, suffice.
    #[must_use]
    pub fn are_met_by(
        &self,
        contacts: impl IntoIterator<Item = (DateTime<Utc>, ContactResult)>,
    ) -> bool {
        let apart = TimeDelta::minutes(self.minutes_apart.into());
        let (mut found, mut last) = (0, None);
        for (at, result) in contacts {
            if self.results.contains(&result) && last.is_none_or(|last| at - last >= apart) {
                found += 1;
                last = Some(at);
            }
        }
        found >= self.at_least
    }
}

/// How long a stage may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockRule {
    /// How long.
    pub limit: Limit,
    /// Since when.
    #[serde(default, skip_serializing_if = "Begin::is_arrival")]
    pub from: Begin,
    /// Whoever decides is reminded so many minutes of the limit's kind before; of any time, where the
    /// limit counts days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_minutes_before: Option<u32>,
    /// What happens then.
    pub when_out: Consequence,
}

/// When a clock begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Begin {
    /// When the case comes to the stage.
    #[default]
    Arrival,
    /// When the case was opened: what was promised to the applicant counts whatever came before. For a
    /// stage to which a case comes when it is opened or from an answer.
    Opening,
}

impl Begin {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    fn is_arrival(&self) -> bool {
        *self == Self::Arrival
    }
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Minutes in which offices work.
    WorkingMinutes(u32),
    /// Working days, of which that on which it begins is none. Over with the last of them.
    WorkingDays(u16),
    /// Minutes of any time.
    Minutes(u32),
}

/// How a limit is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// Only while offices work.
    WorkingTime,
    /// One working day after the other.
    WorkingDays,
    /// Always.
    AnyTime,
}

impl Limit {
    /// How it is counted.
    #[must_use]
    pub fn counting(self) -> Counting {
        match self {
            Self::WorkingMinutes(_) => Counting::WorkingTime,
            Self::WorkingDays(_) => Counting::WorkingDays,
            Self::Minutes(_) => Counting::AnyTime,
        }
    }
}

/// What happens when a limit is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consequence {
    /// The case goes to another stage.
    Escalate(String),
    /// The workflow decides.
    #[serde(rename = "decide")]
    Decide {
        /// What.
        outcome: CaseOutcome,
        /// When.
        at: When,
        /// What happens if the decision may not be made then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        otherwise: Option<Otherwise>,
    },
    /// Whoever decides is reminded, every so many minutes.
    Remind(u32),
}

/// What happens where a workflow may not decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Otherwise {
    /// The case goes to this stage.
    Stage(String),
    /// It stays, and whoever decides is reminded. Each time it is seen again whether the workflow may
    /// decide by now.
    Remind(Reminder),
}

/// How often somebody is reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reminder {
    /// Every so many minutes.
    pub remind: u32,
}

/// When a workflow decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// When the limit is reached.
    Now,
    /// On the next calendar day, at a time in Asia/Shanghai; when the limit is reached, if that is later.
    NextDay {
        /// The time.
        time: NaiveTime,
        /// The day after which.
        #[serde(default)]
        from: Start,
    },
}

/// A day to count from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// That on which the limit is reached.
    #[default]
    TimeOut,
    /// That on which the case was opened.
    Opening,
}

impl Workflow {
    /// The stage called `key`.
    #[must_use]
    pub fn stage(&self, key: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.key == key)
    }
}

impl Stage {
    /// What it says of `action`, if it may be done here.
    #[must_use]
    pub fn action(&self, action: CaseAction) -> Option<&ActionRule> {
        self.actions.iter().find(|rule| rule.action == action)
    }

    /// Whom a case waits for here.
    #[must_use]
    pub fn state(&self) -> CaseState {
        match self.waits_for {
            WaitsFor::Person => CaseState::Authority,
            WaitsFor::Applicant => CaseState::Applicant,
            WaitsFor::Answer => CaseState::Answer,
        }
    }

    /// Where a case may go from here.
    pub fn ways(&self) -> impl Iterator<Item = Target> {
        let acted = self.actions.iter().map(|rule| rule.to.clone());
        let consequence = self.clock.as_ref().map(|clock| &clock.when_out);
        acted.chain(consequence.into_iter().flat_map(Consequence::ways))
    }
}

impl Consequence {
    fn ways(&self) -> Vec<Target> {
        match self {
            Self::Escalate(stage) => vec![Target::Stage(stage.clone())],
            Self::Decide {
                outcome, otherwise, ..
            } => {
                let otherwise = match otherwise {
                    Some(Otherwise::Stage(stage)) => Some(Target::Stage(stage.clone())),
                    Some(Otherwise::Remind(_)) | None => None,
                };
                std::iter::once(Target::Outcome(*outcome))
                    .chain(otherwise)
                    .collect()
            }
            Self::Remind(_) => Vec::new(),
        }
    }
}

impl ActionRule {
    /// The reason called `code`.
    #[must_use]
    pub fn reason(&self, code: &str) -> Option<&ReasonRule> {
        self.reasons.iter().find(|reason| reason.code == code)
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reason => "reason",
            Self::Text => "text",
            Self::Contact => "contact",
        })
    }
}
