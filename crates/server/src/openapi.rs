//! The published contract, generated from the handlers themselves.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, OpenApi as Document, Ref, RefOr, ResponseBuilder};
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

/// Every operation of the document, with whether it only reads.
fn operations(document: &mut Document) -> impl Iterator<Item = (bool, &mut Operation)> {
    document.paths.paths.values_mut().flat_map(|path| {
        let reads = path.get.iter_mut().map(|operation| (true, operation));
        let changes = [&mut path.put, &mut path.post, &mut path.delete, &mut path.patch];
        reads.chain(changes.into_iter().flatten().map(|operation| (false, operation)))
    })
}

/// Gives every problem its content type, which isn't plain JSON's.
fn with_problems(mut document: Document) -> Document {
    for (status, response) in operations(&mut document).flat_map(|(_, operation)| &mut operation.responses.responses) {
        if let (true, RefOr::T(response)) = (status.starts_with(['4', '5']), response)
            && let Some(content) = response.content.shift_remove("application/json")
        {
            response.content.insert("application/problem+json".to_owned(), content);
        }
    }
    document
}

/// Adds what extractors and layers answer whatever the handler: it follows from what the operation takes. And says of
/// what needs no credential that it needs none.
fn with_answers_of_all(mut document: Document) -> Document {
    for (reads, operation) in operations(&mut document) {
        let schemes = operation.security.get_or_insert_default();
        let [session, token] = ["session", "token"].map(|name| {
            let only = SecurityRequirement::new(name, [""; 0]);
            schemes.contains(&only)
        });
        let parameters = operation.parameters.iter().flatten();
        let [path, query] = [ParameterIn::Path, ParameterIn::Query].map(|place| {
            let mut parameters = parameters.clone();
            parameters.any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == place))
        });
        let takes =
            |kind: &str| matches!(&operation.request_body, Some(RefOr::T(body)) if body.content.contains_key(kind));
        let (json, csv) = (takes("application/json"), takes("text/csv"));
        let answers: [(bool, &str, &[&str]); 10] = [
            (true, "400", &["both_credentials"]),
            (json, "400", &["malformed_json"]),
            (session && !token, "403", &["not_on_mobile"]),
            (session && !reads, "403", &["cross_site"]),
            (path, "404", &["not_found"]),
            (json || csv, "408", &["body_too_slow"]),
            (json || csv, "413", &["too_large"]),
            (json || csv, "415", &["unsupported_media_type"]),
            (query || json, "422", &["invalid"]),
            (json, "422", &["unknown_field"]),
        ];
        for (_, status, codes) in answers.into_iter().filter(|(given, ..)| *given) {
            add_codes(operation, status, codes);
        }
        add_codes(operation, "500", &["internal", "record_unreadable"]);
        add_codes(operation, "503", &["storage_unavailable", "timed_out"]);
    }
    document
}

/// Adds the codes that a problem of that status may have, unless they are named already.
fn add_codes(operation: &mut Operation, status: &str, codes: &[&str]) {
    let answer = operation.responses.responses.entry(status.to_owned()).or_insert_with(|| {
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        RefOr::T(ResponseBuilder::new().content("application/problem+json", problem).build())
    });
    let RefOr::T(answer) = answer else { return };
    for code in codes.iter().map(|code| format!("`{code}`")) {
        if !answer.description.contains(&code) {
            let comma = if answer.description.is_empty() { "" } else { ", " };
            answer.description = format!("{code}{comma}{}", answer.description);
        }
    }
}

/// `GET /api/v1/openapi.json`: the OpenAPI 3.1 document.
pub(crate) fn published(document: Document) -> Router<App> {
    let json = with_answers_of_all(with_problems(document)).to_pretty_json().expect("the document is JSON");
    let answer = async || ([(CONTENT_TYPE, "application/json")], json);
    Router::new().route(&format!("{PREFIX}/openapi.json"), get(answer))
}
