//! A number for bytes that are part of the program: other bytes, another number. No state.

/// FNV-1a in 64 bits.
pub(super) const fn fingerprint(bytes: &[u8]) -> u64 {
    let (mut hash, mut at) = (0xCBF2_9CE4_8422_2325_u64, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01B3);
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the authors of FNV publish it.
    #[test]
    fn it_is_fnv_1a() {
        assert_eq!(fingerprint(b""), 0xCBF2_9CE4_8422_2325);
        assert_eq!(fingerprint(b"a"), 0xAF63_DC4C_8601_EC8C);
        assert_eq!(fingerprint(b"foobar"), 0x8594_4171_F739_67E8);
    }
}
