//! Guest passes: links by which guests see their own codes without signing in.
//!
//! Anyone who may see a guest code's digits may pass that on to the guest (R23). A link is valid as long as its code
//! is: one that was revoked, used up or expired, or whose resident has moved out, takes its links with it. Everything
//! done with a link is recorded, in the guest's name (R31).

use access_code::Code;
use api_types::{
    Action, Actor, ActorRole, Channel, ChannelKind, FieldCode, GuestCodeState, GuestPass, Outcome, PassDoor,
    PassProperty, PassState, PlacementStatus, ProblemCode, Said, Share, ShareMail, UndeliveredMail,
};
use guest_windows::Schedule;
use ids::{CodeId, DoorId, GuestCodeId, ShareId};
use jiff::tz::TimeZone;
use store::audit::NewEvent;
use store::doors::DoorRecord;
use store::guest_codes::{self, GuestCodeRecord};
use store::shares::{self, KnownShare, SecretHash};
use store::{Db, Millis, Scope, Tx, codes, doors, placements, properties};

use super::deed::Deed;
use super::guest_code::{self, WINDOWS_SHOWN, schedule_of, state_at, subject_event, timestamp};
use super::lookup::Lookup;
use super::reveal::{Right, holds_digits, open_and_record, opened, readable, reason_given, reason_missing};
use super::{By, Done, Refusal, digits};
use crate::auth::session::Secret;
use crate::mail::letter::Letter;
use crate::mail::post::{Addressee, Post};
use crate::text::Address;
use crate::view::calendar;
use crate::view::time::{instant, window};

/// The most valid links a guest code may have.
pub const MAX_SHARES: u32 = 5;

/// A link to create.
pub struct Link<'a> {
    /// The guest code.
    pub guest_code: GuestCodeId,
    /// Its secret.
    pub secret: &'a Secret,
    /// Where to send it, and how.
    pub to: Option<(&'a Address, Post)>,
    /// The reason, where a manager must give one.
    pub reason: Option<&'a str>,
}

/// A created link.
pub struct Shared {
    /// Its id.
    pub id: ShareId,
    /// When it ends along with its code.
    pub expires_at: Option<Millis>,
    /// Whether it is on its way by mail.
    pub mailed: bool,
}

/// Creates a link to a guest code.
///
/// A manager must give a reason for a code that they didn't issue; otherwise a link would be a way to see its digits
/// without one (R30).
///
/// # Errors
/// `not_found` outside the caller's scope (R33); `reason_required`; `code_ended` for a code that is over;
/// `too_many_shares`; the last three recorded; `invalid` for an address where this server sends no mail.
pub fn share(deed: &Deed<'_>, link: Link<'_>) -> Done<Shared> {
    let Deed { tx, now, .. } = *deed;
    let Link { guest_code: id, secret, to, reason } = link;
    let guest = guest_code::find(&deed.lookup(), id)?.ok_or_else(Refusal::not_found)?;
    let holder = codes::holder(tx, id.code())?.ok_or_else(Refusal::not_found)?;
    let right = Right::of(tx, deed.authority(), &holder)?.ok_or_else(Refusal::not_found)?;
    let by = deed.acting_towards(guest.tenancy_id);
    let mut event = subject_event(tx, &by, Action::GuestCodeShared, id)?;
    let reason = reason_given(reason)?;
    if right == Right::Manager && reason.is_none() {
        let detail = "You didn’t issue this code, so say why you’re sharing it. Your reason is recorded.";
        return Err(reason_missing(detail).record(tx, now, event)?);
    }
    if is_over(&guest, &schedule_of(&guest)?, now) {
        let refusal =
            Refusal::new(ProblemCode::CodeEnded, "This code was used or revoked, or has expired. Issue another one.");
        return Err(refusal.record(tx, now, event)?);
    }
    if shares::count(tx, id)? >= MAX_SHARES {
        let detail = format!("This guest code already has {MAX_SHARES} links. Revoke one that’s no longer needed.");
        return Err(Refusal::new(ProblemCode::TooManyShares, detail).record(tx, now, event)?);
    }
    if let Some(reason) = &reason {
        let record = readable(tx, &holder, now)?.ok_or_else(Refusal::unreadable)?;
        if digits::are_in(reason, &opened(tx, &record, &event, now)?) {
            return Err(holds_digits().record(tx, now, event)?);
        }
    }
    let share = shares::insert(tx, id, &secret.hash(), deed.person_id(), now)?;
    match reason {
        Some(reason) => event.say(Said::Reason, [], &*reason),
        None => event.say(Said::Nothing, [], "A link for the guest."),
    }
    tx.record(now, event)?;
    let mailed = match to {
        Some((address, post)) => mail(deed, &guest, &by, address, secret, post)?,
        None => false,
    };
    Ok(Shared { id: share, expires_at: guest.ends_at, mailed })
}

