//! Sets of places in a segment, as bits.

/// A set of places from 0 to a size that all sets of a segment share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::listings) struct Set {
    bits: Vec<u64>,
}

impl Set {
    /// No place of `size`.
    pub(in crate::listings) fn empty(size: usize) -> Self {
        Self { bits: vec![0; size.div_ceil(64)] }
    }

    /// The places of `size` that `wanted` picks.
    #[cfg(test)]
    pub(in crate::listings) fn of(size: usize, wanted: impl Fn(usize) -> bool) -> Self {
        let bits = (0..size.div_ceil(64)).map(|word| {
            let places = word * 64..size.min(word * 64 + 64);
            places.fold(0, |bits, place| bits | u64::from(wanted(place)) << (place % 64))
        });
        Self { bits: bits.collect() }
    }

    /// Adds a place. One that is not of the set's size is left out.
    pub(in crate::listings) fn insert(&mut self, place: usize) {
        if let Some(word) = self.bits.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }

    /// Whether it holds a place.
    pub(super) fn holds(&self, place: usize) -> bool {
        self.bits.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    /// Adds the bits of bytes, the lowest first.
    pub(super) fn add_bytes(&mut self, bytes: &[u8]) {
        let (whole, rest) = bytes.as_chunks::<8>();
        let mut bits = self.bits.iter_mut();
        // In this order, so that no word of ours is taken for bytes that are not there.
        for (other, mine) in whole.iter().zip(bits.by_ref()) {
            *mine |= u64::from_le_bytes(*other);
        }
        if let Some(mine) = bits.next() {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            *mine |= u64::from_le_bytes(last);
        }
    }

    /// Keeps what is in `other` too.
    pub(in crate::listings) fn keep(&mut self, other: &Self) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(mine, other)| *mine &= other);
    }

    /// Takes out what is in `other`.
    pub(in crate::listings) fn remove(&mut self, other: &Self) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(mine, other)| *mine &= !other);
    }

    /// Adds what is in `other`.
    pub(in crate::listings) fn add(&mut self, other: &Self) {
        self.bits.iter_mut().zip(&other.bits).for_each(|(mine, other)| *mine |= other);
    }

    /// Keeps the places that `wanted` picks.
    pub(in crate::listings) fn retain(&mut self, wanted: impl Fn(usize) -> bool) {
        for (index, word) in self.bits.iter_mut().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                let bit = rest.trailing_zeros();
                rest &= rest - 1;
                *word &= !(u64::from(!wanted(index * 64 + bit as usize)) << bit);
            }
        }
    }

    /// Takes everything out.
    pub(in crate::listings) fn clear(&mut self) {
        self.bits.fill(0);
    }

    /// Whether it holds nothing.
    pub(in crate::listings) fn is_empty(&self) -> bool {
        self.bits.iter().all(|word| *word == 0)
    }

    /// How many places it holds.
    pub(in crate::listings) fn count(&self) -> usize {
        self.bits.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// How many places it shares with `other`.
    pub(in crate::listings) fn shared(&self, other: &Self) -> usize {
        self.bits.iter().zip(&other.bits).map(|(one, two)| (one & two).count_ones() as usize).sum()
    }

    /// How many places it shares with the bits of bytes, the lowest first.
    pub(super) fn shared_bytes(&self, bytes: &[u8]) -> usize {
        let (whole, rest) = bytes.as_chunks::<8>();
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        let others = whole.iter().chain([&last]).map(|other| u64::from_le_bytes(*other));
        self.bits.iter().zip(others).map(|(mine, other)| (mine & other).count_ones() as usize).sum()
    }

    /// The places in order.
    pub(in crate::listings) fn places(&self) -> impl Iterator<Item = usize> {
        self.bits.iter().enumerate().flat_map(|(index, &word)| {
            let mut word = word;
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros() as usize;
                (word != 0).then(|| {
                    word &= word - 1;
                    index * 64 + bit
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn set(places: &BTreeSet<usize>) -> Set {
        Set::of(200, |place| places.contains(&place))
    }

    proptest! {
        #[test]
        fn sets_do_what_sets_do(
            one in proptest::collection::btree_set(0usize..200, 0..200),
            two in proptest::collection::btree_set(0usize..200, 0..200),
        ) {
            let all = |set: &Set| set.places().collect::<Vec<_>>();
            let expected = |places: BTreeSet<usize>| places.into_iter().collect::<Vec<_>>();
            let (mut kept, mut added, mut removed) = (set(&one), set(&one), set(&one));
            kept.keep(&set(&two));
            added.add(&set(&two));
            removed.remove(&set(&two));
            prop_assert_eq!(all(&kept), expected(&one & &two));
            prop_assert_eq!(kept.count(), set(&one).shared(&set(&two)));
            prop_assert_eq!(kept.is_empty(), kept.count() == 0);
            prop_assert_eq!(all(&added), expected(&one | &two));
            prop_assert_eq!(all(&removed), expected(&one - &two));
            let mut retained = set(&one);
            retained.retain(|place| two.contains(&place));
            prop_assert_eq!(&retained, &kept);
            retained.clear();
            prop_assert!(retained.is_empty());
        }
    }
}
