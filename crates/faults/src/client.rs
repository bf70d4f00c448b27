//! An HTTP client that behaves like a browser: a request that broke or was answered with a 5xx is repeated under the
//! same key until it is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::PASSWORD;

/// How long a client waits for one answer.
const PATIENCE: Duration = Duration::from_secs(12);
/// How long it keeps trying.
const PERSISTENCE: Duration = Duration::from_secs(40);
/// How long it waits before trying again.
const PAUSE: Duration = Duration::from_millis(40);

/// What somebody is signed in with.
#[derive(Clone)]
pub(crate) enum Credential {
    /// The console's cookie.
    Web(Arc<str>),
    /// The app's token.
    Mobile(Arc<str>),
}

/// The body of a request.
#[derive(Clone)]
pub(crate) enum Body {
    Nothing,
    Json(Value),
    Csv(String),
}

/// A request with its idempotency key.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The path under `/api/v1`.
    pub(crate) path: String,
    pub(crate) body: Body,
    pub(crate) key: String,
    /// The version that was read, of what is edited.
    pub(crate) if_match: Option<String>,
}

impl Request {
    pub(crate) fn new(method: Method, path: impl Into<String>, body: Body) -> Self {
        Self { method, path: path.into(), body, key: Uuid::now_v7().to_string(), if_match: None }
    }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// The version of what was read.
    pub(crate) etag: Option<String>,
}

impl Answer {
    /// The stable name of a problem.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().filter(|_| self.status >= 400).unwrap_or_default()
    }
}

/// Asks one server.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    authority: String,
    unanswered: Arc<AtomicU64>,
}

impl Client {
    pub(crate) fn new(authority: impl Into<String>) -> Result<Self> {
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        Ok(Self { http, authority: authority.into(), unanswered: Arc::default() })
    }

    /// How often there was no answer, or a 5xx, since the last call.
    pub(crate) fn unanswered(&self) -> u64 {
        self.unanswered.swap(0, Ordering::Relaxed)
    }

    /// The status of `GET` of that address.
    pub(crate) async fn status_of(&self, path: &str) -> Result<u16> {
        Ok(self.http.get(format!("http://{}{path}", self.authority)).send().await?.status().as_u16())
    }

    /// Sends a request once.
    pub(crate) async fn ask(&self, who: &Credential, request: &Request) -> Result<Answer> {
        let mut builder = self.http.request(request.method.clone(), self.url(&request.path));
        for (name, value) in headers(who, request) {
            builder = builder.header(name, value);
        }
        builder = match &request.body {
            Body::Nothing => builder,
            Body::Json(value) => builder.json(value),
            Body::Csv(text) => builder.header("content-type", "text/csv").body(text.clone()),
        };
        let answer = read(builder).await;
        if answer.as_ref().map_or(true, |answer| answer.status >= 500) {
            self.unanswered.fetch_add(1, Ordering::Relaxed);
        }
        answer
    }

    /// Sends a request until there is an answer that isn't a 5xx.
    pub(crate) async fn until_answered(&self, who: &Credential, request: &Request) -> Result<Answer> {
        let mut persistence = Persistence::new();
        loop {
            let asked = self.ask(who, request).await;
            let answer = persistence.judge(asked).await;
            if let Some(answer) = answer.with_context(|| format!("{} {}", request.method, request.path))? {
                return Ok(answer);
            }
        }
    }

    /// Gets that path, trying until it is answered.
    pub(crate) async fn get(&self, who: &Credential, path: &str) -> Result<Answer> {
        self.until_answered(who, &Request::new(Method::GET, path, Body::Nothing)).await
    }

    /// Signs in to the console.
    pub(crate) async fn sign_in(&self, email: &str) -> Result<Credential> {
        let body = json!({"email": email, "password": PASSWORD});
        let mut persistence = Persistence::new();
        loop {
            let request = self.http.post(self.url("/session")).header("sec-fetch-site", "same-origin").json(&body);
            match request.send().await {
                Ok(response) if response.status() == 200 => {
                    let cookie = response.headers().get("set-cookie").and_then(|value| value.to_str().ok());
                    let cookie = cookie.and_then(|cookie| cookie.split(';').next()).context("no cookie")?;
                    return Ok(Credential::Web(cookie.into()));
                }
                Ok(response) => {
                    let status = response.status().as_u16();
                    let answer = persistence.judge(Ok(Answer { status, body: Value::Null, etag: None })).await?;
                    ensure!(answer.is_none(), "signing in was answered {status}");
                }
                Err(error) => drop(persistence.judge(Err(error.into())).await?),
            }
        }
    }

    /// Signs in to the app.
    pub(crate) async fn sign_in_to_app(&self, email: &str) -> Result<Credential> {
        let body = json!({"email": email, "password": PASSWORD, "platform": "ios", "app_version": "2.8.0"});
        let mut persistence = Persistence::new();
        let answer = loop {
            let asked = read(self.http.post(self.url("/mobile/token")).json(&body)).await;
            if let Some(answer) = persistence.judge(asked).await? {
                break answer;
            }
        };
        ensure!(answer.status == 200, "signing in to the app: {} {}", answer.status, answer.code());
        Ok(Credential::Mobile(answer.body["token"].as_str().context("no token")?.into()))
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/api/v1{path}", self.authority)
    }

    /// The whole request as it goes over the wire, for sending it by hand.
    pub(crate) fn bytes(&self, who: &Credential, request: &Request) -> Vec<u8> {
        let (content_type, body) = match &request.body {
            Body::Nothing => ("application/octet-stream", String::new()),
            Body::Json(value) => ("application/json", value.to_string()),
            Body::Csv(text) => ("text/csv", text.clone()),
        };
        let mut text = format!("{} /api/v1{} HTTP/1.1\r\nhost: {}\r\n", request.method, request.path, self.authority);
        for (name, value) in headers(who, request) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("content-type: {content_type}\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
        text.into_bytes()
    }
}

/// Retrying for a limited time.
struct Persistence {
    since: Instant,
}

impl Persistence {
    fn new() -> Self {
        Self { since: Instant::now() }
    }

    /// The answer, if it is one. If not, pauses before the next try.
    async fn judge(&mut self, asked: Result<Answer>) -> Result<Option<Answer>> {
        let last = match asked {
            Ok(answer) if answer.status < 500 => return Ok(Some(answer)),
            Ok(answer) => format!("{} {}", answer.status, answer.code()),
            Err(error) => format!("{error:#}"),
        };
        if self.since.elapsed() > PERSISTENCE {
            bail!("asked for {PERSISTENCE:?} and never answered: {last}");
        }
        tokio::time::sleep(PAUSE).await;
        Ok(None)
    }
}

fn headers(who: &Credential, request: &Request) -> Vec<(&'static str, String)> {
    let mut headers = match who {
        Credential::Web(cookie) => vec![("cookie", cookie.to_string()), ("sec-fetch-site", "same-origin".into())],
        Credential::Mobile(token) => vec![("authorization", format!("Bearer {token}"))],
    };
    if request.method != Method::GET {
        headers.push(("idempotency-key", request.key.clone()));
    }
    headers.extend(request.if_match.clone().map(|version| ("if-match", version)));
    headers
}

async fn read(builder: reqwest::RequestBuilder) -> Result<Answer> {
    let response = builder.send().await?;
    let status = response.status().as_u16();
    let etag = response.headers().get("etag").and_then(|version| version.to_str().ok()).map(str::to_owned);
    let text = response.text().await?;
    Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::Null), etag })
}