/// Sends the link of a pass to its guest; never the digits.
fn mail(
    deed: &Deed<'_>,
    guest: &GuestCodeRecord,
    by: &By,
    address: &Address,
    secret: &Secret,
    post: Post,
) -> Done<bool> {
    if !post.sends() {
        let detail = "This server sends no mail. Hand the link over yourself.";
        return Err(Refusal::invalid("email", FieldCode::NoMail, detail).into());
    }
    let property = properties::get(deed.tx, Scope::Everything, guest.property_id)?.ok_or_else(Refusal::not_found)?;
    let letter =
        Letter::GuestPass { guest: guest.guest_name.clone(), host: by.actor.name.clone(), place: property.name };
    let to = Addressee { person_id: None, property_id: Some(guest.property_id), address };
    Ok(post.write(deed.tx, deed.now, to, &letter, Some(secret))?)
}

/// The valid links of a guest code, newest first.
///
/// # Errors
/// `not_found` outside the caller's scope (R33).
pub fn shares(lookup: &Lookup<'_>, id: GuestCodeId) -> Done<Vec<Share>> {
    let guest = guest_code::find(lookup, id)?.ok_or_else(Refusal::not_found)?;
    if is_over(&guest, &schedule_of(&guest)?, lookup.now) {
        return Ok(Vec::new());
    }
    let records = shares::list(lookup.db, id)?;
    Ok(records
        .into_iter()
        .map(|record| Share {
            id: record.id,
            created_at: instant(record.created_at),
            created_by: record.created_by,
            opened_count: record.opened_count,
            last_opened_at: record.last_opened_at.map(instant),
            mail: record.mailed_to.map(|to| ShareMail {
                to,
                sent: record.mail_sent,
                undelivered: record
                    .mail_at
                    // What is on its way for the first time is no news.
                    .filter(|_| record.mail_bounced || (!record.mail_sent && record.mail_reply.is_some()))
                    .map(|at| UndeliveredMail {
                        bounced: record.mail_bounced,
                        since: instant(at),
                        reply: record.mail_reply,
                    }),
            }),
        })
        .collect())
}

/// Records that the mail server refused for good the mail with that link, and what it said; nothing if it is no link to a pass.
///
/// # Errors
/// [`store::Error`].
pub fn mail_bounced(tx: &Tx, secret: &SecretHash, reply: String, now: Millis) -> store::Result<()> {
    let Some(share) = shares::by_secret(tx, secret, now)? else { return Ok(()) };
    let mut event = subject_event(tx, &By::system(), Action::GuestCodeMailBounced, share.guest_code_id)?;
    event.outcome = Outcome::Failed;
    event.detail = reply;
    tx.record(now, event)?;
    Ok(())
}

/// Revokes a link; the guest code itself stays valid.
///
/// # Errors
/// `not_found` outside the caller's scope (R33), and for a link that no longer exists.
pub fn revoke(deed: &Deed<'_>, id: GuestCodeId, share: ShareId) -> Done<()> {
    let Deed { tx, now, .. } = *deed;
    let guest = guest_code::find(&deed.lookup(), id)?.ok_or_else(Refusal::not_found)?;
    if !shares::revoke(tx, id, share, now)? {
        return Err(Refusal::not_found().into());
    }
    let by = deed.acting_towards(guest.tenancy_id);
    let event = subject_event(tx, &by, Action::GuestCodeShareRevoked, id)?;
    tx.record(now, event)?;
    Ok(())
}

