//! What people did, and what follows from it by the rules alone: the oracle's own small model. It uses nothing of the
//! server's.

use std::collections::HashMap;

use ids::{CodeId, DoorId, GuestCodeId, HubId, LockId, TenancyId};
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use store::Millis;

pub(super) const MINUTE: Millis = 60 * 1000;
pub(super) const HOUR: Millis = 60 * MINUTE;
pub(super) const DAY: Millis = 24 * HOUR;

/// How long before its window a code may be on a lock that keeps no times by itself (R44).
const AHEAD: Millis = 15 * MINUTE;

/// How long an unused delivery code works (R20).
pub(super) const DELIVERY: Millis = 2 * HOUR;

/// A door, and the lock that is on it.
pub(super) struct Door {
    pub(super) id: DoorId,
    pub(super) hub: HubId,
    pub(super) lock: LockId,
}

/// Somebody's time in a unit.
pub(super) struct Tenancy {
    /// Known once the tenancy has begun, and is shown with its code.
    pub(super) id: Option<TenancyId>,
    pub(super) email: String,
    pub(super) unit: usize,
    pub(super) starts: Millis,
    /// When it is over, planned or not.
    pub(super) ends: Option<Millis>,
    /// Their codes in order; the last one is theirs.
    pub(super) codes: Vec<CodeId>,
}

impl Tenancy {
    pub(super) fn is_current(&self, now: Millis) -> bool {
        self.starts <= now && self.ends.is_none_or(|end| end > now)
    }
}

/// How a guest code came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Revoked,
    Used,
    /// With the tenancy of whoever issued it.
    WithTenancy,
}

/// A guest code.
pub(super) struct Guest {
    pub(super) id: GuestCodeId,
    pub(super) doors: Vec<usize>,
    /// Who issued it, if a resident did.
    pub(super) tenancy: Option<usize>,
    /// When it works, in order.
    pub(super) windows: Vec<(Millis, Millis)>,
    pub(super) ended: Option<(Millis, End)>,
}

impl Guest {
    /// When the last window closes.
    pub(super) fn over_at(&self) -> Millis {
        self.windows.last().map_or(Millis::MIN, |(_, end)| *end)
    }

    pub(super) fn is_live(&self, now: Millis) -> bool {
        self.ended.is_none() && self.over_at() > now
    }

    fn is_open(&self, now: Millis, ahead: Millis) -> bool {
        self.ended.is_none() && self.windows.iter().any(|(start, end)| *start - ahead <= now && now < *end)
    }
}

/// Whose a code is.
#[derive(Clone, Copy)]
enum Whose {
    Tenancy(usize),
    Guest(usize),
}

/// Everything that people did.
pub(super) struct Model {
    pub(super) zone: TimeZone,
    /// First the doors of the units, in their order, then the gates.
    pub(super) doors: Vec<Door>,
    pub(super) tenancies: Vec<Tenancy>,
    pub(super) guests: Vec<Guest>,
    pub(super) custom_codes: bool,
    whose: HashMap<CodeId, Whose>,
}

impl Model {
    pub(super) fn new(zone: TimeZone, doors: Vec<Door>) -> Self {
        Self { zone, doors, tenancies: Vec::new(), guests: Vec::new(), custom_codes: true, whose: HashMap::new() }
    }

    /// A tenancy has this code from now on.
    pub(super) fn has_code(&mut self, tenancy: usize, code: CodeId) {
        self.tenancies[tenancy].codes.push(code);
        self.whose.insert(code, Whose::Tenancy(tenancy));
    }

    pub(super) fn issued(&mut self, guest: Guest) {
        self.whose.insert(guest.id.code(), Whose::Guest(self.guests.len()));
        self.guests.push(guest);
    }

    /// Somebody has moved out, or their last day is over.
    pub(super) fn moved_out(&mut self, tenancy: usize, at: Millis) {
        self.tenancies[tenancy].ends = Some(at);
        for guest in self.guests.iter_mut().filter(|guest| guest.tenancy == Some(tenancy) && guest.is_live(at)) {
            guest.ended = Some((at, End::WithTenancy));
        }
    }

