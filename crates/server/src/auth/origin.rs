//! Where a request came from: which site's page, which address, over TLS or not.

use std::net::{IpAddr, SocketAddr};

use api_types::FieldCode;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{Extensions, HeaderMap, Uri};

use crate::app::App;
use crate::problem::{Problem, Result};

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
fn own_origin(app: &App, headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let host = own_host(headers, uri)?;
    let scheme = if served_over_tls(app, headers) { "https" } else { "http" };
    Some(format!("{scheme}://{host}"))
}

/// The origin that links to our pages have: the one that the server was told, or else the one by which this client reaches us.
///
/// # Errors
/// 422 where the server was told none and the client names no host.
pub(crate) fn link_origin(app: &App, headers: &HeaderMap, uri: &Uri) -> Result<String> {
    let origin = app.public_url().map(str::to_owned).or_else(|| own_origin(app, headers, uri));
    origin.ok_or_else(|| Problem::invalid_field("Host", FieldCode::Invalid, "Say by which host you reach this server."))
}

/// The name by which this client reaches us, without a port. `None` if it names none.
pub(crate) fn reached_as(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    own_host(headers, uri).map(|host| host.host().to_ascii_lowercase())
}

/// Our own host and port as the client names them.
fn own_host(headers: &HeaderMap, uri: &Uri) -> Option<Authority> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).or(uri.authority().map(|host| host.as_str()))?;
    // A host and a port: nothing before an `@`, nothing after a `/`.
    let host: Authority = host.parse().ok()?;
    Some(host).filter(|host| !host.as_str().contains('@'))
}

/// Whether the browser speaks TLS with the proxy in front of us. We don't speak it ourselves.
pub(crate) fn served_over_tls(app: &App, headers: &HeaderMap) -> bool {
    app.behind_proxy() && headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https")
}

/// Whether the browser reaches us over plain http on loopback, so that nothing of it is on any network.
///
/// The configuration and the connection decide: nobody but this machine can connect, no proxy is meant to, and it is this
/// machine that did. What a client sends can't make it true; it only makes it false where there is a proxy all the same.
pub(crate) fn plainly_on_loopback(app: &App, headers: &HeaderMap, uri: &Uri, extensions: &Extensions) -> bool {
    let configured = app.loopback_only() && !app.behind_proxy();
    configured && peer_of(extensions).is_some_and(is_loopback) && !shows_proxy(headers, uri)
}

/// Headers that proxies add.
const PROXY_HEADERS: [&str; 6] =
    ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/// Whether a request that reaches us on loopback began elsewhere: a proxy says so, the browser knows us by another host
/// than loopback, or its page came over TLS.
fn shows_proxy(headers: &HeaderMap, uri: &Uri) -> bool {
    let names_loopback = own_host(headers, uri).is_some_and(|host| {
        let host = host.host().trim_matches(['[', ']']);
        host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(is_loopback)
    });
    let over_tls = headers.get(ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https:"));
    !names_loopback || over_tls || PROXY_HEADERS.iter().any(|name| headers.contains_key(*name))
}

/// Whether it is this machine's loopback, also where IPv4 arrives on an IPv6 socket.
fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// The other end of the connection.
fn peer_of(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())
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
        forwarded
            .or(peer_of(&parts.extensions))
            .map(Self)
            .ok_or_else(|| Problem::internal("the server was started without the addresses of its clients"))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("127.0.0.1", true)]
    #[case("127.3.2.1", true)]
    #[case("::1", true)]
    #[case("::ffff:127.0.0.1", true)]
    #[case("0.0.0.0", false)]
    #[case("10.0.0.1", false)]
    #[case("192.0.2.1", false)]
    #[case("::ffff:192.0.2.1", false)]
    #[case("fe80::1", false)]
    fn loopback_is_this_machine_alone(#[case] address: &str, #[case] loopback: bool) {
        assert_eq!(is_loopback(address.parse().expect("an address")), loopback);
    }

    #[rstest]
    #[case("127.0.0.1:8080", false)]
    #[case("[::1]:8080", false)]
    #[case("localhost:8080", false)]
    #[case("LOCALHOST", false)]
    #[case("latchkey.example", true)]
    #[case("localhost.example:8080", true)]
    #[case("127.0.0.1.example", true)]
    #[case("127.0.0.1@latchkey.example", true)]
    #[case("192.0.2.1:8080", true)]
    #[case("", true)]
    fn another_host_than_loopback_shows_a_proxy(#[case] host: &str, #[case] shown: bool) {
        let mut headers = HeaderMap::new();
        assert!(shows_proxy(&headers, &Uri::from_static("/")), "no host at all");
        headers.insert(HOST, HeaderValue::from_str(host).expect("a header's value"));
        assert_eq!(shows_proxy(&headers, &Uri::from_static("/")), shown);
    }
}
