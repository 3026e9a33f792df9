//! What a colour was found in, in words: kind, time and region, never anybody else's data.

use chrono::{DateTime, Utc};
use entity::values::{Division, OverrideGround, TestResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rules::{CaseKind, Finding, Tested, What};
use crate::{
    http::problem::{Language, Text},
    regions,
};

/// What kind of fact something was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum FoundKind {
    /// A nucleic-acid test.
    NucleicAcidTest,
    /// One's own declaration.
    Declaration,
    /// One's own check-in.
    CheckIn,
    /// An arrival from outside the province.
    Arrival,
    /// Close contact with a case.
    CloseContact,
    /// Close contact with a close contact.
    SecondaryContact,
    /// The same place at the same time as a case.
    Companion,
    /// A suspected case.
    SuspectedCase,
    /// A confirmed case, or an infection without symptoms.
    ConfirmedCase,
    /// A declared stay in a place while it had a level of risk.
    RiskAreaStay,
    /// Isolation.
    Isolation,
    /// A colour that the national platform or another region asks for.
    Push,
    /// A decision that one person requested and two approved.
    Override,
    /// A record of a kind that is not told any more.
    Record,
}

impl FoundKind {
    /// The kind of `what`, or of what `evidence` names where nothing more is known.
    pub(super) fn of(what: Option<&What>, evidence: &str) -> Self {
        let own = match evidence.split_once('/') {
            Some(("check_in", _)) => Self::CheckIn,
            Some(("declaration", _)) => Self::Declaration,
            Some(("test", _)) => Self::NucleicAcidTest,
            Some(("risk_area", _)) => Self::RiskAreaStay,
            _ => Self::Record,
        };
        match what {
            None | Some(What::Record { .. }) => own,
            Some(What::Arrival { .. }) => Self::Arrival,
            Some(What::Test(_)) => Self::NucleicAcidTest,
            Some(What::Contact { .. }) => Self::CloseContact,
            Some(What::SecondaryContact { .. }) => Self::SecondaryContact,
            Some(What::Companion { .. }) => Self::Companion,
            Some(What::Case { kind, .. }) => match kind {
                CaseKind::Suspected => Self::SuspectedCase,
                CaseKind::Confirmed | CaseKind::Asymptomatic => Self::ConfirmedCase,
            },
            Some(What::RiskStay { .. }) => Self::RiskAreaStay,
            Some(What::Isolation { .. }) => Self::Isolation,
            Some(What::Push { .. }) => Self::Push,
            Some(What::Override { .. }) => Self::Override,
        }
    }

    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::NucleicAcidTest => "nucleic_acid_test",
            Self::Declaration => "declaration",
            Self::CheckIn => "check_in",
            Self::Arrival => "arrival",
            Self::CloseContact => "close_contact",
            Self::SecondaryContact => "secondary_contact",
            Self::Companion => "companion",
            Self::SuspectedCase => "suspected_case",
            Self::ConfirmedCase => "confirmed_case",
            Self::RiskAreaStay => "risk_area_stay",
            Self::Isolation => "isolation",
            Self::Push => "push",
            Self::Override => "override",
            Self::Record => "record",
        }
    }

    /// The same in words.
    pub(super) const fn words(self) -> Text {
        match self {
            Self::NucleicAcidTest => Text::new("核酸检测", "Nucleic-acid test"),
            Self::Declaration => Text::new("本人申报", "Your declaration"),
            Self::CheckIn => Text::new("健康打卡", "Your check-in"),
            Self::Arrival => Text::new("省外或境外到达", "Arrival from outside the province"),
            Self::CloseContact => Text::new("密切接触", "Close contact with a case"),
            Self::SecondaryContact => Text::new("次密切接触", "Contact with a close contact"),
            Self::Companion => Text::new("时空伴随", "Same place and time as a case"),
            Self::SuspectedCase => Text::new("疑似病例", "Suspected case"),
            Self::ConfirmedCase => Text::new("确诊或无症状感染", "Confirmed case or infection"),
            Self::RiskAreaStay => Text::new("风险地区停留", "Stay in a risk area"),
            Self::Isolation => Text::new("隔离", "Isolation"),
            Self::Push => Text::new("外地或国家平台推送", "Pushed by another region"),
            Self::Override => Text::new(
                "一人申请、两人批准的决定",
                "Decision that two people approved",
            ),
            Self::Record => Text::new("历史记录", "Earlier record"),
        }
    }
}

