//! The columns of the collection form.

/// A column of the collection form. They may stand in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heading {
    /// The worker's name as on the document.
    Name,
    /// What kind of document.
    DocumentKind,
    /// Its number.
    DocumentNumber,
    /// The worker's mobile number.
    Phone,
    /// What the worker does.
    Job,
    /// The county or district where they live.
    ResidenceDivision,
    /// The community there. May be left out.
    ResidenceCommunity,
    /// When they are to return.
    ReturnsOn,
}

impl Heading {
    /// All, as the template has them.
    pub const ALL: [Self; 8] = [
        Self::Name,
        Self::DocumentKind,
        Self::DocumentNumber,
        Self::Phone,
        Self::Job,
        Self::ResidenceDivision,
        Self::ResidenceCommunity,
        Self::ReturnsOn,
    ];

    /// As it stands in the form.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Name => "姓名",
            Self::DocumentKind => "证件类型",
            Self::DocumentNumber => "证件号码",
            Self::Phone => "手机号码",
            Self::Job => "岗位",
            Self::ResidenceDivision => "居住地区划代码",
            Self::ResidenceCommunity => "居住社区代码",
            Self::ReturnsOn => "返岗日期",
        }
    }

    /// What the template has as an example.
    #[must_use]
    pub const fn example(self) -> &'static str {
        match self {
            Self::Name => "张三（示例，提交前请删除本行）",
            Self::DocumentKind => "居民身份证",
            Self::DocumentNumber => "11010519491231002X",
            Self::Phone => "13800138000",
            Self::Job => "配送员",
            Self::ResidenceDivision => "310101",
            Self::ResidenceCommunity => "310101002001",
            Self::ReturnsOn => "2026-03-09",
        }
    }

    /// The column called `text`, whatever blanks stand around it.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches(['*', '＊']).trim_end();
        Self::ALL.into_iter().find(|heading| heading.text() == text)
    }

    /// Whether nothing may stand there.
    #[must_use]
    pub const fn may_be_empty(self) -> bool {
        matches!(self, Self::ResidenceCommunity)
    }
}

/// What a spreadsheet calls the column at `place`, counted from 0.
#[must_use]
pub(super) fn letters(place: u32) -> String {
    let mut left = place;
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + u8::try_from(left % 26).unwrap_or(0)));
        match (left / 26).checked_sub(1) {
            Some(next) => left = next,
            None => return letters.into_iter().rev().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_as_spreadsheets_call_them() {
        for (place, text) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (701, "ZZ"),
            (16_383, "XFD"),
        ] {
            assert_eq!(letters(place), text);
        }
    }

    #[test]
    fn a_heading_is_recognised_with_blanks_and_a_star() {
        assert_eq!(Heading::of_text(" 姓名＊ "), Some(Heading::Name));
        assert_eq!(Heading::of_text("名字"), None);
        for heading in Heading::ALL {
            assert_eq!(Heading::of_text(heading.text()), Some(heading));
        }
    }
}
