//! One server on one data folder with its locks, from beginning to end.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use ids::{GuestCodeId, LockId, TenancyId};
use store::Millis;
use tempfile::TempDir;

use crate::check::{self, Scene};
use crate::client::{Client, Credential};
use crate::deeds::{Deed, Ledger, NewGuest, now};
use crate::locks::{Locks, NewLock};
use crate::server::{Program, Server, free_address};
use crate::world::{DATABASE, MANAGER, Size, World};

/// What all faults have in common.
pub(crate) struct Suite {
    /// This program.
    pub(crate) executable: PathBuf,
    /// The program as it is shipped, for `audit verify`.
    pub(crate) latchkey: Option<PathBuf>,
    /// A few of each fault.
    pub(crate) short: bool,
    pub(crate) kills: u32,
    pub(crate) seed: u64,
}

/// How a stage is set.
pub(crate) struct Setting {
    pub(crate) size: Size,
    /// Where to keep the records instead of the stage's own folder.
    pub(crate) data: Option<PathBuf>,
    /// Additional environment variables of the server.
    pub(crate) environment: Vec<(&'static str, OsString)>,
}

impl Setting {
    pub(crate) fn of(size: Size) -> Self {
        Self { size, data: None, environment: Vec::new() }
    }
}

/// A server with its records, its locks and what it acknowledged.
pub(crate) struct Stage {
    folder: Option<TempDir>,
    pub(crate) program: Program,
    server: Option<Server>,
    pub(crate) world: Arc<World>,
    pub(crate) locks: Locks,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) client: Client,
    pub(crate) manager: Credential,
    latchkey: Option<PathBuf>,
    /// How far the server's clock is ahead of this machine's.
    pub(crate) ahead: Millis,
}

impl Stage {
    /// Makes the world, starts the server, and waits until every resident has their first code on their lock.
    pub(crate) async fn set(suite: &Suite, setting: Setting, rng: &mut fastrand::Rng) -> Result<Self> {
        let folder = TempDir::with_prefix("latchkey-faults-").context("a folder")?;
        // As the kernel names it, for strace.
        let path = folder.path().canonicalize()?;
        let data = setting.data.unwrap_or_else(|| path.join("data"));
        std::fs::create_dir_all(&data)?;
        let world = World::make(&data, setting.size, now()).await?;
        let all = world.doors.iter().map(|door| NewLock { id: door.lock, hub: door.hub, slots: door.slots });
        let locks = Locks::new(&path, &all.collect::<Vec<_>>(), rng)?;
        let address = free_address()?;
        let program = Program {
            executable: suite.executable.clone(),
            data,
            locks: locks.socket().to_owned(),
            log: path.join("server.log"),
            address,
            environment: setting.environment,
        };
        let client = Client::new(address.to_string())?;
        let mut server = program.start()?;
        server.ready(&client, Instant::now()).await?;
        let manager = client.sign_in(MANAGER).await?;
        let stage = Self {
            folder: Some(folder),
            program,
            server: Some(server),
            world: Arc::new(world),
            locks,
            ledger: Arc::default(),
            client,
            manager,
            latchkey: suite.latchkey.clone(),
            ahead: 0,
        };
        stage.check(Duration::from_secs(20)).await.context("before any fault")?;
        Ok(stage)
    }

    pub(crate) fn data(&self) -> &Path {
        &self.program.data
    }

