//! Where new ids come from: chance, unless a simulation wants the same ones again.

use std::cell::Cell;

use uuid::{Builder, Uuid};

/// The ids of a simulation, one after the other.
#[derive(Clone, Copy)]
struct Series {
    seed: u64,
    made: u64,
}

thread_local! {
    static SERIES: Cell<Option<Series>> = const { Cell::new(None) };
}

/// From now on the new ids of this thread follow from `seed`, in the order of their making, so that
/// a simulation that is run again makes the same ones.
pub fn seed_ids(seed: u64) {
    SERIES.set(Some(Series { seed, made: 0 }));
}

pub(super) fn fresh() -> Uuid {
    let Some(mut series) = SERIES.get() else { return Uuid::now_v7() };
    series.made += 1;
    SERIES.set(Some(series));
    let mut chance = [0; 10];
    chance[..8].copy_from_slice(&series.seed.to_be_bytes());
    Builder::from_unix_timestamp_millis(series.made, &chance).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_ids_and_they_sort_by_their_making() {
        let three = || {
            seed_ids(7);
            [fresh(), fresh(), fresh()]
        };
        let ids = three();
        assert_eq!(ids, three());
        assert!(ids.is_sorted() && ids[0] != ids[1]);
        seed_ids(8);
        assert_ne!(ids[0], fresh(), "another seed makes others");
    }
}