/// A region by its code and its name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SourceRegionView)]
pub(super) struct RegionView {
    /// Its code.
    pub(super) division: String,
    /// Its name with those around it. Empty for a code that nobody assigned.
    name: String,
}

impl RegionView {
    /// The region with the code `division`.
    pub(super) fn of(division: &str) -> Self {
        let known = Division::try_from(division.to_owned()).ok();
        Self {
            name: known
                .and_then(|known| regions::full_name(&known))
                .unwrap_or_default(),
            division: division.to_owned(),
        }
    }
}

/// A fact, as the person whom it is about reads it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConsideredFactView)]
pub(super) struct FactView {
    /// What to call it in a correction, such as `fact/…` or `test/…`.
    pub(super) record: String,
    /// What it says.
    pub(super) kind: FoundKind,
    /// The same in words.
    text: &'static str,
    /// What a test found. Null for anything else.
    result: Option<TestResult>,
    /// Why several people decided so, in words. Null for anything else.
    ground: Option<&'static str>,
    /// When it happened, or a sample was taken.
    pub(super) at: DateTime<Utc>,
    /// Since when it is known here, and so has an effect. Null where only what it was is still kept.
    recorded_at: Option<DateTime<Utc>>,
    /// The region whose data it is, and which alone may take it back.
    pub(super) source_region: RegionView,
}

impl FactView {
    /// The view of what `evidence` names: `what`, of the region `source_region`.
    pub(super) fn new(
        what: &What,
        evidence: &str,
        recorded_at: Option<DateTime<Utc>>,
        source_region: &str,
        language: Language,
    ) -> Self {
        let kind = FoundKind::of(Some(what), evidence);
        Self {
            record: evidence.to_owned(),
            kind,
            text: kind.words().in_language(language),
            result: match what {
                What::Test(Tested { result, .. }) => Some(*result),
                _ => None,
            },
            ground: match what {
                What::Override { ground, .. } => Some(words_of(*ground).in_language(language)),
                _ => None,
            },
            at: what.at(),
            recorded_at,
            source_region: RegionView::of(source_region),
        }
    }

    /// The view of `finding`, which is the data of `province` unless it says otherwise.
    pub(super) fn of(finding: &Finding, province: &Division, language: Language) -> Self {
        let source_region = finding.origin.as_ref().unwrap_or(province);
        Self::new(
            &finding.what,
            &finding.evidence,
            Some(finding.recorded_at),
            source_region.code(),
            language,
        )
    }
}

/// Why several people decided so.
const fn words_of(ground: OverrideGround) -> Text {
    match ground {
        OverrideGround::ExposureFound => {
            Text::new("流调发现暴露风险", "An inquiry found an exposure")
        }
        OverrideGround::SymptomsSeen => Text::new("医务人员发现症状", "A doctor saw symptoms"),
        OverrideGround::ResultDoubted => Text::new(
            "检测结果存疑，正在复核",
            "A test result is doubted and is being checked",
        ),
        OverrideGround::ExposureExcluded => {
            Text::new("流调排除暴露风险", "An inquiry excluded the exposure")
        }
        OverrideGround::InfectionExcluded => {
            Text::new("医疗机构排除感染", "A hospital excluded the infection")
        }
        OverrideGround::IsolationCompleted => {
            Text::new("已在外地完成隔离", "Isolation was completed elsewhere")
        }
        OverrideGround::RecordWrong => Text::new("记录有误", "What is recorded is wrong"),
    }
}
