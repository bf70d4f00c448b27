//! The server's configuration, from the command line or as `LATCHKEY_…` in the environment: where it listens, where its
//! records are, and the key to them.

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use store::{MasterKey, Store};
use zeroize::Zeroizing;

use crate::app::Settings;
use crate::connections::Limits;
use crate::mail::settings::{MailSettings, public_url};

/// How to serve.
#[derive(Args)]
pub struct Serve {
    /// Address and port to listen on
    #[arg(long, env = "LATCHKEY_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Where the records are.
    #[command(flatten)]
    pub records: Records,
    /// A proxy stands in front: believe its X-Forwarded-For and X-Forwarded-Proto
    #[arg(long, env = "LATCHKEY_BEHIND_PROXY")]
    pub behind_proxy: bool,
    /// Address and port for operators, who find /metrics and /readyz?detail there; none if not given
    #[arg(long, env = "LATCHKEY_OPERATE_ON", value_name = "ADDRESS")]
    pub operate_on: Option<String>,
    /// The most connections at a time; fewer if the operating system gives the program fewer files
    #[arg(long, env = "LATCHKEY_MAX_CONNECTIONS", default_value_t = Limits::default().total)]
    pub max_connections: usize,
    /// Where people reach the console, as `https://keys.example.com`: links in mail lead there
    #[arg(long, env = "LATCHKEY_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Mail server: smtps://USER:PASSWORD@HOST, or smtp://… with STARTTLS; without one, no mail is sent
    #[arg(long, env = "LATCHKEY_SMTP_URL", value_name = "URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// File with certificates (PEM) that may have signed the mail server’s, besides those of public authorities
    #[arg(long, env = "LATCHKEY_SMTP_CA", value_name = "FILE")]
    // No path, which may not be empty: a variable that is set to nothing counts as not set.
    pub smtp_ca: Option<String>,
    /// Whom mail is from, as 'Keys <keys@example.com>'
    #[arg(long, env = "LATCHKEY_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,
}

/// Where the records and the key to them are.
#[derive(Args)]
pub struct Records {
    /// Folder of the database and the master key
    #[arg(long, env = "LATCHKEY_DATA", value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    /// Database elsewhere than in the data folder: sqlite:PATH
    #[arg(long, env = "LATCHKEY_DATABASE_URL", value_name = "URL")]
    pub database_url: Option<String>,
    /// Use the demonstration's database instead; to serve it, it is made and only loopback is listened on
    #[arg(long, env = "LATCHKEY_DEMO")]
    pub demo: bool,
    /// File of the master key: 32 bytes in base64; by default `master-key` in the data folder, made along with the database
    #[arg(long, env = "LATCHKEY_MASTER_KEY_FILE", value_name = "FILE")]
    pub master_key_file: Option<PathBuf>,
}

/// Files that aren't left to connections: the database's, the hubs', and what the program opens for a moment.
const FILES_KEPT: usize = 256;

/// How long answers that say to wait are kept back: nobody notices who was told how many seconds to wait, and whoever asks as
/// fast as they can asks twice a second on each connection.
const WAITS_TOLD_AFTER: Duration = Duration::from_millis(500);

/// The database in the data folder.
const REAL_DATABASE: &str = "latchkey.db";

/// The demonstration's database in the data folder.
const DEMO_DATABASE: &str = "demo.db";

impl Serve {
    /// The address to listen on.
    ///
    /// # Errors
    /// It isn't an address, or it isn't loopback although the data are made up and their passwords may be known.
    pub fn address(&self) -> Result<SocketAddr> {
        let address = resolve(&self.listen)?;
        if self.records.demo && !address.ip().is_loopback() {
            bail!("--demo listens on loopback alone, as 127.0.0.1:8080; {} is not", self.listen);
        }
        Ok(address)
    }

    /// The address for operators.
    ///
    /// # Errors
    /// It isn't one.
    pub fn operators_address(&self) -> Result<Option<SocketAddr>> {
        self.operate_on.as_deref().map(resolve).transpose()
    }