/// A guest opens their link. Returns the pass without digits.
///
/// # Errors
/// `not_found` alike for a secret of no link and for one of a link that is over; recorded where there is or was a link.
pub fn open(tx: &Tx, secret: &SecretHash, now: Millis) -> Done<GuestPass> {
    let Pass { share, guest, schedule, event } = look_up(tx, secret, Action::GuestCodePassOpened, now)?;
    shares::count_opening(tx, share.id, now)?;
    tx.record(now, event)?;
    let doors = doors_with_state(tx, guest.id.code())?;
    let property = properties::get(tx, Scope::Everything, guest.property_id)?.ok_or_else(Refusal::not_found)?;
    let names: Vec<&str> = doors.iter().map(|(door, _)| door.name.as_str()).collect();
    let windows = schedule.windows_from(timestamp(now)).take(calendar::MAX_EVENTS);
    let calendar = calendar::file(windows, &property.name, &names.join(", "), timestamp(now));
    Ok(GuestPass {
        property: PassProperty {
            name: property.name,
            time_zone: property.time_zone,
            support_email: property.support_email,
            support_phone: property.support_phone,
        },
        kind: guest.kind(),
        // By the clock: the workers may not have got to it yet.
        state: state_at(&schedule, timestamp(now)),
        starts_at: guest.starts_at.map(instant),
        ends_at: guest.ends_at.map(instant),
        recurrence: guest.recurrence().cloned(),
        next_windows: schedule.windows_from(timestamp(now)).take(WINDOWS_SHOWN).map(window).collect(),
        doors: doors
            .iter()
            .map(|(door, AtLock { working, opens })| PassDoor {
                name: door.name.clone(),
                kind: door.kind(),
                working: *working,
                opens: *opens,
            })
            .collect(),
        length: guest.length,
        version: version_of(&guest),
        guest_name: guest.guest_name,
        shared_by: share.created_by,
        calendar,
    })
}

/// What has changed on a pass that a guest has open. It says less than [`open`] did, so it isn't an opening and isn't
/// recorded: a page that asks every few seconds would fill the audit log.
///
/// # Errors
/// `not_found` alike for a secret of no link and for one of a link that is over.
pub fn state(db: &Db, secret: &SecretHash, now: Millis) -> Done<PassState> {
    let Known { guest, schedule, over, .. } = known(db, secret, now)?;
    if over.is_some() {
        return Err(Refusal::not_found().into());
    }
    let at_locks = doors_with_state(db, guest.id.code())?.into_iter().map(|(_, at_lock)| at_lock);
    let (working, opens) = at_locks.map(|AtLock { working, opens }| (working, opens)).unzip();
    Ok(PassState {
        state: state_at(&schedule, timestamp(now)),
        next_windows: schedule.windows_from(timestamp(now)).take(WINDOWS_SHOWN).map(window).collect(),
        version: version_of(&guest),
        working,
        opens,
    })
}

fn version_of(guest: &GuestCodeRecord) -> u32 {
    u32::try_from(guest.version).unwrap_or(u32::MAX)
}

/// How a guest code is at the lock of a door.
struct AtLock {
    /// The lock has it.
    working: bool,
    /// The lock has it or may still have it.
    opens: bool,
}

/// The doors of a guest code, and how it is at the lock of each now.
fn doors_with_state(db: &Db, code_id: CodeId) -> store::Result<Vec<(DoorRecord, AtLock)>> {
    let placements = placements::of_code(db, code_id)?;
    let door_ids: Vec<DoorId> = placements.iter().map(|placement| placement.door_id).collect();
    let has = |door_id: DoorId, statuses: &[PlacementStatus]| {
        let mut of_door = placements.iter().filter(|placement| placement.door_id == door_id);
        of_door.any(|placement| statuses.contains(&placement.state().status()))
    };
    let at_lock = |door_id: DoorId| AtLock {
        working: has(door_id, &[PlacementStatus::Working]),
        opens: has(door_id, &[PlacementStatus::Working, PlacementStatus::BeingRemoved]),
    };
    let doors = doors::by_ids(db, Scope::Everything, &door_ids)?;
    Ok(doors
        .into_iter()
        .filter(|door| door.retired_at.is_none())
        .map(|door| {
            let at_lock = at_lock(door.id);
            (door, at_lock)
        })
        .collect())
}

