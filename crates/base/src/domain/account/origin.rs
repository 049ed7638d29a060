//! Which office a fact comes from: an account is put together from several systems.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where some facts of an account come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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

/// Facts that are kept together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Facts {
    /// State, since when and where.
    State,
    /// Contributions by year and by month.
    Contributions,
    /// The balance and how it came about.
    Balance,
    /// The benefit and its payments.
    Benefit,
    /// The yearly certification.
    Certification,
    /// The unemployment benefit.
    Unemployment,
    /// The social-security card.
    Card,
}
