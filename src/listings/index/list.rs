//! Lists of places, packed: what one term has in one segment.
//!
//! | first byte | then | when |
//! | --- | --- | --- |
//! | none | nothing | the list is empty |
//! | `0` | gaps between places in groups of 7 bits, the lowest first | it is shorter than the bits |
//! | `1` | a bit for each place of the segment | more than about one place in eight is in it |
//!
//! So a place costs one byte in most lists and a list never more than an eighth of the segment.

use super::{Damaged, Set, varint};

const GAPS: u8 = 0;
const BITS: u8 = 1;

/// Packs `places`, which rise and lie below `size`.
pub(super) fn pack(places: &[u32], size: usize, packed: &mut Vec<u8>) {
    if places.is_empty() {
        return;
    }
    let start = packed.len();
    let bits = size.div_ceil(8);
    packed.push(GAPS);
    let mut next = 0;
    for place in places {
        varint::put(place - next, packed);
        next = place + 1;
        if packed.len() - start > bits {
            break;
        }
    }
    if packed.len() - start > bits {
        packed.truncate(start);
        packed.push(BITS);
        packed.resize(start + 1 + bits, 0);
        for place in places {
            packed[start + 1 + *place as usize / 8] |= 1 << (place % 8);
        }
    }
}

/// Adds a packed list to a set.
pub(super) fn add(packed: &[u8], set: &mut Set) -> Result<(), Damaged> {
    match packed {
        [BITS, bits @ ..] => {
            set.add_bytes(bits);
            Ok(())
        }
        _ => each(packed, |place| set.insert(place as usize)),
    }
}

/// How many places of a packed list are in a set.
pub(super) fn shared(packed: &[u8], set: &Set) -> Result<usize, Damaged> {
    match packed {
        [BITS, bits @ ..] => Ok(set.shared_bytes(bits)),
        _ => {
            let mut count = 0;
            each(packed, |place| count += usize::from(set.holds(place as usize)))?;
            Ok(count)
        }
    }
}

/// Calls `take` with each place of a packed list, in order.
pub(super) fn each(packed: &[u8], mut take: impl FnMut(u32)) -> Result<(), Damaged> {
    match packed {
        [] => Ok(()),
        [GAPS, gaps @ ..] => {
            let (mut rest, mut next) = (gaps, 0_u32);
            while !rest.is_empty() {
                let place = next.checked_add(varint::take(&mut rest)?).ok_or(Damaged)?;
                take(place);
                next = place.checked_add(1).ok_or(Damaged)?;
            }
            Ok(())
        }
        [BITS, bits @ ..] => {
            for (at, byte) in (0..).zip(bits) {
                let mut byte = *byte;
                while byte != 0 {
                    take(at * 8 + byte.trailing_zeros());
                    byte &= byte - 1;
                }
            }
            Ok(())
        }
        _ => Err(Damaged),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_packed_list_is_the_list(
            places in proptest::collection::btree_set(0u32..3_000, 0..1_500),
            sparse in proptest::collection::btree_set(0u32..3_000, 0..40),
        ) {
            for places in [places, sparse] {
                let places: Vec<u32> = places.into_iter().collect();
                let mut packed = Vec::new();
                pack(&places, 3_000, &mut packed);
                prop_assert!(packed.len() <= 3_000 / 8 + 1);
                let mut again = Vec::new();
                each(&packed, |place| again.push(place)).expect("whole");
                prop_assert_eq!(&again, &places);
                let mut set = Set::empty(3_000);
                add(&packed, &mut set).expect("whole");
                let again: Vec<u32> = set.places().map(|place| place as u32).collect();
                prop_assert_eq!(&again, &places);
                let third = Set::of(3_000, |place| place % 3 == 0);
                let expected = places.iter().filter(|place| *place % 3 == 0).count();
                prop_assert_eq!(shared(&packed, &third).expect("whole"), expected);
            }
        }

        #[test]
        fn any_bytes_are_a_list_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut set = Set::empty(100);
            let _ = add(&bytes, &mut set);
            prop_assert!(set.count() <= 128);
        }
    }
}
