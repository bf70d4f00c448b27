//! `POST /invitations/accept`

use api_types::{Invitation, InvitationAcceptance, Problem as WireProblem};
use axum::Json as JsonAnswer;
use axum::extract::State;

use crate::app::App;
use crate::auth::new_password;
use crate::domain::invitation::{self, WayIn};
use crate::extract::{FieldErrors, Json};
use crate::problem::Result;
use crate::routes::by_link::{Anybody, UsedFor, answered, with_secret};
use crate::routes::responses::ByLink;

/// Accepts an invitation with a password of one's own, with which one can then sign in. The link works once.
#[utoipa::path(
    post,
    path = "/invitations/accept",
    operation_id = "invitations_accept",
    tag = "people",
    request_body = InvitationAcceptance,
    responses(
        (status = 200, description = "Accepted", body = Invitation),
        ByLink,
        (status = 404, description = "`link_over`", body = WireProblem),
    ),
)]
pub(super) async fn accept(
    State(app): State<App>,
    anybody: Anybody,
    Json(InvitationAcceptance { token, password }): Json<InvitationAcceptance>,
) -> Result<JsonAnswer<Invitation>> {
    // Checked first, so that a stranger can't make the server hash passwords.
    let address = anybody.0;
    let found = answered(&app, Anybody(address), UsedFor::Invitation, &token, invitation::open).await?;
    let mut errors = FieldErrors::default();
    let password = new_password(&mut errors, password, &[&found.name, &found.email]);
    errors.check()?;
    let way_in = WayIn::Password(app.passwords().hash(password).await?);
    let accepted = with_secret(&app, Anybody(address), UsedFor::Invitation, &token, move |tx, secret, now| {
        invitation::accept(tx, secret, &way_in, now)
    });
    accepted.await.map(JsonAnswer)
}
