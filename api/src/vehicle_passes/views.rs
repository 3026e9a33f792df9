//! What applicants, people aboard and the authority are answered.

mod passes;

use chrono::{DateTime, Utc};
use entity::{
    values::{
        AboardId, AboardRole, CaseAction, CaseId, CaseOutcome, CaseState, Division, OrganisationId,
        PersonId, Phone, Plate, PlateColour, Role, UploadId, VehicleApplicationId,
        VehicleApplicationKind, VehicleApplicationState, VehicleMaterial, VehiclePassId,
    },
    vehicle_aboard,
};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    aboard::PHONE,
    error::Error,
    rules::Standing,
    types::{PassType, TypeWords},
};
use crate::{
    deps::Deps,
    identity,
    notifications::Reference,
    review::rules::{ReasonRule, Stage},
    roads::{Hours, Route, RouteFinding},
};

pub(super) use passes::{
    RecognisedVehiclePassView, VehicleAuthorisationView, VehicleCountView, VehiclePassView,
    VehicleRiderView, VehicleStatisticsView,
};

/// How people call an application on the phone.
pub(super) fn reference(id: uuid::Uuid) -> Reference {
    Reference::of("CL", id)
}

/// The types of passes, each in its newest version.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VehiclePassTypesView {
    /// The types.
    pub(super) types: Vec<PassType>,
}

/// Somebody aboard, for who applies.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AboardView {
    /// Which place.
    id: AboardId,
    /// As what.
    role: AboardRole,
    /// Their name, masked. Null until they agree.
    #[schema(example = "张*三")]
    name: Option<String>,
    /// Their mobile number, masked. Null of somebody whom the applicant acts for.
    #[schema(example = "138****8000")]
    phone: Option<String>,
    /// When they were asked.
    asked_at: DateTime<Utc>,
    /// When they agreed. Null until they do.
    agreed_at: Option<DateTime<Utc>>,
}

impl AboardView {
    pub(super) async fn open(
        db: &impl ConnectionTrait,
        deps: &Deps,
        row: &vehicle_aboard::Model,
    ) -> Result<Self, Error> {
        let phone = match &row.phone {
            Some(sealed) => {
                let opened = deps
                    .vault
                    .open(PHONE.owned_by(row.id.0.as_bytes()), sealed)?;
                let text = String::from_utf8_lossy(&opened);
                Phone::parse(&text).ok().map(|phone| phone.masked())
            }
            None => None,
        };
        let name = match row.person_id {
            Some(person) => identity::masked_name_of(db, deps, person).await?,
            None => None,
        };
        Ok(Self {
            id: row.id,
            role: row.role,
            name,
            phone,
            asked_at: row.asked_at,
            agreed_at: row.agreed_at,
        })
    }
}

/// A vehicle.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VehicleView {
    /// Its plate. Null where it has none, and while nobody said it.
    pub(super) plate: Option<Plate>,
    /// The plate's colour.
    pub(super) plate_colour: Option<PlateColour>,
    /// Its own number, where it has no plate yet.
    pub(super) vin: Option<String>,
}

/// An upload of an application.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VehicleMaterialView {
    /// What it shows.
    pub(super) kind: VehicleMaterial,
    /// Which.
    pub(super) upload: UploadId,
}

/// What the checks before the review found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = VehicleFindings)]
pub(super) struct Findings {
    /// Whether the registry of vehicles answered. Of a vehicle that is not registered nobody asks it.
    pub(super) registry: RegistryAnswer,
    /// What speaks against the route, and is left to the reviewer.
    pub(super) route: Vec<RouteFinding>,
    /// When it was looked.
    pub(super) checked_at: DateTime<Utc>,
}

/// What the registry of vehicles said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "answer", rename_all = "snake_case")]
#[schema(as = VehicleRegistryAnswer)]
pub(super) enum RegistryAnswer {
    /// Nobody asks it: the vehicle is not registered yet.
    #[default]
    NotAsked,
    /// It does not answer. It is asked again.
    Silent,
    /// It knows no such vehicle.
    Unregistered,
    /// It knows the vehicle.
    Registered {
        /// Violations that nobody settled.
        violations: u32,
        /// The last day for which the vehicle is inspected.
        inspected_until: chrono::NaiveDate,
    },
}

/// Where a case stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VehicleStageView {
    /// Its name within the workflow; stable.
    key: String,
    /// What people call it.
    title: TypeWords,
    /// Whom it waits for.
    state: CaseState,
    /// Since when.
    since: DateTime<Utc>,
    /// Until when this stage is to end. Null without a limit, and once it is over.
    until: Option<DateTime<Utc>>,
    /// Who decides. Null while nobody of the authority does.
    role: Option<Role>,
    /// Where they are, by name.
    #[schema(example = "天津市河东区")]
    place: Option<String>,
    /// What the applicant may do: `resubmit`, `withdraw`.
    may: Vec<CaseAction>,
}

