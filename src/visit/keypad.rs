//! What is pressed on a pad of keys; and what is typed on one of digits and shown as dots: the staff's
//! PIN and a resident's query PIN.

use kiosk_base::{domain::Sensitive, wire::QUERY_PIN_MAX};

/// Most digits that are taken.
pub const LONGEST: usize = QUERY_PIN_MAX;

/// What is pressed on a pad of letters or digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// A key.
    Key(char),
    /// 删除.
    Erase,
    /// 确定.
    Enter,
}

/// Digits typed so far. They are overwritten when they go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digits(Sensitive<String>);

impl Digits {
    /// As if `keys` had been pressed one by one.
    pub fn of(keys: &str) -> Self {
        let mut digits = Self::default();
        keys.chars().for_each(|key| digits.push(key));
        digits
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.expose().len()
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds `key`, if it is a digit and there is room.
    fn push(&mut self, key: char) {
        if !key.is_ascii_digit() || self.len() >= LONGEST {
            return;
        }
        // A string that grows would leave its digits behind where it was.
        let mut longer = String::with_capacity(LONGEST);
        longer.push_str(self.0.expose());
        longer.push(key);
        self.0 = Sensitive::new(longer);
    }

    /// Takes the last one away.
    fn erase(&mut self) {
        let kept = self.len().saturating_sub(1);
        let mut shorter = String::with_capacity(LONGEST);
        shorter.push_str(&self.0.expose()[..kept]);
        self.0 = Sensitive::new(shorter);
    }

    /// What a stroke does to them; all of them once they are entered, and then nothing is left.
    pub(super) fn typed(&mut self, stroke: Stroke) -> Option<Sensitive<String>> {
        match stroke {
            Stroke::Key(key) => self.push(key),
            Stroke::Erase => self.erase(),
            Stroke::Enter => return (!self.is_empty()).then(|| self.take()),
        }
        None
    }

    /// All of them; nothing is left.
    fn take(&mut self) -> Sensitive<String> {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_taken_up_to_the_longest_and_go_one_by_one() {
        let mut digits = Digits::of("1a二2");
        assert_eq!(digits.clone().take().expose(), "12");
        (0..20).for_each(|_| digits.push('7'));
        assert_eq!(digits.len(), LONGEST);
        assert!(!format!("{digits:?}").contains('7'), "the digits are nowhere in words");
        digits.erase();
        assert_eq!(digits.len(), LONGEST - 1);
        assert_eq!(digits.take().expose(), "12777777777");
        digits.erase();
        assert!(digits.is_empty(), "nothing is left to be erased");
    }
}
