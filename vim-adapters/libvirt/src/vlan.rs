//! Which VLAN a network gets.

use std::collections::BTreeSet;

/// The lowest VLAN id from `first` to `last` that is not taken.
pub(crate) fn lowest_free(taken: &BTreeSet<u16>, (first, last): (u16, u16)) -> Option<u16> {
    (first..=last).find(|vlan| !taken.contains(vlan))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_choice_is_free_in_range_and_the_lowest(
            taken: BTreeSet<u16>, first in 2u16..4000, span in 0u16..90,
        ) {
            let range = (first, first + span);
            match lowest_free(&taken, range) {
                Some(vlan) => {
                    prop_assert!(!taken.contains(&vlan));
                    prop_assert!((range.0..=range.1).contains(&vlan));
                    prop_assert!((range.0..vlan).all(|lower| taken.contains(&lower)));
                }
                None => prop_assert!((range.0..=range.1).all(|vlan| taken.contains(&vlan))),
            }
        }

        #[test]
        fn networks_that_are_made_one_after_the_other_never_share_a_vlan(span in 0u16..60) {
            let mut taken = BTreeSet::new();
            while let Some(vlan) = lowest_free(&taken, (100, 100 + span)) {
                prop_assert!(taken.insert(vlan));
            }
            prop_assert_eq!(taken.len(), usize::from(span) + 1);
        }
    }
}
