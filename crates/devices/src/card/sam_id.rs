//! The number of a reader's security module, out of the answer to that request. Keeps no state. It
//! names a device, not a person.

use std::fmt;

/// A security module's number, as stored: 16 bytes. `Display` writes it as it is printed on the
/// device: `05.03-20200101-0001234567-0000089012`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SamId([u8; 16]);

impl SamId {
    /// The number in an answer's data; `None` for anything but 16 bytes.
    pub fn parse(data: &[u8]) -> Option<Self> {
        data.try_into().ok().map(Self)
    }
}

impl fmt::Display for SamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(id) = self;
        let number = |at: usize| u32::from_le_bytes([id[at], id[at + 1], id[at + 2], id[at + 3]]);
        let (day, batch, serial) = (number(4), number(8), number(12));
        write!(f, "{:02}.{:02}-{day}-{batch:010}-{serial:010}", id[0], id[2])
    }
}
