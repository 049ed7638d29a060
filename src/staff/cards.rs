//! The staff's ID cards: who may lay a card instead of holding the town's name.
//!
//! A number is never stored, only HMAC-SHA256 of it under a key that is made on this machine and
//! never leaves it. The key does not protect against someone who copies both files and tries all
//! numbers; it keeps lists of different kiosks from being compared, and numbers out of backups that
//! leave the key out.

use std::{collections::BTreeSet, io};

use aws_lc_rs::hmac;
use kiosk_base::{
    domain::{HolderNumber, hex::hex},
    store::secret,
};

use super::{StaffSettings, read_small};

/// Most cards in the list: more staff than any town has.
pub const CARDS_MAX: usize = 64;

const FIRST_LINE: &str = "staff-cards 1";

/// The list of staff cards. Read once; [`load`](Self::load) again to see what another process
/// changed.
#[derive(Debug)]
pub struct StaffCards {
    settings: StaffSettings,
    /// `None` until the first card is added.
    key: Option<hmac::Key>,
    hashes: BTreeSet<String>,
}

/// Why the list could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum StaffCardsError {
    /// A file cannot be read or written.
    #[error("{path}：{error}；请让当前用户能读能写")]
    Io {
        /// Which file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// A file makes no sense, or one of the two is missing.
    #[error("{0} 已损坏；请删掉 staff-cards 和 staff-card-key 两个文件，再重新加卡")]
    Damaged(String),
    /// There are [`CARDS_MAX`] already.
    #[error("已经有 64 张工作人员的卡；请先去掉一张")]
    Full,
}

impl StaffCards {
    /// Reads the list; an absent one is empty.
    ///
    /// # Errors
    /// When a file cannot be read or is damaged.
    pub fn load(settings: StaffSettings) -> Result<Self, StaffCardsError> {
        let read = |path| read_small(path).map_err(|error| io_error(path, error));
        let key = match read(&settings.card_key)? {
            None => None,
            Some(text) => Some(parse_key(&text).ok_or_else(|| damaged(&settings.card_key))?),
        };
        let hashes = match read(&settings.cards)? {
            None => BTreeSet::new(),
            Some(text) => parse_hashes(&text).ok_or_else(|| damaged(&settings.cards))?,
        };
        if key.is_none() && !hashes.is_empty() {
            return Err(damaged(&settings.card_key));
        }
        Ok(Self { settings, key, hashes })
    }

    /// Puts a card on the list and stores it. False when it was there already.
    ///
    /// # Errors
    /// When the list is full or cannot be written.
    pub fn add(&mut self, number: &HolderNumber) -> Result<bool, StaffCardsError> {
        let key = match &self.key {
            Some(key) => key,
            None => {
                let key = self.make_key()?;
                self.key.insert(key)
            }
        };
        let hash = hash(key, number);
        if self.hashes.contains(&hash) {
            return Ok(false);
        }
        if self.hashes.len() >= CARDS_MAX {
            return Err(StaffCardsError::Full);
        }
        self.hashes.insert(hash);
        self.store()?;
        Ok(true)
    }

    /// Takes a card off the list and stores it. False when it was not there.
    ///
    /// # Errors
    /// When the list cannot be written.
    pub fn remove(&mut self, number: &HolderNumber) -> Result<bool, StaffCardsError> {
        let Some(key) = &self.key else { return Ok(false) };
        let removed = self.hashes.remove(&hash(key, number));
        if removed {
            self.store()?;
        }
        Ok(removed)
    }

    /// Whether the card is a staff card.
    pub fn contains(&self, number: &HolderNumber) -> bool {
        self.key.as_ref().is_some_and(|key| self.hashes.contains(&hash(key, number)))
    }

    /// How many cards are on the list.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    fn make_key(&self) -> Result<hmac::Key, StaffCardsError> {
        let path = &self.settings.card_key;
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes)
            .map_err(|_| io_error(path, io::Error::other("系统给不出随机数")))?;
        secret::replace(path, format!("{}\n", hex(&bytes)).as_bytes())
            .map_err(|error| io_error(path, error))?;
        Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
    }

    fn store(&self) -> Result<(), StaffCardsError> {
        let mut text = format!("{FIRST_LINE}\n");
        for hash in &self.hashes {
            text.push_str(hash);
            text.push('\n');
        }
        let path = &self.settings.cards;
        secret::replace(path, text.as_bytes()).map_err(|error| io_error(path, error))
    }
}

