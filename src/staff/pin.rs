//! The staff PIN and its lock-out.
//!
//! The PIN's argon2id hash lies in one file that only `kiosk staff pin` writes; the errors since
//! the last right PIN lie in another that only the kiosk writes, together with a digest of the
//! hash they are about. So a new PIN makes old errors void, and neither program can overwrite what
//! the other wrote.
//!
//! Four errors are free. After the fifth one waits 15 s, and twice as long after each that follows;
//! after the fifteenth nothing helps but `kiosk staff pin`. An attempt is counted before it is
//! judged, so that pulling the plug in between wins nothing. Waits run on monotonic time alone, and
//! a restart begins the wait anew: neither turning the clock nor restarting unlocks.

use std::time::{Duration, Instant};

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier, password_hash::SaltString};
use kiosk_base::{
    domain::{Stop, hex::hex},
    store::secret,
};
use serde::{Deserialize, Serialize};

use super::{StaffSettings, read_small};

mod rules;

pub use rules::{Pin, WeakPin};

/// From this error on, one waits.
const ERRORS_BEFORE_WAIT: u32 = 5;

/// From this error on, only a new PIN helps.
const ERRORS_BEFORE_LOCK: u32 = 15;

/// The first wait; each that follows is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(15);

/// Why a PIN was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinRefusal {
    /// Wrong; the next attempt may follow at once.
    Wrong,
    /// Wrong, or not even looked at: the next attempt may follow after this time.
    Wait(Duration),
    /// No attempt is accepted until a new PIN is set with `kiosk staff pin`.
    Locked,
    /// No PIN is set, or its file cannot be read.
    Unset,
}

impl PinRefusal {
    /// The row of the failure-code book.
    pub fn stop(self) -> Stop {
        match self {
            Self::Wrong => Stop::PinWrong,
            Self::Wait(_) | Self::Locked => Stop::PinLocked,
            Self::Unset => Stop::PinUnset,
        }
    }

    /// Whole seconds until the next attempt is looked at, rounded up; 0 where waiting does not
    /// help or is not needed.
    pub fn wait_seconds(self) -> u32 {
        match self {
            Self::Wait(left) => u32::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX),
            Self::Wrong | Self::Locked | Self::Unset => 0,
        }
    }
}

/// Judges PINs and remembers errors. One for the whole life of the kiosk.
#[derive(Debug)]
pub struct PinLock {
    settings: StaffSettings,
    errors: Errors,
    /// When the next attempt is looked at.
    open_from: Instant,
}

/// Errors since the last right PIN, about the hash with this digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Errors {
    about: String,
    count: u32,
}

/// Sets the PIN, replacing any before it and voiding its errors. Takes some tenths of a second.
///
/// # Errors
/// When the file cannot be written.
pub fn set(settings: &StaffSettings, pin: &Pin) -> std::io::Result<()> {
    set_with(settings, pin, &Argon2::default())
}

fn set_with(settings: &StaffSettings, pin: &Pin, argon: &Argon2<'_>) -> std::io::Result<()> {
    let other = |_| std::io::Error::other("系统给不出随机数");
    let mut salt = [0; 16];
    aws_lc_rs::rand::fill(&mut salt).map_err(other)?;
    let salt = SaltString::encode_b64(&salt).expect("16 bytes are a valid salt");
    let hash =
        argon.hash_password(pin.expose().as_bytes(), &salt).map_err(std::io::Error::other)?;
    secret::replace(&settings.pin, format!("{hash}\n").as_bytes())
}

/// Whether a PIN is set and readable.
pub fn is_set(settings: &StaffSettings) -> bool {
    stored_hash(settings).is_some()
}

// === impl PinLock ===

impl PinLock {
    /// Takes up the count where the last run left it. When that count calls for a wait, the wait
    /// begins at `now`.
    pub fn open(settings: StaffSettings, now: Instant) -> Self {
        let errors = match read_small(&settings.pin_errors) {
            Ok(None) => Errors { about: String::new(), count: 0 },
            // What cannot be read counts as used up. No resident can bring that about, and a new
            // PIN mends it.
            Ok(Some(text)) => serde_json::from_str(&text).unwrap_or_else(|_| used_up(&settings)),
            Err(_) => used_up(&settings),
        };
        let mut lock = Self { settings, errors, open_from: now };
        if let Some(hash) = stored_hash(&lock.settings) {
            lock.forget_errors_about_another(&hash, now);
        }
        lock.open_from = now + wait_after(lock.errors.count);
        lock
    }

