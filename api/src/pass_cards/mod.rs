//! Health pass cards.

pub mod printing;
