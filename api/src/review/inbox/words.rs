//! What a workflow calls its stages and reasons, in somebody's language.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::{
    review_case, review_step,
    values::{Area, CaseAction, CaseState, CaseTimer, Role},
};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    super::{
        rules::{ActionRule, Consequence, ReasonRule, Words, Workflow, decides_at},
        workflow_of,
    },
    error::Error,
};
use crate::{
    deps::Deps,
    http::problem::{Language, Text},
    regions,
};

/// Where a case stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewStageView)]
pub(super) struct StageView {
    /// Its name within the workflow; stable.
    key: String,
    /// What people call it.
    title: String,
}

/// A reason of a closed list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewReasonView)]
pub(super) struct ReasonView {
    /// Its name; stable.
    code: String,
    /// The same in words.
    text: String,
}

/// Something that may be done at a stage.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewActionView)]
pub(super) struct ActionView {
    /// What.
    action: CaseAction,
    /// What it takes: `reason`, `text`, `contact`.
    evidence: Vec<String>,
    /// The reasons to choose from.
    reasons: Vec<ReasonView>,
}

/// An area with its name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewAreaView)]
pub(super) struct AreaView {
    /// The six digits of a division or the twelve of a community.
    code: Area,
    /// The name of the division, with those around it. Empty for a code that nobody assigned.
    division_name: String,
}

impl AreaView {
    pub(super) fn of(area: &Area) -> Self {
        let division = area.division().ok();
        Self {
            code: area.clone(),
            division_name: division
                .and_then(|division| regions::full_name(&division))
                .unwrap_or_default(),
        }
    }
}

/// What cases of one version of a workflow are told in.
pub(super) struct Telling {
    workflow: Arc<Workflow>,
    language: Language,
}

impl Telling {
    /// Of the workflow that `case` follows.
    pub(super) async fn of(
        db: &impl ConnectionTrait,
        deps: &Deps,
        case: &review_case::Model,
        language: Language,
    ) -> Result<Self, Error> {
        let workflow = workflow_of(db, deps, case).await?;
        Ok(Self { workflow, language })
    }

    /// What people call the workflow.
    pub(super) fn title(&self) -> String {
        self.say(&self.workflow.title)
    }

    /// When the workflow decides `case`, because nobody did in time. `None` unless it is about to,
    /// and while its limit may move.
    pub(super) fn decides_at(&self, case: &review_case::Model) -> Option<DateTime<Utc>> {
        let due_at = case
            .due_at
            .filter(|_| case.timer == Some(CaseTimer::Decide) && !case.provisional)?;
        let clock = self.workflow.stage(&case.stage)?.clock.as_ref()?;
        let Consequence::Decide { at, .. } = &clock.when_out else {
            return None;
        };
        Some(decides_at(at, case.opened_at, due_at, case.clock_left))
    }

    fn say(&self, words: &Words) -> String {
        match self.language {
            Language::Chinese => words.zh.clone(),
            Language::English => words.en.clone(),
        }
    }

    /// The stage called `key`.
    pub(super) fn stage(&self, key: &str) -> StageView {
        let title = self.workflow.stage(key).map(|stage| self.say(&stage.title));
        StageView {
            key: key.to_owned(),
            title: title.unwrap_or_default(),
        }
    }

    /// The reason that was given for `step`.
    pub(super) fn reason(&self, step: &review_step::Model) -> Option<ReasonView> {
        let code = step.reason.as_deref()?;
        let stage = self.workflow.stage(&step.stage);
        let rule = stage.and_then(|stage| stage.action(step.action)?.reason(code));
        let unlisted = || ReasonView {
            code: code.to_owned(),
            text: String::new(),
        };
        Some(rule.map_or_else(unlisted, |rule| self.listed(rule)))
    }

    /// What may be done to `case` where it stands, of what `may` lets pass.
    pub(super) fn allowed(
        &self,
        case: &review_case::Model,
        may: impl Fn(CaseAction) -> bool,
    ) -> Vec<CaseAction> {
        let rules = self.rules_at(case).iter();
        rules
            .map(|rule| rule.action)
            .filter(|action| may(*action))
            .collect()
    }

    /// The same with what each takes.
    pub(super) fn actions(
        &self,
        case: &review_case::Model,
        may: impl Fn(CaseAction) -> bool,
    ) -> Vec<ActionView> {
        let rules = self.rules_at(case).iter().filter(|rule| may(rule.action));
        rules.map(|rule| self.action(rule)).collect()
    }

    fn rules_at(&self, case: &review_case::Model) -> &[ActionRule] {
        let stage = self.workflow.stage(&case.stage);
        let stage = stage.filter(|_| case.state != CaseState::Closed);
        stage.map_or(&[], |stage| stage.actions.as_slice())
    }

    fn action(&self, rule: &ActionRule) -> ActionView {
        let reasons = rule.reasons.iter();
        ActionView {
            action: rule.action,
            evidence: rule.evidence.iter().map(ToString::to_string).collect(),
            reasons: reasons.map(|reason| self.listed(reason)).collect(),
        }
    }

    fn listed(&self, reason: &ReasonRule) -> ReasonView {
        let text = match self.language {
            Language::Chinese => &reason.zh,
            Language::English => &reason.en,
        };
        ReasonView {
            code: reason.code.clone(),
            text: text.clone(),
        }
    }
}

/// What people call a role that decides cases.
pub(super) fn name_of(role: Role, language: Language) -> &'static str {
    let name = match role {
        Role::CommunityIssuer => Text::new("社区（村）办理人员", "Issuer of the community"),
        Role::Reviewer => Text::new("审核人员", "Reviewer"),
        _ => Text::new("工作人员", "Member of staff"),
    };
    name.in_language(language)
}
