//! Gates: devices that sign, what they are told, and what they deliver later.

mod devices;
mod offline;
pub(crate) mod rig;
mod verifying;

pub(crate) use rig::live_through;
