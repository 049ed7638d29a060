//! Numbers in groups of seven bits, the lowest first.

use super::Damaged;

/// Appends a number.
pub(super) fn put(mut number: u32, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes a number off the front.
pub(super) fn take(bytes: &mut &[u8]) -> Result<u32, Damaged> {
    // Most are small.
    if let [first, rest @ ..] = bytes
        && *first < 0x80
    {
        *bytes = rest;
        return Ok(u32::from(*first));
    }
    let mut number = 0;
    for (at, byte) in bytes.iter().enumerate().take(5) {
        number |= u32::from(byte & 0x7F) << (7 * at);
        if *byte < 0x80 {
            *bytes = &bytes[at + 1..];
            return Ok(number);
        }
    }
    Err(Damaged)
}

/// Takes as many bytes off the front as the number before them says.
pub(super) fn take_bytes<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], Damaged> {
    let length = take(bytes)? as usize;
    let (taken, rest) = bytes.split_at_checked(length).ok_or(Damaged)?;
    *bytes = rest;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for number in [0, 1, 127, 128, 300, 16_383, 16_384, u32::MAX] {
            let mut bytes = Vec::new();
            put(number, &mut bytes);
            assert!(bytes.len() <= 5);
            let mut rest = bytes.as_slice();
            assert_eq!((take(&mut rest), rest), (Ok(number), &[][..]));
        }
        assert_eq!(take(&mut [0x80_u8; 9].as_slice()), Err(Damaged));
    }
}
