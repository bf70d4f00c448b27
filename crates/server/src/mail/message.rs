//! A letter as a message: plain text and HTML, with a Message-ID that stays the same however often it is sent.

use std::time::{Duration, SystemTime};

use api_types::Language;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use store::mail::Sending;

use super::language;
use super::letter::Letter;
use super::settings::MailSettings;
use super::words::{Words, words};

/// Where letters are stopped that nobody asked for one by one, before what names them.
const STOP: &str = "/api/v1/summaries/stop/";

/// The message.
///
/// # Errors
/// What was written can't be read, or is no address after all.
pub(super) fn message(settings: &MailSettings, mail: &Sending) -> anyhow::Result<Message> {
    let letter: Letter = serde_json::from_str(&mail.letter)?;
    let language = language::named(&mail.language).unwrap_or(Language::English);
    let to: Address = mail.address.parse()?;
    let link = match (letter.page(), &mail.secret) {
        (Some(page), Some(secret)) => Some(format!("{}{page}#{}", settings.console, secret.as_str())),
        _ => letter.plain_page().map(|page| format!("{}{page}", settings.console)),
    };
    let words = words(&letter, language);
    let written = u64::try_from(mail.created_at).unwrap_or_default();
    let mut message = Message::builder()
        .from(settings.from.clone())
        .to(Mailbox::new(None, to))
        .subject(&words.subject)
        .date(SystemTime::UNIX_EPOCH + Duration::from_millis(written))
        .message_id(Some(format!("<{}@{}>", mail.message_id, settings.from.email.domain())))
        .raw_header(raw("Auto-Submitted", "auto-generated"))
        .raw_header(raw("Content-Language", language.name()));
    if let Some(stop) = letter.stop() {
        // One click, without signing in (RFC 8058).
        message = message
            .raw_header(raw("List-Unsubscribe", &format!("<{}{STOP}{stop}>", settings.console)))
            .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    Ok(message.multipart(MultiPart::alternative_plain_html(
        text(&words, link.as_deref()),
        html(&words, link.as_deref(), language),
    ))?)
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn text(words: &Words, link: Option<&str>) -> String {
    let mut parts = vec![words.greeting.clone()];
    parts.extend(words.before.iter().cloned());
    parts.extend(link.map(str::to_owned));
    parts.extend(words.after.iter().cloned());
    parts.join("\r\n\r\n") + "\r\n"
}

fn html(words: &Words, link: Option<&str>, language: Language) -> String {
    let paragraph = |text: &String| format!("<p>{}</p>", escaped(text));
    let mut body = paragraph(&words.greeting);
    body.extend(words.before.iter().map(paragraph));
    if let Some(link) = link {
        let link = escaped(link);
        body += &format!(
            "<p><a href=\"{link}\">{}</a></p><p style=\"word-break:break-all\">{link}</p>",
            escaped(words.link)
        );
    }
    body.extend(words.after.iter().map(paragraph));
    format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
         <body style=\"font-family:sans-serif;line-height:1.5;max-width:36rem\">{body}</body></html>",
        language.name(),
        escaped(&words.subject),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
