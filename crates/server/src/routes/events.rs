//! `GET /events`

use api_types::{LiveEvent, Problem as WireProblem};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::extract::Query;
use crate::live::journal::Place;
use crate::live::stream::Stream;
use crate::problem::{Problem, Result};
use crate::requester::WebOrMobile;
use crate::routes::responses::SignedIn;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(events))
}

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// How long whoever finds every place taken has to wait, in seconds.
const RETRY_AFTER: u64 = 60;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct From {
    /// Where to begin, as `Last-Event-ID`, which counts if both are given: browsers can’t send that header at first.
    after: Option<String>,
}

/// What happens, as it happens: server-sent events of what the caller may see at that moment, ids and statuses only.
///
/// Its `kind` says what one is about: `placement`, `resident`, `guest_code`, `lock`, `hub`, `property`,
/// `layout`, `reveal` and `audit` (an event of the audit log); besides these `reset` (something was missed: read again
/// what is shown), `alive` (sent when nothing else was for 20 seconds), `session_ended` and `superseded` (the session
/// opened an eleventh stream: this was its oldest), after which the stream ends.
///
/// A stream begins after the event that `Last-Event-ID` or `after` names. The answers to other reads have an
/// `Events-At` header with the id to begin after so that nothing is missed that isn’t in them. Where that is missing, too
/// long ago, or from before the server was restarted, the first event is `reset`. Whoever takes what is sent too slowly
/// misses the rest and gets a `reset`.
#[utoipa::path(
    get,
    path = "/events",
    operation_id = "events",
    tag = "events",
    security(("session" = []), ("token" = [])),
    params(
        From,
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was received"),
    ),
    responses(
        (status = 200, description = "Events", body = LiveEvent, content_type = "text/event-stream"),
        SignedIn,
        (status = 429, description = "`too_many_requests`: too many streams are open", body = WireProblem),
    ),
)]
async fn events(
    State(app): State<App>,
    WebOrMobile(requester): WebOrMobile,
    Query(From { after }): Query<From>,
    headers: HeaderMap,
) -> Result<Response> {
    let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()).or(after.as_deref());
    let place = last.and_then(|id| id.parse::<Place>().ok());
    let (person, credential) = (requester.authority().person_id, requester.credential());
    let seat = app.seats().take(person, credential.id_hash).ok_or_else(|| Problem::too_many_requests(RETRY_AFTER))?;
    let stream = Stream::open(app, person, credential, seat, place).await?.ok_or_else(Problem::signed_out)?;
    // Proxies that gather what they pass on would hold it back.
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), "no");
    Ok(([(CONTENT_TYPE, "text/event-stream"), unbuffered], Body::from_stream(stream.frames())).into_response())
}