    /// How many connections there may be. Asks the operating system for as many files as it gives without being asked
    /// twice.
    pub fn connections(&self) -> Limits {
        let limit = getrlimit(Resource::Nofile);
        // Refused at worst, and then as it was.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
        let files = getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files).ok());
        let total = self.max_connections.min(files.unwrap_or(usize::MAX).saturating_sub(FILES_KEPT));
        // Behind a proxy all of them come from one address.
        Limits { total, per_network: Limits::default().per_network.filter(|_| !self.behind_proxy) }
    }

    /// How the server is set up that listens on that address.
    ///
    /// # Errors
    /// What is wrong with the settings of mail.
    pub fn settings(&self, address: SocketAddr) -> Result<Settings> {
        let given = |option: &Option<String>| option.clone().filter(|text| !text.is_empty());
        let public_url = given(&self.public_url).map(|url| public_url(&url)).transpose()?;
        let mail = match given(&self.smtp_url) {
            Some(url) => {
                let from =
                    given(&self.mail_from).context("LATCHKEY_SMTP_URL needs LATCHKEY_MAIL_FROM, whom mail is from")?;
                // Not by which host a client happens to reach us: whoever asks must not choose where somebody's link leads.
                let console = public_url
                    .as_deref()
                    .context("LATCHKEY_SMTP_URL needs LATCHKEY_PUBLIC_URL, where links in mail lead")?;
                let mail = MailSettings::parse(&url, &from, console)?;
                match self.smtp_ca.as_ref().filter(|file| !file.is_empty()) {
                    Some(file) => {
                        let pem = fs::read(file);
                        let pem = pem.with_context(|| format!("LATCHKEY_SMTP_CA: {file} can’t be read"))?;
                        Some(mail.trusting(&pem)?)
                    }
                    None => Some(mail),
                }
            }
            None => None,
        };
        Ok(Settings {
            demo: self.records.demo,
            behind_proxy: self.behind_proxy,
            loopback_only: address.ip().is_loopback(),
            public_url,
            mail,
            waits_told_after: WAITS_TOLD_AFTER,
            ..Settings::default()
        })
    }
}

fn resolve(text: &str) -> Result<SocketAddr> {
    let mut addresses = text.to_socket_addrs().with_context(|| format!("{text} is not an address and a port"))?;
    addresses.next().with_context(|| format!("{text} has no address"))
}

impl Records {
    /// Opens the database, creating it if it is missing.
    ///
    /// # Errors
    /// As [`Records::locate`]; a database that can't be opened.
    pub async fn open(&self) -> Result<Store> {
        let (database, key) = self.locate()?;
        open_database(&database, key).await
    }

    /// Opens the existing database for inspection; the demonstration's if there is no other.
    ///
    /// # Errors
    /// As [`Records::open`], or there is none.
    pub async fn open_existing(&self) -> Result<Store> {
        let chosen = self.database()?;
        let demonstration = self.data.join(DEMO_DATABASE);
        let database = if !chosen.exists() && self.database_url.is_none() { demonstration } else { chosen.clone() };
        if !database.exists() {
            bail!("there is no database {}", chosen.display());
        }
        let (_, key) = self.locate()?;
        open_database(&database, key).await
    }

    /// Where the database is, and the master key; creates missing folders, and the key where there is no database yet.
    ///
    /// A demonstration has its own database, so that it can't be mistaken for the real one.
    ///
    /// # Errors
    /// A folder or key can't be read or created; the key to an existing database is missing. Another one is no use to it,
    /// so none is made.
    pub fn locate(&self) -> Result<(PathBuf, MasterKey)> {
        let database = self.database()?;
        // Only the owner may see anything here.
        let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty());
        for folder in [Some(self.data.as_path()), folder].into_iter().flatten() {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .with_context(|| format!("can't make the folder {}", folder.display()))?;
        }
        let key_file = self.master_key_file.clone().unwrap_or_else(|| self.data.join("master-key"));
        // The real database and the demonstration's share the key of their folder.
        let databases = [database.clone(), self.data.join(REAL_DATABASE), self.data.join(DEMO_DATABASE)];
        if let Some(existing) = databases.iter().find(|database| database.exists())
            && !key_file.exists()
        {
            bail!(
                "the master key of the database {} is missing: put your copy of it back as {}. No other was made, for no code in \
                 that database could be read with it",
                existing.display(),
                key_file.display()
            );
        }
        let key = master_key(&key_file, self.master_key_file.is_none())?;
        Ok((database, key))
    }

    fn database(&self) -> Result<PathBuf> {
        let Some(url) = &self.database_url else {
            return Ok(self.data.join(if self.demo { DEMO_DATABASE } else { REAL_DATABASE }));
        };
        if self.demo {
            // Its simulator and well-known people have no business with anybody's records.
            bail!(
                "--demo has a database of its own in the data folder: leave out --database-url and LATCHKEY_DATABASE_URL"
            );
        }
        match url.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path)) {
            Some(path) if !path.is_empty() => Ok(PathBuf::from(path)),
            // The URL itself may hold a password.
            _ => bail!("only databases of the form sqlite:PATH are supported"),
        }
    }
}

