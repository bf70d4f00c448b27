//! The HTTP API: a folder per resource, a file per verb. A handler reads the request, calls the domain and answers.

mod address;
mod audit;
mod by_link;
mod codes;
mod csv;
mod doors;
mod events;
mod guest_codes;
mod hubs;
mod invitations;
mod layout;
mod mail;
mod me;
mod mobile;
mod pass;
mod password;
mod people;
mod properties;
mod refusal;
mod residents;
mod responses;
mod session;
mod set_up;
mod simulator;
mod summaries;
mod troubleshoot;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// Everything under `/api/v1`.
pub(crate) fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(session::router())
        .merge(set_up::router())
        .merge(people::router())
        .merge(invitations::router())
        .merge(password::router())
        .merge(address::router())
        .merge(mail::router())
        .merge(properties::router())
        .merge(layout::router())
        .merge(hubs::router())
        .merge(doors::router())
        .merge(residents::router())
        .merge(guest_codes::router())
        .merge(codes::router())
        .merge(me::router())
        .merge(mobile::router())
        .merge(pass::router())
        .merge(summaries::router())
        .merge(audit::router())
        .merge(events::router())
        .merge(troubleshoot::router())
        .merge(simulator::router())
}
