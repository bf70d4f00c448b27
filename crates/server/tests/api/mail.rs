//! Mail: written with the change, sent once, tried again while it has to be, and said on the page where it doesn't arrive.

use ids::PersonId;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::fixtures_matrix::{id, keyed};
use crate::harness::{Answer, MANAGER, PASSWORD, RESIDENT, TestServer, WebSession};
use crate::smtp::{CONSOLE, MailServer, Manner};

const ADDRESS: &str = "robin@example.com";

/// A server that sends mail, with an administrator, who has added somebody to the staff.
struct Office {
    server: TestServer,
    mail: MailServer,
    administrator: WebSession,
    person: PersonId,
}

impl Office {
    async fn open() -> Self {
        let mail = MailServer::start().await;
        let mut server = TestServer::start_with(mail.settings()).await;
        let manager = server.world.manager;
        server.write(move |tx| store::people::set_administrator(tx, manager, true).expect("set")).await;
        server.start_workers();
        let administrator = server.sign_in(MANAGER).await;
        let body = json!({
            "name": "Robin <b>Hart</b>", "email": ADDRESS,
            "roles": [{"role": "manager", "property_id": server.world.property}],
        });
        let added = keyed(server.post("/people")).web(&administrator).json(&body).send().await;
        assert_eq!(added.status, 201, "{}", added.text);
        let person = id(&added.json());
        Self { server, mail, administrator, person }
    }

    async fn invite(&self) -> Answer {
        let answer = self.server.post(&format!("/people/{}/invite", self.person)).web(&self.administrator).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer
    }

    /// Advances the clock; the administrator signs in again if their session is over then.
    async fn later(&mut self, by: SignedDuration) {
        self.server.advance(by);
        if self.server.get("/session").web(&self.administrator).send().await.status == 401 {
            self.administrator = self.server.sign_in(MANAGER).await;
        }
    }

    async fn arrives(&self, count: usize) {
        self.server.eventually("mail arrives", async || self.mail.arrived().len() >= count).await;
        assert_eq!(self.mail.arrived().len(), count);
    }

    /// The same, as time passes: an attempt that was under way may have to be made again.
    async fn arrives_in_time(&self, count: usize) {
        let arrived = async || {
            self.server.advance(SignedDuration::from_secs(10));
            self.mail.arrived().len() >= count
        };
        self.server.eventually("mail arrives", arrived).await;
        assert_eq!(self.mail.arrived().len(), count);
    }

    /// What the people's list says of the last mail to the person.
    async fn undelivered(&self) -> Value {
        let staff = self.server.read(&self.administrator, "/people").await;
        let staff = staff["items"].as_array().expect("items").clone();
        staff.into_iter().find(|it| it["id"] == json!(self.person)).expect("on the staff")["undelivered"].clone()
    }

    async fn said_as(&self, expected: impl Fn(&Value) -> bool) -> Value {
        self.server.eventually("it is said", async || expected(&self.undelivered().await)).await;
        self.undelivered().await
    }

    async fn health(&self) -> Value {
        self.server.read(&self.administrator, "/mail").await
    }

    /// How much mail is in that state.
    async fn count(&self, state: &'static str) -> i64 {
        let sql = "SELECT count(*) FROM mail WHERE state = ?";
        self.server.query(move |db| db.query_row(sql, [state], |row| row.get(0)).expect("a number")).await
    }

    /// How many secrets are kept, sealed.
    async fn sealed(&self) -> i64 {
        let sql = "SELECT count(*) FROM mail WHERE sealed_link IS NOT NULL";
        self.server.query(move |db| db.query_row(sql, [], |row| row.get(0)).expect("a number")).await
    }

    async fn all_settled(&self) {
        self.server.eventually("mail is settled", async || self.count("waiting").await == 0).await;
    }
}