    /// A folder for what tools need.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.as_ref().map(|folder| folder.path().join(name)).unwrap_or_default()
    }

    /// The server's process id.
    pub(crate) fn server_id(&self) -> Result<u32> {
        Ok(self.server.as_ref().context("the server is down")?.id())
    }

    pub(crate) fn kill(&mut self) -> Result<()> {
        self.server.take().context("the server is down")?.kill()
    }

    /// Starts the server without waiting for it.
    pub(crate) fn start(&mut self) -> Result<()> {
        self.server = Some(self.program.start()?);
        Ok(())
    }

    /// Starts the server on the same records. Returns how long it took until it was ready.
    pub(crate) async fn restart(&mut self) -> Result<Duration> {
        let since = Instant::now();
        self.start()?;
        self.server.as_mut().context("the server is down")?.ready(&self.client, since).await
    }

    /// Asks the server to stop, which takes ten seconds at most.
    pub(crate) async fn stop(&mut self) -> Result<Duration> {
        let (status, took) = self.server.take().context("the server is down")?.stop(Duration::from_secs(10)).await?;
        ensure!(status.success(), "the server stopped with {status}");
        Ok(took)
    }

    /// Makes the server believe that a lock has no more slots than that.
    pub(crate) fn leave_slots(&self, lock: LockId, slots: usize) -> Result<()> {
        let db = rusqlite::Connection::open(self.data().join(DATABASE))?;
        db.busy_timeout(Duration::from_secs(5))?;
        ensure!(db.execute("UPDATE lock SET slots_total = ? WHERE id = ?", (slots as i64, lock))? == 1, "no such lock");
        Ok(())
    }

    /// Checks what must hold once nothing is due any more.
    pub(crate) async fn check(&self, quiet_within: Duration) -> Result<String> {
        self.scene().check(quiet_within).await
    }

    pub(crate) fn scene(&self) -> Scene<'_> {
        Scene {
            data: self.data(),
            world: &self.world,
            locks: &self.locks,
            ledger: &self.ledger,
            client: &self.client,
            manager: &self.manager,
            ahead: self.ahead,
        }
    }

    /// Does something, trying until it is answered as a browser would. Returns which guest code was issued, if one was.
    pub(crate) async fn done(&self, deed: &Deed) -> Result<Option<GuestCodeId>> {
        let answer = self.client.until_answered(&deed.who, &deed.request).await?;
        self.ledger.settle(deed, &answer)
    }

    /// People move in by an import as the manager's, trying until it is answered. Returns the import, which can be undone, and
    /// their tenancies.
    pub(crate) async fn imported(
        &self,
        rows: &[(String, String, usize)],
    ) -> Result<(String, Vec<(TenancyId, String)>)> {
        let deed = Deed::import(&self.world, &self.manager, rows, &self.ledger);
        let answer = self.client.until_answered(&deed.who, &deed.request).await?;
        self.ledger.settle(&deed, &answer)?;
        let import = answer.body["import_id"].as_str().context("an import without its id")?.to_owned();
        let mut moved_in = Vec::new();
        for (_, email, _) in rows {
            moved_in.push((self.tenancy_of(email).await?, email.clone()));
        }
        Ok((import, moved_in))
    }

    /// Issues a guest code as the manager, trying until it is answered.
    pub(crate) async fn issued(&self, new: NewGuest) -> Result<GuestCodeId> {
        self.done(&Deed::issue(&self.world, &self.manager, new)).await?.context("it wasn't issued")
    }

    /// Waits until a guest code is on all of its locks.
    pub(crate) async fn on_its_locks(&self, id: GuestCodeId, within: Duration) -> Result<Duration> {
        let guest = self.ledger.guest(id)?;
        let there = || guest.new.doors.iter().all(|door| self.locks.holds(self.world.doors[*door].lock, &guest.code));
        check::until("a code is on its locks", within, async || Ok(there())).await
    }

    /// Waits until a guest code is on none of its locks.
    pub(crate) async fn off_its_locks(&self, id: GuestCodeId, within: Duration) -> Result<Duration> {
        let guest = self.ledger.guest(id)?;
        let there = || guest.new.doors.iter().any(|door| self.locks.holds(self.world.doors[*door].lock, &guest.code));
        check::until("a code is off its locks", within, async || Ok(!there())).await
    }

    /// Somebody's current tenancy.
    pub(crate) async fn tenancy_of(&self, email: &str) -> Result<TenancyId> {
        tenancy_of(&self.client, &self.manager, &self.world, email).await
    }

    /// Finishes: verifies the log as an operator would, with the server running and stopped, and checks that there are
    /// no digits where they mustn't be (R32).
    pub(crate) async fn end(mut self) -> Result<String> {
        let found = self.end_well().await;
        found.map_err(|error| error.context(self.keep()))
    }

    async fn end_well(&mut self) -> Result<String> {
        let mut said = Vec::new();
        self.verify_log()?;
        let took = self.stop().await.context("stopping at the end")?;
        if self.verify_log()? {
            said.push("latchkey audit verify says intact".to_owned());
        } else {
            said.push("latchkey audit verify not run: build the server and name it with --latchkey".to_owned());
        }
        let looked_for = check::look_for_digits(&self.ledger, &self.program.logged()?, self.data())?;
        said.push(format!("the digits of {looked_for} codes are in no log and no file"));
        said.push(format!("stopped in {:.2} s", took.as_secs_f64()));
        Ok(said.join("; "))
    }

    /// Runs `latchkey audit verify` if the program is available.
    fn verify_log(&self) -> Result<bool> {
        let Some(latchkey) = &self.latchkey else { return Ok(false) };
        let mut command = Command::new(latchkey);
        command.args(["audit", "verify", "--data"]).arg(self.data());
        let output = command.output().with_context(|| format!("starting {}", latchkey.display()))?;
        if !output.status.success() {
            bail!("latchkey audit verify: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(true)
    }

    /// Keeps the folder for investigating a failure. Returns where it is.
    pub(crate) fn keep(mut self) -> String {
        self.server = None;
        match self.folder.take() {
            Some(folder) => format!("its records and log are kept in {}", folder.keep().display()),
            None => String::new(),
        }
    }
}

/// Somebody's current tenancy, as a manager finds it.
pub(crate) async fn tenancy_of(client: &Client, manager: &Credential, world: &World, email: &str) -> Result<TenancyId> {
    let path = format!("/properties/{}/residents?q={email}&limit=200", world.property);
    let answer = client.get(manager, &path).await?;
    // The search finds words within others too.
    let mut found = answer.body["items"].as_array().into_iter().flatten();
    let id = found.find(|resident| resident["email"] == email).and_then(|resident| resident["id"].as_str());
    Ok(id.with_context(|| format!("{email} was acknowledged to have moved in and isn't found"))?.parse()?)
}
