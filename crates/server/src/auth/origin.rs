//! Where a request came from: which site's page, which address, over TLS or not.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri};

use crate::app::App;
use crate::problem::Problem;

/// Whose page made the request, according to the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    /// One of ours.
    Same,
    /// Another's.
    Other,
    /// The client doesn't say, as is usual for programs that aren't browsers.
    Unsaid,
}

impl Site {
    /// From `Sec-Fetch-Site` if present, else from `Origin`, which must match ours exactly: scheme, host and port.
    pub(crate) fn of(app: &App, headers: &HeaderMap, uri: &Uri) -> Self {
        if let Some(site) = headers.get("sec-fetch-site") {
            return if site == "same-origin" { Self::Same } else { Self::Other };
        }
        let Some(origin) = headers.get(ORIGIN) else { return Self::Unsaid };
        match own_origin(app, headers, uri) {
            Some(own) if *origin == own => Self::Same,
            _ => Self::Other,
        }
    }
}

/// The origin of our own pages as this client reaches them: scheme, host and port. `None` if the client names no host.
pub(crate) fn own_origin(app: &App, headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).or(uri.authority().map(|host| host.as_str()))?;
    // A host and a port: nothing before an `@`, nothing after a `/`.
    let host: Authority = host.parse().ok()?;
    let host = Some(host.as_str()).filter(|host| !host.contains('@'))?;
    let scheme = if served_over_tls(app, headers) { "https" } else { "http" };
    Some(format!("{scheme}://{host}"))
}

/// Whether the browser speaks TLS with the proxy in front of us. We don't speak it ourselves.
pub(crate) fn served_over_tls(app: &App, headers: &HeaderMap) -> bool {
    app.behind_proxy() && headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https")
}

/// The client's address; behind a proxy, the one the proxy reports, which is the last of `X-Forwarded-For`.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

impl FromRequestParts<App> for ClientAddress {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let forwarded = parts.headers.get_all("x-forwarded-for").iter().next_back();
        let forwarded = forwarded
            .filter(|_| app.behind_proxy())
            .and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        forwarded
            .or(peer)
            .map(Self)
            .ok_or_else(|| Problem::internal("the server was started without the addresses of its clients"))
    }
}
