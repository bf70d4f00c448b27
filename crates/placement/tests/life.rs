//! A placement's life against a model of a lock: whatever the order of events, lost and repeated acknowledgements,
//! restarts, and locks that say yes and forget (R24, R25, R27, R28).

use std::collections::BTreeMap;

use api_types::{Evidence, PlacementReason};
use placement::{
    Action, DRIFTS_BEFORE_FAILED, Due, Event, Failure, Kind, News, Placement, State, Step, TRIES_BEFORE_FAILED,
};
use proptest::prelude::*;

fn failure(kind: Kind) -> Failure {
    let reason = match kind {
        Kind::Offline => PlacementReason::LockOffline,
        Kind::Permanent => PlacementReason::LengthNotSupported,
        Kind::Transient => PlacementReason::TimedOut,
    };
    Failure { kind, reason, protocol_error: "what the lock said".to_owned() }
}

fn wanted() -> Placement {
    Placement::added(true, true).next
}

fn on_lock(slot: u16) -> Placement {
    let writing = wanted().after(Event::Began { slot: Some(slot) }).next;
    writing.after(Event::Confirmed { slot, evidence: Evidence::ReadBack }).next
}

fn removing() -> Placement {
    on_lock(3).after(Event::Unwanted).next
}

fn recorded(step: &Step) -> Vec<News> {
    let news = step.actions.iter().filter_map(|action| match action {
        Action::Record(news) => Some(*news),
        _ => None,
    });
    news.collect()
}

#[test]
fn a_code_is_pending_then_written_then_on_the_lock() {
    let step = Placement::added(true, true);
    assert_eq!((step.next.state, step.due), (State::Pending, Due::Now));
    let step = step.next.after(Event::Began { slot: Some(7) });
    assert_eq!((step.next.state, step.next.slot, step.due), (State::Writing, Some(7), Due::Now), "a restart resumes");
    let step = step.next.after(Event::Confirmed { slot: 7, evidence: Evidence::ReadBack });
    assert_eq!((step.next.state, step.next.slot, step.due), (State::OnLock, Some(7), Due::Never));
    assert_eq!(recorded(&step), [News::OnLock]);
    assert!(step.actions.contains(&Action::ReleaseReplaced), "R27: only now may the code before it go");
    assert!(step.actions.contains(&Action::CheckSoon), "locks have been seen to drop a code after saying yes");
}

#[test]
fn before_its_first_window_nothing_is_sent() {
    let step = Placement::added(false, true);
    assert_eq!((step.next.state, step.due, step.next.due), (State::Pending, Due::Unchanged, false));
    assert_eq!(step.next.after(Event::Wanted).due, Due::Now);
}

#[test]
fn r35_at_a_door_without_a_lock_a_code_waits_and_nothing_is_due() {
    let step = Placement::added(true, false);
    assert_eq!((step.next.state, step.due, step.next.due), (State::WaitingOffline, Due::Never, false));
    assert!(step.next.reason.as_ref().is_some_and(|reason| reason.is(PlacementReason::NoLockLinked)));
    assert_eq!(step.next.clone().after(Event::TryAgain).due, Due::Unchanged, "trying again links no lock");
    assert_eq!(step.next.after(Event::Unwanted).next.state, State::Removed);
}

#[test]
fn r28_what_failed_for_good_is_not_tried_again_until_something_changes() {
    let failed = wanted().after(Event::NotWritten { failure: failure(Kind::Permanent), slot: None });
    assert_eq!((failed.next.state, failed.due), (State::Failed, Due::Never));
    assert_eq!(recorded(&failed), [News::Failed]);
    for nothing_changed in [Event::WentAway, Event::Returned { reachable: true }, Event::SlotFreed, Event::Wanted] {
        assert_eq!(failed.next.clone().after(nothing_changed).due, Due::Unchanged);
    }
    assert_eq!(failed.next.clone().after(Event::TryAgain).due, Due::Now, "somebody asks for it");
    let stopped = failed.next.after(Event::Unwanted);
    assert_eq!(stopped.next.after(Event::Wanted).due, Due::Now, "it is wanted anew");
}

