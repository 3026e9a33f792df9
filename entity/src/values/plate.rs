//! Number plates of vehicles (GA 36).

use std::{fmt, str::FromStr};

use sea_orm::{DbErr, DeriveValueType, TryFromU64, entity::prelude::*};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

/// The characters of the provinces, as their plates begin.
const PROVINCES: &str = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新";

/// How the plates of embassies begin.
const EMBASSIES: char = '使';

/// Letters of plates of vehicles on new energy: D, A, B, C and E of electric ones, F, G, H, J and K of
/// others.
const NEW_ENERGY: &str = "ABCDEFGHJK";

/// The number on a vehicle's plate, as a plate writes it: `沪A12345`. Full-width letters, small letters,
/// dots, hyphens and blanks are undone as it is read. That there is such a vehicle is for its registry to
/// say.
///
/// Of large vehicles two may carry the same number on plates of different colours, so that the number and
/// the [`PlateColour`] together say which is meant.
#[derive(
    Clone, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType, Serialize, Deserialize, ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 7, max_length = 8, example = "津A12345")]
pub struct Plate(String);

/// What is wrong with a plate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlateError {
    /// Neither 7 nor 8 characters.
    #[error("a plate has 7 or 8 characters")]
    Length,
    /// It begins with the character of no province.
    #[error("no province's character begins the plate")]
    UnknownProvince,
    /// Plates have no I and no O, so that nobody takes them for digits.
    #[error("plates have no letter {0}")]
    ForbiddenLetter(char),
    /// No plate is made up like this.
    #[error("no plate is made up like this")]
    Form,
}

impl PlateError {
    /// Stable code for clients.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::UnknownProvince => "unknown_province",
            Self::ForbiddenLetter(_) => "forbidden_letter",
            Self::Form => "form",
        }
    }
}

text_enum! {
    /// What kind of vehicle, or of owner, a plate says it is.
    pub enum PlateClass in "String(StringLen::N(16))" {
        /// Seven characters: any vehicle, small or large.
        Ordinary,
        /// A small vehicle on new energy.
        NewEnergySmall,
        /// A large vehicle on new energy.
        NewEnergyLarge,
        /// A trailer: 挂.
        Trailer,
        /// A vehicle that somebody learns to drive in: 学.
        Learner,
        /// The police: 警.
        Police,
        /// A consulate: 领.
        Consular,
        /// Hong Kong, let into Guangdong: 粤Z…港.
        HongKong,
        /// Macao, let into Guangdong: 粤Z…澳.
        Macao,
        /// An embassy: 使.
        Embassy,
    }
}

text_enum! {
    /// The colour of a plate, which whoever drives the vehicle sees on it.
    pub enum PlateColour in "String(StringLen::N(16))" {
        /// Small vehicles.
        Blue,
        /// Large vehicles, trailers, and those to learn in.
        Yellow,
        /// Small vehicles on new energy.
        GreenGradient,
        /// Large vehicles on new energy.
        YellowGreen,
        /// The police.
        White,
        /// Embassies, consulates, foreigners, Hong Kong and Macao.
        Black,
    }
}

impl PlateClass {
    /// The colours that plates of this class come in.
    #[must_use]
    pub fn colours(self) -> &'static [PlateColour] {
        use PlateColour as Colour;
        match self {
            Self::Ordinary => &[Colour::Blue, Colour::Yellow, Colour::Black],
            Self::NewEnergySmall => &[Colour::GreenGradient],
            Self::NewEnergyLarge => &[Colour::YellowGreen],
            Self::Trailer | Self::Learner => &[Colour::Yellow],
            Self::Police => &[Colour::White],
            Self::Consular | Self::HongKong | Self::Macao | Self::Embassy => &[Colour::Black],
        }
    }
}

impl Plate {
    /// Read a plate as people write it.
    ///
    /// # Errors
    ///
    /// What is wrong first: how long it is, where it is from, a letter that no plate has, how it is made up.
    pub fn parse(text: &str) -> Result<Self, PlateError> {
        if text.len() > 96 {
            return Err(PlateError::Length);
        }
        let plate: String = text
            .nfkc()
            .filter(|c| !c.is_whitespace() && !is_dot(*c))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let mut characters = plate.chars();
        if !matches!(characters.clone().count(), 7 | 8) {
            return Err(PlateError::Length);
        }
        let from = characters.next();
        if !from.is_some_and(|from| from == EMBASSIES || PROVINCES.contains(from)) {
            return Err(PlateError::UnknownProvince);
        }
        if let Some(letter) = characters.find(|c| matches!(c, 'I' | 'O')) {
            return Err(PlateError::ForbiddenLetter(letter));
        }
        let plate = Self(plate);
        match plate.classified() {
            Some(_) => Ok(plate),
            None => Err(PlateError::Form),
        }
    }

