//! What the rows of a collection form say.

use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, TimeDelta};
use entity::values::{
    Community, Division, Document, DocumentError, DocumentKind, PersonName, Phone,
};

use super::{
    columns::Heading,
    flaws::{Flaw, FlawKind},
};
use crate::regions::{self, Standing};

/// How far ahead somebody may be to return.
const AHEAD: TimeDelta = TimeDelta::days(60);

/// Characters of a job.
const LONGEST_JOB: usize = 40;

/// A form as it was read: its texts, and what could not be one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The lines in which anything stands, the headings first.
    pub lines: Vec<Line>,
    /// What is wrong with cells, whatever they say.
    pub flaws: Vec<Flaw>,
}

/// A line in which something stands.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Which, as a spreadsheet counts.
    pub number: u32,
    /// What stands in which column, counted from 0. Blank cells are left out.
    pub cells: BTreeMap<u32, String>,
}

/// It says who somebody is, so it stays out of `Debug` output.
impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Line({}, {} cells)", self.number, self.cells.len())
    }
}

/// A worker as the form says.
#[derive(Debug, Clone)]
pub struct Worker {
    /// In which line.
    pub line: u32,
    /// In which column the document's number stands.
    pub document_column: u32,
    /// In which column the community stands.
    pub community_column: Option<u32>,
    /// Their name.
    pub name: PersonName,
    /// Their document.
    pub document: Document,
    /// Their mobile number.
    pub phone: Phone,
    /// What they do.
    pub job: String,
    /// The county or district where they live.
    pub residence: Division,
    /// The community there.
    pub community: Option<Community>,
    /// When they are to return.
    pub returns_on: NaiveDate,
}

/// The workers of `sheet` as of `today`, and everything that is wrong, line by line.
///
/// Workers are given for those lines alone that are in order; whether somebody asks for them already, and
/// whether a community is of the directory, is not seen here.
#[must_use]
pub fn judge(sheet: Sheet, today: NaiveDate) -> (Vec<Worker>, Vec<Flaw>) {
    let Sheet { lines, mut flaws } = sheet;
    let mut lines = lines.into_iter();
    let Some(first) = lines.next() else {
        flaws.push(whole(1, FlawKind::Empty));
        return (Vec::new(), flaws);
    };
    let headings = headings(&first, &mut flaws);
    let mut workers = Vec::new();
    let mut count = 0_usize;
    for line in lines {
        count += 1;
        if count > super::MOST_WORKERS {
            flaws.push(whole(line.number, FlawKind::TooMany));
            break;
        }
        workers.extend(worker(&line, &headings, today, &mut flaws));
    }
    if count == 0 {
        flaws.push(whole(first.number + 1, FlawKind::Empty));
    }
    twice(&workers, &mut flaws);
    flaws.sort_unstable();
    flaws.dedup();
    (workers, flaws)
}

fn whole(line: u32, kind: FlawKind) -> Flaw {
    Flaw {
        line,
        column: None,
        kind,
    }
}

/// In which column each heading stands.
fn headings(line: &Line, flaws: &mut Vec<Flaw>) -> BTreeMap<Heading, u32> {
    let mut found = BTreeMap::new();
    for (column, text) in &line.cells {
        let at = |kind| Flaw {
            line: line.number,
            column: Some(*column),
            kind,
        };
        match Heading::of_text(text) {
            Some(heading) if found.contains_key(&heading) => {
                flaws.push(at(FlawKind::HeadingTwice));
            }
            Some(heading) => {
                found.insert(heading, *column);
            }
            None => flaws.push(at(FlawKind::UnknownHeading)),
        }
    }
    let missing = |heading: &Heading| !heading.may_be_empty() && !found.contains_key(heading);
    if Heading::ALL.iter().any(missing) {
        flaws.push(whole(line.number, FlawKind::HeadingMissing));
    }
    found
}

/// Reads the cells of one line, and keeps what is wrong with them.
struct Reader<'a> {
    line: &'a Line,
    headings: &'a BTreeMap<Heading, u32>,
    flaws: &'a mut Vec<Flaw>,
}

impl Reader<'_> {
    fn fault(&mut self, heading: Heading, kind: FlawKind) {
        let column = self.headings.get(&heading).copied();
        // A heading that is not there was said once, in the line of headings.
        if let Some(column) = column {
            self.flaws.push(Flaw {
                line: self.line.number,
                column: Some(column),
                kind,
            });
        }
    }

    fn text(&mut self, heading: Heading) -> Option<&str> {
        let column = self.headings.get(&heading)?;
        if !self.line.cells.contains_key(column) {
            if !heading.may_be_empty() {
                self.fault(heading, FlawKind::Missing);
            }
            return None;
        }
        self.line.cells.get(column).map(String::as_str)
    }

    fn read<T>(
        &mut self,
        heading: Heading,
        read: impl FnOnce(&str) -> Result<T, FlawKind>,
    ) -> Option<T> {
        let read = read(self.text(heading)?);
        read.map_err(|kind| self.fault(heading, kind)).ok()
    }
}

