//! Routes.

mod dependants;
mod login;
mod me;
mod sessions;
mod terms;

use utoipa_actix_web::service_config::ServiceConfig;

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(terms::current)
        .service(login::send_sms_code)
        .service(login::by_sms)
        .service(login::by_wechat)
        .service(login::by_alipay)
        .service(sessions::renew)
        .service(sessions::list)
        // Before the route with an id, which would take it.
        .service(sessions::end_current)
        .service(sessions::end)
        .service(me::me)
        .service(me::verify_identity)
        .service(dependants::list)
        .service(dependants::add)
        .service(dependants::remove);
}