    /// What kind of plate it is.
    #[must_use]
    pub fn class(&self) -> PlateClass {
        self.classified().unwrap_or(PlateClass::Ordinary)
    }

    /// Whether plates of this class come in `colour`.
    #[must_use]
    pub fn comes_in(&self, colour: PlateColour) -> bool {
        self.class().colours().contains(&colour)
    }

    /// As it is written on the plate.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn classified(&self) -> Option<PlateClass> {
        let characters: Vec<char> = self.0.chars().collect();
        match characters.as_slice() {
            [EMBASSIES, serial @ ..] => {
                let numbered = serial.len() == 6 && digits(serial);
                numbered.then_some(PlateClass::Embassy)
            }
            ['粤', 'Z', serial @ .., end @ ('港' | '澳')] => {
                let class = if *end == '港' {
                    PlateClass::HongKong
                } else {
                    PlateClass::Macao
                };
                (serial.len() == 4 && serials(serial)).then_some(class)
            }
            [_, office, serial @ ..] if is_letter(*office) => of_serial(serial),
            _ => None,
        }
    }
}

/// The class of what follows the letter of the office. How long it is comes first: some serials of five
/// look like the beginning of one of six.
fn of_serial(serial: &[char]) -> Option<PlateClass> {
    match serial {
        [four @ .., end @ ('挂' | '学' | '警' | '领')] => {
            let class = match end {
                '挂' => PlateClass::Trailer,
                '学' => PlateClass::Learner,
                '警' => PlateClass::Police,
                _ => PlateClass::Consular,
            };
            (four.len() == 4 && serials(four)).then_some(class)
        }
        [_, _, _, _, _] => serials(serial).then_some(PlateClass::Ordinary),
        [energy, second, four @ ..] if is_energy(*energy) && four.len() == 4 => {
            (is_serial(*second) && digits(four)).then_some(PlateClass::NewEnergySmall)
        }
        [five @ .., energy] if is_energy(*energy) && five.len() == 5 => {
            digits(five).then_some(PlateClass::NewEnergyLarge)
        }
        _ => None,
    }
}

fn is_dot(c: char) -> bool {
    matches!(c, '·' | '•' | '‧' | '∙' | '・' | '●' | '.' | '-')
}

fn is_letter(c: char) -> bool {
    c.is_ascii_uppercase() && !matches!(c, 'I' | 'O')
}

fn is_serial(c: char) -> bool {
    c.is_ascii_digit() || is_letter(c)
}

fn is_energy(c: char) -> bool {
    NEW_ENERGY.contains(c)
}

fn digits(part: &[char]) -> bool {
    part.iter().all(char::is_ascii_digit)
}

fn serials(part: &[char]) -> bool {
    part.iter().copied().all(is_serial)
}

/// Says nothing of whose the vehicle is: plates stay out of logs.
impl fmt::Debug for Plate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plate(***)")
    }
}

// SeaORM asks every primary key for this; only numeric ones have an answer.
impl TryFromU64 for Plate {
    fn try_from_u64(_: u64) -> Result<Self, DbErr> {
        Err(DbErr::ConvertFromU64("Plate"))
    }
}

impl FromStr for Plate {
    type Err = PlateError;

