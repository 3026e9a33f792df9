//! What an application says, as it is read from its row, and what is missing in it.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, TimeDelta};
use entity::{
    values::{AboardRole, Plate, PlateColour, VehicleMaterial},
    vehicle_aboard, vehicle_application, vehicle_material,
};

use super::{
    error::Error,
    rules::FARTHEST_BEGINNING,
    types::{PassType, RouteKind},
};
use crate::{
    http::problem::{FieldFault, Text},
    roads::{Hours, Route},
};

/// What an application asks for, as far as it says so.
#[derive(Debug, Clone, Default)]
pub(super) struct Form {
    pub(super) agreed: bool,
    pub(super) plate: Option<(Plate, PlateColour)>,
    pub(super) vin: Option<String>,
    pub(super) route: Option<Route>,
    pub(super) hours: Option<Hours>,
    pub(super) purpose: bool,
}

impl Form {
    /// What `row` says.
    pub(super) fn of(row: &vehicle_application::Model) -> Result<Self, Error> {
        Ok(Self {
            agreed: row.agreed_at.is_some(),
            plate: row.plate.clone().zip(row.plate_colour),
            vin: row.vin.clone(),
            route: route_of(row)?,
            hours: hours_of(row)?,
            purpose: row.purpose.is_some(),
        })
    }
}

/// Where the vehicle of `row` shall drive, if it says so.
pub(super) fn route_of(row: &vehicle_application::Model) -> Result<Option<Route>, Error> {
    Ok(row.route.clone().map(serde_json::from_value).transpose()?)
}

/// When.
pub(super) fn hours_of(row: &vehicle_application::Model) -> Result<Option<Hours>, Error> {
    Ok(row.hours.clone().map(serde_json::from_value).transpose()?)
}

/// What a form that is whole asks for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The plate, or none of a vehicle that is not registered.
    pub(super) plate: Option<(Plate, PlateColour)>,
    /// What the vehicle is called: its plate, or its own number.
    pub(super) mark: String,
    pub(super) route: Route,
    pub(super) hours: Hours,
}

/// The first and the last day of a pass.
pub(super) type KeptDays = (NaiveDate, NaiveDate);

fn missing(field: &'static str) -> FieldFault {
    FieldFault::new(field, "missing", Text::new("须填写", "is missing"))
}

/// What `form` asks for, if it is filled in as `of_type` takes it; or everything that it lacks.
pub(super) fn whole(
    form: &Form,
    of_type: &PassType,
    aboard: &[vehicle_aboard::Model],
    materials: &[vehicle_material::Model],
    (today, days): (NaiveDate, Option<KeptDays>),
) -> Result<Asked, Vec<FieldFault>> {
    let mut faults = Vec::new();
    if !form.agreed {
        faults.push(missing("agreement"));
    }
    if !form.purpose {
        faults.push(missing("purpose"));
    }
    let mark = match (&form.plate, &form.vin) {
        (Some((plate, _)), _) if !of_type.unregistered => Some(plate.as_str().to_owned()),
        (_, Some(vin)) if of_type.unregistered => Some(vin.clone()),
        _ => None,
    };
    if mark.is_none() {
        faults.push(missing(if of_type.unregistered {
            "vehicle.vin"
        } else {
            "vehicle.plate"
        }));
    }
    faults.extend(route_faults(form.route.as_ref(), of_type.route));
    faults.extend(hours_faults(form.hours.as_ref(), of_type, today, days));
    faults.extend(people_faults(of_type, aboard));
    faults.extend(material_faults(of_type, materials));
    match (mark, &form.route, &form.hours) {
        (Some(mark), Some(route), Some(hours)) if faults.is_empty() => Ok(Asked {
            plate: form.plate.clone().filter(|_| !of_type.unregistered),
            mark,
            route: route.clone(),
            hours: hours.clone(),
        }),
        _ => Err(faults),
    }
}

fn route_faults(route: Option<&Route>, kind: RouteKind) -> Option<FieldFault> {
    match (route, kind) {
        (None, _) => Some(missing("route")),
        (Some(Route::Sections { .. }), RouteKind::Sections)
        | (Some(Route::Freight { .. }), RouteKind::Freight) => None,
        (Some(_), RouteKind::Sections) => Some(FieldFault::new(
            "route.kind",
            "other_kind",
            Text::new("该类通行证须填写路段", "this type of pass takes sections"),
        )),
        (Some(_), RouteKind::Freight) => Some(FieldFault::new(
            "route.kind",
            "other_kind",
            Text::new(
                "该类通行证须填写起点和终点",
                "this type of pass takes origin and destination",
            ),
        )),
    }
}

/// What is wrong with the dates, seen from today. A change keeps the `days` of what it changes, whenever they
/// began.
fn hours_faults(
    hours: Option<&Hours>,
    of_type: &PassType,
    today: NaiveDate,
    days: Option<KeptDays>,
) -> Option<FieldFault> {
    let Some(hours) = hours else {
        return Some(missing("hours"));
    };
    if let Some(days) = days {
        let other = (hours.first(), hours.last()) != days;
        return other.then(|| {
            FieldFault::new(
                "hours",
                "other_days",
                Text::new("变更不改变有效日期", "must keep the days of the pass"),
            )
        });
    }
    let farthest = today.checked_add_days(Days::new(FARTHEST_BEGINNING));
    if hours.first() < today {
        return Some(FieldFault::new(
            "hours.first",
            "past",
            Text::new("不能早于今天", "must not be before today"),
        ));
    }
    if farthest.is_some_and(|farthest| farthest < hours.first()) {
        return Some(FieldFault::new(
            "hours.first",
            "too_far",
            Text::new("须在三十日之内", "must be within thirty days"),
        ));
    }
    let longest = TimeDelta::days(of_type.most_days.into());
    (hours.end_at() - hours.begin_at() > longest).then(|| {
        FieldFault::new(
            "hours.last",
            "too_long",
            Text::new(
                "超过该类通行证的最长天数",
                "is later than this type of pass may last",
            ),
        )
    })
}

fn people_faults(of_type: &PassType, aboard: &[vehicle_aboard::Model]) -> Option<FieldFault> {
    let drives = |place: &vehicle_aboard::Model| place.role == AboardRole::Driver;
    if !aboard.iter().any(drives) {
        return Some(FieldFault::new(
            "people",
            "no_driver",
            Text::new("没有驾驶人", "nobody drives"),
        ));
    }
    (aboard.len() > usize::from(of_type.most_aboard)).then(|| {
        FieldFault::new(
            "people",
            "too_many",
            Text::new("车上人员过多", "are more than may be aboard"),
        )
    })
}

fn material_faults(
    of_type: &PassType,
    materials: &[vehicle_material::Model],
) -> Option<FieldFault> {
    let mut counts: BTreeMap<VehicleMaterial, usize> = BTreeMap::new();
    for material in materials {
        *counts.entry(material.kind).or_default() += 1;
    }
    let of = |kind| counts.get(&kind).copied().unwrap_or_default();
    let lacking = of_type
        .materials
        .iter()
        .any(|rule| of(rule.kind) < usize::from(rule.at_least));
    if lacking {
        return Some(FieldFault::new(
            "materials",
            "missing",
            Text::new("材料不全", "do not suffice"),
        ));
    }
    let surplus = counts.iter().any(|(kind, count)| {
        let rule = of_type.material(*kind);
        rule.is_none_or(|rule| *count > usize::from(rule.at_most))
    });
    surplus.then(|| {
        FieldFault::new(
            "materials",
            "not_asked_for",
            Text::new("含不需要的材料", "are more than is asked for"),
        )
    })
}
