//! What the console says at one moment, each statement read against the others and against the locks: with hubs, locks
//! and codes in drawn states, no number or sentence of the overview, the lists, the pages, the passes and of
//! troubleshooting contradicts another, and nothing opens a door that isn't shown to (R24–R26).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use api_types::{
    Door, DoorKind, DoorState, GuestCode, GuestCodeDiagnosis, GuestCodeState, Instant, LiveGuestCodes, MaybeKnown,
    MoveOut, MyAccess, NeedCause, NeedOf, Page, PassState, Placement, PlacementReason, PlacementStatus, Property,
    Resident, WhichCode,
};
use hub::{Lengths, LockError, LockSettings, Simulator, Slot};
use ids::{CodeId, DoorId, GuestCodeId, HubId, TenancyId};
use jiff::SignedDuration;
use rstest::rstest;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use store::codes;
use uuid::Uuid;

use crate::fixtures::{APP, Credential, text};
use crate::harness::{MANAGER, MobileToken, RESIDENT, SUPPORT, TestServer, WebSession};
use crate::overview::{East, check_lists, settled, start, switch_hub, switch_lock};

/// The states that each test goes through, one after another.
const STATES: usize = 10;

/// The slots of a lock of the tests.
const SLOTS: u16 = 30;

/// The same numbers for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }
}

/// A property in one of the drawn states, and what was done to bring it there.
struct Drawn {
    server: TestServer,
    east: East,
    manager: WebSession,
    support: WebSession,
    dice: Dice,
    /// Doors with the hub of each.
    doors: Vec<(DoorId, HubId)>,
    /// Who lives there, with their app.
    residents: Vec<(TenancyId, MobileToken)>,
    /// Those who have moved out.
    former: Vec<TenancyId>,
    /// The issued guest codes, with the secret of a link to each.
    guests: Vec<(Value, String)>,
    /// What hubs and locks were told: whether each answers.
    online: HashMap<Uuid, bool>,
    /// Locks at which an answer was lost, so that what they hold isn't known.
    unsure: BTreeSet<DoorId>,
    /// Guest codes that were shown as working, each with the door.
    worked: BTreeSet<(Uuid, DoorId)>,
    people: usize,
}

impl Drawn {
    async fn start(seed: u64) -> Self {
        let (server, east) = start().await;
        let (manager, support) = (server.sign_in(MANAGER).await, server.sign_in(SUPPORT).await);
        server.switch_custom_codes(true).await;
        let world = server.world;
        let residents = vec![(world.tenancy, server.mobile_sign_in(RESIDENT, APP).await)];
        let doors = [(world.door, world.hub), (world.gate, world.hub), (world.gym, world.hub)];
        let doors = doors.into_iter().chain([(east.gate, east.hub), (east.narrow, east.hub)]).collect();
        let mut drawn = Self {
            server,
            east,
            manager,
            support,
            dice: Dice(seed),
            doors,
            residents,
            former: Vec::new(),
            guests: Vec::new(),
            online: HashMap::new(),
            unsure: BTreeSet::new(),
            worked: BTreeSet::new(),
            people: 0,
        };
        // One whose lock takes six digits only.
        let pool = drawn.server.add_door(DoorKind::Amenity, "Pool", None, SLOTS).await;
        let six = LockSettings { slots: SLOTS, lengths: Lengths::Six, ..LockSettings::default() };
        drawn.server.simulator().configure(drawn.server.lock(pool).await, six);
        drawn.doors.push((pool, world.hub));
        for _ in 0..3 {
            drawn.move_in().await;
        }
        drawn
    }

    fn simulator(&self, hub: HubId) -> &Simulator {
        self.server.app.hubs().simulator(hub).expect("a simulated hub")
    }

    async fn settled(&self) {
        settled(&self.server, self.east).await;
    }

    async fn move_in(&mut self) {
        self.people += 1;
        let name = format!("{}", 101 + self.people);
        let unit = self.server.add_unit(&name).await;
        let email = format!("of{name}@example.com");
        let tenancy = self.server.add_resident(&email, unit.id, &name).await;
        self.doors.push((unit.door, self.server.world.hub));
        self.residents.push((tenancy, self.server.mobile_sign_in(&email, APP).await));
    }

