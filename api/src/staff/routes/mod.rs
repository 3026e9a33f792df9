//! Routes.

mod me;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(me::me);
}
