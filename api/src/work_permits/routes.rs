//! The return to work: its routes, by who calls them.

mod callback;
mod citizens;
mod staff;
mod units;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .configure(citizens::configure)
        .configure(units::configure)
        .configure(callback::configure)
        .configure(staff::configure);
}
