//! What each event makes of a placement.

use api_types::{Evidence, MaybeKnown, PlacementReason};

use crate::{Action, Due, Event, Failure, Kind, News, Placement, State, Step};
use crate::{DRIFTS_BEFORE_FAILED, TRIES_BEFORE_FAILED};

impl Placement {
    /// What follows when that happens. An event that has no bearing on the placement as it is changes nothing.
    #[must_use]
    pub fn after(self, event: Event) -> Step {
        match event {
            Event::Wanted if !self.wanted && !self.dropped => self.start(),
            Event::Unwanted if self.wanted => self.stop(),
            Event::Dropped => self.drop_from_door(),
            Event::GivenBack { wanted } if self.dropped => self.give_back(wanted),
            Event::LeftBehind => Step::unchanged(Self { dropped: true, ..self }),
            Event::Linked if self.wanted && self.state != State::OnLock => {
                Step::go_on(Self { state: State::Pending, ..self.anew() }, Due::Now)
            }
            Event::Wanted | Event::Unwanted | Event::GivenBack { .. } | Event::Linked => Step::unchanged(self),

            Event::Began { slot } if self.wanted => self.begin(slot),
            Event::Confirmed { slot, evidence } if self.wanted => self.confirm(slot, evidence),
            Event::NotWritten { failure, slot } if self.wanted => self.not_written(&failure, slot),
            Event::NoSlotYet if self.wanted => self.no_slot_yet(),
            Event::SlotOccupied if self.wanted => Step::go_on(Self { slot: None, ..self }, Due::Now),
            Event::Unreadable if self.wanted => self.unreadable(),
            Event::Began { .. }
            | Event::Confirmed { .. }
            | Event::NotWritten { .. }
            | Event::NoSlotYet
            | Event::SlotOccupied
            | Event::Unreadable => Step::unchanged(self),

            Event::TakenOff if !self.wanted => self.taken_off(),
            Event::NotTakenOff { failure } if !self.wanted => {
                let tries = self.attempts + 1;
                Self { attempts: tries, ..self }.still_there(&failure, Due::AfterFailures(tries))
            }
            Event::TakenOff | Event::NotTakenOff { .. } => Step::unchanged(self),

            Event::LeftAlone { failure, until } if self.wanted => self.left_alone(&failure, until),
            Event::LeftAlone { failure, until } => self.still_there(&failure, Due::At(until)),

            Event::GivingWay if self.is_settled() => {
                Step::go_on(Self { state: State::Confirming, evidence: None, ..self }, Due::Never)
            }
            Event::Kept if self.gives_way() => {
                Step::go_on(Self { state: State::OnLock, ..self }, Due::Never).and(Action::CheckSoon)
            }
            Event::GivingWay | Event::Kept => Step::unchanged(self),

            Event::Gone => self.gone(),
            Event::WrittenOver { slot } => self.written_over(slot),

            Event::SlotFreed if self.lacks_slot() => self.try_again(),
            Event::Returned { reachable } if self.due => self.returned(reachable),
            Event::Returned { reachable: true } if self.is_lost_for_good() => self.try_again(),
            Event::WentAway if self.due => Step::go_on(self, Due::Now),
            Event::TryAgain if self.can_be_tried_again() => self.try_again(),
            Event::AbilitiesChanged if self.was_beyond_the_lock() => self.try_again(),
            Event::AbilitiesChanged | Event::SlotFreed | Event::Returned { .. } | Event::WentAway | Event::TryAgain => {
                Step::unchanged(self)
            }

            Event::SeenThere if self.is_settled() => self.seen_there(),
            Event::Missing if self.is_settled() => self.missing(),
            Event::Displaced if self.is_settled() || self.gives_way() => self.displaced(),
            Event::SeenThere | Event::Missing | Event::Displaced => Step::unchanged(self),
        }
    }

    /// Everything that was said of attempts is about something else now.
    fn anew(self) -> Self {
        Self { attempts: 0, reason: None, evidence: None, protocol_error: None, ..self }
    }

    fn start(self) -> Step {
        Self { wanted: true, state: State::Pending, ..self.anew() }.wait_for_link(Due::Now).superseding()
    }

    fn stop(self) -> Step {
        // An attempt to write over another code has no slot of its own.
        let may_be_there = self.slot.is_some() || self.state == State::Writing || self.may_be_over;
        let (state, due) = if may_be_there { (State::Removing, Due::Now) } else { (State::Removed, Due::Never) };
        Step::go_on(Self { wanted: false, state, ..self.anew() }, due).superseding()
    }

    fn drop_from_door(self) -> Step {
        let mut step = if self.wanted { self.stop() } else { Step::unchanged(self) };
        step.next.dropped = true;
        if step.next.state == State::Pending && step.next.slot.is_none() {
            step.next.state = State::Removed;
        }
        step
    }

