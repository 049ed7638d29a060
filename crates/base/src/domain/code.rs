//! Codes that the other side may know and this one does not. Kiosks and counties of different months
//! work together, so an enum of what travels keeps such a code as it came: it is shown as a code, counted as
//! no other, and written again as it was. What people write holds no code that nobody knows:
//! [`known_only`].
//!
//! State: for each thread, whether only known codes are taken at present.

use std::{cell::Cell, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A code as it came: a small letter and up to 23 more, digits or `_`. At most four are digits: it may stand
/// on a page and in a log, so no number of a person may hide in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// Zeros after its end.
    bytes: [u8; Code::MAX],
}

impl Code {
    /// Most characters.
    pub const MAX: usize = 24;
    /// Most digits among them.
    const DIGITS_MAX: usize = 4;

    /// Takes a code; `None` for what has not the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if !text.starts_with(|first: char| first.is_ascii_lowercase())
            || text.len() > Self::MAX
            || digits > Self::DIGITS_MAX
            || !text.bytes().all(good)
        {
            return None;
        }
        let mut bytes = [0; Self::MAX];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Some(Self { bytes })
    }

    /// Its characters.
    pub fn as_str(&self) -> &str {
        let end = self.bytes.iter().position(|b| *b == 0).unwrap_or(Self::MAX);
        std::str::from_utf8(&self.bytes[..end]).expect("only ASCII was taken")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({self})")
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        unknown(&String::deserialize(deserializer)?)
    }
}

thread_local! {
    static KNOWN_ONLY: Cell<bool> = const { Cell::new(false) };
}

/// Does `work`, in which every code that is read has to be a known one. Serde hands no wish down to the
/// values it reads, so the thread remembers it.
pub fn known_only<T>(work: impl FnOnce() -> T) -> T {
    /// Puts back what was before, also when `work` panics.
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            KNOWN_ONLY.set(self.0);
        }
    }
    let _before = Before(KNOWN_ONLY.replace(true));
    work()
}

/// An enum of codes, as [`codes!`] declares it.
pub trait Coded: Copy + 'static {
    /// Those that this version knows.
    const KNOWN: &'static [Self];

    /// Its name.
    fn name(&self) -> &str;

    /// One that this version does not know.
    fn unknown(code: Code) -> Self;
}

/// Reads one of an enum's codes. So an enum is read whose codes stand in files or on the wire; of itself
/// none can be.
///
/// # Errors
/// When the text is no code, or a code that nobody knows where such a one is [not taken](known_only).
pub fn read<'de, T: Coded, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    match T::KNOWN.iter().find(|known| known.name() == text) {
        Some(known) => Ok(*known),
        None => unknown(&text).map(T::unknown),
    }
}

/// Reads one of the codes that this version knows.
///
/// # Errors
/// When the text is none of them.
pub fn known<'de, T: Coded, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    known_only(|| read(deserializer))
}

/// A code that no table holds, where such a one is taken.
pub(crate) fn unknown<E: de::Error>(text: &str) -> Result<Code, E> {
    match Code::parse(text) {
        Some(code) if !KNOWN_ONLY.get() => Ok(code),
        Some(code) => Err(E::custom(format_args!("没有 `{code}` 这个代码"))),
        None => Err(E::custom("not a code")),
    }
}

/// Declares an enum of codes. To the variants that are written comes `Code`, for every other code.
macro_rules! codes {
    (
        $(#[doc = $about:literal])+
        pub enum $name:ident {
            $($(#[$doc:meta])* $variant:ident = $code:literal,)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A code that this version does not know, as it came: shown as a code, never guessed.
            Code($crate::domain::code::Code),
        }

        impl $name {
            /// Those that this version knows.
            pub const KNOWN: &[Self] = &[$(Self::$variant),+];

            /// Its name, in files and on the disk.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Code(code) => code.as_str(),
                }
            }
        }

        impl $crate::domain::code::Coded for $name {
            const KNOWN: &'static [Self] = Self::KNOWN;

            fn name(&self) -> &str {
                self.as_str()
            }

            fn unknown(code: $crate::domain::code::Code) -> Self {
                Self::Code(code)
            }
        }
    };
}
pub(crate) use codes;

#[cfg(test)]
mod tests {
    use super::*;

    codes! {
        /// For the test.
        pub enum Colour {
            /// One.
            Red = "red",
            /// Another.
            DarkRed = "dark_red",
        }
    }

    fn read(text: &str) -> Result<Colour, serde_json::Error> {
        super::read(serde_json::Value::from(text))
    }

    #[test]
    fn an_unknown_code_is_kept_as_it_came() {
        assert_eq!(read("dark_red").expect("known"), Colour::DarkRed);
        let unknown = read("blue_2").expect("kept");
        assert!(!Colour::KNOWN.contains(&unknown));
        assert_eq!(
            (unknown.as_str(), format!("{unknown:?}")),
            ("blue_2", "Code(Code(blue_2))".into())
        );
    }

    #[test]
    fn what_is_no_code_is_refused() {
        let longest = "a".repeat(Code::MAX);
        assert_eq!(Code::parse(&longest).expect("just fits").as_str(), longest);
        for wrong in [
            "",
            "Blue",
            "_blue",
            "blue12345",
            "510599198507150012",
            "blue 2",
            "测试",
            "a\0",
            &(longest + "a"),
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(super::read::<Colour, _>(serde_json::Value::from(7)).is_err());
    }

    #[test]
    fn who_wants_known_codes_only_gets_no_others() {
        let error = known_only(|| read("blue")).expect_err("nobody knows it").to_string();
        assert_eq!(error, "没有 `blue` 这个代码");
        assert!(known_only(|| read("red")).is_ok());
        let _ = std::panic::catch_unwind(|| known_only(|| panic!("on purpose")));
        assert!(read("blue").is_ok(), "only there");
    }
}