fn worker(
    line: &Line,
    headings: &BTreeMap<Heading, u32>,
    today: NaiveDate,
    flaws: &mut Vec<Flaw>,
) -> Option<Worker> {
    for column in line.cells.keys() {
        if !headings.values().any(|known| known == column) {
            flaws.push(Flaw {
                line: line.number,
                column: Some(*column),
                kind: FlawKind::NoHeading,
            });
        }
    }
    let mut reader = Reader {
        line,
        headings,
        flaws,
    };
    let name = reader.read(Heading::Name, |text| {
        PersonName::parse(text).map_err(|_| FlawKind::Name)
    });
    let kind = reader.read(Heading::DocumentKind, |text| {
        document_kind(text).ok_or(FlawKind::DocumentKind)
    });
    let number = reader.read(Heading::DocumentNumber, |text| {
        let kind = kind.unwrap_or(DocumentKind::ResidentCard);
        Document::parse(kind, text, today).map_err(of_document)
    });
    let phone = reader.read(Heading::Phone, |text| {
        Phone::parse(text).map_err(|_| FlawKind::Phone)
    });
    let job = reader.read(Heading::Job, job);
    let residence = reader.read(Heading::ResidenceDivision, residence);
    let community = reader.read(Heading::ResidenceCommunity, |text| {
        let community = Community::try_from(text.to_owned()).map_err(|_| FlawKind::Community)?;
        let lies_in = residence.as_ref().is_none_or(|residence| {
            community
                .division()
                .is_ok_and(|division| division == *residence)
        });
        lies_in.then_some(community).ok_or(FlawKind::Community)
    });
    let said = reader.headings.get(&Heading::ResidenceCommunity);
    let said = said
        .filter(|column| line.cells.contains_key(column))
        .copied();
    let returns_on = reader.read(Heading::ReturnsOn, |text| day(text, today));
    if said.is_some() && community.is_none() {
        return None;
    }
    Some(Worker {
        line: line.number,
        document_column: *headings.get(&Heading::DocumentNumber)?,
        community_column: said,
        name: name?,
        document: kind.and(number)?,
        phone: phone?,
        job: job?,
        residence: residence?,
        community,
        returns_on: returns_on?,
    })
}

fn document_kind(text: &str) -> Option<DocumentKind> {
    Some(match text {
        "居民身份证" | "身份证" | "resident_card" => DocumentKind::ResidentCard,
        "港澳台居民居住证" => DocumentKind::ResidencePermit,
        "外国人永久居留身份证" => DocumentKind::ForeignerPermanentCard,
        "港澳居民来往内地通行证" => DocumentKind::HongKongMacaoPermit,
        "台湾居民来往大陆通行证" => DocumentKind::TaiwanPermit,
        "护照" | "中国护照" => DocumentKind::Passport,
        _ => return None,
    })
}

fn of_document(error: DocumentError) -> FlawKind {
    match error {
        DocumentError::Form => FlawKind::DocumentForm,
        DocumentError::Province => FlawKind::DocumentDivision,
        DocumentError::BirthDate => FlawKind::DocumentBirth,
        DocumentError::CheckCharacter => FlawKind::DocumentCheck,
    }
}

fn job(text: &str) -> Result<String, FlawKind> {
    let legible = text.chars().all(|c| !c.is_control());
    if legible && (1..=LONGEST_JOB).contains(&text.chars().count()) {
        Ok(text.to_owned())
    } else {
        Err(FlawKind::Job)
    }
}

fn residence(text: &str) -> Result<Division, FlawKind> {
    let division = Division::try_from(text.to_owned()).map_err(|_| FlawKind::Residence)?;
    let innermost = regions::children(Some(&division)).is_empty();
    if innermost && regions::standing(&division) == Standing::Current {
        Ok(division)
    } else {
        Err(FlawKind::Residence)
    }
}

fn day(text: &str, today: NaiveDate) -> Result<NaiveDate, FlawKind> {
    let forms = ["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d"];
    let mut read = forms
        .iter()
        .filter_map(|form| NaiveDate::parse_from_str(text, form).ok());
    let day = read.next().ok_or(FlawKind::Day)?;
    if day >= today && day - today <= AHEAD {
        Ok(day)
    } else {
        Err(FlawKind::DayRange)
    }
}

/// The same worker in two lines is wrong in both.
fn twice(workers: &[Worker], flaws: &mut Vec<Flaw>) {
    let mut first: HashMap<(DocumentKind, &str), &Worker> = HashMap::new();
    for worker in workers {
        let key = (worker.document.kind(), worker.document.reveal());
        if let Some(before) = first.get(&key) {
            for one in [before, &worker] {
                flaws.push(Flaw {
                    line: one.line,
                    column: Some(one.document_column),
                    kind: FlawKind::Twice,
                });
            }
        } else {
            first.insert(key, worker);
        }
    }
}

#[cfg(test)]
mod tests;