    fn give_back(self, wanted: bool) -> Step {
        let state = if wanted || self.state == State::Removed { State::Pending } else { self.state };
        let given = Self { dropped: false, wanted, state, ..self.anew() };
        given.wait_for_link(if wanted { Due::Now } else { Due::Unchanged }).superseding()
    }

    /// What is wanted at a door without a linked lock waits, and nothing is due there (R35).
    fn wait_for_link(self, due: Due) -> Step {
        if self.linked || !self.wanted || self.state != State::Pending {
            return Step::go_on(self, due);
        }
        let reason = Some(PlacementReason::NoLockLinked.into());
        Step::go_on(Self { state: State::WaitingOffline, reason, ..self }, Due::Never)
    }

    /// What people see changes only for a first attempt: a placement that waits, has failed or drifted keeps that status
    /// until the attempt is over.
    fn begin(self, slot: Option<u16>) -> Step {
        let state = if self.state == State::Pending { State::Writing } else { self.state };
        Step::go_on(Self { state, slot, ..self }, Due::Now)
    }

    fn confirm(self, slot: u16, evidence: Evidence) -> Step {
        let gave_up = self.slot.is_some_and(|own| own != slot);
        let attempts = self.attempts + 1;
        let evidence = Some(MaybeKnown::from(evidence));
        let settled = Self { state: State::OnLock, slot: Some(slot), attempts, ..self.anew() };
        Step::go_on(Self { attempts, evidence, ..settled }, Due::Never)
            .and(Action::Record(News::OnLock))
            .and(Action::ReleaseReplaced)
            .and(Action::CheckSoon)
            .and_if(gave_up, Action::OfferSlot)
    }

    fn not_written(self, failure: &Failure, slot: Option<u16>) -> Step {
        let before = self.state;
        let tries = self.attempts + 1;
        let again = Due::AfterFailures(tries);
        let (state, due) = match failure.kind {
            Kind::Permanent => (State::Failed, Due::Never),
            Kind::Offline => (State::WaitingOffline, again),
            Kind::Transient if tries >= TRIES_BEFORE_FAILED => (State::Failed, again),
            Kind::Transient => (self.unsettled(), again),
        };
        let freed = self.slot.is_some() && slot.is_none();
        let step = Step::go_on(Self { state, slot, attempts: tries, ..self.because(failure) }, due);
        step.and_if(freed, Action::OfferSlot).record_if_worth(before)
    }

    fn no_slot_yet(self) -> Step {
        let tries = self.attempts + 1;
        let reason = Some(PlacementReason::SlotsFull.into());
        let state = self.unsettled();
        let waits = Self { state, slot: None, attempts: tries, reason, evidence: None, protocol_error: None, ..self };
        Step::go_on(waits, Due::AfterFailures(tries))
    }

    /// The state of what is still being tried: what the lock has lost is shown as such until it is there again.
    fn unsettled(&self) -> State {
        if self.state == State::Drifted { State::Drifted } else { State::Pending }
    }

    fn unreadable(self) -> Step {
        let reason = Some(PlacementReason::CodeUnreadable.into());
        let attempts = self.attempts + 1;
        let failed = Self { state: State::Failed, reason, attempts, evidence: None, protocol_error: None, ..self };
        Step::go_on(failed, Due::Never).and(Action::Record(News::Failed))
    }

    fn taken_off(self) -> Step {
        let freed = self.slot.is_some();
        let attempts = self.attempts + 1;
        let gone = Self { state: State::Removed, slot: None, drifts: 0, ..self.anew() };
        Step::go_on(Self { attempts, ..gone }, Due::Never)
            .and(Action::Record(News::Removed))
            .and_if(freed, Action::OfferSlot)
    }

    /// It is to go, and still opens the door.
    fn still_there(self, failure: &Failure, due: Due) -> Step {
        let is_incident = failure.kind != Kind::Offline && self.attempts >= TRIES_BEFORE_FAILED;
        let state = if is_incident { State::RemovalFailed } else { State::Removing };
        let known = self.reason.as_ref().is_some_and(|reason| reason.is(failure.reason));
        let news = self.state != state || !known;
        Step::go_on(Self { state, ..self.because(failure) }, due).and_if(news, Action::Record(News::RemovalUnconfirmed))
    }

    /// A lock that is merely slow to answer may hold what was written; that will show when it answers.
    fn left_alone(self, failure: &Failure, until: i64) -> Step {
        let before = self.state;
        let state = if failure.kind == Kind::Offline { State::WaitingOffline } else { self.state };
        Step::go_on(Self { state, ..self.because(failure) }, Due::At(until)).record_if_worth(before)
    }

