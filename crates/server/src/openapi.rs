//! The published contract, generated from the handlers themselves.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{OpenApi as Document, RefOr};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::auth::{COOKIE, LOOPBACK_COOKIE};
use crate::routes;

/// The prefix of everything in the API.
pub const PREFIX: &str = "/api/v1";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Latchkey",
        description = "Access codes for apartment doors. Errors are RFC 9457 problem documents whose `code` is stable.",
    ),
    components(schemas(api_types::Problem, api_types::FieldError, api_types::ChecklistItem, api_types::ResidentApp, api_types::TenancyStage)),
    modifiers(&Credentials),
)]
struct Contract;

/// The two kinds of credentials; a request has one of them.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let cookie = ApiKeyValue::with_description(
            COOKIE,
            &format!(
                "A session of the console. Requests other than GET must come from the same origin. On loopback over plain \
                 http, where WebKit keeps no `Secure` cookie, it gets the session as `{LOOPBACK_COOKIE}` too.",
            ),
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.description = Some("A token of the resident app.".to_owned());
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

/// All routes of the API with their descriptions.
pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Contract::openapi()).nest(PREFIX, routes::api())
}

/// Gives every problem its content type, which isn't plain JSON's.
fn with_problems(mut document: Document) -> Document {
    let operations = document.paths.paths.values_mut().flat_map(|path| {
        [&mut path.get, &mut path.put, &mut path.post, &mut path.delete, &mut path.patch].into_iter().flatten()
    });
    for (status, response) in operations.flat_map(|operation| &mut operation.responses.responses) {
        if let (true, RefOr::T(response)) = (status.starts_with(['4', '5']), response)
            && let Some(content) = response.content.shift_remove("application/json")
        {
            response.content.insert("application/problem+json".to_owned(), content);
        }
    }
    document
}

/// `GET /api/v1/openapi.json`: the OpenAPI 3.1 document.
pub(crate) fn published(document: Document) -> Router<App> {
    let json = with_problems(document).to_pretty_json().expect("the document is JSON");
    let answer = async || ([(CONTENT_TYPE, "application/json")], json);
    Router::new().route(&format!("{PREFIX}/openapi.json"), get(answer))
}
