//! What an account says, sheet by sheet, and what follows from it by the rules of the insurances:
//! what a pension would come to. No amounts live here: rules are data ([`policy`],
//! `kiosk-config/policy/*.toml`), each figure with its source and the day from which it holds.
//! Keeps no state.
//!
//! | file | what |
//! | --- | --- |
//! | [`advice`] | what somebody is told to do, each with the condition under which it is true |
//! | [`sheet`] | which facts of an account stand on which page |
//! | [`picture`] | what a page shows besides |
//! | [`door`] | where one can go from an account |
//! | [`received`] | a pension over one year: what came, what did not, what changed |
//! | [`years`] | years and months that were paid for, and those that were not |
//! | [`policy`] | dated figures of a region |
//! | [`estimate`] | the residents' pension, as it would be |
//! | [`retirement`] | when somebody in the employees' pension may retire |

pub mod advice;
pub mod door;
pub mod estimate;
pub mod picture;
pub mod policy;
pub mod received;
pub mod retirement;
pub mod sheet;
pub mod years;

pub use advice::{Advice, Case};
pub use door::Door;
pub use estimate::{Estimate, Unknown, WhatIf};
pub use picture::{Picture, Tint};
pub use policy::Policy;
pub use sheet::{Fact, Sheet};
pub use years::{Months, YearLine};
