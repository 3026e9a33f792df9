//! What can be wrong with a row or with a file: stable codes, with words for people.

use crate::http::problem::{Language, Text};

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flaw {
    /// Not as many cells as there are columns.
    Columns,
    /// A quote that does not end, or something beside it.
    Quotes,
    /// Not UTF-8.
    Encoding,
    /// Not one JSON object.
    Json,
    /// A field that there is not.
    UnknownField,
    /// An empty cell that must not be.
    Missing,
    /// A cell that a spreadsheet would take for a formula.
    Formula,
    /// Too long.
    Length,
    /// Not of the form that it must have.
    Form,
    /// None of the values that it may have.
    Value,
    /// The first two digits of a document number are no province.
    Province,
    /// The date of birth in a document number cannot be.
    BirthDate,
    /// The check character of a document number does not fit.
    CheckCharacter,
    /// A time that has not come yet.
    InFuture,
    /// A time longer ago than counts.
    TooLongAgo,
    /// A report from before its sample.
    BeforeSample,
    /// An end before the beginning, or too long after it.
    End,
    /// An end, of what has none.
    NoEnd,
    /// Not what facts of this kind have besides.
    Detail,
    /// Nobody with this document is known here.
    UnknownPerson,
    /// Says what was known already.
    Repeated,
    /// Says what was withdrawn since.
    Withdrawn,
    /// Says otherwise than what was recorded under the same sample and time.
    Contradicts,
}

const FLAWS: [Flaw; 23] = [
    Flaw::Columns,
    Flaw::Quotes,
    Flaw::Encoding,
    Flaw::Json,
    Flaw::UnknownField,
    Flaw::Missing,
    Flaw::Formula,
    Flaw::Length,
    Flaw::Form,
    Flaw::Value,
    Flaw::Province,
    Flaw::BirthDate,
    Flaw::CheckCharacter,
    Flaw::InFuture,
    Flaw::TooLongAgo,
    Flaw::BeforeSample,
    Flaw::End,
    Flaw::NoEnd,
    Flaw::Detail,
    Flaw::UnknownPerson,
    Flaw::Repeated,
    Flaw::Withdrawn,
    Flaw::Contradicts,
];

impl Flaw {
    /// Stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Columns => "columns",
            Self::Quotes => "quotes",
            Self::Encoding => "encoding",
            Self::Json => "json",
            Self::UnknownField => "unknown_field",
            Self::Missing => "missing",
            Self::Formula => "formula",
            Self::Length => "length",
            Self::Form => "form",
            Self::Value => "value",
            Self::Province => "province",
            Self::BirthDate => "birth_date",
            Self::CheckCharacter => "check_character",
            Self::InFuture => "in_future",
            Self::TooLongAgo => "too_long_ago",
            Self::BeforeSample => "before_sampled_at",
            Self::End => "end",
            Self::NoEnd => "no_end",
            Self::Detail => "detail",
            Self::UnknownPerson => "unknown_person",
            Self::Repeated => "repeated",
            Self::Withdrawn => "withdrawn",
            Self::Contradicts => "contradicts",
        }
    }

    /// The flaw with `code`.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        FLAWS.into_iter().find(|flaw| flaw.code() == code)
    }

    /// The same in words.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Columns => Text::new("列数不符", "not as many cells as there are columns"),
            Self::Quotes => Text::new(
                "引号不成对或位置不当",
                "a quote that does not end in its line, or something beside it",
            ),
            Self::Encoding => Text::new("不是 UTF-8 文本", "is not UTF-8"),
            Self::Json => Text::new("不是单个 JSON 对象", "is not one JSON object"),
            Self::UnknownField => Text::new("没有这个字段", "there is no such field"),
            Self::Missing => Text::new("必填", "is required"),
            Self::Formula => Text::new(
                "以公式字符开头",
                "begins with a character that makes it a formula",
            ),
            Self::Length => Text::new("过长", "is too long"),
            Self::Form => Text::new("格式不正确", "does not have the right form"),
            Self::Value => Text::new("不是允许的取值", "is none of the values that it may have"),
            Self::Province => Text::new("省份代码不存在", "no such province"),
            Self::BirthDate => Text::new("出生日期不正确", "no such date of birth"),
            Self::CheckCharacter => Text::new("校验码不符", "the check character does not fit"),
            Self::InFuture => Text::new("时间尚未到来", "is in the future"),
            Self::TooLongAgo => Text::new("时间过早", "lies too long ago"),
            Self::BeforeSample => Text::new(
                "报告时间不能早于采样时间",
                "must not lie before the sample was taken",
            ),
            Self::End => Text::new(
                "结束时间须晚于发生时间，且不超过 366 天",
                "must lie after it happened, by 366 days at the most",
            ),
            Self::NoEnd => Text::new(
                "该类记录没有结束时间",
                "must be absent: facts of this kind have no end",
            ),
            Self::Detail => Text::new(
                "与该类记录的附加内容不符",
                "is not what facts of this kind have besides",
            ),
            Self::UnknownPerson => {
                Text::new("本系统没有此人", "nobody with this document is known here")
            }
            Self::Repeated => Text::new("与已有记录相同", "says what was known already"),
            Self::Withdrawn => Text::new(
                "该记录已被撤回，不会因再次导入而恢复",
                "says what was withdrawn, which stays so",
            ),
            Self::Contradicts => Text::new(
                "与同一样本的已有记录矛盾，以已有记录为准",
                "contradicts what was recorded of the same sample, which stands",
            ),
        }
    }

    /// Whether the row is refused. One that says what was known is not, whether it stands or was
    /// withdrawn.
    #[must_use]
    pub fn refuses(self) -> bool {
        !matches!(self, Self::Repeated | Self::Withdrawn)
    }
}

