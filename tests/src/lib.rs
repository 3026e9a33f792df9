//! What tests stand on: the two stacks that the product runs on, a private database for each test,
//! and time and randomness that move only when told.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test whose surroundings fail has failed"
)]

pub mod authenticator;
pub mod backend;
pub mod call;
pub mod clock;
pub mod communities;
pub mod database;
pub mod document;
pub mod doors;
pub mod entropy;
pub mod fakes;
pub mod gates;
pub mod load;
pub mod log;
pub mod organisations;
pub mod paced;
pub mod people;
pub mod process;
pub mod redis;
pub mod roads;
pub mod service;
pub mod stack;
pub mod staff;
pub mod vehicles;
pub mod venues;
pub mod work_permits;
pub mod world;

pub use backend::Backend;
pub use clock::ManualClock;
pub use database::Database;
pub use entropy::SeededEntropy;
pub use log::Log;
pub use stack::Stack;
pub use staff::StaffMember;
pub use venues::Venue;