    /// Judges `text`. Takes some tenths of a second, so not on the screen's thread.
    ///
    /// # Errors
    /// Says how it goes on.
    pub fn check(&mut self, text: &str, now: Instant) -> Result<(), PinRefusal> {
        let hash = stored_hash(&self.settings).ok_or(PinRefusal::Unset)?;
        self.forget_errors_about_another(&hash, now);
        if let Some(refusal) = self.refusal(now) {
            return Err(refusal);
        }
        self.errors.count += 1;
        self.store_errors();
        // The parameters stand in the hash. A hash that does not parse was refused as unset.
        let parsed = PasswordHash::new(&hash).map_err(|_| PinRefusal::Unset)?;
        let right = Argon2::default().verify_password(text.as_bytes(), &parsed).is_ok();
        if right {
            self.errors.count = 0;
            self.store_errors();
            return Ok(());
        }
        self.open_from = now + wait_after(self.errors.count);
        Err(self.refusal(now).unwrap_or(PinRefusal::Wrong))
    }

    /// Why an attempt at `now` would not even be looked at, for the page that asks for the PIN.
    pub fn refusal(&self, now: Instant) -> Option<PinRefusal> {
        if self.errors.count >= ERRORS_BEFORE_LOCK {
            return Some(PinRefusal::Locked);
        }
        let left = self.open_from.saturating_duration_since(now);
        (!left.is_zero()).then_some(PinRefusal::Wait(left))
    }

    /// Errors and wait belong to the PIN they were made with.
    fn forget_errors_about_another(&mut self, hash: &str, now: Instant) {
        let about = digest(hash);
        if self.errors.about != about {
            self.open_from = now;
            self.errors = Errors { about, count: 0 };
        }
    }

    /// Keeps the count. On a full or read-only disk it goes on in memory only: the staff, who are
    /// to mend the disk, must not be shut out by it.
    fn store_errors(&self) {
        let text = serde_json::to_string(&self.errors).expect("a text and a number are JSON");
        if let Err(error) = secret::replace(&self.settings.pin_errors, text.as_bytes()) {
            tracing::warn!(%error, "the count of PIN errors could not be stored");
        }
    }
}

fn used_up(settings: &StaffSettings) -> Errors {
    let about = stored_hash(settings).map(|hash| digest(&hash)).unwrap_or_default();
    Errors { about, count: ERRORS_BEFORE_LOCK }
}

/// The stored hash, when there is one that makes sense.
fn stored_hash(settings: &StaffSettings) -> Option<String> {
    let text = read_small(&settings.pin).ok().flatten()?;
    let hash = text.trim();
    PasswordHash::new(hash).ok()?;
    Some(hash.to_owned())
}

fn digest(hash: &str) -> String {
    hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, hash.as_bytes()).as_ref())
}

