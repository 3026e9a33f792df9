//! What is wrong with a rule.

use std::fmt;

use crate::http::problem::Text;

/// A place in a rule's document, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {kind}")]
pub struct Flaw {
    /// Where, such as `effect.hold.release[0].met.and[1].after[0].var`.
    pub path: String,
    /// What.
    pub kind: FlawKind,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlawKind {
    /// Neither an operation, nor text, number, yes or no.
    NotLogic,
    /// No operation has this name.
    UnknownOperation,
    /// Not as many operands as the operation takes.
    Operands,
    /// Nothing is known by this name, or not here.
    UnknownName,
    /// Another kind of value is needed here.
    WrongKind,
    /// The name that it is compared with never holds this word.
    UnknownWord,
    /// `now` may only be compared with instants.
    NowComputed,
    /// A number with a fraction, or too large.
    Number,
    /// No such unit of time.
    Unit,
    /// Operations within operations within operations.
    TooDeep,
    /// More than can be read.
    TooLarge,
    /// A `reduce` within a `reduce`.
    NestedReduce,
    /// Not a name that a rule can have.
    Id,
    /// The names listed are not the names read.
    Affected,
    /// This effect needs a fact, and persons are none.
    NeedsFact,
    /// The cause is for where nothing is decided.
    Reason,
    /// Wording that is missing, too short or too long.
    Wording,
    /// Outside the province.
    OutsideProvince,
    /// The same region twice.
    Repeated,
}

impl FlawKind {
    /// Stable code of it.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.told().0
    }

    /// The same in words.
    #[must_use]
    pub fn message(self) -> Text {
        let (_, zh, en) = self.told();
        Text::new(zh, en)
    }

    fn told(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NotLogic => ("not_logic", "不是逻辑表达式", "not a piece of logic"),
            Self::UnknownOperation => ("unknown_operation", "没有这种运算", "no such operation"),
            Self::Operands => (
                "operands",
                "运算对象的数量不对",
                "not as many operands as the operation takes",
            ),
            Self::UnknownName => (
                "unknown_name",
                "没有这个事实",
                "no fact is known by this name here",
            ),
            Self::WrongKind => (
                "wrong_kind",
                "值的类型不对",
                "another kind of value is needed here",
            ),
            Self::UnknownWord => (
                "unknown_word",
                "该事实不会取这个值",
                "what it is compared with never says this",
            ),
            Self::NowComputed => (
                "now_computed",
                "now 只能与时间比较",
                "now may only be compared with instants",
            ),
            Self::Number => (
                "number",
                "须为范围内的整数",
                "must be a whole number within bounds",
            ),
            Self::Unit => (
                "unit",
                "须为 minute、hour、day 或 week",
                "must be minute, hour, day or week",
            ),
            Self::TooDeep => ("too_deep", "嵌套过深", "operations are nested too deep"),
            Self::TooLarge => ("too_large", "内容过大", "there is too much of it"),
            Self::NestedReduce => (
                "nested_reduce",
                "reduce 不能嵌套",
                "a reduce may not contain another",
            ),
            Self::Id => (
                "form",
                "须为小写字母、数字、点和连字符",
                "must be lower-case words joined by dots and hyphens",
            ),
            Self::Affected => (
                "affected",
                "须与规则实际使用的事实一致",
                "must list exactly the facts that the rule reads",
            ),
            Self::NeedsFact => (
                "needs_fact",
                "此效力须针对一项事实",
                "such an effect needs a fact that the rule is about",
            ),
            Self::Reason => (
                "reason",
                "此原因不能由规则产生或解除",
                "no rule may find or release this cause",
            ),
            Self::Wording => (
                "wording",
                "中文须有 4 至 500 字，英文须有 20 至 1000 字符",
                "needs 4 to 500 characters in Chinese and 20 to 1000 in English",
            ),
            Self::OutsideProvince => (
                "outside_province",
                "不在本省范围内",
                "lies outside the province",
            ),
            Self::Repeated => ("repeated", "重复", "is there twice"),
        }
    }
}

impl fmt::Display for FlawKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message().en)
    }
}
