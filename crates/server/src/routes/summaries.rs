//! `/summaries/stop/{text}`: stopping the daily summary from the mail that it came in.
//!
//! The text is in the address, unlike other secrets, since mail programs know nothing else (RFC 8058). All that it does is
//! stop these letters, which their reader gets back with one choice in the console.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::domain::summary;
use crate::extract::Path;
use crate::problem::Result;
use crate::routes::by_link::{Anybody, UsedFor, with_secret};
use crate::routes::responses::ByLink;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(stop)).route("/summaries/stop/{text}", get(look))
}

/// Stops a manager's daily summaries of a property: what a mail program sends for its reader's *Unsubscribe*
/// (`List-Unsubscribe-Post`). Whatever its body says, it isn't read.
#[utoipa::path(
    post,
    path = "/summaries/stop/{text}",
    operation_id = "summaries_stop",
    tag = "properties",
    params(("text" = String, Path, description = "From the mail’s `List-Unsubscribe`")),
    responses(
        (status = 204, description = "No more of them are sent"),
        ByLink,
    ),
)]
async fn stop(State(app): State<App>, anybody: Anybody, Path(text): Path<String>) -> Result<StatusCode> {
    let stopping = text.clone();
    with_secret(&app, anybody, UsedFor::StoppingSummaries, &text, move |tx, _, now| summary::stop(tx, &stopping, now))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leads somebody who opens that address to the console, where they choose: opening an address changes nothing, since
/// mail servers open all of them to see what is there. For people, so it isn't in the contract for programs.
async fn look(Path(text): Path<String>) -> Redirect {
    let settings = summary::property_of(&text).map(|property| format!("/properties/{property}/settings"));
    Redirect::to(settings.as_deref().unwrap_or("/properties"))
}