    fn from_str(text: &str) -> Result<Self, PlateError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Plate {
    type Error = PlateError;

    fn try_from(text: String) -> Result<Self, PlateError> {
        Self::parse(&text)
    }
}

impl From<Plate> for String {
    fn from(plate: Plate) -> Self {
        plate.0
    }
}

#[cfg(test)]
mod tests {
    use PlateClass as Class;
    use PlateError::{ForbiddenLetter, Form, Length, UnknownProvince};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plate_says_its_class_and_the_colours_that_it_comes_in() {
        for (text, class, colour) in [
            ("沪A12345", Class::Ordinary, PlateColour::Blue),
            ("津E1234D", Class::Ordinary, PlateColour::Yellow),
            ("津AB1234", Class::Ordinary, PlateColour::Blue),
            ("京A9999Z", Class::Ordinary, PlateColour::Black),
            (
                "沪AD12345",
                Class::NewEnergySmall,
                PlateColour::GreenGradient,
            ),
            (
                "津AAA1234",
                Class::NewEnergySmall,
                PlateColour::GreenGradient,
            ),
            ("沪A12345D", Class::NewEnergyLarge, PlateColour::YellowGreen),
            ("新K99999F", Class::NewEnergyLarge, PlateColour::YellowGreen),
            (
                "鲁ADK1234",
                Class::NewEnergySmall,
                PlateColour::GreenGradient,
            ),
            ("津R1234挂", Class::Trailer, PlateColour::Yellow),
            ("津R12A4学", Class::Learner, PlateColour::Yellow),
            ("京A0001警", Class::Police, PlateColour::White),
            ("沪A0001领", Class::Consular, PlateColour::Black),
            ("粤Z1234港", Class::HongKong, PlateColour::Black),
            ("粤ZA12B澳", Class::Macao, PlateColour::Black),
            ("使014578", Class::Embassy, PlateColour::Black),
        ] {
            let plate = Plate::parse(text).unwrap();
            assert_eq!((plate.class(), plate.as_str()), (class, text));
            assert!(plate.comes_in(colour), "{text}");
        }
        let small = Plate::parse("沪AD12345").unwrap();
        assert!(!small.comes_in(PlateColour::Blue));
        assert!(!small.comes_in(PlateColour::YellowGreen));
    }

    #[test]
    fn a_plate_is_refused_by_what_is_wrong_with_it() {
        for (text, wrong) in [
            ("沪AI2345", ForbiddenLetter('I')),
            ("津A1234O", ForbiddenLetter('O')),
            ("津O12345", ForbiddenLetter('O')),
            ("沪ai2345", ForbiddenLetter('I')),
            ("沪AＯ2345", ForbiddenLetter('O')),
            ("沪A123456", Form),
            ("津RA5678挂", Form),
            ("津R567挂挂", Form),
            ("沪112345", Form),
            ("沪AL12345", Form),
            ("沪A12345L", Form),
            ("沪A1234D5", Form),
            ("沪AD1234A", Form),
            ("津Z1234港", Form),
            ("粤A1234澳", Form),
            ("使A12345", Form),
            ("使0145789", Form),
            ("沪A1234Ā", Form),
            ("沪沪12345", Form),
            ("ABC1234", UnknownProvince),
            ("1234567", UnknownProvince),
            ("台A12345", UnknownProvince),
            ("", Length),
            ("沪A1234", Length),
            ("沪A1234567", Length),
            ("　·　", Length),
        ] {
            assert_eq!(Plate::parse(text), Err(wrong), "{text}");
        }
        assert_eq!(Plate::parse(&"沪".repeat(1000)), Err(Length));
    }

    #[test]
    fn a_plate_reads_the_same_however_it_is_written() {
        for text in [
            "沪a12345",
            "沪A·12345",
            "沪Ａ12345",
            "沪Ａ１２３４５",
            " 沪A 12345 ",
            "沪A•12345",
            "沪A・12345",
            "沪A･12345",
            "沪A-12345",
            "沪A．12345",
            "沪　A　12345",
        ] {
            assert_eq!(Plate::parse(text).unwrap().as_str(), "沪A12345", "{text}");
        }
    }

    #[test]
    fn no_log_shows_a_plate() {
        let plate = Plate::parse("沪A12345").unwrap();
        assert_eq!(format!("{plate:?}"), "Plate(***)");
    }

    proptest! {
        #[test]
        fn what_was_read_reads_as_itself_and_has_no_i_and_no_o(
            text in "[京津沪粤使][A-Zａ-ｚ0-9·]{5,8}[A-Z0-9挂学警领港澳]?"
        ) {
            if let Ok(plate) = Plate::parse(&text) {
                prop_assert_eq!(Plate::parse(plate.as_str()), Ok(plate.clone()));
                prop_assert!(!plate.as_str().contains(['I', 'O']));
                prop_assert!(matches!(plate.as_str().chars().count(), 7 | 8));
                prop_assert!(!plate.class().colours().is_empty());
            }
        }

        #[test]
        fn nothing_that_anybody_writes_breaks_the_reader(text in ".{0,40}") {
            let _ = Plate::parse(&text);
        }
    }
}