#[tokio::test]
async fn r37_an_invitation_goes_by_mail_and_its_link_works() {
    let office = Office::open().await;
    let invited = office.invite().await.json();
    assert_eq!(invited["mailed"], true);
    office.arrives(1).await;
    office.all_settled().await;
    let letter = office.mail.arrived().remove(0);
    assert_eq!(letter.to, ADDRESS);
    assert_eq!(letter.header("From"), "Latchkey <keys@example.com>");
    assert!(letter.header("Message-ID").ends_with("@example.com>"), "{}", letter.text);
    assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
    let token = letter.token("/invitation");
    // The same link as the one to hand over, which leads to where the console is and not to where the client says it is.
    assert_eq!(invited["link"], json!(format!("{CONSOLE}/invitation#{token}")));
    // A name can't put anything else into it.
    assert!(letter.text.contains("Robin &lt;b&gt;Hart&lt;/b&gt;"), "{}", letter.text);
    assert!(letter.text.contains("Juniper Flats") && letter.text.contains("3 days"), "{}", letter.text);
    let body = json!({"token": token, "password": PASSWORD});
    assert_eq!(office.server.post("/invitations/accept").json(&body).send().await.status, 200);
    assert_eq!(office.undelivered().await, Value::Null);
    assert_eq!(office.health().await, json!({"mails": true, "waiting": 0}));
}

#[tokio::test]
async fn letters_are_in_the_reader_s_language_or_else_in_that_of_who_asks() {
    let office = Office::open().await;
    let path = format!("/people/{}/invite", office.person);
    let answer = office.server.post(&path).web(&office.administrator).header("accept-language", "es-MX,es;q=0.9");
    assert_eq!(answer.send().await.status, 200);
    office.arrives(1).await;
    let letter = office.mail.arrived().remove(0);
    assert_eq!(letter.header("Content-Language"), "es");
    assert!(
        letter.text.contains("Elegir una contraseña") && letter.text.contains("<html lang=\"es\">"),
        "{}",
        letter.text
    );
    // Who signed in to the console in Spanish gets Spanish, whoever asks.
    let spanish = office.server.signing_in(RESIDENT, PASSWORD).header("accept-language", "es");
    assert_eq!(spanish.send().await.status, 200);
    office.server.written().await;
    let forgot =
        office.server.post("/password/forgot").header("accept-language", "en").json(&json!({"email": RESIDENT}));
    assert_eq!(forgot.send().await.status, 202);
    office.arrives(2).await;
    assert_eq!(office.mail.arrived()[1].header("Content-Language"), "es");
}

#[tokio::test]
async fn residents_and_guests_who_have_chosen_no_language_get_letters_in_their_property_s() {
    let office = Office::open().await;
    let server = &office.server;
    let path = format!("/properties/{}", server.world.property);
    let read = server.get(&path).web(&office.administrator).send().await;
    assert_eq!(read.json().get("language"), None);
    let edit = |language: &str| {
        let request = server.request(reqwest::Method::PATCH, &path).web(&office.administrator);
        request.header("if-match", read.header("etag")).json(&json!({"language": language}))
    };
    assert_eq!(edit("fr").send().await.problem().0, 422);
    let edited = edit("es").send().await;
    assert_eq!((edited.status, &edited.json()["language"]), (200, &json!("es")), "{}", edited.text);
    assert_eq!(server.recorded_as("property.language.changed").await[0].detail, "Spanish.");

    // To a resident who asks in English without having chosen, and to a guest of somebody whose console is in English.
    let forgot = server.post("/password/forgot").header("accept-language", "en").json(&json!({"email": RESIDENT}));
    assert_eq!(forgot.send().await.status, 202);
    office.arrives(1).await;
    let resident = server.sign_in(RESIDENT).await;
    let issued = server.issued(&resident, &crate::fixtures::permanent(&[server.world.door])).await;
    let share = format!("/guest-codes/{}/share", issued["id"].as_str().expect("an id"));
    let share = server.post(&share).web(&resident).header("accept-language", "en");
    assert_eq!(share.json(&json!({"email": "guest@example.com"})).send().await.status, 201);
    office.arrives(2).await;
    // The staff's are in the language of who asks.
    office.invite().await;
    office.arrives(3).await;
    // A resident's own choice counts first.
    let chosen = server.signing_in(RESIDENT, PASSWORD).header("accept-language", "en");
    assert_eq!(chosen.send().await.status, 200);
    server.written().await;
    server.advance(SignedDuration::from_mins(11));
    let forgot = server.post("/password/forgot").header("accept-language", "es").json(&json!({"email": RESIDENT}));
    assert_eq!(forgot.send().await.status, 202);
    office.arrives(4).await;
    let arrived = office.mail.arrived();
    let languages: Vec<_> = arrived.iter().map(|it| it.header("Content-Language")).collect();
    assert_eq!(languages, ["es", "es", "en", "en"]);
}

