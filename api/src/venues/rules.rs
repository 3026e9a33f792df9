//! What codes on doors say, which word a screen shows, and how long people stay where.

mod category;
mod code;
mod stay;
mod word;

pub use category::name_of;
pub use code::{CodeError, CodeId, CodeKeys, Rotating};
pub use stay::default_stay;
pub use word::{Word, minute_ends};
