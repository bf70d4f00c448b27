//! Hubs.

use api_types::Hub;
use store::doors::HubRecord;

use super::time::instant;

/// A hub as last heard from, which drives the locks of so many doors.
pub fn describe(record: HubRecord, doors: u32) -> Hub {
    Hub { id: record.id, name: record.name, online: record.online, since: instant(record.since), doors }
}
