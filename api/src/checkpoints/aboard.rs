//! A vehicle at a gate that can ask: its pass as it stands now, and everybody whom it names (T4, T7).

use chrono::{DateTime, Utc};
use entity::values::{GateDecision, GateMeans, GateReason, PersonId, Plate, VehiclePassId};
use futures_util::future::try_join_all;
use uuid::Uuid;

use super::{
    error::Error,
    known::Device,
    roadside::{self, Pass, Vehicle, Way},
    rules::{self, FEVER_TENTHS, Shown, Temperature},
    verifying::Seen,
    views::GateVehicleView,
    words::spoken,
};
use crate::{
    credentials::Permit,
    deps::Deps,
    identity,
    vehicle_passes::{self, Aboard, Asked, Inspection, Standing},
};

/// A vehicle whose pass was shown.
#[derive(Debug)]
pub(super) struct Found {
    decided: (GateDecision, GateReason),
    /// The pass, where it is one of ours.
    pass: Option<Inspection>,
    /// The highest that was taken of those whom it names and who show nothing.
    temperature: Temperature,
}

/// Look at the vehicle with `plate` before `device`, whose people showed `permit`.
pub(super) async fn look(
    deps: &Deps,
    device: &Device,
    permit: &Permit,
    plate: Option<&str>,
    temperature: Temperature,
    now: DateTime<Utc>,
) -> Result<Found, Error> {
    let id = VehiclePassId(Uuid::from_bytes(permit.id));
    // What is seen is compared here, by the rules that hold without a network.
    let asked = Asked {
        plate: None,
        section: None,
        at: now,
    };
    let pass = vehicle_passes::inspect(deps, id, asked).await?;
    let decided = match &pass {
        Some(pass) => compared(device, plate, pass, now),
        None => (GateDecision::LookAgain, GateReason::NotValid),
    };
    // Whoever holds the pass up may have been measured as well.
    Ok(Found {
        decided: if temperature.is_fever(FEVER_TENTHS) {
            (GateDecision::Stop, GateReason::Fever)
        } else {
            decided
        },
        pass,
        temperature,
    })
}

fn compared(
    device: &Device,
    plate: Option<&str>,
    pass: &Inspection,
    now: DateTime<Utc>,
) -> (GateDecision, GateReason) {
    let way = Way {
        aboard: u8::try_from(pass.aboard.len()).unwrap_or(u8::MAX),
        route: pass.route.clone(),
        hours: pass.hours.clone(),
        vin: pass.vin.clone(),
    };
    let vehicle = Vehicle {
        plate,
        section: device.section.as_ref(),
        at: now,
    };
    let plate = pass.plate.as_ref().map(Plate::as_str);
    let shown = Pass {
        plate: plate.or(pass.temporary_number.as_deref()),
        counts: pass.standing == Standing::Good,
        way: Some(&way),
    };
    roadside::decide(vehicle, shown)
}

impl Found {
    /// What to do with the vehicle, whoever is in it.
    pub(super) fn decided(&self) -> (GateDecision, GateReason) {
        self.decided
    }

    /// Those whom the pass names. None where they are not those who are in the vehicle: it is another one, or
    /// the pass ended.
    fn named(&self) -> Option<&[Aboard]> {
        let pass = self.pass.as_ref()?;
        let runs = matches!(pass.standing, Standing::Good | Standing::Suspended);
        let is_its_own = self.decided.1 != GateReason::OtherVehicle;
        (runs && is_its_own).then_some(&pass.aboard)
    }

    /// Compare those who were `seen` with those whom the pass names, and add to them who is named and showed
    /// nothing.
    pub(super) async fn complete(&self, deps: &Deps, seen: &mut Vec<Seen>) -> Result<(), Error> {
        let Some(named) = self.named() else {
            return Ok(());
        };
        let is_named = |person: PersonId| named.iter().any(|it| it.person == person);
        for seen in seen.iter_mut() {
            seen.stranger = seen.person.is_some_and(|person| !is_named(person));
        }
        let showed: Vec<PersonId> = seen.iter().filter_map(|seen| seen.person).collect();
        let silent = named.iter().filter(|it| !showed.contains(&it.person));
        let found =
            try_join_all(silent.map(|aboard| by_name(deps, aboard, self.temperature))).await?;
        seen.extend(found);
        Ok(())
    }

    pub(super) fn view(&self) -> GateVehicleView {
        let (decision, reason) = self.decided;
        let pass = self.pass.as_ref();
        GateVehicleView {
            decision,
            reason,
            say: spoken(reason),
            number: pass.map(|pass| pass.number.clone()),
            plate: pass.and_then(|pass| pass.plate.clone()),
            temporary_number: pass.and_then(|pass| pass.temporary_number.clone()),
            route: pass.map(|pass| pass.route.clone()),
            hours: pass.map(|pass| pass.hours.clone()),
            valid_from: pass.map(|pass| pass.valid_from),
            valid_until: pass.map(|pass| pass.valid_until),
            aboard: pass.map(|pass| pass.aboard.len()),
        }
    }
}

/// Somebody who is known because a pass names them.
async fn by_name(deps: &Deps, aboard: &Aboard, temperature: Temperature) -> Result<Seen, Error> {
    let shown = Shown::Named(aboard.live.colour);
    Ok(Seen {
        person: Some(aboard.person),
        colour: Some(aboard.live.colour),
        masked_name: identity::masked_name_of(&deps.db, deps, aboard.person).await?,
        latest_test: aboard.live.latest_test,
        stale: aboard.live.stale,
        ..Seen::nobody(GateMeans::VehiclePass, shown, temperature)
    })
}

/// The worse of what is done with somebody, and of what is done with a stranger.
pub(super) fn with_stranger(
    decided: (GateDecision, GateReason),
    stranger: bool,
) -> (GateDecision, GateReason) {
    let also = stranger.then_some((GateDecision::Stop, GateReason::StrangerAboard));
    rules::together([decided].into_iter().chain(also)).unwrap_or(decided)
}