    /// Draws the next state: who answers, what goes wrong, what people do, and how much time passes.
    async fn next(&mut self) {
        let hubs = [(self.server.world.hub, self.server.world.gate), (self.east.hub, self.east.gate)];
        for (hub, door) in hubs {
            let online = self.dice.roll(3) > 0;
            switch_hub(&self.server, &self.manager, hub, door, online).await;
            self.online.insert(hub.uuid(), online);
        }
        for (door, _) in self.doors.clone() {
            let online = self.dice.roll(4) > 0;
            switch_lock(&self.server, &self.manager, door, online).await;
            self.online.insert(door.uuid(), online);
        }
        self.go_wrong().await;
        for _ in 0..3 {
            self.issue().await;
        }
        for _ in 0..1 + self.dice.roll(2) {
            self.somebody_does_something().await;
        }
        self.settled().await;
        // Sometimes no time passes, so that codes are between two attempts when hubs and locks come and go.
        if self.dice.roll(2) == 0 {
            self.server.advance(SignedDuration::from_mins(1 + self.dice.roll(400) as i64));
            self.settled().await;
        }
        // Their sessions have ended in the meantime.
        self.manager = self.server.sign_in(MANAGER).await;
        self.support = self.server.sign_in(SUPPORT).await;
    }

    /// A fault at one of the locks.
    async fn go_wrong(&mut self) {
        let (door, hub) = *self.dice.one(&self.doors);
        let (times, fault) = (1 + self.dice.roll(8), self.dice.roll(4));
        let lock = self.server.lock(door).await;
        let simulator = self.simulator(hub);
        match fault {
            0 => simulator.fail_next_writes(lock, times, LockError::rejected("busy")),
            1 => simulator.fail_next_removals(lock, times, LockError::rejected("busy")),
            2 => simulator.drop_after_accept(lock, times as u32),
            _ => {
                simulator.lose_next_answers(lock, times as u32);
                self.unsure.insert(door);
            }
        }
    }

    /// The manager or a resident issues a guest code.
    async fn issue(&mut self) {
        let now = self.server.app.now();
        let at = |minutes: i64| latchkey_server::view::time::instant(now + minutes * 60_000).0;
        let [one, other] = [self.dice.one(&self.doors).0, self.dice.one(&self.doors).0];
        let doors: BTreeSet<DoorId> = [one, other].into();
        let request = match self.dice.roll(6) {
            0 => json!({"kind": "temporary", "starts_at": at(0), "ends_at": at(90 + self.dice.roll(900) as i64)}),
            1 => json!({"kind": "temporary", "starts_at": at(30 + self.dice.roll(600) as i64), "ends_at": at(3000)}),
            2 => json!({"kind": "recurring", "recurrence": {
                "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                "from": "09:00", "to": "15:00", "first_day": "2026-06-15", "last_day": "2026-07-15",
            }}),
            3 => json!({"kind": "delivery"}),
            _ => json!({"kind": "permanent"}),
        };
        let mut request = request;
        request["door_ids"] = json!(doors);
        request["guest_name"] = json!(format!("Guest {}", self.guests.len()));
        request["length"] = json!([4, 6][self.dice.roll(2)]);
        let resident = self.dice.roll(3) == 0 && !self.residents.is_empty();
        let answer = if resident {
            let (tenancy, token) = self.dice.one(&self.residents);
            let own = self
                .server
                .read(&self.manager, &format!("/properties/{}/residents/{tenancy}", self.server.world.property))
                .await;
            let own = self.doors_of(text(&own["unit"])).await;
            request["door_ids"] = json!(own);
            self.server.issue(token, &request).await
        } else {
            self.server.issue(&self.manager, &request).await
        };
        // Deliveries don't open amenities, and a lock that takes no four digits may be full of six: refused is fine.
        if answer.status != 201 {
            return;
        }
        let issued = answer.json();
        let share = self.server.post(&format!("/guest-codes/{}/share", text(&issued["id"])));
        let share = share.web(&self.manager).json(&json!({"reason": "For the test"})).send().await;
        assert_eq!(share.status, 201, "{}", share.text);
        let secret = text(&share.json()["url"]).split_once('#').expect("a link").1.to_owned();
        self.guests.push((issued, secret));
    }

    async fn doors_of(&self, unit: &str) -> Vec<DoorId> {
        let doors: Page<Door> =
            self.read(&self.manager, &format!("/properties/{}/doors", self.server.world.property)).await;
        doors.items.iter().filter(|door| door.unit.as_deref() == Some(unit)).map(|door| door.id).collect()
    }

