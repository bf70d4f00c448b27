//! A minimal HTTP client, so that its own cost doesn't show.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use super::program::PASSWORD;

/// How the session's cookie begins; there are others, such as a device's mark.
const SESSION: &str = "__Host-latchkey=";

/// What the server answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) cookie: Option<String>,
    pub(super) body: String,
}

/// A request as it is sent.
pub(super) struct Request(String);

impl Request {
    pub(super) fn new(method: &str, path: &str, headers: &str, body: &str) -> Self {
        Self::of_type(method, path, "application/json", headers, body)
    }

    /// With a body of that type.
    fn of_type(method: &str, path: &str, content_type: &str, headers: &str, body: &str) -> Self {
        Self(format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: {content_type}\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            body.len()
        ))
    }
}

/// A persistent HTTP/1.1 connection.
pub(super) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(super) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Asks for `path`, reads the whole answer and returns its status.
    pub(super) fn get(&mut self, path: &str) -> Result<u16> {
        Ok(self.ask("GET", path, "Accept-Encoding: br\r\n", "")?.status)
    }

    /// Signs in to the console and returns the header with the session's cookie.
    pub(super) fn sign_in(&mut self, email: &str) -> Result<String> {
        let body = format!("{{\"email\":\"{email}\",\"password\":\"{PASSWORD}\"}}");
        let answer = self.ask("POST", "/api/v1/session", "", &body)?;
        ensure!(answer.status == 200, "signing in answered {}", answer.status);
        let cookie = answer.cookie.context("a cookie")?;
        Ok(format!("Cookie: {cookie}\r\n"))
    }

    /// Sends a request and reads the whole answer.
    pub(super) fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Result<Answer> {
        self.send(&Request::new(method, path, headers, body))
    }

    /// Posts a body of that type.
    pub(super) fn post(&mut self, path: &str, content_type: &str, headers: &str, body: &str) -> Result<Answer> {
        self.send(&Request::of_type("POST", path, content_type, headers, body))
    }

    /// Like [`Connection::ask`], with a prepared request.
    pub(super) fn send(&mut self, request: &Request) -> Result<Answer> {
        self.stream.get_mut().write_all(request.0.as_bytes())?;
        let status = self.line()?.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status line")?;
        let (mut length, mut cookie) = (None, None);
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').context("a header")?;
            if name.eq_ignore_ascii_case("content-length") {
                length = Some(value.trim().parse::<usize>()?);
            } else if name.eq_ignore_ascii_case("set-cookie") && value.trim_start().starts_with(SESSION) {
                cookie = value.split(';').next().map(|cookie| cookie.trim().to_owned());
            }
        }
        let mut bytes = vec![0; length.context("an answer without its length")?];
        self.stream.read_exact(&mut bytes).context("the answer was cut")?;
        let body = String::from_utf8(bytes)
            .unwrap_or_else(|compressed| String::from_utf8_lossy(compressed.as_bytes()).into_owned());
        Ok(Answer { status, cookie, body })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(self.stream.read_line(&mut line)? > 0, "the connection was closed");
        Ok(line.trim_end().to_owned())
    }
}
