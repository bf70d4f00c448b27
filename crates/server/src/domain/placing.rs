//! Putting a code on the locks of some doors: which digits are free there, and the wish itself.

use std::collections::HashSet;

use access_code::{Code, Length, OsRandom, RandomCodeError, random_code};
use store::doors::DoorRecord;
use store::placements::{self, NewPlacement};
use store::vault::{Fingerprint, Fingerprinter};
use store::{Millis, Store, Tx};
use uuid::Uuid;

use super::{Failure, Refusal};

/// The locks that one code is to go to, with what is taken on each.
pub struct Locks {
    doors: Vec<DoorRecord>,
    fingerprinters: Vec<Fingerprinter>,
    taken: HashSet<Fingerprint>,
}

impl Locks {
    /// Looks at the locks of these doors. Nobody else changes them within the transaction.
    pub async fn look_at(store: &Store, tx: &mut Tx, doors: Vec<DoorRecord>) -> store::Result<Self> {
        let mut fingerprinters = Vec::with_capacity(doors.len());
        let mut taken = HashSet::new();
        for door in &doors {
            fingerprinters.push(store.vault().fingerprinter(tx, door.lock_id).await?);
            // Fingerprints are keyed by lock, so those of all locks go into one set.
            taken.extend(placements::fingerprints(tx, door.lock_id).await?);
        }
        Ok(Self { doors, fingerprinters, taken })
    }

    /// The doors.
    pub fn doors(&self) -> &[DoorRecord] {
        &self.doors
    }

    /// No live code on any of the locks has these digits (R11).
    pub fn is_free(&self, code: &Code) -> bool {
        self.fingerprinters.iter().all(|lock| !self.taken.contains(&lock.fingerprint(code)))
    }

    /// The code that has these digits on any of the locks now.
    pub async fn holder_of(&self, tx: &mut Tx, code: &Code) -> store::Result<Option<Uuid>> {
        for (door, lock) in self.doors.iter().zip(&self.fingerprinters) {
            if let Some(holder) = placements::holder_of(tx, door.lock_id, &lock.fingerprint(code)).await? {
                return Ok(Some(holder));
            }
        }
        Ok(None)
    }

    /// A random code that is free on every one of the locks (R17, R18).
    ///
    /// # Errors
    /// `codes_exhausted`, or the store's error when the operating system gives no randomness.
    pub fn random_code(&self, length: Length) -> Result<Code, Failure> {
        random_code(length, &mut OsRandom, |code| self.is_free(code)).map_err(|error| match error {
            RandomCodeError::Exhausted => Refusal::new(
                "codes_exhausted",
                "No code of this length is free on these doors. Take the other length, or revoke codes that are no \
                 longer needed.",
            )
            .into(),
            RandomCodeError::SourceFailed => Failure::Store(store::Error::NoRandomness),
        })
    }

    /// Wishes the code onto every lock, from now on or later (`wanted`).
    ///
    /// `replaces` gives, by lock, the placement whose place it takes (R27).
    pub async fn place(
        &self,
        tx: &mut Tx,
        code_id: Uuid,
        code: &Code,
        wanted: bool,
        replaces: &[(Uuid, Uuid)],
        now: Millis,
    ) -> store::Result<()> {
        for (door, lock) in self.doors.iter().zip(&self.fingerprinters) {
            let replaced = replaces.iter().find(|(lock_id, _)| *lock_id == door.lock_id).map(|(_, id)| *id);
            let fingerprint = lock.fingerprint(code);
            placements::insert(tx, &NewPlacement { code_id, door, fingerprint, wanted, replaces: replaced }, now)
                .await?;
        }
        Ok(())
    }
}
