//! Devices and people that are not there: a reader and a slip printer on pseudo-terminals, a reader
//! on a bus of its own, a contact slot, and invented residents.
//!
//! In every build, because installers and trainers need them as much as tests do. Says what a
//! device says, at the speed at which it says it; knows nothing of the kiosk's own driver, so that
//! the two cannot share a mistake.

pub mod card_image;
pub mod contact_card;
pub mod contact_slot;
mod mechanism;
mod module;
pub mod paper;
mod plug;
pub mod printer;
mod pty;
pub mod reader;
pub mod residents;
pub mod script;
pub mod usb;

pub use card_image::CardImage;
pub use contact_card::ContactCard;
pub use contact_slot::SimulatedSlot;
pub use printer::{PrinterFault, PrinterOptions, SimulatedPrinter};
pub use reader::{Fault, Options, SimulatedReader};
pub use residents::Resident;
pub use script::Script;
pub use usb::{UsbFault, UsbShape};

use kiosk_base::domain::Document;

/// A simulated document, for the place where its kind is put.
#[derive(Debug, Clone)]
pub enum Card {
    /// Laid on the reader.
    Plate(Box<CardImage>),
    /// Inserted into the slot.
    Slot(ContactCard),
}

impl Card {
    /// The card that carries what `document` says.
    ///
    /// # Errors
    /// When a text does not fit its place on the card.
    pub fn of(document: &Document) -> Result<Self, CardError> {
        Ok(match document {
            Document::SocialSecurityCard(card) => Self::Slot(ContactCard::of(card)?),
            document => Self::Plate(Box::new(CardImage::of(document)?)),
        })
    }
}

/// Why no card can be made of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// None for the reader.
    #[error(transparent)]
    Plate(#[from] card_image::CardImageError),
    /// None for the slot.
    #[error(transparent)]
    Slot(#[from] contact_card::TooLong),
}