    async fn somebody_does_something(&mut self) {
        match self.dice.roll(7) {
            0 | 1 if !self.guests.is_empty() => {
                let (guest, _) = self.dice.one(&self.guests);
                // One that is over can't be revoked.
                self.server.revoke(&self.manager, guest).await;
            }
            2 | 3 if !self.residents.is_empty() => {
                let (_, token) = self.dice.one(&self.residents);
                // Refused while their lock is offline (R13).
                self.server.take_random(token, 6).await;
            }
            4 if !self.guests.is_empty() => {
                let (guest, _) = self.dice.one(&self.guests);
                let doors: Vec<DoorId> = serde_json::from_value(guest["door_ids"].clone()).expect("doors");
                let hub = self.doors.iter().find(|(door, _)| *door == doors[0]).expect("one of them").1;
                let lock = self.server.lock(doors[0]).await;
                self.simulator(hub).press_keypad(lock, text(&guest["code"]));
            }
            5 if self.residents.len() > 1 => {
                let (tenancy, _) = self.residents.remove(self.dice.roll(self.residents.len()));
                let path = format!("/properties/{}/residents/{tenancy}/move-out", self.server.world.property);
                assert_eq!(self.server.post(&path).web(&self.manager).once().send().await.status, 200);
                self.former.push(tenancy);
            }
            6 => self.move_in().await,
            _ => {}
        }
    }

    async fn read<T: DeserializeOwned>(&self, who: &impl Credential, path: &str) -> T {
        serde_json::from_value(self.server.read(who, path).await).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Every item of a list that is no longer than a page.
    async fn list<T: DeserializeOwned>(&self, path: &str) -> Vec<T> {
        let page: Page<T> = self.read(&self.manager, path).await;
        assert!(page.next_cursor.is_none(), "{path} is longer than a page");
        page.items
    }
}

/// One code on one lock, as the lists and pages have it.
#[derive(Clone, Debug)]
struct Shown {
    of: NeedOf,
    /// Who is counted: the tenancy of a resident's code, or the guest code.
    whose: Uuid,
    /// Whether it is the guest code or the resident's current or last code, rather than one before that.
    current: bool,
    placement: Placement,
}

/// Everything that is read of a state.
struct Said {
    property: Property,
    doors: HashMap<DoorId, Door>,
    residents: Vec<Resident>,
    guests: Vec<GuestCode>,
    shown: Vec<Shown>,
}

impl Said {
    async fn read(drawn: &Drawn) -> Self {
        let id = drawn.server.world.property;
        let property: Property = drawn.read(&drawn.manager, &format!("/properties/{id}")).await;
        let doors: Vec<Door> = drawn.list(&format!("/properties/{id}/doors?limit=200")).await;
        let mut residents: Vec<Resident> = drawn.list(&format!("/properties/{id}/residents?limit=200")).await;
        residents.extend(drawn.list::<Resident>(&format!("/properties/{id}/residents?limit=200&tenancy=former")).await);
        let guests: Vec<GuestCode> = drawn.list(&format!("/guest-codes?property={id}&limit=200")).await;
        let mut shown = Vec::new();
        for resident in &residents {
            let of = if resident.ended_at.is_some() { NeedOf::FormerResident } else { NeedOf::Resident };
            let mut add = |current, placement: &Placement| {
                shown.push(Shown { of, whose: resident.id.uuid(), current, placement: placement.clone() });
            };
            resident.code.placements.iter().for_each(|placement| add(true, placement));
            let others = resident.other_codes.iter().filter(|it| it.which != Some(WhichCode::Guest));
            others.for_each(|placement| add(false, placement));
        }
        for guest in &guests {
            let shown_of = |it: &Placement| Shown {
                of: NeedOf::Guest,
                whose: guest.id.uuid(),
                current: true,
                placement: it.clone(),
            };
            shown.extend(guest.placements.iter().map(shown_of));
        }
        let doors = doors.into_iter().map(|door| (door.id, door)).collect();
        Self { property, doors, residents, guests, shown }
    }

    fn door(&self, placement: &Placement) -> &Door {
        &self.doors[&placement.door_id]
    }