#[test]
fn r28_a_full_lock_is_tried_again_when_a_slot_is_free() {
    let full = Failure { kind: Kind::Permanent, reason: PlacementReason::SlotsFull, protocol_error: String::new() };
    let failed = wanted().after(Event::NotWritten { failure: full, slot: None }).next;
    let step = failed.after(Event::SlotFreed);
    assert_eq!((step.next.state, step.next.attempts, step.due), (State::Pending, 0, Due::Now));
}

#[test]
fn r28_what_may_work_is_tried_again_with_growing_pauses_and_shown_as_failed_after_some() {
    let mut placement = wanted();
    for tries in 1..=TRIES_BEFORE_FAILED + 2 {
        let step = placement.after(Event::NotWritten { failure: failure(Kind::Transient), slot: Some(1) });
        assert_eq!(step.due, Due::AfterFailures(tries));
        assert_eq!(step.next.state == State::Failed, tries >= TRIES_BEFORE_FAILED);
        let news: &[News] = if tries == TRIES_BEFORE_FAILED { &[News::Failed] } else { &[] };
        assert_eq!(recorded(&step), news, "it is said once");
        placement = step.next;
    }
}

#[test]
fn r28_what_waits_for_a_lock_is_sent_at_once_when_it_returns() {
    let waiting = wanted().after(Event::NotWritten { failure: failure(Kind::Offline), slot: None });
    assert_eq!((waiting.next.state, recorded(&waiting)), (State::WaitingOffline, vec![News::Waiting]));
    let still = waiting.next.clone().after(Event::Returned { reachable: false });
    assert_eq!(still.next.state, State::WaitingOffline, "the lock is back, its hub isn't");
    let step = waiting.next.after(Event::Returned { reachable: true });
    assert_eq!((step.next.state, step.due, step.next.reason), (State::Pending, Due::Now, None));
}

#[test]
fn r24_a_code_that_is_to_go_keeps_its_slot_until_the_lock_confirms() {
    let mut placement = removing();
    for tries in 1..=TRIES_BEFORE_FAILED {
        let step = placement.after(Event::NotTakenOff { failure: failure(Kind::Transient) });
        assert_eq!((step.next.slot, step.due), (Some(3), Due::AfterFailures(tries)));
        assert_eq!(
            step.next.state == State::RemovalFailed,
            tries >= TRIES_BEFORE_FAILED,
            "an incident, and not hidden"
        );
        placement = step.next;
    }
    let step = placement.after(Event::TakenOff);
    assert_eq!((step.next.state, step.next.slot, step.due), (State::Removed, None, Due::Never));
    assert!(step.actions.contains(&Action::OfferSlot));
}

#[test]
fn r24_being_offline_makes_no_incident_of_a_removal() {
    let mut placement = removing();
    for _ in 0..2 * TRIES_BEFORE_FAILED {
        placement = placement.after(Event::NotTakenOff { failure: failure(Kind::Offline) }).next;
    }
    assert_eq!(placement.state, State::Removing);
}

#[test]
fn r24_a_code_revoked_while_it_was_being_written_over_another_is_taken_off_again() {
    let writing = wanted().after(Event::Began { slot: None }).next;
    let stopped = writing.after(Event::Unwanted);
    assert_eq!((stopped.next.state, stopped.due), (State::Removing, Due::Now), "it may be on the lock");
    assert!(stopped.supersedes, "what the attempt reports is about what was wanted before");
    let landed = stopped.next.after(Event::WrittenOver { slot: 4 });
    assert_eq!((landed.next.state, landed.next.slot, landed.due), (State::Removing, Some(4), Due::Now));
}

#[test]
fn r26_r27_a_code_that_may_have_been_written_over_is_not_said_to_be_working_until_that_is_known() {
    let gives_way = on_lock(3).after(Event::GivingWay);
    assert_eq!((gives_way.next.state, gives_way.next.slot, gives_way.due), (State::Confirming, Some(3), Due::Never));
    assert_eq!(gives_way.next.clone().after(Event::TryAgain).due, Due::Unchanged, "it isn't written again");
    assert_eq!(gives_way.next.clone().after(Event::Gone).next.state, State::Removed);
    let unwanted = gives_way.next.clone().after(Event::Unwanted);
    assert_eq!((unwanted.next.state, unwanted.next.slot, unwanted.due), (State::Removing, Some(3), Due::Now));
    let kept = gives_way.next.after(Event::Kept);
    assert_eq!((kept.next.state, kept.next.slot, kept.due), (State::OnLock, Some(3), Due::Never));
    assert_eq!(removing().after(Event::GivingWay), Step::unchanged(removing()));
}

