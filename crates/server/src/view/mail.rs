//! How mail goes, as it is said on pages.

use api_types::UndeliveredMail;
use store::mail::Delivery;

use super::time::instant;

/// Mail that didn't arrive.
pub fn undelivered(delivery: Delivery) -> UndeliveredMail {
    UndeliveredMail { bounced: delivery.bounced, since: instant(delivery.created_at), reply: delivery.reply }
}
