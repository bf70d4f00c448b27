//! Putting a code on the locks of some doors: which digits are free there, and what is wanted on the locks.

use std::cell::RefCell;
use std::collections::HashSet;

use access_code::{Code, Length, OsRandom, RandomCodeError, random_code};
use api_types::ProblemCode;
use ids::{CodeId, LockId, PlacementId};
use store::doors::DoorRecord;
use store::placements::{self, NewPlacement};
use store::vault::{Fingerprint, Fingerprinter};
use store::{Millis, Tx};

use super::{Failure, Refusal, digits};

/// The locks that a code is to go on.
pub struct Locks {
    doors: Vec<DoorRecord>,
    fingerprinters: Vec<Fingerprinter>,
}

/// How many random codes are looked up one by one; if none of them is free, everything taken is read at once.
const MAX_LOOKUPS: usize = 8;

impl Locks {
    /// The locks of these doors. Nobody else changes what is on them during the transaction.
    pub fn of_doors(tx: &Tx, doors: Vec<DoorRecord>) -> store::Result<Self> {
        let fingerprinters = doors.iter().map(|door| tx.fingerprinter(door.lock_id));
        let fingerprinters = fingerprinters.collect::<store::Result<_>>()?;
        Ok(Self { doors, fingerprinters })
    }

    /// The doors.
    pub fn doors(&self) -> &[DoorRecord] {
        &self.doors
    }

    /// The code that has these digits on any of the locks now (R11).
    pub fn holder_of(&self, tx: &Tx, code: &Code) -> store::Result<Option<CodeId>> {
        for (door, lock) in self.doors.iter().zip(&self.fingerprinters) {
            if let Some(holder) = placements::holder_of(tx, door.lock_id, &lock.fingerprint(code))? {
                return Ok(Some(holder));
            }
        }
        Ok(None)
    }

    /// A random code that is free on every one of the locks (R17, R18), and whose digits aren't in what is said about it
    /// (`in_words`, R45).
    ///
    /// It costs the same however many codes the locks hold, unless nearly all are taken.
    ///
    /// # Errors
    /// `codes_exhausted`, or the store's error, including when the operating system supplies no randomness.
    pub fn random_code(&self, tx: &Tx, length: Length, in_words: &[&str]) -> Result<Code, Failure> {
        let failed = RefCell::new(None);
        let mut looked_up = 0;
        let mut taken: Option<HashSet<Fingerprint>> = None;
        let found = random_code(length, &mut OsRandom, |code| {
            if in_words.iter().any(|text| digits::are_in(text, code)) {
                return false;
            }
            looked_up += 1;
            if looked_up > MAX_LOOKUPS && taken.is_none() {
                match self.taken(tx) {
                    Ok(all) => taken = Some(all),
                    Err(error) => *failed.borrow_mut() = Some(error),
                }
            }
            let free = match &taken {
                Some(taken) => Ok(self.fingerprinters.iter().all(|lock| !taken.contains(&lock.fingerprint(code)))),
                None => self.holder_of(tx, code).map(|holder| holder.is_none()),
            };
            // After a failure any code will do, as it isn't used.
            free.unwrap_or_else(|error| {
                *failed.borrow_mut() = Some(error);
                true
            })
        });
        if let Some(error) = failed.into_inner() {
            return Err(error.into());
        }
        found.map_err(|error| match error {
            RandomCodeError::Exhausted => Refusal::new(
                ProblemCode::CodesExhausted,
                "No code of this length is free on these doors. Choose the other length, or revoke codes that are no \
                 longer needed.",
            )
            .into(),
            RandomCodeError::SourceFailed => Failure::Store(store::Error::NoRandomness),
        })
    }

    /// The fingerprints of all live codes. They are keyed by lock, so those of all locks can go into one set.
    fn taken(&self, tx: &Tx) -> store::Result<HashSet<Fingerprint>> {
        let mut taken = HashSet::new();
        for door in &self.doors {
            taken.extend(placements::fingerprints(tx, door.lock_id)?);
        }
        Ok(taken)
    }

    /// Places the code on every lock, wanted from now on or later (`wanted`).
    ///
    /// `replaces` gives, by lock, the placement it replaces (R27).
    pub fn place(
        &self,
        tx: &Tx,
        code_id: CodeId,
        code: &Code,
        wanted: bool,
        replaces: &[(LockId, PlacementId)],
        now: Millis,
    ) -> store::Result<()> {
        for (door, lock) in self.doors.iter().zip(&self.fingerprinters) {
            let replaced = replaces.iter().find(|(lock_id, _)| *lock_id == door.lock_id).map(|(_, id)| *id);
            let fingerprint = lock.fingerprint(code);
            placements::insert(tx, &NewPlacement { code_id, door, fingerprint, wanted, replaces: replaced }, now)?;
        }
        Ok(())
    }
}
