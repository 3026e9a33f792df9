//! Passes for vehicles: types, applications, who is aboard, and passes.

mod applications;
mod passes;
mod riding;

use utoipa_actix_web::service_config::ServiceConfig;

use super::staff_routes;

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .configure(applications::configure)
        .configure(passes::configure)
        .configure(riding::configure)
        .configure(staff_routes::configure);
}