impl VehicleStageView {
    pub(super) fn of(
        case: &entity::review_case::Model,
        stage: &Stage,
        place: Option<String>,
    ) -> Self {
        let open = case.state != CaseState::Closed;
        let theirs = [CaseAction::Resubmit, CaseAction::Withdraw].into_iter();
        let may = theirs.filter(|action| open && stage.action(*action).is_some());
        Self {
            key: stage.key.clone(),
            title: TypeWords {
                zh: stage.title.zh.clone(),
                en: stage.title.en.clone(),
            },
            state: case.state,
            since: case.stage_since,
            until: case.due_at.filter(|_| open),
            role: case.decider,
            place,
            may: may.collect(),
        }
    }
}

/// Why an application was refused.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VehicleRefusalView {
    /// The reason's name; stable.
    code: String,
    /// In Chinese.
    zh: String,
    /// In English.
    en: String,
}

impl From<&ReasonRule> for VehicleRefusalView {
    fn from(rule: &ReasonRule) -> Self {
        Self {
            code: rule.code.clone(),
            zh: rule.zh.clone(),
            en: rule.en.clone(),
        }
    }
}

/// An application, as far as it is filled in, and what becomes of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VehicleApplicationView {
    /// Which.
    pub(super) id: VehicleApplicationId,
    /// The same, to read out on the phone.
    #[schema(example = "CL-0J5K9Q2M7P")]
    pub(super) reference: String,
    /// What is asked for.
    pub(super) kind: VehicleApplicationKind,
    /// How far it got.
    pub(super) state: VehicleApplicationState,
    /// The type of the pass.
    #[serde(rename = "type")]
    pub(super) of_type: String,
    /// Which version of it.
    pub(super) type_version: i64,
    /// The unit that applies. Null: a citizen does.
    pub(super) organisation: Option<OrganisationId>,
    /// Who applies, in person or for the unit.
    pub(super) applied_by: PersonId,
    /// The county or district that decides.
    pub(super) division: Division,
    /// The same by name.
    #[schema(example = "天津市河东区")]
    pub(super) place: Option<String>,
    /// When it was begun.
    pub(super) created_at: DateTime<Utc>,
    /// When it was saved last.
    pub(super) saved_at: DateTime<Utc>,
    /// When the agreement was accepted. Null until it is.
    pub(super) agreed_at: Option<DateTime<Utc>>,
    /// The vehicle.
    pub(super) vehicle: VehicleView,
    /// Where it shall drive. Null until that is said.
    pub(super) route: Option<Route>,
    /// When. Null until that is said.
    pub(super) hours: Option<Hours>,
    /// What for, in words. Null until that is said.
    pub(super) purpose: Option<String>,
    /// Who shall be aboard.
    pub(super) people: Vec<AboardView>,
    /// What was uploaded.
    pub(super) materials: Vec<VehicleMaterialView>,
    /// The pass whose place the new one takes. Null of a new one.
    pub(super) predecessor: Option<VehiclePassId>,
    /// When it was submitted. Null until it is.
    pub(super) submitted_at: Option<DateTime<Utc>>,
    /// What the checks found. Null until it is submitted.
    pub(super) findings: Option<Findings>,
    /// The case that decides. Null until it is submitted.
    pub(super) case: Option<CaseId>,
    /// How far that got. Null until it is submitted.
    pub(super) stage: Option<VehicleStageView>,
    /// How it ended. Null while it is open.
    pub(super) outcome: Option<CaseOutcome>,
    /// When it did. Null while it is open.
    pub(super) closed_at: Option<DateTime<Utc>>,
    /// Why it was refused. Null where it was not.
    pub(super) refusal: Option<VehicleRefusalView>,
    /// The pass that was issued on it. Null where none was.
    pub(super) pass: Option<VehiclePassId>,
}

/// Where one is aboard, or is asked to be.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VehicleInvitationView {
    /// Which place.
    pub(super) id: AboardId,
    /// As what.
    pub(super) role: AboardRole,
    /// Whose place it is, masked, where it is that of somebody whom one acts for. Null: one's own.
    #[schema(example = "张*三")]
    pub(super) rider: Option<String>,
    /// Who applies: the unit, or a citizen by their masked name.
    pub(super) applicant: Option<String>,
    /// The vehicle.
    pub(super) vehicle: VehicleView,
    /// Where it shall drive. Null until that is said.
    pub(super) route: Option<Route>,
    /// When. Null until that is said.
    pub(super) hours: Option<Hours>,
    /// When one was asked.
    pub(super) asked_at: DateTime<Utc>,
    /// Until when one may agree. Null once one did, and once it ended.
    pub(super) until: Option<DateTime<Utc>>,
    /// When one agreed. Null until then.
    pub(super) agreed_at: Option<DateTime<Utc>>,
    /// When it ended. Null while it goes on.
    pub(super) ended_at: Option<DateTime<Utc>>,
    /// How the pass stands. Null while there is none.
    pub(super) standing: Option<Standing>,
}

/// The pages of what one is asked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VehicleInvitationsView {
    /// Those, newest first.
    pub(super) invitations: Vec<VehicleInvitationView>,
}
