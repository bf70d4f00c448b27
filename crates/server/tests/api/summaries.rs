//! The daily summary that managers get by mail: what needs attention at a property, at the time that is set for it.

use ids::{HubId, PropertyId};
use jiff::SignedDuration;
use latchkey_server::app::Settings;
use serde_json::json;
use store::{doors, people, properties};

use crate::harness::{FOREIGN_MANAGER, MANAGER, NOON, SUPPORT, TestServer, WebSession};
use crate::smtp::{Arrived, MailServer, Manner};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A server that sends mail, whose manager has a second property, in Denver too, with a hub that doesn't answer. It is noon
/// there, and summaries go at eight.
struct House {
    server: TestServer,
    mail: MailServer,
    property: PropertyId,
    hub: HubId,
    manager: WebSession,
}

impl House {
    async fn open() -> Self {
        let mail = MailServer::start().await;
        Self::open_with(mail.settings(), mail).await
    }

    async fn open_with(settings: Settings, mail: MailServer) -> Self {
        let furnish = |tx: &store::Tx, world: &crate::harness::World| {
            let property = properties::insert(tx, "Maple Court", "America/Denver", false, NOON).expect("a property");
            people::add_manager(tx, world.manager, property).expect("a manager");
            let hub = doors::insert_hub(tx, property, "East wing", NOON).expect("a hub");
            doors::set_hub_online(tx, hub, false, NOON).expect("set");
            (property, hub)
        };
        let (mut server, (property, hub)) = TestServer::start_furnished(settings, furnish).await;
        server.start_workers();
        let manager = server.sign_in(MANAGER).await;
        let house = Self { server, mail, property, hub, manager };
        house.until_planned(NOON).await;
        house
    }

    /// Waits until it is known when each property's next summary is, after that moment.
    async fn until_planned(&self, after: i64) {
        let unplanned =
            "SELECT count(*) FROM property WHERE summary_at IS NOT NULL AND coalesce(summary_due_at, 0) <= ?";
        let planned = async || {
            self.server.query(move |db| db.query_row(unplanned, [after], |row| row.get(0)).map(|n: i64| n == 0)).await
        };
        self.server.eventually("summaries are planned", async || planned().await.expect("read")).await;
    }

    /// Lets time pass, and waits until what was due then is written and has arrived. Returns how much has arrived in all.
    async fn later(&mut self, by: SignedDuration) -> usize {
        self.server.advance(by);
        self.until_planned(self.server.app.now()).await;
        let waiting = "SELECT count(*) FROM mail WHERE state = 'waiting'";
        let sent = async || {
            self.server.query(move |db| db.query_row(waiting, [], |row| row.get(0)).map(|n: i64| n == 0)).await
        };
        self.server.eventually("mail is sent", async || sent().await.expect("read")).await;
        self.manager = self.server.sign_in(MANAGER).await;
        self.mail.arrived().len()
    }

    async fn answers(&self, online: bool) {
        let (hub, now) = (self.hub, self.server.app.now());
        self.server.write(move |tx| doors::set_hub_online(tx, hub, online, now).expect("set")).await;
    }

    fn path(&self) -> String {
        format!("/properties/{}", self.property)
    }

    async fn patch(&self, session: &WebSession, at: &str) -> crate::harness::Answer {
        let answer = self.server.get(&self.path()).web(session).send().await;
        let etag = answer.header("etag").to_owned();
        let edit = json!({"summary_at": at});
        self.server
            .request(reqwest::Method::PATCH, &self.path())
            .web(session)
            .header("if-match", &etag)
            .json(&edit)
            .send()
            .await
    }
}

/// The path, below the API's, by which that mail's reader stops such mail.
fn stop(letter: &Arrived) -> String {
    let address = letter.header("List-Unsubscribe").trim_matches(['<', '>']);
    address.strip_prefix("https://keys.example.com/api/v1").expect("a path of the API").to_owned()
}