    /// Hubs and locks are as they really are, and *offline since* is one time wherever it is said.
    fn check_presence(&self, drawn: &Drawn, state: &str) {
        let hubs = &self.property.health.hubs;
        for hub in hubs {
            assert_eq!(hub.online, drawn.online[&hub.id.uuid()], "{state}: {hub:?}");
            let of_hub = self.doors.values().filter(|door| lock(door).hub_id == hub.id).count();
            assert_eq!(hub.doors as usize, of_hub, "{state}: {hub:?}");
        }
        for (door, hub) in &drawn.doors {
            let hub = hubs.iter().find(|it| it.id == *hub).expect("its hub");
            let online = hub.online && drawn.online.get(&door.uuid()).copied().unwrap_or(true);
            let door = &self.doors[door];
            assert_eq!(lock(door).online, online, "{state}: {door:?}");
            assert_eq!(door.offline_since, (!online).then(|| lock(door).since.clone()), "{state}: {door:?}");
            assert!(hub.online || lock(door).since == hub.since, "{state}: {door:?} {hub:?}");
        }
        for shown in &self.shown {
            let placement = &shown.placement;
            let door = self.door(placement);
            let hub_online = hubs.iter().any(|hub| hub.id == lock(door).hub_id && hub.online);
            let offline = (!lock(door).online).then_some(if hub_online { "lock_offline" } else { "hub_offline" });
            let reason = placement.reason.as_ref().map(MaybeKnown::name);
            match placement.status {
                PlacementStatus::Waiting => {
                    assert_eq!(reason, offline, "{state}: {shown:?} {door:?}");
                    assert_eq!(Some(&placement.since), door.offline_since.as_ref(), "{state}: {shown:?} {door:?}");
                }
                PlacementStatus::BeingRemoved if offline.is_some() => {
                    assert_eq!(reason, offline, "{state}: {shown:?} {door:?}");
                }
                PlacementStatus::Sending => assert_eq!(offline, None, "{state}: {shown:?} {door:?}"),
                _ => assert!(!matches!(reason, Some("lock_offline" | "hub_offline")), "{state}: {shown:?} {door:?}"),
            }
        }
    }

    /// Whether a door works follows from what is shown of its lock and of the codes on it.
    fn check_doors(&self, state: &str) {
        let health = &self.property.health;
        let mut counted = BTreeMap::from([("offline", 0), ("unsettled", 0), ("working", 0)]);
        for door in self.doors.values() {
            let mut codes = self.shown.iter().filter(|shown| shown.placement.door_id == door.id);
            let unsettled = codes
                .any(|shown| !matches!(shown.placement.status, PlacementStatus::Working | PlacementStatus::Removed));
            let (name, expected) = match (lock(door).online, unsettled) {
                (false, _) => ("offline", DoorState::Offline),
                (true, true) => ("unsettled", DoorState::Unsettled),
                (true, false) => ("working", DoorState::Working),
            };
            assert_eq!(lock(door).state, expected, "{state}: {door:?}");
            *counted.entry(name).or_default() += 1;
        }
        let said = [
            ("offline", health.locks_offline),
            ("unsettled", health.doors_unsettled),
            ("working", health.doors_in_order),
        ];
        assert_eq!(BTreeMap::from(said), counted, "{state}");
        assert_eq!(health.doors as usize, self.doors.len(), "{state}");
    }

