//! Devices and people that are not there: a reader on a pseudo-terminal and invented residents.
//!
//! In every build, because installers and trainers need them as much as tests do. Says what a
//! device says, at the speed at which it says it; knows nothing of the kiosk's own driver, so that
//! the two cannot share a mistake.

pub mod card_image;
mod module;
mod pty;
pub mod reader;
pub mod residents;
pub mod script;

pub use card_image::CardImage;
pub use reader::{Fault, Options, SimulatedReader};
pub use residents::Resident;
pub use script::Script;