#[test]
fn r24_a_code_that_may_have_been_written_over_another_is_not_removed_until_the_lock_says_so() {
    let waiting = wanted().after(Event::Began { slot: None }).next;
    let waiting = waiting.after(Event::NotWritten { failure: failure(Kind::Offline), slot: None }).next;
    let unheard = Placement { may_be_over: true, ..waiting.clone() };
    let stopped = unheard.after(Event::Unwanted);
    assert_eq!((stopped.next.state, stopped.due), (State::Removing, Due::Now));
    assert_eq!(waiting.after(Event::Unwanted).next.state, State::Removed, "the one before was heard of since");
}

#[test]
fn a_code_that_was_never_on_a_lock_is_removed_at_once() {
    assert_eq!(wanted().after(Event::Unwanted).next.state, State::Removed);
    let refused = wanted().after(Event::NotWritten { failure: failure(Kind::Permanent), slot: None }).next;
    assert_eq!(refused.after(Event::Unwanted).next.state, State::Removed);
}

#[test]
fn r36_a_code_dropped_from_a_door_is_put_back_by_no_window() {
    let dropped = on_lock(2).after(Event::Dropped);
    assert_eq!((dropped.next.state, dropped.due), (State::Removing, Due::Now));
    assert_eq!(dropped.next.clone().after(Event::Wanted).due, Due::Unchanged);
    let back = dropped.next.after(Event::GivenBack { wanted: true });
    assert_eq!((back.next.state, back.next.slot, back.due), (State::Pending, Some(2), Due::Now));
    assert_eq!(Placement::added(false, true).next.after(Event::Dropped).next.state, State::Removed);
}

#[test]
fn r25_a_code_that_the_lock_lost_is_seen_as_drifted_and_put_right() {
    let step = on_lock(5).after(Event::Missing);
    assert_eq!((step.next.state, step.next.slot, step.due), (State::Drifted, Some(5), Due::Now));
    assert_eq!(recorded(&step), [News::Drifted]);
    let again = step.next.after(Event::Began { slot: Some(5) });
    assert_eq!(again.next.state, State::Drifted, "it is shown as such until it is there again");
    let step = again.next.after(Event::Confirmed { slot: 5, evidence: Evidence::ReadBack });
    assert_eq!((step.next.state, step.next.drifts), (State::OnLock, 1));
    assert_eq!(step.next.after(Event::SeenThere).next.drifts, 0, "it has stayed");
}

#[test]
fn a_lock_that_forgets_again_and_again_is_not_worn_out() {
    let mut placement = on_lock(5);
    for drifts in 1..=DRIFTS_BEFORE_FAILED {
        let step = placement.after(Event::Missing);
        assert_eq!(step.due == Due::Never, drifts == DRIFTS_BEFORE_FAILED);
        placement = step.next;
        if drifts < DRIFTS_BEFORE_FAILED {
            placement = placement.after(Event::Began { slot: Some(5) }).next;
            placement = placement.after(Event::Confirmed { slot: 5, evidence: Evidence::ReadBack }).next;
        }
    }
    assert_eq!(placement.state, State::Failed);
    assert_eq!(placement.slot, Some(5), "it may come back there");
    assert_eq!(placement.clone().after(Event::WentAway).due, Due::Unchanged);
    let returned = placement.clone().after(Event::Returned { reachable: true });
    assert_eq!((returned.due, returned.next.state), (Due::Now, State::Pending), "it may be another lock by now");
    let asked = placement.after(Event::TryAgain);
    assert_eq!((asked.due, asked.next.drifts), (Due::Now, 0));
}