#[tokio::test]
async fn what_is_undone_sends_no_mail() {
    let office = Office::open().await;
    office.server.fill_the_disk(true).await;
    let path = format!("/people/{}/invite", office.person);
    let answer = office.server.post(&path).web(&office.administrator).send().await;
    assert_eq!(answer.status, 503, "{}", answer.text);
    office.server.fill_the_disk(false).await;
    office.invite().await;
    office.arrives(1).await;
    office.all_settled().await;
    assert_eq!((office.count("sent").await, office.count("dropped").await), (1, 0));
}

#[tokio::test]
async fn mail_that_is_refused_for_now_is_tried_again_and_said() {
    let mut office = Office::open().await;
    office.mail.behave(Manner::NotNow);
    let since = office.server.app.now();
    office.invite().await;
    let said = office.said_as(Value::is_object).await;
    assert_eq!((&said["bounced"], &said["reply"]), (&json!(false), &json!("451 4.7.1 Greylisted, come back later")));
    let health = office.health().await;
    assert_eq!((&health["waiting"], &health["since"]), (&json!(1), &json!(instant(since))));
    office.mail.behave(Manner::Takes);
    assert_eq!(office.mail.attempts(), 1);
    office.later(SignedDuration::from_mins(1)).await;
    office.arrives(1).await;
    office.said_as(Value::is_null).await;
    // Nothing else is sent afterwards.
    office.later(SignedDuration::from_hours(48)).await;
    office.all_settled().await;
    assert_eq!((office.mail.attempts(), office.health().await["waiting"].clone()), (2, json!(0)));
}

#[tokio::test]
async fn mail_that_is_refused_for_good_is_said_at_the_person_and_not_tried_again() {
    let mut office = Office::open().await;
    office.mail.behave(Manner::Refuses);
    office.invite().await;
    let said = office.said_as(|said| said["bounced"] == true).await;
    // As text, without what can't be seen.
    assert_eq!(said["reply"], "550 5.1.1 <b>No such user</b>");
    let event = &office.server.recorded_as("person.mail.bounced").await[0];
    assert_eq!(
        (event.subject.name.as_str(), event.property_id),
        ("Robin <b>Hart</b>", Some(office.server.world.property))
    );
    office.later(SignedDuration::from_hours(24)).await;
    office.mail.behave(Manner::Takes);
    // Invited again, it is forgotten.
    office.invite().await;
    office.arrives(1).await;
    office.said_as(Value::is_null).await;
    assert_eq!(office.mail.attempts(), 2);
}

#[tokio::test]
async fn a_server_that_is_down_for_a_day_loses_nothing_and_is_told_of() {
    let mut office = Office::open().await;
    office.mail.stop();
    office.invite().await;
    let forgot = office.server.post("/password/forgot").json(&json!({"email": RESIDENT})).send().await;
    assert_eq!(forgot.status, 202);
    for _ in 0..26 {
        office.server.eventually("it is said", async || office.health().await["waiting"] == 2).await;
        office.later(SignedDuration::from_hours(1)).await;
    }
    let waits = office.count("waiting").await;
    assert_eq!(waits, 2);
    office.mail.restart().await;
    office.arrives_in_time(2).await;
    office.all_settled().await;
    let arrived = office.mail.arrived();
    let of = |address: &str| arrived.iter().find(|it| it.to == address).expect("it arrived");
    // Both links work: that to set a password counts its thirty minutes from now.
    let body = json!({"token": of(ADDRESS).token("/invitation")});
    assert_eq!(office.server.post("/invitations/open").json(&body).send().await.status, 200);
    let open = async || {
        let body = json!({"token": of(RESIDENT).token("/reset-password")});
        office.server.post("/password/open").json(&body).send().await.status
    };
    assert_eq!(open().await, 200);
    office.server.advance(SignedDuration::from_mins(31));
    assert_eq!(open().await, 404);
}

#[tokio::test]
async fn a_server_that_wants_a_password_bounces_nobody() {
    let mut office = Office::open().await;
    office.mail.behave(Manner::WantsPassword);
    office.invite().await;
    let said = office.said_as(Value::is_object).await;
    assert_eq!(said["bounced"], false);
    office.mail.behave(Manner::Takes);
    office.later(SignedDuration::from_mins(1)).await;
    office.arrives(1).await;
}

