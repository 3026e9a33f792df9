//! Whom a complaint is about, and who decides on it.

use entity::values::Area;

/// The highest of `units`, which an application came before.
///
/// They lie one within the other; a named authority elsewhere counts by how much it is in charge of.
#[must_use]
pub fn highest(units: impl IntoIterator<Item = Area>) -> Option<Area> {
    units
        .into_iter()
        .min_by_key(|unit| (unit.stem().len(), unit.clone()))
}

/// The first of `offices`, lowest first, that is above `unit`: another one, in charge of more, of which
/// `unit` is a part.
#[must_use]
pub fn above<'a, T>(unit: &Area, offices: &'a [(T, Area)]) -> Option<&'a T> {
    let above = |office: &Area| office != unit && office.contains(unit);
    offices
        .iter()
        .find(|(_, office)| above(office))
        .map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(code: &str) -> Area {
        Area::try_from(code.to_owned()).unwrap()
    }

    #[test]
    fn a_complaint_goes_above_whoever_it_is_about() {
        let offices = |codes: [&str; 3]| {
            let codes = codes.map(area);
            ["district", "prefecture", "province"]
                .into_iter()
                .zip(codes)
                .collect::<Vec<_>>()
        };
        let shandong = offices(["370102", "370100", "370000"]);
        for (unit, expected) in [
            ("370102001001", Some("district")),
            ("370102", Some("prefecture")),
            ("370100", Some("province")),
            ("370000", None),
            ("360000", None),
        ] {
            assert_eq!(above(&area(unit), &shandong).copied(), expected, "{unit}");
        }
        // Between a district of a municipality and the municipality there is nobody.
        let shanghai = offices(["310101", "310000", "310000"]);
        assert_eq!(above(&area("310101"), &shanghai), Some(&"prefecture"));
        assert_eq!(above(&area("310000"), &shanghai), None);
    }

    #[test]
    fn the_highest_unit_is_in_charge_of_most() {
        let units = ["370102001001", "370100", "370102"].map(area);
        assert_eq!(highest(units), Some(area("370100")));
        assert_eq!(highest([]), None);
    }
}
