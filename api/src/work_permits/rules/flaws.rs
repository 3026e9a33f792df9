//! What can be wrong with a collection form, cell by cell.

use super::columns::letters;

/// What is wrong at a place of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flaw {
    /// The line, as a spreadsheet counts.
    pub line: u32,
    /// The column, counted from 0. None: the line as a whole.
    pub column: Option<u32>,
    /// What.
    pub kind: FlawKind,
}

impl Flaw {
    /// What a spreadsheet calls the cell: `C12`; `12` of a whole line.
    #[must_use]
    pub fn cell(&self) -> String {
        let column = self.column.map(letters).unwrap_or_default();
        format!("{column}{}", self.line)
    }

    /// What a spreadsheet calls the column; nothing of a whole line.
    #[must_use]
    pub fn column_letters(&self) -> Option<String> {
        self.column.map(letters)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $zh:literal, $en:literal;)+) => {
        /// What can be wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FlawKind {
            $($(#[$doc])* $name),+
        }

        impl FlawKind {
            /// Its name; stable.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code),+
                }
            }

            /// In Chinese.
            #[must_use]
            pub const fn zh(self) -> &'static str {
                match self {
                    $(Self::$name => $zh),+
                }
            }

            /// In English.
            #[must_use]
            pub const fn en(self) -> &'static str {
                match self {
                    $(Self::$name => $en),+
                }
            }
        }
    };
}

kinds! {
    /// Something has to stand there.
    Missing = "missing", "必填", "is required";
    /// A heading that the form does not have.
    UnknownHeading = "unknown_heading", "没有这一列", "is no column of the form";
    /// A heading that is there twice.
    HeadingTwice = "heading_twice", "该列重复", "is there twice";
    /// A heading that is not there.
    HeadingMissing = "heading_missing", "缺少必需的列", "a column of the form is missing";
    /// Something stands where there is no heading.
    NoHeading = "no_heading", "该列没有标题", "stands in a column without a heading";
    /// A formula.
    Formula = "formula", "不能使用公式", "must not be a formula";
    /// Cells that are merged.
    Merged = "merged_cells", "不能合并单元格", "must not be merged with other cells";
    /// An error of the spreadsheet.
    CellError = "cell_error", "单元格为错误值", "is an error of the spreadsheet";
    /// A number, of which the last digits are lost.
    NumberCell = "number_cell", "须为文本格式，数字格式会丢失末位", "must be a text: as a number its last digits are lost";
    /// Too long for any cell of the form.
    TooLong = "too_long", "内容过长", "is too long";
    /// No name.
    Name = "name", "不是有效的姓名", "is not a name";
    /// No kind of document.
    DocumentKind = "document_kind", "不是可用的证件类型", "is not a kind of document";
    /// Not the form of a number of that kind.
    DocumentForm = "form", "证件号码的长度或字符不对", "has not the form of such a number";
    /// No such province.
    DocumentDivision = "province", "证件号码中的地区不存在", "names no province";
    /// No such day of birth.
    DocumentBirth = "birth_date", "证件号码中的出生日期不对", "names no day of birth";
    /// The check character does not fit.
    DocumentCheck = "check_character", "证件号码的校验位不对", "has a wrong check character";
    /// No mobile number.
    Phone = "phone", "不是有效的手机号码", "is not a mobile number";
    /// No job.
    Job = "job", "须为 1 至 40 个字", "must be 1 to 40 characters";
    /// No county or district in force.
    Residence = "unknown_division", "不是现行的县级区划代码", "is not the code of a county or district in force";
    /// No community of the directory.
    Community = "unknown_community", "不是该区县已公布的社区代码", "is not a community of the directory in that county";
    /// No day.
    Day = "date", "须为日期，如 2026-03-09", "must be a day such as 2026-03-09";
    /// A day that has passed, or is too far ahead.
    DayRange = "date_range", "须在今天起的 60 天以内", "must be within 60 days from today on";
    /// The same worker as in another line.
    Twice = "worker_twice", "该人员在表中重复出现", "the same worker stands in another line";
    /// The enterprise has asked for the worker, or holds a permit that does not end soon.
    Asked = "worker_asked_for", "该人员已申请或已持有有效的复工证", "the worker is asked for already, or has a permit that goes on";
    /// Another enterprise has.
    Elsewhere = "worker_elsewhere", "该人员已由其他单位申请或持证", "another enterprise asks for the worker, or holds a permit for them";
    /// Too many lines.
    TooMany = "too_many_workers", "一张表最多 10000 人", "a form holds 10,000 workers at the most";
    /// No lines.
    Empty = "no_workers", "表中没有人员", "there is no worker in the form";
}
