//! STARTTLS with a real mail server: nothing, and no password, goes to one that doesn't offer it or isn't who it says.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use latchkey_server::app::Settings;
use latchkey_server::mail::settings::MailSettings;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::json;
use tempfile::TempDir;

use crate::harness::{MANAGER, RESIDENT, TestServer};
use crate::smtp::CONSOLE;

/// Not whichever Python is first: Debian's has the package.
const PYTHON: &str = "/usr/bin/python3";

/// Who signs the certificates of mail servers.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).expect("parameters");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(parameters, key).expect("an authority"))
    }

    /// Writes a certificate for a server of that name and its key into a folder.
    fn certify(&self, name: &str, folder: &Path) -> [std::path::PathBuf; 2] {
        let key = KeyPair::generate().expect("a key");
        let parameters = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        let certificate = parameters.signed_by(&key, &self.0).expect("a certificate");
        let files = [folder.join("certificate.pem"), folder.join("key.pem")];
        std::fs::write(&files[0], certificate.pem()).expect("written");
        std::fs::write(&files[1], key.serialize_pem()).expect("written");
        files
    }

    fn pem(&self) -> String {
        self.0.pem()
    }
}

/// Debian's aiosmtpd, which ends with the test.
struct MailServer {
    program: Child,
    port: u16,
    printed: Arc<Mutex<Vec<String>>>,
    _folder: TempDir,
}

impl MailServer {
    /// One that offers STARTTLS with a certificate for that name, or doesn't offer it.
    fn start(certificate: Option<(&Authority, &str)>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(PYTHON);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail_server.py"));
        if let Some((authority, name)) = certificate {
            command.args(authority.certify(name, folder.path()));
        }
        let mut program = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python");
        let mut lines = BufReader::new(program.stdout.take().expect("its output"));
        let mut port = String::new();
        lines.read_line(&mut port).expect("a line");
        let port = port.trim().parse().expect("a port: is python3-aiosmtpd installed?");
        let printed = Arc::<Mutex<Vec<String>>>::default();
        std::thread::spawn({
            let printed = printed.clone();
            move || keep(lines, &printed)
        });
        Self { program, port, printed, _folder: folder }
    }

    /// What it has said that it got.
    fn printed(&self) -> Vec<String> {
        self.printed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        // Its input ends.
        drop(self.program.stdin.take());
        let _ = self.program.wait();
    }
}

fn keep(lines: BufReader<ChildStdout>, printed: &Mutex<Vec<String>>) {
    for line in lines.lines().map_while(Result::ok) {
        printed.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}

/// A server that sends its mail there, with a password, and trusts what that authority has signed.
async fn sending_to(mail: &MailServer, trusted: &Authority) -> TestServer {
    let url = format!("smtp://keys:secret@localhost:{}", mail.port);
    let settings = MailSettings::parse(&url, "Latchkey <keys@example.com>", CONSOLE).expect("settings");
    let settings = settings.trusting(trusted.pem().as_bytes()).expect("certificates");
    let settings = Settings { mail: Some(settings), public_url: Some(CONSOLE.into()), ..Settings::default() };
    let mut server = TestServer::start_with(settings).await;
    let manager = server.world.manager;
    server.write(move |tx| store::people::set_administrator(tx, manager, true).expect("set")).await;
    server.start_workers();
    let forgot = server.post("/password/forgot").json(&json!({"email": RESIDENT})).send().await;
    assert_eq!(forgot.status, 202);
    server
}

#[tokio::test]
async fn r38_mail_goes_over_starttls_to_a_server_with_the_right_certificate() {
    let authority = Authority::new();
    let mail = MailServer::start(Some((&authority, "localhost")));
    let server = sending_to(&mail, &authority).await;
    server.eventually("it arrives", async || mail.printed().len() >= 2).await;
    assert_eq!(mail.printed(), ["password".to_owned(), format!("mail {RESIDENT}")]);
}

#[tokio::test]
async fn r38_nothing_goes_to_a_mail_server_without_tls_or_with_another_s_certificate() {
    let (authority, other) = (Authority::new(), Authority::new());
    for (certificate, expected) in [
        (None, "STARTTLS"),
        (Some((&authority, "mail.example.org")), "certificate"),
        (Some((&other, "localhost")), "certificate"),
    ] {
        let mail = MailServer::start(certificate);
        let server = sending_to(&mail, &authority).await;
        let administrator = server.sign_in(MANAGER).await;
        let health = async || server.read(&administrator, "/mail").await;
        server.eventually("it is said", async || health().await["waiting"] == 1).await;
        let said = health().await["reply"].to_string();
        assert!(said.contains(expected), "{said}");
        assert_eq!(mail.printed(), Vec::<String>::new(), "neither mail nor password");
    }
}
