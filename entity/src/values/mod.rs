//! What columns share. Every type here is valid once it exists; those that name a person mask
//! themselves in `Debug` and have no `Display`.

mod colour;
mod division;
mod document;
mod ids;
mod notification;
mod office_hours;
mod person_name;
mod phone;
mod platform;
mod reason;
mod window;

pub use colour::Colour;
pub use division::{Division, DivisionError};
pub use document::{Document, DocumentError, DocumentKind};
pub use ids::{CheckInId, DeclarationId, HoldId, NotificationId, OpeningId, PersonId, SessionId};
pub use notification::{
    NotificationChannel, NotificationKind, NotificationLanguage, NotificationState, TemplateChannel,
};
pub use office_hours::{OfficeHours, OfficeHoursError};
pub use person_name::{PersonName, PersonNameError};
pub use phone::{Phone, PhoneError};
pub use platform::Platform;
pub use reason::ReasonCode;
pub use window::Window;