/// Opens the database at `path`, creating it if it is missing.
///
/// # Errors
/// It can't be opened.
pub async fn open_database(path: &Path, key: MasterKey) -> Result<Store> {
    Store::open(path, key).await.with_context(|| format!("can't open the database {}", path.display()))
}

/// Reads the master key, or with `make` creates it if there is no such file.
///
/// # Errors
/// The file can't be read or created, others may read it, or it doesn't hold a key.
pub fn master_key(file: &Path, make: bool) -> Result<MasterKey> {
    const VERSION: u32 = 1;
    let shown = file.display();
    if make && !file.exists() {
        let key = MasterKey::generate(VERSION)?;
        let text = Zeroizing::new(STANDARD.encode(key.expose()));
        let written =
            fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.write_all(b"\n")?;
                file.sync_all()
            });
        written.with_context(|| format!("can't make the master key {shown}"))?;
        tracing::info!(file = %shown, "made a master key; keep a copy apart from the database's backups");
        return Ok(key);
    }
    let text = fs::read_to_string(file).with_context(|| format!("can't read the master key {shown}"))?;
    let text = Zeroizing::new(text);
    let mode = fs::metadata(file).with_context(|| format!("can't read the master key {shown}"))?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("others may read the master key {shown}: chmod 600 it");
    }
    let bytes = Zeroizing::new(STANDARD.decode(text.trim()).unwrap_or_default());
    match <[u8; 32]>::try_from(bytes.as_slice()) {
        Ok(key) => Ok(MasterKey::new(VERSION, key)),
        Err(_) => bail!("the master key {shown} is not 32 bytes in base64"),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        serve: Serve,
    }

    fn serve(arguments: &[&str]) -> Serve {
        Program::parse_from(["a server"].iter().chain(arguments)).serve
    }

    #[test]
    fn a_demonstration_listens_on_loopback_only() {
        assert!(serve(&["--demo"]).address().is_ok());
        assert!(serve(&["--demo", "--listen", "[::1]:8080"]).address().is_ok());
        for listen in ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:80"] {
            assert!(serve(&["--demo", "--listen", listen]).address().is_err(), "{listen}");
            assert!(serve(&["--listen", listen]).address().is_ok(), "{listen}");
        }
    }

    #[test]
    fn it_is_known_whether_only_this_machine_can_connect() {
        let loopback_only = |listen: &str| {
            let serve = serve(&["--listen", listen]);
            serve.settings(serve.address().expect("an address")).expect("settings").loopback_only
        };
        for (listen, expected) in [
            ("127.0.0.1:80", true),
            ("[::1]:80", true),
            ("0.0.0.0:80", false),
            ("[::]:80", false),
            ("192.0.2.1:80", false),
        ] {
            assert_eq!(loopback_only(listen), expected, "{listen}");
        }
    }

    #[test]
    fn mail_needs_somebody_it_is_from_and_an_address_that_its_links_lead_to() {
        let mails = |arguments: &[&str]| {
            let serve = serve(arguments);
            serve.settings(serve.address().expect("an address")).map(|settings| settings.mail.is_some()).ok()
        };
        let (smtp, from) = (["--smtp-url", "smtp://127.0.0.1:25"], ["--mail-from", "keys@example.com"]);
        let public = ["--public-url", "https://keys.example.com"];
        assert_eq!(mails(&[]), Some(false));
        assert_eq!(mails(&public), Some(false));
        assert_eq!(mails(&[smtp, from].concat()), None);
        assert_eq!(mails(&[smtp, public].concat()), None);
        assert_eq!(mails(&[smtp, from, public].concat()), Some(true));
        assert_eq!(mails(&["--smtp-url", ""]), Some(false));
        let trusting = |file: &str| mails(&[&smtp[..], &from, &public, &["--smtp-ca", file]].concat());
        assert_eq!((trusting(""), trusting("/no/such/file"), trusting("Cargo.toml")), (Some(true), None, None));
    }

    #[test]
    fn the_master_key_is_created_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("master-key");
        assert!(master_key(&file, false).is_err());
        let made = master_key(&file, true).expect("made");
        let read = master_key(&file, true).expect("read");
        assert_eq!(made.expose(), read.expose());
        assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o600);

        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("set");
        assert!(master_key(&file, true).is_err());
    }

    #[test]
    fn the_database_is_in_the_data_folder_unless_said_otherwise() {
        let at = |arguments: &[&str]| serve(arguments).records.database().ok();
        assert_eq!(at(&["--data", "/d"]), Some("/d/latchkey.db".into()));
        assert_eq!(at(&["--data", "/d", "--demo"]), Some("/d/demo.db".into()));
        assert_eq!(at(&["--database-url", "sqlite:///x/y.db"]), Some("/x/y.db".into()));
        assert_eq!(at(&["--database-url", "sqlite:y.db"]), Some("y.db".into()));
        assert_eq!(at(&["--database-url", "postgres://localhost/x"]), None);
        assert_eq!(at(&["--demo", "--database-url", "sqlite:///x/y.db"]), None, "a demonstration has its own");
    }

    #[tokio::test]
    async fn an_existing_database_opens_with_its_own_key_alone_and_none_is_made() {
        for demo in [false, true] {
            let folder = tempfile::tempdir().expect("a folder");
            let records = serve(&["--data", folder.path().to_str().expect("text")]).records;
            let records = Records { demo, ..records };
            let store = records.open().await.expect("made");
            // Something is sealed with it.
            store.write_unrecorded(|tx| tx.request_fingerprint(b"x").map(|_| ())).await.expect("written");
            store.close().await;
            let key_file = folder.path().join("master-key");
            let copy = folder.path().join("copy");
            fs::rename(&key_file, &copy).expect("renamed");

            for inspecting in [false, true] {
                let opened = if inspecting { records.open_existing().await } else { records.open().await };
                let refused = format!("{:#}", opened.err().expect("refused"));
                assert!(refused.contains("master key of the database") && refused.contains("is missing"), "{refused}");
                assert!(!key_file.exists(), "none was made");
            }
            // Nor does the other kind of database make one beside it.
            assert!(
                Records { demo: !demo, ..serve(&["--data", folder.path().to_str().expect("text")]).records }
                    .open()
                    .await
                    .is_err()
            );

            master_key(&key_file, true).expect("another key");
            for inspecting in [false, true] {
                let opened = if inspecting { records.open_existing().await } else { records.open().await };
                let refused = format!("{:#}", opened.err().expect("refused"));
                assert!(refused.contains("not the master key of that database"), "{refused}");
            }
            fs::rename(&copy, &key_file).expect("renamed");
            records.open().await.expect("its own key").close().await;
        }
    }

    #[tokio::test]
    async fn inspecting_creates_no_database() {
        let folder = tempfile::tempdir().expect("a folder");
        let records = serve(&["--data", folder.path().to_str().expect("text")]).records;
        assert!(records.open_existing().await.is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);

        let demonstration = Records { demo: true, ..records };
        demonstration.open().await.expect("made").close().await;
        let records = Records { demo: false, ..demonstration };
        records.open_existing().await.expect("the demonstration's").close().await;
        assert!(!folder.path().join("latchkey.db").exists());
    }
}