#[tokio::test]
async fn a_program_that_ends_in_the_middle_sends_the_same_message_again() {
    for manner in [Manner::TakesSilently, Manner::Hangs] {
        let mut office = Office::open().await;
        office.mail.behave(manner);
        office.invite().await;
        office.server.eventually("it is tried", async || office.mail.attempts() == 1).await;
        let taken = usize::from(manner == Manner::TakesSilently);
        office.server.eventually("it is taken", async || office.mail.arrived().len() == taken).await;
        // Nobody has told us, and we end.
        office.server.stop_workers().await;
        office.mail.behave(Manner::Takes);
        office.server.restart().await;
        office.server.start_workers();
        office.later(SignedDuration::from_mins(5)).await;
        office.arrives(taken + 1).await;
        office.all_settled().await;
        let ids: Vec<_> = office.mail.arrived().iter().map(|it| it.header("Message-ID").to_owned()).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        let tokens: Vec<_> = office.mail.arrived().iter().map(|it| it.token("/invitation")).collect();
        assert!(tokens.iter().all(|token| *token == tokens[0]));
        // What was acknowledged is never sent again.
        office.server.restart().await;
        office.server.start_workers();
        office.later(SignedDuration::from_hours(24)).await;
        office.server.eventually("nothing waits", async || office.count("waiting").await == 0).await;
        assert_eq!(office.mail.arrived().len(), taken + 1);
    }
}

#[tokio::test]
async fn an_invitation_that_was_replaced_is_not_sent_any_more() {
    let mut office = Office::open().await;
    office.mail.stop();
    office.invite().await;
    office.server.eventually("it is said", async || office.health().await["waiting"] == 1).await;
    let newest = office.invite().await.json();
    office.server.eventually("both were tried", async || office.health().await["waiting"] == 1).await;
    office.mail.restart().await;
    office.arrives_in_time(1).await;
    office.all_settled().await;
    assert_eq!(
        newest["link"],
        json!(format!("{CONSOLE}/invitation#{}", office.mail.arrived()[0].token("/invitation")))
    );
}

#[tokio::test]
async fn r32_the_secret_of_a_link_is_sealed_while_its_mail_waits() {
    let mut office = Office::open().await;
    office.mail.stop();
    let link = office.invite().await.json()["link"].as_str().expect("a link").to_owned();
    let token = link.split_once('#').expect("a secret").1.to_owned();
    office.server.eventually("it is said", async || office.health().await["waiting"] == 1).await;
    let in_files = |server: &TestServer| server.files().windows(token.len()).any(|bytes| bytes == token.as_bytes());
    assert!(!in_files(&office.server));
    assert_eq!(office.sealed().await, 1);
    office.mail.restart().await;
    office.later(SignedDuration::from_hours(1)).await;
    office.arrives(1).await;
    office.all_settled().await;
    assert_eq!(office.sealed().await, 0);
    assert!(!crate::harness::logged().contains(&token));
}

fn instant(at: store::Millis) -> String {
    jiff::Timestamp::from_millisecond(at).expect("a time").to_string()
}

#[tokio::test]
async fn r32_a_guest_s_pass_goes_by_mail_and_no_letter_has_the_digits_of_a_code() {
    let office = Office::open().await;
    let server = &office.server;
    let resident = server.mobile_sign_in(RESIDENT, "2.8.0").await;
    server.settled().await;
    let issued = server.issued(&resident, &crate::fixtures::permanent(&[server.world.door])).await;
    let digits = issued["code"].as_str().expect("digits").to_owned();
    let share = async |email: &str| {
        let path = format!("/guest-codes/{}/share", issued["id"].as_str().expect("an id"));
        server.post(&path).mobile(&resident).json(&json!({"email": email})).send().await
    };
    assert_eq!(share("nobody").await.problem(), (422, "invalid".into()));
    let shared = share("guest@example.com").await;
    assert_eq!((shared.status, &shared.json()["mailed"]), (201, &json!(true)), "{}", shared.text);
    office.arrives(1).await;
    let letter = office.mail.arrived().remove(0);
    assert_eq!(letter.to, "guest@example.com");
    let token = letter.token("/pass");
    assert_eq!(shared.json()["url"], json!(format!("{CONSOLE}/pass#{token}")));
    let opened = server.post("/pass/reveal").json(&json!({"secret": token})).send().await;
    assert_eq!((opened.status, &opened.json()["code"]), (200, &json!(digits)), "{}", opened.text);
    // Every other letter too, whatever it is about.
    office.invite().await;
    let forgot = server.post("/password/forgot").json(&json!({"email": RESIDENT})).send().await;
    assert_eq!(forgot.status, 202);
    office.arrives(3).await;
    let runs = runs_of_digits(&office.mail.arrived().iter().map(|it| it.text.clone()).collect::<String>());
    assert!(!runs.contains(&digits), "a letter has the digits of a code");
}