fn hash(key: &hmac::Key, number: &HolderNumber) -> String {
    hex(hmac::sign(key, number.expose().as_bytes()).as_ref())
}

fn parse_key(text: &str) -> Option<hmac::Key> {
    let digits = text.trim();
    if !is_hash(digits) {
        return None;
    }
    let bytes: Vec<u8> = (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16))
        .collect::<Result<_, _>>()
        .ok()?;
    Some(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

fn parse_hashes(text: &str) -> Option<BTreeSet<String>> {
    let mut lines = text.lines();
    if lines.next() != Some(FIRST_LINE) {
        return None;
    }
    let hashes: BTreeSet<String> =
        lines.map(|line| is_hash(line).then(|| line.to_owned())).collect::<Option<_>>()?;
    (hashes.len() <= CARDS_MAX).then_some(hashes)
}

/// 256 bits in lower-case hex.
fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn io_error(path: &std::path::Path, error: io::Error) -> StaffCardsError {
    StaffCardsError::Io { path: path.display().to_string(), error }
}

fn damaged(path: &std::path::Path) -> StaffCardsError {
    StaffCardsError::Damaged(path.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const ONE: &str = "510599198507150012";
    const OTHER: &str = "51059919610320058X";

    fn number(text: &str) -> HolderNumber {
        HolderNumber::parse(text).expect("a valid test number")
    }

    #[test]
    fn cards_are_added_found_and_removed_across_restarts() {
        let directory = tempfile::tempdir().expect("a directory");
        let settings = StaffSettings::in_dir(directory.path());
        let mut cards = StaffCards::load(settings.clone()).expect("an absent list is empty");
        assert!(cards.is_empty() && !cards.contains(&number(ONE)));
        assert!(cards.add(&number(ONE)).expect("there is room"));
        assert!(!cards.add(&number(ONE)).expect("there is room"));

        let mut again = StaffCards::load(settings.clone()).expect("it was stored");
        assert_eq!(again.len(), 1);
        assert!(again.contains(&number(ONE)) && !again.contains(&number(OTHER)));
        assert!(!again.remove(&number(OTHER)).expect("it can be written"));
        assert!(again.remove(&number(ONE)).expect("it can be written"));
        assert!(StaffCards::load(settings).expect("it was stored").is_empty());
    }

    #[test]
    fn files_hold_no_number_and_are_for_the_owner_only() {
        let directory = tempfile::tempdir().expect("a directory");
        let settings = StaffSettings::in_dir(directory.path());
        let mut cards = StaffCards::load(settings.clone()).expect("an absent list is empty");
        cards.add(&number(ONE)).expect("there is room");
        for path in [&settings.cards, &settings.card_key] {
            let content = std::fs::read_to_string(path).expect("it was written");
            assert!(content.len() > 64 && !content.contains("19850715"));
            let mode = std::fs::metadata(path).expect("it was written").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn two_kiosks_have_different_hashes_of_one_card() {
        let list = || {
            let directory = tempfile::tempdir().expect("a directory");
            let settings = StaffSettings::in_dir(directory.path());
            let mut cards = StaffCards::load(settings).expect("an absent list is empty");
            cards.add(&number(ONE)).expect("there is room");
            cards.hashes
        };
        assert_ne!(list(), list());
    }

    #[test]
    fn the_list_has_a_limit_and_damage_is_told() {
        let directory = tempfile::tempdir().expect("a directory");
        let settings = StaffSettings::in_dir(directory.path());
        let mut cards = StaffCards::load(settings.clone()).expect("an absent list is empty");
        cards.add(&number(ONE)).expect("there is room");
        cards.hashes = (0..CARDS_MAX).map(|i| format!("{i:064x}")).collect();
        assert!(matches!(cards.add(&number(OTHER)), Err(StaffCardsError::Full)));

        std::fs::remove_file(&settings.card_key).expect("it is there");
        assert!(matches!(StaffCards::load(settings.clone()), Err(StaffCardsError::Damaged(_))));
        std::fs::write(&settings.card_key, "00").expect("it can be written");
        assert!(matches!(StaffCards::load(settings), Err(StaffCardsError::Damaged(_))));
    }
}
