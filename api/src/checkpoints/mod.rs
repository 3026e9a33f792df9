//! Gates: sentinels at the doors of venues (V7) and posts on the road (C1–C3).
//!
//! A device has a key of its own, is bound to one venue or one post, and signs whatever it calls. It reads
//! a code, a family's codes, a pass card, paper with a document or an ID card, and a temperature, and is
//! told pass, stop or look again, with words to be read aloud. Without a network it goes by a signed
//! bundle for a day, by the same rules, and keeps signed records, which are delivered later: each once, in
//! any order. Faces are never kept.

mod aboard;
mod behind;
mod bundles;
mod calls;
mod delivering;
mod device_key;
mod devices;
mod error;
mod gaps;
mod jobs;
mod known;
pub mod offline;
mod own_data;
mod recording;
pub mod records;
pub mod roadside;
mod routes;
pub mod rules;
mod showings;
pub mod signature;
mod staff_routes;
mod store;
pub mod travel;
mod verifying;
mod views;
pub mod ways;
pub mod words;
mod writing;

pub use device_key::{DeviceKey, NoDeviceKey};
pub use error::Error;
pub use jobs::ForgetRecords;
pub use known::{Device, Gates, Place};
pub use own_data::Passed;
pub use routes::configure;
