//! A mail server for tests, which behaves as it is told: it takes mail, refuses it, stops answering or isn't there.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use latchkey_server::app::Settings;
use latchkey_server::mail::settings::MailSettings;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Where links in mail lead.
pub(crate) const CONSOLE: &str = "https://keys.example.com";

/// How the server behaves towards the next mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Takes it.
    Takes,
    /// Refuses its recipient for now, as greylisting does.
    NotNow,
    /// Refuses its recipient for good.
    Refuses,
    /// Asks for a password that isn't there.
    WantsPassword,
    /// Takes it and then says nothing any more.
    TakesSilently,
    /// Says nothing from the start.
    Hangs,
}

/// A message as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) to: String,
    /// Headers and body, decoded as far as the tests need it.
    pub(crate) text: String,
}

impl Arrived {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> &str {
        let line = self.text.lines().find(|line| line.to_lowercase().starts_with(&format!("{}:", name.to_lowercase())));
        line.map_or("", |line| line.split_once(':').expect("a header").1.trim())
    }

    /// What follows the `#` of the link to that page.
    pub(crate) fn token(&self, page: &str) -> String {
        let start = format!("{CONSOLE}{page}#");
        let (_, rest) = self.text.split_once(&start).unwrap_or_else(|| panic!("no link to {page}: {}", self.text));
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
    }
}

struct State {
    manner: Manner,
    arrived: Vec<Arrived>,
    attempts: usize,
}

/// The server. It ends with the test.
pub(crate) struct MailServer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: Option<JoinHandle<()>>,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl MailServer {
    /// Starts one that takes mail.
    pub(crate) async fn start() -> Self {
        let state = Arc::new(Mutex::new(State { manner: Manner::Takes, arrived: Vec::new(), attempts: 0 }));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let task = Some(tokio::spawn(serve(listener, state.clone())));
        Self { address, state, task }
    }

    /// Settings of a server that sends its mail here.
    pub(crate) fn settings(&self) -> Settings {
        let url = format!("smtp://{}", self.address);
        let mail = MailSettings::parse(&url, "Latchkey <keys@example.com>", CONSOLE).expect("settings");
        Settings { mail: Some(mail), public_url: Some(CONSOLE.into()), ..Settings::default() }
    }

    /// From now on it behaves like that.
    pub(crate) fn behave(&self, manner: Manner) {
        self.state().manner = manner;
    }

    /// Stops it: connections are refused.
    pub(crate) fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }

    /// Starts it again at the same address.
    pub(crate) async fn restart(&mut self) {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("set");
        socket.bind(self.address).expect("the same port");
        self.task = Some(tokio::spawn(serve(socket.listen(16).expect("it listens"), self.state.clone())));
    }

    /// What has arrived so far.
    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.state().arrived.clone()
    }

    /// How many connections there were.
    pub(crate) fn attempts(&self) -> usize {
        self.state().attempts
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let state = state.clone();
        // A client may hang up whenever it likes.
        connections.spawn(async move { drop(converse(stream, state).await) });
    }
}

async fn converse(stream: TcpStream, state: Arc<Mutex<State>>) -> std::io::Result<()> {
    let manner = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.attempts += 1;
        state.manner
    };
    let mut stream = BufReader::new(stream);
    if manner == Manner::Hangs {
        return std::future::pending().await;
    }
    stream.write_all(b"220 mail.example.com\r\n").await?;
    let (mut to, mut line) = (String::new(), String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_uppercase();
        let reply = match verb.as_str() {
            "EHLO" => "250-mail.example.com\r\n250 8BITMIME",
            "MAIL" if manner == Manner::WantsPassword => "530 5.7.0 Authentication required",
            "RCPT" => {
                to = line.trim().split_once('<').map_or("", |(_, to)| to.trim_end_matches('>')).to_owned();
                match manner {
                    Manner::NotNow => "451 4.7.1 Greylisted, come back later",
                    Manner::Refuses => "550 5.1.1 <b>No such\u{202e} user</b>",
                    _ => "250 fine",
                }
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let text = read_data(&mut stream).await?;
                let arrived = Arrived { to: std::mem::take(&mut to), text };
                state.lock().unwrap_or_else(PoisonError::into_inner).arrived.push(arrived);
                if manner == Manner::TakesSilently {
                    return std::future::pending().await;
                }
                "250 taken"
            }
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
}

/// The message up to the lone dot; quoted-printable is decoded.
async fn read_data(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n.\r\n") {
        if stream.read_until(b'\n', &mut bytes).await? == 0 {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&decoded(&bytes)).into_owned())
}

fn decoded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        rest = match (first, hex) {
            (b'=', _) if tail.starts_with(b"\r\n") => &tail[2..],
            (b'=', Some(byte)) => {
                out.push(byte);
                &tail[2..]
            }
            _ => {
                out.push(*first);
                tail
            }
        };
    }
    out
}
