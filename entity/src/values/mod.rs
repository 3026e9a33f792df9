//! What columns share. Every type here is valid once it exists; those that name a person mask
//! themselves in `Debug` and have no `Display`.

mod colour;
mod division;
mod document;
mod ids;
mod office_hours;
mod person_name;
mod phone;
mod reason;

pub use colour::Colour;
pub use division::{Division, DivisionError};
pub use document::{Document, DocumentError, DocumentKind};
pub use ids::{CheckInId, DeclarationId, HoldId, OpeningId, PersonId, SessionId};
pub use office_hours::{OfficeHours, OfficeHoursError};
pub use person_name::{PersonName, PersonNameError};
pub use phone::{Phone, PhoneError};
pub use reason::ReasonCode;
