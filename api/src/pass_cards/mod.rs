//! Health pass cards (S3): applied for online or at a window, compared, reviewed where the holder
//! stays, issued, and good for fourteen days in the whole province.
//!
//! An application is a case of [`crate::review`], which keeps its promises; what is granted there is
//! issued here, in the same transaction. A card of somebody under observation waits until their code
//! turns green, and a card counts only while its holder is green: both follow from the colour, which
//! [`crate::health_code`] alone decides. What is marked as declared falsely stays as it was declared,
//! and only the level above takes the mark back.

mod applying;
mod cards;
mod comparing;
mod error;
mod following;
mod issuing;
mod jobs;
mod marking;
mod own_data;
mod permits;
pub mod printing;
mod reviewing;
mod routes;
pub mod rules;
mod staff_routes;
mod store;
mod upkeep;
mod verifying;
mod views;
mod window;

pub use cards::{CardFace, card, current_card, face_of, standing_of};
pub use error::Error;
pub use following::CardsFollow;
pub use jobs::{AnswerCompared, ForgetOver, LookAfterCards};
pub use own_data::Cards;
pub use permits::CardRecords;
pub use reviewing::CardReviews;
pub use routes::configure;
pub use store::forgetting::{Limits, old_applications};