    /// The next moment at which something begins or ends by itself.
    pub(super) fn next_change(&self, now: Millis) -> Option<Millis> {
        let live = self.guests.iter().filter(|guest| guest.ended.is_none());
        let windows =
            live.flat_map(|guest| guest.windows.iter().flat_map(|(start, end)| [*start - AHEAD, *start, *end]));
        let days = self.tenancies.iter().flat_map(|tenancy| [Some(tenancy.starts), tenancy.ends].into_iter().flatten());
        windows.chain(days).filter(|at| *at > now).min()
    }

    /// What is over by itself by now is over.
    pub(super) fn it_is(&mut self, now: Millis) {
        for tenancy in 0..self.tenancies.len() {
            if let Some(end) = self.tenancies[tenancy].ends.filter(|end| *end <= now) {
                self.moved_out(tenancy, end);
            }
        }
    }

    /// Whether a code is for that door at all.
    pub(super) fn is_for(&self, code: CodeId, door: usize) -> bool {
        match self.whose.get(&code) {
            Some(Whose::Guest(guest)) => self.guests[*guest].doors.contains(&door),
            Some(Whose::Tenancy(tenancy)) => self.tenancies[*tenancy].unit == door,
            None => false,
        }
    }

    /// Whether a code may open that door now. A resident's previous one may until the one after it does (R13, R27).
    pub(super) fn may_open(&self, code: CodeId, door: usize, now: Millis, opens: impl Fn(CodeId) -> bool) -> bool {
        if !self.is_for(code, door) {
            return false;
        }
        match self.whose.get(&code) {
            Some(Whose::Guest(guest)) => self.guests[*guest].is_open(now, AHEAD),
            Some(Whose::Tenancy(tenancy)) => {
                let tenancy = &self.tenancies[*tenancy];
                let later = tenancy.codes.iter().skip_while(|known| **known != code).skip(1);
                tenancy.is_current(now) && !later.copied().any(opens)
            }
            None => false,
        }
    }

    /// The codes that should open that door now.
    pub(super) fn should_open(&self, door: usize, now: Millis) -> Vec<CodeId> {
        let guests = self.guests.iter().filter(|guest| guest.doors.contains(&door) && guest.is_open(now, 0));
        let here = self.tenancies.iter().filter(|tenancy| tenancy.unit == door && tenancy.is_current(now));
        let residents = here.filter_map(|tenancy| tenancy.codes.last().copied());
        guests.map(|guest| guest.id.code()).chain(residents).collect()
    }

    /// The windows of a recurring code: the local times of chosen days, in a repeated hour from the first to the second
    /// (R22).
    pub(super) fn windows_of(
        &self,
        days: &[Weekday],
        from: Time,
        to: Time,
        first: Date,
        last: Date,
    ) -> Vec<(Millis, Millis)> {
        let mut windows = Vec::new();
        let mut day = first;
        while day <= last {
            let next = day.tomorrow().unwrap_or(day);
            if days.contains(&day.weekday()) {
                let start = self.zone.to_ambiguous_timestamp(day.to_datetime(from)).compatible();
                let end_day = if to <= from { next } else { day };
                let end = self.zone.to_ambiguous_timestamp(end_day.to_datetime(to)).later();
                if let (Ok(start), Ok(end)) = (start, end)
                    && start < end
                {
                    windows.push((start.as_millisecond(), end.as_millisecond()));
                }
            }
            day = next;
        }
        windows
    }

    /// The first instant of a local day.
    pub(super) fn start_of(&self, day: Date) -> Millis {
        day.to_zoned(self.zone.clone()).map_or(Millis::MAX, |day| day.timestamp().as_millisecond())
    }

    /// The local day of an instant.
    pub(super) fn day_of(&self, at: Millis) -> Date {
        jiff::Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(self.zone.clone()).date()
    }
}
