//! The chance in the generator: the same numbers for the same seed, on every machine and in every
//! version of this software. (splitmix64, from its published recurrence.) Keeps its place in the
//! row of numbers.

/// A row of numbers that look random.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    /// The row that belongs to `seed` and `index`.
    pub(super) fn new(seed: u64, index: u32) -> Self {
        let mut dice = Self(seed ^ u64::from(index).wrapping_mul(0xD1B5_4A32_D192_ED03));
        // Neighbours begin far from each other.
        dice.roll();
        dice
    }

    /// A row of its own, so that what is asked of one says nothing about what another gives.
    pub(super) fn fork(&self, purpose: u64) -> Self {
        let mut dice = Self(self.0 ^ purpose.wrapping_mul(0xA24B_AED4_963E_E407));
        dice.roll();
        dice
    }

    /// From 0 up to and without `end`; 0 when that is 0.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        let high = (u128::from(self.roll()) * u128::from(end)) >> 64;
        u32::try_from(high).unwrap_or(0)
    }

    /// From `first` to `last`, both included.
    pub(super) fn between(&mut self, first: i32, last: i32) -> i32 {
        first.saturating_add_unsigned(self.below(last.abs_diff(first).saturating_add(1)))
    }

    /// True in `percent` of 100 cases.
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`, of which there is at least one.
    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        let count = u32::try_from(choices.len()).unwrap_or(u32::MAX);
        choices[self.below(count) as usize]
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_row_within_its_bounds() {
        let row = |seed, index| {
            let mut dice = Dice::new(seed, index);
            (0..20).map(|_| dice.between(-3, 3)).collect::<Vec<_>>()
        };
        assert_eq!(row(1, 7), row(1, 7));
        assert_ne!(row(1, 7), row(1, 8));
        assert_ne!(row(1, 7), row(2, 7));
        let mut all: Vec<i32> = (0..50).flat_map(|index| row(1, index)).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all, [-3, -2, -1, 0, 1, 2, 3]);
    }
}
