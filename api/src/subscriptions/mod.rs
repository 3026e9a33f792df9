//! What people allow us to send them through a super-app.
//!
//! On WeChat people answer for each template: one message more, or any number. On Alipay each form
//! that they submit allows one message of any template, for seven days. Whoever sends takes one of
//! these first; of two who take the last one, one gets it.

mod error;
mod jobs;
mod own_data;
mod routes;
pub mod rules;
mod service;
mod store;

pub use error::Error;
pub use jobs::ForgetFormIds;
pub use own_data::Allowances;
pub use routes::configure;
pub use service::{
    Allowed, Spent, Template, accepted, allowed, give_back, refused_by_platform, rejected, spend,
};
