//! Reads the synthetic vectors under `tests/kiosk/vectors/` for the unit tests of this room.

/// The bytes of a text of hex digits; spaces and line ends do not count.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let digit = |byte: u8| (byte as char).to_digit(16).expect("filtered") as u8;
    digits.chunks(2).map(|pair| digit(pair[0]) * 16 + digit(pair[1])).collect()
}

/// The bytes of the vector `name`.
pub(crate) fn vector(name: &str) -> Vec<u8> {
    let path = format!("{}/../../tests/kiosk/vectors/{name}.hex", env!("CARGO_MANIFEST_DIR"));
    hex(&std::fs::read_to_string(path).expect("the vector is in the repository"))
}
