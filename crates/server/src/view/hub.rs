//! Hubs.

use api_types::Hub;
use store::doors::HubRecord;

use super::time::instant;

/// A hub as last heard from.
pub fn describe(record: HubRecord) -> Hub {
    Hub { id: record.id, name: record.name, online: record.online, since: instant(record.since) }
}
