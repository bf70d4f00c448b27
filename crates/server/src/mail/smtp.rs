//! Handing mail to a mail server, and what its answer means.

use std::error::Error as _;
use std::time::Duration;

use anyhow::Context;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use store::mail::Sending;

use super::message::message;
use super::settings::MailSettings;

/// How long the server may take for each step.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long the whole of it may take, whatever the server does meanwhile.
pub(crate) const AT_MOST: Duration = Duration::from_secs(90);

/// The most of a server's reply that is kept, in characters.
const REPLY: usize = 200;

/// Replies that are about us and not about whom the mail is for: authentication is needed, failed or too weak.
const ABOUT_US: [&str; 4] = ["530", "534", "535", "538"];

/// What became of an attempt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The server took it.
    Taken,
    /// The server refused it for good.
    Refused(String),
    /// The server refused it for now.
    NotNow(String),
    /// The server doesn't answer as it should, so others needn't be tried either. Nobody knows whether it took the mail.
    Unreachable(String),
    /// It can't be sent by anybody.
    Unsendable,
}

/// Sends mail to one server.
#[derive(Clone)]
pub(crate) struct Sender {
    settings: MailSettings,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Sender {
    /// Sends mail as the settings say.
    ///
    /// # Errors
    /// lettre can't use the URL, or a certificate.
    pub(crate) fn new(settings: &MailSettings) -> anyhow::Result<Self> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&settings.url)
            .map_err(|_| anyhow::anyhow!("LATCHKEY_SMTP_URL can’t be used"))?;
        let builder = match settings.server() {
            Some(server) if !settings.authorities.is_empty() => {
                let mut parameters = TlsParameters::builder(server);
                for authority in &settings.authorities {
                    parameters = parameters.add_root_certificate(authority.clone());
                }
                let parameters = parameters.build().context("LATCHKEY_SMTP_CA can’t be used")?;
                builder.tls(if settings.wraps() { Tls::Wrapper(parameters) } else { Tls::Required(parameters) })
            }
            _ => builder,
        };
        let builder = match settings.host() {
            Some(host) => builder.hello_name(ClientId::Domain(host.to_owned())),
            None => builder,
        };
        Ok(Self { settings: settings.clone(), transport: builder.timeout(Some(PATIENCE)).build() })
    }

    /// Tries once.
    pub(crate) async fn send(&self, mail: &Sending) -> Outcome {
        let message = match message(&self.settings, mail) {
            Ok(message) => message,
            Err(error) => {
                tracing::error!(%error, mail = mail.id, "mail can’t be sent");
                return Outcome::Unsendable;
            }
        };
        match tokio::time::timeout(AT_MOST, self.transport.send(message)).await {
            Ok(Ok(_)) => Outcome::Taken,
            Ok(Err(error)) => outcome(&error),
            Err(_) => Outcome::Unreachable("The mail server doesn’t answer in time.".into()),
        }
    }
}

fn outcome(error: &lettre::transport::smtp::Error) -> Outcome {
    let status = error.status().map(|status| status.to_string());
    let said = error.source().map(ToString::to_string).unwrap_or_default();
    let reply = shown(&[status.as_deref().unwrap_or_default(), &said].join(" "));
    match status {
        Some(status) if ABOUT_US.contains(&status.as_str()) => Outcome::Unreachable(reply),
        Some(_) if error.is_permanent() => Outcome::Refused(reply),
        Some(_) => Outcome::NotNow(reply),
        None if reply.is_empty() => Outcome::Unreachable("The mail server can’t be reached.".into()),
        None => Outcome::Unreachable(reply),
    }
}

/// What a server said, as it may be shown: one line, nothing that can't be seen, and not too long.
fn shown(reply: &str) -> String {
    let visible = reply.chars().map(|c| if c.is_whitespace() || crate::text::is_unseen(c) { ' ' } else { c });
    let line: String = visible.collect();
    let line = crate::text::tidy(&line);
    match line.char_indices().nth(REPLY) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_shown_as_one_short_line() {
        assert_eq!(shown(" 550  no\r\nsuch \u{202e}user\0"), "550 no such user");
        let long = shown(&"x".repeat(5000));
        assert_eq!(long.chars().count(), REPLY + 1);
        assert!(long.ends_with('…'));
    }
}
