//! Configuration: one typed file plus the environment, one section a file.
//!
//! This is the only reader of the environment. `TONGXING_DATABASE__URL` stands for the key `url` of
//! the section `database`, and goes before the file. Wherever a text stands, `{ file = "…" }`, or a
//! variable that ends in `__FILE`, reads it from a file, as secrets are handed to containers.
//!
//! The defaults are the development profile: it needs nothing but this machine, and its secrets are
//! published and worthless. [`Config::check`] keeps them out of production.

mod check;
mod communities;
mod database;
mod display;
mod ephemeral;
mod error;
mod gates;
mod imports;
mod keys;
mod login;
mod notifications;
mod objects;
mod organisations;
mod overrides;
mod platforms;
mod policy;
mod regions;
mod reports;
mod retention;
mod secrets;
mod server;
mod service_level;
mod source;
mod staff;
mod telemetry;
mod transparency;
mod vehicle_passes;
mod venues;
mod visits;
mod work_permits;

use std::{ffi::OsString, path::Path};

use serde::Deserialize;

pub use self::{
    check::{Refusal, Unfit},
    communities::Communities,
    database::Database,
    display::Display,
    ephemeral::{Ephemeral, Store},
    error::Error,
    gates::Gates,
    imports::Imports,
    keys::Keys,
    login::{Limit, Login},
    notifications::Notifications,
    objects::{ObjectStore, Objects},
    organisations::Organisations,
    overrides::Overrides,
    platforms::{Platforms, Sms},
    policy::Policy,
    regions::{Regions, Undecided},
    reports::Reports,
    retention::Retention,
    secrets::{Secrets, VersionedKeys},
    server::Server,
    service_level::ServiceLevel,
    staff::Staff,
    telemetry::{Format, Telemetry},
    transparency::{Transparency, Witness},
    vehicle_passes::{Counterpart, PublicKey, VehiclePasses},
    venues::Venues,
    visits::Visits,
    work_permits::WorkPermits,
};

/// What a deployment is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// One machine, nothing of value.
    #[default]
    Development,
    /// The public relies on it.
    Production,
}

/// Everything that can be set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What this deployment is for.
    pub profile: Profile,
    /// How requests come in.
    pub server: Server,
    /// Where the truth is kept.
    pub database: Database,
    /// When issuers of communities sign in.
    pub communities: Communities,
    /// Where instances share short-lived state.
    pub ephemeral: Ephemeral,
    /// What is looked at again at gates, and how much a device delivers.
    pub gates: Gates,
    /// How files of facts are brought in.
    pub imports: Imports,
    /// Keys that seal and index personal data.
    pub secrets: Secrets,
    /// Keys that sign.
    pub keys: Keys,
    /// How log-in behaves.
    pub login: Login,
    /// When people are told, and for how long that is kept.
    pub notifications: Notifications,
    /// Where what people send lies.
    pub objects: Objects,
    /// Which units may log in.
    pub organisations: Organisations,
    /// Colours that several people decide on.
    pub overrides: Overrides,
    /// How colours are decided.
    pub policy: Policy,
    /// How members of staff prove themselves.
    pub staff: Staff,
    /// Where regions are not decided on, and when offices work.
    pub regions: Regions,
    /// What reports tell.
    pub reports: Reports,
    /// How long what is about people is kept.
    pub retention: Retention,
    /// What a process takes on before it leaves things out.
    pub service_level: ServiceLevel,
    /// How codes are shown.
    pub display: Display,
    /// The outside world.
    pub platforms: Platforms,
    /// Logs.
    pub telemetry: Telemetry,
    /// The log that outsiders can check.
    pub transparency: Transparency,
    /// Passes for vehicles.
    pub vehicle_passes: VehiclePasses,
    /// Codes on doors.
    pub venues: Venues,
    /// Who was where.
    pub visits: Visits,
    /// The return to work.
    pub work_permits: WorkPermits,
}

impl Config {
    /// What the file at `path` and the variables of `environment` set; all else is the default.
    ///
    /// Keys that do not exist are errors. Errors name keys and never quote values.
    pub fn load(
        path: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Error> {
        source::read(path, environment)
    }

    /// [`Config::load`] with this process's environment. Variables that are not Unicode are not ours.
    pub fn of_process(path: Option<&Path>) -> Result<Self, Error> {
        let unicode = |(name, value): (OsString, OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self::load(path, std::env::vars_os().filter_map(unicode))
    }

    /// What comes before the code of a venue.
    #[must_use]
    pub fn venue_address(&self) -> String {
        let usual = || format!("{}/v/", self.server.public_url.trim_end_matches('/'));
        self.venues.address.clone().unwrap_or_else(usual)
    }

    /// Where lists of what became of permits are fetched.
    #[must_use]
    pub fn status_lists_address(&self) -> String {
        let public = self.server.public_url.trim_end_matches('/');
        format!("{public}/v1/status-lists")
    }

    /// What the log is called that outsiders can check.
    #[must_use]
    pub fn log_origin(&self) -> String {
        let public = self.server.public_url.trim_end_matches('/');
        let host = public.split_once("://").map_or(public, |(_, host)| host);
        let usual = || format!("{host}/v1/log");
        self.transparency.origin.clone().unwrap_or_else(usual)
    }

    /// Whether a deployment may start like this. Names everything that stands in the way at once.
    pub fn check(&self) -> Result<(), Unfit> {
        check::check(self)
    }
}

#[cfg(test)]
mod tests;