#[tokio::test]
async fn managers_get_a_summary_once_a_day_while_something_needs_attention() {
    let mut house = House::open().await;
    assert_eq!(house.later(SignedDuration::from_hours(19)).await, 0, "it is seven");
    assert_eq!(house.later(SignedDuration::from_hours(1)).await, 1, "it is eight");
    let letter = house.mail.arrived().remove(0);
    assert_eq!(letter.to, MANAGER);
    assert_eq!(letter.header("Subject"), "Maple Court: 1 thing needs attention");
    assert!(letter.text.contains("East wing offline since Jun 15, 12:00 PM."), "{}", letter.text);
    assert!(
        letter.text.contains(&format!("https://keys.example.com/properties/{}", house.property)),
        "{}",
        letter.text
    );
    assert_eq!(letter.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");

    assert_eq!(house.later(SignedDuration::from_hours(3)).await, 1, "nothing more that day");
    assert_eq!(house.later(SignedDuration::from_hours(21)).await, 2, "the next day");
    house.answers(true).await;
    assert_eq!(house.later(DAY).await, 2, "all is well");
    house.answers(false).await;
    house
        .server
        .write({
            let manager = house.server.world.manager;
            let property = house.property;
            move |tx| people::remove_manager(tx, manager, property).expect("removed")
        })
        .await;
    assert_eq!(house.later(DAY).await, 2, "they don’t manage it any more");
}

#[tokio::test]
async fn a_summary_of_one_property_does_not_replace_another_s_that_still_waits() {
    let mut house = House::open().await;
    let world = house.server.world.property;
    house
        .server
        .write(move |tx| {
            let hub = doors::insert_hub(tx, world, "West wing", NOON).expect("a hub");
            doors::set_hub_online(tx, hub, false, NOON).expect("set");
        })
        .await;
    house.mail.behave(Manner::NotNow);
    house.server.advance(SignedDuration::from_hours(20));
    house.until_planned(house.server.app.now()).await;
    house.mail.behave(Manner::Takes);
    assert_eq!(house.later(SignedDuration::from_hours(1)).await, 2);
}

#[tokio::test]
async fn a_clock_that_jumps_sends_no_summary_twice_and_loses_none_for_long() {
    let mut house = House::open().await;
    assert_eq!(house.later(SignedDuration::from_hours(20)).await, 1);
    // A week ahead, at noon: that day's was due four hours ago.
    assert_eq!(house.later(SignedDuration::from_hours(6 * 24 + 4)).await, 1, "the next one is nearer than the last");
    // Back to where it was: the one that is planned would be a week off.
    house.server.advance(SignedDuration::from_hours(-6 * 24));
    let week = house.server.app.now() + 26 * 60 * 60 * 1000;
    let sql = "SELECT count(*) FROM property WHERE summary_due_at > ?";
    let far =
        async || house.server.query(move |db| db.query_row(sql, [week], |row| row.get(0)).map(|n: i64| n == 0)).await;
    house.server.eventually("it is planned anew", async || far().await.expect("read")).await;
    assert_eq!(house.later(SignedDuration::from_hours(20)).await, 2);
}

#[tokio::test]
async fn its_reader_stops_it_with_one_click_and_gets_it_back_in_the_console() {
    let mut house = House::open().await;
    house.later(SignedDuration::from_hours(20)).await;
    let stop = stop(&house.mail.arrived().remove(0));
    let mine = async |house: &House| house.server.read(&house.manager, &house.path()).await["summary_for_me"].clone();

    // Mail servers look at every address in a letter.
    house.server.get(&stop).send().await;
    assert_eq!(mine(&house).await, json!(true));
    for _ in 0..2 {
        let answer = house.server.post(&stop).body("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click");
        assert_eq!(answer.send().await.status, 204);
    }
    assert_eq!(mine(&house).await, json!(false));
    let events = house.server.recorded().await;
    let stopped: Vec<_> = events.iter().filter(|event| event.action.name() == "person.summary.stopped").collect();
    assert_eq!(stopped.len(), 1, "once, whatever is sent again");
    assert_eq!(stopped[0].actor.name, "unknown");
    assert_eq!(house.later(DAY).await, 1);

    let summary = format!("{}/summary", house.path());
    let choose = |wanted: bool| house.server.put(&summary).web(&house.manager).json(&json!({"wanted": wanted}));
    assert_eq!(choose(true).send().await.status, 204);
    assert_eq!(mine(&house).await, json!(true));
    assert_eq!(house.later(DAY).await, 2);

    // What was made up, or made for somebody else, stops nothing.
    let last = stop.chars().next_back().expect("a character");
    let other = if last == 'A' { 'B' } else { 'A' };
    let changed: String = stop.chars().rev().skip(1).collect::<Vec<_>>().into_iter().rev().chain([other]).collect();
    for made_up in [changed.as_str(), "/summaries/stop/AAAA", "/summaries/stop/x"] {
        assert_eq!(house.server.post(made_up).send().await.problem(), (404, "not_found".into()), "{made_up}");
    }
    assert_eq!(mine(&house).await, json!(true));
    for stranger in [FOREIGN_MANAGER, SUPPORT] {
        let session = house.server.sign_in(stranger).await;
        let answer = house.server.put(&summary).web(&session).json(&json!({"wanted": false})).send().await;
        assert!(matches!(answer.status, 403 | 404), "{stranger}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_property_sets_when_its_summary_goes_or_that_none_does() {
    let mut house = House::open().await;
    for wrong in ["8", "24:00", "12:60", "8:00", "08:00:00", "noon", "+1:00"] {
        let answer = house.patch(&house.manager, wrong).await;
        assert_eq!(answer.problem(), (422, "invalid".into()), "{wrong}");
        assert_eq!(answer.json()["errors"][0]["field"], "summary_at");
    }
    let changed = house.patch(&house.manager, "13:30").await;
    assert_eq!(changed.json()["summary_at"], "13:30", "{}", changed.text);
    let event = house.server.recorded().await.remove(0);
    assert_eq!((event.action.name(), event.detail.as_str()), ("property.summary.changed", "At 13:30. Was at 08:00."));
    house.until_planned(house.server.app.now()).await;
    assert_eq!(house.later(SignedDuration::from_mins(90)).await, 1);

    let never = house.patch(&house.manager, "").await;
    assert!(never.json().get("summary_at").is_none(), "{}", never.text);
    assert_eq!(house.later(DAY).await, 1);
}
