//! What is answered, and what is asked for.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{ordering::Standing, rules};
use crate::http::{
    problem::{Language, Text},
    shedding::Class,
};

/// How far the service is reduced, as the process that answers sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ServiceLevelView {
    /// 0, everything, to 5, where doors help themselves.
    #[schema(minimum = 0, maximum = 5, example = 0)]
    level: u8,
    /// What that means, in words.
    #[schema(example = "一切正常")]
    words: &'static str,
    /// What is left out, by class: `export`, `console`, `declare`, `log_in`, `scan`. Whatever is not
    /// named goes on.
    sheds: Vec<&'static str>,
    /// How venues and posts let people in.
    doors: Doors,
    /// Until when an order keeps the level. Null where none does.
    ordered_until: Option<DateTime<Utc>>,
}

/// How venues and posts let people in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Doors {
    /// By code.
    Usual,
    /// By identity card and temperature, and by writing down who came.
    ByHand,
}

impl ServiceLevelView {
    pub(super) fn new(standing: &Standing, language: Language) -> Self {
        Self {
            level: standing.level,
            words: words(standing.level).in_language(language),
            sheds: standing.sheds.iter().copied().map(Class::name).collect(),
            doors: if standing.level >= rules::HIGHEST {
                Doors::ByHand
            } else {
                Doors::Usual
            },
            ordered_until: standing.ordered_until,
        }
    }
}

fn words(level: u8) -> Text {
    match level {
        0 => Text::new("一切正常", "Everything works"),
        1 => Text::new("报表和导出暂停", "Reports and exports pause"),
        2 => Text::new(
            "管理后台暂停，报表和导出暂停",
            "Consoles, reports and exports pause",
        ),
        3 => Text::new(
            "亮码、扫码和登录正常，其他业务和统计暂停",
            "Codes, scans and log-in work; the rest pauses, and scans are counted later",
        ),
        4 => Text::new(
            "亮码、验码和扫码正常，可能显示稍早前的信息并注明时间，其他业务暂停",
            "Showing, verifying and scanning codes works, from what was known a while ago with its time where need be; \
             the rest pauses",
        ),
        _ => Text::new(
            "请凭身份证、测温和手工登记通行",
            "Show an identity card and have your temperature taken; doors write down who comes",
        ),
    }
}

/// Between which levels the service moves.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(super) struct OrderRequest {
    /// The lowest level.
    #[validate(range(max = 5))]
    #[schema(minimum = 0, maximum = 5, example = 1)]
    pub(super) at_least: u8,
    /// The highest. 5, if left out: the service goes further by itself where it must.
    #[serde(default = "highest")]
    #[validate(range(max = 5))]
    #[schema(minimum = 0, maximum = 5, example = 5)]
    pub(super) at_most: u8,
    /// For how many minutes, up to a day.
    #[validate(range(min = 1, max = 1440))]
    #[schema(minimum = 1, maximum = 1440, example = 120)]
    minutes: u16,
    /// Why, in words.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200, example = "早高峰")]
    pub(super) reason: String,
}

impl OrderRequest {
    /// For how long.
    pub(super) fn long(&self) -> TimeDelta {
        TimeDelta::minutes(self.minutes.into())
    }
}

fn highest() -> u8 {
    rules::HIGHEST
}