#[test]
fn a_code_that_is_not_ours_is_left_alone_and_ours_takes_another_slot() {
    let step = on_lock(5).after(Event::Displaced);
    assert_eq!((step.next.state, step.next.slot, step.due), (State::Drifted, None, Due::Now));
    assert!(!step.actions.contains(&Action::OfferSlot), "the slot isn't free");
    let step = wanted().after(Event::Began { slot: Some(5) }).next.after(Event::SlotOccupied);
    assert_eq!((step.next.slot, step.due), (None, Due::Now));
}

#[test]
fn events_that_have_no_bearing_change_nothing() {
    for (placement, event) in [
        (on_lock(1), Event::Wanted),
        (on_lock(1), Event::TakenOff),
        (on_lock(1), Event::SlotFreed),
        (on_lock(1), Event::TryAgain),
        (removing(), Event::Unwanted),
        (removing(), Event::Confirmed { slot: 3, evidence: Evidence::Accepted }),
        (removing(), Event::NotWritten { failure: failure(Kind::Permanent), slot: None }),
        (removing(), Event::Missing),
        (removing(), Event::Displaced),
        (wanted(), Event::SeenThere),
        (wanted(), Event::GivenBack { wanted: false }),
    ] {
        assert_eq!(placement.clone().after(event.clone()), Step::unchanged(placement), "{event:?}");
    }
}

/// One lock, as it really is: what each slot holds, whatever anybody believes.
#[derive(Clone, Debug)]
struct Lock {
    slots: u16,
    held: BTreeMap<u16, Held>,
    online: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    /// Our code of this number.
    Ours(usize),
    /// Somebody else's.
    Foreign,
}

/// What happens in the world.
#[derive(Clone, Debug)]
enum Happening {
    Wanted(usize),
    Unwanted(usize),
    /// The worker does what is due for a code.
    Work(usize, Fate),
    /// The worker looks whether a code is still there.
    Check(usize),
    Offline,
    Online,
    /// The lock loses what a slot holds.
    Forget(u16),
    /// Somebody programs a code at the lock.
    Program(u16),
    TryAgain(usize),
}

/// What becomes of an attempt.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// It is done, and its outcome stored.
    Done,
    /// The lock does it, and the answer is lost.
    AnswerLost,
    /// The lock refuses for now.
    Refused,
    /// The server is killed after the lock did it, before the outcome is stored.
    Killed,
    /// What is wanted changes while the lock does it.
    Overtaken,
}

struct World {
    lock: Lock,
    codes: Vec<Placement>,
    /// What each code replaces.
    replaces: Vec<Option<usize>>,
    /// Codes that the lock lost since they were last confirmed.
    lost: Vec<bool>,
}

impl World {
    fn new(codes: usize, slots: u16, replaces: Vec<Option<usize>>) -> Self {
        let codes = vec![Placement::added(false, true).next; codes];
        let lost = vec![false; codes.len()];
        Self { lock: Lock { slots, held: BTreeMap::new(), online: true }, codes, replaces, lost }
    }

    /// Applies an event as the store does, and what follows from it.
    fn tell(&mut self, code: usize, event: Event) {
        let before = self.codes[code].clone();
        let step = before.clone().after(event);
        if before.state == State::OnLock && before.wanted && step.next.wanted && step.next.state == State::OnLock {
            assert_eq!(before.slot, step.next.slot, "a code that is on its lock keeps its slot");
        }
        self.codes[code] = step.next;
        for action in step.actions {
            match action {
                Action::ReleaseReplaced => {
                    if let Some(replaced) = self.replaces[code] {
                        self.tell(replaced, Event::Unwanted);
                    }
                }
                Action::OfferSlot => {
                    for other in 0..self.codes.len() {
                        self.tell(other, Event::SlotFreed);
                    }
                }
                Action::Record(_) | Action::CheckSoon | Action::NoteSeen => {}
            }
        }
    }

    fn free_slot(&self) -> Option<u16> {
        let taken: Vec<u16> = self.codes.iter().filter_map(|code| code.slot).collect();
        // A slot that is known to hold a code that isn't ours is none of the free ones; here the worker reads first.
        (1..=self.lock.slots).find(|slot| !taken.contains(slot) && self.lock.held.get(slot) != Some(&Held::Foreign))
    }

