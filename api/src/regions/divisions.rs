//! The divisions of GB/T 2260: those in force, and those that were abolished since 1980.
//!
//! Where they come from is in `data/LICENSES.md`.

use std::{collections::BTreeMap, sync::LazyLock};

use entity::values::Division;

const FILE: &str = include_str!("data/divisions.csv");

/// The divisions in force directly within each, and the provinces within none.
static CHILDREN: LazyLock<BTreeMap<Option<Division>, Vec<Division>>> = LazyLock::new(|| {
    let mut children: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let in_force = KNOWN.iter().filter(|(_, entry)| entry.is_current());
    for (code, _) in in_force.filter(|(_, entry)| !entry.is_bracket()) {
        let Ok(code) = Division::try_from((*code).to_owned()) else {
            continue;
        };
        for around in directly_around(&code) {
            children.entry(around).or_default().push(code.clone());
        }
    }
    children
});

static KNOWN: LazyLock<BTreeMap<&'static str, Entry>> =
    LazyLock::new(|| FILE.lines().filter_map(entry).collect());

/// One code and what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    name: &'static str,
    /// The first year in which a list has it; 1980 for all that are older.
    from: u16,
    /// The last year in which it was in force; none while it is.
    until: Option<u16>,
}

fn entry(line: &'static str) -> Option<(&'static str, Entry)> {
    let mut fields = line.split(',');
    let (code, name) = (fields.next()?, fields.next()?);
    let from = fields.next()?.parse().ok()?;
    let until = fields.next()?;
    let until = (!until.is_empty()).then(|| until.parse());
    Some((
        code,
        Entry {
            name,
            from,
            until: until.transpose().ok()?,
        },
    ))
}

impl Entry {
    fn is_current(self) -> bool {
        self.until.is_none()
    }

    /// Whether it only holds the districts or counties of a province together and names no place.
    fn is_bracket(self) -> bool {
        matches!(self.name, "市辖区" | "县") || self.name.contains("直辖县级")
    }
}

/// Whether a code was ever assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is in force.
    Current,
    /// It was in force, for the last time in this year.
    Abolished {
        /// The last year.
        last_valid: u16,
    },
    /// Nobody assigned it since 1980.
    Unknown,
}

/// Whether `division` was ever assigned.
#[must_use]
pub fn standing(division: &Division) -> Standing {
    match KNOWN.get(division.code()).map(|entry| entry.until) {
        Some(None) => Standing::Current,
        Some(Some(last_valid)) => Standing::Abolished { last_valid },
        None => Standing::Unknown,
    }
}

/// Whether `division` is or was assigned.
#[must_use]
pub fn is_known(division: &Division) -> bool {
    standing(division) != Standing::Unknown
}

/// The first and the last year of the lists that have it: 1980 for all that are older, no last year
/// while it is in force.
#[must_use]
pub fn years(division: &Division) -> Option<(u16, Option<u16>)> {
    KNOWN
        .get(division.code())
        .map(|entry| (entry.from, entry.until))
}

/// Its own name, the last one if it is abolished: `黄浦区`.
#[must_use]
pub fn name(division: &Division) -> Option<&'static str> {
    KNOWN.get(division.code()).map(|entry| entry.name)
}

/// Its name with those around it: `上海市黄浦区`. What names no place, and what only repeats the
/// name around it, is left out.
#[must_use]
pub fn full_name(division: &Division) -> Option<String> {
    KNOWN.get(division.code())?;
    let mut names: Vec<&str> = Vec::new();
    for region in division.chain().iter().rev() {
        if let Some(entry) = KNOWN.get(region.code())
            && !entry.is_bracket()
            && names.last() != Some(&entry.name)
        {
            names.push(entry.name);
        }
    }
    Some(names.concat())
}

/// The division around it that names a place: none of a province.
#[must_use]
pub fn parent(division: &Division) -> Option<Division> {
    ancestors(division).into_iter().next()
}

/// The divisions around it, the province last. As they were when it was in force.
#[must_use]
pub fn ancestors(division: &Division) -> Vec<Division> {
    let around = division.chain().into_iter().skip(1);
    around
        .filter(|region| {
            let entry = KNOWN.get(region.code());
            entry.is_some_and(|entry| !entry.is_bracket())
        })
        .collect()
}

/// `division` itself while it is in force, or the nearest division around it that is.
#[must_use]
pub fn surviving(division: &Division) -> Option<Division> {
    let in_force = |region: &Division| KNOWN.get(region.code()).is_some_and(|e| e.is_current());
    Some(division.clone())
        .into_iter()
        .filter(is_known)
        .chain(ancestors(division))
        .find(in_force)
}

/// The divisions in force directly within `division`, or the provinces. Districts of a municipality
/// and counties under a province are directly within it.
#[must_use]
pub fn children(division: Option<&Division>) -> &'static [Division] {
    CHILDREN.get(&division.cloned()).map_or(&[], Vec::as_slice)
}

/// The [`children`] of each division that has any, and of none.
pub(super) fn directory() -> &'static BTreeMap<Option<Division>, Vec<Division>> {
    &CHILDREN
}

