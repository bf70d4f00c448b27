//! `GET /mail`

use api_types::MailHealth;
use axum::Json;
use store::mail;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::problem::Result;
use crate::requester::Web;
use crate::routes::responses::Office;
use crate::view::time::instant;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// How sending mail goes: whether this server does, and since when any waits. For managers, support and administrators.
#[utoipa::path(
    get,
    path = "/mail",
    operation_id = "mail_show",
    tag = "people",
    security(("session" = [])),
    responses(
        (status = 200, description = "How it goes", body = MailHealth),
        Office,
    ),
)]
async fn show(Web(requester): Web) -> Result<Json<MailHealth>> {
    requester.require_property_reader()?;
    let mails = requester.app().mails();
    let health = requester.read(move |lookup| {
        let waiting = mail::waiting(lookup.db)?.filter(|_| mails);
        Ok(match waiting {
            Some((since, waiting, reply)) => {
                MailHealth { mails, waiting, since: Some(instant(since)), reply: Some(reply) }
            }
            None => MailHealth { mails, waiting: 0, since: None, reply: None },
        })
    });
    health.await.map(Json)
}