    fn work(&mut self, code: usize, fate: Fate) {
        if !self.codes[code].due {
            return;
        }
        if self.codes[code].wanted { self.write(code, fate) } else { self.remove(code, fate) }
    }

    fn write(&mut self, code: usize, fate: Fate) {
        let own = self.codes[code].slot.or_else(|| self.free_slot());
        let over = self.replaces[code].and_then(|replaced| Some((replaced, self.codes[replaced].slot?)));
        let (slot, replaced) = match (own, over) {
            (Some(slot), _) => (slot, None),
            (None, Some((replaced, slot))) => (slot, Some(replaced)),
            (None, None) => {
                let event = match self.lock.online {
                    true => Event::NotWritten {
                        failure: Failure {
                            kind: Kind::Permanent,
                            reason: PlacementReason::SlotsFull,
                            protocol_error: String::new(),
                        },
                        slot: None,
                    },
                    false => Event::NotWritten { failure: failure(Kind::Offline), slot: None },
                };
                return self.tell(code, event);
            }
        };
        self.tell(code, Event::Began { slot: own });
        let kept =
            own.filter(|_| matches!(fate, Fate::AnswerLost) || self.lock.held.get(&slot) == Some(&Held::Ours(code)));
        if !self.lock.online {
            return self.tell(code, Event::NotWritten { failure: failure(Kind::Offline), slot: kept });
        }
        if self.lock.held.get(&slot) == Some(&Held::Foreign) {
            if let Some(replaced) = replaced {
                self.tell(replaced, Event::Displaced);
            }
            return self.tell(code, Event::SlotOccupied);
        }
        if matches!(fate, Fate::Refused) {
            return self.tell(code, Event::NotWritten { failure: failure(Kind::Transient), slot: own });
        }
        self.lock.held.insert(slot, Held::Ours(code));
        self.lost[code] = false;
        let confirmed = Event::Confirmed { slot, evidence: Evidence::ReadBack };
        match fate {
            Fate::AnswerLost if replaced.is_none() => {
                self.tell(code, Event::NotWritten { failure: failure(Kind::Transient), slot: own });
            }
            Fate::Killed if replaced.is_none() => {}
            Fate::Overtaken => {
                self.tell(code, Event::Unwanted);
                // The outcome of the attempt counts for what was wanted before; only where it landed is kept.
                if let Some(replaced) = replaced {
                    self.tell(replaced, Event::Gone);
                    self.tell(code, Event::WrittenOver { slot });
                }
            }
            _ => {
                if let Some(replaced) = replaced {
                    self.tell(replaced, Event::Gone);
                    self.tell(code, Event::WrittenOver { slot });
                }
                self.tell(code, confirmed);
            }
        }
    }

    fn remove(&mut self, code: usize, fate: Fate) {
        let Some(slot) = self.codes[code].slot else { return self.tell(code, Event::TakenOff) };
        if !self.lock.online {
            return self.tell(code, Event::NotTakenOff { failure: failure(Kind::Offline) });
        }
        if matches!(fate, Fate::Refused) {
            return self.tell(code, Event::NotTakenOff { failure: failure(Kind::Transient) });
        }
        if self.lock.held.get(&slot) == Some(&Held::Ours(code)) {
            self.lock.held.remove(&slot);
        }
        match fate {
            Fate::AnswerLost => self.tell(code, Event::NotTakenOff { failure: failure(Kind::Transient) }),
            Fate::Killed => {}
            Fate::Overtaken => self.tell(code, Event::Wanted),
            Fate::Done | Fate::Refused => self.tell(code, Event::TakenOff),
        }
    }