/// Why one row was not applied: where and what, never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// The line, counted from 1 as an editor does.
    pub line: i64,
    /// The column; empty for the line as a whole.
    pub field: &'static str,
    /// What.
    pub flaw: Flaw,
}

/// Why a file is refused as a whole, or waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFlaw {
    /// It has no content.
    Empty,
    /// The first line is not the header that it must be.
    Header,
    /// A line without an end in sight.
    LineTooLong,
    /// Compressed, and damaged or cut off.
    Container,
    /// Expands to far more than it should.
    Bomb,
    /// Larger than files may be.
    TooLarge,
    /// Its source does not exist, was revoked, or may not say this.
    Source,
    /// It is not signed, or not by its source.
    Signature,
    /// Too many of its rows are refused.
    TooManyRefused,
    /// It holds more positive results than one person may bring in.
    TooManyPositives,
    /// So many of its rows are refused that nobody would read why.
    TooManyFindings,
}

const FILE_FLAWS: [FileFlaw; 11] = [
    FileFlaw::Empty,
    FileFlaw::Header,
    FileFlaw::LineTooLong,
    FileFlaw::Container,
    FileFlaw::Bomb,
    FileFlaw::TooLarge,
    FileFlaw::Source,
    FileFlaw::Signature,
    FileFlaw::TooManyRefused,
    FileFlaw::TooManyPositives,
    FileFlaw::TooManyFindings,
];

impl FileFlaw {
    /// Stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Header => "header",
            Self::LineTooLong => "line_too_long",
            Self::Container => "container",
            Self::Bomb => "bomb",
            Self::TooLarge => "too_large",
            Self::Source => "source",
            Self::Signature => "signature",
            Self::TooManyRefused => "too_many_refused",
            Self::TooManyPositives => "too_many_positives",
            Self::TooManyFindings => "too_many_findings",
        }
    }

    /// The flaw with `code`.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        FILE_FLAWS.into_iter().find(|flaw| flaw.code() == code)
    }

    /// The same in words.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Empty => Text::new("文件为空", "the file is empty"),
            Self::Header => Text::new(
                "首行不是规定的列名",
                "the first line does not name the columns in their order",
            ),
            Self::LineTooLong => Text::new("有过长的行", "a line is too long"),
            Self::Container => Text::new(
                "压缩文件已损坏或不完整",
                "the compressed file is damaged or cut off",
            ),
            Self::Bomb => Text::new(
                "压缩文件解开后过大",
                "the compressed file expands to far too much",
            ),
            Self::TooLarge => Text::new("文件过大", "the file is too large"),
            Self::Source => Text::new(
                "数据来源不存在、已撤销或无权提供此类数据",
                "the source does not exist, was revoked, or may not say this",
            ),
            Self::Signature => Text::new(
                "缺少来源的签名或签名不符",
                "the source's signature is missing or does not fit",
            ),
            Self::TooManyRefused => Text::new(
                "有问题的行过多，需由另一人放行",
                "too many rows are refused; a second person must let it go on",
            ),
            Self::TooManyPositives => Text::new(
                "阳性结果过多，需由另一人放行",
                "too many positive results; a second person must let it go on",
            ),
            Self::TooManyFindings => Text::new(
                "有问题的行过多，导入已停止",
                "so many rows are refused that it went no further",
            ),
        }
    }

    /// The same in `language`.
    #[must_use]
    pub fn says(self, language: Language) -> &'static str {
        self.text().in_language(language)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_means_one_thing_and_fits_its_column() {
        let codes: BTreeSet<&str> = FLAWS.iter().map(|flaw| flaw.code()).collect();
        assert_eq!(codes.len(), FLAWS.len());
        assert!(codes.iter().all(|code| code.len() <= 24));
        for flaw in FLAWS {
            assert_eq!(Flaw::of_code(flaw.code()), Some(flaw));
        }
        let codes: BTreeSet<&str> = FILE_FLAWS.iter().map(|flaw| flaw.code()).collect();
        assert_eq!(codes.len(), FILE_FLAWS.len());
        for flaw in FILE_FLAWS {
            assert_eq!(FileFlaw::of_code(flaw.code()), Some(flaw));
        }
    }
}
