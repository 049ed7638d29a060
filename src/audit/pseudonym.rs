//! What stands in the audit for a person: HMAC-SHA256 of the document's number, under a key that is
//! made at the first start and never leaves the machine. So the rows about one person can be found
//! by who has the person's number and this machine, the rows of two kiosks cannot be put together,
//! and a copy of the ledger alone names nobody.

use std::{fmt, path::Path};

use aws_lc_rs::hmac;

use crate::{
    domain::{HolderNumber, Stop, hex::hex},
    store::{StoreError, secret},
};

/// The key's file in the data directory.
const FILE: &str = "audit-key";

/// The key of the pseudonyms of this machine.
pub struct PseudonymKey(hmac::Key);

/// A person in the audit: 32 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pseudonym(String);

impl PseudonymKey {
    /// Reads the key in `directory`, or makes it, for its owner's eyes only; says whether it was
    /// made.
    ///
    /// # Errors
    /// When the file cannot be read or made, or is no key: then nothing can be recorded about
    /// anybody until it has been put right, which is better than a second key in silence.
    pub fn open(directory: &Path) -> Result<(Self, bool), StoreError> {
        let (key, is_new) = secret::key(&directory.join(FILE))
            .map_err(|e| StoreError::new(Stop::StoreReadOnly, format!("{FILE}: {e}")))?;
        Ok((Self(hmac::Key::new(hmac::HMAC_SHA256, &*key)), is_new))
    }

    /// The pseudonym of who has this number: half of the code, which 64 bits of work do not find
    /// twice.
    pub fn of(&self, number: &HolderNumber) -> Pseudonym {
        let code = hmac::sign(&self.0, number.expose().as_bytes());
        Pseudonym(hex(&code.as_ref()[..16]))
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey")
    }
}

impl Pseudonym {
    /// Its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