/// The divisions, none among them the country, that list `code`: the one around it, and what holds it
/// together with others. None lists what only repeats its name.
fn directly_around(code: &Division) -> Vec<Option<Division>> {
    let around = parent(code);
    let brackets = code.chain().into_iter().skip(1).filter(|region| {
        let entry = KNOWN.get(region.code());
        entry.is_some_and(|entry| entry.is_bracket())
    });
    let repeats = around.as_ref().is_some_and(|it| name(it) == name(code));
    brackets
        .map(Some)
        .chain((!repeats).then_some(around))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn division(code: &str) -> Division {
        Division::try_from(code.to_owned()).unwrap()
    }

    fn codes(divisions: &[Division]) -> Vec<&str> {
        divisions.iter().map(Division::code).collect()
    }

    #[test]
    fn every_line_of_the_file_is_a_division_and_they_are_in_order() {
        assert_eq!(KNOWN.len(), FILE.lines().count());
        let codes: Vec<&str> = FILE.lines().filter_map(|l| l.split(',').next()).collect();
        assert!(codes.is_sorted_by(|a, b| a < b));
        for line in FILE.lines() {
            let fields: Vec<&str> = line.split(',').collect();
            let [code, name, from, until] = fields[..] else {
                panic!("{line}");
            };
            assert!(Division::try_from(code.to_owned()).is_ok(), "{line}");
            assert!(!name.is_empty() && name.trim() == name, "{line}");
            let from: u16 = from.parse().unwrap();
            assert!((1980..=2023).contains(&from), "{line}");
            assert!(until.is_empty() || (from..=2020).contains(&until.parse().unwrap()));
        }
    }

    #[test]
    fn the_country_has_34_provinces_and_each_division_belongs_to_one_in_force() {
        assert_eq!(children(None).len(), 34);
        for code in KNOWN.keys() {
            let survives = surviving(&division(code)).map(String::from);
            assert!(survives.is_some(), "{code} has no province");
        }
    }

    #[test]
    fn every_division_in_force_is_found_by_walking_down_once() {
        let mut seen = Vec::new();
        let mut open = children(None).to_vec();
        while let Some(next) = open.pop() {
            open.extend_from_slice(children(Some(&next)));
            seen.push(String::from(next));
        }
        seen.sort();
        let places = KNOWN.iter().filter(|(code, entry)| {
            let repeats = parent(&division(code)).is_some_and(|p| name(&p) == Some(entry.name));
            entry.is_current() && !entry.is_bracket() && !repeats
        });
        assert_eq!(seen, places.map(|(code, _)| *code).collect::<Vec<_>>());
    }

    #[test]
    fn a_full_name_leads_from_the_province_down() {
        for (code, expected) in [
            ("310101", "上海市黄浦区"),
            ("310100", "上海市"),
            ("500101", "重庆市万州区"),
            ("500229", "重庆市城口县"),
            ("420106", "湖北省武汉市武昌区"),
            ("429004", "湖北省仙桃市"),
            ("419001", "河南省济源市"),
            ("469001", "海南省五指山市"),
            ("659001", "新疆维吾尔自治区石河子市"),
            ("441900", "广东省东莞市"),
            ("442000", "广东省中山市"),
            ("460400", "海南省儋州市"),
            ("620201", "甘肃省嘉峪关市"),
            ("710000", "台湾省"),
            ("810000", "香港特别行政区"),
            ("820000", "澳门特别行政区"),
        ] {
            let code = division(code);
            assert_eq!(full_name(&code).as_deref(), Some(expected));
            assert_eq!(standing(&code), Standing::Current, "{expected}");
        }
        assert_eq!(full_name(&division("310999")), None);
    }

    #[test]
    fn districts_of_a_municipality_and_counties_under_a_province_have_it_for_parent() {
        for (code, expected) in [
            ("310101", Some("310000")),
            ("500229", Some("500000")),
            ("429004", Some("420000")),
            ("469001", Some("460000")),
            ("659001", Some("650000")),
            ("420106", Some("420100")),
            ("441900", Some("440000")),
            ("310000", None),
        ] {
            assert_eq!(parent(&division(code)), expected.map(division), "{code}");
        }
    }

    #[test]
    fn an_abolished_code_keeps_its_name_and_resolves_to_what_is_left_around_it() {
        for (code, expected, last_valid, survives) in [
            ("310103", "上海市卢湾区", 2010, "310000"),
            ("110103", "北京市崇文区", 2009, "110000"),
            ("330103", "浙江省杭州市下城区", 2020, "330100"),
            ("371202", "山东省莱芜市莱城区", 2019, "370000"),
            ("510202", "四川省重庆市渝中区", 1996, "510000"),
        ] {
            let code = division(code);
            assert_eq!(full_name(&code).as_deref(), Some(expected));
            assert_eq!(standing(&code), Standing::Abolished { last_valid });
            assert_eq!(surviving(&code), Some(division(survives)), "{expected}");
        }
    }

    #[test]
    fn nobody_assigned_these() {
        for code in ["310199", "360000x", "830000", "990000", "310101 "] {
            let unknown = Division::try_from(code.to_owned()).map(|code| is_known(&code));
            assert!(!unknown.unwrap_or(false), "{code}");
        }
        assert_eq!(surviving(&division("830000")), None);
    }

    #[test]
    fn a_directory_lists_what_is_directly_within() {
        let shanghai = codes(children(Some(&division("310000"))));
        assert_eq!(shanghai.len(), 16);
        assert_eq!(shanghai[0], "310101");
        assert_eq!(codes(children(Some(&division("310100")))), shanghai);

        let hubei = codes(children(Some(&division("420000"))));
        assert!(hubei.contains(&"420100") && hubei.contains(&"429004"));
        assert!(!hubei.contains(&"429000") && !hubei.contains(&"420106"));

        for leaf in ["441900", "442000", "460400", "620200", "310101", "810000"] {
            assert_eq!(codes(children(Some(&division(leaf)))), [""; 0], "{leaf}");
        }
    }
}
