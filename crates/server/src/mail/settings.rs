//! Where mail goes out, whom it is from, and where its links lead.

use std::fmt;
use std::net::IpAddr;

use anyhow::{Context, Result, bail};
use axum::http::Uri;
use lettre::message::Mailbox;
use lettre::transport::smtp::client::Certificate;
use zeroize::Zeroizing;

/// How lettre is told to go on only after STARTTLS.
const INSIST: &str = "?tls=required";

/// How a certificate begins and ends in PEM.
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
const NO_CERTIFICATE: &str = "LATCHKEY_SMTP_CA is no file with certificates in PEM";

/// How mail is sent. Its `Debug` shows no password.
#[derive(Clone)]
pub struct MailSettings {
    /// As lettre reads it.
    pub(crate) url: Zeroizing<String>,
    /// Whom it is from.
    pub(crate) from: Mailbox,
    /// Where people reach the console, without a `/` at its end.
    pub(crate) console: String,
    /// Who may have signed the mail server's certificate, besides the public authorities.
    pub(crate) authorities: Vec<Certificate>,
}

impl fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailSettings").field("from", &self.from).field("console", &self.console).finish_non_exhaustive()
    }
}

impl MailSettings {
    /// Reads the settings. `smtps://` speaks TLS from the start; `smtp://` insists on STARTTLS, except on loopback, where
    /// nothing of it is on any network.
    ///
    /// # Errors
    /// What is wrong with which of them; never the URL itself, which may hold a password.
    pub fn parse(url: &str, from: &str, console: &str) -> Result<Self> {
        let parsed: Uri =
            url.parse().ok().context("LATCHKEY_SMTP_URL is no address like smtps://user:password@host")?;
        let host = parsed.host().context("LATCHKEY_SMTP_URL names no host")?;
        let on_loopback = host == "localhost"
            || host.trim_matches(['[', ']']).parse().is_ok_and(|address: IpAddr| address.is_loopback());
        if parsed.query().is_some() {
            bail!("LATCHKEY_SMTP_URL takes no parameters: smtps:// speaks TLS, and smtp:// insists on STARTTLS");
        }
        let url = match parsed.scheme_str() {
            Some("smtps") => url.to_owned(),
            Some("smtp") if on_loopback => url.to_owned(),
            Some("smtp") => format!("{url}{INSIST}"),
            _ => bail!("LATCHKEY_SMTP_URL has to begin with smtp:// or smtps://"),
        };
        let from: Mailbox =
            from.parse().ok().context("LATCHKEY_MAIL_FROM is no address like Keys <keys@example.com>")?;
        Ok(Self { url: Zeroizing::new(url), from, console: public_url(console)?, authorities: Vec::new() })
    }

    /// Also trusts a mail server whose certificate is signed by one of these, in PEM. Whoever says so expects TLS, so on
    /// loopback too nothing is sent without.
    ///
    /// # Errors
    /// There is no certificate in it.
    pub fn trusting(mut self, pem: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(pem).ok().filter(|text| text.contains(BEGIN)).context(NO_CERTIFICATE)?;
        for one in text.split_inclusive(END).filter(|one| one.contains(BEGIN)) {
            self.authorities.push(Certificate::from_pem(one.as_bytes()).ok().context(NO_CERTIFICATE)?);
        }
        if self.url.starts_with("smtp:") && !self.url.ends_with(INSIST) {
            self.url.push_str(INSIST);
        }
        Ok(self)
    }

    /// The name that the mail server's certificate has to be for.
    pub(super) fn server(&self) -> Option<String> {
        let url: Uri = self.url.parse().ok()?;
        url.host().map(|host| host.trim_matches(['[', ']']).to_owned())
    }

    /// Whether TLS is spoken from the start, and not after STARTTLS.
    pub(super) fn wraps(&self) -> bool {
        self.url.starts_with("smtps:")
    }
    /// The name by which this server introduces itself to the mail server: the console's host, unless that is a number.
    pub(super) fn host(&self) -> Option<&str> {
        let (_, host) = self.console.split_once("://")?;
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
        Some(host).filter(|host| !host.starts_with('[') && host.parse::<IpAddr>().is_err())
    }
}

/// The address at which people reach the console, without a `/` at its end.
///
/// # Errors
/// It is no `http` or `https` URL, or more than scheme, host and port.
pub fn public_url(url: &str) -> Result<String> {
    let wrong = "LATCHKEY_PUBLIC_URL is no address like https://keys.example.com";
    let parsed: Uri = url.parse().ok().context(wrong)?;
    let plain = parsed.path() == "/" && parsed.query().is_none();
    let host = parsed.authority().filter(|authority| plain && !authority.as_str().contains('@')).context(wrong)?;
    match parsed.scheme_str() {
        Some(scheme @ ("http" | "https")) => Ok(format!("{scheme}://{host}")),
        _ => bail!(wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(url: &str) -> Option<String> {
        let settings = MailSettings::parse(url, "Keys <keys@example.com>", "https://keys.example.com/").ok()?;
        assert_eq!(settings.console, "https://keys.example.com");
        assert!(!format!("{settings:?}").contains("secret"));
        Some(settings.url.to_string())
    }

    #[test]
    fn mail_leaves_this_machine_over_tls_alone() {
        for (given, used) in [
            ("smtps://u:secret@mail.example.com", Some("smtps://u:secret@mail.example.com")),
            ("smtp://u:secret@mail.example.com:587", Some("smtp://u:secret@mail.example.com:587?tls=required")),
            ("smtp://127.0.0.1:2525", Some("smtp://127.0.0.1:2525")),
            ("smtp://[::1]:2525", Some("smtp://[::1]:2525")),
            ("smtp://localhost", Some("smtp://localhost")),
            ("smtp://mail.example.com?tls=opportunistic", None),
            ("http://mail.example.com", None),
            ("mail.example.com", None),
        ] {
            assert_eq!(url(given).as_deref(), used, "{given}");
        }
    }

    #[test]
    fn what_it_is_told_to_trust_is_a_certificate() {
        let settings = |pem: &str| {
            let settings = MailSettings::parse("smtp://127.0.0.1:25", "keys@example.com", "https://keys.example.com");
            settings.expect("settings").trusting(pem.as_bytes())
        };
        for wrong in ["", "keys", "-----BEGIN CERTIFICATE-----\nAAAA", "-----BEGIN PRIVATE KEY-----"] {
            assert!(settings(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn it_introduces_itself_by_the_console_s_host() {
        let host = |console: &str| {
            let settings = MailSettings::parse("smtp://127.0.0.1", "keys@example.com", console).expect("settings");
            settings.host().map(str::to_owned)
        };
        assert_eq!(host("https://keys.example.com").as_deref(), Some("keys.example.com"));
        assert_eq!(host("https://keys.example.com:8443").as_deref(), Some("keys.example.com"));
        assert_eq!(host("http://127.0.0.1:8080"), None);
        assert_eq!(host("http://[::1]:8080"), None);
    }

    #[test]
    fn links_lead_to_an_address_of_the_web() {
        assert_eq!(public_url("http://127.0.0.1:8080").ok().as_deref(), Some("http://127.0.0.1:8080"));
        for bad in
            ["", "keys.example.com", "https://keys.example.com/console", "https://a@b.example", "ftp://x.example"]
        {
            assert!(public_url(bad).is_err(), "{bad}");
        }
    }
}
