//! Calls that fail by chance, the same ones for the same seed.

use serde::Deserialize;

/// How often something goes wrong: probabilities for each call on a host.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Chances {
    /// The same seed and the same calls in the same order have the same fate.
    pub seed: u64,
    /// The call fails as if its host did not answer, and does nothing.
    pub fail: f64,
    /// The call does its work, and fails then as if its host did not answer.
    pub lose_answer: f64,
    /// One of the host's machines that run dies before the call does its work.
    pub crash: f64,
}

/// A coin for each thing that can go wrong.
#[derive(Debug)]
pub(crate) struct Chaos {
    pub(crate) fail: Coin,
    pub(crate) lose_answer: Coin,
    pub(crate) crash: Coin,
}

/// A seeded coin.
#[derive(Debug)]
pub(crate) struct Coin {
    /// Of 2^32 throws, how many strike.
    odds: u64,
    state: u64,
}

impl Chaos {
    pub(crate) fn new(chances: Chances) -> Self {
        let Chances { seed, fail, lose_answer, crash } = chances;
        Self {
            fail: Coin::new(fail, seed),
            lose_answer: Coin::new(lose_answer, !seed),
            crash: Coin::new(crash, seed.rotate_left(32)),
        }
    }
}

impl Coin {
    fn new(probability: f64, seed: u64) -> Self {
        let odds = probability.clamp(0.0, 1.0) * f64::from(u32::MAX) + probability.clamp(0.0, 1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the product lies between 0 and 2^32"
        )]
        Self { odds: odds as u64, state: seed }
    }

    /// True when this throw strikes.
    pub(crate) fn strikes(&mut self) -> bool {
        (self.number() >> 32) < self.odds
    }

    /// The next number (`SplitMix64`).
    pub(crate) fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(probability: f64, seed: u64) -> usize {
        let mut coin = Coin::new(probability, seed);
        (0..10_000).filter(|_| coin.strikes()).count()
    }

    #[test]
    fn chance_keeps_to_its_odds_and_to_its_seed() {
        assert_eq!(strikes(0.0, 1), 0);
        assert_eq!(strikes(1.0, 1), 10_000);
        assert!((2_300..2_700).contains(&strikes(0.25, 1)));
        assert_eq!(strikes(0.25, 7), strikes(0.25, 7));
    }
}
