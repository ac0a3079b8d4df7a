//! Calls that fail by chance, the same ones for the same seed.

/// A seeded coin.
#[derive(Debug)]
pub(crate) struct Chaos {
    /// Of 2^32 throws, how many fail.
    odds: u64,
    state: u64,
}

impl Chaos {
    pub(crate) fn new(probability: f64, seed: u64) -> Self {
        let odds = probability.clamp(0.0, 1.0) * f64::from(u32::MAX) + probability.clamp(0.0, 1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the product lies between 0 and 2^32"
        )]
        Self { odds: odds as u64, state: seed }
    }

    /// True when this throw fails (`SplitMix64`).
    pub(crate) fn strikes(&mut self) -> bool {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 32) < self.odds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(probability: f64, seed: u64) -> usize {
        let mut chaos = Chaos::new(probability, seed);
        (0..10_000).filter(|_| chaos.strikes()).count()
    }

    #[test]
    fn chance_keeps_to_its_odds_and_to_its_seed() {
        assert_eq!(strikes(0.0, 1), 0);
        assert_eq!(strikes(1.0, 1), 10_000);
        assert!((2_300..2_700).contains(&strikes(0.25, 1)));
        assert_eq!(strikes(0.25, 7), strikes(0.25, 7));
    }
}