    /// What needs attention is what the lists and pages show, each code under one cause.
    fn check_needs(&self, state: &str) {
        type Codes = BTreeMap<(&'static str, NeedOf), BTreeSet<Uuid>>;
        let mut expected: BTreeMap<(NeedCause, String), (Instant, BTreeSet<DoorId>, Codes)> = BTreeMap::new();
        for hub in self.property.health.hubs.iter().filter(|hub| !hub.online) {
            let doors = self.doors.values().filter(|door| lock(door).hub_id == hub.id).map(|door| door.id).collect();
            let need = (hub.since.clone(), doors, Codes::new());
            expected.insert((NeedCause::HubOffline, hub.id.to_string()), need);
        }
        for door in self.doors.values().filter(|door| !lock(door).online) {
            if self.hub_is_online(door) {
                let need = (lock(door).since.clone(), BTreeSet::from([door.id]), Codes::new());
                expected.insert((NeedCause::LockOffline, door.id.to_string()), need);
            }
        }
        let mut things = 0;
        for Shown { of, whose, placement, .. } in &self.shown {
            let door = self.door(placement);
            let reason = placement.reason.clone();
            let offline = if self.hub_is_online(door) {
                (NeedCause::LockOffline, door.id.to_string())
            } else {
                (NeedCause::HubOffline, lock(door).hub_id.to_string())
            };
            let cause = match placement.status {
                PlacementStatus::Failed => (NeedCause::Failed, reason.expect("a reason").name().to_owned()),
                PlacementStatus::Waiting => offline,
                PlacementStatus::BeingRemoved if !lock(door).online => offline,
                PlacementStatus::BeingRemoved if reason.is_some() => {
                    (NeedCause::NotRemoved, reason.expect("a reason").name().to_owned())
                }
                _ => continue,
            };
            things += 1;
            let need =
                expected.entry(cause).or_insert_with(|| (placement.since.clone(), BTreeSet::new(), Codes::new()));
            if !matches!(
                placement.reason.as_ref().and_then(MaybeKnown::known),
                Some(PlacementReason::HubOffline | PlacementReason::LockOffline)
            ) {
                need.0 = need.0.clone().min(placement.since.clone());
                need.1.insert(door.id);
            }
            need.2.entry((placement.status.name(), *of)).or_default().insert(*whose);
        }
        let expected: BTreeMap<_, _> = expected
            .into_iter()
            .map(|(cause, (since, doors, codes))| {
                let codes: BTreeMap<_, _> = codes.into_iter().map(|(of, whose)| (of, whose.len())).collect();
                (cause, (since, doors.len(), codes))
            })
            .collect();
        let health = &self.property.health;
        let said: BTreeMap<_, _> = health
            .needs
            .iter()
            .map(|need| {
                let id = need.hub_id.map(|id| id.to_string()).or(need.door_id.map(|id| id.to_string()));
                let codes = need.codes.iter().map(|it| ((it.status.name(), it.of), it.count as usize)).collect();
                let cause = (
                    need.cause,
                    id.or(need.reason.as_ref().map(|reason| reason.name().to_owned())).expect("what it is about"),
                );
                (cause, (need.since.clone(), need.doors as usize, codes))
            })
            .collect();
        assert_eq!(said.len(), health.needs.len(), "{state}: two of one cause");
        assert_eq!(said, expected, "{state}");
        assert_eq!(health.needs_you_total, things, "{state}");
    }

    fn hub_is_online(&self, door: &Door) -> bool {
        self.property.health.hubs.iter().any(|hub| hub.id == lock(door).hub_id && hub.online)
    }

    /// The counts of live guest codes and of residents are those of the lists; a code's status is the worst on a lock.
    fn check_counts(&self, state: &str) {
        let counts = &self.property.counts;
        let mut live = LiveGuestCodes::default();
        for guest in self.guests.iter().filter(|guest| guest.state == GuestCodeState::Live) {
            *match worst(&guest.placements) {
                PlacementStatus::Working => &mut live.working,
                PlacementStatus::Sending => &mut live.sending,
                PlacementStatus::Waiting => &mut live.waiting,
                PlacementStatus::Failed => &mut live.failed,
                PlacementStatus::BeingRemoved => &mut live.being_removed,
                PlacementStatus::Removed => &mut live.removed,
            } += 1;
        }
        assert_eq!(counts.guest_codes, live, "{state}");
        let all = self.guests.iter().filter(|guest| guest.state == GuestCodeState::Live).count();
        assert_eq!(counts.guest_codes_live as usize, all, "{state}");
        let current = self.residents.iter().filter(|resident| resident.ended_at.is_none());
        assert_eq!(counts.residents as usize, current.count(), "{state}");
        for resident in &self.residents {
            assert_eq!(resident.code.status, worst(&resident.code.placements), "{state}: {resident:?}");
        }
        for guest in &self.guests {
            let over = !matches!(guest.state, GuestCodeState::Scheduled | GuestCodeState::Live);
            for placement in &guest.placements {
                use PlacementStatus::{BeingRemoved, Removed};
                let gone = matches!(placement.status, Removed | BeingRemoved);
                assert!(!over || gone, "{state}: it is over and still meant to open a door: {guest:?}");
            }
        }
    }

    /// Pages say what the lists say, and so do the overview of all properties, the residents themselves, their guests'
    /// passes, and support, which sees slots and errors besides.
    async fn check_pages(&self, drawn: &Drawn, state: &str) {
        let Drawn { server, manager, support, .. } = drawn;
        let id = server.world.property;
        let all: Page<Property> = drawn.read(manager, "/properties").await;
        assert_eq!(all.items, std::slice::from_ref(&self.property), "{state}");
        let mut slots: BTreeMap<DoorId, BTreeSet<u16>> = BTreeMap::new();
        for resident in &self.residents {
            let path = format!("/properties/{id}/residents/{}", resident.id);
            let page: Resident = drawn.read(manager, &path).await;
            // A list doesn't say how far each one is on the way to signing in.
            assert!(page.account.is_some(), "{state}");
            assert_eq!(Resident { account: None, ..page }, *resident, "{state}");
            let seen: Resident = drawn.read(support, &path).await;
            let of_support = seen.code.placements.iter().chain(&seen.other_codes);
            of_support.for_each(|it| slots.entry(it.door_id).or_default().extend(it.slot));
            let seen = Resident { account: None, ..seen };
            assert_eq!(without_details(&json!(seen)), json!(resident), "{state}");
            if resident.ended_at.is_some() {
                self.check_former(drawn, resident, &path, state).await;
            } else {
                let path = format!("/troubleshoot/residents/{}", resident.id);
                let diagnosis: Value = server.read(support, &path).await;
                assert_eq!(without_details(&diagnosis["resident"]), json!(resident), "{state}");
                for door in diagnosis["doors"].as_array().expect("doors") {
                    let id: DoorId = text(&door["id"]).parse().expect("an id");
                    assert_eq!(*door, json!(self.doors[&id]), "{state}");
                }
                for guest in diagnosis["guest_codes"].as_array().expect("guest codes") {
                    self.check_guest(guest, state);
                }
                self.check_conditions(&diagnosis, state);
            }
        }
        for (tenancy, token) in &drawn.residents {
            let own: MyAccess = drawn.read(token, "/me/access").await;
            let resident = self.residents.iter().find(|resident| resident.id == *tenancy).expect("they are listed");
            assert_eq!(own.code, resident.code, "{state}");
            let previous = own.previous_code.map(|code| code.placements).unwrap_or_default();
            for placement in previous {
                let listed = Placement { which: Some(WhichCode::Previous), ..placement.clone() };
                let gone = placement.status == PlacementStatus::Removed;
                assert!(gone || resident.other_codes.contains(&listed), "{state}: {placement:?} {resident:?}");
            }
            for door in own.doors.iter().chain(&own.guest_doors) {
                assert_eq!(door.offline_since, self.doors[&door.id].offline_since, "{state}");
            }
        }
        for guest in &self.guests {
            let page: GuestCode = drawn.read(manager, &format!("/guest-codes/{}", guest.id)).await;
            assert_eq!(page, *guest, "{state}");
            let path = format!("/troubleshoot/guest-codes/{}", guest.id);
            let diagnosis: GuestCodeDiagnosis = drawn.read(support, &path).await;
            let placements = &diagnosis.guest_code.placements;
            placements.iter().for_each(|it| slots.entry(it.door_id).or_default().extend(it.slot));
            self.check_guest(&json!(diagnosis.guest_code), state);
        }
        for (guest, secret) in &drawn.guests {
            let id: GuestCodeId = text(&guest["id"]).parse().expect("an id");
            let guest = self.guests.iter().find(|guest| guest.id == id).expect("it is listed");
            let answer = server.post("/pass/state").json(&json!({"secret": secret})).send().await;
            let over = !matches!(guest.state, GuestCodeState::Scheduled | GuestCodeState::Live);
            assert_eq!(answer.status, if over { 404 } else { 200 }, "{state}: {guest:?}");
            if !over {
                let pass: PassState = serde_json::from_value(answer.json()).expect("a pass");
                let working = guest.placements.iter().filter(|it| it.status == PlacementStatus::Working).count();
                assert_eq!(pass.working.iter().filter(|working| **working).count(), working, "{state}: {guest:?}");
                assert_eq!((pass.state, pass.next_windows), (guest.state, guest.next_windows.clone()), "{state}");
            }
        }
        for door in self.doors.values() {
            let taken = slots.get(&door.id).map_or(0, BTreeSet::len);
            assert_eq!(usize::from(lock(door).slots_used), taken, "{state}: {door:?} {slots:?}");
        }
    }

    /// A guest code as support sees it is the one of the lists.
    fn check_guest(&self, seen: &Value, state: &str) {
        let id: GuestCodeId = text(&seen["id"]).parse().expect("an id");
        let guest = self.guests.iter().find(|guest| guest.id == id).expect("it is listed");
        let mut seen = without_details(seen);
        seen["may_manage"] = json!(guest.may_manage);
        assert_eq!(seen, json!(guest), "{state}");
    }

    /// Whoever has moved out is shown with every code of theirs that may still open a door, until none does (R24).
    async fn check_former(&self, drawn: &Drawn, resident: &Resident, path: &str, state: &str) {
        let progress: MoveOut = drawn.read(&drawn.manager, &format!("{path}/move-out")).await;
        let open: Vec<&Placement> =
            progress.placements.iter().filter(|it| it.status != PlacementStatus::Removed).collect();
        assert_eq!(progress.all_doors_confirmed, open.is_empty(), "{state}");
        let own = resident.code.placements.iter().filter(|it| it.status != PlacementStatus::Removed);
        let listed: Vec<Placement> = own
            .map(|it| Placement { which: Some(WhichCode::Current), ..it.clone() })
            .chain(resident.other_codes.clone())
            .collect();
        assert_eq!(open.len(), listed.len(), "{state}: {progress:?} {resident:?}");
        assert!(open.iter().all(|it| listed.contains(it)), "{state}: {progress:?} {resident:?}");
        let last = resident.move_out.as_deref().expect("a last day");
        assert!(resident.ended_at.as_ref().expect("it has ended").as_str() > last, "{state}: {resident:?}");
    }

    /// The checklist's hub and lock are those of the doors (R13, R14).
    fn check_conditions(&self, diagnosis: &Value, state: &str) {
        let door = &diagnosis["doors"][0];
        let id: DoorId = text(&door["id"]).parse().expect("an id");
        let checklist = diagnosis["eligibility"]["checklist"].as_array().expect("a checklist");
        let condition = |name| checklist.iter().find(|item| item["condition"] == name).expect("the condition");
        let (hub, lock_condition) = (condition("hub_online"), condition("lock_online"));
        let hub_online = self.hub_is_online(&self.doors[&id]);
        assert_eq!(hub["met"], json!(hub_online), "{state}: {diagnosis}");
        if hub_online {
            assert_eq!(lock_condition["met"], door["lock"]["online"], "{state}: {diagnosis}");
        }
        let offline = if hub_online { lock_condition } else { hub };
        let since = offline.get("since").cloned().unwrap_or_default();
        assert_eq!(since, door.get("offline_since").cloned().unwrap_or_default(), "{state}: {diagnosis}");
    }

    /// What is shown of each code is what the lock really holds (R24–R26).
    async fn check_locks(&self, drawn: &Drawn, state: &str) {
        let codes = drawn.codes().await;
        for (door, hub) in &drawn.doors {
            let lock = drawn.server.lock(*door).await;
            let simulator = drawn.simulator(*hub);
            let held: Vec<_> =
                (1..=SLOTS).filter_map(Slot::new).filter_map(|slot| simulator.holds(lock, slot)).collect();
            let unsure = drawn.unsure.contains(door);
            // What opens the door is shown as such, or at least as not known to be off the lock.
            let mut opens: BTreeMap<(Uuid, bool), usize> = BTreeMap::new();
            for code in &codes {
                if held.contains(&code.digits) && code.doors.contains(door) {
                    *opens.entry((code.whose, code.current)).or_default() += 1;
                }
            }
            assert_eq!(opens.values().sum::<usize>(), held.len(), "{state}: a code that nobody has");
            let shown = |whose: Uuid, current: bool, statuses: &[PlacementStatus]| {
                let of = |it: &&Shown| (it.whose, it.current, it.placement.door_id) == (whose, current, *door);
                self.shown.iter().filter(of).filter(|it| statuses.contains(&it.placement.status)).count()
            };
            use PlacementStatus::{BeingRemoved, Failed, Sending, Waiting, Working};
            for ((whose, current), count) in &opens {
                let sure = shown(*whose, *current, &[Working, BeingRemoved]);
                let perhaps = shown(*whose, *current, &[Waiting, Failed, Sending]);
                let enough = if unsure { sure + perhaps >= *count } else { sure >= *count };
                assert!(enough, "{state}: {whose} opens a door that it isn't shown to: {:?}", self.shown);
            }
            // What is shown to open the door does. A removal is shown as such until it is confirmed (R24), whether or not the
            // lock ever took the code; one that was seen to work is there until then, unless an answer was lost.
            for it in self.shown.iter().filter(|it| it.placement.door_id == *door) {
                let worked = drawn.worked.contains(&(it.whose, *door)) && it.of == NeedOf::Guest;
                let opens_it = match it.placement.status {
                    Working => true,
                    BeingRemoved => worked && !unsure,
                    _ => false,
                };
                let there = opens.get(&(it.whose, it.current)).copied().unwrap_or(0);
                let said = shown(it.whose, it.current, &[it.placement.status]);
                assert!(!opens_it || there >= said, "{state}: {it:?} isn't there");
            }
        }
    }
}

fn lock(door: &Door) -> &api_types::Lock {
    door.lock.as_ref().expect("a lock")
}

fn worst(placements: &[Placement]) -> PlacementStatus {
    use PlacementStatus::{BeingRemoved, Failed, Removed, Sending, Waiting, Working};
    let by_badness = [Failed, Waiting, BeingRemoved, Sending, Working];
    let has = |status: &PlacementStatus| placements.iter().any(|placement| placement.status == *status);
    by_badness.into_iter().find(has).unwrap_or(Removed)
}

/// What only support sees is left out.
fn without_details(seen: &Value) -> Value {
    match seen {
        Value::Object(fields) => {
            let details = ["slot", "attempts", "protocol_error"];
            let kept = fields.iter().filter(|(name, _)| !details.contains(&name.as_str()));
            kept.map(|(name, value)| (name.clone(), without_details(value))).collect::<serde_json::Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(without_details).collect(),
        other => other.clone(),
    }
}

/// A code with its digits, from the records.
struct Known {
    whose: Uuid,
    current: bool,
    doors: Vec<DoorId>,
    digits: access_code::Code,
}

impl Drawn {
    /// Every code that there ever was.
    async fn codes(&self) -> Vec<Known> {
        let found = self.server.write(|tx| {
            let mut statement = tx
                .prepare(
                    "SELECT code.id, CASE holder WHEN 'guest' THEN code.id ELSE tenancy_id END, \
                     holder = 'guest' OR EXISTS (SELECT 1 FROM tenancy WHERE tenancy.code_id = code.id) FROM code",
                )
                .expect("a query");
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("rows");
            let rows: Vec<(CodeId, Uuid, bool)> = rows.collect::<Result<_, _>>().expect("rows");
            rows.into_iter()
                .map(|(id, whose, current)| {
                    let record = codes::get(tx, id).expect("read").expect("a code");
                    let digits = codes::open(tx.vault(), tx, &record).expect("digits");
                    let placements = store::placements::of_code(tx, id).expect("placements");
                    let doors = placements.iter().map(|placement| placement.door_id).collect();
                    Known { whose, current, doors, digits }
                })
                .collect()
        });
        found.await
    }
}

#[rstest]
#[case::first(1)]
#[case::second(2)]
#[case::third(3)]
#[tokio::test]
async fn r24_r25_r26_no_two_statements_disagree_in_any_of_the_drawn_states(#[case] seed: u64) {
    let mut drawn = Drawn::start(seed).await;
    let mut seen = BTreeSet::new();
    for step in 0..STATES {
        drawn.next().await;
        let state = format!("seed {seed}, state {step}");
        let said = Said::read(&drawn).await;
        said.check_presence(&drawn, &state);
        said.check_doors(&state);
        said.check_needs(&state);
        said.check_counts(&state);
        said.check_pages(&drawn, &state).await;
        said.check_locks(&drawn, &state).await;
        check_lists(&drawn.server, &drawn.manager, &state).await;
        let working = said.shown.iter().filter(|it| it.placement.status == PlacementStatus::Working);
        drawn.worked.extend(working.map(|it| (it.whose, it.placement.door_id)));
        seen.extend(said.shown.iter().map(|shown| shown.placement.status.name()));
        seen.extend(said.property.health.needs.iter().map(|need| match need.cause {
            NeedCause::HubOffline => "a hub is offline",
            NeedCause::LockOffline => "a lock is offline",
            NeedCause::Failed => "a lock refuses codes",
            NeedCause::NotRemoved => "a lock refuses removals",
            NeedCause::UnknownCodes => "a lock holds unknown codes",
            NeedCause::BatteryLow => "a battery is low",
        }));
    }
    for expected in
        ["a hub is offline", "a lock is offline", "a lock refuses codes", "waiting", "failed", "being_removed"]
    {
        assert!(seen.contains(expected), "{expected} was never drawn: {seen:?}");
    }
}
