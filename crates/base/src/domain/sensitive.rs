//! The wrapper around whatever is known about a resident.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A value about a resident. It cannot slip into a log, a panic or a metric: `Debug` and `Display`
/// print `＊＊`, reading it takes an explicit [`expose`](Self::expose), and its memory is
/// overwritten when it is dropped. It is no noun of its own, and so the one type here that messages are made
/// of: personal texts are kept so from the moment in which they are read.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sensitive<T: Zeroize>(T);

impl<T: Zeroize> Sensitive<T> {
    /// Wraps `value`.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for the screen and the wire.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl From<&str> for Sensitive<String> {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<T: Zeroize> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("＊＊")
    }
}

impl<T: Zeroize> fmt::Display for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("＊＊")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_never_shows_the_value() {
        let name = Sensitive::from("测试甲");
        assert!(!format!("{name} {name:?}").contains("测试"));
        assert_eq!(name.expose(), "测试甲");
    }
}
