//! The devices that hubs find, as the records have them.

use api_types::{CodeLengths, ReadBack};
use hub::{Capabilities, FoundLock, Lengths};
use store::locks::Device;

/// What a hub says of one of its locks, for the records.
pub fn device(found: &FoundLock, capabilities: Capabilities) -> Device<'_> {
    Device {
        hub_lock: found.lock.as_str(),
        model: found.model.as_deref(),
        online: found.online,
        battery_percent: found.battery_percent,
        slots_total: capabilities.slots,
        lengths: match capabilities.lengths {
            Lengths::Four => CodeLengths::Four,
            Lengths::Six => CodeLengths::Six,
            Lengths::FourAndSix => CodeLengths::FourAndSix,
        },
        read_back: match capabilities.read_back {
            hub::ReadBack::Digits => ReadBack::Digits,
            hub::ReadBack::Occupancy => ReadBack::Occupancy,
            hub::ReadBack::None => ReadBack::None,
        },
        schedules: capabilities.schedules,
    }
}
