//! Which office a fact comes from: an account is put together from several systems.

use jiff::Timestamp;

use super::super::code::codes;

/// Where some facts of an account come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Which facts.
    pub of: Facts,
    /// The office that keeps them, in words: `国家税务总局泸县税务局`.
    pub from: String,
    /// When they were true.
    pub as_of: Timestamp,
}

impl Origin {
    /// Whether these are contributions that the tax bureau has collected.
    pub fn is_tax(&self) -> bool {
        self.of == Facts::Contributions && self.from.contains("税务")
    }
}

codes! {
    /// Facts that are kept together.
    pub enum Facts {
        /// State, since when and where.
        State = "state",
        /// Contributions by year and by month.
        Contributions = "contributions",
        /// The balance and how it came about.
        Balance = "balance",
        /// The benefit and its payments.
        Benefit = "benefit",
        /// The yearly certification.
        Certification = "certification",
        /// The unemployment benefit.
        Unemployment = "unemployment",
        /// The social-security card.
        Card = "card",
    }
}