#[tokio::test]
async fn a_guest_s_pass_that_does_not_arrive_is_said_at_its_link() {
    let office = Office::open().await;
    let server = &office.server;
    let resident = server.sign_in(RESIDENT).await;
    let issued = server.issued(&resident, &crate::fixtures::permanent(&[server.world.door])).await;
    let id = issued["id"].as_str().expect("an id").to_owned();
    let links = async || server.read(&resident, &format!("/guest-codes/{id}/shares")).await["items"].clone();
    let share = async |body: Value| {
        let shared = server.post(&format!("/guest-codes/{id}/share")).web(&resident).json(&body).send().await;
        assert_eq!(shared.status, 201, "{}", shared.text);
    };
    share(json!({})).await;
    assert_eq!(links().await[0].get("mail"), None, "it goes by no mail");

    office.mail.behave(Manner::Refuses);
    share(json!({"email": "wrong@example.com"})).await;
    server.eventually("it is said", async || links().await[0]["mail"].get("undelivered").is_some()).await;
    let said = links().await[0]["mail"].clone();
    let undelivered = &said["undelivered"];
    assert_eq!((&said["to"], &said["sent"]), (&json!("wrong@example.com"), &json!(false)));
    assert_eq!(
        (&undelivered["bounced"], &undelivered["reply"]),
        (&json!(true), &json!("550 5.1.1 <b>No such user</b>"))
    );
    let event = &server.recorded_as("guest_code.mail_bounced").await[0];
    assert_eq!(
        (event.subject.id.map(|id| id.to_string()), event.detail.as_str()),
        (Some(id.clone()), "550 5.1.1 <b>No such user</b>")
    );

    // For now: it waits, and arrives in the end.
    office.mail.behave(Manner::NotNow);
    share(json!({"email": "guest@example.com"})).await;
    server.eventually("it is said", async || links().await[0]["mail"].get("undelivered").is_some()).await;
    assert_eq!(links().await[0]["mail"]["undelivered"]["bounced"], false);
    office.mail.behave(Manner::Takes);
    server.advance(SignedDuration::from_mins(1));
    server.eventually("it is sent", async || links().await[0]["mail"]["sent"] == true).await;
    assert_eq!(links().await[0]["mail"], json!({"to": "guest@example.com", "sent": true}));

    // One that could never be sent is given up, and that is said too.
    office.mail.behave(Manner::NotNow);
    share(json!({"email": "never@example.com"})).await;
    let given_up = async || {
        server.advance(SignedDuration::from_hours(5));
        let sql = "SELECT state = 'bounced' FROM mail WHERE address = 'never@example.com'";
        server.query(move |db| db.query_row(sql, [], |row| row.get(0)).expect("whether")).await
    };
    server.eventually("it is given up", given_up).await;
    let resident = server.sign_in(RESIDENT).await;
    let links = server.read(&resident, &format!("/guest-codes/{id}/shares")).await["items"].clone();
    assert_eq!(links[0]["mail"]["undelivered"]["bounced"], true, "{links}");
}

/// The runs of digits of a text, but for those within links and headers' ids.
fn runs_of_digits(text: &str) -> Vec<String> {
    let lines =
        text.lines().filter(|line| !line.contains('#') && !line.contains("Message-ID") && !line.contains("boundary"));
    let lines = lines.filter(|line| !line.starts_with("--"));
    lines.flat_map(|line| line.split(|c: char| !c.is_ascii_digit()).map(str::to_owned)).collect()
}