    fn check(&mut self, code: usize) {
        let (Some(slot), true) = (self.codes[code].slot, self.lock.online) else { return };
        let event = match self.lock.held.get(&slot) {
            Some(Held::Ours(there)) if *there == code => Event::SeenThere,
            None => Event::Missing,
            Some(_) => Event::Displaced,
        };
        self.tell(code, event);
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Wanted(code) => self.tell(code, Event::Wanted),
            Happening::Unwanted(code) => self.tell(code, Event::Unwanted),
            Happening::Work(code, fate) => self.work(code, fate),
            Happening::Check(code) => self.check(code),
            Happening::TryAgain(code) => self.tell(code, Event::TryAgain),
            Happening::Offline => {
                self.lock.online = false;
                (0..self.codes.len()).for_each(|code| self.tell(code, Event::WentAway));
            }
            Happening::Online => {
                self.lock.online = true;
                (0..self.codes.len()).for_each(|code| self.tell(code, Event::Returned { reachable: true }));
            }
            Happening::Forget(slot) => {
                if let Some(Held::Ours(code)) = self.lock.held.remove(&slot) {
                    self.lost[code] = true;
                }
            }
            Happening::Program(slot) => {
                if let Some(Held::Ours(code)) = self.lock.held.insert(slot, Held::Foreign) {
                    self.lost[code] = true;
                }
            }
        }
        self.hold();
    }

    /// What must be so at any moment.
    fn hold(&self) {
        for (number, code) in self.codes.iter().enumerate() {
            let there: Vec<u16> =
                self.lock.held.iter().filter(|(_, held)| **held == Held::Ours(number)).map(|(slot, _)| *slot).collect();
            assert!(there.len() <= 1, "a code is in one slot: {there:?}");
            if let Some(slot) = there.first() {
                let over = code.state == State::Writing || code.due;
                assert!(
                    code.slot == Some(*slot) || over,
                    "what may be on the lock has a slot or is under way: {code:?}"
                );
                assert_ne!(code.state, State::Removed, "R24: nothing is removed that still opens the door");
            }
            if code.state == State::OnLock && !self.lost[number] {
                assert_eq!(there, code.slot.into_iter().collect::<Vec<_>>(), "R25: what is said to be there is there");
            }
            let twin = self
                .codes
                .iter()
                .enumerate()
                .find(|(other, twin)| *other != number && code.slot.is_some() && twin.slot == code.slot);
            assert!(twin.is_none(), "two codes share slot {:?}", code.slot);
        }
    }

    /// Lets everything that is due be done, with nothing going wrong.
    fn settle(&mut self) {
        self.happen(Happening::Online);
        for _ in 0..4 * self.codes.len() {
            for code in 0..self.codes.len() {
                self.happen(Happening::Work(code, Fate::Done));
            }
        }
        assert!(self.codes.iter().all(|code| !code.due), "nothing is due for ever: {:?}", self.codes);
        for (number, code) in self.codes.iter().enumerate() {
            if code.wanted {
                assert!(matches!(code.state, State::OnLock | State::Failed), "R25: {code:?}");
            } else {
                let begun = code.state != State::Pending;
                assert!(!begun || code.state == State::Removed, "R24: {code:?}");
                assert!(!self.lock.held.values().any(|held| *held == Held::Ours(number)), "R24: it is off the lock");
            }
        }
    }
}

const CODES: usize = 4;
const SLOTS: u16 = 3;

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Done),
        1 => Just(Fate::AnswerLost),
        1 => Just(Fate::Refused),
        1 => Just(Fate::Killed),
        1 => Just(Fate::Overtaken),
    ]
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => (0..CODES).prop_map(Happening::Wanted),
        2 => (0..CODES).prop_map(Happening::Unwanted),
        9 => ((0..CODES), fate()).prop_map(|(code, fate)| Happening::Work(code, fate)),
        2 => (0..CODES).prop_map(Happening::Check),
        1 => Just(Happening::Offline),
        1 => Just(Happening::Online),
        1 => (1..=SLOTS).prop_map(Happening::Forget),
        1 => (1..=SLOTS).prop_map(Happening::Program),
        1 => (0..CODES).prop_map(Happening::TryAgain),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_state_says_what_is_so_and_all_ends_as_it_is_wanted(
        happenings in prop::collection::vec(happening(), 0..120),
    ) {
        // The second replaces the first, as a resident's new code does.
        let mut world = World::new(CODES, SLOTS, vec![None, Some(0), None, None]);
        for happening in happenings {
            world.happen(happening);
        }
        world.settle();
    }
}