    fn because(self, failure: &Failure) -> Self {
        let reason = Some(failure.reason.into());
        Self { reason, evidence: None, protocol_error: Some(failure.protocol_error.clone()), ..self }
    }

    fn gone(self) -> Step {
        let gone = Self { wanted: false, state: State::Removed, slot: None, drifts: 0, ..self.anew() };
        Step::go_on(gone, Due::Never).superseding()
    }

    fn written_over(self, slot: u16) -> Step {
        let gave_up = self.slot.is_some_and(|own| own != slot);
        let step = if self.wanted {
            Step::unchanged(Self { slot: Some(slot), ..self })
        } else {
            Step::go_on(Self { slot: Some(slot), state: State::Removing, ..self }, Due::Now)
        };
        step.and_if(gave_up, Action::OfferSlot)
    }

    fn lacks_slot(&self) -> bool {
        self.wanted
            && self.slot.is_none()
            && self.reason.as_ref().is_some_and(|reason| reason.is(PlacementReason::SlotsFull))
    }

    /// What isn't as it should be and is no matter of linking a lock.
    fn can_be_tried_again(&self) -> bool {
        let unlinked =
            !self.linked || self.reason.as_ref().is_some_and(|reason| reason.is(PlacementReason::NoLockLinked));
        let settled = self.is_settled() || self.gives_way();
        let open = if self.wanted { !settled } else { self.slot.is_some() };
        open && !unlinked
    }

    /// Whether the lock has lost it so often that it wasn't written again.
    fn is_lost_for_good(&self) -> bool {
        let lost = self.reason.as_ref().is_some_and(|reason| reason.is(PlacementReason::LostByLock));
        self.wanted && self.state == State::Failed && lost
    }

    fn was_beyond_the_lock(&self) -> bool {
        let beyond = [PlacementReason::SlotsFull, PlacementReason::LengthNotSupported, PlacementReason::NotSupported];
        let reason = self.reason.as_ref().and_then(MaybeKnown::known);
        self.wanted && self.state == State::Failed && reason.is_some_and(|reason| beyond.contains(&reason))
    }

    fn try_again(self) -> Step {
        let tried = match self.state {
            State::Failed => Self { state: State::Pending, drifts: 0, ..self.anew() },
            State::RemovalFailed => Self { state: State::Removing, attempts: 0, ..self },
            // What waits goes on waiting, for the same reason, until the attempt is over.
            _ => Self { attempts: 0, ..self },
        };
        Step::go_on(tried, Due::Now)
    }

    fn returned(self, reachable: bool) -> Step {
        let held_up = self
            .reason
            .as_ref()
            .is_some_and(|reason| reason.is(PlacementReason::HubOffline) || reason.is(PlacementReason::LockOffline));
        if !reachable || !held_up {
            return Step::go_on(self, Due::Now);
        }
        let state = if self.state == State::WaitingOffline { State::Pending } else { self.state };
        Step::go_on(Self { state, reason: None, protocol_error: None, ..self }, Due::Now)
    }

    /// Whether it is on its lock, as far as is known, and should be.
    fn is_settled(&self) -> bool {
        self.wanted && self.state == State::OnLock
    }

    /// Whether it may have been written over by the code that replaces it, which is still being tried.
    fn gives_way(&self) -> bool {
        self.wanted && self.state == State::Confirming
    }

    fn seen_there(self) -> Step {
        let evidence = Some(Evidence::ReadBack.into());
        Step::unchanged(Self { evidence, drifts: 0, ..self }).and(Action::NoteSeen)
    }

    fn missing(self) -> Step {
        self.drift(PlacementReason::LostByLock)
    }

    /// Its slot is no longer its own, and the code there is left alone: it needs another.
    fn displaced(self) -> Step {
        Self { slot: None, ..self }.drift(PlacementReason::ReplacedAtLock)
    }

    /// Puts it right at once, unless the lock has lost it that often by now: it isn't worn out with writing.
    fn drift(self, reason: PlacementReason) -> Step {
        let drifts = self.drifts + 1;
        let lost = Self { drifts, reason: Some(reason.into()), attempts: 0, evidence: None, ..self };
        let step = if drifts >= DRIFTS_BEFORE_FAILED {
            Step::go_on(Self { state: State::Failed, ..lost }, Due::Never)
        } else {
            Step::go_on(Self { state: State::Drifted, ..lost }, Due::Now)
        };
        step.and(Action::Record(News::Drifted))
    }
}

impl Step {
    /// Records that it waits or has failed, if it didn't before.
    fn record_if_worth(self, before: State) -> Self {
        match self.next.state {
            State::WaitingOffline => self.record_if_new(before, News::Waiting),
            State::Failed => self.record_if_new(before, News::Failed),
            _ => self,
        }
    }
}
