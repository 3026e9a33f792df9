//! Routes.

mod applicants;
mod cases;
mod delegations;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(cases::list)
        .service(cases::count)
        .service(cases::read)
        .service(cases::act)
        .service(cases::decide_several)
        .service(cases::claim)
        .service(cases::release)
        .service(cases::assign)
        .service(cases::contact)
        .service(cases::list_breaches)
        .service(delegations::make)
        .service(delegations::list)
        .service(delegations::end)
        .service(applicants::list)
        .service(applicants::find)
        .service(applicants::resubmit)
        .service(applicants::take_back);
}