/// The wait after the `count`th error.
fn wait_after(count: u32) -> Duration {
    match count.checked_sub(ERRORS_BEFORE_WAIT) {
        None => Duration::ZERO,
        Some(more) => FIRST_WAIT * (1 << more.min(ERRORS_BEFORE_LOCK)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A lock with a PIN set at the least cost that argon2 allows.
    fn lock() -> (tempfile::TempDir, PinLock, Instant) {
        let directory = tempfile::tempdir().expect("a directory");
        let settings = StaffSettings::in_dir(directory.path());
        set_cheaply(&settings, "804713");
        let now = Instant::now();
        (directory, PinLock::open(settings, now), now)
    }

    fn set_cheaply(settings: &StaffSettings, pin: &str) {
        let params = argon2::Params::new(8, 1, 1, None).expect("allowed");
        let argon = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
        let pin = Pin::parse(pin).expect("a good PIN");
        set_with(settings, &pin, &argon).expect("the directory can be written");
    }

    /// `count` wrong PINs, each as soon as it is looked at. Returns the time after the last.
    fn fail(lock: &mut PinLock, mut now: Instant, count: u32) -> Instant {
        for _ in 0..count {
            if let Some(PinRefusal::Wait(wait)) = lock.refusal(now) {
                now += wait;
            }
            assert!(lock.check("000001", now).is_err());
        }
        now
    }

    #[test]
    fn a_pin_is_stored_as_an_argon2id_hash_for_the_owner_only() {
        use std::os::unix::fs::PermissionsExt;

        let directory = tempfile::tempdir().expect("a directory");
        let settings = StaffSettings::in_dir(&directory.path().join("new"));
        assert!(!is_set(&settings));
        set(&settings, &Pin::parse("804713").expect("a good PIN")).expect("it can be written");
        assert!(is_set(&settings));
        let stored = std::fs::read_to_string(&settings.pin).expect("it was written");
        assert!(stored.starts_with("$argon2id$") && !stored.contains("804713"));
        let mode = std::fs::metadata(&settings.pin).expect("it was written").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let now = Instant::now();
        assert_eq!(PinLock::open(settings, now).check("804713", now), Ok(()));
    }

    #[test]
    fn the_wait_begins_at_the_fifth_error_and_doubles() {
        let (_directory, mut lock, now) = lock();
        for _ in 0..4 {
            assert_eq!(lock.check("000001", now), Err(PinRefusal::Wrong));
        }
        let seconds = Duration::from_secs;
        assert_eq!(lock.check("000001", now), Err(PinRefusal::Wait(seconds(15))));
        let nearly = Duration::from_millis(14_001);
        assert_eq!(lock.refusal(now + nearly).map(PinRefusal::wait_seconds), Some(1));
        // Not even the right one is looked at, and asking does not make it longer.
        assert_eq!(lock.check("804713", now + seconds(5)), Err(PinRefusal::Wait(seconds(10))));
        let now = now + seconds(15);
        assert_eq!(lock.check("000001", now), Err(PinRefusal::Wait(seconds(30))));
        let now = now + seconds(30);
        assert_eq!(lock.check("804713", now), Ok(()));
        assert_eq!(lock.check("000001", now), Err(PinRefusal::Wrong));
    }

    #[test]
    fn after_fifteen_errors_only_a_new_pin_helps() {
        let (_directory, mut lock, now) = lock();
        let now = fail(&mut lock, now, 14);
        assert_eq!(lock.refusal(now), Some(PinRefusal::Wait(Duration::from_secs(15 * 512))));
        let now = fail(&mut lock, now, 1);
        let much_later = now + Duration::from_secs(365 * 86_400);
        assert_eq!(lock.check("804713", much_later), Err(PinRefusal::Locked));
        set_cheaply(&lock.settings, "629184");
        assert_eq!(lock.check("629184", much_later), Ok(()));
    }

    #[test]
    fn a_restart_keeps_the_count_and_begins_the_wait_anew() {
        let (_directory, mut lock, now) = lock();
        let now = fail(&mut lock, now, 6);
        let mut restarted = PinLock::open(lock.settings.clone(), now + Duration::from_secs(29));
        let later = now + Duration::from_secs(31);
        assert_eq!(
            restarted.check("804713", later),
            Err(PinRefusal::Wait(Duration::from_secs(28)))
        );
        fail(&mut restarted, later, 9);
        let mut locked = PinLock::open(lock.settings.clone(), later);
        let much_later = later + Duration::from_secs(86_400);
        assert_eq!(locked.check("804713", much_later), Err(PinRefusal::Locked));
    }

    #[test]
    fn an_error_is_stored_at_once() {
        let (_directory, mut lock, now) = lock();
        fail(&mut lock, now, 1);
        let stored = std::fs::read_to_string(&lock.settings.pin_errors).expect("it was written");
        let errors: Errors = serde_json::from_str(&stored).expect("it is ours");
        assert_eq!(errors.count, 1);
    }

    #[test]
    fn a_count_that_cannot_be_read_counts_as_used_up() {
        let (_directory, lock, now) = lock();
        std::fs::write(&lock.settings.pin_errors, "{").expect("it can be written");
        let mut lock = PinLock::open(lock.settings.clone(), now);
        assert_eq!(lock.check("804713", now), Err(PinRefusal::Locked));
        set_cheaply(&lock.settings, "629184");
        assert_eq!(lock.check("629184", now), Ok(()));
    }

    #[test]
    fn a_full_disk_does_not_shut_the_staff_out_nor_stop_the_count() {
        let (_directory, mut lock, now) = lock();
        // A directory in its place: the file can be written by nobody, not even by root.
        std::fs::create_dir(&lock.settings.pin_errors).expect("it can be made");
        assert_eq!(lock.check("804713", now), Ok(()));
        let now = fail(&mut lock, now, 5);
        assert!(matches!(lock.check("804713", now), Err(PinRefusal::Wait(_))));
    }

    #[test]
    fn without_a_pin_nobody_gets_in() {
        let directory = tempfile::tempdir().expect("a directory");
        let settings = StaffSettings::in_dir(directory.path());
        let now = Instant::now();
        for content in [None, Some(""), Some("804713")] {
            if let Some(text) = content {
                std::fs::write(&settings.pin, text).expect("it can be written");
            }
            let mut lock = PinLock::open(settings.clone(), now);
            assert_eq!(lock.check("804713", now), Err(PinRefusal::Unset));
        }
    }
}
