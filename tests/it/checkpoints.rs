//! Gates: devices that sign, what they are told, and what they deliver later.

mod delivered;
mod devices;
mod far_apart;
mod offline;
pub(crate) mod rig;
mod temperature;
mod verifying;

pub(crate) use rig::live_through;