/// A guest reveals the digits, which doesn't use the code up.
///
/// # Errors
/// As [`open`]; `pass_not_live` before its first window, saying when that is. Between two windows of a recurring code
/// the digits may be revealed, as they may by its issuer.
pub fn reveal(tx: &Tx, secret: &SecretHash, now: Millis) -> Done<Code> {
    let Pass { guest, schedule, mut event, .. } = look_up(tx, secret, Action::GuestCodePassRevealed, now)?;
    if state_at(&schedule, timestamp(now)) == GuestCodeState::Scheduled {
        let begins = schedule.first_start();
        let zone = TimeZone::get(&guest.time_zone)
            .map_err(|_| store::Error::Unreadable(format!("the time zone {}", guest.time_zone)))?;
        let shown = begins.to_zoned(zone).strftime("%Y-%m-%d at %H:%M");
        let wait_ms = begins.as_millisecond() - now;
        let refusal = Refusal {
            retry_after_s: u64::try_from(wait_ms).ok().map(|ms| ms.div_ceil(1000)),
            ..Refusal::new(
                ProblemCode::PassNotLive,
                format!("This pass starts {shown} ({}). You can see its code from then on.", guest.time_zone),
            )
        };
        event.detail.push_str(" It hasn’t begun yet.");
        return Err(refusal.record(tx, now, event)?);
    }
    let holder = codes::holder(tx, guest.id.code())?.ok_or_else(Refusal::not_found)?;
    let Some(record) = readable(tx, &holder, now)? else {
        return Err(Refusal::unreadable().record_as(Outcome::Failed, tx, now, event)?);
    };
    open_and_record(tx, &record, event, now)
}

/// A valid link, with its guest code and the event of its use.
struct Pass {
    share: KnownShare,
    guest: GuestCodeRecord,
    schedule: Schedule,
    event: NewEvent,
}

/// A link, over or not.
struct Known {
    share: KnownShare,
    guest: GuestCodeRecord,
    schedule: Schedule,
    /// Why it is over, as the audit log has it.
    over: Option<&'static str>,
}

fn known(db: &Db, secret: &SecretHash, now: Millis) -> Done<Known> {
    let share = shares::by_secret(db, secret, now)?.ok_or_else(Refusal::not_found)?;
    let guest = guest_codes::get(db, Scope::Everything, share.guest_code_id)?.ok_or_else(Refusal::not_found)?;
    let schedule = schedule_of(&guest)?;
    let over = if share.revoked {
        Some("share_revoked")
    } else if share.moved_out || is_over(&guest, &schedule, now) {
        Some("code_ended")
    } else {
        None
    };
    Ok(Known { share, guest, schedule, over })
}

fn look_up(tx: &Tx, secret: &SecretHash, action: Action, now: Millis) -> Done<Pass> {
    let Known { share, guest, schedule, over } = known(tx, secret, now)?;
    let mut event = subject_event(tx, &By::guest(&guest.guest_name), action, guest.id)?;
    let by_link = format!("By the link that {} shared.", share.created_by);
    event.say(Said::ByLinkOf, [&share.created_by], by_link);
    if let Some(code) = over {
        // The audit log says why. The guest isn't told: to them it is the same as a secret that never existed.
        event.outcome = Outcome::Refused;
        event.code = Some(code.into());
        tx.record(now, event)?;
        return Err(Refusal::not_found().into());
    }
    Ok(Pass { share, guest, schedule, event })
}

/// By both the decisions made and the clock, since the workers may not have got to it yet.
fn is_over(guest: &GuestCodeRecord, schedule: &Schedule, now: Millis) -> bool {
    !guest.is_live_or_scheduled() || schedule.is_over(timestamp(now))
}

/// Somebody with a link, who could be anybody: the audit log names them as the guest that the link was made for.
impl By {
    fn guest(name: &str) -> Self {
        Self {
            actor: Actor { id: None, name: name.to_owned(), role: ActorRole::Guest.into() },
            channel: Channel { kind: ChannelKind::Web, platform: None, app_version: None },
        }
    }
}
